//! The grown-ups of a file that went into another, when the two are apart again: nobody of one family stays
//! on the card of the other, whatever was told of them meanwhile.

use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::web::{Result, Viewer};

/// Until when each grown-up of a child stands on its card.
pub async fn ends(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &ChildId,
) -> Result<Vec<(String, Option<String>)>> {
    Ok(
        db::query_as("select id, to_on from kin where school_id = $1 and child_id = $2")
            .bind(viewer.school_id.as_str())
            .bind(child.as_str())
            .fetch_all(conn)
            .await?,
    )
}

/// Takes off the kept card who is a later version of somebody that goes back: the same person, written
/// anew since.
pub async fn forget_changes(
    conn: &mut Conn,
    viewer: &Viewer,
    kept: &ChildId,
    going: &[String],
) -> Result<()> {
    let all: Vec<Stands> = db::query_as(
        "select id, party, kinship, version, to_on from kin
         where school_id = $1 and child_id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(kept.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let goes = |one: &&Stands| going.contains(&one.id);
    let is_later = |one: &&Stands| {
        let mut before = all.iter().filter(goes).filter(|was| was.to_on.is_some());
        before.any(|was| {
            was.party == one.party && was.kinship == one.kinship && was.version < one.version
        })
    };
    let stays = all.iter().filter(|one| !goes(one));
    for one in stays.filter(is_later) {
        db::query("delete from kin where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(&one.id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

db::row! {
    struct Stands {
        id: String,
        party: String,
        kinship: String,
        version: i64,
        to_on: Option<String>,
    }
}

pub async fn as_they_stood(
    conn: &mut Conn,
    viewer: &Viewer,
    ends: &[(String, Option<String>)],
) -> Result<()> {
    for (id, to_on) in ends {
        db::query("update kin set to_on = $3 where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(id)
            .bind(to_on.as_deref())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
