//! A register that comes back from Excel, looked at line by line as the files are.

use crate::App;
use crate::dossier::FormName;
use crate::dossier::back::{committed, started, uploaded};
use crate::packs::FormKind;
use crate::roster::pages::Upload;
use crate::web::{Form, Id, Result, Viewer};
use axum::extract::State;
use axum::response::Response;

/// `GET /registers/{form}/back?under=`
pub async fn start(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    started(&app, &viewer, (FormKind::Register, &name), &fields).await
}

/// `POST /registers/{form}/back`
pub async fn upload(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    upload: Upload,
) -> Result<Response> {
    uploaded(&app, &viewer, (FormKind::Register, &name), upload).await
}

/// `POST /registers/{form}/back/commit`
pub async fn commit(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    committed(&app, &viewer, (FormKind::Register, &name), &fields).await
}
