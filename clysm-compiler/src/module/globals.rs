//! The globals of a module: which there are, and in which order.

use std::collections::{BTreeMap, BTreeSet};

use clysm_ast::FunctionId;
use clysm_gc_types::GcType;
use clysm_reader::hash::{NameMap, NameSet};
use clysm_reader::{Datum, PackageId, Symbol};

use wasm_encoder::Instruction;

use super::assemble::Linker;
use super::{Linkage, ModuleLiteral};
use crate::context::FormKind;
use crate::literals::{FirstUse, Literal};
use crate::lower::{CodeBuilder, CompiledFunction, EntryCode, GlobalRef, RuntimeGlobal, Target};

/// Indices of the globals.
#[derive(Debug, Default)]
pub(super) struct Globals {
    /// The module's symbols in the order of their ids; nil and t are the first. Those that code refers to come first.
    pub(super) symbols: Vec<Symbol>,
    /// How many of the symbols have a global.
    pub(super) referenced: usize,
    ids: NameMap<Symbol, u32>,
    /// The index of the first symbol.
    pub(super) first_symbol: u32,
    /// The index of the first literal.
    pub(super) first_literal: u32,
    pub(super) static_functions: BTreeMap<(usize, FunctionId), u32>,
    pub(super) load_time_values: BTreeMap<(usize, u32), u32>,
    runtime: NameMap<RuntimeGlobal, u32>,
    /// The function object of functions that are not defined.
    pub(super) undefined_function: u32,
    /// In a module that is no root: the image's nil.
    pub(super) imported_nil: u32,
    /// In a linked module: the vector of literals. In a compiled file: that of its symbols.
    pub(super) literal_vector: u32,
    /// Whether a linked module imports each of its symbols and literals, and does not take them out of the vector.
    pub(super) imports_literals: bool,
    /// In a module that is no root: the code index of its first function.
    pub(super) code_base: u32,
    /// In a root module: the empty string.
    pub(super) empty_string: u32,
}

/// So many symbols and other literals a linked module imports one by one: machine code that takes them out of a vector once takes
/// the engine longer to make. With more of them it is the other way round.
const IMPORTED_LITERALS: usize = 64;

impl Linker<'_> {
    pub(super) fn number_globals(&mut self) {
        let (symbols, referenced) = self.used_symbols();
        let mut next = 0u32;
        let mut take = |count: usize| {
            let first = next;
            next += count as u32;
            first
        };
        let mut globals = Globals::default();
        if self.is_root() {
            globals.empty_string = take(1);
        }
        for global in RuntimeGlobal::ALL {
            globals.runtime.insert(global, take(1));
        }
        globals.undefined_function = take(1);
        if !self.is_root() {
            globals.imported_nil = take(1);
        }
        if !self.makes_literals() {
            globals.literal_vector = take(1);
        }
        let literals = self.unit.literals.objects().len();
        globals.imports_literals = !self.makes_literals() && symbols.len() + literals <= IMPORTED_LITERALS;
        // Imported globals come first.
        if !self.is_root() && !globals.imports_literals {
            globals.code_base = take(1);
        }
        if self.linkage == Linkage::CompiledFile {
            globals.literal_vector = take(1);
        }
        globals.first_symbol = take(referenced);
        globals.ids = symbols.iter().copied().zip(0..).collect();
        globals.symbols = symbols;
        globals.referenced = referenced;
        globals.first_literal = take(literals);
        if globals.imports_literals {
            globals.code_base = take(1);
        }
        for (form, unit_form) in self.unit.forms.iter().enumerate() {
            for index in 0..unit_form.lowered.load_time_values.len() as u32 {
                globals.load_time_values.insert((form, index), take(1));
            }
        }
        for key in self.used_static_functions() {
            globals.static_functions.insert(key, take(1));
        }
        self.globals = globals;
    }

    /// Code for a symbol, which need not have a global.
    pub(super) fn symbol(&self, code: &mut CodeBuilder, symbol: Symbol) {
        let globals = &self.globals;
        let id = self.symbol_id(symbol);
        if (id as usize) < globals.referenced {
            return code.global_get(GlobalRef::Symbol(symbol));
        }
        let vector = if self.is_root() {
            GlobalRef::Runtime(RuntimeGlobal::SymbolTable)
        } else {
            GlobalRef::Numbered(globals.literal_vector)
        };
        code.global_get(vector);
        code.i32(id as i32);
        code.op(&Instruction::ArrayGet(GcType::SimpleVector.index()));
    }

    /// The id of a symbol of the module.
    pub(super) fn symbol_id(&self, symbol: Symbol) -> u32 {
        self.globals.ids.get(&symbol).copied().unwrap_or(0)
    }

    pub(super) fn global_index(&self, form: usize, global: GlobalRef) -> u32 {
        let globals = &self.globals;
        let index = match global {
            GlobalRef::Numbered(index) => Some(index),
            GlobalRef::Symbol(symbol) => {
                let id = globals.ids.get(&symbol).copied().filter(|id| (*id as usize) < globals.referenced);
                id.map(|id| globals.first_symbol + id)
            }
            GlobalRef::Literal(number) => Some(globals.first_literal + number),
            GlobalRef::StaticFunction(id) => globals.static_functions.get(&(form, id)).copied(),
            GlobalRef::LoadTimeValue(index) => globals.load_time_values.get(&(form, index)).copied(),
            GlobalRef::Runtime(runtime) => globals.runtime.get(&runtime).copied(),
        };
        debug_assert!(index.is_some(), "{global:?} has no global");
        index.unwrap_or(u32::MAX)
    }

    /// What a linked module's vector of literals holds: its symbols, then its other literals.
    pub(super) fn module_literals(&self) -> Vec<ModuleLiteral> {
        let symbols = self.globals.symbols.iter().map(|symbol| ModuleLiteral::Datum(Datum::Symbol(*symbol)));
        let objects = self.unit.literals.objects().iter().map(|literal| match literal {
            Literal::Datum(datum) => ModuleLiteral::Datum(*datum),
            Literal::Symbols(symbols) => ModuleLiteral::Symbols(symbols.clone()),
        });
        symbols.chain(objects).collect()
    }

    /// Every function of the unit with its form, adaptors included.
    fn all_code(&self) -> impl Iterator<Item = (usize, &CompiledFunction)> {
        let adaptors = self.unit.forms.iter().enumerate().flat_map(|(form, unit_form)| {
            unit_form.lowered.functions.iter().filter_map(|lowered| lowered.entries.as_ref()).flat_map(move |entries| {
                entries.by_table.values().filter_map(move |entry| match entry {
                    EntryCode::Adaptor(code) => Some((form, &**code)),
                    _ => None,
                })
            })
        });
        self.functions.iter().map(|slot| (slot.form, &*slot.code)).chain(adaptors)
    }

    fn used_static_functions(&self) -> BTreeSet<(usize, FunctionId)> {
        self.all_code()
            .flat_map(|(form, code)| {
                code.relocations.iter().filter_map(move |relocation| match relocation.target {
                    Target::Global(GlobalRef::StaticFunction(id)) => Some((form, id)),
                    _ => None,
                })
            })
            .collect()
    }

    /// The symbols of a package that a complete module has though no code refers to them: in an image all, as the compiler
    /// knows them; in a program the external ones, by name, as only these are there whatever has been read before. Of
    /// keywords that is not so.
    fn package_symbols(&self, package: PackageId) -> Vec<Symbol> {
        let symbols = &self.cx.symbols;
        if self.linkage == Linkage::Image {
            return symbols.present_symbols(package).into_iter().map(|(symbol, _)| symbol).collect();
        }
        if package == PackageId::KEYWORD {
            return Vec::new();
        }
        let mut external = symbols.external_symbols(package);
        external.sort_by_key(|symbol| symbols.name(*symbol));
        external
    }

    /// The symbols, and how many of them code refers to.
    fn used_symbols(&self) -> (Vec<Symbol>, usize) {
        let (mut used, mut visited) = (FirstUse::default(), NameSet::default());
        used.note(Symbol::NIL);
        used.note(Symbol::T);
        for (_, code) in self.all_code() {
            for relocation in &code.relocations {
                if let Target::Global(GlobalRef::Symbol(symbol)) = relocation.target {
                    used.note(symbol);
                }
            }
        }
        for unit_form in &self.unit.forms {
            if let FormKind::Function(symbol, _) = unit_form.kind
                && unit_form.installed
            {
                used.note(symbol);
            }
        }
        for (form, id) in self.used_static_functions() {
            if let Some(name) = self.unit.forms[form].names.get(&id) {
                used.note(*name);
            }
        }
        for symbol in self.unit.literals.functions() {
            used.note(symbol);
        }
        let referenced = used.order.len();
        if self.makes_literals() {
            for literal in self.unit.literals.objects() {
                literal.for_each_part(&self.cx.heap, &mut visited, &mut |part| {
                    part.as_symbol().into_iter().for_each(|symbol| used.note(symbol));
                });
            }
            for package in self.cx.symbols.packages().filter(|_| self.unit.all_symbols) {
                self.package_symbols(package).into_iter().for_each(|symbol| used.note(symbol));
            }
            for symbol in used.order.clone() {
                if let Some(base) = self.cx.symbols.setf_base(symbol) {
                    used.note(base);
                }
            }
        }
        (used.order, referenced)
    }
}
