//! Where a cadence stands today: the slots of its calendar, and which of them were kept.

use super::{Contacts, Due, Event, Period, Standing, Weeks, Window};
use crate::calendar::{Calendar, Stretch, days_between, plus_days, school_year_of, week_of};
use jiff::{ToSpan, civil::Date};

/// After a festival's window, or a named month, a contact is missed for so many days, then let go:
/// the next has its own.
const WINDOW_LETS_GO_AFTER: i32 = 30;

/// So many periods back the first missed one is looked for: half a year of weeks.
const LOOK_BACK: usize = 26;

pub(crate) struct Ask<'a> {
    pub contacts: &'a Contacts<'a>,
    pub calendar: &'a Calendar,
    pub weeks: Weeks,
    pub remind_before: u16,
    pub today: Date,
}

pub(super) fn slots(per: Period, stretch: Stretch, weeks: Weeks, calendar: &Calendar) -> i32 {
    let mut count = 0;
    each_slot(per, stretch, weeks, calendar, |_, _| count += 1);
    count
}

/// Pro rata: who joined in the middle of the slot owes the share of the days that were left,
/// rounded to the nearest whole (a weekly talk is owed from half a week on).
pub(super) fn share(
    times: u8,
    (since, slot): (Date, Stretch),
    weeks: Weeks,
    calendar: &Calendar,
) -> u32 {
    if since <= slot.from {
        return u32::from(times);
    }
    if since > slot.to {
        return 0;
    }
    let left = Stretch {
        from: since,
        to: slot.to,
    };
    let (left, whole) = match weeks {
        Weeks::Teaching => (calendar.school_days_in(left), calendar.school_days_in(slot)),
        Weeks::All | Weeks::Vacation => (length(left), length(slot)),
    };
    (u32::from(times) * left + whole / 2)
        .checked_div(whole)
        .unwrap_or_default()
}

/// The day of a month on which something is agreed; a month without it ends on its last day.
pub(super) fn agreed_in(month: Stretch, day: i8) -> Date {
    let first = first_of_month(month.from.year(), month.from.month());
    Date::new(first.year(), first.month(), day).unwrap_or(first.last_of_month())
}

/// Each part of a period that lies in the stretch, and the whole period.
pub(super) fn each_slot(
    per: Period,
    stretch: Stretch,
    weeks: Weeks,
    calendar: &Calendar,
    mut then: impl FnMut(Stretch, Stretch),
) {
    let mut at = stretch.from;
    while at <= stretch.to {
        let Some(raw) = raw_period(per, at, calendar) else {
            at = plus_days(at, 1);
            continue;
        };
        let inside = Stretch {
            from: raw.from.max(stretch.from),
            to: raw.to.min(stretch.to),
        };
        if let Some(slot) = clip(inside, weeks, calendar) {
            then(slot, clip(raw, weeks, calendar).unwrap_or(slot));
        }
        at = plus_days(raw.to, 1);
    }
}

fn first_of_month(year: i16, month: i8) -> Date {
    Date::new(year, month, 1).unwrap_or(Date::MIN)
}

fn months(from: Date, months: i32) -> Stretch {
    Stretch {
        from,
        to: plus_days(from.saturating_add(months.months()), -1),
    }
}

/// The period of the calendar around `day`, before days off are taken into account.
fn raw_period(per: Period, day: Date, calendar: &Calendar) -> Option<Stretch> {
    let first = first_of_month(day.year(), day.month());
    Some(match per {
        Period::Week => week_of(day),
        Period::HalfMonth if day.day() <= 15 => Stretch {
            from: first,
            to: plus_days(first, 14),
        },
        Period::HalfMonth => Stretch {
            from: plus_days(first, 15),
            to: first.last_of_month(),
        },
        Period::Month => months(first, 1),
        Period::Quarter => months(first_of_month(day.year(), (day.month() - 1) / 3 * 3 + 1), 3),
        Period::Term => {
            let term = calendar.term_on(day)?;
            Stretch {
                from: term.starts_on,
                to: term.ends_on,
            }
        }
        Period::SchoolYear => months(first_of_month(school_year_of(day), 9), 12),
        Period::CalendarYear => months(first_of_month(day.year(), 1), 12),
    })
}

/// The first vacation that lies, at least for a day, in a stretch.
fn vacation_in(stretch: Stretch, calendar: &Calendar) -> Option<Stretch> {
    let mut day = stretch.from;
    while day < stretch.to {
        if let Some(vacation) = calendar.vacation_on(day) {
            return Some(vacation);
        }
        day = plus_days(day, 7);
    }
    calendar.vacation_on(stretch.to)
}

/// The part of a period in which the cadence runs; `None` when nothing of it is left.
fn clip(raw: Stretch, weeks: Weeks, calendar: &Calendar) -> Option<Stretch> {
    match weeks {
        Weeks::All => Some(raw),
        Weeks::Teaching => calendar.has_school_day(raw).then_some(raw),
        Weeks::Vacation => {
            let vacation = vacation_in(raw, calendar)?;
            let slot = Stretch {
                from: raw.from.max(vacation.from),
                to: raw.to.min(vacation.to),
            };
            (slot.from <= slot.to).then_some(slot)
        }
    }
}

impl Ask<'_> {
    fn count_in(&self, slot: Stretch) -> u32 {
        let on = self.contacts.dates.iter().filter(|day| slot.holds(**day));
        u32::try_from(on.count()).unwrap_or(u32::MAX)
    }

    fn last(&self) -> Option<Date> {
        self.contacts
            .dates
            .iter()
            .copied()
            .filter(|day| *day <= self.today)
            .max()
    }

    pub(super) fn answer(
        &self,
        due_on: Option<Date>,
        moved_from: Option<Date>,
        standing: Standing,
        (done, wanted): (u32, u32),
    ) -> Due {
        Due {
            due_on,
            moved_from,
            standing,
            done,
            wanted,
        }
    }

    fn standing(&self, due_on: Date) -> Standing {
        let ahead = days_between(self.today, due_on);
        let days = ahead.unsigned_abs();
        if ahead < 0 {
            Standing::Past { days }
        } else if ahead == 0 {
            Standing::Today
        } else if due_on <= week_of(self.today).to {
            Standing::ThisWeek { days }
        } else if days <= u32::from(self.remind_before) {
            Standing::Soon { days }
        } else {
            Standing::Later { days }
        }
    }

    fn resting(&self) -> Option<Standing> {
        let rests = match self.weeks {
            Weeks::All => false,
            Weeks::Teaching => self.calendar.term_on(self.today).is_none(),
            Weeks::Vacation => self.calendar.term_on(self.today).is_some(),
        };
        let until = match self.weeks {
            Weeks::Vacation => self
                .calendar
                .term_on(self.today)
                .map(|term| plus_days(term.ends_on, 1)),
            Weeks::Teaching | Weeks::All => self
                .calendar
                .term_after(self.today)
                .map(|term| term.starts_on),
        };
        rests.then_some(Standing::Paused { until })
    }

    pub(super) fn every(&self, days: u16) -> Due {
        if let Some(resting) = self.resting() {
            return self.answer(None, None, resting, (0, 1));
        }
        let mut from = self.last().unwrap_or(self.contacts.since);
        from = from.max(self.contacts.since.min(self.today));
        if self.weeks == Weeks::Teaching
            && let Some(term) = self.calendar.term_on(self.today)
        {
            from = from.max(plus_days(term.starts_on, -1));
        }
        let agreed = plus_days(from, i32::from(days));
        let due_on = match self.weeks {
            Weeks::Teaching => self.calendar.school_day_from(agreed),
            Weeks::All | Weeks::Vacation => agreed,
        };
        let moved = (due_on != agreed).then_some(agreed);
        self.answer(Some(due_on), moved, self.standing(due_on), (0, 1))
    }

    fn slot_on(&self, per: Period, day: Date) -> Option<Stretch> {
        clip(
            raw_period(per, day, self.calendar)?,
            self.weeks,
            self.calendar,
        )
    }

    fn wanted_in(&self, times: u8, slot: Stretch) -> u32 {
        share(
            times,
            (self.contacts.since, slot),
            self.weeks,
            self.calendar,
        )
    }

    fn due_day(&self, slot: Stretch) -> Date {
        match self.weeks {
            Weeks::Teaching => self.calendar.last_school_day_in(slot).unwrap_or(slot.to),
            Weeks::All | Weeks::Vacation => slot.to,
        }
    }

    /// The day that would have been the last school day of the slot without days off.
    fn moved_from(&self, slot: Stretch, due_on: Date) -> Option<Date> {
        if self.weeks != Weeks::Teaching {
            return None;
        }
        let beyond = Stretch {
            from: plus_days(due_on, 1),
            to: slot.to,
        };
        let mut at = beyond.to;
        while at >= beyond.from {
            let weekday = at.weekday().to_monday_zero_offset() < 5;
            if weekday && self.calendar.term_on(at).is_some() {
                return Some(at);
            }
            at = plus_days(at, -1);
        }
        None
    }

    pub(super) fn periodic(&self, times: u8, per: Period, runs: &dyn Fn(Stretch) -> bool) -> Due {
        let Some(slot) = self.slot_on(per, self.today).filter(|slot| runs(*slot)) else {
            let standing = self.resting().unwrap_or(Standing::NotNow);
            return self.answer(None, None, standing, (0, 0));
        };
        if let Some(resting) = self.resting() {
            return self.answer(None, None, resting, (0, 0));
        }
        let wanted = self.wanted_in(times, slot);
        let done = self.count_in(slot);
        if done >= wanted {
            // A share so small that nothing of it is owed is not done, only not asked for yet.
            let standing = match done {
                0 => Standing::NotNow,
                _ => Standing::Met,
            };
            return self.answer(None, None, standing, (done, wanted));
        }
        let first = self.first_missed(times, per, slot, runs);
        let due_on = self.due_day(first);
        let moved = self.moved_from(first, due_on);
        self.answer(Some(due_on), moved, self.standing(due_on), (done, wanted))
    }

    /// Named months: what was missed in one is still asked for in the weeks after it.
    pub(super) fn in_months(&self, times: u8, runs: &dyn Fn(Stretch) -> bool) -> Due {
        let until_today = |slot: Stretch| Stretch {
            from: slot.from,
            to: self.today,
        };
        // What was made up, or let go, does not come back in the next named month.
        let is_missed = |slot: Stretch| {
            days_between(slot.to, self.today) <= WINDOW_LETS_GO_AFTER
                && self.count_in(until_today(slot)) < self.wanted_in(times, slot)
        };
        let due = self.periodic(times, Period::Month, &|slot| {
            runs(slot) && (slot.to >= self.today || is_missed(slot))
        });
        if due.standing != Standing::NotNow {
            return due;
        }
        let before = plus_days(first_of_month(self.today.year(), self.today.month()), -1);
        let missed = self.slot_on(Period::Month, before);
        let Some(slot) = missed.filter(|slot| runs(*slot) && is_missed(*slot)) else {
            return due;
        };
        let wanted = self.wanted_in(times, slot);
        let done = self.count_in(until_today(slot));
        let due_on = self.due_day(slot);
        let moved = self.moved_from(slot, due_on);
        self.answer(Some(due_on), moved, self.standing(due_on), (done, wanted))
    }

    /// The first of the unbroken run of missed periods that ends with the current one: what was
    /// missed longest ago is what the child has waited for. A new term starts anew.
    fn first_missed(
        &self,
        times: u8,
        per: Period,
        slot: Stretch,
        runs: &dyn Fn(Stretch) -> bool,
    ) -> Stretch {
        let mut first = slot;
        let mut before = plus_days(slot.from, -1);
        for _ in 0..LOOK_BACK {
            let Some(raw) = raw_period(per, before, self.calendar) else {
                break;
            };
            if raw.to < self.contacts.since || !self.same_term(raw) {
                break;
            }
            before = plus_days(raw.from, -1);
            let Some(slot) = clip(raw, self.weeks, self.calendar).filter(|slot| runs(*slot)) else {
                continue;
            };
            let wanted = self.wanted_in(times, slot);
            if wanted == 0 || self.count_in(slot) >= wanted {
                break;
            }
            first = slot;
        }
        first
    }

    fn same_term(&self, raw: Stretch) -> bool {
        match self.weeks {
            Weeks::All | Weeks::Vacation => true,
            Weeks::Teaching => self
                .calendar
                .term_on(self.today)
                .is_some_and(|term| raw.to >= term.starts_on),
        }
    }

    pub(super) fn on_day(&self, day: i8) -> Due {
        if let Some(resting) = self.resting() {
            return self.answer(None, None, resting, (0, 1));
        }
        let this_month = months(first_of_month(self.today.year(), self.today.month()), 1);
        let done = self.count_in(this_month);
        if done > 0 {
            return self.answer(None, None, Standing::Met, (done, 1));
        }
        let month = self.first_missed(1, Period::Month, this_month, &|slot| {
            self.contacts.since <= agreed_in(slot, day)
        });
        let agreed = agreed_in(month, day);
        let next = self.calendar.school_day_from(agreed);
        let due_on = match self.weeks {
            Weeks::Teaching if next <= month.to && self.calendar.is_school_day(next) => next,
            // The vacation has begun by then: it is owed while there is school.
            Weeks::Teaching => self.calendar.last_school_day_in(month).unwrap_or(agreed),
            Weeks::All | Weeks::Vacation => agreed,
        };
        if self.contacts.since > agreed {
            return self.answer(None, None, Standing::NotNow, (0, 0));
        }
        let moved = (due_on != agreed).then_some(agreed);
        self.answer(Some(due_on), moved, self.standing(due_on), (0, 1))
    }

    fn window(&self, window: Window, before: u16, after: u16) -> Option<Stretch> {
        let vacation = |winter: bool| {
            let around = self.calendar.vacation_on(self.today).or_else(|| {
                let term = self.calendar.term_on(self.today)?;
                self.calendar.vacation_on(plus_days(term.ends_on, 1))
            })?;
            (around.is_winter() == winter).then_some(around)
        };
        match window {
            Window::Festival(festival) => {
                let on = self.calendar.festival_near(festival, self.today)?;
                Some(Stretch {
                    from: plus_days(on, -i32::from(before)),
                    to: plus_days(on, i32::from(after)),
                })
            }
            Window::WinterVacation => vacation(true),
            Window::SummerVacation => vacation(false),
        }
    }

    pub(super) fn around(&self, window: Window, before: u16, after: u16, times: u8) -> Due {
        let wanted = u32::from(times);
        let Some(window) = self.window(window, before, after) else {
            return self.answer(None, None, Standing::NotNow, (0, 0));
        };
        // What came late still meets it, as long as it is not let go; more than that was something else.
        let late = Stretch {
            from: window.from,
            to: plus_days(window.to, WINDOW_LETS_GO_AFTER),
        };
        let done = self.count_in(window).max(self.count_in(late).min(wanted));
        if done >= wanted && self.today >= window.from {
            return self.answer(None, None, Standing::Met, (done, wanted));
        }
        let let_go = days_between(window.to, self.today) > WINDOW_LETS_GO_AFTER;
        if let_go || self.contacts.since > window.to {
            return self.answer(None, None, Standing::NotNow, (done, 0));
        }
        let mut standing = self.standing(window.to);
        let opens_in = days_between(self.today, window.from);
        // It is time when the window opens, not when it closes.
        let is_near = opens_in <= i32::from(self.remind_before);
        if let Standing::ThisWeek { days } = standing
            && opens_in > 0
        {
            standing = Standing::Soon { days };
        } else if let Standing::Later { days } = standing
            && is_near
        {
            standing = Standing::Soon { days };
        }
        self.answer(Some(window.to), None, standing, (done, wanted))
    }

    pub(super) fn by(&self, month: i8, day: i8) -> Due {
        let began = school_year_of(self.today);
        let year = if month >= 9 { began } else { began + 1 };
        let due_on = Date::new(year, month, day)
            .unwrap_or_else(|_| first_of_month(year, month).last_of_month());
        let school_year = months(first_of_month(began, 9), 12);
        let done = self.count_in(school_year);
        if done > 0 {
            return self.answer(None, None, Standing::Met, (done, 1));
        }
        if self.contacts.since > due_on {
            return self.answer(None, None, Standing::NotNow, (0, 0));
        }
        self.answer(Some(due_on), None, self.standing(due_on), (0, 1))
    }

    pub(super) fn within(&self, days: u16, after: Event) -> Due {
        let happened = self
            .contacts
            .events
            .iter()
            .filter(|(event, on)| *event == after && *on <= self.today)
            .map(|(_, on)| *on)
            .filter(|on| *on >= self.contacts.since)
            .max();
        let Some(happened) = happened else {
            return self.answer(None, None, Standing::NotNow, (0, 0));
        };
        if self.last().is_some_and(|last| last >= happened) {
            return self.answer(None, None, Standing::Met, (1, 1));
        }
        let due_on = plus_days(happened, i32::from(days));
        self.answer(Some(due_on), None, self.standing(due_on), (0, 1))
    }
}

pub(super) fn length(stretch: Stretch) -> u32 {
    u32::try_from(days_between(stretch.from, stretch.to) + 1).unwrap_or_default()
}
