//! Merging and taking back. What moves from one child to the other is sealed anew: each child has a
//! key of its own.

use super::forms::{self, Both};
use super::histories::{self, ANSWERS, EVENTS, HISTORIES, Moves, choose};
use super::people;
use super::residence::{self, Residence};
use crate::cards::store::add_unconfirmed;
use crate::children::own::{Own, own, put};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::dossier::files::{place, small_place, title_place};
use crate::home::rows::HomeRows;
use crate::ids::{ChildId, OperationId};
use crate::moves;
use crate::particulars::store::{changed_since, with_changes};
use crate::records;
use crate::records::save::why_place;
use crate::vault::Key;
use crate::web::{Failure, Fields, Result, Viewer};
use rules::access::Act;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Before {
    kept: Own,
    merged: Own,
    records: Vec<String>,
    entries: Vec<String>,
    files: Vec<String>,
    /// Grown-ups who came from the other file, and those who went there in exchange.
    #[serde(default)]
    kin_in: Vec<String>,
    #[serde(default)]
    kin_out: Vec<String>,
    /// Rows of the dated histories that came and went, and what is true of both.
    #[serde(default)]
    homes_in: Vec<String>,
    #[serde(default)]
    homes_out: Vec<String>,
    #[serde(default)]
    events: Vec<String>,
    /// What was known of the merged file's home, and the answers that the choice between the two was.
    #[serde(default)]
    merged_home: Option<HomeRows>,
    #[serde(default)]
    choices: Vec<String>,
    /// Until when the grown-ups of the merged file stood on its card.
    #[serde(default)]
    kin_ends: Vec<(String, Option<String>)>,
    /// Pairs of the other child that its going ended, each with the end that it had.
    #[serde(default)]
    pairs: Vec<(String, Option<String>)>,
    /// Entries that were put together out of both files.
    #[serde(default)]
    written: Vec<String>,
    /// What the kept file said of boarding and registration, and what was chosen.
    #[serde(default)]
    residence: Option<(Residence, Residence)>,
}

/// Which grown-ups of the merged file go to the kept one, and which of the kept make room.
#[derive(Default)]
pub struct KinMoves {
    pub into: Vec<String>,
    pub out: Vec<String>,
}

/// What was chosen of both files.
pub struct Choice<'a> {
    pub own: &'a Own,
    pub residence: Residence,
    pub kin: &'a KinMoves,
    pub homes: &'a Moves,
    pub entries: &'a [Both<'a>],
    pub fields: &'a Fields,
}

/// Everything of two files that a merge needs.
pub struct Pair<'a> {
    pub kept: &'a Child,
    pub merged: &'a Child,
}

async fn free_numbers(conn: &mut Conn, viewer: &Viewer, child: &ChildId) -> Result<()> {
    db::query(
        "update child set citizen_id_index = null, student_no_index = null
         where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

/// A table whose rows move from one child to the other with what is sealed in them.
pub struct Moving {
    pub select: &'static str,
    pub update: &'static str,
    /// Where a row's text is sealed, by its id and version; a row without text has nothing to seal.
    pub place: fn(&str, i64) -> String,
}

const RECORDS: [Moving; 3] = [
    Moving {
        select: "select id, cast(0 as bigint), why_sealed from referral
            where school_id = $1 and child_id = $2",
        update: "update referral set child_id = $4, why_sealed = $5
            where school_id = $1 and id = $2 and $3 = 0",
        place: |id, _| why_place(id),
    },
    Moving {
        select: "select id, cast(0 as bigint), fields_sealed from record
            where school_id = $1 and child_id = $2",
        update: "update record set child_id = $4, fields_sealed = $5
            where school_id = $1 and id = $2 and $3 = 0",
        place: |id, _| format!("record/{id}/fields"),
    },
    Moving {
        select: "select record_id, cast(version as bigint), fields_sealed from record_version
            where school_id = $1 and child_id = $2",
        update: "update record_version set child_id = $4, fields_sealed = $5
            where school_id = $1 and record_id = $2 and version = $3",
        place: |id, version| format!("record_version/{id}/{version}"),
    },
];

const ENTRIES: [Moving; 2] = [
    Moving {
        select: "select v.entry_id, cast(v.version as bigint), v.fields_sealed
            from dossier_version v
            join dossier_entry e on e.school_id = v.school_id and e.id = v.entry_id
            where v.school_id = $1 and e.child_id = $2",
        update: "update dossier_version set fields_sealed = $5
            where school_id = $1 and entry_id = $2 and version = $3 and $4 <> ''",
        place: |id, version| format!("dossier/{id}/{version}"),
    },
    Moving {
        select: "select id, cast(version as bigint), fields_sealed from dossier_entry
            where school_id = $1 and child_id = $2",
        update: "update dossier_entry set child_id = $4, fields_sealed = $5
            where school_id = $1 and id = $2 and version = $3",
        place: |id, version| format!("dossier/{id}/{version}"),
    },
];

const FILES: [Moving; 3] = [
    Moving {
        select: "select id, cast(0 as bigint), title_sealed from dossier_file
            where school_id = $1 and child_id = $2",
        update: "update dossier_file set title_sealed = $5
            where school_id = $1 and id = $2 and $3 = 0 and $4 <> ''",
        place: |id, _| title_place(id),
    },
    Moving {
        select: "select id, cast(0 as bigint), small_sealed from dossier_file
            where school_id = $1 and child_id = $2 and small_sealed is not null",
        update: "update dossier_file set small_sealed = $5
            where school_id = $1 and id = $2 and $3 = 0 and $4 <> ''",
        place: |id, _| small_place(id),
    },
    Moving {
        select: "select id, cast(0 as bigint), bytes_sealed from dossier_file
            where school_id = $1 and child_id = $2",
        update: "update dossier_file set child_id = $4, bytes_sealed = $5
            where school_id = $1 and id = $2 and $3 = 0",
        place: |id, _| place(id),
    },
];

const KIN: [Moving; 1] = [Moving {
    select: "select id, cast(0 as bigint), details_sealed from kin
        where school_id = $1 and child_id = $2",
    update: "update kin set child_id = $4, details_sealed = $5
        where school_id = $1 and id = $2 and $3 = 0",
    place: |id, _| format!("kin/{id}/details"),
}];

/// Who comes over from the other file stands behind everybody of the kept one: its carer is asked
/// and called first, as before.
const BEHIND: i64 = 100;

async fn stand_behind(conn: &mut Conn, viewer: &Viewer, (ids, by): (&[String], i64)) -> Result<()> {
    for id in ids {
        db::query("update kin set position = position + $3 where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(id)
            .bind(by)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Moves the rows of a table, or of those with these ids; says whose ids moved.
async fn move_rows(
    conn: &mut Conn,
    viewer: &Viewer,
    (from, to): ((&ChildId, &Key), (&ChildId, &Key)),
    (tables, only): (&[Moving], Option<&[String]>),
) -> Result<Vec<String>> {
    let mut moved = Vec::new();
    for table in tables {
        let rows: Vec<(String, i64, String)> = db::query_as(table.select)
            .bind(viewer.school_id.as_str())
            .bind(from.0.as_str())
            .fetch_all(&mut *conn)
            .await?;
        for (id, version, sealed) in rows {
            if only.is_some_and(|only| !only.contains(&id)) {
                continue;
            }
            let anew = if sealed.is_empty() {
                sealed
            } else {
                let place = (table.place)(&id, version);
                to.1.seal_bytes(&place, &from.1.open_bytes(&place, &sealed)?)
            };
            db::query(table.update)
                .bind(viewer.school_id.as_str())
                .bind(&id)
                .bind(version)
                .bind(to.0.as_str())
                .bind(anew)
                .execute(&mut *conn)
                .await?;
            moved.push(id);
        }
    }
    moved.sort();
    moved.dedup();
    Ok(moved)
}

/// A referral's mark has the id of the record that asked, and goes with it.
async fn move_marks(
    conn: &mut Conn,
    viewer: &Viewer,
    (from, to): (&ChildId, &ChildId),
    records: &[String],
) -> Result<()> {
    for id in records {
        db::query(
            "update child_mark set child_id = $4
             where school_id = $1 and child_id = $2 and id = $3 and mark = 'referred'",
        )
        .bind(viewer.school_id.as_str())
        .bind(from.as_str())
        .bind(id)
        .bind(to.as_str())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

async fn rebuilt(conn: &mut Conn, viewer: &Viewer, pair: (&ChildId, &ChildId)) -> Result<()> {
    for child in [pair.0, pair.1] {
        records::summary::rebuild(conn, &viewer.school_id, child.as_str()).await?;
    }
    Ok(())
}

fn before_place(id: &str) -> String {
    format!("child_merge/{id}")
}

fn both_here(pair: &Pair<'_>) -> Result<()> {
    for child in [pair.kept, pair.merged] {
        if child.left_on.is_some() {
            return Err(Failure::Asked(
                "有一份已经不在名单里了，可能刚刚合过。请回到上一页再看一看。".to_owned(),
            ));
        }
    }
    Ok(())
}

async fn open_pairs(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &ChildId,
) -> Result<Vec<(String, Option<String>)>> {
    Ok(db::query_as(
        "select id, to_on from pairing
         where school_id = $1 and child_id = $2 and (to_on is null or to_on > $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?)
}

async fn paired_again(
    conn: &mut Conn,
    viewer: &Viewer,
    pairs: &[(String, Option<String>)],
) -> Result<()> {
    for (id, to_on) in pairs {
        db::query("update pairing set to_on = $3 where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(id)
            .bind(to_on)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// What was written about the merged child goes to the kept one, and what moved is noted.
async fn brought(
    conn: &mut Conn,
    viewer: &Viewer,
    way: ((&ChildId, &Key), (&ChildId, &Key)),
    (before, kin, homes): (&mut Before, &KinMoves, &Moves),
) -> Result<()> {
    before.records = move_rows(conn, viewer, way, (&RECORDS, None)).await?;
    move_marks(conn, viewer, (way.0.0, way.1.0), &before.records).await?;
    before.entries = move_rows(conn, viewer, way, (&ENTRIES, None)).await?;
    before.files = move_rows(conn, viewer, way, (&FILES, None)).await?;
    before.kin_ends = people::ends(conn, viewer, way.0.0).await?;
    before.kin_out = move_rows(conn, viewer, (way.1, way.0), (&KIN, Some(&kin.out))).await?;
    before.kin_in = move_rows(conn, viewer, way, (&KIN, Some(&kin.into))).await?;
    stand_behind(conn, viewer, (&before.kin_in, BEHIND)).await?;
    let back = (way.1, way.0);
    before.homes_out = move_rows(conn, viewer, back, (&HISTORIES, Some(&homes.out))).await?;
    before.homes_in = move_rows(conn, viewer, way, (&HISTORIES, Some(&homes.into))).await?;
    before.events = move_rows(conn, viewer, way, (&EVENTS, None)).await?;
    before.choices = choose(conn, viewer, way.1.0, &homes.chosen).await?;
    Ok(())
}

async fn taken_back(
    conn: &mut Conn,
    viewer: &Viewer,
    way: ((&ChildId, &Key), (&ChildId, &Key)),
    before: &Before,
) -> Result<()> {
    move_rows(conn, viewer, way, (&RECORDS, Some(&before.records))).await?;
    move_marks(conn, viewer, (way.0.0, way.1.0), &before.records).await?;
    move_rows(conn, viewer, way, (&ENTRIES, Some(&before.entries))).await?;
    move_rows(conn, viewer, way, (&FILES, Some(&before.files))).await?;
    stand_behind(conn, viewer, (&before.kin_in, -BEHIND)).await?;
    people::forget_changes(conn, viewer, way.0.0, &before.kin_in).await?;
    move_rows(conn, viewer, way, (&KIN, Some(&before.kin_in))).await?;
    people::as_they_stood(conn, viewer, &before.kin_ends).await?;
    let back = (way.1, way.0);
    move_rows(conn, viewer, back, (&KIN, Some(&before.kin_out))).await?;
    move_rows(conn, viewer, way, (&HISTORIES, Some(&before.homes_in))).await?;
    move_rows(conn, viewer, back, (&HISTORIES, Some(&before.homes_out))).await?;
    move_rows(conn, viewer, way, (&EVENTS, Some(&before.events))).await?;
    move_rows(conn, viewer, way, (&ANSWERS, Some(&before.events))).await?;
    let chosen = (before.merged_home.clone(), before.choices.as_slice());
    histories::apart(conn, viewer, (way.0.0, way.1.0), chosen).await
}

/// What was chosen goes into the kept file; says which entries were put together.
async fn chosen(
    conn: &mut Conn,
    viewer: &Viewer,
    kept: &Child,
    choice: &Choice<'_>,
) -> Result<Vec<String>> {
    residence::put(conn, viewer, &kept.id, choice.residence).await?;
    let mut written = Vec::with_capacity(choice.entries.len());
    for both in choice.entries {
        written.push(both.write(conn, viewer, (kept, choice.fields)).await?);
    }
    Ok(written)
}

/// Makes one file of two: the kept child says what was chosen, and has what was written about both.
pub async fn merge(
    conn: &mut Conn,
    viewer: &Viewer,
    pair: &Pair<'_>,
    choice: &Choice<'_>,
) -> Result<String> {
    let (kept, merged) = (&pair.kept.id, &pair.merged.id);
    both_here(pair)?;
    let kept_key = children::key(conn, viewer, pair.kept).await?;
    let merged_key = children::key(conn, viewer, pair.merged).await?;
    let mut before = Before {
        kept: own(conn, viewer, pair.kept, &kept_key).await?,
        merged: own(conn, viewer, pair.merged, &merged_key).await?,
        records: Vec::new(),
        entries: Vec::new(),
        files: Vec::new(),
        kin_in: Vec::new(),
        kin_out: Vec::new(),
        homes_in: Vec::new(),
        homes_out: Vec::new(),
        events: Vec::new(),
        merged_home: Some(HomeRows::of(conn, viewer, merged.as_str()).await?),
        choices: Vec::new(),
        kin_ends: Vec::new(),
        pairs: open_pairs(conn, viewer, merged).await?,
        written: Vec::new(),
        residence: Some((Residence::from(pair.kept), choice.residence)),
    };
    free_numbers(conn, viewer, merged).await?;
    put(conn, viewer, (kept, &kept_key), (choice.own, true)).await?;
    let way = ((merged, &merged_key), (kept, &kept_key));
    brought(conn, viewer, way, (&mut before, choice.kin, choice.homes)).await?;
    before.written = chosen(conn, viewer, pair.kept, choice).await?;
    let leaving = moves::store::Leaving {
        on: viewer.today(),
        why: Some(moves::Why::Merged),
        to: None,
    };
    moves::store::leave(conn, viewer, merged, &leaving).await?;
    add_unconfirmed(conn, viewer, kept.as_str(), "merged").await?;
    rebuilt(conn, viewer, (kept, merged)).await?;
    let id = OperationId::new().to_string();
    let text =
        serde_json::to_string(&before).map_err(|error| Failure::Ours(format!("merge: {error}")))?;
    db::query(
        "insert into child_merge (school_id, id, kept, merged, before_sealed, by_staff, made_at,
            undone_at)
         values ($1, $2, $3, $4, $5, $6, $7, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(&id)
    .bind(kept.as_str())
    .bind(merged.as_str())
    .bind(kept_key.seal(&before_place(&id), &text))
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    Ok(id)
}

/// A merge that may be taken back.
pub struct Merged {
    pub id: String,
    pub name: String,
    pub made_at: String,
}

pub async fn merges(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Merged>> {
    let rows: Vec<(String, String, String)> = db::query_as(
        "select m.id, c.name, m.made_at from child_merge m
         join child c on c.school_id = m.school_id and c.id = m.kept
         where m.school_id = $1 and m.undone_at is null order by m.made_at desc limit 50",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, made_at)| Merged { id, name, made_at })
        .collect())
}

/// Merges are taken back from the last to the first: what a later one moved, an earlier one does not
/// find again.
async fn is_last(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &str,
    (kept, merged): (&ChildId, &ChildId),
) -> Result<()> {
    let later: Option<String> = db::query_scalar(
        "select id from child_merge where school_id = $1 and id > $2 and undone_at is null
            and (kept in ($3, $4) or merged in ($3, $4)) limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(id)
    .bind(kept.as_str())
    .bind(merged.as_str())
    .fetch_optional(conn)
    .await?;
    match later {
        None => Ok(()),
        Some(_) => Err(Failure::Asked(
            "这一份后来又和别的合过。请先撤销后来的那一次，再撤销这一次。".to_owned(),
        )),
    }
}

/// A number cannot be two children's: which of them has it is for a person to say.
fn refuse_same_number(kept: &Own, merged: &Own) -> Result<()> {
    let is_same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    let (kept, merged) = (&kept.identity, &merged.identity);
    if is_same(&kept.citizen_id, &merged.citizen_id)
        || is_same(&kept.student_no, &merged.student_no)
    {
        return Err(Failure::Asked(
            "合并以后改过号码，改成了另一份原来的号码，分开以后会是两个孩子同一个号，所以没有撤销。先在“基本情况”里把号码改对，再来撤销。"
                .to_owned(),
        ));
    }
    Ok(())
}

/// A merge that was not taken back, with what was before it and when it was made.
async fn standing(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &str,
) -> Result<((ChildId, Key), ChildId, (Before, String))> {
    let row: Option<(String, String, String, String)> = db::query_as(
        "select kept, merged, before_sealed, made_at from child_merge
         where school_id = $1 and id = $2 and undone_at is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(id)
    .fetch_optional(&mut *conn)
    .await?;
    let (kept, merged, sealed, made_at) = row.ok_or(Failure::NotThere)?;
    let (kept, merged) = (ChildId::from(kept), ChildId::from(merged));
    is_last(conn, viewer, id, (&kept, &merged)).await?;
    let key = children::key_of(conn, viewer, &kept).await?;
    let text = key.open(&before_place(id), &sealed)?;
    let before =
        serde_json::from_str(&text).map_err(|error| Failure::Ours(format!("merge: {error}")))?;
    Ok(((kept, key), merged, (before, made_at)))
}

/// Puts both files back as they were; what was written about the child since, and what a hand or a
/// roster changed of the child itself, stays with the kept.
pub async fn undo(conn: &mut Conn, viewer: &Viewer, id: &str) -> Result<ChildId> {
    let ((kept, kept_key), merged, (before, made_at)) = standing(conn, viewer, id).await?;
    let merged_key = children::key_of(conn, viewer, &merged).await?;
    let child = children::visible(conn, viewer, Act::ImportRoster, &kept).await?;
    let mended = changed_since(conn, viewer, (&child, &kept_key), &made_at).await?;
    let own = with_changes(before.kept.clone(), &mended);
    refuse_same_number(&own, &before.merged)?;
    free_numbers(conn, viewer, &kept).await?;
    put(conn, viewer, (&kept, &kept_key), (&own, true)).await?;
    put(conn, viewer, (&merged, &merged_key), (&before.merged, true)).await?;
    residence::put_back(conn, viewer, &child, before.residence).await?;
    let way = ((&kept, &kept_key), (&merged, &merged_key));
    taken_back(conn, viewer, way, &before).await?;
    forms::taken_back(conn, viewer, &before.written).await?;
    here_again(conn, viewer, &merged, &before.pairs).await?;
    cards_apart(conn, viewer, [&kept, &merged]).await?;
    rebuilt(conn, viewer, (&kept, &merged)).await?;
    db::query("update child_merge set undone_at = $3 where school_id = $1 and id = $2")
        .bind(viewer.school_id.as_str())
        .bind(id)
        .bind(&viewer.now.at)
        .execute(conn)
        .await?;
    Ok(kept)
}

/// With the pairs that its going had ended.
async fn here_again(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &ChildId,
    pairs: &[(String, Option<String>)],
) -> Result<()> {
    paired_again(conn, viewer, pairs).await?;
    db::query("update child set left_on = null, left_why = '' where school_id = $1 and id = $2")
        .bind(viewer.school_id.as_str())
        .bind(child.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

async fn cards_apart(conn: &mut Conn, viewer: &Viewer, children: [&ChildId; 2]) -> Result<()> {
    for child in children {
        add_unconfirmed(conn, viewer, child.as_str(), "apart").await?;
    }
    Ok(())
}

/// Child and blind index of each telephone in use.
pub async fn phones(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<(String, String)>> {
    Ok(db::query_as(
        "select child_id, phone_index from kin
         where school_id = $1 and phone_index is not null and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(conn)
    .await?)
}
