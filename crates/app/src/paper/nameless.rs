//! A sheet that leaves the school: what was done for a child, without saying for whom.

use super::collect::Subject;
use crate::packs::Known;
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
/// A number of so many digits finds somebody.
const FINDING_DIGITS: usize = 5;

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
    // 妈妈周小浙 is 妈妈, said once.
    let spoken: Vec<(String, String)> = found
        .iter()
        .map(|(name, word)| (format!("{word}{name}"), word.clone()))
        .collect();
    found.extend(spoken);
    found.extend(
        [child.class_title(), ascii_brackets(&child.class_title())]
            .map(|word| (word, CLASS.to_owned())),
    );
    found.extend(
        subject
            .facts
            .places()
            .into_iter()
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

fn without_numbers(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    let mut digits = String::new();
    for letter in text.chars().chain(std::iter::once('\0')) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if digits.len() >= FINDING_DIGITS {
            found.push_str("（号码）");
        } else {
            found.push_str(&digits);
        }
        digits.clear();
        if letter != '\0' {
            found.push(letter);
        }
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
    }

    #[test]
    fn a_given_name_of_one_letter_is_no_name() {
        assert_eq!(given("张小明"), Some("小明"));
        assert_eq!(given("李明"), None);
        assert_eq!(given("𠮷"), None);
    }
}
