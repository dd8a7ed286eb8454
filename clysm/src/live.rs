//! The live image as the compiler sees it: forms are compiled into modules that are linked to it, macros run in it.

use std::collections::HashSet;
use std::sync::Arc;

use clysm_ast::{Callee, Node, NodeKind};
use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::module::{FunctionInfo, Linkage, Lowering, Module, ModuleLiteral, Unit, defined_function, link};
use clysm_host::{CompiledModule, Guest, HostError, Instance, LispReport, Session};
use clysm_reader::codec::{Decoder, Encoder, Message, SymbolIds};
use clysm_reader::{Datum, Symbol};
use clysm_report::Span;

use crate::image::{Image, Mode, SharedImage};
use crate::{Error, facts, journal};

/// Where an image runs: in a session, or in what a function of the host is given.
pub trait Place {
    /// Tidies up after a failure, where it ends: where nothing of the image waits for a call to return.
    fn tidy(&mut self, base: Instance) -> Result<(), HostError>;

    /// Does something with the modules.
    fn run<T>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> Result<T, HostError>) -> Result<T, HostError>;
}

impl Place for Session {
    fn tidy(&mut self, base: Instance) -> Result<(), HostError> {
        // The budget may be what is used up.
        self.restart_budget()?;
        // An error leaves the dynamic bindings as they were.
        self.call_unit(base, "reset")
    }

    fn run<T>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        Self::run(self, work)
    }
}

impl Place for Guest<'_> {
    fn tidy(&mut self, _: Instance) -> Result<(), HostError> {
        Ok(())
    }

    fn run<T>(&mut self, work: impl FnOnce(&mut Guest<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        work(self)
    }
}

/// An image at work.
pub struct Live<'a, P> {
    pub(crate) place: &'a mut P,
    pub(crate) image: &'a SharedImage,
}

impl<P: Place> Live<'_, P> {
    /// Compiles and links what is pending.
    pub fn flush(&mut self, cx: &mut Context) -> Result<(), Error> {
        let forms = std::mem::take(&mut self.image.lock().pending);
        if forms.is_empty() {
            return Ok(());
        }
        if self.image.lock().mode == Mode::Program {
            self.tell_symbols(cx)?;
            let loaded = self.link(cx, &forms);
            // Whatever came of it, packages and readtables may have changed.
            let refreshed = self.refresh(cx);
            return loaded.and(refreshed);
        }
        let defined: HashSet<Symbol> = forms.iter().filter_map(|form| defined_function(form.kind)).collect();
        self.link_with(cx, &forms, &defined)?;
        let mut image = self.image.lock();
        image.direct.extend(defined);
        image.kept.extend(forms);
        Ok(())
    }

    /// Compiles forms of a program and links them.
    pub fn link(&mut self, cx: &mut Context, forms: &[TopForm]) -> Result<(), Error> {
        self.link_with(cx, forms, &HashSet::new())
    }

    /// Compiles forms and links them; the functions of `exported` may be called directly, also by later modules.
    fn link_with(&mut self, cx: &mut Context, forms: &[TopForm], exported: &HashSet<Symbol>) -> Result<(), Error> {
        let module = self.linked_module(cx, forms, exported)?;
        self.load(cx, &module)
    }

    /// The module of forms that is to be linked to the image.
    pub fn linked_module<'f>(
        &self,
        cx: &Context,
        forms: impl IntoIterator<Item = &'f TopForm>,
        exported: &HashSet<Symbol>,
    ) -> Result<Module, Error> {
        let image = self.image.lock();
        let is_direct = |symbol: Symbol| image.direct.contains(&symbol) || exported.contains(&symbol);
        let lowering = Lowering { intrinsics: &image.intrinsics, is_direct: &is_direct };
        let mut unit = Unit { export_definitions: !exported.is_empty(), function_names: true, ..Unit::default() };
        forms.into_iter().for_each(|form| unit.add(cx, lowering, form));
        Ok(link(cx, &image.intrinsics, &unit, Linkage::Linked)?)
    }

    pub(crate) fn load(&mut self, cx: &mut Context, module: &Module) -> Result<(), Error> {
        let engine = self.image.lock().engine.clone();
        let compiled = engine.compile(&module.bytes)?;
        let literals = encode_literals(&mut self.image.lock().ids, cx, &module.literals);
        self.load_compiled(cx, &compiled, module.functions.as_slice().into(), &literals)
    }

    /// Links a module whose literals are encoded.
    pub fn load_compiled(
        &mut self,
        cx: &mut Context,
        compiled: &CompiledModule,
        functions: Arc<[FunctionInfo]>,
        literals: &[u8],
    ) -> Result<(), Error> {
        let base = {
            let mut image = self.image.lock();
            image.functions.insert(compiled.id(), functions);
            image.base
        };
        self.enter(cx, |guest| guest.load_linked(compiled, base, literals)).map(|_| ())
    }

    /// Lets the image run.
    fn enter<T>(
        &mut self,
        cx: &mut Context,
        work: impl FnOnce(&mut Guest<'_>) -> Result<T, HostError>,
    ) -> Result<T, Error> {
        self.image.lock().lend(cx)?;
        let outcome = self.place.run(work);
        let mut image = self.image.lock();
        image.take_back(cx);
        match outcome {
            Ok(value) => {
                image.ids.confirm();
                Ok(value)
            }
            Err(error) => {
                image.ids.withdraw();
                let base = image.base;
                drop(image);
                Err(self.ended(error, base))
            }
        }
    }

    /// Turns the host's error into ours, with the report of an unhandled condition where there is one.
    fn ended(&mut self, error: HostError, base: Instance) -> Error {
        let report = self.place.run(|guest| Ok(guest.take_report())).ok().flatten();
        // A failure to tidy up is the next call's business.
        let _ = self.place.tidy(base);
        match (error, report) {
            (HostError::Trap { .. }, Some(report)) | (HostError::Lisp(report), _) => Error::Lisp(report),
            (error, _) => Error::Host(error),
        }
    }

    /// Calls a function of the image with data; all its values.
    pub fn call_values(
        &mut self,
        cx: &mut Context,
        function: impl Into<Datum>,
        args: &[Datum],
    ) -> Result<Vec<Datum>, Error> {
        let tail = cx.heap.list(args, Span::NONE);
        let request = cx.heap.cons(function.into(), tail, Span::NONE);
        let (message, base) = {
            let mut image = self.image.lock();
            (encode(&mut image, cx, request), image.base)
        };
        let octets = self.enter(cx, |guest| guest.call_octets(base, "call", &message.octets))?;
        let answer = decode(&mut self.image.lock(), cx, &octets, &message.sources)?;
        let Some((status, values)) = cx.heap.uncons(answer) else { return Err(Error::Protocol("an empty answer")) };
        if status.is_nil() {
            let report = self.place.run(|guest| Ok(guest.take_report()))?;
            let unknown = || LispReport { text: "unknown error".to_owned(), frames: Vec::new() };
            return Err(Error::Lisp(report.unwrap_or_else(unknown)));
        }
        Ok(cx.heap.proper_list(values).unwrap_or_default())
    }

    /// Calls a function of the library by its name in CLYSM.
    pub fn call_system(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Vec<Datum>, Error> {
        let symbol = cx.system(function);
        self.call_values(cx, symbol, args)
    }

    /// Tells the image of the symbols that were interned here since the last time: what has been read is interned.
    pub fn tell_symbols(&mut self, cx: &mut Context) -> Result<(), Error> {
        let told = std::mem::replace(&mut self.image.lock().told, cx.symbols.len());
        let news: Vec<Datum> = {
            let image = self.image.lock();
            let is_news = |symbol: &Symbol| image.ids.id(*symbol).is_none() && cx.symbols.package(*symbol).is_some();
            cx.symbols.iter().skip(told).filter(is_news).map(Datum::Symbol).collect()
        };
        if news.is_empty() {
            return Ok(());
        }
        let news = cx.heap.list(&news, Span::NONE);
        self.call_system(cx, "%NOTE-SYMBOLS-READ", &[news]).map(|_| ())
    }

    /// Learns what the image's package and reader variables are, and what names stand for since the last time.
    pub fn refresh(&mut self, cx: &mut Context) -> Result<(), Error> {
        let state = self.call_system(cx, "%READER-STATE", &[])?;
        let state = state.first().copied().unwrap_or(Datum::NIL);
        let noted = cx.heap.proper_list(state).and_then(|state| state.last().copied()).unwrap_or(Datum::NIL);
        facts::follow(cx, noted)?;
        let state = crate::source::ReaderState::decode(cx, state)?;
        cx.symbols.current = state.package;
        self.image.lock().reader = state;
        Ok(())
    }

    /// Whether a call at compile time must wait for pending forms to take effect.
    fn must_flush(&self, cx: &Context, function: &str, args: &[Datum]) -> bool {
        let image = self.image.lock();
        if image.pending.is_empty() {
            return false;
        }
        if function == READ_EVAL || image.pending.iter().any(|form| has_effect(cx, form)) {
            return true;
        }
        match (function, args.first().and_then(|name| name.as_symbol())) {
            ("%EXPAND-MACRO", Some(name)) => {
                let own = image.pending.iter().any(|form| form.kind == FormKind::Macro(name));
                own || image.mode == Mode::Program && !cx.is_system(name)
            }
            _ => image.mode == Mode::Program,
        }
    }

    fn fail(&mut self, error: Error) -> CallError {
        // What is unhandled here ends a form, and not the program.
        let report = error.to_string();
        let report = report.strip_prefix("Unhandled ").unwrap_or(&report).to_owned();
        self.image.lock().failure = Some(error);
        CallError { report }
    }
}

/// The function of the image that evaluates forms after `#.`.
pub const READ_EVAL: &str = "%READ-EVAL";

/// The message with a module's literals.
pub fn encode_literals(ids: &mut SymbolIds, cx: &mut Context, literals: &[ModuleLiteral]) -> Vec<u8> {
    let elements = literals
        .iter()
        .map(|literal| match literal {
            ModuleLiteral::Datum(datum) => *datum,
            ModuleLiteral::Symbols(symbols) => cx.heap.vector(symbols.iter().copied().map(Datum::Symbol).collect()),
        })
        .collect();
    let vector = cx.heap.vector(elements);
    let mut encoder = Encoder::new(&cx.heap, &cx.symbols, ids);
    encoder.datum(vector);
    encoder.finish().octets
}

/// A message to the image.
pub fn encode(image: &mut Image, cx: &Context, datum: Datum) -> Message {
    let mut encoder = Encoder::new(&cx.heap, &cx.symbols, &mut image.ids);
    encoder.datum(datum);
    encoder.finish()
}

/// What a message of the image says; the journal before it is followed.
pub fn decode(image: &mut Image, cx: &mut Context, octets: &[u8], sources: &[Datum]) -> Result<Datum, Error> {
    let mut decoder = Decoder::new(octets, &mut cx.heap, &mut cx.symbols, &mut image.ids).with_sources(sources);
    loop {
        let datum = decoder.datum()?;
        if !journal::follow(&mut decoder, datum)? {
            decoder.end()?;
            return Ok(datum);
        }
    }
}

/// Whether a form may change what macros expand to, beyond defining functions, macros and variables.
fn has_effect(cx: &Context, form: &TopForm) -> bool {
    form.kind == FormKind::Expression(None)
        && !form.calls.iter().all(|call| cx.symbols.name(call.function) == "%IN-PACKAGE")
}

impl<P: Place> CompileTime for Live<'_, P> {
    fn call(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Datum, CallError> {
        let outcome = if self.must_flush(cx, function, args) { self.flush(cx) } else { Ok(()) };
        let outcome = outcome.and_then(|()| self.call_system(cx, function, args));
        match outcome {
            Ok(values) => Ok(values.first().copied().unwrap_or(Datum::NIL)),
            Err(error) => Err(self.fail(error)),
        }
    }

    fn accept(&mut self, cx: &mut Context, form: TopForm) -> Result<(), CallError> {
        let mode = self.image.lock().mode;
        let waits = match mode {
            Mode::Library => true,
            Mode::Program => !matches!(form.kind, FormKind::Expression(_)),
        };
        let form = if mode == Mode::Program { noting_values(cx, form) } else { form };
        self.image.lock().pending.push(form);
        if waits {
            return Ok(());
        }
        self.flush(cx).map_err(|error| self.fail(error))
    }

    fn evaluate(&mut self, cx: &mut Context, form: Datum) -> Result<(), CallError> {
        let eval = cx.standard("EVAL");
        self.call_values(cx, eval, &[form]).map(|_| ()).map_err(|error| self.fail(error))
    }

    fn loads_source(&self) -> bool {
        true
    }

    fn is_library(&self) -> bool {
        self.image.lock().mode == Mode::Library
    }

    fn follows_packages(&self) -> bool {
        self.image.lock().mode == Mode::Program
    }
}

/// A form whose values are noted in the image when it runs.
pub fn noting_values(cx: &mut Context, mut form: TopForm) -> TopForm {
    let body = std::mem::replace(&mut form.ast.toplevel_mut().body, Node::nil());
    let span = body.span;
    let list = Node::new(NodeKind::GlobalFunction(cx.names.known.list), span);
    let values = Node::new(NodeKind::MultipleValueCall(Box::new(list), vec![body]), span);
    let note = Callee::Global(cx.system("%NOTE-VALUES"));
    form.ast.toplevel_mut().body = Node::new(NodeKind::Call(note, vec![values]), span);
    form
}
