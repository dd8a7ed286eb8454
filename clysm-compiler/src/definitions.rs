//! The global functions that the forms of a root module define, and how they are called.

use clysm_reader::Symbol;
use clysm_reader::hash::{NameMap, NameSet};

use crate::context::{Context, FormKind, TopForm};
use crate::module::defined_function;

/// The functions that forms define.
#[derive(Debug)]
pub struct Definitions {
    /// The form that defines a function, the last one of a function that is defined again.
    pub(crate) forms: NameMap<Symbol, usize>,
    /// Functions that are defined again: they are called through their symbols, and each definition takes effect when it
    /// runs.
    pub(crate) again: NameSet<Symbol>,
    /// Functions that are declaimed `notinline`: they are called through their symbols.
    notinline: NameSet<Symbol>,
}

impl Definitions {
    /// Looks through all forms.
    #[must_use]
    pub fn of(cx: &Context, forms: &[TopForm]) -> Self {
        let mut definitions =
            Self { forms: NameMap::default(), again: NameSet::default(), notinline: NameSet::default() };
        for (index, form) in forms.iter().enumerate() {
            if let Some(symbol) = defined_function(form.kind)
                && definitions.forms.insert(symbol, index).is_some()
            {
                definitions.again.insert(symbol);
            }
            if let FormKind::Function(symbol, _) = form.kind
                && cx.world.facts(symbol).notinline
            {
                definitions.notinline.insert(symbol);
            }
        }
        definitions
    }

    /// Whether a form defines the function.
    #[must_use]
    pub fn defines(&self, symbol: Symbol) -> bool {
        self.forms.contains_key(&symbol)
    }

    /// Whether calls of a function go to its Wasm function directly.
    #[must_use]
    pub fn is_direct(&self, symbol: Symbol) -> bool {
        self.forms.contains_key(&symbol) && !self.again.contains(&symbol) && !self.notinline.contains(&symbol)
    }

    /// What a form is to the linker.
    pub(crate) fn kind(&self, kind: FormKind) -> FormKind {
        match kind {
            FormKind::Function(symbol, _) if self.again.contains(&symbol) => FormKind::Expression(None),
            kind => kind,
        }
    }
}
