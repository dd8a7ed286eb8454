//! The base image: from the cache, or built and put there.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clysm_host::{CodeCache, CompiledModule, Engine as HostEngine, EngineOptions};
use sha2::{Digest, Sha256};

use crate::meta::{CompilerState, Meta};
use crate::{Error, Progress, library};

/// The image's machine code and what the compiler knows of it.
pub struct BaseImage {
    /// The code.
    pub module: CompiledModule,
    /// The compiler's state.
    pub state: CompilerState,
}

/// The directory in which compiled code is kept: that which `CLYSM_CACHE_DIR` in the environment names, else the user's cache
/// directory for Clysm. None where there is neither.
#[must_use]
pub fn default_cache_directory() -> Option<PathBuf> {
    let named = std::env::var_os("CLYSM_CACHE_DIR").filter(|name| !name.is_empty()).map(PathBuf::from);
    named.or_else(user_directory)
}

/// Where compiled code may be kept that this or another process runs outside of any sandbox: the directory that is used, and those
/// that are used by default. Programs must not write there.
#[must_use]
pub fn code_directories(used: Option<&Path>) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = used.map(Path::to_path_buf).into_iter().collect();
    directories.extend(default_cache_directory());
    directories.extend(user_directory());
    directories
}

fn user_directory() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "clysm").map(|dirs| dirs.cache_dir().to_path_buf())
}

/// Loads the image from the cache; builds it when it is not there, and then tries to put it there. A cache that can't be
/// used only costs time. Of several processes that find no image one builds it, and the others wait.
///
/// # Errors
/// The library can't be built.
pub fn base_image(
    engine: &HostEngine,
    directory: Option<&Path>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BaseImage, Error> {
    let Some(place) = directory.map(|directory| Place::new(engine, directory)) else {
        let (wasm, meta) = build(on_progress)?;
        return Ok(BaseImage { module: engine.compile(&wasm)?, state: meta.restore()? });
    };
    if let Some(image) = place.load(engine) {
        return Ok(image);
    }
    let _lock = place.lock();
    // Another process may have made it meanwhile.
    if let Some(image) = place.load(engine) {
        return Ok(image);
    }
    // An unwritable cache costs the next start time, nothing else.
    let (wasm, meta) = match place.load_module() {
        Some(found) => found,
        None => {
            let (wasm, meta) = build(on_progress)?;
            let _ = place.save_module(&wasm, &meta);
            (wasm, meta)
        }
    };
    on_progress(Progress { stage: "code", done: 0, total: 1, item: "the base image".to_owned() });
    let module = engine.compile(&wasm)?;
    if engine.save(&module, &place.code).is_ok() {
        CodeCache::new(place.directory).tidy();
    }
    Ok(BaseImage { module, state: meta.restore()? })
}

fn build(on_progress: &mut dyn FnMut(Progress)) -> Result<(Vec<u8>, Meta), Error> {
    // What is needed only to build the library is compiled as fast as it goes.
    let quick = HostEngine::new(EngineOptions { optimise: false, ..EngineOptions::default() })?;
    let library = library::build(&quick, on_progress)?;
    let meta = Meta::describe(&library.cx, &library.module.symbols);
    Ok((library.module.bytes, meta))
}

/// The files of an image in a cache directory: the module and the compiler's state, which are the same for all engines, and
/// the machine code for engines with the same options.
struct Place {
    directory: PathBuf,
    wasm: PathBuf,
    meta: PathBuf,
    code: PathBuf,
    lock: PathBuf,
}

impl Place {
    fn new(engine: &HostEngine, directory: &Path) -> Self {
        let key = key();
        let file = |rest: &str| directory.join(format!("image-{key}{rest}"));
        Self {
            directory: directory.to_path_buf(),
            wasm: file(".wasm"),
            meta: file(".meta"),
            code: file(&format!("-{:016x}.code", engine.compatibility())),
            lock: file(".lock"),
        }
    }

    /// Waits until no other process makes an image. None where that can't be told.
    fn lock(&self) -> Option<File> {
        fs::create_dir_all(&self.directory).ok()?;
        let file = File::create(&self.lock).ok()?;
        file.lock().ok()?;
        Some(file)
    }

    /// Half of a warm start is reading and checking the code, the other half the compiler's state: each has a thread.
    fn load(&self, engine: &HostEngine) -> Option<BaseImage> {
        if !self.code.exists() {
            return None;
        }
        std::thread::scope(|scope| {
            let module = scope.spawn(|| engine.load_saved(&self.code).ok());
            let state = self.load_meta().and_then(|meta| meta.restore().ok());
            Some(BaseImage { module: module.join().ok().flatten()?, state: state? })
        })
    }

    fn load_meta(&self) -> Option<Meta> {
        postcard::from_bytes(&fs::read(&self.meta).ok()?).ok()
    }

    /// The module, where only the machine code is missing.
    fn load_module(&self) -> Option<(Vec<u8>, Meta)> {
        Some((fs::read(&self.wasm).ok()?, self.load_meta()?))
    }

    fn save_module(&self, wasm: &[u8], meta: &Meta) -> Option<()> {
        let octets = postcard::to_stdvec(meta).ok()?;
        fs::create_dir_all(&self.directory).ok()?;
        // Whoever sees the one sees the other.
        replace(&self.meta, &octets).and_then(|()| replace(&self.wasm, wasm)).ok()
    }
}

/// Writes a file that others see as a whole or not at all.
fn replace(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(octets)?;
    file.persist(path)?;
    Ok(())
}

/// A name for everything that decides what the image is.
pub fn key() -> &'static str {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(make_key)
}

fn make_key() -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(env!("CLYSM_FINGERPRINT"));
    for source in clysm_lisp::runtime() {
        hash.update(source.path);
        hash.update(source.text);
    }
    hash.finalize().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}
