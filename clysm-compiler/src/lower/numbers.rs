//! Inline arithmetic and comparisons: fixnums and unboxed numbers; anything else is the business of the library.

use clysm_ast::{AstLiteral, Node, NodeKind, Representation};
use clysm_gc_types::eq_ref;
use clysm_reader::{Datum, Symbol};
use clysm_report::Span;
use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::Label;
use super::conditions::Outcome;
use super::intrinsics::{Arithmetic, Comparison, Intrinsic};
use super::natural::arithmetic_result;
use super::values::fixnum_literal;
use super::{Lowerer, Want, value_type};

use Representation::{Condition, F32, F64, Fixnum, I32, I64, Object};

/// The left operand of an operation.
enum Operand<'a> {
    /// Yet to be written.
    Node(&'a Node),
    /// On the stack.
    Stack,
}

/// An operand of generic code, evaluated.
#[derive(Clone, Copy)]
pub(super) enum Number {
    /// A fixnum known at compile time.
    Literal(i32),
    /// A fixnum as an `i32` in a local.
    Raw(u32),
    /// An object in a local.
    Object(u32),
}

impl Lowerer<'_, '_> {
    /// `(+ a b c)` as `(+ (+ a b) c)`.
    pub(super) fn fold(&mut self, operation: Arithmetic, args: &[Node], span: Span) -> Representation {
        let mut left = self.natural(&args[0]);
        let mut pending = Operand::Node(&args[0]);
        for arg in &args[1..] {
            left = self.arithmetic(operation, pending, left, arg, span);
            pending = Operand::Stack;
        }
        left
    }

    /// `(1+ a)` and `(1- a)`.
    pub(super) fn step(&mut self, operation: Arithmetic, arg: &Node, span: Span) -> Representation {
        let left = self.natural(arg);
        self.arithmetic(operation, Operand::Node(arg), left, &fixnum_node(1), span)
    }

    fn arithmetic(
        &mut self,
        operation: Arithmetic,
        left: Operand,
        left_representation: Representation,
        right: &Node,
        span: Span,
    ) -> Representation {
        let result = arithmetic_result(operation, left_representation, self.natural(right));
        if result == Object {
            self.generic_arithmetic(operation, left, left_representation, right, span);
            return Object;
        }
        match left {
            Operand::Node(node) => self.node(node, Want::Value(result)),
            Operand::Stack => self.convert(left_representation, result),
        }
        if matches!(result, F32 | F64) {
            self.float_arithmetic(operation, result, right, span);
        } else {
            self.node(right, Want::Value(result));
            self.code.op(&numeric_instruction(operation, result));
        }
        result
    }

    /// Operates on the float on the stack and another one. A result that is infinite or no number is the library's
    /// business, which signals where it has to (CLHS 12.1.4.3).
    fn float_arithmetic(&mut self, operation: Arithmetic, representation: Representation, right: &Node, span: Span) {
        let ty = value_type(representation);
        let (left_operand, right_operand, result) = (self.code.local(ty), self.code.local(ty), self.code.local(ty));
        self.code.set(left_operand);
        self.node(right, Want::Value(representation));
        self.code.set(right_operand);
        self.code.get(left_operand);
        self.code.get(right_operand);
        self.code.op(&numeric_instruction(operation, representation));
        self.code.tee(result);
        self.code.get(result);
        self.code.op(&numeric_instruction(Arithmetic::Subtract, representation));
        // The difference of a finite float and itself is zero, any other is no number.
        match representation {
            F32 => self.code.ops(&[Instruction::F32Const(0f32.into()), Instruction::F32Ne]),
            _ => self.code.ops(&[Instruction::F64Const(0f64.into()), Instruction::F64Ne]),
        }
        self.code.if_(BlockType::Empty);
        self.code.position(span);
        self.call_runtime(operation.runtime_name(), |lowerer| {
            lowerer.code.get(left_operand);
            lowerer.convert(representation, Object);
            lowerer.code.get(right_operand);
            lowerer.convert(representation, Object);
        });
        self.convert(Object, representation);
        self.code.set(result);
        self.code.end();
        self.code.get(result);
        for local in [left_operand, right_operand, result] {
            self.code.release(local);
        }
    }

    /// Fixnum operands inline, anything else by the library.
    fn generic_arithmetic(
        &mut self,
        operation: Arithmetic,
        left: Operand,
        left_representation: Representation,
        right: &Node,
        span: Span,
    ) {
        let left = match left {
            Operand::Node(node) => self.number(node),
            Operand::Stack => {
                self.convert(left_representation, Object);
                Number::Object(self.store_object())
            }
        };
        let right = self.number(right);
        let done = self.code.block(BlockType::Result(eq_ref()));
        let slow = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Result(eq_ref()));
        let wide = operation == Arithmetic::Multiply;
        for operand in [left, right] {
            self.raw_number(operand, other);
            if wide {
                self.code.op(&Instruction::I64ExtendI32S);
            }
        }
        self.fixnum_result(operation, slow);
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.code.position(span);
        self.call_runtime(operation.runtime_name(), |lowerer| {
            lowerer.boxed_number(left);
            lowerer.boxed_number(right);
        });
        self.code.end();
        self.release_number(left);
        self.release_number(right);
    }

    /// Operates on two raw fixnums, as `i64` to be multiplied; leaves a fixnum, or branches when the result is none.
    fn fixnum_result(&mut self, operation: Arithmetic, slow: Label) {
        match operation {
            Arithmetic::Add | Arithmetic::Subtract => {
                self.code.op(&numeric_instruction(operation, I32));
                let result = self.code.local(ValType::I32);
                self.code.tee(result);
                self.fits_fixnum();
                self.code.op(&Instruction::I32Eqz);
                self.code.br_if(slow);
                self.code.get(result);
                self.code.release(result);
            }
            Arithmetic::Multiply => {
                self.code.op(&Instruction::I64Mul);
                let result = self.code.local(ValType::I64);
                self.code.tee(result);
                self.fits_fixnum_wide();
                self.code.op(&Instruction::I32Eqz);
                self.code.br_if(slow);
                self.code.get(result);
                self.code.op(&Instruction::I32WrapI64);
                self.code.release(result);
            }
            _ => self.code.op(&numeric_instruction(operation, I32)),
        }
        self.code.op(&Instruction::RefI31);
    }

    /// A comparison of two numbers; its outcome is a condition, or a jump.
    pub(super) fn compare(&mut self, comparison: Comparison, left: &Node, right: &Node, span: Span, outcome: Outcome) {
        let common = match (self.natural(left), self.natural(right)) {
            (Fixnum | I32, Fixnum | I32) => Some(I32),
            (Fixnum | I32 | I64, Fixnum | I32 | I64) => Some(I64),
            (F64, F64 | F32 | Fixnum) | (F32 | Fixnum, F64) | (F32, Fixnum) | (Fixnum, F32) => Some(F64),
            (F32, F32) => Some(F32),
            _ => None,
        };
        match common {
            Some(representation) => {
                self.node(left, Want::Value(representation));
                self.node(right, Want::Value(representation));
                self.code.op(&comparison_instruction(comparison, representation));
                self.decide(outcome);
            }
            None => self.generic_compare(comparison, left, right, span, outcome),
        }
    }

    fn generic_compare(&mut self, comparison: Comparison, left: &Node, right: &Node, span: Span, outcome: Outcome) {
        let left = self.number(left);
        let right = self.number(right);
        let done = self.code.block(outcome.block_type());
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.raw_number(left, other);
        self.raw_number(right, other);
        self.code.op(&comparison_instruction(comparison, I32));
        self.decide(outcome);
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.code.position(span);
        self.call_runtime(comparison.runtime_name(), |lowerer| {
            lowerer.boxed_number(left);
            lowerer.boxed_number(right);
        });
        self.convert(Object, Condition);
        self.decide(outcome);
        self.code.end();
        self.release_number(left);
        self.release_number(right);
    }

    /// `mod` and `rem` of fixnums by a positive one; anything else is the library's business.
    pub(super) fn remainder(&mut self, operation: Intrinsic, name: Symbol, args: &[Node]) -> Representation {
        let raw = self.natural(&args[0]) == Fixnum && self.natural(&args[1]) == Fixnum;
        let result = if raw { Fixnum } else { Object };
        let number = self.number(&args[0]);
        let divisor = self.number(&args[1]);
        let done = self.code.block(BlockType::Result(value_type(result)));
        let slow = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Result(eq_ref()));
        let modulus = self.code.local(ValType::I32);
        self.raw_number(divisor, other);
        self.code.tee(modulus);
        self.code.ops(&[Instruction::I32Const(0), Instruction::I32LeS]);
        self.code.br_if(slow);
        self.raw_number(number, other);
        self.code.get(modulus);
        self.code.op(&Instruction::I32RemS);
        if operation == Intrinsic::Mod {
            // A negative remainder becomes positive: the sign as a mask selects what is added.
            let rest = self.code.local(ValType::I32);
            self.code.tee(rest);
            self.code.get(rest);
            self.code.ops(&[Instruction::I32Const(31), Instruction::I32ShrS]);
            self.code.get(modulus);
            self.code.ops(&[Instruction::I32And, Instruction::I32Add]);
            self.code.release(rest);
        }
        self.convert(Fixnum, result);
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.slow_with(name, 2, |lowerer| {
            lowerer.boxed_number(number);
            lowerer.boxed_number(divisor);
        });
        if result != Object {
            self.unbox_checked(result);
        }
        self.code.end();
        for operand in [number, divisor] {
            self.release_number(operand);
        }
        self.code.release(modulus);
        result
    }

    /// Evaluates an operand of generic code.
    pub(super) fn number(&mut self, node: &Node) -> Number {
        if let Some(value) = fixnum_literal(node) {
            return Number::Literal(value as i32);
        }
        if self.natural(node) == Fixnum {
            self.node(node, Want::Value(Fixnum));
            let local = self.code.local(ValType::I32);
            self.code.set(local);
            return Number::Raw(local);
        }
        Number::Object(self.object_local(node))
    }

    /// Leaves an operand as an `i32`, or branches with it when it is no fixnum.
    pub(super) fn raw_number(&mut self, number: Number, other: Label) {
        match number {
            Number::Literal(value) => self.code.i32(value),
            Number::Raw(local) => self.code.get(local),
            Number::Object(local) => {
                self.code.get(local);
                self.fixnum_or(other);
            }
        }
    }

    /// Leaves an operand as an object.
    pub(super) fn boxed_number(&mut self, number: Number) {
        match number {
            Number::Object(local) => return self.code.get(local),
            Number::Raw(local) => self.code.get(local),
            Number::Literal(value) => self.code.i32(value),
        }
        self.code.op(&Instruction::RefI31);
    }

    pub(super) fn release_number(&mut self, number: Number) {
        if let Number::Raw(local) | Number::Object(local) = number {
            self.code.release(local);
        }
    }
}

/// A literal.
pub(super) fn fixnum_node(value: i64) -> Node {
    Node::unlocated(NodeKind::Literal(AstLiteral::new(Datum::Fixnum(value))))
}

fn numeric_instruction(operation: Arithmetic, representation: Representation) -> Instruction<'static> {
    match (operation, representation) {
        (Arithmetic::Add, I64) => Instruction::I64Add,
        (Arithmetic::Subtract, I64) => Instruction::I64Sub,
        (Arithmetic::Multiply, I64) => Instruction::I64Mul,
        (Arithmetic::Add, F64) => Instruction::F64Add,
        (Arithmetic::Subtract, F64) => Instruction::F64Sub,
        (Arithmetic::Multiply, F64) => Instruction::F64Mul,
        (Arithmetic::Add, F32) => Instruction::F32Add,
        (Arithmetic::Subtract, F32) => Instruction::F32Sub,
        (Arithmetic::Multiply, F32) => Instruction::F32Mul,
        (Arithmetic::Add, _) => Instruction::I32Add,
        (Arithmetic::Subtract, _) => Instruction::I32Sub,
        (Arithmetic::Multiply, _) => Instruction::I32Mul,
        (Arithmetic::And, _) => Instruction::I32And,
        (Arithmetic::Or, _) => Instruction::I32Or,
        (Arithmetic::Xor, _) => Instruction::I32Xor,
    }
}

fn comparison_instruction(comparison: Comparison, representation: Representation) -> Instruction<'static> {
    use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual};
    match (comparison, representation) {
        (Less, I64) => Instruction::I64LtS,
        (LessEqual, I64) => Instruction::I64LeS,
        (Greater, I64) => Instruction::I64GtS,
        (GreaterEqual, I64) => Instruction::I64GeS,
        (Equal, I64) => Instruction::I64Eq,
        (Less, F64) => Instruction::F64Lt,
        (LessEqual, F64) => Instruction::F64Le,
        (Greater, F64) => Instruction::F64Gt,
        (GreaterEqual, F64) => Instruction::F64Ge,
        (Equal, F64) => Instruction::F64Eq,
        (Less, F32) => Instruction::F32Lt,
        (LessEqual, F32) => Instruction::F32Le,
        (Greater, F32) => Instruction::F32Gt,
        (GreaterEqual, F32) => Instruction::F32Ge,
        (Equal, F32) => Instruction::F32Eq,
        (Less, _) => Instruction::I32LtS,
        (LessEqual, _) => Instruction::I32LeS,
        (Greater, _) => Instruction::I32GtS,
        (GreaterEqual, _) => Instruction::I32GeS,
        (Equal, _) => Instruction::I32Eq,
    }
}
