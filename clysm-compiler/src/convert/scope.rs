//! The lexical environment during conversion. Each namespace is a stack, searched from the innermost binding outwards.

use clysm_ast::{BlockId, FunctionId, TagbodyId, VariableId};
use clysm_reader::{Datum, Symbol};

/// What a name means as a variable.
#[derive(Clone, Copy, Debug)]
pub enum VariableBinding {
    /// A lexical variable.
    Lexical(VariableId),
    /// References are dynamic here.
    Special,
    /// A symbol macro.
    SymbolMacro(Datum),
}

/// What a name means as an operator.
#[derive(Clone, Copy, Debug)]
pub enum OperatorBinding {
    /// A function of `flet` or `labels`.
    Function(FunctionId),
    /// A macro of `macrolet`: its expander in the image.
    Macro(Datum),
}

/// A tag of a tagbody. Tags are symbols or integers.
#[derive(Clone, Copy, Debug)]
pub struct Tag {
    pub(super) name: Datum,
    pub(super) tagbody: TagbodyId,
    pub(super) segment: u32,
}

/// The lexical environment.
#[derive(Debug, Default)]
pub struct Scope {
    variables: Vec<(Symbol, VariableBinding)>,
    operators: Vec<(Symbol, OperatorBinding)>,
    blocks: Vec<(Symbol, BlockId)>,
    tags: Vec<Tag>,
    /// Global functions declared `inline`, true, or `notinline`.
    inlining: Vec<(Symbol, bool)>,
}

/// The extent of a scope, to return to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    variables: usize,
    operators: usize,
    blocks: usize,
    tags: usize,
    inlining: usize,
}

impl Scope {
    pub(crate) fn shadows_operator(&self, name: Symbol) -> bool {
        self.operator(name).is_some()
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            variables: self.variables.len(),
            operators: self.operators.len(),
            blocks: self.blocks.len(),
            tags: self.tags.len(),
            inlining: self.inlining.len(),
        }
    }

    pub(crate) fn release(&mut self, mark: Mark) {
        self.variables.truncate(mark.variables);
        self.operators.truncate(mark.operators);
        self.blocks.truncate(mark.blocks);
        self.tags.truncate(mark.tags);
        self.inlining.truncate(mark.inlining);
    }

    pub(super) fn bind_variable(&mut self, name: Symbol, binding: VariableBinding) {
        self.variables.push((name, binding));
    }

    pub(super) fn bind_operator(&mut self, name: Symbol, binding: OperatorBinding) {
        self.operators.push((name, binding));
    }

    pub(super) fn bind_block(&mut self, name: Symbol, block: BlockId) {
        self.blocks.push((name, block));
    }

    pub(super) fn bind_tag(&mut self, tag: Tag) {
        self.tags.push(tag);
    }

    pub(super) fn declare_inline(&mut self, name: Symbol, inline: bool) {
        self.inlining.push((name, inline));
    }

    /// What is declared here of the inlining of a global function.
    pub(super) fn inline(&self, name: Symbol) -> Option<bool> {
        self.inlining.iter().rev().find(|(declared, _)| *declared == name).map(|(_, inline)| *inline)
    }

    pub(super) fn variable(&self, name: Symbol) -> Option<VariableBinding> {
        self.variables.iter().rev().find(|(bound, _)| *bound == name).map(|(_, binding)| *binding)
    }

    pub(super) fn operator(&self, name: Symbol) -> Option<OperatorBinding> {
        self.operators.iter().rev().find(|(bound, _)| *bound == name).map(|(_, binding)| *binding)
    }

    pub(super) fn block(&self, name: Symbol) -> Option<BlockId> {
        self.blocks.iter().rev().find(|(bound, _)| *bound == name).map(|(_, block)| *block)
    }

    pub(super) fn tag(&self, name: Datum) -> Option<Tag> {
        self.tags.iter().rev().find(|tag| tag.name == name).copied()
    }

    pub(super) fn variables(&self) -> &[(Symbol, VariableBinding)] {
        &self.variables
    }

    pub(super) fn operators(&self) -> &[(Symbol, OperatorBinding)] {
        &self.operators
    }
}
