//! Which structures a program makes: a predicate of one that it does not make is never true.

use clysm_ast::{Ast, Callee, Node, NodeKind};
use clysm_gc_types::GcType;
use clysm_reader::hash::{NameMap, NameSet};
use clysm_reader::{PackageId, Symbol};

use super::literal_symbol;
use crate::context::{Context, FormKind, TopForm};
use crate::primitives::{Operation, TypedOperation};

/// The structures of a program, by the names of their types.
pub struct Structures {
    /// For each form, the structures that its code makes.
    makers: Vec<Vec<Symbol>>,
    /// The structure that another includes.
    includes: NameMap<Symbol, Symbol>,
    predicates: Vec<(Symbol, Symbol)>,
    made: NameSet<Symbol>,
}

impl Structures {
    /// Looks through all forms for definitions, constructors and predicates of structures.
    pub fn new(cx: &Context, forms: &[TopForm]) -> Self {
        let makers = forms.iter().map(|form| Search { cx, ast: &form.ast }.made()).collect();
        let includes = forms.iter().filter_map(|form| Search { cx, ast: &form.ast }.inclusion()).collect();
        let predicates = forms
            .iter()
            .filter_map(|form| match form.kind {
                FormKind::Function(symbol, id) => {
                    let structure = Search { cx, ast: &form.ast }.tested(&form.ast.function(id).body)?;
                    Some((symbol, structure))
                }
                _ => None,
            })
            .collect();
        Self { makers, includes, predicates, made: NameSet::default() }
    }

    /// Takes note that a form's code can run.
    pub fn reach(&mut self, form: usize) {
        for structure in &self.makers[form] {
            let mut current = Some(*structure);
            while let Some(name) = current.filter(|name| self.made.insert(*name)) {
                current = self.includes.get(&name).copied();
            }
        }
    }

    /// Predicates of structures that are not made.
    pub fn idle_predicates(&self) -> impl Iterator<Item = Symbol> + '_ {
        self.predicates.iter().filter(|(_, structure)| !self.made.contains(structure)).map(|(predicate, _)| *predicate)
    }
}

/// Recognises what `defstruct` expands to.
struct Search<'a> {
    cx: &'a Context,
    ast: &'a Ast,
}

impl Search<'_> {
    /// The structures of which the form makes instances.
    fn made(&self) -> Vec<Symbol> {
        let mut made = Vec::new();
        for function in &self.ast.functions {
            self.collect_made(&function.body, &mut made);
        }
        made
    }

    fn collect_made(&self, node: &Node, made: &mut Vec<Symbol>) {
        if self.operation(node) == Some((TypedOperation::ArrayNew, GcType::Instance))
            && let NodeKind::Primitive { args, .. } = &node.kind
        {
            made.extend(args.get(1).and_then(|class| self.structure(class)));
        }
        node.for_each_child(&mut |child| self.collect_made(child, made));
    }

    /// `(%define-structure-class 'name 'include …)`: the name and what it includes.
    fn inclusion(&self) -> Option<(Symbol, Symbol)> {
        match &self.ast.function(Ast::TOPLEVEL).body.kind {
            NodeKind::Call(Callee::Global(function), args) if self.is_system(*function, "%DEFINE-STRUCTURE-CLASS") => {
                let include = literal_symbol(args.get(1)?).filter(|symbol| *symbol != Symbol::NIL)?;
                Some((literal_symbol(args.first()?)?, include))
            }
            _ => None,
        }
    }

    /// The structure that a body tests for: `(and (%is instance x) (%subtype-at-depth-p class structure depth))`.
    fn tested(&self, body: &Node) -> Option<Symbol> {
        match &body.kind {
            NodeKind::Block(_, body) => self.tested(body),
            NodeKind::If(test, then, _) if self.operation(test) == Some((TypedOperation::Is, GcType::Instance)) => {
                match &then.kind {
                    NodeKind::Call(Callee::Global(function), args)
                        if self.is_system(*function, "%SUBTYPE-AT-DEPTH-P") =>
                    {
                        self.structure(args.get(1)?)
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The structure whose class `(load-time-value (%structure-class-object 'name))` is.
    fn structure(&self, node: &Node) -> Option<Symbol> {
        let NodeKind::LoadTimeValue(index) = node.kind else { return None };
        let function = *self.ast.load_time_values.get(index as usize)?;
        match &self.ast.function(function).body.kind {
            NodeKind::Call(Callee::Global(function), args) if self.is_system(*function, "%STRUCTURE-CLASS-OBJECT") => {
                literal_symbol(args.first()?)
            }
            _ => None,
        }
    }

    fn operation(&self, node: &Node) -> Option<(TypedOperation, GcType)> {
        let NodeKind::Primitive { op, immediates, .. } = &node.kind else { return None };
        match self.cx.primitives.get(usize::from(*op))?.operation {
            Operation::Typed(operation) => Some((operation, *GcType::TABLE.get(usize::from(immediates[0]))?)),
            _ => None,
        }
    }

    fn is_system(&self, symbol: Symbol, name: &str) -> bool {
        self.cx.symbols.package(symbol) == Some(PackageId::CLYSM) && self.cx.symbols.name(symbol) == name
    }
}
