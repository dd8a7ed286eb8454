//! The tables through which compiled code reaches what it does not contain: the runtime functions written in Lisp and
//! the imports that the host provides.
//!
//! Each is one table, from which the compiler's checks, the host's imports and the Lisp mirrors in `lisp/generated/`
//! come. The crate knows nothing of Wasm encodings.
//!
//! ```
//! use clysm_dispatch::{imports, standard_table};
//!
//! let table = standard_table()?;
//! let error = table.check_arity("clysm:ast-literal-value", 2).unwrap_err();
//! assert_eq!(error.to_string(), "clysm:ast-literal-value takes exactly 1 argument, got 2");
//!
//! let import = imports::find("clysm:io", "write-char").unwrap();
//! assert_eq!(import.primitive_name(), "%io.write-char");
//! # Ok::<(), clysm_dispatch::RegistrationError>(())
//! ```

pub mod imports;

mod functions;
mod mirror;
mod table;

pub use functions::{register_ast_runtime_functions, register_core_runtime_functions, standard_table};
pub use mirror::{imports_mirror, runtime_functions_mirror};
pub use table::{ArityError, Category, RegistrationError, RuntimeFunction, RuntimeFunctionTable};
