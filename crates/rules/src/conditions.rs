//! The one condition language of packs, and its one evaluator, which says why.

use crate::facts::{Fact, FactType, Facts, Value};
use alloc::{boxed::Box, string::String, vec::Vec};

/// `is`, `is_not`, `in`, `at_least`, `at_most`, `before`, `after`, `known`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    Is(Value),
    IsNot(Value),
    In(Vec<Value>),
    AtLeast(i64),
    AtMost(i64),
    Before(jiff::civil::Date),
    After(jiff::civil::Date),
    Known,
}

/// A condition as a pack states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Fact(Fact, Test),
}

/// One comparison that was made: what was asked, what was found, whether it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub fact: Fact,
    pub test: Test,
    pub found: Option<Value>,
    pub holds: bool,
}

/// The answer, with the comparisons that carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Yes(Vec<Reason>),
    No(Vec<Reason>),
    CannotSay { missing: Vec<Fact> },
}

impl Verdict {
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    fn not(self) -> Self {
        match self {
            Self::Yes(reasons) => Self::No(reasons),
            Self::No(reasons) => Self::Yes(reasons),
            Self::CannotSay { missing } => Self::CannotSay { missing },
        }
    }
}

/// Why a condition cannot stand in a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConditionFault {
    /// The word is not among the fact's choices.
    NoSuchChoice { fact: Fact, given: Value },
    /// The operator does not fit the fact's type.
    WrongType { fact: Fact },
}

impl Condition {
    /// Always true: a rule without a condition.
    pub fn always() -> Self {
        Self::All(Vec::new())
    }

    /// Whether there is nothing to decide.
    pub fn is_always(&self) -> bool {
        matches!(self, Self::All(inner) if inner.is_empty())
    }

    /// Decides, in Kleene's three values: what is not known never counts as no.
    pub fn decide(&self, facts: &Facts) -> Verdict {
        match self {
            Self::Fact(fact, test) => decide_fact(*fact, test, facts),
            Self::Not(inner) => inner.decide(facts).not(),
            Self::All(parts) => all(parts.iter().map(|part| part.decide(facts))),
            // Any(a, b) is Not(All(Not a, Not b)): one piece of logic, one set of tests.
            Self::Any(parts) => all(parts.iter().map(|part| part.decide(facts).not())).not(),
        }
    }

    /// Every fact that is asked for.
    pub fn facts(&self) -> Vec<Fact> {
        match self {
            Self::Fact(fact, _) => alloc::vec![*fact],
            Self::Not(inner) => inner.facts(),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Condition::facts).collect()
            }
        }
    }

    /// Whether the answer may change as time goes by, without anything happening: a length that is
    /// reached, a birthday.
    pub fn grows(&self) -> bool {
        match self {
            Self::Fact(fact, _) => matches!(
                fact,
                Fact::AwayMonths
                    | Fact::AwayDays
                    | Fact::AnyAwayMonths
                    | Fact::AgeYears
                    | Fact::CarerAge
                    | Fact::ParentSilentDays
            ),
            Self::Not(inner) => inner.grows(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::grows),
        }
    }

    /// Checks types and choices, as `nuanchao pack check` reports them.
    pub fn fault(&self) -> Option<ConditionFault> {
        match self {
            Self::Fact(fact, test) => fact_fault(*fact, test),
            Self::Not(inner) => inner.fault(),
            Self::All(parts) | Self::Any(parts) => parts.iter().find_map(Condition::fault),
        }
    }
}

fn all(parts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut held = Vec::new();
    let mut failed = Vec::new();
    let mut missing = Vec::new();
    for part in parts {
        match part {
            Verdict::Yes(reasons) => held.extend(reasons),
            Verdict::No(reasons) => failed.push(reasons),
            Verdict::CannotSay { missing: more } => missing.extend(more),
        }
    }
    if !failed.is_empty() {
        return Verdict::No(failed.into_iter().flatten().collect());
    }
    if !missing.is_empty() {
        missing.sort();
        missing.dedup();
        return Verdict::CannotSay { missing };
    }
    Verdict::Yes(held)
}

fn decide_fact(fact: Fact, test: &Test, facts: &Facts) -> Verdict {
    let found = facts.get(fact);
    let holds = match (test, found) {
        (Test::Known, found) => !matches!(found, None | Some(Value::OneOf(_))),
        (_, None) => {
            return Verdict::CannotSay {
                missing: alloc::vec![fact],
            };
        }
        (test, Some(value)) => match holds(test, value) {
            Some(holds) => holds,
            None => {
                return Verdict::CannotSay {
                    missing: alloc::vec![fact],
                };
            }
        },
    };
    let reason = Reason {
        fact,
        test: test.clone(),
        found: found.cloned(),
        holds,
    };
    if holds {
        Verdict::Yes(alloc::vec![reason])
    } else {
        Verdict::No(alloc::vec![reason])
    }
}

/// `None` where the words that are left do not agree.
fn all_hold(test: &Test, words: &[String]) -> Option<bool> {
    let each = |word: &String| holds(test, &Value::Word(word.clone()));
    let first = each(words.first()?)?;
    words
        .iter()
        .all(|word| each(word) == Some(first))
        .then_some(first)
}

/// `None` where only a lower bound is known, or some words are left, and that does not settle the
/// question.
fn holds(test: &Test, value: &Value) -> Option<bool> {
    if let Value::NumberFrom(least) = value {
        return bound_holds(test, *least);
    }
    if let Value::OneOf(words) = value {
        return all_hold(test, words);
    }
    Some(match test {
        Test::Is(wanted) => value == wanted,
        Test::IsNot(wanted) => value != wanted,
        Test::In(wanted) => wanted.contains(value),
        Test::AtLeast(least) => matches!(value, Value::Number(n) if n >= least),
        Test::AtMost(most) => matches!(value, Value::Number(n) if n <= most),
        Test::Before(day) => matches!(value, Value::Day(on) if on < day),
        Test::After(day) => matches!(value, Value::Day(on) if on > day),
        Test::Known => true,
    })
}

fn bound_holds(test: &Test, least: i64) -> Option<bool> {
    let never = |wanted: &Value| matches!(wanted, Value::Number(n) if *n < least);
    match test {
        Test::AtLeast(wanted) => (least >= *wanted).then_some(true),
        Test::AtMost(wanted) => (least > *wanted).then_some(false),
        Test::Is(wanted) => never(wanted).then_some(false),
        Test::IsNot(wanted) => never(wanted).then_some(true),
        Test::In(wanted) => wanted.iter().all(never).then_some(false),
        Test::Before(_) | Test::After(_) => Some(false),
        Test::Known => Some(true),
    }
}

fn fact_fault(fact: Fact, test: &Test) -> Option<ConditionFault> {
    match test {
        Test::Known => None,
        Test::Is(value) | Test::IsNot(value) => value_fault(fact, value),
        Test::In(values) => values.iter().find_map(|value| value_fault(fact, value)),
        Test::AtLeast(_) | Test::AtMost(_) => {
            (fact.kind() != FactType::Number).then_some(ConditionFault::WrongType { fact })
        }
        Test::Before(_) | Test::After(_) => {
            (fact.kind() != FactType::Day).then_some(ConditionFault::WrongType { fact })
        }
    }
}

fn value_fault(fact: Fact, value: &Value) -> Option<ConditionFault> {
    match (fact.kind(), value) {
        (FactType::Number, Value::Number(_))
        | (FactType::YesNo, Value::YesNo(_))
        | (FactType::Day, Value::Day(_)) => None,
        (FactType::Choice(words), Value::Word(word)) if words.contains(&word.as_str()) => None,
        (FactType::Choice(_), Value::Word(_)) => Some(ConditionFault::NoSuchChoice {
            fact,
            given: value.clone(),
        }),
        (
            FactType::Number | FactType::YesNo | FactType::Day | FactType::Choice(_),
            Value::Number(_)
            | Value::NumberFrom(_)
            | Value::OneOf(_)
            | Value::YesNo(_)
            | Value::Day(_)
            | Value::Word(_),
        ) => Some(ConditionFault::WrongType { fact }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn both_away() -> Condition {
        Condition::Fact(Fact::ParentsAway, Test::Is(Value::Word("both".into())))
    }

    fn three_months() -> Condition {
        Condition::Fact(Fact::AwayMonths, Test::AtLeast(3))
    }

    fn facts(parents: Option<&str>, months: Option<i64>) -> Facts {
        let mut facts = Facts::default();
        facts.set_if_known(
            Fact::ParentsAway,
            parents.map(|word| Value::Word(word.into())),
        );
        facts.set_if_known(Fact::AwayMonths, months.map(Value::Number));
        facts
    }

    #[test]
    fn what_is_not_known_is_never_a_no_but_a_known_no_decides() {
        let rule = Condition::All(vec![both_away(), three_months()]);
        assert!(rule.decide(&facts(Some("both"), Some(3))).is_yes());
        assert_eq!(
            rule.decide(&facts(Some("both"), None)),
            Verdict::CannotSay {
                missing: vec![Fact::AwayMonths]
            }
        );
        assert!(matches!(
            rule.decide(&facts(Some("one"), None)),
            Verdict::No(reasons) if reasons.len() == 1
        ));
    }

    #[test]
    fn a_lower_bound_settles_only_what_it_can() {
        let mut facts = Facts::default();
        facts.set(Fact::AwayMonths, Value::NumberFrom(3));
        let at_least = |n| Condition::Fact(Fact::AwayMonths, Test::AtLeast(n)).decide(&facts);
        assert!(at_least(3).is_yes());
        assert!(matches!(at_least(4), Verdict::CannotSay { .. }));
        assert!(matches!(
            Condition::Fact(Fact::AwayMonths, Test::AtMost(2)).decide(&facts),
            Verdict::No(_)
        ));
    }

    #[test]
    fn any_needs_one_and_not_turns_round() {
        let rule = Condition::Any(vec![both_away(), three_months()]);
        assert!(rule.decide(&facts(None, Some(4))).is_yes());
        assert!(matches!(
            rule.decide(&facts(None, Some(2))),
            Verdict::CannotSay { .. }
        ));
        let turned = Condition::Not(Box::new(both_away()));
        assert!(turned.decide(&facts(Some("neither"), None)).is_yes());
    }

    #[test]
    fn a_pack_that_asks_a_number_of_a_word_is_faulty() {
        assert!(
            Condition::Fact(Fact::ParentsAway, Test::AtLeast(3))
                .fault()
                .is_some()
        );
        assert!(
            Condition::Fact(Fact::ParentsAway, Test::Is(Value::Word("all".into())))
                .fault()
                .is_some()
        );
        assert!(both_away().fault().is_none());
    }
}
