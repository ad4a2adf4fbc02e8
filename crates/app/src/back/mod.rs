//! What the print centre gave out as Excel or Word and comes back: what each line would change is
//! shown first, then all good lines go in together.

mod cells;
mod commit;
mod elsewhere;
mod lines;
mod meanwhile;
pub mod pages;
mod records;
mod undo;
mod word;

use crate::App;
use crate::dossier::FormName;
use crate::packs::FormKind;
use crate::roster::pages::Upload;
use crate::web::guard::Door;
use crate::web::{Form, Id, Viewer};
use axum::extract::State;
use rules::access::Act;

/// Where the forms of a kind come back.
struct Addresses {
    start: &'static str,
    commit: &'static str,
    undo: &'static str,
    mend: &'static str,
}

const FILES: Addresses = Addresses {
    start: "/dossiers/{form}/back",
    commit: "/dossiers/{form}/back/commit",
    undo: "/dossiers/{form}/back/undo",
    mend: "/dossiers/{form}/back/mend.xlsx",
};

const REGISTERS: Addresses = Addresses {
    start: "/registers/{form}/back",
    commit: "/registers/{form}/back/commit",
    undo: "/registers/{form}/back/undo",
    mend: "/registers/{form}/back/mend.xlsx",
};

const RECORDS: Addresses = Addresses {
    start: "/print/records/{form}/back",
    commit: "/print/records/{form}/back/commit",
    undo: "/print/records/{form}/back/undo",
    mend: "/print/records/{form}/back/mend.xlsx",
};

/// Files, registers and records each come back behind their own right.
pub fn staff(door: Door) -> Door {
    let door = doors(door, (FormKind::Dossier, Act::EditDossier), &FILES);
    let door = doors(door, (FormKind::Register, Act::WriteRegisters), &REGISTERS);
    doors(door, (FormKind::Record, Act::WriteRecord), &RECORDS)
}

/// Under which address the forms of a kind come back.
pub fn base(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Dossier => "/dossiers",
        FormKind::Register => "/registers",
        FormKind::Record => "/print/records",
    }
}

fn doors(door: Door, (kind, act): (FormKind, Act), at: &'static Addresses) -> Door {
    door.get(
        at.start,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    Form(fields): Form| {
            pages::start(&app, &viewer, (kind, &name), &fields).await
        },
    )
    .upload(
        at.start,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    upload: Upload| {
            pages::upload(&app, &viewer, (kind, &name), upload).await
        },
    )
    .post(
        at.commit,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    Form(fields): Form| {
            pages::commit(&app, &viewer, (kind, &name), &fields).await
        },
    )
    .post(
        at.undo,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    Form(fields): Form| {
            pages::undo(&app, &viewer, (kind, &name), &fields).await
        },
    )
    .get(
        at.mend,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    Form(fields): Form| {
            pages::mend(&app, &viewer, &name, &fields).await
        },
    )
}
