//! Common Lisp on WebAssembly GC, for Rust programs.

mod error;
pub mod library;
mod live;

pub use error::Error;

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
