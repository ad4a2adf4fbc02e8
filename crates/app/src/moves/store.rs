//! Where a child is, with days.

use super::{HANDOVER, Why};
use crate::children::search::{is_meant, sort_key};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{ChildId, OperationId};
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer, words};
use jiff::civil::Date;
use rules::access::Act;
use std::cmp::Reverse;

/// A child's going: its last day here, why, and where to.
#[derive(Clone, Debug)]
pub struct Leaving {
    pub on: Date,
    pub why: Option<Why>,
    pub to: Option<String>,
}

fn to_place(child: &ChildId) -> String {
    format!("child/{child}/left_to")
}

/// The child leaves the school with this day; the file stays. A place in a class stays open, so
/// that the class it was in is still known and it can come back.
pub async fn leave(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &ChildId,
    leaving: &Leaving,
) -> Result<()> {
    let on = leaving.on;
    let sealed = match &leaving.to {
        Some(to) => {
            let key = children::key_of(conn, viewer, child).await?;
            Some(key.seal(&to_place(child), to))
        }
        None => None,
    };
    db::query(
        "update child set left_on = $3, left_why = $4, left_to_sealed = $5, version = version + 1
         where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .bind(on.to_string())
    .bind(leaving.why.map_or("", Why::code))
    .bind(sealed)
    .execute(&mut *conn)
    .await?;
    db::query(
        "update pairing set to_on = $3
         where school_id = $1 and child_id = $2 and (to_on is null or to_on > $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .bind(on.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// The child is here again, and whoever accompanied it when it left and still works here does so again.
pub async fn come_back(conn: &mut Conn, viewer: &Viewer, child: &ChildId) -> Result<()> {
    db::query(
        "update pairing set to_on = null where school_id = $1 and child_id = $2
            and to_on = (select left_on from child c where c.school_id = $1 and c.id = $2)
            and exists (select 1 from role_grant g where g.school_id = $1
                and g.staff_id = pairing.staff_id and (g.to_on is null or g.to_on >= $3))",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .bind(viewer.today().to_string())
    .execute(&mut *conn)
    .await?;
    db::query(
        "update child set left_on = null, left_why = '', left_to_sealed = null,
            version = version + 1 where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .execute(&mut *conn)
    .await?;
    db::query(
        "insert into child_event (school_id, id, child_id, kind, happened_on)
         values ($1, $2, $3, 'child_joined', $4)",
    )
    .bind(viewer.school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(child.as_str())
    .bind(viewer.today().to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody who has left: the newest first.
pub struct Left {
    pub id: String,
    pub name: String,
    pub on: Date,
    pub why: Option<Why>,
}

/// So many names on one page; one more is fetched to know whether there is another.
pub const LEFT_AT_ONCE: usize = 200;

db::row! {
    struct LeftRow {
        id: String,
        name: String,
        left_on: String,
        left_why: String,
    }
}

/// The newest first, those of one day by their names; `name`: only those whom it fits.
pub async fn left(
    conn: &mut Conn,
    viewer: &Viewer,
    (name, skipped): (&str, usize),
) -> Result<Vec<Left>> {
    let mut rows: Vec<LeftRow> = db::query_as(
        "select id, name, left_on, left_why from child
         where school_id = $1 and left_on is not null and left_why <> $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(Why::Merged.code())
    .fetch_all(conn)
    .await?;
    rows.retain(|row| name.is_empty() || is_meant(&row.name, name));
    rows.sort_by_cached_key(|row| (Reverse(row.left_on.clone()), sort_key(&row.name)));
    let own = |row: LeftRow| Left {
        id: row.id,
        name: row.name,
        on: db::date(&row.left_on),
        why: Why::from_code(&row.left_why),
    };
    let some = rows.into_iter().skip(skipped).take(LEFT_AT_ONCE + 1);
    Ok(some.map(own).collect())
}

/// So long somebody who was transferred is asked after.
const ASKED_AFTER_DAYS: i32 = 365;

/// Children who went to another school and whose hand-over sheet nobody has written.
pub async fn without_handover(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<(Child, Leaving)>> {
    let since = rules::calendar::plus_days(viewer.today(), -ASKED_AFTER_DAYS);
    let ids: Vec<String> = db::query_scalar(
        "select c.id from child c
         where c.school_id = $1 and c.left_why = $2 and c.left_on > $3 and c.left_on <= $4
            and not exists (select 1 from dossier_entry d where d.school_id = c.school_id
                and d.child_id = c.id and d.form = $5 and d.withdrawn_at is null)
         order by c.left_on, c.id",
    )
    .bind(viewer.school_id.as_str())
    .bind(Why::Transfer.code())
    .bind(since.to_string())
    .bind(viewer.today().to_string())
    .bind(HANDOVER)
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::new();
    for id in ids {
        let id = ChildId::from(id);
        let child = match children::visible(conn, viewer, Act::ReadDossier, &id).await {
            Ok(child) => child,
            Err(Failure::NotThere) => continue,
            Err(failure) => return Err(failure),
        };
        let key = children::key(conn, viewer, &child).await?;
        if let Some(leaving) = leaving(conn, viewer, &child, &key).await? {
            found.push((child, leaving));
        }
    }
    Ok(found)
}

/// The school for which a child has left, where it was said.
pub async fn next_school(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
) -> Result<Option<String>> {
    if child.left_on.is_none() {
        return Ok(None);
    }
    let key = children::key(conn, viewer, child).await?;
    let leaving = leaving(conn, viewer, child, &key).await?;
    Ok(leaving.and_then(|leaving| leaving.to))
}

/// How a child went, if it has.
pub async fn leaving(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
) -> Result<Option<Leaving>> {
    let (on, why, sealed): (Option<String>, String, Option<String>) = db::query_as(
        "select left_on, left_why, left_to_sealed from child where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_one(conn)
    .await?;
    let to = sealed.map(|sealed| key.open(&to_place(&child.id), &sealed));
    let to = to.transpose()?;
    Ok(db::opt_date(on).map(|on| Leaving {
        on,
        why: Why::from_code(&why),
        to,
    }))
}

/// A class by what its title is made of.
pub struct ClassBrief {
    pub stage: String,
    pub entry_year: i64,
    pub number: i64,
}

/// A child of the old roll or of the new one.
pub struct Turned {
    pub id: String,
    pub name: String,
    /// It left after the old roll; why, if that is known.
    pub left_why: Option<Option<Why>>,
    pub class_then: Option<ClassBrief>,
    pub class_now: ClassBrief,
}

db::row! {
    struct TurnedRow {
        id: String,
        name: String,
        left_on: Option<String>,
        left_why: String,
        stage_then: Option<String>,
        entry_then: Option<i64>,
        number_then: Option<i64>,
        stage_now: String,
        entry_now: i64,
        number_now: i64,
    }
}

/// Everybody who was here on that day or in the summer before it, or is here by now, by class and name.
/// A place in a class stays open when a child leaves, so that each has one.
pub async fn turned(conn: &mut Conn, viewer: &Viewer, on: Date) -> Result<Vec<Turned>> {
    let mut rows: Vec<TurnedRow> = db::query_as(
        "select c.id, c.name, c.left_on, c.left_why, k.stage as stage_then,
            k.entry_year as entry_then, k.number as number_then, n.stage as stage_now,
            n.entry_year as entry_now, n.number as number_now
         from child c
         join membership m on m.school_id = c.school_id and m.child_id = c.id
            and m.from_on <= $3 and (m.to_on is null or m.to_on > $3)
         join class n on n.school_id = m.school_id and n.id = m.class_id
         left join membership w on w.school_id = c.school_id and w.child_id = c.id
            and w.from_on <= $2 and (w.to_on is null or w.to_on > $2)
         left join class k on k.school_id = w.school_id and k.id = w.class_id
         where c.school_id = $1 and c.left_why <> $4
            and (c.left_on is null or c.left_on >= $5)
         order by c.id",
    )
    .bind(viewer.school_id.as_str())
    .bind(on.to_string())
    .bind(viewer.today().to_string())
    .bind(Why::Merged.code())
    .bind(on.with().month(7).day(1).build().unwrap_or(on).to_string())
    .fetch_all(conn)
    .await?;
    rows.sort_by_cached_key(|row| (-row.entry_now, row.number_now, sort_key(&row.name)));
    let own = |row: TurnedRow| {
        let then = row.stage_then.zip(row.entry_then).zip(row.number_then);
        let name = if viewer.is_projecting {
            words::masked_name(&row.name)
        } else {
            row.name
        };
        Turned {
            id: row.id,
            name,
            left_why: row.left_on.map(|_| Why::from_code(&row.left_why)),
            class_then: then.map(|((stage, entry_year), number)| ClassBrief {
                stage,
                entry_year,
                number,
            }),
            class_now: ClassBrief {
                stage: row.stage_now,
                entry_year: row.entry_now,
                number: row.number_now,
            },
        }
    };
    Ok(rows.into_iter().map(own).collect())
}

/// When somebody last said that the roll of this school year is complete, and who.
pub async fn reviewed(
    conn: &mut Conn,
    viewer: &Viewer,
    year: &str,
) -> Result<Option<(String, String)>> {
    Ok(db::query_as(
        "select j.at, t.name from journal j
         join staff t on t.school_id = j.school_id and t.id = j.actor_id
         where j.school_id = $1 and j.kind = 'year_reviewed' and j.subject_id = $2
         order by j.seq desc limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(year)
    .fetch_optional(conn)
    .await?)
}
