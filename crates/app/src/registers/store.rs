//! Entries of registers, each with its earlier versions.

use crate::db::{self, Conn};
use crate::dossier::store::{EntryRow, Row, Written, keep_shape, opened_at};
use crate::ids::OperationId;
use crate::records::forms::Filled;
use crate::web::{Failure, Result, Viewer};
use rules::identity::is_same_mark;
use serde_json::Value;

fn place(id: &str, version: i64) -> String {
    format!("register/{id}/{version}")
}

fn opened(row: Row, viewer: &Viewer) -> Result<EntryRow> {
    opened_at(row, &viewer.school_key, place)
}

/// Oldest first.
pub async fn entries(conn: &mut Conn, viewer: &Viewer, form: &str) -> Result<Vec<EntryRow>> {
    let rows: Vec<Row> = db::query_as(
        "select e.id, e.form, e.version, e.fields_sealed, e.shape, t.name as by_name, e.written_at
         from register_entry e
         join staff t on t.school_id = e.school_id and t.id = e.by_staff
         where e.school_id = $1 and e.form = $2 and e.withdrawn_at is null
         order by e.id",
    )
    .bind(viewer.school_id.as_str())
    .bind(form)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| opened(row, viewer)).collect()
}

/// How many entries each form has, and when the last was written.
pub async fn counts(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<(String, i64, String)>> {
    Ok(db::query_as(
        "select form, cast(count(*) as bigint), max(written_at) from register_entry
         where school_id = $1 and withdrawn_at is null group by form",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(conn)
    .await?)
}

/// Earlier versions of an entry, newest first.
pub async fn earlier(conn: &mut Conn, viewer: &Viewer, entry: &EntryRow) -> Result<Vec<EntryRow>> {
    let rows: Vec<Row> = db::query_as(
        "select v.entry_id as id, e.form, v.version, v.fields_sealed, v.shape,
            t.name as by_name, v.written_at
         from register_version v
         join register_entry e on e.school_id = v.school_id and e.id = v.entry_id
         join staff t on t.school_id = v.school_id and t.id = v.by_staff
         where v.school_id = $1 and v.entry_id = $2 order by v.version desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(&entry.id)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| opened(row, viewer)).collect()
}

fn says_the_same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) => is_same_mark(one, other),
        (one, other) => one == other,
    }
}

/// What must tell entries apart does not tell this one from another.
async fn refuse_same(
    conn: &mut Conn,
    viewer: &Viewer,
    new: &Written<'_>,
    own: Option<&EntryRow>,
) -> Result<()> {
    let form = new.whole;
    if form.unique.is_empty() {
        return Ok(());
    }
    let filled = match own {
        Some(was) => new.over(&was.filled),
        None => new.filled.clone(),
    };
    let others = entries(conn, viewer, &form.id).await?;
    let mut others = others
        .iter()
        .filter(|one| own.is_none_or(|own| own.id != one.id));
    let is_same = |one: &EntryRow| {
        let mut names = form.unique.iter();
        names.all(|name| says_the_same(one.filled.get(name), filled.get(name)))
    };
    if !others.any(is_same) {
        return Ok(());
    }
    let titles: Vec<&str> = form
        .unique
        .iter()
        .filter_map(|name| form.field(name))
        .map(|field| field.title.as_str())
        .collect();
    Err(Failure::Asked(format!(
        "“{}”和已有的一条一样。这一条换一个写法，或者去改那一条。",
        titles.join("”和“")
    )))
}

/// Writes a new entry and says its id.
pub async fn add(conn: &mut Conn, viewer: &Viewer, new: &Written<'_>) -> Result<String> {
    refuse_same(conn, viewer, new, None).await?;
    let shape = keep_shape(conn, viewer, new.whole).await?;
    let id = OperationId::new().to_string();
    let text = Value::Object(new.filled.clone()).to_string();
    db::query(
        "insert into register_entry (school_id, id, form, version, fields_sealed, shape, by_staff,
            written_at, withdrawn_at)
         values ($1, $2, $3, 1, $4, $5, $6, $7, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(&id)
    .bind(&new.whole.id)
    .bind(viewer.school_key.seal(&place(&id, 1), &text))
    .bind(shape)
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    Ok(id)
}

/// Changes an entry; what it said before is kept.
pub async fn change(
    conn: &mut Conn,
    viewer: &Viewer,
    (was, new): (&EntryRow, &Written<'_>),
) -> Result<()> {
    refuse_same(conn, viewer, new, Some(was)).await?;
    let shape = keep_shape(conn, viewer, new.whole).await?;
    put(conn, viewer, was, (&shape, &new.over(&was.filled))).await
}

/// The entry says again what an earlier version said.
pub async fn go_back(
    conn: &mut Conn,
    viewer: &Viewer,
    (was, to): (&EntryRow, &EntryRow),
) -> Result<()> {
    put(conn, viewer, was, (&to.shape, &to.filled)).await
}

async fn put(
    conn: &mut Conn,
    viewer: &Viewer,
    was: &EntryRow,
    (shape, filled): (&str, &Filled),
) -> Result<()> {
    db::query(
        "insert into register_version (school_id, entry_id, version, fields_sealed, shape,
            by_staff, written_at)
         select school_id, id, version, fields_sealed, shape, by_staff, written_at
         from register_entry where school_id = $1 and id = $2 and version = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(&was.id)
    .bind(was.version)
    .execute(&mut *conn)
    .await?;
    let text = Value::Object(filled.clone()).to_string();
    let next = was.version + 1;
    let changed = db::query(
        "update register_entry set version = $4, fields_sealed = $5, shape = $6, by_staff = $7,
            written_at = $8
         where school_id = $1 and id = $2 and version = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(&was.id)
    .bind(was.version)
    .bind(next)
    .bind(viewer.school_key.seal(&place(&was.id, next), &text))
    .bind(shape)
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Failure::Stale)
    }
}

pub async fn withdraw(conn: &mut Conn, viewer: &Viewer, (form, id): (&str, &str)) -> Result<()> {
    db::query(
        "update register_entry set withdrawn_at = $4
         where school_id = $1 and id = $2 and form = $3 and withdrawn_at is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(id)
    .bind(form)
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    Ok(())
}
