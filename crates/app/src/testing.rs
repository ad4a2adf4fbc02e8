//! The cast, the fixed day, the test client: tests come in by the front door, on both engines.

use crate::clock::Clock;
use crate::db::{self, Db};
use crate::memory::Memory;
use crate::vault::Vault;
use crate::{App, House, config, demo, routes};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use jiff::civil::{Date, date};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use tower::ServiceExt;

/// Tuesday, the eve of the national holiday, 第5周.
pub const FIXED: Date = date(2025, 9, 30);
/// A day of the winter vacation.
pub const WINTER: Date = date(2026, 2, 10);
pub const PASSWORD: &str = "Kuai-Le-2025";

/// Runs a test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test] async fn $name() {
                super::$name($crate::testing::School::sqlite().await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test] async fn $name() {
                super::$name($crate::testing::School::postgres().await).await;
            })*
        }
    };
}

/// A whole school with its cast, and the program in front of it.
pub struct School {
    pub app: App,
    router: Router,
    folder: PathBuf,
    /// Where its PostgreSQL database is, if it has one.
    server: Option<String>,
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

fn scratch() -> PathBuf {
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!("nuanchao-test-{number}-{}", crate::ids::OperationId::new());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The program itself, which `scripts/test` builds first: it reads uploads as a limited child.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let built = tests
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("nuanchao");
    assert!(built.exists(), "build the program first: cargo build");
    built
}

fn house(db: Db, vault: Vault, today: Date) -> App {
    App::new(House {
        db,
        vault,
        clock: Clock::fixed(today),
        checkpoints: std::env::temp_dir()
            .join(format!("nuanchao-test-checkpoints-{}", operation())),
        memory: Memory::default(),
        is_demo: true,
        https: false,
        setup_code: "open-sesame".to_owned(),
        sheet_reader: program(),
    })
}

/// The cast is entered once per engine; each test gets a copy.
struct Template {
    file: PathBuf,
    key: PathBuf,
}

static SQLITE: OnceCell<Template> = OnceCell::const_new();
static POSTGRES: OnceCell<(String, PathBuf)> = OnceCell::const_new();

async fn sqlite_template() -> Template {
    let folder = scratch();
    let (file, key) = (folder.join("cast.db"), folder.join("key"));
    let db = Db::open_sqlite(&folder.join("first.db")).await.unwrap();
    let app = house(db, Vault::make(&key).unwrap(), FIXED);
    demo::build_usual(&app, PASSWORD).await.unwrap();
    app.db.copy_to(&file).await.unwrap();
    app.db.close().await;
    Template { file, key }
}

async fn postgres_template() -> (String, PathBuf) {
    let server = config::test_postgres();
    let key = scratch().join("key");
    // A process number comes again; a server that outlives the tests still has the older database.
    let name = format!("cast_{}", operation().replace('-', ""));
    db::for_tests(&server, format!("create database {name}"))
        .await
        .unwrap();
    let db = Db::open_postgres(&in_database(&server, &name))
        .await
        .unwrap();
    let app = house(db, Vault::make(&key).unwrap(), FIXED);
    demo::build_usual(&app, PASSWORD).await.unwrap();
    app.db.close().await;
    (name, key)
}

/// The address of a database in which nothing is.
pub async fn empty_postgres() -> String {
    let server = config::test_postgres();
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    let name = format!("empty_{}_{number}", std::process::id());
    db::for_tests(&server, format!("create database {name}"))
        .await
        .unwrap();
    in_database(&server, &name)
}

fn in_database(server: &str, name: &str) -> String {
    let (base, options) = server.split_once('?').unwrap_or((server, ""));
    let base = base.rsplit_once('/').unwrap().0;
    format!("{base}/{name}?{options}")
}

impl School {
    pub async fn sqlite() -> Self {
        Self::sqlite_on(FIXED).await
    }

    pub async fn sqlite_on(today: Date) -> Self {
        let template = SQLITE.get_or_init(sqlite_template).await;
        let folder = scratch();
        let file = folder.join("test.db");
        std::fs::copy(&template.file, &file).unwrap();
        std::fs::copy(&template.key, folder.join("key")).unwrap();
        let db = Db::open_sqlite(&file).await.unwrap();
        Self::open(db, Vault::read(&template.key).unwrap(), today, folder)
    }

    /// A program without any school, as on its first day.
    pub async fn empty() -> Self {
        let folder = scratch();
        let db = Db::open_sqlite(&folder.join("test.db")).await.unwrap();
        let vault = Vault::make(&folder.join("key")).unwrap();
        Self::open(db, vault, FIXED, folder)
    }

    /// The same school on another day, with everything that was written in it.
    pub async fn later(self, today: Date) -> Self {
        self.app.db.close().await;
        let db = Db::open_sqlite(&self.folder.join("test.db")).await.unwrap();
        let vault = Vault::read(&self.folder.join("key")).unwrap();
        Self::open(db, vault, today, self.folder.clone())
    }

    pub async fn postgres() -> Self {
        Self::postgres_on(FIXED).await
    }

    pub async fn postgres_on(today: Date) -> Self {
        let server = config::test_postgres();
        let (template, key) = POSTGRES.get_or_init(postgres_template).await;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let sql = format!("create database {name} template {template}");
        db::for_tests(&server, sql).await.unwrap();
        let url = in_database(&server, &name);
        let db = Db::open_postgres(&url).await.unwrap();
        let folder = scratch();
        std::fs::copy(key, folder.join("key")).unwrap();
        let school = Self::open(db, Vault::read(key).unwrap(), today, folder);
        Self {
            server: Some(url),
            ..school
        }
    }

    /// Somebody with the database changes it, past the program.
    pub async fn outside(&self, statements: &str) {
        // What was given up a moment ago lets the file go first.
        tokio::task::yield_now().await;
        let done = match &self.server {
            Some(url) => db::for_tests(url, statements.to_owned()).await,
            None => db::for_tests_in(&self.folder.join("test.db"), statements),
        };
        done.unwrap();
    }

    fn open(db: Db, vault: Vault, today: Date, folder: PathBuf) -> Self {
        let app = house(db, vault, today);
        Self {
            router: routes::router(app.clone()),
            app,
            folder,
            server: None,
        }
    }

    /// Where its key lies, and on SQLite its data.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of the database as they lie on the disk.
    pub fn database_bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for name in ["test.db", "test.db-wal"] {
            all.extend(std::fs::read(self.folder.join(name)).unwrap_or_default());
        }
        all
    }

    /// The principal takes a plan into use.
    pub async fn adopt(&self, pack: &str) {
        let principal = self.sign_in("xiaozhang").await;
        let form = format!("operation={}&pack={pack}&do=adopt", operation());
        let done = principal.post("/office/packs", &form).await;
        done.is(StatusCode::SEE_OTHER);
    }

    /// Signs somebody of the cast in.
    pub async fn sign_in(&self, username: &str) -> Person {
        let nobody = self.nobody();
        let body = format!("username={username}&password={PASSWORD}");
        let answer = nobody.post("/login", &body).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        let cookie = answer.cookie.unwrap();
        Person {
            router: self.router.clone(),
            cookie: Some(cookie),
        }
    }

    /// Whoever was just let in.
    pub fn with_cookie(&self, entered: Answer) -> Person {
        Person {
            router: self.router.clone(),
            cookie: entered.cookie,
        }
    }

    pub fn nobody(&self) -> Person {
        Person {
            router: self.router.clone(),
            cookie: None,
        }
    }
}

/// A browser, or a program, with its cookie.
pub struct Person {
    router: Router,
    cookie: Option<String>,
}

pub struct Answer {
    pub status: StatusCode,
    pub text: String,
    /// The body as it came: a file.
    pub bytes: Vec<u8>,
    pub location: String,
    pub etag: String,
    cookie: Option<String>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    #[track_caller]
    pub fn is(self, status: StatusCode) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.text.contains(words), "{words} in {}", self.text);
        self
    }

    #[track_caller]
    pub fn hides(self, words: &str) -> Self {
        assert!(!self.text.contains(words), "{words} in {}", self.text);
        self
    }
}

impl Person {
    pub async fn send(&self, request: axum::http::request::Builder, body: Body) -> Answer {
        let mut request = request;
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.body(body).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let header = |name| {
            let value = response.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let (location, etag) = (header(header::LOCATION), header(header::ETAG));
        let cookies: Vec<&str> = response
            .headers()
            .get_all(header::SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok()?.split(';').next())
            .collect();
        let cookie = Some(cookies.join("; ")).filter(|cookie| !cookie.is_empty());
        let status = response.status();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            bytes: bytes.to_vec(),
            location,
            etag,
            cookie,
        }
    }

    /// The same person in front of a wall: 投屏 is on.
    pub fn on_a_wall(&self) -> Self {
        let session = self.cookie.clone().unwrap_or_default();
        let wall = crate::login::store::PROJECTION;
        Self {
            router: self.router.clone(),
            cookie: Some(format!("{session}; {wall}=1")),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, kind);
        self.send(request, Body::from(form.to_owned())).await
    }

    pub async fn json(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, Body::from(body.to_string())).await
    }

    /// Uploads a file as a browser does.
    pub async fn upload(&self, path: &str, file: &[u8]) -> Answer {
        self.upload_with(path, &[], file).await
    }

    /// A file with words beside it.
    pub async fn upload_with(&self, path: &str, words: &[(&str, &str)], file: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (name, word) in words {
            let part = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{word}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        body.extend_from_slice(
            b"--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.xlsx\"\r\n\r\n",
        );
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request, Body::from(body)).await
    }

    /// The id of a child of the cast whom this person sees.
    pub async fn child(&self, name: &str) -> String {
        let path = format!("/api/v1/children?q={}", crate::web::words::url(name));
        let found = self.get(&path).await.json();
        found["items"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Kinds, parties and states that 本周 names for one child.
    pub async fn week_of(&self, name: &str) -> Vec<(String, String, String, i64)> {
        let week = self.get("/api/v1/week").await.json();
        let word = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        week["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["child"]["name"] == name)
            .map(|item| {
                (
                    word(item, "kind"),
                    word(item, "with"),
                    word(item, "state"),
                    item["days_past"].as_i64().unwrap(),
                )
            })
            .collect()
    }
}

pub fn operation() -> String {
    crate::ids::OperationId::new().into()
}
