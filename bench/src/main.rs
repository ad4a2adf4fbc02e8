//! The floor that 暖巢 is measured against: axum and prepared statements on raw SQLite, the same
//! rows written out. No sign-in, no rights, no journal, no decisions, nothing opened or sealed.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use rusqlite::{Connection, OpenFlags, params};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::{Arc, mpsc};
use tokio::sync::oneshot;

struct Floor {
    file: String,
    /// The one school of the data.
    school: String,
    writer: mpsc::Sender<(String, oneshot::Sender<bool>)>,
}

thread_local! {
    /// One connection a thread: nobody waits for another's.
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

fn opened(file: &str) -> Connection {
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("the file opens");
    conn.set_prepared_statement_cache_capacity(32);
    conn
}

fn read<T>(floor: &Floor, body: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> T {
    READER.with_borrow_mut(|slot| {
        let conn = slot.get_or_insert_with(|| opened(&floor.file));
        body(conn).expect("the statement runs")
    })
}

/// 50 rows of the roster.
async fn list(State(floor): State<Arc<Floor>>) -> Html<String> {
    let page = read(&floor, |conn| {
        let mut page = String::from("<!doctype html><ul>");
        let mut rows = conn.prepare_cached(
            "select c.id, c.name, c.born_on, k.entry_year, k.number from child c
             cross join membership m on m.school_id = c.school_id and m.child_id = c.id
             cross join class k on k.school_id = m.school_id and k.id = m.class_id
             where c.school_id = ?1 order by c.id limit 50",
        )?;
        let mut rows = rows.query([&floor.school])?;
        while let Some(row) = rows.next()? {
            let (id, name, born): (String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let (year, number): (i64, i64) = (row.get(3)?, row.get(4)?);
            let _ = write!(
                page,
                "<li><a href=\"/children/{id}\">{name}</a> {born} {year} {number}</li>"
            );
        }
        Ok(page)
    });
    Html(page)
}

/// A child with its grown-ups and 20 entries.
async fn child(State(floor): State<Arc<Floor>>, Path(id): Path<String>) -> Html<String> {
    let page = read(&floor, |conn| {
        let mut page = String::from("<!doctype html>");
        let school = &floor.school;
        let name: String = conn
            .prepare_cached("select name from child where school_id = ?1 and id = ?2")?
            .query_row([school, &id], |row| row.get(0))?;
        let _ = write!(page, "<h1>{name}</h1><ul>");
        let mut kin = conn.prepare_cached(
            "select kinship, details_sealed from kin where school_id = ?1 and child_id = ?2",
        )?;
        let mut kin = kin.query([school, &id])?;
        while let Some(row) = kin.next()? {
            let (word, details): (String, String) = (row.get(0)?, row.get(1)?);
            let _ = write!(page, "<li>{word} {details}</li>");
        }
        let mut rows = conn.prepare_cached(
            "select kind, happened_on, fields_sealed from record
             where school_id = ?1 and child_id = ?2 order by happened_on desc limit 20",
        )?;
        let mut rows = rows.query([school, &id])?;
        while let Some(row) = rows.next()? {
            let (kind, on, fields): (String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let _ = write!(page, "<li>{kind} {on} {fields}</li>");
        }
        Ok(page)
    });
    Html(page)
}

/// 40 children of a class with the days that were kept.
async fn week(State(floor): State<Arc<Floor>>, Path(id): Path<String>) -> Html<String> {
    let page = read(&floor, |conn| {
        let mut page = String::from("<!doctype html><ul>");
        let mut rows = conn.prepare_cached(
            "select c.id, c.name, s.kind, s.last_on from membership o
             cross join membership m on m.school_id = o.school_id and m.class_id = o.class_id
             cross join child c on c.school_id = m.school_id and c.id = m.child_id
             left join care_summary s on s.school_id = c.school_id and s.child_id = c.id
             where o.school_id = ?1 and o.child_id = ?2",
        )?;
        let mut rows = rows.query([&floor.school, &id])?;
        while let Some(row) = rows.next()? {
            let (id, name): (String, String) = (row.get(0)?, row.get(1)?);
            let (kind, on): (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
            let _ = write!(
                page,
                "<li><a href=\"/children/{id}\">{name}</a> {} {}</li>",
                kind.unwrap_or_default(),
                on.unwrap_or_default()
            );
        }
        Ok(page)
    });
    Html(page)
}

/// One record, answered after it is on the disk.
async fn record(State(floor): State<Arc<Floor>>, Path(id): Path<String>) -> StatusCode {
    let (told, answer) = oneshot::channel();
    if floor.writer.send((id, told)).is_err() || !answer.await.unwrap_or(false) {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::SEE_OTHER
}

/// Commits what waits together.
fn write_all(file: &str, orders: &mpsc::Receiver<(String, oneshot::Sender<bool>)>) {
    let conn = Connection::open(file).expect("the file opens");
    conn.execute_batch("pragma journal_mode = wal; pragma synchronous = full;")
        .expect("the settings hold");
    let (school, staff): (String, String) = conn
        .query_row("select school_id, by_staff from record limit 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("a record is there");
    let mut number = 0_u64;
    while let Ok(first) = orders.recv() {
        let mut told = Vec::new();
        let mut done = conn.execute_batch("begin immediate").is_ok();
        let mut next = Some(first);
        while let Some((child, answer)) = next.take() {
            number += 1;
            let id = format!("floor-{}-{number}", std::process::id());
            done &= conn
                .prepare_cached(
                    "insert into record (school_id, child_id, happened_on, id, kind, party,
                        by_staff, by_role, counts_as, fields_sealed, written_at, group_id, version)
                     values (?1, ?2, '2026-01-01', ?3, 'talk', 'child', ?4, 'homeroom_teacher',
                        'talk', ?5, '2026-01-01T00:00:00.000Z', ?3, 1)",
                )
                .and_then(|mut insert| {
                    insert.execute(params![school, child, id, staff, "x".repeat(160)])
                })
                .is_ok();
            told.push(answer);
            next = orders.try_recv().ok();
        }
        done &= conn.execute_batch("commit").is_ok();
        for answer in told {
            let _ = answer.send(done);
        }
    }
}

#[tokio::main]
async fn main() {
    let file = std::env::args().nth(1).expect("floor FILE");
    let (writer, orders) = mpsc::channel();
    let own = file.clone();
    std::thread::spawn(move || write_all(&own, &orders));
    let school = opened(&file)
        .query_row("select school_id from child limit 1", [], |row| row.get(0))
        .expect("a child is there");
    let floor = Arc::new(Floor {
        file,
        school,
        writer,
    });
    let app = Router::new()
        .route("/list", get(list))
        .route("/child/{id}", get(child))
        .route("/week/{id}", get(week))
        .route("/record/{id}", post(record))
        .with_state(floor);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    println!("http://{}/", listener.local_addr().expect("an address"));
    axum::serve(listener, app).await.expect("it serves");
}
