//! A Word file as rows: a paragraph is a row of one cell, a row of a table is a row of its cells.

use super::{Cell, Harvest, SheetFault};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, Event};

#[derive(Default)]
struct Reading {
    harvest: Harvest,
    row: u32,
    /// How many tables stand around; one inside another is text of its cell.
    depth: usize,
    cells: Vec<String>,
    text: String,
    in_run: bool,
    in_text: bool,
}

impl Reading {
    fn opened(&mut self, name: &str) {
        match (name, self.depth) {
            ("tbl", _) => self.depth += 1,
            ("tr", 1) => self.cells.clear(),
            ("tc", 1) | ("p", 0) => self.text.clear(),
            ("p", _) if !self.text.is_empty() => self.text.push('\n'),
            ("r", _) => self.in_run = true,
            ("t", _) => self.in_text = self.in_run,
            _ => {}
        }
    }

    /// What stands for itself in a run.
    fn stood(&mut self, name: &str) {
        match name {
            "br" | "cr" if self.in_run => self.text.push('\n'),
            "tab" if self.in_run => self.text.push(' '),
            _ => {}
        }
    }

    fn closed(&mut self, name: &str) -> Result<(), SheetFault> {
        match (name, self.depth) {
            ("tbl", _) => self.depth = self.depth.saturating_sub(1),
            ("tc", 1) => self.cells.push(std::mem::take(&mut self.text)),
            ("tr", 1) => return self.put(),
            ("p", 0) => {
                self.cells = vec![std::mem::take(&mut self.text)];
                return self.put();
            }
            ("r", _) => self.in_run = false,
            ("t", _) => self.in_text = false,
            _ => {}
        }
        Ok(())
    }

    fn put(&mut self) -> Result<(), SheetFault> {
        for (text, column) in std::mem::take(&mut self.cells).iter().zip(0u32..) {
            self.harvest.put(self.row, column, Cell::from_text(text))?;
        }
        self.row = self.row.checked_add(1).ok_or(SheetFault::TooManyCells)?;
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if self.in_text {
            self.text.push_str(text);
        }
    }
}

fn letter(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return letter.to_string();
    }
    let named = resolve_predefined_entity(reference);
    named.unwrap_or_default().to_owned()
}

/// What was taken out with its changes shown, and a second drawing for old programs, are not there.
fn is_gone(name: &str) -> bool {
    matches!(name, "del" | "moveFrom" | "Fallback")
}

/// `xml`: the text of `word/document.xml`.
pub fn rows(xml: &str) -> Result<Harvest, SheetFault> {
    let mut reader = Reader::from_str(xml);
    let mut reading = Reading::default();
    loop {
        match reader.read_event().map_err(|_| SheetFault::Damaged)? {
            Event::Start(tag) if is_gone(tag.local_name().as_ref()) => {
                let gone = reader.read_to_end(tag.name());
                gone.map_err(|_| SheetFault::Damaged)?;
            }
            Event::Start(tag) => reading.opened(tag.local_name().as_ref()),
            Event::Empty(tag) if tag.local_name().as_ref() == "p" => {
                reading.opened("p");
                reading.closed("p")?;
            }
            Event::Empty(tag) => reading.stood(tag.local_name().as_ref()),
            Event::End(tag) => reading.closed(tag.local_name().as_ref())?,
            Event::Text(text) => reading.say(&text.xml10_content()),
            Event::CData(text) => reading.say(&text.xml10_content()),
            Event::GeneralRef(reference) => reading.say(&letter(&reference)),
            Event::Eof => return Ok(reading.harvest),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}
