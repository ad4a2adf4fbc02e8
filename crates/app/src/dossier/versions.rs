//! Entries on a page, each with what it said before.

use super::store::{EntryRow, Shape};
use crate::packs::{Form, Tier};
use crate::records::said::values;
use crate::web::{Viewer, words};

/// A photograph or scan that an entry names.
#[derive(Clone)]
pub struct FileLink {
    pub href: String,
    pub title: String,
}

#[derive(Clone)]
pub struct Earlier {
    pub said: String,
    pub lines: Vec<(String, String)>,
}

#[derive(Clone)]
pub struct EntryView {
    pub id: String,
    pub files: Vec<FileLink>,
    pub lines: Vec<(String, String)>,
    /// 9月26日，王老师
    pub said: String,
    pub earlier: Vec<Earlier>,
}

fn written(row: &EntryRow, viewer: &Viewer) -> String {
    let day = crate::clock::day_of(&row.written_at);
    let day = day.map(|day| words::past_day(day, viewer.today()));
    format!(
        "{}，{}",
        day.unwrap_or_default(),
        words::teacher(&row.by_name)
    )
}

/// A change of what this viewer does not read is no change to this viewer: newest first, without
/// those that read as the one before them did.
fn seen_to_differ(versions: Vec<Earlier>) -> Vec<Earlier> {
    let mut found: Vec<Earlier> = Vec::new();
    for one in versions {
        match found.last_mut().filter(|newer| newer.lines == one.lines) {
            Some(newer) => *newer = one,
            None => found.push(one),
        }
    }
    found
}

/// What of an entry a viewer reads.
pub struct Reading<'a> {
    pub viewer: &'a Viewer,
    /// The form as this viewer sees it.
    pub form: &'a Form,
    /// Fields of it that are not this viewer's.
    pub hidden: &'a [String],
    pub reads: &'a (dyn Fn(Tier) -> bool + Sync),
}

impl Reading<'_> {
    /// `before`: newest first, each with the form as it was then.
    pub fn view(&self, row: &EntryRow, before: Vec<(EntryRow, Shape)>) -> EntryView {
        let mut versions = vec![Earlier {
            said: written(row, self.viewer),
            lines: values(self.form, &row.filled),
        }];
        versions.extend(before.into_iter().map(|(was, shape)| Earlier {
            said: written(&was, self.viewer),
            lines: shape.lines(&was.filled, (self.form, self.hidden), self.reads),
        }));
        let mut earlier = seen_to_differ(versions).into_iter();
        let now = earlier.next();
        let (said, lines) = now.map(|now| (now.said, now.lines)).unwrap_or_default();
        EntryView {
            id: row.id.clone(),
            files: Vec::new(),
            lines,
            said,
            earlier: earlier.collect(),
        }
    }
}
