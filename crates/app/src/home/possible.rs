//! What cannot be, held against what was told before: nobody comes home before having left.

use super::forms::{Parent, ParentTold, StayTold, Whereabouts};
use super::store::Line;
use crate::children::store::Child;
use crate::web::{Errors, words};
use jiff::civil::Date;

fn day(text: Option<&String>) -> Option<Date> {
    text.and_then(|text| text.parse().ok())
}

fn of<'a>(lines: &'a [Line], what: &'a str, parent: Parent) -> impl Iterator<Item = &'a Line> {
    lines
        .iter()
        .filter(move |line| line.what == what && line.who == parent.code())
}

/// Where the two stretches have a day in common that is not the end of one and the start of the other.
fn overlap(line: &Line, (from, to): (Date, Option<Date>)) -> bool {
    let begins = day(line.from_on.as_ref()).or(day(line.left_by.as_ref()));
    let ends = day(line.to_on.as_ref());
    ends.is_none_or(|ends| from < ends)
        && to.is_none_or(|to| begins.is_none_or(|begins| begins < to))
}

const DROP: &str = "以前那一条记错了，就在下面点“记错了”，再记一次。";

/// What is against where a parent is said to be since a day.
pub fn parent(lines: &[Line], child: &Child, told: &ParentTold, today: Date) -> Errors {
    let mut errors = Errors::default();
    let Some(since) = told.since else {
        return errors;
    };
    let who = told.parent.word();
    if child.born_on.is_some_and(|born| since < born) {
        errors.add("day", "这一天孩子还没有出生，看看年份对不对。");
        return errors;
    }
    let on = words::day(since, today);
    let is_away = told.now == Whereabouts::Away;
    let mut absences = of(lines, "absence", told.parent);
    let against = if is_away {
        // The one that lasts gets its day; those that ended stay as they are.
        absences.find(|line| line.to_on.is_some() && overlap(line, (since, None)))
    } else {
        absences.find(|line| {
            let left = day(line.from_on.as_ref());
            line.to_on.is_none() && left.is_some_and(|left| since < left)
        })
    };
    if let Some(line) = against {
        let from = day(line.from_on.as_ref()).map(|day| words::day(day, today));
        let from = from.map_or(String::new(), |from| format!("{from}起"));
        let ended = day(line.to_on.as_ref()).map(|day| words::day(day, today));
        let until = ended.map_or(String::new(), |ended| format!("到{ended}"));
        errors.add(
            "day",
            format!(
                "已经记着{who}{from}在外面{until}，和“{on}起{}”对不上。{DROP}",
                told.now.word()
            ),
        );
    }
    errors
}

/// What is against a visit home.
pub fn stay(lines: &[Line], told: &StayTold, today: Date) -> Errors {
    let mut errors = Errors::default();
    let who = told.parent.word();
    let mut stays = of(lines, "stay", told.parent);
    if stays.any(|line| overlap(line, (told.from, told.to))) {
        errors.add("from", format!("{who}的这几天和以前记的重叠了。{DROP}"));
        return errors;
    }
    let left = of(lines, "absence", told.parent)
        .filter_map(|line| day(line.from_on.as_ref()))
        .min();
    let is_dated = of(lines, "absence", told.parent).all(|line| line.from_on.is_some());
    if let Some(left) = left.filter(|left| is_dated && told.from < *left) {
        errors.add(
            "from",
            format!(
                "{who}{}才出去，那以前在家，不用记回来。",
                words::day(left, today)
            ),
        );
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    fn line(what: &str, from: Option<&str>, to: Option<&str>) -> Line {
        let text = |day: Option<&str>| day.map(ToOwned::to_owned);
        Line {
            what: what.to_owned(),
            id: "1".to_owned(),
            who: "father".to_owned(),
            word: String::new(),
            reason: String::new(),
            place_sealed: String::new(),
            from_on: text(from),
            to_on: text(to),
            left_by: None,
        }
    }

    fn visit(from: &str, to: Option<&str>) -> StayTold {
        StayTold {
            parent: Parent::Father,
            from: from.parse().unwrap(),
            to: to.map(|day| day.parse().unwrap()),
        }
    }

    #[test]
    fn two_visits_share_no_day_and_none_comes_before_leaving() {
        let lines = [
            line("absence", Some("2026-02-20"), None),
            line("stay", Some("2026-10-01"), Some("2026-10-08")),
        ];
        let table = [
            ("2026-10-05", Some("2026-10-10"), false),
            ("2026-09-28", None, false),
            ("2026-10-08", Some("2026-10-10"), true),
            ("2026-05-01", Some("2026-05-05"), true),
            ("2026-02-01", Some("2026-02-05"), false),
        ];
        for (from, to, fits) in table {
            let found = stay(&lines, &visit(from, to), TODAY);
            assert_eq!(found.is_empty(), fits, "{from} {found:?}");
        }
        let unknown = [line("absence", None, None)];
        assert!(stay(&unknown, &visit("2020-02-01", None), TODAY).is_empty());
    }
}
