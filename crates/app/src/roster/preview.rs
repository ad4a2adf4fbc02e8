//! What a list would do, before it goes in: who is new, what changes, what is asked.

use super::arrive::is_by_hand;
use super::check::{Answer, Checked, Verdict};
use super::heads;
use super::store::{self, Import};
use super::year::Year;
use crate::App;
use crate::ids::OperationId;
use crate::web::words::class_title;
use crate::web::{self, Result, Shell, Viewer};
use askama::Template;
use std::collections::BTreeMap;

struct Question {
    line: u32,
    name: String,
    /// What is asked, each with the answers that are offered.
    asked: Vec<(String, Vec<Answer>)>,
    /// What is told besides.
    told: Vec<String>,
}

impl Question {
    fn of(row: &Checked) -> Self {
        let groups = row
            .answers
            .chunk_by(|one, other| one.question == other.question);
        let groups: Vec<Vec<Answer>> = groups.map(<[_]>::to_vec).collect();
        let (asked, told) = row.why.split_at(groups.len().min(row.why.len()));
        Self {
            line: row.line,
            name: row.child.name.clone(),
            asked: asked.iter().cloned().zip(groups).collect(),
            told: told.to_vec(),
        }
    }
}

/// A class and who comes into it.
struct Fresh {
    title: String,
    names: Vec<String>,
}

struct Told {
    line: u32,
    name: String,
    sentences: Vec<String>,
}

#[derive(Template)]
#[template(path = "roster/preview.html")]
pub struct PreviewPage {
    shell: Shell,
    import: Import,
    error: Option<String>,
    operation: OperationId,
    ready: usize,
    /// How many columns the list has, and how many of them are known; ours are not counted.
    columns: (usize, usize),
    /// Children whom the school does not have yet, by class.
    fresh: Vec<Fresh>,
    fresh_count: usize,
    /// Children whom the school has, and of whom the list says something new.
    updates: Vec<Told>,
    update_count: usize,
    /// New children of whom something in the list was not taken as it stands.
    noted: Vec<Told>,
    noted_count: usize,
    /// Children of whom the school knows all that the list says.
    known: usize,
    /// The school year whose grades the list goes by, where that is not today's.
    year: Year,
    /// One child, from the page and not from a file.
    by_hand: bool,
    /// Children who may go in and whose birth nobody has said.
    ageless: usize,
    /// Children who may go in and of whose parents the list does not say clearly who is away.
    unclear: usize,
    questions: Vec<Question>,
    refused: Vec<Told>,
    repeated: Vec<Told>,
    /// Lines of which something was asked and not answered before the others went in.
    waiting: Vec<Told>,
    /// All refused and all repeated lines, whether spelled out or not.
    counts: (usize, usize),
    /// What the sheet to mend holds.
    to_mend: usize,
    new_classes: Vec<String>,
    absent: Vec<String>,
    /// Titles of columns that nothing is known of.
    unknown: Vec<String>,
    /// Where a column may be put.
    places: Vec<String>,
    /// Who came, where the list has one line: name, class and day of birth.
    alone: Option<String>,
    /// The one child that came, if it was one.
    came: Option<String>,
}

/// So many lines are spelled out; the others wait in the sheet to mend.
const SHOWN: usize = 50;

fn spelled_out(rows: &[Checked], belongs: impl Fn(&Checked) -> bool) -> Vec<Told> {
    rows.iter()
        .filter(|row| belongs(row))
        .take(SHOWN)
        .map(|row| Told {
            line: row.line,
            name: row.child.name.clone(),
            sentences: row.why.clone(),
        })
        .collect()
}

fn is_ageless(row: &Checked) -> bool {
    let is_new = row.verdict == Verdict::Ready && row.matches.is_none();
    is_new && row.child.born_on.is_none()
}

/// Those of a verdict that goes in and of nobody whom the school has.
fn fresh(rows: &[Checked], viewer: &Viewer) -> Vec<Fresh> {
    let is_fresh = |row: &&Checked| row.verdict == Verdict::Ready && row.matches.is_none();
    let mut classes: BTreeMap<(u8, u8), Vec<String>> = BTreeMap::new();
    for row in rows.iter().filter(is_fresh) {
        let class = (row.child.grade, row.child.class_number);
        let names = classes.entry(class).or_default();
        names.push(named(&row.child.name, viewer));
    }
    let titled = classes.into_iter().map(|((grade, number), names)| Fresh {
        title: class_title(grade.into(), number.into()),
        names,
    });
    titled.collect()
}

pub fn named(name: &str, viewer: &Viewer) -> String {
    if viewer.is_projecting {
        web::words::masked_name(name)
    } else {
        name.to_owned()
    }
}

/// A sheet to mend that comes back has two columns of ours.
fn columns(import: &Import) -> (usize, usize) {
    let ours = import.brought.columns_to_mend();
    (
        import.brought.titles.len().saturating_sub(ours),
        import.brought.known_columns.saturating_sub(ours),
    )
}

/// 韦小满，三（1）班，2016年3月12日生
fn alone(rows: &[Checked], viewer: &Viewer) -> Option<String> {
    let [row] = rows else {
        return None;
    };
    let child = &row.child;
    let name = named(&child.name, viewer);
    let class = class_title(child.grade.into(), child.class_number.into());
    let born = child
        .born_on
        .map(|on| format!("{}生", web::words::full_day(on)));
    let parts = [name, class].into_iter().chain(born);
    Some(parts.collect::<Vec<_>>().join("，"))
}

fn new_classes(import: &Import) -> Vec<String> {
    let all = import.brought.new_classes.iter();
    all.map(|(grade, number)| class_title((*grade).into(), (*number).into()))
        .collect()
}

/// What was asked and not answered before the others went in.
fn waiting(import: &Import) -> Vec<Told> {
    if import.state == "committed" {
        spelled_out(&import.brought.rows, |row| row.verdict == Verdict::Ask)
    } else {
        Vec::new()
    }
}

pub async fn preview_page(
    app: &App,
    viewer: &Viewer,
    import: Import,
    error: Option<String>,
) -> Result<PreviewPage> {
    let (absent, came, year) = {
        let mut conn = app.db.read().await?;
        let year = Year::of(&mut conn, viewer, &import).await?;
        let came = store::came_alone(&mut conn, viewer, &import).await?;
        let absent = store::absent(&mut conn, viewer, &import).await?;
        (absent, came, year)
    };
    let rows = &import.brought.rows;
    let told = |verdict: Verdict| spelled_out(rows, |row| row.verdict == verdict);
    let asked = rows.iter().filter(|row| row.verdict == Verdict::Ask);
    let questions = asked.map(Question::of).collect();
    let is_ready = |row: &Checked| row.verdict == Verdict::Ready;
    let is_update = |row: &Checked| is_ready(row) && row.matches.is_some() && !row.is_known;
    let is_noted = |row: &Checked| is_ready(row) && row.matches.is_none() && !row.why.is_empty();
    let count = |belongs: &dyn Fn(&Checked) -> bool| rows.iter().filter(|row| belongs(row)).count();
    let known = count(&|row| is_ready(row) && row.is_known);
    let fresh = fresh(rows, viewer);
    let shell = Shell::new(app, viewer, "对一下名单", "/office");
    Ok(PreviewPage {
        shell: if error.is_some() {
            shell.with_error()
        } else {
            shell
        },
        error,
        operation: OperationId::new(),
        ready: import.brought.count(Verdict::Ready) - known,
        columns: columns(&import),
        fresh_count: fresh.iter().map(|class| class.names.len()).sum(),
        fresh,
        updates: spelled_out(rows, is_update),
        update_count: count(&is_update),
        noted: spelled_out(rows, is_noted),
        noted_count: count(&is_noted),
        known,
        year,
        by_hand: is_by_hand(&import.brought.titles),
        ageless: rows.iter().filter(|row| is_ageless(row)).count(),
        unclear: count(&|row| is_ready(row) && row.child.who_is_open),
        questions,
        counts: (
            import.brought.count(Verdict::Refused),
            import.brought.count(Verdict::Repeated),
        ),
        to_mend: import.brought.count(Verdict::Refused) + import.brought.count(Verdict::Ask),
        refused: told(Verdict::Refused),
        repeated: told(Verdict::Repeated),
        waiting: waiting(&import),
        new_classes: new_classes(&import),
        absent,
        unknown: import.brought.unknown(),
        places: heads::places(),
        alone: alone(rows, viewer),
        came,
        import,
    })
}
