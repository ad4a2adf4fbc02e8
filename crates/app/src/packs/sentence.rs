//! What the rules decided, said in Chinese, for teachers and for the clerk who writes a pack.

use jiff::civil::Date;
use rules::cadence::{Cadence, Due, Event, Loose, Period, Standing, Weeks, Window};
use rules::calendar::Festival;
use rules::conditions::{Reason, Test, Verdict};
use rules::facts::{Fact, Value};

/// “父母双方都在外，已在外3个月（约定至少3个月）”
pub fn why(reasons: &[Reason]) -> String {
    join(reasons.iter().map(|reason| clause(reason, false)))
}

/// Why not: what was found, and what the rule asks for where it was not met.
pub fn why_not(reasons: &[Reason]) -> String {
    join(reasons.iter().map(|reason| clause(reason, true)))
}

/// “还不知道爸妈哪天出去的，问一问就能定”
pub fn missing(facts: &[Fact]) -> String {
    let unknown = join(facts.iter().map(|fact| unknown(*fact).to_owned()));
    if unknown.is_empty() {
        "还缺一点情况，问一问就能定".into()
    } else {
        format!("还不知道{unknown}，问一问就能定")
    }
}

pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Yes(reasons) if reasons.is_empty() => "在册的孩子都算".into(),
        Verdict::Yes(reasons) => why(reasons),
        Verdict::No(reasons) if reasons.is_empty() => "不在这一条说的孩子里".into(),
        Verdict::No(reasons) => why_not(reasons),
        Verdict::CannotSay { missing: facts } => missing(facts),
    }
}

/// Several comparisons may find the same thing: it is said once.
fn join(clauses: impl Iterator<Item = String>) -> String {
    let mut said: Vec<String> = Vec::new();
    for clause in clauses {
        if !said.contains(&clause) {
            said.push(clause);
        }
    }
    said.join("，")
}

fn clause(reason: &Reason, failed: bool) -> String {
    let Some(found) = &reason.found else {
        return format!("还不知道{}", unknown(reason.fact));
    };
    let said = found_zh(reason.fact, found, reason.holds);
    let numbered = matches!(found, Value::Number(_) | Value::NumberFrom(_));
    let explains = reason.holds && numbered || failed && !reason.holds;
    match agreed(reason.fact, &reason.test).filter(|_| explains) {
        Some(agreed) => format!("{said}（约定{agreed}）"),
        None => said,
    }
}

fn found_zh(fact: Fact, found: &Value, holds: bool) -> String {
    match found {
        // Who is away, but not as far or as long as the rule asks, is not at home.
        Value::Word(word) if fact == Fact::ParentsAway && !holds => match word.as_str() {
            "neither" => "父母都不算在外".into(),
            "one" => "父母只有一方算在外".into(),
            _ => word_zh(fact, word),
        },
        Value::Word(word) => word_zh(fact, word),
        Value::OneOf(words) => one_of_zh(fact, words),
        Value::YesNo(yes) => yes_no_zh(fact, *yes).into(),
        Value::Day(day) => format!("{}{}", fact.zh(), date_zh(*day)),
        Value::Number(n) => number_zh(fact, &n.to_string(), holds),
        Value::NumberFrom(n) => number_zh(fact, &format!("至少{n}"), true),
    }
}

fn one_of_zh(fact: Fact, words: &[String]) -> String {
    let is = |word: &str| words.iter().any(|one| one == word);
    match fact {
        Fact::ParentsAway if is("both") => "父母至少一方在外".into(),
        Fact::ParentsAway => "父母至少一方在家".into(),
        _ => {
            let all: Vec<String> = words.iter().map(|word| word_zh(fact, word)).collect();
            all.join("或")
        }
    }
}

fn number_zh(fact: Fact, n: &str, holds: bool) -> String {
    let away = if holds { "已在外" } else { "在外" };
    match fact {
        Fact::AwayMonths => format!("{away}{n}个月"),
        Fact::AnyAwayMonths => format!("有一方{away}{n}个月"),
        Fact::AwayDays => format!("{away}{n}天"),
        Fact::AgeYears => format!("{n}周岁"),
        Fact::Grade => grade_zh(n),
        Fact::CarerAge => format!("照看人{n}岁"),
        Fact::ParentSilentDays => format!("爸妈{n}天没联系"),
        other => format!("{}{n}", other.zh()),
    }
}

fn grade_zh(n: &str) -> String {
    let names = ["一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let at = n.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let name = at.and_then(|at| names.get(at)).copied().unwrap_or(n);
    format!("{name}年级")
}

fn word_zh(fact: Fact, word: &str) -> String {
    let said = match (fact, word) {
        (Fact::ParentsAway, "neither") => "父母都在家",
        (Fact::ParentsAway, "one") => "父母一方在外",
        (Fact::ParentsAway, "both") => "父母双方都在外",
        (Fact::ParentAtHome, "capable") => "在家的一方能照看",
        (Fact::ParentAtHome, "incapable") => "在家的一方照看不了",
        (Fact::ParentAtHome, "nobody") => "家里没有能照看的爸妈",
        (Fact::Hukou, "rural") => "农村户口",
        (Fact::Hukou, "urban") => "城镇户口",
        (Fact::LivesWith, "parent") => "和爸妈住",
        (Fact::LivesWith, "grandparent") => "和祖辈住",
        (Fact::LivesWith, "relative") => "住在亲戚家",
        (Fact::LivesWith, "friend") => "住在亲友家",
        (Fact::LivesWith, "sibling") => "和兄弟姐妹住",
        (Fact::LivesWith, "other") => "和别人住",
        (Fact::LivesWith, "alone") => "自己住",
        (Fact::RegistryCode, "0") => "学籍登记为爸妈在家",
        (Fact::RegistryCode, "1") => "学籍登记为一方在外",
        (Fact::RegistryCode, "2") => "学籍登记为双方在外",
        _ => return format!("{}{word}", fact.zh()),
    };
    said.into()
}

fn yes_no_zh(fact: Fact, yes: bool) -> &'static str {
    match (fact, yes) {
        (Fact::Orphan, true) => "父母都不在了",
        (Fact::Orphan, false) => "父母还有一方在",
        (Fact::Unsupported, true) => "父母都照看不了",
        (Fact::Unsupported, false) => "父母有一方能照看，或都不在了",
        (Fact::Enrolled, true) => "在读",
        (Fact::Enrolled, false) => "不在读",
        (Fact::Boarding, true) => "住校",
        (Fact::Boarding, false) => "走读",
        (Fact::StudyHelp, true) => "学习要搭把手",
        (Fact::StudyHelp, false) => "学习自己跟得上",
        (Fact::Priority, true) => "要多陪陪",
        (Fact::Priority, false) => "照常陪着",
        (Fact::IndividualPlan, true) => "有支持方案",
        (Fact::IndividualPlan, false) => "没有支持方案",
        (other, true) => other.zh(),
        (_, false) => "不是",
    }
}

/// What the rule asks for: “至少3个月”, “不满16周岁”, “要父母双方都在外”.
fn agreed(fact: Fact, test: &Test) -> Option<String> {
    let word = |value: &Value| found_zh(fact, value, true);
    Some(match test {
        Test::AtLeast(n) => format!("至少{}", unit(fact, *n)),
        Test::AtMost(n) if fact == Fact::AgeYears => format!("不满{}", unit(fact, n + 1)),
        Test::AtMost(n) => format!("不超过{}", unit(fact, *n)),
        Test::Is(Value::Number(n)) => format!("要{}", unit(fact, *n)),
        Test::Is(value) => wanted(&word(value)),
        Test::IsNot(value) => format!("不能是{}", word(value)),
        Test::In(values) => {
            let all: Vec<String> = values.iter().map(word).collect();
            format!("要{}", all.join("或"))
        }
        Test::Before(day) => format!("在{}以前", date_zh(*day)),
        Test::After(day) => format!("在{}以后", date_zh(*day)),
        Test::Known => return None,
    })
}

/// 要住校; what begins so says it already: 要多陪陪.
fn wanted(word: &str) -> String {
    if word.starts_with('要') {
        word.to_owned()
    } else {
        format!("要{word}")
    }
}

fn unit(fact: Fact, n: i64) -> String {
    match fact {
        Fact::AwayMonths | Fact::AnyAwayMonths => format!("{n}个月"),
        Fact::AwayDays | Fact::ParentSilentDays => format!("{n}天"),
        Fact::AgeYears | Fact::CarerAge => format!("{n}周岁"),
        Fact::Grade => grade_zh(&n.to_string()),
        _ => n.to_string(),
    }
}

/// The word for what is not known, after “还不知道”.
fn unknown(fact: Fact) -> &'static str {
    match fact {
        Fact::AwayMonths | Fact::AnyAwayMonths | Fact::AwayDays => "爸妈哪天出去的",
        Fact::ParentsAway => "爸妈在不在家",
        Fact::ParentAtHome => "在家的一方能不能照看",
        Fact::Orphan | Fact::Unsupported => "父母的情况",
        Fact::AgeYears => "哪天出生的",
        Fact::Grade | Fact::Enrolled => "读几年级",
        Fact::Boarding => "住不住校",
        Fact::Hukou => "户口是农村还是城镇",
        Fact::LivesWith => "和谁一起住",
        Fact::CarerAge => "照看人多大年纪",
        Fact::RegistryCode => "学籍上怎么登记的",
        Fact::StudyHelp => "学习要不要搭把手",
        Fact::Priority => "要不要多陪陪",
        Fact::IndividualPlan => "有没有支持方案",
        Fact::PlanNeeded => "要不要定支持方案",
        Fact::CounsellingNeeded => "要不要心理老师陪",
        Fact::ParentSilentDays => "爸妈上次哪天联系的",
    }
}

pub fn date_zh(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// Without the year where it is this year's.
pub fn near_date_zh(day: Date, today: Date) -> String {
    if day.year() == today.year() {
        format!("{}月{}日", day.month(), day.day())
    } else {
        date_zh(day)
    }
}

fn count_zh(n: u32) -> String {
    let names = [
        "零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十",
    ];
    usize::try_from(n)
        .ok()
        .and_then(|at| names.get(at))
        .map_or_else(|| n.to_string(), |name| (*name).to_owned())
}

/// “每周一次”“每两周一次”“每月至少一次”“10月30日前一次”. `exact`: not "at least".
pub fn cadence_zh(cadence: &Cadence, weeks: Weeks, exact: bool) -> String {
    let least = if exact { "" } else { "至少" };
    let said = match cadence {
        Cadence::Every { days } => format!("{}一次", every_zh(*days)),
        Cadence::Times { times, per } => {
            format!("{}{least}{}次", per_zh(*per), count_zh(u32::from(*times)))
        }
        Cadence::OnDay { day } => format!("每月{day}日一次"),
        Cadence::InMonths { months, times } => {
            let months: Vec<String> = months.iter().map(|month| format!("{month}月")).collect();
            let each = if months.len() > 1 { "各" } else { "" };
            let times = count_zh(u32::from(*times));
            format!("{}{each}{least}{times}次", months.join("、"))
        }
        Cadence::Around {
            window,
            before,
            after,
            times,
        } => {
            let times = count_zh(u32::from(*times));
            format!("{}{times}次", window_zh(*window, *before, *after))
        }
        Cadence::By { month, day } => format!("{month}月{day}日前一次"),
        Cadence::Within { days, after } => format!("{}{days}天内一次", event_zh(*after)),
        Cadence::Unnumbered(loose) => return loose_zh(*loose).into(),
    };
    in_weeks(said, cadence, weeks)
}

fn in_weeks(said: String, cadence: &Cadence, weeks: Weeks) -> String {
    let repeats = matches!(
        cadence,
        Cadence::Every { .. }
            | Cadence::OnDay { .. }
            | Cadence::Times {
                per: Period::Week | Period::HalfMonth | Period::Month,
                ..
            }
    );
    match weeks {
        Weeks::All if repeats => format!("{said}，放假时也一样"),
        Weeks::Vacation if repeats => format!("放假时{said}"),
        Weeks::Teaching | Weeks::All | Weeks::Vacation => said,
    }
}

fn every_zh(days: u16) -> String {
    match (days / 7, days % 7) {
        (_, 1..) | (0, _) => format!("每{days}天"),
        (1, _) => "每周".into(),
        (weeks, _) => format!("每{}周", count_zh(u32::from(weeks))),
    }
}

fn per_zh(per: Period) -> &'static str {
    match per {
        Period::Week => "每周",
        Period::HalfMonth => "每半个月",
        Period::Month => "每月",
        Period::Quarter => "每季度",
        Period::Term => "每学期",
        Period::SchoolYear => "每学年",
        Period::CalendarYear => "每年",
    }
}

fn window_zh(window: Window, before: u16, after: u16) -> String {
    let festival = match window {
        Window::WinterVacation => return "寒假里".into(),
        Window::SummerVacation => return "暑假里".into(),
        Window::Festival(festival) => festival_zh(festival),
    };
    match (before, after) {
        (0, 0) => format!("{festival}当天"),
        (0, after) => format!("{festival}起{after}天内"),
        (before, 0) => format!("{festival}前{before}天内"),
        (before, after) => format!("{festival}前{before}天到后{after}天"),
    }
}

pub fn festival_zh(festival: Festival) -> &'static str {
    match festival {
        Festival::NewYear => "元旦",
        Festival::SpringFestival => "春节",
        Festival::Qingming => "清明",
        Festival::LabourDay => "五一",
        Festival::DragonBoat => "端午",
        Festival::ChildrensDay => "六一",
        Festival::MidAutumn => "中秋",
        Festival::NationalDay => "国庆",
        Festival::DoubleNinth => "重阳",
    }
}

pub fn event_zh(event: Event) -> &'static str {
    match event {
        Event::ParentLeft => "爸妈出门后",
        Event::ParentReturned => "爸妈回来后",
        Event::FellIll => "孩子生病后",
        Event::NumberChanged => "电话号码变了后",
        Event::ActivityEnded => "活动结束后",
        Event::ChildJoined => "孩子来了后",
        Event::HazardFound => "看到隐患后",
    }
}

fn loose_zh(loose: Loose) -> &'static str {
    match loose {
        Loose::Often => "时常",
        Loose::Irregularly => "不定期",
        Loose::Regularly => "定期",
        Loose::Promptly => "及时",
        Loose::Unstated => "没有写多久一次",
    }
}

/// “每两周一次，上次9月14日，应在9月28日前，已过2天”
pub fn due_zh(cadence: &str, due: &Due, last_on: Option<Date>, today: Date) -> String {
    let mut parts = vec![cadence.to_owned()];
    parts.extend(last_on.map(|on| format!("上次{}", near_date_zh(on, today))));
    let due_on = due.due_on.map(|on| {
        let moved = due.moved_from.map_or_else(String::new, |from| {
            format!("（放假，从{}顺延）", near_date_zh(from, today))
        });
        // Days off may also bring the last school day forward.
        let moved = if due.moved_from > due.due_on {
            "（因为放假提前）".into()
        } else {
            moved
        };
        format!("应在{}前{moved}", near_date_zh(on, today))
    });
    match due.standing {
        Standing::Today => parts.push("今天到期".into()),
        Standing::Past { days } => {
            parts.extend(due_on);
            parts.push(format!("已过{days}天"));
        }
        Standing::ThisWeek { .. } | Standing::Soon { .. } | Standing::Later { .. } => {
            parts.extend(due_on);
        }
        Standing::Met => parts.push("这一次做到了".into()),
        Standing::Paused { until: None } => parts.push("放假，先歇着".into()),
        Standing::Paused { until: Some(until) } => parts.push(format!(
            "放假，先歇着，{}再开始",
            near_date_zh(until, today)
        )),
        Standing::NotNow => parts.push("现在不用".into()),
        Standing::LastOnly if last_on.is_none() => parts.push("还没有过".into()),
        Standing::LastOnly => {}
    }
    parts.join("，")
}
