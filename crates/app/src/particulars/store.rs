//! What a child's own row says and said.

use crate::children::own::{Own, own, put};
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::roster::before::Was;
use crate::vault::Key;
use crate::web::{Failure, Result, Viewer};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    pub own: Own,
    pub boarding: Option<bool>,
    pub rural: Option<bool>,
}

impl From<Was> for Particulars {
    fn from(was: Was) -> Self {
        Self {
            own: Own {
                name: was.name,
                sex: was.sex,
                born_on: was.born_on,
                id_state: was.id_state,
                identity: was.identity,
            },
            boarding: was.boarding.map(|yes| yes == 1),
            rural: was.rural.map(|yes| yes == 1),
        }
    }
}

pub async fn now(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
) -> Result<Particulars> {
    Ok(Particulars {
        own: own(conn, viewer, child, key).await?,
        boarding: child.boarding,
        rural: child.rural,
    })
}

fn place(child_id: &str, version: i64) -> String {
    format!("child_version/{child_id}/{version}")
}

/// One change by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    pub was: Particulars,
    pub became: Particulars,
}

impl Made {
    /// The value that this change gave up, if it gave up one.
    pub fn gave_up<'a, T: PartialEq>(
        &'a self,
        of: impl Fn(&'a Particulars) -> Option<&'a T>,
    ) -> Option<&'a T> {
        of(&self.was).filter(|was| of(&self.became) != Some(*was))
    }
}

fn document(own: &Own) -> (&str, Option<&String>, Option<&String>) {
    let identity = &own.identity;
    (
        &own.id_state,
        identity.citizen_id.as_ref(),
        identity.other_document.as_ref(),
    )
}

/// What hands and rosters have changed after an instant, oldest first.
pub async fn changed_since(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    since: &str,
) -> Result<Vec<Made>> {
    let mut later = now(conn, viewer, child, key).await?;
    let mut made = Vec::new();
    for one in former(conn, viewer, child, key).await? {
        if one.changed_at.as_str() <= since {
            break;
        }
        made.push(Made {
            was: one.was.clone(),
            became: one.became.unwrap_or(later),
        });
        later = one.was;
    }
    made.reverse();
    Ok(made)
}

/// An earlier state, with what was changed since.
pub fn with_changes(mut own: Own, made: &[Made]) -> Own {
    fn put<T: PartialEq + Clone>(now: &mut T, (was, became): (&T, &T)) {
        if was != became {
            now.clone_from(became);
        }
    }
    for one in made {
        let (was, became) = (&one.was.own, &one.became.own);
        put(&mut own.name, (&was.name, &became.name));
        put(&mut own.sex, (&was.sex, &became.sex));
        put(&mut own.born_on, (&was.born_on, &became.born_on));
        // Which document there is and its number are one thing.
        if document(was) != document(became) {
            own.id_state.clone_from(&became.id_state);
            let (now, became) = (&mut own.identity, &became.identity);
            now.citizen_id.clone_from(&became.citizen_id);
            now.other_document.clone_from(&became.other_document);
        }
        let (now, was, became) = (&mut own.identity, &was.identity, &became.identity);
        for (now, was, became) in [
            (&mut now.student_no, &was.student_no, &became.student_no),
            (&mut now.address, &was.address, &became.address),
            (&mut now.hukou_place, &was.hukou_place, &became.hukou_place),
            (&mut now.nation, &was.nation, &became.nation),
            (&mut now.came_from, &was.came_from, &became.came_from),
            (&mut now.remark, &was.remark, &became.remark),
            (&mut now.health, &was.health, &became.health),
        ] {
            put(now, (was, became));
        }
    }
    own
}

fn open(key: &Key, (child_id, version): (&str, i64), sealed: &str) -> Result<Made> {
    let text = key.open(&place(child_id, version), sealed)?;
    serde_json::from_str(&text).map_err(|error| Failure::Ours(format!("particulars: {error}")))
}

/// What hands have changed.
pub async fn by_hand(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    key: &Key,
) -> Result<Vec<Made>> {
    let rows: Vec<(i64, String)> = db::query_as(
        "select version, was_sealed from child_version where school_id = $1 and child_id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?;
    let opened = rows.into_iter();
    opened
        .map(|(version, sealed)| open(key, (child_id, version), &sealed))
        .collect()
}

/// Writes what is, and keeps what was.
pub async fn change(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, new): (&Particulars, &Particulars),
) -> Result<()> {
    let made = Made {
        was: was.clone(),
        became: new.clone(),
    };
    let text = serde_json::to_string(&made)
        .map_err(|error| Failure::Ours(format!("particulars: {error}")))?;
    db::query(
        "insert into child_version (school_id, child_id, version, was_sealed, changed_by, changed_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(child.version)
    .bind(key.seal(&place(child.id.as_str(), child.version), &text))
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .execute(&mut *conn)
    .await?;
    db::query("update child set boarding = $3, rural = $4 where school_id = $1 and id = $2")
        .bind(viewer.school_id.as_str())
        .bind(child.id.as_str())
        .bind(new.boarding.map(i64::from))
        .bind(new.rural.map(i64::from))
        .execute(&mut *conn)
        .await?;
    put(conn, viewer, (&child.id, key), (&new.own, true)).await
}

/// What a page of that version said, where a hand changed it next.
pub async fn at_version(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    version: i64,
) -> Result<Option<Particulars>> {
    let sealed: Option<String> = db::query_scalar(
        "select was_sealed from child_version
         where school_id = $1 and child_id = $2 and version = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(version)
    .fetch_optional(conn)
    .await?;
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    Ok(Some(open(key, (child.id.as_str(), version), &sealed)?.was))
}

/// What was before a change, when it was changed and by whom.
pub struct Former {
    pub was: Particulars,
    /// Of a change by hand, what it made of it.
    pub became: Option<Particulars>,
    pub changed_at: String,
    pub by: String,
    pub by_roster: bool,
}

/// Newest first: by hand, and by rosters that were not taken back.
pub async fn former(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
) -> Result<Vec<Former>> {
    let by_hand: Vec<(i64, String, String, String)> = db::query_as(
        "select v.version, v.was_sealed, s.name, v.changed_at from child_version v
         join staff s on s.school_id = v.school_id and s.id = v.changed_by
         where v.school_id = $1 and v.child_id = $2",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(&mut *conn)
    .await?;
    let mut found = Vec::new();
    for (version, sealed, by, changed_at) in by_hand {
        let made = open(key, (child.id.as_str(), version), &sealed)?;
        found.push(Former {
            was: made.was,
            became: Some(made.became),
            changed_at,
            by,
            by_roster: false,
        });
    }
    let by_roster: Vec<(String, String, Option<String>)> = db::query_as(
        "select o.before_sealed, s.name, n.committed_at from roster_import_child o
         join roster_import n on n.school_id = o.school_id and n.id = o.import_id
         join staff s on s.school_id = n.school_id and s.id = n.by_staff
         where o.school_id = $1 and o.child_id = $2 and o.before_sealed <> ''
            and n.state = 'committed'",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await?;
    for (sealed, by, committed_at) in by_roster {
        let text = key.open(&format!("roster_import_child/{}", child.id), &sealed)?;
        let was: Was = serde_json::from_str(&text)
            .map_err(|error| Failure::Ours(format!("before: {error}")))?;
        found.push(Former {
            was: was.into(),
            became: None,
            changed_at: committed_at.unwrap_or_default(),
            by,
            by_roster: true,
        });
    }
    found.sort_by(|one, other| other.changed_at.cmp(&one.changed_at));
    Ok(found)
}
