//! Arguments that can't be right: constants of a type that the function never takes.

use clysm_ast::{Node, NodeKind};
use clysm_reader::{Datum, Object, Symbol, prin1};
use clysm_report::Diagnostic;

use super::Converter;

/// What a parameter of a standard function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterType {
    Number,
    Real,
    Integer,
    List,
    Cons,
    Sequence,
    Array,
    HashTable,
    Symbol,
    Character,
    StringDesignator,
    FunctionDesignator,
    /// Anything, or what this table does not describe.
    Any,
}

use ParameterType as P;

/// Functions, the types of their first parameters, and the type of all further ones.
pub const TABLE: &[(&str, &[P], P)] = &[
    ("+", &[], P::Number),
    ("-", &[], P::Number),
    ("*", &[], P::Number),
    ("/", &[], P::Number),
    ("1+", &[P::Number], P::Any),
    ("1-", &[P::Number], P::Any),
    ("=", &[], P::Number),
    ("/=", &[], P::Number),
    ("<", &[], P::Real),
    ("<=", &[], P::Real),
    (">", &[], P::Real),
    (">=", &[], P::Real),
    ("MAX", &[], P::Real),
    ("MIN", &[], P::Real),
    ("ABS", &[P::Number], P::Any),
    ("SQRT", &[P::Number], P::Any),
    ("EXP", &[P::Number], P::Any),
    ("EXPT", &[P::Number, P::Number], P::Any),
    ("ZEROP", &[P::Number], P::Any),
    ("PLUSP", &[P::Real], P::Any),
    ("MINUSP", &[P::Real], P::Any),
    ("FLOOR", &[P::Real, P::Real], P::Any),
    ("CEILING", &[P::Real, P::Real], P::Any),
    ("TRUNCATE", &[P::Real, P::Real], P::Any),
    ("ROUND", &[P::Real, P::Real], P::Any),
    ("MOD", &[P::Real, P::Real], P::Any),
    ("REM", &[P::Real, P::Real], P::Any),
    ("EVENP", &[P::Integer], P::Any),
    ("ODDP", &[P::Integer], P::Any),
    ("ASH", &[P::Integer, P::Integer], P::Any),
    ("LOGAND", &[], P::Integer),
    ("LOGIOR", &[], P::Integer),
    ("LOGXOR", &[], P::Integer),
    ("LOGNOT", &[P::Integer], P::Any),
    ("GCD", &[], P::Integer),
    ("LCM", &[], P::Integer),
    ("CAR", &[P::List], P::Any),
    ("CDR", &[P::List], P::Any),
    ("CAAR", &[P::List], P::Any),
    ("CADR", &[P::List], P::Any),
    ("CDAR", &[P::List], P::Any),
    ("CDDR", &[P::List], P::Any),
    ("CADDR", &[P::List], P::Any),
    ("FIRST", &[P::List], P::Any),
    ("SECOND", &[P::List], P::Any),
    ("THIRD", &[P::List], P::Any),
    ("REST", &[P::List], P::Any),
    ("ENDP", &[P::List], P::Any),
    ("NTH", &[P::Integer, P::List], P::Any),
    ("NTHCDR", &[P::Integer, P::List], P::Any),
    ("LAST", &[P::List], P::Any),
    ("BUTLAST", &[P::List], P::Any),
    ("LIST-LENGTH", &[P::List], P::Any),
    ("MEMBER", &[P::Any, P::List], P::Any),
    ("ASSOC", &[P::Any, P::List], P::Any),
    ("RPLACA", &[P::Cons], P::Any),
    ("RPLACD", &[P::Cons], P::Any),
    ("MAPCAR", &[P::FunctionDesignator], P::List),
    ("MAPC", &[P::FunctionDesignator], P::List),
    ("MAPCAN", &[P::FunctionDesignator], P::List),
    ("MAPLIST", &[P::FunctionDesignator], P::List),
    ("LENGTH", &[P::Sequence], P::Any),
    ("REVERSE", &[P::Sequence], P::Any),
    ("NREVERSE", &[P::Sequence], P::Any),
    ("ELT", &[P::Sequence, P::Integer], P::Any),
    ("SUBSEQ", &[P::Sequence, P::Integer], P::Any),
    ("COPY-SEQ", &[P::Sequence], P::Any),
    ("SORT", &[P::Sequence, P::FunctionDesignator], P::Any),
    ("REDUCE", &[P::FunctionDesignator, P::Sequence], P::Any),
    ("FIND", &[P::Any, P::Sequence], P::Any),
    ("POSITION", &[P::Any, P::Sequence], P::Any),
    ("COUNT", &[P::Any, P::Sequence], P::Any),
    ("REMOVE", &[P::Any, P::Sequence], P::Any),
    ("REMOVE-IF", &[P::FunctionDesignator, P::Sequence], P::Any),
    ("REMOVE-IF-NOT", &[P::FunctionDesignator, P::Sequence], P::Any),
    ("EVERY", &[P::FunctionDesignator], P::Sequence),
    ("SOME", &[P::FunctionDesignator], P::Sequence),
    ("AREF", &[P::Array], P::Integer),
    ("SVREF", &[P::Array, P::Integer], P::Any),
    ("CHAR", &[P::Array, P::Integer], P::Any),
    ("GETHASH", &[P::Any, P::HashTable], P::Any),
    ("REMHASH", &[P::Any, P::HashTable], P::Any),
    ("CLRHASH", &[P::HashTable], P::Any),
    ("MAPHASH", &[P::FunctionDesignator, P::HashTable], P::Any),
    ("SYMBOL-NAME", &[P::Symbol], P::Any),
    ("SYMBOL-VALUE", &[P::Symbol], P::Any),
    ("SYMBOL-PLIST", &[P::Symbol], P::Any),
    ("BOUNDP", &[P::Symbol], P::Any),
    ("GET", &[P::Symbol], P::Any),
    ("CHAR-CODE", &[P::Character], P::Any),
    ("CHAR-UPCASE", &[P::Character], P::Any),
    ("CHAR-DOWNCASE", &[P::Character], P::Any),
    ("CHAR=", &[], P::Character),
    ("CHAR<", &[], P::Character),
    ("ALPHA-CHAR-P", &[P::Character], P::Any),
    ("DIGIT-CHAR-P", &[P::Character], P::Any),
    ("STRING-UPCASE", &[P::StringDesignator], P::Any),
    ("STRING-DOWNCASE", &[P::StringDesignator], P::Any),
    ("STRING=", &[P::StringDesignator, P::StringDesignator], P::Any),
    ("STRING<", &[P::StringDesignator, P::StringDesignator], P::Any),
    ("APPLY", &[P::FunctionDesignator], P::Any),
];

impl ParameterType {
    /// The type in words, with its article.
    const fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Real => "a real number",
            Self::Integer => "an integer",
            Self::List => "a list",
            Self::Cons => "a cons",
            Self::Sequence => "a sequence",
            Self::Array => "an array",
            Self::HashTable => "a hash table",
            Self::Symbol => "a symbol",
            Self::Character => "a character",
            Self::StringDesignator => "a string, a symbol or a character",
            Self::FunctionDesignator => "a function or the name of one",
            Self::Any => "an object",
        }
    }
}

/// The kinds of constants, as far as the parameter types tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Constant {
    Integer,
    Real,
    Complex,
    Nil,
    Symbol,
    Character,
    Cons,
    String,
    Vector,
    Array,
    Function,
}

impl Constant {
    const fn is(self, parameter: ParameterType) -> bool {
        match parameter {
            P::Number => matches!(self, Self::Integer | Self::Real | Self::Complex),
            P::Real => matches!(self, Self::Integer | Self::Real),
            P::Integer => matches!(self, Self::Integer),
            P::List => matches!(self, Self::Nil | Self::Cons),
            P::Cons => matches!(self, Self::Cons),
            P::Sequence => matches!(self, Self::Nil | Self::Cons | Self::String | Self::Vector),
            P::Array => matches!(self, Self::String | Self::Vector | Self::Array),
            P::HashTable => false,
            P::Symbol => matches!(self, Self::Nil | Self::Symbol),
            P::Character => matches!(self, Self::Character),
            P::StringDesignator => matches!(self, Self::String | Self::Nil | Self::Symbol | Self::Character),
            P::FunctionDesignator => matches!(self, Self::Function | Self::Nil | Self::Symbol),
            P::Any => true,
        }
    }
}

impl Converter<'_> {
    /// Warns of arguments of a call that are constants of a wrong type.
    pub(super) fn check_argument_types(&mut self, name: Symbol, form: Datum, args: &[Node]) {
        let Some((first, rest)) = self.cx.names.parameter_types(name) else { return };
        let types = first.iter().chain(std::iter::repeat(&rest));
        let mut cell = self.cx.heap.cdr(form);
        for (arg, parameter) in args.iter().zip(types) {
            if self.constant(arg).is_some_and(|constant| !constant.is(*parameter)) {
                let name = self.cx.symbols.qualified_name(name);
                let title = format!("{name} takes {} here, not {}", parameter.words(), self.written(arg));
                let span = self.cx.heap.span(cell).or(self.span);
                self.cx.diagnostics.push(Diagnostic::warning("type-conflict", title).at(span, ""));
            }
            cell = self.cx.heap.cdr(cell);
        }
    }

    /// How a constant expression is written.
    fn written(&self, node: &Node) -> String {
        match &node.kind {
            NodeKind::Literal(literal) => prin1(&self.cx.heap, &self.cx.symbols, literal.value),
            _ => "a function".to_owned(),
        }
    }

    /// The kind of a constant expression, if that is known.
    fn constant(&self, node: &Node) -> Option<Constant> {
        let value = match &node.kind {
            NodeKind::Literal(literal) => literal.value,
            NodeKind::Closure(_) | NodeKind::GlobalFunction(_) => return Some(Constant::Function),
            _ => return None,
        };
        Some(match value {
            Datum::Symbol(_) if value.is_nil() => Constant::Nil,
            Datum::Symbol(_) => Constant::Symbol,
            Datum::Fixnum(_) => Constant::Integer,
            Datum::Char(_) => Constant::Character,
            Datum::Single(_) | Datum::Double(_) => Constant::Real,
            Datum::Cons(_) => Constant::Cons,
            Datum::Object(id) => match self.cx.heap.get(id) {
                Object::Big(_) => Constant::Integer,
                Object::Ratio(_) => Constant::Real,
                Object::Complex(..) => Constant::Complex,
                Object::String(_) => Constant::String,
                Object::Vector(_) | Object::Bits(_) | Object::Numbers(_) => Constant::Vector,
                Object::Array { .. } => Constant::Array,
                Object::Pathname(_) | Object::Structure(_) | Object::Foreign(_) => return None,
            },
        })
    }
}
