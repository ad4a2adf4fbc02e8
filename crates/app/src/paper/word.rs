//! Sheets as a Word file, where somebody goes on writing.

use docx_rs::{
    AlignmentType, BreakType, Docx, PageMargin, Paragraph, Run, RunFonts, Table, TableCell,
    TableRow, WidthType,
};
use press::{Block, Paper, Row, Sheet};

/// A4 less its margins, in twentieths of a point.
const WIDTH: usize = 9_860;

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
        .add_paragraph(paragraph)
}

fn fields(rows: &[Row]) -> Vec<Table> {
    let each = |row: &Row| {
        let share = WIDTH / row.cells.len().max(1);
        let cells = row.cells.iter().flat_map(|one| {
            let own = share / 4;
            [
                cell(own, label(&one.label)),
                cell(share - own, said(&one.value)),
            ]
        });
        Table::new(vec![TableRow::new(cells.collect())]).width(WIDTH, WidthType::Dxa)
    };
    rows.iter().map(each).collect()
}

fn listing(heads: &[String], widths: &[u8], rows: &[Vec<String>]) -> Table {
    let all: usize = widths.iter().map(|one| usize::from(*one)).sum();
    let width = |at: usize| {
        let own = widths.get(at).map_or(1, |one| usize::from(*one));
        WIDTH * own / all.max(1)
    };
    let line = |cells: Vec<Paragraph>| {
        let cells = cells.into_iter().enumerate();
        TableRow::new(cells.map(|(at, one)| cell(width(at), one)).collect())
    };
    let mut drawn = vec![line(heads.iter().map(|one| label(one)).collect())];
    drawn.extend(
        rows.iter()
            .map(|row| line(row.iter().map(|one| said(one)).collect())),
    );
    Table::new(drawn).width(WIDTH, WidthType::Dxa)
}

fn centred(text: &str, size: usize) -> Paragraph {
    let run = Run::new().size(size).bold().fonts(faces()).add_text(text);
    Paragraph::new().align(AlignmentType::Center).add_run(run)
}

fn add(mut docx: Docx, sheet: &Sheet) -> Docx {
    docx = docx.add_paragraph(centred(&sheet.school, 21));
    docx = docx.add_paragraph(centred(&sheet.title, 32));
    for block in &sheet.blocks {
        docx = match block {
            Block::Head { text } => docx.add_paragraph(label(text)),
            // A picture is printed from the PDF; here its line stands.
            Block::Note { text } | Block::Picture { text, .. } => docx.add_paragraph(said(text)),
            Block::Fields { rows } => fields(rows).into_iter().fold(docx, Docx::add_table),
            Block::Table {
                heads,
                widths,
                rows,
            } => docx.add_table(listing(heads, widths, rows)),
        };
    }
    for name in &sheet.signers {
        docx = docx.add_paragraph(said(&format!(
            "\n{name}：　　　　　　　　　　　　年　　月　　日"
        )));
    }
    docx
}

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
    let mut docx = Docx::new().page_size(11_906, 16_838).page_margin(margin);
    for (at, sheet) in paper.sheets.iter().enumerate() {
        if at > 0 {
            let turn = Run::new().add_break(BreakType::Page);
            docx = docx.add_paragraph(Paragraph::new().add_run(turn));
        }
        docx = add(docx, sheet);
    }
    docx = docx.add_paragraph(said(&paper.foot));
    let mut out = std::io::Cursor::new(Vec::new());
    docx.build()
        .pack(&mut out)
        .map_err(|error| error.to_string())?;
    Ok(out.into_inner())
}
