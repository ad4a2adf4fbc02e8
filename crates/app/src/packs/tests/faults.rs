//! What is wrong with a pack or a case is said with its place and how to mend it.

use super::*;

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
    for first in ["a", "b"] {
        let both = format!("type = \"date\"\nnot_before = \"{first}\"");
        faulty(&field(&both), 7, "更早的那一天");
    }
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

/// What is offered beside a field stands in a register that is there and that everybody may read.
#[test]
fn what_is_offered_stands_in_a_register() {
    let text = shipped::text("law").unwrap();
    let table = [
        (
            "form = \"notice\", field",
            "form = \"notices\", field",
            "没有这样的登记簿",
        ),
        (
            "form = \"notice\", field",
            "form = \"consent\", field",
            "没有这样的登记簿",
        ),
        (
            "field = \"notice_version\"",
            "field = \"version_no\"",
            "没有“version_no”这一项",
        ),
        ("its = \"about\"", "its = \"abouts\"", "its写的“abouts”"),
        ("as = \"purpose\"", "as = \"purposes\"", "as写的“purposes”"),
    ];
    for (from, to, says) in table {
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{from}");
        let told = match read::read(&other, "law.toml", SINCE) {
            Ok(pack) => check::together(&[pack], &["law.toml"]),
            Err(faults) => faults,
        };
        let said = told.iter().any(|fault| fault.sentence.contains(says));
        assert!(said, "{to}: {told:?}");
    }
}

/// A form that every school has is added to, not made a second time.
#[test]
fn a_form_is_made_once() {
    let again = "[[form]]\nid = \"talk\"\ntitle = \"谈\"\nsource = \"县\"\nkind = \"record\"\nparty = \"child\"\npurpose = \"谈\"\nretention = { years = 3, after = \"leaving\" }\ntier = \"C0\"\n\n[[form.field]]\nid = \"words\"\ntitle = \"谈了什么\"\ntype = \"text\"\n";
    let pack = read::read(&format!("{HEAD}{again}"), "x.toml", SINCE).unwrap();
    let said = check::together(&[pack], &["x.toml"]);
    assert!(
        said.iter()
            .any(|fault| fault.sentence.contains("“talk”") && fault.sentence.contains("extends")),
        "{said:?}"
    );
}

/// What would have no effect is said, and not swallowed.
#[test]
fn what_follows_something_is_asked_of_the_school() {
    let faults = |about: &str| {
        let follows = "after = [\"talk\"]\n";
        let text = format!("{HEAD}{}\n{about}{follows}", duty(&[]));
        let said = read::read(&text, "x.toml", SINCE).err().unwrap_or_default();
        let own = said.iter().filter(|one| one.sentence.contains("after"));
        own.count()
    };
    assert_eq!(faults(""), 1);
    assert_eq!(faults("about = \"activity\"\n"), 0);
}

/// Beside the legal floor a duty of the same kind is told what it is worth.
#[test]
fn a_duty_beside_the_floor_is_noted() {
    let lines = ["does = \"parent_contact\"", "owed_by = \"parent\""];
    let own = read::read(&format!("{HEAD}{}", duty(&lines)), "x.toml", SINCE).unwrap();
    let said = check::beside_the_floor(&own, "x.toml");
    assert!(
        said.len() == 1 && said[0].sentence.contains("法律底线"),
        "{said:?}"
    );
    let other = read::read(&format!("{HEAD}{}", duty(&[])), "x.toml", SINCE).unwrap();
    assert_eq!(check::beside_the_floor(&other, "x.toml"), []);
}

/// What tells entries apart is a field of theirs.
#[test]
fn what_is_unique_is_there() {
    let text = shipped::text("law").unwrap();
    let wrong = text.replace("unique = [\"about\"", "unique = [\"abuot\"");
    let faults = read::read(&wrong, "law.toml", SINCE).unwrap_err();
    let said = |fault: &Fault| fault.sentence.contains("“abuot”");
    assert!(faults.iter().any(said), "{faults:?}");
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
        "{\"in_care_since\": \"2025-09-01\",\n\"grade\": 99}",
        2,
        "请写1到9",
    );
    check(
        "{\"in_care_since\": \"2025-09-01\",\n\"absences\": [{\"parent\": \"father\",\n\
         \"from\": \"2025-09-01\", \"to\": \"2025-08-01\"}]}",
        3,
        "2025-08-01就结束了",
    );
}
