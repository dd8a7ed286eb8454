//! The other Lisps.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Another Lisp, and how it is asked to compile and load a file and then to evaluate a form.
pub struct Peer {
    /// The command, which is also the name in tables.
    pub name: &'static str,
    arguments: &'static [&'static str],
    load: fn(&Path) -> String,
    evaluate: &'static str,
}

const PEERS: &[Peer] = &[
    // SBCL compiles each form that it loads.
    Peer {
        name: "sbcl",
        arguments: &["--noinform", "--no-userinit", "--non-interactive"],
        load: |path| format!("(load {path:?})"),
        evaluate: "--eval",
    },
    // ECL interprets what it loads as source; it compiles by way of C.
    Peer { name: "ecl", arguments: &["--norc"], load: load_compiled, evaluate: "--eval" },
    // CLISP interprets it as well; it compiles to bytecode.
    Peer {
        name: "clisp",
        arguments: &["-norc", "-ansi", "-q", "-q", "-on-error", "exit"],
        load: load_compiled,
        evaluate: "-x",
    },
];

/// Compiles a file, and loads what that gives.
fn load_compiled(path: &Path) -> String {
    let output = std::env::temp_dir().join(format!("clysm-bench-{}.fas", std::process::id()));
    format!(
        "(progn (load (compile-file {path:?} :output-file {output:?} :verbose nil :print nil)) (delete-file {output:?}))"
    )
}

/// The Lisps that are installed, and the names of those that are not.
pub fn installed() -> (Vec<&'static Peer>, Vec<&'static str>) {
    let (found, missing): (Vec<_>, Vec<_>) = PEERS.iter().partition(|peer| peer.answers());
    (found, missing.into_iter().map(|peer| peer.name).collect())
}

/// What precedes each time, and the value, in the output.
const TIME: &str = "clysm-bench-seconds ";
const VALUE: &str = "clysm-bench-value ";

impl Peer {
    fn answers(&self) -> bool {
        let status = Command::new(self.name).arg("--version").stdin(Stdio::null()).output();
        status.is_ok_and(|output| output.status.success())
    }

    /// Calls `(bench)` of a file several times: the seconds of each call, and the printed value.
    ///
    /// # Errors
    /// The Lisp cannot be started, or did not answer.
    pub fn run(&self, path: &Path, repeat: u32) -> Result<(Vec<f64>, String)> {
        let mut command = Command::new(self.name);
        command.args(self.arguments);
        for form in [(self.load)(path), driver(repeat)] {
            command.args([self.evaluate, &form]);
        }
        let output = command.stdin(Stdio::null()).output().with_context(|| format!("starting {}", self.name))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let after = |mark: &'static str| text.lines().filter_map(move |line| line.trim().strip_prefix(mark));
        let seconds: Vec<f64> = after(TIME).filter_map(|number| number.trim().parse().ok()).collect();
        match after(VALUE).next() {
            Some(value) if !seconds.is_empty() => Ok((seconds, value.trim().to_owned())),
            _ => bail!("no answer ({})", output.status),
        }
    }
}

fn driver(repeat: u32) -> String {
    format!(
        "(let ((value nil)) \
           (dotimes (i {repeat}) \
             (let ((start (get-internal-real-time))) \
               (setq value (bench)) \
               (format t \"~&{TIME}~,6F~%\" (/ (- (get-internal-real-time) start) internal-time-units-per-second 1.0)))) \
           (format t \"~&{VALUE}~S~%\" value) \
           (finish-output) \
           (quit))"
    )
}
