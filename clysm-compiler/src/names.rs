//! The names the compiler knows by heart: special operators, built-in macros, declarations, lambda-list keywords.

use clysm_reader::hash::NameMap;
use clysm_reader::{PackageId, Symbol, Symbols};

use crate::convert::{PARAMETER_TYPES, ParameterType};

macro_rules! operators {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal;)*) => {
        /// An operator with a conversion of its own: the special operators, and the macros that the library's first
        /// files need or that occur so often that expanding them in the image would cost more than compiling them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each variant is the operator of its name")]
        pub enum Operator { $($variant,)* }

        const OPERATORS: &[(&str, Operator)] = &[$(($name, Operator::$variant)),*];
    };
}

operators! {
    Block "BLOCK"; Catch "CATCH"; EvalWhen "EVAL-WHEN"; Flet "FLET"; Function "FUNCTION"; Go "GO"; If "IF";
    Labels "LABELS"; Let "LET"; LetStar "LET*"; LoadTimeValue "LOAD-TIME-VALUE"; Locally "LOCALLY";
    Macrolet "MACROLET"; MultipleValueCall "MULTIPLE-VALUE-CALL"; MultipleValueProg1 "MULTIPLE-VALUE-PROG1";
    Progn "PROGN"; Progv "PROGV"; Quote "QUOTE"; ReturnFrom "RETURN-FROM"; Setq "SETQ";
    SymbolMacrolet "SYMBOL-MACROLET"; Tagbody "TAGBODY"; The "THE"; Throw "THROW"; UnwindProtect "UNWIND-PROTECT";
    And "AND"; Case "CASE"; Cond "COND"; Declaim "DECLAIM"; Defconstant "DEFCONSTANT"; Defmacro "DEFMACRO";
    Defpackage "DEFPACKAGE"; Defparameter "DEFPARAMETER"; Defun "DEFUN"; Defvar "DEFVAR"; Do "DO"; DoStar "DO*";
    Dolist "DOLIST"; Dotimes "DOTIMES"; InPackage "IN-PACKAGE"; Lambda "LAMBDA";
    MultipleValueBind "MULTIPLE-VALUE-BIND"; MultipleValueList "MULTIPLE-VALUE-LIST"; Or "OR"; Pop "POP";
    Prog1 "PROG1"; Prog2 "PROG2"; Psetq "PSETQ"; Push "PUSH"; Return "RETURN"; Setf "SETF"; Unless "UNLESS";
    When "WHEN"; Incf "INCF"; Decf "DECF"; Defglobal "DEFGLOBAL"; DefineRaw "%DEFINE-RAW";
}

/// The operators that are symbols of CLYSM; all others are symbols of COMMON-LISP.
const SYSTEM_OPERATORS: &[Operator] = &[Operator::Defglobal, Operator::DefineRaw];

macro_rules! symbols {
    ($($field:ident $name:literal;)*) => {
        /// Symbols of COMMON-LISP that the conversion compares with.
        #[derive(Clone, Copy, Debug)]
        #[expect(missing_docs, reason = "each field is the symbol of its name")]
        pub struct WellKnown { $(pub $field: Symbol,)* }

        impl WellKnown {
            fn new(symbols: &mut Symbols) -> Self {
                Self { $($field: external(symbols, $name),)* }
            }
        }
    };
}

symbols! {
    optional "&OPTIONAL"; rest "&REST"; body "&BODY"; key "&KEY"; allow_other_keys "&ALLOW-OTHER-KEYS"; aux "&AUX";
    whole "&WHOLE"; environment "&ENVIRONMENT";
    declare "DECLARE"; special "SPECIAL"; type_ "TYPE"; notinline "NOTINLINE"; inline "INLINE"; ignore "IGNORE";
    ignorable "IGNORABLE";
    fixnum "FIXNUM"; single_float "SINGLE-FLOAT"; double_float "DOUBLE-FLOAT"; integer "INTEGER"; bit "BIT"; mod_ "MOD";
    unsigned_byte "UNSIGNED-BYTE"; signed_byte "SIGNED-BYTE"; short_float "SHORT-FLOAT"; long_float "LONG-FLOAT";
    array "ARRAY"; simple_array "SIMPLE-ARRAY"; vector "VECTOR"; simple_vector "SIMPLE-VECTOR"; string "STRING";
    simple_string "SIMPLE-STRING"; base_string "BASE-STRING"; simple_base_string "SIMPLE-BASE-STRING";
    bit_vector "BIT-VECTOR"; simple_bit_vector "SIMPLE-BIT-VECTOR"; character "CHARACTER"; base_char "BASE-CHAR";
    export "EXPORT"; compile "COMPILE"; load "LOAD"; eval "EVAL"; otherwise "OTHERWISE"; setf "SETF"; lambda "LAMBDA"; the "THE";
    defsetf "DEFSETF"; define_setf_expander "DEFINE-SETF-EXPANDER"; define_compiler_macro "DEFINE-COMPILER-MACRO";
    define_symbol_macro "DEFINE-SYMBOL-MACRO"; funcall "FUNCALL"; apply "APPLY"; list "LIST"; cons "CONS"; car "CAR"; cdr "CDR"; plus "+";
    minus "-"; eq "EQ"; eql "EQL"; less "<"; greater_equal ">="; endp "ENDP"; values "VALUES"; null "NULL";
}

/// The symbol of COMMON-LISP, exported: the sources see it before they define what else the package exports.
fn external(symbols: &mut Symbols, name: &str) -> Symbol {
    let symbol = symbols.intern(PackageId::COMMON_LISP, name);
    // Nothing uses a symbol of that name yet, so that nothing conflicts.
    let _ = symbols.export(PackageId::COMMON_LISP, &[symbol]);
    symbol
}

/// Operators and well-known symbols, by symbol.
#[derive(Clone, Debug)]
pub struct Names {
    operators: NameMap<Symbol, Operator>,
    parameter_types: NameMap<Symbol, (&'static [ParameterType], ParameterType)>,
    /// The well-known symbols.
    pub known: WellKnown,
}

impl Names {
    /// Looks all names up.
    pub fn new(symbols: &mut Symbols) -> Self {
        let operators = OPERATORS
            .iter()
            .map(|(name, operator)| {
                let system = SYSTEM_OPERATORS.contains(operator);
                let symbol = if system { symbols.intern(PackageId::CLYSM, name) } else { external(symbols, name) };
                (symbol, *operator)
            })
            .collect();
        let parameter_types =
            PARAMETER_TYPES.iter().map(|(name, first, rest)| (external(symbols, name), (*first, *rest))).collect();
        Self { operators, parameter_types, known: WellKnown::new(symbols) }
    }

    /// The operator a symbol names.
    #[must_use]
    pub fn operator(&self, symbol: Symbol) -> Option<Operator> {
        self.operators.get(&symbol).copied()
    }

    /// What a standard function's first parameters take, and what all further ones.
    pub(crate) fn parameter_types(&self, symbol: Symbol) -> Option<(&'static [ParameterType], ParameterType)> {
        self.parameter_types.get(&symbol).copied()
    }
}
