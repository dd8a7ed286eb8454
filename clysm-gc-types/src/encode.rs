//! The Wasm encoding of the table.

use wasm_encoder::{
    AbstractHeapType, ArrayType, CompositeInnerType, CompositeType, FieldType, FuncType, HeapType, RefType,
    StorageType, StructType, SubType, TypeSection, ValType,
};

use crate::{Entry, GcType, Layout, Storage, function_type_params};

/// `(ref eq)`: any Lisp value.
#[must_use]
pub const fn eq_ref() -> ValType {
    ValType::Ref(RefType { nullable: false, heap_type: HeapType::Abstract { shared: false, ty: AbstractHeapType::Eq } })
}

/// `(ref $ty)`.
#[must_use]
pub const fn ref_to(ty: GcType) -> ValType {
    ValType::Ref(RefType { nullable: false, heap_type: HeapType::Concrete(ty.index()) })
}

/// `(ref null $ty)`.
#[must_use]
pub const fn ref_null_to(ty: GcType) -> ValType {
    ValType::Ref(RefType { nullable: true, heap_type: HeapType::Concrete(ty.index()) })
}

/// The type of every function's first parameter, the function object called: `(ref null $function)`.
#[must_use]
pub const fn function_self() -> ValType {
    ref_null_to(GcType::Function)
}

/// The field type of a storage, mutable.
#[must_use]
pub const fn field_type(storage: Storage) -> FieldType {
    let element_type = match storage {
        Storage::I8 => StorageType::I8,
        Storage::I16 => StorageType::I16,
        _ => StorageType::Val(storage_value(storage)),
    };
    FieldType { element_type, mutable: true }
}

/// The type of the value that a read of the storage gives.
#[must_use]
pub const fn storage_value(storage: Storage) -> ValType {
    match storage {
        Storage::Value => eq_ref(),
        Storage::Ref(ty) => ref_to(ty),
        Storage::NullRef(ty) => ref_null_to(ty),
        Storage::I8 | Storage::I16 | Storage::I32 => ValType::I32,
        Storage::F32 => ValType::F32,
        Storage::F64 => ValType::F64,
    }
}

/// Writes the types every module begins with: the recursion group, the entry function types, the exception types.
pub fn encode_core_types(section: &mut TypeSection) {
    section.ty().rec(GcType::TABLE.iter().map(|ty| final_type(composite(ty.layout()))));
    for entry in Entry::all() {
        let params = match entry {
            Entry::Count(count) => function_type_params(count),
            Entry::Vector => vec![function_self(), ref_to(GcType::SimpleVector)],
        };
        section.ty().subtype(&final_type(CompositeInnerType::Func(FuncType::new(params, [eq_ref()]))));
    }
    let payload = [eq_ref(), eq_ref()];
    section.ty().subtype(&final_type(CompositeInnerType::Func(FuncType::new(payload, []))));
    section.ty().subtype(&final_type(CompositeInnerType::Func(FuncType::new([], payload))));
}

fn composite(layout: Layout) -> CompositeInnerType {
    match layout {
        Layout::Struct(fields) => CompositeInnerType::Struct(StructType {
            fields: fields.iter().map(|field| field_type(field.storage)).collect(),
        }),
        Layout::Array(storage) => CompositeInnerType::Array(ArrayType(field_type(storage))),
    }
}

const fn final_type(inner: CompositeInnerType) -> SubType {
    SubType {
        is_final: true,
        supertype_idx: None,
        composite_type: CompositeType { inner, shared: false, descriptor: None, describes: None },
    }
}
