//! Children for programs.

use super::case::cases;
use super::change::note_read;
use super::search;
use super::store::{self, Child};
use crate::App;
use crate::adoptions::store::in_force;
use crate::ids::{ChildId, RecordId};
use crate::journal::Kind;
use crate::packs::sentence;
use crate::records::tiers::Reader;
use crate::records::{api as record_api, store as records};
use crate::school;
use crate::web::parts::{self, part};
use crate::web::words;
use crate::web::{self, Failure, Fields, Form, Id, Result, Viewer};
use crate::week::{items, wording};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::calendar::days_between;
use rules::conditions::Verdict;
use serde_json::{Value, json};

const USUAL: usize = 50;

fn limit(fields: &Fields) -> Result<usize> {
    Ok(parts::limit(fields)?.unwrap_or(USUAL))
}

fn brief(child: &Child) -> Value {
    json!({
        "id": child.id,
        "name": child.name,
        "sex": child.sex,
        "class": {"id": child.class_id, "title": child.class_title()},
        "born_on": child.born_on.map(|day| day.to_string()),
        "boarding": child.boarding,
        "version": child.version,
    })
}

/// `GET /api/v1/children?q=&class=&cursor=&limit=`
pub async fn list(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let limit = limit(&fields)?;
    let mut conn = app.db.read().await?;
    let (hits, all);
    let children: &[Child] = if let Some(query) = fields.opt("q") {
        hits = search::hits(&app, &mut conn, &viewer, query).await?;
        &hits
    } else {
        all = store::all_visible(&app, &mut conn, &viewer, Act::SeeChild).await?;
        &all
    };
    let class = fields.opt("class");
    // 五(2)班, 502班 and 五（2）班 are one class.
    let wanted_title = class.map(words::class_as_written).unwrap_or_default();
    let children: Vec<&Child> = children
        .iter()
        .filter(|child| {
            class.is_none_or(|class| {
                child.class_id.as_str() == class || child.class_title() == wanted_title
            })
        })
        .collect();
    let from = match fields.opt("cursor") {
        None => 0,
        Some(cursor) => children
            .iter()
            .position(|child| child.id.as_str() == cursor)
            .map(|at| at + 1)
            .ok_or_else(parts::unknown_cursor)?,
    };
    let some: Vec<&Child> = children.iter().copied().skip(from).take(limit).collect();
    let next = some
        .last()
        .filter(|_| from + some.len() < children.len())
        .map(|child| child.id.to_string());
    let items: Vec<Value> = some.iter().map(|child| brief(child)).collect();
    Ok(web::json(
        StatusCode::OK,
        &json!({"items": items, "next": next}),
    ))
}

/// `GET /api/v1/children/{id}`
pub async fn one(State(app): State<App>, viewer: Viewer, Id(id): Id<ChildId>) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = store::visible(&mut conn, &viewer, Act::SeeChild, &id).await?;
    let mut body = brief(&child);
    if let (Some(left), Some(fields)) = (child.left_on, body.as_object_mut()) {
        fields.insert("left_on".to_owned(), Value::from(left.to_string()));
    }
    let may_see_contacts = child.allows(&viewer, Act::SeeContacts);
    if may_see_contacts {
        let key = store::key(&mut conn, &viewer, &child).await?;
        let kin = store::kin(&mut conn, &viewer, &child, &key).await?;
        let contacts: Vec<Value> = kin
            .iter()
            .map(|kin| {
                json!({
                    "id": kin.id,
                    "party": kin.party,
                    "kinship": kin.kinship,
                    "name": kin.details.name,
                    "phone_masked": kin.masked_phone(),
                    "other_phone_masked": kin.masked_other(),
                    "phone_state": kin.phone_state,
                    "phone_checked_on": kin.phone_checked_on.map(|day| day.to_string()),
                })
            })
            .collect();
        if let Some(fields) = body.as_object_mut() {
            fields.insert("contacts".to_owned(), Value::from(contacts));
        }
    }
    Ok(web::json(StatusCode::OK, &body))
}

/// `GET /api/v1/children/{id}/timeline?kind=&cursor=&limit=`
pub async fn timeline(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let limit = limit(&fields)?;
    let mut conn = app.db.read().await?;
    let child = store::visible(&mut conn, &viewer, Act::ReadRecords, &id).await?;
    let key = store::key(&mut conn, &viewer, &child).await?;
    let cursor = fields.get("cursor");
    // A day and an id, as `next` gave them.
    let known = cursor.is_empty()
        || cursor
            .get(..10)
            .zip(cursor.get(10..))
            .is_some_and(|(day, id)| day.parse::<Date>().is_ok() && id.parse::<RecordId>().is_ok());
    if !known {
        return Err(parts::unknown_cursor());
    }
    let page = (
        fields.get("kind"),
        cursor,
        i64::try_from(limit).unwrap_or(i64::MAX),
    );
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let reader = Reader {
        viewer: &viewer,
        child: &child,
        in_force: &in_force,
    };
    let found = records::timeline(&mut conn, reader, &key, page).await?;
    drop(conn);
    if found.is_guarded() {
        note_read(&app, &viewer, Kind::GuardedRead, &id).await?;
    }
    let items: Vec<Value> = found.records.iter().map(record_api::body).collect();
    Ok(web::json(
        StatusCode::OK,
        &json!({"items": items, "next": found.next}),
    ))
}

/// Ten years: a cut-off day before anybody's file, or after anybody's plan, is a slip.
const FARTHEST_DAYS: i64 = 3_660;

fn as_of(fields: &Fields, today: Date) -> Result<Date> {
    match fields.opt("as_of") {
        None => Ok(today),
        Some(text) => text
            .parse()
            .ok()
            .filter(|day| i64::from(days_between(*day, today).abs()) <= FARTHEST_DAYS)
            .ok_or_else(|| {
                Failure::Asked("as_of要写成2025-09-30这样，前后不超过10年。".to_owned())
            }),
    }
}

/// `GET /api/v1/children/{id}/duties?as_of=`
pub async fn duties(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let day = as_of(&fields, viewer.today())?;
    let mut conn = app.db.read().await?;
    let child = store::visible(&mut conn, &viewer, Act::SeeContacts, &id).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, day).await?;
    let calendar = school::store::calendar(&app, &mut conn, &viewer.school_id).await?;
    let own = std::slice::from_ref(&child);
    let found = cases(&mut conn, &viewer.school_id, &in_force, own, day).await?;
    let case = found.first().ok_or(Failure::NotThere)?;
    let (mut owed, mut missing) = items::owed(&in_force, case, &calendar, day);
    if child.has_left(day) {
        owed.clear();
        missing.clear();
    }
    let (owed, next) = part(&owed, &fields)?;
    let items: Vec<Value> = owed
        .into_iter()
        .map(|one| {
            json!({
                "kind": one.does,
                "with": one.party.code(),
                "owed_by": one.owed_by.code(),
                "standing": standing_code(&one.due.standing),
                "due_on": one.due.due_on.map(|day| day.to_string()),
                "last_on": one.last_on.map(|day| day.to_string()),
                "floor": one.floor,
                "policy": {
                    "pack": one.policy.pack,
                    "id": one.policy.id,
                    "version": one.policy.version,
                },
                "why": wording::why(&in_force, one, day),
            })
        })
        .collect();
    let missing: Vec<&str> = missing.iter().map(|fact| fact.code()).collect();
    Ok(web::json(
        StatusCode::OK,
        &json!({
            "as_of": day.to_string(), "items": items, "next": next, "missing": missing,
        }),
    ))
}

fn standing_code(standing: &rules::cadence::Standing) -> &'static str {
    use rules::cadence::Standing;
    match standing {
        Standing::Past { .. } => "past",
        Standing::Today => "today",
        Standing::ThisWeek { .. } => "due",
        Standing::Soon { .. } => "soon",
        Standing::Later { .. } => "later",
        Standing::Met => "met",
        Standing::Paused { .. } => "paused",
        Standing::NotNow => "not_now",
        Standing::LastOnly => "last_only",
    }
}

/// A chip, its tint and the sentence that says why.
pub fn verdict_words(verdict: &Verdict) -> (&'static str, &'static str, String) {
    match verdict {
        Verdict::Yes(reasons) => ("算在内", "done", sentence::why(reasons)),
        Verdict::No(reasons) => ("不算", "plain", sentence::why_not(reasons)),
        Verdict::CannotSay { missing } => ("还不知道", "info", sentence::missing(missing)),
    }
}

/// The stable word for a verdict.
pub fn verdict_code(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Yes(_) => "yes",
        Verdict::No(_) => "no",
        Verdict::CannotSay { .. } => "unknown",
    }
}

/// `GET /api/v1/children/{id}/determinations?as_of=`: decided as of that day, each with its rule,
/// version and reason.
pub async fn determinations(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let day = as_of(&fields, viewer.today())?;
    let mut conn = app.db.read().await?;
    let child = store::visible(&mut conn, &viewer, Act::SeeContacts, &id).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, day).await?;
    let own = std::slice::from_ref(&child);
    let found = cases(&mut conn, &viewer.school_id, &in_force, own, day).await?;
    let case = found.first().ok_or(Failure::NotThere)?;
    let (counted, next) = part(&case.case.counted, &fields)?;
    let items: Vec<Value> = counted
        .into_iter()
        .map(|(policy, verdict)| {
            let (_, _, why) = verdict_words(verdict);
            json!({
                "rule": {"pack": policy.pack, "id": policy.id, "version": policy.version},
                "title": in_force.rule_title(policy),
                "as_of": day.to_string(),
                "result": verdict_code(verdict),
                "why": why,
            })
        })
        .collect();
    Ok(web::json(
        StatusCode::OK,
        &json!({"as_of": day.to_string(), "items": items, "next": next}),
    ))
}
