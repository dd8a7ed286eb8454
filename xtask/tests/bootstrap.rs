//! `cargo xtask bootstrap` with bad input: how it ends, what it says, and what it leaves.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clysm_report::CompilationReport;
use serde_json::Value;
use tempfile::TempDir;

/// What a bootstrap leaves.
struct Bootstrap {
    out: TempDir,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Bootstrap {
    /// Runs the command with these flags. What an earlier one left is there.
    fn run(flags: &[&str]) -> Self {
        let out = tempfile::tempdir().unwrap();
        for stage in 1..=3 {
            fs::write(out.path().join(format!("clysm-stage{stage}.wasm")), "stale").unwrap();
            fs::write(out.path().join(format!("stage{stage}-report.json")), "stale").unwrap();
        }
        fs::write(out.path().join("fixpoint.json"), "stale").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("bootstrap")
            .arg("--out")
            .arg(out.path())
            .args(flags)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            out,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.out.path().join(name)
    }

    fn has(&self, name: &str) -> bool {
        self.file(name).exists()
    }

    fn fixpoint(&self) -> Value {
        serde_json::from_str(&fs::read_to_string(self.file("fixpoint.json")).unwrap()).unwrap()
    }
}

/// A copy of the sources in which one file is changed by `change`; without a text it is deleted.
fn changed_tree(path: &str, change: impl Fn(&str) -> Option<String>) -> TempDir {
    let tree = tempfile::tempdir().unwrap();
    let mut changed = false;
    for source in clysm_lisp::runtime().chain(clysm_lisp::COMPILER).chain([&clysm_lisp::START]) {
        let to = tree.path().join(source.path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        changed |= source.path == path;
        if source.path != path {
            fs::write(to, source.text).unwrap();
        } else if let Some(text) = change(source.text) {
            assert_ne!(text, source.text);
            fs::write(to, text).unwrap();
        }
    }
    assert!(changed, "{path}");
    tree
}

fn path_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run_on(tree: &TempDir) -> Bootstrap {
    Bootstrap::run(&["--sources", path_text(tree.path())])
}

#[test]
fn a_form_that_does_not_compile_is_told_and_counted() {
    let file = "lisp/runtime/describe.lisp";
    let tree = changed_tree(file, |text| Some(format!("{text}\n(defun broken (x)\n  (let ((y)) (if)))\n")));
    let bootstrap = run_on(&tree);
    assert_eq!(bootstrap.code, Some(1), "{}", bootstrap.stderr);
    let line = clysm_lisp::runtime().find(|source| source.path == file).unwrap().text.lines().count() + 3;
    assert!(bootstrap.stderr.contains("error[malformed-form]"), "{}", bootstrap.stderr);
    assert!(bootstrap.stderr.contains(&format!("{file}:{line}:14")), "{}", bootstrap.stderr);

    let report: CompilationReport =
        serde_json::from_str(&fs::read_to_string(bootstrap.file("stage2-report.json")).unwrap()).unwrap();
    report.validate().unwrap();
    let failed: Vec<_> = report.modules.iter().flatten().filter(|module| module.failed > 0).collect();
    assert_eq!(failed.iter().map(|module| (module.path.as_str(), module.failed)).collect::<Vec<_>>(), [(file, 1)]);
    assert_eq!(report.summary.failed, 1);
    assert_eq!(report.summary.compiled, report.summary.total_forms - 1, "the others compile");

    assert!(bootstrap.has("clysm-stage1.wasm"));
    for stale in ["clysm-stage2.wasm", "clysm-stage3.wasm", "stage3-report.json"] {
        assert!(!bootstrap.has(stale), "{stale}");
    }
    let fixpoint = bootstrap.fixpoint();
    assert_eq!(fixpoint["status"], "compilation-error");
    assert_eq!(fixpoint["stages"][1]["status"], "incomplete");
    assert!(bootstrap.stdout.contains("fixpoint compilation error"), "{}", bootstrap.stdout);
}

#[test]
fn a_missing_source_is_named() {
    let bootstrap = run_on(&changed_tree("lisp/runtime/sort.lisp", |_| None));
    assert_eq!(bootstrap.code, Some(3), "{}", bootstrap.stderr);
    assert!(
        bootstrap.stderr.contains("error[missing-file]: cannot read lisp/runtime/sort.lisp: no such file or directory"),
        "{}",
        bootstrap.stderr
    );
    assert!(!bootstrap.has("clysm-stage2.wasm"));
    assert!(!bootstrap.has("stage2-report.json"));
    assert_eq!(bootstrap.fixpoint()["status"], "missing-dependency");
}

#[test]
fn a_trap_in_a_stage_tells_the_functions_on_the_stack() {
    let trapping = "(eval-when (:compile-toplevel) (labels ((deep (x) (list (deep x)))) (deep 1)))";
    let bootstrap = run_on(&changed_tree("lisp/compiler/world.lisp", |text| Some(format!("{text}\n{trapping}\n"))));
    assert_eq!(bootstrap.code, Some(2), "{}", bootstrap.stderr);
    assert!(bootstrap.stderr.contains("error: control stack exhausted"), "{}", bootstrap.stderr);
    assert!(bootstrap.stderr.contains("\n  in (LAMBDA in CLYSM::%"), "{}", bootstrap.stderr);
    assert!(!bootstrap.has("clysm-stage2.wasm"));
    let fixpoint = bootstrap.fixpoint();
    assert_eq!(fixpoint["status"], "compilation-error");
    assert_eq!(fixpoint["stages"][1]["status"], "failed");
}

#[test]
fn programs_that_fail_on_stage_2_are_told() {
    let programs = tempfile::tempdir().unwrap();
    let files = [
        (
            "good",
            "(defpackage :shop (:use :cl)) (in-package :shop) (format t \"~S ~S~%\" 'item (list 1 \"two\" #\\3))",
            "ITEM (1 \"two\" #\\3)\n",
        ),
        ("other", "(print 1)", "2"),
        ("malformed", "(let ((x)) (if))", ""),
        ("failing", "(error \"No.\")", ""),
    ];
    for (name, program, output) in files {
        fs::write(programs.path().join(name).with_extension("lisp"), program).unwrap();
        fs::write(programs.path().join(name).with_extension("out"), output).unwrap();
    }
    let bootstrap = Bootstrap::run(&["--programs", path_text(programs.path())]);
    assert_eq!(bootstrap.code, Some(1), "{}", bootstrap.stderr);
    assert!(bootstrap.stdout.contains("stage 2 runs 1 of 4 programs as it should\n"), "{}", bootstrap.stdout);

    let fixpoint = bootstrap.fixpoint();
    assert_eq!(fixpoint["status"], "not-achieved");
    assert!(fixpoint["comparisons"].as_array().unwrap().iter().all(|pair| pair["first_difference"].is_null()));
    assert_eq!(fixpoint["programs"]["run"], 4);
    let why = |name: &str| {
        let failures = fixpoint["programs"]["failures"].as_array().unwrap();
        let failure = failures.iter().find(|failure| failure["program"].as_str().unwrap().ends_with(name));
        failure.unwrap()["why"].as_str().unwrap().to_owned()
    };
    assert_eq!(why("other.lisp"), "other output");
    assert!(why("malformed.lisp").contains("error[malformed-form]"), "{fixpoint}");
    assert!(why("failing.lisp").contains("No."), "{fixpoint}");
}

/// A module of `tests/errors`.
fn bad_module(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/errors").join(name)
}

#[test]
fn a_module_that_is_no_compiler_is_a_known_limitation() {
    let bootstrap = Bootstrap::run(&["--stage1", path_text(&bad_module("trap.wasm"))]);
    assert_eq!(bootstrap.code, Some(77), "{}", bootstrap.stderr);
    let line = bootstrap.stderr.lines().find(|line| line.contains("compile_form")).unwrap_or_default();
    assert!(
        line.ends_with("clysm-stage1.wasm does not export compile_form: it is no compiler"),
        "{}",
        bootstrap.stderr
    );
    let fixpoint = bootstrap.fixpoint();
    assert_eq!(fixpoint["status"], "not-achieved");
    assert_eq!(fixpoint["stages"][0]["status"], "not-a-compiler");
    assert!(!bootstrap.has("clysm-stage2.wasm"));
}

#[test]
fn a_missing_first_stage_is_a_missing_dependency() {
    let bootstrap = Bootstrap::run(&["--stage1", "nowhere.wasm"]);
    assert_eq!(bootstrap.code, Some(3), "{}", bootstrap.stderr);
    assert!(bootstrap.stderr.contains("cannot read nowhere.wasm: no such file or directory"), "{}", bootstrap.stderr);
    assert_eq!(bootstrap.fixpoint()["status"], "missing-dependency");
}

/// `--verify` of two modules, with what it prints as JSON.
fn verify(left: &Path, right: &Path) -> (Option<i32>, Value) {
    let bootstrap = Bootstrap::run(&["--json", "--verify", path_text(left), path_text(right)]);
    assert_eq!(fs::read_to_string(bootstrap.file("fixpoint.json")).unwrap(), "stale", "it makes nothing");
    (bootstrap.code, serde_json::from_str(&bootstrap.stdout).unwrap_or_default())
}

#[test]
fn modules_are_verified_like_stages() {
    let (trap, endless) = (bad_module("trap.wasm"), bad_module("endless.wasm"));
    let (code, same) = verify(&trap, &trap);
    assert_eq!((code, &same["status"]), (Some(0), &Value::from("achieved")));
    assert_eq!(same["first_difference"], Value::Null);

    let (code, different) = verify(&trap, &endless);
    assert_eq!((code, &different["status"]), (Some(1), &Value::from("not-achieved")));
    for (module, path) in different["modules"].as_array().unwrap().iter().zip([&trap, &endless]) {
        assert_eq!(module["bytes"], fs::metadata(path).unwrap().len());
        assert_eq!(module["sha256"].as_str().unwrap().len(), 64);
    }
    assert!(different["first_difference"]["offset"].is_u64(), "{different}");
    assert!(different["first_difference"]["section"].is_string(), "{different}");

    let (code, missing) = verify(&trap, Path::new("nowhere.wasm"));
    assert_eq!((code, &missing["status"]), (Some(3), &Value::from("missing-dependency")));
}

#[test]
fn what_is_no_module_is_not_verified() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    let bootstrap = Bootstrap::run(&["--verify", path_text(empty.path()), path_text(empty.path())]);
    assert_eq!(bootstrap.code, Some(2), "{}", bootstrap.stdout);
    assert!(bootstrap.stderr.contains("not a WebAssembly module"), "{}", bootstrap.stderr);
}
