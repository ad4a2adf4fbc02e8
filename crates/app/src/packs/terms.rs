//! The two small languages within a pack: conditions (`when`) and cadences.

use super::part::{Part, listed, nearest, whole};
use jiff::civil::Date;
use rules::cadence::{Cadence, Event, Loose, Period, Window};
use rules::calendar::Festival;
use rules::conditions::{Condition, ConditionFault, Test};
use rules::facts::{Fact, FactType, Value};
use toml::de::DeValue;

const PERIODS: [(&str, Period); 7] = [
    ("week", Period::Week),
    ("half_month", Period::HalfMonth),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("term", Period::Term),
    ("school_year", Period::SchoolYear),
    ("calendar_year", Period::CalendarYear),
];

const LOOSE: [(&str, Loose); 5] = [
    ("often", Loose::Often),
    ("irregularly", Loose::Irregularly),
    ("regularly", Loose::Regularly),
    ("promptly", Loose::Promptly),
    ("unstated", Loose::Unstated),
];

const VACATIONS: [(&str, Window); 2] = [
    ("winter_vacation", Window::WinterVacation),
    ("summer_vacation", Window::SummerVacation),
];

/// The keys of which a cadence has exactly one.
const CADENCES: [&str; 9] = [
    "every_days",
    "every_weeks",
    "per",
    "on_day",
    "months",
    "around",
    "during",
    "by",
    "within_days",
];

pub(super) fn codes<T>(pairs: &[(&'static str, T)]) -> Vec<&'static str> {
    pairs.iter().map(|(code, _)| *code).collect()
}

pub(super) fn pick<T: Copy>(pairs: &[(&str, T)], code: &str) -> Option<T> {
    pairs
        .iter()
        .find(|(one, _)| *one == code)
        .map(|(_, value)| *value)
}

macro_rules! word {
    ($part:expr, $get:ident, $key:literal, $type:ident) => {{
        let known: Vec<&str> = $type::ALL.iter().map(|one| one.code()).collect();
        $part.$get($key, &known, $type::from_code)
    }};
    ($part:expr, $get:ident, $key:literal, in $pairs:expr) => {
        $part.$get($key, &codes(&$pairs), |code| pick(&$pairs, code))
    };
}

pub(super) use word;

pub(super) fn condition(part: &Part<'_, '_>) -> Option<Condition> {
    let heads: Vec<&'static str> = ["all", "any", "not", "fact"]
        .into_iter()
        .filter(|key| part.has(key))
        .collect();
    let [head] = heads.as_slice() else {
        part.fault("一个条件里要写all、any、not、fact中的一个，也只写一个。".into());
        return None;
    };
    let found = match *head {
        "fact" => fact_condition(part),
        "not" => part
            .part("not")
            .and_then(|inner| condition(&inner))
            .map(|inner| Condition::Not(Box::new(inner))),
        list => several(part, list),
    };
    part.finish();
    found
}

fn several(part: &Part<'_, '_>, key: &'static str) -> Option<Condition> {
    let inner = part.parts(key, "条件");
    if inner.is_empty() {
        part.fault_at(key, format!("{key}里一个条件也没有，至少写一个。"));
        return None;
    }
    let all: Vec<Option<Condition>> = inner.iter().map(condition).collect();
    let all: Vec<Condition> = all.into_iter().collect::<Option<_>>()?;
    Some(if key == "all" {
        Condition::All(all)
    } else {
        Condition::Any(all)
    })
}

const TESTS: [&str; 8] = [
    "is", "is_not", "in", "at_least", "at_most", "before", "after", "known",
];

fn fact_condition(part: &Part<'_, '_>) -> Option<Condition> {
    let given = part.need_text("fact")?;
    let known: Vec<&str> = Fact::ALL.iter().map(|fact| fact.code()).collect();
    let Some(fact) = Fact::from_code(&given) else {
        let hint = nearest(&given, &known).map_or_else(
            || "用nuanchao pack facts可以看到全部。".to_owned(),
            |word| format!("是不是想写“{word}”？"),
        );
        part.fault_at("fact", format!("没有“{given}”这个事实。{hint}"));
        for key in TESTS {
            part.value(key);
        }
        return None;
    };
    let stated: Vec<&'static str> = TESTS.into_iter().filter(|key| part.has(key)).collect();
    let [key] = stated.as_slice() else {
        part.fault(format!(
            "{}（{given}）后面要写一个比较，也只写一个：{}。",
            fact.zh(),
            listed(TESTS)
        ));
        for key in TESTS {
            part.value(key);
        }
        return None;
    };
    let found = Condition::Fact(fact, test(part, key, fact)?);
    match found.fault() {
        None => Some(found),
        Some(fault) => {
            part.fault_at(key, misfit(fact, key, &fault));
            None
        }
    }
}

fn test(part: &Part<'_, '_>, key: &'static str, fact: Fact) -> Option<Test> {
    let wrong = || {
        let wanted = expected(fact);
        part.fault_at(
            key,
            format!("{}是{wanted}，{key}后面请照这样写。", fact.zh()),
        );
        None
    };
    let single = || {
        part.value(key)
            .and_then(|given| value(given.get_ref(), fact))
    };
    match key {
        "is" => single().map(Test::Is).or_else(wrong),
        "is_not" => single().map(Test::IsNot).or_else(wrong),
        "in" => {
            let items = part.items("in")?;
            let values: Option<Vec<Value>> = items
                .iter()
                .map(|item| value(item.get_ref(), fact))
                .collect();
            values.map(Test::In).or_else(wrong)
        }
        "at_least" => part.number(key, -1000..=100_000).map(Test::AtLeast),
        "at_most" => part.number(key, -1000..=100_000).map(Test::AtMost),
        "before" | "after" => {
            let day = part.value(key).and_then(|given| day(given.get_ref()));
            let Some(day) = day else { return wrong() };
            Some(if key == "before" {
                Test::Before(day)
            } else {
                Test::After(day)
            })
        }
        _ => match part.yes("known") {
            Some(true) => Some(Test::Known),
            _ => {
                part.fault_at(key, "known只能写true；要问“不知道”，外面包一层not。".into());
                None
            }
        },
    }
}

fn day(given: &DeValue<'_>) -> Option<Date> {
    match given {
        DeValue::String(text) => text.parse().ok(),
        DeValue::Datetime(day) => day.to_string().parse().ok(),
        _ => None,
    }
}

/// `None` where the value's type cannot fit the fact; a wrong word is left to the rules.
fn value(given: &DeValue<'_>, fact: Fact) -> Option<Value> {
    match (fact.kind(), given) {
        (FactType::Number, DeValue::Integer(_)) => whole(given).map(Value::Number),
        (FactType::YesNo, DeValue::Boolean(yes)) => Some(Value::YesNo(*yes)),
        (FactType::Day, _) => day(given).map(Value::Day),
        (FactType::Choice(_), DeValue::String(word)) => Some(Value::Word(word.to_string())),
        _ => None,
    }
}

fn expected(fact: Fact) -> String {
    match fact.kind() {
        FactType::Number => "一个整数，不加引号".into(),
        FactType::YesNo => "true或false，不加引号".into(),
        FactType::Day => "一个日期，例如\"2025-09-01\"".into(),
        FactType::Choice(words) => format!("这些词里的一个：{}", listed(words.iter().copied())),
    }
}

fn misfit(fact: Fact, key: &str, fault: &ConditionFault) -> String {
    match fault {
        ConditionFault::NoSuchChoice { given, .. } => {
            let given = match given {
                Value::Word(word) => word.as_str(),
                _ => "",
            };
            format!("{}没有“{given}”这个值，它是{}。", fact.zh(), expected(fact))
        }
        ConditionFault::WrongType { .. } => {
            format!("{}不能用{key}来比，它是{}。", fact.zh(), expected(fact))
        }
    }
}

pub(super) fn cadence_of(part: &Part<'_, '_>) -> Option<Cadence> {
    let stated: Vec<&'static str> = CADENCES
        .into_iter()
        .chain(["loosely"])
        .filter(|key| part.has(key))
        .collect();
    let [key] = stated.as_slice() else {
        part.fault(format!(
            "频次要写下面的一个，也只写一个：{}、loosely。",
            listed(CADENCES)
        ));
        return None;
    };
    let found = match *key {
        "every_days" => part
            .number("every_days", 1..=366)
            .map(|days| Cadence::Every { days }),
        "every_weeks" => part
            .number("every_weeks", 1..=52)
            .map(|weeks: u16| Cadence::Every { days: weeks * 7 }),
        "on_day" => part
            .number("on_day", 1..=31)
            .map(|day| Cadence::OnDay { day }),
        "by" => part
            .month_day("by")
            .map(|(month, day)| Cadence::By { month, day }),
        "loosely" => word!(part, word, "loosely", in LOOSE).map(Cadence::Unnumbered),
        "within_days" => within(part),
        "per" => {
            let per = word!(part, word, "per", in PERIODS);
            let times = times(part);
            per.zip(times)
                .map(|(per, times)| Cadence::Times { times, per })
        }
        "months" => in_months(part),
        _ => around(part),
    };
    part.finish();
    found
}

fn times(part: &Part<'_, '_>) -> Option<u8> {
    if part.has("times") {
        part.number("times", 1..=31)
    } else {
        part.value("times");
        Some(1)
    }
}

fn within(part: &Part<'_, '_>) -> Option<Cadence> {
    let days = part.number("within_days", 0..=365);
    let after = word!(part, need_word, "after", Event);
    days.zip(after)
        .map(|(days, after)| Cadence::Within { days, after })
}

fn in_months(part: &Part<'_, '_>) -> Option<Cadence> {
    let times = times(part);
    let items = part.items("months")?;
    let months: Vec<i8> = items
        .iter()
        .filter_map(|item| whole(item.get_ref()))
        .filter_map(|month| i8::try_from(month).ok())
        .filter(|month| (1..=12).contains(month))
        .collect();
    if months.is_empty() || months.len() != items.len() {
        part.fault_at(
            "months",
            "months里写月份的数字，1到12，例如months = [3, 9]。".into(),
        );
        return None;
    }
    times.map(|times| Cadence::InMonths { months, times })
}

fn around(part: &Part<'_, '_>) -> Option<Cadence> {
    let (window, before, after) = if part.has("during") {
        (word!(part, word, "during", in VACATIONS), Some(0), Some(0))
    } else {
        let festival = word!(part, word, "around", Festival);
        let days = |key| match part.has(key) {
            true => part.number(key, 0..=60),
            false => {
                part.fault(format!(
                    "写了around，还要写{key}：节日前后多少天，没有就写0。"
                ));
                None
            }
        };
        (
            festival.map(Window::Festival),
            days("before_days"),
            days("after_days"),
        )
    };
    Some(Cadence::Around {
        times: times(part)?,
        window: window?,
        before: before?,
        after: after?,
    })
}
