//! 等答复的: what families asked of the file and what other schools owe, until it is answered.

pub mod pages;
mod store;

use crate::adoptions::store::InForce;
use crate::db::Conn;
use crate::web::guard::Door;
use crate::web::{Result, Viewer};
use rules::access::Act;

/// How many wait, sheets for the next school that nobody has written among them.
pub async fn how_many(conn: &mut Conn, viewer: &Viewer, in_force: &InForce) -> Result<usize> {
    let waiting = store::waiting(conn, viewer, in_force).await?.len();
    let unwritten = store::unwritten(conn, viewer, in_force).await?.len();
    Ok(waiting + unwritten)
}

pub fn staff(door: Door) -> Door {
    door.get("/office/requests", Act::ReadIdentity, pages::list)
}
