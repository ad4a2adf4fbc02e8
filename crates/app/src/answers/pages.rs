//! The list of what waits for an answer.

use super::store::{Waiting, unwritten, waiting};
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store::Child;
use crate::moves::store::Leaving;
use crate::moves::{self, HANDOVER};
use crate::records::said::values;
use crate::web::{Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;

struct WaitingRow {
    href: String,
    glyph: String,
    title: String,
    said: String,
    chip: String,
    tint: &'static str,
}

#[derive(Template)]
#[template(path = "answers/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<WaitingRow>,
}

/// 还有4天, 今天到期, 已过3天
fn chip(days_left: i32) -> (String, &'static str) {
    match days_left {
        0 => ("今天到期".to_owned(), "warm"),
        past if past < 0 => (format!("已过{}天", -past), "warm"),
        left => (format!("还有{left}天"), "plain"),
    }
}

fn row(one: &Waiting, today: Date) -> WaitingRow {
    let (chip, tint) = chip(one.open.days_left);
    let first = values(&one.form, &one.entry.filled).into_iter().next();
    let first = first.map_or(String::new(), |(_, value)| format!("：{value}"));
    WaitingRow {
        href: format!(
            "/children/{}/dossier/{}?entry={}",
            one.child.id, one.form.id, one.entry.id
        ),
        glyph: one.form.glyph.map_or_else(|| "答".to_owned(), String::from),
        title: format!("{}，{}{first}", one.child.name, one.form.title),
        said: format!(
            "{}的事，{}以前要有答复",
            words::day(one.asked, today),
            words::day(one.open.due_on, today)
        ),
        chip,
        tint,
    }
}

/// Somebody went to another school, and nothing was handed over.
fn left_row((child, leaving): &(Child, Leaving), today: Date) -> WaitingRow {
    WaitingRow {
        href: format!("/children/{}/dossier/{HANDOVER}", child.id),
        glyph: "交".to_owned(),
        title: format!("{}，交接单还没写", child.name),
        said: moves::pages::said(leaving, today),
        chip: "还没写".to_owned(),
        tint: "plain",
    }
}

/// `GET /office/requests`
pub async fn list(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let waiting = waiting(&mut conn, &viewer, &in_force).await?;
    let left = unwritten(&mut conn, &viewer, &in_force).await?;
    let today = viewer.today();
    let waiting = waiting.iter().map(|one| row(one, today));
    let left = left.iter().map(|one| left_row(one, today));
    page(&ListPage {
        shell: Shell::new(&app, &viewer, "等答复的", "/office"),
        rows: waiting.chain(left).collect(),
    })
}
