//! Places on the host that no program may reach, whatever directories it is granted.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

/// Symbolic links that are followed on the way to a protected place at most, as many as Linux follows.
const MOST_LINKS: usize = 40;

/// Directories that are not to be reached, where they are, and what leads to them. They need not exist.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protected {
    /// The directories without symbolic links.
    directories: Vec<PathBuf>,
    /// These, and the symbolic links on the way to them, each in a directory without links.
    ways: Vec<PathBuf>,
}

impl Protected {
    /// Protects a directory. A relative path belongs to the process's working directory.
    pub(crate) fn add(&mut self, path: &Path) -> io::Result<()> {
        let mut rest: VecDeque<Part> = std::path::absolute(path)?.components().map(Part::from).collect();
        let mut place = PathBuf::new();
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            match part {
                Part::Stay => {}
                Part::Up => {
                    place.pop();
                }
                Part::Root(root) => place.push(root),
                Part::Name(name) => {
                    let next = place.join(name);
                    let Ok(target) = fs::read_link(&next) else {
                        place = next;
                        continue;
                    };
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(io::ErrorKind::InvalidInput.into());
                    }
                    self.ways.push(next);
                    for part in target.components().rev() {
                        rest.push_front(part.into());
                    }
                }
            }
        }
        self.ways.push(place.clone());
        self.directories.push(place);
        Ok(())
    }

    /// Whether a place without symbolic links is a protected directory or within one.
    pub(crate) fn hold(&self, place: &Path) -> bool {
        self.directories.iter().any(|directory| begins_with(place, directory))
    }

    /// Whether something else would be in a protected directory if a directory entry were another's or gone. The entry's own
    /// directory is without symbolic links.
    pub(crate) fn depend_on(&self, entry: &Path) -> bool {
        self.hold(entry) || self.ways.iter().any(|way| begins_with(way, entry))
    }
}

/// A part of a path.
enum Part {
    Stay,
    Up,
    Root(OsString),
    Name(OsString),
}

impl From<Component<'_>> for Part {
    fn from(component: Component<'_>) -> Self {
        match component {
            Component::CurDir => Self::Stay,
            Component::ParentDir => Self::Up,
            Component::Normal(name) => Self::Name(name.to_owned()),
            root => Self::Root(root.as_os_str().to_owned()),
        }
    }
}

/// Whether a path begins with all parts of another. Where names that differ in case may mean the same, they are the same here.
fn begins_with(path: &Path, beginning: &Path) -> bool {
    if cfg!(any(windows, target_vendor = "apple")) {
        let lower = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
        return lower(path).starts_with(lower(beginning));
    }
    path.starts_with(beginning)
}
