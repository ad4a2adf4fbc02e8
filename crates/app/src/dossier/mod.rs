//! 一生一档: the forms of a child's file, what they lack, and how they changed.

pub mod begun;
pub mod consents;
pub mod files;
mod gaps;
pub mod known;
pub mod offers;
pub mod pages;
pub mod picture;
pub mod save;
pub mod sight;
pub mod store;
pub mod versions;
pub mod whole;

use crate::web::guard::Door;
use rules::access::Act;

/// The name of a form in a path.
pub struct FormName(pub String);

/// Names of forms are plain letters; anything else is no page.
pub struct NoSuchName;

impl std::str::FromStr for FormName {
    type Err = NoSuchName;

    fn from_str(text: &str) -> Result<Self, NoSuchName> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !text.is_empty() && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NoSuchName)
        }
    }
}

pub fn staff(door: Door) -> Door {
    door.get(
        "/children/{child_id}/dossier",
        Act::OpenDossier,
        pages::file,
    )
    .get(
        "/children/{child_id}/dossier/{form}",
        Act::OpenDossier,
        pages::form,
    )
    .post(
        "/children/{child_id}/dossier/{form}",
        Act::WriteDossier,
        pages::save,
    )
    .post(
        "/children/{child_id}/dossier/{form}/withdraw",
        Act::WriteDossier,
        pages::withdraw,
    )
    .get("/children/{child_id}/files", Act::ReadIdentity, files::list)
    .upload("/children/{child_id}/files", Act::EditDossier, files::add)
    .get(
        "/children/{child_id}/files/{file_id}",
        Act::ReadIdentity,
        files::one,
    )
    .post(
        "/children/{child_id}/files/withdraw",
        Act::EditDossier,
        files::withdraw,
    )
    .get("/dossiers", Act::ReadIdentity, whole::whole)
}
