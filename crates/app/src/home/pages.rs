//! The page of a child's home.

use super::answers;
use super::card::{at_home_now, away_now, home_after};
use super::forms::{
    self, COUNSELLING, LIVINGS, MARKS, REACHES, REASONS, Whereabouts, parent_word, word_of,
};
use super::lines::{self, Line};
use super::possible;
use super::store::{self, Determined};
use crate::App;
use crate::cards::store as cards;
use crate::children::api as children_api;
use crate::children::case::cases;
use crate::children::change::{self, Change, note_read};
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::ids::ChildId;
use crate::journal::Kind;
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::history::Parent;
use std::fmt::Write as _;

struct ParentView {
    code: &'static str,
    word: &'static str,
    said: String,
    now: &'static str,
    place: String,
    reach: String,
    reason: String,
    from: String,
}

struct LineView {
    what: String,
    id: String,
    title: String,
    when: String,
}

struct Choice {
    code: &'static str,
    word: &'static str,
}

fn choices(list: &[(&'static str, &'static str)]) -> Vec<Choice> {
    list.iter()
        .map(|(code, word)| Choice { code, word })
        .collect()
}

fn whereabouts() -> Vec<Choice> {
    let all = Whereabouts::ALL.iter();
    all.map(|one| Choice {
        code: one.code(),
        word: one.word(),
    })
    .collect()
}

/// What the school pays more attention to.
struct Mark {
    code: &'static str,
    word: &'static str,
    holds: bool,
}

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage<'a> {
    shell: Shell,
    child: Child,
    parents: Vec<ParentView>,
    living: String,
    living_code: String,
    lines: Vec<LineView>,
    whereabouts: Vec<Choice>,
    reaches: Vec<Choice>,
    reasons: Vec<Choice>,
    livings: Vec<Choice>,
    marks: Vec<Mark>,
    errors: Errors,
    refused: Option<Refused<'a>>,
    today: String,
    may_edit: bool,
}

/// What was sent and cannot stand: it is shown again as it was written.
#[derive(Clone, Copy)]
struct Refused<'a> {
    /// Which of the page's forms.
    form: &'static str,
    fields: &'a Fields,
}

impl HomePage<'_> {
    /// Whether this form, about this parent, was sent and cannot stand.
    fn is_refused(&self, form: &str, parent: &str) -> bool {
        self.refused
            .is_some_and(|one| one.form == form && one.fields.get("parent") == parent)
    }

    /// What stands in a field: what was written last, or else what is known.
    fn typed<'b>(&'b self, form: &(&str, &str), field: &str, known: &'b str) -> &'b str {
        let (form, parent) = *form;
        match self.refused {
            Some(one) if self.is_refused(form, parent) => one.fields.get(field),
            _ => known,
        }
    }

    /// The field that a sentence is about.
    fn place_of(&self, field: &str) -> String {
        let parent = self.refused.map_or("", |one| one.fields.get("parent"));
        match parent {
            "" => format!("{field}-living"),
            parent => format!("{field}-{parent}"),
        }
    }
}

/// `GET /children/{child_id}/home`
pub async fn home(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = home_page(&app, &viewer, &id, (Errors::default(), None)).await?;
    note_read(&app, &viewer, Kind::HomeSeen, &id).await?;
    drawn.shell.notice = match fields.get("said") {
        "moved" => Some(
            "记下了：换了地方，在外面的日子接着算。以前那一条要是记错了，在“以前和现在”里拿掉。"
                .to_owned(),
        ),
        "saved" => Some("记下了。谁算在内、该联系几次，已经重新算过。".to_owned()),
        "dropped" => Some("拿掉了，已经重新算过。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

async fn home_page<'a>(
    app: &App,
    viewer: &Viewer,
    id: &ChildId,
    (errors, refused): (Errors, Option<Refused<'a>>),
) -> Result<HomePage<'a>> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::SeeContacts, id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let lines = lines::lines(&mut conn, viewer, &child).await?;
    let held = store::marks(&mut conn, viewer, &child).await?;
    let answers = answers::answers(&mut conn, &viewer.school_id, child.id.as_str()).await?;
    drop(conn);
    let today = viewer.today();
    let mut told = Vec::with_capacity(lines.len());
    for line in &lines {
        told.push((line, lines::open_place(line, &key)?));
    }
    let mut livings = lines.iter().filter(|line| line.what == "living");
    let living = livings.find(|line| line.to_on.is_none());
    let living_code = living.map_or_else(String::new, |line| line.who.clone());
    let shell = Shell::new(app, viewer, "家里的情况", "/children");
    Ok(HomePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        parents: Parent::ALL
            .iter()
            .map(|parent| {
                let is_asked = answers.is_answered(*parent, &lines);
                parent_view(*parent, &told, (is_asked, today))
            })
            .collect(),
        living: living.map_or_else(String::new, |line| lives_with(&line.who)),
        living_code,
        lines: told
            .iter()
            .map(|(line, place)| line_view(line, place, today))
            .collect(),
        whereabouts: whereabouts(),
        reaches: choices(&REACHES),
        reasons: choices(&REASONS),
        livings: choices(&LIVINGS),
        marks: MARKS
            .iter()
            .map(|(code, word)| Mark {
                code,
                word,
                holds: held.iter().any(|one| one == code),
            })
            .collect(),
        may_edit: child.allows(viewer, Act::EditDossier),
        today: today.to_string(),
        errors,
        refused,
        child,
    })
}

fn parent_view(
    parent: Parent,
    told: &[(&Line, String)],
    (is_asked, today): (bool, Date),
) -> ParentView {
    let own = |what: &str| {
        told.iter().find(|(line, _)| {
            line.what == what && line.who == parent.code() && line.to_on.is_none()
        })
    };
    let (away, state) = (own("absence"), own("state"));
    let now = match (state, away) {
        (Some((line, _)), _) => Whereabouts::from_code(&line.word).unwrap_or(Whereabouts::Home),
        (None, Some(_)) => Whereabouts::Away,
        (None, None) => Whereabouts::Home,
    };
    let line = state.or(away).map(|(line, _)| *line);
    let from = line
        .and_then(|line| line.from_on.clone())
        .unwrap_or_default();
    let place = away.map(|(_, place)| place.clone()).unwrap_or_default();
    let mut said = now.word().to_owned();
    if now == Whereabouts::Away {
        said = match (place.is_empty(), from.parse::<Date>()) {
            (true, Ok(day)) => format!("{}出去的，还在外面", words::day(day, today)),
            (false, Ok(day)) => format!("{}去的{place}", words::day(day, today)),
            (true, Err(_)) => "在外面，哪天出去的还不知道".to_owned(),
            (false, Err(_)) => format!("在{place}，哪天去的还不知道"),
        };
        if let Some(day) = here_since(parent, told, today) {
            let _ = write!(said, "，{}回来住着", words::day(day, today));
        }
    }
    if !is_asked {
        "在不在家还没有问过".clone_into(&mut said);
    }
    ParentView {
        code: parent.code(),
        word: parent_word(parent),
        said,
        // What nobody asked is not chosen beforehand.
        now: if is_asked { now.code() } else { "" },
        place,
        reach: away.map(|(line, _)| line.word.clone()).unwrap_or_default(),
        reason: away.map_or_else(|| "work".to_owned(), |(line, _)| line.reason.clone()),
        from,
    }
}

/// Since when a parent who is away is here on a visit.
fn here_since(parent: Parent, told: &[(&Line, String)], today: Date) -> Option<Date> {
    let visits = told.iter().filter(|(line, _)| line.is_visit_of(parent));
    let mut days = visits.filter_map(|(line, _)| {
        let lasts = line
            .to_on
            .as_ref()
            .is_none_or(|to| *to >= today.to_string());
        let from: Date = line.from_on.as_ref()?.parse().ok()?;
        (lasts && from <= today).then_some(from)
    });
    days.next()
}

fn lives_with(code: &str) -> String {
    match code {
        "alone" => "自己一个人住".to_owned(),
        _ => format!("和{}一起住", word_of(&LIVINGS, code)),
    }
}

fn line_view(line: &Line, place: &str, today: Date) -> LineView {
    let who = Parent::from_code(&line.who).map_or("", parent_word);
    let title = match line.what.as_str() {
        "absence" if place.is_empty() => format!("{who}在外面"),
        "absence" => format!("{who}在{place}"),
        "stay" => format!("{who}回来住"),
        "state" => {
            let word = Whereabouts::from_code(&line.word).map_or("", Whereabouts::word);
            format!("{who}{word}")
        }
        _ => lives_with(&line.who),
    };
    let day = |text: &Option<String>| {
        text.as_deref()
            .and_then(|text| text.parse().ok())
            .map(|day: Date| words::day(day, today))
    };
    let from = day(&line.from_on)
        .or_else(|| day(&line.left_by).map(|day| format!("{day}以前")))
        .unwrap_or_else(|| "哪天起还不知道".to_owned());
    let to = day(&line.to_on).unwrap_or_else(|| "现在".to_owned());
    LineView {
        what: line.what.clone(),
        id: line.id.clone(),
        title,
        when: format!("{from}—{to}"),
    }
}

/// A line of the history in one sentence.
pub fn history_line(line: &Line, place: &str, today: Date) -> String {
    let view = line_view(line, place, today);
    format!("{}，{}", view.title, view.when)
}

/// One change about a child's home; the child is determined anew with it.
pub async fn change<F>(
    app: &App,
    viewer: &Viewer,
    (child_id, fields): (&ChildId, &Fields),
    write: F,
) -> Result<()>
where
    F: AsyncFnOnce(&mut Conn, &Child) -> Result<()>,
{
    let one = Change {
        act: Act::EditDossier,
        kind: Kind::HomeChanged,
        child_id,
        fields,
    };
    change::change(app, viewer, &one, async |tx, child| {
        write(tx, child).await?;
        determine_these(app, tx, viewer, std::slice::from_ref(child)).await?;
        Ok(())
    })
    .await
}

fn saved(id: &ChildId, said: &str) -> Response {
    see_other(&format!("/children/{id}/home?said={said}"))
}

/// Within the change, so that the same tap twice is still one.
fn fits(errors: &Errors) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Failure::Asked(errors.sentence()))
}

/// What speaks against it is said above the lines that it names.
async fn settled(
    (app, viewer, id): (&App, &Viewer, &ChildId),
    sent: Refused<'_>,
    (done, against, said): (Result<()>, Errors, &str),
) -> Result<Response> {
    if !against.is_empty() {
        return again(app, viewer, id, (against, sent)).await;
    }
    done?;
    Ok(saved(id, said))
}

async fn again(
    app: &App,
    viewer: &Viewer,
    id: &ChildId,
    (errors, sent): (Errors, Refused<'_>),
) -> Result<Response> {
    web::unprocessable(&home_page(app, viewer, id, (errors, Some(sent))).await?)
}

/// `POST /children/{child_id}/home/parent`
pub async fn parent(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let sent = Refused {
        form: "parent",
        fields: &fields,
    };
    let told = match forms::parent(&fields, viewer.today()) {
        Ok(told) => told,
        Err(errors) => return again(&app, &viewer, &id, (errors, sent)).await,
    };
    let (mut said, mut against) = ("saved", Errors::default());
    let done = change(&app, &viewer, (&id, &fields), async |tx, child| {
        let lines = lines::lines(tx, &viewer, child).await?;
        against = possible::parent(&lines, child, &told, viewer.today());
        fits(&against)?;
        if possible::moves(&lines, &told) {
            said = "moved";
        }
        let key = children::key(tx, &viewer, child).await?;
        store::put_parent(tx, &viewer, child, (&key, &told)).await?;
        let card = (child, &key);
        let place = match told.now {
            Whereabouts::Away if told.place.is_some() => told.place.as_deref(),
            Whereabouts::Away => away_now(tx, &viewer, card, told.parent).await?,
            Whereabouts::Home => at_home_now(tx, &viewer, card, (told.parent, &lines)).await?,
            Whereabouts::Incapable
            | Whereabouts::Dead
            | Whereabouts::Missing
            | Whereabouts::Imprisoned => None,
        };
        if let Some(place) = place {
            let of = (told.parent.code(), place);
            cards::works_at(tx, &viewer, (child, &key), of).await?;
        }
        Ok(())
    })
    .await;
    settled((&app, &viewer, &id), sent, (done, against, said)).await
}

/// `POST /children/{child_id}/home/stay`
pub async fn stay(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let sent = Refused {
        form: "stay",
        fields: &fields,
    };
    let told = match forms::stay(&fields, viewer.today()) {
        Ok(told) => told,
        Err(errors) => return again(&app, &viewer, &id, (errors, sent)).await,
    };
    let mut against = Errors::default();
    let done = change(&app, &viewer, (&id, &fields), async |tx, child| {
        let lines = lines::lines(tx, &viewer, child).await?;
        against = possible::stay(&lines, &told, viewer.today());
        fits(&against)?;
        store::put_stay(tx, &viewer, child, &told).await
    })
    .await;
    settled((&app, &viewer, &id), sent, (done, against, "saved")).await
}

/// `POST /children/{child_id}/home/living`
pub async fn living(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let sent = Refused {
        form: "living",
        fields: &fields,
    };
    let mut told = match forms::living(&fields, viewer.today()) {
        Ok(told) => told,
        Err(errors) => return again(&app, &viewer, &id, (errors, sent)).await,
    };
    let mut against = Errors::default();
    let done = change(&app, &viewer, (&id, &fields), async |tx, child| {
        let lines = lines::lines(tx, &viewer, child).await?;
        against = possible::living(&lines, &mut told, viewer.today());
        fits(&against)?;
        store::put_living(tx, &viewer, child, &told).await
    })
    .await;
    settled((&app, &viewer, &id), sent, (done, against, "saved")).await
}

/// `POST /children/{child_id}/home/marks`
pub async fn marks(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let all: Vec<&str> = MARKS.iter().map(|(code, _)| *code).collect();
    let wanted: Vec<&str> = fields.all("mark").collect();
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        store::put_marks(tx, &viewer, child, (&all, &wanted)).await
    })
    .await?;
    Ok(saved(&id, "saved"))
}

/// `POST /children/{child_id}/home/counselling`: the counsellor is there for the child from now on, or
/// no longer.
pub async fn counselling(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let one = Change {
        act: Act::ReadCounselling,
        kind: Kind::HomeChanged,
        child_id: &id,
        fields: &fields,
    };
    let wanted: &[&str] = match fields.get("do") {
        "begin" => &[COUNSELLING],
        _ => &[],
    };
    change::change(&app, &viewer, &one, async |tx, child| {
        if child.has_left(viewer.today()) {
            return Err(Failure::Asked(children::HAS_LEFT.to_owned()));
        }
        store::put_marks(tx, &viewer, child, (&[COUNSELLING], wanted)).await?;
        determine_these(&app, tx, &viewer, std::slice::from_ref(child)).await?;
        Ok(())
    })
    .await?;
    Ok(see_other(&format!("/children/{id}?said=counselling")))
}

/// `POST /children/{child_id}/home/drop`
pub async fn drop_line(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    change(&app, &viewer, (&id, &fields), async |tx, child| {
        let asked = (fields.get("what"), fields.get("line"));
        let dropped = store::drop_line(tx, &viewer, child, asked).await?;
        let Some(line) = dropped.filter(|line| line.what == "absence") else {
            return Ok(());
        };
        // The card got this place with the line, and goes back with it.
        let key = children::key(tx, &viewer, child).await?;
        let place = lines::open_place(&line, &key)?;
        let of = (line.who.as_str(), place.as_str());
        cards::worked_at(tx, &viewer, (child, &key), of).await?;
        home_after(tx, &viewer, (child, &key), &line).await
    })
    .await?;
    Ok(saved(&id, "dropped"))
}

/// Determines children as of today and keeps each answer with its rule, version and reason.
pub async fn determine_these(
    app: &App,
    tx: &mut Conn,
    viewer: &Viewer,
    some: &[Child],
) -> Result<usize> {
    let today = viewer.today();
    let in_force = crate::adoptions::store::in_force(app, tx, &viewer.school_id, today).await?;
    let found = cases(tx, &viewer.school_id, &in_force, some, today).await?;
    for case in &found {
        for (policy, verdict) in &case.case.counted {
            let (_, _, why) = children_api::verdict_words(verdict);
            let one = Determined {
                child_id: case.child.id.as_str(),
                policy,
                result: children_api::verdict_code(verdict),
                why: &why,
            };
            store::keep_determination(tx, viewer, &one).await?;
        }
    }
    Ok(found.len())
}
