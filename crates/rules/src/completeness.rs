//! What a child's file still lacks, the most useful part first.
//!
//! A form is complete when every part that somebody asks for is there. Which parts are asked for is
//! said by packs; whether they are there, by the file. A form of which a child may have several is
//! never incomplete: nothing says how many there must be.
//!
//! Source: P2 line 33 (“清楚留守儿童基本信息、性格特征、兴趣爱好、健康状况、父母及监护人联系方式”), P1 line
//! 19 (the eight record types), P5 line 95 (“建立每个留守儿童的专门档案和联系卡”).

use crate::calendar::Calendar;
use crate::history::{Parent, ParentState};
use alloc::string::String;
use alloc::vec::Vec;
use jiff::civil::Date;

/// One part of one form, as the file has it today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub form: String,
    pub field: String,
    /// The pack that asks for it.
    pub pack: String,
    /// What it is filled from, where it is known elsewhere; empty: this form alone knows it.
    pub known: String,
    /// The form is useless without it.
    pub required: bool,
    /// It helps to reach a grown-up: first of all that is missing.
    pub reaches: bool,
    pub is_there: bool,
}

/// Whom a part speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    Child,
    Parent(Parent),
    Carer,
}

/// What is known today of the grown-ups around a child.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Around {
    pub states: Vec<(Parent, ParentState)>,
    /// A word of the fact `lives_with`; several where nobody ended the one before.
    pub lives_with: Vec<String>,
    /// A carer stands on the card.
    pub has_carer: bool,
}

/// Whether nobody can be expected to fill a part that is empty: a parent who is dead, missing
/// or in prison has no number, and where a parent looks after the child there is no other carer.
pub fn is_excused(about: About, around: &Around) -> bool {
    match about {
        About::Child => false,
        About::Parent(parent) => around
            .states
            .iter()
            .any(|(of, state)| *of == parent && !matches!(state, ParentState::Incapable)),
        About::Carer => !around.has_carer && around.lives_with.iter().any(|kind| kind == "parent"),
    }
}

/// What is missing of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Missing parts, the most useful first.
    pub missing: Vec<Part>,
    /// Parts that are there.
    pub there: usize,
}

impl Gaps {
    /// A file with nothing asked for is complete.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }
}

/// From which day on something that is asked for each term counts: the first of the term of today,
/// or of the term before where today lies in a vacation; without a calendar, today.
pub fn this_term(calendar: &Calendar, today: Date) -> Date {
    let term = calendar
        .term_on(today)
        .or_else(|| calendar.term_before(today));
    term.map_or(today, |term| term.starts_on)
}

/// Sorts out what is missing: what reaches a grown-up, then what a form cannot do without, then the
/// rest in the order of the forms. Only parts that are required or reach somebody keep a file open.
/// What several forms are filled from counts once: it is entered in one place.
pub fn gaps(parts: Vec<Part>) -> Gaps {
    let mut found = Gaps::default();
    for part in parts {
        if part.is_there {
            found.there += 1;
        } else if part.required || part.reaches {
            found.missing.push(part);
        }
    }
    found
        .missing
        .sort_by_key(|part| (!part.reaches, !part.required));
    let mut named: Vec<String> = Vec::new();
    found.missing.retain(|part| {
        let again = !part.known.is_empty() && named.contains(&part.known);
        named.push(part.known.clone());
        !again
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(field: &str, required: bool, reaches: bool, is_there: bool) -> Part {
        Part {
            form: "registration".into(),
            field: field.into(),
            pack: "p5".into(),
            known: String::new(),
            required,
            reaches,
            is_there,
        }
    }

    #[test]
    fn nobody_is_asked_for_what_nobody_can_say() {
        let around = |states: &[(Parent, ParentState)], lives_with: &str, has_carer| Around {
            states: states.to_vec(),
            lives_with: alloc::vec![lives_with.into()],
            has_carer,
        };
        let dead = [(Parent::Father, ParentState::Dead)];
        let missing = [(Parent::Mother, ParentState::Missing)];
        let jailed = [(Parent::Mother, ParentState::Imprisoned)];
        let ill = [(Parent::Father, ParentState::Incapable)];
        let (father, mother) = (About::Parent(Parent::Father), About::Parent(Parent::Mother));
        let table = [
            (father, around(&dead, "grandparent", true), true),
            (mother, around(&dead, "grandparent", true), false),
            (mother, around(&missing, "grandparent", true), true),
            (mother, around(&jailed, "grandparent", true), true),
            (father, around(&ill, "grandparent", true), false),
            (About::Carer, around(&[], "parent", false), true),
            (About::Carer, around(&[], "parent", true), false),
            (About::Carer, around(&[], "grandparent", false), false),
            (About::Child, around(&dead, "parent", false), false),
        ];
        for (about, around, expected) in table {
            assert_eq!(is_excused(about, &around), expected, "{about:?} {around:?}");
        }
    }

    #[test]
    fn a_number_to_call_comes_before_everything_else_and_a_wish_keeps_nothing_open() {
        let found = gaps(alloc::vec![
            part("name", true, false, true),
            part("address", true, false, false),
            part("hobby", false, false, false),
            part("carer_phone", false, true, false),
        ]);
        let fields: Vec<&str> = found.missing.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["carer_phone", "address"]);
        assert_eq!(found.there, 1);
        assert!(!found.is_complete());
        assert!(gaps(alloc::vec![part("hobby", false, false, false)]).is_complete());
        let from = |field: &str, known: &str| Part {
            known: known.into(),
            ..part(field, false, true, false)
        };
        let twice = [from("phone", "carer.phone"), from("call", "carer.phone")];
        let own = [from("one", ""), from("two", "")];
        assert_eq!(gaps([twice, own].concat()).missing.len(), 3);
    }
}
