//! 导入名单: from the 学籍 system's own export to children, by way of a preview that decides nothing
//! by itself.

mod again;
pub mod api;
mod arrive;
mod batch;
pub mod before;
pub mod check;
pub mod commit;
mod family;
mod headline;
pub mod heads;
mod home_again;
pub mod mend;
pub mod pages;
mod preview;
mod row;
pub mod sentences;
pub mod store;
pub mod undo;
mod update;
mod year;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/office/import", Act::ImportRoster, pages::start)
        .upload("/office/import", Act::ImportRoster, pages::upload)
        .get("/office/import/one", Act::ImportRoster, arrive::form)
        .post("/office/import/one", Act::ImportRoster, arrive::arrive)
        .get(
            "/office/import/{import_id}",
            Act::ImportRoster,
            pages::preview,
        )
        .get(
            "/office/import/{import_id}/mend.xlsx",
            Act::ImportRoster,
            mend::mend,
        )
        .post(
            "/office/import/{import_id}/commit",
            Act::ImportRoster,
            pages::commit,
        )
        .post(
            "/office/import/{import_id}/columns",
            Act::ImportRoster,
            pages::columns,
        )
        .post(
            "/office/import/{import_id}/year",
            Act::ImportRoster,
            year::year,
        )
        .post(
            "/office/import/{import_id}/undo",
            Act::ImportRoster,
            pages::undo,
        )
        .upload("/api/v1/imports/roster", Act::ImportRoster, api::upload)
        .get("/api/v1/imports/{import_id}", Act::ImportRoster, api::one)
        .post(
            "/api/v1/imports/{import_id}/commit",
            Act::ImportRoster,
            api::commit,
        )
        .post(
            "/api/v1/imports/{import_id}/undo",
            Act::ImportRoster,
            api::undo,
        )
}
