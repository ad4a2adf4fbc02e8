//! One row of a roster as the child that it tells of, with everything that is wrong or has to be asked.

use super::check::{Answer, NewChild, NewKin, PHONE, School, of_its_stage};
use super::commit::parent_of;
use super::heads::{CARER, Column, FATHER, Heads, KinColumn, MOTHER};
use super::sentences;
use crate::children::store::{KinDetails, kin_word};
use crate::sheets::{Cell, SheetRow};
use jiff::civil::Date;
use rules::identity::registry_word::{self, Told};
use rules::identity::{
    CitizenId, CitizenIdFault, ClassRef, Kinship, NationalStudentNo, PersonName, Phone, Sex,
    parse_class, parse_date, text,
};

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
pub(super) struct Found {
    pub(super) refused: Vec<String>,
    pub(super) asked: Vec<(String, Vec<Answer>)>,
    pub(super) told: Vec<String>,
    pub(super) wrong: Vec<(usize, String)>,
    /// Where the name stands: what is asked of a whole line is asked there.
    pub(super) name_at: usize,
}

impl Found {
    pub(super) fn refuse(&mut self, at: usize, sentence: String, hint: &str) {
        self.refused.push(sentence);
        self.wrong.push((at, hint.to_owned()));
    }

    pub(super) fn ask(&mut self, at: usize, sentence: String, answers: &[(&str, &str)]) {
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

/// Definitions go by age, and namesakes are told apart by the day: its absence is said, not refused.
pub(super) const AGE_UNKNOWN: &str =
    "没有出生日期，年龄先按不知道算；以后补上，同名的孩子也好分清。";

/// The class of a line by the grades of a school year; the file may name it by its year of entry.
pub(super) fn class_in(
    (row, heads): (&SheetRow, &Heads),
    (stage, school_year): (&str, i16),
) -> Option<ClassRef> {
    let cells = Cells { row, heads };
    let grade = cells.text(Column::Grade);
    let class = cells.text(Column::Class)?;
    let read = |own| parse_class(grade.as_deref(), &class, school_year, own);
    of_its_stage((stage, school_year), read, None).ok()
}

/// Reads one line by itself; repetitions and matches are found in [`judge`].
pub(super) fn read(row: &SheetRow, heads: &Heads, school: &School) -> (NewChild, Found) {
    let cells = Cells { row, heads };
    let mut found = Found {
        name_at: cells.place(Column::Name),
        ..Found::default()
    };
    let mut child = NewChild {
        name: name(&cells, &mut found),
        ..NewChild::default()
    };
    let is = cells.text(Column::Number);
    child.is = is.filter(|id| school.known.by_id.contains_key(id));
    child.born_on = born(&cells, &mut found, school.today);
    let citizen_id = citizen_id(&cells, &mut found, &mut child, school.today);
    student_no(&cells, &mut found, &mut child);
    child.sex = sex(
        &cells,
        &mut found,
        (citizen_id.as_ref(), child.is.is_some()),
    );
    compare_birth(&cells, &mut found, &mut child, citizen_id.as_ref());
    if child.born_on.is_none() && found.refused.is_empty() {
        found.told.push(AGE_UNKNOWN.to_owned());
    }
    class(&cells, &mut found, &mut child, school);
    if child.is.is_none() {
        age(&cells, &mut found, &child, school.school_year);
    }
    rest(&cells, &mut child);
    kin(&cells, &mut found, &mut child);
    away(&cells, &mut found, (&mut child, school.by_hand));
    if child.is.is_some() {
        without_what_we_said(&mut child);
    } else {
        child.lives_with = lives_with(&child);
    }
    (child, found)
}

/// A sheet of ours says where the child lives for a carer of whom nobody said it.
fn without_what_we_said(child: &mut NewChild) {
    let home = child.identity.address.clone();
    for kin in &mut child.kin {
        kin.details.address = kin
            .details
            .address
            .take()
            .filter(|own| Some(own) != home.as_ref());
    }
}

fn name(cells: &Cells<'_>, found: &mut Found) -> String {
    let column = Column::Name;
    let given = cells.at(column).map(|(_, cell)| cell.text());
    match PersonName::parse(given.unwrap_or_default()) {
        Ok(name) if name.as_str().contains(['（', '(', '【', '[']) => {
            found.refuse(
                cells.place(column),
                "姓名里有括号，里面写的是说明吗？只留姓名，说明写到备注里。".to_owned(),
                "写孩子的姓名，例如：李思雨",
            );
            String::new()
        }
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

/// `is_ours`: what a sheet of ours leaves out is known.
fn sex(cells: &Cells<'_>, found: &mut Found, (id, is_ours): (Option<&CitizenId>, bool)) -> String {
    let given = cells.text(Column::Sex).and_then(|said| Sex::parse(&said));
    let by_id = id.map(CitizenId::sex);
    let differing = id.and_then(|id| id.differs(given, None).sex);
    if let (Some(given), Some(by_id)) = (given, differing) {
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
        None if is_ours && cells.text(Column::Sex).is_none() => String::new(),
        None => {
            found.refuse(
                cells.place(Column::Sex),
                match cells.text(Column::Sex) {
                    None => "性别没有填，也没有身份证号可以看。请填男或女。".to_owned(),
                    Some(said) => format!("性别“{said}”看不懂。请填男或女。"),
                },
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
    let Some(id) = id else {
        return;
    };
    match (child.born_on, id.differs(None, child.born_on).birth_date) {
        (Some(_), Some(_)) => found.ask(
            cells.place(Column::Born),
            "出生日期和身份证号里的日子不一样。哪一个对？".to_owned(),
            &[
                ("born_as_id", "按身份证号"),
                ("born_as_written", "按表里写的"),
                ("skip", "先不导入"),
            ],
        ),
        (None, _) if cells.at(Column::Born).is_none() => child.born_on = Some(id.birth_date()),
        _ => {}
    }
}

fn class(cells: &Cells<'_>, found: &mut Found, child: &mut NewChild, school: &School) {
    let grade = cells.text(Column::Grade);
    let class = cells.text(Column::Class).unwrap_or_default();
    let of = |grade: Option<&str>| {
        let read = |stage| parse_class(grade, &class, school.school_year, stage);
        school.of_its_stage(read, child.born_on)
    };
    // Mended in one of two cells: a class that the school has stands for itself.
    let alone = || {
        let own = of(None).ok();
        own.filter(|one| school.classes.contains(&one.title()))
    };
    // In the sheet to mend the class is what was mended; in any other the two must agree.
    let is_mended = cells.heads.columns.values().any(|one| *one == Column::Line);
    let own = of(grade.as_deref());
    if let (Err(_), Some(stands), false) = (&own, alone(), is_mended) {
        let said = grade.as_deref().unwrap_or_default();
        found.ask(
            cells.place(Column::Class),
            format!("年级写的是{said}，班级写的是{class}。按哪个？"),
            &[
                ("class_as_written", &format!("{}，按班级", stands.title())),
                ("skip", "先不导入"),
            ],
        );
    }
    let read = match own {
        Ok(read) if school.has_grade(read.grade) => Ok(read),
        Ok(read) => alone().ok_or_else(|| {
            format!(
                "本校没有{}。请改成本校的班级，或先在资料室开这个年级。",
                read.grade_title()
            )
        }),
        Err(fault) => alone().ok_or_else(|| sentences::class(&class, &fault)),
    };
    match read {
        Ok(read) => {
            child.grade = read.grade;
            child.class_number = read.number;
        }
        Err(sentence) => {
            found.refuse(
                cells.place(Column::Class),
                sentence,
                "例如：三年级(2)班；这一格对了，年级那一格不用改",
            );
        }
    }
}

/// A day of birth that hardly fits the grade was mistyped, more often than not.
fn age(cells: &Cells<'_>, found: &mut Found, child: &NewChild, school_year: i16) {
    let Some(born_on) = child.born_on.filter(|_| child.grade > 0) else {
        return;
    };
    let class = ClassRef {
        grade: child.grade,
        number: child.class_number,
    };
    if class.is_strange_age(born_on, school_year) {
        found.ask(
            cells.place(Column::Born),
            format!(
                "{}的孩子一般{}岁上下，按出生日期是{}岁。日子对吗？",
                class.grade_title(),
                class.usual_age(),
                school_year - born_on.year()
            ),
            &[("age_as_written", "对，就是这天"), ("skip", "先不导入")],
        );
    }
}

fn rest(cells: &Cells<'_>, child: &mut NewChild) {
    child.identity.address = cells.text(Column::Address);
    child.identity.hukou_place = cells.text(Column::HukouPlace);
    child.identity.nation = cells.text(Column::Nation);
    child.identity.health = cells.text(Column::Health);
    child.identity.remark = cells.text(Column::Remark);
    child.identity.came_from = cells.text(Column::CameFrom);
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
        if let Some(kin) = one_kin(cells, found, (place, child.kin.len())) {
            child.kin.push(kin);
        }
    }
}

/// What a list says where there is no telephone.
const NOTHING: [&str; 14] = [
    "无",
    "没有",
    "暂无",
    "-",
    "—",
    "——",
    "/",
    "不详",
    "不知道",
    "不清楚",
    "未知",
    "未填",
    "没填",
    "空",
];

/// What a list says in place of the name of somebody who has died.
const DEAD: [&str; 7] = ["已故", "去世", "已去世", "病故", "亡故", "死亡", "离世"];

/// A word in brackets or between strokes is the word.
fn bare(text: &str) -> String {
    let text = text::squeeze(text);
    let around = |one: char| matches!(one, '（' | '）' | '(' | ')' | '【' | '】' | '。');
    text.trim_matches(around).to_owned()
}

fn is_nothing(cell: &Cell) -> bool {
    NOTHING.contains(&bare(cell.text()).as_str())
}

fn one_kin(cells: &Cells<'_>, found: &mut Found, (place, position): (u8, usize)) -> Option<NewKin> {
    // A number without a name is still a way to reach somebody.
    let name = cells.at(Column::Kin(place, KinColumn::Name));
    let name = name.filter(|(_, cell)| !is_nothing(cell));
    let phone = cells.at(Column::Kin(place, KinColumn::Phone));
    let phone = phone.filter(|(_, cell)| !is_nothing(cell));
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
    if DEAD.contains(&bare(&name).as_str()) {
        let kinship = kinship.map_or_else(|| "other".to_owned(), |one| one.code().to_owned());
        let whose = kin_word(&kinship);
        found.told.push(format!(
            "{whose}写的是“{name}”，没有放进联系卡；导入以后请在“家里的情况”里记下。"
        ));
        return None;
    }
    let said = |part| {
        let said = cells.text(Column::Kin(place, part))?;
        (!NOTHING.contains(&bare(&said).as_str())).then_some(said)
    };
    let mut kin = NewKin {
        party: party.to_owned(),
        kinship: kinship.map_or_else(|| "other".to_owned(), |one| one.code().to_owned()),
        details: KinDetails {
            name,
            work_place: said(KinColumn::Work),
            employer_phone: said(KinColumn::EmployerPhone),
            occupation: said(KinColumn::Occupation),
            address: said(KinColumn::Address),
            health: said(KinColumn::Health),
            phone: None,
        },
        ..NewKin::default()
    };
    if let Some((at, cell)) = phone {
        phone_of(&mut kin, (at, cell, position), found);
    }
    Some(kin)
}

/// A number that can be rung up goes in; which of several is asked, and any other is held back.
fn phone_of(kin: &mut NewKin, (at, cell, position): (usize, &Cell, usize), found: &mut Found) {
    let fault = match Phone::parse(cell.text()) {
        Ok(phone) => {
            kin.details.phone = Some(phone.as_str().to_owned());
            return;
        }
        Err(fault) => fault,
    };
    kin.phone_held = true;
    let whose = kin_word(&kin.kinship);
    let later = [
        ("without_phone", "先导入，电话以后补"),
        ("skip", "先不导入"),
    ];
    let several = Phone::several(cell.text());
    if several.is_empty() {
        found.ask(at, sentences::phone(&whose, &fault), &later);
        return;
    }
    kin.phones = several.iter().map(|one| one.as_str().to_owned()).collect();
    let each = several.iter().enumerate();
    let each: Vec<(String, String)> = each
        .map(|(which, one)| {
            let code = format!("{PHONE}{position}_{which}");
            (code, format!("打{}", one.masked()))
        })
        .collect();
    let each = each
        .iter()
        .map(|(code, title)| (code.as_str(), title.as_str()));
    let answers: Vec<(&str, &str)> = each.chain(later).collect();
    let sentence = format!(
        "{whose}的电话写了{}个，联系卡上只放一个。打哪一个？",
        several.len()
    );
    found.ask(at, sentence, &answers);
}

/// Which parents are away: by the export's code or in a school's own words, and by where the sheet
/// says they work. What it does not say stays to be asked.
fn away(cells: &Cells<'_>, found: &mut Found, (child, by_hand): (&mut NewChild, bool)) {
    let Some(said) = cells.text(Column::LeftBehind) else {
        return;
    };
    let Some(told) = registry_word::read(&said) else {
        child.who_is_open = true;
        found.told.push(format!(
            "是不是留守写着“{said}”，看不懂，先当作还没问过；导入以后请在摸底里问。"
        ));
        return;
    };
    child.registry_code = told.code().map(ToOwned::to_owned);
    child.since_is_open = by_hand || !registry_word::is_of_the_export(&said);
    for kin in child.kin.iter_mut().filter(|kin| kin.party == "parent") {
        let work = kin.details.work_place.as_deref().unwrap_or_default();
        kin.is_away = match told {
            Told::Nobody | Told::Somebody => false,
            Told::One(None) => !work.is_empty() && !work.starts_with("在家"),
            Told::One(Some(parent)) => parent_of(kin) == parent.code(),
            Told::Both => true,
        };
    }
    child.away_unnamed = told
        .named()
        .iter()
        .map(|parent| parent.code())
        .filter(|code| {
            let mut parents = child.kin.iter().filter(|kin| kin.party == "parent");
            !parents.any(|kin| parent_of(kin) == *code)
        })
        .map(ToOwned::to_owned)
        .collect();
    let is_said = child.kin.iter().any(|kin| kin.is_away) || !child.away_unnamed.is_empty();
    child.who_is_open = told != Told::Nobody && !is_said;
    if child.who_is_open {
        found.told.push(
            "名单说爸妈有人在外，没说是哪一个：先当作还没问过，导入以后请在摸底里问。".to_owned(),
        );
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
            Some("0") => "parent",
            _ => return None,
        },
    };
    Some(word.to_owned())
}
