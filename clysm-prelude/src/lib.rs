//! Capability preludes.

mod canonical;
mod export;
mod inventory;
mod policy;
mod requirement;

pub use canonical::sha256;
pub use export::{Arity, Contradiction, Effect, Export, InvalidExport, Kind, Visibility};
pub use inventory::{Inventory, InventoryEntry, InventoryPackage, LISTED_EXPORTS, inventory};
pub use policy::{
    ExportPolicy, Exposure, HostPolicy, InvalidPolicy, LimitsPolicy, PackagePolicy, PolicyError, ProgramPolicy,
    ToolPolicy,
};
pub use requirement::{InvalidUpstream, Requirement, UnknownRequirement, Upstream};
