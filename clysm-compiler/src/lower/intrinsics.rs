//! Standard functions that are compiled inline, and the library functions that compiled code calls by itself.

use clysm_gc_types::GcType;
use clysm_reader::Symbol;
use clysm_reader::hash::{NameMap, NameSet};

use crate::context::Context;

/// A comparison of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `=`
    Equal,
}

/// An arithmetic operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `logand`
    And,
    /// `logior`
    Or,
    /// `logxor`
    Xor,
}

/// A type test that is one `ref.test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeTest {
    /// `consp`
    Cons,
    /// `atom`
    Atom,
    /// `listp`
    List,
    /// `symbolp`
    Symbol,
    /// `characterp`
    Character,
    /// `functionp`
    Function,
    /// `simple-vector-p`
    SimpleVector,
}

impl TypeTest {
    /// The type whose objects pass, if it is one.
    #[must_use]
    pub const fn gc_type(self) -> Option<GcType> {
        match self {
            Self::Cons => Some(GcType::Cons),
            Self::Symbol => Some(GcType::Symbol),
            Self::Character => Some(GcType::Character),
            Self::Function => Some(GcType::Function),
            Self::SimpleVector => Some(GcType::SimpleVector),
            Self::Atom | Self::List => None,
        }
    }
}

/// A function compiled inline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intrinsic {
    /// `car`, `cdr` by the field's index.
    ConsField(u32),
    /// `rplaca`, `rplacd`: the cons is the value.
    Replace(u32),
    /// `(setf car)`, `(setf cdr)`: the new element is the value.
    SetConsField(u32),
    /// `cons`
    Cons,
    /// `list`
    List,
    /// `list*`
    ListStar,
    /// `eq`
    Eq,
    /// `eql`
    Eql,
    /// `not`, `null`
    Not,
    /// `endp`
    Endp,
    /// `identity`
    Identity,
    /// A type test.
    Test(TypeTest),
    /// An operation on numbers, folded from the left.
    Arithmetic(Arithmetic),
    /// `1+` and `1-`, by the operation.
    Step(Arithmetic),
    /// A comparison of two numbers.
    Compare(Comparison),
    /// `/=` of two numbers.
    NotEqual,
    /// `zerop`, `plusp`, `minusp`: a comparison with zero.
    Sign(Comparison),
    /// `svref`
    Svref,
    /// `(setf svref)`
    SetSvref,
    /// `char`, `schar`
    Char,
    /// `aref` with one index
    Aref,
    /// `(setf aref)` with one index
    SetAref,
    /// `char-code`
    CharCode,
    /// `code-char`
    CodeChar,
    /// `mod`
    Mod,
    /// `rem`
    Rem,
    /// `char=` of two characters
    CharEqual,
}

/// Names, the argument counts for which the inline code applies, and what it is.
const TABLE: &[(&str, std::ops::RangeInclusive<usize>, Intrinsic)] = &[
    ("CAR", 1..=1, Intrinsic::ConsField(0)),
    ("FIRST", 1..=1, Intrinsic::ConsField(0)),
    ("CDR", 1..=1, Intrinsic::ConsField(1)),
    ("REST", 1..=1, Intrinsic::ConsField(1)),
    ("RPLACA", 2..=2, Intrinsic::Replace(0)),
    ("RPLACD", 2..=2, Intrinsic::Replace(1)),
    ("(SETF CAR)", 2..=2, Intrinsic::SetConsField(0)),
    ("(SETF CDR)", 2..=2, Intrinsic::SetConsField(1)),
    ("CONS", 2..=2, Intrinsic::Cons),
    ("LIST", 0..=64, Intrinsic::List),
    ("LIST*", 1..=64, Intrinsic::ListStar),
    ("EQ", 2..=2, Intrinsic::Eq),
    ("EQL", 2..=2, Intrinsic::Eql),
    ("NOT", 1..=1, Intrinsic::Not),
    ("NULL", 1..=1, Intrinsic::Not),
    ("ENDP", 1..=1, Intrinsic::Endp),
    ("IDENTITY", 1..=1, Intrinsic::Identity),
    ("CONSP", 1..=1, Intrinsic::Test(TypeTest::Cons)),
    ("ATOM", 1..=1, Intrinsic::Test(TypeTest::Atom)),
    ("LISTP", 1..=1, Intrinsic::Test(TypeTest::List)),
    ("SYMBOLP", 1..=1, Intrinsic::Test(TypeTest::Symbol)),
    ("CHARACTERP", 1..=1, Intrinsic::Test(TypeTest::Character)),
    ("FUNCTIONP", 1..=1, Intrinsic::Test(TypeTest::Function)),
    ("SIMPLE-VECTOR-P", 1..=1, Intrinsic::Test(TypeTest::SimpleVector)),
    ("+", 2..=64, Intrinsic::Arithmetic(Arithmetic::Add)),
    ("-", 2..=64, Intrinsic::Arithmetic(Arithmetic::Subtract)),
    ("*", 2..=64, Intrinsic::Arithmetic(Arithmetic::Multiply)),
    ("LOGAND", 2..=64, Intrinsic::Arithmetic(Arithmetic::And)),
    ("LOGIOR", 2..=64, Intrinsic::Arithmetic(Arithmetic::Or)),
    ("LOGXOR", 2..=64, Intrinsic::Arithmetic(Arithmetic::Xor)),
    ("1+", 1..=1, Intrinsic::Step(Arithmetic::Add)),
    ("1-", 1..=1, Intrinsic::Step(Arithmetic::Subtract)),
    ("<", 2..=2, Intrinsic::Compare(Comparison::Less)),
    ("<=", 2..=2, Intrinsic::Compare(Comparison::LessEqual)),
    (">", 2..=2, Intrinsic::Compare(Comparison::Greater)),
    (">=", 2..=2, Intrinsic::Compare(Comparison::GreaterEqual)),
    ("=", 2..=2, Intrinsic::Compare(Comparison::Equal)),
    ("/=", 2..=2, Intrinsic::NotEqual),
    ("ZEROP", 1..=1, Intrinsic::Sign(Comparison::Equal)),
    ("PLUSP", 1..=1, Intrinsic::Sign(Comparison::Greater)),
    ("MINUSP", 1..=1, Intrinsic::Sign(Comparison::Less)),
    ("SVREF", 2..=2, Intrinsic::Svref),
    ("(SETF SVREF)", 3..=3, Intrinsic::SetSvref),
    ("CHAR", 2..=2, Intrinsic::Char),
    ("SCHAR", 2..=2, Intrinsic::Char),
    ("AREF", 2..=2, Intrinsic::Aref),
    ("(SETF AREF)", 3..=3, Intrinsic::SetAref),
    ("CHAR-CODE", 1..=1, Intrinsic::CharCode),
    ("CODE-CHAR", 1..=1, Intrinsic::CodeChar),
    ("MOD", 2..=2, Intrinsic::Mod),
    ("REM", 2..=2, Intrinsic::Rem),
    ("CHAR=", 2..=2, Intrinsic::CharEqual),
];

/// Intrinsics by symbol, and the symbols of the runtime functions.
#[derive(Clone, Debug)]
pub struct Intrinsics {
    table: NameMap<Symbol, (std::ops::RangeInclusive<usize>, Intrinsic)>,
    runtime: NameMap<String, Symbol>,
    never_return: NameSet<Symbol>,
    /// `*catch-tags*`, the dynamic list of catch points.
    pub catch_tags: Symbol,
}

/// Raw helpers of the library that emission calls, beside the runtime function table.
const RAW_HELPERS: &[&str] = &["%box-i64", "%unbox-i64"];

/// Functions of the library that never return: `error`, and what ends in a call of it.
const SIGNALLERS: &[&str] = &[
    "%TYPE-ERROR",
    "%PROGRAM-ERROR",
    "%CONTROL-ERROR",
    "%PACKAGE-ERROR",
    "%FILE-ERROR",
    "%STREAM-ERROR",
    "%READER-ERROR",
    "%INDEX-ERROR",
    "%NOT-YET-SUPPORTED",
];

impl Intrinsics {
    /// Looks all names up.
    pub fn new(cx: &mut Context) -> Self {
        let mut table = NameMap::default();
        for (name, counts, intrinsic) in TABLE {
            let symbol = match name.strip_prefix("(SETF ").and_then(|name| name.strip_suffix(')')) {
                Some(base) => {
                    let base = cx.standard(base);
                    cx.symbols.setf_symbol(base)
                }
                None => cx.standard(name),
            };
            table.insert(symbol, (counts.clone(), *intrinsic));
        }
        let mut names: Vec<String> =
            cx.runtime.iter().filter_map(|entry| entry.symbol.strip_prefix("clysm:").map(str::to_owned)).collect();
        names.extend(RAW_HELPERS.iter().map(|name| (*name).to_owned()));
        let runtime = names
            .into_iter()
            .map(|name| {
                let symbol = cx.system(&name.to_uppercase());
                (name, symbol)
            })
            .collect();
        let mut never_return: NameSet<Symbol> = SIGNALLERS.iter().map(|name| cx.system(name)).collect();
        never_return.insert(cx.standard("ERROR"));
        Self { table, runtime, never_return, catch_tags: cx.system("*CATCH-TAGS*") }
    }

    /// The intrinsic for a call with that many arguments.
    #[must_use]
    pub fn get(&self, symbol: Symbol, arguments: usize) -> Option<Intrinsic> {
        self.table.get(&symbol).filter(|(counts, _)| counts.contains(&arguments)).map(|(_, intrinsic)| *intrinsic)
    }

    /// Whether a function of the library never returns.
    #[must_use]
    pub fn never_returns(&self, symbol: Symbol) -> bool {
        self.never_return.contains(&symbol)
    }

    /// The symbol of a runtime function or raw helper; nil for a name that is none, which no emission uses.
    #[must_use]
    pub fn runtime(&self, name: &str) -> Symbol {
        debug_assert!(self.runtime.contains_key(name), "{name} is not a runtime function");
        self.runtime.get(name).copied().unwrap_or(Symbol::NIL)
    }
}

impl Intrinsic {
    /// Whether the value is a truth value, which the inline code can turn into a jump.
    #[must_use]
    pub const fn is_test(self) -> bool {
        matches!(
            self,
            Self::Eq
                | Self::Eql
                | Self::Endp
                | Self::Test(_)
                | Self::Compare(_)
                | Self::NotEqual
                | Self::Sign(_)
                | Self::CharEqual
        )
    }
}

impl Comparison {
    /// The runtime function for operands that are not both fixnums.
    #[must_use]
    pub const fn runtime_name(self) -> &'static str {
        match self {
            Self::Less => "generic-less",
            Self::LessEqual => "generic-less-equal",
            Self::Greater => "generic-greater",
            Self::GreaterEqual => "generic-greater-equal",
            Self::Equal => "generic-equal",
        }
    }
}

impl Arithmetic {
    /// The runtime function for operands that are not both fixnums.
    #[must_use]
    pub const fn runtime_name(self) -> &'static str {
        match self {
            Self::Add => "generic-add",
            Self::Subtract => "generic-subtract",
            Self::Multiply => "generic-multiply",
            Self::And => "generic-logand",
            Self::Or => "generic-logior",
            Self::Xor => "generic-logxor",
        }
    }

    /// Whether the operation is bitwise, and so closed on fixnums and undefined on floats.
    #[must_use]
    pub const fn is_bitwise(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Xor)
    }
}
