//! `clysm compile`: compiles source files to modules that `load` and `clysm run` take.

use std::path::Path;

use clysm::{CompiledFile, Engine};
use clysm_report::ExitCode;

use crate::commands::image::{ended, engine};
use crate::failure::{Failure, Outcome};
use crate::flags::Compile;
use crate::output::{replace_file, show_diagnostics};

/// Runs the command.
pub fn run(flags: Compile) -> Outcome {
    flags.limits.granted()?;
    if flags.output.is_some() && flags.files.len() > 1 {
        return Err(Failure::new(ExitCode::Failure, "one-output", "--output is for a single file"));
    }
    let mut engine =
        engine(&flags.limits, &flags.cache, vec!["clysm".to_owned()]).map_err(|error| Failure::of_start(&error))?;
    for file in &flags.files {
        let output = flags.output.clone().unwrap_or_else(|| file.with_extension("wasm"));
        let compiled = match engine.compile_file(file) {
            Ok(compiled) => compiled,
            Err(error) => return ended(error, &engine),
        };
        write(compiled, &output, &engine)?;
    }
    Ok(std::process::ExitCode::SUCCESS)
}

fn write(compiled: CompiledFile, output: &Path, engine: &Engine) -> Result<(), Failure> {
    let CompiledFile { octets, forms, diagnostics } = compiled;
    let Some(octets) = octets else {
        let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
        let code = if errors < forms.len() { ExitCode::Partial } else { ExitCode::Failure };
        return Err(Failure::diagnosed(code, diagnostics, engine.sources().clone()));
    };
    show_diagnostics(&diagnostics, engine.sources());
    replace_file(output, &octets).map_err(|error| Failure::unwritable(output, &error))
}
