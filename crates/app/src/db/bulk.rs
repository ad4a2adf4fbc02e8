//! Many rows in few statements.

use super::query::Sql;
use super::{Conn, Query, Result, Value};

/// A value that waits for its row to be written.
pub type Val = Value<'static>;

/// Few enough that the longest statement stays short for both engines.
const MOST_BOUND: usize = 2000;
const ROWS_AT_ONCE: usize = 500;

/// Many rows in few statements: row by row is five to nine times slower.
///
/// Table and columns are literals of ours; every value is bound.
pub async fn bulk_insert(
    conn: &mut Conn,
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Val>>,
) -> Result<()> {
    let at_once = ROWS_AT_ONCE.min(MOST_BOUND / columns.len().max(1));
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<Vec<Val>> = rows.by_ref().take(at_once).collect();
        let sql = insert_sql(table, columns, some.len());
        let mut query: Query<'_, ()> = Query::new(Sql::Built(sql));
        for value in some.into_iter().flatten() {
            query = query.bind(value);
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
