//! A number that brothers and sisters have in common: what became of it on one card is offered for the
//! cards of the others.

use super::save::once;
use super::store::{self, KinChange};
use crate::App;
use crate::children::store as children;
use crate::children::store::{Child, Former, Kin};
use crate::db::{self, Conn};
use crate::ids::{ChildId, KinId, OperationId};
use crate::journal::Kind;
use crate::vault::Key;
use crate::web::{Failure, Form, Id, Result, Viewer, see_other};
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

/// Whose cards still say what one grown-up's number was.
#[derive(Clone)]
pub struct Shared {
    pub kin: KinId,
    /// 160****5678
    pub was: String,
    pub names: String,
}

/// What the number of this grown-up was before it became what it is.
fn before<'a>(kin: &Kin, former: &'a [Former]) -> Option<&'a Kin> {
    let own = former.iter().map(|one| &one.kin).filter(|one| {
        one.party == kin.party
            && one.kinship == kin.kinship
            && one.details.phone.is_some()
            && one.details.phone != kin.details.phone
    });
    let newest = own.max_by_key(|one| one.version)?;
    (newest.version < kin.version).then_some(newest)
}

/// The children whose cards this viewer changes and on which the same person has this number: another
/// family may have had it by mistake.
async fn others(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, was): (&Child, &Kin),
) -> Result<Vec<(Child, Key, Kin)>> {
    let Some(number) = was.details.phone.as_deref() else {
        return Ok(Vec::new());
    };
    let ids: Vec<String> = db::query_scalar(
        "select distinct child_id from kin
         where school_id = $1 and phone_index = $2 and child_id <> $3 and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.school_key.index("phone", number))
    .bind(child.id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::new();
    for id in ids.into_iter().map(ChildId::from) {
        let Ok(other) = children::visible(conn, viewer, Act::EditDossier, &id).await else {
            continue;
        };
        let key = children::key(conn, viewer, &other).await?;
        let kin = children::kin(conn, viewer, &other, &key).await?;
        let mut own = kin.into_iter();
        let is_same = |kin: &Kin| {
            kin.details.phone == was.details.phone && kin.details.name == was.details.name
        };
        if let Some(kin) = own.find(|kin| is_same(kin)) {
            found.push((other, key, kin));
        }
    }
    Ok(found)
}

/// For each grown-up of a card whose number changed: who else still has the old one.
pub async fn shared(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (kin, former): (&[Kin], &[Former]),
) -> Result<Vec<Shared>> {
    let mut found = Vec::new();
    for one in kin {
        let Some(was) = before(one, former) else {
            continue;
        };
        let others = others(conn, viewer, (child, was)).await?;
        let names: Vec<&str> = others.iter().map(|(other, _, _)| &*other.name).collect();
        if !names.is_empty() {
            found.push(Shared {
                kin: one.id.clone(),
                was: was.masked_phone().unwrap_or_default(),
                names: names.join("、"),
            });
        }
    }
    Ok(found)
}

/// `POST /children/{child_id}/card/shared`: the others' cards say what this one says.
pub async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = children::visible(&mut tx, &viewer, Act::EditDossier, &id).await?;
    let key = children::key(&mut tx, &viewer, &child).await?;
    let kin = children::kin(&mut tx, &viewer, &child, &key).await?;
    let former = children::former_kin(&mut tx, &viewer, &child, &key).await?;
    let payload = format!("{id} shared {}", fields.get("kin"));
    let entry = (Kind::CardChanged, &operation, payload.as_str());
    if once(&mut tx, &viewer, &child, entry).await? {
        let mut own = kin.iter();
        let one = own.find(|kin| kin.id.as_str() == fields.get("kin"));
        let one = one.ok_or(Failure::Stale)?;
        let number = before(one, &former).ok_or(Failure::Stale)?;
        for (other, key, was) in others(&mut tx, &viewer, (&child, number)).await? {
            let mut change = KinChange::from(&was);
            change.details.phone.clone_from(&one.details.phone);
            let more = one.details.other_phone.clone();
            change.details.other_phone = more.or(change.details.other_phone);
            change.details.close_ranks();
            let about = (&other, &key);
            store::change_card(&mut tx, &viewer, about, (&was, &change), "phone").await?;
            let own = OperationId::new();
            let entry = (Kind::CardChanged, &own, payload.as_str());
            once(&mut tx, &viewer, &other, entry).await?;
        }
    }
    tx.commit().await?;
    Ok(see_other(&format!("/children/{id}/card?said=shared")))
}
