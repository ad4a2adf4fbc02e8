//! Where parents are and who looks after a child: what is told later mends or follows what was told.

use super::paper::page;
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

/// The form that takes out the line of this title.
fn line_of(page: &str, title: &str) -> (String, String) {
    let label = format!("拿掉：{title}");
    let at = page.find(&label).unwrap();
    let form = page[..at].rsplit("<form").next().unwrap();
    let value = |name: &str| {
        let rest = form
            .split(&format!("name=\"{name}\" value=\""))
            .nth(1)
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    (value("what"), value("line"))
}

/// A place that was told by mistake goes, and with it everything that it had changed.
#[expect(
    clippy::cognitive_complexity,
    reason = "three mistakes, each taken back"
)]
async fn what_a_mistake_had_ended_lasts_again(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let home = format!("/children/{id}/home");
    let took = async |title: &str| {
        let (what, line) = line_of(&wang.get(&home).await.text, title);
        let form = format!("what={what}&line={line}");
        tell(&wang, &id, "drop", &form)
            .await
            .is(StatusCode::SEE_OTHER);
    };
    let state = async || {
        let page = wang.get(&home).await.text;
        let head = page.split("<h2>以前和现在</h2>").next().unwrap();
        let said = head.split("<section").skip(1).take(3);
        let said = said.map(|one| one.split("</p>").next().unwrap().to_owned());
        let path = format!("/api/v1/children/{id}/determinations?as_of=2025-09-30");
        let counted = wang.get(&path).await.json();
        let card = wang.get(&format!("/children/{id}")).await.text;
        let about = card.split("class=\"sub\">").nth(1).unwrap();
        let about = about.split("</p>").next().unwrap().to_owned();
        (said.collect::<Vec<_>>(), counted, about)
    };
    let before = state().await;
    let away = "parent=father&now=away&reason=work&reach=beyond_county";
    let moved = format!("{away}&day=2025-09-20&place=%E5%B8%B8%E5%B7%9E");
    tell(&wang, &id, "parent", &moved).await;
    assert_ne!(state().await, before);
    took("爸爸在常州").await;
    assert_eq!(state().await, before);
    tell(
        &wang,
        &id,
        "parent",
        "parent=mother&now=dead&day=2025-09-20",
    )
    .await;
    took("妈妈不在了").await;
    assert_eq!(state().await, before);
    tell(&wang, &id, "living", "kind=friend&day=2025-09-20").await;
    took("和朋友或邻居一起住").await;
    assert_eq!(state().await, before);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// Nobody is asked to call a parent who has died, the page does not say where that parent works, and
/// no list says that both are at home.
#[expect(
    clippy::cognitive_complexity,
    reason = "one family, looked at everywhere"
)]
async fn a_parent_who_has_died_is_not_called(school: School) {
    school.adopt("p4").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    tell(
        &wang,
        &id,
        "parent",
        "parent=father&now=away&day=2025-03-01&reach=beyond_county",
    )
    .await;
    tell(
        &wang,
        &id,
        "parent",
        "parent=mother&now=away&day=2025-03-01&reach=beyond_county",
    )
    .await;
    let page = format!("/children/{id}");
    wang.get(&page).await.says("爸爸在").says("妈妈在");
    tell(
        &wang,
        &id,
        "parent",
        "parent=father&now=dead&day=2025-09-20",
    )
    .await;
    wang.get(&page).await.hides("爸爸在").says("妈妈在");
    let week = wang.get("/week").await.text;
    assert!(!week.contains("李思雨爸爸"), "{week}");
    let call = wang.get(&format!("/children/{id}/call")).await;
    call.says("<strong>妈妈</strong>")
        .hides("<strong>爸爸</strong>");
    let dangan = school.sign_in("dangan").await;
    let census = dangan.get("/census").await.text;
    let row = "李思雨</a><span class=\"row-sub\">名单上";
    assert!(!census.contains(row), "{census}");
    // A visit that lasts gets its end.
    let visit = "parent=mother&from=2025-09-22";
    tell(&wang, &id, "stay", visit)
        .await
        .is(StatusCode::SEE_OTHER);
    let home = format!("/children/{id}/home");
    wang.get(&home).await.says("，9月22日回来住着");
    let ended = format!("{visit}&to=2025-09-24");
    tell(&wang, &id, "stay", &ended)
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get(&home)
        .await
        .says("9月22日—9月24日")
        .hides("回来住着");
}

/// What cannot be is said, and what was written stands in its form as it was.
async fn what_is_refused_stands_in_its_form(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let gone = "parent=father&now=missing&day=2025-09-20";
    tell(&wang, &id, "parent", gone)
        .await
        .is(StatusCode::SEE_OTHER);
    let home = "parent=father&now=home&day=2025-09-01";
    tell(&wang, &id, "parent", home)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经记着爸爸9月20日起还没联系上，和“9月1日起在家”对不上")
        .says("href=\"#day-father\"")
        .says("<details class=\"fold\" open><summary>爸爸的情况变了")
        .says("name=\"day\" type=\"date\" max=\"2025-09-30\" value=\"2025-09-01\"");
    let away = "parent=father&now=away&day=2025-09-02&reach=beyond_county";
    tell(&wang, &id, "parent", away)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY);
    // Told otherwise of the same day, it never was.
    let home = "parent=father&now=home&day=2025-09-20";
    tell(&wang, &id, "parent", home)
        .await
        .is(StatusCode::SEE_OTHER);
    let page = wang.get(&format!("/children/{id}/home")).await;
    page.hides("爸爸还没联系上");
    let visit = "parent=father&from=2025-09-25";
    tell(&wang, &id, "stay", visit)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经记着爸爸9月20日起在家了");
    let far = format!("parent=father&now=away&place={}", "a".repeat(61));
    tell(&wang, &id, "parent", &far)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("60个字以内");
    // Nobody comes home who has died.
    let dead = "parent=mother&now=dead";
    tell(&wang, &id, "parent", dead)
        .await
        .is(StatusCode::SEE_OTHER);
    tell(&wang, &id, "parent", "parent=mother&now=home")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经记着妈妈不在了，和“在家”对不上");
}

/// A move that never was, taken out after the parent came home: the time away goes on until then.
async fn a_move_taken_out_later_leaves_no_gap(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let away = "parent=father&now=away&reach=beyond_county";
    for rest in [
        format!("{away}&day=2025-03-30"),
        format!("{away}&day=2025-09-10&place=Yiwu"),
        "parent=father&now=home&day=2025-09-20".to_owned(),
    ] {
        tell(&wang, &id, "parent", &rest)
            .await
            .is(StatusCode::SEE_OTHER);
    }
    let home = format!("/children/{id}/home");
    let (what, line) = line_of(&wang.get(&home).await.text, "爸爸在Yiwu");
    let form = format!("what={what}&line={line}");
    tell(&wang, &id, "drop", &form)
        .await
        .is(StatusCode::SEE_OTHER);
    let page = wang.get(&home).await;
    page.hides("Yiwu").says("3月30日—9月20日");
}

/// First who is away, last who cannot be found; nobody who is in prison.
async fn who_is_away_is_rung_up_first(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let called = async || {
        let page = wang.get(&format!("/children/{id}/call")).await.text;
        let heads = page.split("<p class=\"who\"><strong>").skip(1);
        let words = heads.map(|one| one.split('<').next().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    for (father, mother, first, last) in [
        ("away", "home", "爸爸", None),
        ("home", "away", "妈妈", None),
        ("missing", "away", "妈妈", Some("爸爸")),
        ("imprisoned", "away", "妈妈", None),
    ] {
        for (parent, now) in [("father", father), ("mother", mother)] {
            let form = format!("parent={parent}&now={now}");
            tell(&wang, &id, "parent", &form)
                .await
                .is(StatusCode::SEE_OTHER);
        }
        let called = called().await;
        assert_eq!(called[0], first, "{father} {called:?}");
        if let Some(last) = last {
            assert_eq!(called.last().unwrap(), last, "{called:?}");
        }
        let is_there = called.iter().any(|one| one == "爸爸");
        assert_eq!(is_there, father != "imprisoned", "{called:?}");
    }
}

/// A child whom no parent can raise is counted beside the others, has its file and is named to its
/// teacher; a list of the others does not have it. Nor may a child live by itself.
#[expect(
    clippy::cognitive_complexity,
    reason = "one child, looked at everywhere"
)]
async fn a_child_whom_nobody_raises_stays_in_care(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/api/v1/children/{id}/determinations?as_of=2025-09-30");
    let counted = async || {
        let all = wang.get(&path).await.json();
        let yes = all["items"].as_array().unwrap().clone().into_iter();
        let yes = yes.filter(|one| one["result"] == "yes");
        yes.map(|one| one["rule"]["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (mother, rule) in [("imprisoned", "unsupported"), ("dead", "orphan")] {
        for (parent, now) in [("father", "dead"), ("mother", mother)] {
            let form = format!("parent={parent}&now={now}&day=2025-09-20");
            tell(&wang, &id, "parent", &form)
                .await
                .is(StatusCode::SEE_OTHER);
        }
        assert_eq!(counted().await, [rule]);
    }
    let owed = wang
        .get(&format!("/api/v1/children/{id}/duties"))
        .await
        .json();
    let owed = owed["items"].as_array().unwrap();
    assert!(
        owed.iter().any(|one| one["kind"] == "registration"),
        "{owed:?}"
    );
    wang.get("/week").await.says("李思雨的爸妈都照看不了");
    let dangan = school.sign_in("dangan").await;
    let list = page(&dangan, "form=roster_summary&whom=all&as=html").await;
    assert!(!list.contains("李思雨"), "{list}");
    let sheet = format!("form=registration&whom=child&child={id}&as=html");
    let sheet = page(&dangan, &sheet).await;
    assert!(sheet.contains("李思雨") && sheet.contains('—'), "{sheet}");
    wang.get(&format!("/children/{id}/card"))
        .await
        .says("<p>不在了</p>");
    tell(&wang, &id, "living", "kind=alone")
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get("/week").await.says("岁，自己一个人住");
    wang.get(&format!("/children/{id}"))
        .await
        .says("自己一个人住")
        .says("不在了");
}

on_both! {
    a_child_whom_nobody_raises_stays_in_care
    a_move_taken_out_later_leaves_no_gap
    what_is_refused_stands_in_its_form
    who_is_away_is_rung_up_first
    what_a_mistake_had_ended_lasts_again
    a_parent_who_has_died_is_not_called
    a_parent_who_came_home_ends_what_is_owed
    a_parent_who_moves_on_stays_away
    another_carer_leaves_the_one_before_written
}
