//! `clysm prelude`: checks and describes capability preludes.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process;

use clysm::prelude::{AttachFailure, Attached, Export, HostPolicy, Inventory, Prelude, PreludeError, attach};
use clysm_report::ExitCode;
use serde::Serialize;

use crate::failure::{Failure, Outcome};
use crate::flags::{CacheFlags, GuardFlags, Prelude as Flags, PreludeCheck, PreludeFiles, PreludeInspect};
use crate::output::show_diagnostics;
use crate::progress::Bar;
use crate::tools;

/// Runs the command.
pub fn run(flags: Flags) -> Outcome {
    match flags {
        Flags::Check(flags) => check(&flags),
        Flags::Inspect(flags) => inspect(&flags),
        Flags::Inventory(flags) => inventory(&flags),
    }
}

/// Compiles preludes.
pub fn compile(files: &[PathBuf], cache: &CacheFlags) -> Result<Prelude, Failure> {
    let bar = Bar::new();
    let shown = bar.clone();
    let mut builder = Prelude::builder().on_progress(move |progress| shown.show(progress));
    if let Some(directory) = &cache.cache_dir {
        builder = builder.cache_directory(Some(directory.clone()));
    }
    for file in files {
        let text = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
        builder = builder.source(file.display().to_string(), text);
    }
    let compiled = builder.compile();
    bar.clear();
    let prelude = compiled.map_err(|error| failure(&error))?;
    show_diagnostics(prelude.diagnostics(), prelude.sources());
    Ok(prelude)
}

/// The policy of a file; without one, that which grants nothing.
pub fn policy(file: Option<&Path>) -> Result<HostPolicy, Failure> {
    let Some(file) = file else { return Ok(HostPolicy::default()) };
    let text = fs::read_to_string(file).map_err(|error| Failure::unreadable(file, &error))?;
    HostPolicy::from_toml(&text)
        .map_err(|error| Failure::new(ExitCode::Failure, "invalid-policy", format!("{}:{error}", file.display())))
}

/// The preludes, policy and tools of a command, attached.
pub fn attached(guard: &GuardFlags, tools: Option<&Path>, cache: &CacheFlags) -> Result<Attached, Failure> {
    let policy = policy(guard.policy.as_deref())?;
    let tools = tools.map(tools::read).transpose()?.unwrap_or_default();
    let prelude = compile(&guard.preludes, cache)?;
    attach(&prelude, &policy, tools).map_err(|error| attach_failure(&error, &prelude))
}

fn failure(error: &PreludeError) -> Failure {
    Failure::diagnosed(error.exit_code(), error.diagnostics(), error.sources())
}

fn attach_failure(error: &AttachFailure, prelude: &Prelude) -> Failure {
    Failure::diagnosed(error.exit_code(), error.diagnostics(), prelude.sources().clone())
}

fn exports(prelude: &Prelude, policy: &HostPolicy) -> Result<Vec<Export>, Failure> {
    let exports = prelude.exports(policy);
    exports.map_err(|error| Failure::diagnosed(error.exit_code(), error.diagnostics(), prelude.sources().clone()))
}

fn check(flags: &PreludeCheck) -> Outcome {
    let PreludeCheck { files: PreludeFiles { files, policy: policy_file, cache }, tools: tools_file } = flags;
    let policy = policy(policy_file.as_deref())?;
    let prelude = compile(files, cache)?;
    let exports = match tools_file {
        Some(file) => {
            let attached = attach(&prelude, &policy, tools::read(file)?);
            attached.map_err(|error| attach_failure(&error, &prelude))?.exports().to_vec()
        }
        None => exports(&prelude, &policy)?,
    };
    let noun = if exports.len() == 1 { "export" } else { "exports" };
    say(&format!("{} {noun}\n", exports.len()))
}

/// What `clysm prelude inspect --json` prints. There is no artifact hash: a prelude has code of its own in every engine, and in each
/// module that is built with it, and only such a module is an artifact; `clysm inspect` shows its hash.
#[derive(Serialize)]
struct Inspection<'a> {
    exports: &'a [Export],
    source_hash: String,
    policy_hash: String,
}

fn inspect(flags: &PreludeInspect) -> Outcome {
    let PreludeInspect { files: PreludeFiles { files, policy: policy_file, cache }, json } = flags;
    let policy = policy(policy_file.as_deref())?;
    let prelude = compile(files, cache)?;
    let exports = exports(&prelude, &policy)?;
    if *json {
        let inspection =
            Inspection { exports: &exports, source_hash: prelude.source_hash(), policy_hash: policy.hash() };
        let text = serde_json::to_string_pretty(&inspection);
        let text = text.map_err(|error| Failure::new(ExitCode::Failure, "input-output", error.to_string()))?;
        return say(&(text + "\n"));
    }
    say(&exports.iter().map(described).collect::<String>())
}

/// A record for people.
fn described(export: &Export) -> String {
    let mut text = format!("{}  {}  {}\n", export.reference, export.signature(), export.kind.name());
    text += &format!("  visibility {}, effect {}\n", export.visibility.name(), export.effect.name());
    if let Some(doc) = &export.doc {
        text += &format!("  {}\n", doc.replace('\n', "\n  "));
    }
    for requirement in &export.requires {
        text += &format!("  requires {requirement}\n");
    }
    text
}

fn inventory(flags: &PreludeFiles) -> Outcome {
    let policy = policy(flags.policy.as_deref())?;
    let prelude = compile(&flags.files, &flags.cache)?;
    let exports = exports(&prelude, &policy)?;
    // Without a policy nothing says what programs may use.
    let inventory = match flags.policy {
        Some(_) => Inventory::granted(&exports, &policy),
        None => Inventory::new(&exports),
    };
    say(&inventory.text())
}

fn say(text: &str) -> Outcome {
    let written = io::stdout().lock().write_all(text.as_bytes());
    written.map_err(|error| Failure::new(ExitCode::Failure, "input-output", format!("standard output: {error}")))?;
    Ok(process::ExitCode::SUCCESS)
}
