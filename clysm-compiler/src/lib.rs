//! The compiler: Common Lisp forms to WebAssembly GC modules.
#![allow(clippy::missing_panics_doc)]

pub mod context;
pub mod convert;
pub mod error;
pub mod names;
pub mod primitives;
pub mod toplevel;
pub mod world;
