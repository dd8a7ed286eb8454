//! Common Lisp data: symbols and packages, the arena of data, the reader and the printer.

pub mod codec;
pub mod error;
mod hash;
pub mod heap;
mod nearest;
mod number;
pub mod package;
pub mod print;
pub mod reader;
mod shared;
pub mod symbol;
mod syntax;

pub use error::{Inside, ReadError, ReadErrorKind};
pub use heap::{ConsId, Datum, ElementKind, Heap, ListIter, NumberVector, Object, ObjectId};
pub use nearest::nearest;
pub use package::PackageError;
pub use print::prin1;
pub use reader::{FloatFormat, NoReadEval, ReadEval, Reader};
pub use symbol::{PackageId, Status, Symbol, Symbols};
