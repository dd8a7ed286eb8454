//! Representations and multiple values: how a value on the stack becomes what the context wants.

use clysm_ast::{LiteralType, Node, NodeKind, Representation, VariableId};
use clysm_gc_types::{GcType, eq_ref};
use wasm_encoder::{BlockType, Instruction, RefType, ValType};

use super::code::Label;
use super::{FunctionRef, GlobalRef, Lowerer, RuntimeGlobal, Slot, Want, value_type};

use Representation::{Condition, F32, F64, Fixnum, I32, I64, Object};

/// The initial length of the vector of values, and so how many are stored without a look at its length.
pub const VALUE_VECTOR_LENGTH: i32 = 64;

impl Lowerer<'_, '_> {
    /// Turns the single value on the stack, in a representation, into what is wanted.
    pub(super) fn deliver(&mut self, from: Representation, want: Want) {
        match want {
            Want::Effect => self.code.op(&Instruction::Drop),
            Want::Value(to) => self.convert(from, to),
            Want::Values => {
                self.convert(from, Object);
                self.set_value_count(1);
            }
            Want::Return if self.ast.function(self.function).raw.is_some() => {
                self.convert(from, self.result);
                self.code.op(&Instruction::Return);
            }
            Want::Return => {
                self.convert(from, Object);
                self.set_value_count(1);
                self.code.op(&Instruction::Return);
            }
        }
    }

    /// Turns an object on the stack, with the value globals already right, into what is wanted.
    pub(super) fn deliver_values(&mut self, want: Want) {
        match want {
            Want::Effect => self.code.op(&Instruction::Drop),
            Want::Value(to) => self.convert(Object, to),
            Want::Values => {}
            Want::Return => {
                self.convert(Object, self.result);
                self.code.op(&Instruction::Return);
            }
        }
    }

    pub(super) fn set_value_count(&mut self, count: i32) {
        self.code.i32(count);
        self.code.global_set(GlobalRef::Runtime(RuntimeGlobal::ValueCount));
    }

    /// Changes the representation of the value on the stack.
    pub(super) fn convert(&mut self, from: Representation, to: Representation) {
        match (from, to) {
            _ if from == to => {}
            (_, Object) => self.box_value(from),
            (Object, _) => self.unbox(to),
            (Fixnum, I32) | (I32, Fixnum) => {}
            (Fixnum | I32, I64) => self.code.op(&Instruction::I64ExtendI32S),
            (Fixnum, F64) => self.code.op(&Instruction::F64ConvertI32S),
            (Fixnum, F32) => self.code.op(&Instruction::F32ConvertI32S),
            (I64, I32 | Fixnum) => self.code.op(&Instruction::I32WrapI64),
            (F32, F64) => self.code.op(&Instruction::F64PromoteF32),
            _ => {
                self.box_value(from);
                self.unbox(to);
            }
        }
    }

    fn box_value(&mut self, from: Representation) {
        match from {
            Object => {}
            Fixnum => self.code.op(&Instruction::RefI31),
            I32 => self.box_i32(),
            I64 => self.box_i64(),
            F32 => self.code.op(&Instruction::StructNew(GcType::Single.index())),
            F64 => self.code.op(&Instruction::StructNew(GcType::Double.index())),
            Condition => {
                self.code.if_(BlockType::Result(eq_ref()));
                self.code.global_get(GlobalRef::Symbol(clysm_reader::Symbol::T));
                self.code.else_();
                self.nil();
                self.code.end();
            }
        }
    }

    /// A fixnum where the value fits, else a bignum.
    fn box_i32(&mut self) {
        let value = self.code.local(ValType::I32);
        self.code.tee(value);
        self.fits_fixnum();
        self.code.if_(BlockType::Result(eq_ref()));
        self.code.get(value);
        self.code.op(&Instruction::RefI31);
        self.code.else_();
        self.call_raw("%box-i64", |lowerer| {
            lowerer.code.get(value);
            lowerer.code.op(&Instruction::I64ExtendI32S);
        });
        self.code.end();
        self.code.release(value);
    }

    /// A fixnum where the value fits, else a bignum.
    fn box_i64(&mut self) {
        let value = self.code.local(ValType::I64);
        self.code.tee(value);
        self.fits_fixnum_wide();
        self.code.if_(BlockType::Result(eq_ref()));
        self.code.get(value);
        self.code.ops(&[Instruction::I32WrapI64, Instruction::RefI31]);
        self.code.else_();
        self.call_raw("%box-i64", |lowerer| lowerer.code.get(value));
        self.code.end();
        self.code.release(value);
    }

    /// Replaces an `i32` by whether it is in the fixnum range: adding 2^30 keeps it non-negative.
    pub(super) fn fits_fixnum(&mut self) {
        self.code.i32(1 << 30);
        self.code.ops(&[Instruction::I32Add, Instruction::I32Const(0), Instruction::I32GeS]);
    }

    /// The same for an `i64`.
    pub(super) fn fits_fixnum_wide(&mut self) {
        self.code.ops(&[
            Instruction::I64Const(1 << 30),
            Instruction::I64Add,
            Instruction::I64Const(1 << 31),
            Instruction::I64LtU,
        ]);
    }

    fn unbox(&mut self, to: Representation) {
        match to {
            Object => {}
            Fixnum | I32 => {
                self.code.op(&Instruction::RefCastNonNull(i31_heap()));
                self.code.op(&Instruction::I31GetS);
            }
            I64 => self.unbox_i64(),
            F32 => self.unbox_float(GcType::Single),
            F64 => self.unbox_float(GcType::Double),
            Condition => {
                self.nil();
                self.code.ops(&[Instruction::RefEq, Instruction::I32Eqz]);
            }
        }
    }

    fn unbox_i64(&mut self) {
        let object = self.store_object();
        let done = self.code.block(BlockType::Result(ValType::I64));
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.code.get(object);
        self.fixnum_or(other);
        self.code.op(&Instruction::I64ExtendI32S);
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.call_raw("%unbox-i64", |lowerer| lowerer.code.get(object));
        self.code.end();
        self.code.release(object);
    }

    fn unbox_float(&mut self, ty: GcType) {
        self.cast(ty);
        self.code.op(&Instruction::StructGet { struct_type_index: ty.index(), field_index: 0 });
    }

    /// `ref.cast` to a type of the object model.
    pub(super) fn cast(&mut self, ty: GcType) {
        self.code.op(&Instruction::RefCastNonNull(wasm_encoder::HeapType::Concrete(ty.index())));
    }

    /// `br_on_cast_fail`: leaves the object on the stack as one of a type, or branches with it.
    pub(super) fn cast_or(&mut self, ty: GcType, other: Label) {
        self.heap_cast_or(wasm_encoder::HeapType::Concrete(ty.index()), other);
    }

    /// `br_on_cast`: branches with the object on the stack if it is of a type.
    pub(super) fn branch_on_cast(&mut self, ty: GcType, label: Label) {
        let relative_depth = self.code.relative(label);
        self.code.op(&Instruction::BrOnCast {
            relative_depth,
            from_ref_type: OBJECT,
            to_ref_type: RefType { nullable: false, heap_type: wasm_encoder::HeapType::Concrete(ty.index()) },
        });
    }

    /// Leaves the fixnum on the stack as an `i32`, or branches with what is none.
    pub(super) fn fixnum_or(&mut self, other: Label) {
        self.heap_cast_or(i31_heap(), other);
        self.code.op(&Instruction::I31GetS);
    }

    fn heap_cast_or(&mut self, heap_type: wasm_encoder::HeapType, other: Label) {
        let relative_depth = self.code.relative(other);
        self.code.op(&Instruction::BrOnCastFail {
            relative_depth,
            from_ref_type: OBJECT,
            to_ref_type: RefType { nullable: false, heap_type },
        });
    }

    /// `ref.test` for a type of the object model.
    pub(super) fn test(&mut self, ty: GcType) {
        self.code.op(&Instruction::RefTestNonNull(wasm_encoder::HeapType::Concrete(ty.index())));
    }

    /// `ref.test` for fixnums.
    pub(super) fn test_fixnum(&mut self) {
        self.code.op(&Instruction::RefTestNonNull(i31_heap()));
    }

    /// Writes an expression as a variable of that representation takes it: an object of another type is a type error.
    pub(super) fn node_as_declared(&mut self, node: &Node, representation: Representation) {
        match (representation, self.natural(node)) {
            (F32 | F64, Object) | (Fixnum, Object | I64) => {
                self.object(node);
                self.unbox_checked(representation);
            }
            (Fixnum, I32) => {
                self.node(node, Want::Value(I32));
                self.check_i32("FIXNUM");
            }
            _ => self.node(node, Want::Value(representation)),
        }
    }

    /// Unboxes the object on the stack as a fixnum or a float; one of another type is a type error.
    pub(super) fn unbox_checked(&mut self, representation: Representation) {
        let object = self.store_object();
        let done = self.code.block(BlockType::Result(value_type(representation)));
        let other = self.code.block(BlockType::Result(eq_ref()));
        self.code.get(object);
        let expected = match representation {
            F64 => {
                self.float_or(GcType::Double, other);
                "DOUBLE-FLOAT"
            }
            F32 => {
                self.float_or(GcType::Single, other);
                "SINGLE-FLOAT"
            }
            _ => {
                self.fixnum_or(other);
                "FIXNUM"
            }
        };
        self.code.br(done);
        self.code.end();
        self.code.op(&Instruction::Drop);
        self.signal_type(object, expected);
        self.code.end();
        self.code.release(object);
    }

    /// Leaves the float on the stack unboxed, or branches with what is none of that type.
    pub(super) fn float_or(&mut self, ty: GcType, other: Label) {
        self.cast_or(ty, other);
        self.code.op(&Instruction::StructGet { struct_type_index: ty.index(), field_index: 0 });
    }

    /// Leaves an `i32` that must be a fixnum.
    fn check_i32(&mut self, expected: &str) {
        let value = self.code.local(ValType::I32);
        self.code.tee(value);
        self.fits_fixnum();
        self.code.op(&Instruction::I32Eqz);
        self.code.if_(BlockType::Empty);
        self.code.get(value);
        self.box_i32();
        let object = self.store_object();
        self.signal_type(object, expected);
        self.code.end();
        self.code.get(value);
        self.code.release(object);
        self.code.release(value);
    }

    /// Signals a type error about the object in a local, with a standard type's name.
    fn signal_type(&mut self, object: u32, expected: &str) {
        let symbol = self.context.cx.symbols.find(clysm_reader::PackageId::COMMON_LISP, expected);
        self.call_runtime("signal-type-error", |lowerer| {
            lowerer.code.get(object);
            let symbol = symbol.map_or(clysm_reader::Symbol::T, |(symbol, _)| symbol);
            lowerer.code.global_get(GlobalRef::Symbol(symbol));
        });
        self.code.op(&Instruction::Unreachable);
    }

    /// Calls a runtime function with the operands that `operands` writes; its value is an object.
    pub(super) fn call_runtime(&mut self, name: &str, operands: impl FnOnce(&mut Self)) {
        let symbol = self.context.intrinsics.runtime(name);
        if (self.context.is_direct)(symbol) {
            self.code.op(&Instruction::RefNull(wasm_encoder::HeapType::Concrete(GcType::Function.index())));
            operands(self);
            self.code.call(FunctionRef::Global(symbol));
            return;
        }
        // While the library is being built, its later files are reached through the function cell.
        let arity = self.context.cx.runtime.get(&format!("clysm:{name}")).and_then(|entry| entry.arity).unwrap_or(0);
        let function = self.begin_cell_call(symbol);
        operands(self);
        self.finish_cell_call(function, arity);
    }

    /// Calls a raw helper of the library.
    pub(super) fn call_raw(&mut self, name: &str, operands: impl FnOnce(&mut Self)) {
        let symbol = self.context.intrinsics.runtime(name);
        operands(self);
        self.code.call(FunctionRef::Global(symbol));
    }

    /// Writes `work`, which calls functions for effect, between a value and its use: the value count survives.
    pub(super) fn preserving_count(&mut self, want: Want, work: impl FnOnce(&mut Self)) {
        if !matches!(want, Want::Values | Want::Return) {
            return work(self);
        }
        let count = self.code.local(ValType::I32);
        self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::ValueCount));
        self.code.set(count);
        work(self);
        self.code.get(count);
        self.code.global_set(GlobalRef::Runtime(RuntimeGlobal::ValueCount));
        self.code.release(count);
    }

    /// `(values …)`.
    pub(super) fn values(&mut self, nodes: &[Node], want: Want) {
        let single = matches!(want, Want::Effect | Want::Value(_))
            || self.ast.function(self.function).raw.is_some() && want == Want::Return;
        match nodes {
            [] => {
                self.nil();
                if single {
                    return self.deliver(Object, want);
                }
                self.set_value_count(0);
                self.deliver_values(want);
            }
            [node] => {
                let representation = self.natural_node(node);
                self.deliver(representation, want);
            }
            [first, rest @ ..] if single => {
                let representation = match want {
                    Want::Effect => None,
                    Want::Value(representation) => Some(representation),
                    _ => Some(self.result),
                };
                self.node(first, representation.map_or(Want::Effect, Want::Value));
                for node in rest {
                    self.node(node, Want::Effect);
                }
                if want == Want::Return {
                    self.code.op(&Instruction::Return);
                }
            }
            _ => self.several_values(nodes, want),
        }
    }

    fn several_values(&mut self, nodes: &[Node], want: Want) {
        if nodes.len() > VALUE_VECTOR_LENGTH as usize {
            self.list_of(nodes);
            let list = self.store_object();
            self.call_runtime("restore-values", |lowerer| lowerer.code.get(list));
            self.code.release(list);
            return self.deliver_values(want);
        }
        let locals: Vec<u32> = nodes.iter().map(|node| self.object_local(node)).collect();
        for (index, local) in (0..).zip(&locals).skip(1) {
            self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::ValueVector));
            self.code.i32(index);
            self.code.get(*local);
            self.code.op(&Instruction::ArraySet(GcType::SimpleVector.index()));
        }
        self.set_value_count(i32::try_from(locals.len()).unwrap_or(i32::MAX));
        self.code.get(locals[0]);
        for local in locals {
            self.code.release(local);
        }
        self.deliver_values(want);
    }

    pub(super) fn multiple_value_bind(&mut self, variables: &[VariableId], values: &Node, body: &Node, want: Want) {
        let mut locals = Vec::new();
        match &values.kind {
            // Known values are bound without passing through the value globals.
            NodeKind::Values(nodes) if nodes.len() == variables.len() => {
                let temporaries: Vec<u32> = nodes.iter().map(|node| self.object_local(node)).collect();
                for (variable, temporary) in variables.iter().zip(temporaries) {
                    self.code.get(temporary);
                    locals.push(self.bind_object(*variable));
                    self.code.release(temporary);
                }
            }
            _ => {
                self.node(values, Want::Values);
                match variables.split_first() {
                    None => self.code.op(&Instruction::Drop),
                    Some((first, rest)) => {
                        // Whoever returns no values returns nil as the first.
                        locals.push(self.bind_object(*first));
                        for (index, variable) in (1..).zip(rest) {
                            self.value_at(index);
                            locals.push(self.bind_object(*variable));
                        }
                    }
                }
            }
        }
        self.node(body, want);
        for local in locals {
            self.code.release(local);
        }
    }

    /// The value with that index, nil when there are not so many.
    fn value_at(&mut self, index: i32) {
        self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::ValueCount));
        self.code.i32(index);
        self.code.op(&Instruction::I32GtS);
        self.code.if_(BlockType::Result(eq_ref()));
        self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::ValueVector));
        self.code.i32(index);
        self.code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
        self.code.else_();
        self.nil();
        self.code.end();
    }

    pub(super) fn multiple_value_prog1(&mut self, first: &Node, rest: &Node, want: Want) {
        if matches!(want, Want::Effect | Want::Value(_)) {
            self.node(first, want);
            return self.node(rest, Want::Effect);
        }
        self.node(first, Want::Values);
        let value = self.store_object();
        self.saving_values(value, |lowerer| lowerer.node(rest, Want::Effect));
        self.code.get(value);
        self.code.release(value);
        self.deliver_values(want);
    }

    /// Writes `work` so that the values, of which the first is in a local, survive it.
    pub(super) fn saving_values(&mut self, first: u32, work: impl FnOnce(&mut Self)) {
        let count = self.code.local(ValType::I32);
        let list = self.code.local(eq_ref());
        self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::ValueCount));
        self.code.tee(count);
        self.code.i32(1);
        self.code.op(&Instruction::I32Ne);
        self.code.if_(BlockType::Result(eq_ref()));
        self.call_runtime("list-values", |lowerer| lowerer.code.get(first));
        self.code.else_();
        self.nil();
        self.code.end();
        self.code.set(list);
        work(self);
        self.code.get(count);
        self.code.i32(1);
        self.code.op(&Instruction::I32Ne);
        self.code.if_(BlockType::Empty);
        self.call_runtime("restore-values", |lowerer| lowerer.code.get(list));
        self.code.op(&Instruction::Drop);
        self.code.else_();
        self.set_value_count(1);
        self.code.end();
        self.code.release(count);
        self.code.release(list);
    }

    pub(super) fn multiple_value_call(&mut self, function: &Node, args: &[Node], want: Want) {
        if let ([arg], NodeKind::GlobalFunction(name)) = (args, &function.kind)
            && self.context.cx.symbols.name(*name) == "LIST"
            && self.context.cx.symbols.package(*name) == Some(clysm_reader::PackageId::COMMON_LISP)
        {
            self.node(arg, Want::Values);
            let first = self.store_object();
            self.call_runtime("list-values", |lowerer| lowerer.code.get(first));
            self.code.release(first);
            return self.deliver(Object, want);
        }
        let callee = self.object_local(function);
        self.nil();
        let collected = self.store_object();
        for arg in args {
            self.node(arg, Want::Values);
            let first = self.store_object();
            self.call_runtime("append-values", |lowerer| {
                lowerer.code.get(collected);
                lowerer.code.get(first);
            });
            self.code.set(collected);
            self.code.release(first);
        }
        self.call_runtime("apply-collected", |lowerer| {
            lowerer.code.get(callee);
            lowerer.code.get(collected);
        });
        self.code.release(callee);
        self.code.release(collected);
        self.deliver_values(want);
    }

    /// Where a parameter's value is at function entry.
    pub(super) fn bind_parameter(&mut self, variable: VariableId, local: u32, representation: Representation) {
        if self.analysis.cells[variable.index()] {
            self.code.get(local);
            self.convert(representation, Object);
            self.bind_cell(variable);
        } else {
            self.slots[variable.index()] = Some(Slot::Local(local, representation));
        }
    }

    /// Writes the value of a variable as a function that closes over it takes it: the cell, or the value.
    pub(super) fn captured_value(&mut self, variable: VariableId, want: Representation) {
        match self.slots[variable.index()] {
            Some(Slot::Cell(cell)) => self.code.get(cell),
            // A function has itself, not the cell that others know it by; as nothing assigns that, another one will do.
            Some(Slot::SelfObject) if self.analysis.cells[variable.index()] => {
                self.read_variable(variable);
                self.code.op(&Instruction::StructNew(GcType::Cell.index()));
            }
            _ => {
                let representation = self.read_variable(variable);
                self.convert(representation, want);
            }
        }
    }
}

/// The type of every value.
const OBJECT: RefType = RefType {
    nullable: false,
    heap_type: wasm_encoder::HeapType::Abstract { shared: false, ty: wasm_encoder::AbstractHeapType::Eq },
};

/// The heap type of fixnums.
const fn i31_heap() -> wasm_encoder::HeapType {
    wasm_encoder::HeapType::Abstract { shared: false, ty: wasm_encoder::AbstractHeapType::I31 }
}

/// Whether a literal node holds a fixnum, and which.
pub fn fixnum_literal(node: &Node) -> Option<i64> {
    match &node.kind {
        NodeKind::Literal(literal) if literal.literal_type == LiteralType::Fixnum => match literal.value {
            clysm_reader::Datum::Fixnum(value) => Some(value),
            _ => None,
        },
        _ => None,
    }
}

/// The Wasm type in which a captured variable reaches a function.
pub fn captured_type(is_cell: bool, representation: Representation) -> ValType {
    if is_cell { clysm_gc_types::ref_to(GcType::Cell) } else { value_type(representation) }
}
