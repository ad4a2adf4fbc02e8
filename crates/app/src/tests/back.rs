//! What the print centre gave out as Excel or Word, put back through the front door.

use crate::adoptions::store::in_force;
use crate::ids::SchoolId;
use crate::on_both;
use crate::packs::{Field, FieldKind, Form, FormKind};
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Something that the field takes, with what a word processor and a sheet may spoil.
fn something(field: &Field) -> Vec<String> {
    let codes = || field.options.iter().map(|one| one.code.clone());
    let one = match field.kind {
        kind if kind.is_offered() => return Vec::new(),
        kind if kind.picks_several() => return codes().take(2).collect(),
        kind if kind.picks_one() => return codes().take(1).collect(),
        FieldKind::Signature => return Vec::new(),
        // As a browser sends it.
        FieldKind::LongText => "一行，<b>&amp;\r\n=1+1\r\n第三行",
        FieldKind::Number => "12",
        FieldKind::YesNo => "yes",
        FieldKind::Date => "2025-09-12",
        FieldKind::ApproxDate => "2015-03",
        FieldKind::Phone => "13800001111",
        FieldKind::CitizenId => "11010519491231002X",
        _ => "=甲 & <乙>、丙",
    };
    vec![one.to_owned()]
}

fn filled(form: &Form) -> String {
    let typed = form.fields.iter().filter(|field| field.from.is_none());
    let said = typed.flat_map(|field| {
        let values = something(field).into_iter();
        values.map(|value| format!("&{}={}", field.id, url(&value)))
    });
    let said: String = said.collect();
    format!("operation={}&entry=&version=0{said}", operation())
}

async fn forms(school: &School, kind: FormKind) -> Vec<Form> {
    let mut conn = school.app.db.read().await.unwrap();
    let id: String = crate::db::query_scalar("select id from org where kind = 'school' limit 1")
        .fetch_one(&mut conn)
        .await
        .unwrap();
    let found = in_force(
        &school.app,
        &mut conn,
        &SchoolId::from(id),
        school.app.clock.now().today,
    )
    .await
    .unwrap();
    let own = found.forms.iter().filter(|form| form.kind == kind);
    own.filter(|form| !form.quick && !form.retired)
        .filter(|form| form.fields.iter().any(|field| field.from.is_none()))
        .cloned()
        .collect()
}

async fn file(who: &Person, asked: &str) -> Vec<u8> {
    let made = who.post("/print", asked).await.is(StatusCode::OK);
    made.bytes
}

/// Every form of a file that a keeper may fill comes back as it went, from both kinds of file.
#[expect(
    clippy::cognitive_complexity,
    reason = "every form, both kinds of file"
)]
async fn what_goes_out_comes_back_unchanged(school: School) {
    for pack in ["p1", "p2", "p3", "p5"] {
        school.adopt(pack).await;
    }
    // As the line of the teacher's number on the card calls it.
    let own = format!(
        "operation={}&form=contact_card&field_title={}&kind=text&options=",
        operation(),
        url("电话")
    );
    let principal = school.sign_in("xiaozhang").await;
    let added = principal.post("/office/forms/field", &own).await;
    added.is(StatusCode::SEE_OTHER);
    // What a consent names is there.
    let notice = format!(
        "operation={}&about=photo&notice_version={}&from_on=2025-09-01&text=a&withdraw_with=b",
        operation(),
        url("=甲 & <乙>、丙")
    );
    let dangan = school.sign_in("dangan").await;
    let written = dangan.post("/registers/notice", &notice).await;
    written.is(StatusCode::SEE_OTHER);
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let mut tried = 0;
    for form in forms(&school, FormKind::Dossier).await {
        let path = format!("/children/{id}/dossier/{}", form.id);
        let written = wang.post(&path, &filled(&form)).await;
        if written.status == StatusCode::NOT_FOUND {
            continue;
        }
        assert_eq!(
            written.status,
            StatusCode::SEE_OTHER,
            "{}: {}",
            form.id,
            written.text
        );
        for output in ["xlsx", "docx"] {
            let asked = format!("form={}&whom=child&child={id}&as={output}", form.id);
            let bytes = file(&wang, &asked).await;
            let back = format!("/dossiers/{}/back", form.id);
            let looked = wang.upload(&back, &bytes).await;
            let told = format!("{} as {output}", form.id);
            assert_eq!(
                looked.status,
                StatusCode::SEE_OTHER,
                "{told}: {}",
                looked.text
            );
            let page = wang.get(&looked.location).await.text;
            let same = page.contains("没有要改的") && !page.contains("放不进去的");
            let same = same && !page.contains("到别处改");
            assert!(
                same && !page.contains("没变的</dt><dd>0行"),
                "{told}: {page}"
            );
        }
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
}

/// The file again, with other words in its text.
fn rewritten(docx: &[u8], change: impl Fn(String) -> String) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(docx)).unwrap();
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let mut part = from.by_index(at).unwrap();
        let name = part.name().unwrap().to_string();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        if name == "word/document.xml" {
            bytes = change(String::from_utf8(bytes).unwrap()).into_bytes();
        }
        to.start_file(name, SimpleFileOptions::default()).unwrap();
        to.write_all(&bytes).unwrap();
    }
    to.finish().unwrap().into_inner()
}

pub async fn commit(who: &Person, back: &str, under: &str) {
    let under = under.split("under=").nth(1).unwrap();
    let go = format!("operation={}&under={under}", operation());
    for _ in 0..2 {
        let done = who.post(&format!("{back}/commit"), &go).await;
        done.is(StatusCode::SEE_OTHER);
    }
}

/// An inspector opens the register: what was chosen is called as the plan calls it, blank lists say
/// what there is to choose, and it comes back as it went.
async fn a_register_speaks_as_the_plan_does(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/special_register");
    let form = format!(
        "operation={}&version=0&special_kind=hardship&special_kind=talented&reason=a",
        operation()
    );
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let asked = format!("form=special_register&whom=child&child={id}");
    let book = file(&wang, &format!("{asked}&as=xlsx")).await;
    let rows = crate::sheets::read(&book).unwrap().rows;
    let said = |words: &str| {
        let mut cells = rows.iter().flat_map(|row| &row.cells);
        cells.any(|cell| cell.text() == words)
    };
    assert!(said("特困生、特长生"));
    let back = "/dossiers/special_register/back";
    let under = wang.upload(back, &book).await.location;
    wang.get(&under).await.says("没有要改的");
    let class = url("五（2）班");
    let blank = format!("form=special_register&whom=class&class={class}&as=html&blank=1");
    let blank = wang.post("/print", &blank).await.is(StatusCode::OK);
    blank
        .says("类别填写：特困生、特长生、特殊学生")
        .says("教师");
}

/// What is known stands on a sheet that nobody has begun; alone it comes back as nothing, and with a
/// word of somebody's as what that sheet says.
async fn a_sheet_that_nobody_began_says_who_looks_after_the_child(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let page = wang
        .get(&format!("/children/{id}/dossier/entrustment_notice"))
        .await
        .text;
    let value = |name: &str| {
        let at = page.split(&format!("name=\"{name}\" value=\"")).nth(1);
        at.unwrap().split('"').next().unwrap().to_owned()
    };
    let (carer, age) = (value("carer"), value("carer_age"));
    assert!(!carer.is_empty() && !age.is_empty(), "{page}");
    let asked = format!("form=entrustment_notice&whom=child&child={id}");
    let sheet = wang.post("/print", &format!("{asked}&as=html")).await;
    sheet.says(&carer).says(&format!("{age}岁"));
    let blank = format!("{asked}&as=html&blank=1");
    let blank = wang.post("/print", &blank).await.is(StatusCode::OK);
    blank.hides(&carer);
    let docx = file(&wang, &format!("{asked}&as=docx")).await;
    let other = rewritten(&docx, |text| text.replace(&carer, "钱姥姥"));
    let csv = format!("姓名,班级,照看人,从哪天起\n刘洋,五（2）班,{carer},2025-09-01\n");
    let back = "/dossiers/entrustment_notice/back";
    for (bytes, says) in [
        (docx.as_slice(), "没有要改的"),
        (other.as_slice(), "钱姥姥"),
        (csv.as_bytes(), "新写的</dt><dd>1行"),
    ] {
        let under = wang.upload(back, bytes).await.location;
        wang.get(&under).await.says(says).hides("放不进去的");
    }
}

/// A line that somebody wrote by hand says nothing of what it leaves empty.
async fn a_line_without_a_number_takes_nothing_away(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/registration");
    let form = format!(
        "operation={}&version=0&carer_able=mostly&note=KEPT",
        operation()
    );
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let csv = "编号,姓名,班级,照护能力,备注\n,刘洋,五（2）班,吃力,\n";
    let back = "/dossiers/registration/back";
    let under = wang.upload(back, csv.as_bytes()).await.location;
    let page = wang.get(&under).await.says("吃力").hides("空着");
    page.says("改了的</dt><dd>1行");
    commit(&wang, back, &under).await;
    wang.get(&path)
        .await
        .says("KEPT")
        .says("value=\"hardly\" checked");
}

/// Nor is a slip that says for which term it is.
async fn a_slip_as_it_was_printed_is_nothing_new(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let slip = format!("form=term_confirmation&whom=child&child={id}&as=docx");
    let docx = file(&wang, &slip).await;
    let back = "/dossiers/term_confirmation/back";
    let under = wang.upload(back, &docx).await.location;
    wang.get(&under)
        .await
        .says("没有要改的")
        .hides("放不进去的");
}

/// A whole class as one Word file: what was changed in one child's sheet is that child's new version.
#[expect(clippy::cognitive_complexity, reason = "one story of one Word file")]
async fn a_class_in_word_comes_back_sheet_by_sheet(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/registration");
    let form = format!(
        "operation={}&entry=&version=0&carer_able=mostly&note={}",
        operation(),
        url("原来的话")
    );
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    // A stroke where nothing can be is no difference.
    let dead = format!("operation={}&parent=father&now=dead", operation());
    let told = wang
        .post(&format!("/children/{id}/home/parent"), &dead)
        .await;
    told.is(StatusCode::SEE_OTHER);
    let asked = format!(
        "form=registration&whom=class&class={}&as=docx",
        url("五（2）班")
    );
    let docx = file(&wang, &asked).await;
    let back = "/dossiers/registration/back";
    let changed = rewritten(&docx, |text| text.replace("原来的话", "改过的话"));
    let under = wang
        .upload(back, &changed)
        .await
        .is(StatusCode::SEE_OTHER)
        .location;
    let page = wang.get(&under).await;
    page.says("改了的</dt><dd>1行")
        .says("改过的话")
        .says("刘洋");
    commit(&wang, back, &under).await;
    wang.get(&path).await.says("改过的话").says("以前的1版");
    // Put in once more, it is older than what is there and says nothing of its own.
    let under = wang.upload(back, &docx).await.location;
    wang.get(&under)
        .await
        .says("没有要改的")
        .hides("系统里的不一样");
    // What comes from the card is not changed, and not passed over in silence either.
    let moved = rewritten(&docx, |text| text.replace(">男</w:t>", ">女</w:t>"));
    let under = wang.upload(back, &moved).await.location;
    wang.get(&under)
        .await
        .says("还要到别处改的")
        .says("性别和系统里的不一样");
    let other = wang.upload("/dossiers/progress_entry/back", &docx).await;
    other.is(StatusCode::UNPROCESSABLE_ENTITY).says("选错了表");
    let plain = rewritten(&docx, |text| text.replace("〔编号:", "〔"));
    let plain = wang.upload(back, &plain).await;
    plain.is(StatusCode::UNPROCESSABLE_ENTITY).says("选错了表");
    // All titles but the first lost their marks with the line.
    let torn = rewritten(&docx, |text| {
        let none = text.replace("〔编号:registration/", "〔");
        none.replacen('〔', "〔编号:registration/", 1)
    });
    let torn = wang.upload(back, &torn).await;
    torn.is(StatusCode::UNPROCESSABLE_ENTITY).says("标题不见了");
    let broken = rewritten(&docx, |text| text.replace("</w:tbl>", "</w:x>"));
    let broken = wang.upload(back, &broken).await;
    broken.is(StatusCode::UNPROCESSABLE_ENTITY).says("读不下去");
}

/// Talks from Excel: one's own are amended, another's are not, new ones are written once.
#[expect(
    clippy::cognitive_complexity,
    reason = "one story of the talks of one child"
)]
async fn records_come_back_from_excel(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let form = format!(
        "operation={}&kind=talk&topic=study&happened_on=2025-09-29&note={}",
        operation(),
        url("原来的话")
    );
    let made = wang.post(&format!("/children/{id}/records"), &form).await;
    made.is(StatusCode::SEE_OTHER);
    let back = "/print/records/talk/back";
    for output in ["xlsx", "docx"] {
        let asked = format!("form=talk&whom=child&child={id}&as={output}");
        let same = wang.upload(back, &file(&wang, &asked).await).await;
        let page = wang.get(&same.location).await;
        page.says("没有要改的").hides("没变的</dt><dd>0行");
    }
    let asked = format!("form=talk&whom=child&child={id}&as=docx");
    let docx = file(&wang, &asked).await;
    let changed = rewritten(&docx, |text| text.replace("原来的话", "补上的话"));
    let under = wang.upload(back, &changed).await.location;
    wang.get(&under).await.says("改了的</dt><dd>1行");
    commit(&wang, back, &under).await;
    wang.get(&format!("/children/{id}")).await.says("补上的话");
    let csv = "姓名,班级,日期,聊了什么,多记一句\n\
        刘洋,五（2）班,2025年9月28日,学习、想家,新的一句\n\
        刘洋,五（2）班,2031-01-01,学习,以后的\n\
        没有这个人,五（2）班,2025-09-28,学习,\n";
    for written in ["新写的</dt><dd>1行", "新写的</dt><dd>0行"] {
        let under = wang.upload(back, csv.as_bytes()).await.location;
        let page = wang.get(&under).await.says(written).says("放不进去的2行");
        if page.text.contains("放进去1行") {
            commit(&wang, back, &under).await;
        }
    }
    let page = wang.get(&format!("/children/{id}")).await;
    assert_eq!(page.text.matches("新的一句").count(), 1, "{}", page.text);
    let bangfu = school.sign_in("limei").await;
    let none = bangfu.upload(back, &changed).await;
    if none.status == StatusCode::SEE_OTHER {
        bangfu
            .get(&none.location)
            .await
            .hides("/back/commit")
            .hides("补上的话");
    }
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// What a sheet must not do by mistake.
async fn mistakes_in_a_sheet_lose_nothing(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let timeline = format!("/api/v1/children/{id}/timeline?kind=talk");
    let talk = |id: &str, day: &str, said: &str| format!("{id},刘洋,五（2）班,{day},学习,{said}\n");
    let head = "编号,姓名,班级,日期,聊了什么,多记一句\n";
    let back = "/print/records/talk/back";
    let look = async |sheet: String| {
        let under = wang.upload(back, sheet.as_bytes()).await.location;
        (wang.get(&under).await, under)
    };
    let new = talk("", "2025-09-29", "一句");
    let (page, under) = look(format!("{head}{new}{new}")).await;
    page.says("新写的</dt><dd>1行").says("是同一笔");
    commit(&wang, back, &under).await;
    let items = wang.get(&timeline).await.json()["items"].clone();
    let record = items[0]["id"].as_str().unwrap().to_owned();
    // A copied row carries the hidden number of the first.
    let copied = talk(&record, "2025-09-29", "一句") + &talk(&record, "2025-09-28", "另一句");
    let (page, _) = look(format!("{head}{copied}")).await;
    page.says("是同一笔").hides("/back/commit");
    // A number of another child, or of another kind of record, is no number of this one.
    let other = talk(&record, "2025-09-29", "一句").replace("刘洋", "李思雨");
    let (page, _) = look(format!("{head}{other}")).await;
    page.says("姓名写的却是").hides("/back/commit");
    let gone = talk("01a219f2-0990-7013-afdb-372d9fec1499", "2025-09-29", "一句");
    let (page, _) = look(format!("{head}{gone}")).await;
    page.says("名单里没有").hides("/back/commit");
    let care = "编号,姓名,日期,多记一句\n".to_owned() + &format!("{record},刘洋,2025-09-29,改\n");
    let under = wang
        .upload("/print/records/home_visit/back", care.as_bytes())
        .await
        .location;
    wang.get(&under)
        .await
        .says("已经拿掉了")
        .hides("/back/commit");
    let long = "a、".repeat(400_000);
    let (page, _) = look(format!("{head},刘洋,五（2）班,2025-09-29,{long},x\n")).await;
    page.says("没有这个选项");
    assert_eq!(wang.get(&timeline).await.json()["items"], items);
}

/// A line that changes nothing is not asked for what was never filled in; nor is a Word file wrong
/// in which nothing has been written yet.
#[expect(clippy::cognitive_complexity, reason = "one story of one own form")]
async fn what_says_nothing_new_is_no_fault(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let own = format!(
        "operation={}&title=OWN&purpose=a&many=0&tier=C1",
        operation()
    );
    let made = principal.post("/office/forms", &own).await;
    made.is(StatusCode::SEE_OTHER);
    let field = async |said: &str| {
        let field = format!("operation={}&form=own_form_1&{said}", operation());
        let added = principal.post("/office/forms/field", &field).await;
        added.is(StatusCode::SEE_OTHER);
    };
    field("field_title=likes&kind=choices&options=a%0Ab").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let back = "/dossiers/own_form_1/back";
    school.adopt("p1").await;
    let dangan = school.sign_in("dangan").await;
    let empty = file(&dangan, "form=budget&whom=all&as=docx").await;
    let looked = dangan.upload("/registers/budget/back", &empty).await;
    let looked = looked.is(StatusCode::SEE_OTHER).location;
    dangan.get(&looked).await.says("没有要改的");
    // The order in which somebody picked is no difference.
    let both = format!(
        "operation={}&entry=&version=0&own_field_1=o2&own_field_1=o1",
        operation()
    );
    let path = format!("/children/{id}/dossier/own_form_1");
    wang.post(&path, &both).await.is(StatusCode::SEE_OTHER);
    field("field_title=needed&kind=text&options=&required=1").await;
    for output in ["xlsx", "docx"] {
        let asked = format!("form=own_form_1&whom=child&child={id}&as={output}");
        let looked = wang.upload(back, &file(&wang, &asked).await).await;
        let page = wang.get(&looked.location).await;
        page.says("没变的</dt><dd>1行").hides("还没填");
    }
    let other = format!("form=registration&whom=child&child={id}&as=docx");
    let other = wang.upload(back, &file(&wang, &other).await).await;
    other
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("这份Word里没有《OWN》");
}

/// The first use of a list in Word: nobody has written anything yet, and what is typed comes back.
async fn an_empty_list_in_word_comes_back(school: School) {
    school.adopt("p1").await;
    let dangan = school.sign_in("dangan").await;
    let asked = "form=special_register&whom=all&as=docx";
    let list = dangan.post("/print", asked).await.is(StatusCode::OK).bytes;
    let back = dangan
        .upload("/dossiers/special_register/back", &list)
        .await;
    back.hides("看看是不是选错了表");
}

on_both! {
    an_empty_list_in_word_comes_back
    a_register_speaks_as_the_plan_does
    what_says_nothing_new_is_no_fault
    mistakes_in_a_sheet_lose_nothing
    what_goes_out_comes_back_unchanged
    a_class_in_word_comes_back_sheet_by_sheet
    a_sheet_that_nobody_began_says_who_looks_after_the_child
    a_slip_as_it_was_printed_is_nothing_new
    a_line_without_a_number_takes_nothing_away
    records_come_back_from_excel
}
