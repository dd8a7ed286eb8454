//! Functions that change what a name or a package means, and which one a call changes as far as that can be seen.

use clysm_compiler::context::Context;
use clysm_reader::{Datum, PackageId, Symbol};

use crate::references::{Argument, Call};

/// What a call changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// What a symbol names.
    Name(Symbol),
    /// A package.
    Package(PackageId),
}

/// Functions of CLYSM that change what their first argument names.
const DEFINERS: &[&str] = &[
    "%DECLARE-GLOBAL",
    "%DECLARE-SPECIAL",
    "%DEFCONSTANT",
    "%DEFINE-CONDITION",
    "%DEFINE-STRUCTURE-CLASS",
    "%DEFINE-SYMBOL-MACRO",
    "%DEFMACRO",
    "%DEFUN",
    "%PROCLAIM-SPECIAL",
    "%REMOVE-INFO",
    "%SET-COMPILER-MACRO",
    "%SET-DOCUMENTATION",
    "%SET-FDEFINITION",
    "%SET-INFO",
    "%SET-MACRO-FUNCTION",
    "%SET-SETF-EXPANDER",
    "%SET-STRUCTURE-PRINTERS",
    "%SET-STRUCTURE-SLOTS",
    "%SET-TYPE-EXPANDER",
];

/// Functions of COMMON-LISP that do.
const STANDARD_DEFINERS: &[&str] = &["FMAKUNBOUND", "MAKUNBOUND", "REMPROP", "SET", "UNINTERN"];

/// Places of COMMON-LISP whose first subform names what `setf` changes.
const PLACES: &[&str] = &[
    "COMPILER-MACRO-FUNCTION",
    "DOCUMENTATION",
    "FDEFINITION",
    "FIND-CLASS",
    "GET",
    "MACRO-FUNCTION",
    "SYMBOL-FUNCTION",
    "SYMBOL-PLIST",
    "SYMBOL-VALUE",
];

/// Functions that change a package, or go there, and the argument that names it.
const PACKAGE_FUNCTIONS: &[(PackageId, &str, usize)] = &[
    (PackageId::CLYSM, "%DEFPACKAGE", 0),
    (PackageId::CLYSM, "%IN-PACKAGE", 0),
    (PackageId::COMMON_LISP, "DELETE-PACKAGE", 0),
    (PackageId::COMMON_LISP, "EXPORT", 1),
    (PackageId::COMMON_LISP, "IMPORT", 1),
    (PackageId::COMMON_LISP, "RENAME-PACKAGE", 0),
    (PackageId::COMMON_LISP, "SHADOW", 1),
    (PackageId::COMMON_LISP, "SHADOWING-IMPORT", 1),
    (PackageId::COMMON_LISP, "UNEXPORT", 1),
    (PackageId::COMMON_LISP, "UNINTERN", 1),
    (PackageId::COMMON_LISP, "UNUSE-PACKAGE", 1),
    (PackageId::COMMON_LISP, "USE-PACKAGE", 1),
];

/// What a call changes by constant names.
pub(crate) fn changed(cx: &Context, call: &Call) -> Vec<Target> {
    let symbols = &cx.symbols;
    let literal = |index: usize| match call.arguments.get(index) {
        Some(Argument::Literal(value)) => Some(*value),
        _ => None,
    };
    let one = |index| literal(index).and_then(|value| named(cx, value)).map(Target::Name).into_iter().collect();
    if let Some(base) = symbols.setf_base(call.function) {
        let is_place = symbols.package(base) == Some(PackageId::COMMON_LISP) && PLACES.contains(&symbols.name(base));
        // The new value comes first.
        return if is_place { one(1) } else { Vec::new() };
    }
    let Some(home) = symbols.package(call.function) else { return Vec::new() };
    let name = symbols.name(call.function);
    let of_package = |&&(package, function, _): &&(PackageId, &str, usize)| package == home && function == name;
    let package = PACKAGE_FUNCTIONS.iter().find(of_package).and_then(|(_, _, index)| package(cx, literal(*index)?));
    let mut targets: Vec<Target> = match home {
        PackageId::CLYSM if DEFINERS.contains(&name) => one(0),
        PackageId::COMMON_LISP if STANDARD_DEFINERS.contains(&name) => one(0),
        PackageId::COMMON_LISP if name == "PROCLAIM" => proclaimed(cx, literal(0)),
        _ => Vec::new(),
    };
    targets.extend(package.map(Target::Package));
    targets
}

/// The symbol that stands for a function name.
fn named(cx: &Context, name: Datum) -> Option<Symbol> {
    match (name, cx.heap.proper_list(name).as_deref()) {
        (Datum::Symbol(symbol), _) => Some(symbol),
        (_, Some([Datum::Symbol(_), Datum::Symbol(base)])) => Some(*base),
        _ => None,
    }
}

fn proclaimed(cx: &Context, specifier: Option<Datum>) -> Vec<Target> {
    let names = specifier.and_then(|specifier| cx.heap.proper_list(cx.heap.cdr(specifier))).unwrap_or_default();
    names.into_iter().filter_map(|name| named(cx, name)).map(Target::Name).collect()
}

fn package(cx: &Context, designator: Datum) -> Option<PackageId> {
    let name = match designator {
        Datum::Symbol(symbol) => cx.symbols.name(symbol).to_owned(),
        Datum::Char(character) => character.to_string(),
        other => cx.heap.text(other)?.to_owned(),
    };
    cx.symbols.find_package(&name)
}
