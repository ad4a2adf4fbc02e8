//! What was written many times, as a list: one line for each, with its day.

use super::collect::Subject;
use super::sheets::{Filling, listed, numbered};
use crate::dossier::store::EntryRow;
use crate::packs::{Entry, Field, FieldKind, Form, FormKind};
use crate::records::forms::Filled;
use crate::web::words;
use press::Block;

/// More columns do not fit the width of a page.
pub const MOST_COLUMNS: usize = 6;

/// What somebody wrote down, with its day.
pub struct Line<'a> {
    /// The entry and its version, so that a file that comes back tells what it was taken out with.
    pub id: String,
    /// What was written together with it; empty: nothing.
    pub group: &'a str,
    pub day: String,
    pub filled: &'a Filled,
    pub by: String,
}

/// The day that the form asks for, or else the one on which it was written down.
pub fn day_of(form: &Form, filled: &Filled, written_at: &str) -> String {
    let own = form
        .day
        .as_ref()
        .and_then(|name| filled.get(name)?.as_str());
    let written = crate::clock::day_of(written_at).map(|day| day.to_string());
    match own {
        Some(own) => own.to_owned(),
        // A day that nobody gave is not made up; a slip belongs to a term all the same.
        None if form.day.is_some() && !form.each_term => String::new(),
        None => written.unwrap_or_default(),
    }
}

pub fn lines<'a>(form: &Form, subject: &'a Subject) -> Vec<Line<'a>> {
    if form.kind == FormKind::Record {
        let own = subject.records.iter().filter(|one| one.kind == form.id);
        let mut found: Vec<Line<'_>> = own
            .map(|one| Line {
                id: numbered(one.id.as_str(), one.version),
                group: &one.group_id,
                day: one.happened_on.to_string(),
                filled: &one.filled,
                by: one.by_name.clone(),
            })
            .collect();
        found.reverse();
        return found;
    }
    let own = subject.entries.iter().filter(|one| one.form == form.id);
    let mut lines = entry_lines(form, own);
    if let Some(from) = subject.term_from.filter(|_| form.each_term) {
        let from = from.to_string();
        lines.retain(|line| line.day >= from);
    }
    lines
}

/// By the day.
pub fn entry_lines<'a>(form: &Form, entries: impl Iterator<Item = &'a EntryRow>) -> Vec<Line<'a>> {
    let mut found: Vec<Line<'_>> = entries
        .map(|one| Line {
            id: numbered(&one.id, one.version),
            group: "",
            day: day_of(form, &one.filled, &one.written_at),
            filled: &one.filled,
            by: one.by_name.clone(),
        })
        .collect();
    found.sort_by(|one, other| one.day.cmp(&other.day));
    found
}

/// The fields that stand in a list: the day has a column of its own.
pub fn columns(form: &Form) -> impl Iterator<Item = &Field> {
    typed(form).take(MOST_COLUMNS)
}

/// A blank list of it would leave fields out: it is written by hand a sheet for each.
pub fn is_wider_than_a_list(form: &Form) -> bool {
    typed(form).count() > MOST_COLUMNS
}

fn typed(form: &Form) -> impl Iterator<Item = &Field> {
    form.fields.iter().filter(|field| {
        field.kind != FieldKind::Signature && form.day.as_deref() != Some(field.id.as_str())
    })
}

/// What belongs to a list and has no room in it.
pub fn below(form: &Form, lines: &[Line<'_>], filling: Filling) -> Vec<Block> {
    match filling {
        Filling::Known => beside(form, lines),
        Filling::Blank => to_choose_from(form),
        Filling::Nameless => Vec::new(),
    }
}

/// What may be written in a list for handwriting, where its columns are too narrow to print it.
fn to_choose_from(form: &Form) -> Vec<Block> {
    let chosen = columns(form).filter(|field| field.kind.has_options() && !field.kind.is_offered());
    let said = |field: &Field| {
        let words: Vec<&str> = field.offered().map(Entry::formal).collect();
        let text = format!("{}填写：{}。", field.formal(), words.join("、"));
        Block::Note { text }
    };
    chosen.map(said).collect()
}

/// What a list has no column for, below it, by the day.
fn beside(form: &Form, lines: &[Line<'_>]) -> Vec<Block> {
    let said = |line: &Line<'_>| {
        let value = |field: &Field| listed(field, line.filled.get(&field.id));
        let said = rest(form, &value)?;
        let text = format!("{}　{said}", words::known_day(&line.day));
        Some(Block::Note { text })
    };
    lines.iter().filter_map(said).collect()
}

/// The values for which a list has no column, each with its name.
pub fn rest(form: &Form, value: &dyn Fn(&Field) -> String) -> Option<String> {
    let gone = form.gone.iter();
    let rest = typed(form)
        .skip(MOST_COLUMNS)
        .chain(gone)
        .filter_map(|field| {
            let value = value(field);
            (!value.is_empty()).then(|| format!("{}：{value}", field.formal()))
        });
    let rest: Vec<String> = rest.collect();
    (!rest.is_empty()).then(|| rest.join("；"))
}

/// So much of a page's width as a column needs.
pub fn width(field: &Field) -> u8 {
    match field.kind {
        FieldKind::LongText => 6,
        FieldKind::CitizenId | FieldKind::Phone => 5,
        FieldKind::Number | FieldKind::YesNo => 2,
        _ => 4,
    }
}

/// Beside columns of these widths: what a day takes on one line, and a name of three letters.
pub fn day_and_name(widths: &[u8]) -> (u8, u8) {
    let all = widths.iter().sum::<u8>();
    (all.div_ceil(7).max(3), all.div_ceil(9).max(2))
}

/// A form of which there are many: one line for each.
pub fn listing(form: &Form, lines: &[Line<'_>], (least, filling): (usize, Filling)) -> Block {
    let mut heads = vec!["日期".to_owned()];
    heads.extend(columns(form).map(|field| field.formal().to_owned()));
    heads.push("记录人".to_owned());
    let is_said = |field: &Field| lines.iter().any(|line| line.filled.contains_key(&field.id));
    // What nobody wrote anything in gives its room to what is written.
    let room = |field: &Field| match lines.is_empty() || is_said(field) {
        true => width(field),
        false => width(field).min(3),
    };
    let mut widths: Vec<u8> = columns(form).map(room).collect();
    let (day, name) = day_and_name(&widths);
    widths.insert(0, day);
    widths.push(name);
    let mut rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let mut row = vec![words::known_day(&line.day)];
            row.extend(columns(form).map(|field| listed(field, line.filled.get(&field.id))));
            row.push(match filling {
                Filling::Nameless => String::new(),
                Filling::Known | Filling::Blank => line.by.clone(),
            });
            row
        })
        .collect();
    while rows.len() < least {
        rows.push(vec![String::new(); heads.len()]);
    }
    Block::Table {
        heads,
        widths,
        rows,
        marks: match filling {
            Filling::Known => lines.iter().map(|line| line.id.clone()).collect(),
            Filling::Blank | Filling::Nameless => Vec::new(),
        },
    }
}
