//! Common Lisp data: symbols and packages, the arena of data, the reader and the printer.

mod hash;
pub mod heap;
mod number;
mod syntax;
pub mod package;
pub mod print;
pub mod symbol;

pub use heap::{ConsId, Datum, ElementKind, Heap, ListIter, NumberVector, Object, ObjectId};
pub use package::PackageError;
pub use symbol::{PackageId, Status, Symbol, Symbols};
