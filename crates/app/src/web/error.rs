//! Every failure is a page that a teacher can read, with a way out and a short 编号; it is logged
//! once, without names.

use crate::db;
use crate::vault;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What can go wrong on the way to a page.
#[derive(Debug)]
pub enum Failure {
    /// Not there, or not yours: the same answer.
    NotThere,
    /// Nobody is signed in, or the login session rests.
    SignIn,
    /// The request cannot be understood; the sentence says what to do.
    Asked(String),
    /// It was possible once and is not any more; the sentence says what to do instead.
    NotAnyMore(String),
    /// The same operation id came with another content.
    OtherContent,
    /// Somebody else wrote it: it may be read and not changed.
    NotYours,
    /// Somebody changed it meanwhile.
    Stale,
    /// `If-Match` is missing.
    NeedsVersion,
    /// `Idempotency-Key` is missing, or cannot be read.
    NeedsOperation,
    TooLarge,
    /// A program sent something else than JSON.
    NotJson,
    /// Name or password did not fit, for a program.
    WrongPassword(String),
    /// Too many tries; come back after so many seconds.
    Later(u64),
    /// Too many at once.
    Busy,
    /// A form of another site.
    FromElsewhere,
    WrongMethod,
    TookTooLong,
    Ours(String),
}

impl Failure {
    pub fn template(error: askama::Error) -> Self {
        Self::Ours(format!("template: {error}"))
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotThere => StatusCode::NOT_FOUND,
            Self::SignIn | Self::WrongPassword(_) => StatusCode::UNAUTHORIZED,
            Self::Asked(_) | Self::OtherContent => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotAnyMore(_) => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::NotYours => StatusCode::FORBIDDEN,
            Self::NeedsVersion => StatusCode::PRECONDITION_REQUIRED,
            Self::NeedsOperation => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Later(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::FromElsewhere => StatusCode::FORBIDDEN,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::TookTooLong => StatusCode::REQUEST_TIMEOUT,
            Self::Ours(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable word for programs.
    fn code(&self) -> &'static str {
        match self {
            Self::NotThere => "not-there",
            Self::SignIn => "sign-in",
            Self::Asked(_) => "not-understood",
            Self::NotAnyMore(_) => "not-any-more",
            Self::OtherContent => "operation-reused",
            Self::Stale => "stale-version",
            Self::NotYours => "not-yours",
            Self::NeedsVersion => "version-missing",
            Self::NeedsOperation => "operation-missing",
            Self::TooLarge => "too-large",
            Self::NotJson => "not-json",
            Self::WrongPassword(_) => "wrong-password",
            Self::Later(_) => "too-many-tries",
            Self::Busy => "busy",
            Self::FromElsewhere => "from-elsewhere",
            Self::WrongMethod => "wrong-method",
            Self::TookTooLong => "took-too-long",
            Self::Ours(_) => "our-fault",
        }
    }

    /// For a page that is drawn later: the sentence, and what is ours goes to the log.
    pub fn told(&self) -> String {
        if let Self::Ours(detail) = self {
            tracing::error!(detail, "work beside a request failed");
        }
        self.zh()
    }

    fn zh(&self) -> String {
        match self {
            Self::NotThere => {
                "这里没有这一页，也可能不归您看。回到首页，从页面上再点一次。".to_owned()
            }
            Self::SignIn => "请先登录，登录后会回到这一页。".to_owned(),
            Self::Asked(sentence) | Self::NotAnyMore(sentence) | Self::WrongPassword(sentence) => {
                sentence.clone()
            }
            Self::OtherContent => {
                "这次提交的编号已经用过，内容却不一样，所以没有保存。请刷新页面再填一次。"
                    .to_owned()
            }
            Self::Stale => {
                "别人刚改过这里，您的修改没有保存。请先看看新的内容，再改一次。".to_owned()
            }
            Self::NeedsVersion => {
                "修改前要带上版本（If-Match）。请先读一次，再带着版本来改。".to_owned()
            }
            Self::NotYours => {
                "这条是别人写的，只有写的人能改。可以另外写一条，或者请写的人来改。".to_owned()
            }
            Self::NeedsOperation => {
                "写入要带上自己的编号（Idempotency-Key，一个UUID或别的一个词），这样重发也只记一次。这一次没有带，或者写得看不懂。".to_owned()
            }
            Self::TooLarge => {
                "这份文件太大了，最多10MB。名单可以分成两份再传；照片和扫描件请存小一点，再放一次。"
                    .to_owned()
            }
            Self::NotJson => {
                "这里收的是JSON，请把Content-Type写成application/json再送一次。".to_owned()
            }
            Self::Later(seconds) => format!("试的次数多了，请{}后再试。", pause(*seconds)),
            Self::Busy => "现在登录的人多，请过几秒再试一次。".to_owned(),
            Self::FromElsewhere => {
                "这一次是从别的网页送来的，没有照做。请回到暖巢的页面里再按一次。".to_owned()
            }
            Self::WrongMethod => "这个地址不是这样用的。请回到首页，从页面上再点一次。".to_owned(),
            Self::TookTooLong => {
                "这一次太久了，停了下来，没有保存一半。请过一会儿再试，名单大的话分成两份。"
                    .to_owned()
            }
            Self::Ours(_) => "抱歉，是我们的问题，这一页没打开。已经保存的内容没有丢。".to_owned(),
        }
    }

    fn en(&self) -> &'static str {
        match self {
            Self::NotThere => "There is nothing here, or it is not yours to see.",
            Self::SignIn => "Sign in first.",
            Self::Asked(_) => "The request could not be understood; the Chinese sentence says why.",
            Self::NotAnyMore(_) => "This cannot be done any more; the Chinese sentence says why.",
            Self::OtherContent => "This operation id was used before with another content.",
            Self::Stale => "Somebody changed this meanwhile; read it again and retry.",
            Self::NotYours => "Only who wrote it may change it.",
            Self::NeedsVersion => "Send If-Match with the version that you read.",
            Self::NeedsOperation => {
                "Send Idempotency-Key with a UUID or another word of your own, of at most 255 letters."
            }
            Self::TooLarge => "The file is too large.",
            Self::NotJson => "Send application/json.",
            Self::WrongPassword(_) => "Name or password is wrong.",
            Self::Later(_) => "Too many tries; wait a little.",
            Self::Busy => "Too many sign in at once; wait a little.",
            Self::FromElsewhere => "The request came from another site.",
            Self::WrongMethod => "This method is not allowed here.",
            Self::TookTooLong => "The request took too long and was stopped.",
            Self::Ours(_) => "Our fault. What was saved is safe.",
        }
    }
}

/// 40秒, 12分钟, 3小时
fn pause(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds}秒"),
        120..=7199 => format!("{}分钟", seconds.div_ceil(60)),
        _ => format!("{}小时", seconds.div_ceil(3600)),
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::NoRow => Self::NotThere,
            other => Self::Ours(format!("database: {other}")),
        }
    }
}

impl From<vault::DoesNotOpen> for Failure {
    fn from(error: vault::DoesNotOpen) -> Self {
        Self::Ours(error.to_string())
    }
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage {
    title: &'static str,
    sentence: String,
    error_id: String,
    css: &'static str,
    /// The page from which it was asked.
    back: Option<String>,
}

/// The error's body is chosen when the request is known: see [`dress`].
#[derive(Clone)]
struct Bare {
    status: StatusCode,
    code: &'static str,
    zh: String,
    en: &'static str,
    error_id: String,
    retry_after: Option<u64>,
}

impl Bare {
    fn of(failure: &Failure) -> Self {
        Self {
            status: failure.status(),
            code: failure.code(),
            zh: failure.zh(),
            en: failure.en(),
            error_id: error_id(),
            retry_after: match failure {
                Failure::Later(seconds) => Some(*seconds),
                Failure::Busy => Some(5),
                _ => None,
            },
        }
    }

    fn body(&self) -> serde_json::Value {
        // A program has no page to go back to.
        let detail = match self.status {
            StatusCode::NOT_FOUND => "没有找到，也可能不归这个账号看。请核对地址和编号。",
            _ => &self.zh,
        };
        serde_json::json!({
            "type": format!("urn:nuanchao:problem:{}", self.code),
            "title": self.en,
            "detail": detail,
            "status": self.status.as_u16(),
            "error_id": self.error_id,
        })
    }
}

/// So that the number on the page is found in the log; what was asked for is not said there.
fn note_refused(bare: &Bare) {
    tracing::info!(
        error_id = bare.error_id,
        code = bare.code,
        "request refused"
    );
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let bare = Bare::of(&self);
        match &self {
            Self::Ours(detail) => {
                tracing::error!(error_id = bare.error_id, detail, "request failed");
            }
            Self::SignIn => {}
            _ => note_refused(&bare),
        }
        let mut response = bare.status.into_response();
        response.extensions_mut().insert(bare);
        response
    }
}

/// Gives a failed response its body: a page for people, `application/problem+json` for programs.
pub async fn dress(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_get = request.method() == axum::http::Method::GET;
    let back = request.uri().path_and_query().map(ToString::to_string);
    let came_from = came_from(&request);
    let mut response = next.run(request).await;
    let bare = response.extensions_mut().remove::<Bare>().or_else(|| {
        let failure = of_status(response.status())?;
        failure.into_response().extensions_mut().remove::<Bare>()
    });
    let Some(bare) = bare else {
        return response;
    };
    let mut dressed = if path.starts_with("/api/") {
        problem_json(bare.status, &bare.body())
    } else if bare.code == Failure::SignIn.code() {
        // What was typed waits where it was typed.
        let back = if is_get { back } else { came_from };
        let back = back.unwrap_or_default();
        super::see_other(&format!("/login?back={}", super::words::url(&back)))
    } else {
        html(&bare, came_from)
    };
    if let Some(seconds) = bare.retry_after {
        dressed
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    dressed
}

/// By which a log and the one who asked mean the same failure.
pub fn error_id() -> String {
    vault::random_text::<4>()
}

/// A failure as programs are told it, for more to be said beside it.
pub fn problem_of(failure: &Failure) -> serde_json::Value {
    Bare::of(failure).body()
}

/// A problem for programs.
pub fn problem_json(status: StatusCode, body: &serde_json::Value) -> Response {
    (
        status,
        [
            (
                header::CONTENT_TYPE,
                "application/problem+json; charset=utf-8",
            ),
            (header::CACHE_CONTROL, "no-store"),
        ],
        body.to_string(),
    )
        .into_response()
}

/// What the layers around us refuse without a word of their own.
fn of_status(status: StatusCode) -> Option<Failure> {
    match status {
        StatusCode::FORBIDDEN => Some(Failure::FromElsewhere),
        StatusCode::METHOD_NOT_ALLOWED => Some(Failure::WrongMethod),
        StatusCode::REQUEST_TIMEOUT => Some(Failure::TookTooLong),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Failure::TooLarge),
        StatusCode::INTERNAL_SERVER_ERROR => Some(Failure::Ours("panic".to_owned())),
        _ => None,
    }
}

/// The page of ours where the form stood, as a path.
fn came_from(request: &axum::extract::Request) -> Option<String> {
    let is_form = request.method() == axum::http::Method::POST;
    let headers = request.headers();
    let said = headers.get(header::REFERER).filter(|_| is_form)?;
    let from: axum::http::Uri = said.to_str().ok()?.parse().ok()?;
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_ours = from.authority().is_some_and(|own| own.as_str() == host);
    let path = from.path_and_query().filter(|_| is_ours)?;
    Some(path.to_string())
}

fn html(bare: &Bare, back: Option<String>) -> Response {
    let page = ErrorPage {
        title: match bare.status {
            StatusCode::NOT_FOUND => "没找到这一页",
            status if status.is_server_error() => "这一页没打开",
            _ => "没有做成",
        },
        sentence: bare.zh.clone(),
        error_id: bare.error_id.clone(),
        css: super::assets::CSS_PATH.as_str(),
        back,
    };
    let body = page.render().unwrap_or_else(|_| bare.zh.clone());
    (bare.status, Html(body)).into_response()
}
