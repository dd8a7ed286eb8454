//! The compiler in Lisp, running in this process.

use std::fs;

use anyhow::{Context as _, Result};
use clysm::{BuildOptions, bootstrap_stage1};
use clysm_host::{Capabilities, Engine, EngineOptions, HostError, Instance, Limits, Session};

use crate::compare::Fingerprint;
use crate::output::root;
use crate::progress::Display;

/// Stage 1, waiting for programs.
pub struct LispCompiler {
    session: Session,
    instance: Instance,
}

impl LispCompiler {
    /// Makes Stage 1 and starts it. Its machine code is kept, as generating it takes long.
    pub fn start(options: &BuildOptions, display: &Display) -> Result<Self> {
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

    /// The module of the library's files, given by path and text, or what the compiler says of them.
    pub fn compile_library(&mut self, sources: &[(String, String)]) -> Result<Result<Vec<u8>, String>> {
        let mut octets = Vec::new();
        for (path, text) in sources {
            octets.extend(u32::try_from(path.len())?.to_le_bytes());
            octets.extend(u32::try_from(text.len())?.to_le_bytes());
            octets.extend_from_slice(path.as_bytes());
            octets.extend_from_slice(text.as_bytes());
        }
        let answer = self.session.call_octets(self.instance, "compile_all", &octets)?;
        // The report and its length come first.
        let (length, answer) = answer.split_first_chunk().context("an answer without a report")?;
        let answer = answer.get(u32::from_le_bytes(*length) as usize..).context("an answer without a module")?;
        Ok(module(answer))
    }

    /// The module of a program, or what the compiler says of it.
    pub fn compile(&mut self, text: &str) -> Result<Result<Vec<u8>, String>> {
        let answer = self.session.call_octets(self.instance, "compile_form", text.as_bytes());
        let answer = match answer {
            Ok(answer) => answer,
            Err(error @ HostError::NoExport { .. }) => return Err(error.into()),
            Err(error) => return Ok(Err(error.to_string())),
        };
        Ok(module(&answer))
    }
}

/// What an answer holds: 0 and a module, or 1 and what is wrong.
fn module(answer: &[u8]) -> std::result::Result<Vec<u8>, String> {
    match answer.split_first() {
        Some((0, module)) => Ok(module.to_vec()),
        Some((_, text)) => Err(String::from_utf8_lossy(text).into_owned()),
        None => Err("an empty answer".to_owned()),
    }
}

/// The sources of a compiler, by path and text.
pub fn compiler_sources() -> Vec<(String, String)> {
    let sources = clysm_lisp::runtime().chain(clysm_lisp::COMPILER).chain([&clysm_lisp::START]);
    sources.map(|source| (source.path.to_owned(), source.text.to_owned())).collect()
}
