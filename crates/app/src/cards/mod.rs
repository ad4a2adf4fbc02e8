//! 联系卡: whom to call for this child, its versions, and the cards on paper.

pub mod copies;
pub mod pages;
pub mod print;
mod save;
pub mod shared;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/children/{child_id}/card", Act::SeeContacts, pages::card)
        .post(
            "/children/{child_id}/card/confirm",
            Act::EditDossier,
            save::confirm,
        )
        .post(
            "/children/{child_id}/card/kin",
            Act::EditDossier,
            save::change_kin,
        )
        .post(
            "/children/{child_id}/card/kin/end",
            Act::EditDossier,
            save::end_kin,
        )
        .post(
            "/children/{child_id}/card/shared",
            Act::EditDossier,
            shared::change,
        )
        .get("/print/cards", Act::PrintCards, print::choose)
        .post("/print/cards", Act::PrintCards, print::print)
}
