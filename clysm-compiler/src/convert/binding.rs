//! `let`, `let*`, `setq`, `progv`, `multiple-value-bind` and the scopes of declarations.

use clysm_ast::{Node, NodeKind};
use clysm_reader::{Datum, Symbol};

use super::declare::{Declarations, Declared};
use super::scope::VariableBinding;
use super::{Converter, Result};
use crate::error::{CompileError, CompileErrorKind};
use crate::world::VariableFact;

impl Converter<'_> {
    pub(super) fn let_form(&mut self, form: Datum, sequential: bool) -> Result<Node> {
        let Some((bindings, body)) = self.cx.heap.uncons(self.cx.heap.cdr(form)) else {
            return Err(self.malformed(form, "no bindings"));
        };
        self.let_with(bindings, body, sequential, |converter, forms| converter.sequence(forms))
    }

    /// Bindings and declarations around what `convert` makes of the body's forms.
    pub(super) fn let_with(
        &mut self,
        bindings: Datum,
        body: Datum,
        sequential: bool,
        convert: impl FnOnce(&mut Self, &[Datum]) -> Result<Node>,
    ) -> Result<Node> {
        let bindings = self.list(bindings, "bindings")?;
        let body = self.parse_body(body, false)?;
        let mark = self.scope.mark();
        let parsed = bindings.iter().map(|binding| self.binding(*binding)).collect::<Result<Vec<_>>>()?;
        let inside = |converter: &mut Self| {
            converter.bind_free_declarations(&body.declarations, |name| parsed.iter().any(|(bound, _)| *bound == name));
            convert(converter, &body.forms)
        };
        let result = if sequential {
            self.sequential_bindings(&parsed, &body.declarations, inside)
        } else {
            self.parallel_bindings(&parsed, &body.declarations, inside)
        };
        self.scope.release(mark);
        result
    }

    /// `name`, `(name)` or `(name init)`.
    fn binding(&self, binding: Datum) -> Result<(Symbol, Datum)> {
        let (name, init) = match binding {
            Datum::Symbol(name) => (name, Datum::NIL),
            _ => match self.cx.heap.proper_list(binding).as_deref() {
                Some([Datum::Symbol(name)]) => (*name, Datum::NIL),
                Some([Datum::Symbol(name), init]) => (*name, *init),
                _ => return Err(CompileError::malformed("bindings", "neither a symbol nor (symbol form)", self.span)),
            },
        };
        self.check_bindable(name)?;
        Ok((name, init))
    }

    pub(super) fn is_constant(&self, name: Symbol) -> bool {
        name == Symbol::NIL
            || name == Symbol::T
            || self.cx.symbols.is_keyword(name)
            || matches!(self.cx.world.facts(name).variable, VariableFact::Constant(_))
    }

    fn check_bindable(&self, name: Symbol) -> Result<()> {
        if self.is_constant(name) {
            return Err(self.error(CompileErrorKind::ConstantAssignment(self.cx.symbols.qualified_name(name))));
        }
        Ok(())
    }

    fn parallel_bindings(
        &mut self,
        bindings: &[(Symbol, Datum)],
        declared: &Declarations,
        body: impl FnOnce(&mut Self) -> Result<Node>,
    ) -> Result<Node> {
        let inits = bindings.iter().map(|(_, init)| self.form(*init)).collect::<Result<Vec<_>>>()?;
        let any_special = bindings.iter().any(|(name, _)| self.binds_dynamically(*name, declared));
        let mut lexical = Vec::new();
        let mut dynamic = Vec::new();
        for ((name, _), init) in bindings.iter().zip(inits) {
            if !self.binds_dynamically(*name, declared) {
                let variable = self.new_variable(*name, declared.of(*name));
                self.note_variable(variable, *name, declared);
                self.scope.bind_variable(*name, VariableBinding::Lexical(variable));
                lexical.push((variable, init));
            } else if bindings.len() == 1
                || any_special && bindings.iter().all(|(name, _)| self.binds_dynamically(*name, declared))
            {
                self.scope.bind_variable(*name, VariableBinding::Special);
                dynamic.push((*name, init));
            } else {
                // All initial forms are evaluated before any dynamic binding is made.
                let temporary = self.temporary("value");
                lexical.push((temporary, init));
                let value = self.read_local(temporary);
                self.scope.bind_variable(*name, VariableBinding::Special);
                dynamic.push((*name, value));
            }
        }
        let mut node = body(self)?;
        if !dynamic.is_empty() {
            node = self.node(NodeKind::BindSpecial(dynamic, Box::new(node)));
        }
        Ok(if lexical.is_empty() { node } else { self.node(NodeKind::Let(lexical, Box::new(node))) })
    }

    fn sequential_bindings(
        &mut self,
        bindings: &[(Symbol, Datum)],
        declared: &Declarations,
        body: impl FnOnce(&mut Self) -> Result<Node>,
    ) -> Result<Node> {
        let mut kinds = Vec::new();
        for (index, (name, init)) in bindings.iter().enumerate() {
            let init = self.form(*init)?;
            // A declaration concerns the last binding of its name (CLHS 3.3.4), but a special one all of them here.
            let is_last = !bindings[index + 1..].iter().any(|(later, _)| later == name);
            if self.binds_dynamically(*name, declared) {
                self.scope.bind_variable(*name, VariableBinding::Special);
                kinds.push((None, *name, init));
            } else {
                let guaranteed = if is_last { declared.of(*name) } else { Declared::default() };
                let variable = self.new_variable(*name, guaranteed);
                self.note_variable(variable, *name, declared);
                self.scope.bind_variable(*name, VariableBinding::Lexical(variable));
                kinds.push((Some(variable), *name, init));
            }
        }
        let mut node = body(self)?;
        for (variable, name, init) in kinds.into_iter().rev() {
            let kind = match variable {
                None => NodeKind::BindSpecial(vec![(name, init)], Box::new(node)),
                Some(variable) => NodeKind::Let(vec![(variable, init)], Box::new(node)),
            };
            node = self.node(kind);
        }
        Ok(node)
    }

    /// Free declarations (CLHS 3.3.4), which concern the body: references to `special` variables are dynamic.
    pub(super) fn bind_free_declarations(&mut self, declared: &Declarations, binds: impl Fn(Symbol) -> bool) {
        for name in &declared.specials {
            if !binds(*name) {
                self.scope.bind_variable(*name, VariableBinding::Special);
            }
        }
        for (name, inline) in &declared.inlining {
            self.scope.declare_inline(*name, *inline);
        }
    }

    /// A body with declarations: `locally`.
    pub(crate) fn locally(&mut self, body: Datum) -> Result<Node> {
        let body = self.parse_body(body, false)?;
        let mark = self.scope.mark();
        self.bind_free_declarations(&body.declarations, |_| false);
        let node = self.sequence(&body.forms);
        self.scope.release(mark);
        node
    }

    pub(super) fn setq(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        if !operands.len().is_multiple_of(2) {
            return Err(self.malformed(form, "an odd number of operands"));
        }
        let mut nodes = Vec::new();
        for pair in operands.chunks_exact(2) {
            let Datum::Symbol(name) = pair[0] else { return Err(self.malformed(form, "a variable is not a symbol")) };
            nodes.push(self.assign(name, pair[1])?);
        }
        Ok(Node::progn(nodes, self.span))
    }

    /// `(setq name value)`, through symbol macros `(setf expansion value)`.
    pub(super) fn assign(&mut self, name: Symbol, value: Datum) -> Result<Node> {
        let expansion = match self.scope.variable(name) {
            Some(VariableBinding::SymbolMacro(expansion)) => Some(expansion),
            Some(_) => None,
            None => match self.cx.world.facts(name).variable {
                VariableFact::SymbolMacro(expansion) => Some(expansion),
                _ => None,
            },
        };
        if let Some(expansion) = expansion {
            return self.nested(self.span, |converter| converter.setf_place(expansion, value));
        }
        let value = self.form(value)?;
        self.assign_node(name, value)
    }

    /// Assigns a variable that is no symbol macro.
    pub(super) fn assign_node(&mut self, name: Symbol, value: Node) -> Result<Node> {
        match self.scope.variable(name) {
            Some(VariableBinding::Lexical(variable)) => Ok(self.write_local(variable, value)),
            Some(_) => Ok(self.node(NodeKind::SetSpecial(name, Box::new(value)))),
            None => {
                self.check_bindable(name)?;
                if self.cx.world.facts(name).variable == VariableFact::Unknown {
                    self.note_free_variable(name);
                }
                Ok(self.node(NodeKind::SetSpecial(name, Box::new(value))))
            }
        }
    }

    /// `(multiple-value-bind (variable…) values-form . body)`.
    pub(super) fn multiple_value_bind(&mut self, form: Datum) -> Result<Node> {
        let heap = &self.cx.heap;
        let Some((names, rest)) = heap.uncons(heap.cdr(form)) else { return Err(self.malformed(form, "no variables")) };
        let Some((values, body)) = heap.uncons(rest) else { return Err(self.malformed(form, "no values form")) };
        let names = self.list(names, "variables")?;
        let names = names
            .iter()
            .map(|name| name.as_symbol().ok_or_else(|| self.malformed(form, "a variable is not a symbol")))
            .collect::<Result<Vec<_>>>()?;
        for name in &names {
            self.check_bindable(*name)?;
        }
        let values = self.form(values)?;
        let body = self.parse_body(body, false)?;
        let mark = self.scope.mark();
        let mut variables = Vec::new();
        let mut dynamic = Vec::new();
        let mut typed = Vec::new();
        for name in &names {
            let declared = body.declarations.of(*name);
            let variable = self.new_variable(*name, Declared { representation: None, ..declared });
            variables.push(variable);
            if self.binds_dynamically(*name, &body.declarations) {
                let value = self.read_local(variable);
                self.scope.bind_variable(*name, VariableBinding::Special);
                dynamic.push((*name, value));
            } else if declared.representation.is_some() {
                let value = self.read_local(variable);
                let unboxed = self.new_variable(*name, declared);
                self.note_variable(unboxed, *name, &body.declarations);
                self.scope.bind_variable(*name, VariableBinding::Lexical(unboxed));
                typed.push((unboxed, value));
            } else {
                self.note_variable(variable, *name, &body.declarations);
                self.scope.bind_variable(*name, VariableBinding::Lexical(variable));
            }
        }
        self.bind_free_declarations(&body.declarations, |name| names.contains(&name));
        let node = self.sequence(&body.forms);
        self.scope.release(mark);
        let mut node = node?;
        if !dynamic.is_empty() {
            node = self.node(NodeKind::BindSpecial(dynamic, Box::new(node)));
        }
        if !typed.is_empty() {
            node = self.node(NodeKind::Let(typed, Box::new(node)));
        }
        Ok(self.node(NodeKind::MultipleValueBind(variables, Box::new(values), Box::new(node))))
    }

    /// `(symbol-macrolet ((name expansion)…) . body)`.
    pub(super) fn symbol_macrolet(&mut self, form: Datum) -> Result<Node> {
        let Some((definitions, body)) = self.cx.heap.uncons(self.cx.heap.cdr(form)) else {
            return Err(self.malformed(form, "no definitions"));
        };
        let parsed = self.parse_body(body, false)?;
        let mark = self.scope.mark();
        for definition in self.list(definitions, "symbol macro definitions")? {
            match self.cx.heap.proper_list(definition).as_deref() {
                Some([Datum::Symbol(name), expansion]) => {
                    let (name, expansion) = (*name, *expansion);
                    self.check_bindable(name)?;
                    if self.binds_dynamically(name, &parsed.declarations) {
                        return Err(self.malformed(form, "a special variable can't be a symbol macro"));
                    }
                    self.scope.bind_variable(name, VariableBinding::SymbolMacro(expansion));
                }
                _ => return Err(self.malformed(form, "a definition is not (symbol expansion)")),
            }
        }
        let node = self.locally(body);
        self.scope.release(mark);
        node
    }

    pub(super) fn progv(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 2, usize::MAX)?;
        let symbols = self.form(operands[0])?;
        let values = self.form(operands[1])?;
        let body = self.sequence(&operands[2..])?;
        Ok(self.node(NodeKind::Progv(Box::new(symbols), Box::new(values), Box::new(body))))
    }
}
