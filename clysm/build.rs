//! The fingerprint of the compiler, part of the name under which images are cached: one that another compiler made must not be
//! used. Between releases the sources say which compiler it is; outside of the repository the version does.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The crates whose code decides what an image is.
const CRATES: &[&str] = &["clysm", "clysm-ast", "clysm-compiler", "clysm-dispatch", "clysm-gc-types", "clysm-reader"];

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for name in CRATES {
        let sources = Path::new("..").join(name).join("src");
        if sources.is_dir() {
            println!("cargo::rerun-if-changed={}", sources.display());
            let mut files = BTreeSet::new();
            find(&sources, &mut files)?;
            for file in files {
                fs::read(&file)?.hash(&mut hasher);
                file.hash(&mut hasher);
            }
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=CLYSM_FINGERPRINT={:016x}", hasher.finish());
    Ok(())
}

fn find(directory: &Path, files: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}
