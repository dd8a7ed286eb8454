//! Modules in text form with the types that all of Clysm's modules have.

use clysm_gc_types::{GcType, encode_core_types};
use clysm_host::{Capabilities, CompiledModule, Engine, EngineOptions, Limits, Session};
use wasm_encoder::{Module, TypeSection};

/// An engine whose sessions begin with a small heap.
pub fn engine() -> Engine {
    engine_for(&Limits::default())
}

/// An engine for these limits whose sessions begin with a small heap.
pub fn engine_for(limits: &Limits) -> Engine {
    Engine::new(EngineOptions {
        initial_heap_bytes: 1 << 20,
        stack_bytes: 1 << 20,
        ..EngineOptions::for_limits(limits)
    })
    .unwrap()
}

pub fn session(engine: &Engine, capabilities: Capabilities) -> Session {
    Session::new(engine, capabilities, Limits::default()).unwrap()
}

/// A module of the core types and a body in text form, in which `$u8`, `$vector` and `$cons` stand for types.
pub fn compile(engine: &Engine, body: &str) -> CompiledModule {
    let mut types = TypeSection::new();
    encode_core_types(&mut types);
    let mut module = Module::new();
    module.section(&types);
    let printed = wasmprinter::print_bytes(module.finish()).unwrap();
    let types = printed.trim().strip_prefix("(module").and_then(|text| text.strip_suffix(')')).unwrap();
    let mut text = format!("(module {types} {body})");
    for (name, ty) in [("$u8", GcType::U8Vector), ("$vector", GcType::SimpleVector), ("$cons", GcType::Cons)] {
        text = text
            .replace(&format!("{name} "), &format!("{} ", ty.index()))
            .replace(&format!("{name})"), &format!("{})", ty.index()));
    }
    engine.compile(&wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))).unwrap()
}
