//! Preludes: compiling one, running a program against it, calling tools, and sandboxes one after another.

use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clysm::prelude::{Attached, HostPolicy, Prelude, Tools, attach};
use clysm::{Engine, Output, Value};

use crate::bench::{Figure, prelude_source};
use crate::lisp::median;

/// Measures everything.
pub fn measure(repeat: u32) -> Result<Vec<Figure>> {
    // What is measured comes after a first time, which fills caches.
    let prelude = compile()?;
    let compiling = times(repeat.max(9), || compile().map(drop))?;
    run_program(&attached(&prelude)?)?;
    let running = times(repeat.max(25), || run_program(&attached(&prelude)?))?;
    let mut figures = vec![
        Figure::new("prelude of 1,000 lines with 100 exports", 1000.0 * compiling, "ms").limit(100.0),
        Figure::new("sandbox: attach, guard and run ten lines", 1000.0 * running, "ms").limit(10.0),
    ];
    figures.extend(calls(repeat)?);
    figures.extend(sandboxes(&prelude)?);
    Ok(figures)
}

/// The median of the seconds that something takes.
fn times(repeat: u32, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let seconds = (0..repeat).map(|_| {
        let start = Instant::now();
        work().map(|()| start.elapsed().as_secs_f64())
    });
    Ok(median(&seconds.collect::<Result<Vec<_>>>()?))
}

fn compile() -> Result<Prelude> {
    Ok(Prelude::compile("areas.lisp", prelude_source::prelude())?)
}

/// A policy that grants tools to exports and to programs.
fn policy(tools: &[String]) -> Result<HostPolicy> {
    let ids: Vec<String> = tools.iter().map(|name| format!("tool:{name}")).collect();
    Ok(HostPolicy::from_toml(&format!("grants = {ids:?}"))?)
}

fn attached(prelude: &Prelude) -> Result<Attached> {
    let names = prelude_source::tools();
    let policy = policy(&names)?;
    let offered = names.iter().fold(Tools::new(), |tools, name| {
        let is_list = name.starts_with("list");
        let answer = if is_list { Value::list((0..5).map(record)) } else { record(1) };
        tools.tool(name, move |_: &[Value]| answer.clone())
    });
    Ok(attach(prelude, &policy, offered)?)
}

/// A record of ten fields, as a property list.
fn record(number: i64) -> Value {
    let field = |name: &str, value: Value| [Value::keyword(name), value];
    let fields = [
        field("ID", number.into()),
        field("NAME", format!("item {number}").into()),
        field("SIZE", (7 * number).into()),
        field("OWNER", "somebody".into()),
        field("STATE", Value::keyword("OPEN")),
        field("PRICE", 12.5.into()),
        field("TAGS", Value::list(["red", "green"].map(Value::from))),
        field("NOTE", "nothing to be said of it".into()),
        field("PARENT", Value::Nil),
        field("ACTIVE", true.into()),
    ];
    Value::list(fields.into_iter().flatten())
}

/// What a host does for each program: a fresh engine, the checks, the run.
fn run_program(attached: &Attached) -> Result<()> {
    let mut engine = Engine::builder().attach(attached).output(Output::Discard).build()?;
    let run = engine.run_guarded("program.lisp", prelude_source::PROGRAM)?;
    match run.calls.values().sum() {
        2_u64 => Ok(()),
        count => bail!("the program called {count} tools: {:?}", run.values),
    }
}

/// Two exports, whose tools answer with a record, and are given one.
const CALLS: &str = r#"
(defpackage :calls (:use :common-lisp) (:export #:fetch #:store))
(in-package :calls)
(defun fetch (id) (clysm:call-tool "fetch" id))
(defun store (record) (clysm:call-tool "store" record))
"#;

/// Calls in a measured program.
const CALL_COUNT: u32 = 100_000;

/// The time for a call from Lisp to Rust and back, all that the program does beside counting included.
fn calls(repeat: u32) -> Result<Vec<Figure>> {
    let prelude = Prelude::compile("calls.lisp", CALLS)?;
    let policy = policy(&["fetch".to_owned(), "store".to_owned()])?;
    let answer = record(1);
    let tools = Tools::new().tool("fetch", move |_: &[Value]| answer.clone()).tool("store", |_: &[Value]| Value::Nil);
    let attached = attach(&prelude, &policy, tools)?;
    let literal = format!("'{}", record(1));
    let microseconds = |call: &str| -> Result<f64> {
        let mut engine = Engine::builder().attach(&attached).build()?;
        let program = format!("(dotimes (i {CALL_COUNT}) {call})");
        let seconds = times(repeat.max(5), || Ok(engine.run_guarded("program.lisp", &program).map(drop)?))?;
        Ok(1e6 * seconds / f64::from(CALL_COUNT))
    };
    Ok(vec![
        Figure::new("tool call that answers with ten fields", microseconds("(calls:fetch i)")?, "µs").limit(5.0),
        Figure::new("tool call that is given ten fields", microseconds(&format!("(calls:store {literal})"))?, "µs")
            .limit(5.0),
    ])
}

/// The memory of this process after a hundred sandboxes, and after a thousand.
fn sandboxes(prelude: &Prelude) -> Result<Vec<Figure>> {
    (0..100).try_for_each(|_| run_program(&attached(prelude)?))?;
    let early = resident_memory()?;
    (100..1_000).try_for_each(|_| run_program(&attached(prelude)?))?;
    let late = resident_memory()?;
    Ok(vec![
        Figure::new("memory after 100 sandboxes", early, "MB"),
        Figure::new("memory after 1,000 sandboxes", late, "MB"),
        Figure::new("  growth", late - early, "MB").limit(1.0),
    ])
}

/// The memory that this process has now, in megabytes.
fn resident_memory() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("the operating system does not tell")?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix("kB"));
    let kilobytes: f64 = kilobytes.context("no VmRSS")?.trim().parse()?;
    Ok(kilobytes / 1024.0)
}
