//! 登记簿: the running lists of a school that are about no child: the leading group, funds, visitors.

pub mod pages;
pub mod store;

use crate::packs::{Form, FormKind, Tier};
use crate::paper::register::is_roster;
use crate::web::Viewer;
use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/registers", Act::ReadRegisters, pages::list)
        .get("/registers/{form}", Act::ReadRegisters, pages::one)
        .post("/registers/{form}", Act::WriteRegisters, pages::save)
        .post(
            "/registers/{form}/withdraw",
            Act::WriteRegisters,
            pages::withdraw,
        )
}

/// Whether the viewer reads what a register guards so well.
pub fn reads(viewer: &Viewer, tier: Tier) -> bool {
    let also = match tier {
        Tier::C0 | Tier::C1 | Tier::C2 => None,
        Tier::C3 => Some(Act::ReadHealth),
        Tier::C4 => Some(Act::ReadCounselling),
        Tier::C5 => Some(Act::ReadProtection),
    };
    viewer.ever(Act::ReadRegisters) && also.is_none_or(|act| viewer.ever(act))
}

/// The form as this viewer may read it; `None`: it is no register, is made by itself from the
/// roster, or is not this viewer's.
pub fn seen(viewer: &Viewer, form: &Form) -> Option<Form> {
    if form.kind != FormKind::Register || is_roster(form) || !reads(viewer, form.tier) {
        return None;
    }
    let mut form = form.clone();
    form.fields.retain(|field| reads(viewer, field.tier));
    Some(form)
}
