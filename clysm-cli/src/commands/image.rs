//! The live image that `run`, `eval` and `compile` use.

use std::process;

use clysm::{Engine, EngineBuilder, Error};
use clysm_host::HostError;

use crate::failure::{Failure, Outcome};
use crate::flags::{CacheFlags, LimitFlags};
use crate::output::show_diagnostics;
use crate::progress::Bar;

/// Makes an image and does something with it.
pub fn with_image(
    limits: &LimitFlags,
    cache: &CacheFlags,
    arguments: Vec<String>,
    work: impl FnOnce(&mut Engine) -> Result<(), Error>,
) -> Outcome {
    limits.granted()?;
    let mut engine = engine(limits, cache, arguments).map_err(|error| Failure::of_start(&error))?;
    match work(&mut engine) {
        Ok(()) => Ok(process::ExitCode::SUCCESS),
        Err(error) => ended(error, &engine),
    }
}

/// The image that flags ask for.
pub fn engine(limits: &LimitFlags, cache: &CacheFlags, arguments: Vec<String>) -> Result<Engine, Error> {
    let bar = Bar::new();
    let shown = bar.clone();
    let built = configured(limits, cache, arguments).on_progress(move |progress| shown.show(progress)).build();
    bar.clear();
    built
}

/// The settings that flags ask for.
pub fn configured(limits: &LimitFlags, cache: &CacheFlags, arguments: Vec<String>) -> EngineBuilder {
    let mut builder = Engine::builder()
        .args(arguments)
        .on_diagnostic(|diagnostic, sources| show_diagnostics(std::slice::from_ref(diagnostic), sources));
    if let Some(directory) = &cache.cache_dir {
        builder = builder.cache_directory(Some(directory.clone()));
    }
    for directory in &limits.directories {
        builder = builder.directory(directory.clone());
    }
    if let Some(timeout) = limits.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(fuel) = limits.fuel {
        builder = builder.fuel(fuel);
    }
    if let Some(memory) = limits.memory {
        builder = builder.memory(memory);
    }
    builder
}

/// A program that ended itself is no failure.
pub fn ended(error: Error, engine: &Engine) -> Outcome {
    match error {
        Error::Host(HostError::Exit(code)) => Ok(program_code(code)),
        error => Err(Failure::of_lisp(&error, engine.sources().clone(), |frame| engine.position(frame))),
    }
}

/// The exit code of a program that ended itself: the low octet, as everywhere.
pub fn program_code(code: i32) -> process::ExitCode {
    let [low, ..] = code.to_le_bytes();
    low.into()
}
