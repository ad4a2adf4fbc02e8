//! 认定: is this child counted, under which definition, as of which day, and why.
//!
//! Several definitions are in force at once (requirements B.2); their answers stand side by side.

use crate::conditions::{Condition, Verdict};
use crate::history::ChildHistory;
use crate::spans;
use alloc::string::String;
use jiff::civil::Date;

/// Which rule of which pack made a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyId {
    pub pack: String,
    pub id: String,
    pub version: String,
}

/// How far a parent has gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    WithinTownship,
    WithinCounty,
    BeyondCounty,
}

/// How a definition counts an absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsenceTerms {
    /// A visit home of at most so many days does not interrupt; 0: every visit does.
    pub visits_up_to_days: u16,
    /// The least distance that counts; `None`: any. An unknown distance counts, so that a child is
    /// looked at rather than lost.
    pub at_least: Option<Reach>,
    /// The day of leaving is the first day of the count.
    pub first_day_counts: bool,
}

impl AbsenceTerms {
    pub fn reaches(&self, reach: Option<Reach>) -> bool {
        match (self.at_least, reach) {
            (None, _) | (_, None) => true,
            (Some(least), Some(reach)) => reach >= least,
        }
    }
}

/// One definition, from a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EligibilityRule {
    pub policy: PolicyId,
    pub absence: AbsenceTerms,
    pub when: Condition,
}

/// What one definition says of one child as of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determination {
    pub policy: PolicyId,
    pub as_of: Date,
    pub verdict: Verdict,
}

impl EligibilityRule {
    /// Decides as of the cut-off day (截止日), not as of today.
    pub fn determine(&self, child: &ChildHistory, as_of: Date) -> Determination {
        let facts = child.facts(&self.absence, as_of);
        Determination {
            policy: self.policy.clone(),
            as_of,
            verdict: self.when.decide(&facts),
        }
    }

    /// Since when a child whom the rule counts today has been counted without a break, or `floor`,
    /// if that is later.
    /// `turns`: those of the child ([`ChildHistory::turns`]).
    pub fn counts_since(
        &self,
        (child, turns): (&ChildHistory, &[Date]),
        (floor, today): (Date, Date),
    ) -> Date {
        spans::since((floor, today), (turns, self.when.grows()), |on| {
            let facts = child.facts(&self.absence, on);
            self.when.decide(&facts).is_yes()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditions::Test;
    use crate::facts::{Fact, Value};
    use crate::history::{Dated, HomeStay, Parent, ParentAbsence, ParentState};
    use alloc::{vec, vec::Vec};
    use jiff::civil::date;

    fn policy() -> PolicyId {
        PolicyId {
            pack: "test".into(),
            id: "children".into(),
            version: "1".into(),
        }
    }

    fn rule(months: i64, visits_up_to_days: u16) -> EligibilityRule {
        EligibilityRule {
            policy: policy(),
            absence: AbsenceTerms {
                visits_up_to_days,
                at_least: None,
                first_day_counts: false,
            },
            when: Condition::All(vec![
                Condition::Fact(Fact::ParentsAway, Test::Is(Value::Word("both".into()))),
                Condition::Fact(Fact::AwayMonths, Test::AtLeast(months)),
            ]),
        }
    }

    fn left_on(day: Date) -> ChildHistory {
        ChildHistory {
            absences: [Parent::Father, Parent::Mother]
                .map(|parent| ParentAbsence {
                    parent,
                    from: Some(day),
                    from_at_the_latest: None,
                    to: None,
                    reach: None,
                })
                .into(),
            ..ChildHistory::default()
        }
    }

    fn national_holiday_at_home() -> Vec<HomeStay> {
        [Parent::Father, Parent::Mother]
            .map(|parent| HomeStay {
                parent,
                from: date(2025, 8, 1),
                to: Some(date(2025, 8, 8)),
            })
            .into()
    }

    #[track_caller]
    fn check(rule: &EligibilityRule, child: &ChildHistory, first_day: Date) {
        let eligible = |day| rule.determine(child, day).verdict.is_yes();
        assert!(!eligible(crate::calendar::plus_days(first_day, -1)));
        assert!(eligible(first_day));
        assert!(eligible(crate::calendar::plus_days(first_day, 1)));
    }

    #[test]
    fn parents_who_left_in_june_make_a_child_eligible_in_september_or_december() {
        let child = left_on(date(2025, 6, 10));
        check(&rule(3, 0), &child, date(2025, 9, 10));
        check(&rule(6, 0), &child, date(2025, 12, 10));
    }

    #[test]
    fn eight_days_at_home_break_only_where_the_rule_says_so() {
        let mut child = left_on(date(2025, 6, 10));
        child.stays = national_holiday_at_home();
        check(&rule(3, 30), &child, date(2025, 9, 10));
        check(&rule(3, 0), &child, date(2025, 11, 9));
    }

    #[test]
    fn the_sixteenth_birthday_ends_civil_affairs_eligibility() {
        let child = ChildHistory {
            born_on: Some(date(2009, 11, 20)),
            ..left_on(date(2025, 1, 1))
        };
        let mut under_sixteen = rule(0, 0);
        under_sixteen.when = Condition::Fact(Fact::AgeYears, Test::AtMost(15));
        assert!(
            under_sixteen
                .determine(&child, date(2025, 11, 19))
                .verdict
                .is_yes()
        );
        assert!(
            !under_sixteen
                .determine(&child, date(2025, 11, 20))
                .verdict
                .is_yes()
        );
        assert!(
            !under_sixteen
                .determine(&child, date(2025, 11, 21))
                .verdict
                .is_yes()
        );
        assert!(
            rule(3, 0)
                .determine(&child, date(2025, 11, 21))
                .verdict
                .is_yes()
        );
    }

    #[test]
    fn born_on_the_29th_of_february() {
        let born = date(2012, 2, 29);
        assert_eq!(crate::history::age_on(born, date(2027, 2, 27)), 14);
        assert_eq!(crate::history::age_on(born, date(2027, 2, 28)), 15);
        assert_eq!(crate::history::age_on(born, date(2028, 2, 28)), 15);
        assert_eq!(crate::history::age_on(born, date(2028, 2, 29)), 16);
    }

    #[test]
    fn ninety_days_with_or_without_the_day_of_leaving() {
        let child = left_on(date(2025, 6, 10));
        let mut ninety = rule(0, 0);
        ninety.when = Condition::Fact(Fact::AwayDays, Test::AtLeast(90));
        check(&ninety, &child, date(2025, 9, 8));
        ninety.absence.first_day_counts = true;
        check(&ninety, &child, date(2025, 9, 7));
    }

    #[test]
    fn both_dead_is_an_orphan_and_one_dead_leaves_nobody_at_home() {
        let dead = |parent| Dated {
            value: (parent, ParentState::Dead),
            from: None,
            to: None,
        };
        let terms = rule(0, 0).absence;
        let orphan = ChildHistory {
            parents: vec![dead(Parent::Father), dead(Parent::Mother)],
            ..ChildHistory::default()
        };
        let facts = orphan.facts(&terms, date(2025, 9, 30));
        assert_eq!(facts.get(Fact::Orphan), Some(&Value::YesNo(true)));
        assert_eq!(
            facts.get(Fact::ParentsAway),
            Some(&Value::Word("neither".into()))
        );

        let mut half = left_on(date(2025, 6, 10));
        half.absences.pop();
        half.parents = vec![dead(Parent::Mother)];
        let facts = half.facts(&terms, date(2025, 9, 30));
        assert_eq!(
            facts.get(Fact::ParentsAway),
            Some(&Value::Word("one".into()))
        );
        assert_eq!(
            facts.get(Fact::ParentAtHome),
            Some(&Value::Word("nobody".into()))
        );
    }

    #[test]
    fn a_child_whom_nobody_has_asked_about_is_not_a_no() {
        let unknown = ChildHistory::default();
        assert!(matches!(
            rule(3, 0).determine(&unknown, date(2025, 9, 30)).verdict,
            Verdict::CannotSay { .. }
        ));
        let asked = ChildHistory {
            screened_on: Some(date(2025, 9, 1)),
            ..ChildHistory::default()
        };
        assert!(matches!(
            rule(3, 0).determine(&asked, date(2025, 9, 30)).verdict,
            Verdict::No(_)
        ));
    }

    #[test]
    fn who_counts_one_as_well_as_both_counts_at_once() {
        let mut half = left_on(date(2025, 6, 10));
        half.absences.pop();
        half.not_asked = alloc::vec![Parent::Mother];
        let facts = half.facts(&rule(0, 0).absence, date(2025, 9, 30));
        let is = |words: &[&str]| {
            let words = words.iter().map(|word| Value::Word((*word).into()));
            Condition::Fact(Fact::ParentsAway, Test::In(words.collect())).decide(&facts)
        };
        assert!(is(&["one", "both"]).is_yes());
        assert!(matches!(is(&["neither"]), Verdict::No(_)));
        assert!(matches!(is(&["both"]), Verdict::CannotSay { .. }));
        let known = Condition::Fact(Fact::ParentsAway, Test::Known).decide(&facts);
        assert!(matches!(known, Verdict::No(_)));
    }

    #[test]
    fn silence_about_the_parent_nobody_asked_about_is_no_home() {
        let mut half = left_on(date(2025, 6, 10));
        half.absences.pop();
        half.not_asked = alloc::vec![Parent::Mother];
        let terms = rule(0, 0).absence;
        let on = date(2025, 9, 30);
        let facts = half.facts(&terms, on);
        let left = |words: [&str; 2]| Value::OneOf(words.map(Into::into).into());
        assert_eq!(facts.get(Fact::ParentsAway), Some(&left(["one", "both"])));
        assert_eq!(facts.get(Fact::ParentAtHome), None);
        assert_eq!(facts.get(Fact::Orphan), Some(&Value::YesNo(false)));
        let months = facts.get(Fact::AnyAwayMonths);
        assert_eq!(months, Some(&Value::NumberFrom(3)));
        let verdict = rule(3, 0).determine(&half, on).verdict;
        assert!(matches!(verdict, Verdict::CannotSay { .. }));
        // Asked about both in the end: now silence says that she is at home.
        half.screened_on = Some(on);
        let facts = half.facts(&terms, on);
        let one = Value::Word("one".into());
        assert_eq!(facts.get(Fact::ParentsAway), Some(&one));
        let before = half.facts(&terms, date(2025, 9, 29));
        assert_eq!(before.get(Fact::ParentsAway), Some(&left(["one", "both"])));
        // At home, as somebody was told: not both are away.
        half.absences.clear();
        half.parents = vec![Dated {
            value: (Parent::Father, ParentState::Incapable),
            from: None,
            to: None,
        }];
        let facts = half.facts(&terms, date(2025, 9, 29));
        assert_eq!(
            facts.get(Fact::ParentsAway),
            Some(&left(["neither", "one"]))
        );
    }

    #[test]
    fn a_parent_who_came_home_for_good_is_not_away_from_that_day() {
        let mut child = left_on(date(2025, 6, 10));
        for absence in &mut child.absences {
            absence.to = Some(date(2025, 12, 1));
        }
        assert!(
            rule(3, 0)
                .determine(&child, date(2025, 11, 30))
                .verdict
                .is_yes()
        );
        assert!(
            !rule(3, 0)
                .determine(&child, date(2025, 12, 1))
                .verdict
                .is_yes()
        );
    }

    #[test]
    fn one_parent_away_long_enough_counts_though_the_other_left_last_week() {
        let mut child = left_on(date(2025, 1, 10));
        for absence in &mut child.absences {
            if absence.parent == Parent::Mother {
                absence.from = Some(date(2025, 9, 23));
            }
        }
        assert!(
            !rule(3, 30)
                .determine(&child, date(2025, 9, 30))
                .verdict
                .is_yes()
        );
        let mut either = rule(3, 30);
        either.when = Condition::Fact(Fact::AnyAwayMonths, Test::AtLeast(3));
        assert!(either.determine(&child, date(2025, 9, 30)).verdict.is_yes());
    }

    #[test]
    fn within_the_county_is_not_beyond_it() {
        let mut child = left_on(date(2025, 1, 10));
        for absence in &mut child.absences {
            absence.reach = Some(Reach::WithinCounty);
        }
        let mut beyond = rule(6, 30);
        assert!(beyond.determine(&child, date(2025, 9, 30)).verdict.is_yes());
        beyond.absence.at_least = Some(Reach::BeyondCounty);
        assert!(!beyond.determine(&child, date(2025, 9, 30)).verdict.is_yes());
    }
}
