//! 谁好久没联系了: children × kinds, the longest wait first.

pub mod pages;
pub mod weeks;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/gaps", Act::SeeGaps, pages::gaps)
        .get("/gaps/weeks", Act::SeeGaps, weeks::weeks)
        .get("/calls", Act::SeeContacts, pages::calls)
}
