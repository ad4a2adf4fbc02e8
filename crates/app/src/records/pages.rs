//! 记一条: talks, calls, visits and all other kinds, one form for all.

use super::forms::{ONLY_COUNSELLOR, REFERS, parse};
use super::said::said;
use super::save::{save, there};
use super::store::{self};
use super::tiers::Reader;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db;
use crate::dossier::consents::in_the_way;
use crate::ids::{ChildId, OperationId};
use crate::outbox::Ticket;
use crate::packs::{Field, FieldKind, Form as PackForm, FormKind};
use crate::regions::{Parts, parts};
use crate::school::store as school;
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rules::access::{Act, Role};
use std::borrow::Cow;

/// A field as the page draws it.
pub struct Drawn {
    pub id: String,
    pub title: String,
    pub shape: &'static str,
    /// The first of the fields that stand folded: a form must fit one screen of a phone.
    pub opens_more: bool,
    pub options: Vec<DrawnOption>,
    pub value: String,
    /// An address has two boxes.
    pub address: Option<Parts>,
    /// The heading before it, where one begins.
    pub section: Option<String>,
    /// What is picked may be left open again.
    pub may_clear: bool,
    /// It stands picked since it was saved, and is left open by a choice of its own.
    pub stands: bool,
    /// 厘米; how a day may be written.
    pub hint: Option<String>,
    pub error: Option<String>,
}

pub struct DrawnOption {
    pub code: String,
    pub title: String,
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "records/new.html")]
pub(super) struct NewPage {
    pub(super) shell: Shell,
    heading: String,
    by: String,
    pub(super) action: String,
    pub(super) draft: String,
    /// What the phone seals with when there is no network; `None`: this form goes the plain way.
    pub(super) ticket: Option<Ticket>,
    operation: OperationId,
    pub(super) version: Option<i64>,
    kind: String,
    party: String,
    kin: String,
    pub(super) back: String,
    /// This page's own address, to come back to.
    pub(super) here: String,
    when: String,
    happened_on: String,
    /// The same day as it is said.
    happened: String,
    today: String,
    drawn: Vec<Drawn>,
    has_more: bool,
    more_open: bool,
    errors: Errors,
    pub(super) siblings: Vec<Sibling>,
    /// What is asked above those names.
    pub(super) siblings_legend: &'static str,
    pub(super) earlier: Vec<Earlier>,
    /// Beside the form, where there is room: what was last written about the child.
    before: Vec<Before>,
    /// Saved already; this form only adds to it.
    pub(super) is_fresh: bool,
    /// Written more than a day ago: what it said stays beside what it says now.
    pub(super) is_late: bool,
    /// 刘老师; `None` where this form does not ask the counsellor.
    refer_to: Option<String>,
    refer_why: String,
    only_counsellor: bool,
}

/// The text as it was before a change.
pub(super) struct Earlier {
    pub(super) until: String,
    pub(super) said: String,
}

/// One of the child's last entries.
struct Before {
    when: String,
    title: String,
    note: Option<String>,
}

/// As many as stand beside the form without scrolling.
const LAST_ENTRIES: i64 = 3;

/// The child's last entries. What is guarded more than the roster is not among them: it is read on
/// the child's page, where that is written down.
async fn before(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    in_force: &InForce,
) -> Result<Vec<Before>> {
    let may = viewer.decide(Act::ReadRecords, child.class_id.as_str(), child.paired);
    if !may.is_allowed() {
        return Ok(Vec::new());
    }
    let key = children::key(conn, viewer, child).await?;
    let reader = Reader {
        viewer,
        child,
        in_force,
    };
    let last = store::timeline(conn, reader, &key, ("", "", LAST_ENTRIES)).await?;
    let open = last.records.iter();
    Ok(open
        .filter(|record| !record.hidden && !record.guarded)
        .map(|record| {
            let (title, note) = said(in_force, record);
            Before {
                when: web::words::past_day(record.happened_on, viewer.today()),
                title,
                note,
            }
        })
        .collect())
}

pub struct Sibling {
    pub id: String,
    pub name: String,
    pub chosen: bool,
}

fn shape(field: &Field) -> &'static str {
    let is_chosen = field.suggest.as_ref().is_some_and(|one| one.only);
    match field.kind {
        FieldKind::Text if is_chosen && !field.options.is_empty() => "radio",
        FieldKind::Choice | FieldKind::Scale | FieldKind::Photo | FieldKind::Scan => "radio",
        FieldKind::Choices | FieldKind::Checklist | FieldKind::Children => "checkbox",
        FieldKind::LongText => "long",
        FieldKind::Number => "number",
        FieldKind::YesNo => "yes_no",
        FieldKind::Signature => "none",
        FieldKind::Date => "day",
        FieldKind::Address => "address",
        FieldKind::Phone => "tel",
        FieldKind::CitizenId => "code",
        FieldKind::ApproxDate | FieldKind::Text | FieldKind::Person => "line",
    }
}

fn hint(field: &crate::packs::Field) -> Option<String> {
    let is_chosen = field.suggest.as_ref().is_some_and(|one| one.only);
    if is_chosen && field.options.is_empty() {
        return Some("学校还没有写好，先空着。写好了，这里就有得选。".to_owned());
    }
    match (&field.unit, field.kind) {
        (Some(unit), _) => Some(format!("单位是{unit}")),
        (None, FieldKind::ApproxDate) => Some("只知道哪年哪月也行，例如2015年3月。".to_owned()),
        (None, _) => None,
    }
}

pub fn drawn(form: &PackForm, she: &str, fields: &Fields, errors: &Errors) -> Vec<Drawn> {
    let more = first_of_more(form);
    let mut section: Option<&str> = None;
    form.fields
        .iter()
        .enumerate()
        .map(|(at, field)| Drawn {
            id: field.id.clone(),
            title: field.asked(she),
            shape: shape(field),
            opens_more: more == Some(at),
            options: options(field, fields),
            address: (field.kind == FieldKind::Address).then(|| parts(&field.id, fields)),
            value: fields.get(&field.id).to_owned(),
            section: {
                let begins = field.section.as_deref().filter(|own| section != Some(*own));
                section = field.section.as_deref().or(section);
                begins.map(ToOwned::to_owned)
            },
            may_clear: may_clear(form, field),
            stands: !fields.get(&field.id).is_empty(),
            hint: hint(field),
            error: errors.at(&field.id).map(ToOwned::to_owned),
        })
        .collect()
}

fn options(field: &Field, fields: &Fields) -> Vec<DrawnOption> {
    let untouched = fields.get("operation").is_empty();
    let offered = field.options.iter();
    let mut drawn: Vec<DrawnOption> = offered
        .filter(|option| !option.retired || fields.has(&field.id, &option.code))
        .map(|option| DrawnOption {
            code: option.code.clone(),
            title: option.title.clone(),
            chosen: fields.has(&field.id, &option.code)
                || (untouched && field.default.as_deref() == Some(&option.code)),
        })
        .collect();
    // What was written before there was a choice stands beside it.
    let is_chosen = field.kind == FieldKind::Text && shape(field) == "radio";
    let own = fields.opt(&field.id).filter(|_| is_chosen);
    if let Some(own) = own.filter(|own| drawn.iter().all(|one| one.code != *own)) {
        drawn.push(DrawnOption {
            code: own.to_owned(),
            title: own.to_owned(),
            chosen: true,
        });
    }
    drawn
}

/// Whether what was picked may be left open again.
fn may_clear(form: &PackForm, field: &Field) -> bool {
    field.default.is_none() && (form.is_single() || !field.required)
}

/// What comes after the one sentence that everybody may add is folded: extra fields of a plan.
fn first_of_more(form: &PackForm) -> Option<usize> {
    let sentence = form
        .fields
        .iter()
        .position(|field| field.kind == FieldKind::LongText)?;
    (sentence + 1 < form.fields.len()).then_some(sentence + 1)
}

fn fault_in_more(form: &PackForm, errors: &Errors) -> bool {
    let folded = first_of_more(form).and_then(|first| form.fields.get(first..));
    folded.is_some_and(|some| some.iter().any(|field| errors.at(&field.id).is_some()))
}

/// Whom 请心理老师看看 means, by name where there is only one.
pub(super) async fn refer_to(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    form: &PackForm,
) -> Result<Option<String>> {
    let asks = form.fields.iter().any(|field| {
        field.id == REFERS.0 && field.options.iter().any(|option| option.code == REFERS.1)
    });
    if !asks {
        return Ok(None);
    }
    let role = Role::Counsellor;
    let there = school::holders(conn, &viewer.school_id, role, viewer.today()).await?;
    Ok(Some(match there.as_slice() {
        [one] => web::words::teacher(&one.name),
        _ => "心理老师".to_owned(),
    }))
}

/// 和李思雨聊过了; the heading of the form that makes a record.
fn heading(kind: &str, form: &PackForm, child: &Child, kin: Option<&str>) -> String {
    let name = &child.name;
    match (kind, kin) {
        ("talk", _) => format!("和{name}聊过了"),
        ("call", Some(kin)) => format!("给{name}{kin}打过电话"),
        ("call", None) => format!("给{name}家里打过电话"),
        ("home_visit", _) => format!("去过{name}家里"),
        ("family_call", _) => format!("{name}和家里通过话"),
        ("letter", _) => format!("{name}写了一封信"),
        ("symposium", _) => format!("{name}家来座谈了"),
        ("glance", _) => format!("问了{name}一声"),
        _ => format!("{}：{name}", form.title),
    }
}

/// About whom a record is made: one child, or a class.
pub(super) struct About {
    pub(super) heading: String,
    /// `/children/…` or `/classes/…`
    pub(super) path: String,
    pub(super) id: String,
    pub(super) she: &'static str,
}

impl About {
    pub(super) fn child(child: &Child, form: &PackForm, kin: Option<&str>) -> Self {
        Self {
            heading: heading(&form.id, form, child, kin),
            path: format!("/children/{}", child.id),
            id: child.id.to_string(),
            she: child.pronoun(),
        }
    }
}

pub(super) struct Drawing<'a> {
    pub(super) app: &'a App,
    pub(super) viewer: &'a Viewer,
    pub(super) about: About,
    pub(super) form: &'a PackForm,
    pub(super) fields: &'a Fields,
    pub(super) errors: Errors,
    pub(super) refer_to: Option<String>,
}

fn happened(fields: &Fields, today: jiff::civil::Date) -> String {
    let day = fields.opt("happened_on").and_then(|day| day.parse().ok());
    day.map_or_else(|| "今天".to_owned(), |day| web::words::past_day(day, today))
}

/// This page's own address, to come back to.
fn here(path: &str, (kind, party): (&str, &str), fields: &Fields) -> String {
    web::words::url(&format!(
        "{path}/records/new?kind={kind}&party={party}&kin={}&back={}",
        fields.get("kin"),
        web::words::url(web::words::own_path(fields.get("back")))
    ))
}

impl Drawing<'_> {
    pub(super) fn page(self, siblings: Vec<Sibling>) -> NewPage {
        let fields = self.fields;
        let About {
            heading,
            path,
            id,
            she,
        } = self.about;
        let mut shell = Shell::new(self.app, self.viewer, "记一条", "/note").form();
        if !self.errors.is_empty() {
            shell = shell.with_error();
        }
        let party = fields
            .opt("party")
            .or(self.form.party.map(|party| party.code()))
            .unwrap_or("child");
        let today = self.viewer.today();
        NewPage {
            shell,
            heading,
            by: self.viewer.teacher_name(),
            action: format!("{path}/records"),
            draft: match self.form.may_wait() {
                false => String::new(),
                true => format!("{}/{id}", self.form.id),
            },
            ticket: Some(Ticket::new(self.app, self.viewer)),
            operation: fields
                .get("operation")
                .parse()
                .unwrap_or_else(|_| OperationId::new()),
            version: None,
            kind: self.form.id.clone(),
            party: party.to_owned(),
            kin: fields.get("kin").to_owned(),
            back: web::words::own_path(fields.get("back")).to_owned(),
            here: here(&path, (&self.form.id, party), fields),
            when: fields.opt("when").unwrap_or("today").to_owned(),
            happened: happened(fields, today),
            happened_on: fields.get("happened_on").to_owned(),
            today: today.to_string(),
            drawn: drawn(self.form, she, fields, &self.errors),
            has_more: first_of_more(self.form).is_some(),
            more_open: fault_in_more(self.form, &self.errors),
            refer_to: self.refer_to,
            refer_why: fields.get("refer_why").to_owned(),
            only_counsellor: fields.get("operation").is_empty()
                || fields.get(ONLY_COUNSELLOR) == "yes",
            errors: self.errors,
            siblings,
            siblings_legend: "同一家的孩子，一起记",
            earlier: Vec::new(),
            before: Vec::new(),
            is_fresh: false,
            is_late: false,
        }
    }
}

pub(super) fn record_form<'a>(in_force: &'a InForce, kind: &str) -> Result<&'a PackForm> {
    in_force
        .form(kind)
        .filter(|form| form.kind == FormKind::Record && !form.retired)
        .ok_or_else(|| Failure::Asked("没有这一种记录。请从“记一条”里选一种。".to_owned()))
}

/// The form as this viewer may fill it for this child; otherwise it is not there.
fn fillable<'f>(
    viewer: &Viewer,
    child: &Child,
    in_force: &InForce,
    form: &'f PackForm,
) -> Result<Cow<'f, PackForm>> {
    let reader = Reader {
        viewer,
        child,
        in_force,
    };
    reader.fillable(form).ok_or(Failure::NotThere)
}

/// `GET /children/{child_id}/records/new?kind=talk`
pub async fn new(
    State(app): State<App>,
    viewer: Viewer,
    Id(child_id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::WriteRecord, &child_id).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = record_form(&in_force, fields.opt("kind").unwrap_or("talk"))?;
    let form = &fillable(&viewer, &child, &in_force, form)?;
    let kin = kin_word(&mut conn, &viewer, &child, fields.get("kin")).await?;
    let siblings = siblings(&mut conn, &viewer, &child, form, &fields).await?;
    let before = before(&mut conn, &viewer, &child, &in_force).await?;
    let key = children::key(&mut conn, &viewer, &child).await?;
    let about = [(child.clone(), key)];
    let not_agreed = in_the_way(&mut conn, &viewer, &in_force, (&about, form)).await?;
    let drawing = Drawing {
        app: &app,
        viewer: &viewer,
        about: About::child(&child, form, kin.as_deref()),
        form,
        fields: &fields,
        errors: Errors::default(),
        refer_to: refer_to(&mut conn, &viewer, form).await?,
    };
    let mut drawn = drawing.page(siblings);
    drawn.before = before;
    drawn.shell.notice = not_agreed;
    page(&drawn)
}

pub(super) async fn kin_word(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    kin_id: &str,
) -> Result<Option<String>> {
    let kinship: Option<String> = db::query_scalar(
        "select kinship from kin where school_id = $1 and child_id = $2 and id = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(kin_id)
    .fetch_optional(conn)
    .await?;
    Ok(kinship.map(|code| children::kin_word(&code)))
}

/// Children with a carer's or parent's number in common, for one visit to one home.
async fn siblings(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    form: &PackForm,
    fields: &Fields,
) -> Result<Vec<Sibling>> {
    if form.id != "home_visit" {
        return Ok(Vec::new());
    }
    let ids = children::of_same_home(conn, viewer, &child.id).await?;
    let mut found = Vec::new();
    for id in ids {
        if let Ok(other) = children::visible(conn, viewer, Act::WriteRecord, &id).await {
            found.push(Sibling {
                chosen: fields.has("also", other.id.as_str()),
                id: other.id.into(),
                name: other.name,
            });
        }
    }
    Ok(found)
}

/// `POST /children/{child_id}/records`
pub async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Id(child_id): Id<ChildId>,
    headers: HeaderMap,
    Form(fields): Form,
) -> Result<Response> {
    // Everything that can be looked up is, before the one writer is taken.
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::WriteRecord, &child_id).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = record_form(&in_force, fields.get("kind"))?;
    let form = &fillable(&viewer, &child, &in_force, form)?;
    let new = match parse(form, &fields, viewer.writing_day()) {
        Ok(new) => new,
        Err(errors) => {
            let kin = kin_word(&mut conn, &viewer, &child, fields.get("kin")).await?;
            let siblings = siblings(&mut conn, &viewer, &child, form, &fields).await?;
            let drawing = Drawing {
                app: &app,
                viewer: &viewer,
                about: About::child(&child, form, kin.as_deref()),
                form,
                fields: &fields,
                errors,
                refer_to: refer_to(&mut conn, &viewer, form).await?,
            };
            return web::unprocessable(&drawing.page(siblings));
        }
    };
    let there = there(&mut conn, &viewer, child, &new).await?;
    drop(conn);
    let mut tx = app.db.write(&viewer.school_id).await?;
    let saved = save(&mut tx, &viewer, &in_force, (&there, &new)).await?;
    tx.commit().await?;
    let back = fields.get("back");
    // 打通了 is saved at once, and what was talked about may be tapped after that.
    let adds = fields
        .opt("more_after")
        .is_some_and(|answer| answer == fields.get("result"));
    let next = if adds && !saved.again {
        let back = web::words::url(web::words::own_path(back));
        format!("/records/{0}/edit?done={0}&back={back}", saved.id)
    } else {
        saved.back_to(back)
    };
    if headers.contains_key("x-outbox") {
        return Ok(receipt(&new.operation, &next));
    }
    Ok(see_other(&next))
}

/// What a phone's outbox waits for before it lets the record go.
fn receipt(operation: &OperationId, next: &str) -> Response {
    let body = serde_json::json!({"receipt": operation, "next": next});
    web::json(StatusCode::CREATED, &body)
}
