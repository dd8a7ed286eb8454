//! `clysm build`: compiles source files to a standalone module.

use std::process;

use clysm_report::SourceMap;

use crate::failure::{Failure, Outcome};
use crate::flags::Build;
use crate::output::{replace_file, show_diagnostics};

/// Runs the command.
pub fn run(flags: Build) -> Outcome {
    let options = clysm::BuildOptions::default();
    let built =
        clysm::build_standalone(&flags.files, options).map_err(|error| Failure::of_lisp(error, SourceMap::new()))?;
    if built.diagnostics.iter().any(clysm_report::Diagnostic::is_error) {
        return Err(Failure::diagnosed(built.report.exit_code(), built.diagnostics, built.sources));
    }
    show_diagnostics(&built.diagnostics, &built.sources);
    replace_file(&flags.output, &built.bytes).map_err(|error| Failure::unwritable(&flags.output, &error))?;
    Ok(process::ExitCode::SUCCESS)
}
