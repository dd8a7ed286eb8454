//! What a conversion notes for the checks of [`crate::checks`], and the checks of local names.

use clysm_ast::{FunctionId, Node, NodeKind, VariableId};
use clysm_reader::{Datum, Symbol};
use clysm_report::{Diagnostic, Span};

use super::Converter;
use super::declare::{Declarations, Ignore};
use super::occurrence::occurrence;
use crate::checks::check_call;
use crate::context::{CallSite, VariableUse};
use crate::world::Signature;

/// What was noted so far.
#[derive(Debug, Default)]
pub struct Notes {
    /// Calls of global functions.
    pub(super) calls: Vec<CallSite>,
    /// Uses of variables that are not known.
    pub(super) free_variables: Vec<VariableUse>,
    /// Calls of local functions.
    local_calls: Vec<(FunctionId, CallSite)>,
    /// Where local functions are defined.
    local_functions: Vec<(FunctionId, Span)>,
    /// The lexical variables of the program.
    variables: Vec<NotedVariable>,
}

/// A lexical variable that the program, and not the compiler, binds.
#[derive(Debug)]
struct NotedVariable {
    variable: VariableId,
    ignore: Ignore,
    /// The form that binds it.
    form: Datum,
    span: Span,
}

impl Converter<'_> {
    pub(super) fn note_call(&mut self, function: Symbol, args: &[Node]) {
        let call = self.call_site(function, args);
        self.notes.calls.push(call);
    }

    pub(super) fn note_local_call(&mut self, function: FunctionId, args: &[Node]) {
        let Some(name) = self.ast.function(function).name else { return };
        let call = self.call_site(name, args);
        self.notes.local_calls.push((function, call));
    }

    fn call_site(&self, function: Symbol, args: &[Node]) -> CallSite {
        let any = args.iter().any(|arg| self.literal_keyword(arg).is_some());
        let keywords = if any { args.iter().map(|arg| self.literal_keyword(arg)).collect() } else { Vec::new() };
        CallSite { function, count: u32::try_from(args.len()).ok(), keywords, span: self.span }
    }

    fn literal_keyword(&self, node: &Node) -> Option<Symbol> {
        let NodeKind::Literal(literal) = &node.kind else { return None };
        literal.value.as_symbol().filter(|symbol| self.cx.symbols.is_keyword(*symbol))
    }

    pub(super) fn note_reference(&mut self, function: Symbol) {
        self.notes.calls.push(CallSite { function, count: None, keywords: Vec::new(), span: self.span });
    }

    pub(super) fn note_local_function(&mut self, function: FunctionId, span: Span) {
        self.notes.local_functions.push((function, span));
    }

    pub(super) fn note_free_variable(&mut self, name: Symbol) {
        let span = occurrence(&self.cx.heap, self.enclosing, name).unwrap_or(self.span);
        self.notes.free_variables.push(VariableUse { name, span });
    }

    /// Notes a variable that the enclosing form binds.
    pub(super) fn note_variable(&mut self, variable: VariableId, name: Symbol, declared: &Declarations) {
        let ignore = declared.ignore(name);
        // Names in no package come from macros.
        if ignore != Ignore::Maybe && self.cx.symbols.package(name).is_some() {
            self.notes.variables.push(NotedVariable { variable, ignore, form: self.enclosing, span: self.span });
        }
    }

    /// Checks what is local to the finished form.
    pub(super) fn check_local_names(&mut self) {
        let variables = self.notes.variables.iter().filter_map(|noted| self.check_variable(noted));
        let calls = self.notes.local_calls.iter().filter_map(|(function, call)| {
            let span = self.notes.local_functions.iter().find(|(known, _)| known == function)?.1;
            let signature = Signature::new(&self.ast.function(*function).parameters, None, span);
            check_call(self.cx, call, &signature)
        });
        let mut warnings: Vec<Diagnostic> = variables.chain(calls).collect();
        warnings.sort_by_key(Diagnostic::span);
        self.cx.diagnostics.extend(warnings);
    }

    fn check_variable(&self, noted: &NotedVariable) -> Option<Diagnostic> {
        let variable = self.ast.variable(noted.variable);
        let name = || self.cx.symbols.qualified_name(variable.name);
        let (code, title, hint) = match (noted.ignore, variable.reads, variable.assigned) {
            (Ignore::No, 0, false) => {
                let name = name();
                let hint = format!("remove it, or declare it with (declare (ignore {name}))");
                ("unused-variable", format!("the variable {name} is never used"), hint)
            }
            (Ignore::Yes, 1.., _) => {
                let name = name();
                let hint = format!("declare it with (declare (ignorable {name})), or not at all");
                ("ignored-variable", format!("the variable {name} is read, but declared to be ignored"), hint)
            }
            _ => return None,
        };
        let span = occurrence(&self.cx.heap, noted.form, variable.name).unwrap_or(noted.span);
        Some(Diagnostic::style_warning(code, title).at(span, "").hint(hint))
    }
}
