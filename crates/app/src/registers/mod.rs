//! 登记簿: the running lists of a school that are about no child: the leading group, funds, visitors.

pub mod pages;
pub mod store;

use crate::packs::{Form, FormKind, Tier};
use crate::paper::register::is_roster;
use crate::web::Viewer;
use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/registers", Act::OpenRegisters, pages::list)
        .get("/registers/{form}", Act::OpenRegisters, pages::one)
        .post("/registers/{form}", Act::WriteRegisters, pages::save)
        .post(
            "/registers/{form}/withdraw",
            Act::WriteRegisters,
            pages::withdraw,
        )
}

/// Whether the viewer reads what a register guards so well.
pub fn reads(viewer: &Viewer, tier: Tier) -> bool {
    let acts: &[Act] = match tier {
        Tier::C0 | Tier::C1 | Tier::C2 => &[Act::ReadRegisters],
        Tier::C3 => &[Act::ReadRegisters, Act::ReadHealth],
        Tier::C4 => &[Act::OpenRegisters, Act::ReadCounselling],
        Tier::C5 => &[Act::ReadRegisters, Act::ReadProtection],
    };
    acts.iter().all(|act| viewer.ever(*act))
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
