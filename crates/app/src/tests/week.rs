//! 本周 on the fixed day and in the vacation.

use crate::on_both;
use crate::testing::{School, WINTER};
use axum::http::StatusCode;

async fn on_the_eve_of_the_holiday_the_week_is_as_drawn(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let page = wang.get("/week").await.is(StatusCode::OK);
    page.says("五（2）班 · 第5周").says("9月29日—10月5日");
    let xiaoming = wang.week_of("张小明").await;
    let call = xiaoming
        .iter()
        .find(|(kind, with, ..)| kind == "call" && with == "parent");
    assert_eq!(call.map(|one| (one.2.as_str(), one.3)), Some(("past", 2)));
    let siyu = wang.week_of("李思雨").await;
    let talk = siyu.iter().find(|(kind, ..)| kind == "talk");
    assert_eq!(talk.map(|one| one.2.as_str()), Some("today"));
}

async fn a_mentor_sees_the_paired_children_and_a_principal_the_backlog(school: School) {
    let mentor = school.sign_in("bangfu").await;
    mentor
        .get("/children")
        .await
        .is(StatusCode::OK)
        .says("张小明")
        .hides("王梓涵");
    let principal = school.sign_in("xiaozhang").await;
    principal
        .get("/week")
        .await
        .is(StatusCode::OK)
        .says("超过约定时间");
}

async fn two_unanswered_calls_ask_for_the_card(school: School) {
    let wang = school.sign_in("banzhuren").await;
    wang.get("/week")
        .await
        .is(StatusCode::OK)
        .says("周天佑家的电话2次没接通");
}

async fn the_gaps_name_whoever_waited_longest_first(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let page = wang
        .get("/gaps?sort=call")
        .await
        .is(StatusCode::OK)
        .says("已过约定");
    let at = |name: &str| page.text.find(name).unwrap();
    assert!(at("郑欣怡") < at("张小明"));
    assert!(at("张小明") < at("吴思远"));
}

async fn homes_are_visited_place_by_place_with_a_sheet(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let page = wang.get("/visits").await.is(StatusCode::OK);
    let page = page.says("李家湾").says("打印走访单").hides("石门乡");
    let ids: Vec<String> = page
        .text
        .split("name=\"child\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(|id| format!("child={id}")))
        .collect();
    assert!(!ids.is_empty());
    wang.post("/visits/sheet", &ids.join("&"))
        .await
        .is(StatusCode::OK)
        .says("石门乡李家湾")
        .says("学习角")
        .says("照看人签字");
    wang.get("/print").await.is(StatusCode::OK).says("走访单");
    let elsewhere = school.sign_in("limei").await;
    elsewhere
        .post("/visits/sheet", &ids.join("&"))
        .await
        .is(StatusCode::NOT_FOUND);
    wang.post("/visits/sheet", "")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("请选要去的人家");
}

async fn what_is_taken_along_is_its_takers_and_of_its_day(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let visited = format!("child={}", wang.child("陈浩").await);
    let taken = wang
        .post("/visits/way", &visited)
        .await
        .is(StatusCode::SEE_OTHER)
        .location;
    wang.get(&taken)
        .await
        .is(StatusCode::OK)
        .says("陈浩")
        .says("李家湾")
        .hides("1601000");
    school
        .sign_in("xiaozhang")
        .await
        .get(&taken)
        .await
        .is(StatusCode::NOT_FOUND);
    school
        .sign_in("bangfu")
        .await
        .post("/visits/way", &visited)
        .await
        .is(StatusCode::NOT_FOUND);
    let released: Vec<(String, i64)> =
        crate::db::query_as("select template, count from release where by_staff <> ''")
            .fetch_all(&mut school.app.db.read().await.unwrap())
            .await
            .unwrap();
    assert!(
        released.contains(&("visit_way.html".to_owned(), 1)),
        "{released:?}"
    );
}

on_both! {
    what_is_taken_along_is_its_takers_and_of_its_day
    homes_are_visited_place_by_place_with_a_sheet
    on_the_eve_of_the_holiday_the_week_is_as_drawn
    a_mentor_sees_the_paired_children_and_a_principal_the_backlog
    two_unanswered_calls_ask_for_the_card
    the_gaps_name_whoever_waited_longest_first
}

#[tokio::test]
async fn in_the_winter_vacation_no_talk_of_teaching_weeks_is_due() {
    let school = School::sqlite_on(WINTER).await;
    let wang = school.sign_in("banzhuren").await;
    wang.get("/week").await.is(StatusCode::OK).says("假期");
    for name in ["张小明", "李思雨", "陈浩"] {
        let kinds: Vec<String> = wang
            .week_of(name)
            .await
            .into_iter()
            .map(|one| one.0)
            .collect();
        assert!(!kinds.contains(&"talk".to_owned()), "{name}: {kinds:?}");
    }
}
