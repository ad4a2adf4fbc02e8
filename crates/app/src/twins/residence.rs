//! Whether a child boards at school, and of which kind its household registration is: in two files of it.

use super::pages::Line;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::ChildId;
use crate::web::{Fields, Result, Viewer};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residence {
    boarding: Option<bool>,
    rural: Option<bool>,
}

impl From<&Child> for Residence {
    fn from(child: &Child) -> Self {
        Self {
            boarding: child.boarding,
            rural: child.rural,
        }
    }
}

const BOARDING: &str = "boarding";
const RURAL: &str = "rural";

/// What the two files say differently.
pub fn lines(one: &Child, other: &Child) -> impl Iterator<Item = Line> {
    let (one, other) = (Residence::from(one), Residence::from(other));
    let line = |id: &str, title: &str, (one, other), (yes, no): (&str, &str)| {
        let said = |said: Option<bool>| match said {
            Some(true) => yes.to_owned(),
            Some(false) => no.to_owned(),
            None => String::new(),
        };
        (one != other).then(|| Line {
            id: id.to_owned(),
            title: title.to_owned(),
            one: said(one),
            other: said(other),
            prefers_other: one.is_none(),
        })
    };
    let boarding = (one.boarding, other.boarding);
    let rural = (one.rural, other.rural);
    [
        line(BOARDING, "住校还是走读", boarding, ("住校", "走读")),
        line(RURAL, "户口", rural, ("农村", "城镇")),
    ]
    .into_iter()
    .flatten()
}

/// The first file's word, or the other's where it has none or is chosen.
pub fn chosen(one: &Child, other: &Child, fields: &Fields) -> Residence {
    let (one, other) = (Residence::from(one), Residence::from(other));
    let of = |id: &str, mine: Option<bool>, theirs: Option<bool>| match fields.get(id) {
        "one" => mine,
        "other" => theirs,
        _ => mine.or(theirs),
    };
    Residence {
        boarding: of(BOARDING, one.boarding, other.boarding),
        rural: of(RURAL, one.rural, other.rural),
    }
}

pub async fn put(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &ChildId,
    residence: Residence,
) -> Result<()> {
    db::query("update child set boarding = $3, rural = $4 where school_id = $1 and id = $2")
        .bind(viewer.school_id.as_str())
        .bind(child.as_str())
        .bind(residence.boarding.map(i64::from))
        .bind(residence.rural.map(i64::from))
        .execute(conn)
        .await?;
    Ok(())
}

/// As it was before the merge, unless it was mended since. `merged`: what the kept file said, and what
/// was chosen.
pub async fn put_back(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    merged: Option<(Residence, Residence)>,
) -> Result<()> {
    match merged {
        Some((was, chosen)) if Residence::from(child) == chosen => {
            put(conn, viewer, &child.id, was).await
        }
        Some(_) | None => Ok(()),
    }
}
