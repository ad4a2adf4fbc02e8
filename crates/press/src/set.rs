//! Setting the sheets and writing the PDF.

use crate::guess::{is_signed, surely_fits};
use crate::{Block, Paper, PressFault, Rows, Sheet, world};
use typst::foundations::{Label, Selector};
use typst::introspection::Introspector;
use typst::utils::PicoStr;
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

/// How many generations of typeset parts are kept for the next sheet of the same kind.
const KEPT_GENERATIONS: usize = 5;

/// A trial costs as much as ten pages before its first page stands.
const TRIED_AT_ONCE: usize = 16;

/// A longer paper is written without the marks by which a screen reader finds its way: they are nine
/// tenths of the file, and a sixth of the memory. Who wants them prints fewer sheets at a time.
const MOST_TAGGED: usize = 60;

/// Sets the sheets and writes them as PDF. Long work: call it where waiting hurts nobody.
///
/// # Errors
/// When the description cannot be told to the template, or the template fails: our fault each time.
pub fn pdf(mut paper: Paper) -> Result<Vec<u8>, PressFault> {
    set_rows(&mut paper.sheets);
    let is_long = paper.sheets.len() > MOST_TAGGED;
    // Pictures are kept unpacked, and a long paper is as large: nobody needs them a second time.
    let kept = match is_long || !paper.pictures.is_empty() {
        true => 0,
        false => KEPT_GENERATIONS,
    };
    let options = PdfOptions {
        tagged: !is_long,
        ..PdfOptions::default()
    };
    let document = set(paper)?;
    let written = typst_pdf::pdf(&document, &options);
    let written = written.map_err(|faults| fault(&faults));
    drop(document);
    typst::comemo::evict(kept);
    written
}

/// Finds out for each sheet how high its rows are; on two cores, where there are two.
pub(crate) fn set_rows(sheets: &mut [Sheet]) {
    let (upright, others): (Vec<&mut Sheet>, Vec<&mut Sheet>) =
        sheets.iter_mut().partition(|one| is_tried(one));
    for other in others {
        other.rows = match !other.wide && is_long_list(other) {
            true => Rows::Snug,
            false => Rows::Usual,
        };
    }
    let long = upright.into_iter().filter(|one| !surely_fits(one));
    let mut upright: Vec<&mut Sheet> = long.collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = upright.len().div_ceil(cores.min(2)).max(1);
    std::thread::scope(|scope| {
        for part in upright.chunks_mut(share) {
            scope.spawn(|| {
                for some in part.chunks_mut(TRIED_AT_ONCE) {
                    try_rows(some);
                    typst::comemo::evict(1);
                }
            });
        }
    });
    if upright.len() > TRIED_AT_ONCE {
        typst::comemo::evict(0);
    }
}

fn fault(faults: &[typst::diag::SourceDiagnostic]) -> PressFault {
    let first = faults.first().map(|one| one.message.to_string());
    PressFault(first.unwrap_or_else(|| "no reason given".to_owned()))
}

fn set(mut paper: Paper) -> Result<PagedDocument, PressFault> {
    let pictures = std::mem::take(&mut paper.pictures);
    let told =
        |paper: &Paper| serde_json::to_vec(paper).map_err(|error| PressFault(error.to_string()));
    let mut data = told(&paper)?;
    // A name that is not printed as it is written is said, and not left to be found.
    let undrawn = world::undrawn(&String::from_utf8_lossy(&data));
    if undrawn > 0 {
        let said = format!("　这一份有{undrawn}个生僻字印不出来，印成了方框，请手写补上。");
        paper.foot.push_str(&said);
        data = told(&paper)?;
    }
    drop(paper);
    let world = world::Press::new(data, pictures);
    let set = typst::compile::<PagedDocument>(&world);
    set.output.map_err(|faults| fault(&faults))
}

/// More lines than this are on several pages, and each trial sets them all.
const MOST_TRIED: usize = 40;

/// A long list of what was written: no hand fills it in, so that its rows are close without a trial.
fn is_long_list(sheet: &Sheet) -> bool {
    let written = |block: &Block| match block {
        Block::Table { rows, .. } => {
            let filled = rows
                .iter()
                .filter(|row| row.iter().any(|cell| !cell.is_empty()));
            filled.count()
        }
        Block::Head { .. } | Block::Fields { .. } | Block::Picture { .. } | Block::Note { .. } => 0,
    };
    sheet.blocks.iter().map(written).sum::<usize>() > MOST_TRIED
}

/// A sheet that stands upright; a list on its side, or a long one, has many lines, and a picture has its
/// own size.
fn is_tried(sheet: &Sheet) -> bool {
    let is_picture = |block: &Block| matches!(block, Block::Picture { .. });
    !sheet.wide && !is_long_list(sheet) && !sheet.blocks.iter().any(is_picture)
}

/// Sets lower the rows of those that take fewer pages so. Trials are set by themselves and forgotten:
/// measured inside the long document, every trial stays in memory to its end.
fn try_rows(sheets: &mut [&mut Sheet]) {
    let open = pages_with(Rows::Open, sheets.iter().map(|one| &**one));
    let mut long: Vec<(&mut &mut Sheet, usize)> = sheets
        .iter_mut()
        .zip(open)
        .filter(|(_, pages)| *pages > 1)
        .collect();
    let usual = pages_with(Rows::Usual, long.iter().map(|(sheet, _)| &***sheet));
    for ((sheet, pages), usual) in long.iter_mut().zip(usual) {
        if usual < *pages {
            (sheet.rows, *pages) = (Rows::Usual, usual);
        }
    }
    long.retain(|(sheet, pages)| *pages > 1 && is_signed(sheet));
    let close = pages_with(Rows::Close, long.iter().map(|(sheet, _)| &***sheet));
    for ((sheet, pages), close) in long.iter_mut().zip(close) {
        if close < *pages {
            (sheet.rows, *pages) = (Rows::Close, close);
        }
    }
    // No closer than it must be.
    long.retain(|(sheet, _)| matches!(sheet.rows, Rows::Close));
    let snug = pages_with(Rows::Snug, long.iter().map(|(sheet, _)| &***sheet));
    for ((sheet, pages), snug) in long.iter_mut().zip(snug) {
        if snug == *pages {
            sheet.rows = Rows::Snug;
        }
    }
}

fn pages_with<'a>(rows: Rows, sheets: impl Iterator<Item = &'a Sheet>) -> Vec<usize> {
    let with = |sheet: &Sheet| Sheet {
        rows,
        ..sheet.clone()
    };
    pages_of(sheets.map(with).collect())
}

/// How many pages each takes; nothing where they cannot be set.
pub(crate) fn pages_of(sheets: Vec<Sheet>) -> Vec<usize> {
    if sheets.is_empty() {
        return Vec::new();
    }
    let trial = Paper {
        sheets,
        ..Paper::default()
    };
    let Ok(document) = set(trial) else {
        return Vec::new();
    };
    let Some(begins) = Label::new(PicoStr::intern("begins")) else {
        return Vec::new();
    };
    let introspector = document.introspector();
    let found = introspector.query(&Selector::Label(begins));
    let places = found.iter().filter_map(|one| one.location());
    let mut starts: Vec<usize> = places
        .filter_map(|place| introspector.page(place).map(usize::from))
        .collect();
    starts.push(document.pages().len() + 1);
    starts
        .windows(2)
        .filter_map(|two| Some(two.get(1)? - two.first()?))
        .collect()
}
