//! The special operators (CLHS 3.1.2.1.2.1).

use clysm_ast::{Node, NodeKind};
use clysm_reader::Datum;

use super::scope::OperatorBinding;
use super::{Converter, Result};
use crate::names::Operator;

impl Converter<'_> {
    /// Converts a special form; none when the operator is a macro.
    pub(super) fn special_operator(&mut self, operator: Operator, form: Datum) -> Result<Option<Node>> {
        let node = match operator {
            Operator::Block => self.block(form),
            Operator::Catch => self.catch(form),
            Operator::EvalWhen => self.eval_when(form),
            Operator::Flet => self.local_functions(form, false),
            Operator::Function => self.function_form(form),
            Operator::Go => self.go(form),
            Operator::If => self.if_form(form),
            Operator::Labels => self.local_functions(form, true),
            Operator::Let => self.let_form(form, false),
            Operator::LetStar => self.let_form(form, true),
            Operator::LoadTimeValue => self.load_time_value(form),
            Operator::Locally => self.locally(self.cx.heap.cdr(form)),
            Operator::Macrolet => self.macrolet(form),
            Operator::MultipleValueCall => self.multiple_value_call(form),
            Operator::MultipleValueProg1 => self.multiple_value_prog1(form),
            Operator::Progn => self.forms(self.cx.heap.cdr(form)),
            Operator::Progv => self.progv(form),
            Operator::Quote => self.operands(form, 1, 1).and_then(|operands| self.quoted(operands[0])),
            Operator::ReturnFrom => self.return_from(form),
            Operator::Setq => self.setq(form),
            Operator::SymbolMacrolet => self.symbol_macrolet(form),
            Operator::Tagbody => self.tagbody(form),
            Operator::The => self.the(form),
            Operator::Throw => self.throw(form),
            Operator::UnwindProtect => self.unwind_protect(form),
            _ => return Ok(None),
        };
        node.map(Some)
    }

    fn if_form(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 2, 3)?;
        let test = self.form(operands[0])?;
        let then = self.form(operands[1])?;
        let otherwise = match operands.get(2) {
            Some(form) => self.form(*form)?,
            None => Node::nil(),
        };
        Ok(self.if_node(test, then, otherwise))
    }

    pub(super) fn if_node(&self, test: Node, then: Node, otherwise: Node) -> Node {
        self.node(NodeKind::If(Box::new(test), Box::new(then), Box::new(otherwise)))
    }

    fn function_form(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 1)?;
        let name = operands[0];
        if let Some((Datum::Symbol(head), definition)) = self.cx.heap.uncons(name)
            && head == self.cx.names.known.lambda
        {
            return self.closure(None, definition, None);
        }
        let (symbol, _) = self.function_name(name)?;
        match self.scope.operator(symbol) {
            Some(OperatorBinding::Function(function)) => Ok(self.local_function_object(function)),
            Some(OperatorBinding::Macro(_)) => Err(self.malformed(form, "the name of a local macro")),
            None => {
                self.check_supported(symbol)?;
                self.note_reference(symbol);
                Ok(self.node(NodeKind::GlobalFunction(symbol)))
            }
        }
    }

    /// `eval-when` that is not at toplevel: a `progn` when `:execute` is among the situations (CLHS 3.2.3.1).
    fn eval_when(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let situations = self.situations(operands[0])?;
        if situations.execute { self.sequence(&operands[1..]) } else { Ok(Node::nil()) }
    }

    /// Declarations about values are trusted nowhere: `the` adds no check and promises nothing.
    fn the(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 2, 2)?;
        self.form(operands[1])
    }

    fn load_time_value(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 2)?;
        self.load_time(operands[0])
    }

    /// The value that a form has when the code is loaded.
    pub(super) fn load_time(&mut self, form: Datum) -> Result<Node> {
        let mut inner = Converter::new(self.cx, self.host, self.span);
        std::mem::swap(&mut inner.ast, &mut self.ast);
        std::mem::swap(&mut inner.notes, &mut self.notes);
        let function = inner.ast.add_function(None, None);
        inner.function = function;
        let body = inner.form(form);
        std::mem::swap(&mut inner.ast, &mut self.ast);
        std::mem::swap(&mut inner.notes, &mut self.notes);
        self.ast.functions[function.index()].body = body?;
        let index = u32::try_from(self.ast.load_time_values.len()).unwrap_or(u32::MAX);
        self.ast.load_time_values.push(function);
        Ok(self.node(NodeKind::LoadTimeValue(index)))
    }

    fn macrolet(&mut self, form: Datum) -> Result<Node> {
        let mark = self.scope.mark();
        let node = self.bind_macrolet(form).and_then(|body| self.locally(body));
        self.scope.release(mark);
        node
    }

    /// Binds the macros of a `macrolet` form and returns its body.
    pub(crate) fn bind_macrolet(&mut self, form: Datum) -> Result<Datum> {
        let Some((definitions, body)) = self.cx.heap.uncons(self.cx.heap.cdr(form)) else {
            return Err(self.malformed(form, "no definitions"));
        };
        let mut bindings = Vec::new();
        for definition in self.list(definitions, "macro definitions")? {
            let Some((Datum::Symbol(name), _)) = self.cx.heap.uncons(definition) else {
                return Err(self.malformed(form, "a definition is not (name lambda-list . body)"));
            };
            let environment = self.environment();
            let expander = self.ask("%MAKE-EXPANDER", &[definition, environment], |cx| {
                format!("definition of local macro {}", cx.symbols.qualified_name(name))
            })?;
            bindings.push((name, expander));
        }
        for (name, expander) in bindings {
            self.scope.bind_operator(name, OperatorBinding::Macro(expander));
        }
        Ok(body)
    }

    fn multiple_value_call(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let function = self.form(operands[0])?;
        let args = self.nodes(&operands[1..])?;
        Ok(self.node(NodeKind::MultipleValueCall(Box::new(function), args)))
    }

    fn multiple_value_prog1(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let first = self.form(operands[0])?;
        let rest = self.sequence(&operands[1..])?;
        Ok(self.node(NodeKind::MultipleValueProg1(Box::new(first), Box::new(rest))))
    }
}
