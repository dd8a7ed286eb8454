//! What a form refers to: a walk over its tree.
//!
//! The match over [`NodeKind`] and [`Callee`] has an arm for each variant and none for the rest, so that a new kind of node does
//! not compile until somebody has said here what it refers to. What can't be followed errs towards a reference:
//!
//! - all functions of a form are walked, whether or not anything calls them, and so are `load-time-value` forms;
//! - a symbol that is a constant, or is anywhere within one, is a reference: it could be called, as those of a dispatch table
//!   are. Only symbols that are themselves arguments of a discovery function are not;
//! - a string constant that could be a format control refers to the functions of its `~/name/` directives.
//!
//! Names that are lexically shadowed are no references: conversion has resolved them.

use std::collections::HashSet;

use clysm_ast::{Ast, Callee, FunctionId, Node, NodeKind};
use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_compiler::primitives::{Operation, SpecialOperation};
use clysm_dispatch::imports::{IMPORTS, NamedImport, NamedKind};
use clysm_reader::{Datum, Object, PackageId, Symbol};
use clysm_report::Span;

use crate::control_strings::named_functions;

/// The import module of calls by computed names.
pub(crate) const CALL_MODULE: &str = "clysm:call";

/// Functions that tell about the symbols which are their arguments, and call none.
const DISCOVERY: &[(PackageId, &str)] = &[
    (PackageId::CLYSM, "DESCRIBE-EXPORT"),
    (PackageId::CLYSM, "EXPORT-METADATA"),
    (PackageId::CLYSM, "EXPORT-SOURCE"),
    (PackageId::COMMON_LISP, "DESCRIBE"),
    (PackageId::COMMON_LISP, "DOCUMENTATION"),
];

/// Functions that call a tool by a computed name.
const COMPUTED: &[&str] = &["CALL-TOOL", "CALL-UPSTREAM"];

/// How many arguments a call has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u32),
    /// So many, and perhaps more.
    AtLeast(u32),
}

/// An argument, as far as it can be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Argument {
    /// A constant.
    Literal(Datum),
    /// The function object of a global function.
    Function(Symbol),
    /// A closure.
    Closure(FunctionId),
    /// Anything else.
    Other,
}

impl Argument {
    /// The symbol, if the argument is a constant symbol.
    #[must_use]
    pub fn symbol(self) -> Option<Symbol> {
        match self {
            Self::Literal(value) => value.as_symbol(),
            Self::Function(_) | Self::Closure(_) | Self::Other => None,
        }
    }
}

/// A call of a global function, by its name or through a constant that names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub function: Symbol,
    /// How many arguments it has.
    pub count: Count,
    /// The arguments that can be told apart, from the first on.
    pub arguments: Vec<Argument>,
    /// Where.
    pub span: Span,
}

/// How a symbol is referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// As the function of a call.
    Called,
    /// As a function object.
    Function,
    /// As a constant, or within one.
    Constant,
    /// In a format directive within a string.
    ControlString,
    /// As an argument of a discovery function: such a symbol is only asked about.
    Asked,
}

/// In which function of its form something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// In none: it is evaluated when the form is loaded.
    Load,
    /// In the function that the form defines.
    Main,
    /// In a function within another, or in one that is not defined at toplevel.
    Nested,
}

/// A reference to a symbol that may name a global function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The symbol.
    pub symbol: Symbol,
    /// How.
    pub position: Position,
    /// Where.
    pub span: Span,
    /// In which function.
    pub depth: Depth,
}

/// What is done to a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Its value is taken.
    Read,
    /// It is assigned.
    Assign,
    /// It is bound dynamically.
    Bind,
}

/// A reference to a variable that is not lexical.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableReference {
    /// The variable.
    pub symbol: Symbol,
    /// What is done to it.
    pub access: Access,
    /// Where.
    pub span: Span,
    /// In which function.
    pub depth: Depth,
}

/// A call of a tool or upstream operation whose name stands in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What is called.
    pub import: NamedImport,
    /// Where.
    pub span: Span,
    /// In which function.
    pub depth: Depth,
}

/// A use of a primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrimitiveUse {
    /// Its number in the compiler's table.
    pub op: u16,
    /// Its type and field operands.
    pub immediates: [u16; 2],
    /// Where.
    pub span: Span,
}

/// A place that calls tools by computed names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComputedCall {
    /// Where.
    pub span: Span,
    /// In which function.
    pub depth: Depth,
}

/// What forms refer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct References {
    /// Calls of tools by name.
    pub invocations: Vec<Invocation>,
    /// Calls of tools by computed names.
    pub computed: Vec<ComputedCall>,
    /// Calls of global functions.
    pub calls: Vec<Call>,
    /// Symbols that may name global functions.
    pub mentions: Vec<Mention>,
    /// Variables.
    pub variables: Vec<VariableReference>,
    /// Symbols that a `progv` with a constant list binds.
    pub progv: Vec<(Symbol, Span)>,
    /// Primitives.
    pub primitives: Vec<PrimitiveUse>,
    /// Constants that are live objects, which could be functions.
    pub live_objects: Vec<Span>,
}

impl References {
    /// What a form refers to.
    #[must_use]
    pub fn of(cx: &Context, form: &TopForm) -> Self {
        let mut walk = Walk::new(cx, form);
        for (number, function) in (0..).zip(&form.ast.functions) {
            let id = FunctionId(number);
            walk.depth = if id == Ast::TOPLEVEL || form.ast.load_time_values.contains(&id) {
                Depth::Load
            } else if Some(id) == defined(form.kind) {
                Depth::Main
            } else {
                Depth::Nested
            };
            walk.tree(&function.body);
        }
        walk.found
    }

    /// Adds those of another form.
    pub fn extend(&mut self, other: Self) {
        self.invocations.extend(other.invocations);
        self.computed.extend(other.computed);
        self.calls.extend(other.calls);
        self.mentions.extend(other.mentions);
        self.variables.extend(other.variables);
        self.progv.extend(other.progv);
        self.primitives.extend(other.primitives);
        self.live_objects.extend(other.live_objects);
    }

    /// The symbols referred to otherwise than by a question about them.
    pub fn symbols(&self) -> impl Iterator<Item = (Symbol, Span)> + '_ {
        let mentioned = self.mentions.iter().filter(|mention| mention.position != Position::Asked);
        let variables = self.variables.iter().map(|variable| (variable.symbol, variable.span));
        mentioned.map(|mention| (mention.symbol, mention.span)).chain(variables).chain(self.progv.iter().copied())
    }
}

const fn defined(kind: FormKind) -> Option<FunctionId> {
    match kind {
        FormKind::Function(_, id) | FormKind::Raw(_, id) => Some(id),
        FormKind::Macro(_) | FormKind::Expression(_) => None,
    }
}

struct Walk<'a> {
    cx: &'a Context,
    span: Span,
    discovery: Vec<Symbol>,
    computed: Vec<Symbol>,
    /// Compound constants that were seen already.
    seen: HashSet<Datum>,
    depth: Depth,
    pending: Vec<&'a Node>,
    found: References,
}

impl<'a> Walk<'a> {
    fn new(cx: &'a Context, form: &TopForm) -> Self {
        let find = |package, name: &str| cx.symbols.find(package, name).map(|(symbol, _)| symbol);
        Self {
            cx,
            span: form.span,
            discovery: DISCOVERY.iter().filter_map(|(package, name)| find(*package, name)).collect(),
            computed: COMPUTED.iter().filter_map(|name| find(PackageId::CLYSM, name)).collect(),
            seen: HashSet::new(),
            depth: Depth::Load,
            pending: Vec::new(),
            found: References::default(),
        }
    }

    /// Trees may be as deep as forms are nested, so the walk keeps its own stack.
    fn tree(&mut self, root: &'a Node) {
        self.pending.push(root);
        while let Some(node) = self.pending.pop() {
            self.node(node);
        }
    }

    fn node(&mut self, node: &'a Node) {
        let span = node.span.or(self.span);
        match &node.kind {
            NodeKind::Literal(literal) => self.constant(literal.value, span),
            NodeKind::GlobalFunction(symbol) => self.mention(*symbol, Position::Function, span),
            NodeKind::Special(symbol) => self.variable(*symbol, Access::Read, span),
            NodeKind::SetSpecial(symbol, value) => {
                self.variable(*symbol, Access::Assign, span);
                self.pending.push(value);
            }
            NodeKind::BindSpecial(bindings, body) => {
                for (symbol, value) in bindings {
                    self.variable(*symbol, Access::Bind, span);
                    self.pending.push(value);
                }
                self.pending.push(body);
            }
            NodeKind::Progv(symbols, _, _) => {
                self.progv(symbols, span);
                self.children(node);
            }
            NodeKind::Call(callee, args) => self.call(callee, args, span),
            NodeKind::MultipleValueCall(function, args) => {
                if let Some(called) = constant_function(function) {
                    self.add_call(called, Count::AtLeast(0), Vec::new(), span);
                }
                self.pending.push(function);
                self.pending.extend(args);
            }
            NodeKind::Primitive { op, immediates, args } => self.primitive(*op, *immediates, args, span),
            // Their functions are walked by themselves.
            NodeKind::Closure(_) | NodeKind::LocalFunctions(..) | NodeKind::LoadTimeValue(_) => self.children(node),
            NodeKind::Local(_)
            | NodeKind::SetLocal(..)
            | NodeKind::If(..)
            | NodeKind::Progn(_)
            | NodeKind::Let(..)
            | NodeKind::Block(..)
            | NodeKind::ReturnFrom(..)
            | NodeKind::Tagbody(..)
            | NodeKind::Go(..)
            | NodeKind::Catch(..)
            | NodeKind::Throw(..)
            | NodeKind::UnwindProtect(..)
            | NodeKind::Values(_)
            | NodeKind::MultipleValueBind(..)
            | NodeKind::MultipleValueProg1(..) => self.children(node),
        }
    }

    fn children(&mut self, node: &'a Node) {
        let pending = &mut self.pending;
        node.for_each_child(&mut |child| pending.push(child));
    }

    fn mention(&mut self, symbol: Symbol, position: Position, span: Span) {
        if self.computed.contains(&symbol) && position != Position::Asked {
            self.found.computed.push(ComputedCall { span, depth: self.depth });
        }
        self.found.mentions.push(Mention { symbol, position, span, depth: self.depth });
    }

    fn variable(&mut self, symbol: Symbol, access: Access, span: Span) {
        self.found.variables.push(VariableReference { symbol, access, span, depth: self.depth });
    }

    fn progv(&mut self, symbols: &Node, span: Span) {
        let NodeKind::Literal(literal) = &symbols.kind else { return };
        let symbols = self.cx.heap.proper_list(literal.value).unwrap_or_default();
        self.found.progv.extend(symbols.into_iter().filter_map(Datum::as_symbol).map(|symbol| (symbol, span)));
    }

    fn call(&mut self, callee: &'a Callee, args: &'a [Node], span: Span) {
        match callee {
            Callee::Global(symbol) | Callee::NotInline(symbol) => {
                // A call that must not be inlined goes by what the symbol's function is then.
                let is_direct = matches!(callee, Callee::Global(_));
                self.mention(*symbol, if is_direct { Position::Called } else { Position::Function }, span);
                self.global_call(*symbol, args, span);
                if self.discovery.contains(symbol) {
                    return self.asked(args);
                }
            }
            Callee::Local(_) => {}
            Callee::Computed(function) => {
                if let Some(called) = constant_function(function) {
                    self.global_call(called, args, span);
                }
                self.pending.push(function);
            }
        }
        self.pending.extend(args);
    }

    /// A call of that function, and if that calls its first argument, the call of that, and so on.
    fn global_call(&mut self, function: Symbol, args: &'a [Node], span: Span) {
        let known = &self.cx.names.known;
        let (funcall, apply) = (known.funcall, known.apply);
        let mut function = function;
        let mut rest = args;
        loop {
            self.add_call(function, Count::Exactly(count(rest.len())), arguments(rest), span);
            match rest.split_first() {
                Some((first, others)) if function == funcall => match constant_function(first) {
                    Some(called) => (function, rest) = (called, others),
                    None => return,
                },
                Some((first, others)) if function == apply => {
                    if let Some(called) = constant_function(first) {
                        self.applied(called, others, span);
                    }
                    return;
                }
                _ => return,
            }
        }
    }

    /// `(apply function argument… list)`.
    fn applied(&mut self, function: Symbol, args: &[Node], span: Span) {
        let Some((list, args)) = args.split_last() else { return };
        let mut seen = arguments(args);
        let spread = match &list.kind {
            NodeKind::Literal(literal) => self.cx.heap.proper_list(literal.value),
            _ => None,
        };
        let count = match spread {
            Some(elements) => {
                seen.extend(elements.into_iter().map(Argument::Literal));
                Count::Exactly(count(seen.len()))
            }
            None => Count::AtLeast(count(seen.len())),
        };
        self.add_call(function, count, seen, span);
    }

    fn add_call(&mut self, function: Symbol, count: Count, arguments: Vec<Argument>, span: Span) {
        self.found.calls.push(Call { function, count, arguments, span });
    }

    /// The arguments of a discovery function: those that are constant symbols are only asked about.
    fn asked(&mut self, args: &'a [Node]) {
        for arg in args {
            match &arg.kind {
                NodeKind::Literal(literal) => match literal.value.as_symbol() {
                    Some(symbol) => self.mention(symbol, Position::Asked, arg.span.or(self.span)),
                    None => self.pending.push(arg),
                },
                _ => self.pending.push(arg),
            }
        }
    }

    fn primitive(&mut self, op: u16, immediates: [u16; 2], args: &'a [Node], span: Span) {
        match self.cx.primitives.get(usize::from(op)).map(|primitive| &primitive.operation) {
            Some(Operation::Named(_)) => self.invocation(immediates[0], span),
            Some(Operation::Import(number)) if is_computed_call(*number) => {
                self.found.computed.push(ComputedCall { span, depth: self.depth });
            }
            Some(Operation::Special(SpecialOperation::Funcall)) => {
                if let Some((function, args)) = args.split_first()
                    && let Some(called) = constant_function(function)
                {
                    self.global_call(called, args, span);
                }
            }
            Some(Operation::Numeric(_) | Operation::Typed(_) | Operation::Special(_) | Operation::Import(_)) | None => {
            }
        }
        self.found.primitives.push(PrimitiveUse { op, immediates, span });
        self.pending.extend(args);
    }

    fn invocation(&mut self, number: u16, span: Span) {
        let depth = self.depth;
        match self.cx.named_imports.get(usize::from(number)) {
            Some(import) => {
                self.found.invocations.push(Invocation { import: import.clone(), span, depth });
            }
            // A tree that is not of this compilation: it could call anything.
            None => self.found.computed.push(ComputedCall { span, depth }),
        }
    }

    /// Notes the symbols and control strings of a constant. It may be circular.
    fn constant(&mut self, value: Datum, span: Span) {
        let mut pending = vec![value];
        while let Some(value) = pending.pop() {
            match value {
                Datum::Symbol(symbol) => {
                    if symbol != Symbol::NIL && symbol != Symbol::T && !self.cx.symbols.is_keyword(symbol) {
                        self.mention(symbol, Position::Constant, span);
                    }
                }
                Datum::Cons(_) | Datum::Object(_) if !self.seen.insert(value) => {}
                Datum::Cons(_) => pending.extend([self.cx.heap.car(value), self.cx.heap.cdr(value)]),
                Datum::Object(id) => self.object(id, &mut pending, span),
                Datum::Fixnum(_) | Datum::Char(_) | Datum::Single(_) | Datum::Double(_) => {}
            }
        }
    }

    fn object(&mut self, id: clysm_reader::ObjectId, pending: &mut Vec<Datum>, span: Span) {
        let cx = self.cx;
        match cx.heap.get(id) {
            Object::String(text) => {
                for symbol in named_functions(cx, text) {
                    self.mention(symbol, Position::ControlString, span);
                }
            }
            object @ (Object::Vector(_) | Object::Array { .. } | Object::Structure(_)) => {
                pending.extend(object.parts())
            }
            Object::Foreign(_) => self.found.live_objects.push(span),
            Object::Big(_)
            | Object::Ratio(_)
            | Object::Complex(..)
            | Object::Bits(_)
            | Object::Numbers(_)
            | Object::Pathname(_) => {}
        }
    }
}

/// The global function that an expression's value certainly is, or names.
fn constant_function(node: &Node) -> Option<Symbol> {
    match &node.kind {
        NodeKind::GlobalFunction(symbol) => Some(*symbol),
        NodeKind::Literal(literal) => literal.value.as_symbol().filter(|symbol| *symbol != Symbol::NIL),
        _ => None,
    }
}

fn arguments(args: &[Node]) -> Vec<Argument> {
    let argument = |node: &Node| match &node.kind {
        NodeKind::Literal(literal) => Argument::Literal(literal.value),
        NodeKind::GlobalFunction(symbol) => Argument::Function(*symbol),
        NodeKind::Closure(function) => Argument::Closure(*function),
        _ => Argument::Other,
    };
    args.iter().map(argument).collect()
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn is_computed_call(number: u16) -> bool {
    IMPORTS.get(usize::from(number)).is_some_and(|import| import.module == CALL_MODULE)
}

/// The requirement for calls of a named import; none if its name can't be that of one.
pub(crate) fn requirement(import: &NamedImport) -> Option<crate::Requirement> {
    let prefix = match import.kind {
        NamedKind::Tool => "tool",
        NamedKind::Upstream => "upstream",
    };
    format!("{prefix}:{}", import.name).parse().ok()
}
