//! ＋记: first the kind, then the child; and what to do when something worries.

use super::calls::spoken;
use super::tiers;
use super::together::{Class, classes, is_for_several};
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::Child;
use crate::outbox::Ticket;
use crate::packs::{Form as PackForm, FormKind, Tier};
use crate::school::store as school;
use crate::web::{Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::{Act, Role};

struct Tile {
    href: String,
    title: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "records/note.html")]
struct NotePage {
    shell: Shell,
    kind: String,
    tiles: Vec<Tile>,
    more: Vec<Tile>,
    children: Vec<Child>,
    quick: bool,
    /// Where what several did is written once for all of them.
    classes: Vec<Class>,
    whole_class: bool,
    ticket: Ticket,
}

/// Whether there is any child for whom this viewer may fill the form.
pub fn may_fill(viewer: &Viewer, form: &PackForm) -> bool {
    form.tier <= Tier::C2 || viewer.ever(tiers::act(form.tier))
}

/// The everyday kinds stand open; what plans add is folded.
const EVERYDAY: usize = 5;

/// `GET /note?kind=talk`: ＋记, first the kind, then the child.
pub async fn note(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let kind = fields.opt("kind").unwrap_or("talk").to_owned();
    let form = in_force.form(&kind).filter(|form| !form.retired);
    let whole_class = form.is_some_and(|form| form.whole_class);
    let classes = if form.is_some_and(is_for_several) {
        classes(&app, &mut conn, &viewer).await?
    } else {
        Vec::new()
    };
    let children = if whole_class || viewer.sees_whole_school(Act::WriteRecord) {
        Vec::new()
    } else {
        children::all_visible(&app, &mut conn, &viewer, Act::WriteRecord)
            .await?
            .to_vec()
    };
    let mut tiles: Vec<Tile> = in_force
        .forms
        .iter()
        .filter(|form| form.kind == FormKind::Record && !form.retired)
        .filter(|form| may_fill(&viewer, form))
        .map(|form| Tile {
            href: format!("/note?kind={}", form.id),
            title: form.title.clone(),
            current: form.id == kind,
        })
        .collect();
    let more = tiles.split_off(tiles.len().min(EVERYDAY));
    page(&NotePage {
        shell: Shell::new(&app, &viewer, "记一条", "/note").with_done(&fields, "/note"),
        quick: form.is_some_and(|form| form.quick),
        whole_class,
        classes,
        kind,
        tiles,
        more,
        children,
        ticket: Ticket::new(&app, &viewer),
    })
}

#[derive(Template)]
#[template(path = "records/worried.html")]
struct WorriedPage {
    shell: Shell,
    leads: Vec<Lead>,
    back: String,
}

/// Who answers for safety in this school.
struct Lead {
    name: String,
    phone: Option<String>,
    spoken: String,
}

/// `GET /worried`: 听到让人担心的事. The number stands before any form.
pub async fn worried(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let role = Role::ProtectionLead;
    let leads = school::holders(&mut conn, &viewer.school_id, role, viewer.today()).await?;
    let mut drawn = Vec::with_capacity(leads.len());
    for lead in leads {
        let phone = lead.phone(&viewer.school_key)?;
        drawn.push(Lead {
            spoken: phone.as_deref().map(spoken).unwrap_or_default(),
            name: lead.name,
            phone,
        });
    }
    page(&WorriedPage {
        shell: Shell::new(&app, &viewer, "怎么办", "/week"),
        leads: drawn,
        back: words::own_path(fields.get("back")).to_owned(),
    })
}
