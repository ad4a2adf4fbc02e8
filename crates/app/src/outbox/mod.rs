//! 待送出: what a phone wrote without a network, sealed for this server alone, taken once.
//!
//! The phone keeps its envelope until a receipt fits it. What arrives and cannot be taken is set
//! aside, sealed, and its writer decides (safety.md D9, D10).

mod pages;
mod seal;
mod store;

pub use pages::Ticket;
pub use store::{Standing, standings};

use crate::App;
use crate::web::guard::Door;
use axum::Router;
use axum::extract::{Request, State};
use axum::routing::post;
use rules::access::Act;

/// After the closing of an account its phone may still hand over what it holds.
pub fn public() -> Router<App> {
    Router::new().route("/outbox/left", post(pages::left))
}

/// Asks the routes that stand in `door` before it.
pub fn staff(door: Door) -> Door {
    let inner = door.so_far();
    let again = inner.clone();
    door.post(
        "/outbox",
        Act::WriteRecord,
        move |State(app): State<App>, viewer, request: Request| {
            pages::take(app, viewer, inner, request)
        },
    )
    .get("/me/set-aside", Act::WriteRecord, pages::set_aside)
    .post(
        "/me/set-aside/{operation}/again",
        Act::WriteRecord,
        move |State(app): State<App>, viewer, operation, request: Request| {
            pages::again((app, viewer), operation, again, request)
        },
    )
    .post(
        "/me/set-aside/{operation}/drop",
        Act::WriteRecord,
        pages::dropped,
    )
}

#[cfg(test)]
pub use seal::seal;
