//! Forms to AST: macroexpansion, name resolution, and the checks that need no types.

mod binding;
mod calls;
mod constant;
mod declare;
mod define;
mod exits;
mod lambda;
mod lambda_list;
mod macros;
mod notes;
mod occurrence;
mod places;
mod primitive;
mod scope;
mod special;
mod types;

use clysm_ast::{Ast, AstLiteral, Callee, FunctionId, Node, NodeKind, VariableId};
use clysm_reader::{Datum, Symbol};
use clysm_report::Span;

use crate::context::{CompileTime, Context, FormKind, TopForm};
use crate::error::{CompileError, CompileErrorKind};
use crate::lower::is_direct_call;
use crate::names::Operator;
use crate::world::{OperatorFact, Signature, VariableFact};

use notes::Notes;
use scope::{OperatorBinding, VariableBinding};

pub use define::Situations;
pub use lambda_list::{KeywordParameter, LambdaList, OptionalParameter};
pub use scope::Scope;
pub(crate) use types::{ParameterType, TABLE as PARAMETER_TYPES};

/// The result of a conversion step.
pub type Result<T> = std::result::Result<T, CompileError>;

/// Converts one toplevel form.
pub struct Converter<'a> {
    pub(crate) cx: &'a mut Context,
    pub(crate) host: &'a mut dyn CompileTime,
    pub(crate) ast: Ast,
    notes: Notes,
    scope: Scope,
    function: FunctionId,
    /// How many exits to blocks were converted so far: a block that adds none needs no exit point.
    exit_count: u32,
    /// The innermost position, for forms that carry none.
    span: Span,
    /// The innermost compound form.
    enclosing: Datum,
}

impl<'a> Converter<'a> {
    /// A converter with an empty tree.
    pub fn new(cx: &'a mut Context, host: &'a mut dyn CompileTime, span: Span) -> Self {
        Self {
            cx,
            host,
            ast: Ast::new(),
            notes: Notes::default(),
            scope: Scope::default(),
            function: Ast::TOPLEVEL,
            exit_count: 0,
            span,
            enclosing: Datum::NIL,
        }
    }

    pub(crate) const fn scope_mut(&mut self) -> &mut Scope {
        &mut self.scope
    }

    /// The finished form with `node` as its body.
    pub(crate) fn finish(mut self, node: Node, kind: FormKind, span: Span) -> TopForm {
        self.take(node, kind, span)
    }

    /// Takes the finished form out of the converter.
    pub(crate) fn take(&mut self, node: Node, kind: FormKind, span: Span) -> TopForm {
        self.ast.toplevel_mut().body = node;
        mark_indirect_calls(&mut self.ast);
        self.check_local_names();
        let notes = std::mem::take(&mut self.notes);
        TopForm {
            kind,
            ast: std::mem::take(&mut self.ast),
            calls: notes.calls,
            free_variables: notes.free_variables,
            span,
        }
    }

    /// Converts a form in the current lexical environment.
    pub fn form(&mut self, form: Datum) -> Result<Node> {
        match form {
            Datum::Symbol(symbol) => self.variable(symbol),
            Datum::Cons(_) => {
                let span = self.cx.heap.span(form).or(self.span);
                self.nested(span, |converter| converter.within(form, span, |converter| converter.compound(form)))
            }
            _ => self.quoted(form),
        }
    }

    /// Converts what stands within other forms, unless there are too many of them.
    fn nested(&mut self, span: Span, convert: impl FnOnce(&mut Self) -> Result<Node>) -> Result<Node> {
        self.cx.enter(span)?;
        let node = convert(self);
        self.cx.leave();
        node
    }

    /// Converts a part of the program whose position is `span`.
    fn within<T>(&mut self, form: Datum, span: Span, convert: impl FnOnce(&mut Self) -> T) -> T {
        let outer = (std::mem::replace(&mut self.enclosing, form), std::mem::replace(&mut self.span, span));
        let result = convert(self);
        (self.enclosing, self.span) = outer;
        result
    }

    /// Converts forms into a sequence.
    pub(crate) fn forms(&mut self, forms: Datum) -> Result<Node> {
        let forms = self.list(forms, "a body")?;
        self.sequence(&forms)
    }

    fn sequence(&mut self, forms: &[Datum]) -> Result<Node> {
        match forms {
            [form] => self.form(*form),
            _ => Ok(Node::progn(self.nodes(forms)?, self.span)),
        }
    }

    /// Converts each of some forms. Most trees are kept until the whole program is converted, so that no room is left over.
    fn nodes(&mut self, forms: &[Datum]) -> Result<Vec<Node>> {
        let mut nodes = Vec::with_capacity(forms.len());
        for form in forms {
            nodes.push(self.form(*form)?);
        }
        Ok(nodes)
    }

    fn compound(&mut self, form: Datum) -> Result<Node> {
        let operator = self.cx.heap.car(form);
        let Datum::Symbol(name) = operator else { return self.lambda_call(form, operator) };
        match self.scope.operator(name) {
            Some(OperatorBinding::Macro(_)) => {
                let expansion = self.expand_once(form)?.unwrap_or(form);
                return self.form(expansion);
            }
            Some(OperatorBinding::Function(function)) => return self.local_call(function, form),
            None => {}
        }
        if let Some(operator) = self.cx.names.operator(name) {
            return self.operator(operator, form);
        }
        if let Some(number) = self.cx.primitive_numbers.get(&name).copied() {
            return self.primitive(number, form);
        }
        let facts = self.cx.world.facts(name);
        // A macro may have a compiler macro, too (CLHS 3.2.2.1.3).
        if facts.compiler_macro && !self.is_notinline(name) {
            let expansion = self.expand_compiler_macro(form)?;
            if expansion != form {
                return self.form(expansion);
            }
        }
        if facts.operator == OperatorFact::Macro {
            let expansion = self.expand_global(name, form)?;
            return self.form(expansion);
        }
        self.global_call(name, form)
    }

    fn operator(&mut self, operator: Operator, form: Datum) -> Result<Node> {
        if let Some(node) = self.special_operator(operator, form)? {
            return Ok(node);
        }
        self.built_in_macro(operator, form)
    }

    /// A variable reference (CLHS 3.1.2.1.1).
    fn variable(&mut self, symbol: Symbol) -> Result<Node> {
        match self.scope.variable(symbol) {
            Some(VariableBinding::Lexical(variable)) => Ok(self.read_local(variable)),
            Some(VariableBinding::Special) => Ok(self.node(NodeKind::Special(symbol))),
            Some(VariableBinding::SymbolMacro(expansion)) => self.expansion(expansion),
            None => self.global_variable(symbol),
        }
    }

    /// Converts the expansion of a symbol macro, which may be the symbol itself.
    fn expansion(&mut self, expansion: Datum) -> Result<Node> {
        self.nested(self.span, |converter| converter.form(expansion))
    }

    fn global_variable(&mut self, symbol: Symbol) -> Result<Node> {
        if symbol == Symbol::NIL || symbol == Symbol::T || self.cx.symbols.is_keyword(symbol) {
            return Ok(self.literal(Datum::Symbol(symbol)));
        }
        match self.cx.world.facts(symbol).variable {
            VariableFact::Constant(Some(value)) if is_inlinable(value) => Ok(self.literal(value)),
            VariableFact::SymbolMacro(expansion) => self.expansion(expansion),
            VariableFact::Unknown => {
                self.note_free_variable(symbol);
                Ok(self.node(NodeKind::Special(symbol)))
            }
            _ => Ok(self.node(NodeKind::Special(symbol))),
        }
    }

    pub(crate) fn literal(&self, value: Datum) -> Node {
        self.node(NodeKind::Literal(AstLiteral::new(value)))
    }

    pub(crate) fn node(&self, kind: NodeKind) -> Node {
        Node::new(kind, self.span)
    }

    fn read_local(&mut self, variable: VariableId) -> Node {
        self.mark_reference(variable);
        self.ast.variables[variable.index()].reads += 1;
        self.node(NodeKind::Local(variable))
    }

    fn write_local(&mut self, variable: VariableId, value: Node) -> Node {
        self.mark_reference(variable);
        self.ast.variables[variable.index()].assigned = true;
        self.node(NodeKind::SetLocal(variable, Box::new(value)))
    }

    fn mark_reference(&mut self, variable: VariableId) {
        let current = self.function;
        let variable = &mut self.ast.variables[variable.index()];
        variable.captured |= variable.owner != current;
    }

    /// A variable of the compiler's own, and the bindings for it.
    fn temporary(&mut self, prefix: &str) -> VariableId {
        let name = self.cx.gensym(prefix);
        self.ast.add_variable(name, self.function)
    }

    /// The elements of a proper list.
    pub(crate) fn list(&self, list: Datum, what: &str) -> Result<Vec<Datum>> {
        self.cx.heap.proper_list(list).ok_or_else(|| CompileError::malformed(what, "not a proper list", self.span))
    }

    /// The operands of a form, of which there must be at least `min` and at most `max`.
    fn operands(&self, form: Datum, min: usize, max: usize) -> Result<Vec<Datum>> {
        let operands = self.list(self.cx.heap.cdr(form), "form")?;
        if operands.len() < min || operands.len() > max {
            return Err(self.malformed(form, &operand_counts(min, max, operands.len())));
        }
        Ok(operands)
    }

    pub(crate) fn malformed(&self, form: Datum, reason: &str) -> CompileError {
        let operator = match self.cx.heap.car(form) {
            Datum::Symbol(name) => self.cx.symbols.name(name).to_owned(),
            _ => "form".to_owned(),
        };
        CompileError::malformed(operator, reason, self.span)
    }

    pub(crate) fn error(&self, kind: CompileErrorKind) -> CompileError {
        CompileError::new(kind, self.span)
    }

    /// Asks the image; what it signals becomes this form's error.
    pub(crate) fn ask(
        &mut self,
        function: &str,
        args: &[Datum],
        what: impl FnOnce(&Context) -> String,
    ) -> Result<Datum> {
        self.host.call(self.cx, function, args).map_err(|error| {
            let kind = CompileErrorKind::CompileTime { what: what(self.cx), report: error.report };
            CompileError::new(kind, self.span)
        })
    }

    pub(crate) fn expand_global(&mut self, name: Symbol, form: Datum) -> Result<Datum> {
        let environment = self.environment();
        let expansion =
            self.ask("%EXPAND-MACRO", &[Datum::Symbol(name), form, environment], |cx| macro_failure(cx, name))?;
        Ok(self.located(expansion))
    }

    /// The expansion of a call of a local macro; none for a local function.
    pub(crate) fn expand_once(&mut self, form: Datum) -> Result<Option<Datum>> {
        let Datum::Symbol(name) = self.cx.heap.car(form) else { return Ok(None) };
        let Some(OperatorBinding::Macro(expander)) = self.scope.operator(name) else { return Ok(None) };
        let environment = self.environment();
        let expansion = self.ask("%CALL-EXPANDER", &[expander, form, environment], |cx| macro_failure(cx, name))?;
        Ok(Some(self.located(expansion)))
    }

    fn expand_compiler_macro(&mut self, form: Datum) -> Result<Datum> {
        let environment = self.environment();
        let answer = self.ask("%EXPAND-COMPILER-MACRO", &[form, environment], |_| "compiler macro".to_owned())?;
        // The image answers NIL when the macro declined, and a list of the expansion otherwise.
        match self.cx.heap.uncons(answer) {
            None => Ok(form),
            Some((expansion, _)) => Ok(self.located(expansion)),
        }
    }

    /// An expansion without a position of its own takes the macro call's.
    fn located(&mut self, expansion: Datum) -> Datum {
        if let Datum::Cons(cons) = expansion
            && self.cx.heap.span(expansion).is_none()
        {
            self.cx.heap.set_span(cons, self.span);
        }
        expansion
    }

    /// The environment object for macro expanders: entries, innermost first, as `macroexpand` in the image takes them.
    fn environment(&mut self) -> Datum {
        let local_macros = self.scope.variables().iter().any(|(_, binding)| is_symbol_macro(binding));
        let variables = self.scope.variables().iter().rev().filter_map(|(name, binding)| match binding {
            VariableBinding::SymbolMacro(expansion) => Some(("SYMBOL-MACRO", *name, Some(*expansion))),
            _ => self.hides_symbol_macro(*name, local_macros).then_some(("VARIABLE", *name, None)),
        });
        let operators = self.scope.operators().iter().rev().map(|(name, binding)| match binding {
            OperatorBinding::Macro(expander) => ("MACRO", *name, Some(*expander)),
            OperatorBinding::Function(_) => ("FUNCTION", *name, None),
        });
        let entries: Vec<_> = variables.chain(operators).collect();
        let entries: Vec<_> = entries.into_iter().map(|(kind, name, value)| self.entry(kind, name, value)).collect();
        self.cx.heap.list(&entries, Span::NONE)
    }

    /// Whether a variable hides a symbol macro, the only ones that matter to expanders; `local_macros` says whether there are local
    /// ones at all.
    fn hides_symbol_macro(&self, name: Symbol, local_macros: bool) -> bool {
        let is_own = |(bound, binding): &(Symbol, VariableBinding)| *bound == name && is_symbol_macro(binding);
        matches!(self.cx.world.facts(name).variable, VariableFact::SymbolMacro(_))
            || local_macros && self.scope.variables().iter().any(is_own)
    }

    /// `(kind name . value)`, or `(kind name)`.
    fn entry(&mut self, kind: &str, name: Symbol, value: Option<Datum>) -> Datum {
        let kind = Datum::Symbol(self.cx.symbols.intern(clysm_reader::PackageId::KEYWORD, kind));
        let tail = self.cx.heap.cons(Datum::Symbol(name), value.unwrap_or(Datum::NIL), Span::NONE);
        self.cx.heap.cons(kind, tail, Span::NONE)
    }
}

const fn is_symbol_macro(binding: &VariableBinding) -> bool {
    matches!(binding, VariableBinding::SymbolMacro(_))
}

fn operand_counts(min: usize, max: usize, got: usize) -> String {
    let wanted = match max {
        usize::MAX => format!("at least {min}"),
        max if max == min => format!("exactly {min}"),
        max => format!("{min} to {max}"),
    };
    let plural = if max == 1 || min == 1 && max == usize::MAX { "" } else { "s" };
    format!("it takes {wanted} operand{plural}, got {got}")
}

fn macro_failure(cx: &Context, name: Symbol) -> String {
    format!("expansion of macro {}", cx.symbols.qualified_name(name))
}

/// Whether a constant's value may stand wherever its name does: objects with identity may not.
const fn is_inlinable(value: Datum) -> bool {
    !matches!(value, Datum::Cons(_) | Datum::Object(_))
}

/// Marks the local functions that need a function object because of how they are called.
fn mark_indirect_calls(ast: &mut Ast) {
    let mut called = Vec::new();
    for function in &ast.functions {
        indirect_calls(ast, &function.body, &mut called);
    }
    for function in called {
        ast.functions[function.index()].escapes = true;
    }
}

fn indirect_calls(ast: &Ast, node: &Node, into: &mut Vec<FunctionId>) {
    if let NodeKind::Call(Callee::Local(function), args) = &node.kind
        && !is_direct_call(&Signature::new(&ast.function(*function).parameters, None, Span::NONE), args)
    {
        into.push(*function);
    }
    node.for_each_child(&mut |child| indirect_calls(ast, child, into));
}
