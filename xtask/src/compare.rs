//! Two modules, octet by octet; where they differ, in which section and function.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use wasmparser::{CustomSectionReader, FromReader, KnownCustom, Name, Parser, Payload, SectionLimited, TypeRef};

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

/// The first place where two modules differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The offset in both modules.
    pub offset: usize,
    /// The section there; that of a custom section has its name.
    pub section: Option<String>,
    /// The first function of the section that differs, by its name if it has one: its type, its code or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// In sections that are not of functions, the first item that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "offset {}", self.offset)?;
        if let Some(section) = &self.section {
            write!(f, ", in the {section} section")?;
        }
        match self.function.as_ref().or(self.item.as_ref()) {
            Some(what) => write!(f, ", in {what}"),
            None => Ok(()),
        }
    }
}

/// The first difference of two modules.
///
/// A function whose length differs shows first in the length of its section. So what differs is looked for in the section,
/// item by item.
pub fn first_difference(left: &[u8], right: &[u8]) -> Option<Difference> {
    if left == right {
        return None;
    }
    let offset = left.iter().zip(right).position(|(a, b)| a != b).unwrap_or(left.len().min(right.len()));
    let mut difference = Difference { offset, section: None, function: None, item: None };
    let (left, right) = (Map::of(left), Map::of(right));
    // Where one module has ended, or lacks the section, the other one has it.
    let Some((map, section)) =
        [&left, &right].into_iter().find_map(|map| Some((map, map.sections.iter().find(|s| s.contains(offset))?)))
    else {
        return Some(difference);
    };
    difference.section = Some(section.name.clone());
    let other = if std::ptr::eq(map, &left) { &right } else { &left };
    let items = other.sections.iter().find(|other| other.name == section.name).map_or(&[][..], |other| &other.items);
    let found = (0..section.items.len().max(items.len())).find_map(|index| {
        let (one, two) = (section.items.get(index), items.get(index));
        let same = one.map(|item| map.octets(item)) == two.map(|item| other.octets(item));
        let item = |map: &Map<'_>, item: &Item| (map.function(item.what), item.what.item());
        (!same).then(|| one.map(|one| item(map, one)).or_else(|| two.map(|two| item(other, two)))).flatten()
    });
    (difference.function, difference.item) = found.unwrap_or_default();
    Some(difference)
}

/// Reads a module's file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

/// What an item of a section is.
#[derive(Clone, Copy, Debug)]
enum What<'a> {
    /// Something of the function with that index.
    Function(u32),
    /// One of a kind, by number.
    Numbered(&'static str, u32),
    /// An import.
    Import(&'a str, &'a str),
    /// An export.
    Export(&'a str),
}

impl What<'_> {
    /// What it is in words, if it is nothing of a function.
    fn item(self) -> Option<String> {
        match self {
            What::Function(_) => None,
            What::Numbered(kind, number) => Some(format!("{kind} {number}")),
            What::Import(module, name) => Some(format!("the import {module} {name}")),
            What::Export(name) => Some(format!("the export {name}")),
        }
    }
}

#[derive(Clone, Debug)]
struct Item<'a> {
    range: Range<usize>,
    what: What<'a>,
}

/// A section, from its header on.
#[derive(Clone, Debug)]
struct Section<'a> {
    name: String,
    range: Range<usize>,
    items: Vec<Item<'a>>,
}

impl Section<'_> {
    fn contains(&self, offset: usize) -> bool {
        self.range.contains(&offset)
    }
}

/// The sections of a module, as far as it can be read.
struct Map<'a> {
    module: &'a [u8],
    sections: Vec<Section<'a>>,
    names: HashMap<u32, &'a str>,
}

impl<'a> Map<'a> {
    fn of(module: &'a [u8]) -> Self {
        let mut map = Self { module, sections: Vec::new(), names: HashMap::new() };
        let mut imported = 0;
        let mut end = 8;
        for payload in Parser::new(0).parse_all(module).map_while(Result::ok) {
            if let Payload::CodeSectionEntry(body) = &payload {
                map.add_body(body.range(), imported);
                continue;
            }
            let Some((id, contents)) = payload.as_section() else { continue };
            let range = end..contents.end;
            end = contents.end;
            let (name, items) = map.items(payload, &contents, &mut imported);
            map.sections.push(Section { name: name.unwrap_or_else(|| section_name(id).to_owned()), range, items });
        }
        map
    }

    /// The code of the next function, with the length before it.
    fn add_body(&mut self, range: Range<usize>, imported: u32) {
        let Some(section) = self.sections.last_mut() else { return };
        let number = u32::try_from(section.items.len()).unwrap_or(u32::MAX);
        section.items.push(Item { range, what: What::Function(imported.saturating_add(number)) });
    }

    /// The name of a custom section, and the items of a section that has any.
    fn items(
        &mut self,
        payload: Payload<'a>,
        contents: &Range<usize>,
        imported: &mut u32,
    ) -> (Option<String>, Vec<Item<'a>>) {
        let numbered = |kind| move |number, ()| What::Numbered(kind, number);
        let first_function = *imported;
        let items = match payload {
            Payload::TypeSection(types) => items(unnamed(types), contents, numbered("recursion group")),
            Payload::ImportSection(imports) => {
                let imports: Vec<_> = imports.into_imports_with_offsets().map_while(Result::ok).collect();
                let functions = imports.iter().filter(|(_, import)| matches!(import.ty, TypeRef::Func(_))).count();
                *imported = u32::try_from(functions).unwrap_or(u32::MAX);
                items(imports.into_iter(), contents, |_, import| What::Import(import.module, import.name))
            }
            Payload::FunctionSection(functions) => {
                items(unnamed(functions), contents, |number, ()| What::Function(first_function.saturating_add(number)))
            }
            Payload::TableSection(tables) => items(unnamed(tables), contents, numbered("table")),
            Payload::TagSection(tags) => items(unnamed(tags), contents, numbered("tag")),
            Payload::GlobalSection(globals) => items(unnamed(globals), contents, numbered("global")),
            Payload::ElementSection(elements) => items(unnamed(elements), contents, numbered("element segment")),
            Payload::DataSection(data) => items(unnamed(data), contents, numbered("data segment")),
            Payload::ExportSection(exports) => {
                let exports = exports.into_iter_with_offsets().map_while(Result::ok);
                items(exports, contents, |_, export| What::Export(export.name))
            }
            Payload::CustomSection(section) => {
                return (Some(section.name().to_owned()), self.named_functions(&section));
            }
            _ => Vec::new(),
        };
        (None, items)
    }

    /// The names of functions in a name section.
    fn named_functions(&mut self, section: &CustomSectionReader<'a>) -> Vec<Item<'a>> {
        let KnownCustom::Name(subsections) = section.as_known() else { return Vec::new() };
        let mut found = Vec::new();
        for name in subsections.into_iter().map_while(Result::ok) {
            if let Name::Function(map) = name {
                let range = map.range();
                let names: Vec<_> = map.into_iter_with_offsets().map_while(Result::ok).collect();
                self.names.extend(names.iter().map(|(_, naming)| (naming.index, naming.name)));
                found.extend(items(names.into_iter(), &range, |_, naming| What::Function(naming.index)));
            }
        }
        found
    }

    fn octets(&self, item: &Item<'_>) -> &[u8] {
        self.module.get(item.range.clone()).unwrap_or_default()
    }

    fn function(&self, what: What<'_>) -> Option<String> {
        let What::Function(index) = what else { return None };
        Some(self.names.get(&index).map_or_else(|| format!("function {index}"), |name| (*name).to_owned()))
    }
}

/// The offsets of items of which nothing else is of interest.
fn unnamed<'a, T: FromReader<'a>>(section: SectionLimited<'a, T>) -> impl Iterator<Item = (usize, ())> {
    section.into_iter_with_offsets().map_while(Result::ok).map(|(offset, _)| (offset, ()))
}

/// Items that begin at offsets, each up to the next one.
fn items<'a, T>(
    starts: impl Iterator<Item = (usize, T)>,
    section: &Range<usize>,
    what: impl Fn(u32, T) -> What<'a>,
) -> Vec<Item<'a>> {
    let mut items: Vec<Item<'a>> = (0..)
        .zip(starts)
        .map(|(number, (start, item))| Item { range: start..section.end, what: what(number, item) })
        .collect();
    for index in 1..items.len() {
        items[index - 1].range.end = items[index].range.start;
    }
    items
}

const fn section_name(id: u8) -> &'static str {
    match id {
        0 => "custom",
        1 => "type",
        2 => "import",
        3 => "function",
        4 => "table",
        5 => "memory",
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

    /// (module (import "clysm:io" NAME (func)) (func $first …) (func $second …) (global i32 …) (elem …) (data …)).
    #[derive(Clone)]
    struct Parts {
        import: &'static str,
        global: u8,
        bodies: [&'static [u8]; 2],
        data: &'static [u8],
        names: [&'static str; 2],
    }

    const PARTS: Parts = Parts {
        import: "write-char",
        global: 1,
        bodies: [&[0x41, 1], &[0x41, 2]],
        data: b"text",
        names: ["first", "second"],
    };

    fn section(id: u8, contents: &[u8]) -> Vec<u8> {
        [&[id, u8::try_from(contents.len()).unwrap()], contents].concat()
    }

    fn text(text: &[u8]) -> Vec<u8> {
        [&[u8::try_from(text.len()).unwrap()], text].concat()
    }

    fn module(parts: &Parts) -> Vec<u8> {
        let body = |code: &[u8]| text(&[&[0], code, &[0x0b]].concat());
        let import = [&[1][..], &text(b"clysm:io"), &text(parts.import.as_bytes()), &[0, 0]].concat();
        let names = [&[2, 1][..], &text(parts.names[0].as_bytes()), &[2], &text(parts.names[1].as_bytes())].concat();
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, &[1, 0x60, 0, 1, 0x7f]),
            section(2, &import),
            section(3, &[2, 0, 0]),
            section(5, &[1, 0, 1]),
            section(6, &[1, 0x7f, 0, 0x41, parts.global, 0x0b]),
            section(7, &[&[1][..], &text(b"go"), &[0, 1]].concat()),
            section(10, &[&[2][..], &body(parts.bodies[0]), &body(parts.bodies[1])].concat()),
            section(11, &[&[1, 1][..], &text(parts.data)].concat()),
            section(0, &[&text(b"name")[..], &[1], &text(&names)].concat()),
        ]
        .concat()
    }

    /// The section, the function and the item of the first difference.
    fn difference(change: impl Fn(&mut Parts)) -> (String, Option<String>, Option<String>) {
        let mut parts = PARTS;
        change(&mut parts);
        let (left, right) = (module(&PARTS), module(&parts));
        let there = first_difference(&left, &right).unwrap();
        let back = first_difference(&right, &left).unwrap();
        assert_eq!(there.offset, back.offset);
        assert_eq!(there.section, back.section);
        (there.section.unwrap(), there.function, there.item)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn the_same_module_does_not_differ() {
        assert_eq!(first_difference(&module(&PARTS), &module(&PARTS)), None);
        assert_ne!(Fingerprint::of(b"a"), Fingerprint::of(b"b"));
    }

    #[test]
    fn the_function_that_differs_is_named() {
        assert_eq!(difference(|parts| parts.bodies[1] = &[0x41, 3]), ("code".to_owned(), some("second"), None));
        // Its length shows in the section's.
        assert_eq!(difference(|parts| parts.bodies[1] = &[1, 0x41, 2]), ("code".to_owned(), some("second"), None));
        assert_eq!(difference(|parts| parts.names[1] = "other"), ("name".to_owned(), some("second"), None));
    }

    #[test]
    fn the_item_that_differs_is_named() {
        let import = some("the import clysm:io write-char");
        assert_eq!(difference(|parts| parts.import = "read-char").2.as_deref(), import.as_deref());
        assert_eq!(difference(|parts| parts.global = 2), ("global".to_owned(), None, some("global 0")));
        assert_eq!(difference(|parts| parts.data = b"longer"), ("data".to_owned(), None, some("data segment 0")));
        assert_eq!(difference(|parts| parts.data = b"next").1, None);
    }

    #[test]
    fn a_module_that_ends_early_differs_where_it_ends() {
        let whole = module(&PARTS);
        let offset = whole.len() - 20;
        let difference = first_difference(&whole[..offset], &whole).unwrap();
        assert_eq!((difference.offset, difference.section.as_deref()), (offset, Some("name")));
        assert_eq!(first_difference(b"", b"x").unwrap().to_string(), "offset 0");
    }
}
