//! Puts one line in, as its page would have.

use super::lines::Line;
use super::undo::Wrote;
use crate::adoptions::store::InForce;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::dossier::save::save as save_entry;
use crate::dossier::sight::Sight;
use crate::dossier::store::{self, EntryRow, Written};
use crate::ids::{ChildId, OperationId, RecordId};
use crate::journal::{self, Entry, Kind};
use crate::packs::{Form, FormKind};
use crate::records::save::{amended, own_record, save};
use crate::registers;
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
use rules::access::Act;

/// The form that comes back.
#[derive(Clone, Copy)]
pub struct Coming<'a> {
    pub whole: &'a Form,
    /// As the viewer reads it, whomever it is about.
    pub seen: &'a Form,
    pub in_force: &'a InForce,
}

/// All lines that say something new; says what they wrote.
pub async fn write(
    tx: &mut Conn,
    viewer: &Viewer,
    form: Coming<'_>,
    lines: &[Line],
) -> Result<Vec<Wrote>> {
    let entries = match form.whole.kind {
        FormKind::Register => registers::store::entries(tx, viewer, &form.whole.id).await?,
        FormKind::Dossier | FormKind::Record => Vec::new(),
    };
    let mut wrote = Vec::new();
    for line in lines.iter().filter(|line| line.writes()) {
        let entry = match (form.whole.kind, &line.child_id) {
            (FormKind::Register, _) => in_register(tx, viewer, form, (&entries, line)).await?,
            (FormKind::Dossier, Some(child)) => in_file(tx, viewer, form, (child, line)).await?,
            (FormKind::Record, Some(child)) => as_record(tx, viewer, form, (child, line)).await?,
            (FormKind::Dossier | FormKind::Record, None) => return Err(Failure::NotThere),
        };
        let version = line.entry.as_ref().map_or(1, |(_, was)| was + 1);
        wrote.push(Wrote { entry, version });
    }
    Ok(wrote)
}

/// The entry, if it still says what it said when the sheet was looked at.
fn unchanged<'a>(
    entries: &'a [EntryRow],
    (entry, version): &(String, i64),
) -> Result<&'a EntryRow> {
    let was = entries.iter().find(|one| one.id == *entry);
    was.filter(|one| one.version == *version)
        .ok_or(Failure::Stale)
}

async fn in_register(
    tx: &mut Conn,
    viewer: &Viewer,
    Coming { whole, seen, .. }: Coming<'_>,
    (entries, line): (&[EntryRow], &Line),
) -> Result<String> {
    let new = Written {
        whole,
        seen,
        filled: &line.filled,
    };
    let Some(entry) = &line.entry else {
        return registers::store::add(tx, viewer, &new).await;
    };
    let was = unchanged(entries, entry)?;
    registers::store::change(tx, viewer, (was, &new)).await?;
    Ok(was.id.clone())
}

/// A child whose file the viewer keeps, and the form as the viewer writes it there.
pub async fn theirs(
    tx: &mut Conn,
    viewer: &Viewer,
    (in_force, whole): (&InForce, &Form),
    child: &ChildId,
) -> Result<(Child, Key, Form)> {
    let child = children::visible(tx, viewer, Act::EditDossier, child).await?;
    let key = children::key(tx, viewer, &child).await?;
    let sight = Sight {
        viewer,
        child: &child,
        in_force,
    };
    let seen = sight.form(&whole.id).filter(|seen| sight.may_write(seen));
    let seen = seen.ok_or(Failure::NotThere)?;
    Ok((child, key, seen))
}

async fn in_file(
    tx: &mut Conn,
    viewer: &Viewer,
    Coming {
        whole, in_force, ..
    }: Coming<'_>,
    (child, line): (&ChildId, &Line),
) -> Result<String> {
    let (child, key, seen) = theirs(tx, viewer, (in_force, whole), child).await?;
    let new = Written {
        whole,
        seen: &seen,
        filled: &line.filled,
    };
    let entries = store::entries(tx, viewer, &child, &key, &whole.id).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::DossierChanged,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: &format!("{} {:?}", whole.id, line.filled),
        result: child.id.as_str(),
    };
    journal::record(tx, &viewer.actor(), &entry).await?;
    let was = line.entry.as_ref();
    let was = was.map(|entry| unchanged(&entries, entry)).transpose()?;
    save_entry(tx, viewer, in_force, (&(child, key), was, &new)).await
}

async fn as_record(
    tx: &mut Conn,
    viewer: &Viewer,
    Coming { in_force, .. }: Coming<'_>,
    (child, line): (&ChildId, &Line),
) -> Result<String> {
    let child = children::visible(tx, viewer, Act::WriteRecord, child).await?;
    let key = children::key(tx, viewer, &child).await?;
    let about = [(child, key)];
    let new = line.record.as_ref().ok_or(Failure::NotThere)?;
    let Some((id, version)) = &line.entry else {
        let saved = save(tx, viewer, in_force, (&about, new)).await?;
        return Ok(saved.id.into());
    };
    let (record, child, key) = own_record(tx, viewer, &RecordId::from(id.clone())).await?;
    // Each child has a line of its own in the sheet.
    let version = version.to_string();
    let asked = (new, version.as_str(), false);
    amended(tx, viewer, in_force, ((&record, &child, &key), asked)).await?;
    Ok(id.clone())
}
