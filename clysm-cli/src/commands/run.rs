//! `clysm run`: loads a source file.

use crate::commands::image::with_image;
use crate::failure::Outcome;
use crate::flags::Run;

/// Runs the command.
pub fn run(flags: Run) -> Outcome {
    let Run { limits, image, file, arguments } = flags;
    let mut argv = vec![file.display().to_string()];
    argv.extend(arguments);
    with_image(&limits, &image, argv, |engine| engine.load_file(&file))
}
