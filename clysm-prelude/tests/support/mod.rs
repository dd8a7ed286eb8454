//! Compiles preludes and programs without an image: only what needs no macros of the library.

#![allow(dead_code, reason = "each test uses a part")]

use std::collections::{BTreeMap, BTreeSet};

use clysm_compiler::context::{CallError, CompileTime, Context, TopForm};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_prelude::references::References;
use clysm_prelude::{
    AnalysisError, DefinedPackage, Documented, Export, Exports, Fault, GuardError, HostPolicy, Listed, Metadata,
    PreludeFacts, PreludeSource, Preludes, Program, derive, guard,
};
use clysm_reader::{Datum, NoReadEval, PackageId, Reader, Symbol};
use clysm_report::{SourceMap, Span};

#[derive(Default)]
struct NoImage(Vec<TopForm>);

impl CompileTime for NoImage {
    fn call(&mut self, _: &mut Context, function: &str, _: &[Datum]) -> Result<Datum, CallError> {
        Err(CallError { report: format!("there is no image to call {function} in") })
    }

    fn accept(&mut self, _: &mut Context, form: TopForm) -> Result<(), CallError> {
        self.0.push(form);
        Ok(())
    }

    fn evaluate(&mut self, _: &mut Context, _: Datum) -> Result<(), CallError> {
        Ok(())
    }

    fn loads_source(&self) -> bool {
        true
    }

    // Definitions of packages are then the compiler's business.
    fn is_library(&self) -> bool {
        true
    }
}

/// Symbols of the standard that tests use and that the compiler does not know by itself.
const STANDARD: &[&str] = &[
    "DELETE-PACKAGE",
    "DESCRIBE",
    "DOCUMENTATION",
    "FDEFINITION",
    "FMAKUNBOUND",
    "FORMAT",
    "MAPCAR",
    "PRINT",
    "SET",
    "SYMBOL-FUNCTION",
    "UNINTERN",
];

/// Compiled texts.
pub struct World {
    pub cx: Context,
    pub sources: SourceMap,
    pub preludes: Preludes,
    pub docs: BTreeMap<String, String>,
    /// What the last prelude was made of.
    pub facts: PreludeFacts,
}

impl Default for World {
    fn default() -> Self {
        let mut cx = Context::new().unwrap();
        // Symbols that the library exports.
        let exported: Vec<Symbol> =
            ["EXPORT-DEFAULTS", "CALL-TOOL", "CALL-UPSTREAM", "DESCRIBE-EXPORT", "EXPORT-METADATA"]
                .iter()
                .map(|name| cx.system(name))
                .collect();
        cx.symbols.export(PackageId::CLYSM, &exported).unwrap();
        let export = cx.names.known.export;
        cx.symbols.export(PackageId::CLYSM, &[export]).unwrap();
        for name in STANDARD {
            let symbol = cx.standard(name);
            cx.symbols.export(PackageId::COMMON_LISP, &[symbol]).unwrap();
        }
        Self {
            cx,
            sources: SourceMap::new(),
            preludes: Preludes::default(),
            docs: BTreeMap::new(),
            facts: PreludeFacts::default(),
        }
    }
}

impl World {
    /// Compiles a text in CL-USER.
    pub fn compile(&mut self, path: &str, text: &str) -> Vec<TopForm> {
        let cx = &mut self.cx;
        cx.symbols.current = PackageId::COMMON_LISP_USER;
        let mut reader = Reader::new(text, self.sources.add(path, text));
        let mut host = NoImage::default();
        while let Some(form) = reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval).unwrap() {
            if let Err(error) = compile_toplevel(cx, &mut host, form) {
                panic!("{error} at {:?}", self.sources.location(error.span));
            }
        }
        host.0
    }

    /// Compiles a prelude, adds it to the others, and returns its records.
    pub fn prelude(&mut self, text: &str, policy: &HostPolicy) -> Result<Vec<Export>, Vec<Fault>> {
        let before: BTreeSet<PackageId> = self.cx.symbols.packages().collect();
        self.cx.export_declarations.clear();
        let forms = self.compile("prelude.lisp", text);
        let new = self.cx.symbols.packages().filter(|package| !before.contains(package));
        let packages: Vec<DefinedPackage> = new.map(|package| DefinedPackage { package, span: Span::NONE }).collect();
        self.facts = self.facts_of(&forms, &packages, &before)?;
        let metadata = Metadata::parse(&self.cx, &self.cx.export_declarations, &self.facts)?;
        let records = derive(&self.facts, &metadata, policy)?;
        self.preludes.add(&self.facts, &records, policy);
        Ok(records)
    }

    pub fn facts_of(
        &self,
        forms: &[TopForm],
        packages: &[DefinedPackage],
        reserved: &BTreeSet<PackageId>,
    ) -> Result<PreludeFacts, Vec<Fault>> {
        let others: &Exports = self.preludes.exports();
        PreludeFacts::new(&PreludeSource {
            cx: &self.cx,
            forms,
            packages,
            reserved,
            others,
            sources: &self.sources,
            documentation: &|symbol, about| {
                (about == Documented::Function).then(|| self.docs.get(self.cx.symbols.name(symbol)).cloned())?
            },
        })
    }

    /// Analyses a program.
    pub fn analyse(&mut self, text: &str) -> Result<References, Vec<AnalysisError>> {
        let forms = self.compile("program.lisp", text);
        let system = BTreeSet::from([PackageId::COMMON_LISP, PackageId::CLYSM]);
        Program { cx: &self.cx, forms: &forms, read: &[], preludes: &self.preludes, system: &system }.analyse()
    }

    /// The codes and messages of what is wrong with a program, with places.
    pub fn complaints(&mut self, text: &str) -> Vec<String> {
        let errors = self.analyse(text).err().unwrap_or_default();
        let place = |error: &AnalysisError| self.sources.location(error.span).unwrap_or_default();
        errors.iter().map(|error| format!("{} {}: {error}", place(error), error.kind.code())).collect()
    }

    /// Analyses and guards a program.
    pub fn guard(&mut self, text: &str, policy: &HostPolicy) -> Result<Listed, GuardError> {
        let references = self.analyse(text).unwrap();
        guard(&references, &self.preludes, policy)
    }
}

/// The records of a prelude by itself.
pub fn records(text: &str) -> Vec<Export> {
    World::default().prelude(text, &HostPolicy::default()).unwrap()
}

/// What is wrong with a prelude by itself.
pub fn faults(text: &str, policy: &str) -> Vec<String> {
    let policy = HostPolicy::from_toml(policy).unwrap();
    let mut world = World::default();
    let faults = world.prelude(text, &policy).unwrap_err();
    let place = |fault: &Fault| world.sources.location(fault.span).unwrap_or_default();
    faults.iter().map(|fault| format!("{} {}: {fault}", place(fault), fault.kind.code())).collect()
}
