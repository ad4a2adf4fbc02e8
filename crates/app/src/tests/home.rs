//! Where parents are and who looks after a child: what is told later mends or follows what was told.

use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::StatusCode;

async fn a_parent_who_came_home_ends_what_is_owed(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/home/parent");
    for parent in ["father", "mother"] {
        let form = format!(
            "operation={}&parent={parent}&now=home&day=2025-09-29",
            operation()
        );
        wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    }
    let said = wang
        .get(&format!("/api/v1/children/{id}/determinations"))
        .await
        .json();
    let counted = said["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["result"] == "yes");
    assert_eq!(counted.count(), 0, "{said}");
    let week = wang.week_of("李思雨").await;
    assert!(week.is_empty(), "{week:?}");
}

async fn tell(who: &Person, child: &str, part: &str, rest: &str) -> crate::testing::Answer {
    let form = format!("operation={}&{rest}", operation());
    who.post(&format!("/children/{child}/home/{part}"), &form)
        .await
}

/// A father who goes from one place to the next has been away all the time: no definition loses the
/// child, both places stay written, and the card has the new one.
async fn a_parent_who_moves_on_stays_away(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let away = "parent=father&now=away&reason=work&reach=beyond_county";
    let first = format!("{away}&day=2025-02-10&place=%E4%B8%9C%E8%8E%9E");
    tell(&wang, &id, "parent", &first)
        .await
        .is(StatusCode::SEE_OTHER);
    let counted = async |day: &str| {
        let path = format!("/api/v1/children/{id}/determinations?as_of={day}");
        let all = wang.get(&path).await.json();
        let all = all["items"].as_array().unwrap().clone();
        let said = all
            .iter()
            .map(|one| (one["id"].clone(), one["result"].clone()));
        said.collect::<Vec<_>>()
    };
    let before = (counted("2025-09-30").await, counted("2025-09-10").await);
    let second = format!("{away}&day=2025-09-20&place=%E6%B7%B1%E5%9C%B3");
    let done = tell(&wang, &id, "parent", &second)
        .await
        .is(StatusCode::SEE_OTHER);
    let page = wang.get(&done.location).await;
    page.says("在外面的日子接着算")
        .says("2月10日—9月20日")
        .says("爸爸在深圳");
    let after = (counted("2025-09-30").await, counted("2025-09-10").await);
    assert_eq!(before, after);
    wang.get(&format!("/children/{id}"))
        .await
        .says("爸爸在深圳");
    // An earlier day mends the line that lasts.
    let mended = format!("{away}&day=2025-09-18&place=%E6%B7%B1%E5%9C%B3");
    let against = tell(&wang, &id, "parent", &mended).await;
    against.is(StatusCode::UNPROCESSABLE_ENTITY).says("对不上");
}

/// Who looks after a child follows the one before; a day before what is written is asked back, and
/// the same carer since earlier mends the line.
async fn another_carer_leaves_the_one_before_written(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let relative = "kind=relative&day=2025-09-20";
    tell(&wang, &id, "living", relative)
        .await
        .is(StatusCode::SEE_OTHER);
    let lived = async || {
        let page = wang.get(&format!("/children/{id}/home")).await.text;
        let rows = page.split("<h2>以前和现在</h2>").nth(1).unwrap();
        rows.split("row-title")
            .filter(|row| row.contains("一起住"))
            .count()
    };
    let lines = lived().await;
    let early = tell(&wang, &id, "living", "kind=parent&day=2024-09-01").await;
    early
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("比这一次的日子晚");
    assert_eq!(lived().await, lines);
    let sooner = "kind=relative&day=2025-09-15";
    tell(&wang, &id, "living", sooner).await;
    assert_eq!(lived().await, lines);
}

on_both! {
    a_parent_who_came_home_ends_what_is_owed
    a_parent_who_moves_on_stays_away
    another_carer_leaves_the_one_before_written
}
