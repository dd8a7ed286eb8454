//! Module files: what they export and import, and how far they have come.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wasmparser::{ExternalKind, Parser, Payload, TypeRef};

use crate::{CodeCache, CompiledModule, Engine, HostError, Instance, Session};

/// Why a file or a sequence of octets is no module to be run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModuleError {
    /// The path does not exist.
    #[error("cannot read {}: no such file or directory", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// The path is there but cannot be read.
    #[error("cannot read {}: {message}", path.display())]
    NotReadable {
        /// The path.
        path: PathBuf,
        /// The operating system's words for it.
        message: String,
    },
    /// The file does not begin with the magic octets `00 61 73 6d`.
    #[error("not a WebAssembly module: it does not begin with \\0asm")]
    BadMagic,
    /// The version is not 1.
    #[error("WebAssembly version {version:#x} is not supported, only version 1")]
    UnsupportedVersion {
        /// The octets 4 to 7.
        version: u32,
    },
    /// The file ends too early or is malformed.
    #[error("malformed WebAssembly module at offset {offset:#x}: {message}")]
    Malformed {
        /// Where, in octets from the start of the file.
        offset: u64,
        /// What is the matter.
        message: String,
    },
    /// It imports something else than functions.
    #[error("the module imports {module} {name}, which is no function")]
    UnsupportedImport {
        /// The import's module.
        module: String,
        /// The import's name.
        name: String,
    },
    /// The engine's validation refused it.
    #[error("invalid WebAssembly module: {message}")]
    Invalid {
        /// The engine's words for it.
        message: String,
    },
    /// The operation needs the module in another state.
    #[error("cannot {operation} the module: it is {actual:?}, not {expected:?}")]
    WrongState {
        /// The operation: `load`, `instantiate` or `start`.
        operation: &'static str,
        /// The state it needs.
        expected: ModuleState,
        /// The state the module is in.
        actual: ModuleState,
    },
}

/// How far a module has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModuleState {
    /// Only its file was looked at.
    NotLoaded,
    /// It was compiled.
    Compiled,
    /// It was instantiated.
    Running,
    /// Its `_start` has run.
    Initialized,
}

/// The kind of an import: modules import functions only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImportKind {
    /// A function.
    #[default]
    Function,
}

/// An import that a module requires (seed: ImportSpec).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ImportSpec {
    /// Import namespace, such as `clysm:io`.
    pub module: String,
    /// Function name, such as `write-char`.
    pub name: String,
    /// Import kind.
    pub kind: ImportKind,
}

/// A WebAssembly module in a file (seed: WasmModule), on its way from the file to having run.
///
/// ```
/// use clysm_host::{ModuleError, WasmModule};
///
/// let path = std::env::temp_dir().join("clysm-no-such-module.wasm");
/// assert!(matches!(WasmModule::open(&path), Err(ModuleError::NotFound { .. })));
/// ```
#[derive(Debug, Serialize, Deserialize)]
pub struct WasmModule {
    /// Filesystem path to the file.
    pub path: PathBuf,
    /// File size in octets.
    pub size: u64,
    /// Exported function names, in order.
    pub exports: Vec<String>,
    /// Required imports, in order.
    pub imports: Vec<ImportSpec>,
    #[serde(skip)]
    stage: Stage,
}

#[derive(Debug, Default)]
enum Stage {
    #[default]
    NotLoaded,
    Compiled(CompiledModule),
    Running(Instance),
    Initialized(Instance),
}

impl WasmModule {
    /// Looks at a file: it must exist, be readable, begin with the magic octets and version 1, and its sections must
    /// be well-formed. The code is not validated before it is compiled.
    ///
    /// # Errors
    /// The first of these rules that is broken.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, ModuleError> {
        let path = path.into();
        let octets = read(&path)?;
        Self::from_octets(path, &octets)
    }

    /// Looks at a module in memory, as if it were the contents of that file.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn from_octets(path: impl Into<PathBuf>, octets: &[u8]) -> Result<Self, ModuleError> {
        check_header(octets)?;
        let (exports, imports) = interface(octets)?;
        Ok(Self { path: path.into(), size: octets.len() as u64, exports, imports, stage: Stage::NotLoaded })
    }

    /// How far the module has come.
    #[must_use]
    pub const fn state(&self) -> ModuleState {
        match self.stage {
            Stage::NotLoaded => ModuleState::NotLoaded,
            Stage::Compiled(_) => ModuleState::Compiled,
            Stage::Running(_) => ModuleState::Running,
            Stage::Initialized(_) => ModuleState::Initialized,
        }
    }

    /// The module's instance, once it was instantiated.
    #[must_use]
    pub const fn instance(&self) -> Option<Instance> {
        match self.stage {
            Stage::Running(instance) | Stage::Initialized(instance) => Some(instance),
            Stage::NotLoaded | Stage::Compiled(_) => None,
        }
    }

    const fn wrong_state(&self, operation: &'static str, expected: ModuleState) -> ModuleError {
        ModuleError::WrongState { operation, expected, actual: self.state() }
    }

    /// Reads the file and compiles it: Not Loaded → Compiled.
    ///
    /// # Errors
    /// The module is in another state, the file is no longer what it was, or its code is invalid.
    pub fn load(&mut self, engine: &Engine) -> Result<(), HostError> {
        self.load_with(|octets| engine.compile(octets))
    }

    /// As [`WasmModule::load`], but its machine code is kept: a module that was loaded before is loaded at once.
    ///
    /// # Errors
    /// As for [`WasmModule::load`].
    pub fn load_cached(&mut self, engine: &Engine, cache: &CodeCache) -> Result<(), HostError> {
        self.load_with(|octets| cache.compile(engine, octets))
    }

    fn load_with(&mut self, compile: impl FnOnce(&[u8]) -> Result<CompiledModule, HostError>) -> Result<(), HostError> {
        let Stage::NotLoaded = self.stage else {
            return Err(self.wrong_state("load", ModuleState::NotLoaded).into());
        };
        let octets = read(&self.path)?;
        let read = Self::from_octets(&*self.path, &octets)?;
        let compiled = compile(&octets)?;
        *self = Self { stage: Stage::Compiled(compiled), ..read };
        Ok(())
    }

    /// Instantiates the module in a session: Compiled → Running.
    ///
    /// # Errors
    /// The module is in another state, or an import is missing or not granted; the state stays.
    pub fn instantiate(&mut self, session: &mut Session) -> Result<Instance, HostError> {
        let Stage::Compiled(compiled) = &self.stage else {
            return Err(self.wrong_state("instantiate", ModuleState::Compiled).into());
        };
        let instance = session.load(compiled)?;
        self.stage = Stage::Running(instance);
        Ok(instance)
    }

    /// Calls `_start` in the session that the module was instantiated in: Running → Initialized.
    ///
    /// # Errors
    /// The module is in another state, has no `_start`, or running it failed; the state stays, except when the program
    /// itself asked to end: then it is initialised, and the error is [`HostError::Exit`].
    pub fn start(&mut self, session: &mut Session) -> Result<(), HostError> {
        let Stage::Running(instance) = self.stage else {
            return Err(self.wrong_state("start", ModuleState::Running).into());
        };
        let started = session.call_start(instance);
        if matches!(started, Ok(()) | Err(HostError::Exit(_))) {
            self.stage = Stage::Initialized(instance);
        }
        started
    }
}

fn read(path: &Path) -> Result<Vec<u8>, ModuleError> {
    fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => ModuleError::NotFound { path: path.to_path_buf() },
        _ => ModuleError::NotReadable { path: path.to_path_buf(), message: error.kind().to_string() },
    })
}

fn check_header(octets: &[u8]) -> Result<(), ModuleError> {
    let rest = octets.strip_prefix(b"\0asm").ok_or(ModuleError::BadMagic)?;
    let version = rest.first_chunk().copied().map(u32::from_le_bytes);
    match version {
        Some(1) => Ok(()),
        Some(version) => Err(ModuleError::UnsupportedVersion { version }),
        None => Err(ModuleError::Malformed { offset: octets.len() as u64, message: "unexpected end".to_owned() }),
    }
}

/// The exported functions and the imports.
fn interface(octets: &[u8]) -> Result<(Vec<String>, Vec<ImportSpec>), ModuleError> {
    let (mut exports, mut imports) = (Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(octets) {
        match payload.map_err(malformed)? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imports.push(import_spec(import.map_err(malformed)?)?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(malformed)?;
                    if export.kind == ExternalKind::Func {
                        exports.push(export.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok((exports, imports))
}

fn import_spec(import: wasmparser::Import<'_>) -> Result<ImportSpec, ModuleError> {
    let (module, name) = (import.module.to_owned(), import.name.to_owned());
    match import.ty {
        TypeRef::Func(_) => Ok(ImportSpec { module, name, kind: ImportKind::Function }),
        _ => Err(ModuleError::UnsupportedImport { module, name }),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn malformed(error: wasmparser::BinaryReaderError) -> ModuleError {
    ModuleError::Malformed { offset: error.offset() as u64, message: error.message().to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Capabilities, EngineOptions, Limits};

    fn file(octets: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), octets).unwrap();
        file
    }

    fn module() -> Vec<u8> {
        let text = r#"(module
            (import "clysm:io" "write-char" (func (param i32 i32) (result i32)))
            (global (export "not a function") i32 (i32.const 0))
            (func (export "_start"))
            (func (export "f")))"#;
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn a_module_file_is_described() {
        let octets = module();
        let file = file(&octets);
        let module = WasmModule::open(file.path()).unwrap();
        assert_eq!(module.size, octets.len() as u64);
        assert_eq!(module.exports, ["_start", "f"]);
        let json = serde_json::to_value(&module).unwrap();
        assert_eq!(
            json["imports"],
            serde_json::json!([{ "module": "clysm:io", "name": "write-char", "kind": "function" }])
        );
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), ["exports", "imports", "path", "size"]);
        let back: WasmModule = serde_json::from_value(json).unwrap();
        assert_eq!(back.state(), ModuleState::NotLoaded);
    }

    #[test]
    fn each_rule_has_its_error() {
        let open = |octets: &[u8]| WasmModule::open(file(octets).path()).unwrap_err();
        assert_eq!(open(b""), ModuleError::BadMagic);
        assert_eq!(open(b"(module)"), ModuleError::BadMagic);
        assert_eq!(open(b"\0asm\x02\0\0\0"), ModuleError::UnsupportedVersion { version: 2 });
        assert!(matches!(open(b"\0asm\x01\0"), ModuleError::Malformed { offset: 6, .. }));
        let octets = module();
        assert!(matches!(open(&octets[..octets.len() - 3]), ModuleError::Malformed { .. }));
        let memory = wat::parse_str(r#"(module (import "a" "b" (memory 1)))"#).unwrap();
        let expected = ModuleError::UnsupportedImport { module: "a".to_owned(), name: "b".to_owned() };
        assert_eq!(open(&memory), expected);
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(WasmModule::open(directory.path()), Err(ModuleError::NotReadable { .. })));
        assert!(matches!(WasmModule::open(directory.path().join("none")), Err(ModuleError::NotFound { .. })));
    }

    #[test]
    fn states_follow_each_other() {
        let file = file(&module());
        let engine = Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, ..EngineOptions::default() }).unwrap();
        let mut session = Session::new(&engine, Capabilities::new(), Limits::default()).unwrap();
        let mut module = WasmModule::open(file.path()).unwrap();
        let wrong = |result: Result<(), HostError>| match result {
            Err(HostError::Module(ModuleError::WrongState { operation, expected, actual })) => {
                (operation, expected, actual)
            }
            other => unreachable!("{other:?}"),
        };
        use ModuleState::{Compiled, Initialized, NotLoaded, Running};
        assert_eq!(wrong(module.instantiate(&mut session).map(drop)), ("instantiate", Compiled, NotLoaded));
        assert_eq!(wrong(module.start(&mut session)), ("start", Running, NotLoaded));
        module.load(&engine).unwrap();
        assert_eq!(wrong(module.load(&engine)), ("load", NotLoaded, Compiled));
        assert_eq!(wrong(module.start(&mut session)), ("start", Running, Compiled));
        let instance = module.instantiate(&mut session).unwrap();
        assert_eq!((module.state(), module.instance()), (Running, Some(instance)));
        module.start(&mut session).unwrap();
        assert_eq!(module.state(), Initialized);
        assert_eq!(wrong(module.start(&mut session)), ("start", Running, Initialized));
    }

    #[test]
    fn invalid_code_is_found_when_it_is_compiled() {
        let octets = wat::parse_str("(module (func (result i32)))").unwrap();
        let file = file(&octets);
        let engine = Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, ..EngineOptions::default() }).unwrap();
        let mut module = WasmModule::open(file.path()).unwrap();
        assert!(matches!(module.load(&engine), Err(HostError::Module(ModuleError::Invalid { .. }))));
        assert_eq!(module.state(), ModuleState::NotLoaded);
    }
}
