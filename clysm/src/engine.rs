//! The engine: a live image to evaluate, load and call.

use std::fmt;
use std::path::Path;
use std::string::FromUtf8Error;
use std::sync::Arc;

use clysm_compiler::checks::{announce, finish_unit};
use clysm_compiler::context::Context;
use clysm_compiler::error::CompileErrorKind;
use clysm_compiler::toplevel::compile_toplevel;
use clysm_host::{Frame, HostError, InterruptHandle, Session, on_big_stack};
use clysm_reader::{Datum, NoReadEval, Reader, Symbol};
use clysm_report::{Diagnostic, SourceMap, Span};

use crate::compiled_file::{CompiledFile, compile_file, is_module, load_file};
use crate::image::SharedImage;
use crate::live::{Live, Place};
use crate::prelude::Guarded;
use crate::source::Source;
use crate::{EngineBuilder, Error, Value, plain};

/// A live image: Lisp is evaluated, loaded and called in it, one thing at a time.
///
/// - What one call defines, the next one sees. After any error, a timeout or an exhausted stack among them, the engine goes on.
/// - Limits on time and fuel hold for each call, not for the engine's lifetime.
/// - Calls run on a stack of their own that is large enough for deep recursion, whatever the thread's.
/// - Each form that is compiled stays in memory as long as the engine: for many requests, define a function once and
///   [`call`](Engine::call) it. (Constants, variables and calls with only such arguments are evaluated without being compiled.)
///
/// ```
/// let mut engine = clysm::Engine::builder().build()?;
/// engine.eval("(defun square (x) (* x x))")?;
/// assert_eq!(engine.call("square", &[7.into()])?, 49.into());
/// assert!(engine.eval("(car 7)").is_err());
/// assert_eq!(engine.eval("(+ 1/3 1/6)")?.to_string(), "1/2");
/// # Ok::<(), clysm::Error>(())
/// ```
pub struct Engine {
    pub(crate) cx: Context,
    pub(crate) session: Session,
    pub(crate) image: SharedImage,
    pub(crate) sources: SourceMap,
    pub(crate) stack_bytes: usize,
    pub(crate) on_diagnostic: Option<OnDiagnostic>,
    /// The prelude that its programs run against.
    pub(crate) guarded: Option<Guarded>,
}

/// Who is told of diagnostics as they come.
pub(crate) type OnDiagnostic = Box<dyn FnMut(&Diagnostic, &SourceMap)>;

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("session", &self.session).finish_non_exhaustive()
    }
}

impl Engine {
    /// Settings for a new engine.
    #[must_use]
    pub fn builder() -> EngineBuilder {
        EngineBuilder::new()
    }

    /// The first value of the last form of a text; nil for a text without forms.
    ///
    /// # Errors
    /// A form can't be read or compiled, or signals an error that nothing handles; a limit is reached ([`Error::Stopped`]), or the
    /// program asks to end ([`HostError::Exit`](crate::HostError::Exit)). Whatever precedes the error has happened.
    pub fn eval(&mut self, source: &str) -> Result<Value, Error> {
        let values = self.eval_values(source)?;
        Ok(values.into_iter().next_back().and_then(|values| values.into_iter().next()).unwrap_or(Value::Nil))
    }

    /// All values of each form of a text.
    ///
    /// # Errors
    /// Those of [`Engine::eval`].
    pub fn eval_values(&mut self, source: &str) -> Result<Vec<Vec<Value>>, Error> {
        self.refuse_if_guarded()?;
        self.work(|work| {
            let mut all = Vec::new();
            work.each_form("<eval>", source, |work, form| {
                all.push(work.values_of(form)?);
                Ok(())
            })?;
            Ok(all)
        })
    }

    /// Loads a source file, form by form: whatever precedes an error has happened; or runs what [`Engine::compile_file`] made. As with `load`,
    /// changes of the current package and readtable end with it.
    ///
    /// # Errors
    /// The file can't be read, or is not UTF-8; a compiled one is for another version; those of [`Engine::eval`].
    pub fn load_file(&mut self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.refuse_if_guarded()?;
        let file = File::read(path.as_ref())?;
        if is_module(&file.octets) {
            return self.within(&file.names, LOAD, |work| {
                let loaded = load_file(work.cx, &mut work.live, &file.names[0], &file.octets);
                // Whatever came of it, packages and readtables may have changed.
                loaded.and(work.live.refresh(work.cx))
            });
        }
        let (names, text) = self.text_of(file)?;
        self.within(&names, LOAD, |work| work.each_form(&names[0], &text, Work::run_form))
    }

    /// Compiles a source file to a module that [`Engine::load_file`], or `load`, runs: what `compile-file` does (CLHS 3.2.3). What the file
    /// does at compile time happens in this engine. Positions refer to [`Engine::sources`].
    ///
    /// ```
    /// let mut engine = clysm::Engine::builder().build()?;
    /// let directory = tempfile::tempdir()?;
    /// let (source, module) = (directory.path().join("twice.lisp"), directory.path().join("twice.wasm"));
    /// std::fs::write(&source, "(defun twice (x) (* 2 x))")?;
    /// let compiled = engine.compile_file(&source)?;
    /// std::fs::write(&module, compiled.octets.expect("every form compiles"))?;
    /// engine.load_file(&module)?;
    /// assert_eq!(engine.call("twice", &[21.into()])?, 42.into());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file can't be read, or is not UTF-8; a limit or the file itself ended what it does at compile time. Forms that don't compile
    /// are no error, but then there is no module.
    pub fn compile_file(&mut self, path: impl AsRef<Path>) -> Result<CompiledFile, Error> {
        self.refuse_if_guarded()?;
        let file = File::read(path.as_ref())?;
        let (names, text) = self.text_of(file)?;
        self.within(&names, COMPILE, |work| compile_file(work.cx, &mut work.live, work.sources, &names[0], &text))
    }

    fn text_of(&mut self, file: File) -> Result<([String; 2], String), Error> {
        let File { names, octets } = file;
        let text = String::from_utf8(octets).map_err(|error| self.not_utf8(&names[0], &error))?;
        Ok((names, text))
    }

    /// Does something with a file whose name and truename two variables say meanwhile; changes of the current package and the readtable
    /// end with it.
    fn within<T>(
        &mut self,
        names: &[String; 2],
        variables: [&str; 2],
        work_on_it: impl FnOnce(&mut Work<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.work(|work| {
            let variables = variables.map(|variable| work.cx.standard(variable).into());
            let variables = work.cx.heap.list(&variables, Span::NONE);
            let [shown, truename] = names.each_ref().map(|name| work.cx.heap.string(name.as_str()));
            work.live.call_system(work.cx, "%BEGIN-FILE", &[variables, shown, truename])?;
            let done = work_on_it(work);
            let ended = work.live.call_system(work.cx, "%END-FILE", &[]);
            let value = done?;
            ended.map(|_| value)
        })
    }

    /// Sources that nobody has examined must not reach a sandbox.
    fn refuse_if_guarded(&self) -> Result<(), Error> {
        if self.guarded.is_some() { Err(Error::Guarded) } else { Ok(()) }
    }

    fn not_utf8(&mut self, path: &str, error: &FromUtf8Error) -> Error {
        let start = error.utf8_error().valid_up_to();
        let octet = error.as_bytes().get(start).copied().unwrap_or_default();
        let file = self.sources.add(path, String::from_utf8_lossy(error.as_bytes()).into_owned());
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = Span::new(file, offset(start), offset(start + char::REPLACEMENT_CHARACTER.len_utf8()));
        Error::NotUtf8 { octet, span }
    }

    /// Where in a program's source a frame was; none for the library's own code.
    #[must_use]
    pub fn position(&self, frame: &Frame) -> Option<Span> {
        position(&self.image, frame)
    }

    /// Calls a function, named as the reader reads it, such as `"car"` or `"my-package::f"`; its first value, nil if it has none.
    ///
    /// # Errors
    /// The name is not a symbol's, there is no such function; those of [`Engine::eval`].
    pub fn call(&mut self, function: &str, args: &[Value]) -> Result<Value, Error> {
        let values = self.call_values(function, args)?;
        Ok(values.into_iter().next().unwrap_or(Value::Nil))
    }

    /// Calls a function; all its values.
    ///
    /// # Errors
    /// Those of [`Engine::call`].
    pub fn call_values(&mut self, function: &str, args: &[Value]) -> Result<Vec<Value>, Error> {
        self.calling(|work| {
            let symbol = read_name(work.cx, function)?;
            call(work.cx, &mut work.live, symbol.into(), args)
        })
    }

    /// Does something that calls functions of the program. Of a guarded one they may call the tools of its last run.
    fn calling<T>(&mut self, work: impl FnOnce(&mut Work<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let gate = self.guarded.as_ref().map(|guarded| Arc::clone(&guarded.gate));
        gate.iter().for_each(|gate| gate.resume());
        let result = self.work(work);
        gate.iter().for_each(|gate| gate.shut());
        result
    }

    /// Calls a function object that the image gave, such as the value of `(lambda (x) …)`; its first value.
    ///
    /// # Errors
    /// The value is no function; those of [`Engine::eval`].
    pub fn funcall(&mut self, function: &Value, args: &[Value]) -> Result<Value, Error> {
        self.calling(|work| {
            let function = function.to_datum(&mut work.cx.heap, &mut work.cx.symbols);
            let values = call(work.cx, &mut work.live, function, args)?;
            Ok(values.into_iter().next().unwrap_or(Value::Nil))
        })
    }

    /// The readable printed representation of a value, as the program's own printer variables want it.
    ///
    /// # Errors
    /// It can't be printed, for example since a printer of the program fails.
    pub fn print(&mut self, value: &Value) -> Result<String, Error> {
        self.work(|work| {
            let datum = value.to_datum(&mut work.cx.heap, &mut work.cx.symbols);
            let print = work.cx.standard("PRIN1-TO-STRING");
            let text = work.live.call_values(work.cx, print, &[datum])?;
            let text = text.first().and_then(|text| work.cx.heap.text(*text));
            text.map(str::to_owned).ok_or(Error::Protocol("a printed representation that is no string"))
        })
    }

    /// Takes the warnings that the compiler gave since the last time.
    pub fn diagnostics(&mut self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.cx.diagnostics)
    }

    /// The texts that positions refer to.
    #[must_use]
    pub const fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// What ends a running call from another thread.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        self.session.interrupt_handle()
    }

    /// Does something within a fresh budget of time and fuel; then all output is written. What comes of it is no data: those
    /// are forgotten, unless the compiler was made to remember some.
    pub(crate) fn work<T>(&mut self, work: impl FnOnce(&mut Work<'_>) -> Result<T, Error>) -> Result<T, Error> {
        self.session.restart_budget()?;
        let Self { cx, session, image, sources, stack_bytes, on_diagnostic, .. } = self;
        let (mark, changes) = (cx.heap.mark(), cx.world.changes());
        let result = on_big_stack(*stack_bytes, || {
            let mut working = Work { cx, live: Live { place: session, image }, sources, on_diagnostic };
            let result = work(&mut working).map_err(|error| working.located(error, Span::NONE));
            let finished = working.finish();
            let value = result?;
            finished.map(|()| value)
        });
        if self.cx.world.changes() == changes && self.image.lock().pending.is_empty() {
            self.cx.heap.release(mark);
        }
        result
    }
}

/// The symbol that a text names.
pub(crate) fn read_name(cx: &mut Context, name: &str) -> Result<Symbol, Error> {
    let mut reader = Reader::new(name, SourceMap::new().add("<name>", name));
    match reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval)? {
        Some(Datum::Symbol(symbol)) => Ok(symbol),
        _ => Err(Error::Name { name: name.to_owned(), reason: "is not the name of a symbol" }),
    }
}

/// Calls a function with values.
pub(crate) fn call<P: Place>(
    cx: &mut Context,
    live: &mut Live<'_, P>,
    function: Datum,
    args: &[Value],
) -> Result<Vec<Value>, Error> {
    let args: Vec<Datum> = args.iter().map(|arg| arg.to_datum(&mut cx.heap, &mut cx.symbols)).collect();
    let values = live.call_values(cx, function, &args)?;
    to_values(cx, values)
}

pub(crate) fn to_values(cx: &Context, data: Vec<Datum>) -> Result<Vec<Value>, Error> {
    data.into_iter().map(|datum| Value::from_datum(&cx.heap, &cx.symbols, datum)).collect()
}

/// The variables that tell which file is loaded, and which is compiled.
const LOAD: [&str; 2] = ["*LOAD-PATHNAME*", "*LOAD-TRUENAME*"];
const COMPILE: [&str; 2] = ["*COMPILE-FILE-PATHNAME*", "*COMPILE-FILE-TRUENAME*"];

/// A file that was read.
struct File {
    /// What it was called by whoever asked for it, and its own name.
    names: [String; 2],
    octets: Vec<u8>,
}

impl File {
    fn read(path: &Path) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let failed = |source| Error::File { path: shown.clone(), source };
        let octets = std::fs::read(path).map_err(failed)?;
        // What is no file of any directory, such as a pipe, is called what it was called.
        let truename = path.canonicalize().or_else(|_| std::path::absolute(path)).map_err(failed)?;
        Ok(Self { names: [shown, truename.display().to_string()], octets })
    }
}

/// An engine at work.
pub(crate) struct Work<'a> {
    pub(crate) cx: &'a mut Context,
    pub(crate) live: Live<'a, Session>,
    pub(crate) sources: &'a mut SourceMap,
    on_diagnostic: &'a mut Option<OnDiagnostic>,
}

impl Work<'_> {
    /// Tells whoever wants to hear of it what the compiler has had to say since the last time.
    fn tell(&mut self) {
        if let Some(on_diagnostic) = self.on_diagnostic {
            let diagnostics = std::mem::take(&mut self.cx.diagnostics);
            diagnostics.iter().for_each(|diagnostic| on_diagnostic(diagnostic, self.sources));
        }
    }

    fn each_form(
        &mut self,
        path: &str,
        text: &str,
        mut run: impl FnMut(&mut Self, Datum) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let file = self.sources.add(path, text);
        self.live.refresh(self.cx)?;
        let mut source = Source::new(text, file);
        let outcome = self.run_forms(&mut source, &mut run);
        if outcome.is_err() {
            self.announce_rest(&mut source);
        }
        finish_unit(self.cx, &mut self.live);
        self.tell();
        outcome
    }

    fn run_forms(
        &mut self,
        source: &mut Source<'_>,
        run: &mut impl FnMut(&mut Self, Datum) -> Result<(), Error>,
    ) -> Result<(), Error> {
        loop {
            let read = source.next(self.cx, &mut self.live);
            let ran = match read {
                Ok(Some(form)) => {
                    let ran = run(self, form);
                    self.tell();
                    ran
                }
                Ok(None) => return self.live.flush(self.cx),
                Err(error) => Err(self.unread(error, source.place())),
            };
            if let Err(error) = ran {
                // What precedes it takes effect, and may fail first.
                self.live.flush(self.cx)?;
                return Err(error);
            }
        }
    }

    /// What the rest of a file would have defined is not undefined because an error came before it.
    fn announce_rest(&mut self, source: &mut Source<'_>) {
        while let Ok(Some(form)) = source.next(self.cx, &mut self.live) {
            announce(self.cx, form);
        }
    }

    /// The values of a form.
    fn values_of(&mut self, form: Datum) -> Result<Vec<Value>, Error> {
        if plain::is_plain(self.cx, form) {
            return self.evaluate(form);
        }
        self.run_form(form)?;
        let values = self.live.call_system(self.cx, "%LAST-VALUES", &[])?;
        to_values(self.cx, values)
    }

    /// Runs a form in the image's evaluator.
    fn evaluate(&mut self, form: Datum) -> Result<Vec<Value>, Error> {
        self.live.flush(self.cx)?;
        self.live.tell_symbols(self.cx)?;
        let eval = self.cx.standard("EVAL");
        let values = self.live.call_values(self.cx, eval, &[form]);
        // Whatever came of it, packages and readtables may have changed.
        let refreshed = self.live.refresh(self.cx);
        let span = self.cx.heap.span(form);
        let values = values.map_err(|error| self.located(error, span))?;
        refreshed?;
        to_values(self.cx, values)
    }

    fn run_form(&mut self, form: Datum) -> Result<(), Error> {
        let span = self.cx.heap.span(form);
        compile_toplevel(self.cx, &mut self.live, form).map_err(|error| match (self.take_failure(), &error.kind) {
            // A condition that a macro signals has the macro call's position. A limit or an exit ends the program.
            (None, _) | (Some(Error::Lisp(_)), CompileErrorKind::CompileTime { .. }) => Error::Compile(error),
            (Some(failure), _) => self.located(failure, span),
        })
    }

    fn take_failure(&mut self) -> Option<Error> {
        self.live.image.lock().failure.take()
    }

    /// The error of text that could not be read: of a form after `#.`, the image's own where that says more.
    fn unread(&mut self, error: Error, place: Span) -> Error {
        match (error, self.take_failure()) {
            (Error::Read(error), Some(failure @ Error::Host(_))) => self.located(failure, error.span),
            (error, _) => self.located(error, place),
        }
    }

    /// Writes out what is buffered in the image's streams.
    fn finish(&mut self) -> Result<(), Error> {
        self.live.call_system(self.cx, "%FINISH-STANDARD-STREAMS", &[]).map(|_| ())
    }

    fn located(&self, error: Error, form: Span) -> Error {
        located(self.live.image, error, form)
    }
}

/// Adds to an error the innermost place in the program's own source, or else the form's.
pub(crate) fn located(image: &SharedImage, error: Error, form: Span) -> Error {
    let place = |frames: &[Frame]| frames.iter().find_map(|frame| position(image, frame)).unwrap_or(form);
    match error {
        Error::Lisp(report) => match place(&report.frames) {
            span if span.is_none() => Error::Lisp(report),
            span => Error::Located { report, span },
        },
        Error::Host(error) if !matches!(error, HostError::Exit(_)) => match place(error.frames()) {
            span if span.is_none() => Error::Host(error),
            span => Error::Stopped { error, span },
        },
        error => error,
    }
}

/// Where in a program's source a frame was.
fn position(image: &SharedImage, frame: &Frame) -> Option<Span> {
    let image = image.lock();
    let functions = image.functions.get(&frame.module?)?;
    let number = functions.binary_search_by_key(&frame.function_index, |function| function.index).ok()?;
    let function = functions.get(number)?;
    let offset = frame.function_offset?;
    let index = function.positions.partition_point(|(at, _)| *at <= offset);
    function.positions.get(index.checked_sub(1)?).map(|(_, span)| *span)
}
