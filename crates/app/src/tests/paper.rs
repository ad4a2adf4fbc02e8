//! 打印中心 through the front door: who may print what, lists of those who are counted, sheets
//! without names, registers, and what waits for an answer.

use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;

async fn adopt(school: &School, pack: &str) {
    let principal = school.sign_in("xiaozhang").await;
    let form = format!("operation={}&pack={pack}&do=adopt", operation());
    let done = principal.post("/office/packs", &form).await;
    done.is(StatusCode::SEE_OTHER);
}

async fn page(who: &Person, asked: &str) -> String {
    let made = who.post("/print", asked).await.is(StatusCode::OK);
    made.text
}

const SITUATION: &str =
    "张小明在五（2）班，小明的奶奶接电话13800001111，和李思雨一起写作业，青石小学";

/// P1's eighth record type is written by the class teacher and leaves the school without a name.
async fn a_case_study_is_written_by_the_teacher_and_printed_without_a_name(school: School) {
    adopt(&school, "p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/dossier/case_study");
    let form = format!("operation={}&situation={}", operation(), url(SITUATION));
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
    let nameless = page(&wang, &format!("{asked}&nameless=1")).await;
    assert!(nameless.contains("这个孩子在本班") && nameless.contains("另一个孩子"));
    for word in [
        "小明",
        "李思雨",
        "13800001111",
        "青石",
        "五（2）班",
        "王老师",
    ] {
        assert!(!nameless.contains(word), "{word} in {nameless}");
    }
    let other = asked.replace("case_study", "progress_entry");
    let refused = wang.post("/print", &format!("{other}&nameless=1")).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("不能去掉姓名");
}

/// A list of 留守儿童 has nobody whom no definition counts, and says which definitions those are.
async fn a_list_of_those_who_are_counted_has_nobody_else(school: School) {
    adopt(&school, "p1").await;
    let dangan = school.sign_in("dangan").await;
    let asked = |form: &str| format!("form={form}&whom=all&as=html");
    let list = page(&dangan, &asked("roster_summary")).await;
    assert!(list.contains("截止日期：2025年9月30日。口径："));
    let counted = list.matches("<tr>").count() - 1;
    assert!(list.contains(&format!("共{counted}名")));
    let sheets = page(&dangan, &asked("registration")).await;
    assert_eq!(sheets.matches("class=\"form-sheet\"").count(), counted);
    let all = dangan.get("/api/v1/children?limit=500").await.json();
    let all = all["items"].as_array().unwrap();
    assert!(all.len() > counted, "everybody is on the list");
    let blank = page(&dangan, &asked("progress_entry")).await;
    assert_eq!(blank.matches("class=\"form-sheet\"").count(), all.len());
}

/// Some of a class, picked one by one; nobody picked is a sentence.
async fn some_children_of_a_class_are_printed(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let pick = format!("/print?pick_from={}", url("五（2）班"));
    wang.get(&pick).await.says("给哪几个孩子").says("张小明");
    let (one, other) = (wang.child("张小明").await, wang.child("李思雨").await);
    let asked = format!("form=progress_entry&whom=some&as=html&blank=1&pick={one}&pick={other}");
    let sheets = page(&wang, &asked).await;
    assert_eq!(sheets.matches("class=\"form-sheet\"").count(), 2);
    let nobody = wang
        .post("/print", "form=progress_entry&whom=some&as=pdf")
        .await;
    nobody
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("还没有点要打印的孩子");
    let wrong = "form=progress_entry&whom=child&as=pdf&purpose=fun&child=";
    let refused = wang.post("/print", &format!("{wrong}{one}")).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("用来做什么");
}

#[expect(clippy::cognitive_complexity, reason = "one story of one register")]
/// What is about no child: written by the archivist, changed with its history, printed, withdrawn.
async fn a_register_of_the_school_is_written_changed_and_printed(school: School) {
    adopt(&school, "p1").await;
    let dangan = school.sign_in("dangan").await;
    dangan
        .get("/registers")
        .await
        .says("领导小组")
        .hides("法律援助");
    let path = "/registers/leading_group";
    let empty = dangan
        .post(path, &format!("operation={}", operation()))
        .await;
    empty.is(StatusCode::UNPROCESSABLE_ENTITY).says("还没填");
    let form = format!("operation={}&leader=%3Dfirst", operation());
    for _ in 0..2 {
        dangan.post(path, &form).await.is(StatusCode::SEE_OTHER);
    }
    let written = dangan.get(path).await.says("=first");
    assert_eq!(written.text.matches("class=\"row-line\"").count(), 1);
    let entry = written.text.split("?entry=").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap();
    let change = |version: u8| {
        let key = operation();
        format!("operation={key}&entry={entry}&version={version}&leader=second")
    };
    dangan
        .post(path, &change(1))
        .await
        .is(StatusCode::SEE_OTHER);
    let stale = dangan.post(path, &change(1)).await;
    stale.is(StatusCode::PRECONDITION_FAILED);
    dangan.get(path).await.says("second").says("以前的1版");
    let printed = page(&dangan, "form=leading_group&whom=all&as=html").await;
    assert!(printed.contains("second") && !printed.contains("=first"));
    let gone = format!("operation={}&entry={entry}", operation());
    let withdraw = format!("{path}/withdraw");
    dangan
        .post(&withdraw, &gone)
        .await
        .is(StatusCode::SEE_OTHER);
    dangan.get(path).await.hides("second");
}

/// The class teacher has no register, the leading group reads, and what is protected is the lead's.
async fn registers_are_for_those_who_keep_them(school: School) {
    adopt(&school, "p1").await;
    for who in ["banzhuren", "bangfu", "xinli", "xianju", "guanli"] {
        let who = school.sign_in(who).await;
        let seen = who.get("/registers/leading_group").await;
        seen.is(StatusCode::NOT_FOUND);
    }
    let dangan = school.sign_in("dangan").await;
    let protected = dangan.get("/registers/record_check").await;
    protected.is(StatusCode::NOT_FOUND);
    let roster = dangan.get("/registers/roster_summary").await;
    roster.is(StatusCode::NOT_FOUND);
}

/// 个保法 §50: a refusal has its reason; what is open stands in a list until it is answered.
async fn a_request_waits_until_it_is_answered_and_a_refusal_has_its_reason(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/dossier/data_request");
    let came = "wants=copy&by=a&came_on=2025-08-20";
    let refuse = format!("operation={}&{came}&answer=refused", operation());
    let refused = wang.post(&path, &refuse).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("没有办的理由，写给家里看的还没填");
    let open = format!("operation={}&{came}", operation());
    wang.post(&path, &open).await.is(StatusCode::SEE_OTHER);
    let list = wang.get("/office/requests").await;
    list.says("张小明，家里来问档案")
        .says("9月19日以前")
        .says("已过11天");
    let other = school.sign_in("limei").await;
    other.get("/office/requests").await.hides("张小明");
    let page = wang.get(&path).await;
    let entry = page.text.split("?entry=").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap();
    let answer = format!(
        "operation={}&entry={entry}&version=1&{came}&answer=done&answered_on=2025-09-29",
        operation()
    );
    wang.post(&path, &answer).await.is(StatusCode::SEE_OTHER);
    wang.get("/office/requests").await.hides("张小明");
}

/// What only the counsellor reads in a file, the counsellor also writes; nothing else of it.
async fn the_counsellor_fills_what_is_hers_in_a_file(school: School) {
    let xinli = school.sign_in("xinli").await;
    let id = xinli.child("张小明").await;
    let plan = format!("/children/{id}/dossier/individual_plan");
    let page = xinli.get(&plan).await.is(StatusCode::OK);
    assert!(page.text.contains("name=\"trigger\""));
    let teacher = school.sign_in("banzhuren").await;
    let page = teacher.get(&plan).await;
    assert!(!page.text.contains("name=\"trigger\""));
    let form = format!("operation={}&goals=a&measures=b", operation());
    xinli.post(&plan, &form).await.is(StatusCode::SEE_OTHER);
    let deed = format!("/children/{id}/dossier/progress_entry");
    let form = format!("operation={}&text=a", operation());
    let refused = xinli.post(&deed, &form).await;
    refused.is(StatusCode::NOT_FOUND);
    for closed in ["dossier/registration", "files", "card", "home"] {
        let closed = xinli.get(&format!("/children/{id}/{closed}")).await;
        closed.is(StatusCode::NOT_FOUND);
    }
}

on_both! {
    a_case_study_is_written_by_the_teacher_and_printed_without_a_name
    a_list_of_those_who_are_counted_has_nobody_else
    some_children_of_a_class_are_printed
    a_register_of_the_school_is_written_changed_and_printed
    registers_are_for_those_who_keep_them
    a_request_waits_until_it_is_answered_and_a_refusal_has_its_reason
    the_counsellor_fills_what_is_hers_in_a_file
}
