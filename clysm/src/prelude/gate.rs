//! The gate between programs and tools: whatever Lisp code does, a call gets through only if the guard has listed the tool.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clysm_dispatch::imports::{NamedImport, NamedKind};
use clysm_host::{ToolCall, ToolService};
use clysm_prelude::{HostPolicy, Requirement};
use clysm_report::ExitCode;
use thiserror::Error;

use super::examine::{imports, required};
use super::tools::{Tool, Tools};
use super::wire::{Answer, decode_arguments, encode_answer};
use crate::Failure;
use crate::functions::caught;

/// The tools of an engine, and which of them the program may call.
pub(crate) struct Gate {
    state: Mutex<State>,
}

struct State {
    /// Whether a program runs: nothing may be called while it is compiled and examined.
    open: bool,
    /// By name: those that belong to no server, and the servers'.
    tools: HashMap<String, Entry>,
    upstreams: HashMap<String, Entry>,
}

/// A tool that is offered, listed, or both.
#[derive(Default)]
struct Entry {
    tool: Option<Arc<dyn Tool>>,
    /// Whether it may be called by its name in sources.
    named: bool,
    /// Whether it may be called by computed names.
    computed: bool,
    calls: u64,
}

impl State {
    fn entries(&mut self, kind: NamedKind) -> &mut HashMap<String, Entry> {
        match kind {
            NamedKind::Tool => &mut self.tools,
            NamedKind::Upstream => &mut self.upstreams,
        }
    }

    fn entry(&mut self, import: NamedImport) -> &mut Entry {
        self.entries(import.kind).entry(import.name).or_default()
    }
}

impl Gate {
    pub(crate) fn new(tools: &Tools) -> Arc<Self> {
        let mut state = State { open: false, tools: HashMap::new(), upstreams: HashMap::new() };
        for (import, tool) in tools.iter() {
            state.entry(import.clone()).tool = Some(Arc::clone(tool));
        }
        Arc::new(Self { state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nothing through, and begins to count anew.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.open = false;
        let State { tools, upstreams, .. } = &mut *state;
        tools.values_mut().chain(upstreams.values_mut()).for_each(|entry| entry.calls = 0);
    }

    /// Lets these tools through, and no others.
    pub(crate) fn open(&self, named: BTreeSet<NamedImport>, computed: BTreeSet<NamedImport>) {
        let mut state = self.state();
        state.open = true;
        let State { tools, upstreams, .. } = &mut *state;
        tools.values_mut().chain(upstreams.values_mut()).for_each(|entry| {
            entry.named = false;
            entry.computed = false;
        });
        named.into_iter().for_each(|import| state.entry(import).named = true);
        computed.into_iter().for_each(|import| state.entry(import).computed = true);
    }

    /// Lets nothing through until it is opened or resumed.
    pub(crate) fn shut(&self) {
        self.state().open = false;
    }

    /// Lets through again what it was opened for.
    pub(crate) fn resume(&self) {
        self.state().open = true;
    }

    /// How often each tool was called since the gate was closed, by its name or `server/tool`.
    pub(crate) fn calls(&self) -> BTreeMap<String, u64> {
        let state = self.state();
        let called = state.tools.iter().chain(&state.upstreams).filter(|(_, entry)| entry.calls > 0);
        called.map(|(name, entry)| (name.clone(), entry.calls)).collect()
    }

    /// The service for a session.
    pub(crate) fn service(self: &Arc<Self>) -> ToolService {
        let gate = Arc::clone(self);
        Arc::new(move |_, call| Ok(gate.answer(&call)))
    }

    fn answer(&self, call: &ToolCall<'_>) -> Vec<u8> {
        let tool = match self.admit(call) {
            Ok(tool) => tool,
            Err(why) => return encode_answer(&Answer::Denied(&why)),
        };
        let result = match decode_arguments(call.arguments) {
            Ok(arguments) => caught(|| tool.call(&arguments)),
            Err(error) => Err(Failure::Error(error.to_string())),
        };
        encode_answer(&Answer::Returned(&result))
    }

    /// The tool, if the program may call it now.
    fn admit(&self, call: &ToolCall<'_>) -> Result<Arc<dyn Tool>, String> {
        let mut state = self.state();
        let name = || described(call.kind, call.name);
        if !state.open {
            return Err(format!("{} can't be called before the program runs", name()));
        }
        let entry = state.entries(call.kind).get_mut(call.name);
        let is_permitted = |entry: &&mut Entry| if call.computed { entry.computed } else { entry.named };
        let Some(entry) = entry.filter(is_permitted) else {
            let how = if call.computed { " by a computed name" } else { "" };
            return Err(format!("{} may not be called{how} by this program", name()));
        };
        let tool = entry.tool.as_ref().ok_or_else(|| format!("{} is not there", name()))?;
        entry.calls += 1;
        Ok(Arc::clone(tool))
    }
}

/// The service for a finished module: it may call the tools that it imports, and those must be granted, if there is a policy, and
/// offered. What the policy grants, but not to programs, a module may import and not call: it has that import for exports of its
/// prelude which its program may not call. By computed names it may call what the policy grants to programs, if it grants such
/// calls at all.
///
/// # Errors
/// The module imports a tool that is not granted or not offered; or the octets are no module.
pub fn module_service(wasm: &[u8], tools: Tools, policy: Option<&HostPolicy>) -> Result<ToolService, ModuleToolsError> {
    let imports = imports(wasm).map_err(|error| ModuleToolsError::Unreadable(error.to_string()))?;
    let code: BTreeSet<Requirement> = imports.iter().filter_map(|(module, name)| required(module, name)).collect();
    let is_granted = |requirement: &Requirement| policy.is_none_or(|policy| policy.grants(requirement));
    let is_offered =
        |requirement: &Requirement| import_of(requirement).is_none_or(|import| tools.get(&import).is_some());
    none_without(&code, is_granted).map_err(ModuleToolsError::NotGranted)?;
    none_without(&code, is_offered).map_err(ModuleToolsError::NotOffered)?;
    let for_programs = |requirement: &&Requirement| policy.is_none_or(|policy| policy.grants_programs(requirement));
    let named = code.iter().filter(for_programs).filter_map(import_of).collect();
    let computed = if code.contains(&Requirement::Call) { computed(&tools, policy) } else { BTreeSet::new() };
    let gate = Gate::new(&tools);
    gate.open(named, computed);
    Ok(gate.service())
}

/// Fails with the ids of the requirements that are not as they have to be.
fn none_without(code: &BTreeSet<Requirement>, is_met: impl Fn(&Requirement) -> bool) -> Result<(), Vec<String>> {
    let missing: Vec<String> =
        code.iter().filter(|requirement| !is_met(requirement)).map(ToString::to_string).collect();
    if missing.is_empty() { Ok(()) } else { Err(missing) }
}

/// Why a finished module can't have its tools.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModuleToolsError {
    /// It is none.
    #[error("not a valid module: {0}")]
    Unreadable(String),
    /// It imports what the policy does not grant.
    #[error("the module imports what the policy does not grant: {}", .0.join(", "))]
    NotGranted(Vec<String>),
    /// It imports tools that the host does not have.
    #[error("the module imports tools that the host does not have: {}", .0.join(", "))]
    NotOffered(Vec<String>),
}

impl ModuleToolsError {
    /// The diagnostic code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "invalid-module",
            Self::NotGranted(_) => "not-granted",
            Self::NotOffered(_) => "not-offered",
        }
    }

    /// The exit code that a command ends with: 3 when a tool is missing.
    #[must_use]
    pub const fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unreadable(_) => ExitCode::Failure,
            Self::NotGranted(_) | Self::NotOffered(_) => ExitCode::MissingDependency,
        }
    }
}

/// What may be called by computed names: of a policy what it grants to programs, else everything that is offered.
fn computed(tools: &Tools, policy: Option<&HostPolicy>) -> BTreeSet<NamedImport> {
    match policy {
        Some(policy) => granted_to_programs(policy),
        None => tools.imports().cloned().collect(),
    }
}

/// What a program may call itself by computed names, where it may do so at all.
pub(super) fn granted_to_programs(policy: &HostPolicy) -> BTreeSet<NamedImport> {
    policy.grants.iter().filter(|requirement| policy.grants_calls(requirement)).filter_map(import_of).collect()
}

/// The import that stands for a requirement, if it is a tool.
pub(super) fn import_of(requirement: &Requirement) -> Option<NamedImport> {
    match requirement {
        Requirement::Tool(name) => Some(NamedImport { kind: NamedKind::Tool, name: name.clone() }),
        Requirement::Upstream(id) => Some(NamedImport { kind: NamedKind::Upstream, name: id.id().to_owned() }),
        Requirement::Call => None,
    }
}

fn described(kind: NamedKind, name: &str) -> String {
    match kind {
        NamedKind::Tool => format!("the tool {name:?}"),
        NamedKind::Upstream => format!("the upstream tool {name:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn tool(name: &str) -> NamedImport {
        NamedImport { kind: NamedKind::Tool, name: name.to_owned() }
    }

    fn call<'a>(name: &'a str, computed: bool) -> ToolCall<'a> {
        ToolCall { kind: NamedKind::Tool, name, computed, arguments: &[0] }
    }

    /// The first octet of the answer: 0 for a value, 3 for a denial.
    fn status(gate: &Gate, name: &str, computed: bool) -> u8 {
        gate.answer(&call(name, computed))[0]
    }

    #[test]
    fn only_what_is_listed_is_called_and_only_while_the_gate_is_open() {
        let one = |_: &[Value]| 1;
        let gate = Gate::new(
            &Tools::new().tool("a", one).tool("b", one).tool("panics", |_: &[Value]| -> Value { panic!("no") }),
        );
        assert_eq!(status(&gate, "a", false), 3, "closed");
        gate.open([tool("a"), tool("panics"), tool("gone")].into(), [tool("b")].into());
        assert_eq!(status(&gate, "a", false), 0);
        assert_eq!(status(&gate, "a", true), 3, "not by a computed name");
        assert_eq!(status(&gate, "b", false), 3, "only by a computed name");
        assert_eq!(status(&gate, "b", true), 0);
        assert_eq!(status(&gate, "gone", false), 3);
        assert_eq!(status(&gate, "panics", false), 1, "a panic is the tool's failure");
        assert_eq!(gate.calls(), [("a".to_owned(), 1), ("b".to_owned(), 1), ("panics".to_owned(), 1)].into());
        gate.close();
        assert_eq!(status(&gate, "a", false), 3);
        assert!(gate.calls().is_empty());
    }
}
