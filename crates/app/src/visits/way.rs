//! 带上路: the pages of one way, which a phone keeps for this day and opens without a network.

use super::homes::{Home, chosen, homes, write_down};
use super::sheet::what_is_seen;
use crate::App;
use crate::adoptions::store::in_force;
use crate::clock;
use crate::db;
use crate::ids::{ChildId, OperationId};
use crate::web::{Failure, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::collections::BTreeSet;

const TEMPLATE: &str = "visit_way.html";

#[derive(Template)]
#[template(path = "visits/way.html")]
struct WayPage {
    shell: Shell,
    way: String,
    homes: Vec<Stop>,
    seen: Vec<String>,
}

struct Stop {
    home: Home,
    /// The form of the visit, with this page to come back to.
    form: String,
    is_done: bool,
}

/// `POST /visits/way`: written down as a release, before the phone gets anything.
pub async fn take(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let ids = chosen(&fields)?;
    let mut conn = app.db.read().await?;
    homes(&mut conn, &viewer, &ids).await?;
    drop(conn);
    let release = write_down(&app, &viewer, (TEMPLATE, "visit_way"), &ids).await?;
    Ok(see_other(&format!("/visits/way/{release}")))
}

/// `GET /visits/way/{release_id}`: for the one who took it, on that day.
pub async fn way(
    State(app): State<App>,
    viewer: Viewer,
    Id(release): Id<OperationId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let ids = taken(&mut conn, &viewer, &release).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let (homes, way) = homes(&mut conn, &viewer, &ids).await?;
    drop(conn);
    let here = format!("/visits/way/{release}");
    let stop = |home: Home| Stop {
        form: format!(
            "/children/{}/records/new?kind=home_visit&back={here}",
            home.child
        ),
        is_done: home.last_on == Some(viewer.today()),
        home,
    };
    page(&WayPage {
        shell: Shell::new(&app, &viewer, "走访", "/calls").with_done(&fields, &here),
        way,
        homes: homes.into_iter().map(stop).collect(),
        seen: in_force
            .form("home_visit")
            .map(what_is_seen)
            .unwrap_or_default(),
    })
}

/// The children of a way that this person took today.
async fn taken(
    conn: &mut db::Conn,
    viewer: &Viewer,
    release: &OperationId,
) -> Result<BTreeSet<ChildId>> {
    let found: Option<(String, String)> = db::query_as(
        "select subject, made_at from release
         where school_id = $1 and id = $2 and by_staff = $3 and template = $4",
    )
    .bind(viewer.school_id.as_str())
    .bind(release.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(TEMPLATE)
    .fetch_optional(conn)
    .await?;
    let (subject, made_at) = found.ok_or(Failure::NotThere)?;
    if clock::day_of(&made_at) != clock::day_of(&viewer.now.at) {
        return Err(Failure::Asked(
            "带上路的页只在当天能看。要再去，请从家访里再带一次。".to_owned(),
        ));
    }
    Ok(subject
        .split(',')
        .filter_map(|id| id.parse().ok())
        .collect())
}
