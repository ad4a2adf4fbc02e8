//! The tree as it lies in the database: county, township, school, campus.

use crate::db::{self, Conn};
use crate::ids::{ClassId, SchoolId};
use jiff::civil::Date;
use rules::coded;

coded! {
    /// The units of the tree, from the county down.
    OrgKind { County = "county", Township = "township", School = "school", Campus = "campus" }
}

pub struct NewOrg<'a> {
    pub parent: Option<&'a SchoolId>,
    pub kind: OrgKind,
    pub name: &'a str,
    /// primary, junior, nine_year; empty above the school
    pub stage: &'a str,
}

/// Adds a unit to the tree, with the head of its journal: whoever changes the unit locks it first.
pub async fn open_org(conn: &mut Conn, id: &SchoolId, org: &NewOrg<'_>) -> db::Result<()> {
    db::query(
        "insert into org (id, parent_id, kind, name, region_code, stage, boarding)
         values ($1, $2, $3, $4, '', $5, 1)",
    )
    .bind(id.as_str())
    .bind(org.parent.map(ToString::to_string))
    .bind(org.kind.code())
    .bind(org.name)
    .bind(org.stage)
    .execute(&mut *conn)
    .await?;
    db::query("insert into journal_head (school_id, seq, hash) values ($1, 0, '')")
        .bind(id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

/// A unit above the school, or the school itself.
pub struct Unit {
    pub id: SchoolId,
    pub name: String,
    pub kind: OrgKind,
}

/// Where the school stands in the tree: what is above it, and itself.
pub async fn units(conn: &mut Conn, school_id: &SchoolId) -> db::Result<Vec<Unit>> {
    let mut found = Vec::new();
    let mut at = Some(school_id.to_string());
    while let Some(id) = at {
        let row: Option<(String, String, Option<String>)> =
            db::query_as("select name, kind, parent_id from org where id = $1")
                .bind(&id)
                .fetch_optional(&mut *conn)
                .await?;
        let Some((name, kind, parent)) = row else {
            break;
        };
        let id = SchoolId::from(id);
        if let Some(kind) = OrgKind::from_code(&kind) {
            found.insert(0, Unit { id, name, kind });
        }
        at = parent;
    }
    Ok(found)
}

impl OrgKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::County => "县",
            Self::Township => "乡镇",
            Self::School => "学校",
            Self::Campus => "校区",
        }
    }
}

/// The places of a school besides its own: id and name.
pub async fn campuses(conn: &mut Conn, school_id: &SchoolId) -> db::Result<Vec<(String, String)>> {
    db::query_as(
        "select id, name from org
         where parent_id = $1 and kind = 'campus' and closed_on is null order by name",
    )
    .bind(school_id.as_str())
    .fetch_all(conn)
    .await
}

/// Gives one of the school's places another name; false: it is none.
pub async fn rename_campus(
    conn: &mut Conn,
    school_id: &SchoolId,
    (campus, name): (&SchoolId, &str),
) -> db::Result<bool> {
    let renamed = db::query(
        "update org set name = $3
         where id = $2 and parent_id = $1 and kind = 'campus' and closed_on is null",
    )
    .bind(school_id.as_str())
    .bind(campus.as_str())
    .bind(name)
    .execute(conn)
    .await?;
    Ok(renamed == 1)
}

/// From today on the school has this place no more, unless a class is taught there; false: it stays.
pub async fn close_campus(
    conn: &mut Conn,
    school_id: &SchoolId,
    (campus, today): (&SchoolId, Date),
) -> db::Result<bool> {
    let closed = db::query(
        "update org set closed_on = $3
         where id = $2 and parent_id = $1 and kind = 'campus' and closed_on is null
            and not exists (select 1 from class c
                where c.school_id = $1 and c.campus_id = $2 and c.closed_on is null)",
    )
    .bind(school_id.as_str())
    .bind(campus.as_str())
    .bind(today.to_string())
    .execute(conn)
    .await?;
    Ok(closed == 1)
}

/// Hangs the school below another unit of the tree.
pub async fn put_below(
    conn: &mut Conn,
    school_id: &SchoolId,
    above: Option<&SchoolId>,
) -> db::Result<()> {
    db::query("update org set parent_id = $2 where id = $1 and kind = 'school'")
        .bind(school_id.as_str())
        .bind(above.map(ToString::to_string))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether people of its own work with the program in this unit.
pub async fn has_people(conn: &mut Conn, unit: &SchoolId) -> db::Result<bool> {
    let found: Option<String> =
        db::query_scalar("select id from staff where school_id = $1 limit 1")
            .bind(unit.as_str())
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

/// Classes that are not at the school's own place, each with its campus.
pub async fn class_campuses(
    conn: &mut Conn,
    school_id: &SchoolId,
) -> db::Result<Vec<(String, String)>> {
    db::query_as(
        "select id, campus_id from class where school_id = $1 and campus_id is not null order by id",
    )
    .bind(school_id.as_str())
    .fetch_all(conn)
    .await
}

/// `campus`: empty for the school's own place.
pub async fn put_class(
    conn: &mut Conn,
    school_id: &SchoolId,
    (class_id, campus): (&ClassId, &str),
) -> db::Result<()> {
    db::query("update class set campus_id = $3 where school_id = $1 and id = $2")
        .bind(school_id.as_str())
        .bind(class_id.as_str())
        .bind(Some(campus).filter(|campus| !campus.is_empty()))
        .execute(conn)
        .await?;
    Ok(())
}
