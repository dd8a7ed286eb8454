//! Files that are compiled once and then loaded, in the same engine and in others.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use clysm::{CompiledFile, CompiledFileError, Engine, Error};
use tempfile::TempDir;

/// A directory that engines are granted.
struct Place {
    directory: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn engine(&self) -> Engine {
        Engine::builder().directory(self.directory.path()).build().unwrap()
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Compiles a text in an engine of its own; the module's path.
    fn compile(&self, name: &str, text: &str) -> PathBuf {
        let mut engine = self.engine();
        let compiled = engine.compile_file(self.write(&format!("{name}.lisp"), text)).unwrap();
        assert!(compiled.diagnostics.is_empty(), "{:?}", compiled.diagnostics);
        let module = self.path(&format!("{name}.wasm"));
        fs::write(&module, compiled.octets.unwrap()).unwrap();
        module
    }
}

fn show(engine: &mut Engine, text: &str) -> String {
    let value = engine.eval(text).unwrap();
    engine.print(&value).unwrap()
}

const PROGRAM: &str = r#"
    (defpackage :demo (:use :cl) (:export #:twice #:counter #:entry #:with-doubled #:level #:kind))
    (in-package :demo)
    (defmacro twice (form) (let ((value (gensym))) `(let ((,value ,form)) (list ,value ,value))))
    (define-symbol-macro level *level*)
    (defvar *level* 1)
    (defconstant +limit+ 10)
    (defstruct (entry (:constructor entry (name &optional (value +limit+)))) name value)
    (defun (setf kind) (value entry) (setf (entry-name entry) value))
    (let ((count 0)) (defun counter () (incf count)))
    (defun with-doubled (function &rest numbers) (apply function (mapcar (lambda (n) (* 2 n)) numbers)))
    (define-compiler-macro counter (&whole form) (declare (ignore form)) :from-compiler-macro)
    (defvar *made* (load-time-value (list 1 2)))
    (defvar *shared* '#1=(a . #1#))
    (defvar *table* '#.(let ((table (make-hash-table))) (setf (gethash 1 table) :one) table))
"#;

#[test]
fn a_compiled_file_defines_what_its_source_does() {
    let place = Place::new();
    let module = place.compile("program", PROGRAM);
    let mut fresh = place.engine();
    fresh.load_file(&module).unwrap();
    let mut same = place.engine();
    same.load_file(place.path("program.lisp")).unwrap();
    for text in [
        "(demo:twice (demo:with-doubled #'+ 1 2 3))",
        "(let ((entry (demo:entry \"a\"))) (setf (demo:kind entry) 'b) entry)",
        "(list demo:level (let ((demo::*level* 2)) demo:level))",
        "(list (funcall 'demo:counter) (funcall 'demo:counter) (demo:counter))",
        "demo::*made*",
        "(subseq (let ((list demo::*shared*)) (loop repeat 3 collect (pop list))) 0)",
        "(gethash 1 demo::*table*)",
        "(mapcar (lambda (s) (nth-value 1 (find-symbol s :demo))) '(\"TWICE\" \"*LEVEL*\"))",
        "*package*",
    ] {
        assert_eq!(show(&mut fresh, text), show(&mut same, text), "{text}");
    }
    assert_eq!(show(&mut fresh, "(compiled-function-p #'demo:counter)"), "T");
}

#[test]
fn the_same_file_gives_the_same_module() {
    let place = Place::new();
    let source = place.write("program.lisp", PROGRAM);
    let mut engine = place.engine();
    let first = engine.compile_file(&source).unwrap();
    engine.eval("(defun anything (x) (gensym x)) (loop repeat 7 do (gensym))").unwrap();
    assert_eq!(engine.compile_file(&source).unwrap(), first);
    assert_eq!(place.engine().compile_file(&source).unwrap(), first);
}

#[test]
fn conditions_and_exits_leave_a_load() {
    let place = Place::new();
    place.compile(
        "steps",
        "(defvar *steps* '())
         (push 1 *steps*)
         (let ((*print-base* 2))
           (unwind-protect (restart-case (error \"step ~D\" 2) (go-on () (push 2 *steps*)))
             (push :cleaned *steps*)))
         (push 3 *steps*)
         (throw :steps (reverse *steps*))",
    );
    let mut engine = place.engine();
    let load = format!("(load \"{}\")", place.path("steps.wasm").display());
    for (text, expected) in [
        (format!("(handler-case {load} (error (e) (list (princ-to-string e) *print-base*)))"), "(\"step 2\" 10)"),
        ("(shiftf *steps* '())".to_owned(), "(:CLEANED 1)"),
        (
            format!("(catch :steps (handler-bind ((error (lambda (e) e (invoke-restart 'go-on)))) {load}))"),
            "(1 2 :CLEANED 3)",
        ),
        ("(list *print-base* *load-truename*)".to_owned(), "(10 NIL)"),
    ] {
        assert_eq!(show(&mut engine, &text), expected, "{text}");
    }
    let error = engine.load_file(place.path("steps.wasm")).unwrap_err();
    assert!(error.to_string().contains("step 2"), "{error}");
    assert_eq!(show(&mut engine, "(list *print-base* *package*)"), "(10 #<PACKAGE \"COMMON-LISP-USER\">)");
}

#[test]
fn compile_file_gives_three_values_and_signals_warnings() {
    let place = Place::new();
    place.write("good.lisp", "(eval-when (:compile-toplevel) (setf *seen* *compile-file-pathname*)) (defun f () 1)");
    place.write("careless.lisp", "(defun f (x) (undefined-here x))");
    place.write("wrong.lisp", "(defun f () (car 1 2))");
    place.write("broken.lisp", "(defun f () (let ((x . 1)) x)) (defun g () 1)");
    let mut engine = place.engine();
    engine
        .eval(
            "(defvar *seen*)
             (defun try (file &rest options)
               (let ((said '()))
                 (multiple-value-bind (output warnings-p failure-p)
                     (handler-bind ((warning (lambda (w)
                                               (push (if (typep w 'style-warning) :style :warning) said)
                                               (muffle-warning w))))
                       (apply #'compile-file file options))
                   (list (and output (file-namestring output)) warnings-p failure-p (nreverse said)))))",
        )
        .unwrap();
    let directory = place.directory.path().display();
    for (call, expected) in [
        ("good.lisp\")", "(\"good.wasm\" NIL NIL NIL)"),
        ("good\" :output-file \"other.wasm\")", "(\"other.wasm\" NIL NIL NIL)"),
        ("careless.lisp\")", "(\"careless.wasm\" T NIL (:STYLE))"),
        ("wrong.lisp\")", "(\"wrong.wasm\" T T (:WARNING :WARNING))"),
        ("broken.lisp\")", "(NIL T T (:WARNING))"),
    ] {
        assert_eq!(show(&mut engine, &format!("(try \"{directory}/{call}")), expected, "{call}");
    }
    assert!(!place.path("broken.wasm").exists());
    assert_eq!(show(&mut engine, "(list (file-namestring *seen*) *compile-file-pathname*)"), "(\"good.lisp\" NIL)");
}

#[test]
fn the_package_is_what_the_file_has_made_it() {
    let place = Place::new();
    let module = place.compile(
        "packages",
        "(defpackage :one (:use :cl)) (defpackage :two (:use :cl))
         (progn (eval-when (:compile-toplevel) (find-package :one)) (in-package :one))
         (defun f () 'f)
         (eval-when (:compile-toplevel :load-toplevel :execute) (setq *package* (find-package :two)))
         (defun g () 'g)
         (in-package :one)
         (defun h () 'h)",
    );
    let mut engine = place.engine();
    engine.load_file(&module).unwrap();
    let names = "(loop for (package name) in '((:one \"F\") (:two \"G\") (:one \"H\")) collect (funcall (find-symbol name package)))";
    assert_eq!(show(&mut engine, names), "(ONE::F TWO::G ONE::H)");
}

fn refused(path: &Path, engine: &mut Engine) -> CompiledFileError {
    match engine.load_file(path).unwrap_err() {
        Error::CompiledFile { error, .. } => error,
        error => panic!("{error}"),
    }
}

#[test]
fn what_is_not_for_this_library_is_refused() {
    let place = Place::new();
    let module = place.compile("f", "(defun f () 1)");
    let octets = fs::read(&module).unwrap();
    let mut engine = place.engine();
    let section = octets.windows(11).rposition(|window| window == b"clysm.image").unwrap();
    let mut other = octets.clone();
    other[section + 12] ^= 1;
    fs::write(&module, &other).unwrap();
    assert_eq!(refused(&module, &mut engine), CompiledFileError::Version);
    fs::write(&module, &octets[..octets.len() / 2]).unwrap();
    assert_eq!(refused(&module, &mut engine), CompiledFileError::Other);
    fs::write(&module, b"\0asm\x01\0\0\0").unwrap();
    assert_eq!(refused(&module, &mut engine), CompiledFileError::Other);
    let text = format!("(handler-case (load \"{}\") (file-error () :refused))", module.display());
    assert_eq!(show(&mut engine, &text), ":REFUSED");
    fs::write(&module, &octets).unwrap();
    engine.load_file(&module).unwrap();
}

#[test]
fn errors_have_the_names_of_functions() {
    let place = Place::new();
    let module = place.compile("deep", "(defun inner (x) (1+ (car x))) (defun outer (x) (list (inner x)))");
    let mut engine = place.engine();
    engine.load_file(&module).unwrap();
    let Error::Lisp(report) = engine.call("outer", &[1.into()]).unwrap_err() else { panic!("no report") };
    let names: Vec<_> = report.frames.iter().filter_map(|frame| frame.function.clone()).collect();
    assert!(names.contains(&"INNER".to_owned()) && names.contains(&"OUTER".to_owned()), "{names:?}");
}

#[test]
fn a_file_has_symbols_of_so_many_packages() {
    let place = Place::new();
    let file = |count: usize| {
        let packages: String = (0..count).map(|n| format!("(defpackage :p{n} (:use))")).collect();
        let symbols: String = (0..count).map(|n| format!(" p{n}::s")).collect();
        format!("{packages} (defvar cl-user::*all* '({symbols}))")
    };
    let module = place.compile("many", &file(200));
    let mut engine = place.engine();
    engine.load_file(module).unwrap();
    assert_eq!(
        show(&mut engine, "(list (length *all*) (package-name (symbol-package (nth 150 *all*))))"),
        "(200 \"P150\")"
    );
    let CompiledFile { octets, .. } = match place.engine().compile_file(place.write("more.lisp", &file(300))) {
        Err(Error::Link(error)) => {
            assert_eq!(error.to_string(), "not yet supported: more than 254 packages in a module");
            return;
        }
        other => other.unwrap(),
    };
    panic!("{:?} octets", octets.map(|octets| octets.len()));
}
