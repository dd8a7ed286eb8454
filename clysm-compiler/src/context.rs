//! What a compilation works with: the data, the symbols, the global environment, and the live image.

use std::sync::Arc;

use clysm_ast::{Ast, FunctionId};
use clysm_dispatch::imports::NamedImport;
use clysm_dispatch::{RegistrationError, RuntimeFunctionTable};
use clysm_reader::hash::NameMap;
use clysm_reader::{Datum, Heap, PackageId, Symbol, Symbols};
use clysm_report::{Diagnostic, Span};

use crate::checks::CompilationUnit;
use crate::error::{CODE_LIMIT, CompileError, CompileErrorKind, NESTING_LIMIT};
use crate::names::Names;
use crate::primitives::{Primitive, primitives};
use crate::world::World;

/// Why the image could not do what the compiler asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// The condition's report.
    pub report: String,
}

/// The live image, in which everything that Lisp runs at compile time runs.
pub trait CompileTime {
    /// Calls an internal function of the image's CLYSM package with data and returns its first value as data.
    ///
    /// # Errors
    /// The function signalled an error.
    fn call(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Datum, CallError>;

    /// Takes over a compiled toplevel form. It takes effect before the next call at the latest when that call needs it.
    ///
    /// # Errors
    /// The form ran and signalled an error.
    fn accept(&mut self, cx: &mut Context, form: TopForm) -> Result<(), CallError>;

    /// Is told that a toplevel form begins.
    ///
    /// # Errors
    /// The image can't make itself ready for it.
    fn begin_form(&mut self, _: &mut Context) -> Result<(), CallError> {
        Ok(())
    }

    /// Evaluates a form for its compile-time effect.
    ///
    /// # Errors
    /// The form signalled an error.
    fn evaluate(&mut self, cx: &mut Context, form: Datum) -> Result<(), CallError>;

    /// Whether the forms are evaluated as they come (`load` of source), or compiled for later (`compile-file`).
    fn loads_source(&self) -> bool;

    /// Whether the forms are the library's, whose definitions record no docstrings and whose packages are there from the start.
    fn is_library(&self) -> bool;

    /// Whether the packages known to the compiler follow those of the image, so that what forms do to packages is the image's
    /// business alone.
    fn follows_packages(&self) -> bool {
        false
    }
}

/// What a toplevel form is to the linker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// The definition of a global function.
    Function(Symbol, FunctionId),
    /// The definition of a function with a raw signature, callable only directly.
    Raw(Symbol, FunctionId),
    /// The definition of a macro.
    Macro(Symbol),
    /// Anything that is evaluated for effect or value, with the symbol it defines something for, if any.
    Expression(Option<Symbol>),
}

/// A call of a function, to be checked.
#[derive(Clone, Debug)]
pub struct CallSite {
    /// The function.
    pub function: Symbol,
    /// The number of arguments; none for a reference with `function`.
    pub count: Option<u32>,
    /// Which arguments are literal keywords; empty when none is.
    pub keywords: Vec<Option<Symbol>>,
    /// Where.
    pub span: Span,
}

/// A use of a variable that is neither bound nor known.
#[derive(Clone, Copy, Debug)]
pub struct VariableUse {
    /// The variable.
    pub name: Symbol,
    /// Where.
    pub span: Span,
}

/// A converted toplevel form.
#[derive(Clone, Debug)]
pub struct TopForm {
    /// What it is.
    pub kind: FormKind,
    /// Its tree.
    pub ast: Ast,
    /// The calls of global functions in it.
    pub calls: Vec<CallSite>,
    /// The variables in it that were not known when it was converted.
    pub free_variables: Vec<VariableUse>,
    /// Where it was written.
    pub span: Span,
}

/// The state of a compilation.
#[derive(Clone, Debug)]
pub struct Context {
    /// The data that forms are made of.
    pub heap: Heap,
    /// Symbols and packages.
    pub symbols: Symbols,
    /// Global names.
    pub world: World,
    /// Operators and well-known symbols.
    pub names: Names,
    /// The runtime functions that compiled code may call.
    pub(crate) runtime: Arc<RuntimeFunctionTable>,
    /// Their names in that table, by symbol.
    pub(crate) runtime_names: Arc<NameMap<Symbol, String>>,
    /// The primitives by number.
    pub primitives: Arc<[Primitive]>,
    /// The primitives by symbol.
    pub primitive_numbers: NameMap<Symbol, u16>,
    /// The named host imports so far; their position is their number.
    pub named_imports: Vec<NamedImport>,
    /// The specifiers of `clysm:export` and `clysm:export-defaults` in `declaim` forms so far.
    pub export_declarations: Vec<Datum>,
    /// Whether the whole library is there: what it does not define then is not supported.
    pub library_is_complete: bool,
    /// Warnings and errors so far.
    pub diagnostics: Vec<Diagnostic>,
    /// What is left to check at the end of the compilation unit.
    pub unit: CompilationUnit,
    pub(crate) gensym: u32,
    /// How many forms enclose the one that is converted.
    pub(crate) nesting: u32,
    /// How many compound forms the toplevel form has had so far.
    pub(crate) converted: u32,
}

impl Context {
    /// The context in which the library itself is compiled.
    ///
    /// # Errors
    /// The runtime function table is invalid.
    pub fn new() -> Result<Self, RegistrationError> {
        let mut symbols = Symbols::new();
        let names = Names::new(&mut symbols);
        let runtime = clysm_dispatch::standard_table()?;
        let runtime_names = runtime_names(&runtime, &mut symbols);
        let primitives = primitives();
        let primitive_numbers = (0u16..)
            .zip(&primitives)
            .map(|(number, primitive)| (symbols.intern(PackageId::CLYSM, &primitive.name.to_uppercase()), number))
            .collect();
        Ok(Self {
            heap: Heap::new(),
            symbols,
            world: World::new(),
            names,
            runtime: Arc::new(runtime),
            runtime_names: Arc::new(runtime_names),
            primitives: primitives.into(),
            primitive_numbers,
            named_imports: Vec::new(),
            export_declarations: Vec::new(),
            library_is_complete: false,
            diagnostics: Vec::new(),
            unit: CompilationUnit::default(),
            gensym: 0,
            nesting: 0,
            converted: 0,
        })
    }

    /// Has later clones share what there is: they then take little time and memory.
    pub fn share(&mut self) {
        self.heap.share();
        self.symbols.share();
        self.world.share();
    }

    /// Has compiled code call the runtime functions of another table.
    pub fn set_runtime(&mut self, table: RuntimeFunctionTable) {
        self.runtime_names = Arc::new(runtime_names(&table, &mut self.symbols));
        self.runtime = Arc::new(table);
    }

    /// Enters a form within others.
    ///
    /// # Errors
    /// There are too many of them.
    pub(crate) fn enter(&mut self, span: Span) -> Result<(), CompileError> {
        self.converted += 1;
        if self.converted > CODE_LIMIT {
            return Err(CompileError::new(CompileErrorKind::TooMuchCode, span));
        }
        if self.nesting >= NESTING_LIMIT {
            return Err(CompileError::new(CompileErrorKind::Nesting, span));
        }
        self.nesting += 1;
        Ok(())
    }

    /// Leaves it.
    pub(crate) const fn leave(&mut self) {
        self.nesting -= 1;
    }

    /// The number of a named import; none when there are more than a number can tell apart.
    pub(crate) fn named_import(&mut self, import: NamedImport) -> Option<u16> {
        let known = self.named_imports.iter().position(|known| *known == import);
        let number = known.unwrap_or_else(|| {
            self.named_imports.push(import);
            self.named_imports.len() - 1
        });
        u16::try_from(number).ok()
    }

    /// The symbol of CLYSM with that name.
    pub fn system(&mut self, name: &str) -> Symbol {
        self.symbols.intern(PackageId::CLYSM, name)
    }

    /// The symbol of COMMON-LISP with that name.
    pub fn standard(&mut self, name: &str) -> Symbol {
        self.symbols.intern(PackageId::COMMON_LISP, name)
    }

    /// The symbol that a name stands for, which may be after a package's, as in a control string's `~/name/` (CLHS 22.3.5.4), if there
    /// is one.
    #[must_use]
    pub fn symbol_named(&self, name: &str) -> Option<Symbol> {
        let (package, name) = match name.split_once(':') {
            Some((package, name)) => (self.symbols.find_package(package)?, name.strip_prefix(':').unwrap_or(name)),
            None => (PackageId::COMMON_LISP_USER, name),
        };
        self.symbols.find(package, name).map(|(symbol, _)| symbol)
    }

    /// Whether a symbol is the library's own, or the standard's.
    #[must_use]
    pub fn is_system(&self, symbol: Symbol) -> bool {
        matches!(self.symbols.package(symbol), Some(PackageId::COMMON_LISP | PackageId::CLYSM))
    }

    /// A symbol in no package, for a variable of the compiler's own.
    pub fn gensym(&mut self, prefix: &str) -> Symbol {
        self.gensym += 1;
        self.symbols.make_uninterned(&format!("{prefix}{}", self.gensym))
    }
}

/// The names of the runtime functions by symbol.
fn runtime_names(table: &RuntimeFunctionTable, symbols: &mut Symbols) -> NameMap<Symbol, String> {
    let named = table.iter().filter_map(|entry| Some((entry.symbol.strip_prefix("clysm:")?, &entry.symbol)));
    named.map(|(name, symbol)| (symbols.intern(PackageId::CLYSM, &name.to_uppercase()), symbol.clone())).collect()
}
