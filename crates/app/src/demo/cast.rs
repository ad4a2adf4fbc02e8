//! The twenty-four children and the grown-ups around them. Nobody is real: region codes begin with
//! 99 and phone prefixes 160 belong to nobody.

use super::{Stage, hire, of_class};
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::{Child, Identity, KinDetails};
use crate::db::{self, Conn};
use crate::dossier::store::{self as dossier, Written};
use crate::home::forms::{Parent, ParentTold, Whereabouts};
use crate::home::store as home;
use crate::ids::{ClassId, OperationId, SchoolId, StaffId};
use crate::records::forms::{NewRecord, from_json, parse};
use crate::records::store as records;
use crate::roster::check::{Checked, NewChild, NewKin, Verdict};
use crate::roster::commit::{Answers, commit};
use crate::roster::store::{self as roster, Brought};
use crate::school::store::{self as school, NewGrant, NewStaff};
use crate::web::viewer::{Grant, Scope};
use crate::web::{Failure, Fields, Result, Viewer};
use jiff::{ToSpan, civil::Date};
use rules::access::{Act, Role};
use rules::calendar::{days_between, plus_days};
use serde_json::json;

/// One child of 五（2）班: name, sex, and how many days ago the last talk, call, visit and family
/// call were.
type Fifth = (&'static str, &'static str, [i32; 4]);

const FIFTH: [Fifth; 12] = [
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

/// The hard cases of users-and-journeys.md §3 sit in 三（1）班.
const THIRD: [(&str, &str, Hard); 12] = [
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
enum Hard {
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
fn fifth_child(at: usize, (name, sex, _): &Fifth, today: Date) -> NewChild {
    let number = u32::try_from(at).unwrap_or_default();
    let born_on = plus_days(today, -(3_780 + i32::try_from(at).unwrap_or_default() * 23));
    let family = surname(name);
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
                format!("{family}建国"),
                Some(number * 3),
                &city(at),
            ),
            kin(
                "parent",
                "mother",
                format!(
                    "周小{}",
                    CITIES.get(at % 6).map_or("", |c| c.get(..3).unwrap_or(""))
                ),
                Some(number * 3 + 1),
                &city(at + 1),
            ),
            if at % 4 == 3 {
                kin(
                    "carer",
                    "fathers_sister",
                    format!("{family}秀英"),
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
fn third_child(at: usize, (name, sex, hard): &(&str, &str, Hard), today: Date) -> NewChild {
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
    }
}

fn line(child: NewChild, line: u32) -> Checked {
    Checked {
        line,
        verdict: Verdict::Ready,
        why: Vec::new(),
        answers: Vec::new(),
        child,
        matches: None,
        cells: Vec::new(),
        wrong: Vec::new(),
    }
}

async fn take_in(conn: &mut Conn, archivist: &Viewer, children: Vec<NewChild>) -> Result<()> {
    let brought = Brought {
        understood: Vec::new(),
        choices: Vec::new(),
        titles: Vec::new(),
        known_columns: 0,
        rows: children
            .into_iter()
            .zip(3..)
            .map(|(child, at)| line(child, at))
            .collect(),
        new_classes: Vec::new(),
    };
    let id = roster::keep(conn, archivist, &brought, ("", &[])).await?;
    let import = roster::one(conn, archivist, &id).await?;
    commit(
        conn,
        archivist,
        &import,
        &Answers::new(),
        &OperationId::new(),
    )
    .await?;
    Ok(())
}

async fn class_of(conn: &mut Conn, stage: &Stage, (grade, number): (i64, i64)) -> Result<ClassId> {
    let classes = crate::school::store::classes(conn, &stage.school_id, stage.now.today).await?;
    classes
        .into_iter()
        .find(|class| class.grade == grade && class.number == number)
        .map(|class| class.id)
        .ok_or(Failure::NotThere)
}

/// The children are in care since the term began, not since the demo was made.
async fn since_term(conn: &mut Conn, stage: &Stage) -> Result<()> {
    for sql in [
        "update child set in_care_since = $2 where school_id = $1",
        "update membership set from_on = $2 where school_id = $1",
        "update living set from_on = $2 where school_id = $1",
        "update kin set from_on = $2 where school_id = $1",
        "update screening set screened_on = $2 where school_id = $1",
    ] {
        db::query(sql)
            .bind(stage.school_id.as_str())
            .bind(stage.term_starts_on.to_string())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// When the parents of the class are free, as they told the teacher.
async fn when_free(conn: &mut Conn, stage: &Stage) -> Result<()> {
    for (kinship, free) in [("mother", "18:30后有空"), ("father", "夜班，中午有空")] {
        db::query("update kin set free_after = $3 where school_id = $1 and kinship = $2")
            .bind(stage.school_id.as_str())
            .bind(kinship)
            .bind(free)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

async fn young_and_old_carers(conn: &mut Conn, stage: &Stage, children: &[Child]) -> Result<()> {
    let today = stage.now.today;
    for (name, years) in [("区小明", 17), ("郝佳", 82)] {
        let Some(child) = children.iter().find(|child| child.name == name) else {
            continue;
        };
        let born = plus_days(today, -40).saturating_sub(i64::from(years).years());
        db::query(
            "update kin set born_on = $3 where school_id = $1 and child_id = $2
                and party = 'carer'",
        )
        .bind(stage.school_id.as_str())
        .bind(child.id.as_str())
        .bind(born.to_string())
        .execute(&mut *conn)
        .await?;
    }
    db::query(
        "update kin set born_on = '1963-04-12' where school_id = $1 and party = 'carer'
            and born_on is null and kinship like '%grand%'",
    )
    .bind(stage.school_id.as_str())
    .execute(&mut *conn)
    .await?;
    if let Some(child) = children.iter().find(|child| child.name == "罗天宇") {
        db::query(
            "insert into parent_state (school_id, id, child_id, parent, state, from_on, to_on)
             values ($1, $2, $3, 'father', 'dead', '2019-05-01', null)",
        )
        .bind(stage.school_id.as_str())
        .bind(OperationId::new().as_str())
        .bind(child.id.as_str())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Enters the whole cast of 青石小学.
#[expect(
    clippy::too_many_lines,
    clippy::cognitive_complexity,
    reason = "the cast, in the order of its entrance"
)]
pub async fn enter(app: &App, conn: &mut Conn, stage: &Stage, hash: &str) -> Result<()> {
    let school = stage.school_id.as_str();
    let from = stage.term_starts_on;
    let whole = |role| (role, "school", school);
    let id = &stage.school_id;
    let archivist = hire(
        conn,
        id,
        ("dangan", "周丽", hash),
        whole(Role::Archivist),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("xiaozhang", "陈志远", hash),
        whole(Role::Principal),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("xinli", "刘芳", hash),
        whole(Role::Counsellor),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("guanli", "吴强", hash),
        whole(Role::Administrator),
        from,
    )
    .await?;
    hire(
        conn,
        id,
        ("shenji", "何平", hash),
        whole(Role::Auditor),
        from,
    )
    .await?;
    let dangan = stage.actor(
        &archivist,
        "周丽",
        vec![Grant {
            role: Role::Archivist,
            scope: Scope::School,
        }],
    );
    let today = stage.now.today;
    let fifth = FIFTH
        .iter()
        .enumerate()
        .map(|(at, one)| fifth_child(at, one, today));
    let third = THIRD
        .iter()
        .enumerate()
        .map(|(at, one)| third_child(at, one, today));
    take_in(conn, &dangan, fifth.chain(third).collect()).await?;
    since_term(conn, stage).await?;
    when_free(conn, stage).await?;
    let all = children::all_visible(app, conn, &dangan, Act::SeeChild).await?;
    young_and_old_carers(conn, stage, &all).await?;
    departures(conn, &dangan, &all, today).await?;

    let fifth = class_of(conn, stage, (5, 2)).await?;
    let third = class_of(conn, stage, (3, 1)).await?;
    let homeroom = |class: &ClassId| (Role::HomeroomTeacher, "class", class.to_string());
    let (role, kind, scope) = homeroom(&fifth);
    let wang = hire(
        conn,
        id,
        ("banzhuren", "王建华", hash),
        (role, kind, &scope),
        from,
    )
    .await?;
    let (role, kind, scope) = homeroom(&third);
    let li = hire(
        conn,
        id,
        ("limei", "李梅", hash),
        (role, kind, &scope),
        from,
    )
    .await?;
    for (teacher, phone) in [(&wang, "13955560101"), (&li, "13955560102")] {
        let teacher = (teacher.as_str(), &stage.key);
        school::set_phone(conn, id, teacher, Some(phone)).await?;
    }
    let zhao = hire(
        conn,
        id,
        ("bangfu", "赵敏", hash),
        (Role::Mentor, "own", ""),
        from,
    )
    .await?;
    pair(conn, stage, &zhao, &all).await?;
    protection_lead(conn, stage).await?;

    let wang = stage.actor(
        &wang,
        "王建华",
        vec![of_class(&fifth, Role::HomeroomTeacher)],
    );
    let li = stage.actor(&li, "李梅", vec![of_class(&third, Role::HomeroomTeacher)]);
    files(app, conn, &wang, &all).await?;
    past(app, conn, &wang, stage).await?;
    past_of_third(app, conn, &li, stage).await
}

/// A few things that stand in the files already.
async fn files(app: &App, conn: &mut Conn, viewer: &Viewer, all: &[Child]) -> Result<()> {
    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
    let told = [
        ("李思雨", "progress_entry", "字写得比以前好了，作文得了优。"),
        ("张小明", "progress_entry", "会自己叠被子，还教弟弟。"),
        ("李思雨", "registration", "爱画画，想当兽医。"),
    ];
    for (name, form, text) in told {
        let child = all.iter().find(|child| child.name == name);
        let Some((child, form)) = child.zip(in_force.form(form)) else {
            continue;
        };
        let field = if form.id == "registration" {
            "note"
        } else {
            "text"
        };
        let mut filled = serde_json::Map::new();
        filled.insert(field.to_owned(), json!(text));
        let key = children::key(conn, viewer, child).await?;
        let new = Written {
            whole: form,
            seen: form,
            filled: &filled,
        };
        dossier::add(conn, viewer, (child, &key), &new).await?;
    }
    Ok(())
}

/// When each pair of parents left: after 春节, as most do.
async fn departures(conn: &mut Conn, viewer: &Viewer, all: &[Child], today: Date) -> Result<()> {
    for (child, at) in all.iter().zip(0_i32..) {
        let from = plus_days(today, -(200 + at * 3));
        let key = children::key(conn, viewer, child).await?;
        let lines = home::lines(conn, viewer, child).await?;
        for parent in Parent::ALL {
            let away = lines.iter().any(|line| {
                line.what == "absence" && line.who == parent.code() && line.to_on.is_none()
            });
            if away {
                let told = ParentTold {
                    parent: *parent,
                    now: Whereabouts::Away,
                    since: Some(from),
                    place: None,
                    reach: Some("beyond_county".to_owned()),
                    reason: "work".to_owned(),
                };
                home::put_parent(conn, viewer, child, (&key, &told)).await?;
            }
        }
    }
    Ok(())
}

/// Who answers for safety: on the page for what worries, without an account of the demo's.
async fn protection_lead(conn: &mut Conn, stage: &Stage) -> Result<()> {
    let id = &stage.school_id;
    let staff = NewStaff {
        name: "张卫国",
        username: None,
        password_hash: None,
    };
    let lead = school::hire(conn, id, &staff).await?;
    let grant = NewGrant {
        staff_id: &lead,
        role: Role::ProtectionLead,
        scope_kind: "school",
        scope_id: id.as_str(),
        from_on: stage.term_starts_on,
        approved_by: None,
    };
    school::grant(conn, id, &grant).await?;
    let own = (lead.as_str(), &stage.key);
    school::set_phone(conn, id, own, Some("13955560103")).await?;
    Ok(())
}

async fn pair(conn: &mut Conn, stage: &Stage, mentor: &StaffId, all: &[Child]) -> Result<()> {
    for name in ["张小明", "李思雨", "陈浩", "刘洋", "郑欣怡"] {
        let Some(child) = all.iter().find(|child| child.name == name) else {
            continue;
        };
        db::query(
            "insert into pairing (school_id, id, child_id, staff_id, kind, from_on, to_on)
             values ($1, $2, $3, $4, 'mentor_teacher', $5, null)",
        )
        .bind(stage.school_id.as_str())
        .bind(OperationId::new().as_str())
        .bind(child.id.as_str())
        .bind(mentor.as_str())
        .bind(stage.term_starts_on.to_string())
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// A record as somebody of the cast made it on that day.
struct Told<'a> {
    kind: &'a str,
    party: &'a str,
    on: Date,
    fields: serde_json::Value,
}

async fn tell(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    told: Told<'_>,
) -> Result<()> {
    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
    let Some(form) = in_force.form(told.kind) else {
        return Ok(());
    };
    let mut fields = Fields::default();
    fields.push("operation", OperationId::new().as_str());
    fields.push("happened_on", &told.on.to_string());
    fields.push("party", told.party);
    if let Some(filled) = told.fields.as_object() {
        from_json(filled, &mut fields);
    }
    let new: NewRecord = parse(form, &fields, viewer.today())
        .map_err(|errors| Failure::Ours(format!("the cast: {}", errors.sentence())))?;
    let key = children::key(conn, viewer, child).await?;
    let group = OperationId::new();
    records::insert(conn, viewer, child, &key, (&new, group.as_str())).await?;
    Ok(())
}

const TOPICS: [&str; 5] = ["study", "homesick", "classmates", "health", "good_news"];
const GOOD: [&str; 4] = [
    "字写得比以前好了，想让妈妈看看。",
    "当了小组长，说话声音也大了。",
    "画了一张全家福，贴在床头。",
    "跳绳一分钟跳了一百二十下。",
];

/// The term so far of 五（2）班.
async fn past(app: &App, conn: &mut Conn, wang: &Viewer, stage: &Stage) -> Result<()> {
    let today = stage.now.today;
    let all = children::all_visible(app, conn, wang, Act::WriteRecord).await?;
    for (at, (name, _, days)) in FIFTH.iter().enumerate() {
        let Some(child) = all.iter().find(|child| child.name == *name) else {
            continue;
        };
        let [talk, call, visit, family] = *days;
        talks(app, conn, wang, child, (at, talk)).await?;
        calls(app, conn, wang, child, ("parent", call, 14)).await?;
        if at % 4 == 3 {
            calls(app, conn, wang, child, ("carer", talk, 7)).await?;
        }
        let elapsed = days_between(stage.term_starts_on, today);
        let visit = if elapsed > 45 {
            visit.min(elapsed - 3)
        } else {
            visit
        };
        let visited = Told {
            kind: "home_visit",
            party: "family",
            on: plus_days(today, -visit),
            fields: json!({"found": ["living", "eating"], "focus": ["collective", "self_care"]}),
        };
        tell(app, conn, wang, child, visited).await?;
        let spoke = Told {
            kind: "family_call",
            party: "child",
            on: plus_days(today, -family),
            fields: json!({"medium": "video", "minutes": 15}),
        };
        tell(app, conn, wang, child, spoke).await?;
    }
    if let Some(child) = all.iter().find(|child| child.name == "周天佑") {
        for ago in [2, 1] {
            let missed = Told {
                kind: "call",
                party: "carer",
                on: plus_days(today, -ago),
                fields: json!({"result": "no_answer"}),
            };
            tell(app, conn, wang, child, missed).await?;
        }
    }
    Ok(())
}

async fn talks(
    app: &App,
    conn: &mut Conn,
    wang: &Viewer,
    child: &Child,
    (at, last): (usize, i32),
) -> Result<()> {
    let today = wang.today();
    let mut ago = last;
    let mut round = at;
    while plus_days(today, -ago) >= child.in_care_since {
        let topic = TOPICS.get(round % TOPICS.len()).copied().unwrap_or("study");
        let note = if topic == "good_news" {
            GOOD.get(round % GOOD.len()).copied().unwrap_or_default()
        } else {
            ""
        };
        let talk = Told {
            kind: "talk",
            party: "child",
            on: plus_days(today, -ago),
            fields: json!({"topic": [topic], "look": "so_so", "note": note}),
        };
        tell(app, conn, wang, child, talk).await?;
        ago += 7;
        round += 1;
    }
    Ok(())
}

async fn calls(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (party, last, every): (&str, i32, i32),
) -> Result<()> {
    let today = viewer.today();
    let mut ago = last;
    while plus_days(today, -ago) >= child.in_care_since {
        let call = Told {
            kind: "call",
            party,
            on: plus_days(today, -ago),
            fields: json!({"result": "answered", "about": ["study"]}),
        };
        tell(app, conn, viewer, child, call).await?;
        ago += every;
    }
    Ok(())
}

/// 李老师 has two classes this term and a backlog: what a principal is asked to see.
async fn past_of_third(app: &App, conn: &mut Conn, li: &Viewer, stage: &Stage) -> Result<()> {
    let today = stage.now.today;
    let all = children::all_visible(app, conn, li, Act::WriteRecord).await?;
    for (child, at) in all.iter().zip(0_i32..) {
        let on = plus_days(today, -(2 + at * 2));
        if on < child.in_care_since {
            continue;
        }
        let talk = Told {
            kind: "talk",
            party: "child",
            on,
            fields: json!({"topic": ["study"], "look": "fine"}),
        };
        tell(app, conn, li, child, talk).await?;
    }
    Ok(())
}

/// A second school, so that a leak shows.
pub async fn enter_elsewhere(conn: &mut Conn, stage: &Stage, hash: &str) -> Result<()> {
    let from = stage.term_starts_on;
    let school = stage.school_id.to_string();
    let archivist = hire(
        conn,
        &stage.school_id,
        ("baiyan", "钱枫", hash),
        (Role::Archivist, "school", &school),
        from,
    )
    .await?;
    let viewer = stage.actor(
        &archivist,
        "钱枫",
        vec![Grant {
            role: Role::Archivist,
            scope: Scope::School,
        }],
    );
    let mut child = fifth_child(1, &("李思雨", "female", [0; 4]), stage.now.today);
    child.identity.citizen_id = child.born_on.map(|born| invented_id(born, 90, "female"));
    take_in(conn, &viewer, vec![child]).await?;
    since_term(conn, stage).await
}

/// The county's officer, who sees counts.
pub async fn county(conn: &mut Conn, county: &SchoolId, hash: &str, from_on: Date) -> Result<()> {
    hire(
        conn,
        county,
        ("xianju", "孙科", hash),
        (Role::CountyOfficer, "county", county.as_str()),
        from_on,
    )
    .await?;
    Ok(())
}
