//! `cargo xtask codegen`: the files that come from the tables in Rust.

use std::fs;

use anyhow::{Context as _, Result};
use clysm_report::{CompilationReport, ExitCode};

use crate::flags::Codegen;
use crate::output::{replace_file, root};

/// A generated file: its path from the root, and its text.
type Generated = (&'static str, String);

/// Runs the command.
pub fn run(flags: &Codegen) -> Result<ExitCode> {
    let files = generate()?;
    if flags.check { check(&files) } else { write(&files) }
}

fn generate() -> Result<Vec<Generated>> {
    Ok(vec![
        ("lisp/generated/gc-types.lisp", clysm_gc_types::lisp_mirror()),
        ("lisp/generated/primitives.lisp", clysm_compiler::primitives_mirror()),
        ("lisp/generated/imports.lisp", clysm_dispatch::imports_mirror()),
        ("lisp/generated/runtime-functions.lisp", clysm_dispatch::runtime_functions_mirror()?),
        ("clysm-report/schema/compilation-report.schema.json", report_schema()?),
    ])
}

fn report_schema() -> Result<String> {
    let mut text = serde_json::to_string_pretty(&CompilationReport::json_schema())?;
    text.push('\n');
    Ok(text)
}

fn write(files: &[Generated]) -> Result<ExitCode> {
    for (path, text) in files {
        replace_file(&root().join(path), text.as_bytes())?;
        println!("wrote {path}");
    }
    Ok(ExitCode::Success)
}

fn check(files: &[Generated]) -> Result<ExitCode> {
    let mut exit = ExitCode::Success;
    for (path, text) in files {
        let file = root().join(path);
        let found =
            if file.exists() { fs::read_to_string(&file).with_context(|| (*path).to_owned())? } else { String::new() };
        if found != *text {
            eprintln!("{path} differs from the tables; to write it anew: cargo xtask codegen");
            exit = ExitCode::Failure;
        }
    }
    Ok(exit)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_committed_files_are_up_to_date() {
        assert_eq!(check(&generate().unwrap()).unwrap(), ExitCode::Success, "run: cargo xtask codegen");
    }
}
