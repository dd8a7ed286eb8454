//! Evaluating, loading and calling; and that an engine goes on after whatever happens.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::fs;
use std::thread;
use std::time::Duration;

use clysm::{Engine, Error, HostError, Input, Output, Value};
use common::{builder, engine, engine_with_output, written};

/// The values of a text, printed.
#[track_caller]
fn check(engine: &mut Engine, text: &str, expected: &str) {
    let values = engine.eval_values(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let printed: Vec<String> = values.iter().flatten().map(|value| engine.print(value).unwrap()).collect();
    assert_eq!(printed.join(" "), expected, "{text}");
}

#[test]
fn values_of_each_kind_come_out_and_go_in() {
    let mut engine = engine();
    let texts = [
        "NIL",
        "T",
        "1",
        "-123456789012345678901234567890",
        "1/3",
        "1.5",
        "1.5d0",
        "#C(1 2)",
        "#\\a",
        "\"a\\\"b\"",
        ":K",
        "FOO",
        "(1 2 3)",
        "(1 . 2)",
        "(A (B) . C)",
        "#(1 #(2))",
        "#*101",
        "CAR",
    ];
    for text in texts {
        let value = engine.eval(&format!("'{text}")).unwrap();
        assert_eq!(value.to_string(), text);
        assert_eq!(engine.print(&value).unwrap(), text);
        assert_eq!(engine.call("identity", std::slice::from_ref(&value)).unwrap(), value);
        assert_eq!(engine.call("equalp", &[value.clone(), value]).unwrap(), true.into());
    }
    let octets = engine.eval("(make-array 3 :element-type '(unsigned-byte 8) :initial-element 255)").unwrap();
    assert_eq!(octets, Value::Octets(vec![255; 3]));
    assert_eq!(engine.call("type-of", &[octets]).unwrap().to_string(), "(SIMPLE-ARRAY (UNSIGNED-BYTE 8) (3))");
    for (ty, elements) in [
        ("(UNSIGNED-BYTE 16)", "0 258 65535"),
        ("(UNSIGNED-BYTE 32)", "0 16909060 4294967295"),
        ("(SIGNED-BYTE 32)", "-2147483648 -1 2147483647"),
        ("SINGLE-FLOAT", "-1.5 0.1 1.0e30"),
        ("DOUBLE-FLOAT", "-1.5d0 0.1d0 1.0d300"),
    ] {
        let text = format!("(make-array 3 :element-type '{ty} :initial-contents '({elements}))");
        let numbers = engine.eval(&text).unwrap();
        assert!(matches!(numbers, Value::Numbers(_)), "{numbers:?}");
        assert_eq!(numbers.to_string(), format!("#({elements})"));
        let ty = format!("(SIMPLE-ARRAY {ty} (3))");
        assert_eq!(engine.call("type-of", std::slice::from_ref(&numbers)).unwrap().to_string(), ty);
        assert_eq!(engine.call("identity", std::slice::from_ref(&numbers)).unwrap(), numbers);
    }
}

#[test]
fn objects_without_syntax_stay_in_the_image() {
    let mut engine = engine();
    let table = engine.eval("(make-hash-table)").unwrap();
    assert!(matches!(table, Value::Object(_)));
    engine.eval("(defun put (table key value) (setf (gethash key table) value))").unwrap();
    engine.call("put", &[table.clone(), 1.into(), "one".into()]).unwrap();
    assert_eq!(engine.call_values("gethash", &[1.into(), table]).unwrap(), ["one".into(), true.into()]);
    let adder = engine.eval("(let ((n 10)) (lambda (x) (incf n x)))").unwrap();
    assert_eq!(engine.funcall(&adder, &[5.into()]).unwrap(), 15.into());
    assert_eq!(engine.funcall(&adder, &[5.into()]).unwrap(), 20.into());
    assert!(matches!(engine.funcall(&1.into(), &[]), Err(Error::Lisp(_))));
}

#[test]
fn values_too_deep_are_refused() {
    let mut engine = engine();
    let text = "(let ((x nil)) (dotimes (i 100000 x) (setq x (list x))))";
    assert!(matches!(engine.eval(text), Err(Error::TooDeep { .. })));
    check(&mut engine, "1", "1");
}

#[test]
fn functions_are_called_by_any_name_the_reader_reads() {
    let mut engine = engine();
    engine
        .eval("(defpackage geo (:use cl) (:export area)) (defun geo:area (r) (* r r)) (defun geo::|odd name| () 1)")
        .unwrap();
    assert_eq!(engine.call("geo:area", &[3.into()]).unwrap(), 9.into());
    assert_eq!(engine.call("GEO::AREA", &[3.into()]).unwrap(), 9.into());
    assert_eq!(engine.call("geo::|odd name|", &[]).unwrap(), 1.into());
    assert!(matches!(engine.call("nowhere:area", &[]), Err(Error::Read(_))));
    assert!(matches!(engine.call("(setf car)", &[]), Err(Error::Name { .. })));
    assert!(matches!(engine.call("undefined", &[]), Err(Error::Lisp(_))));
    assert!(matches!(engine.call("car", &[]), Err(Error::Lisp(_))));
}

#[test]
fn whatever_precedes_an_error_has_happened() {
    let mut engine = engine();
    for text in
        ["(car 1)", "(", ")", "#<x>", "(let ((x)) . 1)", "(if)", "#.(error \"x\")", "(nowhere:f)", "(undefined)"]
    {
        engine.eval("(defparameter *seen* '())").unwrap();
        engine.eval(&format!("(push 1 *seen*) (defun defined () '{{}}) (push 2 *seen*) {text}")).unwrap_err();
        check(&mut engine, "*seen*", "(2 1)");
        engine.eval(&format!("(defun only-defined () :there) {text}")).unwrap_err();
        check(&mut engine, "(only-defined) (fmakunbound 'only-defined)", ":THERE ONLY-DEFINED");
    }
}

#[test]
fn errors_have_places() {
    let mut engine = engine();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("broken.lisp");
    fs::write(&file, "(defun f (x)\n  (list (car x)))\n\n(f 1)\n").unwrap();
    let error = engine.load_file(&file).unwrap_err();
    let place = engine.sources().location(error.diagnostic().span()).unwrap();
    assert_eq!(place, format!("{}:2:9", file.display()));
    fs::write(&file, "(list 1)\n(list").unwrap();
    let error = engine.load_file(&file).unwrap_err();
    assert!(matches!(error, Error::Read(_)));
    let place = engine.sources().location(error.diagnostic().span()).unwrap();
    assert!(place.starts_with(&format!("{}:2:", file.display())), "{place}");
    assert!(matches!(engine.load_file(directory.path().join("none.lisp")), Err(Error::File { .. })));
    fs::write(&file, b"\"\xff\"").unwrap();
    assert!(matches!(engine.load_file(&file), Err(Error::NotUtf8 { octet: 0xff, .. })));
}

#[test]
fn load_binds_what_the_standard_says() {
    let mut engine = engine();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a [b].lisp");
    fs::write(
        &file,
        "(defparameter cl-user::*found* (list (pathname-name *load-truename*) (pathname-type *load-pathname*)))
         (defpackage elsewhere (:use cl))
         (in-package elsewhere)
         (setq *readtable* (copy-readtable))
         (set-macro-character #\\! (lambda (stream char) (declare (ignore stream char)) :bang))
         (defparameter cl-user::*bang* '(!))",
    )
    .unwrap();
    engine.load_file(&file).unwrap();
    check(&mut engine, "*found* *bang* (package-name *package*)", r#"("a [b]" "lisp") (:BANG) "COMMON-LISP-USER""#);
    check(&mut engine, "*load-pathname* *load-truename* '!", "NIL NIL !");
    fs::write(&file, "(in-package elsewhere) (car 1)").unwrap();
    engine.load_file(&file).unwrap_err();
    check(&mut engine, "(package-name *package*) *load-pathname*", "\"COMMON-LISP-USER\" NIL");
}

#[test]
fn the_engine_goes_on_after_limits_and_traps() {
    let mut engine = builder().timeout(Duration::from_secs(2)).build().unwrap();
    engine.eval("(defvar *dynamic* :outer) (defun deep (n) (1+ (deep n)))").unwrap();
    type Expected = fn(&Error) -> bool;
    let cases: [(&str, Expected); 3] = [
        ("(let ((*dynamic* :inner)) (loop))", |error| {
            matches!(error, Error::Stopped { error: HostError::Timeout { .. }, .. })
        }),
        ("(let ((*dynamic* :inner)) (deep 0))", |error| {
            matches!(error, Error::Stopped { error: HostError::StackExhausted { .. }, .. })
        }),
        ("(let ((*dynamic* :inner)) (throw 'nowhere *dynamic*))", |error| matches!(error, Error::Located { .. })),
    ];
    for round in 0..2 {
        for (text, expected) in &cases {
            let error = engine.eval(text).unwrap_err();
            assert!(expected(&error), "{text}: {error:?}");
            check(&mut engine, "*dynamic* (list 'fresh 1)", ":OUTER (FRESH 1)");
            engine.eval(&format!("(defun in-round () {round})")).unwrap();
            check(&mut engine, "(in-round)", &round.to_string());
        }
    }
}

#[test]
fn the_engine_goes_on_with_a_full_heap() {
    let mut engine = builder().memory(300 << 20).build().unwrap();
    for _ in 0..2 {
        let error = engine.eval("(let ((kept '())) (loop (push (make-array 100000) kept)))").unwrap_err();
        assert!(matches!(error, Error::Stopped { error: HostError::HeapExhausted { .. }, .. }), "{error:?}");
        check(&mut engine, "(length (make-array 100000))", "100000");
    }
}

#[test]
fn symbols_survive_timeouts_at_any_moment() {
    let mut engine = engine();
    engine
        .eval("(defun fresh (n) (loop for i below n collect (intern (format nil \"S~D\" (random 1000000000)))))")
        .unwrap();
    let handle = engine.interrupt_handle();
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stopped = std::sync::Arc::clone(&stop);
    let thread = thread::spawn(move || {
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(3));
            handle.interrupt();
        }
    });
    let mut interrupted = 0;
    for _ in 0..300 {
        match engine.call("fresh", &[300.into()]) {
            Ok(_) | Err(Error::Host(HostError::Interrupted { .. }) | Error::Stopped { .. }) => interrupted += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert!(interrupted > 0);
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    thread.join().unwrap();
    // One interrupt may still wait.
    let _ = engine.eval("1");
    let symbols = engine.call("fresh", &[300.into()]).unwrap();
    assert!(matches!(engine.call("fresh-p", std::slice::from_ref(&symbols)), Err(Error::Lisp(_))));
    engine.eval("(defun fresh-p (list) (every (lambda (s) (eq s (find-symbol (symbol-name s)))) list))").unwrap();
    assert_eq!(engine.call("fresh-p", &[symbols]).unwrap(), true.into());
}

#[test]
fn limits_hold_for_each_call() {
    let mut engine = builder().timeout(Duration::from_secs(1)).build().unwrap();
    let spin = "(let ((end (+ (get-internal-real-time) (floor internal-time-units-per-second 3))))
                  (loop while (< (get-internal-real-time) end)))";
    for _ in 0..4 {
        engine.eval(spin).unwrap();
    }
}

#[test]
fn programs_that_end_say_so() {
    let mut engine = engine();
    assert!(matches!(engine.eval("(clysm:exit 7)"), Err(Error::Host(HostError::Exit(7)))));
    check(&mut engine, "1", "1");
}

#[test]
fn engines_run_on_threads_with_small_stacks() {
    let thread = thread::Builder::new().stack_size(256 << 10);
    let depth = thread
        .spawn(|| {
            let mut engine = engine();
            engine.eval("(defun depth (n) (if (= n 0) 0 (1+ (depth (1- n)))))").unwrap();
            engine.call("depth", &[100_000.into()]).unwrap()
        })
        .unwrap()
        .join()
        .unwrap();
    assert_eq!(depth, 100_000.into());
}

#[test]
fn streams_and_arguments_are_those_of_the_builder() {
    let (mut engine, output) = engine_with_output();
    engine.eval("(format t \"~A~%\" :hello) (write-string \"partial\")").unwrap();
    assert_eq!(written(&output), "HELLO\npartial");
    let mut engine = builder()
        .input(Input::Octets(b"one\ntwo\n".to_vec()))
        .error_output(Output::Discard)
        .args(vec!["program".to_owned(), "λ".to_owned()])
        .variable("HOME", "/nowhere")
        .build()
        .unwrap();
    check(&mut engine, "(list (read-line) (read-line) (read-line nil nil))", r#"("one" "two" NIL)"#);
    check(
        &mut engine,
        "(clysm:argv) (clysm:getenv \"HOME\") (clysm:getenv \"PATH\")",
        r#"("program" "λ") "/nowhere" NIL"#,
    );
}

#[test]
fn an_unusable_cache_only_costs_time() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "kept").unwrap();
    // Loading from a damaged cache and saving to an impossible place are both noticed before the library is built again.
    engine();
    let healthy = std::env::var_os("CLYSM_CACHE_DIR").unwrap();
    for entry in fs::read_dir(healthy).unwrap() {
        let path = entry.unwrap().path();
        let copy = directory.path().join(path.file_name().unwrap());
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("code") => fs::write(copy, "damaged").unwrap(),
            Some("wasm" | "meta") => drop(fs::copy(&path, copy).unwrap()),
            _ => {}
        }
    }
    let mut engine = builder().cache_directory(Some(directory.path().to_path_buf())).build().unwrap();
    check(&mut engine, "(+ 1 2)", "3");
    assert_eq!(fs::read(&file).unwrap(), b"kept");
}

#[test]
fn forms_evaluated_and_forms_compiled_are_alike() {
    let mut engine = engine();
    engine
        .eval("(defvar *v* 5) (defun twice (x) (* 2 x)) (define-symbol-macro sm *v*) (defmacro m (x) `(quote ,x))")
        .unwrap();
    check(
        &mut engine,
        "*v* sm :k nil '(a b) #'car (twice 4) (twice *v*) (twice sm) (m (1)) (list 'x \"y\" #'twice)",
        "5 5 :K NIL (A B) #<FUNCTION CAR> 8 10 10 (1) (X \"y\" #<FUNCTION TWICE>)",
    );
    check(&mut engine, "(floor 7 2) (values) (values 1 2)", "3 1 1 2");
    for text in ["(car 'x)", "(list (car 'x))"] {
        let error = engine.eval(&format!("\n  {text}")).unwrap_err();
        assert!(engine.sources().location(error.diagnostic().span()).unwrap().starts_with("<eval>:2:"), "{error:?}");
    }
    // What the compiler has to say of a form is said: the list's element is no list.
    assert_eq!(engine.diagnostics().len(), 1);
    engine.eval("(list undefined-variable)").unwrap_err();
    assert_eq!(engine.diagnostics().len(), 1);
}
