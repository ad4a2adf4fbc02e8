//! Pairs, dated.

use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{OperationId, SchoolId};
use crate::web::{Failure, Result, Viewer};
use jiff::civil::Date;

pub struct Pair {
    pub id: String,
    pub staff_id: String,
    pub name: String,
    pub from_on: Date,
}

pub async fn of_child(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<Pair>> {
    let rows: Vec<(String, String, String, String)> = db::query_as(
        "select p.id, p.staff_id, t.name, p.from_on from pairing p
         join staff t on t.school_id = p.school_id and t.id = p.staff_id
         where p.school_id = $1 and p.child_id = $2 and (p.to_on is null or p.to_on >= $3)
         order by p.from_on",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, staff_id, name, from_on)| Pair {
            id,
            staff_id,
            name,
            from_on: db::date(&from_on),
        })
        .collect())
}

pub struct Mentor {
    pub id: String,
    pub name: String,
    /// How many children are paired with this mentor today.
    pub load: i64,
}

/// Those who hold the role of a mentor today, with their load.
pub async fn mentors(conn: &mut Conn, viewer: &Viewer) -> Result<Vec<Mentor>> {
    let rows: Vec<(String, String, i64)> = db::query_as(
        "select t.id, t.name, (select cast(count(*) as bigint) from pairing p
            where p.school_id = t.school_id and p.staff_id = t.id
                and (p.to_on is null or p.to_on >= $2)) as load
         from staff t
         where t.school_id = $1 and t.disabled_at is null and exists (select 1 from role_grant g
            where g.school_id = t.school_id and g.staff_id = t.id and g.role = 'mentor'
                and g.from_on <= $2 and (g.to_on is null or g.to_on >= $2))
         order by t.name",
    )
    .bind(viewer.school_id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, load)| Mentor { id, name, load })
        .collect())
}

/// Whoever is asked to be there for a child holds the role of a mentor today.
pub async fn mentor(conn: &mut Conn, viewer: &Viewer, staff_id: &str) -> Result<()> {
    let all = mentors(conn, viewer).await?;
    if all.iter().any(|one| one.id == staff_id) {
        return Ok(());
    }
    Err(Failure::Asked(super::NO_SUCH_MENTOR.to_owned()))
}

pub async fn is_paired(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    staff_id: &str,
) -> Result<bool> {
    let pairs = of_child(conn, viewer, child).await?;
    Ok(pairs.iter().any(|pair| pair.staff_id == staff_id))
}

/// Pairs from today on. A teacher who is there for this child already is not paired a second time,
/// whatever page the request came from.
pub async fn add(conn: &mut Conn, viewer: &Viewer, child: &Child, staff_id: &str) -> Result<()> {
    let pairs = of_child(conn, viewer, child).await?;
    if let Some(pair) = pairs.iter().find(|pair| pair.staff_id == staff_id) {
        return Err(Failure::Asked(format!(
            "{}已经和这个孩子结对了，不用再结一次。",
            pair.name
        )));
    }
    open(
        conn,
        &viewer.school_id,
        (child.id.as_str(), staff_id),
        viewer.today(),
    )
    .await
}

/// A pair from a day on.
pub async fn open(
    conn: &mut Conn,
    school_id: &SchoolId,
    (child_id, staff_id): (&str, &str),
    from_on: Date,
) -> Result<()> {
    db::query(
        "insert into pairing (school_id, id, child_id, staff_id, kind, from_on, to_on)
         values ($1, $2, $3, $4, 'mentor_teacher', $5, null)",
    )
    .bind(school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(child_id)
    .bind(staff_id)
    .bind(from_on.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn end(conn: &mut Conn, viewer: &Viewer, child: &Child, id: &str) -> Result<()> {
    let last = rules::calendar::plus_days(viewer.today(), -1);
    db::query("update pairing set to_on = $4 where school_id = $1 and child_id = $2 and id = $3")
        .bind(viewer.school_id.as_str())
        .bind(child.id.as_str())
        .bind(id)
        .bind(last.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
