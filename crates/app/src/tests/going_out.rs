//! What leaves the school on paper, and to whom.

use super::consent::told_by_family;
use super::paper::page;
use crate::on_both;
use crate::testing::{School, operation};
use axum::http::StatusCode;

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

on_both! {
    no_other_child_is_named_outside
    what_was_printed_is_seen_by_who_answers_for_it
    what_is_said_of_the_carer_stays_in_the_school
}
