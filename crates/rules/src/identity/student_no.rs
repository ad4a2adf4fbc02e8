//! 学籍号 and 学籍辅号, after requirements.md A.2. The 学籍号 and the ID number of one child may
//! differ after corrections, so neither is made from the other.

use alloc::{format, string::String};
use core::fmt;
use jiff::civil::Date;

use super::citizen_id::{CitizenId, LENGTH, Parts, check_letter};
use super::text::plain_code;

/// What stands behind the first letter of a 学籍号.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StudentNoKind {
    /// G and the ID number: the usual case.
    FromCitizenId,
    /// J, the region of the school, birth date, serial number and check character.
    FromSchool,
    /// L, region, birth date and four random digits: temporary, the last one checks nothing.
    Temporary,
}

impl StudentNoKind {
    pub fn letter(self) -> char {
        match self {
            Self::FromCitizenId => 'G',
            Self::FromSchool => 'J',
            Self::Temporary => 'L',
        }
    }

    fn of(letter: char) -> Option<Self> {
        [Self::FromCitizenId, Self::FromSchool, Self::Temporary]
            .into_iter()
            .find(|kind| kind.letter() == letter)
    }
}

/// 学籍号: 19 characters, valid throughout the country.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NationalStudentNo {
    text: String,
    kind: StudentNoKind,
    birth_date: Date,
}

/// Why a cell is no 学籍号. The right check character is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudentNoFault {
    Empty,
    /// Does not begin with G, J or L; often an ID number or a 学籍辅号 in the wrong column.
    Letter,
    /// Not 19 characters.
    Length {
        got: usize,
    },
    /// Something other than digits behind the letter.
    NotDigits,
    /// The eight digits of the birth date name no day.
    BirthDate,
    CheckDigit,
}

impl NationalStudentNo {
    pub fn parse(text: &str) -> Result<Self, StudentNoFault> {
        let plain = plain_code(text);
        let first = plain.chars().next().ok_or(StudentNoFault::Empty)?;
        let kind = StudentNoKind::of(first).ok_or(StudentNoFault::Letter)?;
        let number = plain.get(1..).unwrap_or_default();
        let got = plain.chars().count();
        if got != LENGTH + 1 {
            return Err(StudentNoFault::Length { got });
        }
        let parts = Parts::of(number).ok_or(StudentNoFault::NotDigits)?;
        let birth_date = parts.birth_date().ok_or(StudentNoFault::BirthDate)?;
        let fits = match kind {
            StudentNoKind::FromCitizenId | StudentNoKind::FromSchool => {
                check_letter(parts.body) == parts.check
            }
            StudentNoKind::Temporary => true,
        };
        if !fits {
            return Err(StudentNoFault::CheckDigit);
        }
        Ok(Self {
            text: plain,
            kind,
            birth_date,
        })
    }

    /// All 19 characters, half-width, in capitals.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn kind(&self) -> StudentNoKind {
        self.kind
    }

    pub fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// Six digits: of the ID number's county under G, else of the school's.
    pub fn region(&self) -> &str {
        self.text.get(1..7).unwrap_or_default()
    }

    /// The ID number within a G number, to compare with the ID number of the child.
    pub fn citizen_id(&self) -> Option<CitizenId> {
        match self.kind {
            StudentNoKind::FromCitizenId => {
                CitizenId::parse(self.text.get(1..).unwrap_or_default()).ok()
            }
            StudentNoKind::FromSchool | StudentNoKind::Temporary => None,
        }
    }

    /// `G110105****002X`: never the birth date.
    pub fn masked(&self) -> String {
        format!(
            "{}****{}",
            self.text.get(..7).unwrap_or_default(),
            self.text.get(15..).unwrap_or_default()
        )
    }
}

/// Masked, because debug output ends up in logs.
impl fmt::Debug for NationalStudentNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NationalStudentNo({})", self.masked())
    }
}

/// 学籍辅号: a number of the province or the school in a form of their own (Beijing: 16 digits), of
/// which nothing can be checked but that it looks like a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalStudentNo(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalStudentNoFault {
    Empty,
    /// More characters than any local form has.
    TooLong {
        got: usize,
        most: usize,
    },
    /// Something other than Latin letters, digits and hyphens, or no digit at all.
    Shape,
}

impl LocalStudentNo {
    pub const MOST: usize = 30;

    pub fn parse(text: &str) -> Result<Self, LocalStudentNoFault> {
        let plain = plain_code(text);
        if plain.is_empty() {
            return Err(LocalStudentNoFault::Empty);
        }
        let usual = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        if !plain.bytes().all(usual) || !plain.bytes().any(|b| b.is_ascii_digit()) {
            return Err(LocalStudentNoFault::Shape);
        }
        if plain.len() > Self::MOST {
            return Err(LocalStudentNoFault::TooLong {
                got: plain.len(),
                most: Self::MOST,
            });
        }
        Ok(Self(plain))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::citizen_id::tests::bodies;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn each_letter_has_its_rule() {
        #[track_caller]
        fn check(text: &str, kind: StudentNoKind) -> NationalStudentNo {
            let number = NationalStudentNo::parse(text).unwrap();
            assert_eq!(number.kind(), kind);
            number
        }
        let usual = check("g11010519491231002x", StudentNoKind::FromCitizenId);
        assert_eq!(usual.as_str(), "G11010519491231002X");
        assert_eq!(usual.birth_date(), date(1949, 12, 31));
        assert_eq!(usual.region(), "110105");
        assert_eq!(usual.masked(), "G110105****002X");
        assert_eq!(
            usual.citizen_id(),
            CitizenId::parse("11010519491231002X").ok()
        );
        let school = check("J440524188001010014", StudentNoKind::FromSchool);
        assert_eq!(school.citizen_id(), None);
        check("L110105201503121234", StudentNoKind::Temporary);
        check(
            "Ｌ１１０１０５２０１５０３１２１２３５",
            StudentNoKind::Temporary,
        );
    }

    #[test]
    fn what_is_no_student_number_says_why() {
        #[track_caller]
        fn check(text: &str, expected: StudentNoFault) {
            assert_eq!(NationalStudentNo::parse(text), Err(expected), "{text}");
        }
        check(" ", StudentNoFault::Empty);
        check("11010519491231002X", StudentNoFault::Letter);
        check("2015110105001234", StudentNoFault::Letter);
        check("无", StudentNoFault::Letter);
        check("G11010519491231002", StudentNoFault::Length { got: 18 });
        check("G110105491231002", StudentNoFault::Length { got: 16 });
        check("G1101051949123100AX", StudentNoFault::NotDigits);
        check("G11010519491231002年", StudentNoFault::NotDigits);
        check("L110105201513021234", StudentNoFault::BirthDate);
        check("G110105194912310021", StudentNoFault::CheckDigit);
        check("J110105194912310021", StudentNoFault::CheckDigit);
    }

    #[test]
    fn a_local_number_only_has_to_look_like_one() {
        #[track_caller]
        fn check(text: &str, expected: Result<&str, LocalStudentNoFault>) {
            let got = LocalStudentNo::parse(text);
            assert_eq!(
                got.as_ref().map(LocalStudentNo::as_str),
                expected.as_ref().copied()
            );
        }
        check(" 2015 1101 0500 1234", Ok("2015110105001234"));
        check("qs-００１２", Ok("QS-0012"));
        check("", Err(LocalStudentNoFault::Empty));
        check("无", Err(LocalStudentNoFault::Shape));
        check("ABC", Err(LocalStudentNoFault::Shape));
        let long = "1".repeat(31);
        check(
            &long,
            Err(LocalStudentNoFault::TooLong { got: 31, most: 30 }),
        );
    }

    proptest! {
        #[test]
        fn masking_never_shows_the_birth_date(body in bodies()) {
            let text = format!("L{body}7");
            let number = NationalStudentNo::parse(&text).unwrap();
            let masked = number.masked();
            prop_assert_eq!(masked.len(), 15);
            prop_assert_eq!(masked.get(7..11), Some("****"));
            let shown = format!("{number:?}");
            prop_assert!(shown.contains(&masked));
        }

        #[test]
        fn no_text_makes_the_parsers_stop(text in any::<String>()) {
            let _ = NationalStudentNo::parse(&text);
            let _ = NationalStudentNo::parse(&format!("G{text}"));
            let _ = LocalStudentNo::parse(&text);
        }
    }
}
