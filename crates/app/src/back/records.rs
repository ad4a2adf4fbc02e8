//! Lines about what somebody did on a day.

use super::cells::say;
use super::lines::{GONE, GUARDED, Line, Looking, Verdict, changes, is_known_number};
use super::meanwhile::{Out, settled};
use crate::children::store as children;
use crate::children::store::Child;
use crate::ids::{OperationId, RecordId};
use crate::packs::Form;
use crate::records::forms::{
    Filled, NewRecord, ONLY_COUNSELLOR, counts_as, from_json, parse, refers, says_same,
};
use crate::records::store::{self as records, Record};
use crate::records::tiers::Reader;
use crate::vault::Key;
use crate::web::{self, Errors, Failure, Fields, Result, Viewer};
use jiff::civil::Date;

/// The number of a line and the version with which it was taken out.
type Numbered<'a> = (&'a str, Option<i64>);

/// The day and the words with which a record was taken out.
type TakenOut = (Date, Out);

impl Looking<'_> {
    /// A line about what somebody did on a day.
    pub async fn record<'t>(
        &self,
        conn: &mut crate::db::Conn,
        (child, numbered, text): (&Child, Numbered<'_>, &(dyn Fn(usize) -> &'t str + Sync)),
        line: &mut Line,
    ) -> Result<()> {
        let (number, version) = numbered;
        let reader = Reader {
            viewer: self.viewer,
            child,
            in_force: self.in_force,
        };
        let Some(seen) = reader.fillable(self.form) else {
            line.verdict = Verdict::Refused(GUARDED.to_owned());
            return Ok(());
        };
        let key = children::key(conn, self.viewer, child).await?;
        let is_new = is_known_number(line, number);
        let was = if is_new {
            None
        } else {
            match records::one(conn, self.viewer, child, &key, &number.to_owned().into()).await {
                Ok(record) => reader
                    .guarded(record)
                    .filter(|record| !record.hidden && record.kind == self.form.id),
                Err(Failure::NotThere) => None,
                Err(failure) => return Err(failure),
            }
        };
        if was.is_none() && !is_new {
            line.verdict = Verdict::Refused(GONE.to_owned());
            return Ok(());
        }
        let out = match &was {
            Some(was) if version.is_some_and(|one| one != was.version) => {
                let earlier = records::earlier(conn, self.viewer, was, &key).await?;
                let mut own = earlier.into_iter();
                let found = own.find(|one| Some(one.version) == version);
                found.map(|one| (one.happened_on, Out::saying(one.filled)))
            }
            _ => None,
        };
        self.judge_record(&seen, (was.as_ref(), out), text, line);
        if line.verdict == Verdict::New {
            self.not_twice(conn, reader, &key, line).await?;
        }
        Ok(())
    }

    /// What the line says as a page would; `None`: nothing.
    fn said_of<'t>(
        &self,
        was: Option<&Record>,
        text: &(dyn Fn(usize) -> &'t str + Sync),
    ) -> Option<Fields> {
        let mut said = Fields::default();
        for (at, field) in &self.heads.fields {
            say(field, text(*at), &mut said);
        }
        let day = self.heads.day.map_or("", text);
        let is_empty = day.is_empty() && said.iter().all(|(_, value)| value.trim().is_empty());
        if is_empty && was.is_none() {
            return None;
        }
        let in_sheet = |id: &str| self.heads.fields.iter().any(|(_, field)| field.id == id);
        if let Some(was) = was {
            let mut rest = was.filled.clone();
            rest.retain(|id, _| !in_sheet(id));
            from_json(&rest, &mut said);
            said.push("party", &was.party);
        }
        let before = was.map(|was| was.happened_on.to_string());
        said.push(
            "happened_on",
            if day.is_empty() {
                before.as_deref().unwrap_or("—")
            } else {
                day
            },
        );
        said.push("operation", OperationId::new().as_str());
        Some(said)
    }

    fn judge_record<'t>(
        &self,
        seen: &Form,
        (was, out): (Option<&Record>, Option<TakenOut>),
        text: &(dyn Fn(usize) -> &'t str + Sync),
        line: &mut Line,
    ) {
        let Some(said) = self.said_of(was, text) else {
            return;
        };
        line.entry = was.map(|was| (was.id.to_string(), was.version));
        let mut new = match parse(seen, &said, self.viewer.today()) {
            Ok(new) => new,
            Err(errors) => {
                line.refuse(&errors, self.heads);
                return;
            }
        };
        let in_sheet = |id: &str| self.heads.fields.iter().any(|(_, field)| field.id == id);
        let own = |id: &str| seen.field(id).is_some() && in_sheet(id);
        complete(&mut new, was, own);
        if let Some((out, was)) = out.zip(was) {
            let errors = meanwhile(seen, (&out, was), &mut new);
            if !errors.is_empty() {
                line.refuse(&errors, self.heads);
                return;
            }
        }
        line.filled.clone_from(&new.filled);
        line.changes = changes(seen, was.map(|was| &was.filled), &new.filled);
        let moved = was.is_none_or(|was| was.happened_on != new.happened_on);
        if moved {
            let day = web::words::full_day(new.happened_on);
            line.changes = format!("{day}；{}", line.changes);
        }
        line.verdict = match was {
            None => Verdict::New,
            Some(was) if !moved && says_same(&was.filled, &new.filled) => Verdict::Same,
            Some(was) if was.by_staff != self.viewer.staff_id.as_str() => {
                Verdict::Refused(format!(
                    "这一条是{}写的，要本人来改。",
                    web::words::teacher(&was.by_name)
                ))
            }
            Some(_) => Verdict::Changed,
        };
        line.record = Some(new);
    }

    /// The same sheet put in twice writes nothing twice.
    async fn not_twice(
        &self,
        conn: &mut crate::db::Conn,
        reader: Reader<'_>,
        key: &Key,
        line: &mut Line,
    ) -> Result<()> {
        let Some(new) = &line.record else {
            return Ok(());
        };
        let before = format!("{}~", new.happened_on);
        let asked = (self.form.id.as_str(), before.as_str(), MOST_ON_A_DAY);
        let found = records::timeline(conn, reader, key, asked).await?;
        let own = self.viewer.staff_id.as_str();
        let is_there = found.records.iter().any(|one| {
            let same_day = one.happened_on == new.happened_on && one.by_staff == own;
            same_day && says_same(&without_mark(&one.filled), &without_mark(&new.filled))
        });
        if is_there {
            line.verdict = Verdict::Same;
        }
        Ok(())
    }
}

/// Only what the sheet changed itself.
fn meanwhile(seen: &Form, ((day, out), was): (&TakenOut, &Record), new: &mut NewRecord) -> Errors {
    let mut errors = Errors::default();
    let by = (was.by_name.as_str(), &was.filled);
    settled(seen, (out, by), &mut new.filled, &mut errors);
    if new.happened_on == *day {
        new.happened_on = was.happened_on;
    }
    new.counts_as = counts_as(seen, &new.filled);
    errors
}

/// What the sheet does not have stays, also what no form asks for any more.
fn complete(new: &mut NewRecord, was: Option<&Record>, own: impl Fn(&str) -> bool) {
    if let Some(was) = was {
        let rest = was.filled.iter().filter(|(id, _)| !own(id));
        new.filled
            .extend(rest.map(|(id, value)| (id.clone(), value.clone())));
    } else if refers(&new.filled) {
        // As the page has it, unless somebody unticks it there.
        new.filled.insert(ONLY_COUNSELLOR.to_owned(), true.into());
    }
}

fn without_mark(filled: &Filled) -> Filled {
    let mut filled = filled.clone();
    filled.remove(ONLY_COUNSELLOR);
    filled
}

/// Nobody writes as many records of one kind about a child on one day.
const MOST_ON_A_DAY: i64 = 20;

/// The child of the record with this number.
pub async fn whose(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    number: &str,
) -> Result<Option<String>> {
    let Ok(id) = number.parse::<RecordId>() else {
        return Ok(None);
    };
    match records::child_of(conn, viewer, &id).await {
        Ok(child) => Ok(Some(child.to_string())),
        Err(Failure::NotThere) => Ok(None),
        Err(failure) => Err(failure),
    }
}
