//! What families have agreed to, as the file has it.

use super::store::entries;
use crate::adoptions::store::InForce;
use crate::children::store::Child;
use crate::db::Conn;
use crate::packs::{Consenting, Form};
use crate::records::forms::Filled;
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
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

/// The names of those whose family has not agreed to this.
pub async fn not_asked<'a>(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (there, purpose): (&'a [(Child, Key)], Purpose),
) -> Result<Vec<&'a str>> {
    let mut names = Vec::new();
    for (child, key) in there {
        if !agreed(conn, viewer, in_force, (child, key, purpose)).await? {
            names.push(child.name.as_str());
        }
    }
    Ok(names)
}

/// For what a family is asked, in the words of the notice that it is given.
pub fn purposes(in_force: &InForce) -> Vec<(&str, &str)> {
    let asked = in_force.forms.iter().find_map(|form| {
        let consenting = form.consenting.as_ref()?;
        form.field(&consenting.purpose)
    });
    let options = asked.map_or(&[][..], |field| &field.options);
    let said = options
        .iter()
        .map(|one| (one.code.as_str(), one.title.as_str()));
    said.collect()
}

pub fn title(in_force: &InForce, purpose: Purpose) -> &str {
    let known = purposes(in_force).into_iter();
    let own = known.into_iter().find(|(code, _)| *code == purpose.code());
    own.map_or(purpose.code(), |(_, title)| title)
}

/// Why this form is not written about these children yet: a family has to be asked first.
pub async fn in_the_way(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (there, form): (&[(Child, Key)], &Form),
) -> Result<Option<String>> {
    let Some(purpose) = form.needs_consent else {
        return Ok(None);
    };
    let names = not_asked(conn, viewer, in_force, (there, purpose)).await?;
    Ok((!names.is_empty()).then(|| {
        format!(
            "{}家里还没同意“{}”，这张表先不写。问过家里，记在档案的“家长同意”里，再回来写。",
            names.join("、"),
            title(in_force, purpose)
        )
    }))
}

/// The same, where it ends what was begun.
pub async fn asked_first(
    conn: &mut Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (there, form): (&[(Child, Key)], &str),
) -> Result<()> {
    let Some(form) = in_force.form(form) else {
        return Ok(());
    };
    match in_the_way(conn, viewer, in_force, (there, form)).await? {
        Some(sentence) => Err(Failure::Asked(sentence)),
        None => Ok(()),
    }
}
