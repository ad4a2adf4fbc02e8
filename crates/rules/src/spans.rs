//! Since when something has been so.

use crate::calendar::plus_days;
use alloc::vec::Vec;
use jiff::civil::Date;

/// Nobody is told of more than a year of waiting by the day: what was so then was so before.
const LOOK_BACK_DAYS: i32 = 400;

/// The first day, not before `floor`, of the unbroken span of days that ends `today` and on all of
/// which `holds` says yes. It must say yes today.
///
/// `turns` are the days on which an answer may begin or end; between two of them it changes at most
/// from no to yes (a length that is reached, a birthday), and not even so unless it `grows`. A span that is older than 400 days is taken
/// to have begun with `floor`.
pub fn since(
    (floor, today): (Date, Date),
    (turns, grows): (&[Date], bool),
    holds: impl Fn(Date) -> bool,
) -> Date {
    let horizon = floor.max(plus_days(today, -LOOK_BACK_DAYS));
    if horizon >= today {
        return floor;
    }
    let late = turns.iter().copied();
    let mut turns: Vec<Date> = late.filter(|day| *day > horizon && *day <= today).collect();
    if turns.is_empty() && !grows {
        return floor;
    }
    turns.sort_unstable_by(|a, b| b.cmp(a));
    turns.dedup();
    let mut held = today;
    for turn in turns {
        if !holds(turn) {
            return first((turn, held), holds);
        }
        held = turn;
        let before = plus_days(turn, -1);
        if !holds(before) {
            return turn;
        }
        held = before.min(held);
    }
    if holds(horizon) {
        return floor;
    }
    first((horizon, held), holds)
}

/// The first day after `no` on which it holds, where it holds on `yes` and changes once between.
fn first((no, yes): (Date, Date), holds: impl Fn(Date) -> bool) -> Date {
    let (mut no, mut yes) = (no, yes);
    loop {
        let apart = crate::calendar::days_between(no, yes);
        if apart <= 1 {
            return yes;
        }
        let middle = plus_days(no, apart / 2);
        if holds(middle) {
            yes = middle;
        } else {
            no = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn a_span_begins_with_its_turn_or_where_a_length_is_reached() {
        let (floor, today) = (date(2026, 9, 1), date(2026, 11, 24));
        let always = |_: Date| true;
        assert_eq!(since((floor, today), (&alloc::vec![], true), always), floor);
        let left = date(2026, 10, 20);
        let from = |day: Date| move |on: Date| on >= day;
        assert_eq!(
            since((floor, today), (&alloc::vec![left], true), from(left)),
            left
        );
        let reached = date(2026, 11, 3);
        assert_eq!(
            since((floor, today), (&alloc::vec![left], true), from(reached)),
            reached
        );
        assert_eq!(
            since((floor, today), (&alloc::vec![], true), from(reached)),
            reached
        );
        assert_eq!(
            since((floor, today), (&alloc::vec![], true), from(today)),
            today
        );
        let old = date(2020, 9, 1);
        assert_eq!(since((old, today), (&alloc::vec![], true), always), old);
    }

    proptest! {
        #[test]
        fn every_day_of_the_span_holds_and_the_day_before_it_does_not(
            home in 0_i32..200, gone in 1_i32..60, back in 0_i32..60, floor in 0_i32..200,
        ) {
            let today = date(2026, 11, 24);
            let ago = |days: i32| plus_days(today, -days);
            // Away until `home + gone` days ago, at home for some days, away again.
            let (left, returned) = (ago(home), ago(home + back));
            let holds = |on: Date| on >= left || (on < returned && on >= ago(home + back + gone));
            let floor = ago(floor);
            let turns = alloc::vec![left, returned, ago(home + back + gone)];
            let began = since((floor, today), (&turns, true), holds);
            prop_assert!(began >= floor && began <= today);
            let mut on = began.max(ago(399));
            while on <= today {
                prop_assert!(holds(on), "{on}");
                on = plus_days(on, 1);
            }
            prop_assert!(began == floor || !holds(plus_days(began, -1)));
        }
    }
}
