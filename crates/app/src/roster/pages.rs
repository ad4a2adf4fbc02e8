//! 导入名单, three steps: 放进来, 对一下, 完成.

use super::arrive::is_by_hand;
use super::check::{Before, Checked, IS, School, Verdict, judge};
use super::commit::{self, Answers};
use super::headline;
use super::heads::{self, Learned};
use super::preview::preview_page;
use super::store::{self, Brought};
use super::update::update;
use super::year::{Days, says_the_coming};
use crate::App;
use crate::ids::{ImportId, OperationId};
use crate::journal::{self, Entry, Kind, Seen};
use crate::school;
use crate::sheets::{self, Sheet};
use crate::web::fields::Fields;
use crate::web::{self, Failure, Form, Id, Result, Shell, Viewer, cut, page, see_other};
use askama::Template;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::response::Response;
use jiff::civil::Date;
use rules::calendar::school_year_of;
use std::collections::BTreeSet;

#[derive(Template)]
#[template(path = "roster/start.html")]
struct StartPage {
    shell: Shell,
    error: Option<String>,
    history: Vec<PastRow>,
}

struct PastRow {
    id: String,
    when: String,
    said: String,
}

fn state_zh(past: &store::Past) -> String {
    match past.state.as_str() {
        "committed" => format!("新建{}，更新{}", past.opened, past.changed),
        "undone" => "已撤回".to_owned(),
        _ => "还没导入".to_owned(),
    }
}

async fn start_page(app: &App, viewer: &Viewer, error: Option<String>) -> Result<StartPage> {
    let mut conn = app.db.read().await?;
    let history = store::history(&mut conn, viewer).await?;
    let shell = Shell::new(app, viewer, "导入名单", "/office");
    Ok(StartPage {
        shell: if error.is_some() {
            shell.with_error()
        } else {
            shell
        },
        error,
        history: history
            .iter()
            .map(|past| PastRow {
                id: past.id.clone(),
                when: moment(&past.created_at, viewer),
                said: format!("{}，{}", state_zh(past), web::words::teacher(&past.by_name)),
            })
            .collect(),
    })
}

fn moment(instant: &str, viewer: &Viewer) -> String {
    let day = crate::clock::day_of(instant)
        .map(|day| web::words::day(day, viewer.today()))
        .unwrap_or_default();
    format!(
        "{day}{}",
        crate::clock::time_of(instant).unwrap_or_default()
    )
}

/// `GET /office/import`
pub async fn start(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    page(&start_page(&app, &viewer, None).await?)
}

/// What came with an upload: a file, or pasted cells.
pub struct Upload {
    pub file: Vec<u8>,
    pub pasted: String,
    /// The school year whose grades the list names, where it is said with it.
    pub year: Option<i16>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| Failure::Asked("请选一个文件，或把表格里的内容粘到框里。".to_owned()))?;
        let mut upload = Self {
            file: Vec::new(),
            pasted: String::new(),
            year: None,
        };
        while let Some(part) = parts.next_field().await.map_err(cut)? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(cut)?;
            match name.as_str() {
                "file" => upload.file = bytes.to_vec(),
                "pasted" => upload.pasted = String::from_utf8_lossy(&bytes).into_owned(),
                "school_year" => upload.year = said_year(&bytes)?,
                _ => {}
            }
        }
        Ok(upload)
    }
}

/// 2026: the year in which it begins.
fn said_year(bytes: &[u8]) -> Result<Option<i16>> {
    let said = std::str::from_utf8(bytes).unwrap_or("?").trim();
    if said.is_empty() {
        return Ok(None);
    }
    said.parse()
        .map(Some)
        .map_err(|_| Failure::Asked("school_year写学年开始的那一年，例如2026。".to_owned()))
}

/// Reads what was brought, in a process of its own, and judges each line. The sentence says why
/// nothing came of it.
///
/// The same file brought again under the same operation is the same import.
pub async fn bring(
    app: &App,
    viewer: &Viewer,
    upload: Upload,
    operation: &OperationId,
) -> Result<Result<ImportId, String>> {
    let year = upload.year;
    let bytes = if upload.file.is_empty() {
        upload.pasted.into_bytes()
    } else {
        upload.file
    };
    if bytes.is_empty() {
        return Ok(Err(
            "还没有选文件，或选的文件是空的。请选一个名单，或把表格里的内容粘到框里。".to_owned(),
        ));
    }
    let content_hash = viewer.school_key.mac(&[&crate::vault::fingerprint(&bytes)]);
    let sheet = match sheets::read_caged(&app.sheet_reader, bytes.clone()).await {
        Ok(sheet) => sheet,
        Err(fault) => return Ok(Err(fault.sentence())),
    };
    let mut brought = match against_the_school(app, viewer, sheet, (&Learned::new(), year)).await? {
        Ok(brought) => brought,
        Err(sentence) => return Ok(Err(sentence)),
    };
    let mut tx = app.db.write(&viewer.school_id).await?;
    // Brought again by the other year's grades it is another import.
    let said = year.map_or_else(String::new, |year| format!(" {year}"));
    let payload = format!("bring {content_hash}{said}");
    match journal::seen(&mut tx, &viewer.actor(), operation, &payload).await? {
        Seen::New => {}
        Seen::Done(id) => return Ok(Ok(ImportId::from(id))),
        Seen::Other => return Err(Failure::OtherContent),
    }
    brought.new_classes = new_classes(&mut tx, viewer, &brought).await?;
    let id = store::keep(&mut tx, viewer, &brought, (&content_hash, &bytes)).await?;
    let entry = Entry {
        operation,
        kind: Kind::RosterBrought,
        subject_kind: "roster_import",
        subject_id: id.as_str(),
        payload: &payload,
        result: id.as_str(),
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    Ok(Ok(id))
}

/// Each line judged by what the school knows now, and what was just told of its columns. The sentence
/// says why nothing came of it.
///
/// `year`: the school year whose grades the list names, where somebody said it.
pub async fn against_the_school(
    app: &App,
    viewer: &Viewer,
    sheet: Sheet,
    (told, year): (&Learned, Option<i16>),
) -> Result<Result<Brought, String>> {
    let (days, mut school, mut learned) = {
        let mut conn = app.db.read().await?;
        let days = Days::now(&mut conn, viewer).await?;
        let day = year.map_or(days.usual, |year| days.of_year(year));
        let school = known_on(&mut conn, viewer, day).await?;
        (days, school, store::learned(&mut conn, viewer).await?)
    };
    learned.extend(told.clone());
    if let Some(sentence) = heads::named_twice(&sheet, &learned) {
        return Ok(Err(sentence));
    }
    let Some(heads) = headline::find(&sheet, &learned) else {
        if heads::has_name_alone(&sheet, &learned) {
            return Ok(Err(
                "只认出“姓名”一列，还要有性别、班级。请把这些表头也写在第一行。".to_owned(),
            ));
        }
        return Ok(Err(
            "表里没有找到“姓名”这一列。请用学籍系统导出的表，或在第一行写上姓名、性别、班级这些表头。"
                .to_owned(),
        ));
    };
    school.by_hand = is_by_hand(&heads.titles);
    let other = days.other.filter(|_| year.is_none() && !school.by_hand);
    if let Some(day) = other.filter(|_| says_the_coming(&sheet, &heads, &school)) {
        let mut conn = app.db.read().await?;
        school = School {
            by_hand: school.by_hand,
            ..known_on(&mut conn, viewer, day).await?
        };
    }
    let mut columns = heads.columns.values();
    school.has_ids = columns.any(|column| *column == heads::Column::CitizenId);
    let other_school = other_school(&sheet, &heads, &viewer.school_name);
    let mut brought = judged(sheet, heads, school).await?;
    if brought.rows.is_empty() {
        return Ok(Err(
            "表里只有表头，没有孩子。看看是不是存成了空表，再选一次。".to_owned(),
        ));
    }
    brought.other_school = other_school;
    name_the_namesakes(app, viewer, &mut brought).await?;
    tell_changes(app, viewer, &mut brought).await?;
    Ok(Ok(brought))
}

/// What the school knows, its classes named by the grades of a day.
async fn known_on(conn: &mut crate::db::Conn, viewer: &Viewer, day: Date) -> Result<School> {
    let classes = school::store::classes(conn, &viewer.school_id, day).await?;
    Ok(School {
        today: viewer.today(),
        day,
        school_year: school_year_of(day),
        stage: school::store::stage(conn, &viewer.school_id).await?,
        known: store::known(conn, viewer, day).await?,
        classes: classes.iter().map(school::store::Class::title).collect(),
        key: viewer.school_key.clone(),
        by_hand: false,
        has_ids: true,
    })
}

/// The school of the first line that names one, where it is not ours.
fn other_school(sheet: &Sheet, heads: &heads::Heads, ours: &str) -> Option<String> {
    let columns = heads.columns.iter();
    let mut columns = columns.filter(|(_, column)| **column == heads::Column::School);
    let (at, _) = columns.next()?;
    let mut rows = sheet.rows.iter().filter(|row| row.line > heads.line);
    let named = rows.find_map(|row| {
        let said = row.cells.get(*at)?.text().trim();
        (!said.is_empty()).then_some(said)
    })?;
    let is_ours = named.contains(ours) || ours.contains(named);
    (!is_ours).then(|| named.chars().take(40).collect())
}

/// A line about a child whom the school has says what it would change.
async fn tell_changes(app: &App, viewer: &Viewer, brought: &mut Brought) -> Result<()> {
    let mut conn = app.db.read().await?;
    let day = brought.day(viewer);
    let goes_in = |row: &&mut Checked| matches!(row.verdict, Verdict::Ready | Verdict::Ask);
    for row in brought.rows.iter_mut().filter(goes_in) {
        if let Some(child_id) = &row.matches {
            let update = update(&mut conn, viewer, (child_id, &row.child), day).await?;
            let changes = update.said(&row.child);
            row.with_changes((&changes, update.born_on()));
        }
    }
    Ok(())
}

/// Two of one name in one class are told apart by what else is known of them.
async fn name_the_namesakes(app: &App, viewer: &Viewer, brought: &mut Brought) -> Result<()> {
    let mut conn = app.db.read().await?;
    let answers = brought.rows.iter_mut().flat_map(|row| &mut row.answers);
    for answer in answers.filter(|answer| answer.title.is_empty()) {
        if let Some(id) = answer.code.strip_prefix(IS) {
            answer.title = format!(
                "是{}的那个，更新",
                store::told_apart(&mut conn, viewer, id).await?
            );
        }
    }
    Ok(())
}

/// Ten thousand lines take a moment; other requests go on meanwhile.
async fn judged(sheet: Sheet, heads: heads::Heads, school: School) -> Result<Brought> {
    tokio::task::spawn_blocking(move || {
        let mut before = Before::default();
        // A line's cells are let go as soon as it is judged.
        let rows = sheet
            .rows
            .into_iter()
            .filter(|row| row.line > heads.line && heads.tells_of_a_child(row))
            .map(|row| judge(&row, &heads, &school, &mut before))
            .map(without_what_nobody_mends)
            .collect();
        Brought {
            known_columns: heads.columns.len(),
            understood: heads.understood(),
            choices: heads.choices(&school.classes),
            titles: heads.titles,
            unread: sheet.unread,
            rows,
            new_classes: Vec::new(),
            other_school: None,
            goes_by: Some(school.day),
        }
    })
    .await
    .map_err(|error| Failure::Ours(format!("judging an import: {error}")))
}

/// The cells as they were go into the sheet to mend, and nowhere else.
fn without_what_nobody_mends(mut row: Checked) -> Checked {
    if matches!(row.verdict, Verdict::Ready | Verdict::Repeated) {
        row.cells = Vec::new();
    }
    row
}

async fn new_classes(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    brought: &Brought,
) -> Result<Vec<(u8, u8)>> {
    let day = brought.day(viewer);
    let open: BTreeSet<(i64, i64)> = school::store::classes(conn, &viewer.school_id, day)
        .await?
        .into_iter()
        .map(|class| (class.grade, class.number))
        .collect();
    let named: BTreeSet<(u8, u8)> = brought
        .rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Ready | Verdict::Ask))
        .map(|row| (row.child.grade, row.child.class_number))
        .collect();
    Ok(named
        .into_iter()
        .filter(|(grade, number)| !open.contains(&(i64::from(*grade), i64::from(*number))))
        .collect())
}

/// `POST /office/import`
pub async fn upload(State(app): State<App>, viewer: Viewer, upload: Upload) -> Result<Response> {
    match bring(&app, &viewer, upload, &OperationId::new()).await? {
        Ok(id) => Ok(see_other(&format!("/office/import/{id}"))),
        Err(sentence) => web::unprocessable(&start_page(&app, &viewer, Some(sentence)).await?),
    }
}

/// What the page says of columns anew: remembered title and place.
fn placed(fields: &Fields, brought: &Brought) -> Learned {
    let places = heads::places();
    fields
        .each("title")
        .zip(fields.each("place"))
        .filter(|(_, place)| place.is_empty() || places.iter().any(|one| one == place))
        .map(|(title, place)| (title.to_owned(), place.to_owned()))
        .filter(|one| !brought.understood.contains(one))
        .map(|(title, place)| (heads::remembered(&title), place))
        .collect()
}

/// `POST /office/import/{import_id}/columns`: where a column goes is said by hand and the file judged
/// anew; only what can be judged so is remembered for the school.
pub async fn columns(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let mut conn = app.db.read().await?;
    let import = store::one(&mut conn, &viewer, &id).await?;
    drop(conn);
    let told = placed(&fields, &import.brought);
    let year = import.brought.goes_by.map(school_year_of);
    let payload = format!("columns {id} {told:?}");
    let said = (&operation, Kind::ColumnsPlaced, payload.as_str());
    judge_anew(&app, &viewer, &import, (told, year), said).await
}

/// The file of an import that still waits is judged by what somebody has said of it.
pub async fn judge_anew(
    app: &App,
    viewer: &Viewer,
    import: &store::Import,
    (told, year): (Learned, Option<i16>),
    (operation, kind, payload): (&OperationId, Kind, &str),
) -> Result<Response> {
    let bytes = {
        let mut conn = app.db.read().await?;
        store::file(&mut conn, viewer, &import.id).await?
    };
    let sheet = match sheets::read_caged(&app.sheet_reader, bytes).await {
        Ok(sheet) => sheet,
        Err(fault) => return again(app, viewer, &import.id, fault.sentence()).await,
    };
    let judged = against_the_school(app, viewer, sheet, (&told, year)).await?;
    let mut brought = match judged {
        Ok(brought) => brought,
        Err(sentence) => return again(app, viewer, &import.id, sentence).await,
    };
    let entry = Entry {
        operation,
        kind,
        subject_kind: "roster_import",
        subject_id: import.id.as_str(),
        payload,
        result: import.id.as_str(),
    };
    let mut tx = app.db.write(&viewer.school_id).await?;
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        store::learn(&mut tx, viewer, &told).await?;
        brought.new_classes = new_classes(&mut tx, viewer, &brought).await?;
        store::put_rows(&mut tx, viewer, &import.id, &brought).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/office/import/{}", import.id)))
}

/// `GET /office/import/{import_id}`
pub async fn preview(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    let import = {
        let mut conn = app.db.read().await?;
        store::one(&mut conn, &viewer, &id).await?
    };
    page(&preview_page(&app, &viewer, import, None).await?)
}

fn answers(fields: &Fields) -> Answers {
    let mut answers = Answers::new();
    for (name, value) in fields.iter() {
        let line = name
            .strip_prefix("answer_")
            .and_then(|rest| rest.split('_').next())
            .and_then(|line| line.parse().ok());
        if let Some(line) = line.filter(|_| !value.is_empty()) {
            let given: &mut Vec<String> = answers.entry(line).or_default();
            given.push(value.to_owned());
        }
    }
    answers
}

/// `POST /office/import/{import_id}/commit`
pub async fn commit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    match committed(&app, &viewer, &id, &answers(&fields), &operation).await {
        Ok(_) => Ok(see_other(&format!("/office/import/{id}"))),
        Err(Failure::Asked(sentence) | Failure::NotAnyMore(sentence)) => {
            again(&app, &viewer, &id, sentence).await
        }
        Err(other) => Err(other),
    }
}

async fn again(app: &App, viewer: &Viewer, id: &ImportId, sentence: String) -> Result<Response> {
    let import = {
        let mut conn = app.db.read().await?;
        store::one(&mut conn, viewer, id).await?
    };
    web::unprocessable(&preview_page(app, viewer, import, Some(sentence)).await?)
}

pub async fn committed(
    app: &App,
    viewer: &Viewer,
    id: &ImportId,
    answers: &Answers,
    operation: &OperationId,
) -> Result<(i64, i64)> {
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let import = store::one(&mut tx, viewer, id).await?;
    let done = commit::commit(&mut tx, viewer, &import, answers, operation).await?;
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(done)
}

pub async fn undone(
    app: &App,
    viewer: &Viewer,
    id: &ImportId,
    operation: &OperationId,
) -> Result<()> {
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let import = store::one(&mut tx, viewer, id).await?;
    super::undo::undo(&mut tx, viewer, &import, operation).await?;
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(())
}

/// `POST /office/import/{import_id}/undo`
pub async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    match undone(&app, &viewer, &id, &operation).await {
        Ok(()) => Ok(see_other(&format!("/office/import/{id}"))),
        Err(Failure::Asked(sentence) | Failure::NotAnyMore(sentence)) => {
            again(&app, &viewer, &id, sentence).await
        }
        Err(other) => Err(other),
    }
}
