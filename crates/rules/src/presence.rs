//! What cannot be of where a parent was, held against what was told before (requirements.md, heading
//! B: dated history): nobody comes home before having left, and nobody is in two places.

use crate::history::{HomeStay, Parent, ParentAbsence};
use jiff::civil::Date;

/// A stretch of days; the end of one may be the beginning of the next.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    from: Option<Date>,
    to: Option<Date>,
}

impl Stretch {
    fn overlaps(self, other: Self) -> bool {
        let before = |one: Self, other: Self| match (one.to, other.from) {
            (Some(ends), Some(begins)) => ends <= begins,
            (Some(_), None) | (None, _) => false,
        };
        !before(self, other) && !before(other, self)
    }
}

impl From<&ParentAbsence> for Stretch {
    fn from(absence: &ParentAbsence) -> Self {
        Self {
            from: absence.from.or(absence.from_at_the_latest),
            to: absence.to,
        }
    }
}

impl From<&HomeStay> for Stretch {
    fn from(stay: &HomeStay) -> Self {
        Self {
            from: Some(stay.from),
            to: stay.to,
        }
    }
}

/// The absence that speaks against the parent's being away without a break since this day: one that
/// ended later. One that lasts is given its day and speaks against nothing.
pub fn against_away(
    absences: &[ParentAbsence],
    parent: Parent,
    since: Date,
) -> Option<&ParentAbsence> {
    let lasting = Stretch {
        from: Some(since),
        to: None,
    };
    let mut own = absences.iter().filter(|absence| absence.parent == parent);
    own.find(|absence| absence.to.is_some() && Stretch::from(*absence).overlaps(lasting))
}

/// Whether somebody who is away since a known day, or was by then, and of whom is told that it is away since a later
/// one, has moved on: what was known stays, and the time away goes on. An earlier day, or the first
/// that is known, mends the old one.
pub fn moves_on(away_since: Option<Date>, told_since: Option<Date>) -> bool {
    away_since
        .zip(told_since)
        .is_some_and(|(known, told)| told > known)
}

/// A stretch of who looks after a child, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lived<'a> {
    pub with: &'a str,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// What becomes of the line that lasts when a child is said to live with somebody since a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved<'a> {
    /// It ends, and the new one begins.
    Ends,
    /// It is the same, and began earlier than was known.
    BeganEarlier,
    /// Another line speaks against it: one that begins later, or ended later.
    Against(&'a Lived<'a>),
}

/// See [`Moved`].
pub fn moved<'a>(lines: &'a [Lived<'a>], with: &str, since: Date) -> Moved<'a> {
    let is_later = |line: &&Lived<'_>| {
        line.from.is_some_and(|from| from > since) || line.to.is_some_and(|to| to > since)
    };
    let mut later = lines.iter().filter(is_later);
    match (later.next(), later.next()) {
        (None, _) => Moved::Ends,
        (Some(one), None) if one.to.is_none() && one.with == with => Moved::BeganEarlier,
        (Some(one), _) => Moved::Against(one),
    }
}

/// The absence that speaks against the parent's being at home since this day: one that began later
/// and lasts.
pub fn against_home(
    absences: &[ParentAbsence],
    parent: Parent,
    since: Date,
) -> Option<&ParentAbsence> {
    let mut own = absences.iter().filter(|absence| absence.parent == parent);
    own.find(|absence| absence.to.is_none() && absence.from.is_some_and(|left| since < left))
}

/// Why a visit home cannot have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoStay {
    /// The parent was at home already for some of these days.
    TwiceAtHome,
    /// The parent left on this day for the first time.
    NotLeftBefore(Date),
    /// The parent came back on this day for good.
    CameBack(Date),
}

/// What speaks against a visit home, beside the visits that are known.
pub fn against_stay(
    absences: &[ParentAbsence],
    stays: &[HomeStay],
    stay: &HomeStay,
) -> Option<NoStay> {
    let mut others = stays.iter().filter(|one| one.parent == stay.parent);
    if others.any(|one| Stretch::from(one).overlaps(Stretch::from(stay))) {
        return Some(NoStay::TwiceAtHome);
    }
    let own = || absences.iter().filter(|one| one.parent == stay.parent);
    // Where one of them has no day nobody can tell which was the first.
    let is_dated = own().all(|absence| absence.from.is_some());
    let first = own().filter_map(|absence| absence.from).min();
    if let Some(first) = first.filter(|first| is_dated && stay.from < *first) {
        return Some(NoStay::NotLeftBefore(first));
    }
    let is_over = own().all(|absence| absence.to.is_some());
    let back = own().filter_map(|absence| absence.to).max();
    let back = back.filter(|back| is_over && *back <= stay.from);
    back.map(NoStay::CameBack)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn absence(from: Option<Date>, to: Option<Date>) -> ParentAbsence {
        ParentAbsence {
            parent: Parent::Father,
            from,
            from_at_the_latest: None,
            to,
            reach: None,
        }
    }

    fn visit(from: Date, to: Option<Date>) -> HomeStay {
        HomeStay {
            parent: Parent::Father,
            from,
            to,
        }
    }

    #[test]
    fn two_visits_share_no_day_and_none_comes_before_leaving() {
        let left = date(2026, 2, 20);
        let absences = [absence(Some(left), None)];
        let stays = [visit(date(2026, 10, 1), Some(date(2026, 10, 8)))];
        let twice = Some(NoStay::TwiceAtHome);
        let table = [
            (date(2026, 10, 5), Some(date(2026, 10, 10)), twice),
            (date(2026, 9, 28), None, twice),
            (date(2026, 10, 8), Some(date(2026, 10, 10)), None),
            (date(2026, 5, 1), Some(date(2026, 5, 5)), None),
            (
                date(2026, 2, 1),
                Some(date(2026, 2, 5)),
                Some(NoStay::NotLeftBefore(left)),
            ),
        ];
        for (from, to, said) in table {
            let found = against_stay(&absences, &stays, &visit(from, to));
            assert_eq!(found, said, "{from}");
        }
        // Where one has no day, that may have been the first.
        let unknown = [absence(None, Some(left)), absence(Some(left), None)];
        let early = visit(date(2020, 2, 1), Some(date(2020, 2, 5)));
        assert_eq!(against_stay(&unknown, &[], &early), None);
        // Who is back for good is not back for a visit.
        let over = [absence(Some(left), Some(date(2026, 9, 1)))];
        for (from, said) in [
            (date(2026, 8, 20), None),
            (date(2026, 9, 20), Some(NoStay::CameBack(date(2026, 9, 1)))),
        ] {
            assert_eq!(against_stay(&over, &[], &visit(from, None)), said, "{from}");
        }
    }

    #[test]
    fn who_is_away_and_moves_on_has_been_away_all_the_time() {
        let (left, later) = (Some(date(2026, 2, 28)), Some(date(2026, 11, 20)));
        assert!(moves_on(left, later));
        assert!(!moves_on(later, left));
        assert!(!moves_on(left, left));
        assert!(!moves_on(None, later));
        assert!(!moves_on(left, None));
    }

    #[test]
    fn another_carer_begins_after_the_last() {
        let line = |with, from: Option<i8>, to: Option<i8>| Lived {
            with,
            from: from.map(|month| date(2026, month, 1)),
            to: to.map(|month| date(2026, month, 1)),
        };
        let lines = [
            line("grandparent", Some(3), Some(9)),
            line("relative", Some(9), None),
        ];
        assert_eq!(moved(&lines, "parent", date(2026, 11, 1)), Moved::Ends);
        assert_eq!(moved(&lines, "parent", date(2026, 9, 1)), Moved::Ends);
        let against = |at: usize| Moved::Against(&lines[at]);
        assert_eq!(moved(&lines, "parent", date(2026, 8, 1)), against(0));
        // The same, but what was before is in the way.
        assert_eq!(moved(&lines, "relative", date(2026, 8, 1)), against(0));
        let only = [line("relative", Some(9), None)];
        assert_eq!(
            moved(&only, "relative", date(2026, 8, 1)),
            Moved::BeganEarlier
        );
        let unknown = [line("relative", None, None)];
        assert_eq!(moved(&unknown, "parent", date(2026, 8, 1)), Moved::Ends);
    }

    #[test]
    fn an_absence_speaks_against_what_it_crosses() {
        let (left, back) = (date(2025, 3, 1), date(2025, 9, 1));
        let ended = [absence(Some(left), Some(back))];
        let lasting = [absence(Some(left), None)];
        let table = [
            (date(2025, 2, 1), true, false, true),
            (date(2025, 6, 1), true, false, false),
            (back, false, false, false),
            (date(2025, 10, 1), false, false, false),
        ];
        for (since, ended_away, lasting_away, lasting_home) in table {
            let is = |found: Option<&ParentAbsence>| found.is_some();
            let father = Parent::Father;
            assert_eq!(is(against_away(&ended, father, since)), ended_away);
            assert_eq!(is(against_away(&lasting, father, since)), lasting_away);
            assert_eq!(is(against_home(&lasting, father, since)), lasting_home);
            assert!(!is(against_home(&ended, father, since)));
            assert!(!is(against_away(&ended, Parent::Mother, since)));
        }
    }

    proptest! {
        #[test]
        fn a_visit_against_which_nothing_speaks_speaks_against_itself(
            from in 0_i64..900, days in 0_i64..60
        ) {
            use jiff::ToSpan;
            let from = date(2024, 1, 1).saturating_add(from.days());
            let one = visit(from, Some(from.saturating_add((days + 1).days())));
            prop_assert_eq!(against_stay(&[], &[], &one), None);
            let told = core::slice::from_ref(&one);
            prop_assert_eq!(against_stay(&[], told, &one), Some(NoStay::TwiceAtHome));
        }
    }
}
