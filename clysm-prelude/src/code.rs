//! What the code of a module shows: its imports of tools, and which functions reach them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use wasmparser::{BinaryReaderError, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, TypeRef};

use crate::export::Export;
use crate::references::CALL_MODULE;
use crate::requirement::Requirement;

/// The facts of one module.
#[derive(Clone, Debug, Default)]
pub(crate) struct CodeFacts {
    /// What it imports.
    pub(crate) imports: BTreeSet<Requirement>,
    /// The imports by function index.
    by_index: HashMap<u32, Requirement>,
    /// What each function calls, or refers to.
    edges: HashMap<u32, BTreeSet<u32>>,
    /// Functions by their names in lower case.
    names: BTreeMap<String, Vec<u32>>,
}

impl CodeFacts {
    pub(crate) fn of(wasm: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut facts = Self::default();
        // Imported functions come first in the index space.
        let mut next = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(_) | TypeRef::FuncExact(_) = import.ty {
                            facts.import(import.module, import.name, next);
                            next += 1;
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    facts.edges.insert(next, referenced(&body)?);
                    next += 1;
                }
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(names) = custom.as_known() {
                        for name in names {
                            facts.name(name?)?;
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    fn import(&mut self, module: &str, name: &str, index: u32) {
        let requirement = match module {
            "clysm:tool" => format!("tool:{name}").parse().ok(),
            "clysm:upstream" => format!("upstream:{name}").parse().ok(),
            CALL_MODULE => Some(Requirement::Call),
            _ => None,
        };
        if let Some(requirement) = requirement {
            self.imports.insert(requirement.clone());
            self.by_index.insert(index, requirement);
        }
    }

    fn name(&mut self, name: Name) -> Result<(), BinaryReaderError> {
        if let Name::Function(functions) = name {
            for naming in functions {
                let naming = naming?;
                self.names.entry(naming.name.to_lowercase()).or_default().push(naming.index);
            }
        }
        Ok(())
    }

    /// What the functions with the name of an export reach.
    pub(crate) fn reached_by(&self, export: &Export) -> BTreeSet<Requirement> {
        let (package, symbol) = (&export.namespace, &export.symbol);
        let named = [format!("{package}:{symbol}"), format!("{package}::{symbol}")];
        let mut pending: Vec<u32> = named.iter().filter_map(|name| self.names.get(name)).flatten().copied().collect();
        let mut visited = BTreeSet::new();
        let mut reached = BTreeSet::new();
        while let Some(function) = pending.pop() {
            if visited.insert(function) {
                reached.extend(self.by_index.get(&function).cloned());
                pending.extend(self.edges.get(&function).into_iter().flatten());
            }
        }
        reached
    }
}

/// The functions that a body calls directly, or takes references of.
fn referenced(body: &FunctionBody) -> Result<BTreeSet<u32>, BinaryReaderError> {
    let mut found = BTreeSet::new();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index }
            | Operator::ReturnCall { function_index }
            | Operator::RefFunc { function_index } => {
                found.insert(function_index);
            }
            _ => {}
        }
    }
    Ok(found)
}
