//! Staff and their dated roles. Whoever loses a role, is given another password or is closed is
//! signed out everywhere in the same transaction.

use super::forms::{Span, Wanted, needs_class};
use crate::db::{self, Conn};
use crate::ids::{OperationId, SchoolId, StaffId};
use crate::pairing::store as pairing;
use crate::school::store::{self as school, NewGrant};
use crate::web::{Failure, Result};
use jiff::civil::Date;
use rules::access::Role;

pub struct Colleague {
    pub id: StaffId,
    pub name: String,
    pub username: Option<String>,
    pub closed: bool,
    pub roles: Vec<Held>,
}

/// A role as somebody holds it, or held it.
#[derive(Clone)]
pub struct Held {
    pub id: String,
    pub role: Role,
    pub scope_id: String,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

db::row! {
    struct Row {
        id: String,
        name: String,
        username: Option<String>,
        disabled_at: Option<String>,
        grant_id: Option<String>,
        role: Option<String>,
        scope_id: Option<String>,
        from_on: Option<String>,
        to_on: Option<String>,
    }
}

/// Everybody, with all roles, those still working first.
pub async fn all(conn: &mut Conn, school_id: &SchoolId) -> Result<Vec<Colleague>> {
    let rows: Vec<Row> = db::query_as(
        "select t.id, t.name, t.username, t.disabled_at, g.id as grant_id, g.role, g.scope_id,
            g.from_on, g.to_on
         from staff t
         left join role_grant g on g.school_id = t.school_id and g.staff_id = t.id
         where t.school_id = $1 order by t.name, t.id, g.from_on",
    )
    .bind(school_id.as_str())
    .fetch_all(conn)
    .await?;
    let mut found: Vec<Colleague> = Vec::new();
    for row in rows {
        if found.last().is_none_or(|last| last.id.as_str() != row.id) {
            found.push(Colleague {
                id: StaffId::from(row.id.clone()),
                name: row.name.clone(),
                username: row.username.clone(),
                closed: row.disabled_at.is_some(),
                roles: Vec::new(),
            });
        }
        if let (Some(last), Some(held)) = (found.last_mut(), held(row)) {
            last.roles.push(held);
        }
    }
    found.sort_by_cached_key(|one| (one.closed, crate::children::search::sort_key(&one.name)));
    Ok(found)
}

fn held(row: Row) -> Option<Held> {
    Some(Held {
        id: row.grant_id?,
        role: Role::from_code(&row.role?)?,
        scope_id: row.scope_id.unwrap_or_default(),
        from_on: db::date(&row.from_on?),
        to_on: db::opt_date(row.to_on),
    })
}

impl Held {
    /// It holds, or will.
    pub fn is_open(&self, today: Date) -> bool {
        self.to_on.is_none_or(|to| to >= today)
    }

    pub fn holds(&self, today: Date) -> bool {
        self.from_on <= today && self.to_on.is_none_or(|to| to >= today)
    }
}

pub async fn one(conn: &mut Conn, school_id: &SchoolId, id: &StaffId) -> Result<Colleague> {
    all(conn, school_id)
        .await?
        .into_iter()
        .find(|one| one.id == *id)
        .ok_or(Failure::NotThere)
}

/// What a role reaches: a class, the school, the paired children.
fn scope(school_id: &SchoolId, wanted: &Wanted) -> (&'static str, String) {
    match (wanted.role, &wanted.class_id) {
        (_, Some(class)) => ("class", class.clone()),
        (Role::Mentor, None) => ("own", String::new()),
        (Role::CountyOfficer | Role::CountyCaseOfficer, None) => ("county", String::new()),
        _ => ("school", school_id.to_string()),
    }
}

/// Gives a role from a day on. Who sits in the leading group gets the seat with it.
pub async fn give(
    conn: &mut Conn,
    school_id: &SchoolId,
    staff_id: &StaffId,
    wanted: &Wanted,
    (today, approved_by): (Date, &str),
) -> Result<()> {
    let (scope_kind, scope_id) = scope(school_id, wanted);
    let from_on = wanted.span.from.unwrap_or(today);
    let to_on = wanted.span.to;
    let grant = NewGrant {
        staff_id,
        role: wanted.role,
        scope_kind,
        scope_id: &scope_id,
        from_on,
        to_on,
        approved_by: Some(approved_by).filter(|by| !by.is_empty()),
    };
    school::grant(conn, school_id, &grant).await?;
    if wanted.role == Role::LeadingGroup || wanted.role == Role::Principal {
        let seat = if wanted.role == Role::Principal {
            "leader"
        } else {
            "member"
        };
        db::query(
            "insert into leading_group_seat (school_id, id, staff_id, seat, from_on, to_on)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(school_id.as_str())
        .bind(OperationId::new().as_str())
        .bind(staff_id.as_str())
        .bind(seat)
        .bind(from_on.to_string())
        .bind(to_on.map(|day| day.to_string()))
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Ends a role with the day before today, and with it the seat; every device has to sign in anew.
pub async fn end_role(
    conn: &mut Conn,
    school_id: &SchoolId,
    (staff_id, held): (&StaffId, &Held),
    today: Date,
) -> Result<()> {
    let last_day = rules::calendar::plus_days(today, -1).to_string();
    db::query(
        "update role_grant set to_on = $4 where school_id = $1 and staff_id = $2 and id = $3",
    )
    .bind(school_id.as_str())
    .bind(staff_id.as_str())
    .bind(&held.id)
    .bind(&last_day)
    .execute(&mut *conn)
    .await?;
    if matches!(held.role, Role::LeadingGroup | Role::Principal) {
        db::query(
            "update leading_group_seat set to_on = $3
             where school_id = $1 and staff_id = $2 and (to_on is null or to_on > $3)",
        )
        .bind(school_id.as_str())
        .bind(staff_id.as_str())
        .bind(&last_day)
        .execute(&mut *conn)
        .await?;
    }
    sign_out(conn, school_id, staff_id).await
}

/// Who audits reads what others did, and has no children to care for.
pub fn may_be_with_children(one: &Colleague, today: Date) -> bool {
    let mut held = one.roles.iter().filter(|held| held.holds(today));
    !held.any(|held| held.role == Role::Auditor)
}

/// The roles that mean certain children: they go on to whoever takes the children over.
pub fn is_with_children(role: Role) -> bool {
    matches!(
        role,
        Role::HomeroomTeacher
            | Role::Mentor
            | Role::SubjectTeacher
            | Role::DormStaff
            | Role::Counsellor
    )
}

/// The children with whom somebody is paired today.
pub async fn paired_with(
    conn: &mut Conn,
    school_id: &SchoolId,
    staff_id: &StaffId,
    today: Date,
) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select child_id from pairing where school_id = $1 and staff_id = $2
            and (to_on is null or to_on >= $3) order by child_id",
    )
    .bind(school_id.as_str())
    .bind(staff_id.as_str())
    .bind(today.to_string())
    .fetch_all(conn)
    .await?)
}

/// From today on another colleague is there for the same children: the roles with their classes,
/// and the pairs. What the other has already is not given twice.
pub async fn hand_over(
    conn: &mut Conn,
    school_id: &SchoolId,
    (from, to): (&Colleague, &Colleague),
    (today, approved_by): (Date, &str),
) -> Result<()> {
    let held = |one: &Colleague| -> Vec<(Role, String)> {
        let now = one.roles.iter().filter(|held| held.holds(today));
        now.map(|held| (held.role, held.scope_id.clone())).collect()
    };
    let known = held(to);
    for own in from.roles.iter().filter(|held| held.holds(today)) {
        if !is_with_children(own.role) {
            continue;
        }
        end_role(conn, school_id, (&from.id, own), today).await?;
        if known.contains(&(own.role, own.scope_id.clone())) {
            continue;
        }
        let wanted = Wanted {
            role: own.role,
            class_id: needs_class(own.role).then(|| own.scope_id.clone()),
            span: Span {
                from: None,
                to: own.to_on,
            },
        };
        give(conn, school_id, &to.id, &wanted, (today, approved_by)).await?;
    }
    hand_over_pairs(conn, school_id, (&from.id, &to.id), today).await
}

async fn hand_over_pairs(
    conn: &mut Conn,
    school_id: &SchoolId,
    (from, to): (&StaffId, &StaffId),
    today: Date,
) -> Result<()> {
    let theirs = paired_with(conn, school_id, to, today).await?;
    for child in paired_with(conn, school_id, from, today).await? {
        if theirs.contains(&child) {
            continue;
        }
        pairing::open(conn, school_id, (&child, to.as_str()), today).await?;
    }
    db::query(
        "update pairing set to_on = $3 where school_id = $1 and staff_id = $2
            and (to_on is null or to_on >= $4)",
    )
    .bind(school_id.as_str())
    .bind(from.as_str())
    .bind(rules::calendar::plus_days(today, -1).to_string())
    .bind(today.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

async fn sign_out(conn: &mut Conn, school_id: &SchoolId, staff_id: &StaffId) -> Result<()> {
    db::query("update staff set auth_epoch = auth_epoch + 1 where school_id = $1 and id = $2")
        .bind(school_id.as_str())
        .bind(staff_id.as_str())
        .execute(&mut *conn)
        .await?;
    db::query("delete from login_session where school_id = $1 and staff_id = $2")
        .bind(school_id.as_str())
        .bind(staff_id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// Closes an account: signed out now, and not signed in again.
pub async fn close(
    conn: &mut Conn,
    school_id: &SchoolId,
    staff_id: &StaffId,
    at: &str,
) -> Result<()> {
    let paired: i64 = db::query_scalar(
        "select cast(count(*) as bigint) from pairing p
         join child c on c.school_id = p.school_id and c.id = p.child_id
         where p.school_id = $1 and p.staff_id = $2 and p.to_on is null and c.left_on is null",
    )
    .bind(school_id.as_str())
    .bind(staff_id.as_str())
    .fetch_one(&mut *conn)
    .await?;
    if paired > 0 {
        return Err(Failure::Asked(format!(
            "这位老师还帮扶着{paired}个孩子，停用以后就没有人记着他们了。先把孩子交给别的老师，再来停用。"
        )));
    }
    db::query(
        "update staff set disabled_at = $3 where school_id = $1 and id = $2 and disabled_at is null",
    )
    .bind(school_id.as_str())
    .bind(staff_id.as_str())
    .bind(at)
    .execute(&mut *conn)
    .await?;
    sign_out(conn, school_id, staff_id).await
}

/// Who sits in the leading group today: name and seat, the leader first.
pub async fn leading_group(
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> Result<Vec<(String, String)>> {
    Ok(db::query_as(
        "select t.name, min(s.seat) from leading_group_seat s
         join staff t on t.school_id = s.school_id and t.id = s.staff_id
         where s.school_id = $1 and s.from_on <= $2 and (s.to_on is null or s.to_on >= $2)
         group by t.id, t.name order by min(s.seat), t.name",
    )
    .bind(school_id.as_str())
    .bind(today.to_string())
    .fetch_all(conn)
    .await?)
}
