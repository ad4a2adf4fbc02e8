//! What was known of a child before a list changed it, so that the list can be taken back.

use crate::children::store::Identity;
use crate::db::{self, Conn, Val};
use crate::web::Viewer;
use crate::web::error::Result;
use serde::{Deserialize, Serialize};

/// What a child was before an import changed it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Was {
    pub name: String,
    pub sex: String,
    pub born_on: Option<String>,
    pub id_state: String,
    pub identity: Identity,
    pub citizen_id_index: Option<String>,
    pub student_no_index: Option<String>,
    pub boarding: Option<i64>,
    pub rural: Option<i64>,
    pub registry_code: Option<String>,
    pub class_id: String,
    /// ids of the grown-ups on the card
    pub kin: Vec<String>,
    /// What was known of the home; an import of before kept it otherwise.
    #[serde(default)]
    pub home: Option<HomeRows>,
}

pub async fn current_kin(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select id from kin
         where school_id = $1 and child_id = $2 and to_on is null order by position, id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}

/// Every row that says where the parents are and with whom the child lives, and who said so: a list that
/// is taken back leaves them as they were.
#[derive(Clone, Serialize, Deserialize)]
pub struct HomeRows {
    absences: Vec<AbsenceRow>,
    livings: Vec<LivingRow>,
    answers: Vec<AnswerRow>,
}

db::row! {
    #[derive(Clone, Serialize, Deserialize)]
    struct AbsenceRow {
        id: String,
        parent: String,
        from_on: Option<String>,
        left_by: Option<String>,
        to_on: Option<String>,
        reach: Option<String>,
        reason: String,
        source: String,
        place_sealed: Option<String>,
    }
}

db::row! {
    #[derive(Clone, Serialize, Deserialize)]
    struct LivingRow {
        id: String,
        kind: String,
        kin_id: Option<String>,
        from_on: Option<String>,
        to_on: Option<String>,
    }
}

db::row! {
    #[derive(Clone, Serialize, Deserialize)]
    struct AnswerRow {
        id: String,
        screened_on: String,
        source: String,
        by_staff: String,
        parent: Option<String>,
        line: Option<String>,
    }
}

macro_rules! rows_of {
    ($conn:expr, $viewer:expr, $child:expr, $select:literal) => {
        db::query_as(concat!(
            $select,
            " where school_id = $1 and child_id = $2 order by id"
        ))
        .bind($viewer.school_id.as_str())
        .bind($child)
        .fetch_all(&mut *$conn)
        .await?
    };
}

pub async fn home_rows(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<HomeRows> {
    Ok(HomeRows {
        absences: rows_of!(
            conn,
            viewer,
            child_id,
            "select id, parent, from_on, left_by, to_on, reach, reason, source, place_sealed
             from parent_absence"
        ),
        livings: rows_of!(
            conn,
            viewer,
            child_id,
            "select id, kind, kin_id, from_on, to_on from living"
        ),
        answers: rows_of!(
            conn,
            viewer,
            child_id,
            "select id, screened_on, source, by_staff, parent, line from screening"
        ),
    })
}

impl HomeRows {
    /// Puts them back in place of what there is.
    pub async fn put_back(self, conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<()> {
        for sql in [
            "delete from parent_absence where school_id = $1 and child_id = $2",
            "delete from living where school_id = $1 and child_id = $2",
            "delete from screening where school_id = $1 and child_id = $2",
        ] {
            db::query(sql)
                .bind(viewer.school_id.as_str())
                .bind(child_id)
                .execute(&mut *conn)
                .await?;
        }
        let whose = |columns: Vec<Val>| {
            let child = [viewer.school_id.as_str(), child_id].map(|id| Val::from(id.to_owned()));
            child.into_iter().chain(columns).collect::<Vec<Val>>()
        };
        let absences = self.absences.into_iter().map(|one| whose(one.values()));
        db::bulk_insert(
            conn,
            "parent_absence",
            AbsenceRow::COLUMNS,
            absences.collect(),
        )
        .await?;
        let livings = self.livings.into_iter().map(|one| whose(one.values()));
        db::bulk_insert(conn, "living", LivingRow::COLUMNS, livings.collect()).await?;
        let answers = self.answers.into_iter().map(|one| whose(one.values()));
        db::bulk_insert(conn, "screening", AnswerRow::COLUMNS, answers.collect()).await?;
        Ok(())
    }
}

macro_rules! values {
    ($row:ident: $($column:ident),+) => {
        impl $row {
            const COLUMNS: &[&str] = &["school_id", "child_id", $(stringify!($column)),+];

            fn values(self) -> Vec<Val> {
                vec![$(Val::from(self.$column)),+]
            }
        }
    };
}

values!(AbsenceRow: id, parent, from_on, left_by, to_on, reach, reason, source, place_sealed);
values!(LivingRow: id, kind, kin_id, from_on, to_on);
values!(AnswerRow: id, screened_on, source, by_staff, parent, line);
