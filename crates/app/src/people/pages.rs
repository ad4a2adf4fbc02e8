//! The list of colleagues, one colleague, and the changes to them.

use super::forms::{self, NewColleague, needs_class};
use super::store::{self, Colleague, Held};
use crate::App;
use crate::db::Conn;
use crate::ids::{OperationId, StaffId};
use crate::journal::{self, Entry, Kind};
use crate::login::password;
use crate::memory::Told;
use crate::school::{self, role_zh};
use crate::vault;
use crate::web::{
    self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other, words,
};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Role;

/// The roles that a school gives. Those of the county are given there, and families have links.
pub const GIVEN: [Role; 11] = [
    Role::HomeroomTeacher,
    Role::Mentor,
    Role::SubjectTeacher,
    Role::DormStaff,
    Role::Archivist,
    Role::Counsellor,
    Role::LeadingGroup,
    Role::Principal,
    Role::ProtectionLead,
    Role::Auditor,
    Role::Administrator,
];

struct Row {
    href: String,
    name: String,
    said: String,
    closed: bool,
}

struct RoleChoice {
    code: &'static str,
    word: &'static str,
    chosen: bool,
}

struct ClassChoice {
    id: String,
    title: String,
    chosen: bool,
}

struct Choices {
    roles: Vec<RoleChoice>,
    classes: Vec<ClassChoice>,
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct ListPage {
    shell: Shell,
    rows: Vec<Row>,
    group: Vec<String>,
    choices: Choices,
    errors: Errors,
    typed: Fields,
    operation: OperationId,
}

#[derive(Template)]
#[template(path = "people/secret.html")]
struct SecretPage {
    shell: Shell,
    told: Told,
}

struct HeldView {
    id: String,
    word: String,
    when: String,
    holds: bool,
}

#[derive(Template)]
#[template(path = "people/one.html")]
struct OnePage {
    shell: Shell,
    id: StaffId,
    name: String,
    username: String,
    closed: bool,
    is_self: bool,
    roles: Vec<HeldView>,
    choices: Choices,
    errors: Errors,
    /// What would be handed over; empty: nothing.
    cares: String,
    others: Vec<(String, String)>,
}

async fn choices(app: &App, viewer: &Viewer, typed: &Fields) -> Result<Choices> {
    let mut conn = app.db.read().await?;
    let classes = school::store::classes(&mut conn, &viewer.school_id, viewer.today()).await?;
    Ok(Choices {
        roles: GIVEN
            .iter()
            .map(|role| RoleChoice {
                code: role.code(),
                word: role_zh(*role),
                chosen: typed.get("role") == role.code(),
            })
            .collect(),
        classes: classes
            .iter()
            .map(|class| ClassChoice {
                title: class.title(),
                chosen: typed.get("class") == class.id.as_str(),
                id: class.id.to_string(),
            })
            .collect(),
    })
}

fn role_said(held: &Held, classes: &[ClassChoice]) -> String {
    let class = classes
        .iter()
        .find(|class| needs_class(held.role) && class.id == held.scope_id)
        .map_or(String::new(), |class| class.title.clone());
    format!("{class}{}", role_zh(held.role))
}

fn row(one: &Colleague, classes: &[ClassChoice], today: Date) -> Row {
    let roles: Vec<String> = one
        .roles
        .iter()
        .filter(|held| held.holds(today))
        .map(|held| role_said(held, classes))
        .collect();
    Row {
        href: format!("/office/people/{}", one.id),
        name: one.name.clone(),
        said: if one.closed {
            "账号停用了".to_owned()
        } else if roles.is_empty() {
            "现在没有担任什么".to_owned()
        } else {
            roles.join("、")
        },
        closed: one.closed,
    }
}

async fn list_page(app: &App, viewer: &Viewer, errors: Errors, typed: Fields) -> Result<ListPage> {
    let choices = choices(app, viewer, &typed).await?;
    let mut conn = app.db.read().await?;
    let all = store::all(&mut conn, &viewer.school_id).await?;
    let group = store::leading_group(&mut conn, &viewer.school_id, viewer.today()).await?;
    let shell = Shell::new(app, viewer, "账号与权限", "/office");
    Ok(ListPage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        rows: all
            .iter()
            .map(|one| row(one, &choices.classes, viewer.today()))
            .collect(),
        group: group
            .into_iter()
            .map(|(name, seat)| {
                if seat == "leader" {
                    format!("{name}（组长）")
                } else {
                    name
                }
            })
            .collect(),
        choices,
        errors,
        typed,
        operation: OperationId::new(),
    })
}

/// `GET /office/people`
pub async fn list(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut drawn = list_page(&app, &viewer, Errors::default(), Fields::default()).await?;
    drawn.shell.notice = match fields.get("said") {
        "again" => Some("这个账号刚才已经开好了，没有开第二个。".to_owned()),
        "forgotten" => Some("密码只显示十分钟，已经收起来了。没记下就再换一个新密码。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

/// `POST /office/people`: opens an account.
pub async fn add(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let operation = fields.operation()?;
    let new = match forms::new_colleague(&fields, viewer.today()) {
        Ok(new) => new,
        Err(errors) => {
            return web::unprocessable(&list_page(&app, &viewer, errors, fields).await?);
        }
    };
    let password = vault::spoken_text();
    match opened(&app, &viewer, (&new, &password), &operation).await {
        Ok(true) => {}
        Ok(false) => return Ok(see_other("/office/people?said=again")),
        Err(Failure::Asked(sentence)) => {
            let mut errors = Errors::default();
            errors.add("username", sentence);
            return web::unprocessable(&list_page(&app, &viewer, errors, fields).await?);
        }
        Err(other) => return Err(other),
    }
    Ok(tell(&app, &viewer, (new.name, new.username), password))
}

/// Under an address of its own, so that going back and reloading ask for nothing again.
fn tell(
    app: &App,
    viewer: &Viewer,
    (name, username): (String, String),
    password: String,
) -> Response {
    let told = Told {
        name,
        username,
        password,
    };
    let under = app.memory.told.keep(&viewer.staff_id, told);
    see_other(&format!("/office/people/told?t={under}"))
}

/// `GET /office/people/told`: a new password, for ten minutes and only for who made it.
pub async fn told(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let Some(told) = app.memory.told.look(&viewer.staff_id, fields.get("t")) else {
        return Ok(see_other("/office/people?said=forgotten"));
    };
    page(&SecretPage {
        shell: Shell::new(&app, &viewer, "新密码", "/office"),
        told,
    })
}

/// `false`: the same request had opened it before.
async fn opened(
    app: &App,
    viewer: &Viewer,
    (new, password): (&NewColleague, &str),
    operation: &OperationId,
) -> Result<bool> {
    let hash = password::hash(password).await;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let payload = format!("{} {}", new.username, new.name);
    if journal::seen(&mut tx, &viewer.actor(), operation, &payload).await? != journal::Seen::New {
        return Ok(false);
    }
    let staff = school::store::NewStaff {
        name: &new.name,
        username: Some(&new.username),
        password_hash: Some(&hash),
    };
    let id = school::store::hire(&mut tx, &viewer.school_id, &staff)
        .await
        .map_err(|error| {
            if crate::db::is_taken(&error) {
                Failure::Asked(format!("账号{}已经有人用了，请换一个。", new.username))
            } else {
                error.into()
            }
        })?;
    let by = (viewer.today(), viewer.staff_id.as_str());
    store::give(&mut tx, &viewer.school_id, &id, &new.wanted, by).await?;
    let entry = entry(operation, (Kind::AccountMade, &id), &payload);
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    Ok(true)
}

fn entry<'a>(
    operation: &'a OperationId,
    (kind, id): (Kind, &'a StaffId),
    payload: &'a str,
) -> Entry<'a> {
    Entry {
        operation,
        kind,
        subject_kind: "staff",
        subject_id: id.as_str(),
        payload,
        result: "",
    }
}

fn held_when(held: &store::Held, today: Date) -> String {
    let from = words::day(held.from_on, today);
    match held.to_on {
        Some(to) if to < held.from_on => format!("从{from}起的，没用上就收回了"),
        Some(to) => format!("{from}—{}", words::day(to, today)),
        None => format!("从{from}起"),
    }
}

async fn one_page(app: &App, viewer: &Viewer, id: &StaffId, errors: Errors) -> Result<OnePage> {
    let choices = choices(app, viewer, &Fields::default()).await?;
    let mut conn = app.db.read().await?;
    let everybody = store::all(&mut conn, &viewer.school_id).await?;
    let today = viewer.today();
    let pairs = store::paired_with(&mut conn, &viewer.school_id, id, today).await?;
    let others = everybody.iter().filter(|other| !other.closed);
    let others = others.filter(|other| other.id != *id && other.id != viewer.staff_id);
    let others = others.filter(|other| store::may_be_with_children(other, today));
    let others = others
        .map(|other| (other.id.to_string(), other.name.clone()))
        .collect();
    let mut everybody = everybody.into_iter();
    let one = everybody
        .find(|one| one.id == *id)
        .ok_or(Failure::NotThere)?;
    let cares = one.roles.iter().filter(|held| held.holds(today));
    let mut cares: Vec<String> = cares
        .filter(|held| store::is_with_children(held.role))
        .map(|held| role_said(held, &choices.classes))
        .collect();
    if !pairs.is_empty() {
        cares.push(format!("结对的{}个孩子", pairs.len()));
    }
    let shell = Shell::new(app, viewer, "同事", "/office");
    Ok(OnePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        roles: one
            .roles
            .iter()
            .rev()
            .map(|held| HeldView {
                id: held.id.clone(),
                word: role_said(held, &choices.classes),
                when: held_when(held, today),
                holds: held.is_open(today),
            })
            .collect(),
        is_self: one.id == viewer.staff_id,
        cares: cares.join("、"),
        others,
        id: one.id,
        name: one.name,
        username: one.username.unwrap_or_default(),
        closed: one.closed,
        choices,
        errors,
    })
}

/// `GET /office/people/{staff_id}`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<StaffId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = one_page(&app, &viewer, &id, Errors::default()).await?;
    drawn.shell.notice = match fields.get("said") {
        "granted" => Some("给好了，下次打开就有。".to_owned()),
        "ended" => Some("收回了，这个人的设备都要重新登录。".to_owned()),
        "closed" => Some("停用了，马上生效。".to_owned()),
        "handed" => Some("交好了，从今天起由另一位老师照看这些孩子。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

/// Nobody changes their own rights.
fn another(viewer: &Viewer, id: &StaffId) -> Result<()> {
    if viewer.staff_id == *id {
        return Err(Failure::Asked(
            "自己的权限要请另一位管理员来改。".to_owned(),
        ));
    }
    Ok(())
}

/// One change to a colleague, once; `false`: it was done before. Whoever is signed in somewhere is
/// looked up anew.
async fn change<F>(
    app: &App,
    viewer: &Viewer,
    (id, fields, kind): (&StaffId, &Fields, Kind),
    write: F,
) -> Result<bool>
where
    F: AsyncFnOnce(&mut Conn, &Colleague) -> Result<()>,
{
    another(viewer, id)?;
    let operation = fields.operation()?;
    let payload = format!("{id} {:?}", fields.iter().collect::<Vec<_>>());
    let mut tx = app.db.write(&viewer.school_id).await?;
    let one = store::one(&mut tx, &viewer.school_id, id).await?;
    let entry = entry(&operation, (kind, id), &payload);
    let is_new = journal::once(&mut tx, &viewer.actor(), &entry).await?;
    if is_new {
        write(&mut tx, &one).await?;
    }
    tx.commit().await?;
    app.memory.forget_sessions();
    Ok(is_new)
}

fn said(id: &StaffId, what: &str) -> Response {
    see_other(&format!("/office/people/{id}?said={what}"))
}

/// `POST /office/people/{staff_id}/roles`
pub async fn grant(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<StaffId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut errors = Errors::default();
    let Some(wanted) = forms::wanted(&fields, viewer.today(), &mut errors) else {
        return web::unprocessable(&one_page(&app, &viewer, &id, errors).await?);
    };
    let asked = (&id, &fields, Kind::RoleGiven);
    change(&app, &viewer, asked, async |tx, _| {
        let by = (viewer.today(), viewer.staff_id.as_str());
        store::give(tx, &viewer.school_id, &id, &wanted, by).await
    })
    .await?;
    Ok(said(&id, "granted"))
}

/// `POST /office/people/{staff_id}/roles/end`
pub async fn end_role(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<StaffId>,
    Form(fields): Form,
) -> Result<Response> {
    let asked = (&id, &fields, Kind::RoleEnded);
    change(&app, &viewer, asked, async |tx, one| {
        let mut roles = one.roles.iter();
        let held = roles
            .find(|held| held.id == fields.get("grant"))
            .ok_or(Failure::NotThere)?;
        store::end_role(tx, &viewer.school_id, (&id, held), viewer.today()).await
    })
    .await?;
    Ok(said(&id, "ended"))
}

/// `POST /office/people/{staff_id}/handover`: who leaves in mid-term leaves no child alone.
pub async fn hand_over(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<StaffId>,
    Form(fields): Form,
) -> Result<Response> {
    let to = fields.get("to").parse().ok().filter(|to| *to != id);
    let Some(to): Option<StaffId> = to else {
        let mut errors = Errors::default();
        errors.add("to", "交给谁还没选。");
        return web::unprocessable(&one_page(&app, &viewer, &id, errors).await?);
    };
    let asked = (&id, &fields, Kind::HandedOver);
    change(&app, &viewer, asked, async |tx, from| {
        another(&viewer, &to)?;
        let to = store::one(tx, &viewer.school_id, &to).await?;
        if to.closed {
            return Err(Failure::NotThere);
        }
        if !store::may_be_with_children(&to, viewer.today()) {
            return Err(Failure::Asked(format!(
                "{}是审计员，只看不做，孩子不能交给审计员。请选另一位老师。",
                to.name
            )));
        }
        let by = (viewer.today(), viewer.staff_id.as_str());
        store::hand_over(tx, &viewer.school_id, (from, &to), by).await
    })
    .await?;
    Ok(said(&id, "handed"))
}

/// `POST /office/people/{staff_id}/password`: a forgotten one is replaced, never told.
pub async fn new_password(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<StaffId>,
    Form(fields): Form,
) -> Result<Response> {
    let password = vault::spoken_text();
    let hash = password::hash(&password).await;
    let (mut name, mut username) = (String::new(), String::new());
    let asked = (&id, &fields, Kind::PasswordReset);
    let is_new = change(&app, &viewer, asked, async |tx, one| {
        name.clone_from(&one.name);
        username = one.username.clone().unwrap_or_default();
        let school_id = &viewer.school_id;
        Ok(crate::login::store::set_password(tx, school_id, id.as_str(), &hash).await?)
    })
    .await?;
    if !is_new {
        return Ok(see_other(&format!("/office/people/{id}")));
    }
    Ok(tell(&app, &viewer, (name, username), password))
}

/// `POST /office/people/{staff_id}/close`
pub async fn close(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<StaffId>,
    Form(fields): Form,
) -> Result<Response> {
    let asked = (&id, &fields, Kind::AccountClosed);
    change(&app, &viewer, asked, async |tx, _| {
        store::close(tx, &viewer.school_id, &id, &viewer.now.at).await
    })
    .await?;
    Ok(said(&id, "closed"))
}
