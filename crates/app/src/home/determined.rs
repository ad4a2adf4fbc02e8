//! What was determined of a child over time, each with its definition, its day and its reason.

use super::store;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::ChildId;
use crate::web::{Id, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

struct Row {
    title: String,
    why: String,
    chip: &'static str,
    tint: &'static str,
}

struct Day {
    said: String,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "home/determined.html")]
struct DeterminedPage {
    shell: Shell,
    child: Child,
    /// 10月20日; what stands here is of before.
    left: Option<String>,
    days: Vec<Day>,
}

fn chip(result: &str) -> (&'static str, &'static str) {
    match result {
        "yes" => ("算在内", "done"),
        "no" => ("不算", "plain"),
        _ => ("还不知道", "info"),
    }
}

/// `GET /children/{child_id}/determinations`
pub async fn determinations(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::SeeContacts, &id).await?;
    let kept = store::determinations(&mut conn, &viewer, &child).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    drop(conn);
    let mut days: Vec<Day> = Vec::new();
    for one in kept {
        let said = words::full_day(one.as_of);
        let version = &one.policy.version;
        let title = match in_force.rule_title(&one.policy) {
            "" => format!("现在不用的口径（{}第{version}版）", one.policy.pack),
            title => {
                let pack = in_force.pack_title(&one.policy.pack);
                format!("{title}（{pack}，第{version}版）")
            }
        };
        let (chip, tint) = chip(&one.result);
        let row = Row {
            title,
            why: one.why,
            chip,
            tint,
        };
        match days.last_mut().filter(|day| day.said == said) {
            Some(day) => day.rows.push(row),
            None => days.push(Day {
                said,
                rows: vec![row],
            }),
        }
    }
    page(&DeterminedPage {
        shell: Shell::new(&app, &viewer, "认定", "/children"),
        left: child
            .left_on
            .filter(|_| child.has_left(viewer.today()))
            .map(|on| words::day(on, viewer.today())),
        child,
        days,
    })
}
