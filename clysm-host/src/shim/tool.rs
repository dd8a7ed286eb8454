//! `clysm:tool`, `clysm:upstream` and `clysm:call`: tools, by names that modules import and by computed ones.

use std::sync::Arc;

use clysm_dispatch::imports::NamedKind;
use wasmtime::{AsContextMut, Caller, Func, Linker};

use super::host::failed;
use super::octets::{self, Octets};
use super::onward;
use crate::capabilities::{CallError, ToolCall};
use crate::state::State;
use crate::{Guest, HostError};

const MODULE: &str = "clysm:call";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "tool", |caller: Caller<'_, State>, name: Octets, arguments: Octets| {
            call_computed(caller, NamedKind::Tool, name, arguments)
        })?
        .func_wrap(MODULE, "upstream", |caller: Caller<'_, State>, name: Octets, arguments: Octets| {
            call_computed(caller, NamedKind::Upstream, name, arguments)
        })?;
    Ok(())
}

/// The function behind a named import.
pub(crate) fn named(store: impl AsContextMut<Data = State>, kind: NamedKind, name: &str) -> Func {
    let name = name.to_owned();
    Func::wrap(store, move |caller: Caller<'_, State>, arguments: Octets| call(caller, kind, &name, false, arguments))
}

fn call_computed(
    mut caller: Caller<'_, State>,
    kind: NamedKind,
    name: Octets,
    arguments: Octets,
) -> wasmtime::Result<Octets> {
    let name = octets::all(&mut caller, name).ok().and_then(|octets| String::from_utf8(octets).ok());
    match name {
        Some(name) => call(caller, kind, &name, true, arguments),
        None => failed(&mut caller, "the name of the tool is no text".to_owned()),
    }
}

fn call(
    mut caller: Caller<'_, State>,
    kind: NamedKind,
    name: &str,
    computed: bool,
    arguments: Octets,
) -> wasmtime::Result<Octets> {
    let service = caller.data().grants.tools.as_ref().map(Arc::clone);
    let service = service.ok_or_else(|| State::not_granted(kind.module(), name))?;
    let answer = octets::with_all(&mut caller, arguments, |caller, arguments| {
        let call = ToolCall { kind, name, computed, arguments };
        service(&mut Guest::new(caller.as_context_mut()), call)
    });
    let answer = answer.unwrap_or_else(|_| Err(CallError::Failed("the arguments are no vector of octets".to_owned())));
    answered(&mut caller, answer)
}

fn answered(caller: &mut Caller<'_, State>, answer: Result<Vec<u8>, CallError>) -> wasmtime::Result<Octets> {
    match answer {
        Ok(octets) => octets::fresh(caller, &octets),
        Err(CallError::Failed(text)) => failed(caller, text),
        Err(CallError::Fatal(error)) => Err(onward(caller, error)),
    }
}

/// A named import of a type other than its functions have.
pub(crate) fn wrong_type(kind: NamedKind, name: &str) -> HostError {
    HostError::ExportType { name: format!("{} {name}", kind.module()), expected: "imported as a function of octets" }
}
