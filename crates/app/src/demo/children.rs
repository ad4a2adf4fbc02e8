//! Who the twenty-four children are, and who is around each. Nobody is real: region codes begin with
//! 99 and phone prefixes 160 belong to nobody.

use crate::children::store::{Identity, KinDetails};
use crate::roster::check::{NewChild, NewKin};
use jiff::{ToSpan, civil::Date};
use rules::calendar::plus_days;

/// One child of 五（2）班: name, sex, and how many days ago the last talk, call, visit and family
/// call were.
pub type Fifth = (&'static str, &'static str, [i32; 4]);

pub const FIFTH: [Fifth; 12] = [
    ("张小明", "male", [3, 16, 29, 27]),
    ("李思雨", "female", [7, 4, 26, 6]),
    ("陈浩", "male", [0, 12, 77, 5]),
    ("阿依古丽·买买提", "female", [3, 16, 95, 19]),
    ("欧阳子轩", "male", [2, 3, 70, 15]),
    ("王梓涵", "female", [0, 8, 72, 14]),
    ("刘洋", "male", [2, 9, 77, 25]),
    ("赵一诺", "female", [1, 10, 102, 34]),
    ("周天佑", "male", [3, 5, 66, 32]),
    ("吴思远", "male", [4, 2, 79, 2]),
    ("郑欣怡", "female", [4, 18, 82, 34]),
    ("孙浩然", "male", [3, 13, 111, 20]),
];

/// Father, mother and aunt of whoever is not called after the father.
const NAMED: [(&str, [&str; 3]); 1] = [(
    "阿依古丽·买买提",
    ["买买提·吐尔逊", "帕提古丽·艾力", "阿孜古丽·吐尔逊"],
)];

/// The hard cases of users-and-journeys.md §3 sit in 三（1）班.
pub const THIRD: [(&str, &str, Hard); 12] = [
    ("田𠮷安", "male", Hard::RareCharacter),
    ("马小莲", "female", Hard::Twin),
    ("马小荷", "female", Hard::Twin),
    ("单雪梅", "female", Hard::LeapDay),
    ("解小满", "male", Hard::NoDocument),
    ("区小明", "male", Hard::YoungCarer),
    ("石大勇", "male", Hard::TurnsSixteen),
    ("郝佳", "female", Hard::OldCarer),
    ("罗天宇", "male", Hard::FatherDead),
    ("冯一鸣", "male", Hard::OneAway),
    ("潘晓彤", "female", Hard::AtHome),
    ("高远", "male", Hard::NotAsked),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hard {
    RareCharacter,
    Twin,
    LeapDay,
    NoDocument,
    YoungCarer,
    TurnsSixteen,
    OldCarer,
    FatherDead,
    OneAway,
    AtHome,
    NotAsked,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// An ID number of nobody: a region that does not exist, the birth date, a serial, a check.
pub fn invented_id(born_on: Date, serial: u32, sex: &str) -> String {
    let odd = u32::from(sex == "male");
    let serial = serial * 2 + odd;
    let body = format!(
        "990827{:04}{:02}{:02}{serial:03}",
        born_on.year(),
        born_on.month(),
        born_on.day()
    );
    let sum: u32 = body
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let at = usize::try_from(sum % 11).unwrap_or_default();
    let check = CHECKS.get(at).copied().unwrap_or('0');
    format!("{body}{check}")
}

fn phone(number: u32) -> String {
    format!("160{:08}", 10_000_000 + number * 7_919)
}

fn kin(party: &str, kinship: &str, name: String, number: Option<u32>, work: &str) -> NewKin {
    let is_grandparent = kinship.contains("grand");
    NewKin {
        party: party.to_owned(),
        kinship: kinship.to_owned(),
        details: KinDetails {
            name,
            phone: number.map(phone),
            work_place: Some(work.to_owned()).filter(|work| !work.is_empty()),
            occupation: is_grandparent.then(|| "种地".to_owned()),
            health: is_grandparent.then(|| "身体还好".to_owned()),
            ..KinDetails::default()
        },
        phone_held: false,
        phones: Vec::new(),
        is_away: !work.is_empty() && work != "在家",
    }
}

const CITIES: [&str; 6] = [
    "广东省东莞市",
    "浙江省宁波市",
    "江苏省苏州市",
    "上海市",
    "福建省泉州市",
    "广东省深圳市",
];

fn city(at: usize) -> String {
    format!(
        "{}务工",
        CITIES.get(at % CITIES.len()).copied().unwrap_or("上海市")
    )
}

fn surname(name: &str) -> String {
    name.chars().take(1).collect()
}

#[expect(
    clippy::too_many_lines,
    reason = "long by its columns, not by its steps"
)]
pub fn fifth_child(at: usize, (name, sex, _): &Fifth, today: Date) -> NewChild {
    let number = u32::try_from(at).unwrap_or_default();
    let born_on = plus_days(today, -(3_780 + i32::try_from(at).unwrap_or_default() * 23));
    let family = surname(name);
    let named = NAMED.iter().find(|(child, _)| child == name);
    let named = named.map(|(_, names)| names);
    NewChild {
        name: (*name).to_owned(),
        sex: (*sex).to_owned(),
        born_on: Some(born_on),
        grade: 5,
        class_number: 2,
        id_state: "has".to_owned(),
        identity: Identity {
            citizen_id: Some(invented_id(born_on, number + 20, sex)),
            address: Some(format!("石门乡李家湾{}号", number * 3 + 7)),
            hukou_place: Some("某省云溪县石门乡".to_owned()),
            ..Identity::default()
        },
        boarding: Some(at % 3 != 2),
        rural: Some(true),
        registry_code: Some("2".to_owned()),
        lives_with: Some(
            if at % 4 == 3 {
                "relative"
            } else {
                "grandparent"
            }
            .to_owned(),
        ),
        kin: vec![
            kin(
                "parent",
                "father",
                named.map_or_else(|| format!("{family}建国"), |names| names[0].to_owned()),
                Some(number * 3),
                &city(at),
            ),
            kin(
                "parent",
                "mother",
                named.map_or_else(
                    || {
                        let city = CITIES.get(at % 6).and_then(|city| city.get(..3));
                        format!("周小{}", city.unwrap_or_default())
                    },
                    |names| names[1].to_owned(),
                ),
                Some(number * 3 + 1),
                &city(at + 1),
            ),
            if at % 4 == 3 {
                kin(
                    "carer",
                    "fathers_sister",
                    named.map_or_else(|| format!("{family}秀英"), |names| names[2].to_owned()),
                    Some(number * 3 + 2),
                    "",
                )
            } else {
                kin(
                    "carer",
                    "paternal_grandmother",
                    "王秀英".to_owned(),
                    Some(number * 3 + 2),
                    "",
                )
            },
        ],
        ..NewChild::default()
    }
}

fn hard_birth(hard: Hard, at: usize, today: Date) -> Date {
    let usual = plus_days(today, -(3_050 + i32::try_from(at).unwrap_or_default() * 17));
    match hard {
        Hard::LeapDay => Date::new(2016, 2, 29).unwrap_or(usual),
        Hard::TurnsSixteen => plus_days(today, 20).saturating_sub(16.years()),
        Hard::Twin => plus_days(today, -3_100),
        Hard::RareCharacter
        | Hard::NoDocument
        | Hard::YoungCarer
        | Hard::OldCarer
        | Hard::FatherDead
        | Hard::OneAway
        | Hard::AtHome
        | Hard::NotAsked => usual,
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "long by its columns, not by its steps"
)]
pub fn third_child(at: usize, (name, sex, hard): &(&str, &str, Hard), today: Date) -> NewChild {
    let number = u32::try_from(at).unwrap_or_default() + 40;
    let born_on = hard_birth(*hard, at, today);
    let family = surname(name);
    let carer_number = if *hard == Hard::Twin {
        200
    } else {
        number * 3 + 2
    };
    let (father, mother) = match hard {
        Hard::AtHome | Hard::NotAsked => ("在家".to_owned(), "在家".to_owned()),
        Hard::OneAway | Hard::FatherDead => ("在家".to_owned(), city(at)),
        _ => (city(at), city(at + 2)),
    };
    let has_id = *hard != Hard::NoDocument;
    NewChild {
        name: (*name).to_owned(),
        sex: (*sex).to_owned(),
        born_on: Some(born_on),
        grade: 3,
        class_number: 1,
        id_state: if has_id { "has" } else { "none" }.to_owned(),
        identity: Identity {
            citizen_id: has_id.then(|| invented_id(born_on, number + 20, sex)),
            address: Some(format!("石门乡白岩村{}号", number)),
            ..Identity::default()
        },
        boarding: Some(false),
        rural: Some(true),
        registry_code: match hard {
            Hard::NotAsked => None,
            Hard::AtHome => Some("0".to_owned()),
            Hard::OneAway | Hard::FatherDead => Some("1".to_owned()),
            _ => Some("2".to_owned()),
        },
        lives_with: match hard {
            Hard::AtHome | Hard::OneAway => Some("parent".to_owned()),
            Hard::NotAsked => None,
            Hard::YoungCarer => Some("sibling".to_owned()),
            _ => Some("grandparent".to_owned()),
        },
        kin: vec![
            kin(
                "parent",
                "father",
                format!("{family}强"),
                Some(number * 3),
                &father,
            ),
            kin(
                "parent",
                "mother",
                "陈玉兰".to_owned(),
                Some(number * 3 + 1),
                &mother,
            ),
            match hard {
                Hard::YoungCarer => kin(
                    "carer",
                    "elder_sister",
                    format!("{family}小芳"),
                    Some(carer_number),
                    "",
                ),
                _ => kin(
                    "carer",
                    "maternal_grandmother",
                    "李桂花".to_owned(),
                    Some(carer_number),
                    "",
                ),
            },
        ],
        ..NewChild::default()
    }
}
