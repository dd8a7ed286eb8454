//! `tagbody`: structured loops and blocks where the jumps nest, a dispatch loop where they do not.

use clysm_ast::{Node, NodeKind, TagbodyId};
use wasm_encoder::{BlockType, Instruction, ValType};

use super::code::Label;
use super::control::{Frame, Jumps, block_type, inner_want};
use super::{Lowerer, Want};

/// A Wasm construct over a range of segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Region {
    /// The segment before which it opens.
    start: usize,
    /// The segment after which it closes.
    end: usize,
    /// The segment that its label leads to.
    target: usize,
    /// A loop, entered at its target; else a block, left towards it.
    is_loop: bool,
}

impl Lowerer<'_, '_> {
    pub(super) fn tagbody(&mut self, id: TagbodyId, segments: &[Vec<Node>], want: Want) {
        self.forget_assigned(segments);
        match self.ast.tagbody(id).token {
            Some(token) => {
                let identity = self.make_token(token);
                self.dispatch_with_token(id, segments, identity);
                self.retire(identity);
            }
            None => match regions(id, segments) {
                Some(regions) => self.structured(id, segments, &regions),
                None => self.dispatch(id, segments),
            },
        }
        match want {
            Want::Effect => {}
            _ => {
                self.nil();
                self.deliver(clysm_ast::Representation::Object, want);
            }
        }
    }

    fn structured(&mut self, id: TagbodyId, segments: &[Vec<Node>], regions: &[Region]) {
        let mut labels: Vec<Option<Label>> = vec![None; segments.len()];
        let mut open: Vec<Region> = Vec::new();
        for (index, segment) in segments.iter().enumerate() {
            for region in regions.iter().filter(|region| region.start == index) {
                let label = if region.is_loop {
                    // What earlier segments found out need not hold when control comes back.
                    self.forget_assigned(segments);
                    self.code.loop_()
                } else {
                    self.code.block(BlockType::Empty)
                };
                labels[region.target] = Some(label);
                open.push(*region);
            }
            self.frames.push(Frame::Tagbody { id, jumps: Jumps::Labels(labels.clone()) });
            for node in segment {
                self.node(node, Want::Effect);
            }
            self.frames.pop();
            while open.last().is_some_and(|region| region.end == index) {
                open.pop();
                self.code.end();
            }
        }
    }

    fn dispatch(&mut self, id: TagbodyId, segments: &[Vec<Node>]) {
        let state = self.code.local(ValType::I32);
        self.code.i32(0);
        self.code.set(state);
        let top = self.code.loop_();
        self.dispatch_segments(id, segments, state, top);
        self.code.end();
        self.code.release(state);
    }

    fn dispatch_segments(&mut self, id: TagbodyId, segments: &[Vec<Node>], state: u32, top: Label) {
        for _ in segments {
            self.code.block(BlockType::Empty);
        }
        self.code.get(state);
        let last = u32::try_from(segments.len() - 1).unwrap_or(u32::MAX);
        self.code.op(&Instruction::BrTable((0..last).collect(), last));
        self.frames.push(Frame::Tagbody { id, jumps: Jumps::Dispatch(state, top) });
        for segment in segments {
            self.code.end();
            for node in segment {
                self.node(node, Want::Effect);
            }
        }
        self.frames.pop();
    }

    /// A tagbody that other functions jump into: the thrown value is the segment number.
    fn dispatch_with_token(&mut self, id: TagbodyId, segments: &[Vec<Node>], identity: u32) {
        let state = self.code.local(ValType::I32);
        self.code.i32(0);
        self.code.set(state);
        let top = self.code.loop_();
        let out = self.code.block(block_type(inner_want(Want::Effect)));
        // A jump within this function stays inside the extent of the identity, which must not be retired by it: the
        // frame of the tagbody lies above the token's.
        self.catching(identity, out, |lowerer| lowerer.dispatch_segments(id, segments, state, top));
        self.convert(clysm_ast::Representation::Object, clysm_ast::Representation::I32);
        self.code.set(state);
        self.code.br(top);
        self.code.end();
        self.code.end();
        self.code.release(state);
    }
}

/// The constructs that realise all jumps of a tagbody, outermost first at each start; none when they do not nest.
fn regions(id: TagbodyId, segments: &[Vec<Node>]) -> Option<Vec<Region>> {
    let mut first_forward: Vec<Option<usize>> = vec![None; segments.len()];
    let mut last_backward: Vec<Option<usize>> = vec![None; segments.len()];
    for (from, segment) in segments.iter().enumerate() {
        for node in segment {
            visit_jumps(id, node, &mut |target| {
                if from < target {
                    first_forward[target] = Some(first_forward[target].map_or(from, |first| first.min(from)));
                } else {
                    last_backward[target] = Some(from);
                }
            });
        }
    }
    // A label serves one construct; a segment that is reached both ways would need two.
    if first_forward.iter().zip(&last_backward).any(|(forward, backward)| forward.is_some() && backward.is_some()) {
        return None;
    }
    let mut regions: Vec<Region> = Vec::new();
    for target in 0..segments.len() {
        if let Some(end) = last_backward[target] {
            regions.push(Region { start: target, end, target, is_loop: true });
        }
        if let Some(start) = first_forward[target] {
            regions.push(Region { start, end: target - 1, target, is_loop: false });
        }
    }
    nest(&mut regions).then_some(regions)
}

/// Widens blocks so that the regions nest, and orders them; false when that is impossible.
fn nest(regions: &mut [Region]) -> bool {
    loop {
        let mut changed = false;
        for index in 0..regions.len() {
            for other in 0..regions.len() {
                let (outer, inner) = (regions[index], regions[other]);
                let crosses = inner.start <= outer.start && outer.start <= inner.end && inner.end < outer.end;
                if crosses && inner.start < outer.start {
                    match (outer.is_loop, inner.is_loop) {
                        // A block may open earlier than its first jump, a loop may close later than its last.
                        (false, _) => regions[index].start = inner.start,
                        (true, true) => regions[other].end = outer.end,
                        (true, false) => return false,
                    }
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    // At the same start the one that ends later comes first; at the same extent a block encloses a loop.
    regions.sort_by_key(|region| (region.start, std::cmp::Reverse(region.end), region.is_loop));
    true
}

fn visit_jumps(id: TagbodyId, node: &Node, visit: &mut dyn FnMut(usize)) {
    if let NodeKind::Go(target, segment) = &node.kind
        && *target == id
    {
        visit(*segment as usize);
    }
    node.for_each_child(&mut |child| visit_jumps(id, child, visit));
}
