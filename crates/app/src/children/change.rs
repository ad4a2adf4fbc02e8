//! One change about one child, once: found as the viewer may see it, written with its journal
//! entry, committed together.

use super::store::{self, Child};
use crate::App;
use crate::db::Conn;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::web::{Fields, Result, Viewer};
use rules::access::Act;

/// What is about to change, and by which right.
pub struct Change<'a> {
    pub act: Act,
    pub kind: Kind,
    pub child_id: &'a ChildId,
    pub fields: &'a Fields,
}

/// Writes down that somebody read what is guarded, before it leaves: without the entry, no page.
pub async fn note_read(app: &App, viewer: &Viewer, kind: Kind, child_id: &ChildId) -> Result<()> {
    let mut tx = app.db.write(&viewer.school_id).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind,
        subject_kind: "child",
        subject_id: child_id.as_str(),
        payload: child_id.as_str(),
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes the change unless the same request has done so before. The roster in memory is let go:
/// a change of class or name stands in it.
pub async fn change<F>(app: &App, viewer: &Viewer, one: &Change<'_>, write: F) -> Result<()>
where
    F: AsyncFnOnce(&mut Conn, &Child) -> Result<()>,
{
    let operation = one.fields.operation()?;
    let payload = format!(
        "{} {:?}",
        one.child_id,
        one.fields.iter().collect::<Vec<_>>()
    );
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = store::visible(&mut tx, viewer, one.act, one.child_id).await?;
    let entry = Entry {
        operation: &operation,
        kind: one.kind,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: &payload,
        result: child.id.as_str(),
    };
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        write(&mut tx, &child).await?;
    }
    tx.commit().await?;
    if matches!(one.kind, Kind::ChildMoved | Kind::ChildChanged) {
        app.memory.forget(&viewer.school_id);
    }
    Ok(())
}
