//! The table itself: every struct and array type, with its fields in index order.

use serde::Serialize;

/// What a field or an array element stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Storage {
    /// Any Lisp value: `(ref eq)`.
    Value,
    /// A non-null reference to one of the table's types.
    Ref(GcType),
    /// A nullable reference to one of the table's types.
    NullRef(GcType),
    /// A packed octet, read unsigned.
    I8,
    /// A packed 16-bit integer, read unsigned.
    I16,
    /// A 32-bit integer.
    I32,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
}

/// One field of a struct type. All fields are mutable: const expressions create most static objects before their
/// parts exist, and Wasm engines gain nothing from immutability here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The field's name, as the `%get` and `%set` primitives spell it.
    pub name: &'static str,
    /// What it stores.
    pub storage: Storage,
}

/// The shape of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Layout {
    /// A struct with fields in index order.
    Struct(&'static [Field]),
    /// An array of one element storage.
    Array(Storage),
}

/// A struct type as the runtime function `clysm:make-wasm-struct-type` describes one: a name and its fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WasmStructType {
    /// The type's name.
    pub name: &'static str,
    /// Its fields in index order.
    pub fields: &'static [Field],
}

macro_rules! storage {
    (eq) => {
        Storage::Value
    };
    (i8) => {
        Storage::I8
    };
    (i16) => {
        Storage::I16
    };
    (i32) => {
        Storage::I32
    };
    (f32) => {
        Storage::F32
    };
    (f64) => {
        Storage::F64
    };
    ((ref $t:ident)) => {
        Storage::Ref(GcType::$t)
    };
    ((null $t:ident)) => {
        Storage::NullRef(GcType::$t)
    };
}

macro_rules! layout {
    ({ $($field:literal : $s:tt),* $(,)? }) => { Layout::Struct(&[$(Field { name: $field, storage: storage!($s) }),*]) };
    ([ $s:tt ]) => { Layout::Array(storage!($s)) };
}

macro_rules! gc_types {
    ($( $(#[doc = $doc:literal])+ $variant:ident $name:literal $layout:tt; )*) => {
        /// A struct or array type of the object model. The discriminant is the Wasm type index in every module.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[repr(u32)]
        pub enum GcType { $( $(#[doc = $doc])+ $variant, )* }

        impl GcType {
            /// Every type in index order.
            pub const TABLE: &'static [GcType] = &[$(GcType::$variant),*];

            /// The type's name, as Lisp primitives spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(GcType::$variant => $name,)* }
            }

            /// The type's layout.
            #[must_use]
            pub const fn layout(self) -> Layout {
                match self { $(GcType::$variant => layout!($layout),)* }
            }

            /// The type's documentation.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(GcType::$variant => concat!($($doc),+),)* }
            }
        }
    };
}

gc_types! {
    /// A cons cell. `hash` is the identity hash, 0 until one is asked for.
    Cons "cons" { "car": eq, "cdr": eq, "hash": i32 };
    /// A symbol with its value cell and function cell. `setf` holds the symbol that stands for the function name
    /// `(setf name)`, or nil; `info` is the system's own property list.
    Symbol "symbol" {
        "name": (ref String), "package": eq, "value": eq, "function": (ref Function), "plist": eq, "setf": eq,
        "info": eq, "hash": i32, "flags": i32, "id": i32
    };
    /// A function object: the index of its code in the entry tables, its closed-over values, its name.
    Function "function" { "code": i32, "env": (null Env), "name": eq, "hash": i32 };
    /// The values a closure holds.
    Env "env" [eq];
    /// The value of a variable that is both captured and assigned; also the identity of an exit point.
    Cell "cell" { "value": eq };
    /// An integer outside the fixnum range: a sign of 1 or -1 and a magnitude without leading zero digits.
    Bignum "bignum" { "sign": i32, "digits": (ref Limbs) };
    /// The digits of a bignum, 32 bits each, least significant first.
    Limbs "limbs" [i32];
    /// A ratio in lowest terms with a positive denominator above 1.
    Ratio "ratio" { "numerator": eq, "denominator": eq };
    /// A single-float.
    Single "single" { "value": f32 };
    /// A double-float.
    Double "double" { "value": f64 };
    /// A complex number.
    Complex "complex" { "real": eq, "imag": eq };
    /// A character, by its Unicode scalar value.
    Character "character" { "code": i32 };
    /// A simple string: one Unicode scalar value an element.
    String "string" [i32];
    /// A simple general vector.
    SimpleVector "simple-vector" [eq];
    /// A simple bit vector, one octet a bit.
    BitVector "bit-vector" [i8];
    /// A simple vector of `(unsigned-byte 8)`.
    U8Vector "u8-vector" [i8];
    /// A simple vector of `(unsigned-byte 16)`.
    U16Vector "u16-vector" [i16];
    /// A simple vector of `(unsigned-byte 32)`.
    U32Vector "u32-vector" [i32];
    /// A simple vector of `(signed-byte 32)`.
    S32Vector "s32-vector" [i32];
    /// A simple vector of single-floats.
    F32Vector "f32-vector" [f32];
    /// A simple vector of double-floats.
    F64Vector "f64-vector" [f64];
    /// An array that is not a simple vector: several dimensions, a fill pointer, adjustable or displaced. `data` is a
    /// simple vector, `size` the total size, `fill` the fill pointer or -1, `flags` bit 0 adjustable, bit 1 displaced,
    /// `hash` the identity hash.
    Array "array" {
        "data": eq, "offset": i32, "size": i32, "fill": i32, "dimensions": eq, "flags": i32, "displaced-to": eq,
        "hash": i32
    };
    /// An instance of a class: element 0 the class, element 1 the identity hash, then the slots.
    Instance "instance" [eq];
    /// A unique object that is no Lisp value, such as the mark of an unbound variable.
    Marker "marker" { "id": i32 };
}

impl GcType {
    /// The Wasm type index, the same in every module.
    #[must_use]
    pub const fn index(self) -> u32 {
        self as u32
    }

    /// The type of that name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<GcType> {
        Self::TABLE.iter().copied().find(|ty| ty.name() == name)
    }

    /// The index and the description of a struct's field.
    #[must_use]
    pub fn field(self, name: &str) -> Option<(u32, Field)> {
        let Layout::Struct(fields) = self.layout() else { return None };
        (0..).zip(fields.iter().copied()).find(|(_, field)| field.name == name)
    }

    /// An array's element storage.
    #[must_use]
    pub const fn element(self) -> Option<Storage> {
        match self.layout() {
            Layout::Array(storage) => Some(storage),
            Layout::Struct(_) => None,
        }
    }

    /// The description of a struct type, none for an array.
    #[must_use]
    pub const fn struct_type(self) -> Option<WasmStructType> {
        match self.layout() {
            Layout::Struct(fields) => Some(WasmStructType { name: self.name(), fields }),
            Layout::Array(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_indices_follow_the_table() {
        for (index, ty) in GcType::TABLE.iter().enumerate() {
            assert_eq!(ty.index() as usize, index);
            assert_eq!(GcType::by_name(ty.name()), Some(*ty));
        }
    }

    #[test]
    fn field_names_are_unique_within_a_struct() {
        for ty in GcType::TABLE {
            if let Layout::Struct(fields) = ty.layout() {
                for (index, field) in fields.iter().enumerate() {
                    assert_eq!(ty.field(field.name).map(|(i, _)| i as usize), Some(index));
                }
            }
        }
    }
}
