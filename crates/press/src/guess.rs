//! How high a sheet is at most, without setting it.

use crate::paper::{Block, Sheet};

/// Whether somebody signs the sheet or seals it.
pub(crate) fn is_signed(sheet: &Sheet) -> bool {
    sheet.stamp || !sheet.signers.is_empty()
}

/// Whether the sheet has one page, with rows of nine millimetres; `false`: it may need more.
pub fn surely_fits(sheet: &Sheet) -> bool {
    at_most_mm(sheet) <= SURELY_FITS_MM
}

/// Higher than this, by a generous guess, a sheet may need a second page; 257 mm are on one.
const SURELY_FITS_MM: usize = 215;

/// The height of open rows in millimetres: of a line of text six, and never less than nine.
fn row_mm(lines: impl Iterator<Item = usize>) -> usize {
    let lines = lines.max().unwrap_or(1);
    (4 + 6 * lines).max(9)
}

/// A guess that is never too low: most sheets have room to spare and need no trial.
fn at_most_mm(sheet: &Sheet) -> usize {
    let lines = |text: &str, in_a_line: usize| {
        let own = text
            .lines()
            .map(|line| line.chars().count().div_ceil(in_a_line.max(1)).max(1));
        own.sum::<usize>().max(1)
    };
    let block = |block: &Block| match block {
        Block::Fields { rows } => rows
            .iter()
            .map(|row| {
                let room = 44 / row.cells.len().max(1);
                let cells = row.cells.iter().flat_map(|cell| {
                    [
                        lines(&cell.value, room.saturating_sub(8)),
                        lines(&cell.label, 5),
                    ]
                });
                row_mm(cells).max(usize::from(row.room) + 6)
            })
            .sum(),
        Block::Table {
            heads,
            widths,
            rows,
            ..
        } => {
            let whole = widths
                .iter()
                .map(|one| usize::from(*one))
                .sum::<usize>()
                .max(1);
            let room = |at: usize| {
                let own = widths.get(at).map_or(1, |one| usize::from(*one));
                (40 * own / whole).saturating_sub(1)
            };
            let height = |cells: &[String]| {
                row_mm(
                    cells
                        .iter()
                        .enumerate()
                        .map(|(at, text)| lines(text, room(at))),
                )
            };
            height(heads) + rows.iter().map(|row| height(row)).sum::<usize>() + 4
        }
        Block::Head { .. } => 14,
        Block::Note { text } => 6 + 6 * lines(text, 40),
        Block::Picture { .. } => SURELY_FITS_MM,
    };
    let signed = if is_signed(sheet) {
        20 + 16 * (1 + sheet.signers.len().div_ceil(3))
    } else {
        0
    };
    20 + signed + sheet.blocks.iter().map(block).sum::<usize>()
}
