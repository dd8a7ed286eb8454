//! The host side of the imports in `clysm_dispatch::imports`, a file an import module.
//!
//! Nothing here panics: arguments come from programs. Failures are error codes; what ends the program is an error.

mod clock;
mod code;
mod env;
mod fs;
mod host;
mod io;
mod octets;
mod random;
mod sys;
pub(crate) mod tool;

use std::convert::Infallible;

use clysm_dispatch::imports::ErrorCode;
use wasmtime::{AsContextMut, Caller, Engine, Linker, RootScope};

use crate::HostError;
use crate::state::State;

/// The definitions of all imports.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    for define in [
        io::define,
        fs::define,
        clock::define,
        random::define,
        env::define,
        sys::define,
        code::define,
        host::define,
        tool::define,
    ] {
        define(&mut linker)?;
    }
    Ok(linker)
}

/// The error with which a host function ends what called it. A non-local exit out of a call back goes on as such.
fn onward(caller: &mut Caller<'_, State>, error: HostError) -> wasmtime::Error {
    let report = match error {
        HostError::Lisp(report) => Some(report),
        HostError::UncaughtThrow { .. } => None,
        error => return error.into(),
    };
    let Some(thrown) = caller.data_mut().thrown.take() else {
        return report.map_or(HostError::UncaughtThrow { frames: Vec::new() }, HostError::Lisp).into();
    };
    caller.data_mut().report = report;
    let mut scope = RootScope::new(caller);
    let thrown = thrown.to_rooted(&mut scope);
    match scope.as_context_mut().throw::<Infallible>(thrown) {
        Err(error) => error,
        Ok(never) => match never {},
    }
}

/// A result, or the code that stands for the error.
fn or_code(result: Result<i32, ErrorCode>) -> i32 {
    result.unwrap_or_else(ErrorCode::code)
}

/// A result, or the code that stands for the error.
fn or_code_i64(result: Result<i64, ErrorCode>) -> i64 {
    result.unwrap_or_else(|error| error.code().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use clysm_dispatch::imports::{IMPORTS, ImportType};
    use wasmtime::{Extern, FuncType, HeapType, RefType, Store, ValType};

    use super::*;
    use crate::{Capabilities, Engine, EngineOptions, Limits};

    fn value_type(ty: ImportType) -> ValType {
        match ty {
            ImportType::I32 => ValType::I32,
            ImportType::I64 => ValType::I64,
            ImportType::F64 => ValType::F64,
            ImportType::Bytes => ValType::Ref(RefType::new(true, HeapType::Array)),
        }
    }

    #[test]
    fn every_import_of_the_table_is_defined_and_no_other() {
        let engine = Engine::new(EngineOptions::default()).unwrap();
        let state = State::new(&engine, Capabilities::new(), &Limits::default()).unwrap();
        let mut store = Store::new(&engine.inner, state);
        for import in IMPORTS {
            let found = engine.linker.get(&mut store, import.module, import.name);
            let Ok(Extern::Func(function)) = found else { unreachable!("{} is not defined", import.primitive_name()) };
            let params = import.params.iter().map(|&(_, ty)| value_type(ty));
            let expected = FuncType::new(&engine.inner, params, [value_type(import.result)]);
            assert!(FuncType::eq(&function.ty(&store), &expected), "the type of {}", import.primitive_name());
        }
        let defined: Vec<(String, String)> =
            engine.linker.iter(&mut store).map(|(module, name, _)| (module.to_owned(), name.to_owned())).collect();
        for (module, name) in defined {
            assert!(clysm_dispatch::imports::find(&module, &name).is_some(), "{module} {name} is not in the table");
        }
    }
}
