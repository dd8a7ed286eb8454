//! The linker: collects a unit's functions, numbers everything, and has the sections written.

use std::borrow::Cow;
use std::collections::BTreeMap;

use clysm_ast::{Ast, FunctionId};
use clysm_gc_types::Entry;
use clysm_reader::hash::NameMap;
use clysm_reader::{PackageId, Symbol};
use thiserror::Error;
use wasm_encoder::ValType;

use super::globals::Globals;
use super::stubs::{APPEND_ENTRIES, Stub};
use super::{Linkage, Module, Unit};
use crate::context::{Context, FormKind};
use crate::lower::{CompiledFunction, EntryCode, FunctionRef, Intrinsics, LoweredFunction, Target};

/// Why forms don't link.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    /// A directly called function without a definition.
    #[error("{0} is called directly but defined nowhere")]
    Undefined(String),
    /// An entry of the runtime function table without a definition in Lisp.
    #[error("runtime function {symbol} ({runtime_name}) has no definition that takes {arity}")]
    Unimplemented {
        /// The function.
        symbol: String,
        /// Its runtime name.
        runtime_name: String,
        /// What the table says.
        arity: String,
    },
    /// More of something than a module can have.
    #[error("not yet supported: more than {limit} {what} in a module")]
    TooMany {
        /// How many there may be.
        limit: u32,
        /// Of what.
        what: &'static str,
    },
    /// A constant that can't be written into a module.
    #[error("not yet supported: {0} in compiled code")]
    Literal(String),
}

/// So many function objects a linked module enters into the tables one by one.
const SINGLY_APPENDED: usize = 8;

/// A function of the module under construction.
pub(super) struct Slot<'a> {
    /// A form's functions stay the unit's.
    pub(super) code: Cow<'a, CompiledFunction>,
    /// The form whose ids its local references mean.
    pub(super) form: usize,
}

/// What an entry table holds at a code index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryTarget {
    Stub(Stub),
    Numbered(u32),
}

pub(super) struct Linker<'a> {
    pub(super) cx: &'a Context,
    pub(super) intrinsics: &'a Intrinsics,
    pub(super) unit: &'a Unit,
    pub(super) linkage: Linkage,
    /// Function types after the core types: parameters and results.
    pub(super) types: Vec<(Vec<ValType>, Vec<ValType>)>,
    /// Host imports by number in the import table, with their function index.
    pub(super) host_imports: BTreeMap<u16, u32>,
    /// Named host imports by number, with their function index; their order in the module is that of their names.
    pub(super) named_imports: BTreeMap<u16, u32>,
    /// Functions imported from the image: export name, type index, function index.
    pub(super) image_imports: Vec<(String, u32)>,
    pub(super) image_import_indices: NameMap<String, u32>,
    /// The module's own functions; a function's number is its position.
    pub(super) functions: Vec<Slot<'a>>,
    pub(super) lisp_numbers: NameMap<(usize, FunctionId), u32>,
    pub(super) stub_numbers: NameMap<Stub, u32>,
    /// Global functions that the unit defines.
    pub(super) definitions: NameMap<Symbol, (usize, FunctionId)>,
    /// The function behind each code index.
    pub(super) codes: Vec<(usize, FunctionId)>,
    pub(super) code_numbers: NameMap<(usize, FunctionId), u32>,
    /// Symbols whose functions the start code installs, in code order from the first.
    pub(super) static_functions: Vec<Symbol>,
    pub(super) globals: Globals,
    /// Octets of literals.
    pub(super) data: Vec<u8>,
    /// The octets that describe the symbols, where the module has such.
    pub(super) names: Vec<u8>,
    /// For each entry table, what it holds at each code index.
    pub(super) entries: Vec<Vec<EntryTarget>>,
    pub(super) start: u32,
    /// Functions exported to the host beside the start: name and number.
    pub(super) host_entries: Vec<(String, u32)>,
}

/// Makes a module of a unit.
///
/// # Errors
/// A function or constant can't be linked.
pub fn link(cx: &Context, intrinsics: &Intrinsics, unit: &Unit, linkage: Linkage) -> Result<Module, LinkError> {
    let mut linker = Linker {
        cx,
        intrinsics,
        unit,
        linkage,
        types: Vec::new(),
        host_imports: BTreeMap::new(),
        named_imports: BTreeMap::new(),
        image_imports: Vec::new(),
        image_import_indices: NameMap::default(),
        functions: Vec::new(),
        lisp_numbers: NameMap::default(),
        stub_numbers: NameMap::default(),
        definitions: NameMap::default(),
        codes: Vec::new(),
        code_numbers: NameMap::default(),
        static_functions: Vec::new(),
        globals: Globals::default(),
        data: Vec::new(),
        names: Vec::new(),
        entries: Vec::new(),
        start: 0,
        host_entries: Vec::new(),
    };
    linker.collect();
    linker.check_runtime_functions()?;
    linker.collect_entries();
    linker.number_globals();
    linker.add_start_functions()?;
    linker.number_imports()?;
    if linker.makes_literals() {
        linker.names = linker.describe_symbols()?;
    }
    linker.write()
}

impl<'a> Linker<'a> {
    const fn has_stubs(&self) -> bool {
        self.is_root() && self.unit.calls_objects
    }

    pub(super) const fn is_root(&self) -> bool {
        matches!(self.linkage, Linkage::Standalone | Linkage::Image)
    }

    /// Whether the module's start makes its literals, and does not get them from an image.
    pub(super) const fn makes_literals(&self) -> bool {
        !matches!(self.linkage, Linkage::Linked)
    }

    fn collect(&mut self) {
        for (form, unit_form) in self.unit.forms.iter().enumerate() {
            if let FormKind::Function(symbol, function) | FormKind::Raw(symbol, function) = unit_form.kind {
                self.definitions.insert(symbol, (form, function));
            }
        }
        if self.has_stubs() {
            for stub in Stub::all() {
                let number = self.add_function(usize::MAX, stub.code(self.intrinsics));
                self.stub_numbers.insert(stub, number);
            }
        }
        let unit = self.unit;
        for (form, unit_form) in unit.forms.iter().enumerate() {
            let runs = self.runs(form);
            for lowered in unit_form.lowered.functions.iter().filter(|lowered| runs || lowered.id != Ast::TOPLEVEL) {
                let number = self.add_slot(form, Cow::Borrowed(&lowered.code));
                self.lisp_numbers.insert((form, lowered.id), number);
            }
        }
        self.collect_codes();
    }

    /// Static functions first, then everything else that has a function object.
    fn collect_codes(&mut self) {
        if self.is_root() {
            for (form, unit_form) in self.unit.forms.iter().enumerate() {
                if let FormKind::Function(symbol, function) = unit_form.kind
                    && unit_form.installed
                    && self.is_static((form, function), symbol)
                {
                    self.static_functions.push(symbol);
                    self.add_code((form, function));
                }
            }
        }
        for (form, unit_form) in self.unit.forms.iter().enumerate() {
            for lowered in unit_form.lowered.functions.iter().filter(|lowered| lowered.entries.is_some()) {
                self.add_code((form, lowered.id));
            }
        }
    }

    /// Whether a form has an effect when the module starts, beyond the definition that the start code makes.
    pub(super) fn runs(&self, form: usize) -> bool {
        let unit_form = &self.unit.forms[form];
        match unit_form.kind {
            FormKind::Function(symbol, function) => unit_form.installed && !self.is_static((form, function), symbol),
            FormKind::Raw(..) => false,
            FormKind::Macro(_) | FormKind::Expression(_) => true,
        }
    }

    /// Whether a definition is the one that counts, of those for its name.
    pub(super) fn is_static(&self, key: (usize, FunctionId), symbol: Symbol) -> bool {
        self.is_root() && self.definitions.get(&symbol) == Some(&key)
    }

    fn add_code(&mut self, key: (usize, FunctionId)) {
        let number = self.first_code() + self.codes.len() as u32;
        if let std::collections::hash_map::Entry::Vacant(entry) = self.code_numbers.entry(key) {
            entry.insert(number);
            self.codes.push(key);
        }
    }

    /// The first code index of the module's own functions: a root's undefined function has index 0, a linked module
    /// counts from where the tables end.
    pub(super) const fn first_code(&self) -> u32 {
        if self.is_root() { 1 } else { 0 }
    }

    /// Adds a function and returns its number.
    pub(super) fn add_function(&mut self, form: usize, code: CompiledFunction) -> u32 {
        self.add_slot(form, Cow::Owned(code))
    }

    fn add_slot(&mut self, form: usize, code: Cow<'a, CompiledFunction>) -> u32 {
        self.functions.push(Slot { code, form });
        self.functions.len() as u32 - 1
    }

    pub(super) fn lisp_function(&self, key: (usize, FunctionId)) -> Option<&'a LoweredFunction> {
        self.unit.forms.get(key.0)?.lowered.functions.iter().find(|lowered| lowered.id == key.1)
    }

    /// A table entry without an implementation does not compile. Parts of the library that are loaded while the rest
    /// is still being built don't end with the marker that this check looks for.
    fn check_runtime_functions(&self) -> Result<(), LinkError> {
        let defined = |name: &str| {
            let symbol = self.cx.symbols.find(PackageId::CLYSM, name).map(|(symbol, _)| symbol)?;
            self.definitions.contains_key(&symbol).then_some(symbol)
        };
        if !self.is_root() || defined("%LIBRARY-COMPLETE").is_none() {
            return Ok(());
        }
        for entry in self.cx.runtime.iter() {
            let symbol = defined(&entry.symbol.trim_start_matches("clysm:").to_uppercase());
            let signature = symbol.and_then(|symbol| self.cx.world.signature(symbol));
            let fits = signature.is_some_and(|signature| match entry.arity {
                Some(arity) => signature.required == arity && signature.max_count() == Some(arity),
                None => signature.max_count().is_none(),
            });
            if !fits {
                return Err(LinkError::Unimplemented {
                    symbol: entry.symbol.clone(),
                    runtime_name: entry.runtime_name.clone(),
                    arity: match entry.arity {
                        None => "any number of arguments".to_owned(),
                        Some(1) => "exactly 1 argument".to_owned(),
                        Some(arity) => format!("exactly {arity} arguments"),
                    },
                });
            }
        }
        Ok(())
    }

    fn collect_entries(&mut self) {
        let codes = self.codes.clone();
        for entry in Entry::all() {
            let mut table = Vec::with_capacity(codes.len() + 1);
            if self.has_stubs() {
                table.push(EntryTarget::Stub(Stub::Undefined(entry)));
            }
            for key in &codes {
                let entries = self.lisp_function(*key).and_then(|lowered| lowered.entries.as_ref());
                let code = entries.and_then(|entries| entries.by_table.get(&entry.table()));
                table.push(match code {
                    None => EntryTarget::Stub(Stub::Arity(entry)),
                    Some(EntryCode::Function) => EntryTarget::Numbered(self.lisp_numbers[key]),
                    Some(EntryCode::Pack) => EntryTarget::Stub(Stub::Pack(entry.table())),
                    Some(EntryCode::Adaptor(code)) => EntryTarget::Numbered(self.add_slot(key.0, Cow::Borrowed(code))),
                });
            }
            self.entries.push(table);
        }
    }

    /// Assigns function indices to what the code imports: host functions first, those that the program names after them, then
    /// the image's.
    fn number_imports(&mut self) -> Result<(), LinkError> {
        let mut hosts = Vec::new();
        let mut named = Vec::new();
        let mut image = Vec::new();
        for slot in &self.functions {
            for relocation in &slot.code.relocations {
                match relocation.target {
                    Target::Function(FunctionRef::Import(number)) => hosts.push(number),
                    Target::Function(FunctionRef::Named(number)) => named.push(number),
                    Target::Function(FunctionRef::Global(symbol)) if !self.definitions.contains_key(&symbol) => {
                        image.push(symbol);
                    }
                    _ => {}
                }
            }
        }
        hosts.sort_unstable();
        hosts.dedup();
        self.host_imports = hosts.into_iter().zip(0..).collect();
        named.sort_unstable_by_key(|number| self.cx.named_imports.get(usize::from(*number)));
        named.dedup();
        self.named_imports = named.into_iter().zip(self.host_imports.len() as u32..).collect();
        for symbol in image {
            let name = export_name(self.cx, symbol);
            if self.is_root() {
                return Err(LinkError::Undefined(name));
            }
            let Some(signature) = self.cx.world.signature(symbol) else { return Err(LinkError::Undefined(name)) };
            let (params, results) = signature_type(signature);
            let ty = self.function_type(&params, &results);
            self.import_from_image(name, ty);
        }
        if !self.is_root() {
            self.import_stubs();
        }
        Ok(())
    }

    fn import_stubs(&mut self) {
        let appends_singly = self.appends_singly();
        if appends_singly {
            let append = super::stubs::append_entries();
            let ty = self.function_type(&append.params, &append.results);
            self.import_from_image(APPEND_ENTRIES.to_owned(), ty);
        }
        for stub in Stub::all().into_iter().filter(|stub| !(appends_singly && matches!(stub, Stub::Arity(_)))) {
            if self.entries.iter().flatten().any(|target| *target == EntryTarget::Stub(stub)) {
                self.import_from_image(stub.name(), stub.type_index());
            }
        }
    }

    /// Whether a linked module appends to the entry tables once for each of its function objects, by a call of the image, and
    /// not all at once, by code of its own: it takes the engine longer to make that code than to do what it says.
    pub(super) fn appends_singly(&self) -> bool {
        !self.makes_literals() && (1..=SINGLY_APPENDED).contains(&self.codes.len())
    }

    fn import_from_image(&mut self, name: String, ty: u32) {
        if self.image_import_indices.contains_key(&name) {
            return;
        }
        let index = self.import_count();
        self.image_import_indices.insert(name.clone(), index);
        self.image_imports.push((name, ty));
    }

    /// The type index of a function type.
    pub(super) fn function_type(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        if let Some(index) = super::stubs::core_type(params, results) {
            return index;
        }
        let position = self.types.iter().position(|(p, r)| p == params && r == results).unwrap_or_else(|| {
            self.types.push((params.to_vec(), results.to_vec()));
            self.types.len() - 1
        });
        clysm_gc_types::CORE_TYPE_COUNT + position as u32
    }

    fn import_count(&self) -> u32 {
        self.first_image_import() + self.image_imports.len() as u32
    }

    /// The function index of the first import from the image.
    pub(super) fn first_image_import(&self) -> u32 {
        (self.host_imports.len() + self.named_imports.len()) as u32
    }

    /// The index of the module's own function with that number.
    pub(super) fn own_index(&self, number: u32) -> u32 {
        self.import_count() + number
    }

    pub(super) fn stub_index(&self, stub: Stub) -> u32 {
        match self.stub_numbers.get(&stub) {
            Some(number) => self.own_index(*number),
            None => self.image_import_indices.get(&stub.name()).copied().unwrap_or(u32::MAX),
        }
    }

    pub(super) fn function_index(&self, form: usize, function: FunctionRef) -> u32 {
        match function {
            FunctionRef::Numbered(number) => self.own_index(number),
            FunctionRef::Import(number) => self.host_imports.get(&number).copied().unwrap_or(u32::MAX),
            FunctionRef::Named(number) => self.named_imports.get(&number).copied().unwrap_or(u32::MAX),
            FunctionRef::AppendEntries => self.image_import_indices.get(APPEND_ENTRIES).copied().unwrap_or(u32::MAX),
            FunctionRef::Local(id) => {
                self.lisp_numbers.get(&(form, id)).map_or(u32::MAX, |number| self.own_index(*number))
            }
            FunctionRef::Global(symbol) => match self.definitions.get(&symbol) {
                Some(key) => self.own_index(self.lisp_numbers[key]),
                None => {
                    let name = export_name(self.cx, symbol);
                    self.image_import_indices.get(&name).copied().unwrap_or(u32::MAX)
                }
            },
        }
    }
}

/// The name under which an image exports the Wasm function of a global Lisp function: its home package and its name,
/// whatever the current package is.
pub(super) fn export_name(cx: &Context, symbol: Symbol) -> String {
    let base = cx.symbols.setf_base(symbol);
    let named = base.unwrap_or(symbol);
    let package = cx.symbols.package(named).map_or("", |package| cx.symbols.package_name(package));
    let name = format!("{package}:{}", cx.symbols.name(named));
    if base.is_some() { format!("(SETF {name})") } else { name }
}

/// The Wasm type of a global function.
fn signature_type(signature: &crate::world::Signature) -> (Vec<ValType>, Vec<ValType>) {
    match &signature.raw {
        Some((params, result)) => (
            params.iter().map(|representation| crate::lower::value_type(*representation)).collect(),
            vec![crate::lower::value_type(*result)],
        ),
        None => (clysm_gc_types::function_type_params(signature.parameter_count()), vec![clysm_gc_types::eq_ref()]),
    }
}
