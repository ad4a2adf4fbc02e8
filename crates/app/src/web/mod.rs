//! What every page and every interface shares: viewer, forms, errors, words, shell.

pub mod assets;
pub mod body;
pub mod error;
pub mod fields;
pub mod guard;
pub mod headers;
pub mod parts;
pub mod shell;
pub mod viewer;
pub mod words;

pub use error::{Failure, Result};
pub use fields::{Errors, Fields, Form, Id, cut};
pub use shell::Shell;
pub use viewer::Viewer;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// A page from its template.
pub fn page(template: &impl askama::Template) -> Result<Response> {
    let html = template.render().map_err(Failure::template)?;
    Ok((
        [
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::VARY, HeaderValue::from_static("Cookie, HX-Request")),
        ],
        Html(html),
    )
        .into_response())
}

/// The same page again, with what was typed and what is wrong.
pub fn unprocessable(template: &impl askama::Template) -> Result<Response> {
    again(template, StatusCode::UNPROCESSABLE_ENTITY)
}

/// The same page again, with what was typed beside what somebody else saved meanwhile.
pub fn stale(template: &impl askama::Template) -> Result<Response> {
    again(template, StatusCode::PRECONDITION_FAILED)
}

/// What is said above such a page.
pub const CHANGED_MEANWHILE: &str =
    "别人刚改过这里，您写的还没保存，都在下面。看一看哪里不一样，再按一次保存，就留您写的。";

fn again(template: &impl askama::Template, status: StatusCode) -> Result<Response> {
    let mut response = page(template)?;
    *response.status_mut() = status;
    Ok(response)
}

/// After a change: look at the result under its own address, safe to reload.
pub fn see_other(to: &str) -> Response {
    axum::response::Redirect::to(to).into_response()
}

/// JSON with a status.
pub fn json(status: StatusCode, body: &impl serde::Serialize) -> Response {
    let text = serde_json::to_string(body).unwrap_or_else(|_| "{}".to_owned());
    (
        status,
        [
            (header::CONTENT_TYPE, "application/json; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        text,
    )
        .into_response()
}
