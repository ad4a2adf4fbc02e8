//! Two files of one child: merged, and two again.

use super::brought::commit;
use super::dossier::print;
use super::paper::put_photo;
use super::particulars::form;
use super::roster::bring;
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::StatusCode;

async fn last_merge(dangan: &Person) -> String {
    let list = dangan.get("/office/twins").await.text;
    let merge = list.split("name=\"merge\" value=\"").nth(1).unwrap();
    merge.split('"').next().unwrap().to_owned()
}

/// The last merge is taken back.
pub async fn apart(dangan: &Person) {
    let merge = last_merge(dangan).await;
    let back = format!("operation={}&merge={merge}", operation());
    let undone = dangan.post("/office/twins/undo", &back).await;
    undone.is(StatusCode::SEE_OTHER);
}

async fn pair_with_a_mentor(wang: &Person, child: &str) {
    let pairing = format!("/children/{child}/pairing");
    let page = wang.get(&pairing).await.text;
    let mentor = page.split("<option value=\"").nth(1).unwrap();
    let mentor = mentor.split('"').next().unwrap();
    let form = format!("operation={}&mentor={mentor}", operation());
    wang.post(&pairing, &form).await.is(StatusCode::SEE_OTHER);
}

#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "one story from two files to one and back"
)]
async fn two_files_of_one_child_become_one_and_two_again(school: School) {
    let dangan = school.sign_in("dangan").await;
    let old = dangan.child("李思雨").await;
    let known = dangan.get(&format!("/api/v1/children/{old}")).await.json();
    let born = known["born_on"].as_str().unwrap();
    let file = format!("姓名,性别,班级,出生日期\n李思宇,女,五（2）班,{born}\n");
    let import = dangan
        .upload("/api/v1/imports/roster", file.as_bytes())
        .await
        .json();
    let commit = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
    let key = operation();
    let keys = [("idempotency-key", key.as_str())];
    dangan
        .json(
            (axum::http::Method::POST, &commit),
            &keys,
            &serde_json::json!({}),
        )
        .await
        .is(StatusCode::OK);
    let new = dangan.child("李思宇").await;
    let wang = school.sign_in("banzhuren").await;
    let talk = format!(
        "operation={}&kind=talk&topic=study&next=counsellor&refer_why=%E6%83%B3%E5%AE%B6\
         &note=%E6%96%B0%E7%9A%84&back=/week",
        operation()
    );
    wang.post(&format!("/children/{new}/records"), &talk)
        .await
        .is(StatusCode::SEE_OTHER);
    pair_with_a_mentor(&wang, &new).await;
    let away = |place: &str| {
        format!(
            "operation={}&parent=mother&now=away&day=2024-03-02&place={place}",
            operation()
        )
    };
    let pictures = put_photo(&wang, &new).await;
    let homes = |id: &str| format!("/children/{id}/home");
    for (id, place) in [(&old, "Lanzhou"), (&new, "Xining")] {
        wang.post(&format!("{}/parent", homes(id)), &away(place))
            .await
            .is(StatusCode::SEE_OTHER);
    }
    let count = async |id: &str| {
        let path = format!("/api/v1/children/{id}/timeline?limit=500");
        wang.get(&path).await.json()["items"]
            .as_array()
            .map(Vec::len)
    };
    let before = count(&old).await.unwrap();
    dangan.get("/office/twins").await.says("名字读音一样");
    let pair = format!("/office/twins/{old}/{new}");
    let both = dangan.get(&pair).await.is(StatusCode::OK).says("合成一份");
    both.says("妈妈在Lanzhou").says("妈妈在Xining");
    let go = format!("operation={}&name=other&home_mother=other", operation());
    // On a wall names are half hidden; what is written is not.
    let wall = dangan.on_a_wall();
    wall.get("/children").await.hides("李思雨");
    for _ in 0..2 {
        wall.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
    }
    assert_eq!(count(&old).await, Some(before + 1));
    let again = format!("operation={}", operation());
    dangan
        .post(&pair, &again)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("不在名单里");
    let xinli = school.sign_in("xinli").await;
    let asked = xinli.get("/week").await.says("想家");
    assert!(asked.text.contains(&format!("/children/{old}\"")));
    let kept = wang.get(&format!("/children/{old}")).await;
    kept.is(StatusCode::OK).says("李思宇").says("新的");
    let home = wang.get(&homes(&old)).await;
    home.says("Xining").hides("Lanzhou");
    wang.get(&format!("/children/{old}/card"))
        .await
        .says("两份合成了一份");
    for size in ["", "?size=small"] {
        let picture = format!("/children/{old}/files/{pictures}{size}");
        wang.get(&picture).await.is(StatusCode::OK);
    }
    assert!(dangan.child("李思雨").await.is_empty());
    let clean = async || crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(clean().await.is_empty());
    apart(&dangan).await;
    assert_eq!(
        (count(&old).await, count(&new).await),
        (Some(before), Some(1))
    );
    wang.get(&homes(&old)).await.says("Lanzhou").hides("Xining");
    wang.get(&homes(&new)).await.says("Xining").hides("Lanzhou");
    assert_eq!(dangan.child("李思雨").await, old);
    assert_eq!(dangan.child("李思宇").await, new);
    let mentor = school.sign_in("bangfu").await;
    assert_eq!(mentor.child("李思宇").await, new);
    let two = format!("{pair}/apart");
    dangan.post(&two, &again).await.is(StatusCode::SEE_OTHER);
    dangan.get("/office/twins").await.hides(&pair);
    assert!(clean().await.is_empty());
    wang.get("/office/twins").await.is(StatusCode::NOT_FOUND);
}

#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of three files"
)]
async fn merges_are_taken_back_from_the_last_to_the_first(school: School) {
    let dangan = school.sign_in("dangan").await;
    let names = ["李思雨", "刘洋", "张小明"];
    let mut ids = Vec::new();
    for name in names {
        ids.push(dangan.child(name).await);
    }
    let [kept, first, second] = ids.as_slice() else {
        unreachable!("three names");
    };
    // A sheet of which a child has one, written for each of two.
    for (id, note) in [(kept, "NOTE-1"), (first, "NOTE-2")] {
        let path = format!("/children/{id}/dossier/registration");
        let page = dangan.get(&path).await.text;
        let value = |name: &str| {
            let start = format!("name=\"{name}\" value=\"");
            let rest = page.split(&start).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let form = format!(
            "operation={}&entry={}&version={}&note={note}",
            operation(),
            value("entry"),
            value("version")
        );
        dangan.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    }
    let both = async || {
        let path = format!("/children/{kept}/dossier/registration");
        let page = dangan.get(&path).await.is(StatusCode::OK).text;
        let paper = print(&dangan, "registration", kept, "html").await;
        let paper = String::from_utf8(paper).unwrap();
        let seen = |text: &str| text.contains("NOTE-1") && text.contains("NOTE-2");
        (seen(&page), seen(&paper))
    };
    assert_eq!(both().await, (false, false));
    let mut merges = Vec::new();
    for other in [first, second] {
        let go = format!("operation={}", operation());
        let pair = format!("/office/twins/{kept}/{other}");
        dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
        merges.push(last_merge(&dangan).await);
    }
    let undo = async |merge: &str| {
        let back = format!("operation={}&merge={merge}", operation());
        dangan.post("/office/twins/undo", &back).await
    };
    // On paper stands what was chosen; the page keeps what either file said.
    assert_eq!(both().await, (true, false));
    let early = undo(&merges[0]).await;
    early
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("请先撤销后来的那一次");
    assert!(dangan.child(names[1]).await.is_empty(), "it stays merged");
    for merge in merges.iter().rev() {
        undo(merge).await.is(StatusCode::SEE_OTHER);
    }
    assert_eq!(both().await, (false, false));
    for (name, id) in names.iter().zip(&ids) {
        assert_eq!(dangan.child(name).await, *id);
    }
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// What a hand mended after the merge stays when it is taken back; a number stays one child's.
#[expect(clippy::cognitive_complexity, reason = "one story of one merge")]
async fn what_a_hand_mended_since_a_merge_outlives_its_undoing(school: School) {
    let dangan = school.sign_in("dangan").await;
    let (kept, other) = (dangan.child("李思雨").await, dangan.child("刘洋").await);
    let path = |child: &str| format!("/children/{child}/particulars");
    let mend = async |child: &str, with: (&str, &str)| {
        let mend = form(&dangan, child, &[with, ("as_written", "1")]).await;
        let done = dangan.post(&path(child), &mend).await;
        done.is(StatusCode::SEE_OTHER);
    };
    let number = "G110101201501010011";
    mend(&other, ("student_no", number)).await;
    mend(&other, ("address", "OTHER-1")).await;
    let pair = format!("/office/twins/{kept}/{other}");
    let go = format!("operation={}", operation());
    dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
    mend(&kept, ("address", "MENDED-1")).await;
    mend(&kept, ("student_no", number)).await;
    let merge = last_merge(&dangan).await;
    let undo = async || {
        let back = format!("operation={}&merge={merge}", operation());
        dangan.post("/office/twins/undo", &back).await
    };
    let refused = undo().await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("两个孩子同一个号");
    assert!(dangan.child("刘洋").await.is_empty(), "it stays merged");
    mend(&kept, ("student_no", "G11010120150101002X")).await;
    undo().await.is(StatusCode::SEE_OTHER);
    dangan.get(&path(&kept)).await.says("MENDED-1").says("002X");
    let page = dangan.get(&path(&other)).await;
    page.says("OTHER-1").says("0011").hides("MENDED-1");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// What both files say in one form is chosen field by field, and printed once.
#[expect(
    clippy::cognitive_complexity,
    clippy::too_many_lines,
    reason = "one story of one merge"
)]
async fn a_form_that_both_files_have_is_chosen_field_by_field(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let own = format!(
        "operation={}&title=OWN&purpose=a&many=0&tier=C1",
        operation()
    );
    principal
        .post("/office/forms", &own)
        .await
        .is(StatusCode::SEE_OTHER);
    for title in ["first", "second"] {
        let field = format!(
            "operation={}&form=own_form_1&field_title={title}&kind=text&options=",
            operation()
        );
        let added = principal.post("/office/forms/field", &field).await;
        added.is(StatusCode::SEE_OTHER);
    }
    let twice = format!(
        "operation={}&form=own_form_1&field_title=second&kind=text&options=",
        operation()
    );
    let refused = principal.post("/office/forms/field", &twice).await;
    refused
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("已经有叫这个名字的一项");
    let dangan = school.sign_in("dangan").await;
    let (kept, other) = (dangan.child("李思雨").await, dangan.child("刘洋").await);
    let file = |child: &str| format!("/children/{child}/dossier/own_form_1");
    for (child, said) in [
        (&kept, "own_field_1=LEFT-1"),
        (&other, "own_field_1=RIGHT-1&own_field_2=RIGHT-2"),
    ] {
        let entry = format!("operation={}&entry=&version=0&{said}", operation());
        let saved = dangan.post(&file(child), &entry).await;
        saved.is(StatusCode::SEE_OTHER);
    }
    let pair = format!("/office/twins/{kept}/{other}");
    let both = dangan.get(&pair).await.says("OWN：first");
    both.says("LEFT-1").says("RIGHT-1").says("RIGHT-2");
    let go = format!(
        "operation={}&entry_own_form_1_own_field_1=one&entry_own_form_1_own_field_2=other",
        operation()
    );
    dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
    let page = dangan.get(&format!("/children/{other}/move")).await;
    page.says("和另一份合在一起了").hides("回来读书了");
    let excel = print(&dangan, "own_form_1", &kept, "xlsx").await;
    let rows = crate::sheets::read(&excel).unwrap().rows;
    let of_her =
        |row: &&crate::sheets::SheetRow| row.cells.iter().any(|cell| cell.text() == "李思雨");
    assert_eq!(rows.iter().filter(of_her).count(), 1);
    let paper = String::from_utf8(print(&dangan, "own_form_1", &kept, "html").await).unwrap();
    assert!(paper.contains("LEFT-1") && paper.contains("RIGHT-2"));
    assert!(!paper.contains("RIGHT-1"), "{paper}");
    apart(&dangan).await;
    dangan
        .get(&file(&kept))
        .await
        .says("LEFT-1")
        .hides("RIGHT-");
    let right = dangan.get(&file(&other)).await;
    right.says("RIGHT-1").says("RIGHT-2").hides("LEFT-1");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// Whoever looks after the kept child stays the first to be called; who came over stands behind.
async fn the_carer_of_the_kept_file_stays_the_first(school: School) {
    let dangan = school.sign_in("dangan").await;
    let old = dangan.child("李思雨").await;
    let carers = async || {
        let told = dangan.get(&format!("/api/v1/children/{old}")).await.json();
        let all = told["contacts"].as_array().unwrap().clone();
        let carers = all.iter().filter(|one| one["party"] == "carer");
        let names: Vec<String> = carers.map(|one| one["name"].to_string()).collect();
        names
    };
    let before = carers().await;
    let known = dangan.get(&format!("/api/v1/children/{old}")).await.json();
    let born = known["born_on"].as_str().unwrap();
    let file = format!(
        "姓名,性别,班级,出生日期,照看人,与孩子关系\n李思宇,女,五（2）班,{born},周阿姨,其他\n"
    );
    let import = bring(&dangan, file.as_bytes()).await;
    commit(&dangan, &import).await;
    let new = dangan.child("李思宇").await;
    let go = format!("operation={}", operation());
    let pair = format!("/office/twins/{old}/{new}");
    dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
    let merged = carers().await;
    assert_eq!(merged.first(), before.first());
    assert!(merged.len() > before.len(), "{merged:?}");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// That a parent is at home is an answer, too: an absence of the other file does not go over it unasked.
#[expect(clippy::cognitive_complexity, reason = "one merge, chosen both ways")]
async fn who_is_at_home_stays_at_home_in_a_merge(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期,就读方式\n石小满,女,五（2）班,2015-03-12,走读\n石晓满,女,五（2）班,2015-03-12,住校\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let (kept, other) = (dangan.child("石小满").await, dangan.child("石晓满").await);
    let asked = format!("operation={}&child={kept}", operation());
    let told = dangan.post("/census", &asked).await;
    told.is(StatusCode::SEE_OTHER);
    let away = format!(
        "operation={}&parent=mother&now=away&place=Xining",
        operation()
    );
    let told = dangan
        .post(&format!("/children/{other}/home/parent"), &away)
        .await;
    told.is(StatusCode::SEE_OTHER);
    let home = format!("/children/{kept}/home");
    let boards = async || {
        let page = dangan.get(&format!("/children/{kept}")).await.text;
        page.contains("，住校")
    };
    for (choice, is_away) in [("one", false), ("other", true)] {
        let pair = format!("/office/twins/{kept}/{other}");
        let both = dangan.get(&pair).await;
        both.says("第一份：问过，在家").says("第二份：住校");
        let go = format!(
            "operation={}&home_mother={choice}&boarding={choice}",
            operation()
        );
        dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
        let page = dangan.get(&home).await.text;
        assert_eq!(page.contains("Xining"), is_away, "{choice}");
        assert_eq!(boards().await, is_away, "{choice}");
        apart(&dangan).await;
        dangan.get(&home).await.hides("Xining");
        assert!(!boards().await);
    }
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

on_both! {
    who_is_at_home_stays_at_home_in_a_merge
    the_carer_of_the_kept_file_stays_the_first
    a_form_that_both_files_have_is_chosen_field_by_field
    two_files_of_one_child_become_one_and_two_again
    merges_are_taken_back_from_the_last_to_the_first
    what_a_hand_mended_since_a_merge_outlives_its_undoing
}
