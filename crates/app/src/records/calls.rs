//! 打电话: numbers masked until they are asked for, and what came of the call.

use super::forms::{Filled, words};
use super::said::said;
use super::store;
use super::tiers::Reader;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::cards::store as cards;
use crate::children::case::{Case, cases};
use crate::children::store as children;
use crate::children::store::{Child, Kin};
use crate::db;
use crate::dossier::known::last_four;
use crate::gaps::pages::{ToCall, to_call};
use crate::ids::{ChildId, KinId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::outbox::Ticket;
use crate::vault::Key;
use crate::web::{self, Failure, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use rules::history::Parent;

/// A QR code as one path: a square for each dark module.
struct Picture {
    size: usize,
    path: String,
}

impl Picture {
    fn of(number: &str) -> Option<Self> {
        let code = qrcode::QrCode::new(format!("tel:{number}")).ok()?;
        let size = code.width();
        let colors = code.to_colors();
        let dark = colors
            .iter()
            .enumerate()
            .filter(|(_, color)| **color == qrcode::Color::Dark);
        let path = dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % size, at / size));
        Some(Self {
            path: path.collect(),
            size,
        })
    }
}

/// A number that may be dialled, masked until it is asked for.
pub struct Dial {
    pub kin: Kin,
    pub word: String,
    pub masked: Option<String>,
    /// As it is dialled.
    pub shown: Option<String>,
    /// As it is read aloud.
    pub spoken: String,
    /// Another number of the same person, shown with the first.
    other: Option<Other>,
    /// For the telephone in the hand: the number as a picture.
    picture: Option<Picture>,
}

struct Other {
    number: String,
    spoken: String,
    picture: Option<Picture>,
}

impl Other {
    fn of(number: &str) -> Self {
        Self {
            spoken: spoken(number),
            picture: Picture::of(number),
            number: number.to_owned(),
        }
    }

    fn end(&self) -> String {
        last_four(&self.number)
    }
}

impl Dial {
    fn end(&self) -> String {
        last_four(self.shown.as_deref().unwrap_or_default())
    }

    /// `revealed`: whose numbers may stand on the page in full.
    fn of(kin: Kin, revealed: Option<&KinId>) -> Self {
        let is_shown = revealed == Some(&kin.id);
        let shown = kin.details.phone.clone().filter(|_| is_shown);
        let other = kin.details.other_phone.as_deref().filter(|_| is_shown);
        Self {
            word: kin.word(),
            masked: kin.masked_phones(),
            spoken: shown.as_deref().map(spoken).unwrap_or_default(),
            picture: shown.as_deref().and_then(Picture::of),
            other: other.map(Other::of),
            shown,
            kin,
        }
    }
}

#[derive(Template)]
#[template(path = "records/call.html")]
struct CallPage {
    shell: Shell,
    child: Child,
    dials: Vec<Dial>,
    good: Vec<String>,
    operation: OperationId,
    back: String,
    /// Who may not record is not asked how it went.
    may_record: bool,
    may_file: bool,
    /// Beside it, where there is room: who else is to be called.
    waiting: Vec<ToCall>,
    ticket: Ticket,
}

/// As many as stand beside the card without scrolling.
const WAITING: usize = 8;

/// `GET /children/{child_id}/call`
pub async fn call(
    State(app): State<App>,
    viewer: Viewer,
    Id(child_id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::SeeContacts, &child_id).await?;
    let key = children::key(&mut conn, &viewer, &child).await?;
    let kin = children::kin(&mut conn, &viewer, &child, &key).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let own = std::slice::from_ref(&child);
    let found = cases(&mut conn, &viewer.school_id, &in_force, own, viewer.today()).await?;
    let case = found.first().ok_or(Failure::NotThere)?;
    let good = good_news(&mut conn, &viewer, &child, &key, &in_force).await?;
    let shown = fields.opt("shown").and_then(|id| id.parse().ok());
    let revealed = match shown {
        Some(kin) => asked_lately(&mut conn, &viewer, &child, kin).await?,
        None => None,
    };
    let meant = fields.opt("kin").and_then(|id| id.parse().ok());
    let mut kin = in_turn(kin, case);
    kin.sort_by_key(|one| Some(&one.id) != revealed.as_ref().or(meant.as_ref()));
    let dials = kin
        .into_iter()
        .map(|kin| Dial::of(kin, revealed.as_ref()))
        .collect();
    let (mut waiting, _) = to_call(&app, &mut conn, &viewer).await?;
    drop(conn);
    waiting.retain(|one| !one.href.contains(child.id.as_str()));
    waiting.truncate(WAITING);
    let back = fields.opt("back").unwrap_or("/week");
    let mut shell = Shell::new(&app, &viewer, "打电话", "/calls").with_done(&fields, back);
    shell.notice = match fields.get("said") {
        "dead" => Some("记下了。和家里别的人说话时，顺便问问新号码。".to_owned()),
        "one_left" => Some("记下了，联系卡上留下另一个号码。".to_owned()),
        _ => shell.notice,
    };
    page(&CallPage {
        waiting,
        shell,
        may_record: child.allows(&viewer, Act::WriteRecord),
        may_file: child.allows(&viewer, Act::ReadIdentity),
        child,
        dials,
        good,
        operation: OperationId::new(),
        ticket: Ticket::new(&app, &viewer),
        back: web::words::own_path(back).to_owned(),
    })
}

/// First the parents who are away, then the others as they stand on the card, last who cannot be found;
/// nobody who has died or is in prison.
fn in_turn(mut kin: Vec<Kin>, case: &Case) -> Vec<Kin> {
    let history = &case.case.history;
    let turn = |one: &Kin| match Parent::from_code(&one.kinship) {
        Some(parent) if one.party == "parent" => history.offered(parent, case.as_of),
        _ => Some(1),
    };
    kin.retain(|one| turn(one).is_some());
    kin.sort_by_key(turn);
    kin
}

/// A number stays open so long: a phone may throw the page away during the call.
const OPEN_SECONDS: i64 = 15 * 60;

/// Whether this viewer asked for this number just now, as the journal has it.
async fn asked_lately(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    kin: KinId,
) -> Result<Option<KinId>> {
    let at: Option<String> = db::query_scalar(
        "select max(at) from journal where school_id = $1 and actor_id = $2 and kind = $3
            and subject_id = $4 and result = $5",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(Kind::PhoneRevealed.code())
    .bind(child.id.as_str())
    .bind(kin.as_str())
    .fetch_one(conn)
    .await?;
    let age = at.and_then(|at| crate::clock::seconds_between(&at, &viewer.now.at));
    Ok(age.is_some_and(|age| age <= OPEN_SECONDS).then_some(kin))
}

/// 可以说说: only this term's good entries; protected content is never among them.
async fn good_news(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
    in_force: &InForce,
) -> Result<Vec<String>> {
    let may = child.allows(viewer, Act::ReadRecords);
    if !may {
        return Ok(Vec::new());
    }
    let reader = Reader {
        viewer,
        child,
        in_force,
    };
    let recent = store::timeline(conn, reader, key, ("talk", "", 10)).await?;
    Ok(recent
        .records
        .iter()
        .filter(|record| is_good(&record.filled))
        .filter_map(|record| said(in_force, record).1)
        .take(2)
        .collect())
}

/// A number as it is read aloud.
pub fn spoken(phone: &str) -> String {
    rules::identity::Phone::parse(phone).map_or_else(|_| phone.to_owned(), |one| one.grouped())
}

fn is_good(filled: &Filled) -> bool {
    let topics = filled.get("topic").map(words).unwrap_or_default();
    topics.iter().any(|topic| topic == "good_news")
}

/// `POST /children/{child_id}/kin/{kin_id}/reveal`: a full number, written down before it is shown.
pub async fn reveal(
    State(app): State<App>,
    viewer: Viewer,
    ids: axum::extract::RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (child_id, kin_id) = child_and_kin(&ids)?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = children::visible(&mut tx, &viewer, Act::RevealPhone, &child_id).await?;
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &OperationId::new(),
            kind: Kind::PhoneRevealed,
            subject_kind: "child",
            subject_id: child.id.as_str(),
            payload: kin_id.as_str(),
            result: kin_id.as_str(),
        },
    )
    .await?;
    tx.commit().await?;
    let back = web::words::url(web::words::own_path(fields.get("back")));
    Ok(see_other(&format!(
        "/children/{child_id}/call?shown={kin_id}&back={back}#result-{kin_id}"
    )))
}

/// `POST /children/{child_id}/kin/{kin_id}/dead`: nobody has this number any more; who has another
/// is reached under that one.
pub async fn dead(
    State(app): State<App>,
    viewer: Viewer,
    ids: axum::extract::RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (child_id, kin_id) = child_and_kin(&ids)?;
    let operation = fields.operation()?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = children::visible(&mut tx, &viewer, Act::RevealPhone, &child_id).await?;
    let key = children::key(&mut tx, &viewer, &child).await?;
    let kin = children::kin(&mut tx, &viewer, &child, &key).await?;
    let kin = kin.iter().find(|kin| kin.id == kin_id);
    let is_other = fields.has("which", "other");
    let payload = format!("{kin_id}{}", if is_other { " other" } else { "" });
    let entry = Entry {
        operation: &operation,
        kind: Kind::CardChanged,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: &payload,
        result: "dead",
    };
    let mut said = "dead";
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        match kin {
            Some(kin) if kin.details.other_phone.is_some() => {
                cards::drop_number(&mut tx, &viewer, (&child, &key), (kin, is_other)).await?;
                said = "one_left";
            }
            Some(kin) if !is_other => {
                cards::number_dead(&mut tx, &viewer, &child, &kin.id).await?;
            }
            _ => {}
        }
    }
    tx.commit().await?;
    let back = web::words::url(web::words::own_path(fields.get("back")));
    Ok(see_other(&format!(
        "/children/{child_id}/call?said={said}&back={back}"
    )))
}

fn child_and_kin(ids: &axum::extract::RawPathParams) -> Result<(ChildId, KinId)> {
    let mut ids = ids.iter().map(|(_, id)| id);
    Ok((next_id(&mut ids)?, next_id(&mut ids)?))
}

fn next_id<'a, T: std::str::FromStr>(ids: &mut impl Iterator<Item = &'a str>) -> Result<T> {
    ids.next()
        .and_then(|id| id.parse().ok())
        .ok_or(Failure::NotThere)
}
