//! The OpenAPI 3.1 document, made from the route table, so that no route can be missing in it.

use crate::web::guard::Way;
use serde_json::{Map, Value, json};

/// What a program must know of one route beyond its path.
fn summary(method: &str, path: &str) -> &'static str {
    match (method, path) {
        ("get", "/api/v1/me") => "Who is signed in, with roles and today",
        ("get", "/api/v1/week") => "本周: what the viewer owes to whom, with the policy and why",
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

fn query(path: &str) -> &'static [&'static str] {
    match path {
        "/api/v1/children" => &["q", "class", "cursor", "limit"],
        "/api/v1/children/{child_id}/timeline" => &["kind", "cursor", "limit"],
        "/api/v1/children/{child_id}/duties" | "/api/v1/children/{child_id}/determinations" => {
            &["as_of"]
        }
        _ => &[],
    }
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
    let in_query = query(way.path)
        .iter()
        .map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}));
    let mut all: Vec<Value> = in_path.chain(in_query).collect();
    if way.method != axum::http::Method::GET && way.path != "/api/v1/imports/roster" {
        all.push(
            json!({"name": "Idempotency-Key", "in": "header", "required": true,
            "schema": {"type": "string", "format": "uuid"}}),
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
                    "contentMediaType": "application/octet-stream"}}}}}}),
            );
        }
        _ => return None,
    };
    Some(json!({"content": {"application/json": {"schema":
        {"$ref": format!("#/components/schemas/{schema}")}}}}))
}

fn operation(way: &Way) -> Value {
    let created = way.method == axum::http::Method::POST
        && matches!(way.path, "/api/v1/records" | "/api/v1/imports/roster");
    let mut operation = json!({
        "summary": summary(&way.method.as_str().to_lowercase(), way.path),
        "x-act": way.act.code(),
        "parameters": parameters(way),
        "responses": {
            if created { "201" } else { "200" }: {"description": "ok",
                "content": {"application/json": {"schema": {"type": "object"}}}},
            "default": {"description": "problem",
                "content": {"application/problem+json": {"schema":
                    {"$ref": "#/components/schemas/Problem"}}}},
        },
        "security": [{"session": []}],
    });
    if let (Some(body), Some(fields)) = (request_body(way), operation.as_object_mut()) {
        fields.insert("requestBody".to_owned(), body);
    }
    operation
}

fn schemas() -> Value {
    let filled = json!({"type": "object", "additionalProperties": {"type":
        ["string", "number", "boolean", "array"]}});
    json!({
        "Problem": {"type": "object", "required": ["type", "title", "detail", "status"],
            "properties": {"type": {"type": "string"}, "title": {"type": "string"},
                "detail": {"type": "string"}, "status": {"type": "integer"},
                "error_id": {"type": "string"}}},
        "NewRecord": {"type": "object", "required": ["kind", "child_ids"],
            "properties": {"kind": {"type": "string"},
                "child_ids": {"type": "array", "items": {"type": "string", "format": "uuid"}},
                "happened_on": {"type": "string", "format": "date"},
                "with": {"type": "string"}, "fields": filled.clone()}},
        "Amendment": {"type": "object", "required": ["fields"],
            "properties": {"happened_on": {"type": "string", "format": "date"},
                "fields": filled}},
        "Commit": {"type": "object", "properties": {"answers": {"type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}}}}},
        "SignIn": {"type": "object", "required": ["username", "password"],
            "properties": {"username": {"type": "string"}, "password": {"type": "string"}}},
    })
}

/// The whole document.
pub fn document(ways: &[Way]) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for way in ways.iter().filter(|way| way.path.starts_with("/api/")) {
        let entry = paths
            .entry(way.path.to_owned())
            .or_insert_with(|| json!({}));
        if let Some(entry) = entry.as_object_mut() {
            entry.insert(way.method.as_str().to_lowercase(), operation(way));
        }
    }
    paths.insert(
        "/api/v1/login".to_owned(),
        json!({"post": {"summary": "Sign in; the answer sets the session cookie",
            "requestBody": {"required": true, "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/SignIn"}}}},
            "responses": {"200": {"description": "signed in"}, "422": {"description": "no"}}}}),
    );
    json!({
        "openapi": "3.1.0",
        "info": {"title": "暖巢 Nuanchao", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {
            "schemas": schemas(),
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "nuanchao"}},
        },
    })
}
