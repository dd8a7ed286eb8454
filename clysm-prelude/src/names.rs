//! Symbols in messages.

use clysm_reader::{PackageId, Symbol, Symbols};

/// The symbol with its package, whatever the current package is; those of COMMON-LISP without.
pub(crate) fn full_name(symbols: &Symbols, symbol: Symbol) -> String {
    if let Some(base) = symbols.setf_base(symbol) {
        return format!("(SETF {})", full_name(symbols, base));
    }
    let text = symbols.qualified_name(symbol);
    let name = symbols.name(symbol);
    let is_short = symbols.find(symbols.current, name).is_some_and(|(found, _)| found == symbol);
    match symbols.package(symbol).filter(|home| is_short && *home != PackageId::COMMON_LISP) {
        None => text,
        Some(home) => {
            let marker = if symbols.find_external(home, name) == Some(symbol) { ":" } else { "::" };
            format!("{}{marker}{text}", symbols.package_name(home))
        }
    }
}
