//! Entries of a file, each with all its earlier versions and the form as it was then.

use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::OperationId;
use crate::packs::{Field, FieldKind, Form, Tier};
use crate::records::forms::{Filled, counts_as, lacking};
use crate::records::said::{as_read, shown, value_of};
use crate::records::store::capacity;
use crate::records::summary::{add_kept, rebuild};
use crate::vault::{Key, fingerprint};
use crate::web::{Failure, Result, Viewer};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;

/// A form as it was when something was written into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub title: String,
    pub fields: Vec<ShapeField>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShapeField {
    pub id: String,
    pub title: String,
    pub kind: String,
    pub unit: Option<String>,
    /// How well it was guarded then; what nobody noted is guarded as counselling is.
    #[serde(default = "unnoted")]
    pub tier: String,
    /// Code and title of each option.
    pub options: Vec<(String, String)>,
}

fn unnoted() -> String {
    Tier::C4.code().to_owned()
}

impl Shape {
    pub fn of(form: &Form) -> Self {
        Self {
            title: form.formal().to_owned(),
            fields: form
                .fields
                .iter()
                .filter(|field| field.kind != FieldKind::Signature)
                .map(|field| ShapeField {
                    id: field.id.clone(),
                    title: field.title.clone(),
                    kind: field.kind.code().to_owned(),
                    unit: field.unit.clone(),
                    tier: field.tier.max(form.tier).code().to_owned(),
                    options: field
                        .options
                        .iter()
                        .map(|one| (one.code.clone(), one.title.clone()))
                        .collect(),
                })
                .collect(),
        }
    }
}

impl Shape {
    /// What was filled in, by the titles of then. A field that the form of today does not show this
    /// viewer is left out; one that no form has any more is guarded as it was.
    pub fn lines(
        &self,
        filled: &Filled,
        (today, hidden): (&Form, &[String]),
        reads: &dyn Fn(Tier) -> bool,
    ) -> Vec<(String, String)> {
        let own = |field: &&ShapeField| {
            let was = Tier::from_code(&field.tier).unwrap_or(Tier::C4);
            today.field(&field.id).is_some() || reads(was)
        };
        self.fields
            .iter()
            .filter(|field| !hidden.contains(&field.id))
            .filter(own)
            .filter_map(|field| {
                let value = filled.get(&field.id)?;
                let kind = FieldKind::from_code(&field.kind)
                    .or_else(|| today.field(&field.id).map(|own| own.kind))?;
                let unit = field.unit.as_deref().unwrap_or_default();
                // Whom a list of children names is no pack's to say, but today's.
                let own = today.field(&field.id).filter(|_| kind.is_offered());
                let said = match own {
                    Some(own) => value_of(own, value),
                    None => shown(kind, &field.options, unit, value),
                };
                Some((field.title.clone(), as_read(kind, said)))
            })
            .collect()
    }
}

#[derive(Clone, Debug)]
pub struct EntryRow {
    pub id: String,
    pub form: String,
    pub version: i64,
    pub filled: Filled,
    pub shape: String,
    pub by_name: String,
    pub written_at: String,
}

db::row! {
    /// An entry as it lies in its table, of a file or of a register.
    pub struct Row {
        id: String,
        form: String,
        version: i64,
        fields_sealed: String,
        shape: String,
        by_name: String,
        written_at: String,
    }
}

fn place(id: &str, version: i64) -> String {
    format!("dossier/{id}/{version}")
}

fn opened(row: Row, key: &Key) -> Result<EntryRow> {
    opened_at(row, key, place)
}

/// Opens what was sealed for this place.
pub fn opened_at(row: Row, key: &Key, place: fn(&str, i64) -> String) -> Result<EntryRow> {
    let text = key.open(&place(&row.id, row.version), &row.fields_sealed)?;
    Ok(EntryRow {
        filled: serde_json::from_str(&text)
            .map_err(|error| Failure::Ours(format!("fields of an entry: {error}")))?,
        id: row.id,
        form: row.form,
        version: row.version,
        shape: row.shape,
        by_name: row.by_name,
        written_at: row.written_at,
    })
}

/// The entries of one child, oldest first; of one form, or of all with an empty name.
pub async fn entries(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
    form: &str,
) -> Result<Vec<EntryRow>> {
    let rows: Vec<Row> = db::query_as(
        "select e.id, e.form, e.version, e.fields_sealed, e.shape, t.name as by_name,
            e.written_at
         from dossier_entry e
         join staff t on t.school_id = e.school_id and t.id = e.by_staff
         where e.school_id = $1 and e.child_id = $2 and ($3 = '' or e.form = $3)
            and e.withdrawn_at is null
         order by e.id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(form)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| opened(row, key)).collect()
}

/// Whose each entry of a form is, by the entry's id; also of those that were taken out.
pub async fn children_of(
    conn: &mut Conn,
    viewer: &Viewer,
    form: &str,
) -> Result<HashMap<String, String>> {
    let rows: Vec<(String, String)> =
        db::query_as("select id, child_id from dossier_entry where school_id = $1 and form = $2")
            .bind(viewer.school_id.as_str())
            .bind(form)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().collect())
}

/// Earlier versions of an entry, newest first.
pub async fn earlier(
    conn: &mut Conn,
    viewer: &Viewer,
    entry: &EntryRow,
    key: &Key,
) -> Result<Vec<EntryRow>> {
    let rows: Vec<Row> = db::query_as(
        "select v.entry_id as id, e.form, v.version, v.fields_sealed, v.shape,
            t.name as by_name, v.written_at
         from dossier_version v
         join dossier_entry e on e.school_id = v.school_id and e.id = v.entry_id
         join staff t on t.school_id = v.school_id and t.id = v.by_staff
         where v.school_id = $1 and v.entry_id = $2 order by v.version desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(&entry.id)
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| opened(row, key)).collect()
}

pub async fn shape(conn: &mut Conn, viewer: &Viewer, hash: &str) -> Result<Shape> {
    let body: String =
        db::query_scalar("select body from form_shape where school_id = $1 and hash = $2")
            .bind(viewer.school_id.as_str())
            .bind(hash)
            .fetch_one(conn)
            .await?;
    serde_json::from_str(&body).map_err(|error| Failure::Ours(format!("form shape: {error}")))
}

pub async fn keep_shape(conn: &mut Conn, viewer: &Viewer, form: &Form) -> Result<String> {
    let body = serde_json::to_string(&Shape::of(form))
        .map_err(|error| Failure::Ours(format!("form shape: {error}")))?;
    let hash = fingerprint(body.as_bytes());
    db::query(
        "insert into form_shape (school_id, hash, body) values ($1, $2, $3)
         on conflict (school_id, hash) do nothing",
    )
    .bind(viewer.school_id.as_str())
    .bind(&hash)
    .bind(&body)
    .execute(conn)
    .await?;
    Ok(hash)
}

/// Children who were named by somebody who sees more of them: they were not on the page either.
fn not_offered(field: &Field, was: &Filled) -> Vec<Value> {
    let named = was.get(&field.id).and_then(Value::as_array);
    let Some(named) = named.filter(|_| field.kind == FieldKind::Children) else {
        return Vec::new();
    };
    let is_offered = |one: &Value| {
        field
            .options
            .iter()
            .any(|own| Some(own.code.as_str()) == one.as_str())
    };
    named
        .iter()
        .filter(|one| !is_offered(one))
        .cloned()
        .collect()
}

/// What is written, by which form.
pub struct Written<'a> {
    /// The form as the packs have it.
    pub whole: &'a Form,
    /// The form as the viewer saw it.
    pub seen: &'a Form,
    pub filled: &'a Filled,
}

impl Written<'_> {
    /// Over what was there: what this viewer may not read was not on the page and stays.
    pub fn over(&self, was: &Filled) -> Filled {
        let mut all = was.clone();
        for field in &self.seen.fields {
            all.remove(&field.id);
        }
        all.extend(self.filled.clone());
        for field in &self.seen.fields {
            let unseen = not_offered(field, was);
            if unseen.is_empty() {
                continue;
            }
            let now = all.entry(field.id.clone());
            if let Value::Array(now) = now.or_insert_with(|| Value::Array(Vec::new())) {
                // A sheet brings what it has no column for along.
                for one in unseen {
                    if !now.contains(&one) {
                        now.push(one);
                    }
                }
            }
        }
        all
    }
}

/// What was done for the child by writing this: nothing, where a form of which there is one says
/// nothing or still lacks something.
fn done_by(whole: &Form, all: &Filled) -> Vec<String> {
    let is_open = all.is_empty() || lacking(whole, all).next().is_some();
    if whole.is_single() && is_open {
        return Vec::new();
    }
    counts_as(whole, all)
}

/// The day on which it counts; none where it counts as nothing.
fn counts_on(viewer: &Viewer, done: &[String]) -> String {
    if done.is_empty() {
        return String::new();
    }
    viewer.today().to_string()
}

/// Writes a new entry and says its id.
pub async fn add(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    new: &Written<'_>,
) -> Result<String> {
    let shape = keep_shape(conn, viewer, new.whole).await?;
    let id = OperationId::new().to_string();
    let done = done_by(new.whole, new.filled);
    let text = Value::Object(new.filled.clone()).to_string();
    db::query(
        "insert into dossier_entry (school_id, id, child_id, form, version, fields_sealed, shape,
            by_staff, written_at, withdrawn_at, by_role, written_on, counts_as)
         values ($1, $2, $3, $4, 1, $5, $6, $7, $8, null, $9, $10, $11)",
    )
    .bind(viewer.school_id.as_str())
    .bind(&id)
    .bind(child.id.as_str())
    .bind(&new.whole.id)
    .bind(key.seal(&place(&id, 1), &text))
    .bind(shape)
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .bind(capacity(viewer, child).code())
    .bind(counts_on(viewer, &done))
    .bind(done.join(","))
    .execute(&mut *conn)
    .await?;
    add_kept(conn, viewer, child, &done).await?;
    Ok(id)
}

/// Changes an entry; what it said before is kept.
pub async fn change(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, new): (&EntryRow, &Written<'_>),
) -> Result<()> {
    let shape = keep_shape(conn, viewer, new.whole).await?;
    let all = new.over(&was.filled);
    let done = done_by(new.whole, &all);
    put(conn, viewer, (child, key), (was, &shape, &all), &done).await?;
    add_kept(conn, viewer, child, &done).await
}

/// The entry says again what an earlier version said; neither counts as something that was done for
/// the child on the day.
pub async fn go_back(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, to): (&EntryRow, &EntryRow),
) -> Result<()> {
    put(
        conn,
        viewer,
        (child, key),
        (was, &to.shape, &to.filled),
        &[],
    )
    .await?;
    for sql in [
        "update dossier_entry set written_on = '' where school_id = $1 and id = $2 and version > $3",
        "update dossier_version set written_on = ''
         where school_id = $1 and entry_id = $2 and version > $3",
    ] {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(&was.id)
            .bind(to.version)
            .execute(&mut *conn)
            .await?;
    }
    rebuild(conn, &viewer.school_id, child.id.as_str()).await
}

async fn put(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, shape, filled): (&EntryRow, &str, &Filled),
    done: &[String],
) -> Result<()> {
    db::query(
        "insert into dossier_version (school_id, entry_id, version, fields_sealed, shape,
            by_staff, written_at, by_role, written_on, counts_as)
         select school_id, id, version, fields_sealed, shape, by_staff, written_at, by_role,
            written_on, counts_as
         from dossier_entry where school_id = $1 and id = $2 and version = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(&was.id)
    .bind(was.version)
    .execute(&mut *conn)
    .await?;
    let text = Value::Object(filled.clone()).to_string();
    let next = was.version + 1;
    let changed = db::query(
        "update dossier_entry set version = $4, fields_sealed = $5, shape = $6, by_staff = $7,
            written_at = $8, by_role = $9, written_on = $10, counts_as = $11
         where school_id = $1 and id = $2 and version = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(&was.id)
    .bind(was.version)
    .bind(next)
    .bind(key.seal(&place(&was.id, next), &text))
    .bind(shape)
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .bind(capacity(viewer, child).code())
    .bind(counts_on(viewer, done))
    .bind(done.join(","))
    .execute(&mut *conn)
    .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Failure::Stale)
    }
}

pub async fn withdraw(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (form, id): (&str, &str),
) -> Result<()> {
    db::query(
        "update dossier_entry set withdrawn_at = $4
         where school_id = $1 and child_id = $2 and id = $3 and form = $5
            and withdrawn_at is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(id)
    .bind(&viewer.now.at)
    .bind(form)
    .execute(&mut *conn)
    .await?;
    rebuild(conn, &viewer.school_id, child.id.as_str()).await
}
