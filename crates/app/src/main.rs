//! 暖巢: tells every grown-up which child is waiting for them.

mod adoptions;
mod answers;
mod back;
mod backup;
mod cards;
mod checkpoints;
mod children;
mod clock;
mod commands;
mod config;
mod db;
mod demo;
mod dossier;
mod gaps;
mod home;
mod ids;
mod journal;
mod login;
mod marks;
mod memory;
mod moves;
mod office;
mod openapi;
mod outbox;
mod ownforms;
mod packs;
mod pairing;
mod paper;
mod particulars;
mod people;
mod records;
mod regions;
mod registers;
mod roster;
mod routes;
mod school;
mod setup;
mod sheets;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod twins;
mod vault;
mod visits;
mod web;
mod week;

use std::ops::Deref;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// A page is made of many small texts: a fifth of its time went into the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Everything that a request needs and that outlives it.
pub struct House {
    pub db: db::Db,
    pub vault: vault::Vault,
    pub clock: clock::Clock,
    /// Where the signed checkpoints of the journal go.
    pub checkpoints: PathBuf,
    pub memory: memory::Memory,
    pub is_demo: bool,
    pub https: bool,
    /// Whoever reads it at the console may found the school.
    pub setup_code: String,
    /// The program that reads uploads: ourselves, as a limited child.
    pub sheet_reader: PathBuf,
}

#[derive(Clone)]
pub struct App(Arc<House>);

impl App {
    pub fn new(house: House) -> Self {
        let keeper = keeper(&house);
        let db = house.db.kept_by(keeper);
        Self(Arc::new(House { db, ..house }))
    }

    /// Who marks what is written.
    pub fn keeper(&self) -> marks::Keeper {
        keeper(self)
    }
}

fn keeper(house: &House) -> marks::Keeper {
    marks::Keeper {
        vault: house.vault.clone(),
        clock: house.clock,
    }
}

impl Deref for App {
    type Target = House;

    fn deref(&self) -> &House {
        &self.0
    }
}

fn main() -> ExitCode {
    // The reader of uploads limits itself before any thread exists.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == "sheet-reader")
    {
        return sheets::child_main();
    }
    // Data, key and backups are for their owner alone.
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    let cli = match config::Cli::of(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return commands::usage::told(&error),
    };
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(config::log_filter())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            commands::complain(&format!("启动不了：{error}"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(commands::run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            commands::complain(&sentence);
            ExitCode::FAILURE
        }
    }
}
