//! The commands, a module each.

pub mod build;
pub mod compile;
pub mod eval;
pub mod exec;
pub mod inspect;
pub mod prelude;
pub mod run;

mod image;
