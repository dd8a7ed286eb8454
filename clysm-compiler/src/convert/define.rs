//! The defining macros as expressions: what they do when they are evaluated. Their compile-time side is in
//! [`crate::toplevel`].

use clysm_ast::{Node, NodeKind, Representation};
use clysm_reader::{Datum, Symbol};

use super::{Converter, Result};
use crate::names::Operator;
use crate::world::{OperatorFact, VariableFact};

/// The situations of an `eval-when`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Situations {
    /// `:compile-toplevel`.
    pub compile: bool,
    /// `:load-toplevel`.
    pub load: bool,
    /// `:execute`.
    pub execute: bool,
}

impl Converter<'_> {
    pub(super) fn definition(&mut self, operator: Operator, form: Datum) -> Result<Node> {
        match operator {
            Operator::Defun => self.local_defun(form),
            Operator::Defmacro => self.defmacro(form).map(|(node, _)| node),
            Operator::Defvar => self.defvar(form),
            Operator::Defparameter => self.defparameter(form, "%DECLARE-SPECIAL"),
            Operator::Defconstant => self.defconstant(form),
            Operator::Defglobal => self.defparameter(form, "%DECLARE-GLOBAL"),
            Operator::Declaim => self.declaim(form),
            Operator::InPackage => self.in_package(form),
            Operator::Defpackage => self.expand_in_image(self.operator_name(form), form),
            _ => Err(self.malformed(form, "may stand at toplevel only")),
        }
    }

    fn operator_name(&self, form: Datum) -> Symbol {
        self.cx.heap.car(form).as_symbol().unwrap_or(Symbol::NIL)
    }

    /// `(defun name lambda-list . body)` within other forms.
    fn local_defun(&mut self, form: Datum) -> Result<Node> {
        let (define, symbol, _) = self.defun(form)?;
        let record = self.function_documentation(form, symbol)?;
        Ok(Node::progn([define].into_iter().chain(record).collect(), self.span))
    }

    /// The record of the docstring of a `defun` form, if there is one; its value is the name. At toplevel it is a form of its
    /// own, as the definition need not run.
    pub(crate) fn function_documentation(&mut self, form: Datum, name: Symbol) -> Result<Option<Node>> {
        let definition = self.cx.heap.cdr(self.cx.heap.cdr(form));
        let body = self.list(self.cx.heap.cdr(definition), "DEFUN")?;
        match self.docstring(&body).filter(|_| !self.host.is_library()) {
            Some(docstring) => {
                let record = self.documentation(name, "FUNCTION", docstring)?;
                Ok(Some(Node::progn(vec![record, self.literal(Datum::Symbol(name))], self.span)))
            }
            None => Ok(None),
        }
    }

    /// `(defun name lambda-list . body)` without the record of its docstring: the node, the name's symbol and the function.
    pub(crate) fn defun(&mut self, form: Datum) -> Result<(Node, Symbol, clysm_ast::FunctionId)> {
        let Some((name, definition)) = self.cx.heap.uncons(self.cx.heap.cdr(form)) else {
            return Err(self.malformed(form, "no name"));
        };
        let (symbol, block) = self.function_name(name)?;
        let function = self.lambda(Some(symbol), definition, Some(block))?;
        self.ast.functions[function.index()].escapes = true;
        let closure = self.node(NodeKind::Closure(function));
        let quoted = self.literal(Datum::Symbol(symbol));
        Ok((self.call_system("%DEFUN", vec![quoted, closure])?, symbol, function))
    }

    /// A definition, whose value is the name that it defines, and the record of its docstring after it.
    fn documented(
        &mut self,
        definition: Node,
        name: Symbol,
        namespace: &str,
        docstring: Option<Datum>,
    ) -> Result<Node> {
        let Some(docstring) = docstring.filter(|_| !self.host.is_library()) else { return Ok(definition) };
        let record = self.documentation(name, namespace, docstring)?;
        let value = self.literal(Datum::Symbol(name));
        Ok(Node::progn(vec![definition, record, value], self.span))
    }

    fn documentation(&mut self, name: Symbol, namespace: &str, docstring: Datum) -> Result<Node> {
        let namespace = Datum::Symbol(self.cx.standard(namespace));
        let operands = [Datum::Symbol(name), namespace, docstring].map(|operand| self.literal(operand)).to_vec();
        self.call_system("%SET-DOCUMENTATION", operands)
    }

    /// `(%define-raw name ((parameter representation)…) result . body)`: a function with a Wasm signature of its own.
    pub(crate) fn define_raw(&mut self, form: Datum) -> Result<(Symbol, clysm_ast::FunctionId)> {
        let operands = self.operands(form, 3, usize::MAX)?;
        let Datum::Symbol(name) = operands[0] else { return Err(self.malformed(form, "the name is not a symbol")) };
        let mut names = Vec::new();
        let mut representations = Vec::new();
        for parameter in self.list(operands[1], "%DEFINE-RAW")? {
            match self.cx.heap.proper_list(parameter).as_deref() {
                Some([Datum::Symbol(name), Datum::Symbol(representation)]) => {
                    names.push(Datum::Symbol(*name));
                    representations.push(self.raw_representation(form, *representation)?);
                }
                _ => return Err(self.malformed(form, "a parameter is not (name representation)")),
            }
        }
        let Datum::Symbol(result) = operands[2] else { return Err(self.malformed(form, "no result representation")) };
        let result = self.raw_representation(form, result)?;
        let lambda_list = self.list_of(&names);
        let body = self.list_of(&operands[3..]);
        let span = self.span;
        let definition = self.cx.heap.cons(lambda_list, body, span);
        let function = self.lambda(Some(name), definition, Some(name))?;
        let parameters: Vec<_> = self.ast.function(function).parameters.required.clone();
        for (variable, representation) in parameters.iter().zip(&representations) {
            self.ast.variables[variable.index()].declared = Some(*representation);
        }
        self.ast.functions[function.index()].raw = Some((representations, result));
        Ok((name, function))
    }

    fn raw_representation(&self, form: Datum, name: Symbol) -> Result<Representation> {
        match self.cx.symbols.name(name) {
            "EQ" => Ok(Representation::Object),
            "I32" => Ok(Representation::I32),
            "I64" => Ok(Representation::I64),
            "F32" => Ok(Representation::F32),
            "F64" => Ok(Representation::F64),
            "CONDITION" => Ok(Representation::Condition),
            _ => Err(self.malformed(form, "a representation is one of EQ I32 I64 F32 F64 CONDITION")),
        }
    }

    /// `(defmacro name lambda-list . body)`: the node and the name.
    pub(crate) fn defmacro(&mut self, form: Datum) -> Result<(Node, Symbol)> {
        let operands = self.operands(form, 2, usize::MAX)?;
        let Datum::Symbol(name) = operands[0] else { return Err(self.malformed(form, "the name is not a symbol")) };
        let body = self.list_of(&operands[2..]);
        let expander = self.ask("%PARSE-MACRO", &[operands[0], operands[1], body], |cx| {
            format!("lambda list of macro {}", cx.symbols.qualified_name(name))
        })?;
        let definition = self.cx.heap.cdr(expander);
        let closure = self.closure(Some(name), definition, None)?;
        let quoted = self.literal(Datum::Symbol(name));
        let define = self.call_system("%DEFMACRO", vec![quoted, closure])?;
        let docstring = self.docstring(&operands[2..]);
        Ok((self.documented(define, name, "FUNCTION", docstring)?, name))
    }

    fn defvar(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 3)?;
        let name = self.variable_name(form, operands[0])?;
        self.proclaim_variable(name, VariableFact::Special);
        let quoted = self.literal(Datum::Symbol(name));
        let declare = self.call_system("%DECLARE-SPECIAL", vec![quoted])?;
        let mut nodes = Vec::new();
        match operands.get(1) {
            None => nodes.push(declare),
            Some(value) => {
                let value = self.form(*value)?;
                let assign = self.node(NodeKind::SetSpecial(name, Box::new(value)));
                nodes.push(self.if_node(declare, assign, Node::nil()));
            }
        }
        nodes.push(self.literal(Datum::Symbol(name)));
        let define = Node::progn(nodes, self.span);
        self.documented(define, name, "VARIABLE", operands.get(2).copied())
    }

    fn defparameter(&mut self, form: Datum, declaration: &str) -> Result<Node> {
        let operands = self.operands(form, 2, 3)?;
        let name = self.variable_name(form, operands[0])?;
        let fact = if declaration == "%DECLARE-SPECIAL" { VariableFact::Special } else { VariableFact::Global };
        self.proclaim_variable(name, fact);
        let quoted = self.literal(Datum::Symbol(name));
        let declare = self.call_system(declaration, vec![quoted])?;
        let value = self.form(operands[1])?;
        let assign = self.node(NodeKind::SetSpecial(name, Box::new(value)));
        let result = self.literal(Datum::Symbol(name));
        let define = Node::progn(vec![declare, assign, result], self.span);
        self.documented(define, name, "VARIABLE", operands.get(2).copied())
    }

    fn defconstant(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 2, 3)?;
        let name = self.variable_name(form, operands[0])?;
        let value = self.form(operands[1])?;
        let known = match &value.kind {
            NodeKind::Literal(literal) => Some(literal.value),
            _ => None,
        };
        self.cx.world.facts_mut(name).variable = VariableFact::Constant(known);
        let quoted = self.literal(Datum::Symbol(name));
        let define = self.call_system("%DEFCONSTANT", vec![quoted, value])?;
        self.documented(define, name, "VARIABLE", operands.get(2).copied())
    }

    fn variable_name(&self, form: Datum, operand: Datum) -> Result<Symbol> {
        operand.as_symbol().ok_or_else(|| self.malformed(form, "the name is not a symbol"))
    }

    pub(crate) fn proclaim_variable(&mut self, name: Symbol, fact: VariableFact) {
        let facts = self.cx.world.facts_mut(name);
        if !matches!(facts.variable, VariableFact::Constant(_)) {
            facts.variable = fact;
        }
    }

    /// `(declaim specifier…)`: noted at compile time, proclaimed at run time.
    fn declaim(&mut self, form: Datum) -> Result<Node> {
        let known = self.cx.names.known;
        let mut nodes = Vec::new();
        for specifier in self.operands(form, 0, usize::MAX)? {
            let names = self.list(self.cx.heap.cdr(specifier), "DECLAIM")?;
            let head = self.cx.heap.car(specifier);
            if self.declares_exports(head) {
                self.cx.export_declarations.push(specifier);
                continue;
            }
            for name in names.iter().filter_map(|name| name.as_symbol()) {
                if head == Datum::Symbol(known.special) {
                    self.proclaim_variable(name, VariableFact::Special);
                } else if head == Datum::Symbol(known.notinline) {
                    self.cx.world.facts_mut(name).notinline = true;
                } else if head == Datum::Symbol(known.inline) {
                    self.cx.world.facts_mut(name).notinline = false;
                }
            }
            if head == Datum::Symbol(known.special) {
                let quoted = self.literal(specifier);
                let proclaim = self.cx.standard("PROCLAIM");
                nodes.push(self.call_global(proclaim, vec![quoted])?);
            }
        }
        nodes.push(Node::nil());
        Ok(Node::progn(nodes, self.span))
    }

    /// Whether a declaration is `(clysm:export …)` or `(clysm:export-defaults …)`: those are for whoever publishes the exports,
    /// and mean nothing to the program.
    fn declares_exports(&mut self, head: Datum) -> bool {
        let defaults = self.cx.system("EXPORT-DEFAULTS");
        head == Datum::Symbol(self.cx.names.known.export) || head == Datum::Symbol(defaults)
    }

    /// `(in-package name)`: the reader's package changes at once.
    fn in_package(&mut self, form: Datum) -> Result<Node> {
        let operands = self.operands(form, 1, 1)?;
        let name = self.designated_string(form, operands[0])?;
        match self.cx.symbols.find_package(&name) {
            Some(package) => self.cx.symbols.current = package,
            // The image will say so, unless the package is made until then.
            None if self.host.follows_packages() => {}
            None => return Err(self.malformed(form, &format!("there is no package {name}"))),
        }
        let setter = self.cx.system("%IN-PACKAGE");
        if self.cx.world.facts(setter).operator != OperatorFact::Function {
            // The library's own files come before there are packages at run time.
            return Ok(Node::nil());
        }
        let string = self.cx.heap.string(name);
        let literal = self.literal(string);
        self.call_system("%IN-PACKAGE", vec![literal])
    }

    /// The string that a string designator designates (CLHS glossary).
    pub(crate) fn designated_string(&self, form: Datum, designator: Datum) -> Result<String> {
        match designator {
            Datum::Symbol(name) => Ok(self.cx.symbols.name(name).to_owned()),
            Datum::Char(character) => Ok(character.to_string()),
            _ => match self.cx.heap.text(designator) {
                Some(text) => Ok(text.to_owned()),
                None => Err(self.malformed(form, "not a string designator")),
            },
        }
    }

    /// The situations of an `eval-when`, in either spelling.
    pub(crate) fn situations(&self, list: Datum) -> Result<Situations> {
        let mut situations = Situations::default();
        for situation in self.list(list, "EVAL-WHEN")? {
            let name = situation.as_symbol().map_or("", |symbol| self.cx.symbols.name(symbol));
            match name {
                "COMPILE-TOPLEVEL" | "COMPILE" => situations.compile = true,
                "LOAD-TOPLEVEL" | "LOAD" => situations.load = true,
                "EXECUTE" | "EVAL" => situations.execute = true,
                _ => return Err(self.malformed(list, "an unknown situation")),
            }
        }
        Ok(situations)
    }

    pub(crate) fn note_macro(&mut self, name: Symbol) {
        self.cx.world.facts_mut(name).operator = OperatorFact::Macro;
    }
}
