//! 安排人: the children of one class who wait past the agreed time, and who could be there for them.

use super::store::{self, Mentor};
use crate::App;
use crate::children::store as children;
use crate::ids::ChildId;
use crate::journal::{self, Entry, Kind};
use crate::school;
use crate::web::{Failure, Fields, Form, Result, Shell, Viewer, page, see_other, words};
use crate::week::items::{Week, week};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

struct WaitingRow {
    id: String,
    name: String,
    /// ，已过16天: not on a wall.
    since: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "pairing/class.html")]
struct ClassPage {
    shell: Shell,
    class: String,
    led_by: String,
    children: Vec<WaitingRow>,
    mentors: Vec<Mentor>,
    operation: String,
    error: Option<&'static str>,
}

/// Longest first; so many are chosen to begin with.
const CHOSEN: usize = 3;

fn waiting(week: &Week, class: &str, fields: &Fields, viewer: &Viewer) -> Vec<WaitingRow> {
    let mut found: Vec<_> = week
        .waiting
        .iter()
        .filter(|one| one.class_title == class)
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.days));
    let mut rows: Vec<WaitingRow> = Vec::new();
    for one in found {
        if rows.iter().any(|row| row.id == one.child_id) {
            continue;
        }
        let chosen = match fields.given("mentor") {
            Some(_) => fields.has("child", &one.child_id),
            None => rows.len() < CHOSEN,
        };
        rows.push(WaitingRow {
            id: one.child_id.clone(),
            name: one.name.clone(),
            since: match viewer.is_projecting {
                true => String::new(),
                false => format!("，已过{}天", one.days),
            },
            chosen,
        });
    }
    rows
}

/// 班主任李老师，这学期带两个班
async fn led_by(conn: &mut crate::db::Conn, viewer: &Viewer, class: &str) -> Result<String> {
    let today = viewer.today();
    let classes = school::store::classes(conn, &viewer.school_id, today).await?;
    let teachers = school::store::homeroom_teachers(conn, &viewer.school_id, today).await?;
    let of = classes.iter().find(|one| one.title() == class);
    let own = of.and_then(|class| {
        teachers
            .iter()
            .find(|one| one.scope_id == class.id.as_str())
    });
    Ok(own.map_or_else(
        || "这个班还没有班主任".to_owned(),
        |own| {
            let leads = teachers.iter().filter(|one| one.staff_id == own.staff_id);
            let name = words::teacher(&own.name);
            match leads.count() {
                0 | 1 => format!("班主任{name}"),
                many => format!("班主任{name}，这学期带{many}个班"),
            }
        },
    ))
}

async fn drawn(
    app: &App,
    viewer: &Viewer,
    fields: &Fields,
    error: Option<&'static str>,
) -> Result<ClassPage> {
    let class = fields.get("class").to_owned();
    let mut conn = app.db.read().await?;
    let week = week(app, &mut conn, viewer).await?;
    let children = waiting(&week, &class, fields, viewer);
    let mut shell = Shell::new(app, viewer, "安排人", "/week");
    if error.is_some() {
        shell = shell.with_error();
    }
    Ok(ClassPage {
        shell,
        led_by: led_by(&mut conn, viewer, &class).await?,
        mentors: store::mentors(&mut conn, viewer).await?,
        operation: fields
            .operation()
            .map_or_else(|_| crate::ids::OperationId::new().into(), String::from),
        class,
        children,
        error,
    })
}

/// `GET /pairing?class=`
pub async fn one(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    if fields.opt("class").is_none() {
        return Ok(see_other("/week"));
    }
    page(&drawn(&app, &viewer, &fields, None).await?)
}

/// `POST /pairing`: one teacher and some children, all of them or none.
pub async fn add(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    if fields.opt("class").is_none() {
        return Err(Failure::Asked("请从本周里点“安排人”进来。".to_owned()));
    }
    let staff_id = fields.get("mentor");
    let ids = fields.all("child").map(str::parse);
    let ids: std::result::Result<Vec<ChildId>, _> = ids.collect();
    let ids = ids.map_err(|_| Failure::NotThere)?;
    if ids.is_empty() {
        let error = "请点一下要请人陪的孩子。";
        return crate::web::unprocessable(&drawn(&app, &viewer, &fields, Some(error)).await?);
    }
    let operation = fields.operation()?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    store::mentor(&mut tx, &viewer, staff_id).await?;
    let entry = Entry {
        operation: &operation,
        kind: Kind::Paired,
        subject_kind: "staff",
        subject_id: staff_id,
        payload: &format!("{:?}", fields.iter().collect::<Vec<_>>()),
        result: staff_id,
    };
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        for id in &ids {
            let child = children::visible(&mut tx, &viewer, Act::Pair, id).await?;
            if !store::is_paired(&mut tx, &viewer, &child, staff_id).await? {
                store::add(&mut tx, &viewer, &child, staff_id).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(see_other("/week?said=paired"))
}
