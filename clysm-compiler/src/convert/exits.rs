//! Exit points: `block`, `tagbody`, `catch`, `unwind-protect` and their exits.

use clysm_ast::{Node, NodeKind};
use clysm_reader::{Datum, Symbol};

use super::scope::Tag;
use super::{Converter, Result};
use crate::error::CompileErrorKind;

impl Converter<'_> {
    pub(super) fn block(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let Datum::Symbol(name) = operands[0] else { return Err(self.malformed(form, "the name is not a symbol")) };
        self.block_around(name, |converter| converter.sequence(&operands[1..]))
    }

    /// A block around what `body` converts; without exits it is just the body.
    pub(super) fn block_around(&mut self, name: Symbol, body: impl FnOnce(&mut Self) -> Result<Node>) -> Result<Node> {
        let block = self.ast.add_block(name, self.function);
        let mark = self.scope.mark();
        self.scope.bind_block(name, block);
        let exits_before = self.exit_count;
        let node = body(self);
        self.scope.release(mark);
        let node = node?;
        if self.exit_count == exits_before {
            return Ok(node);
        }
        Ok(self.node(NodeKind::Block(block, Box::new(node))))
    }

    pub(super) fn return_from(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 2)?;
        let Datum::Symbol(name) = operands[0] else { return Err(self.malformed(form, "the name is not a symbol")) };
        let value = operands.get(1).copied().unwrap_or(Datum::NIL);
        let value = self.form(value)?;
        self.return_node(name, value)
    }

    pub(super) fn return_node(&mut self, name: Symbol, value: Node) -> Result<Node> {
        let Some(block) = self.scope.block(name) else {
            return Err(self.error(CompileErrorKind::UnknownBlock(self.cx.symbols.name(name).to_owned())));
        };
        self.exit_count += 1;
        if self.ast.block(block).owner != self.function {
            let token = match self.ast.block(block).token {
                Some(token) => token,
                None => {
                    let token = self.ast.add_variable(name, self.ast.block(block).owner);
                    self.ast.blocks[block.index()].token = Some(token);
                    token
                }
            };
            self.mark_reference(token);
        }
        Ok(self.node(NodeKind::ReturnFrom(block, Box::new(value))))
    }

    pub(super) fn tagbody(&mut self, form: Datum) -> Result<Node> {
        let statements = self.operands(form, 0, usize::MAX)?;
        self.tagbody_of(&statements)
    }

    pub(super) fn tagbody_of(&mut self, statements: &[Datum]) -> Result<Node> {
        let tagbody = self.ast.add_tagbody(self.function);
        let mark = self.scope.mark();
        for (statement, segment) in statements.iter().filter(|statement| is_tag(**statement)).zip(1..) {
            self.scope.bind_tag(Tag { name: *statement, tagbody, segment });
        }
        let mut segments = vec![Vec::new()];
        for statement in statements {
            if is_tag(*statement) {
                segments.push(Vec::new());
            } else {
                let node = self.form(*statement)?;
                if let Some(segment) = segments.last_mut() {
                    segment.push(node);
                }
            }
        }
        self.scope.release(mark);
        if segments.len() == 1 {
            let mut nodes = segments.remove(0);
            nodes.push(Node::nil());
            return Ok(Node::progn(nodes, self.span));
        }
        Ok(self.node(NodeKind::Tagbody(tagbody, segments)))
    }

    pub(super) fn go(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 1)?;
        let Some(tag) = self.scope.tag(operands[0]) else {
            let name = clysm_reader::prin1(&self.cx.heap, &self.cx.symbols, operands[0]);
            return Err(self.error(CompileErrorKind::UnknownTag(name)));
        };
        if self.ast.tagbody(tag.tagbody).owner != self.function {
            let token = match self.ast.tagbody(tag.tagbody).token {
                Some(token) => token,
                None => {
                    let name = self.cx.gensym("tagbody");
                    let token = self.ast.add_variable(name, self.ast.tagbody(tag.tagbody).owner);
                    self.ast.tagbodies[tag.tagbody.index()].token = Some(token);
                    token
                }
            };
            self.mark_reference(token);
        }
        Ok(self.node(NodeKind::Go(tag.tagbody, tag.segment)))
    }

    pub(super) fn catch(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let tag = self.form(operands[0])?;
        let body = self.sequence(&operands[1..])?;
        Ok(self.node(NodeKind::Catch(Box::new(tag), Box::new(body))))
    }

    pub(super) fn throw(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 2, 2)?;
        let tag = self.form(operands[0])?;
        let values = self.form(operands[1])?;
        Ok(self.node(NodeKind::Throw(Box::new(tag), Box::new(values))))
    }

    pub(super) fn unwind_protect(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let body = self.form(operands[0])?;
        if operands.len() == 1 {
            return Ok(body);
        }
        let cleanup = self.sequence(&operands[1..])?;
        Ok(self.node(NodeKind::UnwindProtect(Box::new(body), Box::new(cleanup))))
    }
}

const fn is_tag(statement: Datum) -> bool {
    matches!(statement, Datum::Symbol(_) | Datum::Fixnum(_))
}
