//! What came in about a child's home → facts worth keeping.

use crate::web::{Errors, Fields};
use jiff::civil::Date;
use rules::coded;
use rules::history::Parent;
use rules::identity::parse_date;

/// What a child calls this parent.
pub fn parent_word(parent: Parent) -> &'static str {
    match parent {
        Parent::Father => "爸爸",
        Parent::Mother => "妈妈",
    }
}

coded! {
    /// Where a parent is, or why it cannot look after the child.
    Whereabouts {
        Home = "home", Away = "away", Incapable = "incapable", Dead = "dead",
        Missing = "missing", Imprisoned = "imprisoned",
    }
}

impl Whereabouts {
    pub fn word(self) -> &'static str {
        match self {
            Self::Home => "在家",
            Self::Away => "在外面",
            Self::Incapable => "在家，病重或不便，照看不了",
            Self::Dead => "不在了",
            Self::Missing => "还没联系上",
            Self::Imprisoned => "在服刑",
        }
    }
}

/// How far, as the definitions ask.
pub const REACHES: [(&str, &str); 3] = [
    ("within_township", "本乡镇"),
    ("within_county", "本县别的乡镇"),
    ("beyond_county", "县外"),
];

pub const REASONS: [(&str, &str); 3] = [("work", "做工"), ("study", "学习"), ("other", "别的")];

/// The words of the fact `lives_with`.
pub const LIVINGS: [(&str, &str); 7] = [
    ("parent", "爸妈"),
    ("grandparent", "爷爷奶奶或外公外婆"),
    ("relative", "亲戚"),
    ("friend", "朋友或邻居"),
    ("sibling", "哥哥姐姐"),
    ("other", "别的人"),
    ("alone", "自己一个人"),
];

/// What plans ask about and only a person can know.
pub const MARKS: [(&str, &str); 4] = [
    ("study_help", "功课上要帮一帮"),
    ("priority", "要多陪陪"),
    ("plan_needed", "要给孩子写一份支持方案"),
    ("individual_plan", "支持方案写好了，正在做"),
];

/// What the counsellor alone decides: 要心理老师陪.
pub const COUNSELLING: &str = "counselling_needed";

pub fn word_of(list: &[(&'static str, &'static str)], code: &str) -> &'static str {
    list.iter()
        .find(|(one, _)| *one == code)
        .map_or("", |(_, word)| word)
}

fn one_of(list: &[(&str, &str)], code: &str) -> Option<String> {
    list.iter()
        .any(|(one, _)| *one == code)
        .then(|| code.to_owned())
}

/// What was told about one parent.
#[derive(Clone, Debug)]
pub struct ParentTold {
    pub parent: Parent,
    pub now: Whereabouts,
    /// Since when; not known is not today.
    pub since: Option<Date>,
    pub place: Option<String>,
    pub reach: Option<String>,
    pub reason: String,
}

fn past_day(fields: &Fields, name: &str, today: Date, errors: &mut Errors) -> Option<Date> {
    match fields.opt(name).map(parse_date) {
        None => None,
        Some(Ok(day)) if day <= today => Some(day),
        Some(Ok(_)) => {
            errors.add(name, "日子在今天以后，看看是哪一天。");
            None
        }
        Some(Err(_)) => {
            errors.add(name, "日子看不懂，写成2025-02-16这样就行。");
            None
        }
    }
}

/// So many letters name a town and an employer.
const MOST_OF_A_PLACE: usize = 60;

pub fn parent(fields: &Fields, today: Date) -> Result<ParentTold, Errors> {
    let mut errors = Errors::default();
    let since = past_day(fields, "day", today, &mut errors);
    let parent = Parent::from_code(fields.get("parent"));
    let now = Whereabouts::from_code(fields.get("now"));
    if parent.is_none() {
        errors.add("parent", "是爸爸还是妈妈，选一个。");
    }
    if now.is_none() {
        errors.add("now", "现在在哪里还没选。");
    }
    let place = fields.opt("place").map(ToOwned::to_owned);
    if place
        .as_deref()
        .is_some_and(|place| place.chars().count() > MOST_OF_A_PLACE)
    {
        errors.add(
            "place",
            "在哪里写得太长，60个字以内：写到市、县和单位就够了。",
        );
    }
    match (parent, now) {
        (Some(parent), Some(now)) if errors.is_empty() => Ok(ParentTold {
            parent,
            now,
            since,
            place,
            reach: one_of(&REACHES, fields.get("reach")),
            reason: one_of(&REASONS, fields.get("reason")).unwrap_or_else(|| "work".to_owned()),
        }),
        _ => Err(errors),
    }
}

/// A visit home, both days included; `to` is open while the parent is still there.
pub struct StayTold {
    pub parent: Parent,
    pub from: Date,
    pub to: Option<Date>,
}

pub fn stay(fields: &Fields, today: Date) -> Result<StayTold, Errors> {
    let mut errors = Errors::default();
    let from = past_day(fields, "from", today, &mut errors);
    let to = past_day(fields, "to", today, &mut errors);
    let parent = Parent::from_code(fields.get("parent"));
    if errors.is_empty() && from.is_none() {
        errors.add("from", "哪天回来的还没填。");
    }
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        errors.add("to", "走的日子比回来的还早，看看是不是填反了。");
    }
    match (parent, from) {
        (Some(parent), Some(from)) if errors.is_empty() => Ok(StayTold { parent, from, to }),
        _ => Err(errors),
    }
}

pub struct LivingTold {
    pub kind: String,
    pub since: Option<Date>,
    /// The line that lasts says so already, since a later day.
    pub began_earlier: bool,
}

pub fn living(fields: &Fields, today: Date) -> Result<LivingTold, Errors> {
    let mut errors = Errors::default();
    let since = past_day(fields, "day", today, &mut errors);
    let kind = one_of(&LIVINGS, fields.get("kind"));
    if kind.is_none() {
        errors.add("kind", "和谁一起住还没选。");
    }
    match kind {
        Some(kind) if errors.is_empty() => Ok(LivingTold {
            kind,
            since,
            began_earlier: false,
        }),
        _ => Err(errors),
    }
}
