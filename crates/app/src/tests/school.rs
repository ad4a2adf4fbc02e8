//! The school itself: terms, classes that grow, children who move, colleagues and what they reach.

use crate::db;
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::{Method, StatusCode};
use jiff::civil::{Date, date};
use serde_json::json;

pub async fn ids_of(who: &Person) -> Vec<String> {
    let page = who.get("/api/v1/children?limit=500").await.json();
    let mut ids: Vec<String> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn a_class_grows_and_loses_nobody(now: &School, later: &School) {
    let before = now.sign_in("banzhuren").await;
    let after = later.sign_in("banzhuren").await;
    assert_eq!(ids_of(&before).await, ids_of(&after).await);
    before.get("/children").await.says("五（2）班，12人");
    after.get("/children").await.says("六（2）班，12人");
}

/// The first days of the next school years; the fifth grade is then the sixth, then through.
const NEXT: Date = date(2026, 9, 2);
const AFTER: Date = date(2027, 9, 2);

#[tokio::test]
async fn a_year_later_the_same_children_are_a_grade_higher() {
    a_class_grows_and_loses_nobody(&School::sqlite().await, &School::sqlite_on(NEXT).await).await;
    a_class_grows_and_loses_nobody(&School::postgres().await, &School::postgres_on(NEXT).await)
        .await;
}

#[expect(clippy::cognitive_complexity, reason = "one story of one list")]
async fn those_who_are_through_graduate_from_a_list_and_one_may_stay(school: School) {
    let dangan = school.sign_in("dangan").await;
    let everybody = ids_of(&dangan).await;
    let list = dangan.get("/office/graduation").await.is(StatusCode::OK);
    let list = list.says("12个孩子读完了").says("原六（2）班");
    let ids: Vec<&str> = list
        .text
        .split("name=\"child\" value=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .collect();
    assert_eq!(ids.len(), 12);
    let ticked: Vec<String> = ids
        .iter()
        .skip(1)
        .map(|id| format!("&child={id}"))
        .collect();
    let form = format!("operation={}{}", operation(), ticked.concat());
    dangan
        .post("/office/graduation", &form)
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(ids_of(&dangan).await.len(), everybody.len() - 11);
    // Each of the old roll is told once: gone with the class, or here.
    let page = dangan.get("/office/graduation").await.text;
    let count = |what: &str| {
        let rest = page.split(&format!("<dt>{what}</dt><dd>")).nth(1);
        let said = rest.and_then(|rest| rest.split('人').next());
        said.map_or(0, |said| said.parse::<usize>().unwrap())
    };
    let (up, here) = (count("升了一级"), count("现在在册"));
    assert_eq!((count("毕业了"), count("转走了")), (11, 0), "{page}");
    assert_eq!(up + 1 + 11, everybody.len(), "{page}");
    assert_eq!(here, everybody.len() - 11, "{page}");
    assert!(
        page.contains(&format!("在册{}人", everybody.len())),
        "{page}"
    );
    let path = "/office/graduation/reviewed";
    let reviewed = dangan
        .post(path, &format!("operation={}", operation()))
        .await;
    let page = dangan
        .get(&reviewed.is(StatusCode::SEE_OTHER).location)
        .await;
    page.says("由周老师对过");
    let wang = school.sign_in("banzhuren").await;
    let none = wang.post(path, &format!("operation={}", operation())).await;
    none.is(StatusCode::NOT_FOUND);
    dangan.get("/office/graduation").await.says("1个孩子读完了");
    let left = dangan.get("/office/left").await.is(StatusCode::OK);
    assert_eq!(left.text.matches("/move\"").count(), 11);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

#[tokio::test]
async fn graduation_on_both_engines() {
    those_who_are_through_graduate_from_a_list_and_one_may_stay(School::sqlite_on(AFTER).await)
        .await;
    those_who_are_through_graduate_from_a_list_and_one_may_stay(School::postgres_on(AFTER).await)
        .await;
}

/// The page says where the child went; what happened before may still be written down, no more.
async fn a_child_who_left_is_read_and_not_written_about(school: School) {
    let dangan = school.sign_in("dangan").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let leave = format!("/children/{id}/move/leave");
    let nowhere = format!("operation={}&why=transfer&day=2025-09-26", operation());
    let refused = dangan.post(&leave, &nowhere).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("转到哪所学校还没填");
    let somewhere = format!("{nowhere}&to=%E7%BA%A2%E6%98%9F%E5%B0%8F%E5%AD%A6");
    dangan
        .post(&leave, &somewhere)
        .await
        .is(StatusCode::SEE_OTHER);
    let waits = dangan.get("/office/requests").await;
    waits.says("陈浩，交接单还没写").says("9月26日转到红星小学");
    let name = crate::web::words::url("ch");
    dangan
        .get(&format!("/office/left?q={name}"))
        .await
        .says("陈浩");
    dangan.get("/office/left?q=zzz").await.hides("陈浩");
    let page = wang.get(&format!("/children/{id}")).await;
    page.says("9月26日转到红星小学")
        .says("档案交接单")
        .hides("记谈心")
        .hides("/edit\"")
        .hides("照常");
    let talk = |on: &str| {
        let key = operation();
        format!("operation={key}&kind=talk&topic=study&happened_on={on}&back=/week")
    };
    let records = format!("/children/{id}/records");
    let refused = wang.post(&records, &talk("2025-09-29")).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("只能记那天和以前的事");
    wang.post(&records, &talk("2025-09-25"))
        .await
        .is(StatusCode::SEE_OTHER);
    let deed = format!("operation={}&text=a", operation());
    let entry = format!("/children/{id}/dossier/progress_entry");
    let refused = wang.post(&entry, &deed).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经不在本校读了");
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the account to the week"
)]
async fn a_new_mentor_sees_the_paired_child_and_no_other(school: School) {
    let guanli = school.sign_in("guanli").await;
    let form = format!(
        "operation={}&name=%E9%92%B1%E5%A4%9A&username=qianduo&role=mentor",
        operation()
    );
    let opened = guanli
        .post("/office/people", &form)
        .await
        .is(StatusCode::SEE_OTHER);
    let told = opened.location.clone();
    let another = school.sign_in("xiaozhang").await;
    another.get(&told).await.hides("Nuan-");
    let opened = guanli.get(&told).await.is(StatusCode::OK);
    let password = opened.text.split("<code>").nth(1).unwrap();
    let password = password.split('<').next().unwrap().to_owned();
    guanli
        .post("/office/people", &form)
        .await
        .is(StatusCode::SEE_OTHER);
    let nobody = school.nobody();
    let enter = format!("username=qianduo&password={password}");
    let cookie = nobody
        .post("/login", &enter)
        .await
        .is(StatusCode::SEE_OTHER);
    let qian = school.with_cookie(cookie);
    assert!(ids_of(&qian).await.is_empty());
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let page = wang.get(&format!("/children/{id}/pairing")).await;
    let mentor = page
        .text
        .split("value=\"")
        .find(|part| part.contains(">钱多"));
    let mentor = mentor.unwrap().split('"').next().unwrap();
    let pair = format!("operation={}&mentor={mentor}", operation());
    wang.post(&format!("/children/{id}/pairing"), &pair)
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(ids_of(&qian).await, vec![id.clone()]);
    qian.get("/week").await.says("结对的孩子").says("刘洋");
    let page = wang.get(&format!("/children/{id}/pairing")).await;
    assert!(!page.text.contains(&format!("value=\"{mentor}\"")));
    let again = format!("operation={}&mentor={mentor}", operation());
    wang.post(&format!("/children/{id}/pairing"), &again)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经和这个孩子结对了");
    // 赵敏 since the term began, 钱多 once.
    let page = wang.get(&format!("/children/{id}/pairing")).await;
    assert_eq!(page.text.matches("到此为止</button>").count(), 2);
}

async fn a_day_off_of_the_schools_own_moves_what_is_due(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let wang = school.sign_in("banzhuren").await;
    let talk = |week: Vec<(String, String, String, i64)>| {
        let mut talks = week.into_iter().filter(|(kind, ..)| kind == "talk");
        talks.next().map(|(_, _, state, _)| state)
    };
    assert_eq!(talk(wang.week_of("李思雨").await).as_deref(), Some("today"));
    let off = format!(
        "operation={}&from=2025-09-30&to=&kind=off&name=%E5%86%9C%E5%BF%99",
        operation()
    );
    principal
        .post("/office/school/days", &off)
        .await
        .is(StatusCode::SEE_OTHER);
    assert_ne!(talk(wang.week_of("李思雨").await).as_deref(), Some("today"));
    let wrong = format!(
        "operation={}&starts_on=2025-09-01&ends_on=2035-01-16",
        operation()
    );
    principal
        .post("/office/school/term", &wrong)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("四十周");
}

async fn everybody_is_asked_about_and_a_determination_keeps_its_reason(school: School) {
    let limei = school.sign_in("limei").await;
    let census = limei.get("/census").await.is(StatusCode::OK).says("高远");
    let id = limei.child("高远").await;
    assert!(census.text.contains(&id));
    let form = format!("operation={}&child={id}", operation());
    limei.post("/census", &form).await.is(StatusCode::SEE_OTHER);
    limei.get("/census").await.says("每个孩子都问过了");
    let mut conn = school.app.db.read().await.unwrap();
    let kept: Vec<(String, String)> =
        db::query_as("select result, why from determination where child_id = $1")
            .bind(&id)
            .fetch_all(&mut conn)
            .await
            .unwrap();
    assert!(!kept.is_empty());
    assert!(
        kept.iter()
            .all(|(result, why)| result == "no" && !why.is_empty()),
        "{kept:?}"
    );
    drop(conn);
    // What was determined is read on the child's own page, by those who see its card.
    let path = format!("/children/{id}/determinations");
    limei.get(&format!("/children/{id}")).await.says(&path);
    let page = limei.get(&path).await.is(StatusCode::OK);
    page.says("2025年9月30日").says("不算").says(&kept[0].1);
    let wang = school.sign_in("banzhuren").await;
    wang.get(&path).await.is(StatusCode::NOT_FOUND);
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the button to the duty and back"
)]
/// 计划二 line 41: for whom the counsellor decides to be there, something is owed.
async fn the_counsellor_says_for_whom_to_be_there(school: School) {
    school.adopt("p2").await;
    let liu = school.sign_in("xinli").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let duties = format!("/api/v1/children/{id}/duties");
    let owed = async || {
        let duties = wang.get(&duties).await.is(StatusCode::OK).json();
        let all = duties["items"].as_array().unwrap().clone();
        all.iter().any(|one| one["policy"]["id"] == "counselling")
    };
    assert!(!owed().await);
    let path = format!("/children/{id}/home/counselling");
    let form = |word: &str| format!("operation={}&do={word}", operation());
    for who in ["banzhuren", "bangfu", "xiaozhang", "dangan"] {
        let who = school.sign_in(who).await;
        who.get(&format!("/children/{id}"))
            .await
            .hides("由我接着陪");
        let refused = who.post(&path, &form("begin")).await;
        refused.is(StatusCode::NOT_FOUND);
    }
    liu.get(&format!("/children/{id}")).await.says("由我接着陪");
    let done = liu.post(&path, &form("begin")).await;
    liu.get(&done.location)
        .await
        .says("先陪到这里")
        .says("记下了");
    assert!(owed().await);
    liu.post(&path, &form("end"))
        .await
        .is(StatusCode::SEE_OTHER);
    assert!(!owed().await);
}

#[tokio::test]
async fn a_school_is_founded_once_by_whoever_reads_the_console() {
    let school = School::empty().await;
    let nobody = school.nobody();
    let login = nobody.get("/login").await.is(StatusCode::SEE_OTHER);
    assert_eq!(login.location, "/setup");
    nobody.get("/setup").await.is(StatusCode::OK).says("计划一");
    let form = |code: &str| {
        format!(
            "code={code}&school=%E7%9F%B3%E9%97%A8%E5%B0%8F%E5%AD%A6&stage=primary&pack=p4\
             &starts_on=2025-09-01&ends_on=2026-01-16&name=%E5%91%A8%E4%B8%BD\
             &username=zhouli&password=Kuai-Le-2025"
        )
    };
    let wrong = nobody.post("/setup", &form("guessed")).await;
    wrong.is(StatusCode::UNPROCESSABLE_ENTITY).says("口令不对");
    nobody
        .post("/setup", &form("open-sesame"))
        .await
        .is(StatusCode::SEE_OTHER);
    nobody.get("/setup").await.is(StatusCode::NOT_FOUND);
    let again = nobody.post("/setup", &form("open-sesame")).await;
    again.is(StatusCode::NOT_FOUND);
    let enter = "username=zhouli&password=Kuai-Le-2025";
    let zhou = school.with_cookie(nobody.post("/login", enter).await);
    zhou.get("/office")
        .await
        .is(StatusCode::OK)
        .says("导入名单");
    zhou.get("/office/packs").await.says("在用");
    zhou.get("/children").await.says("放名单");
    zhou.get("/week").await.says("还没有孩子的名单");
}

/// How many are there, and in which grades.
async fn grades(who: &Person) -> Vec<(usize, usize)> {
    let mut found = std::collections::BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/children?limit=500&cursor={cursor}");
        let page = who.get(&path).await.json();
        for child in page["items"].as_array().unwrap() {
            let title = child["class"]["title"].as_str().unwrap();
            let word = title.chars().next().unwrap();
            let grade = "一二三四五六七八九".chars().position(|one| one == word);
            *found.entry(grade.unwrap() + 1).or_insert(0) += 1;
        }
        match page["next"].as_str() {
            Some(next) => cursor = crate::web::words::url(next),
            None => break,
        }
    }
    found.into_iter().collect()
}

#[tokio::test]
async fn a_thousand_children_go_through_nine_years_and_none_is_lost() {
    const MANY: usize = 1_000;
    let school = School::empty().await;
    let setup = "code=open-sesame&school=%E7%9F%B3%E9%97%A8&stage=nine_year&pack=p4\
        &starts_on=2025-09-01&ends_on=2026-01-16&name=%E5%91%A8%E4%B8%BD\
        &username=zhouli&password=Kuai-Le-2025";
    let nobody = school.nobody();
    nobody.post("/setup", setup).await.is(StatusCode::SEE_OTHER);
    let enter = "username=zhouli&password=Kuai-Le-2025";
    let zhou = school.with_cookie(school.nobody().post("/login", enter).await);
    let mut file = "姓名,性别,班级,出生日期\n".to_owned();
    for at in 0..MANY {
        let name = char::from_u32(0x4e00 + u32::try_from(at).unwrap()).unwrap();
        file += &format!(
            "王{name},男,一年级({})班,2019-0{}-1{}\n",
            1 + at / 40,
            1 + at % 9,
            at % 10
        );
    }
    let import = zhou
        .upload("/api/v1/imports/roster", file.as_bytes())
        .await
        .json();
    let commit = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
    let key = operation();
    let keys = [("idempotency-key", key.as_str())];
    let done = zhou.json((Method::POST, &commit), &keys, &json!({})).await;
    assert_eq!(done.is(StatusCode::OK).json()["opened"], json!(MANY));
    let mut school = school;
    for year in 0..9 {
        let day = date(2025 + i16::try_from(year).unwrap(), 10, 8);
        school = school.later(day).await;
        let zhou = school.with_cookie(school.nobody().post("/login", enter).await);
        assert_eq!(grades(&zhou).await, vec![(year + 1, MANY)], "year {year}");
    }
    let school = school.later(date(2034, 9, 10)).await;
    let zhou = school.with_cookie(school.nobody().post("/login", enter).await);
    let list = zhou.get("/office/graduation").await.is(StatusCode::OK);
    let ids: String = list
        .text
        .split("name=\"child\" value=\"")
        .skip(1)
        .filter_map(|part| part.split('"').next())
        .map(|id| format!("&child={id}"))
        .collect();
    let form = format!("operation={}{ids}", operation());
    zhou.post("/office/graduation", &form)
        .await
        .is(StatusCode::SEE_OTHER);
    assert!(grades(&zhou).await.is_empty());
    let left: i64 = db::query_scalar("select count(*) from child where left_on is not null")
        .fetch_one(&mut school.app.db.read().await.unwrap())
        .await
        .unwrap();
    assert_eq!(left, i64::try_from(MANY).unwrap());
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

#[expect(clippy::cognitive_complexity, reason = "one story of one handing over")]
async fn who_leaves_in_mid_term_leaves_no_child_alone(school: School) {
    let guanli = school.sign_in("guanli").await;
    let people = guanli.get("/office/people").await.is(StatusCode::OK);
    let of = |name: &str| {
        let before = people.text.split(name).next().unwrap();
        let href = before.rsplit("href=\"").next().unwrap();
        href.split('"').next().unwrap().to_owned()
    };
    let wang = school.sign_in("banzhuren").await;
    let mentor = school.sign_in("bangfu").await;
    mentor.get("/children").await.says("张小明").hides("王梓涵");
    let (from, to) = (of("王建华"), of("赵敏"));
    let page = guanli.get(&from).await.is(StatusCode::OK);
    page.says("五（2）班班主任").hides("张小明");
    let form = |to: &str| format!("operation={}&to={to}", operation());
    guanli
        .post(&format!("{from}/handover"), &form(""))
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("交给谁还没选");
    let close = format!("operation={}", operation());
    let refused = guanli.post(&format!("{to}/close"), &close).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("还帮扶着5个孩子");
    mentor.get("/children").await.is(StatusCode::OK);
    let to = to.rsplit('/').next().unwrap().to_owned();
    guanli
        .post(&format!("{from}/handover"), &form(&to))
        .await
        .is(StatusCode::SEE_OTHER);
    let taken = school.sign_in("bangfu").await;
    taken.get("/children").await.says("张小明").says("王梓涵");
    // Signed out everywhere, and without the class from now on.
    assert_ne!(wang.get("/week").await.status, StatusCode::OK);
    let wang = school.sign_in("banzhuren").await;
    wang.get("/children").await.hides("王梓涵");
}

on_both! {
    who_leaves_in_mid_term_leaves_no_child_alone
    a_child_who_left_is_read_and_not_written_about
    a_new_mentor_sees_the_paired_child_and_no_other
    a_day_off_of_the_schools_own_moves_what_is_due
    everybody_is_asked_about_and_a_determination_keeps_its_reason
    the_counsellor_says_for_whom_to_be_there
}
