//! What was known of a child before a list changed it, so that the list can be taken back.

use crate::children::store::Identity;
use crate::db::{self, Conn};
use crate::web::Viewer;
use crate::web::error::Result;
use serde::{Deserialize, Serialize};

/// What a child was before an import changed it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Was {
    pub name: String,
    pub sex: String,
    pub born_on: Option<String>,
    pub id_state: String,
    pub identity: Identity,
    pub citizen_id_index: Option<String>,
    pub student_no_index: Option<String>,
    pub boarding: Option<i64>,
    pub rural: Option<i64>,
    pub registry_code: Option<String>,
    pub class_id: String,
    /// ids of what was in force
    pub kin: Vec<String>,
    pub living: Vec<String>,
    /// parent and the day by which they had left, where it was said: what an earlier roster said
    pub absences: Vec<(String, Option<String>)>,
    /// ids of what somebody had asked by then; an import of before did not keep them
    #[serde(default)]
    pub screenings: Option<Vec<String>>,
    /// Where the parents were who are away: what lies sealed, by id
    #[serde(default)]
    pub places: Vec<(String, String)>,
    /// What a list of before had answered: day and by whom, by id
    #[serde(default)]
    pub answered: Vec<ByList>,
}

pub async fn current_kin(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select id from kin
         where school_id = $1 and child_id = $2 and to_on is null order by position, id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}

pub async fn current_living(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select id from living where school_id = $1 and child_id = $2 and to_on is null
         order by id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}

pub async fn roster_absences(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
) -> Result<Vec<(String, Option<String>)>> {
    Ok(db::query_as(
        "select parent, left_by from parent_absence
         where school_id = $1 and child_id = $2 and source = 'roster' and from_on is null
            and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}

pub async fn screenings(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select id from screening where school_id = $1 and child_id = $2 order by id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}

/// Where the parents are who are away, sealed, by id.
pub async fn places(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
) -> Result<Vec<(String, String)>> {
    Ok(db::query_as(
        "select id, coalesce(place_sealed, '') from parent_absence
         where school_id = $1 and child_id = $2 and to_on is null order by id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}

/// What a list answered: id, day, by whom, and of which parent; of both where none is named.
pub type ByList = (String, String, String, Option<String>);

/// What lists answered of a child.
pub async fn told_by_lists(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
) -> Result<Vec<ByList>> {
    Ok(db::query_as(
        "select id, screened_on, by_staff, parent from screening
         where school_id = $1 and child_id = $2 and source = 'roster' order by id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?)
}
