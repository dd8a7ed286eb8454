//! Dynamic modules and the image they are linked to.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use clysm_host::{Capabilities, HostError, Instance, Session};
use support::{compile, engine, session};

const IMAGE: &str = r#"
    (func (export "decode-literals") (param $o (ref $u8)) (result (ref $vector))
        (local $v (ref $vector)) (local $i i32)
        (local.set $v (array.new $vector (ref.i31 (i32.const 0)) (array.len (local.get $o))))
        (block $done
            (loop $next
                (br_if $done (i32.ge_u (local.get $i) (array.len (local.get $o))))
                (array.set $vector (local.get $v) (local.get $i)
                    (ref.i31 (array.get_u $u8 (local.get $o) (local.get $i))))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $next)))
        (local.get $v))
    (func (export "base") (result i32) (i32.const 100))
    (table (export "functions") 4 funcref)
    (global (export "counter") (mut i32) (i32.const 0))
    (tag (export "unwind") (param (ref eq)))
    (func (export "counter-value") (result i32) (global.get 0))"#;

fn world() -> (clysm_host::Engine, Session, Instance) {
    let engine = engine();
    let mut session = session(&engine, Capabilities::new());
    let image = session.load(&compile(&engine, IMAGE)).unwrap();
    (engine, session, image)
}

#[test]
fn literals_functions_tables_globals_and_tags_link() {
    let (engine, mut session, image) = world();
    let module = compile(
        &engine,
        r#"(import "image" "literals" (global $l (ref $vector)))
           (import "image" "base" (func $base (result i32)))
           (import "image" "functions" (table $t 4 funcref))
           (import "image" "counter" (global $counter (mut i32)))
           (import "image" "unwind" (tag $unwind (param (ref eq))))
           (import "clysm:io" "flush" (func (param i32) (result i32)))
           (func $third (export "third") (result i32)
               (i31.get_s (ref.cast (ref i31) (array.get $vector (global.get $l) (i32.const 2)))))
           (elem declare func $third)
           (func (export "init")
               (table.set $t (i32.const 1) (ref.func $third))
               (global.set $counter (i32.add (call $base) (call $third))))"#,
    );
    let linked = session.load_linked(&module, image, &[1, 2, 30]).unwrap();
    assert_eq!(session.call_i32(linked, "third", &[]).unwrap(), 30);
    assert_eq!(session.call_i32(image, "counter-value", &[]).unwrap(), 130, "init has run");
    let again = session.load_linked(&module, image, &[1, 2, 50]).unwrap();
    assert_eq!(session.call_i32(again, "third", &[]).unwrap(), 50, "each instance has literals of its own");
    assert_eq!(session.call_i32(linked, "third", &[]).unwrap(), 30);
}

#[test]
fn later_definitions_win() {
    let (engine, mut session, image) = world();
    let define = |value: i32| compile(&engine, &format!(r#"(func (export "f") (result i32) (i32.const {value}))"#));
    let call = compile(
        &engine,
        r#"(import "image" "f" (func $f (result i32))) (func (export "call") (result i32) (call $f))"#,
    );
    let missing = session.load_linked(&call, image, &[]);
    assert!(matches!(missing, Err(HostError::MissingImport { module, name }) if module == "image" && name == "f"));
    session.load_linked(&define(1), image, &[]).unwrap();
    let first = session.load_linked(&call, image, &[]).unwrap();
    session.load_linked(&define(2), image, &[]).unwrap();
    let second = session.load_linked(&call, image, &[]).unwrap();
    assert_eq!(session.call_i32(first, "call", &[]).unwrap(), 1);
    assert_eq!(session.call_i32(second, "call", &[]).unwrap(), 2);
    session.load_linked(&compile(&engine, r#"(func (export "base") (result i32) (i32.const 7))"#), image, &[]).unwrap();
    let third = compile(
        &engine,
        r#"(import "image" "base" (func $f (result i32))) (func (export "call") (result i32) (call $f))"#,
    );
    let third = session.load_linked(&third, image, &[]).unwrap();
    assert_eq!(session.call_i32(third, "call", &[]).unwrap(), 7, "before what the image exports");
}

#[test]
fn failures_of_init_are_errors_and_the_image_goes_on() {
    let (engine, mut session, image) = world();
    let module =
        compile(&engine, r#"(func (export "init") unreachable) (func (export "g") (result i32) (i32.const 3))"#);
    assert!(matches!(session.load_linked(&module, image, &[]), Err(HostError::Trap { .. })));
    let user =
        compile(&engine, r#"(import "image" "g" (func $g (result i32))) (func (export "h") (result i32) (call $g))"#);
    let user = session.load_linked(&user, image, &[]).unwrap();
    assert_eq!(session.call_i32(user, "h", &[]).unwrap(), 3);
}

#[test]
fn many_modules_can_be_linked() {
    let (engine, mut session, image) = world();
    let module = compile(
        &engine,
        r#"(import "image" "literals" (global (ref $vector)))
           (import "image" "base" (func (result i32)))
           (func (export "f") (result i32) (call 0))"#,
    );
    for _ in 0..12_000 {
        session.load_linked(&module, image, &[1, 2, 3]).unwrap();
    }
}

#[test]
fn linking_needs_the_right_types() {
    let (engine, mut session, image) = world();
    let wrong_literals = compile(&engine, r#"(import "image" "literals" (global i32))"#);
    assert!(session.load_linked(&wrong_literals, image, &[]).is_err());
    let function = compile(&engine, r#"(import "image" "literals" (func))"#);
    assert!(matches!(session.load_linked(&function, image, &[]), Err(HostError::ExportType { .. })));
    let wrong_type = compile(&engine, r#"(import "image" "base" (func (result i64)))"#);
    assert!(matches!(session.load_linked(&wrong_type, image, &[]), Err(HostError::Engine(_))));
    let alone = compile(&engine, r#"(import "image" "literals" (global (ref $vector)))"#);
    assert!(matches!(session.load(&alone), Err(HostError::MissingImport { .. })));
    let no_decoder = session.load(&compile(&engine, "")).unwrap();
    assert!(matches!(session.load_linked(&alone, no_decoder, &[]), Err(HostError::NoExport { .. })));
}
