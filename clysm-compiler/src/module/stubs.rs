//! The functions that every image has once: entries for calls that don't fit, and for calls that pass arguments in a
//! vector.

use clysm_gc_types::{Entry, GcType, eq_ref, function_self, ref_to};
use clysm_reader::Symbol;
use wasm_encoder::{BlockType, HeapType, Instruction, RefType, ValType};

use crate::lower::{CodeBuilder, CompiledFunction, FunctionRef, InitialEntry, Intrinsics, Target};

/// What a shared function does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stub {
    /// Signals that a function was called with that many arguments.
    Arity(Entry),
    /// Signals that a function is undefined.
    Undefined(Entry),
    /// Packs the arguments into a vector and calls the vector entry.
    Pack(u32),
}

impl Stub {
    /// All of them, in index order.
    pub fn all() -> Vec<Stub> {
        let mut stubs: Vec<Stub> = Entry::all().map(Stub::Arity).collect();
        stubs.extend(Entry::all().map(Stub::Undefined));
        stubs.extend((0..=clysm_gc_types::ENTRY_LIMIT).map(Stub::Pack));
        stubs
    }

    /// The name under which an image exports it.
    pub fn name(self) -> String {
        match self {
            Self::Arity(entry) => format!("arity-{}", entry.table_name()),
            Self::Undefined(entry) => format!("undefined-{}", entry.table_name()),
            Self::Pack(count) => format!("pack-{count}"),
        }
    }

    /// The type index of the function.
    pub const fn type_index(self) -> u32 {
        match self {
            Self::Arity(entry) | Self::Undefined(entry) => entry.type_index(),
            Self::Pack(count) => Entry::Count(count).type_index(),
        }
    }

    /// Its code.
    pub fn code(self, intrinsics: &Intrinsics) -> CompiledFunction {
        match self {
            Self::Arity(entry) => wrong_count(self, entry, intrinsics.runtime("signal-wrong-argument-count")),
            Self::Undefined(entry) => undefined(self, entry, intrinsics.runtime("call-undefined-function")),
            Self::Pack(count) => pack(self, count),
        }
    }
}

/// The name under which an image exports [`append_entries`].
pub const APPEND_ENTRIES: &str = "append-entries";

/// Appends a function to each entry table, for null the one that signals that the count of arguments doesn't fit; the result is the
/// code index.
pub fn append_entries() -> CompiledFunction {
    let entries: Vec<Entry> = Entry::all().collect();
    let params = vec![ValType::Ref(RefType::FUNCREF); entries.len()];
    let mut code = CodeBuilder::new(APPEND_ENTRIES.to_owned(), params, ValType::I32);
    code.op(&Instruction::TableSize(Entry::Count(0).table()));
    for (param, entry) in (0..).zip(entries) {
        code.get(param);
        code.op(&Instruction::RefIsNull);
        code.if_(BlockType::Empty);
        code.relocate(Target::FunctionReference(InitialEntry::Stub(Stub::Arity(entry))));
        code.set(param);
        code.end();
        code.get(param);
        code.i32(1);
        code.op(&Instruction::TableGrow(entry.table()));
        code.op(&Instruction::Drop);
    }
    code.finish()
}

fn builder(stub: Stub, entry: Entry) -> CodeBuilder {
    match entry {
        Entry::Count(count) => CodeBuilder::lisp(stub.name(), count),
        Entry::Vector => CodeBuilder::new(stub.name(), vec![function_self(), ref_to(GcType::SimpleVector)], eq_ref()),
    }
}

/// Calls the signaller with the function and the count of arguments.
fn wrong_count(stub: Stub, entry: Entry, signaller: Symbol) -> CompiledFunction {
    let mut code = builder(stub, entry);
    code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
    code.get(0);
    code.op(&Instruction::RefAsNonNull);
    match entry {
        Entry::Count(count) => code.i32(count as i32),
        Entry::Vector => {
            code.get(1);
            code.op(&Instruction::ArrayLen);
        }
    }
    code.op(&Instruction::RefI31);
    code.return_call(FunctionRef::Global(signaller));
    code.finish()
}

/// Calls the signaller with the function's name and a vector of the arguments.
fn undefined(stub: Stub, entry: Entry, signaller: Symbol) -> CompiledFunction {
    let mut code = builder(stub, entry);
    code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
    code.get(0);
    code.op(&Instruction::StructGet { struct_type_index: GcType::Function.index(), field_index: FUNCTION_NAME });
    match entry {
        Entry::Count(count) => pack_arguments(&mut code, count),
        Entry::Vector => code.get(1),
    }
    code.return_call(FunctionRef::Global(signaller));
    code.finish()
}

/// Leaves a vector of that many arguments, which follow the function object.
fn pack_arguments(code: &mut CodeBuilder, count: u32) {
    for local in 1..=count {
        code.get(local);
    }
    code.op(&Instruction::ArrayNewFixed { array_type_index: GcType::SimpleVector.index(), array_size: count });
}

/// The index of a function object's name field.
const FUNCTION_NAME: u32 = 2;

fn pack(stub: Stub, count: u32) -> CompiledFunction {
    let mut code = builder(stub, Entry::Count(count));
    code.get(0);
    pack_arguments(&mut code, count);
    code.get(0);
    code.op(&Instruction::StructGet { struct_type_index: GcType::Function.index(), field_index: 0 });
    code.op(&Instruction::ReturnCallIndirect {
        type_index: Entry::Vector.type_index(),
        table_index: Entry::Vector.table(),
    });
    code.finish()
}

/// The type index of a function type that all modules have.
pub fn core_type(params: &[ValType], results: &[ValType]) -> Option<u32> {
    if results != [eq_ref()] {
        return None;
    }
    Entry::all()
        .find(|entry| match entry {
            Entry::Count(count) => params == clysm_gc_types::function_type_params(*count),
            Entry::Vector => params == [function_self(), ref_to(GcType::SimpleVector)],
        })
        .map(Entry::type_index)
}
