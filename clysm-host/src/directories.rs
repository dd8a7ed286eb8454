//! Granted directories, and how a program's paths lead into them.
//!
//! A program sees paths with `/` between their parts. Relative ones belong to the working directory; `.` and `..` are
//! resolved by the text of the path, before any symbolic link is looked at. What is left must lie in a granted
//! directory, and after following symbolic links it must still lie there: else it is not permitted. A program has no
//! means to make symbolic links; another process that exchanges a directory for a link between check and use is not
//! guarded against.
//!
//! Protected directories are not there for a program: nothing in them is permitted, nor that they, or what leads to them, are
//! renamed, deleted or replaced.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use clysm_dispatch::imports::ErrorCode;

use crate::HostError;
use crate::descriptors::{Direction, io_code};
use crate::protected::Protected;

/// What may be done in a granted directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading, writing, creating, renaming and deleting.
    ReadWrite,
}

#[derive(Clone, Debug)]
struct Granted {
    /// The parts of the path under which the program sees it.
    guest: Vec<String>,
    /// Where it is, without symbolic links.
    host: PathBuf,
    access: Access,
}

/// The granted directories of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directories {
    granted: Vec<Granted>,
    protected: Protected,
    working: Vec<String>,
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    File,
    Directory,
}

impl Directories {
    pub(crate) fn grant(&mut self, guest: Option<&str>, host: &Path, access: Access) -> Result<(), HostError> {
        let io = |error| HostError::io(format!("granting the directory {}", host.display()), error);
        let canonical = fs::canonicalize(host).map_err(io)?;
        if !canonical.is_dir() {
            return Err(io(ErrorKind::NotADirectory.into()));
        }
        let guest = match guest {
            Some(guest) => join(&[], guest),
            None => join(&[], canonical.to_str().ok_or_else(|| io(ErrorKind::InvalidFilename.into()))?),
        };
        if self.granted.is_empty() {
            self.working.clone_from(&guest);
        }
        self.granted.push(Granted { guest, host: canonical, access });
        Ok(())
    }

    /// Protects a directory, which need not exist, from the program.
    pub(crate) fn protect(&mut self, host: &Path) -> Result<(), HostError> {
        let io = |error| HostError::io(format!("protecting the directory {}", host.display()), error);
        self.protected.add(host).map_err(io)
    }

    pub(crate) fn set_working_directory(&mut self, guest: &str) {
        self.working = join(&[], guest);
    }

    /// The grant that a path falls under, the most specific one, and the parts of the path within it.
    fn find(&self, path: &str) -> Result<(&Granted, Vec<String>), ErrorCode> {
        if path.is_empty() || path.contains('\0') {
            return Err(ErrorCode::InvalidArgument);
        }
        let parts = join(&self.working, path);
        let candidates = self.granted.iter().filter(|granted| parts.starts_with(&granted.guest));
        let granted = candidates.max_by_key(|granted| granted.guest.len()).ok_or(ErrorCode::NotPermitted)?;
        let rest = parts.get(granted.guest.len()..).unwrap_or_default().to_vec();
        // On some systems a part may mean more than a name, such as a drive.
        if rest.iter().all(|part| is_plain_name(part)) { Ok((granted, rest)) } else { Err(ErrorCode::NotPermitted) }
    }

    /// The place of something that exists, with symbolic links followed.
    fn existing(&self, path: &str) -> Result<(PathBuf, &Granted), ErrorCode> {
        let (granted, rest) = self.find(path)?;
        Ok((self.inside(granted, &granted.host.join(rest.iter().collect::<PathBuf>()))?, granted))
    }

    /// The place of a directory entry, which need not exist: links to its directory are followed, it itself is not.
    fn entry(&self, path: &str) -> Result<PathBuf, ErrorCode> {
        let (granted, mut rest) = self.find(path)?;
        if granted.access == Access::Read {
            return Err(ErrorCode::NotPermitted);
        }
        let name = rest.pop().ok_or(ErrorCode::NotPermitted)?;
        let place = self.inside(granted, &granted.host.join(rest.iter().collect::<PathBuf>()))?.join(name);
        if self.protected.hold(&place) { Err(ErrorCode::NotPermitted) } else { Ok(place) }
    }

    /// The place of a directory entry that is to be another's or gone.
    fn replaceable(&self, path: &str) -> Result<PathBuf, ErrorCode> {
        let place = self.entry(path)?;
        if self.protected.depend_on(&place) { Err(ErrorCode::NotPermitted) } else { Ok(place) }
    }

    /// A place without symbolic links, if it exists and lies in the granted directory and in no protected one.
    fn inside(&self, granted: &Granted, place: &Path) -> Result<PathBuf, ErrorCode> {
        let canonical = fs::canonicalize(place).map_err(|error| io_code(&error))?;
        if canonical.starts_with(&granted.host) && !self.protected.hold(&canonical) {
            Ok(canonical)
        } else {
            Err(ErrorCode::NotPermitted)
        }
    }

    pub(crate) fn open(&self, path: &str, mode: OpenMode) -> Result<(File, Direction), ErrorCode> {
        let direction = mode.direction()?;
        let (granted, _) = self.find(path)?;
        if mode.changes() && granted.access == Access::Read {
            return Err(ErrorCode::NotPermitted);
        }
        let place = match self.existing(path) {
            Ok(_) if mode.must_not_exist => return Err(ErrorCode::AlreadyExists),
            Ok((place, _)) if place.is_dir() => return Err(ErrorCode::IsDirectory),
            Ok((place, _)) => place,
            Err(ErrorCode::NotFound) if mode.create => {
                let place = self.entry(path)?;
                // What is there and leads nowhere is a link, maybe to the outside.
                if place.symlink_metadata().is_ok() {
                    return Err(ErrorCode::NotPermitted);
                }
                place
            }
            Err(error) => return Err(error),
        };
        let file = mode.options().open(place).map_err(|error| io_code(&error))?;
        Ok((file, direction))
    }

    pub(crate) fn kind(&self, path: &str) -> Result<Kind, ErrorCode> {
        match self.existing(path) {
            Ok((place, _)) if place.is_dir() => Ok(Kind::Directory),
            Ok(_) => Ok(Kind::File),
            Err(ErrorCode::NotFound | ErrorCode::NotDirectory) => Ok(Kind::Nothing),
            Err(error) => Err(error),
        }
    }

    /// The modification time in seconds since 1970-01-01; 0 for earlier ones.
    pub(crate) fn modified(&self, path: &str) -> Result<i64, ErrorCode> {
        let (place, _) = self.existing(path)?;
        let time = place.metadata().and_then(|data| data.modified()).map_err(|error| io_code(&error))?;
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |duration| duration.as_secs());
        i64::try_from(seconds).map_err(|_| ErrorCode::InputOutput)
    }

    pub(crate) fn delete(&self, path: &str) -> Result<(), ErrorCode> {
        let place = self.replaceable(path)?;
        let data = place.symlink_metadata().map_err(|error| io_code(&error))?;
        let deleted = if data.is_dir() { fs::remove_dir(place) } else { fs::remove_file(place) };
        deleted.map_err(|error| io_code(&error))
    }

    pub(crate) fn make_directory(&self, path: &str) -> Result<(), ErrorCode> {
        if self.existing(path).is_ok() {
            return Err(ErrorCode::AlreadyExists);
        }
        fs::create_dir(self.entry(path)?).map_err(|error| io_code(&error))
    }

    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), ErrorCode> {
        fs::rename(self.replaceable(from)?, self.replaceable(to)?).map_err(|error| io_code(&error))
    }

    /// The names in a directory, sorted, each ended by a zero octet, directories with a final slash. Names that are
    /// not UTF-8 have no path that a program could give; they are left out, and so are protected directories.
    pub(crate) fn list(&self, path: &str) -> Result<Vec<u8>, ErrorCode> {
        let (place, granted) = self.existing(path)?;
        let mut names = Vec::new();
        for entry in fs::read_dir(place).map_err(|error| io_code(&error))? {
            let entry = entry.map_err(|error| io_code(&error))?;
            let Ok(mut name) = entry.file_name().into_string() else { continue };
            if self.protected.hold(&entry.path()) {
                continue;
            }
            if self.inside(granted, &entry.path()).is_ok_and(|target| target.is_dir()) {
                name.push('/');
            }
            name.push('\0');
            names.push(name);
        }
        names.sort_unstable();
        Ok(names.concat().into_bytes())
    }

    /// The canonical path of something that exists, as the program sees it; directories end in a slash.
    pub(crate) fn resolve(&self, path: &str) -> Result<String, ErrorCode> {
        let (place, granted) = self.existing(path)?;
        let rest = place.strip_prefix(&granted.host).map_err(|_| ErrorCode::NotPermitted)?;
        let mut parts = granted.guest.clone();
        for part in rest {
            parts.push(part.to_str().ok_or(ErrorCode::InvalidUtf8)?.to_owned());
        }
        let mut resolved = format!("/{}", parts.join("/"));
        if place.is_dir() && !resolved.ends_with('/') {
            resolved.push('/');
        }
        Ok(resolved)
    }
}

fn is_plain_name(part: &str) -> bool {
    let mut components = Path::new(part).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}

/// The parts of a path, relative to a directory unless it is absolute, with `.` and `..` resolved.
fn join(directory: &[String], path: &str) -> Vec<String> {
    let mut parts = if path.starts_with('/') { Vec::new() } else { directory.to_vec() };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name.to_owned()),
        }
    }
    parts
}

/// How a file is to be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags of the import")]
pub(crate) struct OpenMode {
    read: bool,
    write: bool,
    create: bool,
    truncate: bool,
    append: bool,
    must_not_exist: bool,
}

impl OpenMode {
    /// The mode that the import's flags stand for: 1 read, 2 write, 4 create, 8 truncate, 16 append, 32 must not exist.
    pub(crate) const fn from_flags(flags: i32) -> Result<Self, ErrorCode> {
        if flags & !0x3f != 0 {
            return Err(ErrorCode::InvalidArgument);
        }
        Ok(Self {
            read: flags & 1 != 0,
            write: flags & 2 != 0,
            create: flags & 4 != 0,
            truncate: flags & 8 != 0,
            append: flags & 16 != 0,
            must_not_exist: flags & 32 != 0,
        })
    }

    const fn changes(self) -> bool {
        self.write || self.create || self.truncate || self.append
    }

    const fn direction(self) -> Result<Direction, ErrorCode> {
        match (self.read, self.write) {
            (true, true) => Ok(Direction::InputOutput),
            (true, false) if !self.changes() => Ok(Direction::Input),
            (false, true) => Ok(Direction::Output),
            _ => Err(ErrorCode::InvalidArgument),
        }
    }

    fn options(self) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(self.read).append(self.append).write(self.write && !self.append);
        options.truncate(self.truncate).create(self.create).create_new(self.create && self.must_not_exist);
        options
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Read;

    use super::*;

    struct World {
        directory: tempfile::TempDir,
        directories: Directories,
    }

    /// `outside/secret`, and `granted/` with a file, a directory and links in and out, seen as `/work`.
    fn world(access: Access) -> World {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        fs::create_dir_all(root.join("granted/sub")).unwrap();
        fs::create_dir(root.join("outside")).unwrap();
        fs::write(root.join("outside/secret"), "secret").unwrap();
        fs::write(root.join("granted/file"), "file").unwrap();
        #[cfg(unix)]
        for (target, link) in [
            ("../outside", "granted/out"),
            ("../outside/secret", "granted/secret"),
            ("../outside/new", "granted/dangling"),
            ("sub", "granted/in"),
        ] {
            std::os::unix::fs::symlink(target, root.join(link)).unwrap();
        }
        let mut directories = Directories::default();
        directories.grant(Some("/work"), &root.join("granted"), access).unwrap();
        directories.set_working_directory("/work/sub");
        World { directory, directories }
    }

    fn flags(flags: i32) -> OpenMode {
        OpenMode::from_flags(flags).unwrap()
    }

    #[test]
    fn a_directory_may_be_seen_under_its_own_path() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().canonicalize().unwrap();
        let mut directories = Directories::default();
        directories.grant(None, &path.join("."), Access::ReadWrite).unwrap();
        directories.make_directory("relative").unwrap();
        directories.make_directory(&format!("{}/absolute", path.display())).unwrap();
        assert!(path.join("relative").is_dir() && path.join("absolute").is_dir());
        assert_eq!(directories.make_directory("/elsewhere"), Err(ErrorCode::NotPermitted));
    }

    #[test]
    fn paths_lead_into_the_granted_directory() {
        let World { directories, directory: _kept } = world(Access::Read);
        let (mut file, direction) = directories.open("../file", flags(1)).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!((&*text, direction), ("file", Direction::Input));
        assert_eq!(directories.kind("/work"), Ok(Kind::Directory));
        assert_eq!(directories.kind("/work/./sub/../file"), Ok(Kind::File));
        assert_eq!(directories.kind("nothing/here"), Ok(Kind::Nothing));
        assert_eq!(directories.resolve("."), Ok("/work/sub/".to_owned()));
        assert_eq!(directories.open("/work/sub", flags(1)).err(), Some(ErrorCode::IsDirectory));
        assert_eq!(directories.open("none", flags(1)).err(), Some(ErrorCode::NotFound));
        assert!(directories.modified("../file").unwrap() > 1_500_000_000);
    }

    #[test]
    fn paths_outside_are_refused() {
        let World { directories, directory } = world(Access::ReadWrite);
        for path in ["/", "/etc/passwd", "../..", "../../outside/secret", "/work/../outside/secret", "/workshop"] {
            assert_eq!(directories.open(path, flags(1)).err(), Some(ErrorCode::NotPermitted), "{path}");
            assert_eq!(directories.open(path, flags(6)).err(), Some(ErrorCode::NotPermitted), "{path}");
            assert_eq!(directories.delete(path), Err(ErrorCode::NotPermitted), "{path}");
            assert_eq!(directories.kind(path), Err(ErrorCode::NotPermitted), "{path}");
        }
        assert_eq!(directories.delete("/work"), Err(ErrorCode::NotPermitted), "the granted directory itself");
        assert_eq!(directories.open("", flags(1)).err(), Some(ErrorCode::InvalidArgument));
        assert_eq!(directories.open("a\0b", flags(1)).err(), Some(ErrorCode::InvalidArgument));
        assert!(directory.path().join("outside/secret").exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_to_the_outside_are_refused() {
        let World { directories, directory } = world(Access::ReadWrite);
        for path in ["/work/secret", "/work/out/secret", "/work/out/new", "/work/dangling"] {
            assert_eq!(directories.open(path, flags(6)).err(), Some(ErrorCode::NotPermitted), "{path}");
        }
        assert_eq!(directories.make_directory("/work/out/new"), Err(ErrorCode::NotPermitted));
        assert_eq!(directories.list("/work/out"), Err(ErrorCode::NotPermitted));
        assert_eq!(directories.rename("/work/file", "/work/out/file"), Err(ErrorCode::NotPermitted));
        assert!(!directory.path().join("outside/new").exists());
        directories.delete("/work/secret").unwrap();
        assert!(directory.path().join("outside/secret").exists(), "only the link was deleted");
        assert_eq!(directories.resolve("/work/in"), Ok("/work/sub/".to_owned()));
    }

    #[test]
    fn read_only_directories_do_not_change() {
        let World { directories, directory } = world(Access::Read);
        for mode in [2, 3, 6, 10, 18, 38] {
            assert_eq!(directories.open("/work/file", flags(mode)).err(), Some(ErrorCode::NotPermitted), "{mode}");
        }
        assert_eq!(directories.delete("/work/file"), Err(ErrorCode::NotPermitted));
        assert_eq!(directories.make_directory("new"), Err(ErrorCode::NotPermitted));
        assert_eq!(directories.rename("/work/file", "/work/other"), Err(ErrorCode::NotPermitted));
        assert_eq!(fs::read(directory.path().join("granted/file")).unwrap(), b"file");
    }

    #[test]
    fn files_are_made_listed_renamed_and_deleted() {
        let World { directories, directory: _kept } = world(Access::ReadWrite);
        directories.open("b", flags(2 | 4 | 32)).unwrap();
        assert_eq!(directories.open("b", flags(2 | 4 | 32)).err(), Some(ErrorCode::AlreadyExists));
        directories.make_directory("d").unwrap();
        assert_eq!(directories.make_directory("d"), Err(ErrorCode::AlreadyExists));
        directories.open("a", flags(2 | 4)).unwrap();
        assert_eq!(directories.list(".").unwrap(), b"a\0b\0d/\0");
        directories.rename("b", "d/c").unwrap();
        assert_eq!(directories.delete("d"), Err(ErrorCode::NotEmpty));
        assert_eq!(directories.delete("b"), Err(ErrorCode::NotFound));
        assert_eq!(directories.list("a"), Err(ErrorCode::NotDirectory));
        directories.delete("d/c").unwrap();
        directories.delete("d").unwrap();
    }

    /// `granted/a/cache` with code in it is protected, named by way of the link `granted/way`, and so is `granted/b/later`, which
    /// is not there yet.
    #[cfg(unix)]
    fn protecting_world() -> World {
        let mut world = world(Access::ReadWrite);
        let root = world.directory.path().join("granted");
        fs::create_dir_all(root.join("a/cache/sub")).unwrap();
        fs::write(root.join("a/cache/code"), "code").unwrap();
        for (target, link) in [("a", "way"), ("a/cache", "in-cache"), ("a/cache/code", "to-code"), ("sub", "elsewhere")]
        {
            std::os::unix::fs::symlink(target, root.join(link)).unwrap();
        }
        world.directories.protect(&root.join("sub/../way/./cache/")).unwrap();
        world.directories.protect(&root.join("b/later")).unwrap();
        world
    }

    #[cfg(unix)]
    #[test]
    fn protected_directories_are_not_reached() {
        let World { directories, directory } = protecting_world();
        let root = directory.path().join("granted");
        fs::create_dir_all(root.join("made/cache")).unwrap();
        fs::write(root.join("made/cache/code"), "other").unwrap();
        for path in ["/work/a/cache", "/work/a/sub/../cache", "/work/way/cache", "/work/in-cache"] {
            assert_eq!(directories.kind(path), Err(ErrorCode::NotPermitted), "{path}");
            assert_eq!(directories.list(path), Err(ErrorCode::NotPermitted), "{path}");
            assert_eq!(directories.resolve(path), Err(ErrorCode::NotPermitted), "{path}");
            for name in ["code", "new", "sub"] {
                let path = format!("{path}/{name}");
                for mode in [1, 2, 3, 2 | 4, 2 | 8, 2 | 16, 2 | 4 | 32] {
                    assert!(directories.open(&path, flags(mode)).is_err(), "{path} {mode}");
                }
                assert_eq!(directories.open(&path, flags(2 | 4)).err(), Some(ErrorCode::NotPermitted), "{path}");
                assert_eq!(directories.delete(&path), Err(ErrorCode::NotPermitted), "{path}");
                assert_eq!(directories.make_directory(&path), Err(ErrorCode::NotPermitted), "{path}");
                assert_eq!(directories.rename("/work/file", &path), Err(ErrorCode::NotPermitted), "{path}");
                assert_eq!(directories.rename(&path, "/work/out"), Err(ErrorCode::NotPermitted), "{path}");
                assert!(directories.modified(&path).is_err(), "{path}");
            }
        }
        for mode in [1, 2, 2 | 8] {
            assert_eq!(directories.open("/work/to-code", flags(mode)).err(), Some(ErrorCode::NotPermitted), "{mode}");
        }
        assert_eq!(fs::read(root.join("a/cache/code")).unwrap(), b"code");
        assert_eq!(directories.list("/work/a").unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn what_leads_to_a_protected_directory_stays() {
        let World { directories, directory } = protecting_world();
        let root = directory.path().join("granted");
        fs::create_dir_all(root.join("made/later")).unwrap();
        for path in ["/work/a", "/work/way", "/work/a/cache", "/work/way/cache", "/work/b", "/work/b/later"] {
            assert!(directories.delete(path).is_err(), "{path}");
            assert!(directories.rename(path, "/work/moved").is_err(), "{path}");
            assert!(directories.rename("/work/made", path).is_err(), "{path}");
        }
        assert_eq!(directories.rename("/work/made", "/work/b"), Err(ErrorCode::NotPermitted), "it is not there yet");
        assert_eq!(directories.rename("/work/way", "/work/moved"), Err(ErrorCode::NotPermitted), "a link to it");
        // What is not there yet may be made up to the directory itself.
        directories.make_directory("/work/b").unwrap();
        assert_eq!(directories.make_directory("/work/b/later"), Err(ErrorCode::NotPermitted));
        assert_eq!(directories.rename("/work/made/later", "/work/b/later"), Err(ErrorCode::NotPermitted));
        assert_eq!(directories.open("/work/b/later", flags(2 | 4)).err(), Some(ErrorCode::NotPermitted));
        assert_eq!(directories.delete("/work/b"), Err(ErrorCode::NotPermitted));
        assert!(!root.join("b/later").exists() && root.join("a/cache/code").exists());
        // All else is as before.
        directories.rename("/work/elsewhere", "/work/b/later-on").unwrap();
        directories.make_directory("/work/a/cache-of-mine").unwrap();
        directories.open("/work/a/cache-of-mine/file", flags(2 | 4)).unwrap();
        directories.delete("/work/in-cache").unwrap();
    }

    #[test]
    fn a_granted_directory_in_a_protected_one_is_of_no_use() {
        let World { mut directories, directory } = world(Access::ReadWrite);
        directories.protect(directory.path()).unwrap();
        assert_eq!(directories.open("/work/file", flags(1)).err(), Some(ErrorCode::NotPermitted));
        assert_eq!(directories.open("/work/new", flags(2 | 4)).err(), Some(ErrorCode::NotPermitted));
        assert_eq!(directories.list("/work"), Err(ErrorCode::NotPermitted));
    }

    #[test]
    fn modes_that_make_no_sense_are_refused() {
        for mode in [0, 4, 1 | 4, 1 | 8, 1 | 16] {
            assert!(flags(mode).direction().is_err(), "{mode}");
        }
        assert_eq!(OpenMode::from_flags(64), Err(ErrorCode::InvalidArgument));
        assert_eq!(OpenMode::from_flags(-1), Err(ErrorCode::InvalidArgument));
    }
}
