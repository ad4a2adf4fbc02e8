//! The places of a school besides its own, and at which of them a class is taught.

use super::pages::{change, school_page};
use super::store;
use super::tree::{self, OrgKind};
use crate::App;
use crate::db::{self, Conn};
use crate::ids::{ClassId, SchoolId};
use crate::journal::Kind;
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Viewer, see_other};
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
        let all = tree::campuses(conn, school_id).await?;
        let of = match all.is_empty() {
            true => HashMap::new(),
            false => {
                let own = tree::class_campuses(conn, school_id).await?;
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

const LONGEST: usize = 40;

/// What a campus is to be called, or the page that asks for it.
async fn named(
    app: &App,
    viewer: &Viewer,
    (fields, at): (&Fields, &str),
) -> Result<Result<String, Response>> {
    let name = fields.get("name");
    let sentence = match name.chars().count() {
        0 => "校区的名字还没填。",
        count if count > LONGEST => "校区的名字最多40个字，写短一点。",
        _ => return Ok(Ok(name.to_owned())),
    };
    let mut errors = Errors::default();
    errors.add(at, sentence);
    let drawn = school_page(app, viewer, errors, fields.clone()).await?;
    Ok(Err(web::unprocessable(&drawn)?))
}

/// `POST /office/school/campus`
pub async fn add(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let name = match named(&app, &viewer, (&fields, "campus")).await? {
        Ok(name) => name,
        Err(asked) => return Ok(asked),
    };
    let added = change(&app, &viewer, (&fields, Kind::SchoolChanged), async |tx| {
        refuse_twice(tx, &viewer, &name, None).await?;
        let org = tree::NewOrg {
            parent: Some(&viewer.school_id),
            kind: OrgKind::Campus,
            name: &name,
            stage: "",
        };
        Ok(tree::open_org(tx, &SchoolId::new(), &org).await?)
    });
    told(&app, &viewer, (fields.clone(), "campus"), added.await).await
}

/// Two places of one name would be one line twice in every list.
async fn refuse_twice(
    conn: &mut Conn,
    viewer: &Viewer,
    name: &str,
    own: Option<&SchoolId>,
) -> Result<()> {
    let all = tree::campuses(conn, &viewer.school_id).await?;
    let is_other = |id: &str| own.is_none_or(|own| own.as_str() != id);
    match all.iter().any(|(id, one)| one == name && is_other(id)) {
        true => Err(Failure::Asked("已经有叫这个名字的校区了。".to_owned())),
        false => Ok(()),
    }
}

/// Back to the page, which says at its place why nothing was done.
async fn told(
    app: &App,
    viewer: &Viewer,
    (fields, at): (Fields, &str),
    done: Result<()>,
) -> Result<Response> {
    match done {
        Ok(()) => Ok(see_other("/office/school?said=placed")),
        Err(Failure::Asked(sentence)) => {
            let mut errors = Errors::default();
            errors.add(at, sentence);
            web::unprocessable(&school_page(app, viewer, errors, fields).await?)
        }
        Err(other) => Err(other),
    }
}

/// `POST /office/school/campus/{campus_id}`
pub async fn rename(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<SchoolId>,
    Form(fields): Form,
) -> Result<Response> {
    let at = format!("campus-{id}");
    let name = match named(&app, &viewer, (&fields, &at)).await? {
        Ok(name) => name,
        Err(asked) => return Ok(asked),
    };
    let renamed = change(&app, &viewer, (&fields, Kind::SchoolChanged), async |tx| {
        refuse_twice(tx, &viewer, &name, Some(&id)).await?;
        match tree::rename_campus(tx, &viewer.school_id, (&id, &name)).await? {
            true => Ok(()),
            false => Err(Failure::NotThere),
        }
    });
    told(&app, &viewer, (fields.clone(), &at), renamed.await).await
}

/// `POST /office/school/campus/{campus_id}/close`
pub async fn close(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<SchoolId>,
    Form(fields): Form,
) -> Result<Response> {
    let closed = change(&app, &viewer, (&fields, Kind::SchoolChanged), async |tx| {
        let own = tree::campuses(tx, &viewer.school_id).await?;
        if own.iter().all(|(campus, _)| campus != id.as_str()) {
            return Err(Failure::NotThere);
        }
        match tree::close_campus(tx, &viewer.school_id, (&id, viewer.today())).await? {
            true => Ok(()),
            false => Err(Failure::Asked(
                "还有班在这个校区，所以没有撤。请先到“班级”里给这些班换一个地方。".to_owned(),
            )),
        }
    });
    let at = format!("campus-{id}");
    told(&app, &viewer, (fields.clone(), &at), closed.await).await
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
        let own = tree::campuses(tx, &viewer.school_id).await?;
        let is_ours = campus.is_empty() || own.iter().any(|(id, _)| id == campus);
        if !is_ours || classes.iter().all(|class| class.id != id) {
            return Err(Failure::NotThere);
        }
        Ok(tree::put_class(tx, &viewer.school_id, (&id, campus)).await?)
    })
    .await?;
    Ok(see_other("/office/classes?said=placed"))
}
