//! Whether two files may be about the same child.
//!
//! Numbers are unique in a school, so two files of one child differ in them: one of them lacks the
//! number, or it was typed wrong. What speaks for one child is a name that sounds the same, with a
//! day of birth or a grown-up's telephone in common. Twins share both and are told apart by the name.
//!
//! Source: requirements.md A.2 on doubled files.

use alloc::vec::Vec;
use jiff::civil::Date;

/// What is compared of one file.
#[derive(Clone, Debug)]
pub struct Likeness<'a> {
    /// The name as it sounds, without tones and dots: `zhang xiao ming`.
    pub sound: &'a str,
    pub born_on: Option<Date>,
    /// Blind indexes of the telephones around the child, in any order.
    pub phones: &'a [&'a str],
}

/// What speaks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    SameSound,
    SameBirth,
    SharedPhone,
}

/// The grounds on which two files may be one child; none: they are two.
pub fn likely_same(one: &Likeness<'_>, other: &Likeness<'_>) -> Vec<Ground> {
    if one.sound.is_empty() || one.sound != other.sound {
        return Vec::new();
    }
    let mut grounds = alloc::vec![Ground::SameSound];
    let births = one.born_on.zip(other.born_on);
    if births.is_some_and(|(a, b)| a == b) {
        grounds.push(Ground::SameBirth);
    }
    if one.phones.iter().any(|phone| other.phones.contains(phone)) {
        grounds.push(Ground::SharedPhone);
    }
    if grounds.len() > 1 {
        grounds
    } else {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_name_alone_says_nothing_and_twins_are_two() {
        let born = Some(date(2015, 3, 12));
        let of = |sound, born_on, phones| Likeness {
            sound,
            born_on,
            phones,
        };
        let ming = of("zhang xiao ming", born, &["p1"][..]);
        let no_birth = of("zhang xiao ming", None, &["p1"][..]);
        let other_year = of("zhang xiao ming", Some(date(2014, 3, 12)), &[][..]);
        let twin = of("zhang xiao liang", born, &["p1"][..]);
        use Ground::{SameBirth, SameSound, SharedPhone};
        assert_eq!(
            likely_same(&ming, &ming),
            [SameSound, SameBirth, SharedPhone]
        );
        assert_eq!(likely_same(&ming, &no_birth), [SameSound, SharedPhone]);
        assert!(likely_same(&ming, &other_year).is_empty());
        assert!(likely_same(&ming, &twin).is_empty());
        let nobody = of("", born, &["p1"][..]);
        assert!(likely_same(&nobody, &nobody).is_empty());
    }
}
