//! 暖巢's decisions: facts + policy + today → decision with its reasons.
//!
//! Nothing here reads a clock, a file, a database or the environment, and nothing here speaks a
//! language: sentences are made by the app from the reasons that a decision carries.
#![cfg_attr(not(test), no_std)]
#![warn(
    clippy::wildcard_enum_match_arm,
    clippy::match_wildcard_for_single_variants
)]

extern crate alloc;

/// A closed list of words: each variant with the one word that packs, tables and interfaces use.
#[macro_export]
macro_rules! coded {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$note:meta])* $variant:ident = $code:literal),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$note])* $variant),* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word that packs, tables and interfaces use.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.code() == code)
            }
        }
    };
}

pub mod access;
pub mod again;
pub mod answering;
pub mod attention;
pub mod cadence;
pub mod calendar;
pub mod completeness;
pub mod conditions;
pub mod consent;
pub mod copies;
pub mod duties;
pub mod eligibility;
pub mod facts;
pub mod history;
pub mod identity;
pub mod likeness;
pub mod presence;
pub mod promotion;
pub mod roster_year;
pub mod small_numbers;
pub mod spans;
