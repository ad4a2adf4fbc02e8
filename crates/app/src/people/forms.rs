//! What came in about a colleague.

use crate::web::{Errors, Fields};
use jiff::civil::Date;
use rules::access::Role;
use rules::identity::{PersonName, parse_date};

pub struct NewColleague {
    pub name: String,
    pub username: String,
    pub wanted: Wanted,
}

/// A role that is asked for, with the class where the role needs one.
pub struct Wanted {
    pub role: Role,
    pub class_id: Option<String>,
    pub span: Span,
}

/// From which day to which a role is given: from today on, where nothing is said.
#[derive(Clone, Copy, Default)]
pub struct Span {
    pub from: Option<Date>,
    pub to: Option<Date>,
}

fn span(fields: &Fields, today: Date, errors: &mut Errors) -> Span {
    let mut day = |name: &'static str| match fields.opt(name).map(parse_date) {
        Some(Ok(day)) => Some(day),
        Some(Err(_)) => {
            errors.add(name, "日子看不懂，写成2025-02-16这样就行。");
            None
        }
        None => None,
    };
    let span = Span {
        from: day("from"),
        to: day("to_day"),
    };
    if span
        .to
        .is_some_and(|to| to < span.from.unwrap_or(today).max(today))
    {
        errors.add(
            "to_day",
            "到这一天已经过了，或比开始的日子还早，看看是哪一天。",
        );
    }
    span
}

const SHORTEST: usize = 3;
const LONGEST: usize = 32;

/// Letters and digits that every keyboard has: it is typed on cheap phones.
pub fn username(text: &str) -> Result<String, &'static str> {
    let text = rules::identity::text::half_width(text).to_lowercase();
    let fits = (SHORTEST..=LONGEST).contains(&text.len())
        && text
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || matches!(one, '_' | '.' | '-'));
    if fits {
        Ok(text)
    } else {
        Err("账号用3到32个小写字母或数字，比如wangjianhua。")
    }
}

pub fn needs_class(role: Role) -> bool {
    matches!(role, Role::HomeroomTeacher | Role::SubjectTeacher)
}

pub fn wanted(fields: &Fields, today: Date, errors: &mut Errors) -> Option<Wanted> {
    let role =
        Role::from_code(fields.get("role")).filter(|role| super::pages::GIVEN.contains(role));
    let Some(role) = role else {
        errors.add("role", "担任什么还没选。");
        return None;
    };
    let class_id = fields.opt("class").map(ToOwned::to_owned);
    if needs_class(role) && class_id.is_none() {
        errors.add("class", "班主任和任课教师要选一个班。");
        return None;
    }
    let span = span(fields, today, errors);
    errors.is_empty().then(|| Wanted {
        role,
        class_id: class_id.filter(|_| needs_class(role)),
        span,
    })
}

pub fn new_colleague(fields: &Fields, today: Date) -> Result<NewColleague, Errors> {
    let mut errors = Errors::default();
    let name = PersonName::parse(fields.get("name"));
    if name.is_err() {
        errors.add("name", "姓名写2到50个字，不用空格。");
    }
    let username = username(fields.get("username"));
    if let Err(sentence) = &username {
        errors.add("username", *sentence);
    }
    let wanted = wanted(fields, today, &mut errors);
    match (name, username, wanted) {
        (Ok(name), Ok(username), Some(wanted)) => Ok(NewColleague {
            name: name.as_str().to_owned(),
            username,
            wanted,
        }),
        _ => Err(errors),
    }
}
