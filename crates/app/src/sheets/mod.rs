//! Sheets that people bring (.xlsx, .xls, .csv, .docx, pasted cells) as plain rows, and the sheet of rows to mend that they take home.

mod cage;
mod document;
mod mend;
mod read;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use cage::{child_main, read_caged};
pub use mend::{MEND_LINE, MEND_WHY, MendRow, mend_sheet};
#[cfg(any(test, fuzzing))]
pub use read::read;
#[cfg(test)]
pub use text::read_pasted;

/// 10 MiB: about 100,000 rows of 30 columns.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
pub const MAX_ROWS: u32 = 120_000;
pub const MAX_COLUMNS: u32 = 200;
/// 100,000 rows of 40 columns. Gaps between filled cells count, because they are held too.
const MAX_CELLS: usize = 4_000_000;
/// A workbook may point to one long text from every cell, so what is inflated does not bound what is read.
const MAX_TEXT_BYTES: usize = 64 * 1024 * 1024;
/// A filled cell further below its neighbours than this was left there by accident.
const STRAY_GAP: u32 = 1_000;

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Sheet {
    pub rows: Vec<SheetRow>,
    /// Further lists of people in the same book, by the names of their tabs: nobody has read them.
    #[serde(default)]
    pub unread: Vec<String>,
}

/// `line` counts from 1, as Excel shows it at the left edge.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct SheetRow {
    pub line: u32,
    pub cells: Vec<Cell>,
}

/// One-letter names on the wire: three million of them may pass between the reader and the server.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug, Default)]
pub enum Cell {
    #[default]
    #[serde(rename = "e")]
    Empty,
    #[serde(rename = "t")]
    Text(String),
    /// The sheet held a number: its shortest decimal text.
    #[serde(rename = "n")]
    Number(String),
    /// The sheet held a date: ISO text.
    #[serde(rename = "d")]
    Date(String),
}

impl Cell {
    /// What the cell says, whatever its kind.
    pub fn text(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(said) | Self::Number(said) | Self::Date(said) => said,
        }
    }

    /// Phones copied from an address book carry invisible direction marks at their ends.
    fn from_text(raw: &str) -> Self {
        match raw.trim_matches(is_blank) {
            "" => Self::Empty,
            kept => Self::Text(kept.to_owned()),
        }
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '\0' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub enum SheetFault {
    Empty,
    /// The file itself.
    TooBig {
        limit_mib: u32,
    },
    /// A small file that holds, or unpacks to, far too much.
    Overstuffed,
    NotASheet,
    Encrypted,
    /// One filled cell far away from all others: `XFD1048576`.
    FarCell {
        place: String,
    },
    TooManyCells,
    TooManyRows {
        limit: u32,
    },
    Damaged,
    TookTooLong,
    /// Text in no encoding that we know.
    Unreadable,
    /// Our own reader could not be started.
    ReaderDown,
}

impl SheetFault {
    /// What the person who chose the file can do about it.
    pub fn sentence(&self) -> String {
        match self {
            Self::Empty => "这个表里还没有内容。请看看要的内容是不是在另一个文件里，再选一次。".to_owned(),
            Self::TooBig { limit_mib } => format!("这个文件太大，一次最多收{limit_mib}MB。请删掉图片和用不着的工作表，另存后再选一次。"),
            Self::Overstuffed => "这个文件里的东西太多，没法读完。请新建一个空表，只把要的内容复制过去，保存后再选一次。".to_owned(),
            Self::NotASheet => "这个文件不像是表格。请用Excel或WPS打开它，另存为.xlsx，再选一次。".to_owned(),
            Self::Encrypted => "这个文件设了打开密码。请先在Excel或WPS里去掉密码，保存后再选一次。".to_owned(),
            Self::FarCell { place } => format!("表格里有一个格子在很远的地方（{place}）。请删掉它，或者新建一个空表，只把名单复制过去，保存后再选一次。"),
            Self::TooManyCells => "表格里用到的格子太多。请只留要用的列，或者分成几个文件，一个一个来。".to_owned(),
            Self::TooManyRows { limit } => format!("一次最多{limit}行。请分成几个文件，一个一个来。"),
            Self::Damaged => "这个文件读不下去，可能传坏了，也可能藏着很多空格子。请新建一个空表，只把要的内容复制过去，保存后再选一次。".to_owned(),
            Self::TookTooLong => "这个文件读了很久还没读完。请分成几个文件，一个一个来。".to_owned(),
            Self::Unreadable => "这个文件里的字认不出来。请用Excel或WPS打开它，另存为.xlsx，再选一次。".to_owned(),
            Self::ReaderDown => "抱歉，读表格的工具这会儿没能打开，是我们这边的问题，您的文件没有动。请过几分钟再试；还不行，请告诉管理员。".to_owned(),
        }
    }
}

/// Takes cells as they come, in any order, and counts before it keeps.
#[derive(Default)]
struct Harvest {
    done: BTreeMap<u32, Vec<Cell>>,
    row: u32,
    cells: Vec<Cell>,
    /// The lowest filled row so far.
    deepest: u32,
    seen: usize,
    held: usize,
    text_bytes: usize,
}

impl Harvest {
    /// `row` and `column` count from 0.
    fn put(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), SheetFault> {
        self.seen += 1;
        if self.seen > MAX_CELLS {
            return Err(SheetFault::TooManyCells);
        }
        if cell == Cell::Empty {
            return Ok(());
        }
        self.check_place(row, column)?;
        self.text_bytes += cell.text().len();
        if self.text_bytes > MAX_TEXT_BYTES {
            return Err(SheetFault::Overstuffed);
        }
        self.turn_to(row);
        let position = usize::try_from(column).map_err(|_| SheetFault::TooManyCells)?;
        if let Some(place) = self.cells.get_mut(position) {
            *place = cell;
            return Ok(());
        }
        self.held += position + 1 - self.cells.len();
        if self.held > MAX_CELLS {
            return Err(SheetFault::TooManyCells);
        }
        self.cells.resize(position, Cell::Empty);
        self.cells.push(cell);
        Ok(())
    }

    fn check_place(&mut self, row: u32, column: u32) -> Result<(), SheetFault> {
        if column >= MAX_COLUMNS {
            return Err(SheetFault::FarCell {
                place: place(row, column),
            });
        }
        if row < MAX_ROWS {
            self.deepest = self.deepest.max(row);
            return Ok(());
        }
        if row - self.deepest > STRAY_GAP {
            return Err(SheetFault::FarCell {
                place: place(row, column),
            });
        }
        Err(SheetFault::TooManyRows { limit: MAX_ROWS })
    }

    fn turn_to(&mut self, row: u32) {
        if row == self.row {
            return;
        }
        let next = self
            .done
            .remove(&row)
            .unwrap_or_else(|| Vec::with_capacity(self.cells.len()));
        let before = std::mem::replace(&mut self.cells, next);
        if !before.is_empty() {
            self.done.insert(self.row, before);
        }
        self.row = row;
    }

    fn into_sheet(mut self) -> Result<Sheet, SheetFault> {
        if !self.cells.is_empty() {
            self.done.insert(self.row, self.cells);
        }
        if self.done.is_empty() {
            return Err(SheetFault::Empty);
        }
        let rows = self.done.into_iter().map(|(row, cells)| SheetRow {
            line: row + 1,
            cells,
        });
        Ok(Sheet {
            rows: rows.collect(),
            unread: Vec::new(),
        })
    }
}

/// `(1048575, 16383)` → `XFD1048576`.
fn place(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from_digit(rest % 26 + 10, 36).unwrap_or('?'));
        rest /= 26;
    }
    let name: String = letters.iter().rev().map(char::to_ascii_uppercase).collect();
    format!("{name}{}", row + 1)
}
