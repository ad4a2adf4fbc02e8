//! What runs through several features: access, the week, records, the roster.

mod access;
mod arrive;
mod back;
mod backup;
mod brought;
mod bybits;
mod consent;
mod docs;
mod dossier;
mod export;
mod going_out;
mod marks;
mod moves;
mod openapi;
mod outbox;
mod paper;
mod particulars;
mod putback;
mod records;
mod registers;
mod roster;
mod safety;
mod school;
mod together;
mod twins;
mod week;
