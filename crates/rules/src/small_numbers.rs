//! Small numbers point at children: what of a list of counts may leave a school.
//!
//! A count from one to four is never told. Nor are two counts that differ by one to four: whoever
//! holds both holds the small one between them (a definition within another, a part beside its
//! whole). The larger stays, the smaller is kept back. And because the number of all children is
//! told as well, each count tells how many it leaves out: what it leaves out is held against the
//! others too (one code of the registry and the other). Nor are three counts that tell a small number
//! together: one that is the sum of two others but for a few (either parent; one of them; both, by
//! another definition). How many are in no list is no secret.
//!
//! Source: `safety.md` on counts for the county, `ux.md` §1.2.

use alloc::vec::Vec;

/// Fewer children than so many are not told.
pub const SMALLEST_TOLD: usize = 5;

/// What is said in the place of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The count itself, in children.
    Count(usize),
    /// From one to four children.
    Few,
    /// Large enough by itself, but another count would tell the small difference to it.
    KeptBack,
}

fn is_small(count: usize) -> bool {
    (1..SMALLEST_TOLD).contains(&count)
}

/// What is told of all children of a place.
pub fn of_all(children: usize) -> Told {
    if is_small(children) {
        Told::Few
    } else {
        Told::Count(children)
    }
}

/// Whether three counts told beside the number of all children tell a small one.
fn three_tell(children: usize, [one, two, three]: [usize; 3]) -> bool {
    let sums = [(one, two + three), (two, one + three), (three, one + two)];
    sums.iter()
        .any(|(whole, parts)| is_small(whole.abs_diff(*parts)))
        || is_small(children.abs_diff(one + two + three))
}

/// Whether this count, told beside those that are kept, tells a small one.
fn tells(children: usize, (counts, kept): (&[usize], &[usize]), count: usize) -> bool {
    let with_one = |other: usize| {
        is_small(other.abs_diff(count)) || is_small(children.abs_diff(other + count))
    };
    let is_twice = |one: usize| counts.iter().filter(|other| **other == one).count() > 1;
    let mut beside: Vec<usize> = kept.to_vec();
    beside.extend(kept.iter().copied().filter(|one| is_twice(*one)));
    if is_twice(count) {
        beside.push(count);
    }
    let with_two = |at: usize, one: usize| {
        let others = beside.iter().skip(at + 1);
        others
            .into_iter()
            .any(|two| three_tell(children, [count, one, *two]))
    };
    let mut pairs = beside.iter().enumerate();
    pairs.any(|(at, one)| with_one(*one) || with_two(at, *one))
}

/// Decides for counts that are told together, in their order, beside the number of all children.
/// All counts of one place and one day must come in one call: what was told apart cannot be
/// protected from each other.
///
/// ```
/// use rules::small_numbers::{Told, told};
/// let counts = [30, 22, 20, 2];
/// assert_eq!(told(90, &counts), [Told::Count(30), Told::Count(22), Told::KeptBack, Told::Few]);
/// ```
pub fn told(children: usize, counts: &[usize]) -> Vec<Told> {
    let mut largest_first: Vec<usize> = counts.to_vec();
    largest_first.sort_unstable_by(|a, b| b.cmp(a));
    let mut kept: Vec<usize> = Vec::new();
    for count in largest_first {
        let leaves_out_few = counts
            .iter()
            .any(|few| is_small(*few) && count + few == children);
        let is_safe =
            !is_small(count) && !leaves_out_few && !tells(children, (counts, &kept), count);
        if is_safe && !kept.contains(&count) {
            kept.push(count);
        }
    }
    counts
        .iter()
        .map(|count| match count {
            1..SMALLEST_TOLD => Told::Few,
            count if kept.contains(count) => Told::Count(*count),
            _ => Told::KeptBack,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_part_is_not_left_between_its_whole_and_the_rest() {
        use Told::{Count, Few, KeptBack};
        assert_eq!(told(90, &[22, 20, 2]), [Count(22), KeptBack, Few]);
        assert_eq!(
            told(300, &[194, 60, 0, 60]),
            [Count(194), Count(60), Count(0), Count(60)]
        );
        assert_eq!(told(20, &[6, 1, 3]), [Count(6), Few, Few]);
        assert_eq!(told(20, &[5, 0]), [Count(5), Count(0)]);
        assert_eq!(told(20, &[]), []);
        // 121 - 45 is the other code; the third list has one child more than that.
        assert_eq!(told(121, &[45, 76, 77]), [KeptBack, KeptBack, Count(77)]);
        assert_eq!(told(121, &[45, 76]), [Count(45), Count(76)]);
        // 121 - 45 is 76, and 77 less that is one child.
        let three = [121, 45, 76, 77];
        assert_eq!(
            told(218, &three),
            [Count(121), KeptBack, KeptBack, Count(77)]
        );
        assert_eq!(
            told(218, &[121, 45, 76]),
            [Count(121), Count(45), Count(76)]
        );
        assert_eq!(told(121, &[118, 3]), [KeptBack, Few]);
        assert_eq!(told(121, &[118]), [Count(118)]);
        assert_eq!([of_all(3), of_all(0), of_all(5)], [Few, Count(0), Count(5)]);
    }

    proptest! {
        #[test]
        fn no_two_told_counts_tell_a_small_number(
            children in 200usize..420,
            counts in prop::collection::vec(0usize..200, 0..12),
        ) {
            let told = told(children, &counts);
            prop_assert_eq!(told.len(), counts.len());
            let open: Vec<usize> = told.iter().filter_map(|one| match one {
                Told::Count(count) => Some(*count),
                Told::Few | Told::KeptBack => None,
            }).collect();
            for (at, one) in open.iter().enumerate() {
                prop_assert!(!is_small(*one));
                for other in open.iter().skip(at + 1) {
                    prop_assert!(!is_small(one.abs_diff(*other)));
                    prop_assert!(!is_small(children.abs_diff(one + other)));
                    for third in open.iter().skip(at + 1).filter(|third| *third != other) {
                        prop_assert!(!three_tell(children, [*one, *other, *third]));
                    }
                }
            }
            let is_told = |most: &&usize| **most >= SMALLEST_TOLD && children > **most * 2 + 5;
            if let Some(most) = counts.iter().max().filter(is_told) {
                prop_assert!(open.contains(most));
            }
        }
    }
}
