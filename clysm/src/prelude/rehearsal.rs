//! Rehearsals: what a prelude does when it is loaded is done once when it is compiled, so that a constant that can't be computed is an
//! error of the prelude, and not of the first program.
//!
//! Machine code is what takes time here. So a rehearsal has the forms that are evaluated, and of the definitions only those that these
//! refer to, directly or not. What finds functions by computed names finds less than it should, and may fail for that: so only
//! the failure of a rehearsal with all forms counts.

use std::collections::{BTreeSet, HashMap, HashSet};

use clysm_ast::{Callee, NodeKind};
use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_compiler::module::{Module, defined_function};
use clysm_host::Session;
use clysm_prelude::references::References;
use clysm_reader::Symbol;
use clysm_report::Span;

use crate::Error;
use crate::image::{Known, Machine, Mode};
use crate::live::Live;

/// Loads the forms of a prelude into a fresh image, those of each part together.
pub(super) fn load(
    cx: &mut Context,
    (machine, known): (&Machine, &Known),
    session: &mut Session,
    parts: &[Vec<&TopForm>],
) -> Result<(), Error> {
    let image = machine.begin(cx, known.clone(), session, Mode::Program)?;
    let mut live = Live { place: session, image: &image };
    for forms in parts.iter().filter(|forms| !forms.is_empty()) {
        let module = linked(cx, &live, forms)?;
        live.load(cx, &module).map_err(|error| crate::engine::located(&image, error, Span::NONE))?;
    }
    Ok(())
}

/// The module of forms whose functions call each other directly.
pub(super) fn linked(cx: &Context, live: &Live<'_, Session>, forms: &[&TopForm]) -> Result<Module, Error> {
    let defined: HashSet<Symbol> = forms.iter().filter_map(|form| defined_function(form.kind)).collect();
    live.linked_module(cx, forms.iter().copied(), &defined)
}

/// The forms that are evaluated when a prelude is loaded, and the definitions that these refer to.
pub(super) fn evaluated<'f>(cx: &Context, forms: &[&'f TopForm]) -> Vec<&'f TopForm> {
    let mut definitions: HashMap<Symbol, Vec<usize>> = HashMap::new();
    let (mut taken, mut pending) = (BTreeSet::new(), Vec::new());
    for (number, form) in forms.iter().enumerate() {
        match form.kind {
            FormKind::Function(name, _) | FormKind::Raw(name, _) | FormKind::Macro(name) => {
                definitions.entry(name).or_default().push(number);
            }
            FormKind::Expression(_) if only_documents(cx, form) => {}
            FormKind::Expression(_) => pending.push(number),
        }
    }
    while let Some(number) = pending.pop() {
        let Some(form) = forms.get(number) else { continue };
        if taken.insert(number) {
            let references = References::of(cx, form);
            let found = references.symbols().filter_map(|(symbol, _)| definitions.get(&symbol)).flatten();
            pending.extend(found.copied().filter(|number| !taken.contains(number)));
        }
    }
    taken.into_iter().filter_map(|number| forms.get(number).copied()).collect()
}

/// Whether a form does nothing, or records documentation, which can't fail.
fn only_documents(cx: &Context, form: &TopForm) -> bool {
    let [toplevel] = form.ast.functions.as_slice() else { return false };
    let mut pending = vec![&toplevel.body];
    while let Some(node) = pending.pop() {
        match &node.kind {
            NodeKind::Literal(_) => {}
            NodeKind::Progn(nodes) => pending.extend(nodes),
            NodeKind::Call(Callee::Global(name), arguments)
                if cx.is_system(*name) && cx.symbols.name(*name) == "%SET-DOCUMENTATION" =>
            {
                pending.extend(arguments);
            }
            _ => return false,
        }
    }
    true
}
