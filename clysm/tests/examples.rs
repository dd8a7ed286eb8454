//! The examples run, each in a process of its own: they end in assertions.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::process::Command;

use expect_test::expect;

/// Runs an example, which cargo builds beside the tests; its standard output.
fn run(name: &str) -> String {
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("examples").join(name);
    let output = Command::new(&program).output().unwrap_or_else(|error| unreachable!("{}: {error}", program.display()));
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    assert!(output.status.success(), "{name}: {}\n{}", output.status, text(&output.stderr));
    let printed = text(&output.stdout);
    assert_eq!(printed.lines().last(), Some(&*format!("{name}: ok")), "{printed}");
    printed
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
fn agent_sandbox() {
    expect![[r#"
        The model is told:

        crm: call as (crm:NAME ...)
          (get-user id) [read] The user with that id: (:ID id :NAME name).
          (page-size)
          (search-users query &key limit) [read] The ids of up to LIMIT users whose name contains QUERY.

        greetings.lisp:

        (dolist (id (crm:search-users "a" :limit 2))
          (format t "Dear ~A,~%" (getf (crm:get-user id) :name)))

        It printed:
        Dear Ada,
        Dear Grace,

        cleaning.lisp:

        (format t "Cleaning up.~%")
        (mapc 'crm:delete-user (crm:search-users "a"))

        Denied: tool:delete_user is not granted to programs; it is reached by crm/delete-user.

        waiting.lisp:

        (let ((ids (crm:search-users "a")))
          (loop while ids do (setf ids (reverse ids))))

        Stopped: the time limit of 500ms is over.

        What was called:
          greetings.lisp: {"get_user": 2, "search_users": 1}
          cleaning.lisp: {}
          waiting.lisp: {"search_users": 1}
        agent_sandbox: ok
    "#]]
    .assert_eq(&run("agent_sandbox"));
}

#[test]
fn every_example_is_run() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut names: Vec<_> = directory.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["agent_sandbox.rs", "call.rs", "eval.rs", "limits.rs", "load_file.rs", "register.rs"]);
}
