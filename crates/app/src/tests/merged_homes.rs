//! What two files of one child say of its home: which is chosen, and what they are when they are two again.

use super::brought::commit;
use super::roster::bring;
use super::twins::apart;
use super::walk::{GD, Walk, ZJ};
use crate::on_both;
use crate::testing::{School, operation};
use axum::http::StatusCode;

/// Two files are one for a time: what a list or a hand said of it meanwhile is of the kept one, and the
/// other is again what it was. What the archivist chose no list changes.
#[expect(
    clippy::cognitive_complexity,
    reason = "one merge, with and without a hand"
)]
async fn two_files_apart_are_what_they_were(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (name, twin, is_told) in [("石小满", "石晓满", true), ("石大川", "石大传", false)]
    {
        let (mut one, mut other) = (Walk::of(&dangan, name), Walk::of(&dangan, twin));
        one.list("0", "", "").await;
        other.list("2", GD, ZJ).await;
        assert_eq!(one.parents().await, ["在家", "在家"]);
        let go = format!(
            "operation={}&home_father=other&home_mother=other&home_living=other",
            operation()
        );
        let pair = format!("/office/twins/{}/{}", one.id, other.id);
        dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
        assert_eq!(one.parents().await, ["在外", "在外"]);
        one.list("0", "", "").await;
        assert_eq!(one.parents().await, ["在外", "在外"], "the choice stands");
        if is_told {
            let day = "parent=mother&now=away&day=2025-03-01&place=Ningbo";
            one.tell("parent", day).await;
            one.tell("parent", "parent=father&now=dead&day=2025-09-10")
                .await;
        }
        apart(&dangan).await;
        assert_eq!(other.parents().await, ["在外", "在外"], "{twin}");
        dangan.get(&other.home()).await.hides("Ningbo");
        let father = if is_told { "不在了" } else { "在家" };
        assert_eq!(one.parents().await, [father, "在家"], "{name}");
        other.list("0", "", "").await;
        assert_eq!(other.parents().await, ["在家", "在家"], "{twin}");
    }
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// Of two files the side is chosen that says nothing: then nobody has asked.
async fn a_side_that_says_nothing_may_be_chosen(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mut one = Walk::of(&dangan, "石小满");
    one.list("1", GD, "在家").await;
    let mut other = Walk::of(&dangan, "石晓满");
    other.list("1", "服刑", "在家").await;
    assert_eq!(other.parents().await, ["没问", "没问"]);
    let pair = format!("/office/twins/{}/{}", one.id, other.id);
    let go = format!("operation={}&home_father=other", operation());
    dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
    assert_eq!(one.parents().await, ["没问", "在家"]);
    apart(&dangan).await;
    assert_eq!(one.parents().await, ["在外", "在家"]);
}

/// A visit says that somebody came, and not where that parent is else: the side that says more is
/// proposed, and the other one chosen makes nobody at home.
async fn a_visit_says_not_where_a_parent_is(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (name, twin, until) in [
        ("石小满", "石晓满", ""),
        ("石大川", "石大传", "&to=2025-09-20"),
    ] {
        let (mut one, mut other) = (Walk::of(&dangan, name), Walk::of(&dangan, twin));
        one.list("2", GD, ZJ).await;
        other.list("1", "服刑", ZJ).await;
        let visit = format!("parent=father&from=2025-09-10{until}");
        other.tell("stay", &visit).await;
        assert_eq!(other.parents().await, ["没问", "在外"]);
        let pair = format!("/office/twins/{}/{}", other.id, one.id);
        let told = "name=\"home_father\" value=\"other\" checked";
        dangan.get(&pair).await.says(told);
        let go = format!("operation={}&home_father=one", operation());
        dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
        assert_eq!(other.parents().await, ["没问", "在外"], "{name}");
    }
}

/// A file without people gets those of the other, and gives them back, whatever was told of them.
async fn people_go_back_with_their_file(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期\n石大川,男,五（2）班,2015-03-14\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let mut empty = Walk::of(&dangan, "石大川");
    empty.id = dangan.child("石大川").await;
    let mut full = Walk::of(&dangan, "石大传");
    full.list("2", GD, ZJ).await;
    let card = |id: &str| format!("/children/{id}/card");
    let pair = format!("/office/twins/{}/{}", empty.id, full.id);
    let go = format!("operation={}", operation());
    dangan.post(&pair, &go).await.is(StatusCode::SEE_OTHER);
    dangan.get(&card(&empty.id)).await.says("甲妈");
    let away = "parent=mother&now=away&day=2025-09-10&place=Foshan";
    empty.tell("parent", away).await;
    dangan.get(&card(&empty.id)).await.says("Foshan");
    apart(&dangan).await;
    dangan
        .get(&card(&full.id))
        .await
        .says("甲妈")
        .hides("Foshan");
    dangan.get(&card(&empty.id)).await.hides("甲妈");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

on_both! {
    two_files_apart_are_what_they_were
    a_side_that_says_nothing_may_be_chosen
    a_visit_says_not_where_a_parent_is
    people_go_back_with_their_file
}
