//! `clysm build`: compiles source files to a standalone module.

use std::process;

use clysm::{BuildOptions, OptimisationLevel, build_standalone};
use clysm_report::SourceMap;

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
    let bar = Bar::new();
    let built = build_standalone(&flags.files, &options, &mut |progress| bar.show(progress));
    bar.clear();
    let built = built.map_err(|error| Failure::of_lisp(&error, SourceMap::new(), |_| None))?;
    if built.diagnostics.iter().any(clysm_report::Diagnostic::is_error) {
        return Err(Failure::diagnosed(built.report.exit_code(), built.diagnostics, built.sources));
    }
    show_diagnostics(&built.diagnostics, &built.sources);
    replace_file(&flags.output, &built.bytes).map_err(|error| Failure::unwritable(&flags.output, &error))?;
    Ok(process::ExitCode::SUCCESS)
}
