//! 一生一档 through the front door: filled, changed, seen by whom it may be, printed.

use crate::db;
use crate::on_both;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;
use calamine::{Reader, Xlsx};

const DEED: &str = "progress_entry";

pub async fn print(who: &Person, form: &str, child: &str, output: &str) -> Vec<u8> {
    let asked = format!("form={form}&whom=child&child={child}&as={output}");
    let made = who.post("/print", &asked).await.is(StatusCode::OK);
    made.bytes
}

#[expect(clippy::cognitive_complexity, reason = "one story of one form")]
async fn what_is_known_is_not_asked_again_and_an_old_version_stays_readable(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let file = wang.get(&format!("/children/{id}/dossier")).await;
    file.is(StatusCode::OK).says("基本情况").says("进步的一笔");
    let path = format!("/children/{id}/dossier/registration");
    let page = wang.get(&path).await.is(StatusCode::OK);
    let page = page
        .says("160****0000")
        .hides("160 1000 0000")
        .says("石门乡");
    assert!(
        !page.text.contains("name=\"father_phone\""),
        "a known number is asked again"
    );
    let first = format!("operation={}&entry=&version=0&note=first", operation());
    wang.post(&path, &first).await.is(StatusCode::SEE_OTHER);
    let filled = wang.get(&path).await.says("first");
    let entry = page_entry(&filled.text);
    let change = |version: &str, note: &str| {
        format!(
            "operation={}&entry={entry}&version={version}&note={note}",
            operation()
        )
    };
    wang.post(&path, &change("1", "second"))
        .await
        .is(StatusCode::SEE_OTHER);
    wang.post(&path, &change("1", "third"))
        .await
        .is(StatusCode::PRECONDITION_FAILED)
        .says("现在存着的是");
    let now = wang.get(&path).await.says("second").says("以前的1版");
    now.says("first");
    wang.post(&path, &change("2", ""))
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get(&path).await.says("以前的2版");
    let bangfu = school.sign_in("bangfu").await;
    bangfu.get(&path).await.is(StatusCode::NOT_FOUND);
    let limei = school.sign_in("limei").await;
    limei.get(&path).await.is(StatusCode::NOT_FOUND);
}

fn page_entry(text: &str) -> String {
    let value = text.split("name=\"entry\" value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the page to paper"
)]
async fn an_entry_is_printed_and_its_release_is_registered(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/{DEED}");
    let form = format!("operation={}&text=%3D1%2B1%E5%BE%97%E5%A5%96", operation());
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let page = wang.get(&path).await.says("=1+1得奖");
    assert_eq!(page.text.matches("class=\"row-line\"").count(), 1);
    let pdf = print(&wang, DEED, &id, "pdf").await;
    assert!(pdf.starts_with(b"%PDF-"));
    for output in ["docx", "xlsx"] {
        assert!(
            print(&wang, DEED, &id, output).await.starts_with(b"PK"),
            "{output}"
        );
    }
    let html = String::from_utf8(print(&wang, DEED, &id, "html").await).unwrap();
    assert!(html.contains("=1+1得奖") && html.contains("<title>校务"));
    assert!(print(&wang, "dossier", &id, "pdf").await.len() > 20_000);
    let auditor = school.sign_in("shenji").await;
    auditor
        .get("/office/journal")
        .await
        .says("打印或导出")
        .hides("刘洋");
    let wrong = format!("form=nothing&whom=child&child={id}&as=pdf");
    wang.post("/print", &wrong)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("没有叫");
    let other = school.sign_in("limei").await;
    let asked = format!("form={DEED}&whom=child&child={id}&as=pdf");
    other
        .post("/print", &asked)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_class_sees_whose_file_is_open_and_what_to_add_first(school: School) {
    let wang = school.sign_in("banzhuren").await;
    wang.get("/dossiers")
        .await
        .is(StatusCode::OK)
        .says("个孩子")
        .says("先补");
    let county = school.sign_in("xianju").await;
    county.get("/dossiers").await.is(StatusCode::NOT_FOUND);
    // The whole school is the sum of its classes; a teacher of one class has no other.
    let dangan = school.sign_in("dangan").await;
    let files = async |class: &str| -> u32 {
        let page = dangan.get(&format!("/dossiers?class={}", url(class))).await;
        let page = page.is(StatusCode::OK).says("全校").text;
        let (_, headline) = page.split_once("<h1>").unwrap();
        let digits: String = headline.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap()
    };
    let whole = files("all").await;
    assert!(whole > 0);
    assert_eq!(whole, files("五（2）班").await + files("三（1）班").await);
    wang.get("/dossiers?class=all").await.hides("全校");
}

#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story from the office to paper"
)]
async fn a_form_of_the_schools_own_is_as_good_as_any(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    principal.get("/office/forms").await.is(StatusCode::OK);
    let form = format!(
        "operation={}&title=%E5%BA%8A%E4%BD%8D%E5%8D%A1&purpose=%E5%A4%9C%E9%87%8C%E6%89%BE%E5%BE%97%E5%88%B0&many=0&tier=C1",
        operation()
    );
    for _ in 0..2 {
        principal
            .post("/office/forms", &form)
            .await
            .is(StatusCode::SEE_OTHER);
    }
    let field = |title: &str, kind: &str, options: &str| {
        format!(
            "operation={}&form=own_form_1&field_title={title}&kind={kind}&options={options}",
            operation()
        )
    };
    let path = "/office/forms/field";
    principal
        .post(path, &field("bed", "choice", "one"))
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("至少写两个");
    for one in [
        field("bed", "text", ""),
        field("side", "choice", "left%0Aright"),
    ] {
        principal.post(path, &one).await.is(StatusCode::SEE_OTHER);
    }
    let wang = school.sign_in("banzhuren").await;
    wang.get("/office/forms").await.is(StatusCode::NOT_FOUND);
    let id = wang.child("李思雨").await;
    wang.get(&format!("/children/{id}/dossier"))
        .await
        .says("床位卡");
    let page = format!("/children/{id}/dossier/own_form_1");
    wang.get(&page).await.says("bed").says("right");
    let filled = format!(
        "operation={}&entry=&version=0&own_field_1=12&own_field_2=o2",
        operation()
    );
    wang.post(&page, &filled).await.is(StatusCode::SEE_OTHER);
    let html = print(&wang, "own_form_1", &id, "html").await;
    let html = String::from_utf8(html).unwrap();
    assert!(html.contains("床位卡") && html.contains("√right"), "{html}");
    // What there is to choose from changes, and what was chosen stays chosen.
    let number = format!("{}&unit=CM&section=PART", field("long", "number", ""));
    principal
        .post(path, &number)
        .await
        .is(StatusCode::SEE_OTHER);
    let edit = "/office/forms/own_form_1";
    principal.get(edit).await.says("left\nright").says("CM");
    let one = format!("operation={}&field=own_field_2&title=side", operation());
    let too_few = principal.post(edit, &format!("{one}&options=right")).await;
    too_few
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("至少写两个");
    let other = format!("{one}&options=right%0Amiddle&section=WHERE");
    principal.post(edit, &other).await.is(StatusCode::SEE_OTHER);
    let shown = wang.get(&page).await.says("middle").hides(">left<");
    shown
        .says("<h2>WHERE</h2>")
        .says("<h2>PART</h2>")
        .says("单位是CM");
    let html = print(&wang, "own_form_1", &id, "html").await;
    assert!(String::from_utf8(html).unwrap().contains("√right"));
    // What reads otherwise now is something else: what was chosen says what it said.
    let one = format!("operation={}&field=own_field_2&title=side", operation());
    let reworded = format!("{one}&options=upper%0Amiddle&section=WHERE");
    principal
        .post(edit, &reworded)
        .await
        .is(StatusCode::SEE_OTHER);
    principal
        .get(edit)
        .await
        .says("upper\nmiddle")
        .hides("right\n");
    wang.get(&page).await.says(">right<").says(">upper<");
    let html = String::from_utf8(print(&wang, "own_form_1", &id, "html").await).unwrap();
    assert!(html.contains("√right") && html.contains("□upper"), "{html}");
}

async fn an_excel_register_comes_back_unchanged_and_a_changed_line_is_a_new_version(
    school: School,
) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/{DEED}");
    let form = format!("operation={}&text=%3D1%2B1", operation());
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let asked =
        format!("form={DEED}&whom=class&class=%E4%BA%94%EF%BC%882%EF%BC%89%E7%8F%AD&as=xlsx");
    let book = wang.post("/print", &asked).await.is(StatusCode::OK).bytes;
    let back = format!("/dossiers/{DEED}/back");
    let looked = wang.upload(&back, &book).await.is(StatusCode::SEE_OTHER);
    let same = wang.get(&looked.location).await.is(StatusCode::OK);
    same.says("没有要改的").says("没变的</dt><dd>3行");
    let csv = "姓名,班级,有什么进步\n刘洋,五（2）班,会做饭\n没有这个人,五（2）班,x\n";
    let looked = wang.upload(&back, csv.as_bytes()).await;
    let under = looked.is(StatusCode::SEE_OTHER).location;
    let page = wang.get(&under).await;
    page.says("新写的</dt><dd>1行").says("名单里没有");
    let under = under.split("under=").nth(1).unwrap().to_owned();
    let go = format!("operation={}&under={under}", operation());
    for _ in 0..2 {
        wang.post(&format!("{back}/commit"), &go)
            .await
            .is(StatusCode::SEE_OTHER);
    }
    let page = wang.get(&path).await.says("会做饭").says("=1+1");
    assert_eq!(page.text.matches("class=\"row-line\"").count(), 2);
    wang.upload(&back, b"PK\x03\x04broken")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY);
}

async fn a_sheet_with_fewer_columns_takes_nothing_away(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/registration");
    let back = "/dossiers/registration/back";
    let principal = school.sign_in("xiaozhang").await;
    let more = format!(
        "operation={}&form=registration&field_title=bed&kind=text&options=",
        operation()
    );
    principal
        .post("/office/forms/field", &more)
        .await
        .is(StatusCode::SEE_OTHER);
    let both = format!(
        "operation={}&entry=&version=0&note=kept&own_field_1=twelve",
        operation()
    );
    wang.post(&path, &both).await.is(StatusCode::SEE_OTHER);
    let part = "姓名,班级,bed\n刘洋,五（2）班,thirteen\n".as_bytes();
    let under = wang
        .upload(back, part)
        .await
        .is(StatusCode::SEE_OTHER)
        .location;
    wang.get(&under)
        .await
        .says("改了的</dt><dd>1行")
        .says("bed：thirteen（原来是");
    let under = under.split("under=").nth(1).unwrap();
    let go = format!("operation={}&under={under}", operation());
    wang.post(&format!("{back}/commit"), &go)
        .await
        .is(StatusCode::SEE_OTHER);
    let page = wang.get(&path).await;
    page.says(">kept</textarea>").says("value=\"thirteen\"");
    let blank = "姓名,班级,bed\n刘洋,五（2）班,\n".as_bytes();
    let under = wang.upload(back, blank).await.location;
    wang.get(&under)
        .await
        .says("这一行空了")
        .hides("/back/commit");
}

async fn sides_of(who: &Person, path: &str) -> (u32, u32) {
    let picture = who.get(path).await.is(StatusCode::OK).bytes;
    assert!(picture.starts_with(&[0xFF, 0xD8, 0xFF]));
    let drawn = image::load_from_memory(&picture).unwrap();
    (drawn.width(), drawn.height())
}

#[expect(clippy::cognitive_complexity, reason = "one story of one picture")]
async fn a_picture_is_kept_anew_and_only_for_those_who_see_the_file(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let path = format!("/children/{id}/files");
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(1_000, 500)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let op = operation();
    for _ in 0..2 {
        wang.upload_with(
            &path,
            &[("operation", op.as_str()), ("title", "画的兽医院")],
            png.get_ref(),
        )
        .await
        .is(StatusCode::SEE_OTHER);
    }
    let page = wang.get(&path).await.says("画的兽医院");
    assert_eq!(page.text.matches("<img ").count(), 1);
    let href = page.text.split("<img src=\"").nth(1).unwrap();
    let (href, small) = href.split('"').next().unwrap().split_once('?').unwrap();
    let small = format!("{href}?{small}");
    assert_eq!(sides_of(&wang, href).await, (1_000, 500));
    assert_eq!(sides_of(&wang, &small).await, (512, 256));
    let folder = print(&wang, "dossier", &id, "pdf").await;
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    assert!(holds(&folder, b"/Subtype /Image") || holds(&folder, b"/Subtype/Image"));
    let class = format!("form=dossier&whom=class&class={}&as=", url("五（2）班"));
    let folders = wang.post("/print", &format!("{class}pdf")).await.bytes;
    let images = |bytes: &[u8]| {
        let image = b"/DCTDecode";
        bytes
            .windows(image.len())
            .filter(|part| part == image)
            .count()
    };
    assert_eq!((images(&folder), images(&folders)), (1, 1));
    // Nobody of the family has agreed that others see it.
    let shown = format!("{class}pdf&purpose=inspection");
    let shown = wang.post("/print", &shown).await.bytes;
    assert_eq!(images(&shown), 0);
    let html = String::from_utf8(print(&wang, "dossier", &id, "html").await).unwrap();
    assert!(html.contains(&format!("<img src=\"{href}\" alt=\"画的兽医院，")));
    let kept: String = db::query_scalar("select title_sealed from dossier_file")
        .fetch_one(&mut school.app.db.read().await.unwrap())
        .await
        .unwrap();
    assert!(!kept.contains("兽医"), "a title lies open");
    for other in ["bangfu", "limei", "xinli"] {
        let other = school.sign_in(other).await;
        other.get(href).await.is(StatusCode::NOT_FOUND);
    }
    wang.upload_with(&path, &[("operation", &operation())], b"MZ not a picture")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("只收JPEG");
}

async fn what_is_filled_into_the_file_meets_its_duty(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let owed = async |kind: &str| {
        let path = format!("/api/v1/children/{id}/duties");
        let duties = wang.get(&path).await.json();
        let all = duties["items"].as_array().unwrap().clone();
        all.iter()
            .find(|one| one["kind"] == kind)
            .map(|one| one["last_on"].clone())
    };
    assert_eq!(owed("contact_card").await, Some(serde_json::Value::Null));
    let confirmed = format!("operation={}", operation());
    wang.post(&format!("/children/{id}/card/confirm"), &confirmed)
        .await
        .is(StatusCode::SEE_OTHER);
    assert_eq!(owed("contact_card").await, Some("2025-09-30".into()));

    // The cast wrote one today, by the same door.
    assert_eq!(owed(DEED).await, Some("2025-09-30".into()));
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// A plan is left; what was written in its forms is still read and printed, and written no more.
async fn what_a_plan_asked_for_stays_readable(school: School) {
    school.adopt("p5").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/dossier/progress_entry");
    let form = format!(
        "operation={}&entry=&version=0&text={}",
        operation(),
        url("背下了一首诗")
    );
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    wang.get(&path).await.says("背下了一首诗");
    let principal = school.sign_in("xiaozhang").await;
    let end = format!("operation={}&pack=p5&do=end", operation());
    let ended = principal.post("/office/packs", &end).await;
    ended.is(StatusCode::SEE_OTHER);
    wang.get(&path)
        .await
        .is(StatusCode::OK)
        .says("背下了一首诗");
    let file = wang.get(&format!("/children/{id}/dossier")).await;
    file.says("dossier/progress_entry");
    let whole = format!("form=dossier&whom=child&child={id}&as=html");
    wang.post("/print", &whole).await.says("背下了一首诗");
    let again = form.replace(&form[10..46], &operation());
    let refused = wang.post(&path, &again).await;
    assert_ne!(refused.status, StatusCode::SEE_OTHER);
    wang.get("/print").await.hides("value=\"progress_entry\"");
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the account to the plan"
)]
/// 计划五 line 97: the subject teacher of the class writes the study plan, and reads no other part of
/// the file.
async fn a_subject_teacher_keeps_what_the_plan_gives_to_subject_teachers(school: School) {
    school.adopt("p5").await;
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let note = wang.get("/api/v1/children?limit=1").await.json();
    let class = note["items"][0]["class"]["id"].as_str().unwrap().to_owned();
    let guanli = school.sign_in("guanli").await;
    let form = format!(
        "operation={}&name=%E9%92%B1%E5%A4%9A&username=renke&role=subject_teacher&class={class}",
        operation()
    );
    let opened = guanli.post("/office/people", &form).await.location;
    let told = guanli.get(&opened).await.text;
    let password = told.split("<code>").nth(1).unwrap();
    let password = password.split('<').next().unwrap();
    let enter = format!("username=renke&password={password}");
    let teacher = school.with_cookie(school.nobody().post("/login", &enter).await);

    let file = format!("/children/{id}/dossier");
    teacher.get(&format!("/children/{id}")).await.says(&file);
    let page = teacher.get(&file).await.is(StatusCode::OK);
    page.says("学习计划").hides("基本情况").hides("家长同意");
    for closed in ["registration", "consent", "contact_card", "growth_record"] {
        let one = teacher.get(&format!("{file}/{closed}")).await;
        one.is(StatusCode::NOT_FOUND);
    }
    let path = format!("{file}/study_plan");
    let shown = teacher.get(&path).await.is(StatusCode::OK);
    let text = shown.text.split("<textarea id=\"").nth(1).unwrap();
    let field = text.split('"').next().unwrap();
    let plan = format!("operation={}&version=0&{field}=PLAN-1", operation());
    teacher.post(&path, &plan).await.is(StatusCode::SEE_OTHER);
    wang.get(&path).await.says("PLAN-1");
    let other = school.sign_in("limei").await.child("").await;
    let path = format!("/children/{other}/dossier/study_plan");
    teacher.get(&path).await.is(StatusCode::NOT_FOUND);
}

#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of one list"
)]
/// With whom a child was: the class, and who lives in the same home whatever the class.
async fn a_brother_in_another_class_can_be_named(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let form = format!(
        "operation={}&title=WITH&purpose=a&many=0&tier=C1",
        operation()
    );
    let field = format!(
        "operation={}&form=own_form_1&field_title=who&kind=children&options=",
        operation()
    );
    let more = format!(
        "operation={}&form=own_form_1&field_title=note&kind=text&options=",
        operation()
    );
    let fields = "/office/forms/field";
    for (path, form) in [("/office/forms", form), (fields, field), (fields, more)] {
        principal.post(path, &form).await.is(StatusCode::SEE_OTHER);
    }
    let dangan = school.sign_in("dangan").await;
    let own = dangan.child("李思雨").await;
    let mate = dangan.child("刘洋").await;
    let other = school.sign_in("limei").await.child("").await;
    let path = format!("/children/{own}/dossier/own_form_1");
    let offered = |id: &str| format!("value=\"{id}\"");
    let page = dangan.get(&path).await;
    page.says(&offered(&mate)).hides(&offered(&other));
    for id in [&own, &other] {
        let kin = format!(
            "operation={}&kinship=relative&name=AUNT&phone=16010007777&only_contact=1",
            operation()
        );
        let done = dangan.post(&format!("/children/{id}/card/kin"), &kin).await;
        done.is(StatusCode::SEE_OTHER);
    }
    let page = dangan.get(&path).await;
    page.says(&offered(&mate))
        .says(&offered(&other))
        .says("，三（1）班");
    // The class teacher does not see the other class.
    let wang = school.sign_in("banzhuren").await;
    wang.get(&path).await.hides(&offered(&other));
    // What she does not see she does not take away.
    let said =
        |version: &str, rest: &str| format!("operation={}&version={version}&{rest}", operation());
    let both = format!("own_field_1={mate}&own_field_1={other}");
    let done = dangan.post(&path, &said("0", &both)).await;
    done.is(StatusCode::SEE_OTHER);
    let entry = dangan.get(&path).await.text;
    let entry = entry.split("name=\"entry\" value=\"").nth(1).unwrap();
    let entry = entry.split('"').next().unwrap();
    let rest = format!("entry={entry}&own_field_2=NOTE-1");
    let done = wang.post(&path, &said("1", &rest)).await;
    done.is(StatusCode::SEE_OTHER);
    let page = dangan.get(&path).await.says("NOTE-1");
    let chosen = |id: &str| format!("value=\"{id}\" checked");
    page.says(&chosen(&other)).hides(&chosen(&mate));
    let sheet = format!("编号,姓名,班级,note\n{entry},李思雨,五（2）班,NOTE-2\n");
    let back = "/dossiers/own_form_1/back";
    let looked = dangan.upload(back, sheet.as_bytes()).await;
    super::back::commit(&dangan, back, &looked.location).await;
    dangan.get(&path).await.says("NOTE-2").says(&chosen(&other));
    let paper = String::from_utf8(print(&dangan, "own_form_1", &own, "html").await).unwrap();
    assert_eq!(paper.matches("，三（1）班").count(), 1, "{paper}");
    let book = print(&dangan, "own_form_1", &own, "xlsx").await;
    let mut book = Xlsx::new(std::io::Cursor::new(book)).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let mut cells = range.used_cells().map(|cell| cell.2.to_string());
    assert!(
        cells.any(|cell| cell.ends_with("，三（1）班")),
        "nobody is named"
    );
}

/// A dead father's number is asked of nobody; the mother's is.
async fn nobody_is_asked_for_the_number_of_the_dead(school: School) {
    school.adopt("p5").await;
    let limei = school.sign_in("limei").await;
    let id = limei.child("罗天宇").await;
    let card = limei.get(&format!("/children/{id}/card")).await.text;
    for kin in card.split("name=\"kin\" value=\"").skip(1) {
        let kin = kin.split('"').next().unwrap();
        let gone = format!("operation={}&kin={kin}", operation());
        limei
            .post(&format!("/children/{id}/card/kin/end"), &gone)
            .await;
    }
    let page = limei.get(&format!("/children/{id}/dossier")).await.text;
    let missing = page.split("每一张").next().unwrap();
    assert!(
        missing.contains("妈妈") && !missing.contains("爸爸"),
        "{missing}"
    );
}

on_both! {
    nobody_is_asked_for_the_number_of_the_dead
    a_brother_in_another_class_can_be_named
    a_subject_teacher_keeps_what_the_plan_gives_to_subject_teachers
    what_a_plan_asked_for_stays_readable
    what_is_filled_into_the_file_meets_its_duty
    a_picture_is_kept_anew_and_only_for_those_who_see_the_file
    an_excel_register_comes_back_unchanged_and_a_changed_line_is_a_new_version
    a_sheet_with_fewer_columns_takes_nothing_away
    a_form_of_the_schools_own_is_as_good_as_any
    what_is_known_is_not_asked_again_and_an_old_version_stays_readable
    an_entry_is_printed_and_its_release_is_registered
    a_class_sees_whose_file_is_open_and_what_to_add_first
}
