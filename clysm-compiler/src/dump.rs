//! What the compiler makes of forms, as S-expressions: trees and functions' code. The other compiler writes the same, so that
//! the first difference between the two has a name.

use std::fmt::Write as _;

use clysm_ast::{Ast, Callee, LambdaFunction, Node, NodeKind, Representation, VariableId};
use clysm_reader::{Datum, PackageId, Symbol, prin1};

use crate::context::{Context, FormKind, TopForm};
use crate::lower::{CompiledFunction, EntryCode, FunctionRef, GlobalRef, LoweredForm, Target};

/// One toplevel form: what it is, its tree, and its functions' code.
#[must_use]
pub fn dump(cx: &Context, form: &TopForm, lowered: &LoweredForm) -> String {
    let mut dump = Dump { cx, out: String::new() };
    dump.form(form);
    dump.lowered(lowered);
    dump.out
}

struct Dump<'a> {
    cx: &'a Context,
    out: String,
}

impl Dump<'_> {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self, text: &str) {
        self.put(text);
        self.put("\n");
    }

    fn form(&mut self, form: &TopForm) {
        let kind = match form.kind {
            FormKind::Function(symbol, id) => format!("function {} f{}", self.symbol(symbol), id.0),
            FormKind::Raw(symbol, id) => format!("raw {} f{}", self.symbol(symbol), id.0),
            FormKind::Macro(symbol) => format!("macro {}", self.symbol(symbol)),
            FormKind::Expression(Some(symbol)) => format!("expression {}", self.symbol(symbol)),
            FormKind::Expression(None) => "expression".to_owned(),
        };
        self.line(&format!("(form {kind})"));
        self.variables(&form.ast);
        for (id, function) in form.ast.functions.iter().enumerate() {
            self.function(id, function);
        }
    }

    fn variables(&mut self, ast: &Ast) {
        for (id, variable) in ast.variables.iter().enumerate() {
            let declared = variable.declared.map_or("nil", representation);
            let vector = variable.vector.map_or("nil".to_owned(), |ty| ty.to_string());
            self.line(&format!(
                " (variable v{id} {} f{} {declared} {vector} {} {} {})",
                self.symbol(variable.name),
                variable.owner.0,
                flag(variable.assigned),
                flag(variable.captured),
                variable.reads
            ));
        }
        for (id, block) in ast.blocks.iter().enumerate() {
            self.line(&format!(" (block b{id} f{} {})", block.owner.0, token(block.token)));
        }
        for (id, tagbody) in ast.tagbodies.iter().enumerate() {
            self.line(&format!(" (tagbody t{id} f{} {})", tagbody.owner.0, token(tagbody.token)));
        }
    }

    fn function(&mut self, id: usize, function: &LambdaFunction) {
        let name = function.name.map_or("nil".to_owned(), |name| self.symbol(name));
        let parent = function.parent.map_or("nil".to_owned(), |parent| format!("f{}", parent.0));
        let parameters = &function.parameters;
        let variables: Vec<String> = parameters.variables().map(|variable| format!("v{}", variable.0)).collect();
        let keywords: Vec<String> = parameters.keywords.iter().map(|keyword| self.symbol(keyword.keyword)).collect();
        self.line(&format!(
            " (function f{id} {name} {parent} ({} {} {} {} {} ({})) ({}) {} {}",
            parameters.required.len(),
            parameters.optional.len(),
            flag(parameters.rest.is_some()),
            flag(parameters.accepts_keywords),
            flag(parameters.allow_other_keys),
            keywords.join(" "),
            variables.join(" "),
            flag(function.escapes),
            token(function.holder)
        ));
        self.node(&function.body, 2);
        self.line(")");
    }

    fn node(&mut self, node: &Node, depth: usize) {
        let indent = " ".repeat(depth);
        self.put(&indent);
        let head = self.head(&node.kind);
        let (mut empty, mut children) = (true, Vec::new());
        node.for_each_child(&mut |child| {
            empty = false;
            children.push(child);
        });
        if empty {
            return self.put(&format!("({head})"));
        }
        self.put(&format!("({head}"));
        for child in children {
            self.put("\n");
            self.node(child, depth + 1);
        }
        self.put(")");
    }

    /// What a node is, but for its subexpressions.
    fn head(&self, kind: &NodeKind) -> String {
        let ids = |prefix: &str, ids: &mut dyn Iterator<Item = u32>| {
            ids.map(|id| format!("{prefix}{id}")).collect::<Vec<_>>().join(" ")
        };
        match kind {
            NodeKind::Literal(literal) => format!("literal {}", self.datum(literal.value)),
            NodeKind::Local(variable) => format!("local v{}", variable.0),
            NodeKind::SetLocal(variable, _) => format!("set-local v{}", variable.0),
            NodeKind::Special(symbol) => format!("special {}", self.symbol(*symbol)),
            NodeKind::SetSpecial(symbol, _) => format!("set-special {}", self.symbol(*symbol)),
            NodeKind::GlobalFunction(symbol) => format!("global-function {}", self.symbol(*symbol)),
            NodeKind::Closure(function) => format!("closure f{}", function.0),
            NodeKind::Call(Callee::Global(symbol), _) => format!("call {}", self.symbol(*symbol)),
            NodeKind::Call(Callee::NotInline(symbol), _) => format!("call notinline {}", self.symbol(*symbol)),
            NodeKind::Call(Callee::Local(function), _) => format!("call f{}", function.0),
            NodeKind::Call(Callee::Computed(_), _) => "call computed".to_owned(),
            NodeKind::Primitive { op, immediates, .. } => {
                let name = self.cx.primitives.get(usize::from(*op)).map_or("", |primitive| &primitive.name);
                format!("primitive {name} {} {}", immediates[0], immediates[1])
            }
            NodeKind::If(..) => "if".to_owned(),
            NodeKind::Progn(_) => "progn".to_owned(),
            NodeKind::Let(bindings, _) => {
                format!("let ({})", ids("v", &mut bindings.iter().map(|(variable, _)| variable.0)))
            }
            NodeKind::BindSpecial(bindings, _) => {
                let names: Vec<String> = bindings.iter().map(|(symbol, _)| self.symbol(*symbol)).collect();
                format!("bind-special ({})", names.join(" "))
            }
            NodeKind::Progv(..) => "progv".to_owned(),
            NodeKind::Block(block, _) => format!("block b{}", block.0),
            NodeKind::ReturnFrom(block, _) => format!("return-from b{}", block.0),
            NodeKind::Tagbody(tagbody, segments) => {
                let lengths: Vec<String> = segments.iter().map(|segment| segment.len().to_string()).collect();
                format!("tagbody t{} ({})", tagbody.0, lengths.join(" "))
            }
            NodeKind::Go(tagbody, segment) => format!("go t{} {segment}", tagbody.0),
            NodeKind::Catch(..) => "catch".to_owned(),
            NodeKind::Throw(..) => "throw".to_owned(),
            NodeKind::UnwindProtect(..) => "unwind-protect".to_owned(),
            NodeKind::LocalFunctions(functions, _) => {
                format!("local-functions ({})", ids("f", &mut functions.iter().map(|function| function.0)))
            }
            NodeKind::Values(_) => "values".to_owned(),
            NodeKind::MultipleValueBind(variables, ..) => {
                format!("multiple-value-bind ({})", ids("v", &mut variables.iter().map(|variable| variable.0)))
            }
            NodeKind::MultipleValueCall(..) => "multiple-value-call".to_owned(),
            NodeKind::MultipleValueProg1(..) => "multiple-value-prog1".to_owned(),
            NodeKind::LoadTimeValue(index) => format!("load-time-value {index}"),
        }
    }

    fn lowered(&mut self, lowered: &LoweredForm) {
        for function in &lowered.functions {
            self.line(&format!(" (lowered f{}", function.id.0));
            self.code(&function.code);
            for (table, entry) in function.entries.iter().flat_map(|entries| &entries.by_table) {
                match entry {
                    EntryCode::Function => self.line(&format!("  (entry {table} function)")),
                    EntryCode::Pack => self.line(&format!("  (entry {table} pack)")),
                    EntryCode::Adaptor(code) => {
                        self.line(&format!("  (entry {table} adaptor"));
                        self.code(code);
                        self.line("  )");
                    }
                }
            }
            self.line(" )");
        }
    }

    fn code(&mut self, code: &CompiledFunction) {
        self.line(&format!(
            "  (code {:?} {} -> {} locals {}",
            trim_counter(&code.name),
            types(&code.params),
            types(&code.results),
            types(&code.locals)
        ));
        let mut relocations = code.relocations.iter().peekable();
        let mut start = 0;
        while start <= code.code.len() {
            let end = relocations.peek().map_or(code.code.len(), |relocation| relocation.offset as usize);
            let octets = code.code.get(start..end).unwrap_or_default();
            let mut hex = String::new();
            for octet in octets {
                let _ = write!(hex, "{octet:02x}");
            }
            self.line(&format!("   {hex}"));
            let Some(relocation) = relocations.next() else { break };
            let target = self.target(&relocation.target);
            self.line(&format!("   {target}"));
            start = end;
        }
        self.line("  )");
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Function(FunctionRef::Global(symbol)) => format!("(function {})", self.symbol(*symbol)),
            Target::Function(FunctionRef::Local(id)) => format!("(function f{})", id.0),
            Target::Function(FunctionRef::AppendEntries) => "(append-entries)".to_owned(),
            Target::Function(FunctionRef::Import(number)) => format!("(import {number})"),
            Target::Function(FunctionRef::Named(number)) => format!("(named-import {number})"),
            Target::Function(FunctionRef::Numbered(number)) => format!("(numbered {number})"),
            Target::Global(GlobalRef::Symbol(symbol)) => format!("(symbol {})", self.symbol(*symbol)),
            Target::Global(GlobalRef::Literal(number)) => format!("(literal {number})"),
            Target::Global(GlobalRef::StaticFunction(id)) => format!("(static-function f{})", id.0),
            Target::Global(GlobalRef::LoadTimeValue(index)) => format!("(load-time-value {index})"),
            Target::Global(GlobalRef::Runtime(global)) => format!("(runtime {})", global.name()),
            Target::Global(GlobalRef::Numbered(index)) => format!("(numbered-global {index})"),
            Target::CodeIndex(id) => format!("(code-index f{})", id.0),
            Target::StaticData(data) => format!("(static-data {data:?})"),
            Target::FunctionReference(_) => "(function-reference)".to_owned(),
        }
    }

    /// A symbol with its home package, whatever the current one is.
    fn symbol(&self, symbol: Symbol) -> String {
        let symbols = &self.cx.symbols;
        if let Some(base) = symbols.setf_base(symbol) {
            return format!("(setf {})", self.symbol(base));
        }
        match symbols.package(symbol) {
            Some(PackageId::KEYWORD) => format!(":{}", symbols.name(symbol)),
            Some(package) => format!("{}::{}", symbols.package_name(package), symbols.name(symbol)),
            None => format!("#:{}", trim_counter(symbols.name(symbol))),
        }
    }

    /// A constant; compound ones only by their outermost type.
    fn datum(&self, datum: Datum) -> String {
        match datum {
            Datum::Symbol(symbol) => self.symbol(symbol),
            Datum::Cons(_) => "cons".to_owned(),
            _ if self.cx.heap.text(datum).is_some() => "string".to_owned(),
            Datum::Object(_) => "object".to_owned(),
            _ => prin1(&self.cx.heap, &self.cx.symbols, datum),
        }
    }
}

/// The name of an uninterned symbol without the number that tells it from others.
fn trim_counter(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit())
}

fn flag(value: bool) -> &'static str {
    if value { "t" } else { "nil" }
}

fn token(variable: Option<VariableId>) -> String {
    variable.map_or("nil".to_owned(), |variable| format!("v{}", variable.0))
}

const fn representation(representation: Representation) -> &'static str {
    match representation {
        Representation::Object => "object",
        Representation::Fixnum => "fixnum",
        Representation::I32 => "i32",
        Representation::I64 => "i64",
        Representation::F32 => "f32",
        Representation::F64 => "f64",
        Representation::Condition => "condition",
    }
}

/// Value types by their encoding.
fn types(types: &[wasm_encoder::ValType]) -> String {
    let mut octets = Vec::new();
    types.iter().for_each(|ty| wasm_encoder::Encode::encode(ty, &mut octets));
    let hex: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("({})", hex.join(""))
}
