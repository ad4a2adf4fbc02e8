//! The only reader of time. A request reads it once and hands `today` down.

use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::Offset;

/// The time in China, or a fixed day for demo and tests.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    fixed: Option<Date>,
    /// So much later, or earlier, than it is.
    moved: SignedDuration,
}

/// One reading.
#[derive(Clone, Debug)]
pub struct Now {
    pub today: Date,
    /// UTC, ISO, cut to milliseconds: as text it sorts by time.
    pub at: String,
}

impl Clock {
    pub fn system() -> Self {
        Self {
            fixed: None,
            moved: SignedDuration::ZERO,
        }
    }

    /// The demo plays on a day, and what is written in it is written on that day.
    pub fn playing(day: Date) -> Self {
        let days = rules::calendar::days_between(Self::system().today(), day);
        Self {
            fixed: Some(day),
            moved: SignedDuration::from_hours(24 * i64::from(days)),
        }
    }

    pub fn fixed(day: Date) -> Self {
        Self {
            fixed: Some(day),
            moved: SignedDuration::ZERO,
        }
    }

    pub fn now(&self) -> Now {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place that reads the time"
        )]
        let at = jiff::Timestamp::now();
        let at = at.checked_add(self.moved).unwrap_or(at);
        let today = self
            .fixed
            .unwrap_or_else(|| Offset::constant(8).to_datetime(at).date());
        Now {
            today,
            at: format!("{at:.3}"),
        }
    }

    pub fn today(&self) -> Date {
        self.now().today
    }
}

/// Seconds between two instants as the tables keep them; `None` when one is not an instant.
pub fn seconds_between(earlier: &str, later: &str) -> Option<i64> {
    let earlier: jiff::Timestamp = earlier.parse().ok()?;
    let later: jiff::Timestamp = later.parse().ok()?;
    Some(later.as_second() - earlier.as_second())
}

/// The instant a day before, as the tables keep it; unchanged when it is not an instant.
pub fn day_before(instant: &str) -> String {
    let at: Result<jiff::Timestamp, _> = instant.parse();
    let before = at.and_then(|at| at.checked_sub(SignedDuration::from_hours(24)));
    before.map_or_else(|_| instant.to_owned(), |before| format!("{before:.3}"))
}

/// The civil day in China of an instant as the tables keep it.
pub fn day_of(instant: &str) -> Option<Date> {
    let at: jiff::Timestamp = instant.parse().ok()?;
    Some(Offset::constant(8).to_datetime(at).date())
}

/// How many days before an instant's day in China so many seconds earlier were.
pub fn days_ago(instant: &str, seconds: i64) -> Option<i32> {
    let at: jiff::Timestamp = instant.parse().ok()?;
    let before = at.checked_sub(SignedDuration::from_secs(seconds)).ok()?;
    let day = |at| Offset::constant(8).to_datetime(at).date();
    Some(rules::calendar::days_between(day(before), day(at)))
}

/// Hours and minutes in China, 24-hour.
pub fn time_of(instant: &str) -> Option<String> {
    let at: jiff::Timestamp = instant.parse().ok()?;
    let zoned = Offset::constant(8).to_datetime(at);
    Some(format!("{:02}:{:02}", zoned.hour(), zoned.minute()))
}
