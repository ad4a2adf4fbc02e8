//! What is owed by this viewer this week, computed by the rules and by nothing else.

use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::case::{Case, cases, recent_calls};
use crate::children::store as children;
use crate::db::Conn;
use crate::records::store::capacity;
use crate::school;
use crate::web::{Result, Viewer};
use jiff::civil::Date;
use rules::access::{Act, Role};
use rules::attention::{Attention, AttentionFacts, Number, attention};
use rules::cadence::Standing;
use rules::calendar::{Calendar, week_of};
use rules::duties::{Actor, Obligation, Owed, strictest};
use rules::facts::Fact;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What there is to do, and with what it was decided.
pub struct Week {
    pub in_force: Arc<InForce>,
    pub calendar: Arc<Calendar>,
    pub today: Date,
    pub items: Vec<Item>,
    /// Done in this week, newest first.
    pub done: Vec<Item>,
    pub looks: Vec<Look>,
    /// Children for whom somebody else's act is past: what a principal looks at.
    pub waiting: Vec<Waiting>,
    pub cases: Vec<Arc<Case>>,
    /// What the last talk was about, by child, where a row will say so.
    pub talked: BTreeMap<String, String>,
    /// All that is owed to each child, whoever owes it.
    pub owed: Vec<(Arc<Case>, Vec<Obligation>)>,
}

/// A child who waits for a colleague.
pub struct Waiting {
    pub child_id: String,
    pub name: String,
    pub class_title: String,
    pub grade: i64,
    pub class_number: i64,
    /// How many days past what was agreed.
    pub days: i64,
}

/// One act that is owed to one child.
#[derive(Clone, Debug)]
pub struct Item {
    pub case: Arc<Case>,
    pub obligation: Obligation,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Past,
    Today,
    Due,
    Soon,
}

impl State {
    pub fn code(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Today => "today",
            Self::Due => "due",
            Self::Soon => "soon",
        }
    }
}

/// A child who deserves a look.
pub struct Look {
    pub case: Arc<Case>,
    pub why: Attention,
}

pub fn state(standing: &Standing) -> Option<State> {
    match standing {
        Standing::Past { .. } => Some(State::Past),
        Standing::Today => Some(State::Today),
        Standing::ThisWeek { .. } => Some(State::Due),
        Standing::Soon { .. } => Some(State::Soon),
        Standing::Later { .. }
        | Standing::Met
        | Standing::Paused { .. }
        | Standing::NotNow
        | Standing::LastOnly => None,
    }
}

/// Everything owed to one child, the strictest of each sort, and the facts that are missing.
pub fn owed(
    in_force: &InForce,
    case: &Case,
    calendar: &Calendar,
    today: Date,
) -> (Vec<Obligation>, Vec<Fact>) {
    let mut obligations = Vec::new();
    let mut missing = Vec::new();
    for one in in_force.duties() {
        if !one.duty.subject.is_of_a_child() {
            continue;
        }
        match one.duty.owed(&case.case, calendar, today) {
            Owed::Yes(obligation) => obligations.push(obligation),
            Owed::CannotSay { missing: more } => missing.extend(more),
            Owed::No { .. } => {}
        }
    }
    missing.sort();
    missing.dedup();
    (strictest(obligations), missing)
}

/// Whether the one who writes about this child in that capacity owes it.
fn is_mine(obligation: &Obligation, capacity: Actor) -> bool {
    obligation.owed_by == capacity
        || (obligation.owed_by == Actor::School && capacity == Actor::HomeroomTeacher)
        || (obligation.owed_by == Actor::LeadingGroupMember && capacity == Actor::Principal)
}

/// The cases of the children whom the viewer works with.
pub async fn visible_cases(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    act: Act,
) -> Result<(Vec<Case>, Arc<InForce>, Arc<Calendar>)> {
    let today = viewer.today();
    let in_force = in_force(app, conn, &viewer.school_id, today).await?;
    let calendar = school::store::calendar(app, conn, &viewer.school_id).await?;
    let children = children::all_visible(app, conn, viewer, act).await?;
    let cases = cases(conn, &viewer.school_id, &in_force, &children, today).await?;
    Ok((cases, in_force, calendar))
}

/// The week of one viewer.
pub async fn week(app: &App, conn: &mut Conn, viewer: &Viewer) -> Result<Week> {
    let (mut cases, in_force, calendar) =
        visible_cases(app, conn, viewer, Act::WriteRecord).await?;
    let today = viewer.today();
    if viewer.has_role(Role::HomeroomTeacher) {
        recent_calls(conn, &viewer.school_id, &mut cases, today).await?;
    }
    let mut week = Week {
        in_force,
        calendar,
        today,
        items: Vec::new(),
        done: Vec::new(),
        looks: Vec::new(),
        waiting: Vec::new(),
        talked: BTreeMap::new(),
        owed: Vec::with_capacity(cases.len()),
        cases: cases.into_iter().map(Arc::new).collect(),
    };
    for case in week.cases.clone() {
        week.add(viewer, case);
    }
    week.items.sort_by(|a, b| {
        (a.state, a.obligation.due.due_on, a.obligation.does.as_str()).cmp(&(
            b.state,
            b.obligation.due.due_on,
            b.obligation.does.as_str(),
        ))
    });
    week.done
        .sort_by_key(|item| std::cmp::Reverse(item.obligation.last_on));
    Ok(week)
}

impl Week {
    fn add(&mut self, viewer: &Viewer, case: Arc<Case>) {
        let capacity = capacity(viewer, &case.child);
        let (obligations, missing) = owed(&self.in_force, &case, &self.calendar, self.today);
        let this_week = week_of(self.today);
        for obligation in obligations.iter().cloned() {
            if !is_mine(&obligation, capacity) {
                self.wait(&case, &obligation);
                continue;
            }
            let met = obligation.due.standing == Standing::Met;
            let found = state(&obligation.due.standing);
            let item = |state, obligation| Item {
                case: Arc::clone(&case),
                obligation,
                state,
            };
            if let Some(state) = found {
                self.items.push(item(state, obligation));
            } else if met && obligation.last_on.is_some_and(|on| this_week.holds(on)) {
                self.done.push(item(State::Soon, obligation));
            }
        }
        if viewer.has_role(Role::HomeroomTeacher) {
            self.look(&case, missing);
        }
        self.owed.push((case, obligations));
    }

    fn wait(&mut self, case: &Case, obligation: &Obligation) {
        let by_staff = obligation.owed_by == Actor::HomeroomTeacher;
        let Standing::Past { days } = obligation.due.standing else {
            return;
        };
        if by_staff {
            self.waiting.push(Waiting {
                child_id: case.child.id.to_string(),
                name: case.child.name.clone(),
                days: i64::from(days),
                class_title: case.child.class_title(),
                grade: case.child.grade,
                class_number: case.child.class_number,
            });
        }
    }

    fn look(&mut self, case: &Arc<Case>, missing: Vec<Fact>) {
        let facts = look_facts(case, missing, self.today);
        let found = attention(&facts, self.today);
        self.looks.extend(found.into_iter().map(|why| Look {
            case: Arc::clone(case),
            why,
        }));
    }
}

/// The people of the card in its order, and at the end whoever was called without being noted.
fn numbers(case: &Case) -> Vec<Number> {
    let own = case.kin.iter().map(|kin| Some(kin.id.as_str()));
    let of = |whose: Option<&str>| {
        let calls = case
            .calls
            .iter()
            .filter(|call| call.kin_id.as_deref() == whose);
        let kin = case.kin.iter().find(|kin| Some(kin.id.as_str()) == whose);
        Number {
            calls: calls.map(|call| (call.on, call.answered)).collect(),
            confirmed_on: kin.and_then(|kin| kin.phone_checked_on),
        }
    };
    own.chain([None]).map(of).collect()
}

/// Whose numbers have to be asked about again, and why: 姑姑的号码打不通了.
pub fn numbers_to_ask(case: &Case, today: Date) -> Vec<String> {
    let bad = case.kin.iter().filter_map(|kin| {
        let why = match kin.phone_state.as_str() {
            "dead" => "的号码打不通了",
            "held" => "的号码不对，还没问到新的",
            _ => return None,
        };
        Some(format!("{}{why}", children::kin_word(&kin.kinship)))
    });
    let facts = AttentionFacts {
        numbers: numbers(case),
        ..AttentionFacts::default()
    };
    let missed = attention(&facts, today).into_iter().filter_map(|why| {
        let Attention::CheckCard { number, unanswered } = why else {
            return None;
        };
        let whose = case.kin.get(number);
        let whose = whose.map_or_else(|| "家里".to_owned(), |kin| children::kin_word(&kin.kinship));
        Some(format!("{whose}的电话{unanswered}次没接通"))
    });
    bad.chain(missed).collect()
}

fn look_facts(case: &Case, mut missing: Vec<Fact>, today: Date) -> AttentionFacts {
    let history = &case.case.history;
    let born = history.carer_born;
    let touched = history.parent_in_touch_on;
    if history.lives_with_nobody(today) && !missing.contains(&Fact::LivesWith) {
        missing.push(Fact::LivesWith);
    }
    // Of whom nobody knows the age is asked, too: a school's children are younger.
    let age = history
        .born_on
        .map_or(0, |born| rules::history::age_on(born, today));
    AttentionFacts {
        numbers: numbers(case),
        dead_number: case
            .kin
            .iter()
            .any(|kin| children::is_asked_for(&kin.phone_state)),
        card_told: case.card_told,
        missing,
        alone_at: history.lives_alone(today).then_some(age),
        nobody_raises: history.nobody_raises(today),
        carer_age: born.map(|born| rules::history::age_on(born, today)),
        parent_silent_days: touched.map(|on| i64::from(rules::calendar::days_between(on, today))),
        in_hand: history.individual_plan == Some(true),
    }
}
