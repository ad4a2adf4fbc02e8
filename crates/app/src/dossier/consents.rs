//! What families have agreed to, as the file has it.

use super::store::entries;
use crate::adoptions::store::InForce;
use crate::children::store::Child;
use crate::db::Conn;
use crate::packs::{Consenting, Form};
use crate::records::forms::Filled;
use crate::vault::Key;
use crate::web::{Result, Viewer};
use rules::consent::{Answer, Purpose, Said, stands};

fn said(form: &Form, fields: &Consenting, filled: &Filled, purpose: Purpose) -> Option<Said> {
    let text = |field: &str| filled.get(field)?.as_str();
    if text(&fields.purpose)? != purpose.code() {
        return None;
    }
    Some(Said {
        on: text(form.day.as_ref()?)?.parse().ok()?,
        answer: Answer::from_code(text(&fields.answer)?)?,
    })
}

/// Whether the family's consent to this stands today.
pub async fn agreed(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (child, key, purpose): (&Child, &Key, Purpose),
) -> Result<bool> {
    let mut all = Vec::new();
    for form in &in_force.forms {
        let Some(fields) = &form.consenting else {
            continue;
        };
        let written = entries(conn, viewer, child, key, &form.id).await?;
        let own = written.iter();
        all.extend(own.filter_map(|one| said(form, fields, &one.filled, purpose)));
    }
    Ok(stands(&all, viewer.today()))
}
