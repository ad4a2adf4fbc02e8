//! Grades and classes in their many spellings, after requirements.md A.2: 三年级(2)班, 三（2）班,
//! 三2班, 3年1班, 302班, 初一(3)班, 2023级3班. The 六三制 is assumed: grades 1–6 are 小学, 7–9 初中.

use alloc::{format, string::String};
use jiff::civil::Date;

use super::text::{half_width, is_digits, squeeze};

/// Of which school stage an entry year (级) speaks: 2023级 is grade 3 or grade 9 in 2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// 小学.
    Primary,
    /// 初中.
    Junior,
}

impl Stage {
    fn first_grade(self) -> u8 {
        match self {
            Self::Primary => 1,
            Self::Junior => 7,
        }
    }

    fn last_grade(self) -> u8 {
        match self {
            Self::Primary => 6,
            Self::Junior => 9,
        }
    }
}

/// A class of one school in one school year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassRef {
    /// 1–9.
    pub grade: u8,
    /// 1–99.
    pub number: u8,
}

impl ClassRef {
    /// 三（2）班.
    pub fn title(&self) -> String {
        format!("{}（{}）班", self.grade_word(), self.number)
    }

    /// 三年级.
    pub fn grade_title(&self) -> String {
        format!("{}年级", self.grade_word())
    }

    pub fn stage(&self) -> Stage {
        if self.grade < Stage::Junior.first_grade() {
            Stage::Primary
        } else {
            Stage::Junior
        }
    }

    /// 级: the year in which the class began its stage. It stays while the grade moves on.
    pub fn entry_year(&self, school_year: i16) -> i16 {
        let years_before = self.grade.saturating_sub(self.stage().first_grade());
        school_year.saturating_sub(i16::from(years_before))
    }

    /// The usual age in this grade, in years: whoever goes into grade 1 turned six.
    ///
    /// Source: 义务教育法 §11 (a child of six goes to school).
    pub fn usual_age(&self) -> i16 {
        i16::from(self.grade) + 5
    }

    /// Years between the usual age and that of a child born on this day; calendar years alone count.
    pub fn years_off(&self, born_on: Date, school_year: i16) -> i16 {
        (school_year - born_on.year() - self.usual_age()).abs()
    }

    /// So far from the usual age that the day of birth was more likely mistyped.
    pub fn is_strange_age(&self, born_on: Date, school_year: i16) -> bool {
        const MOST_YEARS: i16 = 5;
        self.years_off(born_on, school_year) > MOST_YEARS
    }

    fn grade_word(&self) -> char {
        DIGITS
            .chars()
            .nth(usize::from(self.grade))
            .unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassNameFault {
    Empty,
    /// A class number without its grade, in either cell.
    NoGrade,
    /// A grade without a class number.
    NoNumber {
        grade: u8,
    },
    /// Above nine or zero; 高一 counts as ten.
    NoSuchGrade {
        grade: u8,
    },
    /// The two cells name different grades.
    GradesDiffer {
        grade_cell: u8,
        class_cell: u8,
    },
    /// Nobody who began in that year is at this stage in this school year.
    EntryYear {
        entry_year: i16,
    },
    /// 届 names the leaving year and is easily confused with 级: to be asked, not reckoned.
    LeavingYear,
    Shape,
}

/// Reads a class from its cell and the cell of the grade, if the sheet has one. `school_year` is the
/// year of its September; it and `stage` turn an entry year into a grade.
pub fn parse_class(
    grade_cell: Option<&str>,
    class_cell: &str,
    school_year: i16,
    stage: Stage,
) -> Result<ClassRef, ClassNameFault> {
    let year = YearOfStage { school_year, stage };
    let grade_text = grade_cell.map(plain).filter(|text| !text.is_empty());
    let class_text = plain(class_cell);
    let grade = match grade_text {
        Some(text) => Some(whole_grade(&text, year)?),
        None => None,
    };
    if class_text.is_empty() {
        return Err(match grade {
            Some(named) => ClassNameFault::NoNumber { grade: named.grade },
            None => ClassNameFault::Empty,
        });
    }
    let said = said_by(&class_text, year)?;
    let grade = agreed(grade, said.grade)?;
    match said.number {
        Some(number @ 1..) => Ok(ClassRef { grade, number }),
        Some(0) => Err(ClassNameFault::Shape),
        None => Err(ClassNameFault::NoNumber { grade }),
    }
}

#[derive(Clone, Copy)]
struct YearOfStage {
    school_year: i16,
    stage: Stage,
}

/// What one cell says.
struct Said {
    grade: Option<Named>,
    number: Option<u8>,
}

/// A grade, and whether nothing but a figure named it: 三（2）班 is said of grade 3 and of 初三.
#[derive(Clone, Copy)]
struct Named {
    grade: u8,
    bare: bool,
}

fn agreed(grade_cell: Option<Named>, class_cell: Option<Named>) -> Result<u8, ClassNameFault> {
    match (grade_cell, class_cell) {
        (None, None) => Err(ClassNameFault::NoGrade),
        (Some(named), None) | (None, Some(named)) => Ok(named.grade),
        (Some(outer), Some(inner)) => {
            let of_junior = inner.bare && inner.grade.checked_add(6) == Some(outer.grade);
            if outer.grade == inner.grade || of_junior {
                return Ok(outer.grade);
            }
            Err(ClassNameFault::GradesDiffer {
                grade_cell: outer.grade,
                class_cell: inner.grade,
            })
        }
    }
}

/// Half-width, squeezed, and round brackets for every kind of bracket.
fn plain(text: &str) -> String {
    squeeze(&half_width(text))
        .chars()
        .map(|c| match c {
            '【' | '〔' | '[' | '〈' => '(',
            '】' | '〕' | ']' | '〉' => ')',
            _ => c,
        })
        .collect()
}

fn said_by(class_text: &str, year: YearOfStage) -> Result<Said, ClassNameFault> {
    let body = class_text.strip_suffix('班').unwrap_or(class_text);
    if body.contains('届') {
        return Err(ClassNameFault::LeavingYear);
    }
    if let Some((left, right)) = body.split_once('级') {
        return Ok(Said {
            grade: Some(grade_before_ji(left, year)?),
            number: number_after(right)?,
        });
    }
    if let Some((left, right)) = body.split_once('年') {
        return Ok(Said {
            grade: Some(grade_word(left, false)?),
            number: number_after(right)?,
        });
    }
    if let Some((left, right)) = body.split_once('(') {
        let number = right.strip_suffix(')').and_then(numeral);
        let number = number.ok_or(ClassNameFault::Shape)?;
        return Ok(Said {
            grade: match left {
                "" => None,
                word => Some(grade_word(word, true)?),
            },
            number: Some(number),
        });
    }
    if let Some((left, right)) = body.split_once('-') {
        return Ok(Said {
            grade: Some(grade_word(left, true)?),
            number: Some(numeral(right).ok_or(ClassNameFault::Shape)?),
        });
    }
    without_marks(body)
}

/// 302, 2, 二, 十二, 三2, 三二, 初一3: figures with nothing between them.
fn without_marks(body: &str) -> Result<Said, ClassNameFault> {
    if let Some((grade, number)) = three_digits(body) {
        return Ok(Said {
            grade: Some(grade_word(grade, true)?),
            number: numeral(number),
        });
    }
    if let Some(number) = numeral(body) {
        return Ok(Said {
            grade: None,
            number: Some(number),
        });
    }
    let figure = body.char_indices().find(|(_, c)| digit_of(*c).is_some());
    let (at, c) = figure.ok_or(ClassNameFault::Shape)?;
    let (left, right) = body
        .split_at_checked(at + c.len_utf8())
        .ok_or(ClassNameFault::Shape)?;
    Ok(Said {
        grade: Some(grade_word(left, true)?),
        number: match right {
            "" => None,
            number => Some(numeral(number).ok_or(ClassNameFault::Shape)?),
        },
    })
}

fn three_digits(body: &str) -> Option<(&str, &str)> {
    (body.len() == 3 && is_digits(body)).then(|| body.split_at_checked(1))?
}

/// The cell of the grade: 三年级, 3, 初一, 2023级.
fn whole_grade(text: &str, year: YearOfStage) -> Result<Named, ClassNameFault> {
    if text.contains('届') {
        return Err(ClassNameFault::LeavingYear);
    }
    match text.strip_suffix('级') {
        Some(left) => grade_before_ji(left, year),
        None => grade_word(text, true),
    }
}

/// What stands before 级: a grade with 年, or an entry year.
fn grade_before_ji(left: &str, year: YearOfStage) -> Result<Named, ClassNameFault> {
    if let Some(word) = left.strip_suffix('年') {
        return grade_word(word, false);
    }
    let entry_year = match (is_digits(left), left.len()) {
        (true, 4) => left.parse::<i16>().ok(),
        (true, 2) => left.parse::<i16>().ok().map(|short| short + 2000),
        _ => None,
    }
    .ok_or(ClassNameFault::Shape)?;
    let fault = ClassNameFault::EntryYear { entry_year };
    let years = u8::try_from(year.school_year.saturating_sub(entry_year)).map_err(|_| fault)?;
    let grade = year.stage.first_grade().saturating_add(years);
    if grade > year.stage.last_grade() {
        return Err(fault);
    }
    Ok(Named { grade, bare: false })
}

/// 三, 3, 小学三, 初一, 初中一, 高一. In 初中七 the figure already counts from 小学.
fn grade_word(word: &str, bare: bool) -> Result<Named, ClassNameFault> {
    const STAGES: [(&str, u8); 6] = [
        ("小学", 0),
        ("小", 0),
        ("初中", 6),
        ("初", 6),
        ("高中", 9),
        ("高", 9),
    ];
    let stage = STAGES
        .iter()
        .find_map(|(name, before)| Some((word.strip_prefix(name)?, *before)));
    let (figure, before) = stage.unwrap_or((word, 0));
    let figure = numeral(figure).ok_or(ClassNameFault::Shape)?;
    let grade = if before == 6 && (7..=9).contains(&figure) {
        figure
    } else {
        figure.saturating_add(before)
    };
    if !(1..=9).contains(&grade) || figure == 0 {
        return Err(ClassNameFault::NoSuchGrade { grade });
    }
    Ok(Named {
        grade,
        bare: bare && stage.is_none(),
    })
}

/// `(2)`, `2`, `二`, or nothing.
fn number_after(right: &str) -> Result<Option<u8>, ClassNameFault> {
    if right.is_empty() {
        return Ok(None);
    }
    let inner = match right.strip_prefix('(') {
        Some(rest) => rest.strip_suffix(')').ok_or(ClassNameFault::Shape)?,
        None => right,
    };
    numeral(inner).map(Some).ok_or(ClassNameFault::Shape)
}

const DIGITS: &str = "〇一二三四五六七八九";

fn digit_of(c: char) -> Option<u8> {
    let at = DIGITS.chars().position(|digit| digit == c)?;
    u8::try_from(at).ok()
}

/// A whole number below 100 in figures or in Chinese: 2, 02, 二, 十, 十二, 二十, 二十三.
fn numeral(text: &str) -> Option<u8> {
    if is_digits(text) {
        return text.parse().ok().filter(|number| *number < 100);
    }
    if let Some((tens, ones)) = text.split_once('十') {
        let tens = if tens.is_empty() { 1 } else { one_digit(tens)? };
        let ones = if ones.is_empty() { 0 } else { one_digit(ones)? };
        return (tens > 0).then_some(tens * 10 + ones);
    }
    one_digit(text)
}

fn one_digit(text: &str) -> Option<u8> {
    let mut chars = text.chars();
    let digit = digit_of(chars.next()?)?;
    chars.next().is_none().then_some(digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn primary(grade: Option<&str>, class: &str) -> Result<ClassRef, ClassNameFault> {
        parse_class(grade, class, 2025, Stage::Primary)
    }

    fn junior(grade: Option<&str>, class: &str) -> Result<ClassRef, ClassNameFault> {
        parse_class(grade, class, 2025, Stage::Junior)
    }

    #[test]
    fn an_age_far_from_the_usual_is_strange() {
        let third = ClassRef {
            grade: 3,
            number: 1,
        };
        let strange = |year| third.is_strange_age(jiff::civil::date(year, 1, 1), 2025);
        assert_eq!(third.usual_age(), 8);
        assert_eq!(third.years_off(jiff::civil::date(2019, 12, 31), 2025), 2);
        let table = [
            (1990, true),
            (2011, true),
            (2012, false),
            (2017, false),
            (2022, false),
            (2023, true),
        ];
        for (year, expected) in table {
            assert_eq!(strange(year), expected, "{year}");
        }
    }

    #[test]
    fn one_class_has_many_spellings() {
        #[track_caller]
        fn check(text: &str) {
            let expected = ClassRef {
                grade: 3,
                number: 2,
            };
            assert_eq!(primary(None, text), Ok(expected), "{text}");
            assert_eq!(primary(Some("三年级"), text), Ok(expected), "{text}");
        }
        check("三年级(2)班");
        check("三年级（2）班");
        check("三（2）班");
        check("三(二)班");
        check("三2班");
        check("三二班");
        check("302班");
        check("3年2班");
        check("三年2班");
        check("302");
        check("三年级2班");
        check("三年级二班");
        check("3年级2班");
        check("3（2）班");
        check("3-2班");
        check("小学三年级2班");
        check("2023级2班");
        check("2023级（2）班");
        check("23级2班");
        check(" ３ 年级（２）班 ");
        check("三【2】班");
    }

    #[test]
    fn junior_classes_are_named_by_year_or_from_seven_on() {
        #[track_caller]
        fn check(text: &str, grade: u8, number: u8) {
            assert_eq!(junior(None, text), Ok(ClassRef { grade, number }), "{text}");
        }
        check("初一(3)班", 7, 3);
        check("初一3班", 7, 3);
        check("初三二班", 9, 2);
        check("七年级3班", 7, 3);
        check("七（3）班", 7, 3);
        check("九年级(7)班", 9, 7);
        check("初中二年级3班", 8, 3);
        check("初中八年级3班", 8, 3);
        check("803班", 8, 3);
        check("2023级3班", 9, 3);
        check("2025级12班", 7, 12);
    }

    #[test]
    fn grade_and_class_may_stand_in_two_cells() {
        #[track_caller]
        fn check(grade: &str, class: &str, expected: (u8, u8)) {
            let (grade_no, number) = expected;
            let expected = ClassRef {
                grade: grade_no,
                number,
            };
            assert_eq!(primary(Some(grade), class), Ok(expected), "{grade} {class}");
        }
        check("三年级", "2班", (3, 2));
        check("三年级", "(2)班", (3, 2));
        check("三年级", "二班", (3, 2));
        check("一年级", "一班", (1, 1));
        check("三", "2", (3, 2));
        check("3", "02", (3, 2));
        check("三年级", "十二班", (3, 12));
        check("三年级", "二十班", (3, 20));
        check("2023级", "2班", (3, 2));
        check("初一", "3班", (7, 3));
        check("九年级", "九年级(7)班", (9, 7));
        check("三年级", "三（1）班", (3, 1));
        check("三年级", "301班", (3, 1));
        check("初三", "三（2）班", (9, 2));
        check("　", "三（1）班", (3, 1));
    }

    #[test]
    fn what_is_no_class_says_why() {
        #[track_caller]
        fn check(grade: Option<&str>, class: &str, expected: ClassNameFault) {
            assert_eq!(primary(grade, class), Err(expected), "{grade:?} {class}");
        }
        check(None, " ", ClassNameFault::Empty);
        check(Some(""), "", ClassNameFault::Empty);
        check(None, "2班", ClassNameFault::NoGrade);
        check(None, "一班", ClassNameFault::NoGrade);
        check(None, "三年级", ClassNameFault::NoNumber { grade: 3 });
        check(Some("三年级"), "", ClassNameFault::NoNumber { grade: 3 });
        check(None, "十年级1班", ClassNameFault::NoSuchGrade { grade: 10 });
        check(None, "高一2班", ClassNameFault::NoSuchGrade { grade: 10 });
        check(None, "初四2班", ClassNameFault::NoSuchGrade { grade: 10 });
        check(None, "002班", ClassNameFault::NoSuchGrade { grade: 0 });
        let differ = ClassNameFault::GradesDiffer {
            grade_cell: 3,
            class_cell: 4,
        };
        check(Some("三年级"), "四（1）班", differ);
        check(Some("三年级"), "401班", differ);
        check(
            None,
            "2019级3班",
            ClassNameFault::EntryYear { entry_year: 2019 },
        );
        check(
            None,
            "2026级3班",
            ClassNameFault::EntryYear { entry_year: 2026 },
        );
        check(None, "2026届3班", ClassNameFault::LeavingYear);
        check(Some("2026届"), "3班", ClassNameFault::LeavingYear);
        check(None, "大班", ClassNameFault::Shape);
        check(None, "小班", ClassNameFault::Shape);
        check(None, "班", ClassNameFault::Shape);
        check(None, "学前班", ClassNameFault::Shape);
        check(None, "三年级0班", ClassNameFault::Shape);
        check(None, "三年级(2班", ClassNameFault::Shape);
        check(None, "三（2班", ClassNameFault::Shape);
        check(None, "3002班", ClassNameFault::Shape);
        check(None, "三年级1、2班", ClassNameFault::Shape);
    }

    #[test]
    fn an_entry_year_is_of_this_stage_for_six_or_three_years() {
        #[track_caller]
        fn check(text: &str, stage: Stage, expected: Option<u8>) {
            let class = parse_class(None, text, 2025, stage).ok();
            assert_eq!(class.map(|class| class.grade), expected, "{text}");
        }
        check("2019级1班", Stage::Primary, None);
        check("2020级1班", Stage::Primary, Some(6));
        check("2025级1班", Stage::Primary, Some(1));
        check("2026级1班", Stage::Primary, None);
        check("2022级1班", Stage::Junior, None);
        check("2023级1班", Stage::Junior, Some(9));
        check("2025级1班", Stage::Junior, Some(7));
    }

    #[test]
    fn classes_have_a_title_a_stage_and_an_entry_year() {
        let third = ClassRef {
            grade: 3,
            number: 2,
        };
        assert_eq!(third.title(), "三（2）班");
        assert_eq!(third.grade_title(), "三年级");
        assert_eq!(third.stage(), Stage::Primary);
        assert_eq!(third.entry_year(2025), 2023);
        let seventh = ClassRef {
            grade: 7,
            number: 3,
        };
        assert_eq!(seventh.title(), "七（3）班");
        assert_eq!(seventh.stage(), Stage::Junior);
        assert_eq!(seventh.entry_year(2025), 2025);
    }

    proptest! {
        #[test]
        fn every_class_is_read_from_its_title(grade in 1..=9_u8, number in 1..=99_u8) {
            let class = ClassRef { grade, number };
            prop_assert_eq!(primary(None, &class.title()), Ok(class));
            prop_assert_eq!(junior(None, &class.title()), Ok(class));
            let by_year = format!("{}级{number}班", class.entry_year(2025));
            prop_assert_eq!(parse_class(None, &by_year, 2025, class.stage()), Ok(class));
        }

        #[test]
        fn no_text_makes_the_parser_stop(
            grade in proptest::option::of("[一二三十0-9年级届初小高中学（）()班 -]{0,8}"),
            class in "[一二三十0-9年级届初小高中学（）()班 -]{0,10}",
            year in any::<i16>(),
        ) {
            let read = parse_class(grade.as_deref(), &class, year, Stage::Primary);
            if let Ok(class) = read {
                prop_assert!((1..=9).contains(&class.grade));
                prop_assert!((1..=99).contains(&class.number));
            }
        }
    }
}
