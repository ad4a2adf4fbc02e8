//! Who holds a copy on paper that no longer says what is known.
//!
//! Source: 计划五 L95 (a card is changed with what it speaks of); users-and-journeys.md, "Parent's
//! number dead" (the card is printed again, the holders of the old print are listed).

use alloc::vec::Vec;
use jiff::civil::Date;

/// What a card says: the class that it names, and which state of the card it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Says<'a> {
    pub class: &'a str,
    /// Grows with each change; asking whether all is right changes nothing.
    pub version: i64,
}

impl Says<'_> {
    /// Whether a card that says this need not be changed for what is known now.
    fn is_as(self, now: Says<'_>) -> bool {
        self.class == now.class && self.version >= now.version
    }
}

/// One copy: in whose hands it is, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied<'a> {
    /// Whoever would get the next one instead.
    pub holder: &'a str,
    pub says: Says<'a>,
}

/// The copies that are out of date: of each holder the newest, if it does not say what is known.
/// The list has the newest first; so has the answer.
pub fn outdated<'a>(copies: &[Copied<'a>], now: Says<'_>) -> Vec<Copied<'a>> {
    let mut newest: Vec<Copied<'a>> = Vec::new();
    for one in copies {
        if newest.iter().all(|other| other.holder != one.holder) {
            newest.push(*one);
        }
    }
    newest.retain(|one| !one.says.is_as(now));
    newest
}

/// Whether what is known stands on any of these copies; a child without one has none to trust.
pub fn is_on_paper(copies: &[Says<'_>], now: Says<'_>) -> bool {
    copies.iter().any(|one| one.is_as(now))
}

/// Whether the family's word of this day confirms the card as it stands: nobody has confirmed it
/// since, and nobody on it has changed since.
///
/// Source: requirements.md A, 资料核对 (the family looks through what is known, once a term).
pub fn confirms(on: Date, confirmed_on: Option<Date>, changed_on: Option<Date>) -> bool {
    confirmed_on.is_none_or(|known| known < on) && changed_on.is_none_or(|changed| changed <= on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use jiff::civil::date;

    #[test]
    fn an_older_word_does_not_confirm_what_changed_or_was_confirmed_since() {
        let day = |day| Some(date(2025, 9, day));
        let table = [
            (None, None, true),
            (day(9), day(9), true),
            (None, day(10), true),
            (day(10), None, false),
            (day(11), None, false),
            (None, day(11), false),
        ];
        for (confirmed_on, changed_on, holds) in table {
            let found = confirms(date(2025, 9, 10), confirmed_on, changed_on);
            assert_eq!(found, holds, "{confirmed_on:?} {changed_on:?}");
        }
    }

    fn says(class: &str, version: i64) -> Says<'_> {
        Says { class, version }
    }

    #[test]
    fn of_each_holder_the_newest_copy_counts() {
        let copied = |holder, version| Copied {
            holder,
            says: says("五2", version),
        };
        let moved = Copied {
            holder: "wall",
            says: says("五1", 5),
        };
        let (home, wall) = ("home", "wall");
        let table = [
            (vec![], vec![]),
            (vec![copied(home, 4)], vec![home]),
            (vec![copied(home, 5)], vec![]),
            (vec![copied(home, 6), copied(home, 4)], vec![]),
            (vec![copied(home, 4), copied(home, 3)], vec![home]),
            (vec![copied(wall, 5), copied(home, 4)], vec![home]),
            (vec![copied(wall, 4), copied(home, 4)], vec![wall, home]),
            // It names a class in which the child is no longer.
            (vec![moved, copied(home, 5)], vec![wall]),
            (vec![copied(wall, 5), moved], vec![]),
        ];
        for (copies, expected) in table {
            let found = outdated(&copies, says("五2", 5));
            let holders: Vec<&str> = found.iter().map(|one| one.holder).collect();
            assert_eq!(holders, expected, "{copies:?}");
        }
    }

    #[test]
    fn one_copy_that_says_what_is_known_is_enough() {
        let table = [
            (vec![], false),
            (vec![says("五2", 4)], false),
            (vec![says("五2", 4), says("五2", 5)], true),
            (vec![says("五1", 5)], false),
        ];
        for (copies, expected) in table {
            assert_eq!(is_on_paper(&copies, says("五2", 5)), expected, "{copies:?}");
        }
    }
}
