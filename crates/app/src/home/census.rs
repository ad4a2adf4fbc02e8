//! 摸底: who has been asked about, of whom the list says otherwise, and whom each definition counts.

use super::pages::{change, determine_these};
use super::{answers, store};
use crate::App;
use crate::children::case::{Case, cases};
use crate::children::store as children;
use crate::ids::ChildId;
use crate::journal::{self, Entry, Kind};
use crate::packs::Eligibility;
use crate::web::{Failure, Form, Result, Shell, Viewer, page, see_other, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::conditions::Verdict;
use rules::history::Parent;

struct Unasked {
    id: String,
    name: String,
    class: String,
}

struct Differs {
    id: String,
    name: String,
    said: String,
}

/// What the codes of the list mean.
fn listed(code: &str) -> &'static str {
    match code {
        "0" => "爸妈都在家",
        "1" => "一个在外",
        _ => "两个都在外",
    }
}

fn unasked(case: &Case) -> Unasked {
    Unasked {
        id: case.child.id.to_string(),
        name: case.child.name.clone(),
        class: case.child.class_title(),
    }
}

fn alone(found: &[Case], today: Date) -> Vec<Unasked> {
    let alone = found.iter().filter(|case| {
        let history = &case.case.history;
        !case.case.is_counted()
            && Parent::ALL
                .iter()
                .all(|one| history.answers(*one, today).is_none())
    });
    alone.map(unasked).collect()
}

fn differs(found: &[Case], today: Date) -> Vec<Differs> {
    let differs = found.iter().filter_map(|case| {
        let (list, known) = case.case.history.against_the_registry(today)?;
        Some(Differs {
            id: case.child.id.to_string(),
            name: case.child.name.clone(),
            said: format!("名单上{}，这里记着{}", listed(list), listed(known)),
        })
    });
    differs.collect()
}

struct CountedGroup {
    source: String,
    counted: Vec<Counted>,
}

struct Counted {
    title: String,
    yes: usize,
    unknown: usize,
    names: Vec<Named>,
}

struct Named {
    name: String,
    href: String,
}

#[derive(Template)]
#[template(path = "home/census.html")]
struct CensusPage {
    shell: Shell,
    total: usize,
    asked: usize,
    unasked: Vec<Unasked>,
    /// Of whose parents the list says something else than is known.
    differs: Vec<Differs>,
    /// No parent looks after them, and no definition in force counts them.
    alone: Vec<Unasked>,
    groups: Vec<CountedGroup>,
    determined: Option<String>,
    may_determine: bool,
}

/// So many names stand under a definition; a whole county school would fill the screen.
const MOST_NAMES: usize = 60;

/// `GET /census`: everybody is asked about, not only those who are thought of.
pub async fn census(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let today = viewer.today();
    let mut conn = app.db.read().await?;
    let all = children::all_visible(&app, &mut conn, &viewer, Act::EditDossier).await?;
    let in_force =
        crate::adoptions::store::in_force(&app, &mut conn, &viewer.school_id, today).await?;
    let found = cases(&mut conn, &viewer.school_id, &in_force, &all, today).await?;
    let determined = store::last_determined(&mut conn, &viewer).await?;
    drop(conn);
    let unasked: Vec<Unasked> = found
        .iter()
        .filter(|case| case.case.history.screened_on.is_none())
        .map(unasked)
        .collect();
    let most = match fields.has("all", "1") {
        true => found.len(),
        false => MOST_NAMES,
    };
    let mut shell = Shell::new(&app, &viewer, "摸底", "/children");
    shell.notice = match fields.get("said") {
        "asked" => Some("记下了，爸妈都在家。".to_owned()),
        "determined" => Some("按今天认定好了，每个孩子都留了依据。".to_owned()),
        _ => None,
    };
    page(&CensusPage {
        shell,
        total: found.len(),
        asked: found.len() - unasked.len(),
        unasked,
        differs: differs(&found, today),
        alone: alone(&found, today),
        groups: in_force
            .packs
            .iter()
            .filter(|pack| !pack.eligibility.is_empty())
            .map(|pack| CountedGroup {
                source: pack.head.title.clone(),
                counted: pack
                    .eligibility
                    .iter()
                    .map(|one| counted(&found, one, most))
                    .collect(),
            })
            .collect(),
        determined: determined
            .and_then(|day| day.parse().ok())
            .map(|day| words::past_day(day, today)),
        may_determine: viewer.ever(Act::ImportRoster),
    })
}

fn counted(found: &[Case], one: &Eligibility, most: usize) -> Counted {
    let policy = &one.rule.policy;
    let verdict = |case: &Case| {
        let mut all = case.case.counted.iter();
        all.find(|(one, _)| one == policy)
            .map(|(_, verdict)| verdict.clone())
    };
    let yes: Vec<&Case> = found
        .iter()
        .filter(|case| verdict(case).is_some_and(|one| one.is_yes()))
        .collect();
    let unknown = found
        .iter()
        .filter(|case| matches!(verdict(case), Some(Verdict::CannotSay { .. })));
    Counted {
        title: one.title.clone(),
        yes: yes.len(),
        unknown: unknown.count(),
        names: yes
            .iter()
            .take(most)
            .map(|case| Named {
                name: case.child.name.clone(),
                href: format!("/children/{}/home", case.child.id),
            })
            .collect(),
    }
}

/// `POST /census`: asked, and both parents are at home. Anything else is told on the child's page.
pub async fn screen(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let id: ChildId = fields
        .get("child")
        .parse()
        .map_err(|_| Failure::Asked("请从名单里选一个孩子。".to_owned()))?;
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        answers::at_home(tx, &viewer, child).await
    })
    .await?;
    Ok(see_other("/census?said=asked"))
}

/// `POST /census/determine`: everybody, as of today.
pub async fn determine(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let mut conn = app.db.read().await?;
    let all = children::all_visible(&app, &mut conn, &viewer, Act::ImportRoster).await?;
    drop(conn);
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    let payload = viewer.today().to_string();
    let entry = Entry {
        operation: &operation,
        kind: Kind::Determined,
        subject_kind: "school",
        subject_id: viewer.school_id.as_str(),
        payload: &payload,
        result: "",
    };
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        determine_these(&app, &mut tx, &viewer, &all).await?;
    }
    tx.commit().await?;
    Ok(see_other("/census?said=determined"))
}
