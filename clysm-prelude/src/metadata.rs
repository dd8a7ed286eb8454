//! Metadata: what a prelude's source says of its exports in `(declaim (clysm:export …))`.

use std::collections::{BTreeSet, HashMap};

use clysm_compiler::context::Context;
use clysm_reader::{Datum, PackageId, Symbol};
use clysm_report::Span;

use crate::error::{Fault, FaultKind};
use crate::export::{Effect, Visibility, is_provider};
use crate::facts::PreludeFacts;
use crate::names::full_name;
use crate::requirement::Requirement;

/// A value with the place where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// The declaration that it stands in.
    pub span: Span,
}

/// What the source says of an export, or of all exports of a package that say nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExportMetadata {
    /// Where it is shown.
    pub visibility: Option<Placed<Visibility>>,
    /// What it does to the world.
    pub effect: Option<Placed<Effect>>,
    /// The id of the operation behind it. Not for packages.
    pub provider_ref: Option<String>,
    /// The ids of what it needs beyond what its code shows.
    pub requires: BTreeSet<Requirement>,
    /// The declaration.
    pub span: Span,
}

/// The metadata of a prelude.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Of exports.
    pub exports: HashMap<Symbol, ExportMetadata>,
    /// Of packages.
    pub packages: HashMap<PackageId, ExportMetadata>,
}

impl Metadata {
    /// Reads the declarations of a prelude of which these are the facts.
    ///
    /// # Errors
    /// Everything that is wrong with them, in their order.
    pub fn parse(cx: &Context, declarations: &[Datum], facts: &PreludeFacts) -> Result<Self, Vec<Fault>> {
        let mut parser = Parser { cx, facts, metadata: Self::default(), faults: Vec::new() };
        for declaration in declarations {
            parser.declaration(*declaration);
        }
        if parser.faults.is_empty() { Ok(parser.metadata) } else { Err(parser.faults) }
    }

    /// What the source says of an export.
    #[must_use]
    pub fn of(&self, symbol: Symbol) -> Option<&ExportMetadata> {
        self.exports.get(&symbol)
    }
}

struct Parser<'a> {
    cx: &'a Context,
    facts: &'a PreludeFacts,
    metadata: Metadata,
    faults: Vec<Fault>,
}

/// What a declaration is about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    name: &'a str,
    is_package: bool,
    span: Span,
}

impl Parser<'_> {
    fn declaration(&mut self, declaration: Datum) {
        let span = self.cx.heap.span(declaration);
        match self.cx.heap.proper_list(declaration).as_deref() {
            Some([Datum::Symbol(head), name, options @ ..]) => match self.cx.symbols.name(*head) {
                "EXPORT-DEFAULTS" => self.package(*name, options, span),
                _ => self.export(*name, options, span),
            },
            Some(_) => self.fault(span, FaultKind::MalformedDeclaration { reason: "it names nothing" }),
            None => self.fault(span, FaultKind::MalformedDeclaration { reason: "it is not a proper list" }),
        }
    }

    fn export(&mut self, name: Datum, options: &[Datum], span: Span) {
        let Some(symbol) = name.as_symbol() else {
            return self.fault(span, FaultKind::MalformedDeclaration { reason: "it does not begin with a symbol" });
        };
        let name = full_name(&self.cx.symbols, symbol);
        let exported = self
            .facts
            .packages
            .iter()
            .any(|package| self.cx.symbols.find_external(*package, self.cx.symbols.name(symbol)) == Some(symbol));
        if !exported {
            return self.fault(span, FaultKind::NotExported { name });
        }
        if self.facts.conditions.iter().any(|condition| condition.symbol == symbol) {
            return self.fault(span, FaultKind::ConditionMetadata { name });
        }
        let metadata = self.options(Subject { name: &name, is_package: false, span }, options);
        if let Some(first) = self.metadata.exports.insert(symbol, metadata) {
            self.fault(span, FaultKind::RepeatedDeclaration { name, first: first.span });
        }
    }

    fn package(&mut self, name: Datum, options: &[Datum], span: Span) {
        let text = match name {
            Datum::Symbol(symbol) => self.cx.symbols.name(symbol).to_owned(),
            Datum::Char(character) => character.to_string(),
            _ => match self.cx.heap.text(name) {
                Some(text) => text.to_owned(),
                None => {
                    let reason = "it does not begin with the name of a package";
                    return self.fault(span, FaultKind::MalformedDeclaration { reason });
                }
            },
        };
        let found = self.cx.symbols.find_package(&text).filter(|package| self.facts.packages.contains(package));
        let Some(package) = found else { return self.fault(span, FaultKind::NotAPackage { name: text }) };
        let metadata = self.options(Subject { name: &text, is_package: true, span }, options);
        if let Some(first) = self.metadata.packages.insert(package, metadata) {
            self.fault(span, FaultKind::RepeatedDeclaration { name: text, first: first.span });
        }
    }

    fn options(&mut self, subject: Subject, options: &[Datum]) -> ExportMetadata {
        let mut metadata = ExportMetadata { span: subject.span, ..ExportMetadata::default() };
        let mut seen: Vec<&str> = Vec::new();
        for option in options.chunks(2) {
            let key = option[0];
            let known = key.as_symbol().filter(|symbol| self.cx.symbols.is_keyword(*symbol)).and_then(|symbol| {
                Some(match self.cx.symbols.name(symbol) {
                    "VISIBILITY" => ":visibility",
                    "EFFECT" => ":effect",
                    "PROVIDER-REF" if !subject.is_package => ":provider-ref",
                    "REQUIRES" => ":requires",
                    _ => return None,
                })
            });
            let Some(key) = known else {
                let key = self.shown(key);
                self.fault(subject.span, FaultKind::UnknownKey { name: subject.name.to_owned(), key });
                continue;
            };
            match option.get(1) {
                None => self.fault(subject.span, FaultKind::NoValue { name: subject.name.to_owned(), key }),
                Some(_) if seen.contains(&key) => {
                    self.fault(subject.span, FaultKind::RepeatedKey { name: subject.name.to_owned(), key });
                }
                Some(value) => self.option(subject, key, *value, &mut metadata),
            }
            seen.push(key);
        }
        metadata
    }

    fn option(&mut self, subject: Subject, key: &'static str, value: Datum, metadata: &mut ExportMetadata) {
        let span = self.cx.heap.span(value).or(subject.span);
        let keyword = self.keyword(value).unwrap_or_default();
        let (fits, expected) = match key {
            ":visibility" => {
                let named = |visibility: &&Visibility| keyword == visibility.name().to_uppercase();
                metadata.visibility = Visibility::ALL.iter().find(named).map(|value| Placed { value: *value, span });
                (metadata.visibility.is_some(), ":prompt or :discoverable")
            }
            ":effect" => {
                let named = |effect: &&Effect| keyword == effect.name().to_uppercase();
                metadata.effect = Effect::ALL.iter().find(named).map(|value| Placed { value: *value, span });
                (metadata.effect.is_some(), ":read, :write or :unknown")
            }
            ":provider-ref" => {
                metadata.provider_ref = self.cx.heap.text(value).filter(|id| is_provider(id)).map(str::to_owned);
                (metadata.provider_ref.is_some(), "a string \"tool:NAME\" or \"upstream:SERVER/TOOL\"")
            }
            _ => match self.requirements(value) {
                Some(requires) => {
                    metadata.requires = requires;
                    (true, "")
                }
                None => (false, "a list of strings \"tool:NAME\", \"upstream:SERVER/TOOL\" or \"call\""),
            },
        };
        if !fits {
            let (name, value) = (subject.name.to_owned(), self.shown(value));
            self.fault(span, FaultKind::WrongValue { name, key, value, expected });
        }
    }

    fn keyword(&self, value: Datum) -> Option<&str> {
        let symbol = value.as_symbol().filter(|symbol| self.cx.symbols.is_keyword(*symbol))?;
        Some(self.cx.symbols.name(symbol))
    }

    fn requirements(&self, value: Datum) -> Option<BTreeSet<Requirement>> {
        let ids = self.cx.heap.proper_list(value)?;
        ids.into_iter().map(|id| self.cx.heap.text(id)?.parse().ok()).collect()
    }

    fn shown(&self, value: Datum) -> String {
        clysm_reader::prin1(&self.cx.heap, &self.cx.symbols, value)
    }

    fn fault(&mut self, span: Span, kind: FaultKind) {
        self.faults.push(Fault { kind, span });
    }
}
