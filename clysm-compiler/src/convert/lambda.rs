//! Lambda expressions and local functions.

use clysm_ast::{FunctionId, Keyword, Node, NodeKind, Optional, VariableId};
use clysm_gc_types::GcType;
use clysm_reader::{Datum, Symbol};

use super::declare::{Body, Declarations, Declared};
use super::lambda_list::{LambdaList, OptionalParameter};
use super::scope::{OperatorBinding, VariableBinding};
use super::{Converter, Result};
use crate::error::CompileErrorKind;

/// A binding that a lambda list puts around the body, outermost first.
enum Wrapper {
    Lexical(VariableId, Node),
    Special(Symbol, Node),
}

impl Converter<'_> {
    /// Converts `(lambda-list . body)` into a function. `block` names the implicit block, if there is one.
    pub(crate) fn lambda(
        &mut self,
        name: Option<Symbol>,
        definition: Datum,
        block: Option<Symbol>,
    ) -> Result<FunctionId> {
        let function = self.ast.add_function(name, Some(self.function));
        self.lambda_into(function, definition, block)?;
        Ok(function)
    }

    fn lambda_into(&mut self, function: FunctionId, definition: Datum, block: Option<Symbol>) -> Result<()> {
        let Some((lambda_list, body)) = self.cx.heap.uncons(definition) else {
            return Err(self.error(CompileErrorKind::Malformed {
                operator: "lambda expression".to_owned(),
                reason: "no lambda list".to_owned(),
            }));
        };
        let lambda_list = self.lambda_list(lambda_list)?;
        let body = self.parse_body(body, true)?;
        let outer = std::mem::replace(&mut self.function, function);
        let mark = self.scope.mark();
        let span = self.span;
        let result = self.within(definition, span, |converter| converter.function_body(&lambda_list, &body, block));
        self.scope.release(mark);
        self.function = outer;
        self.ast.functions[function.index()].body = result?;
        Ok(())
    }

    fn function_body(&mut self, list: &LambdaList, body: &Body, block: Option<Symbol>) -> Result<Node> {
        let mut wrappers = Vec::new();
        self.bind_parameters(list, &body.declarations, &mut wrappers)?;
        self.bind_free_declarations(&body.declarations, |name| list_binds(list, name));
        let mut node = match block {
            None => self.sequence(&body.forms)?,
            Some(name) => self.block_around(name, |converter| converter.sequence(&body.forms))?,
        };
        for wrapper in wrappers.into_iter().rev() {
            let kind = match wrapper {
                Wrapper::Lexical(variable, init) => NodeKind::Let(vec![(variable, init)], Box::new(node)),
                Wrapper::Special(symbol, init) => NodeKind::BindSpecial(vec![(symbol, init)], Box::new(node)),
            };
            node = self.node(kind);
        }
        Ok(node)
    }

    fn bind_parameters(
        &mut self,
        list: &LambdaList,
        declared: &Declarations,
        wrappers: &mut Vec<Wrapper>,
    ) -> Result<()> {
        // All Wasm parameters first, in calling order; then the bindings, left to right.
        let mut parameter = |name: Symbol| self.ast.add_variable(name, self.function);
        let required: Vec<_> = list.required.iter().map(|name| parameter(*name)).collect();
        let optional: Vec<_> = list.optional.iter().map(|optional| parameter(optional.name)).collect();
        let rest = list.rest.map(&mut parameter);
        let keywords: Vec<_> = list.keywords.iter().map(|keyword| parameter(keyword.parameter.name)).collect();
        let parameters = &mut self.ast.functions[self.function.index()].parameters;
        parameters.required.clone_from(&required);
        parameters.optional = optional.iter().map(|variable| Optional { variable: *variable }).collect();
        parameters.rest = rest;
        parameters.keywords = list
            .keywords
            .iter()
            .zip(&keywords)
            .map(|(keyword, variable)| Keyword { keyword: keyword.keyword, variable: *variable })
            .collect();
        parameters.accepts_keywords = list.accepts_keywords;
        parameters.allow_other_keys = list.allow_other_keys;
        for (name, variable) in list.required.iter().zip(required) {
            self.bind_parameter(*name, variable, declared, wrappers);
        }
        for (specification, variable) in list.optional.iter().zip(optional) {
            self.bind_optional(specification, variable, declared, wrappers)?;
        }
        if let (Some(name), Some(variable)) = (list.rest, rest) {
            self.bind_parameter(name, variable, declared, wrappers);
        }
        for (specification, variable) in list.keywords.iter().zip(keywords) {
            self.bind_optional(&specification.parameter, variable, declared, wrappers)?;
        }
        for (name, init) in &list.aux {
            let init = self.form(*init)?;
            self.wrap(*name, init, declared, wrappers);
        }
        Ok(())
    }

    /// A parameter that always has an argument: its variable is the Wasm parameter itself where nothing forbids it.
    fn bind_parameter(
        &mut self,
        name: Symbol,
        variable: VariableId,
        declared: &Declarations,
        wrappers: &mut Vec<Wrapper>,
    ) {
        if self.binds_dynamically(name, declared) || declared.of(name).representation.is_some() {
            let value = self.read_local(variable);
            self.wrap(name, value, declared, wrappers);
        } else {
            self.ast.variables[variable.index()].vector = declared.of(name).vector.map(type_number);
            self.note_variable(variable, name, declared);
            self.scope.bind_variable(name, VariableBinding::Lexical(variable));
        }
    }

    fn bind_optional(
        &mut self,
        specification: &OptionalParameter,
        variable: VariableId,
        declared: &Declarations,
        wrappers: &mut Vec<Wrapper>,
    ) -> Result<()> {
        let default = self.form(specification.default)?;
        let missing = self.is_unsupplied(variable);
        let argument = self.read_local(variable);
        let value = self.node(NodeKind::If(Box::new(missing), Box::new(default), Box::new(argument)));
        self.wrap(specification.name, value, declared, wrappers);
        if let Some(supplied) = specification.supplied {
            let missing = self.is_unsupplied(variable);
            let (no, yes) = (self.literal(Datum::NIL), self.literal(Datum::T));
            let value = self.node(NodeKind::If(Box::new(missing), Box::new(no), Box::new(yes)));
            self.wrap(supplied, value, declared, wrappers);
        }
        Ok(())
    }

    fn is_unsupplied(&mut self, variable: VariableId) -> Node {
        let argument = self.read_local(variable);
        let marker = self.system_primitive("%UNSUPPLIED", Vec::new());
        self.eq_node(argument, marker)
    }

    /// Binds a name to a value for the rest of the lambda list and the body.
    fn wrap(&mut self, name: Symbol, value: Node, declared: &Declarations, wrappers: &mut Vec<Wrapper>) {
        if self.binds_dynamically(name, declared) {
            self.scope.bind_variable(name, VariableBinding::Special);
            wrappers.push(Wrapper::Special(name, value));
        } else {
            let variable = self.new_variable(name, declared.of(name));
            self.note_variable(variable, name, declared);
            self.scope.bind_variable(name, VariableBinding::Lexical(variable));
            wrappers.push(Wrapper::Lexical(variable, value));
        }
    }

    pub(super) fn new_variable(&mut self, name: Symbol, declared: Declared) -> VariableId {
        let id = self.ast.add_variable(name, self.function);
        let variable = &mut self.ast.variables[id.index()];
        variable.declared = declared.representation;
        variable.vector = declared.vector.map(type_number);
        id
    }

    pub(super) fn binds_dynamically(&self, name: Symbol, declared: &Declarations) -> bool {
        declared.is_special(name) || self.cx.world.is_special(name)
    }

    /// `flet` and `labels`.
    pub(super) fn local_functions(&mut self, form: Datum, recursive: bool) -> Result<Node> {
        let Some((definitions, body)) = self.cx.heap.uncons(self.cx.heap.cdr(form)) else {
            return Err(self.malformed(form, "no definitions"));
        };
        let definitions = self.list(definitions, "local function definitions")?;
        let mut functions = Vec::new();
        for definition in &definitions {
            let (name, rest) =
                self.cx.heap.uncons(*definition).ok_or_else(|| self.malformed(form, "a definition is not a list"))?;
            let (operator, block) = self.function_name(name)?;
            let function = self.ast.add_function(Some(operator), Some(self.function));
            let holder = self.ast.add_variable(operator, self.function);
            self.ast.functions[function.index()].holder = Some(holder);
            self.note_local_function(function, self.cx.heap.span(*definition));
            functions.push((operator, block, function, rest, self.cx.heap.span(*definition)));
        }
        let mark = self.scope.mark();
        if recursive {
            self.bind_functions(&functions);
        }
        for (_, block, function, rest, span) in &functions {
            let outer = self.span;
            self.span = span.or(outer);
            self.lambda_into(*function, *rest, Some(*block))?;
            self.span = outer;
        }
        if !recursive {
            self.bind_functions(&functions);
        }
        let body = self.locally(body);
        self.scope.release(mark);
        let ids = functions.iter().map(|(_, _, function, _, _)| *function).collect();
        Ok(self.node(NodeKind::LocalFunctions(ids, Box::new(body?))))
    }

    fn bind_functions(&mut self, functions: &[(Symbol, Symbol, FunctionId, Datum, clysm_report::Span)]) {
        for (operator, _, function, _, _) in functions {
            self.scope.bind_operator(*operator, OperatorBinding::Function(*function));
        }
    }

    /// A function name: the symbol that stands for it, and the name of the implicit block.
    pub(crate) fn function_name(&mut self, name: Datum) -> Result<(Symbol, Symbol)> {
        if let Datum::Symbol(symbol) = name {
            return Ok((symbol, symbol));
        }
        match self.cx.heap.proper_list(name).as_deref() {
            Some([Datum::Symbol(setf), Datum::Symbol(base)]) if *setf == self.cx.names.known.setf => {
                let base = *base;
                Ok((self.cx.symbols.setf_symbol(base), base))
            }
            _ => Err(self.error(CompileErrorKind::Malformed {
                operator: "function name".to_owned(),
                reason: "neither a symbol nor (SETF symbol)".to_owned(),
            })),
        }
    }

    /// The function object of a local function.
    pub(super) fn local_function_object(&mut self, function: FunctionId) -> Node {
        self.ast.functions[function.index()].escapes = true;
        self.mark_holder(function);
        self.node(NodeKind::Closure(function))
    }

    pub(super) fn mark_holder(&mut self, function: FunctionId) {
        if let Some(holder) = self.ast.functions[function.index()].holder {
            self.mark_reference(holder);
        }
    }

    /// A closure over a lambda expression's definition.
    pub(crate) fn closure(&mut self, name: Option<Symbol>, definition: Datum, block: Option<Symbol>) -> Result<Node> {
        let function = self.lambda(name, definition, block)?;
        self.ast.functions[function.index()].escapes = true;
        Ok(self.node(NodeKind::Closure(function)))
    }
}

/// The number by which the tree knows a type.
fn type_number(ty: GcType) -> u16 {
    u16::try_from(ty.index()).unwrap_or(u16::MAX)
}

fn list_binds(list: &LambdaList, name: Symbol) -> bool {
    let optional = list.optional.iter().chain(list.keywords.iter().map(|keyword| &keyword.parameter));
    list.required.contains(&name)
        || list.rest == Some(name)
        || optional.clone().any(|parameter| parameter.name == name || parameter.supplied == Some(name))
        || list.aux.iter().any(|(aux, _)| *aux == name)
}
