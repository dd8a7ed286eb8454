//! What programs reach through their imports, and what they don't.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clysm_dispatch::imports::{ErrorCode, IMPORTS, ImportType};
use clysm_host::{
    Access, CallError, Capabilities, Engine, HostError, Input, Instance, Limits, Output, OutputBuffer, Random, Session,
};
use support::{compile, engine, engine_for, session};

/// The import section for everything in the table; functions are named as primitives are.
fn all_imports() -> String {
    let ty = |ty| match ty {
        ImportType::I32 => "i32",
        ImportType::I64 => "i64",
        ImportType::F64 => "f64",
        ImportType::Bytes => "(ref null array)",
    };
    let import = |import: &clysm_dispatch::imports::HostImport| {
        let params: Vec<_> = import.params.iter().map(|&(_, param)| ty(param)).collect();
        format!(
            "(import \"{}\" \"{}\" (func ${} (param {}) (result {})))\n",
            import.module,
            import.name,
            import.primitive_name(),
            params.join(" "),
            ty(import.result)
        )
    };
    IMPORTS.iter().map(import).collect()
}

/// Functions over the imports: a descriptor or a path in, an i32 or octets out. `result` makes octets from what may
/// be null: then its first octet is 0 and the second the negated last error; else the first one is 1.
const PROGRAM: &str = r#"
    (func $result (param $octets (ref null array)) (result (ref $u8))
        (local $answer (ref $u8)) (local $source (ref $u8))
        (if (ref.is_null (local.get $octets))
            (then (return (array.new_fixed $u8 2
                (i32.const 0) (i32.sub (i32.const 0) (call $%io.last-error))))))
        (local.set $source (ref.cast (ref $u8) (local.get $octets)))
        (local.set $answer (array.new $u8 (i32.const 1) (i32.add (i32.const 1) (array.len (local.get $source)))))
        (array.copy $u8 $u8 (local.get $answer) (i32.const 1) (local.get $source) (i32.const 0)
            (array.len (local.get $source)))
        (local.get $answer))
    (func $code (param $code i32) (result (ref $u8)) (array.new_fixed $u8 1 (local.get $code)))
    (global $flags (mut i32) (i32.const 0))
    (func $flags (export "flags") (param i32) (result i32) (global.set $flags (local.get 0)) (i32.const 0))
    (global $fd (mut i32) (i32.const 0))
    (func $fd (export "fd") (param i32) (result i32) (global.set $fd (local.get 0)) (i32.const 0))
    (func $open (export "open") (param $p (ref $u8)) (result (ref $u8))
        (call $code (call $%fs.open (local.get $p) (array.len (local.get $p)) (global.get $flags))))
    (func $stat (export "stat") (param $p (ref $u8)) (result (ref $u8))
        (call $code (call $%fs.stat (local.get $p) (array.len (local.get $p)))))
    (func $delete (export "delete") (param $p (ref $u8)) (result (ref $u8))
        (call $code (call $%fs.delete (local.get $p) (array.len (local.get $p)))))
    (func $list (export "list") (param $p (ref $u8)) (result (ref $u8))
        (call $result (call $%fs.list (local.get $p) (array.len (local.get $p)))))
    (func $resolve (export "resolve") (param $p (ref $u8)) (result (ref $u8))
        (call $result (call $%fs.resolve (local.get $p) (array.len (local.get $p)))))
    (func $write (export "write") (param $d (ref $u8)) (result (ref $u8))
        (call $code (call $%fs.write (global.get $fd) (local.get $d) (i32.const 0) (array.len (local.get $d)))))
    (func $write-string (export "write-string") (param $d (ref $u8)) (result (ref $u8))
        (call $code (call $%io.write-string (global.get $fd) (local.get $d) (i32.const 1) (array.len (local.get $d)))))
    (func $write-null (export "write-null") (result i32)
        (call $%io.write-string (i32.const 1) (ref.null array) (i32.const 0) (i32.const 0)))
    (func $write-conses (export "write-conses") (result i32)
        (call $%io.write-string (i32.const 1) (array.new_default $vectors (i32.const 1)) (i32.const 0) (i32.const 1)))
    (type $vectors (array (ref null eq)))
    (func $write-range (export "write-range") (param i32 i32) (result i32)
        (call $%io.write-string (i32.const 1) (array.new $u8 (i32.const 65) (i32.const 3)) (local.get 0) (local.get 1)))
    (func $write-char (export "write-char") (param i32 i32) (result i32) (call $%io.write-char (local.get 0) (local.get 1)))
    (func $read-char (export "read-char") (param i32) (result i32) (call $%io.read-char (local.get 0)))
    (func $read-line (export "read-line") (param (ref $u8)) (result (ref $u8)) (call $result (call $%io.read-line (global.get $fd))))
    (func $read (export "read") (param $p (ref $u8)) (result (ref $u8))
        (call $result (call $%fs.read (global.get $fd) (array.len (local.get $p)))))
    (func $close (export "close") (param i32) (result i32) (call $%fs.close (local.get 0)))
    (func $interactive (export "interactive") (param i32) (result i32) (call $%io.interactive (local.get 0)))
    (func $size (export "size") (param i32) (result i32) (i32.wrap_i64 (call $%fs.size (local.get 0))))
    (func $position (export "position") (param i32) (result i32) (i32.wrap_i64 (call $%fs.position (local.get 0))))
    (func $seek (export "seek") (param i32 i32) (result i32)
        (i32.wrap_i64 (call $%fs.seek (local.get 0) (i64.extend_i32_s (local.get 1)))))
    (func $now (export "now") (result i32) (i32.wrap_i64 (i64.div_s (call $%clock.now) (i64.const 1000000000))))
    (func $zone (export "zone") (result i32) (call $%clock.zone))
    (func $nap (export "nap") (param i32) (result i32)
        (call $%clock.sleep (i64.mul (i64.const 1000000) (i64.extend_i32_s (local.get 0)))))
    (func $random (export "random") (result i32) (i32.wrap_i64 (call $%random.fill)))
    (func $argument-count (export "argument-count") (result i32) (call $%env.argument-count))
    (func $argument (export "argument") (param $p (ref $u8)) (result (ref $u8))
        (call $result (call $%env.argument (array.len (local.get $p)))))
    (func $variable (export "variable") (param $p (ref $u8)) (result (ref $u8))
        (call $result (call $%env.variable (local.get $p) (array.len (local.get $p)))))
    (func $compile (export "compile") (param $p (ref $u8)) (result (ref $u8)) (call $result (call $%code.compile (local.get $p))))
    (func $host (export "host") (param $p (ref $u8)) (result (ref $u8))
        (call $result (call $%host.call (array.get_u $u8 (local.get $p) (i32.const 0)) (local.get $p))))
    (func $host-error (export "host-error") (param $p (ref $u8)) (result (ref $u8)) (call $result (call $%host.error)))
    (func $same (export "same") (param (ref $u8)) (result (ref $u8)) (local.get 0))"#;

struct Program {
    session: Session,
    instance: Instance,
}

impl Program {
    fn new(capabilities: Capabilities) -> Self {
        Self::on(&engine(), capabilities.refuse_at_call(), Limits::default())
    }

    fn on(engine: &Engine, capabilities: Capabilities, limits: Limits) -> Self {
        let module = compile(engine, &format!("{}{PROGRAM}", all_imports()));
        let mut session = Session::new(engine, capabilities, limits).unwrap();
        let instance = session.load(&module).unwrap();
        Self { session, instance }
    }

    fn number(&mut self, export: &str, arguments: &[i32]) -> i32 {
        self.session.call_i32(self.instance, export, arguments).unwrap()
    }

    /// A code from a function that returns one octet.
    fn code(&mut self, export: &str, argument: impl AsRef<[u8]>) -> i32 {
        let answer = self.session.call_octets(self.instance, export, argument.as_ref()).unwrap();
        i32::from(answer[0].cast_signed())
    }

    /// Octets, or the code of the last error.
    fn octets(&mut self, export: &str, argument: impl AsRef<[u8]>) -> Result<Vec<u8>, i32> {
        let answer = self.session.call_octets(self.instance, export, argument.as_ref()).unwrap();
        match &*answer {
            [0, error] => Err(-i32::from(*error)),
            [_, octets @ ..] => Ok(octets.to_vec()),
            [] => panic!("no answer"),
        }
    }
}

#[test]
fn text_goes_through_the_standard_streams() {
    let (output, error) = (OutputBuffer::default(), OutputBuffer::default());
    let input = "aλ\nline é\nlast".as_bytes().to_vec();
    let mut program = Program::new(
        Capabilities::new()
            .input(Input::Octets([&input[..], b"\n\xff\n"].concat()))
            .output(Output::Buffer(output.clone()))
            .error(Output::Buffer(error.clone())),
    );
    assert_eq!(program.number("read-char", &[0]), 'a' as i32);
    assert_eq!(program.number("read-char", &[0]), 'λ' as i32);
    assert_eq!(program.octets("read-line", ""), Ok(b"\n".to_vec()));
    assert_eq!(program.octets("read-line", ""), Ok("line é\n".as_bytes().to_vec()));
    assert_eq!(program.octets("read-line", ""), Ok(b"last\n".to_vec()));
    assert_eq!(program.octets("read-line", ""), Err(ErrorCode::InvalidUtf8.code()));
    assert_eq!(program.octets("read-line", ""), Ok(Vec::new()), "the end of the file");
    assert_eq!(program.number("read-char", &[0]), ErrorCode::EndOfFile.code());

    assert_eq!(program.number("write-char", &[1, 'é' as i32]), 0);
    assert_eq!(program.number("write-char", &[2, '!' as i32]), 0);
    program.number("fd", &[1]);
    assert_eq!(program.code("write-string", "_text"), 4);
    assert_eq!(output.take(), "étext".as_bytes());
    assert_eq!(error.take(), b"!");
    assert_eq!(program.number("interactive", &[1]), 0);
}

#[test]
fn bad_arguments_are_codes() {
    let output = OutputBuffer::default();
    let mut program = Program::new(Capabilities::new().output(Output::Buffer(output.clone())).input(Input::Empty));
    let invalid = ErrorCode::InvalidArgument.code();
    for code in [-1, 0xd800, 0x11_0000, i32::MIN] {
        assert_eq!(program.number("write-char", &[1, code]), invalid);
    }
    for (start, end) in [(-1, 2), (0, 4), (2, 1), (i32::MAX, i32::MAX)] {
        assert_eq!(program.number("write-range", &[start, end]), invalid);
    }
    assert_eq!(program.number("write-range", &[1, 3]), 2);
    assert_eq!(program.number("write-null", &[]), invalid);
    assert_eq!(program.number("write-conses", &[]), invalid);
    program.number("fd", &[1]);
    assert_eq!(program.code("write-string", b"_\xc3"), ErrorCode::InvalidUtf8.code());
    assert_eq!(program.number("write-char", &[0, 65]), ErrorCode::WrongDirection.code());
    assert_eq!(program.number("read-char", &[1]), ErrorCode::WrongDirection.code());
    assert_eq!(program.number("read-char", &[77]), ErrorCode::UnknownDescriptor.code());
    assert_eq!(program.octets("read-line", ""), Err(ErrorCode::WrongDirection.code()));
    assert_eq!(program.number("close", &[1]), invalid, "standard streams stay open");
    assert_eq!(program.number("size", &[0]), invalid);
    assert_eq!(output.take(), b"AA");
}

#[test]
fn files_are_read_and_written_in_granted_directories() {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("sub")).unwrap();
    let mut program = Program::new(Capabilities::new().directory(directory.path(), "/data", Access::ReadWrite));
    program.number("flags", &[1 | 2 | 4 | 32]);
    assert_eq!(program.code("open", "new.txt"), 3);
    assert_eq!(program.code("open", "new.txt"), ErrorCode::AlreadyExists.code());
    program.number("fd", &[3]);
    assert_eq!(program.code("write", b"one\ntwo \xff\n"), 10);
    assert_eq!(program.number("size", &[3]), 10);
    assert_eq!(program.number("seek", &[3, 4]), 4);
    assert_eq!(program.octets("read", "123"), Ok(b"two".to_vec()));
    assert_eq!(program.number("position", &[3]), 7);
    assert_eq!(program.number("seek", &[3, -1]), ErrorCode::InvalidArgument.code());
    assert_eq!(program.number("close", &[3]), 0);
    assert_eq!(program.number("close", &[3]), ErrorCode::ClosedDescriptor.code());
    assert_eq!(program.octets("read", "123"), Err(ErrorCode::ClosedDescriptor.code()));
    assert_eq!(program.code("write", "x"), ErrorCode::ClosedDescriptor.code());
    assert_eq!(fs::read(directory.path().join("new.txt")).unwrap(), b"one\ntwo \xff\n");

    program.number("flags", &[1]);
    assert_eq!(program.code("open", "/data/new.txt"), 4, "numbers are not used twice");
    program.number("fd", &[4]);
    assert_eq!(program.code("write", "x"), ErrorCode::WrongDirection.code());
    assert_eq!(program.octets("list", "/data"), Ok(b"new.txt\0sub/\0".to_vec()));
    assert_eq!(program.octets("resolve", "sub/../new.txt"), Ok(b"/data/new.txt".to_vec()));
    assert_eq!(program.octets("resolve", "none"), Err(ErrorCode::NotFound.code()));
    assert_eq!(["none", "new.txt", "sub"].map(|path| program.code("stat", path)), [0, 1, 2]);
    assert_eq!(program.code("stat", b"\xff"), ErrorCode::InvalidUtf8.code());
    assert_eq!(program.code("open", "../outside"), ErrorCode::NotPermitted.code());
    assert_eq!(program.code("open", "/etc/passwd"), ErrorCode::NotPermitted.code());
    assert_eq!(program.code("delete", "new.txt"), 0);
    assert_eq!(program.code("delete", "new.txt"), ErrorCode::NotFound.code());
    let closed: Vec<bool> = program.session.descriptors().descriptors().map(|file| file.closed).collect();
    assert_eq!(closed, [false, false, false, true, false]);
}

#[test]
fn files_left_open_are_written_out() {
    let directory = tempfile::tempdir().unwrap();
    let mut program = Program::new(Capabilities::new().directory(directory.path(), "/", Access::ReadWrite));
    program.number("flags", &[2 | 4]);
    assert_eq!(program.code("open", "file"), 3);
    program.number("fd", &[3]);
    program.code("write", "text");
    drop(program);
    assert_eq!(fs::read(directory.path().join("file")).unwrap(), b"text");
}

#[test]
fn open_files_are_limited() {
    let directory = tempfile::tempdir().unwrap();
    let limits = Limits { open_files: 2, ..Limits::default() };
    let capabilities = Capabilities::new().directory(directory.path(), "/", Access::ReadWrite).refuse_at_call();
    let mut program = Program::on(&engine(), capabilities, limits);
    program.number("flags", &[2 | 4]);
    assert_eq!(["a", "b"].map(|path| program.code("open", path)), [3, 4]);
    assert_eq!(program.code("open", "c"), ErrorCode::InputOutput.code());
    assert!(!directory.path().join("c").exists());
    assert_eq!(program.number("close", &[3]), 0);
    assert_eq!(program.code("open", "c"), 5);
}

#[test]
fn imports_must_be_granted_and_known() {
    let engine = engine();
    for import in IMPORTS {
        let of_import: String = all_imports()
            .lines()
            .filter(|line| line.contains(&format!("\"{}\" \"{}\" ", import.module, import.name)))
            .collect();
        let module = compile(&engine, &of_import);
        let loaded = session(&engine, Capabilities::new()).load(&module);
        match loaded {
            Ok(_) => assert!(matches!(import.module, "clysm:io" | "clysm:sys"), "{}", import.primitive_name()),
            Err(HostError::NotGranted { module, name }) => assert_eq!((&*module, &*name), (import.module, import.name)),
            Err(other) => panic!("{other:?}"),
        }
    }
    for unknown in [r#"(import "clysm:io" "no-such" (func))"#, r#"(import "env" "memory" (memory 1))"#] {
        let loaded = session(&engine, Capabilities::new().refuse_at_call()).load(&compile(&engine, unknown));
        assert!(matches!(loaded, Err(HostError::MissingImport { .. })), "{loaded:?}");
    }
    let wrong_type = compile(&engine, r#"(import "clysm:io" "flush" (func (param i64)))"#);
    assert!(matches!(session(&engine, Capabilities::new()).load(&wrong_type), Err(HostError::Engine(_))));
}

#[test]
fn what_is_not_granted_fails_when_it_is_called() {
    let mut program = Program::new(Capabilities::new());
    program.number("flags", &[1]);
    assert_eq!(program.code("open", "/etc/passwd"), ErrorCode::NotPermitted.code());
    assert_eq!(program.number("argument-count", &[]), 0);
    assert!(program.octets("variable", "PATH").is_err());
    for (export, import) in [("now", "now"), ("random", "fill"), ("zone", "zone")] {
        let error = program.session.call_i32(program.instance, export, &[]).unwrap_err();
        assert!(matches!(&error, HostError::NotGranted { name, .. } if name == import), "{error:?}");
    }
    assert_eq!(program.octets("compile", "x"), Err(ErrorCode::NotPermitted.code()));
    let error = program.session.call_octets(program.instance, "host", b"x").unwrap_err();
    assert!(matches!(error, HostError::NotGranted { .. }), "{error:?}");
}

#[test]
fn clock_random_and_environment() {
    let granted = || {
        Program::new(
            Capabilities::new()
                .clock(-60)
                .random(Random::Seeded(7))
                .environment(["prog".to_owned(), "é".to_owned()], [("HOME".to_owned(), "/h".to_owned())]),
        )
    };
    let mut program = granted();
    assert!(program.number("now", &[]) > 1_700_000_000);
    assert_eq!(program.number("zone", &[]), -60);
    assert_eq!(program.number("nap", &[5]), 0);
    assert_eq!(program.number("nap", &[-5]), ErrorCode::InvalidArgument.code());
    let bits = [program.number("random", &[]), program.number("random", &[])];
    assert_ne!(bits[0], bits[1]);
    let mut other = granted();
    assert_eq!(bits, [other.number("random", &[]), other.number("random", &[])], "the same seed");
    assert_eq!(program.number("argument-count", &[]), 2);
    assert_eq!(program.octets("argument", "1"), Ok("é".as_bytes().to_vec()), "the index is the length");
    assert!(program.octets("argument", "12").is_err());
    assert_eq!(program.octets("variable", "HOME"), Ok(b"/h".to_vec()));
    assert_eq!(program.octets("variable", "PATH"), Err(ErrorCode::NotFound.code()));
    let mut system = Program::new(Capabilities::new().random(Random::System));
    assert_ne!(
        [system.number("random", &[]), system.number("random", &[])],
        [system.number("random", &[]), system.number("random", &[])]
    );
}

#[test]
fn sleep_ends_with_the_time() {
    let limits = Limits { time: Some(Duration::from_millis(40)), ..Limits::default() };
    let mut program = Program::on(&engine_for(&limits), Capabilities::new().clock(0).refuse_at_call(), limits);
    let error = program.session.call_i32(program.instance, "nap", &[60_000]).unwrap_err();
    assert!(matches!(error, HostError::Timeout { .. }), "{error:?}");
    assert_eq!(error.frames().len(), 1);
}

#[test]
fn host_functions_call_back_and_fail() {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    let instance_slot = Arc::new(Mutex::new(None::<Instance>));
    let instance = Arc::clone(&instance_slot);
    let capabilities = Capabilities::new()
        .host_function(Arc::new(move |_, octets| {
            seen.lock().unwrap().push(octets.to_vec());
            Ok(octets.iter().rev().copied().collect())
        }))
        .host_function(Arc::new(|_, _| Err(CallError::Failed("no such record".to_owned()))))
        .host_function(Arc::new(|_, _| Err(HostError::Exit(9).into())))
        .host_function(Arc::new(move |guest, _| {
            let instance = instance.lock().unwrap().unwrap();
            Ok(guest.call_octets(instance, "host", &[0, 5, 6])?)
        }));
    let mut program = Program::new(capabilities);
    *instance_slot.lock().unwrap() = Some(program.instance);
    assert_eq!(program.octets("host", [0, 1, 2]), Ok(vec![2, 1, 0]));
    assert!(program.octets("host", [1]).is_err());
    assert_eq!(program.octets("host-error", ""), Ok(b"no such record".to_vec()));
    assert!(program.octets("host", [200]).is_err());
    assert_eq!(program.octets("host-error", ""), Ok(b"there is no host function 200".to_vec()));
    let fatal = program.session.call_octets(program.instance, "host", &[2]);
    assert!(matches!(fatal, Err(HostError::Exit(9))), "{fatal:?}");
    assert_eq!(program.octets("host", [3]), Ok(vec![1, 6, 5, 0]), "through the program and back");
    assert_eq!(*calls.lock().unwrap(), [vec![0, 1, 2], vec![0, 5, 6]]);
}

#[test]
fn errors_pass_through_nested_calls() {
    let instance_slot = Arc::new(Mutex::new(None::<Instance>));
    let instance = Arc::clone(&instance_slot);
    let capabilities = Capabilities::new().code(Arc::new(move |guest, request| {
        let instance = instance.lock().unwrap().unwrap();
        match request {
            b"trap" => guest.call_octets(instance, "host", b""),
            b"again" => guest.call_octets(instance, "compile", b"again"),
            other => guest.call_octets(instance, "same", other),
        }
    }));
    let mut program = Program::new(capabilities);
    *instance_slot.lock().unwrap() = Some(program.instance);
    assert_eq!(program.octets("compile", "text"), Ok(b"text".to_vec()));
    let error = program.session.call_octets(program.instance, "compile", b"trap").unwrap_err();
    assert!(matches!(&error, HostError::Trap { frames, .. } if frames[0].function.as_deref() == Some("host")));
    let error = program.session.call_octets(program.instance, "compile", b"again").unwrap_err();
    assert!(matches!(error, HostError::StackExhausted { .. }), "{error:?}");
    assert_eq!(program.octets("compile", "text"), Ok(b"text".to_vec()), "the session goes on");
}
