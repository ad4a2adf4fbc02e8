//! Parts of a list: `limit` says how many, `cursor` where to go on.

use super::{Failure, Fields, Result};

/// As many as one answer holds.
pub const MOST: usize = 500;

pub fn unknown_cursor() -> Failure {
    Failure::Asked("cursor不认得，请从头再读一次。".to_owned())
}

/// How many are asked for; `None`: nothing is said of it.
pub fn limit(fields: &Fields) -> Result<Option<usize>> {
    let Some(text) = fields.opt("limit") else {
        return Ok(None);
    };
    let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    let refused = || Failure::Asked(format!("limit要在1到{MOST}之间。"));
    limit.map(Some).ok_or_else(refused)
}

/// One part of a list that is made anew for each request, and where the next goes on: how many came
/// before it. Without a limit it is all that is left.
pub fn part<'a, T>(all: &'a [T], fields: &Fields) -> Result<(Vec<&'a T>, Option<String>)> {
    let limit = limit(fields)?.unwrap_or(usize::MAX);
    let from: usize = match fields.opt("cursor") {
        None => 0,
        Some(cursor) => cursor.parse().map_err(|_| unknown_cursor())?,
    };
    let part: Vec<&T> = all.iter().skip(from).take(limit).collect();
    let to = from.saturating_add(part.len());
    let next = (!part.is_empty() && to < all.len()).then(|| to.to_string());
    Ok((part, next))
}
