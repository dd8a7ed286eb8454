//! What names stand for after code has run in the image: `eval`, `load` and functions such as `(setf macro-function)` change it
//! without the compiler's doing. The image tells of it with its reader state and with requests to compile, see `lisp/runtime/embedding.lisp`.

use clysm_compiler::context::Context;
use clysm_compiler::world::{OperatorFact, VariableFact};
use clysm_reader::{Datum, Symbol};

use crate::Error;

const MALFORMED: Error = Error::Protocol("malformed facts of names");

/// Bits of a symbol's flags, as `lisp/runtime/base.lisp` lists them.
const SPECIAL: i64 = 1;
const CONSTANT: i64 = 2;
const MACRO: i64 = 4;
const SYMBOL_MACRO: i64 = 8;
const GLOBAL: i64 = 16;
const NOTINLINE: i64 = 32;

/// Takes over a list of facts.
pub fn follow(cx: &mut Context, facts: Datum) -> Result<(), Error> {
    for fact in cx.heap.proper_list(facts).ok_or(MALFORMED)? {
        follow_one(cx, fact).ok_or(MALFORMED)?;
    }
    Ok(())
}

/// `(symbol flags function-p compiler-macro-p setf-expander-p . expansion)`.
fn follow_one(cx: &mut Context, fact: Datum) -> Option<()> {
    let mut elements = [Datum::NIL; 5];
    let mut expansion = fact;
    for element in &mut elements {
        (*element, expansion) = cx.heap.uncons(expansion)?;
    }
    let [Datum::Symbol(symbol), Datum::Fixnum(flags), function, compiler_macro, setf_expander] = elements else {
        return None;
    };
    let variable = variable(cx, symbol, flags, expansion);
    let facts = cx.world.facts_mut(symbol);
    facts.variable = variable;
    facts.operator = match (flags & MACRO != 0, function.is_nil()) {
        (true, _) => OperatorFact::Macro,
        (false, false) => OperatorFact::Function,
        (false, true) => OperatorFact::Unknown,
    };
    facts.compiler_macro = !compiler_macro.is_nil();
    facts.setf_expander = !setf_expander.is_nil();
    facts.notinline = flags & NOTINLINE != 0;
    Some(())
}

fn variable(cx: &Context, symbol: Symbol, flags: i64, expansion: Datum) -> VariableFact {
    let known = cx.world.facts(symbol).variable;
    if flags & SYMBOL_MACRO != 0 {
        VariableFact::SymbolMacro(expansion)
    } else if flags & CONSTANT != 0 {
        if matches!(known, VariableFact::Constant(_)) { known } else { VariableFact::Constant(None) }
    } else if flags & GLOBAL != 0 {
        VariableFact::Global
    } else if flags & SPECIAL != 0 {
        VariableFact::Special
    } else {
        VariableFact::Unknown
    }
}
