//! What somebody says in one entry of the file, new or changed, by whichever way it comes. A merge
//! says nothing new and writes by itself.

use super::consents::asked_first;
use super::offers::unknown;
use super::store::{self, EntryRow, Written};
use crate::adoptions::store::InForce;
use crate::cards::store::{changed_by_slip, confirm_by_slip};
use crate::children::store::Child;
use crate::db::Conn;
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
use jiff::civil::Date;

/// What the family said of the card on a day: whether something on it is to be changed.
fn asked_of_the_card(new: &Written<'_>) -> Option<(bool, Date)> {
    let changed = new.filled.get(new.whole.confirming.as_ref()?)?;
    let on = new.filled.get(new.whole.day.as_ref()?)?.as_str()?;
    changed.as_bool().zip(on.parse().ok())
}

/// Writes what is said of a child, if its family agreed to what the form is for. `was`: the entry
/// that it changes, as it stands now. Says the entry's id.
pub async fn save(
    tx: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (about, was, new): (&(Child, Key), Option<&EntryRow>, &Written<'_>),
) -> Result<String> {
    let there = std::slice::from_ref(about);
    asked_first(tx, viewer, in_force, (there, &new.whole.id)).await?;
    let asked = (new.whole, was.map(|was| &was.filled), new.filled);
    let unknown = unknown(tx, viewer, in_force, asked).await?;
    if let Some((field, why)) = unknown.first() {
        return Err(Failure::Asked(format!("{}：{why}", field.title)));
    }
    let (child, key) = about;
    match asked_of_the_card(new) {
        Some((true, on)) => changed_by_slip(tx, viewer, child, on).await?,
        Some((false, on)) => confirm_by_slip(tx, viewer, child, on).await?,
        None => {}
    }
    if let Some(was) = was {
        store::change(tx, viewer, (child, key), (was, new)).await?;
        return Ok(was.id.clone());
    }
    let is_there = !new.whole.many
        && !store::entries(tx, viewer, child, key, &new.whole.id)
            .await?
            .is_empty();
    if is_there {
        return Err(Failure::Stale);
    }
    store::add(tx, viewer, (child, key), new).await
}
