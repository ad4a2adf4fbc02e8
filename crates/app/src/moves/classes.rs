//! Two classes become one, or one becomes two: chosen children change class together.

use crate::App;
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::{ChildId, ClassId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::roster::commit::{Mover, move_class};
use crate::school::store as school;
use crate::school::store::Class;
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;

struct Choice {
    id: String,
    name: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "moves/classes.html")]
struct ClassesPage {
    shell: Shell,
    id: ClassId,
    title: String,
    children: Vec<Choice>,
    targets: Vec<Choice>,
    /// The class of another grade that is asked about, and the question.
    sure: Option<(String, String)>,
    errors: Errors,
    operation: OperationId,
}

async fn drawn(
    app: &App,
    viewer: &Viewer,
    (id, fields): (&ClassId, &Fields),
    mut errors: Errors,
) -> Result<ClassesPage> {
    let mut conn = app.db.read().await?;
    let classes = school::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
    let own = classes.iter().find(|class| class.id == *id);
    let title = own.ok_or(Failure::NotThere)?.title();
    let all = children::all_visible(app, &mut conn, viewer, Act::ImportRoster).await?;
    let all = children::told_apart(viewer, &all);
    let shell = Shell::new(app, viewer, "并班、分班", "/office").form();
    let question = errors.take(SURE);
    Ok(ClassesPage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        children: all
            .iter()
            .filter(|child| child.class_id == *id)
            .map(|child| Choice {
                chosen: fields.has("child", child.id.as_str()),
                id: child.id.to_string(),
                name: child.name.clone(),
            })
            .collect(),
        targets: classes
            .iter()
            .filter(|class| class.id != *id)
            .map(|class| Choice {
                chosen: fields.get("class") == class.id.as_str(),
                id: class.id.to_string(),
                name: class.title(),
            })
            .collect(),
        sure: question.map(|question| (fields.get("class").to_owned(), question)),
        id: id.clone(),
        title,
        errors,
        operation: OperationId::new(),
    })
}

/// `GET /office/classes/{class_id}/move`
pub async fn form(State(app): State<App>, viewer: Viewer, Id(id): Id<ClassId>) -> Result<Response> {
    page(&drawn(&app, &viewer, (&id, &Fields::default()), Errors::default()).await?)
}

/// The children to move and the class they go to, or what is missing.
async fn wanted(
    app: &App,
    viewer: &Viewer,
    (id, fields): (&ClassId, &Fields),
) -> Result<Result<(Vec<ChildId>, String), Errors>> {
    let mut errors = Errors::default();
    let chosen = fields.all("child").filter_map(|one| one.parse().ok());
    let chosen: Vec<ChildId> = chosen.collect();
    if chosen.is_empty() {
        errors.add("children", "要转的孩子还没选。");
    }
    let mut conn = app.db.read().await?;
    let classes = school::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
    let mut others = classes.iter().filter(|class| class.id != *id);
    let to = others.find(|class| class.id.as_str() == fields.get("class"));
    let own = classes.iter().find(|class| class.id == *id);
    match to {
        None => errors.add("class", "转到哪个班还没选。"),
        Some(to) => ask_other_grade(own, to, (fields, chosen.len()), &mut errors),
    }
    Ok(match to {
        Some(to) if errors.is_empty() => Ok((chosen, to.id.to_string())),
        _ => Err(errors),
    })
}

/// Where the question stands whether another grade is meant.
pub const SURE: &str = "class-sure";

/// Another grade is another leaving of the school: meant, or picked by mistake.
pub fn ask_other_grade(
    from: Option<&Class>,
    to: &Class,
    (fields, many): (&Fields, usize),
    errors: &mut Errors,
) {
    let is_other = from.is_some_and(|from| from.grade != to.grade);
    if !is_other || fields.has("sure", to.id.as_str()) || !errors.is_empty() {
        return;
    }
    let title = to.title();
    errors.add(
        SURE,
        format!(
            "{title}和现在的班不是一个年级，转过去的{many}个孩子以后跟着那个年级升级、毕业。真要转到{title}吗？不是，请另选一个班。"
        ),
    );
}

/// `POST /office/classes/{class_id}/move`: all of them, or none.
pub async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ClassId>,
    Form(fields): Form,
) -> Result<Response> {
    let (chosen, to) = match wanted(&app, &viewer, (&id, &fields)).await? {
        Ok(wanted) => wanted,
        Err(errors) => {
            let again = drawn(&app, &viewer, (&id, &fields), errors).await?;
            return web::unprocessable(&again);
        }
    };
    let operation = fields.operation()?;
    let names: Vec<&str> = chosen.iter().map(ChildId::as_str).collect();
    let payload = format!("{} {to}", names.join(","));
    let mut tx = app.db.write(&viewer.school_id).await?;
    let whole = Entry {
        operation: &operation,
        kind: Kind::ClassChanged,
        subject_kind: "class",
        subject_id: id.as_str(),
        payload: &payload,
        // Where they went: from it they may go back.
        result: &to,
    };
    if journal::once(&mut tx, &viewer.actor(), &whole).await? {
        for one in &chosen {
            let child = children::visible(&mut tx, &viewer, Act::ImportRoster, one).await?;
            moved(&mut tx, &viewer, (&child, &id), &to).await?;
        }
    }
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(see_other(&format!(
        "/office/classes?said=moved&from={id}&to={to}"
    )))
}

/// One child; each has its own line in the journal.
async fn moved(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, from): (&Child, &ClassId),
    to: &str,
) -> Result<()> {
    if child.class_id != *from {
        return Err(Failure::Stale);
    }
    move_class(tx, viewer, (child.id.as_str(), to), Mover::Hand).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::ChildMoved,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: to,
        result: "",
    };
    journal::record(tx, &viewer.actor(), &entry).await?;
    Ok(())
}
