//! The sections of a module.

use std::borrow::Cow;
use std::collections::BTreeSet;

use clysm_dispatch::imports::{IMPORTS, ImportType};
use clysm_gc_types::{Entry, GcType, UNWIND_TYPE, encode_core_types, eq_ref, ref_to};
use clysm_reader::hash::{self, NameSet};
use clysm_reader::{PackageId, Status, Symbol};
use wasm_encoder::{
    AbstractHeapType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementMode, ElementSection,
    ElementSegment, Elements, Encode, EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection,
    GlobalType, HeapType, ImportSection, Instruction, Module as WasmModule, NameMap, NameSection, RefType,
    TableSection, TableType, TagKind, TagSection, TagType, TypeSection, ValType,
};

use super::assemble::{EntryTarget, LinkError, Linker, export_name};
use super::{FunctionInfo, IMAGE_MODULE, Linkage, Module, body};
use crate::lower::{InitialEntry, RuntimeGlobal, StaticData, Target, VALUE_VECTOR_LENGTH};

/// Data segments: the first two of modules that make their literals, the others of root modules.
pub const LITERAL_DATA: u32 = 0;
const NAME_DATA: u32 = 1;
const FUNCTION_DATA: u32 = 2;
/// Present only where texts are kept.
const SOURCE_DATA: u32 = 3;

/// The initial length of the binding stack.
const BINDING_STACK_LENGTH: i32 = 256;

impl Linker<'_> {
    pub(super) fn write(&mut self) -> Result<Module, LinkError> {
        let functions = std::mem::take(&mut self.functions);
        let types = functions.iter().map(|slot| self.function_type(&slot.code.params, &slot.code.results));
        let numbers: Vec<u32> = types.collect();
        self.functions = functions;
        let (code, functions) = self.code_section();
        let imports = self.import_section();
        let mut module = WasmModule::new();
        module.section(&self.type_section());
        module.section(&imports);
        module.section(&{
            let mut section = FunctionSection::new();
            numbers.iter().for_each(|number| {
                section.function(*number);
            });
            section
        });
        if self.is_root() {
            module.section(&self.table_section());
            module.section(TagSection::new().tag(unwind_tag()));
        }
        module.section(&self.global_section());
        module.section(&self.export_section());
        module.section(&self.element_section());
        let segments = self.data_segments();
        if !segments.is_empty() {
            module.section(&DataCountSection { count: segments.len() as u32 });
        }
        module.section(&code);
        if !segments.is_empty() {
            module.section(&data_section(segments));
        }
        if self.unit.function_names {
            module.section(&self.name_section());
        }
        Ok(Module {
            bytes: module.finish(),
            literals: if self.makes_literals() { Vec::new() } else { self.module_literals() },
            functions,
            symbols: if self.is_root() { self.globals.symbols.clone() } else { Vec::new() },
        })
    }

    fn type_section(&mut self) -> TypeSection {
        let mut section = TypeSection::new();
        encode_core_types(&mut section);
        for (params, results) in &self.types {
            section.ty().function(params.iter().copied(), results.iter().copied());
        }
        section
    }

    fn import_section(&mut self) -> ImportSection {
        let mut section = ImportSection::new();
        let hosts: Vec<u16> = self.host_imports.keys().copied().collect();
        for number in hosts {
            let import = &IMPORTS[usize::from(number)];
            let params: Vec<ValType> = import.params.iter().map(|(_, ty)| import_type(*ty)).collect();
            let ty = self.function_type(&params, &[import_type(import.result)]);
            section.import(import.module, import.name, EntityType::Function(ty));
        }
        self.named_import_entries(&mut section);
        if self.is_root() {
            return section;
        }
        for (name, ty) in &self.image_imports {
            section.import(IMAGE_MODULE, name, EntityType::Function(*ty));
        }
        for entry in Entry::all() {
            section.import(IMAGE_MODULE, &entry.table_name(), EntityType::Table(entry_table(0)));
        }
        section.import(IMAGE_MODULE, "unwind", EntityType::Tag(unwind_tag()));
        for global in RuntimeGlobal::ALL {
            section.import(IMAGE_MODULE, global.name(), EntityType::Global(runtime_type(global)));
        }
        section.import(IMAGE_MODULE, "undefined-function", EntityType::Global(immutable(ref_to(GcType::Function))));
        section.import(IMAGE_MODULE, "nil", EntityType::Global(immutable(ref_to(GcType::Symbol))));
        if !self.makes_literals() {
            section.import(IMAGE_MODULE, "literals", EntityType::Global(immutable(ref_to(GcType::SimpleVector))));
        }
        if self.globals.imports_literals {
            let symbols = self.globals.symbols.iter().map(|_| ref_to(GcType::Symbol));
            for (index, ty) in symbols.chain(self.unit.literals.objects().iter().map(|_| eq_ref())).enumerate() {
                section.import(IMAGE_MODULE, &format!("literal-{index}"), EntityType::Global(immutable(ty)));
            }
        }
        section
    }

    fn named_import_entries(&mut self, section: &mut ImportSection) {
        let octets = import_type(ImportType::Bytes);
        let mut numbers: Vec<(u32, u16)> = self.named_imports.iter().map(|(number, index)| (*index, *number)).collect();
        numbers.sort_unstable();
        for (_, number) in numbers {
            let ty = self.function_type(&[octets], &[octets]);
            let import = &self.cx.named_imports[usize::from(number)];
            section.import(import.kind.module(), &import.name, EntityType::Function(ty));
        }
    }

    fn table_section(&self) -> TableSection {
        let mut section = TableSection::new();
        for entry in Entry::all() {
            let size = self.entries[entry.table() as usize].len() as u64;
            section.table(entry_table(size));
        }
        section
    }

    fn global_section(&self) -> GlobalSection {
        let mut section = GlobalSection::new();
        if self.is_root() {
            self.root_globals(&mut section);
        } else {
            self.linked_globals(&mut section);
        }
        section
    }

    fn root_globals(&self, section: &mut GlobalSection) {
        let globals = &self.globals;
        section.global(immutable(ref_to(GcType::String)), &empty(GcType::String));
        for global in RuntimeGlobal::ALL {
            section.global(runtime_type(global), &runtime_initial(global));
        }
        section.global(
            immutable(ref_to(GcType::Function)),
            &expression(&[
                Instruction::I32Const(0),
                Instruction::RefNull(HeapType::Concrete(GcType::Env.index())),
                Instruction::I32Const(0),
                Instruction::RefI31,
                Instruction::I32Const(0),
                Instruction::StructNew(GcType::Function.index()),
            ]),
        );
        for (id, symbol) in globals.symbols.iter().take(globals.referenced).enumerate() {
            // Constant expressions are costly to compile: all but the first two symbols are made by the start code.
            if id < 2 {
                section.global(immutable(ref_to(GcType::Symbol)), &self.symbol_initial(id, *symbol));
            } else {
                section.global(mutable(ref_to(GcType::Symbol)), &self.nil_initial());
            }
        }
        for _ in self.unit.literals.objects() {
            section.global(mutable(eq_ref()), &self.nil_initial());
        }
        for _ in &globals.load_time_values {
            section.global(mutable(eq_ref()), &self.nil_initial());
        }
        for _ in &globals.static_functions {
            section.global(mutable(ref_to(GcType::Function)), &ConstExpr::global_get(globals.undefined_function));
        }
    }

    /// A symbol before the start code has given it its name and package. Nil's own fields can't refer to nil yet.
    fn symbol_initial(&self, id: usize, symbol: Symbol) -> ConstExpr {
        let globals = &self.globals;
        let runtime = |global| Instruction::GlobalGet(self.global_index(0, crate::lower::GlobalRef::Runtime(global)));
        let nil: &[Instruction] = if symbol == Symbol::NIL {
            &[Instruction::I32Const(0), Instruction::RefI31]
        } else {
            &[Instruction::GlobalGet(globals.first_symbol)]
        };
        let flags = if symbol == Symbol::NIL || symbol == Symbol::T { CONSTANT_FLAG } else { 0 };
        let mut code: Vec<Instruction> = vec![Instruction::GlobalGet(globals.empty_string)];
        code.extend(nil.iter().cloned());
        code.push(runtime(RuntimeGlobal::Unbound));
        code.push(Instruction::GlobalGet(globals.undefined_function));
        for _ in 0..3 {
            code.extend(nil.iter().cloned());
        }
        code.push(Instruction::I32Const(0));
        code.push(Instruction::I32Const(flags));
        code.push(Instruction::I32Const(id as i32));
        code.push(Instruction::StructNew(GcType::Symbol.index()));
        expression(&code)
    }

    fn nil_initial(&self) -> ConstExpr {
        let nil = if self.is_root() { self.globals.first_symbol } else { self.globals.imported_nil };
        ConstExpr::global_get(nil)
    }

    fn linked_globals(&self, section: &mut GlobalSection) {
        let globals = &self.globals;
        section.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
        if self.makes_literals() {
            section.global(mutable(ref_to(GcType::SimpleVector)), &empty(GcType::SimpleVector));
        }
        if !globals.imports_literals {
            for _ in 0..globals.referenced {
                section.global(mutable(ref_to(GcType::Symbol)), &self.nil_initial());
            }
            for _ in self.unit.literals.objects() {
                section.global(mutable(eq_ref()), &self.nil_initial());
            }
        }
        for _ in &globals.load_time_values {
            section.global(mutable(eq_ref()), &self.nil_initial());
        }
        for _ in &globals.static_functions {
            section.global(mutable(ref_to(GcType::Function)), &ConstExpr::global_get(globals.undefined_function));
        }
    }

    fn export_section(&self) -> ExportSection {
        let mut section = ExportSection::new();
        let start = if self.is_root() { "_start" } else { "init" };
        section.export(start, ExportKind::Func, self.own_index(self.start));
        for (name, number) in &self.host_entries {
            section.export(name, ExportKind::Func, self.own_index(*number));
        }
        let exports_definitions = self.linkage == Linkage::Image || self.unit.export_definitions;
        if exports_definitions && self.is_root() {
            self.image_exports(&mut section);
        } else if exports_definitions {
            self.export_definitions(&mut section, |_| true);
        }
        section
    }

    fn image_exports(&self, section: &mut ExportSection) {
        for entry in Entry::all() {
            section.export(&entry.table_name(), ExportKind::Table, entry.table());
        }
        section.export("unwind", ExportKind::Tag, 0);
        for global in RuntimeGlobal::ALL {
            let index = self.global_index(0, crate::lower::GlobalRef::Runtime(global));
            section.export(global.name(), ExportKind::Global, index);
        }
        section.export("undefined-function", ExportKind::Global, self.globals.undefined_function);
        section.export("nil", ExportKind::Global, self.globals.first_symbol);
        for stub in super::Stub::all() {
            section.export(&stub.name(), ExportKind::Func, self.stub_index(stub));
        }
        // Of what programs can't name, a compiler's own functions, nothing is imported.
        self.export_definitions(section, |symbol| {
            self.cx.is_system(self.cx.symbols.setf_base(symbol).unwrap_or(symbol))
        });
    }

    fn export_definitions(&self, section: &mut ExportSection, is_exported: impl Fn(Symbol) -> bool) {
        let exported = self.definitions.iter().filter(|(symbol, _)| is_exported(**symbol));
        let mut definitions: Vec<(String, u32)> = exported
            .map(|(symbol, key)| (export_name(self.cx, *symbol), self.own_index(self.lisp_numbers[key])))
            .collect();
        definitions.sort();
        for (name, index) in definitions {
            section.export(&name, ExportKind::Func, index);
        }
    }

    fn element_section(&self) -> ElementSection {
        let mut section = ElementSection::new();
        if self.appends_singly() {
            section.segment(self.declared_entries());
            return section;
        }
        for entry in Entry::all() {
            let functions: Vec<u32> =
                self.entries[entry.table() as usize].iter().map(|target| self.entry_index(*target)).collect();
            let elements = Elements::Functions(Cow::Owned(functions));
            let offset = ConstExpr::i32_const(0);
            let mode = if self.is_root() {
                ElementMode::Active { table: Some(entry.table()), offset: &offset }
            } else {
                ElementMode::Passive
            };
            section.segment(ElementSegment { mode, elements });
        }
        section
    }

    /// The functions whose references the start code takes.
    fn declared_entries(&self) -> ElementSegment<'static> {
        let targets = self.entries.iter().flatten();
        let taken = targets.filter(|target| !matches!(target, EntryTarget::Stub(super::Stub::Arity(_))));
        let functions: BTreeSet<u32> = taken.map(|target| self.entry_index(*target)).collect();
        let elements = Elements::Functions(functions.into_iter().collect());
        ElementSegment { mode: ElementMode::Declared, elements }
    }

    fn entry_index(&self, target: EntryTarget) -> u32 {
        match target {
            EntryTarget::Stub(stub) => self.stub_index(stub),
            EntryTarget::Numbered(number) => self.own_index(number),
        }
    }

    fn data_segments(&self) -> Vec<Vec<u8>> {
        match self.linkage {
            Linkage::Linked => Vec::new(),
            Linkage::CompiledFile => vec![self.data.clone(), self.names.clone()],
            Linkage::Standalone | Linkage::Image => {
                let ids = self.static_functions.iter().flat_map(|symbol| self.symbol_id(*symbol).to_le_bytes());
                let mut segments = vec![self.data.clone(), self.names.clone(), ids.collect()];
                segments.extend((!self.unit.sources.is_empty()).then(|| self.static_sources()));
                segments
            }
        }
    }

    /// For each text that the module keeps: the lengths of its path and of itself in octets (four octets each, low first), the
    /// path, and the text.
    fn static_sources(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.sources_length());
        for (path, text) in &self.unit.sources {
            octets.extend((path.len() as u32).to_le_bytes());
            octets.extend((text.len() as u32).to_le_bytes());
            octets.extend_from_slice(path.as_bytes());
            octets.extend_from_slice(text.as_bytes());
        }
        octets
    }

    /// How many octets those are.
    fn sources_length(&self) -> usize {
        self.unit.sources.iter().map(|(path, text)| 2 * size_of::<u32>() + path.len() + text.len()).sum()
    }

    /// The octets that describe the module's symbols: in a compiled file how many packages they are at home in (one octet), and the
    /// name of each after its length in octets (two octets, low first). Then for each symbol: the length of its name in octets (two
    /// octets, low first), the number of its home package plus one or zero, whether it is external there, for a symbol that stands for
    /// `(setf name)` the id of `name` (two octets) or zero, and the name.
    pub(super) fn describe_symbols(&self) -> Result<Vec<u8>, LinkError> {
        let packages = if self.is_root() { self.cx.symbols.packages().collect() } else { self.home_packages() };
        let count = u8::try_from(packages.len()).ok().filter(|count| *count < u8::MAX);
        let count = count.ok_or(LinkError::TooMany { limit: 254, what: "packages" })?;
        if u16::try_from(self.globals.symbols.len()).is_err() {
            return Err(LinkError::TooMany { limit: u16::MAX.into(), what: "symbols" });
        }
        let mut octets = Vec::new();
        if !self.is_root() {
            octets.push(count);
            for package in &packages {
                self.put_length(self.cx.symbols.package_name(*package), &mut octets)?;
                octets.extend(self.cx.symbols.package_name(*package).as_bytes());
            }
        }
        let numbers: hash::NameMap<PackageId, u8> = packages.into_iter().zip(1..).collect();
        for symbol in &self.globals.symbols {
            self.put_symbol(*symbol, &numbers, &mut octets)?;
        }
        Ok(octets)
    }

    /// The home packages of the symbols, in the order of their first use.
    fn home_packages(&self) -> Vec<PackageId> {
        let mut seen = NameSet::default();
        let homes = self.globals.symbols.iter().filter_map(|symbol| self.cx.symbols.package(*symbol));
        homes.filter(|package| seen.insert(*package)).collect()
    }

    fn put_symbol(
        &self,
        symbol: Symbol,
        packages: &hash::NameMap<PackageId, u8>,
        octets: &mut Vec<u8>,
    ) -> Result<(), LinkError> {
        let symbols = &self.cx.symbols;
        let name = symbols.name(symbol);
        let package = symbols.package(symbol);
        let external = package.is_some_and(
            |package| matches!(symbols.find(package, name), Some((found, Status::External)) if found == symbol),
        );
        self.put_length(name, octets)?;
        octets.push(package.and_then(|package| packages.get(&package).copied()).unwrap_or(0));
        octets.push(u8::from(external));
        let base = symbols.setf_base(symbol).map_or(0, |base| self.symbol_id(base));
        octets.extend((base as u16).to_le_bytes());
        octets.extend(name.as_bytes());
        Ok(())
    }

    fn put_length(&self, name: &str, octets: &mut Vec<u8>) -> Result<(), LinkError> {
        let too_many = LinkError::TooMany { limit: u16::MAX.into(), what: "octets in a name" };
        octets.extend(u16::try_from(name.len()).map_err(|_| too_many)?.to_le_bytes());
        Ok(())
    }

    /// The code, and what is known of a linked module's functions: those of others have but their names.
    fn code_section(&self) -> (CodeSection, Vec<FunctionInfo>) {
        let is_linked = self.linkage == Linkage::Linked;
        let (mut section, mut functions, mut bytes) = (CodeSection::new(), Vec::new(), Vec::new());
        for (number, slot) in (0..).zip(&self.functions) {
            let mut positions = Vec::new();
            bytes.clear();
            body::encode(
                &slot.code,
                &mut bytes,
                |target, out| self.fill(slot.form, target, out),
                |at, span| positions.extend(is_linked.then_some((at, span))),
            );
            section.raw(&bytes);
            if is_linked {
                functions.push(FunctionInfo { index: self.own_index(number), name: slot.code.name.clone(), positions });
            }
        }
        (section, functions)
    }

    /// What belongs at a place in a function's code.
    fn fill(&self, form: usize, target: &Target, out: &mut Vec<u8>) {
        match target {
            Target::Function(function) => self.function_index(form, *function).encode(out),
            Target::Global(global) => self.global_index(form, *global).encode(out),
            Target::CodeIndex(id) => {
                let number = self.code_numbers.get(&(form, *id)).copied().unwrap_or(0) as i32;
                if self.is_root() {
                    Instruction::I32Const(number).encode(out);
                } else {
                    Instruction::GlobalGet(self.globals.code_base).encode(out);
                    Instruction::I32Const(number).encode(out);
                    Instruction::I32Add.encode(out);
                }
            }
            Target::FunctionReference(InitialEntry::Stub(stub)) => {
                Instruction::RefFunc(self.stub_index(*stub)).encode(out);
            }
            Target::FunctionReference(InitialEntry::Numbered(number)) => {
                Instruction::RefFunc(self.own_index(*number)).encode(out);
            }
            Target::StaticData(data) => self.static_data(*data, out),
        }
    }

    fn static_data(&self, data: StaticData, out: &mut Vec<u8>) {
        let octets = GcType::U8Vector.index();
        let mut put =
            |instructions: &[Instruction]| instructions.iter().for_each(|instruction| instruction.encode(out));
        let empty = |ty: GcType| Instruction::ArrayNewFixed { array_type_index: ty.index(), array_size: 0 };
        let segment = |ty: GcType, length: usize, array_data_index| {
            [
                Instruction::I32Const(0),
                Instruction::I32Const(length as i32),
                Instruction::ArrayNewData { array_type_index: ty.index(), array_data_index },
            ]
        };
        match data {
            StaticData::Names if self.makes_literals() => put(&segment(GcType::U8Vector, self.names.len(), NAME_DATA)),
            StaticData::Octets if self.makes_literals() => {
                put(&[Instruction::ArrayNewData { array_type_index: octets, array_data_index: LITERAL_DATA }]);
            }
            // What a module does not have is empty.
            StaticData::Names => put(&[empty(GcType::U8Vector)]),
            StaticData::Octets => put(&[Instruction::Drop, Instruction::Drop, empty(GcType::U8Vector)]),
            StaticData::Functions if !self.is_root() => put(&[empty(GcType::U32Vector)]),
            StaticData::Functions => put(&segment(GcType::U32Vector, self.static_functions.len(), FUNCTION_DATA)),
            StaticData::Sources if self.unit.sources.is_empty() => put(&[empty(GcType::U8Vector)]),
            StaticData::Sources => put(&segment(GcType::U8Vector, self.sources_length(), SOURCE_DATA)),
            StaticData::Packages => match self.unit.packages {
                Some(literal) => put(&[Instruction::GlobalGet(self.globals.first_literal + literal)]),
                None => put(&[empty(GcType::SimpleVector)]),
            },
            StaticData::FirstFunction => {
                put(&[Instruction::I32Const(self.first_code() as i32), Instruction::I32Add]);
            }
        }
    }

    fn name_section(&self) -> NameSection {
        let mut names = NameMap::new();
        for (name, index) in self.image_imports.iter().map(|(name, _)| name).zip(self.first_image_import()..) {
            names.append(index, name);
        }
        for (number, slot) in (0..).zip(&self.functions) {
            names.append(self.own_index(number), &slot.code.name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        section
    }
}

/// The flag of constant variables in a symbol's `flags`.
const CONSTANT_FLAG: i32 = 2;

const fn unwind_tag() -> TagType {
    TagType { kind: TagKind::Exception, func_type_idx: UNWIND_TYPE }
}

/// The tables hold plain function references, which engines fill from segments without running code; a call checks
/// the type.
const fn entry_table(minimum: u64) -> TableType {
    TableType { element_type: RefType::FUNCREF, table64: false, minimum, maximum: None, shared: false }
}

const fn immutable(val_type: ValType) -> GlobalType {
    GlobalType { val_type, mutable: false, shared: false }
}

const fn mutable(val_type: ValType) -> GlobalType {
    GlobalType { val_type, mutable: true, shared: false }
}

const fn runtime_type(global: RuntimeGlobal) -> GlobalType {
    match global {
        RuntimeGlobal::Unbound | RuntimeGlobal::Unsupplied => immutable(eq_ref()),
        RuntimeGlobal::ValueCount | RuntimeGlobal::BindingDepth => mutable(ValType::I32),
        RuntimeGlobal::ValueVector
        | RuntimeGlobal::BindingStack
        | RuntimeGlobal::Characters
        | RuntimeGlobal::SymbolTable => mutable(ref_to(GcType::SimpleVector)),
    }
}

/// An array without elements.
fn empty(ty: GcType) -> ConstExpr {
    expression(&[Instruction::ArrayNewFixed { array_type_index: ty.index(), array_size: 0 }])
}

fn data_section(segments: Vec<Vec<u8>>) -> DataSection {
    let mut section = DataSection::new();
    for segment in segments {
        section.passive(segment);
    }
    section
}

fn runtime_initial(global: RuntimeGlobal) -> ConstExpr {
    let vector = |length: i32| {
        expression(&[
            Instruction::I32Const(0),
            Instruction::RefI31,
            Instruction::I32Const(length),
            Instruction::ArrayNew(GcType::SimpleVector.index()),
        ])
    };
    let marker = |id: i32| expression(&[Instruction::I32Const(id), Instruction::StructNew(GcType::Marker.index())]);
    match global {
        RuntimeGlobal::Unbound => marker(0),
        RuntimeGlobal::Unsupplied => marker(1),
        RuntimeGlobal::ValueCount => ConstExpr::i32_const(1),
        RuntimeGlobal::BindingDepth => ConstExpr::i32_const(0),
        RuntimeGlobal::ValueVector => vector(VALUE_VECTOR_LENGTH),
        RuntimeGlobal::BindingStack => vector(BINDING_STACK_LENGTH),
        RuntimeGlobal::Characters => vector(256),
        RuntimeGlobal::SymbolTable => vector(0),
    }
}

/// The Wasm type of an import's parameter or result.
const fn import_type(ty: ImportType) -> ValType {
    match ty {
        ImportType::I32 => ValType::I32,
        ImportType::I64 => ValType::I64,
        ImportType::F64 => ValType::F64,
        ImportType::Bytes => ValType::Ref(RefType {
            nullable: true,
            heap_type: HeapType::Abstract { shared: false, ty: AbstractHeapType::Array },
        }),
    }
}

fn expression(instructions: &[Instruction]) -> ConstExpr {
    let mut bytes = Vec::new();
    for instruction in instructions {
        instruction.encode(&mut bytes);
    }
    ConstExpr::raw(bytes)
}
