//! 记一条: talks, calls, visits and all other kinds, one form for all.

use super::forms::{Filled, NewRecord, parse, words};
use super::store::{self, Record};
use super::tiers::{self, Reader};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::store as children;
use crate::children::store::{Child, Kin};
use crate::ids::{ChildId, KinId, OperationId, RecordId};
use crate::journal::{self, Entry, Kind, Seen};
use crate::packs::{FieldKind, Form as PackForm, FormKind, Tier};
use crate::vault::Key;
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use rules::access::Act;

/// A field as the page draws it.
pub struct Drawn {
    pub id: String,
    pub title: String,
    pub shape: &'static str,
    /// The first of the fields that stand folded: a form must fit one screen of a phone.
    pub opens_more: bool,
    pub options: Vec<DrawnOption>,
    pub value: String,
    pub error: Option<String>,
}

pub struct DrawnOption {
    pub code: String,
    pub title: String,
    pub chosen: bool,
}

#[derive(Template)]
#[template(path = "records/new.html")]
struct NewPage {
    shell: Shell,
    heading: String,
    by: String,
    action: String,
    draft: String,
    operation: OperationId,
    version: Option<i64>,
    kind: String,
    party: String,
    kin: String,
    back: String,
    when: String,
    happened_on: String,
    today: String,
    drawn: Vec<Drawn>,
    has_more: bool,
    more_open: bool,
    errors: Errors,
    siblings: Vec<Sibling>,
    earlier: Vec<Earlier>,
}

/// The text as it was before a change.
struct Earlier {
    until: String,
    said: String,
}

pub struct Sibling {
    pub id: String,
    pub name: String,
    pub chosen: bool,
}

fn shape(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Choice => "radio",
        FieldKind::Choices => "checkbox",
        FieldKind::LongText => "long",
        FieldKind::Number => "number",
        FieldKind::YesNo => "yes_no",
        FieldKind::Date
        | FieldKind::Text
        | FieldKind::Phone
        | FieldKind::Address
        | FieldKind::Person => "line",
    }
}

fn drawn(form: &PackForm, child: &Child, fields: &Fields, errors: &Errors) -> Vec<Drawn> {
    let untouched = fields.get("operation").is_empty();
    let more = first_of_more(form);
    form.fields
        .iter()
        .enumerate()
        .map(|(at, field)| Drawn {
            id: field.id.clone(),
            title: field.asked(child.pronoun()),
            shape: shape(field.kind),
            opens_more: more == Some(at),
            options: field
                .options
                .iter()
                .map(|option| DrawnOption {
                    code: option.code.clone(),
                    title: option.title.clone(),
                    chosen: fields.has(&field.id, &option.code)
                        || (untouched && field.default.as_deref() == Some(&option.code)),
                })
                .collect(),
            value: fields.get(&field.id).to_owned(),
            error: errors.at(&field.id).map(ToOwned::to_owned),
        })
        .collect()
}

/// What comes after the one sentence that everybody may add is folded: extra fields of a plan.
fn first_of_more(form: &PackForm) -> Option<usize> {
    let sentence = form
        .fields
        .iter()
        .position(|field| field.kind == FieldKind::LongText)?;
    (sentence + 1 < form.fields.len()).then_some(sentence + 1)
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

struct Drawing<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    child: &'a Child,
    form: &'a PackForm,
    fields: &'a Fields,
    errors: Errors,
}

impl Drawing<'_> {
    fn page(self, kin: Option<String>, siblings: Vec<Sibling>) -> NewPage {
        let fields = self.fields;
        let mut shell = Shell::new(self.app, self.viewer, "记一条", "/note").form();
        if !self.errors.is_empty() {
            shell = shell.with_error();
        }
        let party = fields
            .opt("party")
            .or(self.form.party.map(|party| party.code()));
        NewPage {
            shell,
            heading: heading(&self.form.id, self.form, self.child, kin.as_deref()),
            by: self.viewer.teacher_name(),
            action: format!("/children/{}/records", self.child.id),
            // What is guarded more than the roster is never kept on a phone.
            draft: if self.form.tier > Tier::C2 {
                String::new()
            } else {
                format!("{}/{}", self.form.id, self.child.id)
            },
            operation: fields
                .get("operation")
                .parse()
                .unwrap_or_else(|_| OperationId::new()),
            version: None,
            kind: self.form.id.clone(),
            party: party.unwrap_or("child").to_owned(),
            kin: fields.get("kin").to_owned(),
            back: web::words::own_path(fields.get("back")).to_owned(),
            when: fields.opt("when").unwrap_or("today").to_owned(),
            happened_on: fields.get("happened_on").to_owned(),
            today: self.viewer.today().to_string(),
            drawn: drawn(self.form, self.child, fields, &self.errors),
            has_more: first_of_more(self.form).is_some(),
            more_open: !self.errors.is_empty(),
            errors: self.errors,
            siblings,
            earlier: Vec::new(),
        }
    }
}

fn record_form<'a>(in_force: &'a InForce, kind: &str) -> Result<&'a PackForm> {
    in_force
        .form(kind)
        .filter(|form| form.kind == FormKind::Record)
        .ok_or_else(|| Failure::Asked("没有这一种记录。请从“记一条”里选一种。".to_owned()))
}

/// The form as this viewer may fill it for this child; otherwise it is not there.
fn fillable(
    viewer: &Viewer,
    child: &Child,
    in_force: &InForce,
    form: &PackForm,
) -> Result<PackForm> {
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
    let kin = kin_word(&mut conn, &viewer, &child, &fields).await?;
    let siblings = siblings(&mut conn, &viewer, &child, form, &fields).await?;
    let drawing = Drawing {
        app: &app,
        viewer: &viewer,
        child: &child,
        form,
        fields: &fields,
        errors: Errors::default(),
    };
    page(&drawing.page(kin, siblings))
}

async fn kin_word(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    fields: &Fields,
) -> Result<Option<String>> {
    let kinship: Option<String> = sqlx::query_scalar(
        "select kinship from kin where school_id = $1 and child_id = $2 and id = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(fields.get("kin"))
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
    let rows: Vec<(String,)> = sqlx::query_as(
        "select distinct o.child_id from kin k
         join kin o on o.school_id = k.school_id and o.phone_index = k.phone_index
         where k.school_id = $1 and k.child_id = $2 and o.child_id <> $2
            and k.to_on is null and o.to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::new();
    for (id,) in rows {
        let id = ChildId::from(id);
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
    let new = match parse(form, &fields, viewer.today()) {
        Ok(new) => new,
        Err(errors) => {
            let kin = kin_word(&mut conn, &viewer, &child, &fields).await?;
            let siblings = siblings(&mut conn, &viewer, &child, form, &fields).await?;
            let drawing = Drawing {
                app: &app,
                viewer: &viewer,
                child: &child,
                form,
                fields: &fields,
                errors,
            };
            return web::unprocessable(&drawing.page(kin, siblings));
        }
    };
    let there = there(&mut conn, &viewer, child, &new).await?;
    drop(conn);
    let mut tx = app.db.write(&viewer.school_id).await?;
    let saved = save(&mut tx, &viewer, &there, &new).await?;
    tx.commit().await?;
    let said = if saved.again { "&said=again" } else { "" };
    let back = web::words::own_path(fields.get("back"));
    let joint = if back.contains('?') { '&' } else { '?' };
    let next = format!("{back}{joint}done={}{said}", saved.id);
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

/// A class and a few more.
const MOST_AT_ONCE: usize = 60;

pub struct Saved {
    pub id: RecordId,
    /// The same request had been done before.
    pub again: bool,
}

/// The children who were there, each once and each the viewer's, with their keys.
pub async fn there(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: Child,
    new: &NewRecord,
) -> Result<Vec<(Child, Key)>> {
    let key = children::key(conn, viewer, &child).await?;
    let mut there = vec![(child, key)];
    for other in &new.others {
        if there.iter().any(|(child, _)| child.id == *other) {
            continue;
        }
        if there.len() >= MOST_AT_ONCE {
            return Err(Failure::Asked(format!(
                "一次最多给{MOST_AT_ONCE}个孩子记，请分成几次。"
            )));
        }
        let other = children::visible(conn, viewer, Act::WriteRecord, other).await?;
        let key = children::key(conn, viewer, &other).await?;
        there.push((other, key));
    }
    Ok(there)
}

/// Saves a record for the children who were there, once, with its journal entry.
pub async fn save(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    there: &[(Child, Key)],
    new: &NewRecord,
) -> Result<Saved> {
    let (child, _) = there.first().ok_or(Failure::NotThere)?;
    let payload = new.payload(&child.id);
    match journal::seen(tx, &viewer.actor(), &new.operation, &payload).await? {
        Seen::New => {}
        Seen::Done(id) => {
            return Ok(Saved {
                id: RecordId::from(id),
                again: true,
            });
        }
        Seen::Other => return Err(Failure::OtherContent),
    }
    let group_id = RecordId::new();
    let mut first = None;
    for (child, key) in there {
        let id = store::insert(tx, viewer, child, key, (new, group_id.as_str())).await?;
        refer(tx, viewer, child, (new, &id)).await?;
        first.get_or_insert(id);
    }
    let id = first.ok_or(Failure::NotThere)?;
    journal::record(
        tx,
        &viewer.actor(),
        &Entry {
            operation: &new.operation,
            kind: Kind::RecordMade,
            subject_kind: "record",
            subject_id: id.as_str(),
            payload: &payload,
            result: id.as_str(),
        },
    )
    .await?;
    Ok(Saved { id, again: false })
}

/// 请心理老师看看: leaves a mark that the counsellor's week shows.
async fn refer(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    (new, record): (&NewRecord, &RecordId),
) -> Result<()> {
    if new.filled.get("next").and_then(|next| next.as_str()) != Some("counsellor") {
        return Ok(());
    }
    sqlx::query(
        "insert into child_mark (school_id, id, child_id, mark, from_on, to_on)
         values ($1, $2, $3, 'referred', $4, null)
         on conflict (school_id, id) do nothing",
    )
    .bind(viewer.school_id.as_str())
    .bind(format!("{record}"))
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// `POST /records/{record_id}/undo`: takes back what was just saved, with all that was saved together.
pub async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
    Form(fields): Form,
) -> Result<Response> {
    let back = web::words::own_path(fields.get("back")).to_owned();
    let joint = if back.contains('?') { '&' } else { '?' };
    let done = format!("{back}{joint}said=undone");
    let mut tx = app.db.write(&viewer.school_id).await?;
    if store::is_withdrawn(&mut tx, &viewer, &id).await? {
        return Ok(see_other(&done));
    }
    let (record, _, _) = own_record(&mut tx, &viewer, &id).await?;
    if age(&record, &viewer) > DAY {
        return Err(Failure::Asked(
            "这条记录超过一天了，不能整条撤销。可以打开它改一改，原来的会留着。".to_owned(),
        ));
    }
    for (one, child_id) in store::group(&mut tx, &viewer, &record.group_id).await? {
        store::withdraw(&mut tx, &viewer, &child_id, &one).await?;
        store::take_back_referral(&mut tx, &viewer, &child_id, &one).await?;
    }
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &OperationId::new(),
            kind: Kind::RecordWithdrawn,
            subject_kind: "record",
            subject_id: id.as_str(),
            payload: id.as_str(),
            result: "",
        },
    )
    .await?;
    tx.commit().await?;
    Ok(see_other(&done))
}

const DAY: i64 = 24 * 3600;

fn age(record: &Record, viewer: &Viewer) -> i64 {
    crate::clock::seconds_between(&record.written_at, &viewer.now.at).unwrap_or(i64::MAX)
}

/// A record that the viewer wrote about a child that the viewer still reaches.
pub async fn own_record(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    id: &RecordId,
) -> Result<(Record, Child, Key)> {
    let child_id = store::child_of(tx, viewer, id).await?;
    let child = children::visible(tx, viewer, Act::WriteRecord, &child_id).await?;
    let key = children::key(tx, viewer, &child).await?;
    let record = store::one(tx, viewer, &child, &key, id).await?;
    if record.by_staff != viewer.staff_id.as_str() {
        return Err(Failure::NotThere);
    }
    Ok((record, child, key))
}

fn as_fields(record: &Record) -> Fields {
    let mut fields = Fields::default();
    super::forms::from_json(&record.filled, &mut fields);
    fields.push("happened_on", &record.happened_on.to_string());
    fields.push("party", &record.party);
    fields.push("operation", OperationId::new().as_str());
    fields
}

/// `GET /records/{record_id}/edit`
pub async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (record, child, key) = own_record(&mut conn, &viewer, &id).await?;
    let earlier = store::earlier(&mut conn, &viewer, &record, &key).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = record_form(&in_force, &record.kind)?;
    let fields = as_fields(&record);
    let drawing = Drawing {
        app: &app,
        viewer: &viewer,
        child: &child,
        form,
        fields: &fields,
        errors: Errors::default(),
    };
    let mut drawn = for_edit(drawing.page(None, Vec::new()), &record);
    drawn.earlier = earlier
        .into_iter()
        .map(|one| was(&in_force, &record, one, viewer.today()))
        .collect();
    page(&drawn)
}

fn was(
    in_force: &InForce,
    record: &Record,
    earlier: store::Earlier,
    today: jiff::civil::Date,
) -> Earlier {
    let before = Record {
        filled: earlier.filled,
        ..record.clone()
    };
    let (title, note) = said(in_force, &before);
    let until = crate::clock::day_of(&earlier.changed_at);
    Earlier {
        until: until
            .map(|day| web::words::day(day, today))
            .unwrap_or_default(),
        said: [Some(title), note]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("。"),
    }
}

fn for_edit(mut page: NewPage, record: &Record) -> NewPage {
    page.action = format!("/records/{}/edit", record.id);
    page.draft = String::new();
    page.version = Some(record.version);
    page.back = format!("/children/{}", record.child_id);
    page
}

/// `POST /records/{record_id}/edit`
pub async fn amend(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut tx = app.db.write(&viewer.school_id).await?;
    let (record, child, key) = own_record(&mut tx, &viewer, &id).await?;
    let in_force = in_force(&app, &mut tx, &viewer.school_id, viewer.today()).await?;
    let form = record_form(&in_force, &record.kind)?;
    let new = match parse(form, &fields, viewer.today()) {
        Ok(new) => new,
        Err(errors) => {
            let drawing = Drawing {
                app: &app,
                viewer: &viewer,
                child: &child,
                form,
                fields: &fields,
                errors,
            };
            return web::unprocessable(&for_edit(drawing.page(None, Vec::new()), &record));
        }
    };
    let wanted = fields.get("version");
    amended(&mut tx, &viewer, (&record, &key), (&new, wanted)).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/children/{}", record.child_id)))
}

/// Amends with its journal entry, once. A request that was answered before gets its answer again,
/// though the record has moved on since; another one must know the version it changes.
pub async fn amended(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    (record, key): (&Record, &Key),
    (new, wanted): (&NewRecord, &str),
) -> Result<()> {
    let payload = format!("{} {}", record.id, new.payload(&record.child_id));
    match journal::seen(tx, &viewer.actor(), &new.operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(()),
        Seen::Other => return Err(Failure::OtherContent),
    }
    if wanted != record.version.to_string() {
        return Err(Failure::Stale);
    }
    store::amend(tx, viewer, (record, key), new).await?;
    journal::record(
        tx,
        &viewer.actor(),
        &Entry {
            operation: &new.operation,
            kind: Kind::RecordAmended,
            subject_kind: "record",
            subject_id: record.id.as_str(),
            payload: &payload,
            result: record.id.as_str(),
        },
    )
    .await?;
    Ok(())
}

struct Tile {
    href: String,
    title: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "records/note.html")]
struct NotePage {
    shell: Shell,
    kind: String,
    tiles: Vec<Tile>,
    more: Vec<Tile>,
    children: Vec<Child>,
    quick: bool,
}

/// Whether there is any child for whom this viewer may fill the form.
fn may_fill(viewer: &Viewer, form: &PackForm) -> bool {
    form.tier <= Tier::C2 || viewer.ever(tiers::act(form.tier))
}

/// The everyday kinds stand open; what plans add is folded.
const EVERYDAY: usize = 5;

/// `GET /note?kind=talk`: ＋记, first the kind, then the child.
pub async fn note(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let kind = fields.opt("kind").unwrap_or("talk").to_owned();
    let children = if viewer.sees_whole_school(Act::WriteRecord) {
        Vec::new()
    } else {
        children::all_visible(&app, &mut conn, &viewer, Act::WriteRecord)
            .await?
            .to_vec()
    };
    let mut tiles: Vec<Tile> = in_force
        .forms
        .iter()
        .filter(|form| form.kind == FormKind::Record && may_fill(&viewer, form))
        .map(|form| Tile {
            href: format!("/note?kind={}", form.id),
            title: form.title.clone(),
            current: form.id == kind,
        })
        .collect();
    let more = tiles.split_off(tiles.len().min(EVERYDAY));
    page(&NotePage {
        shell: Shell::new(&app, &viewer, "记一条", "/note").with_done(&fields, "/note"),
        quick: in_force.form(&kind).is_some_and(|form| form.quick),
        kind,
        tiles,
        more,
        children,
    })
}

/// A number that may be dialled, masked until it is asked for.
pub struct Dial {
    pub kin: Kin,
    pub word: String,
    pub masked: Option<String>,
    pub shown: Option<String>,
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
}

/// `GET /children/{child_id}/call`
pub async fn call(
    State(app): State<App>,
    viewer: Viewer,
    Id(child_id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    call_page(&app, &viewer, &child_id, &fields, None).await
}

async fn call_page(
    app: &App,
    viewer: &Viewer,
    child_id: &ChildId,
    fields: &Fields,
    revealed: Option<&KinId>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::SeeContacts, child_id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let kin = children::kin(&mut conn, viewer, &child, &key).await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let good = good_news(&mut conn, viewer, &child, &key, &in_force).await?;
    let dials = kin
        .into_iter()
        .map(|kin| Dial {
            word: kin.word(),
            masked: kin.masked_phone(),
            shown: revealed
                .filter(|id| **id == kin.id)
                .and_then(|_| kin.details.phone.clone()),
            kin,
        })
        .collect();
    let back = fields.opt("back").unwrap_or("/week");
    page(&CallPage {
        shell: Shell::new(app, viewer, "打电话", "/calls").with_done(fields, back),
        child,
        dials,
        good,
        operation: OperationId::new(),
        back: web::words::own_path(back).to_owned(),
    })
}

/// 可以说说: only this term's good entries; protected content is never among them.
async fn good_news(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
    in_force: &InForce,
) -> Result<Vec<String>> {
    let may = viewer
        .decide(Act::ReadRecords, child.class_id.as_str(), child.paired)
        .is_allowed();
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

fn is_good(filled: &Filled) -> bool {
    let topics = filled.get("topic").map(words).unwrap_or_default();
    topics.iter().any(|topic| topic == "good_news")
}

/// A record in few words, and the sentence that was written.
pub fn said(in_force: &InForce, record: &Record) -> (String, Option<String>) {
    let mut parts: Vec<String> = Vec::new();
    let mut note = None;
    if let Some(form) = in_force.form(&record.kind) {
        for field in &form.fields {
            let Some(value) = record.filled.get(&field.id) else {
                continue;
            };
            match field.kind {
                FieldKind::Choice | FieldKind::Choices => {
                    let chosen = words(value);
                    let is_default = field.default.as_deref() == chosen.first().map(String::as_str);
                    if is_default && chosen.len() == 1 {
                        continue;
                    }
                    parts.extend(
                        field
                            .options
                            .iter()
                            .filter(|option| chosen.contains(&option.code))
                            .map(|option| option.title.clone()),
                    );
                }
                FieldKind::LongText => note = value.as_str().map(ToOwned::to_owned),
                FieldKind::Number => parts.push(format!("{}：{value}", field.title)),
                FieldKind::Text | FieldKind::Date | FieldKind::Person => {
                    parts.extend(value.as_str().map(ToOwned::to_owned));
                }
                FieldKind::YesNo | FieldKind::Phone | FieldKind::Address => {}
            }
        }
        if parts.is_empty() {
            parts.push(form.title.clone());
        }
    }
    (parts.join("，"), note)
}

/// `POST /children/{child_id}/kin/{kin_id}/reveal`: a full number, written down before it is shown.
pub async fn reveal(
    State(app): State<App>,
    viewer: Viewer,
    ids: axum::extract::RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let mut ids = ids.iter().map(|(_, id)| id);
    let child_id: ChildId = next_id(&mut ids)?;
    let kin_id: KinId = next_id(&mut ids)?;
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
            result: "",
        },
    )
    .await?;
    tx.commit().await?;
    call_page(&app, &viewer, &child_id, &fields, Some(&kin_id)).await
}

fn next_id<'a, T: std::str::FromStr>(ids: &mut impl Iterator<Item = &'a str>) -> Result<T> {
    ids.next()
        .and_then(|id| id.parse().ok())
        .ok_or(Failure::NotThere)
}

#[derive(Template)]
#[template(path = "records/worried.html")]
struct WorriedPage {
    shell: Shell,
}

/// `GET /worried`: 听到让人担心的事. The number stands before any form.
pub async fn worried(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    page(&WorriedPage {
        shell: Shell::new(&app, &viewer, "怎么办", "/week"),
    })
}
