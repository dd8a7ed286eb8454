//! The macros built into the compiler. Their definitions in `lisp/runtime/` mean the same; these exist so that the
//! first library files compile, and because expanding such frequent macros in the image would cost more than the rest
//! of compiling them.

use clysm_ast::{Callee, Node, NodeKind};
use clysm_reader::{Datum, Symbol};

use super::{Converter, Result};
use crate::names::Operator;

impl Converter<'_> {
    pub(super) fn built_in_macro(&mut self, operator: Operator, form: Datum) -> Result<Node> {
        match operator {
            Operator::And => self.and(form),
            Operator::Or => self.or(form),
            Operator::Cond => self.cond(form),
            Operator::When => self.when(form, true),
            Operator::Unless => self.when(form, false),
            Operator::Case => self.case(form),
            Operator::Prog1 => self.prog1(form, 0),
            Operator::Prog2 => self.prog1(form, 1),
            Operator::Return => self.return_form(form),
            Operator::Lambda => self.closure(None, self.cx.heap.cdr(form), None),
            Operator::MultipleValueBind => self.multiple_value_bind(form),
            Operator::MultipleValueList => self.multiple_value_list(form),
            Operator::Psetq => self.psetq(form),
            Operator::Setf => self.setf(form),
            Operator::Push | Operator::Pop | Operator::Incf | Operator::Decf => self.modify(operator, form),
            Operator::Do => self.do_loop(form, false),
            Operator::DoStar => self.do_loop(form, true),
            Operator::Dolist => self.dolist(form),
            Operator::Dotimes => self.dotimes(form),
            _ => self.definition(operator, form),
        }
    }

    fn and(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        let Some((last, rest)) = operands.split_last() else { return Ok(self.literal(Datum::T)) };
        let mut tests = self.nodes(rest)?;
        let mut node = self.form(*last)?;
        while let Some(test) = tests.pop() {
            node = self.if_node(test, node, Node::nil());
        }
        Ok(node)
    }

    fn or(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, usize::MAX)?;
        let Some((last, rest)) = operands.split_last() else { return Ok(Node::nil()) };
        let mut tests = self.nodes(rest)?;
        let mut node = self.form(*last)?;
        while let Some(test) = tests.pop() {
            node = self.or_node(test, node);
        }
        Ok(node)
    }

    /// `test` if it is true, else `otherwise`.
    fn or_node(&mut self, test: Node, otherwise: Node) -> Node {
        let variable = self.temporary("or");
        let (value, again) = (self.read_local(variable), self.read_local(variable));
        let body = self.if_node(value, again, otherwise);
        self.node(NodeKind::Let(vec![(variable, test)], Box::new(body)))
    }

    fn cond(&mut self, form: Datum) -> Result<Node> {
        let clauses = self.operands(form, 0, usize::MAX)?;
        let mut converted = Vec::new();
        for clause in &clauses {
            let Some((test, body)) = self.cx.heap.uncons(*clause) else {
                return Err(self.malformed(form, "a clause is not a list"));
            };
            let is_last = test == Datum::T;
            let test = self.form(test)?;
            let body = if body.is_nil() { None } else { Some(self.forms(body)?) };
            converted.push((test, body));
            if is_last {
                break;
            }
        }
        let mut node = Node::nil();
        while let Some((test, body)) = converted.pop() {
            node = match body {
                Some(body) if is_true(&test) => body,
                Some(body) => self.if_node(test, body, node),
                None => self.or_node(test, node),
            };
        }
        Ok(node)
    }

    fn when(&mut self, form: Datum, sense: bool) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let test = self.form(operands[0])?;
        let body = self.sequence(&operands[1..])?;
        Ok(if sense { self.if_node(test, body, Node::nil()) } else { self.if_node(test, Node::nil(), body) })
    }

    fn case(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let key = self.form(operands[0])?;
        let variable = self.temporary("key");
        let mut clauses = Vec::new();
        for (index, clause) in operands[1..].iter().enumerate() {
            let Some((keys, body)) = self.cx.heap.uncons(*clause) else {
                return Err(self.malformed(form, "a clause is not a list"));
            };
            let is_last = index + 2 == operands.len();
            let otherwise = is_last && (keys == Datum::T || keys == Datum::Symbol(self.cx.names.known.otherwise));
            let keys = if otherwise {
                None
            } else if keys.is_list() {
                Some(self.list(keys, "CASE")?)
            } else {
                Some(vec![keys])
            };
            clauses.push((keys, self.forms(body)?));
        }
        let mut node = Node::nil();
        while let Some((keys, body)) = clauses.pop() {
            node = match keys {
                None => body,
                Some(keys) => {
                    let test = self.key_test(variable, &keys);
                    self.if_node(test, body, node)
                }
            };
        }
        Ok(self.node(NodeKind::Let(vec![(variable, key)], Box::new(node))))
    }

    /// Whether the variable is `eql` to one of the keys.
    fn key_test(&mut self, variable: clysm_ast::VariableId, keys: &[Datum]) -> Node {
        let eql = self.cx.names.known.eql;
        let mut node = Node::nil();
        for key in keys.iter().rev() {
            let value = self.read_local(variable);
            let test = self.node(NodeKind::Call(Callee::Global(eql), vec![value, self.literal(*key)]));
            let yes = self.literal(Datum::T);
            node = if node_is_nil(&node) { test } else { self.if_node(test, yes, node) };
        }
        node
    }

    /// The value of operand `which`, after all operands were evaluated in order.
    fn prog1(&mut self, form: Datum, which: usize) -> Result<Node> {
        let operands = self.operands(form, which + 1, usize::MAX)?;
        let mut before = self.nodes(&operands[..which])?;
        let value = self.form(operands[which])?;
        let variable = self.temporary("first");
        let mut after = self.nodes(&operands[which + 1..])?;
        after.push(self.read_local(variable));
        let body = Node::progn(after, self.span);
        before.push(self.node(NodeKind::Let(vec![(variable, value)], Box::new(body))));
        Ok(Node::progn(before, self.span))
    }

    fn return_form(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 0, 1)?;
        let value = self.form(operands.first().copied().unwrap_or(Datum::NIL))?;
        self.return_node(Symbol::NIL, value)
    }

    fn multiple_value_list(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 1)?;
        let list = self.node(NodeKind::GlobalFunction(self.cx.names.known.list));
        let values = self.form(operands[0])?;
        Ok(self.node(NodeKind::MultipleValueCall(Box::new(list), vec![values])))
    }

    /// `do` and `do*`: one tag, reached only backwards.
    fn do_loop(&mut self, form: Datum, sequential: bool) -> Result<Node> {
        let operands = self.operands(form, 2, usize::MAX)?;
        let specifiers = self.list(operands[0], "DO")?;
        let mut bindings = Vec::new();
        let mut names = Vec::new();
        let mut steps = Vec::new();
        for specifier in specifiers {
            let parts = match specifier {
                Datum::Symbol(_) => vec![specifier],
                _ => self.list(specifier, "DO")?,
            };
            let (Some(Datum::Symbol(name)), true) = (parts.first().copied(), parts.len() <= 3) else {
                return Err(self.malformed(form, "a variable specifier is not (symbol init step)"));
            };
            bindings.push(self.list_of(&parts[..parts.len().min(2)]));
            if let Some(step) = parts.get(2) {
                names.push(name);
                steps.push(*step);
            }
        }
        let Some((test, results)) = self.cx.heap.uncons(operands[1]) else {
            return Err(self.malformed(form, "no end test"));
        };
        let body = operands[2..].to_vec();
        let bindings = self.list_of(&bindings);
        self.block_around(Symbol::NIL, |converter| {
            let head = if sequential { Operator::LetStar } else { Operator::Let };
            converter.iteration(head, bindings, &body, |converter, statements| {
                let end = converter.form(test)?;
                let result = converter.forms(results)?;
                let exit = converter.return_node(Symbol::NIL, result)?;
                let check = converter.if_node(end, exit, Node::nil());
                let body = converter.tagbody_of(statements)?;
                let step = if sequential {
                    let assignments = names
                        .iter()
                        .zip(&steps)
                        .map(|(name, step)| converter.assign(*name, *step))
                        .collect::<Result<Vec<_>>>()?;
                    Node::progn(assignments, converter.span)
                } else if names.is_empty() {
                    Node::nil()
                } else {
                    converter.parallel_assignment(&names, &steps)?
                };
                Ok(vec![check, body, step])
            })
        })
    }

    /// `(dolist (variable list result) . body)`.
    fn dolist(&mut self, form: Datum) -> Result<Node> {
        let (variable, list, result, body) = self.iteration_header(form)?;
        let cursor = self.cx.gensym("list");
        let cursor_form = Datum::Symbol(cursor);
        let known = self.cx.names.known;
        let binding = self.list_of(&[cursor_form, list]);
        let bindings = self.list_of(&[binding]);
        let first = self.list_of(&[Datum::Symbol(known.car), cursor_form]);
        let at_end = self.list_of(&[Datum::Symbol(known.endp), cursor_form]);
        let rest = self.list_of(&[Datum::Symbol(known.cdr), cursor_form]);
        self.block_around(Symbol::NIL, |converter| {
            converter.iteration(Operator::Let, bindings, &[], |converter, _| {
                let end = converter.form(at_end)?;
                let final_value = converter.result_with_nil(variable, result, &body)?;
                let exit = converter.return_node(Symbol::NIL, final_value)?;
                let check = converter.if_node(end, exit, Node::nil());
                let element = converter.list_of(&[Datum::Symbol(variable), first]);
                let elements = converter.list_of(&[element]);
                // Counting the elements is a use of the loop, if not of the variable.
                let body = converter.with_declaration(known.ignorable, variable, &body);
                let inner = converter.let_around(Operator::Let, elements, &body, |converter, statements| {
                    converter.tagbody_of(statements)
                })?;
                let step = converter.assign(cursor, rest)?;
                Ok(vec![check, inner, step])
            })
        })
    }

    /// The result form of `dolist` sees the variable bound to nil. It is in the scope of the declarations of the body, of which those
    /// of types don't hold for nil.
    fn result_with_nil(&mut self, variable: Symbol, result: Option<Datum>, body: &[Datum]) -> Result<Node> {
        let Some(result) = result else { return Ok(Node::nil()) };
        let known = self.cx.names.known;
        let binding = self.list_of(&[Datum::Symbol(variable), Datum::NIL]);
        let bindings = self.list_of(&[binding]);
        let body = self.list_of(body);
        let mut forms = vec![result];
        for name in self.parse_body(body, false)?.declarations.specials {
            forms = self.with_declaration(known.special, name, &forms);
        }
        let forms = self.with_declaration(known.ignorable, variable, &forms);
        self.let_around(Operator::Let, bindings, &forms, |converter, forms| converter.sequence(forms))
    }

    /// `(dotimes (variable count result) . body)`.
    fn dotimes(&mut self, form: Datum) -> Result<Node> {
        let (variable, count, result, body) = self.iteration_header(form)?;
        let known = self.cx.names.known;
        let limit = Datum::Symbol(self.cx.gensym("count"));
        let name = Datum::Symbol(variable);
        let literal = matches!(count, Datum::Fixnum(0..=clysm_ast::FIXNUM_MAX));
        let limit_form = if literal { count } else { limit };
        let mut bindings = vec![self.list_of(&[name, Datum::Fixnum(0)])];
        if !literal {
            bindings.insert(0, self.list_of(&[limit, count]));
        }
        let bindings = self.list_of(&bindings);
        let test = self.list_of(&[Datum::Symbol(known.greater_equal), name, limit_form]);
        let step = self.list_of(&[Datum::Symbol(known.plus), name, Datum::Fixnum(1)]);
        // A counter below a literal limit is a fixnum.
        let body = if literal { self.with_declaration(known.fixnum, variable, &body) } else { body };
        self.block_around(Symbol::NIL, |converter| {
            converter.iteration(Operator::Let, bindings, &body, |converter, statements| {
                let end = converter.form(test)?;
                let result = result.map_or_else(|| Ok(Node::nil()), |form| converter.form(form))?;
                let exit = converter.return_node(Symbol::NIL, result)?;
                let check = converter.if_node(end, exit, Node::nil());
                let body = converter.tagbody_of(statements)?;
                let step = converter.assign(variable, step)?;
                Ok(vec![check, body, step])
            })
        })
    }

    /// A body with a further declaration of a variable.
    fn with_declaration(&mut self, declaration: Symbol, variable: Symbol, body: &[Datum]) -> Vec<Datum> {
        let specifier = self.list_of(&[Datum::Symbol(declaration), Datum::Symbol(variable)]);
        let declare = self.list_of(&[Datum::Symbol(self.cx.names.known.declare), specifier]);
        std::iter::once(declare).chain(body.iter().copied()).collect()
    }

    /// `((variable form [result]) . body)`.
    fn iteration_header(&self, form: Datum) -> Result<(Symbol, Datum, Option<Datum>, Vec<Datum>)> {
        let operands = self.operands(form, 1, usize::MAX)?;
        let header = self.list(operands[0], "iteration")?;
        match header[..] {
            [Datum::Symbol(variable), source] => Ok((variable, source, None, operands[1..].to_vec())),
            [Datum::Symbol(variable), source, result] => Ok((variable, source, Some(result), operands[1..].to_vec())),
            _ => Err(self.malformed(form, "the header is not (variable form result)")),
        }
    }

    /// Bindings around a tagbody with one tag, at its start and reached by a jump at its end.
    fn iteration(
        &mut self,
        head: Operator,
        bindings: Datum,
        body: &[Datum],
        statements: impl FnOnce(&mut Self, &[Datum]) -> Result<Vec<Node>>,
    ) -> Result<Node> {
        self.let_around(head, bindings, body, |converter, forms| {
            let tagbody = converter.ast.add_tagbody(converter.function);
            let mut segment = statements(converter, forms)?;
            segment.push(converter.node(NodeKind::Go(tagbody, 1)));
            Ok(converter.node(NodeKind::Tagbody(tagbody, vec![Vec::new(), segment])))
        })
    }

    /// A `let` or `let*` whose body, after its declarations, is converted by `convert`.
    fn let_around(
        &mut self,
        head: Operator,
        bindings: Datum,
        body: &[Datum],
        convert: impl FnOnce(&mut Self, &[Datum]) -> Result<Node>,
    ) -> Result<Node> {
        let body = self.list_of(body);
        self.let_with(bindings, body, head == Operator::LetStar, convert)
    }

    pub(super) fn list_of(&mut self, elements: &[Datum]) -> Datum {
        let span = self.span;
        self.cx.heap.list(elements, span)
    }
}

fn is_true(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Literal(literal) if !literal.is_nil())
}

fn node_is_nil(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Literal(literal) if literal.is_nil())
}
