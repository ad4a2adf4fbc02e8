//! 建一所学校: its place in the tree, its term, the packs that it follows from the first day.

use super::forms::NO_TERM;
use super::store;
use super::tree::{self, NewOrg, OrgKind};
use crate::App;
use crate::adoptions::store as packs;
use crate::db::{self, Conn};
use crate::ids::{OperationId, SchoolId};
use crate::journal::{self, Actor, Entry, Kind};
use crate::web::{Failure, Result};
use jiff::civil::Date;
use rules::calendar::Term;

pub const STAGES: [(&str, &str); 3] = [
    ("primary", "小学"),
    ("junior", "初中"),
    ("nine_year", "九年一贯"),
];

pub struct Founding {
    pub name: String,
    /// A word of [`STAGES`].
    pub stage: String,
    pub term_from: Date,
    pub term_to: Date,
    /// Ids of shipped packs.
    pub packs: Vec<String>,
    pub county: Option<String>,
    /// 石门乡, between the county and the school.
    pub township: Option<String>,
}

/// Founds a school with everything that it needs on its first day, and its first journal entry.
pub async fn found(app: &App, conn: &mut Conn, new: &Founding) -> Result<SchoolId> {
    if !STAGES.iter().any(|(code, _)| *code == new.stage) {
        return Err(Failure::Asked(
            "学校是小学（primary）、初中（junior）还是九年一贯（nine_year），选一个。".to_owned(),
        ));
    }
    let term = Term::of_days(new.term_from, new.term_to)
        .ok_or_else(|| Failure::Asked(NO_TERM.to_owned()))?;
    let id = place(conn, new).await?;
    store::set_term(conn, &id, &term).await?;
    packs::adopt_national(conn, &id, new.term_from, "").await?;
    for pack in &new.packs {
        let (read, text) = packs::shipped_pack(pack, new.term_from)
            .ok_or_else(|| Failure::Asked(format!("没有自带的约定“{pack}”。")))?;
        packs::adopt(conn, &id, (&read, text), new.term_from, "").await?;
    }
    note(app, conn, &id, (Kind::SchoolOpened, "org", id.as_str())).await?;
    Ok(id)
}

/// The school's own place in the tree.
async fn place(conn: &mut Conn, new: &Founding) -> Result<SchoolId> {
    let taken: Option<String> = db::query_scalar("select id from org where name = $1")
        .bind(&new.name)
        .fetch_optional(&mut *conn)
        .await?;
    if taken.is_some() {
        return Err(Failure::Asked(format!(
            "已经有{}了，没有再建一所。",
            new.name
        )));
    }
    let above = above(conn, (new.county.as_deref(), new.township.as_deref())).await?;
    let id = SchoolId::new();
    let org = NewOrg {
        parent: above.as_ref(),
        kind: OrgKind::School,
        name: &new.name,
        stage: &new.stage,
    };
    tree::open_org(conn, &id, &org).await?;
    Ok(id)
}

/// The township of that name, or the county where there is none; none of both: nothing is above.
pub async fn above(
    conn: &mut Conn,
    (county, township): (Option<&str>, Option<&str>),
) -> Result<Option<SchoolId>> {
    let mut above: Option<SchoolId> = None;
    for (kind, name) in [(OrgKind::County, county), (OrgKind::Township, township)] {
        if let Some(name) = name {
            above = Some(unit(conn, (kind, name), above.as_ref()).await?);
        }
    }
    Ok(above)
}

/// The county of that name, or the township of that name in it, made if it is not there yet.
async fn unit(
    conn: &mut Conn,
    (kind, name): (OrgKind, &str),
    within: Option<&SchoolId>,
) -> Result<SchoolId> {
    let known: Option<String> = db::query_scalar(
        "select id from org where name = $1 and kind = $2 and coalesce(parent_id, '') = $3",
    )
    .bind(name)
    .bind(kind.code())
    .bind(within.map_or("", SchoolId::as_str))
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(id) = known {
        return Ok(SchoolId::from(id));
    }
    let id = SchoolId::new();
    let org = NewOrg {
        parent: within,
        kind,
        name,
        stage: "",
    };
    tree::open_org(conn, &id, &org).await?;
    Ok(id)
}

/// What nobody of the school did, because nobody is there yet, or the console did.
pub async fn note(
    app: &App,
    conn: &mut Conn,
    school_id: &SchoolId,
    (kind, subject_kind, subject_id): (Kind, &'static str, &str),
) -> Result<()> {
    let now = app.clock.now();
    let actor = Actor {
        school_id,
        staff_id: "",
        at: &now.at,
        key: &app.vault.school_key(school_id.as_str()),
        device: None,
    };
    let entry = Entry {
        operation: &OperationId::new(),
        kind,
        subject_kind,
        subject_id,
        payload: "",
        result: "",
    };
    Ok(journal::record(conn, &actor, &entry).await?)
}

/// Whether there is no school yet: only then may one be founded through the web.
pub async fn is_empty(conn: &mut Conn) -> db::Result<bool> {
    let schools: i64 =
        db::query_scalar("select cast(count(*) as bigint) from org where kind = 'school'")
            .fetch_one(conn)
            .await?;
    Ok(schools == 0)
}
