//! 记录: what a grown-up did for a child. Kinds and fields come from the forms of the packs.

pub mod amend;
pub mod api;
pub mod calls;
pub mod forms;
mod history;
pub mod note;
pub mod pages;
pub mod said;
pub mod save;
pub mod store;
pub mod summary;
pub mod tiers;
pub mod together;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/note", Act::WriteRecord, note::note)
        .get(
            "/children/{child_id}/records/new",
            Act::WriteRecord,
            pages::new,
        )
        .post(
            "/children/{child_id}/records",
            Act::WriteRecord,
            pages::create,
        )
        .get(
            "/classes/{class_id}/records/new",
            Act::WriteRecord,
            together::new,
        )
        .post(
            "/classes/{class_id}/records",
            Act::WriteRecord,
            together::create,
        )
        .get("/children/{child_id}/call", Act::SeeContacts, calls::call)
        .post(
            "/children/{child_id}/kin/{kin_id}/reveal",
            Act::RevealPhone,
            calls::reveal,
        )
        .post(
            "/children/{child_id}/kin/{kin_id}/dead",
            Act::RevealPhone,
            calls::dead,
        )
        .get("/records/{record_id}/edit", Act::WriteRecord, amend::edit)
        .get(
            "/records/{record_id}/earlier",
            Act::ReadRecords,
            history::history,
        )
        .post("/records/{record_id}/edit", Act::WriteRecord, amend::amend)
        .post("/records/{record_id}/undo", Act::WriteRecord, amend::undo)
        .get("/worried", Act::SignedIn, note::worried)
        .post("/api/v1/records", Act::WriteRecord, api::create)
        .get("/api/v1/records/{record_id}", Act::ReadRecords, api::one)
        .patch("/api/v1/records/{record_id}", Act::WriteRecord, api::amend)
}
