//! What came in about terms, days and classes.

use crate::web::{Errors, Fields};
use jiff::civil::Date;
use rules::calendar::{Term, days_between, may_begin_a_term};
use rules::identity::parse_date;

fn day(fields: &Fields, name: &str, what: &str, errors: &mut Errors) -> Option<Date> {
    match fields.opt(name).map(parse_date) {
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => {
            errors.add(name, format!("{what}看不懂，写成2025-09-01这样就行。"));
            None
        }
        None => {
            errors.add(name, format!("{what}还没填。"));
            None
        }
    }
}

pub fn term(fields: &Fields) -> Result<Term, Errors> {
    let mut errors = Errors::default();
    let from = day(fields, "starts_on", "开学的日子", &mut errors);
    let to = day(fields, "ends_on", "放假的日子", &mut errors);
    let (Some(starts_on), Some(ends_on)) = (from, to) else {
        return Err(errors);
    };
    if !may_begin_a_term(starts_on) {
        errors.add(
            "starts_on",
            "秋季一般8月底、9月初开学，春季2月、3月开学，看看月份对不对。",
        );
        return Err(errors);
    }
    Term::of_days(starts_on, ends_on).ok_or_else(|| {
        errors.add("ends_on", NO_TERM);
        errors
    })
}

/// What is said of days that make no term.
pub const NO_TERM: &str = "一个学期是两周到四十周，看看年份对不对。";

/// A stretch of days that are off, or worked on.
pub struct Days {
    pub from: Date,
    pub to: Date,
    /// off, work, or usual: as the notice of the State Council has it
    pub kind: &'static str,
    pub name: String,
}

const MOST_DAYS: i32 = 31;

pub fn days(fields: &Fields) -> Result<Days, Errors> {
    let mut errors = Errors::default();
    let from = day(fields, "from", "从哪天起", &mut errors);
    let to = match fields.opt("to") {
        None => from,
        Some(_) => day(fields, "to", "到哪天", &mut errors),
    };
    let kind = match fields.get("kind") {
        "work" => "work",
        "usual" => "usual",
        _ => "off",
    };
    let (Some(from), Some(to)) = (from, to) else {
        return Err(errors);
    };
    if !(0..=MOST_DAYS).contains(&days_between(from, to)) {
        errors.add("to", "一次最多31天，到的日子要在后面。");
        return Err(errors);
    }
    Ok(Days {
        from,
        to,
        kind,
        name: fields.get("name").chars().take(20).collect(),
    })
}

/// A class to open: grade and number.
pub fn class(
    fields: &Fields,
    grades: &std::ops::RangeInclusive<i64>,
) -> Result<(i64, i64), Errors> {
    let mut errors = Errors::default();
    let grade: Option<i64> = fields.get("grade").parse().ok();
    let number: Option<i64> = fields.get("number").parse().ok();
    let grade = grade.filter(|grade| grades.contains(grade));
    let number = number.filter(|number| (1..=60).contains(number));
    if grade.is_none() {
        errors.add("grade", "几年级还没选。");
    }
    if number.is_none() {
        errors.add("number", "第几班写1到60的数字。");
    }
    match (grade, number) {
        (Some(grade), Some(number)) => Ok((grade, number)),
        _ => Err(errors),
    }
}
