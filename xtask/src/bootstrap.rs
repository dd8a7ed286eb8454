//! `cargo xtask bootstrap`: the stages.
//!
//! Stage 1 is `lisp/**` compiled by the Rust compiler. Stage 2 is what Stage 1 makes of the same sources, and Stage 3 what Stage 2
//! makes of a copy of them in another directory. All three must be the same, octet by octet, and programs that Stage 2 compiles must
//! do what they should.

mod fixpoint;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clysm::Progress;
use clysm_report::ExitCode;

use crate::flags::Bootstrap;
use crate::lisp_compiler::code_cache;
use crate::output::{delete_file, root};
use crate::programs::Programs;
use crate::progress::Display;
use crate::row;
use crate::table;
use fixpoint::{Fixpoint, Verification};
use stage::{Host, Stage, Status};

/// Where a stage's files go.
#[derive(Clone, Debug)]
struct Files {
    module: PathBuf,
    report: PathBuf,
}

impl Files {
    fn new(out: &Path, stage: u32) -> Self {
        Self {
            module: out.join(format!("clysm-stage{stage}.wasm")),
            report: out.join(format!("stage{stage}-report.json")),
        }
    }

    fn delete(&self) -> Result<()> {
        delete_file(&self.module)?;
        delete_file(&self.report)
    }
}

/// Runs the command.
pub fn run(flags: &Bootstrap) -> Result<ExitCode> {
    if let [left, right] = flags.verify.as_slice() {
        return verify([left, right], flags.json);
    }
    fs::create_dir_all(&flags.out).with_context(|| format!("making the directory {}", flags.out.display()))?;
    let fixpoint_file = flags.out.join("fixpoint.json");
    for stage in 1..=3 {
        Files::new(&flags.out, stage).delete()?;
    }
    delete_file(&fixpoint_file)?;
    let (stages, programs) = make_stages(flags)?;
    let fixpoint = if flags.stage == 3 { Some(Fixpoint::of(&stages, programs, &flags.out)?) } else { None };
    if let Some(fixpoint) = &fixpoint {
        fixpoint.write(&fixpoint_file)?;
    }
    if flags.json {
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({ "stages": stages, "fixpoint": fixpoint }))?);
    } else {
        print!("{}", summary(&stages));
        if let Some(fixpoint) = &fixpoint {
            print!("{}", fixpoint.programs_text());
            println!("{}", fixpoint.sentence());
        }
    }
    // The first stage that was not made decides.
    let failed = stages.iter().map(Stage::exit_code).find(|code| *code != ExitCode::Success);
    Ok(failed.unwrap_or_else(|| fixpoint.map_or(ExitCode::Success, |fixpoint| fixpoint.exit_code())))
}

/// The stages up to the last one asked for, or the first that fails; and what came of programs that Stage 2 ran while Stage 3 was made.
fn make_stages(flags: &Bootstrap) -> Result<(Vec<Stage>, Option<Programs>)> {
    let display = Display::new(flags.json);
    let host = Host::new(&flags.cache.clone().unwrap_or_else(|| code_cache().directory().to_path_buf()))?;
    let files = Files::new(&flags.out, 1);
    let mut stages = vec![match &flags.stage1 {
        Some(module) => stage::given(&host, module, &files, &display)?,
        None => stage::first(&host, &files, &display)?,
    }];
    let tree = flags.sources.clone().unwrap_or_else(root);
    let copy = match &flags.stage_dir {
        Some(directory) => directory.clone(),
        None => tempfile::tempdir().context("making a directory for a copy of the sources")?.keep(),
    };
    let mut running = None;
    for number in 2..=flags.stage {
        if stages.iter().any(|stage| stage.status != Status::Ok) {
            break;
        }
        let sources = if number == 3 { copy_sources(&tree, &copy)? } else { tree.clone() };
        let compiler = Files::new(&flags.out, number - 1).module;
        if number == 3 {
            let directory = flags.programs.clone().unwrap_or_else(|| root().join("tests/run"));
            running = Some(host.start_programs(&compiler, &directory)?);
        }
        let files = Files::new(&flags.out, number);
        stages.push(stage::next(&host, number, (&compiler, &sources), &files, &display)?);
    }
    let programs = running.map(|process| {
        display.show(Progress { stage: "programs", done: 0, total: 1, item: "compiled and run by stage 2".to_owned() });
        stage::finish_programs(process)
    });
    if flags.stage_dir.is_none() {
        fs::remove_dir_all(&copy).with_context(|| format!("deleting {}", copy.display()))?;
    }
    display.clear();
    Ok((stages, programs.transpose()?))
}

/// Copies the sources of all stages from a tree to a directory, which is returned.
fn copy_sources(tree: &Path, directory: &Path) -> Result<PathBuf> {
    for source in stage::sources() {
        let (from, to) = (tree.join(source.path), directory.join(source.path));
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).with_context(|| format!("making the directory {}", parent.display()))?;
        }
        fs::copy(&from, &to).with_context(|| format!("copying {} to {}", from.display(), to.display()))?;
    }
    Ok(directory.to_path_buf())
}

/// Compares two modules.
fn verify(paths: [&Path; 2], json: bool) -> Result<ExitCode> {
    let verification = Verification::of(paths)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&verification)?);
    } else {
        print!("{}", verification.text());
    }
    Ok(verification.status.exit_code())
}

fn summary(stages: &[Stage]) -> String {
    let mut rows =
        vec![row!["stage", "status", "forms", "failed", "skipped", "coverage", "bytes", "compiled", "started"]];
    rows.extend(stages.iter().map(Stage::row));
    table::render(&rows)
}
