//! 频次: how often something is owed, and when it is due next. All the kinds that packs may name.

mod ask;

use crate::calendar::{Calendar, Festival, Stretch, days_between};
use alloc::vec::Vec;
pub(crate) use ask::Ask;
use ask::{agreed_in, each_slot, share, slots};
use jiff::civil::Date;

/// A repeating stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Monday to Sunday.
    Week,
    /// The 1st to the 15th, the 16th to the month's end.
    HalfMonth,
    Month,
    Quarter,
    /// 学期, as the school's calendar has it.
    Term,
    /// 1 September to 31 August.
    SchoolYear,
    CalendarYear,
}

/// A time of year with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    Festival(Festival),
    WinterVacation,
    SummerVacation,
}

/// Something that happened and from which days are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    ParentLeft,
    ParentReturned,
    FellIll,
    NumberChanged,
    ActivityEnded,
    ChildJoined,
    HazardFound,
}

impl Event {
    pub const ALL: [Self; 7] = [
        Self::ParentLeft,
        Self::ParentReturned,
        Self::FellIll,
        Self::NumberChanged,
        Self::ActivityEnded,
        Self::ChildJoined,
        Self::HazardFound,
    ];

    /// The word that packs use.
    pub fn code(self) -> &'static str {
        match self {
            Self::ParentLeft => "parent_left",
            Self::ParentReturned => "parent_returned",
            Self::FellIll => "fell_ill",
            Self::NumberChanged => "number_changed",
            Self::ActivityEnded => "activity_ended",
            Self::ChildJoined => "child_joined",
            Self::HazardFound => "hazard_found",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.code() == code)
    }
}

/// A frequency that a plan names without a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loose {
    /// 时常、经常
    Often,
    /// 不定期
    Irregularly,
    /// 定期, with no period given
    Regularly,
    /// 及时
    Promptly,
    /// The plan asks for it and says nothing of how often.
    Unstated,
}

/// How often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Every so many days after the last time.
    Every { days: u16 },
    /// So many times in each period. Not the same as `Every`: three in March may be on three days
    /// running.
    Times { times: u8, per: Period },
    /// By a fixed day of each month; a month without it ends on its last day.
    OnDay { day: i8 },
    /// So many times in each of the named months.
    InMonths { months: Vec<i8>, times: u8 },
    /// So many times around a festival, or within a vacation.
    Around {
        window: Window,
        before: u16,
        after: u16,
        times: u8,
    },
    /// Once in a school year, by a date; January to August lie in the next calendar year.
    By { month: i8, day: i8 },
    /// Within so many days after an event.
    Within { days: u16, after: Event },
    /// Shown with its last time, and never due.
    Unnumbered(Loose),
}

/// Which weeks count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weeks {
    Teaching,
    All,
    Vacation,
}

/// Where a duty stands today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// So many days past the agreed day.
    Past {
        days: u32,
    },
    Today,
    /// Due later in this week (Monday to Sunday).
    ThisWeek {
        days: u32,
    },
    /// Due after this week, within the days that the policy reminds beforehand.
    Soon {
        days: u32,
    },
    Later {
        days: u32,
    },
    /// Done for now.
    Met,
    /// The calendar rests (vacation, a week off).
    Paused {
        until: Option<Date>,
    },
    /// Not the time of year for it.
    NotNow,
    /// A frequency without a number: the last time is all there is to show.
    LastOnly,
}

/// A cadence applied to one child's contacts on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub due_on: Option<Date>,
    /// The day that was agreed, where days off moved it.
    pub moved_from: Option<Date>,
    pub standing: Standing,
    /// How often it was done in the period that counts.
    pub done: u32,
    /// How often it is owed there, pro rata for a child who joined in the middle.
    pub wanted: u32,
}

/// What a cadence is told about one subject.
#[derive(Clone, Debug)]
pub struct Contacts<'a> {
    /// From this day on the duty is owed to the child.
    pub since: Date,
    /// The days on which it was done, in any order.
    pub dates: &'a [Date],
    /// The last time that each event happened.
    pub events: &'a [(Event, Date)],
}

impl Cadence {
    /// When the duty is due next, and where it stands today.
    pub(crate) fn due(&self, ask: &Ask<'_>) -> Due {
        match self {
            Self::Every { days } => ask.every(*days),
            Self::Times { times, per } => ask.periodic(*times, *per, &|_| true),
            Self::OnDay { day } => ask.on_day(*day),
            Self::InMonths { months, times } => {
                ask.in_months(*times, &|slot| months.contains(&slot.from.month()))
            }
            Self::Around {
                window,
                before,
                after,
                times,
            } => ask.around(*window, *before, *after, *times),
            Self::By { month, day } => ask.by(*month, *day),
            Self::Within { days, after } => ask.within(*days, *after),
            Self::Unnumbered(_) => ask.answer(None, None, Standing::LastOnly, (0, 0)),
        }
    }

    /// How often the cadence is owed between two days: 20 weekly talks in a term of 20 teaching
    /// weeks. Of the period in which it began to be owed (`since`), the share of the days that were
    /// left.
    pub fn owed_in(
        &self,
        (stretch, since): (Stretch, Date),
        weeks: Weeks,
        calendar: &Calendar,
    ) -> u32 {
        match self {
            Self::Every { days } => {
                let open = match weeks {
                    Weeks::All | Weeks::Vacation => days_between(stretch.from, stretch.to) + 1,
                    Weeks::Teaching => 7 * slots(Period::Week, stretch, weeks, calendar),
                };
                u32::try_from(open / i32::from((*days).max(1))).unwrap_or_default()
            }
            Self::Times { times, per } => {
                let mut owed = 0;
                each_slot(*per, stretch, weeks, calendar, |_, whole| {
                    owed += share(*times, (since, whole), weeks, calendar);
                });
                owed
            }
            Self::OnDay { day } => {
                let mut owed = 0;
                each_slot(Period::Month, stretch, weeks, calendar, |_, whole| {
                    owed += u32::from(since <= agreed_in(whole, *day));
                });
                owed
            }
            Self::InMonths { months, times } => {
                let mut owed = 0;
                each_slot(Period::Month, stretch, weeks, calendar, |slot, whole| {
                    if months.contains(&slot.from.month()) {
                        owed += share(*times, (since, whole), weeks, calendar);
                    }
                });
                owed
            }
            Self::Around { .. } | Self::By { .. } => 1,
            Self::Within { .. } | Self::Unnumbered(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests;
