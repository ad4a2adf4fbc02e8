//! 检查点: how far the journal went, signed and kept outside the database.
//!
//! A chain alone cannot see that its tail was cut off or that an old file was put back. A line for
//! each school goes to a file of its own, beside the key file or where `--checkpoints` says (another
//! volume), and `nuanchao verify` holds the journal against it (safety.md D4).

use crate::App;
use crate::db::{self, Conn};
use crate::marks::hash_after;
use crate::vault::{self, Key, Vault};
use ed25519_dalek::{Signature, Signer, Verifier};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// A checkpoint after so many entries, or so many seconds, whichever is first.
const ENTRIES: i64 = 1000;
const SECONDS: i64 = 5 * 60;
const LOOK: Duration = Duration::from_secs(10);

/// A line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    school: String,
    seq: i64,
    hash: String,
    at: String,
    /// A backup was put back with this entry: what stood here or beyond before is known to be gone.
    #[serde(default)]
    restored: bool,
    sign: String,
}

impl Line {
    fn new(vault: &Vault, head: &Head, at: &str, restored: bool) -> Self {
        let mut line = Self {
            school: head.school.clone(),
            seq: head.seq,
            hash: head.hash.clone(),
            at: at.to_owned(),
            restored,
            sign: String::new(),
        };
        let signature = vault.signing_key().sign(&line.signed());
        line.sign = vault::base64(&signature.to_bytes());
        line
    }

    fn signed(&self) -> Vec<u8> {
        let (seq, restored) = (self.seq.to_string(), self.restored.to_string());
        let parts = [&self.school, &seq, &self.hash, &self.at, &restored];
        parts
            .iter()
            .flat_map(|part| [part.as_bytes(), b"\n"].concat())
            .collect()
    }

    fn is_ours(&self, vault: &Vault) -> bool {
        let bytes = vault::from_base64(&self.sign).and_then(|bytes| bytes.try_into().ok());
        bytes.is_some_and(|bytes| {
            let key = vault.signing_key().verifying_key();
            key.verify(&self.signed(), &Signature::from_bytes(&bytes))
                .is_ok()
        })
    }
}

/// How far the journal of a school has come.
#[derive(Clone, Debug)]
struct Head {
    school: String,
    seq: i64,
    hash: String,
}

async fn heads(conn: &mut Conn) -> db::Result<Vec<Head>> {
    let rows: Vec<(String, i64, String)> = db::query_as(
        "select school_id, seq, hash from journal_head where seq > 0 order by school_id",
    )
    .fetch_all(conn)
    .await?;
    let head = |(school, seq, hash)| Head { school, seq, hash };
    Ok(rows.into_iter().map(head).collect())
}

/// What the last line said of each school.
type Written = HashMap<String, (i64, String)>;

/// Writes checkpoints for as long as the program serves.
pub async fn keep(app: App) {
    let mut written = Written::new();
    let mut ticks = tokio::time::interval(LOOK);
    loop {
        ticks.tick().await;
        told(write_due(&app, &mut written, false).await);
    }
}

/// Writes a line for each school that is due for one; `all`: for each that has moved on.
async fn write_due(app: &App, written: &mut Written, all: bool) -> Result<usize, String> {
    let now = app.clock.now().at;
    let mut conn = app.db.read().await.map_err(|error| error.to_string())?;
    let heads = heads(&mut conn).await.map_err(|error| error.to_string())?;
    drop(conn);
    let mut lines = Vec::new();
    for head in heads {
        let due = written.get(&head.school).is_none_or(|(seq, at)| {
            let waited = crate::clock::seconds_between(at, &now).unwrap_or(SECONDS);
            let moved = head.seq - seq;
            moved >= ENTRIES || (moved > 0 && (all || waited >= SECONDS))
        });
        if due {
            lines.push(Line::new(&app.vault, &head, &now, false));
        }
    }
    let told: Vec<(String, i64)> = lines
        .iter()
        .map(|line| (line.school.clone(), line.seq))
        .collect();
    let count = append(&app.checkpoints, lines).await?;
    // What could not be written stays due.
    written.extend(
        told.into_iter()
            .map(|(school, seq)| (school, (seq, now.clone()))),
    );
    Ok(count)
}

fn told(written: Result<usize, String>) {
    if let Err(why) = written {
        tracing::error!("a checkpoint of the journal was not written: {why}");
    }
}

/// The last line of every school, at the end of serving.
pub async fn leave(app: &App) {
    told(write_all(app).await);
}

/// One line now for every school.
pub async fn write_all(app: &App) -> Result<usize, String> {
    write_due(app, &mut Written::new(), true).await
}

async fn append(file: &Path, lines: Vec<Line>) -> Result<usize, String> {
    let file = file.to_owned();
    let count = lines.len();
    if count == 0 {
        return Ok(0);
    }
    let work = move || -> std::io::Result<()> {
        let mut text = String::new();
        for line in &lines {
            text.push_str(&serde_json::to_string(line)?);
            text.push('\n');
        }
        let is_new = !file.exists();
        let mut out = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&file)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        if is_new {
            vault::sync_folder(&file)?;
        }
        Ok(())
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    Ok(count)
}

/// A backup was put back: the entries beyond it are gone, and that is known.
pub async fn note_restore(app: &App) -> Result<(), String> {
    let now = app.clock.now().at;
    let mut conn = app.db.read().await.map_err(|error| error.to_string())?;
    let heads = heads(&mut conn).await.map_err(|error| error.to_string())?;
    let lines = heads
        .iter()
        .map(|head| Line::new(&app.vault, head, &now, true));
    append(&app.checkpoints, lines.collect()).await?;
    Ok(())
}

/// Holds the journal against the file; the sentences name what does not fit. How many lines were
/// held, so that "none" can be said.
pub async fn verify(app: &App, conn: &mut Conn) -> Result<(usize, Vec<String>), String> {
    let text = match std::fs::read_to_string(&app.checkpoints) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((0, Vec::new())),
        Err(error) => return Err(format!("检查点文件读不了：{error}")),
    };
    let mut faults = Vec::new();
    let mut expected: HashMap<String, Vec<Line>> = HashMap::new();
    for (number, raw) in (1..).zip(text.lines()) {
        let line: Option<Line> = serde_json::from_str(raw).ok();
        let Some(line) = line.filter(|line| line.is_ours(&app.vault)) else {
            faults.push(format!(
                "检查点文件第{number}行不是这套钥匙签的，可能被人改过。"
            ));
            continue;
        };
        let own = expected.entry(line.school.clone()).or_default();
        if line.restored {
            own.retain(|before| before.seq < line.seq);
        }
        own.push(line);
    }
    let mut held = 0;
    for lines in expected.values() {
        held += lines.len();
        faults.extend(
            first_that_differs(conn, lines)
                .await
                .map_err(|error| error.to_string())?,
        );
    }
    Ok((held, faults))
}

async fn first_that_differs(conn: &mut Conn, lines: &[Line]) -> db::Result<Option<String>> {
    for line in lines {
        if hash_after(conn, &line.school, line.seq).await?.as_deref() != Some(&line.hash) {
            let day = crate::clock::day_of(&line.at).map(|day| day.to_string());
            return Ok(Some(format!(
                "{}的检查点记着操作记录有{}条，现在对不上：后面的被剪掉了，或者换回了旧的数据文件。",
                day.unwrap_or_default(),
                line.seq
            )));
        }
    }
    Ok(None)
}

/// The code that a principal writes down: it fits this journal up to this entry, and no other.
#[derive(Clone, Debug)]
pub struct Code {
    pub seq: i64,
    pub text: String,
}

const CODE_LENGTH: usize = 8;

fn code_text(key: &Key, seq: i64, hash: &str) -> String {
    let mac = key.mac(&["checkpoint code", &seq.to_string(), hash]);
    let bytes = vault::from_base64(&mac).unwrap_or_default();
    vault::in_letters(bytes.get(..CODE_LENGTH).unwrap_or_default())
}

/// The code of today, for the page of what was done.
pub async fn code(conn: &mut Conn, school: &str, key: &Key) -> db::Result<Option<Code>> {
    let head: Option<(i64, String)> =
        db::query_as("select seq, hash from journal_head where school_id = $1")
            .bind(school)
            .fetch_optional(conn)
            .await?;
    Ok(head.map(|(seq, hash)| Code {
        seq,
        text: code_text(key, seq, &hash),
    }))
}

/// Whether a code that was written down once still fits.
pub async fn fits(conn: &mut Conn, school: &str, key: &Key, code: &Code) -> db::Result<bool> {
    let typed: String = code
        .text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let hash = hash_after(conn, school, code.seq).await?;
    Ok(hash.is_some_and(|hash| code_text(key, code.seq, &hash) == typed.to_uppercase()))
}
