//! Many rows at once.

use super::postgres::{self, Sql};
use super::{Conn, Result, Value};

/// A value that waits for its row to be written.
pub type Val = Value<'static>;

/// More places than this make a statement slow to bind.
const MOST_BOUND: usize = 2000;
const ROWS_AT_ONCE: usize = 500;

/// A statement of SQLite keeps what its pages were until it ends: one of several rows keeps them once.
const SQLITE_ROWS: usize = 20;

/// Writes many rows, several with one statement: on PostgreSQL each goes to the server and back.
///
/// Table and columns are literals or tables of ours; every value is bound.
pub async fn bulk_insert(
    conn: &mut Conn,
    table: &str,
    columns: &[&str],
    rows: Vec<Vec<Val>>,
) -> Result<()> {
    let link = match conn {
        Conn::Sqlite(conn) => {
            let (some, rest) = rows.as_chunks::<SQLITE_ROWS>();
            if !some.is_empty() {
                conn.each(&insert_sql(table, columns, SQLITE_ROWS), some)?;
            }
            if !rest.is_empty() {
                conn.each(&insert_sql(table, columns, 1), rest.as_chunks::<1>().0)?;
            }
            return Ok(());
        }
        Conn::Postgres(link) => link,
    };
    let at_once = ROWS_AT_ONCE.min(MOST_BOUND / columns.len().max(1));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<Vec<Val>> = rows.by_ref().take(at_once).collect();
        let sql = Sql::Built(insert_sql(table, columns, some.len()));
        let values = some.into_iter().flatten().collect();
        postgres::execute(link, sql, values).await?;
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
