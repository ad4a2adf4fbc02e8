//! The command line: each command a few steps over the same stores as the pages.

mod data;
mod people;
#[cfg(test)]
pub use people::person;
mod plans;
mod print;
mod serve;
pub mod usage;

use crate::config::{Command, Place};
use crate::db::{self, Db};
use crate::vault::Vault;
use crate::{App, House, clock, memory};
pub use data::faults as data_faults;
use std::io::Write;

pub type Done = Result<(), String>;

/// A line for the person at the console.
pub fn say(line: &str) {
    // A closed pipe is no reason to stop half-way.
    let _ = writeln!(std::io::stdout(), "{line}");
}

pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

pub async fn run(command: Command) -> Done {
    match command {
        Command::Demo(demo) => serve::demo(demo).await,
        Command::Serve(serve) => serve::serve(serve).await,
        Command::Import(import) => people::import(import).await,
        Command::Print(print) => print::print(print).await,
        Command::Pack(pack) => plans::run(pack).await,
        Command::User(user) => people::user(user).await,
        Command::School(school) => people::school(school).await,
        Command::Place(above) => people::place(above).await,
        Command::Verify(place) => data::verify(&place).await,
        Command::Backup(backup) => data::backup(backup).await,
        Command::Restore(restore) => data::restore(restore).await,
        Command::BenchData(bench) => data::bench_data(bench).await,
        Command::SheetReader => Ok(()),
    }
}

/// Opens what is there already: a slip in --data must not make an empty school and call it fine.
pub async fn open(place: &Place) -> Result<App, String> {
    if place.database_url().is_none() && !place.database_file().exists() {
        return Err(format!(
            "{}里没有暖巢的数据。看看--data写对了没有；还没有学校的话，先用 nuanchao school 建一所。",
            place.data.display()
        ));
    }
    open_or_make(place, clock::Clock::system(), false).await
}

/// Opens, or makes what is not there yet.
pub async fn open_or_make(
    place: &Place,
    clock: clock::Clock,
    is_demo: bool,
) -> Result<App, String> {
    let db = match place.database_url() {
        Some(url) => Db::open_postgres(&url).await,
        None => {
            std::fs::create_dir_all(&place.data)
                .map_err(|error| format!("数据文件夹建不了：{}", system(&error)))?;
            Db::open_sqlite(&place.database_file()).await
        }
    };
    let db = db.map_err(|fault| fault.to_string())?;
    let vault = vault(&db, &place.key_path()).await?;
    let sheet_reader =
        std::env::current_exe().map_err(|error| format!("找不到程序自己：{}", system(&error)))?;
    let app = App::new(House {
        db,
        vault,
        clock,
        checkpoints: place.checkpoint_file(),
        memory: memory::Memory::default(),
        is_demo,
        https: false,
        setup_code: crate::vault::random_text::<9>(),
        sheet_reader,
    });
    crate::marks::catch_up(&app).await.map_err(sql)?;
    Ok(app)
}

const KEY_CHECK: &str = "key_check";

/// The key that this database was sealed with. A key is made only for a database that has none:
/// under another one, what is there would not open, and the same number would not be found again.
async fn vault(db: &Db, file: &std::path::Path) -> Result<Vault, String> {
    let known = db.setting(KEY_CHECK).await.map_err(sql)?;
    let vault = match (&known, file.exists()) {
        (Some(_), false) => {
            return Err(format!(
                "找不到钥匙文件{}。没有它，数据打不开。请放回原来的那一份，或用--key-file指给它。",
                file.display()
            ));
        }
        (None, false) => Vault::make(file),
        (_, true) => Vault::read(file),
    };
    let vault = vault.map_err(|error| format!("钥匙文件打不开：{error}"))?;
    match known {
        None => {
            let value = vault.check_value();
            db.set_setting(KEY_CHECK, &value).await.map_err(sql)?;
        }
        Some(known) if known != vault.check_value() => {
            return Err(format!(
                "{}不是这份数据的钥匙。请换回原来的那一份。",
                file.display()
            ));
        }
        Some(_) => {}
    }
    Ok(vault)
}

/// What the system refused, in words.
pub fn system(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::NotFound => "没有这个文件或文件夹".to_owned(),
        ErrorKind::PermissionDenied => "没有权限".to_owned(),
        ErrorKind::AlreadyExists => "已经有同名的了".to_owned(),
        ErrorKind::IsADirectory => "这是一个文件夹".to_owned(),
        ErrorKind::NotADirectory => "中间有一段不是文件夹".to_owned(),
        ErrorKind::StorageFull => "盘满了".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "这个盘只能读".to_owned(),
        ErrorKind::AddrInUse => "已经有别的程序在用".to_owned(),
        ErrorKind::AddrNotAvailable => "这台电脑没有这个地址".to_owned(),
        ErrorKind::InvalidData => "内容不是UTF-8的文字".to_owned(),
        _ => match error.raw_os_error() {
            Some(code) => format!("系统没有照做，编号{code}"),
            None => error.to_string(),
        },
    }
}

/// What a store or a page refused, as a sentence.
pub fn sentence(failure: &crate::web::Failure) -> String {
    match failure {
        crate::web::Failure::Asked(sentence) | crate::web::Failure::NotAnyMore(sentence) => {
            sentence.clone()
        }
        crate::web::Failure::Ours(detail) => format!("没有做成：{detail}"),
        other => format!("没有做成：{other:?}"),
    }
}

pub fn sql(error: db::Error) -> String {
    format!("数据库说：{error}")
}
