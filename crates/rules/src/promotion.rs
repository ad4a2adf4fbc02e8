//! What became of a child when the school year turned: nobody of the old roll may be missing from the
//! new one without a reason (users-and-journeys.md, journeys 12 and 15).

/// A child on the old roll, on the new one, or on both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The grade of its class on the last day of the old school year, 1 to 9; `None`: it was not here.
    pub grade_then: Option<i64>,
    /// The grade of its class by now; one above the school's last where nobody has let it go yet.
    pub grade_now: i64,
    /// It has left since that day.
    pub has_left: bool,
    /// It left with its class, having been through all grades.
    pub has_graduated: bool,
}

/// What became of a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// One grade higher.
    WentUp,
    /// In the same grade again, one below, or more than one above.
    Otherwise,
    /// Through all grades, and not let go yet.
    Through,
    Graduated,
    /// To another school, with its parents, or for another reason.
    Left,
    /// It was not here before.
    Came,
}

/// Which of them a child is; `last_grade` is the highest that the school has. `None`: it came and
/// went within the year, and is on neither roll.
pub fn became(child: Passage, last_grade: i64) -> Option<Became> {
    Some(match (child.grade_then, child.has_left) {
        (None, true) => return None,
        (None, false) => Became::Came,
        (Some(_), true) if child.has_graduated => Became::Graduated,
        (Some(_), true) => Became::Left,
        (Some(_), false) if child.grade_now > last_grade => Became::Through,
        (Some(then), false) if child.grade_now == then + 1 => Became::WentUp,
        (Some(_), false) => Became::Otherwise,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_is_told_once() {
        let here = |then, now| Passage {
            grade_then: then,
            grade_now: now,
            has_left: false,
            has_graduated: false,
        };
        let gone = |graduated| Passage {
            has_left: true,
            has_graduated: graduated,
            ..here(Some(6), 7)
        };
        let table = [
            (here(Some(4), 5), Became::WentUp),
            (here(Some(4), 4), Became::Otherwise),
            (here(Some(2), 4), Became::Otherwise),
            (here(Some(6), 7), Became::Through),
            (here(None, 1), Became::Came),
            (here(None, 5), Became::Came),
            (gone(true), Became::Graduated),
            (gone(false), Became::Left),
        ];
        for (child, what) in table {
            assert_eq!(became(child, 6), Some(what), "{child:?}");
        }
        let passing = Passage {
            grade_then: None,
            ..gone(false)
        };
        assert_eq!(became(passing, 6), None);
        // In a school of nine years the sixth grade only goes up.
        assert_eq!(became(here(Some(6), 7), 9), Some(Became::WentUp));
    }

    proptest! {
        /// Of the old roll nobody is counted as new; who is new was on no old roll.
        #[test]
        fn only_who_was_not_here_came(then in proptest::option::of(1_i64..=9), now in 1_i64..=10, last in 6_i64..=9) {
            let child = Passage { grade_then: then, grade_now: now, has_left: false, has_graduated: false };
            prop_assert_eq!(became(child, last) == Some(Became::Came), then.is_none());
        }
    }
}
