//! A backup is a restore: copied, sealed, restored into a scratch folder and verified, and only
//! then called good (safety.md D13).

use crate::App;
use crate::commands;
use crate::config::Place;
use crate::db::{self, Db, Engine};
use crate::ids::{OperationId, SchoolId};
use crate::journal::{self, Actor, Entry, Kind};
use crate::records::summary;
use crate::vault;
use age::secrecy::SecretString;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// In front of the content, so that another file is told at once.
const MARK: &[u8; 12] = b"nuanchao-bk1";

fn said(what: &str) -> impl Fn(std::io::Error) -> String + '_ {
    move |error| format!("{what}：{}", commands::system(&error))
}

/// A folder that goes when it is done with.
struct Scratch(PathBuf);

impl Scratch {
    /// Inside the data folder: what is not sealed yet never reaches the medium of the backup.
    fn new(place: &Place) -> Result<Self, String> {
        let name = format!("backup-{}", crate::ids::OperationId::new());
        let folder = place.data.join(name);
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(said("临时文件夹建不了"))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub async fn make(app: &App, place: &Place, file: &Path, passphrase: &str) -> Result<(), String> {
    if file.exists() {
        return Err(format!(
            "{}已经有了，备份不会盖掉它。请换一个名字，比如加上日期。",
            file.display()
        ));
    }
    let scratch = Scratch::new(place)?;
    let copy = scratch.0.join("copy.db");
    copied(&app.db, &copy).await?;
    let key = fs::read(place.key_path()).map_err(said("钥匙文件读不了"))?;
    let unsealed = fs::read(&copy).map_err(said("副本读不了"))?;
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    seal(&part, &key, &unsealed, passphrase)?;
    let proved = prove(&part, &scratch.0.join("proof"), passphrase).await;
    if proved.is_err() {
        let _ = fs::remove_file(&part);
        return proved;
    }
    fs::rename(&part, file).map_err(said("备份放不到那里"))?;
    let _ = vault::sync_folder(file);
    Ok(())
}

/// The database as one SQLite file, from whichever engine.
async fn copied(db: &Db, file: &Path) -> Result<(), String> {
    if db.engine() == Engine::Sqlite {
        return db.copy_to(file).await.map_err(commands::sql);
    }
    let copy = Db::open_sqlite(file)
        .await
        .map_err(|fault| fault.to_string())?;
    let done = db.copy_into(&copy).await.map_err(commands::sql);
    copy.close().await;
    done
}

fn seal(file: &Path, key: &[u8], db: &[u8], passphrase: &str) -> Result<(), String> {
    let out = fs::File::create(file).map_err(said("备份写不了"))?;
    let encryptor = age::Encryptor::with_user_passphrase(SecretString::from(passphrase.to_owned()));
    let mut sealed = encryptor.wrap_output(&out).map_err(said("备份封不了"))?;
    let length = u64::try_from(key.len()).unwrap_or_default().to_be_bytes();
    for part in [&MARK[..], &length, key, db] {
        sealed.write_all(part).map_err(said("备份写不了"))?;
    }
    sealed.finish().map_err(said("备份写不完"))?;
    out.sync_all().map_err(said("备份落不了盘"))
}

/// The key file and the database of a backup.
fn unseal(file: &Path, passphrase: &str) -> Result<(Vec<u8>, Vec<u8>), String> {
    let input = fs::File::open(file).map_err(said("备份打不开"))?;
    let decryptor =
        age::Decryptor::new(input).map_err(|_| "这个文件不是暖巢的备份，或者坏了。".to_owned())?;
    let identity = age::scrypt::Identity::new(SecretString::from(passphrase.to_owned()));
    let mut reader = decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|_| "口令不对，请换一个再试。".to_owned())?;
    let mut all = Vec::new();
    reader
        .read_to_end(&mut all)
        .map_err(|_| "备份坏了，请换一份。".to_owned())?;
    parts(&all).ok_or_else(|| "备份坏了，请换一份。".to_owned())
}

fn parts(all: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let rest = all.strip_prefix(MARK.as_slice())?;
    let (length, rest) = rest.split_at_checked(8)?;
    let length = usize::try_from(u64::from_be_bytes(length.try_into().ok()?)).ok()?;
    let (key, db) = rest.split_at_checked(length)?;
    Some((key.to_vec(), db.to_vec()))
}

/// Restores into a scratch folder and holds everything against everything.
async fn prove(sealed: &Path, folder: &Path, passphrase: &str) -> Result<(), String> {
    let place = Place::scratch(folder);
    restore(sealed, &place, passphrase).await?;
    let app = commands::open(&place).await?;
    let (_, faults) = commands::data_faults(&app).await?;
    app.db.close().await;
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "备份恢复出来对不上，没有留下：{}",
            faults.join("；")
        ))
    }
}

async fn restore(file: &Path, place: &Place, passphrase: &str) -> Result<(), String> {
    let (key, db) = unseal(file, passphrase)?;
    fs::create_dir_all(&place.data).map_err(said("数据文件夹建不了"))?;
    put_key(&place.key_path(), &key)?;
    put(&place.database_file(), &db)
}

/// Where a backup may go: an empty folder, or a PostgreSQL database in which nothing was ever kept.
enum Target {
    Folder,
    Server(Db),
}

async fn target(place: &Place) -> Result<Target, String> {
    let url = place.database_url();
    if place.key_path().exists() || (url.is_none() && place.database_file().exists()) {
        return Err(format!(
            "{}里已经有数据或钥匙，恢复不会盖掉它。请换一个空文件夹。",
            place.data.display()
        ));
    }
    let Some(url) = url else {
        return Ok(Target::Folder);
    };
    let db = Db::open_postgres(&url)
        .await
        .map_err(|fault| fault.to_string())?;
    if db.is_unused().await.map_err(commands::sql)? {
        return Ok(Target::Server(db));
    }
    db.close().await;
    Err("这个数据库里已经有数据，恢复不会盖掉它。请建一个新的空数据库。".to_owned())
}

/// Restores beside the target, holds everything against everything, signs everybody out, and only
/// then puts it in its place: what does not fit leaves nothing behind.
pub async fn restore_proved(file: &Path, place: &Place, passphrase: &str) -> Result<usize, String> {
    let was_there = place.data.exists();
    let done = restored(file, place, passphrase).await;
    if done.is_err() && !was_there {
        // Only if it is empty: what a hand put there meanwhile stays.
        let _ = fs::remove_dir(&place.data);
    }
    done
}

async fn restored(file: &Path, place: &Place, passphrase: &str) -> Result<usize, String> {
    let target = target(place).await?;
    let scratch = Scratch::new(place)?;
    let proof = Place::scratch(&scratch.0.join("proof"));
    restore(file, &proof, passphrase).await?;
    let app = commands::open(&proof).await?;
    let (children, faults) = commands::data_faults(&app).await?;
    if faults.is_empty() {
        sign_everybody_out(&app).await.map_err(commands::sql)?;
        write_down(&app).await.map_err(commands::sql)?;
    }
    app.db.close().await;
    if !faults.is_empty() {
        return Err(format!("恢复出来对不上，没有留下：{}", faults.join("；")));
    }
    let key = fs::read(proof.key_path()).map_err(said("钥匙读不了"))?;
    match target {
        Target::Folder => {
            let bytes = fs::read(proof.database_file()).map_err(said("副本读不了"))?;
            put_key(&place.key_path(), &key)?;
            let done = put(&place.database_file(), &bytes);
            nothing_half(done, &[place.key_path(), place.database_file()])?;
        }
        Target::Server(db) => {
            // A server full of rows that no key opens would help nobody.
            put_key(&place.key_path(), &key)?;
            let done = to_server(&db, &proof, &app.vault).await;
            db.close().await;
            nothing_half(done, &[place.key_path()])?;
        }
    }
    let app = commands::open(place).await?;
    crate::checkpoints::note_restore(&app).await?;
    app.db.close().await;
    Ok(children)
}

/// Only its owner reads a key, and nobody writes it by mistake.
fn put_key(file: &Path, key: &[u8]) -> Result<(), String> {
    put(file, key)?;
    #[cfg(unix)]
    fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o400))
        .map_err(said("钥匙的权限设不了"))?;
    Ok(())
}

/// What was put there for a restore that did not come to its end goes again.
fn nothing_half(done: Result<(), String>, files: &[PathBuf]) -> Result<(), String> {
    if done.is_err() {
        for file in files {
            let _ = fs::remove_file(file);
        }
    }
    done
}

/// Into the server in one piece, held against everything once more before it stands.
async fn to_server(db: &Db, proof: &Place, vault: &vault::Vault) -> Result<(), String> {
    let sqlite = Db::open_sqlite(&proof.database_file())
        .await
        .map_err(|fault| fault.to_string())?;
    let mut tx = db.copy_from(&sqlite).await.map_err(commands::sql)?;
    sqlite.close().await;
    let faults = journal::verify(&mut tx, vault)
        .await
        .map_err(commands::sql)?;
    let (_, wrong) = summary::verify(&mut tx)
        .await
        .map_err(|failure| commands::sentence(&failure))?;
    if !faults.is_empty() || wrong > 0 {
        return Err(format!(
            "放进数据库以后对不上，没有留下：{}",
            faults.join("；")
        ));
    }
    tx.commit().await.map_err(commands::sql)
}

/// What happened after the backup is gone from here on, and the journal says so.
async fn write_down(app: &App) -> db::Result<()> {
    let mut tx = app.db.write_anywhere().await?;
    let schools: Vec<String> = db::query_scalar("select school_id from journal_head")
        .fetch_all(&mut tx)
        .await?;
    for school in schools {
        let school_id = SchoolId::from(school);
        let actor = Actor {
            school_id: &school_id,
            staff_id: "",
            at: &app.clock.now().at,
            key: &app.vault.school_key(school_id.as_str()),
            device: None,
        };
        let entry = Entry {
            operation: &OperationId::new(),
            kind: Kind::Restored,
            subject_kind: "school",
            subject_id: school_id.as_str(),
            payload: "",
            result: "",
        };
        journal::record(&mut tx, &actor, &entry).await?;
    }
    tx.commit().await
}

/// A session that was closed since the backup must not come back with it.
async fn sign_everybody_out(app: &App) -> db::Result<()> {
    let mut tx = app.db.write_anywhere().await?;
    db::query("delete from login_session")
        .execute(&mut tx)
        .await?;
    tx.commit().await
}

fn put(file: &Path, bytes: &[u8]) -> Result<(), String> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(said("放钥匙的文件夹建不了"))?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(file).map_err(said("恢复写不了"))?;
    out.write_all(bytes).map_err(said("恢复写不了"))?;
    out.sync_all().map_err(said("恢复落不了盘"))?;
    let _ = vault::sync_folder(file);
    Ok(())
}
