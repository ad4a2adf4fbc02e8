//! Where a school stands: its campuses, the township and the county it is counted in.

use crate::ids::SchoolId;
use crate::on_both;
use crate::school::founding::{Founding, found};
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;
use jiff::civil::date;

/// A class of the school and its new campus, as the page offers them.
async fn class_and_campus(principal: &Person) -> (String, String) {
    let form = format!("operation={}&name={}", operation(), url("李家湾校区"));
    let added = principal.post("/office/school/campus", &form).await;
    added.is(StatusCode::SEE_OTHER);
    let page = principal.get("/office/classes").await;
    let after = |word: &str| {
        let rest = page.text.split(word).nth(1).unwrap();
        rest.split(['/', '"']).next().unwrap().to_owned()
    };
    let campus = after("<option value=\"\">本部</option><option value=\"");
    (after("action=\"/office/classes/"), campus)
}

/// A class is taught at one of the school's places, and the page says at which.
async fn a_class_is_at_a_campus(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let classes = "/office/classes";
    principal.get(classes).await.hides("哪个班在哪个校区");
    let (class, campus) = class_and_campus(&principal).await;
    principal.get(classes).await.says("哪个班在哪个校区");
    let put = format!("{classes}/{class}/campus");
    let form = format!("operation={}&campus={campus}", operation());
    principal.post(&put, &form).await.is(StatusCode::SEE_OTHER);
    principal.get(classes).await.says("李家湾校区，");
    let strange = format!("operation={}&campus={class}", operation());
    principal
        .post(&put, &strange)
        .await
        .is(StatusCode::NOT_FOUND);
    let home = format!("operation={}&campus=", operation());
    principal.post(&put, &home).await.is(StatusCode::SEE_OTHER);
    principal.get(classes).await.hides("李家湾校区，");
}

/// A campus gets another name, and goes when no class is there any more.
async fn a_campus_is_renamed_and_given_up(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let (class, campus) = class_and_campus(&principal).await;
    let own = format!("/office/school/campus/{campus}");
    let named = async |name: &str| {
        let form = format!("operation={}&name={}", operation(), url(name));
        principal.post(&own, &form).await
    };
    let put = async |campus: &str| {
        let form = format!("operation={}&campus={campus}", operation());
        let path = format!("/office/classes/{class}/campus");
        principal.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    };
    let close = async || {
        let form = format!("operation={}", operation());
        principal.post(&format!("{own}/close"), &form).await
    };
    named("").await.says("还没填");
    let twice = format!("operation={}&name={}", operation(), url("李家湾校区"));
    let twice = principal.post("/office/school/campus", &twice).await;
    twice.says("已经有叫这个名字的校区了");
    put(&campus).await;
    named("河西校区").await.is(StatusCode::SEE_OTHER);
    principal.get("/office/classes").await.says("河西校区，");
    close().await.says("还有班在这个校区");
    put("").await;
    close().await.is(StatusCode::SEE_OTHER);
    principal.get("/office/school").await.hides("河西校区");
    named("河东校区").await.is(StatusCode::NOT_FOUND);
    close().await.is(StatusCode::NOT_FOUND);
}

/// A school says itself in which county it is, unless the county works here: then the console does.
async fn a_school_moves_to_a_county_that_nobody_works_in(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let page = "/office/school";
    let put = async |county: &str, township: &str| {
        let (county, township) = (url(county), url(township));
        let form = format!(
            "operation={}&county={county}&township={township}",
            operation()
        );
        principal.post("/office/school/above", &form).await
    };
    let own = principal.get(page).await.says("请系统管理员办");
    own.hides("写上在哪个县");
    let refused = put("西山县", "").await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("nuanchao place");
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    let id: String = crate::db::query_scalar("select id from org where kind = 'school'")
        .fetch_one(&mut tx)
        .await
        .unwrap();
    let id = SchoolId::from(id);
    let units = crate::school::tree::units(&mut tx, &id).await.unwrap();
    let led = units.first().unwrap().name.clone();
    crate::school::above::move_to(&mut tx, &id, (None, None))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    principal.get(page).await.hides(&led);
    let asked = put("", "东河乡").await;
    asked
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("乡镇在哪个县里");
    put("西山县", "东河乡").await.is(StatusCode::SEE_OTHER);
    principal.get(page).await.says("西山县").says("东河乡");
    let refused = put(&led, "").await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(&led);
    principal.get(page).await.says("东河乡");
}

/// County, township, school: each is made once, and the county counts what is in its townships.
async fn a_school_stands_in_a_township_of_a_county(school: School) {
    let new = |name: &str| Founding {
        name: name.to_owned(),
        stage: "primary".to_owned(),
        term_from: date(2025, 9, 1),
        term_to: date(2026, 1, 16),
        packs: Vec::new(),
        county: Some("西山县".to_owned()),
        township: Some("东河乡".to_owned()),
    };
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    let mut found_schools = Vec::new();
    for name in ["东河一小", "东河二小"] {
        found_schools.push(found(&school.app, &mut tx, &new(name)).await.unwrap());
    }
    tx.commit().await.unwrap();
    let mut conn = school.app.db.read().await.unwrap();
    for (id, name) in found_schools.iter().zip(["东河一小", "东河二小"]) {
        let units = crate::school::tree::units(&mut conn, id).await.unwrap();
        let names: Vec<&str> = units.iter().map(|unit| unit.name.as_str()).collect();
        assert_eq!(names, ["西山县", "东河乡", name]);
    }
    let townships: i64 =
        crate::db::query_scalar("select cast(count(*) as bigint) from org where name = '东河乡'")
            .fetch_one(&mut conn)
            .await
            .unwrap();
    assert_eq!(townships, 1);
}

on_both! {
    a_class_is_at_a_campus
    a_campus_is_renamed_and_given_up
    a_school_moves_to_a_county_that_nobody_works_in
    a_school_stands_in_a_township_of_a_county
}

/// A substitute has the class from a day to a day, and on no other.
#[tokio::test]
async fn a_role_is_given_from_a_day_to_a_day() {
    let school = School::sqlite().await;
    let guanli = school.sign_in("guanli").await;
    let people = guanli.get("/office/people").await.text;
    let before = people.split("李梅").next().unwrap();
    let own = before.rsplit("href=\"").next().unwrap();
    let own = own.split('"').next().unwrap().to_owned();
    let page = guanli.get(&own).await.text;
    let class = page.split(">五（2）班").next().unwrap();
    let class = class.rsplit("value=\"").next().unwrap();
    let class = class.split('"').next().unwrap().to_owned();
    let give = async |from: &str, to: &str| {
        let form = format!(
            "operation={}&role=homeroom_teacher&class={class}&from={from}&to_day={to}",
            operation()
        );
        guanli.post(&format!("{own}/roles"), &form).await
    };
    for (from, to) in [("", "2025-09-29"), ("2025-10-20", "2025-10-08"), ("x", "")] {
        let refused = give(from, to).await;
        refused.is(StatusCode::UNPROCESSABLE_ENTITY).says("看");
    }
    give("2025-10-08", "2025-10-20")
        .await
        .is(StatusCode::SEE_OTHER);
    guanli.get(&own).await.says("10月8日—10月20日");
    let wang = school.sign_in("banzhuren").await;
    let child = format!("/children/{}", wang.child("张小明").await);
    let mut school = school;
    for (day, sees) in [
        (date(2025, 9, 30), false),
        (date(2025, 10, 8), true),
        (date(2025, 10, 20), true),
        (date(2025, 10, 21), false),
    ] {
        school = school.later(day).await;
        let substitute = school.sign_in("limei").await;
        let seen = substitute.get(&child).await.status;
        assert_eq!(seen == StatusCode::OK, sees, "{day}: {seen}");
    }
}
