//! CSV files and pasted cells: which encoding, which delimiter, then rows.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

#[cfg(test)]
use super::MAX_FILE_BYTES;
use super::read::number_cell;
#[cfg(test)]
use super::read::too_big;
use super::{Cell, Harvest, Sheet, SheetFault, is_blank};

/// An address may hold a line break or two; a cell with more than these swallowed its neighbours through a lone quote.
const MAX_BREAKS_IN_CELL: usize = 30;
const LINES_TO_GUESS_BY: usize = 20;

/// Cells copied from WPS or Excel: tabs between them.
#[cfg(test)]
pub fn read_pasted(pasted: &str) -> Result<Sheet, SheetFault> {
    if pasted.len() > MAX_FILE_BYTES {
        return Err(too_big());
    }
    rows_of(pasted)
}

pub(super) fn read_text(bytes: &[u8]) -> Result<Sheet, SheetFault> {
    let text = decode(bytes)?;
    if text
        .trim_start_matches(is_blank)
        .starts_with(['<', '{', '%'])
    {
        return Err(SheetFault::NotASheet);
    }
    rows_of(&text)
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, SheetFault> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let body = bytes.get(mark..).unwrap_or_default();
        return strictly(encoding, body).ok_or(SheetFault::Unreadable);
    }
    let strange = bytes.iter().filter(|byte| is_binary(**byte)).count();
    if bytes.contains(&0) || strange * MOST_STRANGE > bytes.len() {
        return Err(SheetFault::NotASheet);
    }
    strictly(UTF_8, bytes)
        .or_else(|| strictly(GB18030, bytes))
        .ok_or(SheetFault::Unreadable)
}

fn strictly<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
    debug_assert!([UTF_8, GB18030, UTF_16LE, UTF_16BE].contains(&encoding));
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

/// A letter in so many may be one that nobody can see, left by another program; of a picture or an
/// archive every tenth byte is one.
const MOST_STRANGE: usize = 50;

/// Old DOS programs end a text with 0x1A.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0x00..=0x08 | 0x0e..=0x19 | 0x1b..=0x1f | 0x7f)
}

fn rows_of(text: &str) -> Result<Sheet, SheetFault> {
    let mut text = text
        .trim_start_matches('\u{feff}')
        .trim_end_matches('\u{1a}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    text.retain(|one| u8::try_from(one).map_or(true, |one| !is_binary(one)));
    let quoted = parse(&text, true)?;
    if quoted.swallowed {
        return parse(&text, false)?.harvest.into_sheet();
    }
    quoted.harvest.into_sheet()
}

struct Parsed {
    harvest: Harvest,
    swallowed: bool,
}

fn parse(text: &str, quoting: bool) -> Result<Parsed, SheetFault> {
    let mark = delimiter(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .quoting(quoting)
        .delimiter(mark)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut harvest = Harvest::default();
    let mut swallowed = false;
    let mut row: u64 = 0;
    let mut read_to = reader.position().line();
    while reader
        .read_record(&mut record)
        .map_err(|_| SheetFault::Unreadable)?
    {
        swallowed |= record.iter().any(|said| swallows(said, mark));
        let inside: usize = record.iter().map(|said| count(said, b'\n')).sum();
        // The reader skips blank lines, which Excel counts.
        let lines = reader.position().line() - read_to;
        read_to = reader.position().line();
        row += lines
            .saturating_sub(u64::try_from(inside).unwrap_or(u64::MAX))
            .max(1);
        let line = u32::try_from(row - 1).map_err(|_| SheetFault::TooManyCells)?;
        for (column, said) in (0u32..).zip(&record) {
            harvest.put(line, column, cell_from(said))?;
        }
    }
    Ok(Parsed { harvest, swallowed })
}

/// Nobody types a tab into a cell: one that holds a tab and a line break is several cells.
fn swallows(said: &str, mark: u8) -> bool {
    let breaks = count(said, b'\n');
    breaks > MAX_BREAKS_IN_CELL || (mark == b'\t' && breaks > 0 && count(said, mark) > 0)
}

fn count(said: &str, wanted: u8) -> usize {
    said.bytes().filter(|byte| *byte == wanted).count()
}

/// The one that most of the first lines hold; the tab wins a tie, because nobody types one into a cell.
fn delimiter(text: &str) -> u8 {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(LINES_TO_GUESS_BY)
        .collect();
    let score = |mark: u8| {
        let counts = lines.iter().map(|line| count(line, mark));
        let holding = counts.clone().filter(|held| *held > 0).count();
        (holding, counts.sum::<usize>())
    };
    [b';', b',', b'\t']
        .into_iter()
        .max_by_key(|mark| score(*mark))
        .unwrap_or(b'\t')
}

fn cell_from(said: &str) -> Cell {
    let said = said.trim_matches(is_blank);
    let said = said
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(said);
    match expanded(said) {
        Some(number) => number,
        None => Cell::from_text(unguarded(said)),
    }
}

/// `'990827…`: the mark by which people, and our own CSV exports, keep Excel from calculating.
fn unguarded(said: &str) -> &str {
    said.strip_prefix('\'')
        .filter(|rest| {
            rest.starts_with(|first: char| {
                first.is_ascii_digit()
                    || matches!(first, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
            })
        })
        .unwrap_or(said)
}

/// `9.90827E+17` is what Excel writes for an ID number that it took for a number. Where it left digits
/// out, the cell stays as it is written: nobody knows them.
fn expanded(said: &str) -> Option<Cell> {
    let (digits, power) = said.split_once("E+").or_else(|| said.split_once("e+"))?;
    let plain = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let whole = !power.is_empty() && power.bytes().all(|byte| byte.is_ascii_digit());
    let written = digits.split_once('.').map_or(0, |(_, rest)| rest.len());
    let is_complete = power.parse::<usize>().is_ok_and(|power| power <= written);
    if !plain || !whole || !is_complete {
        return None;
    }
    said.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .map(number_cell)
}
