//! Preludes in images: code for an engine, and starting an image that has it.

use std::sync::Arc;

use clysm_compiler::module::FunctionInfo;
use clysm_host::{CompiledModule, Session};
use clysm_report::Span;

use super::compile::Compiled;
use crate::Error;
use crate::image::{Machine, Mode, Started};
use crate::live::Live;

/// A module of a prelude, linked to the base image.
pub(crate) struct Segment {
    pub(crate) wasm: Vec<u8>,
    /// The message that makes its literals in an image that has the segments before it.
    pub(crate) literals: Vec<u8>,
    pub(crate) functions: Arc<[FunctionInfo]>,
}

/// The base image and a prelude as machine code for an engine.
pub(crate) struct Loaded {
    pub(crate) machine: Machine,
    segments: Vec<CompiledModule>,
}

impl Loaded {
    pub(crate) fn new(machine: Machine, segments: &[Segment]) -> Result<Self, Error> {
        let segments =
            segments.iter().map(|segment| machine.engine.compile(&segment.wasm)).collect::<Result<_, _>>()?;
        Ok(Self { machine, segments })
    }

    /// An image with the prelude.
    pub(crate) fn start(&self, compiled: &Compiled, mut session: Session) -> Result<Started, Error> {
        let mut cx = compiled.cx.clone();
        let image = self.machine.begin(&cx, compiled.known.clone(), &mut session, Mode::Program)?;
        let mut live = Live { place: &mut session, image: &image };
        for (segment, code) in compiled.segments.iter().zip(&self.segments) {
            live.load_compiled(&mut cx, code, Arc::clone(&segment.functions), &segment.literals)
                .map_err(|error| crate::engine::located(&image, error, Span::NONE))?;
        }
        // The programs' own package is the current one again.
        let user = cx.heap.string("COMMON-LISP-USER");
        live.call_system(&mut cx, "%IN-PACKAGE", &[user])?;
        live.call_system(&mut cx, "%KEEP-JOURNAL", &[])?;
        Ok(Started { cx, session, image })
    }
}
