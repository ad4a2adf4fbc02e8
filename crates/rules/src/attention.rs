//! 想请您看一眼: what deserves a look this week, strongest first.

use crate::facts::Fact;
use crate::history::ChildHistory;
use alloc::vec::Vec;
use jiff::civil::Date;

/// What is known of the calls to one number.
#[derive(Clone, Debug, Default)]
pub struct Number {
    /// The calls, the earliest first: the day, and whether somebody answered.
    pub calls: Vec<(Date, bool)>,
    /// The last day on which the number was confirmed.
    pub confirmed_on: Option<Date>,
}

impl Number {
    /// Days of calls after the last one that was answered, also where that was on the same day.
    fn unanswered(&self) -> Vec<Date> {
        let last = self.calls.iter().rev();
        let in_vain = last.take_while(|(_, answered)| !answered);
        in_vain.map(|(on, _)| *on).collect()
    }
}

/// What the rule is told about one child.
#[derive(Clone, Debug, Default)]
pub struct AttentionFacts {
    /// The numbers of the card that were called of late.
    pub numbers: Vec<Number>,
    /// Somebody dialled a number of this card and nobody has it any more.
    pub dead_number: bool,
    /// The family said that something on the card is to be changed.
    pub card_told: bool,
    /// Facts without which a rule in force could not decide.
    pub missing: Vec<Fact>,
    /// How old a child is that lives by itself.
    pub alone_at: Option<i64>,
    /// Both parents are dead, missing, in prison or gravely ill.
    pub nobody_raises: bool,
    pub carer_age: Option<i64>,
    /// Days since a parent was last known to be in touch with the child.
    pub parent_silent_days: Option<i64>,
    /// Somebody is already on it: an individual plan, or an open task.
    pub in_hand: bool,
}

/// Why somebody should look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// A child under sixteen lives by itself: 未保法 §21.
    LivesAlone { age: i64 },
    /// Neither parent can raise the child: 未保法 §29 has the school help with a file and care.
    NobodyRaises,
    /// The carer at home is a child too (以大代小): 未保法 §21 and §22.
    CarerIsAChild { age: i64 },
    /// Two calls within a week to one number that nobody answered: is the card still right?
    /// `number` is its place among those that were told.
    CheckCard { number: usize, unanswered: u32 },
    /// A number on the card does not work: whoever is reached next is asked for the new one
    /// (P5 L93, the card is changed when something changes).
    NumberDead,
    /// The family said that something on the card is to be changed (P5 L95), and it has not been.
    CardTold,
    /// No contact between parent and child for more than half a year (P1 L9, 半年以上).
    ParentSilent { days: i64 },
    /// Something has to be asked before a rule can decide.
    Ask { missing: Vec<Fact> },
}

impl Attention {
    /// The word that interfaces use.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LivesAlone { .. } => "lives_alone",
            Self::NobodyRaises => "nobody_raises",
            Self::CarerIsAChild { .. } => "carer_is_a_child",
            Self::CheckCard { .. } => "check_card",
            Self::NumberDead => "number_dead",
            Self::CardTold => "card_told",
            Self::ParentSilent { .. } => "parent_silent",
            Self::Ask { .. } => "ask",
        }
    }
}

/// P1 L9: “半年以上联系一次” is what a school should notice.
const HALF_A_YEAR: i64 = 180;
const ADULT: i64 = 18;
/// 未保法 §21: nobody younger may live by itself.
const MAY_LIVE_ALONE: i64 = 16;

/// So many calls in vain ask for the card.
const ENOUGH_CALLS: u32 = 2;

/// Calls after this day count (days of the calendar, a week of them).
pub fn calls_count_after(today: Date) -> Date {
    crate::calendar::plus_days(today, -7)
}

fn in_vain(unanswered: &[Date], confirmed_on: Option<Date>, today: Date) -> u32 {
    let week_ago = calls_count_after(today);
    let since = confirmed_on.map_or(week_ago, |on| on.max(week_ago));
    let recent = unanswered.iter().filter(|on| **on > since);
    u32::try_from(recent.count()).unwrap_or(u32::MAX)
}

/// Whether these calls, to whomever they went, could ask for the card: then it is worth looking up
/// whose number each was.
pub fn may_ask_for_the_card(unanswered: &[Date], today: Date) -> bool {
    in_vain(unanswered, None, today) >= ENOUGH_CALLS
}

/// The reasons to look at one child today. Where somebody already has the child in hand there are none,
/// but that a child lives alone is said until it does not.
pub fn attention(facts: &AttentionFacts, today: Date) -> Vec<Attention> {
    let mut found = Vec::new();
    if let Some(age) = facts.alone_at.filter(|age| *age < MAY_LIVE_ALONE) {
        found.push(Attention::LivesAlone { age });
    }
    if facts.in_hand {
        return found;
    }
    if facts.nobody_raises {
        found.push(Attention::NobodyRaises);
    }
    if let Some(age) = facts.carer_age.filter(|age| *age < ADULT) {
        found.push(Attention::CarerIsAChild { age });
    }
    if facts.dead_number {
        found.push(Attention::NumberDead);
    }
    if facts.card_told {
        found.push(Attention::CardTold);
    }
    let missed = |number: &Number| in_vain(&number.unanswered(), number.confirmed_on, today);
    let numbers = facts.numbers.iter().enumerate();
    let most = numbers.map(|(at, number)| (missed(number), at)).max();
    if let Some((unanswered, number)) = most.filter(|(missed, _)| *missed >= ENOUGH_CALLS) {
        found.push(Attention::CheckCard { number, unanswered });
    }
    if let Some(days) = facts.parent_silent_days.filter(|days| *days > HALF_A_YEAR) {
        found.push(Attention::ParentSilent { days });
    }
    if !facts.missing.is_empty() {
        found.push(Attention::Ask {
            missing: facts.missing.clone(),
        });
    }
    found
}

/// How close somebody should stay to a child: the one word beside its name (ux.md §2.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closeness {
    /// 照常.
    Usual,
    /// 多陪陪: somebody marked the child for help, a plan or counselling.
    Closer,
    /// 有支持方案.
    Planned,
}

/// Reads the marks that persons set; nothing is concluded from counts of records.
pub fn closeness(history: &ChildHistory) -> Closeness {
    if history.individual_plan == Some(true) {
        return Closeness::Planned;
    }
    let marks = [
        history.priority,
        history.plan_needed,
        history.counselling_needed,
    ];
    if marks.contains(&Some(true)) {
        Closeness::Closer
    } else {
        Closeness::Usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use jiff::civil::date;

    #[test]
    fn a_plan_says_more_than_a_mark_and_a_mark_more_than_nothing() {
        let mut history = ChildHistory::default();
        assert_eq!(closeness(&history), Closeness::Usual);
        history.priority = Some(false);
        assert_eq!(closeness(&history), Closeness::Usual);
        history.counselling_needed = Some(true);
        assert_eq!(closeness(&history), Closeness::Closer);
        history.individual_plan = Some(true);
        assert_eq!(closeness(&history), Closeness::Planned);
    }

    #[test]
    fn two_unanswered_calls_in_a_week_ask_for_the_card() {
        let today = date(2025, 9, 30);
        let check = |unanswered: Vec<Date>, confirmed_on| {
            attention(
                &AttentionFacts {
                    numbers: vec![
                        Number::default(),
                        Number {
                            calls: unanswered.into_iter().map(|on| (on, false)).collect(),
                            confirmed_on,
                        },
                    ],
                    ..AttentionFacts::default()
                },
                today,
            )
        };
        let twice = vec![date(2025, 9, 26), date(2025, 9, 29)];
        assert_eq!(
            check(twice.clone(), None),
            vec![Attention::CheckCard {
                number: 1,
                unanswered: 2
            }]
        );
        // One call to each of two numbers says nothing about either.
        let once = |day| Number {
            calls: vec![(date(2025, 9, day), false)],
            confirmed_on: None,
        };
        // Somebody answered between, if only on the same day.
        let day = date(2025, 9, 29);
        let calls = |all: &[bool]| {
            let number = Number {
                calls: all.iter().map(|answered| (day, *answered)).collect(),
                confirmed_on: None,
            };
            let facts = AttentionFacts {
                numbers: vec![number],
                ..AttentionFacts::default()
            };
            attention(&facts, today).len()
        };
        assert_eq!(calls(&[false, true, false]), 0);
        assert_eq!(calls(&[true, false, false]), 1);
        let apart = AttentionFacts {
            numbers: vec![once(26), once(29)],
            ..AttentionFacts::default()
        };
        assert!(attention(&apart, today).is_empty());
        assert!(check(vec![date(2025, 9, 29)], None).is_empty());
        assert!(check(vec![date(2025, 9, 20), date(2025, 9, 29)], None).is_empty());
        assert!(check(twice, Some(date(2025, 9, 30))).is_empty());
    }

    #[test]
    fn a_number_that_nobody_has_is_asked_about_once() {
        let facts = AttentionFacts {
            dead_number: true,
            ..AttentionFacts::default()
        };
        let found = attention(&facts, date(2025, 9, 30));
        assert_eq!(found, vec![Attention::NumberDead]);
        assert_eq!(found[0].code(), "number_dead");
    }

    #[test]
    fn a_carer_of_seventeen_is_a_hard_signal_and_one_in_hand_is_left_in_peace() {
        let facts = AttentionFacts {
            carer_age: Some(17),
            ..AttentionFacts::default()
        };
        let today = date(2025, 9, 30);
        assert_eq!(
            attention(&facts, today),
            vec![Attention::CarerIsAChild { age: 17 }]
        );
        let in_hand = AttentionFacts {
            in_hand: true,
            ..facts
        };
        assert!(attention(&in_hand, today).is_empty());
    }
}
