//! 走访单: one paper for one way, written by hand at the door and put in back at school.

use super::homes::{Home, chosen, homes, write_down};
use crate::App;
use crate::adoptions::store::in_force;
use crate::packs::{FieldKind, Form as PackForm};
use crate::web::{Form, Result, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

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

/// `POST /visits/sheet`: the release is written down before the page is shown.
pub async fn sheet(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let ids = chosen(&fields)?;
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let (homes, way) = homes(&mut conn, &viewer, &ids).await?;
    drop(conn);
    write_down(&app, &viewer, ("visit_sheet.html", "visit_sheet"), &ids).await?;
    page(&SheetPage {
        css: crate::web::assets::CSS_PATH.as_str(),
        js: crate::web::assets::JS_PATH.as_str(),
        way,
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
pub fn what_is_seen(form: &PackForm) -> Vec<String> {
    let many = |kind| matches!(kind, FieldKind::Choices | FieldKind::Checklist);
    let first = form.fields.iter().find(|field| many(field.kind));
    let options = first.into_iter().flat_map(|field| field.offered());
    options.map(|option| option.title.clone()).collect()
}
