//! One line of a sheet → a child to be, and a verdict. Nothing is corrected by itself.

use super::heads::{CARER, Column, FATHER, Heads, KinColumn, MOTHER};
use super::sentences;
use super::store::{citizen_index, student_index};
use crate::children::store::{Identity, KinDetails};
use crate::sheets::{Cell, SheetRow};
use crate::vault::Key;
use jiff::civil::Date;
use rules::identity::{
    CitizenId, CitizenIdFault, ClassRef, Kinship, NationalStudentNo, PersonName, Phone, Sex, Stage,
    parse_class, parse_date, text,
};
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
    pub fn code(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Ask => "ask",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
        }
    }
}

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
    /// child id → name and birth date
    pub by_id: HashMap<String, (String, Option<Date>)>,
    /// name, birth date, grade, class → child ids with whether the child has an ID number
    pub by_name: HashMap<NameKey, Vec<(String, bool)>>,
    /// Children who are no longer here: their files are not changed by a list.
    pub left: HashSet<String>,
}

/// name, birth date, grade, class
type NameKey = (String, Option<Date>, u8, u8);

pub struct School {
    pub today: Date,
    pub school_year: i16,
    /// primary, junior, nine_year
    pub stage: String,
    pub known: Known,
    /// Titles of the classes that are open.
    pub classes: Vec<String>,
    pub key: Key,
}

impl School {
    fn parsing_stage(&self) -> Stage {
        if self.stage == "junior" {
            Stage::Junior
        } else {
            Stage::Primary
        }
    }

    fn has_grade(&self, grade: u8) -> bool {
        match self.stage.as_str() {
            "junior" => (7..=9).contains(&grade),
            "nine_year" => (1..=9).contains(&grade),
            _ => (1..=6).contains(&grade),
        }
    }
}

/// Cells of a line by their columns.
struct Cells<'a> {
    row: &'a SheetRow,
    heads: &'a Heads,
}

impl Cells<'_> {
    fn at(&self, column: Column) -> Option<(usize, &Cell)> {
        self.heads
            .columns
            .iter()
            .filter(|(_, one)| **one == column)
            .find_map(|(at, _)| {
                let cell = self.row.cells.get(*at)?;
                (!cell.text().trim().is_empty()).then_some((*at, cell))
            })
    }

    fn place(&self, column: Column) -> usize {
        self.heads
            .columns
            .iter()
            .find(|(_, one)| **one == column)
            .map_or(0, |(at, _)| *at)
    }

    fn text(&self, column: Column) -> Option<String> {
        self.at(column)
            .map(|(_, cell)| text::squeeze(cell.text()))
            .filter(|said| !said.is_empty())
    }
}

/// What is found wrong or to be asked while a line is read.
#[derive(Default)]
struct Found {
    refused: Vec<String>,
    asked: Vec<(String, Vec<Answer>)>,
    told: Vec<String>,
    wrong: Vec<(usize, String)>,
}

impl Found {
    fn refuse(&mut self, at: usize, sentence: String, hint: &str) {
        self.refused.push(sentence);
        self.wrong.push((at, hint.to_owned()));
    }

    fn ask(&mut self, at: usize, sentence: String, answers: &[(&str, &str)]) {
        let answers = answers
            .iter()
            .map(|(code, title)| Answer {
                question: self.asked.len(),
                code: (*code).to_owned(),
                title: (*title).to_owned(),
            })
            .collect();
        self.wrong.push((at, sentence.clone()));
        self.asked.push((sentence, answers));
    }
}

/// Reads one line by itself; repetitions and matches are found in [`judge`].
fn read(row: &SheetRow, heads: &Heads, school: &School) -> (NewChild, Found) {
    let cells = Cells { row, heads };
    let mut found = Found::default();
    let mut child = NewChild {
        name: name(&cells, &mut found),
        ..NewChild::default()
    };
    child.born_on = born(&cells, &mut found, school.today);
    let citizen_id = citizen_id(&cells, &mut found, &mut child, school.today);
    student_no(&cells, &mut found, &mut child);
    child.sex = sex(&cells, &mut found, citizen_id.as_ref());
    compare_birth(&cells, &mut found, &mut child, citizen_id.as_ref());
    class(&cells, &mut found, &mut child, school);
    rest(&cells, &mut child);
    kin(&cells, &mut found, &mut child);
    (child, found)
}

fn name(cells: &Cells<'_>, found: &mut Found) -> String {
    let column = Column::Name;
    let given = cells.at(column).map(|(_, cell)| cell.text());
    match PersonName::parse(given.unwrap_or_default()) {
        Ok(name) => name.as_str().to_owned(),
        Err(fault) => {
            found.refuse(
                cells.place(column),
                sentences::name(&fault),
                "写孩子的姓名，例如：李思雨",
            );
            String::new()
        }
    }
}

fn born(cells: &Cells<'_>, found: &mut Found, today: Date) -> Option<Date> {
    let (at, cell) = cells.at(Column::Born)?;
    let day = born_as_written(at, cell, found)?;
    if day > today {
        found.refuse(
            at,
            "出生日期在今天以后，看看年份。".to_owned(),
            "例如：2015-03-12",
        );
        return None;
    }
    Some(day)
}

fn born_as_written(at: usize, cell: &Cell, found: &mut Found) -> Option<Date> {
    match cell {
        Cell::Date(iso) => iso.parse().ok(),
        Cell::Empty | Cell::Text(_) | Cell::Number(_) => match parse_date(cell.text()) {
            Ok(day) => Some(day),
            Err(fault) => {
                found.refuse(at, sentences::date(cell.text(), &fault), "例如：2015-03-12");
                None
            }
        },
    }
}

/// "无" and its like: no document yet, which is a state and not an error.
fn has_no_document(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| matches!(kind, "无" | "没有" | "无证件" | "无身份证件"))
}

fn is_other_document(kind: &str) -> bool {
    [
        "护照",
        "港澳",
        "台湾",
        "台胞",
        "通行证",
        "居留",
        "户口",
        "其他",
    ]
    .iter()
    .any(|word| kind.contains(word))
}

fn citizen_id(
    cells: &Cells<'_>,
    found: &mut Found,
    child: &mut NewChild,
    today: Date,
) -> Option<CitizenId> {
    let kind = cells.text(Column::IdKind);
    let Some((at, cell)) = cells.at(Column::CitizenId) else {
        let none = has_no_document(kind.as_deref());
        child.id_state = if none { "none" } else { "unknown" }.to_owned();
        return None;
    };
    if has_no_document(Some(&text::squeeze(cell.text()))) {
        child.id_state = "none".to_owned();
        return None;
    }
    // A passport or a permit has numbers of its own, which nothing here can check.
    if kind.as_deref().is_some_and(is_other_document) {
        child.id_state = "other".to_owned();
        child.identity.other_document = Some(text::squeeze(cell.text()));
        return None;
    }
    let parsed = match cell {
        Cell::Number(digits) => CitizenId::parse_number_cell(digits),
        Cell::Empty | Cell::Text(_) | Cell::Date(_) => CitizenId::parse(cell.text()),
    };
    match parsed {
        Ok(id) if id.birth_date() > today => {
            found.refuse(
                at,
                "身份证号里的出生日期在今天以后，看看是不是抄错了。".to_owned(),
                "18位，按文本填写",
            );
            None
        }
        Ok(id) => {
            child.id_state = "has".to_owned();
            child.identity.citizen_id = Some(id.as_str().to_owned());
            Some(id)
        }
        Err(CitizenIdFault::Empty) => {
            child.id_state = "unknown".to_owned();
            None
        }
        Err(fault) => {
            found.refuse(
                at,
                sentences::citizen_id(&fault),
                "18位，按文本填写，例如：990827201503120017",
            );
            None
        }
    }
}

fn student_no(cells: &Cells<'_>, found: &mut Found, child: &mut NewChild) {
    let Some((at, cell)) = cells.at(Column::StudentNo) else {
        return;
    };
    match NationalStudentNo::parse(cell.text()) {
        Ok(number) => child.identity.student_no = Some(number.as_str().to_owned()),
        Err(fault) => found.refuse(at, sentences::student_no(&fault), "G、J或L开头，共19位"),
    }
}

fn sex(cells: &Cells<'_>, found: &mut Found, id: Option<&CitizenId>) -> String {
    let given = cells.text(Column::Sex).and_then(|said| Sex::parse(&said));
    let by_id = id.map(CitizenId::sex);
    if let (Some(given), Some(by_id)) = (given, by_id)
        && given != by_id
    {
        found.ask(
            cells.place(Column::Sex),
            format!(
                "表里写的是{}，身份证号是{}孩的。哪一个对？",
                given.word(),
                by_id.word()
            ),
            &[
                ("sex_as_id", "按身份证号"),
                ("sex_as_written", "按表里写的"),
                ("skip", "先不导入"),
            ],
        );
    }
    match given.or(by_id) {
        Some(sex) => sex.code().to_owned(),
        None => {
            found.refuse(
                cells.place(Column::Sex),
                "性别没有填，也没有身份证号可以看。请填男或女。".to_owned(),
                "男 或 女",
            );
            String::new()
        }
    }
}

fn compare_birth(
    cells: &Cells<'_>,
    found: &mut Found,
    child: &mut NewChild,
    id: Option<&CitizenId>,
) {
    let by_id = id.map(CitizenId::birth_date);
    match (child.born_on, by_id) {
        (Some(given), Some(by_id)) if given != by_id => found.ask(
            cells.place(Column::Born),
            "出生日期和身份证号里的日子不一样。哪一个对？".to_owned(),
            &[
                ("born_as_id", "按身份证号"),
                ("born_as_written", "按表里写的"),
                ("skip", "先不导入"),
            ],
        ),
        (None, Some(by_id)) if cells.at(Column::Born).is_none() => child.born_on = Some(by_id),
        _ => {}
    }
}

fn class(cells: &Cells<'_>, found: &mut Found, child: &mut NewChild, school: &School) {
    let grade = cells.text(Column::Grade);
    let class = cells.text(Column::Class).unwrap_or_default();
    let at = cells.place(Column::Class);
    let hint = "例如：三年级(2)班";
    match parse_class(
        grade.as_deref(),
        &class,
        school.school_year,
        school.parsing_stage(),
    ) {
        Ok(ClassRef { grade, number }) if school.has_grade(grade) => {
            child.grade = grade;
            child.class_number = number;
        }
        Ok(class) => found.refuse(
            at,
            format!(
                "本校没有{}。请改成本校的班级，或先在资料室开这个年级。",
                class.grade_title()
            ),
            hint,
        ),
        Err(fault) => found.refuse(at, sentences::class(&class, &fault), hint),
    }
}

fn rest(cells: &Cells<'_>, child: &mut NewChild) {
    child.identity.address = cells.text(Column::Address);
    child.identity.hukou_place = cells.text(Column::HukouPlace);
    child.identity.nation = cells.text(Column::Nation);
    child.identity.health = cells.text(Column::Health);
    child.identity.remark = cells.text(Column::Remark);
    child.boarding = cells.text(Column::Boarding).and_then(|said| {
        let yes = ["住校", "寄宿", "住宿", "是"];
        let no = ["走读", "借宿", "否"];
        if yes.iter().any(|word| said.contains(word)) {
            Some(true)
        } else if no.iter().any(|word| said.contains(word)) {
            Some(false)
        } else {
            None
        }
    });
    child.rural = cells.text(Column::Hukou).and_then(|said| {
        if said.contains('非') || said.contains('城') {
            Some(false)
        } else if said.contains('农') {
            Some(true)
        } else {
            None
        }
    });
    child.registry_code = cells.text(Column::LeftBehind).and_then(|said| {
        let code = match said.as_str() {
            "0" | "否" => "0",
            "1" => "1",
            "2" => "2",
            said if said.contains('非') => "0",
            said if said.contains("单亲") => "1",
            said if said.contains("双亲") => "2",
            _ => return None,
        };
        Some(code.to_owned())
    });
}

fn kin(cells: &Cells<'_>, found: &mut Found, child: &mut NewChild) {
    let mut places: Vec<u8> = cells
        .heads
        .columns
        .values()
        .filter_map(|column| match column {
            Column::Kin(place, KinColumn::Name | KinColumn::Phone) => Some(*place),
            _ => None,
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        if let Some(kin) = one_kin(cells, found, place) {
            child.kin.push(kin);
        }
    }
    away(child);
    child.lives_with = lives_with(child);
}

fn one_kin(cells: &Cells<'_>, found: &mut Found, place: u8) -> Option<NewKin> {
    // A number without a name is still a way to reach somebody.
    let name = cells.at(Column::Kin(place, KinColumn::Name));
    let phone = cells.at(Column::Kin(place, KinColumn::Phone));
    let given = name.map_or("", |(_, cell)| cell.text());
    name.or(phone)?;
    let kinship = match place {
        FATHER => Some(Kinship::Father),
        MOTHER => Some(Kinship::Mother),
        _ => cells
            .text(Column::Kin(place, KinColumn::Kinship))
            .and_then(|said| Kinship::parse(&said)),
    };
    let party = match &kinship {
        _ if place == CARER => "carer",
        Some(kinship) if kinship.is_parent() => "parent",
        Some(kinship) if kinship.is_relative() || kinship.is_grandparent() => "relative",
        _ => "other",
    };
    let name = PersonName::parse(given)
        .map(|name| name.as_str().to_owned())
        .unwrap_or_else(|_| text::squeeze(given));
    let mut kin = NewKin {
        party: party.to_owned(),
        kinship: kinship.map_or_else(|| "other".to_owned(), |one| one.code().to_owned()),
        details: KinDetails {
            name,
            work_place: cells.text(Column::Kin(place, KinColumn::Work)),
            ..KinDetails::default()
        },
        ..NewKin::default()
    };
    if let Some((at, cell)) = cells.at(Column::Kin(place, KinColumn::Phone)) {
        match Phone::parse(cell.text()) {
            Ok(phone) => kin.details.phone = Some(phone.as_str().to_owned()),
            Err(fault) => {
                kin.phone_held = true;
                found.ask(
                    at,
                    sentences::phone(&crate::children::store::kin_word(&kin.kinship), &fault),
                    &[
                        ("without_phone", "先导入，电话以后补"),
                        ("skip", "先不导入"),
                    ],
                );
            }
        }
    }
    Some(kin)
}

/// Which parents are away: by the export's code, and by where the sheet says they work.
fn away(child: &mut NewChild) {
    let code = child.registry_code.clone().unwrap_or_default();
    for kin in child.kin.iter_mut().filter(|kin| kin.party == "parent") {
        let work = kin.details.work_place.as_deref().unwrap_or_default();
        kin.is_away = match code.as_str() {
            "2" => true,
            "1" => !work.is_empty() && !work.starts_with("在家"),
            _ => false,
        };
    }
}

fn lives_with(child: &NewChild) -> Option<String> {
    let carer = child.kin.iter().find(|kin| kin.party == "carer");
    let word = match carer.and_then(|kin| Kinship::from_code(&kin.kinship)) {
        Some(kinship) if kinship.is_parent() => "parent",
        Some(kinship) if kinship.is_grandparent() => "grandparent",
        Some(kinship) if kinship.is_relative() => "relative",
        Some(_) => "other",
        None => match child.registry_code.as_deref() {
            Some("0" | "1") => "parent",
            _ => return None,
        },
    };
    Some(word.to_owned())
}

/// Lines of this file that came before.
#[derive(Default)]
pub struct Before {
    ids: HashMap<String, u32>,
    names: HashMap<NameKey, u32>,
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
    (
        child.name.clone(),
        child.born_on,
        child.grade,
        child.class_number,
    )
}

fn repeated(checked: &mut Checked, found: &mut Found, before: &mut Before) {
    let child = &checked.child;
    let numbers: Vec<String> = [&child.identity.citizen_id, &child.identity.student_no]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    if let Some(line) = numbers.iter().find_map(|number| before.ids.get(number)) {
        checked.verdict = Verdict::Repeated;
        found.told.push(format!(
            "和第{line}行是同一个孩子（号码一样），只导入一次。"
        ));
        return;
    }
    let key = name_key(child);
    let above = before.names.get(&key).copied();
    for number in numbers {
        before.ids.insert(number, checked.line);
    }
    match above {
        Some(line) if child.identity.citizen_id.is_none() => {
            let question =
                format!("和第{line}行同名、同生日、同班，这一行没有身份证号。是同一个孩子吗？");
            found.ask(
                0,
                question,
                &[
                    ("same", "是同一个，这行不用"),
                    ("new", "不是，新建"),
                    ("skip", "先不导入"),
                ],
            );
        }
        Some(_) | None => {
            before.names.insert(key, checked.line);
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
    match (by_citizen_id, by_student_no) {
        (Some(one), Some(other)) if one != other => found.refused.push(
            "身份证号是本校一个孩子的，学籍号是本校另一个孩子的。看看是哪一个号码抄错了。"
                .to_owned(),
        ),
        (Some(id), _) | (None, Some(id)) => by_number(checked, found, (id, known)),
        (None, None) => by_name(checked, found, known),
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
    let same = known
        .by_id
        .get(id)
        .is_some_and(|(name, born_on)| *name == child.name || *born_on == child.born_on);
    checked.matches = Some(id.clone());
    if same {
        found.told.push("本校已有这个孩子，会更新。".to_owned());
        return;
    }
    found.ask(
        0,
        "号码和本校的一个孩子一样，姓名和生日都不一样。是同一个孩子吗？".to_owned(),
        &[("update", "是，更新"), ("skip", "先不导入")],
    );
}

fn by_name(checked: &mut Checked, found: &mut Found, known: &Known) {
    let child = &checked.child;
    let same_name = known
        .by_name
        .get(&name_key(child))
        .map_or(&[][..], Vec::as_slice);
    match same_name {
        [] => {}
        [(id, has_id)] if !has_id && child.identity.citizen_id.is_none() => {
            checked.matches = Some(id.clone());
            found.told.push("本校已有这个孩子，会更新。".to_owned());
        }
        [(id, _)] => {
            checked.matches = Some(id.clone());
            found.ask(
                0,
                format!(
                    "本校同一个班里有同名、同生日的{}。同一个孩子吗？",
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
                "本校同一个班里有{}个同名、同生日的{}，是哪一个？",
                many.len(),
                child.name
            );
            let codes: Vec<String> = many.iter().map(|(id, _)| format!("{IS}{id}")).collect();
            // Who they are is told from what lies sealed, when the line is shown.
            let mut answers: Vec<(&str, &str)> =
                codes.iter().map(|code| (code.as_str(), "")).collect();
            answers.extend([("new", "都不是，新建"), ("skip", "先不导入")]);
            found.ask(0, question, &answers);
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
            "skip" | "same" => return None,
            "new" => settled.matches = None,
            code if code.starts_with(IS) => {
                settled.matches = code.strip_prefix(IS).map(ToOwned::to_owned);
            }
            "sex_as_id" | "born_as_id" => by_id(&mut settled.child, answer),
            _ => {}
        }
    }
    Some(settled)
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
