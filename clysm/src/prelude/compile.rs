//! Compiling preludes.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clysm_ast::{AstLiteral, Callee, Node, NodeKind};
use clysm_compiler::checks::finish_unit;
use clysm_compiler::context::{Context, TopForm};
use clysm_compiler::module::Module;
use clysm_host::{Capabilities, Engine as HostEngine, EngineOptions, Input, Limits, Output, Session, on_big_stack};
use clysm_prelude::{Export, HostPolicy, Metadata, PreludeFacts};
use clysm_reader::{Datum, PackageId};
use clysm_report::{Diagnostic, SourceMap};

use super::load::{Loaded, Segment};
use super::rehearsal;
use super::{PreludeError, facts};
use crate::image::{self, Known, Machine, Mode, SharedImage, Started};
use crate::library::compile_source;
use crate::live::{Live, encode_literals};
use crate::program::WholeProgram;
use crate::{Error, Progress, cache};

/// A compiled prelude: Lisp packages whose exported functions and constants are the interface that programs see, and which alone
/// decide how those use the tools of the host. Clones share it.
///
/// It is compiled once, and attached to any number of engines, each with its own policy and tools.
///
/// ```
/// use clysm::prelude::{HostPolicy, Prelude};
///
/// let prelude = Prelude::compile(
///     "crm.lisp",
///     r#"(defpackage :crm (:use :common-lisp) (:export #:get-user))
///        (in-package :crm)
///        (defun get-user (id) "The user with that id." (clysm:call-tool "get_user" :id id))"#,
/// )?;
/// let exports = prelude.exports(&HostPolicy::default())?;
/// assert_eq!(exports[0].signature(), "(get-user id)");
/// assert_eq!(exports[0].requires[0].to_string(), "tool:get_user");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Prelude {
    pub(crate) compiled: Arc<Compiled>,
}

impl fmt::Debug for Prelude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prelude").field("facts", &self.compiled.facts).finish_non_exhaustive()
    }
}

/// What is known of a prelude, whatever the engine.
pub(crate) struct Compiled {
    /// The files, by path and text.
    pub(crate) files: Vec<(String, String)>,
    /// The compiler's state after it.
    pub(crate) cx: Context,
    pub(crate) sources: SourceMap,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) facts: PreludeFacts,
    metadata: Metadata,
    pub(crate) segments: Vec<Segment>,
    /// Of an image into which the segments were loaded.
    pub(crate) known: Known,
    pub(crate) cache_directory: Option<PathBuf>,
    /// What it was compiled with, in case that engines want the same.
    machine: Machine,
    /// For each kind of engine that was asked for.
    loaded: Mutex<Vec<(EngineOptions, Arc<Loaded>)>>,
}

/// Settings of a compilation.
pub struct PreludeBuilder {
    files: Vec<(String, String)>,
    limits: Limits,
    cache_directory: Option<PathBuf>,
    on_progress: Box<dyn FnMut(Progress)>,
}

impl fmt::Debug for PreludeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<&String> = self.files.iter().map(|(path, _)| path).collect();
        f.debug_struct("PreludeBuilder").field("files", &paths).field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What macros and constants of a prelude may use while it is compiled, unless the caller says otherwise.
fn default_limits() -> Limits {
    Limits { time: Some(std::time::Duration::from_secs(10)), heap_bytes: Some(512 << 20), ..Limits::default() }
}

impl Prelude {
    /// Compiles the text of a prelude, which diagnostics show as the file of that path.
    ///
    /// # Errors
    /// It does not compile, is no valid prelude, or its constants can't be computed within the default limits: 10 s, 512 MiB.
    pub fn compile(path: impl Into<String>, text: impl Into<String>) -> Result<Self, PreludeError> {
        Self::builder().source(path, text).compile()
    }

    /// Settings for a prelude of several files, or with limits of its own.
    #[must_use]
    pub fn builder() -> PreludeBuilder {
        PreludeBuilder {
            files: Vec::new(),
            limits: default_limits(),
            cache_directory: cache::default_cache_directory(),
            on_progress: Box::new(|_| {}),
        }
    }

    /// The texts that positions refer to.
    #[must_use]
    pub fn sources(&self) -> &SourceMap {
        &self.compiled.sources
    }

    /// What the compiler warned of.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.compiled.diagnostics
    }

    /// What was found out of its definitions.
    #[must_use]
    pub fn facts(&self) -> &PreludeFacts {
        &self.compiled.facts
    }

    /// The records of the exports under a policy, in the order of their references.
    ///
    /// # Errors
    /// The policy contradicts the prelude.
    pub fn exports(&self, policy: &HostPolicy) -> Result<Vec<Export>, PreludeError> {
        let Compiled { facts, metadata, .. } = &*self.compiled;
        let unknown = clysm_prelude::unknown_packages(policy, [facts]);
        if !unknown.is_empty() {
            return Err(PreludeError::Policy(unknown));
        }
        clysm_prelude::derive(facts, metadata, policy).map_err(PreludeError::Policy)
    }

    /// The SHA-256 digest of the files' texts, in hexadecimal digits.
    #[must_use]
    pub fn source_hash(&self) -> String {
        let mut octets = Vec::new();
        for (_, text) in &self.compiled.files {
            octets.extend((text.len() as u64).to_le_bytes());
            octets.extend_from_slice(text.as_bytes());
        }
        clysm_prelude::sha256(&octets)
    }

    /// Code for engines of these options, made when it is asked for the first time.
    pub(crate) fn loaded(&self, options: &EngineOptions) -> Result<Arc<Loaded>, Error> {
        let mut all = self.compiled.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, loaded)) = all.iter().find(|(known, _)| known == options) {
            return Ok(Arc::clone(loaded));
        }
        let machine = self.machine(options)?;
        let loaded = Arc::new(Loaded::new(machine, &self.compiled.segments)?);
        all.push((options.clone(), Arc::clone(&loaded)));
        Ok(loaded)
    }

    fn machine(&self, options: &EngineOptions) -> Result<Machine, Error> {
        let own = &self.compiled.machine;
        if own.engine.options() == options {
            return Ok(own.clone());
        }
        let engine = HostEngine::new(options.clone())?;
        let base = cache::base_image(&engine, self.compiled.cache_directory.as_deref(), &mut |_| {})?;
        Ok(Machine { engine, base: base.module })
    }
}

impl PreludeBuilder {
    /// Adds a file by path and text.
    #[must_use]
    pub fn source(mut self, path: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.push((path.into(), text.into()));
        self
    }

    /// What macros and constants may use while it is compiled.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where the base image is cached, see [`EngineBuilder::cache_directory`](crate::EngineBuilder::cache_directory).
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

    /// Compiles it.
    ///
    /// # Errors
    /// Those of [`Prelude::compile`].
    pub fn compile(self) -> Result<Prelude, PreludeError> {
        let options = EngineOptions::for_limits(&self.limits);
        on_big_stack(options.stack_bytes, || Compilation::start(self, options)?.finish())
    }
}

/// A prelude that is being compiled.
struct Compilation {
    builder: PreludeBuilder,
    machine: Machine,
    /// Of the base image.
    known: Known,
    cx: Context,
    session: Session,
    image: SharedImage,
    sources: SourceMap,
}

/// A session in which nothing is granted.
fn bare_session(engine: &HostEngine, limits: &Limits) -> Result<Session, Error> {
    let capabilities =
        Capabilities::new().input(Input::Empty).output(Output::Discard).error(Output::Discard).refuse_at_call();
    Ok(Session::new(engine, capabilities, limits.clone())?)
}

impl Compilation {
    fn start(mut builder: PreludeBuilder, options: EngineOptions) -> Result<Self, PreludeError> {
        let engine = HostEngine::new(options).map_err(Error::from)?;
        let base = cache::base_image(&engine, builder.cache_directory.as_deref(), &mut builder.on_progress)?;
        let machine = Machine { engine, base: base.module.clone() };
        let session = bare_session(&machine.engine, &builder.limits)?;
        let (ids, direct) = (base.state.ids.clone(), base.state.direct.clone());
        let Started { cx, session, image } = image::start(&machine.engine, base, session, Mode::Library)?;
        let known = Known { intrinsics: image.lock().intrinsics.clone(), ids, direct };
        Ok(Self { builder, machine, known, cx, session, image, sources: SourceMap::new() })
    }

    fn finish(mut self) -> Result<Prelude, PreludeError> {
        let packages: BTreeSet<PackageId> = self.cx.symbols.packages().collect();
        let mut kept = self.convert()?;
        let found = facts::find(&self.cx, &kept, &packages, &self.sources);
        let (facts, metadata) = found.map_err(|diagnostics| self.failed(diagnostics))?;
        kept.extend(self.constant_functions(&facts)?);
        // Packages first: the literals of the others are interned in them.
        let (packages, others): (Vec<_>, Vec<_>) =
            kept.into_iter().partition(|form| facts::defines_package(&self.cx, form));
        let mut groups = self.package_groups(packages);
        groups.push(others);
        let parts: Vec<Vec<&TopForm>> = groups.iter().map(|group| group.iter().collect()).collect();
        self.rehearse(&parts)?;
        let segments = self.segments(&parts)?;
        Ok(self.compiled(segments, facts, metadata))
    }

    fn convert(&mut self) -> Result<Vec<TopForm>, PreludeError> {
        let Self { cx, session, image, sources, builder, .. } = self;
        let mut host = WholeProgram::after_library(Live { place: session, image });
        let mut errors = Vec::new();
        for (path, text) in &builder.files {
            compile_source(cx, &mut host, sources, path, text, &mut errors);
        }
        finish_unit(cx, &mut host);
        // The facts tell of what is undefined as errors: a program can do nothing about it.
        cx.diagnostics.retain(|diagnostic| !facts::is_undefined(diagnostic));
        let kept = host.kept;
        if errors.is_empty() { Ok(kept) } else { Err(self.failed(errors)) }
    }

    fn failed(&mut self, mut diagnostics: Vec<Diagnostic>) -> PreludeError {
        diagnostics.sort_by_key(Diagnostic::span);
        PreludeError::Invalid { diagnostics, sources: std::mem::take(&mut self.sources) }
    }

    /// The forms that make constants functions.
    fn constant_functions(&mut self, facts: &PreludeFacts) -> Result<Vec<TopForm>, PreludeError> {
        let Self { cx, session, image, .. } = self;
        let mut host = WholeProgram::after_library(Live { place: session, image });
        facts::add_constant_functions(cx, &mut host, facts).map_err(Error::from)?;
        Ok(host.kept)
    }

    /// Loads the forms into a fresh image, as every run will: their constants are computed.
    fn rehearse(&mut self, parts: &[Vec<&TopForm>]) -> Result<(), PreludeError> {
        let Some((others, packages)) = parts.split_last() else { return Ok(()) };
        let mut needed = packages.to_vec();
        needed.push(rehearsal::evaluated(&self.cx, others));
        let mut rehearsed = self.load(&needed);
        if matches!(rehearsed, Err(Error::Lisp(_) | Error::Located { .. })) {
            rehearsed = self.load(parts);
        }
        rehearsed.map_err(|error| PreludeError::Evaluation {
            error: Box::new(error),
            sources: std::mem::take(&mut self.sources),
        })
    }

    /// The definitions of packages, in groups that are loaded one after another. One that imports symbols of another package of the
    /// prelude begins a group, which has those among its literals: so they are there before they are imported.
    fn package_groups(&mut self, forms: Vec<TopForm>) -> Vec<Vec<TopForm>> {
        let mut groups: Vec<Vec<TopForm>> = vec![Vec::new()];
        for mut form in forms {
            let imported = facts::imported_symbols(&self.cx, &form);
            if !imported.is_empty() {
                let vector = self.cx.heap.vector(imported.into_iter().map(Datum::Symbol).collect());
                let literal = Node::unlocated(NodeKind::Literal(AstLiteral::new(vector)));
                let note = Callee::Global(self.cx.system("%NOTE-SYMBOLS-READ"));
                let note = Node::unlocated(NodeKind::Call(note, vec![literal]));
                let body = &mut form.ast.toplevel_mut().body;
                let definition = std::mem::replace(body, Node::nil());
                let span = definition.span;
                *body = Node::progn(vec![note, definition], span);
                groups.push(Vec::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(form);
            }
        }
        groups
    }

    fn load(&mut self, parts: &[Vec<&TopForm>]) -> Result<(), Error> {
        let mut session = bare_session(&self.machine.engine, &self.builder.limits)?;
        rehearsal::load(&mut self.cx, (&self.machine, &self.known), &mut session, parts)
    }

    /// The modules that each image loads, and the messages with their literals.
    fn segments(&mut self, parts: &[Vec<&TopForm>]) -> Result<Vec<Segment>, PreludeError> {
        let live = Live { place: &mut self.session, image: &self.image };
        let modules: Result<Vec<Module>, Error> =
            parts.iter().map(|forms| rehearsal::linked(&self.cx, &live, forms)).collect();
        let segment = |module: Module| {
            let literals = encode_literals(&mut self.known.ids, &mut self.cx, &module.literals);
            self.known.ids.confirm();
            Segment { wasm: module.bytes, literals, functions: module.functions.into() }
        };
        Ok(modules?.into_iter().map(segment).collect())
    }

    fn compiled(self, segments: Vec<Segment>, facts: PreludeFacts, metadata: Metadata) -> Prelude {
        let Self { builder, machine, known, mut cx, sources, .. } = self;
        cx.symbols.current = PackageId::COMMON_LISP_USER;
        cx.share();
        let compiled = Compiled {
            diagnostics: std::mem::take(&mut cx.diagnostics),
            files: builder.files,
            cx,
            sources,
            facts,
            metadata,
            segments,
            known,
            cache_directory: builder.cache_directory,
            machine,
            loaded: Mutex::default(),
        };
        Prelude { compiled: Arc::new(compiled) }
    }
}
