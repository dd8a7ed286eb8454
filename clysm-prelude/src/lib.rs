//! Capability preludes.

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
pub use facts::{DefinedPackage, Definition, Documented, Exports, PreludeFacts, PreludeSource};
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
