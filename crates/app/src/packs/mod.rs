//! 制度包: what a school, a county or the law institutes, as data.

pub mod attempt;
pub mod case;
pub mod check;
mod form;
mod part;
pub mod read;
pub mod sentence;
pub mod shipped;
mod terms;
#[cfg(test)]
mod tests;

use rules::coded;
use rules::consent::Purpose;
use rules::duties::{Actor, Duty, Level, Party};
use rules::eligibility::EligibilityRule;

coded! {
    /// What a form makes.
    FormKind {
        /// Something that a grown-up did for a child, on a day.
        Record = "record",
        /// A part of the child's file, kept up to date.
        Dossier = "dossier",
        /// A running list of a class or a school.
        Register = "register",
    }
}

coded! {
    FieldKind {
        Choice = "choice", Choices = "choices", Text = "text", LongText = "long_text",
        Number = "number", YesNo = "yes_no", Date = "date", Phone = "phone",
        Address = "address", Person = "person",
        /// The number of an identity card.
        CitizenId = "citizen_id",
        /// A day that may be known only by its month or year.
        ApproxDate = "approx_date",
        /// One of a row of steps.
        Scale = "scale",
        /// Several things to tick off, each by itself.
        Checklist = "checklist",
        /// One of the child's photographs, or of its photographs and scans.
        Photo = "photo", Scan = "scan",
        /// Children of the same class.
        Children = "children",
        /// A line on paper; nothing is typed.
        Signature = "signature",
    }
}

impl FieldKind {
    /// One of the options.
    pub fn picks_one(self) -> bool {
        matches!(self, Self::Choice | Self::Scale | Self::Photo | Self::Scan)
    }

    /// Any number of the options.
    pub fn picks_several(self) -> bool {
        matches!(self, Self::Choices | Self::Checklist | Self::Children)
    }

    /// What there is to choose from depends on the child; no pack can list it.
    pub fn is_offered(self) -> bool {
        matches!(self, Self::Photo | Self::Scan | Self::Children)
    }

    pub fn is_day(self) -> bool {
        matches!(self, Self::Date | Self::ApproxDate)
    }

    pub fn has_options(self) -> bool {
        self.picks_one() || self.picks_several()
    }
}

coded! {
    /// What is known of a child already: a field that names one is filled from it and never typed
    /// a second time.
    Known {
        Name = "child.name", Sex = "child.sex", BornOn = "child.born_on", Age = "child.age",
        Class = "child.class", Nation = "child.nation", CitizenId = "child.citizen_id",
        StudentNo = "child.student_no", Address = "child.address",
        HukouPlace = "child.hukou_place", Boarding = "child.boarding", Health = "child.health",
        Remark = "child.remark",
        FatherName = "father.name", FatherPhone = "father.phone", FatherWork = "father.work_place",
        FatherEmployerPhone = "father.employer_phone", MotherName = "mother.name",
        MotherPhone = "mother.phone", MotherWork = "mother.work_place",
        MotherEmployerPhone = "mother.employer_phone", CarerName = "carer.name",
        CarerKinship = "carer.kinship", CarerPhone = "carer.phone",
        CarerAddress = "carer.address", CarerOccupation = "carer.occupation",
        CarerHealth = "carer.health", CarerAge = "carer.age", CheckedOn = "card.checked_on",
        LivesWith = "home.lives_with",
    }
}

coded! {
    /// How well a value is guarded (architecture.md §6): work, roster, identity, health,
    /// counselling, protection.
    Tier { C0 = "C0", C1 = "C1", C2 = "C2", C3 = "C3", C4 = "C4", C5 = "C5" }
}

coded! {
    /// From when the time of keeping is counted.
    KeepFrom { Record = "record", SchoolYear = "school_year", Leaving = "leaving" }
}

coded! {
    /// How entries of which a child may have several stand on paper.
    Layout {
        /// A sheet for each child with a line for each entry.
        List = "list",
        /// A sheet for each entry.
        Page = "page",
        /// One list of all the children.
        Register = "register",
    }
}

/// What a form asks of those who answer a request: asked on a day, answered on a day, within so
/// many days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    pub asked: String,
    pub answered: String,
    pub within_days: u16,
    /// Nobody waits any more once the child is back at the school.
    pub until_back: bool,
}

/// The answers of a yes/no field.
pub const YES: &str = "yes";
pub const NO: &str = "no";

/// The fields in which a form keeps what a guardian agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consenting {
    pub purpose: String,
    pub answer: String,
}

/// Another field, and the options of it any of which makes this one necessary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredWhen {
    pub field: String,
    pub any: Vec<String>,
}

/// A field of a register whose values are offered where something is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggest {
    pub form: String,
    pub field: String,
    /// Nothing else may be written.
    pub only: bool,
    /// A field of the register that must say the same as a field of this form.
    pub same: Option<(String, String)>,
}

/// So many years after a day, then deleted or made anonymous (个保法 §19).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub years: u8,
    pub after: KeepFrom,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    pub version: String,
    pub title: String,
    pub level: Level,
    pub source: String,
    pub about: Option<String>,
    /// Other packs whose forms and definitions this one names.
    pub needs: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligibility {
    pub rule: EligibilityRule,
    pub title: String,
    /// How a total list calls it that is counted by it.
    pub formal_title: Option<String>,
    /// Another group than those of whom the registers tell: cared for, and in no list of theirs.
    pub beside: bool,
    pub source: String,
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackDuty {
    pub duty: Duty,
    /// It is asked for once one of these was written down; empty: always.
    pub after: Vec<String>,
    pub title: String,
    pub source: String,
    pub line: usize,
}

/// One code of a list: `title` on screens, `formal_title` on official prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub code: String,
    pub title: String,
    pub formal_title: Option<String>,
    /// No longer offered; where it was chosen, it is still read.
    pub retired: bool,
    /// Of a `sub_kind`: who chose it did something else than what the form by itself counts as.
    pub apart: bool,
}

impl Entry {
    pub fn formal(&self) -> &str {
        self.formal_title.as_deref().unwrap_or(&self.title)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    pub id: String,
    pub title: String,
    pub source: String,
    pub entries: Vec<Entry>,
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub id: String,
    pub title: String,
    /// How official prints call it.
    pub formal_title: Option<String>,
    /// The question as it is put; `{她}` stands for 她 or 他.
    pub ask: Option<String>,
    pub kind: FieldKind,
    /// The dictionary of the same pack that `options` were taken from.
    pub dictionary: Option<String>,
    pub options: Vec<Entry>,
    pub required: bool,
    pub required_when: Option<RequiredWhen>,
    /// The day of the same form before which this one cannot be.
    pub not_before: Option<String>,
    /// What may be written here stands in a register already.
    pub suggest: Option<Suggest>,
    pub default: Option<String>,
    pub tier: Tier,
    /// What the school, the village or the child says of the grown-ups: no copy outside has it.
    pub school_only: bool,
    /// Each chosen option makes the record count as `FORM.OPTION` too.
    pub sub_kind: bool,
    /// 厘米, 公斤: after a number.
    pub unit: Option<String>,
    /// More than that a number cannot be: a slip of the finger.
    pub at_most: Option<i64>,
    /// The heading under which the field stands.
    pub section: Option<String>,
    /// Filled from what is known.
    pub from: Option<Known>,
    /// No longer asked for; what was written stays.
    pub retired: bool,
    /// Not on_paper: filled in on the screen alone, like a scan of the very sheet that is printed.
    pub on_paper: bool,
    /// The pack that asks for it.
    pub pack: String,
    pub line: usize,
}

impl Field {
    /// With what stands in a register already, where that is offered.
    pub fn suggesting(&self) -> Option<(&Self, &Suggest)> {
        Some((self, self.suggest.as_ref()?))
    }

    /// What there is to choose from by now.
    pub fn offered(&self) -> impl Iterator<Item = &Entry> {
        self.options.iter().filter(|option| !option.retired)
    }

    pub fn formal(&self) -> &str {
        self.formal_title.as_deref().unwrap_or(&self.title)
    }

    /// The question, with the word for this child in place.
    pub fn asked(&self, she: &str) -> String {
        let ask = self.ask.as_deref().unwrap_or(&self.title);
        ask.replace("{她}", she)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The kind of record that the form makes.
    pub id: String,
    pub title: String,
    pub formal_title: Option<String>,
    pub source: String,
    pub kind: FormKind,
    /// With whom, unless the teacher says otherwise.
    pub party: Option<Party>,
    /// One 汉字 in front of a row.
    pub glyph: Option<char>,
    /// Whether it can meet a duty; a glance meets none.
    pub duty_counts: bool,
    /// One tap, no form.
    pub quick: bool,
    /// Written once for a class, all of whose children are chosen to begin with.
    pub whole_class: bool,
    pub signers: Vec<Actor>,
    /// Who writes and reads it besides the keepers of the file.
    pub kept_by: Vec<Actor>,
    pub purpose: String,
    pub retention: Option<Retention>,
    pub tier: Tier,
    pub fields: Vec<Field>,
    /// Fields that nobody is asked for any more; what was written in them is read.
    pub gone: Vec<Field>,
    /// A child may have several; otherwise there is one, kept up to date.
    pub many: bool,
    pub layout: Layout,
    /// May be printed without saying who it is about.
    pub nameless: bool,
    /// Of the school's own work: not in the copy that is handed to the family.
    pub school_only: bool,
    /// No longer written; what was written stays readable.
    pub retired: bool,
    /// Asked for once in each term.
    pub each_term: bool,
    /// Still written when the child has left.
    pub after_leaving: bool,
    /// The field with the day on which it happened.
    pub day: Option<String>,
    /// That day may come yet: from then on something holds.
    pub day_ahead: bool,
    /// A list of those whom the definitions count, and of nobody else.
    pub only_counted: bool,
    pub answering: Option<Answering>,
    pub consenting: Option<Consenting>,
    /// The field that says whether the family has anything to change; where not, its entry confirms
    /// the contact card.
    pub confirming: Option<String>,
    /// Not written before the family agreed to it.
    pub needs_consent: Option<Purpose>,
    /// No two entries of a register say the same in all of these fields.
    pub unique: Vec<String>,
    /// Sections by what they are called on the screen, with what they are called on paper.
    pub sections: Vec<(String, String)>,
    /// What those who sign say, above where they sign.
    pub closing: Option<String>,
    /// The pack that defines it, and its version.
    pub pack: String,
    pub version: String,
    /// Only adds fields to the form of this id that another pack defines.
    pub extends: bool,
    pub line: usize,
}

impl Form {
    /// A book of the school's own, in which no children stand.
    pub fn is_about_nobody(&self) -> bool {
        self.kind == FormKind::Register && !self.only_counted
    }

    /// A child has one of it, written bit by bit as things become known.
    pub fn is_single(&self) -> bool {
        self.kind == FormKind::Dossier && !self.many
    }

    /// What a section is called on paper.
    pub fn formal_section<'a>(&'a self, title: &'a str) -> &'a str {
        let own = self.sections.iter().find(|(own, _)| own == title);
        own.map_or(title, |(_, formal)| formal)
    }

    /// The fields section by section: what a later pack adds to one stands with it.
    pub fn by_section(&self) -> Vec<&Field> {
        let mut order: Vec<Option<&str>> = Vec::new();
        for field in &self.fields {
            let own = field.section.as_deref();
            if !order.contains(&own) {
                order.push(own);
            }
        }
        let place = |field: &&Field| {
            order
                .iter()
                .position(|one| *one == field.section.as_deref())
        };
        let mut fields: Vec<&Field> = self.fields.iter().collect();
        fields.sort_by_key(place);
        fields
    }

    /// The kinds that a duty may name: the form itself and one for each option of a sub-kind field.
    pub fn kinds(&self) -> impl Iterator<Item = String> {
        let own = std::iter::once(self.id.clone());
        own.chain(
            self.sub_kinds()
                .map(|(_, option)| format!("{}.{}", self.id, option.code)),
        )
    }

    fn sub_kinds(&self) -> impl Iterator<Item = (&Field, &Entry)> + Clone {
        self.fields
            .iter()
            .filter(|field| field.sub_kind)
            .flat_map(|field| field.options.iter().map(move |option| (field, option)))
    }

    /// The choice that makes a record of this form what is owed: 集体家访 of `home_visit.collective`.
    pub fn sub_kind(&self, does: &str) -> Option<(&Field, &Entry)> {
        let (form, code) = does.split_once('.')?;
        let mut own = self.sub_kinds().filter(|_| form == self.id);
        own.find(|(_, option)| option.code == code)
    }

    /// What a record counts as, given the codes that were chosen in its sub-kind fields; empty for
    /// a form that meets no duty.
    pub fn counts_as(&self, chosen: &[&str]) -> Vec<String> {
        if !self.duty_counts {
            return Vec::new();
        }
        let more = self
            .sub_kinds()
            .filter(|(_, option)| chosen.contains(&option.code.as_str()));
        let is_apart = more.clone().any(|(_, option)| option.apart);
        let own = Some(self.id.clone()).filter(|_| !is_apart);
        let more = more.map(|(_, option)| format!("{}.{}", self.id, option.code));
        own.into_iter().chain(more).collect()
    }

    /// Whether what is half written may wait, sealed, on the phone of whoever writes it: what is guarded
    /// more than the roster never does.
    pub fn may_wait(&self) -> bool {
        self.tier <= Tier::C2
    }

    /// The name on official prints.
    pub fn formal(&self) -> &str {
        self.formal_title.as_deref().unwrap_or(&self.title)
    }

    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    pub head: Head,
    pub eligibility: Vec<Eligibility>,
    pub duties: Vec<PackDuty>,
    pub forms: Vec<Form>,
    pub dictionaries: Vec<Dictionary>,
    /// What the pack holds and this version cannot use yet. No obstacle to adopting it.
    pub notes: Vec<Fault>,
}

impl Pack {
    pub fn dictionary(&self, id: &str) -> Option<&Dictionary> {
        self.dictionaries.iter().find(|one| one.id == id)
    }
}

/// What is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    pub line: usize,
    pub sentence: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}: {}", self.file, self.line, self.sentence)
    }
}

/// The forms of several packs together: a later pack adds fields to a form that an earlier one
/// has, and options to a field that both have.
pub fn forms(packs: &[&Pack]) -> Vec<Form> {
    let mut merged: Vec<Form> = Vec::new();
    // A definition comes before what extends it, in whatever order the packs were adopted.
    for extends in [false, true] {
        let some = packs.iter().flat_map(|pack| pack.forms.iter());
        for form in some.filter(|form| form.extends == extends) {
            match merged.iter_mut().find(|one| one.id == form.id) {
                Some(one) => add_fields(one, form),
                None if extends => {}
                None => merged.push(form.clone()),
            }
        }
    }
    for form in &mut merged {
        let all = std::mem::take(&mut form.fields);
        (form.gone, form.fields) = all.into_iter().partition(|field| field.retired);
    }
    merged
}

fn add_fields(form: &mut Form, more: &Form) {
    form.sections.extend(more.sections.iter().cloned());
    for field in &more.fields {
        let Some(own) = form.fields.iter_mut().find(|own| own.id == field.id) else {
            form.fields.push(field.clone());
            continue;
        };
        own.tier = own.tier.max(field.tier);
        for option in &field.options {
            if own.options.iter().all(|one| one.code != option.code) {
                own.options.push(option.clone());
            }
        }
    }
}
