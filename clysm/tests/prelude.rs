//! The corpus of preludes and guarded programs, in `tests/prelude`.
//!
//! - `records/NAME.lisp`: a prelude; with `NAME.toml`, its policy; `NAME.json`, the records that must come of it, or `NAME.err`, each line
//!   of which must be in what is said of it, in whatever case: the place as `NAME.lisp:LINE:COLUMN`, and words.
//! - `run/NAME.lisp`: programs against `crm.lisp`; `escapes/NAME.lisp`: programs that try to get out, against `vault.lisp`. Comments at their
//!   beginning say what must happen:
//!   - `expect`: the stage that ends it (`compile`, `analysis`, `guard`, `run`), or `value`; several with `or` between them;
//!   - `contains`: the values, printed; of a message a part, in whatever case; of several such lines each must fit;
//!   - `lacks`: what a message must not say;
//!   - `calls`: how often which tools are called, `name=count`;
//!   - `policy`: another policy than the prelude's own;
//!   - `hope`: what somebody who writes such a program hopes for.
//!
//! Whatever an escape does, [`breach`] must find nothing wrong with the calls of tools.
//!
//! `CLYSM_FILTER` in the environment names a part of the path of the cases to run.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clysm::prelude::json::{arguments_to_json, value_from_json};
use clysm::prelude::{Attached, Export, GuardedError, HostPolicy, Prelude, PreludeError, Run, Tools, attach};
use clysm::{Engine, Input, Output, Value};
use clysm_host::Limits;
use clysm_report::{Diagnostic, SourceMap};
use serde_json::Value as Json;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/prelude")
}

/// The files of a directory with that extension, in order, without their directory and extension.
fn names(directory: &Path, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory of tests");
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| std::env::var("CLYSM_FILTER").map_or(true, |part| name.contains(&part)))
        .collect();
    names.sort();
    names
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn policy(path: &Path) -> HostPolicy {
    if !path.exists() {
        return HostPolicy::default();
    }
    HostPolicy::from_toml(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn compile(path: &Path) -> Result<Prelude, PreludeError> {
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    // Less than the default: some of them do not end.
    let limits = Limits { time: Some(Duration::from_secs(5)), heap_bytes: Some(320 << 20), ..Limits::default() };
    Prelude::builder().source(name, read(path)).limits(limits).compile()
}

/// What diagnostics say, with the places and without the lines of the source that they show.
fn told(diagnostics: &[Diagnostic], sources: &SourceMap) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let _ = writeln!(text, "{}[{}]: {}", diagnostic.severity.name(), diagnostic.code, diagnostic.title);
        for label in diagnostic.primary.iter().chain(&diagnostic.secondary) {
            let place = sources.location(label.span).unwrap_or_default();
            let _ = writeln!(text, "  {place} {}", label.text);
        }
        if let Some(hint) = &diagnostic.hint {
            let _ = writeln!(text, "  {hint}");
        }
    }
    text
}

/// Whether a text has a part, in whatever case.
fn has(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

#[test]
fn records_are_derived() {
    let directory = directory().join("records");
    let mut failures = String::new();
    for name in names(&directory, "lisp") {
        let file = |extension: &str| directory.join(format!("{name}.{extension}"));
        let outcome = derived(&file("lisp"), &policy(&file("toml")));
        let problem = match (outcome, file("json").exists()) {
            (Ok(exports), true) => different(&exports, &read(&file("json"))),
            (Ok(_), false) => Some("no error".to_owned()),
            (Err(text), true) => Some(text),
            (Err(text), false) => lacking(&text, &read(&file("err"))),
        };
        if let Some(problem) = problem {
            let _ = writeln!(failures, "--- {name}: {problem}");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

fn derived(path: &Path, policy: &HostPolicy) -> Result<Vec<Export>, String> {
    let prelude = compile(path).map_err(|error| told(&error.diagnostics(), &error.sources()))?;
    prelude.exports(policy).map_err(|error| told(&error.diagnostics(), prelude.sources()))
}

fn different(exports: &[Export], expected: &str) -> Option<String> {
    let expected: Json = serde_json::from_str(expected).expect("JSON");
    let actual = serde_json::to_value(exports).expect("records");
    if actual == expected {
        return None;
    }
    Some(format!("expected {expected:#}\ngot {actual:#}"))
}

/// The line of what is expected that the first thing said lacks.
fn lacking(text: &str, expected: &str) -> Option<String> {
    let first = text.split("\nerror[").next().unwrap_or_default();
    let missing = expected.lines().map(str::trim).find(|line| !has(first, line))?;
    Some(format!("{missing:?} is not in\n{text}"))
}

/// A call of a tool: its name, or `server/tool`, and the arguments.
type Call = (String, Json);

/// Tools that a JSON file declares, and how they were called.
struct Recording {
    tools: Tools,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recording {
    fn read(path: &Path) -> Self {
        let file: Json = serde_json::from_str(&read(path)).expect("a file of tools");
        let mut recording = Self { tools: Tools::new(), calls: Arc::default() };
        for (name, tool) in file["tools"].as_object().into_iter().flatten() {
            let tool = recording.tool(name, tool.clone());
            recording.tools = recording.tools.tool(name, tool);
        }
        for (server, tools) in file["upstreams"].as_object().into_iter().flatten() {
            for (name, tool) in tools.as_object().into_iter().flatten() {
                let tool = recording.tool(&format!("{server}/{name}"), tool.clone());
                recording.tools = recording.tools.upstream(server, name, tool);
            }
        }
        recording
    }

    fn tool(&self, name: &str, tool: Json) -> impl Fn(&[Value]) -> Result<Value, String> + Send + Sync + 'static {
        let (name, calls) = (name.to_owned(), Arc::clone(&self.calls));
        move |arguments: &[Value]| {
            let given = arguments_to_json(arguments);
            calls.lock().expect("no panic").push((name.clone(), given.clone()));
            match (tool.get("returns"), tool.get("error")) {
                (Some(json), _) => Ok(value_from_json(json)),
                (None, Some(text)) => Err(text.as_str().unwrap_or_default().to_owned()),
                (None, None) => Ok(value_from_json(&given)),
            }
        }
    }

    fn take(&self) -> Vec<Call> {
        std::mem::take(&mut *self.calls.lock().expect("no panic"))
    }
}

fn counts(calls: &[Call]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for (name, _) in calls {
        *counts.entry(name.clone()).or_default() += 1;
    }
    counts
}

/// What is wrong with calls of the tools behind `vault.lisp`: each is made there and nowhere else, with these arguments, after the
/// check of the length.
fn breach(calls: &[Call]) -> Option<String> {
    let is_legal = |(name, arguments): &&Call| {
        let fields = arguments.as_object().map(|fields| fields.keys().map(String::as_str).collect::<Vec<_>>());
        match (name.as_str(), fields.as_deref()) {
            ("read_note", Some(["id"])) => true,
            ("add_note", Some(["text"])) => arguments["text"].as_str().is_some_and(|text| text.chars().count() <= 20),
            _ => false,
        }
    };
    let (name, arguments) = calls.iter().find(|call| !is_legal(call))?;
    let shown: String = arguments.to_string().chars().take(200).collect();
    Some(format!("{name} was called with {shown}"))
}

/// What the comments of a program say.
#[derive(Default)]
struct Expectation {
    outcomes: Vec<String>,
    contains: Vec<String>,
    lacks: Vec<String>,
    calls: Option<BTreeMap<String, u64>>,
    policy: Option<String>,
}

impl Expectation {
    fn of(text: &str) -> Self {
        let mut expectation = Self::default();
        for line in text.lines().map_while(|line| line.strip_prefix(";;; ")) {
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim().to_owned();
            match key {
                "expect" => expectation.outcomes = value.split(" or ").map(str::to_owned).collect(),
                "lacks" => expectation.lacks.push(value),
                "contains" => expectation.contains.push(value),
                "calls" => {
                    let counts = value.split_whitespace().filter_map(|count| count.split_once('='));
                    let counts = counts.map(|(name, count)| (name.to_owned(), count.parse().expect("a count")));
                    expectation.calls = Some(counts.collect());
                }
                "policy" => expectation.policy = Some(value),
                _ => {}
            }
        }
        expectation
    }
}

/// The preludes of a corpus with each policy, attached.
struct Corpus {
    name: &'static str,
    prelude: Prelude,
    tools: Recording,
    attached: BTreeMap<String, Attached>,
}

impl Corpus {
    fn new(name: &'static str) -> Self {
        let file = |extension: &str| directory().join(format!("{name}.{extension}"));
        let prelude =
            compile(&file("lisp")).unwrap_or_else(|error| panic!("{}", told(&error.diagnostics(), &error.sources())));
        Self { name, prelude, tools: Recording::read(&file("json")), attached: BTreeMap::new() }
    }

    fn attached(&mut self, policy_file: Option<&str>) -> Attached {
        let own = format!("{}.toml", self.name);
        let file = policy_file.unwrap_or(&own);
        let (prelude, tools) = (&self.prelude, &self.tools.tools);
        let attached = self.attached.entry(file.to_owned()).or_insert_with(|| {
            let attached = attach(prelude, &policy(&directory().join(file)), tools.clone());
            attached.unwrap_or_else(|error| panic!("{file}: {error}"))
        });
        attached.clone()
    }

    fn engine(&mut self, policy_file: Option<&str>) -> Engine {
        let builder = Engine::builder().attach(&self.attached(policy_file)).input(Input::Empty);
        builder.output(Output::Discard).error_output(Output::Discard).build().expect("an engine")
    }

    /// What is wrong with how a program ends.
    fn problem(&mut self, path: &str, text: &str) -> Option<String> {
        let expectation = Expectation::of(text);
        let mut engine = self.engine(expectation.policy.as_deref());
        let result = engine.run_guarded(path, text);
        let calls = self.tools.take();
        let breach = if self.name == "vault" { breach(&calls) } else { None };
        breach.or_else(|| unlisted(&calls, &result)).or_else(|| expectation.problem(&engine, &result, &calls))
    }
}

/// What was called although nothing may be called yet, or although the guard has not listed it.
fn unlisted(calls: &[Call], result: &Result<Run, GuardedError>) -> Option<String> {
    let is_listed = |name: &str| match result {
        Ok(Run { listed, .. }) => {
            listed.call || listed.tools.contains(name) || listed.upstreams.iter().any(|id| id.id() == name)
        }
        Err(GuardedError::Run(_)) => true,
        Err(_) => false,
    };
    let (name, _) = calls.iter().find(|(name, _)| !is_listed(name))?;
    Some(format!("{name} was called, and is not listed, or before anything ran"))
}

impl Expectation {
    fn problem(&self, engine: &Engine, result: &Result<Run, GuardedError>, calls: &[Call]) -> Option<String> {
        let (outcome, said) = outcome(engine, result);
        if !self.outcomes.iter().any(|expected| expected == outcome) {
            return Some(format!("expected {}, got {outcome}: {said}", self.outcomes.join(" or ")));
        }
        let fits = |part: &&String| if outcome == "value" { said == **part } else { has(&said, part) };
        if let Some(part) = self.contains.iter().find(|part| !fits(part)) {
            return Some(format!("{part:?} is not in {said}"));
        }
        if let Some(part) = self.lacks.iter().find(|part| has(&said, part)) {
            return Some(format!("{part:?} is in {said}"));
        }
        match (&self.calls, counts(calls)) {
            (Some(expected), calls) if *expected != calls => {
                Some(format!("expected calls {expected:?}, got {calls:?}"))
            }
            _ => None,
        }
    }
}

/// Where a program ended, and its values or what is said of it.
fn outcome(engine: &Engine, result: &Result<Run, GuardedError>) -> (&'static str, String) {
    let error = match result {
        // Printed by the host: the image is the program's.
        Ok(run) => return ("value", run.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
        Err(error) => error,
    };
    let stage = match error {
        GuardedError::Compile { .. } => "compile",
        GuardedError::Analysis(_) => "analysis",
        GuardedError::Guard(_) => "guard",
        GuardedError::Import { .. } => "import",
        GuardedError::Run(_) => "run",
        GuardedError::NoPrelude => "no prelude",
    };
    (stage, told(&error.diagnostics(), engine.sources()))
}

fn run_all(corpus: &'static str, cases: &str) {
    let mut corpus = Corpus::new(corpus);
    let directory = directory().join(cases);
    let mut failures = String::new();
    let mut count = 0;
    for name in names(&directory, "lisp") {
        let text = read(&directory.join(format!("{name}.lisp")));
        count += 1;
        if let Some(problem) = corpus.problem(&format!("{name}.lisp"), &text) {
            let _ = writeln!(failures, "--- {cases}/{name}: {problem}");
        }
    }
    assert!(count > 0, "no cases");
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn programs_run_or_are_refused() {
    run_all("crm", "run");
}

#[test]
fn nothing_gets_out() {
    run_all("vault", "escapes");
}

#[test]
fn programs_one_after_another_get_no_further() {
    let mut corpus = Corpus::new("vault");
    let mut engine = corpus.engine(None);
    let add_long = format!("(add {:?})", "x".repeat(50));
    let programs = [
        // A refused program leaves nothing that helps the next one.
        ("(defun clean () (vault:maintain))", "guard"),
        ("(funcall 'clean)", "run"),
        ("(defparameter *maintain* (find-symbol \"MAINTAIN\" :vault))", "value"),
        ("(funcall *maintain*)", "run"),
        ("(defmacro clean () (list *maintain*))", "value"),
        ("(clean)", "guard"),
        ("(defmacro quiet () (list 'quote (list *maintain*)))", "value"),
        ("(mapc #'funcall (quiet))", "guard"),
        // Nor does one that may call something.
        ("(defun add (text) (vault:add text))", "value"),
        (add_long.as_str(), "run"),
        ("(add \"short\")", "value"),
        ("(funcall (find-symbol \"CALL-TOOL\" :clysm) \"add_note\" :text \"x\")", "run"),
        ("(loop)", "run"),
        ("(in-package :vault)", "analysis"),
        ("(wipe)", "run"),
        // The current package is each program's own.
        ("(setq *package* (find-package :vault))", "value"),
        ("(wipe)", "run"),
    ];
    for (number, (program, expected)) in programs.into_iter().enumerate() {
        let result = engine.run_guarded(&format!("{number}.lisp"), program);
        let (outcome, said) = outcome(&engine, &result);
        assert_eq!(outcome, expected, "{program}: {said}");
        assert_eq!(breach(&corpus.tools.take()), None, "{program}");
    }
}
