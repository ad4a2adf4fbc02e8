//! 本校自己的表: forms and fields that a school adds through the web. They are a pack like any
//! other, of this school, so that pages, prints and histories come of them by themselves.

mod edit;
mod pages;
mod text;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/office/forms", Act::AdoptPack, pages::list)
        .post("/office/forms", Act::AdoptPack, pages::add_form)
        .post("/office/forms/field", Act::AdoptPack, pages::add_field)
        .get("/office/forms/{form}", Act::AdoptPack, edit::one)
        .post("/office/forms/{form}", Act::AdoptPack, edit::change)
}
