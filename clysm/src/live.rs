//! The live image as the compiler sees it: forms are compiled into modules that are linked to it, macros run in it.

use std::collections::{BTreeMap, HashSet};

use clysm_ast::{Callee, Node, NodeKind};
use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::lower::Intrinsics;
use clysm_compiler::module::{FunctionInfo, Linkage, Lowering, Module, ModuleLiteral, Unit, defined_function, link};
use clysm_host::{Engine as HostEngine, HostError, Instance, LispReport, ModuleId, Session};
use clysm_reader::codec::{Decoder, Encoder, SymbolIds};
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::Span;

use crate::Error;

/// How forms that are handed over take effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The library is being built: its functions call each other directly, and every form is kept.
    Library,
    /// A program: its functions are called through their symbols, and the values of forms are noted.
    Program,
}

/// The image with the modules linked to it.
pub struct Live {
    pub(crate) engine: HostEngine,
    pub(crate) session: Session,
    pub(crate) base: Instance,
    pub(crate) intrinsics: Intrinsics,
    pub(crate) ids: SymbolIds,
    pub(crate) mode: Mode,
    /// Forms that have not taken effect yet.
    pub(crate) pending: Vec<TopForm>,
    /// Functions that may be called directly: those that the image or a module linked to it exports for that.
    pub(crate) direct: HashSet<Symbol>,
    /// The forms of the library so far.
    pub(crate) kept: Vec<TopForm>,
    pub(crate) functions: BTreeMap<ModuleId, Vec<FunctionInfo>>,
    /// What ended the last call, for whoever can say more about it than its report.
    pub(crate) failure: Option<Error>,
}

impl Live {
    /// Compiles and links what is pending.
    pub fn flush(&mut self, cx: &mut Context) -> Result<(), Error> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let forms = std::mem::take(&mut self.pending);
        let defined: HashSet<Symbol> = forms.iter().filter_map(|form| defined_function(form.kind)).collect();
        let library = self.mode == Mode::Library;
        let is_direct = |symbol: Symbol| self.direct.contains(&symbol) || library && defined.contains(&symbol);
        let lowering = Lowering { intrinsics: &self.intrinsics, is_direct: &is_direct };
        let mut unit = Unit { export_definitions: library, ..Unit::default() };
        forms.iter().for_each(|form| unit.add(cx, lowering, form));
        let module = link(cx, &self.intrinsics, &unit, Linkage::Linked)?;
        self.load(cx, &module)?;
        if library {
            self.direct.extend(defined);
            self.kept.extend(forms);
        }
        Ok(())
    }

    fn load(&mut self, cx: &mut Context, module: &Module) -> Result<(), Error> {
        // Encoding announces symbols, which the image must hear of: nothing may fail in between.
        let compiled = self.engine.compile(&module.bytes)?;
        let octets = self.encode_literals(cx, &module.literals);
        self.functions.insert(compiled.id(), module.functions.clone());
        let outcome = self.session.run(|guest| guest.load_linked(&compiled, self.base, &octets));
        self.outcome(outcome).map(|_| ())
    }

    fn encode_literals(&mut self, cx: &mut Context, literals: &[ModuleLiteral]) -> Vec<u8> {
        let elements = literals
            .iter()
            .map(|literal| match literal {
                ModuleLiteral::Datum(datum) => *datum,
                ModuleLiteral::Symbols(symbols) => cx.heap.vector(symbols.iter().copied().map(Datum::Symbol).collect()),
            })
            .collect();
        let vector = cx.heap.vector(elements);
        let mut encoder = Encoder::new(&cx.heap, &cx.symbols, &mut self.ids);
        encoder.datum(vector);
        encoder.finish().octets
    }

    /// Turns the host's error into ours, with the report of an unhandled condition where there is one.
    fn outcome<T>(&mut self, outcome: Result<T, HostError>) -> Result<T, Error> {
        outcome.map_err(|error| {
            let report = self.session.take_report();
            // A trap leaves the dynamic bindings as they were; a failure of this too is the next call's business.
            let _ = self.session.call_unit(self.base, "reset");
            match (error, report) {
                (HostError::Lisp(report), _) | (HostError::Trap { .. }, Some(report)) => Error::Lisp(report),
                (error, _) => Error::Host(error),
            }
        })
    }

    /// Calls a function of the image with data; all its values.
    pub fn call_values(&mut self, cx: &mut Context, function: Symbol, args: &[Datum]) -> Result<Vec<Datum>, Error> {
        let request = cx.heap.cons(Datum::Symbol(function), Datum::NIL, Span::NONE);
        let tail = cx.heap.list(args, Span::NONE);
        if let Datum::Cons(cons) = request {
            cx.heap.set_cdr(cons, tail);
        }
        let mut encoder = Encoder::new(&cx.heap, &cx.symbols, &mut self.ids);
        encoder.datum(request);
        let message = encoder.finish();
        let outcome = self.session.call_octets(self.base, "call", &message.octets);
        let answer = self.outcome(outcome)?;
        let mut decoder =
            Decoder::new(&answer, &mut cx.heap, &mut cx.symbols, &mut self.ids).with_sources(&message.sources);
        let answer = decoder.datum()?;
        let Some((status, values)) = cx.heap.uncons(answer) else { return Err(Error::Protocol("an empty answer")) };
        if status.is_nil() {
            let report = self.session.take_report();
            return Err(Error::Lisp(
                report.unwrap_or(LispReport { text: "unknown error".to_owned(), frames: Vec::new() }),
            ));
        }
        Ok(cx.heap.proper_list(values).unwrap_or_default())
    }

    /// Whether a macro call must wait for pending forms to take effect.
    fn must_flush(&self, cx: &Context, function: &str, args: &[Datum]) -> bool {
        if self.pending.is_empty() {
            return false;
        }
        if self.pending.iter().any(|form| has_effect(cx, form)) {
            return true;
        }
        match (function, args.first().and_then(|name| name.as_symbol())) {
            ("%EXPAND-MACRO", Some(name)) => {
                let own = self.pending.iter().any(|form| form.kind == FormKind::Macro(name));
                let system = matches!(cx.symbols.package(name), Some(PackageId::COMMON_LISP | PackageId::CLYSM));
                own || self.mode == Mode::Program && !system
            }
            _ => self.mode == Mode::Program,
        }
    }
}

/// Whether a form may change what macros expand to, beyond defining functions, macros and variables.
fn has_effect(cx: &Context, form: &TopForm) -> bool {
    form.kind == FormKind::Expression(None)
        && !form.calls.iter().all(|call| cx.symbols.name(call.function) == "%IN-PACKAGE")
}

impl CompileTime for Live {
    fn call(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Datum, CallError> {
        let symbol = cx.system(function);
        let outcome = if self.must_flush(cx, function, args) { self.flush(cx) } else { Ok(()) };
        let outcome = outcome.and_then(|()| self.call_values(cx, symbol, args));
        match outcome {
            Ok(values) => Ok(values.first().copied().unwrap_or(Datum::NIL)),
            Err(error) => Err(self.fail(error)),
        }
    }

    fn accept(&mut self, cx: &mut Context, form: TopForm) -> Result<(), CallError> {
        let waits = match self.mode {
            Mode::Library => true,
            Mode::Program => !matches!(form.kind, FormKind::Expression(_)),
        };
        let form = if self.mode == Mode::Program { noting_values(cx, form) } else { form };
        self.pending.push(form);
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

    fn keeps_docstrings(&self) -> bool {
        self.mode == Mode::Program
    }
}

impl Live {
    fn fail(&mut self, error: Error) -> CallError {
        let report = error.to_string();
        self.failure = Some(error);
        CallError { report }
    }
}

/// A form whose values are noted in the image when it runs.
fn noting_values(cx: &mut Context, mut form: TopForm) -> TopForm {
    let body = std::mem::replace(&mut form.ast.toplevel_mut().body, Node::nil());
    let span = body.span;
    let list = Node::new(NodeKind::GlobalFunction(cx.names.known.list), span);
    let values = Node::new(NodeKind::MultipleValueCall(Box::new(list), vec![body]), span);
    let note = Callee::Global(cx.system("%NOTE-VALUES"));
    form.ast.toplevel_mut().body = Node::new(NodeKind::Call(note, vec![values]), span);
    form
}
