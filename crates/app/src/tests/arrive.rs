//! A child who comes by itself, and what a list says of those who look after one.

use super::roster::girl;
use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;

fn arriving(operation: &str, said: &[(&str, &str)]) -> String {
    let said = said
        .iter()
        .map(|(field, value)| format!("&{field}={}", url(value)));
    format!("operation={operation}{}", said.collect::<String>())
}

async fn imports(who: &Person) -> usize {
    let page = who.get("/office/import").await.is(StatusCode::OK).text;
    page.matches("row-title\" href=\"/office/import/").count()
}

/// Written down by hand, judged as a list is, looked at, and there; a slip stands at its field.
#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of one child"
)]
async fn a_child_comes_from_another_school(school: School) {
    let dangan = school.sign_in("dangan").await;
    let door = "/office/import/one";
    dangan
        .get(door)
        .await
        .says("三（1）班")
        .says("从哪所学校来");
    let before = imports(&dangan).await;
    let wrong = girl(700).replace("990827", "990872");
    let good = [
        ("name", "韦小满"),
        ("sex", "女"),
        ("class", "三（1）班"),
        ("born_on", "2016-03-12"),
        ("from_school", "红星小学\t\"分校\""),
        ("left_behind", "2"),
        ("mother", "韦大花"),
        ("mother_phone", "16012345678"),
        ("carer", "韦奶奶"),
        ("carer_kinship", "奶奶"),
    ];
    let mut bad = good.to_vec();
    bad.push(("citizen_id", wrong.as_str()));
    let refused = dangan.post(door, &arriving(&operation(), &bad)).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("href=\"#citizen_id\"")
        .hides("href=\"#sex\"")
        .says("value=\"韦小满\"");
    let mut short = good.to_vec();
    short.push(("father", "韦大"));
    short.push(("father_phone", "1601234567"));
    let short = dangan.post(door, &arriving(&operation(), &short)).await;
    short
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("href=\"#father_phone\"");
    let nameless = dangan.post(door, &arriving(&operation(), &good[1..])).await;
    nameless
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("href=\"#name\"");
    let mut classless = good.to_vec();
    classless.retain(|(field, _)| *field != "class");
    let classless = dangan.post(door, &arriving(&operation(), &classless)).await;
    classless
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("还没选到哪个班");
    assert_eq!(imports(&dangan).await, before);

    let form = arriving(&operation(), &good);
    let first = dangan.post(door, &form).await.is(StatusCode::SEE_OTHER);
    let again = dangan.post(door, &form).await.is(StatusCode::SEE_OTHER);
    assert_eq!(first.location, again.location);
    let preview = dangan.get(&first.location).await;
    preview.says("1人可以导入").hides("表里没有的");
    let commit = format!("{}/commit", first.location);
    let committed = dangan
        .post(&commit, &format!("operation={}", operation()))
        .await;
    committed.is(StatusCode::SEE_OTHER);
    let page = dangan.get(&first.location).await.says("写转入回执").text;
    let (_, rest) = page.split_once("href=\"/children/").unwrap();
    let id = rest.split('"').next().unwrap();
    let file = dangan.get(&format!("/children/{id}/particulars")).await;
    file.is(StatusCode::OK).says("value=\"红星小学分校\"");
    let receipt = format!("/children/{id}/dossier/arrival");
    dangan.get(&receipt).await.says("value=\"红星小学分校\"");
    let written = arriving(
        &operation(),
        &[
            ("entry", ""),
            ("version", "0"),
            ("from_school", "红星小学"),
            ("came_on", "2025-09-29"),
        ],
    );
    dangan
        .post(&receipt, &written)
        .await
        .is(StatusCode::SEE_OTHER);
    let paper = format!("form=arrival&whom=child&child={id}&as=html");
    let paper = dangan.post("/print", &paper).await.is(StatusCode::OK);
    paper
        .says("转入学生档案接收回执")
        .says("红星小学")
        .says("韦小满");
    // Whoever brings no lists brings no child either.
    let wang = school.sign_in("banzhuren").await;
    let none = wang.post(door, &arriving(&operation(), &good)).await;
    none.is(StatusCode::NOT_FOUND);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// What P5 L95 asks of those who look after a child comes in by the list, and stands on the card.
async fn a_list_says_what_a_carer_does_and_where(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期,父亲姓名,父亲工作单位,父亲单位电话,监护人姓名,监护人关系,监护人职业,监护人住址,监护人身体状况\n\
        韦小满,女,三（1）班,2016-03-12,韦大,永安电子厂,0771-2345678,韦奶奶,奶奶,种地,石门乡三组,腰不好\n";
    let import = super::roster::bring(&dangan, list.as_bytes()).await;
    assert_eq!(import["counts"]["ready"], 1, "{import}");
    let path = format!("/office/import/{}/commit", import["id"].as_str().unwrap());
    let done = dangan
        .post(&path, &format!("operation={}", operation()))
        .await;
    done.is(StatusCode::SEE_OTHER);
    let id = dangan.child("韦小满").await;
    let card = dangan.get(&format!("/children/{id}/card")).await;
    card.is(StatusCode::OK)
        .says("种地")
        .says("石门乡三组")
        .says("腰不好")
        .says("永安电子厂")
        .says("0771-2345678");
}

/// Those whom a list of one class does not name are of that class; the school's others are not asked
/// about.
async fn only_the_listed_class_is_looked_through(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期\n刘洋,男,五（2）班,\n李思雨,女,五（2）班,\n";
    let import = super::roster::bring(&dangan, list.as_bytes()).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = dangan.get(&path).await.says("表里没有的");
    page.says("陈浩").hides("罗天宇");
    // Who is new is named; what is left to mend is no list of a class, and two of its columns are ours.
    let mended = "哪里要改,姓名,性别,班级,行号\n,石小满,女,五（2）班,2\n,石大山,男,五（2）班,3\n";
    let import = super::roster::bring(&dangan, mended.as_bytes()).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = dangan.get(&path).await.hides("表里没有的");
    page.says("新来的2人")
        .says("石小满、石大山")
        .says("认出3列里的3列");
}

/// Whoever writes one child down by hand is asked about a namesake of the same day in another class.
async fn a_namesake_in_another_class_is_asked_about(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = dangan.child("李思雨").await;
    let told = dangan.get(&format!("/api/v1/children/{id}")).await.json();
    let born = told["born_on"].as_str().unwrap().to_owned();
    let fields = [
        ("name", "李思雨"),
        ("sex", "女"),
        ("born_on", born.as_str()),
        ("class", "三（1）班"),
    ];
    let form = arriving(&operation(), &fields);
    let looked = dangan.post("/office/import/one", &form).await;
    let page = looked.is(StatusCode::SEE_OTHER).location;
    dangan
        .get(&page)
        .await
        .says("五（2）班有同名、同生日的李思雨")
        .says("是，更新，转到这个班");
    // So is one in a list that has no numbers.
    let csv = format!("姓名,性别,班级,出生日期\n李思雨,女,三（1）班,{born}\n");
    let brought = dangan.upload("/office/import", csv.as_bytes()).await;
    let page = dangan.get(&brought.location).await;
    page.says("五（2）班有同名、同生日的李思雨");
}

on_both! {
    a_namesake_in_another_class_is_asked_about
    a_child_comes_from_another_school
    a_list_says_what_a_carer_does_and_where
    only_the_listed_class_is_looked_through
}
