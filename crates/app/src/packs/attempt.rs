//! `nuanchao pack try`: what packs would determine and ask for in one case, day by day, and why.

use super::case::CaseFile;
use super::sentence::{cadence_zh, due_zh, verdict, why};
use super::shipped::{pack, shipped};
use super::{Eligibility, Pack, PackDuty, check, sentence};
use crate::adoptions::store::base;
use jiff::civil::Date;
use rules::cadence::{self, Cadence, Standing, Weeks};
use rules::calendar::{Calendar, Stretch, days_between, plus_days};
use rules::conditions::Verdict;
use rules::duties::{ChildCase, Duty, Obligation, Owed};
use rules::eligibility::PolicyId;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Ten school years: more than any child is at school.
pub const MOST_DAYS: i32 = 3660;

/// Kinds of record that show that a parent was in touch with the child.
pub const IN_TOUCH: [&str; 2] = ["family_call", "parent_contact"];

/// Why a stretch of days cannot be tried.
pub fn range_fault(from: Date, to: Date) -> Option<String> {
    let days = days_between(from, to);
    if days < 0 {
        Some("--to要在--from的同一天或以后。".into())
    } else if days > MOST_DAYS {
        Some("最多试十年，请把--from和--to靠近一些。".into())
    } else {
        None
    }
}

/// The case as it stood at the end of one day: later records have not been written yet.
struct Day {
    on: Date,
    case: ChildCase,
}

/// What would be determined and owed from one day to another, both included. The case's own
/// calendar goes before `calendar`.
pub fn attempt(
    packs: &[Pack],
    case: &CaseFile,
    from: Date,
    to: Date,
    calendar: &Calendar,
) -> Value {
    let own = case.calendar();
    let calendar = own.as_ref().unwrap_or(calendar);
    let days = replay(packs, case, from, to);
    let duties = || {
        packs.iter().flat_map(|pack| {
            let duties = pack.duties.iter();
            duties.map(move |duty| (pack, duty))
        })
    };
    let about_a_child = |duty: &PackDuty| duty.duty.subject.is_of_a_child();
    let determinations: Vec<Value> = packs
        .iter()
        .flat_map(|pack| &pack.eligibility)
        .map(|rule| determination(rule, &days))
        .collect();
    let owed: Vec<Value> = duties()
        .filter(|(_, duty)| about_a_child(duty))
        .map(|(pack, duty)| {
            Trial {
                duty,
                calendar,
                days: &days,
            }
            .told(pack)
        })
        .collect();
    let elsewhere: Vec<Value> = duties()
        .filter(|(_, duty)| !about_a_child(duty))
        .map(|(pack, duty)| {
            json!({
                "pack": pack.head.id,
                "id": duty.duty.policy.id,
                "title": duty.title,
                "source": duty.source,
                "about": duty.duty.subject.code(),
                "cadence_zh": cadence_of(&duty.duty),
            })
        })
        .collect();
    json!({
        "about": case.about,
        "from": from.to_string(),
        "to": to.to_string(),
        "packs": packs.iter().map(|pack| json!({
            "id": pack.head.id, "version": pack.head.version, "title": pack.head.title,
        })).collect::<Vec<_>>(),
        "determinations": determinations,
        "duties": owed,
        "not_about_a_child": elsewhere,
        "notes": lacking(packs).into_iter()
            .chain(without_law(packs))
            .chain(strange(packs, case))
            .chain(without(packs, case))
            .collect::<Vec<_>>(),
    })
}

/// What one of the packs names and none of them has: a duty counted by it is owed to nobody here.
fn lacking(packs: &[Pack]) -> Vec<String> {
    let names: Vec<&str> = packs.iter().map(|pack| pack.head.id.as_str()).collect();
    check::together(packs, &names)
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// A school has the legal floor in any case; here it is asked for by name.
fn without_law(packs: &[Pack]) -> Option<String> {
    let is_there = packs.iter().any(|pack| pack.head.id == "law");
    (!is_there).then(|| {
        "学校里一直有法律底线（law），这里没有一起算。要看加在一起欠什么，请把law也写上。"
            .to_owned()
    })
}

/// Kinds of record that no form is called, neither in these packs nor in those that we ship: likely a
/// slip, and nothing is met by them.
fn strange(packs: &[Pack], case: &CaseFile) -> Vec<String> {
    let own = packs.iter().flat_map(|pack| {
        let forms = pack.forms.iter().map(|form| form.id.clone());
        forms.chain(pack.duties.iter().map(|duty| duty.duty.does.clone()))
    });
    let mut known: BTreeSet<String> = own.collect();
    for (id, _) in shipped() {
        if let Some(Ok(pack)) = pack(id, case.in_care_since) {
            known.extend(pack.forms.into_iter().map(|form| form.id));
        }
    }
    let kinds = case.records.iter().map(|record| base(&record.kind));
    let kinds: BTreeSet<&str> = kinds.filter(|kind| !known.contains(*kind)).collect();
    let said = |kind: &str| format!("records里的“{kind}”没有哪张表这样叫，什么也不会因它算做过。");
    kinds.into_iter().map(said).collect()
}

/// What the case's own calendar lacks of what the duties go by: they are owed to nobody there.
fn without(packs: &[Pack], case: &CaseFile) -> Vec<String> {
    let Some(own) = &case.calendar else {
        return Vec::new();
    };
    let duties = packs.iter().flat_map(|pack| &pack.duties);
    let cadences = duties.flat_map(|duty| {
        let vacation = duty.duty.vacation.iter();
        std::iter::once(&duty.duty.cadence).chain(vacation)
    });
    let windows = cadences.filter_map(|one| match one {
        Cadence::Around { window, .. } => Some(*window),
        _ => None,
    });
    let lacks = |window: &cadence::Window| match window {
        cadence::Window::Festival(festival) => {
            own.festivals.iter().all(|day| day.festival != *festival)
        }
        cadence::Window::WinterVacation | cadence::Window::SummerVacation => own.terms.len() < 2,
    };
    let mut words: Vec<&str> = windows
        .filter(lacks)
        .map(|window| match window {
            cadence::Window::Festival(festival) => sentence::festival_zh(festival),
            cadence::Window::WinterVacation => "寒假",
            cadence::Window::SummerVacation => "暑假",
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "calendar里算不出{}：节日写在festivals里，假期要前后两个学期都写上。不写calendar，就用通常的校历。",
        words.join("、")
    )]
}

fn replay(packs: &[Pack], case: &CaseFile, from: Date, to: Date) -> Vec<Day> {
    let whole = case.child_case();
    let mut days = Vec::new();
    let mut on = from;
    while on <= to {
        days.push(Day {
            on,
            case: as_of(&whole, packs, on),
        });
        on = plus_days(on, 1);
    }
    days
}

fn as_of(whole: &ChildCase, packs: &[Pack], on: Date) -> ChildCase {
    let mut case = whole.clone();
    for kept in &mut case.kept {
        kept.dates.retain(|date| *date <= on);
    }
    case.events.retain(|(_, date)| *date <= on);
    let in_touch = case
        .kept
        .iter()
        .filter(|kept| IN_TOUCH.contains(&kept.kind.as_str()))
        .flat_map(|kept| kept.dates.iter().copied());
    let stated = whole.history.parent_in_touch_on.filter(|date| *date <= on);
    case.history.parent_in_touch_on = in_touch.chain(stated).max();
    let rules = packs.iter().flat_map(|pack| &pack.eligibility);
    let duties = packs.iter().flat_map(|pack| &pack.duties);
    let owing: Vec<&PolicyId> = duties
        .filter_map(|one| one.duty.counted_by.as_ref())
        .collect();
    case.count((rules.map(|one| &one.rule), &owing), on);
    case
}

/// Neighbouring days that are told alike become one span. What counts the days themselves is said as
/// on the first of them.
fn spans<K: PartialEq>(told: impl Iterator<Item = (Date, K, Value)>) -> Vec<Value> {
    let mut spans: Vec<(Date, Date, K, Value)> = Vec::new();
    for (on, key, value) in told {
        match spans.last_mut() {
            Some((_, to, last, _)) if *last == key => *to = on,
            _ => spans.push((on, on, key, value)),
        }
    }
    spans
        .into_iter()
        .map(|(from, to, _, mut value)| {
            if let Some(span) = value.as_object_mut() {
                span.insert("from".into(), json!(from.to_string()));
                span.insert("to".into(), json!(to.to_string()));
            }
            value
        })
        .collect()
}

fn determination(one: &Eligibility, days: &[Day]) -> Value {
    let told = days.iter().filter_map(|day| {
        let policy = &one.rule.policy;
        let (_, said) = day.case.counted.iter().find(|(rule, _)| rule == policy)?;
        let (result, lacks) = match said {
            Verdict::Yes(_) => ("yes", Vec::new()),
            Verdict::No(_) => ("no", Vec::new()),
            Verdict::CannotSay { missing } => ("unknown", missing.clone()),
        };
        let why = verdict(said);
        let value = json!({ "result": result, "why": why });
        Some((day.on, (result, lacks, why), value))
    });
    json!({
        "pack": one.rule.policy.pack,
        "id": one.rule.policy.id,
        "version": one.rule.policy.version,
        "title": one.title,
        "source": one.source,
        "spans": spans(told),
    })
}

/// How often a duty is asked for, as people say it, the vacation's own way included.
pub fn cadence_of(duty: &Duty) -> String {
    let term = cadence_zh(&duty.cadence, duty.weeks, duty.exact);
    match &duty.vacation {
        None => term,
        Some(vacation) => format!(
            "{term}；{}",
            cadence_zh(vacation, Weeks::Vacation, duty.exact)
        ),
    }
}

struct Trial<'a> {
    duty: &'a PackDuty,
    calendar: &'a Calendar,
    days: &'a [Day],
}

fn standing_code(standing: &Standing) -> &'static str {
    match standing {
        Standing::Past { .. } => "past",
        Standing::Today => "today",
        Standing::ThisWeek { .. } => "this_week",
        Standing::Soon { .. } => "soon",
        Standing::Later { .. } => "later",
        Standing::Met => "met",
        Standing::Paused { .. } => "paused",
        Standing::NotNow => "not_now",
        Standing::LastOnly => "last_only",
    }
}

impl Trial<'_> {
    fn told(&self, pack: &Pack) -> Value {
        let asked: Vec<(Date, Owed)> = self
            .days
            .iter()
            .map(|day| {
                (
                    day.on,
                    self.duty.duty.owed(&day.case, self.calendar, day.on),
                )
            })
            .collect();
        json!({
            "pack": pack.head.id,
            "id": self.duty.duty.policy.id,
            "version": pack.head.version,
            "title": self.duty.title,
            "source": self.duty.source,
            "level": self.duty.duty.level.code(),
            "floor": self.duty.duty.floor,
            "owed_by": self.duty.duty.owed_by.code(),
            "with": self.duty.duty.party.code(),
            "does": self.duty.duty.does,
            "cadence_zh": cadence_of(&self.duty.duty),
            "owed": self.owed(&asked),
            "states": spans(asked.iter().map(|(on, owed)| self.state(*on, owed))),
        })
    }

    fn state(&self, on: Date, owed: &Owed) -> (Date, Value, Value) {
        let mut told = match owed {
            Owed::No { reasons } => {
                let verdict = sentence::verdict(&Verdict::No(reasons.clone()));
                json!({ "key": ["not_owed", verdict], "standing": "not_owed", "why": verdict })
            }
            Owed::CannotSay { missing } => {
                let why = sentence::missing(missing);
                json!({ "key": ["unknown", why], "standing": "unknown", "why": why })
            }
            Owed::Yes(obligation) => self.standing(on, obligation),
        };
        let key = match told.as_object_mut() {
            Some(all) => {
                let key = all
                    .remove("key")
                    .unwrap_or_else(|| all.get("standing").cloned().unwrap_or_default());
                all.retain(|_, value| !value.is_null());
                key
            }
            None => Value::Null,
        };
        (on, key, told)
    }

    fn standing(&self, on: Date, obligation: &Obligation) -> Value {
        let due = &obligation.due;
        let cadence = self.cadence_on(on);
        let standing = standing_code(&due.standing);
        let because = if obligation.because.is_empty() {
            "在册的孩子都算".to_owned()
        } else {
            why(&obligation.because)
        };
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        json!({
            "key": [standing, day(due.due_on), day(due.moved_from), due.done, due.wanted, day(obligation.last_on), because],
            "standing": standing,
            "due_on": day(due.due_on),
            "moved_from": day(due.moved_from),
            "last_on": day(obligation.last_on),
            "done": due.done,
            "wanted": due.wanted,
            "says": due_zh(&cadence, due, obligation.last_on, on),
            "why": because,
        })
    }

    fn in_term(&self, on: Date) -> bool {
        self.calendar.term_on(on).is_some()
    }

    fn cadence_on(&self, on: Date) -> String {
        let duty = &self.duty.duty;
        match &duty.vacation {
            Some(vacation) if !self.in_term(on) => {
                cadence_zh(vacation, Weeks::Vacation, duty.exact)
            }
            _ => cadence_zh(&duty.cadence, duty.weeks, duty.exact),
        }
    }

    /// How often the duty falls into the days on which it is owed; nothing for "often", nor where it
    /// cannot be said of any day.
    fn owed(&self, asked: &[(Date, Owed)]) -> Option<u32> {
        let duty = &self.duty.duty;
        let is_owed = asked.iter().any(|(_, owed)| matches!(owed, Owed::Yes(_)));
        let is_open = |(_, owed): &(Date, Owed)| matches!(owed, Owed::CannotSay { .. });
        if !is_owed && asked.iter().any(is_open) {
            return None;
        }
        if matches!(duty.cadence, Cadence::Unnumbered(_)) && duty.vacation.is_none() {
            return None;
        }
        let mut owed = 0;
        for (stretch, in_vacation) in self.stretches(asked) {
            let (cadence, weeks) = match &duty.vacation {
                Some(vacation) if in_vacation => (vacation, Weeks::Vacation),
                _ => (&duty.cadence, duty.weeks),
            };
            owed += self.owed_in(cadence, weeks, stretch, asked);
        }
        Some(owed)
    }

    /// The stretches in which the duty is owed under the same cadence.
    fn stretches(&self, asked: &[(Date, Owed)]) -> Vec<(Stretch, bool)> {
        let mut found: Vec<(Stretch, bool)> = Vec::new();
        for (day, (on, owed)) in self.days.iter().zip(asked) {
            let since = day.case.in_care_since.max(self.duty.duty.from);
            if *on < since || !matches!(owed, Owed::Yes(_)) {
                continue;
            }
            let apart = self.duty.duty.vacation.is_some() && !self.in_term(*on);
            match found.last_mut() {
                Some((stretch, last)) if *last == apart && plus_days(stretch.to, 1) == *on => {
                    stretch.to = *on;
                }
                _ => found.push((Stretch { from: *on, to: *on }, apart)),
            }
        }
        found
    }

    fn owed_in(
        &self,
        cadence: &Cadence,
        weeks: Weeks,
        stretch: Stretch,
        asked: &[(Date, Owed)],
    ) -> u32 {
        match cadence {
            Cadence::By { month, day } => years(stretch)
                .filter_map(|year| {
                    let first = Date::new(year, *month, 1).ok()?;
                    Some(Date::new(year, *month, *day).unwrap_or(first.last_of_month()))
                })
                .fold(0, |count, on| count + u32::from(stretch.holds(on))),
            Cadence::Within { after, .. } => {
                let last = self.days.last();
                let events = last.map_or(&[][..], |day| day.case.events.as_slice());
                events.iter().fold(0, |count, (event, on)| {
                    count + u32::from(event == after && stretch.holds(*on))
                })
            }
            Cadence::Around { times, .. } => windows(asked, stretch) * u32::from(*times),
            Cadence::Every { .. }
            | Cadence::Times { .. }
            | Cadence::OnDay { .. }
            | Cadence::InMonths { .. }
            | Cadence::Unnumbered(_) => {
                // Counted since the middle of a month, a child owes the share of what was left of it.
                let mut first = asked.iter().filter(|(on, _)| *on == stretch.from);
                let since = first.find_map(|(_, owed)| match owed {
                    Owed::Yes(obligation) => Some(obligation.since),
                    _ => None,
                });
                let since = since.unwrap_or(stretch.from);
                cadence.owed_in((stretch, since), weeks, self.calendar)
            }
        }
    }
}

fn years(stretch: Stretch) -> impl Iterator<Item = i16> {
    stretch.from.year()..=stretch.to.year()
}

/// The windows that end within the stretch, or were met in it: a window shows itself by its due
/// day, and one that was met before it came due by standing as met.
fn windows(asked: &[(Date, Owed)], stretch: Stretch) -> u32 {
    let mut count = 0;
    let mut window = Window::default();
    for (_, owed) in asked.iter().filter(|(on, _)| stretch.holds(*on)) {
        let Owed::Yes(obligation) = owed else {
            continue;
        };
        if obligation.due.standing == Standing::NotNow {
            count += std::mem::take(&mut window).count(stretch);
        } else {
            window.met |= obligation.due.standing == Standing::Met;
            window.due_days.extend(obligation.due.due_on);
        }
    }
    count + window.count(stretch)
}

#[derive(Default)]
struct Window {
    due_days: BTreeSet<Date>,
    met: bool,
}

impl Window {
    fn count(self, stretch: Stretch) -> u32 {
        let ended = self
            .due_days
            .iter()
            .filter(|on| stretch.holds(**on))
            .count();
        u32::try_from(ended)
            .unwrap_or_default()
            .max(u32::from(self.met))
    }
}
