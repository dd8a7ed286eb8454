//! Primitive operations.

use clysm_ast::{Node, Representation};
use clysm_dispatch::imports::{IMPORTS, ImportType};
use clysm_gc_types::{GcType, Layout, Storage};
use wasm_encoder::{AbstractHeapType, HeapType, Instruction};

use super::natural::typed_result;
use super::{FunctionRef, GlobalRef, Lowerer, RuntimeGlobal, StaticData, Target, Want};
use crate::primitives::{Operation, SpecialOperation, TypedOperation};

use Representation::{Condition, Fixnum, I32, Object};

impl Lowerer<'_, '_> {
    pub(super) fn primitive(&mut self, op: u16, immediates: [u16; 2], args: &[Node], want: Want) {
        let Some(primitive) = self.context.cx.primitives.get(usize::from(op)) else {
            return self.code.op(&Instruction::Unreachable);
        };
        match &primitive.operation {
            Operation::Numeric(instruction) => {
                for (arg, representation) in args.iter().zip(&primitive.params) {
                    self.node(arg, Want::Value(*representation));
                }
                self.code.op(instruction);
                self.deliver(primitive.result, want);
            }
            Operation::Typed(operation) => self.typed(*operation, immediates, args, want),
            Operation::Special(operation) => self.special_operation(*operation, args, want),
            Operation::Import(number) => self.import(*number, args, want),
            Operation::Named(_) => self.named_import(immediates[0], args, want),
        }
    }

    fn typed(&mut self, operation: TypedOperation, immediates: [u16; 2], args: &[Node], want: Want) {
        let Some(ty) = GcType::TABLE.get(usize::from(immediates[0])).copied() else {
            return self.code.op(&Instruction::Unreachable);
        };
        let result =
            typed_result(operation, immediates, |index| args.get(index).map_or(Object, |node| self.natural(node)));
        let index = ty.index();
        match operation {
            TypedOperation::Is => {
                self.object(&args[0]);
                self.test(ty);
            }
            TypedOperation::Possible => self.code.i32(1),
            TypedOperation::New => {
                self.fields(ty, args);
                self.code.op(&Instruction::StructNew(index));
            }
            TypedOperation::Get => {
                self.of_type(&args[0], ty);
                self.code
                    .op(&Instruction::StructGet { struct_type_index: index, field_index: u32::from(immediates[1]) });
                self.nullable_field(ty, immediates[1]);
            }
            TypedOperation::Set => return self.set_field(ty, immediates[1], args, want),
            TypedOperation::ArrayNew => {
                // `array.new` takes the initial value first, the operands name the length first.
                self.node(&args[0], Want::Value(I32));
                let length = self.code.local(wasm_encoder::ValType::I32);
                self.code.set(length);
                self.stored(&args[1], ty.element().unwrap_or(Storage::Value));
                self.code.get(length);
                self.code.op(&Instruction::ArrayNew(index));
                self.code.release(length);
            }
            TypedOperation::ArrayRef => {
                self.of_type(&args[0], ty);
                self.node(&args[1], Want::Value(I32));
                self.code.op(&match ty.element() {
                    Some(Storage::I8 | Storage::I16) => Instruction::ArrayGetU(index),
                    _ => Instruction::ArrayGet(index),
                });
            }
            TypedOperation::ArraySet => return self.set_element_of(ty, args, want),
            TypedOperation::ArrayLength => {
                self.of_type(&args[0], ty);
                self.code.op(&Instruction::ArrayLen);
            }
            TypedOperation::ArrayCopy => {
                let source = GcType::TABLE.get(usize::from(immediates[1])).copied().unwrap_or(ty);
                self.of_type(&args[0], ty);
                self.node(&args[1], Want::Value(I32));
                self.of_type(&args[2], source);
                self.node(&args[3], Want::Value(I32));
                self.node(&args[4], Want::Value(I32));
                self.code
                    .op(&Instruction::ArrayCopy { array_type_index_dst: index, array_type_index_src: source.index() });
                return self.nothing(want);
            }
            TypedOperation::ArrayFill => {
                self.of_type(&args[0], ty);
                self.node(&args[1], Want::Value(I32));
                self.stored(&args[2], ty.element().unwrap_or(Storage::Value));
                self.node(&args[3], Want::Value(I32));
                self.code.op(&Instruction::ArrayFill(index));
                return self.nothing(want);
            }
        }
        self.deliver(result, want);
    }

    /// A nullable field's value on the stack as an object: nil when it is null.
    fn nullable_field(&mut self, ty: GcType, field: u16) {
        let Layout::Struct(fields) = ty.layout() else { return };
        let Some(Storage::NullRef(target)) = fields.get(usize::from(field)).map(|field| field.storage) else { return };
        self.null_to_nil(clysm_gc_types::ref_null_to(target));
    }

    /// Replaces a null reference on the stack by nil.
    fn null_to_nil(&mut self, ty: wasm_encoder::ValType) {
        let reference = self.code.local(ty);
        self.code.tee(reference);
        self.code.op(&Instruction::RefIsNull);
        self.code.if_(wasm_encoder::BlockType::Result(clysm_gc_types::eq_ref()));
        self.nil();
        self.code.else_();
        self.code.get(reference);
        self.code.op(&Instruction::RefAsNonNull);
        self.code.end();
    }

    fn fields(&mut self, ty: GcType, args: &[Node]) {
        let Layout::Struct(fields) = ty.layout() else { return };
        for (arg, field) in args.iter().zip(fields) {
            self.stored(arg, field.storage);
        }
    }

    /// An expression as a field or element stores it.
    fn stored(&mut self, node: &Node, storage: Storage) {
        match storage {
            Storage::Value => self.object(node),
            Storage::Ref(ty) => self.of_type(node, ty),
            Storage::NullRef(ty) if super::is_nil(node) => {
                self.code.op(&Instruction::RefNull(HeapType::Concrete(ty.index())));
            }
            Storage::NullRef(ty) => self.of_type(node, ty),
            Storage::I8 | Storage::I16 | Storage::I32 => self.node(node, Want::Value(I32)),
            Storage::F32 => self.node(node, Want::Value(Representation::F32)),
            Storage::F64 => self.node(node, Want::Value(Representation::F64)),
        }
    }

    fn set_field(&mut self, ty: GcType, field: u16, args: &[Node], want: Want) {
        let Layout::Struct(fields) = ty.layout() else { return self.code.op(&Instruction::Unreachable) };
        let Some(storage) = fields.get(usize::from(field)).map(|field| field.storage) else {
            return self.code.op(&Instruction::Unreachable);
        };
        self.of_type(&args[0], ty);
        let set = Instruction::StructSet { struct_type_index: ty.index(), field_index: u32::from(field) };
        if want == Want::Effect {
            self.stored(&args[1], storage);
            return self.code.op(&set);
        }
        let natural = self.natural_node(&args[1]);
        let value = self.code.local(super::value_type(natural));
        self.code.tee(value);
        self.convert_stored(natural, storage);
        self.code.op(&set);
        self.code.get(value);
        self.code.release(value);
        self.deliver(natural, want);
    }

    fn set_element_of(&mut self, ty: GcType, args: &[Node], want: Want) {
        let storage = ty.element().unwrap_or(Storage::Value);
        self.of_type(&args[0], ty);
        self.node(&args[1], Want::Value(I32));
        let set = Instruction::ArraySet(ty.index());
        if want == Want::Effect {
            self.stored(&args[2], storage);
            return self.code.op(&set);
        }
        let natural = self.natural_node(&args[2]);
        let value = self.code.local(super::value_type(natural));
        self.code.tee(value);
        self.convert_stored(natural, storage);
        self.code.op(&set);
        self.code.get(value);
        self.code.release(value);
        self.deliver(natural, want);
    }

    /// Converts the value on the stack to what a field or element stores.
    fn convert_stored(&mut self, natural: Representation, storage: Storage) {
        match storage {
            Storage::Value => self.convert(natural, Object),
            Storage::Ref(ty) | Storage::NullRef(ty) => {
                self.convert(natural, Object);
                self.cast(ty);
            }
            Storage::I8 | Storage::I16 | Storage::I32 => self.convert(natural, I32),
            Storage::F32 => self.convert(natural, Representation::F32),
            Storage::F64 => self.convert(natural, Representation::F64),
        }
    }

    /// The value of an operation that has none.
    fn nothing(&mut self, want: Want) {
        if want != Want::Effect {
            self.nil();
            self.deliver(Object, want);
        }
    }

    fn special_operation(&mut self, operation: SpecialOperation, args: &[Node], want: Want) {
        use SpecialOperation as S;
        match operation {
            S::Convert(representation) => {
                self.node(&args[0], Want::Value(representation));
                self.deliver(representation, want);
            }
            S::Fixnum => {
                self.node(&args[0], Want::Value(I32));
                self.deliver(Fixnum, want);
            }
            S::IsFixnum => {
                self.object(&args[0]);
                self.test_fixnum();
                self.deliver(Condition, want);
            }
            S::Unbound => self.runtime_global(RuntimeGlobal::Unbound, Object, want),
            S::Unsupplied => self.runtime_global(RuntimeGlobal::Unsupplied, Object, want),
            S::ValueCount => self.runtime_global(RuntimeGlobal::ValueCount, Fixnum, want),
            S::ValueVector => self.runtime_global(RuntimeGlobal::ValueVector, Object, want),
            S::BindingDepth => self.runtime_global(RuntimeGlobal::BindingDepth, Fixnum, want),
            S::BindingStack => self.runtime_global(RuntimeGlobal::BindingStack, Object, want),
            S::Characters => self.runtime_global(RuntimeGlobal::Characters, Object, want),
            S::SymbolTable => self.runtime_global(RuntimeGlobal::SymbolTable, Object, want),
            S::SetValueCount => self.set_count(RuntimeGlobal::ValueCount, &args[0], want),
            S::SetBindingDepth => self.set_count(RuntimeGlobal::BindingDepth, &args[0], want),
            S::SetValueVector => self.set_vector(RuntimeGlobal::ValueVector, &args[0], want),
            S::SetBindingStack => self.set_vector(RuntimeGlobal::BindingStack, &args[0], want),
            S::SetSymbolTable => self.set_vector(RuntimeGlobal::SymbolTable, &args[0], want),
            S::UndefinedFunctionP => {
                self.of_type(&args[0], GcType::Function);
                self.code.op(&Instruction::StructGet { struct_type_index: GcType::Function.index(), field_index: 0 });
                self.code.op(&Instruction::I32Eqz);
                self.deliver(Condition, want);
            }
            S::UndefinedFunction => {
                let name = self.object_local(&args[0]);
                self.code.i32(0);
                self.new_function(|lowerer| lowerer.code.get(name));
                self.code.release(name);
                self.deliver(Object, want);
            }
            S::Funcall => self.primitive_funcall(args, want),
            S::FuncallVector => self.primitive_funcall_vector(args, want),
            S::Throw => {
                self.object(&args[0]);
                self.object(&args[1]);
                self.code.op(&Instruction::Throw(0));
            }
            S::ValuesSet => {
                self.object(&args[0]);
                self.node(&args[1], Want::Value(I32));
                self.code.global_set(GlobalRef::Runtime(RuntimeGlobal::ValueCount));
                self.deliver_values(want);
            }
            S::Trap => self.code.op(&Instruction::Unreachable),
            S::Mention => {
                if let clysm_ast::NodeKind::Literal(literal) = &args[0].kind {
                    self.context.literals.note_mention(literal.value);
                }
                self.nothing(want);
            }
            S::StaticNames => self.static_data(StaticData::Names, want),
            S::StaticSources => self.static_data(StaticData::Sources, want),
            S::StaticPackages => self.static_data(StaticData::Packages, want),
            S::StaticFunctions => self.static_data(StaticData::Functions, want),
            S::StaticFunction => {
                self.node(&args[0], Want::Value(I32));
                self.code.relocate(Target::StaticData(StaticData::FirstFunction));
                let code = self.code.local(wasm_encoder::ValType::I32);
                self.code.set(code);
                let name = self.object_local(&args[1]);
                self.code.get(code);
                self.new_function(|lowerer| lowerer.code.get(name));
                self.code.release(code);
                self.code.release(name);
                self.deliver(Object, want);
            }
            S::LiteralOctets => {
                self.node(&args[0], Want::Value(I32));
                self.node(&args[1], Want::Value(I32));
                self.static_data(StaticData::Octets, want);
            }
        }
    }

    /// A function object without environment; its code index is on the stack.
    fn new_function(&mut self, name: impl FnOnce(&mut Self)) {
        self.code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Env.index())));
        name(self);
        self.code.i32(0);
        self.code.op(&Instruction::StructNew(GcType::Function.index()));
    }

    fn static_data(&mut self, data: StaticData, want: Want) {
        self.code.relocate(Target::StaticData(data));
        self.deliver(Object, want);
    }

    fn runtime_global(&mut self, global: RuntimeGlobal, representation: Representation, want: Want) {
        self.code.global_get(GlobalRef::Runtime(global));
        self.deliver(representation, want);
    }

    fn set_count(&mut self, global: RuntimeGlobal, value: &Node, want: Want) {
        self.node(value, Want::Value(I32));
        self.code.global_set(GlobalRef::Runtime(global));
        self.nothing(want);
    }

    fn set_vector(&mut self, global: RuntimeGlobal, value: &Node, want: Want) {
        self.of_type(value, GcType::SimpleVector);
        self.code.global_set(GlobalRef::Runtime(global));
        self.nothing(want);
    }

    fn import(&mut self, number: u16, args: &[Node], want: Want) {
        let Some(import) = IMPORTS.get(usize::from(number)) else { return self.code.op(&Instruction::Unreachable) };
        for (arg, (_, ty)) in args.iter().zip(import.params) {
            match ty {
                ImportType::I32 => self.node(arg, Want::Value(I32)),
                ImportType::I64 => self.node(arg, Want::Value(Representation::I64)),
                ImportType::F64 => self.node(arg, Want::Value(Representation::F64)),
                ImportType::Bytes => self.of_type(arg, GcType::U8Vector),
            }
        }
        self.code.call(FunctionRef::Import(number));
        let result = match import.result {
            ImportType::I32 => I32,
            ImportType::I64 => Representation::I64,
            ImportType::F64 => Representation::F64,
            ImportType::Bytes => {
                self.null_to_nil(ARRAY_REF);
                Object
            }
        };
        self.deliver(result, want);
    }

    fn named_import(&mut self, number: u16, args: &[Node], want: Want) {
        args.iter().for_each(|arg| self.of_type(arg, GcType::U8Vector));
        self.code.call(FunctionRef::Named(number));
        self.null_to_nil(ARRAY_REF);
        self.deliver(Object, want);
    }
}

/// `(ref null array)`.
const ARRAY_REF: wasm_encoder::ValType = wasm_encoder::ValType::Ref(wasm_encoder::RefType {
    nullable: true,
    heap_type: HeapType::Abstract { shared: false, ty: AbstractHeapType::Array },
});
