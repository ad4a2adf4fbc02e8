//! Any text in any cell of a roster: a value or a fault, never a panic, and a value that is read
//! again as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rules::identity::{
    CitizenId, Kinship, PersonName, Phone, Stage, fold_name, parse_class, parse_date,
};

fuzz_target!(|text: &str| {
    if let Ok(id) = CitizenId::parse(text) {
        assert_eq!(CitizenId::parse(id.as_str()).as_ref(), Ok(&id));
    }
    let _ = CitizenId::parse_number_cell(text);
    if let Ok(phone) = Phone::parse(text) {
        assert_eq!(Phone::parse(phone.as_str()).as_ref(), Ok(&phone));
        assert_eq!(Phone::parse(&phone.grouped()).as_ref(), Ok(&phone));
        assert!(phone.masked().contains("****"));
    }
    if let Ok(name) = PersonName::parse(text) {
        assert_eq!(PersonName::parse(name.as_str()).as_ref(), Ok(&name));
    }
    if let Ok(day) = parse_date(text) {
        assert_eq!(parse_date(&day.to_string()), Ok(day));
    }
    let _ = Kinship::parse(text);
    let folded = fold_name(text);
    assert_eq!(fold_name(&folded), folded);
    for stage in [Stage::Primary, Stage::Junior] {
        let _ = parse_class(None, text, 2025, stage);
        let _ = parse_class(Some(text), "3", 2025, stage);
    }
});
