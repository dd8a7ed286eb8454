//! What there is to find out of a prelude's forms, wherever they were converted.

use std::collections::BTreeSet;

use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_compiler::error::CompileError;
use clysm_compiler::toplevel::compile_toplevel;
use clysm_prelude::references::{Argument, References};
use clysm_prelude::{DefinedPackage, DefinitionKind, Exports, Fault, Metadata, PreludeFacts, PreludeSource};
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::{Diagnostic, SourceMap, Span};

use super::examine::SYSTEM;
use crate::program::WholeProgram;

/// The facts of a prelude and its metadata. It may define none of the `reserved` packages.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn find(
    cx: &Context,
    forms: &[TopForm],
    reserved: &BTreeSet<PackageId>,
    sources: &SourceMap,
) -> Result<(PreludeFacts, Metadata), Vec<Diagnostic>> {
    let packages = defined_packages(cx, forms);
    let source = PreludeSource {
        cx,
        forms,
        packages: &packages,
        reserved,
        others: &Exports::new(),
        sources,
        documentation: &|_, _| None,
    };
    let facts = PreludeFacts::new(&source).map_err(|faults| diagnostics(&faults))?;
    let metadata = Metadata::parse(cx, &cx.export_declarations, &facts);
    Ok((facts, metadata.map_err(|faults| diagnostics(&faults))?))
}

fn diagnostics(faults: &[Fault]) -> Vec<Diagnostic> {
    faults.iter().map(Fault::diagnostic).collect()
}

/// Whether a form makes a package: `defpackage` does nothing but call the library with strings.
pub(super) fn defines_package(cx: &Context, form: &TopForm) -> bool {
    matches!(form.kind, FormKind::Expression(_))
        && matches!(form.calls.as_slice(), [call] if cx.symbols.name(call.function) == "%DEFPACKAGE")
}

/// The symbols that a `defpackage` imports by name from packages that are not the system's.
pub(super) fn imported_symbols(cx: &Context, form: &TopForm) -> Vec<Symbol> {
    let references = References::of(cx, form);
    let arguments = references.calls.first().map(|call| call.arguments.as_slice()).unwrap_or_default();
    // Name, nicknames, use, shadow, shadowing imports, imports, …: an import is a list of a package's name and symbols' names.
    let lists = arguments.iter().skip(4).take(2).filter_map(|argument| match argument {
        Argument::Literal(list) => cx.heap.proper_list(*list),
        _ => None,
    });
    let imports = lists.flatten().filter_map(|import| cx.heap.proper_list(import));
    let symbols = imports.flat_map(|import| {
        let mut names = import.into_iter().map(|name| cx.heap.text(name));
        let package = names.next().flatten().and_then(|name| cx.symbols.find_package(name));
        let package = package.filter(|package| !SYSTEM.contains(package));
        names.filter_map(move |name| Some(cx.symbols.find(package?, name?)?.0)).collect::<Vec<_>>()
    });
    symbols.collect()
}

/// The packages that forms make, with their places.
fn defined_packages(cx: &Context, forms: &[TopForm]) -> Vec<DefinedPackage> {
    let packages = forms.iter().filter(|form| defines_package(cx, form)).filter_map(|form| {
        let references = References::of(cx, form);
        let Argument::Literal(name) = *references.calls.first()?.arguments.first()? else { return None };
        let package = cx.symbols.find_package(cx.heap.text(name)?)?;
        Some(DefinedPackage { package, span: form.span })
    });
    packages.collect()
}

/// Whether a warning is about something that nothing defines. Of a prelude, the facts tell that as an error: a program could do
/// nothing about it.
pub(super) fn is_undefined(diagnostic: &Diagnostic) -> bool {
    matches!(diagnostic.code.as_ref(), "undefined-function" | "undefined-variable")
}

/// Converts forms that make exported constants functions of no arguments: a call of a constant yields its value.
///
/// # Errors
/// One does not compile.
pub(super) fn add_constant_functions(
    cx: &mut Context,
    host: &mut WholeProgram<'_>,
    facts: &PreludeFacts,
) -> Result<(), CompileError> {
    let constants = facts.exports().filter(|definition| definition.kind == DefinitionKind::Constant);
    for name in constants.map(|definition| definition.symbol) {
        let form = constant_function(cx, name);
        compile_toplevel(cx, host, form)?;
    }
    Ok(())
}

/// `(defun name () name)`.
fn constant_function(cx: &mut Context, name: Symbol) -> Datum {
    let defun = cx.standard("DEFUN");
    cx.heap.list(&[defun.into(), name.into(), Datum::NIL, name.into()], Span::NONE)
}
