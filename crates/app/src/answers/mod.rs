//! 等答复的: what families asked of the file and what other schools owe, until it is answered.

pub mod pages;
mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/office/requests", Act::ReadIdentity, pages::list)
}
