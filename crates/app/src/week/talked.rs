//! 上次聊的是: what the last talk with a child was about, where a row names the child alone.

use super::items::{Item, Week};
use crate::adoptions::store::base;
use crate::children::store as children;
use crate::db::Conn;
use crate::records::forms::ONLY_COUNSELLOR;
use crate::records::said::value_of;
use crate::records::store::{Record, timeline};
use crate::records::tiers::Reader;
use crate::web::{Result, Viewer};
use std::collections::BTreeMap;

/// By child; only of the items given, only the talk whose day the row names, and nothing that is
/// guarded or was meant for the counsellor alone, whoever wrote it: a list is read over shoulders.
pub async fn talked(
    conn: &mut Conn,
    viewer: &Viewer,
    week: &Week,
    items: &[&Item],
) -> Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for item in items {
        let child = &item.case.child;
        let Some(last_on) = item.obligation.last_on else {
            continue;
        };
        let reader = Reader {
            viewer,
            child,
            in_force: &week.in_force,
        };
        let key = children::key(conn, viewer, child).await?;
        let kind = base(&item.obligation.does);
        // The last of that day: others may have talked with the child since.
        let before = rules::calendar::plus_days(last_on, 1).to_string();
        let latest = timeline(conn, reader, &key, (kind, &before, 1)).await?;
        let mut records = latest.records.iter();
        let that = records.find(|record| record.happened_on == last_on);
        if let Some(about) = that.and_then(|record| about(week, record)) {
            found.insert(child.id.to_string(), about);
        }
    }
    Ok(found)
}

/// The first choice of the form: for a talk, its topics.
fn about(week: &Week, record: &Record) -> Option<String> {
    if record.guarded || record.filled.contains_key(ONLY_COUNSELLOR) {
        return None;
    }
    let form = week.in_force.form(&record.kind)?;
    let field = form.fields.iter().find(|field| field.kind.has_options())?;
    let said = value_of(field, record.filled.get(&field.id)?);
    (!said.is_empty()).then_some(said)
}
