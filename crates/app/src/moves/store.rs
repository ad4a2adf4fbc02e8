//! Where a child is, with days.

use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{ChildId, OperationId};
use crate::web::{Result, Viewer};
use jiff::civil::Date;

/// The child leaves the school with this day; the file stays. A place in a class stays open, so
/// that the class it was in is still known and it can come back.
pub async fn leave(conn: &mut Conn, viewer: &Viewer, child: &ChildId, on: Date) -> Result<()> {
    db::query(
        "update child set left_on = $3, version = version + 1 where school_id = $1 and id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .bind(on.to_string())
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
        "update child set left_on = null, version = version + 1 where school_id = $1 and id = $2",
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
}

pub async fn left(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Left>> {
    let rows: Vec<(String, String, String)> = db::query_as(
        "select id, name, left_on from child
         where school_id = $1 and left_on is not null order by left_on desc, name limit 200",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, on)| Left {
            id,
            name,
            on: db::date(&on),
        })
        .collect())
}

pub async fn left_on(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Option<Date>> {
    let on: Option<String> =
        db::query_scalar("select left_on from child where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .fetch_one(conn)
            .await?;
    Ok(db::opt_date(on))
}
