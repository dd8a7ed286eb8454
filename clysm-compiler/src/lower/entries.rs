//! The entries of function objects: how a call with some number of arguments reaches a function's own parameters.

use std::collections::BTreeMap;

use clysm_ast::{FunctionId, Parameters};
use clysm_gc_types::{Entry, GcType, eq_ref, function_self, ref_to};
use clysm_reader::Symbol;
use wasm_encoder::{BlockType, Instruction, ValType};

use super::{CodeBuilder, CompiledFunction, FunctionRef, GlobalRef, LowerContext, RuntimeGlobal};

/// How an entry table reaches a function.
#[derive(Clone, Debug)]
pub enum EntryCode {
    /// The function itself: its parameters are exactly the arguments.
    Function,
    /// The module's shared function that packs this many arguments into a vector and calls the vector entry.
    Pack,
    /// An adaptor of its own.
    Adaptor(Box<CompiledFunction>),
}

/// The entries of one function; the counts that are missing signal an argument count error.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// Entry by table.
    pub by_table: BTreeMap<u32, EntryCode>,
}

impl Entries {
    /// The entries for a function with these parameters.
    pub fn new(context: &mut LowerContext, parameters: &Parameters, name: &str, id: FunctionId) -> Self {
        let adaptor = Adaptor { parameters, name, id };
        let mut entries = Self::default();
        let variadic = parameters.max_count().is_none();
        for entry in Entry::all() {
            let code = match entry {
                Entry::Count(count) if variadic && !parameters.accepts_keywords => adaptor.with_rest(count),
                Entry::Count(count) if variadic => (count >= parameters.min_count()).then_some(EntryCode::Pack),
                Entry::Count(count) => adaptor.for_count(count),
                Entry::Vector => adaptor.for_vector(context),
            };
            if let Some(code) = code {
                entries.by_table.insert(entry.table(), code);
            }
        }
        entries
    }
}

struct Adaptor<'a> {
    parameters: &'a Parameters,
    name: &'a str,
    id: FunctionId,
}

impl Adaptor<'_> {
    /// The entry for exactly `count` arguments of a function without rest or keyword parameters.
    fn for_count(&self, count: u32) -> Option<EntryCode> {
        let max = self.parameters.max_count()?;
        if count < self.parameters.min_count() || count > max {
            return None;
        }
        if count == max {
            return Some(EntryCode::Function);
        }
        let mut code = CodeBuilder::lisp(self.name.to_owned(), count);
        for index in 0..=count {
            code.get(index);
        }
        for _ in count..max {
            code.global_get(GlobalRef::Runtime(RuntimeGlobal::Unsupplied));
        }
        code.return_call(FunctionRef::Local(self.id));
        Some(EntryCode::Adaptor(Box::new(code.finish())))
    }

    /// The entry for `count` arguments of a function with a rest parameter: what is left over becomes a list.
    fn with_rest(&self, count: u32) -> Option<EntryCode> {
        let min = self.parameters.min_count();
        if count < min {
            return None;
        }
        let before = min + u32::try_from(self.parameters.optional.len()).unwrap_or(0);
        let mut code = CodeBuilder::lisp(self.name.to_owned(), count);
        for index in 0..=count.min(before) {
            code.get(index);
        }
        for _ in count..before {
            code.global_get(GlobalRef::Runtime(RuntimeGlobal::Unsupplied));
        }
        for index in before + 1..=count {
            code.get(index);
        }
        code.global_get(GlobalRef::Symbol(Symbol::NIL));
        for _ in before..count {
            code.i32(0);
            code.op(&Instruction::StructNew(GcType::Cons.index()));
        }
        code.return_call(FunctionRef::Local(self.id));
        Some(EntryCode::Adaptor(Box::new(code.finish())))
    }

    /// The entry that takes a vector of arguments.
    fn for_vector(&self, context: &mut LowerContext) -> Option<EntryCode> {
        let min = self.parameters.min_count();
        // Calls with few arguments never use the vector entry of a function without rest or keyword parameters.
        if self.parameters.max_count().is_some_and(|max| max <= clysm_gc_types::ENTRY_LIMIT) {
            return None;
        }
        let params = vec![function_self(), ref_to(GcType::SimpleVector)];
        let mut code = CodeBuilder::new(self.name.to_owned(), params, eq_ref());
        let length = code.local(ValType::I32);
        code.get(VECTOR);
        code.op(&Instruction::ArrayLen);
        code.set(length);
        self.check_count(context, &mut code, length, min);
        code.get(0);
        for index in 0..min {
            element(&mut code, index);
        }
        for index in (min..).take(self.parameters.optional.len()) {
            code.get(length);
            code.i32(index as i32);
            code.op(&Instruction::I32GtU);
            code.if_(BlockType::Result(eq_ref()));
            element(&mut code, index);
            code.else_();
            code.global_get(GlobalRef::Runtime(RuntimeGlobal::Unsupplied));
            code.end();
        }
        let start = min + u32::try_from(self.parameters.optional.len()).unwrap_or(0);
        if self.parameters.rest.is_some() {
            call(context, &mut code, "rest-from-vector", |code| {
                code.get(VECTOR);
                code.i32(start as i32);
                code.op(&Instruction::RefI31);
            });
        }
        if self.parameters.accepts_keywords {
            self.keywords(context, &mut code, start);
        }
        code.return_call(FunctionRef::Local(self.id));
        Some(EntryCode::Adaptor(Box::new(code.finish())))
    }

    fn check_count(&self, context: &LowerContext, code: &mut CodeBuilder, length: u32, min: u32) {
        code.get(length);
        code.i32(min as i32);
        code.op(&Instruction::I32LtU);
        if let Some(max) = self.parameters.max_count() {
            code.get(length);
            code.i32(max as i32);
            code.ops(&[Instruction::I32GtU, Instruction::I32Or]);
        }
        code.if_(BlockType::Empty);
        call(context, code, "signal-wrong-argument-count", |code| {
            code.get(0);
            code.op(&Instruction::RefAsNonNull);
            code.get(length);
            code.op(&Instruction::RefI31);
        });
        code.op(&Instruction::Return);
        code.end();
    }

    /// Matches keywords: the library's parser returns a vector with an element for each parameter.
    fn keywords(&self, context: &mut LowerContext, code: &mut CodeBuilder, start: u32) {
        let keywords: Vec<Symbol> = self.parameters.keywords.iter().map(|keyword| keyword.keyword).collect();
        let literal = context.literals.add_symbols(&keywords);
        let allow = self.parameters.allow_other_keys;
        call(context, code, "parse-keywords", |code| {
            code.get(0);
            code.op(&Instruction::RefAsNonNull);
            code.get(VECTOR);
            code.i32(start as i32);
            code.op(&Instruction::RefI31);
            code.global_get(GlobalRef::Literal(literal));
            code.global_get(GlobalRef::Symbol(if allow { Symbol::T } else { Symbol::NIL }));
        });
        if keywords.is_empty() {
            return code.op(&Instruction::Drop);
        }
        let values = code.local(ref_to(GcType::SimpleVector));
        code.op(&Instruction::RefCastNonNull(wasm_encoder::HeapType::Concrete(GcType::SimpleVector.index())));
        code.set(values);
        for index in 0..keywords.len() {
            code.get(values);
            code.i32(index as i32);
            code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
        }
    }
}

/// The local of the argument vector.
const VECTOR: u32 = 1;

fn element(code: &mut CodeBuilder, index: u32) {
    code.get(VECTOR);
    code.i32(index as i32);
    code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
}

/// A call of a runtime function from an adaptor.
fn call(context: &LowerContext, code: &mut CodeBuilder, name: &str, operands: impl FnOnce(&mut CodeBuilder)) {
    let symbol = context.intrinsics.runtime(name);
    code.op(&Instruction::RefNull(wasm_encoder::HeapType::Concrete(GcType::Function.index())));
    operands(code);
    code.call(FunctionRef::Global(symbol));
}
