//! 约定: what is owed to a child, by whom, until when. Derived from packs and records, never stored.

use crate::access::Role;
use crate::cadence::{Ask, Cadence, Contacts, Due, Event, Loose, Standing, Weeks};
use crate::calendar::Calendar;
use crate::conditions::{Condition, Reason, Verdict};
use crate::eligibility::{AbsenceTerms, EligibilityRule, PolicyId};
use crate::facts::Fact;
use crate::history::ChildHistory;
use crate::spans;
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::cmp::Reverse;
use jiff::civil::Date;

coded! {
    /// With whom a record was made.
    Party {
        Child = "child", Parent = "parent", Carer = "carer", Relative = "relative",
        Host = "host", Family = "family", Village = "village", Other = "other",
    }
}

coded! {
    /// Who owes a duty, or made a record; the last five are outside the school's system.
    Actor {
        HomeroomTeacher = "homeroom_teacher", Mentor = "mentor",
        SubjectTeacher = "subject_teacher", LeadingGroupMember = "leading_group_member",
        PartyMember = "party_member", Counsellor = "counsellor", DormStaff = "dorm_staff",
        Archivist = "archivist", Principal = "principal", School = "school",
        Parent = "parent", Carer = "carer", VillageOfficer = "village_officer",
        Volunteer = "volunteer", OtherParent = "other_parent",
    }
}

impl Actor {
    /// Whether one of these is paired with a child by name.
    ///
    /// Source: P4 line 82 (党员包扶), P5 line 101 (配备帮扶教师和其他学生家长).
    pub fn makes_pairs(self) -> bool {
        matches!(
            self,
            Self::Mentor
                | Self::PartyMember
                | Self::OtherParent
                | Self::Volunteer
                | Self::VillageOfficer
        )
    }
}

coded! {
    /// What a duty is about.
    Subject {
        Child = "child", Carer = "carer", Pairing = "pairing", Class = "class",
        School = "school", Organisation = "organisation", Activity = "activity",
    }
}

impl Subject {
    /// Whether such a duty is owed for each child by itself: to the child, to whoever looks after
    /// it, or to the pair that it is one of.
    pub fn is_of_a_child(self) -> bool {
        match self {
            Self::Child | Self::Carer | Self::Pairing => true,
            Self::Class | Self::School | Self::Organisation | Self::Activity => false,
        }
    }
}

coded! {
    /// The level of the unit whose pack it is, highest first.
    Level {
        Nation = "nation", Province = "province", County = "county", Township = "township",
        School = "school", Class = "class",
    }
}

/// One duty of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    pub policy: PolicyId,
    pub level: Level,
    /// A minimum that no lower level may loosen.
    pub floor: bool,
    /// The kind of record that is owed.
    pub does: String,
    /// Other kinds that meet it too.
    pub also: Vec<String>,
    pub party: Party,
    pub owed_by: Actor,
    /// A record by anybody meets it, not only by the one who owes it.
    pub anyone: bool,
    pub subject: Subject,
    /// Only children who are counted by this eligibility rule.
    pub counted_by: Option<PolicyId>,
    pub when: Condition,
    pub absence: AbsenceTerms,
    pub cadence: Cadence,
    /// The cadence in vacation, where it differs.
    pub vacation: Option<Cadence>,
    pub weeks: Weeks,
    /// Exactly so often, not at least.
    pub exact: bool,
    pub remind_before: u16,
    /// The day from which the pack holds here.
    pub from: Date,
}

/// Whether something that a duty follows (`after`: an activity, of which a summary is due) has
/// nothing of `done` that was written of it: what was written is taken to be about the last one
/// before it of which nothing was. A duty that follows nothing is always called for.
///
/// What was written down once for several children is kept with each of them: it happened as often
/// on a day as it did for the child who was there most often.
///
/// Source: P1 line 15 (“每次活动结束，组员撰写活动总结”).
pub fn is_called_for(after: &[String], done: &[String], kept: &[Kept]) -> bool {
    if after.is_empty() {
        return true;
    }
    let mut happened = how_often(after, kept);
    for (day, times) in how_often(done, kept) {
        for _ in 0..times {
            let before = happened.range_mut(..=day);
            if let Some((_, open)) = before.rev().find(|(_, open)| **open > 0) {
                *open -= 1;
            }
        }
    }
    happened.values().any(|times| *times > 0)
}

fn how_often(kinds: &[String], kept: &[Kept]) -> BTreeMap<Date, usize> {
    let mut found: BTreeMap<Date, usize> = BTreeMap::new();
    for one in kept.iter().filter(|one| kinds.contains(&one.kind)) {
        for day in &one.dates {
            let times = one.dates.iter().filter(|other| *other == day).count();
            let most = found.entry(*day).or_default();
            *most = times.max(*most);
        }
    }
    found
}

/// Records of one sort about one child: the days on which they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub kind: String,
    pub party: Party,
    pub by: Actor,
    pub dates: Vec<Date>,
}

/// All that the rule is told about one child: no name, no id.
#[derive(Clone, Debug)]
pub struct ChildCase {
    pub history: ChildHistory,
    pub in_care_since: Date,
    pub kept: Vec<Kept>,
    pub events: Vec<(Event, Date)>,
    /// Who is asked to be there for this child, and since when.
    pub paired: Vec<(Actor, Option<Date>)>,
    /// What each eligibility rule in force says today.
    pub counted: Vec<(PolicyId, Verdict)>,
    /// Since when a rule has counted the child, where it does and did not when the child came.
    pub counted_since: Vec<(PolicyId, Date)>,
    /// The days since it came on which something about the child began or ended.
    pub turns: Vec<Date>,
}

impl ChildCase {
    /// What each of the rules in force says on that day; of those that `owing` names, by which something
    /// is owed, also since when.
    pub fn count<'a>(
        &mut self,
        (rules, owing): (impl Iterator<Item = &'a EligibilityRule>, &[&PolicyId]),
        today: Date,
    ) {
        self.counted.clear();
        self.counted_since.clear();
        let mut turns = self.history.turns();
        turns.retain(|day| *day > self.in_care_since && *day <= today);
        for rule in rules {
            let said = rule.determine(&self.history, today);
            if said.verdict.is_yes() && owing.iter().any(|one| is_same(one, &said.policy)) {
                let since = rule.counts_since((&self.history, &turns), (self.in_care_since, today));
                if since > self.in_care_since {
                    self.counted_since.push((said.policy.clone(), since));
                }
            }
            self.counted.push((said.policy, said.verdict));
        }
        self.turns = turns;
    }

    /// Whether one of the definitions in force counts the child today, whichever it is.
    pub fn is_counted(&self) -> bool {
        self.counted.iter().any(|(_, verdict)| verdict.is_yes())
    }
}

/// All that the rule is told about a class, a school or what else is not one child.
#[derive(Clone, Debug)]
pub struct UnitCase {
    /// From when on something is owed to it.
    pub since: Date,
    pub kept: Vec<Kept>,
    /// The definitions that count at least one of its children today.
    pub counted: Vec<PolicyId>,
}

/// What one duty says of one child today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owed {
    No { reasons: Vec<Reason> },
    CannotSay { missing: Vec<Fact> },
    Yes(Obligation),
}

/// 应办事项: an act that is owed, with the policy that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    pub policy: PolicyId,
    pub level: Level,
    pub floor: bool,
    pub does: String,
    pub party: Party,
    pub owed_by: Actor,
    /// From this day on it has been owed without a break.
    pub since: Date,
    pub due: Due,
    pub last_on: Option<Date>,
    /// Why this child: the comparisons that made it so.
    pub because: Vec<Reason>,
    /// How firmly the plan speaks; see [`Duty::firmness`].
    pub firmness: Firmness,
}

/// How firmly a plan speaks: a number before 及时, 及时 before 定期 and 时常, those before 不定期, and
/// last what says nothing of how often; between equals what is for some children only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Firmness {
    how_often: u8,
    is_for_some: bool,
}

impl Duty {
    /// Whether and when this duty is owed to one child.
    pub fn owed(&self, child: &ChildCase, calendar: &Calendar, today: Date) -> Owed {
        let because = match self.applies(child, today) {
            Verdict::Yes(reasons) => reasons,
            Verdict::No(reasons) => return Owed::No { reasons },
            Verdict::CannotSay { missing } => return Owed::CannotSay { missing },
        };
        let dates = self.dates(child);
        let contacts = Contacts {
            since: self.since(child, today),
            dates: &dates,
            events: &child.events,
        };
        Owed::Yes(self.obligation(&contacts, because, (calendar, today)))
    }

    /// When this duty is owed to a class, a school or what else is not one child. `None`: it is
    /// about children whom a definition counts, and counts none of this unit.
    ///
    /// Duties of this sort: 计划三 lines 57 and 58 (a day of the year), 计划五 line 105 (定期),
    /// 未成年人保护法 §62 (每年).
    pub fn owed_to_unit(
        &self,
        unit: &UnitCase,
        calendar: &Calendar,
        today: Date,
    ) -> Option<Obligation> {
        if let Some(policy) = &self.counted_by {
            unit.counted.iter().find(|one| is_same(one, policy))?;
        }
        let kept = unit.kept.iter().filter(|kept| {
            let by = self.anyone
                || matches!(self.owed_by, Actor::School)
                // Whoever keeps the books writes for those who owe.
                || matches!(kept.by, Actor::School)
                || kept.by == self.owed_by;
            by && (kept.kind == self.does || self.also.contains(&kept.kind))
        });
        let dates: Vec<Date> = kept.flat_map(|kept| kept.dates.iter().copied()).collect();
        let contacts = Contacts {
            since: unit.since.max(self.from),
            dates: &dates,
            events: &[],
        };
        Some(self.obligation(&contacts, Vec::new(), (calendar, today)))
    }

    fn obligation(
        &self,
        contacts: &Contacts<'_>,
        because: Vec<Reason>,
        (calendar, today): (&Calendar, Date),
    ) -> Obligation {
        let in_term = calendar.term_on(today).is_some();
        let (cadence, weeks) = match &self.vacation {
            Some(vacation) if !in_term => (vacation, Weeks::Vacation),
            _ => (&self.cadence, self.weeks),
        };
        let due = cadence.due(&Ask {
            contacts,
            calendar,
            weeks,
            remind_before: self.remind_before,
            today,
        });
        let last_on = contacts.dates.iter().copied().filter(|on| *on <= today);
        Obligation {
            policy: self.policy.clone(),
            level: self.level,
            floor: self.floor,
            does: self.does.clone(),
            party: self.party,
            owed_by: self.owed_by,
            since: contacts.since,
            due,
            last_on: last_on.max(),
            because,
            firmness: self.firmness(),
        }
    }

    fn firmness(&self) -> Firmness {
        let how_often = match self.cadence {
            Cadence::Unnumbered(Loose::Unstated) => 0,
            Cadence::Unnumbered(Loose::Irregularly) => 1,
            Cadence::Unnumbered(Loose::Often | Loose::Regularly) => 2,
            Cadence::Unnumbered(Loose::Promptly) => 3,
            Cadence::Every { .. }
            | Cadence::Times { .. }
            | Cadence::OnDay { .. }
            | Cadence::InMonths { .. }
            | Cadence::Around { .. }
            | Cadence::By { .. }
            | Cadence::Within { .. } => 4,
        };
        Firmness {
            how_often,
            is_for_some: !self.when.is_always(),
        }
    }

    /// From which day on this duty, which is owed today, has been owed to the child: nothing is asked
    /// for the time before a parent left, before a teacher noted it, or before the pair was made.
    fn since(&self, child: &ChildCase, today: Date) -> Date {
        let counted = self.counted_by.as_ref().and_then(|policy| {
            let mut own = child.counted_since.iter();
            own.find(|(one, _)| is_same(one, policy)).map(|(_, on)| *on)
        });
        let paired = self.pair(child).and_then(|(_, since)| *since);
        let paired = paired.filter(|_| self.subject == Subject::Pairing);
        let floor = child.in_care_since.max(self.from);
        let floor = floor
            .max(counted.unwrap_or(floor))
            .max(paired.unwrap_or(floor));
        if self.when.is_always() || matches!(self.cadence, Cadence::Unnumbered(_)) {
            return floor;
        }
        let told = (child.turns.as_slice(), self.when.grows());
        spans::since((floor, today), told, |on| {
            let facts = child.history.facts(&self.absence, on);
            self.when.decide(&facts).is_yes()
        })
    }

    /// The pair that this duty is about: of whoever owes it, or any where a teacher owes it who need
    /// be no part of it.
    fn pair<'a>(&self, child: &'a ChildCase) -> Option<&'a (Actor, Option<Date>)> {
        let mut own = child.paired.iter();
        own.find(|(who, _)| *who == self.owed_by || !self.owed_by.makes_pairs())
    }

    fn applies(&self, child: &ChildCase, today: Date) -> Verdict {
        // A duty to a pair is owed to nobody who has none.
        if self.subject == Subject::Pairing && self.pair(child).is_none() {
            return Verdict::No(Vec::new());
        }
        let counted = match &self.counted_by {
            None => Verdict::Yes(Vec::new()),
            Some(policy) => child
                .counted
                .iter()
                .find(|(one, _)| is_same(one, policy))
                .map_or(Verdict::No(Vec::new()), |(_, verdict)| verdict.clone()),
        };
        if let Verdict::No(reasons) = counted {
            return Verdict::No(reasons);
        }
        if self.when.is_always() {
            return counted;
        }
        let own = self.when.decide(&child.history.facts(&self.absence, today));
        match (counted, own) {
            (Verdict::No(reasons), _) | (_, Verdict::No(reasons)) => Verdict::No(reasons),
            (Verdict::CannotSay { missing }, _) | (_, Verdict::CannotSay { missing }) => {
                Verdict::CannotSay { missing }
            }
            (Verdict::Yes(mut one), Verdict::Yes(other)) => {
                one.extend(other);
                Verdict::Yes(one)
            }
        }
    }

    /// A record meets every duty whose kind it serves.
    fn dates(&self, child: &ChildCase) -> Vec<Date> {
        child
            .kept
            .iter()
            .filter(|kept| self.is_met_by(kept))
            .flat_map(|kept| kept.dates.iter().copied())
            .collect()
    }

    fn is_met_by(&self, kept: &Kept) -> bool {
        let own_kind = kept.kind == self.does && serves(kept.party, self.party);
        let other_kind = self.also.contains(&kept.kind);
        let by = self.anyone || self.owed_by == Actor::School || kept.by == self.owed_by;
        (own_kind || other_kind) && by
    }
}

/// Whether it is the same rule, in whatever version.
fn is_same(one: &PolicyId, policy: &PolicyId) -> bool {
    one.pack == policy.pack && one.id == policy.id
}

/// Whether one who holds this role is among those who owe what is not about one child.
///
/// A class teacher owes it to the own class; the leading group is led by the principal (计划一 line
/// 14), who answers for what the school owes, together with the keeper of its books. Where what is
/// written is `guarded` as counselling or protection are, those owe it who may read it.
pub fn owes_for_unit(role: Role, owed_by: Actor, guarded: bool) -> bool {
    match owed_by {
        Actor::HomeroomTeacher => role == Role::HomeroomTeacher,
        Actor::Mentor => role == Role::Mentor,
        Actor::SubjectTeacher => role == Role::SubjectTeacher,
        Actor::LeadingGroupMember => matches!(role, Role::LeadingGroup | Role::Principal),
        Actor::Counsellor => role == Role::Counsellor,
        Actor::DormStaff => role == Role::DormStaff,
        Actor::Archivist => role == Role::Archivist,
        Actor::Principal => role == Role::Principal,
        Actor::School if guarded => matches!(role, Role::Counsellor | Role::ProtectionLead),
        Actor::School => matches!(role, Role::Principal | Role::Archivist),
        Actor::PartyMember
        | Actor::Parent
        | Actor::Carer
        | Actor::VillageOfficer
        | Actor::Volunteer
        | Actor::OtherParent => false,
    }
}

/// Where a child lodges with relatives, the relative and the carer at home are one person.
fn serves(made_with: Party, owed_with: Party) -> bool {
    made_with == owed_with
        || (made_with == Party::Carer && matches!(owed_with, Party::Relative | Party::Host))
}

/// How pressing an obligation is: the greater, the sooner somebody should go.
fn urgency(obligation: &Obligation) -> (u8, Reverse<Option<Date>>, u8, bool, Reverse<Level>, bool) {
    let rank = match obligation.due.standing {
        Standing::Past { .. } => 5,
        Standing::Today => 4,
        Standing::ThisWeek { .. } => 3,
        Standing::Soon { .. } => 2,
        Standing::Later { .. } => 1,
        Standing::Met | Standing::Paused { .. } | Standing::NotNow | Standing::LastOnly => 0,
    };
    (
        rank,
        Reverse(obligation.due.due_on),
        obligation.firmness.how_often,
        obligation.floor,
        Reverse(obligation.level),
        obligation.firmness.is_for_some,
    )
}

/// The strictest obligation of each kind, party and debtor for one child.
///
/// Several packs may ask for the same thing: what is pressing first wins, between equals what is
/// asked more firmly, then a floor, the higher level, and what is for this child among few. A looser one can therefore never hide a stricter one.
pub fn strictest(obligations: Vec<Obligation>) -> Vec<Obligation> {
    let mut kept: Vec<Obligation> = Vec::new();
    for obligation in obligations {
        let same = kept.iter_mut().find(|one| {
            one.does == obligation.does
                && one.party == obligation.party
                && one.owed_by == obligation.owed_by
        });
        match same {
            Some(one) if urgency(&obligation) > urgency(one) => *one = obligation,
            Some(_) => {}
            None => kept.push(obligation),
        }
    }
    kept
}

#[cfg(test)]
mod tests;
