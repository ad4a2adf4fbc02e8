//! 资料室: plans that the school follows, 操作记录, and the ways to imports and prints; 汇总.

mod journal;
pub mod packs;
mod pages;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/office", Act::SignedIn, pages::office)
        .get("/office/cards", Act::ImportRoster, pages::held)
        .get("/office/packs", Act::AdoptPack, packs::packs)
        .post("/office/packs", Act::AdoptPack, packs::adopt)
        .get("/office/journal", Act::ReadJournal, journal::journal)
        .get("/overview", Act::SeeCounts, pages::overview)
}
