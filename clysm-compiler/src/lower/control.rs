//! Exits, dynamic bindings and protection.
//!
//! An exit whose target is in the same function is a branch; on its way it restores the dynamic bindings it leaves and
//! runs the cleanups it crosses. An exit from another function is a Wasm exception: its payload is the identity of
//! the target (a cell that the target's token variable holds, whose value is nil once the target is gone) and the
//! first value; whoever catches it compares the identity and throws it on if it is not its own.

use clysm_ast::{BlockId, Node, Representation, TagbodyId, VariableId};
use clysm_gc_types::{GcType, LANDING_TYPE, eq_ref};
use clysm_reader::Symbol;
use wasm_encoder::{BlockType, Catch, Instruction, ValType};

use super::code::Label;
use super::{GlobalRef, Lowerer, RuntimeGlobal, Slot, Want, value_type};

/// The one exception tag.
pub const UNWIND_TAG: u32 = 0;

/// What an exit may have to leave, innermost last.
#[derive(Clone, Debug)]
pub enum Frame {
    /// A block whose exits deliver as `want`; without a label they return from the function.
    Block { id: BlockId, label: Option<Label>, want: Want },
    /// A tagbody.
    Tagbody { id: TagbodyId, jumps: Jumps },
    /// The dynamic extent of an exit point that other functions may use.
    Token(u32),
    /// Dynamic bindings, to be undone to the depth in a local.
    Bindings(u32),
    /// A cleanup to be run.
    Cleanup(Cleanup),
}

/// How jumps within a tagbody are made.
#[derive(Clone, Debug)]
pub enum Jumps {
    /// A label for each segment that is jumped to.
    Labels(Vec<Option<Label>>),
    /// A segment number in a local, dispatched on at a label.
    Dispatch(u32, Label),
}

/// The protected part of an `unwind-protect`.
#[derive(Clone, Debug)]
pub struct Cleanup {
    label: Label,
    value: u32,
    pending: u32,
    exits: Vec<Exit>,
}

/// Where an exit leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Block(BlockId),
    Tag(TagbodyId, u32),
}

impl Lowerer<'_, '_> {
    pub(super) fn block(&mut self, id: BlockId, body: &Node, want: Want) {
        if let Some(token) = self.ast.block(id).token {
            return self.block_with_token(id, token, body, want);
        }
        if want == Want::Return {
            self.frames.push(Frame::Block { id, label: None, want });
            self.node(body, want);
            self.frames.pop();
            return;
        }
        let label = self.code.block(block_type(want));
        self.frames.push(Frame::Block { id, label: Some(label), want });
        self.node(body, want);
        self.frames.pop();
        self.code.end();
    }

    fn block_with_token(&mut self, id: BlockId, token: VariableId, body: &Node, want: Want) {
        let inner = inner_want(want);
        let identity = self.make_token(token);
        let out = self.code.block(block_type(inner));
        self.frames.push(Frame::Block { id, label: Some(out), want: inner });
        self.catching(identity, out, |lowerer| lowerer.node(body, inner));
        self.frames.pop();
        // An exit from another function arrives here, its value on the stack.
        self.deliver_values(inner);
        self.code.end();
        self.retire(identity);
        self.outer_deliver(inner, want);
    }

    /// A new identity in the token variable; it is a captured variable like any other.
    pub(super) fn make_token(&mut self, token: VariableId) -> u32 {
        self.code.global_get(GlobalRef::Symbol(Symbol::T));
        self.code.op(&Instruction::StructNew(GcType::Cell.index()));
        let identity = self.store_object();
        self.slots[token.index()] = Some(Slot::Local(identity, Representation::Object));
        identity
    }

    /// Marks an exit point as gone.
    pub(super) fn retire(&mut self, identity: u32) {
        self.code.get(identity);
        self.cast(GcType::Cell);
        self.nil();
        self.code.op(&Instruction::StructSet { struct_type_index: GcType::Cell.index(), field_index: 0 });
    }

    /// Runs `body` so that an exception for `identity` continues after this code with the thrown value on the stack.
    /// Normal completion branches to `out`.
    pub(super) fn catching(&mut self, identity: u32, out: Label, body: impl FnOnce(&mut Self)) {
        let depth = self.save_depth();
        let landing = self.code.block(BlockType::FunctionType(LANDING_TYPE));
        let relative = self.code.relative(landing);
        self.code.open(&Instruction::TryTable(
            BlockType::Empty,
            vec![Catch::One { tag: UNWIND_TAG, label: relative }].into(),
        ));
        self.frames.push(Frame::Token(identity));
        body(self);
        self.frames.pop();
        self.code.br(out);
        self.code.end();
        self.code.op(&Instruction::Unreachable);
        self.code.end();
        let value = self.store_object();
        let target = self.store_object();
        self.code.get(target);
        self.code.get(identity);
        self.code.ops(&[Instruction::RefEq, Instruction::I32Eqz]);
        self.code.if_(BlockType::Empty);
        self.code.get(target);
        self.code.get(value);
        self.code.op(&Instruction::Throw(UNWIND_TAG));
        self.code.end();
        self.preserving_count(Want::Values, |lowerer| lowerer.restore_depth(depth));
        self.code.get(value);
        self.code.release(value);
        self.code.release(target);
        self.code.release(depth);
    }

    /// Delivers, to the context around a construct, what the construct delivered to its inside.
    pub(super) fn outer_deliver(&mut self, inner: Want, want: Want) {
        if want == Want::Return && inner == Want::Values {
            self.deliver_values(want);
        }
    }

    fn save_depth(&mut self) -> u32 {
        let depth = self.code.local(ValType::I32);
        self.code.global_get(GlobalRef::Runtime(RuntimeGlobal::BindingDepth));
        self.code.set(depth);
        depth
    }

    /// Undoes dynamic bindings down to a depth.
    fn restore_depth(&mut self, depth: u32) {
        self.call_runtime("unbind-to", |lowerer| {
            lowerer.code.get(depth);
            lowerer.code.op(&Instruction::RefI31);
        });
        self.code.op(&Instruction::Drop);
    }

    pub(super) fn return_from(&mut self, id: BlockId, value: &Node) {
        if self.ast.block(id).owner != self.function {
            let token = self.ast.block(id).token;
            self.node(value, Want::Values);
            let value = self.store_object();
            self.throw_to(token, value);
            return;
        }
        let position =
            self.frames.iter().rposition(|frame| matches!(frame, Frame::Block { id: block, .. } if *block == id));
        let Some(Frame::Block { want, .. }) = position.map(|position| self.frames[position].clone()) else {
            return self.code.op(&Instruction::Unreachable);
        };
        let crossed = &self.frames[position.unwrap_or(0) + 1..];
        let needs_value = crossed.iter().any(|frame| matches!(frame, Frame::Cleanup(_)));
        let direct =
            !crossed.iter().any(|frame| matches!(frame, Frame::Cleanup(_) | Frame::Bindings(_) | Frame::Token(_)));
        let inner = match want {
            Want::Return if direct => Want::Return,
            Want::Return => Want::Values,
            Want::Value(_) if needs_value => Want::Value(Representation::Object),
            other => other,
        };
        self.node(value, inner);
        self.leave(Exit::Block(id), inner);
    }

    pub(super) fn go(&mut self, id: TagbodyId, segment: u32) {
        if self.ast.tagbody(id).owner != self.function {
            let token = self.ast.tagbody(id).token;
            self.code.i32(i32::try_from(segment).unwrap_or(i32::MAX));
            self.code.op(&Instruction::RefI31);
            let value = self.store_object();
            self.throw_to(token, value);
            return;
        }
        self.leave(Exit::Tag(id, segment), Want::Effect);
    }

    /// Throws to another function's exit point, if it is still there.
    fn throw_to(&mut self, token: Option<VariableId>, value: u32) {
        let Some(token) = token else { return self.code.op(&Instruction::Unreachable) };
        self.read_variable(token);
        let identity = self.store_object();
        self.code.get(identity);
        self.cast(GcType::Cell);
        self.code.op(&Instruction::StructGet { struct_type_index: GcType::Cell.index(), field_index: 0 });
        self.nil();
        self.code.op(&Instruction::RefEq);
        self.code.if_(BlockType::Empty);
        self.call_runtime("signal-exit-gone", |lowerer| lowerer.nil());
        self.code.op(&Instruction::Drop);
        self.code.end();
        self.code.get(identity);
        self.code.get(value);
        self.code.op(&Instruction::Throw(UNWIND_TAG));
        self.code.release(identity);
        self.code.release(value);
    }

    /// Leaves the frames between here and an exit's target. A value that the target takes is on the stack, delivered
    /// as `have`.
    fn leave(&mut self, exit: Exit, have: Want) {
        let mut index = self.frames.len();
        while index > 0 {
            index -= 1;
            match self.frames[index].clone() {
                Frame::Block { id, label, want } if exit == Exit::Block(id) => {
                    return self.arrive(label, have, want);
                }
                Frame::Tagbody { id, jumps } if matches!(exit, Exit::Tag(target, _) if target == id) => {
                    if let Exit::Tag(_, segment) = exit {
                        self.jump(&jumps, segment);
                    }
                    return;
                }
                Frame::Bindings(depth) => self.preserving_count(have, |lowerer| lowerer.restore_depth(depth)),
                Frame::Token(identity) => self.retire(identity),
                Frame::Cleanup(_) => return self.leave_through_cleanup(index, exit, have),
                Frame::Block { .. } | Frame::Tagbody { .. } => {}
            }
        }
        self.code.op(&Instruction::Unreachable);
    }

    /// The end of an exit to a block: what is on the stack as `have` reaches the block as `want`.
    fn arrive(&mut self, label: Option<Label>, have: Want, want: Want) {
        match label {
            // The value is the function's; a tail position returned already.
            None if have == Want::Return => {}
            None => self.deliver_values(Want::Return),
            Some(label) => {
                if have != want {
                    self.deliver_values(want);
                }
                self.code.br(label);
            }
        }
    }

    fn jump(&mut self, jumps: &Jumps, segment: u32) {
        match jumps {
            Jumps::Labels(labels) => match labels.get(segment as usize).copied().flatten() {
                Some(label) => self.code.br(label),
                None => self.code.op(&Instruction::Unreachable),
            },
            Jumps::Dispatch(state, label) => {
                self.code.i32(i32::try_from(segment).unwrap_or(i32::MAX));
                self.code.set(*state);
                self.code.br(*label);
            }
        }
    }

    /// Hands the rest of an exit to the code after a cleanup.
    fn leave_through_cleanup(&mut self, index: usize, exit: Exit, have: Want) {
        let Frame::Cleanup(cleanup) = &mut self.frames[index] else { return };
        let number = match cleanup.exits.iter().position(|known| *known == exit) {
            Some(number) => number,
            None => {
                cleanup.exits.push(exit);
                cleanup.exits.len() - 1
            }
        };
        let (label, value, pending) = (cleanup.label, cleanup.value, cleanup.pending);
        if have != Want::Effect {
            self.code.set(value);
        }
        self.code.i32(FIRST_EXIT + i32::try_from(number).unwrap_or(i32::MAX));
        self.code.set(pending);
        self.code.br(label);
    }

    pub(super) fn unwind_protect(&mut self, body: &Node, cleanup: &Node, want: Want) {
        let value = self.code.local(eq_ref());
        let target = self.code.local(eq_ref());
        let pending = self.code.local(ValType::I32);
        let depth = self.save_depth();
        self.nil();
        self.code.tee(value);
        self.code.set(target);
        self.code.i32(0);
        self.code.set(pending);
        let label = self.code.block(BlockType::Empty);
        let landing = self.code.block(BlockType::FunctionType(LANDING_TYPE));
        let relative = self.code.relative(landing);
        self.code.open(&Instruction::TryTable(
            BlockType::Empty,
            vec![Catch::One { tag: UNWIND_TAG, label: relative }].into(),
        ));
        self.frames.push(Frame::Cleanup(Cleanup { label, value, pending, exits: Vec::new() }));
        let inner = inner_want(want);
        let body_want = if inner == Want::Effect { Want::Effect } else { Want::Values };
        self.node(body, body_want);
        if body_want == Want::Values {
            self.code.set(value);
        }
        self.code.br(label);
        self.code.end();
        let exits = match self.frames.pop() {
            Some(Frame::Cleanup(cleanup)) => cleanup.exits,
            _ => Vec::new(),
        };
        self.code.op(&Instruction::Unreachable);
        self.code.end();
        self.code.set(value);
        self.code.set(target);
        self.code.i32(RETHROW);
        self.code.set(pending);
        self.preserving_count(Want::Values, |lowerer| lowerer.restore_depth(depth));
        self.code.end();
        self.saving_values(value, |lowerer| lowerer.node(cleanup, Want::Effect));
        self.code.get(pending);
        self.code.i32(RETHROW);
        self.code.op(&Instruction::I32Eq);
        self.code.if_(BlockType::Empty);
        self.code.get(target);
        self.code.get(value);
        self.code.op(&Instruction::Throw(UNWIND_TAG));
        self.code.end();
        for (number, exit) in (FIRST_EXIT..).zip(exits) {
            self.code.get(pending);
            self.code.i32(number);
            self.code.op(&Instruction::I32Eq);
            self.code.if_(BlockType::Empty);
            let have = self.resume(exit, value);
            self.leave(exit, have);
            self.code.end();
        }
        if want != Want::Effect {
            self.code.get(value);
            self.deliver_values(want);
        }
        for local in [value, target, pending, depth] {
            self.code.release(local);
        }
    }

    /// Puts the value of an exit that waited for a cleanup back on the stack.
    fn resume(&mut self, exit: Exit, value: u32) -> Want {
        let Exit::Block(id) = exit else { return Want::Effect };
        let want = self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Block { id: block, want, .. } if *block == id => Some(*want),
            _ => None,
        });
        match want {
            None | Some(Want::Effect) => Want::Effect,
            Some(Want::Value(_)) => {
                self.code.get(value);
                Want::Value(Representation::Object)
            }
            Some(Want::Values | Want::Return) => {
                self.code.get(value);
                Want::Values
            }
        }
    }

    pub(super) fn bind_special(&mut self, bindings: &[(Symbol, Node)], body: &Node, want: Want) {
        let values: Vec<u32> = bindings.iter().map(|(_, init)| self.object_local(init)).collect();
        let depth = self.save_depth();
        for ((symbol, _), value) in bindings.iter().zip(&values) {
            self.call_runtime("bind-special", |lowerer| {
                lowerer.code.global_get(GlobalRef::Symbol(*symbol));
                lowerer.code.get(*value);
            });
            self.code.op(&Instruction::Drop);
            self.code.release(*value);
        }
        self.bound_body(depth, body, want);
    }

    fn bound_body(&mut self, depth: u32, body: &Node, want: Want) {
        let inner = inner_want(want);
        self.frames.push(Frame::Bindings(depth));
        self.node(body, inner);
        self.frames.pop();
        self.preserving_count(inner, |lowerer| lowerer.restore_depth(depth));
        self.code.release(depth);
        self.outer_deliver(inner, want);
    }

    pub(super) fn progv(&mut self, symbols: &Node, values: &Node, body: &Node, want: Want) {
        let symbols = self.object_local(symbols);
        let values = self.object_local(values);
        let depth = self.save_depth();
        self.call_runtime("bind-specials", |lowerer| {
            lowerer.code.get(symbols);
            lowerer.code.get(values);
        });
        self.code.op(&Instruction::Drop);
        self.code.release(symbols);
        self.code.release(values);
        self.bound_body(depth, body, want);
    }

    pub(super) fn catch(&mut self, tag: &Node, body: &Node, want: Want) {
        let inner = inner_want(want);
        let tag = self.object_local(tag);
        let depth = self.save_depth();
        let out = self.code.block(block_type(inner));
        self.code.global_get(GlobalRef::Symbol(Symbol::T));
        self.code.op(&Instruction::StructNew(GcType::Cell.index()));
        let identity = self.store_object();
        self.catching(identity, out, |lowerer| {
            lowerer.call_runtime("bind-catch", |lowerer| {
                lowerer.code.get(tag);
                lowerer.code.get(identity);
            });
            lowerer.code.op(&Instruction::Drop);
            lowerer.frames.push(Frame::Bindings(depth));
            lowerer.node(body, inner);
            lowerer.frames.pop();
            lowerer.preserving_count(inner, |lowerer| lowerer.restore_depth(depth));
        });
        self.deliver_values(inner);
        self.code.end();
        self.code.release(identity);
        self.code.release(tag);
        self.code.release(depth);
        self.outer_deliver(inner, want);
    }

    pub(super) fn throw(&mut self, tag: &Node, values: &Node) {
        let tag = self.object_local(tag);
        self.node(values, Want::Values);
        let value = self.store_object();
        self.preserving_count(Want::Values, |lowerer| {
            lowerer.call_runtime("find-catch", |lowerer| lowerer.code.get(tag));
            lowerer.code.set(tag);
        });
        self.code.get(tag);
        self.code.get(value);
        self.code.op(&Instruction::Throw(UNWIND_TAG));
        self.code.release(tag);
        self.code.release(value);
    }
}

/// The pending state of a cleanup that an exception runs through.
const RETHROW: i32 = 1;
/// The pending state of the first exit by branch.
const FIRST_EXIT: i32 = 2;

/// What the inside of a construct delivers that has work to do before it returns.
pub(super) const fn inner_want(want: Want) -> Want {
    match want {
        Want::Return => Want::Values,
        other => other,
    }
}

pub(super) fn block_type(want: Want) -> BlockType {
    match want {
        Want::Effect | Want::Return => BlockType::Empty,
        Want::Value(representation) => BlockType::Result(value_type(representation)),
        Want::Values => BlockType::Result(eq_ref()),
    }
}
