//! The summary of each child: on which days somebody was there for it, by kind, party and role. Kept in
//! the transaction of the change, so that due lists need no record.

use super::store::capacity;
use crate::children::store::Child;
use crate::clock::day_of;
use crate::db::{self, Conn};
use crate::ids::SchoolId;
use crate::web::error::Result;
use crate::web::viewer::Viewer;
use jiff::civil::Date;

/// One line of the summary.
pub struct Sort<'a> {
    pub kind: &'a str,
    pub party: &'a str,
    pub by_role: &'a str,
}

/// As many days as any cadence looks back on; the rest stays in the records.
const MOST_DAYS: usize = 120;

pub async fn add_day(
    conn: &mut Conn,
    school_id: &SchoolId,
    child_id: &str,
    sort: &Sort<'_>,
    day: Date,
) -> Result<()> {
    let known: Option<String> = db::query_scalar(
        "select dates from care_summary where school_id = $1 and child_id = $2 and kind = $3
            and party = $4 and by_role = $5",
    )
    .bind(school_id.as_str())
    .bind(child_id)
    .bind(sort.kind)
    .bind(sort.party)
    .bind(sort.by_role)
    .fetch_optional(&mut *conn)
    .await?;
    let known = known.unwrap_or_default();
    let day = day.to_string();
    // Days stand as text in the order of days, the newest first.
    let mut days: Vec<&str> = known.split('"').skip(1).step_by(2).collect();
    let at = days.partition_point(|other| *other >= day.as_str());
    days.insert(at, &day);
    put_days(conn, school_id, child_id, sort, days).await
}

async fn put_days(
    conn: &mut Conn,
    school_id: &SchoolId,
    child_id: &str,
    sort: &Sort<'_>,
    mut days: Vec<&str>,
) -> Result<()> {
    days.truncate(MOST_DAYS);
    let Some(last) = days.first() else {
        db::query(
            "delete from care_summary where school_id = $1 and child_id = $2 and kind = $3
                and party = $4 and by_role = $5",
        )
        .bind(school_id.as_str())
        .bind(child_id)
        .bind(sort.kind)
        .bind(sort.party)
        .bind(sort.by_role)
        .execute(conn)
        .await?;
        return Ok(());
    };
    db::query(
        "insert into care_summary (school_id, child_id, kind, party, by_role, last_on, dates)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (school_id, child_id, kind, party, by_role)
         do update set last_on = excluded.last_on, dates = excluded.dates",
    )
    .bind(school_id.as_str())
    .bind(child_id)
    .bind(sort.kind)
    .bind(sort.party)
    .bind(sort.by_role)
    .bind(*last)
    .bind(days_text(&days))
    .execute(conn)
    .await?;
    Ok(())
}

/// As JSON: a list of days.
fn days_text<D: AsRef<str>>(days: &[D]) -> String {
    let days: Vec<String> = days
        .iter()
        .map(|day| format!("\"{}\"", day.as_ref()))
        .collect();
    format!("[{}]", days.join(","))
}

/// counts_as, party, by_role, happened_on
type CountedRow = (String, String, String, String);

/// What was filled into the file and asked for the card meets duties like a record does, on the day
/// it was written.
pub async fn add_kept(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    kinds: &[String],
) -> Result<()> {
    let by_role = capacity(viewer, child);
    let today = viewer.today();
    for kind in kinds {
        let sort = Sort {
            kind,
            party: FILE_PARTY,
            by_role: by_role.code(),
        };
        add_day(conn, &viewer.school_id, child.id.as_str(), &sort, today).await?;
    }
    Ok(())
}

/// A form of the file is about the child.
const FILE_PARTY: &str = "child";

/// kinds, by_role, day
type KeptRow = (String, String, String);

/// What `add_kept` added, from where it is written down.
async fn kept_rows(conn: &mut Conn, school_id: &SchoolId, child_id: &str) -> Result<Vec<KeptRow>> {
    let rows = db::query_as(
        "select case when counts_as = '' then form else counts_as end, by_role, written_on
         from dossier_entry
         where school_id = $1 and child_id = $2 and withdrawn_at is null and written_on <> ''
         union all
         select case when v.counts_as = '' then e.form else v.counts_as end, v.by_role,
            v.written_on from dossier_version v
         join dossier_entry e on e.school_id = v.school_id and e.id = v.entry_id
         where e.school_id = $1 and e.child_id = $2 and e.withdrawn_at is null
            and v.written_on <> ''
         union all
         select 'contact_card', by_role, coalesce(confirmed_on, made_at) from card_version
         where school_id = $1 and child_id = $2 and by_role <> ''",
    );
    let rows: Vec<KeptRow> = rows
        .bind(school_id.as_str())
        .bind(child_id)
        .fetch_all(conn)
        .await?;
    // A card that a hand changed and nobody has confirmed counts on the day of the change.
    let day = |at: String| day_of(&at).map_or(at, |day| day.to_string());
    let rows = rows.into_iter();
    Ok(rows.map(|(kinds, by, at)| (kinds, by, day(at))).collect())
}

/// What the summary of a child must be, counted from its records and its file.
async fn recount(
    conn: &mut Conn,
    school_id: &SchoolId,
    child_id: &str,
) -> Result<std::collections::BTreeMap<(String, String, String), Vec<String>>> {
    let rows: Vec<CountedRow> = db::query_as(
        "select counts_as, party, by_role, happened_on from record
         where school_id = $1 and child_id = $2 and withdrawn_at is null
         order by happened_on desc, id",
    )
    .bind(school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?;
    let mut found: std::collections::BTreeMap<_, Vec<String>> = std::collections::BTreeMap::new();
    for (counts_as, party, by_role, happened_on) in rows {
        for kind in counts_as.split(',').filter(|kind| !kind.is_empty()) {
            let days = found
                .entry((kind.to_owned(), party.clone(), by_role.clone()))
                .or_default();
            if days.len() < MOST_DAYS {
                days.push(happened_on.clone());
            }
        }
    }
    for (kinds, by_role, on) in kept_rows(conn, school_id, child_id).await? {
        for kind in kinds.split(',') {
            let sort = (kind.to_owned(), FILE_PARTY.to_owned(), by_role.clone());
            let days = found.entry(sort).or_default();
            let place = days.partition_point(|other| *other >= on);
            days.insert(place, on.clone());
            days.truncate(MOST_DAYS);
        }
    }
    Ok(found)
}

/// Rebuilds the summary of one child from its records and its file.
pub async fn rebuild(conn: &mut Conn, school_id: &SchoolId, child_id: &str) -> Result<()> {
    db::query("delete from care_summary where school_id = $1 and child_id = $2")
        .bind(school_id.as_str())
        .bind(child_id)
        .execute(&mut *conn)
        .await?;
    for ((kind, party, by_role), days) in recount(conn, school_id, child_id).await? {
        let sort = Sort {
            kind: &kind,
            party: &party,
            by_role: &by_role,
        };
        let days = days.iter().map(String::as_str).collect();
        put_days(conn, school_id, child_id, &sort, days).await?;
    }
    Ok(())
}

/// Holds every summary against a recount; says how many children differ.
pub async fn verify(conn: &mut Conn) -> Result<(usize, usize)> {
    let children: Vec<(String, String)> =
        db::query_as("select school_id, id from child order by school_id, id")
            .fetch_all(&mut *conn)
            .await?;
    let mut wrong = 0;
    for (school_id, child_id) in &children {
        let school_id = SchoolId::from(school_id.clone());
        let kept: Vec<(String, String, String, String)> = db::query_as(
            "select kind, party, by_role, dates from care_summary
             where school_id = $1 and child_id = $2 order by kind, party, by_role",
        )
        .bind(school_id.as_str())
        .bind(child_id)
        .fetch_all(&mut *conn)
        .await?;
        let counted: Vec<(String, String, String, String)> = recount(conn, &school_id, child_id)
            .await?
            .into_iter()
            .map(|((kind, party, by_role), days)| (kind, party, by_role, days_text(&days)))
            .collect();
        wrong += usize::from(kept != counted);
    }
    Ok((children.len(), wrong))
}
