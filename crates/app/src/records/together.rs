//! What several children of a class did, written once: 班里的活动, 主题班会 of all; a talk or a video
//! call of some.

use super::forms::{NewRecord, parse};
use super::pages::{About, Drawing, NewPage, Sibling, record_form};
use super::save::{save, there};
use super::tiers::Reader;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::store as children;
use crate::children::store::Child;
use crate::dossier::consents::in_the_way;
use crate::ids::{ChildId, ClassId};
use crate::packs::Form as PackForm;
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Viewer, page, see_other};
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use rules::duties::Party;
use std::sync::Arc;

/// A class of which the viewer may write.
pub struct Class {
    pub id: ClassId,
    pub title: String,
}

/// The viewer's classes, in the order of their children.
pub async fn classes(app: &App, conn: &mut crate::db::Conn, viewer: &Viewer) -> Result<Vec<Class>> {
    let children = children::all_visible(app, conn, viewer, Act::WriteRecord).await?;
    let mut found: Vec<Class> = Vec::new();
    for child in children.iter() {
        if found.iter().all(|class| class.id != child.class_id) {
            found.push(Class {
                id: child.class_id.clone(),
                title: child.class_title(),
            });
        }
    }
    Ok(found)
}

/// A class as it stands before somebody who writes what it did.
struct Group {
    children: Vec<Child>,
    form: PackForm,
    in_force: Arc<InForce>,
}

/// The children of the class of whom the viewer may write this.
async fn group(
    app: &App,
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (class, kind): (&ClassId, &str),
) -> Result<Group> {
    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
    let whole = record_form(&in_force, kind)?;
    let all = children::all_visible(app, conn, viewer, Act::WriteRecord).await?;
    let own = all.iter().filter(|child| child.class_id == *class);
    let children: Vec<Child> = own.cloned().collect();
    let reader = Reader {
        viewer,
        child: children.first().ok_or(Failure::NotThere)?,
        in_force: &in_force,
    };
    let form = reader.fillable(whole).filter(|form| is_for_several(form));
    Ok(Group {
        form: form.ok_or(Failure::NotThere)?.into_owned(),
        children,
        in_force,
    })
}

/// A call is to somebody's number, and a visit has its brothers and sisters on its own page.
pub fn is_for_several(form: &PackForm) -> bool {
    form.whole_class || (form.party == Some(Party::Child) && !form.quick)
}

/// Of what a class does all to begin with, of anything else nobody; afterwards those who were left
/// ticked.
fn page_of(
    (app, viewer): (&App, &Viewer),
    group: &Group,
    (fields, errors): (&Fields, Errors),
) -> NewPage {
    let untouched = fields.get("operation").is_empty();
    let names = group.children.iter().map(|child| Sibling {
        id: child.id.to_string(),
        name: child.name.clone(),
        chosen: (untouched && group.form.whole_class) || fields.has("also", child.id.as_str()),
    });
    let names = names.collect();
    let class = group.children.first();
    let title = class.map(Child::class_title).unwrap_or_default();
    let class_id = class.map(|child| child.class_id.to_string());
    let class_id = class_id.unwrap_or_default();
    let drawing = Drawing {
        app,
        viewer,
        about: About {
            heading: format!("{title}：{}", group.form.title),
            path: format!("/classes/{class_id}"),
            id: class_id,
            she: "孩子们",
        },
        form: &group.form,
        fields,
        errors,
        refer_to: None,
    };
    let mut drawn = drawing.page(names);
    drawn.siblings_legend = if group.form.whole_class {
        "哪些孩子在？没来的点一下去掉"
    } else {
        "和哪几个孩子？点一下选上"
    };
    // What waits on a phone is about one child.
    drawn.ticket = None;
    drawn
}

/// `GET /classes/{class_id}/records/new?kind=class_meeting`
pub async fn new(
    State(app): State<App>,
    viewer: Viewer,
    Id(class_id): Id<ClassId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let asked = (&class_id, fields.get("kind"));
    let group = group(&app, &mut conn, &viewer, asked).await?;
    let mut drawn = page_of((&app, &viewer), &group, (&fields, Errors::default()));
    drawn.shell.notice = not_agreed(&mut conn, &viewer, &group).await?;
    page(&drawn)
}

/// Said before anything is typed: which families have to be asked first.
async fn not_agreed(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    group: &Group,
) -> Result<Option<String>> {
    if group.form.needs_consent.is_none() {
        return Ok(None);
    }
    let mut about = Vec::with_capacity(group.children.len());
    for child in &group.children {
        about.push((child.clone(), children::key(conn, viewer, child).await?));
    }
    in_the_way(conn, viewer, &group.in_force, (&about, &group.form)).await
}

/// The first of those who were there, and with it the others.
fn first(new: &mut NewRecord, group: &Group) -> Option<Child> {
    let own = |id: &ChildId| group.children.iter().find(|child| child.id == *id);
    let known = |id: &ChildId| own(id).is_some();
    new.others.retain(known);
    own(new.others.first()?).cloned()
}

/// `POST /classes/{class_id}/records`: one act, written for each of those who were there.
pub async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Id(class_id): Id<ClassId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let asked = (&class_id, fields.get("kind"));
    let group = group(&app, &mut conn, &viewer, asked).await?;
    let parsed = parse(&group.form, &fields, viewer.today()).and_then(|mut new| {
        match first(&mut new, &group) {
            Some(child) => Ok((new, child)),
            None => {
                let mut errors = Errors::default();
                errors.add("also", "还没选孩子，至少选一个。");
                Err(errors)
            }
        }
    });
    let (new, child) = match parsed {
        Ok(found) => found,
        Err(errors) => {
            let drawn = page_of((&app, &viewer), &group, (&fields, errors));
            return web::unprocessable(&drawn);
        }
    };
    let there = there(&mut conn, &viewer, child, &new).await?;
    drop(conn);
    let mut tx = app.db.write(&viewer.school_id).await?;
    let saved = save(&mut tx, &viewer, &group.in_force, (&there, &new)).await?;
    tx.commit().await?;
    Ok(see_other(&saved.back_to(fields.get("back"))))
}
