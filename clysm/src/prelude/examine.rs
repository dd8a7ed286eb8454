//! What is looked at before a program runs: the names in its text, and the imports of its module.

use std::collections::HashSet;

use clysm_compiler::context::Context;
use clysm_dispatch::imports::NamedKind;
use clysm_prelude::{AnalysisError, AnalysisErrorKind, Listed, Preludes, Requirement};
use clysm_reader::{Datum, PackageId, ReadError, ReadErrorKind, Symbol};
use clysm_report::{Diagnostic, Span};
use wasmparser::{BinaryReaderError, Parser, Payload};

use super::GuardedError;
use crate::Error;

/// The symbols in a form, with their places.
pub(super) fn symbols_read(cx: &Context, form: Datum, place: Span) -> Vec<(Symbol, Span)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut pending = vec![(form, place)];
    while let Some((datum, place)) = pending.pop() {
        match datum {
            Datum::Symbol(symbol) => found.push((symbol, place)),
            // Texts may be circular.
            Datum::Cons(_) | Datum::Object(_) if !seen.insert(datum) => {}
            Datum::Cons(_) => {
                let own = cx.heap.span(datum).or(place);
                pending.extend([(cx.heap.cdr(datum), place), (cx.heap.car(datum), own)]);
            }
            Datum::Object(id) => {
                pending.extend(cx.heap.get(id).parts().iter().map(|part| (*part, place)));
            }
            Datum::Fixnum(_) | Datum::Char(_) | Datum::Single(_) | Datum::Double(_) => {}
        }
    }
    found
}

/// Whether a program may not name a symbol: it is at home in a package of a prelude, and not public, or within the system.
pub(super) fn is_forbidden(cx: &Context, preludes: &Preludes, symbol: Symbol) -> bool {
    if preludes.home(cx, symbol).is_some() {
        return !preludes.is_public(symbol);
    }
    let home = cx.symbols.package(symbol).filter(|home| SYSTEM.contains(home));
    home.is_some_and(|home| cx.symbols.find_external(home, cx.symbols.name(symbol)) != Some(symbol))
}

/// The error of the analysis that an error of reading is: a name that a package of a prelude does not export. What is hidden is not
/// suggested.
pub(super) fn unexported(cx: &Context, preludes: &Preludes, error: &ReadError) -> Option<AnalysisError> {
    let (ReadErrorKind::NotExternal { package, name } | ReadErrorKind::NoSuchExternal { package, name, .. }) =
        &error.kind
    else {
        return None;
    };
    let id = cx.symbols.find_package(package).filter(|package| preludes.packages().contains(package))?;
    let (package, name, similar) = (package.clone(), name.clone(), preludes.nearest(cx, id, name));
    let known = cx.symbols.find(id, &name).and_then(|(symbol, _)| preludes.definition(symbol));
    let kind = match known {
        Some(_) => AnalysisErrorKind::PrivateReference { name: format!("{package}::{name}"), package, similar },
        None => AnalysisErrorKind::MissingExport { name, package, similar },
    };
    Some(AnalysisError { kind, span: error.span, definition: known.unwrap_or_default() })
}

/// The packages of the system.
pub(super) const SYSTEM: [PackageId; 2] = [PackageId::COMMON_LISP, PackageId::CLYSM];

/// The imports of a module, as import module and name.
///
/// # Errors
/// The octets are no module.
pub(super) fn imports(wasm: &[u8]) -> Result<Vec<(String, String)>, BinaryReaderError> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::ImportSection(section) = payload? else { continue };
        for import in section.into_imports() {
            let import = import?;
            found.push((import.module.to_owned(), import.name.to_owned()));
        }
    }
    Ok(found)
}

/// Checks the imports of a program's module, which must be the image's or listed.
///
/// # Errors
/// One is neither, or the octets are no module.
pub(super) fn check_imports(wasm: &[u8], listed: &Listed) -> Result<(), GuardedError> {
    let imports = imports(wasm).map_err(|_| GuardedError::Run(Error::Protocol("a module that can't be read")))?;
    match imports.into_iter().find(|(module, name)| !is_permitted(module, name, listed)) {
        Some((module, name)) => Err(GuardedError::Import { module, name }),
        None => Ok(()),
    }
}

/// The most octets of code that one function of a program may have: code generation takes more than twice as long for twice as much, and no
/// limit on time reaches it.
const MAX_FUNCTION_OCTETS: usize = 32 << 10;

/// The most octets of code that a program may have.
const MAX_CODE_OCTETS: usize = 1 << 20;

/// Checks that no function of a module is too large to be compiled, nor all of them.
///
/// # Errors
/// One is, or the octets are no module.
pub(super) fn check_size(wasm: &[u8]) -> Result<(), GuardedError> {
    let mut total = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|_| GuardedError::Run(Error::Protocol("a module that can't be read")))?;
        if let Payload::CodeSectionEntry(body) = payload {
            let octets = body.range().len();
            total += octets;
            if octets > MAX_FUNCTION_OCTETS || total > MAX_CODE_OCTETS {
                let text = "the program has a function that is too large to be compiled, or too much code in all";
                return Err(GuardedError::Compile { diagnostics: vec![Diagnostic::error("too-much-code", text)] });
            }
        }
    }
    Ok(())
}

fn is_permitted(module: &str, name: &str, listed: &Listed) -> bool {
    match NamedKind::by_module(module) {
        Some(_) => required(module, name).is_some_and(|requirement| listed.has(&requirement)),
        None => module == clysm_compiler::module::IMAGE_MODULE,
    }
}

/// What an import requires, if it is one of tools.
pub(super) fn required(module: &str, name: &str) -> Option<Requirement> {
    match (NamedKind::by_module(module), module) {
        (Some(NamedKind::Tool), _) => Some(Requirement::Tool(name.to_owned())),
        (Some(NamedKind::Upstream), _) => name.parse().ok().map(Requirement::Upstream),
        (None, "clysm:call") => Some(Requirement::Call),
        (None, _) => None,
    }
}
