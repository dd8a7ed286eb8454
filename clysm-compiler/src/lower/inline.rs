//! Inline code of standard functions. Each has a fast path for the common representation; anything else, errors
//! included, is the business of the library's own function.

use clysm_ast::{Node, NodeKind, Representation};
use clysm_gc_types::{GcType, eq_ref};
use clysm_reader::Symbol;
use clysm_report::Span;
use wasm_encoder::{BlockType, Instruction, ValType};

use super::intrinsics::{Arithmetic, Comparison, Intrinsic, TypeTest};
use super::natural::arithmetic_result;
use super::values::fixnum_literal;
use super::{FunctionRef, Lowerer, Want};

use Representation::{Condition, F32, F64, Fixnum, I32, I64, Object};

impl Lowerer<'_, '_> {
    /// Writes a call of an inline function; returns the representation of its value.
    pub(super) fn intrinsic(
        &mut self,
        intrinsic: Intrinsic,
        name: Symbol,
        args: &[Node],
        span: Span,
    ) -> Representation {
        match intrinsic {
            Intrinsic::ConsField(field) => self.cons_field(field, name, &args[0]),
            Intrinsic::Replace(field) => self.replace(field, name, &args[0], &args[1], true),
            Intrinsic::SetConsField(field) => self.replace(field, name, &args[1], &args[0], false),
            Intrinsic::Cons => {
                self.object(&args[0]);
                self.object(&args[1]);
                self.code.i32(0);
                self.code.op(&Instruction::StructNew(GcType::Cons.index()));
                Object
            }
            Intrinsic::List => {
                self.list_of(args);
                Object
            }
            Intrinsic::ListStar => self.list_star(args),
            Intrinsic::Eq => self.eq(&args[0], &args[1]),
            Intrinsic::Eql => self.eql(&args[0], &args[1]),
            Intrinsic::Not => {
                self.condition(&args[0]);
                self.code.op(&Instruction::I32Eqz);
                Condition
            }
            Intrinsic::Endp => self.endp(name, &args[0]),
            Intrinsic::Identity => self.natural_node(&args[0]),
            Intrinsic::Test(test) => self.type_test(test, &args[0]),
            Intrinsic::Arithmetic(operation) => self.fold(operation, args, span),
            Intrinsic::Step(operation) => self.step(operation, &args[0], span),
            Intrinsic::Compare(comparison) => self.compare(comparison, &args[0], &args[1], span),
            Intrinsic::NotEqual => {
                self.compare(Comparison::Equal, &args[0], &args[1], span);
                self.code.op(&Instruction::I32Eqz);
                Condition
            }
            Intrinsic::Sign(comparison) => {
                let zero =
                    Node::unlocated(NodeKind::Literal(clysm_ast::AstLiteral::new(clysm_reader::Datum::Fixnum(0))));
                self.compare(comparison, &args[0], &zero, span)
            }
            Intrinsic::Svref => self.svref(name, &args[0], &args[1]),
            Intrinsic::SetSvref => self.set_svref(name, args),
            Intrinsic::Char => self.char_at(name, &args[0], &args[1]),
            Intrinsic::Aref => self.aref(&args[0], &args[1]),
            Intrinsic::SetAref => self.set_aref(args),
            Intrinsic::CharCode => self.char_code(name, &args[0]),
            Intrinsic::CharEqual => self.char_equal(name, &args[0], &args[1]),
        }
    }

    /// The library's own function, as the slow path: its arguments are in locals.
    fn slow(&mut self, name: Symbol, args: &[u32]) {
        self.slow_with(name, args.len(), |lowerer| {
            for arg in args {
                lowerer.code.get(*arg);
            }
        });
    }

    fn slow_with(&mut self, name: Symbol, count: usize, args: impl FnOnce(&mut Self)) {
        if (self.context.is_direct)(name)
            && self
                .context
                .cx
                .world
                .signature(name)
                .is_some_and(|signature| signature.parameter_count() as usize == count)
        {
            self.code.op(&Instruction::RefNull(wasm_encoder::HeapType::Concrete(GcType::Function.index())));
            args(self);
            self.code.call(FunctionRef::Global(name));
        } else {
            let function = self.begin_cell_call(name);
            args(self);
            self.finish_cell_call(function, u32::try_from(count).unwrap_or(u32::MAX));
        }
    }

    fn cons_field(&mut self, field: u32, name: Symbol, list: &Node) -> Representation {
        let object = self.object_local(list);
        self.code.get(object);
        self.test(GcType::Cons);
        self.code.if_(BlockType::Result(eq_ref()));
        self.code.get(object);
        self.cast(GcType::Cons);
        self.code.op(&Instruction::StructGet { struct_type_index: GcType::Cons.index(), field_index: field });
        self.code.else_();
        self.slow(name, &[object]);
        self.code.end();
        self.code.release(object);
        Object
    }

    /// Stores into a cons; the arguments are evaluated in the order of the call.
    fn replace(&mut self, field: u32, name: Symbol, cons: &Node, value: &Node, cons_first: bool) -> Representation {
        let (cons, value) = if cons_first {
            let cons = self.object_local(cons);
            (cons, self.object_local(value))
        } else {
            let value = self.object_local(value);
            (self.object_local(cons), value)
        };
        self.code.get(cons);
        self.test(GcType::Cons);
        self.code.if_(BlockType::Empty);
        self.code.get(cons);
        self.cast(GcType::Cons);
        self.code.get(value);
        self.code.op(&Instruction::StructSet { struct_type_index: GcType::Cons.index(), field_index: field });
        self.code.else_();
        self.slow(name, &if cons_first { [cons, value] } else { [value, cons] });
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.code.get(if cons_first { cons } else { value });
        self.code.release(cons);
        self.code.release(value);
        Object
    }

    fn list_star(&mut self, args: &[Node]) -> Representation {
        for arg in args {
            self.object(arg);
        }
        for _ in 1..args.len() {
            self.code.i32(0);
            self.code.op(&Instruction::StructNew(GcType::Cons.index()));
        }
        Object
    }

    fn eq(&mut self, left: &Node, right: &Node) -> Representation {
        let raw = |representation| matches!(representation, Fixnum);
        if raw(self.natural(left)) && raw(self.natural(right)) {
            self.node(left, Want::Value(Fixnum));
            self.node(right, Want::Value(Fixnum));
            self.code.op(&Instruction::I32Eq);
        } else {
            self.object(left);
            self.object(right);
            self.code.op(&Instruction::RefEq);
        }
        Condition
    }

    fn eql(&mut self, left: &Node, right: &Node) -> Representation {
        if is_eq_comparable(left)
            || is_eq_comparable(right)
            || self.natural(left) == Fixnum
            || self.natural(right) == Fixnum
        {
            return self.eq(left, right);
        }
        let left = self.object_local(left);
        let right = self.object_local(right);
        self.code.get(left);
        self.code.get(right);
        self.code.op(&Instruction::RefEq);
        self.code.if_(BlockType::Result(ValType::I32));
        self.code.i32(1);
        self.code.else_();
        self.call_runtime("generic-eql", |lowerer| {
            lowerer.code.get(left);
            lowerer.code.get(right);
        });
        self.convert(Object, Condition);
        self.code.end();
        self.code.release(left);
        self.code.release(right);
        Condition
    }

    fn endp(&mut self, name: Symbol, list: &Node) -> Representation {
        let object = self.object_local(list);
        self.code.get(object);
        self.test(GcType::Cons);
        self.code.if_(BlockType::Result(ValType::I32));
        self.code.i32(0);
        self.code.else_();
        self.code.get(object);
        self.nil();
        self.code.op(&Instruction::RefEq);
        self.code.if_(BlockType::Result(ValType::I32));
        self.code.i32(1);
        self.code.else_();
        self.slow(name, &[object]);
        self.convert(Object, Condition);
        self.code.end();
        self.code.end();
        self.code.release(object);
        Condition
    }

    fn type_test(&mut self, test: TypeTest, arg: &Node) -> Representation {
        let simple = match test {
            TypeTest::Cons | TypeTest::Atom => Some(GcType::Cons),
            TypeTest::Symbol => Some(GcType::Symbol),
            TypeTest::Character => Some(GcType::Character),
            TypeTest::Function => Some(GcType::Function),
            TypeTest::SimpleVector => Some(GcType::SimpleVector),
            TypeTest::List => None,
        };
        match simple {
            Some(ty) => {
                self.object(arg);
                self.test(ty);
                if test == TypeTest::Atom {
                    self.code.op(&Instruction::I32Eqz);
                }
            }
            None => {
                let object = self.object_local(arg);
                self.code.get(object);
                self.test(GcType::Cons);
                self.code.get(object);
                self.nil();
                self.code.ops(&[Instruction::RefEq, Instruction::I32Or]);
                self.code.release(object);
            }
        }
        Condition
    }

    /// `(+ a b c)` as `(+ (+ a b) c)`.
    fn fold(&mut self, operation: Arithmetic, args: &[Node], span: Span) -> Representation {
        let mut left = self.natural(&args[0]);
        let mut pending = Operand::Node(&args[0]);
        for arg in &args[1..] {
            left = self.arithmetic(operation, pending, left, arg, span);
            pending = Operand::Stack;
        }
        left
    }

    fn step(&mut self, operation: Arithmetic, arg: &Node, span: Span) -> Representation {
        let one = Node::unlocated(NodeKind::Literal(clysm_ast::AstLiteral::new(clysm_reader::Datum::Fixnum(1))));
        let left = self.natural(arg);
        self.arithmetic(operation, Operand::Node(arg), left, &one, span)
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
        self.node(right, Want::Value(result));
        self.code.op(&numeric_instruction(operation, result));
        result
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
        match left {
            Operand::Node(node) => self.object(node),
            Operand::Stack => self.convert(left_representation, Object),
        }
        let left = self.store_object();
        let literal = fixnum_literal(right);
        let right = self.object_local(right);
        let done = self.code.block(BlockType::Result(eq_ref()));
        let slow = self.code.block(BlockType::Empty);
        self.code.get(left);
        self.test_fixnum();
        if literal.is_none() {
            self.code.get(right);
            self.test_fixnum();
            self.code.op(&Instruction::I32And);
        }
        self.code.op(&Instruction::I32Eqz);
        self.code.br_if(slow);
        self.fixnum_operand(left);
        if operation == Arithmetic::Multiply {
            self.code.op(&Instruction::I64ExtendI32S);
        }
        match literal {
            Some(value) if operation == Arithmetic::Multiply => self.code.op(&Instruction::I64Const(value)),
            Some(value) => self.code.i32(value as i32),
            None => {
                self.fixnum_operand(right);
                if operation == Arithmetic::Multiply {
                    self.code.op(&Instruction::I64ExtendI32S);
                }
            }
        }
        self.fixnum_result(operation, slow);
        self.code.br(done);
        self.code.end();
        self.code.position(span);
        self.call_runtime(operation.runtime_name(), |lowerer| {
            lowerer.code.get(left);
            lowerer.code.get(right);
        });
        self.code.end();
        self.code.release(left);
        self.code.release(right);
    }

    /// The `i32` of an object in a local that is known to be a fixnum.
    fn fixnum_operand(&mut self, local: u32) {
        self.code.get(local);
        self.convert(Object, Fixnum);
    }

    /// Operates on two raw fixnums; leaves a fixnum, or branches when the result is none.
    fn fixnum_result(&mut self, operation: Arithmetic, slow: super::code::Label) {
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
                self.code.ops(&[
                    Instruction::I64Const(1 << 30),
                    Instruction::I64Add,
                    Instruction::I64Const(1 << 31),
                    Instruction::I64GeU,
                ]);
                self.code.br_if(slow);
                self.code.get(result);
                self.code.op(&Instruction::I32WrapI64);
                self.code.release(result);
            }
            _ => self.code.op(&numeric_instruction(operation, I32)),
        }
        self.code.op(&Instruction::RefI31);
    }

    fn compare(&mut self, comparison: Comparison, left: &Node, right: &Node, span: Span) -> Representation {
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
            }
            None => self.generic_compare(comparison, left, right, span),
        }
        Condition
    }

    fn generic_compare(&mut self, comparison: Comparison, left: &Node, right: &Node, span: Span) {
        let (left_literal, right_literal) = (fixnum_literal(left), fixnum_literal(right));
        let left = self.object_local(left);
        let right = self.object_local(right);
        let done = self.code.block(BlockType::Result(ValType::I32));
        let slow = self.code.block(BlockType::Empty);
        match (left_literal, right_literal) {
            (Some(_), _) => self.is_fixnum(right),
            (_, Some(_)) => self.is_fixnum(left),
            _ => {
                self.is_fixnum(left);
                self.is_fixnum(right);
                self.code.op(&Instruction::I32And);
            }
        }
        self.code.op(&Instruction::I32Eqz);
        self.code.br_if(slow);
        for (literal, local) in [(left_literal, left), (right_literal, right)] {
            match literal {
                Some(value) => self.code.i32(value as i32),
                None => self.fixnum_operand(local),
            }
        }
        self.code.op(&comparison_instruction(comparison, I32));
        self.code.br(done);
        self.code.end();
        self.code.position(span);
        self.call_runtime(comparison.runtime_name(), |lowerer| {
            lowerer.code.get(left);
            lowerer.code.get(right);
        });
        self.convert(Object, Condition);
        self.code.end();
        self.code.release(left);
        self.code.release(right);
    }

    fn is_fixnum(&mut self, local: u32) {
        self.code.get(local);
        self.test_fixnum();
    }

    /// Branches to `slow` unless the object in a local is of the type and the index fits it; leaves array and index.
    fn checked_element(&mut self, ty: GcType, array: u32, index: u32, slow: super::code::Label) {
        self.code.get(array);
        self.test(ty);
        self.code.get(index);
        self.test_fixnum();
        self.code.ops(&[Instruction::I32And, Instruction::I32Eqz]);
        self.code.br_if(slow);
        self.fixnum_operand(index);
        self.code.get(array);
        self.cast(ty);
        self.code.ops(&[Instruction::ArrayLen, Instruction::I32GeU]);
        self.code.br_if(slow);
        self.code.get(array);
        self.cast(ty);
        self.fixnum_operand(index);
    }

    fn svref(&mut self, name: Symbol, vector: &Node, index: &Node) -> Representation {
        let vector = self.object_local(vector);
        let index = self.object_local(index);
        let done = self.code.block(BlockType::Result(eq_ref()));
        let slow = self.code.block(BlockType::Empty);
        self.checked_element(GcType::SimpleVector, vector, index, slow);
        self.code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
        self.code.br(done);
        self.code.end();
        self.slow(name, &[vector, index]);
        self.code.end();
        self.code.release(vector);
        self.code.release(index);
        Object
    }

    fn set_svref(&mut self, name: Symbol, args: &[Node]) -> Representation {
        self.set_element(args, |lowerer, value, vector, index| lowerer.slow(name, &[value, vector, index]))
    }

    /// `(setf svref)` and `(setf aref)` on simple-vectors: value, vector, index.
    fn set_element(&mut self, args: &[Node], slow_path: impl FnOnce(&mut Self, u32, u32, u32)) -> Representation {
        let value = self.object_local(&args[0]);
        let vector = self.object_local(&args[1]);
        let index = self.object_local(&args[2]);
        let done = self.code.block(BlockType::Empty);
        let slow = self.code.block(BlockType::Empty);
        self.checked_element(GcType::SimpleVector, vector, index, slow);
        self.code.get(value);
        self.code.op(&Instruction::ArraySet(GcType::SimpleVector.index()));
        self.code.br(done);
        self.code.end();
        slow_path(self, value, vector, index);
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.code.get(value);
        for local in [value, vector, index] {
            self.code.release(local);
        }
        Object
    }

    fn aref(&mut self, vector: &Node, index: &Node) -> Representation {
        let vector = self.object_local(vector);
        let index = self.object_local(index);
        let done = self.code.block(BlockType::Result(eq_ref()));
        let slow = self.code.block(BlockType::Empty);
        self.checked_element(GcType::SimpleVector, vector, index, slow);
        self.code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
        self.code.br(done);
        self.code.end();
        self.call_runtime("generic-aref", |lowerer| {
            lowerer.code.get(vector);
            lowerer.code.get(index);
        });
        self.code.end();
        self.code.release(vector);
        self.code.release(index);
        Object
    }

    fn set_aref(&mut self, args: &[Node]) -> Representation {
        self.set_element(args, |lowerer, value, vector, index| {
            lowerer.call_runtime("generic-set-aref", |lowerer| {
                lowerer.code.get(value);
                lowerer.code.get(vector);
                lowerer.code.get(index);
            });
        })
    }

    fn char_at(&mut self, name: Symbol, string: &Node, index: &Node) -> Representation {
        let string = self.object_local(string);
        let index = self.object_local(index);
        let done = self.code.block(BlockType::Result(eq_ref()));
        let slow = self.code.block(BlockType::Empty);
        self.checked_element(GcType::String, string, index, slow);
        self.code.op(&Instruction::ArrayGet(GcType::String.index()));
        self.character();
        self.code.br(done);
        self.code.end();
        self.slow(name, &[string, index]);
        self.code.end();
        self.code.release(string);
        self.code.release(index);
        Object
    }

    /// The character of the code point on the stack.
    fn character(&mut self) {
        let code = self.code.local(ValType::I32);
        self.code.tee(code);
        self.code.i32(256);
        self.code.op(&Instruction::I32LtU);
        self.code.if_(BlockType::Result(eq_ref()));
        self.code.global_get(super::GlobalRef::Runtime(super::RuntimeGlobal::Characters));
        self.code.get(code);
        self.code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
        self.code.else_();
        self.code.get(code);
        self.code.op(&Instruction::StructNew(GcType::Character.index()));
        self.code.end();
        self.code.release(code);
    }

    fn char_code(&mut self, name: Symbol, character: &Node) -> Representation {
        let object = self.object_local(character);
        self.code.get(object);
        self.test(GcType::Character);
        self.code.if_(BlockType::Result(ValType::I32));
        self.character_code(object);
        self.code.else_();
        self.slow(name, &[object]);
        self.convert(Object, Fixnum);
        self.code.end();
        self.code.release(object);
        Fixnum
    }

    fn character_code(&mut self, local: u32) {
        self.code.get(local);
        self.cast(GcType::Character);
        self.code.op(&Instruction::StructGet { struct_type_index: GcType::Character.index(), field_index: 0 });
    }

    fn char_equal(&mut self, name: Symbol, left: &Node, right: &Node) -> Representation {
        let left = self.object_local(left);
        let right = self.object_local(right);
        self.code.get(left);
        self.test(GcType::Character);
        self.code.get(right);
        self.test(GcType::Character);
        self.code.op(&Instruction::I32And);
        self.code.if_(BlockType::Result(ValType::I32));
        self.character_code(left);
        self.character_code(right);
        self.code.op(&Instruction::I32Eq);
        self.code.else_();
        let function = self.begin_cell_call(name);
        self.code.get(left);
        self.code.get(right);
        self.finish_cell_call(function, 2);
        self.convert(Object, Condition);
        self.code.end();
        self.code.release(left);
        self.code.release(right);
        Condition
    }
}

/// The left operand of an operation.
enum Operand<'a> {
    /// Yet to be written.
    Node(&'a Node),
    /// On the stack.
    Stack,
}

/// Whether `eq` decides `eql` for a literal: symbols, fixnums and the preallocated characters.
fn is_eq_comparable(node: &Node) -> bool {
    use clysm_ast::LiteralType;
    match &node.kind {
        NodeKind::Literal(literal) => match literal.literal_type {
            LiteralType::Nil | LiteralType::T | LiteralType::Symbol | LiteralType::Fixnum => true,
            LiteralType::Character => {
                matches!(literal.value, clysm_reader::Datum::Char(character) if u32::from(character) < 256)
            }
            _ => false,
        },
        _ => false,
    }
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
