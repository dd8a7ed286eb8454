//! Calls, traps, limits: whatever happens is data, and the session goes on.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::thread;
use std::time::{Duration, Instant};

use clysm_host::{
    Capabilities, Engine, EngineOptions, HostError, Limits, Output, OutputBuffer, Session, TrapKind, on_big_stack,
};
use support::{compile, engine, engine_for, session};

#[test]
fn octets_go_in_and_out() {
    let engine = engine();
    let module = compile(
        &engine,
        r#"(func $same (export "same") (param (ref $u8)) (result (ref $u8)) (local.get 0))
           (func $null (export "null") (param (ref $u8)) (result (ref null $u8)) (ref.null $u8))
           (func $number (export "number") (param (ref $u8)) (result (ref eq)) (ref.i31 (i32.const 1)))
           (func $add (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
           (global (export "global") i32 (i32.const 0))"#,
    );
    let mut session = session(&engine, Capabilities::new());
    let instance = session.load(&module).unwrap();
    for octets in [&b""[..], b"a", &[0, 255, 128]] {
        assert_eq!(session.call_octets(instance, "same", octets).unwrap(), octets);
    }
    assert_eq!(session.call_i32(instance, "add", &[2, -3]).unwrap(), -1);
    let wrong = |result: Result<_, HostError>| matches!(result, Err(HostError::ExportType { .. }));
    assert!(wrong(session.call_octets(instance, "null", b"").map(drop)));
    assert!(wrong(session.call_octets(instance, "number", b"").map(drop)));
    assert!(wrong(session.call_octets(instance, "add", b"").map(drop)));
    assert!(wrong(session.call_octets(instance, "global", b"").map(drop)));
    assert!(wrong(session.call_i32(instance, "same", &[]).map(drop)));
    assert!(wrong(session.call_i32(instance, "add", &[1]).map(drop)));
    assert!(wrong(session.call_unit(instance, "add")));
    assert!(matches!(session.call_start(instance), Err(HostError::NoExport { name }) if name == "_start"));
}

#[test]
fn arguments_and_results_are_not_kept_alive() {
    let limits = Limits { heap_bytes: Some(1 << 20), ..Limits::default() };
    let engine = engine_for(&limits);
    let module = compile(&engine, r#"(func $same (export "same") (param (ref $u8)) (result (ref $u8)) (local.get 0))"#);
    let mut session = Session::new(&engine, Capabilities::new(), limits).unwrap();
    let instance = session.load(&module).unwrap();
    let octets = vec![7; 10_000];
    for _ in 0..1_000 {
        assert_eq!(session.call_octets(instance, "same", &octets).unwrap().len(), octets.len());
    }
    assert_eq!(session.heap_bytes(), 1 << 20);
}

#[test]
fn instances_belong_to_their_session() {
    let (first, second) = (engine(), engine());
    let module = compile(&first, r#"(func $_start (export "_start"))"#);
    let mut owner = session(&first, Capabilities::new());
    let instance = owner.load(&module).unwrap();
    let mut other = session(&first, Capabilities::new());
    other.load(&module).unwrap();
    assert!(matches!(other.call_start(instance), Err(HostError::Engine(_))));
    assert!(matches!(session(&second, Capabilities::new()).load(&module), Err(HostError::Engine(_))));
}

#[test]
fn traps_tell_kind_and_frames() {
    let engine = engine();
    let module = compile(
        &engine,
        r#"(func $inner (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
           (func $outer (export "divide") (param i32) (result i32) (i32.add (i32.const 1) (call $inner (local.get 0))))
           (func $cast (export "cast") (result i32) (i31.get_s (ref.cast (ref i31) (struct.new_default $cell))))
           (func $index (export "index") (result i32) (array.get_u $u8 (array.new_default $u8 (i32.const 2)) (i32.const 2)))
           (type $cell (struct))"#,
    );
    let mut session = session(&engine, Capabilities::new());
    let instance = session.load(&module).unwrap();
    let error = session.call_i32(instance, "divide", &[0]).unwrap_err();
    let HostError::Trap { kind: TrapKind::DivisionByZero, message, frames } = &error else { panic!("{error:?}") };
    assert_eq!(message, "integer divide by zero");
    let names: Vec<_> = frames.iter().map(|frame| frame.function.as_deref().unwrap()).collect();
    assert_eq!(names, ["inner", "outer"]);
    assert_eq!(frames[0].module, Some(module.id()));
    assert_eq!(frames[0].function_index, 0);
    assert!(frames[0].module_offset.unwrap() > frames[0].function_offset.unwrap());
    assert_eq!(session.call_i32(instance, "divide", &[1]).unwrap(), 2, "the session goes on");
    let mut kind = |export| match session.call_i32(instance, export, &[]) {
        Err(HostError::Trap { kind, .. }) => kind,
        other => panic!("{other:?}"),
    };
    assert_eq!(kind("cast"), TrapKind::CastFailure);
    assert_eq!(kind("index"), TrapKind::ArrayOutOfBounds);
}

const RECURSION: &str = r#"(func $deep (export "deep") (param i32) (result i32)
    (if (result i32) (local.get 0)
        (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1)))))
        (else (i32.const 0))))"#;

#[test]
fn runaway_recursion_ends_and_the_session_goes_on() {
    let limits = Limits { stack_bytes: Some(32 << 20), ..Limits::default() };
    let engine =
        Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, ..EngineOptions::for_limits(&limits) }).unwrap();
    let module = compile(&engine, RECURSION);
    let mut session = Session::new(&engine, Capabilities::new(), limits).unwrap();
    let instance = session.load(&module).unwrap();
    for _ in 0..3 {
        let error = session.call_i32(instance, "deep", &[-1]).unwrap_err();
        assert!(matches!(error, HostError::StackExhausted { .. }), "{error:?}");
        assert_eq!(error.frames().len(), 128);
        assert_eq!(session.call_i32(instance, "deep", &[100_000]).unwrap(), 100_000);
    }
}

/// The address of something on the stack.
fn stack_address() -> usize {
    let local = 0_u8;
    std::hint::black_box(&raw const local) as usize
}

#[test]
fn big_stacks_return_values_and_panics_and_are_made_once() {
    let thread = thread::current().id();
    let nested = || on_big_stack(32 << 20, || (thread::current().id(), stack_address()));
    let ((inner, address), outer) = on_big_stack(32 << 20, || (nested(), stack_address()));
    assert_eq!(inner, thread);
    assert!(outer.abs_diff(address) < 1 << 20, "the same stack");
    assert!(outer.abs_diff(stack_address()) > 1 << 20, "another stack");
    let panic = std::panic::catch_unwind(|| on_big_stack(32 << 20, || std::panic::resume_unwind(Box::new(7))));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&7));
}

/// Conses without end: kept, or dropped.
const ALLOCATION: &str = r#"(global $kept (mut (ref eq)) (ref.i31 (i32.const 0)))
    (func $keep (export "keep") (param $n i32) (result i32)
        (loop $again
            (global.set $kept (struct.new $cons (global.get $kept) (global.get $kept) (i32.const 0)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.const 1))
    (func $drop (export "drop") (param $n i32) (result i32)
        (global.set $kept (ref.i31 (i32.const 0)))
        (loop $again
            (drop (struct.new $cons (global.get $kept) (global.get $kept) (i32.const 0)))
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (i32.const 2))
    (func $huge (export "huge") (param i32) (result i32) (array.len (array.new_default $u8 (local.get 0))))"#;

#[test]
fn heap_exhaustion_ends_and_the_session_goes_on() {
    let limits = Limits { heap_bytes: Some(8 << 20), ..Limits::default() };
    let engine = engine_for(&limits);
    let module = compile(&engine, ALLOCATION);
    let mut session = Session::new(&engine, Capabilities::new(), limits).unwrap();
    let instance = session.load(&module).unwrap();
    for _ in 0..3 {
        let error = session.call_i32(instance, "keep", &[10_000_000]).unwrap_err();
        assert!(matches!(error, HostError::HeapExhausted { .. }), "{error:?}");
        assert_eq!(error.frames()[0].function.as_deref(), Some("keep"));
        assert_eq!(session.call_i32(instance, "drop", &[1_000_000]).unwrap(), 2);
    }
    for size in [i32::MAX, -1, 9 << 20] {
        let error = session.call_i32(instance, "huge", &[size]).unwrap_err();
        assert!(matches!(error, HostError::HeapExhausted { .. }), "{error:?}");
    }
    assert_eq!(session.call_i32(instance, "huge", &[1 << 20]).unwrap(), 1 << 20);
    assert!(session.heap_bytes() <= 8 << 20);
    session.run(|guest| guest.collect()).unwrap();
}

const LOOP: &str = r#"(func $forever (export "forever") (loop $again (br $again)))
    (func $count (export "count") (param $n i32) (result i32)
        (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $n))"#;

#[test]
fn endless_loops_end_in_time() {
    let limits = Limits { time: Some(Duration::from_millis(50)), ..Limits::default() };
    let engine = engine_for(&limits);
    let module = compile(&engine, LOOP);
    let mut session = Session::new(&engine, Capabilities::new(), limits).unwrap();
    let instance = session.load(&module).unwrap();
    let begin = Instant::now();
    let error = session.call_unit(instance, "forever").unwrap_err();
    assert!(matches!(error, HostError::Timeout { limit, .. } if limit == Duration::from_millis(50)), "{error:?}");
    assert_eq!(error.frames()[0].function.as_deref(), Some("forever"));
    assert!(begin.elapsed() >= Duration::from_millis(40));
    assert!(session.call_unit(instance, "forever").is_err(), "the budget is used up");
    session.restart_budget().unwrap();
    assert_eq!(session.call_i32(instance, "count", &[1000]).unwrap(), 0);
}

#[test]
fn sessions_without_a_deadline_do_not_mind_those_of_others() {
    let limits = Limits { time: Some(Duration::from_millis(20)), ..Limits::default() };
    let engine = engine_for(&limits);
    let module = compile(&engine, LOOP);
    let mut limited = Session::new(&engine, Capabilities::new(), limits).unwrap();
    let mut free = session(&engine, Capabilities::new());
    let instance = free.load(&module).unwrap();
    thread::sleep(Duration::from_millis(40));
    assert_eq!(free.call_i32(instance, "count", &[100_000_000]).unwrap(), 0);
    let instance = limited.load(&module).unwrap();
    assert!(matches!(limited.call_unit(instance, "forever"), Err(HostError::Timeout { .. })));
}

#[test]
fn running_code_can_be_interrupted() {
    let engine = engine();
    let module = compile(&engine, LOOP);
    let mut session = session(&engine, Capabilities::new());
    let instance = session.load(&module).unwrap();
    let handle = session.interrupt_handle();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(20));
            handle.interrupt();
        });
        assert!(matches!(session.call_unit(instance, "forever"), Err(HostError::Interrupted { .. })));
    });
    assert_eq!(session.call_i32(instance, "count", &[1000]).unwrap(), 0);
}

#[test]
fn fuel_is_exact_and_runs_out() {
    let limits = Limits { fuel: Some(10_000), ..Limits::default() };
    let engine = engine_for(&limits);
    let module = compile(&engine, LOOP);
    let used = || {
        let mut session = Session::new(&engine, Capabilities::new(), limits.clone()).unwrap();
        let instance = session.load(&module).unwrap();
        session.call_i32(instance, "count", &[100]).unwrap();
        let left = session.fuel_left().unwrap();
        assert!(matches!(session.call_unit(instance, "forever"), Err(HostError::OutOfFuel { .. })));
        session.restart_budget().unwrap();
        session.call_i32(instance, "count", &[100]).unwrap();
        left
    };
    assert_eq!(used(), used());
    let mut free = Session::new(&engine, Capabilities::new(), Limits::default()).unwrap();
    let instance = free.load(&module).unwrap();
    assert_eq!(free.call_i32(instance, "count", &[100_000]).unwrap(), 0);
    assert_eq!(free.fuel_left(), None);
}

#[test]
fn limits_must_fit_the_engine() {
    let engine = engine();
    for limits in [
        Limits { fuel: Some(1), ..Limits::default() },
        Limits { heap_bytes: Some(1000), ..Limits::default() },
        Limits { stack_bytes: Some(1000), ..Limits::default() },
    ] {
        assert!(matches!(Session::new(&engine, Capabilities::new(), limits), Err(HostError::Limits(_))));
    }
}

#[test]
fn tables_are_limited() {
    let limits = Limits { table_elements: Some(100), ..Limits::default() };
    let engine = engine_for(&limits);
    let module = compile(
        &engine,
        r#"(table $t 10 funcref)
           (func $grow (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (local.get 0)))"#,
    );
    let mut session = Session::new(&engine, Capabilities::new(), limits).unwrap();
    let instance = session.load(&module).unwrap();
    assert_eq!(session.call_i32(instance, "grow", &[90]).unwrap(), 10);
    assert_eq!(session.call_i32(instance, "grow", &[1]).unwrap(), -1);
}

#[test]
fn throws_and_exits_and_reports() {
    let engine = engine();
    let module = compile(
        &engine,
        r#"(import "clysm:sys" "exit" (func $end (param i32) (result i32)))
           (import "clysm:sys" "report-error" (func $report (param (ref null array) i32) (result i32)))
           (import "clysm:sys" "collect" (func $gc (result i32)))
           (import "clysm:io" "write-char" (func $write-char (param i32 i32) (result i32)))
           (tag $t (param (ref eq)))
           (func $throw (export "throw") (throw $t (ref.i31 (i32.const 1))))
           (func $exit (export "exit") (param i32) (result i32)
               (drop (call $write-char (i32.const 1) (i32.const 0x21)))
               (call $end (local.get 0)))
           (func $signal (param (ref $u8)) (drop (call $report (local.get 0) (array.len (local.get 0)))))
           (func $caught (export "caught") (param (ref $u8)) (result (ref $u8)) (call $signal (local.get 0)) (local.get 0))
           (func $uncaught (export "uncaught") (param (ref $u8)) (result (ref $u8))
               (call $signal (local.get 0)) (throw $t (ref.i31 (i32.const 1))))
           (func $collect (export "collect") (result i32) (call $gc))"#,
    );
    let output = OutputBuffer::default();
    let mut session = session(&engine, Capabilities::new().output(Output::Buffer(output.clone())));
    let instance = session.load(&module).unwrap();
    for _ in 0..3 {
        assert!(matches!(session.call_unit(instance, "throw"), Err(HostError::UncaughtThrow { .. })));
    }
    assert!(matches!(session.call_i32(instance, "exit", &[3]), Err(HostError::Exit(3))));
    assert_eq!(output.take(), b"!", "what was printed before the exit is there");
    assert_eq!(session.call_i32(instance, "collect", &[]).unwrap(), 0);

    session.call_octets(instance, "caught", b"it broke").unwrap();
    let report = session.take_report().unwrap();
    assert_eq!(report.text, "it broke");
    let names: Vec<_> = report.frames.iter().map(|frame| frame.function.as_deref().unwrap()).collect();
    assert_eq!(names, ["signal", "caught"]);
    assert!(session.take_report().is_none());

    let error = session.call_octets(instance, "uncaught", "é broke".as_bytes()).unwrap_err();
    assert!(matches!(&error, HostError::Lisp(report) if report.text == "é broke"), "{error:?}");
    assert!(session.take_report().is_none());
}
