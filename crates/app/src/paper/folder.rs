//! 一生一档: the whole folder of a child.

use super::collect::{Order, Subject};
use super::lists::lines;
use super::sheets::{Filling, Unwritten, is_known, known, sheets};
use crate::dossier::files::Filed;
use crate::packs::{Form, FormKind, Known};
use crate::web::words;
use press::{Block, Cell, Row, Sheet};

fn cover(subject: &Subject, school: &str) -> Sheet {
    let cell = |title: &str, fact| Cell::new(title, known(subject, fact, Filling::Known));
    Sheet {
        school: school.to_owned(),
        title: "一生一档".to_owned(),
        entry: subject.child.name.clone(),
        level: 1,
        blocks: std::iter::once(Block::Fields {
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
        })
        .chain(subject.left_out.iter().map(|text| Block::Note {
            text: (*text).to_owned(),
        }))
        .collect(),
        ..Sheet::default()
    }
}

/// What is known of the child stands first, then what was written, in the order of the plans.
fn rank(form: &Form) -> u8 {
    match form.kind {
        FormKind::Dossier if is_known(form) => 0,
        FormKind::Dossier => 1,
        FormKind::Record | FormKind::Register => 2,
    }
}

/// A folder is of what there is: sheets for handwriting come from the print centre.
fn has_something(form: &Form, subject: &Subject) -> bool {
    let is_written = !lines(form, subject).is_empty();
    is_written
        || (is_known(form)
            && !form.retired
            && !form.each_term
            && (subject.counted || !form.only_counted))
}

pub fn folder(order: &Order, school: &str) -> Vec<Sheet> {
    let mut found = Vec::new();
    let mut places = 0..;
    for subject in &order.subjects {
        found.push(cover(subject, school));
        let mut forms: Vec<&Form> = subject.forms.iter().collect();
        forms.retain(|form| has_something(form, subject));
        forms.sort_by_key(|form| rank(form));
        for form in forms {
            let asked = (school, Filling::Known, Unwritten::LeftOut);
            let own = sheets(form, subject, asked);
            found.extend(own.into_iter().enumerate().map(|(at, mut one)| {
                // Several pages of one form stand under one name.
                one.entry = if at == 0 {
                    one.title.clone()
                } else {
                    String::new()
                };
                one.level = 2;
                one
            }));
        }
        found.extend(pictures(subject, school, &mut places));
    }
    found
}

/// The name under which the press finds a picture: its place among all of the paper.
fn picture_name(at: usize) -> String {
    format!("picture-{at}.jpg")
}

/// The photographs that one form names, below it. `places`: where they stand among the pictures of the
/// whole paper.
pub fn beside(subject: &Subject, places: &mut impl Iterator<Item = usize>) -> Vec<Block> {
    let all = subject.files.iter().zip(places);
    all.filter(|(one, _)| one.is_shown)
        .map(|(one, at)| shown(one, at))
        .collect()
}

/// 学校的运动会，2025年9月28日
fn caption(one: &Filed) -> String {
    let on = one.made_on.map(words::full_day);
    let text = [Some(one.title.clone()), on].into_iter().flatten();
    text.collect::<Vec<_>>().join("，")
}

fn shown(one: &Filed, at: usize) -> Block {
    Block::Picture {
        text: caption(one),
        name: picture_name(at),
        href: one.href.clone(),
    }
}

/// 照片和扫描件. `places`: where they stand among the pictures of the whole paper.
fn pictures(
    subject: &Subject,
    school: &str,
    places: &mut impl Iterator<Item = usize>,
) -> Option<Sheet> {
    let block = |one: &Filed| match (one.is_shown, places.next()) {
        (true, Some(at)) => shown(one, at),
        _ if one.is_withheld => Block::Note {
            text: "有一张没有印在这里：家里没有同意给别人看。".to_owned(),
        },
        _ => Block::Note {
            text: format!("{}（另附）", caption(one)),
        },
    };
    let blocks: Vec<Block> = subject.files.iter().map(block).collect();
    let title = "照片和扫描件".to_owned();
    (!blocks.is_empty()).then(|| Sheet {
        school: school.to_owned(),
        entry: title.clone(),
        title,
        about: subject.whose(Filling::Known),
        level: 2,
        blocks,
        ..Sheet::default()
    })
}
