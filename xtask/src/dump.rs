//! `cargo xtask dump`: what the compiler makes of each form.

use std::io::Write as _;

use anyhow::Result;
use clysm_report::ExitCode;

use crate::flags::Dump;

/// Runs the command.
pub fn run(flags: &Dump) -> Result<ExitCode> {
    let cache = clysm::BuildOptions::default().cache_directory;
    let text =
        clysm::dump_forms(&flags.file, cache.as_deref()).map_err(|error| anyhow::anyhow!("{}", error.diagnostic()))?;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::Success)
}
