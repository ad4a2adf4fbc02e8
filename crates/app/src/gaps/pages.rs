//! The table of days since the last time, and the list of those to call.

use crate::App;
use crate::adoptions::store::{base, in_force};
use crate::children::case::{Case, was_reached};
use crate::children::classes::{ClassLink, choose};
use crate::db::Conn;
use crate::web::{Form, Result, Shell, Viewer, page, words};
use crate::week::items::{owed, visible_cases};
use crate::week::wording;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::cadence::Standing;
use rules::calendar::days_between;
use rules::duties::Obligation;

/// The four kinds that a table on a phone has room for.
const COLUMNS: [(&str, &str); 4] = [
    ("talk", "谈心"),
    ("call", "电话"),
    ("home_visit", "家访"),
    ("family_call", "亲情"),
];

pub struct Cell {
    pub text: String,
    pub tint: &'static str,
    pub mark: &'static str,
    pub said: String,
    pub href: String,
}

pub struct Row {
    pub name: String,
    pub href: String,
    pub cells: Vec<Cell>,
    /// Days past per column, most first; then days still to go.
    past: Vec<i64>,
}

struct Column {
    title: &'static str,
    href: String,
    sorted: bool,
}

#[derive(Template)]
#[template(path = "gaps/gaps.html")]
struct GapsPage {
    shell: Shell,
    columns: Vec<Column>,
    rows: Vec<Row>,
    caption: String,
    classes: Vec<ClassLink>,
    class: String,
}

struct Sight {
    may_write: bool,
    today: Date,
}

/// At most so many rows a page.
const MOST_ROWS: usize = 60;

/// `GET /gaps?sort=call&class=`
pub async fn gaps(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (cases, in_force, calendar) = visible_cases(&app, &mut conn, &viewer, Act::SeeGaps).await?;
    drop(conn);
    let sight = Sight {
        may_write: viewer.ever(Act::WriteRecord),
        today: viewer.today(),
    };
    let sort = fields.get("sort");
    let (classes, shown, of) = of_class(cases, fields.get("class"), "/gaps");
    let mut rows: Vec<Row> = shown
        .iter()
        .filter_map(|case| sight.row(case, &owed(&in_force, case, &calendar, sight.today).0))
        .collect();
    let by = COLUMNS.iter().position(|(kind, _)| *kind == sort);
    longest_first(&mut rows, by);
    let many = rows.len();
    rows.truncate(MOST_ROWS);
    let columns = COLUMNS
        .iter()
        .map(|(kind, title)| Column {
            title,
            href: format!(
                "/gaps?sort={kind}&class={}",
                words::url(fields.get("class"))
            ),
            sorted: *kind == sort,
        })
        .collect();
    page(&GapsPage {
        shell: Shell::new(&app, &viewer, "谁好久没联系", "/children").with_done(&fields, "/gaps"),
        columns,
        class: words::url(&of),
        caption: format!("{of}按约定要联系的{many}人，数字是距上次的天数"),
        rows,
        classes,
    })
}

/// The longest waits, for the side of 本周.
pub struct Mini {
    pub titles: Vec<&'static str>,
    pub rows: Vec<Row>,
}

const MINI_ROWS: usize = 12;

pub fn mini(all: &[(std::sync::Arc<Case>, Vec<Obligation>)], today: Date) -> Option<Mini> {
    let sight = Sight {
        may_write: true,
        today,
    };
    let row = |(case, owed): &(std::sync::Arc<Case>, Vec<Obligation>)| sight.row(case, owed);
    let mut rows: Vec<Row> = all.iter().filter_map(row).collect();
    longest_first(&mut rows, None);
    rows.truncate(MINI_ROWS);
    (!rows.is_empty()).then(|| Mini {
        titles: COLUMNS.iter().map(|(_, title)| *title).collect(),
        rows,
    })
}

/// The most days past the agreed time first, then those nearest to it, then by name.
fn longest_first(rows: &mut [Row], by: Option<usize>) {
    rows.sort_by_key(|row| {
        let most = match by {
            Some(column) => row.past.get(column).copied(),
            None => row.past.iter().copied().max(),
        };
        (
            std::cmp::Reverse(most.unwrap_or(i64::MIN)),
            crate::children::search::sort_key(&row.name),
        )
    });
}

/// The classes to choose from, the children of the chosen one, and its name.
pub fn of_class(cases: Vec<Case>, wanted: &str, path: &str) -> (Vec<ClassLink>, Vec<Case>, String) {
    let titles = cases.iter().map(|case| case.child.class_title()).collect();
    let (links, chosen) = choose(titles, wanted, path);
    let shown = cases
        .into_iter()
        .filter(|case| case.child.class_title() == chosen)
        .collect();
    (links, shown, chosen)
}

impl Sight {
    /// A child to whom nothing is owed has no row.
    fn row(&self, case: &Case, owed: &[Obligation]) -> Option<Row> {
        if owed.is_empty() {
            return None;
        }
        let cells: Vec<(Cell, i64)> = COLUMNS
            .iter()
            .map(|(kind, title)| self.cell(case, owed, (kind, title)))
            .collect();
        let past = cells.iter().map(|(_, past)| *past).collect();
        Some(Row {
            name: case.child.name.clone(),
            href: format!("/children/{}", case.child.id),
            cells: cells.into_iter().map(|(cell, _)| cell).collect(),
            past,
        })
    }

    fn last(&self, case: &Case, kind: &str) -> Option<Date> {
        case.case
            .kept
            .iter()
            .filter(|kept| base(&kept.kind) == kind && was_reached(&kept.kind))
            .flat_map(|kept| kept.dates.iter().copied())
            .filter(|on| *on <= self.today)
            .max()
    }

    fn cell(&self, case: &Case, owed: &[Obligation], (kind, title): (&str, &str)) -> (Cell, i64) {
        let most = owed
            .iter()
            .filter(|one| base(&one.does) == kind && one.due.due_on.is_some())
            .max_by_key(|one| pressing(one, self.today));
        // The days belong to the duty that gives the colour; where nothing is due, to any such act.
        let last = match most {
            Some(one) => one.last_on,
            None => self.last(case, kind),
        };
        let text = match last.map(|on| days_between(on, self.today)) {
            Some(0) => "今天".to_owned(),
            Some(days) => format!("{days}天"),
            None => "—".to_owned(),
        };
        let (tint, mark, said, past) = match most.map(|one| &one.due.standing) {
            Some(Standing::Past { days }) => {
                ("past", "●", format!("，已过约定{days}天"), i64::from(*days))
            }
            Some(Standing::Today) => ("due", "◷", "，今天到期".to_owned(), 0),
            Some(Standing::ThisWeek { days } | Standing::Soon { days }) => {
                ("due", "◷", format!("，还有{days}天"), -i64::from(*days))
            }
            Some(Standing::Later { days }) => ("", "", String::new(), -i64::from(*days)),
            _ => ("", "", String::new(), i64::MIN),
        };
        let id = &case.child.id;
        let href = if !self.may_write {
            format!("/children/{id}")
        } else if kind == "call" {
            format!("/children/{id}/call?back=/gaps")
        } else {
            format!("/children/{id}/records/new?kind={kind}&back=/gaps")
        };
        let cell = Cell {
            said: format!("{title}{said}"),
            text,
            tint,
            mark,
            href,
        };
        (cell, past)
    }
}

fn pressing(one: &Obligation, today: Date) -> i64 {
    one.due
        .due_on
        .map_or(i64::MIN, |due| i64::from(days_between(due, today)))
}

/// A family to call.
pub struct ToCall {
    pub name: String,
    pub href: String,
    pub sub: String,
    pub chip: String,
    pub tint: &'static str,
}

#[derive(Template)]
#[template(path = "gaps/calls.html")]
struct CallsPage {
    shell: Shell,
    due: Vec<ToCall>,
    others: Vec<ToCall>,
    /// The packs in force say how often somebody is called.
    asks_calls: bool,
}

/// Whom to call this week, the most pressing first; and the other families.
pub async fn to_call(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
) -> Result<(Vec<ToCall>, Vec<ToCall>)> {
    let (cases, in_force, calendar) = visible_cases(app, conn, viewer, Act::SeeContacts).await?;
    let today = viewer.today();
    let (mut due, mut others) = (Vec::new(), Vec::new());
    for case in &cases {
        let (owed, _) = owed(&in_force, case, &calendar, today);
        let call = owed
            .iter()
            .filter(|one| base(&one.does) == "call")
            .max_by_key(|one| pressing(one, today));
        let open = call.filter(|one| crate::week::items::state(&one.due.standing).is_some());
        let row = |sub, (chip, tint)| ToCall {
            name: case.child.name.clone(),
            href: format!("/children/{}/call?back=/calls", case.child.id),
            sub,
            chip,
            tint,
        };
        match open {
            Some(one) => due.push((
                std::cmp::Reverse(pressing(one, today)),
                row(
                    wording::subtitle(case, one, today),
                    wording::chip(one, today),
                ),
            )),
            None => others.push(row(String::new(), (String::new(), "plain"))),
        }
    }
    due.sort_by_key(|(order, _)| *order);
    Ok((due.into_iter().map(|(_, row)| row).collect(), others))
}

/// `GET /calls`: 亲情, whom to call first.
pub async fn calls(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (due, others) = to_call(&app, &mut conn, &viewer).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    drop(conn);
    let mut duties = in_force.packs.iter().flat_map(|pack| &pack.duties);
    page(&CallsPage {
        shell: Shell::new(&app, &viewer, "亲情", "/calls").with_done(&fields, "/calls"),
        due,
        others,
        asks_calls: duties.any(|one| base(&one.duty.does) == "call"),
    })
}
