//! 按周: children × the weeks of the term, for a wide screen.

use super::pages::of_class;
use crate::App;
use crate::adoptions::store::{InForce, base};
use crate::children::case::{Case, is_contact};
use crate::children::classes::ClassLink;
use crate::web::{Form, Result, Shell, Viewer, page, words};
use crate::week::items::{owed, visible_cases};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::calendar::{Calendar, Stretch, plus_days};

struct Week {
    number: usize,
    is_now: bool,
    ahead: bool,
    /// Children with whom somebody spoke.
    reached: usize,
}

struct Cell {
    glyphs: String,
    off: bool,
    ahead: bool,
    href: String,
}

struct Row {
    name: String,
    href: String,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "gaps/weeks.html")]
struct WeeksPage {
    shell: Shell,
    said: &'static str,
    class: String,
    classes: Vec<ClassLink>,
    weeks: Vec<Week>,
    rows: Vec<Row>,
    caption: String,
}

struct Sight<'a> {
    in_force: &'a InForce,
    calendar: &'a Calendar,
    weeks: &'a [Stretch],
    today: Date,
}

/// `GET /gaps/weeks?class=`
pub async fn weeks(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (cases, in_force, calendar) = visible_cases(&app, &mut conn, &viewer, Act::SeeGaps).await?;
    drop(conn);
    let today = viewer.today();
    let stretches = calendar.term_weeks(today);
    let (classes, shown, of) = of_class(cases, fields.get("class"), "/gaps/weeks");
    let sight = Sight {
        in_force: &in_force,
        calendar: &calendar,
        weeks: &stretches,
        today,
    };
    let mut rows: Vec<Row> = shown
        .iter()
        .filter(|case| !owed(&in_force, case, &calendar, today).0.is_empty())
        .map(|case| sight.row(case))
        .collect();
    rows.sort_by_cached_key(|row| crate::children::search::sort_key(&row.name));
    page(&WeeksPage {
        shell: Shell::new(&app, &viewer, "一周一周地看", "/children").wide(),
        said: "谈、电、访是那一周做过的事，点一下看那一周。放假的周不算。",
        class: words::url(&of),
        classes,
        weeks: sight.heads(&rows),
        caption: format!("{of}{}人，按名字排", rows.len()),
        rows,
    })
}

impl Sight<'_> {
    fn heads(&self, rows: &[Row]) -> Vec<Week> {
        let reached = |at: usize| {
            let cells = rows.iter().filter_map(|row| row.cells.get(at));
            cells.filter(|cell| !cell.glyphs.is_empty()).count()
        };
        self.weeks
            .iter()
            .enumerate()
            .map(|(at, week)| Week {
                number: at + 1,
                is_now: week.holds(self.today),
                ahead: week.from > self.today,
                reached: reached(at),
            })
            .collect()
    }

    fn row(&self, case: &Case) -> Row {
        let href = format!("/children/{}", case.child.id);
        Row {
            name: case.child.name.clone(),
            cells: self
                .weeks
                .iter()
                .map(|week| Cell {
                    glyphs: self.glyphs(case, *week),
                    off: !self.calendar.has_school_day(*week),
                    ahead: week.from > self.today,
                    href: format!("{href}?before={}#timeline", plus_days(week.to, 1)),
                })
                .collect(),
            href,
        }
    }

    /// What was done in a week, one sign for each kind, in the order of the forms.
    fn glyphs(&self, case: &Case, week: Stretch) -> String {
        let done = |kind: &str| {
            case.case
                .kept
                .iter()
                .filter(|kept| base(&kept.kind) == kind)
                .filter(|kept| is_contact(self.in_force, &kept.kind))
                .any(|kept| kept.dates.iter().any(|day| week.holds(*day)))
        };
        self.in_force
            .forms
            .iter()
            .filter(|form| done(&form.id))
            .filter_map(|form| form.glyph)
            .collect()
    }
}
