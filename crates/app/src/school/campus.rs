//! At which of its places a school has a class.

use super::pages::change;
use super::store;
use crate::App;
use crate::db::{self, Conn};
use crate::ids::{ClassId, SchoolId};
use crate::journal::Kind;
use crate::web::{Failure, Form, Id, Result, Viewer, see_other};
use axum::extract::State;
use axum::response::Response;
use std::collections::HashMap;

/// The campuses, and at which of them each class is; a class that is not named is at the school's own
/// place.
pub struct Places {
    pub all: Vec<(String, String)>,
    of: HashMap<String, String>,
}

impl Places {
    pub async fn of(conn: &mut Conn, school_id: &SchoolId) -> db::Result<Self> {
        let all = store::campuses(conn, school_id).await?;
        let of = match all.is_empty() {
            true => HashMap::new(),
            false => {
                let own = store::class_campuses(conn, school_id).await?;
                own.into_iter().collect()
            }
        };
        Ok(Self { all, of })
    }

    /// The campus's id; empty: the school's own place.
    pub fn id(&self, class: &ClassId) -> &str {
        self.of.get(class.as_str()).map_or("", String::as_str)
    }

    /// 李家湾校区，; nothing at the school's own place.
    pub fn said(&self, class: &ClassId) -> String {
        let own = self.all.iter().find(|(id, _)| id == self.id(class));
        own.map_or_else(String::new, |(_, name)| format!("{name}，"))
    }
}

/// `POST /office/classes/{class_id}/campus`
pub async fn put(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ClassId>,
    Form(fields): Form,
) -> Result<Response> {
    change(&app, &viewer, (&fields, Kind::ClassChanged), async |tx| {
        let classes = store::classes(tx, &viewer.school_id, viewer.today()).await?;
        let campus = fields.get("campus");
        let own = store::campuses(tx, &viewer.school_id).await?;
        let is_ours = campus.is_empty() || own.iter().any(|(id, _)| id == campus);
        if !is_ours || classes.iter().all(|class| class.id != id) {
            return Err(Failure::NotThere);
        }
        Ok(store::put_class(tx, &viewer.school_id, (&id, campus)).await?)
    })
    .await?;
    Ok(see_other("/office/classes?said=placed"))
}
