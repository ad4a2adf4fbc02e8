//! What leaves on paper or as a file: made, registered, then handed over.

use super::collect::{Order, Wanted, Whom, order};
use super::compose::paper;
use super::jobs::Job;
use super::sheets::{Filling, foot};
use super::{CARD, CARD_SHEET, Output, Purpose, excel, word};
use crate::App;
use crate::cards::copies;
use crate::db;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::school::store as school;
use crate::web::{Failure, Result, Viewer, words};
use askama::Template;
use press::{Block, Paper};
use std::collections::BTreeMap;

/// What is asked for.
pub struct Asked {
    pub form: String,
    pub whom: Whom,
    pub output: Output,
    pub filling: Filling,
    pub purpose: Purpose,
    /// Opened from a disk, without this program behind it.
    pub stands_alone: bool,
}

pub struct Made {
    pub bytes: Vec<u8>,
    pub children: Vec<ChildId>,
}

#[derive(Template)]
#[template(path = "paper/print.html")]
struct PrintPage {
    css: &'static str,
    js: &'static str,
    /// The whole style, where no program answers for it.
    style: Option<&'static str>,
    paper: Paper,
    today: String,
}

/// Makes the file, with its release written down first: without the entry, no file.
pub async fn make(app: &App, viewer: &Viewer, asked: &Asked) -> Result<Made> {
    make_with(app, viewer, asked, None).await
}

/// The same, telling how far it is and asking whether it is still wanted.
pub async fn make_with(
    app: &App,
    viewer: &Viewer,
    asked: &Asked,
    job: Option<&Job>,
) -> Result<Made> {
    if !Output::offered().contains(&asked.output) {
        return Err(Failure::Asked(
            "这一版没有带PDF，请选网页（可以直接打印）或Word。要PDF，请装完整的一版。".to_owned(),
        ));
    }
    let wanted = Wanted {
        form: &asked.form,
        whom: &asked.whom,
        filling: asked.filling,
        output: asked.output,
        purpose: asked.purpose,
        stands_alone: asked.stands_alone,
    };
    let order = order(app, viewer, (wanted, job)).await?;
    let own = order
        .subjects
        .iter()
        .map(|subject| subject.child.id.clone());
    let children: Vec<ChildId> = own.collect();
    let classes = match order.forms.as_slice() {
        [form] if form.is_about_nobody() => BTreeMap::new(),
        _ => classes(&order),
    };
    if let Some(job) = job {
        job.set()?;
    }
    let bytes = rendered(app, viewer, asked, order).await?;
    if let Some(job) = job {
        job.wanted()?;
    }
    register(app, viewer, asked, &classes).await?;
    Ok(Made { bytes, children })
}

async fn rendered(app: &App, viewer: &Viewer, asked: &Asked, order: Order) -> Result<Vec<u8>> {
    if asked.output == Output::Xlsx && asked.filling == Filling::Nameless {
        return Err(Failure::Asked("去掉姓名的请选PDF、Word或网页。".to_owned()));
    }
    if asked.output == Output::Xlsx {
        if asked.form == CARD && order.forms.is_empty() {
            return Err(Failure::Asked(
                "联系卡印成卡片，请选PDF；要Excel登记表，请先用上有联系卡的约定。".to_owned(),
            ));
        }
        let (foot, today) = (foot(viewer, asked.filling, asked.purpose), viewer.today());
        let book = move || excel::book(&order, &foot, today).map_err(|error| error.to_string());
        return away(book).await;
    }
    let teachers = {
        let mut conn = app.db.read().await?;
        let all = school::homeroom_teachers(&mut conn, &viewer.school_id, viewer.today()).await?;
        let mut found = Vec::with_capacity(all.len());
        for one in all {
            let phone = one.phone(&viewer.school_key)?.unwrap_or_default();
            let spoken = rules::identity::Phone::parse(&phone).map(|one| one.grouped());
            let named = words::teacher(&one.name);
            found.push((one.scope_id, (named, spoken.unwrap_or(phone))));
        }
        found
    };
    let teacher = |class: &str| {
        let own = teachers.iter().find(|(id, _)| id == class);
        own.map(|(_, one)| one.clone()).unwrap_or_default()
    };
    let mut paper = paper(
        &order,
        viewer,
        (&asked.form, (asked.filling, asked.purpose), asked.output),
        &teacher,
    );
    drop(order);
    if paper.sheets.is_empty() && paper.cards.is_empty() {
        return Err(Failure::Asked(
            "这张表还没有写过。要留着手写的，请选“空白表”。".to_owned(),
        ));
    }
    match asked.output {
        Output::Pdf => away(move || press::pdf(paper).map_err(|error| error.to_string())).await,
        Output::Docx => away(move || word::file(&paper)).await,
        Output::Html => {
            paper.contents = None;
            let page = PrintPage {
                css: crate::web::assets::CSS_PATH.as_str(),
                js: crate::web::assets::JS_PATH.as_str(),
                style: asked.stands_alone.then_some(crate::web::assets::CSS),
                today: words::full_day(viewer.today()),
                paper,
            };
            let text = page.render().map_err(Failure::template)?;
            Ok(text.into_bytes())
        }
        Output::Xlsx => Err(Failure::Ours("an Excel sheet was made above".to_owned())),
    }
}

/// Setting type takes a core for seconds: other requests go on meanwhile.
async fn away<F>(work: F) -> Result<Vec<u8>>
where
    F: FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Failure::Ours(format!("printing: {error}")))?
        .map_err(|error| Failure::Ours(format!("printing: {error}")))
}

fn subject(whom: &Whom) -> String {
    match whom {
        Whom::One(child) => child.to_string(),
        Whom::Some(children) => {
            let ids: Vec<&str> = children.iter().map(ChildId::as_str).collect();
            ids.join(",")
        }
        Whom::Class(title) => title.clone(),
        Whom::All => "all".to_owned(),
    }
}

/// The classes that are printed, each with its children.
fn classes(order: &Order) -> BTreeMap<String, Vec<ChildId>> {
    let mut found: BTreeMap<String, Vec<ChildId>> = BTreeMap::new();
    for subject in &order.subjects {
        let class = found.entry(subject.child.class_id.to_string());
        class.or_default().push(subject.child.id.clone());
    }
    found
}

async fn register(
    app: &App,
    viewer: &Viewer,
    asked: &Asked,
    classes: &BTreeMap<String, Vec<ChildId>>,
) -> Result<()> {
    let operation = OperationId::new();
    let mut tx = app.db.write(&viewer.school_id).await?;
    // What is on paper of a class's cards is known by the class, whichever page printed them.
    let is_paper = match asked.output {
        Output::Pdf => true,
        // Without the press the page is what is printed.
        Output::Html => !press::SETS_TYPE,
        Output::Docx | Output::Xlsx => false,
    };
    let is_known = asked.filling == Filling::Known;
    let is_copy = is_paper && is_known && matches!(&*asked.form, CARD | CARD_SHEET);
    if is_copy && asked.form == CARD && matches!(asked.whom, Whom::Class(_) | Whom::All) {
        for (class, children) in classes {
            let printed = (class.as_str(), children.as_slice(), asked.purpose);
            crate::cards::print::register(&mut tx, viewer, printed).await?;
        }
        tx.commit().await?;
        return Ok(());
    }
    let template = match asked.filling {
        // No copy of what is known.
        Filling::Blank => format!("{}.blank.{}", asked.form, asked.output.code()),
        Filling::Known | Filling::Nameless => format!("{}.{}", asked.form, asked.output.code()),
    };
    let subject = subject(&asked.whom);
    let children: Vec<ChildId> = classes.values().flatten().cloned().collect();
    released(
        &mut tx,
        viewer,
        &Left {
            template: &template,
            subject: &subject,
            count: children.len(),
            purpose: asked.purpose,
        },
        &Entry {
            operation: &operation,
            kind: Kind::Printed,
            subject_kind: "form",
            subject_id: &asked.form,
            payload: &format!("{} {subject} {}", asked.output.code(), asked.purpose.code()),
            result: &children.len().to_string(),
        },
    )
    .await?;
    if is_copy {
        copies::note(&mut tx, viewer, &operation, (&children, asked.purpose)).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What left on paper or as a file: what, about whom, how many children, and what for.
pub struct Left<'a> {
    pub template: &'a str,
    pub subject: &'a str,
    pub count: usize,
    pub purpose: Purpose,
}

/// Its line, with its journal entry.
pub async fn released(
    tx: &mut db::Conn,
    viewer: &Viewer,
    left: &Left<'_>,
    entry: &Entry<'_>,
) -> Result<()> {
    db::query(
        "insert into release (school_id, id, template, subject, count, by_staff, made_at, purpose)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(viewer.school_id.as_str())
    .bind(entry.operation.as_str())
    .bind(left.template)
    .bind(left.subject)
    .bind(i64::try_from(left.count).unwrap_or(i64::MAX))
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .bind(left.purpose.code())
    .execute(&mut *tx)
    .await?;
    journal::record(tx, &viewer.actor(), entry).await?;
    Ok(())
}
