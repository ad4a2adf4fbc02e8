//! What must not happen: guarded words in the wrong hands, lost numbers, doubled records, a journal
//! that is rewritten, guesses without end.

use crate::checkpoints;
use crate::db;
use crate::on_both;
use crate::testing::{School, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

const MARKER: &str = "只有心理老师可以看的话";

#[expect(clippy::cognitive_complexity, reason = "one story, step by step")]
async fn what_the_counsellor_wrote_is_a_placeholder_for_others(school: School) {
    let dangan = school.sign_in("xiaozhang").await;
    let adopt = format!("operation={}&pack=p2&do=adopt", operation());
    dangan
        .post("/office/packs", &adopt)
        .await
        .is(StatusCode::SEE_OTHER);
    let xinli = school.sign_in("xinli").await;
    let id = xinli.child("李思雨").await;
    let body = json!({
        "kind": "counselling_session",
        "child_ids": [id],
        "fields": {"issues": MARKER},
    });
    let key = operation();
    let made = xinli
        .json(
            (Method::POST, "/api/v1/records"),
            &[("idempotency-key", &key)],
            &body,
        )
        .await;
    let made = made.is(StatusCode::CREATED).says(MARKER).json();
    let record = made["id"].as_str().unwrap();
    xinli.get(&format!("/children/{id}")).await.says(MARKER);
    for username in ["banzhuren", "xiaozhang"] {
        let who = school.sign_in(username).await;
        let page = who.get(&format!("/children/{id}")).await;
        page.is(StatusCode::OK).hides(MARKER).says("受保护");
        let timeline = who.get(&format!("/api/v1/children/{id}/timeline")).await;
        let timeline = timeline.hides(MARKER).hides("counselling_session").json();
        assert_eq!(timeline["items"][0]["protected"], true);
        let only = format!("/api/v1/children/{id}/timeline?kind=counselling_session");
        assert_eq!(who.get(&only).await.json()["items"], json!([]));
        who.get(&format!("/api/v1/records/{record}"))
            .await
            .is(StatusCode::NOT_FOUND);
        let form = format!("/children/{id}/records/new?kind=counselling_session");
        who.get(&form).await.is(StatusCode::NOT_FOUND);
        who.get("/note").await.hides("counselling_session");
    }
}

async fn changing_a_name_keeps_the_number_and_a_stale_page_changes_nothing(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("张小明").await;
    let contacts = wang.get(&format!("/api/v1/children/{id}")).await.json();
    let father = contacts["contacts"][0].clone();
    let kin = father["id"].as_str().unwrap();
    let form = format!(
        "operation={}&kin={kin}&kinship=father&name=%E5%BC%A0%E5%A4%A7%E5%9B%BD&phone=&work_place=",
        operation()
    );
    let card = format!("/children/{id}/card/kin");
    wang.post(&card, &form).await.is(StatusCode::SEE_OTHER);
    let after = wang.get(&format!("/api/v1/children/{id}")).await.json();
    let now = after["contacts"].as_array().unwrap();
    let now = now.iter().find(|one| one["name"] == "张大国").unwrap();
    assert_eq!(now["phone_masked"], father["phone_masked"]);
    let stale = form.replace(&form[10..46], &operation());
    wang.post(&card, &stale)
        .await
        .is(StatusCode::PRECONDITION_FAILED);
}

async fn a_child_named_twice_is_recorded_once_and_an_answered_change_is_answered_again(
    school: School,
) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    let body = json!({
        "kind": "talk", "child_ids": [id, id, id], "fields": {"topic": ["study"]},
    });
    let key = operation();
    let made = wang
        .json(
            (Method::POST, "/api/v1/records"),
            &[("idempotency-key", &key)],
            &body,
        )
        .await
        .is(StatusCode::CREATED);
    let record = made.json()["id"].as_str().unwrap().to_owned();
    let timeline = wang
        .get(&format!("/api/v1/children/{id}/timeline?limit=500"))
        .await
        .json();
    let today = timeline["items"].as_array().unwrap().iter();
    let talks = today.filter(|one| one["happened_on"] == "2025-09-30" && one["kind"] == "talk");
    assert_eq!(talks.count(), 1 + 1, "the cast has one of that day");
    let change = json!({"fields": {"topic": ["health"]}});
    let key = operation();
    let path = format!("/api/v1/records/{record}");
    let headers = [("idempotency-key", key.as_str()), ("if-match", "\"1\"")];
    for _ in 0..2 {
        let changed = wang.json((Method::PATCH, &path), &headers, &change).await;
        assert_eq!(changed.is(StatusCode::OK).json()["version"], 2);
    }
}

async fn a_burst_of_guesses_is_counted_and_the_persons_own_device_still_enters(school: School) {
    let limei = school.sign_in("limei").await;
    let nobody = school.nobody();
    let guesses = (0..30).map(|at| {
        let form = format!("username=limei&password=falsch-{at}");
        let nobody = &nobody;
        async move { nobody.post("/login", &form).await.status }
    });
    let mut looked_at = 0;
    for status in futures_all(guesses).await {
        looked_at += usize::from(status == StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(looked_at <= 5, "{looked_at} guesses were looked at");
    let right = format!("username=limei&password={}", crate::testing::PASSWORD);
    nobody
        .post("/login", &right)
        .await
        .is(StatusCode::TOO_MANY_REQUESTS);
    limei.post("/login", &right).await.is(StatusCode::SEE_OTHER);
}

/// All at once, as a burst comes.
async fn futures_all<T>(work: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = work.map(Box::pin).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        let mut open = false;
        for (one, slot) in waiting.iter_mut().zip(&mut done) {
            if slot.is_none() {
                match one.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *slot = Some(value),
                    std::task::Poll::Pending => open = true,
                }
            }
        }
        if open {
            std::task::Poll::Pending
        } else {
            std::task::Poll::Ready(())
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

async fn the_journal_cannot_be_rewritten_and_a_missing_one_is_found(school: School) {
    let wang = school.sign_in("banzhuren").await;
    wang.get("/week").await.is(StatusCode::OK);
    for sql in ["update journal set kind = 'x'", "delete from journal"] {
        let mut tx = school.app.db.write_anywhere().await.unwrap();
        let refused = db::query(sql).execute(&mut tx).await;
        assert!(refused.is_err(), "{sql}");
    }
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    db::query("delete from journal_head")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(
        faults.iter().any(|one| one.contains("不见了")),
        "{faults:?}"
    );
}

/// Somebody with the file takes away what a child cannot be without, or what guards the journal.
async fn what_belongs_together_is_looked_at(school: School) {
    let done = async |sql: &'static str| {
        let mut tx = school.app.db.write_anywhere().await.unwrap();
        db::query(sql).execute(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        crate::commands::data_faults(&school.app).await.unwrap().1
    };
    let found = done("delete from child_key where child_id = (select min(id) from child)").await;
    assert!(
        found
            .iter()
            .any(|one| one.contains("1个孩子没有自己的钥匙")),
        "{found:?}"
    );
    let drop = match school.app.db.engine() {
        db::Engine::Sqlite => "drop trigger journal_no_delete",
        db::Engine::Postgres => "drop trigger journal_no_truncate on journal",
    };
    let found = done(drop).await;
    assert!(found.iter().any(|one| one.contains("那道闸")), "{found:?}");
}

/// The file of an earlier day put back, and a checkpoint that somebody changed, are both seen.
#[expect(clippy::cognitive_complexity, reason = "one story, step by step")]
async fn a_journal_cut_short_is_told_by_its_checkpoints(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let faults = async || crate::commands::data_faults(&school.app).await.unwrap().1;
    checkpoints::write_all(&school.app).await.unwrap();
    wang.get("/office/journal").await;
    checkpoints::write_all(&school.app).await.unwrap();
    assert_eq!(faults().await, Vec::<String>::new());
    let file = &school.app.checkpoints;
    let text = std::fs::read_to_string(file).unwrap();
    let last = text.lines().last().unwrap();
    let mut line: serde_json::Value = serde_json::from_str(last).unwrap();
    line["seq"] = json!(line["seq"].as_i64().unwrap() + 5);
    std::fs::write(file, format!("{text}{line}\n")).unwrap();
    let found = faults().await;
    assert!(
        found.iter().any(|one| one.contains("不是这套钥匙签的")),
        "{found:?}"
    );
    // What the file says of a longer journal than there is.
    std::fs::write(file, &text).unwrap();
    let mut conn = school.app.db.read().await.unwrap();
    let ends: Vec<(String, String)> = db::query_as("select school_id, hash from journal_head")
        .fetch_all(&mut conn)
        .await
        .unwrap();
    drop(conn);
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    db::query("update journal_head set seq = seq + 7, hash = 'x' where seq > 0")
        .execute(&mut tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    checkpoints::write_all(&school.app).await.unwrap();
    let mut tx = school.app.db.write_anywhere().await.unwrap();
    for (id, hash) in ends {
        let back = "update journal_head set seq = seq - 7, hash = $2
            where seq > 0 and school_id = $1";
        db::query(back)
            .bind(id)
            .bind(hash)
            .execute(&mut tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let found = faults().await;
    assert!(
        found.iter().any(|one| one.contains("被剪掉了")),
        "{found:?}"
    );
    // A restore that was meant is not a fault.
    checkpoints::note_restore(&school.app).await.unwrap();
    assert_eq!(faults().await, Vec::<String>::new());
    std::fs::remove_file(file).unwrap();
}

async fn a_code_on_paper_tells_whether_the_journal_is_whole(school: School) {
    let principal = school.sign_in("xiaozhang").await;
    let page = principal.get("/office/journal").await.is(StatusCode::OK);
    let between = |from: &str, to: &str| {
        let rest = page.text.split(from).nth(1).unwrap();
        rest.split(to).next().unwrap().to_owned()
    };
    let (seq, code) = (between("到现在有", "条"), between("<strong>", "</strong>"));
    assert_eq!(code.len(), 8);
    let path = |seq: &str, code: &str| format!("/office/journal?seq={seq}&code={code}");
    principal
        .get(&path(&seq, &code.to_lowercase()))
        .await
        .says("对得上");
    principal.get(&path(&seq, "22222222")).await.says("对不上");
    principal.get(&path("1", &code)).await.says("对不上");
    principal.get(&path("x", "1")).await.says("对不上");
}

async fn a_day_beyond_all_plans_is_refused_and_not_computed(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("陈浩").await;
    for day in ["9999-12-31", "-009999-01-01", "0001-01-01", "gestern"] {
        let path = format!("/api/v1/children/{id}/duties?as_of={day}");
        wang.get(&path)
            .await
            .is(StatusCode::UNPROCESSABLE_ENTITY)
            .says("as_of");
    }
}

/// Many at once: each is answered, each is there once, the chain and the summaries hold.
async fn records_written_at_once_are_all_kept(school: School) {
    let wang = school.sign_in("banzhuren").await;
    let id = wang.child("刘洋").await;
    let path = format!("/children/{id}/records");
    let count = |timeline: serde_json::Value| timeline["items"].as_array().unwrap().len();
    let list = format!("/api/v1/children/{id}/timeline?limit=500");
    let before = count(wang.get(&list).await.json());
    let writes = (0..24).map(|_| {
        let form = format!("operation={}&kind=talk&topic=study&back=/week", operation());
        let (wang, path) = (&wang, &path);
        async move { wang.post(path, &form).await.status }
    });
    for status in futures_all(writes).await {
        assert_eq!(status, StatusCode::SEE_OTHER);
    }
    assert_eq!(count(wang.get(&list).await.json()), before + 24);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// On a computer whose clock ran ahead and was set right, who signs in is in, however often before.
#[tokio::test]
async fn a_clock_that_goes_back_locks_nobody_out() {
    let school = School::sqlite().await;
    for _ in 0..4 {
        school.sign_in("dangan").await;
    }
    let school = school.later(jiff::civil::date(2025, 9, 20)).await;
    let dangan = school.sign_in("dangan").await;
    dangan.get("/api/v1/me").await.is(StatusCode::OK);
}

on_both! {
    what_belongs_together_is_looked_at
    a_journal_cut_short_is_told_by_its_checkpoints
    a_code_on_paper_tells_whether_the_journal_is_whole
    what_the_counsellor_wrote_is_a_placeholder_for_others
    changing_a_name_keeps_the_number_and_a_stale_page_changes_nothing
    a_child_named_twice_is_recorded_once_and_an_answered_change_is_answered_again
    a_burst_of_guesses_is_counted_and_the_persons_own_device_still_enters
    the_journal_cannot_be_rewritten_and_a_missing_one_is_found
    a_day_beyond_all_plans_is_refused_and_not_computed
    records_written_at_once_are_all_kept
}
