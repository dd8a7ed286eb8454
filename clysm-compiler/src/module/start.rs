//! The code that makes a module ready: objects that constant expressions can't make, literals, function cells, and the
//! toplevel forms in order.

use clysm_gc_types::{Entry, GcType, LANDING_TYPE, eq_ref};
use clysm_reader::{PackageId, Symbol};
use wasm_encoder::{BlockType, Catch, HeapType, Instruction, ValType};

use super::Linkage;
use super::assemble::{EntryTarget, LinkError, Linker};
use super::literal_code::{HEAP_ACCESSES_PER_FUNCTION, literal_functions};
use super::stubs::{APPEND_ENTRIES, Stub, append_entries};
use crate::context::Context;
use crate::lower::{
    CodeBuilder, CompiledFunction, FunctionRef, GlobalRef, InitialEntry, Intrinsics, RuntimeGlobal, StaticData, Target,
    UNWIND_TAG,
};

/// Toplevel forms that one function runs, where there are more.
const FORMS_PER_FUNCTION: usize = 100;

/// Fields of a symbol by index.
const PLIST: u32 = 4;
const VALUE: u32 = 2;
const SETF: u32 = 5;
const PACKAGE: u32 = 1;
const INFO: u32 = 6;

impl Linker<'_> {
    /// Adds the functions that run at the start; `self.start` is the one that runs the others.
    pub(super) fn add_start_functions(&mut self) -> Result<(), LinkError> {
        let calls = match self.linkage {
            Linkage::Standalone | Linkage::Image => self.root_parts()?,
            Linkage::Linked => self.linked_parts(),
            Linkage::CompiledFile => self.file_parts()?,
        };
        let mut code = CodeBuilder::procedure("start");
        for number in calls {
            code.call(FunctionRef::Numbered(number));
        }
        if self.appends_singly() {
            self.append_singly(&mut code);
        }
        self.callable_symbols(&mut code);
        if self.linkage == Linkage::CompiledFile && !self.unit.is_program {
            // What leaves the forms reaches whatever loads them.
            self.forms(&mut code);
        } else {
            self.guarded_forms(&mut code);
        }
        self.start = self.add_function(usize::MAX, code.finish());
        self.host_entries = match self.linkage {
            Linkage::Image => self.add_host_entries(),
            Linkage::Standalone => self.program_entries(),
            Linkage::Linked | Linkage::CompiledFile => Vec::new(),
        };
        Ok(())
    }

    fn root_parts(&mut self) -> Result<Vec<u32>, LinkError> {
        let setup = self.root_setup();
        let mut calls = vec![self.add_function(usize::MAX, setup.finish())];
        calls.extend(self.distribution_functions());
        let literal_string = FunctionRef::Global(system_symbol(self.cx, "%LITERAL-STRING"));
        calls.extend(literal_functions(self, literal_string)?);
        Ok(calls)
    }

    /// What a host calls when a trap has ended a program, which writes out what waits in streams; and what it calls of a
    /// compiler.
    fn program_entries(&mut self) -> Vec<(String, u32)> {
        let mut entries: Vec<(String, u32)> =
            self.procedure_entry("_finish", finish_program(self.cx)).into_iter().collect();
        let rows =
            [("compile_form", "%COMPILE-FORM"), ("compile_file", "%COMPILE-FILE"), ("compile_all", "%COMPILE-ALL")];
        entries.extend(
            rows.into_iter().filter_map(|(name, function)| self.octets_entry(name, function, GcType::U8Vector)),
        );
        entries
    }

    /// Functions with octet vectors as parameters and results, for the host: export name and number.
    pub(super) fn add_host_entries(&mut self) -> Vec<(String, u32)> {
        let rows =
            [("call", "%IMAGE-CALL", GcType::U8Vector), ("decode-literals", "%DECODE-LITERALS", GcType::SimpleVector)];
        let mut entries: Vec<(String, u32)> =
            rows.into_iter().filter_map(|(name, function, result)| self.octets_entry(name, function, result)).collect();
        entries.push((APPEND_ENTRIES.to_owned(), self.add_function(usize::MAX, append_entries())));
        // What undoes dynamic bindings after a trap.
        entries.extend(self.procedure_entry("reset", system_symbol(self.cx, "%IMAGE-RESET")));
        entries
    }

    /// An export that calls a Lisp function with octets.
    fn octets_entry(&mut self, name: &str, function: &str, result: GcType) -> Option<(String, u32)> {
        let symbol = self.cx.symbols.find(PackageId::CLYSM, function).map(|(symbol, _)| symbol)?;
        self.definitions.get(&symbol)?;
        let octets = clysm_gc_types::ref_to(GcType::U8Vector);
        let mut code = CodeBuilder::new(name.to_owned(), vec![octets], clysm_gc_types::ref_to(result));
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
        code.get(0);
        code.call(FunctionRef::Global(symbol));
        code.op(&Instruction::RefCastNonNull(HeapType::Concrete(result.index())));
        Some((name.to_owned(), self.add_function(usize::MAX, code.finish())))
    }

    /// An export that calls a Lisp function without arguments.
    fn procedure_entry(&mut self, name: &str, function: Symbol) -> Option<(String, u32)> {
        self.definitions.get(&function)?;
        let mut code = CodeBuilder::procedure(name);
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
        code.call(FunctionRef::Global(function));
        code.op(&Instruction::Drop);
        Some((name.to_owned(), self.add_function(usize::MAX, code.finish())))
    }

    /// The toplevel forms. What leaves all of them reaches the library, which decides how that ends.
    fn guarded_forms(&mut self, code: &mut CodeBuilder) {
        let depth = code.local(ValType::I32);
        code.global_get(GlobalRef::Runtime(RuntimeGlobal::BindingDepth));
        code.set(depth);
        let landing = code.block(BlockType::FunctionType(LANDING_TYPE));
        let label = code.relative(landing);
        code.open(&Instruction::TryTable(BlockType::Empty, vec![Catch::One { tag: UNWIND_TAG, label }].into()));
        self.forms(code);
        if self.unit.is_program {
            code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
            code.call(FunctionRef::Global(finish_program(self.cx)));
            code.op(&Instruction::Drop);
        }
        code.op(&Instruction::Return);
        code.end();
        code.op(&Instruction::Unreachable);
        code.end();
        let (target, value) = (code.local(eq_ref()), code.local(eq_ref()));
        code.set(value);
        code.set(target);
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
        code.get(depth);
        code.op(&Instruction::RefI31);
        code.get(target);
        code.get(value);
        code.call(FunctionRef::Global(self.intrinsics.runtime("leave-toplevel")));
        code.op(&Instruction::Drop);
    }

    /// Runs the toplevel forms, where they are many by functions that run some of them each.
    fn forms(&mut self, code: &mut CodeBuilder) {
        let calls = self.form_calls();
        if calls.len() <= FORMS_PER_FUNCTION {
            return run_forms(code, &calls);
        }
        for part in calls.chunks(FORMS_PER_FUNCTION) {
            let mut forms = CodeBuilder::procedure("forms");
            run_forms(&mut forms, part);
            code.call(FunctionRef::Numbered(self.add_function(usize::MAX, forms.finish())));
        }
    }

    /// The calls of the toplevel forms, each preceded by those of its load-time values, with the globals that these are put into.
    fn form_calls(&self) -> Vec<(u32, Option<u32>)> {
        let mut calls = Vec::new();
        for (form, unit_form) in self.unit.forms.iter().enumerate() {
            for (index, function) in (0..).zip(&unit_form.lowered.load_time_values) {
                let global = self.globals.load_time_values[&(form, index)];
                calls.push((self.lisp_numbers[&(form, *function)], Some(global)));
            }
            if self.runs(form) {
                calls.push((self.lisp_numbers[&(form, clysm_ast::Ast::TOPLEVEL)], None));
            }
        }
        calls
    }

    /// Function cells that the code reads hold at least a function object that knows the symbol's name.
    fn callable_symbols(&self, code: &mut CodeBuilder) {
        if self.is_root() && !self.unit.calls_objects {
            return;
        }
        let ensure = self.intrinsics.runtime("ensure-callable");
        for symbol in self.unit.literals.functions().filter(|symbol| !self.definitions.contains_key(symbol)) {
            code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
            code.global_get(GlobalRef::Symbol(symbol));
            code.call(FunctionRef::Global(ensure));
            code.op(&Instruction::Drop);
        }
    }

    fn root_setup(&self) -> CodeBuilder {
        let mut code = CodeBuilder::procedure("setup");
        let nil = |code: &mut CodeBuilder| code.global_get(GlobalRef::Symbol(Symbol::NIL));
        let set = |code: &mut CodeBuilder, field: u32| {
            code.op(&Instruction::StructSet { struct_type_index: GcType::Symbol.index(), field_index: field });
        };
        for field in [PACKAGE, VALUE, PLIST, SETF, INFO] {
            nil(&mut code);
            nil(&mut code);
            set(&mut code, field);
        }
        code.global_get(GlobalRef::Symbol(Symbol::T));
        code.global_get(GlobalRef::Symbol(Symbol::T));
        set(&mut code, VALUE);
        characters(&mut code);
        self.symbol_table(&mut code);
        code
    }

    /// The vector of symbols by id; all but nil and t are made here. Names and packages are the library's business.
    fn symbol_table(&self, code: &mut CodeBuilder) {
        let count = self.globals.symbols.len() as i32;
        let vector = GcType::SimpleVector.index();
        let nil = GlobalRef::Symbol(Symbol::NIL);
        code.global_get(nil);
        code.i32(count);
        code.op(&Instruction::ArrayNew(vector));
        code.global_set(GlobalRef::Runtime(RuntimeGlobal::SymbolTable));
        code.global_get(GlobalRef::Runtime(RuntimeGlobal::SymbolTable));
        code.i32(1);
        code.global_get(GlobalRef::Symbol(Symbol::T));
        code.op(&Instruction::ArraySet(vector));
        let index = code.local(ValType::I32);
        code.i32(2);
        code.set(index);
        let top = code.loop_();
        code.global_get(GlobalRef::Runtime(RuntimeGlobal::SymbolTable));
        code.get(index);
        code.global_get(GlobalRef::Numbered(self.globals.empty_string));
        code.global_get(nil);
        code.global_get(GlobalRef::Runtime(RuntimeGlobal::Unbound));
        code.global_get(GlobalRef::Numbered(self.globals.undefined_function));
        for _ in 0..3 {
            code.global_get(nil);
        }
        code.ops(&[Instruction::I32Const(0), Instruction::I32Const(0)]);
        code.get(index);
        code.op(&Instruction::StructNew(GcType::Symbol.index()));
        code.op(&Instruction::ArraySet(vector));
        count_up(code, index, count, top);
        code.end();
    }

    /// Functions that put the symbols, and the function objects of functions without captures, into their globals.
    fn distribution_functions(&mut self) -> Vec<u32> {
        let mut numbers = Vec::new();
        let referenced: Vec<u32> = (2..self.globals.referenced as u32).collect();
        for chunk in referenced.chunks(HEAP_ACCESSES_PER_FUNCTION) {
            let mut code = CodeBuilder::procedure("symbols");
            for id in chunk {
                code.global_get(GlobalRef::Runtime(RuntimeGlobal::SymbolTable));
                code.i32(*id as i32);
                code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
                code.op(&Instruction::RefCastNonNull(HeapType::Concrete(GcType::Symbol.index())));
                code.global_set(GlobalRef::Numbered(self.globals.first_symbol + id));
            }
            numbers.push(self.add_function(usize::MAX, code.finish()));
        }
        let functions: Vec<_> = self.globals.static_functions.iter().map(|(key, global)| (*key, *global)).collect();
        for chunk in functions.chunks(HEAP_ACCESSES_PER_FUNCTION) {
            let mut code = CodeBuilder::procedure("functions");
            for (key, global) in chunk {
                code.i32(self.code_numbers.get(key).copied().unwrap_or(0) as i32);
                self.static_function(&mut code, *key, *global);
            }
            numbers.push(self.add_function(usize::MAX, code.finish()));
        }
        numbers
    }

    /// Makes the function object whose code index is on the stack.
    fn static_function(&self, code: &mut CodeBuilder, key: (usize, clysm_ast::FunctionId), global: u32) {
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Env.index())));
        let name = self.unit.forms[key.0].names.get(&key.1).copied().unwrap_or(Symbol::NIL);
        code.global_get(GlobalRef::Symbol(name));
        code.i32(0);
        code.op(&Instruction::StructNew(GcType::Function.index()));
        code.global_set(GlobalRef::Numbered(global));
    }

    /// Functions that take symbols and literals out of the vector, append the module's entries to the tables, and make its function
    /// objects.
    fn linked_parts(&mut self) -> Vec<u32> {
        let literals = if self.globals.imports_literals { Vec::new() } else { self.distributed_literals() };
        let mut calls = self.add_procedures(literals);
        if !self.appends_singly() {
            calls.extend(self.function_parts());
        }
        calls
    }

    /// Functions that find the symbols of a compiled file, make its literals, append its entries to the tables, and make its function
    /// objects.
    fn file_parts(&mut self) -> Result<Vec<u32>, LinkError> {
        let mut symbols = vec![self.find_symbols()];
        symbols.extend(self.distributed_literals());
        let mut calls = self.add_procedures(symbols);
        let string_function = self.add_function(usize::MAX, file_string(self.cx));
        calls.extend(literal_functions(self, FunctionRef::Numbered(string_function))?);
        calls.extend(self.function_parts());
        Ok(calls)
    }

    fn add_procedures(&mut self, procedures: Vec<CodeBuilder>) -> Vec<u32> {
        procedures.into_iter().map(|code| self.add_function(usize::MAX, code.finish())).collect()
    }

    /// Functions that append the module's entries to the tables and make its function objects.
    fn function_parts(&mut self) -> Vec<u32> {
        if self.codes.is_empty() {
            return Vec::new();
        }
        let mut code = CodeBuilder::procedure("entries");
        self.append_entries(&mut code);
        let mut parts = vec![code];
        parts.extend(self.static_functions());
        self.add_procedures(parts)
    }

    /// Has the image find the symbols of a compiled file, or intern them.
    fn find_symbols(&self) -> CodeBuilder {
        let mut code = CodeBuilder::procedure("symbols");
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
        code.relocate(Target::StaticData(StaticData::Names));
        code.call(FunctionRef::Global(system_symbol(self.cx, "%FILE-SYMBOLS")));
        code.op(&Instruction::RefCastNonNull(HeapType::Concrete(GcType::SimpleVector.index())));
        code.global_set(GlobalRef::Numbered(self.globals.literal_vector));
        code
    }

    /// Functions that take the module's symbols out of the vector, and its other literals if it does not make them.
    fn distributed_literals(&self) -> Vec<CodeBuilder> {
        let globals = &self.globals;
        let objects = if self.makes_literals() { 0 } else { self.unit.literals.objects().len() };
        let literals = globals.referenced + objects;
        let places: Vec<(u32, u32)> = (0..literals as u32).zip(globals.first_symbol..).collect();
        let part = |places: &[(u32, u32)]| {
            let mut code = CodeBuilder::procedure("literals");
            for (index, global) in places {
                code.global_get(GlobalRef::Numbered(globals.literal_vector));
                code.i32(*index as i32);
                code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
                if (*index as usize) < globals.referenced {
                    code.op(&Instruction::RefCastNonNull(HeapType::Concrete(GcType::Symbol.index())));
                }
                code.global_set(GlobalRef::Numbered(*global));
            }
            code
        };
        places.chunks(HEAP_ACCESSES_PER_FUNCTION).map(part).collect()
    }

    fn static_functions(&self) -> Vec<CodeBuilder> {
        let functions: Vec<_> = self.globals.static_functions.iter().map(|(key, global)| (*key, *global)).collect();
        let part = |functions: &[((usize, clysm_ast::FunctionId), u32)]| {
            let mut code = CodeBuilder::procedure("functions");
            for (key, global) in functions {
                self.linked_function(&mut code, *key, *global);
            }
            code
        };
        functions.chunks(HEAP_ACCESSES_PER_FUNCTION).map(part).collect()
    }

    /// Makes the function object of a function of a linked module.
    fn linked_function(&self, code: &mut CodeBuilder, key: (usize, clysm_ast::FunctionId), global: u32) {
        code.global_get(GlobalRef::Numbered(self.globals.code_base));
        code.i32(self.code_numbers.get(&key).copied().unwrap_or(0) as i32);
        code.op(&Instruction::I32Add);
        self.static_function(code, key, global);
    }

    /// Has the image append the module's entries to the tables, those of one function after another, and makes the function objects.
    fn append_singly(&self, code: &mut CodeBuilder) {
        for index in 0..self.codes.len() {
            for entry in Entry::all() {
                match self.entries[entry.table() as usize][index] {
                    EntryTarget::Stub(Stub::Arity(_)) => code.op(&Instruction::RefNull(HeapType::FUNC)),
                    target => code.relocate(Target::FunctionReference(initial(target))),
                }
            }
            code.call(FunctionRef::AppendEntries);
            if index == 0 {
                code.global_set(GlobalRef::Numbered(self.globals.code_base));
            } else {
                code.op(&Instruction::Drop);
            }
        }
        for (key, global) in &self.globals.static_functions {
            self.linked_function(code, *key, *global);
        }
    }

    fn append_entries(&self, code: &mut CodeBuilder) {
        let count = self.codes.len() as i32;
        code.op(&Instruction::TableSize(Entry::Count(0).table()));
        code.global_set(GlobalRef::Numbered(self.globals.code_base));
        for entry in Entry::all() {
            let table = entry.table();
            // Every element is overwritten; any function of the type will do until then.
            code.relocate(Target::FunctionReference(initial(self.entries[table as usize][0])));
            code.i32(count);
            code.op(&Instruction::TableGrow(table));
            code.op(&Instruction::Drop);
            code.global_get(GlobalRef::Numbered(self.globals.code_base));
            code.i32(0);
            code.i32(count);
            code.op(&Instruction::TableInit { elem_index: table, table });
        }
    }
}

const fn initial(target: EntryTarget) -> InitialEntry {
    match target {
        EntryTarget::Stub(stub) => InitialEntry::Stub(stub),
        EntryTarget::Numbered(number) => InitialEntry::Numbered(number),
    }
}

/// The functions of the library that the linker's own code for a root module calls.
#[must_use]
pub fn linker_calls(cx: &Context, intrinsics: &Intrinsics) -> Vec<Symbol> {
    vec![intrinsics.runtime("leave-toplevel"), system_symbol(cx, "%LITERAL-STRING"), finish_program(cx)]
}

/// Those that it calls besides where function objects are called.
#[must_use]
pub fn object_calls(intrinsics: &Intrinsics) -> Vec<Symbol> {
    let names = ["signal-wrong-argument-count", "call-undefined-function", "ensure-callable"];
    names.into_iter().map(|name| intrinsics.runtime(name)).collect()
}

fn finish_program(cx: &Context) -> Symbol {
    system_symbol(cx, "%FINISH-PROGRAM")
}

/// An internal symbol of the library.
fn system_symbol(cx: &Context, name: &str) -> Symbol {
    cx.symbols.find(PackageId::CLYSM, name).map_or(Symbol::NIL, |(symbol, _)| symbol)
}

/// A string of a part of a compiled file's data, given by its offset and length in octets.
fn file_string(cx: &Context) -> CompiledFunction {
    let mut code = CodeBuilder::new("literal-string".to_owned(), vec![ValType::I32; 2], eq_ref());
    code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
    code.get(0);
    code.get(1);
    code.relocate(Target::StaticData(StaticData::Octets));
    code.i32(0);
    code.op(&Instruction::RefI31);
    code.get(1);
    code.op(&Instruction::RefI31);
    code.call(FunctionRef::Global(system_symbol(cx, "%OCTETS-STRING")));
    code.finish()
}

/// Calls functions without arguments, and puts the values into globals or drops them.
fn run_forms(code: &mut CodeBuilder, calls: &[(u32, Option<u32>)]) {
    for (number, global) in calls {
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
        code.call(FunctionRef::Numbered(*number));
        match global {
            Some(global) => code.global_set(GlobalRef::Numbered(*global)),
            None => code.op(&Instruction::Drop),
        }
    }
}

/// The preallocated characters.
fn characters(code: &mut CodeBuilder) {
    let index = code.local(ValType::I32);
    let top = code.loop_();
    code.global_get(GlobalRef::Runtime(RuntimeGlobal::Characters));
    code.get(index);
    code.get(index);
    code.op(&Instruction::StructNew(GcType::Character.index()));
    code.op(&Instruction::ArraySet(GcType::SimpleVector.index()));
    count_up(code, index, 256, top);
    code.end();
    code.i32(0);
    code.set(index);
    code.release(index);
}

/// Adds one to a counter and goes on while it is below a limit.
fn count_up(code: &mut CodeBuilder, index: u32, limit: i32, top: crate::lower::Label) {
    code.get(index);
    code.ops(&[Instruction::I32Const(1), Instruction::I32Add]);
    code.tee(index);
    code.ops(&[Instruction::I32Const(limit), Instruction::I32LtS]);
    code.br_if(top);
}
