//! What phones wrote without a network: taken once, with a receipt, or set aside and not lost.

use crate::on_both;
use crate::outbox::seal;
use crate::testing::{Answer, Person, School, operation};
use crate::vault::{base64, from_base64};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

/// A phone in front of a form that is open.
struct Phone<'a> {
    person: &'a Person,
    key: Vec<u8>,
    by: String,
    path: String,
}

fn attribute(page: &str, name: &str) -> String {
    let from = page.split(&format!("{name}=\"")).nth(1).unwrap();
    from.split('"').next().unwrap().replace("&#x2F;", "/")
}

impl<'a> Phone<'a> {
    async fn open(person: &'a Person, child: &str) -> Self {
        let page = person
            .get(&format!("/children/{child}/records/new?kind=talk"))
            .await;
        Self {
            person,
            key: from_base64(&attribute(&page.text, "data-seal")).unwrap(),
            by: attribute(&page.text, "data-by"),
            path: format!("/children/{child}/records"),
        }
    }

    fn content(&self, (operation, seq): (&str, i64), body: &str) -> Value {
        json!({
            "operation": operation, "path": self.path, "device": "phone-1", "seq": seq,
            "body": format!("operation={operation}&kind=talk&{body}"),
            "at": "2025-09-29T12:00:00.000Z", "by": self.by,
        })
    }

    async fn send(&self, to: &str, content: &Value) -> Sent {
        self.send_at(to, content, None).await
    }

    /// `now`: what the phone's clock says when it sends.
    async fn send_at(&self, to: &str, content: &Value, now: Option<&str>) -> Sent {
        let (sealed, phone) = seal(&self.key, content.to_string().as_bytes());
        let mut request = Request::post(to).header("x-outbox", "later");
        if let Some(now) = now {
            request = request.header("x-outbox-at", now);
        }
        let answer = self.person.send(request, Body::from(sealed)).await;
        let fits = serde_json::from_str::<Value>(&answer.text).is_ok_and(|said| {
            let operation = content["operation"].as_str().unwrap();
            let proof = phone.receipt(operation, said["seq"].as_i64().unwrap_or_default());
            said["receipt"] == *operation && said["proof"] == base64(&proof)
        });
        Sent { answer, fits }
    }
}

struct Sent {
    answer: Answer,
    /// The receipt is the one that only the server can make.
    fits: bool,
}

const TALK: &str =
    "topic=homesick&look=so_so&next=usual&note=%E6%83%B3%E5%A6%88%E5%A6%88&back=/week";

#[expect(
    clippy::cognitive_complexity,
    reason = "one envelope, and those that are none"
)]
async fn an_envelope_is_taken_once_and_its_receipt_fits(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let phone = Phone::open(&wang, &id).await;
    let name = operation();
    let content = phone.content((&name, 1), TALK);
    let first = phone.send("/outbox", &content).await;
    assert_eq!(
        first.answer.status,
        StatusCode::CREATED,
        "{}",
        first.answer.text
    );
    assert!(first.fits);
    let again = phone.send("/outbox", &content).await;
    assert!(again.fits);
    assert_eq!(first.answer.json()["seq"], again.answer.json()["seq"]);

    let timeline = wang
        .get(&format!("/api/v1/children/{id}/timeline?limit=500"))
        .await
        .json();
    let items = timeline["items"].as_array().unwrap();
    let kept: Vec<_> = items
        .iter()
        .filter(|one| one["fields"]["note"] == "想妈妈")
        .collect();
    // It was written on Monday, and came on Tuesday.
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0]["happened_on"], "2025-09-29");

    let li = school.sign_in("bangfu").await;
    let other = Phone {
        person: &li,
        ..Phone::open(&wang, &id).await
    };
    let borrowed = other
        .send("/outbox", &phone.content((&operation(), 2), TALK))
        .await;
    assert!(!borrowed.fits, "{}", borrowed.answer.text);
    borrowed.answer.says("另一位老师写的");

    let mut elsewhere = phone.content((&operation(), 2), TALK);
    elsewhere["path"] = json!("/me/password");
    phone
        .send("/outbox", &elsewhere)
        .await
        .answer
        .is(StatusCode::UNPROCESSABLE_ENTITY);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story from the phone to the end"
)]
async fn what_cannot_be_taken_is_set_aside_for_its_writer_alone(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let phone = Phone::open(&wang, &id).await;
    let name = operation();
    // Nothing was said of what it was about.
    let incomplete = phone.content((&name, 3), "note=%E6%83%B3%E5%A6%88%E5%A6%88&back=/week");
    for _ in 0..2 {
        let sent = phone.send("/outbox", &incomplete).await;
        assert_eq!(
            sent.answer.status,
            StatusCode::ACCEPTED,
            "{}",
            sent.answer.text
        );
        assert!(sent.fits);
    }
    wang.get("/me")
        .await
        .says("有1条送到了，可是没有收下")
        .says("有2条在手机上写了，还没送到");
    wang.get("/me/set-aside")
        .await
        .says("李思雨")
        .says("想妈妈");
    let head = school.sign_in("xiaozhang").await;
    head.get("/office/journal")
        .await
        .says("2条写了还没送到，1条送到了没有收下")
        .hides("想妈妈");
    head.get("/me/set-aside").await.hides("想妈妈");
    // Neither as it was typed nor as a form carries it.
    let bytes = school.database_bytes();
    for open in ["想妈妈", "%E6%83%B3%E5%A6%88"] {
        let mut parts = bytes.windows(open.len());
        assert!(!parts.any(|part| part == open.as_bytes()), "{open}");
    }

    // Sent again it comes back as its form, filled as far as it was.
    wang.post(&format!("/me/set-aside/{name}/again"), "")
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("想妈妈");
    let mended = format!("operation={name}&kind=talk&{TALK}");
    wang.post(&phone.path, &mended)
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get("/me/set-aside").await.says("没有这样的记录");

    let other = operation();
    phone
        .send("/outbox", &phone.content((&other, 1), "back=/week"))
        .await;
    wang.post(&format!("/me/set-aside/{other}/drop"), "")
        .await
        .is(StatusCode::SEE_OTHER);
    wang.get("/me/set-aside").await.says("没有这样的记录");
    wang.get("/me").await.says("有1条在手机上写了，还没送到");
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

#[expect(
    clippy::cognitive_complexity,
    reason = "one story before and after the closing"
)]
async fn the_phone_of_a_closed_account_still_hands_over(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let phone = Phone::open(&wang, &id).await;
    let content = phone.content((&operation(), 1), TALK);
    phone
        .send("/outbox/left", &content)
        .await
        .answer
        .is(StatusCode::SEE_OTHER);

    let admin = school.sign_in("guanli").await;
    let staff = phone.by.split('.').nth(1).unwrap().to_owned();
    admin
        .post(
            &format!("/office/people/{staff}/close"),
            &format!("operation={}", operation()),
        )
        .await
        .is(StatusCode::SEE_OTHER);
    assert!(!phone.send("/outbox", &content).await.fits);
    let sent = phone.send("/outbox/left", &content).await;
    assert_eq!(
        sent.answer.status,
        StatusCode::ACCEPTED,
        "{}",
        sent.answer.text
    );
    assert!(sent.fits);
    let mut forged = content.clone();
    forged["by"] = json!(phone.by.replace('.', ".x"));
    assert!(!phone.send("/outbox/left", &forged).await.fits);
    let head = school.sign_in("xiaozhang").await;
    head.get("/office/journal").await.says("1条送到了没有收下");
}

/// A clock that is two days slow says wrong when it was written, and right how long it waited.
async fn a_slow_clock_misdates_nothing(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("李思雨").await;
    let phone = Phone::open(&wang, &id).await;
    for (seq, now, day) in [
        (1, "2025-09-29T12:00:03.000Z", "2025-09-30"),
        (2, "2025-09-30T12:00:03.000Z", "2025-09-29"),
        (3, "2025-09-01T12:00:03.000Z", "2025-09-29"),
    ] {
        let name = operation();
        let content = phone.content((&name, seq), TALK);
        let sent = phone.send_at("/outbox", &content, Some(now)).await;
        assert!(sent.fits, "{}", sent.answer.text);
        let next = sent.answer.json()["taken"].clone();
        assert_eq!(next, true);
        let timeline = wang
            .get(&format!("/api/v1/children/{id}/timeline?limit=500"))
            .await
            .json();
        let mut items = timeline["items"].as_array().unwrap().iter();
        let newest = items
            .by_ref()
            .filter(|one| one["fields"]["note"] == "想妈妈")
            .max_by_key(|one| one["written_at"].as_str().unwrap_or_default().to_owned())
            .unwrap();
        assert_eq!(newest["happened_on"], day, "{now}");
    }
}

on_both! {
    a_slow_clock_misdates_nothing
    an_envelope_is_taken_once_and_its_receipt_fits
    what_cannot_be_taken_is_set_aside_for_its_writer_alone
    the_phone_of_a_closed_account_still_hands_over
}
