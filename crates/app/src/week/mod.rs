//! 本周: which child is waiting for whom.

pub mod api;
pub mod items;
mod looks;
pub mod pages;
mod season;
mod talked;
mod units;
pub mod wording;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/week", Act::SeeWeek, pages::week)
        .get("/api/v1/week", Act::SeeWeek, api::week)
}
