//! What stands in an entry before anybody has written in it: the day, and what the pack says.

use super::known::{Facts, first_number};
use crate::packs::{Field, FieldKind, Form as PackForm, Known};
use crate::records::forms::{Filled, filled, is_same};
use crate::web::{Errors, Fields};
use jiff::civil::Date;
use serde_json::Value;

/// Words in a pack's defaults, each put in place of something that is known.
const THIS_TERM: &str = "{学期}";
const NEXT_SCHOOL: &str = "{转入学校}";
const FORMER_SCHOOL: &str = "{转出学校}";
const CAME_ON: &str = "{到校日期}";
const CARER: &str = "{照看人}";
const CARER_IS: &str = "{照看人是谁}";
const CARER_PHONE: &str = "{照看人电话}";
const CARER_WORK: &str = "{照看人职业}";
const CARER_HEALTH: &str = "{照看人身体}";
const CARER_AGE: &str = "{照看人年龄}";
const CARER_ADDRESS: &str = "{照看人住址}";

/// What each of those words stands for; of a register, which is about no child, none does.
#[derive(Clone, Debug, Default)]
pub struct Begun(Vec<(&'static str, Option<String>)>, Option<Date>);

/// 63, of 63岁.
fn figures(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

impl Begun {
    /// `term`: 2025—2026学年第一学期; `next_school`: where the child goes.
    pub fn of(facts: &Facts, term: Option<String>, next_school: Option<String>) -> Self {
        let phone = facts.value(Known::CarerPhone);
        let phone = phone.as_deref().and_then(first_number).map(str::to_owned);
        let age = facts.value(Known::CarerAge);
        let (came_from, came_on) = facts.came().unzip();
        let words = vec![
            (CARER, facts.value(Known::CarerName)),
            (CARER_IS, facts.value(Known::CarerKinship)),
            (CARER_PHONE, phone),
            (CARER_WORK, facts.value(Known::CarerOccupation)),
            (CARER_HEALTH, facts.value(Known::CarerHealth)),
            (CARER_AGE, age.map(|age| figures(&age))),
            (CARER_ADDRESS, facts.value(Known::CarerAddress)),
            (FORMER_SCHOOL, came_from),
            (CAME_ON, came_on.map(|day| day.to_string())),
            (THIS_TERM, term),
            (NEXT_SCHOOL, next_school),
        ];
        Self(words, facts.born_on())
    }

    /// When the child was born, where that is known.
    pub fn born_on(&self) -> Option<Date> {
        self.1
    }

    /// What the pack says of a field, with what is known; `None` where it says nothing.
    fn default(&self, field: &Field) -> Option<String> {
        let said = field.default.as_ref().filter(|_| !field.kind.has_options());
        let whole = |said: String, (word, known): &(&str, Option<String>)| {
            said.replace(word, known.as_deref().unwrap_or_default())
        };
        said.map(|said| self.0.iter().fold(said.clone(), whole))
    }

    /// What is known of a field before anybody has said it; what the pack says of every child alike
    /// is left for the hand.
    pub fn known(&self, field: &Field) -> Option<Value> {
        let speaks = |text: &&String| self.0.iter().any(|(word, _)| text.contains(word));
        field.default.as_ref().filter(speaks)?;
        let known = self.default(field).filter(|known| !known.is_empty())?;
        match field.kind {
            FieldKind::Number => known.parse::<i64>().ok().map(Value::from),
            _ => Some(Value::String(known)),
        }
    }

    /// Whether nothing was written beside what was known.
    pub fn is_all(&self, form: &PackForm, said: &Filled) -> bool {
        let mut shown = Fields::default();
        self.show(form, &mut shown);
        let known = filled(form, &shown, &mut Errors::default());
        let is_known = |(id, value)| is_same(known.get(id), Some(value));
        said.iter().all(is_known)
    }

    /// Fills a page that nobody has saved yet.
    pub fn show(&self, form: &PackForm, shown: &mut Fields) {
        for field in &form.fields {
            if let Some(said) = self.default(field) {
                shown.push(&field.id, &said);
            }
        }
    }

    /// The same with the day, which somebody who writes now means.
    pub fn show_today(&self, form: &PackForm, today: Date, shown: &mut Fields) {
        if let Some(day) = &form.day {
            shown.push(day, &today.to_string());
        }
        self.show(form, shown);
    }
}
