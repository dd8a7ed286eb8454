//! `clysm run`: loads a source file, or runs it guarded against preludes.

use std::fs;
use std::path::{Path, PathBuf};

use clysm::Engine;
use clysm::prelude::GuardedError;

use crate::commands::image::{configured, ended, with_image};
use crate::commands::prelude::attached;
use crate::failure::{Failure, Outcome};
use crate::flags::Run;

/// Runs the command.
pub fn run(flags: Run) -> Outcome {
    // The parser insists on a file.
    let file = PathBuf::from(flags.program.first().cloned().unwrap_or_default());
    if flags.guard.preludes.is_empty() {
        let Run { limits, cache, program, .. } = flags;
        return with_image(&limits, &cache, program, |engine| engine.load_file(&file));
    }
    run_guarded(&flags, &file)
}

fn run_guarded(flags: &Run, file: &Path) -> Outcome {
    flags.limits.granted()?;
    let attached = attached(&flags.guard, flags.tools.as_deref(), &flags.cache)?;
    let program = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
    let builder = configured(&flags.limits, &flags.cache, flags.program.clone());
    let mut engine = builder.attach(&attached).build().map_err(|error| Failure::of_start(&error))?;
    match engine.run_guarded(&file.display().to_string(), &program) {
        Ok(_) => Ok(std::process::ExitCode::SUCCESS),
        Err(GuardedError::Run(error)) => {
            let limits = &attached.policy().limits;
            ended(error, &engine).map_err(|failure| failure.under(limits))
        }
        Err(error) => Err(refused(&error, &engine)),
    }
}

fn refused(error: &GuardedError, engine: &Engine) -> Failure {
    Failure::diagnosed(error.exit_code(), error.diagnostics(), engine.sources().clone())
}
