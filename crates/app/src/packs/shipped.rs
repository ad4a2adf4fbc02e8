//! The packs that come with the program.

use super::{Fault, Pack, read};
use jiff::civil::Date;

const SHIPPED: [(&str, &str); 9] = [
    ("basics", include_str!("../../../../packs/basics.toml")),
    ("law", include_str!("../../../../packs/law.toml")),
    (
        "education",
        include_str!("../../../../packs/education.toml"),
    ),
    (
        "civil_affairs",
        include_str!("../../../../packs/civil_affairs.toml"),
    ),
    ("p1", include_str!("../../../../packs/p1.toml")),
    ("p2", include_str!("../../../../packs/p2.toml")),
    ("p3", include_str!("../../../../packs/p3.toml")),
    ("p4", include_str!("../../../../packs/p4.toml")),
    ("p5", include_str!("../../../../packs/p5.toml")),
];

/// Id and text of each, those that are always in force first.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}

pub fn text(id: &str) -> Option<&'static str> {
    SHIPPED
        .iter()
        .find(|(one, _)| *one == id)
        .map(|(_, text)| *text)
}

/// A shipped pack, in force from a day; `None` for an id that is not shipped.
pub fn pack(id: &str, from: Date) -> Option<Result<Pack, Vec<Fault>>> {
    text(id).map(|text| read::read(text, &format!("packs/{id}.toml"), from))
}
