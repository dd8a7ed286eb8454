//! The custom section `clysm.exports` of a module: the records that it was built with. It is no authority; [`recheck`] compares it
//! with the code.

use std::borrow::Cow;
use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use wasm_encoder::{CustomSection, Encode, Section as _};
use wasmparser::{BinaryReaderError, Parser, Payload};

use crate::canonical::{canonical, sha256};
use crate::code::CodeFacts;
use crate::export::Export;
use crate::guard::Listed;
use crate::requirement::Requirement;

/// The section's name.
pub const SECTION_NAME: &str = "clysm.exports";

/// What the section holds, as canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportSection {
    /// The records of all exports of the preludes, sorted by reference, whether or not the module has their code.
    pub exports: Vec<Export>,
    /// What the guard listed for the program; null for a module without one.
    pub program: Option<Listed>,
    /// The SHA-256 digest of the preludes' texts.
    pub source_hash: String,
    /// The SHA-256 digest of the module without this section.
    pub artifact_hash: String,
    /// The SHA-256 digest of the policy, see [`HostPolicy::hash`](crate::HostPolicy::hash).
    pub policy_hash: String,
}

/// What a section is made of, but for what the module itself says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionContents {
    /// The records.
    pub exports: Vec<Export>,
    /// What the guard listed for the program.
    pub program: Option<Listed>,
    /// The digest of the preludes' texts.
    pub source_hash: String,
    /// The digest of the policy.
    pub policy_hash: String,
}

/// Why a module's section can't be read or written.
#[derive(Debug, Error)]
pub enum SectionError {
    /// The module is none.
    #[error("not a valid module: {0}")]
    Module(#[from] BinaryReaderError),
    /// More than one section of that name.
    #[error("the module has more than one section {SECTION_NAME}")]
    Repeated,
    /// A section that is not the JSON of one.
    #[error("the section {SECTION_NAME} is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A section that says the same in other words.
    #[error("the section {SECTION_NAME} is not in canonical form")]
    NotCanonical,
}

/// The module with a section, in place of any that it has.
///
/// # Errors
/// The octets are not a module.
pub fn append_section(wasm: &[u8], contents: SectionContents) -> Result<Vec<u8>, SectionError> {
    let mut module = strip(wasm)?;
    let SectionContents { mut exports, program, source_hash, policy_hash } = contents;
    exports.sort_by(|left, right| left.reference.cmp(&right.reference));
    let section = ExportSection { exports, program, source_hash, policy_hash, artifact_hash: sha256(&module) };
    let text = canonical(&section).unwrap_or_default();
    let section = CustomSection { name: Cow::Borrowed(SECTION_NAME), data: Cow::Borrowed(text.as_bytes()) };
    module.push(section.id());
    section.encode(&mut module);
    Ok(module)
}

/// The module without the section: the octets of which the artifact hash is taken.
///
/// # Errors
/// The octets are not a module.
pub fn strip(wasm: &[u8]) -> Result<Vec<u8>, SectionError> {
    let mut kept = Vec::with_capacity(wasm.len());
    let mut from = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let Some((_, contents)) = payload.as_section() else { continue };
        let end = contents.end;
        if matches!(&payload, Payload::CustomSection(custom) if custom.name() == SECTION_NAME) {
            let start = section_start(wasm, contents.start, contents.len());
            kept.extend_from_slice(wasm.get(from..start).unwrap_or_default());
            from = end;
        }
    }
    kept.extend_from_slice(wasm.get(from..).unwrap_or_default());
    Ok(kept)
}

/// Where a section begins: its id and the length of its contents come before these. The length may be written with more octets
/// than it needs.
fn section_start(wasm: &[u8], contents: usize, len: usize) -> usize {
    let before = wasm.get(..contents).unwrap_or_default();
    let is_length = |width: &usize| {
        let digits = before.get(before.len().saturating_sub(*width)..).unwrap_or_default();
        leb128(digits) == Some(len as u64) && before.get(before.len().wrapping_sub(width + 1)) == Some(&0)
    };
    let width = (1..=5).find(is_length).unwrap_or(1);
    contents.saturating_sub(width + 1)
}

/// The number that exactly these octets encode.
fn leb128(octets: &[u8]) -> Option<u64> {
    let (last, others) = octets.split_last()?;
    let continues = |octet: &u8| octet & 0x80 != 0;
    if continues(last) || !others.iter().all(continues) {
        return None;
    }
    Some(octets.iter().rev().fold(0, |number, octet| number << 7 | u64::from(octet & 0x7f)))
}

/// The section of a module, none if it has none. Nothing that it says is checked against the code.
///
/// # Errors
/// The octets are not a module, or the section is not one in canonical form.
pub fn read_section(wasm: &[u8]) -> Result<Option<ExportSection>, SectionError> {
    let mut found = None;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(custom) = payload?
            && custom.name() == SECTION_NAME
            && found.replace(custom.data().to_vec()).is_some()
        {
            return Err(SectionError::Repeated);
        }
    }
    let Some(octets) = found else { return Ok(None) };
    let section: ExportSection = serde_json::from_slice(&octets)?;
    if canonical(&section).is_none_or(|text| text.as_bytes() != octets) {
        return Err(SectionError::NotCanonical);
    }
    Ok(Some(section))
}

/// Something that the section says and that the code says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
pub enum Discrepancy {
    /// The section was made for another module.
    #[error("the section says artifact hash {section}, the code has {code}")]
    ArtifactHash {
        /// What the section says.
        section: String,
        /// What the code has.
        code: String,
    },
    /// Records that are not in order, or two of one export.
    #[error("the section's records are not in the order of their references, or {reference} has two")]
    Order {
        /// The reference where that is seen.
        reference: String,
    },
    /// An import that nothing in the section accounts for.
    #[error("the section says that neither the program nor any export calls {import}, the code imports it")]
    Undeclared {
        /// The import.
        import: Requirement,
    },
    /// Something that the program is said to call itself or through exports, and that the code can't call.
    #[error("the section says that the program may call {listed}, the code does not import it")]
    NotImported {
        /// What is listed.
        listed: Requirement,
    },
    /// Something that an export calls and its record does not say.
    #[error("the section says that {export} does not need {import}, the code of {export} reaches it")]
    Reached {
        /// The export.
        export: String,
        /// The import.
        import: Requirement,
    },
}

/// Compares what the section of a module says with what its code shows. Without a section there is nothing to compare.
///
/// Imports are compared with all records and the program's list together. Where the module names its functions, what each
/// export's function reaches over direct calls and function references is compared with its record. Calls through function
/// objects and symbols are not followed: what is found is a lie for certain, what is not found may be one.
///
/// # Errors
/// The octets are not a module, or the section can't be read.
pub fn recheck(wasm: &[u8]) -> Result<Vec<Discrepancy>, SectionError> {
    let Some(section) = read_section(wasm)? else { return Ok(Vec::new()) };
    let code = CodeFacts::of(wasm)?;
    let mut found = BTreeSet::new();
    let artifact = sha256(&strip(wasm)?);
    if artifact != section.artifact_hash {
        found.insert(Discrepancy::ArtifactHash { section: section.artifact_hash.clone(), code: artifact });
    }
    if let Some([_, second]) = section.exports.windows(2).find_map(out_of_order) {
        found.insert(Discrepancy::Order { reference: second.reference.clone() });
    }
    compare_imports(&section, &code, &mut found);
    for export in &section.exports {
        for import in code.reached_by(export) {
            if !declares(export, &import) {
                found.insert(Discrepancy::Reached { export: export.reference.clone(), import });
            }
        }
    }
    Ok(found.into_iter().collect())
}

fn out_of_order(pair: &[Export]) -> Option<&[Export; 2]> {
    let pair: &[Export; 2] = pair.try_into().ok()?;
    (pair[0].reference >= pair[1].reference).then_some(pair)
}

fn compare_imports(section: &ExportSection, code: &CodeFacts, found: &mut BTreeSet<Discrepancy>) {
    let program = section.program.as_ref();
    let accounted = |import: &&Requirement| {
        program.is_some_and(|listed| listed.has(import))
            || section.exports.iter().any(|export| declares(export, import))
    };
    let undeclared = code.imports.iter().filter(|import| !accounted(import)).cloned();
    found.extend(undeclared.map(|import| Discrepancy::Undeclared { import }));
    // A tool that is called by computed names only, or that an explicit `requires` adds, needs no import.
    let needs_import = |tool: &&String| {
        let declared = |export: &&Export| program.is_some_and(|listed| listed.exports.contains(&export.reference));
        !section.exports.iter().filter(declared).any(|export| export.requires.contains(&format!("tool:{tool}")))
    };
    let listed = program.into_iter().flat_map(|listed| &listed.tools).filter(needs_import);
    let listed = listed.map(|tool| Requirement::Tool(tool.clone())).filter(|tool| !code.imports.contains(tool));
    found.extend(listed.map(|listed| Discrepancy::NotImported { listed }));
}

fn declares(export: &Export, requirement: &Requirement) -> bool {
    let is_tool = matches!(requirement, Requirement::Tool(name) if export.tool_refs.contains(name));
    is_tool || export.requires.contains(&requirement.to_string())
}
