//! A record in few words.

use super::forms::words;
use super::store::Record;
use crate::adoptions::store::InForce;
use crate::packs::FieldKind;

/// A record in few words, and the sentence that was written.
pub fn said(in_force: &InForce, record: &Record) -> (String, Option<String>) {
    let mut parts: Vec<String> = Vec::new();
    let mut note = None;
    if let Some(form) = in_force.form(&record.kind) {
        for field in &form.fields {
            let Some(value) = record.filled.get(&field.id) else {
                continue;
            };
            match field.kind {
                FieldKind::Choice | FieldKind::Choices => {
                    let chosen = words(value);
                    let is_default = field.default.as_deref() == chosen.first().map(String::as_str);
                    if is_default && chosen.len() == 1 {
                        continue;
                    }
                    parts.extend(
                        field
                            .options
                            .iter()
                            .filter(|option| chosen.contains(&option.code))
                            .map(|option| option.title.clone()),
                    );
                }
                FieldKind::LongText => note = value.as_str().map(ToOwned::to_owned),
                FieldKind::Number => parts.push(counted(&field.title, value)),
                FieldKind::Text | FieldKind::Date | FieldKind::Person => {
                    parts.extend(value.as_str().map(ToOwned::to_owned));
                }
                FieldKind::YesNo | FieldKind::Phone | FieldKind::Address => {}
            }
        }
        if parts.is_empty() {
            parts.push(form.title.clone());
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
