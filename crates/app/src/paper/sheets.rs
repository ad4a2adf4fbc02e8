//! From forms and children to sheets.

use super::collect::Subject;
use super::lists::{Line, below, is_wider_than_a_list, lines, listing};
use super::{Purpose, nameless};
use crate::packs::{Entry, Field, FieldKind, Form, FormKind, Known, Layout};
use crate::records::forms::{Filled, words as codes};
use crate::web::{Viewer, words};
use press::{Block, Cell, Row, Sheet};
use rules::duties::Actor;
use rules::identity::Phone;
use serde_json::Value;

/// Forms are filled in, blank for handwriting, or filled in without saying who it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    Known,
    Blank,
    Nameless,
}

/// Room for a long answer by hand, in millimetres.
const LONG_ROOM: u8 = 26;
/// Room where a photograph is glued in, in millimetres.
const PHOTO_ROOM: u8 = 40;
/// A list is never shorter than so many rows: the rest is written by hand.
const LEAST_ROWS: usize = 8;
/// With the head above and the signatures below, so many fill a page that stands up.
const BLANK_ROWS: usize = 14;
/// And one that lies on its side.
const BLANK_ROWS_WIDE: usize = 9;

/// The rows of a list that a hand fills in.
pub fn blank_rows(is_wide: bool) -> usize {
    if is_wide { BLANK_ROWS_WIDE } else { BLANK_ROWS }
}

pub fn foot(viewer: &Viewer, filling: Filling, purpose: Purpose) -> String {
    let day = words::full_day(viewer.today());
    let time = crate::clock::time_of(&viewer.now.at).unwrap_or_default();
    match filling {
        Filling::Nameless => format!("去掉了姓名，拿出去以前请再读一遍正文 · {day}"),
        Filling::Known | Filling::Blank => {
            let (purpose, name) = (purpose.title(), &viewer.name);
            format!("印有个人信息，用完请收好 · {purpose} · {name} · {day}{time}")
        }
    }
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
pub fn signers(form: &Form) -> Vec<String> {
    let mut names: Vec<&str> = form.signers.iter().map(|actor| signer(*actor)).collect();
    let fields = form.fields.iter();
    let lines = fields.filter(|field| field.kind == FieldKind::Signature);
    names.extend(lines.map(Field::formal));
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
    let shown = |option: &&Entry| !option.retired || chosen.contains(&option.code);
    let shown = options.iter().filter(shown);
    shown.map(one).collect::<Vec<_>>().join("　")
}

/// What stands in a field's cell.
pub fn value(field: &Field, filled: Option<&Value>) -> String {
    if field.kind.is_offered() {
        return listed(field, filled);
    }
    if field.kind.has_options() {
        return ticked(&field.options, &filled.map(codes).unwrap_or_default());
    }
    if field.kind == FieldKind::YesNo {
        return match filled {
            Some(Value::Bool(true)) => "√是　□不是",
            Some(Value::Bool(false)) => "□是　√不是",
            _ => "□是　□不是",
        }
        .to_owned();
    }
    let unit = field.unit.as_deref().unwrap_or_default();
    match filled {
        None if !unit.is_empty() => format!("　　　{unit}"),
        None => String::new(),
        Some(value) => plain(field, value),
    }
}

fn plain(field: &Field, value: &Value) -> String {
    match value {
        Value::Bool(true) => "是".to_owned(),
        Value::Bool(false) => "不是".to_owned(),
        Value::Number(number) => {
            format!("{number}{}", field.unit.as_deref().unwrap_or_default())
        }
        Value::String(text) if field.kind.is_day() => words::known_day(text),
        Value::String(text) if field.kind == FieldKind::Phone => {
            Phone::parse(text).map_or_else(|_| text.clone(), |phone| phone.grouped())
        }
        Value::String(text) => text.clone(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// A value in a list, where the unchosen need no room.
pub fn listed(field: &Field, filled: Option<&Value>) -> String {
    let Some(value) = filled else {
        return String::new();
    };
    if field.kind.has_options() {
        let chosen = codes(value);
        let own = field.options.iter();
        let titles = own.filter(|option| chosen.contains(&option.code));
        return titles.map(Entry::formal).collect::<Vec<_>>().join("、");
    }
    plain(field, value)
}

pub fn known(subject: &Subject, known: Known, filling: Filling) -> String {
    match filling {
        Filling::Blank => String::new(),
        Filling::Known => subject.facts.on_paper(known),
        Filling::Nameless if nameless::tells_nobody(known) => {
            subject.facts.value(known).unwrap_or_default()
        }
        Filling::Nameless => String::new(),
    }
}

/// Who the sheet is about, where the form does not ask for it itself.
fn about(form: &Form, subject: &Subject, filling: Filling) -> Option<Block> {
    let names_itself = form
        .fields
        .iter()
        .any(|field| field.from == Some(Known::Name));
    let cell = |title: &str, fact| Cell::new(title, known(subject, fact, filling));
    let cells = match filling {
        Filling::Nameless => vec![cell("性别", Known::Sex), cell("年龄", Known::Age)],
        Filling::Known | Filling::Blank => vec![
            cell("姓名", Known::Name),
            cell("性别", Known::Sex),
            cell("班级", Known::Class),
        ],
    };
    (!names_itself).then(|| Block::Fields {
        rows: vec![Row { cells, room: 0 }],
    })
}

fn is_short(field: &Field) -> bool {
    match field.kind {
        FieldKind::LongText | FieldKind::Photo => false,
        kind if kind.has_options() => field.options.len() <= 2,
        FieldKind::Address => false,
        _ => true,
    }
}

/// father, of `father.phone`: whom a field that is filled from what is known is about.
fn whose(field: &Field) -> Option<&'static str> {
    let (whose, _) = field.from?.code().split_once('.')?;
    Some(whose)
}

/// Labels and values, two short ones beside each other, a heading where a section begins.
pub fn ruled(form: &Form, cell: &dyn Fn(&Field) -> String) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    let mut section: Option<&str> = None;
    let mut before: Option<&str> = None;
    let fields = form.by_section().into_iter();
    let printed = |field: &&Field| field.kind != FieldKind::Signature && field.on_paper;
    for field in fields.filter(printed) {
        if field.section.as_deref() != section {
            section = field.section.as_deref();
            if !rows.is_empty() {
                blocks.push(Block::Fields {
                    rows: std::mem::take(&mut rows),
                });
            }
            blocks.extend(section.map(|text| Block::Head {
                text: form.formal_section(text).to_owned(),
            }));
        }
        let one = Cell::new(field.formal(), cell(field));
        let room = match field.kind {
            FieldKind::LongText => LONG_ROOM,
            FieldKind::Photo if one.value.is_empty() => PHOTO_ROOM,
            _ => 0,
        };
        let whose = whose(field);
        // What is known of two people does not stand in one row.
        let fits = is_short(field) && (whose.is_none() || before.is_none() || whose == before);
        before = whose;
        match rows.last_mut() {
            Some(last) if fits && last.cells.len() == 1 && last.room == 1 => {
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

/// An entry and its version in one word.
pub fn numbered(id: &str, version: i64) -> String {
    format!("{id}.{version}")
}

/// What a file says of the form and the entry, so that it can be read again.
pub fn mark(form: &Form, id: &str, filling: Filling) -> String {
    match filling {
        Filling::Known => format!("{}/{id}", form.id),
        Filling::Blank | Filling::Nameless => String::new(),
    }
}

/// Most of it is on the roster or the card: the sheet says something before anybody has written.
pub fn is_known(form: &Form) -> bool {
    let known = form.fields.iter().filter(|field| field.from.is_some());
    known.count() * 2 > form.fields.len()
}

/// Whether somebody has written of the child in this form, or most of it is known anyway.
pub fn is_written(form: &Form, subject: &Subject) -> bool {
    is_known(form) || !lines(form, subject).is_empty() || subject.guarded.contains(&form.id)
}

/// Labels and what was filled in beside them.
fn filled_in(form: &Form, subject: &Subject, own: Option<&Filled>, filling: Filling) -> Vec<Block> {
    // A sheet that nobody has filled in says what its page would say.
    let is_begun = own.is_none() && filling == Filling::Known;
    let begun = |field: &Field| {
        let known = subject.begun.known(field).filter(|_| is_begun)?;
        Some(value(field, Some(&known)))
    };
    let mut blocks = ruled(form, &|field| match field.from {
        Some(fact) => known(subject, fact, filling),
        None => begun(field).unwrap_or_else(|| {
            let said = own.and_then(|own| own.get(&field.id));
            value(field, said)
        }),
    });
    blocks.extend(own.and_then(|own| no_longer_asked(form, own)));
    blocks
}

/// What was written where nobody is asked any more.
fn no_longer_asked(form: &Form, own: &Filled) -> Option<Block> {
    let said = form.gone.iter().filter_map(|field| {
        let value = listed(field, own.get(&field.id));
        (!value.is_empty()).then(|| format!("{}：{value}", field.formal()))
    });
    let said = said.collect::<Vec<_>>().join("；");
    (!said.is_empty()).then(|| Block::Note {
        text: format!("以前问过的　{said}"),
    })
}

/// What becomes of a form in which nobody has written anything of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unwritten {
    /// It is not there: others have theirs.
    LeftOut,
    /// Nobody has any: whoever asks for it alone writes it by hand, under the child's name.
    ByHand,
}

/// Whether the last of them has a word on all that the others speak of.
pub fn covers(all: &[Line<'_>]) -> bool {
    let Some((last, earlier)) = all.split_last() else {
        return true;
    };
    let mut spoken = earlier.iter().flat_map(|line| line.filled.keys());
    spoken.all(|field| last.filled.contains_key(field))
}

/// A list has the day and the writer in columns; a sheet that a hand fills in asks for them.
fn last_said(
    form: &Form,
    subject: &Subject,
    said: Option<&Filled>,
    filling: Filling,
) -> Vec<Block> {
    let mut body = filled_in(form, subject, said, filling);
    if said.is_none() && form.kind == FormKind::Record {
        let cells = ["日期", "记录人"].map(|title| Cell::new(title, "")).into();
        let rows = vec![Row { cells, room: 0 }];
        body.insert(0, Block::Fields { rows });
    }
    body
}

/// The sheets of one form of one child: one, or one for each entry.
pub fn sheets(
    form: &Form,
    subject: &Subject,
    (school, filling, unwritten): (&str, Filling, Unwritten),
) -> Vec<Sheet> {
    let is_guarded = subject.guarded.contains(&form.id);
    let said = is_guarded && filling == Filling::Known;
    // What is not this viewer's is printed for handwriting, also what is known elsewhere.
    let filling = if is_guarded { Filling::Blank } else { filling };
    let is_blank = filling == Filling::Blank;
    let own = match filling {
        Filling::Blank => Vec::new(),
        Filling::Known | Filling::Nameless => lines(form, subject),
    };
    // Of two files that were merged both sheets are there.
    let is_merged = !form.many && form.kind == FormKind::Dossier && !covers(&own);
    let is_too_wide =
        form.kind == FormKind::Dossier && form.layout == Layout::List && is_wider_than_a_list(form);
    let in_pages = is_merged || (form.many && (form.layout == Layout::Page || is_too_wide));
    let is_slip = own.is_empty() && (is_known(form) || unwritten == Unwritten::ByHand);
    let in_a_list = !in_pages
        && (form.many || form.kind == FormKind::Record)
        && !(is_blank && is_wider_than_a_list(form));
    let child = subject.child.id.to_string();
    let bodies: Vec<(String, Vec<Block>)> = if in_pages && !is_blank && !is_slip {
        let each = own.iter();
        each.map(|line| {
            let body = filled_in(form, subject, Some(line.filled), filling);
            (line.id.clone(), body)
        })
        .collect()
    } else if in_a_list {
        let least = if is_blank {
            blank_rows(false)
        } else {
            LEAST_ROWS
        };
        let mut body = vec![listing(form, &own, (least, filling))];
        body.extend(below(form, &own, filling));
        vec![(child, body)]
    } else {
        let last = own.last();
        let body = last_said(form, subject, last.map(|line| line.filled), filling);
        vec![(last.map_or(child, |line| line.id.clone()), body)]
    };
    let closing = form.closing.iter().cloned();
    let closing: Vec<Block> = closing.map(|text| Block::Note { text }).collect();
    let sheets = bodies.into_iter().map(|(id, body)| Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        about: subject.whose(filling),
        level: 1,
        blocks: [
            headed(form, subject, (filling, said), body),
            closing.clone(),
        ]
        .concat(),
        signers: signers(form),
        stamp: form.kind == FormKind::Dossier,
        mark: mark(form, &id, filling),
        ..Sheet::default()
    });
    match filling {
        Filling::Nameless => sheets.map(|one| nameless::hidden(one, subject)).collect(),
        Filling::Known | Filling::Blank => sheets.collect(),
    }
}

fn headed(
    form: &Form,
    subject: &Subject,
    (filling, is_guarded): (Filling, bool),
    body: Vec<Block>,
) -> Vec<Block> {
    let about_whom = if is_guarded { Filling::Known } else { filling };
    let mut blocks: Vec<Block> = about(form, subject, about_whom).into_iter().collect();
    if is_guarded {
        blocks.push(Block::Note {
            text: "这张表的内容受保护，没有印在这里。".to_owned(),
        });
    }
    blocks.extend(body);
    blocks
}
