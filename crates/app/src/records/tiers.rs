//! What of a record a viewer may read, and which forms a viewer may fill: by the tier that the
//! pack gives each form and field.

use super::forms::ONLY_COUNSELLOR;
use super::store::Record;
use crate::adoptions::store::InForce;
use crate::children::store::Child;
use crate::packs::{Field, Form, Tier};
use crate::web::Viewer;
use rules::access::{Act, Decision};
use std::borrow::Cow;

/// A viewer in front of one child.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub viewer: &'a Viewer,
    pub child: &'a Child,
    pub in_force: &'a InForce,
}

/// The act that reads values of a tier.
pub fn act(tier: Tier) -> Act {
    match tier {
        Tier::C0 | Tier::C1 | Tier::C2 => Act::ReadRecords,
        Tier::C3 => Act::ReadHealth,
        Tier::C4 => Act::ReadCounselling,
        Tier::C5 => Act::ReadProtection,
    }
}

impl Reader<'_> {
    fn decide(self, act: Act) -> Decision {
        let child = self.child;
        self.viewer
            .decide(act, child.class_id.as_str(), child.paired)
    }

    fn reads(self, tier: Tier) -> bool {
        self.decide(act(tier)).is_allowed()
    }

    /// Work and roster values may be written by whoever records; what is guarded more, only by
    /// those who may also read it.
    fn writes(self, tier: Tier) -> bool {
        self.decide(Act::WriteRecord).is_allowed() && (tier <= Tier::C2 || self.reads(tier))
    }

    /// The form as this viewer may fill it; `None`: not this viewer's to fill.
    pub fn fillable(self, form: &Form) -> Option<Cow<'_, Form>> {
        if form.retired || !self.writes(form.tier) {
            return None;
        }
        let guarded = form.fields.iter().filter(|field| field.tier > Tier::C2);
        if guarded.into_iter().all(|field| self.writes(field.tier)) {
            return Some(Cow::Borrowed(form));
        }
        let mut form = form.clone();
        form.fields.retain(|field| self.writes(field.tier));
        Some(Cow::Owned(form))
    }

    /// The record as this viewer may read it: whole, without some fields, as a placeholder that
    /// says only that something is there, or not at all. What one wrote oneself one may read.
    pub fn guarded(self, mut record: Record) -> Option<Record> {
        if record.by_staff == self.viewer.staff_id.as_str() {
            return Some(record);
        }
        // Whoever wrote it wanted it so, whatever the form says.
        let only = record.filled.contains_key(ONLY_COUNSELLOR);
        if only && !self.reads(Tier::C4) {
            return self.behind(Tier::C4, record);
        }
        let Some(form) = self.in_force.form(&record.kind) else {
            // No pack says any more how well it was guarded: as well as anything is.
            return self.behind(Tier::C4, record);
        };
        if !self.reads(form.tier) {
            return self.behind(form.tier, record);
        }
        let open = |field: &&Field| self.reads(field.tier);
        let open: Vec<&str> = form
            .fields
            .iter()
            .chain(&form.gone)
            .filter(open)
            .map(|field| field.id.as_str())
            .collect();
        record.filled.retain(|id, _| open.contains(&id.as_str()));
        let shown = |field: &Field| record.filled.contains_key(&field.id);
        let guarded = form.fields.iter().filter(|field| field.tier > Tier::C2);
        record.guarded = only || form.tier > Tier::C2 || guarded.into_iter().any(shown);
        Some(record)
    }

    fn behind(self, tier: Tier, mut record: Record) -> Option<Record> {
        match self.decide(act(tier)) {
            Decision::Allowed { .. } => {
                record.guarded = true;
                Some(record)
            }
            Decision::Placeholder => {
                record.hidden = true;
                record.filled.clear();
                Some(record)
            }
            Decision::Denied => None,
        }
    }
}
