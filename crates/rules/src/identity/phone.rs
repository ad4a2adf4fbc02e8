//! Phone numbers of families, after requirements.md A.2: mobile numbers of 11 digits, landlines
//! with their area code.

use alloc::collections::BTreeSet;
use alloc::{format, string::String, vec::Vec};
use core::fmt;

use super::text::{half_width, is_digits, is_scientific, plain_code};

/// A number that can be rung up from anywhere in the country.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone {
    digits: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Mobile,
    /// With the number of digits of its area code, the 0 included.
    Landline {
        area: usize,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneFault {
    Empty,
    /// Digits are missing or too many. Seven or eight are a landline without its area code.
    Length {
        got: usize,
        wanted: usize,
    },
    /// Something other than digits and separators, or digits that no number begins with.
    Shape,
    /// `1.39E+10`: a spreadsheet has left out digits.
    EatenByExcel,
}

/// The digits of a mobile number, and of most landlines with their area code.
const WANTED: usize = 11;

impl Phone {
    /// Reads a mobile number, also behind +86, or a landline. Spaces, hyphens, brackets and
    /// full-width digits are accepted; two numbers in one cell are not.
    pub fn parse(text: &str) -> Result<Self, PhoneFault> {
        let plain = plain_code(text);
        if plain.is_empty() {
            return Err(PhoneFault::Empty);
        }
        if is_scientific(&plain) {
            return Err(PhoneFault::EatenByExcel);
        }
        let joined: String = plain.chars().filter(|c| !is_separator(*c)).collect();
        let joined = joined
            .strip_prefix("+86")
            .or_else(|| joined.strip_prefix("0086"))
            .unwrap_or(&joined);
        if !is_digits(joined) {
            return Err(PhoneFault::Shape);
        }
        let digits = match joined.strip_prefix("86") {
            Some(rest) if rest.len() == WANTED && is_mobile(rest) => rest,
            _ => joined,
        };
        let kind = kind_of(digits)?;
        Ok(Self {
            digits: String::from(digits),
            kind,
        })
    }

    /// The numbers of a cell in which somebody wrote several, as they stand: `13912345678/13812345678`,
    /// 和, 或, commas or else spaces between them, each once. Empty where that is not what the cell
    /// holds.
    pub fn several(text: &str) -> Vec<Self> {
        let plain = half_width(text);
        // A number may be written in groups: spaces part two numbers only where nothing else does.
        let strokes = |one: char| matches!(one, '/' | '\\' | ',' | ';' | '、' | '和' | '或' | '\n');
        let mut parts: Vec<&str> = plain.split(strokes).collect();
        if parts.len() == 1 {
            parts = plain.split_whitespace().collect();
        }
        parts.retain(|part| !part.trim().is_empty());
        let all: Result<Vec<Self>, PhoneFault> = parts.into_iter().map(Self::parse).collect();
        let mut all = all.ok().filter(|all| all.len() > 1).unwrap_or_default();
        let mut known = BTreeSet::new();
        all.retain(|one| known.insert(one.digits.clone()));
        all
    }

    /// The digits alone.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// A message can be sent to it.
    pub fn is_mobile(&self) -> bool {
        self.kind == Kind::Mobile
    }

    /// `139****5678`, `0556-****1234`.
    pub fn masked(&self) -> String {
        match self.kind {
            Kind::Mobile => format!("{}****{}", self.between(0, 3), self.last4()),
            Kind::Landline { area } => format!("{}-****{}", self.between(0, area), self.last4()),
        }
    }

    /// As it is read aloud: `139 1234 5678`, `0556-7101234`.
    pub fn grouped(&self) -> String {
        let end = self.digits.len();
        match self.kind {
            Kind::Mobile => format!(
                "{} {} {}",
                self.between(0, 3),
                self.between(3, 7),
                self.between(7, end)
            ),
            Kind::Landline { area } => {
                format!("{}-{}", self.between(0, area), self.between(area, end))
            }
        }
    }

    /// 尾号, by which a family knows its own number.
    pub fn last4(&self) -> &str {
        self.between(self.digits.len().saturating_sub(4), self.digits.len())
    }

    fn between(&self, from: usize, to: usize) -> &str {
        self.digits.get(from..to).unwrap_or_default()
    }
}

/// Masked, because debug output ends up in logs.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        '-' | '(' | ')' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}'
    )
}

fn is_mobile(digits: &str) -> bool {
    let mut first = digits.chars();
    first.next() == Some('1') && matches!(first.next(), Some('3'..='9'))
}

fn kind_of(digits: &str) -> Result<Kind, PhoneFault> {
    let got = digits.len();
    let length = PhoneFault::Length {
        got,
        wanted: WANTED,
    };
    if digits.starts_with('0') {
        let area = area_code(digits).ok_or(PhoneFault::Shape)?;
        let local = digits.get(area..).unwrap_or_default();
        if !matches!(local.len(), 7 | 8) {
            return Err(length);
        }
        // Local numbers leave 0 and 1 to long-distance calls and services.
        return match local.chars().next() {
            Some('2'..='9') => Ok(Kind::Landline { area }),
            _ => Err(PhoneFault::Shape),
        };
    }
    if got != WANTED {
        return Err(length);
    }
    if is_mobile(digits) {
        Ok(Kind::Mobile)
    } else {
        Err(PhoneFault::Shape)
    }
}

/// How many digits the area code has: 010 and 02x are the big cities, all others have four.
fn area_code(digits: &str) -> Option<usize> {
    let mut chars = digits.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('1'), Some('0')) | (Some('2'), _) | (None, _) => Some(3),
        (Some('3'..='9'), _) => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mobile_numbers_are_read_in_their_usual_forms() {
        #[track_caller]
        fn check(text: &str) {
            let phone = Phone::parse(text).unwrap();
            assert_eq!(phone.as_str(), "13912345678");
            assert!(phone.is_mobile());
        }
        check("13912345678");
        check(" 139 1234 5678 ");
        check("139-1234-5678");
        check("１３９１２３４５６７８");
        check("+86 139 1234 5678");
        check("（+86）13912345678");
        check("0086-13912345678");
        check("8613912345678");
        check("'13912345678\u{202C}");
        check("\u{202D}139–1234—5678");
    }

    #[test]
    fn numbers_are_shown_masked_grouped_or_by_their_end() {
        #[track_caller]
        fn check(text: &str, masked: &str, grouped: &str, last4: &str) {
            let phone = Phone::parse(text).unwrap();
            assert_eq!(phone.masked(), masked);
            assert_eq!(phone.grouped(), grouped);
            assert_eq!(phone.last4(), last4);
        }
        check("13912345678", "139****5678", "139 1234 5678", "5678");
        check("0556-7101234", "0556-****1234", "0556-7101234", "1234");
        check("(0556)71012345", "0556-****2345", "0556-71012345", "2345");
        check("010 6512 3456", "010-****3456", "010-65123456", "3456");
        check("021－65123456", "021-****3456", "021-65123456", "3456");
        check("0205123456", "020-****3456", "020-5123456", "3456");
    }

    #[test]
    fn what_is_no_phone_number_says_why() {
        #[track_caller]
        fn check(text: &str, expected: PhoneFault) {
            assert_eq!(Phone::parse(text), Err(expected), "{text}");
        }
        fn length(got: usize) -> PhoneFault {
            PhoneFault::Length { got, wanted: 11 }
        }
        check("", PhoneFault::Empty);
        check("\u{3000}", PhoneFault::Empty);
        check("1600000123", length(10));
        check("139123456789", length(12));
        check("7101234", length(7));
        check("0556-71012", length(9));
        check("0556-710123456", length(13));
        check("0", length(1));
        check("12912345678", PhoneFault::Shape);
        check("21391234567", PhoneFault::Shape);
        check("0556-1101234", PhoneFault::Shape);
        check("00013912345", PhoneFault::Shape);
        check("停机", PhoneFault::Shape);
        check("13912345678/13812345678", PhoneFault::Shape);
        check("13912345678 13812345678", length(22));
        check("1.3912E+10", PhoneFault::EatenByExcel);
        check("--", PhoneFault::Shape);
    }

    #[test]
    fn several_numbers_of_one_cell_are_told_apart() {
        let two = ["13912345678", "13812345678"];
        let table: [(&str, &[&str]); 11] = [
            ("13912345678/13912345678", &["13912345678"]),
            (
                "139 1234 5678 / 0556-7101234",
                &["13912345678", "05567101234"],
            ),
            ("13912345678/13812345678", &two),
            ("13912345678、138 1234 5678", &two),
            ("13912345678 13812345678", &two),
            ("１３９１２３４５６７８，13812345678", &two),
            (
                "13912345678 或 0556-7101234",
                &["13912345678", "05567101234"],
            ),
            ("13912345678", &[]),
            ("13912345678/1381234567", &[]),
            ("13912345678/妈妈", &[]),
            ("", &[]),
        ];
        for (text, expected) in table {
            let found = Phone::several(text);
            let found: Vec<&str> = found.iter().map(Phone::as_str).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn masking_never_shows_the_middle(digits in "1[3-9][0-9]{9}") {
            let phone = Phone::parse(&digits).unwrap();
            let masked = phone.masked();
            prop_assert_eq!(masked.get(3..7), Some("****"));
            prop_assert_eq!(masked.len(), 11);
            prop_assert_eq!(format!("{phone:?}"), format!("Phone({masked})"));
            prop_assert_eq!(phone.grouped().replace(' ', ""), digits);
        }

        #[test]
        fn a_landline_hides_all_but_four(digits in "0[3-9][0-9]{2}[2-9][0-9]{6,7}") {
            let phone = Phone::parse(&digits).unwrap();
            prop_assert_eq!(phone.masked().len(), 13);
            prop_assert!(!phone.is_mobile());
        }

        #[test]
        fn no_text_makes_the_parser_stop(text in any::<String>()) {
            let _ = Phone::parse(&text);
        }
    }
}
