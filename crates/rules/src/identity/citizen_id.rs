//! 公民身份号码, after GB 11643-1999 and requirements.md A.2: 6 digits of region, 8 of birth date,
//! 3 of serial number (odd for men, even for women), 1 check character.

use alloc::{format, string::String};
use core::fmt;
use jiff::civil::Date;

use super::text::{is_digits, is_scientific, plain_code};

/// 性别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    Male,
    Female,
}

impl Sex {
    /// Reads 男 or 女, also 男性, 女性 and the codes 1 and 2 of GB/T 2261.1.
    pub fn parse(text: &str) -> Option<Self> {
        match plain_code(text).as_str() {
            "男" | "男性" | "1" => Some(Self::Male),
            "女" | "女性" | "2" => Some(Self::Female),
            _ => None,
        }
    }

    /// The name under which it is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Male, Self::Female]
            .into_iter()
            .find(|sex| sex.code() == code)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Male => "男",
            Self::Female => "女",
        }
    }
}

/// A citizen's ID number whose birth date exists and whose check character is right. The region is
/// the code at the time of issue, so none is refused.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CitizenId {
    text: String,
    birth_date: Date,
    sex: Sex,
}

/// Why a cell is no ID number. The right check character is not told: who types it in to silence
/// the message has stored somebody else's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CitizenIdFault {
    Empty,
    /// Not 18 characters; 15 are those of an old number.
    Length {
        got: usize,
    },
    /// Stored as a number, of which a spreadsheet keeps the first 15 digits; also when it was written
    /// out as text afterwards, with three noughts at its end and a check digit that does not fit.
    EatenByExcel,
    /// Something other than digits, or an X before the end.
    NotDigits,
    /// The eight digits of the birth date name no day.
    BirthDate,
    CheckDigit,
}

/// What the number says where what is written beside it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Differs {
    pub sex: Option<Sex>,
    pub birth_date: Option<Date>,
}

impl CitizenId {
    /// Reads a text cell. Lower-case x, full-width characters and spaces are accepted.
    pub fn parse(text: &str) -> Result<Self, CitizenIdFault> {
        let plain = plain_code(text);
        if plain.is_empty() {
            return Err(CitizenIdFault::Empty);
        }
        if is_scientific(&plain) {
            return Err(CitizenIdFault::EatenByExcel);
        }
        if !plain.bytes().all(|b| b.is_ascii_digit() || b == b'X') {
            return Err(CitizenIdFault::NotDigits);
        }
        if plain.len() != LENGTH {
            return Err(CitizenIdFault::Length { got: plain.len() });
        }
        let parts = Parts::of(&plain).ok_or(CitizenIdFault::NotDigits)?;
        let birth_date = parts.birth_date().ok_or(CitizenIdFault::BirthDate)?;
        if check_letter(parts.body) != parts.check {
            let eaten = plain.ends_with("000");
            return Err(if eaten {
                CitizenIdFault::EatenByExcel
            } else {
                CitizenIdFault::CheckDigit
            });
        }
        let sex = parts.sex();
        Ok(Self {
            text: plain,
            birth_date,
            sex,
        })
    }

    /// Reads a cell that the sheet holds as a number, written out in decimals or in scientific
    /// notation. A floating-point number has at most 17 digits that count, so an eighteenth digit
    /// of 0 (…000 from Excel) says nothing about the child: such a number is refused even if its
    /// check digit happens to fit.
    pub fn parse_number_cell(text: &str) -> Result<Self, CitizenIdFault> {
        let plain = plain_code(text);
        let digits = match plain.split_once('.') {
            Some((whole, rest)) if rest.bytes().all(|b| b == b'0') => whole,
            _ => &plain,
        };
        if digits.len() == LENGTH && is_digits(digits) && digits.ends_with('0') {
            return Err(CitizenIdFault::EatenByExcel);
        }
        Self::parse(digits)
    }

    /// All 18 characters, half-width, with a capital X.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn birth_date(&self) -> Date {
        self.birth_date
    }

    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// What is written beside the number and says something else. Either may be the wrong one, so a
    /// person says which; what is not written differs from nothing (GB 11643: birth date in digits
    /// 7 to 14, sex in the 17th).
    pub fn differs(&self, sex: Option<Sex>, born_on: Option<Date>) -> Differs {
        Differs {
            sex: sex.filter(|sex| *sex != self.sex).map(|_| self.sex),
            birth_date: born_on
                .filter(|born_on| *born_on != self.birth_date)
                .map(|_| self.birth_date),
        }
    }

    /// The first six digits: the county that issued the number, under its code of that time.
    pub fn region(&self) -> &str {
        self.text.get(..6).unwrap_or_default()
    }

    /// `110105****002X`: the region and the last four; never the birth date.
    pub fn masked(&self) -> String {
        format!(
            "{}****{}",
            self.region(),
            self.text.get(14..).unwrap_or_default()
        )
    }
}

/// Masked, because debug output ends up in logs.
impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CitizenId({})", self.masked())
    }
}

pub(super) const LENGTH: usize = 18;

/// 18 characters taken apart: 17 digits and what follows them.
pub(super) struct Parts<'a> {
    pub body: &'a str,
    pub check: char,
}

impl<'a> Parts<'a> {
    /// `None` unless there are 17 digits and then a digit or X.
    pub fn of(plain: &'a str) -> Option<Self> {
        let (body, check) = plain.split_at_checked(LENGTH - 1)?;
        let mut rest = check.chars();
        let check = rest.next().filter(|c| c.is_ascii_digit() || *c == 'X')?;
        (is_digits(body) && rest.next().is_none()).then_some(Self { body, check })
    }

    pub fn birth_date(&self) -> Option<Date> {
        let year = self.body.get(6..10)?.parse().ok()?;
        let month = self.body.get(10..12)?.parse().ok()?;
        let day = self.body.get(12..14)?.parse().ok()?;
        Date::new(year, month, day).ok()
    }

    fn sex(&self) -> Sex {
        let odd = self.body.bytes().last().is_some_and(|b| b % 2 == 1);
        if odd { Sex::Male } else { Sex::Female }
    }
}

/// The check character of 17 digits (ISO 7064, MOD 11-2): their weighted sum modulo 11 points into
/// the table.
pub(super) fn check_letter(body: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const TABLE: &str = "10X98765432";
    let sum: usize = body
        .chars()
        .filter_map(|c| c.to_digit(10))
        .zip(WEIGHTS)
        .filter_map(|(digit, weight)| usize::try_from(digit * weight).ok())
        .sum();
    TABLE
        .chars()
        .nth(sum % 11)
        .expect("the table has a character for each of the eleven remainders")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use alloc::string::ToString;
    use jiff::civil::date;
    use proptest::prelude::*;

    /// The two numbers of requirements.md A.2.
    const WOMAN: &str = "11010519491231002X";
    const MAN: &str = "440524188001010014";

    #[test]
    fn the_test_vectors_of_the_standard_are_valid() {
        let woman = CitizenId::parse(WOMAN).unwrap();
        assert_eq!(woman.as_str(), WOMAN);
        assert_eq!(woman.birth_date(), date(1949, 12, 31));
        assert_eq!(woman.sex(), Sex::Female);
        assert_eq!(woman.region(), "110105");
        assert_eq!(woman.masked(), "110105****002X");
        let man = CitizenId::parse(MAN).unwrap();
        assert_eq!(man.birth_date(), date(1880, 1, 1));
        assert_eq!(man.sex(), Sex::Male);
        assert_eq!(man.masked(), "440524****0014");
    }

    #[test]
    fn what_is_written_beside_the_number_is_held_against_it() {
        let id = CitizenId::parse(WOMAN).unwrap();
        let born = date(1949, 12, 31);
        let other = date(1949, 12, 30);
        let (female, male) = (Some(Sex::Female), Some(Sex::Male));
        let table = [
            ((None, None), (None, None)),
            ((female, Some(born)), (None, None)),
            ((male, None), (female, None)),
            ((male, Some(born)), (female, None)),
            ((female, Some(other)), (None, Some(born))),
            ((None, Some(other)), (None, Some(born))),
            ((male, Some(other)), (female, Some(born))),
        ];
        for ((sex, born_on), (by_sex, by_birth)) in table {
            let differs = id.differs(sex, born_on);
            assert_eq!((differs.sex, differs.birth_date), (by_sex, by_birth));
        }
    }

    #[test]
    fn small_x_full_width_and_spaces_are_accepted() {
        #[track_caller]
        fn check(text: &str) {
            assert_eq!(CitizenId::parse(text).unwrap().as_str(), WOMAN);
        }
        check("11010519491231002x");
        check("１１０１０５１９４９１２３１００２ｘ");
        check(" 110105 19491231 002X\u{200B}\n");
        check("'11010519491231002X");
    }

    #[test]
    fn what_is_no_id_number_says_why() {
        #[track_caller]
        fn check(text: &str, expected: CitizenIdFault) {
            assert_eq!(CitizenId::parse(text), Err(expected), "{text}");
        }
        check("", CitizenIdFault::Empty);
        check(" \u{3000}", CitizenIdFault::Empty);
        check("无", CitizenIdFault::NotDigits);
        check("1101051949123100X2", CitizenIdFault::NotDigits);
        check("11010519491231002", CitizenIdFault::Length { got: 17 });
        check("110105491231002", CitizenIdFault::Length { got: 15 });
        check("11010519491231002X0", CitizenIdFault::Length { got: 19 });
        check("9.9082720150312e+17", CitizenIdFault::EatenByExcel);
        check("3.40524E+17", CitizenIdFault::EatenByExcel);
        check("３．４０５２４Ｅ＋１７", CitizenIdFault::EatenByExcel);
        check("11010519491331002X", CitizenIdFault::BirthDate);
        check("11010519490229002X", CitizenIdFault::BirthDate);
        check("110105194912310021", CitizenIdFault::CheckDigit);
        check("990827201503121230", CitizenIdFault::CheckDigit);
        check("990827201503121000", CitizenIdFault::EatenByExcel);
    }

    #[test]
    fn a_number_cell_has_lost_the_last_digits() {
        #[track_caller]
        fn check(text: &str, expected: CitizenIdFault) {
            assert_eq!(CitizenId::parse_number_cell(text), Err(expected), "{text}");
        }
        check("990827201503120000", CitizenIdFault::EatenByExcel);
        check("990827201503120000.0", CitizenIdFault::EatenByExcel);
        check("9.9082720150312e+17", CitizenIdFault::EatenByExcel);
        check("440524188001010010", CitizenIdFault::EatenByExcel);
        check("110105491231002", CitizenIdFault::Length { got: 15 });
        check("", CitizenIdFault::Empty);
        assert!(CitizenId::parse_number_cell(MAN).is_ok());
    }

    #[test]
    fn sex_is_read_from_its_word_or_code() {
        assert_eq!(Sex::parse(" 女 "), Some(Sex::Female));
        assert_eq!(Sex::parse("男性"), Some(Sex::Male));
        assert_eq!(Sex::parse("１"), Some(Sex::Male));
        assert_eq!(Sex::parse("未知"), None);
        assert_eq!(Sex::from_code(Sex::Male.code()), Some(Sex::Male));
        assert_eq!(Sex::Female.word(), "女");
    }

    #[test]
    fn debug_output_is_masked() {
        let shown = format!("{:?}", CitizenId::parse(WOMAN).unwrap());
        assert_eq!(shown, "CitizenId(110105****002X)");
    }

    /// 17 digits with a birth date that exists.
    pub fn bodies() -> impl Strategy<Value = String> {
        (100_000..1_000_000_u32, 0..73_000_i64, 0..1000_u16).prop_map(|(region, days, serial)| {
            let born = date(1880, 1, 1)
                .checked_add(jiff::Span::new().days(days))
                .unwrap();
            format!("{region}{}{serial:03}", born.to_string().replace('-', ""))
        })
    }

    fn valid_ids() -> impl Strategy<Value = String> {
        bodies().prop_map(|body| format!("{body}{}", check_letter(&body)))
    }

    fn fits(text: &str) -> bool {
        Parts::of(text).is_some_and(|parts| check_letter(parts.body) == parts.check)
    }

    proptest! {
        #[test]
        fn every_single_digit_error_is_caught(id in valid_ids()) {
            prop_assert!(fits(&id));
            for at in 0..LENGTH {
                for wrong in "0123456789X".chars().filter(|c| id.chars().nth(at) != Some(*c)) {
                    let other: String = id.chars().enumerate()
                        .map(|(i, c)| if i == at { wrong } else { c })
                        .collect();
                    prop_assert!(!fits(&other), "{other}");
                    prop_assert!(CitizenId::parse(&other).is_err());
                }
            }
        }

        #[test]
        fn every_swap_of_neighbours_is_caught(id in valid_ids()) {
            for at in 0..LENGTH - 1 {
                let mut chars: alloc::vec::Vec<char> = id.chars().collect();
                if chars[at] == chars[at + 1] {
                    continue;
                }
                chars.swap(at, at + 1);
                let other: String = chars.into_iter().collect();
                prop_assert!(!fits(&other), "{other}");
                prop_assert!(CitizenId::parse(&other).is_err());
            }
        }

        #[test]
        fn masking_never_shows_the_middle(id in valid_ids()) {
            let masked = CitizenId::parse(&id).unwrap().masked();
            let expected: String = id.chars().take(6).chain("****".chars()).chain(id.chars().skip(14)).collect();
            prop_assert_eq!(&masked, &expected);
            prop_assert_eq!(masked.len(), 14);
        }

        #[test]
        fn no_text_makes_the_parsers_stop(text in any::<String>()) {
            let _ = CitizenId::parse(&text);
            let _ = CitizenId::parse_number_cell(&text);
        }
    }
}
