//! 是否留守儿童 on a roster: the code of the 学籍 export, or what a school writes there itself.

use super::text::{half_width, squeeze};
use crate::history::Parent;
use alloc::{vec, vec::Vec};

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
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let (father, mother) = (has(&["父", "爸"]), has(&["母", "妈"]));
    Some(match said.as_str() {
        one if NO.contains(&one) || one.contains('非') || has(&["都在家", "均在家"]) => {
            Told::Nobody
        }
        "1" => Told::One(None),
        "2" => Told::Both,
        one if YES.contains(&one) => Told::Somebody,
        _ if has(&["双", "都外出", "均外出", "都在外", "均在外"]) => Told::Both,
        _ if has(&["单", "一方"]) => Told::One(None),
        _ if !has(&["外", "打工", "务工"]) => return None,
        _ if father && mother => Told::Both,
        _ if father => Told::One(Some(Parent::Father)),
        _ if mother => Told::One(Some(Parent::Mother)),
        _ => return None,
    })
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
            ("再看", None),
            ("外", None),
        ];
        for (said, told) in table {
            assert_eq!(read(said), told, "{said}");
        }
    }
}
