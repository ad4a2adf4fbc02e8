//! What was written about the children this term, by whom and when.

use super::Stage;
use super::children::FIFTH;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::OperationId;
use crate::records::forms::{NewRecord, from_json, parse};
use crate::records::store as records;
use crate::web::{Failure, Fields, Result, Viewer};
use jiff::civil::Date;
use rules::access::Act;
use rules::calendar::{days_between, plus_days};
use serde_json::json;

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
    let kin = match told.kind {
        "call" => called(conn, viewer, child, told.party).await?,
        _ => None,
    };
    fields.push("kin", kin.as_deref().unwrap_or_default());
    // In the afternoon of that day, and not when the demo was started.
    let mut viewer = viewer.clone();
    let then = format!("{}T08:10:00.000Z", told.on);
    viewer.now.at = then.min(viewer.now.at);
    let viewer = &viewer;
    let new: NewRecord = parse(form, &fields, viewer.today())
        .map_err(|errors| Failure::Ours(format!("the cast: {}", errors.sentence())))?;
    let key = children::key(conn, viewer, child).await?;
    let group = OperationId::new();
    records::insert(conn, viewer, child, &key, (&new, group.as_str())).await?;
    Ok(())
}

/// Whose number it was.
async fn called(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    party: &str,
) -> Result<Option<String>> {
    let found = db::query_scalar(
        "select id from kin where school_id = $1 and child_id = $2 and to_on is null
            and party = $3
         order by position limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(party)
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

const TOPICS: [&str; 5] = ["study", "homesick", "classmates", "health", "good_news"];
const GOOD: [&str; 4] = [
    "字写得比以前好了，想让妈妈看看。",
    "当了小组长，说话声音也大了。",
    "画了一张全家福，贴在床头。",
    "跳绳一分钟跳了一百二十下。",
];

/// The term so far of 五（2）班.
pub async fn past(app: &App, conn: &mut Conn, wang: &Viewer, stage: &Stage) -> Result<()> {
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
pub async fn past_of_third(app: &App, conn: &mut Conn, li: &Viewer, stage: &Stage) -> Result<()> {
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
