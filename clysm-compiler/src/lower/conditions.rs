//! Tests: expressions of which only the truth is wanted, and the jumps that they decide.

use clysm_ast::{Callee, Node, NodeKind, Representation, VariableId};
use clysm_gc_types::{GcType, eq_ref};
use clysm_reader::Symbol;
use clysm_report::Span;
use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::Label;
use super::intrinsics::Intrinsic;
use super::narrow::TypeCheck;
use super::numbers::fixnum_node;
use super::{Lowerer, Want, is_nil, value_type};

use Representation::{Condition, Object};

/// What becomes of a test.
#[derive(Clone, Copy, Debug)]
pub(super) enum Outcome {
    /// An `i32` on the stack that is zero for false.
    Value,
    /// A jump.
    Jump(Jump),
}

/// A jump that a test decides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jump {
    /// With which truth it is made.
    pub(super) when: bool,
    /// Where it leads.
    pub(super) label: Label,
    /// Where it leads with an object on the stack that was not of the type tested for; what is known of the type where no
    /// jump was made is remembered.
    pub(super) mismatch: Option<Label>,
}

impl Jump {
    pub(super) const fn new(when: bool, label: Label) -> Self {
        Self { when, label, mismatch: None }
    }
}

impl Outcome {
    /// The type of a block that the test leaves with this outcome.
    pub(super) const fn block_type(self) -> BlockType {
        match self {
            Self::Value => BlockType::Result(ValType::I32),
            Self::Jump(_) => BlockType::Empty,
        }
    }
}

impl Lowerer<'_, '_> {
    /// Turns the condition on the stack into the outcome.
    pub(super) fn decide(&mut self, outcome: Outcome) {
        if let Outcome::Jump(jump) = outcome {
            if !jump.when {
                self.code.op(&Instruction::I32Eqz);
            }
            self.code.br_if(jump.label);
        }
    }

    pub(super) fn conditional(&mut self, test: &Node, then: &Node, otherwise: &Node, want: Want) {
        let check = self.type_check(test);
        // The branch in which something is known comes first.
        let sense = check.is_none_or(|check| check.sense);
        let (first, second) = if sense { (then, otherwise) } else { (otherwise, then) };
        match check {
            Some(check) if want == Want::Effect && is_nil(first) && self.diverges(second) => {
                self.guard(check, |lowerer| lowerer.node(second, want));
            }
            None if want == Want::Effect && (is_nil(then) || is_nil(otherwise)) => {
                let skip = self.code.block(BlockType::Empty);
                let when = is_nil(then);
                self.branch(test, Jump::new(when, skip));
                self.node(if when { otherwise } else { then }, want);
                self.code.end();
            }
            _ => self.two_branches(test, check, [first, second], want),
        }
        if want == Want::Return {
            self.code.op(&Instruction::Unreachable);
        }
    }

    /// The first branch is taken if the check finds the type, or without a check if the test is true.
    fn two_branches(&mut self, test: &Node, check: Option<TypeCheck>, [first, second]: [&Node; 2], want: Want) {
        let end = self.code.block(match want {
            Want::Effect | Want::Return => BlockType::Empty,
            Want::Value(representation) => BlockType::Result(value_type(representation)),
            Want::Values => BlockType::Result(eq_ref()),
        });
        let strict = check.filter(|check| check.strict);
        let other = strict.is_none().then(|| self.code.block(BlockType::Empty));
        let knows = check.is_some() || self.knows_more(test);
        let mismatch = knows.then(|| self.code.block(BlockType::Result(eq_ref())));
        match (check, mismatch, other) {
            (Some(check), Some(mismatch), _) => self.narrow(check, mismatch),
            (_, _, Some(label)) => self.branch(test, Jump { when: false, label, mismatch }),
            _ => {}
        }
        self.node(first, want);
        self.code.br(end);
        if mismatch.is_some() {
            self.code.end();
            match strict {
                Some(check) => self.reject(check),
                None => self.code.op(&Instruction::Drop),
            }
        }
        if other.is_some() {
            self.code.end();
        }
        self.node(second, want);
        self.code.end();
    }

    /// Branches with a variable's value unless it is of a type, which is known from then on.
    fn narrow(&mut self, check: TypeCheck, mismatch: Label) {
        self.read_variable(check.variable);
        self.cast_or(check.ty, mismatch);
        let local = self.remember(check.variable, check.ty);
        self.code.set(local);
    }

    /// Whether something is known of a variable when a conjunction is true.
    fn knows_more(&self, test: &Node) -> bool {
        match &test.kind {
            NodeKind::If(test, then, otherwise) if is_nil(otherwise) => [test, then].into_iter().any(|part| {
                self.type_check(part).is_some_and(|check| check.sense && !check.strict) || self.knows_more(part)
            }),
            _ => false,
        }
    }

    /// Writes a test: an `i32` that is zero for false.
    pub(super) fn condition(&mut self, node: &Node) {
        let by_jumps = match &node.kind {
            NodeKind::Let(bindings, body) => self.is_or(bindings, body) || matches!(body.kind, NodeKind::If(..)),
            NodeKind::If(..) => true,
            _ => false,
        };
        if by_jumps {
            self.materialise(|lowerer, no| lowerer.branch(node, Jump::new(false, no)));
        } else {
            self.node(node, Want::Value(Condition));
        }
    }

    /// Leaves whether `jump` did not jump.
    fn materialise(&mut self, jump: impl FnOnce(&mut Self, Label)) {
        let out = self.code.block(BlockType::Result(ValType::I32));
        let no = self.code.block(BlockType::Empty);
        jump(self, no);
        self.code.i32(1);
        self.code.br(out);
        self.code.end();
        self.code.i32(0);
        self.code.end();
    }

    /// Jumps if the truth of an expression is the one that the jump is for.
    fn branch(&mut self, node: &Node, jump: Jump) {
        let plain = Jump { mismatch: None, ..jump };
        match &node.kind {
            NodeKind::Literal(literal) => {
                if literal.is_nil() != jump.when {
                    self.code.br(jump.label);
                }
            }
            NodeKind::If(test, then, otherwise) if is_nil(otherwise) && !jump.when => {
                self.branch(test, jump);
                self.branch(then, jump);
            }
            NodeKind::If(test, then, otherwise) => self.branch_on_if(test, then, otherwise, plain),
            NodeKind::Let(bindings, body) if self.is_or(bindings, body) => {
                if let ([(_, first)], NodeKind::If(_, _, second)) = (bindings.as_slice(), &body.kind) {
                    self.branch_on_or(first, second, plain);
                }
            }
            NodeKind::Let(bindings, body) => {
                let locals = self.bind_variables(bindings);
                self.branch(body, jump);
                self.release_all(locals);
            }
            NodeKind::Progn(nodes) if let Some((last, rest)) = nodes.split_last() => {
                rest.iter().for_each(|node| self.node(node, Want::Effect));
                self.branch(last, jump);
            }
            _ => match (jump.mismatch, self.type_check(node)) {
                (Some(mismatch), Some(check)) if check.sense && !check.strict => self.narrow(check, mismatch),
                _ => self.branch_on_call(node, plain),
            },
        }
    }

    fn branch_on_call(&mut self, node: &Node, jump: Jump) {
        if let NodeKind::Call(Callee::Global(name), args) = &node.kind {
            match self.naturals.intrinsic(*name, args.len()) {
                Some(Intrinsic::Not) => return self.branch(&args[0], Jump { when: !jump.when, ..jump }),
                Some(intrinsic) if intrinsic.is_test() => {
                    return self.test_call(intrinsic, *name, args, node.span, Outcome::Jump(jump));
                }
                _ => {}
            }
        }
        self.node(node, Want::Value(Condition));
        self.decide(Outcome::Jump(jump));
    }

    fn branch_on_or(&mut self, first: &Node, second: &Node, jump: Jump) {
        if jump.when {
            self.branch(first, jump);
            return self.branch(second, jump);
        }
        let yes = self.code.block(BlockType::Empty);
        self.branch(first, Jump::new(true, yes));
        self.branch(second, jump);
        self.code.end();
    }

    fn branch_on_if(&mut self, test: &Node, then: &Node, otherwise: &Node, jump: Jump) {
        let out = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Empty);
        self.branch(test, Jump::new(false, other));
        self.branch(then, jump);
        self.code.br(out);
        self.code.end();
        self.branch(otherwise, jump);
        self.code.end();
    }

    /// Whether a `let` is `(let ((v a)) (if v v b))` with no other use of `v`, as the conversion makes `(or a b)`.
    fn is_or(&self, bindings: &[(VariableId, Node)], body: &Node) -> bool {
        let [(variable, _)] = bindings else { return false };
        let NodeKind::If(test, then, _) = &body.kind else { return false };
        let reads_it = |node: &Node| matches!(node.kind, NodeKind::Local(local) if local == *variable);
        reads_it(test) && reads_it(then) && self.ast.variable(*variable).reads == 2
    }

    /// Writes a call of an inline function that is a test.
    pub(super) fn test_call(
        &mut self,
        intrinsic: Intrinsic,
        name: Symbol,
        args: &[Node],
        span: Span,
        outcome: Outcome,
    ) {
        match intrinsic {
            Intrinsic::Compare(comparison) => self.compare(comparison, &args[0], &args[1], span, outcome),
            Intrinsic::Sign(comparison) => self.compare(comparison, &args[0], &fixnum_node(0), span, outcome),
            Intrinsic::NotEqual => self.not_equal(args, span, outcome),
            Intrinsic::CharEqual => self.char_equal(name, &args[0], &args[1], outcome),
            Intrinsic::Eq => {
                self.eq(&args[0], &args[1]);
                self.decide(outcome);
            }
            Intrinsic::Test(test) => {
                self.type_test(test, &args[0]);
                self.decide(outcome);
            }
            Intrinsic::Eql | Intrinsic::Endp => match outcome {
                Outcome::Value => self.materialise(|lowerer, no| {
                    lowerer.test_call(intrinsic, name, args, span, Outcome::Jump(Jump::new(false, no)));
                }),
                Outcome::Jump(jump) if intrinsic == Intrinsic::Eql => self.eql(args, jump),
                Outcome::Jump(jump) => self.endp(name, &args[0], jump),
            },
            _ => self.code.op(&Instruction::Unreachable),
        }
    }

    fn not_equal(&mut self, args: &[Node], span: Span, outcome: Outcome) {
        let equal = super::intrinsics::Comparison::Equal;
        match outcome {
            Outcome::Value => {
                self.compare(equal, &args[0], &args[1], span, outcome);
                self.code.op(&Instruction::I32Eqz);
            }
            Outcome::Jump(jump) => {
                let inverse = Jump { when: !jump.when, ..jump };
                self.compare(equal, &args[0], &args[1], span, Outcome::Jump(inverse));
            }
        }
    }

    /// Objects that are not the same are compared by the library, unless the first is a fixnum.
    fn eql(&mut self, args: &[Node], jump: Jump) {
        if self.eq_decides_eql(&args[0], &args[1]) {
            self.eq(&args[0], &args[1]);
            return self.decide(Outcome::Jump(jump));
        }
        let left = self.object_local(&args[0]);
        let right = self.object_local(&args[1]);
        let done = self.code.block(BlockType::Empty);
        let (yes, no) = if jump.when { (jump.label, done) } else { (done, jump.label) };
        self.code.get(left);
        self.code.get(right);
        self.code.op(&Instruction::RefEq);
        self.code.br_if(yes);
        self.code.get(left);
        self.test_fixnum();
        self.code.br_if(no);
        self.call_runtime("generic-eql", |lowerer| {
            lowerer.code.get(left);
            lowerer.code.get(right);
        });
        self.convert(Object, Condition);
        self.decide(Outcome::Jump(jump));
        self.code.end();
        self.code.release(left);
        self.code.release(right);
    }

    fn endp(&mut self, name: Symbol, list: &Node, jump: Jump) {
        let object = self.object_local(list);
        let done = self.code.block(BlockType::Empty);
        let (yes, no) = if jump.when { (jump.label, done) } else { (done, jump.label) };
        self.code.get(object);
        self.test(GcType::Cons);
        self.code.br_if(no);
        self.code.get(object);
        self.nil();
        self.code.op(&Instruction::RefEq);
        self.code.br_if(yes);
        self.slow(name, &[object]);
        self.convert(Object, Condition);
        self.decide(Outcome::Jump(jump));
        self.code.end();
        self.code.release(object);
    }
}
