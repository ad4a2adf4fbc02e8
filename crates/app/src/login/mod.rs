//! Signing in and out, and who a request belongs to.

mod changes;
mod forms;
pub mod pages;
pub mod password;
pub mod store;
mod throttle;

pub use store::viewer;

use crate::App;
use crate::web::guard::Door;
use axum::Router;
use axum::routing::{get, post};
use rules::access::Act;

/// Doors that stand open to everybody.
pub fn public() -> Router<App> {
    Router::new()
        .route("/login", get(pages::form).post(pages::sign_in))
        .route("/api/v1/login", post(pages::api_sign_in))
}

pub fn staff(door: Door) -> Door {
    door.get("/", Act::SignedIn, pages::first_place)
        .post("/logout", Act::SignedIn, pages::sign_out)
        .get("/me", Act::SignedIn, pages::me)
        .post("/me/projection", Act::SignedIn, pages::projection)
        .get("/more", Act::SignedIn, pages::more)
        .post("/me/look", Act::SignedIn, pages::look)
        .get("/me/changes", Act::SignedIn, changes::changes)
        .post("/me/password", Act::SignedIn, pages::change_password)
        .post("/me/phone", Act::SignedIn, pages::change_phone)
        .get("/api/v1/me", Act::SignedIn, pages::api_me)
}
