//! Imports as they lie in the database, sealed, and what the school already knows.

use super::check::{Checked, Known, Namesake, Verdict};
use super::heads::Learned;
use crate::children::search::sort_key;
use crate::children::store as children;
use crate::db::{self, Conn};
use crate::ids::{ChildId, ImportId};
use crate::particulars::store::by_hand;
use crate::school::store as school;
use crate::school::store::Class;
use crate::sheets::{MEND_LINE, MEND_WHY};
use crate::vault::Key;
use crate::web::error::{Failure, Result};
use crate::web::viewer::Viewer;
use crate::web::words;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use jiff::civil::Date;
use rules::access::Act;
use rules::calendar::school_year_of;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, BufWriter, Write};

/// One import: what was brought and what came of each line.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Brought {
    pub titles: Vec<String>,
    pub known_columns: usize,
    /// Each column's title, and where its values go; empty: nowhere.
    #[serde(default)]
    pub understood: Vec<(String, String)>,
    /// Where only some words may stand: the column, and the words.
    #[serde(default)]
    pub choices: Vec<(usize, Vec<String>)>,
    /// Kept behind the rest, one by one; an import of before has them in it.
    #[serde(default, skip_serializing)]
    pub rows: Vec<Checked>,
    /// Further lists of people in the same book that nobody has read.
    #[serde(default)]
    pub unread: Vec<String>,
    /// Classes that the file names and the school has not opened yet.
    pub new_classes: Vec<(u8, u8)>,
    /// The school that the list names, where it is another one.
    #[serde(default)]
    pub other_school: Option<String>,
    /// The day by whose grades the list was read.
    #[serde(default)]
    pub goes_by: Option<Date>,
}

impl Brought {
    /// The day by whose grades its classes are those that it names.
    pub fn day(&self, viewer: &Viewer) -> Date {
        self.goes_by.unwrap_or_else(|| viewer.today())
    }

    /// How many columns are those of the sheet to mend: two where it came back.
    pub fn columns_to_mend(&self) -> usize {
        let is_ours = |title: &&String| [MEND_WHY, MEND_LINE].contains(&title.as_str());
        self.titles.iter().filter(is_ours).count()
    }

    /// Titles of columns whose values go nowhere.
    pub fn unknown(&self) -> Vec<String> {
        let nowhere = self.understood.iter().filter(|(_, place)| place.is_empty());
        nowhere.map(|(title, _)| title.clone()).collect()
    }

    pub fn count(&self, verdict: Verdict) -> usize {
        self.rows
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    }
}

#[derive(Clone, Debug)]
pub struct Import {
    pub id: ImportId,
    pub state: String,
    pub brought: Brought,
    pub created_at: String,
    pub committed_at: Option<String>,
    pub opened: i64,
    pub changed: i64,
}

fn place(id: &str) -> String {
    format!("roster_import/{id}/rows")
}

/// Ten thousand lines say the same words over and over: packed, they are a tenth. Each stands in a
/// line of its own, so that one of them is in memory at a time.
fn packed(brought: &Brought) -> std::io::Result<Vec<u8>> {
    let mut out = BufWriter::new(DeflateEncoder::new(Vec::new(), Compression::fast()));
    serde_json::to_writer(&mut out, brought)?;
    for row in &brought.rows {
        out.write_all(b"\n")?;
        serde_json::to_writer(&mut out, row)?;
    }
    out.into_inner()?.finish()
}

fn unpacked(packed: &[u8]) -> std::io::Result<Brought> {
    let mut text = BufReader::new(DeflateDecoder::new(packed));
    let mut line = Vec::new();
    text.read_until(b'\n', &mut line)?;
    let mut brought: Brought = serde_json::from_slice(&line)?;
    loop {
        line.clear();
        if text.read_until(b'\n', &mut line)? == 0 {
            return Ok(brought);
        }
        brought.rows.push(serde_json::from_slice(&line)?);
    }
}

pub async fn keep(
    conn: &mut Conn,
    viewer: &Viewer,
    brought: &Brought,
    (content_hash, file): (&str, &[u8]),
) -> Result<ImportId> {
    let id = ImportId::new();
    let packed = packed(brought).map_err(|error| Failure::Ours(format!("import: {error}")))?;
    empty_old(conn, viewer).await?;
    db::query(
        "insert into roster_import (school_id, id, state, content_hash, rows_sealed, by_staff,
            created_at, committed_at, opened, changed, file_sealed)
         values ($1, $2, 'ready', $3, $4, $5, $6, null, 0, 0, $7)",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .bind(content_hash)
    .bind(viewer.school_key.seal_bytes(&place(id.as_str()), &packed))
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .bind(viewer.school_key.seal_bytes(&file_place(&id), file))
    .execute(conn)
    .await?;
    Ok(id)
}

fn file_place(id: &ImportId) -> String {
    format!("roster_import/{id}/file")
}

/// The file as it was brought, while nothing has come of it.
pub async fn file(conn: &mut Conn, viewer: &Viewer, id: &ImportId) -> Result<Vec<u8>> {
    let sealed: Option<String> = db::query_scalar(
        "select file_sealed from roster_import
         where school_id = $1 and id = $2 and state = 'ready' and file_sealed <> ''",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .fetch_optional(conn)
    .await?;
    let sealed = sealed.ok_or(Failure::NotThere)?;
    Ok(viewer.school_key.open_bytes(&file_place(id), &sealed)?)
}

/// Judged anew: the lines of an import that still waits.
pub async fn put_rows(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &ImportId,
    brought: &Brought,
) -> Result<()> {
    let packed = packed(brought).map_err(|error| Failure::Ours(format!("import: {error}")))?;
    let sealed = viewer.school_key.seal_bytes(&place(id.as_str()), &packed);
    let changed = db::query(
        "update roster_import set rows_sealed = $3
         where school_id = $1 and id = $2 and state = 'ready'",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .bind(sealed)
    .execute(conn)
    .await?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Failure::Stale)
    }
}

/// What the school said of its own heads.
pub async fn learned(conn: &mut Conn, viewer: &Viewer) -> Result<Learned> {
    let rows: Vec<(String, String)> =
        db::query_as("select title, place from roster_head where school_id = $1")
            .bind(viewer.school_id.as_str())
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().collect())
}

pub async fn learn(conn: &mut Conn, viewer: &Viewer, told: &Learned) -> Result<()> {
    for (title, place) in told {
        db::query(
            "insert into roster_head (school_id, title, place) values ($1, $2, $3)
             on conflict (school_id, title) do update set place = excluded.place",
        )
        .bind(viewer.school_id.as_str())
        .bind(title)
        .bind(place)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// After a week nobody mends a sheet any more; what became of an import stays, its lines go.
const KEPT_DAYS: i32 = 7;

async fn empty_old(conn: &mut Conn, viewer: &Viewer) -> Result<()> {
    let before = rules::calendar::plus_days(viewer.today(), -KEPT_DAYS);
    db::query(
        "update roster_import set rows_sealed = '', file_sealed = ''
         where school_id = $1 and created_at < $2 and rows_sealed <> ''",
    )
    .bind(viewer.school_id.as_str())
    .bind(before.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// Whether another import of this school was taken in, or taken back, since this one was looked at.
pub async fn overtaken(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<bool> {
    let later: i64 = db::query_scalar(
        "select cast(count(*) as bigint) from roster_import
         where school_id = $1 and id <> $2 and committed_at > $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(import.id.as_str())
    .bind(&import.created_at)
    .fetch_one(conn)
    .await?;
    Ok(later > 0)
}

db::row! {
    struct Row {
        state: String,
        rows_sealed: String,
        created_at: String,
        committed_at: Option<String>,
        opened: i64,
        changed: i64,
    }
}

pub async fn one(conn: &mut Conn, viewer: &Viewer, id: &ImportId) -> Result<Import> {
    let row: Option<Row> = db::query_as(
        "select state, rows_sealed, created_at, committed_at, opened, changed
         from roster_import where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .fetch_optional(conn)
    .await?;
    let row = row.ok_or(Failure::NotThere)?;
    let brought = if row.rows_sealed.is_empty() {
        Brought::default()
    } else {
        let packed = viewer
            .school_key
            .open_bytes(&place(id.as_str()), &row.rows_sealed)?;
        unpacked(&packed).map_err(|error| Failure::Ours(format!("import: {error}")))?
    };
    Ok(Import {
        id: id.clone(),
        state: row.state,
        brought,
        created_at: row.created_at,
        committed_at: row.committed_at,
        opened: row.opened,
        changed: row.changed,
    })
}

db::row! {
    /// A line of the history of imports.
    pub struct Past {
        pub id: String,
        pub state: String,
        pub created_at: String,
        pub opened: i64,
        pub changed: i64,
        pub by_name: String,
    }
}

pub async fn history(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Past>> {
    Ok(db::query_as(
        "select i.id, i.state, i.created_at, i.opened, i.changed, s.name as by_name
         from roster_import i
         join staff s on s.school_id = i.school_id and s.id = i.by_staff
         where i.school_id = $1 order by i.created_at desc limit 20",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(conn)
    .await?)
}

pub async fn set_state(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &ImportId,
    (state, opened, changed): (&str, i64, i64),
) -> Result<()> {
    db::query(
        "update roster_import set state = $3, opened = $4, changed = $5, committed_at = $6,
            file_sealed = ''
         where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .bind(state)
    .bind(opened)
    .bind(changed)
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    Ok(())
}

db::row! {
    struct KnownRow {
        id: String,
        name: String,
        born_on: Option<String>,
        citizen: Option<String>,
        student: Option<String>,
        stage: String,
        entry_year: i64,
        number: i64,
        left_on: Option<String>,
    }
}

/// The children of the school by their blind indexes and by name. The lines of a file are compared
/// by the same indexes, so that no number has to be opened.
///
/// `day`: by whose grades their classes are named.
pub async fn known(conn: &mut Conn, viewer: &Viewer, day: Date) -> Result<Known> {
    let rows: Vec<KnownRow> = db::query_as(
        "select c.id, c.name, c.born_on, c.citizen_id_index as citizen,
            c.student_no_index as student, k.stage,
            k.entry_year, k.number, c.left_on
         from child c
         join membership m on m.school_id = c.school_id and m.child_id = c.id
            and m.from_on <= $2 and (m.to_on is null or m.to_on > $2)
         join class k on k.school_id = m.school_id and k.id = m.class_id
         where c.school_id = $1",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(&mut *conn)
    .await?;
    let mut known = Known::default();
    let school_year = school_year_of(day);
    for row in rows {
        let (id, born_on) = (row.id, db::opt_date(row.born_on));
        if db::opt_date(row.left_on).is_some_and(|on| on <= viewer.today()) {
            known.left.insert(id.clone());
        }
        let grade = words::grade(&row.stage, row.entry_year, school_year);
        let grade = u8::try_from(grade).unwrap_or_default();
        let number = u8::try_from(row.number).unwrap_or_default();
        known
            .by_name
            .entry(row.name.clone())
            .or_default()
            .push(Namesake {
                id: id.clone(),
                born_on,
                has_id: row.citizen.is_some(),
                class: (grade, number),
            });
        known.by_id.insert(id.clone(), vec![row.name]);
        if let Some(index) = row.citizen {
            known.by_citizen_id.insert(index, id.clone());
        }
        if let Some(index) = row.student {
            known.by_student_no.insert(index, id);
        }
    }
    former_names(conn, viewer, &mut known).await?;
    Ok(known)
}

/// The names that hands have changed: an old list calls the child so still.
async fn former_names(conn: &mut Conn, viewer: &Viewer, known: &mut Known) -> Result<()> {
    let changed: Vec<String> =
        db::query_scalar("select distinct child_id from child_version where school_id = $1")
            .bind(viewer.school_id.as_str())
            .fetch_all(&mut *conn)
            .await?;
    for id in changed {
        let key = children::key_of(conn, viewer, &ChildId::from(id.clone())).await?;
        let made = by_hand(conn, viewer, &id, &key).await?;
        if let Some(names) = known.by_id.get_mut(&id) {
            names.extend(made.into_iter().map(|one| one.was.own.name));
        }
    }
    Ok(())
}

/// What tells a child from a namesake: the end of its number, or a grown-up's name.
pub async fn told_apart(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<String> {
    let child_id = ChildId::from(child_id.to_owned());
    let child = children::visible(conn, viewer, Act::ImportRoster, &child_id).await?;
    let key = children::key(conn, viewer, &child).await?;
    let identity = children::identity(conn, viewer, &child, &key).await?;
    let kin = children::kin(conn, viewer, &child, &key).await?;
    let number = identity
        .citizen_id
        .as_deref()
        .or(identity.student_no.as_deref());
    let end = number.and_then(|number| number.get(number.len().saturating_sub(4)..));
    let grown_up = kin
        .first()
        .map(|kin| format!("{}叫{}", kin.word(), kin.details.name));
    Ok(match (end, grown_up) {
        (Some(end), _) => format!("号码最后四位是{end}"),
        (None, Some(grown_up)) => grown_up,
        (None, None) => "没有号码、没有家里人".to_owned(),
    })
}

pub fn citizen_index(key: &Key, number: &str) -> String {
    key.index("citizen_id", number)
}

pub fn student_index(key: &Key, number: &str) -> String {
    key.index("student_no", number)
}

/// Children of the school whom a file does not name: told, and never touched.
pub async fn absent(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<Vec<String>> {
    let rows = &import.brought.rows;
    // One child by itself is no list of a class, nor is what is left of one to mend.
    if rows.len() == 1 || import.brought.columns_to_mend() == 2 {
        return Ok(Vec::new());
    }
    let present: HashSet<&str> = rows
        .iter()
        .filter_map(|row| row.matches.as_deref())
        .collect();
    let listed = rows.iter().map(|row| &row.child);
    let listed: HashSet<(i64, i64)> = listed
        .map(|child| (i64::from(child.grade), i64::from(child.class_number)))
        .collect();
    let classes = school::classes(conn, &viewer.school_id, import.brought.day(viewer)).await?;
    let own = classes
        .iter()
        .filter(|one| listed.contains(&(one.grade, one.number)));
    let own: HashSet<&str> = own.map(|class| class.id.as_str()).collect();
    let rows: Vec<(String, String, Option<String>, String)> = db::query_as(
        "select c.id, c.name, c.born_on, m.class_id from child c
         join membership m on m.school_id = c.school_id and m.child_id = c.id
            and m.from_on <= $3 and (m.to_on is null or m.to_on > $3)
         where c.school_id = $1 and c.left_on is null and c.created_at < $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(&import.created_at)
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?;
    let mut absent: Vec<(String, Option<Date>, String)> = rows
        .into_iter()
        .filter(|(id, _, _, class)| own.contains(class.as_str()) && !present.contains(id.as_str()))
        .map(|(_, name, born_on, class)| (name, db::opt_date(born_on), class))
        .collect();
    absent.sort_by_cached_key(|(name, born_on, _)| (sort_key(name), *born_on));
    let mut many: HashMap<&str, usize> = HashMap::new();
    for (name, _, _) in &absent {
        *many.entry(name).or_default() += 1;
    }
    let named = absent.iter().map(|(name, born_on, class)| -> String {
        if many.get(name.as_str()) == Some(&1) {
            return name.clone();
        }
        let class = classes.iter().find(|one| one.id.as_str() == class);
        let class = class.map(Class::title);
        let born = born_on.map(|on| format!("{}生", words::full_day(on)));
        let parts: Vec<String> = class.into_iter().chain(born).collect();
        format!("{name}（{}）", parts.join("，"))
    });
    Ok(named.collect())
}

/// The child whom this list opened, where it opened one and said nothing of others.
pub async fn came_alone(
    conn: &mut Conn,
    viewer: &Viewer,
    import: &Import,
) -> Result<Option<String>> {
    if import.state != "committed" || (import.opened, import.changed) != (1, 0) {
        return Ok(None);
    }
    Ok(db::query_scalar(
        "select child_id from roster_import_child where school_id = $1 and import_id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(import.id.as_str())
    .fetch_optional(conn)
    .await?)
}
