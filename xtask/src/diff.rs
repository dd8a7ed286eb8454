//! `cargo xtask diff`: programs compiled by both compilers, byte by byte, as modules that stand alone and as compiled files.

#[cfg(test)]
mod random;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clysm::{BuildOptions, BuildOutput, OptimisationLevel, build_compiled_file, build_standalone};
use clysm_host::compiler::Answer;
use clysm_report::ExitCode;

use crate::compare::{Difference, first_difference};
use crate::flags::Diff;
use crate::lisp_compiler::{Linkage, LispCompiler};
use crate::output::root;
use crate::progress::Display;

/// What the two compilers make of a program.
enum Outcome {
    /// The same modules.
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

/// Compares what the compilers make of a file, with one linkage and then with the other.
fn compare(file: &Path, options: &BuildOptions, compiler: &mut LispCompiler) -> Result<Outcome> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let paths = [file.to_path_buf()];
    let standalone = build_standalone(&paths, options, &mut |_| {});
    match outcome(standalone, compiler.compile(&text, Linkage::Standalone)?) {
        Outcome::Same => {
            let compiled = build_compiled_file(&paths, options, &mut |_| {});
            Ok(outcome(compiled, compiler.compile(&text, Linkage::CompiledFile)?))
        }
        other => Ok(other),
    }
}

fn outcome(built: Result<BuildOutput, clysm::Error>, lisp: Answer) -> Outcome {
    let rust = match built {
        Ok(built) if built.bytes.is_empty() => {
            Err(built.diagnostics.iter().find(|diagnostic| diagnostic.is_error()).map(ToString::to_string))
        }
        Ok(built) => Ok(built.bytes),
        Err(error) => Err(Some(error.diagnostic().to_string())),
    };
    match (rust, lisp) {
        (Ok(rust), Ok(lisp)) => match first_difference(&rust, &lisp) {
            None => Outcome::Same,
            Some(difference) => Outcome::Different(difference),
        },
        (Err(_), Err(_)) => Outcome::BothReject,
        (Err(why), Ok(_)) => Outcome::OneRejects(format!("the Rust compiler says {}", why.unwrap_or_default())),
        (Ok(_), Err(why)) => Outcome::OneRejects(format!("the Lisp compiler says {why}")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write as _;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use clysm::bootstrap_stage1;
    use clysm_host::{Capabilities, Engine, EngineOptions, Limits, Output, OutputBuffer, Session};
    use proptest::prelude::*;

    use super::*;
    use crate::lisp_compiler::compiler_sources;

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

    #[test]
    fn a_changed_emission_shows() {
        let mut guard = compiler();
        let compiler = guard.as_mut().unwrap();
        let stage1 = bootstrap_stage1(&options(), &mut |_| {}).unwrap().bytes;
        let mut sources = compiler_sources();
        let same = compiler.compile_library(&sources).unwrap().unwrap();
        assert_eq!(first_difference(&stage1, &same), None, "the stages are the same");

        let (_, text) = sources.iter_mut().find(|(path, _)| path == "lisp/compiler/lower/lower.lisp").unwrap();
        let changed = text.replacen("(op :struct.get :symbol 2)", "(op :struct.get :symbol 3)", 1);
        assert_ne!(changed, *text);
        *text = changed;
        let difference = first_difference(&stage1, &compiler.compile_library(&sources).unwrap().unwrap()).unwrap();
        assert_eq!(difference.section.as_deref(), Some("code"));
        assert_eq!(difference.function.as_deref(), Some("CLYSM-COMPILER::LOWER-SPECIAL"));
    }

    /// Developers change library files, and Stage 1 compiles them: it takes on their macros and functions, but for those
    /// that only a compiler can make.
    #[test]
    fn changed_files_of_the_library_compile() {
        let mut guard = compiler();
        let compiler = guard.as_mut().unwrap();
        let mut sources = compiler_sources();
        let mut append = |path: &str, text: &str| {
            let (_, source) = sources.iter_mut().find(|(known, _)| known == path).unwrap();
            source.push_str(text);
        };
        append("lisp/runtime/expand.lisp", "\n;; A remark.\n");
        append("lisp/runtime/symbols.lisp", "\n(defun %name-of (symbol) (%get symbol name symbol))\n");
        append(
            "lisp/runtime/iteration.lisp",
            "\n(defun %seven-forms (form) (list '+ form 7))\n(defmacro %plus-seven (form) (%seven-forms form))\n",
        );
        append("lisp/runtime/describe.lisp", "\n(defun %twelve () (%plus-seven 5))\n");
        let module = compiler.compile_library(&sources).unwrap().unwrap();
        clysm_host::WasmModule::from_octets("stage2", &module).unwrap();
        let holds = |name: &str| module.windows(name.len()).any(|octets| octets == name.as_bytes());
        assert!(holds("CLYSM::%NAME-OF") && holds("CLYSM::%TWELVE"));
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

    /// A case takes seconds: few, unless `PROPTEST_CASES` says otherwise.
    fn cases() -> u32 {
        std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 10, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn random_programs_are_the_same(text in random::program()) {
            let mut file = tempfile::Builder::new().suffix(".lisp").tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let plain = BuildOptions { function_names: false, ..options() };
            let rust = build_standalone(&[file.path().to_path_buf()], &plain, &mut |_| {}).unwrap();
            prop_assert!(!rust.bytes.is_empty(), "{:?}", rust.diagnostics);
            let lisp = compiler().as_mut().unwrap().compile(&text, Linkage::Standalone).unwrap();
            prop_assert_eq!(first_difference(&rust.bytes, &lisp.unwrap()), None);
            let rust_file = build_compiled_file(&[file.path().to_path_buf()], &plain, &mut |_| {}).unwrap();
            let lisp_file = compiler().as_mut().unwrap().compile(&text, Linkage::CompiledFile).unwrap();
            prop_assert_eq!(first_difference(&rust_file.bytes, &lisp_file.unwrap()), None);
            prop_assert_eq!(run(&rust.bytes), load(file.path()));
        }
    }
}
