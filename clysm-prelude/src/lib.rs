//! Capability preludes: what a host lets programs do that it does not trust.
//!
//! A *prelude* is Lisp source of the deployment. Its packages export functions and constants, which wrap *tools* of the host,
//! and condition types. A program that is compiled against preludes can use their exports, and nothing else of them. Before
//! anything of it runs, the host knows which tools it can reach, that its calls fit, and that its policy grants them. In the order
//! in which things happen:
//!
//! 1. [`PreludeFacts`] are what a compiled prelude defines, and which tools each definition reaches; [`Metadata`] is what its
//!    source says besides.
//! 2. [`derive`](derive()) makes the records of its exports, [`Export`], from both and the [`HostPolicy`].
//! 3. [`attach`](attach()) compares what the records require with what a run grants and has.
//! 4. [`Program::analyse`] checks a program: private names, numbers of arguments, redefinitions, primitives.
//! 5. [`guard`](guard()) lists the tools that the program can reach, or all that it may not.
//!
//! [`inventory`](inventory()) tells a program's author what there is. [`append_section`] puts the records into a module, and
//! [`recheck`] says where they are not what the code shows.
//!
//! The crate is pure: it reads no files, runs no Lisp, and does not know the Wasm engine. It finds what can be found before a
//! program runs; what a program computes is refused by the host when it is called.
//!
//! ```
//! use std::collections::BTreeSet;
//!
//! use clysm_compiler::context::{CallError, CompileTime, Context, TopForm};
//! use clysm_compiler::toplevel::compile_toplevel;
//! use clysm_prelude::{
//!     DefinedPackage, Exports, HostPolicy, Metadata, PreludeFacts, PreludeSource, Preludes, Program, derive, guard,
//! };
//! use clysm_reader::{Datum, NoReadEval, PackageId, Reader};
//! use clysm_report::{SourceMap, Span};
//!
//! /// Keeps what is compiled. There is no Lisp to expand macros of the library with.
//! #[derive(Default)]
//! struct Keep(Vec<TopForm>);
//!
//! impl CompileTime for Keep {
//!     fn call(&mut self, _: &mut Context, function: &str, _: &[Datum]) -> Result<Datum, CallError> {
//!         Err(CallError { report: format!("{function} is not there") })
//!     }
//!     fn accept(&mut self, _: &mut Context, form: TopForm) -> Result<(), CallError> {
//!         self.0.push(form);
//!         Ok(())
//!     }
//!     fn evaluate(&mut self, _: &mut Context, _: Datum) -> Result<(), CallError> {
//!         Ok(())
//!     }
//!     fn loads_source(&self) -> bool {
//!         true
//!     }
//!     fn is_library(&self) -> bool {
//!         true
//!     }
//! }
//!
//! let mut cx = Context::new()?;
//! let mut sources = SourceMap::new();
//! let mut compile = |cx: &mut Context, text: &str| -> Result<Vec<TopForm>, Box<dyn std::error::Error>> {
//!     cx.symbols.current = PackageId::COMMON_LISP_USER;
//!     let mut reader = Reader::new(text, sources.add("text.lisp", text));
//!     let mut host = Keep::default();
//!     while let Some(form) = reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval)? {
//!         compile_toplevel(cx, &mut host, form)?;
//!     }
//!     Ok(host.0)
//! };
//! let forms = compile(&mut cx, r#"
//!     (defpackage "CRM" (:use "CL") (:export "GET-USER"))
//!     (in-package "CRM")
//!     (defun get-user (id) (fetch id))
//!     (defun fetch (id) id (clysm::%tool.invoke "get_user" nil))
//! "#)?;
//!
//! let policy = HostPolicy::from_toml("grants = [\"tool:get_user\"]\n[tools.get_user]\neffect = \"read\"\n")?;
//! let package = cx.symbols.find_package("CRM").ok_or("no package")?;
//! let facts = PreludeFacts::new(&PreludeSource {
//!     cx: &cx,
//!     forms: &forms,
//!     packages: &[DefinedPackage { package, span: Span::NONE }],
//!     reserved: &BTreeSet::from([PackageId::COMMON_LISP, PackageId::CLYSM]),
//!     others: &Exports::new(),
//!     sources: &SourceMap::new(),
//!     documentation: &|_, _| None,
//! })
//! .map_err(|faults| faults[0].clone())?;
//! let metadata = Metadata::parse(&cx, &cx.export_declarations, &facts).map_err(|faults| faults[0].clone())?;
//! let records = derive(&facts, &metadata, &policy).map_err(|faults| faults[0].clone())?;
//! assert_eq!((records[0].signature().as_str(), records[0].tool_refs.as_slice()), ("(get-user id)", &["get_user".to_owned()][..]));
//!
//! let mut preludes = Preludes::default();
//! preludes.add(&facts, &records, &policy);
//! let system = BTreeSet::from([PackageId::COMMON_LISP, PackageId::CLYSM]);
//! let program = compile(&mut cx, "(crm:get-user 1)")?;
//! let program = Program { cx: &cx, forms: &program, read: &[], preludes: &preludes, system: &system };
//! let references = program.analyse().map_err(|errors| errors[0].clone())?;
//! assert!(guard(&references, &preludes, &policy)?.tools.contains("get_user"));
//! assert!(guard(&references, &preludes, &HostPolicy::default()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attachment;
mod canonical;
mod check;
mod code;
mod control_strings;
mod definition;
mod derive;
mod error;
mod export;
mod facts;
mod guard;
mod inventory;
mod metadata;
mod names;
mod policy;
mod preludes;
mod protected;
mod reach;
pub mod references;
mod requirement;
mod schema;
mod section;

pub use attachment::{AttachError, AttachProblem, Offer, attach};
pub use canonical::sha256;
pub use check::{AnalysisError, AnalysisErrorKind, Program};
pub use definition::{DefinitionKind, Shape};
pub use derive::{derive, unknown_packages};
pub use error::{Fault, FaultKind};
pub use export::{Arity, Contradiction, Effect, Export, InvalidExport, Kind, Visibility};
pub use facts::{ConditionType, DefinedPackage, Definition, Documented, Exports, PreludeFacts, PreludeSource};
pub use guard::{Denial, Denied, GuardError, Listed, Reach, guard};
pub use inventory::{Inventory, InventoryEntry, InventoryPackage, LISTED_EXPORTS, inventory};
pub use metadata::{ExportMetadata, Metadata, Placed};
pub use policy::{
    ExportPolicy, Exposure, HostPolicy, InvalidPolicy, LimitsPolicy, PackagePolicy, PolicyError, ProgramPolicy,
    ToolPolicy,
};
pub use preludes::Preludes;
pub use requirement::{InvalidUpstream, Requirement, UnknownRequirement, Upstream};
pub use schema::schemas;
pub use section::{
    Discrepancy, ExportSection, SECTION_NAME, SectionContents, SectionError, append_section, read_section, recheck,
    strip,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
