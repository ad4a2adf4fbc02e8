//! A roster through the front door: verdicts, commit, the same again, undo, bad files.

use crate::demo::children::invented_id;
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::{Method, StatusCode};
use jiff::civil::date;
use serde_json::{Value, json};

const HEADS: &str = "年级,班级,姓名,性别,出生日期,身份证件类型,身份证件号,是否留守儿童,家庭成员1姓名,家庭成员1关系,家庭成员1联系电话,家庭成员1工作单位或务工地";

pub fn roster(lines: &[String]) -> Vec<u8> {
    format!("{HEADS}\n{}\n", lines.join("\n")).into_bytes()
}

pub fn line(class: &str, name: &str, sex: &str, born: &str, id: &str) -> String {
    format!(
        "四年级,{class},{name},{sex},{born},居民身份证,{id},双亲留守儿童,张强,父亲,16012345678,上海市务工"
    )
}

pub fn girl(serial: u32) -> String {
    invented_id(date(2016, 3, 12), serial, "female")
}

pub async fn bring(who: &Person, file: &[u8]) -> Value {
    who.upload("/api/v1/imports/roster", file)
        .await
        .is(StatusCode::CREATED)
        .json()
}

pub fn verdicts(import: &Value) -> Vec<(u64, String)> {
    let rows = import["rows"].as_array().unwrap().iter();
    rows.map(|row| {
        (
            row["line"].as_u64().unwrap(),
            row["verdict"].as_str().unwrap().to_owned(),
        )
    })
    .collect()
}

#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one story from file to undo"
)]
async fn each_line_gets_its_verdict_and_the_good_ones_go_in(school: School) {
    let dangan = school.sign_in("dangan").await;
    let wrong = girl(400).replace("990827", "990872");
    let file = roster(&[
        line("四年级(1)班", "林小雨", "女", "2016-03-12", &girl(300)),
        line("四（1）班", "林•晓", "女", "20160312", &girl(301)),
        line("401班", "林三", "女", "2016年3月12日", &girl(302)),
        line("四年级(1)班", "林四", "女", "2016.13.2", &girl(303)),
        line("四年级(1)班", "林五", "女", "2016-03-12", &wrong),
        line("四年级(1)班", "林六", "男", "2016-03-12", &girl(304)),
        line("四年级(1)班", "", "女", "2016-03-12", &girl(305)),
        line("四年级(1)班", "林小雨", "女", "2016-03-12", &girl(300)),
        line("四年级(1)班", "林小雨", "女", "2016-03-12", ""),
        line(
            "四年级(1)班",
            "林七",
            "女",
            "2016-03-12",
            "990827201603120000",
        )
        .replace("16012345678", "1601234567"),
        line("四年级(1)班", "𬭼一", "女", "2016-3-12", &girl(306)),
    ]);
    let import = bring(&dangan, &file).await;
    let expected = [
        "ready", "ready", "ready", "refused", "refused", "ask", "refused", "repeated", "ask",
        "refused", "ready",
    ];
    let found: Vec<String> = verdicts(&import)
        .into_iter()
        .map(|(_, verdict)| verdict)
        .collect();
    assert_eq!(found, expected, "{import}");
    let id = import["id"].as_str().unwrap();
    let page = dangan
        .get(&format!("/office/import/{id}"))
        .await
        .is(StatusCode::OK);
    page.says("4人可以导入")
        .says("四（1）班")
        .says("没有13月")
        .says("校验位");
    let mend = dangan
        .get(&format!("/office/import/{id}/mend.xlsx"))
        .await
        .is(StatusCode::OK);
    assert!(mend.text.starts_with("PK"));

    let commit = format!("/api/v1/imports/{id}/commit");
    let answers = json!({"answers": {"7": ["sex_as_id"]}});
    let key = operation();
    let headers = [("idempotency-key", key.as_str())];
    let done = dangan
        .json((Method::POST, &commit), &headers, &answers)
        .await
        .is(StatusCode::OK)
        .json();
    assert_eq!(
        (&done["state"], &done["opened"]),
        (&json!("committed"), &json!(5))
    );
    let again = dangan
        .json((Method::POST, &commit), &headers, &answers)
        .await
        .is(StatusCode::OK)
        .json();
    assert_eq!(again["opened"], json!(5));
    let other = operation();
    dangan
        .json(
            (Method::POST, &commit),
            &[("idempotency-key", &other)],
            &answers,
        )
        .await
        .is(StatusCode::CONFLICT)
        .says("已经导入过了");
    assert!(!dangan.child("林·晓").await.is_empty());
    assert!(!dangan.child("𬭼一").await.is_empty());

    let second = bring(&dangan, &file).await;
    let ready = second["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["verdict"] == "ready");
    assert!(
        ready.clone().count() == 4
            && ready
                .clone()
                .all(|row| row["why"].as_str().unwrap().contains("没有要改的"))
    );

    let early = format!("/api/v1/imports/{}/undo", second["id"].as_str().unwrap());
    let key = operation();
    let headers = [("idempotency-key", key.as_str())];
    let early = dangan
        .json((Method::POST, &early), &headers, &json!({}))
        .await;
    early.is(StatusCode::CONFLICT).says("还没有导入");
    let undo = format!("/api/v1/imports/{id}/undo");
    let undone = dangan
        .json(
            (Method::POST, &undo),
            &[("idempotency-key", &operation())],
            &json!({}),
        )
        .await;
    assert_eq!(undone.is(StatusCode::OK).json()["state"], json!("undone"));
    dangan
        .get("/office/classes")
        .await
        .is(StatusCode::OK)
        .hides("四（1）班");
    assert!(dangan.child("林·晓").await.is_empty());
    assert!(!dangan.child("李思雨").await.is_empty());
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of two lists"
)]
async fn an_update_can_be_taken_back_to_the_exact_state(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = roster(&[line(
        "四年级(1)班",
        "林小雨",
        "女",
        "2016-03-12",
        &girl(300),
    )]);
    let changed = roster(&[
        line("四年级(2)班", "林小雨", "女", "2016-03-12", &girl(300))
            .replace("16012345678", "16087654321"),
    ]);
    let commit = async |file: &[u8]| {
        let import = bring(&dangan, file).await;
        let id = import["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/imports/{id}/commit");
        dangan
            .json(
                (Method::POST, &path),
                &[("idempotency-key", &operation())],
                &json!({}),
            )
            .await
            .is(StatusCode::OK);
        id
    };
    let first = commit(&file).await;
    let child = dangan.child("林小雨").await;
    let card = async || {
        dangan
            .get(&format!("/api/v1/children/{child}"))
            .await
            .json()
    };
    let before = card().await;
    let id = commit(&changed).await;
    let after = card().await;
    assert_eq!(after["class"]["title"], "四（2）班");
    assert_eq!(after["contacts"][0]["phone_masked"], "160****4321");
    // A list that another one has changed something of is not taken back before that.
    let early = format!("/api/v1/imports/{first}/undo");
    let head = [("idempotency-key", &*operation())];
    let refused = dangan.json((Method::POST, &early), &head, &json!({})).await;
    refused.is(StatusCode::CONFLICT).says("林小雨这1个孩子");
    let undo = format!("/api/v1/imports/{id}/undo");
    dangan
        .json(
            (Method::POST, &undo),
            &[("idempotency-key", &operation())],
            &json!({}),
        )
        .await
        .is(StatusCode::OK);
    let restored = card().await;
    assert_eq!(restored["class"]["title"], before["class"]["title"]);
    assert_eq!(
        restored["contacts"][0]["phone_masked"],
        before["contacts"][0]["phone_masked"]
    );
    assert_eq!(restored["contacts"].as_array().unwrap().len(), 1);
    // What a list changed and gave back is in nobody's way: the first is taken back as well.
    let undo = format!("/api/v1/imports/{first}/undo");
    let undone = dangan
        .json(
            (Method::POST, &undo),
            &[("idempotency-key", &operation())],
            &json!({}),
        )
        .await;
    undone.is(StatusCode::OK);
    dangan
        .get(&format!("/children/{child}"))
        .await
        .is(StatusCode::NOT_FOUND);
}

/// An old export brought in once more does not undo what the teacher found out since.
#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one story of one card"
)]
async fn the_same_sheet_again_keeps_what_was_changed_by_hand(school: School) {
    let dangan = school.sign_in("dangan").await;
    let sheet = line("四年级(1)班", "林小雨", "女", "2016-03-12", &girl(300));
    let commit = async |text: &str| {
        let import = bring(&dangan, &roster(&[text.to_owned()])).await;
        let id = import["id"].as_str().unwrap().to_owned();
        let go = operation();
        let head = [("idempotency-key", go.as_str())];
        let path = format!("/api/v1/imports/{id}/commit");
        let done = dangan.json((Method::POST, &path), &head, &json!({})).await;
        done.is(StatusCode::OK);
        id
    };
    commit(&sheet).await;
    let child = dangan.child("林小雨").await;
    let contacts = async || {
        let told = dangan.get(&format!("/api/v1/children/{child}")).await;
        told.json()["contacts"].as_array().unwrap().clone()
    };
    let father = contacts().await[0]["id"].as_str().unwrap().to_owned();
    let card = format!("/children/{child}/card");
    for form in [
        format!("kin={father}&kinship=father&name=%E5%BC%A0%E5%BC%BA&phone=16011112222"),
        "kinship=relative&name=%E5%BC%A0%E5%A7%91%E5%A7%91&phone=16033334444&only_contact=1"
            .to_owned(),
    ] {
        let form = format!("operation={}&{form}", operation());
        let saved = dangan.post(&format!("{card}/kin"), &form).await;
        saved.is(StatusCode::SEE_OTHER);
    }
    commit(&sheet).await;
    let kept = contacts().await;
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(kept[0]["phone_masked"], "160****2222");
    // A number that nobody had yet is news.
    let id = commit(&sheet.replace("16012345678", "16087654321")).await;
    assert_eq!(contacts().await[0]["phone_masked"], "160****4321");
    dangan
        .get(&card)
        .await
        .says("160****2222")
        .says("160****5678");
    let go = operation();
    let undo = format!("/api/v1/imports/{id}/undo");
    let head = [("idempotency-key", go.as_str())];
    let undone = dangan.json((Method::POST, &undo), &head, &json!({})).await;
    undone.is(StatusCode::OK);
    let restored = contacts().await;
    assert_eq!(restored.len(), 2, "{restored:?}");
    assert_eq!(restored[0]["phone_masked"], "160****2222");
    let away = async || -> i64 {
        let mut conn = school.app.db.read().await.unwrap();
        crate::db::query_scalar(
            "select cast(count(*) as bigint) from parent_absence
             where child_id = $1 and to_on is null",
        )
        .bind(&child)
        .fetch_one(&mut conn)
        .await
        .unwrap()
    };
    assert_eq!(
        away().await,
        2,
        "the mother, whom the sheet does not name, too"
    );
    // A list that says of both that they are home, and of one that he works far away, is no answer.
    let home = sheet.replace("双亲留守儿童", "非留守儿童");
    commit(&home).await;
    assert_eq!(away().await, 2);
    dangan
        .get("/census")
        .await
        .says("林小雨</a><span class=\"row-sub\">名单上");
    commit(&home.replace("上海市务工", "在家")).await;
    assert_eq!(away().await, 0);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// Before a list goes in it says what it changes; what the school knows already is no change.
async fn a_list_says_what_it_would_change(school: School) {
    let dangan = school.sign_in("dangan").await;
    let sheet = line("四年级(1)班", "林小雨", "女", "2016-03-12", &girl(300));
    let commit = async |text: &str| -> (Value, Value) {
        let import = bring(&dangan, &roster(&[text.to_owned()])).await;
        let path = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
        let key = operation();
        let keys = [("idempotency-key", key.as_str())];
        let done = dangan.json((Method::POST, &path), &keys, &json!({})).await;
        (import, done.is(StatusCode::OK).json())
    };
    commit(&sheet).await;
    let (same, done) = commit(&sheet).await;
    assert!(
        same["rows"][0]["why"].to_string().contains("没有要改的"),
        "{same}"
    );
    assert_eq!((&done["opened"], &done["changed"]), (&json!(0), &json!(0)));
    let page = format!("/office/import/{}", same["id"].as_str().unwrap());
    dangan.get(&page).await.says("更新0");
    let moved = sheet
        .replace("四年级(1)班", "四年级(2)班")
        .replace("林小雨", "林晓雨")
        .replace("16012345678", "16087654321");
    let import = bring(&dangan, &roster(std::slice::from_ref(&moved))).await;
    let (row, id) = (&import["rows"][0], import["id"].as_str().unwrap());
    assert_eq!(row["verdict"], "ask", "{import}");
    let page = dangan.get(&format!("/office/import/{id}")).await;
    page.says("姓名：林小雨改成林晓雨")
        .says("班级：四（1）班改成四（2）班")
        .says("爸爸，电话：160****5678改成160****4321");
    let of_one_name = moved.replace("林晓雨", "林小雨");
    let import = bring(&dangan, &roster(&[of_one_name])).await;
    let page = format!("/office/import/{}", import["id"].as_str().unwrap());
    dangan
        .get(&page)
        .await
        .says("会更新的1人")
        .says("改成四（2）班");
}

async fn a_bad_file_gets_a_sentence_and_leaves_nothing(school: School) {
    let dangan = school.sign_in("dangan").await;
    let no_name = "年级,班级\n四年级,1班\n".as_bytes().to_vec();
    for (file, words) in [
        (b"\x00\x01\x02 not a sheet \xff\xfe".to_vec(), "。"),
        (no_name, "没有找到“姓名”"),
        (vec![b'x'; 12 * 1024 * 1024], "太大"),
    ] {
        let answer = dangan.upload("/api/v1/imports/roster", &file).await;
        assert!(answer.status.is_client_error(), "{}", answer.text);
        assert!(
            answer.json()["detail"].as_str().unwrap().contains(words),
            "{}",
            answer.text
        );
    }
    let page = dangan.get("/office/import").await.is(StatusCode::OK);
    let imports = page
        .text
        .matches("row-title\" href=\"/office/import/")
        .count();
    assert_eq!(imports, 1, "only the cast's own import");
    dangan.get("/readyz").await.is(StatusCode::OK);
}

async fn what_was_filled_into_a_file_since_is_not_taken_away(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = roster(&[line("四（1）班", "林小雨", "女", "2016-03-12", &girl(320))]);
    let import = bring(&dangan, &file).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let form = || format!("operation={}", operation());
    dangan
        .post(&format!("{path}/commit"), &form())
        .await
        .is(StatusCode::SEE_OTHER);
    let child = dangan.child("林小雨").await;
    let entry = format!("operation={}&version=0&text=%E5%A5%BD", operation());
    dangan
        .post(&format!("/children/{child}/dossier/progress_entry"), &entry)
        .await
        .is(StatusCode::SEE_OTHER);
    dangan
        .post(&format!("{path}/undo"), &form())
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("林小雨这1个孩子的基本情况、班级、联系卡、档案或家里的情况又改过");
}

on_both! {
    a_list_says_what_it_would_change
    the_same_sheet_again_keeps_what_was_changed_by_hand
    what_was_filled_into_a_file_since_is_not_taken_away
    each_line_gets_its_verdict_and_the_good_ones_go_in
    an_update_can_be_taken_back_to_the_exact_state
    a_bad_file_gets_a_sentence_and_leaves_nothing
}
