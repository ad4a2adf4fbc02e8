//! What a school brings in its first weeks: its own heads and words, terms that begin in August,
//! histories that cannot be.

use super::roster::bring;
use super::roster_asks::moved;
use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::{Method, StatusCode};
use jiff::civil::date;
use serde_json::{Value, json};

pub async fn commit(who: &Person, import: &Value) {
    let path = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let done = who.json((Method::POST, &path), &head, &json!({})).await;
    done.is(StatusCode::OK);
}

/// The form as a browser sends it: every column in its place, also those that are left out.
fn columns(places: &[(&str, &str)]) -> String {
    let each = places
        .iter()
        .map(|(title, place)| format!("&title={}&place={}", url(title), url(place)));
    format!("operation={}{}", operation(), each.collect::<String>())
}

async fn only_the_column_that_was_changed_goes_elsewhere(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "姓名,班级,性别,出生日期,户口所在地,现住址,健康状况,备注\n\
        林小雨,四（1）班,女,2016-03-12,户口村1号,现住村2号,良好,爱笑\n";
    let import = bring(&dangan, file.as_bytes()).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let form = columns(&[
        ("姓名", "姓名"),
        ("班级", "班级"),
        ("性别", "性别"),
        ("出生日期", "出生日期"),
        ("户口所在地", ""),
        ("现住址", "家庭住址"),
        ("健康状况", "健康状况"),
        ("备注", "备注"),
    ]);
    let placed = dangan.post(&format!("{path}/columns"), &form).await;
    placed.is(StatusCode::SEE_OTHER);
    commit(&dangan, &import).await;
    let child = dangan.child("林小雨").await;
    let page = dangan.get(&format!("/children/{child}/particulars")).await;
    page.says("现住村2号").hides("户口村1号");
}

#[expect(clippy::cognitive_complexity, reason = "six ways to say it")]
/// Who is away as the list says it, in the export's words or the school's own; what it does not say
/// is to be asked, and not "at home".
async fn what_a_list_says_of_parents_is_not_made_up(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "姓名,班级,性别,出生日期,是否留守儿童,父亲姓名,母亲姓名\n\
        林一,四（1）班,女,2016-03-12,双亲留守儿童,,\n\
        林二,四（1）班,女,2016-03-12,单亲留守儿童,林强,王芳\n\
        林三,四（1）班,女,2016-03-12,父亲外出,林强,王芳\n\
        林四,四（1）班,女,2016-03-12,√,林强,王芳\n\
        林五,四（1）班,女,2016-03-12,再看看,林强,王芳\n\
        林六,四（1）班,女,2016-03-12,非留守儿童,林强,王芳\n";
    let import = bring(&dangan, file.as_bytes()).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    dangan.get(&path).await.says("有3人没说清爸妈谁在外");
    commit(&dangan, &import).await;
    let home = async |name: &str| {
        let id = dangan.child(name).await;
        dangan.get(&format!("/children/{id}/home")).await.text
    };
    let both = home("林一").await;
    assert!(
        both.contains("爸爸在外面") && both.contains("妈妈在外面"),
        "{both}"
    );
    assert!(both.contains("2025年6月30日以前") || both.contains("6月30日以前"));
    for open in ["林二", "林四", "林五"] {
        let page = home(open).await;
        assert_eq!(
            page.matches("在不在家还没有问过").count(),
            2,
            "{open}: {page}"
        );
    }
    let father = home("林三").await;
    assert!(father.contains("爸爸在外面") && !father.contains("妈妈在外面"));
    // The export's three months are not in the school's own words.
    assert!(father.contains("哪天起还不知道"), "{father}");
    let nobody = home("林六").await;
    assert!(nobody.contains("爸爸</strong> 在家") && !nobody.contains("还没有问过"));
    let census = dangan.get("/census").await;
    census.says("林二").says("林四").says("林五").hides("林六");
}

/// Lines of which something was asked and not answered are named when the others are in.
async fn what_nobody_answered_is_named_afterwards(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "姓名,班级,性别,出生日期,爸爸姓名,爸爸手机\n\
        林一,四（1）班,女,2016-03-12,林强,1601234567\n\
        林二,四（1）班,女,2016-03-12,林强,16012345678\n";
    let import = bring(&dangan, file.as_bytes()).await;
    assert_eq!(import["counts"]["ask"], 1, "{import}");
    commit(&dangan, &import).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = dangan.get(&path).await;
    page.says("没有答、没导入的1行").says("林一");
    let second = dangan.child("林二").await;
    let card = dangan.get(&format!("/children/{second}/card")).await;
    card.says("林强").says("160****5678");
}

/// A list of another school is told before it goes in.
async fn a_list_of_another_school_is_told(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (named, told) in [("红星小学", true), ("云溪县青石小学", false)] {
        let file = format!("学校名称,姓名,班级,性别\n{named},林一,三（1）班,女\n");
        let import = bring(&dangan, file.as_bytes()).await;
        let path = format!("/office/import/{}", import["id"].as_str().unwrap());
        let page = dangan.get(&path).await;
        assert_eq!(page.text.contains("放错文件了吗"), told, "{named}");
        let other = import["other_school"].as_str();
        assert_eq!(other, told.then_some(named), "{import}");
    }
}

async fn one_child_twice_in_two_classes_is_told(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = super::roster::girl(321);
    let file =
        format!("姓名,班级,性别,身份证件号\n林一,三（1）班,女,{id}\n林一,四（1）班,女,{id}\n");
    let import = bring(&dangan, file.as_bytes()).await;
    let why = import["rows"][1]["why"].as_str().unwrap();
    assert!(why.contains("那一行写的班是三（1）班"), "{why}");
}

/// Histories that contradict each other are not kept; a wrong first line is replaced.
async fn what_cannot_be_is_not_written_down(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let home = format!("/children/{id}/home");
    let tell = async |to: &str, said: &str| {
        let form = format!("operation={}&{said}", operation());
        wang.post(&format!("{home}/{to}"), &form).await
    };
    let away = "parent=father&now=away&reach=beyond_county";
    let left = tell("parent", &format!("{away}&day=2025-06-10")).await;
    left.is(StatusCode::SEE_OTHER);
    for (to, said, words) in [
        ("parent", "parent=father&now=home&day=2025-05-01", "对不上"),
        (
            "parent",
            "parent=mother&now=away&day=1990-01-01",
            "孩子还没有出生",
        ),
        (
            "stay",
            "parent=father&from=2020-05-01&to=2020-05-05",
            "才出去",
        ),
    ] {
        let told = tell(to, said).await;
        told.is(StatusCode::UNPROCESSABLE_ENTITY).says(words);
    }
    let visit = "parent=father&from=2025-08-01&to=2025-08-08";
    tell("stay", visit).await.is(StatusCode::SEE_OTHER);
    let again = tell("stay", "parent=father&from=2025-08-05&to=2025-08-10").await;
    again.is(StatusCode::UNPROCESSABLE_ENTITY).says("重叠");
    let kind = "kind=relative&day=2020-09-01";
    let against = tell("living", kind).await;
    against.is(StatusCode::UNPROCESSABLE_ENTITY).says("记错了");
    wang.get(&home).await.hides("和亲戚一起住");
    let alone = tell("living", "kind=alone&day=2025-09-01").await;
    alone.is(StatusCode::SEE_OTHER);
    wang.get(&home).await.says("自己一个人住");
}

async fn a_child_does_not_leave_before_it_came(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = dangan.child("陈浩").await;
    let form = format!(
        "operation={}&why=transfer&to={}&day=2020-01-01",
        operation(),
        url("红星小学")
    );
    let refused = dangan
        .post(&format!("/children/{id}/move/leave"), &form)
        .await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("离开的日子比那个学年还早");
}

/// Two terms share no day, and one that begins in August is the first of its year.
async fn terms_are_told_apart(school: School) {
    let dangan = school.sign_in("dangan").await;
    let term = async |from: &str, to: &str| {
        let form = format!("operation={}&starts_on={from}&ends_on={to}", operation());
        dangan.post("/office/school/term", &form).await
    };
    let spring = term("2026-02-25", "2026-07-03").await;
    spring.is(StatusCode::SEE_OTHER);
    let overlapping = term("2026-07-01", "2027-01-22").await;
    overlapping
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("重叠了");
    let slip = term("2026-12-01", "2027-04-20").await;
    slip.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("看看月份对不对");
    let august = term("2026-08-31", "2027-01-22").await;
    august.is(StatusCode::SEE_OTHER);
    dangan
        .get("/office/school")
        .await
        .says("2026—2027学年第一学期")
        .says("2025—2026学年第一学期");
}

/// Whoever audits has no children to care for.
async fn children_are_not_handed_to_the_auditor(school: School) {
    let guanli = school.sign_in("guanli").await;
    let people = guanli.get("/office/people").await;
    let of = |name: &str| {
        let before = people.text.split(name).next().unwrap();
        let href = before.rsplit("href=\"").next().unwrap();
        href.split('"').next().unwrap().to_owned()
    };
    let (from, to) = (of("王建华"), of("何平"));
    guanli.get(&from).await.says("赵敏").hides("何平");
    let to = to.rsplit('/').next().unwrap().to_owned();
    let form = format!("operation={}&to={to}", operation());
    let refused = guanli.post(&format!("{from}/handover"), &form).await;
    refused.is(StatusCode::UNPROCESSABLE_ENTITY).says("审计员");
}

/// A summary is asked for after an activity, and not before there was one.
async fn what_follows_an_activity_waits_for_one(school: School) {
    school.adopt("p1").await;
    let principal = school.sign_in("xiaozhang").await;
    principal.get("/week").await.hides("一起评一评");
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let held = json!({
        "kind": "class_activity", "child_ids": [id], "happened_on": "2025-09-29",
        "fields": {"title": "包饺子"},
    });
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let made = wang
        .json((Method::POST, "/api/v1/records"), &head, &held)
        .await;
    made.is(StatusCode::CREATED);
    principal.get("/week").await.says("一起评一评");
}

/// Lists are numbered beyond their last child and end with a sum; a cell has two numbers in it, or one
/// without its area code.
async fn what_stands_around_a_list_is_no_child(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "序号,姓名,班级,性别,出生日期,父亲姓名,父亲电话,母亲姓名,母亲电话\n\
        1,林大明,四（1）班,男,2016-03-12,林一,16011112222/16033334444/16055556666,王二,7101234\n\
        2,林小明,四（1）班,男,2016-05-12,林三,160 7777 8888 / 0556-7101234,,\n\
        3,,四（1）班,,,,,,\n\
        4,,,,,,,,\n\
        ,合  计：,,男2,,,,,\n";
    let import = bring(&dangan, file.as_bytes()).await;
    assert_eq!(
        import["counts"],
        json!({"ready": 1, "ask": 1, "refused": 0, "repeated": 0})
    );
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = dangan.get(&path).await;
    page.says("爸爸的电话写了3个，联系卡上放两个。先打哪一个？")
        .says("先打160****4444")
        .hides("16033334444")
        .says("区号加在前面");
    let commit = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let answers = json!({"answers": {"2": ["phone:0_1", "without_phone"]}});
    let done = dangan.json((Method::POST, &commit), &head, &answers).await;
    assert_eq!(done.json()["opened"], 2);
    let child = dangan.child("林大明").await;
    let page = dangan.get(&format!("/children/{child}")).await;
    page.says("160****4444、160****2222").hides("6666");
    let other = dangan.child("林小明").await;
    let page = dangan.get(&format!("/children/{other}")).await;
    page.says("160****8888、0556-****1234");
    let particulars = format!("/children/{child}/particulars");
    dangan.get(&particulars).await.hides("16011112222");
}

/// A birthday that the spreadsheet shows as a plain number is read and told; a list that says of a
/// mother that she is away and at home leaves the question open.
async fn what_a_list_counts_or_contradicts_is_told(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "姓名,班级,性别,出生日期,留守类型,父亲姓名,父亲务工地,母亲姓名,母亲务工地\n\
        林大明,四（1）班,男,42441,双亲留守,林一,广东东莞,王二,在家\n";
    let import = bring(&dangan, file.as_bytes()).await;
    let page = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = dangan.get(&page).await;
    page.says("按表格的算法是2016-03-12").says("妈妈却写着在家");
    commit(&dangan, &import).await;
    let child = dangan.child("林大明").await;
    let told = dangan
        .get(&format!("/api/v1/children/{child}"))
        .await
        .json();
    assert_eq!(told["born_on"], "2016-03-12", "{told}");
    let home = dangan.get(&format!("/children/{child}/home")).await;
    home.says("还没有问过");
    // A later list that is not clear takes nothing away that is known.
    let list = |code: &str, work: &str| {
        format!(
            "姓名,班级,性别,出生日期,留守类型,父亲姓名,父亲务工地,母亲姓名,母亲务工地\n\
            林小明,四（1）班,男,2016-05-12,{code},林二,{work},王三,{work}\n"
        )
    };
    for said in [list("２", "广东东莞"), list("1", "在家")] {
        let import = bring(&dangan, said.as_bytes()).await;
        commit(&dangan, &import).await;
        let child = dangan.child("林小明").await;
        let home = dangan.get(&format!("/children/{child}/home")).await;
        assert_eq!(
            home.text.matches("还在外面").count() + home.text.matches("在外面，哪天").count(),
            2,
            "{said}"
        );
    }
}

/// A list without the word on the parents opens a child of whom nobody has asked.
async fn unasked(dangan: &Person) -> String {
    let file = "姓名,班级,性别,出生日期\n林大明,四（1）班,男,2016-03-12\n";
    let import = bring(dangan, file.as_bytes()).await;
    commit(dangan, &import).await;
    dangan.child("林大明").await
}

/// What one parent does says nothing of the other.
async fn one_parent_told_leaves_the_other_open(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = unasked(&dangan).await;
    let home = format!("/children/{id}/home");
    let tell = async |parent: &str, rest: &str| {
        let form = format!("operation={}&parent={parent}&{rest}", operation());
        let told = dangan.post(&format!("{home}/parent"), &form).await;
        told.is(StatusCode::SEE_OTHER);
        dangan.get(&home).await
    };
    let open = "在不在家还没有问过";
    let count = |page: &str| page.matches(open).count();
    assert_eq!(count(&dangan.get(&home).await.text), 2);
    let away = "now=away&day=2025-03-01&reach=beyond_county&reason=work";
    let page = tell("father", away).await;
    assert_eq!(count(&page.text), 1, "the mother is still to be asked");
    let path = format!("/api/v1/children/{id}/determinations");
    let both = dangan.get(&path).await.json();
    let results = both["items"].as_array().unwrap().iter();
    let results: Vec<&str> = results.filter_map(|one| one["result"].as_str()).collect();
    assert!(results.contains(&"unknown"), "{results:?}");
    dangan.get("/census").await.says("林大明");
    let page = tell("mother", "now=home").await;
    assert_eq!(count(&page.text), 0);
}

/// What a list said of the parents goes with it: nobody has asked, as before.
async fn an_import_taken_back_leaves_the_question_open(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = unasked(&dangan).await;
    let home = format!("/children/{id}/home");
    let before = dangan.get(&home).await.text;
    for word in ["双亲留守儿童", "爸爸妈妈都在外"] {
        let file = format!(
            "姓名,班级,性别,出生日期,是否留守儿童\n林大明,四（1）班,男,2016-03-12,{word}\n"
        );
        let import = bring(&dangan, file.as_bytes()).await;
        commit(&dangan, &import).await;
        dangan.get(&home).await.hides("还没有问过");
        let undo = format!("/office/import/{}/undo", import["id"].as_str().unwrap());
        let form = format!("operation={}", operation());
        dangan.post(&undo, &form).await.is(StatusCode::SEE_OTHER);
        let after = dangan.get(&home).await.text;
        let said = |page: &str| page.matches("还没有问过").count();
        assert_eq!(said(&after), said(&before), "{word}");
        dangan.get("/census").await.says("林大明");
    }
}

/// 父亲 stands once over 姓名, 联系电话 and 务工地, as schools draw their own lists.
async fn a_head_in_two_lines_is_one(school: School) {
    let dangan = school.sign_in("dangan").await;
    let merged_down = "姓名,性别,班级,出生日期,父亲,,,母亲,,\n\
        ,,,,姓名,联系电话,务工地,姓名,联系电话,务工地\n\
        林大明,男,四（1）班,2016-03-12,林一,16011112222,上海市,（已故）,,\n";
    let in_groups = "学生基本情况,,,,,父亲,,\n\
        序号,姓名,性别,班级,出生日期,姓名,联系电话,务工地\n\
        1,林小明,男,四（1）班,2016-05-12,林二,16033334444,—\n\
        合计,1人,男：1,,,,,\n\
        制表人：周丽,,,校长签字：,,,,\n";
    for (file, name, end) in [
        (merged_down, "林大明", "2222"),
        (in_groups, "林小明", "4444"),
    ] {
        let import = bring(&dangan, file.as_bytes()).await;
        let counts = json!({"ready": 1, "ask": 0, "refused": 0, "repeated": 0});
        assert_eq!(import["counts"], counts, "{import}");
        commit(&dangan, &import).await;
        let id = dangan.child(name).await;
        let child = dangan.get(&format!("/api/v1/children/{id}")).await.json();
        let contacts = child["contacts"].as_array().unwrap();
        assert_eq!(contacts.len(), 1, "{contacts:?}");
        assert_eq!(contacts[0]["kinship"], "father");
        let phone = contacts[0]["phone_masked"].as_str().unwrap();
        assert!(phone.ends_with(end), "{phone}");
    }
}

/// A column without a head is named by its place and may be put where it belongs; who writes a list by
/// our own words for the places is understood.
async fn every_column_with_something_in_it_is_named(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "姓名,性别,班级,出生日期,父亲的姓名,\n林大明,男,四（1）班,2016-03-12,林一,16011112222\n\
        张三（转入）,男,四（1）班,2016-03-13,张一,\n";
    let import = bring(&dangan, file.as_bytes()).await;
    assert_eq!(import["counts"]["ready"], 1);
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = dangan.get(&path).await;
    let page = page
        .says("第6列（没有表头）")
        .says("有1列没认出来")
        .says("姓名里有括号");
    let form = moved(&page.text, "第6列（没有表头）", "父亲的电话");
    let told = dangan.post(&format!("{path}/columns"), &form).await;
    told.is(StatusCode::SEE_OTHER);
    commit(&dangan, &import).await;
    let id = dangan.child("林大明").await;
    let child = dangan.get(&format!("/api/v1/children/{id}")).await.json();
    assert_eq!(child["contacts"][0]["phone_masked"], "160****2222");
}

/// A list that has no column for the number says nothing by its absence.
async fn a_list_without_numbers_asks_for_nobody(school: School) {
    let dangan = school.sign_in("dangan").await;
    let number = super::roster::girl(341);
    let first =
        format!("姓名,班级,性别,出生日期,身份证号\n林小雨,四（1）班,女,2016-03-12,{number}\n");
    commit(&dangan, &bring(&dangan, first.as_bytes()).await).await;
    let without = "姓名,班级,性别,出生日期\n林小雨,四（1）班,女,2016-03-12\n";
    let import = bring(&dangan, without.as_bytes()).await;
    assert_eq!(import["counts"]["ready"], 1, "{import}");
    let empty = "姓名,班级,性别,出生日期,身份证号\n林小雨,四（1）班,女,2016-03-12,\n";
    let import = bring(&dangan, empty.as_bytes()).await;
    assert_eq!(import["counts"]["ask"], 1, "{import}");
}

on_both! {
    a_list_without_numbers_asks_for_nobody
    a_head_in_two_lines_is_one
    every_column_with_something_in_it_is_named
    one_parent_told_leaves_the_other_open
    an_import_taken_back_leaves_the_question_open
    what_a_list_counts_or_contradicts_is_told
    what_stands_around_a_list_is_no_child
    a_list_of_another_school_is_told
    only_the_column_that_was_changed_goes_elsewhere
    what_a_list_says_of_parents_is_not_made_up
    what_nobody_answered_is_named_afterwards
    one_child_twice_in_two_classes_is_told
    what_cannot_be_is_not_written_down
    a_child_does_not_leave_before_it_came
    terms_are_told_apart
    children_are_not_handed_to_the_auditor
    what_follows_an_activity_waits_for_one
}

/// A school that is founded in August for the coming term brings that term's list: nobody is a grade
/// too high when school begins.
#[tokio::test]
async fn a_school_set_up_in_august_has_its_grades_in_september() {
    let school = School::empty().await.later(date(2026, 8, 28)).await;
    let nobody = school.nobody();
    nobody.get("/setup").await.says("2026-09-01");
    let form = |ends: &str| {
        format!(
            "code=open-sesame&school=%E7%9F%B3%E9%97%A8%E5%B0%8F%E5%AD%A6&stage=primary&pack=p4\
             &starts_on=2026-09-01&ends_on={ends}&name=%E5%91%A8%E4%B8%BD\
             &username=zhouli&password=Kuai-Le-2025"
        )
    };
    let long = nobody.post("/setup", &form("2028-09-01")).await;
    long.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("两周到四十周");
    let founded = nobody.post("/setup", &form("2027-01-22")).await;
    founded.is(StatusCode::SEE_OTHER);
    let enter = "username=zhouli&password=Kuai-Le-2025";
    let zhou = school.with_cookie(nobody.post("/login", enter).await);
    let file =
        "姓名,班级,性别,出生日期\n林一,一（1）班,女,2020-03-12\n林二,六（1）班,女,2015-03-12\n";
    let import = bring(&zhou, file.as_bytes()).await;
    let path = format!("/office/import/{}", import["id"].as_str().unwrap());
    let page = zhou.get(&path).await;
    page.says("按2026—2027学年的年级读").says("2人可以导入");
    commit(&zhou, &import).await;
    zhou.get("/children")
        .await
        .says("新一（1）班")
        .says("五（1）班");
    let again = bring(&zhou, file.as_bytes()).await;
    let path = format!("/office/import/{}", again["id"].as_str().unwrap());
    zhou.get(&path).await.says("2人和本校的一样");
    let school = school.later(date(2026, 9, 2)).await;
    let zhou = school.with_cookie(school.nobody().post("/login", enter).await);
    zhou.get("/children")
        .await
        .says("一（1）班")
        .says("六（1）班");
    let again = bring(&zhou, file.as_bytes()).await;
    let path = format!("/office/import/{}", again["id"].as_str().unwrap());
    zhou.get(&path).await.says("2人和本校的一样");
}

/// In August a school that has been here before brings the list of either year: the children whom it
/// knows say which, and the preview asks whether that is right.
#[tokio::test]
async fn a_list_of_the_summer_says_its_year() {
    let school = School::sqlite().await;
    let dangan = school.sign_in("dangan").await;
    let file = |grades: [&str; 2]| {
        format!(
            "姓名,班级,性别,出生日期\n林一,{}（1）班,女,2016-03-12\n林二,{}（1）班,男,2017-03-12\n",
            grades[0], grades[1]
        )
    };
    let before = bring(&dangan, file(["三", "二"]).as_bytes()).await;
    assert_eq!(before["school_year"], 2025);
    commit(&dangan, &before).await;

    let school = school.later(date(2026, 8, 20)).await;
    let dangan = school.sign_in("dangan").await;
    let page_of = |import: &Value| format!("/office/import/{}", import["id"].as_str().unwrap());
    let old = bring(&dangan, file(["三", "二"]).as_bytes()).await;
    assert_eq!(old["school_year"], 2025);
    let page = dangan.get(&page_of(&old)).await;
    page.says("2人和本校的一样").says("表里的年级是哪个学年的");
    let mut text = file(["四", "三"]);
    text.push_str("林三,一（1）班,女,2020-03-12\n");
    let new = bring(&dangan, text.as_bytes()).await;
    assert_eq!(new["school_year"], 2026);
    let path = page_of(&new);
    let page = dangan.get(&path).await;
    page.says("按2026—2027学年的年级读")
        .says("1人可以导入")
        .says("2人本校已有，没有要改的");

    let cohort = "姓名,班级,性别,出生日期\n林四,2026级1班,女,2019-10-12\n";
    let named = bring(&dangan, cohort.as_bytes()).await;
    assert_eq!(
        (&named["school_year"], &named["counts"]["ready"]),
        (&json!(2026), &json!(1))
    );
    let said = |year: &str| format!("operation={}&year={year}", operation());
    let year = format!("{path}/year");
    let told = dangan.post(&year, &said("2025")).await;
    told.is(StatusCode::SEE_OTHER);
    let page = dangan.get(&path).await;
    page.says("三（1）班改成四（1）班").hides("还没开学");
    dangan.post(&year, &said("")).await.says("没看懂");
    let told = dangan.post(&year, &said("2026")).await;
    told.is(StatusCode::SEE_OTHER);
    commit(&dangan, &new).await;
    let by_hand = async |year: &str| {
        let said = [("school_year", year)];
        let path = "/api/v1/imports/roster";
        dangan.upload_with(path, &said, text.as_bytes()).await
    };
    by_hand("next").await.says("例如2026");
    assert_eq!(by_hand("2025").await.json()["school_year"], 2025);

    let school = school.later(date(2026, 9, 2)).await;
    let dangan = school.sign_in("dangan").await;
    let again = bring(&dangan, text.as_bytes()).await;
    let page = dangan.get(&page_of(&again)).await;
    page.says("3人和本校的一样").hides("表里的年级是哪个学年的");
    let page = dangan.get("/office/graduation").await;
    page.hides("新一").says("这学年新来的1人");
}
