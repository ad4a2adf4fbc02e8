//! 家访: who should be visited, place by place, and the sheet that is taken along.

mod homes;
pub mod pages;
pub mod sheet;
pub mod way;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/visits", Act::SeeContacts, pages::visits)
        .post("/visits/sheet", Act::PrintCards, sheet::sheet)
        .post("/visits/way", Act::PrintCards, way::take)
        .get("/visits/way/{release_id}", Act::PrintCards, way::way)
}
