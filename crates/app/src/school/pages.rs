//! 学校与学期, 班级: the calendar that everything is counted by, and the classes.

use super::campus::Places;
use super::store::{self, Class};
use super::tree::{self, OrgKind, Unit};
use super::{above, forms};
use crate::App;
use crate::ids::{ClassId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::calendar::{Calendar, Term, plus_days, school_year_of};

struct TermRow {
    title: String,
    said: String,
    usual: bool,
}

struct DayRow {
    title: String,
    said: &'static str,
}

#[derive(Template)]
#[template(path = "school/school.html")]
pub struct SchoolPage {
    shell: Shell,
    name: String,
    sub: String,
    terms: Vec<TermRow>,
    days: Vec<DayRow>,
    units: Vec<Unit>,
    /// Who above the school decides where it belongs.
    led_by: Option<String>,
    campuses: Vec<(String, String)>,
    errors: Errors,
    typed: Fields,
}

fn term_row(term: &Term, own: &[Term], calendar: &Calendar, today: Date) -> TermRow {
    TermRow {
        title: words::term_title(term),
        said: format!(
            "{}开学，{}放假，有课的{}周",
            words::day(term.starts_on, today),
            words::day(term.ends_on, today),
            calendar.teaching_weeks_in(term)
        ),
        usual: !own.contains(term),
    }
}

impl SchoolPage {
    /// What was typed, or what the unit above is called.
    fn above(&self, field: &str, kind: OrgKind) -> String {
        let known = self.units.iter().find(|unit| unit.kind == kind);
        let typed = self.typed.given(field);
        typed
            .or(known.map(|unit| unit.name.as_str()))
            .unwrap_or_default()
            .to_owned()
    }
}

pub async fn school_page(
    app: &App,
    viewer: &Viewer,
    errors: Errors,
    typed: Fields,
) -> Result<SchoolPage> {
    let today = viewer.today();
    let mut conn = app.db.read().await?;
    let calendar = store::calendar(app, &mut conn, &viewer.school_id).await?;
    let own = store::own_terms(&mut conn, &viewer.school_id).await?;
    let days = store::own_days(&mut conn, &viewer.school_id).await?;
    let units = tree::units(&mut conn, &viewer.school_id).await?;
    let year = school_year_of(today);
    let shell = Shell::new(app, viewer, "学校与学期", "/office");
    let week = calendar.teaching_week(today).map(|(_, week)| week);
    Ok(SchoolPage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        name: viewer.school_name.clone(),
        sub: match week.filter(|_| calendar.term_on(today).is_some()) {
            Some(week) => format!("今天是第{week}周"),
            None => "今天在假期里".to_owned(),
        },
        terms: calendar
            .terms()
            .iter()
            .filter(|term| (year - 1..=year + 1).contains(&term.school_year))
            .map(|term| term_row(term, &own, &calendar, today))
            .collect(),
        days: days
            .into_iter()
            .map(|(day, kind, name)| DayRow {
                title: format!("{}{}{name}", words::full_day(day), words::weekday(day)),
                said: if kind == "work" { "上课" } else { "放假" },
            })
            .collect(),
        led_by: above::led_by(&mut conn, &units).await?,
        units,
        campuses: tree::campuses(&mut conn, &viewer.school_id).await?,
        errors,
        typed,
    })
}

/// `GET /office/school`
pub async fn school(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = school_page(&app, &viewer, Errors::default(), Fields::default()).await?;
    drawn.shell.notice = match fields.get("said") {
        "saved" => Some("改好了，该做的事已经按新的日子算过。".to_owned()),
        "placed" => Some("改好了。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

/// Does one change of the school, once, and lets everything be computed anew.
pub async fn change<F>(
    app: &App,
    viewer: &Viewer,
    (fields, kind): (&Fields, Kind),
    write: F,
) -> Result<()>
where
    F: AsyncFnOnce(&mut crate::db::Conn) -> Result<()>,
{
    let operation = fields.operation()?;
    let payload = format!("{:?}", fields.iter().collect::<Vec<_>>());
    let mut tx = app.db.write(&viewer.school_id).await?;
    let entry = Entry {
        operation: &operation,
        kind,
        subject_kind: "school",
        subject_id: viewer.school_id.as_str(),
        payload: &payload,
        result: "",
    };
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        write(&mut tx).await?;
    }
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(())
}

/// `POST /office/school/term`
pub async fn term(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let term = match forms::term(&fields) {
        Ok(term) => term,
        Err(errors) => {
            return web::unprocessable(&school_page(&app, &viewer, errors, fields).await?);
        }
    };
    let own = {
        let mut conn = app.db.read().await?;
        store::own_terms(&mut conn, &viewer.school_id).await?
    };
    if let Some(other) = own.iter().find(|one| one.overlaps(&term)) {
        let mut errors = Errors::default();
        let title = words::term_title(other);
        errors.add(
            "starts_on",
            format!("和{title}的日子重叠了，先看看两个学期各从哪天到哪天。"),
        );
        return web::unprocessable(&school_page(&app, &viewer, errors, fields).await?);
    }
    change(&app, &viewer, (&fields, Kind::TermChanged), async |tx| {
        Ok(store::set_term(tx, &viewer.school_id, &term).await?)
    })
    .await?;
    Ok(see_other("/office/school?said=saved"))
}

/// `POST /office/school/days`
pub async fn days(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let days = match forms::days(&fields) {
        Ok(days) => days,
        Err(errors) => {
            return web::unprocessable(&school_page(&app, &viewer, errors, fields).await?);
        }
    };
    change(&app, &viewer, (&fields, Kind::TermChanged), async |tx| {
        let mut day = days.from;
        while day <= days.to {
            store::set_day(tx, &viewer.school_id, (day, days.kind, &days.name)).await?;
            day = plus_days(day, 1);
        }
        Ok(())
    })
    .await?;
    Ok(see_other("/office/school?said=saved"))
}

struct ClassRow {
    id: String,
    title: String,
    said: String,
    graduated: bool,
    /// Nobody is in it: it may be closed.
    is_empty: bool,
    /// Where it is; empty: at the school's own place.
    campus: String,
}

/// Children who have just been moved, and where they came from.
struct Back {
    children: Vec<String>,
    from: Class,
    to: Class,
}

#[derive(Template)]
#[template(path = "school/classes.html")]
struct ClassesPage {
    shell: Shell,
    rows: Vec<ClassRow>,
    /// Further places of the school: id and name.
    campuses: Vec<(String, String)>,
    grades: Vec<(i64, String)>,
    may_move: bool,
    back: Option<Back>,
    errors: Errors,
    typed: Fields,
    operation: OperationId,
}

async fn classes_page(
    app: &App,
    viewer: &Viewer,
    errors: Errors,
    typed: Fields,
) -> Result<ClassesPage> {
    let today = viewer.today();
    let mut conn = app.db.read().await?;
    let classes = store::classes(&mut conn, &viewer.school_id, today).await?;
    let counts = store::class_sizes(&mut conn, &viewer.school_id, today).await?;
    let teachers = store::homeroom_teachers(&mut conn, &viewer.school_id, today).await?;
    let grades = store::grades(&mut conn, &viewer.school_id).await?;
    let places = Places::of(&mut conn, &viewer.school_id).await?;
    let shell = Shell::new(app, viewer, "班级", "/office");
    Ok(ClassesPage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        rows: classes
            .iter()
            .map(|class| {
                let count = counts
                    .iter()
                    .find(|(id, _)| id == class.id.as_str())
                    .map_or(0, |(_, count)| *count);
                let teacher = teachers
                    .iter()
                    .find(|one| one.scope_id == class.id.as_str())
                    .map_or_else(
                        || "还没有班主任".to_owned(),
                        |one| words::teacher(&one.name),
                    );
                ClassRow {
                    id: class.id.to_string(),
                    title: class.title(),
                    said: format!("{}{count}人，{teacher}", places.said(&class.id)),
                    campus: places.id(&class.id).to_owned(),
                    graduated: class.grade > *grades.end(),
                    is_empty: count == 0,
                }
            })
            .collect(),
        campuses: places.all,
        grades: grades
            .map(|grade| (grade, words::grade_title(grade)))
            .collect(),
        may_move: viewer.ever(rules::access::Act::ImportRoster),
        back: None,
        errors,
        typed,
        operation: OperationId::new(),
    })
}

/// `GET /office/classes`
pub async fn classes(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = classes_page(&app, &viewer, Errors::default(), Fields::default()).await?;
    drawn.shell.notice = match fields.get("said") {
        "opened" => Some("班开好了。".to_owned()),
        "placed" => Some("记好了，班在哪个校区写在班名下面。".to_owned()),
        "moved" => Some("转好了，以前的记录跟着孩子走。".to_owned()),
        "closed" => Some(
            "这个班不开了。以前的记录都留着，要再开，在“开一个班”里写同样的年级和班号。".to_owned(),
        ),
        "graduated" => Some("毕业办好了，档案都留着。".to_owned()),
        _ => None,
    };
    if drawn.may_move {
        drawn.back = way_back(&app, &viewer, &fields).await?;
    }
    page(&drawn)
}

/// Those who came from one class into another within a day: they may go back in one step.
async fn way_back(app: &App, viewer: &Viewer, fields: &Fields) -> Result<Option<Back>> {
    let mut conn = app.db.read().await?;
    let classes = store::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
    let class = |name: &str| {
        let own = classes
            .iter()
            .find(|class| class.id.as_str() == fields.get(name));
        own.cloned()
    };
    let (Some(from), Some(to)) = (class("from"), class("to")) else {
        return Ok(None);
    };
    let ids = (&from.id, &to.id);
    let children = store::moved_lately(&mut conn, &viewer.school_id, ids, viewer.today()).await?;
    Ok((!children.is_empty()).then_some(Back { children, from, to }))
}

/// `POST /office/classes/{class_id}/close`
pub async fn close_class(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ClassId>,
    Form(fields): Form,
) -> Result<Response> {
    change(&app, &viewer, (&fields, Kind::ClassChanged), async |tx| {
        let classes = store::classes(tx, &viewer.school_id, viewer.today()).await?;
        let own = classes.iter().find(|class| class.id == id);
        let own = own.ok_or(Failure::NotThere)?;
        let sizes = store::class_sizes(tx, &viewer.school_id, viewer.today()).await?;
        if let Some((_, count)) = sizes.iter().find(|(class, _)| class == id.as_str()) {
            return Err(Failure::Asked(format!(
                "{}还有{count}个孩子。先在“并班、分班”里把他们转到别的班，再回来。",
                own.title()
            )));
        }
        store::close_class(tx, &viewer.school_id, &id, viewer.today()).await?;
        Ok(())
    })
    .await?;
    Ok(see_other("/office/classes?said=closed"))
}

/// `POST /office/classes`
pub async fn open_class(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let (known, grades) = {
        let mut conn = app.db.read().await?;
        (
            store::classes(&mut conn, &viewer.school_id, viewer.today()).await?,
            store::grades(&mut conn, &viewer.school_id).await?,
        )
    };
    let checked = forms::class(&fields, &grades).and_then(|(grade, number)| {
        let taken = known
            .iter()
            .any(|class| (class.grade, class.number) == (grade, number));
        if taken {
            let mut errors = Errors::default();
            errors.add("number", "这个班已经有了。");
            return Err(errors);
        }
        Ok((grade, number))
    });
    let (grade, number) = match checked {
        Ok(class) => class,
        Err(errors) => {
            return web::unprocessable(&classes_page(&app, &viewer, errors, fields).await?);
        }
    };
    change(&app, &viewer, (&fields, Kind::ClassChanged), async |tx| {
        let year = school_year_of(viewer.today());
        let cohort = store::cohort(grade, year);
        store::open_class(tx, &viewer.school_id, (cohort.0, cohort.1, number)).await?;
        Ok(())
    })
    .await?;
    Ok(see_other("/office/classes?said=opened"))
}
