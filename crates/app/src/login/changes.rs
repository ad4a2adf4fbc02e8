//! 最近的改动: what the person did within a day, and how it is taken back.

use crate::App;
use crate::children::store as children;
use crate::clock;
use crate::db;
use crate::ids::{ChildId, RecordId};
use crate::journal::Kind;
use crate::records::store as records;
use crate::web::{Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

/// Of children whom one entry is about together, so many are named.
const MOST_NAMES: usize = 6;

/// As many as a busy day has.
const MOST: i64 = 100;

struct Change {
    what: &'static str,
    whom: String,
    when: String,
    back: Back,
}

/// How it is taken back or mended.
enum Back {
    Record(String),
    Import(String),
    Child(String),
    /// From one class into another.
    Classes(String, String),
    Nothing,
}

#[derive(Template)]
#[template(path = "login/changes.html")]
struct ChangesPage {
    shell: Shell,
    changes: Vec<Change>,
}

/// kind, subject_kind, subject_id, at, result
type Row = (String, String, String, String, String);

/// `GET /me/changes`
pub async fn changes(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let rows: Vec<Row> = db::query_as(
        "select kind, subject_kind, subject_id, at, result from journal
         where school_id = $1 and actor_id = $2 and at > $3
            and kind not in ('signed_in', 'signed_out', 'sign_in_refused', 'card_seen',
                'dossier_seen', 'home_seen', 'guarded_read', 'phone_revealed')
         order by seq desc limit $4 + 0",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(clock::day_before(&viewer.now.at))
    .bind(MOST)
    .fetch_all(&mut conn)
    .await?;
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        changes.push(change(&mut conn, &viewer, row).await?);
    }
    drop(conn);
    page(&ChangesPage {
        shell: Shell::new(&app, &viewer, "最近的改动", "/me").with_done(&fields, "/me/changes"),
        changes,
    })
}

async fn change(
    conn: &mut db::Conn,
    viewer: &Viewer,
    (kind, subject_kind, subject, at, result): Row,
) -> Result<Change> {
    let mut back = Back::Nothing;
    let (all, is_there): (Vec<ChildId>, bool) = match subject_kind.as_str() {
        "record" => match subject.parse::<RecordId>() {
            Ok(record) => (
                records::whom(conn, viewer, &record).await?,
                records::child_of(conn, viewer, &record).await.is_ok(),
            ),
            Err(_) => (Vec::new(), false),
        },
        "child" => (subject.parse().into_iter().collect(), true),
        _ => (Vec::new(), false),
    };
    let mut names = Vec::new();
    for id in all.iter().take(MOST_NAMES) {
        if let Ok(child) = children::visible(conn, viewer, Act::SeeChild, id).await {
            names.push(child.name);
        }
    }
    let more = match all.len().saturating_sub(MOST_NAMES) {
        0 => String::new(),
        more => format!("和另外{more}个孩子"),
    };
    let whom = names.join("、") + &more;
    if let Some(id) = all.first().filter(|_| !names.is_empty() && is_there) {
        back = if kind == Kind::RecordMade.code() {
            Back::Record(subject.clone())
        } else {
            Back::Child(id.to_string())
        };
    }
    if kind == Kind::RosterCommitted.code() {
        back = Back::Import(subject);
    } else if kind == Kind::ClassChanged.code() && subject_kind == "class" && !result.is_empty() {
        back = Back::Classes(subject, result);
    }
    let day = clock::day_of(&at).map(|day| words::past_day(day, viewer.today()));
    let time = clock::time_of(&at).unwrap_or_default();
    Ok(Change {
        what: Kind::zh(&kind),
        whom,
        when: format!("{}{time}", day.unwrap_or_default()),
        back,
    })
}
