//! 家里的情况: where the parents are and were, who looks after the child, with days.

pub mod answers;
mod card;
mod census;
pub mod determined;
pub mod forms;
pub mod lines;
pub mod pages;
mod possible;
pub mod rows;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/children/{child_id}/home", Act::SeeContacts, pages::home)
        .post(
            "/children/{child_id}/home/parent",
            Act::EditDossier,
            pages::parent,
        )
        .post(
            "/children/{child_id}/home/stay",
            Act::EditDossier,
            pages::stay,
        )
        .post(
            "/children/{child_id}/home/living",
            Act::EditDossier,
            pages::living,
        )
        .post(
            "/children/{child_id}/home/marks",
            Act::EditDossier,
            pages::marks,
        )
        .post(
            "/children/{child_id}/home/counselling",
            Act::ReadCounselling,
            pages::counselling,
        )
        .get(
            "/children/{child_id}/determinations",
            Act::SeeContacts,
            determined::determinations,
        )
        .post(
            "/children/{child_id}/home/drop",
            Act::EditDossier,
            pages::drop_line,
        )
        .get("/census", Act::EditDossier, census::census)
        .post("/census", Act::EditDossier, census::screen)
        .post("/census/determine", Act::ImportRoster, census::determine)
}
