//! What stands on the sheets, gathered as the viewer may see it.

use super::compose::only_the_written;
use super::going_out::{LeftOut, by_ends, handed, may_go_out, names_nobody_else, said_of};
use super::jobs::Job;
use super::pictures::{MOST_POINTS, filed};
use super::register::is_roster;
use super::sheets::{Filling, is_written};
use super::{Output, Purpose};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::case::{Case, cases};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db;
use crate::dossier::begun::Begun;
use crate::dossier::files::Filed;
use crate::dossier::known::{Facts, facts};
use crate::dossier::offers::offer;
use crate::dossier::sight::Sight;
use crate::dossier::store::{EntryRow, entries};
use crate::ids::ChildId;
use crate::moves::store::next_school;
use crate::packs::shipped::{pack, shipped};
use crate::packs::{Eligibility, Field, FieldKind, Form, FormKind, Pack, forms};
use crate::records::forms::ONLY_COUNSELLOR;
use crate::records::store::{self as records, Record};
use crate::records::tiers::Reader;
use crate::registers;
use crate::school;
use crate::vault::Key;
use crate::web::words;
use crate::web::{Failure, Result, Viewer};
use jiff::civil::Date;
use rules::access::Act;
use rules::completeness::this_term;
use std::collections::HashSet;
use std::sync::Arc;

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
    /// Photographs and scans of the file: all for the whole folder, else those that the form names.
    pub files: Vec<Filed>,
    /// Forms whose content is not this viewer's: printed blank, and said so.
    pub guarded: Vec<String>,
    /// What a whole folder does not have, in sentences: it says so itself.
    pub left_out: Vec<&'static str>,
    /// Whether one of the definitions in force counts the child today.
    pub counted: bool,
    /// From when what is asked for each term counts.
    pub term_from: Option<Date>,
    /// What a sheet that nobody has filled in says.
    pub begun: Begun,
    /// Whom a sheet that names nobody must not name.
    pub named: Arc<Named>,
    pub school: String,
}

impl Subject {
    /// The photographs and scans that stand on paper in what is printed.
    fn pictured(&self) -> Vec<String> {
        let is_picture = |field: &&Field| {
            field.on_paper && matches!(field.kind, FieldKind::Photo | FieldKind::Scan)
        };
        let of_form = |form: &Form| -> Vec<String> {
            let own = self.entries.iter().filter(|entry| entry.form == form.id);
            own.flat_map(|entry| {
                let fields = form.fields.iter().filter(is_picture);
                fields.filter_map(|field| entry.filled.get(&field.id)?.as_str().map(str::to_owned))
            })
            .collect()
        };
        self.forms.iter().flat_map(of_form).collect()
    }

    /// 李思雨，五（2）班; nobody, where the sheet tells of nobody.
    pub fn whose(&self, filling: Filling) -> String {
        match filling {
            Filling::Known => format!("{}，{}", self.child.name, self.child.class_title()),
            Filling::Blank | Filling::Nameless => String::new(),
        }
    }
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

/// As many records as are read at once.
const AT_ONCE: i64 = 200;

/// Every record of a kind that this reader may read.
async fn all_records(
    conn: &mut crate::db::Conn,
    reader: Reader<'_>,
    key: &Key,
    (kind, goes_out): (&str, bool),
) -> Result<Vec<Record>> {
    let mut found = Vec::new();
    let mut before = String::new();
    loop {
        let asked = (kind, before.as_str(), AT_ONCE);
        let timeline = records::timeline(conn, reader, key, asked).await?;
        // What was said for the counsellor alone stays so, whoever wrote it down.
        let handed = |one: &Record| {
            let for_one = goes_out && one.filled.contains_key(ONLY_COUNSELLOR);
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
pub fn shipped_forms() -> Vec<Form> {
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

fn reader(sight: Sight<'_>) -> Reader<'_> {
    Reader {
        viewer: sight.viewer,
        child: sight.child,
        in_force: sight.in_force,
    }
}

fn numbers_by_ends(forms: &[Form], (kept, found): (&mut [EntryRow], &mut [Record])) {
    for form in forms {
        let entries = kept.iter_mut().filter(|one| one.form == form.id);
        entries.for_each(|one| by_ends(form, &mut one.filled));
        let records = found.iter_mut().filter(|one| one.kind == form.id);
        records.for_each(|one| by_ends(form, &mut one.filled));
    }
}

async fn subject(
    app: &App,
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (child, forms, wanted, term): (Child, &[Form], Wanted<'_>, Option<String>),
) -> Result<Subject> {
    let blank = wanted.filling == Filling::Blank;
    let goes_out = wanted.purpose.goes_out();
    let is_exchange = wanted.purpose == Purpose::Exchange;
    let key = children::key(conn, viewer, &child).await?;
    let facts = facts(conn, viewer, &child, &key).await?;
    let sight = Sight {
        viewer,
        child: &child,
        in_force,
    };
    let (mut seen, mut guarded) = (Vec::new(), Vec::new());
    // Said of every such copy, so that it tells nothing.
    let mut left_out: Vec<LeftOut> = goes_out.then_some(LeftOut::Guarded).into_iter().collect();
    let (mut kept, mut found) = (Vec::new(), Vec::new());
    for form in forms {
        let mut own = match handed(sight, form, (wanted.purpose, wanted.filling)) {
            // Nothing stands in a blank sheet that would have to be kept from anybody.
            Ok(_) if blank => form.clone(),
            Ok(own) => own,
            Err(_) if forms.len() == 1 || blank => {
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
            let asked = (form.id.as_str(), goes_out);
            found.extend(all_records(conn, reader(sight), &key, asked).await?);
        }
        offer(app, conn, viewer, (&child, &key), &mut own).await?;
        names_nobody_else(wanted.purpose, &mut own);
        seen.push(own);
    }
    if !blank && seen.iter().any(|form| form.kind == FormKind::Dossier) {
        kept = entries(conn, viewer, &child, &key, "").await?;
        kept.retain(|entry| !guarded.contains(&entry.form));
    }
    if is_exchange {
        numbers_by_ends(&seen, (&mut kept, &mut found));
    }
    let facts = facts.by_ends(is_exchange);
    Ok(Subject {
        begun: Begun::of(&facts, term, next_school(conn, viewer, &child).await?),
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

/// Those of the children whom a definition in force counts, and what those definitions are called.
async fn counted(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
    (children, forms): (&[Child], &[Form]),
) -> Result<(HashSet<String>, Vec<String>)> {
    let today = viewer.today();
    let found = cases(conn, &viewer.school_id, in_force, children, today).await?;
    let all = in_force.packs.iter().flat_map(|pack| &pack.eligibility);
    // A sheet of its own has a child of another group, too.
    let is_list = forms.iter().any(is_roster);
    let rules: Vec<&Eligibility> = all.filter(|one| !(is_list && one.beside)).collect();
    let is_counted = |case: &&Case| {
        let mut yes = case
            .case
            .counted
            .iter()
            .filter(|(_, verdict)| verdict.is_yes());
        yes.any(|(policy, _)| rules.iter().any(|one| one.rule.policy == *policy))
    };
    let ids = found.iter().filter(is_counted);
    let ids = ids.map(|case| case.child.id.to_string()).collect();
    let mut titles: Vec<String> = Vec::new();
    for rule in rules {
        // Several plans mean the same by the same words.
        let title = rule.formal_title.as_ref().unwrap_or(&rule.title);
        if !titles.contains(title) {
            titles.push(title.clone());
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
    pub stands_alone: bool,
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
    if wanted.filling == Filling::Nameless && wanted.purpose == Purpose::Family {
        return Err(Failure::Asked(
            "去掉姓名的是拿出去交流用的，不是交给家里的。用途选“拿出去交流”。".to_owned(),
        ));
    }
    let is_named = wanted.filling == Filling::Known && wanted.purpose == Purpose::Exchange;
    if let [form] = forms
        && form.nameless
        && is_named
    {
        return Err(Failure::Asked(format!(
            "《{}》拿出去交流要去掉姓名：勾上“去掉姓名”，再做一次。",
            form.formal()
        )));
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
        if wanted.filling != Filling::Blank {
            *form = seen;
        }
    }
    Ok(entries)
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
    let (counted, basis) = counted(&mut conn, viewer, &in_force, (&chosen, &forms)).await?;
    let chosen = narrowed(wanted, &forms, (chosen, &counted))?;
    let calendar = school::store::calendar(app, &mut conn, &viewer.school_id).await?;
    let term_from = this_term(&calendar, viewer.today());
    let term = words::this_term(&calendar, viewer.today());
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
        let asked = (child, forms.as_slice(), wanted, term.clone());
        let mut one = subject(app, &mut conn, viewer, &in_force, asked).await?;
        one.counted = counted.contains(one.child.id.as_str());
        // A whole folder has the slips of all terms.
        one.term_from = (wanted.form != super::WHOLE).then_some(term_from);
        let pictured = one.pictured();
        let only = (wanted.form != super::WHOLE).then_some(pictured.as_slice());
        if wanted.filling == Filling::Known && only.is_none_or(|some| !some.is_empty()) {
            let about = (&one.child, &*in_force);
            one.files = filed(&mut conn, viewer, about, (wanted, only), &mut left).await?;
        }
        one.named = Arc::clone(&named);
        subjects.push(one);
    }
    let order = Order {
        subjects,
        forms,
        entries: Vec::new(),
        basis,
    };
    settled(&mut conn, viewer, (&in_force, wanted), order).await
}

/// Without those of whom the paper says nothing, and only what may leave.
async fn settled(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (in_force, wanted): (&InForce, Wanted<'_>),
    mut order: Order,
) -> Result<Order> {
    let is_guarded = |one: &Subject| one.guarded.iter().any(|form| form == wanted.form);
    if order.subjects.len() > 1 && order.subjects.iter().all(is_guarded) {
        return Err(Failure::Asked(
            "这张表的内容受保护：您看不到，或者这样的用途不能印。空白的可以印。".to_owned(),
        ));
    }
    if !matches!(wanted.form, super::WHOLE | super::CARD) {
        only_the_written(&mut order, wanted.filling, wanted.output);
    }
    if let (Filling::Nameless, [form]) = (wanted.filling, order.forms.as_slice())
        && !order.subjects.iter().any(|one| is_written(form, one))
    {
        return Err(Failure::Asked(format!(
            "还没有写过《{}》，没有可以印的。",
            form.formal()
        )));
    }
    let there: Vec<Child> = order.subjects.iter().map(|one| one.child.clone()).collect();
    may_go_out(conn, viewer, in_force, (wanted, &order.forms, &there)).await?;
    order.entries = of_registers(conn, viewer, wanted, &mut order.forms).await?;
    Ok(order)
}
