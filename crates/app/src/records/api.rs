//! Records for programs: the same forms, the same store.

use super::forms::{BESIDE, Filled, REFERS, from_json, parse};
use super::history;
use super::save::{amended, own_record, save, there};
use super::store::{self, Record};
use super::tiers::Reader;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::Conn;
use crate::ids::{ChildId, OperationId, RecordId};
use crate::packs::{Form, FormKind};
use crate::roster::api::operation;
use crate::web::error::{error_id, problem_json, problem_of};
use crate::web::{self, Errors, Failure, Fields, Id, Result, Viewer};
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use rules::access::Act;
use rules::duties::Party;
use serde_json::{Value, json};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewBody {
    kind: String,
    child_ids: Vec<String>,
    happened_on: Option<String>,
    #[serde(default)]
    with: Option<String>,
    /// Of the child's contacts: whom the call reached, or did not.
    #[serde(default)]
    contact_id: Option<String>,
    #[serde(default)]
    fields: Filled,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmendBody {
    happened_on: Option<String>,
    #[serde(default)]
    fields: Filled,
}

pub fn body(record: &Record) -> Value {
    json!({
        "id": record.id,
        "kind": if record.hidden { Value::Null } else { Value::from(record.kind.as_str()) },
        "child_id": record.child_id,
        "with": record.party,
        "contact_id": record.kin_id.as_ref().filter(|_| !record.hidden),
        "happened_on": record.happened_on.to_string(),
        "written_at": record.written_at,
        "by": {"id": record.by_staff, "name": record.by_name, "role": record.by_role},
        "version": record.version,
        "fields": record.filled,
        "protected": record.hidden,
    })
}

fn tagged(status: StatusCode, record: &Record, body: &Value) -> Result<Response> {
    let mut response = web::json(status, body);
    response.headers_mut().insert(header::ETAG, tag(record)?);
    Ok(response)
}

fn tag(record: &Record) -> Result<HeaderValue> {
    HeaderValue::from_str(&format!("\"{}\"", record.version))
        .map_err(|error| Failure::Ours(error.to_string()))
}

/// With what is there by now, so that a person can decide between the two.
fn stale(record: &Record) -> Result<Response> {
    let mut problem = problem_of(&Failure::Stale);
    if let Some(said) = problem.as_object_mut() {
        said.insert("current".to_owned(), body(record));
    }
    let mut response = problem_json(StatusCode::PRECONDITION_FAILED, &problem);
    response.headers_mut().insert(header::ETAG, tag(record)?);
    Ok(response)
}

/// A program is told the codes of what may be chosen, beside the words.
fn with_codes(form: &Form, errors: &Errors) -> Errors {
    let mut told = Errors::default();
    for (id, said) in errors.iter() {
        let field = form.field(id).filter(|field| field.kind.has_options());
        let codes = field.map(|field| {
            let own = field.offered();
            let pairs = own.map(|one| format!("{}（{}）", one.code, one.title));
            pairs.collect::<Vec<_>>().join("、")
        });
        match codes {
            Some(codes) => told.add(id, format!("{said}fields里写代码：{codes}。")),
            None => told.add(id, said.to_owned()),
        }
    }
    told
}

fn refused(errors: &Errors) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let body = json!({
        "type": "urn:nuanchao:problem:fields",
        "title": "Some fields need another value.",
        "detail": errors.sentence(),
        "status": status.as_u16(),
        "error_id": error_id(),
        "errors": errors.by_field(),
    });
    problem_json(status, &body)
}

/// A field that the form does not have is a slip of the program, told and never dropped.
fn unknown(form: &Form, fields: &Filled) -> Option<Errors> {
    let name = fields.keys().find(|name| {
        form.field(name).is_none()
            && !(form.field(REFERS.0).is_some() && BESIDE.contains(&name.as_str()))
    })?;
    let mut errors = Errors::default();
    errors.add(name, "这一种记录没有这一项。");
    Some(errors)
}

fn understood<T>(body: Result<Json<T>, JsonRejection>) -> Result<T> {
    body.map(|Json(body)| body).map_err(|rejection| match rejection {
        JsonRejection::MissingJsonContentType(_) => Failure::NotJson,
        JsonRejection::BytesRejection(_) => Failure::TooLarge,
        JsonRejection::JsonSyntaxError(_) => {
            Failure::Asked("送来的不是完整的JSON。看看括号和引号是不是少了一个。".to_owned())
        }
        other => {
            let text = other.body_text();
            let named = text.split('`').nth(1);
            let named = named.map_or_else(String::new, |name| format!("（{name}）"));
            Failure::Asked(format!(
                "送来的JSON里有一项{named}不认得，或者少了一项、写成了别的类型。请对照/api/v1/openapi.json。"
            ))
        }
    })
}

/// Who of the child's card was called says with whom it was; what says otherwise is a slip.
async fn called(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, request): (&Child, &mut NewBody),
) -> Result<Option<Errors>> {
    let Some(contact) = &request.contact_id else {
        return Ok(None);
    };
    let key = children::key(&mut *conn, viewer, child).await?;
    let kin = children::kin(conn, viewer, child, &key).await?;
    let mut errors = Errors::default();
    let Some(kin) = kin.iter().find(|one| one.id.as_str() == contact) else {
        errors.add("contact_id", "孩子的联系卡上没有这个人。");
        return Ok(Some(errors));
    };
    let with = request.with.get_or_insert_with(|| kin.party.clone());
    let is_parent = |party: &str| party == Party::Parent.code();
    if is_parent(with) == is_parent(&kin.party) {
        return Ok(None);
    }
    errors.add(
        "with",
        format!(
            "contact_id是孩子的{}，with写的却是{with}。去掉with，或者改成{}。",
            kin.word(),
            kin.party
        ),
    );
    Ok(Some(errors))
}

/// What the page would have sent.
fn as_a_form(request: &NewBody, (operation, others): (&OperationId, &[ChildId])) -> Fields {
    let given = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let mut fields = Fields::default();
    fields.push("operation", operation.as_str());
    // A program that lost its day is told so; one that names none means today.
    let day = request.happened_on.as_deref();
    let is_lost = |day: &str| day.trim().is_empty();
    let day = day.map(|day| if is_lost(day) { "?" } else { day });
    fields.push("happened_on", day.unwrap_or_default());
    fields.push("party", &given(&request.with));
    fields.push("kin", &given(&request.contact_id));
    for other in others {
        fields.push("also", other.as_str());
    }
    from_json(&request.fields, &mut fields);
    fields
}

/// `POST /api/v1/records`
pub async fn create(
    State(app): State<App>,
    viewer: Viewer,
    headers: HeaderMap,
    request: Result<Json<NewBody>, JsonRejection>,
) -> Result<Response> {
    let operation = operation(&headers)?;
    let mut request = understood(request)?;
    let ids: Option<Vec<ChildId>> = request.child_ids.iter().map(|id| id.parse().ok()).collect();
    let ids = ids.ok_or(Failure::NotThere)?;
    let (first, others) = ids
        .split_first()
        .ok_or_else(|| Failure::Asked("child_ids里至少要有一个孩子。".to_owned()))?;
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::WriteRecord, first).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = in_force
        .form(&request.kind)
        .filter(|form| form.id == request.kind && form.kind == FormKind::Record)
        .filter(|form| !form.retired)
        .ok_or_else(|| Failure::Asked("没有这一种记录（kind）。".to_owned()))?;
    let reader = Reader {
        viewer: &viewer,
        child: &child,
        in_force: &in_force,
    };
    let form = &reader.fillable(form).ok_or(Failure::NotThere)?;
    if let Some(errors) = called(&mut conn, &viewer, (&child, &mut request)).await? {
        return Ok(refused(&errors));
    }
    if let Some(unknown) = unknown(form, &request.fields) {
        return Ok(refused(&unknown));
    }
    let fields = as_a_form(&request, (&operation, others));
    let new = match parse(form, &fields, viewer.today()) {
        Ok(new) => new,
        Err(errors) => return Ok(refused(&with_codes(form, &errors))),
    };
    let there = there(&mut conn, &viewer, child, &new).await?;
    drop(conn);
    let mut tx = app.db.write(&viewer.school_id).await?;
    let saved = save(&mut tx, &viewer, &in_force, (&there, &new)).await?;
    tx.commit().await?;
    let (child, key) = there.first().ok_or(Failure::NotThere)?;
    let mut conn = app.db.read().await?;
    let record = store::one(&mut conn, &viewer, child, key, &saved.id).await?;
    let together = store::group(&mut conn, &viewer, &record.group_id).await?;
    let mut made = body(&record);
    if let Some(made) = made.as_object_mut() {
        let records: Vec<Value> = together
            .iter()
            .map(|one| json!({"id": one.id, "child_id": one.child_id}))
            .collect();
        made.insert("records".to_owned(), Value::from(records));
    }
    tagged(StatusCode::CREATED, &record, &made)
}

/// `GET /api/v1/records/{id}`
pub async fn one(State(app): State<App>, viewer: Viewer, Id(id): Id<RecordId>) -> Result<Response> {
    let whole = history::whole(&app, &viewer, &id).await?;
    let mut told = body(&whole.record);
    if let Some(told) = told.as_object_mut() {
        let before = whole.before.iter().map(|(one, changed_at)| {
            json!({
                "version": one.version,
                "happened_on": one.happened_on.to_string(),
                "fields": one.filled,
                "changed_at": changed_at,
            })
        });
        told.insert("earlier".to_owned(), before.collect());
    }
    tagged(StatusCode::OK, &whole.record, &told)
}

/// `PATCH /api/v1/records/{id}`
pub async fn amend(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
    headers: HeaderMap,
    request: Result<Json<AmendBody>, JsonRejection>,
) -> Result<Response> {
    let operation = operation(&headers)?;
    let wanted = headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok())
        .map(|text| {
            let text = text.trim();
            let strong = text.strip_prefix("W/").unwrap_or(text);
            strong.trim_matches('"').to_owned()
        })
        .ok_or(Failure::NeedsVersion)?;
    let request = understood(request)?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let (record, child, key) = own_record(&mut tx, &viewer, &id).await?;
    let in_force = in_force(&app, &mut tx, &viewer.school_id, viewer.today()).await?;
    let form = in_force.form(&record.kind).ok_or(Failure::NotThere)?;
    if let Some(unknown) = unknown(form, &request.fields) {
        return Ok(refused(&unknown));
    }
    let mut filled = record.filled.clone();
    filled.extend(request.fields);
    let mut fields = Fields::default();
    fields.push("operation", operation.as_str());
    fields.push("party", &record.party);
    let day = request
        .happened_on
        .unwrap_or_else(|| record.happened_on.to_string());
    fields.push("happened_on", &day);
    from_json(&filled, &mut fields);
    let new = match parse(form, &fields, viewer.today()) {
        Ok(new) => new,
        Err(errors) => return Ok(refused(&with_codes(form, &errors))),
    };
    let wanted = if wanted == "*" {
        record.version.to_string()
    } else {
        wanted
    };
    let asked = (&new, wanted.as_str(), form.whole_class);
    let asked = ((&record, &child, &key), asked);
    match amended(&mut tx, &viewer, &in_force, asked).await {
        Err(Failure::Stale) => return stale(&record),
        other => other?,
    }
    let record = store::one(&mut tx, &viewer, &child, &key, &id).await?;
    tx.commit().await?;
    tagged(StatusCode::OK, &record, &body(&record))
}
