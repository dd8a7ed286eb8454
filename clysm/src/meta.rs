//! What the compiler knows after the library, in a form that is kept beside the cached image.

use std::collections::HashSet;

use clysm_ast::Representation;
use clysm_compiler::context::Context;
use clysm_compiler::world::{OperatorFact, Signature, VariableFact};
use clysm_reader::codec::SymbolIds;
use clysm_reader::{Datum, Symbol};
use clysm_report::Span;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::library::foreign_externals;

#[derive(Serialize, Deserialize)]
struct PackageRow {
    name: String,
    nicknames: Vec<String>,
    uses: Vec<String>,
    /// External symbols that are at home elsewhere.
    externals: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct SymbolRow {
    name: String,
    package: Option<String>,
    external: bool,
    setf_base: Option<u32>,
    variable: VariableRow,
    operator: OperatorFact,
    /// Compiler macro, setf expander, notinline.
    flags: [bool; 3],
    signature: Option<SignatureRow>,
}

#[derive(Serialize, Deserialize)]
enum VariableRow {
    Unknown,
    Special,
    Global,
    Constant(ConstantRow),
}

#[derive(Serialize, Deserialize)]
enum ConstantRow {
    Unknown,
    Symbol(u32),
    Fixnum(i64),
    Char(char),
    Single(f32),
    Double(f64),
}

#[derive(Serialize, Deserialize)]
struct SignatureRow {
    required: u32,
    optional: u32,
    rest: bool,
    keywords: Vec<u32>,
    accepts_keywords: bool,
    allow_other_keys: bool,
    raw: Option<(Vec<u8>, u8)>,
}

/// What a compiler needs to work with an image.
pub struct CompilerState {
    /// The context.
    pub cx: Context,
    /// The ids of its symbols in the image.
    pub ids: SymbolIds,
    /// The functions to call directly.
    pub direct: HashSet<Symbol>,
}

/// The compiler's state after the library; symbols are in the order of their ids in the image.
#[derive(Serialize, Deserialize)]
pub struct Meta {
    packages: Vec<PackageRow>,
    symbols: Vec<SymbolRow>,
}

const REPRESENTATIONS: [Representation; 7] = [
    Representation::Object,
    Representation::Fixnum,
    Representation::I32,
    Representation::I64,
    Representation::F32,
    Representation::F64,
    Representation::Condition,
];

fn representation_number(representation: Representation) -> u8 {
    REPRESENTATIONS.iter().zip(0..).find(|(known, _)| **known == representation).map_or(0, |(_, number)| number)
}

fn representation(number: u8) -> Representation {
    REPRESENTATIONS.get(usize::from(number)).copied().unwrap_or(Representation::Object)
}

impl Meta {
    /// Describes a context.
    pub fn describe(cx: &Context, symbols: &[Symbol]) -> Self {
        let ids: std::collections::HashMap<Symbol, u32> = symbols.iter().copied().zip(0..).collect();
        let packages = cx
            .symbols
            .packages()
            .map(|package| PackageRow {
                name: cx.symbols.package_name(package).to_owned(),
                nicknames: cx.symbols.nicknames(package).map(str::to_owned).collect(),
                uses: cx
                    .symbols
                    .use_list(package)
                    .iter()
                    .map(|used| cx.symbols.package_name(*used).to_owned())
                    .collect(),
                externals: foreign_externals(cx, package),
            })
            .collect();
        let id = |symbol: &Symbol| ids.get(symbol).copied().unwrap_or(0);
        let symbols = symbols
            .iter()
            .map(|symbol| {
                let facts = cx.world.facts(*symbol);
                let package = cx.symbols.package(*symbol);
                let name = cx.symbols.name(*symbol).to_owned();
                let external = package.is_some_and(|package| {
                    matches!(cx.symbols.find(package, &name), Some((_, clysm_reader::Status::External)))
                });
                SymbolRow {
                    package: package.map(|package| cx.symbols.package_name(package).to_owned()),
                    external,
                    setf_base: cx.symbols.setf_base(*symbol).map(|base| id(&base)),
                    variable: match facts.variable {
                        VariableFact::Unknown | VariableFact::SymbolMacro(_) => VariableRow::Unknown,
                        VariableFact::Special => VariableRow::Special,
                        VariableFact::Global => VariableRow::Global,
                        VariableFact::Constant(value) => VariableRow::Constant(match value {
                            Some(Datum::Symbol(symbol)) => ConstantRow::Symbol(id(&symbol)),
                            Some(Datum::Fixnum(value)) => ConstantRow::Fixnum(value),
                            Some(Datum::Char(value)) => ConstantRow::Char(value),
                            Some(Datum::Single(value)) => ConstantRow::Single(value),
                            Some(Datum::Double(value)) => ConstantRow::Double(value),
                            _ => ConstantRow::Unknown,
                        }),
                    },
                    operator: facts.operator,
                    flags: [facts.compiler_macro, facts.setf_expander, facts.notinline],
                    signature: cx.world.signature(*symbol).map(|signature| SignatureRow {
                        required: signature.required,
                        optional: signature.optional,
                        rest: signature.rest,
                        keywords: signature.keywords.iter().map(id).collect(),
                        accepts_keywords: signature.accepts_keywords,
                        allow_other_keys: signature.allow_other_keys,
                        raw: signature.raw.as_ref().map(|(params, result)| {
                            (
                                params.iter().map(|rep| representation_number(*rep)).collect(),
                                representation_number(*result),
                            )
                        }),
                    }),
                    name,
                }
            })
            .collect();
        Self { packages, symbols }
    }

    /// The state as it was described.
    pub fn restore(&self) -> Result<CompilerState, Error> {
        let mut cx = Context::new()?;
        for row in &self.packages {
            let nicknames: Vec<&str> = row.nicknames.iter().map(String::as_str).collect();
            let outcome = match cx.symbols.find_package(&row.name) {
                Some(package) => cx.symbols.rename(package, &row.name, &nicknames),
                None => cx.symbols.make_package(&row.name, &nicknames, &[]).map(|_| ()),
            };
            outcome.map_err(|_| Error::Protocol("a cached package that can't be made"))?;
        }
        for row in &self.packages {
            let Some(package) = cx.symbols.find_package(&row.name) else { continue };
            for used in row.uses.iter().filter_map(|name| cx.symbols.find_package(name)).collect::<Vec<_>>() {
                // Names can't conflict before the symbols are there.
                let _ = cx.symbols.use_package(package, used);
            }
        }
        cx.library_is_complete = true;
        let symbols = self.restore_symbols(&mut cx);
        self.restore_externals(&mut cx);
        let mut ids = SymbolIds::new(0);
        let mut direct = HashSet::new();
        for ((symbol, row), id) in symbols.iter().zip(&self.symbols).zip(0..) {
            ids.record(*symbol, id);
            row.restore_facts(&mut cx, *symbol, &symbols);
            if row.signature.is_some() {
                direct.insert(*symbol);
            }
        }
        Ok(CompilerState { cx, ids, direct })
    }

    fn restore_externals(&self, cx: &mut Context) {
        for row in &self.packages {
            let Some(package) = cx.symbols.find_package(&row.name) else { continue };
            for name in &row.externals {
                if let Some((symbol, _)) = cx.symbols.find(package, name) {
                    // What was external before can't conflict.
                    let _ = cx.symbols.export(package, &[symbol]);
                }
            }
        }
    }

    fn restore_symbols(&self, cx: &mut Context) -> Vec<Symbol> {
        let mut symbols = vec![Symbol::NIL; self.symbols.len()];
        for (index, row) in self.symbols.iter().enumerate().filter(|(_, row)| row.setf_base.is_none()) {
            symbols[index] = match row.package.as_ref().and_then(|name| cx.symbols.find_package(name)) {
                Some(package) => {
                    let symbol = cx.symbols.intern(package, &row.name);
                    if row.external {
                        let _ = cx.symbols.export(package, &[symbol]);
                    }
                    symbol
                }
                None => cx.symbols.make_uninterned(&row.name),
            };
        }
        for (index, row) in self.symbols.iter().enumerate() {
            if let Some(base) = row.setf_base {
                symbols[index] = cx.symbols.setf_symbol(symbols[base as usize]);
            }
        }
        symbols
    }
}

impl SymbolRow {
    fn restore_facts(&self, cx: &mut Context, symbol: Symbol, symbols: &[Symbol]) {
        let find = |id: &u32| symbols.get(*id as usize).copied().unwrap_or(Symbol::NIL);
        let facts = cx.world.facts_mut(symbol);
        facts.variable = match &self.variable {
            VariableRow::Unknown => VariableFact::Unknown,
            VariableRow::Special => VariableFact::Special,
            VariableRow::Global => VariableFact::Global,
            VariableRow::Constant(value) => VariableFact::Constant(match value {
                ConstantRow::Unknown => None,
                ConstantRow::Symbol(id) => Some(Datum::Symbol(find(id))),
                ConstantRow::Fixnum(value) => Some(Datum::Fixnum(*value)),
                ConstantRow::Char(value) => Some(Datum::Char(*value)),
                ConstantRow::Single(value) => Some(Datum::Single(*value)),
                ConstantRow::Double(value) => Some(Datum::Double(*value)),
            }),
        };
        facts.operator = self.operator;
        [facts.compiler_macro, facts.setf_expander, facts.notinline] = self.flags;
        if let Some(row) = &self.signature {
            let signature = Signature {
                required: row.required,
                optional: row.optional,
                rest: row.rest,
                keywords: row.keywords.iter().map(find).collect(),
                accepts_keywords: row.accepts_keywords,
                allow_other_keys: row.allow_other_keys,
                span: Span::NONE,
                raw: row.raw.as_ref().map(|(params, result)| {
                    (params.iter().map(|number| representation(*number)).collect(), representation(*result))
                }),
            };
            cx.world.set_signature(symbol, signature);
        }
    }
}
