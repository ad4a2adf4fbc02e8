//! The good lines go in, in one transaction: all of them, or none.

use super::arrive::is_by_hand;
use super::batch::Batch;
use super::check::{Checked, NewChild, NewKin, SAME, Verdict, answered};
use super::store::{self, Import};
use crate::children::store::{Identity, KinDetails};
use crate::db::{self, Conn, Val};
use crate::home::answers::{About, DOUBT, DOUBT_AWAY};
use crate::ids::{ChildId, ClassId, KinId, OperationId};
use crate::journal::{self, Entry, Kind, Seen};
use crate::school;
use crate::vault::Key;
use crate::web::error::{Failure, Result};
use crate::web::viewer::Viewer;
use jiff::{ToSpan, civil::Date};
use rules::calendar::school_year_of;
use rules::history::Parent;
use rules::identity::work_place::WorkPlace;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub type Answers = BTreeMap<u32, Vec<String>>;

pub struct Work<'a> {
    pub viewer: &'a Viewer,
    import: &'a Import,
    classes: HashMap<(u8, u8), ClassId>,
    pub batch: Batch,
    /// One child, entered on a page.
    by_hand: bool,
    opened: i64,
    pub changed: i64,
}

impl Work<'_> {
    /// By whose grades the classes are those that the list names.
    pub fn day(&self) -> Date {
        self.import.brought.day(self.viewer)
    }
}

fn text(text: impl Into<String>) -> Val {
    Val::from(text.into())
}

fn fresh() -> Val {
    Val::from(String::from(crate::ids::OperationId::new()))
}

fn yes_no(known: Option<bool>) -> Val {
    Val::from(known.map(i64::from))
}

/// The 学籍 export counts a child only after three months, whatever the day of leaving was.
const REGISTRY_MONTHS: i64 = 3;

/// Commits the lines that are ready, and those whose question was answered. Says how many children
/// were opened and how many changed.
pub async fn commit(
    conn: &mut Conn,
    viewer: &Viewer,
    import: &Import,
    answers: &Answers,
    operation: &crate::ids::OperationId,
) -> Result<(i64, i64)> {
    let payload = format!("commit {} {answers:?}", import.id);
    match journal::seen(conn, &viewer.actor(), operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok((import.opened, import.changed)),
        Seen::Other => return Err(Failure::OtherContent),
    }
    let named = going_in(conn, viewer, import, answers).await?;
    let mut work = Work {
        viewer,
        import,
        classes: classes(conn, viewer, (named, import.brought.day(viewer))).await?,
        batch: Batch::default(),
        by_hand: is_by_hand(&import.brought.titles),
        opened: 0,
        changed: 0,
    };
    let mut taken: HashMap<String, u32> = HashMap::new();
    for row in &import.brought.rows {
        let Some(line) = answered(row, answers) else {
            continue;
        };
        if let Some(child) = &line.matches
            && let Some(first) = taken.insert(child.clone(), row.line)
        {
            return Err(Failure::Asked(format!(
                "第{first}行和第{}行说的是同一个孩子（{}），所以整份都没有导入。请回去把其中一行选“先不导入”，或在表里删掉一行再上传。",
                row.line, line.child.name
            )));
        }
        match &line.matches {
            Some(child_id) => work.change(conn, child_id, &line.child).await?,
            None => work.open(&line.child)?,
        }
        if work.batch.is_full() {
            std::mem::take(&mut work.batch).write(conn).await?;
        }
    }
    let (opened, changed) = (work.opened, work.changed);
    work.batch.write(conn).await?;
    settle(conn, viewer, import, answers).await?;
    store::set_state(conn, viewer, &import.id, ("committed", opened, changed)).await?;
    journal::record(
        conn,
        &viewer.actor(),
        &Entry {
            operation,
            kind: Kind::RosterCommitted,
            subject_kind: "roster_import",
            subject_id: import.id.as_str(),
            payload: &payload,
            result: import.id.as_str(),
        },
    )
    .await?;
    Ok((opened, changed))
}

/// A line whose question was answered went in: it is none of those that wait to be mended.
async fn settle(
    conn: &mut Conn,
    viewer: &Viewer,
    import: &Import,
    answers: &Answers,
) -> Result<()> {
    let came_to = |row: &Checked| {
        let is_same = answers
            .get(&row.line)
            .is_some_and(|given| given.iter().any(|one| one == SAME));
        match (row.verdict, is_same) {
            (Verdict::Ask, true) => Some(Verdict::Repeated),
            (Verdict::Ask, false) => answered(row, answers).map(|_| Verdict::Ready),
            _ => None,
        }
    };
    let mut brought = import.brought.clone();
    let mut is_settled = false;
    for row in &mut brought.rows {
        if let Some(verdict) = came_to(row) {
            row.verdict = verdict;
            is_settled = true;
        }
    }
    if !is_settled {
        return Ok(());
    }
    store::put_rows(conn, viewer, &import.id, &brought).await
}

/// The classes of the lines that may go in, or the sentence why none may.
async fn going_in(
    conn: &mut Conn,
    viewer: &Viewer,
    import: &Import,
    answers: &Answers,
) -> Result<BTreeSet<(u8, u8)>> {
    if import.state != "ready" {
        return Err(Failure::NotAnyMore(
            "这份名单已经导入过了，或已经撤回。要再导入，请重新上传。".to_owned(),
        ));
    }
    if store::overtaken(conn, viewer, import).await? {
        return Err(Failure::NotAnyMore(
            "这份名单看过以后，本校又导入或撤回过别的名单，结论可能不一样了。请把这份重新上传一次。"
                .to_owned(),
        ));
    }
    refuse_unknown(import, answers)?;
    let named: BTreeSet<(u8, u8)> = import
        .brought
        .rows
        .iter()
        .filter_map(|row| answered(row, answers))
        .map(|line| (line.child.grade, line.child.class_number))
        .collect();
    if named.is_empty() {
        return Err(Failure::Asked(
            "这份名单里还没有可以导入的行。请先改好，再上传一次。".to_owned(),
        ));
    }
    Ok(named)
}

/// An answer to nothing that was asked is a slip, told and never dropped.
fn refuse_unknown(import: &Import, answers: &Answers) -> Result<()> {
    for (line, given) in answers {
        let row = import.brought.rows.iter().find(|row| row.line == *line);
        let offered = row.map_or(&[][..], |row| row.answers.as_slice());
        if let Some(unknown) = given
            .iter()
            .find(|code| !offered.iter().any(|one| one.code == **code))
        {
            return Err(Failure::Asked(format!(
                "第{line}行没有“{unknown}”这个答案，所以整份都没有导入。请从列出的答案里选。"
            )));
        }
    }
    Ok(())
}

/// The classes of the lines; those that the school has not opened yet are opened.
async fn classes(
    conn: &mut Conn,
    viewer: &Viewer,
    (named, day): (BTreeSet<(u8, u8)>, Date),
) -> Result<HashMap<(u8, u8), ClassId>> {
    let mut known: HashMap<(u8, u8), ClassId> = HashMap::new();
    for class in school::store::classes(conn, &viewer.school_id, day).await? {
        if let (Ok(grade), Ok(number)) = (u8::try_from(class.grade), u8::try_from(class.number)) {
            known.insert((grade, number), class.id);
        }
    }
    for (grade, number) in named {
        if known.contains_key(&(grade, number)) {
            continue;
        }
        let (stage, entry_year) = school::store::cohort(i64::from(grade), school_year_of(day));
        let id = school::store::open_class(
            conn,
            &viewer.school_id,
            (stage, entry_year, i64::from(number)),
        )
        .await?;
        known.insert((grade, number), id);
    }
    Ok(known)
}

impl Work<'_> {
    fn school(&self) -> Val {
        text(self.viewer.school_id.as_str())
    }

    pub fn today(&self) -> Date {
        self.viewer.today()
    }

    pub fn class_id(&self, child: &NewChild) -> Result<String> {
        self.classes
            .get(&(child.grade, child.class_number))
            .map(ToString::to_string)
            .ok_or_else(|| Failure::Ours("a class of the import is missing".to_owned()))
    }

    fn open(&mut self, child: &NewChild) -> Result<()> {
        let child_id = ChildId::new();
        let key = Key::fresh();
        let class_id = self.class_id(child)?;
        let today = self.today().to_string();
        let school_key = &self.viewer.school_key;
        self.batch.children.push(vec![
            self.school(),
            text(child_id.as_str()),
            text(&child.name),
            text(&child.sex),
            Val::from(child.born_on.map(|day| day.to_string())),
            text(&child.id_state),
            text(seal_identity(&key, child_id.as_str(), &child.identity)?),
            Val::from(index(child.identity.citizen_id.as_ref(), |number| {
                store::citizen_index(school_key, number)
            })),
            Val::from(index(child.identity.student_no.as_ref(), |number| {
                store::student_index(school_key, number)
            })),
            yes_no(child.boarding),
            yes_no(child.rural),
            Val::from(child.registry_code.clone()),
            text(&today),
            Val::NoText,
            Val::Int(1),
            text(&self.viewer.now.at),
        ]);
        self.batch.keys.push(vec![
            self.school(),
            text(child_id.as_str()),
            text(school_key.wrap(child_id.as_str(), &key)),
        ]);
        self.batch.memberships.push(vec![
            self.school(),
            fresh(),
            text(child_id.as_str()),
            text(class_id),
            text(&today),
            Val::NoText,
        ]);
        self.around(child_id.as_str(), child, &key)?;
        self.card(child_id.as_str(), 1, "new");
        self.logged(child_id.as_str(), String::new());
        self.opened += 1;
        Ok(())
    }

    pub fn logged(&mut self, child_id: &str, before_sealed: String) {
        let row = vec![
            self.school(),
            text(self.import.id.as_str()),
            text(child_id),
            Val::from(before_sealed),
        ];
        self.batch.log.push(row);
    }

    pub fn card(&mut self, child_id: &str, version: i64, changed: &str) {
        let row = vec![
            self.school(),
            text(child_id),
            Val::Int(version),
            text(&self.viewer.now.at),
            text(changed),
            text(self.viewer.staff_id.as_str()),
            Val::NoText,
        ];
        self.batch.cards.push(row);
    }

    /// Grown-ups, absences, home and screening of a child.
    fn around(&mut self, child_id: &str, child: &NewChild, key: &Key) -> Result<()> {
        let mut carer = None;
        let mut away: Vec<&str> = child.away_unnamed.iter().map(String::as_str).collect();
        for (kin, position) in child.kin.iter().zip(0_i64..) {
            let kin_id = KinId::new();
            if kin.party == "carer" {
                carer = Some(kin_id.to_string());
            }
            let row = self.kin_row(child_id, &kin_id, (kin, position), key)?;
            self.batch.kin.push(row);
            away.extend(kin.is_away.then(|| parent_of(kin)));
        }
        if let Some(kind) = &child.lives_with {
            self.lives(child_id, kind, (carer, None));
        }
        for parent in Parent::ALL {
            let code = parent.code();
            if away.contains(&code) {
                self.is_away(child_id, code, child.since_is_open);
            } else if child.answers_for(*parent) {
                self.answered_by_the_list(child_id, (*parent).into(), None);
            }
            if child.doubts(*parent) {
                self.doubted_by_the_list(child_id, child, *parent);
            }
        }
        Ok(())
    }

    /// `since_is_open`: nothing says that it is three months already.
    pub fn is_away(&mut self, child_id: &str, parent: &str, since_is_open: bool) {
        let left_by = self.today().saturating_sub(REGISTRY_MONTHS.months());
        let left_by = (!since_is_open).then(|| left_by.to_string());
        let line = String::from(OperationId::new());
        let row = vec![
            self.school(),
            text(&line),
            text(child_id),
            text(parent),
            Val::NoText,
            Val::from(left_by),
            Val::NoText,
            Val::NoText,
            text("work"),
            text(self.source()),
        ];
        self.batch.absences.push(row);
        let about = About::from_code(parent);
        about.into_iter().for_each(|about| {
            self.answered_by_the_list(child_id, about, Some(&line));
        });
    }

    /// `from`: not known of a child that a list names for the first time.
    pub fn lives(
        &mut self,
        child_id: &str,
        kind: &str,
        (carer, from): (Option<String>, Option<Date>),
    ) {
        let line = String::from(OperationId::new());
        let row = vec![
            self.school(),
            text(&line),
            text(child_id),
            text(kind),
            Val::from(carer),
            Val::from(from.map(|day| day.to_string())),
            Val::NoText,
        ];
        self.batch.living.push(row);
        self.answered_by_the_list(child_id, About::Living, Some(&line));
    }

    /// A child that somebody enters by hand is answered for by hand.
    fn source(&self) -> &'static str {
        if self.by_hand { "asked" } else { "roster" }
    }

    /// What the list says, and the line that was written of it.
    pub fn answered_by_the_list(&mut self, child_id: &str, about: About, line: Option<&str>) {
        self.screened(child_id, (about, line), self.source());
    }

    /// The list says of this parent what has to be asked: no silence of a later one answers it.
    pub fn doubted_by_the_list(&mut self, child_id: &str, child: &NewChild, parent: Parent) {
        let is_away = !child.is_orphan && child.place_of(parent) == WorkPlace::Away;
        let source = if is_away { DOUBT_AWAY } else { DOUBT };
        self.screened(child_id, (parent.into(), None), source);
    }

    fn screened(&mut self, child_id: &str, (about, line): (About, Option<&str>), source: &str) {
        let row = vec![
            self.school(),
            fresh(),
            text(child_id),
            text(self.today().to_string()),
            text(source),
            text(self.viewer.staff_id.as_str()),
            text(about.code()),
            Val::from(line.map(ToOwned::to_owned)),
        ];
        self.batch.screenings.push(row);
    }

    pub fn kin_row(
        &self,
        child_id: &str,
        kin_id: &KinId,
        (kin, position): (&NewKin, i64),
        key: &Key,
    ) -> Result<Vec<Val>> {
        let phone = kin.details.phone.as_deref();
        let state = match (phone, kin.phone_held) {
            (Some(_), _) => "good",
            (None, true) => "held",
            (None, false) => "none",
        };
        Ok(vec![
            self.school(),
            text(kin_id.as_str()),
            text(child_id),
            text(&kin.party),
            text(&kin.kinship),
            text(seal_kin(key, kin_id.as_str(), &kin.details)?),
            Val::from(phone.map(|phone| self.viewer.school_key.index("phone", phone))),
            text(state),
            Val::NoText,
            Val::NoText,
            Val::NoText,
            Val::Int(position),
            text(self.today().to_string()),
            Val::NoText,
            Val::Int(1),
        ])
    }
}

/// Which parent this is.
pub fn parent_of(kin: &NewKin) -> &'static str {
    if kin.kinship.contains("mother") {
        "mother"
    } else {
        "father"
    }
}

pub fn index(number: Option<&String>, make: impl Fn(&str) -> String) -> Option<String> {
    number.map(|number| make(number))
}

pub fn seal_identity(key: &Key, child_id: &str, identity: &Identity) -> Result<String> {
    let text = serde_json::to_string(identity)
        .map_err(|error| Failure::Ours(format!("identity: {error}")))?;
    Ok(key.seal(&format!("child/{child_id}/identity"), &text))
}

pub fn seal_kin(key: &Key, kin_id: &str, details: &KinDetails) -> Result<String> {
    let text =
        serde_json::to_string(details).map_err(|error| Failure::Ours(format!("kin: {error}")))?;
    Ok(key.seal(&format!("kin/{kin_id}/details"), &text))
}

/// Whether a person or a list moves a child.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mover {
    Hand,
    List,
}

pub async fn move_class(
    conn: &mut Conn,
    viewer: &Viewer,
    (child_id, class_id): (&str, &str),
    mover: Mover,
) -> Result<()> {
    let today = viewer.today().to_string();
    db::query(
        "update membership set to_on = $3
         where school_id = $1 and child_id = $2 and (to_on is null or to_on > $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(&today)
    .execute(&mut *conn)
    .await?;
    db::query(
        "insert into membership (school_id, id, child_id, class_id, from_on, to_on, by_hand)
         values ($1, $2, $3, $4, $5, null, $6)",
    )
    .bind(viewer.school_id.as_str())
    .bind(crate::ids::OperationId::new().as_str())
    .bind(child_id)
    .bind(class_id)
    .bind(&today)
    .bind((mover == Mover::Hand).then_some(1_i64))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn next_card(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<i64> {
    let last: Option<i64> = db::query_scalar(
        "select cast(max(version) as integer) from card_version
         where school_id = $1 and child_id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_one(conn)
    .await?;
    Ok(last.unwrap_or_default() + 1)
}

pub async fn by_id(conn: &mut Conn, viewer: &Viewer, sql: &'static str, id: &str) -> Result<()> {
    db::query(sql)
        .bind(viewer.school_id.as_str())
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}
