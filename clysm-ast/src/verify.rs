//! The verifier: what lowering relies on.
//!
//! - Every variable, function, block, tagbody and `load-time-value` form that is named exists in its arena.
//! - A function's parent precedes it in the arena.
//! - A variable is referred to only within its owner, or within functions nested in it and then marked `captured`.
//! - An assigned variable is marked `assigned`.
//! - An exit stands inside its block or tagbody; one from another function requires the target's token.
//! - A `go` names a tag that exists.
//! - A function that is the value of a `Closure` node is marked `escapes`.

use clysm_reader::hash::NameMap;
use thiserror::Error;

use crate::{Ast, BlockId, Callee, FunctionId, LambdaFunction, Node, NodeKind, TagbodyId, VariableId};

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// An id without an entry in its arena.
    #[error("{0} does not exist")]
    Missing(String),
    /// A function whose parent comes after it, or is itself.
    #[error("function {0:?} does not come after its parent")]
    ParentAfterChild(FunctionId),
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
    arenas(ast)?;
    let mut places = Places::default();
    for function in &ast.functions {
        note_places(&function.body, &mut Enclosing::default(), &mut places);
    }
    for (current, function) in functions(ast) {
        let mut verifier = Verifier { ast, places: &places, current, enclosing: Enclosing::default() };
        for variable in function.parameters.variables() {
            verifier.reference(variable)?;
        }
        verifier.node(&function.body)?;
    }
    Ok(())
}

fn functions(ast: &Ast) -> impl Iterator<Item = (FunctionId, &LambdaFunction)> {
    (0..).map(FunctionId).zip(&ast.functions)
}

/// Checks what the arenas' entries name.
fn arenas(ast: &Ast) -> Result<(), VerifyError> {
    let function_exists = |id: FunctionId| exists(ast.functions.len(), id.index(), "function");
    let variable_exists = |id: VariableId| exists(ast.variables.len(), id.index(), "variable");
    for (id, function) in functions(ast) {
        if function.parent.is_some_and(|parent| parent >= id) {
            return Err(VerifyError::ParentAfterChild(id));
        }
        function.holder.map_or(Ok(()), variable_exists)?;
    }
    ast.variables.iter().try_for_each(|variable| function_exists(variable.owner))?;
    let blocks = ast.blocks.iter().map(|block| (block.owner, block.token));
    let tagbodies = ast.tagbodies.iter().map(|tagbody| (tagbody.owner, tagbody.token));
    for (owner, token) in blocks.chain(tagbodies) {
        function_exists(owner)?;
        token.map_or(Ok(()), variable_exists)?;
    }
    ast.load_time_values.iter().try_for_each(|function| function_exists(*function))
}

/// The blocks and tagbodies around a place in a function, the tagbodies with the number of their segments.
#[derive(Clone, Debug, Default)]
struct Enclosing {
    blocks: Vec<BlockId>,
    tagbodies: Vec<(TagbodyId, usize)>,
}

impl Enclosing {
    /// Goes to the children of a node.
    fn enter(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Block(block, _) => self.blocks.push(*block),
            NodeKind::Tagbody(tagbody, segments) => self.tagbodies.push((*tagbody, segments.len())),
            _ => {}
        }
    }

    /// Returns from them.
    fn leave(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Block(..) => drop(self.blocks.pop()),
            NodeKind::Tagbody(..) => drop(self.tagbodies.pop()),
            _ => {}
        }
    }

    fn segments(&self, tagbody: TagbodyId) -> Option<usize> {
        self.tagbodies.iter().find(|(id, _)| *id == tagbody).map(|(_, segments)| *segments)
    }
}

/// Where functions stand: what encloses the node that makes them, by function. A function that no node makes has no place.
type Places = NameMap<FunctionId, Enclosing>;

fn note_places(node: &Node, enclosing: &mut Enclosing, places: &mut Places) {
    match &node.kind {
        // The functions of FLET and LABELS are made where they are defined, wherever their objects are used.
        NodeKind::Closure(function) => drop(places.entry(*function).or_insert_with(|| enclosing.clone())),
        NodeKind::LocalFunctions(functions, _) => {
            places.extend(functions.iter().map(|function| (*function, enclosing.clone())));
        }
        _ => {}
    }
    enclosing.enter(node);
    node.for_each_child(&mut |child| note_places(child, enclosing, places));
    enclosing.leave(node);
}

struct Verifier<'a> {
    ast: &'a Ast,
    places: &'a Places,
    current: FunctionId,
    enclosing: Enclosing,
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
                self.function_exists(*function)?;
                if !self.ast.function(*function).escapes {
                    return Err(VerifyError::NotMarkedEscaping(*function));
                }
            }
            NodeKind::Call(Callee::Local(function), _) => self.function_exists(*function)?,
            NodeKind::LocalFunctions(functions, _) => {
                functions.iter().try_for_each(|function| self.function_exists(*function))?;
            }
            NodeKind::Let(bindings, _) => bindings.iter().try_for_each(|(variable, _)| self.reference(*variable))?,
            NodeKind::MultipleValueBind(variables, ..) => {
                variables.iter().try_for_each(|variable| self.reference(*variable))?;
            }
            NodeKind::Block(block, _) => exists(self.ast.blocks.len(), block.index(), "block")?,
            NodeKind::Tagbody(tagbody, _) => exists(self.ast.tagbodies.len(), tagbody.index(), "tagbody")?,
            NodeKind::ReturnFrom(block, _) => self.return_from(*block)?,
            NodeKind::Go(tagbody, segment) => self.go(*tagbody, *segment)?,
            NodeKind::LoadTimeValue(index) => {
                exists(self.ast.load_time_values.len(), *index as usize, "load-time-value form")?;
            }
            _ => {}
        }
        self.children(node)
    }

    fn children(&mut self, node: &Node) -> Result<(), VerifyError> {
        self.enclosing.enter(node);
        let mut result = Ok(());
        node.for_each_child(&mut |child| {
            if result.is_ok() {
                result = self.node(child);
            }
        });
        self.enclosing.leave(node);
        result
    }

    fn reference(&self, id: VariableId) -> Result<(), VerifyError> {
        exists(self.ast.variables.len(), id.index(), "variable")?;
        let variable = self.ast.variable(id);
        if variable.owner == self.current {
            return Ok(());
        }
        if self.child_of(variable.owner).is_none() {
            return Err(VerifyError::OutOfScope(id));
        }
        if variable.captured { Ok(()) } else { Err(VerifyError::NotMarkedCaptured(id)) }
    }

    fn return_from(&self, block: BlockId) -> Result<(), VerifyError> {
        exists(self.ast.blocks.len(), block.index(), "block")?;
        let target = self.ast.block(block);
        let enclosing = self.exit(target.owner, target.token, "block")?;
        if enclosing.is_none_or(|enclosing| enclosing.blocks.contains(&block)) {
            return Ok(());
        }
        Err(VerifyError::StrayExit("block"))
    }

    fn go(&self, tagbody: TagbodyId, segment: u32) -> Result<(), VerifyError> {
        exists(self.ast.tagbodies.len(), tagbody.index(), "tagbody")?;
        let target = self.ast.tagbody(tagbody);
        let Some(enclosing) = self.exit(target.owner, target.token, "tagbody")? else { return Ok(()) };
        // Segment 0 precedes the first tag.
        match enclosing.segments(tagbody) {
            None => Err(VerifyError::StrayExit("tagbody")),
            Some(segments) if (1..segments).contains(&(segment as usize)) => Ok(()),
            Some(_) => Err(VerifyError::NoSuchTag(segment)),
        }
    }

    /// What encloses, in the function that owns its target, an exit from the current one; none for code without a place.
    fn exit(
        &self,
        owner: FunctionId,
        token: Option<VariableId>,
        what: &'static str,
    ) -> Result<Option<&Enclosing>, VerifyError> {
        if owner == self.current {
            return Ok(Some(&self.enclosing));
        }
        let Some(child) = self.child_of(owner) else { return Err(VerifyError::StrayExit(what)) };
        if token.is_none() {
            return Err(VerifyError::NoToken(what));
        }
        Ok(self.places.get(&child))
    }

    /// The function that stands in `outer` and is, or contains, the current one.
    fn child_of(&self, outer: FunctionId) -> Option<FunctionId> {
        let mut child = self.current;
        loop {
            let parent = self.ast.function(child).parent?;
            if parent == outer {
                return Some(child);
            }
            child = parent;
        }
    }

    fn function_exists(&self, function: FunctionId) -> Result<(), VerifyError> {
        exists(self.ast.functions.len(), function.index(), "function")
    }
}

fn exists(len: usize, index: usize, what: &str) -> Result<(), VerifyError> {
    if index < len { Ok(()) } else { Err(VerifyError::Missing(format!("{what} {index}"))) }
}
