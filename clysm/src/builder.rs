//! Settings of an engine.

use std::path::PathBuf;
use std::time::Duration;

use clysm_host::{
    Access, Capabilities, Engine as HostEngine, EngineOptions, Input, Limits, Output, Random, Session, on_big_stack,
};
use clysm_report::{Diagnostic, SourceMap};

use crate::engine::OnDiagnostic;
use crate::image::{self, Mode, Started};
use crate::live::Live;
use crate::prelude::{Attached, Gate, Guarded, seal};
use crate::{Engine, Error, Progress, cache, compile};

/// Settings of an engine. Nothing is granted but the standard streams, the clock, random bits and the arguments given here.
pub struct EngineBuilder {
    args: Vec<String>,
    variables: Vec<(String, String)>,
    directories: Vec<(PathBuf, Access)>,
    input: Input,
    output: Output,
    error: Output,
    random: Random,
    limits: Limits,
    compiles: bool,
    attached: Option<Attached>,
    cache_directory: Option<PathBuf>,
    on_progress: Box<dyn FnMut(Progress)>,
    on_diagnostic: Option<OnDiagnostic>,
}

impl std::fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineBuilder")
            .field("args", &self.args)
            .field("directories", &self.directories)
            .field("limits", &self.limits)
            .field("cache_directory", &self.cache_directory)
            .finish_non_exhaustive()
    }
}

impl EngineBuilder {
    pub(crate) fn new() -> Self {
        Self {
            args: Vec::new(),
            variables: Vec::new(),
            directories: Vec::new(),
            input: Input::Inherit,
            output: Output::Inherit,
            error: Output::Inherit,
            random: Random::System,
            limits: Limits::default(),
            compiles: true,
            attached: None,
            cache_directory: cache::default_cache_directory(),
            on_progress: Box::new(|_| {}),
            on_diagnostic: None,
        }
    }

    /// Command-line arguments that the program sees.
    #[must_use]
    pub fn args(mut self, args: Vec<String>) -> Self {
        self.args = args;
        self
    }

    /// An environment variable that the program sees; none of the process's own are seen.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Grants a directory for reading and writing.
    #[must_use]
    pub fn directory(self, directory: impl Into<PathBuf>) -> Self {
        self.directory_for(directory, Access::ReadWrite)
    }

    /// Grants a directory, which programs see under its own absolute path. The first one granted is the working directory. What lies in it of the directories where compiled code is
    /// kept ([`code_directories`](crate::code_directories)) is withheld.
    #[must_use]
    pub fn directory_for(mut self, directory: impl Into<PathBuf>, access: Access) -> Self {
        self.directories.push((directory.into(), access));
        self
    }

    /// Where standard input comes from; the process's own by default.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.input = input;
        self
    }

    /// Where standard output goes; to the process's own by default.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    /// Where standard error goes; to the process's own by default.
    #[must_use]
    pub fn error_output(mut self, error: Output) -> Self {
        self.error = error;
        self
    }

    /// Where random bits come from; from the operating system by default.
    #[must_use]
    pub fn random(mut self, random: Random) -> Self {
        self.random = random;
        self
    }

    /// A bound on the time that each call may take.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.time = Some(timeout);
        self
    }

    /// A bound on the instructions that each call may execute.
    #[must_use]
    pub const fn fuel(mut self, fuel: u64) -> Self {
        self.limits.fuel = Some(fuel);
        self
    }

    /// A bound on the heap, in octets.
    #[must_use]
    pub const fn memory(mut self, octets: u64) -> Self {
        self.limits.heap_bytes = Some(octets);
        self
    }

    /// Withholds the compiler from the program: its `compile` gives functions of the evaluator. What the engine itself is asked
    /// to evaluate or load is compiled nevertheless.
    #[must_use]
    pub const fn without_compiler(mut self) -> Self {
        self.compiles = false;
        self
    }

    /// Has programs run against a prelude, with [`Engine::run_guarded`] alone. The engine then is a sandbox of its own: nothing is
    /// granted but the standard streams and the tools of the prelude, the policy's limits hold beside those given here, and there is no
    /// compiler for the program.
    #[must_use]
    pub fn attach(mut self, attached: &Attached) -> Self {
        self.attached = Some(attached.clone());
        self
    }

    /// Where the base image is cached, if at all; by default in the directory that `CLYSM_CACHE_DIR` in the environment names,
    /// else in the user's cache directory.
    #[must_use]
    pub fn cache_directory(mut self, directory: Option<PathBuf>) -> Self {
        self.cache_directory = directory;
        self
    }

    /// Is told of the progress of a first start.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl FnMut(Progress) + 'static) -> Self {
        self.on_progress = Box::new(on_progress);
        self
    }

    /// Is told of warnings and errors of the compiler when they come, with the texts that they refer to. Otherwise they are kept
    /// for [`Engine::diagnostics`].
    #[must_use]
    pub fn on_diagnostic(mut self, on_diagnostic: impl FnMut(&Diagnostic, &SourceMap) + 'static) -> Self {
        self.on_diagnostic = Some(Box::new(on_diagnostic));
        self
    }

    /// Starts the image. The first start on a machine compiles the library, which takes seconds; later ones find it in the
    /// cache.
    ///
    /// # Errors
    /// The library can't be built, a directory does not exist, or the limits are too small for an image.
    pub fn build(mut self) -> Result<Engine, Error> {
        if let Some(attached) = &self.attached {
            self.limits = attached.limits(&self.limits);
        }
        let stack_bytes = EngineOptions::for_limits(&self.limits).stack_bytes;
        on_big_stack(stack_bytes, || match self.attached.take() {
            Some(attached) => self.start_guarded(attached),
            None => self.start(),
        })
    }

    fn start(mut self) -> Result<Engine, Error> {
        let host = HostEngine::new(EngineOptions::for_limits(&self.limits))?;
        let base = cache::base_image(&host, self.cache_directory.as_deref(), &mut self.on_progress)?;
        let (compiles, limits, on_diagnostic) = (self.compiles, self.limits.clone(), self.on_diagnostic.take());
        let session = Session::new(&host, self.capabilities(), limits)?;
        let Started { mut cx, mut session, image } = image::start(&host, base, session, Mode::Program)?;
        if compiles {
            session.set_code_service(compile::service(&image));
        }
        Live { place: &mut session, image: &image }.refresh(&mut cx)?;
        let stack_bytes = host.options().stack_bytes;
        Ok(Engine { cx, session, image, sources: SourceMap::new(), stack_bytes, on_diagnostic, guarded: None })
    }

    fn start_guarded(mut self, attached: Attached) -> Result<Engine, Error> {
        let options = EngineOptions::for_limits(&self.limits);
        let (limits, on_diagnostic) = (self.limits.clone(), self.on_diagnostic.take());
        let prelude = &attached.inner.prelude;
        let loaded = prelude.loaded(&options)?;
        let mut session = Session::new(&loaded.machine.engine, self.streams(), limits)?;
        let gate = Gate::new(&attached.inner.tools);
        session.set_tool_service(gate.service());
        let Started { mut cx, mut session, image } = loaded.start(&prelude.compiled, session)?;
        let mut live = Live { place: &mut session, image: &image };
        seal(&mut cx, &mut live, &attached)?;
        live.refresh(&mut cx)?;
        let (sources, stack_bytes) = (prelude.sources().clone(), options.stack_bytes);
        let guarded = Some(Guarded::new(attached, gate));
        Ok(Engine { cx, session, image, sources, stack_bytes, on_diagnostic, guarded })
    }

    /// The standard streams, and nothing else.
    fn streams(self) -> Capabilities {
        Capabilities::new().input(self.input).output(self.output).error(self.error).refuse_at_call()
    }

    fn capabilities(self) -> Capabilities {
        let capabilities = Capabilities::new()
            .input(self.input)
            .output(self.output)
            .error(self.error)
            .clock(0)
            .random(self.random)
            .environment(self.args, self.variables)
            .refuse_at_call();
        let capabilities = cache::code_directories(self.cache_directory.as_deref())
            .into_iter()
            .fold(capabilities, Capabilities::protect);
        self.directories
            .into_iter()
            .fold(capabilities, |capabilities, (directory, access)| capabilities.own_directory(directory, access))
    }
}
