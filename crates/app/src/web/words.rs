//! How dates, names, numbers and classes are written (ux.md §6.6).

use jiff::civil::Date;
use rules::calendar::{Calendar, Half, Term, days_between, school_year_of};

/// 9月3日; with the year only outside this school year.
pub fn day(day: Date, today: Date) -> String {
    if school_year_of(day) == school_year_of(today) {
        format!("{}月{}日", day.month(), day.day())
    } else {
        full_day(day)
    }
}

/// 9月29日—10月5日; the year on both ends or on neither: the first week of a school year begins in
/// the one before.
pub fn span(from: Date, to: Date, today: Date) -> String {
    let is_near =
        |day: Date| day.year() == today.year() || school_year_of(day) == school_year_of(today);
    if is_near(from) && is_near(to) {
        let plain = |day: Date| format!("{}月{}日", day.month(), day.day());
        format!("{}—{}", plain(from), plain(to))
    } else {
        format!("{}—{}", full_day(from), full_day(to))
    }
}

pub fn full_day(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// 2015年3月12日, 2015年3月 or 2015年: as much of a day as was written; what is no day, as it stands.
pub fn known_day(text: &str) -> String {
    if let Ok(day) = text.parse::<Date>() {
        return full_day(day);
    }
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let year = |year: &str| year.len() == 4 && digits(year);
    match text.split_once('-') {
        Some((of, month)) if year(of) && month.len() == 2 && digits(month) => {
            format!("{of}年{}月", month.trim_start_matches('0'))
        }
        None if year(text) => format!("{text}年"),
        _ => text.to_owned(),
    }
}

/// 今天, 昨天, 3天前（9月27日）
pub fn past_day(on: Date, today: Date) -> String {
    match days_between(on, today) {
        0 => "今天".to_owned(),
        1 => "昨天".to_owned(),
        2 => "前天".to_owned(),
        n @ 3..=9 => format!("{n}天前（{}）", day(on, today)),
        _ => day(on, today),
    }
}

/// 上次3天前（9月27日）; of today one does not say 上次.
pub fn last_time(on: Option<Date>, today: Date) -> String {
    match on {
        Some(on) if on == today => "今天刚记过".to_owned(),
        Some(on) => format!("上次{}", past_day(on, today)),
        None => "还没有记过".to_owned(),
    }
}

/// 周三
pub fn weekday(day: Date) -> &'static str {
    const NAMES: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    let at = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
    NAMES.get(at).copied().unwrap_or_default()
}

/// 2025—2026学年
pub fn school_year(began: i16) -> String {
    format!("{began}—{}学年", began + 1)
}

/// 2025—2026学年第一学期
pub fn term_title(term: &Term) -> String {
    let half = match term.half {
        Half::First => "第一学期",
        Half::Second => "第二学期",
    };
    format!("{}{half}", school_year(term.school_year))
}

/// The term of the day, or the one before it: 2025—2026学年第一学期.
pub fn this_term(calendar: &Calendar, today: Date) -> Option<String> {
    let term = calendar.term_on(today);
    term.or_else(|| calendar.term_before(today)).map(term_title)
}

/// 三（2）班
pub fn class_title(grade: i64, number: i64) -> String {
    const GRADES: [&str; 9] = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let word = usize::try_from(grade - 1)
        .ok()
        .and_then(|at| GRADES.get(at));
    match word {
        Some(word) => format!("{word}（{number}）班"),
        // Before the first day of school.
        None if grade == 0 => format!("新一（{number}）班"),
        None => format!("{number}班"),
    }
}

/// A class in any of its spellings, as it is titled here; what is no class stays as it is.
pub fn class_as_written(text: &str) -> String {
    // The year only matters where a class is named by the year in which it entered.
    match rules::identity::parse_class(None, text, 0, rules::identity::Stage::Primary) {
        Ok(class) => class_title(i64::from(class.grade), i64::from(class.number)),
        Err(_) => text.to_owned(),
    }
}

/// 三年级
pub fn grade_title(grade: i64) -> String {
    let title = class_title(grade, 0);
    let word = title.split('（').next().unwrap_or_default();
    format!("{word}年级")
}

/// The grade of a cohort in a school year: 1–6 primary, 7–9 junior.
pub fn grade(stage: &str, entry_year: i64, school_year: i16) -> i64 {
    let base = if stage == "junior" { 7 } else { 1 };
    i64::from(school_year) - entry_year + base
}

/// 王老师
pub fn teacher(name: &str) -> String {
    format!("{}老师", surname(name))
}

/// 张＊明, 李＊: as names stand on a projected page.
pub fn masked_name(name: &str) -> String {
    let mut letters = name.chars();
    let (first, last) = (letters.next(), letters.next_back());
    let first = first.map(String::from).unwrap_or_default();
    match (letters.next(), last) {
        (Some(_), Some(last)) => format!("{first}＊{last}"),
        (None, Some(_)) => format!("{first}＊"),
        (_, None) => first,
    }
}

fn surname(name: &str) -> &str {
    const DOUBLE: [&str; 8] = [
        "欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟",
    ];
    let double = DOUBLE.iter().find(|two| name.starts_with(**two));
    match double {
        Some(two) => two,
        None => name
            .char_indices()
            .nth(1)
            .and_then(|(at, _)| name.get(..at))
            .unwrap_or(name),
    }
}

/// For a query string.
pub fn url(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Only paths of our own: anything else leads home.
pub fn own_path(path: &str) -> &str {
    let own = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.contains(char::is_control);
    if own { path } else { "/week" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn as_much_of_a_day_is_said_as_is_known() {
        let table = [
            ("2015-03-12", "2015年3月12日"),
            ("2015-10", "2015年10月"),
            ("2015", "2015年"),
            ("去年", "去年"),
            ("12-3", "12-3"),
        ];
        for (written, said) in table {
            assert_eq!(known_day(written), said);
        }
    }

    #[test]
    fn the_year_is_said_only_outside_the_school_year() {
        let today = date(2025, 9, 30);
        assert_eq!(day(date(2025, 9, 3), today), "9月3日");
        assert_eq!(day(date(2026, 3, 1), today), "3月1日");
        assert_eq!(day(date(2025, 8, 31), today), "2025年8月31日");
        let week = span(date(2025, 8, 30), date(2025, 9, 5), today);
        assert_eq!(week, "8月30日—9月5日");
        assert_eq!(past_day(date(2025, 9, 27), today), "3天前（9月27日）");
        assert_eq!(last_time(Some(today), today), "今天刚记过");
        assert_eq!(last_time(Some(date(2025, 9, 28)), today), "上次前天");
    }

    #[test]
    fn a_cohort_grows_with_the_school_year() {
        assert_eq!(class_title(grade("primary", 2021, 2025), 2), "五（2）班");
        assert_eq!(class_title(grade("junior", 2024, 2025), 3), "八（3）班");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(own_path("/children/1?x=2"), "/children/1?x=2");
        for bad in ["//evil", "https://evil", "/\\evil", "", "/a\nb"] {
            assert_eq!(own_path(bad), "/week");
        }
    }

    #[test]
    fn a_double_surname_stays_whole() {
        assert_eq!(teacher("欧阳子轩"), "欧阳老师");
        assert_eq!(teacher("王秀英"), "王老师");
    }

    #[test]
    fn a_projected_name_keeps_its_ends() {
        assert_eq!(masked_name("张小明"), "张＊明");
        assert_eq!(masked_name("李思"), "李＊");
        assert_eq!(masked_name("阿依古丽·买买提"), "阿＊提");
        assert_eq!(masked_name("𠮷"), "𠮷");
    }
}
