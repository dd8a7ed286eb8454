//! `cargo xtask gabriel`: the Gabriel benchmarks, unmodified, as real programs that nobody here wrote.
//!
//! Each file is loaded into an image of its own, then its function `testNAME` is called, as the distribution's own
//! driver does. Where the benchmark has a result, it is checked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clysm_report::ExitCode;
use tempfile::TempDir;

use crate::flags::Gabriel;
use crate::lisp::{Job, run_in_clysm};
use crate::row;
use crate::table::render;

/// A form evaluated after a benchmark, and the answer it must give. The answers are those that SBCL and ECL give.
struct Check {
    name: &'static str,
    form: &'static str,
    answer: &'static str,
}

const CHECKS: &[Check] = &[
    check(
        "boyer",
        "(list (tautp '(implies (and (implies p q) (implies q r)) (implies p r))) (rewrite '(plus (plus a b) c)))",
        "(T (PLUS A (PLUS B C)))",
    ),
    check(
        "browse",
        "(list (match '(a ?x b) '(a c b) nil) (match '(*a ?b *b ?b a *a a *b *a) '(a a a b b b b a a a a a b b a a a) \
         nil))",
        "(T T)",
    ),
    check("ctak", "(ctak 18 12 6)", "7"),
    check("dderiv", "(dderiv '(+ (* 3 x x) 5))", "(+ (* (* 3 X X) (+ (// 0 3) (// 1 X) (// 1 X))) 0)"),
    check("deriv", "(deriv '(+ (* 3 x x) 5))", "(+ (* (* 3 X X) (+ (/ 0 3) (/ 1 X) (/ 1 X))) 0)"),
    check("destru", "(destructive 600 50)", "NIL"),
    check("destru-mod", "(destructive 600 50)", "NIL"),
    check("div2", "(list (length (iterative-div2 ll)) (length (recursive-div2 ll)))", "(100 100)"),
    check("fft", FFT, "(217 -351)"),
    check("fft-mod", FFT, "(217 -351)"),
    check("frpoly", "(pexptsq r 2)", "(Z 2 1 1 (Y 1 2 0 (X 1 2 0 2)) 0 (Y 2 1 1 (X 1 2 0 2) 0 (X 2 1 1 3 0 1)))"),
    check("fread", "(with-open-file (s \"/tmp/fprint.tst\") (length (read s)))", "6"),
    check("puzzle", PUZZLE, "\"2005\""),
    check("puzzle-mod", PUZZLE, "\"2005\""),
    check("stak", "(stak 18 12 6)", "7"),
    check("tak", "(tak 18 12 6)", "7"),
    check("tak-mod", "(tak 18 12 6)", "7"),
    check("takl", "(mas 18l 12l 6l)", "(7 6 5 4 3 2 1)"),
    check("takr", "(tak0 18 12 6)", "7"),
    check("tprint", "(length (prin1-to-string test-pattern))", "10768"),
    check("traverse", "(traverse traverse-root)", "100"),
    check("triang", TRIANG, "(775 1)"),
    check("triang-mod", TRIANG, "(775 1)"),
];

const fn check(name: &'static str, form: &'static str, answer: &'static str) -> Check {
    Check { name, form, answer }
}

const FFT: &str = "(progn (clear-fft) (setup-fft-component 3.0) (fft **fft-re** **fft-im**) \
                   (list (round (aref **fft-re** 2)) (round (aref **fft-re** 14))))";
const PUZZLE: &str = "(let* ((text (with-output-to-string (*standard-output*) (puzzle-start))) \
                      (start (+ 11 (search \"Success in \" text)))) \
                      (string-trim \" \" (subseq text start (search \" trials\" text))))";
const TRIANG: &str =
    "(progn (setq answer nil final nil) (triang-setup) (try 22 1) (list (length answer) (length final)))";

/// Two files set the float format when they are compiled, in an `eval-when` that loading the source passes over. They
/// don't work without it in any Lisp, so that it is done before.
fn before(name: &str) -> Option<String> {
    name.starts_with("fft").then(|| "(setq *read-default-float-format* 'double-float)".to_owned())
}

/// Runs the command.
pub fn run(flags: &Gabriel) -> Result<ExitCode> {
    let unpacked = Benchmarks::find(&flags.dir)?;
    let mut rows = vec![row!["benchmark", "result", "seconds"]];
    let mut failed = 0;
    let chosen = |path: &&PathBuf| flags.only.as_ref().is_none_or(|only| name(path).contains(only.as_str()));
    for path in unpacked.files.iter().filter(chosen) {
        eprintln!("{}", name(path));
        let outcome = run_one(path, Duration::from_secs(flags.timeout));
        failed += usize::from(outcome.is_err());
        rows.push(match outcome {
            Ok((result, seconds)) => row![name(path), result, format!("{seconds:.3}")],
            Err(error) => row![name(path), format!("{error:#}"), "–"],
        });
    }
    print!("{}", render(&rows));
    println!("{} of {} benchmarks run and give the right answers", rows.len() - 1 - failed, rows.len() - 1);
    Ok(if failed == 0 { ExitCode::Success } else { ExitCode::Partial })
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Runs a benchmark: how its answer was judged, and the seconds it took.
fn run_one(path: &Path, timeout: Duration) -> Result<(&'static str, f64)> {
    let name = name(path);
    let check = CHECKS.iter().find(|check| check.name == name);
    let function = name.split('-').next().unwrap_or(&name);
    let job = Job {
        file: path.to_path_buf(),
        before: before(&name),
        call: format!("(test{function})"),
        repeat: 1,
        check: check.map(|check| format!("(let ((*print-pretty* nil)) {})", check.form)),
        directory: Some(PathBuf::from("/tmp")), // fprint and fread name their file there
        timeout,
    };
    let (answer, _) = run_in_clysm(&job)?;
    let seconds = answer.seconds.first().copied().unwrap_or_default();
    match check {
        None => Ok(("runs", seconds)),
        Some(check) if check.answer == answer.value => Ok(("ok", seconds)),
        Some(check) => bail!("{} gives {}, not {}", check.form, answer.value, check.answer),
    }
}

/// The benchmarks' files in alphabetical order, and the directory that they were unpacked to.
struct Benchmarks {
    files: Vec<PathBuf>,
    _unpacked: Option<TempDir>,
}

impl Benchmarks {
    /// Looks for `*.cl` in a directory, in a directory `bench` below it, and in a tar file of the source package.
    fn find(directory: &Path) -> Result<Self> {
        for place in [directory.to_path_buf(), directory.join("bench")] {
            let files = with_extension(&place, "cl").unwrap_or_default();
            if !files.is_empty() {
                return Ok(Self { files, _unpacked: None });
            }
        }
        let entries = fs::read_dir(directory).with_context(|| directory.display().to_string())?;
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        paths.retain(|path| path.to_string_lossy().contains(".orig.tar."));
        paths.sort();
        match paths.first() {
            Some(archive) => Self::unpack(archive),
            None => bail!("{}: neither benchmarks (*.cl) nor a source package (*.orig.tar.*)", directory.display()),
        }
    }

    fn unpack(archive: &Path) -> Result<Self> {
        let unpacked = tempfile::tempdir()?;
        let mut tar = Command::new("tar");
        tar.arg("-xf").arg(archive).arg("-C").arg(unpacked.path());
        let status =
            tar.args(["--strip-components=2", "--wildcards", "*/bench/*.cl"]).status().context("starting tar")?;
        if !status.success() {
            bail!("tar cannot unpack {}", archive.display());
        }
        Ok(Self { files: with_extension(unpacked.path(), "cl")?, _unpacked: Some(unpacked) })
    }
}

fn with_extension(directory: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory)?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|found| found == extension));
    files.sort();
    Ok(files)
}
