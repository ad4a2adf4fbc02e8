//! Dates as people and exports write them: 2015-03-12, 2015.3.12, 2015/3/12, 20150312,
//! 2015年3月12日.

use alloc::string::String;
use jiff::civil::Date;

use super::text::{half_width, is_digits, squeeze};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateFault {
    Empty,
    NoSuchMonth {
        month: u8,
    },
    NoSuchDay {
        year: i16,
        month: u8,
        day: u8,
    },
    /// Not year, month and day in this order, the year in four digits.
    Shape,
}

/// Reads a date; a time of day behind it, which some exports add, is passed over.
pub fn parse_date(text: &str) -> Result<Date, DateFault> {
    let narrow = half_width(text);
    let plain = squeeze(without_time(&narrow));
    if plain.is_empty() {
        return Err(DateFault::Empty);
    }
    let (year, month, day) = parts(&plain).ok_or(DateFault::Shape)?;
    // A year far from any life means that the figures stand in another order (12032015).
    if !(1800..2200).contains(&year) {
        return Err(DateFault::Shape);
    }
    if !(1..=12).contains(&month) {
        return Err(DateFault::NoSuchMonth { month });
    }
    let no_such_day = DateFault::NoSuchDay { year, month, day };
    let (Ok(jiff_month), Ok(jiff_day)) = (i8::try_from(month), i8::try_from(day)) else {
        return Err(no_such_day);
    };
    Date::new(year, jiff_month, jiff_day).map_err(|_| no_such_day)
}

/// The day of a cell that a spreadsheet shows as a plain number, 42441: the days since the last but
/// one of 1899, as Excel and WPS count them. Only of days from 2000 to 2039: no other number of five
/// figures is taken for the birthday of a pupil.
pub fn day_of_a_serial(text: &str) -> Option<Date> {
    let plain = squeeze(&half_width(text));
    let count: i64 = Some(plain.as_str())
        .filter(|plain| plain.len() == 5 && is_digits(plain))?
        .parse()
        .ok()?;
    let day = jiff::civil::date(1899, 12, 30)
        .checked_add(jiff::Span::new().try_days(count).ok()?)
        .ok()?;
    (2000..2040).contains(&day.year()).then_some(day)
}

fn without_time(text: &str) -> &str {
    let text = text.trim();
    match text.split_once([' ', 'T']) {
        Some((day, time)) if time.contains(':') => day,
        _ => text,
    }
}

fn parts(plain: &str) -> Option<(i16, u8, u8)> {
    if plain.len() == 8 && is_digits(plain) {
        return Some((
            plain.get(..4)?.parse().ok()?,
            plain.get(4..6)?.parse().ok()?,
            plain.get(6..)?.parse().ok()?,
        ));
    }
    let even: String = plain
        .chars()
        .map(|c| if is_separator(c) { '-' } else { c })
        .collect();
    let even = even.strip_suffix('-').unwrap_or(&even);
    let mut fields = even.split('-');
    let (year, month, day) = (fields.next()?, fields.next()?, fields.next()?);
    let whole = fields.next().is_none() && year.len() == 4;
    let short = |field: &str| is_digits(field) && field.len() <= 2;
    if !(whole && is_digits(year) && short(month) && short(day)) {
        return None;
    }
    Some((year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        '.' | '/' | '年' | '月' | '日' | '号' | '\u{2010}'..='\u{2015}' | '\u{2212}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn dates_are_read_in_their_usual_forms() {
        #[track_caller]
        fn check(text: &str) {
            assert_eq!(parse_date(text), Ok(date(2015, 3, 12)), "{text}");
        }
        check("20150312");
        check("2015-03-12");
        check("2015-3-12");
        check("2015.3.12");
        check("2015/3/12");
        check("2015年3月12日");
        check("2015年03月12号");
        check(" 2015 年 3 月 12 日 ");
        check("２０１５－３－１２");
        check("２０１５．３．１２");
        check("２０１５０３１２");
        check("2015–3–12");
        check("2015-03-12 00:00:00");
        check("2015-03-12T08:30:00");
        check("2015.3.12.");
    }

    #[test]
    fn a_plain_number_of_a_spreadsheet_is_a_day() {
        let table = [
            ("42441", Some(date(2016, 3, 12))),
            ("４２４４１", Some(date(2016, 3, 12))),
            ("36526", Some(date(2000, 1, 1))),
            ("36525", None),
            ("51135", Some(date(2039, 12, 31))),
            ("51136", None),
            ("4244", None),
            ("424410", None),
            ("4244a", None),
        ];
        for (text, expected) in table {
            assert_eq!(day_of_a_serial(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_says_why() {
        #[track_caller]
        fn check(text: &str, expected: DateFault) {
            assert_eq!(parse_date(text), Err(expected), "{text}");
        }
        fn day(year: i16, month: u8, day: u8) -> DateFault {
            DateFault::NoSuchDay { year, month, day }
        }
        check("", DateFault::Empty);
        check("\u{3000}", DateFault::Empty);
        check("2015.13.2", DateFault::NoSuchMonth { month: 13 });
        check("20151302", DateFault::NoSuchMonth { month: 13 });
        check("2015-0-2", DateFault::NoSuchMonth { month: 0 });
        check("2015-2-29", day(2015, 2, 29));
        check("2015年4月31日", day(2015, 4, 31));
        check("20150300", day(2015, 3, 0));
        check("2015-3-99", day(2015, 3, 99));
        check("2015年3月", DateFault::Shape);
        check("15-3-12", DateFault::Shape);
        check("3/12/2015", DateFault::Shape);
        check("12032015", DateFault::Shape);
        check("42075", DateFault::Shape);
        check("2015-3-12-1", DateFault::Shape);
        check("2015-+3-12", DateFault::Shape);
        check("二〇一五年三月", DateFault::Shape);
        check("不详", DateFault::Shape);
    }

    #[test]
    fn the_29th_of_february_exists_in_leap_years() {
        assert_eq!(parse_date("2016.2.28"), Ok(date(2016, 2, 28)));
        assert_eq!(parse_date("2016.2.29"), Ok(date(2016, 2, 29)));
        assert!(parse_date("2016.2.30").is_err());
    }

    proptest! {
        #[test]
        fn every_day_is_read_from_every_form(days in 0..73_000_i64) {
            let day = date(1880, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let (y, m, d) = (day.year(), day.month(), day.day());
            for text in [
                format!("{y}{m:02}{d:02}"),
                format!("{y}-{m}-{d}"),
                format!("{y}.{m:02}.{d:02}"),
                format!("{y}年{m}月{d}日"),
            ] {
                prop_assert_eq!(parse_date(&text), Ok(day));
            }
        }

        #[test]
        fn no_text_makes_the_parser_stop(text in any::<String>()) {
            let _ = parse_date(&text);
        }
    }
}
