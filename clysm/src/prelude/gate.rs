//! The gate between programs and tools: whatever Lisp code does, a call gets through only if the guard has listed the tool.

use std::collections::{BTreeMap, BTreeSet};
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
    tools: Tools,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Whether a program runs: nothing may be called while it is compiled and examined.
    open: bool,
    /// What may be called by names in sources.
    named: BTreeSet<NamedImport>,
    /// What may be called by computed names.
    computed: BTreeSet<NamedImport>,
    calls: BTreeMap<NamedImport, u64>,
}

impl Gate {
    pub(crate) fn new(tools: Tools) -> Arc<Self> {
        Arc::new(Self { tools, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nothing through, and begins to count anew.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.open = false;
        state.calls.clear();
    }

    /// Lets these tools through, and no others.
    pub(crate) fn open(&self, named: BTreeSet<NamedImport>, computed: BTreeSet<NamedImport>) {
        let mut state = self.state();
        state.open = true;
        state.named = named;
        state.computed = computed;
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
        self.state().calls.iter().map(|(import, count)| (import.name.clone(), *count)).collect()
    }

    /// The service for a session.
    pub(crate) fn service(self: &Arc<Self>) -> ToolService {
        let gate = Arc::clone(self);
        Arc::new(move |_, call| Ok(gate.answer(&call)))
    }

    fn answer(&self, call: &ToolCall<'_>) -> Vec<u8> {
        let import = NamedImport { kind: call.kind, name: call.name.to_owned() };
        let tool = match self.admit(&import, call.computed) {
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
    fn admit(&self, import: &NamedImport, computed: bool) -> Result<Arc<dyn Tool>, String> {
        let mut state = self.state();
        let name = described(import);
        if !state.open {
            return Err(format!("{name} can't be called before the program runs"));
        }
        let permitted = if computed { &state.computed } else { &state.named };
        if !permitted.contains(import) {
            let how = if computed { " by a computed name" } else { "" };
            return Err(format!("{name} may not be called{how} by this program"));
        }
        let tool = self.tools.get(import).ok_or_else(|| format!("{name} is not there"))?;
        *state.calls.entry(import.clone()).or_default() += 1;
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
    let gate = Gate::new(tools);
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
    let reachable = policy.grants.iter().filter(|requirement| policy.grants_programs(requirement));
    reachable.filter(|requirement| !policy.tool(requirement).private).filter_map(import_of).collect()
}

/// The import that stands for a requirement, if it is a tool.
pub(super) fn import_of(requirement: &Requirement) -> Option<NamedImport> {
    match requirement {
        Requirement::Tool(name) => Some(NamedImport { kind: NamedKind::Tool, name: name.clone() }),
        Requirement::Upstream(id) => Some(NamedImport { kind: NamedKind::Upstream, name: id.id().to_owned() }),
        Requirement::Call => None,
    }
}

fn described(import: &NamedImport) -> String {
    match import.kind {
        NamedKind::Tool => format!("the tool {:?}", import.name),
        NamedKind::Upstream => format!("the upstream tool {:?}", import.name),
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
            Tools::new().tool("a", one).tool("b", one).tool("panics", |_: &[Value]| -> Value { panic!("no") }),
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
