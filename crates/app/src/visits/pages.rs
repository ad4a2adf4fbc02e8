//! Children whose home should be visited, by village.

use crate::App;
use crate::adoptions::store::{InForce, base};
use crate::children::case::Case;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::dossier::known::{Facts, facts};
use crate::packs::Known;
use crate::web::{Form, Result, Shell, Viewer, page};
use crate::week::items::{owed, state, visible_cases};
use crate::week::wording;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::calendar::Calendar;
use rules::duties::Obligation;
use rules::identity::village;
use std::collections::BTreeSet;

/// A child whose home should be visited.
struct ToVisit {
    id: String,
    name: String,
    href: String,
    sub: String,
    chip: String,
    tint: &'static str,
    /// Whether its address and number may go on paper for this viewer.
    may_print: bool,
}

struct Village {
    /// `None`: no address names one.
    name: Option<String>,
    homes: usize,
    children: Vec<ToVisit>,
}

#[derive(Template)]
#[template(path = "visits/visits.html")]
struct VisitsPage {
    shell: Shell,
    villages: Vec<Village>,
    others: Vec<(String, String)>,
}

impl Village {
    fn may_print(&self) -> bool {
        self.children.iter().any(|child| child.may_print)
    }
}

/// The visit that is owed to a child now, whoever owes it.
fn visit(in_force: &InForce, case: &Case, calendar: &Calendar, today: Date) -> Option<Obligation> {
    let (owed, _) = owed(in_force, case, calendar, today);
    let open = owed
        .into_iter()
        .filter(|one| base(&one.does) == "home_visit" && state(&one.due.standing).is_some());
    open.min_by_key(|one| one.due.due_on)
}

/// `GET /visits`: 亲情 ▸ 家访.
pub async fn visits(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (cases, in_force, calendar) =
        visible_cases(&app, &mut conn, &viewer, Act::SeeContacts).await?;
    let today = viewer.today();
    let (mut due, mut others) = (Vec::new(), Vec::new());
    for case in &cases {
        let writes = viewer.decide(
            Act::WriteRecord,
            case.child.class_id.as_str(),
            case.child.paired,
        );
        if !writes.is_allowed() {
            continue;
        }
        match visit(&in_force, case, &calendar, today) {
            Some(owed) => {
                let facts = known(&mut conn, &viewer, &case.child).await?;
                due.push((facts, to_visit(&viewer, case, &owed)));
            }
            None => others.push((case.child.name.clone(), href(&case.child))),
        }
    }
    drop(conn);
    page(&VisitsPage {
        shell: Shell::new(&app, &viewer, "家访", "/calls").with_done(&fields, "/visits"),
        villages: by_village(due),
        others,
    })
}

/// What is known of a visible child, its address among it.
pub async fn known(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Facts> {
    let key = children::key(conn, viewer, child).await?;
    facts(conn, viewer, child, &key).await
}

fn href(child: &Child) -> String {
    format!(
        "/children/{}/records/new?kind=home_visit&back=/visits",
        child.id
    )
}

fn to_visit(viewer: &Viewer, case: &Case, owed: &Obligation) -> ToVisit {
    let today = viewer.today();
    let prints = viewer.decide(
        Act::PrintCards,
        case.child.class_id.as_str(),
        case.child.paired,
    );
    let (chip, tint) = wording::chip(owed, today);
    ToVisit {
        id: case.child.id.to_string(),
        name: case.child.name.clone(),
        href: href(&case.child),
        sub: format!(
            "{}，{}",
            case.child.class_title(),
            wording::subtitle(case, owed, today)
        ),
        chip,
        tint,
        may_print: prints.is_allowed(),
    }
}

/// The place with most homes first; children without a place last.
fn by_village(due: Vec<(Facts, ToVisit)>) -> Vec<Village> {
    let mut places: Vec<(Village, BTreeSet<String>)> = Vec::new();
    for (facts, child) in due {
        let address = facts.value(Known::Address).unwrap_or_default();
        let name = village(&address).map(ToOwned::to_owned);
        // Children without an address are each a home of their own.
        let home = if address.is_empty() {
            child.id.clone()
        } else {
            address
        };
        let at = places.iter().position(|(place, _)| place.name == name);
        let at = at.unwrap_or_else(|| {
            let place = Village {
                name,
                homes: 0,
                children: Vec::new(),
            };
            places.push((place, BTreeSet::new()));
            places.len() - 1
        });
        if let Some((place, homes)) = places.get_mut(at) {
            homes.insert(home);
            place.children.push(child);
        }
    }
    let mut places: Vec<Village> = places
        .into_iter()
        .map(|(place, homes)| Village {
            homes: homes.len(),
            ..place
        })
        .collect();
    places.sort_by_key(|place| (place.name.is_none(), std::cmp::Reverse(place.homes)));
    places
}
