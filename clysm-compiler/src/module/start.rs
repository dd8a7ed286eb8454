//! The code that makes a module ready: objects that constant expressions can't make, literals, function cells, and the
//! toplevel forms in order.

use clysm_gc_types::{Entry, GcType};
use clysm_reader::{PackageId, Symbol};
use wasm_encoder::{HeapType, Instruction, ValType};

use super::assemble::{EntryTarget, LinkError, Linker};
use super::literal_code::LiteralCode;
use crate::context::FormKind;
use crate::literals::Literal;
use crate::lower::{CodeBuilder, FunctionRef, GlobalRef, InitialEntry, RuntimeGlobal, StaticData, Target};

/// Literals that one function makes: small functions keep the engine's compile time down.
const LITERALS_PER_FUNCTION: usize = 100;

/// Fields of a symbol by index.
const PLIST: u32 = 4;
const VALUE: u32 = 2;
const SETF: u32 = 5;
const PACKAGE: u32 = 1;
const INFO: u32 = 6;

impl Linker<'_> {
    /// Adds the functions that run at the start; `self.start` is the one that runs the others.
    pub(super) fn add_start_functions(&mut self) -> Result<(), LinkError> {
        let mut calls = Vec::new();
        let setup = if self.is_root() { self.root_setup() } else { self.linked_setup() };
        calls.push(self.add_function(usize::MAX, setup.finish()));
        if self.is_root() {
            calls.extend(self.literal_functions()?);
        }
        let mut code = CodeBuilder::procedure("start");
        for number in calls {
            code.call(FunctionRef::Numbered(number));
        }
        self.callable_symbols(&mut code);
        self.forms(&mut code);
        self.start = self.add_function(usize::MAX, code.finish());
        Ok(())
    }

    /// The toplevel forms, each preceded by its load-time values.
    fn forms(&self, code: &mut CodeBuilder) {
        for (form, unit_form) in self.unit.forms.iter().enumerate() {
            for (index, function) in (0..).zip(&unit_form.lowered.load_time_values) {
                self.call_toplevel(code, form, *function);
                code.global_set(GlobalRef::Numbered(self.globals.load_time_values[&(form, index)]));
            }
            let runs = match unit_form.kind {
                FormKind::Function(symbol, function) => !self.is_static((form, function), symbol),
                FormKind::Raw(..) => false,
                FormKind::Macro(_) | FormKind::Expression(_) => true,
            };
            if runs {
                self.call_toplevel(code, form, clysm_ast::Ast::TOPLEVEL);
                code.op(&Instruction::Drop);
            }
        }
    }

    fn call_toplevel(&self, code: &mut CodeBuilder, form: usize, function: clysm_ast::FunctionId) {
        code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Function.index())));
        code.call(FunctionRef::Numbered(self.lisp_numbers[&(form, function)]));
    }

    /// Function cells that the code reads hold at least a function object that knows the symbol's name.
    fn callable_symbols(&self, code: &mut CodeBuilder) {
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
        for symbol in &self.globals.symbols {
            if let Some(base) = self.cx.symbols.setf_base(*symbol) {
                code.global_get(GlobalRef::Symbol(base));
                code.global_get(GlobalRef::Symbol(*symbol));
                set(&mut code, SETF);
            }
        }
        self.symbol_table(&mut code);
        code
    }

    /// The vector of symbols by id.
    fn symbol_table(&self, code: &mut CodeBuilder) {
        let symbols = &self.globals.symbols;
        code.global_get(GlobalRef::Symbol(Symbol::NIL));
        code.i32(symbols.len() as i32);
        code.op(&Instruction::ArrayNew(GcType::SimpleVector.index()));
        code.global_set(GlobalRef::Runtime(RuntimeGlobal::SymbolTable));
        let index = code.local(ValType::I32);
        let all = code.local(clysm_gc_types::ref_to(GcType::SimpleVector));
        code.relocate(Target::StaticData(StaticData::Symbols));
        code.op(&Instruction::RefCastNonNull(HeapType::Concrete(GcType::SimpleVector.index())));
        code.set(all);
        let top = code.loop_();
        code.global_get(GlobalRef::Runtime(RuntimeGlobal::SymbolTable));
        code.get(index);
        code.get(all);
        code.get(index);
        code.ops(&[
            Instruction::I32Const(3),
            Instruction::I32Mul,
            Instruction::ArrayGet(GcType::SimpleVector.index()),
            Instruction::ArraySet(GcType::SimpleVector.index()),
        ]);
        count_up(code, index, symbols.len() as i32, top);
        code.end();
    }

    fn literal_functions(&mut self) -> Result<Vec<u32>, LinkError> {
        let literal_string = self.cx.symbols.find(PackageId::CLYSM, "%LITERAL-STRING").map_or(Symbol::NIL, |(symbol, _)| symbol);
        let mut data = std::mem::take(&mut self.data);
        let mut numbers = Vec::new();
        for (chunk, literals) in self.unit.literals.objects().chunks(LITERALS_PER_FUNCTION).enumerate() {
            let mut code = CodeBuilder::procedure("literals");
            let mut writer = LiteralCode { heap: &self.cx.heap, data: &mut data, literal_string };
            for (index, literal) in (chunk * LITERALS_PER_FUNCTION..).zip(literals) {
                match literal {
                    Literal::Datum(datum) => writer.datum(&mut code, *datum, 0)?,
                    Literal::Symbols(symbols) => writer.symbols(&mut code, symbols),
                }
                code.global_set(GlobalRef::Literal(index as u32));
            }
            numbers.push(self.add_function(usize::MAX, code.finish()));
        }
        self.data = data;
        Ok(numbers)
    }

    /// Takes symbols and literals out of the vector, and appends the module's entries to the tables.
    fn linked_setup(&self) -> CodeBuilder {
        let mut code = CodeBuilder::procedure("setup");
        let globals = &self.globals;
        let literals = globals.symbols.len() + self.unit.literals.objects().len();
        for (index, global) in (0..literals as u32).zip(globals.first_symbol..) {
            code.global_get(GlobalRef::Numbered(globals.literal_vector));
            code.i32(index as i32);
            code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
            if (index as usize) < globals.symbols.len() {
                code.op(&Instruction::RefCastNonNull(HeapType::Concrete(GcType::Symbol.index())));
            }
            code.global_set(GlobalRef::Numbered(global));
        }
        if !self.codes.is_empty() {
            self.append_entries(&mut code);
        }
        for (key, global) in &globals.static_functions {
            code.global_get(GlobalRef::Numbered(globals.code_base));
            code.i32(self.code_numbers.get(key).copied().unwrap_or(0) as i32);
            code.op(&Instruction::I32Add);
            code.op(&Instruction::RefNull(HeapType::Concrete(GcType::Env.index())));
            match self.unit.forms[key.0].names.get(&key.1) {
                Some(name) => code.global_get(GlobalRef::Symbol(*name)),
                None => code.global_get(GlobalRef::Symbol(Symbol::NIL)),
            }
            code.i32(0);
            code.op(&Instruction::StructNew(GcType::Function.index()));
            code.global_set(GlobalRef::Numbered(*global));
        }
        code
    }

    fn append_entries(&self, code: &mut CodeBuilder) {
        let count = self.codes.len() as i32;
        code.op(&Instruction::TableSize(Entry::Count(0).table()));
        code.global_set(GlobalRef::Numbered(self.globals.code_base));
        for entry in Entry::all() {
            let table = entry.table();
            // Every element is overwritten; any function of the type will do until then.
            let initial = match self.entries[table as usize][0] {
                EntryTarget::Stub(stub) => InitialEntry::Stub(stub),
                EntryTarget::Numbered(number) => InitialEntry::Numbered(number),
            };
            code.relocate(Target::FunctionReference(initial));
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
