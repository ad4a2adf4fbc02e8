//! Small numbers point at children: what of a list of counts may leave a school.
//!
//! A count from one to four is never told. Nor are two counts that differ by one to four: whoever
//! holds both holds the small one between them (a definition within another, a part beside its
//! whole). The larger stays, the smaller is kept back.
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

/// Decides for counts that are told together, in their order. All counts of one place and one day
/// must come in one call: what was told apart cannot be protected from each other.
///
/// ```
/// use rules::small_numbers::{Told, told};
/// assert_eq!(told(&[30, 22, 20, 2]), [Told::Count(30), Told::Count(22), Told::KeptBack, Told::Few]);
/// ```
pub fn told(counts: &[usize]) -> Vec<Told> {
    let mut largest_first: Vec<usize> = counts.to_vec();
    largest_first.sort_unstable_by(|a, b| b.cmp(a));
    let mut kept: Vec<usize> = Vec::new();
    for count in largest_first {
        let near = kept
            .iter()
            .any(|one| (1..SMALLEST_TOLD).contains(&(one - count)));
        if !near && !kept.contains(&count) && !(1..SMALLEST_TOLD).contains(&count) {
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
        assert_eq!(told(&[22, 20, 2]), [Count(22), KeptBack, Few]);
        assert_eq!(
            told(&[194, 60, 0, 60]),
            [Count(194), Count(60), Count(0), Count(60)]
        );
        assert_eq!(told(&[6, 1, 3]), [Count(6), Few, Few]);
        assert_eq!(told(&[5, 0]), [Count(5), Count(0)]);
        assert_eq!(told(&[]), []);
    }

    proptest! {
        #[test]
        fn no_two_told_counts_differ_by_a_small_number(counts in prop::collection::vec(0usize..200, 0..12)) {
            let told = told(&counts);
            prop_assert_eq!(told.len(), counts.len());
            let open: Vec<usize> = told.iter().filter_map(|one| match one {
                Told::Count(count) => Some(*count),
                Told::Few | Told::KeptBack => None,
            }).collect();
            for one in &open {
                prop_assert!(!(1..SMALLEST_TOLD).contains(one));
                for other in &open {
                    prop_assert!(!(1..SMALLEST_TOLD).contains(&one.abs_diff(*other)));
                }
            }
            if let Some(most) = counts.iter().max().filter(|most| **most >= SMALLEST_TOLD) {
                prop_assert!(open.contains(most));
            }
        }
    }
}
