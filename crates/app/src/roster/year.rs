//! By which school year's grades a list is read, where it may be of either.

use super::arrive::is_by_hand;
use super::check::{Known, School};
use super::heads::Heads;
use super::pages::judge_anew;
use super::row::{class_in, read};
use super::store::{self, Import, citizen_index, student_index};
use crate::App;
use crate::db::Conn;
use crate::ids::ImportId;
use crate::journal::Kind;
use crate::school::store as school;
use crate::sheets::Sheet;
use crate::web::{Failure, Form, Id, Result, Viewer, words};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::calendar::{day_of_a_roster, other_day_of_a_roster, school_year_of};
use rules::roster_year::{Line, is_of_the_coming_year};
use std::collections::HashMap;

/// The days by whose grades a list may be read now.
#[derive(Clone, Copy)]
pub struct Days {
    pub usual: Date,
    /// Where nobody but the list itself says which it is.
    pub other: Option<Date>,
}

impl Days {
    pub async fn now(conn: &mut Conn, viewer: &Viewer) -> Result<Self> {
        let own = school::own_terms(conn, &viewer.school_id).await?;
        Ok(Self {
            usual: day_of_a_roster(&own, viewer.today()),
            other: other_day_of_a_roster(&own, viewer.today()),
        })
    }

    /// The day of that school year; the usual one for any other.
    pub fn of_year(self, year: i16) -> Date {
        let other = self.other.filter(|day| school_year_of(*day) == year);
        other.unwrap_or(self.usual)
    }
}

/// Whether the lines say that their grades are those of the coming school year.
pub fn says_the_coming(sheet: &Sheet, heads: &Heads, school: &School) -> bool {
    let all = school.known.by_name.values().flatten();
    let grades: HashMap<&str, u8> = all.map(|one| (one.id.as_str(), one.class.0)).collect();
    let rows = sheet.rows.iter().filter(|row| row.line > heads.line);
    let of = |row, year| class_in((row, heads), (&school.stage, year));
    let year = school.school_year;
    // 2026级 is nobody's grade before that year.
    if rows
        .clone()
        .any(|row| of(row, year).is_none() && of(row, year + 1).is_some())
    {
        return true;
    }
    let lines: Vec<Line> = rows
        .filter_map(|row| {
            let (child, _) = read(row, heads, school);
            let id = known_as(&child, &school.known, school);
            (child.grade > 0).then(|| Line {
                grade: child.grade,
                today: id.and_then(|id| grades.get(id).copied()),
                born_on: child.born_on,
            })
        })
        .collect();
    is_of_the_coming_year(&lines, school.school_year)
}

/// The child of the school by what no grade is needed for: its numbers, or its name and day of birth.
fn known_as<'a>(
    child: &super::check::NewChild,
    known: &'a Known,
    school: &School,
) -> Option<&'a str> {
    let citizen_id = child.identity.citizen_id.as_ref();
    let student_no = child.identity.student_no.as_ref();
    let by_number = citizen_id
        .and_then(|number| known.by_citizen_id.get(&citizen_index(&school.key, number)))
        .or_else(|| {
            known
                .by_student_no
                .get(&student_index(&school.key, student_no?))
        });
    let by_name = || {
        let same = known.by_name.get(&child.name)?.iter();
        let mut same = same.filter(|one| one.born_on.is_some() && one.born_on == child.born_on);
        same.next().filter(|_| same.next().is_none())
    };
    by_number
        .map(String::as_str)
        .or_else(|| by_name().map(|one| one.id.as_str()))
}

/// What the preview says of the list's school year.
pub struct Year {
    /// 2026—2027学年, where that is not today's.
    pub coming: Option<String>,
    /// What it may be, with the one by which it was read.
    pub choices: Vec<Choice>,
}

pub struct Choice {
    pub year: i16,
    pub title: String,
    pub chosen: bool,
}

impl Year {
    pub async fn of(conn: &mut Conn, viewer: &Viewer, import: &Import) -> Result<Self> {
        let now = school_year_of(viewer.today());
        let year = school_year_of(import.brought.day(viewer));
        let other = Days::now(conn, viewer).await?.other;
        let other = other.filter(|_| !is_by_hand(&import.brought.titles));
        let choice = |(own, said): (i16, &str)| Choice {
            year: own,
            title: format!("{}，{said}", words::school_year(own)),
            chosen: own == year,
        };
        let both = other.map(|day| {
            [
                (now, "现在的年级"),
                (school_year_of(day), "9月1日以后的年级"),
            ]
        });
        Ok(Self {
            coming: (year != now).then(|| words::school_year(year)),
            choices: both.into_iter().flatten().map(choice).collect(),
        })
    }
}

/// `POST /office/import/{import_id}/year`: which school year's grades the list names is said by hand,
/// and the file judged anew.
pub async fn year(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let year: i16 = fields
        .get("year")
        .parse()
        .map_err(|_| Failure::Asked("没看懂是哪个学年。请退回去选一个，再按一次。".to_owned()))?;
    let import = {
        let mut conn = app.db.read().await?;
        store::one(&mut conn, &viewer, &id).await?
    };
    let payload = format!("year {id} {year}");
    let told = super::heads::Learned::new();
    let said = (&operation, Kind::YearSaid, payload.as_str());
    judge_anew(&app, &viewer, &import, (told, Some(year)), said).await
}
