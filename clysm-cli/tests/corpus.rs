//! The programs of `tests/run` and the bad inputs of `tests/errors`, each through the `clysm` command.
//!
//! - `tests/run/NAME.lisp` is run with `clysm run`; its standard output must be `NAME.out`, and it must end with 0. Its
//!   last argument is an empty directory of its own, with a final slash, which is granted to it.
//! - The same program is built as a standalone module, and must do the same there, unless its first comment says that it is
//!   for `load` as source only: file compilation differs from it in what CLHS 3.2.3 says.
//! - `tests/errors/NAME.lisp` is run likewise, or with the arguments in `NAME.args`, in which `{tmp}` stands for a
//!   directory with the file `existing.wasm`, that must not change. Standard error must be `NAME.stderr`, standard output
//!   `NAME.out` (nothing if that is absent), and the exit code the number in `NAME.exit`.
//! - `tests/console/NAME.console` is a transcript of commands, see the module `console`.
//!
//! With `CLYSM_BLESS=1` in the environment the expectations are written instead of checked.

#![allow(clippy::panic, reason = "tests")]

mod console;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use clysm::BuildOptions;
use clysm_host::{
    Access, Capabilities, Engine, EngineOptions, HostError, Limits, Output, OutputBuffer, Random, Session,
};
use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for path in stems("run", &["lisp"]) {
        if !is_source_only(&path) {
            let path = path.clone();
            trials.push(Trial::test(name("standalone", &path), move || run_standalone(&path)));
        }
        trials.push(Trial::test(name("run", &path), move || run_program(&path)));
    }
    for path in stems("errors", &["lisp", "args"]) {
        trials.push(Trial::test(name("errors", &path), move || run_bad_input(&path)));
    }
    for path in stems("console", &["console"]) {
        trials.push(Trial::test(name("console", &path), move || console::run(&path)));
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

fn is_source_only(stem: &Path) -> bool {
    let text = fs::read_to_string(stem.with_extension("lisp")).unwrap_or_default();
    text.lines().take_while(|line| line.starts_with(';')).any(|line| line.contains("for load as source only"))
}

fn run_standalone(stem: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let granted = format!("{}/", directory.path().display());
    let options = BuildOptions { cache_directory: Some(cache().to_path_buf()), ..BuildOptions::default() };
    let built = clysm::build_standalone(&[stem.with_extension("lisp")], &options, &mut |_| {})?;
    if let Some(error) = built.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(error.to_string().into());
    }
    // Its machine code runs once: making it is what takes the time.
    let engine = Engine::new(EngineOptions { optimise: false, ..EngineOptions::default() })?;
    let output = OutputBuffer::default();
    let capabilities = Capabilities::new()
        .clock(0)
        .random(Random::Seeded(1))
        .environment(vec![file_name(stem, "lisp"), granted.clone()], [])
        .directory(directory.path(), granted, Access::ReadWrite)
        .output(Output::Buffer(output.clone()))
        .refuse_at_call();
    let limits = Limits { time: Some(Duration::from_secs(60)), ..Limits::default() };
    let mut session = Session::new(&engine, capabilities, limits)?;
    let instance = session.load(&engine.compile(&built.bytes)?)?;
    let ended = session.call_start(instance);
    if let Some(report) = session.take_report() {
        return Err(format!("{report:?}").into());
    }
    match ended {
        Ok(()) | Err(HostError::Exit(0)) => expect(stem, "out", &text(&output.take())),
        Err(error) => Err(error.into()),
    }
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
fn clysm(stem: &Path, arguments: &[&str]) -> Result<std::process::Output, Failed> {
    let directory = stem.parent().unwrap_or(stem);
    Ok(command(cache()).args(arguments).current_dir(directory).output()?)
}

/// The directory of the compiled library: it is compiled once, before the tests run side by side.
fn cache() -> &'static Path {
    static CACHE: OnceLock<PathBuf> = OnceLock::new();
    CACHE.get_or_init(|| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clysm-cache");
        let _ = command(&cache).args(["eval", "1"]).output();
        cache
    })
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
