//! The page of the first day.

use crate::App;
use crate::login::password;
use crate::packs::shipped::shipped;
use crate::people::forms::{self as people_forms, Span, Wanted};
use crate::people::store as people;
use crate::school::forms::NO_TERM;
use crate::school::founding::{self, Founding, STAGES};
use crate::school::store::{self as school, NewStaff};
use crate::web::{self, Errors, Failure, Fields, Form, Result, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::{Date, date};
use rules::access::Role;
use rules::calendar::Term;
use rules::identity::{PersonName, parse_date};

struct Plan {
    id: String,
    title: String,
    about: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "setup/setup.html")]
struct SetupPage {
    css: &'static str,
    js: &'static str,
    plans: Vec<Plan>,
    stages: [(&'static str, &'static str); 3],
    errors: Errors,
    typed: Fields,
    starts_on: String,
    ends_on: String,
}

/// The usual term around a day: what stands in the form until somebody writes the real days.
fn usual_term(today: Date) -> (Date, Date) {
    match today.month() {
        2..=7 => (date(today.year(), 3, 1), date(today.year(), 7, 3)),
        // In the summer it is the coming one.
        8..=12 => (date(today.year(), 9, 1), date(today.year() + 1, 1, 16)),
        _ => (date(today.year() - 1, 9, 1), date(today.year(), 1, 16)),
    }
}

fn drawn(app: &App, errors: Errors, typed: Fields) -> SetupPage {
    let today = app.clock.today();
    let (from, to) = usual_term(today);
    let given = |name: &str, usual: Date| {
        typed
            .opt(name)
            .map_or_else(|| usual.to_string(), ToOwned::to_owned)
    };
    SetupPage {
        css: web::assets::CSS_PATH.as_str(),
        js: web::assets::JS_PATH.as_str(),
        plans: shipped()
            .iter()
            .filter(|(id, _)| !crate::adoptions::store::NATIONAL.contains(id))
            .filter_map(|(id, _)| crate::adoptions::store::shipped_pack(id, today))
            .map(|(pack, _)| Plan {
                chosen: typed.has("pack", &pack.head.id),
                about: pack.head.about.unwrap_or_default(),
                id: pack.head.id,
                title: pack.head.title,
            })
            .collect(),
        stages: STAGES,
        starts_on: given("starts_on", from),
        ends_on: given("ends_on", to),
        errors,
        typed,
    }
}

async fn refuse_if_founded(app: &App) -> Result<()> {
    let mut conn = app.db.read().await?;
    if founding::is_empty(&mut conn).await? {
        Ok(())
    } else {
        Err(Failure::NotThere)
    }
}

/// `GET /setup?code=`
pub async fn form(State(app): State<App>, Form(fields): Form) -> Result<Response> {
    refuse_if_founded(&app).await?;
    page(&drawn(&app, Errors::default(), fields))
}

struct First {
    founding: Founding,
    name: String,
    username: String,
    password: String,
    is_principal: bool,
}

fn parse(app: &App, fields: &Fields) -> Result<First, Errors> {
    let mut errors = Errors::default();
    if fields.get("code") != app.setup_code {
        errors.add("code", "开门的口令不对。它写在启动暖巢的那个窗口里。");
    }
    let school: String = fields.get("school").chars().take(60).collect();
    if school.chars().count() < 2 {
        errors.add("school", "学校的名字还没填。");
    }
    let mut day = |name: &str, what: &str| match parse_date(fields.get(name)) {
        Ok(day) => Some(day),
        Err(_) => {
            errors.add(name, format!("{what}看不懂，写成2025-09-01这样就行。"));
            None
        }
    };
    let (from, to) = (day("starts_on", "开学的日子"), day("ends_on", "放假的日子"));
    if let (Some(from), Some(to)) = (from, to)
        && Term::of_days(from, to).is_none()
    {
        errors.add("ends_on", NO_TERM);
    }
    let name = PersonName::parse(fields.get("name"));
    if name.is_err() {
        errors.add("name", "您的姓名还没填。");
    }
    let username = people_forms::username(fields.get("username"));
    if let Err(sentence) = &username {
        errors.add("username", *sentence);
    }
    if let Some(fault) = password::fault(fields.get("password"), &[&school]) {
        errors.add("password", fault);
    }
    match (from, to, name, username) {
        (Some(term_from), Some(term_to), Ok(name), Ok(username)) if errors.is_empty() => {
            Ok(First {
                founding: Founding {
                    name: school,
                    stage: fields.get("stage").to_owned(),
                    term_from,
                    term_to,
                    packs: fields.all("pack").map(ToOwned::to_owned).collect(),
                    county: None,
                    township: None,
                },
                name: name.as_str().to_owned(),
                username,
                password: fields.get("password").to_owned(),
                is_principal: fields.has("principal", "1"),
            })
        }
        _ => Err(errors),
    }
}

/// `POST /setup`
pub async fn found(State(app): State<App>, Form(fields): Form) -> Result<Response> {
    refuse_if_founded(&app).await?;
    let first = match parse(&app, &fields) {
        Ok(first) => first,
        Err(errors) => return web::unprocessable(&drawn(&app, errors, fields)),
    };
    let hash = password::hash(&first.password).await;
    let mut tx = app.db.write_anywhere().await?;
    if !founding::is_empty(&mut tx).await? {
        return Err(Failure::NotThere);
    }
    let school_id = match founding::found(&app, &mut tx, &first.founding).await {
        Ok(id) => id,
        Err(Failure::Asked(sentence)) => {
            let mut errors = Errors::default();
            errors.add("school", sentence);
            return web::unprocessable(&drawn(&app, errors, fields));
        }
        Err(other) => return Err(other),
    };
    let staff = NewStaff {
        name: &first.name,
        username: Some(&first.username),
        password_hash: Some(&hash),
    };
    let id = school::hire(&mut tx, &school_id, &staff).await?;
    let principal = first.is_principal.then_some(Role::Principal);
    let roles = [Role::Archivist, Role::Administrator];
    for role in roles.into_iter().chain(principal) {
        let wanted = Wanted {
            role,
            class_id: None,
            span: Span::default(),
        };
        let from = (app.clock.today(), "");
        people::give(&mut tx, &school_id, &id, &wanted, from).await?;
    }
    tx.commit().await?;
    Ok(see_other("/login?said=made&back=/office/import"))
}
