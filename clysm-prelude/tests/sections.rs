//! The section of a module, and what the code says of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use clysm_prelude::{
    Discrepancy, Export, Listed, Requirement, SECTION_NAME, SectionContents, SectionError, append_section,
    read_section, recheck, sha256, strip,
};
use wasm_encoder::{
    CodeSection, CustomSection, EntityType, Function, FunctionSection, ImportSection, Instruction, Module, NameMap,
    NameSection, TypeSection,
};

fn export(symbol: &str, tools: &[&str]) -> Export {
    let requires: Vec<String> = tools.iter().map(|tool| format!("tool:{tool}")).collect();
    serde_json::from_value(serde_json::json!({
        "ref": format!("crm/{symbol}"), "namespace": "crm", "symbol": symbol, "arity": 0, "min_arity": 0, "max_arity": 0,
        "params": [], "doc": null, "visibility": "prompt", "effect": "read", "kind": "function", "provider_ref": null,
        "requires": requires, "tool_refs": tools
    }))
    .unwrap()
}

fn contents(exports: Vec<Export>) -> SectionContents {
    SectionContents { exports, program: None, source_hash: sha256(b"source"), policy_hash: sha256(b"policy") }
}

/// A module that imports the tools A and B. Its functions CRM:GET and HELPER call HELPER and A, CRM::OTHER refers to HELPER.
fn module(named: bool) -> Vec<u8> {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    imports.import("clysm:tool", "a", EntityType::Function(0)).import("clysm:tool", "b", EntityType::Function(0));
    imports.import("clysm:io", "write-char", EntityType::Function(0));
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let bodies = [
        vec![Instruction::Call(4)],
        vec![Instruction::Block(wasm_encoder::BlockType::Empty), Instruction::Call(0), Instruction::End],
        vec![Instruction::RefFunc(4), Instruction::Drop],
    ];
    for body in bodies {
        functions.function(0);
        let mut function = Function::new([]);
        body.iter().for_each(|instruction| {
            function.instruction(instruction);
        });
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    module.section(&types).section(&imports).section(&functions).section(&code);
    if named {
        let mut names = NameMap::new();
        for (index, name) in [(3, "CRM:GET"), (4, "CRM::HELPER"), (5, "CRM::OTHER")] {
            names.append(index, name);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        module.section(&section);
    }
    module.finish()
}

fn built(named: bool, exports: Vec<Export>) -> Vec<u8> {
    append_section(&module(named), contents(exports)).unwrap()
}

#[test]
fn a_section_comes_back_and_goes_away() {
    let exports = vec![export("other", &["b"]), export("get", &["a"])];
    let wasm = built(true, exports.clone());
    let section = read_section(&wasm).unwrap().unwrap();
    assert_eq!(section.exports, [exports[1].clone(), exports[0].clone()], "sorted");
    assert_eq!(section.artifact_hash, sha256(&module(true)));
    assert_eq!(strip(&wasm).unwrap(), module(true));
    assert_eq!(read_section(&module(true)).unwrap(), None);
    assert_eq!(append_section(&wasm, contents(exports.clone())).unwrap(), wasm, "in place of the first");
    assert_eq!(built(true, exports.into_iter().rev().collect()), wasm, "whatever the order");
}

#[test]
fn what_follows_a_section_stays() {
    let mut wasm = built(false, vec![export("get", &["a", "b"])]);
    let mut tail = Module::new();
    tail.section(&CustomSection { name: "tail".into(), data: (&b"x"[..]).into() });
    let tail = &tail.finish()[8..];
    wasm.extend_from_slice(tail);
    assert_eq!(strip(&wasm).unwrap(), [&module(false)[..], tail].concat());
}

#[test]
fn other_sections_are_refused() {
    let with = |data: &[u8]| {
        let mut wasm = module(false);
        let mut section = Module::new();
        section.section(&CustomSection { name: SECTION_NAME.into(), data: data.into() });
        wasm.extend_from_slice(&section.finish()[8..]);
        wasm
    };
    assert!(matches!(read_section(&with(b"{}")), Err(SectionError::Malformed(_))));
    let section = read_section(&built(false, Vec::new())).unwrap().unwrap();
    let pretty = serde_json::to_vec_pretty(&section).unwrap();
    assert!(matches!(read_section(&with(&pretty)), Err(SectionError::NotCanonical)));
    let mut twice = built(false, Vec::new());
    twice.extend_from_slice(&with(b"{}")[module(false).len()..]);
    assert!(matches!(read_section(&twice), Err(SectionError::Repeated)));
    assert!(matches!(recheck(b"not wasm"), Err(SectionError::Module(_))));
}

#[test]
fn an_honest_section_has_no_discrepancies() {
    let exports = vec![export("get", &["a"]), export("other", &["a"]), export("third", &["b"])];
    assert_eq!(recheck(&built(true, exports)).unwrap(), []);
    assert_eq!(recheck(&module(true)).unwrap(), [], "without a section there is nothing to compare");
}

#[test]
fn lies_are_told() {
    let tool = |name: &str| Requirement::Tool(name.to_owned());
    let found = recheck(&built(true, vec![export("get", &[]), export("other", &["b"])])).unwrap();
    assert_eq!(
        found,
        [
            Discrepancy::Undeclared { import: tool("a") },
            Discrepancy::Reached { export: "crm/get".to_owned(), import: tool("a") },
            Discrepancy::Reached { export: "crm/other".to_owned(), import: tool("a") },
        ]
    );
    let found = recheck(&built(false, vec![export("get", &[]), export("other", &["b"])])).unwrap();
    assert_eq!(found, [Discrepancy::Undeclared { import: tool("a") }], "without names");
    assert!(found[0].to_string().starts_with("the section says that neither"));
}

#[test]
fn programs_account_for_imports_too() {
    let program = Listed { tools: ["a", "b", "c"].map(str::to_owned).into(), ..Listed::default() };
    let contents = SectionContents { program: Some(program), ..contents(Vec::new()) };
    let wasm = append_section(&module(true), contents).unwrap();
    assert_eq!(recheck(&wasm).unwrap(), [Discrepancy::NotImported { listed: Requirement::Tool("c".to_owned()) }]);
}

#[test]
fn sections_of_other_modules_are_told() {
    let honest = vec![export("get", &["a"]), export("third", &["b"])];
    let wasm = built(true, honest);
    let section = &wasm[module(true).len()..];
    let moved = [&module(false)[..], section].concat();
    assert!(matches!(recheck(&moved).unwrap()[..], [Discrepancy::ArtifactHash { .. }]));
    let mut twice = read_section(&wasm).unwrap().unwrap();
    twice.exports.push(twice.exports[0].clone());
    let contents = SectionContents {
        exports: twice.exports,
        program: None,
        source_hash: twice.source_hash,
        policy_hash: twice.policy_hash,
    };
    let found = recheck(&append_section(&module(true), contents).unwrap()).unwrap();
    assert!(matches!(&found[..], [Discrepancy::Order { reference }] if reference == "crm/get"), "{found:?}");
}
