//! What a school's lists say of a home, against what a teacher wrote of it by hand: in whatever order
//! they come, and whatever is taken back.

use super::brought::commit;
use super::roster::bring;
use super::walk::Step::{List, Mistake, Tell, Undo};
use super::walk::{FATHER_IN_MARCH, GD, Step, Walk, ZJ};
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

/// Each child of a table through its steps: where its parents are then, and whether 摸底 asks.
async fn walked(dangan: &Person, table: &[(Vec<Step>, [&str; 2])]) {
    for (at, (steps, expected)) in table.iter().enumerate() {
        let letter = char::from_u32(0x4e00 + u32::try_from(at).unwrap()).unwrap();
        let name = format!("石{letter}满");
        let mut walk = Walk::of(dangan, &name);
        for step in steps {
            walk.take(step).await;
        }
        assert_eq!(walk.parents().await, *expected, "case {at}");
        let census = dangan.get("/census").await.text;
        let is_asked = !census.contains(&format!("{name}的爸妈都在家"));
        assert_eq!(is_asked, !expected.contains(&"没问"), "case {at}");
    }
}

/// What a list said of a parent and nobody could hear, no silence of a later one answers: it is asked until
/// a hand or a cell says where the parent is.
async fn silence_answers_nothing(school: School) {
    let dangan = school.sign_in("dangan").await;
    let jailed = Tell("parent", "parent=father&now=imprisoned&day=2025-09-01");
    let table: Vec<(Vec<Step>, [&str; 2])> = vec![
        (
            vec![List("0", "已故", "在家"), List("0", "", "")],
            ["没问", "在家"],
        ),
        (
            vec![List("2", "已故", ZJ), List("2", "", "")],
            ["没问", "在外"],
        ),
        (
            vec![List("2", "已故", ZJ), List("非留守", "", "")],
            ["没问", "在家"],
        ),
        (
            vec![List("0", GD, "在家"), List("0", "", "")],
            ["没问", "在家"],
        ),
        (
            vec![List("0", "", ""), List("", GD, ""), List("0", "", "")],
            ["没问", "在家"],
        ),
        (
            vec![List("", "服刑", ""), List("0", "", "")],
            ["没问", "在家"],
        ),
        // Who is away by a cell may be away by a code.
        (vec![List("", GD, ZJ), List("0", "", "")], ["没问", "没问"]),
        (vec![List("", GD, ZJ), List("2", "", "")], ["在外", "在外"]),
        (
            vec![List("0", "已故", "在家"), List("0", "务农", "")],
            ["在家", "在家"],
        ),
        (
            vec![
                List("0", "已故", "在家"),
                List("0", "务农", ""),
                Undo,
                List("0", "", ""),
            ],
            ["没问", "在家"],
        ),
        (
            vec![
                List("0", "已故", "在家"),
                jailed,
                Mistake("爸爸在服刑"),
                List("0", "", ""),
            ],
            ["没问", "在家"],
        ),
    ];
    walked(&dangan, &table).await;
}

/// What a list answers is told before it goes in.
async fn an_answer_is_told_beforehand(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期,是否留守儿童\n石新来,女,五（2）班,2015-03-12,";
    let import = bring(&dangan, format!("{list}\n").as_bytes()).await;
    commit(&dangan, &import).await;
    let again = bring(&dangan, format!("{list}0\n").as_bytes()).await;
    let why = again["rows"][0]["why"].to_string();
    assert!(why.contains("爸爸和妈妈：改成在家"), "{why}");
}

/// Whatever a teacher said of one parent stands; of the other the newest list is heard, and where it
/// says nothing certain that parent is asked about, and never silently at home.
#[expect(clippy::too_many_lines, reason = "one table")]
async fn whose_word_stands(school: School) {
    let dangan = school.sign_in("dangan").await;
    let table: Vec<(Vec<Step>, [&str; 2])> = vec![
        (
            vec![List("2", GD, ZJ), FATHER_IN_MARCH, List("2", GD, "已故")],
            ["在外", "没问"],
        ),
        (
            vec![
                List("1", GD, "在家"),
                FATHER_IN_MARCH,
                List("1", GD, "服刑"),
            ],
            ["在外", "没问"],
        ),
        (
            vec![
                List("0", "", ""),
                Tell("parent", "parent=father&now=home"),
                List("0", "", "服刑"),
            ],
            ["在家", "没问"],
        ),
        (
            vec![
                List("0", "", ""),
                Tell("parent", "parent=mother&now=home"),
                List("是", GD, ""),
            ],
            ["没问", "在家"],
        ),
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=dead&day=2025-09-10"),
                List("孤儿", "", ""),
            ],
            ["不在了", "没问"],
        ),
        // What a list ended lasts again with the list's undoing, and behind a mistake.
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=imprisoned&day=2025-09-29"),
                List("2", GD, ZJ),
                Undo,
                Mistake("爸爸在服刑"),
            ],
            ["在外", "在外"],
        ),
        // A mistake takes all its answers with it.
        (
            vec![
                List("", "", ""),
                Tell("parent", "parent=mother&now=home"),
                Tell("parent", "parent=father&now=away&day=2025-03-01"),
                FATHER_IN_MARCH,
                Mistake("爸爸在"),
            ],
            ["没问", "在家"],
        ),
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=missing&day=2025-09-01"),
                Tell("parent", "parent=father&now=imprisoned&day=2025-09-01"),
                Mistake("爸爸在服刑"),
            ],
            ["还没联系上", "在外"],
        ),
        // In whatever order lines are taken out: what a mistake did not end does not come back with it.
        (
            vec![
                List("1", GD, "在家"),
                Tell("parent", "parent=father&now=imprisoned&day=2025-09-10"),
                Mistake("爸爸在外面"),
                Mistake("爸爸在服刑"),
            ],
            ["没问", "在家"],
        ),
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=home&day=2025-09-10"),
                Tell("parent", "parent=father&now=incapable&day=2025-09-10"),
                Mistake("爸爸在家，病重"),
            ],
            ["在家", "在外"],
        ),
        (
            vec![
                List("2", GD, ZJ),
                List("0", "", ""),
                Tell("parent", "parent=father&now=dead"),
                Mistake("爸爸不在了"),
            ],
            ["在家", "在家"],
        ),
        // A line of a list that is taken out is an answer, also when a hand had mended it.
        (
            vec![
                List("1", GD, "在家"),
                FATHER_IN_MARCH,
                Mistake("爸爸在"),
                List("1", GD, "在家"),
            ],
            ["在家", "在家"],
        ),
        // One that has ended says nothing of today.
        (
            vec![
                List("2", GD, ZJ),
                List("0", "", ""),
                Mistake("爸爸在"),
                List("2", GD, ZJ),
            ],
            ["在外", "在外"],
        ),
        // What stands in a cell is read of each parent, also where the code says something else of both.
        (
            vec![List("1", GD, "务农"), List("0", "已故", ZJ)],
            ["没问", "没问"],
        ),
        (
            vec![
                List("1", GD, "务农"),
                List("是", "已故", ZJ),
                Tell("parent", "parent=father&now=dead&day=2025-09-01"),
            ],
            ["不在了", "没问"],
        ),
        (
            vec![List("1", GD, "务农"), List("1", GD, ZJ)],
            ["在外", "没问"],
        ),
        (vec![List("父亲外出", GD, ZJ)], ["在外", "没问"]),
        (
            vec![List("0", "", ""), List("", GD, "在家")],
            ["没问", "在家"],
        ),
        (vec![List("2", GD, ZJ), List("", ZJ, GD)], ["在外", "在外"]),
        (
            vec![
                List("0", "", ""),
                Tell("parent", "parent=father&now=home"),
                List("", GD, ZJ),
            ],
            ["在家", "没问"],
        ),
        // A mended list is heard, though its code is the same.
        (vec![List("1", GD, ZJ)], ["没问", "没问"]),
        (
            vec![List("1", GD, ZJ), List("1", GD, "在家")],
            ["在外", "在家"],
        ),
        (
            vec![List("2", "在家", ZJ), List("2", GD, ZJ)],
            ["在外", "在外"],
        ),
        (
            vec![List("0", GD, ""), List("0", "在家", "")],
            ["在家", "在家"],
        ),
        (
            vec![List("0", "已故", ""), List("0", "在家", "")],
            ["在家", "在家"],
        ),
        // Both gone by two lists: nobody is at home for that.
        (
            vec![List("2", GD, ZJ), List("2", "已故", "服刑")],
            ["没问", "没问"],
        ),
        (
            vec![List("2", GD, ZJ), List("2", "已故", "服刑"), Undo],
            ["在外", "在外"],
        ),
    ];
    walked(&dangan, &table).await;
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// With whom a child lives is an answer like any other: no list changes it, not even where a line was
/// taken out; and a place that a teacher wrote stays on the page and on the card.
#[expect(clippy::cognitive_complexity, reason = "one child through seven lists")]
async fn no_list_moves_a_child_or_a_place(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = |code: &str, carer: &str| {
        format!(
            "姓名,性别,班级,出生日期,是否留守儿童,父亲姓名,父亲工作单位,监护人姓名,监护人关系\n\
             石小满,女,五（2）班,2015-03-12,{code},甲爸,{GD},{carer}\n"
        )
    };
    let put_in = async |code: &str, carer: &str| {
        let import = bring(&dangan, list(code, carer).as_bytes()).await;
        commit(&dangan, &import).await;
    };
    let mut walk = Walk::of(&dangan, "石小满");
    put_in("1", "石奶奶,奶奶").await;
    walk.id = dangan.child("石小满").await;
    let home = walk.home();
    dangan.get(&home).await.says("和爷爷奶奶或外公外婆一起住");
    walk.tell("living", "kind=alone&day=2025-09-20").await;
    walk.take(&FATHER_IN_MARCH).await;
    for code in ["1", "0", "2"] {
        put_in(code, "石奶奶,奶奶").await;
        let page = dangan.get(&home).await;
        let page = page.says("自己一个人住").says("9月20日—现在");
        page.says("爸爸在Wuxi").hides(GD);
        let card = dangan.get(&format!("/children/{}/card", walk.id)).await;
        card.says("Wuxi").hides("Wuxi改成");
    }
    walk.mistake("自己一个人住").await;
    dangan.get(&home).await.says("和爷爷奶奶或外公外婆一起住");
    walk.mistake("和爷爷奶奶").await;
    put_in("2", "石奶奶,奶奶").await;
    dangan.get(&home).await.says("和谁一起住还不知道");
}

/// Who is told to be away again is on no visit any more, whether or not a day is said.
async fn who_goes_away_again_ends_a_visit(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (name, told, until) in [
        ("石小满", "&day=2025-09-20&place=Wuxi", "9月10日—9月19日"),
        ("石大川", "&place=Wuxi", "9月10日—9月29日"),
        ("石同日", "&day=2025-09-10&place=Suzhou", "9月10日—9月10日"),
    ] {
        let mut walk = Walk::of(&dangan, name);
        walk.list("2", GD, ZJ).await;
        walk.take(&FATHER_IN_MARCH).await;
        walk.tell("stay", "parent=father&from=2025-09-10").await;
        // More of the same absence ends nothing.
        walk.take(&FATHER_IN_MARCH).await;
        dangan.get(&walk.home()).await.says("9月10日—现在");
        let away = format!("parent=father&now=away{told}");
        walk.tell("parent", &away).await;
        dangan.get(&walk.home()).await.says(until);
        // Told by mistake, it ends nothing.
        let is_another_place = told.contains("day=");
        if is_another_place {
            walk.mistake("爸爸在").await;
            dangan.get(&walk.home()).await.says("9月10日—现在");
        }
    }
}

/// A visit that nobody ended is over where the next list says otherwise; that list taken back, it is not.
async fn a_list_ends_a_visit(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mut walk = Walk::of(&dangan, "石小满");
    walk.list("2", GD, ZJ).await;
    walk.tell("stay", "parent=father&from=2025-08-01").await;
    walk.list("0", "", "").await;
    dangan.get(&walk.home()).await.says("8月1日—9月29日");
    walk.undo().await;
    dangan.get(&walk.home()).await.says("8月1日—现在");
    assert_eq!(walk.parents().await, ["在外", "在外"]);
}

/// A parent who has neither name nor number has a cell all the same.
async fn a_parent_without_a_name_is_read(school: School) {
    let dangan = school.sign_in("dangan").await;
    let heads = "姓名,性别,班级,出生日期,是否留守儿童,父亲姓名,父亲工作单位,母亲工作单位";
    let table = [
        ("石甲", "0", "在家", GD, ["没问", "没问"]),
        ("石乙", "0", "在家", "服刑", ["在家", "没问"]),
        ("石丙", "2", GD, "已故", ["在外", "没问"]),
        ("石丁", "1", GD, "务农", ["在外", "在家"]),
        ("石戊", "1", "务农", GD, ["在家", "在外"]),
    ];
    let lines = table.map(|(name, code, father, mother, _)| {
        format!("{name},女,五（2）班,2015-03-12,{code},甲爸,{father},{mother}")
    });
    let list = format!("{heads}\n{}\n", lines.join("\n"));
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    for (name, .., expected) in table {
        let mut walk = Walk::of(&dangan, name);
        walk.id = dangan.child(name).await;
        assert_eq!(walk.parents().await, expected, "{name}");
    }
}

/// The class that a hand gave up moves nobody back, however often a list still names it.
async fn no_list_takes_a_class_back(school: School) {
    let dangan = school.sign_in("dangan").await;
    let number = super::roster::girl(330);
    let list = async |address: &str| {
        let list =
            format!("姓名,性别,班级,身份证件号,现住址\n石小满,女,五（2）班,{number},{address}\n");
        let import = bring(&dangan, list.as_bytes()).await;
        commit(&dangan, &import).await;
    };
    list("一组").await;
    let path = format!("/children/{}/move", dangan.child("石小满").await);
    let page = dangan.get(&path).await.text;
    let before = page.split(">三（1）班").next().unwrap();
    let class = before.rsplit("<option value=\"").next().unwrap();
    let class = class.split('"').next().unwrap();
    let form = format!("operation={}&class={class}&sure={class}", operation());
    let moved = dangan.post(&format!("{path}/class"), &form).await;
    moved.is(StatusCode::SEE_OTHER);
    list("二组").await;
    let child = path.trim_end_matches("/move");
    dangan.get(child).await.says("三（1）班").hides("五（2）班");
}

/// A child who was moved, or has left, since its list is not taken back with it.
async fn a_move_by_hand_outlives_a_list(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mut walk = Walk::of(&dangan, "石小满");
    walk.list("0", "", "").await;
    let leave = format!("operation={}&why=with_parents", operation());
    let path = format!("/children/{}/move/leave", walk.id);
    dangan.post(&path, &leave).await.is(StatusCode::SEE_OTHER);
    let undo = format!("/api/v1/imports/{}/undo", walk.lists[0]);
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let refused = dangan.json((Method::POST, &undo), &head, &json!({})).await;
    refused.is(StatusCode::CONFLICT).says("又改过");
}

/// A state without a day that was a mistake is taken out on a later day: what it ended lasts again.
#[tokio::test]
async fn a_mistake_of_yesterday_is_taken_out_today() {
    let school = School::sqlite().await;
    let dangan = school.sign_in("dangan").await;
    let mut walk = Walk::of(&dangan, "石小满");
    walk.list("1", GD, "在家").await;
    walk.take(&FATHER_IN_MARCH).await;
    walk.tell("parent", "parent=father&now=imprisoned").await;
    assert_eq!(walk.parents().await, ["在服刑", "在家"]);
    let id = walk.id.clone();
    let school = school.later(jiff::civil::date(2025, 10, 2)).await;
    let dangan = school.sign_in("dangan").await;
    let walk = Walk {
        who: &dangan,
        name: "石小满",
        id,
        lists: Vec::new(),
    };
    walk.mistake("爸爸在服刑").await;
    assert_eq!(walk.parents().await, ["在外", "在家"]);
    dangan.get(&walk.home()).await.says("3月1日—现在");
}

/// The card of a parent who is home for good has no place far away any more.
async fn who_is_home_is_not_far_away_on_the_card(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mut walk = Walk::of(&dangan, "石小满");
    walk.list("2", GD, ZJ).await;
    walk.tell("parent", "parent=father&now=home&day=2025-09-10")
        .await;
    let page = dangan.get(&format!("/children/{}", walk.id)).await;
    page.hides(GD);
}

/// What the card says of where a parent works goes with what a hand says of where the parent is.
async fn the_card_goes_with_the_hand(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期\n石小满,女,五（2）班,2015-03-12\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let mut walk = Walk::of(&dangan, "石小满");
    walk.id = dangan.child("石小满").await;
    walk.tell("parent", "parent=father&now=home").await;
    let away = "parent=mother&now=away&day=2025-09-10&place=Foshan";
    walk.tell("parent", away).await;
    walk.list("2", GD, ZJ).await;
    let card = format!("/children/{}", walk.id);
    let page = dangan.get(&card).await;
    page.says("甲爸").says("Foshan").hides(GD).hides(ZJ);
    walk.list("2", GD, ZJ).await;
    dangan.get(&card).await.hides(GD).hides(ZJ);
}

/// Of whom a hand says no more than that the parent is away, a list may say where; told by mistake, the place
/// goes with it.
async fn a_list_may_say_where_a_parent_is(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mut away = Walk::of(&dangan, "石大传");
    away.list("0", "在家", "在家").await;
    let september = "parent=father&now=away&day=2025-09-10";
    away.tell("parent", september).await;
    away.list("0", "在家", "在家").await;
    let card = format!("/children/{}", away.id);
    away.list("1", GD, "在家").await;
    dangan.get(&card).await.says(GD);
    away.mistake("爸爸在外面").await;
    dangan.get(&card).await.hides(GD);
}

/// A list's word taken out, or another told, leaves nothing of it on the card.
async fn the_card_goes_with_what_is_mended(school: School) {
    let dangan = school.sign_in("dangan").await;
    let mut walk = Walk::of(&dangan, "石大川");
    walk.list("2", GD, "在家务农").await;
    let mut mended = Walk::of(&dangan, "石大传");
    mended.list("2", GD, ZJ).await;
    mended.mistake("爸爸在外面").await;
    let card = format!("/children/{}", mended.id);
    dangan.get(&card).await.hides(GD).says(ZJ);
    walk.list("1", GD, "在家务农").await;
    let card = format!("/children/{}", walk.id);
    dangan.get(&card).await.says("在家务农");
    walk.tell("parent", "parent=mother&now=away").await;
    dangan.get(&card).await.hides("在家务农").says(GD);
}

/// Words for the dead and the imprisoned are no place, whether or not the list has a code.
async fn no_such_word_goes_on_a_card(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (name, code) in [("石小满", ""), ("石大川", "孤儿")] {
        let mut walk = Walk::of(&dangan, name);
        walk.list(code, "已故", "服刑").await;
        assert_eq!(walk.parents().await, ["没问", "没问"]);
        for page in ["", "/card"] {
            let path = format!("/children/{}{page}", walk.id);
            dangan.get(&path).await.hides("已故").hides("服刑");
        }
    }
}

on_both! {
    whose_word_stands
    silence_answers_nothing
    an_answer_is_told_beforehand
    a_list_ends_a_visit
    a_parent_without_a_name_is_read
    no_list_takes_a_class_back
    a_move_by_hand_outlives_a_list
    no_list_moves_a_child_or_a_place
    who_goes_away_again_ends_a_visit
    who_is_home_is_not_far_away_on_the_card
    the_card_goes_with_the_hand
    a_list_may_say_where_a_parent_is
    the_card_goes_with_what_is_mended
    no_such_word_goes_on_a_card
}
