//! The definitions of a prelude: what its forms define, with parameters, places and docstrings.

use clysm_ast::{Ast, FunctionId, Parameters};
use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_reader::{PackageId, Symbol};
use clysm_report::Span;

use crate::export::Arity;
use crate::references::{Argument, Call, References};

/// What something is defined as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefinitionKind {
    /// A function.
    Function,
    /// A variable: `defconstant`, `defparameter`, `defvar`.
    Constant,
    /// A macro.
    Macro,
    /// A function with a raw signature.
    Raw,
}

impl DefinitionKind {
    /// What it is in words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Constant => "variable",
            Self::Macro => "macro",
            Self::Raw => "raw function",
        }
    }
}

/// The parameters of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many arguments it takes.
    pub arity: Arity,
    /// How many it must have.
    pub min: u32,
    /// How many it may have.
    pub max: Option<u32>,
    /// The names for display.
    pub params: Vec<String>,
}

impl Shape {
    /// That of a value.
    #[must_use]
    pub const fn constant() -> Self {
        Self { arity: Arity::Fixed(0), min: 0, max: Some(0), params: Vec::new() }
    }

    /// That of a function of a form.
    ///
    /// A call with keyword arguments can have any even number of them, as keywords may be repeated (CLHS 3.4.1.4), but never
    /// more than a limit that does not matter: so the largest number is none.
    #[must_use]
    pub fn of(cx: &Context, ast: &Ast, function: FunctionId) -> Self {
        let Some(function) = ast.functions.get(function.index()) else { return Self::constant() };
        let parameters = &function.parameters;
        let (min, max) = (parameters.min_count(), parameters.max_count());
        let is_fixed = max == Some(min) && parameters.optional.is_empty();
        let arity = if is_fixed { Arity::Fixed(min) } else { Arity::Variadic };
        Self { arity, min, max, params: display_names(cx, ast, parameters) }
    }
}

/// The names of a lambda list. `&rest` is written `&`. A symbol of no package, which a macro that takes the parameter apart put
/// there, has no name to show and becomes `argN`.
fn display_names(cx: &Context, ast: &Ast, parameters: &Parameters) -> Vec<String> {
    let mut number = 0;
    let mut name = |symbol: Symbol| {
        number += 1;
        match cx.symbols.package(symbol) {
            Some(_) => cx.symbols.name(symbol).to_lowercase(),
            None => format!("arg{number}"),
        }
    };
    let variable = |id: clysm_ast::VariableId| ast.variable(id).name;
    let mut names: Vec<String> = parameters.required.iter().map(|id| name(variable(*id))).collect();
    if !parameters.optional.is_empty() {
        names.push("&optional".to_owned());
        names.extend(parameters.optional.iter().map(|optional| name(variable(optional.variable))));
    }
    if let Some(rest) = parameters.rest {
        names.extend(["&".to_owned(), name(variable(rest))]);
    }
    if parameters.accepts_keywords {
        names.push("&key".to_owned());
        // What a caller writes.
        names.extend(parameters.keywords.iter().map(|keyword| name(keyword.keyword)));
    }
    if parameters.allow_other_keys {
        names.push("&allow-other-keys".to_owned());
    }
    names
}

/// A definition, before it is known whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) symbol: Symbol,
    pub(crate) kind: DefinitionKind,
    pub(crate) shape: Shape,
    /// The number of the form.
    pub(crate) form: usize,
    pub(crate) span: Span,
}

/// Internal functions that define their first argument.
const DEFINERS: &[(&str, DefinitionKind)] = &[
    ("%DEFUN", DefinitionKind::Function),
    ("%DEFMACRO", DefinitionKind::Macro),
    ("%DECLARE-SPECIAL", DefinitionKind::Constant),
    ("%DECLARE-GLOBAL", DefinitionKind::Constant),
    ("%DEFCONSTANT", DefinitionKind::Constant),
    ("%DEFINE-SYMBOL-MACRO", DefinitionKind::Macro),
];

/// What a form defines, wherever in it that is done.
pub(crate) fn definitions(cx: &Context, number: usize, form: &TopForm, references: &References) -> Vec<Found> {
    if let FormKind::Raw(symbol, function) = form.kind {
        let shape = Shape::of(cx, &form.ast, function);
        return vec![Found { symbol, kind: DefinitionKind::Raw, shape, form: number, span: form.span }];
    }
    let definers: Vec<(Symbol, DefinitionKind)> =
        DEFINERS.iter().filter_map(|(name, kind)| Some((internal(cx, name)?, *kind))).collect();
    let mut found: Vec<Found> = Vec::new();
    for call in &references.calls {
        let Some((_, kind)) = definers.iter().find(|(definer, _)| *definer == call.function) else { continue };
        let Some(symbol) = call.arguments.first().and_then(|argument| argument.symbol()) else { continue };
        let shape = shape(cx, &form.ast, *kind, call);
        // One definition can record itself in several ways.
        if !found.iter().any(|known| known.symbol == symbol && known.kind == *kind && *kind != DefinitionKind::Function)
        {
            found.push(Found { symbol, kind: *kind, shape, form: number, span: form.span.or(call.span) });
        }
    }
    found
}

fn shape(cx: &Context, ast: &Ast, kind: DefinitionKind, call: &Call) -> Shape {
    match (kind, call.arguments.get(1)) {
        (DefinitionKind::Function, Some(Argument::Closure(function))) => Shape::of(cx, ast, *function),
        (DefinitionKind::Function, Some(Argument::Function(other))) => match cx.world.signature(*other) {
            Some(signature) => Shape {
                arity: match signature.max_count() {
                    Some(max) if max == signature.required => Arity::Fixed(max),
                    _ => Arity::Variadic,
                },
                min: signature.required,
                max: signature.max_count(),
                params: Vec::new(),
            },
            None => Shape { arity: Arity::Variadic, min: 0, max: None, params: Vec::new() },
        },
        (DefinitionKind::Function, _) => Shape { arity: Arity::Variadic, min: 0, max: None, params: Vec::new() },
        _ => Shape::constant(),
    }
}

/// The docstrings that forms record: symbol, whether of the variable, text.
pub(crate) fn docstrings(cx: &Context, references: &[References]) -> Vec<(Symbol, bool, String)> {
    let Some(record) = internal(cx, "%SET-DOCUMENTATION") else { return Vec::new() };
    let calls = references.iter().flat_map(|references| &references.calls).filter(|call| call.function == record);
    calls.filter_map(|call| docstring(cx, call)).collect()
}

fn docstring(cx: &Context, call: &Call) -> Option<(Symbol, bool, String)> {
    let [symbol, namespace, Argument::Literal(text)] = call.arguments.as_slice() else { return None };
    let namespace = cx.symbols.name(namespace.symbol()?);
    let text = cx.heap.text(*text)?.to_owned();
    Some((symbol.symbol()?, namespace == "VARIABLE", text))
}

/// The symbol of CLYSM with that name, if anything refers to it.
pub(crate) fn internal(cx: &Context, name: &str) -> Option<Symbol> {
    cx.symbols.find(PackageId::CLYSM, name).map(|(symbol, _)| symbol)
}
