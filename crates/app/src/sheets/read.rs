//! Bytes → rows, by what the bytes are and never by the file's name.

use std::io::{self, Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    DataType, ExcelDateTime, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsx, XlsxError,
};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{Cell, Harvest, MAX_FILE_BYTES, Sheet, SheetFault, document, text};

const MAX_ENTRIES: usize = 64;
const MAX_INFLATED: u64 = 100 * 1024 * 1024;
const MAX_RATIO: u64 = 100;
/// A small sheet of blanks packs better than any ratio allows.
const ALWAYS_INFLATED: u64 = 1024 * 1024;
/// Excel has no day after 31 December 9999.
const FIRST_NON_DAY: f64 = 2_958_466.0;

const ZIP: &[u8] = b"PK";
const OLE2: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

pub fn read(bytes: &[u8]) -> Result<Sheet, SheetFault> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(too_big());
    }
    if bytes.starts_with(ZIP) {
        return without_panic(|| match weigh(bytes)? {
            Packed::Workbook => xlsx(bytes),
            Packed::Document(part) => docx(bytes, &part),
        });
    }
    if bytes.starts_with(OLE2) {
        return without_panic(|| xls(bytes));
    }
    text::read_text(bytes)
}

pub(super) fn too_big() -> SheetFault {
    SheetFault::TooBig { limit_mib: 10 }
}

/// The workbook readers index and reserve by what a hostile file says.
fn without_panic(attempt: impl FnOnce() -> Result<Sheet, SheetFault>) -> Result<Sheet, SheetFault> {
    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or(Err(SheetFault::Damaged))
}

fn docx(bytes: &[u8], part: &str) -> Result<Sheet, SheetFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetFault::Damaged)?;
    let mut entry = archive.by_name(part).map_err(zip_fault)?;
    let mut xml = String::new();
    // Weighed before, so it is no longer than allowed.
    let read = entry.read_to_string(&mut xml);
    read.map_err(|_| SheetFault::Damaged)?;
    document::rows(&xml)?.into_sheet()
}

fn xlsx(bytes: &[u8]) -> Result<Sheet, SheetFault> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(xlsx_fault)?;
    let mut first = Err(SheetFault::Empty);
    for name in sheet_names(book.sheets_metadata()) {
        let mut cells = match book.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(fault) => return Err(xlsx_fault(fault)),
        };
        let mut harvest = Harvest::default();
        while let Some(cell) = cells.next_cell().map_err(xlsx_fault)? {
            let (row, column) = cell.get_position();
            harvest.put(row, column, cell_from(cell.get_value()))?;
        }
        drop(cells);
        match harvest.into_sheet() {
            Err(SheetFault::Empty) => {}
            Ok(sheet) if !lists_people(&sheet) => first = first.or(Ok(sheet)),
            Ok(mut sheet) => {
                sheet.unread = lists_after(&mut book, &name);
                return Ok(sheet);
            }
            Err(fault) => return Err(fault),
        }
    }
    first
}

const LOOK_IN: u32 = 10;

/// A notice often stands in front of the list: the list is the sheet whose head says 姓名.
fn lists_people(sheet: &Sheet) -> bool {
    let mut early = sheet.rows.iter().zip(0..LOOK_IN);
    early.any(|(row, _)| row.cells.iter().any(|cell| cell.text().contains("姓名")))
}

fn is_name_head(cell: &Cell) -> bool {
    matches!(cell.text().trim(), "姓名" | "学生姓名" | "孩子姓名")
}

fn names_people(book: &mut Xls<Cursor<&[u8]>>, name: &str) -> bool {
    let range = book.worksheet_range(name);
    range.is_ok_and(|range| {
        let mut early = range.used_cells().filter(|(row, ..)| *row < 10);
        early.any(|(.., value)| is_name_head(&cell_from(value)))
    })
}

/// The tabs behind this one that have a column with names too.
fn lists_after(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Vec<String> {
    let names = sheet_names(book.sheets_metadata());
    let after = names.into_iter().skip_while(|one| one != name).skip(1);
    let mut found = Vec::new();
    for other in after {
        let Ok(mut cells) = book.worksheet_cells_reader(&other) else {
            continue;
        };
        while let Ok(Some(cell)) = cells.next_cell() {
            let (row, _) = cell.get_position();
            if row >= LOOK_IN {
                break;
            }
            if is_name_head(&cell_from(cell.get_value())) {
                found.push(other.clone());
                break;
            }
        }
    }
    found
}

/// What a packed file is by its parts.
enum Packed {
    Workbook,
    /// With the name of the part that has its text.
    Document(String),
}

/// Inflates every entry once and counts: the sizes that an archive declares are its author's word.
fn weigh(bytes: &[u8]) -> Result<Packed, SheetFault> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| SheetFault::Damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(SheetFault::Overstuffed);
    }
    let mut names = archive.file_names().flatten();
    let packed_as = names.find_map(|name| packed(&name));
    drop(names);
    let packed_as = packed_as.ok_or(SheetFault::NotASheet)?;
    let packed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let allowed = packed
        .saturating_mul(MAX_RATIO)
        .clamp(ALWAYS_INFLATED, MAX_INFLATED);
    let mut left = allowed;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(zip_fault)?;
        let inflated = io::copy(&mut entry.take(left + 1), &mut io::sink())
            .map_err(|_| SheetFault::Damaged)?;
        left = left.checked_sub(inflated).ok_or(SheetFault::Overstuffed)?;
    }
    Ok(packed_as)
}

/// Some school programs write the separator of Windows.
fn packed(name: &str) -> Option<Packed> {
    match name.replace('\\', "/").to_ascii_lowercase().as_str() {
        "xl/workbook.xml" => Some(Packed::Workbook),
        "word/document.xml" => Some(Packed::Document(name.to_owned())),
        _ => None,
    }
}

fn zip_fault(fault: ZipError) -> SheetFault {
    match fault {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => SheetFault::Encrypted,
        _ => SheetFault::Damaged,
    }
}

fn xlsx_fault(fault: XlsxError) -> SheetFault {
    match fault {
        XlsxError::Password => SheetFault::Encrypted,
        _ => SheetFault::Damaged,
    }
}

fn xls(bytes: &[u8]) -> Result<Sheet, SheetFault> {
    if holds_name(bytes, "EncryptedPackage") {
        return Err(SheetFault::Encrypted);
    }
    if !holds_name(bytes, "Workbook") && !holds_name(bytes, "Book") {
        return Err(SheetFault::NotASheet);
    }
    let mut book = Xls::new(Cursor::new(bytes)).map_err(xls_fault)?;
    let mut first = Err(SheetFault::Empty);
    for name in sheet_names(book.sheets_metadata()) {
        let range = book.worksheet_range(&name).map_err(xls_fault)?;
        let Some((first_row, first_column)) = range.start() else {
            continue;
        };
        let mut harvest = Harvest::default();
        for (row, column, value) in range.used_cells() {
            let row = u32::try_from(row).map_err(|_| SheetFault::TooManyCells)?;
            let column = u32::try_from(column).map_err(|_| SheetFault::TooManyCells)?;
            harvest.put(first_row + row, first_column + column, cell_from(value))?;
        }
        match harvest.into_sheet() {
            Err(SheetFault::Empty) => {}
            Ok(sheet) if !lists_people(&sheet) => first = first.or(Ok(sheet)),
            Ok(mut sheet) => {
                let names = sheet_names(book.sheets_metadata());
                let after = names.into_iter().skip_while(|one| *one != name).skip(1);
                sheet.unread = after.filter(|one| names_people(&mut book, one)).collect();
                return Ok(sheet);
            }
            Err(fault) => return Err(fault),
        }
    }
    first
}

/// The directory of an OLE2 file names its streams in UTF-16.
fn holds_name(bytes: &[u8], name: &str) -> bool {
    let wanted: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn xls_fault(fault: XlsError) -> SheetFault {
    match fault {
        XlsError::Password => SheetFault::Encrypted,
        _ => SheetFault::Damaged,
    }
}

/// Hidden sheets hold the choices of drop-downs, not the list.
fn sheet_names(sheets: &[calamine::Sheet]) -> Vec<String> {
    sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect()
}

fn cell_from(value: &impl DataType) -> Cell {
    if let Some(said) = value.get_string() {
        return Cell::from_text(said);
    }
    if let Some(number) = value.get_float() {
        return number_cell(number);
    }
    if let Some(number) = value.get_int() {
        return Cell::Number(number.to_string());
    }
    if let Some(moment) = value.get_datetime() {
        return day_cell(moment);
    }
    if let Some(iso) = value.get_datetime_iso() {
        return iso_cell(iso);
    }
    if let Some(answer) = value.get_bool() {
        return Cell::from_text(if answer { "TRUE" } else { "FALSE" });
    }
    if let Some(error) = value.get_error() {
        return Cell::from_text(&error.to_string());
    }
    Cell::Empty
}

/// An ID number that was typed as a number keeps its eighteen digits here, so that it can be recognised.
pub(super) fn number_cell(number: f64) -> Cell {
    if !number.is_finite() {
        return Cell::from_text(&number.to_string());
    }
    let size = number.abs();
    Cell::Number(if size == 0.0 {
        "0".to_owned()
    } else if (1e-7..1e21).contains(&size) {
        number.to_string()
    } else {
        format!("{number:e}")
    })
}

fn day_cell(moment: ExcelDateTime) -> Cell {
    let serial = moment.as_f64();
    let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
    if moment.is_duration() || (0.0..1.0).contains(&serial) {
        return Cell::Text(format!("{hour:02}:{minute:02}"));
    }
    if !(1.0..FIRST_NON_DAY).contains(&serial) {
        return number_cell(serial);
    }
    civil_day(year, month, day).map_or_else(|| number_cell(serial), Cell::Date)
}

fn civil_day(year: u16, month: u8, day: u8) -> Option<String> {
    let year = i16::try_from(year).ok()?;
    let month = i8::try_from(month).ok()?;
    let day = i8::try_from(day).ok()?;
    jiff::civil::Date::new(year, month, day)
        .ok()
        .map(|date| date.to_string())
}

fn iso_cell(iso: &str) -> Cell {
    let parsed = iso
        .get(..10)
        .and_then(|day| day.parse::<jiff::civil::Date>().ok());
    parsed.map_or_else(|| Cell::from_text(iso), |date| Cell::Date(date.to_string()))
}
