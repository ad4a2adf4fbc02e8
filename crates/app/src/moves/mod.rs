//! 变动: to another class, to another school, back again, graduation. Nobody is lost: a place ends
//! with a day and another begins.

pub mod classes;
pub mod pages;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/children/{child_id}/move", Act::ImportRoster, pages::one)
        .post(
            "/children/{child_id}/move/class",
            Act::ImportRoster,
            pages::class,
        )
        .post(
            "/children/{child_id}/move/leave",
            Act::ImportRoster,
            pages::leave,
        )
        .post(
            "/children/{child_id}/move/back",
            Act::ImportRoster,
            pages::back,
        )
        .get(
            "/office/classes/{class_id}/move",
            Act::ImportRoster,
            classes::form,
        )
        .post(
            "/office/classes/{class_id}/move",
            Act::ImportRoster,
            classes::change,
        )
        .get("/office/left", Act::ImportRoster, pages::left)
        .get("/office/graduation", Act::ImportRoster, pages::graduation)
        .post("/office/graduation", Act::ImportRoster, pages::graduate)
}
