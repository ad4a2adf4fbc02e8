//! What the rules are told about children: facts over time and the days of what was done.
//!
//! One statement for fifty children, whatever the number of records: nothing here scans them.

use super::store::Child;
use crate::adoptions::store::{InForce, base};
use crate::cards::store::CARD_TOLD;
use crate::db::{self, Conn};
use crate::ids::SchoolId;
use crate::packs::FormKind;
use crate::packs::attempt::IN_TOUCH;
use jiff::civil::Date;
use rules::attention::{calls_count_after, may_ask_for_the_card};
use rules::cadence::Event;
use rules::duties::{Actor, ChildCase, Kept, Party};
use rules::eligibility::{PolicyId, Reach};
use rules::facts::Fact;
use rules::history::{ChildHistory, Dated, HomeStay, Parent, ParentAbsence, ParentState};
use std::collections::HashMap;

/// So many children a statement; the placeholders below count them.
const AT_ONCE: usize = 50;

/// The same statement for one child and for fifty: binding fifty values for one costs more than
/// looking it up.
macro_rules! of_children {
    ($sql:literal, $end:literal) => {
        Statement {
            one: concat!($sql, " where school_id = $1 and child_id = $2", $end),
            many: concat!(
                $sql,
                " where school_id = $1 and child_id in (
                $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51)",
                $end
            ),
        }
    };
}

struct Statement {
    one: &'static str,
    many: &'static str,
}

/// Everything that the rules are told of a child, as lines of one text: one statement
/// and a row for each child instead of a dozen. A line is a word and its parts between bars; where a
/// part may be anybody's text it stands last.
const LINES: Statement = of_children!(
    "select child_id, string_agg(line, '\n') as lines from (
        select school_id, child_id, 'absence|' || parent || '|' || coalesce(reach, '') || '|'
            || coalesce(left_by, '') || '|' || coalesce(from_on, '') || '|' || coalesce(to_on, '')
            as line from parent_absence
        union all
        select school_id, child_id, 'stay|' || parent || '|' || from_on || '|'
            || coalesce(to_on, '') from home_stay
        union all
        select school_id, child_id, 'state|' || parent || '|' || state || '|'
            || coalesce(from_on, '') || '|' || coalesce(to_on, '') from parent_state
        union all
        select school_id, child_id, 'living|' || kind || '|' || coalesce(from_on, '') || '|'
            || coalesce(to_on, '') from living
        union all
        select school_id, child_id, 'mark|' || mark || '|' || from_on || '|' || coalesce(to_on, '')
            from child_mark
        union all
        select school_id, child_id, 'mark|paired|' || from_on || '|' || coalesce(to_on, '')
            from pairing
        union all
        select school_id, child_id, 'asked|' || screened_on || '|' || coalesce(parent, '')
            from screening where source not in ('doubt', 'doubt_away')
        union all
        select school_id, child_id, 'mark|' || kind || '|' || happened_on || '|' from child_event
        union all
        select school_id, child_id, 'kin|' || id || '|' || party || '|' || kinship || '|'
            || phone_state || '|' || coalesce(phone_checked_on, '') || '|' || coalesce(born_on, '')
            || '|' || coalesce(to_on, '') || '|' || position || '|'
            || replace(coalesce(free_after, ''), '\n', ' ') from kin
        union all
        select school_id, child_id, 'kept|' || kind || '|' || party || '|' || by_role || '|' || dates
            from care_summary
     ) as told",
    " group by child_id"
);

/// One child with all that decides what is owed to it.
#[derive(Clone, Debug)]
pub struct Case {
    pub child: Child,
    /// The day on which it is looked at.
    pub as_of: Date,
    pub case: ChildCase,
    pub kin: Vec<KinBrief>,
    /// The family said that something on the card is to be changed, and nobody has changed it.
    pub card_told: bool,
    /// Days of calls that nobody answered.
    pub unanswered: Vec<Date>,
    /// Calls of late, where several were in vain: see [`recent_calls`].
    pub calls: Vec<Call>,
}

/// A call to somebody around the child.
#[derive(Clone, Debug)]
pub struct Call {
    /// Whose number it was, where that was noted.
    pub kin_id: Option<String>,
    pub on: Date,
    pub answered: bool,
}

const ANSWERED: &str = "call.answered";
const UNANSWERED: &str = "call.no_answer";

/// Of calls only those that somebody answered.
pub fn was_reached(kind: &str) -> bool {
    base(kind) != base(ANSWERED) || kind == ANSWERED
}

/// Whether one who did this was there for the child: paper is not, and a part of what was done is
/// counted with the whole.
pub fn is_contact(in_force: &InForce, kind: &str) -> bool {
    let is_whole = kind == ANSWERED || !kind.contains('.');
    let form = in_force.form(kind);
    is_whole && was_reached(kind) && form.is_none_or(|form| form.kind == FormKind::Record)
}

impl Case {
    /// The days on which somebody was there for the child, each as often as somebody was.
    pub fn contacts<'a>(&'a self, in_force: &'a InForce) -> impl Iterator<Item = Date> + 'a {
        let kept = self.case.kept.iter();
        kept.filter(|kept| is_contact(in_force, &kept.kind))
            .flat_map(|kept| kept.dates.iter().copied())
    }

    /// The last day on which somebody was there for the child, whoever it was.
    pub fn last_contact(&self, in_force: &InForce, today: Date) -> Option<Date> {
        self.contacts(in_force).filter(|on| *on <= today).max()
    }
}

/// What may be known of a grown-up without opening what is sealed.
#[derive(Clone, Debug)]
pub struct KinBrief {
    pub id: String,
    pub party: String,
    pub kinship: String,
    pub phone_state: String,
    pub phone_checked_on: Option<Date>,
    pub born_on: Option<Date>,
    pub free_after: Option<String>,
    position: i64,
}

/// child, lines
type Told = (String, String);

async fn told(
    conn: &mut Conn,
    statement: &Statement,
    school_id: &SchoolId,
    children: &[Child],
) -> db::Result<Vec<Told>> {
    if let [child] = children {
        return db::query_as(statement.one)
            .bind(school_id.as_str())
            .bind(child.id.as_str())
            .fetch_all(conn)
            .await;
    }
    let mut query = db::query_as(statement.many).bind(school_id.as_str());
    for at in 0..AT_ONCE {
        query = query.bind(children.get(at).map_or("", |child| child.id.as_str()));
    }
    query.fetch_all(conn).await
}

/// The cases of visible children, in their order.
pub async fn cases(
    conn: &mut Conn,
    school_id: &SchoolId,
    in_force: &InForce,
    children: &[Child],
    today: Date,
) -> db::Result<Vec<Case>> {
    let day = today.to_string();
    let mut owing: Vec<&PolicyId> = in_force
        .duties()
        .filter_map(|one| one.duty.counted_by.as_ref())
        .collect();
    owing.sort_unstable();
    owing.dedup();
    let mut found = Vec::with_capacity(children.len());
    for some in children.chunks(AT_ONCE) {
        let mut shelf: HashMap<String, String> = told(conn, &LINES, school_id, some)
            .await?
            .into_iter()
            .collect();
        for child in some {
            let mut case = bare(child, today);
            let lines = shelf.remove(child.id.as_str()).unwrap_or_default();
            let mut asked = Asked::default();
            for line in lines.lines() {
                match line.strip_prefix("asked|") {
                    Some(answer) => asked.take(answer),
                    None => drop(take(&mut case, line, &day)),
                }
            }
            asked.tell(&mut case.case.history, today);
            case.kin.sort_by_key(|kin| kin.position);
            finish(&mut case, (in_force, &owing), today);
            found.push(case);
        }
    }
    Ok(found)
}

/// Since when somebody has asked about each parent.
#[derive(Default)]
struct Asked {
    father: Option<Date>,
    mother: Option<Date>,
}

impl Asked {
    /// A day, and of whom: empty where it was of both.
    fn take(&mut self, answer: &str) {
        let Some((on, about)) = answer.split_once('|') else {
            return;
        };
        let earlier = |known: &mut Option<Date>| *known = (*known).or(day(on)).min(day(on));
        if matches!(about, "father" | "") {
            earlier(&mut self.father);
        }
        if matches!(about, "mother" | "") {
            earlier(&mut self.mother);
        }
    }

    fn of(&self, parent: Parent) -> Option<Date> {
        match parent {
            Parent::Father => self.father,
            Parent::Mother => self.mother,
        }
    }

    fn tell(&self, history: &mut ChildHistory, as_of: Date) {
        let parents = Parent::ALL.iter().copied();
        history.not_asked = parents.filter(|one| self.of(*one).is_none()).collect();
        let both = self.father.zip(self.mother);
        let whole = both.map(|(one, other)| one.max(other));
        history.screened_on = whole.filter(|on| *on <= as_of);
    }
}

fn bare(child: &Child, as_of: Date) -> Case {
    Case {
        as_of,
        child: child.clone(),
        case: ChildCase {
            history: ChildHistory {
                born_on: child.born_on,
                grade: u8::try_from(child.grade)
                    .ok()
                    .filter(|_| !child.has_left(as_of)),
                boarding: child.boarding,
                rural: child.rural,
                registry_code: child.registry_code.clone(),
                // Marks are set by a person: nobody has noted it means it is not so.
                study_help: Some(false),
                priority: Some(false),
                individual_plan: Some(false),
                plan_needed: Some(false),
                counselling_needed: Some(false),
                ..ChildHistory::default()
            },
            in_care_since: child.in_care_since,
            kept: Vec::new(),
            events: Vec::new(),
            paired: Vec::new(),
            counted: Vec::new(),
            counted_since: Vec::new(),
            turns: Vec::new(),
        },
        kin: Vec::new(),
        card_told: false,
        unanswered: Vec::new(),
        calls: Vec::new(),
    }
}

/// Whom the calls of late went to, the earliest first; asked for the few children where it matters.
pub async fn recent_calls(
    conn: &mut Conn,
    school_id: &SchoolId,
    cases: &mut [Case],
    today: Date,
) -> db::Result<()> {
    let after = calls_count_after(today);
    for case in cases {
        if !may_ask_for_the_card(&case.unanswered, today) {
            continue;
        }
        let rows: Vec<(Option<String>, String, String)> = db::query_as(
            "select kin_id, happened_on, counts_as from record
             where school_id = $1 and child_id = $2 and happened_on > $3 and happened_on <= $4
                and kind = 'call' and withdrawn_at is null
             order by happened_on, written_at, id",
        )
        .bind(school_id.as_str())
        .bind(case.child.id.as_str())
        .bind(after.to_string())
        .bind(today.to_string())
        .fetch_all(&mut *conn)
        .await?;
        for (kin_id, on, counts_as) in rows {
            let is = |kind: &str| counts_as.split(',').any(|one| one == kind);
            if is(ANSWERED) || is(UNANSWERED) {
                case.calls.push(Call {
                    kin_id,
                    on: db::date(&on),
                    answered: is(ANSWERED),
                });
            }
        }
    }
    Ok(())
}

fn finish(case: &mut Case, (in_force, owing): (&InForce, &[&PolicyId]), today: Date) {
    // Asked as of an earlier day, what came later has not happened yet.
    for kept in &mut case.case.kept {
        kept.dates.retain(|day| *day <= today);
    }
    case.case.events.retain(|(_, day)| *day <= today);
    case.unanswered.retain(|day| *day <= today);
    let history = &mut case.case.history;
    // What began later, or begins from unknown days on, is what holds.
    history.absences.sort_by_key(|one| (one.from, one.to));
    history.parents.sort_by_key(|one| (one.from, one.to));
    history.lives_with.sort_by_key(|one| (one.from, one.to));
    history.carer_born = case
        .kin
        .iter()
        .find(|kin| kin.party == "carer")
        .and_then(|kin| kin.born_on);
    history.parent_in_touch_on = case
        .case
        .kept
        .iter()
        .filter(|kept| IN_TOUCH.contains(&kept.kind.as_str()))
        .flat_map(|kept| kept.dates.iter().copied())
        .max();
    let left = history
        .absences
        .iter()
        .filter_map(|absence| absence.from)
        .max();
    let back = history
        .absences
        .iter()
        .filter_map(|absence| absence.to)
        .max();
    case.case
        .events
        .extend(left.map(|on| (Event::ParentLeft, on)));
    case.case
        .events
        .extend(back.map(|on| (Event::ParentReturned, on)));
    case.case
        .events
        .push((Event::ChildJoined, case.child.in_care_since));
    case.case.count((in_force.rules(), owing), today);
}

pub fn parent(text: &str) -> Parent {
    if text == "mother" {
        Parent::Mother
    } else {
        Parent::Father
    }
}

fn reach(text: &str) -> Option<Reach> {
    match text {
        "within_township" => Some(Reach::WithinTownship),
        "within_county" => Some(Reach::WithinCounty),
        "beyond_county" => Some(Reach::BeyondCounty),
        _ => None,
    }
}

/// A mark may have been set and lifted before: one that holds is enough.
fn holds_once(mark: &mut Option<bool>, holds: bool) {
    *mark = Some(*mark == Some(true) || holds);
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// Puts one line where the rules look for it; `None`: a line of our own making that is cut short.
fn take(case: &mut Case, line: &str, today: &str) -> Option<()> {
    let (what, rest) = line.split_once('|')?;
    let mut parts = rest.split('|');
    let history = &mut case.case.history;
    match what {
        "absence" => history.absences.push(ParentAbsence {
            parent: parent(parts.next()?),
            reach: reach(parts.next()?),
            from_at_the_latest: day(parts.next()?),
            from: day(parts.next()?),
            to: day(parts.next()?),
        }),
        "stay" => history.stays.push(HomeStay {
            parent: parent(parts.next()?),
            from: day(parts.next()?)?,
            to: day(parts.next()?),
        }),
        "state" => history.parents.push(Dated {
            value: (parent(parts.next()?), state(parts.next()?)),
            from: day(parts.next()?),
            to: day(parts.next()?),
        }),
        "living" => history.lives_with.push(Dated {
            value: parts.next()?.to_owned(),
            from: day(parts.next()?),
            to: day(parts.next()?),
        }),
        "kin" => case.kin.extend(kin(rest, today)?),
        "kept" => kept(case, rest)?,
        _ => {
            let (word, from, to) = (parts.next()?, parts.next()?, parts.next()?);
            if from <= today {
                let from = day(from);
                case.card_told |= word == CARD_TOLD;
                mark(&mut case.case, word, (from, to.is_empty() || to >= today));
            }
        }
    }
    Some(())
}

/// A grown-up who is still around; `Some(None)`: one who is not.
fn kin(rest: &str, today: &str) -> Option<Option<KinBrief>> {
    let mut parts = rest.splitn(9, '|');
    let mut next = || parts.next();
    let (id, party, kinship) = (next()?, next()?, next()?);
    let (phone_state, checked, born, gone) = (next()?, next()?, next()?, next()?);
    let (position, free_after) = (next()?, next()?);
    let is_gone = !gone.is_empty() && gone <= today;
    Some((!is_gone).then(|| KinBrief {
        id: id.to_owned(),
        party: party.to_owned(),
        kinship: kinship.to_owned(),
        phone_state: phone_state.to_owned(),
        phone_checked_on: day(checked),
        born_on: day(born),
        free_after: Some(free_after.to_owned()).filter(|said| !said.is_empty()),
        position: position.parse().unwrap_or_default(),
    }))
}

fn kept(case: &mut Case, rest: &str) -> Option<()> {
    let mut parts = rest.splitn(4, '|');
    let (kind, party, by_role) = (parts.next()?, parts.next()?, parts.next()?);
    let dates: Vec<Date> = serde_json::from_str(parts.next()?).unwrap_or_default();
    if kind == UNANSWERED {
        case.unanswered.extend(dates);
        return Some(());
    }
    case.case.kept.push(Kept {
        kind: kind.to_owned(),
        party: Party::from_code(party).unwrap_or(Party::Other),
        by: Actor::from_code(by_role).unwrap_or(Actor::School),
        dates,
    });
    Some(())
}

pub fn state(word: &str) -> ParentState {
    match word {
        "incapable" => ParentState::Incapable,
        "dead" => ParentState::Dead,
        "missing" => ParentState::Missing,
        _ => ParentState::Imprisoned,
    }
}

/// A mark, the day on which somebody asked about the child, or an event.
fn mark(case: &mut ChildCase, word: &str, (from, holds): (Option<Date>, bool)) {
    let history = &mut case.history;
    let noted = Fact::from_code(word).filter(|_| holds);
    history.noted.extend(noted.zip(from));
    match word {
        "paired" if holds => case.paired.push((Actor::Mentor, from)),
        "paired" => {}
        "study_help" => holds_once(&mut history.study_help, holds),
        "priority" => holds_once(&mut history.priority, holds),
        "individual_plan" => holds_once(&mut history.individual_plan, holds),
        "plan_needed" => holds_once(&mut history.plan_needed, holds),
        "counselling_needed" => holds_once(&mut history.counselling_needed, holds),
        other => case.events.extend(Event::from_code(other).zip(from)),
    }
}
