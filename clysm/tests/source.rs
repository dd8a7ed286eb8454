//! What a program does to packages, readtables and reader variables is seen by what is read after it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use clysm::{Engine, Error};
use common::engine;

#[track_caller]
fn check(engine: &mut Engine, text: &str, expected: &str) {
    let values = engine.eval_values(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let last = values.last().and_then(|values| values.first()).cloned();
    assert_eq!(last.map(|value| engine.print(&value).unwrap()).unwrap_or_default(), expected, "{text}");
}

#[test]
fn forms_are_evaluated_at_read_time() {
    let mut engine = engine();
    check(&mut engine, "(defun five () 5) '(#.(five) #.(+ 1 2))", "(5 3)");
    check(&mut engine, "(let ((f #.#'car)) (funcall f '(1 2)))", "1");
    check(&mut engine, "(defstruct point x y) (point-x #.(make-point :x 1 :y 2))", "1");
    check(&mut engine, "(list #+#.(cl:if (cl:find-package :clysm) '(:and) '(:or)) :yes #-(or) :no)", "(:YES :NO)");
    check(
        &mut engine,
        "#.(progn (make-package \"READ-TIME\" :use nil) (intern \"X\" \"READ-TIME\") nil) 'read-time::x",
        "READ-TIME::X",
    );
    assert!(matches!(engine.eval("#.(error \"no\")"), Err(Error::Read(_))));
    check(&mut engine, "(setq *read-eval* nil)", "NIL");
    assert!(matches!(engine.eval("#.(+ 1 2)"), Err(Error::Read(_))));
    check(&mut engine, "(setq *read-eval* t) #.(+ 1 2)", "3");
}

#[test]
fn packages_changed_by_functions_are_known() {
    let mut engine = engine();
    check(&mut engine, "(make-package \"P\" :use '(\"CL\") :nicknames '(\"PN\")) '(p::x pn::x)", "(P::X P::X)");
    check(&mut engine, "(export (intern \"OUT\" \"P\") \"P\") 'p:out", "P:OUT");
    check(&mut engine, "(use-package \"P\") (eq 'out 'p:out)", "T");
    check(&mut engine, "(unuse-package \"P\") (eq 'out 'p:out)", "NIL");
    check(&mut engine, "(import 'p::imported) (eq 'imported 'p::imported)", "T");
    check(&mut engine, "(unintern 'imported) (eq 'imported 'p::imported)", "NIL");
    check(&mut engine, "(shadow \"CDR\" \"P\") (list (eq 'p::cdr 'cl:cdr) (eq 'p::car 'cl:car))", "(NIL T)");
    check(&mut engine, "(shadowing-import 'p::cdr) (eq 'cdr 'p::cdr)", "T");
    check(&mut engine, "(unintern 'cdr) (eq 'cdr 'cl:cdr)", "T");
    check(&mut engine, "(unexport 'p:out \"P\") (nth-value 1 (find-symbol \"OUT\" \"P\"))", ":INTERNAL");
    assert!(matches!(engine.eval("'p:out"), Err(Error::Read(_))));
    check(&mut engine, "(rename-package \"P\" \"Q\") 'q::x", "Q::X");
    assert!(matches!(engine.eval("'p::x"), Err(Error::Read(_))));
    check(&mut engine, "(delete-package \"Q\") (find-package \"Q\")", "NIL");
    assert!(matches!(engine.eval("'q::x"), Err(Error::Read(_))));
    check(&mut engine, "(make-package \"Q\" :use '()) (list 'q::x)", "(Q::X)");
}

#[test]
fn what_the_reader_interned_is_interned() {
    let mut engine = engine();
    check(&mut engine, "'read-before (nth-value 1 (find-symbol (string '#:read-before)))", ":INTERNAL");
    check(&mut engine, "(nth-value 1 (find-symbol (string '#:never-read)))", "NIL");
    check(
        &mut engine,
        "(make-package \"TAKEN\" :use '(\"CL\")) (in-package \"TAKEN\") (defun f () 1) (in-package \"CL-USER\") 1",
        "1",
    );
    // A symbol that was read conflicts with one of its name.
    let error = engine.eval("'f (import 'taken::f)").unwrap_err();
    assert!(error.to_string().contains("more than one symbol"), "{error}");
}

#[test]
fn the_current_package_is_the_programs() {
    let mut engine = engine();
    check(&mut engine, "(make-package \"A\" :use '(\"CL\")) (setq *package* (find-package \"A\")) (eq 'x 'a::x)", "T");
    check(&mut engine, "(cl:in-package \"CL-USER\") (eq 'x 'a::x)", "NIL");
    check(&mut engine, "(defun switch () (in-package \"A\")) (eq 'x 'a::x)", "NIL");
    check(&mut engine, "(switch) (eq 'x 'a::x)", "T");
    check(&mut engine, "(in-package \"CL-USER\") (let ((*package* (find-package \"A\"))) (eq 'y 'a::y))", "NIL");
    check(
        &mut engine,
        "(progn (make-package \"LATER\" :use '(\"CL\")) (in-package \"LATER\")) (package-name *package*)",
        "\"LATER\"",
    );
    let error = engine.eval("(in-package \"CL-USER\") (in-package \"NO-SUCH\")").unwrap_err();
    assert!(error.to_string().contains("NO-SUCH"), "{error}");
}

#[test]
fn reader_variables_are_obeyed() {
    let mut engine = engine();
    check(&mut engine, "(setq *read-base* 16) (list 10 'ff)", "(16 255)");
    check(&mut engine, "(setq *read-base* a) 10", "10");
    check(
        &mut engine,
        "(setq *read-default-float-format* 'double-float) (list (type-of 1.0) (type-of 1f0))",
        "(DOUBLE-FLOAT SINGLE-FLOAT)",
    );
    check(
        &mut engine,
        "(setq *read-default-float-format* 'single-float) (push :mine *features*) '(#+mine 1 #-mine 2)",
        "(1)",
    );
}

#[test]
fn changed_readtables_are_used() {
    let mut engine = engine();
    let brackets = "(set-macro-character #\\[ (lambda (stream char) (declare (ignore char)) (cons 'list (read-delimited-list #\\] stream t))))
                    (set-macro-character #\\] (get-macro-character #\\)))";
    check(&mut engine, &format!("{brackets} (defun pair (x) [x x]) (pair [1 2])"), "((1 2) (1 2))");
    check(&mut engine, "; a comment\n(defvar λ 3) [1 λ] #|block|# (let ((λ 2)) [1 λ]) ", "(1 2)");
    let error = engine.eval("[1 2]\n  [(car 1)]").unwrap_err();
    assert_eq!(engine.sources().location(error.diagnostic().span()).unwrap(), "<eval>:2:3");
    let error = engine.eval("[1 2]\n  [3").unwrap_err();
    assert!(engine.sources().location(error.diagnostic().span()).unwrap().starts_with("<eval>:"), "{error:?}");
    check(&mut engine, "(setq *readtable* (copy-readtable nil)) '([1] back)", "([1] BACK)");
    check(&mut engine, "(setf (readtable-case *readtable*) :preserve) (LIST 'Mixed :Case)", "(Mixed :Case)");
    check(&mut engine, "(SETF (READTABLE-CASE *READTABLE*) :UPCASE) 'again", "AGAIN");
    let dispatch = "(set-dispatch-macro-character #\\# #\\? (lambda (stream sub n) (declare (ignore sub)) (list 'quote (list n (read stream t nil t)))))";
    check(&mut engine, &format!("{dispatch} #5?foo"), "(5 FOO)");
    check(&mut engine, "(setq *readtable* (copy-readtable nil)) 1", "1");
    assert!(matches!(engine.eval("#5?foo"), Err(Error::Read(_))));
}

#[test]
fn errors_of_reading_leave_no_trace() {
    let mut engine = engine();
    for _ in 0..3 {
        engine.eval("#.(let ((*package* (find-package \"CL\"))) (error \"x\"))").unwrap_err();
        check(&mut engine, "'here", "HERE");
    }
}
