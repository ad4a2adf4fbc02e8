//! Sheets that were put in are taken back as a whole; what did not go in is mended and put in again.

use super::back::commit;
use crate::on_both;
use crate::sheets;
use crate::testing::{Person, School, operation};
use crate::web::words::url;
use axum::http::StatusCode;

/// The page before the word is given, and its address.
async fn look(who: &Person, back: &str, sheet: &str) -> (String, String) {
    let under = who.upload(back, sheet.as_bytes()).await;
    let under = under.is(StatusCode::SEE_OTHER).location;
    (who.get(&under).await.text, under)
}

/// The number of the sheet that was put in last and not taken back.
async fn last(who: &Person, back: &str) -> String {
    let page = who.get(back).await.says("您放回来过的").text;
    let (_, rest) = page.split_once("name=\"sheet\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn undo(who: &Person, back: &str, sheet: &str) -> crate::testing::Answer {
    who.post(&format!("{back}/undo"), &format!("sheet={sheet}"))
        .await
}

/// What the file, a register and the talks said before, they say again.
#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of three kinds of sheet"
)]
async fn a_sheet_is_taken_back_as_a_whole(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let (liu, chen) = (wang.child("刘洋").await, wang.child("陈浩").await);
    let path = format!("/children/{liu}/dossier/registration");
    let other = format!("/children/{chen}/dossier/registration");
    let form = format!(
        "operation={}&entry=&version=0&carer_able=mostly&carer_education=primary",
        operation()
    );
    wang.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    let back = "/dossiers/registration/back";
    let sheet = "姓名,班级,照看人读过几年书,照看人照看得动吗\n\
        刘洋,五（2）班,初中,还行\n陈浩,五（2）班,高中及以上,还行\n";
    let (page, under) = look(&wang, back, sheet).await;
    assert!(page.contains("放进去2行"), "{page}");
    commit(&wang, back, &under).await;
    wang.get(&path).await.says("以前的1版");
    let put_in = last(&wang, back).await;
    // Somebody else's sheet is nobody's.
    let limei = school.sign_in("limei").await;
    undo(&limei, back, &put_in).await.is(StatusCode::NOT_FOUND);
    for _ in 0..2 {
        undo(&wang, back, &put_in).await.is(StatusCode::SEE_OTHER);
    }
    wang.get(back).await.says("后来撤回了").hides("撤回这一次");
    wang.get(&path).await.says("小学").says("以前的2版");
    wang.get(&other)
        .await
        .hides("以前的")
        .hides("value=\"senior\" selected");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");

    let dangan = school.sign_in("dangan").await;
    let book = "/registers/budget/back";
    let (_, under) = look(&dangan, book, "项目、用途,预算金额（元）\n书架,300\n").await;
    commit(&dangan, book, &under).await;
    dangan.get("/registers/budget").await.says("书架");
    let put_in = last(&dangan, book).await;
    undo(&dangan, book, &put_in).await.is(StatusCode::SEE_OTHER);
    dangan.get("/registers/budget").await.hides("书架");

    let talks = "/print/records/talk/back";
    let sheet = "姓名,班级,日期,聊了什么,多记一句\n刘洋,五（2）班,2025-09-28,学习,错记的一句\n";
    let (_, under) = look(&wang, talks, sheet).await;
    commit(&wang, talks, &under).await;
    let told = format!("/children/{liu}");
    wang.get(&told).await.says("错记的一句");
    let put_in = last(&wang, talks).await;
    undo(&wang, talks, &put_in).await.is(StatusCode::SEE_OTHER);
    wang.get(&told).await.hides("错记的一句");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
    // A record is taken back within its day, by a sheet as by hand.
    let (_, under) = look(&wang, talks, sheet).await;
    commit(&wang, talks, &under).await;
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    crate::db::query("update record set written_at = '2025-09-28T01:00:00.000Z'")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let late = undo(&wang, talks, &last(&wang, talks).await).await;
    late.is(StatusCode::UNPROCESSABLE_ENTITY).says("超过一天");
}

/// What somebody wrote since is not lost by it: then nothing is taken back.
async fn what_was_written_since_stays(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let back = "/print/records/talk/back";
    let sheet = "姓名,班级,日期,聊了什么,多记一句\n\
        刘洋,五（2）班,2025-09-28,学习,第一句\n刘洋,五（2）班,2025-09-27,学习,第二句\n";
    let (_, under) = look(&wang, back, sheet).await;
    commit(&wang, back, &under).await;
    let put_in = last(&wang, back).await;
    let timeline = format!("/api/v1/children/{id}/timeline?kind=talk");
    let items = wang.get(&timeline).await.json()["items"].clone();
    let record = items[0]["id"].as_str().unwrap();
    let edit = format!(
        "operation={}&version=1&happened_on=2025-09-28&topic=study&note={}",
        operation(),
        url("后来想起来的")
    );
    let edited = wang.post(&format!("/records/{record}/edit"), &edit).await;
    edited.is(StatusCode::SEE_OTHER);
    let refused = undo(&wang, back, &put_in).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("有1行又改过");
    let page = wang.get(&format!("/children/{id}")).await;
    page.says("后来想起来的").says("第二句");
}

/// An older sheet changes what it changed, and nothing that a colleague wrote since; where both wrote,
/// somebody decides. Two sheets are taken back one after the other.
#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of two sheets"
)]
async fn an_older_sheet_takes_nothing_away(school: School) {
    school.adopt("p1").await;
    let wang = school.sign_in("banzhuren").await;
    let (liu, chen) = (wang.child("刘洋").await, wang.child("陈浩").await);
    let path = |id: &str| format!("/children/{id}/dossier/registration");
    let write = async |id: &str, version: &str, said: &str| {
        let form = format!("operation={}&entry=&version={version}&{said}", operation());
        let done = wang.post(&path(id), &form).await;
        done.is(StatusCode::SEE_OTHER);
    };
    write(&liu, "0", "carer_able=mostly&carer_education=primary").await;
    write(&chen, "0", "carer_able=mostly&carer_education=primary").await;
    let class = url("五（2）班");
    let asked = format!("form=registration&whom=class&class={class}&as=xlsx");
    let old = wang.post("/print", &asked).await.is(StatusCode::OK).bytes;
    let rows = sheets::read(&old).unwrap().rows;
    let at = |title: &str| {
        rows[0]
            .cells
            .iter()
            .position(|one| one.text() == title)
            .unwrap()
    };
    let (number, name, school_of) = (at("编号"), at("姓名"), at("照看人文化程度"));
    let line = |child: &str, education: Option<&str>| {
        let mut own = rows.iter().filter(|row| row.cells[name].text() == child);
        let cells = &own.next().unwrap().cells;
        let said = education.unwrap_or(cells[school_of].text());
        format!("{},{child},五（2）班,{said}\n", cells[number].text())
    };
    let head = "编号,姓名,班级,照看人文化程度\n";
    // A colleague changes 刘洋 meanwhile.
    write(&liu, "1", "carer_able=mostly&carer_education=junior").await;
    let back = "/dossiers/registration/back";
    let sheet = format!(
        "{head}{}{}",
        line("刘洋", None),
        line("陈浩", Some("高中及以上"))
    );
    let (page, under) = look(&wang, back, &sheet).await;
    assert!(
        page.contains("放进去1行") && page.contains("没变的</dt><dd>1行"),
        "{page}"
    );
    assert!(page.contains("高中及以上（原来是小学）"), "{page}");
    commit(&wang, back, &under).await;
    wang.get(&path(&liu)).await.says("以前的1版");
    let both = format!("{head}{}", line("刘洋", Some("没上过学")));
    let (page, _) = look(&wang, back, &both).await;
    assert!(
        page.contains("改成了“初中”") && !page.contains("/back/commit"),
        "{page}"
    );
    // One sheet on top of another, and both taken back.
    let first = last(&wang, back).await;
    let more = "姓名,班级,照看人文化程度\n陈浩,五（2）班,没上过学\n";
    let (_, under) = look(&wang, back, more).await;
    commit(&wang, back, &under).await;
    let below = undo(&wang, back, &first).await;
    below
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("有1行又改过");
    let second = last(&wang, back).await;
    assert_ne!(first, second);
    for sheet in [&second, &first] {
        undo(&wang, back, sheet).await.is(StatusCode::SEE_OTHER);
    }
    wang.get(&path(&chen)).await.says("以前的4版");
    let asked = format!("form=registration&whom=child&child={chen}&as=html");
    wang.post("/print", &asked).await.says("√小学");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// The lines that do not go in come as a sheet with a word at each, and go in when they are mended.
#[expect(clippy::cognitive_complexity, reason = "one story of one sheet")]
async fn what_did_not_go_in_is_mended(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let back = "/print/records/talk/back";
    let sheet = "姓名,班级,日期,聊了什么,多记一句\n刘洋,五（2）班,2025-09-28,学习,好的一句\n\
        刘洋,五（2）班,2025-13-28,学习,=1+1\n刘小洋,五（2）班,2025-09-27,学习,改名的一句\n";
    let (page, under) = look(&wang, back, sheet).await;
    assert!(page.contains("下载要改的2行"), "{page}");
    commit(&wang, back, &under).await;
    // The good line is in; the others still wait under the same name.
    let name = under.split("under=").nth(1).unwrap();
    let page = wang.get(&under).await.says("下载要改的2行");
    page.hides("/back/commit").says("您放回来过的");
    let again = format!("operation={}&under={name}", operation());
    let again = wang.post(&format!("{back}/commit"), &again).await;
    again
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经放进去了");
    let mend = format!("{back}/mend.xlsx?under={name}");
    let taken = wang.get(&mend).await.is(StatusCode::OK).bytes;
    let limei = school.sign_in("limei").await;
    limei.get(&mend).await.is(StatusCode::NOT_FOUND);
    let rows = sheets::read(&taken).unwrap().rows;
    let text = |row: usize, at: usize| rows[row].cells.get(at).map_or("", |cell| cell.text());
    assert_eq!(
        (text(0, 0), text(0, 1), text(0, 5)),
        ("哪里要改", "姓名", "多记一句")
    );
    assert!(
        !text(1, 0).is_empty() && text(2, 0).contains("没有"),
        "{rows:?}"
    );
    assert_eq!((text(1, 3), text(1, 5)), ("2025-13-28", "=1+1"));
    // As it is, it says the same; and what is mended goes in.
    let looked = wang.upload(back, &taken).await.location;
    wang.get(&looked)
        .await
        .says("放不进去的2行")
        .hides("/back/commit");
    let mended = "哪里要改,姓名,班级,日期,聊了什么,多记一句,行号\n\
        日期,刘洋,五（2）班,2025-09-26,学习,=1+1,3\n没有这个人,刘洋,五（2）班,2025-09-27,学习,改名的一句,4\n";
    let (page, under) = look(&wang, back, mended).await;
    assert!(page.contains("放进去2行"), "{page}");
    commit(&wang, back, &under).await;
    let page = wang.get(&format!("/children/{id}")).await;
    page.says("改名的一句").says("=1+1").says("好的一句");
}

/// What a family says tomorrow is not known today, by a sheet as by a page.
async fn a_consent_of_tomorrow_is_refused(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let said = |day: &str| {
        format!(
            "姓名,班级,同意用来做什么,家里怎么说,谁说的,哪天说的,怎么说的\n\
             刘洋,五（2）班,拍照、照片公开,同意,妈妈,{day},签了纸\n"
        )
    };
    let back = "/dossiers/consent/back";
    let (page, _) = look(&wang, back, &said("2025-10-01")).await;
    assert!(
        page.contains("今天以后") && !page.contains("/back/commit"),
        "{page}"
    );
    let (page, _) = look(&wang, back, &said("2025-09-30")).await;
    assert!(page.contains("放进去1行"), "{page}");
}

on_both! {
    a_consent_of_tomorrow_is_refused
    a_sheet_is_taken_back_as_a_whole
    what_was_written_since_stays
    an_older_sheet_takes_nothing_away
    what_did_not_go_in_is_mended
}
