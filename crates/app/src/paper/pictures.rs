//! The photographs and scans of a folder, as many as one paper takes.

use super::Output;
use super::collect::{Wanted, Whom};
use crate::adoptions::store::InForce;
use crate::children::store as children;
use crate::children::store::Child;
use crate::dossier::consents::agreed;
use crate::dossier::files::{self, Filed, Pictures};
use crate::dossier::picture::{points, smaller};
use crate::web::{Failure, Result, Viewer};
use rules::access::Act;
use rules::consent;
use std::num::NonZero;
use std::thread;
use tokio::task::spawn_blocking;

/// All photographs of one paper, in points: the press holds them unpacked, three bytes each. The rest
/// is only named, as the paper says.
pub const MOST_POINTS: u32 = 32_000_000;
/// More photographs than this are made smaller.
const MOST_LARGE: usize = 12;

/// The photographs and scans of one folder, or `only` those that a form names. `left`: how many points
/// of them the paper still takes.
pub async fn filed(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, in_force): (&Child, &InForce),
    (wanted, only): (Wanted<'_>, Option<&[String]>),
    left: &mut u32,
) -> Result<Vec<Filed>> {
    let reads = viewer.decide(Act::ReadIdentity, child.class_id.as_str(), child.paired);
    if !reads.is_allowed() {
        return Ok(Vec::new());
    }
    let key = children::key(conn, viewer, child).await?;
    let is_one = matches!(wanted.whom, Whom::One(_));
    let mut pictures = match wanted.output {
        Output::Pdf if *left > 0 && is_one => Pictures::Held,
        Output::Pdf if *left > 0 => Pictures::HeldSmall,
        Output::Html if !wanted.stands_alone => Pictures::Linked,
        Output::Pdf | Output::Docx | Output::Xlsx | Output::Html => Pictures::Named,
    };
    let mut is_withheld = false;
    if wanted.purpose.is_for_others() {
        // Who is not of the school sees no face that the family did not agree to.
        let asked = (child, &key, consent::Purpose::Photo);
        if !agreed(conn, viewer, in_force, asked).await? {
            pictures = Pictures::Named;
            is_withheld = true;
        }
    }
    let mut found = files::filed(conn, viewer, (child, &key), (pictures, only)).await?;
    for one in &mut found {
        one.is_withheld = is_withheld;
    }
    if !pictures.are_held() || found.is_empty() {
        return Ok(found);
    }
    let (found, rest) = spawn_blocking({
        let left = *left;
        move || fitted(found, is_one, left)
    })
    .await
    .map_err(|error| Failure::Ours(format!("pictures: {error}")))?;
    *left = rest;
    Ok(found)
}

/// Each picture made smaller, on as many cores as there are: it is most of the work of such a paper.
fn all_smaller(pictures: &[Vec<u8>]) -> Vec<Option<Vec<u8>>> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = pictures.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let work: Vec<_> = pictures
            .chunks(share)
            .map(|some| scope.spawn(|| some.iter().map(|one| smaller(one)).collect::<Vec<_>>()))
            .collect();
        let done = work.into_iter().zip(pictures.chunks(share));
        done.flat_map(|(work, some)| work.join().unwrap_or_else(|_| vec![None; some.len()]))
            .collect()
    })
}

/// From the first that finds no room on, they are only named.
fn fitted(mut files: Vec<Filed>, is_one: bool, mut left: u32) -> (Vec<Filed>, u32) {
    let shown = files.iter_mut().filter(|one| one.is_shown);
    let full: Vec<Vec<u8>> = shown.map(|one| std::mem::take(&mut one.bytes)).collect();
    let is_large = is_one && full.len() <= MOST_LARGE;
    let drawn = match (left, is_large) {
        (0, _) => vec![None; full.len()],
        (_, true) => full.into_iter().map(Some).collect(),
        (_, false) => all_smaller(&full),
    };
    for (one, drawn) in files.iter_mut().filter(|one| one.is_shown).zip(drawn) {
        let room = drawn.as_deref().and_then(points).filter(|_| left > 0);
        let rest = room.and_then(|room| left.checked_sub(room));
        one.is_shown = rest.is_some();
        if let Some(drawn) = drawn.filter(|_| rest.is_some()) {
            one.bytes = drawn;
        }
        // One that cannot be read takes no room.
        left = rest.unwrap_or(if room.is_some() { 0 } else { left });
    }
    (files, left)
}
