//! Children as a viewer may see them. What is not the viewer's is not there.

use super::roster::{self, Visible};
use crate::App;
use crate::db::{self, Conn};
use crate::ids::{ChildId, ClassId, KinId};
use crate::vault::Key;
use crate::web::error::{Failure, Result};
use crate::web::viewer::Viewer;
use crate::web::words;
use jiff::civil::Date;
use rules::access::{Act, Decision, ends_with_leaving};
use rules::calendar::school_year_of;
use std::collections::{HashMap, HashSet};

/// A child in the roster: C1, nothing sealed.
#[derive(Clone, Debug)]
pub struct Child {
    pub id: ChildId,
    pub name: String,
    pub sex: String,
    pub born_on: Option<Date>,
    pub class_id: ClassId,
    pub grade: i64,
    pub class_number: i64,
    pub boarding: Option<bool>,
    pub rural: Option<bool>,
    pub registry_code: Option<String>,
    pub in_care_since: Date,
    /// The last day at this school.
    pub left_on: Option<Date>,
    pub version: i64,
    pub paired: bool,
    /// The child's own key, wrapped; read along with a child that was asked for by itself.
    wrapped: Option<String>,
}

/// The same children for a list of names: of two with one name, each has the day of its birth
/// beside it. Not on a wall, where names are half hidden.
pub fn told_apart(viewer: &Viewer, children: &[Child]) -> Vec<Child> {
    let mut many: HashMap<&str, usize> = HashMap::new();
    for child in children {
        *many.entry(child.name.as_str()).or_default() += 1;
    }
    let is_one_of = |child: &Child| many.get(child.name.as_str()).is_some_and(|many| *many > 1);
    let label = |child: &Child| {
        let born = child
            .born_on
            .filter(|_| is_one_of(child) && !viewer.is_projecting);
        Child {
            name: match born {
                Some(on) => format!("{}（{}月{}日生）", child.name, on.month(), on.day()),
                None => child.name.clone(),
            },
            ..child.clone()
        }
    };
    children.iter().map(label).collect()
}

impl Child {
    pub fn class_title(&self) -> String {
        words::class_title(self.grade, self.class_number)
    }

    /// Whether the viewer may do this about the child today: which doors are drawn.
    pub fn allows(&self, viewer: &Viewer, act: Act) -> bool {
        let decision = viewer.decide(act, self.class_id.as_str(), self.paired);
        decision.is_allowed() && !(ends_with_leaving(act) && self.has_left(viewer.today()))
    }

    /// Whether the viewer keeps the child's file, also when the child has left.
    pub fn kept_by(&self, viewer: &Viewer) -> bool {
        let decision = viewer.decide(Act::EditDossier, self.class_id.as_str(), self.paired);
        decision.is_allowed()
    }

    pub fn has_left(&self, today: Date) -> bool {
        self.left_on.is_some_and(|on| on <= today)
    }

    /// 她 or 他.
    pub fn pronoun(&self) -> &'static str {
        if self.sex == "female" { "她" } else { "他" }
    }

    pub fn age(&self, today: Date) -> Option<i64> {
        self.born_on.map(|born| rules::history::age_on(born, today))
    }
}

db::row! {
    struct Row {
        id: String,
        name: String,
        sex: String,
        born_on: Option<String>,
        class_id: String,
        stage: String,
        entry_year: i64,
        number: i64,
        boarding: Option<i64>,
        rural: Option<i64>,
        registry_code: Option<String>,
        in_care_since: String,
        left_on: Option<String>,
        version: i64,
        paired: i64,
        wrapped: Option<String>,
    }
}

fn child(row: Row, today: Date) -> Child {
    let left_on = db::opt_date(row.left_on);
    // Who has left stays in the grade of that day.
    let here_on = left_on.map_or(today, |left| left.min(today));
    Child {
        id: row.id.into(),
        name: row.name,
        sex: row.sex,
        born_on: db::opt_date(row.born_on),
        class_id: row.class_id.into(),
        grade: words::grade(&row.stage, row.entry_year, school_year_of(here_on)),
        class_number: row.number,
        boarding: row.boarding.map(|yes| yes == 1),
        rural: row.rural.map(|yes| yes == 1),
        registry_code: row.registry_code,
        in_care_since: db::date(&row.in_care_since),
        left_on,
        version: row.version,
        paired: row.paired == 1,
        wrapped: row.wrapped,
    }
}

macro_rules! child_columns {
    () => {
        child_columns!("null", "")
    };
    ($wrapped:literal, $join:literal) => {
        concat!(
            "select c.id, c.name, c.sex, c.born_on, m.class_id, k.stage, k.entry_year, k.number,
            c.boarding, c.rural, c.registry_code, c.in_care_since, c.left_on, c.version,
            cast(exists (select 1 from pairing p where p.school_id = c.school_id
                and p.child_id = c.id and p.staff_id = $2 and p.from_on <= $3
                and (p.to_on is null or p.to_on >= $3)) as integer) as paired, ",
            $wrapped,
            " as wrapped
         from child c
         join membership m on m.school_id = c.school_id and m.child_id = c.id
            and m.from_on <= $3 and (m.to_on is null or m.to_on > $3)
         join class k on k.school_id = m.school_id and k.id = m.class_id",
            $join
        )
    };
}

pub const HAS_LEFT: &str = "这个孩子已经不在本校读了，档案照原样留着，不再改。回来读书了，请档案管理员在“变动”里点“回来读书了”。";

/// One child, if the viewer may do this about it.
pub async fn visible(
    conn: &mut Conn,
    viewer: &Viewer,
    act: Act,
    child_id: &ChildId,
) -> Result<Child> {
    let row: Option<Row> = db::query_as(concat!(
        child_columns!(
            "y.wrapped",
            " join child_key y on y.school_id = c.school_id and y.child_id = c.id"
        ),
        " where c.school_id = $1 and c.id = $4"
    ))
    .bind(viewer.school_id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(viewer.today().to_string())
    .bind(child_id.as_str())
    .fetch_optional(conn)
    .await?;
    let found = row.map(|row| child(row, viewer.today()));
    let mut child = found.ok_or(Failure::NotThere)?;
    if viewer.is_projecting {
        child.name = words::masked_name(&child.name);
    }
    match viewer.decide(act, child.class_id.as_str(), child.paired) {
        Decision::Allowed { .. } if ends_with_leaving(act) && child.has_left(viewer.today()) => {
            Err(Failure::Asked(HAS_LEFT.to_owned()))
        }
        Decision::Allowed { .. } => Ok(child),
        Decision::Placeholder | Decision::Denied => Err(Failure::NotThere),
    }
}

/// All children about whom the viewer may do this, by class and name.
pub async fn all_visible(app: &App, conn: &mut Conn, viewer: &Viewer, act: Act) -> Result<Visible> {
    // Who is paired with children besides needs to know with whom: memory does not.
    if viewer.sees_whole_school(act) && !viewer.is_paired() {
        let whole = roster::whole(app, conn, &viewer.school_id, viewer.today()).await?;
        return Ok(whole.seen_by(viewer));
    }
    let rows: Vec<Row> = if viewer.sees_whole_school(act) {
        db::query_as(concat!(
            child_columns!(),
            " where c.school_id = $1 and (c.left_on is null or c.left_on > $3)"
        ))
        .bind(viewer.school_id.as_str())
        .bind(viewer.staff_id.as_str())
        .bind(viewer.today().to_string())
        .fetch_all(conn)
        .await?
    } else {
        own(conn, viewer, act).await?
    };
    let today = viewer.today();
    let children = rows.into_iter().map(|row| child(row, today)).collect();
    Ok(Visible::own(children).seen_by(viewer))
}

/// The one place where SQL restricts children to the viewer's own: the classes of the grants that
/// allow the act, and the paired children. A test holds it against `rules::access`.
async fn own(conn: &mut Conn, viewer: &Viewer, act: Act) -> Result<Vec<Row>> {
    let [homeroom, subject] = viewer.class_roles(act);
    Ok(db::query_as(concat!(
        child_columns!(),
        " where c.school_id = $1 and (c.left_on is null or c.left_on > $3) and c.id in (
            select own.child_id from role_grant g
            join membership own on own.school_id = g.school_id and own.class_id = g.scope_id
            where g.school_id = $1 and g.staff_id = $2 and g.scope_kind = 'class'
                and g.role in ($4, $5) and g.from_on <= $3 and (g.to_on is null or g.to_on >= $3)
                and own.from_on <= $3 and (own.to_on is null or own.to_on > $3)
            union
            select p.child_id from pairing p
            where $6 = 1 and p.school_id = $1 and p.staff_id = $2 and p.from_on <= $3
                and (p.to_on is null or p.to_on >= $3))"
    ))
    .bind(viewer.school_id.as_str())
    .bind(viewer.staff_id.as_str())
    .bind(viewer.today().to_string())
    .bind(homeroom)
    .bind(subject)
    .bind(i64::from(viewer.reaches_paired(act)))
    .fetch_all(conn)
    .await?)
}

/// The ids of the children one of whose grown-ups has a number that ends so. Whether the viewer
/// may see them is asked next.
pub async fn with_phone_ending(
    conn: &mut Conn,
    viewer: &Viewer,
    ending: &str,
) -> Result<HashSet<String>> {
    let rows: Vec<(String, String, String, String)> = db::query_as(
        "select n.child_id, n.id, n.details_sealed, k.wrapped from kin n
         join child_key k on k.school_id = n.school_id and k.child_id = n.child_id
         where n.school_id = $1 and n.phone_state = 'good' and (n.to_on is null or n.to_on > $2)",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?;
    let mut found = HashSet::new();
    for (child_id, kin_id, sealed, wrapped) in rows {
        let key = viewer.school_key.unwrap_key(&child_id, &wrapped)?;
        let text = key.open(&format!("kin/{kin_id}/details"), &sealed)?;
        let details: KinDetails = serde_json::from_str(&text)
            .map_err(|error| Failure::Ours(format!("kin details: {error}")))?;
        if details.phones().any(|phone| phone.ends_with(ending)) {
            found.insert(child_id);
        }
    }
    Ok(found)
}

/// The key of a child already known to be visible.
pub async fn key(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Key> {
    match &child.wrapped {
        Some(wrapped) => Ok(viewer.school_key.unwrap_key(child.id.as_str(), wrapped)?),
        None => key_of(conn, viewer, &child.id).await,
    }
}

/// The key of a child by its id.
pub async fn key_of(conn: &mut Conn, viewer: &Viewer, child_id: &ChildId) -> Result<Key> {
    let wrapped: String =
        db::query_scalar("select wrapped from child_key where school_id = $1 and child_id = $2")
            .bind(viewer.school_id.as_str())
            .bind(child_id.as_str())
            .fetch_one(conn)
            .await?;
    Ok(viewer.school_key.unwrap_key(child_id.as_str(), &wrapped)?)
}

/// What is sealed of a child itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Identity {
    pub citizen_id: Option<String>,
    /// The number of a passport or a permit.
    #[serde(default)]
    pub other_document: Option<String>,
    pub student_no: Option<String>,
    pub address: Option<String>,
    pub hukou_place: Option<String>,
    pub nation: Option<String>,
    pub health: Option<String>,
    pub remark: Option<String>,
    /// The school that it came from.
    #[serde(default)]
    pub came_from: Option<String>,
}

/// Children with a carer's or a parent's number in common, or where one still has what the other had:
/// most of them live in one home.
pub async fn of_same_home(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &ChildId,
) -> Result<Vec<ChildId>> {
    let ids: Vec<String> = db::query_scalar(
        "select distinct o.child_id from kin k
         join kin o on o.school_id = k.school_id and o.phone_index = k.phone_index
         where k.school_id = $1 and k.child_id = $2 and o.child_id <> $2
            and (k.to_on is null or o.to_on is null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.as_str())
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(ChildId::from).collect())
}

/// Everybody who stands on the card or stood there: the id, and what the child calls them.
pub async fn kin_words(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
) -> Result<Vec<(String, String)>> {
    let rows: Vec<(String, String)> =
        db::query_as("select id, kinship from kin where school_id = $1 and child_id = $2")
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .fetch_all(conn)
            .await?;
    let words = rows.into_iter().map(|(id, code)| (id, kin_word(&code)));
    Ok(words.collect())
}

/// A grown-up around a child; names, numbers and addresses are sealed in the table.
#[derive(Clone, Debug)]
pub struct Kin {
    pub id: KinId,
    pub party: String,
    pub kinship: String,
    pub details: KinDetails,
    pub phone_state: String,
    pub phone_checked_on: Option<Date>,
    pub born_on: Option<Date>,
    pub free_after: Option<String>,
    pub version: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KinDetails {
    pub name: String,
    pub phone: Option<String>,
    /// Another number of the same person: a second telephone, or the one at home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_phone: Option<String>,
    pub work_place: Option<String>,
    pub employer_phone: Option<String>,
    pub occupation: Option<String>,
    pub address: Option<String>,
    pub health: Option<String>,
}

impl KinDetails {
    /// All the numbers of this person, the one to dial first in front.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        let both = [self.phone.as_deref(), self.other_phone.as_deref()];
        both.into_iter().flatten()
    }

    /// Who has one number left is reached under it.
    pub fn close_ranks(&mut self) {
        if self.phone.is_none() || self.phone == self.other_phone {
            self.phone = self.other_phone.take();
        }
    }
}

/// How many children of all schools have lost their key or every place they ever had.
pub async fn incomplete(conn: &mut Conn) -> db::Result<i64> {
    db::query_scalar(
        "select count(*) from child c
         where not exists (select 1 from child_key k
                where k.school_id = c.school_id and k.child_id = c.id)
            or not exists (select 1 from membership m
                where m.school_id = c.school_id and m.child_id = c.id)",
    )
    .fetch_one(conn)
    .await
}

/// Whether a number of this state is asked for: nobody has it any more, or it never was one.
pub fn is_asked_for(phone_state: &str) -> bool {
    ["dead", "held"].contains(&phone_state)
}

impl Kin {
    pub fn is_asked_for(&self) -> bool {
        is_asked_for(&self.phone_state)
    }

    /// 妈妈, 爸爸, 奶奶 …
    pub fn word(&self) -> String {
        kin_word(&self.kinship)
    }

    pub fn masked_phone(&self) -> Option<String> {
        masked(self.details.phone.as_deref()?)
    }

    pub fn masked_other(&self) -> Option<String> {
        masked(self.details.other_phone.as_deref()?)
    }

    /// 139****5678、0556-****1234
    pub fn masked_phones(&self) -> Option<String> {
        let both: Vec<String> = self.details.phones().filter_map(masked).collect();
        (!both.is_empty()).then(|| both.join("、"))
    }
}

fn masked(phone: &str) -> Option<String> {
    let phone = rules::identity::Phone::parse(phone).ok()?;
    Some(phone.masked())
}

/// The family's own word for a kinship code.
pub fn kin_word(code: &str) -> String {
    rules::identity::Kinship::from_code(code)
        .map(|kinship| kinship.word().to_owned())
        .filter(|word| !word.is_empty())
        .unwrap_or_else(|| "照看人".to_owned())
}

db::row! {
    struct KinRow {
        id: String,
        party: String,
        kinship: String,
        details_sealed: String,
        phone_state: String,
        phone_checked_on: Option<String>,
        born_on: Option<String>,
        free_after: Option<String>,
        from_on: Option<String>,
        to_on: Option<String>,
        version: i64,
    }
}

macro_rules! kin_rows {
    ($which:literal) => {
        concat!(
            "select id, party, kinship, details_sealed, phone_state, phone_checked_on, born_on,
                free_after, from_on, to_on, version
             from kin where school_id = $1 and child_id = $2",
            $which
        )
    };
}

/// The grown-ups around a visible child, parents first.
pub async fn kin(conn: &mut Conn, viewer: &Viewer, child: &Child, key: &Key) -> Result<Vec<Kin>> {
    let rows: Vec<KinRow> = db::query_as(kin_rows!(
        " and (to_on is null or to_on > $3) order by position, id"
    ))
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| open_kin(row, key)).collect()
}

/// What the card said of a grown-up once, and from when to when.
pub struct Former {
    pub kin: Kin,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

/// Grown-ups who are no longer around, and what was once known of those who are; newest first.
pub async fn former_kin(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
) -> Result<Vec<Former>> {
    let rows: Vec<KinRow> =
        db::query_as(kin_rows!(" and to_on <= $3 order by to_on desc, id desc"))
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .bind(viewer.today().to_string())
            .fetch_all(conn)
            .await?;
    let former = rows.into_iter().map(|row| {
        Ok(Former {
            from: db::opt_date(row.from_on.clone()),
            to: db::opt_date(row.to_on.clone()),
            kin: open_kin(row, key)?,
        })
    });
    former.collect()
}

fn open_kin(row: KinRow, key: &Key) -> Result<Kin> {
    let text = key.open(&format!("kin/{}/details", row.id), &row.details_sealed)?;
    let details = serde_json::from_str(&text)
        .map_err(|error| Failure::Ours(format!("kin details: {error}")))?;
    Ok(Kin {
        id: row.id.into(),
        party: row.party,
        kinship: row.kinship,
        details,
        phone_state: row.phone_state,
        phone_checked_on: db::opt_date(row.phone_checked_on),
        born_on: db::opt_date(row.born_on),
        free_after: row.free_after,
        version: row.version,
    })
}

/// What is sealed of a visible child.
pub async fn identity(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
) -> Result<Identity> {
    let sealed: String =
        db::query_scalar("select identity_sealed from child where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .fetch_one(conn)
            .await?;
    let text = key.open(&format!("child/{}/identity", child.id), &sealed)?;
    serde_json::from_str(&text).map_err(|error| Failure::Ours(format!("identity: {error}")))
}

/// Everybody in a school. The one exception to the rule that children are read through a viewer:
/// for the roster in memory, which hands out only what a viewer may see, and for counts.
pub async fn everybody(
    conn: &mut Conn,
    school_id: &crate::ids::SchoolId,
    today: Date,
) -> db::Result<Vec<Child>> {
    let rows: Vec<Row> = db::query_as(concat!(
        child_columns!(),
        " where c.school_id = $1 and (c.left_on is null or c.left_on > $3)"
    ))
    .bind(school_id.as_str())
    .bind("")
    .bind(today.to_string())
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| child(row, today)).collect())
}
