//! 本校的约定: what comes with the program and what a county wrote, in force, to come, or to be chosen.

use crate::App;
use crate::adoptions::store::{self as packs, Adoption, OWN};
use crate::journal::{self, Entry, Kind};
use crate::packs::Pack;
use crate::packs::attempt::cadence_of;
use crate::packs::shipped::shipped;
use crate::web::{Failure, Form, Result, Shell, Viewer, page, see_other, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;

struct PackRow {
    id: String,
    title: String,
    about: String,
    since: Option<String>,
    /// The day from which a newer text of it holds, or it holds at all.
    coming: Option<String>,
    duties: Vec<String>,
    counts: Vec<String>,
    national: bool,
}

#[derive(Template)]
#[template(path = "office/packs.html")]
struct PacksPage {
    shell: Shell,
    packs: Vec<PackRow>,
}

/// A pack as it holds here, or will, or as it comes with the program.
fn row(id: &str, adopted: &[Adoption], today: Date) -> Option<PackRow> {
    let own = || adopted.iter().filter(|one| one.pack == id);
    let now = own().find(|one| one.holds(today));
    let coming = own().find(|one| one.comes(today));
    let pack: Pack = match now.or(coming) {
        Some(adoption) => packs::readable(adoption)?,
        None => packs::shipped_pack(id, today)?.0,
    };
    let duties = pack
        .duties
        .iter()
        .map(|one| format!("{}：{}", one.title, cadence_of(&one.duty)));
    let counts = pack.eligibility.iter().map(|one| one.title.clone());
    Some(PackRow {
        since: now.map(|one| words::full_day(one.from_on)),
        coming: coming.map(|one| words::full_day(one.from_on)),
        duties: duties.collect(),
        counts: counts.collect(),
        national: packs::NATIONAL.contains(&id),
        about: pack.head.about.unwrap_or_default(),
        id: pack.head.id,
        title: pack.head.title,
    })
}

/// `GET /office/packs`
pub async fn packs(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let today = viewer.today();
    let mut conn = app.db.read().await?;
    let adopted = packs::adoptions(&mut conn, &viewer.school_id).await?;
    drop(conn);
    let mut ids: Vec<&str> = shipped().iter().map(|(id, _)| *id).collect();
    // The school's own forms have a page of their own.
    let others = adopted.iter().filter(|one| one.pack != OWN);
    for one in others.filter(|one| one.holds(today) || one.comes(today)) {
        if !ids.contains(&one.pack.as_str()) {
            ids.push(&one.pack);
        }
    }
    let rows = ids.iter().filter_map(|id| row(id, &adopted, today));
    let mut shell = Shell::new(&app, &viewer, "本校的约定", "/office");
    shell.notice = match fields.get("said") {
        "adopted" => Some("定好了，从今天起按这份来。".to_owned()),
        "ended" => Some("停用了。以前的事仍按当时的约定算。".to_owned()),
        _ => None,
    };
    page(&PacksPage {
        shell,
        packs: rows.collect(),
    })
}

/// `POST /office/packs`
pub async fn adopt(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let today = viewer.today();
    let operation = fields.operation()?;
    let id = fields.get("pack");
    let ends = fields.get("do") == "end";
    let payload = format!("{id} {}", fields.get("do"));
    let mut tx = app.db.write(&viewer.school_id).await?;
    match journal::seen(&mut tx, &viewer.actor(), &operation, &payload).await? {
        journal::Seen::New => {}
        journal::Seen::Done(_) => return Ok(see_other("/office/packs")),
        journal::Seen::Other => return Err(Failure::OtherContent),
    }
    if ends {
        packs::end_here(&mut tx, &viewer.school_id, id, today).await?;
    } else {
        let (pack, text) = packs::shipped_pack(id, today).ok_or(Failure::NotThere)?;
        let by = viewer.staff_id.as_str();
        packs::adopt(&mut tx, &viewer.school_id, (&pack, text), today, by).await?;
    }
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &operation,
            kind: if ends {
                Kind::PackEnded
            } else {
                Kind::PackAdopted
            },
            subject_kind: "pack",
            subject_id: id,
            payload: &payload,
            result: "",
        },
    )
    .await?;
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    let said = if ends { "ended" } else { "adopted" };
    Ok(see_other(&format!("/office/packs?said={said}")))
}
