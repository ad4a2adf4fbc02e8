//! The same for programs.

use super::check::Checked;
use super::commit::Answers;
use super::pages::{self, Upload};
use super::store::{self, Import};
use crate::App;
use crate::ids::{ImportId, OperationId};
use crate::web::parts::part;
use crate::web::words::class_title;
use crate::web::{self, Failure, Fields, Form, Id, Result, Viewer};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rules::calendar::school_year_of;
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Counts {
    ready: usize,
    ask: usize,
    refused: usize,
    repeated: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    line: u32,
    verdict: &'static str,
    why: String,
    answers: Vec<&'a str>,
    questions: Vec<Question<'a>>,
}

/// One of what is asked of a line, with the answers that it takes: one of each goes back.
#[derive(Serialize)]
struct Question<'a> {
    why: &'a str,
    answers: Vec<Choice<'a>>,
}

#[derive(Serialize)]
struct Choice<'a> {
    code: &'a str,
    title: &'a str,
}

/// What is asked comes first among the reasons of a line, in the order of its questions.
fn questions(row: &Checked) -> Vec<Question<'_>> {
    let last = row.answers.iter().map(|one| one.question).max();
    let all = last.map_or(0, |last| last + 1);
    let asked = row.why.iter().take(all).enumerate();
    asked
        .map(|(at, why)| {
            let own = row.answers.iter().filter(|one| one.question == at);
            let answers = own.map(|one| Choice {
                code: &one.code,
                title: &one.title,
            });
            Question {
                why,
                answers: answers.collect(),
            }
        })
        .collect()
}

#[derive(Serialize)]
struct Body<'a> {
    id: &'a ImportId,
    state: &'a str,
    counts: Counts,
    opened: i64,
    changed: i64,
    /// By whose grades the classes were read: the year in which it begins.
    school_year: Option<i16>,
    /// Classes that the file names and the school opens with it.
    new_classes: Vec<String>,
    /// Further lists of people in the same book that nobody has read.
    unread_sheets: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    other_school: Option<&'a str>,
    rows: Vec<Line<'a>>,
    next: Option<String>,
}

/// Where no line can go in, the file as a whole is refused.
fn state(import: &Import) -> &str {
    use super::check::Verdict::{Ask, Ready};
    let goes_in = import.brought.count(Ready) + import.brought.count(Ask) > 0;
    match import.state.as_str() {
        "ready" if !goes_in => "refused",
        state => state,
    }
}

fn body<'a>(import: &'a Import, fields: &Fields) -> Result<Body<'a>> {
    let count = |verdict| import.brought.count(verdict);
    use super::check::Verdict::{Ask, Ready, Refused, Repeated};
    fn line(row: &Checked) -> Line<'_> {
        Line {
            line: row.line,
            verdict: row.verdict.code(),
            why: row.why.concat(),
            answers: row.answers.iter().map(|one| one.code.as_str()).collect(),
            questions: questions(row),
        }
    }
    let classes = import.brought.new_classes.iter();
    let classes = classes.map(|(grade, number)| class_title((*grade).into(), (*number).into()));
    let (rows, next) = part(&import.brought.rows, fields)?;
    Ok(Body {
        id: &import.id,
        state: state(import),
        counts: Counts {
            ready: count(Ready),
            ask: count(Ask),
            refused: count(Refused),
            repeated: count(Repeated),
        },
        opened: import.opened,
        changed: import.changed,
        school_year: import.brought.goes_by.map(school_year_of),
        new_classes: classes.collect(),
        unread_sheets: &import.brought.unread,
        other_school: import.brought.other_school.as_deref(),
        rows: rows.into_iter().map(line).collect(),
        next,
    })
}

/// `POST /api/v1/imports/roster`, multipart, field `file`
///
/// Nothing is written but the preview, so a key is welcome and not demanded.
pub async fn upload(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    upload: Upload,
) -> Result<Response> {
    let operation = match headers.contains_key("idempotency-key") {
        true => operation(&headers)?,
        false => OperationId::new(),
    };
    match pages::bring(&app, &viewer, upload, &operation).await? {
        Ok(id) => {
            let whole = (StatusCode::CREATED, &Fields::default());
            answer(&app, &viewer, &id, whole).await
        }
        Err(sentence) => Ok(web::error::problem_json(
            StatusCode::UNPROCESSABLE_ENTITY,
            &json!({
                "error_id": crate::web::error::error_id(),
                "type": "urn:nuanchao:problem:not-a-roster",
                "title": "The file could not be read as a roster.",
                "detail": sentence,
                "status": 422,
                "state": "refused",
            }),
        )),
    }
}

async fn answer(
    app: &App,
    viewer: &Viewer,
    id: &ImportId,
    (status, fields): (StatusCode, &Fields),
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let import = store::one(&mut conn, viewer, id).await?;
    Ok(web::json(status, &body(&import, fields)?))
}

/// `GET /api/v1/imports/{id}?cursor=&limit=`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    Form(fields): Form,
) -> Result<Response> {
    answer(&app, &viewer, &id, (StatusCode::OK, &fields)).await
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
    body: Bytes,
) -> Result<Response> {
    let operation = operation(&headers)?;
    let body: Commit = if body.is_empty() {
        Commit::default()
    } else {
        serde_json::from_slice(&body).map_err(|_| {
            Failure::Asked(
                "送来的JSON看不懂。answers里写行号和答案，例如{\"answers\":{\"198\":[\"sex_as_id\"]}}。"
                    .to_owned(),
            )
        })?
    };
    let answers = body.answers;
    pages::committed(&app, &viewer, &id, &answers, &operation).await?;
    answer(&app, &viewer, &id, (StatusCode::OK, &Fields::default())).await
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
    answer(&app, &viewer, &id, (StatusCode::OK, &Fields::default())).await
}

/// Every write of a program carries its own id.
pub fn operation(headers: &HeaderMap) -> Result<OperationId> {
    headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| OperationId::from_key(text.trim()).ok())
        .ok_or(Failure::NeedsOperation)
}
