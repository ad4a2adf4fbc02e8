//! What typing and copying do to a cell: full-width forms, spaces, characters nobody sees.

use alloc::string::String;

/// One full-width character in its ASCII form; every other character as it is.
pub(super) fn half_width_char(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// Full-width letters, digits and punctuation (U+FF01–FF5E) to ASCII, the ideographic space to a
/// space.
pub fn half_width(text: &str) -> String {
    text.chars().map(half_width_char).collect()
}

/// True of characters that take no room on paper: zero-width spaces and joiners, marks of writing
/// direction, the soft hyphen, the byte order mark. Variation selectors are not among them: they
/// choose the shape of a rare character.
pub(super) fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// Without spaces, outside or inside, and without characters that nobody sees.
pub fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|&c| !c.is_whitespace() && !is_unseen(c))
        .collect()
}

/// True where two people who write down an edition mean the same one: `1`, `１`, `第 1 版`, and `V1`
/// beside `v1`. Numerals of other kinds (一) are not read.
pub fn is_same_mark(one: &str, other: &str) -> bool {
    mark(one) == mark(other)
}

fn mark(text: &str) -> String {
    let mut plain = squeeze(&half_width(text));
    plain.make_ascii_lowercase();
    let inner = plain.strip_prefix('第').unwrap_or(&plain);
    let inner = inner.strip_suffix(['版', '期', '号']).unwrap_or(inner);
    String::from(if inner.is_empty() { &plain } else { inner })
}

/// A cell that holds a number of some kind: half-width, squeezed, capital letters, and without the
/// apostrophe by which spreadsheets mark text.
pub(super) fn plain_code(text: &str) -> String {
    let mut plain = squeeze(&half_width(text));
    plain.make_ascii_uppercase();
    match plain.strip_prefix(['\'', '‘', '’']) {
        Some(rest) => String::from(rest),
        None => plain,
    }
}

/// True of `9.9082720150312e+17`: a long number that a spreadsheet has shortened.
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return false;
    };
    let whole_and_rest = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
    [whole_and_rest.0, whole_and_rest.1, exponent]
        .iter()
        .all(|part| is_digits(part))
}

/// True of one or more ASCII digits and nothing else.
pub(super) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edition_is_known_however_it_is_written() {
        for (one, other, same) in [
            ("1", "１", true),
            ("第1版", "1", true),
            ("第 １ 版", "1版", true),
            ("V2", "v2", true),
            ("1", "2", false),
            ("第1版", "第11版", false),
            ("版", "", false),
            ("2025秋", "2025春", false),
        ] {
            assert_eq!(is_same_mark(one, other), same, "{one} {other}");
            assert_eq!(is_same_mark(other, one), same, "{other} {one}");
        }
    }

    #[test]
    fn full_width_becomes_ascii_and_the_rest_stays() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(half_width(text), expected);
        }
        check("１２３ＡＢｘ", "123ABx");
        check("三（２）班", "三(2)班");
        check("２０１５－３－１２　上午", "2015-3-12 上午");
        check("𠮷田·𬭼", "𠮷田·𬭼");
        check("", "");
    }

    #[test]
    fn squeezing_drops_spaces_and_what_nobody_sees() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(squeeze(text), expected);
        }
        check("  139 1234\t5678\n", "13912345678");
        check("\u{FEFF}女\u{200B}", "女");
        check("\u{3000}李\u{00A0}明\u{202C}", "李明");
        check(" \u{200D} ", "");
    }

    #[test]
    fn scientific_notation_is_known_in_its_usual_forms() {
        #[track_caller]
        fn check(text: &str, expected: bool) {
            assert_eq!(is_scientific(text), expected, "{text}");
        }
        check("9.9082720150312e+17", true);
        check("3.40524E+17", true);
        check("4E17", true);
        check("9.9082720150312", false);
        check("E17", false);
        check("1.2.3E17", false);
        check("护照E17", false);
    }

    #[test]
    fn the_text_mark_of_spreadsheets_is_no_part_of_a_number() {
        assert_eq!(plain_code("'11010519491231002x"), "11010519491231002X");
        assert_eq!(plain_code("＇１２３"), "123");
    }
}
