//! Cards on paper: four to an A4 page, or one big for the grandparents' wall.

use super::copies;
use crate::App;
use crate::children::store as children;
use crate::children::store::Child;
use crate::dossier::known::{BETWEEN, NONE};
use crate::dossier::known::{Facts, facts};
use crate::ids::{ChildId, OperationId};
use crate::journal::{Entry, Kind};
use crate::packs::Known;
use crate::paper::card::size;
use crate::paper::release::{Left, released};
use crate::paper::{CARD, Purpose};
use crate::school;
use crate::web::{Failure, Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

struct ClassChoice {
    id: String,
    title: String,
    children: usize,
    /// Cards that are not on paper as they are now.
    changed: Vec<Changed>,
}

/// A child whose card on paper is not as it is now.
struct Changed {
    href: String,
    name: String,
}

impl ClassChoice {
    /// A class that was never printed has no old cards.
    fn has_old_cards(&self) -> bool {
        !self.changed.is_empty() && self.changed.len() < self.children
    }

    fn said(&self) -> String {
        let pages = self.children.div_ceil(ON_A_PAGE);
        let changed = match self.changed.len() {
            0 => "，都没变".to_owned(),
            all if all == self.children => String::new(),
            some => format!("，有变动的{some}张"),
        };
        format!("{}，{}张，印{pages}页{changed}", self.title, self.children)
    }
}

#[derive(Template)]
#[template(path = "cards/choose.html")]
struct ChoosePage {
    shell: Shell,
    classes: Vec<ClassChoice>,
}

/// `GET /print/cards`
pub async fn choose(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let children = children::all_visible(&app, &mut conn, &viewer, Act::PrintCards).await?;
    let changed = copies::not_on_paper(&mut conn, &viewer, &children).await?;
    let mut classes: Vec<ClassChoice> = Vec::new();
    for child in children.iter() {
        let id = child.class_id.to_string();
        if classes.last().is_none_or(|class| class.id != id) {
            classes.push(ClassChoice {
                title: child.class_title(),
                id,
                children: 0,
                changed: Vec::new(),
            });
        }
        if let Some(class) = classes.last_mut() {
            class.children += 1;
            if changed.contains(child.id.as_str()) {
                class.changed.push(Changed {
                    href: format!("/children/{}/card", child.id),
                    name: child.name.clone(),
                });
            }
        }
    }
    page(&ChoosePage {
        shell: Shell::new(&app, &viewer, "打印联系卡", "/office"),
        classes,
    })
}

struct Card {
    child: Child,
    sex: String,
    born: String,
    residence: String,
    address: String,
    father: Person,
    mother: Person,
    carer: Person,
    carer_age: String,
}

/// In lines of text.
const HEALTH_ROW: usize = 4;

impl Card {
    /// Set smaller, so that it keeps to its quarter of the page.
    fn size(&self, with_health: bool) -> &'static str {
        let wide: [&str; 5] = [
            &self.address,
            &self.father.work,
            &self.mother.work,
            &self.carer.address,
            if with_health { &self.carer.health } else { "" },
        ];
        let names = [
            &self.child.name,
            &self.father.name,
            &self.mother.name,
            &self.carer.name,
        ];
        let all = [&self.father, &self.mother, &self.carer];
        let others = all.iter().filter(|one| one.phones().count() > 1).count();
        // A card without the row of the carer's health has room for three lines more.
        let row = if with_health { HEALTH_ROW } else { 1 };
        size(
            wide.into_iter(),
            names.into_iter().map(String::as_str),
            others + row,
        )
    }

    /// 五（2）班（住校）
    fn class(&self) -> String {
        let class = self.child.class_title();
        match self.residence.as_str() {
            "" => class,
            residence => format!("{class}（{residence}）"),
        }
    }
}

struct Person {
    name: String,
    phone: String,
    work: String,
    word: String,
    health: String,
    occupation: String,
    address: String,
}

impl Person {
    /// One below the other on a card.
    fn phones(&self) -> impl Iterator<Item = &str> {
        let own = self.phone.split(BETWEEN);
        own.filter(|one| !one.is_empty())
    }

    /// Nobody can stand there.
    fn is_nobody(&self) -> bool {
        self.name == NONE
    }

    fn with_word(&self) -> String {
        crate::paper::card::with_word(&self.name, &self.word)
    }
}

#[derive(Template)]
#[template(path = "cards/print.html")]
struct PrintPage {
    css: &'static str,
    js: &'static str,
    school: String,
    /// The teacher's name and number; ruled lines where there is none.
    teacher: String,
    teacher_phone: String,
    by: String,
    today: String,
    big: bool,
    with_work: bool,
    with_health: bool,
    sheets: Vec<Vec<Card>>,
    count: usize,
}

const ON_A_PAGE: usize = 4;

/// `POST /print/cards`: the release is written down before the page is shown.
pub async fn print(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let class_id = fields.get("class").to_owned();
    let mut conn = app.db.read().await?;
    let all = children::all_visible(&app, &mut conn, &viewer, Act::PrintCards).await?;
    let of_class = |child: &&Child| child.class_id.as_str() == class_id;
    let mut class: Vec<Child> = all.iter().filter(of_class).cloned().collect();
    if class.is_empty() {
        return Err(Failure::Asked("请选一个班再打印。".to_owned()));
    }
    if fields.get("range") == "changed" {
        let changed = copies::not_on_paper(&mut conn, &viewer, &class).await?;
        class.retain(|child| changed.contains(child.id.as_str()));
    }
    if class.is_empty() {
        return Err(Failure::Asked(
            "上次打印以后，这个班的联系卡没有变动，不用再印。".to_owned(),
        ));
    }
    let mut cards = Vec::with_capacity(class.len());
    for child in class {
        let key = children::key(&mut conn, &viewer, &child).await?;
        let facts = facts(&mut conn, &viewer, &child, &key).await?;
        cards.push(card(child, &facts));
    }
    let teachers =
        school::store::homeroom_teachers(&mut conn, &viewer.school_id, viewer.today()).await?;
    drop(conn);
    let mut tx = app.db.write(&viewer.school_id).await?;
    let ids: Vec<ChildId> = cards.iter().map(|card| card.child.id.clone()).collect();
    let printed = (class_id.as_str(), ids.as_slice(), Purpose::Family);
    register(&mut tx, &viewer, printed).await?;
    tx.commit().await?;
    let big = fields.get("size") == "big";
    let teacher = teachers.iter().find(|one| one.scope_id == class_id);
    let phone = match teacher {
        Some(teacher) => teacher.phone(&viewer.school_key)?,
        None => None,
    };
    page(&PrintPage {
        css: crate::web::assets::CSS_PATH.as_str(),
        js: crate::web::assets::JS_PATH.as_str(),
        school: viewer.school_name.clone(),
        teacher: teacher
            .map(|one| words::teacher(&one.name))
            .unwrap_or_default(),
        teacher_phone: grouped(phone.as_deref()),
        by: viewer.name.clone(),
        today: words::full_day(viewer.today()),
        with_work: fields.has("with", "work"),
        with_health: fields.has("with", "health"),
        count: cards.len(),
        sheets: sheets(cards, if big { 1 } else { ON_A_PAGE }),
        big,
    })
}

fn sheets(mut cards: Vec<Card>, on_a_page: usize) -> Vec<Vec<Card>> {
    let mut sheets = Vec::new();
    while !cards.is_empty() {
        let rest = cards.split_off(cards.len().min(on_a_page));
        sheets.push(std::mem::replace(&mut cards, rest));
    }
    sheets
}

fn card(child: Child, facts: &Facts) -> Card {
    let known = |fact| facts.on_paper(fact);
    let parent = |name, phone, work: [Known; 2]| Person {
        name: known(name),
        phone: known(phone),
        work: joined(work.map(known)),
        word: String::new(),
        health: String::new(),
        occupation: String::new(),
        address: String::new(),
    };
    Card {
        sex: known(Known::Sex),
        born: known(Known::BornOn),
        residence: known(Known::Boarding),
        address: known(Known::Address),
        father: parent(
            Known::FatherName,
            Known::FatherPhone,
            [Known::FatherWork, Known::FatherEmployerPhone],
        ),
        mother: parent(
            Known::MotherName,
            Known::MotherPhone,
            [Known::MotherWork, Known::MotherEmployerPhone],
        ),
        carer: Person {
            name: known(Known::CarerName),
            phone: known(Known::CarerPhone),
            work: String::new(),
            word: known(Known::CarerKinship),
            health: known(Known::CarerHealth),
            occupation: known(Known::CarerOccupation),
            address: known(Known::CarerAddress),
        },
        carer_age: known(Known::CarerAge),
        child,
    }
}

/// Where a parent works and the number there.
pub fn joined([one, other]: [String; 2]) -> String {
    let is_said_twice = one == other;
    let said = [one, other].into_iter().filter(|one| !one.is_empty());
    let said = said.take(if is_said_twice { 1 } else { 2 });
    said.collect::<Vec<_>>().join("，")
}

fn grouped(phone: Option<&str>) -> String {
    phone
        .and_then(|phone| rules::identity::Phone::parse(phone).ok())
        .map(|phone| phone.grouped())
        .unwrap_or_default()
}

/// A print of a class's cards: what hangs on the wall from now on.
pub async fn register(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    (class_id, children, purpose): (&str, &[ChildId], Purpose),
) -> Result<()> {
    let operation = OperationId::new();
    released(
        tx,
        viewer,
        &Left {
            template: CARD,
            subject: class_id,
            count: children.len(),
            purpose,
        },
        &Entry {
            operation: &operation,
            kind: Kind::CardsPrinted,
            subject_kind: "class",
            subject_id: class_id,
            payload: &children.len().to_string(),
            result: "",
        },
    )
    .await?;
    copies::note(tx, viewer, &operation, (children, purpose)).await
}
