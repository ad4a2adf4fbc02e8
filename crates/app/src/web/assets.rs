//! Styles and script: built once by build.rs, named by their content, kept by the browser for good.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::LazyLock;

mod built {
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

pub static CSS_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/app-{}.css", built::CSS_HASH));
pub static JS_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/app-{}.js", built::JS_HASH));

/// The style itself, for pages that stand alone.
pub const CSS: &str = built::APP_CSS;

/// Code and name of each region, as the build found them.
pub const REGIONS: &str = built::REGIONS;
pub static REGIONS_PATH: LazyLock<String> =
    LazyLock::new(|| format!("/assets/regions-{}.txt", built::REGIONS_HASH));

/// `GET /way.js`: what opens the pages of 带上路 without a network. It stands at the root because it
/// may only answer for what lies below it, and is asked for anew each time.
pub async fn way() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        built::WAY_JS,
    )
        .into_response()
}

/// `GET /assets/{name}`
pub async fn asset(name: axum::extract::RawPathParams) -> Response {
    let wanted = name.iter().next().map(|(_, value)| value.to_owned());
    let wanted = format!("/assets/{}", wanted.unwrap_or_default());
    let (kind, body) = if wanted == *CSS_PATH {
        ("text/css; charset=utf-8", built::APP_CSS)
    } else if wanted == *JS_PATH {
        ("text/javascript; charset=utf-8", built::APP_JS)
    } else if wanted == *REGIONS_PATH {
        ("text/plain; charset=utf-8", crate::regions::NAMES.as_str())
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        ],
        body,
    )
        .into_response()
}
