//! `clysm run`: loads a source file.

use std::path::PathBuf;

use crate::commands::image::with_image;
use crate::failure::Outcome;
use crate::flags::Run;

/// Runs the command.
pub fn run(flags: Run) -> Outcome {
    let Run { limits, cache, program } = flags;
    // The parser insists on a file.
    let file = PathBuf::from(program.first().cloned().unwrap_or_default());
    with_image(&limits, &cache, program, |engine| engine.load_file(&file))
}
