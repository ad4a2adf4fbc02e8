//! 变动: to another class, to another school, back again, graduation. Nobody is lost: a place ends
//! with a day and another begins.

pub mod classes;
pub mod pages;
pub mod store;
pub mod year;

use crate::web::guard::Door;
use rules::access::Act;
use rules::coded;

/// The form of the sheet that goes to the next school.
pub const HANDOVER: &str = "handover";

coded! {
    /// Why a child is no longer at the school.
    Why {
        Transfer = "transfer", WithParents = "with_parents", Graduated = "graduated",
        /// Two files of one child became one.
        Merged = "merged",
        Other = "other",
    }
}

impl Why {
    /// Those that somebody chooses.
    pub const CHOSEN: [Self; 3] = [Self::Transfer, Self::WithParents, Self::Other];

    pub fn title(self) -> &'static str {
        match self {
            Self::Transfer => "转到别的学校",
            Self::WithParents => "跟着爸妈走了",
            Self::Graduated => "毕业了",
            Self::Merged => "和另一份合在一起了",
            Self::Other => "别的原因",
        }
    }
}

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
        .get("/office/graduation", Act::ImportRoster, year::year)
        .post("/office/graduation", Act::ImportRoster, year::graduate)
        .post(
            "/office/graduation/reviewed",
            Act::ImportRoster,
            year::review,
        )
}
