//! The programs of `tests/compile`, each with the code that its functions compile to.
//!
//! A file holds Lisp definitions, then, after a line [`MARK`], the WebAssembly text of the functions as comments. With
//! `CLYSM_BLESS=1` in the environment the text is written instead of compared: read the diff.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::module::{Linkage, Lowering, Unit, link};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_gc_types::GcType;
use clysm_host::Session;
use clysm_reader::{Datum, NoReadEval, Reader};
use similar::TextDiff;

use crate::Engine;
use crate::engine::Work;
use crate::live::Live;

const MARK: &str = ";;;; Compiled:\n";

/// Keeps forms that would take effect.
struct Keep<'a, 'b> {
    live: &'a mut Live<'b, Session>,
    forms: Vec<TopForm>,
}

impl CompileTime for Keep<'_, '_> {
    fn call(&mut self, cx: &mut Context, function: &str, args: &[Datum]) -> Result<Datum, CallError> {
        self.live.call(cx, function, args)
    }

    fn accept(&mut self, _: &mut Context, form: TopForm) -> Result<(), CallError> {
        self.forms.push(form);
        Ok(())
    }

    fn evaluate(&mut self, cx: &mut Context, form: Datum) -> Result<(), CallError> {
        self.live.evaluate(cx, form)
    }

    fn loads_source(&self) -> bool {
        true
    }

    fn is_library(&self) -> bool {
        false
    }
}

/// The text of the functions that a program defines.
fn emit(engine: &mut Engine, path: &str, text: &str) -> String {
    engine.work(|work| Ok(emit_with(work, path, text))).expect("a form to be compiled")
}

fn emit_with(Work { cx, live, sources, .. }: &mut Work<'_>, path: &str, text: &str) -> String {
    let file = sources.add(path, text);
    let mut reader = Reader::new(text, file);
    let mut keep = Keep { live, forms: Vec::new() };
    while let Some(form) = reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval).expect("readable") {
        compile_toplevel(cx, &mut keep, form).expect("compilable");
    }
    let forms = keep.forms;
    let mut unit = Unit { function_names: true, ..Unit::default() };
    let image = live.image.lock();
    let is_direct = |symbol| image.direct.contains(&symbol);
    let lowering = Lowering { intrinsics: &image.intrinsics, is_direct: &is_direct };
    forms.iter().for_each(|form| unit.add(cx, lowering, form));
    let module = link(cx, &image.intrinsics, &unit, Linkage::Linked).expect("linkable");
    let defined: HashSet<&str> = forms
        .iter()
        .filter(|form| matches!(form.kind, FormKind::Function(..)))
        .flat_map(|form| form.ast.functions.iter().filter_map(|function| function.name))
        .map(|name| cx.symbols.name(name))
        .collect();
    let printed = named(&wasmprinter::print_bytes(&module.bytes).expect("printable"));
    functions(&printed).filter(|(name, _)| defined.contains(name)).map(|(_, text)| text).collect()
}

/// A printed module with names for what it refers to by number: the types of objects, and what it imports from the image.
fn named(module: &str) -> String {
    let imports: Vec<(&str, &str)> = module
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(import \"image\" \"")?.split_once("\" (global (;"))
        .filter_map(|(name, rest)| Some((rest.split_once(";)")?.0, name)))
        .collect();
    let ty = |number: &str| GcType::TABLE.get(number.parse::<usize>().ok()?).map(|ty| format!("${}", ty.name()));
    let global = |number: &str| imports.iter().find(|(known, _)| *known == number).map(|(_, name)| format!("${name}"));
    let mut text = String::with_capacity(module.len());
    for line in module.split_inclusive('\n') {
        let mut before = "";
        let mut is_type = false;
        for token in line.split_inclusive([' ', ')', '\n']) {
            let word = token.trim_end_matches([' ', ')', '\n']);
            let name = match before {
                "(ref" | "null" | "ref.null" => ty(word),
                _ if is_type => ty(word),
                "global.get" | "global.set" => global(word),
                _ => None,
            };
            is_type = word.starts_with("struct.") || word.starts_with("array.");
            text.push_str(&name.map_or_else(|| token.to_owned(), |name| token.replacen(word, &name, 1)));
            before = word;
        }
    }
    text
}

/// The functions of a printed module with their names. Each begins and ends with an indentation of two.
fn functions(module: &str) -> impl Iterator<Item = (&str, &str)> {
    module.match_indices("\n  (func $").filter_map(|(at, head)| {
        let name = module[at + head.len()..].split([' ', ')']).next()?;
        let name = name.strip_prefix('"').map_or(name, |quoted| quoted.trim_end_matches('"'));
        let length = module[at..].find("\n  )\n")? + "\n  )\n".len();
        Some((name, &module[at + 1..at + length]))
    })
}

fn programs() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/compile");
    let entries = fs::read_dir(directory).expect("tests/compile");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

/// What differs between a file and what it should be, as a unified diff.
fn difference(engine: &mut Engine, path: &Path) -> String {
    let expected = fs::read_to_string(path).expect("a readable program");
    let source = expected.split(MARK).next().unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let code = emit(engine, &name, source);
    let comments: String =
        code.lines().map(|line| format!(";; {}\n", line.strip_prefix("  ").unwrap_or(line))).collect();
    let actual = format!("{}\n\n{MARK}{comments}", source.trim_end());
    if actual != expected && std::env::var_os("CLYSM_BLESS").is_some() {
        fs::write(path, &actual).expect("a writable program");
        return String::new();
    }
    TextDiff::from_lines(&expected, &actual).unified_diff().header(&name, "what it compiles to").to_string()
}

#[test]
fn programs_compile_to_the_code_beside_them() {
    let mut engine = Engine::builder().cache_directory(None).build().expect("an engine");
    let differences: String = programs().iter().map(|path| difference(&mut engine, path)).collect();
    assert!(differences.is_empty(), "{differences}");
}
