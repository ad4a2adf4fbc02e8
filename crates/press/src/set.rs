//! Setting the sheets and writing the PDF.

use crate::{Block, Paper, PressFault, Sheet, world};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

/// How many generations of typeset parts are kept for the next sheet of the same kind.
const KEPT_GENERATIONS: usize = 5;

/// Sets the sheets and writes them as PDF. Long work: call it where waiting hurts nobody.
///
/// # Errors
/// When the description cannot be told to the template, or the template fails: our fault each time.
pub fn pdf(mut paper: Paper) -> Result<Vec<u8>, PressFault> {
    set_closer(&mut paper.sheets);
    // Pictures are kept unpacked: nobody needs them a second time.
    let kept = match paper.pictures.is_empty() {
        true => KEPT_GENERATIONS,
        false => 0,
    };
    let document = set(paper)?;
    if kept == 0 {
        // What setting has kept is as large again as what is set, and writing needs none of it.
        typst::comemo::evict(0);
    }
    let written = typst_pdf::pdf(&document, &PdfOptions::default());
    let written = written.map_err(|faults| fault(&faults));
    drop(document);
    typst::comemo::evict(kept);
    written
}

/// Finds out for each sheet whether it is set closer; on two cores, where there are two.
fn set_closer(sheets: &mut [Sheet]) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = sheets.len().div_ceil(cores.min(2)).max(1);
    std::thread::scope(|scope| {
        for part in sheets.chunks_mut(share) {
            scope.spawn(|| {
                for sheet in part {
                    sheet.close = is_closer_shorter(sheet);
                }
            });
        }
    });
}

fn fault(faults: &[typst::diag::SourceDiagnostic]) -> PressFault {
    let first = faults.first().map(|one| one.message.to_string());
    PressFault(first.unwrap_or_else(|| "no reason given".to_owned()))
}

fn set(mut paper: Paper) -> Result<PagedDocument, PressFault> {
    let pictures = std::mem::take(&mut paper.pictures);
    let data = serde_json::to_vec(&paper).map_err(|error| PressFault(error.to_string()))?;
    let world = world::Press::new(data, pictures);
    let set = typst::compile::<PagedDocument>(&world);
    set.output.map_err(|faults| fault(&faults))
}

/// Whether the sheet takes fewer pages when it is set closer. Each trial is set by itself and
/// forgotten at once: measured inside the long document, every trial stays in memory to its end.
pub(crate) fn is_closer_shorter(sheet: &Sheet) -> bool {
    let is_signed = sheet.stamp || !sheet.signers.is_empty();
    let has_picture = |block: &Block| matches!(block, Block::Picture { .. });
    if !is_signed || sheet.wide || sheet.blocks.iter().any(has_picture) {
        return false;
    }
    let pages = |close: bool| {
        let alone = Paper {
            sheets: vec![Sheet {
                close,
                ..sheet.clone()
            }],
            ..Paper::default()
        };
        let set = set(alone).map_or(0, |document| document.pages().len());
        typst::comemo::evict(0);
        set
    };
    let loose = pages(false);
    loose > 1 && pages(true) < loose
}
