//! What a record said before it was amended, for whoever reads the record.

use super::amend::was;
use super::pages::Earlier;
use super::store::{self, Record};
use super::tiers::Reader;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::change::note_read;
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::RecordId;
use crate::journal::Kind;
use crate::web::{Failure, Id, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "records/history.html")]
struct HistoryPage {
    shell: Shell,
    title: String,
    /// 李思雨，五（2）班
    about: String,
    child: String,
    now: String,
    /// 9月26日，王老师
    by: String,
    earlier: Vec<Earlier>,
}

/// A record with its earlier texts, newest first, each as the viewer may read it.
pub struct Whole {
    pub record: Record,
    /// What it said, and when that was replaced.
    pub before: Vec<(Record, String)>,
    child: Child,
    in_force: Arc<InForce>,
}

/// Reads it, and notes that somebody read what is guarded.
pub async fn whole(app: &App, viewer: &Viewer, id: &RecordId) -> Result<Whole> {
    let mut conn = app.db.read().await?;
    let child_id = store::child_of(&mut conn, viewer, id).await?;
    let child = children::visible(&mut conn, viewer, Act::ReadRecords, &child_id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let record = store::one(&mut conn, viewer, &child, &key, id).await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let reader = Reader {
        viewer,
        child: &child,
        in_force: &in_force,
    };
    let earlier = store::earlier(&mut conn, viewer, &record, &key).await?;
    drop(conn);
    let before = earlier.into_iter().filter_map(|one| {
        let before = reader.guarded(one.of(&record))?;
        (!before.hidden).then_some((before, one.changed_at))
    });
    let before: Vec<(Record, String)> = before.collect();
    let now = reader.guarded(record).filter(|now| !now.hidden);
    let record = now.ok_or(Failure::NotThere)?;
    if record.guarded || before.iter().any(|(one, _)| one.guarded) {
        note_read(app, viewer, Kind::GuardedRead, &child.id).await?;
    }
    Ok(Whole {
        record,
        before,
        child,
        in_force,
    })
}

/// `GET /records/{record_id}/earlier`
pub async fn history(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
) -> Result<Response> {
    let whole = whole(&app, &viewer, &id).await?;
    let (now, child, in_force) = (&whole.record, &whole.child, &whole.in_force);
    let today = viewer.today();
    let form = in_force.form(&now.kind);
    let before = whole.before.iter();
    page(&HistoryPage {
        shell: Shell::new(&app, &viewer, "改之前写的", "/children"),
        title: form.map_or_else(|| "记录".to_owned(), |form| form.title.clone()),
        about: format!("{}，{}", child.name, child.class_title()),
        child: child.id.to_string(),
        now: was(in_force, now, "", today).said,
        by: format!(
            "{}，{}",
            words::past_day(now.happened_on, today),
            words::teacher(&now.by_name)
        ),
        earlier: before
            .map(|(one, changed_at)| was(in_force, one, changed_at, today))
            .collect(),
    })
}
