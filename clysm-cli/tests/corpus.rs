//! The programs of `tests/run` and the bad inputs of `tests/errors`, each through the `clysm` command.
//!
//! - `tests/run/NAME.lisp` is run with `clysm run`; its standard output must be `NAME.out`, and it must end with 0. Its
//!   last argument is an empty directory of its own, with a final slash, which is granted to it.
//! - `tests/errors/NAME.lisp` is run likewise, or with the arguments in `NAME.args`, in which `{tmp}` stands for a
//!   directory with the file `existing.wasm`, that must not change. Standard error must be `NAME.stderr`, standard output
//!   `NAME.out` (nothing if that is absent), and the exit code the number in `NAME.exit`.
//!
//! With `CLYSM_BLESS=1` in the environment the expectations are written instead of checked.

#![allow(clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in stems("run", &["lisp"]) {
        trials.push(Trial::test(name("run", &path), move || run_program(&path)));
    }
    for path in stems("errors", &["lisp", "args"]) {
        trials.push(Trial::test(name("errors", &path), move || run_bad_input(&path)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

fn name(corpus: &str, path: &Path) -> String {
    format!("{corpus}::{}", path.file_name().unwrap_or_default().to_string_lossy())
}

/// The paths in a corpus that have one of the extensions, without it, in order, each once.
fn stems(corpus: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(corpus);
    let Ok(entries) = fs::read_dir(&directory) else { panic!("{} cannot be read", directory.display()) };
    let mut stems: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| extensions.iter().any(|extension| found == *extension)))
        .map(|path| path.with_extension(""))
        .collect();
    stems.sort();
    stems.dedup();
    stems
}

fn run_program(stem: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let granted = format!("{}/", directory.path().display());
    let file = file_name(stem, "lisp");
    let output = clysm(stem, &["run", "--timeout", "20", "--dir", &granted, &file, &granted])?;
    if !output.status.success() {
        return Err(format!("{}\n{}", output.status, text(&output.stderr)).into());
    }
    expect(stem, "out", &text(&output.stdout))
}

fn run_bad_input(stem: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let tmp = directory.path().display().to_string();
    let existing = directory.path().join("existing.wasm");
    fs::write(&existing, "kept")?;
    let line = match fs::read_to_string(stem.with_extension("args")) {
        Ok(line) => line,
        Err(_) => format!("run {}", file_name(stem, "lisp")),
    };
    let arguments: Vec<String> = line.split_whitespace().map(|word| word.replace("{tmp}", &tmp)).collect();
    let output = clysm(stem, &arguments.iter().map(String::as_str).collect::<Vec<_>>())?;
    let portable = |octets: &[u8]| text(octets).replace(&tmp, "{tmp}");
    expect(stem, "stderr", &portable(&output.stderr))?;
    expect(stem, "out", &portable(&output.stdout))?;
    let code = output.status.code().map_or_else(|| output.status.to_string(), |code| code.to_string());
    expect(stem, "exit", &format!("{code}\n"))?;
    if fs::read(&existing)? != b"kept" {
        return Err("an existing file has changed".into());
    }
    Ok(())
}

fn file_name(stem: &Path, extension: &str) -> String {
    stem.with_extension(extension).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// Runs the command in the directory of a test.
fn clysm(stem: &Path, arguments: &[&str]) -> Result<Output, Failed> {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    // The library is compiled once, before the tests run side by side.
    let cache = CACHE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clysm-cache");
        let _ = command(&cache).args(["eval", "1"]).output();
        cache
    });
    let directory = stem.parent().unwrap_or(stem);
    Ok(command(cache).args(arguments).current_dir(directory).output()?)
}

fn command(cache: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clysm"));
    command.env("CLYSM_CACHE_DIR", cache).stdin(Stdio::null());
    command
}

/// Compares with a file, which is as good as empty when it is absent; or writes it.
fn expect(stem: &Path, extension: &str, actual: &str) -> Result<(), Failed> {
    let path = stem.with_extension(extension);
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    if std::env::var_os("CLYSM_BLESS").is_some() {
        return Ok(fs::write(&path, actual)?);
    }
    let diff = TextDiff::from_lines(expected.as_str(), actual);
    let file = file_name(stem, extension);
    Err(format!("{}", diff.unified_diff().header(&file, "actual output")).into())
}
