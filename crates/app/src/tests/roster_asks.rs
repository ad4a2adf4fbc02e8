//! What a roster asks the archivist: which child, which class, which column, which number.

use super::brought::commit;
use super::roster::{bring, girl, line, roster, verdicts};
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

/// A list that says less about a child than the school knows asks before it makes another one.
async fn a_line_without_a_birth_date_is_asked_about(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = "姓名,性别,班级,出生日期\n李思雨,女,五（2）班,\n赵新,男,五（2）班,\n赵新,男,五（2）班,2015-01-02\n钱老,男,五（2）班,1990-01-01\n";
    let import = bring(&dangan, file.as_bytes()).await;
    let rows = import["rows"].as_array().unwrap();
    let verdicts: Vec<&str> = rows
        .iter()
        .map(|row| row["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["ask", "ready", "ask", "ask"], "{rows:?}");
    let first = &rows[0]["questions"][0];
    assert!(
        first["why"].as_str().unwrap().contains("没有出生日期"),
        "{first}"
    );
    let codes: Vec<&str> = first["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes, ["update", "new", "skip"]);
}

/// The cell that the sheet to mend marks is enough: a class of the school, whatever the grade says. In
/// any other list somebody says which of the two is right.
async fn a_class_from_the_drop_down_mends_a_line(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = |class: &str| format!("姓名,性别,年级,班级\n孙晓,女,九年级,{class}\n");
    let refused = bring(&dangan, file("7班").as_bytes()).await;
    assert_eq!(refused["rows"][0]["verdict"], "refused");
    let apart = bring(&dangan, file("五（2）班").as_bytes()).await;
    let row = &apart["rows"][0];
    assert_eq!(row["verdict"], "ask", "{apart}");
    assert!(row["why"].to_string().contains("按哪个"), "{apart}");
    let mended = "姓名,性别,年级,班级,行号\n孙晓,女,九年级,五（2）班,2\n";
    let mended = bring(&dangan, mended.as_bytes()).await;
    assert_eq!(mended["rows"][0]["verdict"], "ready", "{mended}");
}

/// A number copied wrongly is another child's: nobody is overwritten or left out without a word.
async fn a_number_that_two_children_share_is_asked_about(school: School) {
    let dangan = school.sign_in("dangan").await;
    let of = |name: &str, id: &str| line("四年级(1)班", name, "女", "2016-03-12", id);
    let both = [of("林小雨", &girl(304)), of("陶一", &girl(304))];
    let both = bring(&dangan, &roster(&both)).await;
    assert_eq!(verdicts(&both)[1].1, "refused", "{both}");
    let path = format!("/api/v1/imports/{}/commit", both["id"].as_str().unwrap());
    let key = operation();
    let keys = [("idempotency-key", key.as_str())];
    let done = dangan.json((Method::POST, &path), &keys, &json!({})).await;
    done.is(StatusCode::OK);
    let taken = bring(&dangan, &roster(&[of("陶一", &girl(304))])).await;
    assert_eq!(verdicts(&taken)[0].1, "ask", "{taken}");
}

#[expect(clippy::cognitive_complexity, reason = "one story of two namesakes")]
async fn one_of_two_namesakes_is_chosen_by_what_else_is_known(school: School) {
    let dangan = school.sign_in("dangan").await;
    let of = |id: &str| line("四年级(1)班", "林小雨", "女", "2016-03-12", id);
    let commit = async |import: &Value, answers: Value| {
        let path = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
        let key = operation();
        let keys = [("idempotency-key", key.as_str())];
        dangan
            .json((Method::POST, &path), &keys, &json!({"answers": answers}))
            .await
            .is(StatusCode::OK)
            .json()
    };
    let first = bring(&dangan, &roster(&[of(&girl(300))])).await;
    commit(&first, json!({})).await;
    let second = bring(&dangan, &roster(&[of(&girl(302))])).await;
    let why = second["rows"][0]["why"].as_str().unwrap();
    assert!(why.contains("身份证号不一样"), "{why}");
    let line = second["rows"][0]["line"].to_string();
    commit(&second, json!({ line: ["new"] })).await;
    let class = format!("/dossiers?class={}", crate::web::words::url("四（1）班"));
    dangan.get(&class).await.says("林小雨（3月12日生）");
    let moved = of("").replace("16012345678", "16087654321");
    let third = bring(&dangan, &roster(&[moved])).await;
    assert_eq!(third["rows"][0]["verdict"], "ask", "{third}");
    let answers = third["rows"][0]["answers"].as_array().unwrap();
    let chosen = answers.iter().filter_map(Value::as_str);
    let chosen: Vec<&str> = chosen.filter(|one| one.starts_with("is:")).collect();
    assert_eq!(chosen.len(), 2);
    let page = dangan
        .get(&format!("/office/import/{}", third["id"].as_str().unwrap()))
        .await;
    for id in [girl(300), girl(302)] {
        let end = &id[14..];
        assert!(
            page.text.contains(&format!("最后四位是{end}的那个")),
            "{end}"
        );
    }
    let line = third["rows"][0]["line"].to_string();
    let done = commit(&third, json!({ line: [chosen[1]] })).await;
    assert_eq!((&done["opened"], &done["changed"]), (&json!(0), &json!(1)));
    // Two lines that are settled on one child are a slip.
    let mut refused = 0;
    for answer in chosen {
        let twice = bring(&dangan, &roster(&[of(&girl(300)), of("")])).await;
        let line = twice["rows"][1]["line"].to_string();
        let path = format!("/api/v1/imports/{}/commit", twice["id"].as_str().unwrap());
        let key = operation();
        let keys = [("idempotency-key", key.as_str())];
        let answers = json!({"answers": {line: ["new", answer]}});
        let told = dangan.json((Method::POST, &path), &keys, &answers).await;
        if told.status != StatusCode::OK {
            told.is(StatusCode::UNPROCESSABLE_ENTITY).says("同一个孩子");
            refused += 1;
        }
    }
    assert_eq!(refused, 1);
}

/// The form of where the columns go, with one of them moved.
pub fn moved(page: &str, title: &str, to: &str) -> String {
    let titles = page.split("name=\"title\" value=\"").skip(1);
    let fields = titles.map(|rest| {
        let own = rest.split('"').next().unwrap();
        let chosen = rest.split("</select>").next().unwrap();
        let place = chosen.split("<option selected>").nth(1);
        let place = place.map_or("", |rest| rest.split('<').next().unwrap());
        let place = if own == title { to } else { place };
        let url = crate::web::words::url;
        format!("&title={}&place={}", url(own), url(place))
    });
    format!("operation={}{}", operation(), fields.collect::<String>())
}

async fn a_column_goes_where_the_archivist_says_and_the_next_file_knows(school: School) {
    let dangan = school.sign_in("dangan").await;
    let file = format!(
        "年级,班级,姓名,性别,身份证件号,娘的手机\n四年级,4年1班,林小雨,女,{},16012345678\n",
        girl(310)
    );
    let place = |import: &Value| format!("/office/import/{}", import["id"].as_str().unwrap());
    let first = place(&bring(&dangan, file.as_bytes()).await);
    let page = dangan.get(&first).await.says("有1列没认出来");
    let form = moved(&page.text, "娘的手机", "母亲的电话");
    dangan
        .post(&format!("{first}/columns"), &form)
        .await
        .is(StatusCode::SEE_OTHER);
    dangan
        .get(&first)
        .await
        .hides("没认出来")
        .says("1人可以导入");
    let commit = format!("operation={}", operation());
    dangan
        .post(&format!("{first}/commit"), &commit)
        .await
        .is(StatusCode::SEE_OTHER);
    dangan
        .post(&format!("{first}/columns"), &form)
        .await
        .is(StatusCode::NOT_FOUND);
    let child = dangan.child("林小雨").await;
    dangan
        .get(&format!("/children/{child}/card"))
        .await
        .says("160****5678");
    let again = place(&bring(&dangan, file.as_bytes()).await);
    let page = dangan.get(&again).await.hides("没认出来");
    // Without a name nothing can be judged, and nothing of it is remembered.
    let nameless = moved(&page.text, "姓名", "");
    dangan
        .post(&format!("{again}/columns"), &nameless)
        .await
        .is(StatusCode::UNPROCESSABLE_ENTITY)
        .says("没有找到“姓名”");
    bring(&dangan, file.as_bytes()).await;
}

/// A line that is the same child as the one above waits for nobody once somebody said so; digits that
/// a spreadsheet left out of a telephone are not made up.
async fn what_was_answered_waits_no_more(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期,母亲姓名,母亲电话\n石小满,女,五（2）班,2015-03-12,石兰,1.39E+10\n石小满,女,五（2）班,2015-03-12,石兰,\n";
    let import = bring(&dangan, list.as_bytes()).await;
    assert_eq!(import["counts"]["ask"], 2, "{import}");
    let why = import["rows"][0]["why"].as_str().unwrap();
    assert!(why.contains("科学计数"), "{why}");
    let path = format!("/api/v1/imports/{}", import["id"].as_str().unwrap());
    let answers = json!({"answers": {"2": ["without_phone"], "3": ["same"]}});
    let (key, commit) = (operation(), format!("{path}/commit"));
    let headers = [("idempotency-key", key.as_str())];
    let done = dangan
        .json((Method::POST, &commit), &headers, &answers)
        .await;
    done.is(StatusCode::OK);
    let import = dangan.get(&path).await.json();
    assert_eq!(
        (&import["counts"]["ready"], &import["counts"]["ask"]),
        (&json!(1), &json!(0)),
        "{import}"
    );
    assert_eq!(import["counts"]["repeated"], 1, "{import}");
}

/// What a list of before answered by itself is open again where the next one says that somebody is away
/// and not who, or that the child is an orphan; taken back, it is answered as before.
#[expect(
    clippy::cognitive_complexity,
    reason = "two children through two lists and back"
)]
async fn a_list_that_does_not_say_who_is_away_is_asked_about(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = |left: &str, orphan: &str| {
        format!(
            "姓名,性别,班级,出生日期,是否留守儿童,是否孤儿\n\
             石小满,女,五（2）班,2015-03-12,{left},否\n\
             石大川,男,五（2）班,2015-03-14,非留守儿童,{orphan}\n"
        )
    };
    let first = bring(&dangan, list("非留守儿童", "否").as_bytes()).await;
    commit(&dangan, &first).await;
    let unasked = async || {
        let census = dangan.get("/census").await.text;
        ["石小满", "石大川"].map(|name| census.contains(&format!("{name}的爸妈都在家")))
    };
    assert_eq!(unasked().await, [false, false]);
    let orphan = dangan.child("石大川").await;
    let home = format!("/children/{orphan}/home");
    dangan.get(&home).await.says("和爸妈一起住");
    let second = bring(&dangan, list("单亲留守儿童", "是").as_bytes()).await;
    let page = format!("/office/import/{}", second["id"].as_str().unwrap());
    dangan
        .get(&page)
        .await
        .says("爸爸和妈妈：在不在家改成还没问过")
        .says("是孤儿");
    commit(&dangan, &second).await;
    assert_eq!(unasked().await, [true, true]);
    dangan.get(&home).await.says("在不在家还没有问过");
    let undo = format!("/api/v1/imports/{}/undo", second["id"].as_str().unwrap());
    let key = operation();
    let undone = dangan
        .json(
            (Method::POST, &undo),
            &[("idempotency-key", &key)],
            &json!({}),
        )
        .await;
    undone.is(StatusCode::OK);
    assert_eq!(unasked().await, [false, false]);
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// An orphan of a new list lives with nobody whom the list did not name.
async fn an_orphan_is_not_written_as_living_with_its_parents(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期,是否留守儿童,是否孤儿\n石大川,男,五（2）班,2015-03-14,非留守儿童,是\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let id = dangan.child("石大川").await;
    dangan
        .get(&format!("/children/{id}/home"))
        .await
        .says("在不在家还没有问过")
        .says("和谁一起住还不知道");
    dangan.get("/census").await.says("石大川的爸妈都在家");
}

/// What a list says of the two parents, by its code and by where they work: who is away, who is asked
/// about, and what is no place to work at.
#[expect(clippy::too_many_lines, reason = "one table")]
async fn a_list_is_believed_as_far_as_it_goes(school: School) {
    let dangan = school.sign_in("dangan").await;
    let (single, both, none) = ("单亲留守儿童", "双亲留守儿童", "非留守儿童");
    let (open, home) = ("在不在家还没有问过", "在家");
    let away = "在外面";
    let table = [
        (
            single,
            ("甲爸", "广东省务工"),
            ("甲妈", "务农"),
            [away, home],
        ),
        (
            single,
            ("甲爸", "广东省务工"),
            ("甲妈", "浙江省务工"),
            [open, open],
        ),
        (
            single,
            ("甲爸", "卧病在家"),
            ("甲妈", "浙江省务工"),
            [open, away],
        ),
        (
            single,
            ("甲爸", "已故"),
            ("甲妈", "浙江省务工"),
            [open, away],
        ),
        (both, ("已故", ""), ("甲妈", "浙江省务工"), [open, away]),
        (both, ("无", ""), ("甲妈", "浙江省务工"), [open, away]),
        (both, ("甲爸", "在家"), ("甲妈", "浙江省务工"), [open, open]),
        (none, ("甲爸", "广东省务工"), ("甲妈", "在家"), [open, open]),
        (none, ("已故", ""), ("甲妈", "在家"), [open, home]),
        (none, ("甲爸", "县城超市"), ("甲妈", "在家"), [home, home]),
    ];
    let heads = "姓名,性别,班级,出生日期,是否留守儿童,家庭成员1姓名,家庭成员1关系,\
        家庭成员1工作单位或务工地,家庭成员2姓名,家庭成员2关系,家庭成员2工作单位或务工地";
    let names = [
        "钱一", "孙二", "周三", "吴四", "郑五", "冯六", "陈七", "褚八", "卫九", "蒋十",
    ];
    let mut list = heads.to_owned();
    for (name, (code, father, mother, _)) in names.iter().zip(&table) {
        let (who, place) = father;
        let line = format!("{name},男,五（2）班,2015-03-12,{code},{who},父亲,{place}");
        list += &format!("\n{line},{},母亲,{}", mother.0, mother.1);
    }
    let import = bring(&dangan, list.as_bytes()).await;
    assert_eq!(import["counts"]["ready"], 10, "{import}");
    commit(&dangan, &import).await;
    for (name, (code, father, mother, said)) in names.iter().zip(table) {
        let id = dangan.child(name).await;
        let page = dangan.get(&format!("/children/{id}/home")).await.text;
        let told = ["爸爸", "妈妈"].map(|who| {
            let start = format!("<p><strong>{who}</strong> ");
            let rest = page.split(&start).nth(1).unwrap();
            rest.split("</p>").next().unwrap().to_owned()
        });
        for (told, said) in told.iter().zip(said) {
            let is_so = match said {
                "在外面" => told.contains("哪天去的还不知道") || told.contains("在外面"),
                said => told == said,
            };
            assert!(is_so, "{code} {father:?} {mother:?}: {told} {said}");
        }
        let card = dangan.get(&format!("/children/{id}/card")).await;
        card.hides("已故").hides("卧病");
    }
}

/// What an unchanged list says once more changes nothing that a teacher wrote, and what is written after
/// an import is not lost with it.
async fn what_is_written_of_a_home_outlives_the_next_list(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = |address: &str| {
        format!(
            "姓名,性别,班级,出生日期,现住址,是否留守儿童\n石小满,女,五（2）班,2015-03-12,{address},非留守儿童\n"
        )
    };
    let first = bring(&dangan, list("一组").as_bytes()).await;
    commit(&dangan, &first).await;
    let id = dangan.child("石小满").await;
    let lives = async |kind: &str, day: &str| {
        let form = format!("operation={}&kind={kind}&day={day}", operation());
        let path = format!("/children/{id}/home/living");
        dangan.post(&path, &form).await.is(StatusCode::SEE_OTHER);
    };
    let home = format!("/children/{id}/home");
    lives("relative", "2025-09-10").await;
    let undo = async |import: &Value| {
        let path = format!("/api/v1/imports/{}/undo", import["id"].as_str().unwrap());
        let key = operation();
        let head = [("idempotency-key", key.as_str())];
        dangan.json((Method::POST, &path), &head, &json!({})).await
    };
    let second = bring(&dangan, list("二组").as_bytes()).await;
    commit(&dangan, &second).await;
    dangan.get(&home).await.says("和亲戚一起住");
    undo(&second).await.is(StatusCode::OK);
    let third = bring(&dangan, list("二组").as_bytes()).await;
    commit(&dangan, &third).await;
    lives("grandparent", "2025-09-20").await;
    undo(&third).await.is(StatusCode::CONFLICT);
    dangan.get(&home).await.says("和爷爷奶奶或外公外婆一起住");
}

/// What stands about the two parents on the page.
async fn parents(who: &Person, child: &str) -> [String; 2] {
    let page = who.get(&format!("/children/{child}/home")).await.text;
    ["爸爸", "妈妈"].map(|one| {
        let start = format!("<p><strong>{one}</strong> ");
        let rest = page.split(&start).nth(1).unwrap();
        rest.split("</p>").next().unwrap().to_owned()
    })
}

async fn told(who: &Person, child: &str, rest: &str) {
    let form = format!("operation={}&{rest}", operation());
    let path = format!("/children/{child}/home/parent");
    who.post(&path, &form).await.is(StatusCode::SEE_OTHER);
}

async fn dropped(who: &Person, child: &str, title: &str) {
    let home = format!("/children/{child}/home");
    let page = who.get(&home).await.text;
    let row = page.split(&format!("row-title\">{title}")).nth(1).unwrap();
    let value = |name: &str| {
        let rest = row
            .split(&format!("name=\"{name}\" value=\""))
            .nth(1)
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (what, line) = (value("what"), value("line"));
    let form = format!("operation={}&what={what}&line={line}", operation());
    let path = format!("{home}/drop");
    who.post(&path, &form).await.is(StatusCode::SEE_OTHER);
}

/// With a mistake goes the answer that it was; a line of a list that is taken out is an answer, and the
/// same list does not bring it back.
#[expect(clippy::cognitive_complexity, reason = "each kind of mistake")]
async fn what_is_taken_out_was_no_answer(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = "姓名,性别,班级,出生日期,是否留守儿童,父亲姓名,母亲姓名,父亲工作单位,母亲工作单位\n\
        石小满,女,五（2）班,2015-03-12,单亲留守儿童,甲爸,亡,江苏务工,\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let id = dangan.child("石小满").await;
    let before = parents(&dangan, &id).await;
    assert_eq!(before[1], "在不在家还没有问过", "{before:?}");
    for now in ["dead", "imprisoned", "away"] {
        told(&dangan, &id, &format!("parent=mother&now={now}")).await;
        assert_ne!(parents(&dangan, &id).await, before);
        let title = match now {
            "dead" => "妈妈不在了",
            "imprisoned" => "妈妈在服刑",
            _ => "妈妈在外面",
        };
        dropped(&dangan, &id, title).await;
        assert_eq!(parents(&dangan, &id).await, before, "{now}");
    }
    dropped(&dangan, &id, "爸爸在").await;
    assert_eq!(parents(&dangan, &id).await[0], "在家");
    let again = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &again).await;
    assert_eq!(parents(&dangan, &id).await[0], "在家");
    // Of two whom a hand answered one by one the other's answer stays.
    let list = "姓名,性别,班级,出生日期\n石大川,男,五（2）班,2015-03-14\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let id = dangan.child("石大川").await;
    told(&dangan, &id, "parent=father&now=away").await;
    told(&dangan, &id, "parent=mother&now=home").await;
    dropped(&dangan, &id, "爸爸在外面").await;
    assert_eq!(parents(&dangan, &id).await, ["在不在家还没有问过", "在家"]);
}

/// What a teacher said of one parent stays, and of the other the list is heard; who is named dead by it is
/// away no longer. Taken back, all is as it was, also the words for a place.
#[expect(
    clippy::cognitive_complexity,
    reason = "two parents, told by two hands"
)]
async fn a_list_speaks_of_whom_no_hand_wrote(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = |code: &str, father: &str, mother: &str| {
        format!(
            "姓名,性别,班级,出生日期,是否留守儿童,父亲姓名,母亲姓名,父亲工作单位,母亲工作单位\n\
             石小满,女,五（2）班,2015-03-12,{code},甲爸,甲妈,{father},{mother}\n"
        )
    };
    let put_in = async |text: &str| {
        let import = bring(&dangan, text.as_bytes()).await;
        commit(&dangan, &import).await;
        import["id"].as_str().unwrap().to_owned()
    };
    put_in(&list("是", "江苏务工", "江苏务工")).await;
    let id = dangan.child("石小满").await;
    told(
        &dangan,
        &id,
        "parent=father&now=away&day=2025-03-01&place=Wuxi",
    )
    .await;
    let import = put_in(&list("双亲留守儿童", "浙江务工", "江苏务工")).await;
    let [father, mother] = parents(&dangan, &id).await;
    assert!(
        father.contains("去的") && mother.contains("在外面"),
        "{father} {mother}"
    );
    let path = format!("/api/v1/imports/{import}/undo");
    let key = operation();
    let head = [("idempotency-key", key.as_str())];
    let undone = dangan.json((Method::POST, &path), &head, &json!({})).await;
    undone.is(StatusCode::OK);
    let [father, mother] = parents(&dangan, &id).await;
    assert!(father.contains("Wuxi"), "{father}");
    assert_eq!(mother, "在不在家还没有问过");
    put_in(&list("双亲留守儿童", "浙江务工", "江苏务工")).await;
    put_in(&list("单亲留守儿童", "浙江务工", "已故")).await;
    let [father, mother] = parents(&dangan, &id).await;
    assert!(father.contains("去的"), "{father}");
    assert_eq!(mother, "在不在家还没有问过");
}

/// Who was away by the day of a list and is told to be elsewhere since a later one has moved on.
async fn who_was_away_by_a_list_moves_on(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list =
        "姓名,性别,班级,出生日期,是否留守儿童\n石小满,女,五（2）班,2015-03-12,双亲留守儿童\n";
    let import = bring(&dangan, list.as_bytes()).await;
    commit(&dangan, &import).await;
    let id = dangan.child("石小满").await;
    let counted = async || {
        let path = format!("/api/v1/children/{id}/determinations");
        let all = dangan.get(&path).await.json();
        let all = all["items"].as_array().unwrap().clone().into_iter();
        all.filter(|one| one["result"] == "yes").count()
    };
    let before = counted().await;
    let form = format!(
        "operation={}&parent=father&now=away&day=2025-09-10&place=Yiwu&reach=beyond_county",
        operation()
    );
    let told = dangan
        .post(&format!("/children/{id}/home/parent"), &form)
        .await;
    told.is(StatusCode::SEE_OTHER);
    let page = dangan.get(&format!("/children/{id}/home")).await;
    page.says("以前—9月10日").says("9月10日—现在");
    assert_eq!(counted().await, before);
}

on_both! {
    what_is_taken_out_was_no_answer
    a_list_speaks_of_whom_no_hand_wrote
    a_list_is_believed_as_far_as_it_goes
    what_is_written_of_a_home_outlives_the_next_list
    who_was_away_by_a_list_moves_on
    a_list_that_does_not_say_who_is_away_is_asked_about
    an_orphan_is_not_written_as_living_with_its_parents
    a_line_without_a_birth_date_is_asked_about
    a_class_from_the_drop_down_mends_a_line
    a_number_that_two_children_share_is_asked_about
    one_of_two_namesakes_is_chosen_by_what_else_is_known
    a_column_goes_where_the_archivist_says_and_the_next_file_knows
    what_was_answered_waits_no_more
}
