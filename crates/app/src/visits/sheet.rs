//! 走访单: one paper for one way, written by hand at the door and put in back at school.

use super::pages::known;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::packs::{FieldKind, Form as PackForm, Known};
use crate::paper::release::released;
use crate::records::store::last_of;
use crate::web::{Failure, Form, Result, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use rules::identity::{along_the_way, village};
use std::collections::BTreeSet;

struct Home {
    number: usize,
    name: String,
    class: String,
    address: String,
    carer: String,
    phone: String,
    last: String,
}

#[derive(Template)]
#[template(path = "visits/sheet.html")]
struct SheetPage {
    css: &'static str,
    js: &'static str,
    /// 李家湾, 白岩村
    way: String,
    homes: Vec<Home>,
    /// 住, 吃, 安全: what the plan's own form asks about.
    seen: Vec<String>,
    school: String,
    by: String,
    today: String,
}

/// As many as a day's way holds.
const MOST_HOMES: usize = 60;

/// `POST /visits/sheet`: the release is written down before the page is shown.
pub async fn sheet(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let chosen = fields.all("child").filter_map(|id| id.parse().ok());
    let ids: BTreeSet<ChildId> = chosen.collect();
    if ids.is_empty() || ids.len() > MOST_HOMES {
        return Err(Failure::Asked(format!(
            "请选要去的人家再打印，一张走访单最多{MOST_HOMES}个孩子。"
        )));
    }
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let mut homes = Vec::with_capacity(ids.len());
    let mut way: Vec<String> = Vec::new();
    for id in &ids {
        let child = children::visible(&mut conn, &viewer, Act::PrintCards, id).await?;
        let facts = known(&mut conn, &viewer, &child).await?;
        let told = |what| facts.value(what).unwrap_or_default();
        let address = told(Known::Address);
        let place = village(&address).unwrap_or_default().to_owned();
        if !place.is_empty() && !way.contains(&place) {
            way.push(place);
        }
        let last = last_of(&mut conn, &viewer, &child, "home_visit").await?;
        homes.push(Home {
            number: 0,
            class: child.class_title(),
            name: child.name,
            carer: format!("{} {}", told(Known::CarerKinship), told(Known::CarerName)),
            phone: told(Known::CarerPhone),
            last: last.map_or_else(
                || "还没去过".to_owned(),
                |on| words::past_day(on, viewer.today()),
            ),
            address,
        });
    }
    drop(conn);
    // Neighbours stand beside each other.
    homes.sort_by(|a, b| along_the_way(&a.address).cmp(&along_the_way(&b.address)));
    for (number, home) in (1..).zip(&mut homes) {
        home.number = number;
    }
    write_down(&app, &viewer, &ids).await?;
    page(&SheetPage {
        css: crate::web::assets::CSS_PATH.as_str(),
        js: crate::web::assets::JS_PATH.as_str(),
        way: way.join("、"),
        homes,
        seen: in_force
            .form("home_visit")
            .map(what_is_seen)
            .unwrap_or_default(),
        school: viewer.school_name.clone(),
        by: viewer.name.clone(),
        today: words::full_day(viewer.today()),
    })
}

/// What the first question with several answers lists.
fn what_is_seen(form: &PackForm) -> Vec<String> {
    let many = |kind| matches!(kind, FieldKind::Choices | FieldKind::Checklist);
    let first = form.fields.iter().find(|field| many(field.kind));
    let options = first.map(|field| field.options.iter());
    options
        .into_iter()
        .flatten()
        .map(|option| option.title.clone())
        .collect()
}

/// Whose addresses left on paper stays known, by their ids.
async fn write_down(app: &App, viewer: &Viewer, ids: &BTreeSet<ChildId>) -> Result<()> {
    let operation = OperationId::new();
    let ids: Vec<&str> = ids.iter().map(ChildId::as_str).collect();
    let (subject, homes) = (ids.join(","), ids.len());
    let mut tx = app.db.write(&viewer.school_id).await?;
    released(
        &mut tx,
        viewer,
        &operation,
        ("visit_sheet.html", &subject, homes),
    )
    .await?;
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &operation,
            kind: Kind::Printed,
            subject_kind: "form",
            subject_id: "visit_sheet",
            payload: &subject,
            result: &homes.to_string(),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
