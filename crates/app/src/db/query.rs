//! A statement, its values and what comes back: the same words for both engines.
//!
//! A call to SQLite is made where it stands, without another thread in between: a read takes a few
//! microseconds, a tenth of what handing it over would (decision 0017).

use super::postgres::Sql;
use super::{Conn, Error, Result, postgres, sqlite};
use std::borrow::Cow;
use std::marker::PhantomData;

/// A value bound to a place of a statement. PostgreSQL wants the type of what is missing, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'q> {
    Text(Cow<'q, str>),
    NoText,
    Int(i64),
    NoInt,
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(text: &'q str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'q> From<&'q String> for Value<'q> {
    fn from(text: &'q String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(number: Option<i64>) -> Self {
        number.map_or(Self::NoInt, Self::Int)
    }
}

impl<'q> From<Option<&'q str>> for Value<'q> {
    fn from(text: Option<&'q str>) -> Self {
        text.map_or(Self::NoText, Self::from)
    }
}

impl<'q> From<Option<&'q String>> for Value<'q> {
    fn from(text: Option<&'q String>) -> Self {
        text.map_or(Self::NoText, Self::from)
    }
}

impl<'q> From<&'q Option<String>> for Value<'q> {
    fn from(text: &'q Option<String>) -> Self {
        text.as_ref().into()
    }
}

impl From<Option<String>> for Value<'_> {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::NoText, Self::from)
    }
}

/// A row as the engine hands it over.
pub enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r sqlx::postgres::PgRow),
}

impl Row<'_> {
    pub fn get<T: FromColumn>(&self, at: usize) -> Result<T> {
        T::from_column(self, at)
    }

    fn text(&self, at: usize) -> Result<Option<String>> {
        match self {
            Self::Sqlite(row) => sqlite::text(row, at),
            Self::Postgres(row) => postgres::text(row, at),
        }
    }

    fn int(&self, at: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => sqlite::int(row, at),
            Self::Postgres(row) => postgres::int(row, at),
        }
    }

    /// Whether the column bears this name: a struct is filled in the order of its fields.
    pub fn is_named(&self, at: usize, name: &str) -> bool {
        match self {
            Self::Sqlite(row) => sqlite::column(row, at) == Some(name),
            Self::Postgres(row) => postgres::column(row, at) == Some(name),
        }
    }
}

/// What may stand in one column.
pub trait FromColumn: Sized {
    fn from_column(row: &Row<'_>, at: usize) -> Result<Self>;
}

impl FromColumn for Option<String> {
    fn from_column(row: &Row<'_>, at: usize) -> Result<Self> {
        row.text(at)
    }
}

impl FromColumn for Option<i64> {
    fn from_column(row: &Row<'_>, at: usize) -> Result<Self> {
        row.int(at)
    }
}

impl FromColumn for String {
    fn from_column(row: &Row<'_>, at: usize) -> Result<Self> {
        row.text(at)?.ok_or(Error::Missing(at))
    }
}

impl FromColumn for i64 {
    fn from_column(row: &Row<'_>, at: usize) -> Result<Self> {
        row.int(at)?.ok_or(Error::Missing(at))
    }
}

/// What a whole row becomes.
pub trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

macro_rules! tuples {
    ($( ($($name:ident $at:literal),+) )+) => {
        $(
            impl<$($name: FromColumn),+> FromRow for ($($name,)+) {
                fn from_row(row: &Row<'_>) -> Result<Self> {
                    Ok(($(row.get::<$name>($at)?,)+))
                }
            }
        )+
    };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}

/// A struct whose fields are the columns of a statement, in their order.
macro_rules! row {
    ($(#[$about:meta])* $seen:vis struct $name:ident {
        $($(#[$of:meta])* $open:vis $field:ident: $kind:ty),+ $(,)?
    }) => {
        $(#[$about])* $seen struct $name { $($(#[$of])* $open $field: $kind),+ }

        impl $crate::db::FromRow for $name {
            fn from_row(row: &$crate::db::Row<'_>) -> $crate::db::Result<Self> {
                let mut at = 0..;
                let mut next = |name: &str| {
                    let at = at.next().unwrap_or_default();
                    debug_assert!(row.is_named(at, name), "column {at} is not {name}");
                    at
                };
                Ok(Self { $($field: row.get::<$kind>(next(stringify!($field)))?),+ })
            }
        }
    };
}
pub(crate) use row;

/// A statement with its values; `T` is what its rows become.
pub struct Query<'q, T> {
    sql: &'static str,
    values: Vec<Value<'q>>,
    becomes: PhantomData<fn() -> T>,
}

/// A statement that only does something.
pub fn query<'q>(sql: &'static str) -> Query<'q, ()> {
    Query::new(sql)
}

/// Rows that become tuples or structs.
pub fn query_as<'q, T: FromRow>(sql: &'static str) -> Query<'q, Whole<T>> {
    Query::new(sql)
}

/// Rows of one column.
pub fn query_scalar<'q, T: FromColumn>(sql: &'static str) -> Query<'q, First<T>> {
    Query::new(sql)
}

/// A whole row.
pub struct Whole<T>(PhantomData<fn() -> T>);

/// The first column.
pub struct First<T>(PhantomData<fn() -> T>);

/// How a row is read.
pub trait Reading {
    type Out: Send;
    fn read(row: &Row<'_>) -> Result<Self::Out>;
}

impl<T: FromRow + Send> Reading for Whole<T> {
    type Out = T;
    fn read(row: &Row<'_>) -> Result<T> {
        T::from_row(row)
    }
}

impl<T: FromColumn + Send> Reading for First<T> {
    type Out = T;
    fn read(row: &Row<'_>) -> Result<T> {
        row.get(0)
    }
}

impl<'q, T> Query<'q, T> {
    fn new(sql: &'static str) -> Self {
        Self {
            sql,
            values: Vec::new(),
            becomes: PhantomData,
        }
    }

    pub fn bind(mut self, value: impl Into<Value<'q>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// How many rows it changed.
    pub async fn execute(self, conn: &mut Conn) -> Result<u64> {
        match conn {
            Conn::Sqlite(conn) => conn.execute(self.sql, &self.values),
            Conn::Postgres(link) => {
                postgres::execute(link, Sql::Literal(self.sql), self.values).await
            }
        }
    }
}

impl<T: Reading> Query<'_, T> {
    pub async fn fetch_all(self, conn: &mut Conn) -> Result<Vec<T::Out>> {
        match conn {
            Conn::Sqlite(conn) => conn.all(self.sql, &self.values, T::read),
            Conn::Postgres(link) => postgres::all(link, self.sql, self.values, T::read).await,
        }
    }

    pub async fn fetch_optional(self, conn: &mut Conn) -> Result<Option<T::Out>> {
        match conn {
            Conn::Sqlite(conn) => conn.first(self.sql, &self.values, T::read),
            Conn::Postgres(link) => postgres::first(link, self.sql, self.values, T::read).await,
        }
    }

    /// Exactly one row, or `Error::NoRow`.
    pub async fn fetch_one(self, conn: &mut Conn) -> Result<T::Out> {
        self.fetch_optional(conn).await?.ok_or(Error::NoRow)
    }
}
