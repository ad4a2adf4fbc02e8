//! One list of a class or a school: 花名册, 总表, and what was written about each child.

use super::collect::{Order, Subject};
use super::lists::{
    Line, below, columns, day_and_name, entry_lines, is_wider_than_a_list, lines, listing, rest,
    width,
};
use super::sheets::{Filling, blank_rows, known, listed, mark, ruled, signers, value};
use crate::packs::{Field, Form, FormKind, Known, Layout};
use crate::web::words;
use jiff::civil::Date;
use press::{Block, Sheet};

/// A register of those who are counted makes itself from the roster (P1 line 19: 信息汇总).
pub fn is_roster(form: &Form) -> bool {
    form.kind == FormKind::Register && form.only_counted
}

pub const ROSTER_HEADS: [(&str, Option<Known>, u8); 14] = [
    ("序号", None, 2),
    ("姓名", Some(Known::Name), 4),
    ("性别", Some(Known::Sex), 2),
    ("出生日期", Some(Known::BornOn), 5),
    ("班级", Some(Known::Class), 4),
    ("住校或走读", Some(Known::Boarding), 3),
    ("父亲务工地", Some(Known::FatherWork), 5),
    ("父亲电话", Some(Known::FatherPhone), 6),
    ("母亲务工地", Some(Known::MotherWork), 5),
    ("母亲电话", Some(Known::MotherPhone), 6),
    ("照看人", Some(Known::CarerName), 4),
    ("与儿童关系", Some(Known::CarerKinship), 3),
    ("照看人电话", Some(Known::CarerPhone), 6),
    ("备注", Some(Known::Remark), 3),
];

/// Registers always, and forms of which the pack says so where there are several children.
pub fn is_one_list(form: &Form, order: &Order) -> bool {
    form.kind == FormKind::Register
        || (order.subjects.len() > 1
            && (form.whole_class || (form.many && form.layout == Layout::Register)))
}

/// How a list is filled in, and whether what a class did together is one line of it.
type Filled = (Filling, bool);

/// One list, or a sheet for each entry where the pack says so.
pub fn sheets(
    form: &Form,
    order: &Order,
    (school, today, (filling, together)): (&str, Date, Filled),
) -> Vec<Sheet> {
    let in_pages = form.layout == Layout::Page
        || (filling == Filling::Blank && !is_roster(form) && is_wider_than_a_list(form));
    let in_pages = form.kind == FormKind::Register && in_pages;
    if !in_pages {
        let list = register(form, order, (school, today, (filling, together)));
        // A list of children of whom nobody has written anything is no list.
        let is_vain = filling == Filling::Known
            && form.kind != FormKind::Register
            && list.blocks.iter().all(says_nothing);
        return if is_vain { Vec::new() } else { vec![list] };
    }
    let page = |line: Option<&Line<'_>>| Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        blocks: ruled(form, &|field| {
            value(field, line.and_then(|line| line.filled.get(&field.id)))
        }),
        signers: signers(form),
        stamp: true,
        mark: mark(form, line.map_or("", |line| &line.id), filling),
        ..Sheet::default()
    };
    if filling == Filling::Blank {
        return vec![page(None)];
    }
    let lines = entry_lines(form, order.entries.iter());
    lines.iter().map(|line| page(Some(line))).collect()
}

fn says_nothing(block: &Block) -> bool {
    match block {
        Block::Table { rows, .. } => rows.iter().flatten().all(String::is_empty),
        Block::Fields { rows } => {
            let mut cells = rows.iter().flat_map(|row| &row.cells);
            cells.all(|cell| cell.value.is_empty())
        }
        Block::Note { .. } | Block::Picture { .. } => false,
        Block::Head { .. } => true,
    }
}

fn register(
    form: &Form,
    order: &Order,
    (school, today, (filling, together)): (&str, Date, Filled),
) -> Sheet {
    let is_roster = is_roster(form);
    let wide = is_roster || columns(form).count() > 3;
    let mut blocks = Vec::new();
    if is_roster && filling == Filling::Known {
        blocks.push(Block::Note {
            text: basis(order, today),
        });
    }
    match form.kind {
        _ if is_roster => blocks.push(roster(order, filling)),
        FormKind::Register => {
            let lines = entry_lines(form, order.entries.iter());
            blocks.push(listing(form, &lines, (blank_rows(wide), filling)));
            blocks.extend(below(form, &lines, filling));
        }
        FormKind::Dossier | FormKind::Record => {
            blocks.extend(all(form, order, (filling, together)));
            if filling == Filling::Blank {
                blocks.extend(below(form, &[], filling));
            }
        }
    }
    Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        wide,
        blocks,
        signers: signers(form),
        stamp: true,
        mark: mark(form, "", filling),
        ..Sheet::default()
    }
}

/// 截止日、口径、人数: what a total list is worth nothing without.
pub fn basis(order: &Order, today: Date) -> String {
    let count = order.subjects.len();
    let day = words::full_day(today);
    match order.basis.as_slice() {
        [] => format!("截止日期：{day}。共{count}名。"),
        rules => format!(
            "截止日期：{day}。口径：{}，符合其中任一项的列入。共{count}名。",
            rules.join("；")
        ),
    }
}

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
        marks: Vec::new(),
    }
}

/// So many are named in a list; of more it says how many.
const NAMED: usize = 6;

/// One line of a list: the day, who, which class, what was written.
struct Row<'a> {
    line: Line<'a>,
    names: Vec<&'a str>,
    class: String,
    values: Vec<String>,
    /// What there is no column for.
    rest: Option<String>,
}

impl Row<'_> {
    /// Written together, and nothing of it corrected for one alone.
    fn is_one_with(&self, other: &Self) -> bool {
        let told = |row: &Self| (row.values.clone(), row.rest.clone(), row.class.clone());
        self.line.group == other.line.group
            && self.line.day == other.line.day
            && told(self) == told(other)
    }

    fn who(&self) -> String {
        match self.names.len() {
            many if many > NAMED => format!("{many}人"),
            _ => self.names.join("、"),
        }
    }

    fn note(&self) -> Option<Block> {
        let rest = self.rest.as_ref()?;
        let day = words::known_day(&self.line.day);
        let text = format!("{day}　{}　{rest}", self.who());
        Some(Block::Note { text })
    }

    fn cells(self) -> Vec<String> {
        let who = self.who();
        let day = words::known_day(&self.line.day);
        let head = [day, who, self.class].into_iter();
        head.chain(self.values).chain([self.line.by]).collect()
    }
}

/// What was written about all of them, by the day; what was written together may be one line.
fn all(form: &Form, order: &Order, (filling, together): Filled) -> Vec<Block> {
    let mut heads: Vec<String> = ["日期", "姓名", "班级"].map(str::to_owned).into();
    heads.extend(columns(form).map(|field| field.formal().to_owned()));
    heads.push("记录人".to_owned());
    let mut widths: Vec<u8> = columns(form).map(width).collect();
    let (day, name) = day_and_name(&widths);
    widths.splice(0..0, [day, name, name]);
    widths.push(name);
    let mut found: Vec<Row<'_>> = Vec::new();
    for subject in order.subjects.iter().filter(|_| filling == Filling::Known) {
        for row in rows(form, subject) {
            let same = |one: &&mut Row<'_>| together && one.is_one_with(&row);
            match found.iter_mut().find(same) {
                Some(one) => one.names.extend(row.names),
                None => found.push(row),
            }
        }
    }
    found.sort_by(|one, other| {
        let by = |row: &Row<'_>| (row.line.day.clone(), row.who());
        by(one).cmp(&by(other))
    });
    let notes: Vec<Block> = found.iter().filter_map(Row::note).collect();
    let found: Vec<(Vec<String>, String)> = found
        .into_iter()
        .map(|row| {
            let id = row.line.id.clone();
            (row.cells(), id)
        })
        .collect();
    let (mut rows, marks): (Vec<Vec<String>>, _) = found.into_iter().unzip();
    while rows.len() < blank_rows(columns(form).count() > 3) {
        rows.push(vec![String::new(); heads.len()]);
    }
    let table = Block::Table {
        heads,
        widths,
        rows,
        marks,
    };
    [table].into_iter().chain(notes).collect()
}

fn rows<'a>(form: &Form, subject: &'a Subject) -> Vec<Row<'a>> {
    let own = subject.forms.iter().find(|own| own.id == form.id);
    let own_lines = own.map(|own| lines(own, subject)).unwrap_or_default();
    let row = |line: Line<'a>| {
        let value = |field: &Field| {
            let seen = own.is_some_and(|own| own.field(&field.id).is_some());
            let value = line.filled.get(&field.id).filter(|_| seen);
            listed(field, value)
        };
        Row {
            names: vec![subject.child.name.as_str()],
            class: subject.child.class_title(),
            values: columns(form).map(value).collect(),
            rest: rest(form, &value),
            line,
        }
    };
    own_lines.into_iter().map(row).collect()
}
