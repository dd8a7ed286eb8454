//! The commands doing what they are for. Bad input is in `tests/errors`, programs are in `tests/run`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Runs the command in a directory; its standard output.
fn clysm(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_clysm"))
        .args(arguments)
        .current_dir(directory)
        .env("CLYSM_CACHE_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("clysm-cache"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "clysm {}: {}\n{stderr}", arguments.join(" "), output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn eval_prints_every_value_of_every_form_readably() {
    let printed = clysm(here(), &["eval", "(floor 7 2) \"a\\\"b\"", "(values)", "'|x y|", "#\\a"]);
    assert_eq!(printed, "3\n1\n\"a\\\"b\"\n|x y|\n#\\a\n");
}

#[test]
fn expressions_share_an_image() {
    assert_eq!(clysm(here(), &["eval", "(defvar *x* 1)", "(incf *x*)"]), "*X*\n2\n");
}

#[test]
fn programs_see_their_arguments() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.lisp"), "(format t \"~{~A~^ ~}~%\" (rest (clysm:argv)))").unwrap();
    assert_eq!(clysm(directory.path(), &["run", "a.lisp", "--timeout", "-x", "λ"]), "--timeout -x λ\n");
}

#[test]
fn a_program_is_built_inspected_and_run() {
    let directory = tempfile::tempdir().unwrap();
    let source = "(defun shout (line) (write-line (string-upcase line)))\n\
                  (loop for line = (read-line *standard-input* nil) while line do (shout line))";
    fs::write(directory.path().join("shout.lisp"), source).unwrap();
    fs::write(directory.path().join("in.txt"), "one\nzwölf\n").unwrap();

    assert_eq!(clysm(directory.path(), &["build", "shout.lisp", "-o", "shout.wasm"]), "");
    assert_eq!(clysm(directory.path(), &["exec", "shout.wasm", "--stdin", "in.txt"]), "ONE\nZWÖLF\n");

    let inspection: Value =
        serde_json::from_str(&clysm(directory.path(), &["inspect", "shout.wasm", "--json"])).unwrap();
    let size = fs::metadata(directory.path().join("shout.wasm")).unwrap().len();
    assert_eq!(inspection["size"], size);
    assert!(inspection["exports"].as_array().unwrap().contains(&Value::from("_start")));
    let imports = inspection["imports"].as_array().unwrap();
    assert!(imports.iter().all(|import| import["module"].as_str().unwrap().starts_with("clysm:")));
    assert!(inspection["sections"].as_array().unwrap().iter().any(|section| section["name"] == "code"));
}

#[test]
fn machine_code_of_modules_is_kept_and_may_be_damaged() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("a.lisp"), "(write-line \"as ever\")").unwrap();
    clysm(directory.path(), &["build", "a.lisp", "-o", "a.wasm"]);
    let run = || assert_eq!(clysm(directory.path(), &["exec", "--cache-dir", "kept", "a.wasm"]), "as ever\n");
    let kept = || {
        let files = fs::read_dir(directory.path().join("kept")).unwrap().map(|entry| entry.unwrap().path());
        let files: Vec<_> = files.collect();
        let [file] = files.as_slice() else { panic!("{files:?}") };
        (file.clone(), fs::read(file).unwrap())
    };
    run();
    let (file, code) = kept();
    assert!(file.file_name().unwrap().to_string_lossy().starts_with("module-"));
    let written = file.metadata().unwrap().modified().unwrap();
    run();
    assert_eq!(file.metadata().unwrap().modified().unwrap(), written, "it is loaded");

    let mut damaged = code.clone();
    damaged[code.len() / 2] ^= 1;
    fs::write(&file, damaged).unwrap();
    run();
    assert!(kept().1 == code, "it is made again");

    // No directory at all.
    fs::write(directory.path().join("file"), "").unwrap();
    assert_eq!(clysm(directory.path(), &["exec", "--cache-dir", "file", "a.wasm"]), "as ever\n");
}

/// Saved machine code runs outside of any sandbox: what a program is granted never holds the directories where it is kept.
#[test]
fn programs_do_not_reach_machine_code() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clysm-cache");
    let cache = cache.to_str().unwrap();
    fs::write(
        root.join("a.lisp"),
        r#"(defmacro outcome (form) `(handler-case (progn ,form :done) (error () :refused)))
           (defun put (path) (with-open-file (s path :direction :output :if-exists :supersede) (write-line "evil" s)))
           (defun at (path &optional (name "")) (merge-pathnames (concatenate 'string path name) (truename "./")))
           (let ((kept (second (clysm:argv))) (above (third (clysm:argv))))
             (ensure-directories-exist "made/code/")
             (put "made/code/module")
             (print (list (outcome (put (at kept "module")))
                          (outcome (delete-file (at kept "old")))
                          (outcome (rename-file (at "made/code/module") (at kept "other")))
                          (outcome (rename-file (at above) (at "elsewhere")))
                          (outcome (rename-file (at "made") (at above)))
                          (outcome (put "mine")))))"#,
    )
    .unwrap();
    let outcome = |run: &mut Command, kept: &str, above: &str| {
        let output = run.args([kept, above]).current_dir(root).stdin(Stdio::null()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let attacked = |run: &mut Command, kept: &str, above: &str| {
        let refused = "(:REFUSED :REFUSED :REFUSED :REFUSED :REFUSED :DONE)";
        assert_eq!(outcome(run, kept, above), refused, "{kept} {above}");
        // The host itself may keep code there; what the program wanted to put there is not.
        assert!(!root.join("kept/code/module").exists() && !root.join("kept/code/other").exists());
        assert_eq!(fs::read_to_string(root.join("kept/code/old")).unwrap(), "machine code");
    };
    let clysm_in = |named: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clysm"));
        command.env("CLYSM_CACHE_DIR", named);
        command
    };
    fs::create_dir_all(root.join("kept/code")).unwrap();
    fs::write(root.join("kept/code/old"), "machine code").unwrap();
    clysm(root, &["build", "a.lisp", "-o", "a.wasm"]);

    // What is not protected can be changed like that.
    fs::create_dir_all(root.join("free/code")).unwrap();
    fs::write(root.join("free/code/old"), "other").unwrap();
    let mut command = clysm_in("kept/code");
    let done = outcome(command.args(["run", "--cache-dir", cache, "--dir", ".", "a.lisp"]), "free/code/", "free");
    assert_eq!(done, "(:DONE :DONE :DONE :DONE :DONE :DONE)");
    fs::remove_dir_all(root.join("elsewhere")).unwrap();

    // The default directory, named by a relative path, and the one in use.
    for (named, used) in [("kept/code", cache), (cache, "kept/code")] {
        let mut command = clysm_in(named);
        attacked(command.args(["exec", "--cache-dir", used, "--dir", ".", "a.wasm", "--"]), "kept/code/", "kept");
    }
    let mut command = clysm_in("kept/../kept/code");
    attacked(command.args(["run", "--cache-dir", cache, "--dir", ".", "a.lisp"]), "kept/code/", "kept");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("kept", root.join("link")).unwrap();
        let mut command = clysm_in("link/code");
        attacked(command.args(["run", "--cache-dir", cache, "--dir", ".", "a.lisp"]), "link/code/", "link");
        let kept = root.join("kept");
        let mut command = clysm_in("kept/code");
        command.args(["run", "--cache-dir", cache, "--dir", ".", "--dir", kept.to_str().unwrap(), "a.lisp"]);
        attacked(&mut command, &format!("{}/code/", kept.display()), "kept");
    }
}

#[test]
fn built_modules_are_the_same_wherever_they_are_built() {
    let build = |name: &str| {
        let directory = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        fs::write(directory.path().join("a.lisp"), "(defun f (x) (list :a \"b\" x))\n(print (f 1))").unwrap();
        clysm(directory.path(), &["build", "a.lisp", "-o", "a.wasm"]);
        fs::read(directory.path().join("a.wasm")).unwrap()
    };
    assert_eq!(build("here"), build("somewhere-else"));
}

#[test]
fn every_command_has_help() {
    for command in ["run", "eval", "build", "exec", "inspect", "prelude"] {
        let help = clysm(here(), &["help", command]);
        assert!(help.contains("Usage: clysm"), "{help}");
    }
}

/// Files may not grow beyond a block or two, so that what goes to the cache is cut off, as on a full disk.
#[test]
#[cfg(unix)]
fn a_full_cache_only_costs_time() {
    let directory = tempfile::tempdir().unwrap();
    let limited = "trap '' XFSZ; ulimit -f 2; exec \"$0\" eval --cache-dir . 42";
    let shell = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_clysm")])
        .current_dir(directory.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&shell.stdout), "42\n", "{}", String::from_utf8_lossy(&shell.stderr));
    assert!(shell.status.success());
    // What was cut off is not taken for whole.
    assert_eq!(clysm(directory.path(), &["eval", "--cache-dir", ".", "43"]), "43\n");
}
