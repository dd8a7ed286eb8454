//! Function types and the entry tables.
//!
//! Every Lisp function takes the function object that was called (null where the callee is known and closes over
//! nothing), then its arguments, and returns its first value. A function object holds one code index; the tables,
//! one an argument count, hold at that index the entry for calls with that many arguments.

use crate::GcType;

/// The largest argument count with an entry table of its own; calls with more pass a simple-vector.
pub const ENTRY_LIMIT: u32 = 4;

/// How a call through a function object passes its arguments. The discriminant order is the table order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Entry {
    /// Exactly this many arguments, at most [`ENTRY_LIMIT`].
    Count(u32),
    /// Any number of arguments in a simple-vector.
    Vector,
}

impl Entry {
    /// Every entry, in table order.
    pub fn all() -> impl Iterator<Item = Entry> {
        (0..=ENTRY_LIMIT).map(Entry::Count).chain([Entry::Vector])
    }

    /// The entry a call with `count` arguments uses.
    #[must_use]
    pub const fn for_count(count: u32) -> Entry {
        if count <= ENTRY_LIMIT { Entry::Count(count) } else { Entry::Vector }
    }

    /// The index of the entry's table, the same in every module.
    #[must_use]
    pub const fn table(self) -> u32 {
        match self {
            Entry::Count(count) => count,
            Entry::Vector => ENTRY_LIMIT + 1,
        }
    }

    /// The type index of the table's functions, the same in every module.
    #[must_use]
    pub const fn type_index(self) -> u32 {
        GcType::TABLE.len() as u32 + self.table()
    }

    /// The name under which a root module exports the table.
    #[must_use]
    pub fn table_name(self) -> String {
        match self {
            Entry::Count(count) => format!("entries-{count}"),
            Entry::Vector => "entries-vector".to_owned(),
        }
    }
}

/// The type index of the exception tag: the identity of an exit point and the first value.
pub const UNWIND_TYPE: u32 = GcType::TABLE.len() as u32 + ENTRY_LIMIT + 2;

/// The type index of a block that receives the tag's payload.
pub const LANDING_TYPE: u32 = UNWIND_TYPE + 1;

/// The number of type indices that every module has in common: the recursion group, the entry types, the two above.
pub const CORE_TYPE_COUNT: u32 = LANDING_TYPE + 1;

/// The Wasm parameter types of a Lisp function with `count` ordinary parameters.
#[must_use]
pub fn function_type_params(count: u32) -> Vec<wasm_encoder::ValType> {
    let mut params = vec![crate::function_self()];
    params.extend((0..count).map(|_| crate::eq_ref()));
    params
}
