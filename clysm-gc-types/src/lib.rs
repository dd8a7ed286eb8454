//! The WasmGC types of Clysm's object model: one table, from which the type indices, the Wasm encodings, the
//! documentation and the Lisp mirror (`lisp/generated/gc-types.lisp`) come.
//!
//! Every Lisp value is `(ref eq)` and never null; a fixnum is an `i31`. All other representations are the structs and
//! arrays listed in [`GcType::TABLE`]. They are all final and sit in one recursion group, so that distinct Lisp types
//! stay distinct Wasm types: WasmGC merges structurally equal types of separate groups.
//!
//! ```
//! use clysm_gc_types::{GcType, Layout};
//!
//! let cons = GcType::by_name("cons").unwrap();
//! assert_eq!(cons, GcType::Cons);
//! let Layout::Struct(fields) = cons.layout() else { panic!("a cons is a struct") };
//! assert_eq!(fields[0].name, "car");
//! assert_eq!(cons.field("cdr").unwrap().0, 1);
//! ```

mod encode;
mod functions;
mod mirror;
mod set;
mod table;

pub use encode::{encode_core_types, eq_ref, field_type, function_self, ref_null_to, ref_to, storage_value};
pub use functions::{CORE_TYPE_COUNT, ENTRY_LIMIT, Entry, LANDING_TYPE, UNWIND_TYPE, function_type_params};
pub use mirror::lisp_mirror;
pub use set::TypeSet;
pub use table::{Field, GcType, Layout, Storage, WasmStructType};
