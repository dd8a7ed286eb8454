//! The reader of Clysm: Common Lisp text to data with source spans, and back.
//!
//! - [`Symbols`] is the compile-time package world: symbols, packages, and everything CLHS chapter 11 does with them.
//! - [`Heap`] is an arena of data; a [`Datum`] in it is a small `Copy` value. Conses know where they were read.
//! - [`Reader`] reads one toplevel form a call, in full standard syntax, and goes on after an error.
//! - [`prin1`] prints data so that they read back.
//! - [`codec`] is how data go to the live image and come back.
//!
//! The crate is pure: no files, no clocks. Nothing in it panics on any text or any message.
//!
//! ```
//! use clysm_reader::{Heap, NoReadEval, Reader, Symbols, prin1};
//! use clysm_report::{Diagnostic, SourceMap};
//!
//! let text = "(defun area (r)\n  (* 355/113 r r))\n(oops . )\n(f `(,a ,@b #(1 #\\x)))\n";
//! let mut sources = SourceMap::new();
//! let file = sources.add("demo.lisp", text);
//! let (mut heap, mut symbols) = (Heap::new(), Symbols::new());
//! let mut reader = Reader::new(text, file);
//! let (mut forms, mut errors) = (Vec::new(), Vec::new());
//! loop {
//!     match reader.read(&mut heap, &mut symbols, &mut NoReadEval) {
//!         Ok(Some(form)) => forms.push(prin1(&heap, &symbols, form)),
//!         Ok(None) => break,
//!         Err(error) => errors.push(Diagnostic::from(error)),
//!     }
//! }
//! assert_eq!(
//!     forms,
//!     ["(DEFUN AREA (R) (* 355/113 R R))", "(F (CONS A (APPEND B (QUOTE (#(1 #\\x))))))"]
//! );
//! assert_eq!(errors[0].title, "nothing appears after . in the list");
//! assert_eq!(sources.location(errors[0].span()).unwrap(), "demo.lisp:3:7");
//! ```

pub mod codec;
pub mod error;
mod follow;
pub mod hash;
pub mod heap;
mod layered;
mod nearest;
mod number;
pub mod package;
pub mod print;
pub mod reader;
mod shared;
pub mod symbol;
mod syntax;

pub use error::{Inside, ReadError, ReadErrorKind};
pub use follow::PackageChange;
pub use heap::{ConsId, Datum, ElementKind, Heap, HeapMark, ListIter, NumberVector, Object, ObjectId};
pub use layered::Layered;
pub use nearest::nearest;
pub use package::PackageError;
pub use print::prin1;
pub use reader::{FloatFormat, NoReadEval, ReadEval, Reader};
pub use symbol::{PackageId, Status, Symbol, Symbols};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
