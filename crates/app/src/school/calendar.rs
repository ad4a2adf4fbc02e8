//! The days off of the whole country, and the festivals, lunar ones included.

use jiff::civil::{Date, date};
use rules::calendar::{Calendar, Exception, Festival, Half, Term, plus_days};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tyme4rs::tyme::lunar::LunarDay;
use tyme4rs::tyme::solar::{SolarDay, SolarTerm};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    off: Vec<String>,
    work: Vec<String>,
}

static NOTICES: LazyLock<BTreeMap<i16, Vec<(Date, Exception)>>> = LazyLock::new(|| {
    let years: BTreeMap<String, Year> =
        toml::from_str(include_str!("../../../../calendars/cn.toml"))
            .expect("calendars/cn.toml is shipped and tested");
    years
        .into_iter()
        .filter_map(|(year, days)| Some((year.parse().ok()?, days.expand())))
        .collect()
});

impl Year {
    fn expand(self) -> Vec<(Date, Exception)> {
        let off = self.off.iter().flat_map(|text| stretch(text));
        let work = self.work.iter().flat_map(|text| stretch(text));
        off.map(|day| (day, Exception::Off))
            .chain(work.map(|day| (day, Exception::Work)))
            .collect()
    }
}

/// "2025-10-01" or "2025-10-01..2025-10-08"
fn stretch(text: &str) -> Vec<Date> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (Ok(mut at), Ok(to)) = (from.parse::<Date>(), to.parse::<Date>()) else {
        return Vec::new();
    };
    let mut days = Vec::new();
    while at <= to {
        days.push(at);
        at = plus_days(at, 1);
    }
    days
}

/// The days off and make-up days of a calendar year; a year whose notice is not known yet has the
/// statutory days and no make-up days.
pub fn exceptions(year: i16) -> Vec<(Date, Exception)> {
    NOTICES.get(&year).cloned().unwrap_or_else(|| {
        statutory(year)
            .into_iter()
            .map(|day| (day, Exception::Off))
            .collect()
    })
}

fn statutory(year: i16) -> Vec<Date> {
    let festival = |festival| festival_in(festival, year);
    let mut days = vec![date(year, 1, 1), date(year, 5, 1), date(year, 5, 2)];
    days.extend((1..=3).map(|day| date(year, 10, day)));
    days.extend((-1..=2).map(|ahead| plus_days(festival(Festival::SpringFestival), ahead)));
    days.push(festival(Festival::Qingming));
    days.push(festival(Festival::DragonBoat));
    days.push(festival(Festival::MidAutumn));
    days
}

fn lunar(year: i16, month: isize, day: usize) -> Date {
    civil(LunarDay::from_ymd(isize::from(year), month, day).get_solar_day())
}

fn civil(day: SolarDay) -> Date {
    let year = i16::try_from(day.get_year()).unwrap_or_default();
    let month = i8::try_from(day.get_month()).unwrap_or_default();
    let of_month = i8::try_from(day.get_day()).unwrap_or_default();
    Date::new(year, month, of_month).unwrap_or(Date::MIN)
}

/// 清明 is the eighth of the solar terms counted from 冬至.
const QINGMING: isize = 7;

/// The day of a festival that lies in a calendar year.
pub fn festival_in(festival: Festival, year: i16) -> Date {
    match festival {
        Festival::NewYear => date(year, 1, 1),
        Festival::SpringFestival => lunar(year, 1, 1),
        Festival::Qingming => civil(
            SolarTerm::from_index(isize::from(year), QINGMING)
                .get_julian_day()
                .get_solar_day(),
        ),
        Festival::LabourDay => date(year, 5, 1),
        Festival::DragonBoat => lunar(year, 5, 5),
        Festival::ChildrensDay => date(year, 6, 1),
        Festival::MidAutumn => lunar(year, 8, 15),
        Festival::NationalDay => date(year, 10, 1),
        Festival::DoubleNinth => lunar(year, 9, 9),
    }
}

pub fn festivals(year: i16) -> Vec<(Festival, Date)> {
    Festival::ALL
        .into_iter()
        .map(|festival| (festival, festival_in(festival, year)))
        .collect()
}

/// A usual school calendar of some calendar years: the first term from 1 September to mid-January,
/// the second from the first Monday of March to early July.
pub fn usual(years: std::ops::RangeInclusive<i16>) -> Calendar {
    let terms = years.clone().flat_map(|year| {
        let first_of_march = date(year + 1, 3, 1);
        let to_monday = (7 - i32::from(first_of_march.weekday().to_monday_zero_offset())) % 7;
        [
            Term {
                school_year: year,
                half: Half::First,
                starts_on: date(year, 9, 1),
                ends_on: date(year + 1, 1, 16),
            },
            Term {
                school_year: year,
                half: Half::Second,
                starts_on: plus_days(first_of_march, to_monday),
                ends_on: date(year + 1, 7, 3),
            },
        ]
    });
    let wide = *years.start()..=*years.end() + 1;
    Calendar::new(
        terms.collect(),
        wide.clone().flat_map(exceptions).collect(),
        wide.flat_map(festivals).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lunar_festivals_fall_where_the_almanac_says() {
        let mid_autumn = |year| festival_in(Festival::MidAutumn, year);
        assert_eq!(mid_autumn(2025), date(2025, 10, 6));
        assert_eq!(mid_autumn(2026), date(2026, 9, 25));
        assert_eq!(mid_autumn(2027), date(2027, 9, 15));
        assert_eq!(mid_autumn(2028), date(2028, 10, 3));
        assert_eq!(
            festival_in(Festival::SpringFestival, 2026),
            date(2026, 2, 17)
        );
        assert_eq!(festival_in(Festival::Qingming, 2026), date(2026, 4, 5));
        assert_eq!(festival_in(Festival::DragonBoat, 2025), date(2025, 5, 31));
    }

    #[test]
    fn the_notice_of_2025_makes_a_sunday_a_workday_and_2027_has_the_statutory_days() {
        let of = |year, day| {
            exceptions(year)
                .into_iter()
                .find(|(on, _)| *on == day)
                .map(|(_, exception)| exception)
        };
        assert_eq!(of(2025, date(2025, 9, 28)), Some(Exception::Work));
        assert_eq!(of(2025, date(2025, 10, 8)), Some(Exception::Off));
        assert_eq!(of(2027, date(2027, 9, 15)), Some(Exception::Off));
        assert_eq!(of(2027, date(2027, 2, 5)), Some(Exception::Off));
        assert_eq!(of(2027, date(2027, 10, 4)), None);
    }
}
