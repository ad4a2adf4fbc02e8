//! Where a list begins: its head, in one line or in two.

use super::heads::{Column, Heads, LEAST_KNOWN, LOOK_IN, Learned, known};
use crate::sheets::{Cell, Sheet, SheetRow};
use rules::identity::text::squeeze;
use std::collections::BTreeMap;

/// Finds the head; `None` when none of the first ten lines names a name.
pub fn find(sheet: &Sheet, learned: &Learned) -> Option<Heads> {
    let is_head = |columns: &BTreeMap<usize, Column>| {
        let named = columns.values().any(|column| *column == Column::Name);
        named && columns.len() >= LEAST_KNOWN
    };
    let mut lines = sheet.rows.iter().take(LOOK_IN).enumerate();
    let row = lines.find_map(|(at, row)| {
        let alone = known(row, learned);
        let next = sheet.rows.get(at + 1).filter(|next| has_words_alone(next));
        let both = next.map(|next| joined((row, next), learned));
        let both = both.map(|row| (known(&row, learned), row));
        match both {
            Some((both, row)) if both.len() > alone.len() && is_head(&both) => Some(row),
            _ => is_head(&alone).then(|| row.clone()),
        }
    })?;
    let titles = row.cells.iter().map(|cell| cell.text().to_owned());
    let titles = titled(titles.collect(), sheet, row.line);
    let cells = titles.iter().map(|title| Cell::Text(title.clone()));
    let named = SheetRow {
        line: row.line,
        cells: cells.collect(),
    };
    Some(Heads {
        line: row.line,
        columns: known(&named, learned),
        titles,
    })
}

/// A line under a head has words; a child's has numbers and days.
fn has_words_alone(row: &SheetRow) -> bool {
    const DIGITS: usize = 4;
    let is_word = |cell: &Cell| match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.chars().filter(char::is_ascii_digit).count() < DIGITS,
        Cell::Number(_) | Cell::Date(_) => false,
    };
    row.cells.iter().all(is_word)
}

/// 父亲 over 姓名, 电话 and 务工地 is 父亲姓名, 父亲电话 and 父亲务工地; what stands over nothing, or over
/// heads that need no word before them, is its own.
fn joined((upper, lower): (&SheetRow, &SheetRow), learned: &Learned) -> SheetRow {
    let at = |row: &SheetRow, column: usize| {
        let cell = row.cells.get(column).map_or("", Cell::text);
        squeeze(cell)
    };
    let is_known = |title: &str| {
        let line = SheetRow {
            line: 0,
            cells: vec![Cell::Text(title.to_owned())],
        };
        !known(&line, learned).is_empty()
    };
    let mut group = String::new();
    let columns = upper.cells.len().max(lower.cells.len());
    let title = |column: usize| {
        let (own, under) = (at(upper, column), at(lower, column));
        if !own.is_empty() {
            group.clone_from(&own);
        }
        let with_group = format!("{group}{under}");
        let title = match under.is_empty() {
            true => own,
            false if is_known(&with_group) => with_group,
            false => under,
        };
        Cell::Text(title)
    };
    SheetRow {
        line: lower.line,
        cells: (0..columns).map(title).collect(),
    }
}

/// A column without a head that has something in it is called by its place, so that somebody can say
/// where it goes.
fn titled(mut titles: Vec<String>, sheet: &Sheet, head: u32) -> Vec<String> {
    let rows = sheet.rows.iter().filter(|row| row.line > head);
    for row in rows {
        for (at, cell) in row.cells.iter().enumerate() {
            if cell.text().trim().is_empty() {
                continue;
            }
            if titles.len() <= at {
                titles.resize(at + 1, String::new());
            }
            if let Some(title) = titles.get_mut(at).filter(|title| title.trim().is_empty()) {
                *title = format!("第{}列（没有表头）", at + 1);
            }
        }
    }
    titles
}
