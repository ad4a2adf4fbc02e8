//! 家校联系卡 in its own shape.

use super::collect::Subject;
use super::sheets::{Filling, known};
use crate::cards::print::joined;
use crate::dossier::known::NONE;
use crate::packs::Known;
use press::{Card, Cell, Row};

/// 五（2）班（住校）
fn class_with_boarding(subject: &Subject) -> String {
    let class = subject.child.class_title();
    match subject.facts.value(Known::Boarding) {
        Some(boarding) => format!("{class}（{boarding}）"),
        None => class,
    }
}

/// 班主任 and the number, in a line of its own: no label that a field could have.
pub fn taught_by((name, phone): &(String, String), filling: Filling) -> String {
    match filling {
        Filling::Known => format!("班主任：{name}　电话：{phone}"),
        Filling::Blank | Filling::Nameless => "班主任：　　　　　　电话：".to_owned(),
    }
}

/// 李秀英（奶奶）; of somebody without a name, 奶奶.
pub fn with_word(name: &str, word: &str) -> String {
    match (name, word) {
        (_, "") | (NONE, NONE) => name.to_owned(),
        ("", _) => word.to_owned(),
        _ => format!("{name}（{word}）"),
    }
}

pub fn card(subject: &Subject, teacher: &(String, String), filling: Filling) -> Card {
    let cell = |title: &str, fact| Cell::new(title, known(subject, fact, filling));
    let typed = |text: &str| match filling {
        Filling::Known => text.to_owned(),
        Filling::Blank | Filling::Nameless => String::new(),
    };
    // Where a parent works and the number there are one line: most have no number.
    let work = |place, phone| {
        let both = [place, phone].map(|fact| known(subject, fact, filling));
        Cell::new("务工单位", joined(both))
    };
    let carer = || {
        let both = [Known::CarerName, Known::CarerKinship];
        let [name, word] = both.map(|fact| known(subject, fact, filling));
        with_word(&name, &word)
    };
    let row = |cells: Vec<Cell>| Row { cells, room: 0 };
    Card {
        rows: vec![
            row(vec![cell("姓名", Known::Name), cell("性别", Known::Sex)]),
            row(vec![
                cell("出生日期", Known::BornOn),
                Cell::new("班级", typed(&class_with_boarding(subject))),
            ]),
            row(vec![cell("家庭住址", Known::Address)]),
            row(vec![
                cell("父亲", Known::FatherName),
                cell("电话", Known::FatherPhone),
            ]),
            row(vec![work(Known::FatherWork, Known::FatherEmployerPhone)]),
            row(vec![
                cell("母亲", Known::MotherName),
                cell("电话", Known::MotherPhone),
            ]),
            row(vec![work(Known::MotherWork, Known::MotherEmployerPhone)]),
            row(vec![
                Cell::new("照看人", carer()),
                cell("电话", Known::CarerPhone),
            ]),
            row(vec![
                cell("年龄", Known::CarerAge),
                cell("职业", Known::CarerOccupation),
            ]),
            row(vec![cell("住址", Known::CarerAddress)]),
            row(vec![
                Cell::new("班主任", typed(&teacher.0)),
                Cell::new("电话", typed(&teacher.1)),
            ]),
        ],
        sign: vec!["照看人签字".to_owned(), "核对日期".to_owned()],
    }
}

/// What stands on one line of the small card, in hundredths of a Chinese letter: in the column of the
/// names, and in the last one.
pub const NAMES: usize = 620;
pub const LAST: usize = 700;

/// In hundredths of a Chinese letter.
fn width(text: &str) -> usize {
    let width = |letter: char| match letter {
        ' ' => 30,
        letter if letter.is_ascii() => 55,
        _ => 100,
    };
    text.chars().map(width).sum()
}

/// How much smaller a browser sets what is a little too long for its line, as a class of the style
/// sheet; the press measures for itself.
pub fn fit(text: &str, room: usize) -> &'static str {
    match 100 * width(text) / room {
        part if part <= 100 => "",
        part if part <= 115 => "fit",
        part if part <= 130 => "fitter",
        _ => "fittest",
    }
}

/// So many letters make a line in the wide column of the small card, and so many hundredths of one,
/// set as small as they get, in the others.
const IN_A_LINE: usize = 17;
const IN_A_NARROW_LINE: usize = 930;
/// More lines than this make the card higher than its quarter of the page.
const MOST_LINES: usize = 7;
/// Or, set smaller, than these.
const MOST_LINES_SMALL: usize = 11;

/// How small a browser sets a whole card: of lines beyond those that every card has, `besides` those
/// of which the texts say nothing.
pub fn size<'a>(
    wide: impl Iterator<Item = &'a str>,
    narrow: impl Iterator<Item = &'a str>,
    besides: usize,
) -> &'static str {
    let wide = wide.map(|text| text.chars().count().div_ceil(IN_A_LINE));
    // A first line of a name costs nothing: its row is there anyway.
    let more = narrow.map(|name| usize::from(width(name) > IN_A_NARROW_LINE));
    match wide.chain(more).sum::<usize>() + besides {
        lines if lines <= MOST_LINES => "",
        lines if lines <= MOST_LINES_SMALL => " long",
        _ => " longer",
    }
}

/// The same of a card of the print centre.
pub fn size_of(card: &Card) -> &'static str {
    let values = |is_wide: bool| {
        let rows = card
            .rows
            .iter()
            .filter(move |row| (row.cells.len() == 1) == is_wide);
        rows.flat_map(|row| &row.cells)
            .map(|cell| cell.value.as_str())
    };
    size(values(true), values(false), 0)
}
