//! Packs as they are shipped, and what becomes of a child by them.

mod faults;
mod words;

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
const EXAMPLE: &str = include_str!("../../../../../packs/example-case.json");

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

/// Counted since the middle of a month, a child owes what each of its days asks for, and no more.
#[test]
fn what_is_owed_of_a_part_of_a_month_is_what_its_days_want() {
    let monthly = shipped::text("p2").unwrap().replacen(
        "cadence = { loosely = \"often\" }",
        "cadence = { times = 2, per = \"month\" }",
        1,
    );
    let monthly = read::read(&monthly, "p2.toml", SINCE).unwrap();
    let told = attempt(
        &[monthly],
        &example(),
        SINCE,
        date(2025, 9, 30),
        &Calendar::default(),
    );
    let duties = told["duties"].as_array().unwrap();
    let duty = duties.iter().find(|one| one["owed"].is_number()).unwrap();
    let states = duty["states"].as_array().unwrap();
    assert_eq!(states.last().unwrap()["wanted"], 1, "{duty}");
    assert_eq!(duty["owed"], 1, "{duty}");
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
