//! What a season opens by itself (ux.md §1.3): the first week of a term the contact cards, the winter
//! vacation the houses to which parents have come back.

use super::api::office_row;
use super::items::Week;
use super::pages::Row;
use crate::children::case::Case;
use crate::records::store::capacity;
use crate::web::{Viewer, words};
use jiff::civil::Date;
use rules::duties::Actor;
use std::sync::Arc;

/// So many names stand in a row.
const NAMED: usize = 3;

/// Where no day is set and nothing is owed, the children for whom nobody was there the longest: a plan
/// without numbers lets nobody be forgotten either.
pub fn longest(viewer: &Viewer, week: &Week) -> Vec<Row> {
    let own = week.cases.iter().filter(|case| {
        case.case.is_counted() && capacity(viewer, &case.child) == Actor::HomeroomTeacher
    });
    let last = |case: &Arc<Case>| case.last_contact(&week.in_force, week.today);
    let mut own: Vec<(Option<Date>, &Arc<Case>)> = own.map(|case| (last(case), case)).collect();
    own.sort_by_key(|(on, _)| *on);
    let row = |(on, case): (Option<Date>, &Arc<Case>)| {
        let href = format!("/children/{}", case.child.id);
        let mut row = office_row("记", case.child.name.clone(), &href);
        row.sub = words::last_time(on, week.today);
        row
    };
    own.into_iter().take(NAMED).map(row).collect()
}

/// For who teaches a class.
pub fn rows(viewer: &Viewer, week: &Week) -> Vec<Row> {
    let own: Vec<&Arc<Case>> = week
        .cases
        .iter()
        .filter(|case| capacity(viewer, &case.child) == Actor::HomeroomTeacher)
        .collect();
    let rows = [cards(week, &own), homes(week, &own)];
    rows.into_iter().flatten().collect()
}

fn names(cases: &[&Arc<Case>]) -> String {
    let some = cases.iter().take(NAMED);
    let some: Vec<&str> = some.map(|case| case.child.name.as_str()).collect();
    let more = if cases.len() > NAMED { "等" } else { "" };
    format!("{}{more}", some.join("、"))
}

fn checked_on(case: &Case) -> Option<Date> {
    let kin = case.kin.iter();
    kin.filter_map(|kin| kin.phone_checked_on).max()
}

fn cards(week: &Week, own: &[&Arc<Case>]) -> Option<Row> {
    let term = week.calendar.term_on(week.today)?;
    let (_, number) = week.calendar.teaching_week(week.today)?;
    let open: Vec<&Arc<Case>> = own
        .iter()
        .copied()
        .filter(|case| checked_on(case).is_none_or(|on| on < term.starts_on))
        .collect();
    let first = open.first().filter(|_| number == 1)?;
    let title = format!("开学第1周，核对联系卡，还有{}个孩子", open.len());
    let mut row = office_row("卡", title, &format!("/children/{}/card", first.child.id));
    row.sub = format!("先对{}的", names(&open));
    Some(row)
}

fn homes(week: &Week, own: &[&Arc<Case>]) -> Option<Row> {
    let vacation = week.calendar.vacation_on(week.today)?;
    if !vacation.is_winter() {
        return None;
    }
    let away: Vec<&Arc<Case>> = own
        .iter()
        .copied()
        .filter(|case| case.case.is_counted())
        .collect();
    if away.is_empty() {
        return None;
    }
    let title = format!("家长回来了，去{}个孩子家里看看", away.len());
    let mut row = office_row("家", title, "/visits");
    row.sub = format!("爸妈过年在家，好当面说说话：{}", names(&away));
    Some(row)
}
