//! The OpenAPI 3.1 document, made from the route table, so that no route can be missing in it.

use crate::ids::LONGEST_KEY;
use crate::web::guard::Way;
use crate::web::parts::MOST;
use serde_json::{Map, Value, json};

/// What a program must know of one route beyond its path.
fn summary(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("get", "/api/v1/me") => "Who is signed in, with roles and today",
        ("get", "/api/v1/week") => {
            "本周: what the viewer owes to whom, with the policy and why; cursor, limit"
        }
        ("get", "/api/v1/children") => "Children whom the viewer may see; q, class, cursor, limit",
        ("get", "/api/v1/children/{child_id}") => "One child with masked contacts",
        ("get", "/api/v1/children/{child_id}/timeline") => {
            "Records, newest first; kind, cursor, limit"
        }
        ("get", "/api/v1/children/{child_id}/duties") => "约定 as of a day",
        ("get", "/api/v1/children/{child_id}/determinations") => {
            "认定 as of a day, by every definition in force"
        }
        ("post", "/api/v1/records") => "Make a record; needs Idempotency-Key",
        ("get", "/api/v1/records/{record_id}") => "One record with its ETag",
        ("patch", "/api/v1/records/{record_id}") => {
            "Amend a record; needs Idempotency-Key and If-Match"
        }
        ("post", "/api/v1/imports/roster") => "Bring a roster: multipart, field file",
        ("get", "/api/v1/imports/{import_id}") => "An import with the verdict of each line",
        ("post", "/api/v1/imports/{import_id}/commit") => "Write the good lines",
        ("post", "/api/v1/imports/{import_id}/undo") => "Take an import back within 24 hours",
        _ => "",
    }
}

fn query(method: &str, path: &str) -> &'static [&'static str] {
    match path {
        "/api/v1/children" => &["q", "class", "cursor", "limit"],
        "/api/v1/children/{child_id}/timeline" => &["kind", "cursor", "limit"],
        "/api/v1/children/{child_id}/duties" | "/api/v1/children/{child_id}/determinations" => {
            &["as_of", "cursor", "limit"]
        }
        "/api/v1/week" => &["cursor", "limit"],
        "/api/v1/imports/{import_id}" if method == "GET" => &["cursor", "limit"],
        _ => &[],
    }
}

fn of_query(name: &str) -> Value {
    let schema = match name {
        "limit" => json!({"type": "integer", "minimum": 1, "maximum": MOST}),
        "as_of" => json!({"type": "string", "format": "date"}),
        _ => json!({"type": "string"}),
    };
    json!({"name": name, "in": "query", "schema": schema})
}

fn parameters(way: &Way) -> Vec<Value> {
    let in_path = way
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            json!({"name": name, "in": "path", "required": true,
                "schema": {"type": "string", "format": "uuid"}})
        });
    let in_query = query(way.method.as_str(), way.path)
        .iter()
        .map(|name| of_query(name));
    let mut all: Vec<Value> = in_path.chain(in_query).collect();
    if way.method != axum::http::Method::GET {
        // A preview writes nothing but itself: a key is welcome there and not demanded.
        let needed = way.path != "/api/v1/imports/roster";
        all.push(
            json!({"name": "Idempotency-Key", "in": "header", "required": needed,
            "description": "Of the program's own, a UUID or any word: the same one is done once",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}}),
        );
    }
    if way.method == axum::http::Method::PATCH {
        all.push(json!({"name": "If-Match", "in": "header", "required": true,
            "schema": {"type": "string"}}));
    }
    all
}

fn request_body(way: &Way) -> Option<Value> {
    let schema = match (way.method.as_str(), way.path) {
        ("POST", "/api/v1/records") => "NewRecord",
        ("PATCH", "/api/v1/records/{record_id}") => "Amendment",
        ("POST", "/api/v1/imports/{import_id}/commit") => "Commit",
        ("POST", "/api/v1/imports/roster") => {
            return Some(
                json!({"required": true, "content": {"multipart/form-data": {"schema":
                {"type": "object", "properties": {"file": {"type": "string",
                    "contentMediaType": "application/octet-stream"},
                    "school_year": {"type": "integer", "description":
                    "The year in which the school year begins whose grades the list names; left out, the list says it itself"}}}}}}),
            );
        }
        _ => return None,
    };
    Some(json!({"content": {"application/json": {"schema":
        {"$ref": format!("#/components/schemas/{schema}")}}}}))
}

/// The schema of what a route answers.
fn answer(method: &str, path: &str) -> &'static str {
    match (method, path) {
        (_, "/api/v1/me") => "Me",
        (_, "/api/v1/week") => "Week",
        (_, "/api/v1/children") => "Children",
        (_, "/api/v1/children/{child_id}") => "Child",
        (_, "/api/v1/children/{child_id}/timeline") => "Timeline",
        (_, "/api/v1/children/{child_id}/duties") => "Duties",
        (_, "/api/v1/children/{child_id}/determinations") => "Determinations",
        (_, path) if path.starts_with("/api/v1/records") => "Record",
        (_, path) if path.starts_with("/api/v1/imports") => "Import",
        _ => "Problem",
    }
}

fn problem(description: &str) -> Value {
    json!({"description": description, "content": {"application/problem+json": {"schema":
        {"$ref": "#/components/schemas/Problem"}}}})
}

fn operation(way: &Way) -> Value {
    let created = way.method == axum::http::Method::POST
        && matches!(way.path, "/api/v1/records" | "/api/v1/imports/roster");
    let schema = answer(way.method.as_str(), way.path);
    let mut operation = json!({
        "summary": summary(&way.method.as_str().to_lowercase(), way.path),
        "x-act": way.act.code(),
        "parameters": parameters(way),
        "responses": {
            if created { "201" } else { "200" }: {"description": "ok",
                "content": {"application/json": {"schema":
                    {"$ref": format!("#/components/schemas/{schema}")}}}},
            "default": problem("What went wrong, and what to do"),
        },
        "security": [{"session": []}],
    });
    let is_once = way.path.ends_with("/commit") || way.path.ends_with("/undo");
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
        .filter(|_| is_once)
    {
        let why = "It was done before, or it is too late; the sentence says what to do instead";
        responses.insert("409".to_owned(), problem(why));
    }
    if let (Some(body), Some(fields)) = (request_body(way), operation.as_object_mut()) {
        fields.insert("requestBody".to_owned(), body);
    }
    operation
}

/// What goes in and comes out, by name. A test holds the answers of the program against it.
fn schemas() -> Value {
    serde_json::from_str(include_str!("schemas.json")).unwrap_or_default()
}

fn login() -> Value {
    json!({"post": {
        "summary": "Sign in; the answer sets the session cookie",
        "requestBody": {"required": true, "content": {"application/json": {"schema":
            {"$ref": "#/components/schemas/SignIn"}}}},
        "responses": {
            "200": {"description": "signed in", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/SignedIn"}}}},
            "401": problem("Name or password is wrong"),
            "422": problem("The request cannot be understood"),
            "429": problem("Too many tries: Retry-After says how long to wait"),
            "503": problem("Too many sign in at once"),
        },
    }})
}

/// The whole document; `cookie`: what the session cookie is called here.
pub fn document(ways: &[Way], cookie: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for way in ways.iter().filter(|way| way.path.starts_with("/api/")) {
        let entry = paths
            .entry(way.path.to_owned())
            .or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(way.method.as_str().to_lowercase(), operation(way));
        }
    }
    paths.insert("/api/v1/login".to_owned(), login());
    json!({
        "openapi": "3.1.0",
        "info": {"title": "暖巢 Nuanchao", "version": env!("CARGO_PKG_VERSION"),
            "description": "Unsafe methods are refused when Sec-Fetch-Site or Origin name another site; no token is needed besides the cookie."},
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": cookie}},
        },
    })
}
