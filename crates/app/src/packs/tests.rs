use super::attempt::attempt;
use super::case::{self, CaseFile};
use super::{Fault, FieldKind, Known, Pack, check, forms, read, sentence, shipped};
use jiff::civil::{Date, date};
use rules::cadence::{Cadence, Due, Event, Loose, Period, Standing, Weeks, Window};
use rules::calendar::{Calendar, Festival};
use rules::duties::{Actor, Party, Subject};
use rules::facts::Fact;
use serde_json::{Value, json};

const SINCE: Date = date(2025, 9, 1);
const EXAMPLE: &str = include_str!("../../../../packs/example-case.json");

fn pack(id: &str) -> Pack {
    match shipped::pack(id, SINCE).expect("shipped") {
        Ok(pack) => pack,
        Err(faults) => panic!(
            "{}",
            faults.iter().map(|f| format!("{f}\n")).collect::<String>()
        ),
    }
}

fn packs(ids: &[&str]) -> Vec<Pack> {
    ids.iter().map(|id| pack(id)).collect()
}

fn all() -> Vec<Pack> {
    shipped::shipped().iter().map(|(id, _)| pack(id)).collect()
}

fn example() -> CaseFile {
    case::read(EXAMPLE, "example-case.json").expect("the example can be read")
}

/// A case with the example's calendar, changed as a test needs it.
fn case(change: impl FnOnce(&mut Value)) -> CaseFile {
    let mut value: Value = serde_json::from_str(EXAMPLE).unwrap();
    change(&mut value);
    case::read(&value.to_string(), "case.json").expect("a test's case can be read")
}

fn tried(ids: &[&str], case: &CaseFile, from: Date, to: Date) -> Value {
    attempt(&packs(ids), case, from, to, &Calendar::default())
}

fn found<'v>(told: &'v Value, list: &str, pack: &str, id: &str) -> &'v Value {
    told[list]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["pack"] == pack && one["id"] == id)
        .unwrap_or_else(|| panic!("{pack}:{id} is not in {list}"))
}

fn result_on(told: &Value, pack: &str, id: &str, day: Date) -> String {
    let day = day.to_string();
    let spans = found(told, "determinations", pack, id)["spans"]
        .as_array()
        .unwrap();
    let span = spans.iter().find(|span| {
        span["from"].as_str().unwrap() <= day.as_str()
            && day.as_str() <= span["to"].as_str().unwrap()
    });
    span.unwrap()["result"].as_str().unwrap().to_owned()
}

#[test]
fn every_shipped_pack_reads_without_a_fault_and_they_fit_together() {
    let all = all();
    for pack in &all {
        assert!(pack.notes.is_empty(), "{:?}", pack.notes);
        assert_eq!(
            pack.head.id,
            shipped::shipped()
                .iter()
                .find(|(id, _)| *id == pack.head.id)
                .unwrap()
                .0
        );
    }
    let names: Vec<&str> = all.iter().map(|pack| pack.head.id.as_str()).collect();
    assert_eq!(check::together(&all, &names), vec![]);
}

#[test]
fn screens_say_nothing_that_could_not_be_said_with_the_child_in_the_room() {
    let shunned = [
        "留守",
        "逾期",
        "务必",
        "严禁",
        "问题学生",
        "帮扶",
        "三特",
        "困生",
        "矫治",
        "！",
    ];
    for pack in all() {
        let mut said: Vec<&str> = pack.duties.iter().map(|one| one.title.as_str()).collect();
        said.extend(pack.forms.iter().flat_map(|form| {
            let fields = form.fields.iter().flat_map(|field| {
                let options = field.options.iter().map(|option| option.title.as_str());
                options
                    .chain([field.title.as_str()])
                    .chain(field.ask.as_deref())
            });
            fields.chain([form.title.as_str(), form.purpose.as_str()])
        }));
        said.extend(
            pack.dictionaries
                .iter()
                .flat_map(|list| list.entries.iter().map(|one| one.title.as_str())),
        );
        for text in said {
            for word in shunned {
                assert!(!text.contains(word), "{}: {text}", pack.head.id);
            }
            let typed = text.split(' ').count() > 1;
            assert!(!typed, "a typed space in {}: {text}", pack.head.id);
        }
    }
}

#[test]
fn the_talk_form_is_the_one_that_fits_a_phone() {
    let basics = pack("basics");
    let talk = basics.forms.iter().find(|form| form.id == "talk").unwrap();
    let ids: Vec<&str> = talk.fields.iter().map(|field| field.id.as_str()).collect();
    assert_eq!(ids, ["topic", "look", "next", "note"]);
    assert!(
        talk.fields
            .iter()
            .all(|field| field.required == (field.id == "topic"))
    );
    assert_eq!(talk.field("look").unwrap().asked("他"), "他今天看起来");
    assert_eq!(
        talk.field("next").unwrap().default.as_deref(),
        Some("usual")
    );
    assert_eq!(talk.glyph, Some('谈'));
}

#[test]
fn two_plans_add_to_the_talk_card_and_a_shared_item_stands_once() {
    let all = packs(&["p5", "p4", "p2", "basics"]);
    let merged = forms(&all.iter().collect::<Vec<_>>());
    let talk = merged.iter().find(|form| form.id == "talk").unwrap();
    let ids: Vec<&str> = talk.fields.iter().map(|field| field.id.as_str()).collect();
    assert_eq!(ids[..4], ["topic", "look", "next", "note"]);
    assert_eq!(ids.iter().filter(|id| **id == "words").count(), 1);
    assert!(ids.contains(&"needs") && ids.contains(&"guidance"));
    let plan = merged
        .iter()
        .find(|form| form.id == "individual_plan")
        .unwrap();
    assert_eq!(plan.field("trigger").unwrap().options.len(), 5);
}

#[test]
fn a_visit_made_together_counts_as_a_visit_and_as_a_collective_one() {
    let basics = pack("basics");
    let form = |id| basics.forms.iter().find(|form| form.id == id).unwrap();
    assert_eq!(
        form("home_visit").counts_as(&["collective"]),
        ["home_visit", "home_visit.collective"]
    );
    assert_eq!(form("home_visit").counts_as(&[]), ["home_visit"]);
    assert!(form("glance").counts_as(&[]).is_empty());
}

#[test]
fn the_same_child_is_owed_twenty_talks_under_p4_and_five_under_p5() {
    let told = tried(&["p4", "p5"], &example(), SINCE, date(2026, 1, 16));
    let owed = |pack, id| found(&told, "duties", pack, id)["owed"].clone();
    assert_eq!(owed("p4", "heart_talk"), 20);
    assert_eq!(owed("p4", "parent_call"), 10);
    assert_eq!(owed("p5", "heart_talk"), 5);
    assert_eq!(owed("p5", "symposium"), Value::Null);
}

#[test]
fn a_weekly_contact_is_owed_only_while_the_child_lives_with_relatives() {
    let moved = case(|value| {
        value["living"] = json!([
            { "kind": "relative", "from": "2025-06-10", "to": "2025-11-02" },
            { "kind": "grandparent", "from": "2025-11-03" }
        ]);
    });
    let told = tried(&["p4"], &moved, SINCE, date(2026, 1, 16));
    assert_eq!(found(&told, "duties", "p4", "relative_contact")["owed"], 9);
    assert_eq!(result_on(&told, "p4", "lodging", date(2025, 11, 2)), "yes");
    assert_eq!(result_on(&told, "p4", "lodging", date(2025, 11, 3)), "no");
}

#[test]
fn parents_who_left_in_june_make_the_child_count_in_september_and_december() {
    let told = tried(
        &["p2", "civil_affairs"],
        &example(),
        SINCE,
        date(2025, 12, 31),
    );
    let p2 = |day| result_on(&told, "p2", "children", day);
    let monitored = |day| result_on(&told, "civil_affairs", "monitoring_2024", day);
    assert_eq!([p2(date(2025, 9, 9)), p2(date(2025, 9, 10))], ["no", "yes"]);
    assert_eq!(
        [monitored(date(2025, 12, 9)), monitored(date(2025, 12, 10))],
        ["no", "yes"]
    );
    let spans = found(&told, "determinations", "p2", "children")["spans"]
        .as_array()
        .unwrap();
    let mut results: Vec<&Value> = spans.iter().map(|span| &span["result"]).collect();
    results.dedup();
    assert_eq!(results, ["no", "yes"]);
    // The sentence of a span holds on each of its days.
    assert_eq!(
        spans.last().unwrap()["why"],
        "父母双方都在外，已在外6个月（约定至少3个月），农村户口"
    );
    assert_eq!(
        spans[1]["why"],
        "父母双方都在外，已在外3个月（约定至少3个月），农村户口"
    );
    assert_eq!(spans[0]["why"], "在外2个月（约定至少3个月）");
}

#[test]
fn eight_days_at_home_break_where_a_pack_says_that_visits_interrupt() {
    let strict = shipped::text("p2")
        .unwrap()
        .replace("visits_up_to_days = 30", "visits_up_to_days = 0");
    let strict = read::read(&strict, "p2.toml", SINCE).unwrap();
    let told = attempt(
        &[strict],
        &example(),
        SINCE,
        date(2026, 1, 31),
        &Calendar::default(),
    );
    assert_eq!(result_on(&told, "p2", "children", date(2025, 9, 30)), "yes");
    assert_eq!(result_on(&told, "p2", "children", date(2025, 10, 5)), "no");
    assert_eq!(result_on(&told, "p2", "children", date(2026, 1, 8)), "no");
    assert_eq!(result_on(&told, "p2", "children", date(2026, 1, 9)), "yes");
}

#[test]
fn the_sixteenth_birthday_ends_the_civil_affairs_count_and_not_the_schools() {
    let older = case(|value| {
        value["born_on"] = json!("2009-11-20");
        value["grade"] = json!(9);
    });
    let told = tried(
        &["education", "civil_affairs"],
        &older,
        date(2025, 11, 1),
        date(2025, 12, 31),
    );
    let civil = |day| result_on(&told, "civil_affairs", "guofa_2016_13", day);
    assert_eq!(
        [civil(date(2025, 11, 19)), civil(date(2025, 11, 20))],
        ["yes", "no"]
    );
    assert_eq!(
        result_on(&told, "education", "children", date(2025, 11, 21)),
        "yes"
    );
    assert_eq!(
        result_on(&told, "education", "both_parents", date(2025, 11, 21)),
        "yes"
    );
    assert_eq!(
        result_on(&told, "education", "one_parent", date(2025, 11, 21)),
        "no"
    );
}

#[test]
fn a_child_whom_nobody_has_asked_about_is_not_a_no() {
    let unknown = case(|value| {
        value["absences"] = json!([]);
        value["stays"] = json!([]);
        value["screened_on"] = Value::Null;
    });
    let told = tried(&["p2"], &unknown, SINCE, SINCE);
    let span = &found(&told, "determinations", "p2", "children")["spans"][0];
    assert_eq!(span["result"], "unknown");
    assert_eq!(
        span["why"],
        "还不知道爸妈在不在家，爸妈哪天出去的，问一问就能定"
    );
    let duty = &found(&told, "duties", "p2", "heart_talk")["states"][0];
    assert_eq!(duty["standing"], "unknown");
}

#[test]
fn the_dated_lines_of_p3_fall_where_the_plan_puts_them() {
    let told = tried(&["p3"], &example(), SINCE, date(2026, 1, 16));
    for (id, due) in [
        ("letter", "2025-12-30"),
        ("self_care_visit", "2025-10-30"),
        ("host_day", "2025-11-10"),
    ] {
        let duty = found(&told, "duties", "p3", id);
        assert_eq!(
            (&duty["owed"], &duty["states"][0]["due_on"]),
            (&json!(1), &json!(due))
        );
    }
    let visit = found(&told, "duties", "p3", "collective_visit");
    let states = visit["states"].as_array().unwrap();
    assert_eq!(states.last().unwrap()["standing"], "met");
    assert_eq!(states.last().unwrap()["from"], "2025-09-26");
    assert_eq!(told["not_about_a_child"].as_array().unwrap().len(), 2);
}

#[test]
fn the_call_is_told_with_its_last_time_and_its_day() {
    let told = tried(&["p4"], &example(), SINCE, date(2025, 10, 10));
    let states = found(&told, "duties", "p4", "parent_call")["states"]
        .as_array()
        .unwrap();
    let past = states.iter().find(|one| one["standing"] == "past").unwrap();
    assert_eq!(
        past["says"],
        "每两周一次，上次9月14日，应在9月28日前，已过1天"
    );
}

#[test]
fn october_has_its_talk_and_its_visit_for_the_festivals() {
    let told = tried(&["p5"], &example(), SINCE, date(2026, 1, 16));
    for id in [
        "mid_autumn_talk",
        "mid_autumn_visit",
        "national_day_talk",
        "national_day_visit",
    ] {
        assert_eq!(found(&told, "duties", "p5", id)["owed"], 1, "{id}");
    }
    let earlier = tried(&["p5"], &example(), SINCE, date(2025, 9, 20));
    assert_eq!(
        found(&earlier, "duties", "p5", "national_day_visit")["owed"],
        0
    );
}

#[test]
fn a_grade_six_boarder_is_owed_self_care_and_a_day_pupil_is_not() {
    let standing = |boarding: bool| {
        let one = case(|value| {
            value["grade"] = json!(6);
            value["boarding"] = json!(boarding);
        });
        let told = tried(&["p5"], &one, SINCE, SINCE);
        found(&told, "duties", "p5", "self_care")["states"][0]["standing"].clone()
    };
    assert_eq!(standing(true), "last_only");
    assert_eq!(standing(false), "not_owed");
}

#[test]
fn the_law_asks_for_a_contact_each_week_of_the_year() {
    let told = tried(&["law"], &example(), SINCE, date(2025, 9, 28));
    let duty = found(&told, "duties", "law", "parent_to_child");
    assert_eq!((&duty["owed"], &duty["floor"]), (&json!(4), &json!(true)));
    assert_eq!(duty["cadence_zh"], "每周至少一次，放假时也一样");
}

const HEAD: &str =
    "[pack]\nid = \"x\"\nversion = \"1\"\ntitle = \"试试\"\nlevel = \"county\"\nsource = \"县\"\n";

#[track_caller]
fn faulty(body: &str, line: usize, words: &str) {
    let faults = match read::read(&format!("{HEAD}{body}"), "x.toml", SINCE) {
        Err(faults) => faults,
        Ok(_) => panic!("no fault found: {words}"),
    };
    let found = faults
        .iter()
        .any(|fault| fault.line == line && fault.sentence.contains(words));
    assert!(found, "wanted {line} {words}, found {faults:#?}");
    assert!(faults.iter().all(|fault| fault.file == "x.toml"));
}

/// A duty at line 7 whose lines may be changed.
fn duty(lines: &[&str]) -> String {
    let usual = [
        "[[duty]]",
        "id = \"talk\"",
        "title = \"聊聊\"",
        "source = \"县\"",
        "does = \"talk\"",
        "with = \"child\"",
        "owed_by = \"homeroom_teacher\"",
        "cadence = { times = 1, per = \"week\" }",
    ];
    let mut text = Vec::new();
    for line in usual {
        let key = line.split(" = ").next().unwrap();
        let changed = lines
            .iter()
            .find(|one| one.starts_with(&format!("{key} = ")));
        text.push(changed.copied().unwrap_or(line));
    }
    text.extend(
        lines
            .iter()
            .filter(|line| !text.contains(line))
            .copied()
            .collect::<Vec<_>>(),
    );
    text.retain(|line| !line.ends_with(" = "));
    text.join("\n")
}

fn eligibility(when: &str) -> String {
    format!(
        "[[eligibility]]\nid = \"children\"\ntitle = \"孩子\"\nsource = \"县\"\nabsence = {{ visits_up_to_days = 30 }}\nwhen = {when}\n"
    )
}

#[test]
fn a_sound_little_pack_is_read() {
    assert!(read::read(&format!("{HEAD}{}", duty(&[])), "x.toml", SINCE).is_ok());
    assert!(
        read::read(
            &format!(
                "{HEAD}{}",
                eligibility("{ fact = \"grade\", at_least = 3 }")
            ),
            "x.toml",
            SINCE
        )
        .is_ok()
    );
}

#[test]
fn faults_of_the_text_and_the_keys() {
    faulty("title = \"又一个\"", 7, "写了两遍");
    faulty("[[duty]\nid = 1", 7, "写法不对");
    faulty(&duty(&["titel = \"x\""]), 15, "是不是想写“title”");
    faulty(&duty(&["colour = \"x\""]), 15, "没有“colour”这一项");
    faulty(&duty(&["title = 3"]), 9, "这里写的是一个整数");
    faulty(&duty(&["title = \"\""]), 9, "是空的");
    faulty(&duty(&["source = "]), 7, "少了source");
    faulty(&duty(&["id = \"谈心\""]), 8, "小写字母");
    faulty(&duty(&["floor = \"yes\""]), 15, "true或false");
    faulty(&duty(&["remind_before_days = 99"]), 15, "0到60之间");
    faulty("[[duties]]\nid = \"x\"", 7, "没有“duties”这一项");
    faulty("[duty]\nid = \"x\"", 7, "列表");
}

#[test]
fn faults_of_words_and_names() {
    faulty(
        &duty(&["owed_by = \"teacher\""]),
        13,
        "owed_by里没有“teacher”",
    );
    faulty(&duty(&["with = \"childs\""]), 12, "是不是想写“child”");
    faulty(&duty(&["does = \"chat\""]), 7, "没有这个表单");
    faulty(&duty(&["does = \"glance\""]), 7, "不算在约定里");
    faulty(
        &duty(&["also = [\"home_visit.sleep\"]"]),
        7,
        "home_visit.sleep",
    );
    faulty(
        &duty(&["counted_by = \"children\""]),
        7,
        "没有这样的[[eligibility]]",
    );
    faulty(&format!("{}\n{}", duty(&[]), duty(&[])), 15, "前面已经有了");
    faulty(
        "[[form]]\nid = \"chat\"\nextends = true\nsource = \"县\"",
        7,
        "没有叫“chat”的表单",
    );
}

#[test]
fn faults_of_conditions() {
    faulty(
        &eligibility("{ fact = \"parent_away\", is = \"both\" }"),
        12,
        "是不是想写“parents_away”",
    );
    faulty(
        &eligibility("{ fact = \"shoe_size\", is = 3 }"),
        12,
        "没有“shoe_size”这个事实",
    );
    faulty(
        &eligibility("{ fact = \"parents_away\", is = \"all\" }"),
        12,
        "没有“all”这个值",
    );
    faulty(
        &eligibility("{ fact = \"parents_away\", at_least = 3 }"),
        12,
        "不能用at_least",
    );
    faulty(
        &eligibility("{ fact = \"away_months\", at_least = \"3\" }"),
        12,
        "要写整数",
    );
    faulty(
        &eligibility("{ fact = \"boarding\", is = 1 }"),
        12,
        "true或false",
    );
    faulty(
        &eligibility("{ fact = \"grade\", is = 1, at_least = 3 }"),
        12,
        "也只写一个",
    );
    faulty(&eligibility("{ all = [] }"), 12, "一个条件也没有");
    faulty(&eligibility("{ is = 3 }"), 12, "all、any、not、fact");
    let bare = eligibility("{ fact = \"away_months\", at_least = 3 }")
        .replace("absence = { visits_up_to_days = 30 }\n", "");
    faulty(&bare, 7, "visits_up_to_days = 30");
}

#[test]
fn faults_of_cadences() {
    let cadence = |text: &str| duty(&[&format!("cadence = {{ {text} }}")]);
    faulty(&cadence("by = \"13-02\""), 14, "没有“13-02”这一天");
    faulty(&cadence("by = \"2-30\""), 14, "没有“2-30”这一天");
    faulty(&cadence("months = [3, 13], times = 1"), 14, "1到12");
    faulty(&cadence("on_day = 32"), 14, "1到31之间");
    faulty(&cadence("times = 1"), 14, "也只写一个");
    faulty(&cadence("times = 1, per = \"day\""), 14, "per里没有“day”");
    faulty(
        &cadence("every_days = 3, every_weeks = 1"),
        14,
        "也只写一个",
    );
    faulty(
        &cadence("around = \"mid_autum\", before_days = 1, after_days = 1"),
        14,
        "是不是想写“mid_autumn”",
    );
    faulty(&cadence("around = \"mid_autumn\""), 14, "before_days");
    faulty(&cadence("within_days = 3"), 14, "少了after");
    faulty(&duty(&["cadence = "]), 7, "少了cadence");
}

#[test]
fn faults_of_forms_and_dictionaries() {
    let form = |more: &str| {
        format!(
            "[[form]]\nid = \"chat\"\ntitle = \"说话\"\nsource = \"县\"\nkind = \"record\"\nparty = \"child\"\npurpose = \"记住\"\nretention = {{ years = 3, after = \"leaving\" }}\ntier = \"C1\"\n{more}"
        )
    };
    assert!(read::read(&format!("{HEAD}{}", form("")), "x.toml", SINCE).is_ok());
    faulty(&form("glyph = \"谈话\""), 16, "只写一个汉字");
    faulty(
        &form("").replace("purpose = \"记住\"\n", ""),
        7,
        "少了purpose",
    );
    faulty(&form("").replace("party = \"child\"\n", ""), 7, "party");
    faulty(&form("").replace("\"C1\"", "\"C9\""), 15, "tier里没有“C9”");
    let field = |text: &str| {
        form(&format!(
            "[[form.field]]\nid = \"a\"\ntitle = \"甲\"\n{text}"
        ))
    };
    faulty(&field("type = \"choice\""), 16, "请写options");
    faulty(&field("type = \"picture\""), 19, "type里没有“picture”");
    faulty(
        &field("type = \"choice\"\ndictionary = \"none\""),
        20,
        "没有叫“none”的字典",
    );
    faulty(&field("type = \"text\"\nsub_kind = true"), 20, "sub_kind");
    let options = "type = \"choice\"\noptions = [{ code = \"a\", title = \"甲\" }, { code = \"a\", title = \"乙\" }]";
    faulty(&field(options), 16, "写了两遍");
    faulty(
        &field("type = \"choice\"\ndefault = \"z\"\noptions = [{ code = \"a\", title = \"甲\" }]"),
        20,
        "选项里没有“z”",
    );
    faulty(
        "[[dictionary]]\nid = \"d\"\ntitle = \"词\"\nsource = \"县\"",
        7,
        "空的",
    );
}

#[test]
fn what_this_version_cannot_use_yet_is_said_and_not_swallowed() {
    let text = format!("{HEAD}[[rubric]]\nid = \"year\"\n[[target]]\nid = \"all\"\n");
    let pack = read::read(&text, "x.toml", SINCE).unwrap();
    let lines: Vec<usize> = pack.notes.iter().map(|note| note.line).collect();
    assert_eq!(lines.len(), 2);
    assert!(
        pack.notes
            .iter()
            .all(|note| note.sentence.contains("还不支持"))
    );
}

#[test]
fn packs_are_looked_at_together() {
    let needy = format!(
        "{}needs = [\"y\"]\n{}",
        HEAD,
        duty(&["does = \"chat\"", "counted_by = \"education:childs\""])
    );
    let pack = read::read(&needy, "x.toml", SINCE).unwrap();
    let said: Vec<String> = check::together(&[pack], &["x.toml"])
        .into_iter()
        .map(|fault| fault.sentence)
        .collect();
    assert!(said.iter().any(|text| text.contains("要和“y”一起用")));
    assert!(said.iter().any(|text| text.contains("要的是“chat”")));
    assert!(said.iter().any(|text| text.contains("education:childs")));
}

/// What stands in a file is written with the child; owed with anybody else, it would never be met.
#[test]
fn what_is_kept_in_a_file_is_owed_with_the_child() {
    let text = shipped::text("law").unwrap();
    let does = "does = \"entrustment_notice\"\nwith = ";
    let fits = format!("{does}\"child\"");
    assert!(text.contains(&fits));
    let other = text.replace(&fits, &format!("{does}\"parent\""));
    let faults = read::read(&other, "law.toml", SINCE).unwrap_err();
    let said = |fault: &Fault| fault.sentence.contains("with只能写");
    assert!(faults.iter().any(said), "{faults:?}");
}

/// A name of the pages' own is refused before a pack is used; one that is used already stays read.
#[test]
fn a_field_does_not_take_a_name_that_pages_send() {
    let text = shipped::text("law").unwrap();
    let taken = text.replace("\"notice_version\"", "\"version\"");
    let pack = read::read(&taken, "law.toml", SINCE).unwrap();
    let said = check::together(&[pack], &["law.toml"]);
    assert!(
        said.iter()
            .any(|fault| fault.sentence.contains("“version”"))
    );
}

#[test]
fn a_faulty_case_says_where_and_how() {
    let fault = |text: &str| case::read(text, "case.json").unwrap_err();
    let check = |text: &str, line: usize, words: &str| {
        let fault = fault(text);
        assert!(
            fault.line == line && fault.sentence.contains(words),
            "{fault:?}"
        );
    };
    check(
        "{\n\"in_care_since\": \"2025-02-30\"}",
        2,
        "“2025-02-30”不是一个日期",
    );
    check("{\n\"name\": \"x\"}", 2, "没有“name”这一项");
    check("{}", 1, "少了in_care_since");
    check(
        "{\"in_care_since\": \"2025-09-01\",\n\"grade\": \"5\"}",
        2,
        "不加引号",
    );
    check(
        "{\"in_care_since\": \"2025-09-01\",\n\"absences\": [{\"parent\": \"uncle\"}]}",
        2,
        "father、mother",
    );
    check("{\"in_care_since\": \"2025-09-01\"", 1, "JSON的写法不对");
    check(
        "{\"in_care_since\": \"2025-09-01\",\n\"absences\": [{\"parent\": \"father\",\n\
         \"from\": \"2025-09-01\", \"to\": \"2025-08-01\"}]}",
        3,
        "2025-08-01就结束了",
    );
}

#[test]
fn cadences_are_said_as_people_say_them() {
    let said = |cadence, weeks| sentence::cadence_zh(&cadence, weeks, false);
    let times = |times, per| Cadence::Times { times, per };
    assert_eq!(
        sentence::cadence_zh(&times(1, Period::Week), Weeks::Teaching, true),
        "每周一次"
    );
    assert_eq!(
        said(Cadence::Every { days: 14 }, Weeks::Teaching),
        "每两周一次"
    );
    assert_eq!(
        said(Cadence::Every { days: 10 }, Weeks::All),
        "每10天一次，放假时也一样"
    );
    assert_eq!(
        said(times(1, Period::Month), Weeks::Teaching),
        "每月至少一次"
    );
    assert_eq!(
        said(Cadence::By { month: 10, day: 30 }, Weeks::Teaching),
        "10月30日前一次"
    );
    assert_eq!(
        said(Cadence::OnDay { day: 20 }, Weeks::Teaching),
        "每月20日一次"
    );
    assert_eq!(
        said(
            Cadence::InMonths {
                months: vec![3, 9],
                times: 1
            },
            Weeks::Teaching
        ),
        "3月、9月各至少一次"
    );
    let around = Cadence::Around {
        window: Window::Festival(Festival::MidAutumn),
        before: 3,
        after: 7,
        times: 1,
    };
    assert_eq!(said(around, Weeks::All), "中秋前3天到后7天一次");
    assert_eq!(
        said(
            Cadence::Within {
                days: 7,
                after: Event::ParentLeft
            },
            Weeks::All
        ),
        "爸妈出门后7天内一次"
    );
    assert_eq!(said(Cadence::Unnumbered(Loose::Often), Weeks::All), "时常");
}

#[test]
fn standings_are_said_without_reproach() {
    let today = date(2025, 9, 30);
    let say = |due_on, moved_from, standing| {
        let due = Due {
            due_on,
            moved_from,
            standing,
            done: 0,
            wanted: 1,
        };
        sentence::due_zh("每两周一次", &due, Some(date(2025, 9, 14)), today)
    };
    let on = |month, day| Some(date(2025, month, day));
    assert_eq!(
        say(on(9, 28), None, Standing::Past { days: 2 }),
        "每两周一次，上次9月14日，应在9月28日前，已过2天"
    );
    assert_eq!(
        say(on(10, 9), on(10, 1), Standing::Later { days: 9 }),
        "每两周一次，上次9月14日，应在10月9日前（放假，从10月1日顺延）"
    );
    assert_eq!(
        say(on(9, 30), on(10, 3), Standing::ThisWeek { days: 1 }),
        "每两周一次，上次9月14日，应在9月30日前（因为放假提前）"
    );
    let paused = Standing::Paused {
        until: Some(date(2026, 3, 2)),
    };
    assert_eq!(
        say(None, None, paused),
        "每两周一次，上次9月14日，放假，先歇着，2026年3月2日再开始"
    );
    assert_eq!(
        sentence::missing(&[Fact::AwayMonths, Fact::AwayDays]),
        "还不知道爸妈哪天出去的，问一问就能定"
    );
}

const GUIDE: &str = include_str!("../../../../docs/packs.md");

#[test]
fn the_guides_example_is_a_sound_pack() {
    let example = GUIDE
        .split("```toml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("docs/packs.md has one example in TOML");
    let read = read::read(example, "qingshan.toml", SINCE);
    let read = read.unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(check::together(&[read], &["qingshan.toml"]), vec![]);
}

#[test]
fn the_guides_table_holds_every_fact_as_the_program_knows_it() {
    for fact in Fact::ALL {
        let row = format!("| `{}` |", fact.code());
        let row = GUIDE.lines().find(|line| line.starts_with(&row));
        let row = row.unwrap_or_else(|| panic!("{} is not in the guide", fact.code()));
        assert!(
            row.contains(fact.zh()) && row.contains(fact.meaning()),
            "{row}"
        );
    }
}

#[test]
fn the_guide_names_every_word_of_the_format() {
    let words = Event::ALL.map(Event::code).into_iter();
    let words = words.chain(Festival::ALL.map(Festival::code));
    let words = words.chain(read::RESERVED);
    let words = words.chain(FieldKind::ALL.iter().map(|one| one.code()));
    let words = words.chain(Known::ALL.iter().map(|one| one.code()));
    let words = words.chain(Actor::ALL.iter().map(|one| one.code()));
    let words = words.chain(Party::ALL.iter().map(|one| one.code()));
    let words = words.chain(Subject::ALL.iter().map(|one| one.code()));
    for word in words {
        let named = GUIDE.contains(&format!("`{word}`")) || GUIDE.contains(&format!("[[{word}]]"));
        assert!(named, "{word} is not in the guide");
    }
}

#[test]
fn a_try_without_the_pack_that_counts_says_so() {
    let text = format!("{HEAD}{}", duty(&["counted_by = \"education:children\""]));
    let alone = [read::read(&text, "x.toml", SINCE).unwrap()];
    let told = attempt(&alone, &example(), SINCE, SINCE, &Calendar::default());
    let note = told["notes"][0].as_str().unwrap();
    assert!(note.contains("education:children"), "{note}");
    let [alone] = alone;
    let both = [alone, pack("education")];
    let told = attempt(&both, &example(), SINCE, SINCE, &Calendar::default());
    assert_eq!(told["notes"], json!([]));
}

proptest::proptest! {
    /// A pack is written by hand, in every county: whatever stands in it is read or told.
    #[test]
    fn any_text_is_read_or_told(text in "\\PC{0,400}") {
        let _ = read::read(&text, "x.toml", SINCE);
        let _ = read::read(&format!("{HEAD}{text}"), "x.toml", SINCE);
    }

    #[test]
    fn a_shipped_pack_with_a_line_left_out_is_read_or_told(at in 0_usize..900) {
        let text = shipped::text("p5").unwrap();
        let lines: Vec<&str> = text.lines().enumerate().filter(|(n, _)| *n != at).map(|(_, line)| line).collect();
        let _ = read::read(&lines.join("\n"), "p5.toml", SINCE);
    }
}
