//! The preludes of a run together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clysm_compiler::context::Context;
use clysm_reader::{PackageId, Symbol};
use clysm_report::Span;

use crate::export::Export;
use crate::facts::{ConditionType, Exports, PreludeFacts};
use crate::policy::{Exposure, HostPolicy};

/// The preludes that a program is compiled against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preludes {
    packages: BTreeSet<PackageId>,
    exports: Exports,
    conditions: BTreeSet<Symbol>,
    definitions: HashMap<Symbol, Span>,
}

impl Preludes {
    /// Adds a prelude with its records, as [`derive`](crate::derive()) makes them under that policy.
    pub fn add(&mut self, facts: &PreludeFacts, records: &[Export], policy: &HostPolicy) {
        self.packages.extend(&facts.packages);
        let records: HashMap<&str, &Export> =
            records.iter().map(|record| (record.reference.as_str(), record)).collect();
        for definition in &facts.definitions {
            self.definitions.insert(definition.symbol, definition.span);
            if let Some(record) = records.get(definition.reference.as_str()).filter(|_| definition.is_public) {
                self.exports.insert(definition.symbol, (*record).clone());
            }
        }
        self.definitions.extend(facts.conditions.iter().map(|condition| (condition.symbol, condition.span)));
        let visible = facts.conditions.iter().filter(|condition| !is_hidden(condition, policy));
        self.conditions.extend(visible.map(|condition| condition.symbol));
    }

    /// The packages.
    #[must_use]
    pub const fn packages(&self) -> &BTreeSet<PackageId> {
        &self.packages
    }

    /// The records by symbol.
    #[must_use]
    pub const fn exports(&self) -> &Exports {
        &self.exports
    }

    /// The record of a symbol; none if programs may not refer to it.
    #[must_use]
    pub fn export(&self, symbol: Symbol) -> Option<&Export> {
        self.exports.get(&symbol)
    }

    /// Whether a symbol names a condition type that programs may refer to, and nothing else.
    #[must_use]
    pub fn is_condition(&self, symbol: Symbol) -> bool {
        self.conditions.contains(&symbol)
    }

    /// Whether programs may refer to a symbol.
    #[must_use]
    pub fn is_public(&self, symbol: Symbol) -> bool {
        self.exports.contains_key(&symbol) || self.is_condition(symbol)
    }

    /// Where a symbol is defined; nowhere if it is not.
    #[must_use]
    pub fn definition(&self, symbol: Symbol) -> Option<Span> {
        self.definitions.get(&symbol).copied()
    }

    /// The records, sorted by reference.
    #[must_use]
    pub fn records(&self) -> Vec<&Export> {
        let mut records: Vec<&Export> = self.exports.values().collect();
        records.sort_by(|left, right| left.reference.cmp(&right.reference));
        records
    }

    /// Where the exports are defined, by reference.
    #[must_use]
    pub fn places(&self) -> BTreeMap<String, Span> {
        let place =
            |(symbol, export): (&Symbol, &Export)| (export.reference.clone(), self.definitions.get(symbol).copied());
        self.exports.iter().map(place).map(|(reference, span)| (reference, span.unwrap_or_default())).collect()
    }

    /// The package of a prelude in which a symbol, or the `name` of a `(setf name)`, is at home.
    #[must_use]
    pub fn home(&self, cx: &Context, symbol: Symbol) -> Option<PackageId> {
        let base = cx.symbols.setf_base(symbol).unwrap_or(symbol);
        cx.symbols.package(base).filter(|home| self.packages.contains(home))
    }

    /// Exports of a package with names similar to that one, as Lisp writes them: what somebody may have meant who wrote a name
    /// that the package does not export.
    #[must_use]
    pub fn nearest(&self, cx: &Context, package: PackageId, name: &str) -> Vec<String> {
        let mut exported: Vec<Symbol> = self.exports.keys().chain(&self.conditions).copied().collect();
        exported.retain(|symbol| cx.symbols.find_external(package, cx.symbols.name(*symbol)) == Some(*symbol));
        exported.sort_unstable();
        let similar = clysm_reader::nearest(name, exported.iter().map(|symbol| cx.symbols.name(*symbol)));
        let package = cx.symbols.package_name(package);
        similar.into_iter().map(|name| format!("{package}:{name}")).collect()
    }
}

fn is_hidden(condition: &ConditionType, policy: &HostPolicy) -> bool {
    let of_export = policy.exports.get(&condition.reference).and_then(|export| export.visibility);
    let of_package = policy.packages.get(&condition.namespace).and_then(|package| package.visibility);
    of_export.or(of_package) == Some(Exposure::Hidden)
}
