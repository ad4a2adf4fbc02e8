//! 新来一个孩子: one child, written down by hand, goes the way of a list with one line: judged by the
//! same rules, looked at once more, and taken back the same way.

use super::check::{Checked, Verdict};
use super::pages::{Upload, against_the_school, bring};
use crate::App;
use crate::ids::OperationId;
use crate::school::store as school;
use crate::sheets::{Cell, Sheet, SheetRow};
use crate::web::{self, Errors, Fields, Form, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::identity::Kinship;

/// Each field of the page, and the column of a list that it would stand in.
const COLUMNS: [(&str, &str); 18] = [
    ("name", "姓名"),
    ("sex", "性别"),
    ("born_on", "出生日期"),
    ("citizen_id", "身份证号"),
    ("class", "班级"),
    ("boarding", "就读方式"),
    ("left_behind", "是否留守儿童"),
    ("address", "家庭住址"),
    ("father", "父亲姓名"),
    ("father_phone", "父亲电话"),
    ("father_work", "父亲务工地"),
    ("mother", "母亲姓名"),
    ("mother_phone", "母亲电话"),
    ("mother_work", "母亲务工地"),
    ("carer", "照看人"),
    ("carer_kinship", "照看人关系"),
    ("carer_phone", "照看人电话"),
    ("from_school", "转出学校"),
];

struct Choice {
    value: String,
    title: String,
    chosen: bool,
}

/// Values as a list has them, and what they mean.
const SEXES: [(&str, &str); 2] = [("男", "男"), ("女", "女")];
const BOARDING: [(&str, &str); 2] = [("走读", "走读"), ("住校", "住校")];
const LEFT_BEHIND: [(&str, &str); 3] =
    [("0", "爸妈都在家"), ("1", "一个在外"), ("2", "爸妈都在外")];

#[derive(Template)]
#[template(path = "roster/arrive.html")]
struct ArrivePage {
    shell: Shell,
    errors: Errors,
    typed: Fields,
    sexes: Vec<Choice>,
    classes: Vec<Choice>,
    boarding: Vec<Choice>,
    left_behind: Vec<Choice>,
    kinships: Vec<Choice>,
    operation: OperationId,
}

fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>, typed: &str) -> Vec<Choice> {
    let choice = |(value, title): (&str, &str)| Choice {
        value: value.to_owned(),
        title: title.to_owned(),
        chosen: value == typed,
    };
    all.into_iter().map(choice).collect()
}

async fn drawn(app: &App, viewer: &Viewer, typed: Fields, errors: Errors) -> Result<ArrivePage> {
    let mut conn = app.db.read().await?;
    let classes = {
        let day = school::roster_day(&mut conn, &viewer.school_id, viewer.today()).await?;
        school::classes(&mut conn, &viewer.school_id, day).await?
    };
    let titles: Vec<String> = classes.iter().map(school::Class::title).collect();
    let shell = Shell::new(app, viewer, "新来一个孩子", "/office").form();
    let around = Kinship::ALL.iter().filter(|one| !one.is_parent());
    let twice = |word: &'static str| (word, word);
    Ok(ArrivePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        sexes: choices(SEXES, typed.get("sex")),
        classes: choices(
            titles.iter().map(|one| (one.as_str(), one.as_str())),
            typed.get("class"),
        ),
        boarding: choices(BOARDING, typed.get("boarding")),
        left_behind: choices(LEFT_BEHIND, typed.get("left_behind")),
        kinships: choices(
            around.map(Kinship::word).map(twice),
            typed.get("carer_kinship"),
        ),
        errors,
        typed,
        operation: OperationId::new(),
    })
}

/// `GET /office/import/one`
pub async fn form(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    page(&drawn(&app, &viewer, Fields::default(), Errors::default()).await?)
}

/// Whether these are the heads of the page, and not of somebody's file.
pub fn is_by_hand(titles: &[String]) -> bool {
    titles.iter().eq(COLUMNS.iter().map(|(_, head)| *head))
}

/// What a cell of a list can hold: one line, and nothing that ends it.
fn cell(text: &str) -> String {
    let ends = |letter: char| letter.is_control() || letter == '"';
    let parts = text.split(ends).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// The head and the one line.
fn lines(fields: &Fields) -> [Vec<String>; 2] {
    let heads = COLUMNS.iter().map(|(_, head)| (*head).to_owned());
    let line = COLUMNS.iter().map(|(field, _)| cell(fields.get(field)));
    [heads.collect(), line.collect()]
}

fn sheet(lines: &[Vec<String>]) -> Sheet {
    let row = |(cells, line): (&Vec<String>, u32)| SheetRow {
        line,
        cells: cells.iter().cloned().map(Cell::Text).collect(),
    };
    Sheet {
        rows: lines.iter().zip(1..).map(row).collect(),
        unread: Vec::new(),
    }
}

/// Each sentence at its field. A question stands beside its column as it is; a refusal has a hint
/// there, in the order of the sentences. What belongs to no column stands at the name. What can only
/// be answered, and not mended, is asked in the next step.
fn errors_of(row: &Checked, has_class: bool) -> Errors {
    let mut errors = Errors::default();
    let is_slip = |at: usize| {
        let field = COLUMNS.get(at).map_or("", |(field, _)| *field);
        row.verdict == Verdict::Refused || field.ends_with("_phone")
    };
    let is_question = |sentence: &String| row.wrong.iter().any(|(_, said)| said == sentence);
    let mut refusals = row.why.iter().filter(|sentence| !is_question(sentence));
    for (at, said) in &row.wrong {
        let field = COLUMNS.get(*at).map_or("name", |(field, _)| *field);
        let sentence = if row.why.contains(said) {
            Some(said)
        } else {
            refusals.next()
        };
        if field == "class" && !has_class {
            errors.add(field, "还没选到哪个班。");
        } else if is_slip(*at) {
            errors.add(field, sentence.unwrap_or(said).clone());
        }
    }
    for sentence in refusals.filter(|_| row.verdict == Verdict::Refused) {
        errors.add("name", sentence.clone());
    }
    errors
}

/// `POST /office/import/one`: a slip stands at its field; what is right is looked at once more.
pub async fn arrive(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let lines = lines(&fields);
    let judged =
        against_the_school(&app, &viewer, sheet(&lines), (&Default::default(), None)).await?;
    let mut errors = Errors::default();
    match judged {
        Err(sentence) => errors.add("name", sentence),
        Ok(brought) => {
            if let [row] = brought.rows.as_slice() {
                errors = errors_of(row, fields.opt("class").is_some());
            }
        }
    }
    if !errors.is_empty() {
        return web::unprocessable(&drawn(&app, &viewer, fields, errors).await?);
    }
    let text: Vec<String> = lines.iter().map(|cells| cells.join("\t")).collect();
    let upload = Upload {
        file: Vec::new(),
        pasted: text.join("\n"),
        year: None,
    };
    match bring(&app, &viewer, upload, &operation).await? {
        Ok(id) => Ok(see_other(&format!("/office/import/{id}"))),
        Err(sentence) => {
            errors.add("name", sentence);
            web::unprocessable(&drawn(&app, &viewer, fields, errors).await?)
        }
    }
}
