//! `cargo xtask diff`: programs compiled by both compilers, byte by byte.

#[cfg(test)]
mod random;

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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write as _;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use clysm_host::{Output, OutputBuffer};
    use clysm_lisp::{COMPILER, START};
    use proptest::prelude::*;

    use super::*;

    fn options() -> BuildOptions {
        BuildOptions { level: OptimisationLevel::O0, function_names: true, ..BuildOptions::default() }
    }

    /// One compiler for all tests: its code takes long to generate.
    fn compiler() -> MutexGuard<'static, Option<LispCompiler>> {
        static COMPILER: Mutex<Option<LispCompiler>> = Mutex::new(None);
        let mut compiler = COMPILER.lock().unwrap_or_else(PoisonError::into_inner);
        if compiler.is_none() {
            *compiler = Some(LispCompiler::start(&options(), &Display::Nothing).unwrap());
        }
        compiler
    }

    /// The sources of a compiler as `compile_all` takes them.
    fn encode(sources: &[(String, String)]) -> Vec<u8> {
        let mut octets = Vec::new();
        for (path, text) in sources {
            octets.extend(u32::try_from(path.len()).unwrap().to_le_bytes());
            octets.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            octets.extend_from_slice(path.as_bytes());
            octets.extend_from_slice(text.as_bytes());
        }
        octets
    }

    #[test]
    fn a_changed_emission_shows() {
        let mut guard = compiler();
        let compiler = guard.as_mut().unwrap();
        let stage1 = bootstrap_stage1(&options(), &mut |_| {}).unwrap().bytes;
        let mut sources: Vec<(String, String)> = clysm_lisp::runtime()
            .chain(COMPILER)
            .chain([&START])
            .map(|source| (source.path.to_owned(), source.text.to_owned()))
            .collect();
        let compiled = |compiler: &mut LispCompiler, sources: &[(String, String)]| {
            let answer = compiler.session.call_octets(compiler.instance, "compile_all", &encode(sources)).unwrap();
            // The report's length, the report, 0, and the module.
            let length = u32::from_le_bytes(*answer.first_chunk().unwrap()) as usize;
            let (status, module) = answer[4 + length..].split_first().unwrap();
            assert_eq!(*status, 0, "{}", String::from_utf8_lossy(module));
            module.to_vec()
        };
        assert_eq!(first_difference(&stage1, &compiled(compiler, &sources)), None, "the stages are the same");

        let (_, text) = sources.iter_mut().find(|(path, _)| path == "lisp/compiler/lower/lower.lisp").unwrap();
        let changed = text.replacen("(op :struct.get :symbol 2)", "(op :struct.get :symbol 3)", 1);
        assert_ne!(changed, *text);
        *text = changed;
        let difference = first_difference(&stage1, &compiled(compiler, &sources)).unwrap();
        assert_eq!(difference.section.as_deref(), Some("code"));
        assert_eq!(difference.function.as_deref(), Some("CLYSM-COMPILER::LOWER-SPECIAL"));
    }

    /// What a module prints.
    fn run(module: &[u8]) -> String {
        let engine = Engine::new(EngineOptions { optimise: false, ..EngineOptions::default() }).unwrap();
        let output = OutputBuffer::default();
        let capabilities = Capabilities::new().output(Output::Buffer(output.clone())).refuse_at_call();
        let mut session = Session::new(&engine, capabilities, Limits::default()).unwrap();
        let instance = session.load(&engine.compile(module).unwrap()).unwrap();
        session.call_start(instance).unwrap();
        String::from_utf8(output.take()).unwrap()
    }

    /// What the program prints that is loaded as source.
    fn load(file: &Path) -> String {
        let output = OutputBuffer::default();
        let mut engine = clysm::Engine::builder().output(Output::Buffer(output.clone())).build().unwrap();
        engine.load_file(file).unwrap();
        String::from_utf8(output.take()).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 30, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_programs_are_the_same(text in random::program()) {
            let mut file = tempfile::Builder::new().suffix(".lisp").tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let plain = BuildOptions { function_names: false, ..options() };
            let rust = build_standalone(&[file.path().to_path_buf()], &plain, &mut |_| {}).unwrap();
            prop_assert!(!rust.bytes.is_empty(), "{:?}", rust.diagnostics);
            let lisp = compiler().as_mut().unwrap().compile(&text).unwrap();
            prop_assert_eq!(first_difference(&rust.bytes, &lisp.unwrap()), None);
            prop_assert_eq!(run(&rust.bytes), load(file.path()));
        }
    }
}
