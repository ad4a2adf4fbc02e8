//! A sheet that leaves the school: what was done for a child, without saying for whom.

use super::collect::Subject;
use crate::packs::Known;
use jiff::civil::Date;
use press::{Block, Sheet};

/// What many children have in common.
pub fn tells_nobody(known: Known) -> bool {
    matches!(
        known,
        Known::Sex | Known::Age | Known::Boarding | Known::CarerKinship | Known::LivesWith
    )
}

const CHILD: &str = "这个孩子";
const OTHER: &str = "另一个孩子";
const CLASS: &str = "本班";
const SCHOOL: &str = "本校";
const TEACHER: &str = "老师";
const PLACE: &str = "（地方）";
const BIRTHDAY: &str = "（生日）";
/// A number of so many digits finds somebody.
const FINDING_DIGITS: usize = 5;
/// Written in groups, as telephones are, a number has more.
const GROUPED_DIGITS: usize = 7;
const BETWEEN_GROUPS: [char; 4] = [' ', '-', '－', '　'];

/// A day as people write it.
fn said_of_a_day(day: Date) -> [String; 5] {
    let (year, month, on) = (day.year(), day.month(), day.day());
    [
        format!("{year}年{month}月{on}日"),
        format!("{year}年{month:02}月{on:02}日"),
        format!("{year}-{month:02}-{on:02}"),
        format!("{year}.{month}.{on}"),
        format!("{year}/{month}/{on}"),
    ]
}

/// Where the name of a smaller place begins.
const WITHIN: [char; 9] = ['省', '市', '县', '区', '乡', '镇', '村', '街', '道'];

/// 石门乡李家湾7号, 李家湾7号, 李家湾: people leave out what is known anyway.
fn parts_of(place: &str) -> Vec<String> {
    let tails = place
        .match_indices(WITHIN)
        .filter_map(|(at, sign)| place.get(at + sign.len()..));
    let whole: Vec<&str> = std::iter::once(place).chain(tails).collect();
    let is_number = |one: char| one.is_ascii_digit() || one == '号' || one == '组';
    let bare = whole.iter().map(|one| one.trim_end_matches(is_number));
    let all = whole.iter().copied().chain(bare);
    let parts = all.filter(|one| one.chars().count() > 2);
    let found = std::iter::once(place).chain(parts);
    found.map(ToOwned::to_owned).collect()
}

/// 小明 of 张小明; a single letter is a word of its own too often.
fn given(name: &str) -> Option<&str> {
    let (at, _) = name.char_indices().nth(1)?;
    let given = name.get(at..)?;
    (given.chars().count() > 1).then_some(given)
}

/// Words that tell who it is, each with what stands in its place; longer ones first.
fn telling(subject: &Subject) -> Vec<(String, String)> {
    let child = &subject.child;
    let mut found = subject.facts.grown_ups();
    let short: Vec<(String, String)> = found
        .iter()
        .filter_map(|(name, word)| Some((given(name)?.to_owned(), word.clone())))
        .collect();
    found.extend(short);
    // 妈妈周小浙 is 妈妈, said once.
    let spoken: Vec<(String, String)> = found
        .iter()
        .map(|(name, word)| (format!("{word}{name}"), word.clone()))
        .collect();
    found.extend(spoken);
    let born = child.born_on.map(said_of_a_day).into_iter().flatten();
    found.extend(born.map(|day| (day, BIRTHDAY.to_owned())));
    found.extend(
        [child.class_title(), ascii_brackets(&child.class_title())]
            .map(|word| (word, CLASS.to_owned())),
    );
    found.extend(
        subject
            .facts
            .places()
            .into_iter()
            .flat_map(|place| parts_of(&place))
            .map(|place| (place, PLACE.to_owned())),
    );
    let named = &subject.named;
    for (id, name) in &named.children {
        let is_own = id == child.id.as_str();
        let instead = if is_own { CHILD } else { OTHER };
        found.push((name.clone(), instead.to_owned()));
        if is_own {
            found.extend(given(name).map(|given| (given.to_owned(), CHILD.to_owned())));
        }
    }
    for name in &named.staff {
        let title: Option<String> = name.chars().next().map(|surname| format!("{surname}老师"));
        found.extend(
            title
                .into_iter()
                .chain([name.clone()])
                .map(|word| (word, TEACHER.to_owned())),
        );
    }
    found.push((subject.school.clone(), SCHOOL.to_owned()));
    found.retain(|(word, _)| word.chars().count() > 1);
    found.sort_by_key(|(word, _)| std::cmp::Reverse(word.chars().count()));
    found
}

fn ascii_brackets(class: &str) -> String {
    class.replace('（', "(").replace('）', ")")
}

fn is_day(run: &str) -> bool {
    run.parse::<Date>().is_ok()
}

/// Digits, and single spaces or dashes between them.
fn run_at(text: &str) -> &str {
    let mut ends = 0;
    let mut was_digit = false;
    for (at, letter) in text.char_indices() {
        if letter.is_ascii_digit() {
            was_digit = true;
            ends = at + 1;
        } else if was_digit && BETWEEN_GROUPS.contains(&letter) {
            was_digit = false;
        } else {
            break;
        }
    }
    text.get(..ends).unwrap_or_default()
}

fn without_numbers(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let run = run_at(rest);
        let digits = run.chars().filter(char::is_ascii_digit).count();
        let is_grouped = digits < run.len();
        let least = if is_grouped {
            GROUPED_DIGITS
        } else {
            FINDING_DIGITS
        };
        let taken = match run.is_empty() {
            true => letter.len_utf8(),
            false => run.len(),
        };
        if digits >= least && !is_day(run) {
            found.push_str("（号码）");
        } else {
            found.push_str(rest.get(..taken).unwrap_or_default());
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    found
}

fn hide(text: &mut String, telling: &[(String, String)]) {
    for (word, instead) in telling {
        if text.contains(word.as_str()) {
            *text = text.replace(word.as_str(), instead);
        }
    }
    *text = without_numbers(text);
}

/// The sheet without names, numbers, school and signatures.
pub fn hidden(mut sheet: Sheet, subject: &Subject) -> Sheet {
    let telling = telling(subject);
    for block in &mut sheet.blocks {
        match block {
            Block::Fields { rows } => {
                let cells = rows.iter_mut().flat_map(|row| &mut row.cells);
                cells.for_each(|cell| hide(&mut cell.value, &telling));
            }
            Block::Table { rows, .. } => {
                let cells = rows.iter_mut().flatten();
                cells.for_each(|cell| hide(cell, &telling));
            }
            Block::Head { .. } | Block::Picture { .. } | Block::Note { .. } => {}
        }
    }
    sheet.school.clear();
    sheet.signers.clear();
    sheet.stamp = false;
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_find_somebody_go_and_others_stay() {
        assert_eq!(without_numbers("6年级，3次"), "6年级，3次");
        assert_eq!(without_numbers("打13800001111问"), "打（号码）问");
        for number in ["160 1000 0000", "160-1000-0000", "0556 7123 456"] {
            assert_eq!(without_numbers(&format!("打{number}，")), "打（号码），");
        }
        for said in ["2025-09-12", "3 4年级", "10 20 30", "三年", ""] {
            assert_eq!(without_numbers(said), said);
        }
    }

    #[test]
    fn a_place_is_known_by_its_parts() {
        let parts = parts_of("石门乡李家湾7号");
        for part in ["石门乡李家湾7号", "李家湾7号", "李家湾"] {
            assert!(parts.iter().any(|one| one == part), "{part}: {parts:?}");
        }
        assert!(!parts_of("广东省").iter().any(String::is_empty));
    }

    #[test]
    fn a_given_name_of_one_letter_is_no_name() {
        assert_eq!(given("张小明"), Some("小明"));
        assert_eq!(given("李明"), None);
        assert_eq!(given("𠮷"), None);
    }
}
