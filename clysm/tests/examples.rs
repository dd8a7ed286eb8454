//! The examples run, each in a process of its own: they end in assertions.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

/// Runs an example, which cargo builds beside the tests.
fn run(name: &str) {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    let output = Command::new(&program).output().unwrap_or_else(|error| unreachable!("{}: {error}", program.display()));
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    assert!(output.status.success(), "{name}: {}\n{}", output.status, text(&output.stderr));
    assert_eq!(text(&output.stdout), format!("{name}: ok\n"));
}

macro_rules! examples {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            run(stringify!($name));
        }
    )*};
}

examples! { eval load_file call register limits }

#[test]
fn every_example_is_run() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<_> = directory.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["call.rs", "eval.rs", "limits.rs", "load_file.rs", "register.rs"]);
}
