//! Records through forms and JSON: once, amended, taken back.

use crate::on_both;
use crate::testing::{School, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

#[expect(clippy::cognitive_complexity, reason = "one story from form to undo")]
async fn a_talk_meets_the_week_and_a_double_tap_is_one_record(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/records");
    let form = format!(
        "operation={}&kind=talk&topic=homesick&look=so_so&next=usual&back=/week",
        operation()
    );
    let first = wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let again = wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    assert!(again.location.starts_with(&first.location));
    wang.get(&first.location)
        .await
        .is(StatusCode::OK)
        .says("记好了。");
    let week = wang.week_of("李思雨").await;
    // What the plan has for the festivals comes in its own time.
    let presses = |one: &&(String, String, String, i64)| one.0 == "talk" && one.2 != "soon";
    assert_eq!(week.iter().find(presses), None, "{week:?}");
    let timeline = wang
        .get(&format!("/api/v1/children/{id}/timeline?limit=500"))
        .await
        .json();
    let today = timeline["items"].as_array().unwrap().iter();
    assert_eq!(
        today
            .filter(|one| one["happened_on"] == "2025-09-30")
            .count(),
        1
    );

    let other = form.replace("homesick", "study");
    wang.post(&path, &other)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("编号已经用过");

    let record = first.location.split("done=").nth(1).unwrap();
    let undo = format!("/records/{record}/undo");
    wang.post(&undo, "back=/week")
        .await
        .is(StatusCode::SEE_OTHER);
    let week = wang.week_of("李思雨").await;
    assert!(week.iter().any(|(kind, ..)| kind == "talk"));
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

async fn an_empty_talk_says_what_is_missing_and_keeps_what_was_typed(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let form = format!(
        "operation={}&kind=talk&look=troubled&note=%E5%A5%BD",
        operation()
    );
    let page = wang.post(&format!("/children/{id}/records"), &form).await;
    let page = page.is(StatusCode::UNPROCESSABLE_ENTITY);
    let page = page
        .says("<title>错误：")
        .says("至少选一个")
        .says("role=\"alert\"")
        .says(">好</textarea>");
    let kept = page.text.contains("value=\"troubled\" checked");
    assert!(kept);
    let future = format!("{form}&topic=study&happened_on=2025-10-01");
    wang.post(&format!("/children/{id}/records"), &future)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("今天以后");
}

async fn a_glance_is_kept_and_counts_for_no_talk(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let form = format!("operation={}&kind=glance", operation());
    wang.post(&format!("/children/{id}/records"), &form)
        .await
        .is(StatusCode::SEE_OTHER);
    assert!(
        wang.week_of("李思雨")
            .await
            .iter()
            .any(|(kind, ..)| kind == "talk")
    );
}

async fn an_unanswered_call_does_not_count_as_a_call(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let call = |result: &str| {
        format!(
            "operation={}&kind=call&party=parent&result={result}",
            operation()
        )
    };
    let path = format!("/children/{id}/records");
    wang.post(&path, &call("no_answer"))
        .await
        .is(StatusCode::SEE_OTHER);
    let owed = |week: &[(String, String, String, i64)]| {
        week.iter()
            .any(|(kind, with, ..)| kind == "call" && with == "parent")
    };
    assert!(owed(&wang.week_of("张小明").await));
    wang.post(&path, &call("answered"))
        .await
        .is(StatusCode::SEE_OTHER);
    assert!(!owed(&wang.week_of("张小明").await));
}

async fn an_answered_call_is_saved_at_once_and_then_added_to(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let form = |result: &str| {
        format!(
            "operation={}&kind=call&party=parent&more_after=answered&result={result}&back=/week",
            operation()
        )
    };
    let path = format!("/children/{id}/records");
    let missed = wang.post(&path, &form("no_answer")).await;
    assert!(missed.location.starts_with("/week?"), "{}", missed.location);
    let answered = wang.post(&path, &form("answered")).await;
    let adding = wang.get(&answered.location).await.is(StatusCode::OK);
    adding.says("记好了。").says("想补几句吗").says("报喜");
    let edit = answered.location.split('?').next().unwrap().to_owned();
    let more = "kind=call&party=parent&version=1&result=answered&about=good_news&back=/week";
    let added = wang
        .post(&edit, &format!("{more}&operation={}", operation()))
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(added.location, "/week");
    wang.get(&format!("/children/{id}"))
        .await
        .says("报喜")
        .says("没人接");
    wang.get(&format!("/children/{id}/records/new?kind=talk"))
        .await
        .says("上几次");
}

#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of one record"
)]
async fn programs_write_once_and_amend_with_the_version_they_read(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let (one, two) = (wang.child("李思雨").await, wang.child("陈浩").await);
    let body = json!({"kind": "talk", "child_ids": [one, two], "happened_on": "2025-09-29",
        "fields": {"topic": ["study", "good_news"]}});
    let post = (Method::POST, "/api/v1/records");
    wang.json(post.clone(), &[], &body)
        .await
        .is(StatusCode::BAD_REQUEST);
    let key = operation();
    let made = wang
        .json(post.clone(), &[("idempotency-key", &key)], &body)
        .await
        .is(StatusCode::CREATED);
    let again = wang
        .json(post.clone(), &[("idempotency-key", &key)], &body)
        .await
        .is(StatusCode::CREATED);
    assert_eq!(made.json()["id"], again.json()["id"]);
    let other = json!({"kind": "talk", "child_ids": [one], "fields": {"topic": ["health"]}});
    wang.json(post.clone(), &[("idempotency-key", &key)], &other)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY);
    let bad = json!({"kind": "talk", "child_ids": [one], "fields": {"topic": ["nonsense"]}});
    let refused = wang
        .json(post, &[("idempotency-key", &operation())], &bad)
        .await;
    assert!(refused.json()["errors"]["topic"].is_array());

    let path = format!("/api/v1/records/{}", made.json()["id"].as_str().unwrap());
    let patch = (Method::PATCH, path.as_str());
    // Who may read it and did not write it is told so.
    let head = school.sign_in("xiaozhang").await;
    let headers = [("idempotency-key", "not-hers"), ("if-match", "1")];
    let refused = head
        .json(patch.clone(), &headers, &json!({"fields": {}}))
        .await;
    refused.is(StatusCode::FORBIDDEN).says("只有写的人能改");
    let change = json!({"fields": {"topic": ["safety"]}});
    let with = |key: &str, version: &str| {
        [
            ("idempotency-key".to_owned(), key.to_owned()),
            ("if-match".to_owned(), version.to_owned()),
        ]
    };
    let send = async |headers: [(String, String); 2]| {
        let headers = headers
            .each_ref()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        wang.json(patch.clone(), &headers, &change).await
    };
    wang.json(patch.clone(), &[("idempotency-key", &operation())], &change)
        .await
        .is(StatusCode::PRECONDITION_REQUIRED);
    let amended = send(with(&operation(), &made.etag))
        .await
        .is(StatusCode::OK);
    assert_eq!(amended.json()["fields"]["topic"], json!(["safety"]));
    let stale = send(with(&operation(), &made.etag)).await;
    let stale = stale.is(StatusCode::PRECONDITION_FAILED).json();
    assert_eq!(stale["current"]["fields"]["topic"], json!(["safety"]));
    // On the page both stand side by side, and what was typed is kept.
    let form = format!(
        "operation={}&version=1&happened_on=2025-09-29&topic=homesick&note=TYPED",
        operation()
    );
    let id = amended.json()["id"].as_str().unwrap().to_owned();
    let page = wang.post(&format!("/records/{id}/edit"), &form).await;
    page.is(StatusCode::PRECONDITION_FAILED)
        .says("现在存着的是：")
        .says("TYPED")
        .says("name=\"version\" value=\"2\"");
}

async fn a_phone_is_masked_until_it_is_asked_for_and_that_is_written_down(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let page = wang
        .get(&format!("/children/{id}/call"))
        .await
        .is(StatusCode::OK);
    let page = page.hides("16010000000").says("160****0000");
    let form = page.text.split("/kin/").nth(1).unwrap();
    let kin = form.split('/').next().unwrap();
    let shown = wang
        .post(&format!("/children/{id}/kin/{kin}/reveal"), "")
        .await
        .is(StatusCode::SEE_OTHER);
    let shown = shown.location.split('#').next().unwrap().to_owned();
    wang.get(&shown)
        .await
        .is(StatusCode::OK)
        .says("tel:16010000000")
        .says("刚才打给");
    // The address alone opens nothing for who has not asked.
    let dangan = school.sign_in("dangan").await;
    dangan
        .get(&shown)
        .await
        .is(StatusCode::OK)
        .hides("16010000000")
        .hides("补记一次");
    let auditor = school.sign_in("shenji").await;
    auditor
        .get("/office/journal")
        .await
        .is(StatusCode::OK)
        .says("看了完整号码")
        .hides("张小明");
    // Whose number it was is told to those who may see the card, and who looked with the whole name.
    let principal = school.sign_in("xiaozhang").await;
    let told = principal.get("/office/journal").await;
    told.says(&format!(
        "看了完整号码：<a href=\"/children/{id}\">张小明</a>"
    ))
    .says("，王建华</span>");
}

async fn cards_of_a_class_are_printed_four_to_a_page_and_registered(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let choose = wang
        .get("/print/cards")
        .await
        .is(StatusCode::OK)
        .says("五（2）班，12张");
    let class = choose.text.split("name=\"class\" value=\"").nth(1).unwrap();
    let class = class.split('"').next().unwrap();
    let print = wang
        .post(
            "/print/cards",
            &format!("class={class}&size=small&with=work"),
        )
        .await;
    let print = print
        .is(StatusCode::OK)
        .says("照看人签字")
        .says("阿依古丽·买买提");
    assert_eq!(print.text.matches("class=\"card-small\"").count(), 12);
    assert_eq!(print.text.matches("class=\"cards-small\"").count(), 3);
    assert!(print.text.contains("<title>校务"));
    print.says("139 5556 0101");
}

async fn a_carers_health_is_not_for_everybody_who_calls(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/card");
    let card = wang.get(&path).await;
    let carer = card.text.split("name=\"kin\" value=\"").last().unwrap();
    let kin = carer.split('"').next().unwrap();
    let kinship = carer.split("name=\"kinship\" value=\"").nth(1).unwrap();
    let kinship = kinship.split('"').next().unwrap();
    let told = format!(
        "operation={}&kin={kin}&kinship={kinship}&name=%E7%8E%8B%E7%A7%80%E8%8B%B1\
         &occupation=%E7%A7%8D%E5%9C%B0&health=%E8%86%9D%E7%9B%96%E4%B8%8D%E5%A5%BD",
        operation()
    );
    wang.post(&format!("{path}/kin"), &told)
        .await
        .is(StatusCode::SEE_OTHER);
    // One thing changed is not the whole card asked about; the same once more is no change.
    let card = wang.get(&path).await;
    let card = card
        .says("种地，膝盖不好")
        .says("还没有核对过")
        .says("第2版");
    let now = card.text.split("name=\"kin\" value=\"").last().unwrap();
    let now = now.split('"').next().unwrap();
    let again = told.replace(kin, now);
    let again = again.replacen(&again[10..46], &operation(), 1);
    let same = wang.post(&format!("{path}/kin"), &again).await;
    same.is(StatusCode::SEE_OTHER);
    wang.get(&path).await.hides("第3版").says("还没有核对过");
    let mentor = school.sign_in("bangfu").await;
    mentor.get(&path).await.says("种地").hides("膝盖");
}

#[expect(clippy::cognitive_complexity, reason = "one story of one class")]
async fn only_a_changed_card_is_printed_again(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let choose = wang.get("/print/cards").await;
    let class = choose.text.split("name=\"class\" value=\"").nth(1).unwrap();
    let class = class.split('"').next().unwrap();
    // Printed in the print centre, a class's cards are on paper just as well.
    let all = "form=contact_card&whom=class&class=%E4%BA%94%EF%BC%882%EF%BC%89%E7%8F%AD&as=pdf";
    wang.post("/print", all).await.is(StatusCode::OK);
    let changed = format!("class={class}&size=big&range=changed");
    wang.post("/print/cards", &changed)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("没有变动");
    let id = wang.child("张小明").await;
    let card = wang.get(&format!("/children/{id}/card")).await;
    let kin = card.text.split("name=\"kin\" value=\"").nth(1).unwrap();
    let kin = kin.split('"').next().unwrap();
    let wrong = format!(
        "operation={}&kin={kin}&kinship=father&name=%E5%BC%A0%E5%BB%BA%E5%9B%BD&phone=160",
        operation()
    );
    let path = format!("/children/{id}/card/kin");
    let refused = wang.post(&path, &wrong).await;
    let refused = refused.is(StatusCode::UNPROCESSABLE_ENTITY).says("少了8位");
    assert_eq!(
        refused
            .text
            .matches("<details class=\"fold\" open>")
            .count(),
        1
    );
    assert!(refused.text.contains(&format!("href=\"#phone-{kin}\"")));
    let right = wrong.replace("phone=160", "phone=16010009999");
    wang.post(&path, &right).await.is(StatusCode::SEE_OTHER);
    let page = wang.get("/print/cards").await;
    page.says("有变动的1张")
        .says(&format!("/children/{id}/card"));
    let card = wang.get(&format!("/children/{id}/card")).await;
    card.says("旧卡还在外面")
        .says("王老师印的，学校存档")
        .says("改成160****9999");
    let other = wang.child("李思雨").await;
    let other = wang.get(&format!("/children/{other}/card")).await;
    other.hides("旧卡还在外面");
    let big = wang.post("/print/cards", &changed).await;
    let big = big
        .is(StatusCode::OK)
        .says("160 1000 9999")
        .says("照看人")
        .says("王老师");
    assert_eq!(big.text.matches("class=\"card-big\"").count(), 1);
    // The family has the new one, the folder still the old one.
    wang.get("/print/cards").await.says("都没变");
    let card = wang.get(&format!("/children/{id}/card")).await;
    card.says("王老师印的，学校存档").hides("交给家里");
    let one = format!("form=contact_card&whom=child&child={id}&as=pdf");
    wang.post("/print", &one).await.is(StatusCode::OK);
    let card = wang.get(&format!("/children/{id}/card")).await;
    card.hides("旧卡还在外面");
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the teacher to the counsellor"
)]
async fn the_counsellor_is_told_why_and_nobody_else(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let form = format!(
        "operation={}&kind=talk&topic=homesick&next=counsellor&only_counsellor=yes\
         &note=%E5%A4%9C%E9%87%8C%E5%93%AD&refer_why=%E7%9D%A1%E4%B8%8D%E7%9D%80&back=/week",
        operation()
    );
    let path = format!("/children/{id}/records");
    let saved = wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let xinli = school.sign_in("xinli").await;
    xinli
        .get("/week")
        .await
        .says("请您看看李思雨")
        .says("睡不着")
        .hides("搭把手");
    let child = format!("/children/{id}");
    xinli.get(&child).await.says("夜里哭");
    let auditor = school.sign_in("shenji").await;
    auditor
        .get("/office/journal")
        .await
        .says("看了受保护的内容");
    for other in ["xiaozhang", "bangfu"] {
        let other = school.sign_in(other).await;
        other
            .get(&child)
            .await
            .is(StatusCode::OK)
            .hides("夜里哭")
            .hides("睡不着")
            .says("受保护");
        other.get("/week").await.hides("睡不着");
    }
    // An amendment does not open what was for one reader.
    let record = saved.location.split("done=").nth(1).unwrap();
    let edit = format!(
        "operation={}&version=1&kind=talk&topic=study&next=usual&note=%E5%A4%9C%E9%87%8C%E5%93%AD",
        operation()
    );
    wang.post(&format!("/records/{record}/edit"), &edit)
        .await
        .is(StatusCode::SEE_OTHER);
    let xiaozhang = school.sign_in("xiaozhang").await;
    xiaozhang.get(&child).await.hides("夜里哭");
    let before = format!("/records/{record}/earlier");
    xiaozhang.get(&before).await.is(StatusCode::NOT_FOUND);
    let answer = format!(
        "operation={}&kind=talk&topic=homesick&back=/week",
        operation()
    );
    xinli.post(&path, &answer).await.is(StatusCode::SEE_OTHER);
    xinli.get("/week").await.hides("请您看看李思雨");
}

/// A talk is handed to the counsellor when it is written, or when it is written on.
async fn a_talk_may_be_handed_on_later(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let form = format!(
        "operation={}&kind=talk&topic=homesick&back=/week",
        operation()
    );
    let saved = wang.post(&format!("/children/{id}/records"), &form).await;
    let record = saved.location.split("done=").nth(1).unwrap().to_owned();
    let path = format!("/records/{record}/edit");
    wang.get(&path).await.says("refer_why");
    let edit = format!(
        "operation={}&version=1&kind=talk&topic=homesick&next=counsellor\
         &refer_why=%E7%9D%A1%E4%B8%8D%E7%9D%80",
        operation()
    );
    wang.post(&path, &edit).await.is(StatusCode::SEE_OTHER);
    let xinli = school.sign_in("xinli").await;
    xinli
        .get("/week")
        .await
        .says("请您看看李思雨")
        .says("睡不着");
    wang.get(&path).await.hides("refer_why");
}

/// What only a person can know is said on the page of the home, and plans ask accordingly.
#[expect(clippy::cognitive_complexity, reason = "set, seen, lifted, refused")]
async fn a_child_who_needs_more_gets_what_the_plan_has_for_it(school: School) {
    school.adopt("p5").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let duties = async || {
        wang.get(&format!("/api/v1/children/{id}/duties"))
            .await
            .text
    };
    assert!(!duties().await.contains("mentor_visit"));
    let page = format!("/children/{id}");
    wang.get(&page).await.says("照常");
    let marks = format!("/children/{id}/home/marks");
    let form = format!("operation={}&mark=priority&mark=study_help", operation());
    wang.post(&marks, &form).await.is(StatusCode::SEE_OTHER);
    assert!(duties().await.contains("mentor_visit"));
    wang.get(&page).await.says("多陪陪");
    let none = format!("operation={}", operation());
    wang.post(&marks, &none).await.is(StatusCode::SEE_OTHER);
    assert!(!duties().await.contains("mentor_visit"));
    wang.get(&page).await.says("照常").hides("多陪陪");
    let mentor = school.sign_in("bangfu").await;
    let refused = mentor.post(&marks, &form).await;
    refused.is(StatusCode::NOT_FOUND);
}

async fn a_visit_that_saw_nothing_is_asked_about(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let form = format!("operation={}&kind=home_visit&back=/week", operation());
    wang.post(&format!("/children/{id}/records"), &form)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("看了什么还没选");
}

on_both! {
    a_talk_may_be_handed_on_later
    a_child_who_needs_more_gets_what_the_plan_has_for_it
    a_talk_meets_the_week_and_a_double_tap_is_one_record
    an_empty_talk_says_what_is_missing_and_keeps_what_was_typed
    a_glance_is_kept_and_counts_for_no_talk
    an_unanswered_call_does_not_count_as_a_call
    an_answered_call_is_saved_at_once_and_then_added_to
    programs_write_once_and_amend_with_the_version_they_read
    a_phone_is_masked_until_it_is_asked_for_and_that_is_written_down
    cards_of_a_class_are_printed_four_to_a_page_and_registered
    a_carers_health_is_not_for_everybody_who_calls
    only_a_changed_card_is_printed_again
    the_counsellor_is_told_why_and_nobody_else
    a_visit_that_saw_nothing_is_asked_about
}
