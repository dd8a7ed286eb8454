//! Inline code of standard functions. Each has a fast path for the common representation; anything else, errors
//! included, is the business of the library's own function.

use clysm_ast::{Node, NodeKind, Representation};
use clysm_gc_types::{GcType, Storage, eq_ref, ref_to};
use clysm_reader::Symbol;
use clysm_report::Span;
use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::Label;
use super::conditions::Outcome;
use super::intrinsics::{Intrinsic, TypeTest};
use super::natural::{vector, vector_element};
use super::numbers::Number;
use super::{FunctionRef, Lowerer, Want, value_type};

use Representation::{Condition, F32, F64, Fixnum, Object};

/// What does the work when the inline code does not.
#[derive(Clone, Copy)]
enum Slow {
    /// The library's function of that name.
    Function(Symbol),
    /// The runtime function of that name.
    Runtime(&'static str),
}

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
            Intrinsic::Not => {
                self.condition(&args[0]);
                self.code.op(&Instruction::I32Eqz);
                Condition
            }
            Intrinsic::Identity => self.natural_node(&args[0]),
            Intrinsic::Arithmetic(operation) => self.fold(operation, args, span),
            Intrinsic::Step(operation) => self.step(operation, &args[0], span),
            Intrinsic::Eq
            | Intrinsic::Eql
            | Intrinsic::Endp
            | Intrinsic::Test(_)
            | Intrinsic::Compare(_)
            | Intrinsic::NotEqual
            | Intrinsic::Sign(_)
            | Intrinsic::CharEqual => {
                self.test_call(intrinsic, name, args, span, Outcome::Value);
                Condition
            }
            Intrinsic::Svref => self.element(GcType::SimpleVector, args, Slow::Function(name)),
            Intrinsic::Char => self.element(GcType::String, args, Slow::Function(name)),
            Intrinsic::Aref => {
                let ty = vector(self.analysis, args.first()).unwrap_or(GcType::SimpleVector);
                self.element(ty, args, Slow::Runtime("generic-aref"))
            }
            Intrinsic::SetSvref => self.set_element(GcType::SimpleVector, args, Slow::Function(name)),
            Intrinsic::SetAref => {
                let ty = vector(self.analysis, args.get(1)).unwrap_or(GcType::SimpleVector);
                self.set_element(ty, args, Slow::Runtime("generic-set-aref"))
            }
            Intrinsic::CharCode => self.char_code(name, &args[0]),
            Intrinsic::CodeChar => self.code_char(name, &args[0]),
            Intrinsic::Mod | Intrinsic::Rem => self.remainder(intrinsic, name, args),
        }
    }

    /// The library's own function, as the slow path: its arguments are in locals.
    pub(super) fn slow(&mut self, name: Symbol, args: &[u32]) {
        self.slow_with(name, args.len(), |lowerer| lowerer.get_all(args));
    }

    fn slow_path(&mut self, path: Slow, count: usize, args: impl FnOnce(&mut Self)) {
        match path {
            Slow::Function(name) => self.slow_with(name, count, args),
            Slow::Runtime(name) => self.call_runtime(name, args),
        }
    }

    fn get_all(&mut self, locals: &[u32]) {
        for local in locals {
            self.code.get(*local);
        }
    }

    pub(super) fn slow_with(&mut self, name: Symbol, count: usize, args: impl FnOnce(&mut Self)) {
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
        let get = Instruction::StructGet { struct_type_index: GcType::Cons.index(), field_index: field };
        if let Some(cons) = self.known(list, GcType::Cons) {
            self.code.get(cons);
            self.code.op(&get);
            return Object;
        }
        let done = self.code.block(BlockType::Result(eq_ref()));
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.object(list);
        self.cast_or(GcType::Cons, other);
        self.code.op(&get);
        self.code.br(done);
        self.code.end();
        let object = self.store_object();
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
        let done = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.code.get(cons);
        self.cast_or(GcType::Cons, other);
        self.code.get(value);
        self.code.op(&Instruction::StructSet { struct_type_index: GcType::Cons.index(), field_index: field });
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
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

    pub(super) fn eq(&mut self, left: &Node, right: &Node) {
        if self.natural(left) == Fixnum && self.natural(right) == Fixnum {
            self.node(left, Want::Value(Fixnum));
            self.node(right, Want::Value(Fixnum));
            self.code.op(&Instruction::I32Eq);
        } else {
            self.object(left);
            self.object(right);
            self.code.op(&Instruction::RefEq);
        }
    }

    /// Whether `eq` is as good as `eql` for what two expressions may give.
    pub(super) fn eq_decides_eql(&self, left: &Node, right: &Node) -> bool {
        [left, right].into_iter().any(|node| is_eq_comparable(node) || self.natural(node) == Fixnum)
    }

    pub(super) fn type_test(&mut self, test: TypeTest, arg: &Node) {
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
    }

    /// Takes a vector in a local and an index; leaves both, or branches to `other` with one that is of another type, or to
    /// `slow` when the index does not fit.
    fn checked_element(&mut self, ty: GcType, vector: u32, index: Number, other: Label, slow: Label) {
        self.code.get(vector);
        self.cast_or(ty, other);
        let typed = self.code.local(ref_to(ty));
        self.code.set(typed);
        self.raw_number(index, other);
        let position = self.code.local(ValType::I32);
        self.code.tee(position);
        self.code.get(typed);
        self.code.ops(&[Instruction::ArrayLen, Instruction::I32GeU]);
        self.code.br_if(slow);
        self.code.get(typed);
        self.code.get(position);
        self.code.release(position);
        self.code.release(typed);
    }

    /// An element of a vector of a type: vector, index.
    fn element(&mut self, ty: GcType, args: &[Node], path: Slow) -> Representation {
        let result = vector_element(ty);
        let vector = self.object_local(&args[0]);
        let index = self.number(&args[1]);
        let done = self.code.block(BlockType::Result(value_type(result)));
        let slow = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.checked_element(ty, vector, index, other, slow);
        self.code.op(&match ty.element() {
            Some(Storage::I8 | Storage::I16) => Instruction::ArrayGetU(ty.index()),
            _ => Instruction::ArrayGet(ty.index()),
        });
        if ty == GcType::String {
            self.character();
        }
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.slow_path(path, 2, |lowerer| {
            lowerer.code.get(vector);
            lowerer.boxed_number(index);
        });
        if result != Object {
            self.unbox_checked(result);
        }
        self.code.end();
        self.release_number(index);
        self.code.release(vector);
        result
    }

    /// `(setf svref)` and `(setf aref)`: value, vector, index.
    fn set_element(&mut self, ty: GcType, args: &[Node], path: Slow) -> Representation {
        let natural = if vector_element(ty) == Object { Object } else { self.natural(&args[0]) };
        self.node(&args[0], Want::Value(natural));
        let value = self.code.local(value_type(natural));
        self.code.set(value);
        let vector = self.object_local(&args[1]);
        let index = self.number(&args[2]);
        let done = self.code.block(BlockType::Empty);
        let slow = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.checked_element(ty, vector, index, other, slow);
        self.stored_element(ty, value, natural, other, slow);
        self.code.op(&Instruction::ArraySet(ty.index()));
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.slow_path(path, 3, |lowerer| {
            lowerer.code.get(value);
            lowerer.convert(natural, Object);
            lowerer.code.get(vector);
            lowerer.boxed_number(index);
        });
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.code.get(value);
        self.release_number(index);
        self.code.release(vector);
        self.code.release(value);
        natural
    }

    /// Leaves a value as the elements of a vector are stored. What is no element is for the slow path.
    fn stored_element(&mut self, ty: GcType, value: u32, natural: Representation, other: Label, slow: Label) {
        self.code.get(value);
        match (ty, vector_element(ty)) {
            (_, element) if element != Object && element == natural => {}
            (_, Fixnum | F32 | F64) if natural != Object => {
                self.convert(natural, Object);
                self.unboxed_or(vector_element(ty), other);
            }
            (GcType::String, _) => self.character_code_or(other),
            (_, element) => self.unboxed_or(element, other),
        }
        let limit = match ty {
            GcType::BitVector => 2,
            GcType::U8Vector => 1 << 8,
            GcType::U16Vector => 1 << 16,
            _ => return,
        };
        let element = self.code.local(ValType::I32);
        self.code.tee(element);
        self.code.i32(limit);
        self.code.op(&Instruction::I32GeU);
        self.code.br_if(slow);
        self.code.get(element);
        self.code.release(element);
    }

    /// Leaves the object on the stack unboxed, or branches with what has not that representation.
    fn unboxed_or(&mut self, representation: Representation, other: Label) {
        match representation {
            Fixnum => self.fixnum_or(other),
            F32 => self.float_or(GcType::Single, other),
            F64 => self.float_or(GcType::Double, other),
            _ => {}
        }
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
        let done = self.code.block(BlockType::Result(ValType::I32));
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.object(character);
        self.character_code_or(other);
        self.code.br(done);
        self.code.end();
        let object = self.store_object();
        self.slow(name, &[object]);
        self.convert(Object, Fixnum);
        self.code.end();
        self.code.release(object);
        Fixnum
    }

    /// The characters before the surrogates are made inline.
    fn code_char(&mut self, name: Symbol, code: &Node) -> Representation {
        let code = self.number(code);
        let done = self.code.block(BlockType::Result(eq_ref()));
        let slow = self.code.block(BlockType::Empty);
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.raw_number(code, other);
        let raw = self.code.local(ValType::I32);
        self.code.tee(raw);
        self.code.i32(FIRST_SURROGATE);
        self.code.op(&Instruction::I32GeU);
        self.code.br_if(slow);
        self.code.get(raw);
        self.code.release(raw);
        self.character();
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.slow_with(name, 1, |lowerer| lowerer.boxed_number(code));
        self.code.end();
        self.release_number(code);
        Object
    }

    /// Replaces a character on the stack by its code, or branches with what is none.
    fn character_code_or(&mut self, other: Label) {
        self.cast_or(GcType::Character, other);
        self.code.op(&Instruction::StructGet { struct_type_index: GcType::Character.index(), field_index: 0 });
    }

    pub(super) fn char_equal(&mut self, name: Symbol, left: &Node, right: &Node, outcome: Outcome) {
        let left = self.object_local(left);
        let right = self.object_local(right);
        let done = self.code.block(outcome.block_type());
        let other = self.code.block(BlockType::Result(eq_ref()));
        for character in [left, right] {
            self.code.get(character);
            self.character_code_or(other);
        }
        self.code.op(&Instruction::I32Eq);
        self.decide(outcome);
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        let function = self.begin_cell_call(name);
        self.get_all(&[left, right]);
        self.finish_cell_call(function, 2);
        self.convert(Object, Condition);
        self.decide(outcome);
        self.code.end();
        self.code.release(left);
        self.code.release(right);
    }
}

/// The first code point that is no character.
const FIRST_SURROGATE: i32 = 0xD800;

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
