//! Saved machine code: files for whoever compiles the same module in every process.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use wasmtime::Module;

use crate::{CompiledModule, Engine, HostError};

/// What follows the engine's own format in a file: this mark, then the checksum of all before and of the file's name.
const MARK: [u8; 8] = *b"clysm\0a2";
const TRAILER: u64 = 16;
/// Octets that are checked at a time, a multiple of 32.
const PIECE: usize = 256 << 10;
/// A file that was used has the time of its use, give or take this.
const USE_GRANULARITY: Duration = Duration::from_secs(600);

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
        let written = write_artifact(&temporary, &code, path).and_then(|()| fs::rename(&temporary, path));
        written.map_err(|error| {
            // Nothing else can be done about a file that was only begun.
            let _ = fs::remove_file(&temporary);
            HostError::io(format!("saving {}", path.display()), error)
        })
    }

    /// Loads machine code that [`Engine::save`] wrote, maybe in another process.
    ///
    /// A checksum tells of damage and of a file that has another name than it was saved under, the engine of another
    /// version or other options; neither tells of malice: the file must lie where only the user can write, and one that
    /// others may write to is refused (on Unix). The file's time of modification becomes that of its use.
    ///
    /// # Errors
    /// The file does not exist, is damaged, or is not from an engine like this. Compiling again is the answer.
    pub fn load_saved(&self, path: &Path) -> Result<CompiledModule, HostError> {
        let io = |error| HostError::io(format!("loading {}", path.display()), error);
        let mut file = File::open(path).map_err(io)?;
        check_artifact(&mut file, path).map_err(io)?;
        note_use(&file);
        let module = deserialize(self, file).map_err(|error| HostError::Engine(format!("{error:#}")))?;
        Ok(CompiledModule::new(module))
    }
}

#[allow(unsafe_code, reason = "the engine's safe interface, a cache of its own, is slow and checks nothing")]
fn deserialize(engine: &Engine, file: File) -> wasmtime::Result<Module> {
    // SAFETY: the file must hold what `Module::serialize` gave and must not change while it is mapped. It has the
    // checksum that only `save` writes, others than its owner may not write to it, and `save` replaces files and never
    // changes them. What an attacker with the user's own rights could do here, they could do without it.
    unsafe { Module::deserialize_open_file(&engine.inner, file) }
}

/// Writes a file that is to have the name of another path.
fn write_artifact(path: &Path, code: &[u8], named: &Path) -> std::io::Result<()> {
    let mut checksum = Checksum::new(code.len() as u64);
    checksum.add(code);
    checksum.add(name_octets(named));
    let mut file = File::create_new(path)?;
    file.write_all(code)?;
    file.write_all(&MARK)?;
    file.write_all(&checksum.sum().to_le_bytes())?;
    file.sync_data()
}

/// The name under which a file is saved says which module's code it is.
fn name_octets(path: &Path) -> &[u8] {
    path.file_name().unwrap_or_default().as_encoded_bytes()
}

/// Makes a file count as used now: who bounds a directory deletes what was not used for long. No harm if that can't be.
fn note_use(file: &File) {
    let now = SystemTime::now();
    let used = file.metadata().and_then(|metadata| metadata.modified());
    if used.is_ok_and(|used| now.duration_since(used).is_ok_and(|age| age > USE_GRANULARITY)) {
        let _ = file.set_modified(now);
    }
}

fn check_artifact(file: &mut File, path: &Path) -> std::io::Result<()> {
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
    checksum.add(name_octets(path));
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

    /// Adds octets. Those of one text may come in pieces whose lengths are multiples of 32, but for the last.
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
        fs::write(&path, &good).unwrap();
        let other = directory.path().join("other.cwasm");
        fs::rename(&path, &other).unwrap();
        assert!(matches!(second.load_saved(&other), Err(HostError::Io { .. })), "another module's name");
        fs::rename(&other, &path).unwrap();
        second.load_saved(&path).unwrap();
        assert!(second.load_saved(&directory.path().join("none")).is_err());
        assert!(second.save(&module, &directory.path().join("no/such/place")).is_err());
    }
}
