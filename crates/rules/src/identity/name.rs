//! 姓名, also with a middle dot (阿依古丽·买买提) and in characters that few fonts have. Characters
//! are kept as they came: a name is not normalised away.

use alloc::string::String;
use core::fmt;

use super::text::{half_width_char, is_unseen};

/// 间隔号, as 姓名 are written in the 学籍 and on the ID card.
pub const MIDDLE_DOT: char = '\u{B7}';

/// A person's name as it is shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Nothing, or nothing but strokes and dots.
    Empty,
    TooLong {
        got: usize,
        most: usize,
    },
    /// A number where a name should be.
    Number,
    /// A line break or another control character within.
    Control,
    /// A sign that stands in no name: `<`, `=`, an emoji.
    Symbol(char),
    /// A question mark or replacement sign, as exports leave it for a character they do not know.
    LostCharacter,
}

/// What people and programs write where they have no name.
const NO_NAMES: [&str; 11] = [
    "无",
    "暂无",
    "未知",
    "不详",
    "不知道",
    "空",
    "没有",
    "TRUE",
    "FALSE",
    "NULL",
    "NONE",
];

/// Namesakes are told apart by a digit; a telephone that ran into the name has more.
const MOST_DIGITS: usize = 3;

impl PersonName {
    /// In characters: the longest names of the 学籍 have room.
    pub const MOST: usize = 50;

    /// Reads a name: every kind of dot becomes ·, spaces between Chinese characters go, one is kept
    /// between words in Latin letters.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_unseen(c));
        if text.chars().any(char::is_control) {
            return Err(NameFault::Control);
        }
        let name = tidy(text);
        if name.contains(['?', '？', '\u{FFFD}']) {
            return Err(NameFault::LostCharacter);
        }
        let symbol = name.chars().find(|&c| is_symbol(c));
        if !name.chars().any(is_letter) && (symbol.is_none() || name.chars().all(is_symbol)) {
            let number = name.contains(|c: char| c.is_ascii_digit());
            return Err(if number {
                NameFault::Number
            } else {
                NameFault::Empty
            });
        }
        if let Some(symbol) = symbol {
            return Err(NameFault::Symbol(symbol));
        }
        if NO_NAMES.contains(&name.to_uppercase().as_str()) {
            return Err(NameFault::Empty);
        }
        if name.chars().filter(char::is_ascii_digit).count() > MOST_DIGITS {
            return Err(NameFault::Number);
        }
        let got = name.chars().count();
        if got > Self::MOST {
            return Err(NameFault::TooLong {
                got,
                most: Self::MOST,
            });
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is searched for; see [`fold_name`].
    pub fn folded(&self) -> String {
        fold_name(&self.0)
    }
}

/// What is typed and what is searched in the same form: without dots and spaces, Latin letters
/// small.
pub fn fold_name(text: &str) -> String {
    text.chars()
        .map(half_width_char)
        .filter(|&c| !is_dot(c) && !c.is_whitespace() && !is_unseen(c))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Only the first character, because debug output ends up in logs.
impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first: String = self.0.chars().take(1).collect();
        write!(f, "PersonName({first}…)")
    }
}

/// The dots that keyboards and exports put for the 间隔号.
fn is_dot(c: char) -> bool {
    matches!(
        c,
        MIDDLE_DOT
            | '.'
            | '．'
            | '\u{0387}'
            | '\u{2022}'
            | '\u{2027}'
            | '\u{2219}'
            | '\u{22C5}'
            | '\u{25CF}'
            | '\u{30FB}'
            | '\u{FF65}'
    )
}

/// Brackets and commas stay full-width; only letters and digits are made narrow.
fn narrow(c: char) -> char {
    let half = half_width_char(c);
    if half.is_ascii_alphanumeric() {
        half
    } else {
        c
    }
}

/// One dot or space between the parts of the name, none at its ends.
fn tidy(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let (mut dot, mut space) = (false, false);
    for c in text.chars().filter(|&c| !is_unseen(c)).map(narrow) {
        if is_dot(c) {
            dot = true;
            continue;
        }
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let before = name.chars().next_back();
        if dot && before.is_some() {
            name.push(MIDDLE_DOT);
        } else if space && before.is_some_and(is_spaced) && is_spaced(c) {
            name.push(' ');
        }
        (dot, space) = (false, false);
        name.push(c);
    }
    name
}

/// Scripts that put spaces between words: those before the Chinese and Japanese blocks.
fn is_spaced(c: char) -> bool {
    c < '\u{2E80}' && c.is_alphabetic()
}

/// Anything but digits and punctuation. Characters of private use count: old systems keep rare
/// names there.
fn is_letter(c: char) -> bool {
    let punctuation =
        matches!(c, '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FF65}');
    c.is_alphabetic() || !(c.is_ascii() || punctuation || c == MIDDLE_DOT)
}

/// Brackets and hyphens tell namesakes apart or join parts of a name; these do neither.
fn is_symbol(c: char) -> bool {
    matches!(
        c,
        '<' | '>'
            | '='
            | '@'
            | '#'
            | '$'
            | '%'
            | '^'
            | '&'
            | '*'
            | '+'
            | '|'
            | '\\'
            | '/'
            | '{'
            | '}'
            | '['
            | ']'
            | ';'
            | ':'
            | '!'
            | '"'
            | '~'
            | '`'
            | '_'
    ) || matches!(c, '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use proptest::prelude::*;

    #[test]
    fn names_are_kept_and_their_dots_made_one() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(
                PersonName::parse(text).as_ref().map(PersonName::as_str),
                Ok(expected)
            );
        }
        check("李思雨", "李思雨");
        check(" 李\u{3000}明 ", "李明");
        check("张小明\n", "张小明");
        for dot in ["·", "•", ".", "・", "‧", "．", " · ", "··", "･"] {
            check(&format!("阿依古丽{dot}买买提"), "阿依古丽·买买提");
        }
        check("买买提·", "买买提");
        check("𠮷", "𠮷");
        check("王𬭼", "王𬭼");
        check("李䶮\u{E0100}", "李䶮\u{E0100}");
        check("\u{E86F}明", "\u{E86F}明");
        check("Ｊｏｈｎ  Smith", "John Smith");
        check("李明（大）", "李明（大）");
        check("李明2", "李明2");
        check("〇", "〇");
    }

    #[test]
    fn what_is_no_name_says_why() {
        #[track_caller]
        fn check(text: &str, expected: NameFault) {
            assert_eq!(PersonName::parse(text), Err(expected), "{text}");
        }
        check("", NameFault::Empty);
        check(" \u{200B}\u{3000}", NameFault::Empty);
        check("·", NameFault::Empty);
        check("<b>明</b>", NameFault::Symbol('<'));
        check("李明😀", NameFault::Symbol('😀'));
        check("=李明", NameFault::Symbol('='));
        check("=1+1", NameFault::Symbol('='));
        check("未知", NameFault::Empty);
        check("True", NameFault::Empty);
        check("张三13912345678", NameFault::Number);
        check("——", NameFault::Empty);
        check("/", NameFault::Empty);
        check("13912345678", NameFault::Number);
        check("２０１５", NameFault::Number);
        check("2015-3-12", NameFault::Number);
        check("李\n明", NameFault::Control);
        check("李\u{7}明", NameFault::Control);
        check("李?", NameFault::LostCharacter);
        check("李\u{FFFD}明", NameFault::LostCharacter);
    }

    #[test]
    fn fifty_characters_fit_and_fifty_one_do_not() {
        assert!(PersonName::parse(&"𠮷".repeat(49)).is_ok());
        assert!(PersonName::parse(&"𠮷".repeat(50)).is_ok());
        assert_eq!(
            PersonName::parse(&"𠮷".repeat(51)),
            Err(NameFault::TooLong { got: 51, most: 50 })
        );
    }

    #[test]
    fn names_are_found_without_their_dots() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            assert_eq!(PersonName::parse(text).unwrap().folded(), expected);
        }
        check("阿依古丽•买买提", "阿依古丽买买提");
        check("John Smith", "johnsmith");
        check("𠮷田", "𠮷田");
        assert_eq!(fold_name(" 阿依古丽 . "), "阿依古丽");
    }

    #[test]
    fn debug_output_shows_the_first_character_only() {
        let name = PersonName::parse("李思雨").unwrap();
        assert_eq!(format!("{name:?}"), "PersonName(李…)");
    }

    proptest! {
        #[test]
        fn reading_a_name_again_changes_nothing(text in any::<String>()) {
            if let Ok(name) = PersonName::parse(&text) {
                let again = PersonName::parse(name.as_str());
                prop_assert_eq!(again.as_ref().map(PersonName::as_str), Ok(name.as_str()));
                prop_assert_eq!(fold_name(&text), name.folded());
            }
        }
    }
}
