//! Likely doubles, one pair side by side, merging and taking back.

use super::differ;
use super::forms;
use super::histories::{moves, told};
use super::residence;
use super::store::{self, Choice, KinMoves, Pair};
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::own::{Own, own};
use crate::children::search::sound;
use crate::children::store as children;
use crate::children::store::{Child, Kin};
use crate::dossier::known::last_four;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::web::{Failure, Fields, Form, Result, Shell, Viewer, page, see_other, words};
use askama::Template;
use axum::extract::{RawPathParams, State};
use axum::response::Response;
use rules::access::Act;
use rules::likeness::{Ground, Likeness, likely_same};
use std::collections::{HashMap, HashSet};

struct PairRow {
    href: String,
    title: String,
    said: String,
}

struct MergedRow {
    id: String,
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "twins/list.html")]
struct ListPage {
    shell: Shell,
    pairs: Vec<PairRow>,
    merged: Vec<MergedRow>,
}

fn because(grounds: &[Ground]) -> String {
    let words = grounds.iter().map(|ground| match ground {
        Ground::SameSound => "名字读音一样",
        Ground::SameBirth => "同一天生的",
        Ground::SharedPhone => "家里留的是同一个电话",
    });
    words.collect::<Vec<_>>().join("，")
}

/// Pairs among those whose names sound the same.
fn pairs(
    all: &[Child],
    phones: &[(String, String)],
    apart: &HashSet<(String, String)>,
) -> Vec<PairRow> {
    let mut by_sound: HashMap<String, Vec<&Child>> = HashMap::new();
    for child in all {
        by_sound.entry(sound(&child.name)).or_default().push(child);
    }
    let own_phones = |child: &Child| -> Vec<&str> {
        let own = phones.iter().filter(|(id, _)| id == child.id.as_str());
        own.map(|(_, phone)| phone.as_str()).collect()
    };
    let mut found = Vec::new();
    for (sound, same) in by_sound.iter().filter(|(_, same)| same.len() > 1) {
        for (at, one) in same.iter().enumerate() {
            for other in same.iter().skip(at + 1) {
                // The file that was opened first stays on the left: more is written in it.
                let (one, other) = if one.id < other.id {
                    (one, other)
                } else {
                    (other, one)
                };
                let (one_phones, other_phones) = (own_phones(one), own_phones(other));
                let like = |child: &Child, phones| Likeness {
                    sound,
                    born_on: child.born_on,
                    phones,
                };
                let grounds = likely_same(&like(one, &one_phones), &like(other, &other_phones));
                let ids = (one.id.to_string(), other.id.to_string());
                if !grounds.is_empty() && !apart.contains(&ids) {
                    found.push(PairRow {
                        href: format!("/office/twins/{}/{}", one.id, other.id),
                        title: format!(
                            "{}（{}）和{}（{}）",
                            one.name,
                            one.class_title(),
                            other.name,
                            other.class_title()
                        ),
                        said: because(&grounds),
                    });
                }
            }
        }
    }
    found.sort_by(|a, b| a.title.cmp(&b.title));
    found
}

/// `GET /office/twins`
pub async fn list(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let all = children::all_visible(&app, &mut conn, &viewer, Act::ImportRoster).await?;
    let phones = store::phones(&mut conn, &viewer).await?;
    let merged = store::merges(&mut conn, &viewer).await?;
    let apart = differ::apart(&mut conn, &viewer).await?;
    drop(conn);
    let mut shell = Shell::new(&app, &viewer, "像是同一个孩子", "/office");
    shell.notice = match fields.get("said") {
        "merged" => Some("合成一份了。合错了，在下面撤销。".to_owned()),
        "apart" => Some("记下了，是两个孩子，不再列在这里。".to_owned()),
        "undone" => Some("撤销了，两份都和原来一样。".to_owned()),
        _ => None,
    };
    page(&ListPage {
        shell,
        pairs: pairs(&all, &phones, &apart),
        merged: merged
            .into_iter()
            .map(|one| MergedRow {
                id: one.id,
                title: one.name,
                said: crate::clock::day_of(&one.made_at)
                    .map(|day| format!("{}合的", words::past_day(day, viewer.today())))
                    .unwrap_or_default(),
            })
            .collect(),
    })
}

pub struct Line {
    pub id: String,
    pub title: String,
    pub one: String,
    pub other: String,
    /// The other file's value is proposed, because this one has none.
    pub prefers_other: bool,
}

#[derive(Template)]
#[template(path = "twins/pair.html")]
struct PairPage {
    shell: Shell,
    one: Child,
    other: Child,
    lines: Vec<Line>,
    /// 奶奶王秀英 …: those whom only the other file names.
    joining: Vec<String>,
    operation: OperationId,
}

/// What may be chosen, field by field; numbers by their ends alone.
const FIELDS: [(&str, &str); 9] = [
    ("name", "姓名"),
    ("sex", "性别"),
    ("born_on", "出生日期"),
    ("citizen_id", "身份证号"),
    ("student_no", "学籍号"),
    ("nation", "民族"),
    ("address", "家庭住址"),
    ("hukou_place", "户口所在地"),
    ("health", "健康状况"),
];

fn value(own: &Own, field: &str) -> Option<String> {
    let identity = &own.identity;
    match field {
        "name" => Some(own.name.clone()),
        "sex" => Some(own.sex.clone()),
        "born_on" => own.born_on.clone(),
        "citizen_id" => identity.citizen_id.clone(),
        "student_no" => identity.student_no.clone(),
        "nation" => identity.nation.clone(),
        "address" => identity.address.clone(),
        "hukou_place" => identity.hukou_place.clone(),
        "health" => identity.health.clone(),
        _ => None,
    }
}

fn shown(own: &Own, field: &str) -> String {
    let value = value(own, field).unwrap_or_default();
    match field {
        "sex" if value == "female" => "女".to_owned(),
        "sex" if value == "male" => "男".to_owned(),
        "citizen_id" | "student_no" if !value.is_empty() => {
            format!("尾号{}", last_four(&value))
        }
        _ => value,
    }
}

fn choose(one: &Own, other: &Own, fields: &Fields) -> Own {
    let from = |field: &str| {
        if fields.get(field) == "other" {
            other
        } else {
            one
        }
    };
    let mut chosen = one.clone();
    chosen.name.clone_from(&from("name").name);
    chosen.sex.clone_from(&from("sex").sex);
    chosen.born_on.clone_from(&from("born_on").born_on);
    let numbers = from("citizen_id");
    chosen.id_state.clone_from(&numbers.id_state);
    let identity = &mut chosen.identity;
    identity.citizen_id.clone_from(&numbers.identity.citizen_id);
    identity
        .other_document
        .clone_from(&numbers.identity.other_document);
    identity
        .student_no
        .clone_from(&from("student_no").identity.student_no);
    identity.nation.clone_from(&from("nation").identity.nation);
    identity
        .address
        .clone_from(&from("address").identity.address);
    identity
        .hukou_place
        .clone_from(&from("hukou_place").identity.hukou_place);
    identity.health.clone_from(&from("health").identity.health);
    chosen
}

fn ids(params: &RawPathParams) -> Result<(ChildId, ChildId)> {
    let mut values = params
        .iter()
        .map(|(_, value)| value.parse::<ChildId>().ok());
    let one = values.next().flatten();
    let other = values.next().flatten();
    one.zip(other)
        .filter(|(one, other)| one != other)
        .ok_or(Failure::NotThere)
}

/// A choice between two grown-ups who are the same to the child and are not written alike.
fn kin_name(kin: &Kin) -> String {
    format!("kin_{}_{}", kin.party, kin.kinship)
}

/// The grown-up of one file, with what the other file says otherwise.
fn kin_shown(kin: &Kin, beside: &Kin) -> String {
    let (own, theirs) = (&kin.details, &beside.details);
    let mut said = vec![own.name.clone()];
    said.extend(kin.masked_phone());
    if let (Some(own), Some(theirs)) = (&own.phone, &theirs.phone)
        && own != theirs
    {
        // Masked alike, they are told apart by the digits in between.
        if kin.masked_phone() == beside.masked_phone() {
            said.pop();
            said.push(telling(own, theirs));
        }
    }
    if own.other_phone != theirs.other_phone {
        let phone = own.other_phone.as_deref().map(last_four);
        said.extend(phone.map(|end| format!("另一个号码尾号{end}")));
    }
    for (mine, other) in [
        (&own.work_place, &theirs.work_place),
        (&own.occupation, &theirs.occupation),
        (&own.address, &theirs.address),
        (&own.health, &theirs.health),
    ] {
        said.extend(mine.clone().filter(|_| mine != other));
    }
    if own.employer_phone != theirs.employer_phone {
        let phone = own.employer_phone.as_deref().map(last_four);
        said.extend(phone.map(|end| format!("单位电话尾号{end}")));
    }
    said.join("，")
}

/// A number with what tells it from the other, and its end; the rest stays masked.
fn telling(own: &str, other: &str) -> String {
    let other: Vec<char> = other.chars().collect();
    let end = own.chars().count().saturating_sub(4);
    let is_told = |at: usize, digit: char| at >= end || other.get(at) != Some(&digit);
    own.chars()
        .enumerate()
        .map(|(at, digit)| if is_told(at, digit) { digit } else { '*' })
        .collect()
}

/// The one in the other file's place: the same party and the same word for it.
fn opposite<'a>(kin: &Kin, of: &'a [Kin]) -> Option<&'a Kin> {
    let same = |own: &&Kin| own.party == kin.party && own.kinship == kin.kinship;
    of.iter().find(same)
}

fn kin_lines(one: &[Kin], other: &[Kin]) -> Vec<Line> {
    let differs = other.iter().filter_map(|theirs| {
        let mine = opposite(theirs, one)?;
        (mine.details != theirs.details).then(|| Line {
            id: kin_name(theirs),
            title: theirs.word(),
            one: kin_shown(mine, theirs),
            other: kin_shown(theirs, mine),
            prefers_other: mine.details.phone.is_none() && theirs.details.phone.is_some(),
        })
    });
    differs.collect()
}

fn kin_moves(one: &[Kin], other: &[Kin], fields: &Fields) -> KinMoves {
    let mut moves = KinMoves::default();
    for theirs in other {
        match opposite(theirs, one) {
            None => moves.into.push(theirs.id.to_string()),
            Some(mine) if fields.get(&kin_name(theirs)) == "other" => {
                moves.into.push(theirs.id.to_string());
                moves.out.push(mine.id.to_string());
            }
            Some(_) => {}
        }
    }
    moves
}

async fn both_kin(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    pair: (&Child, &Child),
) -> Result<(Vec<Kin>, Vec<Kin>)> {
    let one_key = children::key(conn, viewer, pair.0).await?;
    let other_key = children::key(conn, viewer, pair.1).await?;
    Ok((
        children::kin(conn, viewer, pair.0, &one_key).await?,
        children::kin(conn, viewer, pair.1, &other_key).await?,
    ))
}

async fn both(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (one, other): (&ChildId, &ChildId),
) -> Result<((Child, Own), (Child, Own))> {
    let mut found = Vec::with_capacity(2);
    for id in [one, other] {
        let child = children::visible(conn, viewer, Act::ImportRoster, id).await?;
        let key = children::key(conn, viewer, &child).await?;
        let own = own(conn, viewer, &child, &key).await?;
        found.push((child, own));
    }
    let mut found = found.into_iter();
    let pair = found.next().zip(found.next());
    pair.ok_or(Failure::NotThere)
}

/// `GET /office/twins/{child_id}/{other_id}`
pub async fn pair(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
) -> Result<Response> {
    let (one, other) = ids(&params)?;
    let mut conn = app.db.read().await?;
    let ((one, one_own), (other, other_own)) = both(&mut conn, &viewer, (&one, &other)).await?;
    let (one_kin, other_kin) = both_kin(&mut conn, &viewer, (&one, &other)).await?;
    let homes = told(&mut conn, &viewer, (&one, &other)).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let entries = forms::both(&mut conn, &viewer, &in_force, (&one, &other)).await?;
    drop(conn);
    let homes = homes.into_iter().map(|told| Line {
        id: told.id.to_owned(),
        title: told.title.to_owned(),
        prefers_other: told.prefers_other,
        one: told.one,
        other: told.other,
    });
    let said = |own: &Own, id: &str| value(own, id).filter(|value| !value.is_empty());
    let differs = |id: &str| said(&one_own, id) != said(&other_own, id);
    let differing = FIELDS.iter().filter(|(id, _)| differs(id));
    let lines = differing.map(|(id, title)| {
        let (mut mine, mut theirs) = (shown(&one_own, id), shown(&other_own, id));
        if let ("citizen_id" | "student_no", Some(one), Some(other)) =
            (*id, said(&one_own, id), said(&other_own, id))
        {
            (mine, theirs) = (telling(&one, &other), telling(&other, &one));
        }
        Line {
            id: (*id).to_owned(),
            title: (*title).to_owned(),
            prefers_other: mine.is_empty() && !theirs.is_empty(),
            one: mine,
            other: theirs,
        }
    });
    page(&PairPage {
        shell: Shell::new(&app, &viewer, "像是同一个孩子", "/office"),
        lines: lines
            .chain(residence::lines(&one, &other))
            .chain(kin_lines(&one_kin, &other_kin))
            .chain(homes)
            .chain(entries.iter().flat_map(forms::Both::lines))
            .collect(),
        joining: other_kin
            .iter()
            .filter(|kin| opposite(kin, &one_kin).is_none())
            .map(|kin| format!("{}{}", kin.word(), kin.details.name))
            .collect(),
        one,
        other,
        operation: OperationId::new(),
    })
}

/// `POST /office/twins/{child_id}/{other_id}`: the first file stays, the second goes into it.
pub async fn merge(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (one, other) = ids(&params)?;
    let operation = fields.operation()?;
    let payload = format!("{one} {other} {:?}", fields.iter().collect::<Vec<_>>());
    let entry = Entry {
        operation: &operation,
        kind: Kind::Merged,
        subject_kind: "child",
        subject_id: one.as_str(),
        payload: &payload,
        result: "merged",
    };
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        let ((kept, kept_own), (merged, merged_own)) =
            both(&mut tx, &viewer, (&one, &other)).await?;
        let chosen = choose(&kept_own, &merged_own, &fields);
        let (kept_kin, merged_kin) = both_kin(&mut tx, &viewer, (&kept, &merged)).await?;
        let kin = kin_moves(&kept_kin, &merged_kin, &fields);
        let homes = moves(&mut tx, &viewer, (&kept, &merged), &fields).await?;
        let in_force = in_force(&app, &mut tx, &viewer.school_id, viewer.today()).await?;
        let entries = forms::both(&mut tx, &viewer, &in_force, (&kept, &merged)).await?;
        let pair = Pair {
            kept: &kept,
            merged: &merged,
        };
        let choice = Choice {
            own: &chosen,
            residence: residence::chosen(&kept, &merged, &fields),
            kin: &kin,
            homes: &homes,
            entries: &entries,
            fields: &fields,
        };
        store::merge(&mut tx, &viewer, &pair, &choice).await?;
    }
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(see_other("/office/twins?said=merged"))
}

/// `POST /office/twins/{child_id}/{other_id}/apart`: they are two children.
pub async fn apart(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let (one, other) = ids(&params)?;
    let operation = fields.operation()?;
    let payload = format!("{one} {other} apart");
    let entry = Entry {
        operation: &operation,
        kind: Kind::SetApart,
        subject_kind: "child",
        subject_id: one.as_str(),
        payload: &payload,
        result: "",
    };
    let mut tx = app.db.write(&viewer.school_id).await?;
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        for id in [&one, &other] {
            children::visible(&mut tx, &viewer, Act::ImportRoster, id).await?;
        }
        differ::set_apart(&mut tx, &viewer, (&one, &other)).await?;
    }
    tx.commit().await?;
    Ok(see_other("/office/twins?said=apart"))
}

/// `POST /office/twins/undo`
pub async fn undo(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let operation = fields.operation()?;
    let payload = format!("undo {}", fields.get("merge"));
    let entry = Entry {
        operation: &operation,
        kind: Kind::Merged,
        subject_kind: "merge",
        subject_id: fields.get("merge"),
        payload: &payload,
        result: "",
    };
    let mut tx = app.db.write_alone(&viewer.school_id).await?;
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        store::undo(&mut tx, &viewer, fields.get("merge")).await?;
    }
    tx.commit().await?;
    app.memory.forget(&viewer.school_id);
    Ok(see_other("/office/twins?said=undone"))
}

#[cfg(test)]
mod tests {
    use super::telling;

    #[test]
    fn a_number_shows_what_tells_it_from_the_other_and_nothing_more() {
        let (one, other) = ("990827201403120416", "990819201403120416");
        assert_eq!(telling(one, other), "****27********0416");
        assert_eq!(telling(other, one), "****19********0416");
        // A digit that the other does not have is told, too.
        assert_eq!(telling("16010001234", "1601000123"), "*******1234");
    }
}
