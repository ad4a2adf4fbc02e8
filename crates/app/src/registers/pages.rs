//! The registers, and one of them with its entries.

use super::{seen, store};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::db::Conn;
use crate::dossier::FormName;
use crate::dossier::begun::Begun;
use crate::dossier::store::{EntryRow, Written, shape};
use crate::dossier::versions::{EntryView, Reading};
use crate::ids::OperationId;
use crate::journal::{self, Entry, Kind};
use crate::packs::{FieldKind, Form as PackForm};
use crate::records::forms::{filled, from_json, what_cannot_be};
use crate::records::pages::{Drawn, drawn};
use crate::records::said::beside;
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

struct RegisterRow {
    href: String,
    glyph: String,
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "registers/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<RegisterRow>,
}

/// `GET /registers`
pub async fn list(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let counts = store::counts(&mut conn, &viewer).await?;
    let said = |form: &PackForm| match counts.iter().find(|(own, ..)| *own == form.id) {
        None => format!("还没有写过。{}", form.purpose),
        Some((_, count, at)) => {
            let day = crate::clock::day_of(at).map(|day| words::past_day(day, viewer.today()));
            format!("{count}笔，最近一笔{}", day.unwrap_or_default())
        }
    };
    let forms = in_force.forms.iter().filter_map(|form| seen(&viewer, form));
    page(&ListPage {
        shell: Shell::new(&app, &viewer, "登记簿", "/office"),
        rows: forms
            .map(|form| RegisterRow {
                href: format!("/registers/{}", form.id),
                glyph: form.glyph.map_or_else(|| "簿".to_owned(), String::from),
                said: said(&form),
                title: form.title,
            })
            .collect(),
    })
}

#[derive(Template)]
#[template(path = "registers/one.html")]
struct OnePage {
    shell: Shell,
    form: PackForm,
    asked_by: String,
    entries: Vec<EntryView>,
    drawn: Vec<Drawn>,
    errors: Errors,
    /// The entry that is being changed; empty: a new one.
    entry: String,
    version: i64,
    operation: OperationId,
    may_write: bool,
    may_print: bool,
    open: bool,
}

/// A register before somebody who may read it.
struct Drawing<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    in_force: &'a InForce,
    form: PackForm,
    rows: Vec<EntryRow>,
    entries: Vec<EntryView>,
    current: Option<EntryRow>,
}

async fn views(
    conn: &mut Conn,
    viewer: &Viewer,
    form: &PackForm,
    (whole, rows): (&PackForm, &[EntryRow]),
) -> Result<Vec<EntryView>> {
    let strange = whole.fields.iter();
    let strange = strange.filter(|field| form.field(&field.id).is_none());
    let hidden: Vec<String> = strange.map(|field| field.id.clone()).collect();
    let reads = |tier| super::reads(viewer, tier);
    let reading = Reading {
        viewer,
        form,
        hidden: &hidden,
        reads: &reads,
    };
    let mut found = Vec::with_capacity(rows.len());
    for row in rows.iter().rev() {
        let mut before = Vec::new();
        for was in store::earlier(conn, viewer, row).await? {
            let shape = shape(conn, viewer, &was.shape).await?;
            before.push((was, shape));
        }
        found.push(reading.view(row, before));
    }
    Ok(found)
}

async fn drawing<'a>(
    app: &'a App,
    viewer: &'a Viewer,
    in_force: &'a InForce,
    (name, wanted): (&str, &str),
) -> Result<Drawing<'a>> {
    let whole = in_force.form(name).ok_or(Failure::NotThere)?;
    let form = seen(viewer, whole).ok_or(Failure::NotThere)?;
    let mut conn = app.db.read().await?;
    let rows = store::entries(&mut conn, viewer, &form.id).await?;
    Ok(Drawing {
        entries: views(&mut conn, viewer, &form, (whole, &rows)).await?,
        current: rows.iter().find(|row| row.id == wanted).cloned(),
        rows,
        app,
        viewer,
        in_force,
        form,
    })
}

impl Drawing<'_> {
    fn page(self, fields: &Fields, errors: Errors) -> OnePage {
        let may_write = self.viewer.ever(Act::WriteRegisters) && !self.form.retired;
        let open = !errors.is_empty() || self.current.is_some() || self.rows.is_empty();
        let mut shell = Shell::new(self.app, self.viewer, "登记簿", "/office");
        if open && may_write {
            shell = shell.form();
        }
        if !errors.is_empty() {
            shell = shell.with_error();
        }
        let mut typed = self.form.clone();
        typed
            .fields
            .retain(|field| field.kind != FieldKind::Signature);
        let current = self.current.as_ref();
        // Mended and sent once more, it still changes only what it was drawn from.
        let typed_version = fields.get("version").parse();
        OnePage {
            shell,
            asked_by: self.in_force.pack_title(&self.form.pack).to_owned(),
            drawn: drawn(&typed, "", fields, &errors),
            entry: current.map_or(String::new(), |one| one.id.clone()),
            version: typed_version.unwrap_or_else(|_| current.map_or(0, |one| one.version)),
            operation: fields
                .get("operation")
                .parse()
                .unwrap_or_else(|_| OperationId::new()),
            may_write,
            may_print: self.viewer.ever(Act::PrintCards),
            open,
            entries: self.entries,
            form: self.form,
            errors,
        }
    }
}

async fn packs(app: &App, viewer: &Viewer) -> Result<std::sync::Arc<InForce>> {
    let mut conn = app.db.read().await?;
    Ok(in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?)
}

/// `GET /registers/{form}?entry=`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let in_force = packs(&app, &viewer).await?;
    let asked = (name.as_str(), fields.get("entry"));
    let drawing = drawing(&app, &viewer, &in_force, asked).await?;
    let mut shown = Fields::default();
    match &drawing.current {
        Some(current) => {
            from_json(&current.filled, &mut shown);
            shown.push("operation", OperationId::new().as_str());
        }
        None => Begun::default().show_today(&drawing.form, viewer.today(), &mut shown),
    }
    let mut drawn = drawing.page(&shown, Errors::default());
    drawn.shell.notice = match fields.get("said") {
        "saved" => Some("记好了，以前写的都留着。".to_owned()),
        "withdrawn" => Some("拿掉了。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

fn entry<'a>(
    operation: &'a OperationId,
    kind: Kind,
    (form, payload): (&'a str, &'a str),
) -> Entry<'a> {
    Entry {
        operation,
        kind,
        subject_kind: "register",
        subject_id: form,
        payload,
        result: "",
    }
}

/// `POST /registers/{form}`
pub async fn save(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let in_force = packs(&app, &viewer).await?;
    let asked = (name.as_str(), fields.get("entry"));
    let drawing = drawing(&app, &viewer, &in_force, asked).await?;
    if drawing.form.retired {
        return Err(Failure::NotThere);
    }
    let mut errors = Errors::default();
    let said = filled(&drawing.form, &fields, &mut errors);
    what_cannot_be(&drawing.form, &said, (viewer.today(), None), &mut errors);
    if errors.is_empty() && said.is_empty() {
        errors.add("main", "还什么都没填，填一项再保存。");
    }
    if !errors.is_empty() {
        return web::unprocessable(&drawing.page(&fields, errors));
    }
    let new = Written {
        whole: in_force.form(&name).ok_or(Failure::NotThere)?,
        seen: &drawing.form,
        filled: &said,
    };
    let operation = fields.operation()?;
    let payload = format!("{:?}", fields.iter().collect::<Vec<_>>());
    let mut tx = app.db.write(&viewer.school_id).await?;
    let noted = entry(&operation, Kind::RegisterChanged, (&name, &payload));
    if journal::once(&mut tx, &viewer.actor(), &noted).await? {
        let written = match &drawing.current {
            None => store::add(&mut tx, &viewer, &new).await.map(drop),
            Some(was) if fields.get("version") == was.version.to_string() => {
                store::change(&mut tx, &viewer, (was, &new)).await
            }
            Some(was) => {
                let errors = beside(&drawing.form, &was.filled, &said);
                let version = was.version;
                let page = drawing.page(&fields, errors);
                return web::stale(&OnePage { version, ..page });
            }
        };
        match written {
            Err(Failure::Asked(sentence)) => {
                let mut errors = Errors::default();
                errors.add("main", sentence);
                return web::unprocessable(&drawing.page(&fields, errors));
            }
            written => written?,
        }
    }
    tx.commit().await?;
    Ok(see_other(&format!("/registers/{name}?said=saved")))
}

/// `POST /registers/{form}/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let in_force = packs(&app, &viewer).await?;
    let form = in_force.form(&name).and_then(|form| seen(&viewer, form));
    let form = form.ok_or(Failure::NotThere)?;
    let operation = fields.operation()?;
    let payload = format!("{:?}", fields.iter().collect::<Vec<_>>());
    let mut tx = app.db.write(&viewer.school_id).await?;
    let noted = entry(&operation, Kind::RegisterWithdrawn, (&name, &payload));
    if journal::once(&mut tx, &viewer.actor(), &noted).await? {
        store::withdraw(&mut tx, &viewer, (&form.id, fields.get("entry"))).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/registers/{name}?said=withdrawn")))
}
