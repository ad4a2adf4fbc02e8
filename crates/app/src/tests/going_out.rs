//! What leaves the school on paper, and to whom.

use super::consent::told_by_family;
use super::paper::{page, put_photo};
use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::{Method, StatusCode};
use serde_json::json;

/// Who looks after the child reads no assessment of itself, and others read neither that nor a number
/// that somebody typed.
#[expect(clippy::cognitive_complexity, reason = "one file, both ways out")]
async fn what_is_said_of_the_carer_stays_in_the_school(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    told_by_family(&wang, &id, ("publicity", "given", "2025-09-01")).await;
    let written = [
        (
            "entrustment_notice",
            "from_on=2025-09-01&carer=CARER&carer_id=11010519491231002X&carer_phone=13800001111\
             &village_view=VILLAGE&child_said=CHILD"
                .to_owned(),
        ),
        ("registration", "carer_able=hardly".to_owned()),
        (
            "special_register",
            "special_kind=hardship&reason=REASON".to_owned(),
        ),
    ];
    for (form, said) in written {
        let path = format!("/children/{id}/dossier/{form}");
        let said = format!("operation={}&version=0&{said}", operation());
        wang.post(&path, &said).await.is(StatusCode::SEE_OTHER);
    }
    let folder = async |purpose: &str| {
        let asked = format!("form=dossier&whom=child&child={id}&as=html&purpose={purpose}");
        page(&wang, &asked).await
    };
    let own = folder("filing").await;
    let numbers = ["11010519491231002X", "138 0000 1111"];
    let assessed = ["VILLAGE", "CHILD", "REASON", "√吃力"];
    for said in assessed.iter().chain(&numbers) {
        assert!(own.contains(said), "{said} in {own}");
    }
    for (purpose, whole) in [("family", true), ("exchange", false)] {
        let given = folder(purpose).await;
        assert!(given.contains("CARER"), "{purpose}");
        let told = assessed.iter().find(|said| given.contains(**said));
        assert_eq!(told, None, "{purpose}: {given}");
        for number in numbers {
            assert_eq!(given.contains(number), whole, "{purpose}: {number}");
        }
    }
    // Asked for by itself it says that nothing of it stands there.
    for form in ["special_register", "guardianship_assessment"] {
        let asked = format!("form={form}&whom=child&child={id}&as=html&purpose=exchange");
        let alone = page(&wang, &asked).await;
        assert!(
            alone.contains("受保护") && !alone.contains("REASON"),
            "{alone}"
        );
    }
}

/// The families of the others were not asked whether this one reads their names.
async fn no_other_child_is_named_outside(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let field = format!(
        "operation={}&form=registration&field_title=with&kind=children&options=",
        operation()
    );
    let added = principal.post("/office/forms/field", &field).await;
    added.is(StatusCode::SEE_OTHER);
    let wang = school.sign_in("banzhuren").await;
    let (id, other) = (wang.child("张小明").await, wang.child("陈浩").await);
    told_by_family(&wang, &id, ("publicity", "given", "2025-09-01")).await;
    let path = format!("/children/{id}/dossier/registration");
    let said = format!("operation={}&version=0&own_field_1={other}", operation());
    wang.post(&path, &said).await.is(StatusCode::SEE_OTHER);
    for (purpose, named) in [("filing", true), ("family", false), ("exchange", false)] {
        let asked = format!("form=registration&whom=child&child={id}&as=html&purpose={purpose}");
        let sheet = page(&wang, &asked).await;
        assert_eq!(sheet.contains("陈浩"), named, "{purpose}: {sheet}");
    }
}

/// Who answers for the school sees all that was taken out, by whom and what for, and no child's name.
async fn what_was_printed_is_seen_by_who_answers_for_it(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let asked = format!("form=registration&whom=child&child={id}&as=html&purpose=inspection");
    page(&wang, &asked).await;
    let path = "/office/releases";
    wang.get(path).await.is(StatusCode::NOT_FOUND);
    for who in ["xiaozhang", "shenji"] {
        let seen = school.sign_in(who).await.get(path).await;
        let seen = seen.says("基本情况，网页").says("1个孩子，上级检查，");
        seen.says("王老师").hides("张小明");
    }
}

const SITUATION: &str = "张小明在五（2）班，小明的奶奶接电话13800001111，和李思雨、马小荷一起写作业，\
    王老师和赵敏去过石门乡李家湾7号，青石小学";

/// What it is made for: shown to others, without a name and in no other way.
async fn it_is_shown_without_a_name(wang: &Person, id: &str, (asked, without): (&str, &str)) {
    let shown = page(wang, &format!("{without}&purpose=exchange")).await;
    assert!(
        shown.contains("这个孩子在本班") && !shown.contains("小明"),
        "{shown}"
    );
    told_by_family(wang, id, ("publicity", "given", "2025-09-01")).await;
    // Who has written nothing is not asked for their consent.
    let class = format!(
        "form=case_study&whom=class&class={}&nameless=1&purpose=exchange&as=html",
        url("五（2）班")
    );
    assert!(page(wang, &class).await.contains("这个孩子在本班"));
    for (rest, why) in [
        (format!("{asked}&purpose=exchange"), "拿出去交流要去掉姓名"),
        (format!("{without}&purpose=family"), "不是交给家里的"),
    ] {
        let refused = wang.post("/print", &rest).await;
        refused.is(StatusCode::UNPROCESSABLE_ENTITY).says(why);
    }
}

/// P1's eighth record type is written by the class teacher and leaves the school without a name.
#[expect(clippy::cognitive_complexity, reason = "one story of one case study")]
async fn a_case_study_is_written_by_the_teacher_and_printed_without_a_name(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/dossier/case_study");
    let told = wang.get(&format!("/api/v1/children/{id}")).await.json();
    let father = told["contacts"][0]["name"].as_str().unwrap();
    let given: String = father.chars().skip(1).collect();
    let born: jiff::civil::Date = told["born_on"].as_str().unwrap().parse().unwrap();
    let born = format!("{}年{}月{}日", born.year(), born.month(), born.day());
    let situation = url(&format!(
        "{SITUATION}，爸爸{father}回来过，{given}说孩子{born}生，住李家湾，打160 1000 0000"
    ));
    let form = format!("operation={}&situation={situation}", operation());
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    for (who, status) in [
        ("banzhuren", StatusCode::OK),
        ("dangan", StatusCode::OK),
        ("xinli", StatusCode::OK),
        ("xiaozhang", StatusCode::NOT_FOUND),
        ("bangfu", StatusCode::NOT_FOUND),
    ] {
        let who = school.sign_in(who).await;
        who.get(&path).await.is(status);
    }
    let asked = format!("form=case_study&whom=child&child={id}&as=html");
    let named = page(&wang, &asked).await;
    assert!(named.contains("张小明") && named.contains("13800001111"));
    let without = format!("{asked}&nameless=1");
    let refused = wang.post("/print", &without).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("张小明家里还没同意“课题研究，不写名字”");
    told_by_family(&wang, &id, ("research", "given", "2025-09-01")).await;
    let nameless = page(&wang, &without).await;
    assert!(nameless.contains("这个孩子在本班") && nameless.contains("另一个孩子"));
    assert!(nameless.contains("，爸爸回来过"), "{nameless}");
    for word in [
        "马小荷",
        "赵敏",
        "李家湾",
        "小明",
        "李思雨",
        "13800001111",
        "160 1000",
        given.as_str(),
        born.as_str(),
        "青石",
        "五（2）班",
        "王老师",
    ] {
        assert!(!nameless.contains(word), "{word} in {nameless}");
    }
    it_is_shown_without_a_name(&wang, &id, (&asked, &without)).await;
    let other = asked.replace("case_study", "progress_entry");
    let refused = wang.post("/print", &format!("{other}&nameless=1")).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("不能去掉姓名");
}

/// What is shown outside has no photograph in it to which the family has not agreed.
async fn a_photograph_leaves_only_with_the_familys_consent(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    put_photo(&wang, &id).await;
    let folder = async |purpose: &str| {
        let asked = format!("form=dossier&whom=child&child={id}&as=html&purpose={purpose}");
        page(&wang, &asked).await
    };
    let has_picture = |page: &str| page.contains("<img src");
    assert!(has_picture(&folder("filing").await));
    let asked = format!("form=dossier&whom=child&child={id}&as=html&purpose=exchange");
    let refused = wang.post("/print", &asked).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("家里还没同意“对外介绍孩子的事”");
    told_by_family(&wang, &id, ("publicity", "given", "2025-09-01")).await;
    assert!(!has_picture(&folder("exchange").await));
    for (answer, on, leaves) in [
        ("given", "2025-09-01", true),
        ("withdrawn", "2025-09-10", false),
    ] {
        told_by_family(&wang, &id, ("photo", answer, on)).await;
        assert_eq!(has_picture(&folder("exchange").await), leaves, "{answer}");
    }
}

#[expect(clippy::cognitive_complexity, reason = "one folder for three readers")]
/// 个保法 §45 and what the school owes its counsellor and lead: the family gets the child's file, and
/// neither what is guarded nor what the school notes for its own work; the paper says so.
async fn the_familys_copy_leaves_out_what_is_not_the_familys(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let assessed = format!(
        "operation={}&assessed_on=2025-09-20&care_type=grandparents&grade=fair&note=ASSESSED-1",
        operation()
    );
    let path = format!("/children/{id}/dossier/guardianship_assessment");
    wang.post(&path, &assessed).await.is(StatusCode::SEE_OTHER);
    let talk = json!({"kind": "talk", "child_ids": [id],
        "fields": {"topic": ["study"], "note": "TALK-1"}});
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let made = wang
        .json((Method::POST, "/api/v1/records"), &head, &talk)
        .await;
    made.is(StatusCode::CREATED);
    let alone = json!({"kind": "talk", "child_ids": [id], "fields": {"topic": ["other"],
        "note": "ALONE-1", "next": "counsellor", "only_counsellor": true}});
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let made = wang
        .json((Method::POST, "/api/v1/records"), &head, &alone)
        .await;
    made.is(StatusCode::CREATED);
    let folder = async |who: &Person, purpose: &str| {
        let asked = format!("form=dossier&whom=child&child={id}&as=html&purpose={purpose}");
        page(who, &asked).await
    };
    let title = "监护情况评估";
    let filed = folder(&wang, "filing").await;
    assert!(filed.contains(title) && filed.contains("TALK-1"), "{filed}");
    assert!(!filed.contains("没有印在这里：") && filed.contains("学校存档 · 王建华"));
    let given = folder(&wang, "family").await;
    assert!(!given.contains(title) && given.contains("TALK-1"));
    assert!(filed.contains("ALONE-1") && !given.contains("ALONE-1"));
    assert!(
        given.contains("学校自己工作用的表没有印在这里") && given.contains("交给家里 · 王建华")
    );
    let dangan = school.sign_in("dangan").await;
    let kept = folder(&dangan, "filing").await;
    assert!(!kept.contains("TALK-1") && kept.contains("谈心、电话、家访这些记录没有印在这里"));
}

/// What the school noted of reports stays in the school, also when the family gets the folder.
async fn the_family_is_not_told_who_reported(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let form = format!(
        "operation={}&entry=&version=0&listed_on=2025-09-12&needs=guardianship&guardianship=parents_fail_reported&note=NEIGHBOUR",
        operation()
    );
    let path = format!("/children/{id}/dossier/care_plan");
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let folder = async |purpose: &str| {
        let asked = format!("form=dossier&whom=child&child={id}&as=html&purpose={purpose}");
        page(&wang, &asked).await
    };
    assert!(folder("filing").await.contains("NEIGHBOUR"));
    let given = folder("family").await;
    assert!(
        !given.contains("NEIGHBOUR") && !given.contains("已报案"),
        "{given}"
    );
}

/// People outside read no number whole, also where the family agreed to be told of.
async fn numbers_leave_by_their_ends_alone(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    told_by_family(&wang, &id, ("publicity", "given", "2025-09-01")).await;
    let asked = format!("form=registration&whom=child&child={id}&as=html");
    let own = page(&wang, &asked).await;
    assert!(
        own.contains("160 1000 0000") && own.contains("儿童信息"),
        "{own}"
    );
    let theirs = page(&wang, &format!("{asked}&purpose=exchange")).await;
    assert!(
        theirs.contains("160****0000") && !theirs.contains("160 1000 0000"),
        "{theirs}"
    );
    assert!(theirs.contains("尾号"));
    let slip = format!("form=term_confirmation&whom=child&child={id}&as=html&blank=1");
    let slip = page(&wang, &slip).await;
    assert!(slip.contains("属实") && !slip.contains("扫描"), "{slip}");
}

/// Who keeps the sheets and is principal as well reads no more of a child's health than each of them:
/// an empty list would say that the child was never ill.
async fn two_roles_together_are_told_what_is_left_out(school: School) {
    school.adopt("p5").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let ill = format!(
        "operation={}&kind=illness&found=FOUND&back=/week",
        operation()
    );
    let saved = wang.post(&format!("/children/{id}/records"), &ill).await;
    saved.is(StatusCode::SEE_OTHER);
    let guanli = school.sign_in("guanli").await;
    let people = guanli.get("/office/people").await.text;
    let before = people.split("周丽").next().unwrap();
    let own = before.rsplit("href=\"").next().unwrap();
    let own = own.split('"').next().unwrap();
    let role = format!("operation={}&role=principal", operation());
    let given = guanli.post(&format!("{own}/roles"), &role).await;
    given.is(StatusCode::SEE_OTHER);
    let both = school.sign_in("dangan").await;
    let asked = format!("form=illness&whom=child&child={id}&as=html");
    let list = page(&both, &asked).await;
    assert!(
        !list.contains("FOUND") && list.contains("没有印在这里"),
        "{list}"
    );
    // Of a whole class there would be as many sheets that say nothing.
    let class = format!("form=illness&whom=class&class={}&as=html", url("五（2）班"));
    let refused = both.post("/print", &class).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("您看不到，或者这样的用途不能印");
}

/// A class in which one child has a line: the paper is about that child, the register counts it
/// alone, and only its family is asked.
async fn who_is_not_on_the_paper_is_not_counted(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let form = format!(
        "operation={}&entry=&version=0&term=a&area=study&text=ONE-LINE",
        operation()
    );
    let path = format!("/children/{id}/dossier/growth_record");
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let class = url("五（2）班");
    let asked = format!("form=growth_record&whom=class&class={class}&as=html&purpose=");
    let made = wang.post("/print", &format!("{asked}filing")).await;
    made.is(StatusCode::OK).says("ONE-LINE").hides("李思雨");
    let principal = school.sign_in("xiaozhang").await;
    principal
        .get("/office/releases")
        .await
        .says("1个孩子")
        .hides("12个孩子");
    let out = wang.post("/print", &format!("{asked}exchange")).await;
    out.says("陈浩家里还没同意").hides("李思雨").hides("还有");
}

on_both! {
    who_is_not_on_the_paper_is_not_counted
    two_roles_together_are_told_what_is_left_out
    a_case_study_is_written_by_the_teacher_and_printed_without_a_name
    a_photograph_leaves_only_with_the_familys_consent
    the_familys_copy_leaves_out_what_is_not_the_familys
    the_family_is_not_told_who_reported
    numbers_leave_by_their_ends_alone
    no_other_child_is_named_outside
    what_was_printed_is_seen_by_who_answers_for_it
    what_is_said_of_the_carer_stays_in_the_school
}
