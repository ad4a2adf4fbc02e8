//! What was typed → what a child's own row shall say; and what differs between two states of it.

use super::store::Particulars;
use crate::dossier::known::last_four;
use crate::roster::sentences;
use crate::web::{Errors, Fields, words};
use jiff::civil::Date;
use rules::identity::{CitizenId, NationalStudentNo, PersonName, Sex, parse_date};

/// 有身份证号, 有别的证件, 还没有证件, 不清楚
pub const DOCUMENTS: [(&str, &str); 4] = [
    ("has", "有身份证号"),
    ("other", "有别的证件"),
    ("none", "还没有证件"),
    ("unknown", "不清楚"),
];

/// Where somebody says that what is typed is right, whatever the number says.
pub const AS_WRITTEN: &str = "as_written";

/// As long as an address is ever written.
const LONGEST: usize = 200;

/// Blank means as before: the page never shows a number in full.
pub fn parse(
    fields: &Fields,
    was: &Particulars,
    (today, health): (Date, bool),
) -> Result<Particulars, Errors> {
    let mut errors = Errors::default();
    let mut new = was.clone();
    match PersonName::parse(fields.get("name")) {
        Ok(name) => name.as_str().clone_into(&mut new.own.name),
        Err(fault) => errors.add("name", sentences::name(&fault)),
    }
    let sex = Sex::from_code(fields.get("sex"));
    match sex {
        Some(sex) => sex.code().clone_into(&mut new.own.sex),
        None => errors.add("sex", "性别还没选。"),
    }
    let born_on = born(fields, today, &mut errors);
    new.own.born_on = born_on.map(|day| day.to_string());
    let id = document(fields, &mut new, &mut errors);
    if let Some(text) = fields.opt("student_no") {
        match NationalStudentNo::parse(text) {
            Ok(number) => new.own.identity.student_no = Some(number.as_str().to_owned()),
            Err(fault) => errors.add("student_no", sentences::student_no(&fault)),
        }
    }
    texts(fields, (&mut new, health), &mut errors);
    new.boarding = yes_no(fields, "boarding");
    new.rural = yes_no(fields, "rural");
    if errors.is_empty() && !fields.has(AS_WRITTEN, "1") {
        agree((sex, born_on), id.as_ref(), &mut errors);
    }
    if errors.is_empty() {
        Ok(new)
    } else {
        Err(errors)
    }
}

fn born(fields: &Fields, today: Date, errors: &mut Errors) -> Option<Date> {
    let text = fields.opt("born_on")?;
    match parse_date(text) {
        Ok(day) if day > today => errors.add("born_on", "出生日期在今天以后，看看年份。"),
        Ok(day) => return Some(day),
        Err(fault) => errors.add("born_on", sentences::date(text, &fault)),
    }
    None
}

fn document(fields: &Fields, new: &mut Particulars, errors: &mut Errors) -> Option<CitizenId> {
    let state = fields.get("document");
    if DOCUMENTS.iter().all(|(code, _)| *code != state) {
        errors.add("document", "证件还没选。");
        return None;
    }
    state.clone_into(&mut new.own.id_state);
    let identity = &mut new.own.identity;
    if state == "other" {
        if let Some(number) = fields.opt("other_document") {
            identity.other_document = Some(number.to_owned());
        }
        if identity.other_document.is_none() {
            errors.add("other_document", "别的证件的号码还没填。");
        }
    } else {
        identity.other_document = None;
    }
    if state != "has" {
        identity.citizen_id = None;
        return None;
    }
    let given = fields.opt("citizen_id").or(identity.citizen_id.as_deref());
    let Some(given) = given else {
        errors.add("citizen_id", "身份证号还没填。");
        return None;
    };
    match CitizenId::parse(given) {
        Ok(id) => {
            identity.citizen_id = Some(id.as_str().to_owned());
            Some(id)
        }
        Err(fault) => {
            errors.add("citizen_id", sentences::citizen_id(&fault));
            None
        }
    }
}

fn texts(fields: &Fields, (new, health): (&mut Particulars, bool), errors: &mut Errors) {
    let identity = &mut new.own.identity;
    let own = [
        ("address", &mut identity.address, true),
        ("hukou_place", &mut identity.hukou_place, true),
        ("nation", &mut identity.nation, true),
        ("came_from", &mut identity.came_from, true),
        ("remark", &mut identity.remark, true),
        ("health", &mut identity.health, health),
    ];
    for (name, value, may) in own {
        let Some(given) = fields.given(name).filter(|_| may) else {
            continue;
        };
        if given.chars().count() > LONGEST {
            errors.add(name, format!("写得太长了，最多{LONGEST}个字。"));
        }
        *value = Some(given.to_owned()).filter(|given| !given.is_empty());
    }
}

fn yes_no(fields: &Fields, name: &str) -> Option<bool> {
    match fields.get(name) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// Sex and birth date stand in the number, too. Which of the two is right, a person says.
fn agree((sex, born_on): (Option<Sex>, Option<Date>), id: Option<&CitizenId>, errors: &mut Errors) {
    let Some(id) = id else {
        return;
    };
    let mut differs = Vec::new();
    let by_number = id.differs(sex, born_on);
    if let Some(sex) = by_number.sex {
        differs.push(format!("身份证号是{}孩的", sex.word()));
    }
    if let Some(day) = by_number.birth_date {
        let day = words::full_day(day);
        differs.push(format!("身份证号里的出生日期是{day}"));
    }
    if !differs.is_empty() {
        let sentence = format!(
            "和这里写的不一样：{}。改好，或点“就按这里写的”。",
            differs.join("，")
        );
        errors.add(AS_WRITTEN, sentence);
    }
}

fn said(value: Option<&String>) -> String {
    value.cloned().unwrap_or_else(|| "空着".to_owned())
}

/// Never in full.
fn ending(value: Option<&String>) -> String {
    value.map_or_else(
        || "没有".to_owned(),
        |number| format!("尾号{}", last_four(number)),
    )
}

fn chosen(value: Option<bool>, (yes, no): (&str, &str)) -> String {
    match value {
        Some(true) => yes.to_owned(),
        Some(false) => no.to_owned(),
        None => "不清楚".to_owned(),
    }
}

/// Every value by its name, as it may be read on a screen.
fn told(one: &Particulars, health: bool) -> Vec<(&'static str, String)> {
    let own = &one.own;
    let document = DOCUMENTS.iter().find(|(code, _)| *code == own.id_state);
    let born = own.born_on.as_ref().and_then(|day| day.parse().ok());
    let mut told = vec![
        ("姓名", own.name.clone()),
        (
            "性别",
            Sex::from_code(&own.sex).map_or("", Sex::word).to_owned(),
        ),
        (
            "出生日期",
            born.map_or_else(|| "空着".to_owned(), words::full_day),
        ),
        ("证件", document.map_or("", |(_, title)| title).to_owned()),
        ("身份证号", ending(own.identity.citizen_id.as_ref())),
        ("别的证件", ending(own.identity.other_document.as_ref())),
        ("学籍号", ending(own.identity.student_no.as_ref())),
        ("家庭住址", said(own.identity.address.as_ref())),
        ("户口所在地", said(own.identity.hukou_place.as_ref())),
        ("民族", said(own.identity.nation.as_ref())),
        ("从哪所学校来", said(own.identity.came_from.as_ref())),
        ("备注", said(own.identity.remark.as_ref())),
        ("住校", chosen(one.boarding, ("住校", "走读"))),
        ("户口", chosen(one.rural, ("农业户口", "非农业户口"))),
    ];
    if health {
        told.push(("身体", said(own.identity.health.as_ref())));
    }
    told
}

/// 姓名：李小雨改成李思雨
pub fn changes(was: &Particulars, now: &Particulars, health: bool) -> Vec<String> {
    let pairs = told(was, health).into_iter().zip(told(now, health));
    pairs
        .filter(|((_, was), (_, now))| was != now)
        .map(|((title, was), (_, now))| format!("{title}：{was}改成{now}"))
        .collect()
}
