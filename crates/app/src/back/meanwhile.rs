//! What was changed between the day a sheet was taken out and the day it comes back: only what the
//! sheet changes itself is put in, and where both changed the same thing somebody decides.

use crate::dossier::store::EntryRow;
use crate::packs::Form;
use crate::records::forms::{Filled, is_same};
use crate::records::said::value_of;
use crate::web::{Errors, words};
use rules::again::{Back, back};

/// What an entry said when the sheet was taken out.
pub struct Out(Filled);

impl Out {
    /// `None`: that version is not known, and the sheet stands as it is.
    pub fn of(earlier: &[EntryRow], version: Option<i64>) -> Option<Self> {
        let mut own = earlier.iter();
        let found = own.find(|one| Some(one.version) == version)?;
        Some(Self(found.filled.clone()))
    }

    pub fn saying(filled: Filled) -> Self {
        Self(filled)
    }
}

/// Puts what is known by now where the sheet changed nothing; where both did, a sentence.
pub fn settled(
    form: &Form,
    (out, (by, now)): (&Out, (&str, &Filled)),
    sheet: &mut Filled,
    errors: &mut Errors,
) {
    for field in form.fields.iter().filter(|field| field.from.is_none()) {
        let id = field.id.as_str();
        match back((out.0.get(id), now.get(id), sheet.get(id)), is_same) {
            Back::Sheet => {}
            Back::Now => match now.get(id) {
                Some(value) => {
                    sheet.insert(id.to_owned(), value.clone());
                }
                None => {
                    sheet.remove(id);
                }
            },
            Back::Both => {
                let said = now.get(id).map(|value| value_of(field, value));
                let said = said.unwrap_or_else(|| "空着".to_owned());
                let by = words::teacher(by);
                let title = &field.title;
                errors.add(
                    id,
                    format!(
                        "您下载这张表以后，{by}把“{title}”改成了“{said}”。按哪个，请重新下载再改。"
                    ),
                );
            }
        }
    }
}
