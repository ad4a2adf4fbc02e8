//! 结对: which grown-up is there for which child, from when until when.

pub mod pages;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/children/{child_id}/pairing", Act::Pair, pages::one)
        .post("/children/{child_id}/pairing", Act::Pair, pages::add)
        .post("/children/{child_id}/pairing/end", Act::Pair, pages::end)
}
