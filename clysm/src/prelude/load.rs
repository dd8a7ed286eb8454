//! Preludes in images: code for an engine, and starting an image that has it.

use std::sync::Arc;

use clysm_compiler::module::FunctionInfo;
use clysm_host::{CompiledModule, Engine as HostEngine, Session};
use clysm_report::Span;

use super::compile::Compiled;
use crate::Error;
use crate::image::{Image, Mode, SharedImage, Started};
use crate::live::Live;

/// A module of a prelude, linked to the base image.
pub(crate) struct Segment {
    pub(crate) wasm: Vec<u8>,
    /// The message that makes its literals in an image that has the segments before it.
    pub(crate) literals: Vec<u8>,
    pub(crate) functions: Arc<[FunctionInfo]>,
}

/// An engine, and the base image as machine code for it.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) engine: HostEngine,
    pub(super) base: CompiledModule,
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
        let instance = session.load(&self.machine.base)?;
        session.call_start(instance)?;
        let mut cx = compiled.cx.clone();
        let mut image = Image::new(
            self.machine.engine.clone(),
            instance,
            compiled.intrinsics.clone(),
            compiled.ids.clone(),
            Mode::Program,
            compiled.direct.clone(),
        );
        image.told = cx.symbols.len();
        let image = SharedImage::new(image);
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
