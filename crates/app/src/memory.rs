//! What is kept in memory: only what a restart may forget and a change empties.

use crate::adoptions::store::InForce;
use crate::ids::SchoolId;
use rules::calendar::Calendar;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Another program on the same PostgreSQL may change a calendar or a pack; it is noticed by then.
const TRUSTED_FOR: Duration = Duration::from_secs(10);

struct Kept<T> {
    value: Arc<T>,
    since: Instant,
}

type Shelf<T> = Mutex<HashMap<SchoolId, Kept<T>>>;

#[derive(Default)]
pub struct Memory {
    calendars: Shelf<Calendar>,
    in_force: Shelf<InForce>,
    names: Shelf<crate::children::search::Names>,
}

fn lock<T>(shelf: &Shelf<T>) -> MutexGuard<'_, HashMap<SchoolId, Kept<T>>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

fn look<T>(shelf: &Shelf<T>, school_id: &SchoolId) -> Option<Arc<T>> {
    lock(shelf)
        .get(school_id)
        .filter(|kept| kept.since.elapsed() < TRUSTED_FOR)
        .map(|kept| Arc::clone(&kept.value))
}

fn keep<T>(shelf: &Shelf<T>, school_id: &SchoolId, value: &Arc<T>) {
    lock(shelf).insert(
        school_id.clone(),
        Kept {
            value: Arc::clone(value),
            since: Instant::now(),
        },
    );
}

impl Memory {
    pub fn calendar(&self, school_id: &SchoolId) -> Option<Arc<Calendar>> {
        look(&self.calendars, school_id)
    }

    pub fn keep_calendar(&self, school_id: &SchoolId, value: &Arc<Calendar>) {
        keep(&self.calendars, school_id, value);
    }

    pub fn in_force(&self, school_id: &SchoolId) -> Option<Arc<InForce>> {
        look(&self.in_force, school_id)
    }

    pub fn keep_in_force(&self, school_id: &SchoolId, value: &Arc<InForce>) {
        keep(&self.in_force, school_id, value);
    }

    pub fn names(&self, school_id: &SchoolId) -> Option<Arc<crate::children::search::Names>> {
        look(&self.names, school_id)
    }

    pub fn keep_names(&self, school_id: &SchoolId, value: &Arc<crate::children::search::Names>) {
        keep(&self.names, school_id, value);
    }

    /// After a change of terms, packs or names.
    pub fn forget(&self, school_id: &SchoolId) {
        lock(&self.calendars).remove(school_id);
        lock(&self.in_force).remove(school_id);
        lock(&self.names).remove(school_id);
    }
}
