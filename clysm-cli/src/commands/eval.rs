//! `clysm eval`: evaluates expressions and prints their values.

use crate::commands::image::with_image;
use crate::failure::Outcome;
use crate::flags::Eval;

/// Runs the command.
pub fn run(flags: Eval) -> Outcome {
    let Eval { limits, cache, expressions } = flags;
    with_image(&limits, &cache, vec!["clysm".to_owned()], |engine| {
        for expression in &expressions {
            for value in engine.eval_values(expression)?.iter().flatten() {
                println!("{}", engine.print(value)?);
            }
        }
        Ok(())
    })
}
