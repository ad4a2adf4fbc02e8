//! 本周, by role.

use super::items::{self, Item, State, Week};
use super::looks::look_rows;
use super::season;
use super::talked::talked;
use super::units::{UnitItem, units};
use super::wording;
use crate::App;
use crate::adoptions::store::{InForce, base};
use crate::children::case::Case;
use crate::records::store::capacity;
use crate::web::viewer::NO_PAIR;
use crate::web::{Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State as Given;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::{Act, Role};
use rules::cadence::Standing;
use rules::calendar::week_of;
use rules::duties::{Actor, Obligation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A row: one child, or a strip of names.
pub struct Row {
    pub glyph: String,
    pub title: String,
    pub sub: String,
    pub href: String,
    pub chip: String,
    pub tint: &'static str,
    pub why: String,
    pub names: Vec<Name>,
}

pub struct Name {
    pub name: String,
    pub href: String,
}

/// A child whom the viewer accompanies.
struct Paired {
    id: String,
    name: String,
    /// 上次4天前（11月20日）
    last: String,
    /// 接下来：谈心，12月5日 周五
    next: Option<String>,
}

/// A class that might need a hand.
pub struct Support {
    pub sentence: String,
    pub href: String,
    /// Where somebody is asked to help, for those who may ask.
    pub arrange: Option<String>,
}

#[derive(Template)]
#[template(path = "week/week.html")]
struct WeekPage {
    shell: Shell,
    eyebrow: String,
    headline: String,
    sub: String,
    today: Vec<Row>,
    this_week: Vec<Row>,
    looks: Vec<Row>,
    later: Vec<Row>,
    done: Vec<Row>,
    support: Vec<Support>,
    /// 结对的孩子, with the last time somebody was there and what comes next.
    paired: Vec<Paired>,
    /// Somebody who sees counts and no child.
    counts_alone: bool,
    office: Vec<Row>,
    /// Who waited longest, where nothing has its day.
    longest: Vec<Row>,
    /// What a class or the school does without a day for it, or not now.
    units: Vec<Row>,
    /// What is told to whom nobody is waiting, because there is nobody yet.
    no_children: Option<&'static str>,
    side: Option<Side>,
}

/// Beside the list, where there is room: the days of this week, who waits longest, what comes next.
struct Side {
    days: Vec<Day>,
    gaps: Option<crate::gaps::pages::Mini>,
    next: Vec<Row>,
}

struct Day {
    title: String,
    said: String,
    is_today: bool,
    /// When the parents who are called on it are free.
    free: String,
}

/// Rows about the same act fold together from so many children on.
pub const FOLD_FROM: usize = 3;
/// So many rows stand open in a group.
const OPEN: usize = 7;

/// `GET /week`
pub async fn week(Given(app): Given<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let mut week = items::week(&app, &mut conn, &viewer).await?;
    if !viewer.is_projecting {
        week.talked = talked(&mut conn, &viewer, &week, &named_alone(&week)).await?;
    }
    let mut office = season::rows(&viewer, &week);
    office.extend(super::api::office_rows(&mut conn, &viewer, &week.in_force).await?);
    let units = units(&mut conn, &viewer, &week).await?;
    drop(conn);
    let shell = Shell::new(&app, &viewer, "本周", "/week").with_done(&fields, "/week");
    let mut drawn = drawn(&viewer, &week, shell, (office, units));
    if drawn.is_quiet() {
        drawn.longest = season::longest(&viewer, &week);
    }
    if viewer.is_projecting {
        drawn.projected();
    }
    page(&drawn)
}

/// The talks that stand in a row of their own, in whatever group.
fn named_alone(week: &Week) -> Vec<&Item> {
    let groups: [&[State]; 3] = [&[State::Past, State::Today], &[State::Due], &[State::Soon]];
    let mut alone = Vec::new();
    for states in groups {
        let talks = week
            .items
            .iter()
            .filter(|item| states.contains(&item.state) && base(&item.obligation.does) == "talk");
        let talks: Vec<&Item> = talks.collect();
        if talks.len() < FOLD_FROM {
            alone.extend(talks);
        }
    }
    alone
}

fn drawn(
    viewer: &Viewer,
    week: &Week,
    shell: Shell,
    (office, units): (Vec<Row>, Vec<UnitItem>),
) -> WeekPage {
    let leads = viewer.has_role(Role::Principal) || viewer.has_role(Role::LeadingGroup);
    let own: Vec<&Item> = week.items.iter().collect();
    let pick = |states: &[State]| -> Vec<Row> {
        let some: Vec<&Item> = own
            .iter()
            .copied()
            .filter(|item| states.contains(&item.state))
            .collect();
        let of_units = units.iter();
        let of_units = of_units.filter(|item| item.state.is_some_and(|own| states.contains(&own)));
        let mut rows = rows(week, &some);
        rows.extend(of_units.map(|item| item.row(week)));
        rows
    };
    let today = pick(&[State::Past, State::Today]);
    let mut this_week = pick(&[State::Due]);
    let mut later = pick(&[State::Soon]);
    if this_week.len() > OPEN {
        let folded = this_week.split_off(OPEN);
        later = folded.into_iter().chain(later).collect();
    }
    let looks = look_rows(week);
    let support = if leads {
        support(viewer, week)
    } else {
        Vec::new()
    };
    WeekPage {
        longest: Vec::new(),
        eyebrow: eyebrow(viewer, week),
        headline: headline(
            today.len(),
            this_week.len() + office.len(),
            looks.len(),
            support.len(),
            week.done.is_empty(),
        ),
        sub: sub(week),
        today,
        this_week,
        looks: looks.into_iter().take(OPEN).collect(),
        later,
        done: rows(week, &week.done.iter().collect::<Vec<_>>()),
        support,
        paired: if viewer.is_paired() {
            paired(week)
        } else {
            Vec::new()
        },
        office,
        units: units
            .iter()
            .filter(|item| item.state.is_none())
            .map(|item| item.row(week))
            .collect(),
        no_children: week.cases.is_empty().then(|| without_children(viewer)),
        counts_alone: viewer.ever(Act::SeeCounts) && !viewer.ever(Act::SeeChild),
        side: viewer.has_role(Role::HomeroomTeacher).then(|| side(week)),
        shell,
    }
}

impl WeekPage {
    /// Nothing is due, and nothing will be soon.
    fn is_quiet(&self) -> bool {
        self.today.is_empty() && self.this_week.is_empty() && self.later.is_empty()
    }

    /// 投屏: what there is to do stays; why, since when and how it stands is not sent.
    fn projected(&mut self) {
        for rows in [
            &mut self.today,
            &mut self.this_week,
            &mut self.later,
            &mut self.done,
            &mut self.office,
            &mut self.units,
        ] {
            for row in rows {
                row.sub = String::new();
                row.why = String::new();
                row.chip = String::new();
            }
        }
        for one in &mut self.paired {
            one.last = String::new();
            one.next = None;
        }
        self.looks.clear();
        // Who is waiting to be looked after is nobody else's to read.
        self.longest.clear();
        self.side = None;
    }
}

fn without_children(viewer: &Viewer) -> &'static str {
    match viewer.has_only_pairs() {
        true => NO_PAIR,
        false => "您这里还没有孩子的名单。名单导入后，这里会告诉您谁在等您。",
    }
}

fn eyebrow(viewer: &Viewer, week: &Week) -> String {
    if week.calendar.terms().is_empty() {
        return viewer.school_name.clone();
    }
    let number = match week.calendar.teaching_week(week.today) {
        Some((_, number)) if week.calendar.term_on(week.today).is_some() => format!("第{number}周"),
        _ => "假期".to_owned(),
    };
    let is_own = |case: &&Arc<Case>| capacity(viewer, &case.child) == Actor::HomeroomTeacher;
    let own = week.cases.iter().filter(is_own);
    let own = own.filter(|_| viewer.has_role(Role::HomeroomTeacher));
    let own: BTreeSet<(i64, i64)> = own
        .map(|case| (case.child.grade, case.child.class_number))
        .collect();
    let own = own.iter();
    let own: Vec<String> = own
        .map(|(grade, number)| words::class_title(*grade, *number))
        .collect();
    let place = match own.is_empty() {
        true => viewer.school_name.clone(),
        false => own.join("、"),
    };
    format!("{place} · {number}")
}

fn headline(
    today: usize,
    this_week: usize,
    looks: usize,
    support: usize,
    none_done: bool,
) -> String {
    let all = today + this_week + looks;
    match (all, today) {
        (0, _) if support > 0 => format!("有{support}个班可能要搭把手"),
        (0, _) if none_done => "这周没有要做的事。".to_owned(),
        (0, _) => "这周的事都做完了。".to_owned(),
        (all, 0) => format!("这周有{all}件事"),
        (all, today) => format!("这周有{all}件事，今天{today}件"),
    }
}

fn sub(week: &Week) -> String {
    let days = week_of(week.today);
    let moved: Vec<&Item> = week
        .items
        .iter()
        // Over a weekend nothing is put off: nobody expects it there.
        .filter(|item| {
            let from = item.obligation.due.moved_from;
            from.is_some_and(|from| from.weekday().to_monday_zero_offset() < 5)
        })
        .collect();
    let moved = rows(week, &moved).len();
    let span = words::span(days.from, days.to, week.today);
    if moved > 0 {
        format!("{span}，放假顺延{moved}件")
    } else {
        span
    }
}

fn side(week: &Week) -> Side {
    let days = week_of(week.today);
    let mut coming: Vec<&Item> = week
        .items
        .iter()
        .filter(|item| item.obligation.due.due_on.is_some_and(|on| on > days.to))
        .collect();
    coming.sort_by_key(|item| item.obligation.due.due_on);
    let mut next = rows(week, &coming);
    next.truncate(3);
    Side {
        days: (0..7)
            .map(|ahead| rules::calendar::plus_days(days.from, ahead))
            .filter(|on| {
                on.weekday().to_monday_zero_offset() < 5 || week.calendar.is_school_day(*on)
            })
            .map(|on| day(week, on))
            .collect(),
        gaps: crate::gaps::pages::mini(&week.owed, week.today),
        next,
    }
}

fn day(week: &Week, on: jiff::civil::Date) -> Day {
    let due: Vec<&Item> = week
        .items
        .iter()
        .filter(|item| item.obligation.due.due_on == Some(on))
        .collect();
    let free = free(&due);
    let due = rows(week, &due).len();
    Day {
        free,
        title: format!("{}{}", words::weekday(on), words::day(on, week.today)),
        said: if !week.calendar.is_school_day(on) {
            "放假".to_owned()
        } else if due > 0 {
            format!("{due}件到期")
        } else {
            String::new()
        },
        is_today: on == week.today,
    }
}

/// 孙浩然爸爸，18:30后有空: when the calls of a day find somebody.
fn free(due: &[&Item]) -> String {
    let calls = due
        .iter()
        .filter(|item| base(&item.obligation.does) == "call");
    let told = calls.filter_map(|item| {
        let kin = wording::kin_of(&item.case, item.obligation.party)?;
        let free = kin.free_after.as_deref()?;
        let word = crate::children::store::kin_word(&kin.kinship);
        Some(format!("{}{word}，{free}", item.case.child.name))
    });
    told.take(FREE_NAMED).collect::<Vec<_>>().join("；")
}

/// So many are named on one day.
const FREE_NAMED: usize = 2;

/// Rows of a group: the same act for several children is one row that opens a strip of names.
fn rows(week: &Week, items: &[&Item]) -> Vec<Row> {
    let mut acts: Vec<(&str, rules::duties::Party)> = Vec::new();
    for item in items {
        let act = (item.obligation.does.as_str(), item.obligation.party);
        if !acts.contains(&act) {
            acts.push(act);
        }
    }
    let mut found = Vec::new();
    for (does, party) in acts {
        let same: Vec<&Item> = items
            .iter()
            .copied()
            .filter(|item| item.obligation.does == does && item.obligation.party == party)
            .collect();
        if same.len() >= FOLD_FROM {
            found.extend(folded(week, &same));
        } else {
            found.extend(same.into_iter().map(|item| single(week, item)));
        }
    }
    found
}

fn href(in_force: &InForce, item: &Item) -> String {
    let id = &item.case.child.id;
    let kind = base(&item.obligation.does);
    let party = item.obligation.party.code();
    let kin = wording::kin_of(&item.case, item.obligation.party)
        .map(|kin| format!("&kin={}", kin.id))
        .unwrap_or_default();
    if kind == "call" {
        return format!("/children/{id}/call?back=/week{kin}");
    }
    // What the duty asks for is chosen beforehand.
    let does = item.obligation.does.as_str();
    let chosen = in_force
        .form(kind)
        .and_then(|form| form.sub_kind(does))
        .map(|(field, option)| format!("&{}={}", field.id, option.code))
        .unwrap_or_default();
    format!("/children/{id}/records/new?kind={kind}&party={party}{kin}{chosen}&back=/week")
}

fn single(week: &Week, item: &Item) -> Row {
    let (chip, tint) = wording::chip(&item.obligation, week.today);
    Row {
        glyph: wording::glyph(&week.in_force, &item.obligation.does),
        title: wording::title(&week.in_force, &item.case, &item.obligation),
        sub: format!(
            "{}{}。{}",
            wording::subtitle(&item.case, &item.obligation, week.today),
            about(week, item),
            wording::reason(&week.in_force, &item.obligation)
        ),
        href: href(&week.in_force, item),
        chip,
        tint,
        why: wording::why(&week.in_force, &item.obligation, week.today),
        names: Vec::new(),
    }
}

/// ，聊的是想家
fn about(week: &Week, item: &Item) -> String {
    let talk = base(&item.obligation.does) == "talk";
    match week.talked.get(item.case.child.id.as_str()) {
        Some(about) if talk => format!("，聊的是{about}"),
        _ => String::new(),
    }
}

fn folded(week: &Week, same: &[&Item]) -> Option<Row> {
    let first = same.first()?;
    let (chip, tint) = wording::chip(&first.obligation, week.today);
    Some(Row {
        glyph: wording::glyph(&week.in_force, &first.obligation.does),
        title: wording::folded_title(&week.in_force, first, same.len()),
        sub: wording::reason(&week.in_force, &first.obligation),
        href: String::new(),
        chip,
        tint,
        why: wording::why(&week.in_force, &first.obligation, week.today),
        names: same
            .iter()
            .map(|item| Name {
                name: item.case.child.name.clone(),
                href: href(&week.in_force, item),
            })
            .chain(by_place(first))
            .collect(),
    })
}

/// Several homes are visited on one way.
fn by_place(item: &Item) -> Option<Name> {
    (base(&item.obligation.does) == "home_visit").then(|| Name {
        name: "按村子排，打印走访单".to_owned(),
        href: "/visits".to_owned(),
    })
}

/// 结对的孩子, the longest alone first.
fn paired(week: &Week) -> Vec<Paired> {
    let own = week.cases.iter().filter(|case| case.child.paired);
    let mut rows: Vec<(Option<Date>, Paired)> = own
        .map(|case| {
            let last = case.last_contact(&week.in_force, week.today);
            let row = Paired {
                id: case.child.id.to_string(),
                name: case.child.name.clone(),
                last: words::last_time(last, week.today),
                next: next_of(week, case.child.id.as_str()),
            };
            (last, row)
        })
        .collect();
    rows.sort_by_key(|(last, _)| *last);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What the plans ask of whoever accompanies the child: the first that has a day, or else all that
/// have none.
fn next_of(week: &Week, child_id: &str) -> Option<String> {
    let (_, owed) = week
        .owed
        .iter()
        .find(|(case, _)| case.child.id.as_str() == child_id)?;
    let own = || owed.iter().filter(|one| one.owed_by == Actor::Mentor);
    let is_open = |one: &&Obligation| {
        let standing = &one.due.standing;
        !matches!(
            standing,
            Standing::Met | Standing::NotNow | Standing::Paused { .. }
        )
    };
    let act = |one: &Obligation| wording::act(&week.in_force, &one.does);
    let dated = own().filter(is_open).filter(|one| one.due.due_on.is_some());
    if let Some(first) = dated.min_by_key(|one| one.due.due_on) {
        let (when, _) = wording::chip(first, week.today);
        return Some(format!("接下来：{}，{when}", act(first)));
    }
    let mut loose: Vec<String> = own().filter(is_open).map(act).collect();
    loose.dedup();
    (!loose.is_empty()).then(|| format!("接下来：{}", loose.join("、")))
}

/// 可能要搭把手: classes where children wait past the agreed time; never by teacher, by class name.
fn support(viewer: &Viewer, week: &Week) -> Vec<Support> {
    let mut classes: BTreeMap<(i64, i64, &str), BTreeMap<&str, i64>> = BTreeMap::new();
    for waiting in &week.waiting {
        let children = classes
            .entry((waiting.grade, waiting.class_number, &waiting.class_title))
            .or_default();
        let days = children.entry(waiting.child_id.as_str()).or_default();
        *days = waiting.days.max(*days);
    }
    classes
        .into_iter()
        .map(|((_, _, class), children)| Support {
            sentence: format!(
                "{class}有{}个孩子超过约定时间{}。",
                children.len(),
                for_weeks(children.values().copied().max().unwrap_or_default())
            ),
            href: format!("/gaps?class={}", words::url(class)),
            arrange: viewer
                .ever(Act::Pair)
                .then(|| format!("/pairing?class={}", words::url(class))),
        })
        .collect()
}

/// ，最久的已经两周: said from a whole week on.
fn for_weeks(days: i64) -> String {
    match days / 7 {
        0 => String::new(),
        1 => "，最久的已经一周".to_owned(),
        2 => "，最久的已经两周".to_owned(),
        weeks => format!("，最久的已经{weeks}周"),
    }
}
