//! `clysm:sys`: the end of the program, unhandled conditions, the garbage collector.

use wasmtime::{Caller, Linker, WasmBacktrace};

use super::octets::{self, Octets};
use super::or_code;
use crate::HostError;
use crate::frames::{LispReport, frames};
use crate::state::State;

const MODULE: &str = "clysm:sys";

pub(super) fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    linker
        .func_wrap(MODULE, "exit", |_: Caller<'_, State>, code: i32| -> wasmtime::Result<i32> {
            Err(HostError::Exit(code).into())
        })?
        .func_wrap(MODULE, "report-error", |mut caller: Caller<'_, State>, text: Octets, length: i32| {
            let frames = frames(&WasmBacktrace::force_capture(&caller), caller.data());
            or_code(octets::with_text(&mut caller, text, length, |state, text| {
                state.report = Some(LispReport { text: text.to_owned(), frames });
                Ok(0)
            }))
        })?
        .func_wrap(MODULE, "collect", |mut caller: Caller<'_, State>| -> wasmtime::Result<i32> {
            caller.gc(None)?;
            Ok(0)
        })?;
    Ok(())
}
