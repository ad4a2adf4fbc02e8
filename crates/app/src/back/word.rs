//! A Word file of the print centre as the rows that its Excel sheet would have had.

use crate::packs::{Field, Form};
use crate::paper::sheets::signers;
use crate::paper::word::MARK;
use crate::sheets::{Cell, Sheet, SheetRow};
use std::collections::BTreeMap;

/// The columns of the Excel sheet that are no fields.
pub const NUMBER: &str = "编号";
pub const NAME: &str = "姓名";
pub const CLASS: &str = "班级";
pub const DAY: &str = "日期";
const BY: &str = "记录人";

type Values = BTreeMap<String, String>;

/// What a list's head says of its columns; `None` where nothing is typed.
type Heads = Vec<Option<String>>;

struct Reading<'a> {
    form: &'a Form,
    signers: Vec<String>,
    found: Vec<Values>,
    /// The mark of the sheet, once it is one of this form.
    about: Option<String>,
    /// Labels and values of the sheet so far.
    one: Option<Values>,
    /// Labels that stand alone in their row: a value that was cleared, or a heading.
    alone: Vec<String>,
    /// A label came twice: the title between two sheets is gone, and with it whose the second is.
    is_torn: bool,
    heads: Option<Heads>,
    /// There is a sheet of this form, if only an empty one.
    is_met: bool,
}

fn field_of<'a>(form: &'a Form, label: &str) -> Option<&'a Field> {
    let own = form.fields.iter().filter(|field| field.from.is_none());
    let mut own = own.filter(|field| field.title == label || field.formal() == label);
    own.next()
}

/// A field that is filled from elsewhere. Two of one label are met in the form's order.
fn known_of<'a>(form: &'a Form, label: &str, met: Option<&Values>) -> Option<&'a Field> {
    let own = form.fields.iter().filter(|field| field.from.is_some());
    let mut own = own.filter(|field| field.title == label || field.formal() == label);
    own.find(|field| met.is_none_or(|met| !met.contains_key(&field.title)))
}

/// The day of an entry stands in a column of its own; a list of many children names each.
fn column(form: &Form, head: &str, of_many: bool) -> Option<String> {
    match head {
        NAME | CLASS if of_many => Some(head.to_owned()),
        DAY => {
            let day = form.day.as_ref().and_then(|id| form.field(id));
            Some(day.map_or(DAY, |field| &field.title).to_owned())
        }
        _ => field_of(form, head).map(|field| field.title.clone()),
    }
}

/// The hidden mark of a cell, and what else stands there.
fn parted(text: &str) -> (Option<&str>, String) {
    let marked = text.split_once(MARK.0);
    let parts = marked.and_then(|(before, rest)| {
        let (mark, after) = rest.split_once(MARK.1)?;
        Some((Some(mark), format!("{before}{after}")))
    });
    parts.unwrap_or((None, text.to_owned()))
}

impl Reading<'_> {
    fn row(&mut self, row: &SheetRow) {
        let mut cells: Vec<String> = row
            .cells
            .iter()
            .map(|cell| cell.text().to_owned())
            .collect();
        let mut mark = None;
        if let Some(first) = cells.first_mut() {
            let (own, rest) = parted(first);
            mark = own.map(ToOwned::to_owned);
            *first = rest.trim().to_owned();
        }
        match mark {
            Some(mark) if mark.contains('/') => self.sheet(&mark),
            mark if self.about.is_some() && cells.len() > 1 => {
                self.cells(&cells, mark);
            }
            None if self.about.is_some() => self.alone.extend(cells),
            _ => {}
        }
    }

    /// A sheet begins: of this form, or of another that is passed over.
    fn sheet(&mut self, mark: &str) {
        self.ended();
        let (form, id) = mark.split_once('/').unwrap_or((mark, ""));
        self.about = (form == self.form.id).then(|| id.to_owned());
        self.is_met |= self.about.is_some();
    }

    fn ended(&mut self) {
        let alone = std::mem::take(&mut self.alone);
        if let Some(mut values) = self.one.take() {
            let fields = alone.iter().filter_map(|label| field_of(self.form, label));
            for field in fields {
                values.entry(field.title.clone()).or_default();
            }
            // Over a list stands whose it is and what is known, and nothing that is typed.
            let typed = |title: &String| field_of(self.form, title).is_some();
            if values.keys().any(typed) {
                self.found.push(values);
            }
        }
        self.heads = None;
    }

    fn cells(&mut self, cells: &[String], mark: Option<String>) {
        let says = |cell: Option<&String>, word: &str| cell.is_some_and(|cell| cell == word);
        // Below the list stands who signs.
        if cells
            .first()
            .is_some_and(|first| self.signers.contains(first))
        {
            self.heads = None;
        }
        let is_head = says(cells.first(), DAY) && says(cells.last(), BY) && mark.is_none();
        if is_head {
            let of_many = says(cells.get(1), NAME) && says(cells.get(2), CLASS);
            let heads = cells.iter().map(|head| column(self.form, head, of_many));
            self.heads = Some(heads.collect());
        } else if let Some(heads) = &self.heads {
            let typed = heads.iter().zip(cells);
            let typed = typed.filter_map(|(head, text)| Some((head.clone()?, text.clone())));
            let mut values: Values = typed.collect();
            if mark.is_none() && values.values().all(|text| text.trim().is_empty()) {
                return;
            }
            let about = self.about.clone().unwrap_or_default();
            values.insert(NUMBER.to_owned(), mark.unwrap_or(about));
            self.found.push(values);
        } else {
            self.pairs(cells);
        }
    }

    fn pairs(&mut self, cells: &[String]) {
        let mut cells = cells.iter();
        while let Some(label) = cells.next() {
            let value = cells.next().cloned().unwrap_or_default();
            let label = label.trim();
            let known = || known_of(self.form, label, self.one.as_ref());
            let title = match field_of(self.form, label) {
                Some(field) => field.title.clone(),
                None if label == NAME => NAME.to_owned(),
                None => match known() {
                    Some(field) => field.title.clone(),
                    None => continue,
                },
            };
            let about = self.about.clone().unwrap_or_default();
            let number = (NUMBER.to_owned(), about);
            let values = self.one.get_or_insert_with(|| Values::from([number]));
            self.is_torn |= values.insert(title, value).is_some();
        }
    }
}

/// Whether the file is one that the print centre made.
pub fn is_marked(sheet: &Sheet) -> bool {
    let mut cells = sheet.rows.iter().filter_map(|row| row.cells.first());
    cells.any(|cell| cell.text().contains(MARK.0))
}

/// One row for each entry under the heads that the Excel sheet of this form has.
///
/// # Errors
/// A sentence where it cannot be told whose a part of the file is.
pub fn rows(form: &Form, sheet: &Sheet) -> Result<Sheet, String> {
    let mut reading = Reading {
        form,
        signers: signers(form),
        found: Vec::new(),
        about: None,
        one: None,
        alone: Vec::new(),
        is_torn: false,
        heads: None,
        is_met: false,
    };
    for row in &sheet.rows {
        reading.row(row);
    }
    reading.ended();
    if reading.is_torn {
        return Err(
            "有一张表的标题不见了，分不清后面写的是哪个孩子。请重新下载这份Word，只改格子里的字。"
                .to_owned(),
        );
    }
    if !reading.is_met {
        return Err(format!(
            "这份Word里没有《{}》。看看是不是选错了表。",
            form.title
        ));
    }
    let mut heads = vec![NUMBER.to_owned(), NAME.to_owned(), CLASS.to_owned()];
    for values in &reading.found {
        let new = values.keys().filter(|head| !heads.contains(head));
        let new: Vec<String> = new.cloned().collect();
        heads.extend(new);
    }
    let head = SheetRow {
        line: 0,
        cells: heads.iter().cloned().map(Cell::Text).collect(),
    };
    // Nobody counts the lines of a Word file: the first sheet, the second.
    let own = reading.found.iter().zip(1..).map(|(values, at)| SheetRow {
        line: at,
        cells: heads
            .iter()
            .map(|head| values.get(head).cloned().map_or(Cell::Empty, Cell::Text))
            .collect(),
    });
    Ok(Sheet {
        rows: std::iter::once(head).chain(own).collect(),
        unread: Vec::new(),
    })
}
