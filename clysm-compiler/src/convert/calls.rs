//! Function calls.

use clysm_ast::{Callee, FunctionId, Node, NodeKind};
use clysm_reader::{Datum, Symbol};

use super::{Converter, Result};
use crate::context::CallSite;
use crate::error::CompileErrorKind;

impl Converter<'_> {
    pub(super) fn global_call(&mut self, name: Symbol, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        if name == self.cx.names.known.values {
            let nodes = self.arguments(&operands)?;
            return Ok(self.node(NodeKind::Values(nodes)));
        }
        if name == self.cx.names.known.funcall && !operands.is_empty() {
            return self.funcall(&operands);
        }
        let args = self.arguments(&operands)?;
        if args.len() == 3 && self.is_comparison(name) {
            return self.chained_comparison(name, args);
        }
        self.call_global(name, args)
    }

    fn is_comparison(&self, name: Symbol) -> bool {
        self.cx.symbols.package(name) == Some(clysm_reader::PackageId::COMMON_LISP)
            && matches!(self.cx.symbols.name(name), "<" | "<=" | ">" | ">=" | "=")
            && !self.cx.world.facts(name).notinline
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
        let qualified = self.runtime_name(name);
        if let Some(qualified) = qualified {
            self.cx
                .runtime
                .check_arity(&qualified, count)
                .map_err(|error| self.error(CompileErrorKind::Arity(error)))?;
        }
        self.calls.push(CallSite { function: name, count: Some(count), span: self.span });
        Ok(self.node(NodeKind::Call(Callee::Global(name), args)))
    }

    /// The name under which the runtime function table could know a symbol.
    fn runtime_name(&self, name: Symbol) -> Option<String> {
        (self.cx.symbols.package(name) == Some(clysm_reader::PackageId::CLYSM))
            .then(|| format!("clysm:{}", self.cx.symbols.name(name).to_lowercase()))
    }

    pub(super) fn note_reference(&mut self, name: Symbol) {
        self.calls.push(CallSite { function: name, count: None, span: self.span });
    }

    /// A call of an internal function of the library.
    pub(super) fn call_system(&mut self, name: &str, args: Vec<Node>) -> Result<Node> {
        let symbol = self.cx.system(name);
        self.call_global(symbol, args)
    }

    fn arguments(&mut self, operands: &[Datum]) -> Result<Vec<Node>> {
        operands.iter().map(|operand| self.form(*operand)).collect()
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
