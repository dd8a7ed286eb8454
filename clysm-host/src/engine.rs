//! The Wasm engine and the modules it compiled.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use clysm_gc_types::{GcType, encode_core_types, ref_to};
use serde::Serialize;
use wasm_encoder::{ImportSection, TypeSection};
use wasmtime::{
    ArrayType, Collector, Config, ExternType, HeapType, Inlining, Linker, Module, OptLevel, RegallocAlgorithm, ValType,
};

use crate::limits::{Limits, Ticker};
use crate::module::ModuleError;
use crate::state::State;
use crate::times::{Activity, Clock, EngineTimes};
use crate::{HostError, shim};

/// How an engine compiles and runs. Compiled code that was saved can be loaded by engines with the same options only, but for
/// [`optimise`](Self::optimise).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineOptions {
    /// Octets that a session's heap has from the start. The memory is taken when it is used. The collector runs when
    /// half of the heap is full, and a heap that begins small grows often: live images want the 256 MiB of the default.
    pub initial_heap_bytes: u64,
    /// Octets of stack for Wasm code. Sessions change to a stack of that size, and some more for host code, by themselves.
    pub stack_bytes: usize,
    /// Whether sessions may be bounded by fuel. The code is about a quarter slower.
    pub fuel: bool,
    /// Whether the functions of a module are compiled by several threads.
    pub parallel: bool,
    /// Whether machine code is optimised. Otherwise it comes in a third of the time, and is slower.
    pub optimise: bool,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { initial_heap_bytes: 256 << 20, stack_bytes: 64 << 20, fuel: false, parallel: true, optimise: true }
    }
}

impl EngineOptions {
    /// The default, changed so that sessions can have these limits.
    #[must_use]
    pub fn for_limits(limits: &Limits) -> Self {
        let default = Self::default();
        Self {
            initial_heap_bytes: default.initial_heap_bytes.min(whole_pages(limits.heap_bytes.unwrap_or(u64::MAX))),
            stack_bytes: limits.stack_bytes.unwrap_or(default.stack_bytes),
            fuel: limits.fuel.is_some(),
            ..default
        }
    }
}

/// The octets of the whole Wasm pages in that many: heaps grow by pages.
const fn whole_pages(octets: u64) -> u64 {
    const PAGE: u64 = 1 << 16;
    octets / PAGE * PAGE
}

/// The most frames that an error tells of.
pub const BACKTRACE_FRAMES: usize = 128;

fn config(options: &EngineOptions) -> Config {
    let mut config = Config::new();
    config
        .wasm_gc(true)
        .wasm_reference_types(true)
        .wasm_function_references(true)
        .wasm_tail_call(true)
        .wasm_exceptions(true)
        .wasm_multi_value(true)
        .wasm_bulk_memory(true)
        .collector(Collector::Copying)
        .gc_heap_initial_size(options.initial_heap_bytes)
        .max_wasm_stack(options.stack_bytes)
        // Nothing runs on such stacks here, but the engine wants the one bound within the other.
        .async_stack_size(options.stack_bytes)
        .consume_fuel(options.fuel)
        .epoch_interruption(true)
        .cranelift_opt_level(if options.optimise { OptLevel::Speed } else { OptLevel::None })
        .cranelift_regalloc_algorithm(if options.optimise {
            RegallocAlgorithm::Backtracking
        } else {
            RegallocAlgorithm::SinglePass
        })
        // The heap grows in place: code may keep its address across calls.
        .gc_heap_may_move(false)
        .compiler_inlining(Inlining::No)
        // The engine itself goes by frame pointers; what debuggers would go by takes it a seventh of its time.
        .native_unwind_info(false)
        .parallel_compilation(options.parallel)
        .wasm_backtrace_max_frames(NonZeroUsize::new(BACKTRACE_FRAMES));
    config
}

/// The Wasm engine: compiles modules for sessions to run. Clones share everything.
///
/// ```
/// use clysm_host::{Capabilities, Engine, EngineOptions, Limits, Session};
///
/// let engine = Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, ..EngineOptions::default() })?;
/// let wasm = wat::parse_str(r#"(module (func (export "double") (param i32) (result i32)
///     (i32.mul (local.get 0) (i32.const 2))))"#)?;
/// let module = engine.compile(&wasm)?;
/// let mut session = Session::new(&engine, Capabilities::new(), Limits::default())?;
/// let instance = session.load(&module)?;
/// assert_eq!(session.call_i32(instance, "double", &[21])?, 42);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: wasmtime::Engine,
    pub(crate) linker: Arc<Linker<State>>,
    /// The type of u8-vectors, as all modules with the types of `clysm-gc-types` have it.
    pub(crate) octets_type: ArrayType,
    options: EngineOptions,
    ticker: Arc<Mutex<Weak<Ticker>>>,
    pub(crate) clock: Arc<Clock>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine.
    ///
    /// # Errors
    /// The options are impossible, such as a stack of no octets, or the machine is not supported.
    pub fn new(options: EngineOptions) -> Result<Self, HostError> {
        let broken = |error: wasmtime::Error| HostError::Engine(format!("{error:#}"));
        let inner = wasmtime::Engine::new(&config(&options)).map_err(broken)?;
        let linker = Arc::new(shim::linker(&inner).map_err(broken)?);
        let octets_type = octets_type(&inner)?;
        Ok(Self { inner, linker, octets_type, options, ticker: Arc::default(), clock: Arc::default() })
    }

    /// The options it was made with.
    #[must_use]
    pub const fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Compiles a module to machine code.
    ///
    /// # Errors
    /// [`ModuleError::Invalid`] when the octets are no valid module.
    pub fn compile(&self, wasm: &[u8]) -> Result<CompiledModule, HostError> {
        let _measurement = self.clock.start(Activity::Compiling);
        let invalid = |error: wasmtime::Error| ModuleError::Invalid { message: format!("{error:#}") };
        Ok(CompiledModule::new(Module::from_binary(&self.inner, wasm).map_err(invalid)?))
    }

    /// The time spent in the engine so far.
    #[must_use]
    pub fn times(&self) -> EngineTimes {
        self.clock.times()
    }

    /// A number that differs between engines that cannot load each other's saved code, whether for their options,
    /// their version or the machine. Part of the names of cache files.
    #[must_use]
    pub fn compatibility(&self) -> u64 {
        compatibility(&self.inner)
    }

    /// The numbers of the engines whose saved code this one can load, best first; the last is its own.
    pub(crate) fn loadable(&self) -> Vec<u64> {
        let optimising = EngineOptions { optimise: true, ..self.options.clone() };
        let faster = (!self.options.optimise).then(|| wasmtime::Engine::new(&config(&optimising)).ok()).flatten();
        faster.iter().chain([&self.inner]).map(compatibility).collect()
    }

    /// The thread behind deadlines, started when there is none.
    pub(crate) fn ticker(&self) -> Result<Arc<Ticker>, HostError> {
        let mut running = self.ticker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ticker) = running.upgrade() {
            return Ok(ticker);
        }
        let ticker = Arc::new(Ticker::start(self.inner.weak())?);
        *running = Arc::downgrade(&ticker);
        Ok(ticker)
    }
}

fn compatibility(engine: &wasmtime::Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// The engine's type for u8-vectors. Types are equal across modules if their recursion groups are, and the interface of
/// the engine makes no groups: so the type comes from a module that has nothing but the types, and one import.
fn octets_type(engine: &wasmtime::Engine) -> Result<ArrayType, HostError> {
    let mut types = TypeSection::new();
    encode_core_types(&mut types);
    let global = wasm_encoder::GlobalType { val_type: ref_to(GcType::U8Vector), mutable: false, shared: false };
    let mut imports = ImportSection::new();
    imports.import("", "", global);
    let mut wasm = wasm_encoder::Module::new();
    wasm.section(&types).section(&imports);
    let broken = |error: wasmtime::Error| HostError::Engine(format!("the table of types: {error:#}"));
    let module = Module::from_binary(engine, wasm.as_slice()).map_err(broken)?;
    let global = module.imports().find_map(|import| import.ty().global().map(|global| global.content().clone()));
    global.as_ref().and_then(octet_array).ok_or_else(|| HostError::Engine("u8-vector is no array of octets".to_owned()))
}

/// The array type behind a reference to an array of octets.
pub(crate) fn octet_array(ty: &ValType) -> Option<ArrayType> {
    let HeapType::ConcreteArray(array) = ty.as_ref()?.heap_type() else { return None };
    array.element_type().is_i8().then(|| array.clone())
}

/// The number of a compiled module, unique in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ModuleId(pub u64);

static NEXT_MODULE: AtomicU64 = AtomicU64::new(0);

/// A module compiled to machine code, for any number of sessions of its engine. Clones share it.
#[derive(Clone)]
pub struct CompiledModule {
    pub(crate) inner: Module,
    id: ModuleId,
}

impl fmt::Debug for CompiledModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledModule").field("id", &self.id).field("name", &self.inner.name()).finish()
    }
}

impl CompiledModule {
    pub(crate) fn new(inner: Module) -> Self {
        Self { inner, id: ModuleId(NEXT_MODULE.fetch_add(1, Ordering::Relaxed)) }
    }

    /// Its number, by which stack frames name it.
    #[must_use]
    pub const fn id(&self) -> ModuleId {
        self.id
    }

    /// Whether it exports something of that name.
    #[must_use]
    pub fn has_export(&self, name: &str) -> bool {
        self.inner.get_export(name).is_some()
    }

    /// The names of the exported functions, in order.
    #[must_use]
    pub fn function_exports(&self) -> Vec<String> {
        let functions = self.inner.exports().filter(|export| matches!(export.ty(), ExternType::Func(_)));
        functions.map(|export| export.name().to_owned()).collect()
    }

    /// The imports, as module and name, in order.
    #[must_use]
    pub fn imports(&self) -> Vec<(String, String)> {
        self.inner.imports().map(|import| (import.module().to_owned(), import.name().to_owned())).collect()
    }
}
