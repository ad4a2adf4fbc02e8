//! One child's case as a file: what `nuanchao pack try` is told. No name and no id belong in it.

use super::Fault;
use jiff::civil::Date;
use rules::cadence::Event;
use rules::calendar::{Calendar, Exception, Festival, Half, Term, plus_days};
use rules::duties::{Actor, ChildCase, Kept, Party};
use rules::eligibility::Reach;
use rules::facts::{Fact, FactType};
use rules::history::{ChildHistory, Dated, HomeStay, Parent, ParentAbsence, ParentState};
use serde::de::{Deserialize, Deserializer};

const PARENTS: [(&str, Parent); 2] = [("father", Parent::Father), ("mother", Parent::Mother)];

const STATES: [(&str, ParentState); 4] = [
    ("incapable", ParentState::Incapable),
    ("dead", ParentState::Dead),
    ("missing", ParentState::Missing),
    ("imprisoned", ParentState::Imprisoned),
];

const REACHES: [(&str, Reach); 3] = [
    ("within_township", Reach::WithinTownship),
    ("within_county", Reach::WithinCounty),
    ("beyond_county", Reach::BeyondCounty),
];

const HALVES: [(&str, Half); 2] = [("first", Half::First), ("second", Half::Second)];

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// A word for the reader; nothing is decided by it.
    #[serde(default)]
    pub about: String,
    #[serde(default, deserialize_with = "maybe_day")]
    pub born_on: Option<Date>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub screened_on: Option<Date>,
    #[serde(deserialize_with = "day")]
    pub in_care_since: Date,
    #[serde(default)]
    pub absences: Vec<Absence>,
    #[serde(default)]
    pub stays: Vec<Stay>,
    #[serde(default)]
    pub parents: Vec<State>,
    #[serde(default)]
    pub living: Vec<Living>,
    #[serde(default, deserialize_with = "grade")]
    pub grade: Option<u8>,
    #[serde(default)]
    pub boarding: Option<bool>,
    #[serde(default)]
    pub rural: Option<bool>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub carer_born: Option<Date>,
    #[serde(default, deserialize_with = "registry_code")]
    pub registry_code: Option<String>,
    #[serde(default)]
    pub study_help: Option<bool>,
    #[serde(default)]
    pub priority: Option<bool>,
    #[serde(default)]
    pub individual_plan: Option<bool>,
    pub plan_needed: Option<bool>,
    pub counselling_needed: Option<bool>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub parent_in_touch_on: Option<Date>,
    #[serde(default)]
    pub records: Vec<Record>,
    #[serde(default)]
    pub events: Vec<Happened>,
    #[serde(default)]
    pub calendar: Option<SchoolCalendar>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    #[serde(deserialize_with = "parent")]
    pub parent: Parent,
    #[serde(default, deserialize_with = "maybe_day")]
    pub from: Option<Date>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub from_at_the_latest: Option<Date>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub to: Option<Date>,
    #[serde(default, deserialize_with = "reach")]
    pub reach: Option<Reach>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    #[serde(deserialize_with = "parent")]
    pub parent: Parent,
    #[serde(deserialize_with = "day")]
    pub from: Date,
    #[serde(default, deserialize_with = "maybe_day")]
    pub to: Option<Date>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    #[serde(deserialize_with = "parent")]
    pub parent: Parent,
    #[serde(deserialize_with = "state")]
    pub state: ParentState,
    #[serde(default, deserialize_with = "maybe_day")]
    pub from: Option<Date>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub to: Option<Date>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Living {
    #[serde(deserialize_with = "living")]
    pub kind: String,
    #[serde(default, deserialize_with = "maybe_day")]
    pub from: Option<Date>,
    #[serde(default, deserialize_with = "maybe_day")]
    pub to: Option<Date>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// "home_visit", or "home_visit.self_care", which counts as both.
    pub kind: String,
    #[serde(deserialize_with = "party")]
    pub with: Party,
    #[serde(deserialize_with = "actor")]
    pub by: Actor,
    #[serde(deserialize_with = "day")]
    pub on: Date,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happened {
    #[serde(deserialize_with = "event")]
    pub event: Event,
    #[serde(deserialize_with = "day")]
    pub on: Date,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchoolCalendar {
    pub terms: Vec<TermDays>,
    /// "2025-10-01" or "2025-10-01..2025-10-08"
    #[serde(default, deserialize_with = "stretches")]
    pub days_off: Vec<Date>,
    #[serde(default, deserialize_with = "stretches")]
    pub work_days: Vec<Date>,
    #[serde(default)]
    pub festivals: Vec<FestivalDay>,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermDays {
    pub school_year: i16,
    #[serde(deserialize_with = "half")]
    pub half: Half,
    #[serde(deserialize_with = "day")]
    pub starts_on: Date,
    #[serde(deserialize_with = "day")]
    pub ends_on: Date,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FestivalDay {
    #[serde(deserialize_with = "festival")]
    pub festival: Festival,
    #[serde(deserialize_with = "day")]
    pub on: Date,
}

/// What our own sentences begin with, to tell them from the reader's.
const OURS: char = '“';

fn parse_day<E: serde::de::Error>(text: &str) -> Result<Date, E> {
    text.parse().map_err(|_| {
        E::custom(format!(
            "“{text}”不是一个日期，请写成2025-09-01这样，并看看这一天有没有。"
        ))
    })
}

fn day<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    parse_day(&String::deserialize(from)?)
}

fn maybe_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| parse_day(&text))
        .transpose()
}

fn stretches<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Date>, D::Error> {
    let mut days = Vec::new();
    for text in Vec::<String>::deserialize(from)? {
        let (first, last) = text.split_once("..").unwrap_or((&text, &text));
        let (mut at, last) = (parse_day::<D::Error>(first)?, parse_day::<D::Error>(last)?);
        // A year holds every holiday that a school may write as one stretch.
        for _ in 0..366 {
            if at > last {
                break;
            }
            days.push(at);
            at = plus_days(at, 1);
        }
    }
    Ok(days)
}

fn chosen<T: Copy, E: serde::de::Error>(text: &str, known: &[(&str, T)]) -> Result<T, E> {
    let found = known.iter().find(|(code, _)| *code == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = known.iter().map(|(code, _)| *code).collect();
        E::custom(format!(
            "“{text}”不认识，可以写的有：{}。",
            words.join("、")
        ))
    })
}

macro_rules! words {
    ($($name:ident -> $type:ty { $known:expr })*) => { $(
        fn $name<'de, D: Deserializer<'de>>(from: D) -> Result<$type, D::Error> {
            chosen(&String::deserialize(from)?, $known)
        }
    )* };
}

words! {
    parent -> Parent { &PARENTS }
    state -> ParentState { &STATES }
    half -> Half { &HALVES }
    party -> Party { &Party::ALL.iter().map(|one| (one.code(), *one)).collect::<Vec<_>>() }
    actor -> Actor { &Actor::ALL.iter().map(|one| (one.code(), *one)).collect::<Vec<_>>() }
    event -> Event { &Event::ALL.map(|one| (one.code(), one)) }
    festival -> Festival { &Festival::ALL.map(|one| (one.code(), one)) }
}

fn reach<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Reach>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| chosen(&text, &REACHES))
        .transpose()
}

fn fact_word<E: serde::de::Error>(fact: Fact, text: String) -> Result<String, E> {
    let FactType::Choice(words) = fact.kind() else {
        return Ok(text);
    };
    let known: Vec<(&str, ())> = words.iter().map(|word| (*word, ())).collect();
    chosen(&text, &known).map(|()| text)
}

fn living<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    fact_word(Fact::LivesWith, String::deserialize(from)?)
}

fn grade<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u8>, D::Error> {
    use serde::de::Error;
    let grade = Option::<u8>::deserialize(from)?;
    match grade {
        Some(grade) if !(1..=9).contains(&grade) => {
            Err(D::Error::custom(format!("“{grade}”不是年级，请写1到9。")))
        }
        grade => Ok(grade),
    }
}

fn registry_code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| fact_word(Fact::RegistryCode, text))
        .transpose()
}

/// Reads a case, or says where it is wrong and how to mend it.
pub fn read(text: &str, file: &str) -> Result<CaseFile, Fault> {
    let case: CaseFile = serde_json::from_str(text).map_err(|error| Fault {
        file: file.to_owned(),
        line: error.line(),
        sentence: sentence(&error),
    })?;
    match case.ends_before_it_begins() {
        None => Ok(case),
        Some((from, to)) => Err(Fault {
            file: file.to_owned(),
            line: line_of(text, to),
            sentence: format!("{from}开始，{to}就结束了，看看哪一个写错了。"),
        }),
    }
}

/// The first line with this day; serde tells no place of what it has read well.
fn line_of(text: &str, day: Date) -> usize {
    let day = day.to_string();
    let at = text.lines().position(|line| line.contains(&day));
    at.map_or(1, |at| at + 1)
}

fn sentence(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let said = full
        .rsplit_once(" at line ")
        .map_or(full.as_str(), |(said, _)| said);
    let named = said.split('`').nth(1).unwrap_or_default();
    if !error.is_data() {
        return "JSON的写法不对，看看这一行上下的逗号、引号和括号。".into();
    }
    if said.starts_with(OURS) {
        return said.to_owned();
    }
    if said.starts_with("unknown field") {
        let known: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
        return format!("没有“{named}”这一项，可以写的有：{}。", known.join("、"));
    }
    if said.starts_with("missing field") {
        return format!("少了{named}，请补上。");
    }
    if said.starts_with("duplicate field") {
        return format!("{named}写了两遍，请删掉一个。");
    }
    "这里的值不对：日期和词放在引号里，数字和true、false不加引号，列表放在方括号里。".into()
}

impl CaseFile {
    fn ends_before_it_begins(&self) -> Option<(Date, Date)> {
        let absences = self.absences.iter().map(|one| (one.from, one.to));
        let stays = self.stays.iter().map(|one| (Some(one.from), one.to));
        let parents = self.parents.iter().map(|one| (one.from, one.to));
        let living = self.living.iter().map(|one| (one.from, one.to));
        let terms = self.calendar.iter().flat_map(|own| &own.terms);
        let terms = terms.map(|term| (Some(term.starts_on), Some(term.ends_on)));
        absences
            .chain(stays)
            .chain(parents)
            .chain(living)
            .chain(terms)
            .filter_map(|(from, to)| from.zip(to))
            .find(|(from, to)| to < from)
    }

    /// The case as the rules are told it; `counted` is left to the caller, day by day.
    pub fn child_case(&self) -> ChildCase {
        let pairs = Actor::ALL.iter().filter(|who| who.makes_pairs());
        ChildCase {
            history: self.history(),
            in_care_since: self.in_care_since,
            kept: self.kept(),
            events: self.events.iter().map(|one| (one.event, one.on)).collect(),
            // Tried as if somebody were asked to be there for the child.
            paired: pairs.map(|who| (*who, None)).collect(),
            counted: Vec::new(),
            counted_since: Vec::new(),
            turns: Vec::new(),
        }
    }

    fn history(&self) -> ChildHistory {
        let absences = self.absences.iter().map(|absence| ParentAbsence {
            parent: absence.parent,
            from: absence.from,
            from_at_the_latest: absence.from_at_the_latest,
            to: absence.to,
            reach: absence.reach,
        });
        let stays = self.stays.iter().map(|stay| HomeStay {
            parent: stay.parent,
            from: stay.from,
            to: stay.to,
        });
        let parents = self.parents.iter().map(|one| Dated {
            value: (one.parent, one.state),
            from: one.from,
            to: one.to,
        });
        let living = self.living.iter().map(|one| Dated {
            value: one.kind.clone(),
            from: one.from,
            to: one.to,
        });
        ChildHistory {
            not_asked: Vec::new(),
            noted: Vec::new(),
            born_on: self.born_on,
            screened_on: self.screened_on,
            absences: absences.collect(),
            stays: stays.collect(),
            parents: parents.collect(),
            lives_with: living.collect(),
            grade: self.grade,
            boarding: self.boarding,
            rural: self.rural,
            carer_born: self.carer_born,
            registry_code: self.registry_code.clone(),
            study_help: self.study_help,
            priority: self.priority,
            individual_plan: self.individual_plan,
            plan_needed: self.plan_needed,
            counselling_needed: self.counselling_needed,
            parent_in_touch_on: self.parent_in_touch_on,
        }
    }

    fn kept(&self) -> Vec<Kept> {
        let mut kept: Vec<Kept> = Vec::new();
        for record in &self.records {
            let whole = record.kind.split_once('.').map(|(form, _)| form);
            for kind in whole.into_iter().chain([record.kind.as_str()]) {
                let same = kept.iter_mut().find(|one| {
                    one.kind == kind && one.party == record.with && one.by == record.by
                });
                match same {
                    Some(one) => one.dates.push(record.on),
                    None => kept.push(Kept {
                        kind: kind.to_owned(),
                        party: record.with,
                        by: record.by,
                        dates: vec![record.on],
                    }),
                }
            }
        }
        kept
    }

    /// The case's own calendar, where it brings one.
    pub fn calendar(&self) -> Option<Calendar> {
        let own = self.calendar.as_ref()?;
        let terms = own.terms.iter().map(|term| Term {
            school_year: term.school_year,
            half: term.half,
            starts_on: term.starts_on,
            ends_on: term.ends_on,
        });
        let off = own.days_off.iter().map(|day| (*day, Exception::Off));
        let work = own.work_days.iter().map(|day| (*day, Exception::Work));
        let festivals = own.festivals.iter().map(|one| (one.festival, one.on));
        Some(Calendar::new(
            terms.collect(),
            off.chain(work).collect(),
            festivals.collect(),
        ))
    }
}
