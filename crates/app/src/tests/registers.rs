//! Registers of the school through the front door: what is about no child, and what
//! waits for an answer.

use super::paper::page;
use crate::on_both;
use crate::testing::{School, operation};
use crate::web::words::url;
use axum::http::StatusCode;

#[expect(clippy::cognitive_complexity, reason = "one story of one register")]
/// What is about no child: written by the archivist, changed with its history, printed, withdrawn.
async fn a_register_of_the_school_is_written_changed_and_printed(school: School) {
    school.adopt("p1").await;
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
    stale
        .is(StatusCode::PRECONDITION_FAILED)
        .says("您写的还没保存");
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

/// The Excel of a register comes back: unchanged it changes nothing, a new line is a new entry.
async fn a_register_comes_back_from_excel(school: School) {
    school.adopt("p1").await;
    let dangan = school.sign_in("dangan").await;
    let path = "/registers/work_file";
    let form = format!(
        "operation={}&category=a&document=%3D1%2B1&filed_on=2025-09-02",
        operation()
    );
    dangan.post(path, &form).await.is(StatusCode::SEE_OTHER);
    let excel = dangan
        .post("/print", "form=work_file&whom=all&as=xlsx")
        .await;
    let back = format!("{path}/back");
    let same = dangan.upload(&back, &excel.bytes).await.location;
    dangan.get(&same).await.says("没变的</dt><dd>1行");
    let more = "哪一类,什么材料,哪天放进去的\nb,=2+2,2025-09-03\n,,\nc,d,someday\n".as_bytes();
    let under = dangan.upload(&back, more).await.location;
    let seen = dangan.get(&under).await;
    seen.says("新写的</dt><dd>1行").says("放不进去的1行");
    let under = under.split("under=").nth(1).unwrap();
    let go = format!("operation={}&under={under}", operation());
    let commit = format!("{back}/commit");
    for _ in 0..2 {
        dangan.post(&commit, &go).await.is(StatusCode::SEE_OTHER);
    }
    let written = dangan.get(path).await.says("=1+1").says("=2+2");
    assert_eq!(written.text.matches("=2+2").count(), 1);
    let wang = school.sign_in("banzhuren").await;
    wang.get(&back).await.is(StatusCode::NOT_FOUND);
}

/// The class teacher has no register, the leading group reads, and what is protected is the lead's.
async fn registers_are_for_those_who_keep_them(school: School) {
    school.adopt("p1").await;
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

/// 个保法 §14: agreed to what was told, by the version of the notice that the school keeps.
async fn a_consent_offers_the_notices_that_the_school_has(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let consent = format!("/children/{id}/dossier/consent");
    let agreed = async |notice: &str| {
        let form = format!(
            "operation={}&purpose=photo&answer=given&by=a&told_on=2025-09-01&notice={notice}",
            operation()
        );
        wang.post(&consent, &form).await
    };
    agreed("v1")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("里还没有说这件事的");
    let dangan = school.sign_in("dangan").await;
    let write = async |about: &str, version: &str| {
        let form = format!(
            "operation={}&about={about}&notice_version={version}&from_on=2025-09-01&text=a&withdraw_with=b",
            operation()
        );
        dangan.post("/registers/notice", &form).await
    };
    for (about, version) in [
        ("photo", "v1"),
        ("photo", "v2"),
        ("files", "v2"),
        ("files", "v9"),
    ] {
        write(about, version).await.is(StatusCode::SEE_OTHER);
    }
    // Which of two a family was told could not be known.
    for same in ["v2", "Ｖ2", "第v2版"] {
        write("photo", &url(same))
            .await
            .is(StatusCode::UNPROCESSABLE_ENTITY)
            .says("“第几版”和已有的一条一样");
    }
    let page = wang.get(&consent).await;
    page.says("type=\"radio\" name=\"notice\" value=\"v2\"")
        .says("type=\"radio\" name=\"notice\" value=\"v1\"");
    agreed("v3")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("没有“v3”，有的是：v2（平常的档案和联系卡、拍照、照片公开）、v1");
    // What was told of the files is no notice of photographs.
    agreed("v9").await.is(StatusCode::UNPROCESSABLE_ENTITY);
    agreed("v1").await.is(StatusCode::SEE_OTHER);
    wang.get("/registers/notice")
        .await
        .is(StatusCode::NOT_FOUND);
}

/// 个保法 §50: a refusal has its reason; what is open stands in a list until it is answered.
async fn a_request_waits_until_it_is_answered_and_a_refusal_has_its_reason(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/dossier/data_request");
    let came = "wants=copy&by=a&came_on=2025-08-20";
    for answer in ["refused", "partly"] {
        let refuse = format!("operation={}&{came}&answer={answer}", operation());
        let refused = wang.post(&path, &refuse).await;
        refused
            .is(StatusCode::UNPROCESSABLE_ENTITY)
            .says("没有办的，或没有全办的理由，写给家里看的还没填");
    }
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
/// Money has its cents, a comma or a sign beside it; below nothing there is nothing.
async fn an_amount_is_written_as_people_write_it(school: School) {
    school.adopt("p1").await;
    let dangan = school.sign_in("dangan").await;
    let path = "/registers/budget";
    let entry = |said: &str| format!("operation={}&item=BOOKS&budget_yuan={said}", operation());
    for (said, shown) in [
        ("280.50", "280.5"),
        ("%C2%A51%2C280", "1280"),
        ("0.125", "0.125"),
    ] {
        dangan
            .post(path, &entry(said))
            .await
            .is(StatusCode::SEE_OTHER);
        dangan.get(path).await.says(shown);
    }
    for wrong in ["-5", "1e3", "0.0001", "1.", "999999999"] {
        let refused = dangan.post(path, &entry(wrong)).await;
        refused
            .is(StatusCode::UNPROCESSABLE_ENTITY)
            .says("可以带小数");
    }
}

on_both! {
    an_amount_is_written_as_people_write_it
    a_register_of_the_school_is_written_changed_and_printed
    a_register_comes_back_from_excel
    registers_are_for_those_who_keep_them
    a_consent_offers_the_notices_that_the_school_has
    a_request_waits_until_it_is_answered_and_a_refusal_has_its_reason
}
