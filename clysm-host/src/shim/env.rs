//! `clysm:env`: command-line arguments and environment variables, those that were granted.

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{Caller, Linker};

use super::octets::{self, Octets};
use crate::capabilities::Environment;
use crate::state::State;

const MODULE: &str = "clysm:env";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "argument-count", |caller: Caller<'_, State>| {
            let count = environment(caller.data()).map_or(0, |environment| environment.arguments.len());
            i32::try_from(count).unwrap_or(i32::MAX)
        })?
        .func_wrap(MODULE, "argument", |mut caller: Caller<'_, State>, index: i32| {
            let argument = argument(caller.data(), index);
            octets::answer(&mut caller, argument)
        })?
        .func_wrap(MODULE, "variable", |mut caller: Caller<'_, State>, name: Octets, length: i32| {
            let value = octets::with_text(&mut caller, name, length, |state, name| variable(state, name));
            octets::answer(&mut caller, value)
        })?;
    Ok(())
}

const fn environment(state: &State) -> Option<&Environment> {
    state.grants.environment.as_ref()
}

fn argument(state: &State, index: i32) -> Result<Vec<u8>, ErrorCode> {
    let index = usize::try_from(index).map_err(|_| ErrorCode::InvalidArgument)?;
    let argument = environment(state).and_then(|environment| environment.arguments.get(index));
    argument.map(|argument| argument.clone().into_bytes()).ok_or(ErrorCode::InvalidArgument)
}

fn variable(state: &State, name: &str) -> Result<Vec<u8>, ErrorCode> {
    let value = environment(state).and_then(|environment| environment.variables.get(name));
    value.map(|value| value.clone().into_bytes()).ok_or(ErrorCode::NotFound)
}
