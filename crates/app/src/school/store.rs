//! Terms, days off, classes, staff.

use crate::App;
use crate::db::{self, Conn};
use crate::ids::{ClassId, SchoolId, StaffId};
use crate::web::words;
use jiff::civil::Date;
use rules::coded;
use rules::calendar::{Calendar, Exception, Half, Term, school_year_of};
use std::sync::Arc;

/// The school's calendar; kept in memory until a term or a day changes.
pub async fn calendar(
    app: &App,
    conn: &mut Conn,
    school_id: &SchoolId,
) -> sqlx::Result<Arc<Calendar>> {
    if let Some(known) = app.memory.calendar(school_id) {
        return Ok(known);
    }
    let round = app.memory.round(school_id);
    let calendar = Arc::new(read_calendar(conn, school_id).await?);
    app.memory.keep_calendar(school_id, round, &calendar);
    Ok(calendar)
}

async fn read_calendar(conn: &mut Conn, school_id: &SchoolId) -> sqlx::Result<Calendar> {
    let terms: Vec<(i64, i64, String, String)> = sqlx::query_as(
        "select school_year, half, starts_on, ends_on from term where school_id = $1",
    )
    .bind(school_id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let own: Vec<(String, String)> =
        sqlx::query_as("select day, kind from day_exception where school_id = $1")
            .bind(school_id.as_str())
            .fetch_all(conn)
            .await?;
    let terms: Vec<Term> = terms.into_iter().map(term).collect();
    let mut years: Vec<i16> = terms
        .iter()
        .flat_map(|term| [term.starts_on.year(), term.ends_on.year()])
        .collect();
    years.sort_unstable();
    years.dedup();
    let mut exceptions: Vec<(Date, Exception)> = years
        .iter()
        .flat_map(|year| super::calendar::exceptions(*year))
        .collect();
    let festivals = years
        .iter()
        .flat_map(|year| super::calendar::festivals(*year))
        .collect();
    for (day, kind) in own {
        let day = db::date(&day);
        exceptions.retain(|(on, _)| *on != day);
        match kind.as_str() {
            "off" => exceptions.push((day, Exception::Off)),
            "work" => exceptions.push((day, Exception::Work)),
            _ => {}
        }
    }
    Ok(Calendar::new(terms, exceptions, festivals))
}

fn term((school_year, half, starts_on, ends_on): (i64, i64, String, String)) -> Term {
    Term {
        school_year: i16::try_from(school_year).unwrap_or_default(),
        half: if half == 2 { Half::Second } else { Half::First },
        starts_on: db::date(&starts_on),
        ends_on: db::date(&ends_on),
    }
}

pub async fn set_term(conn: &mut Conn, school_id: &SchoolId, term: &Term) -> sqlx::Result<()> {
    let half = match term.half {
        Half::First => 1_i64,
        Half::Second => 2,
    };
    sqlx::query(
        "insert into term (school_id, id, school_year, half, starts_on, ends_on)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (school_id, school_year, half)
         do update set starts_on = excluded.starts_on, ends_on = excluded.ends_on",
    )
    .bind(school_id.as_str())
    .bind(crate::ids::OperationId::new().as_str())
    .bind(i64::from(term.school_year))
    .bind(half)
    .bind(term.starts_on.to_string())
    .bind(term.ends_on.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

coded! {
    /// The units of the tree, from the county down.
    OrgKind { County = "county", Township = "township", School = "school", Campus = "campus" }
}

pub struct NewOrg<'a> {
    pub parent: Option<&'a SchoolId>,
    pub kind: OrgKind,
    pub name: &'a str,
    /// primary, junior, nine_year; empty above the school
    pub stage: &'a str,
}

/// Adds a unit to the tree, with the head of its journal: whoever changes the unit locks it first.
pub async fn open_org(conn: &mut Conn, id: &SchoolId, org: &NewOrg<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into org (id, parent_id, kind, name, region_code, stage, boarding)
         values ($1, $2, $3, $4, '', $5, 1)",
    )
    .bind(id.as_str())
    .bind(org.parent.map(ToString::to_string))
    .bind(org.kind.code())
    .bind(org.name)
    .bind(org.stage)
    .execute(&mut *conn)
    .await?;
    sqlx::query("insert into journal_head (school_id, seq, hash) values ($1, 0, '')")
        .bind(id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// A class as the viewer's today sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub id: ClassId,
    pub grade: i64,
    pub number: i64,
}

impl Class {
    pub fn title(&self) -> String {
        words::class_title(self.grade, self.number)
    }
}

/// The classes that are open, youngest first.
pub async fn classes(
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> sqlx::Result<Vec<Class>> {
    let rows: Vec<(String, String, i64, i64)> = sqlx::query_as(
        "select id, stage, entry_year, number from class
         where school_id = $1 and (closed_on is null or closed_on > $2)",
    )
    .bind(school_id.as_str())
    .bind(today.to_string())
    .fetch_all(conn)
    .await?;
    let school_year = school_year_of(today);
    let mut classes: Vec<Class> = rows
        .into_iter()
        .map(|(id, stage, entry_year, number)| Class {
            id: id.into(),
            grade: words::grade(&stage, entry_year, school_year),
            number,
        })
        .filter(|class| (1..=9).contains(&class.grade))
        .collect();
    classes.sort_by_key(|class| (class.grade, class.number));
    Ok(classes)
}

pub async fn open_class(
    conn: &mut Conn,
    school_id: &SchoolId,
    (stage, entry_year, number): (&str, i64, i64),
) -> sqlx::Result<ClassId> {
    let id = ClassId::new();
    sqlx::query(
        "insert into class (school_id, id, campus_id, stage, entry_year, number, closed_on)
         values ($1, $2, null, $3, $4, $5, null)",
    )
    .bind(school_id.as_str())
    .bind(id.as_str())
    .bind(stage)
    .bind(entry_year)
    .bind(number)
    .execute(conn)
    .await?;
    Ok(id)
}

/// primary, junior or nine_year.
pub async fn stage(conn: &mut Conn, school_id: &SchoolId) -> sqlx::Result<String> {
    sqlx::query_scalar("select stage from org where id = $1")
        .bind(school_id.as_str())
        .fetch_one(conn)
        .await
}

pub struct NewStaff<'a> {
    pub name: &'a str,
    pub username: Option<&'a str>,
    pub password_hash: Option<&'a str>,
}

pub async fn hire(
    conn: &mut Conn,
    school_id: &SchoolId,
    staff: &NewStaff<'_>,
) -> sqlx::Result<StaffId> {
    let id = StaffId::new();
    sqlx::query(
        "insert into staff (school_id, id, name, username, password_hash, auth_epoch, disabled_at,
            phone_sealed)
         values ($1, $2, $3, $4, $5, 1, null, null)",
    )
    .bind(school_id.as_str())
    .bind(id.as_str())
    .bind(staff.name)
    .bind(staff.username)
    .bind(staff.password_hash)
    .execute(conn)
    .await?;
    Ok(id)
}

/// A role within a scope from a day on.
pub struct NewGrant<'a> {
    pub staff_id: &'a StaffId,
    pub role: rules::access::Role,
    pub scope_kind: &'a str,
    pub scope_id: &'a str,
    pub from_on: Date,
    /// Who decided it; nobody where the school is being set up.
    pub approved_by: Option<&'a str>,
}

pub async fn grant(
    conn: &mut Conn,
    school_id: &SchoolId,
    grant: &NewGrant<'_>,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into role_grant (school_id, id, staff_id, role, scope_kind, scope_id, from_on,
            to_on, approved_by)
         values ($1, $2, $3, $4, $5, $6, $7, null, $8)",
    )
    .bind(school_id.as_str())
    .bind(crate::ids::OperationId::new().as_str())
    .bind(grant.staff_id.as_str())
    .bind(grant.role.code())
    .bind(grant.scope_kind)
    .bind(grant.scope_id)
    .bind(grant.from_on.to_string())
    .bind(grant.approved_by)
    .execute(conn)
    .await?;
    Ok(())
}

/// The homeroom teacher of each class today: class id → name.
pub async fn homeroom_teachers(
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "select g.scope_id, t.name from role_grant g
         join staff t on t.school_id = g.school_id and t.id = g.staff_id
         where g.school_id = $1 and g.role = 'homeroom_teacher' and g.from_on <= $2
            and (g.to_on is null or g.to_on >= $2)",
    )
    .bind(school_id.as_str())
    .bind(today.to_string())
    .fetch_all(conn)
    .await
}
