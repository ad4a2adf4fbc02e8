//! What one child's file lacks: the same for everybody who reads files.

use super::known::{Facts, reaches};
use super::store::EntryRow;
use crate::packs::{FieldKind, Form, Known};
use crate::records::forms::{Filled, is_needed};
use rules::completeness::{Gaps, Part, gaps};

/// The parts of one form of one child.
pub fn parts(form: &Form, facts: &Facts, is_filled: bool, filled: Option<&Filled>) -> Vec<Part> {
    if form.many || form.retired {
        return Vec::new();
    }
    let part = |field: &str, pack: &str| Part {
        form: form.id.clone(),
        field: field.to_owned(),
        pack: pack.to_owned(),
        known: String::new(),
        required: true,
        reaches: false,
        is_there: false,
    };
    let nothing = Filled::new();
    let asked = form.fields.iter();
    let mut found: Vec<Part> = asked
        .clone()
        .filter(|field| field.kind != FieldKind::Signature)
        .filter(|field| !field.from.is_some_and(|known| facts.is_excused(known)))
        .map(|field| Part {
            known: field.from.map_or("", Known::code).to_owned(),
            required: is_needed(field, filled.unwrap_or(&nothing)),
            reaches: field.from.is_some_and(reaches),
            is_there: match field.from {
                Some(known) => facts.value(known).is_some(),
                None => filled.is_some_and(|filled| filled.contains_key(&field.id)),
            },
            ..part(&field.id, &field.pack)
        })
        .collect();
    // Where nobody has written anything yet, the whole sheet is one thing to do, and not each line.
    let is_open = |one: &Part| one.known.is_empty() && one.required && !one.is_there;
    let is_known = asked.clone().any(|field| field.from.is_some());
    if !is_filled && (!is_known || found.iter().filter(|one| is_open(one)).count() > 1) {
        found.retain(|one| one.is_there || one.reaches || !one.known.is_empty());
        found.push(part("", &form.pack));
    }
    found
}

pub fn of_form<'a>(entries: &'a [EntryRow], form: &Form) -> Vec<&'a EntryRow> {
    entries.iter().filter(|one| one.form == form.id).collect()
}

/// What these forms lack.
pub fn file_gaps(forms: &[Form], facts: &Facts, entries: &[EntryRow]) -> Gaps {
    let all = forms.iter().flat_map(|form| {
        let own = of_form(entries, form);
        let last = own.last().map(|one| &one.filled);
        let is_filled = last.is_some_and(|filled| !filled.is_empty());
        parts(form, facts, is_filled, last)
    });
    gaps(all.collect())
}
