//! Facts: what a compiled prelude defines, and what each definition reaches.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clysm_compiler::context::{Context, TopForm};
use clysm_compiler::world::{OperatorFact, VariableFact};
use clysm_reader::{PackageId, Symbol, nearest};
use clysm_report::{SourceMap, Span};

use crate::definition::{DefinitionKind, Found, Shape, definitions, docstrings};
use crate::error::{Fault, FaultKind, sorted};
use crate::export::Export;
use crate::names::full_name;
use crate::reach::{Graph, TypeKind, types_defined};
use crate::references::{Access, Call, Depth, Mention, Position, References, requirement};
use crate::requirement::Requirement;

/// The records of exports by their symbols.
pub type Exports = HashMap<Symbol, Export>;

/// A package that a prelude defines, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefinedPackage {
    /// The package.
    pub package: PackageId,
    /// Its definition.
    pub span: Span,
}

/// What a documentation string is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Documented {
    /// The function of the name.
    Function,
    /// The variable of the name.
    Variable,
}

/// A compiled prelude, before anything is known of it.
pub struct PreludeSource<'a> {
    /// The compiler's state after the prelude.
    pub cx: &'a Context,
    /// The prelude's forms in order, without any that the host has added.
    pub forms: &'a [TopForm],
    /// The packages that it defines.
    pub packages: &'a [DefinedPackage],
    /// The packages that no prelude may define: the system's, and those of other preludes.
    pub reserved: &'a BTreeSet<PackageId>,
    /// The records of preludes that it may use.
    pub others: &'a Exports,
    /// The texts.
    pub sources: &'a SourceMap,
    /// Docstrings that are not recorded by the forms themselves.
    pub documentation: &'a dyn Fn(Symbol, Documented) -> Option<String>,
}

/// A definition of a prelude.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// The symbol; for `(setf name)` the symbol that stands for it.
    pub symbol: Symbol,
    /// The reference `namespace/name`.
    pub reference: String,
    /// Its package, in lower case.
    pub namespace: String,
    /// Its name, in lower case.
    pub name: String,
    /// Whether its package exports it.
    pub is_public: bool,
    /// What it is defined as.
    pub kind: DefinitionKind,
    /// Its parameters.
    pub shape: Shape,
    /// Its docstring.
    pub doc: Option<String>,
    /// The form that defines it.
    pub span: Span,
    /// The text of that form.
    pub source: Option<String>,
    /// Whether the prelude itself calls it in no other way than directly, and never by what its symbol's function is.
    pub is_only_called: bool,
    /// What it calls itself.
    pub direct: BTreeSet<Requirement>,
    /// What it may call, itself or through what it refers to.
    pub reached: BTreeSet<Requirement>,
}

/// A condition type that a prelude exports, under a name that is nothing else. It reaches nothing, and has no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionType {
    /// The symbol.
    pub symbol: Symbol,
    /// The reference `namespace/name`.
    pub reference: String,
    /// Its package, in lower case.
    pub namespace: String,
    /// The form that defines it.
    pub span: Span,
}

/// What is known of a prelude.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreludeFacts {
    /// Its packages.
    pub packages: BTreeSet<PackageId>,
    /// Their names in lower case.
    pub namespaces: BTreeMap<PackageId, String>,
    /// Its definitions, sorted by reference.
    pub definitions: Vec<Definition>,
    /// The condition types that it exports, sorted by reference.
    pub conditions: Vec<ConditionType>,
}

impl PreludeFacts {
    /// Looks through the forms of a prelude.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the places.
    pub fn new(source: &PreludeSource) -> Result<Self, Vec<Fault>> {
        let mut finder = Finder::new(source);
        finder.packages();
        finder.definitions();
        finder.exports();
        finder.uses();
        finder.finish()
    }

    /// The exports, in the order of their references.
    pub fn exports(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.iter().filter(|definition| definition.is_public)
    }

    /// The definition of a symbol.
    #[must_use]
    pub fn definition(&self, symbol: Symbol) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.symbol == symbol)
    }
}

struct Finder<'a> {
    source: &'a PreludeSource<'a>,
    cx: &'a Context,
    packages: BTreeSet<PackageId>,
    references: Vec<References>,
    found: Vec<Found>,
    by_symbol: HashMap<Symbol, Vec<usize>>,
    faults: Vec<Fault>,
}

impl<'a> Finder<'a> {
    fn new(source: &'a PreludeSource<'a>) -> Self {
        let references = source.forms.iter().map(|form| References::of(source.cx, form)).collect();
        Self {
            source,
            cx: source.cx,
            packages: source.packages.iter().map(|defined| defined.package).collect(),
            references,
            found: Vec::new(),
            by_symbol: HashMap::new(),
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, span: Span, kind: FaultKind) {
        self.faults.push(Fault { kind, span });
    }

    fn name(&self, symbol: Symbol) -> String {
        full_name(&self.cx.symbols, symbol)
    }

    fn packages(&mut self) {
        let mut defined: BTreeMap<PackageId, Span> = BTreeMap::new();
        for DefinedPackage { package, span } in self.source.packages.iter().copied() {
            let name = self.cx.symbols.package_name(package).to_owned();
            if self.source.reserved.contains(&package) {
                self.fault(span, FaultKind::ReservedPackage { name });
            } else if let Some(first) = defined.insert(package, span) {
                self.fault(span, FaultKind::DuplicatePackage { name, first });
            }
        }
    }

    /// Whether the prelude may define a name: one of its own packages, or of none.
    fn owns(&self, symbol: Symbol) -> bool {
        let base = self.cx.symbols.setf_base(symbol).unwrap_or(symbol);
        self.cx.symbols.package(base).is_none_or(|home| self.packages.contains(&home))
    }

    /// The package that exports a symbol: its own, or else the first by name.
    fn exporter(&self, symbol: Symbol) -> Option<PackageId> {
        let symbols = &self.cx.symbols;
        let exports = |package: &&PackageId| symbols.find_external(**package, symbols.name(symbol)) == Some(symbol);
        let home = symbols.package(symbol).filter(|home| self.packages.contains(home) && exports(&home));
        let by_name = |package: &&PackageId| symbols.package_name(**package).to_owned();
        home.or_else(|| self.packages.iter().filter(exports).min_by_key(by_name).copied())
    }

    fn definitions(&mut self) {
        for (number, form) in self.source.forms.iter().enumerate() {
            for found in definitions(self.cx, number, form, &self.references[number]) {
                self.define(found);
            }
        }
    }

    fn define(&mut self, found: Found) {
        let name = self.name(found.symbol);
        if !self.owns(found.symbol) {
            self.fault(found.span, FaultKind::ForeignDefinition { name: name.clone() });
        }
        let earlier = self.by_symbol.get(&found.symbol).into_iter().flatten().map(|index| &self.found[*index]);
        let clash = earlier.map(|first| (first.kind, first.span)).find_map(|(kind, first)| {
            let is_exported = self.exporter(found.symbol).is_some();
            let (what, first_what) = (found.kind.name(), kind.name());
            let name = name.clone();
            if !can_coexist(kind, found.kind) {
                Some(FaultKind::DuplicateDefinition { name, what, first })
            } else if is_exported {
                Some(FaultKind::AmbiguousExport { name, what, first_what, first })
            } else {
                None
            }
        });
        if let Some(kind) = clash {
            self.fault(found.span, kind);
        }
        self.by_symbol.entry(found.symbol).or_default().push(self.found.len());
        self.found.push(found);
    }

    fn exports(&mut self) {
        let mut references: BTreeMap<String, Symbol> = BTreeMap::new();
        for DefinedPackage { package, span } in self.source.packages {
            if self.source.reserved.contains(package) {
                continue;
            }
            for symbol in self.cx.symbols.external_symbols(*package) {
                self.export(symbol, *span);
                if self.exporter(symbol) != Some(*package) {
                    continue;
                }
                let (namespace, name) = self.reference(symbol);
                let reference = format!("{namespace}/{name}");
                if let Some(other) = references.insert(reference.clone(), symbol).filter(|other| *other != symbol) {
                    let (name, other) = (self.name(symbol), self.name(other));
                    self.fault(*span, FaultKind::AmbiguousReference { name, other, reference });
                }
            }
        }
    }

    fn export(&mut self, symbol: Symbol, span: Span) {
        let defined: Vec<(DefinitionKind, Span)> = self.definitions_of(symbol).map(|f| (f.kind, f.span)).collect();
        if defined.is_empty() {
            self.export_of_type(symbol, span);
        }
        if self.cx.world.facts(symbol).compiler_macro {
            let name = self.name(symbol);
            self.fault(span, FaultKind::UnsupportedExport { name, what: "compiler macro" });
        }
        for (kind, span) in defined {
            if matches!(kind, DefinitionKind::Macro | DefinitionKind::Raw) {
                let name = self.name(symbol);
                self.fault(span, FaultKind::UnsupportedExport { name, what: kind.name() });
            }
        }
    }

    /// An exported symbol that is neither a function nor a variable.
    fn export_of_type(&mut self, symbol: Symbol, span: Span) {
        let name = self.name(symbol);
        match self.type_of(symbol) {
            Some((TypeKind::Condition, _)) => {}
            Some((TypeKind::Structure, span)) => {
                self.fault(span, FaultKind::UnsupportedExport { name, what: "structure" });
            }
            None => {
                let similar = self.similar(symbol, |_| true);
                self.fault(span, FaultKind::ExportedUndefined { name, similar });
            }
        }
    }

    /// The type that a symbol names, and the form that defines it.
    fn type_of(&self, symbol: Symbol) -> Option<(TypeKind, Span)> {
        self.source.forms.iter().zip(&self.references).find_map(|(form, references)| {
            let (_, kind) = types_defined(self.cx, references).find(|(name, _)| *name == symbol)?;
            Some((kind, form.span))
        })
    }

    /// The exported condition types. What they reach, no record would tell.
    fn conditions(&self, graph: &Graph) -> Result<Vec<ConditionType>, Vec<Fault>> {
        let exported = self.packages.iter().flat_map(|package| self.cx.symbols.external_symbols(*package));
        let types: BTreeSet<Symbol> = exported.filter(|symbol| self.definitions_of(*symbol).next().is_none()).collect();
        let (mut conditions, mut faults) = (Vec::new(), Vec::new());
        for symbol in types {
            let Some((TypeKind::Condition, span)) = self.type_of(symbol) else { continue };
            faults.extend(graph.reached(symbol).into_iter().map(|requirement| {
                let kind = FaultKind::ConditionReaches { name: self.name(symbol), requirement };
                Fault { kind, span }
            }));
            let (namespace, name) = self.reference(symbol);
            let reference = format!("{namespace}/{name}");
            conditions.push(ConditionType { symbol, reference, namespace, span });
        }
        conditions.sort_by(|left, right| left.reference.cmp(&right.reference));
        if faults.is_empty() { Ok(conditions) } else { Err(sorted(faults)) }
    }

    fn definitions_of(&self, symbol: Symbol) -> impl Iterator<Item = &Found> {
        self.by_symbol.get(&symbol).into_iter().flatten().map(|index| &self.found[*index])
    }

    /// Names of definitions that are similar to that of a symbol.
    fn similar(&self, symbol: Symbol, fits: impl Fn(DefinitionKind) -> bool) -> Vec<String> {
        let names = self.found.iter().filter(|found| fits(found.kind)).map(|found| self.cx.symbols.name(found.symbol));
        nearest(self.cx.symbols.name(symbol), names)
    }

    /// Checks what the forms refer to.
    fn uses(&mut self) {
        let references = std::mem::take(&mut self.references);
        for (form, references) in self.source.forms.iter().zip(&references) {
            self.functions(references);
            self.replacements(references);
            self.variables(references);
            for span in &references.live_objects {
                self.fault(*span, FaultKind::LiveObject);
            }
            self.invocations(references, form.span);
        }
        self.references = references;
    }

    /// A function that is set anew is not the one whose facts these are.
    fn replacements(&mut self, references: &References) {
        const PLACES: [&str; 3] = ["FDEFINITION", "MACRO-FUNCTION", "SYMBOL-FUNCTION"];
        for call in &references.calls {
            let symbols = &self.cx.symbols;
            let place = symbols.setf_base(call.function).filter(|place| PLACES.contains(&symbols.name(*place)));
            let name = place.and_then(|_| call.arguments.get(1)?.symbol());
            let first = name.and_then(|name| self.definitions_of(name).next().map(|first| (name, first.span)));
            if let Some((name, first)) = first {
                let name = self.name(name);
                self.fault(call.span, FaultKind::DuplicateDefinition { name, what: "function", first });
            }
        }
    }

    fn functions(&mut self, references: &References) {
        for mention in &references.mentions {
            let named = match mention.position {
                Position::Called | Position::Function => true,
                Position::Constant | Position::ControlString | Position::Asked => false,
            };
            let is_macro = |kind| matches!(kind, DefinitionKind::Function | DefinitionKind::Raw);
            let symbol = mention.symbol;
            let known = self.cx.world.facts(symbol).operator == OperatorFact::Function
                || self.definitions_of(symbol).any(|found| is_macro(found.kind));
            if named && !known && self.must_be_known(symbol) {
                let (name, similar) = (self.name(symbol), self.similar(symbol, is_macro));
                self.fault(mention.span, FaultKind::UndefinedFunction { name, similar });
            }
        }
    }

    fn variables(&mut self, references: &References) {
        for variable in &references.variables {
            let symbol = variable.symbol;
            let is_variable = |kind| kind == DefinitionKind::Constant;
            let known = self.cx.world.facts(symbol).variable != VariableFact::Unknown
                || self.definitions_of(symbol).any(|found| is_variable(found.kind));
            if variable.access != Access::Bind && !known && self.must_be_known(symbol) {
                let (name, similar) = (self.name(symbol), self.similar(symbol, is_variable));
                self.fault(variable.span, FaultKind::UndefinedVariable { name, similar });
            }
        }
    }

    /// Whether nothing but a definition can give a name a meaning. Those of the system are known when the library is there.
    fn must_be_known(&self, symbol: Symbol) -> bool {
        let base = self.cx.symbols.setf_base(symbol).unwrap_or(symbol);
        !self.cx.is_system(base) || self.cx.library_is_complete
    }

    fn invocations(&mut self, references: &References, form: Span) {
        for invocation in &references.invocations {
            match requirement(&invocation.import) {
                None => {
                    let what = match invocation.import.kind {
                        clysm_dispatch::imports::NamedKind::Tool => "tool",
                        clysm_dispatch::imports::NamedKind::Upstream => "upstream operation",
                    };
                    let name = invocation.import.name.clone();
                    self.fault(invocation.span.or(form), FaultKind::ToolName { what, name });
                }
                Some(requirement) if invocation.depth == Depth::Load => {
                    self.fault(invocation.span.or(form), FaultKind::CallAtLoad { requirement });
                }
                Some(_) => {}
            }
        }
    }

    /// Namespace and name, in lower case.
    fn reference(&self, symbol: Symbol) -> (String, String) {
        let symbols = &self.cx.symbols;
        let base = symbols.setf_base(symbol);
        let name = symbols.name(symbol).to_lowercase();
        let home = self.exporter(symbol).or_else(|| symbols.package(base.unwrap_or(symbol)));
        (home.map_or_else(String::new, |home| symbols.package_name(home).to_lowercase()), name)
    }

    fn finish(self) -> Result<PreludeFacts, Vec<Fault>> {
        if !self.faults.is_empty() {
            return Err(sorted(self.faults));
        }
        let graph = Graph::new(self.source, &self.references, &self.found);
        let conditions = self.conditions(&graph)?;
        let docs = docstrings(self.cx, &self.references);
        let mut all: Vec<Definition> = self.found.iter().map(|found| self.definition(found, &graph, &docs)).collect();
        all.sort_by(|left, right| {
            (&left.reference, left.symbol, left.kind).cmp(&(&right.reference, right.symbol, right.kind))
        });
        let lower = |package: &PackageId| (*package, self.cx.symbols.package_name(*package).to_lowercase());
        Ok(PreludeFacts {
            namespaces: self.packages.iter().map(lower).collect(),
            packages: self.packages,
            definitions: all,
            conditions,
        })
    }

    /// Whether anything takes the function of a symbol, or has the symbol as a constant: a definition names what it defines, and
    /// is not meant.
    fn is_found_by_symbol(&self, symbol: Symbol) -> bool {
        // Where it names a type as well, a constant is that.
        let is_type =
            self.references.iter().any(|references| types_defined(self.cx, references).any(|(ty, _)| ty == symbol));
        if is_type {
            let is_function = |use_: &Mention| use_.symbol == symbol && use_.position == Position::Function;
            return self.references.iter().any(|references| references.mentions.iter().any(is_function));
        }
        let found = |position| matches!(position, Position::Function | Position::Constant | Position::ControlString);
        let mut mentions = 0;
        let mut definitions = 0;
        for references in &self.references {
            mentions += references.mentions.iter().filter(|use_| use_.symbol == symbol && found(use_.position)).count();
            let is_definition = |call: &&Call| {
                call.arguments.first().and_then(|first| first.symbol()) == Some(symbol)
                    && self.cx.symbols.package(call.function) == Some(PackageId::CLYSM)
            };
            definitions += references.calls.iter().filter(is_definition).count();
        }
        mentions > definitions
    }

    fn definition(&self, found: &Found, graph: &Graph, docs: &[(Symbol, bool, String)]) -> Definition {
        let (namespace, name) = self.reference(found.symbol);
        let is_variable = found.kind == DefinitionKind::Constant;
        let recorded =
            docs.iter().rev().find(|(symbol, variable, _)| *symbol == found.symbol && *variable == is_variable);
        let about = if is_variable { Documented::Variable } else { Documented::Function };
        Definition {
            symbol: found.symbol,
            reference: format!("{namespace}/{name}"),
            is_public: self.exporter(found.symbol).is_some(),
            kind: found.kind,
            shape: found.shape.clone(),
            doc: match recorded {
                Some((_, _, text)) => Some(text.clone()),
                None => (self.source.documentation)(found.symbol, about),
            },
            span: found.span,
            source: self.source.sources.slice(found.span).map(str::to_owned),
            is_only_called: !self.is_found_by_symbol(found.symbol),
            direct: graph.direct(found.form),
            reached: graph.reached(found.symbol),
            namespace,
            name,
        }
    }
}

/// Whether one symbol can be both: variables have a namespace of their own.
fn can_coexist(first: DefinitionKind, second: DefinitionKind) -> bool {
    (first == DefinitionKind::Constant) != (second == DefinitionKind::Constant)
}
