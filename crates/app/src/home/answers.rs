//! About which parent somebody has asked, a person or a list, and whose answer stands against a list.

use super::lines::{Line, lines};
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::OperationId;
use crate::web::{Result, Viewer};
use rules::history::Parent;

/// Whether anybody has asked where this parent is.
pub fn is_asked(parent: Parent, asked: &[String], lines: &[Line]) -> bool {
    let mut told = lines
        .iter()
        .filter(|line| matches!(line.what.as_str(), "absence" | "state"))
        // What has ended says nothing of where the parent is now.
        .filter(|line| line.to_on.is_none());
    asked
        .iter()
        .any(|one| one.is_empty() || one == parent.code())
        || told.any(|line| asked.is_empty() || line.who == parent.code())
}

/// About whom somebody has asked: one of the parents, or (empty) both.
pub async fn asked(conn: &mut Conn, viewer: &Viewer, child: &Child) -> db::Result<Vec<String>> {
    db::query_scalar(
        "select distinct coalesce(parent, '') from screening
         where school_id = $1 and child_id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await
}

/// Of which parents somebody said with their own hand where they are.
pub struct ByHand {
    father: bool,
    mother: bool,
    /// The whole was put together of an answer about each.
    is_of_two: bool,
}

impl ByHand {
    pub fn of(&self, parent: Parent) -> bool {
        match parent {
            Parent::Father => self.father,
            Parent::Mother => self.mother,
        }
    }

    /// By the word for the parent.
    pub fn is_of(&self, parent: &str) -> bool {
        Parent::from_code(parent).is_some_and(|parent| self.of(parent))
    }
}

pub async fn by_hand(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<ByHand> {
    let asked: Vec<(String, String)> = db::query_as(
        "select source, coalesce(parent, '') from screening
         where school_id = $1 and child_id = $2 and source <> 'roster'",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?;
    // Where the second of two makes it a whole, beside the whole stands of which it was told.
    let whole = asked.iter().filter(|(_, parent)| parent.is_empty()).count();
    let last = asked
        .iter()
        .filter(|(source, _)| source == "told_last")
        .count();
    let is_of_two = whole > 0 && whole <= last;
    let said = |of: Parent| whole > last || asked.iter().any(|(_, parent)| parent == of.code());
    Ok(ByHand {
        father: said(Parent::Father),
        mother: said(Parent::Mother),
        is_of_two,
    })
}

/// Somebody has asked about this parent; with the other it may be the whole.
pub async fn asked_of(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (parent, is_the_last): (Parent, bool),
) -> Result<()> {
    if is_the_last {
        put_screening(conn, viewer, child, (None, "asked")).await?;
        // Of which of the two it was told is remembered beside it: a list may still tell of the other.
        return put_screening(conn, viewer, child, (Some(parent), "told_last")).await;
    }
    put_screening(conn, viewer, child, (Some(parent), "asked")).await
}

/// Whether the other parent was asked about before: with this one it is the whole.
pub async fn is_the_last(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, parent): (&Child, Parent),
) -> Result<bool> {
    let known = asked(conn, viewer, child).await?;
    let lines = lines(conn, viewer, child).await?;
    let mut others = Parent::ALL.iter().filter(|one| **one != parent);
    Ok(others.all(|one| is_asked(*one, &known, &lines)))
}

/// Somebody has asked about this child: from now on silence about a parent means "at home".
pub async fn screened(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<()> {
    put_screening(conn, viewer, child, (None, "asked")).await
}

async fn put_screening(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (parent, source): (Option<Parent>, &str),
) -> Result<()> {
    db::query(
        "insert into screening (school_id, id, child_id, screened_on, source, by_staff, parent)
         values ($1, $2, $3, $4, $7, $5, $6)",
    )
    .bind(viewer.school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .bind(viewer.staff_id.as_str())
    .bind(parent.map(Parent::code))
    .bind(source)
    .execute(conn)
    .await?;
    Ok(())
}

/// With a line that somebody told by mistake goes the answer that it was. A line of a list that somebody
/// takes out is an answer of its own: the list is wrong, and says so in vain the next time.
pub async fn answer_dropped(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (line, parent): (&Line, Parent),
) -> Result<()> {
    let by_list: i64 = db::query_scalar(
        "select cast(count(*) as bigint) from parent_absence
         where school_id = $1 and child_id = $2 and id = $3 and source = 'roster'",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(&line.id)
    .fetch_one(&mut *conn)
    .await?;
    if by_list > 0 {
        let is_the_last = is_the_last(conn, viewer, (child, parent)).await?;
        return asked_of(conn, viewer, child, (parent, is_the_last)).await;
    }
    for sql in [
        "delete from screening where school_id = $1 and id = (select min(id) from screening
            where school_id = $1 and child_id = $2 and id > $3 and source = 'asked'
                and (parent is null or parent = $4))",
        "delete from screening where school_id = $1 and id = (select min(id) from screening
            where school_id = $1 and child_id = $2 and id > $3 and source = 'told_last'
                and parent = $4)",
    ] {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .bind(&line.id)
            .bind(parent.code())
            .execute(&mut *conn)
            .await?;
    }
    half_again(conn, viewer, child, parent).await
}

/// Where the answer of this parent and that of the other made the whole, the other's alone is left.
async fn half_again(conn: &mut Conn, viewer: &Viewer, child: &Child, parent: Parent) -> Result<()> {
    let hand = by_hand(conn, viewer, child.id.as_str()).await?;
    if !hand.is_of_two || hand.of(parent) {
        return Ok(());
    }
    for sql in [
        "update screening set parent = (select max(parent) from screening l
            where l.school_id = $1 and l.child_id = $2 and l.source = 'told_last')
         where school_id = $1 and child_id = $2 and source = 'asked' and parent is null",
        "delete from screening where school_id = $1 and child_id = $2 and source = 'told_last'",
    ] {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
