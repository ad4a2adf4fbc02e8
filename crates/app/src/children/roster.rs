//! The roster of a whole school in memory: in order, and with the ways to spell each name.

use super::search::{Spelling, sort_key_of, spelling};
use super::store::{self, Child};
use crate::App;
use crate::db::{self, Conn};
use crate::ids::SchoolId;
use crate::web::{Viewer, words};
use jiff::civil::Date;
use std::ops::Deref;
use std::sync::Arc;

#[derive(Clone, Debug, Default)]
pub struct Roster {
    children: Vec<Child>,
    spellings: Vec<Spelling>,
}

impl Roster {
    /// By class, then by the name's pinyin.
    pub fn new(children: Vec<Child>) -> Self {
        let mut spelled: Vec<(Child, Spelling)> = children
            .into_iter()
            .map(|child| {
                let spelled = spelling(&child.name);
                (child, spelled)
            })
            .collect();
        spelled.sort_by_cached_key(|(child, spelled)| {
            (child.grade, child.class_number, sort_key_of(spelled))
        });
        let (children, spellings) = spelled.into_iter().unzip();
        Self {
            children,
            spellings,
        }
    }

    pub fn spelled(&self) -> impl Iterator<Item = (&Child, &Spelling)> {
        self.children.iter().zip(&self.spellings)
    }
}

/// The children whom a viewer may see, in order: everybody's in memory, or the viewer's own.
#[derive(Clone, Debug)]
pub struct Visible(Arc<Roster>);

impl Visible {
    pub fn own(children: Vec<Child>) -> Self {
        Self(Arc::new(Roster::new(children)))
    }

    /// 投屏 shows 张＊明; the order and the search stay.
    pub fn seen_by(self, viewer: &Viewer) -> Self {
        if !viewer.is_projecting {
            return self;
        }
        let mut roster = Roster::clone(&self.0);
        for child in &mut roster.children {
            child.name = words::masked_name(&child.name);
        }
        Self(Arc::new(roster))
    }

    pub fn roster(&self) -> &Roster {
        &self.0
    }
}

impl Deref for Visible {
    type Target = [Child];

    fn deref(&self) -> &[Child] {
        &self.0.children
    }
}

/// The whole school. Only for viewers whose act reaches all of it, and for counts.
pub async fn whole(
    app: &App,
    conn: &mut Conn,
    school_id: &SchoolId,
    today: Date,
) -> db::Result<Visible> {
    if let Some(known) = app.memory.roster(school_id, today) {
        return Ok(Visible(known));
    }
    let round = app.memory.round(school_id);
    let children = store::everybody(conn, school_id, today).await?;
    let roster = tokio::task::spawn_blocking(move || Arc::new(Roster::new(children)))
        .await
        .map_err(|error| db::Error::Lost(error.to_string()))?;
    app.memory.keep_roster(school_id, round, (today, &roster));
    Ok(Visible(roster))
}
