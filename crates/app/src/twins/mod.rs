//! 像是同一个孩子: two files side by side, merged field by field, and taken back if it was wrong.

mod differ;
mod forms;
mod histories;
mod pages;
mod people;
mod residence;
mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/office/twins", Act::ImportRoster, pages::list)
        .get(
            "/office/twins/{child_id}/{other_id}",
            Act::ImportRoster,
            pages::pair,
        )
        .post(
            "/office/twins/{child_id}/{other_id}",
            Act::ImportRoster,
            pages::merge,
        )
        .post(
            "/office/twins/{child_id}/{other_id}/apart",
            Act::ImportRoster,
            pages::apart,
        )
        .post("/office/twins/undo", Act::ImportRoster, pages::undo)
}
