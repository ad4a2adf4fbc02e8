//! 青石小学 (示例): the named cast, all invented, in the middle of a term on whatever day it starts.

pub mod bench;
pub mod cast;
pub mod children;
mod past;

use crate::App;
use crate::adoptions::store as packs;
use crate::clock::Now;
use crate::db::Conn;
use crate::ids::{ClassId, SchoolId, StaffId};
use crate::login::password;
use crate::school::store::{self as school, NewGrant, NewStaff};
use crate::school::tree::{NewOrg, OrgKind, open_org};
use crate::web::viewer::{Grant, Scope};
use crate::web::{Result, Viewer};
use jiff::civil::Date;
use rules::access::Role;
use rules::calendar::{Half, Term, plus_days, school_year_of, week_of};

/// The accounts that the demo prints.
pub const ACCOUNTS: [(&str, &str); 8] = [
    ("banzhuren", "班主任，五（2）班"),
    ("bangfu", "帮扶教师，结对5个孩子"),
    ("xinli", "心理教师"),
    ("xiaozhang", "校长"),
    ("dangan", "档案管理员"),
    ("xianju", "县教育局"),
    ("guanli", "系统管理员"),
    ("shenji", "审计员"),
];

/// The plans that the demo school follows.
const PACKS: [&str; 3] = ["p3", "p4", "p5"];

/// The terms around a day: the usual ones, or, in a vacation, a term of the demo's own that is in
/// its fifth week.
fn terms(today: Date, usual: bool) -> Vec<Term> {
    let year = school_year_of(today);
    let calendar = crate::school::calendar::usual(year - 1..=year + 1);
    let mut terms: Vec<Term> = calendar.terms().to_vec();
    if usual
        || calendar
            .term_on(today)
            .is_some_and(|term| plus_days(term.starts_on, 21) <= today)
    {
        return terms;
    }
    let starts_on = plus_days(week_of(today).from, -28);
    let ends_on = plus_days(starts_on, 137);
    terms.retain(|term| term.ends_on < starts_on || term.starts_on > ends_on);
    let half = if starts_on.month() >= 7 {
        Half::First
    } else {
        Half::Second
    };
    terms.retain(|term| (term.school_year, term.half) != (year, half));
    terms.push(Term {
        school_year: year,
        half,
        starts_on,
        ends_on,
    });
    terms
}

/// What the cast is put into.
pub struct Stage {
    pub school_id: SchoolId,
    pub now: Now,
    pub term_starts_on: Date,
    pub key: crate::vault::Key,
}

impl Stage {
    /// Somebody of the cast, acting with the roles that the tables give.
    pub fn actor(&self, staff_id: &StaffId, name: &str, grants: Vec<Grant>) -> Viewer {
        Viewer {
            school_id: self.school_id.clone(),
            school_name: "青石小学".to_owned(),
            staff_id: staff_id.clone(),
            name: name.to_owned(),
            grants,
            now: self.now.clone(),
            school_key: self.key.clone(),
            token_hash: String::new(),
            on_shared_computer: false,
            is_projecting: false,
            device: None,
            look: crate::web::viewer::Look::default(),
        }
    }
}

/// The demo: today is in term.
pub async fn build(app: &App, password: &str) -> Result<()> {
    build_with(app, password, false).await.map(|_| ())
}

/// The cast with the usual calendar, for tests on a fixed day, vacation days among them.
#[cfg(test)]
pub async fn build_usual(app: &App, password: &str) -> Result<SchoolId> {
    build_with(app, password, true).await
}

#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one story: county, schools, cast"
)]
async fn build_with(app: &App, password: &str, usual: bool) -> Result<SchoolId> {
    let hash = password::hash(password).await;
    let now = app.clock.now();
    let mut tx = app.db.write_anywhere().await?;
    let county = SchoolId::new();
    let township = SchoolId::new();
    let school_id = SchoolId::new();
    let other = SchoolId::new();
    open_org(
        &mut tx,
        &county,
        &NewOrg {
            parent: None,
            kind: OrgKind::County,
            name: "云溪县",
            stage: "",
        },
    )
    .await?;
    open_org(
        &mut tx,
        &township,
        &NewOrg {
            parent: Some(&county),
            kind: OrgKind::Township,
            name: "石门乡",
            stage: "",
        },
    )
    .await?;
    open_org(
        &mut tx,
        &school_id,
        &NewOrg {
            parent: Some(&township),
            kind: OrgKind::School,
            name: "青石小学",
            stage: "primary",
        },
    )
    .await?;
    open_org(
        &mut tx,
        &other,
        &NewOrg {
            parent: Some(&county),
            kind: OrgKind::School,
            name: "白岩小学",
            stage: "primary",
        },
    )
    .await?;
    let mut term_starts_on = now.today;
    for school in [&school_id, &other] {
        for term in terms(now.today, usual) {
            if term.starts_on <= now.today {
                term_starts_on = term.starts_on;
            }
            crate::school::store::set_term(&mut tx, school, &term).await?;
        }
        packs::adopt_national(&mut tx, school, term_starts_on, "").await?;
        for pack in PACKS {
            if let Some((read, text)) = packs::shipped_pack(pack, term_starts_on) {
                packs::adopt(&mut tx, school, (&read, text), term_starts_on, "").await?;
            }
        }
    }
    let stage = Stage {
        key: app.vault.school_key(school_id.as_str()),
        school_id: school_id.clone(),
        now: now.clone(),
        term_starts_on,
    };
    cast::enter(app, &mut tx, &stage, &hash).await?;
    let elsewhere = Stage {
        key: app.vault.school_key(other.as_str()),
        school_id: other,
        now,
        term_starts_on,
    };
    cast::enter_elsewhere(&mut tx, &elsewhere, &hash).await?;
    cast::county(&mut tx, &county, &hash, term_starts_on).await?;
    tx.commit().await?;
    app.memory.forget(&school_id);
    Ok(school_id)
}

/// Takes somebody on with one role.
pub async fn hire(
    conn: &mut Conn,
    school_id: &SchoolId,
    (username, name, hash): (&str, &str, &str),
    (role, scope_kind, scope_id): (Role, &str, &str),
    from_on: Date,
) -> Result<StaffId> {
    let staff = NewStaff {
        name,
        username: Some(username),
        password_hash: Some(hash),
    };
    let id = school::hire(conn, school_id, &staff).await?;
    let grant = NewGrant {
        staff_id: &id,
        role,
        scope_kind,
        scope_id,
        from_on,
        to_on: None,
        approved_by: None,
    };
    school::grant(conn, school_id, &grant).await?;
    Ok(id)
}

pub fn of_class(class_id: &ClassId, role: Role) -> Grant {
    Grant {
        role,
        scope: Scope::Class(class_id.to_string()),
    }
}
