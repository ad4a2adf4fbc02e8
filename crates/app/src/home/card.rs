//! What a card says of where a parent works, once a hand has told where the parent is.

use super::answers;
use super::lines::{self, Line};
use crate::cards::store as cards;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::vault::Key;
use crate::web::{Result, Viewer};
use rules::history::Parent;
use rules::identity::work_place::WorkPlace;

/// What a card that still has a place far away says of a parent who is at home.
pub async fn at_home_now(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (parent, before): (Parent, &[Line]),
) -> Result<Option<&'static str>> {
    let mut places = Vec::new();
    for line in before.iter().filter(|line| line.is_about(parent.into())) {
        places.push(lines::open_place(line, key)?);
    }
    let place = card_place(conn, viewer, (child, key), parent).await?;
    let is_told = places.contains(&place);
    let is_far = WorkPlace::of(&place) == WorkPlace::Away || !place.is_empty() && is_told;
    Ok(is_far.then_some("在家"))
}

/// What a card that still has a parent at home says of one who is somewhere: nothing.
pub async fn away_now(
    conn: &mut Conn,
    viewer: &Viewer,
    card: (&Child, &Key),
    parent: Parent,
) -> Result<Option<&'static str>> {
    let place = card_place(conn, viewer, card, parent).await?;
    Ok((WorkPlace::of(&place) == WorkPlace::AtHome).then_some(""))
}

async fn card_place(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    parent: Parent,
) -> Result<String> {
    let kin = children::kin(conn, viewer, child, key).await?;
    let mut own = kin.into_iter();
    let own = own.find(|kin| kin.party == "parent" && kin.kinship == parent.code());
    Ok(own
        .and_then(|kin| kin.details.work_place)
        .unwrap_or_default())
}

/// Who is at home once this absence is gone is not far away on the card.
pub async fn home_after(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    gone: &Line,
) -> Result<()> {
    let Some(parent) = Parent::from_code(&gone.who) else {
        return Ok(());
    };
    let left = lines::lines(conn, viewer, child).await?;
    let mut lasting = left.iter().filter(|line| line.to_on.is_none());
    let is_somewhere = lasting.any(|line| line.is_about(parent.into()));
    let answers = answers::answers(conn, &viewer.school_id, child.id.as_str()).await?;
    if is_somewhere || gone.to_on.is_some() || !answers.is_answered(parent, &left) {
        return Ok(());
    }
    let was = std::slice::from_ref(gone);
    if let Some(place) = at_home_now(conn, viewer, (child, key), (parent, was)).await? {
        cards::works_at(conn, viewer, (child, key), (parent.code(), place)).await?;
    }
    Ok(())
}
