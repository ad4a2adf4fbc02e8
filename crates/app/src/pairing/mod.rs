//! 结对: which grown-up is there for which child, from when until when.

pub mod class;
pub mod pages;
pub mod store;

use crate::web::guard::Door;
use rules::access::Act;

const NO_SUCH_MENTOR: &str = "请先选一位老师。名单里没有的，请管理员先给“帮扶教师”。";

pub fn staff(door: Door) -> Door {
    door.get("/children/{child_id}/pairing", Act::Pair, pages::one)
        .post("/children/{child_id}/pairing", Act::Pair, pages::add)
        .post("/children/{child_id}/pairing/end", Act::Pair, pages::end)
        .get("/pairing", Act::Pair, class::one)
        .post("/pairing", Act::Pair, class::add)
}
