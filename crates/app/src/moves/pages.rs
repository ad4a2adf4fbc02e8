//! A child's move, those who have left, and the graduation list.

use super::store;
use crate::App;
use crate::children::change::{self, Change};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::roster::commit::move_class;
use crate::school::store as school;
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::identity::parse_date;

struct ClassChoice {
    id: String,
    title: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "moves/one.html")]
struct OnePage {
    shell: Shell,
    child: Child,
    left: Option<String>,
    classes: Vec<ClassChoice>,
    errors: Errors,
    today: String,
}

async fn one_page(app: &App, viewer: &Viewer, id: &ChildId, errors: Errors) -> Result<OnePage> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::ImportRoster, id).await?;
    let left = store::left_on(&mut conn, viewer, &child).await?;
    let classes = school::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
    let shell = Shell::new(app, viewer, "变动", "/children");
    Ok(OnePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        left: left.map(|on| words::day(on, viewer.today())),
        classes: classes
            .iter()
            .map(|class| ClassChoice {
                title: class.title(),
                current: class.id == child.class_id,
                id: class.id.to_string(),
            })
            .collect(),
        child,
        errors,
        today: viewer.today().to_string(),
    })
}

/// `GET /children/{child_id}/move`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = one_page(&app, &viewer, &id, Errors::default()).await?;
    drawn.shell.notice = match fields.get("said") {
        "class" => Some("转好了，以前的记录跟着孩子走。".to_owned()),
        "left" => Some("记下了，档案留着，随时可以转回来。".to_owned()),
        "back" => Some("转回来了。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

async fn change<F>(
    app: &App,
    viewer: &Viewer,
    (child_id, fields): (&ChildId, &Fields),
    write: F,
) -> Result<()>
where
    F: AsyncFnOnce(&mut Conn, &Child) -> Result<()>,
{
    let one = Change {
        act: Act::ImportRoster,
        kind: Kind::ChildMoved,
        child_id,
        fields,
    };
    change::change(app, viewer, &one, write).await
}

/// `POST /children/{child_id}/move/class`
pub async fn class(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let classes = {
        let mut conn = app.db.read().await?;
        school::classes(&mut conn, &viewer.school_id, viewer.today()).await?
    };
    let wanted = fields.get("class");
    if !classes.iter().any(|class| class.id.as_str() == wanted) {
        let mut errors = Errors::default();
        errors.add("class", "转到哪个班还没选。");
        return web::unprocessable(&one_page(&app, &viewer, &id, errors).await?);
    }
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        if child.class_id.as_str() == wanted {
            return Ok(());
        }
        move_class(tx, &viewer, child.id.as_str(), wanted).await
    })
    .await?;
    Ok(see_other(&format!("/children/{id}/move?said=class")))
}

fn left_day(fields: &Fields, today: Date) -> Option<Date> {
    match fields.opt("day") {
        None => Some(today),
        Some(text) => parse_date(text).ok().filter(|day| *day <= today),
    }
}

/// `POST /children/{child_id}/move/leave`
pub async fn leave(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let Some(day) = left_day(&fields, viewer.today()) else {
        let mut errors = Errors::default();
        errors.add(
            "day",
            "日子看不懂，或者在今天以后。写成2025-09-30这样就行。",
        );
        return web::unprocessable(&one_page(&app, &viewer, &id, errors).await?);
    };
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        store::leave(tx, &viewer, &child.id, day).await
    })
    .await?;
    Ok(see_other(&format!("/children/{id}/move?said=left")))
}

/// `POST /children/{child_id}/move/back`
pub async fn back(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        store::come_back(tx, &viewer, &child.id).await
    })
    .await?;
    Ok(see_other(&format!("/children/{id}/move?said=back")))
}

struct LeftRow {
    href: String,
    name: String,
    when: String,
}

#[derive(Template)]
#[template(path = "moves/left.html")]
struct LeftPage {
    shell: Shell,
    rows: Vec<LeftRow>,
}

/// `GET /office/left`
pub async fn left(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let left = store::left(&mut conn, &viewer).await?;
    page(&LeftPage {
        shell: Shell::new(&app, &viewer, "转走和毕业的孩子", "/office"),
        rows: left
            .into_iter()
            .map(|one| LeftRow {
                href: format!("/children/{}/move", one.id),
                name: one.name,
                when: words::full_day(one.on),
            })
            .collect(),
    })
}

struct Leaver {
    id: String,
    name: String,
}

struct LeavingClass {
    title: String,
    children: Vec<Leaver>,
}

#[derive(Template)]
#[template(path = "moves/graduation.html")]
struct GraduationPage {
    shell: Shell,
    classes: Vec<LeavingClass>,
    total: usize,
    operation: OperationId,
}

/// Children whose class is past the school's last grade.
async fn leavers(app: &App, conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Child>> {
    let last = *school::grades(conn, &viewer.school_id).await?.end();
    let all = children::all_visible(app, conn, viewer, Act::ImportRoster).await?;
    Ok(all
        .iter()
        .filter(|child| child.grade > last)
        .cloned()
        .collect())
}

/// `GET /office/graduation`
pub async fn graduation(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let leavers = leavers(&app, &mut conn, &viewer).await?;
    let mut classes: Vec<LeavingClass> = Vec::new();
    let total = leavers.len();
    for child in leavers {
        let title = format!(
            "原{}",
            words::class_title(child.grade - 1, child.class_number)
        );
        let leaver = Leaver {
            id: child.id.to_string(),
            name: child.name,
        };
        match classes.last_mut().filter(|class| class.title == title) {
            Some(class) => class.children.push(leaver),
            None => classes.push(LeavingClass {
                title,
                children: vec![leaver],
            }),
        }
    }
    page(&GraduationPage {
        shell: Shell::new(&app, &viewer, "办毕业", "/office"),
        classes,
        total,
        operation: OperationId::new(),
    })
}

/// `POST /office/graduation`: those who are ticked leave; the others stay on the list.
pub async fn graduate(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let payload = format!("{:?}", fields.iter().collect::<Vec<_>>());
    let mut conn = app.db.read().await?;
    let leavers = leavers(&app, &mut conn, &viewer).await?;
    drop(conn);
    let ticked: Vec<&Child> = leavers
        .iter()
        .filter(|child| fields.has("child", child.id.as_str()))
        .collect();
    if ticked.is_empty() {
        return Err(Failure::Asked(
            "还没有勾选毕业的孩子。请回去勾上再按一次。".to_owned(),
        ));
    }
    let mut tx = app.db.write(&viewer.school_id).await?;
    let entry = Entry {
        operation: &operation,
        kind: Kind::ChildMoved,
        subject_kind: "school",
        subject_id: viewer.school_id.as_str(),
        payload: &payload,
        result: "",
    };
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        for child in ticked {
            store::leave(&mut tx, &viewer, &child.id, viewer.today()).await?;
        }
    }
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(see_other("/office/classes?said=graduated"))
}
