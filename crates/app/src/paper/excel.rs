//! A register as an Excel sheet: a line for each child, or for each entry; every cell is text.

use super::collect::{Order, Subject};
use super::register::{ROSTER_HEADS, basis, is_roster};
use super::sheets::{covers, listed, numbered};
use crate::dossier::store::EntryRow;
use crate::packs::{Entry, Field, FieldKind, Form, FormKind, Known};
use crate::records::said::value_of;
use jiff::civil::Date;
use rust_xlsxwriter::{
    DataValidation, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use serde_json::Value;

/// Excel holds no more in one cell.
const LONGEST_CELL: usize = 16_000;
/// Excel keeps a list of choices in a cell's rule only up to so many letters.
const LONGEST_CHOICES: usize = 255;

/// What stands in a column.
#[derive(Clone, Copy)]
enum Holds<'a> {
    Id,
    Name,
    Class,
    /// The day of a record, or on which an entry was written.
    Day,
    By,
    Field(&'a Field),
}

struct Column<'a> {
    head: String,
    holds: Holds<'a>,
}

fn columns(form: &Form) -> Vec<Column<'_>> {
    let column = |head: &str, holds| Column {
        head: head.to_owned(),
        holds,
    };
    let mut found = vec![column("编号", Holds::Id)];
    if form.kind != FormKind::Register {
        found.push(column("姓名", Holds::Name));
        found.push(column("班级", Holds::Class));
    }
    if form.kind == FormKind::Record {
        found.push(column("日期", Holds::Day));
    }
    let is_fixed = |field: &&Field| matches!(field.from, Some(Known::Name | Known::Class));
    let own = form.fields.iter().filter(|field| !is_fixed(field));
    found.extend(
        own.filter(|field| field.kind != FieldKind::Signature)
            .map(|field| column(field.formal(), Holds::Field(field))),
    );
    if form.kind != FormKind::Record {
        found.push(column("填写日期", Holds::Day));
    }
    found.push(column("记录人", Holds::By));
    found
}

fn cell(field: &Field, subject: &Subject, filled: Option<&Value>) -> String {
    match field.from {
        Some(fact) => subject.facts.in_sheet(fact).unwrap_or_default(),
        None => filled.map_or(String::new(), |value| written(field, value)),
    }
}

/// What was chosen is called as papers call it, like on every other print.
fn written(field: &Field, value: &Value) -> String {
    if field.kind.has_options() && !field.kind.is_offered() {
        return listed(field, Some(value));
    }
    value_of(field, value)
}

/// One line: the entry's own number and what it says.
struct Line<'a> {
    id: String,
    day: String,
    by: String,
    filled: Option<&'a crate::records::forms::Filled>,
}

fn entry_line(one: &EntryRow) -> Line<'_> {
    Line {
        id: numbered(&one.id, one.version),
        day: crate::clock::day_of(&one.written_at).map_or(String::new(), |day| day.to_string()),
        by: one.by_name.clone(),
        filled: Some(&one.filled),
    }
}

/// What stands in a register that is about no child.
fn in_register(column: &Column<'_>, line: &Line<'_>) -> String {
    match column.holds {
        Holds::Id => line.id.clone(),
        Holds::Day => line.day.clone(),
        Holds::By => line.by.clone(),
        Holds::Name | Holds::Class => String::new(),
        Holds::Field(field) => {
            let value = line.filled.and_then(|filled| filled.get(&field.id));
            value.map_or(String::new(), |value| written(field, value))
        }
    }
}

fn lines<'a>(form: &Form, subject: &'a Subject) -> Vec<Line<'a>> {
    let mut found: Vec<Line<'a>> = match form.kind {
        FormKind::Record => subject
            .records
            .iter()
            .filter(|one| one.kind == form.id)
            .map(|one| Line {
                id: numbered(one.id.as_str(), one.version),
                day: one.happened_on.to_string(),
                by: one.by_name.clone(),
                filled: Some(&one.filled),
            })
            .collect(),
        FormKind::Dossier | FormKind::Register => subject
            .entries
            .iter()
            .filter(|one| one.form == form.id)
            .map(entry_line)
            .collect(),
    };
    // Of two files that were merged what was chosen stands on paper, and not what either said before.
    let written = super::lists::lines(form, subject);
    if form.kind == FormKind::Dossier && !form.many && covers(&written) {
        let last = written.last().map(|line| line.id.as_str());
        found.retain(|one| Some(one.id.as_str()) == last);
    }
    if found.is_empty() && !form.many && form.kind == FormKind::Dossier {
        found.push(Line {
            id: subject.child.id.to_string(),
            day: String::new(),
            by: String::new(),
            filled: None,
        });
    }
    found
}

fn said(column: &Column<'_>, own: &Form, subject: &Subject, line: &Line<'_>) -> String {
    match column.holds {
        Holds::Id => line.id.clone(),
        Holds::Name => subject.child.name.clone(),
        Holds::Class => subject.child.class_title(),
        Holds::Day => line.day.clone(),
        Holds::By => line.by.clone(),
        Holds::Field(field) => {
            let value = line.filled.and_then(|filled| filled.get(&field.id));
            // As this viewer reads it of this child, whose companions have names.
            let seen = own.field(&field.id);
            seen.map_or(String::new(), |own| cell(own, subject, value))
        }
    }
}

fn put(sheet: &mut Worksheet, at: (u32, u16), text: &str, look: &Format) -> Result<(), XlsxError> {
    let short: String = text.chars().take(LONGEST_CELL).collect();
    // Written as a string, whatever it begins with: nothing becomes a formula.
    sheet.write_string_with_format(at.0, at.1, short, look)?;
    Ok(())
}

fn name_of(form: &Form, used: &mut Vec<String>) -> String {
    let plain: String = form
        .formal()
        .chars()
        .filter(|c| !['[', ']', ':', '*', '?', '/', '\\'].contains(c))
        .take(28)
        .collect();
    let many = used.iter().filter(|one| **one == plain).count();
    used.push(plain.clone());
    if many == 0 {
        plain
    } else {
        format!("{plain}{}", many + 1)
    }
}

/// The book with a sheet for each form.
///
/// # Errors
/// When the writer refuses; our fault each time.
pub fn book(order: &Order, foot: &str, today: Date) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new()
        .set_bold()
        .set_border(FormatBorder::Thin)
        .set_text_wrap();
    let text = Format::new()
        .set_num_format("@")
        .set_border(FormatBorder::Thin)
        .set_align(FormatAlign::Top)
        .set_text_wrap();
    let mut used = Vec::new();
    let is_folder = order.forms.len() > 1;
    for form in &order.forms {
        // A folder is not padded with sheets on which nothing stands.
        if is_folder && !is_roster(form) && says_nothing(form, order) {
            continue;
        }
        let sheet = book.add_worksheet();
        sheet.set_name(name_of(form, &mut used))?;
        let letters = if is_roster(form) {
            roster(sheet, (form, order, today), (&head, &text))?
        } else {
            sheet.set_freeze_panes(1, 2)?;
            sheet.set_repeat_rows(0, 0)?;
            list(sheet, form, order, (&head, &text))?
        };
        on_paper(sheet, (foot, letters))?;
    }
    if used.is_empty() {
        book.add_worksheet();
    }
    book.save_to_buffer()
}

/// Nobody has written anything in it, and nothing is known for it.
fn says_nothing(form: &Form, order: &Order) -> bool {
    let columns = columns(form);
    let told = |(column, said): (&Column<'_>, &String)| {
        matches!(column.holds, Holds::Field(_)) && !said.is_empty()
    };
    let rows = said_in(form, order, &columns);
    !rows.iter().any(|row| columns.iter().zip(row).any(told))
}

const A4: u8 = 9;

/// So many letters stand side by side on A4 and can be read.
const LETTERS_ACROSS: u16 = 165;

/// Printed, it lies on its side, is as wide as one page, or as it takes to be read, and says on each
/// page whose it is.
fn on_paper(sheet: &mut Worksheet, (foot, letters): (&str, u16)) -> Result<(), XlsxError> {
    sheet.set_paper_size(A4);
    sheet.set_landscape();
    let across = letters.div_ceil(LETTERS_ACROSS).max(1);
    sheet.set_print_fit_to_pages(across, 0);
    if across > 1 {
        // Whose line it is stands on each of the pages that lie side by side.
        sheet.set_repeat_columns(0, 1)?;
    }
    // An ampersand begins a command there.
    let foot = foot.replace('&', "&&");
    sheet.set_footer(format!("&L&8{foot}&R&8&P/&N"));
    Ok(())
}

/// A Chinese letter takes the room of two.
fn letters(text: &str) -> usize {
    let wide = |line: &str| {
        line.chars()
            .map(|one| 1 + usize::from(!one.is_ascii()))
            .sum()
    };
    text.lines().map(wide).max().unwrap_or_default()
}

/// How many lines a cell takes in a column of so many letters; a letter more than fits is not risked.
fn lines_of(said: &str, wide: u16) -> usize {
    let room = usize::from(wide).saturating_sub(2).max(1);
    said.lines()
        .map(|line| letters(line).div_ceil(room).max(1))
        .sum::<usize>()
        .max(1)
}

/// In points: the programs do not all work it out themselves. No row is higher than they allow.
fn height(lines: usize) -> u16 {
    u16::try_from(lines * 15).unwrap_or(u16::MAX).min(405)
}

/// As wide as what stands in the column, within reason; a head alone breaks into lines.
fn column_width(column: &Column<'_>, said: impl Iterator<Item = usize>) -> u16 {
    let most = match column.holds {
        Holds::Field(field) if field.kind == FieldKind::LongText => 40,
        _ => 24,
    };
    let head = letters(&column.head).min(10);
    let wide = said.max().unwrap_or_default().max(head) + 2;
    u16::try_from(wide.clamp(8, most)).unwrap_or(8)
}

/// A column of what this viewer sees of no child is not there.
fn is_seen(column: &Column<'_>, form: &Form, order: &Order) -> bool {
    let Holds::Field(field) = column.holds else {
        return true;
    };
    let own = order.subjects.iter().flat_map(|subject| &subject.forms);
    let mut own = own.filter(|own| own.id == form.id);
    own.any(|own| own.field(&field.id).is_some())
}

/// What stands in the lines of the list, cell by cell.
fn said_in(form: &Form, order: &Order, columns: &[Column<'_>]) -> Vec<Vec<String>> {
    if form.kind == FormKind::Register {
        let all = order.entries.iter().map(entry_line);
        let cells = |line: Line<'_>| columns.iter().map(|one| in_register(one, &line)).collect();
        return all.map(cells).collect();
    }
    let mut rows = Vec::new();
    for subject in &order.subjects {
        let Some(own) = subject.forms.iter().find(|own| own.id == form.id) else {
            continue;
        };
        for line in lines(own, subject) {
            let cells = columns.iter().map(|one| said(one, own, subject, &line));
            rows.push(cells.collect());
        }
    }
    rows
}

fn list(
    sheet: &mut Worksheet,
    form: &Form,
    order: &Order,
    (head, text): (&Format, &Format),
) -> Result<u16, XlsxError> {
    let mut columns = columns(form);
    if form.kind != FormKind::Register {
        columns.retain(|column| is_seen(column, form, order));
    }
    let rows = said_in(form, order, &columns);
    let mut across = 0;
    let mut widths = Vec::with_capacity(columns.len());
    for (column, at) in columns.iter().zip(0u16..) {
        put(sheet, (0, at), &column.head, head)?;
        let said = rows.iter().filter_map(|row| row.get(usize::from(at)));
        let wide = column_width(column, said.map(|one| letters(one)));
        sheet.set_column_width(at, wide)?;
        widths.push(wide);
        // The first is hidden.
        across += if at == 0 { 0 } else { wide };
    }
    sheet.set_column_hidden(0)?;
    for (cells, row) in rows.iter().zip(1u32..) {
        for (said, at) in cells.iter().zip(0u16..) {
            put(sheet, (row, at), said, text)?;
        }
        // The first is hidden, and takes no line.
        let seen = cells.iter().zip(&widths).skip(1);
        let lines = seen.map(|(said, wide)| lines_of(said, *wide)).max();
        sheet.set_row_height(row, height(lines.unwrap_or(1)))?;
    }
    let last = u32::try_from(rows.len() + 1).unwrap_or(u32::MAX);
    choices(sheet, &columns, last.max(2))?;
    Ok(across)
}

fn choices(sheet: &mut Worksheet, columns: &[Column<'_>], rows: u32) -> Result<(), XlsxError> {
    for (column, at) in columns.iter().zip(0u16..) {
        let Holds::Field(field) = column.holds else {
            continue;
        };
        let titles: Vec<&str> = match field.kind {
            FieldKind::YesNo => vec!["是", "不是"],
            kind if kind.picks_one() && !kind.is_offered() => {
                field.offered().map(Entry::formal).collect()
            }
            _ => continue,
        };
        let letters: usize = titles.iter().map(|one| one.chars().count() + 1).sum();
        if letters <= LONGEST_CHOICES {
            let rule = DataValidation::new().allow_list_strings(&titles)?;
            sheet.add_data_validation(1, at, rows + 200, at, &rule)?;
        }
    }
    Ok(())
}

fn roster(
    sheet: &mut Worksheet,
    (form, order, today): (&Form, &Order, Date),
    (head, text): (&Format, &Format),
) -> Result<u16, XlsxError> {
    let last = u16::try_from(ROSTER_HEADS.len() - 1).unwrap_or_default();
    let basis = format!("{}。{}", form.formal(), basis(order, today));
    sheet.merge_range(0, 0, 0, last, &basis, &Format::new().set_text_wrap())?;
    sheet.set_row_height(0, 32)?;
    sheet.set_freeze_panes(2, 2)?;
    sheet.set_repeat_rows(0, 1)?;
    let mut across = 0;
    for ((title, _, share), at) in ROSTER_HEADS.iter().zip(0u16..) {
        put(sheet, (1, at), title, head)?;
        let wide = u16::from(*share) * 5 / 2 + 1;
        sheet.set_column_width(at, wide)?;
        across += wide;
    }
    for (subject, row) in order.subjects.iter().zip(2u32..) {
        for ((_, fact, _), at) in ROSTER_HEADS.iter().zip(0u16..) {
            let said = match fact {
                None => (row - 1).to_string(),
                Some(fact) => subject.facts.value(*fact).unwrap_or_default(),
            };
            put(sheet, (row, at), &said, text)?;
        }
    }
    Ok(across)
}
