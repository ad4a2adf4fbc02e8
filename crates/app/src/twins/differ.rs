//! Pairs of files of which somebody said that they are two children.

use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::web::{Result, Viewer};
use std::collections::HashSet;

/// Two files of two children: the pair is not named again.
pub async fn set_apart(
    conn: &mut Conn,
    viewer: &Viewer,
    (one, other): (&ChildId, &ChildId),
) -> Result<()> {
    let (one, other) = if one < other {
        (one, other)
    } else {
        (other, one)
    };
    db::query(
        "insert into child_apart (school_id, one, other, by_staff, said_at)
         values ($1, $2, $3, $4, $5) on conflict (school_id, one, other) do nothing",
    )
    .bind(viewer.school_id.as_str())
    .bind(one.as_str())
    .bind(other.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn apart(conn: &mut Conn, viewer: &Viewer) -> Result<HashSet<(String, String)>> {
    let rows: Vec<(String, String)> =
        db::query_as("select one, other from child_apart where school_id = $1")
            .bind(viewer.school_id.as_str())
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().collect())
}
