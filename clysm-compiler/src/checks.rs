//! What can be told of a program that compiles: calls that don't fit, and names that nothing defines.
//!
//! A call of a function that is known is checked at once. Whether a name is defined at all is known at the end of the
//! compilation unit only (CLHS `WITH-COMPILATION-UNIT`), which for a file is the file: forms may refer to what comes
//! after them.

use clysm_reader::hash::{NameMap, NameSet};
use clysm_reader::{Datum, Symbol, nearest};
use clysm_report::{Diagnostic, Span};

use crate::context::{CallSite, CompileTime, Context, TopForm, VariableUse};
use crate::world::{OperatorFact, Signature, VariableFact};

/// How many further uses of an undefined name a warning shows.
const SHOWN_USES: usize = 3;

/// What remains to be checked at the end of a compilation unit.
#[derive(Clone, Debug, Default)]
pub struct CompilationUnit {
    /// Calls of functions that were not known yet.
    calls: Vec<CallSite>,
    /// Uses of variables that were not known yet.
    variables: Vec<VariableUse>,
    /// Names that are defined by forms which were not reached.
    announced: NameSet<Symbol>,
}

/// Checks a form's calls of known functions, and notes the others for the end of the unit.
pub fn check_form(cx: &mut Context, form: &TopForm) {
    for call in &form.calls {
        match (cx.world.facts(call.function).operator, cx.world.signature(call.function)) {
            (OperatorFact::Function, Some(signature)) => {
                let warning = check_call(cx, call, signature);
                cx.diagnostics.extend(warning);
            }
            _ => cx.unit.calls.push(call.clone()),
        }
    }
    cx.unit.variables.extend(&form.free_variables);
}

/// Notes the name that a form would define. The forms of a file that come after an error are not compiled; what they
/// define is not missing for all that.
pub fn announce(cx: &mut Context, form: Datum) {
    let heap = &cx.heap;
    let Some((Datum::Symbol(head), rest)) = heap.uncons(form) else { return };
    let name = heap.car(rest);
    let name = match (name.as_symbol(), heap.proper_list(name).as_deref()) {
        (Some(name), _) => name,
        (None, Some([Datum::Symbol(setf), Datum::Symbol(base)])) if *setf == cx.names.known.setf => {
            let base = *base;
            cx.symbols.setf_symbol(base)
        }
        // (defstruct (name option…) …) and the like
        (None, Some([Datum::Symbol(name), ..])) => *name,
        _ => return,
    };
    if cx.symbols.name(head).starts_with("DEF") {
        cx.unit.announced.insert(name);
    }
}

/// Ends the compilation unit: warns of what its forms use and nothing defines.
pub fn finish_unit(cx: &mut Context, host: &mut dyn CompileTime) {
    let unit = std::mem::take(&mut cx.unit);
    let mut warnings = Vec::new();
    for calls in grouped(unit.calls, |call| call.function) {
        let function = calls[0].function;
        let sites = || calls.iter().map(|call| call.span);
        match cx.world.facts(function).operator {
            OperatorFact::Macro => warnings.push(late_macro(cx, function, sites())),
            OperatorFact::Function => warnings.extend(calls.iter().filter_map(|call| {
                let signature = cx.world.signature(function)?;
                check_call(cx, call, signature)
            })),
            _ if unit.announced.contains(&function) || holds(cx, host, "FBOUNDP", function) => {}
            _ => warnings.push(undefined_function(cx, function, sites())),
        }
    }
    for uses in grouped(unit.variables, |variable| variable.name) {
        let name = uses[0].name;
        let known = cx.world.facts(name).variable != VariableFact::Unknown;
        if !known && !unit.announced.contains(&name) && !holds(cx, host, "BOUNDP", name) {
            warnings.push(undefined_variable(cx, name, uses.iter().map(|variable| variable.span)));
        }
    }
    warnings.sort_by_key(|warning| warning.span());
    cx.diagnostics.extend(warnings);
}

/// The uses of each name, in the order of the first ones.
fn grouped<T>(uses: Vec<T>, name: impl Fn(&T) -> Symbol) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    let mut numbers: NameMap<Symbol, usize> = NameMap::default();
    for one in uses {
        let number = *numbers.entry(name(&one)).or_insert(groups.len());
        match groups.get_mut(number) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// Whether a predicate of the image holds for a symbol: programs may define names by means that the compiler does not see.
fn holds(cx: &mut Context, host: &mut dyn CompileTime, predicate: &str, symbol: Symbol) -> bool {
    host.call(cx, predicate, &[Datum::Symbol(symbol)]).is_ok_and(|answer| !answer.is_nil())
}

/// What is wrong with a call of a function with that signature.
pub fn check_call(cx: &Context, call: &CallSite, signature: &Signature) -> Option<Diagnostic> {
    let count = call.count?;
    let name = || cx.symbols.qualified_name(call.function);
    let (code, title, label) = if !signature.accepts(count) {
        let got = format!("called with {count} here");
        ("wrong-argument-count", format!("{} takes {}, got {count}", name(), signature.expected()), got)
    } else {
        let first = (signature.required + signature.optional) as usize;
        let keywords = call.keywords.get(first..).filter(|_| signature.accepts_keywords)?;
        let (code, title) = check_keywords(cx, name, keywords, signature)?;
        (code, title, String::new())
    };
    Some(Diagnostic::warning(code, title).at(call.span, label).also(signature.span, "defined here"))
}

/// What is wrong with the arguments after the positional ones. Those that are not literal keywords may be anything.
fn check_keywords(
    cx: &Context,
    name: impl Fn() -> String,
    arguments: &[Option<Symbol>],
    signature: &Signature,
) -> Option<(&'static str, String)> {
    if !arguments.len().is_multiple_of(2) {
        return Some((
            "odd-keyword-arguments",
            format!("{} is called with an odd number of keyword arguments", name()),
        ));
    }
    let given = || arguments.iter().step_by(2).flatten();
    let allows = |keyword: &Symbol| cx.symbols.name(*keyword) == "ALLOW-OTHER-KEYS";
    if signature.allow_other_keys || given().any(allows) {
        return None;
    }
    let unknown = given().find(|keyword| !signature.keywords.contains(keyword))?;
    let title = format!("{} has no keyword parameter {}", name(), cx.symbols.qualified_name(*unknown));
    Some(("unknown-keyword", title))
}

fn undefined_function(cx: &Context, function: Symbol, sites: impl Iterator<Item = Span>) -> Diagnostic {
    let title = format!("undefined function: {}", cx.symbols.qualified_name(function));
    let warning = with_sites(Diagnostic::style_warning("undefined-function", title), sites, "called");
    let similar = similar(cx, function, |symbol| cx.world.facts(symbol).operator != OperatorFact::Unknown);
    with_similar(warning, &similar)
}

fn undefined_variable(cx: &Context, name: Symbol, sites: impl Iterator<Item = Span>) -> Diagnostic {
    let title = format!("undefined variable: {}", cx.symbols.qualified_name(name));
    let warning = with_sites(Diagnostic::warning("undefined-variable", title), sites, "used");
    let similar = similar(cx, name, |symbol| cx.world.facts(symbol).variable != VariableFact::Unknown);
    with_similar(warning, &similar)
}

fn late_macro(cx: &Context, name: Symbol, sites: impl Iterator<Item = Span>) -> Diagnostic {
    let title = format!("{} is called as a function, but defined as a macro later", cx.symbols.qualified_name(name));
    with_sites(Diagnostic::warning("late-macro", title), sites, "called")
        .hint("define the macro before the first form that uses it")
}

/// Shows the first use, and a few of the others.
fn with_sites(warning: Diagnostic, mut sites: impl Iterator<Item = Span>, verb: &str) -> Diagnostic {
    let warning = warning.at(sites.next().unwrap_or_default(), format!("{verb} here"));
    let warning = sites.by_ref().take(SHOWN_USES).fold(warning, |warning, site| warning.also(site, "and here"));
    match sites.count() {
        0 => warning,
        more => warning.hint(format!("it is {verb} in {more} more places")),
    }
}

fn with_similar(warning: Diagnostic, similar: &[String]) -> Diagnostic {
    match similar {
        [] => warning,
        names => warning.hint(format!("did you mean {}?", names.join(" or "))),
    }
}

/// Names like that of a symbol, among the symbols that its package offers and that are defined.
fn similar(cx: &Context, symbol: Symbol, is_defined: impl Fn(Symbol) -> bool) -> Vec<String> {
    let Some(package) = cx.symbols.package(symbol) else { return Vec::new() };
    let own = cx.symbols.present_symbols(package).into_iter().map(|(symbol, _)| symbol);
    let used = cx.symbols.use_list(package).iter().flat_map(|used| cx.symbols.external_symbols(*used));
    let offered: Vec<Symbol> = own.chain(used).filter(|offered| *offered != symbol && is_defined(*offered)).collect();
    nearest(cx.symbols.name(symbol), offered.iter().map(|symbol| cx.symbols.name(*symbol)))
}
