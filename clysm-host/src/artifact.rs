//! Saved machine code: a cache for whoever compiles the same module in every process.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use wasmtime::Module;

use crate::{CompiledModule, Engine, HostError};

/// What follows the engine's own format in a file: this mark, then the checksum of all before.
const MARK: [u8; 8] = *b"clysm\0a1";
const TRAILER: u64 = 16;
/// Octets that are checked at a time, a multiple of 32.
const PIECE: usize = 256 << 10;

static TEMPORARY: AtomicU32 = AtomicU32::new(0);

impl Engine {
    /// Saves a module's machine code. The file is written beside its place and then moved there, so that another
    /// process sees all of it or nothing.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, module: &CompiledModule, path: &Path) -> Result<(), HostError> {
        let code = module.inner.serialize().map_err(|error| HostError::Engine(format!("{error:#}")))?;
        let number = TEMPORARY.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
        let written = write_artifact(&temporary, &code).and_then(|()| fs::rename(&temporary, path));
        written.map_err(|error| {
            // Nothing else can be done about a file that was only begun.
            let _ = fs::remove_file(&temporary);
            HostError::io(format!("saving {}", path.display()), error)
        })
    }

    /// Compiles a module whose machine code is kept in a file: loads it, or else makes it and keeps it. A file that can't be used
    /// or written only costs time.
    ///
    /// # Errors
    /// The octets are no valid module.
    pub fn compile_kept(&self, wasm: &[u8], path: &Path) -> Result<CompiledModule, HostError> {
        if let Ok(compiled) = self.load_saved(path) {
            return Ok(compiled);
        }
        let compiled = self.compile(wasm)?;
        let _ = path.parent().map_or(Ok(()), fs::create_dir_all);
        let _ = self.save(&compiled, path);
        Ok(compiled)
    }

    /// Loads machine code that [`Engine::save`] wrote, maybe in another process.
    ///
    /// A checksum tells of damage, the engine of another version or other options; neither tells of malice: the file
    /// must lie where only the user can write, and one that others may write to is refused (on Unix).
    ///
    /// # Errors
    /// The file does not exist, is damaged, or is not from an engine like this. Compiling again is the answer.
    pub fn load_saved(&self, path: &Path) -> Result<CompiledModule, HostError> {
        let io = |error| HostError::io(format!("loading {}", path.display()), error);
        let mut file = File::open(path).map_err(io)?;
        check_artifact(&mut file).map_err(io)?;
        let module = deserialize(self, file).map_err(|error| HostError::Engine(format!("{error:#}")))?;
        Ok(CompiledModule::new(module))
    }
}

#[allow(unsafe_code, reason = "the engine has no safe interface for loading machine code")]
fn deserialize(engine: &Engine, file: File) -> wasmtime::Result<Module> {
    // SAFETY: the file must hold what `Module::serialize` gave and must not change while it is mapped. It has the
    // checksum that only `save` writes, others than its owner may not write to it, and `save` replaces files and never
    // changes them. What an attacker with the user's own rights could do here, they could do without it.
    unsafe { Module::deserialize_open_file(&engine.inner, file) }
}

fn write_artifact(path: &Path, code: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(code)?;
    file.write_all(&MARK)?;
    file.write_all(&Checksum::of(code).to_le_bytes())?;
    file.sync_data()
}

fn check_artifact(file: &mut File) -> std::io::Result<()> {
    let damaged = || std::io::Error::new(std::io::ErrorKind::InvalidData, "the saved code is damaged");
    check_permissions(file)?;
    let mut left = file.metadata()?.len().checked_sub(TRAILER).ok_or_else(damaged)?;
    let mut checksum = Checksum::new(left);
    // Piece by piece: memory for the whole would cost more than reading it.
    let mut piece = vec![0; PIECE];
    while left > 0 {
        let length = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        let part = piece.get_mut(..length).ok_or_else(damaged)?;
        file.read_exact(part)?;
        checksum.add(part);
        left -= length as u64;
    }
    let mut trailer = Vec::new();
    file.read_to_end(&mut trailer)?;
    if trailer != [MARK, checksum.sum().to_le_bytes()].concat() {
        return Err(damaged());
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(())
}

#[cfg(unix)]
fn check_permissions(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    const OTHERS_WRITE: u32 = 0o002;
    if file.metadata()?.permissions().mode() & OTHERS_WRITE != 0 {
        return Err(std::io::Error::new(std::io::ErrorKind::PermissionDenied, "others may write to it"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_permissions(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// A checksum against accidents, fast enough for tens of megabytes at each start: four lanes of multiply and rotate.
struct Checksum {
    lanes: [u64; 4],
    tail: u64,
}

impl Checksum {
    const fn new(length: u64) -> Self {
        Self { lanes: [1, 2, 3, length], tail: 0 }
    }

    const fn mix(lane: u64, word: u64) -> u64 {
        (lane ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
    }

    /// Adds octets: a multiple of 32, but for the last time.
    fn add(&mut self, octets: &[u8]) {
        let (blocks, rest) = octets.as_chunks::<32>();
        for block in blocks {
            let (words, _) = block.as_chunks::<8>();
            for (lane, word) in self.lanes.iter_mut().zip(words) {
                *lane = Self::mix(*lane, u64::from_le_bytes(*word));
            }
        }
        self.tail = rest.iter().fold(self.tail, |sum, &octet| Self::mix(sum, u64::from(octet)));
    }

    fn sum(&self) -> u64 {
        self.lanes.into_iter().fold(self.tail, Self::mix)
    }

    fn of(octets: &[u8]) -> u64 {
        let mut checksum = Self::new(octets.len() as u64);
        checksum.add(octets);
        checksum.sum()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Capabilities, EngineOptions, Limits, Session};

    fn engine(fuel: bool) -> Engine {
        Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, fuel, ..EngineOptions::default() }).unwrap()
    }

    #[test]
    fn saved_code_runs_and_damage_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("module.cwasm");
        let first = engine(false);
        let wasm = wat::parse_str(r#"(module (func (export "f") (result i32) (i32.const 7)))"#).unwrap();
        first.save(&first.compile(&wasm).unwrap(), &path).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no temporary file stays");

        let second = engine(false);
        let module = second.load_saved(&path).unwrap();
        let mut session = Session::new(&second, Capabilities::new(), Limits::default()).unwrap();
        let instance = session.load(&module).unwrap();
        assert_eq!(session.call_i32(instance, "f", &[]).unwrap(), 7);

        assert_ne!(first.compatibility(), engine(true).compatibility());
        assert_eq!(first.compatibility(), second.compatibility());
        assert!(matches!(engine(true).load_saved(&path), Err(HostError::Engine(_))), "other options");

        let good = fs::read(&path).unwrap();
        for (at, change) in [(0, 1), (good.len() / 2, 0x10), (good.len() - 1, 0x80), (good.len() - 12, 1)] {
            let mut bad = good.clone();
            bad[at] ^= change;
            fs::write(&path, bad).unwrap();
            assert!(matches!(second.load_saved(&path), Err(HostError::Io { .. })), "octet {at}");
        }
        for length in [0, 5, good.len() - 1] {
            fs::write(&path, &good[..length]).unwrap();
            assert!(matches!(second.load_saved(&path), Err(HostError::Io { .. })), "{length} octets");
        }
        assert!(second.load_saved(&directory.path().join("none")).is_err());
        assert!(second.save(&module, &directory.path().join("no/such/place")).is_err());
    }
}
