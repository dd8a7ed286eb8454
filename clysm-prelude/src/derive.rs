//! Export records from compiled facts, host policy and metadata.
//!
//! Where they speak of the same, the first of these wins: compiled facts, host policy, the export's metadata, its package's
//! defaults, global defaults. A policy that contradicts what the source says of an export is an error all the same: somebody
//! has to decide.

use std::collections::BTreeSet;

use clysm_reader::nearest;
use clysm_report::Span;

use crate::definition::DefinitionKind;
use crate::error::{Fault, FaultKind, sorted};
use crate::export::{Effect, Export, Kind, Visibility};
use crate::facts::{Definition, PreludeFacts};
use crate::metadata::{ExportMetadata, Metadata};
use crate::policy::{ExportPolicy, Exposure, HostPolicy};
use crate::requirement::Requirement;

/// The records of a prelude's exports, sorted by reference. Exports that the policy hides have none.
///
/// # Errors
/// Where the policy contradicts the source or itself, or names an export of the prelude's packages that is not there.
pub fn derive(facts: &PreludeFacts, metadata: &Metadata, policy: &HostPolicy) -> Result<Vec<Export>, Vec<Fault>> {
    let mut derivation = Derivation { facts, metadata, policy, faults: Vec::new() };
    derivation.check_names();
    let exports: Vec<Export> = facts.exports().filter_map(|definition| derivation.export(definition)).collect();
    if derivation.faults.is_empty() { Ok(exports) } else { Err(sorted(derivation.faults)) }
}

/// What a policy says of packages that none of these preludes defines, or of their exports.
#[must_use]
pub fn unknown_packages<'a>(policy: &HostPolicy, preludes: impl IntoIterator<Item = &'a PreludeFacts>) -> Vec<Fault> {
    let names: BTreeSet<&str> =
        preludes.into_iter().flat_map(|facts| facts.namespaces.values()).map(String::as_str).collect();
    let is_known = |reference: &str| names.iter().any(|name| is_of(reference, name));
    let similar = |name: &str| nearest(name, names.iter().copied());
    let packages = policy
        .packages
        .keys()
        .filter(|name| !names.contains(name.as_str()))
        .map(|name| FaultKind::PolicyPackage { name: name.clone(), similar: similar(name) });
    let exports = policy.exports.keys().filter(|reference| !is_known(reference)).map(|reference| {
        let name = reference.split('/').next().unwrap_or_default();
        FaultKind::PolicyExport { reference: reference.clone(), similar: similar(name) }
    });
    packages.chain(exports).map(|kind| Fault { kind, span: Span::NONE }).collect()
}

/// Whether a reference is one to a name of that package.
fn is_of(reference: &str, namespace: &str) -> bool {
    reference.strip_prefix(namespace).is_some_and(|rest| rest.starts_with('/'))
}

struct Derivation<'a> {
    facts: &'a PreludeFacts,
    metadata: &'a Metadata,
    policy: &'a HostPolicy,
    faults: Vec<Fault>,
}

/// What there is to know of one export.
struct Knowledge<'a> {
    definition: &'a Definition,
    source: Option<&'a ExportMetadata>,
    package: Option<&'a ExportMetadata>,
    policy: ExportPolicy,
}

impl Derivation<'_> {
    fn check_names(&mut self) {
        let references: BTreeSet<&str> = self.facts.exports().map(|export| export.reference.as_str()).collect();
        let conditions: BTreeSet<&str> = self.facts.conditions.iter().map(|ty| ty.reference.as_str()).collect();
        let own = |reference: &str| self.facts.namespaces.values().any(|namespace| is_of(reference, namespace));
        let unknown = self.policy.exports.iter().filter(|(name, _)| own(name) && !references.contains(name.as_str()));
        for (reference, policy) in unknown {
            let hides = ExportPolicy { visibility: Some(Exposure::Hidden), effect: None };
            let reference = reference.clone();
            let kind = match conditions.contains(reference.as_str()) {
                true if *policy == hides => continue,
                true => FaultKind::PolicyCondition { reference },
                false => {
                    let similar = nearest(&reference, references.union(&conditions).copied());
                    FaultKind::PolicyExport { reference, similar }
                }
            };
            self.faults.push(Fault { kind, span: Span::NONE });
        }
    }

    fn export(&mut self, definition: &Definition) -> Option<Export> {
        let package =
            self.facts.namespaces.iter().find(|(_, namespace)| **namespace == definition.namespace).map(|(id, _)| id);
        let knowledge = Knowledge {
            definition,
            source: self.metadata.of(definition.symbol),
            package: package.and_then(|id| self.metadata.packages.get(id)),
            policy: self.policy.exports.get(&definition.reference).copied().unwrap_or_default(),
        };
        let exposure = self.exposure(&knowledge);
        let effect = self.effect(&knowledge);
        let tools = definition.reached.iter().filter_map(|requirement| match requirement {
            Requirement::Tool(name) => Some(name.clone()),
            Requirement::Upstream(_) | Requirement::Call => None,
        });
        Some(Export {
            reference: definition.reference.clone(),
            namespace: definition.namespace.clone(),
            symbol: definition.name.clone(),
            arity: definition.shape.arity,
            min_arity: definition.shape.min,
            max_arity: definition.shape.max,
            params: definition.shape.params.clone(),
            doc: definition.doc.clone(),
            visibility: exposure.visibility()?,
            effect,
            kind: if definition.kind == DefinitionKind::Constant { Kind::Constant } else { Kind::Function },
            provider_ref: provider(&knowledge),
            requires: requires(&knowledge),
            tool_refs: tools.collect(),
        })
    }

    /// How far an export is seen: as the source says, narrowed by the policy.
    fn exposure(&mut self, knowledge: &Knowledge) -> Exposure {
        let explicit = knowledge.source.and_then(|source| source.visibility);
        let default = knowledge.package.and_then(|package| package.visibility);
        let source: Exposure = explicit.or(default).map_or(Visibility::Prompt, |placed| placed.value).into();
        let of_package =
            self.policy.packages.get(&knowledge.definition.namespace).and_then(|package| package.visibility);
        if let (Some(policy), Some(default)) = (of_package, default)
            && policy < default.value.into()
        {
            // For each export of the package; they are the same but for the name.
            self.widens(knowledge, default.value.into(), policy, default.span);
        }
        match knowledge.policy.visibility {
            Some(policy) if policy < source => {
                let span = explicit.or(default).map_or(knowledge.definition.span, |placed| placed.span);
                self.widens(knowledge, source, policy, span);
                source
            }
            Some(policy) => policy,
            None => of_package.map_or(source, |policy| policy.max(source)),
        }
    }

    fn widens(&mut self, knowledge: &Knowledge, source_says: Exposure, policy: Exposure, span: Span) {
        let export = knowledge.definition.reference.clone();
        self.faults.push(Fault { kind: FaultKind::PolicyWidens { export, source_says, policy }, span });
    }

    /// What an export does: as somebody says, else the worst of what it reaches. An export that reaches nothing and of which
    /// nobody says anything is unknown too: that it reads only would be a guess about what it does with its arguments.
    fn effect(&mut self, knowledge: &Knowledge) -> Effect {
        let reached = &knowledge.definition.reached;
        let explicit = knowledge.source.and_then(|source| source.effect);
        let default = knowledge.package.and_then(|package| package.effect);
        let export = || knowledge.definition.reference.clone();
        if let (Some(policy), Some(source)) = (knowledge.policy.effect, explicit)
            && policy != source.value
        {
            let kind = FaultKind::PolicyEffect { export: export(), source_says: source.value, policy };
            self.faults.push(Fault { kind, span: source.span });
        }
        let said = knowledge.policy.effect.or(explicit.or(default).map(|placed| placed.value));
        let writes = reached.iter().find(|requirement| self.policy.effect(requirement) == Effect::Write);
        if let (Some(Effect::Read), Some(requirement)) = (said, writes) {
            let kind = FaultKind::NotOnlyReading { export: export(), requirement: requirement.clone() };
            let span = explicit.or(default).map_or(knowledge.definition.span, |placed| placed.span);
            self.faults.push(Fault { kind, span });
        }
        let join = || reached.iter().map(|requirement| self.policy.effect(requirement)).max();
        said.or_else(join).unwrap_or(Effect::Unknown)
    }
}

/// The operation behind an export: as the source says, else the only upstream operation that its own body calls by name.
fn provider(knowledge: &Knowledge) -> Option<String> {
    if let Some(explicit) = knowledge.source.and_then(|source| source.provider_ref.clone()) {
        return Some(explicit);
    }
    let is_upstream = |requirement: &&Requirement| matches!(requirement, Requirement::Upstream(_));
    let mut upstreams = knowledge.definition.direct.iter().filter(is_upstream);
    upstreams.next().filter(|_| upstreams.next().is_none()).map(ToString::to_string)
}

/// What an export needs: what its code shows, and what the source adds.
fn requires(knowledge: &Knowledge) -> Vec<String> {
    let declared = knowledge.source.into_iter().chain(knowledge.package).flat_map(|metadata| &metadata.requires);
    let all: BTreeSet<&Requirement> = knowledge.definition.reached.iter().chain(declared).collect();
    all.into_iter().map(ToString::to_string).collect()
}
