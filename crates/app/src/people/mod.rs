//! 账号与权限: who works here, in which roles, from when until when; the leading group.

pub mod forms;
pub mod pages;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/office/people", Act::ManageAccounts, pages::list)
        .post("/office/people", Act::ManageAccounts, pages::add)
        .get("/office/people/told", Act::ManageAccounts, pages::told)
        .get("/office/people/{staff_id}", Act::ManageAccounts, pages::one)
        .post(
            "/office/people/{staff_id}/handover",
            Act::ManageAccounts,
            pages::hand_over,
        )
        .post(
            "/office/people/{staff_id}/roles",
            Act::ManageAccounts,
            pages::grant,
        )
        .post(
            "/office/people/{staff_id}/roles/end",
            Act::ManageAccounts,
            pages::end_role,
        )
        .post(
            "/office/people/{staff_id}/password",
            Act::ManageAccounts,
            pages::new_password,
        )
        .post(
            "/office/people/{staff_id}/close",
            Act::ManageAccounts,
            pages::close,
        )
}
