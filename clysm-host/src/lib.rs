//! Runs Clysm's WebAssembly GC modules: the only crate of Clysm that uses the Wasm engine.
//!
//! - [`Engine`] compiles modules, [`Session`] runs them: a heap of its own, exactly the [`Capabilities`] granted to it,
//!   within [`Limits`]. [`Guest`] is the same seen from within a host function.
//! - The imports are those of `clysm_dispatch::imports`; [`DescriptorTable`] holds the files a program opens.
//! - [`WasmModule`] is a module file, what it exports and imports, and how far it has come. [`CodeCache`] keeps the machine
//!   code of modules for other processes.
//! - Whatever goes wrong is a [`HostError`], with the [`Frame`]s where it arose. The session stays usable.
//!
//! The crate knows nothing of Lisp's syntax or of compiling; octets go in and come out.
//!
//! ```
//! use clysm_host::{Capabilities, Engine, EngineOptions, HostError, Limits, Output, OutputBuffer, Session};
//!
//! let engine = Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, ..EngineOptions::default() })?;
//! let module = engine.compile(&wat::parse_str(r#"(module
//!     (import "clysm:io" "write-char" (func $write-char (param i32 i32) (result i32)))
//!     (func (export "_start")
//!         (drop (call $write-char (i32.const 1) (i32.const 0x3bb)))
//!         (drop (i32.div_u (i32.const 1) (i32.const 0)))))"#)?)?;
//!
//! let output = OutputBuffer::default();
//! let capabilities = Capabilities::new().output(Output::Buffer(output.clone()));
//! let mut session = Session::new(&engine, capabilities, Limits::default())?;
//! let instance = session.load(&module)?;
//! let error = session.call_start(instance).unwrap_err();
//! assert!(matches!(error, HostError::Trap { .. }));
//! assert_eq!(output.take(), "λ".as_bytes());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod artifact;
mod capabilities;
mod channel;
mod code_cache;
pub mod compiler;
mod descriptors;
mod directories;
mod engine;
mod error;
mod frames;
mod guest;
mod limits;
mod module;
mod protected;
mod session;
mod shim;
mod state;
mod times;

pub use capabilities::{
    CallError, Capabilities, CodeService, HostFunction, Input, Output, OutputBuffer, Random, ToolCall, ToolService,
};
pub use clysm_dispatch::imports::NamedKind;
pub use code_cache::CodeCache;
pub use descriptors::{DescriptorError, DescriptorTable, Direction, FileDescriptor};
pub use directories::Access;
pub use engine::{BACKTRACE_FRAMES, CompiledModule, Engine, EngineOptions, ModuleId};
pub use error::{HostError, TrapKind};
pub use frames::{Frame, LispReport};
pub use guest::{Guest, Instance};
pub use limits::{InterruptHandle, Limits, on_big_stack};
pub use module::{ImportKind, ImportSpec, ModuleError, ModuleState, WasmModule};
pub use session::Session;
pub use times::EngineTimes;
