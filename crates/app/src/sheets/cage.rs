//! The reader at work in a child process that first takes away its own memory, time, files and network.

use std::io::{self, BufWriter, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

use super::read::{read, too_big};
use super::{MAX_FILE_BYTES, Sheet, SheetFault};

const SUBCOMMAND: &str = "sheet-reader";

const MIB: u64 = 1024 * 1024;
const MEMORY: u64 = 512 * MIB;
const CPU_SECONDS: u64 = 20;
/// Standard input, output and error are open already; nothing more, and no socket, can be.
const OPEN_FILES: u64 = 3;
const DEADLINE: Duration = Duration::from_secs(25);
const MAX_ANSWER: u64 = 192 * MIB;
/// What a Rust program exits with after a panic.
const PANICKED: i32 = 101;
const SIGKILL: i32 = 9;
const SIGXCPU: i32 = 24;

/// Two readers together may take 1 GiB, which a small box can spare.
static TURNS: Semaphore = Semaphore::const_new(2);

/// `exe` is this program; it must answer to the hidden subcommand `sheet-reader` with `child_main`.
pub async fn read_caged(exe: &Path, bytes: Vec<u8>) -> Result<Sheet, SheetFault> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(too_big());
    }
    let _turn = TURNS.acquire().await.map_err(|_| SheetFault::ReaderDown)?;
    tokio::time::timeout(DEADLINE, ask(exe, bytes))
        .await
        .unwrap_or(Err(SheetFault::TookTooLong))
}

async fn ask(exe: &Path, bytes: Vec<u8>) -> Result<Sheet, SheetFault> {
    let mut child = start(exe).map_err(|_| SheetFault::ReaderDown)?;
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(SheetFault::ReaderDown);
    };
    let mut answer = Vec::new();
    let mut limited = stdout.take(MAX_ANSWER + 1);
    let feed = async move {
        // A child that died has stopped listening; its exit says why.
        let _ = stdin.write_all(&bytes).await;
    };
    let ((), heard) = tokio::join!(feed, limited.read_to_end(&mut answer));
    heard.map_err(|_| SheetFault::Damaged)?;
    if u64::try_from(answer.len()).unwrap_or(u64::MAX) > MAX_ANSWER {
        return Err(SheetFault::Overstuffed);
    }
    let ended = child.wait().await.map_err(|_| SheetFault::Damaged)?;
    tokio::task::spawn_blocking(move || verdict(ended, &answer))
        .await
        .unwrap_or(Err(SheetFault::Damaged))
}

fn start(exe: &Path) -> io::Result<Child> {
    Command::new(exe)
        .arg(SUBCOMMAND)
        .env_clear()
        // A gibibyte kept ready would be a gibibyte beyond the limit.
        .env("MIMALLOC_ARENA_RESERVE", "0")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

pub(super) fn verdict(ended: ExitStatus, answer: &[u8]) -> Result<Sheet, SheetFault> {
    if ended.success() {
        return serde_json::from_slice(answer).unwrap_or(Err(SheetFault::Damaged));
    }
    match (ended.signal(), ended.code()) {
        (Some(SIGXCPU | SIGKILL), _) => Err(SheetFault::TookTooLong),
        (Some(_), _) | (None, Some(PANICKED)) => Err(SheetFault::Damaged),
        (None, _) => Err(SheetFault::ReaderDown),
    }
}

/// The whole life of the child. Call it before any thread or runtime is started: their stacks would count as memory.
pub fn child_main() -> ExitCode {
    // The message of a panic could quote a cell.
    std::panic::set_hook(Box::new(|_| {}));
    match enclose().and_then(|()| answer()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn enclose() -> io::Result<()> {
    let memory = MEMORY + mapped();
    limit(Resource::As, memory, memory)?;
    // At the soft limit the system says why it ends the process; at the hard one it does not.
    limit(Resource::Cpu, CPU_SECONDS, CPU_SECONDS + 2)?;
    limit(Resource::Nofile, OPEN_FILES, OPEN_FILES)?;
    limit(Resource::Nproc, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::Core, 0, 0)?;
    #[cfg(target_os = "linux")]
    rustix::thread::set_no_new_privs(true)?;
    Ok(())
}

/// What is mapped before anything is read: the program itself, and what the allocator keeps ready.
/// Without it the limit would be reached at random, as soon as the allocator asks for more.
fn mapped() -> u64 {
    let said = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: Option<u64> = said.split(' ').next().and_then(|text| text.parse().ok());
    let page = u64::try_from(rustix::param::page_size()).unwrap_or_default();
    pages.unwrap_or_default() * page
}

/// A machine may already allow less than we ask for.
fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let before = getrlimit(resource);
    let maximum = before.maximum.map_or(hard, |given| given.min(hard));
    let current = soft.min(maximum);
    setrlimit(
        resource,
        Rlimit {
            current: Some(current),
            maximum: Some(maximum),
        },
    )?;
    Ok(())
}

fn answer() -> io::Result<()> {
    let sheet = read_stdin().and_then(|bytes| read(&bytes));
    let mut out = BufWriter::with_capacity(64 * 1024, io::stdout().lock());
    serde_json::to_writer(&mut out, &sheet)?;
    out.flush()
}

fn read_stdin() -> Result<Vec<u8>, SheetFault> {
    let limit = u64::try_from(MAX_FILE_BYTES + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|_| SheetFault::Damaged)?;
    Ok(bytes)
}
