//! Pages of the office.

use crate::App;
use crate::adoptions::store as packs;
use crate::children::case::recent_calls;
use crate::db;
use crate::web::{Failure, Result, Shell, Viewer, page, words};
use crate::week::items::{numbers_to_ask, visible_cases};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use rules::small_numbers::{self, Told};

struct Link {
    glyph: &'static str,
    href: &'static str,
    title: &'static str,
    sub: &'static str,
}

#[derive(Template)]
#[template(path = "office/office.html")]
struct OfficePage {
    shell: Shell,
    links: Vec<Link>,
}

const LINKS: [(Act, Link); 15] = [
    (
        Act::ImportRoster,
        Link {
            glyph: "单",
            href: "/office/import",
            title: "导入名单",
            sub: "学籍系统导出的表可以直接用",
        },
    ),
    (
        Act::ImportRoster,
        Link {
            glyph: "电",
            href: "/office/cards",
            title: "要再问一问的电话",
            sub: "号码不对或打不通的",
        },
    ),
    (
        Act::EditDossier,
        Link {
            glyph: "问",
            href: "/census",
            title: "摸底：问一问爸妈在不在家",
            sub: "每个孩子都问到，各种口径各算各的",
        },
    ),
    (
        Act::PrintCards,
        Link {
            glyph: "印",
            href: "/print",
            title: "打印中心",
            sub: "联系卡、档案、登记表，PDF、Word或Excel",
        },
    ),
    (
        Act::ReadIdentity,
        Link {
            glyph: "档",
            href: "/dossiers",
            title: "档案齐不齐",
            sub: "哪个孩子的档案还缺什么，先补哪一项",
        },
    ),
    (
        Act::ReadIdentity,
        Link {
            glyph: "答",
            href: "/office/requests",
            title: "等答复的",
            sub: "家里来问档案的，等别的学校回执的",
        },
    ),
    (
        Act::OpenRegisters,
        Link {
            glyph: "簿",
            href: "/registers",
            title: "登记簿",
            sub: "领导小组、基金收支、志愿者，学校的事一件一笔",
        },
    ),
    (
        Act::AdoptPack,
        Link {
            glyph: "约",
            href: "/office/packs",
            title: "本校的约定",
            sub: "多久谈一次心，多久打一次电话",
        },
    ),
    (
        Act::AdoptPack,
        Link {
            glyph: "表",
            href: "/office/forms",
            title: "本校自己的表",
            sub: "给档案加一张表，或加一个项目",
        },
    ),
    (
        Act::ImportRoster,
        Link {
            glyph: "双",
            href: "/office/twins",
            title: "像是同一个孩子",
            sub: "两份档案放在一起看，合成一份，合错了能撤销",
        },
    ),
    (
        Act::ImportRoster,
        Link {
            glyph: "转",
            href: "/office/left",
            title: "转走和毕业的孩子",
            sub: "档案都留着，随时可以转回来",
        },
    ),
    (
        Act::ManageCalendar,
        Link {
            glyph: "历",
            href: "/office/school",
            title: "学校与学期",
            sub: "开学、放假、补课，校区",
        },
    ),
    (
        Act::ManageCalendar,
        Link {
            glyph: "班",
            href: "/office/classes",
            title: "班级",
            sub: "每个班有谁，开新的班",
        },
    ),
    (
        Act::ManageAccounts,
        Link {
            glyph: "人",
            href: "/office/people",
            title: "账号与权限",
            sub: "谁在这里，担任什么，从哪天起",
        },
    ),
    (
        Act::ReadJournal,
        Link {
            glyph: "记",
            href: "/office/journal",
            title: "操作记录",
            sub: "谁在什么时候做了什么",
        },
    ),
];

/// `GET /office`
pub async fn office(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let links: Vec<Link> = LINKS
        .into_iter()
        .filter(|(act, _)| viewer.ever(*act))
        .map(|(_, link)| link)
        .collect();
    if links.is_empty() {
        return Err(Failure::NotThere);
    }
    page(&OfficePage {
        shell: Shell::new(&app, &viewer, "资料室", "/office"),
        links,
    })
}

struct Held {
    name: String,
    /// 五（2）班，姑姑的号码打不通了
    said: String,
    href: String,
}

#[derive(Template)]
#[template(path = "office/held.html")]
struct HeldPage {
    shell: Shell,
    held: Vec<Held>,
}

/// `GET /office/cards`: numbers that were wrong in a file, or do not work any more, or that nobody
/// answers.
pub async fn held(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (mut cases, _, _) = visible_cases(&app, &mut conn, &viewer, Act::SeeContacts).await?;
    recent_calls(&mut conn, &viewer.school_id, &mut cases, viewer.today()).await?;
    let held = cases
        .iter()
        .map(|case| (case, numbers_to_ask(case, viewer.today())))
        .filter(|(_, said)| !said.is_empty())
        .map(|(case, said)| Held {
            // On a wall nothing is said of a child.
            said: match viewer.is_projecting {
                true => case.child.class_title(),
                false => format!("{}，{}", case.child.class_title(), said.join("；")),
            },
            href: format!("/children/{}/card", case.child.id),
            name: case.child.name.clone(),
        })
        .collect();
    page(&HeldPage {
        shell: Shell::new(&app, &viewer, "要再问一问的电话", "/office"),
        held,
    })
}

struct Count {
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "office/overview.html")]
struct OverviewPage {
    shell: Shell,
    sub: String,
    /// Small counts are kept back, and the page says so.
    kept_back: bool,
    schools: Vec<SchoolCounts>,
}

/// One school: all its children, then by source.
struct SchoolCounts {
    name: String,
    children: String,
    groups: Vec<CountGroup>,
}

struct CountGroup {
    title: String,
    rows: Vec<Count>,
}

/// `GET /overview`: how many children each definition counts. Counts only, no names.
pub async fn overview(State(app): State<App>, viewer: Viewer) -> Result<Response> {
    let today = viewer.today();
    let masked = !viewer.ever(Act::SeeChild);
    let mut conn = app.db.read().await?;
    let schools: Vec<(String, String)> = if masked {
        db::query_as(
            "select id, name from org where kind = 'school' and (parent_id = $1
                or parent_id in (select id from org where parent_id = $1 and kind = 'township'))",
        )
        .bind(viewer.school_id.as_str())
        .fetch_all(&mut conn)
        .await?
    } else {
        vec![(viewer.school_id.to_string(), viewer.school_name.clone())]
    };
    let mut drawn = Vec::with_capacity(schools.len());
    for (id, name) in schools {
        let id = crate::ids::SchoolId::from(id);
        let (children, groups) = of_school(&app, &mut conn, &id, today).await?;
        drawn.push(school_counts(name, children, groups, masked));
    }
    page(&OverviewPage {
        shell: Shell::new(&app, &viewer, "汇总", "/overview"),
        sub: format!("截止{}，每一种口径单独数", words::full_day(today)),
        kept_back: masked,
        schools: drawn,
    })
}

/// What is told of one school; all its counts are decided together.
fn school_counts(
    name: String,
    children: usize,
    groups: Vec<(String, Vec<(String, usize)>)>,
    masked: bool,
) -> SchoolCounts {
    let rows = groups.iter().flat_map(|(_, rows)| rows);
    let counts: Vec<usize> = rows.map(|(_, count)| *count).collect();
    let (whole, told) = if masked {
        let told = small_numbers::told(children, &counts);
        (small_numbers::of_all(children), told)
    } else {
        let all = counts.iter().copied().map(Told::Count);
        (Told::Count(children), all.collect())
    };
    let mut told = told.into_iter().map(number);
    SchoolCounts {
        name,
        children: number(whole),
        groups: groups
            .into_iter()
            .map(|(title, rows)| CountGroup {
                title,
                rows: rows
                    .into_iter()
                    .zip(told.by_ref())
                    .map(|((title, _), said)| Count { title, said })
                    .collect(),
            })
            .collect(),
    }
}

fn number(told: Told) -> String {
    match told {
        Told::Count(count) => format!("{count}个孩子"),
        Told::Few => "少于5".to_owned(),
        Told::KeptBack => "不单列".to_owned(),
    }
}

/// The children of a whole school, and by pack how many each definition in force counts; only
/// counts leave this function.
async fn of_school(
    app: &App,
    conn: &mut crate::db::Conn,
    school_id: &crate::ids::SchoolId,
    today: jiff::civil::Date,
) -> Result<(usize, Vec<(String, Vec<(String, usize)>)>)> {
    let in_force = packs::in_force(app, conn, school_id, today).await?;
    let children = crate::children::roster::whole(app, conn, school_id, today).await?;
    let cases = crate::children::case::cases(conn, school_id, &in_force, &children, today).await?;
    let mut groups = Vec::new();
    for pack in &in_force.packs {
        let rows: Vec<(String, usize)> = pack
            .eligibility
            .iter()
            .map(|one| {
                let counted = cases.iter().filter(|case| {
                    let mut all = case.case.counted.iter();
                    all.any(|(policy, verdict)| *policy == one.rule.policy && verdict.is_yes())
                });
                (one.title.clone(), counted.count())
            })
            .collect();
        if !rows.is_empty() {
            groups.push((pack.head.title.clone(), rows));
        }
    }
    Ok((children.len(), groups))
}
