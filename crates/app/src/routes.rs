//! Every URL, in one place, behind its door: public, or staff. Closed by default.

use crate::App;
use crate::web::guard::{Door, Way};
use crate::web::{assets, body, error, headers};
use crate::{
    answers, back, cards, children, dossier, gaps, home, login, moves, office, outbox, ownforms,
    pairing, paper, particulars, people, records, registers, roster, school, twins, visits, week,
};
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

/// 1 MiB: a long form is a hundredth of it. Uploads raise it for themselves.
const LARGEST_BODY: usize = 1024 * 1024;
const LONGEST_REQUEST: Duration = Duration::from_secs(60);

fn staff(app: &App) -> Door {
    let mut door = Door::new(app.clone());
    door = week::staff(door);
    door = children::staff(door);
    door = records::staff(door);
    door = gaps::staff(door);
    door = visits::staff(door);
    door = cards::staff(door);
    door = particulars::staff(door);
    door = back::staff(door);
    door = dossier::staff(door);
    door = paper::staff(door);
    door = ownforms::staff(door);
    door = twins::staff(door);
    door = home::staff(door);
    door = roster::staff(door);
    door = office::staff(door);
    door = answers::staff(door);
    door = registers::staff(door);
    door = people::staff(door);
    door = moves::staff(door);
    door = pairing::staff(door);
    door = school::staff(door);
    door = login::staff(door);
    outbox::staff(door)
}

/// The route table: each with the act it serves.
pub fn ways(app: &App) -> Vec<Way> {
    staff(app).ways
}

pub fn router(app: App) -> Router {
    let public = Router::new()
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/assets/{name}", get(assets::asset))
        .route("/way.js", get(assets::way))
        .route("/api/v1/openapi.json", get(openapi))
        .merge(login::public())
        .merge(outbox::public())
        .merge(crate::setup::public());
    public
        .merge(staff(&app).into_router())
        .fallback(|| async { crate::web::Failure::NotThere.into_response() })
        .layer(CsrfLayer::new())
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            LONGEST_REQUEST,
        ))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(body::hear_out))
        .layer(from_fn(error::dress))
        .layer(from_fn(headers::secure))
        .layer(CompressionLayer::new().gzip(true).br(true))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> Response {
    if app.db.answers().await {
        "ready".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response()
    }
}

async fn openapi(State(app): State<App>) -> Response {
    let cookie = login::store::cookie_name(app.https);
    crate::web::json(
        StatusCode::OK,
        &crate::openapi::document(&ways(&app), cookie),
    )
}
