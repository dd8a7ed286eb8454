//! The tasks of the workspace: `cargo xtask COMMAND`. A module a command; the logic lives in the crates they call.

mod bench;
mod bootstrap;
mod codegen;
mod compare;
mod diff;
mod dump;
mod flags;
mod gabriel;
mod lisp;
mod lisp_compiler;
mod output;
mod programs;
mod progress;
mod table;

use std::process;

use clap::Parser as _;
use clysm_report::ExitCode;

use flags::{Command, Xtask};

/// Bootstraps, comparisons and measurements compile much in one process, and compiling is allocating.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> process::ExitCode {
    let result = match Xtask::parse().command {
        Command::Bootstrap(flags) => bootstrap::run(&flags),
        Command::Codegen(flags) => codegen::run(&flags),
        Command::Gabriel(flags) => gabriel::run(&flags),
        Command::Bench(flags) => bench::run(&flags),
        Command::Diff(flags) => diff::run(&flags),
        Command::Dump(flags) => dump::run(&flags),
        Command::LoadAndCall(flags) => lisp::load_and_call(&flags),
    };
    match result {
        Ok(code) => code.into(),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::Failure.into()
        }
    }
}
