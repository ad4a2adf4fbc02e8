//! 基本情况: a child's name, birth date, numbers, address and boarding, changed by hand, with what
//! they were before.

pub mod forms;
pub mod pages;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get(
        "/children/{child_id}/particulars",
        Act::EditDossier,
        pages::particulars,
    )
    .post(
        "/children/{child_id}/particulars",
        Act::EditDossier,
        pages::change,
    )
}
