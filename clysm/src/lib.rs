//! Common Lisp on WebAssembly GC, for Rust programs.
//!
//! An [`Engine`] is a live image in a sandbox: Lisp is evaluated, loaded and called in it, and calls Rust closures in turn. It sees
//! what its [`EngineBuilder`] grants, within limits on time, fuel and memory.
//!
//! ```
//! use clysm::{Engine, Value};
//!
//! let mut engine = Engine::builder().build()?;
//!
//! // Evaluate a text.
//! engine.eval("(defun total (prices) (reduce #'+ prices))")?;
//! assert_eq!(engine.eval("(+ 1 2)")?, 3.into());
//!
//! // Call a function.
//! let total = engine.call("total", &[vec![1, 2, 3].into()])?;
//! assert_eq!(i64::try_from(total)?, 6);
//!
//! // Register a function of the host.
//! engine.register("shop:discount", |price: i64, percent: i64| price * (100 - percent) / 100)?;
//! assert_eq!(engine.eval("(shop:discount 200 25)")?, Value::from(150));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The library is compiled when the first image is made on a machine, and kept in the user's cache directory. Standalone modules
//! come from [`build_standalone`]; `clysm-host` runs them without a compiler in the process.

mod build;
mod builder;
mod cache;
mod compile;
mod compiled_file;
mod convert;
#[cfg(test)]
#[allow(clippy::expect_used, reason = "tests")]
mod emission;
mod engine;
mod error;
mod facts;
mod functions;
mod image;
mod journal;
pub mod library;
mod live;
mod meta;
mod plain;
pub mod prelude;
mod program;
mod source;
mod value;

pub use build::{
    BuildOptions, BuildOutput, OptimisationLevel, bootstrap_stage1, build_compiled_file, build_standalone, dump_forms,
};
pub use builder::EngineBuilder;
pub use cache::{code_directories, default_cache_directory};
pub use clysm_host::{Access, HostError, Input, InterruptHandle, Output, OutputBuffer, Random};
pub use clysm_reader::NumberVector;
pub use compiled_file::{CompiledFile, CompiledFileError};
pub use convert::{ConversionError, FromValue};
pub use engine::Engine;
pub use error::Error;
pub use functions::{Caller, Failure, HostResult, IntoHostFunction};
pub use value::{Handle, Value};

/// How far a long operation has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
    /// What the current step works on.
    pub item: String,
}

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
