//! The compiler in Lisp, running in this process.

use anyhow::Result;
use clysm::{BuildOptions, bootstrap_stage1};
use clysm_host::compiler::Answer;
use clysm_host::{Capabilities, CodeCache, Engine, EngineOptions, HostError, Instance, Limits, Session};

use crate::output::root;
use crate::progress::Display;

/// How the module of a program gets what it needs of the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// It holds the library.
    Standalone,
    /// It is loaded where the library is.
    CompiledFile,
}

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
        let compiled = code_cache().compile(&engine, &built.bytes)?;
        let capabilities = Capabilities::new().clock(0).environment(vec!["compiler".to_owned()], []).refuse_at_call();
        let mut session = Session::new(&engine, capabilities, Limits::default())?;
        let instance = session.load(&compiled)?;
        session.call_start(instance)?;
        Ok(Self { session, instance })
    }

    /// The module of the library's files, given by path and text, or what the compiler says of them.
    pub fn compile_library(&mut self, sources: &[(String, String)]) -> Result<Answer> {
        Ok(self.session.compile_files(self.instance, sources)?)
    }

    /// The module of a program, or what the compiler says of it.
    pub fn compile(&mut self, text: &str, linkage: Linkage) -> Result<Answer> {
        let answer = match linkage {
            Linkage::Standalone => self.session.compile_text(self.instance, text),
            Linkage::CompiledFile => self.session.compile_linked(self.instance, text),
        };
        match answer {
            Err(error @ HostError::NoExport { .. }) => Err(error.into()),
            answer => Ok(answer.unwrap_or_else(|error| Err(error.to_string()))),
        }
    }
}

/// Where the machine code of stages is kept.
pub fn code_cache() -> CodeCache {
    CodeCache::new(root().join("target/tmp/clysm-stages"))
}

/// The sources of a compiler, by path and text.
pub fn compiler_sources() -> Vec<(String, String)> {
    let sources = clysm_lisp::runtime().chain(clysm_lisp::COMPILER).chain([&clysm_lisp::START]);
    sources.map(|source| (source.path.to_owned(), source.text.to_owned())).collect()
}
