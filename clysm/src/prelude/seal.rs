//! Sealing: what a program can find of a prelude by name, once that is loaded.

use clysm_compiler::context::Context;
use clysm_prelude::{Definition, Export};
use clysm_reader::{Datum, PackageId};
use clysm_report::Span;

use super::attach::{Attached, Inner};
use crate::Error;
use crate::live::{Live, Place};

/// Seals the image: `%seal-preludes` in `lisp/runtime/locks.lisp` says what that is. The records go to the discovery forms.
pub(crate) fn seal<P: Place>(cx: &mut Context, live: &mut Live<'_, P>, attached: &Attached) -> Result<(), Error> {
    let inner = &*attached.inner;
    let packages = list(cx, inner.prelude.facts().packages.iter(), |cx, package| {
        let name = cx.symbols.package_name(*package).to_owned();
        cx.heap.string(name)
    });
    let exports = list(cx, inner.exports.iter(), |cx, export| {
        let symbol = symbol(inner, export);
        let kind = cx.symbols.intern(PackageId::KEYWORD, &export.kind.name().to_uppercase());
        cx.heap.list(&[symbol, kind.into()], Span::NONE)
    });
    let is_hidden = |definition: &&Definition| inner.preludes.export(definition.symbol).is_none();
    let hidden = list(cx, inner.prelude.facts().exports().filter(is_hidden), |_, hidden| hidden.symbol.into());
    live.call_system(cx, "%SEAL-PRELUDES", &[packages, exports, hidden])?;
    let records = cx.heap.string(super::records::text(&inner.exports, inner.prelude.facts()));
    live.call_system(cx, "%SET-EXPORT-RECORDS", &[records]).map(|_| ())
}

fn symbol(inner: &Inner, export: &Export) -> Datum {
    let definitions = &mut inner.prelude.facts().exports();
    let definition = definitions.find(|definition| definition.reference == export.reference);
    definition.map_or(Datum::NIL, |definition| definition.symbol.into())
}

fn list<T>(cx: &mut Context, items: impl Iterator<Item = T>, datum: impl Fn(&mut Context, T) -> Datum) -> Datum {
    let data: Vec<Datum> = items.map(|item| datum(cx, item)).collect();
    cx.heap.list(&data, Span::NONE)
}
