//! A file that grows: filled in as things become known, counted the same for everybody, confirmed by
//! the family.

use crate::db;
use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::{Method, StatusCode};
use serde_json::json;

const NOTICE: &str = "entrustment_notice";

async fn last_on(who: &Person, id: &str, kind: &str) -> Option<String> {
    let duties = who.get(&format!("/api/v1/children/{id}/duties")).await;
    let duties = duties.json();
    let mut all = duties["items"].as_array().unwrap().iter();
    let one = all.find(|one| one["kind"] == kind).unwrap();
    one["last_on"].as_str().map(ToOwned::to_owned)
}

/// The version that the page was drawn from, and with it what is said now.
async fn say(who: &Person, path: &str, said: &str) {
    let page = who.get(path).await.is(StatusCode::OK).text;
    let named = |name: &str| {
        let (_, rest) = page
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (entry, version) = (named("entry"), named("version"));
    let key = operation();
    let form = format!("operation={key}&entry={entry}&version={version}&{said}");
    who.post(path, &form).await.is(StatusCode::SEE_OTHER);
}

#[expect(clippy::cognitive_complexity, reason = "one story of one form")]
async fn a_form_is_filled_in_bit_by_bit_and_is_done_when_nothing_lacks(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/dossier/{NOTICE}");
    wang.get(&path)
        .await
        .says("知道多少先填多少，其余的以后再补");
    say(&wang, &path, "reason=a&contact_promise=yes").await;
    let page = wang.get(&path).await.says("还缺：从哪天起、照看人");
    let clear = "<input type=\"radio\" name=\"contact_promise\" value=\"\">";
    let page = page.says(clear);
    assert!(page.text.contains("value=\"yes\" checked"));
    assert_eq!(last_on(&wang, &id, NOTICE).await, None, "half is not done");
    let file = format!("/children/{id}/dossier");
    wang.get(&file).await.says("还缺2项");
    // What was picked is left open again.
    say(&wang, &path, "reason=a&contact_promise=").await;
    wang.get(&path).await.hides(clear).says("以前的1版");
    let rest = "reason=a&from_on=2025-09-01&carer=b&carer_phone=13800001111";
    say(&wang, &path, rest).await;
    wang.get(&path)
        .await
        .hides("还缺：")
        .hides("知道多少先填多少");
    let principal = school.sign_in("xiaozhang").await;
    let read = principal.get(&path).await.is(StatusCode::OK);
    read.says("<dd>2025年9月1日</dd>")
        .says("138****1111")
        .hides("name=\"from_on\"")
        .hides("13800001111");
    say(&wang, &path, "reason=a&from_on=2025-09-01&carer=b").await;
    let read = principal.get(&path).await.says("以前的3版");
    read.says("138****1111").hides("13800001111");
    let done = last_on(&wang, &id, NOTICE).await;
    assert_eq!(done.as_deref(), Some("2025-09-30"));
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// Days that cannot follow each other and a number that is nobody's are each said at their place.
async fn a_number_and_two_days_are_looked_at(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/dossier/{NOTICE}");
    let key = operation();
    let said = |id: &str, to: &str| {
        format!("operation={key}&from_on=2025-09-01&to_on={to}&carer=b&carer_id={id}")
    };
    let refused = wang
        .post(&path, &said("110105194912310021", "2025-08-31"))
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY);
    refused
        .says("身份证号的校验位对不上")
        .says("比“从哪天起”还早");
    wang.post(&path, &said("11010519491231002x", "2025-09-01"))
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get(&path).await.says("value=\"11010519491231002X\"");
    let principal = school.sign_in("xiaozhang").await;
    principal.get(&path).await.says("<dd>尾号002X</dd>");
}

/// More than a number can be, and an end before a beginning of which only the month is known.
async fn a_slip_of_the_finger_is_told(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let special = format!("/children/{id}/dossier/special_register");
    let days = async |since: &str, until: &str| {
        let key = operation();
        let form =
            format!("operation={key}&version=0&special_kind=talented&since={since}&until={until}");
        wang.post(&special, &form).await
    };
    let refused = days("2025-05", "2025-04-30").await;
    refused.says("比“从什么时候起”还早");
    days("2025", "2024").await.says("比“从什么时候起”还早");
    for until in ["2025", "2025-05-01", ""] {
        days("2025-05", until).await.is(StatusCode::SEE_OTHER);
    }
    let write = async |minutes: &str| {
        let key = operation();
        let head = [("idempotency-key", key.as_str())];
        let call = json!({
            "kind": "family_call", "child_ids": [id], "happened_on": "2025-09-30",
            "fields": {"minutes": minutes}
        });
        wang.json((Method::POST, "/api/v1/records"), &head, &call)
            .await
    };
    for over in ["1441", "1440.5", "1000000000000000000"] {
        write(over).await.says("最多填1440分钟");
    }
    write("1440").await.is(StatusCode::CREATED);
}

async fn what_a_file_lacks_is_the_same_for_all_who_read_it(school: School) {
    school.adopt("p2").await;
    let (mut seen, mut named) = (Vec::new(), Vec::new());
    for name in ["banzhuren", "dangan", "xiaozhang"] {
        let who = school.sign_in(name).await;
        let page = who
            .get(&format!("/dossiers?class={}", url("五（2）班")))
            .await;
        let page = page.is(StatusCode::OK).text;
        let chips = page.matches("还缺").count();
        let chips: Vec<String> = page
            .split("还缺")
            .skip(1)
            .map(|one| one.split('项').next().unwrap().to_owned())
            .collect::<Vec<_>>()
            .into_iter()
            .take(chips)
            .collect();
        assert!(!chips.is_empty(), "{name}: every file is complete");
        seen.push(chips);
        let id = who.child("张小明").await;
        let file = who.get(&format!("/children/{id}/dossier")).await;
        named.push(file.text.contains("由班主任和档案员来补"));
    }
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:?}");
    // Who does not read of health is told how many, and not what.
    assert_eq!(named, [false, false, true]);
}

/// The slip came home, and nothing was to be changed.
#[expect(clippy::cognitive_complexity, reason = "one slip, said in both ways")]
async fn a_slip_without_changes_confirms_the_card(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/dossier/term_confirmation");
    let slip = |said: &str| {
        let key = operation();
        format!("operation={key}&term=a&confirmed_on=2025-09-30&changed={said}")
    };
    wang.post(&path, &slip("yes"))
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("要改什么还没填");
    wang.post(&path, &(slip("no") + "&what=a"))
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("说了没有要改的");
    let ahead = slip("no").replace("2025-09-30", "2025-10-01");
    wang.post(&path, &ahead)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("日子在今天以后");
    wang.post(&path, &(slip("yes") + "&what=a"))
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(last_on(&wang, &id, "contact_card").await, None);
    // Something is to be changed: the teacher is reminded until it is.
    wang.get("/week").await.says("李思雨家里说联系卡有变动");
    wang.post(&path, &slip("no"))
        .await
        .is(StatusCode::SEE_OTHER);
    let on = last_on(&wang, &id, "contact_card").await;
    assert_eq!(on.as_deref(), Some("2025-09-30"));
    wang.get("/week").await.hides("说联系卡有变动");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// A step of an entry is a kind of its own, as it is of a record.
async fn a_step_that_is_ticked_in_a_file_counts_for_what_asks_for_it(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/dossier/dropout");
    let key = operation();
    let form = format!("operation={key}&left_on=2025-09-20&steps=reported");
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let mut conn = school.app.db.read().await.unwrap();
    let kinds: Vec<String> = db::query_scalar(
        "select kind from care_summary where child_id = $1 and last_on = '2025-09-30' order by kind",
    )
    .bind(&id)
    .fetch_all(&mut conn)
    .await
    .unwrap();
    drop(conn);
    let has = |kind: &str| kinds.iter().any(|one| one == kind);
    assert!(has("dropout") && has("dropout.reported"), "{kinds:?}");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

on_both! {
    a_step_that_is_ticked_in_a_file_counts_for_what_asks_for_it
    a_form_is_filled_in_bit_by_bit_and_is_done_when_nothing_lacks
    what_a_file_lacks_is_the_same_for_all_who_read_it
    a_slip_without_changes_confirms_the_card
    a_number_and_two_days_are_looked_at
    a_slip_of_the_finger_is_told
}
