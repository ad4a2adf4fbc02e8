//! What a record said before it was amended, for whoever reads the record.

use super::amend::was;
use super::pages::Earlier;
use super::store::{self, Record};
use super::tiers::Reader;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::change::note_read;
use crate::children::store as children;
use crate::db::Conn;
use crate::ids::RecordId;
use crate::journal::Kind;
use crate::vault::Key;
use crate::web::{Failure, Id, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

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

/// The earlier texts, newest first, each as this reader may read it, with when it was replaced.
pub async fn earlier(
    conn: &mut Conn,
    reader: Reader<'_>,
    (record, key): (&Record, &Key),
) -> Result<Vec<(Record, String)>> {
    let all = store::earlier(conn, reader.viewer, record, key).await?;
    let read = all.into_iter().filter_map(|one| {
        let before = reader.guarded(one.of(record))?;
        (!before.hidden).then_some((before, one.changed_at))
    });
    Ok(read.collect())
}

/// `GET /records/{record_id}/earlier`
pub async fn history(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child_id = store::child_of(&mut conn, &viewer, &id).await?;
    let child = children::visible(&mut conn, &viewer, Act::ReadRecords, &child_id).await?;
    let key = children::key(&mut conn, &viewer, &child).await?;
    let record = store::one(&mut conn, &viewer, &child, &key, &id).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let reader = Reader {
        viewer: &viewer,
        child: &child,
        in_force: &in_force,
    };
    let now = reader.guarded(record.clone()).filter(|now| !now.hidden);
    let now = now.ok_or(Failure::NotThere)?;
    let before = earlier(&mut conn, reader, (&record, &key)).await?;
    drop(conn);
    if now.guarded || before.iter().any(|(one, _)| one.guarded) {
        note_read(&app, &viewer, Kind::GuardedRead, &child.id).await?;
    }
    let today = viewer.today();
    let form = in_force.form(&now.kind);
    page(&HistoryPage {
        shell: Shell::new(&app, &viewer, "改之前写的", "/children"),
        title: form.map_or_else(|| "记录".to_owned(), |form| form.title.clone()),
        about: format!("{}，{}", child.name, child.class_title()),
        child: child.id.to_string(),
        now: was(&in_force, &now, "", today).said,
        by: format!(
            "{}，{}",
            words::past_day(now.happened_on, today),
            words::teacher(&now.by_name)
        ),
        earlier: before
            .iter()
            .map(|(one, changed_at)| was(&in_force, one, changed_at, today))
            .collect(),
    })
}
