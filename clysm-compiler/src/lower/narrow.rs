//! What is known of the types of variables where code is written: each check of a type is made once.
//!
//! A checked reference is kept in a local of the exact type. That local is set wherever Wasm's own rules for locals
//! without a default say so: from the check to the end of the construct in which it stands, and in what is nested there.
//! The same holds for the knowledge, unless an assignment of the variable ends it.

use std::collections::BTreeSet;

use clysm_ast::{Callee, Node, NodeKind, Representation, VariableId};
use clysm_gc_types::{GcType, ref_to};
use wasm_encoder::Instruction;

use super::intrinsics::{Intrinsic, TypeTest};
use super::{Lowerer, Slot};
use crate::primitives::{Operation, TypedOperation};

/// A variable whose value is known to be of a type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Narrowed {
    variable: VariableId,
    ty: GcType,
    /// The local with the reference.
    local: u32,
    /// The construct in which the check stands.
    construct: u32,
}

/// A test of a variable's type.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypeCheck {
    pub(super) variable: VariableId,
    pub(super) ty: GcType,
    /// The truth value of the test with which the variable has the type.
    pub(super) sense: bool,
    /// `endp`, which rejects what is neither a cons nor nil.
    pub(super) strict: bool,
}

impl Lowerer<'_, '_> {
    /// The local that holds an expression's value as a reference of a type, if it is known to be one.
    pub(super) fn known(&mut self, node: &Node, ty: GcType) -> Option<u32> {
        let NodeKind::Local(variable) = node.kind else { return None };
        let code = &self.code;
        let known = self
            .narrowed
            .iter()
            .find(|known| known.variable == variable && known.ty == ty && code.is_open(known.construct));
        known.map(|known| known.local)
    }

    /// Writes an expression whose value must be of a type; a trap otherwise.
    pub(super) fn of_type(&mut self, node: &Node, ty: GcType) {
        if let Some(local) = self.known(node, ty) {
            return self.code.get(local);
        }
        self.object(node);
        self.cast(ty);
        if let NodeKind::Local(variable) = node.kind
            && self.is_narrowable(variable)
        {
            let local = self.remember(variable, ty);
            self.code.tee(local);
        }
    }

    /// Whether checks of a variable can be remembered, and are worth it.
    fn is_narrowable(&self, variable: VariableId) -> bool {
        matches!(self.slots[variable.index()], Some(Slot::Local(_, Representation::Object)))
            && self.ast.variable(variable).reads > 1
    }

    /// A local for the reference that a check of a variable gives; it must be set at once.
    pub(super) fn remember(&mut self, variable: VariableId, ty: GcType) -> u32 {
        self.forget_closed();
        let local = self.code.local(ref_to(ty));
        self.narrowed.push(Narrowed { variable, ty, local, construct: self.code.construct() });
        local
    }

    fn forget_closed(&mut self) {
        let code = &mut self.code;
        self.narrowed.retain(|known| {
            let open = code.is_open(known.construct);
            if !open {
                code.release(known.local);
            }
            open
        });
    }

    /// Ends what is known of a variable.
    pub(super) fn forget(&mut self, variable: VariableId) {
        let code = &mut self.code;
        self.narrowed.retain(|known| {
            if known.variable == variable {
                code.release(known.local);
            }
            known.variable != variable
        });
    }

    /// Ends what is known of the variables that are assigned in code which may run again.
    pub(super) fn forget_assigned(&mut self, segments: &[Vec<Node>]) {
        if self.narrowed.is_empty() {
            return;
        }
        let mut assigned = BTreeSet::new();
        segments.iter().flatten().for_each(|node| collect_assigned(node, &mut assigned));
        assigned.into_iter().for_each(|variable| self.forget(variable));
    }

    /// The type check that a test is, if what it finds out can be remembered.
    pub(super) fn type_check(&self, test: &Node) -> Option<TypeCheck> {
        let (arg, ty, sense, strict) = match &test.kind {
            NodeKind::Primitive { op, immediates, args } => {
                let primitive = self.context.cx.primitives.get(usize::from(*op))?;
                let Operation::Typed(TypedOperation::Is) = primitive.operation else { return None };
                (args.first()?, GcType::TABLE.get(usize::from(immediates[0])).copied()?, true, false)
            }
            NodeKind::Call(Callee::Global(name), args) => match self.naturals.intrinsic(*name, args.len())? {
                Intrinsic::Test(TypeTest::Atom) => (args.first()?, GcType::Cons, false, false),
                Intrinsic::Test(test) => (args.first()?, test.gc_type()?, true, false),
                Intrinsic::Endp => (args.first()?, GcType::Cons, false, true),
                Intrinsic::Not => {
                    let check = self.type_check(args.first()?)?;
                    return Some(TypeCheck { sense: !check.sense, ..check });
                }
                _ => return None,
            },
            _ => return None,
        };
        let NodeKind::Local(variable) = arg.kind else { return None };
        self.is_narrowable(variable).then_some(TypeCheck { variable, ty, sense, strict })
    }

    /// Leaves control only if the check finds the type, which is known from then on; `otherwise` never ends.
    pub(super) fn guard(&mut self, check: TypeCheck, otherwise: impl FnOnce(&mut Self)) {
        let typed = self.code.block(wasm_encoder::BlockType::Result(ref_to(check.ty)));
        self.read_variable(check.variable);
        self.branch_on_cast(check.ty, typed);
        self.reject(check);
        otherwise(self);
        self.code.op(&Instruction::Unreachable);
        self.code.end();
        let local = self.remember(check.variable, check.ty);
        self.code.set(local);
    }

    /// Whether control never comes out of an expression at its end.
    pub(super) fn diverges(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::ReturnFrom(..) | NodeKind::Go(..) | NodeKind::Throw(..) => true,
            NodeKind::Call(Callee::Global(name), _) => self.never_returns(*name),
            NodeKind::Progn(nodes) => nodes.last().is_some_and(|last| self.diverges(last)),
            NodeKind::Let(_, body) => self.diverges(body),
            NodeKind::If(_, then, otherwise) => self.diverges(then) && self.diverges(otherwise),
            _ => false,
        }
    }

    /// Takes the object on the stack that is not of the type.
    pub(super) fn reject(&mut self, check: TypeCheck) {
        if !check.strict {
            return self.code.op(&Instruction::Drop);
        }
        let object = self.store_object();
        self.code.get(object);
        self.nil();
        self.code.ops(&[Instruction::RefEq, Instruction::I32Eqz]);
        self.code.if_(wasm_encoder::BlockType::Empty);
        let endp = self.context.cx.names.known.endp;
        self.slow(endp, &[object]);
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.code.release(object);
    }
}

fn collect_assigned(node: &Node, into: &mut BTreeSet<VariableId>) {
    if let NodeKind::SetLocal(variable, _) = &node.kind {
        into.insert(*variable);
    }
    node.for_each_child(&mut |child| collect_assigned(child, into));
}
