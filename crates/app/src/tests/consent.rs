//! What a family has to be asked about first is not written before it said yes, by whichever door.

use crate::adoptions::store::adopt;
use crate::db;
use crate::ids::SchoolId;
use crate::on_both;
use crate::packs::read::read;
use crate::testing::{FIXED, Person, School, operation};
use crate::web::words::url;
use axum::http::{Method, StatusCode};
use serde_json::json;

/// The teacher writes down what the family said: for what, the answer, the day.
pub async fn told_by_family(who: &Person, child: &str, (purpose, answer, on): (&str, &str, &str)) {
    let path = format!("/children/{child}/dossier/consent");
    let form = format!(
        "operation={}&purpose={purpose}&answer={answer}&by=a&told_on={on}",
        operation()
    );
    who.post(&path, &form).await.is(StatusCode::SEE_OTHER);
}

const LETTERS: &str = r#"
[pack]
id = "voices"
title = "声音信"
version = "1"
level = "school"
source = "学校自定"
about = "孩子和爸妈互相录一段话。"

[[form]]
id = "voice"
title = "录了一段话"
source = "学校自定"
kind = "record"
whole_class = true
party = "child"
purpose = "爸妈听得见孩子的声音"
retention = { years = 1, after = "record" }
tier = "C1"
needs_consent = "letters"

[[form.field]]
id = "about"
title = "说了什么"
type = "text"
"#;

async fn take_up(school: &School, text: &str) {
    let pack = read(text, "voices", FIXED).unwrap_or_else(|_| panic!("the pack does not read"));
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    let id: String = db::query_scalar("select id from org where kind = 'school' limit 1")
        .fetch_one(&mut tx)
        .await
        .unwrap();
    let id = SchoolId::from(id);
    adopt(&mut tx, &id, (&pack, text), FIXED, "").await.unwrap();
    tx.commit().await.unwrap();
    school.app.memory.forget(&id);
}

const NOT_YET: &str = "李思雨家里还没同意“家书、语音留在学校”";

#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "every door, before and after"
)]
async fn a_record_waits_for_the_family_by_every_door(school: School) {
    take_up(&school, LETTERS).await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let page = format!("/children/{id}/records/new?kind=voice");
    wang.get(&page).await.is(StatusCode::OK).says(NOT_YET);
    let path = format!("/children/{id}/records");
    let form = || format!("operation={}&kind=voice&about=VOICE-1", operation());
    let said = async |answer: &str, on: &str| {
        told_by_family(&wang, &id, ("letters", answer, on)).await;
    };
    let refused = wang.post(&path, &form()).await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(NOT_YET);
    let note = wang.get("/note?kind=voice").await;
    let (_, class) = note.text.split_once("/classes/").unwrap();
    let class = format!("/classes/{}/records", class.split('/').next().unwrap());
    let names = wang.get(&format!("{class}/new?kind=voice")).await;
    names
        .says("李思雨")
        .says("家里还没同意“家书、语音留在学校”");
    let together = || format!("{}&also={id}", form());
    let refused = wang.post(&class, &together()).await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(NOT_YET);
    let body = json!({"kind": "voice", "child_ids": [id], "happened_on": "2025-09-30",
        "fields": {"about": "VOICE-2"}});
    let by_program = async || {
        let key = operation();
        let head = [("idempotency-key", key.as_str())];
        wang.json((Method::POST, "/api/v1/records"), &head, &body)
            .await
    };
    let refused = by_program().await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(NOT_YET);
    let timeline = format!("/api/v1/children/{id}/timeline");
    wang.get(&timeline).await.hides("VOICE-");

    said("given", "2025-09-01").await;
    wang.get(&page).await.hides(NOT_YET);
    let sent = form();
    wang.post(&path, &sent).await.is(StatusCode::SEE_OTHER);
    wang.post(&class, &together())
        .await
        .is(StatusCode::SEE_OTHER);
    let made = by_program().await.is(StatusCode::CREATED).json();
    said("withdrawn", "2025-09-20").await;
    let edit = format!("/records/{}/edit", made["id"].as_str().unwrap());
    let other = format!(
        "operation={}&version=1&happened_on=2025-09-30&about=VOICE-3",
        operation()
    );
    let refused = wang.post(&edit, &other).await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(NOT_YET);
    by_program().await.is(StatusCode::UNPROCESSABLE_ENTITY);
    // What was written before, sent once more by a phone that had no answer, is no new writing.
    let again = wang.post(&path, &sent).await;
    assert!(
        again
            .is(StatusCode::SEE_OTHER)
            .location
            .contains("said=again")
    );
    let page = wang.get(&timeline).await;
    page.says("VOICE-1").says("VOICE-2").hides("VOICE-3");
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the office to the file"
)]
async fn a_school_says_which_of_its_own_forms_wait_for_the_family(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let page = principal.get("/office/forms").await;
    page.says("要先问过家里吗").says("要，心理筛查");
    let form = format!(
        "operation={}&title={}&purpose=a&many=0&tier=C1&needs_consent=screening",
        operation(),
        url("心理筛查")
    );
    let field = format!(
        "operation={}&form=own_form_1&field_title=score&kind=text&options=",
        operation()
    );
    for (path, form) in [("/office/forms", form), ("/office/forms/field", field)] {
        principal.post(path, &form).await.is(StatusCode::SEE_OTHER);
    }
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/dossier/own_form_1");
    let sentence = "李思雨家里还没同意“心理筛查”";
    wang.get(&path).await.says(sentence);
    let filled = |version: &str| {
        format!(
            "operation={}&entry=&version={version}&own_field_1=SCORE-1",
            operation()
        )
    };
    let refused = wang.post(&path, &filled("0")).await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(sentence);
    wang.get(&path).await.hides("SCORE-1");

    // A sheet is no way around.
    let sheet = "姓名,班级,score\n李思雨,五（2）班,SCORE-2\n";
    let back = "/dossiers/own_form_1/back";
    let looked = wang.upload(back, sheet.as_bytes()).await;
    wang.get(&looked.location).await.says(sentence);

    told_by_family(&wang, &id, ("screening", "given", "2025-09-01")).await;
    wang.get(&path).await.hides(sentence);
    wang.post(&path, &filled("0"))
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get(&path).await.says("SCORE-1");
}

/// What a class was written into at once is not changed at once for a child whose family said no.
async fn a_class_is_not_reworded_past_one_family(school: School) {
    take_up(&school, LETTERS).await;
    let wang = school.sign_in("banzhuren").await;
    let (first, second) = (wang.child("李思雨").await, wang.child("刘洋").await);
    for id in [&first, &second] {
        told_by_family(&wang, id, ("letters", "given", "2025-09-01")).await;
    }
    let body = json!({"kind": "voice", "child_ids": [first, second], "happened_on": "2025-09-30",
        "fields": {"about": "VOICE-1"}});
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let made = wang
        .json((Method::POST, "/api/v1/records"), &head, &body)
        .await;
    let made = made.is(StatusCode::CREATED).json();
    told_by_family(&wang, &second, ("letters", "withdrawn", "2025-09-20")).await;
    let other = format!(
        "operation={}&version=1&happened_on=2025-09-30&about=VOICE-2",
        operation()
    );
    let edit = format!("/records/{}/edit", made["id"].as_str().unwrap());
    let refused = wang.post(&edit, &other).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("刘洋家里还没同意");
    for id in [&first, &second] {
        let timeline = wang.get(&format!("/api/v1/children/{id}/timeline")).await;
        timeline.says("VOICE-1").hides("VOICE-2");
    }
}

on_both! {
    a_class_is_not_reworded_past_one_family
    a_record_waits_for_the_family_by_every_door
    a_school_says_which_of_its_own_forms_wait_for_the_family
}
