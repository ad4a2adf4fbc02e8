//! From forms and children to sheets.

use super::collect::{Order, Subject};
use crate::dossier::files::Filed;
use crate::packs::{Entry, Field, FieldKind, Form, FormKind, Known};
use crate::records::forms::{Filled, words as codes};
use crate::web::{Viewer, words};
use jiff::civil::Date;
use press::{Block, Card, Cell, Paper, Row, Sheet};
use rules::duties::Actor;
use serde_json::Value;

/// Forms are filled in, or blank for handwriting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    Known,
    Blank,
}

/// Room for a long answer by hand, in millimetres.
const LONG_ROOM: u8 = 26;
/// A list is never shorter than so many rows: the rest is written by hand.
const LEAST_ROWS: usize = 8;
const BLANK_ROWS: usize = 14;
/// More columns do not fit the width of a page.
const MOST_COLUMNS: usize = 6;

pub fn foot(viewer: &Viewer) -> String {
    format!(
        "印有个人信息，用完请收好 · {} · {}",
        viewer.name,
        words::full_day(viewer.today())
    )
}

fn signer(actor: Actor) -> &'static str {
    match actor {
        Actor::Parent | Actor::OtherParent => "家长签字",
        Actor::Carer => "照看人签字",
        Actor::Principal => "校长签字",
        Actor::LeadingGroupMember => "领导小组签字",
        Actor::Counsellor => "心理教师签字",
        Actor::VillageOfficer => "村干部签字",
        Actor::HomeroomTeacher
        | Actor::Mentor
        | Actor::SubjectTeacher
        | Actor::PartyMember
        | Actor::DormStaff
        | Actor::Archivist
        | Actor::School
        | Actor::Volunteer => "教师签字",
    }
}

/// 照看人, then 教师, then the others: the order of the counter where it is signed.
fn signers(form: &Form) -> Vec<String> {
    let mut names: Vec<&str> = form.signers.iter().map(|actor| signer(*actor)).collect();
    let fields = form.fields.iter();
    let lines = fields.filter(|field| field.kind == FieldKind::Signature);
    names.extend(lines.map(|field| field.title.as_str()));
    names.sort_by_key(|name| match *name {
        "照看人签字" | "家长签字" => 0,
        "教师签字" => 1,
        _ => 2,
    });
    names.dedup();
    names.into_iter().map(ToOwned::to_owned).collect()
}

fn ticked(options: &[Entry], chosen: &[String]) -> String {
    let one = |option: &Entry| {
        let mark = if chosen.contains(&option.code) {
            "√"
        } else {
            "□"
        };
        format!("{mark}{}", option.formal())
    };
    options.iter().map(one).collect::<Vec<_>>().join("　")
}

/// What stands in a field's cell.
fn value(field: &Field, filled: Option<&Value>) -> String {
    if field.kind.has_options() {
        return ticked(&field.options, &filled.map(codes).unwrap_or_default());
    }
    let unit = field.unit.as_deref().unwrap_or_default();
    match filled {
        None if !unit.is_empty() => format!("　　　{unit}"),
        None => String::new(),
        Some(value) => plain(value, unit),
    }
}

fn plain(value: &Value, unit: &str) -> String {
    match value {
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "不是".to_owned(),
        Value::Number(number) => format!("{number}{unit}"),
        Value::String(text) => day(text).unwrap_or_else(|| text.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn day(text: &str) -> Option<String> {
    text.parse::<Date>().ok().map(words::full_day)
}

/// A value in a list, where the unchosen need no room.
fn listed(field: &Field, filled: Option<&Value>) -> String {
    let Some(value) = filled else {
        return String::new();
    };
    if field.kind.has_options() {
        let chosen = codes(value);
        let own = field.options.iter();
        let titles = own.filter(|option| chosen.contains(&option.code));
        return titles.map(Entry::formal).collect::<Vec<_>>().join("、");
    }
    plain(value, field.unit.as_deref().unwrap_or_default())
}

fn known(subject: &Subject, known: Known, filling: Filling) -> String {
    match filling {
        Filling::Blank => String::new(),
        Filling::Known => subject.facts.value(known).unwrap_or_default(),
    }
}

/// Who the sheet is about, where the form does not ask for it itself.
fn about(form: &Form, subject: &Subject, filling: Filling) -> Option<Block> {
    let names_itself = form
        .fields
        .iter()
        .any(|field| field.from == Some(Known::Name));
    let cell = |title: &str, fact| Cell::new(title, known(subject, fact, filling));
    (!names_itself).then(|| Block::Fields {
        rows: vec![Row {
            cells: vec![
                cell("姓名", Known::Name),
                cell("性别", Known::Sex),
                cell("班级", Known::Class),
            ],
            room: 0,
        }],
    })
}

fn is_short(field: &Field) -> bool {
    match field.kind {
        FieldKind::LongText => false,
        kind if kind.has_options() => field.options.len() <= 2,
        FieldKind::Address => false,
        _ => true,
    }
}

/// Labels and values, two short ones beside each other, a heading where a section begins.
fn ruled(form: &Form, cell: &dyn Fn(&Field) -> String) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut section: Option<&str> = None;
    let mut fields: Vec<&Field> = form
        .fields
        .iter()
        .filter(|field| field.kind != FieldKind::Signature)
        .collect();
    // What a later pack adds to a section stands with it.
    let mut order: Vec<Option<&str>> = Vec::new();
    for field in &fields {
        let own = field.section.as_deref();
        if !order.contains(&own) {
            order.push(own);
        }
    }
    fields.sort_by_key(|field| {
        order
            .iter()
            .position(|one| *one == field.section.as_deref())
    });
    for field in fields {
        if field.section.as_deref() != section {
            section = field.section.as_deref();
            if !rows.is_empty() {
                blocks.push(Block::Fields {
                    rows: std::mem::take(&mut rows),
                });
            }
            blocks.extend(section.map(|text| Block::Head {
                text: text.to_owned(),
            }));
        }
        let one = Cell::new(field.title.clone(), cell(field));
        let room = if field.kind == FieldKind::LongText {
            LONG_ROOM
        } else {
            0
        };
        match rows.last_mut() {
            Some(last) if is_short(field) && last.cells.len() == 1 && last.room == 1 => {
                last.cells.push(one);
                last.room = 0;
            }
            _ => rows.push(Row {
                cells: vec![one],
                // A short one waits for its neighbour.
                room: if is_short(field) { 1 } else { room },
            }),
        }
    }
    if !rows.is_empty() {
        blocks.push(Block::Fields { rows });
    }
    for block in &mut blocks {
        if let Block::Fields { rows } = block {
            for row in rows.iter_mut().filter(|row| row.room == 1) {
                row.room = 0;
            }
        }
    }
    blocks
}

struct Line<'a> {
    day: String,
    filled: &'a Filled,
    by: String,
}

fn lines<'a>(form: &Form, subject: &'a Subject) -> Vec<Line<'a>> {
    if form.kind == FormKind::Record {
        let own = subject.records.iter().filter(|one| one.kind == form.id);
        let mut found: Vec<Line<'_>> = own
            .map(|one| Line {
                day: one.happened_on.to_string(),
                filled: &one.filled,
                by: one.by_name.clone(),
            })
            .collect();
        found.reverse();
        return found;
    }
    let own = subject.entries.iter().filter(|one| one.form == form.id);
    own.map(|one| Line {
        day: crate::clock::day_of(&one.written_at).map_or(String::new(), |day| day.to_string()),
        filled: &one.filled,
        by: one.by_name.clone(),
    })
    .collect()
}

/// A form of which there are many: one line for each.
fn listing(form: &Form, lines: &[Line<'_>], least: usize) -> Block {
    let columns: Vec<&Field> = form
        .fields
        .iter()
        .filter(|field| field.kind != FieldKind::Signature)
        .take(MOST_COLUMNS)
        .collect();
    let mut heads = vec!["日期".to_owned()];
    heads.extend(columns.iter().map(|field| field.title.clone()));
    heads.push("记录人".to_owned());
    let mut widths: Vec<u8> = columns
        .iter()
        .map(|field| match field.kind {
            FieldKind::LongText => 6,
            FieldKind::Number | FieldKind::YesNo => 2,
            _ => 4,
        })
        .collect();
    widths.push(2);
    // A seventh of the rest of the page is what a day takes on one line.
    let day = widths.iter().sum::<u8>().div_ceil(7).max(3);
    widths.insert(0, day);
    let mut rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            let mut row = vec![line.day.clone()];
            row.extend(
                columns
                    .iter()
                    .map(|field| listed(field, line.filled.get(&field.id))),
            );
            row.push(line.by.clone());
            row
        })
        .collect();
    while rows.len() < least {
        rows.push(vec![String::new(); heads.len()]);
    }
    Block::Table {
        heads,
        widths,
        rows,
    }
}

/// One form of one child.
pub fn sheet(form: &Form, subject: &Subject, (school, filling): (&str, Filling)) -> Sheet {
    let mut blocks: Vec<Block> = about(form, subject, filling).into_iter().collect();
    if filling == Filling::Known && subject.guarded.contains(&form.id) {
        blocks.push(Block::Note {
            text: "这张表的内容受保护，没有印在这里。".to_owned(),
        });
    }
    if form.many || form.kind == FormKind::Record {
        let own = match filling {
            Filling::Known => lines(form, subject),
            Filling::Blank => Vec::new(),
        };
        let least = match filling {
            Filling::Known => LEAST_ROWS,
            Filling::Blank => BLANK_ROWS,
        };
        blocks.push(listing(form, &own, least));
    } else {
        let filled = subject.entries.iter().rev().find(|one| one.form == form.id);
        blocks.extend(ruled(form, &|field| match field.from {
            Some(fact) => known(subject, fact, filling),
            None => {
                let own = filled.filter(|_| filling == Filling::Known);
                value(field, own.and_then(|one| one.filled.get(&field.id)))
            }
        }));
    }
    Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        entry: String::new(),
        level: 1,
        wide: false,
        blocks,
        signers: signers(form),
        stamp: form.kind == FormKind::Dossier,
    }
}

/// A class or a school as one list: 花名册, or the blank heads of another register.
fn register(form: &Form, order: &Order, (school, filling): (&str, Filling)) -> Sheet {
    let block = if form.id == ROSTER {
        roster(order, filling)
    } else {
        listing(form, &[], BLANK_ROWS)
    };
    Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        wide: form.id == ROSTER,
        blocks: vec![block],
        signers: signers(form),
        stamp: true,
        ..Sheet::default()
    }
}

/// P1 line 19, the first of the eight record types.
const ROSTER: &str = "roster_summary";

pub const ROSTER_HEADS: [(&str, Option<Known>, u8); 11] = [
    ("序号", None, 2),
    ("姓名", Some(Known::Name), 4),
    ("性别", Some(Known::Sex), 2),
    ("出生日期", Some(Known::BornOn), 5),
    ("班级", Some(Known::Class), 4),
    ("爸爸在哪里", Some(Known::FatherWork), 5),
    ("爸爸电话", Some(Known::FatherPhone), 5),
    ("妈妈在哪里", Some(Known::MotherWork), 5),
    ("妈妈电话", Some(Known::MotherPhone), 5),
    ("照看人", Some(Known::CarerName), 4),
    ("照看人电话", Some(Known::CarerPhone), 5),
];

fn roster(order: &Order, filling: Filling) -> Block {
    let row = |(at, subject): (usize, &Subject)| -> Vec<String> {
        ROSTER_HEADS
            .iter()
            .map(|(_, fact, _)| match fact {
                None => (at + 1).to_string(),
                Some(fact) => known(subject, *fact, filling),
            })
            .collect()
    };
    Block::Table {
        heads: ROSTER_HEADS
            .iter()
            .map(|(head, ..)| (*head).to_owned())
            .collect(),
        widths: ROSTER_HEADS.iter().map(|(.., width)| *width).collect(),
        rows: order.subjects.iter().enumerate().map(row).collect(),
    }
}

fn cover(subject: &Subject, school: &str) -> Sheet {
    let cell = |title: &str, fact| Cell::new(title, known(subject, fact, Filling::Known));
    Sheet {
        school: school.to_owned(),
        title: "一生一档".to_owned(),
        entry: subject.child.name.clone(),
        level: 1,
        blocks: vec![Block::Fields {
            rows: vec![
                Row {
                    cells: vec![cell("姓名", Known::Name), cell("性别", Known::Sex)],
                    room: 0,
                },
                Row {
                    cells: vec![cell("出生日期", Known::BornOn), cell("班级", Known::Class)],
                    room: 0,
                },
                Row {
                    cells: vec![
                        cell("照看人", Known::CarerName),
                        cell("电话", Known::CarerPhone),
                    ],
                    room: 0,
                },
            ],
        }],
        ..Sheet::default()
    }
}

fn folder(order: &Order, school: &str) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for subject in &order.subjects {
        sheets.push(cover(subject, school));
        for form in &subject.forms {
            let empty = form.kind == FormKind::Record && lines(form, subject).is_empty();
            if empty {
                continue;
            }
            let mut one = sheet(form, subject, (school, Filling::Known));
            one.entry = one.title.clone();
            one.level = 2;
            sheets.push(one);
        }
        sheets.extend(pictures(subject, school));
    }
    sheets
}

/// The name under which the press finds a picture: its place among all of the paper.
fn picture_name(at: usize) -> String {
    format!("picture-{at}.jpg")
}

/// 照片和扫描件: a folder has pictures only when it is one child's, so their places count from 0.
fn pictures(subject: &Subject, school: &str) -> Option<Sheet> {
    let mut at = 0..;
    let block = |one: &Filed| {
        let on = one.made_on.map(words::full_day);
        let text = [Some(one.title.clone()), on].into_iter().flatten();
        let text = text.collect::<Vec<_>>().join("，");
        match (&one.picture, at.next()) {
            (Some(_), Some(at)) => Block::Picture {
                text,
                name: picture_name(at),
                href: one.href.clone(),
            },
            _ => Block::Note {
                text: format!("{text}（另附）"),
            },
        }
    };
    let blocks: Vec<Block> = subject.files.iter().map(block).collect();
    let title = "照片和扫描件".to_owned();
    (!blocks.is_empty()).then(|| Sheet {
        school: school.to_owned(),
        entry: title.clone(),
        title,
        level: 2,
        blocks,
        ..Sheet::default()
    })
}

/// 五（2）班（住校）
fn class_with_boarding(subject: &Subject) -> String {
    let class = subject.child.class_title();
    match subject.facts.value(Known::Boarding) {
        Some(boarding) => format!("{class}（{boarding}）"),
        None => class,
    }
}

fn card(subject: &Subject, teacher: &(String, String)) -> Card {
    let cell = |title: &str, fact| Cell::new(title, known(subject, fact, Filling::Known));
    let row = |cells: Vec<Cell>| Row { cells, room: 0 };
    Card {
        rows: vec![
            row(vec![cell("姓名", Known::Name), cell("性别", Known::Sex)]),
            row(vec![
                cell("出生日期", Known::BornOn),
                Cell::new("班级", class_with_boarding(subject)),
            ]),
            row(vec![cell("家庭住址", Known::Address)]),
            row(vec![
                cell("父亲", Known::FatherName),
                cell("电话", Known::FatherPhone),
            ]),
            row(vec![cell("务工单位", Known::FatherWork)]),
            row(vec![
                cell("母亲", Known::MotherName),
                cell("电话", Known::MotherPhone),
            ]),
            row(vec![cell("务工单位", Known::MotherWork)]),
            row(vec![
                cell("照看人", Known::CarerName),
                cell("电话", Known::CarerPhone),
            ]),
            row(vec![
                Cell::new("班主任", teacher.0.clone()),
                Cell::new("电话", teacher.1.clone()),
            ]),
        ],
        sign: vec!["照看人签字".to_owned(), "核对日期".to_owned()],
    }
}

/// The paper of an order. `teachers`: the homeroom teacher and number of each class.
pub fn paper(
    order: &Order,
    viewer: &Viewer,
    (form, filling): (&str, Filling),
    teachers: &dyn Fn(&str) -> (String, String),
) -> Paper {
    let school = viewer.school_name.as_str();
    let mut paper = Paper {
        title: "校务".to_owned(),
        foot: foot(viewer),
        ..Paper::default()
    };
    if form == super::CARD {
        let card = |subject: &Subject| card(subject, &teachers(subject.child.class_id.as_str()));
        paper.cards = order.subjects.iter().map(card).collect();
        return paper;
    }
    if form == super::WHOLE {
        paper.contents = Some(format!("{school}　一生一档"));
        paper.sheets = folder(order, school);
        let files = order.subjects.iter().flat_map(|subject| &subject.files);
        // A scan that is only named has a place, too.
        paper.pictures = files
            .map(|one| one.picture.clone().unwrap_or_default())
            .collect();
        return paper;
    }
    for form in &order.forms {
        if form.kind == FormKind::Register {
            paper.sheets.push(register(form, order, (school, filling)));
            continue;
        }
        for subject in &order.subjects {
            let own = subject.forms.iter().find(|own| own.id == form.id);
            let drawn = own.map(|own| sheet(own, subject, (school, filling)));
            paper.sheets.extend(drawn);
        }
    }
    paper
}
