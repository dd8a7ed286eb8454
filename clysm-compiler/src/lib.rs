//! The compiler: Common Lisp forms to WebAssembly GC modules.
//!
//! It is pure: macros, and whatever else runs at compile time, are the business of whoever implements
//! [`CompileTime`](context::CompileTime). Toplevel forms are converted to trees, trees are lowered to functions, and forms are linked to a module.
//!
//! ```
//! use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
//! use clysm_compiler::lower::Intrinsics;
//! use clysm_compiler::module::{Lowering, Unit};
//! use clysm_compiler::toplevel::compile_toplevel;
//! use clysm_reader::{Datum, NoReadEval, Reader, Symbol};
//! use clysm_report::SourceMap;
//!
//! /// Keeps what is compiled. There is no Lisp to expand macros of the library with.
//! #[derive(Default)]
//! struct Keep(Vec<TopForm>);
//!
//! impl CompileTime for Keep {
//!     fn call(&mut self, _: &mut Context, function: &str, _: &[Datum]) -> Result<Datum, CallError> {
//!         Err(CallError { report: format!("{function} is not there") })
//!     }
//!     fn accept(&mut self, _: &mut Context, form: TopForm) -> Result<(), CallError> {
//!         self.0.push(form);
//!         Ok(())
//!     }
//!     fn evaluate(&mut self, _: &mut Context, _: Datum) -> Result<(), CallError> {
//!         Ok(())
//!     }
//!     fn loads_source(&self) -> bool {
//!         true
//!     }
//!     fn is_library(&self) -> bool {
//!         true
//!     }
//! }
//!
//! let text = "(defun square (x) (* x x))";
//! let mut sources = SourceMap::new();
//! let mut reader = Reader::new(text, sources.add("square.lisp", text));
//! let mut cx = Context::new()?;
//! let intrinsics = Intrinsics::new(&mut cx);
//! let form = reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval)?.ok_or("no form")?;
//! let mut kept = Keep::default();
//! compile_toplevel(&mut cx, &mut kept, form)?;
//! assert!(matches!(kept.0[0].kind, FormKind::Function(..)));
//!
//! let mut unit = Unit::default();
//! let is_direct = |_: Symbol| false;
//! unit.add(&cx, Lowering { intrinsics: &intrinsics, is_direct: &is_direct }, &kept.0[0]);
//! assert_eq!(unit.forms[0].lowered.functions.len(), 2, "the form itself, and the function");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod checks;
pub mod context;
pub mod convert;
pub mod definitions;
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
