//! One form with what the school has added to it: renamed, moved, no longer used.

use super::pages::{
    DOUBLE, SAME_TITLE, TOO_FEW, TOO_LONG, adopted, has_title, is_double, is_long, named, own_text,
    titles,
};
use super::text::{Edit, OWN, with_edits};
use crate::App;
use crate::adoptions::store::in_force;
use crate::dossier::FormName;
use crate::packs::{Field, FieldKind, Form as PackForm};
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

struct FieldRow {
    id: String,
    title: String,
    is_first: bool,
    /// One a line; `None`: there is nothing to choose from.
    options: Option<String>,
    /// `None`: it is no number.
    unit: Option<String>,
    section: String,
}

#[derive(Template)]
#[template(path = "ownforms/one.html")]
struct OnePage {
    shell: Shell,
    form: PackForm,
    years: u8,
    /// The school's own, not a plan's to which it only adds.
    is_own: bool,
    fields: Vec<FieldRow>,
    /// Of the school's own, those that nobody is asked for any more.
    gone: Vec<Field>,
    errors: Errors,
}

fn has_own_options(kind: FieldKind) -> bool {
    kind.has_options() && !kind.is_offered()
}

async fn one_page(app: &App, viewer: &Viewer, name: &str, errors: Errors) -> Result<OnePage> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = in_force.form(name).ok_or(Failure::NotThere)?;
    let own = form.fields.iter().filter(|field| field.pack == OWN);
    let fields: Vec<FieldRow> = own
        .enumerate()
        .map(|(at, field)| FieldRow {
            id: field.id.clone(),
            title: field.title.clone(),
            is_first: at == 0,
            options: has_own_options(field.kind).then(|| {
                let titles = field.offered().map(|one| one.title.as_str());
                titles.collect::<Vec<_>>().join("\n")
            }),
            unit: (field.kind == FieldKind::Number).then(|| field.unit.clone().unwrap_or_default()),
            section: field.section.clone().unwrap_or_default(),
        })
        .collect();
    let gone = form.gone.iter().filter(|field| field.pack == OWN);
    let gone: Vec<Field> = gone.cloned().collect();
    if form.pack != OWN && fields.is_empty() && gone.is_empty() {
        return Err(Failure::NotThere);
    }
    let shell = Shell::new(app, viewer, "本校自己的表", "/office");
    Ok(OnePage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        years: form.retention.map_or(0, |kept| kept.years),
        is_own: form.pack == OWN,
        fields,
        gone,
        errors,
        form: form.clone(),
    })
}

/// `GET /office/forms/{form}`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = one_page(&app, &viewer, &name, Errors::default()).await?;
    if fields.get("said") == "changed" {
        drawn.shell.notice = Some("改好了，以前写的都留着。".to_owned());
    }
    page(&drawn)
}

/// Thirty years is what a pack may say at most.
const LONGEST_KEPT: i64 = 30;

fn edits<'a>(fields: &'a Fields, errors: &mut Errors) -> Vec<Edit<'a>> {
    let title = fields.get("title");
    match fields.get("do") {
        "up" => return vec![Edit::Up],
        "retire" => return vec![Edit::Retired(true)],
        "again" => return vec![Edit::Retired(false)],
        _ => {}
    }
    named(fields, "title", "叫什么还没写。", errors);
    let mut found = vec![Edit::Title(title)];
    if fields.opt("field").is_some() {
        found.extend(of_field(fields, errors));
        return found;
    }
    match fields.get("purpose") {
        "" => errors.add("purpose", "为什么要记还没写，家里人看得懂的一句话就行。"),
        purpose => found.push(Edit::Purpose(purpose)),
    }
    match fields.get("years").parse::<i64>() {
        Ok(years) if (0..=LONGEST_KEPT).contains(&years) => found.push(Edit::KeptFor(years)),
        _ => errors.add("years", format!("留几年要写0到{LONGEST_KEPT}的数字。")),
    }
    found
}

/// What stands beside the name of a field, where it has it.
fn of_field<'a>(fields: &'a Fields, errors: &mut Errors) -> Vec<Edit<'a>> {
    let options = fields.given("options").map(titles);
    if options.as_ref().is_some_and(|options| options.len() < 2) {
        errors.add("title", TOO_FEW);
    }
    if options.iter().flatten().any(|one| is_long(one)) {
        errors.add("title", TOO_LONG);
    }
    if options.as_ref().is_some_and(|options| is_double(options)) {
        errors.add("title", DOUBLE);
    }
    let options = options.map(Edit::Options).into_iter();
    let unit = fields.given("unit").map(Edit::Unit);
    let section = fields.given("section").map(Edit::Section);
    options.chain(unit).chain(section).collect()
}

/// Whether another field is called so already.
async fn is_taken(
    app: &App,
    viewer: &Viewer,
    (form, field, title): (&str, &str, &str),
) -> Result<bool> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = in_force.form(form);
    let own = form.and_then(|form| form.field(field));
    Ok(form.is_some_and(|form| own.is_some() && has_title(form, title, field)))
}

/// `POST /office/forms/{form}`
pub async fn change(
    State(app): State<App>,
    viewer: Viewer,
    Id(FormName(name)): Id<FormName>,
    Form(fields): Form,
) -> Result<Response> {
    let mut errors = Errors::default();
    let asked = (name.as_str(), fields.get("field"), fields.get("title"));
    if is_taken(&app, &viewer, asked).await? {
        errors.add("title", SAME_TITLE);
    }
    let edits = edits(&fields, &mut errors);
    if !errors.is_empty() {
        return web::unprocessable(&one_page(&app, &viewer, &name, errors).await?);
    }
    let before = own_text(&app, &viewer).await?.ok_or(Failure::NotThere)?;
    let what = (name.as_str(), fields.opt("field"));
    let text = with_edits(&before, what, &edits).ok_or(Failure::NotThere)?;
    if let Err(sentence) = adopted(&app, &viewer, &fields, Some(text)).await? {
        errors.add("title", sentence);
        return web::unprocessable(&one_page(&app, &viewer, &name, errors).await?);
    }
    Ok(see_other("/office/forms?said=changed"))
}
