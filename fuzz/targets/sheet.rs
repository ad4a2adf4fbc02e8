//! Any bytes as an uploaded sheet: rows within the limits or a fault, never a panic.
#![no_main]
#![allow(
    dead_code,
    unused_imports,
    reason = "the program's own module, of which only the reader is driven here"
)]

#[path = "../../crates/app/src/sheets/mod.rs"]
mod sheets;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(sheet) = sheets::read(bytes) {
        let lines: Vec<u32> = sheet.rows.iter().map(|row| row.line).collect();
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
    }
});
