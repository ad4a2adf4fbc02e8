//! One row of a roster as the child that it tells of, with everything that is wrong or has to be asked.

use super::check::{Answer, NewChild, School, of_its_stage};
use super::family::{away, kin, lives_with};
use super::heads::{Column, Heads};
use super::sentences;
use crate::sheets::{Cell, SheetRow};
use jiff::civil::Date;
use rules::identity::{
    CitizenId, CitizenIdFault, ClassRef, NationalStudentNo, PersonName, Sex, day_of_a_serial,
    parse_class, parse_date, text,
};

/// Cells of a line by their columns.
pub(super) struct Cells<'a> {
    row: &'a SheetRow,
    pub(super) heads: &'a Heads,
}

impl Cells<'_> {
    pub(super) fn at(&self, column: Column) -> Option<(usize, &Cell)> {
        self.heads
            .columns
            .iter()
            .filter(|(_, one)| **one == column)
            .find_map(|(at, _)| {
                let cell = self.row.cells.get(*at)?;
                (!cell.text().trim().is_empty()).then_some((*at, cell))
            })
    }

    pub(super) fn place(&self, column: Column) -> usize {
        self.heads
            .columns
            .iter()
            .find(|(_, one)| **one == column)
            .map_or(0, |(at, _)| *at)
    }

    pub(super) fn text(&self, column: Column) -> Option<String> {
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
                if let Some(day) = day_of_a_serial(cell.text()) {
                    let said = cell.text();
                    found.told.push(format!(
                        "出生日期那一格是数字{said}，按表格的算法是{day}，这样放进去。"
                    ));
                    return Some(day);
                }
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
