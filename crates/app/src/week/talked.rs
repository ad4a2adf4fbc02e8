//! 上次聊的是: what the last talk with a child was about, where a row names the child alone.

use super::items::{Item, Week};
use crate::adoptions::store::base;
use crate::children::store as children;
use crate::db::Conn;
use crate::records::said::value_of;
use crate::records::store::{Record, timeline};
use crate::records::tiers::Reader;
use crate::web::{Result, Viewer};
use std::collections::BTreeMap;

/// By child; only of the items given, and only what this viewer may read without its being noted.
pub async fn talked(
    conn: &mut Conn,
    viewer: &Viewer,
    week: &Week,
    items: &[&Item],
) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for item in items {
        let child = &item.case.child;
        let reader = Reader {
            viewer,
            child,
            in_force: &week.in_force,
        };
        let key = children::key(conn, viewer, child).await?;
        let kind = base(&item.obligation.does);
        let last = timeline(conn, reader, &key, (kind, "", 1)).await?;
        let open = last.records.iter().find(|record| !record.guarded);
        if let Some(about) = open.and_then(|record| about(week, record)) {
            found.insert(child.id.to_string(), about);
        }
    }
    Ok(found)
}

/// The first choice of the form: for a talk, its topics.
fn about(week: &Week, record: &Record) -> Option<String> {
    let form = week.in_force.form(&record.kind)?;
    let field = form.fields.iter().find(|field| field.kind.has_options())?;
    let said = value_of(field, record.filled.get(&field.id)?);
    (!said.is_empty()).then_some(said)
}
