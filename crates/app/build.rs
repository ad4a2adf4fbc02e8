//! Bundles `web/` into `OUT_DIR/assets` and writes `OUT_DIR/assets.rs`, which embeds it.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

const LOCK: &str = "package-lock.json";
const REGIONS: &str = "regions.mjs";
const FILES: [&str; 6] = ["package.json", LOCK, "app.css", "app.js", "way.js", REGIONS];
const ISLANDS: &str = "islands";
const STRICT: [&str; 2] = ["CI", "NUANCHAO_REQUIRE_NPM"];

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell("error", &error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn build() -> Outcome<()> {
    let source = folder_from("CARGO_MANIFEST_DIR")?.join("web");
    let out = folder_from("OUT_DIR")?;
    watch();
    let assets = out.join("assets");
    fs::create_dir_all(&assets)?;
    if let Err(reason) = bundle(&source, &out.join("web"), &assets) {
        if STRICT.iter().any(|name| is_on(name)) {
            return Err(
                format!("the script and the style sheet were not bundled: {reason}").into(),
            );
        }
        tell(
            "warning",
            &format!("pages go without script and with the style sheet as written: {reason}"),
        );
        tell("rerun-if-env-changed", "PATH");
        fs::copy(source.join("app.css"), assets.join("app.css"))?;
        fs::write(assets.join("app.js"), "")?;
        fs::write(assets.join("way.js"), "")?;
        fs::write(assets.join("regions.tsv"), "")?;
    }
    embed(&out, &assets)
}

fn watch() {
    for name in FILES.iter().chain([&ISLANDS]) {
        tell("rerun-if-changed", &format!("web/{name}"));
    }
    tell("rerun-if-changed", "build.rs");
    for name in STRICT {
        tell("rerun-if-env-changed", name);
    }
}

fn bundle(source: &Path, work: &Path, assets: &Path) -> Outcome<()> {
    copy_sources(source, work)?;
    install(work)?;
    // Safari 14 lacks syntax that htmx uses and esbuild cannot lower.
    esbuild(work, assets, "app.js", "chrome86,safari15")?;
    esbuild(work, assets, "way.js", "chrome86,safari15")?;
    esbuild(work, assets, "app.css", "chrome80,safari14")?;
    regions(work, assets)
}

fn regions(work: &Path, assets: &Path) -> Outcome<()> {
    let output = Command::new("node")
        .current_dir(work)
        .arg(REGIONS)
        .output()
        .map_err(|error| format!("node could not be started ({error})"))?;
    if !output.status.success() || output.stdout.is_empty() {
        return Err("the table of regions could not be read".into());
    }
    Ok(fs::write(assets.join("regions.tsv"), output.stdout)?)
}

fn copy_sources(source: &Path, work: &Path) -> io::Result<()> {
    let islands = work.join(ISLANDS);
    if islands.exists() {
        fs::remove_dir_all(&islands)?;
    }
    fs::create_dir_all(&islands)?;
    for name in FILES {
        fs::copy(source.join(name), work.join(name))?;
    }
    for entry in fs::read_dir(source.join(ISLANDS))? {
        let entry = entry?;
        fs::copy(entry.path(), islands.join(entry.file_name()))?;
    }
    Ok(())
}

fn install(work: &Path) -> Outcome<()> {
    let lock = fs::read(work.join(LOCK))?;
    let installed = work.join("installed.lock");
    if fs::read(&installed).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let output = Command::new(npm)
        .current_dir(work)
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .args(["--include=dev", "--include=optional", "--prefer-offline"])
        .output()
        .map_err(|error| format!("npm could not be started ({error})"))?;
    if !output.status.success() {
        return Err(format!("npm ci failed ({})", npm_code(&output)).into());
    }
    fs::write(installed, lock)?;
    Ok(())
}

/// Only npm's error code, because the rest of what it prints names the registry.
fn npm_code(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines()
        .find_map(|line| line.strip_prefix("npm error code "))
        .map_or_else(|| output.status.to_string(), str::to_owned)
}

fn esbuild(work: &Path, assets: &Path, name: &str, target: &str) -> Outcome<()> {
    let mut outfile = OsStr::new("--outfile=").to_owned();
    outfile.push(assets.join(name));
    let output = Command::new("node")
        .current_dir(work)
        .arg("node_modules/esbuild/bin/esbuild")
        .args([name, "--bundle", "--minify", "--format=iife"])
        .args(["--charset=utf8", "--legal-comments=none"])
        .args(["--log-level=error", "--color=false"])
        .arg(format!("--target={target}"))
        .arg(outfile)
        .output()
        .map_err(|error| format!("node could not be started ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // After its own words the launcher prints node's stack.
    let lines: Vec<&str> = said
        .lines()
        .take_while(|line| !line.starts_with("node:"))
        .map(str::trim)
        .collect();
    Err(format!("esbuild refused {name}: {}", lines.join(" ").trim()).into())
}

fn embed(out: &Path, assets: &Path) -> Outcome<()> {
    let css_hash = fnv1a(&fs::read(assets.join("app.css"))?);
    let js_hash = fnv1a(&fs::read(assets.join("app.js"))?);
    let regions_hash = fnv1a(&fs::read(assets.join("regions.tsv"))?);
    let text = format!(
        "pub const APP_CSS: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/assets/app.css\"));\n\
         pub const APP_JS: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/assets/app.js\"));\n\
         pub const WAY_JS: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/assets/way.js\"));\n\
         pub const REGIONS: &str = include_str!(concat!(env!(\"OUT_DIR\"), \"/assets/regions.tsv\"));\n\
         pub const REGIONS_HASH: &str = \"{regions_hash:016x}\";\n\
         pub const CSS_HASH: &str = \"{css_hash:016x}\";\n\
         pub const JS_HASH: &str = \"{js_hash:016x}\";\n"
    );
    fs::write(out.join("assets.rs"), text)?;
    Ok(())
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn folder_from(name: &str) -> Outcome<PathBuf> {
    let value = env::var_os(name).ok_or_else(|| format!("cargo did not set {name}"))?;
    Ok(PathBuf::from(value))
}

fn is_on(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

fn tell(key: &str, value: &str) {
    println!("cargo::{key}={value}");
}
