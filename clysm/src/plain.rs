//! Forms that gain nothing from being compiled: each part of them runs once, and the place of an error in them is their own.

use clysm_compiler::context::Context;
use clysm_compiler::world::{OperatorFact, VariableFact};
use clysm_reader::{Datum, Symbol};

/// Whether a form is a constant, a variable, or the call of a function with only such arguments, and nothing about it is to be
/// warned of.
pub fn is_plain(cx: &Context, form: Datum) -> bool {
    match cx.heap.uncons(form) {
        Some((Datum::Symbol(function), arguments)) => is_constant(cx, form) || is_call(cx, function, arguments),
        Some(_) => false,
        None => is_atom(cx, form),
    }
}

fn is_call(cx: &Context, function: Symbol, arguments: Datum) -> bool {
    let facts = cx.world.facts(function);
    if facts.operator != OperatorFact::Function || facts.compiler_macro || cx.names.operator(function).is_some() {
        return false;
    }
    let Some(arguments) = cx.heap.proper_list(arguments) else { return false };
    let fits = cx.world.signature(function).is_none_or(|signature| signature.accepts(arguments.len() as u32));
    fits && arguments.iter().all(|argument| is_atom(cx, *argument) || is_constant(cx, *argument))
}

/// Atoms evaluate to themselves, or to the value of a variable.
fn is_atom(cx: &Context, form: Datum) -> bool {
    match form {
        Datum::Cons(_) => false,
        Datum::Symbol(symbol) if symbol == Symbol::NIL || symbol == Symbol::T || cx.symbols.is_keyword(symbol) => true,
        Datum::Symbol(symbol) => {
            !matches!(cx.world.facts(symbol).variable, VariableFact::Unknown | VariableFact::SymbolMacro(_))
        }
        _ => true,
    }
}

/// `(quote x)`, or `(function f)` of a function that is known.
fn is_constant(cx: &Context, form: Datum) -> bool {
    let parts = cx.heap.proper_list(form).unwrap_or_default();
    let [Datum::Symbol(operator), operand] = parts[..] else { return false };
    match (operator, operand) {
        (Symbol::QUOTE, _) => true,
        (Symbol::FUNCTION, Datum::Symbol(name)) => cx.world.facts(name).operator == OperatorFact::Function,
        _ => false,
    }
}
