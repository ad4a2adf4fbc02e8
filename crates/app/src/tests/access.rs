//! Every route × every role of the cast, and the SQL filter against the rule.

use crate::children::store::{all_visible, everybody};
use crate::commands::person;
use crate::on_both;
use crate::testing::School;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rules::access::{Act, ever};

const CAST: [&str; 9] = [
    "banzhuren",
    "bangfu",
    "xinli",
    "xiaozhang",
    "dangan",
    "xianju",
    "guanli",
    "shenji",
    "limei",
];

async fn every_route_is_shut_to_whoever_may_never_do_it(school: School) {
    for username in CAST {
        let roles = person(&school.app, username).await.unwrap().roles();
        let who = school.sign_in(username).await;
        for way in crate::routes::ways(&school.app) {
            if way.path == "/logout" {
                continue;
            }
            // An id that nobody has: a door that opens answers 404 from behind it too.
            let has_id = way.path.contains('{');
            let path: String = way
                .path
                .split('/')
                .map(|part| {
                    if part.starts_with('{') {
                        "01890000-0000-7000-8000-000000000000"
                    } else {
                        part
                    }
                })
                .collect::<Vec<_>>()
                .join("/");
            let request = Request::builder().method(way.method.clone()).uri(&path);
            let answer = who.send(request, Body::empty()).await;
            let context = format!("{username} {} {path}", way.method);
            if !ever(way.act, &roles) {
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{context}");
            } else if !has_id && way.path != "/office" && way.path != "/office/packs" {
                assert_ne!(answer.status, StatusCode::NOT_FOUND, "{context}");
            }
            assert!(
                !answer.status.is_server_error(),
                "{context}: {}",
                answer.text
            );
        }
    }
}

async fn nobody_enters_without_signing_in(school: School) {
    let nobody = school.nobody();
    for way in crate::routes::ways(&school.app) {
        let path = way
            .path
            .replace("{child_id}", "x")
            .replace("{record_id}", "x");
        let request = Request::builder().method(way.method.clone()).uri(&path);
        let answer = nobody.send(request, Body::empty()).await;
        if way.path.starts_with("/api/") {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        } else {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.location.starts_with("/login"), "{path}");
        }
    }
}

async fn the_sql_filter_and_the_rule_agree_for_every_pair(school: School) {
    for username in CAST {
        let viewer = person(&school.app, username).await.unwrap();
        let mut conn = school.app.db.read().await.unwrap();
        let everybody = everybody(&mut conn, &viewer.school_id, viewer.today())
            .await
            .unwrap();
        for act in Act::ALL {
            let mut listed: Vec<String> = all_visible(&school.app, &mut conn, &viewer, *act)
                .await
                .unwrap()
                .iter()
                .map(|child| child.id.to_string())
                .collect();
            let mut allowed = Vec::new();
            for child in &everybody {
                let seen =
                    crate::children::store::visible(&mut conn, &viewer, *act, &child.id).await;
                if seen.is_ok() {
                    allowed.push(child.id.to_string());
                }
            }
            listed.sort();
            allowed.sort();
            assert_eq!(listed, allowed, "{username} {act:?}");
        }
    }
}

async fn another_class_and_another_school_look_like_nothing(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let principal = school.sign_in("xiaozhang").await;
    let third = principal.child("区小明").await;
    let elsewhere = school.sign_in("baiyan").await.child("李思雨").await;
    assert!(!third.is_empty() && !elsewhere.is_empty());
    let absent = "01890000-0000-7000-8000-000000000000";
    let gone = wang.get(&format!("/api/v1/children/{absent}")).await;
    for id in [&third, &elsewhere] {
        let answer = wang.get(&format!("/api/v1/children/{id}")).await;
        assert_eq!(answer.status, gone.status);
        assert_eq!(answer.json()["detail"], gone.json()["detail"]);
        wang.get(&format!("/children/{id}"))
            .await
            .is(StatusCode::NOT_FOUND);
        let form = format!(
            "operation={}&kind=talk&topic=study",
            crate::testing::operation()
        );
        let post = format!("/children/{id}/records");
        wang.post(&post, &form).await.is(StatusCode::NOT_FOUND);
    }
    principal
        .get(&format!("/children/{elsewhere}"))
        .await
        .is(StatusCode::NOT_FOUND);
}

async fn the_county_sees_counts_and_no_name(school: School) {
    let county = school.sign_in("xianju").await;
    let page = county
        .get("/overview")
        .await
        .is(StatusCode::OK)
        .says("青石小学");
    let page = page.says("少于5");
    for name in ["张小明", "李思雨", "田𠮷安"] {
        assert!(!page.text.contains(name));
    }
    county.get("/week").await.is(StatusCode::OK).hides("李思雨");
}

async fn a_closed_account_is_closed_at_once_and_guesses_are_slowed(school: School) {
    let limei = school.sign_in("limei").await;
    limei.get("/week").await.is(StatusCode::OK);
    let guanli = school.sign_in("guanli").await;
    let people = guanli.get("/office/people").await.is(StatusCode::OK);
    let href = people
        .text
        .split("href=\"")
        .find(|part| part.contains(">李梅<"));
    let href = href.unwrap().split('"').next().unwrap();
    let close = format!("operation={}", crate::testing::operation());
    guanli
        .post(&format!("{href}/close"), &close)
        .await
        .is(StatusCode::SEE_OTHER);
    limei.get("/week").await.is(StatusCode::SEE_OTHER);
    let nobody = school.nobody();
    let wrong = "username=limei&password=falsch-falsch";
    for _ in 0..5 {
        nobody
            .post("/login", wrong)
            .await
            .is(StatusCode::UNPROCESSABLE_ENTITY)
            .says("账号或密码不对");
    }
    nobody
        .post("/login", wrong)
        .await
        .is(StatusCode::TOO_MANY_REQUESTS);
    let unknown = nobody.post("/login", "username=nobody&password=x").await;
    unknown
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("账号或密码不对");
}

async fn a_forged_form_from_another_site_is_refused(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let request = Request::post("/logout").header("sec-fetch-site", "cross-site");
    let answer = wang.send(request, Body::empty()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    wang.get("/week").await.is(StatusCode::OK);
}

on_both! {
    every_route_is_shut_to_whoever_may_never_do_it
    nobody_enters_without_signing_in
    the_sql_filter_and_the_rule_agree_for_every_pair
    another_class_and_another_school_look_like_nothing
    the_county_sees_counts_and_no_name
    a_closed_account_is_closed_at_once_and_guesses_are_slowed
    a_forged_form_from_another_site_is_refused
}

#[tokio::test]
async fn a_stolen_database_shows_no_number_and_no_address() {
    let school = School::sqlite().await;
    let dangan = school.sign_in("dangan").await;
    let id = dangan.child("张小明").await;
    dangan
        .get(&format!("/children/{id}/card"))
        .await
        .is(StatusCode::OK)
        .says("李家湾");
    let bytes = school.database_bytes();
    assert!(bytes.len() > 100_000);
    for marker in ["李家湾", "16010000000", "9908272015", "王秀英"] {
        let found = bytes
            .windows(marker.len())
            .any(|some| some == marker.as_bytes());
        assert!(!found, "{marker} lies open in the file");
    }
}
