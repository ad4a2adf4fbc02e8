//! What is owed to a class or to the school itself, and not to one child.

use super::items::{State, Week, state};
use super::pages::Row;
use super::wording;
use crate::adoptions::store::base;
use crate::children::case::Case;
use crate::db::Conn;
use crate::ids::ClassId;
use crate::packs::{Form, FormKind, PackDuty, Tier};
use crate::paper::lists::day_of;
use crate::records::forms::words;
use crate::records::note::may_fill;
use crate::records::store::capacity;
use crate::registers;
use crate::web::words::last_time;
use crate::web::{Result, Viewer};
use jiff::civil::Date;
use rules::access::{Act, Role};
use rules::duties::{
    Actor, Kept, Obligation, Party, Subject, UnitCase, is_called_for, owes_for_unit,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One act that is owed to a class, or to the school where no class is named.
pub struct UnitItem {
    pub class: Option<(ClassId, String)>,
    pub title: String,
    pub obligation: Obligation,
    /// `None`: not now, or never by a day.
    pub state: Option<State>,
}

/// What this viewer owes to classes and to the school, the most pressing first.
pub async fn units(conn: &mut Conn, viewer: &Viewer, week: &Week) -> Result<Vec<UnitItem>> {
    let mut found = Vec::new();
    for duty in week.in_force.duties() {
        let Some(form) = week.in_force.form(&duty.duty.does) else {
            continue;
        };
        if duty.duty.subject.is_of_a_child() || !is_owed_by(viewer, duty, form) {
            continue;
        }
        if duty.duty.subject == Subject::Class {
            found.extend(classes(viewer, week, duty));
        } else {
            let written = entries(conn, viewer, form).await?;
            found.extend(school(week, duty, written));
        }
    }
    found.sort_by_key(|item| (item.state.is_none(), item.state, item.obligation.due.due_on));
    Ok(found)
}

/// Whoever cannot write it down does not owe it.
fn is_owed_by(viewer: &Viewer, duty: &PackDuty, form: &Form) -> bool {
    let writes = match form.kind {
        FormKind::Record => viewer.ever(Act::WriteRecord) && may_fill(viewer, form),
        FormKind::Dossier => viewer.ever(Act::WriteDossier) && may_fill(viewer, form),
        FormKind::Register => {
            viewer.ever(Act::WriteRegisters) && registers::seen(viewer, form).is_some()
        }
    };
    let guarded = form.tier > Tier::C3;
    let owes = |role: &Role| owes_for_unit(*role, duty.duty.owed_by, guarded);
    writes && viewer.roles().iter().any(owes)
}

/// The viewer's own classes; of those who answer for the whole school, every class.
fn classes(viewer: &Viewer, week: &Week, duty: &PackDuty) -> Vec<UnitItem> {
    let mut classes: BTreeMap<(i64, i64), Vec<&Arc<Case>>> = BTreeMap::new();
    for case in &week.cases {
        let child = &case.child;
        let is_teachers = duty.duty.owed_by == Actor::HomeroomTeacher;
        if !is_teachers || capacity(viewer, child) == Actor::HomeroomTeacher {
            let class = (child.grade, child.class_number);
            classes.entry(class).or_default().push(case);
        }
    }
    classes
        .into_values()
        .filter_map(|cases| {
            let child = &cases.first()?.child;
            let class = (child.class_id.clone(), child.class_title());
            item(week, duty, (Some(class), unit(&cases, Vec::new(), duty)))
        })
        .collect()
}

fn school(week: &Week, duty: &PackDuty, written: Vec<Kept>) -> Option<UnitItem> {
    let cases: Vec<&Arc<Case>> = week.cases.iter().collect();
    let done = [std::slice::from_ref(&duty.duty.does), &duty.duty.also].concat();
    let kept = cases.iter().flat_map(|case| &case.case.kept);
    let kept: Vec<Kept> = kept
        .filter(|one| done.contains(&one.kind) || duty.after.contains(&one.kind))
        .chain(&written)
        .cloned()
        .collect();
    if !is_called_for(&duty.after, &done, &kept) {
        return None;
    }
    item(week, duty, (None, unit(&cases, written, duty)))
}

/// A class is as old as the first of its children here.
fn unit(cases: &[&Arc<Case>], mut kept: Vec<Kept>, duty: &PackDuty) -> UnitCase {
    let joined = cases.iter().map(|case| case.child.in_care_since);
    let serves = |one: &&Kept| one.kind == duty.duty.does || duty.duty.also.contains(&one.kind);
    let own = cases.iter().flat_map(|case| &case.case.kept);
    kept.extend(own.filter(serves).cloned());
    let counted = cases.iter().flat_map(|case| &case.case.counted);
    let counted = counted.filter(|(_, verdict)| verdict.is_yes());
    UnitCase {
        since: joined.min().unwrap_or(duty.duty.from),
        kept,
        counted: counted.map(|(policy, _)| policy.clone()).collect(),
    }
}

fn item(
    week: &Week,
    duty: &PackDuty,
    (class, unit): (Option<(ClassId, String)>, UnitCase),
) -> Option<UnitItem> {
    let obligation = duty.duty.owed_to_unit(&unit, &week.calendar, week.today)?;
    Some(UnitItem {
        class,
        title: duty.title.clone(),
        state: state(&obligation.due.standing),
        obligation,
    })
}

/// The days on which something was written in a register.
async fn entries(conn: &mut Conn, viewer: &Viewer, form: &Form) -> Result<Vec<Kept>> {
    let Some(form) = registers::seen(viewer, form) else {
        return Ok(Vec::new());
    };
    let rows = registers::store::entries(conn, viewer, &form.id).await?;
    let mut found: BTreeMap<String, Vec<Date>> = BTreeMap::new();
    for row in rows {
        let day: Option<Date> = day_of(&form, &row.filled, &row.written_at).parse().ok();
        let chosen = form.fields.iter().filter(|field| field.sub_kind);
        let chosen: Vec<String> = chosen
            .filter_map(|field| row.filled.get(&field.id))
            .flat_map(words)
            .collect();
        let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
        for kind in form.counts_as(&chosen) {
            found.entry(kind).or_default().extend(day);
        }
    }
    let kept = found.into_iter().map(|(kind, dates)| Kept {
        kind,
        party: Party::Other,
        by: Actor::School,
        dates,
    });
    Ok(kept.collect())
}

impl UnitItem {
    /// 五（2）班：开一次主题班会
    pub fn named(&self) -> String {
        match &self.class {
            Some((_, class)) => format!("{class}：{}", self.title),
            None => self.title.clone(),
        }
    }

    /// Where it is written down.
    pub fn href(&self, week: &Week) -> String {
        let kind = base(&self.obligation.does);
        let form = week.in_force.form(kind);
        match (&self.class, form.map(|form| (form.kind, form.whole_class))) {
            (_, Some((FormKind::Register, _))) => format!("/registers/{kind}"),
            (Some((class, _)), Some((_, true))) => {
                format!("/classes/{class}/records/new?kind={kind}&back=/week")
            }
            _ => format!("/note?kind={kind}"),
        }
    }

    pub fn row(&self, week: &Week) -> Row {
        let (chip, tint) = wording::chip(&self.obligation, week.today);
        let last = last_time(self.obligation.last_on, week.today);
        Row {
            glyph: wording::glyph(&week.in_force, &self.obligation.does),
            title: self.named(),
            sub: format!(
                "{last}。{}",
                wording::reason(&week.in_force, &self.obligation)
            ),
            href: self.href(week),
            chip,
            tint,
            why: wording::why(&week.in_force, &self.obligation, week.today),
            names: Vec::new(),
        }
    }
}
