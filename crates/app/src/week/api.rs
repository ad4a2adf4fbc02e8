//! 本周 for programs, and what waits in the office.

use super::items::{self, Week};
use super::pages::Row;
use super::units::{UnitItem, units};
use super::wording;
use crate::App;
use crate::adoptions::store::InForce;
use crate::answers;
use crate::children::store as children;
use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::packs::{PackDuty, Tier};
use crate::records::save::why_place;
use crate::school::store as school;
use crate::web::parts::part;
use crate::web::{self, Form, Result, Viewer};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use rules::access::{Act, Role};
use rules::cadence::Standing;
use rules::duties::{Actor, Obligation};
use serde_json::{Map, Value, json};

/// `GET /api/v1/week`
pub async fn week(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let week = items::week(&app, &mut conn, &viewer).await?;
    let number = week
        .calendar
        .teaching_week(week.today)
        .map(|(_, week)| week);
    let in_term = week.calendar.term_on(week.today).is_some();
    let (items, next) = part(&week.items, &fields)?;
    let items: Vec<_> = items
        .into_iter()
        .map(|item| {
            let mut told = told(&week, &item.obligation, Some(item.state));
            let child = json!({"id": item.case.child.id, "name": item.case.child.name});
            told.insert("child".to_owned(), child);
            Value::Object(told)
        })
        .collect();
    let others: Vec<_> = units(&mut conn, &viewer, &week)
        .await?
        .iter()
        .map(|item| unit(&week, item))
        .collect();
    let looks: Vec<_> = week
        .looks
        .iter()
        .map(|look| {
            let (title, sub, _) = wording::look(&look.case, &look.why);
            json!({
                "kind": look.why.code(),
                "child": {"id": look.case.child.id, "name": look.case.child.name},
                "why": format!("{title}。{sub}"),
            })
        })
        .collect();
    Ok(web::json(
        StatusCode::OK,
        &json!({
            "today": week.today.to_string(),
            "term_week": number.filter(|_| in_term),
            "items": items,
            "next": next,
            "others": others,
            "looks": looks,
        }),
    ))
}

fn told(week: &Week, obligation: &Obligation, state: Option<items::State>) -> Map<String, Value> {
    let days_past = match obligation.due.standing {
        Standing::Past { days } => days,
        _ => 0,
    };
    let told = json!({
        "kind": crate::adoptions::store::base(&obligation.does),
        "with": obligation.party.code(),
        "state": state.map(items::State::code),
        "due_on": obligation.due.due_on.map(|day| day.to_string()),
        "days_past": days_past,
        "policy": {
            "pack": obligation.policy.pack,
            "id": obligation.policy.id,
            "version": obligation.policy.version,
        },
        "why": wording::why(&week.in_force, obligation, week.today),
    });
    match told {
        Value::Object(told) => told,
        _ => Map::new(),
    }
}

/// What a class or the school is owed; `state` is null where it has no day or is not due now.
fn unit(week: &Week, item: &UnitItem) -> Value {
    let mut told = told(week, &item.obligation, item.state);
    let class = item.class.as_ref();
    let class = class.map(|(id, title)| json!({"id": id, "title": title}));
    told.insert("title".to_owned(), Value::from(item.named()));
    told.insert("class".to_owned(), class.unwrap_or(Value::Null));
    Value::Object(told)
}

/// What waits for the archivist and the counsellor: held numbers, children nobody asked about,
/// referrals.
pub async fn office_rows(conn: &mut Conn, viewer: &Viewer, in_force: &InForce) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    if viewer.ever(Act::ImportRoster) {
        let waiting = answers::how_many(conn, viewer, in_force).await?;
        if waiting > 0 {
            let title = format!("{waiting}件等答复、等交接");
            rows.push(office_row("答", title, "/office/requests"));
        }
        let through = crate::moves::year::waiting(conn, viewer).await?;
        if through > 0 {
            let title = format!("{through}个孩子该毕业了，名单还没对过");
            rows.push(office_row("升", title, "/office/graduation"));
        }
        rows.extend(looked_at(conn, viewer).await?);
        let held: i64 = db::query_scalar(
            "select cast(count(*) as integer) from kin
             where school_id = $1 and phone_state in ('held', 'dead') and to_on is null",
        )
        .bind(viewer.school_id.as_str())
        .fetch_one(&mut *conn)
        .await?;
        if held > 0 {
            rows.push(office_row(
                "卡",
                format!("{held}个电话要再问一问"),
                "/office/cards",
            ));
        }
        let unasked: i64 = db::query_scalar(
            "select cast(count(*) as integer) from child c where c.school_id = $1
                and c.left_on is null and (select count(distinct p.parent) from screening s
                join (select 'father' as parent union all select 'mother') p
                    on s.parent is null or s.parent = p.parent
                where s.school_id = c.school_id and s.child_id = c.id
                    and s.source not in ('doubt', 'doubt_away')) < 2",
        )
        .bind(viewer.school_id.as_str())
        .fetch_one(&mut *conn)
        .await?;
        if unasked > 0 {
            let title = format!("{unasked}个孩子还没问过爸妈在不在家");
            rows.push(office_row("问", title, "/census"));
        }
    }
    rows.extend(first_steps(conn, viewer).await?);
    rows.extend(nobody_for_it(conn, viewer, in_force).await?);
    if viewer.ever(Act::ReadCounselling) {
        rows.extend(referrals(conn, viewer).await?);
    }
    Ok(rows)
}

/// What a school still lacks before anybody's week can be right.
async fn first_steps(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Row>> {
    let (imports, accounts) = (
        viewer.ever(Act::ImportRoster),
        viewer.ever(Act::ManageAccounts),
    );
    let mut rows = Vec::new();
    if !imports && !accounts {
        return Ok(rows);
    }
    let today = viewer.today();
    let classes = school::class_sizes(conn, &viewer.school_id, today).await?;
    if imports && classes.is_empty() {
        let title = "还没有孩子的名单，放学籍表就行".to_owned();
        rows.push(office_row("单", title, "/office/import"));
    }
    if accounts && !classes.is_empty() {
        let teachers = school::homeroom_teachers(conn, &viewer.school_id, today).await?;
        let alone = classes
            .iter()
            .filter(|(id, _)| teachers.iter().all(|one| one.scope_id != *id));
        let alone = alone.count();
        if alone > 0 {
            let title = format!("{alone}个班还没有班主任的账号");
            let mut row = office_row("班", title, "/office/people");
            row.sub = "开好账号，班主任的本周里就有自己的孩子".to_owned();
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What is guarded is owed by few; where the school has none of them, nobody would ever see it.
async fn nobody_for_it(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
) -> Result<Option<Row>> {
    let leads = viewer.ever(Act::ManageAccounts) || viewer.has_role(Role::Principal);
    if !leads {
        return Ok(None);
    }
    let guards = |duty: &PackDuty| {
        let tier = in_force.form(&duty.duty.does)?.tier;
        let is_schools = !duty.duty.subject.is_of_a_child() && duty.duty.owed_by == Actor::School;
        match tier {
            Tier::C4 if is_schools => Some((Role::Counsellor, "心理老师")),
            Tier::C5 if is_schools => Some((Role::ProtectionLead, "安全负责人")),
            _ => None,
        }
    };
    for duty in in_force.duties() {
        let Some((role, word)) = guards(duty) else {
            continue;
        };
        let held = school::holders(conn, &viewer.school_id, role, viewer.today()).await?;
        if held.is_empty() {
            let title = format!("约定里有{word}的事，学校还没有{word}");
            let mut row = office_row("约", title, "/office/people");
            row.sub = format!("比如“{}”，现在没有人看得到", duty.title);
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// A roster that the viewer looked at since yesterday and did not put in; an older one was let lie.
async fn looked_at(conn: &mut Conn, viewer: &Viewer) -> Result<Option<Row>> {
    let yesterday = rules::calendar::plus_days(viewer.today(), -1).to_string();
    let waits: Option<String> = db::query_scalar(
        "select i.id from roster_import i
         where i.school_id = $1 and i.by_staff = $2 and i.state = 'ready' and i.created_at >= $3
            and not exists (select 1 from roster_import o where o.school_id = i.school_id
                and o.committed_at > i.created_at)
         order by i.created_at desc, i.id desc limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(yesterday)
    .fetch_optional(conn)
    .await?;
    Ok(waits.map(|id| {
        let title = "有一份名单看过了，还没有导入".to_owned();
        office_row("单", title, &format!("/office/import/{id}"))
    }))
}

db::row! {
    struct Referred {
        child_id: String,
        name: String,
        from_on: String,
        id: String,
        by_name: Option<String>,
        why_sealed: Option<String>,
    }
}

/// 新转介: who asked, and in one line why.
async fn referrals(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Row>> {
    let referred: Vec<Referred> = db::query_as(
        "select c.id as child_id, c.name, m.from_on, m.id, t.name as by_name, r.why_sealed
         from child_mark m
         join child c on c.school_id = m.school_id and c.id = m.child_id
         left join referral r on r.school_id = m.school_id and r.id = m.id
         left join staff t on t.school_id = r.school_id and t.id = r.by_staff
         where m.school_id = $1 and m.mark = 'referred' and m.to_on is null
         order by m.from_on, c.id limit 20",
    )
    .bind(viewer.school_id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let mut rows = Vec::with_capacity(referred.len());
    for one in referred {
        let child_id = ChildId::from(one.child_id);
        let key = children::key_of(conn, viewer, &child_id).await?;
        let why = match &one.why_sealed {
            Some(sealed) => key.open(&why_place(&one.id), sealed)?,
            None => String::new(),
        };
        let on = web::words::past_day(crate::db::date(&one.from_on), viewer.today());
        let by = one.by_name.as_deref().map(web::words::teacher);
        let asked = by.map_or_else(|| format!("{on}转来"), |by| format!("{by}{on}转来"));
        let title = format!("请您看看{}", one.name);
        let mut row = office_row("心", title, &format!("/children/{child_id}"));
        row.sub = if why.is_empty() {
            asked
        } else {
            format!("{asked}：{why}")
        };
        rows.push(row);
    }
    Ok(rows)
}

pub fn office_row(glyph: &str, title: String, href: &str) -> Row {
    Row {
        glyph: glyph.to_owned(),
        title,
        sub: String::new(),
        href: href.to_owned(),
        chip: "看看".to_owned(),
        tint: "info",
        why: String::new(),
        names: Vec::new(),
    }
}
