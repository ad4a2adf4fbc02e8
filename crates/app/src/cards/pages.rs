//! The card on screen: who is around the child, when it was last right, and what to change.

use super::copies;
use super::shared::{Shared, shared};
use super::store;
use crate::App;
use crate::children::change::note_read;
use crate::children::store as children;
use crate::children::store::{Child, Former, Identity, Kin, KinDetails};
use crate::home::lines::dead;
use crate::ids::{ChildId, OperationId};
use crate::journal::Kind;
use crate::paper::Purpose;
use crate::web::{Errors, Fields, Form, Id, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::identity::{Kinship, Phone};

pub struct KinView {
    /// Who has died is named, and no longer rung up.
    is_dead: bool,
    kin: Kin,
    word: String,
    phone: Option<String>,
    checked: Option<String>,
    /// 种地，住在李家湾，腿脚不便
    more: String,
    /// Whose card still says the old number.
    shared: Option<Shared>,
    /// As it is typed.
    born_on: String,
    /// What was typed about this one and is not saved.
    typed: Option<Fields>,
}

impl KinView {
    /// What stands in a field: what was typed, or else what is on the card.
    fn value<'a>(&'a self, name: &str, now: &'a str) -> &'a str {
        let typed = self.typed.as_ref().and_then(|typed| typed.given(name));
        typed.unwrap_or(now)
    }

    fn opt_value<'a>(&'a self, name: &str, now: &'a Option<String>) -> &'a str {
        self.value(name, now.as_deref().unwrap_or_default())
    }
}

/// What the card said once.
struct FormerView {
    title: String,
    /// What became of it.
    lines: Vec<String>,
    said: String,
}

struct VersionView {
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "cards/card.html")]
pub struct CardPage {
    shell: Shell,
    child: Child,
    address: Option<String>,
    kin: Vec<KinView>,
    versions: Vec<VersionView>,
    former: Vec<FormerView>,
    /// 9月1日，王老师印的，交给家里
    outdated: Vec<String>,
    confirmed: Option<String>,
    /// When it was changed after that.
    changed: Option<String>,
    kinships: Vec<(&'static str, String)>,
    errors: Errors,
    typed: Fields,
    operation: OperationId,
    may_edit: bool,
}

/// `GET /children/{child_id}/card`
pub async fn card(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = card_page(&app, &viewer, &id, Errors::default(), Fields::default()).await?;
    note_read(&app, &viewer, Kind::CardSeen, &id).await?;
    drawn.shell.notice = match fields.get("said") {
        "confirmed" => Some("核对好了，今天的联系卡是对的。".to_owned()),
        "shared" => Some("一起改好了，旧的号码和日子都留着。".to_owned()),
        "ended" => Some("拿掉了。以前的号码和日子都留着。".to_owned()),
        "changed" => Some("改好了，旧的号码和日子都留着。".to_owned()),
        "same" => Some("没有要改的，联系卡还是原来的。".to_owned()),
        _ => None,
    };
    page(&drawn)
}

pub async fn card_page(
    app: &App,
    viewer: &Viewer,
    id: &ChildId,
    errors: Errors,
    typed: Fields,
) -> Result<CardPage> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::SeeContacts, id).await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let identity: Identity = children::identity(&mut conn, viewer, &child, &key).await?;
    let kin = children::kin(&mut conn, viewer, &child, &key).await?;
    let versions = store::versions(&mut conn, viewer, &child).await?;
    let former = children::former_kin(&mut conn, viewer, &child, &key).await?;
    let outdated = old_copies(&mut conn, viewer, &child).await?;
    let dead = dead(&mut conn, viewer, &child).await?;
    let shared = match child.allows(viewer, Act::EditDossier) {
        true => shared(&mut conn, viewer, &child, (&kin, &former)).await?,
        false => Vec::new(),
    };
    let today = viewer.today();
    let may_edit = child.allows(viewer, Act::EditDossier);
    let former = former
        .iter()
        .map(|one| {
            let later = later(one, &former, &kin);
            former_view(one, (later, &versions), (today, may_edit))
        })
        .collect();
    let shell = Shell::new(app, viewer, "联系卡", "/children");
    Ok(CardPage {
        shell: if errors.is_empty() {
            shell
        } else {
            shell.with_error()
        },
        address: identity.address,
        confirmed: store::last_confirmed(&versions).map(|on| words::past_day(on, today)),
        changed: store::changed_since(&versions).map(|on| words::past_day(on, today)),
        versions: versions
            .iter()
            .map(|one| version_view(one, today))
            .collect(),
        kin: kin
            .into_iter()
            .map(|kin| kin_view(kin, (&shared, &typed, &dead), (today, may_edit)))
            .collect(),
        former,
        outdated,
        kinships: kinships(),
        operation: OperationId::new(),
        may_edit,
        errors,
        typed,
        child,
    })
}

fn kin_view(
    kin: Kin,
    (shared, typed, dead): (&[Shared], &Fields, &[String]),
    (today, may_edit): (Date, bool),
) -> KinView {
    let typed = Some(typed).filter(|typed| typed.get("kin") == kin.id.as_str());
    KinView {
        is_dead: kin.party == "parent" && dead.contains(&kin.kinship),
        shared: shared.iter().find(|one| one.kin == kin.id).cloned(),
        word: kin.word(),
        phone: kin.masked_phones(),
        more: more(&kin, may_edit),
        typed: typed.cloned(),
        born_on: kin.born_on.map(|on| on.to_string()).unwrap_or_default(),
        checked: kin.phone_checked_on.map(|on| words::past_day(on, today)),
        kin,
    }
}

/// In whose hands a card is that says what is no longer so; for those who print cards.
async fn old_copies(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
) -> Result<Vec<String>> {
    if !child.allows(viewer, Act::PrintCards) {
        return Ok(Vec::new());
    }
    let old = copies::old(conn, viewer, child).await?;
    let said = old.iter().map(|print| {
        let day = crate::clock::day_of(&print.made_at).map(|day| words::day(day, viewer.today()));
        let purpose = Purpose::from_code(&print.purpose).map_or("", Purpose::title);
        format!(
            "{}，{}印的，{purpose}",
            day.unwrap_or_default(),
            words::teacher(&print.by_name)
        )
    });
    Ok(said.collect())
}

/// A carer's health is guarded more than the card: who keeps the file reads it here too.
fn more(kin: &Kin, may_edit: bool) -> String {
    let details = &kin.details;
    let health = details.health.as_ref().filter(|_| may_edit);
    let parts = [
        details.occupation.as_ref(),
        details.address.as_ref(),
        health,
    ];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    parts.join("，")
}

fn version_view(one: &store::Version, today: Date) -> VersionView {
    let day = crate::clock::day_of(&one.made_at).map(|day| words::day(day, today));
    VersionView {
        title: format!("第{}版", one.version),
        said: format!(
            "{}，{}，{}",
            day.unwrap_or_default(),
            words::teacher(&one.by_name),
            changed_zh(&one.changed)
        ),
    }
}

/// What the card says of the same grown-up next; `None` where the card has nobody there any more.
pub fn later<'a>(one: &Former, former: &'a [Former], now: &'a [Kin]) -> Option<&'a Kin> {
    let all = former.iter().map(|other| &other.kin).chain(now);
    let same = all.filter(|other| {
        let is_of_both = other.party == one.kin.party && other.kinship == one.kin.kinship;
        is_of_both && other.id.as_str() > one.kin.id.as_str()
    });
    same.min_by(|a, b| a.id.as_str().cmp(b.id.as_str()))
}

/// 身体：腿脚不便改成硬朗
fn changes(was: &Kin, now: &Kin, health: bool) -> Vec<String> {
    let born = |kin: &Kin| {
        let day = kin.born_on.filter(|_| health);
        day.map(|on| on.to_string())
    };
    let mut lines = differences(&was.details, &now.details, health);
    lines.extend(became("方便接电话", &was.free_after, &now.free_after));
    lines.extend(became("出生日期", &born(was), &born(now)));
    lines
}

fn became(title: &str, was: &Option<String>, now: &Option<String>) -> Option<String> {
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "空着".to_owned());
    (was != now).then(|| format!("{title}：{}改成{}", said(was), said(now)))
}

/// What is said of a grown-up otherwise than before, numbers never in full.
pub fn differences(old: &KinDetails, new: &KinDetails, health: bool) -> Vec<String> {
    let masked = |phone: &Option<String>| {
        let phone = Phone::parse(phone.as_deref()?).ok()?;
        Some(phone.masked())
    };
    let health = |details: &KinDetails| details.health.clone().filter(|_| health);
    let all = [
        became("姓名", &Some(old.name.clone()), &Some(new.name.clone())),
        became("电话", &masked(&old.phone), &masked(&new.phone)),
        became(
            "另一个号码",
            &masked(&old.other_phone),
            &masked(&new.other_phone),
        ),
        became("在哪里做事", &old.work_place, &new.work_place),
        became(
            "单位的电话",
            &masked(&old.employer_phone),
            &masked(&new.employer_phone),
        ),
        became("平时做什么", &old.occupation, &new.occupation),
        became("住在哪里", &old.address, &new.address),
        became("身体", &health(old), &health(new)),
    ];
    all.into_iter().flatten().collect()
}

/// Who changed the card on this day, where it was one person alone: a day is all that is known of
/// when a grown-up's row ended.
fn changed_by(versions: &[store::Version], day: Date) -> Option<String> {
    let own = versions.iter().filter(|one| one.changed != "confirmed");
    let mut own = own.filter(|one| crate::clock::day_of(&one.made_at) == Some(day));
    let first = own.next()?;
    let is_alone = own.all(|one| one.by_name == first.by_name);
    is_alone.then(|| words::teacher(&first.by_name))
}

/// 爸爸张建国，160****5678; 9月1日起，到11月3日为止，王老师改的; 电话：…改成…
fn former_view(
    one: &Former,
    (later, versions): (Option<&Kin>, &[store::Version]),
    (today, health): (Date, bool),
) -> FormerView {
    let kin = &one.kin;
    let number = kin.masked_phones().unwrap_or_else(|| "没有号码".to_owned());
    let from = one
        .from
        .map(|day| format!("{}起，", words::day(day, today)));
    let to = one
        .to
        .map(|day| format!("到{}为止", words::day(day, today)));
    let who = one.to.and_then(|day| changed_by(versions, day));
    let who = who.map(|who| format!("，{who}改的"));
    FormerView {
        title: format!("{}{}，{number}", kin.word(), kin.details.name),
        said: [from, to, who].into_iter().flatten().collect(),
        lines: later.map_or_else(Vec::new, |now| changes(kin, now, health)),
    }
}

fn changed_zh(changed: &str) -> &str {
    match changed {
        "new" => "导入名单时建的",
        "roster" => "导入名单时改的",
        "roster_back" => "撤回了导入的名单",
        "phone" => "换了电话",
        "kin" => "改了家里人",
        "ended" => "拿掉了一个人",
        "child" => "改了姓名或住址",
        "merged" => "两份合成了一份",
        "apart" => "又分成了两份",
        "confirmed" => "问过了，都对",
        other => other,
    }
}

fn kinships() -> Vec<(&'static str, String)> {
    [
        Kinship::Father,
        Kinship::Mother,
        Kinship::PaternalGrandfather,
        Kinship::PaternalGrandmother,
        Kinship::MaternalGrandfather,
        Kinship::MaternalGrandmother,
        Kinship::Relative,
        Kinship::Neighbour,
    ]
    .into_iter()
    .map(|one| (one.code(), one.word().to_owned()))
    .collect()
}
