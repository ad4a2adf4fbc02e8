//! Until when somebody who asked is owed an answer.
//!
//! Source: 个人信息保护法 §50 (a convenient way to ask, reasons where it is refused); the number of
//! days is a pack's: GB/T 35273—2020 8.7 gives thirty.

use crate::calendar::{days_between, plus_days};
use alloc::vec::Vec;
use jiff::civil::Date;

/// A request that nobody has answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// The last day on which the answer is in time; every day counts, also holidays.
    pub due_on: Date,
    /// Negative: so many days past it.
    pub days_left: i32,
}

/// What cannot be true of the days of a question and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Asked on a day that has not come.
    AskedAhead,
    /// Answered on a day that has not come.
    AnsweredAhead,
    /// Answered before it was asked.
    AnsweredFirst,
}

/// Looks at the days as they were written down, where they are known.
pub fn faults(asked: Option<Date>, answered: Option<Date>, today: Date) -> Vec<Fault> {
    let is_ahead = |day: Option<Date>| day.is_some_and(|day| day > today);
    let is_first = asked
        .zip(answered)
        .is_some_and(|(asked, answered)| answered < asked);
    [
        (is_ahead(asked), Fault::AskedAhead),
        (is_ahead(answered), Fault::AnsweredAhead),
        (is_first, Fault::AnsweredFirst),
    ]
    .into_iter()
    .filter_map(|(is_so, fault)| is_so.then_some(fault))
    .collect()
}

/// `None`: answered, whenever that was.
pub fn open(asked: Date, within_days: u16, answered: Option<Date>, today: Date) -> Option<Open> {
    if answered.is_some() {
        return None;
    }
    let due_on = plus_days(asked, i32::from(within_days));
    Some(Open {
        due_on,
        days_left: days_between(today, due_on),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_day_is_in_time_and_the_next_is_not() {
        let left = |today| open(date(2025, 9, 1), 30, None, today).unwrap();
        assert_eq!(left(date(2025, 9, 1)).due_on, date(2025, 10, 1));
        assert_eq!(left(date(2025, 10, 1)).days_left, 0);
        assert_eq!(left(date(2025, 10, 2)).days_left, -1);
        let late = Some(date(2025, 12, 1));
        assert_eq!(open(date(2025, 9, 1), 30, late, date(2025, 12, 2)), None);
    }

    #[test]
    fn days_that_cannot_be_are_each_named() {
        let day = |day| Some(date(2025, 9, day));
        let table: [(Option<Date>, Option<Date>, &[Fault]); 6] = [
            (None, None, &[]),
            (day(1), None, &[]),
            (day(1), day(1), &[]),
            (day(10), day(9), &[Fault::AnsweredFirst]),
            (day(11), None, &[Fault::AskedAhead]),
            (
                day(12),
                day(11),
                &[
                    Fault::AskedAhead,
                    Fault::AnsweredAhead,
                    Fault::AnsweredFirst,
                ],
            ),
        ];
        for (asked, answered, expected) in table {
            let found = faults(asked, answered, date(2025, 9, 10));
            assert_eq!(found, expected, "{asked:?} {answered:?}");
        }
    }
}
