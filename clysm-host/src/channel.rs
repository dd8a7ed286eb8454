//! Buffered input and output behind a descriptor.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};

use crate::descriptors::DescriptorError;

/// What a channel reads from or writes to.
pub(crate) enum Backend {
    Reader(Box<dyn Read + Send>),
    Writer(Box<dyn Write + Send>),
    File(File),
}

/// When output goes on to the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flush {
    /// When the buffer is full, and when asked.
    WhenFull,
    /// After each newline too.
    EachLine,
    /// After each operation.
    Always,
}

const BUFFER: usize = 64 << 10;
/// The most octets that one read returns.
const READ_LIMIT: usize = 1 << 20;
/// The longest line: a source without newlines must not take all memory.
const LINE_LIMIT: usize = 256 << 20;

/// A backend with buffers for both directions. At most one of the buffers is not empty.
pub(crate) struct Channel {
    backend: Backend,
    input: Vec<u8>,
    /// Octets of `input` that were taken already.
    taken: usize,
    output: Vec<u8>,
    flush: Flush,
    terminal: bool,
}

impl Channel {
    pub(crate) const fn new(backend: Backend, flush: Flush, terminal: bool) -> Self {
        Self { backend, input: Vec::new(), taken: 0, output: Vec::new(), flush, terminal }
    }

    pub(crate) const fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// The octets that were read but not taken.
    fn unread(&self) -> &[u8] {
        self.input.get(self.taken..).unwrap_or_default()
    }

    /// Reads more octets behind the unread ones; false at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        self.flush()?;
        self.input.drain(..self.taken);
        self.taken = 0;
        let unread = self.input.len();
        self.input.resize(unread + BUFFER, 0);
        let read = read_backend(&mut self.backend, self.input.get_mut(unread..).unwrap_or_default());
        self.input.truncate(unread + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }

    /// Takes at least one and at most `max` octets; none at the end of the file.
    pub(crate) fn read(&mut self, max: usize) -> io::Result<Vec<u8>> {
        let max = max.min(READ_LIMIT);
        if self.unread().is_empty() && max > BUFFER {
            self.flush()?;
            let mut octets = vec![0; max];
            let count = read_backend(&mut self.backend, &mut octets)?;
            octets.truncate(count);
            return Ok(octets);
        }
        if self.unread().is_empty() {
            self.fill()?;
        }
        let count = self.unread().len().min(max);
        Ok(self.take(count))
    }

    /// Takes the octets to the next newline, that included, or to the end of the file.
    pub(crate) fn read_line(&mut self) -> Result<Vec<u8>, DescriptorError> {
        let mut searched = 0;
        loop {
            let unread = self.unread();
            if let Some(newline) = unread.iter().skip(searched).position(|&octet| octet == b'\n') {
                return Ok(self.take(searched + newline + 1));
            }
            searched = unread.len();
            if searched > LINE_LIMIT {
                return Err(io::Error::new(ErrorKind::OutOfMemory, "the line is too long").into());
            }
            if !self.fill()? {
                return Ok(self.take(searched));
            }
        }
    }

    /// Takes one character; none at the end of the file. What is not UTF-8 is taken as well.
    pub(crate) fn read_char(&mut self) -> Result<Option<char>, DescriptorError> {
        while self.unread().is_empty() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        loop {
            let head = self.unread().get(..4).unwrap_or(self.unread());
            let cut_off = head.len();
            match first_char(head) {
                Ok(character) => {
                    self.taken += character.len_utf8();
                    return Ok(Some(character));
                }
                Err(None) if self.fill()? => {}
                Err(invalid) => {
                    self.taken += invalid.unwrap_or(cut_off);
                    return Err(DescriptorError::InvalidUtf8);
                }
            }
        }
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let octets = self.unread().get(..count).unwrap_or_default().to_vec();
        self.taken += octets.len();
        octets
    }

    pub(crate) fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.forget_input()?;
        self.output.extend_from_slice(octets);
        let now = match self.flush {
            Flush::WhenFull => false,
            Flush::EachLine => octets.contains(&b'\n'),
            Flush::Always => true,
        };
        if now || self.output.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    /// Writes out what is buffered. When that fails, the buffered octets are dropped: they are not written twice.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        let written = match &mut self.backend {
            Backend::Reader(_) => Err(ErrorKind::Unsupported.into()),
            Backend::Writer(writer) => writer.write_all(&self.output).and_then(|()| writer.flush()),
            Backend::File(file) => file.write_all(&self.output),
        };
        self.output.clear();
        written
    }

    /// Moves a file's position back to where the program believes it to be.
    fn forget_input(&mut self) -> io::Result<()> {
        let unread = self.unread().len();
        if let (Backend::File(file), 1..) = (&mut self.backend, unread) {
            file.seek_relative(-i64::try_from(unread).map_err(io::Error::other)?)?;
        }
        self.input.clear();
        self.taken = 0;
        Ok(())
    }

    fn file(&mut self) -> Result<&mut File, DescriptorError> {
        match &mut self.backend {
            Backend::File(file) => Ok(file),
            Backend::Reader(_) | Backend::Writer(_) => Err(DescriptorError::NotAFile),
        }
    }

    /// The size of the file in octets.
    pub(crate) fn size(&mut self) -> Result<u64, DescriptorError> {
        self.file()?;
        self.flush()?;
        Ok(self.file()?.metadata()?.len())
    }

    /// The position in the file in octets.
    pub(crate) fn position(&mut self) -> Result<u64, DescriptorError> {
        self.file()?;
        self.flush()?;
        let unread = self.unread().len() as u64;
        Ok(self.file()?.stream_position()?.saturating_sub(unread))
    }

    /// Moves to a position in the file.
    pub(crate) fn seek(&mut self, to: u64) -> Result<u64, DescriptorError> {
        self.file()?;
        self.flush()?;
        self.input.clear();
        self.taken = 0;
        Ok(self.file()?.seek(SeekFrom::Start(to))?)
    }
}

fn read_backend(backend: &mut Backend, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        let read = match backend {
            Backend::Reader(reader) => reader.read(buffer),
            Backend::Writer(_) => Err(ErrorKind::Unsupported.into()),
            Backend::File(file) => file.read(buffer),
        };
        match read {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// The first character of at most four octets, which are not empty; else how many of them are not UTF-8, or none if
/// more are needed to tell.
fn first_char(head: &[u8]) -> Result<char, Option<usize>> {
    let valid = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() == 0 => return Err(error.error_len()),
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    valid.chars().next().ok_or(None)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn reader(octets: &'static [u8]) -> Channel {
        Channel::new(Backend::Reader(Box::new(octets)), Flush::WhenFull, false)
    }

    #[test]
    fn characters_are_utf8_and_errors_are_skipped() {
        let mut channel = reader("aé\u{1F600}".as_bytes());
        assert_eq!(channel.read_char().unwrap(), Some('a'));
        assert_eq!(channel.read_char().unwrap(), Some('é'));
        assert_eq!(channel.read_char().unwrap(), Some('\u{1F600}'));
        assert_eq!(channel.read_char().unwrap(), None);
        let mut broken = reader(b"\xffx\xe2\x82");
        assert!(matches!(broken.read_char(), Err(DescriptorError::InvalidUtf8)));
        assert_eq!(broken.read_char().unwrap(), Some('x'));
        assert!(matches!(broken.read_char(), Err(DescriptorError::InvalidUtf8)), "cut off at the end");
        assert_eq!(broken.read_char().unwrap(), None);
    }

    #[test]
    fn lines_keep_their_newline() {
        let mut channel = reader(b"one\n\ntwo");
        assert_eq!(channel.read_line().unwrap(), b"one\n");
        assert_eq!(channel.read_line().unwrap(), b"\n");
        assert_eq!(channel.read_line().unwrap(), b"two");
        assert_eq!(channel.read_line().unwrap(), b"");
    }

    /// A reader that gives one octet at a time.
    struct Slowly(&'static [u8]);

    impl Read for Slowly {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(1);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn pieces_are_put_together() {
        let slowly = || Channel::new(Backend::Reader(Box::new(Slowly("λx\ny".as_bytes()))), Flush::WhenFull, false);
        assert_eq!(slowly().read_char().unwrap(), Some('λ'));
        assert_eq!(slowly().read_line().unwrap(), "λx\n".as_bytes());
    }

    #[test]
    fn files_keep_one_position_for_both_directions() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789").unwrap();
        let mut channel = Channel::new(Backend::File(file), Flush::WhenFull, false);
        assert_eq!(channel.seek(0).unwrap(), 0);
        assert_eq!(channel.read(3).unwrap(), b"012");
        assert_eq!(channel.position().unwrap(), 3);
        channel.write(b"ab").unwrap();
        assert_eq!(channel.position().unwrap(), 5);
        assert_eq!(channel.read(2).unwrap(), b"56");
        assert_eq!(channel.size().unwrap(), 10);
        assert_eq!(channel.seek(2).unwrap(), 2);
        assert_eq!(channel.read_line().unwrap(), b"2ab56789");
    }
}
