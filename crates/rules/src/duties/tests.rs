use super::*;
use crate::cadence::Period;
use crate::calendar::sample;
use crate::conditions::Test;
use crate::facts::Value;
use crate::history::{Parent, ParentAbsence};
use alloc::vec;
use jiff::civil::date;
use proptest::prelude::*;

fn talk(pack: &str, per: Period) -> Duty {
    Duty {
        policy: PolicyId {
            pack: pack.into(),
            id: "heart_talk".into(),
            version: "1".into(),
        },
        level: Level::School,
        floor: false,
        does: "talk".into(),
        also: vec!["home_visit".into()],
        party: Party::Child,
        owed_by: Actor::HomeroomTeacher,
        anyone: false,
        subject: Subject::Child,
        counted_by: None,
        when: Condition::always(),
        absence: AbsenceTerms {
            visits_up_to_days: 30,
            at_least: None,
            first_day_counts: false,
        },
        cadence: Cadence::Times { times: 1, per },
        vacation: None,
        weeks: Weeks::Teaching,
        exact: false,
        remind_before: 3,
        from: date(2025, 9, 1),
    }
}

fn child(kind: &str, by: Actor, on: Date) -> ChildCase {
    ChildCase {
        history: ChildHistory::default(),
        in_care_since: date(2025, 9, 1),
        kept: vec![Kept {
            kind: kind.into(),
            party: Party::Child,
            by,
            dates: vec![on],
        }],
        events: vec![],
        paired: vec![],
        counted: vec![],
        counted_since: vec![],
        turns: vec![],
    }
}

fn obligation(duty: &Duty, child: &ChildCase, today: Date) -> Obligation {
    match duty.owed(child, &sample(), today) {
        Owed::Yes(obligation) => obligation,
        other @ (Owed::No { .. } | Owed::CannotSay { .. }) => panic!("{other:?}"),
    }
}

#[test]
fn a_home_visit_also_meets_a_talk_that_says_so_and_a_mentor_does_not_meet_the_teachers() {
    let duty = talk("p4", Period::Week);
    let today = date(2025, 9, 30);
    let standing = |kind, by| {
        obligation(&duty, &child(kind, by, date(2025, 9, 29)), today)
            .due
            .standing
    };
    assert_eq!(standing("talk", Actor::HomeroomTeacher), Standing::Met);
    assert_eq!(
        standing("home_visit", Actor::HomeroomTeacher),
        Standing::Met
    );
    assert_ne!(standing("talk", Actor::Mentor), Standing::Met);
    assert_ne!(standing("glance", Actor::HomeroomTeacher), Standing::Met);
}

#[test]
fn the_strictest_of_two_plans_is_shown_with_its_name() {
    let today = date(2025, 9, 24);
    let case = child("talk", Actor::HomeroomTeacher, date(2025, 9, 10));
    let both = vec![
        obligation(&talk("p5", Period::Month), &case, today),
        obligation(&talk("p4", Period::Week), &case, today),
    ];
    let strict = strictest(both);
    assert_eq!(strict.len(), 1);
    assert_eq!(strict[0].policy.pack, "p4");
}

#[test]
fn a_child_who_is_not_counted_is_owed_nothing_and_one_who_is_not_known_is_asked_about() {
    let mut duty = talk("p4", Period::Week);
    duty.counted_by = Some(duty.policy.clone());
    let mut case = child("talk", Actor::HomeroomTeacher, date(2025, 9, 10));
    case.counted = vec![(duty.policy.clone(), Verdict::No(vec![]))];
    assert!(matches!(
        duty.owed(&case, &sample(), date(2025, 9, 24)),
        Owed::No { .. }
    ));
    case.counted = vec![(
        duty.policy.clone(),
        Verdict::CannotSay {
            missing: vec![Fact::ParentsAway],
        },
    )];
    assert!(matches!(
        duty.owed(&case, &sample(), date(2025, 9, 24)),
        Owed::CannotSay { .. }
    ));
}

#[test]
fn a_duty_to_a_pair_is_owed_where_there_is_one() {
    let mut duty = talk("p5", Period::Week);
    duty.subject = Subject::Pairing;
    let mut case = child("talk", Actor::Mentor, date(2025, 9, 10));
    let today = date(2025, 9, 24);
    assert!(matches!(
        duty.owed(&case, &sample(), today),
        Owed::No { .. }
    ));
    // Of somebody else: it is theirs to come, and no teacher can meet it.
    duty.owed_by = Actor::OtherParent;
    case.paired = vec![(Actor::Mentor, Some(today))];
    assert!(matches!(
        duty.owed(&case, &sample(), today),
        Owed::No { .. }
    ));
    duty.owed_by = Actor::Mentor;
    case.kept.clear();
    let asked = obligation(&duty, &case, today);
    // Nothing was owed in the weeks before the pair was made.
    assert!(
        !matches!(asked.due.standing, Standing::Past { .. }),
        "{asked:?}"
    );
}

/// A parent who left on 20 October: not a day of September is owed.
#[test]
fn nothing_is_owed_for_the_time_before_a_child_was_counted() {
    let away = Condition::Fact(
        Fact::ParentsAway,
        Test::In(["one", "both"].map(|one| Value::Word(one.into())).into()),
    );
    let rule = EligibilityRule {
        policy: talk("p4", Period::Week).policy,
        absence: talk("p4", Period::Week).absence,
        when: away.clone(),
    };
    let left = date(2025, 10, 20);
    let mut case = child("talk", Actor::HomeroomTeacher, date(2025, 9, 3));
    case.kept.clear();
    case.history.screened_on = Some(date(2025, 9, 1));
    case.history.absences = vec![ParentAbsence {
        parent: Parent::Father,
        from: Some(left),
        from_at_the_latest: None,
        to: None,
        reach: None,
    }];
    let counted = Duty {
        counted_by: Some(rule.policy.clone()),
        ..talk("p4", Period::Week)
    };
    let by_itself = Duty {
        when: away,
        ..talk("p4", Period::Week)
    };
    for duty in [&counted, &by_itself] {
        let due = |case: &mut ChildCase, today: Date| {
            case.count(([&rule].into_iter(), &[&rule.policy]), today);
            obligation(duty, case, today).due
        };
        let first = due(&mut case, left);
        assert_eq!(first.due_on, Some(date(2025, 10, 24)), "{first:?}");
        let later = due(&mut case, date(2025, 11, 3));
        assert_eq!(later.due_on, Some(date(2025, 10, 24)), "{later:?}");
    }
    let by_day = Duty {
        cadence: Cadence::By { month: 10, day: 1 },
        ..counted
    };
    case.count(([&rule].into_iter(), &[&rule.policy]), left);
    let due = obligation(&by_day, &case, left).due;
    assert_eq!(due.standing, Standing::NotNow, "{due:?}");
}

#[test]
fn each_activity_has_its_own_summary() {
    let kept = |kind: &str, dates: &[i8]| Kept {
        kind: kind.into(),
        party: Party::Other,
        by: Actor::School,
        dates: dates.iter().map(|day| date(2025, 10, *day)).collect(),
    };
    let asked = |activities: &[&[i8]], summaries: &[i8]| {
        let activities = activities.iter().map(|days| kept("activity", days));
        let all: Vec<Kept> = activities.chain([kept("summary", summaries)]).collect();
        is_called_for(&["activity".into()], &["summary".into()], &all)
    };
    assert!(!asked(&[], &[]));
    assert!(asked(&[&[9]], &[]));
    assert!(!asked(&[&[9]], &[9]));
    // Of two, one is still open; one of tomorrow is not written of today.
    assert!(asked(&[&[9, 10]], &[10]));
    assert!(!asked(&[&[9, 10]], &[10, 11]));
    assert!(asked(&[&[10]], &[9]));
    // Two on one day; thirty children were at one.
    assert!(asked(&[&[9, 9]], &[9]));
    assert!(!asked(&[&[9_i8][..]; 30], &[9]));
}

#[test]
fn what_is_asked_more_firmly_is_not_hidden() {
    let said = |loose: Loose, for_some: bool| {
        let mut duty = talk("p2", Period::Week);
        duty.cadence = Cadence::Unnumbered(loose);
        duty.policy.id = alloc::format!("{loose:?}{for_some}");
        if for_some {
            duty.when = Condition::Any(vec![Condition::always()]);
        }
        let mut case = child("talk", Actor::HomeroomTeacher, date(2025, 9, 10));
        case.kept.clear();
        obligation(&duty, &case, date(2025, 9, 24))
    };
    let kept = |all: Vec<Obligation>| strictest(all)[0].policy.id.clone();
    let law = Obligation {
        floor: true,
        level: Level::Nation,
        ..said(Loose::Unstated, false)
    };
    assert_eq!(
        kept(vec![law, said(Loose::Promptly, false)]),
        "Promptlyfalse"
    );
    let both = vec![said(Loose::Often, false), said(Loose::Often, true)];
    assert_eq!(kept(both), "Oftentrue");
}

#[test]
fn what_a_school_owes_by_a_day_is_met_by_a_line_in_its_books_and_by_no_other() {
    let mut duty = talk("p3", Period::Week);
    duty.does = "research_case.report".into();
    duty.owed_by = Actor::School;
    duty.subject = Subject::School;
    duty.cadence = Cadence::By { month: 12, day: 15 };
    let today = date(2025, 12, 20);
    let unit = |kind: &str| UnitCase {
        since: date(2025, 9, 1),
        kept: vec![Kept {
            kind: kind.into(),
            party: Party::Other,
            by: Actor::School,
            dates: vec![date(2025, 12, 10)],
        }],
        counted: vec![],
    };
    let standing = |kind| {
        let owed = duty.owed_to_unit(&unit(kind), &sample(), today);
        owed.unwrap().due.standing
    };
    assert_eq!(standing("research_case.report"), Standing::Met);
    assert_eq!(standing("research_case"), Standing::Past { days: 5 });
    let counted = Duty {
        counted_by: Some(duty.policy.clone()),
        ..duty.clone()
    };
    let owed = counted.owed_to_unit(&unit("research_case"), &sample(), today);
    assert_eq!(owed, None);
}

proptest! {
    /// Adopting a further pack never makes anything less pressing: no level loosens a floor.
    #[test]
    fn no_level_loosens_a_floor(day in 0i32..130, last in 0i32..130, lower in 0usize..4) {
        let today = crate::calendar::plus_days(date(2025, 9, 1), day);
        let case = child("talk", Actor::HomeroomTeacher, crate::calendar::plus_days(date(2025, 9, 1), last));
        let mut floor = talk("law", Period::Week);
        floor.floor = true;
        floor.level = Level::Nation;
        let per = [Period::Week, Period::Month, Period::Term, Period::SchoolYear][lower];
        let alone = strictest(vec![obligation(&floor, &case, today)]);
        let with = strictest(vec![
            obligation(&talk("school", per), &case, today),
            obligation(&floor, &case, today),
        ]);
        prop_assert!(urgency(&with[0]) >= urgency(&alone[0]));
    }
}
