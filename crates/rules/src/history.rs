//! What is known about one child over time, and the facts that follow from it on one day.

use crate::eligibility::{AbsenceTerms, Reach};
use crate::facts::{Fact, Facts, Value};
use alloc::{string::String, vec::Vec};
use jiff::{ToSpan, civil::Date};

coded! {
    /// Which parent.
    Parent { Father = "father", Mother = "mother" }
}

/// 外出务工: a stretch during which a parent is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentAbsence {
    pub parent: Parent,
    /// The day of leaving; `None` when nobody has written it down yet.
    pub from: Option<Date>,
    /// The latest day on which the parent had certainly left, where `from` is not known.
    pub from_at_the_latest: Option<Date>,
    /// The day of coming home for good; `None` while it lasts.
    pub to: Option<Date>,
    pub reach: Option<Reach>,
}

/// 返乡: a visit home within an absence. Both days are days at home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeStay {
    pub parent: Parent,
    pub from: Date,
    pub to: Option<Date>,
}

/// What became of a parent, where it is not simply "at home" or "away for work".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParentState {
    /// 重病、重残 and the like: at home, and not able to care.
    Incapable,
    Dead,
    Missing,
    Imprisoned,
}

/// A value with the days on which it held, both included; open ends are `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated<T> {
    pub value: T,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

impl<T> Dated<T> {
    fn holds(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// One child, without name or id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChildHistory {
    pub born_on: Option<Date>,
    /// Somebody has asked where the parents are (摸底排查): only then does silence mean "at home".
    pub screened_on: Option<Date>,
    /// About these parents nobody has asked yet: their silence means nothing.
    pub not_asked: Vec<Parent>,
    pub absences: Vec<ParentAbsence>,
    pub stays: Vec<HomeStay>,
    pub parents: Vec<Dated<(Parent, ParentState)>>,
    /// A word of [`Fact::LivesWith`].
    pub lives_with: Vec<Dated<String>>,
    pub grade: Option<u8>,
    pub boarding: Option<bool>,
    pub rural: Option<bool>,
    pub carer_born: Option<Date>,
    pub registry_code: Option<String>,
    pub study_help: Option<bool>,
    pub priority: Option<bool>,
    pub individual_plan: Option<bool>,
    pub plan_needed: Option<bool>,
    pub counselling_needed: Option<bool>,
    pub parent_in_touch_on: Option<Date>,
    /// Since when what a teacher noted has held: [`Fact::StudyHelp`] and its like.
    pub noted: Vec<(Fact, Date)>,
}

/// Since when a parent has been away without a break that the rule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Away {
    No,
    Since(Date),
    AtTheLatestSince(Date),
    SinceUnknown,
}

/// Completed years on `day`; the birthday itself counts, and a child born on 29 February completes
/// a year on 28 February of a common year (民法典 §202: without the day, the month's last day).
pub fn age_on(born_on: Date, day: Date) -> i64 {
    let mut years = i64::from(day.year()) - i64::from(born_on.year());
    if born_on.saturating_add(years.years()) > day {
        years -= 1;
    }
    years.max(0)
}

/// Away at all, as nobody's definition has it: a visit over the new year is no coming home.
const AT_ALL: AbsenceTerms = AbsenceTerms {
    visits_up_to_days: 30,
    at_least: None,
    first_day_counts: false,
};

impl ChildHistory {
    /// The facts on `as_of`, as a rule with these absence terms sees them.
    pub fn facts(&self, terms: &AbsenceTerms, as_of: Date) -> Facts {
        let mut facts = Facts::default();
        self.absence_facts(terms, as_of, &mut facts);
        facts.set_if_known(
            Fact::AgeYears,
            self.born_on.map(|born| Value::Number(age_on(born, as_of))),
        );
        facts.set_if_known(
            Fact::CarerAge,
            self.carer_born
                .map(|born| Value::Number(age_on(born, as_of))),
        );
        facts.set_if_known(
            Fact::Grade,
            self.grade.map(|grade| Value::Number(i64::from(grade))),
        );
        facts.set(Fact::Enrolled, Value::YesNo(self.grade.is_some()));
        facts.set_if_known(
            Fact::Hukou,
            self.rural
                .map(|rural| Value::Word(if rural { "rural" } else { "urban" }.into())),
        );
        facts.set_if_known(
            Fact::LivesWith,
            self.living_on(as_of).map(|word| Value::Word(word.into())),
        );
        facts.set_if_known(
            Fact::RegistryCode,
            self.registry_code.clone().map(Value::Word),
        );
        facts.set_if_known(
            Fact::ParentSilentDays,
            self.parent_in_touch_on
                .map(|on| Value::Number(i64::from(crate::calendar::days_between(on, as_of)))),
        );
        for (fact, known) in [
            (Fact::Boarding, self.boarding),
            (Fact::StudyHelp, self.study_help),
            (Fact::Priority, self.priority),
            (Fact::IndividualPlan, self.individual_plan),
            (Fact::PlanNeeded, self.plan_needed),
            (Fact::CounsellingNeeded, self.counselling_needed),
        ] {
            let began = self.noted.iter().find(|(noted, _)| *noted == fact);
            let has_begun = began.is_none_or(|(_, on)| *on <= as_of);
            let known = known.map(|is_so| is_so && has_begun);
            facts.set_if_known(fact, known.map(Value::YesNo));
        }
        facts
    }

    /// The days on which something about the child began or ended. Between two of them a fact
    /// changes only as time goes by.
    pub fn turns(&self) -> Vec<Date> {
        let after = |day: Date| crate::calendar::plus_days(day, 1);
        let mut turns = Vec::new();
        for absence in &self.absences {
            turns.extend(absence.from.or(absence.from_at_the_latest));
            turns.extend(absence.to);
        }
        for stay in &self.stays {
            turns.push(stay.from);
            turns.extend(stay.to.map(after));
        }
        for (from, to) in self.parents.iter().map(|one| (one.from, one.to)) {
            turns.extend(from.into_iter().chain(to.map(after)));
        }
        for living in &self.lives_with {
            turns.extend(living.from.into_iter().chain(living.to.map(after)));
        }
        turns.extend(self.screened_on);
        turns.extend(self.parent_in_touch_on);
        turns.extend(self.noted.iter().map(|(_, on)| *on));
        turns
    }

    /// Whether this parent is away from home on that day, or nobody has asked: then what the card says of
    /// a workplace is all there is.
    pub fn may_be_away(&self, parent: Parent, as_of: Date) -> bool {
        if self.state_on(parent, as_of).is_some() {
            return false;
        }
        let is_asked = self.screened_on.is_some_and(|on| on <= as_of) || !self.absences.is_empty();
        !is_asked
            || self.not_asked.contains(&parent)
            || self.away(parent, &AT_ALL, as_of) != Away::No
    }

    /// How well a parent can be rung up: first who is away, then who is at home; nobody who is dead,
    /// missing or in prison.
    pub fn answers(&self, parent: Parent, as_of: Date) -> Option<u8> {
        match self.state_on(parent, as_of) {
            Some(ParentState::Dead | ParentState::Missing | ParentState::Imprisoned) => None,
            Some(ParentState::Incapable) => Some(1),
            None => Some(u8::from(!self.may_be_away(parent, as_of))),
        }
    }

    /// Whether neither parent can raise the child: each is dead, missing, in prison or gravely ill
    /// (孤儿 or 事实无人抚养儿童, requirements.md B.2; 未保法 §29, 困境未成年学生).
    pub fn nobody_raises(&self, as_of: Date) -> bool {
        let mut parents = Parent::ALL.iter();
        parents.all(|parent| self.state_on(*parent, as_of).is_some())
    }

    /// Whether the child is said to live by itself.
    pub fn lives_alone(&self, as_of: Date) -> bool {
        self.living_on(as_of) == Some("alone")
    }

    /// Whether the child is said to live with its parents, while both are away or cannot be there.
    pub fn lives_with_nobody(&self, as_of: Date) -> bool {
        let is_gone = |parent: &Parent| {
            let is_away = || self.away(*parent, &AT_ALL, as_of) != Away::No;
            match self.state_on(*parent, as_of) {
                Some(ParentState::Incapable) => false,
                Some(_) => true,
                None => is_away(),
            }
        };
        self.living_on(as_of) == Some("parent") && Parent::ALL.iter().all(is_gone)
    }

    /// In which turn a list of numbers offers this parent: as [`Self::answers`] says, and last who is
    /// missing, because a number may work once more. `None`: nobody of that name can be rung up.
    pub fn offered(&self, parent: Parent, as_of: Date) -> Option<u8> {
        match self.state_on(parent, as_of) {
            Some(ParentState::Missing) => Some(2),
            _ => self.answers(parent, as_of),
        }
    }

    /// What the 学籍 list said of the parents (0 neither, 1 one, 2 both are away) and what is known
    /// instead, as codes of that list. `None`: they agree, or one of them says nothing certain.
    pub fn against_the_registry(&self, as_of: Date) -> Option<(&str, &'static str)> {
        let listed = self.registry_code.as_deref()?;
        // The list has no code for a parent who is dead, missing, in prison or ill.
        if Parent::ALL
            .iter()
            .any(|one| self.state_on(*one, as_of).is_some())
        {
            return None;
        }
        let facts = self.facts(&AT_ALL, as_of);
        let Some(Value::Word(word)) = facts.get(Fact::ParentsAway) else {
            return None;
        };
        let known = match word.as_str() {
            "neither" => "0",
            "one" => "1",
            _ => "2",
        };
        (listed != known).then_some((listed, known))
    }

    fn living_on(&self, day: Date) -> Option<&str> {
        self.lives_with
            .iter()
            .rev()
            .find(|living| living.holds(day))
            .map(|living| living.value.as_str())
    }

    /// Why a parent cannot look after the child or be there on that day; nothing: no such thing is known.
    pub fn state_on(&self, parent: Parent, day: Date) -> Option<ParentState> {
        self.parents
            .iter()
            .rev()
            .find(|dated| dated.value.0 == parent && dated.holds(day))
            .map(|dated| dated.value.1)
    }

    fn absence_facts(&self, terms: &AbsenceTerms, as_of: Date, facts: &mut Facts) {
        let asked = self.screened_on.is_some_and(|on| on <= as_of)
            || !self.absences.is_empty()
            || !self.parents.is_empty();
        if !asked {
            return;
        }
        match *self.still_open(as_of) {
            [] => {}
            [open] => return self.half_known(open, terms, as_of, facts),
            [..] => return,
        }
        let states = [
            self.state_on(Parent::Father, as_of),
            self.state_on(Parent::Mother, as_of),
        ];
        let is_orphan = states.iter().all(|state| *state == Some(ParentState::Dead));
        facts.set(Fact::Orphan, Value::YesNo(is_orphan));
        let is_raised = states.iter().any(Option::is_none);
        facts.set(Fact::Unsupported, Value::YesNo(!is_raised && !is_orphan));
        let away = [
            self.away(Parent::Father, terms, as_of),
            self.away(Parent::Mother, terms, as_of),
        ];
        let fathers_and_mothers = away;
        let (word, away) = match away {
            [Away::No, Away::No] => ("neither", None),
            [Away::No, one] | [one, Away::No] => ("one", Some(one)),
            [father, mother] => ("both", Some(later(father, mother))),
        };
        facts.set(Fact::ParentsAway, Value::Word(word.into()));
        let any = earlier(fathers_and_mothers);
        facts.set_if_known(Fact::AnyAwayMonths, months_away(any, terms, as_of));
        set_length(away, terms, as_of, facts);
        let left = match word {
            "both" => Some(Value::Word("nobody".into())),
            _ => at_home(states),
        };
        facts.set_if_known(Fact::ParentAtHome, left);
    }

    /// The parents about whom nothing is known on that day.
    fn still_open(&self, as_of: Date) -> Vec<Parent> {
        if self.screened_on.is_some_and(|on| on <= as_of) {
            return Vec::new();
        }
        // An absence that has ended says nothing of where the parent is since.
        let lasts = |one: &ParentAbsence| one.to.is_none_or(|to| to > as_of);
        let is_open = |parent: &Parent| {
            let mut absences = self.absences.iter();
            let is_away = absences.any(|one| one.parent == *parent && lasts(one));
            !is_away && self.state_on(*parent, as_of).is_none()
        };
        let open = self.not_asked.iter().copied();
        open.filter(is_open).collect()
    }

    /// What one parent says by itself: that one is away or that not both are, how long at least
    /// somebody is away, and that somebody lives.
    fn half_known(&self, open: Parent, terms: &AbsenceTerms, as_of: Date, facts: &mut Facts) {
        let told = match open {
            Parent::Father => Parent::Mother,
            Parent::Mother => Parent::Father,
        };
        if self.state_on(told, as_of) != Some(ParentState::Dead) {
            facts.set(Fact::Orphan, Value::YesNo(false));
        }
        if self.state_on(told, as_of).is_none() {
            facts.set(Fact::Unsupported, Value::YesNo(false));
        }
        let away = self.away(told, terms, as_of);
        let left = match away {
            Away::No => ["neither", "one"],
            Away::Since(_) | Away::AtTheLatestSince(_) | Away::SinceUnknown => ["one", "both"],
        };
        let left = left.map(String::from).into();
        facts.set(Fact::ParentsAway, Value::OneOf(left));
        if away == Away::No {
            return;
        }
        let at_least = match months_away(away, terms, as_of) {
            Some(Value::Number(months)) => Some(Value::NumberFrom(months)),
            other => other,
        };
        facts.set_if_known(Fact::AnyAwayMonths, at_least);
    }

    fn away(&self, parent: Parent, terms: &AbsenceTerms, as_of: Date) -> Away {
        let mut own: Vec<&ParentAbsence> = self
            .absences
            .iter()
            .filter(|absence| absence.parent == parent && terms.reaches(absence.reach))
            .collect();
        own.sort_by_key(|absence| absence.from.or(absence.from_at_the_latest));
        let started = |absence: &ParentAbsence| {
            absence
                .from
                .or(absence.from_at_the_latest)
                .is_none_or(|from| from <= as_of)
        };
        let Some(at) = own
            .iter()
            .rposition(|absence| started(absence) && absence.to.is_none_or(|to| as_of < to))
        else {
            return Away::No;
        };
        let since = joined_start(own.get(..=at).unwrap_or_default(), terms);
        self.after_stays(parent, since, terms, as_of)
    }

    /// A stay at home that is longer than the rule allows starts the count anew.
    fn after_stays(&self, parent: Parent, since: Away, terms: &AbsenceTerms, as_of: Date) -> Away {
        let mut since = since;
        for stay in self.stays.iter().filter(|stay| stay.parent == parent) {
            if stay.from > as_of {
                continue;
            }
            let until = stay.to.map_or(as_of, |to| to.min(as_of));
            let length = crate::calendar::days_between(stay.from, until) + 1;
            if length <= i32::from(terms.visits_up_to_days) {
                continue;
            }
            if until == as_of {
                return Away::No;
            }
            let again = crate::calendar::plus_days(until, 1);
            since = match since {
                Away::Since(from) | Away::AtTheLatestSince(from) if from >= again => since,
                Away::No => Away::No,
                Away::Since(_) | Away::AtTheLatestSince(_) | Away::SinceUnknown => {
                    Away::Since(again)
                }
            };
        }
        since
    }
}

/// Absences that follow each other within the allowed visit are one.
fn joined_start(own: &[&ParentAbsence], terms: &AbsenceTerms) -> Away {
    let mut newest_first = own.iter().rev();
    let Some(mut first) = newest_first.next() else {
        return Away::No;
    };
    for earlier in newest_first {
        let (Some(from), Some(to)) = (first.from, earlier.to) else {
            break;
        };
        if crate::calendar::days_between(to, from) > i32::from(terms.visits_up_to_days) {
            break;
        }
        first = earlier;
    }
    match (first.from, first.from_at_the_latest) {
        (Some(from), _) => Away::Since(from),
        (None, Some(latest)) => Away::AtTheLatestSince(latest),
        (None, None) => Away::SinceUnknown,
    }
}

/// Both are away since the later of the two left.
fn later(one: Away, other: Away) -> Away {
    match (one, other) {
        (Away::No, _) | (_, Away::No) => Away::No,
        (Away::SinceUnknown, _) | (_, Away::SinceUnknown) => Away::SinceUnknown,
        (Away::Since(a), Away::Since(b)) => Away::Since(a.max(b)),
        (
            Away::Since(a) | Away::AtTheLatestSince(a),
            Away::Since(b) | Away::AtTheLatestSince(b),
        ) => Away::AtTheLatestSince(a.max(b)),
    }
}

/// Somebody has been away since the earlier of the two left.
fn earlier([one, other]: [Away; 2]) -> Away {
    match (one, other) {
        (Away::No, only) | (only, Away::No) => only,
        (Away::Since(a), Away::Since(b)) => Away::Since(a.min(b)),
        // The other may have left earlier still: what is known is a bound.
        (Away::SinceUnknown, Away::Since(a) | Away::AtTheLatestSince(a))
        | (Away::Since(a) | Away::AtTheLatestSince(a), Away::SinceUnknown) => {
            Away::AtTheLatestSince(a)
        }
        (Away::SinceUnknown, Away::SinceUnknown) => Away::SinceUnknown,
        (
            Away::Since(a) | Away::AtTheLatestSince(a),
            Away::Since(b) | Away::AtTheLatestSince(b),
        ) => Away::AtTheLatestSince(a.min(b)),
    }
}

fn months_away(away: Away, terms: &AbsenceTerms, as_of: Date) -> Option<Value> {
    let counted = |from: Date| {
        let before = i32::from(terms.first_day_counts);
        months_between(crate::calendar::plus_days(from, -before), as_of)
    };
    match away {
        Away::No => Some(Value::Number(0)),
        Away::SinceUnknown => None,
        Away::Since(from) => Some(Value::Number(counted(from))),
        Away::AtTheLatestSince(from) => Some(Value::NumberFrom(counted(from))),
    }
}

fn set_length(away: Option<Away>, terms: &AbsenceTerms, as_of: Date, facts: &mut Facts) {
    let (from, exact) = match away {
        None | Some(Away::No) => {
            facts.set(Fact::AwayDays, Value::Number(0));
            facts.set(Fact::AwayMonths, Value::Number(0));
            return;
        }
        Some(Away::SinceUnknown) => return,
        Some(Away::Since(from)) => (from, true),
        Some(Away::AtTheLatestSince(from)) => (from, false),
    };
    let from = if terms.first_day_counts {
        crate::calendar::plus_days(from, -1)
    } else {
        from
    };
    let days = i64::from(crate::calendar::days_between(from, as_of));
    let months = months_between(from, as_of);
    let value = if exact {
        Value::Number
    } else {
        Value::NumberFrom
    };
    facts.set(Fact::AwayDays, value(days));
    facts.set(Fact::AwayMonths, value(months));
}

/// Completed calendar months; a month without the day ends on its last day.
fn months_between(from: Date, to: Date) -> i64 {
    let mut months = (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month())
        - i64::from(from.month());
    if from.saturating_add(months.months()) > to {
        months -= 1;
    }
    months.max(0)
}

fn at_home(states: [Option<ParentState>; 2]) -> Option<Value> {
    let word = match states {
        [None, None] => "capable",
        [None, Some(state)] | [Some(state), None] => match state {
            ParentState::Incapable => "incapable",
            ParentState::Dead | ParentState::Missing | ParentState::Imprisoned => "nobody",
        },
        [Some(one), Some(other)] => match (one, other) {
            (ParentState::Incapable, _) | (_, ParentState::Incapable) => "incapable",
            (
                ParentState::Dead | ParentState::Missing | ParentState::Imprisoned,
                ParentState::Dead | ParentState::Missing | ParentState::Imprisoned,
            ) => "nobody",
        },
    };
    Some(Value::Word(word.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 24);

    fn away(parent: Parent) -> ParentAbsence {
        ParentAbsence {
            parent,
            from: Some(date(2026, 3, 1)),
            from_at_the_latest: None,
            to: None,
            reach: None,
        }
    }

    fn dead(parent: Parent) -> Dated<(Parent, ParentState)> {
        Dated {
            value: (parent, ParentState::Dead),
            from: Some(date(2026, 11, 1)),
            to: None,
        }
    }

    #[test]
    fn who_is_away_is_called_first_and_nobody_who_has_died() {
        let (father, mother) = (Parent::Father, Parent::Mother);
        let mut child = ChildHistory::default();
        // Nobody has asked: what the card says of a workplace is all there is.
        assert!(child.may_be_away(father, TODAY));
        child.screened_on = Some(date(2026, 9, 1));
        assert!(!child.may_be_away(father, TODAY));
        child.absences = vec![away(mother)];
        assert_eq!(child.answers(mother, TODAY), Some(0));
        assert_eq!(child.answers(father, TODAY), Some(1));
        child.parents = vec![dead(mother)];
        assert!(!child.may_be_away(mother, TODAY));
        assert_eq!(child.answers(mother, TODAY), None);
        assert_eq!(child.answers(mother, date(2026, 10, 31)), Some(0));
    }

    #[test]
    fn the_list_is_held_against_what_is_known_for_certain() {
        let listed = |code: &str| ChildHistory {
            registry_code: Some(code.into()),
            screened_on: Some(date(2026, 9, 1)),
            absences: vec![away(Parent::Father)],
            ..ChildHistory::default()
        };
        assert_eq!(listed("1").against_the_registry(TODAY), None);
        assert_eq!(listed("2").against_the_registry(TODAY), Some(("2", "1")));
        assert_eq!(listed("0").against_the_registry(TODAY), Some(("0", "1")));
        let mut half = listed("2");
        half.screened_on = None;
        half.not_asked = vec![Parent::Mother];
        assert_eq!(half.against_the_registry(TODAY), None);
        let mut alone = listed("2");
        alone.parents = vec![dead(Parent::Mother)];
        assert_eq!(alone.against_the_registry(TODAY), None);
    }
}
