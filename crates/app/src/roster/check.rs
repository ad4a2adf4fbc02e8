//! One line of a sheet → a child to be, and a verdict. Nothing is corrected by itself.

use super::heads::Heads;
use super::row::{AGE_UNKNOWN, Found, read};
use super::store::{citizen_index, student_index};
use crate::children::store::{Identity, KinDetails};
use crate::sheets::SheetRow;
use crate::vault::Key;
use crate::web::words::class_title;
use jiff::civil::Date;
use rules::history::Parent;
use rules::identity::work_place::WorkPlace;
use rules::identity::{CitizenId, ClassNameFault, ClassRef, Stage};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ready,
    /// A person has to answer first.
    Ask,
    Refused,
    /// The same child stands further up.
    Repeated,
}

impl Verdict {
    pub fn zh(self) -> &'static str {
        match self {
            Self::Ready => "可以导入",
            Self::Ask => "想问一句",
            Self::Refused => "要改",
            Self::Repeated => "重复",
        }
    }

    pub fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Ask => "ask",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
        }
    }
}

/// The answer that a line is about a child of a line before it.
pub const SAME: &str = "same";

/// The answer that names one of several numbers goes on with whose it is, and which: 0_1.
pub const PHONE: &str = "phone:";

/// The answer that names one of several namesakes goes on with the child's id.
pub const IS: &str = "is:";

/// What may be answered to a question, as a stable word and a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Which of the line's questions it answers, from 0.
    #[serde(default)]
    pub question: usize,
    pub code: String,
    pub title: String,
}

/// A family member as the sheet has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKin {
    pub party: String,
    pub kinship: String,
    pub details: KinDetails,
    /// A number in the file that cannot be one: held back and asked for.
    pub phone_held: bool,
    /// Where the file has several numbers in one place: which is his is asked.
    #[serde(default)]
    pub phones: Vec<String>,
    pub is_away: bool,
}

/// A child to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChild {
    pub name: String,
    pub sex: String,
    pub born_on: Option<Date>,
    pub grade: u8,
    pub class_number: u8,
    pub id_state: String,
    pub identity: Identity,
    pub boarding: Option<bool>,
    pub rural: Option<bool>,
    pub registry_code: Option<String>,
    pub lives_with: Option<String>,
    pub kin: Vec<NewKin>,
    /// Parents who are away and whom the sheet does not name: `father`, `mother`.
    #[serde(default)]
    pub away_unnamed: Vec<String>,
    /// The sheet says that somebody is away, and not who: nobody has asked yet.
    #[serde(default)]
    pub who_is_open: bool,
    /// Parents who are named dead, missing, in prison or ill, or not at all: what of it is so is asked.
    #[serde(default)]
    pub gone: Vec<String>,
    /// Where parents work who have neither name nor number: whose, and what the cell says.
    #[serde(default)]
    pub places: Vec<(String, String)>,
    /// Parents of whom the cell says another thing than the sheet says of both: to be asked.
    #[serde(default)]
    pub elsewhere: Vec<String>,
    /// The sheet says that nobody is left to care: what became of the parents is asked.
    #[serde(default)]
    pub is_orphan: bool,
    /// The words are the school's own: the months of the export's rule are not in them.
    #[serde(default)]
    pub since_is_open: bool,
    /// The child of the school whose number the line has from a sheet of ours.
    #[serde(default)]
    pub is: Option<String>,
}

impl NewChild {
    /// Whether the sheet says of this parent what is no place to be at.
    pub fn is_gone(&self, parent: Parent) -> bool {
        self.gone.iter().any(|gone| gone == parent.code())
    }

    /// Whether the sheet says where this parent is.
    pub fn answers_for(&self, parent: Parent) -> bool {
        let is_clear = self.registry_code.is_some() && !self.who_is_open;
        is_clear && !self.is_gone(parent) && !self.is_elsewhere(parent)
    }

    pub fn is_elsewhere(&self, parent: Parent) -> bool {
        self.elsewhere.iter().any(|one| one == parent.code())
    }

    /// Whether the sheet says something of this parent about which somebody has to ask.
    pub fn doubts(&self, parent: Parent) -> bool {
        self.is_gone(parent) || self.is_elsewhere(parent) || self.is_orphan
    }

    /// What the sheet says of where this parent works.
    pub fn place_of(&self, parent: Parent) -> WorkPlace {
        let mut kin = self.kin.iter().filter(|kin| kin.party == "parent");
        let named = kin.find(|kin| kin.kinship == parent.code());
        let named = named.and_then(|kin| kin.details.work_place.as_deref());
        let mut unnamed = self.places.iter();
        let unnamed = unnamed.find(|(whose, _)| whose == parent.code());
        WorkPlace::of(
            named
                .or(unnamed.map(|(_, work)| work.as_str()))
                .unwrap_or_default(),
        )
    }
}

/// One line with what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checked {
    pub line: u32,
    pub verdict: Verdict,
    pub why: Vec<String>,
    pub answers: Vec<Answer>,
    pub child: NewChild,
    /// The child in the school that this line is about.
    pub matches: Option<String>,
    /// The school knows all that this line says.
    #[serde(default)]
    pub is_known: bool,
    pub cells: Vec<String>,
    /// Columns that are wrong, with what a right value looks like.
    pub wrong: Vec<(usize, String)>,
}

/// What the school has already.
#[derive(Debug, Default)]
pub struct Known {
    /// blind index → child id
    pub by_citizen_id: HashMap<String, String>,
    /// blind index → child id
    pub by_student_no: HashMap<String, String>,
    /// child id → name, and those that it had before a hand changed them
    pub by_id: HashMap<String, Vec<String>>,
    /// Those of one name.
    pub by_name: HashMap<String, Vec<Namesake>>,
    /// Children who are no longer here: their files are not changed by a list.
    pub left: HashSet<String>,
}

/// name, grade, class
type NameKey = (String, u8, u8);

#[derive(Debug)]
pub struct Namesake {
    pub id: String,
    pub born_on: Option<Date>,
    pub has_id: bool,
    /// grade, number
    pub class: (u8, u8),
}

/// Two dates of birth that may be one child's; one that nobody knows may be any.
fn may_be_same(one: Option<Date>, other: Option<Date>) -> bool {
    one.is_none() || other.is_none() || one == other
}

pub struct School {
    pub today: Date,
    /// By whose grades the classes are named.
    pub day: Date,
    /// Of that day.
    pub school_year: i16,
    /// primary, junior, nine_year
    pub stage: String,
    pub known: Known,
    /// Titles of the classes that are open.
    pub classes: Vec<String>,
    pub key: Key,
    /// One child who comes alone, written by hand: there is time to ask about a namesake of any class.
    pub by_hand: bool,
    /// The list has a column for the ID number.
    pub has_ids: bool,
}

impl Checked {
    /// Told what it would change of the child that the school has.
    pub fn with_changes(&mut self, (changes, born_on): (&[String], Option<&str>)) {
        // The school may know the day that the list leaves out.
        if born_on.is_some() {
            self.why.retain(|why| why != AGE_UNKNOWN);
        }
        let changes = changes.join("；");
        self.is_known = changes.is_empty();
        self.why.push(match (self.verdict, self.is_known) {
            (Verdict::Ask, true) => "别的没有要改的。".to_owned(),
            (Verdict::Ask, false) => format!("照表上写的，会更新：{changes}。"),
            (_, true) => "本校已有这个孩子，没有要改的。".to_owned(),
            (_, false) => format!("本校已有这个孩子，会更新：{changes}。"),
        });
    }
}

impl School {
    /// 2023级 is grade 3 or grade 9: a school with both stages tells them apart by the child's age.
    pub(super) fn of_its_stage(
        &self,
        read: impl Fn(Stage) -> Result<ClassRef, ClassNameFault>,
        born_on: Option<Date>,
    ) -> Result<ClassRef, ClassNameFault> {
        of_its_stage((&self.stage, self.school_year), read, born_on)
    }

    pub(super) fn has_grade(&self, grade: u8) -> bool {
        match self.stage.as_str() {
            "junior" => (7..=9).contains(&grade),
            "nine_year" => (1..=9).contains(&grade),
            _ => (1..=6).contains(&grade),
        }
    }
}

pub(super) fn of_its_stage(
    (stage, school_year): (&str, i16),
    read: impl Fn(Stage) -> Result<ClassRef, ClassNameFault>,
    born_on: Option<Date>,
) -> Result<ClassRef, ClassNameFault> {
    match stage {
        "junior" => return read(Stage::Junior),
        "nine_year" => {}
        _ => return read(Stage::Primary),
    }
    let (young, old) = (read(Stage::Primary), read(Stage::Junior));
    let (Ok(primary), Ok(junior)) = (&young, &old) else {
        return young.or(old);
    };
    let off = |class: &ClassRef| born_on.map_or(0, |born| class.years_off(born, school_year));
    if off(junior) < off(primary) {
        old
    } else {
        young
    }
}

/// Lines of this file that came before.
#[derive(Default)]
pub struct Before {
    /// number → line, name, grade and class
    ids: HashMap<String, (u32, String, (u8, u8))>,
    names: HashMap<NameKey, Vec<(Option<Date>, u32)>>,
}

/// Reads a line and decides what comes of it, given the school and the lines above.
pub fn judge(row: &SheetRow, heads: &Heads, school: &School, before: &mut Before) -> Checked {
    let (child, mut found) = read(row, heads, school);
    let mut checked = Checked {
        line: row.line,
        verdict: Verdict::Ready,
        why: Vec::new(),
        answers: Vec::new(),
        child,
        matches: None,
        is_known: false,
        cells: row
            .cells
            .iter()
            .map(|cell| cell.text().to_owned())
            .collect(),
        wrong: Vec::new(),
    };
    if found.refused.is_empty() {
        repeated(&mut checked, &mut found, before);
        if checked.verdict == Verdict::Ready {
            matched(&mut checked, &mut found, school);
        }
    }
    settle(&mut checked, found);
    checked
}

fn settle(checked: &mut Checked, found: Found) {
    checked.wrong = found.wrong;
    if !found.refused.is_empty() {
        checked.verdict = Verdict::Refused;
        checked.why = found.refused;
        return;
    }
    if checked.verdict == Verdict::Repeated {
        checked.why = found.told;
        return;
    }
    if !found.asked.is_empty() {
        checked.verdict = Verdict::Ask;
    }
    for (sentence, answers) in found.asked {
        checked.why.push(sentence);
        checked.answers.extend(answers);
    }
    checked.why.extend(found.told);
}

fn name_key(child: &NewChild) -> NameKey {
    (child.name.clone(), child.grade, child.class_number)
}

fn repeated(checked: &mut Checked, found: &mut Found, before: &mut Before) {
    let child = &checked.child;
    let numbers: Vec<String> = [&child.identity.citizen_id, &child.identity.student_no]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let class = (child.grade, child.class_number);
    let above = numbers.iter().find_map(|number| before.ids.get(number));
    if let Some((line, name, other)) = above {
        if *name != child.name {
            found.refused.push(format!(
                "号码和第{line}行的{name}一样，姓名不一样。看看是哪一行的号码抄错了，改好再传。"
            ));
            return;
        }
        checked.verdict = Verdict::Repeated;
        found.told.push(format!(
            "和第{line}行是同一个孩子（号码一样），只导入一次。"
        ));
        if *other != class {
            let title = class_title(other.0.into(), other.1.into());
            found.told.push(format!(
                "那一行写的班是{title}，和这一行不一样：导入的是那一行的班。不对就先改好再传。"
            ));
        }
        return;
    }
    let key = name_key(child);
    let born_on = child.born_on;
    let all = before.names.entry(key).or_default();
    let above = all
        .iter()
        .find(|(born, _)| may_be_same(*born, born_on))
        .map(|(born, line)| (*born == born_on && born_on.is_some(), *line));
    for number in numbers {
        before
            .ids
            .insert(number, (checked.line, child.name.clone(), class));
    }
    match above {
        Some((is_same_day, line)) if child.identity.citizen_id.is_none() => {
            let question = if is_same_day {
                format!("和第{line}行同名、同生日、同班，这一行没有身份证号。是同一个孩子吗？")
            } else {
                format!("和第{line}行同名、同班，有一行没有出生日期。是同一个孩子吗？")
            };
            found.ask(
                found.name_at,
                question,
                &[
                    (SAME, "是同一个，这行不用"),
                    ("new", "不是，新建"),
                    ("skip", "先不导入"),
                ],
            );
        }
        Some(_) | None => {
            all.push((born_on, checked.line));
        }
    }
}

/// Which child of the school a line is about: by its numbers first, then by name.
fn matched(checked: &mut Checked, found: &mut Found, school: &School) {
    let identity = &checked.child.identity;
    let known = &school.known;
    let by_citizen_id = identity
        .citizen_id
        .as_ref()
        .and_then(|number| known.by_citizen_id.get(&citizen_index(&school.key, number)));
    let by_student_no = identity
        .student_no
        .as_ref()
        .and_then(|number| known.by_student_no.get(&student_index(&school.key, number)));
    let is = checked.child.is.clone();
    let by_citizen_id = is.as_ref().or(by_citizen_id);
    match (by_citizen_id, by_student_no) {
        (Some(one), Some(other)) if one != other => found.refused.push(
            "身份证号是本校一个孩子的，学籍号是本校另一个孩子的。看看是哪一个号码抄错了。"
                .to_owned(),
        ),
        (Some(id), _) | (None, Some(id)) => by_number(checked, found, (id, known)),
        (None, None) => {
            by_name(checked, found, (known, school.has_ids));
            if checked.matches.is_none() && found.asked.is_empty() {
                by_name_elsewhere(checked, found, school);
            }
        }
    }
    if checked
        .matches
        .as_ref()
        .is_some_and(|id| known.left.contains(id))
    {
        found.refused.push(
            "这个孩子已经离开本校了。回来读书了，请先在“变动”里点“回来读书了”，再导入这一行。"
                .to_owned(),
        );
    }
}

fn by_number(checked: &mut Checked, found: &mut Found, (id, known): (&String, &Known)) {
    let child = &checked.child;
    checked.matches = Some(id.clone());
    // The birth day stands in the number: with a number copied wrongly it is copied too.
    let names = known.by_id.get(id);
    let names = names.filter(|all| !all.contains(&child.name));
    let Some(name) = names.and_then(|all| all.first()) else {
        return;
    };
    found.ask(
        found.name_at,
        format!("号码和本校的{name}一样，姓名不一样。是同一个孩子吗？"),
        &[("update", "是，更新"), ("skip", "先不导入")],
    );
}

/// A child of another class with the same name and the same day of birth. In a list two numbers that
/// differ tell them apart; of one who comes alone there is time to ask all the same.
fn by_name_elsewhere(checked: &mut Checked, found: &mut Found, school: &School) {
    let child = &checked.child;
    let Some(born_on) = child.born_on else {
        return;
    };
    let is_told_apart =
        |one: &Namesake| !school.by_hand && one.has_id && child.identity.citizen_id.is_some();
    let all = school.known.by_name.get(&child.name);
    let mut others = all.into_iter().flatten();
    let same = others.find(|one| one.born_on == Some(born_on) && !is_told_apart(one));
    let Some(one) = same else {
        return;
    };
    let class = class_title(one.class.0.into(), one.class.1.into());
    checked.matches = Some(one.id.clone());
    found.ask(
        found.name_at,
        format!(
            "{class}有同名、同生日的{}。同一个孩子吗？",
            checked.child.name
        ),
        &[
            ("update", "是，更新，转到这个班"),
            ("new", "不是，新建"),
            ("skip", "先不导入"),
        ],
    );
}

/// `has_ids`: the list has a column for the number, so that its absence says something.
fn by_name(checked: &mut Checked, found: &mut Found, (known, has_ids): (&Known, bool)) {
    let child = &checked.child;
    let all = known.by_name.get(&child.name).into_iter().flatten();
    let all = all.filter(|one| one.class == (child.grade, child.class_number));
    let (exact, unsure): (Vec<&Namesake>, Vec<&Namesake>) = all
        .filter(|one| may_be_same(one.born_on, child.born_on))
        .partition(|one| one.born_on.is_some() && one.born_on == child.born_on);
    let is_exact = !exact.is_empty();
    let same_name = if is_exact { exact } else { unsure };
    let day = if is_exact {
        "同生日"
    } else {
        "有一边没有出生日期"
    };
    match same_name.as_slice() {
        [] => {}
        [one] if is_exact && (!one.has_id || !has_ids) && child.identity.citizen_id.is_none() => {
            checked.matches = Some(one.id.clone());
        }
        [one] => {
            checked.matches = Some(one.id.clone());
            // The same number would have been found by it.
            let differ = match one.has_id && child.identity.citizen_id.is_some() {
                true => "，身份证号不一样",
                false => "",
            };
            found.ask(
                found.name_at,
                format!(
                    "本校同一个班里有同名、{day}的{}{differ}。同一个孩子吗？",
                    child.name
                ),
                &[
                    ("update", "是，更新"),
                    ("new", "不是，新建"),
                    ("skip", "先不导入"),
                ],
            );
        }
        many => {
            let question = format!(
                "本校同一个班里有{}个同名、{day}的{}，是哪一个？",
                many.len(),
                child.name
            );
            let codes: Vec<String> = many.iter().map(|one| format!("{IS}{}", one.id)).collect();
            // Who they are is told from what lies sealed, when the line is shown.
            let mut answers: Vec<(&str, &str)> =
                codes.iter().map(|code| (code.as_str(), "")).collect();
            answers.extend([("new", "都不是，新建"), ("skip", "先不导入")]);
            found.ask(found.name_at, question, &answers);
        }
    }
}

/// Puts an answer into the child; `None`: the line stays out.
pub fn answered(checked: &Checked, answers: &BTreeMap<u32, Vec<String>>) -> Option<Checked> {
    let mut settled = checked.clone();
    match checked.verdict {
        Verdict::Ready => return Some(settled),
        Verdict::Refused | Verdict::Repeated => return None,
        Verdict::Ask => {}
    }
    let given = answers.get(&checked.line)?;
    let questions = checked.answers.iter().map(|one| one.question + 1).max();
    let all_answered = (0..questions.unwrap_or_default()).all(|question| {
        let mut offered = checked
            .answers
            .iter()
            .filter(|one| one.question == question);
        offered.any(|one| given.contains(&one.code))
    });
    if !all_answered {
        return None;
    }
    for answer in given {
        if !checked.answers.iter().any(|one| one.code == *answer) {
            return None;
        }
        match answer.as_str() {
            "skip" | SAME => return None,
            "new" => settled.matches = None,
            code if code.starts_with(IS) => {
                settled.matches = code.strip_prefix(IS).map(ToOwned::to_owned);
            }
            "sex_as_id" | "born_as_id" => by_id(&mut settled.child, answer),
            code if code.starts_with(PHONE) => choose_phone(&mut settled.child, code)?,
            _ => {}
        }
    }
    Some(settled)
}

/// The number that was chosen is the one to dial, and the next of the others stands beside it. What is
/// left stays in the file: in a remark it would be read by whoever opens the page.
fn choose_phone(child: &mut NewChild, code: &str) -> Option<()> {
    let (who, which) = code.strip_prefix(PHONE)?.split_once('_')?;
    let kin = child.kin.get_mut(who.parse::<usize>().ok()?)?;
    let chosen = kin.phones.get(which.parse::<usize>().ok()?)?;
    let other = kin.phones.iter().find(|one| *one != chosen);
    kin.details.other_phone = other.cloned();
    kin.details.phone = Some(chosen.clone());
    kin.phone_held = false;
    Some(())
}

fn by_id(child: &mut NewChild, answer: &str) {
    let id = child.identity.citizen_id.as_deref();
    let Some(id) = id.and_then(|id| CitizenId::parse(id).ok()) else {
        return;
    };
    if answer == "sex_as_id" {
        child.sex = id.sex().code().to_owned();
    } else {
        child.born_on = Some(id.birth_date());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rules::identity::parse_class;

    #[test]
    fn a_year_of_entry_is_read_by_the_childs_age_where_there_are_both_stages() {
        let grade = |stage: &str, text: &str, born: Option<Date>| {
            let read = |own| parse_class(None, text, 2025, own);
            of_its_stage((stage, 2025), read, born).map(|class| class.grade)
        };
        let (small, big) = (Some(date(2017, 3, 1)), Some(date(2011, 3, 1)));
        assert_eq!(grade("nine_year", "2023级3班", small), Ok(3));
        assert_eq!(grade("nine_year", "2023级3班", big), Ok(9));
        assert_eq!(grade("nine_year", "2023级3班", None), Ok(3));
        assert_eq!(grade("nine_year", "2020级3班", big), Ok(6));
        assert_eq!(grade("nine_year", "九年级(3)班", small), Ok(9));
        assert_eq!(grade("junior", "2023级3班", small), Ok(9));
        assert_eq!(grade("primary", "2023级3班", big), Ok(3));
    }
}
