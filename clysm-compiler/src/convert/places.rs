//! `setf` and its relatives on variables and on places that are plain function calls (CLHS 5.1). Places with setf
//! expanders, and macros that read and write a compound place, go to the image.

use clysm_ast::{Callee, Node, NodeKind};
use clysm_reader::{Datum, Symbol};
use clysm_report::Span;

use super::scope::{OperatorBinding, VariableBinding};
use super::{Converter, Result};
use crate::names::Operator;
use crate::world::{OperatorFact, VariableFact};

impl Converter<'_> {
    /// `(setf place value…)`.
    pub(super) fn setf(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        if !operands.len().is_multiple_of(2) {
            return Err(self.malformed(form, "an odd number of operands"));
        }
        let nodes =
            operands.chunks_exact(2).map(|pair| self.setf_place(pair[0], pair[1])).collect::<Result<Vec<_>>>()?;
        Ok(Node::progn(nodes, self.span))
    }

    pub(super) fn setf_place(&mut self, place: Datum, value: Datum) -> Result<Node> {
        if let Datum::Symbol(name) = place {
            return self.assign(name, value);
        }
        let Some((Datum::Symbol(operator), operands)) = self.cx.heap.uncons(place) else {
            return Err(self.malformed(place, "not a place"));
        };
        match self.scope.operator(operator) {
            Some(OperatorBinding::Macro(expander)) => {
                let environment = self.environment();
                let expansion = self
                    .ask("%CALL-EXPANDER", &[expander, place, environment], |_| "local macro as a place".to_owned())?;
                return self.setf_place(expansion, value);
            }
            Some(OperatorBinding::Function(_)) => return self.setf_call(operator, operands, value),
            None => {}
        }
        let facts = self.cx.world.facts(operator);
        if facts.setf_expander || self.cx.names.operator(operator).is_some() {
            return self.setf_in_image(place, value);
        }
        if facts.operator == OperatorFact::Macro {
            let expansion = self.expand_global(operator, place)?;
            return self.setf_place(expansion, value);
        }
        self.setf_call(operator, operands, value)
    }

    /// The place's own expansion, by the macro of the library.
    fn setf_in_image(&mut self, place: Datum, value: Datum) -> Result<Node> {
        let setf = Datum::Symbol(self.cx.names.known.setf);
        let span = self.span;
        let form = self.cx.heap.list(&[setf, place, value], span);
        self.expand_in_image(self.cx.names.known.setf, form)
    }

    /// A call of the function `(setf operator)`: operands first, then the new value.
    fn setf_call(&mut self, operator: Symbol, operands: Datum, value: Datum) -> Result<Node> {
        let operands = self.list(operands, "a place")?;
        let writer = self.cx.symbols.setf_symbol(operator);
        let mut bindings = Vec::new();
        let mut arguments = Vec::new();
        for operand in &operands {
            let node = self.form(*operand)?;
            arguments.push(self.stable(node, &mut bindings));
        }
        let value = self.form(value)?;
        let value = if bindings.is_empty() && operands.iter().all(|operand| !operand.is_cons()) {
            value
        } else {
            self.stable(value, &mut bindings)
        };
        arguments.insert(0, value);
        let call = match self.scope.operator(writer) {
            Some(OperatorBinding::Function(function)) => self.local_call_node(function, arguments)?,
            _ => self.call_global(writer, arguments)?,
        };
        Ok(if bindings.is_empty() { call } else { self.node(NodeKind::Let(bindings, Box::new(call))) })
    }

    /// The node itself if evaluating it later changes nothing, else a variable bound to it.
    fn stable(&mut self, node: Node, bindings: &mut Vec<(clysm_ast::VariableId, Node)>) -> Node {
        if matches!(node.kind, NodeKind::Literal(_) | NodeKind::GlobalFunction(_)) {
            return node;
        }
        let variable = self.temporary("place");
        bindings.push((variable, node));
        self.read_local(variable)
    }

    /// The variable a place is, if it is one and no symbol macro.
    fn plain_variable(&self, place: Datum) -> Option<Symbol> {
        let Datum::Symbol(name) = place else { return None };
        match self.scope.variable(name) {
            Some(VariableBinding::SymbolMacro(_)) => None,
            Some(_) => Some(name),
            None => (!matches!(self.cx.world.facts(name).variable, VariableFact::SymbolMacro(_))).then_some(name),
        }
    }

    /// `push`, `pop`, `incf` and `decf`.
    pub(super) fn modify(&mut self, operator: Operator, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 2)?;
        let place = if operator == Operator::Push { operands.get(1) } else { operands.first() };
        let Some(name) = place.and_then(|place| self.plain_variable(*place)) else {
            let head = self.cx.heap.car(form).as_symbol().unwrap_or(Symbol::NIL);
            return self.expand_in_image(head, form);
        };
        match operator {
            Operator::Push => self.push_variable(name, operands[0]),
            Operator::Pop => self.pop_variable(name),
            _ => self.step_variable(operator, name, operands.get(1).copied()),
        }
    }

    fn push_variable(&mut self, name: Symbol, item: Datum) -> Result<Node> {
        let item = self.form(item)?;
        let list = self.variable(name)?;
        let cons = self.cx.names.known.cons;
        let value = self.node(NodeKind::Call(Callee::Global(cons), vec![item, list]));
        self.assign_node(name, value)
    }

    fn pop_variable(&mut self, name: Symbol) -> Result<Node> {
        let (car, cdr) = (self.cx.names.known.car, self.cx.names.known.cdr);
        let old = self.temporary("list");
        let list = self.variable(name)?;
        let again = self.read_local(old);
        let rest = self.node(NodeKind::Call(Callee::Global(cdr), vec![again]));
        let assign = self.assign_node(name, rest)?;
        let again = self.read_local(old);
        let first = self.node(NodeKind::Call(Callee::Global(car), vec![again]));
        let body = Node::progn(vec![assign, first], self.span);
        Ok(self.node(NodeKind::Let(vec![(old, list)], Box::new(body))))
    }

    fn step_variable(&mut self, operator: Operator, name: Symbol, delta: Option<Datum>) -> Result<Node> {
        let known = self.cx.names.known;
        let function = if operator == Operator::Incf { known.plus } else { known.minus };
        let delta = self.form(delta.unwrap_or(Datum::Fixnum(1)))?;
        let mut bindings = Vec::new();
        let delta = self.stable(delta, &mut bindings);
        let old = self.variable(name)?;
        let value = self.node(NodeKind::Call(Callee::Global(function), vec![old, delta]));
        let assign = self.assign_node(name, value)?;
        Ok(if bindings.is_empty() { assign } else { self.node(NodeKind::Let(bindings, Box::new(assign))) })
    }

    /// `psetq`, of which every variable is plain; else the image's.
    pub(super) fn psetq(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        if !operands.len().is_multiple_of(2) {
            return Err(self.malformed(form, "an odd number of operands"));
        }
        let names: Option<Vec<Symbol>> = operands.iter().step_by(2).map(|place| self.plain_variable(*place)).collect();
        let Some(names) = names else {
            let head = self.cx.heap.car(form).as_symbol().unwrap_or(Symbol::NIL);
            return self.expand_in_image(head, form);
        };
        let values: Vec<Datum> = operands.iter().skip(1).step_by(2).copied().collect();
        let mut node = self.parallel_assignment(&names, &values)?;
        if let NodeKind::Let(_, body) = &mut node.kind {
            **body = Node::progn(vec![std::mem::replace(body, Node::nil()), Node::nil()], Span::NONE);
            return Ok(node);
        }
        Ok(Node::progn(vec![node, Node::nil()], self.span))
    }

    /// Assigns all variables after all values were computed.
    pub(super) fn parallel_assignment(&mut self, names: &[Symbol], values: &[Datum]) -> Result<Node> {
        if let ([name], [value]) = (names, values) {
            return self.assign(*name, *value);
        }
        let mut bindings = Vec::new();
        let mut nodes = Vec::new();
        for value in values {
            let node = self.form(*value)?;
            let variable = self.temporary("new");
            bindings.push((variable, node));
            nodes.push(variable);
        }
        let mut assignments = Vec::new();
        for (name, variable) in names.iter().zip(nodes) {
            let value = self.read_local(variable);
            assignments.push(self.assign_node(*name, value)?);
        }
        let body = Node::progn(assignments, self.span);
        Ok(self.node(NodeKind::Let(bindings, Box::new(body))))
    }

    /// Expands a macro that the compiler knows itself by the library's definition of it.
    pub(super) fn expand_in_image(&mut self, name: Symbol, form: Datum) -> Result<Node> {
        let expansion = self.expand_global(name, form)?;
        self.form(expansion)
    }
}
