//! Who holds a copy on paper that no longer says what is known.
//!
//! Source: 计划五 L95 (a card is changed with what it speaks of); users-and-journeys.md, "Parent's
//! number dead" (the card is printed again, the holders of the old print are listed).

use alloc::vec::Vec;

/// One copy: in whose hands it is, and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied<'a, T> {
    /// Whoever would get the next one instead.
    pub holder: &'a str,
    pub made: T,
}

/// The copies that are out of date: of each holder the newest, if it was made before the change.
/// One made in the moment of the change has it already. They come in the order of the list.
pub fn outdated<'a, T: Ord + Copy>(copies: &[Copied<'a, T>], changed: T) -> Vec<Copied<'a, T>> {
    let is_newest = |one: &Copied<'_, T>| {
        let own = copies.iter().filter(|other| other.holder == one.holder);
        own.map(|other| other.made).max() == Some(one.made)
    };
    let mut found: Vec<Copied<'a, T>> = Vec::new();
    for one in copies {
        let is_known = found.iter().any(|other| other.holder == one.holder);
        if one.made < changed && is_newest(one) && !is_known {
            found.push(*one);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn of_each_holder_the_newest_copy_counts() {
        let copied = |holder, made| Copied { holder, made };
        let (home, wall) = ("home", "wall");
        let table = [
            (vec![], 5, vec![]),
            (vec![copied(home, 4)], 5, vec![home]),
            (vec![copied(home, 5)], 5, vec![]),
            (vec![copied(home, 4), copied(home, 6)], 5, vec![]),
            (vec![copied(home, 6), copied(home, 4)], 5, vec![]),
            (vec![copied(home, 3), copied(home, 4)], 5, vec![home]),
            (vec![copied(home, 4), copied(home, 4)], 5, vec![home]),
            (vec![copied(home, 4), copied(wall, 6)], 5, vec![home]),
            (vec![copied(wall, 4), copied(home, 4)], 5, vec![wall, home]),
        ];
        for (copies, changed, expected) in table {
            let found = outdated(&copies, changed);
            let holders: Vec<&str> = found.iter().map(|one| one.holder).collect();
            assert_eq!(holders, expected, "{copies:?} {changed}");
        }
    }
}
