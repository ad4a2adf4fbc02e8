//! Forms that a school makes for itself.

use super::paper::page;
use crate::on_both;
use crate::testing::{School, operation};
use crate::web::words::url;
use axum::http::StatusCode;

/// A field that nobody is asked for any more keeps what was written in it, on the screen and on paper,
/// also after the entry is changed, and may be taken up again.
#[expect(clippy::cognitive_complexity, reason = "one story of one field")]
async fn what_was_written_stays_when_a_field_is_given_up(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let made = format!(
        "operation={}&title={}&purpose={}&years=3&tier=C1",
        operation(),
        url("兴趣登记"),
        url("知道孩子喜欢什么")
    );
    let made = principal.post("/office/forms", &made).await;
    made.is(StatusCode::SEE_OTHER);
    for title in ["爱好", "级别"] {
        let field = format!(
            "operation={}&form=own_form_1&field_title={}&kind=text&options=",
            operation(),
            url(title)
        );
        let added = principal.post("/office/forms/field", &field).await;
        added.is(StatusCode::SEE_OTHER);
    }
    let edit = principal.get("/office/forms/own_form_1").await.text;
    let ids = edit.split("name=\"field\" value=\"").skip(1);
    let ids: Vec<&str> = ids.filter_map(|rest| rest.split('"').next()).collect();
    let (hobby, level) = (ids[0], ids[1]);
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/own_form_1");
    let said = format!(
        "operation={}&version=0&{hobby}=DRAW&{level}=SECOND",
        operation()
    );
    wang.post(&path, &said).await.is(StatusCode::SEE_OTHER);
    let turn = async |what: &str| {
        let form = format!("operation={}&field={level}&do={what}", operation());
        let turned = principal.post("/office/forms/own_form_1", &form).await;
        turned.is(StatusCode::SEE_OTHER);
    };
    turn("retire").await;
    let print = format!("form=own_form_1&whom=child&child={id}&as=html");
    let shown = wang.get(&path).await.says("现在不问了").says("SECOND");
    let entry = shown.text.split("name=\"entry\" value=\"").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap();
    assert!(page(&wang, &print).await.contains("SECOND"));
    let said = format!(
        "operation={}&entry={entry}&version=1&{hobby}=SING",
        operation()
    );
    wang.post(&path, &said).await.is(StatusCode::SEE_OTHER);
    let after = page(&wang, &print).await;
    assert!(
        after.contains("SING") && after.contains("SECOND"),
        "{after}"
    );
    turn("again").await;
    wang.get(&path)
        .await
        .says("value=\"SECOND\"")
        .hides("现在不问了");
}

on_both! {
    what_was_written_stays_when_a_field_is_given_up
}
