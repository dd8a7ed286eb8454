//! The compiler: Common Lisp forms to WebAssembly GC modules.

pub mod checks;
pub mod context;
pub mod convert;
pub mod dump;
pub mod error;
pub mod literals;
pub mod lower;
mod mirror;
pub mod module;
pub mod names;
pub mod primitives;
pub mod shake;
pub mod toplevel;
pub mod world;

pub use mirror::primitives_mirror;
