//! PostgreSQL, through sqlx.

use super::query::{Row, Value};
use super::{Error, Result};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{
    AssertSqlSafe, Column as _, Postgres, Row as _, Transaction, TypeInfo as _, ValueRef as _,
};

/// A connection from the pool, by itself or in a transaction.
pub enum Link {
    Pooled(PoolConnection<Postgres>),
    Within(Transaction<'static, Postgres>),
}

impl Link {
    fn conn(&mut self) -> &mut PgConnection {
        match self {
            Self::Pooled(conn) => conn,
            Self::Within(tx) => tx,
        }
    }
}

/// The text of a statement.
pub enum Sql {
    Literal(&'static str),
    /// Put together by `bulk_insert` and `copy` from literals and the names of our tables.
    Built(String),
}

type Bound = sqlx::query::Query<'static, Postgres, PgArguments>;

/// Every text comes from a literal of ours, from `bulk_insert` or from `copy`.
fn bound(sql: Sql, values: Vec<Value<'_>>) -> Bound {
    let mut query = match sql {
        Sql::Literal(sql) => sqlx::query(sql),
        Sql::Built(sql) => sqlx::query(AssertSqlSafe(sql)),
    };
    for value in values {
        query = match value {
            Value::Text(text) => query.bind(text.into_owned()),
            Value::NoText => query.bind(None::<String>),
            Value::Int(number) => query.bind(number),
            Value::NoInt => query.bind(None::<i64>),
        };
    }
    query
}

pub async fn execute(link: &mut Link, sql: Sql, values: Vec<Value<'_>>) -> Result<u64> {
    let done = bound(sql, values).execute(link.conn()).await?;
    Ok(done.rows_affected())
}

pub async fn all<T>(
    link: &mut Link,
    sql: &'static str,
    values: Vec<Value<'_>>,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = bound(Sql::Literal(sql), values)
        .fetch_all(link.conn())
        .await?;
    rows.iter().map(|row| read(&Row::Postgres(row))).collect()
}

pub async fn first<T>(
    link: &mut Link,
    sql: &'static str,
    values: Vec<Value<'_>>,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let row = bound(Sql::Literal(sql), values)
        .fetch_optional(link.conn())
        .await?;
    row.map(|row| read(&Row::Postgres(&row))).transpose()
}

/// Every row of a statement without values.
pub async fn each_row<T>(
    link: &mut Link,
    sql: String,
    read: impl Fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = bound(Sql::Built(sql), Vec::new())
        .fetch_all(link.conn())
        .await?;
    rows.iter().map(|row| read(&Row::Postgres(row))).collect()
}

/// Several statements without values.
pub async fn run(link: &mut Link, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(link.conn())
        .await?;
    Ok(())
}

pub fn text(row: &PgRow, at: usize) -> Result<Option<String>> {
    Ok(row.try_get(at)?)
}

/// `integer` columns are four bytes wide there, counts eight.
pub fn int(row: &PgRow, at: usize) -> Result<Option<i64>> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(None);
    }
    match value.type_info().name() {
        "INT4" => Ok(row.try_get::<Option<i32>, _>(at)?.map(i64::from)),
        "INT8" => Ok(row.try_get(at)?),
        other => Err(Error::Type(other.to_owned())),
    }
}

pub fn column(row: &PgRow, at: usize) -> Option<&str> {
    row.columns().get(at).map(|column| column.name())
}
