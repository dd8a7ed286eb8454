//! Sealing: what a program can find of a prelude by name, once that is loaded.

use clysm_compiler::context::Context;
use clysm_prelude::{Definition, DefinitionKind, Listed, PreludeFacts, Preludes};
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::Span;

use super::attach::Attached;
use crate::Error;
use crate::live::{Live, Place};

/// Seals the image of a run: `lisp/runtime/sealing.lisp` says what that is. The records go to the discovery forms.
pub(crate) fn seal<P: Place>(cx: &mut Context, live: &mut Live<'_, P>, attached: &Attached) -> Result<(), Error> {
    let inner = &*attached.inner;
    let facts = inner.prelude.facts();
    let arguments = arguments(cx, facts, &inner.preludes);
    live.call_system(cx, "%SEAL-PRELUDES", &arguments)?;
    let records = cx.heap.string(inner.records());
    live.call_system(cx, "%SET-EXPORT-RECORDS", &[records]).map(|_| ())
}

/// The arguments of `%seal-preludes`: the packages, the exports with their kinds, and the symbols that policy hides.
/// Private functions that the prelude only calls directly come last: their symbols lose them.
pub(super) fn arguments(cx: &mut Context, facts: &PreludeFacts, preludes: &Preludes) -> [Datum; 4] {
    let packages = list(cx, facts.packages.iter(), |cx, package| {
        let name = cx.symbols.package_name(*package).to_owned();
        cx.heap.string(name)
    });
    let public = facts.exports().map(|definition| definition.symbol);
    let public = public.chain(facts.conditions.iter().map(|condition| condition.symbol));
    let hidden = list(cx, public.filter(|symbol| !preludes.is_public(*symbol)), |_, hidden| hidden.into());
    let recorded =
        facts.exports().filter_map(|definition| Some((definition.symbol, preludes.export(definition.symbol)?)));
    let exports = list(cx, recorded, |cx, (symbol, export)| {
        let kind = cx.symbols.intern(PackageId::KEYWORD, &export.kind.name().to_uppercase());
        cx.heap.list(&[symbol.into(), kind.into()], Span::NONE)
    });
    let is_internal = |definition: &&Definition| {
        definition.kind == DefinitionKind::Function && !definition.is_public && definition.is_only_called
    };
    let internal = list(cx, facts.definitions.iter().filter(is_internal), |_, internal| internal.symbol.into());
    [packages, exports, hidden, internal]
}

/// The argument of `%open-gates`: the exports that need no more than is listed, all when nothing is. A program may find these by
/// their names.
pub(super) fn callable(cx: &mut Context, preludes: &Preludes, listed: Option<&Listed>) -> Datum {
    let is_covered =
        |id: &String| listed.is_none_or(|listed| id.parse().is_ok_and(|requirement| listed.has(&requirement)));
    let covered = preludes.exports().iter().filter(|(_, export)| export.requires.iter().all(is_covered));
    let mut callable: Vec<Symbol> = covered.map(|(symbol, _)| *symbol).collect();
    callable.sort_unstable();
    list(cx, callable.into_iter(), |_, symbol| symbol.into())
}

fn list<T>(cx: &mut Context, items: impl Iterator<Item = T>, datum: impl Fn(&mut Context, T) -> Datum) -> Datum {
    let data: Vec<Datum> = items.map(|item| datum(cx, item)).collect();
    cx.heap.list(&data, Span::NONE)
}
