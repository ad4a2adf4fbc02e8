//! Fetches the faces by their lock file and copies the four that sheets are set in.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const LOCK: &str = "package-lock.json";
const FACES: [(&str, &str); 4] = [
    (
        "noto-serif-sc/400Regular/NotoSerifSC_400Regular.ttf",
        "serif.ttf",
    ),
    (
        "noto-serif-sc/700Bold/NotoSerifSC_700Bold.ttf",
        "serif-bold.ttf",
    ),
    (
        "noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
        "sans.ttf",
    ),
    (
        "noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
        "sans-bold.ttf",
    ),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=fonts/{LOCK}");
    if env::var_os("CARGO_FEATURE_PDF").is_none() {
        return ExitCode::SUCCESS;
    }
    match fetch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            println!("cargo::error=the faces of printed sheets could not be fetched: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn folder(name: &str) -> Result<PathBuf, String> {
    env::var_os(name)
        .map(PathBuf::from)
        .ok_or_else(|| format!("cargo did not set {name}"))
}

fn fetch() -> Result<(), String> {
    let source = folder("CARGO_MANIFEST_DIR")?.join("fonts");
    let out = folder("OUT_DIR")?;
    if FACES.iter().all(|(_, name)| out.join(name).is_file()) {
        return Ok(());
    }
    let work = out.join("fonts");
    fs::create_dir_all(&work).map_err(|error| error.to_string())?;
    for name in ["package.json", LOCK] {
        copy(&source.join(name), &work.join(name))?;
    }
    install(&work)?;
    let modules = work.join("node_modules").join("@expo-google-fonts");
    for (from, to) in FACES {
        copy(&modules.join(from), &out.join(to))?;
    }
    // A face comes in nine weights; what is not embedded need not lie there.
    fs::remove_dir_all(work.join("node_modules")).map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| format!("{}: {error}", from.display()))
}

fn install(work: &Path) -> Result<(), String> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .current_dir(work)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--legacy-peer-deps", "--prefer-offline"])
        .output()
        .map_err(|error| format!("npm could not be started ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    // The rest of what npm says names the registry.
    let said = String::from_utf8_lossy(&output.stderr);
    let code = said
        .lines()
        .find_map(|line| line.strip_prefix("npm error code "));
    Err(format!("npm ci failed ({})", code.unwrap_or("no code")))
}
