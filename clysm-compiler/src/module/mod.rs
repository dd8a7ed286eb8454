//! Lowered forms to Wasm modules.
//!
//! Two kinds of module come from the same lowering. A *root* module defines the runtime's tables, globals and exception
//! tag and brings its symbols with it: the base image and every standalone program. The others import all that from an image.
//! A *linked* module gets its literals, symbols included, as a vector that the image made of live objects; a *compiled file* makes
//! its own, and finds its symbols by their names.

mod assemble;
mod body;
mod globals;
mod literal_code;
mod sections;
mod start;
mod stubs;
mod unit;

use clysm_reader::{Datum, Symbol};
use clysm_report::Span;

pub use assemble::{LinkError, link};
pub use start::{linker_calls, object_calls};
pub use stubs::Stub;
pub use unit::{Lowering, Unit, UnitForm, complete_unit, defined_function, file_unit};

/// The import module of everything that an image provides.
pub const IMAGE_MODULE: &str = "image";

/// What kind of module to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    /// Stands alone and exports only its entry points.
    Standalone,
    /// Stands alone and exports all that linked modules import.
    Image,
    /// Imports the runtime from an image, and its literals.
    Linked,
    /// Imports the runtime from an image, and brings its literals and the names of its symbols with it: what `compile-file`
    /// makes (CLHS 3.2.3).
    CompiledFile,
}

/// Where a function of a module comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionInfo {
    /// The function's index in the module.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Offsets in the function's body and the source that the code from there on comes from.
    pub positions: Vec<(u32, Span)>,
}

/// A finished module.
#[derive(Clone, Debug)]
pub struct Module {
    /// The Wasm binary.
    pub bytes: Vec<u8>,
    /// For a linked module: what the vector of literals holds.
    pub literals: Vec<ModuleLiteral>,
    /// For a linked module: its functions with source positions, in index order.
    pub functions: Vec<FunctionInfo>,
    /// For a root module: its symbols, in the order of their ids.
    pub symbols: Vec<Symbol>,
}

/// An element of a linked module's vector of literals.
#[derive(Clone, Debug, PartialEq)]
pub enum ModuleLiteral {
    /// A symbol or any other object.
    Datum(Datum),
    /// A simple-vector of symbols.
    Symbols(Vec<Symbol>),
}
