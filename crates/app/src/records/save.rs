//! One record for one or several children, once, with its journal entry; and its later versions.

use super::forms::{NewRecord, ONLY_COUNSELLOR, refers, says_same};
use super::store::{self, Record};
use crate::adoptions::store::InForce;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db;
use crate::dossier::consents::asked_first;
use crate::ids::RecordId;
use crate::journal::{self, Entry, Kind, Seen};
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
use rules::access::Act;
use rules::duties::Actor;

/// The largest of classes.
const MOST_AT_ONCE: usize = 90;

pub struct Saved {
    pub id: RecordId,
    /// The same request had been done before.
    pub again: bool,
}

impl Saved {
    /// Where the teacher came from, with what can be undone there.
    pub fn back_to(&self, back: &str) -> String {
        let back = crate::web::words::own_path(back);
        let joint = if back.contains('?') { '&' } else { '?' };
        let said = if self.again { "&said=again" } else { "" };
        format!("{back}{joint}done={}{said}", self.id)
    }
}

/// The children who were there, each once and each the viewer's, with their keys.
pub async fn there(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: Child,
    new: &NewRecord,
) -> Result<Vec<(Child, Key)>> {
    let key = children::key(conn, viewer, &child).await?;
    let mut there = vec![(child, key)];
    for other in &new.others {
        if there.iter().any(|(child, _)| child.id == *other) {
            continue;
        }
        if there.len() >= MOST_AT_ONCE {
            return Err(Failure::Asked(format!(
                "一次最多给{MOST_AT_ONCE}个孩子记，请分成几次。"
            )));
        }
        let other = children::visible(conn, viewer, Act::WriteRecord, other).await?;
        let key = children::key(conn, viewer, &other).await?;
        there.push((other, key));
    }
    Ok(there)
}

/// What happened before a child left is still written down; nothing of later days is.
fn before_leaving(child: &Child, new: &NewRecord) -> Result<()> {
    match child.left_on {
        Some(left) if new.happened_on > left => Err(Failure::Asked(format!(
            "{}{}离开本校了，只能记那天和以前的事。看看日子对不对。",
            child.name,
            crate::web::words::full_day(left)
        ))),
        _ => Ok(()),
    }
}

/// Saves a record for the children who were there, once, with its journal entry.
pub async fn save(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (there, new): (&[(Child, Key)], &NewRecord),
) -> Result<Saved> {
    let (child, _) = there.first().ok_or(Failure::NotThere)?;
    let payload = new.payload(&child.id);
    match journal::seen(tx, &viewer.actor(), &new.operation, &payload).await? {
        Seen::New => {
            for (child, _) in there {
                before_leaving(child, new)?;
            }
            asked_first(tx, viewer, in_force, (there, &new.kind)).await?;
        }
        Seen::Done(id) => {
            return Ok(Saved {
                id: RecordId::from(id),
                again: true,
            });
        }
        Seen::Other => return Err(Failure::OtherContent),
    }
    let group_id = RecordId::new();
    let mut first = None;
    for (child, key) in there {
        let id = store::insert(tx, viewer, child, key, (new, group_id.as_str())).await?;
        refer(tx, viewer, (child, key), (new, &id)).await?;
        if store::capacity(viewer, child) == Actor::Counsellor {
            taken_on(tx, viewer, child).await?;
        }
        first.get_or_insert(id);
    }
    let id = first.ok_or(Failure::NotThere)?;
    journal::record(
        tx,
        &viewer.actor(),
        &Entry {
            operation: &new.operation,
            kind: Kind::RecordMade,
            subject_kind: "record",
            subject_id: id.as_str(),
            payload: &payload,
            result: id.as_str(),
        },
    )
    .await?;
    Ok(Saved { id, again: false })
}

/// 请心理老师看看: leaves a mark that the counsellor's week shows.
async fn refer(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (new, record): (&NewRecord, &RecordId),
) -> Result<()> {
    if !refers(&new.filled) {
        return Ok(());
    }
    let why = new.referral.as_deref().unwrap_or_default();
    db::query(
        "insert into referral (school_id, id, child_id, by_staff, why_sealed)
         values ($1, $2, $3, $4, $5)
         on conflict (school_id, id) do update set why_sealed = excluded.why_sealed",
    )
    .bind(viewer.school_id.as_str())
    .bind(record.as_str())
    .bind(child.id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(key.seal(&why_place(record.as_str()), why))
    .execute(&mut *tx)
    .await?;
    db::query(
        "insert into child_mark (school_id, id, child_id, mark, from_on, to_on)
         values ($1, $2, $3, 'referred', $4, null)
         on conflict (school_id, id) do update set to_on = null",
    )
    .bind(viewer.school_id.as_str())
    .bind(record.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Where the reason of a referral is sealed.
pub fn why_place(record: &str) -> String {
    format!("referral/{record}/why")
}

/// What the counsellor writes about a child answers those who asked.
async fn taken_on(tx: &mut crate::db::Conn, viewer: &Viewer, child: &Child) -> Result<()> {
    db::query(
        "update child_mark set to_on = $3
         where school_id = $1 and child_id = $2 and mark = 'referred' and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .execute(tx)
    .await?;
    Ok(())
}

pub const DAY: i64 = 24 * 3600;

pub fn age(record: &Record, viewer: &Viewer) -> i64 {
    crate::clock::seconds_between(&record.written_at, &viewer.now.at).unwrap_or(i64::MAX)
}

/// A record that the viewer wrote about a child that the viewer still reaches.
pub async fn own_record(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    id: &RecordId,
) -> Result<(Record, Child, Key)> {
    let child_id = store::child_of(tx, viewer, id).await?;
    let child = children::visible(tx, viewer, Act::WriteRecord, &child_id).await?;
    let key = children::key(tx, viewer, &child).await?;
    let record = store::one(tx, viewer, &child, &key, id).await?;
    if record.by_staff != viewer.staff_id.as_str() {
        return Err(Failure::NotYours);
    }
    Ok((record, child, key))
}

fn is_same(one: &Record, other: &Record) -> bool {
    one.happened_on == other.happened_on && says_same(&one.filled, &other.filled)
}

/// What was written once for a class is changed once; whom the viewer no longer reaches keeps it
/// as it was.
async fn amend_others(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (record, new): (&Record, &NewRecord),
) -> Result<()> {
    for store::Together { id, .. } in store::group(tx, viewer, &record.group_id).await? {
        if id == record.id {
            continue;
        }
        match own_record(tx, viewer, &id).await {
            Ok((other, child, key)) if is_same(&other, record) => {
                if new.happened_on != other.happened_on {
                    before_leaving(&child, new)?;
                }
                let about = [(child, key)];
                asked_first(tx, viewer, in_force, (&about, &record.kind)).await?;
                let [(_, key)] = &about;
                store::amend(tx, viewer, (&other, key), new).await?;
            }
            // What was corrected for one child alone stays.
            Ok(_) => {}
            Err(Failure::NotThere | Failure::NotYours) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// Amends with its journal entry, once. A request that was answered before gets its answer again,
/// though the record has moved on since; another one must know the version it changes. `of_all`: so
/// are those that were made together with it.
pub async fn amended(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    ((record, child, key), (new, wanted, of_all)): (
        (&Record, &Child, &Key),
        (&NewRecord, &str, bool),
    ),
) -> Result<()> {
    let payload = format!("{} {}", record.id, new.payload(&record.child_id));
    match journal::seen(tx, &viewer.actor(), &new.operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(()),
        Seen::Other => return Err(Failure::OtherContent),
    }
    if wanted != record.version.to_string() {
        return Err(Failure::Stale);
    }
    // A slip may be mended for a day, also of a child who has left; after that its file is read only.
    if child.has_left(viewer.today()) && age(record, viewer) > DAY {
        return Err(Failure::Asked(children::HAS_LEFT.to_owned()));
    }
    if new.happened_on != record.happened_on {
        before_leaving(child, new)?;
    }
    let about = [(child.clone(), key.clone())];
    asked_first(tx, viewer, in_force, (&about, &record.kind)).await?;
    // What was for the counsellor alone stays so, whatever is written later.
    let mut new = new.clone();
    if let Some(only) = record.filled.get(ONLY_COUNSELLOR) {
        new.filled.insert(ONLY_COUNSELLOR.to_owned(), only.clone());
    }
    let says_nothing_new =
        new.happened_on == record.happened_on && says_same(&new.filled, &record.filled);
    if !says_nothing_new {
        store::amend(tx, viewer, (record, key), &new).await?;
    }
    if of_all {
        amend_others(tx, viewer, in_force, (record, &new)).await?;
    }
    if !refers(&record.filled) {
        refer(tx, viewer, (child, key), (&new, &record.id)).await?;
    }
    journal::record(
        tx,
        &viewer.actor(),
        &Entry {
            operation: &new.operation,
            kind: Kind::RecordAmended,
            subject_kind: "record",
            subject_id: record.id.as_str(),
            payload: &payload,
            result: record.id.as_str(),
        },
    )
    .await?;
    Ok(())
}
