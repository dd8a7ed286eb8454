//! Common Lisp on WebAssembly GC, for Rust programs.

mod build;
mod cache;
mod engine;
mod error;
pub mod library;
mod live;
mod meta;
mod value;

pub use build::{BuildOptions, BuildOutput, bootstrap_stage1, build_standalone};
pub use engine::{Engine, EngineBuilder};
pub use error::Error;
pub use value::Value;

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
