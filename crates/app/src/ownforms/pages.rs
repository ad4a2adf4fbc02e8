//! The school's own forms on screen.

use super::text::{NewField, NewForm, OWN, with_field, with_form};
use crate::App;
use crate::adoptions::store::{InForce, adopt, adoptions, in_force};
use crate::dossier::consents::purposes;
use crate::journal::{self, Entry, Kind, Seen};
use crate::packs::read::read;
use crate::packs::{FieldKind, Form as PackForm, FormKind};
use crate::web::{self, Errors, Failure, Fields, Form, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::consent::Purpose;

struct Choice {
    code: String,
    title: String,
    chosen: bool,
}

struct OwnRow {
    href: String,
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "ownforms/list.html")]
struct ListPage {
    shell: Shell,
    own: Vec<OwnRow>,
    forms: Vec<Choice>,
    kinds: Vec<Choice>,
    /// For what a family may have to be asked first.
    purposes: Vec<Choice>,
    errors: Errors,
    typed: Fields,
}

/// What a field may be, in a teacher's words; the rarer kinds are written in a pack by hand.
const KINDS: [(FieldKind, &str); 18] = [
    (FieldKind::Text, "一行字"),
    (FieldKind::LongText, "一段话"),
    (FieldKind::Choice, "选一个"),
    (FieldKind::Checklist, "可以勾几个"),
    (FieldKind::Number, "数字"),
    (FieldKind::Date, "日子"),
    (FieldKind::ApproxDate, "大概的日子"),
    (FieldKind::YesNo, "是或不是"),
    (FieldKind::Choices, "可以选几个"),
    (FieldKind::Scale, "从低到高的几档，选一个"),
    (FieldKind::Phone, "电话"),
    (FieldKind::CitizenId, "身份证号"),
    (FieldKind::Person, "一个人的名字"),
    (FieldKind::Address, "一个地址"),
    (FieldKind::Children, "同班的、一家的几个孩子"),
    (FieldKind::Photo, "孩子的一张照片"),
    (FieldKind::Scan, "一张扫描件"),
    (FieldKind::Signature, "签字的一行，只在纸上"),
];

pub async fn own_text(app: &App, viewer: &Viewer) -> Result<Option<String>> {
    let mut conn = app.db.read().await?;
    let all = adoptions(&mut conn, &viewer.school_id).await?;
    let own = all.into_iter().rev().find(|one| one.pack == OWN);
    Ok(own.map(|one| one.body))
}

fn asked_about(in_force: &InForce, typed: &Fields) -> Vec<Choice> {
    let all = purposes(in_force).into_iter();
    all.map(|(code, title)| Choice {
        chosen: typed.get("needs_consent") == code,
        code: code.to_owned(),
        title: title.to_owned(),
    })
    .collect()
}

async fn list_page(app: &App, viewer: &Viewer, errors: Errors, typed: Fields) -> Result<ListPage> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(app, &mut conn, &viewer.school_id, viewer.today()).await?;
    drop(conn);
    let shell = Shell::new(app, viewer, "本校自己的表", "/office");
    let own_fields = |form: &crate::packs::Form| -> Vec<String> {
        let own = form.fields.iter().filter(|field| field.pack == OWN);
        own.map(|field| field.title.clone()).collect()
    };
    let mut own = Vec::new();
    for form in &in_force.forms {
        let added = own_fields(form);
        if form.pack == OWN || !added.is_empty() {
            own.push(OwnRow {
                href: format!("/office/forms/{}", form.id),
                title: form.title.clone(),
                said: if added.is_empty() {
                    "还没有项目，在下面加".to_owned()
                } else {
                    added.join("、")
                },
            });
        }
    }
    Ok(ListPage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        own,
        forms: in_force
            .forms
            .iter()
            .filter(|form| form.kind != FormKind::Register && !form.quick)
            .filter(|form| !form.retired)
            .map(|form| Choice {
                code: form.id.clone(),
                title: form.title.clone(),
                chosen: typed.get("form") == form.id
                    || (typed.get("form").is_empty() && form.pack == OWN),
            })
            .collect(),
        kinds: KINDS
            .iter()
            .map(|(kind, title)| Choice {
                code: kind.code().to_owned(),
                title: (*title).to_owned(),
                chosen: typed.get("kind") == kind.code(),
            })
            .collect(),
        purposes: asked_about(&in_force, &typed),
        errors,
        typed,
    })
}

/// `GET /office/forms`
pub async fn list(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut drawn = list_page(&app, &viewer, Errors::default(), Fields::default()).await?;
    drawn.shell.notice = match fields.get("said") {
        "form" => Some("有了这张表，再给它加项目。".to_owned()),
        "changed" => Some("改好了，以前写的都留着。".to_owned()),
        "field" => Some("加好了，孩子的档案里马上有。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

/// Adopts the longer text from today on, once; the sentence says why it cannot be.
pub async fn adopted(
    app: &App,
    viewer: &Viewer,
    fields: &Fields,
    text: Option<String>,
) -> Result<Result<(), String>> {
    let operation = fields.operation()?;
    let text = text.ok_or_else(|| Failure::Ours("the own pack cannot be written".to_owned()))?;
    let pack = match read(&text, OWN, viewer.today()) {
        Ok(pack) => pack,
        Err(faults) => {
            let first = faults.first().map(|fault| fault.sentence.clone());
            return Ok(Err(first.unwrap_or_default()));
        }
    };
    let payload = format!("{:?}", fields.iter().collect::<Vec<_>>());
    let mut tx = app.db.write(&viewer.school_id).await?;
    match journal::seen(&mut tx, &viewer.actor(), &operation, &payload).await? {
        Seen::New => {}
        Seen::Done(_) => return Ok(Ok(())),
        Seen::Other => return Err(Failure::OtherContent),
    }
    let by = viewer.staff_id.as_str();
    adopt(
        &mut tx,
        &viewer.school_id,
        (&pack, &text),
        viewer.today(),
        by,
    )
    .await?;
    let entry = Entry {
        operation: &operation,
        kind: Kind::PackAdopted,
        subject_kind: "pack",
        subject_id: OWN,
        payload: &payload,
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(Ok(()))
}

async fn answer(
    app: &App,
    viewer: &Viewer,
    fields: Fields,
    (text, said): (Option<String>, &str),
    mut errors: Errors,
) -> Result<Response> {
    if errors.is_empty() {
        match adopted(app, viewer, &fields, text).await? {
            Ok(()) => return Ok(see_other(&format!("/office/forms?said={said}"))),
            Err(sentence) => errors.add("title", sentence),
        }
    }
    web::unprocessable(&list_page(app, viewer, errors, fields).await?)
}

/// `POST /office/forms`
pub async fn add_form(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut errors = Errors::default();
    named(&fields, "title", "表叫什么还没写。", &mut errors);
    if fields.get("purpose").is_empty() {
        errors.add("purpose", "为什么要记还没写，家里人看得懂的一句话就行。");
    }
    let before = own_text(&app, &viewer).await?;
    let new = NewForm {
        title: fields.get("title"),
        purpose: fields.get("purpose"),
        many: fields.has("many", "1"),
        tier: match fields.get("tier") {
            "C2" => "C2",
            "C3" => "C3",
            _ => "C1",
        },
        needs_consent: Purpose::from_code(fields.get("needs_consent")).map_or("", Purpose::code),
    };
    let text = with_form(before.as_deref(), &viewer.school_name, &new);
    answer(&app, &viewer, fields, (text, "form"), errors).await
}

/// One a line, or between 、.
pub fn titles(lines: &str) -> Vec<&str> {
    let lines = lines.lines().map(str::trim);
    lines.filter(|line| !line.is_empty()).collect()
}

pub const DOUBLE: &str = "要选的里有两个一样的，分不清选的是哪一个，请改掉一个。";

pub const TOO_LONG: &str = "写在30个字以内，纸上才放得下。";

pub fn is_long(name: &str) -> bool {
    name.chars().count() > 30
}

/// A name that stands there, and that a sheet has room for.
pub fn named(fields: &Fields, id: &str, missing: &str, errors: &mut Errors) {
    match fields.get(id) {
        "" => errors.add(id, missing),
        name if is_long(name) => errors.add(id, TOO_LONG),
        _ => {}
    }
}

pub const TOO_FEW: &str = "要选的至少写两个，一行一个。";

/// Whether two options read the same.
pub fn is_double(options: &[&str]) -> bool {
    let mut rest = options.iter().enumerate();
    rest.any(|(at, one)| options.iter().take(at).any(|other| other == one))
}

pub const SAME_TITLE: &str =
    "这张表里已经有叫这个名字的一项了。换一个名字，不然打印出来、放回来都分不清。";

/// Whether another field of the form has this title; on paper and in sheets only titles tell them
/// apart.
pub fn has_title(form: &PackForm, title: &str, but: &str) -> bool {
    let mut others = form.fields.iter().filter(|field| field.id != but);
    others.any(|field| field.title == title || field.formal() == title)
}

/// `POST /office/forms/field`
pub async fn add_field(
    State(app): State<App>,
    viewer: Viewer,
    Form(fields): Form,
) -> Result<Response> {
    let mut errors = Errors::default();
    let kind = FieldKind::from_code(fields.get("kind")).unwrap_or(FieldKind::Text);
    let lines = fields.get("options").to_owned();
    let options = titles(&lines);
    named(&fields, "field_title", "项目叫什么还没写。", &mut errors);
    if kind.has_options() && !kind.is_offered() && options.len() < 2 {
        errors.add("options", TOO_FEW);
    }
    if is_double(&options) {
        errors.add("options", DOUBLE);
    }
    if options.iter().any(|one| is_long(one)) {
        errors.add("options", TOO_LONG);
    }
    let known = {
        let mut conn = app.db.read().await?;
        in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?
    };
    match known.form(fields.get("form")) {
        None => errors.add("form", "没有这张表，请从列出的里面选。"),
        Some(form) if has_title(form, fields.get("field_title"), "") => {
            errors.add("field_title", SAME_TITLE);
        }
        Some(_) => {}
    }
    let before = own_text(&app, &viewer).await?;
    let title = fields.get("field_title").to_owned();
    let form = fields.get("form").to_owned();
    let (unit, section) = (
        fields.get("unit").to_owned(),
        fields.get("section").to_owned(),
    );
    let new = NewField {
        form: &form,
        needs: known
            .packs
            .iter()
            .filter(|pack| pack.head.id != OWN)
            .filter(|pack| pack.forms.iter().any(|own| own.id == form && !own.extends))
            .map(|pack| pack.head.id.as_str())
            .collect(),
        title: &title,
        kind,
        options,
        unit: &unit,
        section: &section,
        required: fields.has("required", "1"),
    };
    let text = with_field(before.as_deref(), &viewer.school_name, &new);
    answer(&app, &viewer, fields, (text, "field"), errors).await
}
