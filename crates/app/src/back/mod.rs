//! What the print centre gave out as Excel or Word and comes back: what each line would change is
//! shown first, then all good lines go in together.

mod cells;
mod commit;
mod elsewhere;
mod lines;
pub mod pages;
mod records;
mod word;

use crate::App;
use crate::dossier::FormName;
use crate::packs::FormKind;
use crate::roster::pages::Upload;
use crate::web::guard::Door;
use crate::web::{Form, Id, Viewer};
use axum::extract::State;
use rules::access::Act;

/// Files, registers and records each come back behind their own right.
pub fn staff(door: Door) -> Door {
    let door = doors(
        door,
        (FormKind::Dossier, Act::EditDossier),
        ("/dossiers/{form}/back", "/dossiers/{form}/back/commit"),
    );
    let door = doors(
        door,
        (FormKind::Register, Act::WriteRegisters),
        ("/registers/{form}/back", "/registers/{form}/back/commit"),
    );
    doors(
        door,
        (FormKind::Record, Act::WriteRecord),
        (
            "/print/records/{form}/back",
            "/print/records/{form}/back/commit",
        ),
    )
}

/// Under which address the forms of a kind come back.
pub fn base(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Dossier => "/dossiers",
        FormKind::Register => "/registers",
        FormKind::Record => "/print/records",
    }
}

fn doors(
    door: Door,
    (kind, act): (FormKind, Act),
    (start, commit): (&'static str, &'static str),
) -> Door {
    door.get(
        start,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    Form(fields): Form| {
            pages::start(&app, &viewer, (kind, &name), &fields).await
        },
    )
    .upload(
        start,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    upload: Upload| {
            pages::upload(&app, &viewer, (kind, &name), upload).await
        },
    )
    .post(
        commit,
        act,
        async move |State(app): State<App>,
                    viewer: Viewer,
                    Id(FormName(name)): Id<FormName>,
                    Form(fields): Form| {
            pages::commit(&app, &viewer, (kind, &name), &fields).await
        },
    )
}
