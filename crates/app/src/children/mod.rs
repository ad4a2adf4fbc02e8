//! 孩子: the list, the search, the child's page, and what is known of a child over time.

pub mod api;
pub mod case;
pub mod change;
pub mod classes;
pub mod own;
pub mod pages;
pub mod roster;
pub mod search;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/children", Act::SeeChild, pages::list)
        .get("/children/{child_id}", Act::SeeChild, pages::one)
        .get("/find", Act::SeeChild, search::find)
        .get("/api/v1/children", Act::SeeChild, api::list)
        .get("/api/v1/children/{child_id}", Act::SeeChild, api::one)
        .get(
            "/api/v1/children/{child_id}/timeline",
            Act::ReadRecords,
            api::timeline,
        )
        .get(
            "/api/v1/children/{child_id}/duties",
            Act::SeeContacts,
            api::duties,
        )
        .get(
            "/api/v1/children/{child_id}/determinations",
            Act::SeeContacts,
            api::determinations,
        )
}
