//! What a session may use up.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use wasmtime::{EngineWeak, ResourceLimiter};

use crate::HostError;

/// Bounds on a session. The default bounds nothing but the number of open files.
///
/// Fuel and time are one budget for everything the session does, from its start or from
/// [`Session::restart_budget`](crate::Session::restart_budget) on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Wasm instructions, roughly; deterministic. Needs an engine with [`EngineOptions::fuel`](crate::EngineOptions).
    pub fuel: Option<u64>,
    /// Wall-clock time. It is checked every few milliseconds.
    pub time: Option<Duration>,
    /// Octets of the garbage-collected heap. The collector copies, so that live objects may fill half of them.
    pub heap_bytes: Option<u64>,
    /// Octets of stack that Wasm code may use. The engine has the bound: [`EngineOptions::for_limits`] sets it.
    ///
    /// [`EngineOptions::for_limits`]: crate::EngineOptions::for_limits
    pub stack_bytes: Option<usize>,
    /// Elements of one table.
    pub table_elements: Option<usize>,
    /// Files that may be open at a time, standard streams not counted.
    pub open_files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { fuel: None, time: None, heap_bytes: None, stack_bytes: None, table_elements: None, open_files: 1024 }
    }
}

/// The store's answer to requests for more.
#[derive(Debug)]
pub(crate) struct Limiter {
    heap_bytes: Option<u64>,
    table_elements: Option<usize>,
}

impl Limiter {
    pub(crate) const fn new(limits: &Limits) -> Self {
        Self { heap_bytes: limits.heap_bytes, table_elements: limits.table_elements }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.heap_bytes.is_none_or(|limit| u64::try_from(desired).is_ok_and(|desired| desired <= limit)))
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.table_elements.is_none_or(|limit| desired <= limit))
    }

    // A live image instantiates a module for each compiled form, without end.
    fn instances(&self) -> usize {
        usize::MAX
    }

    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        usize::MAX
    }
}

/// How often deadlines are checked.
const TICK: Duration = Duration::from_millis(5);

/// A thread that advances an engine's epoch while any session has a deadline. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> Result<Self, HostError> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        thread::Builder::new()
            .name("clysm-ticker".to_owned())
            .spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    thread::sleep(TICK);
                    let Some(engine) = engine.upgrade() else { return };
                    engine.increment_epoch();
                }
            })
            .map_err(|error| HostError::io("starting the deadline thread", error))?;
        Ok(Self { stop })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Ends the code that a session is running, from another thread or a signal handler.
#[derive(Clone)]
pub struct InterruptHandle {
    pub(crate) flag: Arc<AtomicBool>,
    pub(crate) engine: EngineWeak,
}

impl fmt::Debug for InterruptHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InterruptHandle").field("flag", &self.flag).finish_non_exhaustive()
    }
}

impl InterruptHandle {
    /// Makes the running call, or else the next one, end with [`HostError::Interrupted`].
    pub fn interrupt(&self) {
        self.flag.store(true, Ordering::Relaxed);
        if let Some(engine) = self.engine.upgrade() {
            engine.increment_epoch();
        }
    }
}

/// Stack for host code above and below the Wasm code: host functions, and the compiler when Lisp code calls it.
const HOST_STACK_BYTES: usize = 16 << 20;

/// Calls a function on a stack that has room for `stack_bytes` of Wasm stack (see
/// [`EngineOptions::stack_bytes`](crate::EngineOptions)) besides that of host code: on the current one where that suffices,
/// else on a new one, which takes microseconds. The thread stays the same.
///
/// [`Session`](crate::Session) does so by itself. Whoever works between calls, as a compiler does, saves the change of
/// stacks when all of it runs under this.
///
/// # Panics
/// When there is no memory for the stack, as a thread that cannot be started does.
pub fn on_big_stack<R>(stack_bytes: usize, function: impl FnOnce() -> R) -> R {
    let needed = stack_bytes.saturating_add(HOST_STACK_BYTES / 2);
    stacker::maybe_grow(needed, needed.saturating_add(HOST_STACK_BYTES / 2), function)
}
