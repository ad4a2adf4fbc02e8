//! Whether what a family said allows something today.
//!
//! Source: 个人信息保护法 §14 (given freely, for one purpose), §15 (taken back at any time, which
//! undoes nothing that was done before), §31 (a child under 14: its guardian).

use jiff::civil::Date;

coded! {
    /// For what a guardian is asked.
    Purpose {
        /// A photograph that people outside the school see.
        Photo = "photo",
        Publicity = "publicity", Screening = "screening", Letters = "letters",
        Research = "research",
    }
}

coded! {
    Answer { Given = "given", Refused = "refused", Withdrawn = "withdrawn" }
}

/// One answer, on the day on which it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    pub on: Date,
    pub answer: Answer,
}

/// The last word counts; nothing said is no consent. Answers of one day come in the order in which they
/// were written down; but where one of them is a no, nobody can tell which of two grown-ups was asked
/// last, or which of two merged files, and the no is heard.
pub fn stands(said: &[Said], today: Date) -> bool {
    let until_today = || said.iter().filter(|one| one.on <= today);
    let last = until_today().map(|one| one.on).max();
    let of_that_day = || until_today().filter(|one| Some(one.on) == last);
    let is_refused = of_that_day().any(|one| one.answer == Answer::Refused);
    !is_refused
        && of_that_day()
            .next_back()
            .is_some_and(|one| one.answer == Answer::Given)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_word_until_today_counts() {
        let said = |day, answer| Said {
            on: date(2025, 9, day),
            answer,
        };
        let today = date(2025, 9, 20);
        let given = said(1, Answer::Given);
        let table = [
            (&[][..], false),
            (&[given][..], true),
            (&[said(1, Answer::Refused)][..], false),
            (&[given, said(10, Answer::Withdrawn)][..], false),
            (&[said(10, Answer::Withdrawn), given][..], false),
            (&[given, said(21, Answer::Withdrawn)][..], true),
            (&[said(25, Answer::Given)][..], false),
            (&[given, said(1, Answer::Withdrawn)][..], false),
            (&[given, said(1, Answer::Withdrawn), given][..], true),
            (&[said(1, Answer::Refused), given][..], false),
            (
                &[said(1, Answer::Refused), said(2, Answer::Given)][..],
                true,
            ),
        ];
        for (said, stands_today) in table {
            assert_eq!(stands(said, today), stands_today, "{said:?}");
        }
    }
}
