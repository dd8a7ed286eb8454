//! The verifier: what lowering relies on.
//!
//! - Every variable, function, block and tagbody that a node names exists in its arena.
//! - A variable is referred to only within its owner, or within functions nested in it and then marked `captured`.
//! - An assigned variable is marked `assigned`.
//! - An exit stands inside its block or tagbody; one from another function requires the target's token.
//! - A `go` names a tag that exists.
//! - A function that is the value of a `Closure` node is marked `escapes`.

use thiserror::Error;

use crate::{Ast, Callee, FunctionId, Node, NodeKind, VariableId};

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// An id without an entry in its arena.
    #[error("{0} does not exist")]
    Missing(String),
    /// A variable used in a function that is neither its owner nor nested in it.
    #[error("variable {0:?} is used outside its scope")]
    OutOfScope(VariableId),
    /// A use from a nested function without the `captured` mark.
    #[error("variable {0:?} is captured but not marked so")]
    NotMarkedCaptured(VariableId),
    /// An assignment without the `assigned` mark.
    #[error("variable {0:?} is assigned but not marked so")]
    NotMarkedAssigned(VariableId),
    /// An exit outside its target.
    #[error("an exit stands outside its {0}")]
    StrayExit(&'static str),
    /// An exit that crosses functions to a target without a token.
    #[error("an exit crosses a function, but its {0} has no token")]
    NoToken(&'static str),
    /// A tag number beyond the tagbody's segments.
    #[error("go to segment {0}, which does not exist")]
    NoSuchTag(u32),
    /// A function object taken of a function that is not marked as escaping.
    #[error("function {0:?} escapes but is not marked so")]
    NotMarkedEscaping(FunctionId),
}

/// Checks a form.
///
/// # Errors
/// The first broken invariant.
pub fn verify(ast: &Ast) -> Result<(), VerifyError> {
    for (index, function) in ast.functions.iter().enumerate() {
        let current = FunctionId(u32::try_from(index).unwrap_or(u32::MAX));
        for variable in function.parameters.variables() {
            exists(ast.variables.len(), variable.index(), "variable")?;
        }
        Verifier { ast, current, blocks: Vec::new(), tagbodies: Vec::new() }.node(&function.body)?;
    }
    Ok(())
}

struct Verifier<'a> {
    ast: &'a Ast,
    current: FunctionId,
    blocks: Vec<u32>,
    tagbodies: Vec<(u32, usize)>,
}

impl Verifier<'_> {
    fn node(&mut self, node: &Node) -> Result<(), VerifyError> {
        match &node.kind {
            NodeKind::Local(variable) => self.reference(*variable)?,
            NodeKind::SetLocal(variable, _) => {
                self.reference(*variable)?;
                if !self.ast.variable(*variable).assigned {
                    return Err(VerifyError::NotMarkedAssigned(*variable));
                }
            }
            NodeKind::Closure(function) => {
                exists(self.ast.functions.len(), function.index(), "function")?;
                if !self.ast.function(*function).escapes {
                    return Err(VerifyError::NotMarkedEscaping(*function));
                }
            }
            NodeKind::Call(Callee::Local(function), _) => {
                exists(self.ast.functions.len(), function.index(), "function")?
            }
            NodeKind::Let(bindings, _) => {
                for (variable, _) in bindings {
                    self.reference(*variable)?;
                }
            }
            NodeKind::MultipleValueBind(variables, ..) => {
                for variable in variables {
                    self.reference(*variable)?;
                }
            }
            NodeKind::ReturnFrom(block, _) => {
                exists(self.ast.blocks.len(), block.index(), "block")?;
                let target = self.ast.block(*block);
                self.exit(target.owner, target.token.is_some(), self.blocks.contains(&block.0), "block")?;
            }
            NodeKind::Go(tagbody, segment) => {
                exists(self.ast.tagbodies.len(), tagbody.index(), "tagbody")?;
                let target = self.ast.tagbody(*tagbody);
                let enclosing = self.tagbodies.iter().find(|(id, _)| *id == tagbody.0);
                self.exit(target.owner, target.token.is_some(), enclosing.is_some(), "tagbody")?;
                if enclosing.is_some_and(|(_, segments)| *segment as usize >= *segments) {
                    return Err(VerifyError::NoSuchTag(*segment));
                }
            }
            _ => {}
        }
        self.children(node)
    }

    fn children(&mut self, node: &Node) -> Result<(), VerifyError> {
        match &node.kind {
            NodeKind::Block(block, _) => {
                exists(self.ast.blocks.len(), block.index(), "block")?;
                self.blocks.push(block.0);
            }
            NodeKind::Tagbody(tagbody, segments) => {
                exists(self.ast.tagbodies.len(), tagbody.index(), "tagbody")?;
                self.tagbodies.push((tagbody.0, segments.len()));
            }
            _ => {}
        }
        let mut result = Ok(());
        node.for_each_child(&mut |child| {
            if result.is_ok() {
                result = self.node(child);
            }
        });
        match &node.kind {
            NodeKind::Block(..) => drop(self.blocks.pop()),
            NodeKind::Tagbody(..) => drop(self.tagbodies.pop()),
            _ => {}
        }
        result
    }

    fn reference(&self, id: VariableId) -> Result<(), VerifyError> {
        exists(self.ast.variables.len(), id.index(), "variable")?;
        let variable = self.ast.variable(id);
        if variable.owner == self.current {
            return Ok(());
        }
        if !self.is_nested_in(variable.owner) {
            return Err(VerifyError::OutOfScope(id));
        }
        if variable.captured { Ok(()) } else { Err(VerifyError::NotMarkedCaptured(id)) }
    }

    fn exit(&self, owner: FunctionId, token: bool, enclosing: bool, what: &'static str) -> Result<(), VerifyError> {
        if owner == self.current {
            return if enclosing { Ok(()) } else { Err(VerifyError::StrayExit(what)) };
        }
        match (self.is_nested_in(owner), token) {
            (false, _) => Err(VerifyError::StrayExit(what)),
            (true, false) => Err(VerifyError::NoToken(what)),
            (true, true) => Ok(()),
        }
    }

    fn is_nested_in(&self, outer: FunctionId) -> bool {
        let mut function = self.ast.function(self.current).parent;
        while let Some(id) = function {
            if id == outer {
                return true;
            }
            function = self.ast.function(id).parent;
        }
        false
    }
}

fn exists(len: usize, index: usize, what: &str) -> Result<(), VerifyError> {
    if index < len { Ok(()) } else { Err(VerifyError::Missing(format!("{what} {index}"))) }
}
