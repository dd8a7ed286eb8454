//! What each definition reaches: the closure over the graph of what refers to what.
//!
//! The nodes are forms, and symbols with all that defines them. A symbol leads to the forms that define its function or its
//! variable, as a constant symbol can stand for either; a form leads to all symbols that it refers to, called or not.
//!
//! Functions also get into variables by other ways than their initial value, and are called from there:
//!
//! - a form that is evaluated when the prelude loads may put what it refers to into any variable that it reaches, directly or
//!   through functions that it calls: `(register :users #'list-users)`;
//! - a function that assigns a variable may put closures of its own there, and functions that it does not itself call.
//!
//! Other flows, such as functions that programs pass in or that are put into objects at run time, are not followed. They widen
//! nothing: the run's tool service refuses what the guard has not listed.

use std::collections::{BTreeSet, HashMap};

use clysm_compiler::context::{Context, FormKind, TopForm};
use clysm_reader::{PackageId, Symbol};

use crate::definition::{DefinitionKind, Found};
use crate::facts::{Exports, PreludeSource};
use crate::references::{Access, Call, Depth, Position, References, requirement};
use crate::requirement::Requirement;

/// What a form, or a part of it, refers to.
#[derive(Clone, Debug, Default)]
struct Edges {
    symbols: BTreeSet<Symbol>,
    requirements: BTreeSet<Requirement>,
}

impl Edges {
    /// All of a form.
    fn of(references: &References) -> Self {
        let invocations = references.invocations.iter().filter_map(|invocation| requirement(&invocation.import));
        let computed = references.computed.iter().map(|_| Requirement::Call);
        Self {
            symbols: references.symbols().map(|(symbol, _)| symbol).collect(),
            requirements: invocations.chain(computed).collect(),
        }
    }

    /// What a form may store: functions that it does not call itself, and what its closures refer to.
    fn stored(form: &TopForm, references: &References) -> Self {
        // The name of the function that it defines is no value of its own.
        let counts = |depth| depth != Depth::Load || !matches!(form.kind, FormKind::Function(..));
        let stored = references.mentions.iter().filter(|mention| match mention.position {
            Position::Called => mention.depth == Depth::Nested,
            Position::Function | Position::Constant | Position::ControlString => counts(mention.depth),
            Position::Asked => false,
        });
        let nested = references.invocations.iter().filter(|invocation| invocation.depth == Depth::Nested);
        let invocations = nested.filter_map(|invocation| requirement(&invocation.import));
        let computed = references.computed.iter().filter(|call| call.depth == Depth::Nested).map(|_| Requirement::Call);
        Self {
            symbols: stored.map(|mention| mention.symbol).collect(),
            requirements: invocations.chain(computed).collect(),
        }
    }
}

/// A kind of type whose objects have code of the prelude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeKind {
    Condition,
    Structure,
}

/// Internal functions that define the type that their first argument names.
const TYPE_DEFINERS: &[(&str, TypeKind)] = &[
    ("%DEFINE-CONDITION", TypeKind::Condition),
    ("%DEFINE-STRUCTURE-CLASS", TypeKind::Structure),
    ("%SET-STRUCTURE-PRINTERS", TypeKind::Structure),
    ("%SET-STRUCTURE-SLOTS", TypeKind::Structure),
];

/// The conditions and structures that a form defines: who makes one may have its report or its print function called.
pub(crate) fn types_defined<'a>(
    cx: &'a Context,
    references: &'a References,
) -> impl Iterator<Item = (Symbol, TypeKind)> + 'a {
    let kind = |call: &Call| {
        let is_internal = cx.symbols.package(call.function) == Some(PackageId::CLYSM);
        let definer = |(name, _): &&(&str, TypeKind)| is_internal && *name == cx.symbols.name(call.function);
        TYPE_DEFINERS.iter().find(definer).map(|(_, kind)| *kind)
    };
    references.calls.iter().filter_map(move |call| Some((call.arguments.first()?.symbol()?, kind(call)?)))
}

/// The symbols through which a form that is evaluated at load gets at variables.
fn used_at_load(references: &References) -> impl Iterator<Item = Symbol> {
    let is_used = |position| matches!(position, Position::Called | Position::Function);
    let mentions = references.mentions.iter().filter(move |use_| use_.depth == Depth::Load && is_used(use_.position));
    let variables = references.variables.iter().filter(|use_| use_.depth == Depth::Load);
    mentions.map(|use_| use_.symbol).chain(variables.map(|use_| use_.symbol))
}

/// The graph.
pub(crate) struct Graph<'a> {
    others: &'a Exports,
    /// By number of the form; those after the forms are parts of forms.
    edges: Vec<Edges>,
    /// The nodes that a symbol leads to.
    nodes: HashMap<Symbol, Vec<usize>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn new(source: &PreludeSource<'a>, references: &[References], found: &[Found]) -> Self {
        let edges = references.iter().map(Edges::of).collect();
        let mut graph = Self { others: source.others, edges, nodes: HashMap::new() };
        for definition in found {
            graph.nodes.entry(definition.symbol).or_default().push(definition.form);
        }
        for (number, references) in references.iter().enumerate() {
            for (symbol, _) in types_defined(source.cx, references) {
                graph.nodes.entry(symbol).or_default().push(number);
            }
        }
        let is_variable = |found: &&Found| found.kind == DefinitionKind::Constant;
        let variables: BTreeSet<Symbol> = found.iter().filter(is_variable).map(|found| found.symbol).collect();
        let at_load = graph.flows_at_load(source.forms, references, &variables);
        let assigned = graph.flows_of_assignments(source.forms, references, &variables);
        for (variable, node) in at_load.into_iter().chain(assigned) {
            graph.nodes.entry(variable).or_default().push(node);
        }
        graph
    }

    /// The variables that forms may fill when they are loaded, with the forms.
    fn flows_at_load(
        &self,
        forms: &[TopForm],
        all: &[References],
        variables: &BTreeSet<Symbol>,
    ) -> Vec<(Symbol, usize)> {
        let mut flows = Vec::new();
        for (number, (form, references)) in forms.iter().zip(all).enumerate() {
            if let FormKind::Expression(None) = form.kind {
                let mut symbols: BTreeSet<Symbol> = used_at_load(references).collect();
                let nodes = symbols.iter().flat_map(|symbol| self.nodes.get(symbol)).flatten().copied();
                symbols.extend(self.closure(nodes.collect::<Vec<_>>()).0);
                flows.extend(symbols.intersection(variables).map(|variable| (*variable, number)));
            }
        }
        flows
    }

    /// The variables that functions assign, with the parts of the forms that may get into them.
    fn flows_of_assignments(
        &mut self,
        forms: &[TopForm],
        all: &[References],
        variables: &BTreeSet<Symbol>,
    ) -> Vec<(Symbol, usize)> {
        let mut flows = Vec::new();
        for (form, references) in forms.iter().zip(all) {
            let assigns = |access| matches!(access, Access::Assign | Access::Bind);
            let assigned: BTreeSet<Symbol> =
                references.variables.iter().filter(|use_| assigns(use_.access)).map(|use_| use_.symbol).collect();
            let assigned: Vec<Symbol> = assigned.intersection(variables).copied().collect();
            if !assigned.is_empty() {
                flows.extend(assigned.into_iter().map(|variable| (variable, self.edges.len())));
                self.edges.push(Edges::stored(form, references));
            }
        }
        flows
    }

    /// What a form calls itself.
    pub(crate) fn direct(&self, form: usize) -> BTreeSet<Requirement> {
        self.edges.get(form).map(|edges| edges.requirements.clone()).unwrap_or_default()
    }

    /// What a symbol's definitions may call.
    pub(crate) fn reached(&self, symbol: Symbol) -> BTreeSet<Requirement> {
        self.closure(self.nodes.get(&symbol).into_iter().flatten().copied()).1
    }

    fn closure(&self, start: impl IntoIterator<Item = usize>) -> (BTreeSet<Symbol>, BTreeSet<Requirement>) {
        let mut pending: Vec<usize> = start.into_iter().collect();
        let mut visited: BTreeSet<usize> = BTreeSet::new();
        let (mut symbols, mut requirements) = (BTreeSet::new(), BTreeSet::new());
        while let Some(node) = pending.pop() {
            let Some(edges) = self.edges.get(node).filter(|_| visited.insert(node)) else { continue };
            requirements.extend(edges.requirements.iter().cloned());
            for symbol in &edges.symbols {
                if symbols.insert(*symbol) {
                    pending.extend(self.nodes.get(symbol).into_iter().flatten());
                    requirements.extend(self.of_other(*symbol));
                }
            }
        }
        (symbols, requirements)
    }

    /// What an export of another prelude needs.
    fn of_other(&self, symbol: Symbol) -> impl Iterator<Item = Requirement> {
        let requires = self.others.get(&symbol).map_or(&[] as &[String], |export| &export.requires);
        requires.iter().filter_map(|id| id.parse().ok())
    }
}
