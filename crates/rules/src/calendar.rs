//! The school's calendar: terms, teaching weeks, days off, make-up days and festivals.
//!
//! A county publishes a 校历 for each school year; the State Council publishes the days off and the
//! make-up days each November. Both come in as values: no fixed length of a term, no fixed holiday.

use alloc::vec::Vec;
use jiff::{SignedDuration, civil::Date, civil::Weekday};

/// 第一学期 (autumn) or 第二学期 (spring).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Half {
    First,
    Second,
}

/// 学期: one half of a school year, both days included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The year in which the school year began (2025 for 2025—2026学年).
    pub school_year: i16,
    pub half: Half,
    pub starts_on: Date,
    pub ends_on: Date,
}

/// A day that differs from its weekday: a day off, or a make-up day (调休).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    Off,
    Work,
}

/// Festivals and holidays that a pack may name. Lunar ones are given as solar dates by the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Festival {
    NewYear,
    SpringFestival,
    Qingming,
    LabourDay,
    DragonBoat,
    ChildrensDay,
    MidAutumn,
    NationalDay,
    DoubleNinth,
}

impl Festival {
    pub const ALL: [Self; 9] = [
        Self::NewYear,
        Self::SpringFestival,
        Self::Qingming,
        Self::LabourDay,
        Self::DragonBoat,
        Self::ChildrensDay,
        Self::MidAutumn,
        Self::NationalDay,
        Self::DoubleNinth,
    ];

    /// The word that packs use.
    pub fn code(self) -> &'static str {
        match self {
            Self::NewYear => "new_year",
            Self::SpringFestival => "spring_festival",
            Self::Qingming => "qingming",
            Self::LabourDay => "labour_day",
            Self::DragonBoat => "dragon_boat",
            Self::ChildrensDay => "childrens_day",
            Self::MidAutumn => "mid_autumn",
            Self::NationalDay => "national_day",
            Self::DoubleNinth => "double_ninth",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }
}

/// An inclusive stretch of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub from: Date,
    pub to: Date,
}

impl Stretch {
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// Of a vacation: 寒假, which ends in spring, and not 暑假.
    pub fn is_winter(&self) -> bool {
        self.to.month() <= 4
    }
}

/// What a school's year looks like. Terms are kept in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    terms: Vec<Term>,
    exceptions: Vec<(Date, Exception)>,
    festivals: Vec<(Festival, Date)>,
}

/// The days between two dates, `later - earlier`, negative when they are the other way round.
pub fn days_between(earlier: Date, later: Date) -> i32 {
    let days = later.duration_since(earlier).as_hours() / 24;
    i32::try_from(days).unwrap_or_default()
}

/// `day` moved by whole days, held at the ends of the calendar.
pub fn plus_days(day: Date, days: i32) -> Date {
    day.saturating_add(SignedDuration::from_hours(i64::from(days) * 24))
}

/// Monday to Sunday around `day`.
pub fn week_of(day: Date) -> Stretch {
    let back = i32::from(day.weekday().to_monday_zero_offset());
    let monday = plus_days(day, -back);
    Stretch {
        from: monday,
        to: plus_days(monday, 6),
    }
}

/// A term has two to forty weeks; anything else is a slip of the year.
const TERM_DAYS: core::ops::RangeInclusive<i32> = 14..=280;

impl Term {
    /// The term that begins and ends on these days, both included; `None`: it is too short or too
    /// long for one. A term that begins in July or later is the first of the school year of that
    /// calendar year, also where it begins on the last days of August, as many do.
    pub fn of_days(starts_on: Date, ends_on: Date) -> Option<Self> {
        let is_first = starts_on.month() >= 7;
        TERM_DAYS
            .contains(&days_between(starts_on, ends_on))
            .then_some(Self {
                school_year: if is_first {
                    starts_on.year()
                } else {
                    starts_on.year() - 1
                },
                half: if is_first { Half::First } else { Half::Second },
                starts_on,
                ends_on,
            })
    }

    /// Whether the two are different terms and have a day in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        (self.school_year, self.half) != (other.school_year, other.half)
            && self.starts_on <= other.ends_on
            && other.starts_on <= self.ends_on
    }
}

/// The year in which the school year of `day` began: 1 September to 31 August (requirements D.2).
pub fn school_year_of(day: Date) -> i16 {
    if day.month() >= 9 {
        day.year()
    } else {
        day.year() - 1
    }
}

/// Whether a term may begin on this day. Terms begin in autumn and in spring (requirements D.2), and one
/// that was put off a month or two later; June, November and December are slips, and a term of theirs
/// would stand in place of the right one.
pub fn may_begin_a_term(day: Date) -> bool {
    matches!(day.month(), 1..=5 | 7..=10)
}

/// Whether something can have been done on this day: a word of tomorrow allows nothing today.
pub fn has_come(on: Date, today: Date) -> bool {
    on <= today
}

/// The day whose grades a list of names goes by, from the terms that the school wrote down itself. A
/// school that begins with the coming term brings that term's list; where a term of the next school
/// year has begun in August, its list is that year's. Otherwise it is today.
pub fn day_of_a_roster(own: &[Term], today: Date) -> Date {
    let first = own.iter().map(|term| term.starts_on).min();
    if let Some(first) = first.filter(|first| *first > today) {
        return own
            .iter()
            .find(|term| term.starts_on == first)
            .map_or(first, |term| turned(term).max(first));
    }
    let running = own
        .iter()
        .find(|term| term.starts_on <= today && today <= term.ends_on);
    running.map_or(today, |term| turned(term).max(today))
}

/// The other day by whose grades a list may go: in July and August, when no term runs, a school that
/// has been here before brings the list of the year that ended, or that of the year to come. `None`: no
/// list is of another year than that of [`day_of_a_roster`].
pub fn other_day_of_a_roster(own: &[Term], today: Date) -> Option<Date> {
    let was_here = own.iter().any(|term| term.starts_on <= today);
    let runs = own
        .iter()
        .any(|term| term.starts_on <= today && today <= term.ends_on);
    let may_be = matches!(today.month(), 7 | 8) && was_here && !runs;
    may_be.then(|| Date::new(today.year(), 9, 1).ok()).flatten()
}

/// The first day of a term's school year.
fn turned(term: &Term) -> Date {
    Date::new(term.school_year, 9, 1).unwrap_or(term.starts_on)
}

impl Calendar {
    /// Terms in any order; exceptions and festivals as published.
    pub fn new(
        mut terms: Vec<Term>,
        mut exceptions: Vec<(Date, Exception)>,
        mut festivals: Vec<(Festival, Date)>,
    ) -> Self {
        terms.sort_by_key(|term| term.starts_on);
        exceptions.sort_by_key(|(day, _)| *day);
        festivals.sort_by_key(|(_, day)| *day);
        Self {
            terms,
            exceptions,
            festivals,
        }
    }

    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub fn term_on(&self, day: Date) -> Option<&Term> {
        self.terms
            .iter()
            .find(|term| term.starts_on <= day && day <= term.ends_on)
    }

    /// The first term that begins after `day`.
    pub fn term_after(&self, day: Date) -> Option<&Term> {
        self.terms.iter().find(|term| term.starts_on > day)
    }

    /// The weeks of the term around `today`, or of the last one before it, each from Monday to
    /// Sunday; none where no term is known. The first is week 1 of the school's own count.
    pub fn term_weeks(&self, today: Date) -> Vec<Stretch> {
        let Some(term) = self.term_on(today).or_else(|| self.term_before(today)) else {
            return Vec::new();
        };
        let (first, last) = (week_of(term.starts_on).from, week_of(term.ends_on).from);
        let weeks = days_between(first, last) / 7;
        (0..=weeks)
            .map(|ahead| week_of(plus_days(first, ahead * 7)))
            .collect()
    }

    /// The last term that ended before `day`.
    pub fn term_before(&self, day: Date) -> Option<&Term> {
        self.terms.iter().rev().find(|term| term.ends_on < day)
    }

    /// The stretch between two terms that holds `day`; `None` inside a term.
    pub fn vacation_on(&self, day: Date) -> Option<Stretch> {
        if self.term_on(day).is_some() {
            return None;
        }
        let before = self.term_before(day)?;
        let after = self.term_after(day)?;
        Some(Stretch {
            from: plus_days(before.ends_on, 1),
            to: plus_days(after.starts_on, -1),
        })
    }

    pub fn exception_on(&self, day: Date) -> Option<Exception> {
        self.exceptions
            .binary_search_by_key(&day, |(on, _)| *on)
            .ok()
            .and_then(|at| self.exceptions.get(at))
            .map(|(_, exception)| *exception)
    }

    /// A weekday in term that is not off, or a make-up day in term.
    pub fn is_school_day(&self, day: Date) -> bool {
        if self.term_on(day).is_none() {
            return false;
        }
        match self.exception_on(day) {
            Some(Exception::Off) => false,
            Some(Exception::Work) => true,
            None => !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }

    /// `day` if it is a school day, else the next one; `day` itself when no later term is known.
    pub fn school_day_from(&self, day: Date) -> Date {
        let Some(end) = self.terms.last().map(|term| term.ends_on) else {
            return day;
        };
        let mut at = day;
        while at <= end {
            if self.is_school_day(at) {
                return at;
            }
            at = plus_days(at, 1);
        }
        day
    }

    /// The last school day within a stretch.
    pub fn last_school_day_in(&self, stretch: Stretch) -> Option<Date> {
        let mut at = stretch.to;
        while at >= stretch.from {
            if self.is_school_day(at) {
                return Some(at);
            }
            at = plus_days(at, -1);
        }
        None
    }

    /// Whether any day of the stretch is a school day.
    pub fn has_school_day(&self, stretch: Stretch) -> bool {
        let mut at = stretch.from;
        while at <= stretch.to {
            if self.is_school_day(at) {
                return true;
            }
            at = plus_days(at, 1);
        }
        false
    }

    pub fn school_days_in(&self, stretch: Stretch) -> u32 {
        let mut count = 0;
        let mut at = stretch.from;
        while at <= stretch.to {
            count += u32::from(self.is_school_day(at));
            at = plus_days(at, 1);
        }
        count
    }

    /// 第n周: the number of the week within its term, counted from the week in which it starts.
    pub fn teaching_week(&self, day: Date) -> Option<(&Term, u32)> {
        let week = week_of(day);
        let term = self
            .term_on(day)
            .or_else(|| self.term_on(week.to))
            .or_else(|| self.term_on(week.from))?;
        let first = week_of(term.starts_on).from;
        let weeks = days_between(first, week.from) / 7;
        u32::try_from(weeks).ok().map(|n| (term, n + 1))
    }

    /// How many weeks of a term hold at least one school day.
    pub fn teaching_weeks_in(&self, term: &Term) -> u32 {
        let mut count = 0;
        let mut monday = week_of(term.starts_on).from;
        while monday <= term.ends_on {
            let week = Stretch {
                from: monday,
                to: plus_days(monday, 6),
            };
            count += u32::from(self.has_school_day(week));
            monday = plus_days(monday, 7);
        }
        count
    }

    /// The festival's day that lies nearest to `day`.
    pub fn festival_near(&self, festival: Festival, day: Date) -> Option<Date> {
        self.festivals
            .iter()
            .filter(|(one, _)| *one == festival)
            .map(|(_, on)| *on)
            .min_by_key(|on| days_between(*on, day).abs())
    }
}

/// 2025—2026学年: the calendar that the tests of this crate share.
#[cfg(test)]
pub(crate) fn sample() -> Calendar {
    use jiff::civil::date;
    let mut exceptions = Vec::new();
    for day in 1..=8 {
        exceptions.push((date(2025, 10, day), Exception::Off));
    }
    exceptions.push((date(2025, 9, 28), Exception::Work));
    exceptions.push((date(2025, 10, 11), Exception::Work));
    exceptions.push((date(2026, 1, 1), Exception::Off));
    exceptions.push((date(2026, 1, 2), Exception::Off));
    exceptions.push((date(2026, 1, 4), Exception::Work));
    Calendar::new(
        alloc::vec![
            Term {
                school_year: 2025,
                half: Half::First,
                starts_on: date(2025, 9, 1),
                ends_on: date(2026, 1, 16),
            },
            Term {
                school_year: 2025,
                half: Half::Second,
                starts_on: date(2026, 3, 2),
                ends_on: date(2026, 7, 3),
            },
        ],
        exceptions,
        alloc::vec![
            (Festival::MidAutumn, date(2025, 10, 6)),
            (Festival::NationalDay, date(2025, 10, 1)),
            (Festival::SpringFestival, date(2026, 2, 17)),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_eve_of_the_national_holiday_lies_in_the_fifth_week() {
        let calendar = sample();
        let (_, week) = calendar.teaching_week(date(2025, 9, 30)).unwrap();
        assert_eq!(week, 5);
    }

    #[test]
    fn a_sunday_that_makes_up_for_the_holiday_is_a_school_day() {
        let calendar = sample();
        assert!(calendar.is_school_day(date(2025, 9, 28)));
        assert!(!calendar.is_school_day(date(2025, 9, 27)));
        assert!(!calendar.is_school_day(date(2025, 10, 8)));
        assert_eq!(
            calendar.school_day_from(date(2025, 10, 1)),
            date(2025, 10, 9)
        );
    }

    #[test]
    fn an_autumn_term_to_mid_january_has_twenty_teaching_weeks() {
        let calendar = sample();
        let term = calendar.terms().first().unwrap();
        assert_eq!(calendar.teaching_weeks_in(term), 20);
    }

    #[test]
    fn february_lies_between_the_terms() {
        let calendar = sample();
        let vacation = calendar.vacation_on(date(2026, 2, 10)).unwrap();
        assert_eq!(vacation.from, date(2026, 1, 17));
        assert_eq!(vacation.to, date(2026, 3, 1));
        assert!(calendar.vacation_on(date(2026, 3, 2)).is_none());
    }

    #[test]
    fn a_term_that_begins_in_august_is_the_first_of_its_school_year() {
        let term = |from: Date, to: Date| Term::of_days(from, to);
        let autumn = term(date(2026, 8, 31), date(2027, 1, 22)).unwrap();
        assert_eq!((autumn.school_year, autumn.half), (2026, Half::First));
        let spring = term(date(2027, 2, 22), date(2027, 7, 2)).unwrap();
        assert_eq!((spring.school_year, spring.half), (2026, Half::Second));
        assert!(!autumn.overlaps(&spring));
        let long = term(date(2027, 1, 10), date(2027, 7, 2)).unwrap();
        assert!(autumn.overlaps(&long));
        assert!(
            !autumn.overlaps(&autumn.clone()),
            "its own days may be changed"
        );
        assert_eq!(term(date(2026, 9, 1), date(2028, 9, 1)), None);
        assert_eq!(term(date(2026, 9, 1), date(2026, 8, 1)), None);
    }

    #[test]
    fn a_list_goes_by_the_year_of_the_term_for_which_it_is_brought() {
        let autumn = Term::of_days(date(2026, 9, 1), date(2027, 1, 22)).unwrap();
        let early = Term::of_days(date(2026, 8, 31), date(2027, 1, 22)).unwrap();
        let before = Term::of_days(date(2026, 3, 2), date(2026, 7, 3)).unwrap();
        let table = [
            (vec![autumn.clone()], date(2026, 8, 28), date(2026, 9, 1)),
            (vec![early.clone()], date(2026, 8, 28), date(2026, 9, 1)),
            (
                vec![before.clone(), early],
                date(2026, 8, 31),
                date(2026, 9, 1),
            ),
            // Who has been here before may bring either year's list: it is today's.
            (
                vec![before, autumn.clone()],
                date(2026, 8, 28),
                date(2026, 8, 28),
            ),
            (vec![autumn], date(2026, 10, 8), date(2026, 10, 8)),
            (vec![], date(2026, 8, 28), date(2026, 8, 28)),
        ];
        for (own, today, day) in table {
            assert_eq!(day_of_a_roster(&own, today), day, "{own:?} {today}");
        }
    }

    #[test]
    fn a_list_of_the_summer_may_be_of_either_year() {
        let spring = Term::of_days(date(2026, 3, 2), date(2026, 7, 10)).unwrap();
        let early = Term::of_days(date(2026, 8, 31), date(2027, 1, 22)).unwrap();
        let autumn = Some(date(2026, 9, 1));
        let table = [
            (vec![spring.clone()], date(2026, 6, 30), None),
            (vec![spring.clone()], date(2026, 7, 10), None),
            (vec![spring.clone()], date(2026, 7, 11), autumn),
            (vec![spring.clone()], date(2026, 8, 31), autumn),
            (vec![spring.clone(), early.clone()], date(2026, 8, 31), None),
            (vec![spring], date(2026, 9, 1), None),
            // Who begins in autumn has one list only.
            (vec![early], date(2026, 8, 20), None),
            (vec![], date(2026, 8, 20), None),
        ];
        for (own, today, day) in table {
            assert_eq!(other_day_of_a_roster(&own, today), day, "{own:?} {today}");
        }
    }

    #[test]
    fn no_term_begins_in_june_or_before_the_year_ends() {
        let begins = |month| may_begin_a_term(date(2026, month, 1));
        let slips: Vec<i8> = (1..=12).filter(|month| !begins(*month)).collect();
        assert_eq!(slips, [6, 11, 12]);
    }

    #[test]
    fn nothing_was_done_tomorrow() {
        let today = date(2025, 9, 20);
        assert!(has_come(today, today));
        assert!(has_come(date(2024, 9, 20), today));
        assert!(!has_come(date(2025, 9, 21), today));
    }

    #[test]
    fn the_school_year_turns_on_the_first_of_september() {
        assert_eq!(school_year_of(date(2026, 8, 31)), 2025);
        assert_eq!(school_year_of(date(2026, 9, 1)), 2026);
    }
}
