//! The pages: choose a file, look at each line, put them in.

use super::lines::{Line, Looked, Verdict, looked_at};
use super::{base, commit, undo, word};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::ids::OperationId;
use crate::journal::{self, Entry, Kind, Seen};
use crate::packs::{Form as PackForm, FormKind};
use crate::registers;
use crate::roster::mend::mend_answer;
use crate::roster::pages::Upload;
use crate::sheets::{self, MendRow};
use crate::web::{self, Failure, Fields, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::response::Response;

/// A sheet that was looked at and waits for the word.
#[derive(Clone)]
pub struct Pending {
    form: String,
    looked: Looked,
}

struct Told {
    number: u32,
    name: String,
    said: String,
}

#[derive(Template)]
#[template(path = "back/back.html")]
struct BackPage {
    shell: Shell,
    form: PackForm,
    /// /dossiers, /registers or /print/records
    base: &'static str,
    /// What the sheet shows and does not change, in words.
    known: String,
    /// Where good lines go.
    kept_in: &'static str,
    error: Option<String>,
    /// The name under which the sheet waits; empty before one came.
    under: String,
    counts: (usize, usize, usize),
    written: Vec<Told>,
    refused: Vec<Told>,
    elsewhere: Vec<Told>,
    /// What the viewer put in before.
    put_in: Vec<Earlier>,
    operation: OperationId,
}

struct Earlier {
    id: String,
    said: String,
    is_undone: bool,
}

impl Earlier {
    fn of(one: undo::PutIn, viewer: &Viewer) -> Self {
        let day = crate::clock::day_of(&one.at);
        let day = day.map(|day| web::words::day(day, viewer.today()));
        let time = crate::clock::time_of(&one.at).unwrap_or_default();
        let (new, changed) = (one.new, one.changed);
        let counts = match (new, changed) {
            (new, 0) => format!("新写{new}行"),
            (0, changed) => format!("改了{changed}行"),
            _ => format!("新写{new}行，改了{changed}行"),
        };
        Self {
            said: format!("{}{time}放进去的，{counts}", day.unwrap_or_default()),
            id: one.id,
            is_undone: one.is_undone,
        }
    }
}

/// Forms of files come back under one address, registers under another, each behind its own right.
fn form_of(
    in_force: &InForce,
    viewer: &Viewer,
    (kind, name): (FormKind, &str),
) -> Result<PackForm> {
    let form = in_force
        .form(name)
        .filter(|form| form.kind == kind && !form.retired);
    let form = form.ok_or(Failure::NotThere)?;
    match kind {
        FormKind::Register => registers::seen(viewer, form).ok_or(Failure::NotThere),
        FormKind::Dossier | FormKind::Record => Ok(form.clone()),
    }
}

fn drawn(
    app: &App,
    viewer: &Viewer,
    form: PackForm,
    (under, pending): (&str, Option<&Pending>),
    error: Option<String>,
) -> BackPage {
    let lines = pending.map_or(&[][..], |pending| pending.looked.lines.as_slice());
    let count = |wanted: &Verdict| lines.iter().filter(|one| one.verdict == *wanted).count();
    let shell = Shell::new(app, viewer, "改好的放回来", "/office");
    BackPage {
        shell: if error.is_some() {
            shell.with_error()
        } else {
            shell
        },
        base: base(form.kind),
        kept_in: match form.kind {
            FormKind::Dossier => "孩子的档案",
            FormKind::Record => "孩子的记录",
            FormKind::Register => "这本登记簿",
        },
        known: known(&form),
        form,
        error,
        under: under.to_owned(),
        counts: (
            count(&Verdict::New),
            count(&Verdict::Changed),
            count(&Verdict::Same),
        ),
        written: told(lines, |line| line.writes().then_some(&line.changes)),
        refused: told(lines, |line| match &line.verdict {
            Verdict::Refused(said) => Some(said),
            Verdict::New | Verdict::Changed | Verdict::Same => None,
        }),
        elsewhere: told(lines, |line| {
            Some(&line.elsewhere).filter(|said| !said.is_empty())
        }),
        put_in: Vec::new(),
        operation: OperationId::new(),
    }
}

/// 姓名、爸爸电话: what is known from elsewhere is changed there.
fn known(form: &PackForm) -> String {
    let own = form.fields.iter().filter(|field| field.from.is_some());
    let own: Vec<&str> = own.map(|field| field.title.as_str()).collect();
    own.join("、")
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

async fn the_form(app: &App, viewer: &Viewer, asked: (FormKind, &str)) -> Result<PackForm> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    form_of(&in_force, viewer, asked)
}

/// `GET …/{form}/back?under=`
pub async fn start(
    app: &App,
    viewer: &Viewer,
    asked: (FormKind, &str),
    fields: &Fields,
) -> Result<Response> {
    let mut page_of = start_page(app, viewer, asked, fields.get("under")).await?;
    page_of.shell.notice = match fields.get("said") {
        "done" => Some("放好了，以前写的都留着。".to_owned()),
        "undone" => Some("撤回了，和放进去以前一样。".to_owned()),
        _ if page_of.under.is_empty() && fields.opt("under").is_some() => {
            Some("这份表放得太久，请再选一次。".to_owned())
        }
        _ => None,
    };
    page(&page_of)
}

async fn start_page(
    app: &App,
    viewer: &Viewer,
    asked: (FormKind, &str),
    under: &str,
) -> Result<BackPage> {
    let form = the_form(app, viewer, asked).await?;
    let pending = app.memory.pending.look(&viewer.staff_id, under);
    let pending = pending.filter(|one| one.form == form.id);
    let under = if pending.is_some() { under } else { "" };
    let put_in = {
        let mut conn = app.db.read().await?;
        undo::put_in(&mut conn, viewer, &form.id).await?
    };
    let mut page_of = drawn(app, viewer, form, (under, pending.as_ref()), None);
    let put_in = put_in.into_iter().map(|one| Earlier::of(one, viewer));
    page_of.put_in = put_in.collect();
    Ok(page_of)
}

/// `POST …/{form}/back`: looks at the sheet; nothing is written.
pub async fn upload(
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
    let sheet = match word::is_marked(&sheet).then(|| word::rows(&form, &sheet)) {
        None => sheet,
        Some(Ok(rows)) => rows,
        Some(Err(sentence)) => return refused(form, sentence),
    };
    match looked_at(app, viewer, &form, &sheet).await? {
        Ok(looked) => {
            let pending = Pending {
                form: form.id.clone(),
                looked,
            };
            let under = app.memory.pending.keep(&viewer.staff_id, pending);
            let (base, name) = (base(form.kind), &form.id);
            Ok(see_other(&format!("{base}/{name}/back?under={under}")))
        }
        Err(sentence) => refused(form, sentence),
    }
}

const MEANWHILE: &str =
    "您看的这会儿，有一行被别人改了，所以一行也没有放。请再选一次这个文件，看看现在是什么样。";

/// `POST …/{form}/back/commit`: all good lines, or none.
pub async fn commit(
    app: &App,
    viewer: &Viewer,
    asked: (FormKind, &str),
    fields: &Fields,
) -> Result<Response> {
    match committed(app, viewer, asked, fields).await {
        Err(Failure::Asked(sentence) | Failure::NotAnyMore(sentence)) => {
            refused(app, viewer, asked, sentence).await
        }
        other => other,
    }
}

/// The page again, with a sentence.
async fn refused(
    app: &App,
    viewer: &Viewer,
    asked: (FormKind, &str),
    sentence: String,
) -> Result<Response> {
    let mut page_of = start_page(app, viewer, asked, "").await?;
    page_of.shell = page_of.shell.with_error();
    page_of.error = Some(sentence);
    web::unprocessable(&page_of)
}

async fn committed(
    app: &App,
    viewer: &Viewer,
    (kind, name): (FormKind, &str),
    fields: &Fields,
) -> Result<Response> {
    let operation = fields.operation()?;
    let under = fields.get("under");
    let seen = the_form(app, viewer, (kind, name)).await?;
    let done = format!("{}/{name}/back?said=done&under={under}", base(kind));
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let payload = format!("{name} {}", fields.get("under"));
    match journal::seen(&mut tx, &viewer.actor(), &operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(see_other(&done)),
        Seen::Other => return Err(Failure::OtherContent),
    }
    // Looked up behind the turn: what the same hand has just put in is no longer there.
    let pending = app.memory.pending.look(&viewer.staff_id, under);
    let pending =
        pending.filter(|one| one.form == name && one.looked.lines.iter().any(Line::writes));
    let mut pending = pending.ok_or_else(|| {
        Failure::Asked(
            "这份表已经放进去了，或者放得太久。要再放，请回到上一页选一次文件。".to_owned(),
        )
    })?;
    let in_force = in_force(app, &mut tx, &viewer.school_id, viewer.today()).await?;
    let whole = in_force.form(name).ok_or(Failure::NotThere)?;
    let form = commit::Coming {
        whole,
        seen: &seen,
        in_force: &in_force,
    };
    let wrote = commit::write(&mut tx, viewer, form, &pending.looked.lines).await;
    let wrote = wrote.map_err(|failure| match failure {
        Failure::Stale => Failure::Asked(MEANWHILE.to_owned()),
        other => other,
    })?;
    undo::keep(&mut tx, viewer, (&operation, name), &wrote).await?;
    let entry = Entry {
        operation: &operation,
        kind: match kind {
            FormKind::Record => Kind::RecordMade,
            FormKind::Register => Kind::RegisterChanged,
            FormKind::Dossier => Kind::DossierChanged,
        },
        subject_kind: "form",
        subject_id: name,
        payload: &payload,
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    // Lines that did not go in wait to be mended.
    let is_left = |line: &Line| matches!(line.verdict, Verdict::Refused(_));
    pending.looked.lines.retain(is_left);
    if pending.looked.lines.is_empty() {
        app.memory.pending.drop(&viewer.staff_id, under);
    } else {
        app.memory.pending.put(&viewer.staff_id, under, pending);
    }
    Ok(see_other(&done))
}

/// `POST …/{form}/back/undo`: all that a sheet wrote, or nothing.
pub async fn undo(
    app: &App,
    viewer: &Viewer,
    (kind, name): (FormKind, &str),
    fields: &Fields,
) -> Result<Response> {
    match undone(app, viewer, (kind, name), fields.get("sheet")).await {
        Ok(()) => Ok(see_other(&format!(
            "{}/{name}/back?said=undone",
            base(kind)
        ))),
        Err(Failure::Asked(sentence) | Failure::NotAnyMore(sentence)) => {
            refused(app, viewer, (kind, name), sentence).await
        }
        Err(other) => Err(other),
    }
}

async fn undone(
    app: &App,
    viewer: &Viewer,
    (kind, name): (FormKind, &str),
    sheet: &str,
) -> Result<()> {
    let seen = the_form(app, viewer, (kind, name)).await?;
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let in_force = in_force(app, &mut tx, &viewer.school_id, viewer.today()).await?;
    let form = commit::Coming {
        whole: in_force.form(name).ok_or(Failure::NotThere)?,
        seen: &seen,
        in_force: &in_force,
    };
    undo::undo(&mut tx, viewer, form, sheet).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::SheetUndone,
        subject_kind: "form",
        subject_id: name,
        payload: sheet,
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    Ok(())
}

/// `GET …/{form}/back/mend.xlsx?under=`: the lines that do not go in, with what is wrong at each.
pub async fn mend(app: &App, viewer: &Viewer, name: &str, fields: &Fields) -> Result<Response> {
    let pending = app
        .memory
        .pending
        .look(&viewer.staff_id, fields.get("under"));
    let pending = pending.filter(|one| one.form == name);
    let looked = pending.ok_or(Failure::NotThere)?.looked;
    let rows = looked
        .lines
        .into_iter()
        .filter_map(|line| match line.verdict {
            Verdict::Refused(why) => Some(MendRow {
                line: line.number,
                why,
                cells: line.cells,
                wrong: line.wrong,
            }),
            Verdict::New | Verdict::Changed | Verdict::Same => None,
        });
    let rows: Vec<MendRow> = rows.collect();
    if rows.is_empty() {
        return Err(Failure::NotThere);
    }
    let mut tx = app.db.write(&viewer.school_id).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::MendSheetTaken,
        subject_kind: "form",
        subject_id: name,
        payload: "",
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    let bytes = sheets::mend_sheet(&looked.titles, &rows, (&looked.choices, false))
        .map_err(|error| Failure::Ours(format!("mend sheet: {error}")))?;
    Ok(mend_answer(bytes, rows.len(), viewer.today()))
}
