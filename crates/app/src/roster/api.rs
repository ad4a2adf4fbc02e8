//! The same for programs.

use super::commit::Answers;
use super::pages::{self, Upload};
use super::store::{self, Import};
use crate::App;
use crate::ids::{ImportId, OperationId};
use crate::web::{self, Failure, Id, Result, Viewer};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

fn body(import: &Import) -> Value {
    let count = |verdict| import.brought.count(verdict);
    use super::check::Verdict::{Ask, Ready, Refused, Repeated};
    json!({
        "id": import.id,
        "state": import.state,
        "counts": {
            "ready": count(Ready),
            "ask": count(Ask),
            "refused": count(Refused),
            "repeated": count(Repeated),
        },
        "opened": import.opened,
        "changed": import.changed,
        "rows": import.brought.rows.iter().map(|row| json!({
            "line": row.line,
            "verdict": row.verdict.code(),
            "why": row.why.join(" "),
            "answers": row.answers.iter().map(|one| one.code.as_str()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// `POST /api/v1/imports/roster`, multipart, field `file`
pub async fn upload(State(app): State<App>, viewer: Viewer, upload: Upload) -> Result<Response> {
    match pages::bring(&app, &viewer, upload).await? {
        Ok(id) => answer(&app, &viewer, &id, StatusCode::CREATED).await,
        Err(sentence) => Ok(web::json(
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!({
                "type": "urn:nuanchao:problem:not-a-roster",
                "title": "The file could not be read as a roster.",
                "detail": sentence,
                "status": 422,
                "state": "refused",
            }),
        )),
    }
}

async fn answer(app: &App, viewer: &Viewer, id: &ImportId, status: StatusCode) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let import = store::one(&mut conn, viewer, id).await?;
    Ok(web::json(status, &body(&import)))
}

/// `GET /api/v1/imports/{id}`
pub async fn one(State(app): State<App>, viewer: Viewer, Id(id): Id<ImportId>) -> Result<Response> {
    answer(&app, &viewer, &id, StatusCode::OK).await
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// line → answers, as offered in the rows
    #[serde(default)]
    answers: Answers,
}

/// `POST /api/v1/imports/{id}/commit`
pub async fn commit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    headers: HeaderMap,
    body: Option<Json<Commit>>,
) -> Result<Response> {
    let operation = operation(&headers)?;
    let answers = body.map(|Json(body)| body.answers).unwrap_or_default();
    pages::committed(&app, &viewer, &id, &answers, &operation).await?;
    answer(&app, &viewer, &id, StatusCode::OK).await
}

/// `POST /api/v1/imports/{id}/undo`
pub async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    headers: HeaderMap,
) -> Result<Response> {
    let operation = operation(&headers)?;
    pages::undone(&app, &viewer, &id, &operation).await?;
    answer(&app, &viewer, &id, StatusCode::OK).await
}

/// Every write of a program carries its own id.
pub fn operation(headers: &HeaderMap) -> Result<OperationId> {
    headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok())
        .ok_or(Failure::NeedsOperation)
}
