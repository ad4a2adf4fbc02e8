//! What `/api/v1/openapi.json` promises, held against what the program answers.

use crate::demo::children::invented_id;
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::{Method, StatusCode};
use jiff::civil::date;
use serde_json::{Value, json};

/// Whether a value is of one of the named types.
fn is_of(types: &Value, value: &Value) -> bool {
    let one = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    match types {
        Value::String(name) => one(name),
        Value::Array(names) => names.iter().any(|name| one(name.as_str().unwrap())),
        other => panic!("{other}"),
    }
}

/// Panics where the value is not what the schema says; a field that the schema does not name is
/// a fault, too.
fn holds(all: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        let schema = &all["components"]["schemas"][name];
        assert!(schema.is_object(), "no schema {name}");
        return holds(all, schema, value, &format!("{at}:{name}"));
    }
    assert!(is_of(&schema["type"], value), "{at} {value}");
    if let Some(known) = schema["enum"].as_array() {
        assert!(known.contains(value), "{at} {value}");
    }
    if let Some(items) = value.as_array() {
        for item in items {
            if schema.get("items").is_some() {
                holds(all, &schema["items"], item, &format!("{at}[]"));
            }
        }
    }
    let Some(fields) = value.as_object() else {
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(
            fields.contains_key(name.as_str().unwrap()),
            "{at} lacks {name}"
        );
    }
    for (name, field) in fields {
        let at = format!("{at}.{name}");
        match (
            schema["properties"].get(name),
            schema.get("additionalProperties"),
        ) {
            (Some(schema), _) | (None, Some(schema)) => holds(all, schema, field, &at),
            (None, None) => panic!("{at} is not in the document"),
        }
    }
}

/// Holds an answer against the schema of its route.
fn check(document: &Value, (method, path): (&str, &str), (status, body): (&str, &Value)) {
    let answer = &document["paths"][path][method]["responses"][status];
    let schema = &answer["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {path} {status}");
    holds(document, schema, body, path);
}

async fn read(who: &Person, document: &Value, (path, asked): (&str, &str)) -> Value {
    let body = who.get(asked).await.is(StatusCode::OK).json();
    check(document, ("get", path), ("200", &body));
    body
}

async fn every_answer_is_as_the_document_says(school: School) {
    school.adopt("p5").await;
    let wang = school.sign_in("banzhuren").await;
    let document = wang.get("/api/v1/openapi.json").await.json();
    read(&wang, &document, ("/api/v1/me", "/api/v1/me")).await;
    let week = read(&wang, &document, ("/api/v1/week", "/api/v1/week")).await;
    assert!(!week["items"].as_array().unwrap().is_empty());
    assert!(!week["others"].as_array().unwrap().is_empty());
    let children = ("/api/v1/children", "/api/v1/children?limit=500");
    read(&wang, &document, children).await;
    let id = wang.child("李思雨").await;
    let made = json!({"kind": "talk", "child_ids": [id], "fields": {"topic": ["study"]}});
    let key = operation();
    let headers = [("idempotency-key", key.as_str())];
    let made = wang
        .json((Method::POST, "/api/v1/records"), &headers, &made)
        .await;
    let made = made.is(StatusCode::CREATED).json();
    check(&document, ("post", "/api/v1/records"), ("201", &made));
    for part in ["", "/timeline", "/duties", "/determinations"] {
        let path = format!("/api/v1/children/{{child_id}}{part}");
        let asked = format!("/api/v1/children/{id}{part}");
        read(&wang, &document, (&path, &asked)).await;
    }
    let record = format!("/api/v1/records/{}", made["id"].as_str().unwrap());
    read(&wang, &document, ("/api/v1/records/{record_id}", &record)).await;
    let nothing = wang.get("/api/v1/children/nobody").await.json();
    let problem = json!({"$ref": "#/components/schemas/Problem"});
    holds(&document, &problem, &nothing, "problem");
}

/// Every line of a list once, however it is cut.
async fn gathered(who: &Person, path: &str, items: &str) -> (usize, Vec<Value>) {
    let (mut all, mut asked, mut parts) = (Vec::new(), String::new(), 0);
    loop {
        let body = who.get(&format!("{path}?limit=2{asked}")).await;
        let body = body.is(StatusCode::OK).json();
        let part = body[items].as_array().unwrap();
        assert!(part.len() <= 2);
        all.extend(part.iter().cloned());
        parts += 1;
        match body["next"].as_str() {
            Some(next) => asked = format!("&cursor={next}"),
            None => return (parts, all),
        }
    }
}

async fn a_list_comes_in_parts_and_loses_nothing(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let duties = format!("/api/v1/children/{id}/duties");
    for path in ["/api/v1/week", "/api/v1/children", &duties] {
        let whole = wang.get(path).await.json()["items"].clone();
        let (parts, all) = gathered(&wang, path, "items").await;
        assert!(parts > 1, "{path}");
        assert_eq!(Value::from(all), whole, "{path}");
        for wrong in ["limit=0", "limit=501", "limit=x", "cursor=x"] {
            let refused = wang.get(&format!("{path}?{wrong}")).await;
            refused.is(StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
}

/// A file of which nothing can go in is refused as a whole; its lines come in parts, too.
async fn an_import_is_told_line_by_line_and_as_a_whole(school: School) {
    let dangan = school.sign_in("dangan").await;
    let document = dangan.get("/api/v1/openapi.json").await.json();
    let girl = |serial| invented_id(date(2016, 3, 12), serial, "female");
    let file = |lines: &[String]| {
        let heads = "年级,班级,姓名,性别,身份证件号";
        format!("{heads}\n{}\n", lines.join("\n")).into_bytes()
    };
    let line = |name: &str, serial| format!("四年级,1班,{name},女,{}", girl(serial));
    let good: Vec<String> = (410..415).map(|serial| line("林小雨", serial)).collect();
    let path = "/api/v1/imports/roster";
    let made = dangan.upload(path, &file(&good)).await;
    let made = made.is(StatusCode::CREATED).json();
    check(&document, ("post", path), ("201", &made));
    assert_eq!(made["state"], "ready");
    let one = format!("/api/v1/imports/{}", made["id"].as_str().unwrap());
    let (parts, rows) = gathered(&dangan, &one, "rows").await;
    assert_eq!((parts, rows.len()), (3, 5));
    let bad = dangan.upload(path, &file(&[line("", 420)])).await.json();
    assert_eq!(bad["state"], "refused");
    let one = format!("/api/v1/imports/{}", bad["id"].as_str().unwrap());
    read(&dangan, &document, ("/api/v1/imports/{import_id}", &one)).await;
}

on_both! {
    every_answer_is_as_the_document_says
    a_list_comes_in_parts_and_loses_nothing
    an_import_is_told_line_by_line_and_as_a_whole
}
