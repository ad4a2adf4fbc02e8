//! 打印中心 on screen: which form, for whom, as what.

use super::collect::{Wanted, Whom, order, printable};
use super::compose::paper;
use super::jobs::begin;
use super::release::{Asked, make};
use super::releases::{form_title, released};
use super::sheets::Filling;
use super::{CARD, CARD_SHEET, Output, Purpose, WHOLE};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::ChildId;
use crate::packs::FormKind;
use crate::web::{Failure, Fields, Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use press::{Block, Paper};
use rules::access::Act;

struct Choice {
    code: String,
    title: String,
    chosen: bool,
}

struct Group {
    title: String,
    forms: Vec<Choice>,
}

struct Waiting {
    href: String,
    title: String,
    said: String,
}

fn waiting(app: &App, viewer: &Viewer) -> Vec<Waiting> {
    let own = app.memory.prints.of(&viewer.staff_id).into_iter();
    own.map(|(name, job)| Waiting {
        href: format!("/print/jobs/{name}"),
        title: job.title.clone(),
        said: format!(
            "{}，{}，{}，{}",
            job.whom,
            job.output.title(),
            crate::clock::time_of(&job.asked_at).unwrap_or_default(),
            job.said()
        ),
    })
    .collect()
}

struct Past {
    form: String,
    /// What the form is called.
    name: String,
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "paper/choose.html")]
struct ChoosePage {
    shell: Shell,
    groups: Vec<Group>,
    /// How the form looks that was asked for.
    preview: Option<Paper>,
    classes: Vec<Choice>,
    /// The children of one class, to pick some of them.
    picks: Vec<Choice>,
    /// One child, named by the page that led here.
    child: Option<(ChildId, String)>,
    outputs: Vec<Choice>,
    /// Whether there is PDF among them.
    sets_type: bool,
    purposes: Vec<Choice>,
    /// Whether a form in force may be printed without names, and whether that is asked for.
    nameless: Option<bool>,
    past: Vec<Past>,
    /// Prints that are being made or wait to be fetched.
    jobs: Vec<Waiting>,
    /// Forms that may come back from Excel and Word, by their addresses.
    back: Vec<Choice>,
}

/// More names than one looks at are no help.
const MOST_RECENT: usize = 5;

/// The forms by the plans that ask for them, behind those that this teacher printed last.
fn groups(in_force: &InForce, wanted: &str, past: &[Past]) -> Vec<Group> {
    let mut wanted = Some(if wanted.is_empty() { CARD } else { wanted });
    let mut choice = |code: &str, title: &str| Choice {
        code: code.to_owned(),
        title: title.to_owned(),
        // A form that stands in two groups is chosen in the first.
        chosen: wanted.take_if(|own| *own == code).is_some(),
    };
    let all: Vec<_> = printable(in_force)
        .into_iter()
        .filter(|form| form.id != CARD)
        .collect();
    let mut recent: Vec<&Past> = Vec::new();
    for one in past {
        let is_form = all.iter().any(|form| form.id == one.form);
        if is_form && recent.len() < MOST_RECENT && recent.iter().all(|own| own.form != one.form) {
            recent.push(one);
        }
    }
    let mut first = vec![
        choice(CARD, "家校联系卡，一页四张"),
        choice(CARD_SHEET, "家校联系卡，一人一页，每一项都有"),
        choice(WHOLE, "整本档案，带目录"),
    ];
    first.extend(recent.iter().map(|one| choice(&one.form, &one.name)));
    let mut found = vec![Group {
        title: "常用的".to_owned(),
        forms: first,
    }];
    for pack in &in_force.packs {
        let own = all.iter().filter(|form| form.pack == pack.head.id);
        found.push(Group {
            title: pack.head.title.clone(),
            forms: own.map(|form| choice(&form.id, &form.title)).collect(),
        });
    }
    found
}

fn comes_back(in_force: &InForce, viewer: &Viewer) -> Vec<Choice> {
    let all = printable(in_force).into_iter();
    let typed = |form: &crate::packs::Form| form.fields.iter().any(|field| field.from.is_none());
    let may = |kind| match kind {
        FormKind::Dossier => viewer.ever(Act::EditDossier),
        FormKind::Record => viewer.ever(Act::WriteRecord),
        // A register has its own page.
        FormKind::Register => false,
    };
    all.filter(|form| may(form.kind) && typed(form))
        .map(|form| Choice {
            code: format!("{}/{}/back", crate::back::base(form.kind), form.id),
            title: form.title,
            chosen: false,
        })
        .collect()
}

fn classes(all: &[Child], wanted: &str) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for child in all {
        let title = child.class_title();
        if found.last().is_none_or(|last| last.code != title) {
            found.push(Choice {
                chosen: title == wanted,
                code: title.clone(),
                title,
            });
        }
    }
    found
}

/// Those who are picked already, and the children of the class from which more are picked.
fn picks(all: &[Child], fields: &Fields) -> Vec<Choice> {
    let Some(class) = fields.opt("pick_from") else {
        return Vec::new();
    };
    let picked: Vec<&str> = fields.all("pick").collect();
    let is_picked = |child: &Child| picked.contains(&child.id.as_str());
    let own = |child: &&Child| child.class_title() == class || is_picked(child);
    let mut found: Vec<&Child> = all.iter().filter(own).collect();
    found.sort_by_key(|child| !is_picked(child));
    let choice = |child: &Child| Choice {
        code: child.id.to_string(),
        title: if child.class_title() == class {
            child.name.clone()
        } else {
            format!("{}，{}", child.name, child.class_title())
        },
        chosen: is_picked(child),
    };
    found.into_iter().map(choice).collect()
}

/// The words of a list to choose from; the first is chosen to begin with.
fn choices<T: Copy>(
    all: &[T],
    code: fn(T) -> &'static str,
    title: fn(T) -> &'static str,
) -> Vec<Choice> {
    let words = all.iter().enumerate();
    words
        .map(|(at, one)| Choice {
            code: code(*one).to_owned(),
            title: title(*one).to_owned(),
            chosen: at == 0,
        })
        .collect()
}

/// `GET /print?form=&child=&pick_from=`
pub async fn choose(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let all = children::all_visible(&app, &mut conn, &viewer, Act::PrintCards).await?;
    let past = past(&mut conn, &viewer, &in_force).await?;
    drop(conn);
    let picks = picks(&children::told_apart(&viewer, &all), &fields);
    let child: Option<ChildId> = fields.opt("child").and_then(|id| id.parse().ok());
    let child = match child {
        Some(id) => {
            let mut conn = app.db.read().await?;
            let found = children::visible(&mut conn, &viewer, Act::PrintCards, &id).await;
            found.ok().map(|child| (id, child.name))
        }
        None => None,
    };
    page(&ChoosePage {
        shell: Shell::new(&app, &viewer, "打印中心", "/office"),
        groups: groups(&in_force, fields.get("form"), &past),
        preview: preview_of(&app, &viewer, fields.get("form")).await?,
        classes: classes(&all, fields.get("class")),
        picks,
        child,
        sets_type: press::SETS_TYPE,
        outputs: choices(&Output::offered(), Output::code, Output::title),
        purposes: purposes(fields.get("purpose")),
        nameless: in_force
            .forms
            .iter()
            .any(|form| form.nameless)
            .then(|| fields.has("nameless", "1")),
        jobs: waiting(&app, &viewer),
        past,
        back: comes_back(&in_force, &viewer),
    })
}

/// The wanted one is chosen, or else the first.
fn purposes(wanted: &str) -> Vec<Choice> {
    let mut all = choices(Purpose::ALL, Purpose::code, Purpose::title);
    if all.iter().any(|one| one.code == wanted) {
        for one in &mut all {
            one.chosen = one.code == wanted;
        }
    }
    all
}

#[derive(Template)]
#[template(path = "paper/preview.html")]
struct PreviewPart {
    preview: Option<Paper>,
}

/// The form as it lies on A4, blank: nothing of a child, so no release.
async fn preview_of(app: &App, viewer: &Viewer, form: &str) -> Result<Option<Paper>> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let all = children::all_visible(app, &mut conn, viewer, Act::PrintCards).await?;
    drop(conn);
    let is_form = printable(&in_force).iter().any(|own| own.id == form) && form != CARD;
    let Some(child) = all.first().filter(|_| is_form) else {
        return Ok(None);
    };
    let whom = Whom::One(child.id.clone());
    let wanted = Wanted {
        form,
        whom: &whom,
        filling: Filling::Blank,
        output: Output::Html,
        purpose: Purpose::Checking,
        stands_alone: false,
    };
    let order = order(app, viewer, (wanted, None)).await?;
    let nobody = |_: &str| (String::new(), String::new());
    Ok(Some(paper(
        &order,
        viewer,
        (form, (Filling::Blank, Purpose::Checking), Output::Html),
        &nobody,
    )))
}

/// `GET /print/preview?form=`
pub async fn preview(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    page(&PreviewPart {
        preview: preview_of(&app, &viewer, fields.get("form")).await?,
    })
}

/// As many of one's own stand on the page.
const OWN_PAST: i64 = 8;

async fn past(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    in_force: &InForce,
) -> Result<Vec<Past>> {
    let asked = (viewer.staff_id.as_str(), "", OWN_PAST);
    let found = released(conn, viewer, asked).await?;
    let past = found.iter().map(|one| Past {
        title: one.title(in_force),
        form: one.form().to_owned(),
        name: one.name(in_force).to_owned(),
        said: one.said(viewer.today()),
    });
    Ok(past.collect())
}

fn whom(fields: &Fields) -> Result<Whom> {
    match fields.get("whom") {
        "child" => {
            let id = fields.get("child").parse();
            id.map(Whom::One).map_err(|_| Failure::NotThere)
        }
        "some" => {
            let ids = fields.all("pick").map(str::parse);
            let ids: std::result::Result<Vec<ChildId>, _> = ids.collect();
            match ids {
                Ok(ids) if ids.is_empty() => Err(Failure::Asked(
                    "还没有点要打印的孩子。请回去点上再按一次。".to_owned(),
                )),
                Ok(ids) => Ok(Whom::Some(ids)),
                Err(_) => Err(Failure::NotThere),
            }
        }
        "all" => Ok(Whom::All),
        "class" => Ok(Whom::Class(fields.get("class").to_owned())),
        _ => Err(Failure::Asked(
            "请选给谁打印：一个孩子、几个孩子、一个班或全校。".to_owned(),
        )),
    }
}

fn filling(fields: &Fields) -> Filling {
    if fields.has("blank", "1") {
        Filling::Blank
    } else if fields.has("nameless", "1") {
        Filling::Nameless
    } else {
        Filling::Known
    }
}

/// `POST /print`: the file, registered before it is handed over.
pub async fn print(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let output = Output::from_code(fields.get("as"))
        .ok_or_else(|| Failure::Asked("请选要PDF、Word、Excel还是网页。".to_owned()))?;
    let asked = Asked {
        form: fields.get("form").to_owned(),
        whom: whom(&fields)?,
        output,
        filling: filling(&fields),
        purpose: Purpose::from_code(fields.opt("purpose").unwrap_or("filing"))
            .ok_or_else(|| Failure::Asked("请选这一份用来做什么。".to_owned()))?,
        stands_alone: false,
    };
    if fields.has("later", "1") && takes_long(&asked) {
        let mut conn = app.db.read().await?;
        let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
        let title = form_title(&in_force, &asked.form).to_owned();
        return Ok(begin(&app, &viewer, title, asked));
    }
    let made = make(&app, &viewer, &asked).await?;
    let name = {
        let mut conn = app.db.read().await?;
        let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
        form_title(&in_force, &asked.form).to_owned()
    };
    handed_over(made.bytes, (&asked.form, &name, output), viewer.today())
}

/// What is for more than one child is made beside the other work; a page opens at once.
fn takes_long(asked: &Asked) -> bool {
    asked.output != Output::Html && !matches!(asked.whom, Whom::One(_))
}

/// The file as an answer.
pub fn handed_over(
    bytes: Vec<u8>,
    (form, title, output): (&str, &str, Output),
    today: Date,
) -> Result<Response> {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(output.media_type()),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if output != Output::Html {
        // The name says the form and the day, never a child; who knows no Chinese names gets the other.
        let said = format!(
            "{title}_{:02}{:02}.{}",
            today.month(),
            today.day(),
            output.code()
        );
        let name = format!(
            "attachment; filename=\"{form}-{today}.{}\"; filename*=UTF-8''{}",
            output.code(),
            words::url(&said)
        );
        let name =
            HeaderValue::from_str(&name).map_err(|error| Failure::Ours(error.to_string()))?;
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
