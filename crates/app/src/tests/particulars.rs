//! 基本情况: what a child's own row says, changed by hand with what it said before.

use crate::demo::children::invented_id;
use crate::on_both;
use crate::testing::{Answer, Person, School, operation};
use crate::web::words::url;
use axum::http::{Method, StatusCode};
use jiff::civil::date;
use serde_json::json;

/// The value of an input of the page.
fn value<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap();
    rest.split('"').next().unwrap()
}

async fn opened(who: &Person, id: &str) -> Answer {
    let page = who.get(&format!("/children/{id}/particulars")).await;
    page.is(StatusCode::OK)
}

/// What the page would send again, with the version it was drawn with.
pub async fn form(who: &Person, id: &str, with: &[(&str, &str)]) -> String {
    let page = opened(who, id).await.text;
    let mut form = format!("operation={}", operation());
    for name in [
        "version",
        "name",
        "born_on",
        "address",
        "hukou_place",
        "nation",
    ] {
        let given = with.iter().find(|(own, _)| *own == name);
        let said = given.map_or_else(|| value(&page, name), |(_, said)| said);
        form.push_str(&format!("&{name}={}", url(said)));
    }
    for (name, usual) in [("sex", "female"), ("document", "has"), ("boarding", "no")] {
        let given = with.iter().find(|(own, _)| *own == name);
        form.push_str(&format!("&{name}={}", given.map_or(usual, |one| one.1)));
    }
    for (name, said) in with {
        if !form.contains(&format!("&{name}=")) {
            form.push_str(&format!("&{name}={}", url(said)));
        }
    }
    form
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from a wrong name to its history"
)]
async fn a_name_and_an_address_are_mended_and_the_old_ones_stay(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/particulars");
    wang.get(&format!("/children/{id}/card"))
        .await
        .says(&format!("href=\"{path}\""));
    opened(&wang, &id).await.hides("改过");
    let mend = [("name", "李思语"), ("address", "李家湾9号")];
    let mend = form(&wang, &id, &mend).await;
    let done = wang.post(&path, &mend).await.is(StatusCode::SEE_OTHER);
    wang.post(&path, &mend).await.is(StatusCode::SEE_OTHER);
    wang.get(&done.location)
        .await
        .says("改好了")
        .says("改过1次");
    let page = opened(&wang, &id).await;
    page.says("姓名：李思雨改成李思语")
        .says("改成李家湾9号")
        .says("王老师改的");
    // The list, the search and the card know it at once.
    wang.get("/children").await.says("李思语").hides("李思雨");
    assert_eq!(wang.child("李思语").await, id);
    let card = wang.get(&format!("/children/{id}/card")).await;
    card.says("李家湾9号").says("改了姓名或住址");
    // A page that was drawn before changes nothing.
    let stale = mend.replacen("operation=", "operation=x&was=", 1);
    let stale = stale.replacen("operation=x", &format!("operation={}", operation()), 1);
    let stale = stale.replacen("nation=", "nation=TU", 1);
    // Nor does it after a slip: it comes back with the version from which it was drawn.
    let slip = stale.replacen("born_on=", "born_on=x&was_born=", 1);
    let slip = wang.post(&path, &slip).await;
    slip.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("name=\"version\" value=\"1\"");
    let stale = wang.post(&path, &stale).await;
    stale
        .is(StatusCode::PRECONDITION_FAILED)
        .says("您写的还没保存")
        .says("这样保存会改");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// Whoever had the page open and changed another field does not bring back what a colleague mended.
async fn what_a_colleague_mended_stays_mended(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/particulars");
    let drawn_before = form(&wang, &id, &[("address", "王家湾1号")]).await;
    let mend = form(&wang, &id, &[("name", "李思语")]).await;
    wang.post(&path, &mend).await.is(StatusCode::SEE_OTHER);
    let stale = wang.post(&path, &drawn_before).await;
    stale
        .is(StatusCode::PRECONDITION_FAILED)
        .says("value=\"李思语\"")
        .says("改成王家湾1号")
        .hides("李思语改成李思雨");
}

async fn a_number_must_agree_or_be_insisted_on_and_is_shown_by_its_end(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/particulars");
    let number = invented_id(date(2014, 3, 12), 402, "male");
    let wrong = format!(
        "{}{}",
        &number[..17],
        if number.ends_with('1') { '2' } else { '1' }
    );
    let mend = form(&wang, &id, &[("citizen_id", &wrong)]).await;
    let said = wang.post(&path, &mend).await;
    said.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("校验位对不上");
    let mend = form(&wang, &id, &[("citizen_id", &number)]).await;
    let said = wang.post(&path, &mend).await;
    said.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("身份证号是男孩的")
        .says("就按这里写的");
    let mend = form(&wang, &id, &[("citizen_id", &number), ("as_written", "1")]).await;
    wang.post(&path, &mend).await.is(StatusCode::SEE_OTHER);
    let page = opened(&wang, &id).await;
    page.says(&format!("尾号{}", &number[14..])).hides(&number);
    // The number of another child is nobody's business.
    let other = wang.child("陈浩").await;
    let path = format!("/children/{other}/particulars");
    let mend = [("citizen_id", number.as_str()), ("as_written", "1")];
    let mend = form(&wang, &other, &mend).await;
    let said = wang.post(&path, &mend).await;
    said.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("和本校另一个孩子的一样")
        .hides("李思雨");
}

/// The one who keeps the file, and nobody else; health is not the archivist's.
async fn only_the_keeper_of_the_file_changes_it(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    opened(&wang, &id).await.says("身体怎样");
    let dangan = school.sign_in("dangan").await;
    opened(&dangan, &id).await.hides("身体怎样");
    for who in ["bangfu", "xinli", "xiaozhang", "limei", "guanli"] {
        let who = school.sign_in(who).await;
        let page = who.get(&format!("/children/{id}/particulars")).await;
        page.is(StatusCode::NOT_FOUND);
    }
}

async fn import(who: &Person, name: &str, address: &str) {
    import_with(who, name, address, "").await;
}

async fn import_with(who: &Person, name: &str, address: &str, boarding: &str) {
    let id = invented_id(date(2016, 3, 12), 450, "female");
    let heads = "年级,班级,姓名,性别,身份证件号,现住址,就读方式";
    let file = format!("{heads}\n四年级,1班,{name},女,{id},{address},{boarding}\n");
    let made = who.upload("/api/v1/imports/roster", file.as_bytes()).await;
    let made = made.is(StatusCode::CREATED).json();
    let path = format!("/api/v1/imports/{}/commit", made["id"].as_str().unwrap());
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let done = who.json((Method::POST, &path), &head, &json!({})).await;
    done.is(StatusCode::OK);
}

#[expect(clippy::cognitive_complexity, reason = "one story of four sheets")]
/// An unchanged sheet that comes again undoes no correction; what is new in it goes in.
async fn an_old_roster_does_not_bring_back_what_a_hand_mended(school: School) {
    let dangan = school.sign_in("dangan").await;
    import(&dangan, "林小雨", "旧村1号").await;
    let id = dangan.child("林小雨").await;
    let path = format!("/children/{id}/particulars");
    let mend = [("name", "林小宇"), ("address", "新村2号")];
    let mend = form(&dangan, &id, &mend).await;
    dangan.post(&path, &mend).await.is(StatusCode::SEE_OTHER);
    import(&dangan, "林小雨", "旧村1号").await;
    let page = opened(&dangan, &id).await;
    assert_eq!(value(&page.text, "name"), "林小宇");
    assert_eq!(value(&page.text, "address"), "新村2号");
    import(&dangan, "林小雨", "县城3号").await;
    let page = opened(&dangan, &id).await;
    assert_eq!(value(&page.text, "name"), "林小宇");
    assert_eq!(value(&page.text, "address"), "县城3号");
    page.says("新村2号改成县城3号").says("导入名单");
    // What the hand did not touch follows the sheets, to and fro.
    let path = format!("/api/v1/children/{id}");
    for (word, boards) in [("住校", true), ("走读", false)] {
        import_with(&dangan, "林小雨", "县城3号", word).await;
        let told = dangan.get(&path).await.json();
        assert_eq!(told["boarding"], boards, "{word}");
    }
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story of two people and one card"
)]
/// Two people have the card open: the second sees both, and nothing of hers is lost.
async fn a_grown_up_whom_somebody_else_changed_is_shown_with_both(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let dangan = school.sign_in("dangan").await;
    let id = wang.child("张小明").await;
    let card = format!("/children/{id}/card");
    let kin = value(&wang.get(&card).await.text, "kin").to_owned();
    let form = |kin: &str, name: &str, work: &str| {
        format!(
            "operation={}&kin={kin}&kinship=father&name={}&work_place={}",
            operation(),
            url(name),
            url(work)
        )
    };
    let save = format!("{card}/kin");
    let first = form(&kin, "张建国", "东莞厚街");
    for _ in 0..2 {
        // A second tap is the same change.
        wang.post(&save, &first).await.is(StatusCode::SEE_OTHER);
    }
    let later = form(&kin, "张建华", "东莞虎门");
    let stale = dangan.post(&save, &later).await;
    let stale = stale
        .is(StatusCode::PRECONDITION_FAILED)
        .says("别人刚改过这里")
        .says("姓名：张建国改成张建华")
        .says("在哪里做事：东莞厚街改成东莞虎门")
        .says("value=\"张建华\"");
    let now = value(&stale.text, "kin").to_owned();
    assert_ne!(now, kin);
    dangan.get(&card).await.says("东莞厚街").hides("张建华");
    let again = form(&now, "张建华", "东莞虎门");
    dangan.post(&save, &again).await.is(StatusCode::SEE_OTHER);
    // Who was changed since is not taken off unseen; who has gone is offered to be put on again.
    let end = |kin: &str| format!("operation={}&kin={kin}", operation());
    let ended = format!("{card}/kin/end");
    wang.post(&ended, &end(&now))
        .await
        .is(StatusCode::PRECONDITION_FAILED)
        .says("还没有拿掉");
    let now = value(&wang.get(&card).await.text, "kin").to_owned();
    wang.post(&ended, &end(&now))
        .await
        .is(StatusCode::SEE_OTHER);
    dangan
        .post(&ended, &end(&now))
        .await
        .is(StatusCode::PRECONDITION_FAILED)
        .says("不用再拿");
    dangan
        .post(&save, &form(&now, "张建军", "东莞长安"))
        .await
        .is(StatusCode::PRECONDITION_FAILED)
        .says("别人刚把这个人从卡上拿掉了")
        .says("value=\"张建军\"");
}

on_both! {
    what_a_colleague_mended_stays_mended
    a_grown_up_whom_somebody_else_changed_is_shown_with_both
    an_old_roster_does_not_bring_back_what_a_hand_mended
    a_name_and_an_address_are_mended_and_the_old_ones_stay
    a_number_must_agree_or_be_insisted_on_and_is_shown_by_its_end
    only_the_keeper_of_the_file_changes_it
}
