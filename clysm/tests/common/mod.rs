//! Engines for tests: they share the cache that `.cargo/config.toml` names, so that the
//! library is compiled once.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses what it needs")]

use clysm::{Engine, EngineBuilder, Output, OutputBuffer};

/// Settings of an engine whose standard output goes nowhere.
pub fn builder() -> EngineBuilder {
    Engine::builder().output(Output::Discard)
}

/// An engine.
pub fn engine() -> Engine {
    builder().build().unwrap()
}

/// An engine and what it writes to standard output.
pub fn engine_with_output() -> (Engine, OutputBuffer) {
    let output = OutputBuffer::default();
    (builder().output(Output::Buffer(output.clone())).build().unwrap(), output)
}

/// The text written since the last time.
pub fn written(output: &OutputBuffer) -> String {
    String::from_utf8(output.take()).unwrap()
}
