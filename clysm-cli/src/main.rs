//! The `clysm` command: Common Lisp programs on WebAssembly GC, from a terminal.
//!
//! This crate knows flags, the terminal and exit codes. Everything else is done by the library crate `clysm` (running
//! and building Lisp) and by `clysm-host` (running and describing finished modules).
//!
//! The output of programs goes to standard output, diagnostics and progress to standard error. The exit codes are
//! those of [`ExitCode`](clysm_report::ExitCode); a program that ends itself chooses its own.

mod commands;
mod failure;
mod flags;
mod output;
mod progress;
mod tools;

use std::process::ExitCode;

use clap::Parser as _;

use flags::{Clysm, Command};

fn main() -> ExitCode {
    let result = match Clysm::parse().command {
        Command::Run(flags) => commands::run::run(flags),
        Command::Eval(flags) => commands::eval::run(flags),
        Command::Compile(flags) => commands::compile::run(flags),
        Command::Build(flags) => commands::build::run(flags),
        Command::Exec(flags) => commands::exec::run(flags),
        Command::Inspect(flags) => commands::inspect::run(flags),
        Command::Prelude(flags) => commands::prelude::run(flags),
    };
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}
