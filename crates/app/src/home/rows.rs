//! Every row that says where a child's parents are and with whom it lives, and who said so: what changes
//! them for a time keeps them, and puts them back as they were.

use crate::db::{self, Conn, Val};
use crate::web::Viewer;
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
pub struct HomeRows {
    absences: Vec<Absence>,
    stays: Vec<Stay>,
    states: Vec<State>,
    livings: Vec<Living>,
    answers: Vec<Answer>,
}

/// A row of one table: its columns, and their values in that order.
macro_rules! kept {
    ($name:ident $table:literal: $($column:ident: $kind:ty),+) => {
        db::row! {
            #[derive(Clone, Serialize, Deserialize)]
            struct $name { $($column: $kind),+ }
        }

        impl $name {
            const TABLE: &str = $table;
            const COLUMNS: &[&str] = &["school_id", "child_id", $(stringify!($column)),+];
            const DELETE: &str =
                concat!("delete from ", $table, " where school_id = $1 and child_id = $2");

            fn values(self, viewer: &Viewer, child_id: &str) -> Vec<Val> {
                let whose = [viewer.school_id.as_str(), child_id];
                let whose = whose.map(|id| Val::from(id.to_owned()));
                let own = [$(Val::from(self.$column)),+];
                whose.into_iter().chain(own).collect()
            }
        }
    };
}

kept! {
    Absence "parent_absence": id: String, parent: String, from_on: Option<String>,
    left_by: Option<String>, to_on: Option<String>, reach: Option<String>, reason: String,
    source: String, place_sealed: Option<String>, ended_by: Option<String>
}
kept! {
    Stay "home_stay": id: String, parent: String, from_on: String, to_on: Option<String>,
    ended_by: Option<String>
}
kept! {
    State "parent_state": id: String, parent: String, state: String, from_on: Option<String>,
    to_on: Option<String>, ended_by: Option<String>
}
kept! {
    Living "living": id: String, kind: String, kin_id: Option<String>, from_on: Option<String>,
    to_on: Option<String>, ended_by: Option<String>
}
kept! {
    Answer "screening": id: String, screened_on: String, source: String, by_staff: String,
    parent: Option<String>, line: Option<String>
}

macro_rules! read {
    ($conn:expr, $viewer:expr, $child:expr, $select:literal) => {
        db::query_as(concat!(
            $select,
            " where school_id = $1 and child_id = $2 order by id"
        ))
        .bind($viewer.school_id.as_str())
        .bind($child)
        .fetch_all(&mut *$conn)
        .await?
    };
}

macro_rules! put {
    ($conn:expr, $viewer:expr, $child:expr, $rows:expr, $row:ident) => {
        db::query($row::DELETE)
            .bind($viewer.school_id.as_str())
            .bind($child)
            .execute(&mut *$conn)
            .await?;
        let rows = $rows.into_iter().map(|row| row.values($viewer, $child));
        db::bulk_insert($conn, $row::TABLE, $row::COLUMNS, rows.collect()).await?;
    };
}

impl HomeRows {
    pub async fn of(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> db::Result<Self> {
        Ok(Self {
            absences: read!(
                conn,
                viewer,
                child_id,
                "select id, parent, from_on, left_by, to_on, reach, reason, source, place_sealed,
                    ended_by from parent_absence"
            ),
            stays: read!(
                conn,
                viewer,
                child_id,
                "select id, parent, from_on, to_on, ended_by from home_stay"
            ),
            states: read!(
                conn,
                viewer,
                child_id,
                "select id, parent, state, from_on, to_on, ended_by from parent_state"
            ),
            livings: read!(
                conn,
                viewer,
                child_id,
                "select id, kind, kin_id, from_on, to_on, ended_by from living"
            ),
            answers: read!(
                conn,
                viewer,
                child_id,
                "select id, screened_on, source, by_staff, parent, line from screening"
            ),
        })
    }

    /// Puts them back in place of what there is.
    pub async fn put_back(
        self,
        conn: &mut Conn,
        viewer: &Viewer,
        child_id: &str,
    ) -> db::Result<()> {
        put!(conn, viewer, child_id, self.absences, Absence);
        put!(conn, viewer, child_id, self.stays, Stay);
        put!(conn, viewer, child_id, self.states, State);
        put!(conn, viewer, child_id, self.livings, Living);
        put!(conn, viewer, child_id, self.answers, Answer);
        Ok(())
    }

    /// The lines among them.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        let absences = self.absences.iter().map(|one| one.id.as_str());
        let stays = self.stays.iter().map(|one| one.id.as_str());
        let states = self.states.iter().map(|one| one.id.as_str());
        let livings = self.livings.iter().map(|one| one.id.as_str());
        absences.chain(stays).chain(states).chain(livings)
    }
}
