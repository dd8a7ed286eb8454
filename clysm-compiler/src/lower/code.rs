//! The body of one Wasm function while it is written: bytes, locals, labels, and the places that the linker fills in.

use clysm_ast::{FunctionId, Representation};
use clysm_gc_types::{TypeSet, eq_ref, function_self};
use clysm_reader::Symbol;
use clysm_report::Span;
use wasm_encoder::{BlockType, Encode, Instruction, ValType};

/// A function that code refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FunctionRef {
    /// The Wasm function of a global Lisp function.
    Global(Symbol),
    /// A function of the same toplevel form.
    Local(FunctionId),
    /// A host import, by its number in the import table.
    Import(u16),
    /// A named host import, by its number in the compilation.
    Named(u16),
    /// The image's function that appends one element to each entry table.
    AppendEntries,
    /// A function of the module by the linker's own number.
    Numbered(u32),
}

/// A global that code refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GlobalRef {
    /// A symbol.
    Symbol(Symbol),
    /// A literal of the unit's pool.
    Literal(u32),
    /// The one function object of a function that closes over nothing.
    StaticFunction(FunctionId),
    /// The value of a `load-time-value` form.
    LoadTimeValue(u32),
    /// A variable of the runtime.
    Runtime(RuntimeGlobal),
    /// A global of the module by its index.
    Numbered(u32),
}

/// The runtime's own globals, shared by all modules of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuntimeGlobal {
    /// The mark of an unbound variable.
    Unbound,
    /// The mark of a missing argument.
    Unsupplied,
    /// How many values the last return gave.
    ValueCount,
    /// The second and later values, at their index.
    ValueVector,
    /// How much of the binding stack is in use.
    BindingDepth,
    /// The binding stack.
    BindingStack,
    /// The characters below 256.
    Characters,
    /// The symbols by id.
    SymbolTable,
}

impl RuntimeGlobal {
    /// Every global, in index order.
    pub const ALL: [RuntimeGlobal; 8] = [
        Self::Unbound,
        Self::Unsupplied,
        Self::ValueCount,
        Self::ValueVector,
        Self::BindingDepth,
        Self::BindingStack,
        Self::Characters,
        Self::SymbolTable,
    ];

    /// The name under which a root module exports it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unbound => "unbound",
            Self::Unsupplied => "unsupplied",
            Self::ValueCount => "value-count",
            Self::ValueVector => "value-vector",
            Self::BindingDepth => "binding-depth",
            Self::BindingStack => "binding-stack",
            Self::Characters => "characters",
            Self::SymbolTable => "symbol-table",
        }
    }
}

/// What the linker puts at a place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function index.
    Function(FunctionRef),
    /// A global index.
    Global(GlobalRef),
    /// `i32.const`, or instructions that compute it: the code index of a function object.
    CodeIndex(FunctionId),
    /// The instructions that push a static table.
    StaticData(StaticData),
    /// `ref.func` of a function that fills new elements of an entry table.
    FunctionReference(InitialEntry),
}

/// A function whose reference the linker's own code takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InitialEntry {
    /// One of the image's shared functions.
    Stub(crate::module::Stub),
    /// A function of the module by the linker's own number.
    Numbered(u32),
}

/// Static tables of a root module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StaticData {
    /// The symbols' names and packages.
    Names,
    /// The texts that the module was made of.
    Sources,
    /// The packages.
    Packages,
    /// The functions that the module defines.
    Functions,
    /// Octets of the literal data segment: offset and length are on the stack.
    Octets,
    /// The code index of the first static function, as an addition to the number on the stack.
    FirstFunction,
}

/// A place for the linker: everything before `offset` is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Position in the code.
    pub offset: u32,
    /// What goes there.
    pub target: Target,
}

/// A finished function.
#[derive(Clone, Debug)]
pub struct CompiledFunction {
    /// The name for stack traces.
    pub name: String,
    /// Parameter types.
    pub params: Vec<ValType>,
    /// Result types.
    pub results: Vec<ValType>,
    /// Types of the locals after the parameters.
    pub locals: Vec<ValType>,
    /// Instructions, without the final `end`.
    pub code: Vec<u8>,
    /// The places for the linker, in order.
    pub relocations: Vec<Relocation>,
    /// Code offsets and the source they come from, in order.
    pub positions: Vec<(u32, Span)>,
    /// The types of which it makes objects.
    pub makes: TypeSet,
    /// Whether it calls function objects.
    pub calls_objects: bool,
}

/// A control construct that can be branched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// The Wasm type of a representation.
#[must_use]
pub const fn value_type(representation: Representation) -> ValType {
    match representation {
        Representation::Object => eq_ref(),
        Representation::Fixnum | Representation::I32 | Representation::Condition => ValType::I32,
        Representation::I64 => ValType::I64,
        Representation::F32 => ValType::F32,
        Representation::F64 => ValType::F64,
    }
}

/// Most functions have no more octets of code.
const USUAL_CODE: usize = 128;

/// Writes a function.
#[derive(Debug)]
pub struct CodeBuilder {
    name: String,
    params: Vec<ValType>,
    results: Vec<ValType>,
    locals: Vec<ValType>,
    free: Vec<(ValType, u32)>,
    code: Vec<u8>,
    relocations: Vec<Relocation>,
    positions: Vec<(u32, Span)>,
    makes: TypeSet,
    calls_objects: bool,
    depth: u32,
    /// The open constructs, by numbers in the order in which they were opened.
    constructs: Vec<u32>,
    next_construct: u32,
}

impl CodeBuilder {
    /// A function with these parameters.
    #[must_use]
    pub fn new(name: String, params: Vec<ValType>, result: ValType) -> Self {
        Self {
            name,
            params,
            results: vec![result],
            locals: Vec::new(),
            free: Vec::new(),
            code: Vec::with_capacity(USUAL_CODE),
            relocations: Vec::new(),
            positions: Vec::new(),
            makes: TypeSet::EMPTY,
            calls_objects: false,
            depth: 0,
            constructs: Vec::new(),
            next_construct: 1,
        }
    }

    /// A Lisp function: the function object, then `count` objects.
    #[must_use]
    pub fn lisp(name: String, count: u32) -> Self {
        let mut params = vec![function_self()];
        params.extend((0..count).map(|_| eq_ref()));
        Self::new(name, params, eq_ref())
    }

    /// A function without parameters or results.
    #[must_use]
    pub fn procedure(name: &str) -> Self {
        Self { results: Vec::new(), ..Self::new(name.to_owned(), Vec::new(), eq_ref()) }
    }

    /// The finished function.
    #[must_use]
    pub fn finish(self) -> CompiledFunction {
        CompiledFunction {
            name: self.name,
            params: self.params,
            results: self.results,
            locals: self.locals,
            code: self.code,
            relocations: self.relocations,
            positions: self.positions,
            makes: self.makes,
            calls_objects: self.calls_objects,
        }
    }

    /// Appends an instruction.
    pub fn op(&mut self, instruction: &Instruction) {
        match instruction {
            Instruction::StructNew(index)
            | Instruction::ArrayNew(index)
            | Instruction::ArrayNewFixed { array_type_index: index, .. } => self.makes.insert_index(*index),
            Instruction::CallIndirect { .. } | Instruction::ReturnCallIndirect { .. } => self.calls_objects = true,
            _ => {}
        }
        instruction.encode(&mut self.code);
    }

    /// Appends several instructions.
    pub fn ops(&mut self, instructions: &[Instruction]) {
        for instruction in instructions {
            self.op(instruction);
        }
    }

    /// `local.get`.
    pub fn get(&mut self, local: u32) {
        self.indexed(0x20, local);
    }

    /// `local.set`.
    pub fn set(&mut self, local: u32) {
        self.indexed(0x21, local);
    }

    /// `local.tee`.
    pub fn tee(&mut self, local: u32) {
        self.indexed(0x22, local);
    }

    /// An instruction of one octet with an index, which most often takes one as well.
    fn indexed(&mut self, octet: u8, index: u32) {
        self.code.push(octet);
        match u8::try_from(index) {
            Ok(index @ ..0x80) => self.code.push(index),
            _ => index.encode(&mut self.code),
        }
    }

    /// `i32.const`.
    pub fn i32(&mut self, value: i32) {
        self.op(&Instruction::I32Const(value));
    }

    /// `global.get` of a global that the linker places.
    pub fn global_get(&mut self, global: GlobalRef) {
        self.code.push(0x23);
        self.relocate(Target::Global(global));
    }

    /// `global.set`.
    pub fn global_set(&mut self, global: GlobalRef) {
        self.code.push(0x24);
        self.relocate(Target::Global(global));
    }

    /// `call` of a function that the linker places.
    pub fn call(&mut self, function: FunctionRef) {
        self.code.push(0x10);
        self.relocate(Target::Function(function));
    }

    /// `return_call`.
    pub fn return_call(&mut self, function: FunctionRef) {
        self.code.push(0x12);
        self.relocate(Target::Function(function));
    }

    /// Leaves a place for the linker.
    pub fn relocate(&mut self, target: Target) {
        self.relocations.push(Relocation { offset: self.offset(), target });
    }

    /// Notes that the code from here on comes from there.
    pub fn position(&mut self, span: Span) {
        if !span.is_none() && self.positions.last().is_none_or(|(_, last)| *last != span) {
            let offset = self.offset();
            self.positions.push((offset, span));
        }
    }

    fn offset(&self) -> u32 {
        u32::try_from(self.code.len()).unwrap_or(u32::MAX)
    }

    /// Opens a `block`.
    pub fn block(&mut self, ty: BlockType) -> Label {
        self.open(&Instruction::Block(ty))
    }

    /// Opens a `loop`.
    pub fn loop_(&mut self) -> Label {
        self.open(&Instruction::Loop(BlockType::Empty))
    }

    /// Opens an `if`.
    pub fn if_(&mut self, ty: BlockType) -> Label {
        self.open(&Instruction::If(ty))
    }

    /// Opens any construct that an `end` closes.
    pub fn open(&mut self, instruction: &Instruction) -> Label {
        self.op(instruction);
        self.depth += 1;
        self.enter_construct();
        Label(self.depth)
    }

    /// `else`.
    pub fn else_(&mut self) {
        self.op(&Instruction::Else);
        self.constructs.pop();
        self.enter_construct();
    }

    /// `end` of a construct.
    pub fn end(&mut self) {
        self.depth -= 1;
        self.constructs.pop();
        self.op(&Instruction::End);
    }

    fn enter_construct(&mut self) {
        self.constructs.push(self.next_construct);
        self.next_construct += 1;
    }

    /// The number of the innermost open construct; the two arms of an `if` are two, the function's body is 0.
    #[must_use]
    pub fn construct(&self) -> u32 {
        self.constructs.last().copied().unwrap_or(0)
    }

    /// Whether a construct is still open.
    #[must_use]
    pub fn is_open(&self, construct: u32) -> bool {
        construct == 0 || self.constructs.binary_search(&construct).is_ok()
    }

    /// The relative depth of a label at this place.
    #[must_use]
    pub const fn relative(&self, label: Label) -> u32 {
        self.depth - label.0
    }

    /// `br`.
    pub fn br(&mut self, label: Label) {
        self.indexed(0x0c, self.relative(label));
    }

    /// `br_if`.
    pub fn br_if(&mut self, label: Label) {
        self.indexed(0x0d, self.relative(label));
    }

    /// A new local, or one that was released.
    pub fn local(&mut self, ty: ValType) -> u32 {
        if let Some(position) = self.free.iter().rposition(|(free, _)| *free == ty) {
            return self.free.swap_remove(position).1;
        }
        let index = self.params.len() + self.locals.len();
        self.locals.push(ty);
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// Lets a local be used again.
    pub fn release(&mut self, local: u32) {
        let index = (local as usize).checked_sub(self.params.len());
        if let Some(ty) = index.and_then(|index| self.locals.get(index)) {
            self.free.push((*ty, local));
        }
    }
}
