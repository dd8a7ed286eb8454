//! Tools: what a host offers to programs.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use clysm_dispatch::imports::{NamedImport, NamedKind};

use crate::{Failure, HostResult, IntoHostFunction, Value};

/// A function of the host that a program calls with `clysm:call-tool`. Data go in and come out: no function or other object of the
/// program ever reaches a tool.
///
/// Closures are tools:
///
/// ```
/// use clysm::prelude::Tool;
/// use clysm::Value;
///
/// let count = |arguments: &[Value]| arguments.len();
/// assert_eq!(Tool::call(&count, &[1.into(), 2.into()]), Ok(2.into()));
/// ```
pub trait Tool: Send + Sync {
    /// Calls it.
    ///
    /// # Errors
    /// It failed: the program sees a `clysm:tool-error` with the text, or a `type-error`.
    fn call(&self, arguments: &[Value]) -> Result<Value, Failure>;
}

impl<F, R> Tool for F
where
    F: Fn(&[Value]) -> R + Send + Sync,
    R: HostResult,
{
    fn call(&self, arguments: &[Value]) -> Result<Value, Failure> {
        self(arguments).into_value()
    }
}

/// The tools that a host offers, by name, and those of the servers that it vouches for.
///
/// ```
/// use clysm::prelude::Tools;
/// use clysm::Value;
///
/// let tools = Tools::new()
///     .tool("now", |_: &[Value]| "2026-01-01")
///     .function("add", |a: i64, b: i64| a + b)
///     .upstream("crm", "get_user", |arguments: &[Value]| arguments[0].clone());
/// assert_eq!(tools.names().collect::<Vec<_>>(), ["add", "now"]);
/// ```
#[derive(Clone, Default)]
pub struct Tools {
    tools: BTreeMap<NamedImport, Arc<dyn Tool>>,
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.tools.keys()).finish()
    }
}

impl Tools {
    /// No tools.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tool, in place of any other of that name.
    #[must_use]
    pub fn tool(self, name: impl Into<String>, tool: impl Tool + 'static) -> Self {
        self.with(NamedKind::Tool, name.into(), Arc::new(tool))
    }

    /// Adds a closure with parameters of Rust types as a tool, see [`Engine::register`](crate::Engine::register).
    #[must_use]
    pub fn function<Args: 'static>(self, name: impl Into<String>, function: impl IntoHostFunction<Args>) -> Self {
        self.with(NamedKind::Tool, name.into(), Arc::new(Typed { function, arguments: PhantomData }))
    }

    /// Adds a tool of a server. A server's name has no slash.
    #[must_use]
    pub fn upstream(self, server: &str, name: &str, tool: impl Tool + 'static) -> Self {
        self.with(NamedKind::Upstream, format!("{server}/{name}"), Arc::new(tool))
    }

    fn with(mut self, kind: NamedKind, name: String, tool: Arc<dyn Tool>) -> Self {
        self.tools.insert(NamedImport { kind, name }, tool);
        self
    }

    /// The names of the tools that belong to no server, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().filter(|import| import.kind == NamedKind::Tool).map(|import| import.name.as_str())
    }

    /// The names of the servers' tools, as `server/tool`, in order.
    pub fn upstream_names(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().filter(|import| import.kind == NamedKind::Upstream).map(|import| import.name.as_str())
    }

    pub(crate) fn imports(&self) -> impl Iterator<Item = &NamedImport> {
        self.tools.keys()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&NamedImport, &Arc<dyn Tool>)> {
        self.tools.iter()
    }

    pub(crate) fn get(&self, import: &NamedImport) -> Option<&Arc<dyn Tool>> {
        self.tools.get(import)
    }
}

/// A closure with parameters of Rust types.
struct Typed<F, Args> {
    function: F,
    arguments: PhantomData<fn(Args)>,
}

impl<Args, F: IntoHostFunction<Args>> Tool for Typed<F, Args> {
    fn call(&self, arguments: &[Value]) -> Result<Value, Failure> {
        if arguments.len() != F::ARITY {
            return Err(Failure::Error(format!("it takes {} arguments, got {}", F::ARITY, arguments.len())));
        }
        self.function.call(arguments)
    }
}
