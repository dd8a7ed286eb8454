//! Writing files and diagnostics.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use clysm_report::{Diagnostic, SourceMap, render};

/// Replaces a file's contents, or leaves it as it is: the octets go to a new file beside it, which then takes its name.
///
/// # Errors
/// The directory cannot be written to, or something that is no file has that name.
pub fn replace_file(path: &Path, octets: &[u8]) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".clysm-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let mut file = builder.tempfile_in(directory).map_err(|error| error.kind())?;
    file.write_all(octets)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Shows diagnostics on standard error, in colour if that is a terminal that has not asked for none (`NO_COLOR`).
pub fn show_diagnostics(diagnostics: &[Diagnostic], sources: &SourceMap) {
    let mut stderr = io::stderr().lock();
    let color = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    for diagnostic in diagnostics {
        // Nobody is left to tell when standard error is closed.
        let _ = stderr.write_all(render(diagnostic, sources, color).as_bytes());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.wasm");
        replace_file(&path, b"one").unwrap();
        replace_file(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_replaced_stays() {
        let directory = tempfile::tempdir().unwrap();
        assert!(replace_file(directory.path(), b"x").is_err());
        let file = directory.path().join("file");
        fs::write(&file, "kept").unwrap();
        assert!(replace_file(&file.join("below"), b"x").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"kept");
    }
}
