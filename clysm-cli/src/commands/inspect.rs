//! `clysm inspect`: shows what a module exports and imports, and how large its parts are.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process;

use clysm::prelude::{ExportSection, Listed, Requirement, SectionError, read_section, recheck};
use clysm_host::{ImportSpec, WasmModule};
use clysm_report::ExitCode;
use serde::Serialize;
use wasmparser::{BinaryReaderError, Parser, Payload};

use crate::failure::{Failure, Outcome};
use crate::flags::Inspect;

/// What there is to know about a module. The field names are those of its JSON form.
#[derive(Debug, Serialize)]
struct Inspection<'a> {
    path: &'a Path,
    size: u64,
    functions: u32,
    exports: &'a [String],
    imports: &'a [ImportSpec],
    sections: Vec<Section>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prelude: Option<Prelude>,
}

/// What the section with the records says, if it can be read, and where the code says otherwise.
#[derive(Debug, Serialize)]
struct Prelude {
    #[serde(flatten)]
    section: Option<ExportSection>,
    discrepancies: Vec<String>,
}

/// A section and the octets of its contents.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Section {
    name: String,
    size: usize,
}

/// Runs the command.
pub fn run(flags: Inspect) -> Outcome {
    let module = WasmModule::open(&flags.module).map_err(|error| Failure::of_module(&flags.module, error.into()))?;
    let octets = fs::read(&module.path).map_err(|error| unreadable(&module.path, &error.to_string()))?;
    let (sections, functions) = sections(&octets).map_err(|error| unreadable(&module.path, &error.to_string()))?;
    let WasmModule { path, size, exports, imports, .. } = &module;
    let prelude = prelude(&octets).map_err(|error| unreadable(path, &error.to_string()))?;
    let lies = prelude.as_ref().is_some_and(|prelude| !prelude.discrepancies.is_empty());
    let inspection = Inspection { path, size: *size, functions, exports, imports, sections, prelude };
    let mut stdout = io::stdout().lock();
    let written = if flags.json { json(&mut stdout, &inspection) } else { text(&mut stdout, &inspection) };
    written.map_err(|error| Failure::new(ExitCode::Failure, "input-output", format!("standard output: {error}")))?;
    // What a section says that the code does not is worth an exit code of its own.
    Ok(if lies { ExitCode::Partial.into() } else { process::ExitCode::SUCCESS })
}

/// A section that can't be read is one that somebody has edited.
fn prelude(octets: &[u8]) -> Result<Option<Prelude>, SectionError> {
    match read_section(octets) {
        Ok(None) => Ok(None),
        Ok(section) => {
            let discrepancies = recheck(octets)?.iter().map(ToString::to_string).collect();
            Ok(Some(Prelude { section, discrepancies }))
        }
        Err(error @ SectionError::Module(_)) => Err(error),
        Err(error) => Ok(Some(Prelude { section: None, discrepancies: vec![error.to_string()] })),
    }
}

fn unreadable(path: &Path, message: &str) -> Failure {
    Failure::new(ExitCode::Failure, "invalid-module", format!("{}: {message}", path.display()))
}

/// The sections in order, and the number of functions with code.
fn sections(octets: &[u8]) -> Result<(Vec<Section>, u32), BinaryReaderError> {
    let (mut sections, mut functions) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(octets) {
        let payload = payload?;
        if let Payload::CodeSectionStart { count, .. } = payload {
            functions = count;
        }
        let Some((id, range)) = payload.as_section() else { continue };
        let name = match &payload {
            Payload::CustomSection(custom) => format!("custom {}", custom.name()),
            _ => section_name(id).to_owned(),
        };
        sections.push(Section { name, size: range.len() });
    }
    Ok((sections, functions))
}

/// The names of the sections by their ids (Wasm core specification, section 5.5.2).
fn section_name(id: u8) -> &'static str {
    const NAMES: [&str; 14] = [
        "custom",
        "type",
        "import",
        "function",
        "table",
        "memory",
        "global",
        "export",
        "start",
        "element",
        "code",
        "data",
        "data count",
        "tag",
    ];
    NAMES.get(usize::from(id)).copied().unwrap_or("unknown")
}

fn json(out: &mut impl Write, inspection: &Inspection) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, inspection)?;
    writeln!(out)
}

fn text(out: &mut impl Write, inspection: &Inspection) -> io::Result<()> {
    let Inspection { path, size, functions, exports, imports, sections, prelude } = inspection;
    writeln!(out, "{}: {size} octets, {functions} functions", path.display())?;
    writeln!(out, "exports ({})", exports.len())?;
    for export in *exports {
        writeln!(out, "  {export}")?;
    }
    writeln!(out, "imports ({})", imports.len())?;
    for import in *imports {
        writeln!(out, "  {} {}", import.module, import.name)?;
    }
    writeln!(out, "sections")?;
    for section in sections {
        writeln!(out, "  {:>9}  {}", section.size, section.name)?;
    }
    match prelude {
        Some(prelude) => prelude_text(out, prelude),
        None => Ok(()),
    }
}

fn prelude_text(out: &mut impl Write, prelude: &Prelude) -> io::Result<()> {
    if let Some(section) = &prelude.section {
        section_text(out, section)?;
    }
    match prelude.discrepancies.as_slice() {
        [] => writeln!(out, "the section and the code agree"),
        lies => {
            writeln!(out, "the section is not to be trusted")?;
            lies.iter().try_for_each(|lie| writeln!(out, "  {lie}"))
        }
    }
}

fn section_text(out: &mut impl Write, section: &ExportSection) -> io::Result<()> {
    writeln!(out, "prelude exports ({})", section.exports.len())?;
    for export in &section.exports {
        writeln!(out, "  {}  {}  requires {}", export.reference, export.signature(), list(&export.requires))?;
    }
    writeln!(out, "source hash {}", section.source_hash)?;
    writeln!(out, "artifact hash {}", section.artifact_hash)?;
    writeln!(out, "policy hash {}", section.policy_hash)?;
    match &section.program {
        Some(listed) => writeln!(out, "the program may call {}", list(&ids(listed))),
        None => writeln!(out, "the program was built without a policy"),
    }
}

/// The ids of what is listed.
fn ids(listed: &Listed) -> Vec<String> {
    let tools = listed.tools.iter().map(|name| Requirement::Tool(name.clone()));
    let upstreams = listed.upstreams.iter().cloned().map(Requirement::Upstream);
    let call = listed.call.then_some(Requirement::Call);
    tools.chain(upstreams).chain(call).map(|requirement| requirement.to_string()).collect()
}

fn list(texts: &[String]) -> String {
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn sections_have_names_and_sizes() {
        // (module (func)): a type, a function and a code section.
        let octets = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b";
        let (sections, functions) = sections(octets).unwrap();
        let rows: Vec<_> = sections.iter().map(|section| (&*section.name, section.size)).collect();
        assert_eq!((rows, functions), (vec![("type", 4), ("function", 2), ("code", 4)], 1));
        assert!(super::sections(&octets[..20]).is_err());
    }
}
