//! A register as an Excel sheet: a line for each child, or for each entry; every cell is text.

use super::collect::{Order, Subject};
use super::sheets::ROSTER_HEADS;
use crate::packs::{Field, FieldKind, Form, FormKind};
use crate::records::said::value_of;
use rust_xlsxwriter::{DataValidation, Format, FormatBorder, Workbook, Worksheet, XlsxError};
use serde_json::Value;

/// Excel holds no more in one cell.
const LONGEST_CELL: usize = 16_000;
/// Excel keeps a list of choices in a cell's rule only up to so many letters.
const LONGEST_CHOICES: usize = 255;

struct Column<'a> {
    head: String,
    field: Option<&'a Field>,
}

fn columns(form: &Form) -> Vec<Column<'_>> {
    let fixed = ["编号", "姓名", "班级"];
    let mut found: Vec<Column<'_>> = fixed
        .into_iter()
        .map(|head| Column {
            head: head.to_owned(),
            field: None,
        })
        .collect();
    let own = form.fields.iter();
    found.extend(
        own.filter(|field| field.kind != FieldKind::Signature)
            .map(|field| Column {
                head: field.title.clone(),
                field: Some(field),
            }),
    );
    found
}

fn cell(field: &Field, subject: &Subject, filled: Option<&Value>) -> String {
    match field.from {
        Some(fact) => subject.facts.value(fact).unwrap_or_default(),
        None => filled.map_or(String::new(), |value| value_of(field, value)),
    }
}

/// One line: the entry's own number and what it says.
struct Line<'a> {
    id: String,
    filled: Option<&'a crate::records::forms::Filled>,
}

fn lines<'a>(form: &Form, subject: &'a Subject) -> Vec<Line<'a>> {
    let mut found: Vec<Line<'a>> = match form.kind {
        FormKind::Record => subject
            .records
            .iter()
            .filter(|one| one.kind == form.id)
            .map(|one| Line {
                id: one.id.to_string(),
                filled: Some(&one.filled),
            })
            .collect(),
        FormKind::Dossier | FormKind::Register => subject
            .entries
            .iter()
            .filter(|one| one.form == form.id)
            .map(|one| Line {
                id: one.id.clone(),
                filled: Some(&one.filled),
            })
            .collect(),
    };
    if found.is_empty() && !form.many && form.kind == FormKind::Dossier {
        found.push(Line {
            id: subject.child.id.to_string(),
            filled: None,
        });
    }
    found
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
pub fn book(order: &Order) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let head = Format::new()
        .set_bold()
        .set_border(FormatBorder::Thin)
        .set_text_wrap();
    let text = Format::new()
        .set_num_format("@")
        .set_border(FormatBorder::Thin)
        .set_text_wrap();
    let mut used = Vec::new();
    for form in &order.forms {
        let sheet = book.add_worksheet();
        sheet.set_name(name_of(form, &mut used))?;
        sheet.set_freeze_panes(1, 2)?;
        if form.kind == FormKind::Register {
            roster(sheet, order, (&head, &text))?;
        } else {
            list(sheet, form, order, (&head, &text))?;
        }
    }
    book.save_to_buffer()
}

fn list(
    sheet: &mut Worksheet,
    form: &Form,
    order: &Order,
    (head, text): (&Format, &Format),
) -> Result<(), XlsxError> {
    let columns = columns(form);
    for (column, at) in columns.iter().zip(0u16..) {
        put(sheet, (0, at), &column.head, head)?;
        let wide = column
            .field
            .is_some_and(|field| field.kind == FieldKind::LongText);
        sheet.set_column_width(at, if wide { 40 } else { 16 })?;
    }
    sheet.set_column_hidden(0)?;
    let mut row = 1;
    for subject in &order.subjects {
        let Some(own) = subject.forms.iter().find(|own| own.id == form.id) else {
            continue;
        };
        for line in lines(own, subject) {
            for (column, at) in columns.iter().zip(0u16..) {
                let said = match (column.field, at) {
                    (Some(field), _) => {
                        let seen = own.field(&field.id).is_some();
                        let value = line.filled.and_then(|filled| filled.get(&field.id));
                        if seen {
                            cell(field, subject, value)
                        } else {
                            String::new()
                        }
                    }
                    (None, 0) => line.id.clone(),
                    (None, 1) => subject.child.name.clone(),
                    (None, _) => subject.child.class_title(),
                };
                put(sheet, (row, at), &said, text)?;
            }
            row += 1;
        }
    }
    choices(sheet, &columns, row.max(2))
}

fn choices(sheet: &mut Worksheet, columns: &[Column<'_>], rows: u32) -> Result<(), XlsxError> {
    for (column, at) in columns.iter().zip(0u16..) {
        let Some(field) = column.field.filter(|field| field.kind.picks_one()) else {
            continue;
        };
        let titles: Vec<&str> = field.options.iter().map(|one| one.title.as_str()).collect();
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
    order: &Order,
    (head, text): (&Format, &Format),
) -> Result<(), XlsxError> {
    for ((title, ..), at) in ROSTER_HEADS.iter().zip(0u16..) {
        put(sheet, (0, at), title, head)?;
        sheet.set_column_width(at, 16)?;
    }
    for (subject, row) in order.subjects.iter().zip(1u32..) {
        for ((_, fact, _), at) in ROSTER_HEADS.iter().zip(0u16..) {
            let said = match fact {
                None => row.to_string(),
                Some(fact) => subject.facts.value(*fact).unwrap_or_default(),
            };
            put(sheet, (row, at), &said, text)?;
        }
    }
    Ok(())
}
