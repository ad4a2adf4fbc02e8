//! What a teacher filled in → a record worth keeping, by the form of its pack.

use crate::ids::{ChildId, KinId, OperationId};
use crate::packs::{Answering, Field, FieldKind, Form, NO, RequiredWhen, YES};
use crate::regions::address;
use crate::web::{Errors, Fields};
use jiff::civil::Date;
use rules::answering::{Fault, faults};
use rules::calendar::has_come;
use rules::calendar::plus_days;
use rules::duties::Party;
use rules::identity::{CitizenId, Phone};
use serde_json::{Map, Number, Value};

pub type Filled = Map<String, Value>;

#[derive(Clone, Debug)]
pub struct NewRecord {
    pub operation: OperationId,
    pub kind: String,
    pub party: Party,
    pub kin_id: Option<KinId>,
    pub happened_on: Date,
    pub filled: Filled,
    pub counts_as: Vec<String>,
    /// Brothers and sisters, or others who were there too.
    pub others: Vec<ChildId>,
    /// 想让心理老师知道什么; only where the counsellor is asked to look.
    pub referral: Option<String>,
}

/// The choice of a form that asks the counsellor to look.
pub const REFERS: (&str, &str) = ("next", "counsellor");

/// Among the filled fields: what was said is for the counsellor alone.
pub const ONLY_COUNSELLOR: &str = "only_counsellor";

/// What stands beside the fields of the form, where the counsellor is asked to look.
pub const BESIDE: [&str; 2] = [ONLY_COUNSELLOR, "refer_why"];

pub fn refers(filled: &Filled) -> bool {
    filled.get(REFERS.0).and_then(Value::as_str) == Some(REFERS.1)
}

impl NewRecord {
    /// The same text for the same request, however often it is sent.
    pub fn payload(&self, child_id: &ChildId) -> String {
        let others: Vec<&str> = self.others.iter().map(ChildId::as_str).collect();
        format!(
            "{} {} {} {:?} {} {} {} {:?}",
            self.kind,
            child_id,
            self.happened_on,
            self.kin_id,
            self.party.code(),
            others.join(","),
            Value::Object(self.filled.clone()),
            self.referral,
        )
    }
}

/// A text of more is a mistake of the clipboard.
pub const LONGEST: usize = 2_000;

/// Whether an entry that says this is not whole without the field.
pub fn is_needed(field: &Field, said: &Filled) -> bool {
    let chosen = |when: &RequiredWhen| {
        let own = match said.get(&when.field) {
            Some(Value::Bool(true)) => vec![YES.to_owned()],
            Some(Value::Bool(false)) => vec![NO.to_owned()],
            Some(value) => words(value),
            None => Vec::new(),
        };
        when.any.iter().any(|code| own.contains(code))
    };
    field.required || field.required_when.as_ref().is_some_and(chosen)
}

/// What is filled in by somebody, and not taken from what is known.
fn typed(form: &Form) -> impl Iterator<Item = &Field> {
    let own = form.fields.iter().filter(|field| field.from.is_none());
    own.filter(|field| field.kind != FieldKind::Signature)
}

/// Fields that an entry which says this still needs.
pub fn lacking<'a>(form: &'a Form, said: &'a Filled) -> impl Iterator<Item = &'a Field> {
    typed(form).filter(|field| is_needed(field, said) && !said.contains_key(&field.id))
}

/// What the fields of a form say; every error stands at its field. What is known already is not
/// taken from a page. A form of which there is one takes as much as is known: what it lacks keeps
/// the file open instead.
pub fn filled(form: &Form, fields: &Fields, errors: &mut Errors) -> Filled {
    let said: Filled = typed(form)
        .filter_map(|field| Some((field.id.clone(), value(field, fields, errors)?)))
        .collect();
    days_in_order(form, &said, errors);
    if form.is_single() {
        return said;
    }
    for field in lacking(form, &said) {
        if errors.at(&field.id).is_none() {
            missing(field, errors);
        }
    }
    said
}

/// What is written down of a change, where the family said that there is none.
fn said_in_vain<'a>(form: &'a Form, said: &'a Filled) -> impl Iterator<Item = &'a Field> {
    let asked = form.confirming.as_deref();
    let nothing = asked.is_some_and(|id| said.get(id) == Some(&Value::Bool(false)));
    let of_it = move |field: &&Field| {
        let when = field.required_when.as_ref();
        nothing && when.is_some_and(|when| Some(when.field.as_str()) == asked)
    };
    form.fields
        .iter()
        .filter(of_it)
        .filter(|field| said.contains_key(&field.id))
}

fn day_said(said: &Filled, id: &str) -> Option<Date> {
    said.get(id)?.as_str()?.parse().ok()
}

/// Whether the second of two days is before the first, as far as both are known: 2015 is not before
/// 2015-03.
fn is_turned_round((first, second): (&str, &str)) -> bool {
    let known = first.len().min(second.len());
    second.get(..known) < first.get(..known)
}

/// A day that cannot be before another one of its form.
fn days_in_order(form: &Form, said: &Filled, errors: &mut Errors) {
    for field in &form.fields {
        let first = field.not_before.as_ref().and_then(|id| form.field(id));
        let text = |id: &str| said.get(id).and_then(Value::as_str);
        let days = |first: &Field| text(&first.id).zip(text(&field.id));
        let Some(first) = first.filter(|first| days(first).is_some_and(is_turned_round)) else {
            continue;
        };
        errors.add(
            &field.id,
            format!("比“{}”还早，看看哪一个写错了。", first.title),
        );
    }
}

/// What cannot be true on this day: what was done on a day that has not come or before the child was
/// born, what a family said in vain, and what `rules::answering` finds in a question and its answer.
pub fn what_cannot_be(
    form: &Form,
    said: &Filled,
    (today, born_on): (Date, Option<Date>),
    errors: &mut Errors,
) {
    const AHEAD: &str = "日子在今天以后，看看是哪一天。";
    let day = |id: &str| day_said(said, id);
    let told = form.day.as_deref().filter(|_| !form.day_ahead);
    if let Some(id) = told.filter(|id| day(id).is_some_and(|on| !has_come(on, today))) {
        errors.add(id, AHEAD);
    }
    let begun = form.day.as_deref().and_then(|id| Some((id, day(id)?)));
    if let Some((id, _)) = begun.filter(|(_, on)| born_on.is_some_and(|born| *on < born)) {
        errors.add(id, "这一天孩子还没有出生，看看年份对不对。");
    }
    for field in said_in_vain(form, said) {
        let why = "说了没有要改的，这里又写了。看看哪一个对。";
        errors.add(&field.id, why);
    }
    let Some(Answering {
        asked, answered, ..
    }) = &form.answering
    else {
        return;
    };
    for fault in faults(day(asked), day(answered), today) {
        match fault {
            Fault::AskedAhead => errors.add(asked, AHEAD),
            Fault::AnsweredAhead => errors.add(answered, AHEAD),
            Fault::AnsweredFirst => {
                let title = form.field(asked).map_or("", |field| &field.title);
                let is_told = form
                    .field(answered)
                    .is_some_and(|it| it.not_before.is_some());
                if !is_told {
                    errors.add(answered, format!("比“{title}”还早，看看哪一个写错了。"));
                }
            }
        }
    }
}

/// What a record that says this counts as.
pub fn counts_as(form: &Form, filled: &Filled) -> Vec<String> {
    let own = form.fields.iter().filter(|field| field.sub_kind);
    let said = own.filter_map(|field| filled.get(&field.id));
    let chosen: Vec<String> = said.flat_map(words).collect();
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    form.counts_as(&chosen)
}

/// Parses by the form's own fields; every error stands at its field.
pub fn parse(form: &Form, fields: &Fields, today: Date) -> Result<NewRecord, Errors> {
    let mut errors = Errors::default();
    let happened_on = happened_on(fields, today, &mut errors);
    let mut filled = filled(form, fields, &mut errors);
    let referral = referral(fields, &mut filled, &mut errors);
    let operation = fields.get("operation").parse().unwrap_or_else(|_| {
        errors.add("operation", "这一页打开太久了，请刷新后再填一次。");
        OperationId::new()
    });
    let party = match fields.opt("party") {
        None => form.party.unwrap_or(Party::Child),
        Some(word) => Party::from_code(word).unwrap_or_else(|| {
            errors.add("with", format!("没有“{word}”这一方。"));
            Party::Child
        }),
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(NewRecord {
        operation,
        kind: form.id.clone(),
        party,
        kin_id: fields.get("kin").parse().ok(),
        happened_on,
        counts_as: counts_as(form, &filled),
        filled,
        others: fields
            .all("also")
            .filter_map(|id| id.parse().ok())
            .collect(),
        referral,
    })
}

/// One line in the counsellor's week.
const LONGEST_WHY: usize = 200;

fn referral(fields: &Fields, filled: &mut Filled, errors: &mut Errors) -> Option<String> {
    if !refers(filled) {
        return None;
    }
    if fields.get(ONLY_COUNSELLOR) == "yes" {
        filled.insert(ONLY_COUNSELLOR.to_owned(), Value::Bool(true));
    }
    let why = fields.opt("refer_why")?;
    if why.chars().count() > LONGEST_WHY {
        errors.add(
            "refer_why",
            format!("想让心理老师知道的，请写在{LONGEST_WHY}个字以内，其他的见面说。"),
        );
    }
    Some(why.to_owned())
}

/// Whether both say the same of a field; what was picked is a set.
pub fn is_same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::Array(_)), Some(Value::Array(_))) => {
            let sorted = |value: Option<&Value>| {
                let mut all = value.map(words).unwrap_or_default();
                all.sort_unstable();
                all
            };
            sorted(one) == sorted(other)
        }
        _ => one == other,
    }
}

/// Whether both say the same in all.
pub fn says_same(one: &Filled, other: &Filled) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .all(|(id, said)| is_same(Some(said), other.get(id)))
}

/// Whether this code was chosen.
pub fn chose(value: &Value, code: &str) -> bool {
    match value {
        Value::String(word) => word == code,
        Value::Array(words) => words.iter().any(|word| word.as_str() == Some(code)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// Whether this code, and no other, was chosen.
pub fn chose_only(value: &Value, code: &str) -> bool {
    let is_one = value.as_array().is_none_or(|words| words.len() == 1);
    is_one && chose(value, code)
}

/// Codes of a filled choice.
pub fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.clone()],
        Value::Array(words) => words
            .iter()
            .filter_map(|word| word.as_str().map(ToOwned::to_owned))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Three school years: what is entered from an old exercise book.
const LONGEST_AGO: i32 = 3 * 366;

fn happened_on(fields: &Fields, today: Date, errors: &mut Errors) -> Date {
    let day = match fields.opt("happened_on") {
        Some(text) => rules::identity::parse_date(text).ok(),
        None => Some(match fields.get("when") {
            "yesterday" => plus_days(today, -1),
            "before" => plus_days(today, -2),
            _ => today,
        }),
    };
    match day {
        Some(day) if day > today => errors.add("happened_on", "日子在今天以后，看看是哪一天。"),
        Some(day) if day < plus_days(today, -LONGEST_AGO) => {
            errors.add("happened_on", "日子在三年以前，看看年份。");
        }
        Some(day) => return day,
        None => errors.add("happened_on", "日子看不懂，写成2025-09-30这样就行。"),
    }
    today
}

fn value(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<Value> {
    match field.kind {
        kind if kind.has_options() => choice(field, fields, errors),
        FieldKind::Text | FieldKind::LongText | FieldKind::Person => {
            text(field, fields.get(&field.id), errors)
        }
        FieldKind::Phone => phone(field, fields.opt(&field.id)?, errors),
        FieldKind::CitizenId => citizen_id(field, fields.opt(&field.id)?, errors),
        FieldKind::Address => text(field, &address(field, fields, errors)?, errors),
        FieldKind::Number => number(field, fields, errors),
        FieldKind::YesNo => yes_no(field, fields, errors),
        FieldKind::Date => day(field, fields, errors),
        FieldKind::ApproxDate => approx_day(field, fields, errors),
        FieldKind::Choice
        | FieldKind::Choices
        | FieldKind::Scale
        | FieldKind::Checklist
        | FieldKind::Photo
        | FieldKind::Scan
        | FieldKind::Children
        | FieldKind::Signature => None,
    }
}

fn yes_no(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<Value> {
    match fields.opt(&field.id)? {
        YES => Some(Value::Bool(true)),
        NO => Some(Value::Bool(false)),
        other => {
            let sentence = format!("{}要写“是”或“不是”，“{other}”看不懂。", field.title);
            errors.add(&field.id, sentence);
            None
        }
    }
}

fn missing(field: &Field, errors: &mut Errors) {
    let sentence = match field.kind {
        kind if kind.has_options() => format!("{}还没选，至少选一个。", field.title),
        _ => format!("{}还没填。", field.title),
    };
    errors.add(&field.id, sentence);
}

fn choice(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<Value> {
    let chosen = fields.all(&field.id).filter(|code| !code.is_empty());
    let chosen: Vec<&str> = chosen.collect();
    let unknown = chosen
        .iter()
        .any(|code| !field.options.iter().any(|option| option.code == *code));
    if unknown {
        errors.add(
            &field.id,
            format!(
                "{}里没有这个选项，请从这些里选：{}。",
                field.title,
                offered(field)
            ),
        );
        return None;
    }
    match field.kind {
        kind if kind.picks_several() && !chosen.is_empty() => {
            // In the form's own order, each once, in whatever order they were named.
            let codes = field.options.iter().map(|option| option.code.as_str());
            let picked: Vec<&str> = codes.filter(|code| chosen.contains(code)).collect();
            Some(Value::from(picked))
        }
        kind if kind.picks_one() => chosen
            .first()
            .copied()
            .or(field.default.as_deref())
            .map(Value::from),
        _ => None,
    }
}

/// The options by name, where they are few.
fn offered(field: &Field) -> String {
    const MOST: usize = 12;
    let titles = field.offered().map(|option| option.title.as_str());
    let titles: Vec<&str> = titles.take(MOST).collect();
    let more = if field.offered().count() > MOST {
        "等"
    } else {
        ""
    };
    titles.join("、") + more
}

fn text(field: &Field, said: &str, errors: &mut Errors) -> Option<Value> {
    if said.is_empty() {
        return None;
    }
    let length = said.chars().count();
    if length > LONGEST {
        errors.add(
            &field.id,
            format!(
                "{}有{length}个字，最多{LONGEST}个，分成两条记也可以。",
                field.title
            ),
        );
        return None;
    }
    Some(Value::from(said))
}

fn phone(field: &Field, said: &str, errors: &mut Errors) -> Option<Value> {
    match Phone::parse(said) {
        Ok(phone) => Some(Value::from(phone.as_str())),
        Err(fault) => {
            let whose = field
                .title
                .trim_end_matches("的电话")
                .trim_end_matches("电话");
            let sentence = crate::roster::sentences::phone(whose, &fault);
            errors.add(&field.id, sentence);
            None
        }
    }
}

fn citizen_id(field: &Field, said: &str, errors: &mut Errors) -> Option<Value> {
    match CitizenId::parse(said) {
        Ok(id) => Some(Value::from(id.as_str())),
        Err(fault) => {
            errors.add(&field.id, crate::roster::sentences::citizen_id(&fault));
            None
        }
    }
}

fn number(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<Value> {
    let said = rules::identity::text::half_width(fields.opt(&field.id)?).replace(',', "");
    let plain = said.strip_prefix('¥').unwrap_or(&said).trim();
    let number = counted(plain);
    let is_long = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_digit());
    let sentence = match (number, field.at_most) {
        (None, Some(most)) if is_long => too_much(field, most),
        (Some(_), Some(most)) if is_over(plain, most) => too_much(field, most),
        (Some(number), _) => return Some(Value::Number(number)),
        (None, _) => format!("{}要填0以上的数字，例如12，也可以带小数。", field.title),
    };
    errors.add(&field.id, sentence);
    None
}

fn too_much(field: &Field, most: i64) -> String {
    let unit = field.unit.as_deref().unwrap_or_default();
    format!("{}最多填{most}{unit}，看看是不是打错了。", field.title)
}

/// 100.5 is over 100.
fn is_over(plain: &str, most: i64) -> bool {
    let (whole, places) = plain.split_once('.').unwrap_or((plain, "0"));
    let has_rest = places.bytes().any(|b| b != b'0');
    whole
        .parse()
        .is_ok_and(|whole: i64| whole > most || (whole == most && has_rest))
}

/// Money of a fund, centimetres, marks: as many places as are written, up to three.
fn counted(text: &str) -> Option<Number> {
    const MOST: f64 = 1e8;
    const MOST_PLACES: usize = 3;
    let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(places) || places.len() > MOST_PLACES {
        return None;
    }
    if places.bytes().all(|b| b == b'0') {
        let number: i64 = whole.parse().ok()?;
        return Some(Number::from(number)).filter(|_| whole.len() <= 8);
    }
    Number::from_f64(text.parse().ok().filter(|number| *number < MOST)?)
}

/// 2015-03-12, 2015-03 or 2015: as much of a day as is known.
fn approx_day(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<Value> {
    let said = rules::identity::text::half_width(fields.opt(&field.id)?);
    if let Ok(day) = rules::identity::parse_date(&said) {
        return Some(Value::from(day.to_string()));
    }
    let plain = said
        .trim_end_matches(['月', '年'])
        .replace(['年', '.', '/'], "-");
    let (year, month) = plain.split_once('-').unwrap_or((&plain, ""));
    let is_year = year
        .parse::<i16>()
        .is_ok_and(|year| (1900..=2100).contains(&year));
    let month = month.trim_start_matches('0');
    match month.parse::<i8>() {
        Ok(month) if is_year && (1..=12).contains(&month) => {
            Some(Value::from(format!("{year}-{month:02}")))
        }
        Err(_) if is_year && month.is_empty() => Some(Value::from(year)),
        _ => {
            errors.add(
                &field.id,
                format!(
                    "{}看不懂，写成2015-03-12、2015年3月或2015年都行。",
                    field.title
                ),
            );
            None
        }
    }
}

fn day(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<Value> {
    let said = fields.opt(&field.id)?;
    match rules::identity::parse_date(said) {
        Ok(day) => Some(Value::from(day.to_string())),
        Err(_) => {
            errors.add(
                &field.id,
                format!("{}看不懂，写成2025-09-30这样就行。", field.title),
            );
            None
        }
    }
}

/// A word as it is; anything else as it is written, which then is no word of the form.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// A program's JSON, field by field, as the form would have sent it.
pub fn from_json(filled: &Filled, into: &mut Fields) {
    for (name, value) in filled {
        match value {
            Value::Array(many) => {
                let mut given: Vec<String> = many.iter().map(plain).collect();
                given.dedup();
                for one in given {
                    into.push(name, &one);
                }
            }
            Value::String(text) => into.push(name, text),
            Value::Bool(yes) => into.push(name, if *yes { "yes" } else { "no" }),
            Value::Number(number) => into.push(name, &number.to_string()),
            Value::Object(_) => into.push(name, &value.to_string()),
            Value::Null => {}
        }
    }
}
