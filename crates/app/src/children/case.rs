//! What the rules are told about children: facts over time and the days of what was done.
//!
//! Six statements for fifty children, whatever the number of records: nothing here scans them.

use super::store::Child;
use crate::adoptions::store::InForce;
use crate::db::{self, Conn};
use crate::ids::SchoolId;
use jiff::civil::Date;
use rules::cadence::Event;
use rules::duties::{Actor, ChildCase, Kept, Party};
use rules::eligibility::Reach;
use rules::history::{ChildHistory, Dated, HomeStay, Parent, ParentAbsence, ParentState};
use sqlx::Any;
use sqlx::query::QueryAs;
use std::collections::HashMap;

/// So many children a statement; the placeholders below count them.
const AT_ONCE: usize = 50;

macro_rules! of_children {
    ($sql:literal) => {
        concat!(
            $sql,
            " where school_id = $1 and child_id in (
                $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48, $49, $50, $51)"
        )
    };
}

/// One child with all that decides what is owed to it.
#[derive(Clone, Debug)]
pub struct Case {
    pub child: Child,
    pub case: ChildCase,
    pub kin: Vec<KinBrief>,
    /// Days of calls that nobody answered.
    pub unanswered: Vec<Date>,
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
}

type Bound<'q, T> = QueryAs<'q, Any, T, <Any as sqlx::Database>::Arguments>;

fn bind<'q, T>(mut query: Bound<'q, T>, school_id: &'q SchoolId, ids: &'q [Child]) -> Bound<'q, T> {
    query = query.bind(school_id.as_str());
    for at in 0..AT_ONCE {
        query = query.bind(ids.get(at).map_or("", |child| child.id.as_str()));
    }
    query
}

/// The cases of visible children, in their order.
pub async fn cases(
    conn: &mut Conn,
    school_id: &SchoolId,
    in_force: &InForce,
    children: &[Child],
    today: Date,
) -> sqlx::Result<Vec<Case>> {
    let mut found = Vec::with_capacity(children.len());
    for some in children.chunks(AT_ONCE) {
        let mut shelf: HashMap<String, Case> = some
            .iter()
            .map(|child| (child.id.to_string(), bare(child)))
            .collect();
        let day = today.to_string();
        let ask = Ask {
            school_id,
            today: &day,
            children: some,
        };
        ask.absences(conn, &mut shelf).await?;
        ask.stays(conn, &mut shelf).await?;
        ask.states(conn, &mut shelf).await?;
        ask.living(conn, &mut shelf).await?;
        ask.marks(conn, &mut shelf).await?;
        ask.kin(conn, &mut shelf).await?;
        ask.kept(conn, &mut shelf).await?;
        for child in some {
            if let Some(mut case) = shelf.remove(child.id.as_str()) {
                finish(&mut case, in_force, today);
                found.push(case);
            }
        }
    }
    Ok(found)
}

fn bare(child: &Child) -> Case {
    Case {
        child: child.clone(),
        case: ChildCase {
            history: ChildHistory {
                born_on: child.born_on,
                grade: u8::try_from(child.grade).ok(),
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
            counted: Vec::new(),
        },
        kin: Vec::new(),
        unanswered: Vec::new(),
    }
}

fn finish(case: &mut Case, in_force: &InForce, today: Date) {
    let history = &mut case.case.history;
    history.carer_born = case
        .kin
        .iter()
        .find(|kin| kin.party == "carer")
        .and_then(|kin| kin.born_on);
    history.parent_in_touch_on = case
        .case
        .kept
        .iter()
        .filter(|kept| kept.kind == "family_call")
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
    case.case.counted = in_force
        .rules()
        .map(|rule| {
            let said = rule.determine(&case.case.history, today);
            (said.policy, said.verdict)
        })
        .collect();
}

/// Statements for at most fifty children.
struct Ask<'a> {
    school_id: &'a SchoolId,
    today: &'a str,
    children: &'a [Child],
}

fn parent(text: &str) -> Parent {
    if text == "mother" {
        Parent::Mother
    } else {
        Parent::Father
    }
}

fn reach(text: Option<&str>) -> Option<Reach> {
    match text {
        Some("within_township") => Some(Reach::WithinTownship),
        Some("within_county") => Some(Reach::WithinCounty),
        Some("beyond_county") => Some(Reach::BeyondCounty),
        _ => None,
    }
}

#[derive(sqlx::FromRow)]
struct AbsenceRow {
    child_id: String,
    parent: String,
    from_on: Option<String>,
    left_by: Option<String>,
    to_on: Option<String>,
    reach: Option<String>,
}

#[derive(sqlx::FromRow)]
struct KinRow {
    child_id: String,
    id: String,
    party: String,
    kinship: String,
    phone_state: String,
    phone_checked_on: Option<String>,
    born_on: Option<String>,
    free_after: Option<String>,
    to_on: Option<String>,
    position: i64,
}

#[derive(sqlx::FromRow)]
struct KeptRow {
    child_id: String,
    kind: String,
    party: String,
    by_role: String,
    dates: String,
}

/// A mark may have been set and lifted before: one that holds is enough.
fn holds_once(mark: &mut Option<bool>, holds: bool) {
    *mark = Some(*mark == Some(true) || holds);
}

/// child, a word, a second word, from, to
type DatedRow = (String, String, String, Option<String>, Option<String>);

impl Ask<'_> {
    async fn absences(
        &self,
        conn: &mut Conn,
        shelf: &mut HashMap<String, Case>,
    ) -> sqlx::Result<()> {
        let query: Bound<'_, AbsenceRow> = sqlx::query_as(of_children!(
            "select child_id, parent, from_on, left_by, to_on, reach
             from parent_absence"
        ));
        let rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        for row in rows {
            let Some(case) = shelf.get_mut(&row.child_id) else {
                continue;
            };
            case.case.history.absences.push(ParentAbsence {
                parent: parent(&row.parent),
                from: db::opt_date(row.from_on),
                from_at_the_latest: db::opt_date(row.left_by),
                to: db::opt_date(row.to_on),
                reach: reach(row.reach.as_deref()),
            });
        }
        Ok(())
    }

    async fn stays(&self, conn: &mut Conn, shelf: &mut HashMap<String, Case>) -> sqlx::Result<()> {
        let query: Bound<'_, DatedRow> = sqlx::query_as(of_children!(
            "select child_id, parent, 'stay', from_on, to_on from home_stay"
        ));
        let rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        for (child_id, who, _, from, to) in rows {
            if let (Some(case), Some(from)) = (shelf.get_mut(&child_id), db::opt_date(from)) {
                case.case.history.stays.push(HomeStay {
                    parent: parent(&who),
                    from,
                    to: db::opt_date(to),
                });
            }
        }
        Ok(())
    }

    async fn states(&self, conn: &mut Conn, shelf: &mut HashMap<String, Case>) -> sqlx::Result<()> {
        let query: Bound<'_, DatedRow> = sqlx::query_as(of_children!(
            "select child_id, parent, state, from_on, to_on from parent_state"
        ));
        let rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        for (child_id, who, state, from, to) in rows {
            let state = match state.as_str() {
                "incapable" => ParentState::Incapable,
                "dead" => ParentState::Dead,
                "missing" => ParentState::Missing,
                _ => ParentState::Imprisoned,
            };
            if let Some(case) = shelf.get_mut(&child_id) {
                case.case.history.parents.push(Dated {
                    value: (parent(&who), state),
                    from: db::opt_date(from),
                    to: db::opt_date(to),
                });
            }
        }
        Ok(())
    }

    async fn living(&self, conn: &mut Conn, shelf: &mut HashMap<String, Case>) -> sqlx::Result<()> {
        let query: Bound<'_, DatedRow> = sqlx::query_as(of_children!(
            "select child_id, kind, 'living', from_on, to_on from living"
        ));
        let rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        for (child_id, kind, _, from, to) in rows {
            if let Some(case) = shelf.get_mut(&child_id) {
                case.case.history.lives_with.push(Dated {
                    value: kind,
                    from: db::opt_date(from),
                    to: db::opt_date(to),
                });
            }
        }
        Ok(())
    }

    /// Marks, and the day on which somebody asked about the child.
    async fn marks(&self, conn: &mut Conn, shelf: &mut HashMap<String, Case>) -> sqlx::Result<()> {
        let query: Bound<'_, DatedRow> = sqlx::query_as(of_children!(
            "select child_id, mark, 'mark', from_on, to_on
             from (select school_id, child_id, mark, from_on, to_on from child_mark
                union all
                select school_id, child_id, 'screened', screened_on, null from screening
                union all
                select school_id, child_id, kind, happened_on, null from child_event) as marks"
        ));
        let rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        for (child_id, mark, _, from, to) in rows {
            let Some(case) = shelf.get_mut(&child_id) else {
                continue;
            };
            let holds = to.is_none_or(|to| to.as_str() >= self.today);
            let history = &mut case.case.history;
            match mark.as_str() {
                "screened" => history.screened_on = history.screened_on.max(db::opt_date(from)),
                "study_help" => holds_once(&mut history.study_help, holds),
                "priority" => holds_once(&mut history.priority, holds),
                "individual_plan" => holds_once(&mut history.individual_plan, holds),
                "plan_needed" => holds_once(&mut history.plan_needed, holds),
                "counselling_needed" => holds_once(&mut history.counselling_needed, holds),
                other => {
                    if let (Some(event), Some(on)) = (Event::from_code(other), db::opt_date(from)) {
                        case.case.events.push((event, on));
                    }
                }
            }
        }
        Ok(())
    }

    async fn kin(&self, conn: &mut Conn, shelf: &mut HashMap<String, Case>) -> sqlx::Result<()> {
        let query: Bound<'_, KinRow> = sqlx::query_as(of_children!(
            "select child_id, id, party, kinship, phone_state, phone_checked_on, born_on,
                free_after, to_on, position
             from kin"
        ));
        let mut rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        rows.sort_by_key(|row| row.position);
        for row in rows {
            let gone = row.to_on.is_some_and(|to| to.as_str() <= self.today);
            if let Some(case) = shelf.get_mut(&row.child_id).filter(|_| !gone) {
                case.kin.push(KinBrief {
                    id: row.id,
                    party: row.party,
                    kinship: row.kinship,
                    phone_state: row.phone_state,
                    phone_checked_on: db::opt_date(row.phone_checked_on),
                    born_on: db::opt_date(row.born_on),
                    free_after: row.free_after,
                });
            }
        }
        Ok(())
    }

    async fn kept(&self, conn: &mut Conn, shelf: &mut HashMap<String, Case>) -> sqlx::Result<()> {
        let query: Bound<'_, KeptRow> = sqlx::query_as(of_children!(
            "select child_id, kind, party, by_role, dates
             from care_summary"
        ));
        let rows = bind(query, self.school_id, self.children)
            .fetch_all(conn)
            .await?;
        for row in rows {
            let Some(case) = shelf.get_mut(&row.child_id) else {
                continue;
            };
            let dates: Vec<Date> = serde_json::from_str(&row.dates).unwrap_or_default();
            if row.kind == "call.no_answer" {
                case.unanswered.extend(dates);
                continue;
            }
            case.case.kept.push(Kept {
                kind: row.kind,
                party: Party::from_code(&row.party).unwrap_or(Party::Other),
                by: Actor::from_code(&row.by_role).unwrap_or(Actor::School),
                dates,
            });
        }
        Ok(())
    }
}
