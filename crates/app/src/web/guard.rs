//! The doors: every route names the act it serves, and who may never do it finds nothing there.

use super::error::Failure;
use super::shell::Shell;
use super::viewer::Viewer;
use crate::App;
use crate::journal::Device;
use crate::login;
use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use rules::access::Act;
use std::sync::Arc;

const LARGEST_UPLOAD: usize = crate::sheets::MAX_FILE_BYTES + 64 * 1024;

/// One row of the route table that the tests walk.
#[derive(Clone, Debug)]
pub struct Way {
    pub method: Method,
    pub path: &'static str,
    pub act: Act,
}

/// Collects staff routes; there is no way in without an act.
pub struct Door {
    app: App,
    router: Router<App>,
    pub ways: Vec<Way>,
}

impl Door {
    pub fn new(app: App) -> Self {
        Self {
            app,
            router: Router::new(),
            ways: Vec::new(),
        }
    }

    pub fn get<H, T>(self, path: &'static str, act: Act, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.way(Method::GET, path, act, axum::routing::get(handler))
    }

    pub fn post<H, T>(self, path: &'static str, act: Act, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.way(Method::POST, path, act, axum::routing::post(handler))
    }

    /// A door for files: the body may be as large as a sheet may be, and a little more for its wrapping.
    pub fn upload<H, T>(self, path: &'static str, act: Act, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let route = axum::routing::post(handler).layer(DefaultBodyLimit::max(LARGEST_UPLOAD));
        self.way(Method::POST, path, act, route)
    }

    pub fn patch<H, T>(self, path: &'static str, act: Act, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.way(Method::PATCH, path, act, axum::routing::patch(handler))
    }

    fn way(
        mut self,
        method: Method,
        path: &'static str,
        act: Act,
        route: MethodRouter<App>,
    ) -> Self {
        let guarded = route.route_layer(from_fn_with_state((self.app.clone(), act), guard));
        self.router = self.router.route(path, guarded);
        self.ways.push(Way { method, path, act });
        self
    }

    /// The routes so far, as one of them may ask another.
    pub fn so_far(&self) -> Router {
        self.router.clone().with_state(self.app.clone())
    }

    pub fn into_router(self) -> Router<App> {
        self.router
    }
}

/// Pages with phones, addresses, notes, reasons or standings: not while others look on.
fn is_private(path: &str) -> bool {
    const PRIVATE: [&str; 15] = [
        "/children/",
        "/records/",
        "/gaps",
        "/calls",
        "/visits",
        "/census",
        "/print/",
        "/office/import",
        "/office/left",
        "/office/requests",
        "/office/twins/",
        "/dossiers/",
        "/registers",
        "/me/changes",
        "/me/set-aside",
    ];
    PRIVATE.iter().any(|start| path.starts_with(start))
}

#[derive(Template)]
#[template(path = "web/private.html")]
struct PrivatePage {
    shell: Shell,
}

fn private_page(app: &App, viewer: &Viewer) -> Response {
    let shell = Shell::new(app, viewer, "校务", "/");
    super::page(&PrivatePage { shell }).unwrap_or_else(IntoResponse::into_response)
}

async fn guard(State((app, act)): State<(App, Act)>, mut request: Request, next: Next) -> Response {
    let viewer = match login::viewer(&app, request.headers()).await {
        Ok(viewer) => viewer,
        Err(failure) => return failure.into_response(),
    };
    if !viewer.ever(act) {
        return Failure::NotThere.into_response();
    }
    let path = request.uri().path();
    if viewer.is_projecting && request.method() == Method::GET && is_private(path) {
        return private_page(&app, &viewer);
    }
    let viewer = match request.extensions_mut().remove::<Device>() {
        None => viewer,
        device => Arc::new(Viewer {
            device,
            ..Viewer::clone(&viewer)
        }),
    };
    request.extensions_mut().insert::<Arc<Viewer>>(viewer);
    next.run(request).await
}
