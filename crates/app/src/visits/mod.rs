//! 家访: who should be visited, place by place, and the sheet that is taken along.

pub mod pages;
pub mod sheet;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/visits", Act::SeeContacts, pages::visits).post(
        "/visits/sheet",
        Act::PrintCards,
        sheet::sheet,
    )
}
