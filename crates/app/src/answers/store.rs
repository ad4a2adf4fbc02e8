//! Entries of the forms that want an answer, as far as the viewer may read them.

use crate::adoptions::store::InForce;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::dossier::sight::Sight;
use crate::dossier::store::{EntryRow, entries};
use crate::ids::ChildId;
use crate::moves::HANDOVER;
use crate::moves::store::{Leaving, without_handover};
use crate::packs::{Answering, Form};
use crate::web::{Failure, Result, Viewer};
use jiff::civil::Date;
use rules::access::Act;
use rules::answering::{Open, open};

/// One that waits, with what is known of it.
pub struct Waiting {
    pub child: Child,
    pub form: Form,
    pub entry: EntryRow,
    pub asked: Date,
    pub open: Open,
}

fn day(entry: &EntryRow, field: &str) -> Option<Date> {
    entry.filled.get(field)?.as_str()?.parse().ok()
}

fn waits(entry: &EntryRow, answering: &Answering, today: Date) -> Option<(Date, Open)> {
    let asked = day(entry, &answering.asked)?;
    let answered = day(entry, &answering.answered);
    open(asked, answering.within_days, answered, today).map(|open| (asked, open))
}

/// Whose file has an entry of the form, whether the child is still here or not.
async fn asked_about(conn: &mut Conn, viewer: &Viewer, form: &str) -> Result<Vec<ChildId>> {
    let ids: Vec<String> = db::query_scalar(
        "select distinct child_id from dossier_entry
         where school_id = $1 and form = $2 and withdrawn_at is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(form)
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(ChildId::from).collect())
}

/// Whether the child left and came here again since that day, and is here.
async fn is_back(conn: &mut Conn, viewer: &Viewer, child: &Child, asked: Date) -> Result<bool> {
    if child.has_left(viewer.today()) {
        return Ok(false);
    }
    let joined: i64 = db::query_scalar(
        "select count(*) from child_event
         where school_id = $1 and child_id = $2 and kind = 'child_joined' and happened_on >= $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(asked.to_string())
    .fetch_one(conn)
    .await?;
    Ok(joined > 0)
}

/// All that wait, the longest due first.
pub async fn waiting(conn: &mut Conn, viewer: &Viewer, in_force: &InForce) -> Result<Vec<Waiting>> {
    let mut found = Vec::new();
    for form in &in_force.forms {
        let Some(answering) = &form.answering else {
            continue;
        };
        for id in asked_about(conn, viewer, &form.id).await? {
            let child = match children::visible(conn, viewer, Act::ReadDossier, &id).await {
                Ok(child) => child,
                Err(Failure::NotThere) => continue,
                Err(failure) => return Err(failure),
            };
            let sight = Sight {
                viewer,
                child: &child,
                in_force,
            };
            let Some(seen) = sight.form(&form.id) else {
                continue;
            };
            let key = children::key(conn, viewer, &child).await?;
            for entry in entries(conn, viewer, &child, &key, &form.id).await? {
                if let Some((asked, open)) = waits(&entry, answering, viewer.today())
                    && !(answering.until_back && is_back(conn, viewer, &child, asked).await?)
                {
                    found.push(Waiting {
                        child: child.clone(),
                        form: seen.clone(),
                        entry,
                        asked,
                        open,
                    });
                }
            }
        }
    }
    found.sort_by_key(|one| one.open.due_on);
    Ok(found)
}

/// Children who went to another school, and nobody has written what was handed over.
pub async fn unwritten(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
) -> Result<Vec<(Child, Leaving)>> {
    match in_force.form(HANDOVER) {
        Some(_) => without_handover(conn, viewer).await,
        None => Ok(Vec::new()),
    }
}
