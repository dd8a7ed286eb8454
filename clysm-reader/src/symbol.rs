//! Symbols and packages of the compile-time world (CLHS chapters 10 and 11).
//!
//! A [`Symbol`] is an index into a [`Symbols`] table; the table owns names, home packages and the packages themselves.
//! Everything that can be listed is listed in creation order, so that output made from it is deterministic.

use std::sync::Arc;

use crate::hash::NameMap;
use crate::layered::Layered;

/// A symbol: an index into the [`Symbols`] table that made it. Two symbols are `eq` when their indices are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub(crate) u32);

/// Declares the symbols whose indices are fixed: each is external in COMMON-LISP and a constant of [`Symbol`].
macro_rules! fixed_symbols {
    ($($index:literal $constant:ident $name:literal;)*) => {
        impl Symbol {
            $(
                #[doc = concat!("The symbol `COMMON-LISP:", $name, "`.")]
                pub const $constant: Symbol = Symbol($index);
            )*
        }

        /// Names of the fixed symbols, by index.
        const FIXED_SYMBOLS: &[&str] = &[$($name),*];
    };
}

fixed_symbols! {
    0 NIL "NIL";
    1 T "T";
    2 QUOTE "QUOTE";
    3 FUNCTION "FUNCTION";
    4 LIST "LIST";
    5 LIST_STAR "LIST*";
    6 CONS "CONS";
    7 APPEND "APPEND";
    8 APPLY "APPLY";
    9 VECTOR "VECTOR";
    10 NCONC "NCONC";
}

impl Symbol {
    /// The symbol's place in creation order, for side tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A package: an index into the [`Symbols`] table that made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub(crate) u32);

impl PackageId {
    /// The package COMMON-LISP, nickname CL.
    pub const COMMON_LISP: PackageId = PackageId(0);
    /// The package KEYWORD.
    pub const KEYWORD: PackageId = PackageId(1);
    /// The package CLYSM, which uses COMMON-LISP.
    pub const CLYSM: PackageId = PackageId(2);
    /// The package COMMON-LISP-USER, nickname CL-USER, which uses COMMON-LISP.
    pub const COMMON_LISP_USER: PackageId = PackageId(3);

    /// The package's place in creation order, for side tables.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a symbol is accessible in a package (the second value of CLHS `find-symbol`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Present and not exported.
    Internal,
    /// Present and exported.
    External,
    /// External in a used package.
    Inherited,
}

/// A symbol present in a package.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Present {
    pub(crate) symbol: Symbol,
    pub(crate) external: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) name: Arc<str>,
    pub(crate) nicknames: Vec<Arc<str>>,
    pub(crate) uses: Vec<PackageId>,
    pub(crate) used_by: Vec<PackageId>,
    pub(crate) shadowing: Vec<Symbol>,
    /// Shared with clones until it changes.
    pub(crate) present: Arc<NameMap<Arc<str>, Present>>,
    pub(crate) deleted: bool,
}

#[derive(Debug, Clone)]
struct SymbolRecord {
    name: Arc<str>,
    home: Option<PackageId>,
}

/// The compile-time package world: all symbols, all packages, and the current package.
///
/// ```
/// use clysm_reader::{PackageId, Status, Symbol, Symbols};
///
/// let mut symbols = Symbols::new();
/// let foo = symbols.intern(PackageId::COMMON_LISP_USER, "FOO");
/// assert_eq!(symbols.find(symbols.current, "FOO"), Some((foo, Status::Internal)));
/// assert_eq!(symbols.find(symbols.current, "NIL"), Some((Symbol::NIL, Status::Inherited)));
/// ```
#[derive(Debug, Clone)]
pub struct Symbols {
    records: Layered<SymbolRecord>,
    pub(crate) packages: Vec<Package>,
    /// Names and nicknames of all packages that are not deleted.
    pub(crate) package_names: NameMap<Arc<str>, PackageId>,
    setf_symbols: NameMap<Symbol, Symbol>,
    setf_bases: NameMap<Symbol, Symbol>,
    /// The current package, the value of `*package*`: unqualified names are interned here.
    pub current: PackageId,
}

impl Default for Symbols {
    fn default() -> Self {
        Self::new()
    }
}

impl Symbols {
    /// Makes the initial world: the four packages of [`PackageId`] and the constants of [`Symbol`]; COMMON-LISP-USER is
    /// the current package. The other standard symbols come with the library's own package definition.
    pub fn new() -> Self {
        let mut symbols = Self {
            records: Layered::default(),
            packages: Vec::new(),
            package_names: NameMap::default(),
            setf_symbols: NameMap::default(),
            setf_bases: NameMap::default(),
            current: PackageId::COMMON_LISP_USER,
        };
        symbols.add_package("COMMON-LISP", &["CL"], &[]);
        symbols.add_package("KEYWORD", &[], &[]);
        symbols.add_package("CLYSM", &[], &[PackageId::COMMON_LISP]);
        symbols.add_package("COMMON-LISP-USER", &["CL-USER"], &[PackageId::COMMON_LISP]);
        for name in FIXED_SYMBOLS {
            let symbol = symbols.intern(PackageId::COMMON_LISP, name);
            symbols.set_external(PackageId::COMMON_LISP, symbol, true);
        }
        symbols
    }

    /// Has later clones share the symbols that there are.
    pub fn share(&mut self) {
        self.records.share();
    }

    /// The symbol's name.
    pub fn name(&self, symbol: Symbol) -> &str {
        &self.records[symbol.index()].name
    }

    /// The symbol's home package; none for an uninterned symbol.
    pub fn package(&self, symbol: Symbol) -> Option<PackageId> {
        self.records[symbol.index()].home
    }

    /// Whether the symbol's home package is KEYWORD.
    pub fn is_keyword(&self, symbol: Symbol) -> bool {
        self.package(symbol) == Some(PackageId::KEYWORD)
    }

    /// The package's name; of a deleted package, the name that it had.
    pub fn package_name(&self, package: PackageId) -> &str {
        &self.packages[package.index()].name
    }

    /// The package with this name or nickname (CLHS `find-package`); names are compared exactly.
    pub fn find_package(&self, name: &str) -> Option<PackageId> {
        self.package_names.get(name).copied()
    }

    /// The number of symbols ever made.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Never true: NIL always exists. Here because a type with `len` is expected to have it.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// All symbols, uninterned ones included, in creation order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Symbol> + use<> {
        (0..self.records.len() as u32).map(Symbol)
    }

    /// Finds a symbol by name in a package: present in it, or external in a package it uses (CLHS `find-symbol`).
    pub fn find(&self, package: PackageId, name: &str) -> Option<(Symbol, Status)> {
        let package = &self.packages[package.index()];
        if let Some(found) = package.present.get(name) {
            let status = if found.external { Status::External } else { Status::Internal };
            return Some((found.symbol, status));
        }
        package.uses.iter().find_map(|used| Some((self.find_external(*used, name)?, Status::Inherited)))
    }

    /// Finds a symbol that is present in the package and exported from it.
    pub fn find_external(&self, package: PackageId, name: &str) -> Option<Symbol> {
        let found = self.packages[package.index()].present.get(name)?;
        found.external.then_some(found.symbol)
    }

    /// Finds the symbol accessible by this name, or makes it, present in the package (CLHS `intern`). A symbol made in
    /// KEYWORD is external.
    pub fn intern(&mut self, package: PackageId, name: &str) -> Symbol {
        match self.find(package, name) {
            Some((symbol, _)) => symbol,
            None => self.make_present(package, name),
        }
    }

    /// Makes a symbol that is in no package (CLHS `make-symbol`).
    pub fn make_uninterned(&mut self, name: &str) -> Symbol {
        self.add_record(Arc::from(name), None)
    }

    /// The uninterned symbol that stands for the function name `(setf symbol)`; always the same one.
    pub fn setf_symbol(&mut self, symbol: Symbol) -> Symbol {
        if let Some(found) = self.setf_symbols.get(&symbol) {
            return *found;
        }
        let made = self.make_uninterned(&format!("(SETF {})", self.name(symbol)));
        self.setf_symbols.insert(symbol, made);
        self.setf_bases.insert(made, symbol);
        made
    }

    /// The symbol that `symbol` is the setf symbol of, if it is one; the inverse of [`Symbols::setf_symbol`].
    pub fn setf_base(&self, symbol: Symbol) -> Option<Symbol> {
        self.setf_bases.get(&symbol).copied()
    }

    /// The symbol as a program in the current package would name it, for messages: `FOO`, `PKG:FOO`, `PKG::FOO`, `:FOO`,
    /// `#:FOO`, and `(SETF FOO)` for a setf symbol; with escapes where the name needs them.
    pub fn qualified_name(&self, symbol: Symbol) -> String {
        if let Some(base) = self.setf_base(symbol) {
            return format!("(SETF {})", self.qualified_name(base));
        }
        let mut text = String::new();
        crate::print::write_symbol(&mut text, self, symbol);
        text
    }

    /// Makes a symbol present in a package where its name is not yet present.
    pub(crate) fn make_present(&mut self, package: PackageId, name: &str) -> Symbol {
        let name: Arc<str> = Arc::from(name);
        let symbol = self.add_record(Arc::clone(&name), Some(package));
        let external = package == PackageId::KEYWORD;
        Arc::make_mut(&mut self.packages[package.index()].present).insert(name, Present { symbol, external });
        symbol
    }

    pub(crate) fn set_home(&mut self, symbol: Symbol, home: Option<PackageId>) {
        self.records[symbol.index()].home = home;
    }

    pub(crate) fn shared_name(&self, symbol: Symbol) -> Arc<str> {
        Arc::clone(&self.records[symbol.index()].name)
    }

    pub(crate) fn set_external(&mut self, package: PackageId, symbol: Symbol, external: bool) {
        let name = self.shared_name(symbol);
        if let Some(present) = Arc::make_mut(&mut self.packages[package.index()].present).get_mut(&name) {
            present.external = external;
        }
    }

    /// Adds a package whose names are known to be free.
    pub(crate) fn add_package(&mut self, name: &str, nicknames: &[&str], uses: &[PackageId]) -> PackageId {
        let id = PackageId(self.packages.len() as u32);
        let name: Arc<str> = Arc::from(name);
        let nicknames: Vec<Arc<str>> = nicknames.iter().map(|nickname| Arc::from(*nickname)).collect();
        for name in std::iter::once(&name).chain(&nicknames) {
            self.package_names.insert(Arc::clone(name), id);
        }
        for used in uses {
            self.packages[used.index()].used_by.push(id);
        }
        self.packages.push(Package {
            name,
            nicknames,
            uses: uses.to_vec(),
            used_by: Vec::new(),
            shadowing: Vec::new(),
            present: Arc::default(),
            deleted: false,
        });
        id
    }

    fn add_record(&mut self, name: Arc<str>, home: Option<PackageId>) -> Symbol {
        let symbol = Symbol(self.records.len() as u32);
        self.records.push(SymbolRecord { name, home });
        symbol
    }
}
