//! `clysm:code`: compiling into the running image, by a service that the embedder provides.

use std::sync::Arc;

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{AsContextMut, Caller, Linker};

use super::octets::{self, Octets};
use super::onward;
use crate::state::State;
use crate::{Guest, HostError};

const MODULE: &str = "clysm:code";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "compile", compile)?;
    Ok(())
}

fn compile(mut caller: Caller<'_, State>, request: Octets) -> wasmtime::Result<Octets> {
    let service = caller.data().grants.code.as_ref().map(Arc::clone);
    let Some(service) = service else { return octets::answer(&mut caller, Err(ErrorCode::NotPermitted)) };
    let answer: Result<Vec<u8>, HostError> = match octets::all(&mut caller, request) {
        Ok(request) => service(&mut Guest::new(caller.as_context_mut()), &request),
        Err(error) => return octets::answer(&mut caller, Err(error)),
    };
    match answer {
        Ok(octets) => octets::fresh(&mut caller, &octets),
        Err(error) => Err(onward(&mut caller, error)),
    }
}
