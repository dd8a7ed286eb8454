//! The table of file descriptors.

use std::io;

use clysm_dispatch::imports::ErrorCode;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::channel::Channel;

/// Whether a descriptor is for reading or for writing (seed: FileDescriptor), or for both: Common Lisp's `:io`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// For reading.
    Input,
    /// For writing.
    Output,
    /// For both.
    InputOutput,
}

impl Direction {
    const fn reads(self) -> bool {
        matches!(self, Self::Input | Self::InputOutput)
    }

    const fn writes(self) -> bool {
        matches!(self, Self::Output | Self::InputOutput)
    }
}

/// What is known of a descriptor (seed: FileDescriptor); the handle stays inside of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDescriptor {
    /// The number: 0 standard input, 1 standard output, 2 standard error, 3 and up files.
    pub id: u32,
    /// The path as the program gave it.
    pub path: String,
    /// Read or write mode.
    pub direction: Direction,
    /// Whether it was closed.
    pub closed: bool,
}

/// Why an operation on a descriptor failed.
#[derive(Debug, Error)]
pub enum DescriptorError {
    /// It was never opened.
    #[error("unknown descriptor")]
    Unknown,
    /// It was closed before.
    #[error("closed descriptor")]
    Closed,
    /// Reading from an output descriptor, or writing to an input descriptor.
    #[error("wrong direction")]
    WrongDirection,
    /// Standard streams cannot be closed.
    #[error("reserved descriptor")]
    Reserved,
    /// Too many files are open.
    #[error("too many open files")]
    TooMany,
    /// It has no size and no position.
    #[error("not a file")]
    NotAFile,
    /// The octets are not UTF-8.
    #[error("invalid UTF-8")]
    InvalidUtf8,
    /// The operating system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<&DescriptorError> for ErrorCode {
    fn from(error: &DescriptorError) -> Self {
        match error {
            DescriptorError::Unknown => Self::UnknownDescriptor,
            DescriptorError::Closed => Self::ClosedDescriptor,
            DescriptorError::WrongDirection => Self::WrongDirection,
            DescriptorError::Reserved | DescriptorError::NotAFile => Self::InvalidArgument,
            DescriptorError::TooMany => Self::InputOutput,
            DescriptorError::InvalidUtf8 => Self::InvalidUtf8,
            DescriptorError::Io(error) => io_code(error),
        }
    }
}

impl From<DescriptorError> for ErrorCode {
    fn from(error: DescriptorError) -> Self {
        Self::from(&error)
    }
}

/// The code that stands for an error of the operating system.
pub(crate) fn io_code(error: &io::Error) -> ErrorCode {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => ErrorCode::NotFound,
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => ErrorCode::NotPermitted,
        Kind::AlreadyExists => ErrorCode::AlreadyExists,
        Kind::IsADirectory => ErrorCode::IsDirectory,
        Kind::NotADirectory => ErrorCode::NotDirectory,
        Kind::DirectoryNotEmpty => ErrorCode::NotEmpty,
        Kind::InvalidInput | Kind::InvalidFilename => ErrorCode::InvalidArgument,
        _ => ErrorCode::InputOutput,
    }
}

struct Entry {
    descriptor: FileDescriptor,
    /// None once it is closed.
    channel: Option<Channel>,
}

/// The descriptors of a session. Numbers are not used twice, so that a closed descriptor is known as such.
pub struct DescriptorTable {
    entries: Vec<Entry>,
    open_files: usize,
    open_limit: usize,
}

/// The number of reserved descriptors.
const RESERVED: usize = 3;

impl DescriptorTable {
    pub(crate) fn new(input: Channel, output: Channel, error: Channel, open_limit: usize) -> Self {
        let mut table = Self { entries: Vec::new(), open_files: 0, open_limit };
        table.push("stdin", Direction::Input, input);
        table.push("stdout", Direction::Output, output);
        table.push("stderr", Direction::Output, error);
        table
    }

    fn push(&mut self, path: &str, direction: Direction, channel: Channel) -> u32 {
        let id = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        let descriptor = FileDescriptor { id, path: path.to_owned(), direction, closed: false };
        self.entries.push(Entry { descriptor, channel: Some(channel) });
        id
    }

    /// Everything that was ever opened, in order.
    pub fn descriptors(&self) -> impl Iterator<Item = &FileDescriptor> {
        self.entries.iter().map(|entry| &entry.descriptor)
    }

    /// The descriptor of that number.
    ///
    /// # Errors
    /// It was never opened.
    pub fn get(&self, id: i32) -> Result<&FileDescriptor, DescriptorError> {
        let index = usize::try_from(id).map_err(|_| DescriptorError::Unknown)?;
        self.entries.get(index).map(|entry| &entry.descriptor).ok_or(DescriptorError::Unknown)
    }

    /// Whether one more file may be opened.
    pub(crate) const fn has_room(&self) -> Result<(), DescriptorError> {
        if self.open_files < self.open_limit && self.entries.len() < i32::MAX as usize {
            Ok(())
        } else {
            Err(DescriptorError::TooMany)
        }
    }

    /// Adds an opened file.
    pub(crate) fn open(&mut self, path: &str, direction: Direction, channel: Channel) -> Result<u32, DescriptorError> {
        self.has_room()?;
        self.open_files += 1;
        Ok(self.push(path, direction, channel))
    }

    /// Closes a file, having written out what is buffered. It is closed even when that fails.
    ///
    /// # Errors
    /// It is reserved, unknown, closed already, or its last octets cannot be written.
    pub fn close(&mut self, id: i32) -> Result<(), DescriptorError> {
        let entry = self.entry(id)?;
        if (entry.descriptor.id as usize) < RESERVED {
            return Err(DescriptorError::Reserved);
        }
        let mut channel = entry.channel.take().ok_or(DescriptorError::Closed)?;
        entry.descriptor.closed = true;
        self.open_files -= 1;
        Ok(channel.flush()?)
    }

    fn entry(&mut self, id: i32) -> Result<&mut Entry, DescriptorError> {
        let index = usize::try_from(id).map_err(|_| DescriptorError::Unknown)?;
        self.entries.get_mut(index).ok_or(DescriptorError::Unknown)
    }

    /// The channel of an open descriptor.
    pub(crate) fn channel(&mut self, id: i32) -> Result<&mut Channel, DescriptorError> {
        self.entry(id)?.channel.as_mut().ok_or(DescriptorError::Closed)
    }

    /// The channel of an open descriptor for reading.
    pub(crate) fn input(&mut self, id: i32) -> Result<&mut Channel, DescriptorError> {
        let reads = self.get(id)?.direction.reads();
        let terminal = self.channel(id)?.is_terminal();
        if !reads {
            return Err(DescriptorError::WrongDirection);
        }
        if terminal {
            // Whoever is asked for input wants to see the question.
            self.channel(1)?.flush()?;
        }
        self.channel(id)
    }

    /// The channel of an open descriptor for writing.
    pub(crate) fn output(&mut self, id: i32) -> Result<&mut Channel, DescriptorError> {
        let writes = self.get(id)?.direction.writes();
        self.channel(id)?;
        if !writes {
            return Err(DescriptorError::WrongDirection);
        }
        if id == 2 {
            // Standard error is not buffered: what was printed before it must appear before it.
            self.channel(1)?.flush()?;
        }
        self.channel(id)
    }

    /// Writes out what is buffered, in all open descriptors.
    ///
    /// # Errors
    /// The first failure; the other descriptors are written nevertheless.
    pub fn flush_all(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        for channel in self.entries.iter_mut().filter_map(|entry| entry.channel.as_mut()) {
            let flushed = channel.flush();
            result = result.and(flushed);
        }
        result
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::channel::{Backend, Flush};

    fn input() -> Channel {
        Channel::new(Backend::Reader(Box::new(io::empty())), Flush::WhenFull, false)
    }

    fn output() -> Channel {
        Channel::new(Backend::Writer(Box::new(io::sink())), Flush::WhenFull, false)
    }

    fn table() -> DescriptorTable {
        DescriptorTable::new(input(), output(), output(), 2)
    }

    fn code<T>(result: Result<T, DescriptorError>) -> ErrorCode {
        result.err().unwrap().into()
    }

    #[test]
    fn standard_streams_are_reserved() {
        let mut table = table();
        let all: Vec<_> = table.descriptors().map(|d| (d.id, &*d.path, d.direction, d.closed)).collect();
        assert_eq!(
            all,
            [
                (0, "stdin", Direction::Input, false),
                (1, "stdout", Direction::Output, false),
                (2, "stderr", Direction::Output, false)
            ]
        );
        assert_eq!(code(table.close(1)), ErrorCode::InvalidArgument);
        assert!(!table.get(1).unwrap().closed);
    }

    #[test]
    fn files_begin_at_three_and_close_once() {
        let mut table = table();
        assert_eq!(table.open("a", Direction::Input, input()).unwrap(), 3);
        assert_eq!(table.open("b", Direction::Output, output()).unwrap(), 4);
        assert_eq!(code(table.open("c", Direction::Input, input())), ErrorCode::InputOutput, "the limit is two");
        table.close(3).unwrap();
        assert!(table.get(3).unwrap().closed);
        assert_eq!(code(table.close(3)), ErrorCode::ClosedDescriptor);
        assert_eq!(code(table.input(3)), ErrorCode::ClosedDescriptor);
        assert_eq!(table.open("c", Direction::Input, input()).unwrap(), 5, "numbers are not used twice");
    }

    #[test]
    fn directions_are_checked() {
        let mut table = table();
        table.open("both", Direction::InputOutput, input()).unwrap();
        assert!(table.input(3).is_ok() && table.output(3).is_ok());
        assert_eq!(code(table.output(0)), ErrorCode::WrongDirection);
        assert_eq!(code(table.input(2)), ErrorCode::WrongDirection);
        assert_eq!(code(table.input(9)), ErrorCode::UnknownDescriptor);
        assert_eq!(code(table.input(-1)), ErrorCode::UnknownDescriptor);
        assert_eq!(code(table.channel(0).unwrap().size()), ErrorCode::InvalidArgument);
    }

    #[test]
    fn descriptors_are_data() {
        let json = serde_json::to_string(table().get(0).unwrap()).unwrap();
        assert_eq!(json, r#"{"id":0,"path":"stdin","direction":"input","closed":false}"#);
    }
}
