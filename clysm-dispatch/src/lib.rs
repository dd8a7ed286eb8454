//! The tables through which compiled code reaches what it does not contain: the runtime functions written in Lisp and
//! the imports that the host provides.

pub mod imports;

mod functions;
mod table;

pub use functions::{register_ast_runtime_functions, register_core_runtime_functions, standard_table};
pub use table::{ArityError, Category, RegistrationError, RuntimeFunction, RuntimeFunctionTable};
