//! Tests whose outcome is known before the program runs: constants, and tests for types of which the program makes no
//! objects. What they decide against is cut out of the tree.

use clysm_ast::{Callee, Node, NodeKind};
use clysm_gc_types::{GcType, TypeSet};
use clysm_reader::Symbol;
use clysm_reader::hash::NameSet;

use crate::context::{Context, TopForm};
use crate::lower::{Intrinsic, Intrinsics, TypeTest};
use crate::primitives::{Operation, TypedOperation};

/// What is known of a program that is compiled as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedWorld {
    /// Types of which no code makes objects: tests for them are false.
    pub absent: TypeSet,
    /// Global functions that never return true.
    pub never_true: NameSet<Symbol>,
    /// Variables that are nil throughout.
    pub never_set: NameSet<Symbol>,
}

/// Decides tests.
#[derive(Clone, Copy, Debug)]
pub struct Decider<'a> {
    /// Names and primitives.
    pub cx: &'a Context,
    /// Inline functions.
    pub intrinsics: &'a Intrinsics,
    /// What is known of the program.
    pub world: &'a ClosedWorld,
}

impl Decider<'_> {
    /// A form without what can't run.
    #[must_use]
    pub fn fold(&self, form: &TopForm) -> TopForm {
        let mut form = form.clone();
        form.ast.functions.iter_mut().for_each(|function| self.fold_node(&mut function.body));
        form
    }

    fn fold_node(&self, node: &mut Node) {
        if let Some(taken) = self.taken(node) {
            *node = taken;
            return self.fold_node(node);
        }
        node.for_each_child_mut(&mut |child| self.fold_node(child));
    }

    /// What is left of a node of which a test decides what runs.
    fn taken(&self, node: &mut Node) -> Option<Node> {
        if matches!(node.kind, NodeKind::Primitive { .. }) && self.decide(node) == Some(false) {
            return Some(Node::nil());
        }
        let taken = match &mut node.kind {
            NodeKind::If(test, then, otherwise) => {
                if self.decide(test)? {
                    then
                } else {
                    otherwise
                }
            }
            NodeKind::Let(bindings, body) if self.is_or(bindings, body) => {
                let [(_, first)] = bindings.as_slice() else { return None };
                match (self.decide(first)?, &mut body.kind) {
                    (false, NodeKind::If(_, _, second)) => second,
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(std::mem::replace(&mut **taken, Node::nil()))
    }

    /// Whether the value of an expression is true, where that is known and evaluating it has no effect.
    #[must_use]
    pub fn decide(&self, node: &Node) -> Option<bool> {
        match &node.kind {
            NodeKind::Literal(literal) => Some(!literal.is_nil()),
            NodeKind::Special(symbol) => self.world.never_set.contains(symbol).then_some(false),
            NodeKind::Primitive { op, immediates, args } => self.primitive(*op, immediates[0], args),
            NodeKind::Call(Callee::Global(name), args) => self.call(*name, args),
            NodeKind::If(test, then, otherwise) => self.conditional(test, then, otherwise),
            NodeKind::Let(bindings, body) => self.let_(bindings, body),
            NodeKind::Block(_, body) => self.decide(body),
            _ => None,
        }
    }

    fn primitive(&self, op: u16, ty: u16, args: &[Node]) -> Option<bool> {
        let primitive = self.cx.primitives.get(usize::from(op))?;
        let is_absent = self.world.absent.contains(*GcType::TABLE.get(usize::from(ty))?);
        match primitive.operation {
            Operation::Typed(TypedOperation::Possible) => Some(!is_absent),
            Operation::Typed(TypedOperation::Is) if is_absent && args.iter().all(|arg| self.is_pure(arg)) => {
                Some(false)
            }
            _ => None,
        }
    }

    fn call(&self, name: Symbol, args: &[Node]) -> Option<bool> {
        let is_pure = args.iter().all(|arg| self.is_pure(arg));
        if self.world.never_true.contains(&name) {
            return is_pure.then_some(false);
        }
        match self.intrinsics.get(name, args.len())? {
            Intrinsic::Not => self.decide(&args[0]).map(|value| !value),
            _ if !is_pure => None,
            Intrinsic::Test(TypeTest::Atom) => self.world.absent.contains(GcType::Cons).then_some(true),
            Intrinsic::Test(test) => test.gc_type().filter(|ty| self.world.absent.contains(*ty)).map(|_| false),
            _ => None,
        }
    }

    fn conditional(&self, test: &Node, then: &Node, otherwise: &Node) -> Option<bool> {
        match self.decide(test) {
            Some(true) => self.decide(then),
            Some(false) => self.decide(otherwise),
            None if self.is_pure(test) => self.decide(then).filter(|value| self.decide(otherwise) == Some(*value)),
            None => None,
        }
    }

    /// `(or a b)` as the conversion makes it: `(let ((v a)) (if v v b))`.
    fn let_(&self, bindings: &[(clysm_ast::VariableId, Node)], body: &Node) -> Option<bool> {
        let ([(_, first)], NodeKind::If(_, _, otherwise)) = (bindings, &body.kind) else { return None };
        if !self.is_or(bindings, body) {
            return None;
        }
        if self.decide(first)? { Some(true) } else { self.decide(otherwise) }
    }

    fn is_or(&self, bindings: &[(clysm_ast::VariableId, Node)], body: &Node) -> bool {
        let ([(variable, _)], NodeKind::If(test, then, otherwise)) = (bindings, &body.kind) else { return false };
        let reads_it = |node: &Node| matches!(node.kind, NodeKind::Local(local) if local == *variable);
        reads_it(test) && reads_it(then) && !mentions(otherwise, *variable)
    }

    /// Whether evaluating an expression has no effect, errors included.
    fn is_pure(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::Literal(_) | NodeKind::Local(_) => true,
            NodeKind::Primitive { op, args, .. } => {
                let operation = self.cx.primitives.get(usize::from(*op)).map(|primitive| &primitive.operation);
                matches!(operation, Some(Operation::Typed(TypedOperation::Is)))
                    && args.iter().all(|arg| self.is_pure(arg))
            }
            NodeKind::Call(Callee::Global(name), args) => {
                let pure = matches!(
                    self.intrinsics.get(*name, args.len()),
                    Some(Intrinsic::Not | Intrinsic::Eq | Intrinsic::Identity | Intrinsic::Test(_))
                );
                pure && args.iter().all(|arg| self.is_pure(arg))
            }
            NodeKind::If(test, then, otherwise) => [test, then, otherwise].into_iter().all(|node| self.is_pure(node)),
            _ => false,
        }
    }
}

/// Whether an expression refers to a variable.
fn mentions(node: &Node, variable: clysm_ast::VariableId) -> bool {
    let mut found = matches!(&node.kind, NodeKind::Local(local) | NodeKind::SetLocal(local, _) if *local == variable);
    node.for_each_child(&mut |child| found |= mentions(child, variable));
    found
}
