//! Until when somebody who asked is owed an answer.
//!
//! Source: 个人信息保护法 §50 (a convenient way to ask, reasons where it is refused); the number of
//! days is a pack's: GB/T 35273—2020 8.7 gives thirty.

use crate::calendar::{days_between, plus_days};
use jiff::civil::Date;

/// A request that nobody has answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// The last day on which the answer is in time; every day counts, also holidays.
    pub due_on: Date,
    /// Negative: so many days past it.
    pub days_left: i32,
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
}
