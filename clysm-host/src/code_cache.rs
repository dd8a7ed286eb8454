//! A directory in which machine code is kept.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::{CompiledModule, Engine, HostError};

/// The octets of a module from which on its machine code is kept: that of smaller ones is made in no time.
const LEAST_OCTETS: usize = 16 << 10;
/// Octets that the directory may hold.
const LIMIT: u64 = 512 << 20;
/// How the names of files begin that belong to the cache: the machine code of modules, and what an embedder keeps of its image.
const PREFIXES: [&str; 2] = ["module-", "image-"];

/// A directory in which the machine code of modules is kept, so that a module that was seen before starts at once. A directory
/// that can't be read or written only costs time.
///
/// A file's name is the digest of the module with that of the engine's options, version and machine: a module gets no
/// other's code. Saved machine code runs outside of any sandbox: the directory must be one that only the user can write to, and
/// a session whose program is granted directories must withhold it ([`Capabilities::protect`](crate::Capabilities::protect)).
///
/// ```
/// use clysm_host::{CodeCache, Engine, EngineOptions};
///
/// let directory = tempfile::tempdir()?;
/// let cache = CodeCache::new(directory.path());
/// let engine = Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, ..EngineOptions::default() })?;
/// let module = cache.compile(&engine, &wat::parse_str(r#"(module (func (export "f")))"#)?)?;
/// assert!(module.has_export("f"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CodeCache {
    directory: PathBuf,
}

impl CodeCache {
    /// A cache in that directory, which is made when there is something to keep.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// The directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Loads the machine code of a module, or else makes it and keeps it. Code that was made with optimisation will do for an engine
    /// that makes its own without.
    ///
    /// # Errors
    /// The octets are no valid module.
    pub fn compile(&self, engine: &Engine, wasm: &[u8]) -> Result<CompiledModule, HostError> {
        if wasm.len() < LEAST_OCTETS {
            return engine.compile(wasm);
        }
        let places = self.places(engine, wasm);
        if let Some(kept) = places.iter().find_map(|place| engine.load_saved(place).ok()) {
            return Ok(kept);
        }
        let compiled = engine.compile(wasm)?;
        let made = fs::create_dir_all(&self.directory).is_ok();
        if made && places.last().is_some_and(|own| engine.save(&compiled, own).is_ok()) {
            self.tidy();
        }
        Ok(compiled)
    }

    /// Where code for a module may be that an engine can run, best first; the last one is for the engine's own.
    fn places(&self, engine: &Engine, wasm: &[u8]) -> Vec<PathBuf> {
        let digest: String = Sha256::digest(wasm).iter().map(|octet| format!("{octet:02x}")).collect();
        let place = |number| self.directory.join(format!("module-{digest}-{number:016x}.code"));
        engine.loadable().into_iter().map(place).collect()
    }

    /// Deletes what was not used for the longest time until the rest is at most 512 MiB. To be called after something was added.
    pub fn tidy(&self) {
        self.shrink(LIMIT);
    }

    fn shrink(&self, limit: u64) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for entry in entries.filter_map(Result::ok) {
            let Some(name) = entry.file_name().to_str().and_then(group_name).map(str::to_owned) else { continue };
            groups.entry(name).or_insert_with(Group::new).add(&entry);
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by_key(|group| group.used);
        let mut total: u64 = groups.iter().map(|group| group.octets).sum();
        // The last is what was just added.
        groups.pop();
        for group in groups {
            if total <= limit {
                break;
            }
            group.files.iter().for_each(|file| {
                let _ = fs::remove_file(file);
            });
            total = total.saturating_sub(group.octets);
        }
    }
}

/// The beginning of a file's name that it shares with all files made of the same module or image.
fn group_name(name: &str) -> Option<&str> {
    let prefix = PREFIXES.into_iter().find(|prefix| name.starts_with(prefix))?;
    let end = name.get(prefix.len()..)?.find(['-', '.'])?;
    name.get(..prefix.len() + end)
}

/// Files that are of use together.
struct Group {
    files: Vec<PathBuf>,
    octets: u64,
    used: SystemTime,
}

impl Group {
    const fn new() -> Self {
        Self { files: Vec::new(), octets: 0, used: SystemTime::UNIX_EPOCH }
    }

    fn add(&mut self, entry: &DirEntry) {
        let Ok(metadata) = entry.metadata() else { return };
        if metadata.is_file() {
            self.files.push(entry.path());
            self.octets += metadata.len();
            self.used = metadata.modified().map_or(self.used, |used| used.max(self.used));
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;
    use crate::{Capabilities, EngineOptions, Limits, Session};

    fn engine(fuel: bool) -> Engine {
        Engine::new(EngineOptions { initial_heap_bytes: 1 << 20, fuel, ..EngineOptions::default() }).unwrap()
    }

    /// A module whose `f` returns a number, as large as those that are kept.
    fn module(number: i32) -> Vec<u8> {
        let padding = " ".repeat(LEAST_OCTETS);
        wat::parse_str(format!(
            r#"(module (func (export "f") (result i32) (i32.const {number})) (@custom "pad" "{padding}"))"#
        ))
        .unwrap()
    }

    fn run(engine: &Engine, module: &CompiledModule) -> i32 {
        let mut session = Session::new(engine, Capabilities::new(), Limits::default()).unwrap();
        let instance = session.load(module).unwrap();
        session.call_i32(instance, "f", &[]).unwrap()
    }

    fn files(directory: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    #[test]
    fn code_is_made_once_for_each_module_and_kind_of_engine() {
        let directory = tempfile::tempdir().unwrap();
        let cache = CodeCache::new(directory.path().join("made"));
        let plain = engine(false);
        assert_eq!(run(&plain, &cache.compile(&plain, &module(1)).unwrap()), 1);
        let made = plain.times().compiling;
        assert_eq!(run(&plain, &cache.compile(&plain, &module(1)).unwrap()), 1);
        assert_eq!(plain.times().compiling, made, "it was loaded");
        assert_eq!(run(&plain, &cache.compile(&plain, &module(2)).unwrap()), 2);
        let fuel = engine(true);
        assert_eq!(run(&fuel, &cache.compile(&fuel, &module(1)).unwrap()), 1);
        assert_eq!(files(cache.directory()).len(), 3);
        let quick = Engine::new(EngineOptions { optimise: false, ..plain.options().clone() }).unwrap();
        assert_eq!(run(&quick, &cache.compile(&quick, &module(1)).unwrap()), 1);
        assert_eq!(files(cache.directory()).len(), 3, "optimised code will do");

        cache.compile(&plain, &wat::parse_str("(module)").unwrap()).unwrap();
        assert_eq!(files(cache.directory()).len(), 3, "too small");
        let mut invalid = module(3);
        invalid[8] = 0xff;
        assert!(matches!(cache.compile(&plain, &invalid), Err(HostError::Module(_))));
        assert_eq!(files(cache.directory()).len(), 3, "nothing of what is invalid");
    }

    #[test]
    fn a_cache_that_is_of_no_use_is_no_error() {
        let directory = tempfile::tempdir().unwrap();
        let engine = engine(false);
        let file = directory.path().join("file");
        fs::write(&file, "in the way").unwrap();
        assert_eq!(run(&engine, &CodeCache::new(&file).compile(&engine, &module(1)).unwrap()), 1);

        // One module's code under another's name, and no code at all.
        let cache = CodeCache::new(directory.path());
        cache.compile(&engine, &module(1)).unwrap();
        let place = |number| cache.places(&engine, &module(number)).pop().unwrap();
        let (first, second) = (place(1), place(2));
        fs::copy(&first, &second).unwrap();
        assert_eq!(run(&engine, &cache.compile(&engine, &module(2)).unwrap()), 2);
        fs::write(&first, "no code").unwrap();
        assert_eq!(run(&engine, &cache.compile(&engine, &module(1)).unwrap()), 1);
        assert!(engine.load_saved(&first).is_ok(), "it was replaced");
    }

    #[test]
    fn what_was_used_least_recently_goes() {
        let directory = tempfile::tempdir().unwrap();
        let cache = CodeCache::new(directory.path());
        let now = SystemTime::now();
        let file = |name: &str, age: u64| {
            let path = directory.path().join(name);
            fs::write(&path, [0; 100]).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(now - Duration::from_secs(age)).unwrap();
        };
        for (name, age) in [
            ("image-1-aa.code", 10),
            ("image-1.wasm", 5000),
            ("module-1-aa.code", 20),
            ("module-2-aa.code", 4000),
            ("module-2-bb.code", 3000),
            ("module-3-aa.77-0.tmp", 9000),
            ("another-1.code", 9999),
        ] {
            file(name, age);
        }
        let names = || -> Vec<String> {
            files(directory.path())
                .iter()
                .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
                .collect()
        };
        cache.shrink(600);
        assert_eq!(names().len(), 7);
        cache.shrink(599);
        assert!(!names().contains(&"module-3-aa.77-0.tmp".to_owned()));
        cache.shrink(400);
        assert_eq!(names(), ["another-1.code", "image-1-aa.code", "image-1.wasm", "module-1-aa.code"]);
        cache.shrink(0);
        assert_eq!(names(), ["another-1.code", "image-1-aa.code", "image-1.wasm"], "never what was just added");
    }

    #[test]
    fn use_keeps_code_young() {
        let directory = tempfile::tempdir().unwrap();
        let (cache, engine) = (CodeCache::new(directory.path()), engine(false));
        cache.compile(&engine, &module(1)).unwrap();
        let path = cache.places(&engine, &module(1)).pop().unwrap();
        let age = || SystemTime::now().duration_since(path.metadata().unwrap().modified().unwrap()).unwrap_or_default();
        let hour = Duration::from_secs(3600);
        File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now() - hour).unwrap();
        assert!(age() >= hour);
        cache.compile(&engine, &module(1)).unwrap();
        assert!(age() < hour);
    }
}
