//! A register that comes back from Excel: what each line would change is shown first, then all good
//! lines go in together.

use super::FormName;
use super::sight::Sight;
use super::store::{self, EntryRow, Shape, Written};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind, Seen};
use crate::packs::{Field, FieldKind, Form as PackForm, FormKind};
use crate::records::forms::{Filled, filled};
use crate::registers;
use crate::roster::pages::Upload;
use crate::sheets::{self, Sheet, SheetRow};
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

/// What one line means.
#[derive(Clone)]
pub struct Line {
    number: u32,
    name: String,
    child_id: Option<ChildId>,
    /// The entry that it changes; `None`: a new one.
    entry: Option<(String, i64)>,
    filled: Filled,
    /// What would be there afterwards that is not there now, in words.
    changes: String,
    verdict: Verdict,
}

impl Line {
    fn new(number: u32, name: &str) -> Self {
        Self {
            number,
            name: name.to_owned(),
            child_id: None,
            entry: None,
            filled: Filled::new(),
            changes: String::new(),
            verdict: Verdict::Same,
        }
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Verdict {
    New,
    Changed,
    Same,
    Refused(String),
}

/// A sheet that was looked at and waits for the word.
#[derive(Clone)]
pub struct Pending {
    form: String,
    lines: Vec<Line>,
}

struct Told {
    number: u32,
    name: String,
    said: String,
}

#[derive(Template)]
#[template(path = "dossier/back.html")]
struct BackPage {
    shell: Shell,
    form: PackForm,
    /// /dossiers or /registers
    base: &'static str,
    error: Option<String>,
    /// The name under which the sheet waits; empty before one came.
    under: String,
    counts: (usize, usize, usize),
    written: Vec<Told>,
    refused: Vec<Told>,
    operation: OperationId,
}

/// Forms of files come back under one address, registers under another, each behind its own right.
fn form_of(
    in_force: &InForce,
    viewer: &Viewer,
    (kind, name): (FormKind, &str),
) -> Result<PackForm> {
    let form = in_force.form(name).filter(|form| form.kind == kind);
    let form = form.ok_or(Failure::NotThere)?;
    match kind {
        FormKind::Register => registers::seen(viewer, form).ok_or(Failure::NotThere),
        FormKind::Dossier | FormKind::Record => Ok(form.clone()),
    }
}

fn base(form: &PackForm) -> &'static str {
    match form.kind {
        FormKind::Register => "/registers",
        FormKind::Dossier | FormKind::Record => "/dossiers",
    }
}

fn drawn(
    app: &App,
    viewer: &Viewer,
    form: PackForm,
    (under, pending): (&str, Option<&Pending>),
    error: Option<String>,
) -> BackPage {
    let lines = pending.map_or(&[][..], |pending| pending.lines.as_slice());
    let count = |wanted: &Verdict| lines.iter().filter(|one| one.verdict == *wanted).count();
    let shell = Shell::new(app, viewer, "从Excel放回来", "/office");
    BackPage {
        shell: if error.is_some() {
            shell.with_error()
        } else {
            shell
        },
        base: base(&form),
        form,
        error,
        under: under.to_owned(),
        counts: (
            count(&Verdict::New),
            count(&Verdict::Changed),
            count(&Verdict::Same),
        ),
        written: told(lines, |line| {
            matches!(line.verdict, Verdict::New | Verdict::Changed).then_some(&line.changes)
        }),
        refused: told(lines, |line| match &line.verdict {
            Verdict::Refused(said) => Some(said),
            Verdict::New | Verdict::Changed | Verdict::Same => None,
        }),
        operation: OperationId::new(),
    }
}

fn told<'a>(lines: &'a [Line], said: impl Fn(&'a Line) -> Option<&'a String>) -> Vec<Told> {
    lines
        .iter()
        .filter_map(|line| {
            Some(Told {
                number: line.number,
                name: line.name.clone(),
                said: said(line)?.clone(),
            })
        })
        .collect()
}

/// The fields that differ, as they would read.
fn changes(form: &PackForm, was: Option<&Filled>, filled: &Filled) -> String {
    let mut differs = filled.clone();
    differs.retain(|id, value| was.and_then(|was| was.get(id)) != Some(value));
    let written = Shape::of(form)
        .lines(&differs, (form, &[]), &|_| true)
        .into_iter();
    let gone = form.fields.iter().filter(|field| {
        let was = was.and_then(|was| was.get(&field.id));
        was.is_some() && !filled.contains_key(&field.id)
    });
    written
        .map(|(title, value)| format!("{title}：{value}"))
        .chain(gone.map(|field| format!("{}：空着", field.title)))
        .collect::<Vec<_>>()
        .join("；")
}

async fn the_form(app: &App, viewer: &Viewer, asked: (FormKind, &str)) -> Result<PackForm> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    form_of(&in_force, viewer, asked)
}

/// `GET /dossiers/{form}/back?under=`
pub async fn start(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    started(&app, &viewer, (FormKind::Dossier, &name), &fields).await
}

pub async fn started(
    app: &App,
    viewer: &Viewer,
    asked: (FormKind, &str),
    fields: &Fields,
) -> Result<Response> {
    let form = the_form(app, viewer, asked).await?;
    let under = fields.get("under");
    let pending = app.memory.pending.look(&viewer.staff_id, under);
    let mut page_of = drawn(app, viewer, form, (under, pending.as_ref()), None);
    if fields.get("said") == "done" {
        page_of.shell.notice = Some("放好了，以前写的都留着。".to_owned());
    } else if pending.is_none() && !under.is_empty() {
        page_of.under = String::new();
        page_of.shell.notice = Some("这份表放得太久，请再选一次。".to_owned());
    }
    page(&page_of)
}

/// `POST /dossiers/{form}/back`: looks at the sheet; nothing is written.
pub async fn upload(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    upload: Upload,
) -> Result<Response> {
    uploaded(&app, &viewer, (FormKind::Dossier, &name), upload).await
}

pub async fn uploaded(
    app: &App,
    viewer: &Viewer,
    asked: (FormKind, &str),
    upload: Upload,
) -> Result<Response> {
    let form = the_form(app, viewer, asked).await?;
    let refused =
        |form, sentence| web::unprocessable(&drawn(app, viewer, form, ("", None), Some(sentence)));
    let sheet = match sheets::read_caged(&app.sheet_reader, upload.file).await {
        Ok(sheet) => sheet,
        Err(fault) => return refused(form, fault.sentence()),
    };
    match looked_at(app, viewer, &form, &sheet).await? {
        Ok(lines) => {
            let pending = Pending {
                form: form.id.clone(),
                lines,
            };
            let under = app.memory.pending.keep(&viewer.staff_id, pending);
            let (base, name) = (base(&form), &form.id);
            Ok(see_other(&format!("{base}/{name}/back?under={under}")))
        }
        Err(sentence) => refused(form, sentence),
    }
}

/// The heads of the sheet: where the number, the name, the class and each field stand.
struct Heads<'a> {
    number: Option<usize>,
    /// Only a register is about no child.
    name: Option<usize>,
    class: Option<usize>,
    fields: Vec<(usize, &'a Field)>,
}

fn heads<'a>(form: &'a PackForm, row: &SheetRow) -> Option<Heads<'a>> {
    let at = |title: &str| row.cells.iter().position(|cell| cell.text() == title);
    let typed = |field: &&Field| {
        field.from.is_none() && field.kind != FieldKind::Signature && !field.kind.is_offered()
    };
    Some(Heads {
        number: at("编号"),
        name: match form.kind {
            FormKind::Register => None,
            FormKind::Dossier | FormKind::Record => Some(at("姓名")?),
        },
        class: at("班级"),
        fields: form
            .fields
            .iter()
            .filter(typed)
            .filter_map(|field| Some((at(&field.title)?, field)))
            .collect(),
    })
}

/// A cell's words as a page would have sent them.
fn say(field: &Field, text: &str, into: &mut Fields) {
    if field.kind.has_options() {
        for word in text.split(['、', ',', '，']).map(str::trim) {
            let option = field.options.iter().find(|one| {
                one.title == word || one.code == word || one.formal_title.as_deref() == Some(word)
            });
            let code = option.map_or(word, |one| one.code.as_str());
            if !code.is_empty() {
                into.push(&field.id, code);
            }
        }
        return;
    }
    let said = match (field.kind, text) {
        (FieldKind::YesNo, "是") => "yes",
        (FieldKind::YesNo, "不是" | "否") => "no",
        (FieldKind::Number, text) => {
            let unit = field.unit.as_deref().unwrap_or_default();
            text.strip_suffix(unit).unwrap_or(text)
        }
        (_, text) => text,
    };
    into.push(&field.id, said);
}

async fn looked_at(
    app: &App,
    viewer: &Viewer,
    form: &PackForm,
    sheet: &Sheet,
) -> Result<Result<Vec<Line>, String>> {
    let Some((at, heads)) = sheet
        .rows
        .iter()
        .take(5)
        .enumerate()
        .find_map(|(at, row)| Some((at, heads(form, row)?)))
    else {
        return Ok(Err(
            "表里没有找到要认的列。请用打印中心里这张表的Excel，改好再放回来。".to_owned(),
        ));
    };
    if heads.fields.is_empty() {
        return Ok(Err(format!(
            "这份表里没有《{}》的项目。看看是不是选错了表。",
            form.title
        )));
    }
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let rows = sheet.rows.get(at + 1..).unwrap_or_default();
    if form.kind == FormKind::Register {
        let entries = registers::store::entries(&mut conn, viewer, &form.id).await?;
        let own = |row| register_line(form, &entries, &heads, row);
        return Ok(Ok(rows.iter().filter_map(own).collect()));
    }
    let all = children::all_visible(app, &mut conn, viewer, Act::EditDossier).await?;
    let by_entry = store::children_of(&mut conn, viewer, &form.id).await?;
    let mut lines = Vec::new();
    for row in rows {
        let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.text()).trim();
        let number = heads.number.map_or("", text);
        let known = by_entry.get(number).map(String::as_str);
        let found = child(&all, (known.unwrap_or(number), &text), &heads);
        let mut line = Line {
            child_id: found.as_ref().ok().map(|child| child.id.clone()),
            ..Line::new(row.line, heads.name.map_or("", text))
        };
        match found {
            Err(sentence) => line.verdict = Verdict::Refused(sentence),
            Ok(child) => {
                let sight = Sight {
                    viewer,
                    child,
                    in_force: &in_force,
                };
                let seen = sight.form(&form.id);
                let own = (child, seen.filter(|form| sight.may_write(form)));
                judge(&mut conn, viewer, own, (&text, &heads), &mut line).await?;
            }
        }
        if !line.name.is_empty() || line.verdict != Verdict::Same {
            lines.push(line);
        }
    }
    Ok(Ok(lines))
}

/// A line of a register that is about no child; an empty one is passed over.
fn register_line(
    form: &PackForm,
    entries: &[EntryRow],
    heads: &Heads<'_>,
    row: &SheetRow,
) -> Option<Line> {
    let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.text()).trim();
    let first = heads.fields.first().map_or("", |(at, _)| text(*at));
    let mut line = Line::new(row.line, first);
    judged(form.clone(), entries, (&text, heads), &mut line);
    let is_nothing = line.verdict == Verdict::Same && line.entry.is_none();
    (!is_nothing).then_some(line)
}

fn child<'a>(
    all: &'a [Child],
    (number, text): (&str, &dyn Fn(usize) -> &'a str),
    heads: &Heads<'_>,
) -> Result<&'a Child, String> {
    if let Some(child) = all.iter().find(|child| child.id.as_str() == number) {
        return Ok(child);
    }
    let (name, class) = (heads.name.map_or("", text), heads.class.map_or("", text));
    let class = web::words::class_as_written(class);
    let same: Vec<&Child> = all
        .iter()
        .filter(|child| child.name == name && (class.is_empty() || child.class_title() == class))
        .collect();
    match same.as_slice() {
        [one] => Ok(one),
        [] => Err(format!("您的名单里没有{class}的{name}。")),
        many => Err(format!(
            "有{}个{name}，分不清是哪一个。请从打印中心重新下载这张表，不要删“编号”那一列。",
            many.len()
        )),
    }
}

async fn judge<'t>(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, seen): (&Child, Option<PackForm>),
    (text, heads): (&(dyn Fn(usize) -> &'t str + Sync), &Heads<'_>),
    line: &mut Line,
) -> Result<()> {
    let Some(seen) = seen else {
        line.verdict = Verdict::Refused("这张表的内容受保护，要有权限的老师来填。".to_owned());
        return Ok(());
    };
    let key = children::key(conn, viewer, child).await?;
    let entries = store::entries(conn, viewer, child, &key, &seen.id).await?;
    judged(seen, &entries, (text, heads), line);
    Ok(())
}

/// Nothing, or the number of the child itself, stands before a line that is new.
fn is_known_number(line: &Line, number: &str) -> bool {
    number.is_empty()
        || line
            .child_id
            .as_ref()
            .is_some_and(|id| id.as_str() == number)
}

/// What the line would change of these entries.
fn judged<'t>(
    seen: PackForm,
    entries: &[EntryRow],
    (text, heads): (&(dyn Fn(usize) -> &'t str + Sync), &Heads<'_>),
    line: &mut Line,
) {
    let mut said = Fields::default();
    for (at, field) in &heads.fields {
        say(field, text(*at), &mut said);
    }
    let is_empty = said.iter().all(|(_, value)| value.trim().is_empty());
    let is_single = seen.kind == FormKind::Dossier && !seen.many;
    let number = heads.number.map_or("", text);
    let was: Option<&EntryRow> = entries
        .iter()
        .find(|entry| entry.id == number)
        .or(entries.last().filter(|_| is_single));
    line.entry = was.map(|entry| (entry.id.clone(), entry.version));
    // A column of what is not this viewer's says nothing.
    let shown: Vec<&str> = heads
        .fields
        .iter()
        .map(|(_, field)| field.id.as_str())
        .collect();
    let own: Vec<String> = seen.fields.iter().map(|field| field.id.clone()).collect();
    let in_sheet = |id: &str| shown.contains(&id) && own.iter().any(|own| own == id);
    // A new entry answers for the whole form; a change only for the columns that the sheet has.
    let mut asked = seen;
    if was.is_some() {
        asked.fields.retain(|field| in_sheet(&field.id));
    }
    let mut errors = Errors::default();
    line.filled = filled(&asked, &said, &mut errors);
    line.changes = changes(&asked, was.map(|entry| &entry.filled), &line.filled);
    let is_gone = was.is_none() && !is_known_number(line, number);
    line.verdict = match was {
        None if is_gone => Verdict::Refused(
            "这一笔已经拿掉了，没有放进去。要新写一笔，请把“编号”那一格空着。".to_owned(),
        ),
        None if is_empty => Verdict::Same,
        Some(_) if is_empty => Verdict::Refused(
            "这一行空了，原来写的没有动。要拿掉这一笔，请到那一笔里拿掉。".to_owned(),
        ),
        _ if !errors.is_empty() => Verdict::Refused(errors.sentence()),
        None => Verdict::New,
        Some(entry) => {
            let rest = entry.filled.iter().filter(|(id, _)| !in_sheet(id));
            line.filled
                .extend(rest.map(|(id, value)| (id.clone(), value.clone())));
            if line.filled == entry.filled {
                Verdict::Same
            } else {
                Verdict::Changed
            }
        }
    };
}

/// `POST /dossiers/{form}/back/commit`: all good lines, or none.
pub async fn commit(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    committed(&app, &viewer, (FormKind::Dossier, &name), &fields).await
}

pub async fn committed(
    app: &App,
    viewer: &Viewer,
    (kind, name): (FormKind, &str),
    fields: &Fields,
) -> Result<Response> {
    let operation = fields.operation()?;
    let under = fields.get("under");
    let pending = app.memory.pending.look(&viewer.staff_id, under);
    let pending = pending.filter(|one| one.form == name).ok_or_else(|| {
        Failure::Asked(
            "这份表已经放进去了，或者放得太久。要再放，请回到上一页选一次文件。".to_owned(),
        )
    });
    let seen = the_form(app, viewer, (kind, name)).await?;
    let done = format!("{}/{name}/back?said=done", base(&seen));
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let payload = format!("{name} {}", fields.get("under"));
    match journal::seen(&mut tx, &viewer.actor(), &operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(see_other(&done)),
        Seen::Other => return Err(Failure::OtherContent),
    }
    let pending = pending?;
    let in_force = in_force(app, &mut tx, &viewer.school_id, viewer.today()).await?;
    let whole = in_force.form(name).ok_or(Failure::NotThere)?;
    for line in &pending.lines {
        match kind {
            FormKind::Register => write_register(&mut tx, viewer, (whole, &seen), line).await?,
            _ => write(&mut tx, viewer, (whole, &in_force), line).await?,
        }
    }
    let entry = Entry {
        operation: &operation,
        kind: Kind::DossierChanged,
        subject_kind: "form",
        subject_id: name,
        payload: &payload,
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    app.memory.pending.drop(&viewer.staff_id, under);
    Ok(see_other(&done))
}

async fn write_register(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    (whole, seen): (&PackForm, &PackForm),
    line: &Line,
) -> Result<()> {
    let new = Written {
        whole,
        seen,
        filled: &line.filled,
    };
    match (&line.verdict, &line.entry) {
        (Verdict::New, _) => registers::store::add(tx, viewer, &new).await,
        (Verdict::Changed, Some((entry, version))) => {
            let entries = registers::store::entries(tx, viewer, &whole.id).await?;
            let was = entries.iter().find(|one| one.id == *entry);
            let was = was.filter(|one| one.version == *version);
            let was = was.ok_or(Failure::Stale)?;
            registers::store::change(tx, viewer, (was, &new)).await
        }
        _ => Ok(()),
    }
}

async fn write(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    (whole, in_force): (&PackForm, &InForce),
    line: &Line,
) -> Result<()> {
    let id = match (&line.verdict, &line.child_id) {
        (Verdict::New | Verdict::Changed, Some(id)) => id,
        _ => return Ok(()),
    };
    let child = children::visible(tx, viewer, Act::EditDossier, id).await?;
    let key = children::key(tx, viewer, &child).await?;
    let sight = Sight {
        viewer,
        child: &child,
        in_force,
    };
    let seen = sight.form(&whole.id).ok_or(Failure::NotThere)?;
    let new = Written {
        whole,
        seen: &seen,
        filled: &line.filled,
    };
    let entries = store::entries(tx, viewer, &child, &key, &whole.id).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::DossierChanged,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: &format!("{} {:?}", whole.id, line.filled),
        result: child.id.as_str(),
    };
    journal::record(tx, &viewer.actor(), &entry).await?;
    match &line.entry {
        None if !whole.many && !entries.is_empty() => Err(Failure::Stale),
        None => store::add(tx, viewer, (&child, &key), &new)
            .await
            .map(|_| ()),
        Some((entry, version)) => {
            let was = entries.iter().find(|one| one.id == *entry);
            let was = was.filter(|one| one.version == *version);
            let was = was.ok_or(Failure::Stale)?;
            store::change(tx, viewer, (&child, &key), (was, &new)).await
        }
    }
}
