//! Toplevel forms (CLHS 3.2.3.1): what happens at compile time, and what is left for the linker.

use clysm_ast::{Ast, FunctionId, Node};
use clysm_reader::{Datum, PackageError, PackageId, Symbol};
use clysm_report::Span;

use crate::checks::check_form;
use crate::context::{CompileTime, Context, FormKind, TopForm};
use crate::convert::{Converter, Result, Scope};
use crate::error::{CompileError, CompileErrorKind};
use crate::names::Operator;
use crate::world::{OperatorFact, Signature, VariableFact};

/// Converts a toplevel form and hands what it gives to the host, in order.
///
/// # Errors
/// The form, or a part of it, is malformed; parts before it have been handed over.
pub fn compile_toplevel(cx: &mut Context, host: &mut dyn CompileTime, form: Datum) -> Result<()> {
    let span = cx.heap.span(form);
    host.begin_form(cx).map_err(|error| CompileError::new(CompileErrorKind::Internal(error.report), span))?;
    counting_code(cx, |cx| Toplevel { cx, host, scope: Scope::default(), span }.form(form))
}

/// Converts something within a limit of its own. Macros may have other forms compiled while a form is.
fn counting_code<T>(cx: &mut Context, convert: impl FnOnce(&mut Context) -> T) -> T {
    let outer = std::mem::take(&mut cx.converted);
    let converted = convert(cx);
    cx.converted = outer;
    converted
}

/// Converts an expression whose value is wanted, such as the argument of `eval`.
///
/// # Errors
/// The expression is malformed.
pub fn compile_expression(cx: &mut Context, host: &mut dyn CompileTime, form: Datum) -> Result<TopForm> {
    let span = cx.heap.span(form);
    counting_code(cx, |cx| {
        let mut converter = Converter::new(cx, host, span);
        let node = converter.form(form)?;
        Ok(converter.finish(node, FormKind::Expression(None), span))
    })
}

struct Toplevel<'a> {
    cx: &'a mut Context,
    host: &'a mut dyn CompileTime,
    /// Local macros of enclosing `macrolet` forms.
    scope: Scope,
    span: Span,
}

impl Toplevel<'_> {
    fn form(&mut self, form: Datum) -> Result<()> {
        let outer = self.span;
        self.span = self.cx.heap.span(form).or(outer);
        self.cx.enter(self.span)?;
        let result = self.dispatch(form);
        self.cx.leave();
        self.span = outer;
        result
    }

    /// Where the name stands that a form defines: the second element.
    fn name_span(&self, form: Datum) -> Span {
        self.cx.heap.span(self.cx.heap.cdr(form)).or(self.span)
    }

    fn dispatch(&mut self, form: Datum) -> Result<()> {
        let Some((Datum::Symbol(head), rest)) = self.cx.heap.uncons(form) else { return self.expression(form, None) };
        if self.scope.shadows_operator(head) {
            return self.local_macro(form);
        }
        match self.cx.names.operator(head) {
            Some(Operator::Progn) => self.forms(rest),
            Some(Operator::EvalWhen) => self.eval_when(form),
            Some(Operator::Macrolet) => self.macrolet(form),
            Some(Operator::Defun) => self.defun(form),
            Some(Operator::Defmacro) => self.defmacro(form),
            Some(Operator::DefineRaw) => self.define_raw(form),
            Some(Operator::Defpackage) => self.defpackage(form),
            Some(Operator::Defvar | Operator::Defparameter | Operator::Defconstant | Operator::Defglobal) => {
                let name = self.cx.heap.car(rest).as_symbol();
                self.expression(form, name)
            }
            Some(_) => self.expression(form, None),
            None => self.other(head, form),
        }
    }

    fn forms(&mut self, forms: Datum) -> Result<()> {
        let forms = self
            .cx
            .heap
            .proper_list(forms)
            .ok_or_else(|| CompileError::malformed("PROGN", "not a proper list", self.span))?;
        forms.into_iter().try_for_each(|form| self.form(form))
    }

    fn other(&mut self, head: Symbol, form: Datum) -> Result<()> {
        self.note_definer(head, form);
        if self.cx.world.facts(head).operator == OperatorFact::Macro {
            let expansion = self.with_converter(|converter| converter.expand_global(head, form))?;
            return self.form(expansion);
        }
        self.expression(form, None)
    }

    /// Definers of the library whose effect on later conversions the compiler must know.
    fn note_definer(&mut self, head: Symbol, form: Datum) {
        let known = self.cx.names.known;
        let Some(name) = self.cx.heap.car(self.cx.heap.cdr(form)).as_symbol() else { return };
        if head == known.defsetf || head == known.define_setf_expander {
            self.cx.world.facts_mut(name).setf_expander = true;
        } else if head == known.define_compiler_macro {
            self.cx.world.facts_mut(name).compiler_macro = true;
        } else if head == known.define_symbol_macro {
            let expansion = self.cx.heap.car(self.cx.heap.cdr(self.cx.heap.cdr(form)));
            self.cx.world.facts_mut(name).variable = VariableFact::SymbolMacro(expansion);
        }
    }

    fn local_macro(&mut self, form: Datum) -> Result<()> {
        let expansion = self.with_converter(|converter| converter.expand_once(form))?;
        match expansion {
            Some(expansion) => self.form(expansion),
            None => self.expression(form, None),
        }
    }

    fn eval_when(&mut self, form: Datum) -> Result<()> {
        let rest = self.cx.heap.cdr(form);
        let Some((list, body)) = self.cx.heap.uncons(rest) else {
            return Err(CompileError::malformed("EVAL-WHEN", "no situations", self.span));
        };
        let situations = self.with_converter(|converter| converter.situations(list))?;
        if self.host.loads_source() {
            return if situations.execute { self.forms(body) } else { Ok(()) };
        }
        if situations.compile {
            let forms = self.cx.heap.proper_list(body).unwrap_or_default();
            for form in forms {
                self.evaluate(form)?;
            }
        }
        if situations.load { self.forms(body) } else { Ok(()) }
    }

    fn evaluate(&mut self, form: Datum) -> Result<()> {
        self.host.evaluate(self.cx, form).map_err(|error| self.failure("evaluation at compile time", error.report))
    }

    fn failure(&self, what: &str, report: String) -> CompileError {
        CompileError::new(CompileErrorKind::CompileTime { what: what.to_owned(), report }, self.span)
    }

    fn macrolet(&mut self, form: Datum) -> Result<()> {
        let mark = self.scope.mark();
        let body = self.with_converter(|converter| converter.bind_macrolet(form));
        let result = body.and_then(|body| self.forms(body));
        self.scope.release(mark);
        result
    }

    fn defun(&mut self, definition: Datum) -> Result<()> {
        let name_span = self.name_span(definition);
        let mut defined: Option<(Symbol, FunctionId)> = None;
        let form = self.convert(|converter| {
            let (node, symbol, function) = converter.defun(definition)?;
            defined = Some((symbol, function));
            Ok((node, FormKind::Function(symbol, function)))
        })?;
        if let Some((symbol, function)) = defined {
            self.record_function(symbol, function, &form.ast, name_span);
        }
        self.hand_over(form)?;
        match defined {
            Some((symbol, _)) => self.function_documentation(definition, symbol),
            None => Ok(()),
        }
    }

    fn function_documentation(&mut self, definition: Datum, symbol: Symbol) -> Result<()> {
        let mut recorded = false;
        let record = self.convert(|converter| {
            let node = converter.function_documentation(definition, symbol)?;
            recorded = node.is_some();
            Ok((node.unwrap_or_else(Node::nil), FormKind::Expression(None)))
        })?;
        if recorded { self.hand_over(record) } else { Ok(()) }
    }

    fn record_function(&mut self, symbol: Symbol, function: FunctionId, ast: &Ast, span: Span) {
        let function = ast.function(function);
        let signature = Signature::new(&function.parameters, function.raw.clone(), span);
        self.cx.world.set_signature(symbol, signature);
        self.cx.world.facts_mut(symbol).operator = OperatorFact::Function;
    }

    fn define_raw(&mut self, form: Datum) -> Result<()> {
        let name_span = self.name_span(form);
        let form = self.convert(|converter| {
            let (symbol, function) = converter.define_raw(form)?;
            Ok((Node::nil(), FormKind::Raw(symbol, function)))
        })?;
        if let FormKind::Raw(symbol, function) = form.kind {
            self.record_function(symbol, function, &form.ast, name_span);
        }
        self.hand_over(form)
    }

    fn defmacro(&mut self, form: Datum) -> Result<()> {
        let converted = self.convert(|converter| {
            let (node, name) = converter.defmacro(form)?;
            converter.note_macro(name);
            Ok((node, FormKind::Macro(name)))
        })?;
        if !self.host.loads_source() {
            self.evaluate(form)?;
        }
        self.hand_over(converted)
    }

    /// `(defpackage name option…)`: made in the compile-time package world, unless that follows the image's, then defined by the
    /// library's macro.
    fn defpackage(&mut self, form: Datum) -> Result<()> {
        if !self.host.loads_source() {
            self.evaluate(form)?;
        }
        if !self.host.follows_packages() {
            self.define_package(form)?;
        }
        // The library's packages come with the module's static data.
        if self.host.is_library() { Ok(()) } else { self.expression(form, None) }
    }

    fn define_package(&mut self, form: Datum) -> Result<()> {
        let parts = self.cx.heap.proper_list(form).unwrap_or_default();
        let Some(name) = parts.get(1) else { return Err(CompileError::malformed("DEFPACKAGE", "no name", self.span)) };
        let name = self.with_converter(|converter| converter.designated_string(form, *name))?;
        let mut options: Vec<(String, Vec<Datum>)> = Vec::new();
        for option in parts.iter().skip(2) {
            let elements = self.cx.heap.proper_list(*option).unwrap_or_default();
            let Some(Datum::Symbol(head)) = elements.first() else {
                return Err(CompileError::malformed(
                    "DEFPACKAGE",
                    "an option is not a list that begins with a keyword",
                    self.span,
                ));
            };
            options.push((self.cx.symbols.name(*head).to_owned(), elements[1..].to_vec()));
        }
        let package = match self.cx.symbols.find_package(&name) {
            Some(package) => package,
            None => self.cx.symbols.make_package(&name, &[], &[]).map_err(|error| self.package_failure(&error))?,
        };
        // In the order that CLHS DEFPACKAGE gives.
        for phase in ["NICKNAMES", "SHADOW", "SHADOWING-IMPORT-FROM", "USE", "IMPORT-FROM", "INTERN", "EXPORT"] {
            for (head, operands) in options.iter().filter(|(head, _)| head == phase) {
                let names = operands
                    .iter()
                    .map(|operand| self.with_converter(|converter| converter.designated_string(form, *operand)))
                    .collect::<Result<Vec<_>>>()?;
                self.package_option(package, head, &names)?;
            }
        }
        Ok(())
    }

    fn package_option(&mut self, package: PackageId, option: &str, names: &[String]) -> Result<()> {
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let symbols = &mut self.cx.symbols;
        let outcome = match option {
            "NICKNAMES" => {
                let name = symbols.package_name(package).to_owned();
                symbols.rename(package, &name, &texts)
            }
            "SHADOW" => symbols.shadow(package, &texts),
            "USE" => {
                for name in &texts {
                    let used = self.find_package(name)?;
                    self.cx.symbols.use_package(package, used).map_err(|error| self.package_failure(&error))?;
                }
                return Ok(());
            }
            "INTERN" => {
                for name in &texts {
                    symbols.intern(package, name);
                }
                Ok(())
            }
            "EXPORT" => {
                let exported: Vec<Symbol> = texts.iter().map(|name| symbols.intern(package, name)).collect();
                symbols.export(package, &exported)
            }
            _ => return self.import_option(package, option, &texts),
        };
        outcome.map_err(|error| self.package_failure(&error))
    }

    fn import_option(&mut self, package: PackageId, option: &str, names: &[&str]) -> Result<()> {
        let Some((from, names)) = names.split_first() else {
            return Err(CompileError::malformed("DEFPACKAGE", format!("{option} without a package"), self.span));
        };
        let from = self.find_package(from)?;
        let mut imported = Vec::new();
        for name in names {
            match self.cx.symbols.find(from, name) {
                Some((symbol, _)) => imported.push(symbol),
                None => {
                    let reason = format!("{} has no symbol {name}", self.cx.symbols.package_name(from));
                    return Err(CompileError::malformed("DEFPACKAGE", reason, self.span));
                }
            }
        }
        let outcome = if option == "IMPORT-FROM" {
            self.cx.symbols.import(package, &imported)
        } else {
            self.cx.symbols.shadowing_import(package, &imported)
        };
        outcome.map_err(|error| self.package_failure(&error))
    }

    fn find_package(&self, name: &str) -> Result<PackageId> {
        self.cx
            .symbols
            .find_package(name)
            .ok_or_else(|| CompileError::malformed("DEFPACKAGE", format!("there is no package {name}"), self.span))
    }

    fn package_failure(&self, error: &PackageError) -> CompileError {
        CompileError::malformed("DEFPACKAGE", error.to_string(), self.span)
    }

    fn expression(&mut self, form: Datum, defines: Option<Symbol>) -> Result<()> {
        let form = self.convert(|converter| Ok((converter.form(form)?, FormKind::Expression(defines))))?;
        self.hand_over(form)
    }

    fn convert(&mut self, convert: impl FnOnce(&mut Converter) -> Result<(Node, FormKind)>) -> Result<TopForm> {
        let span = self.span;
        self.with_converter(|converter| {
            let (node, kind) = convert(converter)?;
            Ok(converter.take(node, kind, span))
        })
    }

    fn with_converter<T>(&mut self, work: impl FnOnce(&mut Converter) -> T) -> T {
        let mut converter = Converter::new(self.cx, self.host, self.span);
        std::mem::swap(converter.scope_mut(), &mut self.scope);
        let result = work(&mut converter);
        let scope = std::mem::take(converter.scope_mut());
        self.scope = scope;
        result
    }

    fn hand_over(&mut self, form: TopForm) -> Result<()> {
        #[cfg(debug_assertions)]
        clysm_ast::verify(&form.ast)
            .map_err(|error| CompileError::new(CompileErrorKind::Internal(error.to_string()), form.span))?;
        check_form(self.cx, &form);
        let span = form.span;
        let accepted = self.host.accept(self.cx, form);
        accepted.map_err(|error| CompileError::new(CompileErrorKind::Toplevel(error.report), span))
    }
}
