//! Which forms of a file a viewer may see and fill, and which fields of them.

use crate::adoptions::store::InForce;
use crate::children::store::Child;
use crate::packs::{Form, FormKind, Tier};
use crate::records::store::actor_of;
use crate::web::Viewer;
use rules::access::{Act, decide};

/// What class teachers and archivists write of a file.
const KEPT: Tier = Tier::C3;

/// A viewer in front of one child's file.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub viewer: &'a Viewer,
    pub child: &'a Child,
    pub in_force: &'a InForce,
}

impl Sight<'_> {
    pub fn may(self, act: Act) -> bool {
        let child = self.child;
        child.allows(self.viewer, act)
    }

    /// Class teachers and archivists, also of a file whose child has left.
    fn keeps(self) -> bool {
        self.child.kept_by(self.viewer)
    }

    /// Whether the plan gives this form to the viewer's role, though the file is not the viewer's.
    fn keeps_form(self, form: &Form) -> bool {
        let child = self.child;
        let mut own = self.viewer.standings(child.class_id.as_str(), child.paired);
        let is_given = own.any(|standing| {
            let opens = decide(Act::OpenDossier, &[standing]).is_allowed();
            opens && form.kept_by.contains(&actor_of(standing.role))
        });
        is_given && self.may(Act::OpenDossier)
    }

    /// Of a form that is given to one's role, what is guarded no more than the roster.
    pub fn reads_of(self, form: &Form, tier: Tier) -> bool {
        self.reads(tier) || (tier <= Tier::C1 && self.keeps_form(form))
    }

    /// Who keeps the file also keeps what it says of health; the rest has rights of its own.
    pub fn reads(self, tier: Tier) -> bool {
        match tier {
            Tier::C0 | Tier::C1 => self.may(Act::ReadDossier),
            Tier::C2 => self.may(Act::ReadIdentity),
            Tier::C3 => self.keeps() || (self.may(Act::ReadDossier) && self.may(Act::ReadHealth)),
            Tier::C4 => self.may(Act::ReadCounselling),
            Tier::C5 => self.may(Act::ReadProtection),
        }
    }

    /// The keepers of the file write all of it that they read; others what is guarded, where it is
    /// theirs: the counsellor and the protection lead.
    pub fn may_write(self, seen: &Form) -> bool {
        let guarded = |tier: Tier| tier > Tier::C2;
        let own = guarded(seen.tier) || seen.fields.iter().any(|field| guarded(field.tier));
        let own = own && self.may(Act::ReadDossier);
        if seen.retired {
            return false;
        }
        let is_open = seen.after_leaving || !self.child.has_left(self.viewer.today());
        let is_own = own || self.keeps() || self.keeps_form(seen);
        is_open && self.may(Act::WriteDossier) && is_own
    }

    /// The form without the fields that are not this viewer's to read.
    pub fn seen(self, form: &Form) -> Option<Form> {
        if !self.reads_of(form, form.tier) {
            return None;
        }
        let mut seen = form.clone();
        seen.fields.retain(|field| self.reads_of(form, field.tier));
        seen.gone.retain(|field| self.reads_of(form, field.tier));
        Some(seen)
    }

    /// Fields of the whole form that are not this viewer's to read.
    pub fn hidden(self, seen: &Form) -> Vec<String> {
        let whole = self.in_force.forms.iter().find(|form| form.id == seen.id);
        let fields = whole.map_or(&[][..], |form| form.fields.as_slice());
        let own = fields
            .iter()
            .filter(|field| seen.field(&field.id).is_none());
        own.map(|field| field.id.clone()).collect()
    }

    pub fn form(self, id: &str) -> Option<Form> {
        let form = self.in_force.forms.iter().find(|form| form.id == id)?;
        let is_file = form.kind == FormKind::Dossier;
        is_file.then(|| self.seen(form)).flatten()
    }

    /// What keeps a file open: the forms and fields that its keepers write, the same for everybody who
    /// reads files. What is guarded more is never counted, or its absence would tell of its presence.
    pub fn counted(self) -> Vec<Form> {
        if !self.may(Act::ReadDossier) {
            return self.forms();
        }
        let all = self.in_force.forms.iter();
        let own = all.filter(|form| form.kind == FormKind::Dossier && form.tier <= KEPT);
        own.cloned()
            .map(|mut form| {
                form.fields.retain(|field| field.tier <= KEPT);
                form
            })
            .collect()
    }

    /// The forms of the file, in the order of their packs.
    pub fn forms(self) -> Vec<Form> {
        let all = self.in_force.forms.iter();
        all.filter(|form| form.kind == FormKind::Dossier)
            .filter_map(|form| self.seen(form))
            .collect()
    }
}
