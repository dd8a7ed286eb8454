//! Sessions: what runs modules, with what was granted and within limits.

use std::fmt;
use std::sync::Arc;

use wasmtime::{AsContextMut, Store, UpdateDeadline};

use crate::capabilities::Environment;
use crate::frames::LispReport;
use crate::limits::{InterruptHandle, Limits, Ticker, on_big_stack};
use crate::state::State;
use crate::{
    Capabilities, CodeService, CompiledModule, DescriptorTable, Engine, Guest, HostError, HostFunction, Instance,
    ToolService,
};

/// A heap of its own, what was granted, and the modules loaded so far.
///
/// Calls run on a stack that is as large as the engine wants it, whatever the thread's: a runaway recursion ends as
/// [`HostError::StackExhausted`], see [`on_big_stack`](crate::on_big_stack). After an error the session stays usable.
///
/// Buffered output is written out at the end of every call.
pub struct Session {
    store: Store<State>,
    limits: Limits,
    /// Keeps deadlines running.
    _ticker: Option<Arc<Ticker>>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Session {
    /// A session without modules. Its budget of fuel and time begins.
    ///
    /// # Errors
    /// The limits don't fit the engine, a granted directory does not exist, an input file cannot be opened.
    pub fn new(engine: &Engine, capabilities: Capabilities, limits: Limits) -> Result<Self, HostError> {
        check_limits(engine, &limits)?;
        let state = State::new(engine, capabilities, &limits)?;
        let mut store = Store::new(&engine.inner, state);
        store.limiter(|state| &mut state.limiter);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().check_deadline()?;
            Ok(UpdateDeadline::Continue(1))
        });
        let ticker = limits.time.map(|_| engine.ticker()).transpose()?;
        let mut session = Self { store, limits, _ticker: ticker };
        session.restart_budget()?;
        Ok(session)
    }

    /// Grants the whole of the limits' fuel and time once more.
    ///
    /// # Errors
    /// The engine refuses.
    pub fn restart_budget(&mut self) -> Result<(), HostError> {
        self.store.data_mut().set_deadline(self.limits.time);
        if self.store.data().engine.options().fuel {
            let fuel = self.limits.fuel.unwrap_or(u64::MAX);
            self.store.set_fuel(fuel).map_err(|error| HostError::Engine(format!("{error:#}")))?;
        }
        Ok(())
    }

    /// The fuel that is left, none if it is not limited.
    #[must_use]
    pub fn fuel_left(&self) -> Option<u64> {
        self.limits.fuel.and_then(|_| self.store.get_fuel().ok())
    }

    /// The octets that the heap has, used or not.
    #[must_use]
    pub fn heap_bytes(&self) -> u64 {
        self.store.gc_heap_capacity() as u64
    }

    /// What ends a running call from another thread.
    #[must_use]
    pub fn interrupt_handle(&self) -> InterruptHandle {
        let state = self.store.data();
        InterruptHandle { flag: Arc::clone(&state.interrupted), engine: state.engine.inner.weak() }
    }

    /// The descriptors that the programs opened.
    #[must_use]
    pub fn descriptors(&self) -> &DescriptorTable {
        &self.store.data().descriptors
    }

    /// Grants a host function, which Lisp code calls by the number returned: see [`Capabilities::host_function`].
    ///
    /// # Errors
    /// There are more than a number can tell apart.
    pub fn add_host_function(&mut self, function: HostFunction) -> Result<i32, HostError> {
        let functions = self.store.data_mut().grants.host.get_or_insert_default();
        let number =
            i32::try_from(functions.len()).map_err(|_| HostError::Limits("too many host functions".to_owned()))?;
        functions.push(function);
        Ok(number)
    }

    /// Grants calls of tools: see [`Capabilities::tools`].
    pub fn set_tool_service(&mut self, service: ToolService) {
        self.store.data_mut().grants.tools = Some(service);
    }

    /// Grants command-line arguments and environment variables, instead of any that were granted before: see
    /// [`Capabilities::environment`]. A module that is loaded into an image may have others than the image.
    pub fn set_environment(
        &mut self,
        arguments: impl IntoIterator<Item = String>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) {
        self.store.data_mut().grants.environment = Some(Environment::new(arguments, variables));
    }

    /// Grants compiling code into a running image.
    pub fn set_code_service(&mut self, service: CodeService) {
        self.store.data_mut().grants.code = Some(service);
    }

    /// Does several things with the modules, then writes out what is buffered.
    ///
    /// # Errors
    /// Those of the function; else buffered output that cannot be written.
    pub fn run<R>(&mut self, function: impl FnOnce(&mut Guest<'_>) -> Result<R, HostError>) -> Result<R, HostError> {
        self.store.data_mut().thrown = None;
        let stack_bytes = self.store.data().engine.options().stack_bytes;
        let result = on_big_stack(stack_bytes, || function(&mut Guest::new(self.store.as_context_mut())));
        let flushed = self.store.data_mut().descriptors.flush_all();
        let value = result?;
        flushed.map_err(|error| HostError::io("writing output", error))?;
        Ok(value)
    }

    /// Loads a standalone module or a base image, see [`Guest::load`].
    ///
    /// # Errors
    /// Those of [`Guest::load`].
    pub fn load(&mut self, module: &CompiledModule) -> Result<Instance, HostError> {
        self.run(|guest| guest.load(module))
    }

    /// Loads a dynamic module and links it to an image, see [`Guest::load_linked`].
    ///
    /// # Errors
    /// Those of [`Guest::load_linked`].
    pub fn load_linked(
        &mut self,
        module: &CompiledModule,
        image: Instance,
        literals: &[u8],
    ) -> Result<Instance, HostError> {
        self.run(|guest| guest.load_linked(module, image, literals))
    }

    /// Calls an export from octets to octets, see [`Guest::call_octets`].
    ///
    /// # Errors
    /// Those of [`Guest::call_octets`].
    pub fn call_octets(&mut self, instance: Instance, export: &str, octets: &[u8]) -> Result<Vec<u8>, HostError> {
        self.run(|guest| guest.call_octets(instance, export, octets))
    }

    /// Calls an export that takes 32-bit integers and returns one, see [`Guest::call_i32`].
    ///
    /// # Errors
    /// Those of [`Guest::call_i32`].
    pub fn call_i32(&mut self, instance: Instance, export: &str, arguments: &[i32]) -> Result<i32, HostError> {
        self.run(|guest| guest.call_i32(instance, export, arguments))
    }

    /// Calls an export that takes and returns nothing, see [`Guest::call_unit`].
    ///
    /// # Errors
    /// Those of [`Guest::call_unit`].
    pub fn call_unit(&mut self, instance: Instance, export: &str) -> Result<(), HostError> {
        self.run(|guest| guest.call_unit(instance, export))
    }

    /// Calls the export `_start`: runs a program. After a trap, or when a limit was reached, its export `_finish` is called,
    /// which writes out what waits in streams,
    /// with a budget of its own.
    ///
    /// # Errors
    /// Those of [`Guest::call_unit`]; [`HostError::Exit`] when the program asked to end, be it with 0.
    pub fn call_start(&mut self, instance: Instance) -> Result<(), HostError> {
        let ended = self.call_unit(instance, "_start");
        if matches!(&ended, Err(error) if error.is_cut_short()) {
            // What it can't write out is lost; the error says why the program ended.
            let _ = self.restart_budget().and_then(|()| self.call_unit(instance, "_finish"));
        }
        ended
    }

    /// Takes the report of the last condition that the image reported as unhandled.
    #[must_use]
    pub fn take_report(&mut self) -> Option<LispReport> {
        self.store.data_mut().report.take()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Files that the program left open. Nobody is left to hear of a failure.
        let _ = self.store.data_mut().descriptors.flush_all();
    }
}

fn check_limits(engine: &Engine, limits: &Limits) -> Result<(), HostError> {
    let options = engine.options();
    if limits.fuel.is_some() && !options.fuel {
        return Err(HostError::Limits("fuel is limited, but the engine does not count it".to_owned()));
    }
    if let Some(limit) = limits.heap_bytes
        && limit < options.initial_heap_bytes
    {
        let initial = options.initial_heap_bytes;
        return Err(HostError::Limits(format!("a heap of {limit} octets, but the engine begins with {initial}")));
    }
    if let Some(limit) = limits.stack_bytes
        && limit < options.stack_bytes
    {
        let given = options.stack_bytes;
        return Err(HostError::Limits(format!("a stack of {limit} octets, but the engine gives {given}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_move_between_threads() {
        const fn moves<T: Send>() {}
        moves::<Session>();
        moves::<Engine>();
        moves::<HostError>();
    }
}
