//! `clysm:host`: functions that the embedder registered.

use std::sync::Arc;

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{AsContextMut, Caller, Linker};

use super::octets::{self, Octets};
use super::onward;
use crate::Guest;
use crate::capabilities::{CallError, HostFunction};
use crate::state::State;

const MODULE: &str = "clysm:host";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "call", call)?.func_wrap(MODULE, "error", |mut caller: Caller<'_, State>| {
        let text = caller.data().host_error.clone();
        octets::fresh(&mut caller, text.as_bytes())
    })?;
    Ok(())
}

fn call(mut caller: Caller<'_, State>, index: i32, arguments: Octets) -> wasmtime::Result<Octets> {
    let Some(function) = function(caller.data(), index)? else {
        return failed(&mut caller, format!("there is no host function {index}"));
    };
    let answer = match octets::all(&mut caller, arguments) {
        Ok(arguments) => function(&mut Guest::new(caller.as_context_mut()), &arguments),
        Err(_) => Err(CallError::Failed("the arguments are no vector of octets".to_owned())),
    };
    match answer {
        Ok(octets) => octets::fresh(&mut caller, &octets),
        Err(CallError::Failed(text)) => failed(&mut caller, text),
        Err(CallError::Fatal(error)) => Err(onward(&mut caller, error)),
    }
}

fn function(state: &State, index: i32) -> Result<Option<HostFunction>, crate::HostError> {
    let functions = state.grants.host.as_ref().ok_or_else(|| State::not_granted(MODULE, "call"))?;
    Ok(usize::try_from(index).ok().and_then(|index| functions.get(index)).map(Arc::clone))
}

/// Null, the text being noted for `error`.
pub(super) fn failed(caller: &mut Caller<'_, State>, text: String) -> wasmtime::Result<Octets> {
    caller.data_mut().host_error = text;
    octets::answer(caller, Err(ErrorCode::InvalidArgument))
}
