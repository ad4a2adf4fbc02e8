//! The named cast enters: the grown-ups with their roles, the children, and what is around them.

use super::children::{FIFTH, THIRD, fifth_child, invented_id, third_child};
use super::past::{past, past_of_third};
use super::{Stage, hire, of_class};
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::dossier::store::{self as dossier, Written};
use crate::home::forms::{ParentTold, Whereabouts};
use crate::home::lines;
use crate::home::store as home;
use crate::ids::{ClassId, OperationId, SchoolId, StaffId};
use crate::roster::check::{Checked, NewChild, Verdict};
use crate::roster::commit::{Answers, commit};
use crate::roster::store::{self as roster, Brought};
use crate::school::store::{self as school, NewGrant, NewStaff};
use crate::web::viewer::{Grant, Scope};
use crate::web::{Failure, Result, Viewer};
use jiff::{ToSpan, civil::Date};
use rules::access::{Act, Role};
use rules::calendar::plus_days;
use rules::history::Parent;
use serde_json::json;

fn line(child: NewChild, line: u32) -> Checked {
    Checked {
        line,
        verdict: Verdict::Ready,
        why: Vec::new(),
        answers: Vec::new(),
        child,
        matches: None,
        is_known: false,
        cells: Vec::new(),
        wrong: Vec::new(),
    }
}

async fn take_in(conn: &mut Conn, archivist: &Viewer, children: Vec<NewChild>) -> Result<()> {
    let brought = Brought {
        understood: Vec::new(),
        choices: Vec::new(),
        titles: Vec::new(),
        known_columns: 0,
        rows: children
            .into_iter()
            .zip(3..)
            .map(|(child, at)| line(child, at))
            .collect(),
        unread: Vec::new(),
        new_classes: Vec::new(),
        other_school: None,
        goes_by: None,
    };
    let id = roster::keep(conn, archivist, &brought, ("", &[])).await?;
    let import = roster::one(conn, archivist, &id).await?;
    commit(
        conn,
        archivist,
        &import,
        &Answers::new(),
        &OperationId::new(),
    )
    .await?;
    Ok(())
}

async fn class_of(conn: &mut Conn, stage: &Stage, (grade, number): (i64, i64)) -> Result<ClassId> {
    let classes = crate::school::store::classes(conn, &stage.school_id, stage.now.today).await?;
    classes
        .into_iter()
        .find(|class| class.grade == grade && class.number == number)
        .map(|class| class.id)
        .ok_or(Failure::NotThere)
}

/// The children are in care since the term began, not since the demo was made.
async fn since_term(conn: &mut Conn, stage: &Stage) -> Result<()> {
    for sql in [
        "update child set in_care_since = $2 where school_id = $1",
        "update membership set from_on = $2 where school_id = $1",
        "update living set from_on = $2 where school_id = $1",
        "update kin set from_on = $2 where school_id = $1",
        "update screening set screened_on = $2 where school_id = $1",
    ] {
        db::query(sql)
            .bind(stage.school_id.as_str())
            .bind(stage.term_starts_on.to_string())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// When the parents of the class are free, as they told the teacher.
async fn when_free(conn: &mut Conn, stage: &Stage) -> Result<()> {
    for (kinship, free) in [("mother", "18:30后有空"), ("father", "夜班，中午有空")] {
        db::query("update kin set free_after = $3 where school_id = $1 and kinship = $2")
            .bind(stage.school_id.as_str())
            .bind(kinship)
            .bind(free)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn young_and_old_carers(conn: &mut Conn, stage: &Stage, children: &[Child]) -> Result<()> {
    let today = stage.now.today;
    for (name, years) in [("区小明", 17), ("郝佳", 82)] {
        let Some(child) = children.iter().find(|child| child.name == name) else {
            continue;
        };
        let born = plus_days(today, -40).saturating_sub(i64::from(years).years());
        db::query(
            "update kin set born_on = $3 where school_id = $1 and child_id = $2
                and party = 'carer'",
        )
        .bind(stage.school_id.as_str())
        .bind(child.id.as_str())
        .bind(born.to_string())
        .execute(&mut *conn)
        .await?;
    }
    db::query(
        "update kin set born_on = '1963-04-12' where school_id = $1 and party = 'carer'
            and born_on is null and kinship like '%grand%'",
    )
    .bind(stage.school_id.as_str())
    .execute(&mut *conn)
    .await?;
    if let Some(child) = children.iter().find(|child| child.name == "罗天宇") {
        db::query(
            "insert into parent_state (school_id, id, child_id, parent, state, from_on, to_on)
             values ($1, $2, $3, 'father', 'dead', '2019-05-01', null)",
        )
        .bind(stage.school_id.as_str())
        .bind(OperationId::new().as_str())
        .bind(child.id.as_str())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Enters the whole cast of 青石小学.
#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "the cast, in the order of its entrance"
)]
pub async fn enter(app: &App, conn: &mut Conn, stage: &Stage, hash: &str) -> Result<()> {
    let school = stage.school_id.as_str();
    let from = stage.term_starts_on;
    let whole = |role| (role, "school", school);
    let id = &stage.school_id;
    let archivist = hire(
        conn,
        id,
        ("dangan", "周丽", hash),
        whole(Role::Archivist),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("xiaozhang", "陈志远", hash),
        whole(Role::Principal),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("xinli", "刘芳", hash),
        whole(Role::Counsellor),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("guanli", "吴强", hash),
        whole(Role::Administrator),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("shenji", "何平", hash),
        whole(Role::Auditor),
        from,
    )
    .await?;
    let dangan = stage.actor(
        &archivist,
        "周丽",
        vec![Grant {
            role: Role::Archivist,
            scope: Scope::School,
        }],
    );
    let today = stage.now.today;
    let fifth = FIFTH
        .iter()
        .enumerate()
        .map(|(at, one)| fifth_child(at, one, today));
    let third = THIRD
        .iter()
        .enumerate()
        .map(|(at, one)| third_child(at, one, today));
    take_in(conn, &dangan, fifth.chain(third).collect()).await?;
    since_term(conn, stage).await?;
    when_free(conn, stage).await?;
    let all = children::all_visible(app, conn, &dangan, Act::SeeChild).await?;
    young_and_old_carers(conn, stage, &all).await?;
    departures(conn, &dangan, &all, today).await?;

    let fifth = class_of(conn, stage, (5, 2)).await?;
    let third = class_of(conn, stage, (3, 1)).await?;
    let homeroom = |class: &ClassId| (Role::HomeroomTeacher, "class", class.to_string());
    let (role, kind, scope) = homeroom(&fifth);
    let wang = hire(
        conn,
        id,
        ("banzhuren", "王建华", hash),
        (role, kind, &scope),
        from,
    )
    .await?;
    let (role, kind, scope) = homeroom(&third);
    let li = hire(
        conn,
        id,
        ("limei", "李梅", hash),
        (role, kind, &scope),
        from,
    )
    .await?;
    for (teacher, phone) in [(&wang, "13955560101"), (&li, "13955560102")] {
        let teacher = (teacher.as_str(), &stage.key);
        school::set_phone(conn, id, teacher, Some(phone)).await?;
    }
    let zhao = hire(
        conn,
        id,
        ("bangfu", "赵敏", hash),
        (Role::Mentor, "own", ""),
        from,
    )
    .await?;
    pair(conn, stage, &zhao, &all).await?;
    protection_lead(conn, stage).await?;

    let wang = stage.actor(
        &wang,
        "王建华",
        vec![of_class(&fifth, Role::HomeroomTeacher)],
    );
    let li = stage.actor(&li, "李梅", vec![of_class(&third, Role::HomeroomTeacher)]);
    files(app, conn, &wang, &all).await?;
    past(app, conn, &wang, stage).await?;
    past_of_third(app, conn, &li, stage).await
}

/// A few things that stand in the files already.
async fn files(app: &App, conn: &mut Conn, viewer: &Viewer, all: &[Child]) -> Result<()> {
    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
    let told = [
        ("李思雨", "progress_entry", "字写得比以前好了，作文得了优。"),
        ("张小明", "progress_entry", "会自己叠被子，还教弟弟。"),
        ("李思雨", "registration", "爱画画，想当兽医。"),
    ];
    for (name, form, text) in told {
        let child = all.iter().find(|child| child.name == name);
        let Some((child, form)) = child.zip(in_force.form(form)) else {
            continue;
        };
        let field = if form.id == "registration" {
            "note"
        } else {
            "text"
        };
        let mut filled = serde_json::Map::new();
        filled.insert(field.to_owned(), json!(text));
        let key = children::key(conn, viewer, child).await?;
        let new = Written {
            whole: form,
            seen: form,
            filled: &filled,
        };
        dossier::add(conn, viewer, (child, &key), &new).await?;
    }
    Ok(())
}

/// When each pair of parents left: after 春节, as most do.
async fn departures(conn: &mut Conn, viewer: &Viewer, all: &[Child], today: Date) -> Result<()> {
    for (child, at) in all.iter().zip(0_i32..) {
        let from = plus_days(today, -(200 + at * 3));
        let key = children::key(conn, viewer, child).await?;
        let lines = lines::lines(conn, viewer, child).await?;
        for parent in Parent::ALL {
            let away = lines.iter().any(|line| {
                line.what == "absence" && line.who == parent.code() && line.to_on.is_none()
            });
            if away {
                let told = ParentTold {
                    parent: *parent,
                    now: Whereabouts::Away,
                    since: Some(from),
                    place: None,
                    reach: Some("beyond_county".to_owned()),
                    reason: "work".to_owned(),
                };
                home::put_parent(conn, viewer, child, (&key, &told)).await?;
            }
        }
    }
    Ok(())
}

/// Who answers for safety: on the page for what worries, without an account of the demo's.
async fn protection_lead(conn: &mut Conn, stage: &Stage) -> Result<()> {
    let id = &stage.school_id;
    let staff = NewStaff {
        name: "张卫国",
        username: None,
        password_hash: None,
    };
    let lead = school::hire(conn, id, &staff).await?;
    let grant = NewGrant {
        staff_id: &lead,
        role: Role::ProtectionLead,
        scope_kind: "school",
        scope_id: id.as_str(),
        from_on: stage.term_starts_on,
        to_on: None,
        approved_by: None,
    };
    school::grant(conn, id, &grant).await?;
    let own = (lead.as_str(), &stage.key);
    school::set_phone(conn, id, own, Some("13955560103")).await?;
    Ok(())
}

async fn pair(conn: &mut Conn, stage: &Stage, mentor: &StaffId, all: &[Child]) -> Result<()> {
    for name in ["张小明", "李思雨", "陈浩", "刘洋", "郑欣怡"] {
        let Some(child) = all.iter().find(|child| child.name == name) else {
            continue;
        };
        db::query(
            "insert into pairing (school_id, id, child_id, staff_id, kind, from_on, to_on)
             values ($1, $2, $3, $4, 'mentor_teacher', $5, null)",
        )
        .bind(stage.school_id.as_str())
        .bind(OperationId::new().as_str())
        .bind(child.id.as_str())
        .bind(mentor.as_str())
        .bind(stage.term_starts_on.to_string())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// A second school, so that a leak shows.
pub async fn enter_elsewhere(conn: &mut Conn, stage: &Stage, hash: &str) -> Result<()> {
    let from = stage.term_starts_on;
    let school = stage.school_id.to_string();
    let archivist = hire(
        conn,
        &stage.school_id,
        ("baiyan", "钱枫", hash),
        (Role::Archivist, "school", &school),
        from,
    )
    .await?;
    let viewer = stage.actor(
        &archivist,
        "钱枫",
        vec![Grant {
            role: Role::Archivist,
            scope: Scope::School,
        }],
    );
    let mut child = fifth_child(1, &("李思雨", "female", [0; 4]), stage.now.today);
    child.identity.citizen_id = child.born_on.map(|born| invented_id(born, 90, "female"));
    take_in(conn, &viewer, vec![child]).await?;
    since_term(conn, stage).await
}

/// The county's officer, who sees counts.
pub async fn county(conn: &mut Conn, county: &SchoolId, hash: &str, from_on: Date) -> Result<()> {
    hire(
        conn,
        county,
        ("xianju", "孙科", hash),
        (Role::CountyOfficer, "county", county.as_str()),
        from_on,
    )
    .await?;
    Ok(())
}
