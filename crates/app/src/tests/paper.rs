//! 打印中心 through the front door: who may print what, lists of those who are counted, photographs.

use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;

pub async fn page(who: &Person, asked: &str) -> String {
    let made = who.post("/print", asked).await.is(StatusCode::OK);
    made.text
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
    let blank = page(&dangan, &format!("{}&blank=1", asked("progress_entry"))).await;
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
    let shown = shown.is(StatusCode::OK).bytes;
    assert!(has_image(&shown));
    // It stands on the page of its entry, with the signatures: two entries are two pages.
    let text = String::from_utf8_lossy(&shown);
    let (all, list) = (text.matches("/Type/Page"), text.matches("/Type/Pages"));
    assert_eq!(all.count() - list.count(), 2);
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
    let to = url("红旗小学");
    let leave = format!("operation={}&why=transfer&to={to}", operation());
    let path = format!("/children/{id}/move/leave");
    dangan.post(&path, &leave).await.is(StatusCode::SEE_OTHER);
    let begun = format!("form=handover&whom=child&child={id}&as=html");
    assert!(page(&dangan, &begun).await.contains("红旗小学"));
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

on_both! {
    the_lead_prints_what_nobody_else_reads
    a_list_in_word_repeats_its_heads
    nothing_that_was_written_is_left_out_on_paper
    a_list_of_those_who_are_counted_has_nobody_else
    some_children_of_a_class_are_printed
    the_counsellor_fills_what_is_hers_in_a_file
    each_term_a_slip_goes_home_and_comes_back
    a_growth_record_shows_the_photograph_that_it_names
    a_field_names_a_scan_of_the_same_child
    an_excel_says_nothing_of_what_only_the_lead_reads
    a_child_who_left_is_printed_by_itself_and_in_no_list
    a_long_print_waits_for_the_one_who_asked
    a_waiting_print_is_not_handed_over_when_a_child_is_lost
    a_long_print_may_be_cancelled_or_fail
    what_nobody_has_written_is_written_by_hand
}
