//! Rows of an import, gathered line by line and written in bulk.

use crate::db::{self, Conn, Val};
use crate::web::error::{Failure, Result};

const LINES_AT_ONCE: usize = 200;

/// Rows for the tables.
#[derive(Default)]
pub struct Batch {
    pub children: Vec<Vec<Val>>,
    pub keys: Vec<Vec<Val>>,
    pub memberships: Vec<Vec<Val>>,
    pub kin: Vec<Vec<Val>>,
    pub absences: Vec<Vec<Val>>,
    pub living: Vec<Vec<Val>>,
    pub screenings: Vec<Vec<Val>>,
    pub cards: Vec<Vec<Val>>,
    pub log: Vec<Vec<Val>>,
}

impl Batch {
    /// Lines are written in turns, so that ten thousand never stand in memory as rows.
    pub fn is_full(&self) -> bool {
        self.log.len() >= LINES_AT_ONCE
    }

    /// Writes what was gathered, in the order in which the tables lean on each other.
    #[expect(
        clippy::too_many_lines,
        reason = "long by its columns, not by its steps"
    )]
    pub async fn write(self, conn: &mut Conn) -> Result<()> {
        const KIN: &[&str] = &[
            "school_id",
            "id",
            "child_id",
            "party",
            "kinship",
            "details_sealed",
            "phone_index",
            "phone_state",
            "phone_checked_on",
            "born_on",
            "free_after",
            "position",
            "from_on",
            "to_on",
            "version",
        ];
        const CHILD: &[&str] = &[
            "school_id",
            "id",
            "name",
            "sex",
            "born_on",
            "id_state",
            "identity_sealed",
            "citizen_id_index",
            "student_no_index",
            "boarding",
            "rural",
            "registry_code",
            "in_care_since",
            "left_on",
            "version",
            "created_at",
        ];
        const ABSENCE: &[&str] = &[
            "school_id",
            "id",
            "child_id",
            "parent",
            "from_on",
            "left_by",
            "to_on",
            "reach",
            "reason",
            "source",
        ];
        let inserted = db::bulk_insert(conn, "child", CHILD, self.children).await;
        if inserted.as_ref().is_err_and(db::is_taken) {
            return Err(Failure::Asked(
                "名单里有孩子的身份证号或学籍号，刚刚被别的导入用了。请重新上传，再对一遍。"
                    .to_owned(),
            ));
        }
        inserted?;
        let keys = &["school_id", "child_id", "wrapped"];
        db::bulk_insert(conn, "child_key", keys, self.keys).await?;
        let membership = &[
            "school_id",
            "id",
            "child_id",
            "class_id",
            "from_on",
            "to_on",
        ];
        db::bulk_insert(conn, "membership", membership, self.memberships).await?;
        db::bulk_insert(conn, "kin", KIN, self.kin).await?;
        db::bulk_insert(conn, "parent_absence", ABSENCE, self.absences).await?;
        let living = &[
            "school_id",
            "id",
            "child_id",
            "kind",
            "kin_id",
            "from_on",
            "to_on",
        ];
        db::bulk_insert(conn, "living", living, self.living).await?;
        let screening = &[
            "school_id",
            "id",
            "child_id",
            "screened_on",
            "source",
            "by_staff",
            "parent",
            "line",
        ];
        db::bulk_insert(conn, "screening", screening, self.screenings).await?;
        let card = &[
            "school_id",
            "child_id",
            "version",
            "made_at",
            "changed",
            "by_staff",
            "confirmed_on",
        ];
        db::bulk_insert(conn, "card_version", card, self.cards).await?;
        let log = &["school_id", "import_id", "child_id", "before_sealed"];
        db::bulk_insert(conn, "roster_import_child", log, self.log).await?;
        Ok(())
    }
}
