//! What a record said before it was amended.

use crate::on_both;
use crate::testing::{School, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

/// Whoever reads a record reads what it said before, on its page and as a program; what was for one
/// reader stays so.
async fn readers_reach_what_was_written_before(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let child = wang.child("刘洋").await;
    let made = format!(
        "operation={}&kind=talk&topic=study&happened_on=2025-09-29&note=BEFORE",
        operation()
    );
    let made = wang
        .post(&format!("/children/{child}/records"), &made)
        .await;
    let id = made.location.split("done=").nth(1).unwrap();
    let id = id.split('#').next().unwrap().to_owned();
    let path = format!("/records/{id}/earlier");
    let principal = school.sign_in("xiaozhang").await;
    principal.get(&path).await.says("没有改过").says("BEFORE");
    let edit = format!(
        "operation={}&version=1&happened_on=2025-09-29&topic=study&note=AFTER",
        operation()
    );
    let edited = wang.post(&format!("/records/{id}/edit"), &edit).await;
    edited.is(StatusCode::SEE_OTHER);
    principal
        .get(&format!("/children/{child}"))
        .await
        .says(&path);
    let page = principal.get(&path).await;
    page.says("BEFORE").says("AFTER").says("王老师改的");
    let told = principal.get(&format!("/api/v1/records/{id}")).await.json();
    assert_eq!(told["earlier"][0]["fields"]["note"], "BEFORE", "{told}");
    assert_eq!(told["earlier"][0]["version"], 1);
    let stranger = school.sign_in("limei").await;
    stranger.get(&path).await.is(StatusCode::NOT_FOUND);
}

/// A program that sends the words of a page is told the codes.
async fn a_program_is_told_what_may_be_chosen(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let child = wang.child("刘洋").await;
    let body = json!({"kind": "home_visit", "child_ids": [child], "fields": {"found": ["住"]}});
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let refused = wang
        .json((Method::POST, "/api/v1/records"), &head, &body)
        .await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("living（住）");
}

on_both! {
    a_program_is_told_what_may_be_chosen
    readers_reach_what_was_written_before
}
