//! 操作记录: who did what, when, and about whom.

use crate::App;
use crate::checkpoints::{self, Code};
use crate::children::store as children;
use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::journal::Kind;
use crate::outbox::standings;
use crate::web::{Failure, Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use std::collections::BTreeMap;

struct JournalRow {
    when: String,
    who: String,
    what: &'static str,
    /// The colleague whom it was about.
    whom: Option<String>,
    /// The child whom it was about: its page and its name.
    child: Option<(String, String)>,
}

db::row! {
    struct Row {
        seq: i64,
        at: String,
        kind: String,
        actor: Option<String>,
        subject_kind: String,
        subject_id: String,
        whom: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "office/journal.html")]
struct JournalPage {
    shell: Shell,
    rows: Vec<JournalRow>,
    more: Option<i64>,
    code: Option<Code>,
    /// Whose phones hold something back.
    phones: Vec<String>,
    /// What came of a code that was typed.
    answer: Option<&'static str>,
    asked_seq: String,
    asked_code: String,
}

const JOURNAL_PAGE: i64 = 50;

/// Of these it says about which child. Of the rest the child's name would say that there is a guarded
/// record, a form or a counsellor.
const NAMES_THE_CHILD: [Kind; 9] = [
    Kind::PhoneRevealed,
    Kind::CardSeen,
    Kind::CardChanged,
    Kind::CardConfirmed,
    Kind::HomeSeen,
    Kind::ChildMoved,
    Kind::ChildChanged,
    Kind::Merged,
    Kind::SetApart,
];

fn is_told(row: &Row) -> bool {
    let mut told = NAMES_THE_CHILD.iter();
    row.subject_kind == "child" && told.any(|kind| kind.code() == row.kind)
}

/// The child's page and name, for those who may see its card.
async fn child(
    conn: &mut Conn,
    viewer: &Viewer,
    id: &str,
    known: &mut BTreeMap<String, Option<(String, String)>>,
) -> Result<Option<(String, String)>> {
    if let Some(found) = known.get(id) {
        return Ok(found.clone());
    }
    let child_id = ChildId::from(id.to_owned());
    let found = match children::visible(conn, viewer, Act::SeeContacts, &child_id).await {
        Ok(child) => Some((format!("/children/{id}"), child.name)),
        Err(Failure::NotThere) => None,
        Err(failure) => return Err(failure),
    };
    known.insert(id.to_owned(), found.clone());
    Ok(found)
}

fn shown(row: Row, child: Option<(String, String)>, today: Date) -> JournalRow {
    let day = crate::clock::day_of(&row.at).map(|day| words::day(day, today));
    let time = crate::clock::time_of(&row.at);
    JournalRow {
        when: format!("{}{}", day.unwrap_or_default(), time.unwrap_or_default()),
        // Who signs in does it to nobody else.
        whom: row.whom.filter(|whom| row.actor.as_ref() != Some(whom)),
        who: row.actor.unwrap_or_else(|| "系统".to_owned()),
        what: Kind::zh(&row.kind),
        child,
    }
}

/// A page of the journal, and where the next one goes on.
async fn rows(
    conn: &mut Conn,
    viewer: &Viewer,
    before: i64,
) -> Result<(Vec<JournalRow>, Option<i64>)> {
    let found: Vec<Row> = db::query_as(
        "select j.seq, j.at, j.kind, s.name as actor, j.subject_kind, j.subject_id,
            w.name as whom from journal j
         left join staff s on s.school_id = j.school_id and s.id = j.actor_id
         left join staff w on w.school_id = j.school_id and w.id = j.subject_id
            and j.subject_kind = 'staff'
         where j.school_id = $1 and j.seq < $2 order by j.seq desc limit $3 + 0",
    )
    .bind(viewer.school_id.as_str())
    .bind(before)
    .bind(JOURNAL_PAGE)
    .fetch_all(&mut *conn)
    .await?;
    let full = i64::try_from(found.len()).is_ok_and(|count| count == JOURNAL_PAGE);
    let more = found.last().map(|row| row.seq).filter(|_| full);
    let mut known = BTreeMap::new();
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let child = match is_told(&row) {
            true => child(conn, viewer, &row.subject_id, &mut known).await?,
            false => None,
        };
        rows.push(shown(row, child, viewer.today()));
    }
    Ok((rows, more))
}

/// `GET /office/journal?before=`
pub async fn journal(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let before = fields.get("before").parse().unwrap_or(i64::MAX >> 32);
    let mut conn = app.db.read().await?;
    let (rows, more) = rows(&mut conn, &viewer, before).await?;
    let school = viewer.school_id.as_str();
    let asked = fields.opt("code").map(|text| Code {
        seq: fields.get("seq").trim().parse().unwrap_or_default(),
        text: text.to_owned(),
    });
    let answer = match asked {
        None => None,
        Some(asked) => {
            let fits = checkpoints::fits(&mut conn, school, &viewer.school_key, &asked).await?;
            Some(if fits {
                "对得上。到那时为止的操作记录一条没少，也没有被改过。"
            } else {
                "对不上。请先看看条数和检查码抄得对不对；都没抄错的话，请告诉管理员。"
            })
        }
    };
    let phones = standings(&mut conn, school, None).await?;
    page(&JournalPage {
        shell: Shell::new(&app, &viewer, "操作记录", "/office"),
        rows,
        more,
        phones: phones.iter().map(|one| one.said(viewer.today())).collect(),
        code: checkpoints::code(&mut conn, school, &viewer.school_key).await?,
        answer,
        asked_seq: fields.get("seq").to_owned(),
        asked_code: fields.get("code").to_owned(),
    })
}
