//! What a sheet wrote, kept so that it can be taken back as a whole: each entry says again what it
//! said before, and what was new is taken out.

use super::commit::{Coming, theirs};
use crate::children::store as children;
use crate::db::{self, Conn};
use crate::dossier::store;
use crate::ids::{ChildId, OperationId, RecordId};
use crate::journal::{self, Entry, Kind};
use crate::packs::{Form, FormKind};
use crate::records::forms::{NewRecord, counts_as, refers};
use crate::records::save::{DAY, age, own_record};
use crate::records::store as records;
use crate::registers::store as registers;
use crate::web::{Failure, Result, Viewer};
use rules::access::Act;
use rules::duties::Party;
use std::collections::HashMap;

/// The version of an entry that a line wrote; the first is one that is new.
pub struct Wrote {
    pub entry: String,
    pub version: i64,
}

pub async fn keep(
    tx: &mut Conn,
    viewer: &Viewer,
    (sheet, form): (&OperationId, &str),
    wrote: &[Wrote],
) -> Result<()> {
    db::query(
        "insert into sheet_back (school_id, id, form, by_staff, put_in_at, undone_at)
         values ($1, $2, $3, $4, $5, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(sheet.as_str())
    .bind(form)
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(&mut *tx)
    .await?;
    for (line, position) in wrote.iter().zip(1_i64..) {
        db::query(
            "insert into sheet_back_line (school_id, sheet_id, position, entry_id, version)
             values ($1, $2, $3, $4, $5)",
        )
        .bind(viewer.school_id.as_str())
        .bind(sheet.as_str())
        .bind(position)
        .bind(&line.entry)
        .bind(line.version)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// A sheet that the viewer put in.
pub struct PutIn {
    pub id: String,
    pub at: String,
    pub new: i64,
    pub changed: i64,
    pub is_undone: bool,
}

/// Those of one form, the newest first.
pub async fn put_in(conn: &mut Conn, viewer: &Viewer, form: &str) -> Result<Vec<PutIn>> {
    let rows: Vec<(String, String, Option<String>, i64, i64)> = db::query_as(
        "select s.id, s.put_in_at, s.undone_at,
            cast(sum(case when l.version = 1 then 1 else 0 end) as bigint),
            cast(count(*) as bigint)
         from sheet_back s
         join sheet_back_line l on l.school_id = s.school_id and l.sheet_id = s.id
         where s.school_id = $1 and s.by_staff = $2 and s.form = $3
         group by s.id, s.put_in_at, s.undone_at
         order by s.put_in_at desc, s.id desc limit 5",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(form)
    .fetch_all(conn)
    .await?;
    let own = |(id, at, undone, new, all): (String, String, Option<String>, i64, i64)| PutIn {
        id,
        at,
        new,
        changed: all - new,
        is_undone: undone.is_some(),
    };
    Ok(rows.into_iter().map(own).collect())
}

/// Whose file an entry is in, and the entries of a register.
type Places<'a> = (&'a HashMap<String, String>, &'a [store::EntryRow]);

/// All lines of the sheet, or none where one of its entries has been changed or taken out since.
pub async fn undo(tx: &mut Conn, viewer: &Viewer, form: Coming<'_>, sheet: &str) -> Result<()> {
    if is_undone(tx, viewer, (sheet, &form.whole.id)).await? {
        return Ok(());
    }
    let lines: Vec<(String, i64)> = db::query_as(
        "select entry_id, version from sheet_back_line
         where school_id = $1 and sheet_id = $2 order by position desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(sheet)
    .fetch_all(&mut *tx)
    .await?;
    let whose = match form.whole.kind {
        FormKind::Dossier => store::children_of(tx, viewer, &form.whole.id).await?,
        FormKind::Register | FormKind::Record => HashMap::new(),
    };
    // An entry has one line in a sheet, so that what one line does changes no other's.
    let in_book = match form.whole.kind {
        FormKind::Register => registers::entries(tx, viewer, &form.whole.id).await?,
        FormKind::Dossier | FormKind::Record => Vec::new(),
    };
    let gone_back = gone_back(tx, viewer, sheet).await?;
    let mut moved_on = Vec::new();
    for (entry, version) in lines {
        let line = Left {
            entry,
            version,
            gone_back: &gone_back,
        };
        let is_back = one(tx, viewer, form, ((&whose, &in_book), &line)).await;
        match is_back {
            Ok(None) => {}
            Ok(Some(again)) => says_again(tx, viewer, (sheet, &line.entry), again).await?,
            Err(Failure::NotThere) => moved_on.push(line.entry),
            Err(Failure::Asked(said)) if said == children::HAS_LEFT => moved_on.push(line.entry),
            Err(failure) => return Err(failure),
        }
    }
    if !moved_on.is_empty() {
        let whom = named(
            tx,
            viewer,
            moved_on.iter().filter_map(|entry| whose.get(entry)),
        )
        .await?;
        let lines = moved_on.len();
        return Err(Failure::NotAnyMore(format!(
            "放进去以后，有{lines}行又改过、拿掉了，或者孩子转走了、不归您管了{whom}，撤回会丢掉它们，所以一行也没有撤回。要改的请一笔一笔改。"
        )));
    }
    db::query("update sheet_back set undone_at = $3 where school_id = $1 and id = $2")
        .bind(viewer.school_id.as_str())
        .bind(sheet)
        .bind(&viewer.now.at)
        .execute(tx)
        .await?;
    Ok(())
}

/// So many are named.
const NAMED: usize = 6;

/// （张小明、李思雨）: those whom the viewer still sees.
async fn named(
    conn: &mut Conn,
    viewer: &Viewer,
    children: impl Iterator<Item = &String>,
) -> Result<String> {
    let mut names = Vec::new();
    for id in children.take(NAMED) {
        let id = ChildId::from(id.clone());
        match children::visible(conn, viewer, Act::SeeChild, &id).await {
            Ok(child) => names.push(child.name),
            Err(Failure::NotThere) => {}
            Err(failure) => return Err(failure),
        }
    }
    names.dedup();
    Ok(match names.as_slice() {
        [] => String::new(),
        names => format!("（{}）", names.join("、")),
    })
}

/// One line; says the version in which its entry says again what it said.
async fn one(
    tx: &mut Conn,
    viewer: &Viewer,
    form: Coming<'_>,
    ((whose, in_book), line): (Places<'_>, &Left<'_>),
) -> Result<Option<i64>> {
    match form.whole.kind {
        FormKind::Register => in_register(tx, viewer, (form.whole, in_book), line).await,
        FormKind::Dossier => match whose.get(&line.entry) {
            Some(child) => in_file(tx, viewer, form, (child, line)).await,
            None => Err(Failure::NotThere),
        },
        FormKind::Record => as_record(tx, viewer, form, line).await,
    }
}

async fn is_undone(tx: &mut Conn, viewer: &Viewer, (sheet, form): (&str, &str)) -> Result<bool> {
    let found: Option<Option<String>> = db::query_scalar(
        "select undone_at from sheet_back
         where school_id = $1 and id = $2 and by_staff = $3 and form = $4",
    )
    .bind(viewer.school_id.as_str())
    .bind(sheet)
    .bind(viewer.staff_id.as_str())
    .bind(form)
    .fetch_optional(tx)
    .await?;
    Ok(found.ok_or(Failure::NotThere)?.is_some())
}

/// By entry and version: what a line had written that was taken back by this version.
type GoneBack = HashMap<(String, i64), i64>;

/// What was taken back of the entries of this sheet, by whichever sheet.
async fn gone_back(tx: &mut Conn, viewer: &Viewer, sheet: &str) -> Result<GoneBack> {
    let rows: Vec<(String, i64, i64)> = db::query_as(
        "select l.entry_id, l.back_version, l.version from sheet_back_line l
         join sheet_back_line o on o.school_id = l.school_id and o.entry_id = l.entry_id
         where o.school_id = $1 and o.sheet_id = $2 and l.back_version is not null",
    )
    .bind(viewer.school_id.as_str())
    .bind(sheet)
    .fetch_all(tx)
    .await?;
    let own = |(entry, again, wrote): (String, i64, i64)| ((entry, again), wrote);
    Ok(rows.into_iter().map(own).collect())
}

async fn says_again(
    tx: &mut Conn,
    viewer: &Viewer,
    (sheet, entry): (&str, &str),
    version: i64,
) -> Result<()> {
    db::query(
        "update sheet_back_line set back_version = $4
         where school_id = $1 and sheet_id = $2 and entry_id = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(sheet)
    .bind(entry)
    .bind(version)
    .execute(tx)
    .await?;
    Ok(())
}

/// A line of the sheet that is taken back.
struct Left<'a> {
    entry: String,
    version: i64,
    gone_back: &'a GoneBack,
}

impl Left<'_> {
    fn is_new(&self) -> bool {
        self.version == 1
    }

    /// Whether this version says what the line wrote: it is that version, or what came after it has
    /// been taken back.
    fn stands_in(&self, mut version: i64) -> bool {
        while let Some(wrote) = self.gone_back.get(&(self.entry.clone(), version)) {
            version = wrote - 1;
        }
        version == self.version
    }
}

/// The entry as this line left it.
fn as_left<'a>(entries: &'a [store::EntryRow], line: &Left<'_>) -> Result<&'a store::EntryRow> {
    let mut own = entries.iter().filter(|one| one.id == line.entry);
    own.find(|one| line.stands_in(one.version))
        .ok_or(Failure::NotThere)
}

fn before(earlier: &[store::EntryRow], line: &Left<'_>) -> Result<store::EntryRow> {
    let mut own = earlier.iter();
    let found = own.find(|one| one.version == line.version - 1);
    found.cloned().ok_or(Failure::NotThere)
}

async fn in_register(
    tx: &mut Conn,
    viewer: &Viewer,
    (whole, entries): (&Form, &[store::EntryRow]),
    line: &Left<'_>,
) -> Result<Option<i64>> {
    let was = as_left(entries, line)?;
    if line.is_new() {
        registers::withdraw(tx, viewer, (&whole.id, &was.id)).await?;
        return Ok(None);
    }
    let to = before(&registers::earlier(tx, viewer, was).await?, line)?;
    registers::go_back(tx, viewer, (was, &to)).await?;
    Ok(Some(was.version + 1))
}

async fn in_file(
    tx: &mut Conn,
    viewer: &Viewer,
    Coming {
        whole, in_force, ..
    }: Coming<'_>,
    (child, line): (&str, &Left<'_>),
) -> Result<Option<i64>> {
    let child = ChildId::from(child.to_owned());
    let (child, key, _) = theirs(tx, viewer, (in_force, whole), &child).await?;
    let entries = store::entries(tx, viewer, &child, &key, &whole.id).await?;
    let was = as_left(&entries, line)?;
    // Of two files that became one another entry says what holds.
    let holds = whole.many || entries.last().is_some_and(|last| last.id == was.id);
    if !holds {
        return Err(Failure::NotThere);
    }
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::DossierChanged,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: &format!("{} {} back", whole.id, was.id),
        result: child.id.as_str(),
    };
    journal::record(tx, &viewer.actor(), &entry).await?;
    if line.is_new() {
        store::withdraw(tx, viewer, &child, (&whole.id, &was.id)).await?;
        return Ok(None);
    }
    let to = before(&store::earlier(tx, viewer, was, &key).await?, line)?;
    store::go_back(tx, viewer, (&child, &key), (was, &to)).await?;
    Ok(Some(was.version + 1))
}

async fn as_record(
    tx: &mut Conn,
    viewer: &Viewer,
    Coming { whole, .. }: Coming<'_>,
    line: &Left<'_>,
) -> Result<Option<i64>> {
    let id = RecordId::from(line.entry.clone());
    let (record, child, key) = own_record(tx, viewer, &id).await?;
    if !line.stands_in(record.version) {
        return Err(Failure::NotThere);
    }
    if line.is_new() {
        if age(&record, viewer) > DAY {
            return Err(Failure::NotAnyMore(
                "这份表里有新写的记录，放进去超过一天了，不能整份撤回。可以打开那一条改一改，原来的会留着。"
                    .to_owned(),
            ));
        }
        records::withdraw(tx, viewer, &child.id, &id).await?;
        records::take_back_referral(tx, viewer, &child.id, &id).await?;
        return Ok(None);
    }
    let earlier = records::earlier(tx, viewer, &record, &key).await?;
    let mut own = earlier.into_iter();
    let to = own.find(|one| one.version == line.version - 1);
    let to = to.ok_or(Failure::NotThere)?;
    if refers(&record.filled) && !refers(&to.filled) {
        records::take_back_referral(tx, viewer, &child.id, &id).await?;
    }
    let new = NewRecord {
        operation: OperationId::new(),
        kind: record.kind.clone(),
        party: Party::from_code(&record.party).unwrap_or(Party::Child),
        kin_id: None,
        happened_on: to.happened_on,
        counts_as: counts_as(whole, &to.filled),
        filled: to.filled,
        others: Vec::new(),
        referral: None,
    };
    records::amend(tx, viewer, (&record, &key), &new).await?;
    Ok(Some(record.version + 1))
}
