//! What stands on the sheets, gathered as the viewer may see it.

use super::jobs::Job;
use super::sheets::Filling;
use super::{Output, Purpose};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::case::cases;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db;
use crate::dossier::consents::{agreed, title};
use crate::dossier::files::{self, Filed, Pictures};
use crate::dossier::known::{Facts, facts};
use crate::dossier::offers::offer;
use crate::dossier::picture::{points, smaller};
use crate::dossier::sight::Sight;
use crate::dossier::store::{EntryRow, entries};
use crate::ids::ChildId;
use crate::packs::shipped::{pack, shipped};
use crate::packs::{FieldKind, Form, FormKind, Pack, Tier, forms};
use crate::records::forms::ONLY_COUNSELLOR;
use crate::records::store::{self as records, Record};
use crate::records::tiers::Reader;
use crate::registers;
use crate::school;
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
use jiff::civil::Date;
use rules::access::Act;
use rules::completeness::this_term;
use rules::consent;
use std::collections::HashSet;
use std::num::NonZero;
use std::sync::Arc;
use std::thread;
use tokio::task::spawn_blocking;

/// For whom a form is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    One(ChildId),
    /// Some children, picked one by one.
    Some(Vec<ChildId>),
    /// A class by its title.
    Class(String),
    All,
}

/// One child with everything that its sheets say.
pub struct Subject {
    pub child: Child,
    pub facts: Facts,
    pub entries: Vec<EntryRow>,
    pub records: Vec<Record>,
    /// The forms as this viewer may read them, for this child.
    pub forms: Vec<Form>,
    /// Photographs and scans of the file, for the whole folder.
    pub files: Vec<Filed>,
    /// Forms whose content is not this viewer's: printed blank, and said so.
    pub guarded: Vec<String>,
    /// What a whole folder does not have, in sentences: it says so itself.
    pub left_out: Vec<&'static str>,
    /// Whether one of the definitions in force counts the child today.
    pub counted: bool,
    /// From when what is asked for each term counts.
    pub term_from: Option<Date>,
    /// Whom a sheet that names nobody must not name.
    pub named: Arc<Named>,
    pub school: String,
}

/// What is to be printed.
pub struct Order {
    pub subjects: Vec<Subject>,
    /// The forms in question; all of the file for the whole folder.
    pub forms: Vec<Form>,
    /// What stands in a register that is about no child.
    pub entries: Vec<EntryRow>,
    /// 口径: the definitions by which the children of a list are counted.
    pub basis: Vec<String>,
}

/// More names than this make no sentence.
const MOST_NAMED: usize = 8;
/// As many records as are read at once.
const AT_ONCE: i64 = 200;

/// Why a form is not in a whole folder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LeftOut {
    /// The one who prints does not read what was written of the child.
    Records,
    Guarded,
    SchoolOnly,
}

impl LeftOut {
    fn of(form: &Form, (of_records, for_family): (bool, bool)) -> Self {
        match (of_records, for_family && form.school_only) {
            (true, _) => Self::Records,
            (false, true) => Self::SchoolOnly,
            (false, false) => Self::Guarded,
        }
    }

    fn zh(self) -> &'static str {
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
fn said_of(left_out: &[LeftOut]) -> Vec<&'static str> {
    let mut why = left_out.to_vec();
    why.sort_unstable();
    why.dedup();
    why.into_iter().map(LeftOut::zh).collect()
}

/// What may be handed to the family: counselling and protection are not, nor what the school notes
/// for its own work.
fn is_familys(form: &Form) -> bool {
    form.tier < Tier::C4 && !form.school_only
}

/// Every record of a kind that this reader may read.
async fn all_records(
    conn: &mut crate::db::Conn,
    reader: Reader<'_>,
    key: &Key,
    (kind, for_family): (&str, bool),
) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut before = String::new();
    loop {
        let asked = (kind, before.as_str(), AT_ONCE);
        let timeline = records::timeline(conn, reader, key, asked).await?;
        // What was said for the counsellor alone stays so, whoever wrote it down.
        let handed = |one: &Record| {
            let for_one = for_family && one.filled.contains_key(ONLY_COUNSELLOR);
            !one.hidden && !for_one
        };
        found.extend(timeline.records.into_iter().filter(handed));
        match timeline.next {
            Some(next) => before = next,
            None => return Ok(found),
        }
    }
}

/// One child is printed also when it has left; lists have those who are here.
async fn chosen(
    app: &App,
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    whom: &Whom,
) -> Result<Vec<Child>> {
    if let Whom::One(id) = whom {
        return match children::visible(conn, viewer, Act::PrintCards, id).await {
            Ok(child) => Ok(vec![child]),
            Err(Failure::NotThere) => Ok(Vec::new()),
            Err(failure) => Err(failure),
        };
    }
    let all = children::all_visible(app, conn, viewer, Act::PrintCards).await?;
    let wanted = all.iter().filter(|child| is_wanted(whom, child));
    Ok(wanted.cloned().collect())
}

fn is_wanted(whom: &Whom, child: &Child) -> bool {
    match whom {
        Whom::One(id) => child.id == *id,
        Whom::Some(ids) => ids.contains(&child.id),
        Whom::Class(title) => child.class_title() == *title,
        Whom::All => true,
    }
}

/// The forms that can be printed, files first, as the packs in force have them.
pub fn printable(in_force: &InForce) -> Vec<Form> {
    let rank = |kind| match kind {
        FormKind::Dossier => 0,
        FormKind::Record => 1,
        FormKind::Register => 2,
    };
    let mut forms: Vec<Form> = in_force
        .forms
        .iter()
        .filter(|form| !form.quick && !form.retired)
        .cloned()
        .collect();
    forms.sort_by_key(|form| rank(form.kind));
    forms
}

/// The forms of all plans that come with the program.
fn shipped_forms() -> Vec<Form> {
    // The day of adoption matters to duties alone.
    let day = jiff::civil::date(2025, 9, 1);
    let packs: Vec<Pack> = shipped()
        .iter()
        .filter_map(|(id, _)| pack(id, day)?.ok())
        .collect();
    let all: Vec<&Pack> = packs.iter().collect();
    forms(&all)
}

fn wanted_forms(in_force: &InForce, name: &str) -> Result<Vec<Form>> {
    let name = if name == super::CARD_SHEET {
        super::CARD
    } else {
        name
    };
    let all = printable(in_force);
    let found: Vec<Form> = match name {
        super::WHOLE => {
            let once = in_force.forms.iter().filter(|form| form.retired).cloned();
            let parts = all.into_iter().chain(once);
            parts
                .filter(|form| form.kind != FormKind::Register)
                .collect()
        }
        _ => in_force
            .forms
            .iter()
            .filter(|form| form.id == name && !form.quick)
            .cloned()
            .collect(),
    };
    // A plan that is not used here still has its sheets: blank, or with what is known.
    let found = if found.is_empty() {
        let all = shipped_forms().into_iter();
        all.filter(|form| form.id == name).collect()
    } else {
        found
    };
    if found.is_empty() && name != super::CARD {
        return Err(Failure::Asked(format!(
            "没有叫“{name}”的表，或者本校现在不用它。用 nuanchao pack forms 可以列出所有的表。"
        )));
    }
    Ok(found)
}

/// The form as it may be handed out, or why not.
fn handed(sight: Sight<'_>, form: &Form, for_family: bool) -> Result<Form, LeftOut> {
    let of_records = form.kind == FormKind::Record && !sight.may(Act::ReadRecords);
    let own = sight
        .seen(form)
        .filter(|own| !of_records && (!for_family || is_familys(own)));
    let mut own = own.ok_or_else(|| LeftOut::of(form, (of_records, for_family)))?;
    if for_family {
        own.fields.retain(|field| field.tier < Tier::C4);
    }
    Ok(own)
}

/// The families of those whom a child was with were not asked: others read 一个孩子.
fn names_nobody_else(purpose: Purpose, form: &mut Form) {
    let named = form.fields.iter_mut();
    let goes_out = purpose == Purpose::Exchange;
    for field in named.filter(|field| goes_out && field.kind == FieldKind::Children) {
        field.options.clear();
    }
}

async fn subject(
    app: &App,
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (child, forms, wanted): (Child, &[Form], Wanted<'_>),
) -> Result<Subject> {
    let blank = wanted.filling == Filling::Blank;
    let for_family = wanted.purpose == Purpose::Family;
    let key = children::key(conn, viewer, &child).await?;
    let facts = facts(conn, viewer, &child, &key).await?;
    let sight = Sight {
        viewer,
        child: &child,
        in_force,
    };
    let (mut seen, mut guarded) = (Vec::new(), Vec::new());
    // Said of every such copy, so that it tells nothing.
    let mut left_out: Vec<LeftOut> = for_family.then_some(LeftOut::Guarded).into_iter().collect();
    let alone = forms.len() == 1;
    let mut kept = Vec::new();
    let mut found = Vec::new();
    for form in forms {
        let mut own = match handed(sight, form, for_family) {
            Ok(own) => own,
            Err(_) if alone || blank => {
                guarded.push(form.id.clone());
                seen.push(form.clone());
                continue;
            }
            Err(why) => {
                left_out.push(why);
                continue;
            }
        };
        if form.kind == FormKind::Record && !blank {
            let reader = Reader {
                viewer,
                child: &child,
                in_force,
            };
            let asked = (form.id.as_str(), for_family);
            found.extend(all_records(conn, reader, &key, asked).await?);
        }
        offer(app, conn, viewer, (&child, &key), &mut own).await?;
        names_nobody_else(wanted.purpose, &mut own);
        seen.push(own);
    }
    if !blank && seen.iter().any(|form| form.kind == FormKind::Dossier) {
        kept = entries(conn, viewer, &child, &key, "").await?;
        kept.retain(|entry| !guarded.contains(&entry.form));
    }
    Ok(Subject {
        facts,
        entries: kept,
        records: found,
        forms: seen,
        files: Vec::new(),
        guarded,
        left_out: said_of(&left_out),
        counted: false,
        term_from: None,
        named: Arc::default(),
        school: viewer.school_name.clone(),
        child,
    })
}

/// All photographs of one paper, in points: the press holds them unpacked, three bytes each. The rest
/// is only named, as the paper says.
const MOST_POINTS: u32 = 32_000_000;
/// More photographs than this are made smaller.
const MOST_LARGE: usize = 12;

/// The photographs and scans of one folder. `left`: how many points of them the paper still takes.
async fn filed(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, in_force): (&Child, &InForce),
    wanted: Wanted<'_>,
    left: &mut u32,
) -> Result<Vec<Filed>> {
    let reads = viewer.decide(Act::ReadIdentity, child.class_id.as_str(), child.paired);
    if !reads.is_allowed() {
        return Ok(Vec::new());
    }
    let key = children::key(conn, viewer, child).await?;
    let mut pictures = match wanted.output {
        Output::Pdf if *left > 0 => Pictures::Held,
        Output::Html => Pictures::Linked,
        Output::Pdf | Output::Docx | Output::Xlsx => Pictures::Named,
    };
    if matches!(wanted.purpose, Purpose::Exchange | Purpose::Inspection) {
        // Who is not of the school sees no face that the family did not agree to.
        let asked = (child, &key, consent::Purpose::Photo);
        if !agreed(conn, viewer, in_force, asked).await? {
            pictures = Pictures::Named;
        }
    }
    let found = files::filed(conn, viewer, (child, &key), pictures).await?;
    if pictures != Pictures::Held || found.is_empty() {
        return Ok(found);
    }
    let is_one = matches!(wanted.whom, Whom::One(_));
    let (found, rest) = spawn_blocking({
        let left = *left;
        move || fitted(found, is_one, left)
    })
    .await
    .map_err(|error| Failure::Ours(format!("pictures: {error}")))?;
    *left = rest;
    Ok(found)
}

/// Each picture made smaller, on as many cores as there are: it is most of the work of such a paper.
fn all_smaller(pictures: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = pictures.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let work: Vec<_> = pictures
            .chunks(share)
            .map(|some| scope.spawn(|| some.iter().map(|one| smaller(one)).collect::<Vec<_>>()))
            .collect();
        let done = work.into_iter().zip(pictures.chunks(share));
        done.flat_map(|(work, some)| work.join().unwrap_or_else(|_| vec![None; some.len()]))
            .collect()
    })
}

/// From the first that finds no room on, they are only named.
fn fitted(mut files: Vec<Filed>, is_one: bool, mut left: u32) -> (Vec<Filed>, u32) {
    let shown = files.iter_mut().filter(|one| one.is_shown);
    let full: Vec<Vec<u8>> = shown.map(|one| std::mem::take(&mut one.bytes)).collect();
    let is_large = is_one && full.len() <= MOST_LARGE;
    let drawn = match (left, is_large) {
        (0, _) => vec![None; full.len()],
        (_, true) => full.into_iter().map(Some).collect(),
        (_, false) => all_smaller(&full),
    };
    for (one, drawn) in files.iter_mut().filter(|one| one.is_shown).zip(drawn) {
        let room = drawn.as_deref().and_then(points).filter(|_| left > 0);
        let rest = room.and_then(|room| left.checked_sub(room));
        one.is_shown = rest.is_some();
        if let Some(drawn) = drawn.filter(|_| rest.is_some()) {
            one.bytes = drawn;
        }
        // One that cannot be read takes no room.
        left = rest.unwrap_or(if room.is_some() { 0 } else { left });
    }
    (files, left)
}

/// Those of the children whom a definition in force counts, and what those definitions are called.
async fn counted(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    children: &[Child],
) -> Result<(HashSet<String>, Vec<String>)> {
    let today = viewer.today();
    let found = cases(conn, &viewer.school_id, in_force, children, today).await?;
    let ids = found.iter().filter(|case| case.case.is_counted());
    let ids = ids.map(|case| case.child.id.to_string()).collect();
    let rules = in_force.packs.iter().flat_map(|pack| &pack.eligibility);
    let mut titles: Vec<String> = Vec::new();
    for rule in rules {
        // Several plans mean the same by the same words.
        if !titles.contains(&rule.title) {
            titles.push(rule.title.clone());
        }
    }
    Ok((ids, titles))
}

/// Everybody of a school by name, whoever may see them: only to leave them out.
#[derive(Default)]
pub struct Named {
    /// id, name
    pub children: Vec<(String, String)>,
    pub staff: Vec<String>,
}

async fn named(conn: &mut crate::db::Conn, viewer: &Viewer) -> Result<Named> {
    let children = db::query_as("select id, name from child where school_id = $1")
        .bind(viewer.school_id.as_str())
        .fetch_all(&mut *conn)
        .await?;
    let staff = db::query_scalar("select name from staff where school_id = $1")
        .bind(viewer.school_id.as_str())
        .fetch_all(conn)
        .await?;
    Ok(Named { children, staff })
}

/// What is asked for: the form, for whom, blank or filled in, and without names.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    pub form: &'a str,
    pub whom: &'a Whom,
    pub filling: Filling,
    pub output: Output,
    pub purpose: Purpose,
}

/// A list of those who are counted has nobody else in it, unless somebody was asked for by name.
fn narrowed(
    wanted: Wanted<'_>,
    forms: &[Form],
    (children, counted): (Vec<Child>, &HashSet<String>),
) -> Result<Vec<Child>> {
    if children.is_empty() {
        return Err(Failure::Asked(
            "没有找到要打印的孩子。看看班级写对了没有，例如五（2）班。".to_owned(),
        ));
    }
    let only = forms.iter().all(|form| form.only_counted) && wanted.form != super::CARD;
    if !only || matches!(wanted.whom, Whom::One(_) | Whom::Some(_)) {
        return Ok(children);
    }
    let own = |child: &Child| counted.contains(child.id.as_str());
    let found: Vec<Child> = children.into_iter().filter(own).collect();
    if found.is_empty() {
        return Err(Failure::Asked(
            "按现在用的口径，这里没有要列进这张表的孩子。先在“摸底”里问一问爸妈在不在家。"
                .to_owned(),
        ));
    }
    Ok(found)
}

fn fits(wanted: Wanted<'_>, forms: &[Form]) -> Result<()> {
    if wanted.filling == Filling::Nameless && !forms.iter().all(|form| form.nameless) {
        return Err(Failure::Asked(
            "这张表说的就是哪个孩子，不能去掉姓名。要拿出去交流，用成长案例。".to_owned(),
        ));
    }
    Ok(())
}

/// What stands in a register that is asked for; the forms become what this viewer may read.
async fn of_registers(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    wanted: Wanted<'_>,
    forms: &mut [Form],
) -> Result<Vec<EntryRow>> {
    let mut entries = Vec::new();
    for form in forms {
        let Some(seen) = registers::seen(viewer, form) else {
            continue;
        };
        if wanted.filling == Filling::Known && wanted.form != super::WHOLE {
            entries = registers::store::entries(conn, viewer, &form.id).await?;
        }
        *form = seen;
    }
    Ok(entries)
}

/// What is shown to others says nothing of a child whose family did not agree: named, to telling of
/// it; without names, to research.
async fn may_go_out(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (wanted, forms, children): (Wanted<'_>, &[Form], &[Child]),
) -> Result<()> {
    let is_about_nobody = |form: &Form| form.kind == FormKind::Register && !form.only_counted;
    let is_card = wanted.form == super::CARD;
    if !is_card && forms.iter().all(is_about_nobody) {
        return Ok(());
    }
    let purpose = match (wanted.filling, wanted.purpose) {
        (Filling::Nameless, _) => consent::Purpose::Research,
        (Filling::Known, Purpose::Exchange) => consent::Purpose::Publicity,
        (Filling::Known | Filling::Blank, _) => return Ok(()),
    };
    let mut names = Vec::new();
    for child in children {
        let key = children::key(conn, viewer, child).await?;
        if !agreed(conn, viewer, in_force, (child, &key, purpose)).await? {
            names.push(child.name.as_str());
        }
    }
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

/// Gathers what one form, or the whole folder, says of these children.
///
/// # Errors
/// A sentence where nothing can be printed, or where nobody wants it any more.
pub async fn order(
    app: &App,
    viewer: &Viewer,
    (wanted, job): (Wanted<'_>, Option<&Job>),
) -> Result<Order> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let forms = wanted_forms(&in_force, wanted.form)?;
    fits(wanted, &forms)?;
    let chosen = chosen(app, &mut conn, viewer, wanted.whom).await?;
    let (counted, basis) = counted(&mut conn, viewer, &in_force, &chosen).await?;
    let chosen = narrowed(wanted, &forms, (chosen, &counted))?;
    may_go_out(&mut conn, viewer, &in_force, (wanted, &forms, &chosen)).await?;
    let calendar = school::store::calendar(app, &mut conn, &viewer.school_id).await?;
    let term_from = this_term(&calendar, viewer.today());
    let named = match wanted.filling {
        Filling::Nameless => Arc::new(named(&mut conn, viewer).await?),
        Filling::Known | Filling::Blank => Arc::default(),
    };
    let mut subjects = Vec::with_capacity(chosen.len());
    let all_chosen = chosen.len();
    let mut left = MOST_POINTS;
    for (child, at) in chosen.into_iter().zip(0..) {
        if let Some(job) = job {
            job.step(at, all_chosen)?;
        }
        let asked = (child, forms.as_slice(), wanted);
        let mut one = subject(app, &mut conn, viewer, &in_force, asked).await?;
        one.counted = counted.contains(one.child.id.as_str());
        // A whole folder has the slips of all terms.
        one.term_from = (wanted.form != super::WHOLE).then_some(term_from);
        if wanted.form == super::WHOLE && wanted.filling == Filling::Known {
            let about = (&one.child, &*in_force);
            one.files = filed(&mut conn, viewer, about, wanted, &mut left).await?;
        }
        one.named = Arc::clone(&named);
        subjects.push(one);
    }
    let mut forms = forms;
    let entries = of_registers(&mut conn, viewer, wanted, &mut forms).await?;
    Ok(Order {
        subjects,
        forms,
        entries,
        basis,
    })
}
