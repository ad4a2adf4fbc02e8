//! Paper: a description of sheets in, a PDF with its fonts out.
//!
//! The template never sees markup from outside: what it sets comes as data and stays text.

mod guess;
mod paper;
#[cfg(feature = "pdf")]
mod set;
#[cfg(feature = "pdf")]
mod world;

pub use guess::surely_fits;
pub use paper::{Block, Card, Cell, Paper, Row, Rows, Sheet};
#[cfg(feature = "pdf")]
pub use set::pdf;

/// Why no PDF came of it; for the log, never for a page.
#[derive(Debug)]
pub struct PressFault(pub String);

impl std::fmt::Display for PressFault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for PressFault {}

/// Whether this build can set type at all; without, [`pdf`] fails each time.
pub const SETS_TYPE: bool = cfg!(feature = "pdf");

/// Sets the sheets and writes them as PDF.
///
/// # Errors
/// Always: this build has no press.
#[cfg(not(feature = "pdf"))]
pub fn pdf(_: Paper) -> Result<Vec<u8>, PressFault> {
    Err(PressFault("built without the press".to_owned()))
}

#[cfg(all(test, feature = "pdf"))]
mod tests;
