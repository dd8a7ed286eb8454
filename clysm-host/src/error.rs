//! What can go wrong while modules are loaded and run, as data.

use std::time::Duration;

use thiserror::Error;
use wasmtime::{GcHeapOutOfMemory, Trap, WasmBacktrace};

use crate::frames::{Frame, LispReport, frames};
use crate::module::ModuleError;
use crate::state::State;

/// An error of the host. After any of them the session stays usable.
#[derive(Debug, Error)]
pub enum HostError {
    /// A Wasm trap other than those with variants of their own.
    #[error("wasm trap: {message}")]
    Trap {
        /// Which one.
        kind: TrapKind,
        /// The engine's words for it.
        message: String,
        /// Where, innermost frame first.
        frames: Vec<Frame>,
    },
    /// The calls are nested too deeply.
    #[error("control stack exhausted")]
    StackExhausted {
        /// Where, innermost frame first.
        frames: Vec<Frame>,
    },
    /// The heap is full, or as large as it may become.
    #[error("heap exhausted")]
    HeapExhausted {
        /// Where, innermost frame first.
        frames: Vec<Frame>,
    },
    /// The time is over.
    #[error("the time limit of {limit:?} is over")]
    Timeout {
        /// The limit.
        limit: Duration,
        /// Where, innermost frame first.
        frames: Vec<Frame>,
    },
    /// Somebody asked for an end, see [`InterruptHandle`](crate::InterruptHandle).
    #[error("interrupted")]
    Interrupted {
        /// Where, innermost frame first.
        frames: Vec<Frame>,
    },
    /// The fuel is used up.
    #[error("out of fuel")]
    OutOfFuel {
        /// Where, innermost frame first.
        frames: Vec<Frame>,
    },
    /// The program asked to end with this code.
    #[error("the program ended with code {0}")]
    Exit(i32),
    /// A Lisp condition that nothing handled.
    #[error("unhandled condition: {}", .0.text)]
    Lisp(LispReport),
    /// A Wasm exception that nothing caught and that no condition was reported for.
    #[error("uncaught throw")]
    UncaughtThrow {
        /// Where it was thrown, innermost frame first, as far as it is known.
        frames: Vec<Frame>,
    },
    /// The module imports what the host does not have.
    #[error("the module imports {module} {name}, which the host does not provide")]
    MissingImport {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
    },
    /// The module imports, or calls, what was not granted to the session.
    #[error("{module} {name} is not granted")]
    NotGranted {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
    },
    /// The module is not one that can be compiled or run.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// An instance has no such export.
    #[error("no export {name}")]
    NoExport {
        /// Its name.
        name: String,
    },
    /// An export has another type than the call needs.
    #[error("the export {name} is not {expected}")]
    ExportType {
        /// Its name.
        name: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The limits of a session don't fit its engine.
    #[error("{0}")]
    Limits(String),
    /// Reading or writing outside of Wasm failed.
    #[error("{action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The engine refused for a reason of its own.
    #[error("wasm engine: {0}")]
    Engine(String),
}

impl HostError {
    /// Whether the program was ended in the middle of what it did: by a trap, or because it reached a limit.
    #[must_use]
    pub const fn is_cut_short(&self) -> bool {
        matches!(
            self,
            Self::Trap { .. }
                | Self::StackExhausted { .. }
                | Self::HeapExhausted { .. }
                | Self::Timeout { .. }
                | Self::Interrupted { .. }
                | Self::OutOfFuel { .. }
                | Self::UncaughtThrow { .. }
        )
    }
    pub(crate) fn io(action: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { action: action.into(), source }
    }

    /// The error behind one of the engine's, with the frames it carries.
    pub(crate) fn from_engine(error: wasmtime::Error, state: &mut State) -> Self {
        let trace = error.downcast_ref::<WasmBacktrace>().map(|trace| frames(trace, state)).unwrap_or_default();
        if let Some(trap) = error.downcast_ref::<Trap>() {
            return Self::from_trap(*trap, trace);
        }
        if error.is::<wasmtime::ThrownException>() {
            return state.report.take().map_or(Self::UncaughtThrow { frames: trace }, Self::Lisp);
        }
        if error.is::<GcHeapOutOfMemory<()>>() {
            return Self::HeapExhausted { frames: trace };
        }
        match error.downcast::<Self>() {
            Ok(own) => own.with_frames(trace),
            Err(error) => Self::Engine(format!("{error:#}")),
        }
    }

    fn from_trap(trap: Trap, frames: Vec<Frame>) -> Self {
        match trap {
            Trap::StackOverflow => Self::StackExhausted { frames },
            Trap::AllocationTooLarge => Self::HeapExhausted { frames },
            Trap::Interrupt => Self::Interrupted { frames },
            Trap::OutOfFuel => Self::OutOfFuel { frames },
            _ => Self::Trap {
                kind: TrapKind::of(trap),
                message: trap.to_string().replace("wasm trap: ", "").replace("wasm `", "`"),
                frames,
            },
        }
    }

    /// The stable name of this kind of error, for tools.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Trap { .. } => "trap",
            Self::StackExhausted { .. } => "stack-exhausted",
            Self::HeapExhausted { .. } => "heap-exhausted",
            Self::Timeout { .. } => "timeout",
            Self::Interrupted { .. } => "interrupted",
            Self::OutOfFuel { .. } => "out-of-fuel",
            Self::Exit(_) => "program-ended",
            Self::Lisp(_) => "unhandled-condition",
            Self::UncaughtThrow { .. } => "uncaught-throw",
            Self::MissingImport { .. } => "missing-import",
            Self::NotGranted { .. } => "not-granted",
            Self::Module(ModuleError::NotFound { .. }) => "missing-file",
            Self::Module(_) => "invalid-module",
            Self::NoExport { .. } => "missing-export",
            Self::ExportType { .. } => "wrong-export",
            Self::Limits(_) => "invalid-limits",
            Self::Io { .. } => "input-output",
            Self::Engine(_) => "engine",
        }
    }

    /// The Wasm frames where the error arose, innermost first; empty for errors outside of Wasm code.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        match self {
            Self::Trap { frames, .. }
            | Self::StackExhausted { frames }
            | Self::HeapExhausted { frames }
            | Self::Timeout { frames, .. }
            | Self::Interrupted { frames }
            | Self::OutOfFuel { frames }
            | Self::UncaughtThrow { frames } => frames,
            Self::Lisp(report) => &report.frames,
            _ => &[],
        }
    }

    /// An error of a host function gets the frames of the code that called it, unless it has some from further in.
    fn with_frames(mut self, trace: Vec<Frame>) -> Self {
        if let Self::Timeout { frames, .. } | Self::Interrupted { frames } | Self::HeapExhausted { frames } = &mut self
            && frames.is_empty()
        {
            *frames = trace;
        }
        self
    }
}

/// The kind of a [`HostError::Trap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrapKind {
    /// `unreachable` was executed.
    Unreachable,
    /// A null reference was used.
    NullReference,
    /// A reference was cast to a type it is not of.
    CastFailure,
    /// An array index out of bounds.
    ArrayOutOfBounds,
    /// A table index out of bounds.
    TableOutOfBounds,
    /// An empty table element was called.
    IndirectCallToNull,
    /// An indirect call with another function type.
    BadSignature,
    /// A memory address out of bounds.
    MemoryOutOfBounds,
    /// An integer division overflowed.
    IntegerOverflow,
    /// An integer was divided by zero.
    DivisionByZero,
    /// A float has no integer counterpart.
    BadConversion,
    /// Any other.
    Other,
}

impl TrapKind {
    const fn of(trap: Trap) -> Self {
        match trap {
            Trap::UnreachableCodeReached => Self::Unreachable,
            Trap::NullReference => Self::NullReference,
            Trap::CastFailure => Self::CastFailure,
            Trap::ArrayOutOfBounds => Self::ArrayOutOfBounds,
            Trap::TableOutOfBounds => Self::TableOutOfBounds,
            Trap::IndirectCallToNull => Self::IndirectCallToNull,
            Trap::BadSignature => Self::BadSignature,
            Trap::MemoryOutOfBounds => Self::MemoryOutOfBounds,
            Trap::IntegerOverflow => Self::IntegerOverflow,
            Trap::IntegerDivisionByZero => Self::DivisionByZero,
            Trap::BadConversionToInteger => Self::BadConversion,
            _ => Self::Other,
        }
    }
}
