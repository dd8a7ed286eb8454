//! `cargo xtask diff`: programs compiled by both compilers, byte by byte.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clysm::{BuildOptions, OptimisationLevel, bootstrap_stage1, build_standalone};
use clysm_host::{Capabilities, Engine, EngineOptions, HostError, Instance, Limits, Session};
use clysm_report::ExitCode;

use crate::compare::{Difference, Fingerprint, first_difference};
use crate::flags::Diff;
use crate::output::root;
use crate::progress::Display;

/// What the two compilers make of a program.
enum Outcome {
    /// The same module.
    Same,
    /// Neither compiles it.
    BothReject,
    /// One compiles it and the other does not; what that one says.
    OneRejects(String),
    /// Different modules.
    Different(Difference),
}

/// Runs the command.
pub fn run(flags: &Diff) -> Result<ExitCode> {
    let files = programs(&flags.paths)?;
    let display = Display::new(false);
    let options = BuildOptions { level: OptimisationLevel::O0, ..BuildOptions::default() };
    let mut compiler = LispCompiler::start(&options, &display)?;
    let mut exit = ExitCode::Success;
    let mut same = 0;
    for file in &files {
        let outcome = compare(file, &options, &mut compiler)?;
        let name = file.display();
        match outcome {
            Outcome::Same | Outcome::BothReject => same += 1,
            Outcome::OneRejects(why) => println!("{name}: only one compiles it: {why}"),
            Outcome::Different(difference) => println!("{name}: differs at {difference}"),
        }
    }
    display.clear();
    println!("{same} of {} programs are the same", files.len());
    if same < files.len() {
        exit = ExitCode::Partial;
    }
    Ok(exit)
}

/// The programs in files and directories, in order; without any, those of `tests/run`.
fn programs(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let default = [root().join("tests/run")];
    let mut files = Vec::new();
    for path in if paths.is_empty() { &default[..] } else { paths } {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).with_context(|| path.display().to_string())?;
        let found = entries.filter_map(|entry| Some(entry.ok()?.path()));
        files.extend(found.filter(|file| file.extension().is_some_and(|extension| extension == "lisp")));
    }
    files.sort();
    Ok(files)
}

fn compare(file: &Path, options: &BuildOptions, compiler: &mut LispCompiler) -> Result<Outcome> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let built = build_standalone(&[file.to_path_buf()], options, &mut |_| {});
    let rust = match built {
        Ok(built) if built.bytes.is_empty() => {
            Err(built.diagnostics.iter().find(|diagnostic| diagnostic.is_error()).map(ToString::to_string))
        }
        Ok(built) => Ok(built.bytes),
        Err(error) => Err(Some(error.diagnostic().to_string())),
    };
    Ok(match (rust, compiler.compile(&text)?) {
        (Ok(rust), Ok(lisp)) => first_difference(&rust, &lisp).map_or(Outcome::Same, Outcome::Different),
        (Err(_), Err(_)) => Outcome::BothReject,
        (Err(why), Ok(_)) => Outcome::OneRejects(format!("the Rust compiler says {}", why.unwrap_or_default())),
        (Ok(_), Err(why)) => Outcome::OneRejects(format!("the Lisp compiler says {why}")),
    })
}

/// Stage 1, waiting for programs.
struct LispCompiler {
    session: Session,
    instance: Instance,
}

impl LispCompiler {
    fn start(options: &BuildOptions, display: &Display) -> Result<Self> {
        let shown = display.clone();
        let built = bootstrap_stage1(options, &mut |progress| shown.show(progress))
            .map_err(|error| anyhow::anyhow!("{}", error.diagnostic()))?;
        let engine = Engine::new(EngineOptions::default())?;
        let kept =
            root().join("target/tmp/clysm-stages").join(format!("{}.code", Fingerprint::of(&built.bytes).sha256));
        let compiled = match engine.load_saved(&kept) {
            Ok(compiled) => compiled,
            Err(_) => engine.compile(&built.bytes)?,
        };
        if let Some(directory) = kept.parent()
            && !kept.exists()
        {
            fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
            engine.save(&compiled, &kept)?;
        }
        let capabilities = Capabilities::new().clock(0).environment(vec!["compiler".to_owned()], []).refuse_at_call();
        let mut session = Session::new(&engine, capabilities, Limits::default())?;
        let instance = session.load(&compiled)?;
        session.call_start(instance)?;
        Ok(Self { session, instance })
    }

    /// The module of a program, or what the compiler says of it.
    fn compile(&mut self, text: &str) -> Result<Result<Vec<u8>, String>> {
        let answer = self.session.call_octets(self.instance, "compile_form", text.as_bytes());
        let answer = match answer {
            Ok(answer) => answer,
            Err(error @ HostError::NoExport { .. }) => return Err(error.into()),
            Err(error) => return Ok(Err(error.to_string())),
        };
        Ok(match answer.split_first() {
            Some((0, module)) => Ok(module.to_vec()),
            Some((_, text)) => Err(String::from_utf8_lossy(text).into_owned()),
            None => Err("an empty answer".to_owned()),
        })
    }
}
