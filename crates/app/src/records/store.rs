//! Records, their earlier versions, and the summary by last record.

use super::forms::{Filled, NewRecord};
use super::summary::{Sort, add_day, rebuild};
use super::tiers::Reader;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{ChildId, RecordId};
use crate::vault::Key;
use crate::web::error::{Failure, Result};
use crate::web::viewer::Viewer;
use jiff::civil::Date;
use rules::access::{Act, Decision, Role};
use rules::duties::Actor;
use serde_json::Value;

/// A record as it is kept.
#[derive(Clone, Debug)]
pub struct Record {
    pub id: RecordId,
    pub child_id: ChildId,
    pub kind: String,
    pub party: String,
    pub happened_on: Date,
    pub written_at: String,
    pub by_staff: String,
    pub by_name: String,
    pub by_role: String,
    pub group_id: String,
    /// Whose number it was, where that was noted.
    pub kin_id: Option<String>,
    pub version: i64,
    pub filled: Filled,
    /// 受保护: that something is there may be seen, not what.
    pub hidden: bool,
    /// Shown, though it is guarded more than the roster: that it was read is written down.
    pub guarded: bool,
}

/// In which capacity the viewer writes about this child.
pub fn capacity(viewer: &Viewer, child: &Child) -> Actor {
    let decision = viewer.decide(Act::WriteRecord, child.class_id.as_str(), child.paired);
    let Decision::Allowed { by, .. } = decision else {
        return Actor::School;
    };
    actor_of(by)
}

/// As whom somebody with this role writes.
pub fn actor_of(role: Role) -> Actor {
    match role {
        Role::HomeroomTeacher => Actor::HomeroomTeacher,
        Role::Mentor => Actor::Mentor,
        Role::SubjectTeacher => Actor::SubjectTeacher,
        Role::DormStaff => Actor::DormStaff,
        Role::Archivist => Actor::Archivist,
        Role::Counsellor => Actor::Counsellor,
        Role::LeadingGroup => Actor::LeadingGroupMember,
        Role::Principal => Actor::Principal,
        Role::ProtectionLead
        | Role::CountyOfficer
        | Role::CountyCaseOfficer
        | Role::Auditor
        | Role::Administrator
        | Role::Guardian => Actor::School,
    }
}

fn place(id: &str) -> String {
    format!("record/{id}/fields")
}

/// Inserts the record of one child and brings its summary up to date.
pub async fn insert(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
    (new, group_id): (&NewRecord, &str),
) -> Result<RecordId> {
    let id = RecordId::new();
    let by_role = capacity(viewer, child);
    let text = Value::Object(new.filled.clone()).to_string();
    db::query(
        "insert into record (school_id, child_id, happened_on, id, kind, party, kin_id, by_staff,
            by_role, counts_as, fields_sealed, written_at, group_id, version, withdrawn_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(new.happened_on.to_string())
    .bind(id.as_str())
    .bind(&new.kind)
    .bind(new.party.code())
    .bind(new.kin_id.as_ref().map(ToString::to_string))
    .bind(viewer.staff_id.as_str())
    .bind(by_role.code())
    .bind(new.counts_as.join(","))
    .bind(key.seal(&place(id.as_str()), &text))
    .bind(&viewer.now.at)
    .bind(group_id)
    .execute(&mut *conn)
    .await?;
    for kind in &new.counts_as {
        let sort = Sort {
            kind,
            party: new.party.code(),
            by_role: by_role.code(),
        };
        add_day(
            conn,
            &viewer.school_id,
            child.id.as_str(),
            &sort,
            new.happened_on,
        )
        .await?;
    }
    Ok(id)
}

db::row! {
    struct Row {
        id: String,
        child_id: String,
        kind: String,
        party: String,
        happened_on: String,
        written_at: String,
        by_staff: String,
        by_role: String,
        group_id: String,
        kin_id: Option<String>,
        version: i64,
        fields_sealed: String,
    }
}

/// Who wrote what stands on one page: few people, whose names are each asked for once.
#[derive(Default)]
struct Writers(Vec<(String, String)>);

impl Writers {
    async fn name(&mut self, conn: &mut Conn, viewer: &Viewer, id: &str) -> Result<String> {
        if let Some((_, name)) = self.0.iter().find(|(known, _)| known == id) {
            return Ok(name.clone());
        }
        let name: String =
            db::query_scalar("select name from staff where school_id = $1 and id = $2")
                .bind(viewer.school_id.as_str())
                .bind(id)
                .fetch_one(conn)
                .await?;
        self.0.push((id.to_owned(), name.clone()));
        Ok(name)
    }
}

fn record(row: Row, by_name: String, key: &Key) -> Result<Record> {
    let text = key.open(&place(&row.id), &row.fields_sealed)?;
    let filled = serde_json::from_str(&text)
        .map_err(|error| Failure::Ours(format!("record fields: {error}")))?;
    Ok(Record {
        id: row.id.into(),
        child_id: row.child_id.into(),
        kind: row.kind,
        party: row.party,
        happened_on: db::date(&row.happened_on),
        written_at: row.written_at,
        by_staff: row.by_staff,
        by_name,
        by_role: row.by_role,
        group_id: row.group_id,
        kin_id: row.kin_id,
        version: row.version,
        filled,
        hidden: false,
        guarded: false,
    })
}

macro_rules! record_columns {
    () => {
        "select r.id, r.child_id, r.kind, r.party, r.happened_on, r.written_at,
            r.by_staff, r.by_role, r.group_id, r.kin_id, r.version, r.fields_sealed
         from record r"
    };
}

/// A page of the timeline.
#[derive(Default)]
pub struct Timeline {
    pub records: Vec<Record>,
    /// Where the next page goes on, if there is one.
    pub next: Option<String>,
}

impl Timeline {
    /// Whether the page must be written down as read before it leaves.
    pub fn is_guarded(&self) -> bool {
        self.records.iter().any(|record| record.guarded)
    }
}

/// The records of a visible child as its reader may read them, newest first; `before` continues a
/// page.
pub async fn timeline(
    conn: &mut Conn,
    reader: Reader<'_>,
    key: &Key,
    (kind, before, limit): (&str, &str, i64),
) -> Result<Timeline> {
    let (viewer, child) = (reader.viewer, reader.child);
    let rows: Vec<Row> = db::query_as(concat!(
        record_columns!(),
        " where r.school_id = $1 and r.child_id = $2 and r.withdrawn_at is null
            and ($3 = '' or r.kind = $3) and ($4 = '' or r.happened_on || r.id < $4)
          order by r.happened_on desc, r.id desc limit $5 + 0"
    ))
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(kind)
    .bind(before)
    .bind(limit)
    .fetch_all(&mut *conn)
    .await?;
    let full = i64::try_from(rows.len()).is_ok_and(|found| found == limit);
    let next = rows
        .last()
        .filter(|_| full)
        .map(|last| format!("{}{}", last.happened_on, last.id));
    let mut records = Vec::with_capacity(rows.len());
    let mut writers = Writers::default();
    for row in rows {
        let by_name = writers.name(conn, viewer, &row.by_staff).await?;
        records.extend(reader.guarded(record(row, by_name, key)?));
    }
    // Asking for one kind must not tell how often a guarded kind happened.
    if !kind.is_empty() {
        records.retain(|record| !record.hidden);
    }
    Ok(Timeline { records, next })
}

/// The last day on which something that counts as this kind happened, whoever wrote it.
pub async fn last_of(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    kind: &str,
) -> Result<Option<Date>> {
    let last: Option<String> = db::query_scalar(
        "select max(last_on) from care_summary
         where school_id = $1 and child_id = $2 and kind = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(kind)
    .fetch_one(conn)
    .await?;
    Ok(db::opt_date(last))
}

/// The child of a record; whether the viewer may see it is asked next.
pub async fn child_of(conn: &mut Conn, viewer: &Viewer, id: &RecordId) -> Result<ChildId> {
    let child_id: Option<String> = db::query_scalar(
        "select child_id from record where school_id = $1 and id = $2 and withdrawn_at is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .fetch_optional(conn)
    .await?;
    child_id.map(ChildId::from).ok_or(Failure::NotThere)
}

/// One record of a visible child.
pub async fn one(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
    id: &RecordId,
) -> Result<Record> {
    let row: Option<Row> = db::query_as(concat!(
        record_columns!(),
        " where r.school_id = $1 and r.child_id = $2 and r.id = $3 and r.withdrawn_at is null"
    ))
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(id.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    let row = row.ok_or(Failure::NotThere)?;
    let by_name = Writers::default().name(conn, viewer, &row.by_staff).await?;
    record(row, by_name, key)
}

/// One of the records that were made together.
pub struct Together {
    pub id: RecordId,
    pub child_id: ChildId,
    pub version: i64,
}

/// The records that were made together, and are still there.
pub async fn group(conn: &mut Conn, viewer: &Viewer, group_id: &str) -> Result<Vec<Together>> {
    let rows: Vec<(String, String, i64)> = db::query_as(
        "select id, child_id, version from record where school_id = $1 and group_id = $2
            and withdrawn_at is null order by child_id",
    )
    .bind(viewer.school_id.as_str())
    .bind(group_id)
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, child_id, version)| Together {
            id: id.into(),
            child_id: child_id.into(),
            version,
        })
        .collect())
}

/// Whom a record and those made with it are about, the record's own child first; also after it was
/// taken back.
pub async fn whom(conn: &mut Conn, viewer: &Viewer, id: &RecordId) -> Result<Vec<ChildId>> {
    let ids: Vec<String> = db::query_scalar(
        "select o.child_id from record r
         join record o on o.school_id = r.school_id and o.group_id = r.group_id
         where r.school_id = $1 and r.id = $2
            and (o.id = r.id or (r.withdrawn_at is null) = (o.withdrawn_at is null))
         order by case when o.id = r.id then 0 else 1 end, o.child_id",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(ChildId::from).collect())
}

/// Whether the viewer has taken this record back already.
pub async fn is_withdrawn(conn: &mut Conn, viewer: &Viewer, id: &RecordId) -> Result<bool> {
    let found: Option<String> = db::query_scalar(
        "select withdrawn_at from record
         where school_id = $1 and id = $2 and by_staff = $3 and withdrawn_at is not null",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .bind(viewer.staff_id.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// A talk that asked the counsellor to look is taken back with what it asked.
pub async fn take_back_referral(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &ChildId,
    record: &RecordId,
) -> Result<()> {
    for sql in [
        "delete from child_mark
         where school_id = $1 and child_id = $2 and id = $3 and mark = 'referred'",
        "delete from referral where school_id = $1 and child_id = $2 and id = $3",
    ] {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(child_id.as_str())
            .bind(record.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

pub async fn withdraw(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &ChildId,
    id: &RecordId,
) -> Result<()> {
    db::query(
        "update record set withdrawn_at = $4, version = version + 1
         where school_id = $1 and child_id = $2 and id = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id.as_str())
    .bind(id.as_str())
    .bind(&viewer.now.at)
    .execute(&mut *conn)
    .await?;
    rebuild(conn, &viewer.school_id, child_id.as_str()).await
}

/// Changes a record; the text as it was is kept beside it.
pub async fn amend(
    conn: &mut Conn,
    viewer: &Viewer,
    (was, key): (&Record, &Key),
    new: &NewRecord,
) -> Result<()> {
    let before = Value::Object(was.filled.clone()).to_string();
    db::query(
        "insert into record_version (school_id, record_id, version, child_id, happened_on,
            fields_sealed, changed_by, changed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(viewer.school_id.as_str())
    .bind(was.id.as_str())
    .bind(was.version)
    .bind(was.child_id.as_str())
    .bind(was.happened_on.to_string())
    .bind(key.seal(
        &format!("record_version/{}/{}", was.id, was.version),
        &before,
    ))
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(&mut *conn)
    .await?;
    let text = Value::Object(new.filled.clone()).to_string();
    let changed = db::query(
        "update record set happened_on = $4, counts_as = $5, fields_sealed = $6,
            version = version + 1
         where school_id = $1 and child_id = $2 and id = $3 and version = $7",
    )
    .bind(viewer.school_id.as_str())
    .bind(was.child_id.as_str())
    .bind(was.id.as_str())
    .bind(new.happened_on.to_string())
    .bind(new.counts_as.join(","))
    .bind(key.seal(&place(was.id.as_str()), &text))
    .bind(was.version)
    .execute(&mut *conn)
    .await?;
    if changed != 1 {
        return Err(Failure::Stale);
    }
    rebuild(conn, &viewer.school_id, was.child_id.as_str()).await
}

/// An earlier text of a record, newest first.
pub struct Earlier {
    pub version: i64,
    pub happened_on: Date,
    pub changed_at: String,
    pub filled: Filled,
}

impl Earlier {
    /// The record as it was.
    pub fn of(&self, record: &Record) -> Record {
        Record {
            filled: self.filled.clone(),
            happened_on: self.happened_on,
            version: self.version,
            ..record.clone()
        }
    }
}

pub async fn earlier(
    conn: &mut Conn,
    viewer: &Viewer,
    record: &Record,
    key: &Key,
) -> Result<Vec<Earlier>> {
    let rows: Vec<(i64, String, String, String)> = db::query_as(
        "select version, happened_on, fields_sealed, changed_at from record_version
         where school_id = $1 and record_id = $2 order by version desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(record.id.as_str())
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(version, happened_on, sealed, changed_at)| {
            let text = key.open(&format!("record_version/{}/{version}", record.id), &sealed)?;
            let filled = serde_json::from_str(&text)
                .map_err(|error| Failure::Ours(format!("earlier text: {error}")))?;
            Ok(Earlier {
                version,
                happened_on: db::date(&happened_on),
                changed_at,
                filled,
            })
        })
        .collect()
}
