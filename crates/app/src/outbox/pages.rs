//! Taking envelopes, and what becomes of those that cannot be taken.

use super::{seal, store};
use crate::App;
use crate::children::store as children;
use crate::clock::seconds_between;
use crate::db;
use crate::ids::{ChildId, OperationId, SchoolId, StaffId};
use crate::journal::{Actor, Device};
use crate::vault::{self, Key};
use crate::web::{self, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words};
use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use rules::access::Act;
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

/// A record has at most a page of text.
const LARGEST: usize = 256 * 1024;

/// `x-outbox: later`: nobody stands before the form any more.
const LATER: &str = "later";

/// What a page gives to the phone: the key to seal with, and who it is sealed by.
pub struct Ticket {
    pub seal: String,
    pub by: String,
}

impl Ticket {
    pub fn new(app: &App, viewer: &Viewer) -> Self {
        Self {
            seal: vault::base64(&seal::public_key(&app.vault)),
            by: ticket(&viewer.school_key, &viewer.school_id, &viewer.staff_id),
        }
    }
}

/// The phone's clock when it sends, as it was asked when the record was written.
const SENT_AT: &str = "x-outbox-at";

/// school.person.proof: made here and nowhere else.
fn ticket(key: &Key, school_id: &SchoolId, staff_id: &StaffId) -> String {
    let proof = key.mac(&["outbox", staff_id.as_str()]);
    format!("{school_id}.{staff_id}.{proof}")
}

/// What lies in an envelope.
#[derive(Serialize, Deserialize)]
pub struct Content {
    #[serde(deserialize_with = "operation")]
    pub operation: OperationId,
    path: String,
    body: String,
    pub device: String,
    pub seq: i64,
    /// The phone's clock.
    at: String,
    by: String,
}

fn operation<'a, D: serde::Deserializer<'a>>(from: D) -> Result<OperationId, D::Error> {
    let text = String::deserialize(from)?;
    text.parse()
        .map_err(|_| serde::de::Error::custom("not an operation"))
}

impl Content {
    pub fn read(text: &[u8]) -> Result<Self> {
        let unread = |_| Failure::Asked("手机送来的这一条读不懂，请更新页面后再送。".to_owned());
        let content: Self = serde_json::from_slice(text).map_err(unread)?;
        if content.seq < 1 || content.seq > i64::from(i32::MAX) || content.device.len() > 64 {
            return Err(Failure::Asked("手机送来的这一条编号不对。".to_owned()));
        }
        Ok(content)
    }

    pub fn text(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Failure::Ours(error.to_string()))
    }

    fn device(&self, headers: &HeaderMap) -> Device {
        let sent = headers.get(SENT_AT).and_then(|value| value.to_str().ok());
        Device {
            id: self.device.clone(),
            seq: self.seq,
            claimed_at: self.at.clone(),
            waited: sent.and_then(|sent| seconds_between(&self.at, sent)),
        }
    }

    /// Whose record it is about; only records of a child go through the outbox.
    fn child(&self) -> Result<ChildId> {
        let id = self
            .path
            .strip_prefix("/children/")
            .and_then(|rest| rest.strip_suffix("/records"));
        id.and_then(|id| id.parse().ok())
            .ok_or_else(|| Failure::Asked("这一种不能从待送出里送。".to_owned()))
    }
}

async fn opened(app: &App, body: Body) -> Result<(seal::Opened, Content)> {
    let sealed = to_bytes(body, LARGEST)
        .await
        .map_err(|_| Failure::TooLarge)?;
    let opened = seal::open(&app.vault, &sealed)
        .map_err(|_| Failure::Asked("这一条打不开，还留在手机里。请告诉管理员。".to_owned()))?;
    let content = Content::read(&opened.text)?;
    Ok((opened, content))
}

/// The request that the page would have sent.
async fn asked(
    inner: Router,
    headers: &HeaderMap,
    content: &Content,
    is_page: bool,
) -> Result<Response> {
    const SAME: [HeaderName; 3] = [header::COOKIE, header::HOST, header::ORIGIN];
    content.child()?;
    let mut request = Request::builder().method(Method::POST).uri(&content.path);
    for name in SAME {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    if !is_page {
        request = request.header("x-outbox", "1");
    }
    let request = request
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .extension(content.device(headers))
        .body(Body::from(content.body.clone()))
        .map_err(|error| Failure::Ours(error.to_string()))?;
    match inner.oneshot(request).await {
        Ok(response) => Ok(response),
        Err(never) => match never {},
    }
}

/// What a phone waits for before it lets the record go.
fn receipt(
    opened: &seal::Opened,
    content: &Content,
    (seq, status, next): (i64, StatusCode, &str),
) -> Response {
    let operation = content.operation.as_str();
    let proof = vault::base64(&opened.receipt(operation, seq));
    let body = serde_json::json!({
        "receipt": operation, "seq": seq, "proof": proof, "next": next,
        "taken": status == StatusCode::CREATED,
    });
    web::json(status, &body)
}

/// `POST /outbox`
pub async fn take(app: App, viewer: Viewer, inner: Router, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let (opened, content) = opened(&app, body).await?;
    if content.by != Ticket::new(&app, &viewer).by {
        return Err(Failure::Asked(
            "这一条是另一位老师写的，等那位老师登录了再送。".to_owned(),
        ));
    }
    let is_later = parts
        .headers
        .get("x-outbox")
        .is_some_and(|value| value == LATER);
    let answer = asked(inner, &parts.headers, &content, false).await?;
    let status = answer.status();
    let mut viewer = viewer;
    viewer.device = Some(content.device(&parts.headers));
    if status == StatusCode::CREATED {
        let next = next(answer).await?;
        let mut conn = app.db.read().await?;
        let seq = store::seq(&mut conn, &viewer.actor(), &content.operation).await?;
        let seq = seq.ok_or_else(|| Failure::Ours("a record without its entry".to_owned()))?;
        return Ok(receipt(&opened, &content, (seq, status, &next)));
    }
    let Some(reason) = reason(status) else {
        return Ok(answer);
    };
    let mut tx = app.db.write(&viewer.school_id).await?;
    if !is_later {
        store::sent_back(&mut tx, &viewer.actor(), &content).await?;
        tx.commit().await?;
        return Ok(answer);
    }
    let seq = store::set_aside(&mut tx, &viewer.actor(), &content, reason).await?;
    tx.commit().await?;
    let taken = (seq, StatusCode::ACCEPTED, "/me/set-aside");
    Ok(receipt(&opened, &content, taken))
}

async fn next(answer: Response) -> Result<String> {
    #[derive(Deserialize)]
    struct Told {
        next: String,
    }
    let ours = |error: &dyn std::fmt::Display| Failure::Ours(error.to_string());
    let bytes = to_bytes(answer.into_body(), LARGEST)
        .await
        .map_err(|error| ours(&error))?;
    let told: Told = serde_json::from_slice(&bytes).map_err(|error| ours(&error))?;
    Ok(told.next)
}

/// Why an answer is for good, in the words of its writer's page; `None`: it may be another one later.
fn reason(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::NOT_FOUND => Some("这个孩子现在不归您记了，或者已经转走"),
        StatusCode::UNPROCESSABLE_ENTITY => Some("有的地方没填对，要改一改"),
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => Some("内容读不懂，或者太长"),
        _ => None,
    }
}

/// `POST /outbox/left`: the account was closed; what its phone still holds is not lost.
pub async fn left(State(app): State<App>, request: Request) -> Result<Response> {
    let (head, body) = request.into_parts();
    let (opened, content) = opened(&app, body).await?;
    let mut parts = content.by.splitn(3, '.');
    let (Some(school), Some(person), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Failure::SignIn);
    };
    let (Ok(school_id), Ok(staff_id)) = (school.parse(), person.parse()) else {
        return Err(Failure::SignIn);
    };
    let key = app.vault.school_key(school);
    if ticket(&key, &school_id, &staff_id) != content.by
        || !is_closed(&app, &school_id, &staff_id).await?
    {
        return Err(Failure::SignIn);
    }
    content.child()?;
    let device = content.device(&head.headers);
    let now = app.clock.now();
    let actor = Actor {
        school_id: &school_id,
        staff_id: staff_id.as_str(),
        at: &now.at,
        key: &key,
        device: Some(&device),
    };
    let mut tx = app.db.write(&school_id).await?;
    let seq = store::set_aside(&mut tx, &actor, &content, "账号已经停用").await?;
    tx.commit().await?;
    Ok(receipt(&opened, &content, (seq, StatusCode::ACCEPTED, "")))
}

async fn is_closed(app: &App, school_id: &SchoolId, staff_id: &StaffId) -> Result<bool> {
    let mut conn = app.db.read().await?;
    let found: Option<i64> = db::query_scalar(
        "select 1 from staff where school_id = $1 and id = $2 and disabled_at is not null",
    )
    .bind(school_id.as_str())
    .bind(staff_id.as_str())
    .fetch_optional(&mut conn)
    .await?;
    Ok(found.is_some())
}

/// One that was set aside, as its writer reads it.
struct Waiting {
    operation: OperationId,
    child: String,
    when: String,
    reason: String,
    /// 想妈妈: what was typed.
    said: String,
}

#[derive(Template)]
#[template(path = "outbox/set_aside.html")]
struct SetAsidePage {
    shell: Shell,
    waiting: Vec<Waiting>,
}

/// `GET /me/set-aside`
pub async fn set_aside(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let mut waiting = Vec::new();
    for aside in store::asides(&mut conn, &viewer.actor()).await? {
        let child = aside.content.child()?;
        let child = children::visible(&mut conn, &viewer, Act::SeeChild, &child).await;
        let fields = Fields::parse(aside.content.body.as_bytes());
        waiting.push(Waiting {
            child: child.map_or_else(
                |_| "一个现在不在您名下的孩子".to_owned(),
                |child| child.name,
            ),
            when: crate::clock::day_of(&aside.content.at)
                .map(|day| words::past_day(day, viewer.today()))
                .unwrap_or_default(),
            reason: aside.reason,
            said: fields.get("note").to_owned(),
            operation: aside.content.operation,
        });
    }
    let mut shell = Shell::new(&app, &viewer, "没有收下的", "/me");
    shell.notice = match fields.get("said") {
        "sent" => Some("收下了，已经记好。".to_owned()),
        "dropped" => Some("这一条不要了。".to_owned()),
        _ => None,
    };
    page(&SetAsidePage { shell, waiting })
}

async fn own(app: &App, viewer: &Viewer, operation: &OperationId) -> Result<Content> {
    let mut conn = app.db.read().await?;
    let asides = store::asides(&mut conn, &viewer.actor()).await?;
    let found = asides
        .into_iter()
        .find(|aside| aside.content.operation == *operation);
    found.map(|aside| aside.content).ok_or(Failure::NotThere)
}

/// `POST /me/set-aside/{operation}/again`: as if its form were sent now; what is wrong comes back.
pub async fn again(
    (app, viewer): (App, Viewer),
    Id(operation): Id<OperationId>,
    inner: Router,
    request: Request,
) -> Result<Response> {
    let content = own(&app, &viewer, &operation).await?;
    let answer = asked(inner, request.headers(), &content, true).await?;
    if answer.status().is_redirection() {
        return Ok(see_other("/me/set-aside?said=sent"));
    }
    Ok(answer)
}

/// `POST /me/set-aside/{operation}/drop`
pub async fn dropped(
    State(app): State<App>,
    viewer: Viewer,
    Id(operation): Id<OperationId>,
    Form(_): Form,
) -> Result<Response> {
    let content = own(&app, &viewer, &operation).await?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    store::dropped(&mut tx, &viewer.actor(), &content).await?;
    tx.commit().await?;
    Ok(see_other("/me/set-aside?said=dropped"))
}
