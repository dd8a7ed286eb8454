//! The gate between programs and tools: whatever Lisp code does, a call gets through only if the guard has listed the tool.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clysm_dispatch::imports::{NamedImport, NamedKind};
use clysm_host::{ToolCall, ToolService};

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

    /// Lets these tools through, and those of earlier programs of the same engine, whose definitions are still there.
    pub(crate) fn open(&self, named: BTreeSet<NamedImport>, computed: BTreeSet<NamedImport>) {
        let mut state = self.state();
        state.open = true;
        state.named.extend(named);
        state.computed.extend(computed);
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
