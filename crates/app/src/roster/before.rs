//! What was known of a child before a list changed it, so that the list can be taken back.

use crate::children::store::Identity;
use crate::db::{self, Conn};
use crate::home::rows::HomeRows;
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
    /// ids of the grown-ups on the card
    pub kin: Vec<String>,
    /// What was known of the home; an import of before kept it otherwise.
    #[serde(default)]
    pub home: Option<HomeRows>,
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
