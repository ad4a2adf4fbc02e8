//! 打印中心 through the front door: who may print what, lists of those who are counted, sheets
//! without names, and photographs.

use super::consent::told_by_family;
use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::{Method, StatusCode};
use serde_json::json;

pub async fn page(who: &Person, asked: &str) -> String {
    let made = who.post("/print", asked).await.is(StatusCode::OK);
    made.text
}

const SITUATION: &str = "张小明在五（2）班，小明的奶奶接电话13800001111，和李思雨、马小荷一起写作业，\
    王老师和赵敏去过石门乡李家湾7号，青石小学";

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
    let other = asked.replace("case_study", "progress_entry");
    let refused = wang.post("/print", &format!("{other}&nameless=1")).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("不能去掉姓名");
}

/// A list of 留守儿童 has nobody whom no definition counts, and says which definitions those are.
async fn a_list_of_those_who_are_counted_has_nobody_else(school: School) {
    school.adopt("p1").await;
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

/// A list has six columns; what a plan asks beside them stands below it; the card
/// as a sheet has both groups of fields.
async fn nothing_that_was_written_is_left_out_on_paper(school: School) {
    school.adopt("p5").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let talk = format!(
        "operation={}&kind=talk&topic=study&effect={}&follow_up_on=2025-10-20&back=/week",
        operation(),
        url("笑着回去的")
    );
    let saved = wang.post(&format!("/children/{id}/records"), &talk).await;
    saved.is(StatusCode::SEE_OTHER);
    let list = page(&wang, &format!("form=talk&whom=child&child={id}&as=html")).await;
    assert!(list.contains("笑着回去的"), "{list}");
    let sheet = format!("form=contact_card_sheet&whom=child&child={id}&as=html");
    let sheet = page(&wang, &sheet).await;
    assert!(
        sheet.contains("父亲单位电话") && sheet.contains("班主任：王老师"),
        "{sheet}"
    );
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

/// The slip is printed from what is known, goes home, and comes back signed; the class sees whose is
/// not back yet.
async fn each_term_a_slip_goes_home_and_comes_back(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    wang.get("/dossiers")
        .await
        .says("家里核对单")
        .says("12个孩子，这学期0个有了");
    let asked = format!("form=term_confirmation&whom=child&child={id}&as=html");
    let slip = page(&wang, &asked).await;
    assert!(slip.contains("学生信息核对确认单") && slip.contains("160 1000 0000"));
    let path = format!("/children/{id}/dossier/term_confirmation");
    let form = wang.get(&path).await;
    form.says("2025—2026学年第一学期").says("先<a href");
    let entry = |on: &str| {
        format!(
            "operation={}&term=a&confirmed_on={on}&changed=no",
            operation()
        )
    };
    wang.post(&path, &entry("2025-03-03"))
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get("/dossiers").await.says("这学期0个有了");
    wang.post(&path, &entry("2025-09-08"))
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get("/dossiers").await.says("这学期1个有了");
    let printed = page(&wang, &asked).await;
    assert_eq!(printed.matches("class=\"form-sheet\"").count(), 1);
}

fn photo() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::DynamicImage::new_rgb8(700, 350);
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

pub async fn put_photo(who: &Person, id: &str) -> String {
    let files = format!("/children/{id}/files");
    let key = operation();
    let words = [("operation", key.as_str()), ("title", "slip")];
    let kept = who.upload_with(&files, &words, &photo()).await;
    assert!(kept.location.ends_with("said=photo"), "{}", kept.location);
    let page = who.get(&files).await;
    let file = page.text.split("/files/").nth(1).unwrap();
    file.split(['"', '?']).next().unwrap().to_owned()
}

/// The photograph that an entry names stands below it, and no other of the child's.
#[expect(clippy::cognitive_complexity, reason = "one story of one photograph")]
async fn a_growth_record_shows_the_photograph_that_it_names(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let one = put_photo(&wang, &id).await;
    let asked = format!("form=growth_record&whom=child&child={id}");
    let has_image = |pdf: &[u8]| {
        let text = String::from_utf8_lossy(pdf);
        text.contains("/Subtype/Image") || text.contains("/Subtype /Image")
    };
    let path = format!("/children/{id}/dossier/growth_record");
    let entry = |photo: &str| {
        let key = operation();
        format!("operation={key}&term=a&written_on=2025-09-08&area=study&text=b&photo={photo}")
    };
    wang.post(&path, &entry("")).await.is(StatusCode::SEE_OTHER);
    let bare = wang.post("/print", &format!("{asked}&as=pdf")).await;
    assert!(!has_image(&bare.is(StatusCode::OK).bytes));
    wang.post(&path, &entry(&one))
        .await
        .is(StatusCode::SEE_OTHER);
    let second = put_photo(&wang, &id).await;
    assert_ne!(one, second);
    let html = page(&wang, &format!("{asked}&as=html")).await;
    assert!(html.contains(&format!("files/{one}")), "{html}");
    assert!(!html.contains(&second));
    let shown = wang.post("/print", &format!("{asked}&as=pdf")).await;
    assert!(has_image(&shown.is(StatusCode::OK).bytes));
}

/// A field may name a scan of this child, and of no other.
async fn a_field_names_a_scan_of_the_same_child(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let (id, other) = (wang.child("张小明").await, wang.child("李思雨").await);
    let (own, strange) = (put_photo(&wang, &id).await, put_photo(&wang, &other).await);
    let path = format!("/children/{id}/dossier/term_confirmation");
    let entry = |slip: &str| {
        let key = operation();
        format!("operation={key}&term=a&confirmed_on=2025-09-08&changed=no&slip={slip}")
    };
    let refused = wang.post(&path, &entry(&strange)).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("没有这个选项");
    wang.post(&path, &entry(&own))
        .await
        .is(StatusCode::SEE_OTHER);
    let link = format!("/children/{id}/files/{own}");
    wang.get(&path).await.says(&link).says("slip，");
    wang.get(&link).await.is(StatusCode::OK);
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

async fn finished(who: &Person, job: &str) -> String {
    for _ in 0..3_000 {
        let page = who.get(job).await.is(StatusCode::OK);
        if !page.text.contains("这一页自己会更新") {
            return page.text;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    "never".to_owned()
}

/// Where a class teacher sees a column of nothing, what stands in it for the lead tells nobody.
async fn an_excel_says_nothing_of_what_only_the_lead_reads(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/dossier/entrustment_notice");
    let first = format!("operation={}&from_on=2025-09-01&carer=a", operation());
    wang.post(&path, &first).await.is(StatusCode::SEE_OTHER);
    let lead = lead_of(&school).await;
    let page = lead.get(&path).await.is(StatusCode::OK);
    let entry = page.text.split("name=\"entry\" value=\"").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap();
    let second = format!(
        "operation={}&entry={entry}&version=1&from_on=2025-09-01&carer=a&nothing_forbids=no",
        operation()
    );
    lead.post(&path, &second).await.is(StatusCode::SEE_OTHER);
    wang.get(&path).await.is(StatusCode::OK).hides("以前的");
    let asked = format!("form=entrustment_notice&whom=child&child={id}&as=xlsx");
    let excel = wang.post("/print", &asked).await;
    let back = "/dossiers/entrustment_notice/back";
    let under = wang.upload(back, &excel.bytes).await.location;
    wang.get(&under).await.says("没变的</dt><dd>1行");
}

/// A colleague who is the protection lead and nothing else.
async fn lead_of(school: &School) -> Person {
    let guanli = school.sign_in("guanli").await;
    let form = "name=%E9%92%B1%E5%A4%9A&username=baohu&role=protection_lead";
    let form = format!("operation={}&{form}", operation());
    let opened = guanli.post("/office/people", &form).await.location;
    let told = guanli.get(&opened).await.text;
    let password = told.split("<code>").nth(1).unwrap();
    let password = password.split('<').next().unwrap();
    let enter = format!("username=baohu&password={password}");
    let entered = school.nobody().post("/login", &enter).await;
    school.with_cookie(entered)
}

/// The hand-over sheet is signed on paper when the child has left.
async fn a_child_who_left_is_printed_by_itself_and_in_no_list(school: School) {
    let dangan = school.sign_in("dangan").await;
    let id = dangan.child("张小明").await;
    let leave = format!("operation={}&why=with_parents", operation());
    let path = format!("/children/{id}/move/leave");
    dangan.post(&path, &leave).await.is(StatusCode::SEE_OTHER);
    let asked = format!("form=handover&whom=child&child={id}&as=html&blank=1");
    assert!(page(&dangan, &asked).await.contains("转学档案交接单"));
    let link = format!("/print?form=handover&child={id}");
    dangan.get(&link).await.says("张小明");
    let class = url("五（2）班");
    let list = format!("form=progress_entry&whom=class&class={class}&as=html&blank=1");
    let sheets = page(&dangan, &list).await;
    assert_eq!(sheets.matches("class=\"form-sheet\"").count(), 11);
    let known = dangan.get(&format!("/api/v1/children/{id}")).await.json();
    let born = known["born_on"].as_str().unwrap();
    let file = format!("姓名,性别,班级,出生日期\n张小明,男,五（2）班,{born}\n");
    let import = dangan
        .upload("/api/v1/imports/roster", file.as_bytes())
        .await;
    import.says("已经离开本校了");
}

/// A long print is made beside the other work, waits for the one who asked, and for nobody else.
async fn a_long_print_waits_for_the_one_who_asked(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let class = url("五（2）班");
    let asked = format!("form=dossier&whom=class&class={class}&as=pdf&later=1");
    let job = wang.post("/print", &asked).await.location;
    assert!(job.starts_with("/print/jobs/"), "{job}");
    assert!(finished(&wang, &job).await.contains("打开这一份"));
    let file = format!("{job}/file");
    let pdf = wang.get(&file).await.is(StatusCode::OK);
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    wang.get("/print").await.says(&job).says("做好了");
    let other = school.sign_in("limei").await;
    other.get(&file).await.is(StatusCode::UNPROCESSABLE_ENTITY);
}

/// What was made before a child went to another class is not handed to the teacher of before.
async fn a_waiting_print_is_not_handed_over_when_a_child_is_lost(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let class = url("五（2）班");
    let asked = format!("form=registration&whom=class&class={class}&as=pdf&later=1");
    let job = wang.post("/print", &asked).await.location;
    assert!(finished(&wang, &job).await.contains("打开这一份"));
    let dangan = school.sign_in("dangan").await;
    let path = format!("/children/{id}/move");
    let page = dangan.get(&path).await.text;
    let mut classes = page.split("value=\"");
    let third = classes.find(|part| part.contains(">三（1）班<")).unwrap();
    let third = third.split('"').next().unwrap();
    let form = format!("operation={}&class={third}&sure={third}", operation());
    let moved = dangan.post(&format!("{path}/class"), &form).await;
    moved.is(StatusCode::SEE_OTHER);
    let file = wang.get(&format!("{job}/file")).await;
    file.is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("现在不归您看");
}

/// Nothing comes of a print that is not wanted any more, and the sentence of one that failed is told.
async fn a_long_print_may_be_cancelled_or_fail(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let class = url("五（2）班");
    let asked = format!("form=dossier&whom=class&class={class}&as=pdf&later=1");
    let job = wang.post("/print", &asked).await.location;
    let cancel = format!("{job}/cancel");
    wang.post(&cancel, "").await.is(StatusCode::SEE_OTHER);
    let end = finished(&wang, &job).await;
    assert!(end.contains("不做了，没有留下什么"), "{end}");
    let nobody = "form=dossier&whom=all&as=pdf&purpose=exchange&later=1";
    let job = wang.post("/print", nobody).await.location;
    assert!(finished(&wang, &job).await.contains("家里还没同意"));
}

/// What nobody has written yet is printed to be written by hand: under the name of each child, or as
/// an empty list.
async fn what_nobody_has_written_is_written_by_hand(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let class = url("五（2）班");
    let of_the_class = async |form: &str| {
        let asked = format!("form={form}&whom=class&class={class}&as=html");
        page(&wang, &asked).await
    };
    let cards = of_the_class("growth_record").await;
    assert!(
        cards.contains("张小明") && cards.contains("李思雨"),
        "{cards}"
    );
    let list = of_the_class("special_register").await;
    assert!(
        list.contains("特困生") && !list.contains("张小明"),
        "{list}"
    );
    // One child's is left out as soon as another has its own.
    let id = wang.child("张小明").await;
    let path = format!("/children/{id}/dossier/growth_record");
    let said = format!(
        "operation={}&version=0&term=a&area=study&text=b",
        operation()
    );
    wang.post(&path, &said).await.is(StatusCode::SEE_OTHER);
    let cards = of_the_class("growth_record").await;
    assert!(
        cards.contains("张小明") && !cards.contains("李思雨"),
        "{cards}"
    );
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

/// The most guarded part of 委托照护 is printed by the one who reads it.
async fn the_lead_prints_what_nobody_else_reads(school: School) {
    let lead = lead_of(&school).await;
    let id = lead.child("张小明").await;
    let path = format!("/children/{id}/dossier/entrustment_notice");
    let form = format!(
        "operation={}&from_on=2025-09-01&carer=a&nothing_forbids=no",
        operation()
    );
    lead.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let asked = format!("form=entrustment_notice&whom=child&child={id}&as=html");
    let line = "受委托人无未保法第22条所列情形";
    assert!(page(&lead, &asked).await.contains(line));
    let wang = school.sign_in("banzhuren").await;
    assert!(!page(&wang, &asked).await.contains(line));
    let given = page(&lead, &format!("{asked}&purpose=family")).await;
    assert!(!given.contains(line));
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

/// In Word the heads of a long list stand on every page.
async fn a_list_in_word_repeats_its_heads(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let asked = format!("form=progress_entry&whom=child&child={id}&as=docx&blank=1");
    let docx = wang.post("/print", &asked).await.is(StatusCode::OK);
    let mut from = zip::ZipArchive::new(std::io::Cursor::new(docx.bytes)).unwrap();
    let mut text = String::new();
    let mut document = from.by_name("word/document.xml").unwrap();
    std::io::Read::read_to_string(&mut document, &mut text).unwrap();
    assert!(text.contains("<w:tblHeader />"), "{text}");
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

on_both! {
    numbers_leave_by_their_ends_alone
    the_familys_copy_leaves_out_what_is_not_the_familys
    the_lead_prints_what_nobody_else_reads
    the_family_is_not_told_who_reported
    a_list_in_word_repeats_its_heads
    nothing_that_was_written_is_left_out_on_paper
    a_case_study_is_written_by_the_teacher_and_printed_without_a_name
    a_list_of_those_who_are_counted_has_nobody_else
    some_children_of_a_class_are_printed
    the_counsellor_fills_what_is_hers_in_a_file
    each_term_a_slip_goes_home_and_comes_back
    a_growth_record_shows_the_photograph_that_it_names
    a_field_names_a_scan_of_the_same_child
    a_photograph_leaves_only_with_the_familys_consent
    an_excel_says_nothing_of_what_only_the_lead_reads
    a_child_who_left_is_printed_by_itself_and_in_no_list
    a_long_print_waits_for_the_one_who_asked
    a_waiting_print_is_not_handed_over_when_a_child_is_lost
    a_long_print_may_be_cancelled_or_fail
    what_nobody_has_written_is_written_by_hand
}
