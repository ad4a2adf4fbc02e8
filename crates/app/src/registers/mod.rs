//! 登记簿: the running lists of a school that are about no child: the leading group, funds, visitors.

mod back;
pub mod pages;
pub mod store;

use crate::packs::{Form, FormKind, Tier};
use crate::web::Viewer;
use crate::web::guard::Door;
use rules::access::Act;

pub fn staff(door: Door) -> Door {
    door.get("/registers", Act::ReadRegisters, pages::list)
        .get("/registers/{form}", Act::ReadRegisters, pages::one)
        .post("/registers/{form}", Act::WriteRegisters, pages::save)
        .get("/registers/{form}/back", Act::WriteRegisters, back::start)
        .upload("/registers/{form}/back", Act::WriteRegisters, back::upload)
        .post(
            "/registers/{form}/back/commit",
            Act::WriteRegisters,
            back::commit,
        )
        .post(
            "/registers/{form}/withdraw",
            Act::WriteRegisters,
            pages::withdraw,
        )
}

/// The form as this viewer may read it; `None`: it is no register, is made by itself from the
/// roster, or is not this viewer's.
pub fn seen(viewer: &Viewer, form: &Form) -> Option<Form> {
    let reads = |tier: Tier| match tier {
        Tier::C0 | Tier::C1 | Tier::C2 => viewer.ever(Act::ReadRegisters),
        Tier::C3 => viewer.ever(Act::ReadRegisters) && viewer.ever(Act::ReadHealth),
        Tier::C4 => viewer.ever(Act::ReadRegisters) && viewer.ever(Act::ReadCounselling),
        Tier::C5 => viewer.ever(Act::ReadRegisters) && viewer.ever(Act::ReadProtection),
    };
    if form.kind != FormKind::Register || form.only_counted || !reads(form.tier) {
        return None;
    }
    let mut form = form.clone();
    form.fields.retain(|field| reads(field.tier));
    Some(form)
}
