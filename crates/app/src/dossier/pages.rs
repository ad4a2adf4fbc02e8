//! One child's file: which forms there are, what they lack, one form filled in.

use super::begun::Begun;
use super::consents::in_the_way;
use super::gaps::{file_gaps, of_form};
use super::known::{Facts, Place, facts, place};
use super::offers::{offer, unknown};
use super::save::save as save_entry;
use super::sight::Sight;
use super::store::{self, EntryRow, Written};
use super::versions::{EntryView, FileLink, Reading};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::change::{Change, change, note_read};
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::ChildId;
use crate::ids::OperationId;
use crate::journal::Kind;
use crate::moves;
use crate::packs::{Field, FieldKind, Form as PackForm, Tier};
use crate::records::forms::{Filled, filled, from_json, lacking, what_cannot_be};
use crate::records::pages::{Drawn, drawn};
use crate::records::said::{beside, values_of};
use crate::school;
use crate::web::{
    self, Errors, Failure, Fields, Form, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::{RawPathParams, State};
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::completeness::Part;

struct FormRow {
    href: String,
    glyph: String,
    title: String,
    said: String,
    chip: String,
    tint: &'static str,
}

struct Missing {
    title: String,
    why: String,
    href: String,
}

#[derive(Template)]
#[template(path = "dossier/file.html")]
struct FilePage {
    shell: Shell,
    child: Child,
    rows: Vec<FormRow>,
    /// Forms of which the child has nothing and that nobody waits for.
    unwritten: Vec<FormRow>,
    missing: Vec<Missing>,
    /// Missing parts in all.
    lacks: usize,
    /// Those that this viewer reads and that stand with their forms alone.
    below: usize,
    /// Missing parts that this viewer does not read.
    of_others: usize,
    is_complete: bool,
    there: usize,
    may_print: bool,
    may_see_files: bool,
    may_see_card: bool,
}

fn row(
    form: &PackForm,
    (facts, entries): (&Facts, &[EntryRow]),
    child: &Child,
    packs: &InForce,
) -> FormRow {
    let own = of_form(entries, form);
    let gaps = file_gaps(std::slice::from_ref(form), facts, entries);
    let missing = gaps.missing.len();
    let (chip, tint) = match (form.many, own.len(), missing) {
        (true, 0, _) => ("还没有".to_owned(), "plain"),
        (true, many, _) => (format!("{many}条"), "plain"),
        (false, _, 0) => ("齐了".to_owned(), "done"),
        // What the roster and the card say stands in it before anybody writes.
        (false, 0, _) if gaps.there == 0 => ("还没填".to_owned(), "due"),
        (false, _, some) => (format!("还缺{some}项"), "due"),
    };
    FormRow {
        href: format!("/children/{}/dossier/{}", child.id, form.id),
        glyph: form.glyph.map_or_else(|| "档".to_owned(), String::from),
        title: form.title.clone(),
        said: packs.pack_title(&form.pack).to_owned(),
        chip,
        tint,
    }
}

fn changed_in(field: &Field) -> Option<Place> {
    field.from.map(place)
}

fn missing(one: &Part, forms: &[PackForm], child: &Child, packs: &InForce) -> Option<Missing> {
    let form = forms.iter().find(|form| form.id == one.form)?;
    let field = form.field(&one.field);
    if field.is_none() && !one.field.is_empty() {
        return None;
    }
    let from = field.and_then(|field| field.from);
    let title = match field {
        Some(field) => field.title.clone(),
        None => form.title.clone(),
    };
    let pack = packs.pack_title(&one.pack);
    Some(Missing {
        why: if field.is_some() {
            format!("《{}》里要，{pack}", form.title)
        } else {
            format!("整张还没填，{pack}要")
        },
        href: match from.map(place) {
            Some(Place::Card) => format!("/children/{}/card", child.id),
            Some(Place::Home) => format!("/children/{}/home", child.id),
            Some(Place::Names) => format!("/children/{}/particulars", child.id),
            None => format!("/children/{}/dossier/{}", child.id, form.id),
        },
        title,
    })
}

/// So many missing parts are named; the rows below tell the rest.
const NAMED: usize = 5;

/// `GET /children/{child_id}/dossier`
pub async fn file(
    State(app): State<App>,
    viewer: Viewer,
    web::Id(id): web::Id<ChildId>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::OpenDossier, &id).await?;
    let key = children::key(&mut conn, &viewer, &child).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let facts = facts(&mut conn, &viewer, &child, &key).await?;
    let entries = store::entries(&mut conn, &viewer, &child, &key, "").await?;
    drop(conn);
    let sight = Sight {
        viewer: &viewer,
        child: &child,
        in_force: &in_force,
    };
    let mut forms = sight.forms();
    forms.retain(|form| !form.retired || entries.iter().any(|one| one.form == form.id));
    let gaps = file_gaps(&sight.counted(), &facts, &entries);
    let has = |form: &&PackForm| !form.many || entries.iter().any(|one| one.form == form.id);
    let (written, unwritten): (Vec<&PackForm>, Vec<&PackForm>) = forms.iter().partition(has);
    let rows_of = |forms: &[&PackForm]| -> Vec<FormRow> {
        let rows = forms.iter();
        rows.map(|form| row(form, (&facts, &entries), &child, &in_force))
            .collect()
    };
    let named = |one: &Part| missing(one, &forms, &child, &in_force);
    let named: Vec<Missing> = gaps.missing.iter().filter_map(named).collect();
    page(&FilePage {
        shell: Shell::new(&app, &viewer, "档案", "/children"),
        rows: rows_of(&written),
        unwritten: rows_of(&unwritten),
        lacks: gaps.missing.len(),
        of_others: gaps.missing.len() - named.len(),
        below: named.len().saturating_sub(NAMED),
        missing: named.into_iter().take(NAMED).collect(),
        is_complete: gaps.is_complete(),
        there: gaps.there,
        may_print: sight.may(Act::PrintCards),
        may_see_files: sight.may(Act::ReadIdentity),
        may_see_card: sight.may(Act::SeeContacts),
        child,
    })
}

struct KnownRow {
    title: String,
    value: Option<String>,
}

fn file_links(form: &PackForm, filled: &Filled, child: &Child) -> Vec<FileLink> {
    let kinds = [FieldKind::Photo, FieldKind::Scan];
    let fields = form
        .fields
        .iter()
        .filter(|field| kinds.contains(&field.kind));
    fields
        .filter_map(|field| {
            let id = filled.get(&field.id)?.as_str()?;
            let there = field.options.iter().any(|option| option.code == id);
            there.then(|| FileLink {
                href: format!("/children/{}/files/{id}", child.id),
                title: field.title.clone(),
            })
        })
        .collect()
}

#[derive(Template)]
#[template(path = "dossier/form.html")]
struct FormPage {
    shell: Shell,
    child: Child,
    form: PackForm,
    asked_by: String,
    known: Vec<KnownRow>,
    /// Where what is known is changed.
    changed_in: Vec<Place>,
    entries: Vec<EntryView>,
    /// What the one entry says, for those who do not write it.
    now: Option<EntryView>,
    drawn: Vec<Drawn>,
    errors: Errors,
    entry: String,
    version: i64,
    operation: OperationId,
    may_edit: bool,
    may_print: bool,
    /// One of the fields is chosen from what has been put into the file.
    wants_files: bool,
    /// Filled in bit by bit: as much as is known today.
    is_single: bool,
    /// What an entry that is there still needs.
    lacking: String,
    /// What is no longer asked, and was written.
    gone: Vec<(String, String)>,
    /// The fields stand open, or behind “再写一条”.
    open: bool,
}

/// Everything one form of one child is drawn from.
struct Drawing<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    child: Child,
    form: PackForm,
    in_force: &'a InForce,
    facts: Facts,
    entries: Vec<EntryView>,
    /// The entry that is being changed.
    current: Option<EntryRow>,
    may_edit: bool,
}

impl Drawing<'_> {
    /// What the one entry that is there still needs.
    fn lacks(&self) -> String {
        let own = self.current.as_ref().filter(|_| self.form.is_single());
        let titles: Vec<&str> = own.map_or_else(Vec::new, |one| {
            let open = lacking(&self.form, &one.filled);
            open.map(|field| field.title.as_str()).collect()
        });
        titles.join("、")
    }

    /// What the page of the entry cannot change any more.
    fn gone(&self) -> Vec<(String, String)> {
        let current = self.current.as_ref().filter(|_| self.may_edit);
        current.map_or_else(Vec::new, |one| {
            values_of(self.form.gone.iter(), &one.filled)
        })
    }

    fn page(self, fields: &Fields, errors: Errors) -> FormPage {
        let shell = Shell::new(self.app, self.viewer, "档案", "/children");
        let open = !self.form.many
            || !errors.is_empty()
            || self.current.is_some()
            || self.entries.is_empty();
        let shell = if open && self.may_edit {
            shell.form()
        } else {
            shell
        };
        let mut typed = self.form.clone();
        typed.fields = self.form.by_section().into_iter().cloned().collect();
        typed
            .fields
            .retain(|field| field.from.is_none() && field.kind != FieldKind::Signature);
        let known = self.form.fields.iter().filter(|field| field.from.is_some());
        let current = self.current.as_ref().map_or(0, |one| one.version);
        FormPage {
            is_single: self.form.is_single(),
            lacking: self.lacks(),
            gone: self.gone(),
            shell: if errors.is_empty() {
                shell
            } else {
                shell.with_error()
            },
            asked_by: self.in_force.pack_title(&self.form.pack).to_owned(),
            changed_in: known.clone().filter_map(changed_in).collect(),
            known: known
                .map(|field| KnownRow {
                    title: field.title.clone(),
                    value: field.from.and_then(|known| self.facts.masked(known)),
                })
                .collect(),
            drawn: drawn(&typed, self.child.pronoun(), fields, &errors),
            entry: self
                .current
                .as_ref()
                .map_or(String::new(), |one| one.id.clone()),
            // Mended and sent once more, it still changes only what it was drawn from.
            version: fields.get("version").parse().unwrap_or(current),
            operation: fields
                .get("operation")
                .parse()
                .unwrap_or_else(|_| OperationId::new()),
            open,
            wants_files: typed
                .fields
                .iter()
                .any(|field| matches!(field.kind, FieldKind::Photo | FieldKind::Scan)),
            may_edit: self.may_edit,
            may_print: self.viewer.ever(Act::PrintCards),
            now: (self.form.is_single() && !self.may_edit)
                .then(|| self.entries.first().cloned())
                .flatten(),
            entries: self.entries,
            child: self.child,
            form: self.form,
            errors,
        }
    }
}

fn names(params: &RawPathParams) -> Result<(ChildId, String)> {
    let mut values = params.iter().map(|(_, value)| value);
    let child = values.next().and_then(|id| id.parse().ok());
    let form = values.next().map(ToOwned::to_owned);
    child.zip(form).ok_or(Failure::NotThere)
}

async fn drawing<'a>(
    app: &'a App,
    viewer: &'a Viewer,
    in_force: &'a InForce,
    (child_id, form): (&ChildId, &str),
    wanted: &str,
) -> Result<Drawing<'a>> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::OpenDossier, child_id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let sight = Sight {
        viewer,
        child: &child,
        in_force,
    };
    let mut form = sight.form(form).ok_or(Failure::NotThere)?;
    offer(app, &mut conn, viewer, (&child, &key), &mut form).await?;
    let may_edit = sight.may_write(&form);
    let hidden = sight.hidden(&form);
    let facts = facts(&mut conn, viewer, &child, &key).await?;
    let rows = store::entries(&mut conn, viewer, &child, &key, &form.id).await?;
    let reads = |tier| sight.reads_of(&form, tier);
    let reading = Reading {
        viewer,
        form: &form,
        hidden: &hidden,
        reads: &reads,
    };
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        let mut before = Vec::new();
        for was in store::earlier(&mut conn, viewer, row, &key).await? {
            let shape = store::shape(&mut conn, viewer, &was.shape).await?;
            before.push((was, shape));
        }
        let mut view = reading.view(row, before);
        view.files = file_links(&form, &row.filled, &child);
        entries.push(view);
    }
    let current = if form.many {
        rows.into_iter().find(|row| row.id == wanted)
    } else {
        rows.into_iter().next_back()
    };
    Ok(Drawing {
        app,
        viewer,
        child,
        form,
        in_force,
        facts,
        entries,
        current,
        may_edit,
    })
}

/// `GET /children/{child_id}/dossier/{form}?entry=`
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (child_id, name) = names(&params)?;
    let in_force = {
        let mut conn = app.db.read().await?;
        in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?
    };
    let asked = (&child_id, name.as_str());
    let drawing = drawing(&app, &viewer, &in_force, asked, fields.get("entry")).await?;
    if drawing.form.tier >= Tier::C2 {
        note_read(&app, &viewer, Kind::DossierSeen, &child_id).await?;
    }
    let mut shown = Fields::default();
    if let Some(current) = &drawing.current {
        from_json(&current.filled, &mut shown);
        shown.push("operation", OperationId::new().as_str());
    } else {
        let mut conn = app.db.read().await?;
        let calendar = school::store::calendar(&app, &mut conn, &viewer.school_id).await?;
        let term = words::this_term(&calendar, viewer.today());
        let next_school = moves::store::next_school(&mut conn, &viewer, &drawing.child).await?;
        let begun = Begun::of(&drawing.facts, term, next_school);
        begun.show_today(&drawing.form, viewer.today(), &mut shown);
    }
    let not_agreed = not_agreed(&app, &viewer, &drawing).await?;
    let has_earlier = drawing.entries.iter().any(|one| !one.earlier.is_empty());
    let mut drawn = drawing.page(&shown, Errors::default());
    drawn.shell.notice = match fields.get("said") {
        "saved" if has_earlier => Some("记好了，以前写的都留着。".to_owned()),
        "saved" => Some("记好了。".to_owned()),
        "withdrawn" => Some("拿掉了。".to_owned()),
        _ => not_agreed,
    };
    page(&drawn)
}

/// What only a register can say, and it does not.
async fn said_elsewhere(
    app: &App,
    viewer: &Viewer,
    drawing: &Drawing<'_>,
    said: &Filled,
    errors: &mut Errors,
) -> Result<()> {
    let mut conn = app.db.read().await?;
    let was = drawing.current.as_ref().map(|was| &was.filled);
    let asked = (&drawing.form, was, said);
    for (field, why) in unknown(&mut conn, viewer, drawing.in_force, asked).await? {
        errors.add(&field.id, why);
    }
    Ok(())
}

/// `POST /children/{child_id}/dossier/{form}`
pub async fn save(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (child_id, name) = names(&params)?;
    let in_force = {
        let mut conn = app.db.read().await?;
        in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?
    };
    let asked = (&child_id, name.as_str());
    let drawing = drawing(&app, &viewer, &in_force, asked, fields.get("entry")).await?;
    let mut errors = Errors::default();
    let said = filled(&drawing.form, &fields, &mut errors);
    let days = (viewer.today(), drawing.child.born_on);
    what_cannot_be(&drawing.form, &said, days, &mut errors);
    said_elsewhere(&app, &viewer, &drawing, &said, &mut errors).await?;
    // The one entry that is there may be emptied: it has no other way back.
    let is_emptied = drawing.form.is_single() && drawing.current.is_some();
    if errors.is_empty() && said.is_empty() && !is_emptied {
        errors.add("main", "还什么都没填，填一项再保存。");
    }
    if !errors.is_empty() {
        return web::unprocessable(&drawing.page(&fields, errors));
    }
    let whole = in_force.form(&name).ok_or(Failure::NotThere)?;
    if !drawing.may_edit {
        return Err(not_written(&drawing.child, viewer.today()));
    }
    let new = Written {
        whole,
        seen: &drawing.form,
        filled: &said,
    };
    let wanted = Change {
        act: Act::WriteDossier,
        kind: Kind::DossierChanged,
        child_id: &child_id,
        fields: &fields,
    };
    let saved = change(&app, &viewer, &wanted, async |tx, child| {
        let key = children::key(tx, &viewer, child).await?;
        let was = drawing.current.as_ref();
        if was.is_some_and(|was| fields.get("version") != was.version.to_string()) {
            return Err(Failure::Stale);
        }
        let about = (child.clone(), key);
        save_entry(tx, &viewer, &in_force, (&about, was, &new))
            .await
            .map(drop)
    })
    .await;
    if let (Err(Failure::Stale), Some(now)) = (&saved, &drawing.current) {
        let errors = beside(&drawing.form, &now.filled, &said);
        let version = now.version;
        let page = drawing.page(&fields, errors);
        return web::stale(&FormPage { version, ..page });
    }
    saved?;
    Ok(see_other(&format!(
        "/children/{child_id}/dossier/{name}?said=saved"
    )))
}

/// Said before anything is typed: the family has to be asked first.
async fn not_agreed(app: &App, viewer: &Viewer, drawing: &Drawing<'_>) -> Result<Option<String>> {
    if !drawing.may_edit {
        return Ok(None);
    }
    let mut conn = app.db.read().await?;
    let key = children::key(&mut conn, viewer, &drawing.child).await?;
    let about = [(drawing.child.clone(), key)];
    let asked = (&about[..], &drawing.form);
    in_the_way(&mut conn, viewer, drawing.in_force, asked).await
}

/// Why somebody who reads a form does not write it.
fn not_written(child: &Child, today: Date) -> Failure {
    if child.has_left(today) {
        return Failure::Asked(children::HAS_LEFT.to_owned());
    }
    Failure::NotThere
}

/// `POST /children/{child_id}/dossier/{form}/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (child_id, name) = names(&params)?;
    let in_force = {
        let mut conn = app.db.read().await?;
        in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?
    };
    let wanted = Change {
        act: Act::WriteDossier,
        kind: Kind::DossierWithdrawn,
        child_id: &child_id,
        fields: &fields,
    };
    change(&app, &viewer, &wanted, async |tx, child| {
        let sight = Sight {
            viewer: &viewer,
            child,
            in_force: &in_force,
        };
        let form = sight.form(&name).ok_or(Failure::NotThere)?;
        if !sight.may_write(&form) {
            return Err(not_written(child, viewer.today()));
        }
        store::withdraw(tx, &viewer, child, (&form.id, fields.get("entry"))).await
    })
    .await?;
    Ok(see_other(&format!(
        "/children/{child_id}/dossier/{name}?said=withdrawn"
    )))
}
