//! Programs that a stage compiles and then runs, each in a fresh instance of the same module: the compiled file is loaded there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clysm_host::compiler::Answer;
use clysm_host::{
    Access, Capabilities, CompiledModule, Engine, HostError, Instance, Limits, Output, OutputBuffer, Random, Session,
};

use crate::programs::{Failure, Programs};

/// What a program may take at most.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Compiled files that wait for their turn at most.
const WAITING: usize = 4;
/// What programs say of themselves whose output is not that of a compiled file.
const SOURCE_ONLY: &str = "for load as source only";

/// A program, what it prints when it is right, and what the stage made of it.
struct Program {
    file: PathBuf,
    expected: String,
    answer: Answer,
}

/// Has a stage compile and run the programs of a directory beside which `NAME.out` says what they print. While one runs, the next is
/// compiled.
pub fn run(engine: &Engine, stage: &CompiledModule, directory: &Path) -> Result<Programs> {
    let start = Instant::now();
    let programs = find(directory)?;
    if programs.is_empty() {
        bail!("{} has no programs", directory.display());
    }
    let (send, receive) = sync_channel(WAITING);
    let failures = thread::scope(|scope| {
        let runner = scope.spawn(move || run_all(engine, stage, receive));
        let compiled = programs.iter().try_fold(Compiler::start(engine, stage)?, |mut compiler, file| {
            // A runner that has failed says why itself.
            let _ = send.send(compiler.compile(file)?);
            anyhow::Ok(compiler)
        });
        drop(send);
        let failures = runner.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        compiled.map(|_| failures)
    })?;
    Ok(Programs { run: programs.len(), failures, seconds: start.elapsed().as_secs_f64() })
}

/// The programs, in order.
fn find(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(directory).with_context(|| directory.display().to_string())? {
        let file = entry?.path();
        let is_program = file.extension().is_some_and(|extension| extension == "lisp");
        if is_program && file.with_extension("out").exists() && !is_source_only(&read(&file)?) {
            programs.push(file);
        }
    }
    programs.sort();
    Ok(programs)
}

fn is_source_only(text: &str) -> bool {
    text.lines().take(5).any(|line| line.contains(SOURCE_ONLY))
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| file.display().to_string())
}

/// The stage, waiting for programs.
struct Compiler {
    session: Session,
    instance: Instance,
}

impl Compiler {
    fn start(engine: &Engine, stage: &CompiledModule) -> Result<Self> {
        let (session, instance) = start(engine, stage, Capabilities::new().clock(0), Limits::default())?;
        Ok(Self { session, instance })
    }

    fn compile(&mut self, file: &Path) -> Result<Program> {
        let answer = self.session.compile_linked(self.instance, &read(file)?);
        Ok(Program {
            file: file.to_path_buf(),
            expected: read(&file.with_extension("out"))?,
            answer: answer.with_context(|| format!("compiling {}", file.display()))?,
        })
    }
}

/// Starts an instance of the stage. It has no arguments, so that it does nothing of its own.
fn start(
    engine: &Engine,
    stage: &CompiledModule,
    capabilities: Capabilities,
    limits: Limits,
) -> Result<(Session, Instance)> {
    let capabilities = capabilities.environment([], []).refuse_at_call();
    let mut session = Session::new(engine, capabilities, limits)?;
    let instance = session.load(stage)?;
    session.call_start(instance)?;
    Ok((session, instance))
}

fn run_all(engine: &Engine, stage: &CompiledModule, programs: Receiver<Program>) -> Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for program in programs {
        if let Some(why) = failure(engine, stage, &program)? {
            failures.push(Failure { program: program.file.display().to_string(), why });
        }
    }
    Ok(failures)
}

/// Runs a program; says what is wrong.
fn failure(engine: &Engine, stage: &CompiledModule, program: &Program) -> Result<Option<String>> {
    let module = match &program.answer {
        Ok(module) => module,
        Err(diagnostics) => return Ok(Some(diagnostics.clone())),
    };
    let directory = tempfile::tempdir()?;
    let granted = format!("{}/", directory.path().display());
    let output = OutputBuffer::default();
    let capabilities = Capabilities::new()
        .clock(0)
        .random(Random::Seeded(1))
        .directory(directory.path(), granted.clone(), Access::ReadWrite)
        .output(Output::Buffer(output.clone()));
    let limits = Limits { time: Some(TIME_LIMIT), ..Limits::default() };
    let (mut session, image) = start(engine, stage, capabilities, limits)?;
    session.set_environment([program.file.display().to_string(), granted], []);
    let ended = session.load_linked(&engine.compile(module)?, image, &[]);
    if matches!(&ended, Err(error) if error.is_cut_short()) {
        session.restart_budget()?;
        session.call_unit(image, "_finish")?;
    }
    Ok(match ended {
        Ok(_) | Err(HostError::Exit(0)) if output.take() == program.expected.as_bytes() => None,
        Ok(_) | Err(HostError::Exit(0)) => Some("other output".to_owned()),
        Err(error) => Some(error.to_string()),
    })
}
