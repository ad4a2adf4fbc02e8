//! Sheets as a Word file, where somebody goes on writing.

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, HeightRule, LineSpacing, NumPages, PageMargin, PageNum,
    PageOrientationType, Paragraph, Run, RunFonts, Table, TableCell, TableRow, VAlignType,
    WidthType,
};
use press::{Block, Card, Paper, Row, Sheet, surely_fits};
use std::io::{self, Cursor};
use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A4, in twentieths of a point.
const A4: (usize, usize) = (11_906, 16_838);
/// On both sides together.
const MARGINS: usize = 2_046;
/// Twentieths of a point in a millimetre, nearly.
const MILLIMETRE: u16 = 57;
/// Room for a name by hand, and for a seal beside it, in millimetres.
const SIGN_HIGH: u8 = 16;
/// What a field is called, as wide as on the press.
const LABEL: usize = 1_368;
/// So many sign beside one another; the others below.
const SIGNS_ABREAST: usize = 3;
/// A row, and one of a filled sheet that would take a page more.
const ROW_HIGH: u8 = 9;
const READ_HIGH: u8 = 7;

/// What stands around a mark, which is hidden on screen and on paper.
pub const MARK: (&str, &str) = ("〔编号:", "〕");

/// The mark of a sheet that does not come back.
const NOTHING: &str = "-/";

fn marked(paragraph: Paragraph, mark: &str) -> Paragraph {
    if mark.is_empty() {
        return paragraph;
    }
    let text = format!("{}{mark}{}", MARK.0, MARK.1);
    paragraph.add_run(Run::new().size(2).vanish().add_text(text))
}

fn high(row: TableRow, millimetres: u8) -> TableRow {
    row.row_height(f32::from(u16::from(millimetres) * MILLIMETRE))
        .height_rule(HeightRule::AtLeast)
}

fn faces() -> RunFonts {
    // Windows brings them; what a machine lacks it replaces by its own.
    RunFonts::new().ascii("Times New Roman").east_asia("仿宋")
}

fn said(text: &str) -> Paragraph {
    let mut run = Run::new().size(21).fonts(faces());
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            run = run.add_break(BreakType::TextWrapping);
        }
        run = run.add_text(line);
    }
    Paragraph::new().add_run(run)
}

fn label(text: &str) -> Paragraph {
    Paragraph::new().add_run(Run::new().size(21).bold().fonts(faces()).add_text(text))
}

fn cell(width: usize, paragraph: Paragraph) -> TableCell {
    TableCell::new()
        .width(width, WidthType::Dxa)
        .vertical_align(VAlignType::Center)
        .add_paragraph(paragraph)
}

/// In millimetres; where a hand writes everything there is always room for it.
fn least(sheet: &Sheet, rows: &[Row]) -> u8 {
    let mut cells = rows.iter().flat_map(|row| &row.cells);
    let is_written = cells.any(|one| !one.value.is_empty());
    if is_written && !surely_fits(sheet) {
        READ_HIGH
    } else {
        ROW_HIGH
    }
}

fn fields(rows: &[Row], (width, least): (usize, u8)) -> Vec<Table> {
    let each = |row: &Row| {
        let share = width / row.cells.len().max(1);
        let cells = row.cells.iter().flat_map(|one| {
            let own = LABEL.min(share / 2);
            [
                cell(own, label(&one.label)),
                cell(share - own, said(&one.value)),
            ]
        });
        let line = high(TableRow::new(cells.collect()), row.room.max(least));
        Table::new(vec![line]).width(width, WidthType::Dxa)
    };
    rows.iter().map(each).collect()
}

/// Who signs, where the seal goes, and the day: each with room for a hand.
fn signatures(names: &[&str], whole: usize) -> Table {
    let many = names.len().clamp(1, SIGNS_ABREAST);
    let width = whole / many;
    let line = |some: &[&str]| {
        let own = (0..many).map(|at| some.get(at).copied().unwrap_or_default());
        let signs = own.map(|name| cell(width, label(name)));
        high(TableRow::new(signs.collect()), SIGN_HIGH)
    };
    let day = said("　　　　年　　月　　日").align(AlignmentType::Right);
    let day = cell(whole, day).grid_span(many);
    let mut rows: Vec<TableRow> = names.chunks(many).map(line).collect();
    rows.push(high(TableRow::new(vec![day]), ROW_HIGH));
    Table::new(rows).width(whole, WidthType::Dxa)
}

fn card(one: &Card, width: usize) -> Vec<Table> {
    let mut tables = fields(&one.rows, (width, ROW_HIGH));
    let names: Vec<&str> = one.sign.iter().map(String::as_str).collect();
    tables.push(signatures(&names, width));
    tables
}

fn listing(
    (heads, widths, whole): (&[String], &[u8], usize),
    rows: &[Vec<String>],
    marks: &[String],
) -> Table {
    let all: usize = widths.iter().map(|one| usize::from(*one)).sum();
    let width = |at: usize| {
        let own = widths.get(at).map_or(1, |one| usize::from(*one));
        whole * own / all.max(1)
    };
    let line = |cells: Vec<Paragraph>| {
        let cells = cells.into_iter().enumerate();
        TableRow::new(cells.map(|(at, one)| cell(width(at), one)).collect())
    };
    let head = line(heads.iter().map(|one| label(one)).collect());
    let mut drawn = vec![head.cant_split()];
    for (row, at) in rows.iter().zip(0..) {
        let mut cells: Vec<Paragraph> = row.iter().map(|one| said(one)).collect();
        if let Some(first) = cells.first_mut() {
            let mark = marks.get(at).map_or("", String::as_str);
            *first = marked(std::mem::take(first), mark);
        }
        drawn.push(high(line(cells), ROW_HIGH));
    }
    Table::new(drawn).width(whole, WidthType::Dxa)
}

fn centred(text: &str, size: usize) -> Paragraph {
    let run = Run::new().size(size).bold().fonts(faces()).add_text(text);
    Paragraph::new().align(AlignmentType::Center).add_run(run)
}

fn add(mut docx: Docx, sheet: &Sheet, (is_first, width): (bool, usize)) -> Docx {
    let school = centred(&sheet.school, 21).page_break_before(!is_first);
    docx = docx.add_paragraph(school);
    // Also what does not come back says so: it ends the sheet before it.
    let mark = if sheet.mark.is_empty() {
        NOTHING
    } else {
        &sheet.mark
    };
    docx = docx.add_paragraph(marked(centred(&sheet.title, 32), mark));
    for block in &sheet.blocks {
        docx = match block {
            Block::Head { text } => {
                let room = LineSpacing::new().before(200).after(100);
                docx.add_paragraph(label(text).line_spacing(room).keep_next(true))
            }
            // A picture is printed from the PDF; here its line stands.
            Block::Note { text } | Block::Picture { text, .. } => docx.add_paragraph(said(text)),
            Block::Fields { rows } => {
                let tables = fields(rows, (width, least(sheet, rows)));
                tables.into_iter().fold(docx, Docx::add_table)
            }
            Block::Table {
                heads,
                widths,
                rows,
                marks,
            } => docx.add_table(listing((heads, widths, width), rows, marks)),
        };
    }
    let mut names: Vec<&str> = sheet.signers.iter().map(String::as_str).collect();
    if sheet.stamp {
        names.push("学校盖章");
    }
    if names.is_empty() {
        return docx;
    }
    docx.add_paragraph(Paragraph::new())
        .add_table(signatures(&names, width))
}

/// The library cannot say that a row of heads stands on every page: it is said beside the property
/// that rows of heads alone have.
fn with_heads(document: Vec<u8>) -> Result<Vec<u8>, String> {
    let text = String::from_utf8(document).map_err(|error| error.to_string())?;
    Ok(text
        .replace(HEAD, &format!("{HEAD}<w:tblHeader />"))
        .replace(
            ROW,
            &format!("<w:trPr><w:cantSplit w:val=\"true\" />{HEIGHT}"),
        )
        .into_bytes())
}

/// A row of a list or a form: what it says stays together.
const ROW: &str = "<w:trPr><w:trHeight";
const HEIGHT: &str = "<w:trHeight";

const HEAD: &str = "<w:cantSplit />";

/// The file, a new page for each sheet.
///
/// # Errors
/// When the file cannot be packed; our fault each time.
pub fn file(paper: &Paper) -> Result<Vec<u8>, String> {
    let margin = PageMargin::new()
        .top(1_134)
        .bottom(1_134)
        .left(1_020)
        .right(1_020);
    let foot = said(&paper.foot)
        .add_run(Run::new().add_text("　　"))
        .add_page_num(PageNum::new())
        .add_run(Run::new().add_text("/"))
        .add_num_pages(NumPages::new());
    let foot = Footer::new().add_paragraph(foot);
    // A file has one shape of page: lists of many columns alone lie on their side.
    let lies = !paper.sheets.is_empty() && paper.sheets.iter().all(|sheet| sheet.wide);
    let ((across, down), orient) = match lies {
        true => ((A4.1, A4.0), PageOrientationType::Landscape),
        false => (A4, PageOrientationType::Portrait),
    };
    let width = across - MARGINS;
    let page = |twips: usize| u32::try_from(twips).unwrap_or_default();
    let mut docx = Docx::new()
        .page_size(page(across), page(down))
        .page_orient(orient)
        .page_margin(margin)
        .footer(foot);
    for (at, sheet) in paper.sheets.iter().enumerate() {
        docx = add(docx, sheet, (at == 0, width));
    }
    for (at, one) in paper.cards.iter().enumerate() {
        let head = centred("家校联系卡", 32).page_break_before(at > 0);
        docx = docx.add_paragraph(head);
        docx = card(one, width).into_iter().fold(docx, Docx::add_table);
    }
    let mut out = Cursor::new(Vec::new());
    let mut parts = docx.build();
    parts.document = with_heads(parts.document)?;
    parts.pack(&mut out).map_err(|error| error.to_string())?;
    pressed(out).map_err(|error| error.to_string())
}

/// The library packs its parts as they are; a class's file would be ten times what a phone need send.
fn pressed(loose: Cursor<Vec<u8>>) -> ZipResult<Vec<u8>> {
    let mut from = ZipArchive::new(loose)?;
    let mut into = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for at in 0..from.len() {
        let mut part = from.by_index(at)?;
        let name = part.name()?.into_owned();
        into.start_file(name, options)?;
        io::copy(&mut part, &mut into)?;
    }
    Ok(into.finish()?.into_inner())
}
