//! The only file that knows which engine is underneath.

mod turn;

use crate::ids::SchoolId;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Row, Transaction};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::time::Duration;
use turn::{Line, Turn};

pub type Conn = AnyConnection;

/// A write transaction: what is not committed has not happened.
pub enum Tx {
    Turn(Turn),
    Own(Transaction<'static, Any>),
}

impl Tx {
    /// Returns when the change would survive a power cut.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Turn(turn) => turn.commit().await,
            Self::Own(tx) => tx.commit().await,
        }
    }
}

impl Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match self {
            Self::Turn(turn) => turn.conn(),
            Self::Own(tx) => tx,
        }
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        match self {
            Self::Turn(turn) => turn.conn_mut(),
            Self::Own(tx) => tx,
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
    engine: Engine,
    /// SQLite's one writer.
    line: Option<Line>,
    readers: AnyPool,
}

/// Why the database could not be opened: for the person at the console.
#[derive(Debug)]
pub enum OpenFault {
    Sql(sqlx::Error),
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

impl From<sqlx::Error> for OpenFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl std::fmt::Display for OpenFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sql(error) => write!(f, "打不开数据库：{error}"),
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

const SQLITE_PRAGMAS: &str = "
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma trusted_schema = off;
    pragma cell_size_check = on;
    pragma secure_delete = on;
    pragma temp_store = memory;
    pragma mmap_size = 0;
    pragma busy_timeout = 5000;
";

/// Each runs once, in order, and is never edited after a release.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/0001_house.sql"),
    include_str!("../../migrations/0002_guards.sql"),
    include_str!("../../migrations/0003_referral.sql"),
    include_str!("../../migrations/0004_dossier.sql"),
    include_str!("../../migrations/0005_files.sql"),
    include_str!("../../migrations/0006_merge.sql"),
];

const JOURNAL_GUARDS_SQLITE: &str = "
create trigger journal_no_update before update on journal
begin select raise(abort, 'the journal is only added to'); end;
create trigger journal_no_delete before delete on journal
begin select raise(abort, 'the journal is only added to'); end;
";

const JOURNAL_GUARDS_POSTGRES: &str = "
create function journal_is_only_added_to() returns trigger language plpgsql as
$body$ begin raise exception 'the journal is only added to'; end $body$;
create trigger journal_no_change before update or delete on journal
for each row execute function journal_is_only_added_to();
create trigger journal_no_truncate before truncate on journal
for each statement execute function journal_is_only_added_to();
";

/// 3.51.2 and before can corrupt a WAL database with two connections (safety.md §1.2).
const LEAST_SQLITE: [u32; 3] = [3, 51, 3];

const READERS: u32 = 4;

impl Db {
    /// Opens or makes the file, checks the engine, brings the tables up to date.
    pub async fn open_sqlite(file: &Path) -> Result<Self, OpenFault> {
        sqlx::any::install_default_drivers();
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let mut writer = AnyConnection::connect(&url).await?;
        sqlx::raw_sql(SQLITE_PRAGMAS).execute(&mut writer).await?;
        check_sqlite(&mut writer).await?;
        migrate(&mut writer, Engine::Sqlite).await?;
        let readers = sqlite_readers(&url).await?;
        Ok(Self {
            engine: Engine::Sqlite,
            line: Some(Line::new(writer)),
            readers,
        })
    }

    /// Connects to PostgreSQL 15 or later.
    pub async fn open_postgres(url: &str) -> Result<Self, OpenFault> {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .test_before_acquire(false)
            .idle_timeout(Duration::from_secs(30))
            .connect(url)
            .await?;
        let mut conn = pool.acquire().await?;
        check_postgres(&mut conn).await?;
        migrate(&mut conn, Engine::Postgres).await?;
        drop(conn);
        Ok(Self {
            engine: Engine::Postgres,
            line: None,
            readers: pool,
        })
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    pub async fn read(&self) -> sqlx::Result<PoolConnection<Any>> {
        self.readers.acquire().await
    }

    /// A write transaction on one school. Changes of a school happen one after the other on both
    /// engines: what is read in here is still so when it is written.
    pub async fn write(&self, school_id: &SchoolId) -> sqlx::Result<Tx> {
        self.tx(Some(school_id), false).await
    }

    /// A write transaction that will take long: nobody's answer waits for its end.
    pub async fn write_alone(&self, school_id: &SchoolId) -> sqlx::Result<Tx> {
        self.tx(Some(school_id), true).await
    }

    /// A write transaction of the console, on no school in particular.
    pub async fn write_anywhere(&self) -> sqlx::Result<Tx> {
        self.tx(None, true).await
    }

    async fn tx(&self, school_id: Option<&SchoolId>, alone: bool) -> sqlx::Result<Tx> {
        if let Some(line) = &self.line {
            return line.turn(alone).await.map(Tx::Turn);
        }
        let mut tx = self.readers.begin().await?;
        if let Some(school_id) = school_id {
            sqlx::query("select seq from journal_head where school_id = $1 for update")
                .bind(school_id.as_str())
                .fetch_optional(&mut *tx)
                .await?;
        }
        Ok(Tx::Own(tx))
    }

    pub async fn setting(&self, name: &str) -> sqlx::Result<Option<String>> {
        let mut conn = self.read().await?;
        sqlx::query_scalar("select value from setting where name = $1")
            .bind(name)
            .fetch_optional(&mut *conn)
            .await
    }

    pub async fn set_setting(&self, name: &str, value: &str) -> sqlx::Result<()> {
        let mut tx = self.write_anywhere().await?;
        sqlx::query(
            "insert into setting (name, value) values ($1, $2)
             on conflict (name) do update set value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Whether the database answers, for `/readyz`.
    pub async fn answers(&self) -> bool {
        let Ok(mut conn) = self.read().await else {
            return false;
        };
        sqlx::query("select value from setting where name = 'schema_version'")
            .fetch_one(&mut *conn)
            .await
            .is_ok()
    }

    /// A consistent copy of the whole SQLite database in one file that did not exist before.
    pub async fn copy_to(&self, file: &Path) -> sqlx::Result<()> {
        let name = file.display().to_string().replace('\'', "''");
        let Some(line) = &self.line else {
            return Err(sqlx::Error::Configuration("SQLite only".into()));
        };
        line.apart(format!("vacuum into '{name}'")).await
    }

    /// The engine's own check of its file; empty when all is well.
    pub async fn integrity(&self) -> sqlx::Result<Vec<String>> {
        if self.engine == Engine::Postgres {
            return Ok(Vec::new());
        }
        let mut conn = self.read().await?;
        let rows = sqlx::query("pragma integrity_check")
            .fetch_all(&mut *conn)
            .await?;
        let said: Vec<String> = rows.iter().filter_map(|row| row.try_get(0).ok()).collect();
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }

    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(line) = &self.line {
            line.close().await;
        }
    }
}

async fn sqlite_readers(url: &str) -> sqlx::Result<AnyPool> {
    AnyPoolOptions::new()
        .max_connections(READERS)
        .min_connections(READERS)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(|conn, _| {
            Box::pin(async move {
                sqlx::raw_sql(SQLITE_PRAGMAS).execute(&mut *conn).await?;
                sqlx::raw_sql("pragma query_only = on")
                    .execute(&mut *conn)
                    .await?;
                Ok(())
            })
        })
        .connect(url)
        .await
}

async fn check_sqlite(conn: &mut Conn) -> Result<(), OpenFault> {
    let version: String = sqlx::query_scalar("select sqlite_version()")
        .fetch_one(&mut *conn)
        .await?;
    let parts: Vec<u32> = version.split('.').filter_map(|n| n.parse().ok()).collect();
    if parts.as_slice() < LEAST_SQLITE.as_slice() {
        return Err(OpenFault::Setting {
            name: "sqlite_version",
            found: version,
        });
    }
    let mode: String = sqlx::query_scalar("pragma journal_mode")
        .fetch_one(&mut *conn)
        .await?;
    let full: i64 = sqlx::query_scalar("pragma synchronous")
        .fetch_one(&mut *conn)
        .await?;
    let keys: i64 = sqlx::query_scalar("pragma foreign_keys")
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
    let found: String = sqlx::query_scalar("select current_setting('synchronous_commit')")
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
        if self.engine == Engine::Sqlite {
            return Ok(());
        }
        let mut conn = self.read().await?;
        let settings: (String, String) =
            sqlx::query_as("select current_setting('fsync'), current_setting('full_page_writes')")
                .fetch_one(&mut *conn)
                .await?;
        for (name, found) in [("fsync", settings.0), ("full_page_writes", settings.1)] {
            if found != "on" {
                return Err(OpenFault::Setting { name, found });
            }
        }
        Ok(())
    }
}

fn in_dialect(sql: &str, engine: Engine) -> String {
    let (strict, clustered, guards) = match engine {
        Engine::Sqlite => (" strict", " without rowid, strict", JOURNAL_GUARDS_SQLITE),
        Engine::Postgres => ("", "", JOURNAL_GUARDS_POSTGRES),
    };
    sql.replace("{strict}", strict)
        .replace("{clustered}", clustered)
        .replace("{journal_guards}", guards)
}

/// Runs what is missing, each migration in one transaction with its number.
async fn migrate(conn: &mut Conn, engine: Engine) -> Result<(), OpenFault> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let found = schema_version(conn).await;
    if found > known {
        return Err(OpenFault::TooNew { found, known });
    }
    let done = usize::try_from(found).unwrap_or_default();
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        let mut tx = match engine {
            Engine::Sqlite => conn.begin_with("begin immediate").await?,
            Engine::Postgres => conn.begin().await?,
        };
        sqlx::raw_sql(AssertSqlSafe(in_dialect(sql, engine)))
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "insert into setting (name, value) values ('schema_version', $1)
             on conflict (name) do update set value = excluded.value",
        )
        .bind((at + 1).to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// 0 for an empty database, in which even the table of settings is missing.
async fn schema_version(conn: &mut Conn) -> i64 {
    let found: sqlx::Result<String> =
        sqlx::query_scalar("select value from setting where name = 'schema_version'")
            .fetch_one(conn)
            .await;
    found
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

/// The one question about an error that the engines answer alike.
pub fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|error| error.is_unique_violation())
}

/// A civil date as the tables keep it.
pub fn date(text: &str) -> jiff::civil::Date {
    text.parse().unwrap_or(jiff::civil::Date::MIN)
}

pub fn opt_date(text: Option<String>) -> Option<jiff::civil::Date> {
    text.and_then(|text| text.parse().ok())
}

/// A value of a bulk insert.
#[derive(Clone, Debug)]
pub enum Val {
    Text(String),
    OptText(Option<String>),
    Int(i64),
    OptInt(Option<i64>),
}

impl From<&str> for Val {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Val {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Option<String>> for Val {
    fn from(text: Option<String>) -> Self {
        Self::OptText(text)
    }
}

impl From<i64> for Val {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Option<i64>> for Val {
    fn from(number: Option<i64>) -> Self {
        Self::OptInt(number)
    }
}

/// The driver looks each value's place up by its name, one name after another: a statement of ten
/// times as many values takes a hundred times as long to bind.
const MOST_BOUND: usize = 300;
const ROWS_AT_ONCE: usize = 500;

/// Many rows in few statements: row by row is five to nine times slower.
///
/// Table and columns are literals of ours; every value is bound.
pub async fn bulk_insert(
    conn: &mut Conn,
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Val>>,
) -> sqlx::Result<()> {
    let at_once = ROWS_AT_ONCE.min(MOST_BOUND / columns.len().max(1));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<Vec<Val>> = rows.by_ref().take(at_once).collect();
        let sql = insert_sql(table, columns, some.len());
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for value in some.into_iter().flatten() {
            query = match value {
                Val::Text(text) => query.bind(text),
                Val::OptText(text) => query.bind(text),
                Val::Int(number) => query.bind(number),
                Val::OptInt(number) => query.bind(number),
            };
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

fn insert_sql(table: &str, columns: &[&str], rows: usize) -> String {
    let mut sql = format!("insert into {table} ({}) values ", columns.join(", "));
    let mut bound = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            bound += 1;
            if column > 0 {
                sql.push_str(", ");
            }
            sql.push('$');
            sql.push_str(&bound.to_string());
        }
        sql.push(')');
    }
    sql
}

/// Statements of tests that prepare a server: databases made from a template.
#[cfg(test)]
pub async fn for_tests(url: &str, statement: String) -> sqlx::Result<()> {
    sqlx::any::install_default_drivers();
    let pool = AnyPoolOptions::new()
        .max_connections(1)
        .connect(url)
        .await?;
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&pool)
        .await?;
    pool.close().await;
    Ok(())
}
