//! `clysm build`: compiles source files to a standalone module.

use std::fs;
use std::process;

use clysm::prelude::{GuardedBuildError, build_guarded};
use clysm::{BuildOptions, OptimisationLevel, build_standalone};
use clysm_report::SourceMap;

use crate::commands::prelude::{compile, policy};
use crate::failure::{Failure, Outcome};
use crate::flags::Build;
use crate::output::{replace_file, show_diagnostics};
use crate::progress::Bar;

/// Runs the command.
pub fn run(flags: Build) -> Outcome {
    let options = BuildOptions {
        function_names: flags.function_names,
        level: match flags.optimisation {
            0 => OptimisationLevel::O0,
            1 => OptimisationLevel::O1,
            _ => OptimisationLevel::O2,
        },
        cache_directory: flags.cache.directory(),
        ..BuildOptions::default()
    };
    let bytes = if flags.guard.preludes.is_empty() { standalone(&flags, &options) } else { guarded(&flags, &options) }?;
    replace_file(&flags.output, &bytes).map_err(|error| Failure::unwritable(&flags.output, &error))?;
    Ok(process::ExitCode::SUCCESS)
}

fn standalone(flags: &Build, options: &BuildOptions) -> Result<Vec<u8>, Failure> {
    let bar = Bar::new();
    let built = build_standalone(&flags.files, options, &mut |progress| bar.show(progress));
    bar.clear();
    let built = built.map_err(|error| Failure::of_lisp(&error, SourceMap::new(), |_| None))?;
    if built.diagnostics.iter().any(clysm_report::Diagnostic::is_error) {
        return Err(Failure::diagnosed(built.report.exit_code(), built.diagnostics, built.sources));
    }
    show_diagnostics(&built.diagnostics, &built.sources);
    Ok(built.bytes)
}

fn guarded(flags: &Build, options: &BuildOptions) -> Result<Vec<u8>, Failure> {
    let policy = flags.guard.policy.as_deref().map(|file| policy(Some(file))).transpose()?;
    let prelude = compile(&flags.guard.preludes, &flags.cache)?;
    let mut files = Vec::new();
    for file in &flags.files {
        let text = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
        files.push((file.display().to_string(), text));
    }
    let bar = Bar::new();
    let built = build_guarded(&prelude, policy.as_ref(), &files, options, &mut |progress| bar.show(progress));
    bar.clear();
    let built = built.map_err(|error| match error {
        GuardedBuildError::Prelude(error) => {
            Failure::diagnosed(error.exit_code(), error.diagnostics(), prelude.sources().clone())
        }
        GuardedBuildError::Program { error, sources } => {
            Failure::diagnosed(error.exit_code(), error.diagnostics(), sources)
        }
    })?;
    show_diagnostics(&built.diagnostics, &built.sources);
    Ok(built.bytes)
}
