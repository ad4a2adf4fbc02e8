//! What each line of a sheet that came back means.

use super::cells::{Heads, heads, number_and_version, say};
use super::elsewhere::elsewhere;
use super::meanwhile::{Out, settled};
use super::records::whose;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::roster::Visible;
use crate::children::store as children;
use crate::children::store::Child;
use crate::dossier::begun::Begun;
use crate::dossier::consents::in_the_way;
use crate::dossier::known::facts;
use crate::dossier::sight::Sight;
use crate::dossier::store::{self, EntryRow, Shape};
use crate::ids::ChildId;
use crate::moves::store::next_school;
use crate::packs::{Field, FieldKind, Form, FormKind};
use crate::records::forms::{Filled, NewRecord, filled, is_same, says_same, what_cannot_be};
use crate::records::said::value_of;
use crate::registers;
use crate::school;
use crate::sheets::{Cell, MEND_LINE, MEND_WHY, Sheet, SheetRow};
use crate::web::{self, Errors, Fields, Result, Viewer, words};
use jiff::civil::Date;
use rules::access::Act;
use std::collections::HashMap;

/// What one line means.
#[derive(Clone)]
pub struct Line {
    pub number: u32,
    pub name: String,
    pub child_id: Option<ChildId>,
    /// The entry that it changes; `None`: a new one.
    pub entry: Option<(String, i64)>,
    pub filled: Filled,
    /// What somebody did on a day; files and registers have none.
    pub record: Option<NewRecord>,
    /// What would be there afterwards that is not there now, in words.
    pub changes: String,
    /// What it says of things that are kept elsewhere and not changed by it, in words.
    pub elsewhere: String,
    pub verdict: Verdict,
    /// Where a slip is: the column, and what is wrong there.
    pub wrong: Vec<(usize, String)>,
    /// The cells as they were, of a line that is refused.
    pub cells: Vec<String>,
}

impl Line {
    /// It is put in when the word is given.
    pub fn writes(&self) -> bool {
        matches!(self.verdict, Verdict::New | Verdict::Changed)
    }

    fn new(number: u32, name: &str) -> Self {
        Self {
            number,
            name: name.to_owned(),
            child_id: None,
            entry: None,
            filled: Filled::new(),
            record: None,
            changes: String::new(),
            elsewhere: String::new(),
            verdict: Verdict::Same,
            wrong: Vec::new(),
            cells: Vec::new(),
        }
    }

    fn refuse_for_name(&mut self, sentence: String, heads: &Heads<'_>) {
        self.wrong = heads
            .name
            .into_iter()
            .map(|at| (at, sentence.clone()))
            .collect();
        self.verdict = Verdict::Refused(sentence);
    }

    /// Refused for what stands in some of its cells.
    pub fn refuse(&mut self, errors: &Errors, heads: &Heads<'_>) {
        self.verdict = Verdict::Refused(errors.sentence());
        let at = errors.iter().filter_map(|(field, said)| {
            let own = heads.fields.iter().find(|(_, one)| one.id == *field);
            let at = own.map(|(at, _)| *at);
            let day = heads.day.filter(|_| field == "happened_on");
            Some((at.or(day)?, said.to_owned()))
        });
        self.wrong = at.collect();
    }
}

#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    New,
    Changed,
    Same,
    Refused(String),
}

/// The fields that differ, as they would read.
pub fn changes(form: &Form, was: Option<&Filled>, filled: &Filled) -> String {
    let mut differs = filled.clone();
    differs.retain(|id, value| !is_same(was.and_then(|was| was.get(id)), Some(value)));
    let before = |title: &str| {
        let field = form.fields.iter().find(|field| field.title == title)?;
        let was = was?.get(&field.id)?;
        Some(format!("（原来是{}）", value_of(field, was)))
    };
    let written = Shape::of(form)
        .lines(&differs, (form, &[]), &|_| true)
        .into_iter();
    let gone = form.fields.iter().filter(|field| {
        let was = was.and_then(|was| was.get(&field.id));
        was.is_some() && !filled.contains_key(&field.id)
    });
    written
        .map(|(title, value)| {
            let before = before(&title).unwrap_or_default();
            format!("{title}：{value}{before}")
        })
        .chain(gone.map(|field| format!("{}：空着", field.title)))
        .collect::<Vec<_>>()
        .join("；")
}

/// More lines than a school writes in one form in a year were not meant.
const MOST_LINES: usize = 1_000;

/// Where one line comes from, and what is known of all of them.
pub struct Looking<'a> {
    pub viewer: &'a Viewer,
    pub in_force: &'a InForce,
    pub form: &'a Form,
    pub heads: &'a Heads<'a>,
    /// The children whom this form may be written about.
    all: Visible,
    /// Whose each entry is, by the entry's number.
    by_entry: HashMap<String, String>,
    /// 2025—2026学年第一学期
    term: Option<String>,
}

/// A sheet that was looked at.
#[derive(Clone, Default)]
pub struct Looked {
    pub lines: Vec<Line>,
    /// The heads of its columns.
    pub titles: Vec<String>,
    /// For a column: what may stand in it.
    pub choices: Vec<(usize, Vec<String>)>,
}

impl Looked {
    /// With the cells of the lines that are to be mended. What a sheet to mend has of its own is no
    /// part of the next one.
    fn of((head, heads): (&SheetRow, &Heads<'_>), rows: &[SheetRow], mut lines: Vec<Line>) -> Self {
        let text = |row: &SheetRow, at: usize| row.cells.get(at).map_or("", Cell::text).to_owned();
        let own = |at: &usize| ![MEND_WHY, MEND_LINE].contains(&text(head, *at).as_str());
        let kept: Vec<usize> = (0..head.cells.len()).filter(own).collect();
        let place = |at: &usize| kept.iter().position(|one| one == at);
        for line in &mut lines {
            let row = rows.iter().find(|row| row.line == line.number);
            let Some(row) = row.filter(|_| matches!(line.verdict, Verdict::Refused(_))) else {
                continue;
            };
            line.cells = kept.iter().map(|at| text(row, *at)).collect();
            let wrong = std::mem::take(&mut line.wrong).into_iter();
            line.wrong = wrong
                .filter_map(|(at, said)| Some((place(&at)?, said)))
                .collect();
        }
        let one_of = heads
            .fields
            .iter()
            .filter(|(_, field)| field.kind.picks_one());
        let titles = |field: &Field| field.offered().map(|one| one.title.clone()).collect();
        Self {
            choices: one_of
                .filter_map(|(at, field)| Some((place(at)?, titles(field))))
                .collect(),
            titles: kept.iter().map(|at| text(head, *at)).collect(),
            lines,
        }
    }
}

/// What each line of the sheet means, or a sentence where the whole sheet is of no use.
pub async fn looked_at(
    app: &App,
    viewer: &Viewer,
    form: &Form,
    sheet: &Sheet,
) -> Result<Result<Looked, String>> {
    let early = sheet.rows.iter().take(5).enumerate();
    let found = early.into_iter();
    let Some((at, heads)) = found
        .filter_map(|(at, row)| Some((at, heads(form, row)?)))
        .next()
    else {
        return Ok(Err(
            "表里没有找到要认的列。请用打印中心里这张表的Excel或Word，改好再放回来。".to_owned(),
        ));
    };
    let (head, rows) = sheet
        .rows
        .get(at..)
        .and_then(<[SheetRow]>::split_first)
        .unzip();
    let rows: &[SheetRow] = rows.unwrap_or_default();
    // A Word file in which nothing has been written yet.
    if heads.fields.is_empty() && rows.is_empty() {
        return Ok(Ok(Looked::default()));
    }
    if heads.fields.is_empty() {
        return Ok(Err(nothing_of(form)));
    }
    if rows.len() > MOST_LINES {
        return Ok(Err(format!(
            "这份表有{}行，一次最多{MOST_LINES}行。请分成几个文件。",
            rows.len()
        )));
    }
    let Some(head) = head else {
        return Ok(Ok(Looked::default()));
    };
    let lines = judged_lines(app, viewer, form, (&heads, rows)).await?;
    Ok(Ok(Looked::of((head, &heads), rows, lines)))
}

/// Why a sheet without any column to fill in is of no use here.
fn nothing_of(form: &Form) -> String {
    let title = &form.title;
    let is_asked = |field: &Field| field.from.is_none() && field.kind != FieldKind::Signature;
    if form.fields.iter().any(is_asked) {
        return format!("这份表里没有《{title}》的项目。看看是不是选错了表。");
    }
    format!(
        "《{title}》里的都从名单和联系卡来。要一起改，请把这份Excel放到资料室的“导入名单”；改一个孩子的，在孩子的联系卡里改。"
    )
}

async fn judged_lines(
    app: &App,
    viewer: &Viewer,
    form: &Form,
    (heads, rows): (&Heads<'_>, &[SheetRow]),
) -> Result<Vec<Line>> {
    let mut conn = app.db.read().await?;
    if form.kind == FormKind::Register {
        let entries = registers::store::entries(&mut conn, viewer, &form.id).await?;
        let mut lines = Vec::new();
        for row in rows {
            let whose = (viewer, form, entries.as_slice());
            lines.extend(register_line(&mut conn, whose, heads, row).await?);
        }
        return Ok(once_each(form, lines));
    }
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let (act, by_entry) = match form.kind {
        FormKind::Record => (Act::WriteRecord, HashMap::new()),
        FormKind::Dossier | FormKind::Register => (
            Act::EditDossier,
            store::children_of(&mut conn, viewer, &form.id).await?,
        ),
    };
    let calendar = school::store::calendar(app, &mut conn, &viewer.school_id).await?;
    let looking = Looking {
        viewer,
        in_force: &in_force,
        form,
        heads,
        all: children::all_visible(app, &mut conn, viewer, act).await?,
        by_entry,
        term: words::this_term(&calendar, viewer.today()),
    };
    let mut lines = Vec::new();
    for row in rows {
        let line = looking.line(&mut conn, row).await?;
        if !line.name.is_empty() || line.verdict != Verdict::Same {
            lines.push(line);
        }
    }
    Ok(once_each(form, lines))
}

/// Of lines about the same entry only one is taken: the one that leaves it as it is, if there is
/// one, because the other is its copy with the hidden number copied along. Nor is one thing that is
/// new written twice.
fn once_each(form: &Form, mut lines: Vec<Line>) -> Vec<Line> {
    let is_single = form.kind == FormKind::Dossier && !form.many;
    let name_of = |line: &Line| {
        let entry = line.entry.as_ref().map(|(id, _)| id.clone());
        let child = line.child_id.as_ref();
        let day = line.record.as_ref().map(|record| record.happened_on);
        entry.or_else(|| match (&line.verdict, is_single) {
            (Verdict::New, true) => child.map(ToString::to_string),
            (Verdict::New, false) => Some(format!("{child:?} {day:?} {:?}", line.filled)),
            _ => None,
        })
    };
    let mut taken: HashMap<String, u32> = HashMap::new();
    let same = lines.iter().filter(|line| line.verdict == Verdict::Same);
    taken.extend(same.filter_map(|line| Some((name_of(line)?, line.number))));
    for line in &mut lines {
        let Some(name) = name_of(line).filter(|_| line.writes()) else {
            continue;
        };
        if let Some(first) = taken.get(&name) {
            line.verdict = Verdict::Refused(format!(
                "和第{first}行是同一笔，没有放进去。要新写一笔，请在最下面空着的一行里写，不要复制别的行。"
            ));
        } else {
            taken.insert(name, line.number);
        }
    }
    lines
}

impl Looking<'_> {
    async fn line(&self, conn: &mut crate::db::Conn, row: &SheetRow) -> Result<Line> {
        let (form, heads) = (self.form, self.heads);
        let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.text()).trim();
        let (number, version) = number_and_version(heads.number.map_or("", text));
        let whose = match form.kind {
            FormKind::Record => whose(conn, self.viewer, number).await?,
            FormKind::Dossier | FormKind::Register => self.by_entry.get(number).cloned(),
        };
        let known = whose.as_deref().unwrap_or(number);
        let found = child(&self.all, (known, &text), heads);
        let mut line = Line {
            child_id: found.as_ref().ok().map(|child| child.id.clone()),
            ..Line::new(row.line, heads.name.map_or("", text))
        };
        let child = match found {
            Ok(child) => child,
            Err(sentence) => {
                line.refuse_for_name(sentence, heads);
                return Ok(line);
            }
        };
        // Half-hidden names on a wall are nobody's.
        let is_other = !line.name.is_empty() && line.name != child.name;
        if is_other && !self.viewer.is_projecting {
            let sentence = format!(
                "这一行的编号是{}的，姓名写的却是{}。看看是不是粘错了地方。",
                child.name, line.name
            );
            line.refuse_for_name(sentence, heads);
            return Ok(line);
        }
        if line.name.is_empty() && whose.is_some() {
            line.name.clone_from(&child.name);
        }
        if form.kind == FormKind::Record {
            let number = (number, version);
            self.record(conn, (child, number, &text), &mut line).await?;
            self.agreed_to(conn, child, &mut line).await?;
            return Ok(line);
        }
        let sight = Sight {
            viewer: self.viewer,
            child,
            in_force: self.in_force,
        };
        let seen = sight.form(&form.id).filter(|form| sight.may_write(form));
        self.judge(conn, (child, seen), &text, &mut line).await?;
        self.agreed_to(conn, child, &mut line).await?;
        if line.name.is_empty() && line.verdict != Verdict::Same {
            line.name.clone_from(&child.name);
        }
        Ok(line)
    }

    async fn judge<'t>(
        &self,
        conn: &mut crate::db::Conn,
        (child, seen): (&Child, Option<Form>),
        text: &(dyn Fn(usize) -> &'t str + Sync),
        line: &mut Line,
    ) -> Result<()> {
        let (viewer, heads) = (self.viewer, self.heads);
        let Some(seen) = seen else {
            line.verdict = Verdict::Refused(GUARDED.to_owned());
            return Ok(());
        };
        let key = children::key(conn, viewer, child).await?;
        let facts = facts(conn, viewer, child, &key).await?;
        line.elsewhere = elsewhere(&facts, &seen, (text, heads));
        let entries = store::entries(conn, viewer, child, &key, &seen.id).await?;
        let (number, version) = number_and_version(heads.number.map_or("", text));
        let now = entries.iter().find(|entry| entry.id == number);
        let out = match now {
            Some(now) if version.is_some_and(|one| one != now.version) => {
                let earlier = store::earlier(conn, viewer, now, &key).await?;
                Out::of(&earlier, version)
            }
            // It was taken out when nothing had been written yet.
            None if number == child.id.as_str() && !seen.many => {
                entries.last().map(|_| Out::saying(Filled::new()))
            }
            _ => None,
        };
        let next_school = next_school(conn, viewer, child).await?;
        let begun = Begun::of(&facts, self.term.clone(), next_school);
        let known = (entries.as_slice(), out, (&begun, viewer.today()));
        judged(seen, known, (text, heads), line);
        Ok(())
    }

    /// What the family has to be asked about first is not brought in by a sheet either.
    async fn agreed_to(
        &self,
        conn: &mut crate::db::Conn,
        child: &Child,
        line: &mut Line,
    ) -> Result<()> {
        if self.form.needs_consent.is_none() || !line.writes() {
            return Ok(());
        }
        let key = children::key(conn, self.viewer, child).await?;
        let about = [(child.clone(), key)];
        let asked = (&about[..], self.form);
        if let Some(sentence) = in_the_way(conn, self.viewer, self.in_force, asked).await? {
            line.verdict = Verdict::Refused(sentence);
        }
        Ok(())
    }
}

pub const GONE: &str = "这一笔已经拿掉了，没有放进去。要新写一笔，请把“编号”那一格空着。";
pub const GUARDED: &str = "这张表的内容受保护，要有权限的老师来填。";

/// A line of a register that is about no child; an empty one is passed over.
async fn register_line(
    conn: &mut crate::db::Conn,
    (viewer, form, entries): (&Viewer, &Form, &[EntryRow]),
    heads: &Heads<'_>,
    row: &SheetRow,
) -> Result<Option<Line>> {
    let text = |at: usize| row.cells.get(at).map_or("", |cell| cell.text()).trim();
    let first = heads.fields.first().map_or("", |(at, _)| text(*at));
    let mut line = Line::new(row.line, first);
    let (number, version) = number_and_version(heads.number.map_or("", text));
    let out = match entries.iter().find(|entry| entry.id == number) {
        Some(now) if version.is_some_and(|one| one != now.version) => {
            let earlier = registers::store::earlier(conn, viewer, now).await?;
            Out::of(&earlier, version)
        }
        _ => None,
    };
    let known = (entries, out, (&Begun::default(), viewer.today()));
    judged(form.clone(), known, (&text, heads), &mut line);
    let is_nothing = line.verdict == Verdict::Same && line.entry.is_none();
    Ok((!is_nothing).then_some(line))
}

fn child<'a>(
    all: &'a [Child],
    (number, text): (&str, &dyn Fn(usize) -> &'a str),
    heads: &Heads<'_>,
) -> Result<&'a Child, String> {
    if let Some(child) = all.iter().find(|child| child.id.as_str() == number) {
        return Ok(child);
    }
    if !number.is_empty() {
        // It names somebody; a namesake is somebody else.
        return Err(format!(
            "您的名单里没有这一行的{}。要新写一笔，请把“编号”那一格空着。",
            heads.name.map_or("", text)
        ));
    }
    let (name, class) = (heads.name.map_or("", text), heads.class.map_or("", text));
    let class = web::words::class_as_written(class);
    let same: Vec<&Child> = all
        .iter()
        .filter(|child| child.name == name && (class.is_empty() || child.class_title() == class))
        .collect();
    match same.as_slice() {
        [one] => Ok(one),
        [] => Err(format!("您的名单里没有{class}的{name}。")),
        many => Err(format!(
            "有{}个{name}，分不清是哪一个。请从打印中心重新下载这张表，不要删“编号”那一列。",
            many.len()
        )),
    }
}

/// Nothing, or the number of the child itself, stands before a line that is new.
pub fn is_known_number(line: &Line, number: &str) -> bool {
    number.is_empty()
        || line
            .child_id
            .as_ref()
            .is_some_and(|id| id.as_str() == number)
}

fn only_missing(errors: &Errors, said: &Fields) -> bool {
    errors.iter().all(|(field, _)| said.get(field).is_empty())
}

/// What the line would change of these entries.
fn judged<'t>(
    seen: Form,
    (entries, out, (begun, today)): (&[EntryRow], Option<Out>, (&Begun, Date)),
    (text, heads): (&(dyn Fn(usize) -> &'t str + Sync), &Heads<'_>),
    line: &mut Line,
) {
    let mut said = Fields::default();
    for (at, field) in &heads.fields {
        say(field, text(*at), &mut said);
    }
    let is_empty = said.iter().all(|(_, value)| value.trim().is_empty());
    let is_single = seen.is_single();
    let (number, _) = number_and_version(heads.number.map_or("", text));
    let was: Option<&EntryRow> = entries.iter().find(|entry| entry.id == number).or(entries
        .last()
        .filter(|_| is_single && is_known_number(line, number)));
    line.entry = was.map(|entry| (entry.id.clone(), entry.version));
    // A column of what is not this viewer's says nothing.
    let shown = heads.fields.iter().map(|(_, field)| field.id.as_str());
    let shown: Vec<&str> = shown.collect();
    let own: Vec<String> = seen.fields.iter().map(|field| field.id.clone()).collect();
    let in_sheet = |id: &str| shown.contains(&id) && own.iter().any(|own| own == id);
    // A new entry answers for the whole form; a change only for the columns that the sheet has.
    let mut asked = seen;
    // Somebody wrote the line by hand: what it leaves empty it does not speak of.
    let speaks = |id: &str| !number.is_empty() || !said.get(id).trim().is_empty();
    if was.is_some() {
        let is_asked = |field: &Field| in_sheet(&field.id) && speaks(&field.id);
        asked.fields.retain(is_asked);
    }
    let mut errors = Errors::default();
    line.filled = filled(&asked, &said, &mut errors);
    what_cannot_be(&asked, &line.filled, (today, begun.born_on()), &mut errors);
    if let (Some(out), Some(now)) = (&out, was) {
        let by = (now.by_name.as_str(), &now.filled);
        settled(&asked, (out, by), &mut line.filled, &mut errors);
    }
    // What the sheet said by itself is nothing that anybody wrote.
    let is_empty = is_empty
        || (was.is_none() && begun.is_all(&asked, &line.filled) && only_missing(&errors, &said));
    line.changes = match was {
        None if is_empty => String::new(),
        _ => changes(&asked, was.map(|entry| &entry.filled), &line.filled),
    };
    let is_gone = was.is_none() && !is_known_number(line, number);
    line.verdict = match was {
        None if is_gone => Verdict::Refused(GONE.to_owned()),
        None if is_empty => Verdict::Same,
        Some(_) if is_empty => Verdict::Refused(
            "这一行空了，原来写的没有动。要拿掉这一笔，请到那一笔里拿掉。".to_owned(),
        ),
        // What was never filled in is not asked for by a line that changes nothing.
        Some(_) if line.changes.is_empty() && only_missing(&errors, &said) => Verdict::Same,
        _ if !errors.is_empty() => {
            line.refuse(&errors, heads);
            return;
        }
        // The same sheet put in twice writes nothing twice.
        None if entries
            .iter()
            .any(|one| says_same(&one.filled, &line.filled)) =>
        {
            Verdict::Same
        }
        None => Verdict::New,
        Some(entry) => {
            let is_asked = |id: &str| in_sheet(id) && speaks(id);
            with_the_rest(&mut line.filled, entry, &is_asked)
        }
    };
}

/// What the sheet has no column for stays as it is.
fn with_the_rest(
    filled: &mut Filled,
    entry: &EntryRow,
    in_sheet: &dyn Fn(&str) -> bool,
) -> Verdict {
    let rest = entry.filled.iter().filter(|(id, _)| !in_sheet(id));
    filled.extend(rest.map(|(id, value)| (id.clone(), value.clone())));
    if says_same(filled, &entry.filled) {
        Verdict::Same
    } else {
        Verdict::Changed
    }
}
