//! 是否留守儿童 on a roster: the code of the 学籍 export, or what a school writes there itself.

use super::text::{half_width, squeeze};
use crate::history::Parent;
use alloc::{string::String, vec, vec::Vec};

/// What one cell says of which of a child's parents are away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Nobody,
    /// One of them; which, where it says so.
    One(Option<Parent>),
    Both,
    /// 是, √: somebody is away.
    Somebody,
}

impl Told {
    /// The code of the export; a tick has none.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Nobody => Some("0"),
            Self::One(_) => Some("1"),
            Self::Both => Some("2"),
            Self::Somebody => None,
        }
    }

    /// Who is away, as far as it says.
    pub fn named(self) -> Vec<Parent> {
        match self {
            Self::One(Some(parent)) => vec![parent],
            Self::Both => Parent::ALL.to_vec(),
            Self::Nobody | Self::One(None) | Self::Somebody => Vec::new(),
        }
    }
}

/// Whether these are the words or the code of the export, which counts nobody before three months.
pub fn is_of_the_export(said: &str) -> bool {
    matches!(said, "1" | "2" | "１" | "２") || said.contains("单亲") || said.contains("双亲")
}

const NO: [&str; 8] = ["0", "否", "不是", "无", "没有", "×", "x", "不"];
const YES: [&str; 7] = ["是", "√", "✓", "有", "留守", "留守儿童", "对"];

/// What the cell says; `None`: nobody can tell what it means.
pub fn read(said: &str) -> Option<Told> {
    let said = squeeze(&half_width(said));
    let said = said.strip_suffix(".0").unwrap_or(&said);
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    Some(match said {
        one if NO.contains(&one) || one.contains('非') => Told::Nobody,
        "1" => Told::One(None),
        "2" => Told::Both,
        one if YES.contains(&one) => Told::Somebody,
        _ if has(&GONE) => return None,
        _ if has(&["父", "爸", "母", "妈"]) => return in_words(said),
        _ if has(&HOME) => Told::Nobody,
        _ if has(&["双", "都外出", "均外出", "都在外", "均在外"]) => Told::Both,
        _ if has(&["单", "一方"]) => Told::One(None),
        _ => return None,
    })
}

/// What a code has no word for: a person has to ask.
const GONE: [&str; 12] = [
    "故", "亡", "死", "去世", "离世", "过世", "服刑", "失踪", "失联", "离异", "离婚", "改嫁",
];

/// Not away.
const HOME: [&str; 12] = [
    "在家",
    "未外",
    "没外",
    "不外",
    "没有外",
    "未在外",
    "没在外",
    "不在外",
    "没有在外",
    "未打工",
    "没打工",
    "未务工",
];

/// Not at home, in words that look like [`HOME`].
const NOT_HOME: [&str; 4] = ["不在家", "未在家", "没在家", "没有在家"];

/// What somebody wrote of the parents by name, part by part: 父亲外出，母亲在家.
fn in_words(said: &str) -> Option<Told> {
    let mut away = [None; 2];
    for part in parts(said) {
        let has = |words: &[&str]| words.iter().any(|word| part.contains(word));
        let named = [has(&["父", "爸"]), has(&["母", "妈"])];
        let is_away = has(&NOT_HOME) || !has(&HOME) && has(&["外", "打工", "务工"]);
        if !is_away && !has(&HOME) {
            if has(&["单", "一方"]) {
                return Some(Told::One(None));
            }
            continue;
        }
        if is_away && has(&["一方", "单方", "或"]) {
            return Some(Told::One(None));
        }
        // A part that names nobody says it of both: 父母务工，都不在家.
        let named = if named == [false; 2] {
            [true; 2]
        } else {
            named
        };
        for (one, _) in away.iter_mut().zip(named).filter(|(_, named)| *named) {
            if one.is_some_and(|known| known != is_away) {
                return None;
            }
            *one = Some(is_away);
        }
    }
    Some(match away {
        [Some(true), Some(true)] => Told::Both,
        [Some(true), _] => Told::One(Some(Parent::Father)),
        [_, Some(true)] => Told::One(Some(Parent::Mother)),
        [Some(false), Some(false)] => Told::Nobody,
        [_, _] => return None,
    })
}

/// The text cut at its commas, and where it turns from one parent to the other: 父外出母在家.
fn parts(said: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let is_parent = |letter: char| matches!(letter, '父' | '母' | '爸' | '妈');
    let mut last = ' ';
    for letter in said.chars() {
        let is_cut = matches!(
            letter,
            ',' | '，' | '、' | ';' | '；' | '。' | '(' | ')' | '（' | '）'
        );
        let turns = is_parent(letter) && !is_parent(last) && !joins(last);
        if is_cut || turns && parts.last().is_some_and(|part| part.contains(is_parent)) {
            parts.push(String::new());
        }
        if !is_cut && let Some(part) = parts.last_mut() {
            part.push(letter);
        }
        last = letter;
    }
    parts
}

/// Between two parents of whom the same is said: 父亲和母亲外出.
fn joins(letter: char) -> bool {
    matches!(letter, '和' | '与' | '及' | '跟' | '亲' | '或')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_and_a_schools_own_words_are_read() {
        let father = Told::One(Some(Parent::Father));
        let table = [
            ("0", Some(Told::Nobody)),
            ("非留守儿童", Some(Told::Nobody)),
            ("否", Some(Told::Nobody)),
            ("父母都在家", Some(Told::Nobody)),
            ("1", Some(Told::One(None))),
            ("单亲留守儿童", Some(Told::One(None))),
            ("单留守", Some(Told::One(None))),
            ("父母一方外出", Some(Told::One(None))),
            ("2", Some(Told::Both)),
            ("２", Some(Told::Both)),
            ("双亲留守儿童", Some(Told::Both)),
            ("双留守", Some(Told::Both)),
            ("父母都外出", Some(Told::Both)),
            ("父母双方外出务工", Some(Told::Both)),
            ("父母外出", Some(Told::Both)),
            ("父亲外出", Some(father)),
            ("爸爸在外打工", Some(father)),
            ("母亲在外", Some(Told::One(Some(Parent::Mother)))),
            ("是", Some(Told::Somebody)),
            ("√", Some(Told::Somebody)),
            ("留守儿童", Some(Told::Somebody)),
            ("0.0", Some(Told::Nobody)),
            ("2.0", Some(Told::Both)),
            ("否（父母在家）", Some(Told::Nobody)),
            ("父母均未外出", Some(Told::Nobody)),
            ("父母没有外出打工", Some(Told::Nobody)),
            ("父亲和母亲都在外打工", Some(Told::Both)),
            ("父母务工，都不在家", Some(Told::Both)),
            ("父亲外出，母亲在家", Some(father)),
            ("父外出母在家", Some(father)),
            ("父亲在广东打工母亲没外出", Some(father)),
            ("父亲在家，母亲外出", Some(Told::One(Some(Parent::Mother)))),
            ("父亲或母亲外出", Some(Told::One(None))),
            ("父亲外出打工，母亲已故", None),
            ("父亲在家", None),
            ("父亲外出，父亲在家", None),
            ("再看", None),
            ("外", None),
        ];
        for (said, told) in table {
            assert_eq!(read(said), told, "{said}");
        }
    }
}
