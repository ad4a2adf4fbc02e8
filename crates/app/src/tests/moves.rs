//! Children who move: to another class, to another school, back again; classes that close.

use super::school::ids_of;
use crate::on_both;
use crate::testing::{School, operation};
use axum::http::StatusCode;
use jiff::civil::date;

/// The hand-over sheet and its receipt come when the child has left.
async fn the_hand_over_is_written_when_the_child_has_left(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = dangan.child("陈浩").await;
    let leave = format!("operation={}&why=with_parents", operation());
    let path = format!("/children/{id}/move/leave");
    dangan.post(&path, &leave).await.is(StatusCode::SEE_OTHER);
    let sheet = format!(
        "operation={}&to_school=%E7%BA%A2%E6%98%9F&handed=card&handed_on=2025-09-29",
        operation()
    );
    let handover = format!("/children/{id}/dossier/handover");
    dangan
        .post(&handover, &sheet)
        .await
        .is(StatusCode::SEE_OTHER);
    dangan.get(&handover).await.says("红星");
    let waits = "陈浩，交给下一所学校";
    dangan.get("/office/requests").await.says(waits);
    let card = format!("operation={}", operation());
    let refused = dangan.post(&format!("/children/{id}/card"), &card).await;
    assert_ne!(refused.status, StatusCode::SEE_OTHER);
    // Back again: no other school has anything to sign for.
    let back = format!("operation={}", operation());
    let path = format!("/children/{id}/move/back");
    dangan.post(&path, &back).await.is(StatusCode::SEE_OTHER);
    dangan.get("/office/requests").await.hides(waits);
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from one class to two"
)]
async fn one_class_becomes_two_and_none_is_lost(school: School) {
    let dangan = school.sign_in("dangan").await;
    let classes = dangan.get("/office/classes").await.is(StatusCode::OK);
    let after = |text: &str, from: &str| {
        let rest = text.split(from).nth(1).unwrap().to_owned();
        rest.split('"').next().unwrap().to_owned()
    };
    let wang = school.sign_in("banzhuren").await;
    let (one, two) = (wang.child("李思雨").await, wang.child("陈浩").await);
    let row = classes.text.split("五（2）班").nth(1).unwrap();
    let path = after(row, "href=\"");
    assert!(path.ends_with("/move"), "{path}");
    let form = dangan.get(&path).await.is(StatusCode::OK).says("李思雨");
    let targets = form.text.split("转到哪个班").nth(1).unwrap();
    let to = after(targets, "value=\"");
    let op = operation();
    let both = format!("operation={op}&child={one}&child={two}&class={to}");
    for missing in [
        format!("operation={op}&class={to}"),
        format!("operation={op}&child={one}"),
    ] {
        dangan
            .post(&path, &missing)
            .await
            .is(StatusCode::UNPROCESSABLE_ENTITY)
            .says("还没选");
    }
    // Another grade is another leaving of the school: meant, or picked by mistake.
    let asked = dangan.post(&path, &both).await;
    asked
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("不是一个年级")
        .says("是，一起转过去")
        .hides("class=\"errors\"");
    let both = format!("{both}&sure={to}");
    let mut moved = String::new();
    for _ in 0..2 {
        let answer = dangan.post(&path, &both).await.is(StatusCode::SEE_OTHER);
        moved = answer.location;
    }
    let list = wang.get("/children").await;
    list.hides("李思雨").says("张小明");
    dangan.get(&moved).await.says("2人转回五（2）班");
    // For a day, also when that page is gone.
    let done = dangan.get("/me/changes").await.says("去转回");
    let way = after(&done.text, "href=\"/office/classes?from=").replace("&amp;", "&");
    let way = format!("/office/classes?from={way}");
    dangan.get(&way).await.says("2人转回五（2）班");
    let there = dangan
        .get(&format!("/children/{one}"))
        .await
        .is(StatusCode::OK);
    there.hides("五（2）班，");
    // A page that was drawn before the move changes nothing.
    let stale = format!("operation={}&child={one}&class={to}", operation());
    let stale = dangan.post(&path, &stale).await;
    assert_ne!(stale.status, StatusCode::SEE_OTHER);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert_eq!(faults, Vec::<String>::new());
}

async fn an_empty_class_is_closed_and_opened_again(school: School) {
    let dangan = school.sign_in("dangan").await;
    let open = format!("operation={}&grade=4&number=7", operation());
    let opened = async |form: &str| {
        dangan
            .post("/office/classes", form)
            .await
            .is(StatusCode::SEE_OTHER)
    };
    opened(&open).await;
    let page = dangan.get("/office/classes").await.says("四（7）班");
    let close = page.text.split("/close\"").next().unwrap();
    let close = format!("{}/close", close.rsplit('"').next().unwrap());
    let full = page.text.split("/move\"").next().unwrap();
    let full = full.rsplit('"').next().unwrap();
    let refused = dangan
        .post(
            &format!("{full}/close"),
            &format!("operation={}", operation()),
        )
        .await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("个孩子。先在");
    let key = format!("operation={}", operation());
    dangan.post(&close, &key).await.is(StatusCode::SEE_OTHER);
    dangan.get("/office/classes").await.hides("四（7）班");
    opened(&open.replace(&open[10..46], &operation())).await;
    dangan.get("/office/classes").await.says("四（7）班");
}

#[expect(clippy::cognitive_complexity, reason = "one story, step by step")]
async fn a_child_leaves_and_comes_back_and_changes_class(school: School) {
    let dangan = school.sign_in("dangan").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let move_to = |what: &str| format!("/children/{id}/move/{what}");
    let form = || format!("operation={}", operation());
    let leave = format!("{}&why=with_parents", form());
    dangan
        .post(&move_to("leave"), &leave)
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(ids_of(&wang).await.len(), 11);
    assert!(wang.week_of("陈浩").await.is_empty());
    dangan
        .post(&move_to("back"), &form())
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(ids_of(&wang).await.len(), 12);
    let page = dangan.get(&format!("/children/{id}/move")).await;
    let third = page
        .text
        .split("value=\"")
        .find(|part| part.contains(">三（1）班<"));
    let third = third.unwrap().split('"').next().unwrap();
    let to_third = format!("{}&class={third}", form());
    // The same question as for many.
    dangan
        .post(&move_to("class"), &to_third)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("三（1）班和现在的班不是一个年级")
        .says(&format!("<option value=\"{third}\" selected>"));
    assert_eq!(ids_of(&wang).await.len(), 12);
    let to_third = format!("{to_third}&sure={third}");
    for _ in 0..2 {
        dangan
            .post(&move_to("class"), &to_third)
            .await
            .is(StatusCode::SEE_OTHER);
    }
    assert_eq!(ids_of(&wang).await.len(), 11);
    let limei = school.sign_in("limei").await;
    assert_eq!(ids_of(&limei).await.len(), 13);
    limei
        .get(&format!("/children/{id}"))
        .await
        .is(StatusCode::OK);
    wang.post(&move_to("leave"), &form())
        .await
        .is(StatusCode::NOT_FOUND);
}

/// Who accompanied a child does so again when it is back; while it is away nothing is owed to it.
#[expect(clippy::cognitive_complexity, reason = "one child, gone and back")]
async fn a_child_that_is_back_has_its_mentor(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mentor = school.sign_in("bangfu").await;
    let own = ids_of(&mentor).await;
    let id = own.first().unwrap();
    let form = format!("operation={}&why=with_parents&day=2025-09-26", operation());
    let leave = format!("/children/{id}/move/leave");
    dangan.post(&leave, &form).await.is(StatusCode::SEE_OTHER);
    let told = dangan.get(&format!("/api/v1/children/{id}")).await.json();
    assert_eq!(told["left_on"], "2025-09-26", "{told}");
    let owed = dangan.get(&format!("/api/v1/children/{id}/duties")).await;
    assert_eq!(owed.json()["items"].as_array().map(Vec::len), Some(0));
    let counted = dangan
        .get(&format!("/api/v1/children/{id}/determinations"))
        .await;
    assert!(!counted.text.contains("，在读"), "{}", counted.text);
    assert_eq!(ids_of(&mentor).await.len(), own.len() - 1);
    let back = format!("operation={}", operation());
    let path = format!("/children/{id}/move/back");
    dangan.post(&path, &back).await.is(StatusCode::SEE_OTHER);
    assert_eq!(ids_of(&mentor).await, own);
}

/// Most who go elsewhere go in the summer: the list of the new year has them.
#[tokio::test]
async fn who_left_in_the_summer_is_on_the_list_of_the_year() {
    let school = School::sqlite_on(date(2026, 9, 2)).await;
    let dangan = school.sign_in("dangan").await;
    let id = dangan.child("陈浩").await;
    let form = format!("operation={}&why=with_parents&day=2026-08-15", operation());
    let leave = format!("/children/{id}/move/leave");
    dangan.post(&leave, &form).await.is(StatusCode::SEE_OTHER);
    dangan.get("/office/graduation").await.says("陈浩");
}

on_both! {
    a_child_that_is_back_has_its_mentor
    an_empty_class_is_closed_and_opened_again
    one_class_becomes_two_and_none_is_lost
    a_child_leaves_and_comes_back_and_changes_class
    the_hand_over_is_written_when_the_child_has_left
}
