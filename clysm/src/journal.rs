//! The image's journal of changes to packages, which precedes its messages; its format is in `lisp/runtime/packages.lisp`.

use clysm_reader::codec::Decoder;
use clysm_reader::{Datum, Heap, PackageChange, PackageId, Symbol, Symbols};

use crate::Error;

const MALFORMED: Error = Error::Protocol("a malformed entry in its journal");

/// Makes the change of an entry; false if the datum is none: entries begin with a keyword.
pub fn follow(decoder: &mut Decoder<'_>, datum: Datum) -> Result<bool, Error> {
    let Some((Datum::Symbol(kind), _)) = decoder.heap().uncons(datum) else { return Ok(false) };
    if !decoder.symbols().is_keyword(kind) {
        return Ok(false);
    }
    let kind = decoder.symbols().name(kind).to_owned();
    let entry = decoder.heap().proper_list(datum).ok_or(MALFORMED)?;
    let [_, package, rest @ ..] = entry.as_slice() else { return Err(MALFORMED) };
    let package = decoder.heap().text(*package).ok_or(MALFORMED)?.to_owned();
    let first = rest.first().copied().unwrap_or(Datum::NIL);
    let names = |heap: &Heap, list: Datum| -> Option<Vec<String>> {
        heap.proper_list(list)?.into_iter().map(|name| heap.text(name).map(str::to_owned)).collect()
    };
    let change = match kind.as_str() {
        "MAKE-PACKAGE" => PackageChange::Made(names(decoder.heap(), first).ok_or(MALFORMED)?),
        "RENAME-PACKAGE" => {
            let name = decoder.heap().text(first).ok_or(MALFORMED)?.to_owned();
            let nicknames = rest.get(1).copied().unwrap_or(Datum::NIL);
            PackageChange::Renamed(name, names(decoder.heap(), nicknames).ok_or(MALFORMED)?)
        }
        "DELETE-PACKAGE" => PackageChange::Deleted,
        "USE" => PackageChange::Uses(names(decoder.heap(), first).ok_or(MALFORMED)?),
        "UNUSE" => PackageChange::Unuses(names(decoder.heap(), first).ok_or(MALFORMED)?),
        _ => {
            let symbols = symbols(decoder, &package, first)?;
            match kind.as_str() {
                "INTERN" => return Ok(true),
                "IMPORT" => PackageChange::Imported(symbols),
                "EXPORT" => PackageChange::Exported(symbols),
                "UNEXPORT" => PackageChange::Unexported(symbols),
                "SHADOW" => PackageChange::Shadowing(symbols),
                "UNINTERN" => PackageChange::Uninterned(symbols),
                _ => return Err(MALFORMED),
            }
        }
    };
    decoder.symbols().follow(&package, &change)?;
    Ok(true)
}

/// The symbols of an entry: symbols that both sides know, and conses of the home package's name and their own.
fn symbols(decoder: &mut Decoder<'_>, package: &str, list: Datum) -> Result<Vec<Symbol>, Error> {
    let elements = decoder.heap().proper_list(list).ok_or(MALFORMED)?;
    let mut symbols = Vec::with_capacity(elements.len());
    for element in elements {
        if let Datum::Symbol(symbol) = element {
            symbols.push(symbol);
            continue;
        }
        let (home, name) = decoder.heap().uncons(element).ok_or(MALFORMED)?;
        let text = |datum: Datum| decoder.heap().text(datum).map(str::to_owned).ok_or(MALFORMED);
        let (home, name) = (text(home)?, text(name)?);
        // Without a home any more: what was uninterned from this package.
        let home = if home.is_empty() { package } else { &home };
        let home = find_package(decoder.symbols(), home)?;
        symbols.push(decoder.symbols().present(home, &name));
    }
    Ok(symbols)
}

fn find_package(symbols: &Symbols, name: &str) -> Result<PackageId, Error> {
    symbols.find_package(name).ok_or(Error::Protocol("a symbol of a package that it never made"))
}
