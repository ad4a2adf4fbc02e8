use super::*;
use crate::calendar::plus_days;
use crate::calendar::sample;
use alloc::vec;
use jiff::civil::date;
use proptest::prelude::*;

const WEEKLY: Cadence = Cadence::Times {
    times: 1,
    per: Period::Week,
};
const MONTHLY: Cadence = Cadence::Times {
    times: 1,
    per: Period::Month,
};
const FORTNIGHT: Cadence = Cadence::Every { days: 14 };

fn due(cadence: &Cadence, weeks: Weeks, dates: &[Date], today: Date) -> Due {
    since(cadence, weeks, date(2025, 9, 1), dates, today)
}

fn since(cadence: &Cadence, weeks: Weeks, since: Date, dates: &[Date], today: Date) -> Due {
    cadence.due(&Ask {
        contacts: &Contacts {
            since,
            dates,
            events: &[(Event::ParentLeft, date(2025, 9, 20))],
        },
        calendar: &sample(),
        weeks,
        remind_before: 3,
        today,
    })
}

#[track_caller]
fn check(cadence: &Cadence, dates: &[Date], today: Date, due_on: Option<Date>, wanted: Standing) {
    let found = due(cadence, Weeks::Teaching, dates, today);
    assert_eq!((found.due_on, found.standing), (due_on, wanted));
}

#[test]
fn a_call_that_falls_in_the_holiday_waits_for_the_first_school_day() {
    let after = |last| due(&FORTNIGHT, Weeks::Teaching, &[last], date(2025, 9, 30));
    let found = after(date(2025, 9, 17));
    assert_eq!(found.due_on, Some(date(2025, 10, 9)));
    assert_eq!(found.moved_from, Some(date(2025, 10, 1)));
    assert_eq!(after(date(2025, 9, 24)).moved_from, Some(date(2025, 10, 8)));
    assert_eq!(after(date(2025, 9, 25)).moved_from, None);
}

#[test]
fn the_mother_called_on_the_14th_is_two_days_past_on_the_eve_of_the_holiday() {
    check(
        &FORTNIGHT,
        &[date(2025, 9, 14)],
        date(2025, 9, 30),
        Some(date(2025, 9, 28)),
        Standing::Past { days: 2 },
    );
}

#[test]
fn a_weekly_talk_is_due_on_the_last_school_day_of_the_week() {
    let last_week = [date(2025, 9, 23)];
    check(
        &WEEKLY,
        &last_week,
        date(2025, 9, 29),
        Some(date(2025, 9, 30)),
        Standing::ThisWeek { days: 1 },
    );
    check(
        &WEEKLY,
        &last_week,
        date(2025, 9, 30),
        Some(date(2025, 9, 30)),
        Standing::Today,
    );
    let found = due(&WEEKLY, Weeks::Teaching, &last_week, date(2025, 9, 30));
    assert_eq!(found.moved_from, Some(date(2025, 10, 3)));
    check(
        &WEEKLY,
        &[date(2025, 9, 29)],
        date(2025, 9, 30),
        None,
        Standing::Met,
    );
}

#[test]
fn weeks_that_were_missed_count_from_the_first_of_them() {
    check(
        &WEEKLY,
        &[date(2025, 9, 10)],
        date(2025, 9, 30),
        Some(date(2025, 9, 19)),
        Standing::Past { days: 11 },
    );
}

#[test]
fn a_monthly_talk_is_due_on_the_last_school_day_of_the_month() {
    check(
        &MONTHLY,
        &[date(2025, 8, 30)],
        date(2025, 9, 30),
        Some(date(2025, 9, 30)),
        Standing::Today,
    );
    check(
        &MONTHLY,
        &[date(2025, 9, 2)],
        date(2025, 9, 30),
        None,
        Standing::Met,
    );
}

#[test]
fn three_a_month_is_not_every_ten_days() {
    let three = Cadence::Times {
        times: 3,
        per: Period::Month,
    };
    let days = [date(2025, 9, 1), date(2025, 9, 2), date(2025, 9, 3)];
    check(&three, &days, date(2025, 9, 30), None, Standing::Met);
    let found = due(&three, Weeks::Teaching, &days[..2], date(2025, 9, 30));
    assert_eq!((found.done, found.wanted), (2, 3));
    assert_eq!(found.standing, Standing::Today);
}

#[test]
fn no_teaching_week_talk_is_due_in_the_winter_vacation() {
    for cadence in [WEEKLY, MONTHLY, FORTNIGHT] {
        check(
            &cadence,
            &[],
            date(2026, 2, 10),
            None,
            Standing::Paused {
                until: Some(date(2026, 3, 2)),
            },
        );
    }
}

#[test]
fn the_vacation_has_its_own_weeks() {
    let found = due(&WEEKLY, Weeks::Vacation, &[], date(2026, 2, 10));
    assert!(matches!(found.standing, Standing::Past { .. }));
    let found = due(
        &WEEKLY,
        Weeks::Vacation,
        &[date(2026, 2, 9)],
        date(2026, 2, 10),
    );
    assert_eq!(found.standing, Standing::Met);
    let found = due(&WEEKLY, Weeks::Vacation, &[], date(2025, 9, 30));
    assert_eq!(
        found.standing,
        Standing::Paused {
            until: Some(date(2026, 1, 17))
        }
    );
}

#[test]
fn one_term_owes_20_homeroom_talks_under_p4_and_5_under_p5_and_10_parent_calls() {
    let calendar = sample();
    let term = Stretch {
        from: date(2025, 9, 1),
        to: date(2026, 1, 16),
    };
    let owed = |cadence: &Cadence| cadence.owed_in((term, term.from), Weeks::Teaching, &calendar);
    assert_eq!(owed(&WEEKLY), 20);
    assert_eq!(owed(&MONTHLY), 5);
    assert_eq!(owed(&FORTNIGHT), 10);
}

#[test]
fn a_child_who_joins_in_the_middle_owes_its_share() {
    let joins = |day, today| since(&WEEKLY, Weeks::Teaching, day, &[], today).wanted;
    assert_eq!(joins(date(2025, 9, 17), date(2025, 9, 19)), 1);
    assert_eq!(joins(date(2025, 9, 18), date(2025, 9, 19)), 0);
    assert_eq!(joins(date(2025, 9, 18), date(2025, 9, 22)), 1);
}

#[test]
fn once_by_a_date_that_may_fall_in_the_next_calendar_year() {
    let by = Cadence::By { month: 1, day: 1 };
    check(
        &by,
        &[],
        date(2025, 12, 31),
        Some(date(2026, 1, 1)),
        Standing::ThisWeek { days: 1 },
    );
    let by = Cadence::By { month: 9, day: 30 };
    check(
        &by,
        &[],
        date(2026, 1, 5),
        Some(date(2025, 9, 30)),
        Standing::Past { days: 97 },
    );
    check(
        &by,
        &[date(2025, 9, 5)],
        date(2026, 1, 5),
        None,
        Standing::Met,
    );
}

#[test]
fn around_a_festival_it_is_owed_until_the_window_closes_and_then_let_go() {
    let around = Cadence::Around {
        window: Window::Festival(Festival::MidAutumn),
        before: 7,
        after: 7,
        times: 1,
    };
    let standing = |day| due(&around, Weeks::All, &[], day).standing;
    assert_eq!(standing(date(2025, 9, 15)), Standing::Later { days: 28 });
    assert_eq!(standing(date(2025, 10, 13)), Standing::Today);
    assert_eq!(standing(date(2025, 10, 20)), Standing::Past { days: 7 });
    assert_eq!(standing(date(2025, 11, 13)), Standing::NotNow);
    let met = due(
        &around,
        Weeks::All,
        &[date(2025, 10, 6)],
        date(2025, 10, 20),
    );
    assert_eq!(met.standing, Standing::Met);
    // A talk of the months after is none of the festival's.
    let dates = [date(2025, 10, 15), date(2025, 10, 20), date(2025, 11, 28)];
    let late = due(&around, Weeks::All, &dates, date(2025, 12, 31));
    assert_eq!((late.standing, late.done), (Standing::Met, 1));
    let inside = [date(2025, 10, 5), date(2025, 10, 6)];
    assert_eq!(
        due(&around, Weeks::All, &inside, date(2025, 10, 20)).done,
        2
    );
}

#[test]
fn the_winter_vacation_is_a_window() {
    let around = Cadence::Around {
        window: Window::WinterVacation,
        before: 0,
        after: 0,
        times: 1,
    };
    let found = due(&around, Weeks::All, &[], date(2026, 2, 10));
    assert_eq!(found.due_on, Some(date(2026, 3, 1)));
    let summer = Cadence::Around {
        window: Window::SummerVacation,
        before: 0,
        after: 0,
        times: 1,
    };
    let found = due(&summer, Weeks::All, &[], date(2026, 2, 10));
    assert_eq!(found.standing, Standing::NotNow);
}

#[test]
fn within_days_after_an_event() {
    let within = Cadence::Within {
        days: 7,
        after: Event::ParentLeft,
    };
    let on = |dates: &[Date]| due(&within, Weeks::All, dates, date(2025, 9, 30));
    assert_eq!(on(&[]).standing, Standing::Past { days: 3 });
    assert_eq!(
        on(&[date(2025, 9, 19)]).standing,
        Standing::Past { days: 3 }
    );
    assert_eq!(on(&[date(2025, 9, 20)]).standing, Standing::Met);
    let never = Cadence::Within {
        days: 7,
        after: Event::FellIll,
    };
    assert_eq!(
        due(&never, Weeks::All, &[], date(2025, 9, 30)).standing,
        Standing::NotNow
    );
}

#[test]
fn a_fixed_day_of_the_month_and_fixed_months() {
    let twentieth = Cadence::OnDay { day: 20 };
    check(
        &twentieth,
        &[],
        date(2025, 9, 18),
        Some(date(2025, 9, 22)),
        Standing::Later { days: 4 },
    );
    let march_and_september = Cadence::InMonths {
        months: vec![3, 9],
        times: 1,
    };
    check(
        &march_and_september,
        &[],
        date(2025, 9, 30),
        Some(date(2025, 9, 30)),
        Standing::Today,
    );
    check(
        &march_and_september,
        &[],
        date(2025, 10, 15),
        Some(date(2025, 9, 30)),
        Standing::Past { days: 15 },
    );
    check(
        &march_and_september,
        &[date(2025, 10, 10)],
        date(2025, 10, 15),
        None,
        Standing::NotNow,
    );
    check(
        &march_and_september,
        &[],
        date(2025, 10, 31),
        None,
        Standing::NotNow,
    );
}

/// What was made up late, or let go, is not asked for once more in the next of the named months.
#[test]
fn a_named_month_that_is_over_does_not_come_back() {
    let in_months = |months: &[i8]| Cadence::InMonths {
        months: months.to_vec(),
        times: 1,
    };
    let late = [date(2025, 10, 5)];
    for (months, dates, today, due_on) in [
        (
            &[9, 11][..],
            &late[..],
            date(2025, 11, 24),
            Some(date(2025, 11, 30)),
        ),
        (&[9, 11], &[], date(2025, 11, 24), Some(date(2025, 11, 30))),
        (&[9, 3], &[], date(2026, 3, 25), Some(date(2026, 3, 31))),
        // The month before is still asked for, while it is not made up or let go.
        (&[9, 10], &[], date(2025, 10, 12), Some(date(2025, 9, 30))),
        (&[9, 10], &late, date(2025, 11, 24), None),
    ] {
        let due = due(&in_months(months), Weeks::All, dates, today);
        assert_eq!(due.due_on, due_on, "{months:?} on {today}");
    }
}

#[test]
fn a_missed_day_of_last_month_is_not_forgotten_on_the_first() {
    let twentieth = Cadence::OnDay { day: 20 };
    check(
        &twentieth,
        &[],
        date(2025, 11, 3),
        Some(date(2025, 9, 22)),
        Standing::Past { days: 42 },
    );
    check(
        &twentieth,
        &[date(2025, 10, 20)],
        date(2025, 11, 3),
        Some(date(2025, 11, 20)),
        Standing::Later { days: 17 },
    );
}

#[test]
fn a_week_that_is_not_a_school_week_ends_on_its_sunday() {
    let weekly = Cadence::Times {
        times: 1,
        per: Period::Week,
    };
    let on = |today| due(&weekly, Weeks::All, &[date(2025, 9, 21)], today);
    let saturday = on(date(2025, 9, 27));
    assert_eq!(saturday.due_on, Some(date(2025, 9, 28)));
    assert_eq!(saturday.standing, Standing::ThisWeek { days: 1 });
}

#[test]
fn a_quarter_with_a_vacation_inside_it_is_owed_in_the_vacation() {
    let quarterly = Cadence::Times {
        times: 1,
        per: Period::Quarter,
    };
    let winter = due(&quarterly, Weeks::Vacation, &[], date(2026, 2, 10));
    assert!(winter.due_on.is_some(), "{winter:?}");
}

#[test]
fn often_never_falls_due() {
    let often = Cadence::Unnumbered(Loose::Often);
    check(&often, &[], date(2025, 12, 30), None, Standing::LastOnly);
}

fn urgency(standing: &Standing) -> i64 {
    match standing {
        Standing::Past { days } => i64::from(*days) + 1,
        Standing::Today => 0,
        Standing::ThisWeek { days } | Standing::Soon { days } | Standing::Later { days } => {
            -i64::from(*days)
        }
        Standing::Met | Standing::Paused { .. } | Standing::NotNow | Standing::LastOnly => i64::MIN,
    }
}

proptest! {
    /// Waiting another day within the same week never makes a talk less due.
    #[test]
    fn waiting_never_makes_a_talk_less_due(last in 0i32..100, wait in 0i32..100) {
        let last = plus_days(date(2025, 9, 1), last);
        let today = plus_days(last, wait);
        let tomorrow = plus_days(today, 1);
        let calendar = sample();
        prop_assume!(calendar.term_on(tomorrow).is_some());
        let now = urgency(&due(&FORTNIGHT, Weeks::Teaching, &[last], today).standing);
        let then = urgency(&due(&FORTNIGHT, Weeks::Teaching, &[last], tomorrow).standing);
        prop_assert!(then >= now);
    }

    /// A talk today always settles the week, whatever was missed before.
    #[test]
    fn a_talk_today_settles_the_week(day in 0i32..130, earlier in proptest::collection::vec(0i32..130, 0..6)) {
        let today = plus_days(date(2025, 9, 1), day);
        prop_assume!(sample().is_school_day(today));
        let mut dates: Vec<Date> = earlier.iter().map(|day| plus_days(date(2025, 9, 1), *day)).collect();
        dates.push(today);
        prop_assert_eq!(due(&WEEKLY, Weeks::Teaching, &dates, today).standing, Standing::Met);
    }
}

#[test]
fn a_fixed_day_in_the_vacation_is_owed_while_there_is_school() {
    let twentieth = Cadence::OnDay { day: 20 };
    let kept = [
        date(2025, 9, 20),
        date(2025, 10, 20),
        date(2025, 11, 20),
        date(2025, 12, 20),
    ];
    let january = due(&twentieth, Weeks::Teaching, &kept, date(2026, 1, 5));
    assert_eq!(january.due_on, Some(date(2026, 1, 16)));
    assert_eq!(january.moved_from, Some(date(2026, 1, 20)));
}

#[test]
fn a_share_of_nothing_is_not_done_and_not_counted() {
    let calendar = sample();
    let joined = date(2025, 9, 20);
    let late = since(&MONTHLY, Weeks::Teaching, joined, &[], date(2025, 9, 25));
    assert_eq!((late.standing, late.wanted), (Standing::NotNow, 0));
    let half_year = Stretch {
        from: joined,
        to: date(2026, 1, 16),
    };
    let owed = |since: Date| MONTHLY.owed_in((half_year, since), Weeks::Teaching, &calendar);
    assert_eq!((owed(joined), owed(date(2025, 9, 1))), (4, 5));
}
