//! A second sheet about what is known already: what is new in it, and what is old news.

/// Which value stands when a sheet says something of what is known.
///
/// `now` is what is known, `sheet` what the sheet says (`None`: nothing), `given_up` what was known
/// once and was changed by hand since. A sheet that was exported before that change still has the
/// old value: it is old news, and what a hand wrote stays. Anything else that a sheet says is newer
/// than what is known (requirements.md B: 历史留存，不因导入而丢).
pub fn stands<'a, T: PartialEq + ?Sized>(
    now: Option<&'a T>,
    sheet: Option<&'a T>,
    given_up: &[&T],
) -> Option<&'a T> {
    sheet.filter(|value| !given_up.contains(value)).or(now)
}

/// The numbers under which somebody is reached, the one to dial first and another, when a sheet says
/// something of them.
///
/// `now` is what is known, `fails` that nobody has the first any more, `sheet` what the sheet says,
/// `given_up` what a hand took away since an older sheet. A number that is known and stands on the
/// sheet keeps its place: which is dialled first, a hand may have chosen.
///
/// Source: requirements.md B (历史留存，不因导入而丢); P5 line 96, 班主任要准确掌握 … 电话.
pub fn numbers<'a>(
    (now, fails): ([Option<&'a str>; 2], bool),
    sheet: [Option<&'a str>; 2],
    given_up: &[&str],
) -> [Option<&'a str>; 2] {
    let [first, other] = now;
    let fresh = || {
        let told = sheet.into_iter().flatten();
        told.filter(|one| !given_up.contains(one) && !now.contains(&Some(*one)))
    };
    let keeps = first.filter(|one| {
        let is_told = sheet.contains(&Some(one));
        (is_told && !fails) || (fresh().next().is_none() && (!fails || other.is_none()))
    });
    let to_dial = keeps.or_else(|| fresh().next()).or(other);
    let beside = fresh().find(|one| Some(*one) != to_dial);
    let beside = beside.or(other.filter(|one| Some(*one) != to_dial));
    [to_dial, beside]
}

/// What became of one value on a sheet that was taken out, filled in and brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Back {
    /// The sheet says what is new.
    Sheet,
    /// The sheet says what it said when it was taken out, or the same as is known: what is known by
    /// now stands.
    Now,
    /// Both were changed, each to something else: somebody has to decide.
    Both,
}

/// `out` is what the sheet said when it was taken out, `now` what is known by now, `sheet` what it
/// says when it comes back; `None`: nothing.
pub fn back<T: ?Sized>(
    (out, now, sheet): (Option<&T>, Option<&T>, Option<&T>),
    same: impl Fn(Option<&T>, Option<&T>) -> bool,
) -> Back {
    if same(sheet, out) || same(sheet, now) {
        Back::Now
    } else if same(now, out) {
        Back::Sheet
    } else {
        Back::Both
    }
}

/// Whether somebody whom a sheet names, and who does not stand on the card, goes on it: not where
/// a hand took exactly this person off.
pub fn comes_back(stood_there_once: bool, changed_by_hand: bool) -> bool {
    !(stood_there_once && changed_by_hand)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_that_is_known_keeps_its_place() {
        let table = [
            // now, fails, sheet, given up, what stands
            (["a", ""], false, ["a", "b"], "", ["a", "b"]),
            (["b", ""], false, ["a", "b"], "", ["b", "a"]),
            (["b", "a"], false, ["a", ""], "", ["b", "a"]),
            (["b", "a"], false, ["a", "b"], "", ["b", "a"]),
            (["a", "b"], false, ["", ""], "", ["a", "b"]),
            (["a", ""], false, ["c", ""], "", ["c", ""]),
            (["a", "b"], false, ["c", ""], "", ["c", "b"]),
            (["a", "b"], false, ["c", ""], "c", ["a", "b"]),
            (["a", ""], false, ["c", "d"], "c", ["d", ""]),
            (["a", ""], true, ["a", ""], "", ["a", ""]),
            (["a", ""], true, ["a", "b"], "", ["b", ""]),
            (["", ""], false, ["a", "b"], "", ["a", "b"]),
            (["", ""], false, ["", ""], "", ["", ""]),
        ];
        let said =
            |both: [&'static str; 2]| both.map(|one| Some(one).filter(|one| !one.is_empty()));
        for (now, fails, sheet, given_up, expected) in table {
            let found = numbers((said(now), fails), said(sheet), &[given_up]);
            assert_eq!(
                found,
                said(expected),
                "{now:?} {fails} {sheet:?} {given_up}"
            );
        }
    }

    #[test]
    fn what_a_hand_changed_stays_and_what_is_new_goes_in() {
        let table = [
            // now, sheet, given up, what stands
            (Some("new"), Some("old"), vec!["old"], Some("new")),
            (Some("new"), Some("newer"), vec!["old"], Some("newer")),
            (Some("new"), None, vec!["old"], Some("new")),
            (None, Some("old"), vec!["old"], None),
            (None, Some("first"), vec![], Some("first")),
            // From one to another and back: it is both, and it stands.
            (Some("one"), Some("one"), vec!["one", "other"], Some("one")),
            (None, None, vec![], None),
        ];
        for (now, sheet, given_up, stood) in table {
            let found = stands(now, sheet, &given_up);
            assert_eq!(found, stood, "{now:?} {sheet:?} {given_up:?}");
        }
    }

    #[test]
    fn a_sheet_that_comes_back_changes_only_what_it_changed() {
        let table = [
            // taken out, by now, comes back
            (Some("a"), Some("a"), Some("a"), Back::Now),
            (Some("a"), Some("a"), Some("b"), Back::Sheet),
            (Some("a"), Some("b"), Some("a"), Back::Now),
            (Some("a"), Some("b"), Some("b"), Back::Now),
            (Some("a"), Some("b"), Some("c"), Back::Both),
            (None, Some("b"), None, Back::Now),
            (None, Some("b"), Some("c"), Back::Both),
            (None, None, Some("c"), Back::Sheet),
            (Some("a"), None, Some("a"), Back::Now),
            (Some("a"), Some("a"), None, Back::Sheet),
            (Some("a"), Some("b"), None, Back::Both),
        ];
        for (out, now, sheet, what) in table {
            let found = back((out, now, sheet), |one, other| one == other);
            assert_eq!(found, what, "{out:?} {now:?} {sheet:?}");
        }
    }

    #[test]
    fn who_was_taken_off_by_hand_does_not_come_back() {
        assert!(!comes_back(true, true));
        assert!(comes_back(true, false));
        assert!(comes_back(false, true));
    }

    proptest! {
        /// The same sheet a second time changes nothing, whatever a hand did in between.
        #[test]
        fn an_old_sheet_changes_nothing(first in "[a-c]", hand in proptest::collection::vec("[a-d]", 1..5)) {
            let mut known = first.clone();
            let mut given_up: Vec<String> = Vec::new();
            for value in &hand {
                if *value != known {
                    given_up.push(core::mem::replace(&mut known, value.clone()));
                }
            }
            let once: Vec<&str> = given_up.iter().map(String::as_str).collect();
            prop_assert_eq!(stands(Some(known.as_str()), Some(first.as_str()), &once), Some(known.as_str()));
        }
    }
}
