//! Expression nodes.

use clysm_reader::Symbol;
use clysm_report::Span;

use crate::{AstLiteral, BlockId, FunctionId, TagbodyId, VariableId};

/// An expression with the source it came from.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it computes.
    pub kind: NodeKind,
    /// Where it was written.
    pub span: Span,
}

/// What a call calls.
#[derive(Clone, Debug)]
pub enum Callee {
    /// The global function of a symbol (which may stand for `(setf name)`).
    Global(Symbol),
    /// The same where that is `notinline`: called through the symbol's function cell, whatever is known of it.
    NotInline(Symbol),
    /// A function of an enclosing `flet` or `labels`.
    Local(FunctionId),
    /// The value of an expression, as `funcall` takes it.
    Computed(Box<Node>),
}

/// What an expression computes. The special operators of CLHS 3.1.2.1.2.1, resolved.
#[derive(Clone, Debug)]
pub enum NodeKind {
    /// A constant.
    Literal(AstLiteral),
    /// The value of a lexical variable.
    Local(VariableId),
    /// Assignment of a lexical variable; its value is the new value.
    SetLocal(VariableId, Box<Node>),
    /// The value of a dynamic variable.
    Special(Symbol),
    /// Assignment of a dynamic variable.
    SetSpecial(Symbol, Box<Node>),
    /// The function object of a global function.
    GlobalFunction(Symbol),
    /// A closure over a lambda expression, or the function object of a local function.
    Closure(FunctionId),
    /// A function call.
    Call(Callee, Vec<Node>),
    /// A primitive operation: an index into the compiler's table, up to two immediates, operands.
    Primitive {
        /// The primitive, by its number in the compiler's table.
        op: u16,
        /// Type and field operands, or zero.
        immediates: [u16; 2],
        /// The operands.
        args: Vec<Node>,
    },
    /// A conditional.
    If(Box<Node>, Box<Node>, Box<Node>),
    /// Expressions in sequence; the last one's values.
    Progn(Vec<Node>),
    /// Lexical bindings. Variables are unique, so later initial forms may refer to earlier variables.
    Let(Vec<(VariableId, Node)>, Box<Node>),
    /// Parallel dynamic bindings.
    BindSpecial(Vec<(Symbol, Node)>, Box<Node>),
    /// Dynamic bindings computed at run time: symbols, values, body.
    Progv(Box<Node>, Box<Node>, Box<Node>),
    /// An exit point.
    Block(BlockId, Box<Node>),
    /// Exit from a block with values.
    ReturnFrom(BlockId, Box<Node>),
    /// Statements with labels: segment 0 precedes the first tag, segment i follows tag i - 1.
    Tagbody(TagbodyId, Vec<Vec<Node>>),
    /// Transfer to the start of a segment (1-based: tag i - 1).
    Go(TagbodyId, u32),
    /// A dynamic exit point: tag, body.
    Catch(Box<Node>, Box<Node>),
    /// A dynamic exit: tag, values.
    Throw(Box<Node>, Box<Node>),
    /// Body and cleanup.
    UnwindProtect(Box<Node>, Box<Node>),
    /// The definition of local functions around a body.
    LocalFunctions(Vec<FunctionId>, Box<Node>),
    /// Several values.
    Values(Vec<Node>),
    /// Binds variables to the values of an expression.
    MultipleValueBind(Vec<VariableId>, Box<Node>, Box<Node>),
    /// Calls a function with all values of the argument expressions.
    MultipleValueCall(Box<Node>, Vec<Node>),
    /// The first expression's values, after the others were evaluated.
    MultipleValueProg1(Box<Node>, Box<Node>),
    /// A `load-time-value` form: an index into the form's list of such forms.
    LoadTimeValue(u32),
}

/// Visits the direct subexpressions of a node's kind, in evaluation order; `$iter` is `iter` or `iter_mut`.
macro_rules! children {
    ($kind:expr, $iter:ident, $visit:ident) => {
        match $kind {
            NodeKind::Literal(_)
            | NodeKind::Local(_)
            | NodeKind::Special(_)
            | NodeKind::GlobalFunction(_)
            | NodeKind::Closure(_)
            | NodeKind::Go(..)
            | NodeKind::LoadTimeValue(_) => {}
            NodeKind::SetLocal(_, value) | NodeKind::SetSpecial(_, value) => $visit(value),
            NodeKind::Block(_, body) | NodeKind::ReturnFrom(_, body) | NodeKind::LocalFunctions(_, body) => {
                $visit(body)
            }
            NodeKind::Call(callee, args) => {
                if let Callee::Computed(function) = callee {
                    $visit(function);
                }
                args.$iter().for_each($visit);
            }
            NodeKind::Primitive { args, .. } | NodeKind::Progn(args) | NodeKind::Values(args) => {
                args.$iter().for_each($visit)
            }
            NodeKind::If(a, b, c) | NodeKind::Progv(a, b, c) => [a, b, c].into_iter().for_each(|node| $visit(node)),
            NodeKind::Let(bindings, body) => {
                bindings.$iter().for_each(|(_, init)| $visit(init));
                $visit(body);
            }
            NodeKind::BindSpecial(bindings, body) => {
                bindings.$iter().for_each(|(_, init)| $visit(init));
                $visit(body);
            }
            NodeKind::Tagbody(_, segments) => {
                segments.$iter().for_each(|segment| segment.$iter().for_each(&mut *$visit))
            }
            NodeKind::Catch(a, b)
            | NodeKind::Throw(a, b)
            | NodeKind::UnwindProtect(a, b)
            | NodeKind::MultipleValueBind(_, a, b)
            | NodeKind::MultipleValueProg1(a, b) => [a, b].into_iter().for_each(|node| $visit(node)),
            NodeKind::MultipleValueCall(function, args) => {
                $visit(function);
                args.$iter().for_each($visit);
            }
        }
    };
}

impl Node {
    /// A node at a position.
    #[must_use]
    pub const fn new(kind: NodeKind, span: Span) -> Self {
        Self { kind, span }
    }

    /// A node without a position of its own.
    #[must_use]
    pub const fn unlocated(kind: NodeKind) -> Self {
        Self { kind, span: Span::NONE }
    }

    /// `nil`.
    #[must_use]
    pub const fn nil() -> Self {
        Self::unlocated(NodeKind::Literal(AstLiteral::nil()))
    }

    /// Several expressions as one.
    #[must_use]
    pub fn progn(mut nodes: Vec<Node>, span: Span) -> Self {
        match nodes.len() {
            0 => Self { span, ..Self::nil() },
            1 => nodes.remove(0),
            _ => Self::new(NodeKind::Progn(nodes), span),
        }
    }

    /// Calls `visit` with each direct subexpression, in evaluation order.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        children!(&self.kind, iter, visit);
    }

    /// Calls `visit` with each direct subexpression, in evaluation order, to be changed.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Node)) {
        children!(&mut self.kind, iter_mut, visit);
    }
}
