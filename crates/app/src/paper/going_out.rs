//! What may leave: which forms are handed to whom, and about whom nothing is shown to others.

use super::Purpose;
use super::collect::Wanted;
use super::sheets::Filling;
use crate::adoptions::store::InForce;
use crate::children::store as children;
use crate::children::store::Child;
use crate::dossier::consents::{not_asked, title};
use crate::dossier::sight::Sight;
use crate::packs::{FieldKind, Form, FormKind, Tier};
use crate::records::forms::Filled;
use crate::records::said::as_read;
use crate::records::tiers::act;
use crate::web::{Failure, Result, Viewer};
use rules::access::Act;
use rules::consent;
use serde_json::Value;

/// More names than this make no sentence.
const MOST_NAMED: usize = 8;

/// Why a form is not in a whole folder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// The one who prints does not read what was written of the child.
    Records,
    Guarded,
    SchoolOnly,
}

impl LeftOut {
    fn of(form: &Form, (of_records, goes_out): (bool, bool)) -> Self {
        match (of_records, goes_out && form.school_only) {
            (true, _) => Self::Records,
            (false, true) => Self::SchoolOnly,
            (false, false) => Self::Guarded,
        }
    }

    pub fn zh(self) -> &'static str {
        match self {
            Self::Records => {
                "谈心、电话、家访这些记录没有印在这里：印的人不看它们。要印，请班主任来印。"
            }
            Self::Guarded => "受保护的内容没有印在这里。",
            Self::SchoolOnly => "学校自己工作用的表没有印在这里。",
        }
    }
}

/// Each reason once. That there is such a form says nothing of whether anything is written in it.
pub fn said_of(left_out: &[LeftOut]) -> Vec<&'static str> {
    let mut why = left_out.to_vec();
    why.sort_unstable();
    why.dedup();
    why.into_iter().map(LeftOut::zh).collect()
}

impl Purpose {
    /// Whether it leaves the school: to the family, or to others who ask for an example.
    pub fn goes_out(self) -> bool {
        match self {
            Self::Family | Self::Exchange => true,
            Self::Filing | Self::Inspection | Self::Checking => false,
        }
    }

    /// What may leave: counselling and protection do not, nor what the school notes for its own work;
    /// of the child's health the family alone reads.
    fn hands_out(self, tier: Tier, school_only: bool) -> bool {
        match self {
            Self::Filing | Self::Inspection | Self::Checking => true,
            Self::Family => tier < Tier::C4 && !school_only,
            Self::Exchange => tier < Tier::C3 && !school_only,
        }
    }

    /// The same of a form that is made to be shown without names, where it is.
    fn hands_out_nameless(self, tier: Tier) -> bool {
        self != Self::Family && (!self.goes_out() || tier < Tier::C4)
    }
}

/// The form as it may be handed out, or why not.
pub fn handed(
    sight: Sight<'_>,
    form: &Form,
    (purpose, filling): (Purpose, Filling),
) -> Result<Form, LeftOut> {
    let goes = |tier: Tier, school_only: bool| match filling {
        Filling::Nameless => purpose.hands_out_nameless(tier),
        Filling::Known | Filling::Blank => purpose.hands_out(tier, school_only),
    };
    let is_record = form.kind == FormKind::Record;
    let of_records = is_record && !sight.may(Act::ReadRecords);
    // Who keeps the sheet by one role and reads such records by another reads none of these.
    let unread = of_records || (is_record && !sight.may(act(form.tier)));
    let own = sight
        .seen(form)
        .filter(|own| !unread && goes(own.tier, own.school_only));
    let mut own = own.ok_or_else(|| LeftOut::of(form, (of_records, purpose.goes_out())))?;
    for fields in [&mut own.fields, &mut own.gone] {
        fields.retain(|field| {
            let is_kept = purpose.goes_out() && field.school_only;
            !is_kept && goes(field.tier, field.school_only)
        });
    }
    Ok(own)
}

/// The families of those whom a child was with were not asked: others read 一个孩子.
pub fn names_nobody_else(purpose: Purpose, form: &mut Form) {
    let named = form.fields.iter_mut().chain(&mut form.gone);
    for field in named.filter(|field| purpose.goes_out() && field.kind == FieldKind::Children) {
        field.options.clear();
    }
}

/// Others read no number whole, whether it comes from the card or was typed.
pub fn by_ends(form: &Form, filled: &mut Filled) {
    let fields = form.fields.iter().chain(&form.gone);
    for field in fields.filter(|field| !field.kind.is_day()) {
        if let Some(Value::String(said)) = filled.get_mut(&field.id) {
            *said = as_read(field.kind, std::mem::take(said));
        }
    }
}

/// What is shown to others says nothing of a child whose family did not agree: named, to telling of
/// it; without names, to research.
pub async fn may_go_out(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (wanted, forms, children): (Wanted<'_>, &[Form], &[Child]),
) -> Result<()> {
    let is_card = wanted.form == super::CARD;
    if !is_card && forms.iter().all(Form::is_about_nobody) {
        return Ok(());
    }
    let purpose = match (wanted.filling, wanted.purpose) {
        (Filling::Nameless, _) => consent::Purpose::Research,
        (Filling::Known, Purpose::Exchange) => consent::Purpose::Publicity,
        (Filling::Known | Filling::Blank, _) => return Ok(()),
    };
    let mut there = Vec::with_capacity(children.len());
    for child in children {
        there.push((child.clone(), children::key(conn, viewer, child).await?));
    }
    let mut names = not_asked(conn, viewer, in_force, (&there, purpose)).await?;
    if names.is_empty() {
        return Ok(());
    }
    let asked = title(in_force, purpose);
    let more = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    let rest = if more > 0 {
        format!("等，还有{more}个孩子")
    } else {
        String::new()
    };
    Err(Failure::Asked(format!(
        "{}{rest}家里还没同意“{asked}”，不能拿出去。问过家里，记在档案的“家长同意”里；或者只挑同意了的孩子印。",
        names.join("、")
    )))
}
