//! What packs say in sentences, and what the guide says of packs.

use super::*;

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

const GUIDE: &str = include_str!("../../../../../docs/packs.md");

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
    let note = told["notes"][0].as_str().unwrap();
    assert!(note.contains("法律底线"), "{note}");
    let [alone, other] = both;
    let all = [alone, other, pack("law")];
    let told = attempt(&all, &example(), SINCE, SINCE, &Calendar::default());
    assert_eq!(told["notes"], json!([]));
}

/// A calendar of the case's own that lacks a festival, and a record that nobody's form makes, are
/// told: a nought would look like nothing owed.
#[test]
fn a_try_says_what_its_case_lacks() {
    let lacking = case(|case| {
        case["calendar"]["festivals"] = json!([{ "festival": "national_day", "on": "2025-10-01" }]);
        let record = json!({ "kind": "tlak", "with": "child", "by": "homeroom_teacher", "on": "2025-09-02" });
        case["records"] = json!([record]);
    });
    let notes = |case: &CaseFile| {
        let told = tried(&["p5", "education"], case, SINCE, SINCE);
        told["notes"].to_string()
    };
    let told = notes(&lacking);
    assert!(
        told.contains("算不出中秋") && told.contains("“tlak”"),
        "{told}"
    );
    let told = notes(&example());
    assert!(
        !told.contains("算不出") && !told.contains("没有哪张表"),
        "{told}"
    );
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
