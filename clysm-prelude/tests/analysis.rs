//! What is wrong with programs that are compiled against preludes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use clysm_ast::{Ast, AstLiteral, Node, NodeKind};
use clysm_compiler::context::{FormKind, TopForm};
use clysm_prelude::{AnalysisErrorKind, HostPolicy, Program};
use clysm_reader::{Datum, Object, PackageId};
use clysm_report::{FileId, Span};
use support::World;

const CRM: &str = "
(defpackage \"CRM\" (:use \"CL\") (:export \"GET-USER\" \"SEARCH\" \"FIND-ALL\" \"LIMIT\" \"GONE\"))
(in-package \"CRM\")
(defun get-user (id) (helper id))
(defun search (query &optional page &rest more) query page more)
(defun find-all (query &key active ((:per-page size) 10)) query active size)
(defconstant limit #'helper)
(defun gone () 1)
(defun helper (x) x (clysm::%tool.invoke \"a\" nil))
(defvar *secret* 1)
";

fn world() -> World {
    let mut world = World::default();
    let policy = HostPolicy::from_toml("[exports.\"crm/gone\"]\nvisibility = \"hidden\"").unwrap();
    world.prelude(CRM, &policy).unwrap();
    world
}

/// What is wrong with a program, in one line.
fn complaint(text: &str) -> String {
    world().complaints(text).join("\n")
}

#[test]
fn programs_that_fit_pass() {
    for text in [
        "(crm:get-user 1)",
        "(crm:search 1) (crm:search 1 2) (crm:search 1 2 3 4)",
        "(crm:find-all 1 :active t :per-page 5)",
        "(crm:find-all 1 :other 5 :allow-other-keys t)",
        "(crm:limit) crm:limit (funcall #'crm:limit)",
        "(mapcar #'crm:get-user '(1 2))",
        "(apply #'crm:get-user '(1)) (apply #'crm:search 1 (list 2))",
        "(flet ((crm:get-user () 1)) (crm:get-user))",
        "(defun mine (x) x) (defvar *mine* 1) (setq *mine* 2) (let ((*mine* 3)) *mine*)",
        "(defpackage \"MINE\" (:use \"CL\" \"CRM\")) (in-package \"MINE\") (get-user 1)",
        "(describe 'crm:get-user)",
    ] {
        assert_eq!(complaint(text), "", "{text}");
    }
}

#[test]
fn counts_are_checked_wherever_a_call_stands() {
    let expected = "wrong-argument-count: CRM:GET-USER takes exactly 1 argument, got 2";
    for text in [
        "(crm:get-user 1 2)",
        "(if nil (crm:get-user 1 2) 1)",
        "(lambda () (crm:get-user 1 2))",
        "(defun never () (crm:get-user 1 2))",
        "(flet ((never () (crm:get-user 1 2))) 1)",
        "(let ((x 1)) (unless x (print (crm:get-user 1 2))))",
        "(funcall #'crm:get-user 1 2)",
        "(funcall 'crm:get-user 1 2)",
        "(funcall #'funcall #'crm:get-user 1 2)",
        "(apply #'crm:get-user '(1 2))",
        "(apply 'crm:get-user 1 '(2))",
        "(funcall #'apply #'crm:get-user '(1 2))",
        "(clysm::%funcall #'crm:get-user 1 2)",
        "(macrolet () (crm:get-user 1 2))",
        "(defun f (&optional (x (crm:get-user 1 2))) x)",
        "(load-time-value (crm:get-user 1 2))",
        "(setq *x* (crm:get-user 1 2))",
    ] {
        assert!(complaint(text).contains(expected), "{text}: {}", complaint(text));
    }
    assert_eq!(
        complaint("\n (crm:get-user)"),
        "program.lisp:2:2 wrong-argument-count: CRM:GET-USER takes exactly 1 argument, got 0"
    );
    assert!(complaint("(crm:search)").contains("takes at least 1 argument, got 0"));
    assert!(complaint("(apply #'crm:get-user 1 2 x)").contains("takes exactly 1 argument, got at least 2"));
    assert!(complaint("(apply #'crm:get-user nil)").contains("got 0"));
}

#[test]
fn constants_take_no_arguments() {
    for text in ["(crm:limit 1)", "(funcall 'crm:limit 1)", "(apply #'crm:limit '(1))"] {
        let found = complaint(text);
        assert!(found.contains("wrong-argument-count: CRM:LIMIT is a constant") && found.ends_with("got 1"), "{found}");
    }
}

#[test]
fn keywords_are_checked() {
    assert!(
        complaint("(crm:find-all 1 :actve t)")
            .contains("unknown-keyword: CRM:FIND-ALL has no keyword parameter :ACTVE")
    );
    assert!(
        complaint("(crm:find-all 1 :active)").contains("odd-keyword-arguments: CRM:FIND-ALL is called with an odd")
    );
    assert!(complaint("(funcall #'crm:find-all 1 5 6)").contains("no keyword parameter 5"));
    let errors = world().analyse("(crm:find-all 1 :actve t)").unwrap_err();
    assert_eq!(errors[0].diagnostic().hint.as_deref(), Some("did you mean :ACTIVE?"));
    assert_eq!(errors[0].diagnostic().secondary.len(), 1, "where it is defined");
}

#[test]
fn private_and_missing_names() {
    for text in [
        "(crm::helper 1)",
        "#'crm::helper",
        "'crm::helper",
        "'(1 #(crm::helper))",
        "(format nil \"~/crm::helper/\" 1)",
        "(describe 'crm::helper)",
        "crm::*secret*",
        "(setq crm::*secret* 2)",
        "(if nil (crm::helper 1) 2)",
    ] {
        assert!(complaint(text).contains(" private-reference: CRM::"), "{text}: {}", complaint(text));
    }
    assert!(complaint("(crm:gone)").contains("private-reference: CRM:GONE is private to its prelude"), "hidden");
    let found = complaint("(setf (crm:get-user 1) 2)");
    assert!(found.contains("missing-export: CRM has no export (SETF GET-USER)"), "{found}");
    assert!(complaint("(crm::nothing)").contains("missing-export: CRM has no export NOTHING"));
    let errors = world().analyse("(crm::get-usr 1)").unwrap_err();
    assert_eq!(errors[0].diagnostic().hint.as_deref(), Some("did you mean CRM:GET-USER?"));
}

#[test]
fn names_in_the_text_have_their_own_places() {
    let mut world = world();
    let helper = world.cx.symbols.intern(world.preludes.packages().first().copied().unwrap(), "HELPER");
    let internal = world.cx.system("%TOOL-ANSWER");
    let span = Span::new(FileId(7), 3, 9);
    let forms = world.compile("program.lisp", "(crm::helper 1)");
    let program = Program {
        cx: &world.cx,
        forms: &forms,
        read: &[(helper, span), (internal, span)],
        preludes: &world.preludes,
        system: &BTreeSet::from([PackageId::CLYSM]),
    };
    let errors = program.analyse().unwrap_err();
    assert_eq!(errors.len(), 2, "told once: {errors:?}");
    assert!(errors.iter().all(|error| error.span == span));
    assert!(matches!(errors[1].kind, AnalysisErrorKind::SystemInternal { .. }), "{errors:?}");
}

#[test]
fn names_of_locked_packages_keep_their_meaning() {
    for text in [
        "(defun crm:get-user (x) x)",
        "(defvar crm:get-user 1)",
        "(let ((x 1)) (defun crm:get-user (y) x y))",
        "(clysm::%set-fdefinition 'crm:get-user #'list)",
        "(funcall #'clysm::%set-fdefinition 'crm:get-user #'list)",
        "(setf (symbol-function 'crm:get-user) #'list)",
        "(setf (fdefinition 'crm:get-user) #'list)",
        "(fmakunbound 'crm:get-user)",
        "(set 'crm:limit 1)",
        "(declaim (special crm:get-user))",
        "(clysm::%set-compiler-macro 'crm:get-user #'list)",
        "(if nil (fmakunbound 'crm:get-user) 1)",
        "(defun (setf crm:get-user) (x y) x y)",
        "(defun car (x) x)",
        "(setf (symbol-function 'car) #'list)",
    ] {
        assert!(
            complaint(text).contains(" redefinition: a program can't define or change "),
            "{text}: {}",
            complaint(text)
        );
    }
    for text in
        ["(in-package \"CRM\")", "(clysm::%in-package :crm)", "(delete-package \"CRM\")", "(unintern 'x \"CRM\")"]
    {
        // Without the library, IN-PACKAGE itself leaves no call.
        if text != "(in-package \"CRM\")" {
            assert!(complaint(text).contains(" locked-package: "), "{text}: {}", complaint(text));
        }
    }
}

#[test]
fn variables_of_preludes_are_not_assigned() {
    assert!(
        complaint("(progv '(crm:limit) '(1) 2)")
            .contains("assigned-export: CRM:LIMIT belongs to a prelude and can't be bound")
    );
    let mut world = World::default();
    let text = "(defpackage \"CFG\" (:export \"*X*\")) (cl:defvar cfg:*x* 1)";
    world.prelude(text, &HostPolicy::default()).unwrap();
    assert!(world.complaints("(setq cfg:*x* 2)").join("").contains("can't be assigned"));
    assert!(world.complaints("(let ((cfg:*x* 2)) 1)").join("").contains("can't be bound"));
}

#[test]
fn primitives_beneath_lisp_are_refused() {
    for text in [
        "(clysm::%get symbol value 'x)",
        "(clysm::%set symbol function 'x #'list)",
        "(clysm::%new cons 1 2 0)",
        "(clysm::%i32.add 1 2)",
        "(clysm::%call.tool nil nil)",
        "(clysm::%host.call 1 nil)",
        "(clysm::%array-ref string \"a\" 0)",
        "(clysm::%trap)",
        "(clysm::%symbol-table)",
        "(clysm::%undefined-function 'x)",
        "(clysm::%array-copy instance nil 0 instance nil 0 1)",
    ] {
        assert!(complaint(text).contains(" forbidden-primitive: the primitive %"), "{text}: {}", complaint(text));
    }
    for text in [
        "(clysm::%is instance 1)",
        "(clysm::%is symbol 1)",
        "(clysm::%array-length string \"a\")",
        "(clysm::%fixnump 1)",
        "(clysm::%tool.invoke \"a\" nil)",
        "(defun f (&optional x) x)",
    ] {
        assert_eq!(complaint(text), "", "{text}");
    }
    assert!(complaint("(clysm::%tool.invoke \"a\nb\" nil)").contains("tool-name"));
}

#[test]
fn live_objects_are_no_constants() {
    let mut world = world();
    let object = world.cx.heap.push(Object::Foreign(1));
    let list = world.cx.heap.list(&[Datum::Fixnum(1), object], Span::NONE);
    let mut ast = Ast::new();
    ast.toplevel_mut().body = Node::unlocated(NodeKind::Literal(AstLiteral::new(list)));
    let span = Span::new(FileId(0), 0, 1);
    let form = TopForm { kind: FormKind::Expression(None), ast, calls: Vec::new(), free_variables: Vec::new(), span };
    let program =
        Program { cx: &world.cx, forms: &[form], read: &[], preludes: &world.preludes, system: &BTreeSet::new() };
    assert_eq!(program.analyse().unwrap_err()[0].kind, AnalysisErrorKind::LiveObject);
}

#[test]
fn circular_constants_end() {
    assert_eq!(complaint("'#1=(a . #1#) '#2=#(#2#)"), "");
}
