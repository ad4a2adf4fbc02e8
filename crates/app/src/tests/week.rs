//! 本周 on the fixed day and in the vacation.

use crate::on_both;
use crate::testing::{Person, School, WINTER, operation};
use axum::http::{Method, StatusCode};
use jiff::civil::date;
use serde_json::json;

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
    let next = mentor.get("/week").await;
    next.says("接下来：谈心").hides("聊过了");
    let principal = school.sign_in("xiaozhang").await;
    principal
        .get("/week")
        .await
        .is(StatusCode::OK)
        .says("超过约定时间")
        .says("，最久的已经");
}

/// What stands after this text, up to the next quotation mark, wherever it stands.
fn after(text: &str, start: &str) -> Vec<String> {
    let parts = text.split(start).skip(1);
    parts
        .filter_map(|part| Some(part.split('"').next()?.to_owned()))
        .collect()
}

/// 安排人: several children of one class and one teacher, all in one act.
async fn a_principal_asks_somebody_to_help_a_class(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let week = principal.get("/week").await;
    let class = after(&week.text, "/pairing?class=").remove(0);
    let page = format!("/pairing?class={class}");
    let page = principal.get(&page).await.is(StatusCode::OK);
    let page = page.says("三（1）班").says("班主任李老师").says("已过");
    let mentor = after(&page.text, "<option value=\"").remove(0);
    let children = after(&page.text, "name=\"child\" value=\"");
    let (first, second) = (&children[0], &children[1]);
    let form = format!(
        "operation={}&class={class}&mentor={mentor}&child={first}&child={second}",
        operation()
    );
    let mentors = school.sign_in("bangfu").await;
    mentors.get("/children").await.hides(first).hides(second);
    for _ in 0..2 {
        let done = principal.post("/pairing", &form).await;
        assert_eq!(done.location, "/week?said=paired");
    }
    mentors.get("/children").await.says(first).says(second);
    let page = principal.get(&format!("/children/{first}/pairing")).await;
    assert_eq!(page.text.matches("到此为止</button>").count(), 1);
    let refused = mentors.post("/pairing", &form).await;
    refused.is(StatusCode::NOT_FOUND);
}

/// Nobody chosen is a sentence; with one child that is not there, none of them is paired.
async fn asking_somebody_to_help_is_all_or_nothing(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let class = crate::web::words::url("三（1）班");
    let page = principal.get(&format!("/pairing?class={class}")).await;
    let mentor = after(&page.text, "<option value=\"").remove(0);
    let first = after(&page.text, "name=\"child\" value=\"").remove(0);
    let nobody = format!("operation={}&class={class}&mentor={mentor}", operation());
    let refused = principal.post("/pairing", &nobody).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("请点一下要请人陪的孩子");
    let stranger = crate::ids::ChildId::new();
    let key = operation();
    let no_mentor = format!("operation={key}&class={class}&mentor={stranger}&child={first}");
    let refused = principal.post("/pairing", &no_mentor).await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY);
    let half = format!("{nobody}&child={first}&child={stranger}");
    let refused = principal.post("/pairing", &half).await;
    refused.is(StatusCode::NOT_FOUND);
    let half = format!("{nobody}&child={first}&child=1");
    let refused = principal.post("/pairing", &half).await;
    refused.is(StatusCode::NOT_FOUND);
    let mentors = school.sign_in("bangfu").await;
    mentors.get("/children").await.hides(&first);
}

/// Talks with all of the class but 李思雨, so that her row stands alone.
async fn talk_with_the_others(wang: &Person) -> String {
    let siyu = wang.child("李思雨").await;
    let week = wang.get("/api/v1/week").await.json();
    let items = week["items"].as_array().unwrap().iter();
    let others: Vec<_> = items
        .filter(|item| item["kind"] == "talk" && item["child"]["id"] != siyu.as_str())
        .map(|item| item["child"]["id"].clone())
        .collect();
    let body = json!({"kind": "talk", "child_ids": others, "fields": {"topic": ["study"]}});
    let key = operation();
    let headers = [("idempotency-key", key.as_str())];
    let post = (Method::POST, "/api/v1/records");
    let made = wang.json(post, &headers, &body).await;
    made.is(StatusCode::CREATED);
    siyu
}

/// A row that names one child says what the last talk was about.
async fn the_row_of_a_talk_says_what_the_last_one_was_about(school: School) {
    let wang = school.sign_in("banzhuren").await;
    wang.get("/week").await.hides("，聊的是");
    talk_with_the_others(&wang).await;
    let page = wang.get("/week").await;
    page.says("和李思雨聊聊").says("，聊的是");
}

/// What was meant for the counsellor alone is in no list, not even its writer's.
async fn the_row_of_a_talk_keeps_what_only_the_counsellor_may_know(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let siyu = talk_with_the_others(&wang).await;
    let form = format!(
        "operation={}&kind=talk&topic=safety&next=counsellor&only_counsellor=yes\
         &happened_on=2025-09-26&back=/week",
        operation()
    );
    let kept = wang.post(&format!("/children/{siyu}/records"), &form).await;
    kept.is(StatusCode::SEE_OTHER);
    let page = wang.get("/week").await.says("和李思雨聊聊");
    page.says("上次4天前（9月26日）").hides("，聊的是");
}

/// A call that was answered is one contact, and one that nobody answered is none.
async fn a_contact_is_counted_once(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("郑欣怡").await;
    let page = format!("/children/{id}");
    let count = async || -> usize {
        let text = wang.get(&page).await.text;
        let rest = text.split("这学期共").nth(1).unwrap();
        rest.split('次').next().unwrap().parse().unwrap()
    };
    let before = count().await;
    for (result, more) in [("no_answer", 0), ("answered", 1)] {
        let key = operation();
        let form = format!("operation={key}&kind=call&result={result}&party=parent&back=/week");
        let call = wang.post(&format!("{page}/records"), &form).await;
        call.is(StatusCode::SEE_OTHER);
        assert_eq!(count().await, before + more, "{result}");
    }
}

/// The first week of a term opens the contact cards, the winter vacation the houses of parents who
/// came back; any other week neither.
async fn a_season_opens_what_belongs_to_it(school: School) {
    let week = async |school: &School| {
        let wang = school.sign_in("banzhuren").await;
        wang.get("/week").await
    };
    let usual = week(&school).await;
    usual.hides("核对联系卡，还有").hides("家长回来了");
    let school = School::sqlite_on(date(2025, 9, 2)).await;
    let first = week(&school).await;
    first
        .says("开学第1周，核对联系卡，还有")
        .hides("家长回来了");
    let wang = school.sign_in("banzhuren").await;
    let wall = wang.on_a_wall().get("/week").await;
    wall.says("核对联系卡").hides("先对");
    let school = School::sqlite_on(WINTER).await;
    week(&school)
        .await
        .says("家长回来了，去")
        .says("href=\"/visits\"");
}

async fn two_unanswered_calls_ask_for_the_card(school: School) {
    let wang = school.sign_in("banzhuren").await;
    wang.get("/week")
        .await
        .is(StatusCode::OK)
        .says("周天佑奶奶的电话2次没接通");
    let dangan = school.sign_in("dangan").await;
    let held = dangan.get("/office/cards").await;
    held.says("周天佑").says("奶奶的电话2次没接通");
    let wall = dangan.on_a_wall().get("/office/cards").await;
    wall.is(StatusCode::OK).hides("周天佑").hides("没接通");
    // One call to each of two numbers says nothing about either.
    let id = wang.child("刘洋").await;
    let card = wang.get(&format!("/children/{id}/card")).await.text;
    let kin = card.split("name=\"kin\" value=\"").skip(1);
    let mut kin: Vec<&str> = kin.filter_map(|rest| rest.split('"').next()).collect();
    kin.dedup();
    assert!(kin.len() > 1, "{kin:?}");
    for one in kin.iter().take(2) {
        let key = operation();
        let form =
            format!("operation={key}&kind=call&result=no_answer&party=parent&kin={one}&back=/week");
        let path = format!("/children/{id}/records");
        wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    }
    let page = wang.get(&format!("/children/{id}")).await;
    page.says("爸爸，没人接").says("妈妈，没人接");
    let week = wang.get("/week").await.text;
    let rows = week.matches("次没接通").count();
    assert_eq!(rows, 1, "only of him whose number was called twice");
    a_program_says_whom_it_called(&wang, (&id, kin[0])).await;
}

/// Somebody of another card is nobody.
async fn a_program_says_whom_it_called(wang: &Person, (id, kin): (&str, &str)) {
    let stranger = wang.child("陈浩").await;
    let call = async |child: &str| {
        let body = json!({
            "kind": "call", "child_ids": [child], "with": "parent", "contact_id": kin,
            "fields": {"result": "no_answer"},
        });
        let key = operation();
        let head = [("idempotency-key", key.as_str())];
        wang.json((Method::POST, "/api/v1/records"), &head, &body)
            .await
    };
    let refused = call(&stranger).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("联系卡上没有这个人");
    let made = call(id).await.is(StatusCode::CREATED).json();
    assert_eq!(made["contact_id"], kin);
    let rows = async || wang.get("/week").await.text.matches("次没接通").count();
    assert_eq!(rows().await, 2);
    // Somebody answers, and on the same day nobody does any more.
    for (result, asked_for) in [("answered", 1), ("no_answer", 1), ("no_answer", 2)] {
        let key = operation();
        let form =
            format!("operation={key}&kind=call&result={result}&party=parent&kin={kin}&back=/week");
        let path = format!("/children/{id}/records");
        wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
        assert_eq!(rows().await, asked_for, "{result}");
    }
    a_program_is_told_with_whom_it_spoke(wang, (id, kin)).await;
}

/// With whom it was comes from the card, and what says otherwise is refused.
async fn a_program_is_told_with_whom_it_spoke(wang: &Person, (id, father): (&str, &str)) {
    let told = wang.get(&format!("/api/v1/children/{id}")).await.json();
    let contacts = told["contacts"].as_array().unwrap();
    let grandmother = contacts.iter().find(|one| one["party"] == "carer").unwrap();
    let call = async |contact: &str, with: Option<&str>| {
        let mut body = json!({
            "kind": "call", "child_ids": [id], "contact_id": contact,
            "fields": {"result": "answered"},
        });
        if let Some(with) = with {
            body["with"] = json!(with);
        }
        let key = operation();
        let head = [("idempotency-key", key.as_str())];
        wang.json((Method::POST, "/api/v1/records"), &head, &body)
            .await
    };
    let made = call(grandmother["id"].as_str().unwrap(), None).await;
    assert_eq!(made.is(StatusCode::CREATED).json()["with"], "carer");
    let other = call(father, Some("relative")).await;
    other
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("contact_id");
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

/// The days are those since the last act, whatever else the child has a duty for.
async fn a_talk_of_today_stands_in_the_gaps(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let talk = format!("operation={}&kind=talk&topic=study&back=/gaps", operation());
    let saved = wang.post(&format!("/children/{id}/records"), &talk).await;
    saved.is(StatusCode::SEE_OTHER);
    let page = wang.get("/gaps").await.text;
    let row = page.split("</tr>").find(|row| row.contains(">陈浩<"));
    let cell = row.unwrap().split("</td>").next().unwrap();
    assert!(cell.contains("今天"), "{cell}");
}

/// A duty for one kind of visit says which, and opens the form with it chosen.
async fn a_visit_that_is_owed_says_its_kind(school: School) {
    let limei = school.sign_in("limei").await;
    let page = limei.get("/week").await.says("集体家访：");
    let href = page
        .text
        .split("href=\"")
        .find(|part| part.contains("focus=collective"));
    let href = href
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&amp;", "&")
        .replace("&#38;", "&");
    let form = limei.get(&href).await.is(StatusCode::OK);
    form.says("value=\"collective\" checked")
        .hides("value=\"self_care\" checked");
}

/// Who accompanies children and has none yet waits for a pair, and not for a list.
async fn a_mentor_without_a_child_is_told_who_gives_one(school: School) {
    school.outside("delete from pairing").await;
    let mentor = school.sign_in("bangfu").await;
    for path in ["/week", "/children"] {
        let page = mentor.get(path).await.says("还没有和孩子结对");
        page.hides("名单导入后").hides("先导入名单");
    }
}

on_both! {
    a_mentor_without_a_child_is_told_who_gives_one
    a_season_opens_what_belongs_to_it
    a_contact_is_counted_once
    a_talk_of_today_stands_in_the_gaps
    a_visit_that_is_owed_says_its_kind
    what_is_taken_along_is_its_takers_and_of_its_day
    homes_are_visited_place_by_place_with_a_sheet
    on_the_eve_of_the_holiday_the_week_is_as_drawn
    a_mentor_sees_the_paired_children_and_a_principal_the_backlog
    a_principal_asks_somebody_to_help_a_class
    asking_somebody_to_help_is_all_or_nothing
    the_row_of_a_talk_says_what_the_last_one_was_about
    the_row_of_a_talk_keeps_what_only_the_counsellor_may_know
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

/// Ended by mistake and taken up again on the same day, a plan asks for what it asked for before.
#[tokio::test]
async fn a_plan_taken_up_again_goes_on() {
    let school = School::sqlite().await;
    school.adopt("p5").await;
    let school = school.later(date(2025, 10, 20)).await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let owed = async || {
        let path = format!("/api/v1/children/{id}/duties?limit=500");
        wang.get(&path).await.json()
    };
    let before = owed().await;
    let principal = school.sign_in("xiaozhang").await;
    let end = format!("operation={}&pack=p5&do=end", operation());
    principal
        .post("/office/packs", &end)
        .await
        .is(StatusCode::SEE_OTHER);
    assert_ne!(owed().await, before);
    school.adopt("p5").await;
    assert_eq!(owed().await, before);
}

/// Where nothing has its day, nobody is forgotten either: who waited longest is named.
#[tokio::test]
async fn a_quiet_week_names_who_waited_longest() {
    let school = School::sqlite().await;
    let wang = school.sign_in("banzhuren").await;
    wang.get("/week").await.hides("好久没人陪的");
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    crate::db::query("update adoption set to_on = '2025-09-01' where pack <> 'education'")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let school = school.later(crate::testing::FIXED).await;
    let wang = school.sign_in("banzhuren").await;
    let week = wang.get("/week").await;
    week.says("好久没人陪的").says("上次");
    // On a wall nobody reads who that is.
    let wall = wang.on_a_wall().get("/week").await;
    wall.is(StatusCode::OK).hides("好久没人陪的");
}
