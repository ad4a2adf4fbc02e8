//! What cannot be, held against what was told before, in a sentence at its field.

use super::forms::{LIVINGS, LivingTold, ParentTold, StayTold, Whereabouts, parent_word, word_of};
use super::lines::{Line, absences, livings, stays};
use crate::children::store::Child;
use crate::db::opt_date;
use crate::web::{Errors, words};
use jiff::civil::Date;
use rules::history::{HomeStay, Parent};
use rules::presence::{Moved, NoStay, against_away, against_home, against_stay, moved, moves_on};

const DROP: &str = "以前那一条记错了，就在下面点“记错了”，再记一次。";

/// What is against where a parent is said to be since a day.
pub fn parent(lines: &[Line], child: &Child, told: &ParentTold, today: Date) -> Errors {
    let mut errors = Errors::default();
    if told.now != Whereabouts::Dead && is_dead(lines, told.parent) {
        errors.add("now", against_told(told, "不在了", today));
        return errors;
    }
    let Some(since) = told.since else {
        return errors;
    };
    if child.born_on.is_some_and(|born| since < born) {
        errors.add("day", "这一天孩子还没有出生，看看年份对不对。");
        return errors;
    }
    if let Some(known) = against_states(lines, told.parent, since, today) {
        errors.add("day", against_told(told, &known, today));
        return errors;
    }
    let absences = absences(lines);
    let against = match told.now {
        Whereabouts::Away => against_away(&absences, told.parent, since),
        Whereabouts::Home
        | Whereabouts::Incapable
        | Whereabouts::Dead
        | Whereabouts::Missing
        | Whereabouts::Imprisoned => against_home(&absences, told.parent, since),
    };
    if let Some(absence) = against {
        let day = |day| words::day(day, today);
        let from = absence.from.map(|from| format!("{}起", day(from)));
        let until = absence.to.map(|to| format!("到{}", day(to)));
        let known = format!(
            "{}在外面{}",
            from.unwrap_or_default(),
            until.unwrap_or_default()
        );
        errors.add("day", against_told(told, &known, today));
    }
    errors
}

fn is_dead(lines: &[Line], parent: Parent) -> bool {
    let dead = Whereabouts::Dead.code();
    let mut states = lines.iter().filter(|line| line.what == "state");
    states.any(|line| line.who == parent.code() && line.word == dead && line.to_on.is_none())
}

/// What is known of a parent (ill, dead, missing, in prison) since a day after this one, or until a day
/// that is not before it.
fn against_states(lines: &[Line], parent: Parent, since: Date, today: Date) -> Option<String> {
    let states = lines.iter().filter(|line| line.what == "state");
    let mut own = states.filter(|line| line.who == parent.code());
    own.find_map(|line| {
        let (from, to) = (opt_date(line.from_on.clone()), opt_date(line.to_on.clone()));
        let is_later = match to {
            Some(to) => to >= since,
            None => from.is_some_and(|from| from > since),
        };
        let from = from.map(|from| format!("{}起", words::day(from, today)));
        let until = to.map(|to| format!("到{}", words::day(to, today)));
        let word = Whereabouts::from_code(&line.word)?.word();
        is_later.then(|| {
            format!(
                "{}{}{word}",
                from.unwrap_or_default(),
                until.unwrap_or_default()
            )
        })
    })
}

fn against_told(told: &ParentTold, known: &str, today: Date) -> String {
    let since = told
        .since
        .map(|since| format!("{}起", words::day(since, today)));
    format!(
        "已经记着{}{known}，和“{}{}”对不上。{DROP}",
        parent_word(told.parent),
        since.unwrap_or_default(),
        told.now.word()
    )
}

/// Whether who is away already went on to another place.
pub fn moves(lines: &[Line], told: &ParentTold) -> bool {
    let absences = absences(lines);
    let own = absences.iter().filter(|one| one.parent == told.parent);
    let mut open = own.filter(|one| one.to.is_none());
    told.now == Whereabouts::Away
        && open.any(|one| moves_on(one.from.or(one.from_at_the_latest), told.since))
}

/// What is against living with somebody since a day; else what becomes of the line that lasts.
pub fn living(lines: &[Line], told: &mut LivingTold, today: Date) -> Errors {
    let mut errors = Errors::default();
    let lived = livings(lines);
    match moved(&lived, &told.kind, told.since.unwrap_or(today)) {
        Moved::Ends => {}
        Moved::BeganEarlier => told.began_earlier = true,
        Moved::Against(line) => {
            let day = |day| words::day(day, today);
            let from = line.from.map(|from| format!("{}起", day(from)));
            let until = line.to.map(|to| format!("到{}", day(to)));
            errors.add(
                "day",
                format!(
                    "已经记着{}{}和{}一起住，比这一次的日子晚。{DROP}",
                    from.unwrap_or_default(),
                    until.unwrap_or_default(),
                    word_of(&LIVINGS, line.with)
                ),
            );
        }
    }
    errors
}

/// What is against a visit home.
pub fn stay(lines: &[Line], told: &StayTold, today: Date) -> Errors {
    let mut errors = Errors::default();
    let who = parent_word(told.parent);
    let stay = HomeStay {
        parent: told.parent,
        from: told.from,
        to: told.to,
    };
    // One that lasts and began on that day is the same, and gets its end.
    let mut others = stays(lines);
    others.retain(|one| {
        let is_same = one.parent == stay.parent && one.from == stay.from && one.to.is_none();
        !(is_same && stay.to.is_some())
    });
    match against_stay(&absences(lines), &others, &stay) {
        Some(NoStay::TwiceAtHome) => {
            errors.add("from", format!("{who}的这几天和以前记的重叠了。{DROP}"));
        }
        Some(NoStay::NotLeftBefore(left)) => {
            let left = words::day(left, today);
            let sentence = format!("{who}{left}才出去，那以前在家，不用记回来。");
            errors.add("from", sentence);
        }
        Some(NoStay::CameBack(since)) => {
            let since = words::day(since, today);
            let sentence = format!(
                "已经记着{who}{since}起在家了，不用记回来。要是又出去了，先在上面记在外面。"
            );
            errors.add("from", sentence);
        }
        None => {}
    }
    errors
}
