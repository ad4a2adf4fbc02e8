//! The page on which a child's own row is changed, with what it said before.

use super::forms::{AS_WRITTEN, DOCUMENTS, changes, parse};
use super::store::{self, Particulars};
use crate::App;
use crate::cards::store::add_version;
use crate::children::change::{Change, change as changed, note_read};
use crate::children::store as children;
use crate::children::store::Child;
use crate::dossier::known::last_four;
use crate::ids::{ChildId, OperationId};
use crate::journal::Kind;
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

/// One of a row of answers.
struct Choice {
    code: &'static str,
    title: &'static str,
    chosen: bool,
}

struct FormerView {
    title: String,
    lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "particulars/particulars.html")]
struct ParticularsPage {
    shell: Shell,
    child: Child,
    version: i64,
    errors: Errors,
    operation: OperationId,
    name: String,
    sexes: Vec<Choice>,
    born_on: String,
    documents: Vec<Choice>,
    citizen_id: String,
    other_document: String,
    student_no: String,
    /// 尾号0017
    hints: [Option<String>; 3],
    address: String,
    hukou_place: String,
    nation: String,
    came_from: String,
    remark: String,
    health: Option<String>,
    boarding: Vec<Choice>,
    rural: Vec<Choice>,
    /// Something does not agree with the number: it may be kept as it is written.
    may_insist: bool,
    former: Vec<FormerView>,
}

fn ending(number: Option<&String>) -> Option<String> {
    let last = last_four(number?);
    Some(format!("现在的尾号{last}，没变就空着。"))
}

fn choices(all: &[(&'static str, &'static str)], now: &str) -> Vec<Choice> {
    let choice = |(code, title): &(&'static str, &'static str)| Choice {
        code,
        title,
        chosen: *code == now,
    };
    all.iter().map(choice).collect()
}

fn answer(known: Option<bool>) -> &'static str {
    match known {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    }
}

/// Each change with the day, who made it, and what became of what.
fn history(
    former: Vec<store::Former>,
    now: &Particulars,
    (viewer, health): (&Viewer, bool),
) -> Vec<FormerView> {
    let mut later = now.clone();
    let mut views = Vec::new();
    for one in former {
        let became = one.became.as_ref().unwrap_or(&later);
        let lines = changes(&one.was, became, health);
        later = one.was;
        if lines.is_empty() {
            continue;
        }
        let day = crate::clock::day_of(&one.changed_at);
        let day = day.map(|day| words::day(day, viewer.today()));
        let how = if one.by_roster {
            "导入名单"
        } else {
            "改的"
        };
        views.push(FormerView {
            title: format!(
                "{}，{}{how}",
                day.unwrap_or_default(),
                words::teacher(&one.by)
            ),
            lines,
        });
    }
    views
}

const BOARDING: [(&str, &str); 3] = [("yes", "住校"), ("no", "走读"), ("unknown", "不清楚")];
const RURAL: [(&str, &str); 3] = [
    ("yes", "农业户口"),
    ("no", "非农业户口"),
    ("unknown", "不清楚"),
];

async fn drawn(
    (app, viewer): (&App, &Viewer),
    id: &ChildId,
    (errors, typed): (Errors, &Fields),
) -> Result<ParticularsPage> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::EditDossier, id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let now = store::now(&mut conn, viewer, &child, &key).await?;
    let former = store::former(&mut conn, viewer, &child, &key).await?;
    let health = child.allows(viewer, Act::ReadHealth);
    let own = &now.own;
    let said = |name: &str, known: Option<&String>| {
        let given = typed.given(name).map(ToOwned::to_owned);
        given.or_else(|| known.cloned()).unwrap_or_default()
    };
    let picked = |name: &str, known: &str| typed.opt(name).unwrap_or(known).to_owned();
    let yes_no = |name: &str, known| picked(name, answer(known));
    let shell = Shell::new(app, viewer, "基本情况", "/children").form();
    Ok(ParticularsPage {
        operation: OperationId::new(),
        name: said("name", Some(&own.name)),
        sexes: choices(
            &[("female", "女"), ("male", "男")],
            &picked("sex", &own.sex),
        ),
        born_on: said("born_on", own.born_on.as_ref()),
        documents: choices(&DOCUMENTS, &picked("document", &own.id_state)),
        citizen_id: typed.get("citizen_id").to_owned(),
        other_document: typed.get("other_document").to_owned(),
        student_no: typed.get("student_no").to_owned(),
        hints: [
            ending(own.identity.citizen_id.as_ref()),
            ending(own.identity.other_document.as_ref()),
            ending(own.identity.student_no.as_ref()),
        ],
        address: said("address", own.identity.address.as_ref()),
        hukou_place: said("hukou_place", own.identity.hukou_place.as_ref()),
        nation: said("nation", own.identity.nation.as_ref()),
        came_from: said("came_from", own.identity.came_from.as_ref()),
        remark: said("remark", own.identity.remark.as_ref()),
        health: health.then(|| said("health", own.identity.health.as_ref())),
        boarding: choices(&BOARDING, &yes_no("boarding", now.boarding)),
        rural: choices(&RURAL, &yes_no("rural", now.rural)),
        may_insist: errors.at(AS_WRITTEN).is_some(),
        former: history(former, &now, (viewer, health)),
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        errors,
        // Mended and sent once more, it still changes only what it was drawn from.
        version: typed.get("version").parse().unwrap_or(child.version),
        child,
    })
}

/// What the fields of the page say of a row, by their names.
fn shown(of: &Particulars) -> Vec<(&'static str, String)> {
    let own = &of.own;
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    let identity = &own.identity;
    vec![
        ("name", own.name.clone()),
        ("sex", own.sex.clone()),
        ("born_on", text(own.born_on.as_ref())),
        ("document", own.id_state.clone()),
        ("address", text(identity.address.as_ref())),
        ("hukou_place", text(identity.hukou_place.as_ref())),
        ("nation", text(identity.nation.as_ref())),
        ("came_from", text(identity.came_from.as_ref())),
        ("remark", text(identity.remark.as_ref())),
        ("health", text(identity.health.as_ref())),
        ("boarding", answer(of.boarding).to_owned()),
        ("rural", answer(of.rural).to_owned()),
    ]
}

/// A field that its writer left as it stood says what a colleague has written there since.
fn untouched(mut fields: Fields, drawn_from: &Particulars, now: &Particulars) -> Fields {
    for ((name, then), (_, now)) in shown(drawn_from).into_iter().zip(shown(now)) {
        if fields.given(name) == Some(then.as_str()) {
            fields.set(name, &now);
        }
    }
    fields
}

/// `GET /children/{child_id}/particulars`
pub async fn particulars(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let nothing = (Errors::default(), &Fields::default());
    let mut drawn = drawn((&app, &viewer), &id, nothing).await?;
    note_read(&app, &viewer, Kind::CardSeen, &id).await?;
    drawn.shell.notice = match fields.get("said") {
        "changed" => Some("改好了，以前写的都留着。".to_owned()),
        "same" => Some("没有要改的，还是原来的。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

/// `POST /children/{child_id}/particulars`
pub async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::EditDossier, &id).await?;
    let key = children::key(&mut conn, &viewer, &child).await?;
    let was = store::now(&mut conn, &viewer, &child, &key).await?;
    let version = fields.get("version").parse().unwrap_or_default();
    let drawn_from = store::at_version(&mut conn, &viewer, (&child, &key), version).await?;
    drop(conn);
    let health = child.allows(&viewer, Act::ReadHealth);
    let new = match parse(&fields, &was, (viewer.today(), health)) {
        Ok(new) => new,
        Err(errors) => {
            let drawn = drawn((&app, &viewer), &id, (errors, &fields)).await?;
            return web::unprocessable(&drawn);
        }
    };
    let one = Change {
        act: Act::EditDossier,
        kind: Kind::ChildChanged,
        child_id: &id,
        fields: &fields,
    };
    let saved = changed(&app, &viewer, &one, async |tx, child| {
        if fields.get("version") != child.version.to_string() {
            return Err(Failure::Stale);
        }
        let was = store::now(tx, &viewer, child, &key).await?;
        if was == new {
            return Ok(());
        }
        store::change(tx, &viewer, (child, &key), (&was, &new)).await?;
        if was.own.identity.address != new.own.identity.address || was.own.name != new.own.name {
            add_version(tx, &viewer, child, "child").await?;
        }
        Ok(())
    })
    .await;
    if matches!(saved, Err(Failure::Stale)) {
        let mut errors = Errors::default();
        errors.add("main", web::CHANGED_MEANWHILE);
        let fields = match &drawn_from {
            Some(drawn_from) => untouched(fields, drawn_from, &was),
            None => fields,
        };
        let new = parse(&fields, &was, (viewer.today(), health)).unwrap_or(new);
        for line in changes(&was, &new, health) {
            errors.add("main", format!("这样保存会改：{line}"));
        }
        let mut again = drawn((&app, &viewer), &id, (errors, &fields)).await?;
        again.version = again.child.version;
        return web::stale(&again);
    }
    saved?;
    let said = if was == new { "same" } else { "changed" };
    Ok(see_other(&format!(
        "/children/{id}/particulars?said={said}"
    )))
}
