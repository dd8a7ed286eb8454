//! Functions of the host.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use clysm::{Caller, Engine, Error, HostError, Value};
use common::{builder, engine};

#[track_caller]
fn check(engine: &mut Engine, text: &str, expected: &str) {
    let value = engine.eval(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(engine.print(&value).unwrap(), expected, "{text}");
}

#[test]
fn closures_take_and_return_rust_types() {
    let mut engine = engine();
    let counter = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&counter);
    engine.register("host:add", |a: i64, b: i64| a + b).unwrap();
    engine.register("host:count", move || counted.fetch_add(1, Ordering::Relaxed)).unwrap();
    engine.register("host:shout", |text: String| text.to_uppercase()).unwrap();
    engine.register("host:sum", |numbers: Vec<f64>| numbers.iter().sum::<f64>()).unwrap();
    engine.register("host:first", |values: Vec<Value>| values.into_iter().next()).unwrap();
    engine.register("host:nothing", || ()).unwrap();
    engine.register("host:not", |value: bool| !value).unwrap();
    check(&mut engine, "(host:add 2 40)", "42");
    check(&mut engine, "(list (host:count) (host:count))", "(0 1)");
    assert_eq!(counter.load(Ordering::Relaxed), 2);
    check(&mut engine, "(host:shout \"λx\")", "\"ΛX\"");
    check(&mut engine, "(host:sum (list 1 1/2 0.25 0.125d0))", "1.875d0");
    check(&mut engine, "(list (host:first '(a b)) (host:first nil) (host:first #(1)))", "(A NIL 1)");
    check(&mut engine, "(list (host:nothing) (host:not nil) (host:not 0))", "(NIL T NIL)");
    check(&mut engine, "(mapcar #'host:add '(1 2) '(3 4))", "(4 6)");
    check(&mut engine, "(funcall (compile nil '(lambda (x) (host:add x x))) 4)", "8");
    assert_eq!(engine.call("host:add", &[1.into(), 2.into()]).unwrap(), 3.into());
}

#[test]
fn failures_are_conditions() {
    let mut engine = engine();
    engine.register("host:fail", |text: String| Err::<(), _>(text)).unwrap();
    engine.register("host:octet", |octet: u8| octet).unwrap();
    engine.register("host:panic", || -> i64 { panic!("at the {}", "disco") }).unwrap();
    check(
        &mut engine,
        "(handler-case (host:fail \"why ~A\") (clysm:host-error (e) (princ-to-string e)))",
        "\"why ~A\"",
    );
    check(&mut engine, "(handler-case (host:fail \"x\") (error () :error))", ":ERROR");
    check(
        &mut engine,
        "(handler-case (host:octet 256) (type-error (e) (list (type-error-datum e) (type-error-expected-type e))))",
        "(256 (INTEGER 0 255))",
    );
    check(&mut engine, "(handler-case (host:octet) (program-error () :count))", ":COUNT");
    check(&mut engine, "(handler-case (host:octet 1 2) (program-error () :count))", ":COUNT");
    check(
        &mut engine,
        "(handler-case (host:panic) (error (e) (princ-to-string e)))",
        "\"the host function panicked: at the disco\"",
    );
    let Err(Error::Located { report, .. }) = engine.eval("(host:fail \"unhandled\")") else { panic!() };
    assert!(report.text.contains("unhandled"), "{}", report.text);
    check(&mut engine, "(host:octet 255)", "255");
}

#[test]
fn names_are_checked() {
    let mut engine = engine();
    let mut refused = |name: &str| matches!(engine.register(name, || 1), Err(Error::Name { .. } | Error::Read(_)));
    assert!(refused("no-package"));
    assert!(refused("cl:car"));
    assert!(refused("host:(x)"));
    engine.eval("(defpackage mine (:use cl))").unwrap();
    engine.register("mine::internal", || 1).unwrap();
    check(&mut engine, "(mine:internal)", "1");
}

#[test]
fn functions_call_back() {
    let mut engine = engine();
    engine
        .register_with("host:twice", 1..=2, |caller, args| {
            let argument = args.get(1).cloned().unwrap_or(Value::Nil);
            let once = caller.funcall(&args[0], &[argument])?;
            caller.funcall(&args[0], &[once])
        })
        .unwrap();
    engine.register_with("host:eval", 1..=1, |caller, args| caller.eval(args[0].as_str().unwrap_or("nil"))).unwrap();
    engine
        .register_with("host:fact", 1..=1, |caller: &mut Caller<'_, '_>, args: &[Value]| {
            let n = i64::try_from(args[0].clone()).map_err(|error| error.to_string())?;
            if n == 0 {
                return Ok(1.into());
            }
            let rest = caller.call("host:fact", &[(n - 1).into()]).map_err(|error| error.to_string())?;
            caller.call("*", &[n.into(), rest]).map_err(|error| error.to_string())
        })
        .unwrap();
    engine.eval("(defvar *cleaned* nil)").unwrap();
    check(&mut engine, "(host:twice #'1+ 5)", "7");
    check(
        &mut engine,
        "(host:twice (lambda (x) (list x 'fresh-symbol)) 'other-fresh)",
        "((OTHER-FRESH FRESH-SYMBOL) FRESH-SYMBOL)",
    );
    check(&mut engine, "(host:fact 30)", "265252859812191058636308480000000");
    check(&mut engine, "(host:eval \"(defun from-host (x) (list x 'seen)) (from-host 1)\")", "(1 SEEN)");
    check(&mut engine, "(from-host 2)", "(2 SEEN)");
    check(
        &mut engine,
        "(handler-case (host:twice #'car 5) (error (e) (and (search \"5\" (princ-to-string e)) :handled)))",
        ":HANDLED",
    );
    check(&mut engine, "(defmacro m () (list 'quote (list (host:eval \"'(a b)\") (host:fact 3)))) (m)", "((A B) 6)");
    check(&mut engine, "(catch 'out (host:twice (lambda (x) (throw 'out (list :thrown x))) 5))", "(:THROWN 5)");
    check(
        &mut engine,
        "(block out (unwind-protect (host:twice (lambda (x) (return-from out x)) 6) (setq *cleaned* t)))",
        "6",
    );
    check(&mut engine, "(list *cleaned* (host:twice #'1+ 0))", "(T 2)");
    check(&mut engine, "(defvar *d* 1) (let ((*d* 2)) (list (host:eval \"(let ((*d* 3)) *d*)\") *d*))", "(3 2)");
}

#[test]
fn fatal_errors_pass_through() {
    let mut engine = builder().timeout(Duration::from_secs(1)).build().unwrap();
    engine.register_with("host:swallow", 1..=1, |caller, args| caller.funcall(&args[0], &[]).is_ok()).unwrap();
    check(&mut engine, "(host:swallow (lambda () (error \"x\")))", "NIL");
    let error = engine.eval("(host:swallow (lambda () (loop)))").unwrap_err();
    assert!(matches!(error, Error::Stopped { error: HostError::Timeout { .. }, .. }), "{error:?}");
    check(&mut engine, "(host:swallow (lambda () 1))", "T");
    assert!(matches!(engine.eval("(host:swallow (lambda () (clysm:exit 3)))"), Err(Error::Host(HostError::Exit(3)))));
    check(&mut engine, "(host:swallow (lambda () 1))", "T");
}
