//! `clysm:random`: random bits.

use wasmtime::{Caller, Linker};

use crate::HostError;
use crate::capabilities::Random;
use crate::state::State;

const MODULE: &str = "clysm:random";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker.func_wrap(MODULE, "fill", |mut caller: Caller<'_, State>| -> wasmtime::Result<i64> {
        Ok(fill(caller.data_mut())?.cast_signed())
    })?;
    Ok(())
}

fn fill(state: &mut State) -> Result<u64, HostError> {
    match state.grants.random {
        Some(Random::System) => getrandom::u64()
            .map_err(|error| HostError::io("reading random bits", std::io::Error::other(error.to_string()))),
        Some(Random::Seeded(_)) => Ok(state.next_random()),
        None => Err(State::not_granted(MODULE, "fill")),
    }
}
