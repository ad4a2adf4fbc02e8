//! Of which school year the grades of a list of names are, where it may be of either.
//!
//! In the summer vacation a school brings the list of the year that has ended, or that of the year to
//! come, and the sheet does not say which.

use crate::calendar::school_year_of;
use jiff::civil::Date;

/// What one line of the list says of its year.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The grade that the line names, 1 to 9.
    pub grade: u8,
    /// The grade in which the school has this child today; 0: it comes with the first day of school.
    pub today: Option<u8>,
    pub born_on: Option<Date>,
}

/// Whether the list goes by the grades of the coming school year.
///
/// The children whom the school knows say it: more of them stand one grade further than in the same.
/// Where it knows none of them, their ages do, if they fit the coming year better; and where nothing
/// says it, the list is of the year that still runs.
///
/// `school_year`: the year in which the one that still runs began.
pub fn is_of_the_coming_year(lines: &[Line], school_year: i16) -> bool {
    let further = |by: u8| {
        let stands = |line: &&Line| line.today.is_some_and(|today| today + by == line.grade);
        lines.iter().filter(stands).count()
    };
    let (same, next) = (further(0), further(1));
    if same + next > 0 {
        return next > same;
    }
    let off = |year: i16| -> i64 {
        let own = lines.iter().filter_map(|line| {
            let began = year - i16::from(line.grade) + 1;
            Some(i64::from((first_year(line.born_on?) - began).abs()))
        });
        own.sum()
    };
    off(school_year + 1) < off(school_year)
}

/// The school year in which a child of this day of birth begins: it is six by its first day.
///
/// Source: 义务教育法 §11 (a child of six goes to school), which schools count to 31 August.
fn first_year(born_on: Date) -> i16 {
    school_year_of(born_on) + 7
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use jiff::civil::date;

    #[test]
    fn six_by_the_first_day_of_school() {
        let table = [
            (date(2019, 8, 31), 2025),
            (date(2019, 9, 1), 2026),
            (date(2020, 8, 31), 2026),
        ];
        for (born_on, year) in table {
            assert_eq!(first_year(born_on), year, "{born_on}");
            let line = Line {
                grade: 1,
                today: None,
                born_on: Some(born_on),
            };
            assert_eq!(is_of_the_coming_year(&[line], 2025), year == 2026);
        }
    }

    fn line(grade: u8, today: Option<u8>, born: Option<i16>) -> Line {
        let born_on = born.map(|year| date(year, 3, 12));
        Line {
            grade,
            today,
            born_on,
        }
    }

    #[test]
    fn whom_the_school_knows_says_the_year() {
        let table: [(&[Line], bool); 8] = [
            (&[], false),
            (&[line(3, Some(2), None)], true),
            (&[line(3, Some(3), None)], false),
            // One who repeats a year says nothing against the others.
            (
                &[
                    line(3, Some(2), None),
                    line(4, Some(3), None),
                    line(3, Some(3), None),
                ],
                true,
            ),
            (
                &[
                    line(3, Some(3), None),
                    line(4, Some(3), None),
                    line(4, Some(4), None),
                ],
                false,
            ),
            // Known children count before ages.
            (&[line(3, Some(3), Some(2018))], false),
            // Six in 2026: the first grade of that year.
            (
                &[line(1, None, Some(2020)), line(1, None, Some(2020))],
                true,
            ),
            (&[line(1, None, Some(2019))], false),
        ];
        for (lines, coming) in table {
            assert_eq!(is_of_the_coming_year(lines, 2025), coming, "{lines:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn everybody_a_grade_further_is_the_coming_year(grades in proptest::collection::vec(0_u8..9, 1..40)) {
            let further: Vec<Line> = grades.iter().map(|at| line(at + 1, Some(*at), None)).collect();
            let same: Vec<Line> = grades.iter().map(|at| line(*at, Some(*at), None)).collect();
            assert!(is_of_the_coming_year(&further, 2025));
            assert!(!is_of_the_coming_year(&same, 2025));
        }
    }
}
