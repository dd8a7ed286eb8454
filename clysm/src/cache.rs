//! The base image: from the cache, or built and put there.

use std::fs;
use std::path::{Path, PathBuf};

use clysm_host::{CompiledModule, Engine as HostEngine, EngineOptions};
use sha2::{Digest, Sha256};

use crate::meta::Meta;
use crate::{Error, Progress, library};

/// The image's machine code and what the compiler knows of it.
pub struct BaseImage {
    /// The code.
    pub module: CompiledModule,
    /// The compiler's state.
    pub meta: Meta,
}

/// The user's cache directory for Clysm.
pub fn default_directory() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "clysm").map(|dirs| dirs.cache_dir().to_path_buf())
}

/// Loads the image from the cache; builds it when it is not there, and then tries to put it there. A cache that can't be
/// used only costs time.
///
/// # Errors
/// The library can't be built.
pub fn base_image(
    engine: &HostEngine,
    directory: Option<&Path>,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<BaseImage, Error> {
    let key = key(engine);
    let paths = directory
        .map(|directory| (directory.join(format!("image-{key}.code")), directory.join(format!("image-{key}.meta"))));
    if let Some((code, meta)) = &paths
        && let Some(image) = load(engine, code, meta)
    {
        return Ok(image);
    }
    // What is needed only to build the library is compiled as fast as it goes.
    let quick = HostEngine::new(EngineOptions { optimise: false, ..EngineOptions::default() })?;
    let library = library::build(&quick, on_progress)?;
    if !library.errors.is_empty() {
        return Err(Error::Library(library::render_all(&library.errors, &library.sources)));
    }
    let module = engine.compile(&library.module.bytes)?;
    let meta = Meta::describe(&library.cx, &library.module.symbols);
    if let (Some((code, meta_path)), Some(directory)) = (&paths, directory) {
        // An unwritable cache costs the next start time, nothing else.
        let _ = fs::create_dir_all(directory);
        if let Ok(octets) = postcard::to_stdvec(&meta)
            && fs::write(meta_path, octets).is_ok()
        {
            let _ = engine.save(&module, code);
        }
    }
    Ok(BaseImage { module, meta })
}

fn load(engine: &HostEngine, code: &Path, meta: &Path) -> Option<BaseImage> {
    let meta = postcard::from_bytes(&fs::read(meta).ok()?).ok()?;
    let module = engine.load_saved(code).ok()?;
    Some(BaseImage { module, meta })
}

/// A name for everything that decides what the image is.
fn key(engine: &HostEngine) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(engine.compatibility().to_le_bytes());
    for source in clysm_lisp::runtime() {
        hash.update(source.path);
        hash.update(source.text);
    }
    if let Ok(executable) = std::env::current_exe().and_then(fs::metadata).and_then(|data| data.modified())
        && let Ok(time) = executable.duration_since(std::time::UNIX_EPOCH)
    {
        // The compiler is part of the key as well: a rebuilt one makes other code.
        hash.update(time.as_nanos().to_le_bytes());
    }
    hash.finalize().iter().take(16).map(|octet| format!("{octet:02x}")).collect()
}
