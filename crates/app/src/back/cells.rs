//! Which column of a sheet is which field, and what a cell says to it.

use super::word::{CLASS, DAY, NAME, NUMBER};
use crate::packs::{Entry, Field, FieldKind, Form, FormKind};
use crate::records::forms::LONGEST;
use crate::sheets::SheetRow;
use crate::web::Fields;

/// The heads of the sheet: where the number, the name, the class and each field stand.
pub struct Heads<'a> {
    pub number: Option<usize>,
    /// The day of a record; files and registers have it among their fields.
    pub day: Option<usize>,
    /// Only a register is about no child.
    pub name: Option<usize>,
    pub class: Option<usize>,
    pub fields: Vec<(usize, &'a Field)>,
    /// What is known from elsewhere: compared, never taken.
    pub known: Vec<(usize, &'a Field)>,
}

/// Columns are headed as on paper; in older files, and in those of hands, as on the screen.
pub fn heads<'a>(form: &'a Form, row: &SheetRow) -> Option<Heads<'a>> {
    let formal = heads_by(form, row, Field::formal);
    let plain = heads_by(form, row, |field| &field.title);
    let found = |heads: &Heads<'_>| heads.fields.len() + heads.known.len();
    match (formal, plain) {
        (Some(formal), Some(plain)) if found(&plain) > found(&formal) => Some(plain),
        (formal, plain) => formal.or(plain),
    }
}

fn heads_by<'a>(
    form: &'a Form,
    row: &SheetRow,
    called: impl Fn(&'a Field) -> &'a str,
) -> Option<Heads<'a>> {
    let mut taken: Vec<usize> = Vec::new();
    // Two columns of one name are taken from left to right, each once.
    let mut at = |title: &str| {
        let all = row.cells.iter().enumerate();
        let mut own = all.filter(|(_, cell)| cell.text() == title);
        let found = own.find(|(at, _)| !taken.contains(at)).map(|(at, _)| at);
        taken.extend(found);
        found
    };
    let is_about_a_child = form.kind != FormKind::Register;
    let number = at(NUMBER);
    let name = if is_about_a_child {
        Some(at(NAME)?)
    } else {
        None
    };
    let class = if is_about_a_child { at(CLASS) } else { None };
    let day = if form.kind == FormKind::Record {
        at(DAY)
    } else {
        None
    };
    let written = form
        .fields
        .iter()
        .filter(|field| field.kind != FieldKind::Signature && !field.kind.is_offered());
    let found = written.filter_map(|field| Some((at(called(field))?, field)));
    let (known, fields) = found.partition(|(_, field)| field.from.is_some());
    Some(Heads {
        fields,
        known,
        number,
        day,
        name,
        class,
    })
}

/// Marks of what is chosen and of what is not, as they are written by hand and by word processors.
const TICKS: [char; 6] = ['√', '✓', '✔', '☑', '☒', '■'];
const BOXES: [char; 2] = ['□', '☐'];

const BETWEEN: [char; 3] = ['、', ',', '，'];

fn option<'a>(field: &'a Field, word: &str) -> Option<&'a str> {
    let is = |one: &&Entry| {
        one.title == word || one.code == word || one.formal_title.as_deref() == Some(word)
    };
    field.options.iter().find(is).map(|one| one.code.as_str())
}

fn is_mark(letter: char) -> bool {
    TICKS.contains(&letter) || BOXES.contains(&letter)
}

/// The words behind a tick; `None` where there are no boxes.
fn ticked(text: &str) -> Option<impl Iterator<Item = &str>> {
    if !text.contains(is_mark) || text.chars().count() > LONGEST {
        return None;
    }
    let marks = text.match_indices(is_mark);
    let ticked = marks.filter(|(_, mark)| mark.contains(TICKS));
    let behind = ticked.filter_map(|(at, mark)| text.get(at + mark.len()..));
    Some(behind.map(|rest| rest.split(is_mark).next().unwrap_or_default().trim()))
}

/// The codes that are chosen: those with a tick where there are boxes, or else all that are listed.
/// What is no option stays as it was written and is refused by its words.
fn chosen(field: &Field, text: &str) -> Vec<String> {
    match ticked(text) {
        Some(words) => words
            .map(|word| option(field, word).unwrap_or(word).to_owned())
            .collect(),
        None => listed(field, text),
    }
}

/// 是 or 不是, ticked or written; two ticks are no answer and are refused by their words.
fn yes_or_no(text: &str) -> &str {
    let mut words = ticked(text).into_iter().flatten();
    let said = match (ticked(text).is_some(), words.next(), words.next()) {
        (true, None, _) => "",
        (true, Some(word), None) => word,
        _ => text,
    };
    match said {
        "是" => "yes",
        "不是" | "否" => "no",
        other => other,
    }
}

/// An option may have a 、 of its own: the longest that fits is meant. A cell that is longer than
/// any answer is one word, which no form has.
fn listed(field: &Field, text: &str) -> Vec<String> {
    if text.chars().count() > LONGEST {
        return vec!["……".to_owned()];
    }
    let mut found = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let ends = rest.match_indices(BETWEEN).map(|(at, _)| at);
        let ends: Vec<usize> = ends.chain([rest.len()]).collect();
        let word = |end: &usize| rest.get(..*end).unwrap_or_default().trim();
        let fitting = ends
            .iter()
            .rev()
            .find(|end| option(field, word(end)).is_some());
        let end = fitting.or(ends.first()).copied().unwrap_or(rest.len());
        let said = word(&end);
        if !said.is_empty() {
            found.push(option(field, said).unwrap_or(said).to_owned());
        }
        let after = rest.get(end..).unwrap_or_default();
        rest = after.trim_start_matches(BETWEEN).trim();
    }
    found
}

/// A cell's words as a page would have sent them.
pub fn say(field: &Field, text: &str, into: &mut Fields) {
    if field.kind.has_options() {
        for code in chosen(field, text) {
            into.push(&field.id, &code);
        }
        return;
    }
    let said = match (field.kind, text) {
        (FieldKind::YesNo, text) => yes_or_no(text),
        (FieldKind::Number, text) => {
            let unit = field.unit.as_deref().unwrap_or_default();
            text.strip_suffix(unit).unwrap_or(text)
        }
        (_, text) => text,
    };
    into.push(&field.id, said);
}

/// The number of a line and the version with which it was taken out; older files have none.
pub fn number_and_version(text: &str) -> (&str, Option<i64>) {
    match text.split_once('.') {
        Some((number, version)) => (number, version.parse().ok()),
        None => (text, None),
    }
}
