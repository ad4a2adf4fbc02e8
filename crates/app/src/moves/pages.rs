//! A child's move, and those who have left.

use super::Why;
use super::classes::{SURE, ask_other_grade};
use super::store::{self, Leaving};
use crate::App;
use crate::children::change::{self, Change};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::ids::ChildId;
use crate::journal::Kind;
use crate::roster::commit::{Mover, move_class};
use crate::school::store as school;
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::{Date, date};
use rules::access::Act;
use rules::calendar::school_year_of;
use rules::identity::parse_date;

struct ClassChoice {
    id: String,
    title: String,
    /// The child's own, until another was chosen.
    chosen: bool,
}

#[derive(Template)]
#[template(path = "moves/one.html")]
struct OnePage {
    shell: Shell,
    child: Child,
    left: Option<String>,
    is_merged: bool,
    classes: Vec<ClassChoice>,
    /// The class of another grade that is asked about, and the question.
    sure: Option<(String, String)>,
    reasons: Vec<Reason>,
    errors: Errors,
    typed: Fields,
    today: String,
}

struct Reason {
    code: &'static str,
    title: &'static str,
    chosen: bool,
}

/// 9月26日转到别的学校：红星小学
pub fn said(leaving: &Leaving, today: Date) -> String {
    let day = words::day(leaving.on, today);
    match (leaving.why, &leaving.to) {
        (Some(Why::Transfer), Some(to)) => format!("{day}转到{to}"),
        (Some(why), _) => format!("{day}{}", why.title()),
        (None, _) => format!("{day}离开的"),
    }
}

async fn one_page(
    app: &App,
    viewer: &Viewer,
    id: &ChildId,
    (mut errors, typed): (Errors, Fields),
) -> Result<OnePage> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::ImportRoster, id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let left = store::leaving(&mut conn, viewer, &child, &key).await?;
    let classes = school::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
    let shell = Shell::new(app, viewer, "变动", "/children");
    let question = errors.take(SURE);
    let chosen = typed.opt("class").unwrap_or(child.class_id.as_str());
    Ok(OnePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        is_merged: left
            .as_ref()
            .is_some_and(|leaving| leaving.why == Some(Why::Merged)),
        left: left.map(|leaving| said(&leaving, viewer.today())),
        reasons: Why::CHOSEN
            .iter()
            .map(|why| Reason {
                code: why.code(),
                title: why.title(),
                chosen: typed.get("why") == why.code(),
            })
            .collect(),
        classes: classes
            .iter()
            .map(|class| ClassChoice {
                title: class.title(),
                chosen: class.id.as_str() == chosen,
                id: class.id.to_string(),
            })
            .collect(),
        sure: question.map(|question| (typed.get("class").to_owned(), question)),
        child,
        errors,
        typed,
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
    let mut drawn = one_page(&app, &viewer, &id, Default::default()).await?;
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
    let mut errors = Errors::default();
    {
        let mut conn = app.db.read().await?;
        let child = children::visible(&mut conn, &viewer, Act::ImportRoster, &id).await?;
        let classes = school::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
        let class = |id: &str| classes.iter().find(|class| class.id.as_str() == id);
        match class(fields.get("class")) {
            None => errors.add("class", "转到哪个班还没选。"),
            Some(to) => {
                let from = class(child.class_id.as_str());
                ask_other_grade(from, to, (&fields, 1), &mut errors);
            }
        }
    }
    let wanted = fields.get("class");
    if !errors.is_empty() {
        let typed = (errors, fields);
        return web::unprocessable(&one_page(&app, &viewer, &id, typed).await?);
    }
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        still_here(child, viewer.today())?;
        if child.class_id.as_str() == wanted {
            return Ok(());
        }
        move_class(tx, &viewer, (child.id.as_str(), wanted), Mover::Hand).await
    })
    .await?;
    Ok(see_other(&format!("/children/{id}/move?said=class")))
}

/// A page that was drawn before the child left changes nothing.
fn still_here(child: &Child, today: Date) -> Result<()> {
    if child.has_left(today) {
        return Err(Failure::Asked(children::HAS_LEFT.to_owned()));
    }
    Ok(())
}

/// A school's name, and a village's before it.
const LONGEST_TO: usize = 60;

fn leaving(fields: &Fields, today: Date) -> std::result::Result<Leaving, Errors> {
    let mut errors = Errors::default();
    let day = match fields.opt("day") {
        None => Some(today),
        Some(text) => parse_date(text).ok().filter(|day| *day <= today),
    };
    if day.is_none() {
        errors.add(
            "day",
            "日子看不懂，或者在今天以后。写成2025-09-30这样就行。",
        );
    }
    let why = Why::from_code(fields.get("why")).filter(|why| Why::CHOSEN.contains(why));
    if why.is_none() {
        errors.add("why", "为什么走还没选。");
    }
    let to = fields.opt("to");
    if to.is_none() && why == Some(Why::Transfer) {
        errors.add("to", "转到哪所学校还没填；不知道就写“不知道”。");
    }
    if to.is_some_and(|to| to.chars().count() > LONGEST_TO) {
        errors.add("to", format!("学校的名字最多{LONGEST_TO}个字。"));
    }
    match day {
        Some(on) if errors.is_empty() => Ok(Leaving {
            on,
            why,
            to: to.map(ToOwned::to_owned),
        }),
        _ => Err(errors),
    }
}

/// A list may be weeks older than the day on which it was put in, and not a school year.
fn after_coming(child: &Child, on: Date) -> Result<()> {
    let year = date(school_year_of(child.in_care_since), 9, 1);
    if on >= year {
        return Ok(());
    }
    Err(Failure::Asked(format!(
        "{}是{}记进来的，离开的日子比那个学年还早。看看年份对不对。",
        child.name,
        words::full_day(child.in_care_since)
    )))
}

/// `POST /children/{child_id}/move/leave`
pub async fn leave(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let leaving = match leaving(&fields, viewer.today()) {
        Ok(leaving) => leaving,
        Err(errors) => {
            let typed = (errors, fields);
            return web::unprocessable(&one_page(&app, &viewer, &id, typed).await?);
        }
    };
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        still_here(child, viewer.today())?;
        after_coming(child, leaving.on)?;
        store::leave(tx, &viewer, &child.id, &leaving).await
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
        let key = children::key(tx, &viewer, child).await?;
        let leaving = store::leaving(tx, &viewer, child, &key).await?;
        if leaving.is_some_and(|leaving| leaving.why == Some(Why::Merged)) {
            return Err(Failure::Asked(
                "这一份已经合到另一份里了。合错了，请在“像是同一个孩子”里撤销。".to_owned(),
            ));
        }
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
    query: String,
    rows: Vec<LeftRow>,
    /// How many are passed over to see those who left before.
    more: Option<usize>,
}

/// `GET /office/left?q=&skip=`
pub async fn left(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let skipped: usize = fields.get("skip").parse().unwrap_or_default();
    let query = fields.get("q");
    let mut conn = app.db.read().await?;
    let mut left = store::left(&mut conn, &viewer, (query, skipped)).await?;
    let is_more = left.len() > store::LEFT_AT_ONCE;
    left.truncate(store::LEFT_AT_ONCE);
    let seen = skipped.saturating_add(left.len());
    page(&LeftPage {
        query: query.to_owned(),
        more: is_more.then_some(seen),
        shell: Shell::new(&app, &viewer, "转走和毕业的孩子", "/office"),
        rows: left
            .into_iter()
            .map(|one| LeftRow {
                href: format!("/children/{}/move", one.id),
                name: one.name,
                when: match one.why {
                    Some(why) => format!("{}{}", words::full_day(one.on), why.title()),
                    None => words::full_day(one.on),
                },
            })
            .collect(),
    })
}
