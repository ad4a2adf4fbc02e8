//! The homes of one way: asked for by the children who live there, each asked about by itself.

use super::pages::known;
use crate::App;
use crate::children::store as children;
use crate::db::Conn;
use crate::ids::{ChildId, OperationId};
use crate::journal::{Entry, Kind};
use crate::packs::Known;
use crate::paper::Purpose;
use crate::paper::release::{Left, released};
use crate::records::store::last_of;
use crate::web::{Failure, Fields, Result, Viewer, words};
use jiff::civil::Date;
use rules::access::Act;
use rules::identity::{along_the_way, village};
use std::collections::BTreeSet;

pub struct Home {
    pub number: usize,
    pub child: ChildId,
    pub name: String,
    pub class: String,
    pub address: String,
    pub carer: String,
    pub phone: String,
    pub last_on: Option<Date>,
    pub last: String,
}

/// As many as a day's way holds.
const MOST_HOMES: usize = 60;

/// The children whom a form of the page names.
pub fn chosen(fields: &Fields) -> Result<BTreeSet<ChildId>> {
    let chosen = fields.all("child").filter_map(|id| id.parse().ok());
    let ids: BTreeSet<ChildId> = chosen.collect();
    if ids.is_empty() || ids.len() > MOST_HOMES {
        return Err(Failure::Asked(format!(
            "请选要去的人家，一次最多{MOST_HOMES}个孩子。"
        )));
    }
    Ok(ids)
}

/// The homes in the order of the way, and the villages it goes through: 李家湾、白岩村.
pub async fn homes(
    conn: &mut Conn,
    viewer: &Viewer,
    ids: &BTreeSet<ChildId>,
) -> Result<(Vec<Home>, String)> {
    let mut homes = Vec::with_capacity(ids.len());
    for id in ids {
        let child = children::visible(conn, viewer, Act::PrintCards, id).await?;
        let facts = known(conn, viewer, &child).await?;
        let told = |what| facts.value(what).unwrap_or_default();
        let last = last_of(conn, viewer, &child, "home_visit").await?;
        homes.push(Home {
            number: 0,
            class: child.class_title(),
            name: child.name,
            child: child.id,
            carer: format!("{} {}", told(Known::CarerKinship), told(Known::CarerName)),
            phone: told(Known::CarerPhone),
            last_on: last,
            last: last.map_or_else(
                || "还没去过".to_owned(),
                |on| words::past_day(on, viewer.today()),
            ),
            address: told(Known::Address),
        });
    }
    // Neighbours stand beside each other.
    homes.sort_by(|a, b| along_the_way(&a.address).cmp(&along_the_way(&b.address)));
    let mut way: Vec<&str> = Vec::new();
    for (number, home) in (1..).zip(&mut homes) {
        home.number = number;
        way.extend(village(&home.address).filter(|place| !way.contains(place)));
    }
    let way = way.join("、");
    Ok((homes, way))
}

/// Whose addresses left stays known, by their ids; the number of the release.
pub async fn write_down(
    app: &App,
    viewer: &Viewer,
    (template, subject_id): (&str, &str),
    ids: &BTreeSet<ChildId>,
) -> Result<OperationId> {
    let operation = OperationId::new();
    let ids: Vec<&str> = ids.iter().map(ChildId::as_str).collect();
    let (subject, homes) = (ids.join(","), ids.len());
    let mut tx = app.db.write(&viewer.school_id).await?;
    released(
        &mut tx,
        viewer,
        &Left {
            template,
            subject: &subject,
            count: homes,
            purpose: Purpose::Checking,
        },
        &Entry {
            operation: &operation,
            kind: Kind::Printed,
            subject_kind: "form",
            subject_id,
            payload: &subject,
            result: &homes.to_string(),
        },
    )
    .await?;
    tx.commit().await?;
    Ok(operation)
}
