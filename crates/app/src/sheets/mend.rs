//! The sheet of rows to mend: what was brought, less what was good, with a word at each slip.

use std::collections::BTreeMap;

use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, Format, FormatAlign, FormatBorder, Formula,
    Note, Workbook, Worksheet, XlsxError,
};

/// Head of the first column, which the importer ignores.
pub const MEND_WHY: &str = "哪里要改";
/// Head of the hidden last column: the line in the file that was brought first.
pub const MEND_LINE: &str = "行号";

const HELP_SHEET: &str = "怎么改";
const CHOICES_SHEET: &str = "选项";
const PALE_YELLOW: u32 = 0x00FF_F6C8;
const PALE_GREY: u32 = 0x00F0_F0EC;
const RULE_GREY: u32 = 0x00D8_D8D2;
/// Excel holds 32,767 UTF-16 units in a cell, and a rare character is two.
const LONGEST_CELL: usize = 16_000;
const NARROWEST: usize = 8;
const WIDEST: usize = 36;

const HELP: [[&str; 3]; 4] = [
    ["要改的", "容易填成这样", "改成这样"],
    [
        "身份证号：整列先设成“文本”再填，18位都要在；末位的X大小写都行",
        "990827201503120000（后几位变成了0）",
        "990827201503120017",
    ],
    [
        "出生日期：年、月、日都写上；横线、点、“年月日”都认得",
        "2015.13.2（没有13月）",
        "2015-03-12",
    ],
    [
        "手机号：11位数字，不用加空格；座机请写上区号",
        "1601234567（少了一位）",
        "16012345678",
    ],
];

const AFTERWARDS: [&str; 3] = [
    "淡黄色的格子是要看一眼的，鼠标放上去会告诉您该怎么填。",
    "第一列“哪里要改”不用动，也不用删。",
    "改好后存一下，把这个文件原样再传一次。已经进去的不会重复。",
];

pub struct MendRow {
    pub line: u32,
    pub why: String,
    pub cells: Vec<String>,
    /// Column (from 0, in the sheet that was brought) and what a right value looks like.
    pub wrong: Vec<(usize, String)>,
}

struct Looks {
    head: Format,
    why: Format,
    cell: Format,
    wrong: Format,
}

/// `choices`: for a column of the sheet that was brought, what may stand in it. `is_roster`: its
/// usual slips are shown on a page of their own.
pub fn mend_sheet(
    head: &[String],
    rows: &[MendRow],
    (choices, is_roster): (&[(usize, Vec<String>)], bool),
) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_name("要改的行")?;
    sheet.set_default_note_author("暖巢");
    let width = head
        .len()
        .max(rows.iter().map(|row| row.cells.len()).max().unwrap_or(0));
    write_head(sheet, head, width, &looks)?;
    for (row, number) in rows.iter().zip(1u32..) {
        write_row(sheet, number, row, width, &looks)?;
    }
    set_widths(sheet, head, rows, width, &looks)?;
    let offered: Vec<_> = choices
        .iter()
        .filter(|(_, list)| !list.is_empty())
        .collect();
    let last_row = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    if last_row > 0 {
        for ((column, list), place) in offered.iter().zip(0u16..) {
            let column = nth(column + 1);
            sheet.add_data_validation(
                1,
                column,
                last_row,
                column,
                &drop_down(place, list.len())?,
            )?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if is_roster {
        write_help(book.add_worksheet(), &looks)?;
    }
    if !offered.is_empty() {
        write_choices(book.add_worksheet(), &offered, &looks)?;
    }
    book.save_to_buffer()
}

impl Looks {
    fn new() -> Self {
        let cell = Format::new()
            .set_font_name("宋体")
            .set_font_size(11)
            .set_num_format("@")
            .set_align(FormatAlign::VerticalCenter);
        let ruled = cell
            .clone()
            .set_border(FormatBorder::Thin)
            .set_border_color(Color::RGB(RULE_GREY));
        Self {
            head: ruled
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(PALE_GREY)),
            why: ruled.clone().set_text_wrap(),
            wrong: ruled.set_background_color(Color::RGB(PALE_YELLOW)),
            cell,
        }
    }
}

fn write_head(
    sheet: &mut Worksheet,
    head: &[String],
    width: usize,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, MEND_WHY, &looks.head)?;
    for (name, column) in head.iter().zip(1u16..) {
        sheet.write_string_with_format(0, column, fitting(name), &looks.head)?;
    }
    sheet.write_string_with_format(0, nth(width + 1), MEND_LINE, &looks.head)?;
    Ok(())
}

fn write_row(
    sheet: &mut Worksheet,
    number: u32,
    row: &MendRow,
    width: usize,
    looks: &Looks,
) -> Result<(), XlsxError> {
    let mut notes: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (column, note) in &row.wrong {
        notes.entry(*column).or_default().push(note);
    }
    sheet.write_string_with_format(number, 0, fitting(&row.why), &looks.why)?;
    for (said, column) in row.cells.iter().zip(0usize..) {
        if !said.is_empty() && !notes.contains_key(&column) {
            sheet.write_string_with_format(number, nth(column + 1), fitting(said), &looks.cell)?;
        }
    }
    for (column, note) in notes {
        let said = row.cells.get(column).map_or("", String::as_str);
        let place = nth(column + 1);
        if said.is_empty() {
            sheet.write_blank(number, place, &looks.wrong)?;
        } else {
            sheet.write_string_with_format(number, place, fitting(said), &looks.wrong)?;
        }
        let note = Note::new(note.join("\n"))
            .add_author_prefix(false)
            .set_width(240)
            .set_height(96);
        sheet.insert_note(number, place, &note)?;
    }
    sheet.write_string_with_format(number, nth(width + 1), row.line.to_string(), &looks.cell)?;
    Ok(())
}

fn set_widths(
    sheet: &mut Worksheet,
    head: &[String],
    rows: &[MendRow],
    width: usize,
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 40)?;
    for column in 0..width {
        let cells = rows.iter().filter_map(|row| row.cells.get(column));
        let widest = head
            .get(column)
            .into_iter()
            .chain(cells)
            .map(|said| columns_taken(said))
            .max()
            .unwrap_or(0);
        let place = nth(column + 1);
        let fit = u16::try_from((widest + 2).clamp(NARROWEST, WIDEST)).unwrap_or(u16::MAX);
        sheet.set_column_width(place, fit)?;
        // What is typed below the last row must stay text too.
        sheet.set_column_format(place, &looks.cell)?;
    }
    sheet.set_column_hidden(nth(width + 1))?;
    Ok(())
}

fn drop_down(place: u16, count: usize) -> Result<DataValidation, XlsxError> {
    let column = rust_xlsxwriter::column_number_to_name(place);
    let list = Formula::new(format!("='{CHOICES_SHEET}'!${column}$1:${column}${count}"));
    DataValidation::new()
        .allow_list_formula(list)
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title("换一个试试")?
        .set_error_message("这一格请从右边的小箭头里选一个。")
}

fn write_help(sheet: &mut Worksheet, looks: &Looks) -> Result<(), XlsxError> {
    sheet.set_name(HELP_SHEET)?;
    for (line, row) in HELP.iter().zip(0u32..) {
        let look = if row == 0 { &looks.head } else { &looks.why };
        for (said, column) in line.iter().zip(0u16..) {
            sheet.write_string_with_format(row, column, *said, look)?;
        }
    }
    for (said, row) in AFTERWARDS.iter().zip(5u32..) {
        sheet.write_string_with_format(row, 0, *said, &looks.cell)?;
    }
    for (width, column) in [44u16, 36, 24].into_iter().zip(0u16..) {
        sheet.set_column_width(column, width)?;
    }
    Ok(())
}

fn write_choices(
    sheet: &mut Worksheet,
    offered: &[&(usize, Vec<String>)],
    looks: &Looks,
) -> Result<(), XlsxError> {
    sheet.set_name(CHOICES_SHEET)?;
    sheet.set_hidden(true);
    for ((_, list), column) in offered.iter().zip(0u16..) {
        for (said, row) in list.iter().zip(0u32..) {
            sheet.write_string_with_format(row, column, fitting(said), &looks.cell)?;
        }
    }
    Ok(())
}

/// A column that no sheet has is refused by the writer.
fn nth(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}

fn fitting(said: &str) -> String {
    said.chars().take(LONGEST_CELL).collect()
}

/// A Chinese character takes two columns.
fn columns_taken(said: &str) -> usize {
    said.chars()
        .map(|letter| if letter.is_ascii() { 1 } else { 2 })
        .sum()
}
