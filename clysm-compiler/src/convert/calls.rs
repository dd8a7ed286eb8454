//! Function calls.

use clysm_ast::{Callee, FunctionId, Node, NodeKind};
use clysm_reader::{Datum, PackageId, Symbol};

use super::{Converter, Result};
use crate::error::{CALL_ARGUMENTS_LIMIT, CompileErrorKind};
use crate::world::OperatorFact;

impl Converter<'_> {
    pub(super) fn global_call(&mut self, name: Symbol, form: Datum) -> Result<Node> {
        self.check_supported(name)?;
        let operands = self.operands(form, 0, usize::MAX)?;
        if name == self.cx.names.known.values {
            let nodes = self.arguments(&operands)?;
            return Ok(self.node(NodeKind::Values(nodes)));
        }
        if name == self.cx.names.known.funcall && !operands.is_empty() {
            return self.funcall(&operands);
        }
        let args = self.arguments(&operands)?;
        self.check_argument_types(name, form, &args);
        if args.len() == 3 && self.is_comparison(name) {
            return self.chained_comparison(name, args);
        }
        self.call_global(name, args)
    }

    /// Refuses standard operators that are not there. While the library is being made, they may come yet.
    pub(super) fn check_supported(&mut self, name: Symbol) -> Result<()> {
        let base = self.cx.symbols.setf_base(name).unwrap_or(name);
        let missing = self.cx.library_is_complete
            && self.cx.world.facts(name).operator == OperatorFact::Unknown
            && self.cx.symbols.package(base) == Some(PackageId::COMMON_LISP);
        if missing && self.ask("FBOUNDP", &[Datum::Symbol(name)], |_| "FBOUNDP".to_owned())?.is_nil() {
            return Err(self.error(CompileErrorKind::NotYetSupported(self.cx.symbols.qualified_name(name))));
        }
        Ok(())
    }

    fn is_comparison(&self, name: Symbol) -> bool {
        self.cx.symbols.package(name) == Some(PackageId::COMMON_LISP)
            && matches!(self.cx.symbols.name(name), "<" | "<=" | ">" | ">=" | "=")
            && !self.is_notinline(name)
    }

    /// Whether a global function is `notinline` here: by the innermost declaration, or else by proclamation.
    pub(super) fn is_notinline(&self, name: Symbol) -> bool {
        self.scope.inline(name).map_or_else(|| self.cx.world.facts(name).notinline, |inline| !inline)
    }

    /// `(< a b c)` as two comparisons, after all three arguments were evaluated.
    fn chained_comparison(&mut self, name: Symbol, args: Vec<Node>) -> Result<Node> {
        let mut bindings = Vec::new();
        let mut values = Vec::new();
        for arg in args {
            let variable = self.temporary("number");
            bindings.push((variable, arg));
            values.push(variable);
        }
        let compare = |converter: &mut Self, left: usize| {
            let left_value = converter.read_local(values[left]);
            let right_value = converter.read_local(values[left + 1]);
            converter.call_global(name, vec![left_value, right_value])
        };
        let first = compare(self, 0)?;
        let second = compare(self, 1)?;
        let body = self.if_node(first, second, Node::nil());
        Ok(self.node(NodeKind::Let(bindings, Box::new(body))))
    }

    /// A call of a global function by its symbol.
    pub(crate) fn call_global(&mut self, name: Symbol, args: Vec<Node>) -> Result<Node> {
        let count = u32::try_from(args.len()).unwrap_or(u32::MAX);
        if let Some(runtime_name) = self.cx.runtime_names.get(&name) {
            self.cx
                .runtime
                .check_arity(runtime_name, count)
                .map_err(|error| self.error(CompileErrorKind::Arity(error)))?;
        }
        self.note_call(name, &args);
        let callee = if self.is_notinline(name) { Callee::NotInline(name) } else { Callee::Global(name) };
        Ok(self.node(NodeKind::Call(callee, args)))
    }

    /// A call of an internal function of the library.
    pub(super) fn call_system(&mut self, name: &str, args: Vec<Node>) -> Result<Node> {
        let symbol = self.cx.system(name);
        self.call_global(symbol, args)
    }

    fn arguments(&mut self, operands: &[Datum]) -> Result<Vec<Node>> {
        if operands.len() > CALL_ARGUMENTS_LIMIT {
            return Err(self.error(CompileErrorKind::TooManyArguments(operands.len())));
        }
        self.nodes(operands)
    }

    /// `(funcall #'name …)` is an ordinary call.
    fn funcall(&mut self, operands: &[Datum]) -> Result<Node> {
        let function = self.form(operands[0])?;
        let args = self.arguments(&operands[1..])?;
        match function.kind {
            NodeKind::GlobalFunction(name) => self.call_global(name, args),
            _ => Ok(self.node(NodeKind::Call(Callee::Computed(Box::new(function)), args))),
        }
    }

    pub(super) fn local_call(&mut self, function: FunctionId, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        let args = self.arguments(&operands)?;
        self.local_call_node(function, args)
    }

    pub(super) fn local_call_node(&mut self, function: FunctionId, args: Vec<Node>) -> Result<Node> {
        self.note_local_call(function, &args);
        self.mark_holder(function);
        Ok(self.node(NodeKind::Call(Callee::Local(function), args)))
    }

    /// `((lambda …) argument…)`.
    pub(super) fn lambda_call(&mut self, form: Datum, operator: Datum) -> Result<Node> {
        let definition = match self.cx.heap.uncons(operator) {
            Some((Datum::Symbol(head), definition)) if head == self.cx.names.known.lambda => definition,
            _ => {
                let text = clysm_reader::prin1(&self.cx.heap, &self.cx.symbols, operator);
                return Err(self.error(CompileErrorKind::IllegalOperator(text)));
            }
        };
        let function = self.closure(None, definition, None)?;
        let operands = self.operands(form, 0, usize::MAX)?;
        let args = self.arguments(&operands)?;
        Ok(self.node(NodeKind::Call(Callee::Computed(Box::new(function)), args)))
    }

    pub(super) fn eq_node(&mut self, left: Node, right: Node) -> Node {
        let eq = self.cx.names.known.eq;
        self.node(NodeKind::Call(Callee::Global(eq), vec![left, right]))
    }
}
