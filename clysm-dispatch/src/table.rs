//! The runtime function table: which Lisp functions compiled code may call by a fixed name, and with how many
//! arguments.

use std::collections::BTreeMap;

use thiserror::Error;

/// What a runtime function is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Compiling from within Lisp.
    Compilation,
    /// Descriptions of WasmGC types.
    GcTypes,
    /// AST literals.
    Ast,
    /// The slow paths of arithmetic.
    Arithmetic,
    /// The slow paths of data access.
    Data,
    /// Errors that compiled code signals.
    Errors,
    /// Control transfer and dynamic state.
    Control,
    /// Argument passing.
    Calls,
}

/// One runtime function (seed: Runtime Function Table Entry).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeFunction {
    /// The Lisp function's symbol, `package:name` in lower case, such as `clysm:ast-literal-p`.
    pub symbol: String,
    /// The Wasm function's name as a keyword, such as `:$ast-literal-p-rt`.
    pub runtime_name: String,
    /// The exact argument count, none for a variadic function.
    pub arity: Option<u32>,
    /// What it is for.
    pub category: Category,
}

/// Why a registration was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegistrationError {
    /// Rule 1: each symbol may be registered once.
    #[error("runtime function {symbol} is registered already")]
    Duplicate {
        /// The symbol.
        symbol: String,
    },
    /// Rule 3: all symbols are in the `clysm` package.
    #[error("runtime function {symbol} is not in the package clysm")]
    ForeignPackage {
        /// The symbol.
        symbol: String,
    },
    /// Rule 4: a runtime name is a keyword that starts with `$` and ends with `-rt`.
    #[error("the runtime name {runtime_name} of {symbol} is not a keyword of the form :$…-rt")]
    MalformedRuntimeName {
        /// The symbol.
        symbol: String,
        /// The name as given.
        runtime_name: String,
    },
    /// Registration happens once; afterwards the table is sealed.
    #[error("the runtime function table is sealed: {symbol} comes too late")]
    Sealed {
        /// The symbol.
        symbol: String,
    },
}

/// Rule 2: a call's argument count differs from the function's arity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{symbol} takes exactly {expected} argument{}, got {got}", if *.expected == 1 { "" } else { "s" })]
pub struct ArityError {
    /// The function.
    pub symbol: String,
    /// Its arity.
    pub expected: u32,
    /// The call's argument count.
    pub got: u32,
}

/// The runtime function table, keyed by symbol.
///
/// ```
/// use clysm_dispatch::{RuntimeFunctionTable, register_ast_runtime_functions};
///
/// let mut table = RuntimeFunctionTable::new();
/// register_ast_runtime_functions(&mut table)?;
/// table.seal();
/// let entry = table.get("clysm:ast-literal-p").expect("registered");
/// assert_eq!(entry.runtime_name, ":$ast-literal-p-rt");
/// assert!(table.check_arity("clysm:ast-literal-p", 2).is_err());
/// # Ok::<(), clysm_dispatch::RegistrationError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct RuntimeFunctionTable {
    entries: BTreeMap<String, RuntimeFunction>,
    sealed: bool,
}

impl RuntimeFunctionTable {
    /// An empty, open table.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function.
    ///
    /// # Errors
    /// One of the validation rules is broken, or the table is sealed.
    pub fn register(&mut self, function: RuntimeFunction) -> Result<(), RegistrationError> {
        let symbol = function.symbol.clone();
        if self.sealed {
            return Err(RegistrationError::Sealed { symbol });
        }
        if !symbol.strip_prefix("clysm:").is_some_and(|name| !name.is_empty() && !name.starts_with(':')) {
            return Err(RegistrationError::ForeignPackage { symbol });
        }
        if !is_runtime_name(&function.runtime_name) {
            return Err(RegistrationError::MalformedRuntimeName { symbol, runtime_name: function.runtime_name });
        }
        if self.entries.contains_key(&symbol) {
            return Err(RegistrationError::Duplicate { symbol });
        }
        self.entries.insert(symbol, function);
        Ok(())
    }

    /// Ends registration.
    pub const fn seal(&mut self) {
        self.sealed = true;
    }

    /// Whether registration has ended.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.sealed
    }

    /// The entry of a symbol.
    #[must_use]
    pub fn get(&self, symbol: &str) -> Option<&RuntimeFunction> {
        self.entries.get(symbol)
    }

    /// Checks a call's argument count against the symbol's arity; symbols that are not registered pass.
    ///
    /// # Errors
    /// The symbol is registered with another arity.
    pub fn check_arity(&self, symbol: &str, got: u32) -> Result<(), ArityError> {
        match self.get(symbol).and_then(|entry| entry.arity) {
            Some(expected) if expected != got => Err(ArityError { symbol: symbol.to_owned(), expected, got }),
            _ => Ok(()),
        }
    }

    /// All entries in the order of their symbols.
    pub fn iter(&self) -> impl Iterator<Item = &RuntimeFunction> {
        self.entries.values()
    }
}

fn is_runtime_name(name: &str) -> bool {
    name.strip_prefix(":$").and_then(|rest| rest.strip_suffix("-rt")).is_some_and(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(symbol: &str, runtime_name: &str) -> RuntimeFunction {
        RuntimeFunction {
            symbol: symbol.to_owned(),
            runtime_name: runtime_name.to_owned(),
            arity: Some(1),
            category: Category::Ast,
        }
    }

    #[test]
    fn each_rule_has_its_error() {
        let mut table = RuntimeFunctionTable::new();
        assert_eq!(table.register(entry("clysm:f", ":$f-rt")), Ok(()));
        assert!(matches!(table.register(entry("clysm:f", ":$f-rt")), Err(RegistrationError::Duplicate { .. })));
        for symbol in ["cl:f", "f", "clysm:", "clysm::f"] {
            let refused = table.register(entry(symbol, ":$f-rt"));
            assert!(matches!(refused, Err(RegistrationError::ForeignPackage { .. })), "{symbol}");
        }
        for name in ["$f-rt", ":f-rt", ":$f", ":$-rt", ""] {
            let refused = table.register(entry("clysm:g", name));
            assert!(matches!(refused, Err(RegistrationError::MalformedRuntimeName { .. })), "{name}");
        }
        table.seal();
        assert!(matches!(table.register(entry("clysm:h", ":$h-rt")), Err(RegistrationError::Sealed { .. })));
    }

    #[test]
    fn a_wrong_count_names_symbol_expected_and_got() {
        let mut table = RuntimeFunctionTable::new();
        table.register(entry("clysm:f", ":$f-rt")).expect("valid");
        assert_eq!(table.check_arity("clysm:f", 1), Ok(()));
        assert_eq!(table.check_arity("clysm:unknown", 7), Ok(()));
        let error = table.check_arity("clysm:f", 3).expect_err("one argument only");
        assert_eq!(error.to_string(), "clysm:f takes exactly 1 argument, got 3");
    }
}
