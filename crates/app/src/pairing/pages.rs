//! Who is there for one child.

use super::store::{self, Mentor};
use crate::App;
use crate::children::change::{Change, change};
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::ChildId;
use crate::journal::Kind;
use crate::web::{Fields, Form, Id, Result, Shell, Viewer, page, see_other, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

struct PairRow {
    id: String,
    name: String,
    when: String,
}

#[derive(Template)]
#[template(path = "pairing/one.html")]
struct OnePage {
    shell: Shell,
    child: Child,
    pairs: Vec<PairRow>,
    /// Those who may still be asked.
    mentors: Vec<Mentor>,
    /// The school has none at all.
    no_mentors: bool,
}

/// `GET /children/{child_id}/pairing`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::Pair, &id).await?;
    let pairs = store::of_child(&mut conn, &viewer, &child).await?;
    let mut mentors = store::mentors(&mut conn, &viewer).await?;
    let no_mentors = mentors.is_empty();
    mentors.retain(|one| pairs.iter().all(|pair| pair.staff_id != one.id));
    let mut shell = Shell::new(&app, &viewer, "结对", "/children");
    shell.notice = match fields.get("said") {
        "paired" => Some("结好了，那位老师的本周里有了。".to_owned()),
        "ended" => Some("到昨天为止，记录都留着。".to_owned()),
        _ => None,
    };
    page(&OnePage {
        shell,
        pairs: pairs
            .into_iter()
            .map(|pair| PairRow {
                id: pair.id,
                name: pair.name,
                when: format!("从{}起", words::day(pair.from_on, viewer.today())),
            })
            .collect(),
        child,
        mentors,
        no_mentors,
    })
}

fn of<'a>(child_id: &'a ChildId, fields: &'a Fields, kind: Kind) -> Change<'a> {
    Change {
        act: Act::Pair,
        kind,
        child_id,
        fields,
    }
}

/// `POST /children/{child_id}/pairing`
pub async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let staff_id = fields.get("mentor");
    change(
        &app,
        &viewer,
        &of(&id, &fields, Kind::Paired),
        async |tx, child| {
            store::mentor(tx, &viewer, staff_id).await?;
            store::add(tx, &viewer, child, staff_id).await
        },
    )
    .await?;
    Ok(see_other(&format!("/children/{id}/pairing?said=paired")))
}

/// `POST /children/{child_id}/pairing/end`
pub async fn end(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    change(
        &app,
        &viewer,
        &of(&id, &fields, Kind::PairingEnded),
        async |tx, child| store::end(tx, &viewer, child, fields.get("pair")).await,
    )
    .await?;
    Ok(see_other(&format!("/children/{id}/pairing?said=ended")))
}
