//! Which packs a school follows, from when until when.

pub mod store;
