//! What is kept in memory: only what a restart may forget and a change empties.
//!
//! The journal tells what has changed, also when another program changed it: each request brings
//! the number of its school's last entry, and what lies between decides what is forgotten.

use crate::adoptions::store::InForce;
use crate::back::pages::Pending;
use crate::children::roster::Roster;
use crate::db::{self, Conn};
use crate::ids::{SchoolId, StaffId};
use crate::journal;
use crate::paper::jobs::Job;
use crate::vault;
use crate::web::Viewer;
use jiff::civil::Date;
use rules::calendar::Calendar;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A closed account is closed at once here, and by then when another program closed it
/// (safety.md T02).
const TRUSTED_FOR: Duration = Duration::from_secs(1);

/// Sessions that nobody uses are swept out when so many are kept.
const MOST_SESSIONS: usize = 4_000;

#[derive(Default)]
struct Kept {
    /// The last journal entry that was looked at.
    seq: i64,
    /// Raised when something is forgotten: what was read before must not be kept after.
    round: u64,
    calendar: Option<Arc<Calendar>>,
    in_force: Option<(Date, Arc<InForce>)>,
    roster: Option<(Date, Arc<Roster>)>,
}

struct Session {
    viewer: Arc<Viewer>,
    since: Instant,
}

/// What is told once: never written down anywhere else.
#[derive(Clone)]
pub struct Told {
    pub name: String,
    pub username: String,
    pub password: String,
}

/// Things that wait a little for the one who brought them, under names that cannot be guessed.
pub struct Shelf<T> {
    kept: Mutex<Vec<Waiting<T>>>,
    keeps_for: Duration,
}

struct Waiting<T> {
    name: String,
    thing: T,
    to: StaffId,
    since: Instant,
}

/// The oldest goes when so many wait.
const MOST_WAITING: usize = 40;

impl<T: Clone> Shelf<T> {
    fn new(keeps_for: Duration) -> Self {
        Self {
            kept: Mutex::default(),
            keeps_for,
        }
    }

    pub fn keep(&self, to: &StaffId, thing: T) -> String {
        let name = vault::random_text::<16>();
        let mut kept = lock(&self.kept);
        kept.retain(|one| one.since.elapsed() < self.keeps_for);
        if kept.len() >= MOST_WAITING {
            kept.remove(0);
        }
        kept.push(Waiting {
            name: name.clone(),
            thing,
            to: to.clone(),
            since: Instant::now(),
        });
        name
    }

    /// What waits under this name is another thing by now.
    pub fn put(&self, to: &StaffId, name: &str, thing: T) {
        let mut kept = lock(&self.kept);
        let own = |one: &&mut Waiting<T>| one.name == name && one.to == *to;
        if let Some(waiting) = kept.iter_mut().find(own) {
            waiting.thing = thing;
        }
    }

    /// The oldest go until the rest is no larger than this.
    pub fn hold_within(&self, most: usize, size: impl Fn(&T) -> usize) {
        let mut kept = lock(&self.kept);
        let mut all = 0;
        let first = kept.iter().rposition(|one| {
            all += size(&one.thing);
            all > most
        });
        if let Some(last) = first {
            kept.drain(..=last);
        }
    }

    /// It has been used.
    pub fn drop(&self, to: &StaffId, name: &str) {
        let mut kept = lock(&self.kept);
        kept.retain(|one| one.name != name || one.to != *to);
    }

    /// All that waits for this person, the newest first.
    pub fn of(&self, to: &StaffId) -> Vec<(String, T)> {
        let kept = lock(&self.kept);
        let own = kept.iter().rev();
        own.filter(|one| one.to == *to && one.since.elapsed() < self.keeps_for)
            .map(|one| (one.name.clone(), one.thing.clone()))
            .collect()
    }

    /// What waits under this name, if it is this person's.
    pub fn look(&self, to: &StaffId, name: &str) -> Option<T> {
        let kept = lock(&self.kept);
        let waiting = kept.iter().find(|one| one.name == name)?;
        let open = waiting.to == *to && waiting.since.elapsed() < self.keeps_for;
        open.then(|| waiting.thing.clone())
    }
}

/// A password is shown to the one who made it, and forgotten soon.
const TOLD_FOR: Duration = Duration::from_secs(600);
/// A sheet that was looked at waits so long for its word.
const PENDING_FOR: Duration = Duration::from_secs(1_800);

/// A file that was made waits so long to be fetched.
const PRINTS_FOR: Duration = Duration::from_secs(3_600);

pub struct Memory {
    pub told: Shelf<Told>,
    pub pending: Shelf<Pending>,
    pub prints: Shelf<Arc<Job>>,
    schools: Mutex<HashMap<SchoolId, Kept>>,
    sessions: Mutex<HashMap<String, Session>>,
}

/// Taken before reading; what was read is kept only if nothing was forgotten meanwhile.
#[derive(Clone, Copy)]
pub struct Round(u64);

fn lock<T>(shelf: &Mutex<T>) -> MutexGuard<'_, T> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            told: Shelf::new(TOLD_FOR),
            pending: Shelf::new(PENDING_FOR),
            prints: Shelf::new(PRINTS_FOR),
            schools: Mutex::default(),
            sessions: Mutex::default(),
        }
    }
}

impl Memory {
    /// Looks at what was written since the last look, and forgets what it may have changed.
    pub async fn catch_up(
        &self,
        conn: &mut Conn,
        school_id: &SchoolId,
        seq: i64,
    ) -> db::Result<()> {
        let known = lock(&self.schools)
            .get(school_id)
            .map_or(0, |kept| kept.seq);
        if known >= seq {
            return Ok(());
        }
        let matters = known == 0 || journal::changed_school(conn, school_id, known).await?;
        let mut schools = lock(&self.schools);
        let kept = schools.entry(school_id.clone()).or_default();
        kept.seq = kept.seq.max(seq);
        if matters {
            kept.forget();
        }
        Ok(())
    }

    pub fn round(&self, school_id: &SchoolId) -> Round {
        Round(
            lock(&self.schools)
                .get(school_id)
                .map_or(0, |kept| kept.round),
        )
    }

    fn keep(&self, school_id: &SchoolId, round: Round, put: impl FnOnce(&mut Kept)) {
        let mut schools = lock(&self.schools);
        let kept = schools.entry(school_id.clone()).or_default();
        if kept.round == round.0 {
            put(kept);
        }
    }

    pub fn calendar(&self, school_id: &SchoolId) -> Option<Arc<Calendar>> {
        lock(&self.schools).get(school_id)?.calendar.clone()
    }

    pub fn keep_calendar(&self, school_id: &SchoolId, round: Round, value: &Arc<Calendar>) {
        self.keep(school_id, round, |kept| {
            kept.calendar = Some(Arc::clone(value));
        });
    }

    pub fn in_force(&self, school_id: &SchoolId, day: Date) -> Option<Arc<InForce>> {
        let schools = lock(&self.schools);
        let (on, value) = schools.get(school_id)?.in_force.as_ref()?;
        (*on == day).then(|| Arc::clone(value))
    }

    pub fn keep_in_force(
        &self,
        school_id: &SchoolId,
        round: Round,
        (day, value): (Date, &Arc<InForce>),
    ) {
        self.keep(school_id, round, |kept| {
            kept.in_force = Some((day, Arc::clone(value)));
        });
    }

    pub fn roster(&self, school_id: &SchoolId, day: Date) -> Option<Arc<Roster>> {
        let schools = lock(&self.schools);
        let (on, value) = schools.get(school_id)?.roster.as_ref()?;
        (*on == day).then(|| Arc::clone(value))
    }

    pub fn keep_roster(
        &self,
        school_id: &SchoolId,
        round: Round,
        (day, value): (Date, &Arc<Roster>),
    ) {
        self.keep(school_id, round, |kept| {
            kept.roster = Some((day, Arc::clone(value)));
        });
    }

    /// After a change of terms, packs, classes or names.
    pub fn forget(&self, school_id: &SchoolId) {
        if let Some(kept) = lock(&self.schools).get_mut(school_id) {
            kept.forget();
        }
    }

    /// Who is behind a token, if that was looked up within the last second.
    pub fn session(&self, token_hash: &str, today: Date) -> Option<Arc<Viewer>> {
        let sessions = lock(&self.sessions);
        let session = sessions.get(token_hash)?;
        let fresh = session.since.elapsed() < TRUSTED_FOR && session.viewer.today() == today;
        fresh.then(|| Arc::clone(&session.viewer))
    }

    pub fn keep_session(&self, token_hash: &str, viewer: &Arc<Viewer>) {
        let mut sessions = lock(&self.sessions);
        if sessions.len() >= MOST_SESSIONS {
            sessions.retain(|_, session| session.since.elapsed() < TRUSTED_FOR);
        }
        let session = Session {
            viewer: Arc::clone(viewer),
            since: Instant::now(),
        };
        sessions.insert(token_hash.to_owned(), session);
    }

    /// After anything that changes who may do what: signing out, another password, a role, an
    /// account closed.
    pub fn forget_sessions(&self) {
        lock(&self.sessions).clear();
    }
}

impl Kept {
    fn forget(&mut self) {
        self.round += 1;
        self.calendar = None;
        self.in_force = None;
        self.roster = None;
    }
}
