//! 走访单: one paper for one way, written by hand at the door and put in back at school.

use super::pages::{address, known};
use crate::App;
use crate::children::store as children;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::packs::Known;
use crate::paper::release::released;
use crate::records::store::last_of;
use crate::web::{Failure, Form, Result, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use rules::identity::{along_the_way, village};

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
    school: String,
    by: String,
    today: String,
}

/// As many as a day's way holds.
const MOST_HOMES: usize = 60;

/// `POST /visits/sheet`: the release is written down before the page is shown.
pub async fn sheet(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let ids: Vec<ChildId> = fields
        .all("child")
        .filter_map(|id| id.parse().ok())
        .collect();
    if ids.is_empty() || ids.len() > MOST_HOMES {
        return Err(Failure::Asked(format!(
            "请选要去的人家再打印，一张走访单最多{MOST_HOMES}个孩子。"
        )));
    }
    let mut conn = app.db.read().await?;
    let mut homes = Vec::with_capacity(ids.len());
    let mut way: Vec<String> = Vec::new();
    for id in &ids {
        let child = children::visible(&mut conn, &viewer, Act::PrintCards, id).await?;
        let facts = known(&mut conn, &viewer, &child).await?;
        let told = |what| facts.value(what).unwrap_or_default();
        let address = address(&facts);
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
    write_down(&app, &viewer, homes.len()).await?;
    page(&SheetPage {
        css: crate::web::assets::CSS_PATH.as_str(),
        js: crate::web::assets::JS_PATH.as_str(),
        way: way.join("、"),
        homes,
        school: viewer.school_name.clone(),
        by: viewer.name.clone(),
        today: words::full_day(viewer.today()),
    })
}

async fn write_down(app: &App, viewer: &Viewer, homes: usize) -> Result<()> {
    let operation = OperationId::new();
    let mut tx = app.db.write(&viewer.school_id).await?;
    released(&mut tx, viewer, &operation, ("visit_sheet.html", "", homes)).await?;
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &operation,
            kind: Kind::Printed,
            subject_kind: "form",
            subject_id: "visit_sheet",
            payload: &homes.to_string(),
            result: "",
        },
    )
    .await?;
    tx.commit().await?;
    Ok(())
}
