//! One list of a class or a school: 花名册, 总表, and what was written about each child.

use super::collect::{Order, Subject};
use super::sheets::{
    BLANK_ROWS, Filling, Line, columns, day_and_name, entry_lines, known, lines, listed, listing,
    mark, ruled, signers, value, width,
};
use crate::packs::{Form, FormKind, Known, Layout};
use crate::web::words;
use jiff::civil::Date;
use press::{Block, Sheet};

/// A register of those who are counted makes itself from the roster (P1 line 19: 信息汇总).
pub fn is_roster(form: &Form) -> bool {
    form.kind == FormKind::Register && form.only_counted
}

pub const ROSTER_HEADS: [(&str, Option<Known>, u8); 13] = [
    ("序号", None, 2),
    ("姓名", Some(Known::Name), 4),
    ("性别", Some(Known::Sex), 2),
    ("出生日期", Some(Known::BornOn), 5),
    ("班级", Some(Known::Class), 4),
    ("住校或走读", Some(Known::Boarding), 3),
    ("父亲务工地", Some(Known::FatherWork), 5),
    ("父亲电话", Some(Known::FatherPhone), 5),
    ("母亲务工地", Some(Known::MotherWork), 5),
    ("母亲电话", Some(Known::MotherPhone), 5),
    ("照看人", Some(Known::CarerName), 4),
    ("和孩子的关系", Some(Known::CarerKinship), 3),
    ("照看人电话", Some(Known::CarerPhone), 5),
];

/// Registers always, and forms of which the pack says so where there are several children.
pub fn is_one_list(form: &Form, order: &Order) -> bool {
    form.kind == FormKind::Register
        || (form.many && form.layout == Layout::Register && order.subjects.len() > 1)
}

/// One list, or a sheet for each entry where the pack says so.
pub fn sheets(
    form: &Form,
    order: &Order,
    (school, today, filling): (&str, Date, Filling),
) -> Vec<Sheet> {
    let in_pages = form.kind == FormKind::Register && form.layout == Layout::Page;
    if !in_pages {
        return vec![register(form, order, (school, today, filling))];
    }
    let page = |line: Option<&Line<'_>>| Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        blocks: ruled(form, &|field| {
            value(field, line.and_then(|line| line.filled.get(&field.id)))
        }),
        signers: signers(form),
        stamp: true,
        mark: mark(form, line.map_or("", |line| line.id), filling),
        ..Sheet::default()
    };
    if filling == Filling::Blank {
        return vec![page(None)];
    }
    let lines = entry_lines(form, order.entries.iter());
    lines.iter().map(|line| page(Some(line))).collect()
}

fn register(form: &Form, order: &Order, (school, today, filling): (&str, Date, Filling)) -> Sheet {
    let is_roster = is_roster(form);
    let mut blocks = Vec::new();
    if is_roster && filling == Filling::Known {
        blocks.push(Block::Note {
            text: basis(order, today),
        });
    }
    blocks.push(match form.kind {
        _ if is_roster => roster(order, filling),
        FormKind::Register => {
            let lines = entry_lines(form, order.entries.iter());
            listing(form, &lines, (BLANK_ROWS, filling))
        }
        FormKind::Dossier | FormKind::Record => all(form, order, filling),
    });
    Sheet {
        school: school.to_owned(),
        title: form.formal().to_owned(),
        wide: is_roster || columns(form).count() > 3,
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
                // One line in a narrow column.
                Some(Known::BornOn) if filling == Filling::Known => {
                    let born = subject.child.born_on;
                    born.map_or(String::new(), |born| born.to_string())
                }
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

/// What was written about all of them, by the day.
fn all(form: &Form, order: &Order, filling: Filling) -> Block {
    let mut heads: Vec<String> = ["日期", "姓名", "班级"].map(str::to_owned).into();
    heads.extend(columns(form).map(|field| field.formal().to_owned()));
    heads.push("记录人".to_owned());
    let mut widths: Vec<u8> = columns(form).map(width).collect();
    let (day, name) = day_and_name(&widths);
    widths.splice(0..0, [day, name, name]);
    widths.push(name);
    let mut found: Vec<(Vec<String>, String)> = Vec::new();
    for subject in order.subjects.iter().filter(|_| filling == Filling::Known) {
        let own = subject.forms.iter().find(|own| own.id == form.id);
        let own_lines = own.map(|own| lines(own, subject)).unwrap_or_default();
        found.extend(own_lines.iter().map(|line| {
            let mut row = vec![
                line.day.clone(),
                subject.child.name.clone(),
                subject.child.class_title(),
            ];
            row.extend(columns(form).map(|field| {
                let seen = own.is_some_and(|own| own.field(&field.id).is_some());
                let value = line.filled.get(&field.id).filter(|_| seen);
                listed(field, value)
            }));
            row.push(line.by.clone());
            (row, line.id.to_owned())
        }));
    }
    found.sort();
    let (mut rows, marks): (Vec<Vec<String>>, _) = found.into_iter().unzip();
    while rows.len() < BLANK_ROWS {
        rows.push(vec![String::new(); heads.len()]);
    }
    Block::Table {
        heads,
        widths,
        rows,
        marks,
    }
}
