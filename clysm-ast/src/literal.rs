//! Literals: constants with their classification.

use clysm_reader::{Datum, Symbol};

/// The largest fixnum: an `i31`.
pub const FIXNUM_MAX: i64 = (1 << 30) - 1;
/// The smallest fixnum.
pub const FIXNUM_MIN: i64 = -(1 << 30);

/// What kind of object a literal is; decides how lowering materialises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LiteralType {
    /// `nil`.
    Nil,
    /// `t`.
    T,
    /// A symbol other than `nil` and `t`.
    Symbol,
    /// An integer in the fixnum range.
    Fixnum,
    /// An integer outside the fixnum range that fits 64 bits.
    Integer,
    /// A character.
    Character,
    /// A single-float.
    SingleFloat,
    /// A double-float.
    DoubleFloat,
    /// Anything else: conses, strings, vectors, large numbers.
    Object,
}

/// A constant in a program (seed: AST literal).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AstLiteral {
    /// The object.
    pub value: Datum,
    /// Its classification, a function of the object.
    pub literal_type: LiteralType,
}

impl AstLiteral {
    /// Classifies a datum.
    #[must_use]
    pub const fn new(value: Datum) -> Self {
        let literal_type = match value {
            Datum::Symbol(Symbol::NIL) => LiteralType::Nil,
            Datum::Symbol(Symbol::T) => LiteralType::T,
            Datum::Symbol(_) => LiteralType::Symbol,
            Datum::Fixnum(FIXNUM_MIN..=FIXNUM_MAX) => LiteralType::Fixnum,
            Datum::Fixnum(_) => LiteralType::Integer,
            Datum::Char(_) => LiteralType::Character,
            Datum::Single(_) => LiteralType::SingleFloat,
            Datum::Double(_) => LiteralType::DoubleFloat,
            Datum::Cons(_) | Datum::Object(_) => LiteralType::Object,
        };
        Self { value, literal_type }
    }

    /// `nil` as a literal.
    #[must_use]
    pub const fn nil() -> Self {
        Self::new(Datum::Symbol(Symbol::NIL))
    }

    /// Whether the literal is `nil`.
    #[must_use]
    pub const fn is_nil(&self) -> bool {
        matches!(self.literal_type, LiteralType::Nil)
    }

    /// Whether two evaluations may share one machine constant.
    #[must_use]
    pub const fn is_immediate(&self) -> bool {
        !matches!(self.literal_type, LiteralType::Object)
    }
}
