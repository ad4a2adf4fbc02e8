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

pub mod access;
pub mod attention;
pub mod cadence;
pub mod calendar;
pub mod conditions;
pub mod duties;
pub mod eligibility;
pub mod facts;
pub mod history;
pub mod identity;
