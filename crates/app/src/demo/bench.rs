//! Data for measuring: many invented children with many records, written in bulk.

use super::hire;
use crate::clock::Clock;
use crate::commands::{self, say};
use crate::config::{BenchData, Place};
use crate::db::{self, Val, bulk_insert};
use crate::ids::{ChildId, ClassId, KinId, OperationId, RecordId, SchoolId, StaffId};
use crate::roster::commit::{seal_identity, seal_kin};
use crate::school::store as school;
use crate::vault::Key;
use jiff::civil::Date;
use rules::access::Role;
use rules::calendar::{plus_days, school_year_of};

/// A teacher has forty children; a class is one teacher's.
const IN_A_CLASS: usize = 40;

fn text(text: impl Into<String>) -> Val {
    Val::from(text.into())
}

struct Many {
    school: String,
    key: Key,
    today: Date,
    at: String,
    staff: StaffId,
}

#[derive(Default)]
struct Rows {
    children: Vec<Vec<Val>>,
    keys: Vec<Vec<Val>>,
    memberships: Vec<Vec<Val>>,
    kin: Vec<Vec<Val>>,
    absences: Vec<Vec<Val>>,
    living: Vec<Vec<Val>>,
    screenings: Vec<Vec<Val>>,
    records: Vec<Vec<Val>>,
}

#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one story: a school, its classes, their children"
)]
pub async fn build(bench: &BenchData) -> commands::Done {
    let place = Place {
        data: bench.data.clone(),
        database_url: None,
        key_file: None,
        checkpoints: None,
        is_local: true,
    };
    if place.database_file().exists() {
        return Err(format!(
            "{}里已经有数据了，测速的数据要放进一个空文件夹。",
            place.data.display()
        ));
    }
    let app = commands::open_or_make(&place, Clock::system(), false).await?;
    let failed = |failure: crate::web::Failure| commands::sentence(&failure);
    let hash = crate::login::password::hash(&bench.password).await;
    let now = app.clock.now();
    let mut tx = app.db.write_anywhere().await.map_err(commands::sql)?;
    let id = SchoolId::new();
    let org = crate::school::tree::NewOrg {
        parent: None,
        kind: crate::school::tree::OrgKind::School,
        name: "测速学校",
        stage: "nine_year",
    };
    crate::school::tree::open_org(&mut tx, &id, &org)
        .await
        .map_err(commands::sql)?;
    let year = school_year_of(now.today);
    let mut from = now.today;
    for term in crate::school::calendar::usual(year - 1..=year).terms() {
        if term.starts_on <= now.today {
            from = term.starts_on;
        }
        school::set_term(&mut tx, &id, term)
            .await
            .map_err(commands::sql)?;
    }
    crate::adoptions::store::adopt_national(&mut tx, &id, from, "")
        .await
        .map_err(commands::sql)?;
    if let Some((read, text)) = crate::adoptions::store::shipped_pack("p4", from) {
        crate::adoptions::store::adopt(&mut tx, &id, (&read, text), from, "")
            .await
            .map_err(commands::sql)?;
    }
    let principal = (Role::Principal, "school", id.as_str());
    let staff = hire(
        &mut tx,
        &id,
        ("xiaozhang", "陈志远", &hash),
        principal,
        from,
    )
    .await
    .map_err(failed)?;
    let archivist = (Role::Archivist, "school", id.as_str());
    hire(&mut tx, &id, ("dangan", "周丽", &hash), archivist, from)
        .await
        .map_err(failed)?;
    let many = Many {
        school: id.to_string(),
        key: app.vault.school_key(id.as_str()),
        today: now.today,
        at: now.at.clone(),
        staff,
    };
    let classes = bench.children.div_ceil(IN_A_CLASS);
    for class in 0..classes {
        let class_id = open_class(&mut tx, &id, class, year)
            .await
            .map_err(commands::sql)?;
        let username = format!("banzhuren{class}");
        let role = (Role::HomeroomTeacher, "class", class_id.as_str());
        let teacher = hire(&mut tx, &id, (&username, "王建华", &hash), role, from)
            .await
            .map_err(failed)?;
        let children = IN_A_CLASS.min(bench.children - class * IN_A_CLASS);
        let each = bench.records / bench.children.max(1);
        let rows = many
            .class((&class_id, class), &teacher, (children, each))
            .map_err(failed)?;
        write(&mut tx, rows).await.map_err(commands::sql)?;
    }
    tx.commit().await.map_err(commands::sql)?;
    rebuild(&app, &id).await?;
    app.db.close().await;
    say(&format!(
        "{}个孩子，每人{}条记录。",
        bench.children,
        bench.records / bench.children.max(1)
    ));
    Ok(())
}

async fn open_class(
    tx: &mut crate::db::Conn,
    id: &SchoolId,
    class: usize,
    year: i16,
) -> db::Result<ClassId> {
    let grade = i64::try_from(class % 6).unwrap_or_default();
    let number = i64::try_from(class / 6 + 1).unwrap_or_default();
    school::open_class(tx, id, ("primary", i64::from(year) - grade, number)).await
}

/// The summaries come from the records, by the same function that `verify` trusts.
async fn rebuild(app: &crate::App, id: &SchoolId) -> commands::Done {
    let mut tx = app.db.write_anywhere().await.map_err(commands::sql)?;
    let children: Vec<String> = db::query_scalar("select id from child where school_id = $1")
        .bind(id.as_str())
        .fetch_all(&mut tx)
        .await
        .map_err(commands::sql)?;
    for child in children {
        crate::records::summary::rebuild(&mut tx, id, &child)
            .await
            .map_err(|failure| commands::sentence(&failure))?;
    }
    tx.commit().await.map_err(commands::sql)
}

const SURNAMES: [&str; 10] = ["张", "李", "王", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
const GIVEN: [&str; 12] = [
    "小明", "思雨", "浩然", "子轩", "梓涵", "一诺", "天佑", "思远", "欣怡", "佳怡", "宇航", "雨桐",
];

impl Many {
    fn class(
        &self,
        (class_id, class): (&ClassId, usize),
        teacher: &StaffId,
        (children, records): (usize, usize),
    ) -> crate::web::Result<Rows> {
        let mut rows = Rows::default();
        for at in 0..children {
            let number = class * IN_A_CLASS + at;
            let child_id = ChildId::new();
            let key = Key::fresh();
            self.child(&mut rows, (&child_id, number), &key)?;
            rows.memberships.push(vec![
                text(&self.school),
                text(OperationId::new()),
                text(child_id.as_str()),
                text(class_id.as_str()),
                text(plus_days(self.today, -200).to_string()),
                Val::NoText,
            ]);
            for record in 0..records {
                let row = self.record((&child_id, &key), teacher, (number, record));
                rows.records.push(row);
            }
        }
        Ok(rows)
    }

    fn child(
        &self,
        rows: &mut Rows,
        (child_id, number): (&ChildId, usize),
        key: &Key,
    ) -> crate::web::Result<()> {
        let name = format!(
            "{}{}",
            SURNAMES
                .get(number % SURNAMES.len())
                .copied()
                .unwrap_or("张"),
            GIVEN
                .get(number / SURNAMES.len() % GIVEN.len())
                .copied()
                .unwrap_or("小明")
        );
        let sex = if number % 2 == 0 { "male" } else { "female" };
        let day = i32::try_from(number % 365).unwrap_or_default();
        let born_on = plus_days(self.today, -3_650 - day);
        let identity = crate::children::store::Identity {
            address: Some(format!("石门乡李家湾{number}号")),
            ..Default::default()
        };
        rows.children.push(vec![
            text(&self.school),
            text(child_id.as_str()),
            text(name),
            text(sex),
            text(born_on.to_string()),
            text("unknown"),
            text(seal_identity(key, child_id.as_str(), &identity)?),
            Val::NoText,
            Val::NoText,
            Val::Int(1),
            Val::Int(1),
            text("2"),
            text(plus_days(self.today, -200).to_string()),
            Val::NoText,
            Val::Int(1),
            text(&self.at),
        ]);
        rows.keys.push(vec![
            text(&self.school),
            text(child_id.as_str()),
            text(self.key.wrap(child_id.as_str(), key)),
        ]);
        self.around(rows, (child_id, number), key)
    }

    fn around(
        &self,
        rows: &mut Rows,
        (child_id, number): (&ChildId, usize),
        key: &Key,
    ) -> crate::web::Result<()> {
        let kin = [
            ("parent", "father"),
            ("parent", "mother"),
            ("carer", "paternal_grandmother"),
        ];
        for ((party, kinship), position) in kin.into_iter().zip(0_i64..) {
            let kin_id = KinId::new();
            let details = crate::children::store::KinDetails {
                name: "王秀英".to_owned(),
                phone: Some(format!("160{:08}", number * 3)),
                ..Default::default()
            };
            rows.kin.push(vec![
                text(&self.school),
                text(kin_id.as_str()),
                text(child_id.as_str()),
                text(party),
                text(kinship),
                text(seal_kin(key, kin_id.as_str(), &details)?),
                Val::NoText,
                text("good"),
                Val::Int(position),
                Val::Int(1),
            ]);
        }
        for parent in ["father", "mother"] {
            rows.absences.push(vec![
                text(&self.school),
                text(OperationId::new()),
                text(child_id.as_str()),
                text(parent),
                text(plus_days(self.today, -190).to_string()),
                text("work"),
                text("bench"),
            ]);
        }
        rows.living.push(vec![
            text(&self.school),
            text(OperationId::new()),
            text(child_id.as_str()),
            text("grandparent"),
        ]);
        rows.screenings.push(vec![
            text(&self.school),
            text(OperationId::new()),
            text(child_id.as_str()),
            text(plus_days(self.today, -100).to_string()),
            text("bench"),
            text(self.staff.as_str()),
        ]);
        Ok(())
    }

    fn record(
        &self,
        (child_id, key): (&ChildId, &Key),
        teacher: &StaffId,
        (number, record): (usize, usize),
    ) -> Vec<Val> {
        let id = RecordId::new();
        let ago = i32::try_from(record * 7 + number % 7).unwrap_or_default();
        let on = plus_days(self.today, -ago);
        let fields = r#"{"topic":["study"],"look":"so_so","next":"usual"}"#;
        vec![
            text(&self.school),
            text(child_id.as_str()),
            text(on.to_string()),
            text(id.as_str()),
            text("talk"),
            text("child"),
            text(teacher.as_str()),
            text("homeroom_teacher"),
            text("talk"),
            text(key.seal(&format!("record/{id}/fields"), fields)),
            text(&self.at),
            text(id.as_str()),
            Val::Int(1),
        ]
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "long by its columns, not by its steps"
)]
async fn write(tx: &mut crate::db::Conn, rows: Rows) -> db::Result<()> {
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
    const KIN: &[&str] = &[
        "school_id",
        "id",
        "child_id",
        "party",
        "kinship",
        "details_sealed",
        "phone_index",
        "phone_state",
        "position",
        "version",
    ];
    const RECORD: &[&str] = &[
        "school_id",
        "child_id",
        "happened_on",
        "id",
        "kind",
        "party",
        "by_staff",
        "by_role",
        "counts_as",
        "fields_sealed",
        "written_at",
        "group_id",
        "version",
    ];
    const ABSENCE: &[&str] = &[
        "school_id",
        "id",
        "child_id",
        "parent",
        "from_on",
        "reason",
        "source",
    ];
    bulk_insert(tx, "child", CHILD, rows.children).await?;
    bulk_insert(
        tx,
        "child_key",
        &["school_id", "child_id", "wrapped"],
        rows.keys,
    )
    .await?;
    let membership = &[
        "school_id",
        "id",
        "child_id",
        "class_id",
        "from_on",
        "to_on",
    ];
    bulk_insert(tx, "membership", membership, rows.memberships).await?;
    bulk_insert(tx, "kin", KIN, rows.kin).await?;
    bulk_insert(tx, "parent_absence", ABSENCE, rows.absences).await?;
    let living = &["school_id", "id", "child_id", "kind"];
    bulk_insert(tx, "living", living, rows.living).await?;
    let screening = &[
        "school_id",
        "id",
        "child_id",
        "screened_on",
        "source",
        "by_staff",
    ];
    bulk_insert(tx, "screening", screening, rows.screenings).await?;
    bulk_insert(tx, "record", RECORD, rows.records).await
}
