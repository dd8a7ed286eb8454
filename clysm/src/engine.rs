//! The engine: a live image to evaluate, load and call.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clysm_compiler::context::Context;
use clysm_compiler::lower::Intrinsics;
use clysm_compiler::toplevel::compile_toplevel;
use clysm_host::{
    Access, Capabilities, Engine as HostEngine, EngineOptions, Frame, HostError, Limits, Random, Session,
};
use clysm_reader::{Datum, NoReadEval, PackageId, Reader};
use clysm_report::{Diagnostic, SourceMap, Span};

use crate::live::{Live, Mode};
use crate::{Error, Progress, Value, cache, library};

/// A live image. Everything it does must run on a big stack, see [`clysm_host::run_on_big_stack`].
pub struct Engine {
    cx: Context,
    live: Live,
    sources: SourceMap,
}

/// Settings of an engine.
pub struct EngineBuilder {
    args: Vec<String>,
    directories: Vec<PathBuf>,
    limits: Limits,
    cache_directory: Option<PathBuf>,
    on_progress: Box<dyn FnMut(Progress)>,
}

impl EngineBuilder {
    /// Command-line arguments that the program sees.
    #[must_use]
    pub fn args(mut self, args: Vec<String>) -> Self {
        self.args = args;
        self
    }

    /// Grants a directory for reading and writing.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directories.push(directory.into());
        self
    }

    /// A bound on the time that the program may run.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.limits.time = Some(timeout);
        self
    }

    /// A bound on the instructions that the program may execute.
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

    /// Where the base image is cached; the user's cache directory by default.
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

    /// Starts the image.
    ///
    /// # Errors
    /// The library can't be built, or the host refuses.
    pub fn build(mut self) -> Result<Engine, Error> {
        let host = HostEngine::new(EngineOptions::for_limits(&self.limits))?;
        let image = cache::base_image(&host, self.cache_directory.as_deref(), &mut self.on_progress)?;
        let (mut cx, ids, direct) = image.meta.restore()?;
        let mut capabilities =
            Capabilities::new().clock(0).random(Random::System).environment(self.args, Vec::new()).refuse_at_call();
        for directory in &self.directories {
            let guest = directory.to_string_lossy().into_owned();
            capabilities = capabilities.directory(directory, guest, Access::ReadWrite);
        }
        let mut session = Session::new(&host, capabilities, self.limits)?;
        let base = session.load(&image.module)?;
        session.call_start(base)?;
        let intrinsics = Intrinsics::new(&mut cx);
        let live = Live {
            engine: host,
            session,
            base,
            intrinsics,
            ids,
            mode: Mode::Program,
            pending: Vec::new(),
            direct,
            kept: Vec::new(),
            functions: BTreeMap::new(),
            failure: None,
        };
        cx.symbols.current = PackageId::COMMON_LISP_USER;
        Ok(Engine { cx, live, sources: SourceMap::new() })
    }
}

impl Engine {
    /// Settings for a new engine.
    #[must_use]
    pub fn builder() -> EngineBuilder {
        EngineBuilder {
            args: Vec::new(),
            directories: Vec::new(),
            limits: Limits::default(),
            cache_directory: cache::default_directory(),
            on_progress: Box::new(|_| {}),
        }
    }

    /// The first value of the last form of a text; nil for a text without forms.
    ///
    /// # Errors
    /// A form can't be read or compiled, or signals an error that nothing handles.
    pub fn eval(&mut self, source: &str) -> Result<Value, Error> {
        let values = self.eval_values(source)?;
        Ok(values.into_iter().next_back().and_then(|values| values.into_iter().next()).unwrap_or(Value::Nil))
    }

    /// All values of each form of a text.
    ///
    /// # Errors
    /// Those of [`Engine::eval`].
    pub fn eval_values(&mut self, source: &str) -> Result<Vec<Vec<Value>>, Error> {
        let mut all = Vec::new();
        self.each_form("<eval>", source, |engine| {
            let last = engine.cx.system("%LAST-VALUES");
            let values = engine.live.call_values(&mut engine.cx, last, &[])?;
            all.push(values.into_iter().map(|value| Value::from_datum(&engine.cx, value)).collect());
            Ok(())
        })?;
        Ok(all)
    }

    /// Loads a source file, form by form: whatever precedes an error has happened.
    ///
    /// # Errors
    /// The file can't be read; those of [`Engine::eval`].
    pub fn load_file(&mut self, path: &Path) -> Result<(), Error> {
        let shown = path.display().to_string();
        let octets = std::fs::read(path).map_err(|source| Error::File { path: shown.clone(), source })?;
        let text = String::from_utf8(octets).map_err(|error| Error::File {
            path: shown.clone(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidData, error.utf8_error()),
        })?;
        let loaded = self.each_form(&shown, &text, |_| Ok(()));
        let finished = self.finish();
        loaded.and(finished)
    }

    fn each_form(
        &mut self,
        path: &str,
        text: &str,
        mut after: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let file = self.sources.add(path, text);
        let mut reader = Reader::new(text, file);
        reader.set_features(library::features(&mut self.cx.symbols));
        loop {
            let Some(form) = reader.read(&mut self.cx.heap, &mut self.cx.symbols, &mut NoReadEval)? else {
                return self.flush();
            };
            self.run_form(form)?;
            after(self)?;
        }
    }

    fn run_form(&mut self, form: Datum) -> Result<(), Error> {
        match compile_toplevel(&mut self.cx, &mut self.live, form) {
            Ok(()) => Ok(()),
            Err(error) => match self.live.failure.take() {
                Some(failure) => Err(self.located(failure)),
                None => Err(Error::Compile(error)),
            },
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.live.flush(&mut self.cx).map_err(|error| self.located(error))
    }

    /// Writes out what is buffered in the image's streams.
    fn finish(&mut self) -> Result<(), Error> {
        let finish = self.cx.system("%FINISH-STANDARD-STREAMS");
        self.live.call_values(&mut self.cx, finish, &[]).map(|_| ())
    }

    /// Calls a function, named as the reader reads it.
    ///
    /// # Errors
    /// There is no such function; those of [`Engine::eval`].
    pub fn call(&mut self, function: &str, args: &[Value]) -> Result<Value, Error> {
        self.flush()?;
        let file = self.sources.add("<call>", function);
        let mut reader = Reader::new(function, file);
        let name = reader.read(&mut self.cx.heap, &mut self.cx.symbols, &mut NoReadEval)?;
        let Some(Datum::Symbol(symbol)) = name else { return Err(Error::Protocol("a name that is no symbol")) };
        let args: Vec<Datum> = args.iter().map(|arg| arg.to_datum(&mut self.cx)).collect();
        let values = self.live.call_values(&mut self.cx, symbol, &args).map_err(|error| self.located(error))?;
        Ok(values.first().map_or(Value::Nil, |value| Value::from_datum(&self.cx, *value)))
    }

    /// The readable printed representation of a value.
    pub fn print(&mut self, value: &Value) -> String {
        let datum = value.to_datum(&mut self.cx);
        let prin1 = self.cx.standard("PRIN1-TO-STRING");
        match self.live.call_values(&mut self.cx, prin1, &[datum]) {
            Ok(values) => values.first().and_then(|text| self.cx.heap.text(*text)).unwrap_or_default().to_owned(),
            Err(error) => format!("#<unprintable: {error}>"),
        }
    }

    /// Warnings since the last call.
    pub fn diagnostics(&mut self) -> Vec<Diagnostic> {
        // What is still buffered is written before anybody reads diagnostics that refer to it.
        let _ = self.finish();
        std::mem::take(&mut self.cx.diagnostics)
    }

    /// The texts that positions refer to.
    #[must_use]
    pub const fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// Adds the innermost place of the program's own source to an error.
    fn located(&self, error: Error) -> Error {
        let report = match error {
            Error::Lisp(report) => report,
            Error::Host(
                ref host @ (HostError::StackExhausted { .. }
                | HostError::HeapExhausted { .. }
                | HostError::Timeout { .. }
                | HostError::Trap { .. }),
            ) => clysm_host::LispReport { text: host.to_string(), frames: host.frames().to_vec() },
            other => return other,
        };
        match report.frames.iter().find_map(|frame| self.position(frame)) {
            Some(span) => Error::Located { report, span },
            None => Error::Lisp(report),
        }
    }

    fn position(&self, frame: &Frame) -> Option<Span> {
        let functions = self.live.functions.get(&frame.module?)?;
        let function = functions.iter().find(|function| function.index == frame.function_index)?;
        let offset = frame.function_offset?;
        let index = function.positions.partition_point(|(at, _)| *at <= offset);
        function.positions.get(index.checked_sub(1)?).map(|(_, span)| *span)
    }
}
