//! Function bodies: code with the linker's places filled in.

use clysm_report::Span;
use wasm_encoder::{Encode, ValType};

use crate::lower::{CompiledFunction, Target};

/// Writes a body as the code section holds it, without its size, to an empty buffer. `fill` writes what belongs at a place;
/// `on_position` is called with each position in the body and its source.
pub fn encode(
    function: &CompiledFunction,
    body: &mut Vec<u8>,
    mut fill: impl FnMut(&Target, &mut Vec<u8>),
    mut on_position: impl FnMut(u32, Span),
) {
    encode_locals(&function.locals, body);
    let mut pending = function.positions.iter().peekable();
    let mut copied = 0;
    for relocation in &function.relocations {
        let offset = relocation.offset as usize;
        while let Some((at, span)) = pending.next_if(|(at, _)| *at as usize <= offset) {
            on_position(length(body) + (*at - copied as u32), *span);
        }
        body.extend_from_slice(&function.code[copied..offset]);
        copied = offset;
        fill(&relocation.target, body);
    }
    for (at, span) in pending {
        on_position(length(body) + (*at - copied as u32), *span);
    }
    body.extend_from_slice(&function.code[copied..]);
    body.push(0x0b);
}

fn length(body: &[u8]) -> u32 {
    u32::try_from(body.len()).unwrap_or(u32::MAX)
}

/// Local declarations, runs of one type together.
fn encode_locals(locals: &[ValType], body: &mut Vec<u8>) {
    let runs: Vec<&[ValType]> = locals.chunk_by(|a, b| a == b).collect();
    runs.len().encode(body);
    for run in runs {
        run.len().encode(body);
        run[0].encode(body);
    }
}
