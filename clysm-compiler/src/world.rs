//! What the compiler knows of global names: special variables, constants, macros, functions and their parameters.

use std::sync::Arc;

use clysm_ast::{Parameters, Representation};
use clysm_reader::{Datum, Layered, Symbol};
use clysm_report::Span;
use serde::{Deserialize, Serialize};

/// How calls of a global function pass arguments to its Wasm function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The number of required parameters.
    pub required: u32,
    /// The number of optional parameters.
    pub optional: u32,
    /// Whether a list of further arguments follows.
    pub rest: bool,
    /// The keywords, in parameter order.
    pub keywords: Vec<Symbol>,
    /// Whether keyword arguments are accepted at all.
    pub accepts_keywords: bool,
    /// Whether unknown keywords are accepted.
    pub allow_other_keys: bool,
    /// For a function with a raw Wasm signature: the parameters' and the result's representations.
    pub raw: Option<(Vec<Representation>, Representation)>,
    /// Where the function was defined; [`Span::NONE`] for functions of the library.
    pub span: Span,
}

impl Signature {
    /// The signature of a function with these parameters, defined at `span`.
    #[must_use]
    pub fn new(parameters: &Parameters, raw: Option<(Vec<Representation>, Representation)>, span: Span) -> Self {
        Self {
            required: count(parameters.required.len()),
            optional: count(parameters.optional.len()),
            rest: parameters.rest.is_some(),
            keywords: parameters.keywords.iter().map(|keyword| keyword.keyword).collect(),
            accepts_keywords: parameters.accepts_keywords,
            allow_other_keys: parameters.allow_other_keys,
            raw,
            span,
        }
    }

    /// The number of Wasm parameters after the function object.
    #[must_use]
    pub fn parameter_count(&self) -> u32 {
        self.required + self.optional + u32::from(self.rest) + count(self.keywords.len())
    }

    /// The largest argument count, none when there is no limit.
    #[must_use]
    pub const fn max_count(&self) -> Option<u32> {
        if self.rest || self.accepts_keywords { None } else { Some(self.required + self.optional) }
    }

    /// Whether a call with that many arguments fits.
    #[must_use]
    pub fn accepts(&self, arguments: u32) -> bool {
        arguments >= self.required && self.max_count().is_none_or(|max| arguments <= max)
    }

    /// The accepted counts in words, such as `at least 1 argument`.
    #[must_use]
    pub fn expected(&self) -> String {
        let (counts, last) = match self.max_count() {
            None => (format!("at least {}", self.required), self.required),
            Some(max) if max == self.required => (format!("exactly {max}"), max),
            Some(max) => (format!("{} to {max}", self.required), max),
        };
        format!("{counts} argument{}", if last == 1 { "" } else { "s" })
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// What a symbol names as a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum VariableFact {
    /// Nothing known: an undefined variable, taken as special.
    #[default]
    Unknown,
    /// Proclaimed special.
    Special,
    /// A global variable that is never bound dynamically and always has a value.
    Global,
    /// A constant, with its value where the compiler knows it.
    Constant(Option<Datum>),
    /// A global symbol macro.
    SymbolMacro(Datum),
}

/// What a symbol names as an operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperatorFact {
    /// Nothing known.
    #[default]
    Unknown,
    /// A macro whose expander lives in the image.
    Macro,
    /// A function.
    Function,
}

/// The facts of one symbol.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// As a variable.
    pub variable: VariableFact,
    /// As an operator.
    pub operator: OperatorFact,
    /// Has a compiler macro in the image.
    pub compiler_macro: bool,
    /// Has a setf expander or `defsetf` in the image.
    pub setf_expander: bool,
    /// Declaimed `notinline`.
    pub notinline: bool,
}

/// The global compile-time environment.
#[derive(Clone, Debug, Default)]
pub struct World {
    facts: Layered<Facts>,
    /// By the symbol's index.
    signatures: Layered<Option<Arc<Signature>>>,
    changes: u64,
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has later clones share what is known now.
    pub fn share(&mut self) {
        self.facts.share();
        self.signatures.share();
    }

    /// What is known of a symbol.
    #[must_use]
    pub fn facts(&self, symbol: Symbol) -> Facts {
        self.facts.get(symbol.index()).copied().unwrap_or_default()
    }

    /// How often facts may have changed so far. While that is the same, nothing more refers to data than did before.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// Changes what is known of a symbol.
    pub fn facts_mut(&mut self, symbol: Symbol) -> &mut Facts {
        self.changes += 1;
        self.facts.fill(symbol.index() + 1, Facts::default());
        &mut self.facts[symbol.index()]
    }

    /// The parameters of a function that compiled code may call directly.
    #[must_use]
    pub fn signature(&self, symbol: Symbol) -> Option<&Signature> {
        self.signatures.get(symbol.index())?.as_deref()
    }

    /// Records a function's parameters.
    pub fn set_signature(&mut self, symbol: Symbol, signature: Signature) {
        self.signatures.fill(symbol.index() + 1, None);
        self.signatures[symbol.index()] = Some(Arc::new(signature));
    }

    /// Whether references to the variable are dynamic.
    #[must_use]
    pub fn is_special(&self, symbol: Symbol) -> bool {
        matches!(self.facts(symbol).variable, VariableFact::Special | VariableFact::Global)
    }
}
