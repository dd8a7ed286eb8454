//! Stack frames of Wasm code, as data that callers map to source lines.

use serde::Serialize;
use wasmtime::{FrameInfo, WasmBacktrace};

use crate::engine::ModuleId;
use crate::state::State;

/// A frame of Wasm code that was active when something happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frame {
    /// The function's name from the module's name section.
    pub function: Option<String>,
    /// The module, none if it was not loaded through this crate's sessions.
    pub module: Option<ModuleId>,
    /// The index of the function in its module, imported functions counted.
    pub function_index: u32,
    /// The instruction's offset in octets from the start of the function's body.
    pub function_offset: Option<u32>,
    /// The instruction's offset in octets from the start of the module.
    pub module_offset: Option<u32>,
}

/// The report of an unhandled Lisp condition, as the image gave it to `clysm:sys report-error`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LispReport {
    /// The condition's report.
    pub text: String,
    /// The stack where it was signalled, innermost frame first.
    pub frames: Vec<Frame>,
}

/// The frames of a backtrace, innermost first.
pub(crate) fn frames(backtrace: &WasmBacktrace, state: &State) -> Vec<Frame> {
    backtrace.frames().iter().map(|info| frame(info, state)).collect()
}

fn frame(info: &FrameInfo, state: &State) -> Frame {
    Frame {
        function: info.func_name().map(str::to_owned),
        module: state.module_id(info.module()),
        function_index: info.func_index(),
        function_offset: info.func_offset().and_then(|offset| offset.try_into().ok()),
        module_offset: info.module_offset().and_then(|offset| offset.try_into().ok()),
    }
}
