//! The runtime function table as the compiler uses it: calls are counted, and what is registered has to be defined.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use clysm_compiler::context::{CallError, CompileTime, Context, FormKind, TopForm};
use clysm_compiler::error::{CompileError, CompileErrorKind};
use clysm_compiler::lower::Intrinsics;
use clysm_compiler::module::{LinkError, Linkage, Lowering, Unit, link};
use clysm_compiler::toplevel::compile_toplevel;
use clysm_dispatch::{
    Category, RuntimeFunction, RuntimeFunctionTable, register_ast_runtime_functions, register_core_runtime_functions,
};
use clysm_reader::{Datum, NoReadEval, PackageId, Reader};
use clysm_report::SourceMap;

/// Takes forms that need no image.
#[derive(Default)]
struct NoImage {
    forms: Vec<TopForm>,
}

impl CompileTime for NoImage {
    fn call(&mut self, _: &mut Context, function: &str, _: &[Datum]) -> Result<Datum, CallError> {
        Err(CallError { report: format!("there is no image to call {function} in") })
    }

    fn accept(&mut self, _: &mut Context, form: TopForm) -> Result<(), CallError> {
        self.forms.push(form);
        Ok(())
    }

    fn evaluate(&mut self, _: &mut Context, _: Datum) -> Result<(), CallError> {
        Ok(())
    }

    fn loads_source(&self) -> bool {
        true
    }

    fn is_library(&self) -> bool {
        true
    }
}

/// A context whose runtime function table has one more entry, with a name that comes before all others.
fn context(arity: Option<u32>) -> Context {
    let mut table = RuntimeFunctionTable::new();
    register_ast_runtime_functions(&mut table).unwrap();
    register_core_runtime_functions(&mut table).unwrap();
    let (symbol, runtime_name) = ("clysm:a-f".to_owned(), ":$a-f-rt".to_owned());
    table.register(RuntimeFunction { symbol, runtime_name, arity, category: Category::Ast }).unwrap();
    table.seal();
    let mut cx = Context::new().unwrap();
    cx.set_runtime(table);
    cx.symbols.current = PackageId::CLYSM;
    cx
}

fn compile(cx: &mut Context, text: &str) -> Result<Vec<TopForm>, (CompileError, String)> {
    let mut sources = SourceMap::new();
    let file = sources.add("test.lisp", text);
    let mut reader = Reader::new(text, file);
    let mut host = NoImage::default();
    while let Some(form) = reader.read(&mut cx.heap, &mut cx.symbols, &mut NoReadEval).unwrap() {
        compile_toplevel(cx, &mut host, form).map_err(|error| {
            let place = sources.location(error.span).unwrap_or_default();
            (error, place)
        })?;
    }
    Ok(host.forms)
}

/// Whether a library of that text links, as far as the additional entry goes; else the complaint.
fn implements(arity: Option<u32>, text: &str) -> Result<(), String> {
    let mut cx = context(arity);
    let intrinsics = Intrinsics::new(&mut cx);
    // The name by which the library ends.
    let text = format!("{text} (defun %library-complete () nil)");
    let forms = compile(&mut cx, &text).unwrap();
    let lowering = Lowering { intrinsics: &intrinsics, is_direct: &|_| false };
    let mut unit = Unit::default();
    forms.iter().for_each(|form| unit.add(&cx, lowering, form));
    match link(&cx, &intrinsics, &unit, Linkage::Image) {
        // The entries after it are missing in this library as well.
        Err(LinkError::Unimplemented { symbol, .. }) if symbol != "clysm:a-f" => Ok(()),
        outcome => Err(outcome.map(|_| ()).unwrap_err().to_string()),
    }
}

#[test]
fn a_wrong_count_is_an_error_with_symbol_counts_and_place() {
    let (error, place) = compile(&mut context(Some(1)), "(defun g (x)\n  (a-f x x))").unwrap_err();
    let CompileErrorKind::Arity(arity) = &error.kind else { panic!("{error}") };
    assert_eq!((arity.symbol.as_str(), arity.expected, arity.got), ("clysm:a-f", 1, 2));
    assert_eq!(place, "test.lisp:2:3");
    assert_eq!(error.diagnostic().code, "wrong-argument-count");
    for wrong in ["(a-f)", "(funcall #'a-f)", "(list (lambda () (a-f 1 2)))", "(flet ((g () (a-f))) (g))"] {
        assert!(compile(&mut context(Some(1)), wrong).is_err(), "{wrong}");
    }
    for right in ["(a-f 1)", "(list #'a-f)", "(cl-user::a-f 1 2)", "(flet ((a-f (x y) x)) (a-f 1 2))"] {
        assert!(compile(&mut context(Some(1)), right).is_ok(), "{right}");
    }
    for any in ["(a-f)", "(a-f 1)", "(a-f 1 2 3 4 5 6)"] {
        assert!(compile(&mut context(None), any).is_ok(), "{any}");
    }
}

#[test]
fn a_runtime_function_has_to_be_defined() {
    let complaint = "runtime function clysm:a-f (:$a-f-rt) has no definition that takes exactly 1 argument";
    assert_eq!(implements(Some(1), ""), Err(complaint.to_owned()));
    assert_eq!(implements(Some(1), "(defun a-f (x) x)"), Ok(()));
    // Another function of that name is none.
    assert_eq!(implements(Some(1), "(defun cl-user::a-f (x) x)"), Err(complaint.to_owned()));
    for other in ["()", "(x y)", "(&optional x)", "(x &optional y)", "(&rest x)", "(x &key y)"] {
        assert_eq!(implements(Some(1), &format!("(defun a-f {other} nil)")), Err(complaint.to_owned()), "{other}");
    }
}

#[test]
fn a_variadic_runtime_function_takes_any_count() {
    for fits in ["(&rest x)", "(&key x)"] {
        assert_eq!(implements(None, &format!("(defun a-f {fits} nil)")), Ok(()), "{fits}");
    }
    for other in ["()", "(x)", "(x &optional y)"] {
        assert!(implements(None, &format!("(defun a-f {other} nil)")).is_err(), "{other}");
    }
}

#[test]
fn definitions_are_handed_over_as_such() {
    let mut cx = context(None);
    let forms = compile(&mut cx, "(defun f (x) x) (f 1)").unwrap();
    let [definition, call] = &forms[..] else { panic!("{} forms", forms.len()) };
    assert!(matches!(definition.kind, FormKind::Function(name, _) if cx.symbols.name(name) == "F"));
    assert_eq!(call.kind, FormKind::Expression(None));
    assert_eq!(call.calls.iter().map(|call| call.count).collect::<Vec<_>>(), [Some(1)]);
}
