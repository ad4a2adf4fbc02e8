//! SQLite, through rusqlite: the writer, and the readers that a request borrows.

use super::query::{Row, Value};
use super::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long to wait while another process writes.
const PATIENCE: Duration = Duration::from_secs(5);

const PRAGMAS: &str = "
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma trusted_schema = off;
    pragma cell_size_check = on;
    pragma secure_delete = on;
    pragma temp_store = memory;
    pragma mmap_size = 0;
";

/// More than the program has, so that none is prepared twice.
const STATEMENTS_KEPT: usize = 512;

pub struct Sqlite {
    conn: Connection,
    /// Our places are `$1`, which SQLite takes for names; the same text with `?1`, by the address of
    /// the literal.
    numbered: HashMap<(usize, usize), Arc<str>>,
}

impl Sqlite {
    /// Opens or makes the file.
    pub fn open(file: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(file, flags)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // A plan may not depend on a bound value: such a statement is prepared anew at every call.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.busy_timeout(PATIENCE)?;
        conn.execute_batch(PRAGMAS)?;
        Ok(Self {
            conn,
            numbered: HashMap::new(),
        })
    }

    fn only_reads(self) -> Result<Self> {
        self.conn.execute_batch("pragma query_only = on")?;
        Ok(self)
    }

    /// Several statements without values.
    pub fn run(&self, sql: &str) -> Result<()> {
        Ok(self.conn.execute_batch(sql)?)
    }

    /// The same statement over and over.
    pub fn step(&self, sql: &str) -> Result<()> {
        self.conn.prepare_cached(sql)?.execute(())?;
        Ok(())
    }

    /// Ends what was read together; after a fault SQLite may have ended it already.
    fn ends(&self) {
        if !self.conn.is_autocommit() && self.step("commit").is_err() {
            let _ = self.step("rollback");
        }
    }

    /// Begins to write, unless another process does.
    pub fn begins_at_once(&self) -> Result<bool> {
        self.conn.busy_timeout(Duration::ZERO)?;
        let begun = self.conn.execute_batch("begin immediate");
        self.conn.busy_timeout(PATIENCE)?;
        match begun {
            Ok(()) => Ok(true),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64> {
        let text = self.numbered(sql);
        let mut statement = self.conn.prepare_cached(&text)?;
        let done = statement.execute(rusqlite::params_from_iter(values))?;
        Ok(u64::try_from(done).unwrap_or(u64::MAX))
    }

    pub fn all<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let text = self.numbered(sql);
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(&Row::Sqlite(row))?);
        }
        Ok(all)
    }

    pub fn first<T>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
        read: fn(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let text = self.numbered(sql);
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        rows.next()?.map(|row| read(&Row::Sqlite(row))).transpose()
    }

    /// One statement, prepared once, for many rows, of which it takes so many at a time.
    pub fn each<const ROWS: usize>(
        &mut self,
        sql: &str,
        rows: &[[Vec<Value<'_>>; ROWS]],
    ) -> Result<()> {
        let mut statement = self.conn.prepare_cached(&numbered(sql))?;
        for some in rows {
            statement.execute(rusqlite::params_from_iter(some.iter().flatten()))?;
        }
        Ok(())
    }

    /// Every row of a statement without values.
    pub fn each_row<T>(&self, sql: &str, read: impl Fn(&Row<'_>) -> Result<T>) -> Result<Vec<T>> {
        let mut statement = self.conn.prepare(sql)?;
        let mut rows = statement.query(())?;
        let mut all = Vec::new();
        while let Some(row) = rows.next()? {
            all.push(read(&Row::Sqlite(row))?);
        }
        Ok(all)
    }

    fn numbered(&mut self, literal: &'static str) -> Arc<str> {
        let place = (literal.as_ptr().addr(), literal.len());
        let known = self.numbered.entry(place);
        Arc::clone(known.or_insert_with(|| numbered(literal)))
    }
}

/// `$1` → `?1`. No literal of ours holds a `$` inside quotes.
fn numbered(sql: &str) -> Arc<str> {
    sql.replace('$', "?").into()
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Int(number) => ValueRef::Integer(*number),
            Self::NoText | Self::NoInt => ValueRef::Null,
        }))
    }
}

pub fn text(row: &rusqlite::Row<'_>, at: usize) -> Result<Option<String>> {
    match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| Error::Type("text".to_owned()))?;
            Ok(Some(text.to_owned()))
        }
        other => Err(Error::Type(other.data_type().to_string())),
    }
}

pub fn int(row: &rusqlite::Row<'_>, at: usize) -> Result<Option<i64>> {
    match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        other => Err(Error::Type(other.data_type().to_string())),
    }
}

pub fn column<'r>(row: &'r rusqlite::Row<'_>, at: usize) -> Option<&'r str> {
    row.as_ref().column_name(at).ok()
}

/// As many as requests that read and wait for the writer at the same time.
const READERS: usize = 8;

/// The connections that only read. What one borrower reads is of one moment, from its first statement
/// on; SQLite then takes its lock once and not for each.
#[derive(Clone)]
pub struct Readers {
    idle: Arc<Mutex<Vec<Sqlite>>>,
    free: Arc<Semaphore>,
}

impl Readers {
    pub fn open(file: &Path) -> Result<Self> {
        let idle = (0..READERS)
            .map(|_| Sqlite::open(file)?.only_reads())
            .collect::<Result<Vec<_>>>()?;
        Ok(Self {
            idle: Arc::new(Mutex::new(idle)),
            free: Arc::new(Semaphore::new(READERS)),
        })
    }

    pub async fn borrow(&self) -> Result<(Sqlite, Lent)> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        let permit = permit.map_err(|_| Error::Closed)?;
        let conn = self.all().pop().ok_or(Error::Closed)?;
        let lent = Lent {
            to: self.clone(),
            _permit: permit,
        };
        match conn.step("begin") {
            Ok(()) => Ok((conn, lent)),
            Err(error) => {
                lent.to.all().push(conn);
                Err(error)
            }
        }
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Sqlite>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the file go; what is still lent is closed when it comes back.
    pub fn close(&self) {
        self.free.close();
        self.all().clear();
    }
}

/// Where a reader goes back to.
pub struct Lent {
    to: Readers,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    pub fn back(self, conn: Sqlite) {
        if !self.to.free.is_closed() {
            conn.ends();
            self.to.all().push(conn);
        }
    }
}
