//! 登录, 退出, 我的, 更多.

use super::forms::SignIn;
use super::{password, store};
use crate::App;
use crate::clock;
use crate::db;
use crate::ids::{OperationId, SchoolId};
use crate::journal::{self, Actor, Entry, Kind};
use crate::outbox::{Standing, standings};
use crate::vault;
use crate::web::viewer::Look;
use crate::web::{self, Errors, Failure, Fields, Form, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rules::access::Act;
use rules::identity::Phone;

#[derive(Template)]
#[template(path = "login/login.html")]
struct LoginPage {
    css: &'static str,
    js: &'static str,
    back: String,
    username: String,
    error: Option<String>,
    /// The school has just been made.
    is_new: bool,
    is_demo: bool,
}

impl LoginPage {
    fn new(app: &App, form: &SignIn, error: Option<String>) -> Self {
        Self {
            css: web::assets::CSS_PATH.as_str(),
            js: web::assets::JS_PATH.as_str(),
            back: form.back.clone(),
            username: form.username.clone(),
            error,
            is_new: false,
            is_demo: app.is_demo,
        }
    }
}

/// `GET /`: the first place that the roles open.
pub async fn first_place(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let shell = Shell::new(&app, &viewer, "", "/");
    Ok(see_other(
        shell.places.first().map_or("/me", |place| place.href),
    ))
}

/// `GET /login`
pub async fn form(State(app): State<App>, Form(fields): Form) -> Result<Response> {
    let is_new = {
        let mut conn = app.db.read().await?;
        crate::school::founding::is_empty(&mut conn).await?
    };
    if is_new {
        return Ok(see_other("/setup"));
    }
    page(&LoginPage {
        is_new: fields.has("said", "made"),
        ..LoginPage::new(&app, &SignIn::read(&fields), None)
    })
}

/// `POST /login`
pub async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    Form(fields): Form,
) -> Result<Response> {
    let form = SignIn::read(&fields);
    match enter(&app, &headers, &form).await? {
        Ok(cookies) => with_cookies(see_other(&form.back), &cookies),
        Err(sentence) => web::unprocessable(&LoginPage::new(&app, &form, Some(sentence))),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiSignIn {
    username: String,
    password: String,
}

/// `POST /api/v1/login`
pub async fn api_sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Json<ApiSignIn>, axum::extract::rejection::JsonRejection>,
) -> Result<Response> {
    let Json(body) = body.map_err(|_| {
        Failure::Asked("登录要送一个JSON，里面有username和password两项。".to_owned())
    })?;
    let form = SignIn {
        username: body.username.trim().to_lowercase(),
        password: body.password,
        shared: false,
        back: String::new(),
    };
    match enter(&app, &headers, &form).await? {
        Ok(cookies) => {
            let body = serde_json::json!({"signed_in": true});
            with_cookies(web::json(StatusCode::OK, &body), &cookies)
        }
        Err(sentence) => Err(Failure::WrongPassword(sentence)),
    }
}

fn with_cookies(mut response: Response, cookies: &[String]) -> Result<Response> {
    for cookie in cookies {
        response
            .headers_mut()
            .append(header::SET_COOKIE, header_value(cookie)?);
    }
    Ok(response)
}

fn header_value(cookie: &str) -> Result<header::HeaderValue> {
    cookie
        .parse()
        .map_err(|_| Failure::Ours("cookie".to_owned()))
}

/// The cookies of a new login session, or the sentence why not. Unknown name and wrong password
/// look alike and take alike.
async fn enter(
    app: &App,
    headers: &HeaderMap,
    form: &SignIn,
) -> Result<Result<Vec<String>, String>> {
    let now = app.clock.now();
    let device = store::cookie(headers, store::device_cookie_name(app.https));
    let device_hash = device
        .as_deref()
        .map(|one| vault::fingerprint(one.as_bytes()));
    let mut tx = app.db.write_anywhere().await?;
    let account = store::account(&mut tx, &form.username).await?;
    let known = match (&account, &device_hash) {
        (Some(account), Some(device)) => store::knows_device(&mut tx, account, device).await?,
        _ => false,
    };
    let counted_by = format!(
        "{} {}",
        form.username,
        device_hash.filter(|_| known).unwrap_or_default()
    );
    let name_hash = vault::fingerprint(counted_by.as_bytes());
    let rest = store::try_once(&mut tx, &name_hash, &now.at).await?;
    tx.commit().await?;
    if rest > 0 {
        return Err(Failure::Later(rest.unsigned_abs()));
    }
    let hash = account
        .as_ref()
        .and_then(|one| one.password_hash.as_deref());
    let fits = password::fits(&form.password, hash).await?;
    let entered = account
        .as_ref()
        .filter(|one| fits && one.disabled_at.is_none());
    let Some(account) = entered else {
        refuse(app, account.as_ref(), &now.at).await?;
        return Ok(Err("账号或密码不对，请再试一次。".to_owned()));
    };
    let device = device.unwrap_or_else(vault::random_text::<32>);
    let school_id = SchoolId::from(account.school_id.clone());
    let mut tx = app.db.write(&school_id).await?;
    store::succeeded(&mut tx, &name_hash, &clock::day_before(&now.at)).await?;
    let token = store::open(&mut tx, account, form.shared, &now.at).await?;
    let device_hash = vault::fingerprint(device.as_bytes());
    store::remember_device(&mut tx, account, (&device_hash, &now.at)).await?;
    note_of(&app.vault, &mut tx, account, (&now.at, Kind::SignedIn)).await?;
    tx.commit().await?;
    Ok(Ok(cookies(app, &token, &device)))
}

async fn refuse(app: &App, account: Option<&store::Account>, at: &str) -> Result<()> {
    let Some(account) = account else {
        return Ok(());
    };
    let school_id = SchoolId::from(account.school_id.clone());
    let mut tx = app.db.write(&school_id).await?;
    note_of(&app.vault, &mut tx, account, (at, Kind::SignInRefused)).await?;
    tx.commit().await?;
    Ok(())
}

fn cookies(app: &App, token: &str, device: &str) -> Vec<String> {
    const YEAR: u32 = 366 * 24 * 3600;
    let secure = if app.https { "; Secure" } else { "" };
    vec![
        format!(
            "{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}",
            store::cookie_name(app.https)
        ),
        format!(
            "{}={device}; Path=/; HttpOnly; SameSite=Lax; Max-Age={YEAR}{secure}",
            store::device_cookie_name(app.https)
        ),
    ]
}

/// Writes down what became of signing in, in the journal of the account's own school.
async fn note_of(
    vault: &crate::vault::Vault,
    tx: &mut crate::db::Conn,
    account: &store::Account,
    (at, kind): (&str, Kind),
) -> Result<()> {
    let school_id = SchoolId::from(account.school_id.clone());
    let actor = Actor {
        school_id: &school_id,
        staff_id: &account.id,
        at,
        key: &vault.school_key(school_id.as_str()),
        device: None,
    };
    note(tx, &actor, kind).await
}

async fn note(tx: &mut crate::db::Conn, actor: &Actor<'_>, kind: Kind) -> Result<()> {
    journal::record(
        tx,
        actor,
        &Entry {
            operation: &OperationId::new(),
            kind,
            subject_kind: "staff",
            subject_id: actor.staff_id,
            payload: "",
            result: "",
        },
    )
    .await?;
    Ok(())
}

/// `POST /logout`
pub async fn sign_out(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut tx = app.db.write(&viewer.school_id).await?;
    store::close(&mut tx, &viewer.token_hash).await?;
    note(&mut tx, &viewer.actor(), Kind::SignedOut).await?;
    tx.commit().await?;
    app.memory.forget_sessions();
    let mut response = see_other("/login");
    let secure = if app.https { "; Secure" } else { "" };
    let headers = response.headers_mut();
    for name in [store::cookie_name(app.https), store::PROJECTION] {
        let gone = format!("{name}=; Path=/; HttpOnly; Max-Age=0{secure}");
        headers.append(header::SET_COOKIE, header_value(&gone)?);
    }
    // What still waits to be sent must outlive signing out; the page clears the rest by itself.
    let cleared = if fields.has("outbox", "waits") {
        "\"cache\""
    } else {
        "\"cache\", \"storage\""
    };
    headers.insert("clear-site-data", header::HeaderValue::from_static(cleared));
    Ok(response)
}

#[derive(Template)]
#[template(path = "login/me.html")]
struct MePage {
    shell: Shell,
    name: String,
    roles: Vec<&'static str>,
    phone: String,
    /// How this person's own phones stand.
    phones: Vec<Standing>,
    errors: Errors,
}

async fn me_page(
    app: &App,
    viewer: &Viewer,
    errors: Errors,
    typed: Option<&str>,
) -> Result<MePage> {
    let mut conn = app.db.read().await?;
    let phone = match typed {
        Some(typed) => Some(typed.to_owned()),
        None => store::own_phone(&mut conn, viewer).await?,
    };
    let own = Some(viewer.staff_id.as_str());
    let phones = standings(&mut conn, viewer.school_id.as_str(), own).await?;
    drop(conn);
    let mut roles: Vec<&'static str> = viewer
        .roles()
        .into_iter()
        .map(crate::school::role_zh)
        .collect();
    roles.dedup();
    let shell = Shell::new(app, viewer, "我的", "/me");
    Ok(MePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        name: viewer.name.clone(),
        roles,
        phone: phone.unwrap_or_default(),
        phones,
        errors,
    })
}

/// `GET /me`
pub async fn me(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut me = me_page(&app, &viewer, Errors::default(), None).await?;
    me.shell.notice = match fields.get("said") {
        "password" => Some("密码换好了，别的设备要重新登录。".to_owned()),
        "phone" => Some("记下了，下次打印联系卡就用它。".to_owned()),
        "look" => Some("换好了，只管这个浏览器。".to_owned()),
        _ => None,
    };
    page(&me)
}

/// `POST /me/phone`: the number that families find on the card.
pub async fn change_phone(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let phone = match fields.opt("phone").map(Phone::parse).transpose() {
        Ok(phone) => phone,
        Err(fault) => {
            let mut errors = Errors::default();
            errors.add("phone", crate::roster::sentences::phone("您", &fault));
            let typed = Some(fields.get("phone"));
            return web::unprocessable(&me_page(&app, &viewer, errors, typed).await?);
        }
    };
    let mut tx = app.db.write(&viewer.school_id).await?;
    store::set_own_phone(&mut tx, &viewer, phone.as_ref().map(Phone::as_str)).await?;
    note(&mut tx, &viewer.actor(), Kind::OwnPhoneChanged).await?;
    tx.commit().await?;
    Ok(see_other("/me?said=phone"))
}

/// `POST /me/password`
pub async fn change_password(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut errors = Errors::default();
    let old = own_hash(&app, &viewer).await?;
    let name_hash = vault::fingerprint(format!("me {}", viewer.staff_id).as_bytes());
    let mut tx = app.db.write(&viewer.school_id).await?;
    let rest = store::try_once(&mut tx, &name_hash, &viewer.now.at).await?;
    tx.commit().await?;
    if rest > 0 {
        return Err(Failure::Later(rest.unsigned_abs()));
    }
    if !password::fits(fields.get("old"), old.as_deref()).await? {
        errors.add("old", "现在的密码不对，请再输一次。");
    }
    if let Some(fault) = password_fault(&viewer, &fields) {
        errors.add("new", fault);
    }
    if !errors.is_empty() {
        return web::unprocessable(&me_page(&app, &viewer, errors, None).await?);
    }
    let hash = password::hash(fields.get("new")).await;
    let mut tx = app.db.write(&viewer.school_id).await?;
    store::succeeded(&mut tx, &name_hash, &clock::day_before(&viewer.now.at)).await?;
    store::set_password(&mut tx, &viewer.school_id, viewer.staff_id.as_str(), &hash).await?;
    note(&mut tx, &viewer.actor(), Kind::PasswordChanged).await?;
    tx.commit().await?;
    app.memory.forget_sessions();
    Ok(see_other("/login?back=/me"))
}

fn password_fault(viewer: &Viewer, fields: &Fields) -> Option<String> {
    password::fault(
        fields.get("new"),
        &[viewer.name.as_str(), viewer.school_name.as_str()],
    )
}

async fn own_hash(app: &App, viewer: &Viewer) -> Result<Option<String>> {
    let mut conn = app.db.read().await?;
    Ok(
        db::query_scalar("select password_hash from staff where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(viewer.staff_id.as_str())
            .fetch_one(&mut conn)
            .await?,
    )
}

/// `POST /me/projection`: 投屏 on or off, for this browser.
pub async fn projection(State(app): State<App>, Form(fields): Form) -> Result<Response> {
    let secure = if app.https { "; Secure" } else { "" };
    let (value, age) = if fields.get("on") == "1" {
        ("1", "")
    } else {
        ("", "; Max-Age=0")
    };
    let cookie = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}",
        store::PROJECTION
    );
    with_cookies(see_other("/"), &[cookie])
}

/// Half a year: longer than a term.
const LOOK_SECONDS: i64 = 184 * 24 * 3600;

/// `POST /me/look`: 浅色、深色, single-letter keys; nobody's data, so nothing is written down.
pub async fn look(State(app): State<App>, Form(fields): Form) -> Result<Response> {
    let secure = if app.https { "; Secure" } else { "" };
    let silent = if fields.has("keys", "off") {
        ".silent"
    } else {
        ""
    };
    let wanted = format!("{}{silent}", fields.get("theme"));
    let theme = Look::parse(&wanted).theme.code();
    let cookie = format!(
        "{}={theme}{silent}; Path=/; HttpOnly; SameSite=Lax; Max-Age={LOOK_SECONDS}{secure}",
        store::LOOK
    );
    with_cookies(see_other("/me?said=look"), &[cookie])
}

#[derive(Template)]
#[template(path = "login/more.html")]
struct MorePage {
    shell: Shell,
}

/// `GET /more`
pub async fn more(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    page(&MorePage {
        shell: Shell::new(&app, &viewer, "更多", "/more"),
    })
}

/// `GET /api/v1/me`
pub async fn api_me(viewer: Viewer) -> Result<Response> {
    let mut roles: Vec<&str> = viewer.roles().iter().map(|role| role.code()).collect();
    roles.sort_unstable();
    roles.dedup();
    Ok(web::json(
        StatusCode::OK,
        &serde_json::json!({
            "id": viewer.staff_id,
            "name": viewer.name,
            "school": {"id": viewer.school_id, "name": viewer.school_name},
            "roles": roles,
            "today": viewer.today().to_string(),
            "sees_children": viewer.ever(Act::SeeChild),
        }),
    )
    .into_response())
}
