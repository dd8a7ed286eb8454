//! The printer for data: text that reads back as the same data (CLHS 22.1.3, with `*print-readably*` in mind).

use crate::symbol::{Status, Symbol, Symbols};
use crate::syntax::{self, Class};

/// Appends a symbol as a program in the current package names it.
pub(crate) fn write_symbol(out: &mut String, symbols: &Symbols, symbol: Symbol) {
    let name = symbols.name(symbol);
    match symbols.package(symbol) {
        None => out.push_str("#:"),
        Some(_) if symbols.is_keyword(symbol) => out.push(':'),
        Some(_) if symbols.find(symbols.current, name).is_some_and(|(found, _)| found == symbol) => {}
        Some(home) => {
            write_token(out, symbols.package_name(home));
            let external = matches!(symbols.find(home, name), Some((found, Status::External)) if found == symbol);
            out.push_str(if external { ":" } else { "::" });
        }
    }
    write_token(out, name);
}

/// Appends the name of a symbol or package, between bars where reading would change it.
fn write_token(out: &mut String, name: &str) {
    if !needs_bars(name) {
        out.push_str(name);
        return;
    }
    out.push('|');
    for character in name.chars() {
        if matches!(character, '|' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('|');
}

fn needs_bars(name: &str) -> bool {
    let plain = |character: char| match u8::try_from(character) {
        Ok(octet) if octet < 128 => syntax::class(octet) == Class::Constituent,
        _ => syntax::upcase(character) == character && !character.is_whitespace(),
    };
    name.starts_with('#')
        || name.bytes().all(|octet| octet == b'.')
        || !name.chars().all(plain)
        || syntax::potential_number(name, 10)
}
