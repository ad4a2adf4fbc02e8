//! What is known of a home, line by line: absences, visits, states, with whom the child lives.

use super::answers::About;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::vault::Key;
use crate::web::{Result, Viewer};
use rules::history::{HomeStay, Parent, ParentAbsence};
use rules::presence::Lived;

db::row! {
    /// One line of the history, as it is kept.
    pub struct Line {
        /// absence, stay, state, living
        pub what: String,
        pub id: String,
        /// The parent, or the word of who the child lives with.
        pub who: String,
        /// The state, or how far.
        pub word: String,
        pub reason: String,
        pub place_sealed: String,
        pub from_on: Option<String>,
        pub to_on: Option<String>,
        pub left_by: Option<String>,
        /// Of an absence: roster, asked.
        pub source: String,
        /// The answer that ended it.
        pub ended_by: Option<String>,
    }
}

impl Line {
    /// Whether it says where this parent is or was, or with whom the child lives; a visit says neither.
    pub fn is_about(&self, about: About) -> bool {
        match self.what.as_str() {
            "living" => about == About::Living,
            "stay" => false,
            _ => self.who == about.code(),
        }
    }

    pub fn is_visit_of(&self, parent: Parent) -> bool {
        self.what == "stay" && self.who == parent.code()
    }

    pub fn is_of_a_list(&self) -> bool {
        self.source == "roster"
    }

    /// Told otherwise of its own day: it is kept only to hold again when the other was a mistake.
    pub fn never_held(&self) -> bool {
        let ends = self.to_on.as_ref();
        self.what == "state"
            && ends
                .zip(self.from_on.as_ref())
                .is_some_and(|(to, from)| to < from)
    }

    fn parent(&self, what: &str) -> Option<Parent> {
        let is_such = self.what == what;
        is_such.then(|| Parent::from_code(&self.who)).flatten()
    }

    fn absence(&self) -> Option<ParentAbsence> {
        Some(ParentAbsence {
            parent: self.parent("absence")?,
            from: db::opt_date(self.from_on.clone()),
            from_at_the_latest: db::opt_date(self.left_by.clone()),
            to: db::opt_date(self.to_on.clone()),
            reach: None,
        })
    }

    fn stay(&self) -> Option<HomeStay> {
        Some(HomeStay {
            parent: self.parent("stay")?,
            from: db::opt_date(self.from_on.clone())?,
            to: db::opt_date(self.to_on.clone()),
        })
    }
}

/// With whom the child lived when, of all that is known.
pub fn livings(lines: &[Line]) -> Vec<Lived<'_>> {
    let own = lines.iter().filter(|line| line.what == "living");
    own.map(|line| Lived {
        with: &line.who,
        from: db::opt_date(line.from_on.clone()),
        to: db::opt_date(line.to_on.clone()),
    })
    .collect()
}

/// When the parents were away, of all that is known.
pub fn absences(lines: &[Line]) -> Vec<ParentAbsence> {
    lines.iter().filter_map(Line::absence).collect()
}

/// When they were at home for a while.
pub fn stays(lines: &[Line]) -> Vec<HomeStay> {
    lines.iter().filter_map(Line::stay).collect()
}

/// Everything that is known, the newest first.
pub async fn lines(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<Line>> {
    let mut all = every_line(conn, viewer, child).await?;
    all.retain(|line| !line.never_held());
    Ok(all)
}

/// Also what was told otherwise of its own day.
pub async fn every_line(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<Line>> {
    Ok(db::query_as(
        "select what, id, who, word, reason, place_sealed, from_on, to_on, left_by, source,
            ended_by from (
            select 'absence' as what, id, parent as who, coalesce(reach, '') as word, reason,
                coalesce(place_sealed, '') as place_sealed, from_on, to_on, left_by, source,
                ended_by
             from parent_absence where school_id = $1 and child_id = $2
            union all
            select 'stay', id, parent, '', '', '', from_on, to_on, null, '', ended_by
             from home_stay where school_id = $1 and child_id = $2
            union all
            select 'state', id, parent, state, '', '', from_on, to_on, null, '', ended_by
             from parent_state where school_id = $1 and child_id = $2
            union all
            select 'living', id, kind, '', '', '', from_on, to_on, null, '', ended_by
             from living where school_id = $1 and child_id = $2
         ) as lines order by coalesce(from_on, left_by, '') desc, id desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await?)
}

/// The parents who have died: `father`, `mother`.
pub async fn dead(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select parent from parent_state where school_id = $1 and child_id = $2
            and state = 'dead' and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await?)
}

/// Where the place of an absence is sealed.
pub fn place_of(id: &str) -> String {
    format!("parent_absence/{id}/place")
}

pub fn open_place(line: &Line, key: &Key) -> Result<String> {
    if line.place_sealed.is_empty() {
        return Ok(String::new());
    }
    Ok(key.open(&place_of(&line.id), &line.place_sealed)?)
}
