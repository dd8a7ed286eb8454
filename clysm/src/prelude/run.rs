//! Guarded programs: read, compiled and examined as a whole before any of it runs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{FormKind, TopForm};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_dispatch::imports::NamedImport;
use clysm_prelude::references::References;
use clysm_prelude::{AnalysisError, Listed, Requirement, guard};
use clysm_reader::{PackageId, Symbol};
use clysm_report::{Diagnostic, Span};

use super::GuardedError;
use super::attach::Attached;
use super::examine::{SYSTEM, check_imports, check_size, is_forbidden, symbols_read, unexported};
use super::gate::{Gate, granted_to_programs, import_of};
use super::seal::callable;
use crate::engine::{Work, to_values};
use crate::live::{Live, noting_values};
use crate::program::WholeProgram;
use crate::source::Source;
use crate::{Engine, Error, Value};

/// What an engine knows of its prelude.
pub(crate) struct Guarded {
    pub(crate) attached: Attached,
    pub(crate) gate: Arc<Gate>,
    /// What earlier programs defined, with what those could reach: whoever refers to it can reach that too.
    defined: HashMap<Symbol, Listed>,
}

impl Guarded {
    pub(crate) fn new(attached: Attached, gate: Arc<Gate>) -> Self {
        Self { attached, gate, defined: HashMap::new() }
    }
}

/// How a guarded program ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The values of its last form.
    pub values: Vec<Value>,
    /// What the guard found that it can reach.
    pub listed: Listed,
    /// How often it called each tool, by the tool's name or `server/tool`.
    pub calls: BTreeMap<String, u64>,
}

impl Engine {
    /// Runs a program against the prelude that the engine was made with ([`EngineBuilder::attach`](crate::EngineBuilder::attach)).
    ///
    /// The program is read and compiled as a whole; then it is examined: it may name exports only, call them as they want to be
    /// called, and reach only tools that the policy grants. Only then it runs. What it defines is there for the next program of
    /// the same engine. Diagnostics show it as the file of that path.
    ///
    /// # Errors
    /// The first thing that is wrong, in this order: the program does not compile; it does with exports what it may not; it can
    /// reach tools that are not granted; it fails when it runs. Only the last happens after any of it ran, but for its macros, which
    /// run while it is compiled and can call no tool.
    pub fn run_guarded(&mut self, path: &str, program: &str) -> Result<Run, GuardedError> {
        let mut guarded = self.guarded.take().ok_or(GuardedError::NoPrelude)?;
        guarded.gate.close();
        let run = self.work(|work| Ok(Program::new(work, &mut guarded, path, program).run()));
        // What the program leaves behind, such as how its objects are printed, can call nothing unless the host calls it.
        guarded.gate.shut();
        let calls = guarded.gate.calls();
        self.guarded = Some(guarded);
        run?.map(|run| Run { calls, ..run })
    }

    /// How often the last guarded program called each tool, by the tool's name or `server/tool`, however it ended.
    #[must_use]
    pub fn tool_calls(&self) -> BTreeMap<String, u64> {
        self.guarded.as_ref().map(|guarded| guarded.gate.calls()).unwrap_or_default()
    }
}

/// A program on its way.
struct Program<'w, 'a> {
    work: &'w mut Work<'a>,
    guarded: &'w mut Guarded,
    path: &'w str,
    text: &'w str,
    /// The current package when it begins.
    package: PackageId,
}

impl<'w, 'a> Program<'w, 'a> {
    const fn new(work: &'w mut Work<'a>, guarded: &'w mut Guarded, path: &'w str, text: &'w str) -> Self {
        Self { work, guarded, path, text, package: PackageId::COMMON_LISP_USER }
    }

    fn run(mut self) -> Result<Run, GuardedError> {
        self.work.live.refresh(self.work.cx)?;
        self.package = self.work.cx.symbols.current;
        let run = self.examine_and_execute();
        // As with LOAD, changes of the current package end with it.
        let left = self.enter_package();
        let run = run?;
        left?;
        Ok(run)
    }

    fn examine_and_execute(&mut self) -> Result<Run, GuardedError> {
        let inner = Arc::clone(&self.guarded.attached.inner);
        let read = self.compile()?;
        let references = self.examine(&read)?;
        let mut listed = guard(&references, &inner.preludes, &inner.policy)?;
        self.add_earlier(&mut listed, &references);
        self.note_definitions(&read.forms, &listed);
        self.open(&listed)?;
        let values = self.execute(read.forms, &listed)?;
        Ok(Run { values, listed, calls: BTreeMap::new() })
    }

    /// Reads and converts all forms. What they do at compile time happens.
    fn compile(&mut self) -> Result<Compiled, GuardedError> {
        let Work { cx, live, sources, .. } = &mut *self.work;
        let file = sources.add(self.path, self.text);
        let mut host = WholeProgram::after_library(Live { place: &mut *live.place, image: live.image });
        let mut source = Source::new(self.text, file);
        let mut compiled = Compiled::default();
        let mut errors: Vec<Diagnostic> = Vec::new();
        let preludes = &self.guarded.attached.inner.preludes;
        loop {
            match host.next_form(cx, &mut source) {
                Ok(None) => break,
                Ok(Some(form)) => {
                    let symbols = symbols_read(cx, form, source.place());
                    // What names what it may not is not compiled: macros would see it.
                    if !symbols.iter().any(|(symbol, _)| is_forbidden(cx, preludes, *symbol)) {
                        errors.extend(compile_toplevel(cx, &mut host, form).err().map(|error| error.diagnostic()));
                    }
                    compiled.symbols.extend(symbols);
                }
                Err(Error::Read(error)) => match unexported(cx, preludes, &error) {
                    Some(error) => compiled.refused.push(error),
                    None => errors.push(Diagnostic::from(&error)),
                },
                // The image's own reader failed, as after a change of the readtable, and can't go on.
                Err(error @ (Error::Lisp(_) | Error::Located { .. })) => {
                    errors.push(error.diagnostic().at(source.place(), "reading this"));
                    break;
                }
                Err(error) => return Err(error.into()),
            }
        }
        finish_unit(cx, &mut host);
        compiled.forms = host.kept;
        if let Some(failure @ Error::Host(_)) = live.image.lock().failure.take() {
            return Err(failure.into());
        }
        if errors.is_empty() { Ok(compiled) } else { Err(GuardedError::Compile { diagnostics: errors }) }
    }

    /// What the program refers to, if it is fit to run.
    fn examine(&self, read: &Compiled) -> Result<References, GuardedError> {
        let program = clysm_prelude::Program {
            cx: self.work.cx,
            forms: &read.forms,
            read: &read.symbols,
            preludes: &self.guarded.attached.inner.preludes,
            system: &SYSTEM.into(),
        };
        match (program.analyse(), read.refused.as_slice()) {
            (Ok(references), []) => Ok(references),
            (Ok(_), refused) => Err(GuardedError::Analysis(refused.to_vec())),
            (Err(mut errors), refused) => {
                errors.extend_from_slice(refused);
                errors.sort_by_key(|error| error.span);
                Err(GuardedError::Analysis(errors))
            }
        }
    }

    /// Adds what earlier programs of the engine could reach whose definitions this one refers to.
    fn add_earlier(&self, listed: &mut Listed, references: &References) {
        for earlier in references.symbols().filter_map(|(symbol, _)| self.guarded.defined.get(&symbol)) {
            listed.tools.extend(earlier.tools.iter().cloned());
            listed.upstreams.extend(earlier.upstreams.iter().cloned());
            listed.call |= earlier.call;
        }
    }

    fn note_definitions(&mut self, forms: &[TopForm], listed: &Listed) {
        let defined = forms.iter().filter_map(|form| match form.kind {
            FormKind::Function(symbol, _) | FormKind::Raw(symbol, _) | FormKind::Macro(symbol) => Some(symbol),
            FormKind::Expression(symbol) => symbol,
        });
        self.guarded.defined.extend(defined.map(|symbol| (symbol, listed.clone())));
    }

    /// Opens the gates to what the guard has listed.
    fn open(&mut self, listed: &Listed) -> Result<(), GuardedError> {
        let Work { cx, live, .. } = &mut *self.work;
        let symbols = callable(cx, &self.guarded.attached.inner.preludes, Some(listed));
        live.call_system(cx, "%OPEN-GATES", &[symbols])?;
        let policy = &self.guarded.attached.inner.policy;
        let computed = if listed.call { granted_to_programs(policy) } else { BTreeSet::new() };
        self.guarded.gate.open(named(listed), computed);
        Ok(())
    }

    /// Makes the package current in which the program begins.
    fn enter_package(&mut self) -> Result<(), GuardedError> {
        let Work { cx, live, .. } = &mut *self.work;
        let name = cx.heap.string(cx.symbols.package_name(self.package).to_owned());
        live.call_system(cx, "%IN-PACKAGE", &[name])?;
        Ok(())
    }

    /// Links the forms and so runs them; the values of the last one.
    fn execute(&mut self, mut forms: Vec<TopForm>, listed: &Listed) -> Result<Vec<Value>, GuardedError> {
        let Some(last) = forms.pop() else { return Ok(Vec::new()) };
        self.enter_package()?;
        let Work { cx, live, .. } = &mut *self.work;
        let last = noting_values(cx, last);
        forms.push(last);
        live.tell_symbols(cx)?;
        let module = live.linked_module(cx, &forms, &HashSet::new())?;
        check_imports(&module.bytes, listed)?;
        check_size(&module.bytes)?;
        let loaded = live.load(cx, &module);
        loaded.map_err(|error| crate::engine::located(live.image, error, Span::NONE))?;
        let values = live.call_system(cx, "%LAST-VALUES", &[])?;
        Ok(to_values(cx, values)?)
    }
}

/// A program's forms, and the symbols in its text.
#[derive(Default)]
struct Compiled {
    forms: Vec<TopForm>,
    symbols: Vec<(Symbol, Span)>,
    /// Names of packages of preludes that are not exported.
    refused: Vec<AnalysisError>,
}

/// The imports that stand for what is listed.
fn named(listed: &Listed) -> BTreeSet<NamedImport> {
    let tools = listed.tools.iter().cloned().map(Requirement::Tool);
    let upstreams = listed.upstreams.iter().cloned().map(Requirement::Upstream);
    tools.chain(upstreams).filter_map(|requirement| import_of(&requirement)).collect()
}
