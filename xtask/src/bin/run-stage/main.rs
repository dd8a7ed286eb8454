//! Runs a stage's compiler: a host with the Wasm engine and no compiler of its own. The bootstrap starts it as a process for each stage.

mod corpus;
#[path = "../../programs.rs"]
mod programs;

use std::path::PathBuf;
use std::process;

use anyhow::{Context as _, Result, bail};
use clap::Parser;
use clysm_host::{Access, Capabilities, CodeCache, Engine, EngineOptions, Frame, HostError, Limits, Random, Session};

/// Runs a stage's compiler.
#[derive(Debug, Parser)]
struct RunStage {
    /// The module
    module: PathBuf,
    /// Where its machine code is kept
    #[arg(long)]
    cache: PathBuf,
    /// A granted directory; the first one is the working directory
    #[arg(long = "dir")]
    directories: Vec<PathBuf>,
    /// Have the module compile and run the programs of a directory, and print what came of it as JSON
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// The module's arguments
    #[arg(last = true)]
    arguments: Vec<String>,
}

fn main() -> process::ExitCode {
    match run(&RunStage::parse()) {
        Ok(code) => process::ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error:#}");
            process::ExitCode::from(2)
        }
    }
}

fn run(flags: &RunStage) -> Result<u8> {
    // Programs run once: making their machine code is what takes the time.
    let engine = Engine::new(EngineOptions { optimise: flags.programs.is_none(), ..EngineOptions::default() })?;
    let octets = std::fs::read(&flags.module).with_context(|| flags.module.display().to_string())?;
    let compiled = CodeCache::new(&flags.cache).compile(&engine, &octets)?;
    if let Some(directory) = &flags.programs {
        println!("{}", serde_json::to_string(&corpus::run(&engine, &compiled, directory)?)?);
        return Ok(0);
    }
    let mut arguments = vec![flags.module.display().to_string()];
    arguments.extend(flags.arguments.iter().cloned());
    let mut capabilities = Capabilities::new()
        .clock(0)
        .random(Random::Seeded(0))
        .environment(arguments, [])
        .refuse_at_call()
        .protect(&flags.cache);
    for directory in &flags.directories {
        let guest = directory.canonicalize().with_context(|| directory.display().to_string())?;
        capabilities = capabilities.directory(directory, guest.display().to_string(), Access::ReadWrite);
    }
    let mut session = Session::new(&engine, capabilities, Limits::default())?;
    let instance = session.load(&compiled)?;
    let ended = session.call_start(instance);
    if let Some(report) = session.take_report() {
        return Err(HostError::Lisp(report).into());
    }
    match ended {
        Ok(()) => Ok(0),
        Err(HostError::Exit(code)) => Ok(code.to_le_bytes()[0]),
        Err(error) => bail!("{error}{}", backtrace(error.frames())),
    }
}

/// The functions that are told at most: a runaway recursion has thousands of frames.
const SHOWN_FUNCTIONS: usize = 12;

/// A line for each Lisp function that was active, innermost first, repeated ones counted.
fn backtrace(frames: &[Frame]) -> String {
    let mut runs: Vec<(&str, usize)> = Vec::new();
    for name in frames.iter().filter_map(|frame| frame.function.as_deref()) {
        match runs.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => runs.push((name, 1)),
        }
    }
    let line = |(name, count): &(&str, usize)| match count {
        1 => format!("\n  in {name}"),
        _ => format!("\n  in {name} ({count} times)"),
    };
    let mut text: String = runs.iter().take(SHOWN_FUNCTIONS).map(line).collect();
    if runs.len() > SHOWN_FUNCTIONS {
        text.push_str("\n  …");
    }
    text
}
