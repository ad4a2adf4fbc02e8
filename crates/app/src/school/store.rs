//! Terms, days off, classes, staff.

use crate::App;
use crate::db::{self, Conn};
use crate::ids::{ClassId, SchoolId, StaffId};
use crate::vault::{DoesNotOpen, Key};
use crate::web::words;
use jiff::civil::Date;
use rules::access::Role;
use rules::calendar::{Calendar, Exception, Half, Term, school_year_of};
use std::sync::Arc;

/// The school's calendar; kept in memory until a term or a day changes.
pub async fn calendar(
    app: &App,
    conn: &mut Conn,
    school_id: &SchoolId,
) -> db::Result<Arc<Calendar>> {
    if let Some(known) = app.memory.calendar(school_id) {
        return Ok(known);
    }
    let round = app.memory.round(school_id);
    let calendar = Arc::new(read_calendar(conn, school_id).await?);
    app.memory.keep_calendar(school_id, round, &calendar);
    Ok(calendar)
}

/// The terms that the school has written down itself.
pub async fn own_terms(conn: &mut Conn, school_id: &SchoolId) -> db::Result<Vec<Term>> {
    let terms: Vec<(i64, i64, String, String)> = db::query_as(
        "select school_year, half, starts_on, ends_on from term
         where school_id = $1 order by starts_on",
    )
    .bind(school_id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(terms.into_iter().map(term).collect())
}

/// The day whose grades a list of names goes by.
pub async fn roster_day(conn: &mut Conn, school_id: &SchoolId, today: Date) -> db::Result<Date> {
    let own = own_terms(conn, school_id).await?;
    Ok(rules::calendar::day_of_a_roster(&own, today))
}

/// So many school years before and after those written down stand with their usual dates: a school
/// that forgets to write next term down goes on, and is told that the dates are the usual ones.
const USUAL_YEARS: i16 = 3;

fn with_usual(mut own: Vec<Term>) -> Vec<Term> {
    let years = own.iter().map(|term| term.school_year);
    let (Some(first), Some(last)) = (years.clone().min(), years.max()) else {
        return own;
    };
    let usual = super::calendar::usual(first - 1..=last + USUAL_YEARS);
    for term in usual.terms() {
        let known = own.iter().any(|one| {
            (one.school_year, one.half) == (term.school_year, term.half)
                || (one.starts_on <= term.ends_on && term.starts_on <= one.ends_on)
        });
        if !known {
            own.push(term.clone());
        }
    }
    own
}

async fn read_calendar(conn: &mut Conn, school_id: &SchoolId) -> db::Result<Calendar> {
    let own_terms = own_terms(conn, school_id).await?;
    let own: Vec<(String, String)> =
        db::query_as("select day, kind from day_exception where school_id = $1")
            .bind(school_id.as_str())
            .fetch_all(conn)
            .await?;
    let terms = with_usual(own_terms);
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

pub async fn set_term(conn: &mut Conn, school_id: &SchoolId, term: &Term) -> db::Result<()> {
    let half = match term.half {
        Half::First => 1_i64,
        Half::Second => 2,
    };
    db::query(
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

/// A day that differs from the notice; "usual": it does not any more.
pub async fn set_day(
    conn: &mut Conn,
    school_id: &SchoolId,
    (day, kind, name): (Date, &str, &str),
) -> db::Result<()> {
    if kind == "usual" {
        db::query("delete from day_exception where school_id = $1 and day = $2")
            .bind(school_id.as_str())
            .bind(day.to_string())
            .execute(conn)
            .await?;
        return Ok(());
    }
    db::query(
        "insert into day_exception (school_id, day, kind, name) values ($1, $2, $3, $4)
         on conflict (school_id, day) do update set kind = excluded.kind, name = excluded.name",
    )
    .bind(school_id.as_str())
    .bind(day.to_string())
    .bind(kind)
    .bind(name)
    .execute(conn)
    .await?;
    Ok(())
}

/// The school's own days: day, kind, name.
pub async fn own_days(
    conn: &mut Conn,
    school_id: &SchoolId,
) -> db::Result<Vec<(Date, String, String)>> {
    let rows: Vec<(String, String, String)> = db::query_as(
        "select day, kind, name from day_exception where school_id = $1 order by day desc limit 60",
    )
    .bind(school_id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(day, kind, name)| (db::date(&day), kind, name))
        .collect())
}

/// The grades that the school has.
pub async fn grades(
    conn: &mut Conn,
    school_id: &SchoolId,
) -> db::Result<std::ops::RangeInclusive<i64>> {
    Ok(match stage(conn, school_id).await?.as_str() {
        "junior" => 7..=9,
        "nine_year" => 1..=9,
        _ => 1..=6,
    })
}

/// The cohort of a grade: its stage and the year in which it entered.
pub fn cohort(grade: i64, school_year: i16) -> (&'static str, i64) {
    let (stage, first) = if grade >= 7 {
        ("junior", 7)
    } else {
        ("primary", 1)
    };
    (stage, i64::from(school_year) - grade + first)
}

/// How many children are in each class: class id, count.
pub async fn class_sizes(
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> db::Result<Vec<(String, i64)>> {
    db::query_as(
        "select m.class_id, cast(count(*) as bigint) from membership m
         join child c on c.school_id = m.school_id and c.id = m.child_id
         where m.school_id = $1 and m.from_on <= $2 and (m.to_on is null or m.to_on > $2)
            and (c.left_on is null or c.left_on > $2)
         group by m.class_id",
    )
    .bind(school_id.as_str())
    .bind(today.to_string())
    .fetch_all(conn)
    .await
}

/// Children who are in a class since today or yesterday, and were in another until then.
pub async fn moved_lately(
    conn: &mut Conn,
    school_id: &SchoolId,
    (from, to): (&ClassId, &ClassId),
    today: Date,
) -> db::Result<Vec<String>> {
    db::query_scalar(
        "select m.child_id from membership m
         where m.school_id = $1 and m.class_id = $3 and m.from_on >= $4 and m.to_on is null
            and exists (select 1 from membership o where o.school_id = m.school_id
                and o.child_id = m.child_id and o.class_id = $2 and o.to_on = m.from_on)
         order by m.child_id",
    )
    .bind(school_id.as_str())
    .bind(from.as_str())
    .bind(to.as_str())
    .bind(rules::calendar::plus_days(today, -1).to_string())
    .fetch_all(conn)
    .await
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
pub async fn classes(conn: &mut Conn, school_id: &SchoolId, today: Date) -> db::Result<Vec<Class>> {
    let rows: Vec<(String, String, i64, i64)> = db::query_as(
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
        // 0: they come with the first day of school.
        .filter(|class| (0..=9).contains(&class.grade))
        .collect();
    classes.sort_by_key(|class| (class.grade, class.number));
    Ok(classes)
}

/// One that was closed is open again, with those who were in it.
pub async fn open_class(
    conn: &mut Conn,
    school_id: &SchoolId,
    (stage, entry_year, number): (&str, i64, i64),
) -> db::Result<ClassId> {
    let id: String = db::query_scalar(
        "insert into class (school_id, id, campus_id, stage, entry_year, number, closed_on)
         values ($1, $2, null, $3, $4, $5, null)
         on conflict (school_id, stage, entry_year, number) do update set closed_on = null
         returning id",
    )
    .bind(school_id.as_str())
    .bind(ClassId::new().as_str())
    .bind(stage)
    .bind(entry_year)
    .bind(number)
    .fetch_one(conn)
    .await?;
    Ok(id.into())
}

/// Nobody is in it any more: from today on it is not there, nor is anybody its teacher.
pub async fn close_class(
    conn: &mut Conn,
    school_id: &SchoolId,
    class_id: &ClassId,
    today: Date,
) -> db::Result<()> {
    db::query("update class set closed_on = $3 where school_id = $1 and id = $2")
        .bind(school_id.as_str())
        .bind(class_id.as_str())
        .bind(today.to_string())
        .execute(&mut *conn)
        .await?;
    let last_day = rules::calendar::plus_days(today, -1).to_string();
    db::query(
        "update role_grant set to_on = $3 where school_id = $1 and scope_kind = 'class'
            and scope_id = $2 and (to_on is null or to_on > $3)",
    )
    .bind(school_id.as_str())
    .bind(class_id.as_str())
    .bind(last_day)
    .execute(conn)
    .await?;
    Ok(())
}

/// primary, junior or nine_year.
pub async fn stage(conn: &mut Conn, school_id: &SchoolId) -> db::Result<String> {
    db::query_scalar("select stage from org where id = $1")
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
) -> db::Result<StaffId> {
    let id = StaffId::new();
    db::query(
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
    /// The last day; nothing: until it is taken back.
    pub to_on: Option<Date>,
    /// Who decided it; nobody where the school is being set up.
    pub approved_by: Option<&'a str>,
}

pub async fn grant(conn: &mut Conn, school_id: &SchoolId, grant: &NewGrant<'_>) -> db::Result<()> {
    db::query(
        "insert into role_grant (school_id, id, staff_id, role, scope_kind, scope_id, from_on,
            to_on, approved_by)
         values ($1, $2, $3, $4, $5, $6, $7, $9, $8)",
    )
    .bind(school_id.as_str())
    .bind(crate::ids::OperationId::new().as_str())
    .bind(grant.staff_id.as_str())
    .bind(grant.role.code())
    .bind(grant.scope_kind)
    .bind(grant.scope_id)
    .bind(grant.from_on.to_string())
    .bind(grant.approved_by)
    .bind(grant.to_on.map(|day| day.to_string()))
    .execute(conn)
    .await?;
    Ok(())
}

db::row! {
    /// Who holds a role today, and where.
    pub struct Holder {
        /// The class, or the school.
        pub scope_id: String,
        pub staff_id: String,
        pub name: String,
        phone_sealed: Option<String>,
    }
}

impl Holder {
    pub fn phone(&self, school_key: &Key) -> Result<Option<String>, DoesNotOpen> {
        open_phone(school_key, &self.staff_id, self.phone_sealed.as_deref())
    }
}

fn phone_place(staff_id: &str) -> String {
    format!("staff/{staff_id}/phone")
}

/// A colleague's own number, sealed under the school's key.
pub fn open_phone(
    school_key: &Key,
    staff_id: &str,
    sealed: Option<&str>,
) -> Result<Option<String>, DoesNotOpen> {
    sealed
        .map(|sealed| school_key.open(&phone_place(staff_id), sealed))
        .transpose()
}

pub async fn set_phone(
    conn: &mut Conn,
    school_id: &SchoolId,
    (staff_id, school_key): (&str, &Key),
    phone: Option<&str>,
) -> db::Result<()> {
    db::query("update staff set phone_sealed = $3 where school_id = $1 and id = $2")
        .bind(school_id.as_str())
        .bind(staff_id)
        .bind(phone.map(|phone| school_key.seal(&phone_place(staff_id), phone)))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn holders(
    conn: &mut Conn,
    school_id: &SchoolId,
    role: Role,
    today: Date,
) -> db::Result<Vec<Holder>> {
    db::query_as(
        "select g.scope_id, t.id as staff_id, t.name, t.phone_sealed from role_grant g
         join staff t on t.school_id = g.school_id and t.id = g.staff_id
         where g.school_id = $1 and g.role = $3 and g.from_on <= $2
            and (g.to_on is null or g.to_on >= $2) and t.disabled_at is null
         order by g.from_on, t.name",
    )
    .bind(school_id.as_str())
    .bind(today.to_string())
    .bind(role.code())
    .fetch_all(conn)
    .await
}

/// The homeroom teacher of each class today.
pub async fn homeroom_teachers(
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> db::Result<Vec<Holder>> {
    holders(conn, school_id, Role::HomeroomTeacher, today).await
}
