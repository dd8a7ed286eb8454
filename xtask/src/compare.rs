//! Two modules, octet by octet; where they differ, in which section and function.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

/// A module's size and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fingerprint {
    /// Octets.
    pub bytes: usize,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl Fingerprint {
    /// That of a module.
    pub fn of(module: &[u8]) -> Self {
        let sha256 = Sha256::digest(module).iter().map(|octet| format!("{octet:02x}")).collect();
        Self { bytes: module.len(), sha256 }
    }
}

/// The first place where two modules differ, as the first module has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The offset in the module.
    pub offset: usize,
    /// The section there.
    pub section: Option<String>,
    /// The function there, by its name if it has one.
    pub function: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {}", self.offset)?;
        if let Some(section) = &self.section {
            write!(f, ", in the {section} section")?;
        }
        match &self.function {
            Some(function) => write!(f, ", in {function}"),
            None => Ok(()),
        }
    }
}

/// The first difference of two modules.
pub fn first_difference(left: &[u8], right: &[u8]) -> Option<Difference> {
    if left == right {
        return None;
    }
    let offset = left.iter().zip(right).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()));
    let place = Place::of(left, offset);
    Some(Difference { offset, section: place.section, function: place.function })
}

/// Reads a module's file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

#[derive(Default)]
struct Place {
    section: Option<String>,
    function: Option<String>,
}

impl Place {
    /// What a module has at an offset; nothing where it can't be read.
    fn of(module: &[u8], offset: usize) -> Self {
        let mut place = Self::default();
        let (mut next, mut found) = (0u32, None);
        let mut names = HashMap::new();
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            if let Some((id, range)) = payload.as_section()
                && range.contains(&offset)
            {
                place.section = Some(section_name(id).to_owned());
            }
            match payload {
                Payload::ImportSection(imports) => {
                    let functions = imports.into_imports().map_while(Result::ok);
                    next += u32::try_from(functions.filter(|import| matches!(import.ty, TypeRef::Func(_))).count())
                        .unwrap_or(0);
                }
                Payload::CodeSectionEntry(body) => {
                    if body.range().contains(&offset) {
                        found = Some(next);
                    }
                    next += 1;
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(subsections) = section.as_known() {
                        for name in subsections.into_iter().map_while(Result::ok) {
                            if let Name::Function(map) = name {
                                names.extend(
                                    map.into_iter()
                                        .map_while(Result::ok)
                                        .map(|name| (name.index, name.name.to_owned())),
                                );
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        place.function = found.map(|index| names.get(&index).cloned().unwrap_or_else(|| format!("function {index}")));
        place
    }
}

const fn section_name(id: u8) -> &'static str {
    match id {
        0 => "custom",
        1 => "type",
        2 => "import",
        3 => "function",
        4 => "table",
        6 => "global",
        7 => "export",
        8 => "start",
        9 => "element",
        10 => "code",
        11 => "data",
        12 => "data count",
        13 => "tag",
        _ => "unknown",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn module(constant: u8) -> Vec<u8> {
        // (module (func $answer (result i32) (i32.const …)))
        let mut octets = b"\0asm\x01\0\0\0".to_vec();
        octets.extend([1, 5, 1, 0x60, 0, 1, 0x7f]);
        octets.extend([3, 2, 1, 0]);
        octets.extend([10, 6, 1, 4, 0, 0x41, constant, 0x0b]);
        octets.extend([0, 16, 4]);
        octets.extend(b"name");
        octets.extend([1, 9, 1, 0, 6]);
        octets.extend(b"answer");
        octets
    }

    #[test]
    fn the_function_that_differs_is_named() {
        let (left, right) = (module(1), module(2));
        let difference = first_difference(&left, &right).unwrap();
        assert_eq!(difference.section.as_deref(), Some("code"));
        assert_eq!(difference.function.as_deref(), Some("answer"));
        assert_eq!(first_difference(&left, &left), None);
        assert_ne!(Fingerprint::of(&left), Fingerprint::of(&right));
    }
}
