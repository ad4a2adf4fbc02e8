//! Where a child is, with days.

use super::Why;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{ChildId, OperationId};
use crate::vault::Key;
use crate::web::{Result, Viewer};
use jiff::civil::Date;

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

pub async fn come_back(conn: &mut Conn, viewer: &Viewer, child: &ChildId) -> Result<()> {
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

pub async fn left(conn: &mut Conn, viewer: &Viewer, skipped: i64) -> Result<Vec<Left>> {
    let rows: Vec<(String, String, String, String)> = db::query_as(
        "select id, name, left_on, left_why from child
         where school_id = $1 and left_on is not null and left_why <> $4
         order by left_on desc, name, id limit $2 + 0 offset $3 + 0",
    )
    .bind(viewer.school_id.as_str())
    .bind(i64::try_from(LEFT_AT_ONCE + 1).unwrap_or(i64::MAX))
    .bind(skipped)
    .bind(Why::Merged.code())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, on, why)| Left {
            id,
            name,
            on: db::date(&on),
            why: Why::from_code(&why),
        })
        .collect())
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
