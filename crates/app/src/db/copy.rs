//! A whole database from one engine to the other: the tables and their columns are the same in both.

use super::bulk::bulk_insert;
use super::postgres::{self, Link};
use super::query::Row;
use super::{
    Conn, Db, Engine, Error, Kind, Reader, Result, Tx, Val, query, query_as, query_scalar,
};

/// A table as SQLite's catalogue has it.
struct Table {
    name: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    is_number: bool,
}

/// In the order in which they were made, so that what a row refers to is there before it.
async fn tables(sqlite: &mut Conn) -> Result<Vec<Table>> {
    let names: Vec<String> = query_scalar(
        "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'
         order by rowid",
    )
    .fetch_all(sqlite)
    .await?;
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let columns: Vec<(String, String)> =
            query_as("select name, type from pragma_table_info($1) order by cid")
                .bind(&name)
                .fetch_all(sqlite)
                .await?;
        let columns = columns.into_iter().map(|(name, kind)| Column {
            name,
            is_number: kind.eq_ignore_ascii_case("integer"),
        });
        found.push(Table {
            name,
            columns: columns.collect(),
        });
    }
    Ok(found)
}

impl Table {
    fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|one| one.name.as_str()).collect()
    }

    fn values(&self, row: &Row<'_>) -> Result<Vec<Val>> {
        let value = |(at, column): (usize, &Column)| {
            Ok(if column.is_number {
                row.get::<Option<i64>>(at)?.into()
            } else {
                row.get::<Option<String>>(at)?.into()
            })
        };
        self.columns.iter().enumerate().map(value).collect()
    }

    async fn rows(&self, from: &mut Conn) -> Result<Vec<Vec<Val>>> {
        let sql = format!("select {} from {}", self.names().join(", "), self.name);
        match from {
            Conn::Sqlite(conn) => conn.each_row(&sql, |row| self.values(row)),
            Conn::Postgres(link) => postgres::each_row(link, sql, |row| self.values(row)).await,
        }
    }

    /// A place stands below another one, which has to be there first.
    fn parents_first(&self, rows: Vec<Vec<Val>>) -> Vec<Vec<Val>> {
        let at = |name: &str| self.columns.iter().position(|one| one.name == name);
        let (Some(id), Some(parent)) = (at("id"), at("parent_id")) else {
            return rows;
        };
        let mut sorted: Vec<Vec<Val>> = Vec::with_capacity(rows.len());
        let mut left = rows;
        while !left.is_empty() {
            let stands = |row: &Vec<Val>| {
                let above = row.get(parent);
                matches!(above, Some(Val::NoText)) || sorted.iter().any(|one| one.get(id) == above)
            };
            let (ready, waiting): (Vec<_>, Vec<_>) = left.into_iter().partition(stands);
            if ready.is_empty() {
                sorted.extend(waiting);
                break;
            }
            sorted.extend(ready);
            left = waiting;
        }
        sorted
    }
}

/// Every row of `from` into tables that are there and empty, but for what a new database notes of
/// itself. One table at a time is held in memory, as a backup holds the whole file.
async fn copy(tables: &[Table], from: &mut Conn, into: &mut Conn) -> Result<()> {
    query("delete from setting").execute(&mut *into).await?;
    for table in tables {
        let rows = table.parents_first(table.rows(&mut *from).await?);
        bulk_insert(&mut *into, &table.name, &table.names(), rows).await?;
    }
    // The marks came with the rows.
    super::watch::forget_touched(into).await
}

impl Db {
    /// Whether nothing was ever kept in it.
    pub async fn is_unused(&self) -> Result<bool> {
        let mut conn = self.read().await?;
        let kept: i64 = query_scalar(
            "select (select count(*) from org) + (select count(*) from setting where name <> 'schema_version')",
        )
        .fetch_one(&mut conn)
        .await?;
        Ok(kept == 0)
    }

    /// A reader to which nothing changes while it reads.
    pub async fn still(&self) -> Result<Reader> {
        let mut reader = self.read().await?;
        if let Kind::Postgres(pool) = &self.kind {
            let mut conn = Conn::Postgres(Link::Within(pool.begin().await?));
            conn.run("set transaction isolation level repeatable read, read only")
                .await?;
            reader.conn = Some(conn);
        }
        Ok(reader)
    }

    /// What is in this PostgreSQL database, into an SQLite file that was just made.
    pub async fn copy_into(&self, sqlite: &Self) -> Result<()> {
        let mut tx = sqlite.write_anywhere().await?;
        let tables = tables(&mut tx).await?;
        copy(&tables, &mut *self.still().await?, &mut tx).await?;
        tx.commit().await
    }

    /// What is in an SQLite file, into this database; it stands when the caller commits.
    pub async fn copy_from(&self, sqlite: &Self) -> Result<Tx> {
        if sqlite.engine() != Engine::Sqlite {
            return Err(Error::Lost("SQLite only".to_owned()));
        }
        let mut from = sqlite.read().await?;
        let tables = tables(&mut from).await?;
        let mut tx = self.write_anywhere().await?;
        copy(&tables, &mut from, &mut tx).await?;
        Ok(tx)
    }
}
