//! A record in few words.

use super::forms::{Filled, chose, chose_only, is_same, words};
use super::store::Record;
use crate::adoptions::store::InForce;
use crate::dossier::known::last_four;
use crate::packs::{Field, FieldKind, Form};
use crate::web::words::known_day;
use crate::web::{CHANGED_MEANWHILE, Errors};
use rules::identity::{CitizenId, Phone};
use serde_json::Value;
use std::borrow::Cow;

/// A record in few words, and the sentence that was written.
pub fn said(in_force: &InForce, record: &Record) -> (String, Option<String>) {
    let mut parts: Vec<Cow<'_, str>> = Vec::new();
    let mut note = None;
    if let Some(form) = in_force.form(&record.kind) {
        for field in &form.fields {
            let Some(value) = record.filled.get(&field.id) else {
                continue;
            };
            match field.kind {
                kind if kind.has_options() => {
                    let usual = field.default.as_deref();
                    if usual.is_some_and(|usual| chose_only(value, usual)) {
                        continue;
                    }
                    let own = field.options.iter();
                    let chosen = own.filter(|option| chose(value, &option.code));
                    parts.extend(chosen.map(|option| Cow::from(option.title.as_str())));
                }
                FieldKind::LongText => note = value.as_str().map(ToOwned::to_owned),
                FieldKind::Number => parts.push(counted(&field.title, value).into()),
                FieldKind::Text
                | FieldKind::CitizenId
                | FieldKind::Date
                | FieldKind::ApproxDate
                | FieldKind::Person => {
                    parts.push(read(field, value).into());
                }
                _ => {}
            }
        }
        if parts.is_empty() {
            parts.push(form.title.as_str().into());
        }
    }
    (parts.join("，"), note)
}

/// 15分钟 where the form asks 多少分钟; otherwise the title before the number.
fn counted(title: &str, value: &serde_json::Value) -> String {
    match title.strip_prefix("多少") {
        Some(unit) => format!("{value}{unit}"),
        None => format!("{title}{value}"),
    }
}

/// What a field says, as it stands on paper and in lists.
pub fn shown(kind: FieldKind, options: &[(String, String)], unit: &str, value: &Value) -> String {
    if kind.has_options() {
        let chosen = words(value);
        let titles = chosen.iter().map(|code| {
            let option = options.iter().find(|(one, _)| one == code);
            let other = match kind {
                FieldKind::Photo | FieldKind::Scan => "放好的一张",
                FieldKind::Children => "一个孩子",
                _ => code.as_str(),
            };
            option.map_or(other, |(_, title)| title.as_str())
        });
        return titles.collect::<Vec<_>>().join("、");
    }
    match value {
        Value::Bool(yes) => if *yes { "是" } else { "不是" }.to_owned(),
        Value::Number(number) => format!("{number}{unit}"),
        Value::String(text) => text.clone(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// The filled fields of a form with their titles, in its order; last those that are no longer asked.
pub fn values(form: &Form, filled: &Filled) -> Vec<(String, String)> {
    values_of(form.fields.iter().chain(&form.gone), filled)
}

/// The same for some of the fields.
pub fn values_of<'f>(
    fields: impl Iterator<Item = &'f Field>,
    filled: &Filled,
) -> Vec<(String, String)> {
    fields
        .filter_map(|field| Some((field.title.clone(), read(field, filled.get(&field.id)?))))
        .collect()
}

/// One filled field as a page says it.
pub fn read(field: &Field, value: &Value) -> String {
    as_read(field.kind, value_of(field, value))
}

/// What a sheet holds, as a page says it: a day in words, a number by its ends.
pub fn as_read(kind: FieldKind, said: String) -> String {
    match kind {
        kind if kind.is_day() => known_day(&said),
        FieldKind::Phone => Phone::parse(&said).map_or(said, |phone| phone.masked()),
        FieldKind::Text | FieldKind::CitizenId if CitizenId::parse(&said).is_ok() => {
            format!("尾号{}", last_four(&said))
        }
        _ => said,
    }
}

/// Where what is saved by now is not what somebody is about to save over it.
pub fn beside(form: &Form, saved: &Filled, typed: &Filled) -> Errors {
    let mut errors = Errors::default();
    errors.add("main", CHANGED_MEANWHILE);
    for field in &form.fields {
        let (there, here) = (saved.get(&field.id), typed.get(&field.id));
        if is_same(there, here) || field.from.is_some() {
            continue;
        }
        let said = there.map(|value| read(field, value)).unwrap_or_default();
        errors.add(&field.id, now_says(&said));
    }
    errors
}

/// What a place of the page holds by now.
pub fn now_says(said: &str) -> String {
    if said.is_empty() {
        "现在这里是空的。".to_owned()
    } else {
        format!("现在存着的是：{said}")
    }
}

/// One filled field as a sheet holds it, which may come back.
pub fn value_of(field: &Field, value: &Value) -> String {
    let options: Vec<(String, String)> = field
        .options
        .iter()
        .map(|one| (one.code.clone(), one.title.clone()))
        .collect();
    shown(
        field.kind,
        &options,
        field.unit.as_deref().unwrap_or_default(),
        value,
    )
}
