//! 升级和毕业: the whole roll of the last school year beside the one of this, so that somebody can see
//! that nobody is missing, and say so. Classes go up by themselves; who is through is let go here.

use super::Why;
use super::store::{self, Leaving, Turned};
use crate::App;
use crate::db::Conn;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::school::store as school;
use crate::web::{Failure, Fields, Form, Result, Shell, Viewer, page, see_other, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::{Date, date};
use rules::calendar::school_year_of;
use rules::promotion::{Became, Passage, became};

struct Leaver {
    id: String,
    name: String,
}

struct LeavingClass {
    title: String,
    children: Vec<Leaver>,
}

/// A class that went up.
struct Risen {
    title: String,
    was: String,
    names: Vec<String>,
}

/// Children whose class did not simply go up.
struct Group {
    title: &'static str,
    children: Vec<Leaver>,
}

#[derive(Template)]
#[template(path = "moves/year.html")]
struct YearPage {
    shell: Shell,
    /// 2025—2026学年
    year: String,
    /// How many were here on its last day.
    before: usize,
    /// How many of them are accounted for in each way, and how many are here by now.
    counts: Counts,
    through: Vec<LeavingClass>,
    risen: Vec<Risen>,
    others: Vec<Group>,
    /// 9月3日由赵老师对过
    reviewed: Option<String>,
    operation: OperationId,
}

#[derive(Default)]
struct Counts {
    risen: usize,
    otherwise: usize,
    through: usize,
    graduated: usize,
    left: usize,
    came: usize,
    now: usize,
}

/// The last day of the school year before this one.
fn turned_on(today: Date) -> Date {
    date(school_year_of(today), 8, 31)
}

/// A child of either roll, with what became of it.
struct Turning {
    child: Turned,
    then: Option<i64>,
    now: i64,
    what: Became,
}

impl Turning {
    fn of(child: Turned, last_grade: i64, year: i16) -> Option<Self> {
        // A class of this year's beginners was on no roll of the last.
        let then = child.class_then.as_ref();
        let then = then.filter(|class| class.entry_year < i64::from(year));
        let then = then.map(|class| words::grade(&class.stage, class.entry_year, year - 1));
        let class = &child.class_now;
        let now = words::grade(&class.stage, class.entry_year, year);
        let passage = Passage {
            grade_then: then,
            grade_now: now,
            has_left: child.left_why.is_some(),
            has_graduated: child.left_why == Some(Some(Why::Graduated)),
        };
        Some(Self {
            what: became(passage, last_grade)?,
            child,
            then,
            now,
        })
    }

    fn title(&self) -> String {
        words::class_title(self.now, self.child.class_now.number)
    }

    /// The class of then; where it went up, it is one grade lower.
    fn was(&self) -> String {
        let class = self.child.class_then.as_ref();
        let number = class.map_or(self.child.class_now.number, |class| class.number);
        words::class_title(self.then.unwrap_or(self.now - 1), number)
    }

    fn leaver(&self) -> Leaver {
        Leaver {
            id: self.child.id.clone(),
            name: self.child.name.clone(),
        }
    }
}

async fn turnings(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Turning>> {
    let last = *school::grades(conn, &viewer.school_id).await?.end();
    let year = school_year_of(viewer.today());
    let all = store::turned(conn, viewer, turned_on(viewer.today())).await?;
    let all = all.into_iter();
    Ok(all
        .filter_map(|child| Turning::of(child, last, year))
        .collect())
}

/// How many are through all grades and have not been let go; nothing once somebody has reviewed the
/// list of this year.
pub async fn waiting(conn: &mut Conn, viewer: &Viewer) -> Result<usize> {
    let year = school_year_of(viewer.today()).to_string();
    if store::reviewed(&mut *conn, viewer, &year).await?.is_some() {
        return Ok(0);
    }
    let all = turnings(conn, viewer).await?;
    Ok(all.iter().filter(|one| one.what == Became::Through).count())
}

/// Those who are through, by the class that they were in.
fn through(all: &[Turning]) -> Vec<LeavingClass> {
    let mut classes: Vec<LeavingClass> = Vec::new();
    for one in all.iter().filter(|one| one.what == Became::Through) {
        let title = format!("原{}", one.was());
        match classes.last_mut().filter(|class| class.title == title) {
            Some(class) => class.children.push(one.leaver()),
            None => classes.push(LeavingClass {
                title,
                children: vec![one.leaver()],
            }),
        }
    }
    classes
}

fn risen(all: &[Turning]) -> Vec<Risen> {
    let mut classes: Vec<Risen> = Vec::new();
    for one in all.iter().filter(|one| one.what == Became::WentUp) {
        let (title, was) = (one.title(), one.was());
        let mut open = classes.iter_mut();
        match open.find(|class| class.title == title && class.was == was) {
            Some(class) => class.names.push(one.child.name.clone()),
            None => classes.push(Risen {
                title,
                was,
                names: vec![one.child.name.clone()],
            }),
        }
    }
    classes
}

fn drawn(
    app: &App,
    viewer: &Viewer,
    all: &[Turning],
    reviewed: Option<(String, String)>,
) -> YearPage {
    let of = |what: Became| all.iter().filter(move |one| one.what == what);
    let count = |what: Became| of(what).count();
    let group = |title, what| Group {
        title,
        children: of(what).map(Turning::leaver).collect(),
    };
    let counts = Counts {
        risen: count(Became::WentUp),
        otherwise: count(Became::Otherwise),
        through: count(Became::Through),
        graduated: count(Became::Graduated),
        left: count(Became::Left),
        came: count(Became::Came),
        now: all
            .iter()
            .filter(|one| one.child.left_why.is_none())
            .count(),
    };
    let year = school_year_of(viewer.today());
    YearPage {
        shell: Shell::new(app, viewer, "升级和毕业", "/office"),
        year: words::school_year(year - 1),
        before: all.iter().filter(|one| one.then.is_some()).count(),
        counts,
        through: through(all),
        risen: risen(all),
        others: vec![
            group("没有跟着升一级的", Became::Otherwise),
            group("毕业了的", Became::Graduated),
            group("转走的", Became::Left),
            group("这学年新来的", Became::Came),
        ],
        reviewed: reviewed.map(|(at, by)| {
            let day = crate::clock::day_of(&at);
            let day = day.map(|day| words::past_day(day, viewer.today()));
            format!("{}由{}对过", day.unwrap_or_default(), words::teacher(&by))
        }),
        operation: OperationId::new(),
    }
}

/// `GET /office/graduation`
pub async fn year(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let all = turnings(&mut conn, &viewer).await?;
    let year = school_year_of(viewer.today()).to_string();
    let reviewed = store::reviewed(&mut conn, &viewer, &year).await?;
    let mut drawn = drawn(&app, &viewer, &all, reviewed);
    drawn.shell = drawn.shell.with_done(&fields, "/office/graduation");
    if fields.get("said") == "reviewed" {
        drawn.shell.notice = Some("记下了。".to_owned());
    }
    page(&drawn)
}

/// `POST /office/graduation`: those who are ticked leave; the others stay on the list.
pub async fn graduate(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let payload = format!("{:?}", fields.iter().collect::<Vec<_>>());
    let ticked = {
        let mut conn = app.db.read().await?;
        let all = turnings(&mut conn, &viewer).await?;
        let last = *school::grades(&mut conn, &viewer.school_id).await?.end();
        ticked(&all, &fields, (last, viewer.today()))
    };
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
        for (child, on) in ticked {
            let leaving = Leaving {
                on,
                why: Some(Why::Graduated),
                to: None,
            };
            store::leave(&mut tx, &viewer, &child, &leaving).await?;
        }
    }
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(see_other("/office/classes?said=graduated"))
}

/// Each with the last day of the school year in which it finished.
fn ticked(
    all: &[Turning],
    fields: &Fields,
    (last_grade, today): (i64, Date),
) -> Vec<(ChildId, Date)> {
    let through = all.iter().filter(|one| one.what == Became::Through);
    let ticked = through.filter(|one| fields.has("child", &one.child.id));
    ticked
        .map(|one| {
            let since = i16::try_from(one.now - last_grade - 1).unwrap_or_default();
            let on = date(school_year_of(today) - since, 8, 31);
            (ChildId::from(one.child.id.clone()), on)
        })
        .collect()
}

/// `POST /office/graduation/reviewed`: somebody has looked through the list, and nobody is missing.
pub async fn review(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let year = school_year_of(viewer.today()).to_string();
    let mut tx = app.db.write(&viewer.school_id).await?;
    let entry = Entry {
        operation: &operation,
        kind: Kind::YearReviewed,
        subject_kind: "school_year",
        subject_id: &year,
        payload: &year,
        result: "",
    };
    journal::once(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    Ok(see_other("/office/graduation?said=reviewed"))
}
