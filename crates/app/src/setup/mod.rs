//! 第一次使用: one page that founds the school and the first account. It stands open only while
//! there is no school, and only to whoever reads the code at the console.

pub mod pages;

use crate::App;
use axum::Router;
use axum::routing::get;

pub fn public() -> Router<App> {
    Router::new().route("/setup", get(pages::form).post(pages::found))
}
