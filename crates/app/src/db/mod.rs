//! The only folder that knows which engine is underneath.

mod bulk;
mod copy;
mod migrate;
mod postgres;
mod query;
mod sqlite;
mod turn;
pub mod watch;

pub use bulk::{Val, bulk_insert};
pub(crate) use query::row;
pub use query::{FromRow, Row, Value, query, query_as, query_scalar};

use crate::ids::SchoolId;
use crate::marks::Keeper;
use postgres::Link;
use sqlite::{Lent, Readers, Sqlite};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;
use turn::{Line, Turn};

/// A connection, whichever engine it leads to.
pub enum Conn {
    Sqlite(Sqlite),
    Postgres(Link),
}

impl Conn {
    /// Several statements without values.
    async fn run(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.run(sql),
            Self::Postgres(link) => postgres::run(link, sql.to_owned()).await,
        }
    }
}

/// What an engine answers when it does not do what was asked.
#[derive(Debug)]
pub enum Error {
    /// A row was asked for that must be there.
    NoRow,
    /// A column is empty that must not be.
    Missing(usize),
    /// A column of this type is not one of ours.
    Type(String),
    /// The database is closed.
    Closed,
    /// Whoever had the change in hand did not come to its end.
    Lost(String),
    Sqlite(rusqlite::Error),
    Postgres(sqlx::Error),
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Postgres(error)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoRow => f.write_str("no row"),
            Self::Missing(at) => write!(f, "column {at} is null"),
            Self::Type(kind) => write!(f, "a column of type {kind}"),
            Self::Closed => f.write_str("the database is closed"),
            Self::Lost(why) => f.write_str(why),
            Self::Sqlite(error) => error.fmt(f),
            Self::Postgres(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

/// A connection that reads, until it is let go.
pub struct Reader {
    conn: Option<Conn>,
    /// SQLite's own readers go back by hand, PostgreSQL's by themselves.
    lent: Option<Lent>,
}

impl Deref for Reader {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        self.conn.as_ref().expect(HELD)
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn.as_mut().expect(HELD)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let (Some(Conn::Sqlite(conn)), Some(lent)) = (self.conn.take(), self.lent.take()) {
            lent.back(conn);
        }
    }
}

/// Only dropping takes it away.
const HELD: &str = "a reader holds its connection to its end";

/// A write transaction: what is not committed has not happened.
pub struct Tx {
    held: Held,
    keeper: Option<Keeper>,
}

enum Held {
    Turn(Turn),
    Own(Conn),
}

impl Tx {
    /// Marks what the change made of things, and returns when it would survive a power cut.
    pub async fn commit(mut self) -> Result<()> {
        if let Some(keeper) = self.keeper.take() {
            crate::marks::put(&mut self, &keeper).await?;
        }
        match self.held {
            Held::Turn(turn) => turn.commit().await,
            Held::Own(Conn::Postgres(Link::Within(tx))) => Ok(tx.commit().await?),
            Held::Own(_) => Err(Error::Closed),
        }
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match &self.held {
            Held::Turn(turn) => turn.conn(),
            Held::Own(conn) => conn,
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        match &mut self.held {
            Held::Turn(turn) => turn.conn_mut(),
            Held::Own(conn) => conn,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// One writer and many readers on SQLite; one pool on PostgreSQL.
#[derive(Clone)]
pub struct Db {
    kind: Kind,
    /// Who marks what is written. Before there is one, only the program's own notes are.
    keeper: Option<Keeper>,
}

#[derive(Clone)]
enum Kind {
    Sqlite { line: Line, readers: Readers },
    Postgres(PgPool),
}

/// Why the database could not be opened: for the person at the console.
#[derive(Debug)]
pub enum OpenFault {
    Sql(Error),
    /// The address is none of PostgreSQL's.
    NoAddress,
    /// Nobody answers there, or refuses.
    Unreachable(sqlx::Error),
    /// The engine answers otherwise than it must; the setting and the answer.
    Setting {
        name: &'static str,
        found: String,
    },
    /// The data was written by a newer program.
    TooNew {
        found: i64,
        known: i64,
    },
}

impl From<Error> for OpenFault {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl std::fmt::Display for OpenFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => write!(f, "打不开数据库：{error}"),
            Self::NoAddress => f.write_str(
                "--database-url要写成postgres://用户:口令@地址:端口/库名。只认得PostgreSQL。",
            ),
            Self::Unreachable(error) => write!(
                f,
                "连不上数据库服务器。看看它开了没有，--database-url里的地址、端口、用户和库名对不对（{error}）。"
            ),
            Self::Setting { name, found } => write!(
                f,
                "数据库的设置{name}是“{found}”，这样断电时可能丢记录，所以没有启动。请联系管理员改过来。"
            ),
            Self::TooNew { found, known } => write!(
                f,
                "这份数据是更新的版本写的（第{found}版，本程序认得到第{known}版）。请换用新程序打开。"
            ),
        }
    }
}

/// 3.51.2 and before can corrupt a WAL database with two connections (safety.md §1.2).
const LEAST_SQLITE: [u32; 3] = [3, 51, 3];

impl Db {
    /// Opens or makes the file, checks the engine, brings the tables up to date.
    pub async fn open_sqlite(file: &Path) -> Result<Self, OpenFault> {
        let mut writer = Conn::Sqlite(Sqlite::open(file)?);
        check_sqlite(&mut writer).await?;
        migrate::migrate(&mut writer, Engine::Sqlite).await?;
        watch::on_sqlite(&mut writer).await?;
        Ok(Self {
            kind: Kind::Sqlite {
                line: Line::new(writer),
                readers: Readers::open(file)?,
            },
            keeper: None,
        })
    }

    /// Connects to PostgreSQL 15 or later.
    pub async fn open_postgres(url: &str) -> Result<Self, OpenFault> {
        let is_ours = ["postgres://", "postgresql://"];
        if !is_ours.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(OpenFault::NoAddress);
        }
        // A pool goes on trying for half a minute; one connection says at once what is wrong.
        let first = <sqlx::PgConnection as sqlx::Connection>::connect(url).await;
        let first = first.map_err(OpenFault::Unreachable)?;
        sqlx::Connection::close(first).await.map_err(Error::from)?;
        let pool = PgPoolOptions::new()
            .max_connections(8)
            .test_before_acquire(false)
            .idle_timeout(Duration::from_secs(30))
            .connect(url)
            .await
            .map_err(Error::from)?;
        let db = Self {
            kind: Kind::Postgres(pool),
            keeper: None,
        };
        let mut conn = db.read().await?;
        check_postgres(&mut conn).await?;
        migrate::migrate(&mut conn, Engine::Postgres).await?;
        watch::on_postgres(&mut conn).await?;
        drop(conn);
        Ok(db)
    }

    /// From here on everything that is written is marked.
    pub fn kept_by(self, keeper: Keeper) -> Self {
        Self {
            keeper: Some(keeper),
            ..self
        }
    }

    pub fn engine(&self) -> Engine {
        match self.kind {
            Kind::Sqlite { .. } => Engine::Sqlite,
            Kind::Postgres(_) => Engine::Postgres,
        }
    }

    pub async fn read(&self) -> Result<Reader> {
        let (conn, lent) = match &self.kind {
            Kind::Sqlite { readers, .. } => {
                let (conn, lent) = readers.borrow().await?;
                (Conn::Sqlite(conn), Some(lent))
            }
            Kind::Postgres(pool) => (Conn::Postgres(Link::Pooled(pool.acquire().await?)), None),
        };
        Ok(Reader {
            conn: Some(conn),
            lent,
        })
    }

    /// A write transaction on one school. Changes of a school happen one after the other on both
    /// engines: what is read in here is still so when it is written.
    pub async fn write(&self, school_id: &SchoolId) -> Result<Tx> {
        self.tx(Some(school_id), false).await
    }

    /// A write transaction that will take long: nobody's answer waits for its end.
    pub async fn write_alone(&self, school_id: &SchoolId) -> Result<Tx> {
        self.tx(Some(school_id), true).await
    }

    /// A write transaction of the console, on no school in particular.
    pub async fn write_anywhere(&self) -> Result<Tx> {
        self.tx(None, true).await
    }

    async fn tx(&self, school_id: Option<&SchoolId>, alone: bool) -> Result<Tx> {
        let keeper = self.keeper.clone();
        let pool = match &self.kind {
            Kind::Sqlite { line, .. } => {
                let held = Held::Turn(line.turn(alone).await?);
                return Ok(Tx { held, keeper });
            }
            Kind::Postgres(pool) => pool,
        };
        let mut conn = Conn::Postgres(Link::Within(pool.begin().await?));
        if let Some(school_id) = school_id {
            query_scalar::<i64>("select seq from journal_head where school_id = $1 for update")
                .bind(school_id.as_str())
                .fetch_optional(&mut conn)
                .await?;
        }
        let held = Held::Own(conn);
        Ok(Tx { held, keeper })
    }

    pub async fn setting(&self, name: &str) -> Result<Option<String>> {
        let mut conn = self.read().await?;
        query_scalar("select value from setting where name = $1")
            .bind(name)
            .fetch_optional(&mut conn)
            .await
    }

    pub async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let mut tx = self.write_anywhere().await?;
        set(&mut tx, name, value).await?;
        tx.commit().await
    }

    /// Whether the database answers, for `/readyz`.
    pub async fn answers(&self) -> bool {
        matches!(self.setting("schema_version").await, Ok(Some(_)))
    }

    /// A consistent copy of the whole SQLite database in one file that did not exist before.
    pub async fn copy_to(&self, file: &Path) -> Result<()> {
        let name = file.display().to_string().replace('\'', "''");
        let Kind::Sqlite { line, .. } = &self.kind else {
            return Err(Error::Lost("SQLite only".to_owned()));
        };
        line.apart(format!("vacuum into '{name}'")).await
    }

    /// The engine's own check of its file; empty when all is well.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        if self.engine() == Engine::Postgres {
            return Ok(Vec::new());
        }
        let mut conn = self.read().await?;
        let said: Vec<String> = query_scalar("pragma integrity_check")
            .fetch_all(&mut conn)
            .await?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }

    /// Tables with rows that belong to something that is not there. PostgreSQL lets none come about.
    pub async fn orphans(&self) -> Result<Vec<String>> {
        if self.engine() == Engine::Postgres {
            return Ok(Vec::new());
        }
        let mut conn = self.read().await?;
        query_scalar("select distinct \"table\" from pragma_foreign_key_check order by 1")
            .fetch_all(&mut conn)
            .await
    }

    /// Whether what keeps the journal from being rewritten is in its place.
    pub async fn is_guarded(&self) -> Result<bool> {
        let guards = match self.engine() {
            Engine::Sqlite => {
                "select count(*) from sqlite_master where type = 'trigger' and name in (
                    'journal_no_update', 'journal_no_delete', 'mark_no_update', 'mark_no_delete')"
            }
            Engine::Postgres => {
                "select count(*) from pg_trigger
                where tgname in ('journal_no_change', 'journal_no_truncate', 'mark_no_change',
                        'mark_no_truncate')
                    and tgrelid in ('journal'::regclass, 'journal_mark'::regclass)
                    and tgenabled <> 'D'"
            }
        };
        let mut conn = self.read().await?;
        let found: i64 = query_scalar(guards).fetch_one(&mut conn).await?;
        Ok(found == 4 && watch::watches(&mut conn, self.engine()).await?)
    }

    pub async fn close(&self) {
        match &self.kind {
            Kind::Sqlite { line, readers } => {
                readers.close();
                line.close().await;
            }
            Kind::Postgres(pool) => pool.close().await,
        }
    }
}

/// One of the program's own notes in the database.
async fn set(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    query(
        "insert into setting (name, value) values ($1, $2)
         on conflict (name) do update set value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(conn)
    .await?;
    Ok(())
}

async fn check_sqlite(conn: &mut Conn) -> Result<(), OpenFault> {
    let version: String = query_scalar("select sqlite_version()")
        .fetch_one(&mut *conn)
        .await?;
    let parts: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
    if parts.as_slice() < LEAST_SQLITE.as_slice() {
        return Err(OpenFault::Setting {
            name: "sqlite_version",
            found: version,
        });
    }
    let mode: String = query_scalar("pragma journal_mode")
        .fetch_one(&mut *conn)
        .await?;
    let full: i64 = query_scalar("pragma synchronous")
        .fetch_one(&mut *conn)
        .await?;
    let keys: i64 = query_scalar("pragma foreign_keys")
        .fetch_one(&mut *conn)
        .await?;
    for (name, found, wanted) in [
        ("journal_mode", mode, "wal"),
        ("synchronous", full.to_string(), "2"),
        ("foreign_keys", keys.to_string(), "1"),
    ] {
        if found != wanted {
            return Err(OpenFault::Setting { name, found });
        }
    }
    Ok(())
}

/// A server that acknowledges before it is safe on disk may serve tests (`NUANCHAO_TEST`), and
/// nothing else; `fsync` is the cluster's own setting and is looked at by `serve`.
async fn check_postgres(conn: &mut Conn) -> Result<(), OpenFault> {
    let found: String = query_scalar("select current_setting('synchronous_commit')")
        .fetch_one(&mut *conn)
        .await?;
    if found == "off" {
        return Err(OpenFault::Setting {
            name: "synchronous_commit",
            found,
        });
    }
    Ok(())
}

impl Db {
    /// Refuses a PostgreSQL cluster that may lose what it has acknowledged.
    pub async fn check_durable(&self) -> Result<(), OpenFault> {
        if self.engine() == Engine::Sqlite {
            return Ok(());
        }
        let mut conn = self.read().await?;
        let settings: (String, String) =
            query_as("select current_setting('fsync'), current_setting('full_page_writes')")
                .fetch_one(&mut conn)
                .await?;
        for (name, found) in [("fsync", settings.0), ("full_page_writes", settings.1)] {
            if found != "on" {
                return Err(OpenFault::Setting { name, found });
            }
        }
        Ok(())
    }
}

/// The one question about an error that the engines answer alike.
pub fn is_taken(error: &Error) -> bool {
    match error {
        Error::Sqlite(rusqlite::Error::SqliteFailure(failure, _)) => matches!(
            failure.extended_code,
            rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        ),
        Error::Postgres(error) => error
            .as_database_error()
            .is_some_and(|error| error.is_unique_violation()),
        _ => false,
    }
}

/// A civil date as the tables keep it.
pub fn date(text: &str) -> jiff::civil::Date {
    text.parse().unwrap_or(jiff::civil::Date::MIN)
}

pub fn opt_date(text: Option<String>) -> Option<jiff::civil::Date> {
    text.and_then(|text| text.parse().ok())
}

/// Statements of tests that prepare a server: databases made from a template.
#[cfg(test)]
pub async fn for_tests(url: &str, statement: String) -> Result<()> {
    let pool = PgPoolOptions::new().max_connections(1).connect(url).await?;
    let mut conn = Conn::Postgres(Link::Pooled(pool.acquire().await?));
    conn.run(&statement).await?;
    drop(conn);
    pool.close().await;
    Ok(())
}

/// The same on a file that a program has open.
#[cfg(test)]
pub fn for_tests_in(file: &Path, statements: &str) -> Result<()> {
    Sqlite::open(file)?.run(statements)
}
