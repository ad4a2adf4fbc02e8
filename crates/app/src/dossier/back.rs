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
    error: Option<String>,
    /// The name under which the sheet waits; empty before one came.
    under: String,
    counts: (usize, usize, usize),
    written: Vec<Told>,
    refused: Vec<Told>,
    operation: OperationId,
}

fn form_of(in_force: &InForce, name: &str) -> Result<PackForm> {
    in_force
        .forms
        .iter()
        .find(|form| form.id == name && form.kind == FormKind::Dossier)
        .cloned()
        .ok_or(Failure::NotThere)
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
    let written = Shape::of(form).lines(&differs, form, &[]).into_iter();
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

async fn the_form(app: &App, viewer: &Viewer, name: &str) -> Result<PackForm> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    form_of(&in_force, name)
}

/// `GET /dossiers/{form}/back?under=`
pub async fn start(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let form = the_form(&app, &viewer, &name).await?;
    let under = fields.get("under");
    let pending = app.memory.pending.look(&viewer.staff_id, under);
    let mut page_of = drawn(&app, &viewer, form, (under, pending.as_ref()), None);
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
    let form = the_form(&app, &viewer, &name).await?;
    let refused = |form, sentence| {
        web::unprocessable(&drawn(&app, &viewer, form, ("", None), Some(sentence)))
    };
    let sheet = match sheets::read_caged(&app.sheet_reader, upload.file).await {
        Ok(sheet) => sheet,
        Err(fault) => return refused(form, fault.sentence()),
    };
    match looked_at(&app, &viewer, &form, &sheet).await? {
        Ok(lines) => {
            let pending = Pending {
                form: form.id.clone(),
                lines,
            };
            let under = app.memory.pending.keep(&viewer.staff_id, pending);
            Ok(see_other(&format!("/dossiers/{name}/back?under={under}")))
        }
        Err(sentence) => refused(form, sentence),
    }
}

/// The heads of the sheet: where the number, the name, the class and each field stand.
struct Heads<'a> {
    number: Option<usize>,
    name: usize,
    class: Option<usize>,
    fields: Vec<(usize, &'a Field)>,
}

fn heads<'a>(form: &'a PackForm, row: &SheetRow) -> Option<Heads<'a>> {
    let at = |title: &str| row.cells.iter().position(|cell| cell.text() == title);
    let typed = |field: &&Field| field.from.is_none() && field.kind != FieldKind::Signature;
    Some(Heads {
        number: at("编号"),
        name: at("姓名")?,
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
            "表里没有找到“姓名”这一列。请用打印中心里这张表的Excel，改好再放回来。".to_owned(),
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
    let all = children::all_visible(app, &mut conn, viewer, Act::EditDossier).await?;
    let mut lines = Vec::new();
    for row in sheet.rows.iter().skip(at + 1) {
        let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.text()).trim();
        let found = child(&all, (&text, &heads));
        let mut line = Line {
            number: row.line,
            name: text(heads.name).to_owned(),
            child_id: found.as_ref().ok().map(|child| child.id.clone()),
            entry: None,
            filled: Filled::new(),
            changes: String::new(),
            verdict: Verdict::Same,
        };
        match found {
            Err(sentence) => line.verdict = Verdict::Refused(sentence),
            Ok(child) => {
                let sight = Sight {
                    viewer,
                    child,
                    in_force: &in_force,
                };
                let own = (child, sight.form(&form.id));
                judge(&mut conn, viewer, own, (&text, &heads), &mut line).await?;
            }
        }
        if !line.name.is_empty() || line.verdict != Verdict::Same {
            lines.push(line);
        }
    }
    Ok(Ok(lines))
}

fn child<'a>(
    all: &'a [Child],
    (text, heads): (&dyn Fn(usize) -> &'a str, &Heads<'_>),
) -> Result<&'a Child, String> {
    let number = heads.number.map_or("", text);
    if let Some(child) = all.iter().find(|child| child.id.as_str() == number) {
        return Ok(child);
    }
    let (name, class) = (text(heads.name), heads.class.map_or("", text));
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
    let mut said = Fields::default();
    for (at, field) in &heads.fields {
        say(field, text(*at), &mut said);
    }
    let is_empty = said.iter().all(|(_, value)| value.trim().is_empty());
    let key = children::key(conn, viewer, child).await?;
    let entries = store::entries(conn, viewer, child, &key, &seen.id).await?;
    let number = heads.number.map_or("", text);
    let was: Option<&EntryRow> = entries
        .iter()
        .find(|entry| entry.id == number)
        .or(entries.last().filter(|_| !seen.many));
    line.entry = was.map(|entry| (entry.id.clone(), entry.version));
    let in_sheet = |id: &str| heads.fields.iter().any(|(_, field)| field.id == id);
    // A new entry answers for the whole form; a change only for the columns that the sheet has.
    let mut asked = seen;
    if was.is_some() {
        asked.fields.retain(|field| in_sheet(&field.id));
    }
    let mut errors = Errors::default();
    line.filled = filled(&asked, &said, &mut errors);
    line.changes = changes(&asked, was.map(|entry| &entry.filled), &line.filled);
    line.verdict = match was {
        None if is_empty => Verdict::Same,
        Some(_) if is_empty => Verdict::Refused(
            "这一行空了，原来写的没有动。要拿掉这一笔，请到孩子的档案里拿掉。".to_owned(),
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
    Ok(())
}

/// `POST /dossiers/{form}/back/commit`: all good lines, or none.
pub async fn commit(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let pending = app
        .memory
        .pending
        .look(&viewer.staff_id, fields.get("under"));
    let pending = pending
        .filter(|one| one.form == name)
        .ok_or_else(|| Failure::Asked("这份表放得太久，请回到上一页再选一次文件。".to_owned()))?;
    let whole = the_form(&app, &viewer, &name).await?;
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let payload = format!("{name} {}", fields.get("under"));
    match journal::seen(&mut tx, &viewer.actor(), &operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(see_other(&format!("/dossiers/{name}/back?said=done"))),
        Seen::Other => return Err(Failure::OtherContent),
    }
    let in_force = in_force(&app, &mut tx, &viewer.school_id, viewer.today()).await?;
    for line in &pending.lines {
        write(&mut tx, &viewer, (&whole, &in_force), line).await?;
    }
    let entry = Entry {
        operation: &operation,
        kind: Kind::DossierChanged,
        subject_kind: "form",
        subject_id: &name,
        payload: &payload,
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/dossiers/{name}/back?said=done")))
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
