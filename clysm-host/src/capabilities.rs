//! What a session is granted.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clysm_dispatch::imports::NamedKind;
use thiserror::Error;

use crate::channel::{Backend, Channel, Flush};
use crate::directories::{Access, Directories};
use crate::{Guest, HostError};

/// Where standard input comes from.
pub enum Input {
    /// From the process's standard input.
    Inherit,
    /// From nowhere: the end of the file at once.
    Empty,
    /// These octets.
    Octets(Vec<u8>),
    /// A file.
    File(PathBuf),
    /// A reader.
    Reader(Box<dyn Read + Send>),
}

/// Where standard output or standard error goes.
pub enum Output {
    /// To the process's.
    Inherit,
    /// Nowhere.
    Discard,
    /// Into memory.
    Buffer(OutputBuffer),
    /// A writer.
    Writer(Box<dyn Write + Send>),
}

/// Output kept in memory; clones share it.
///
/// ```
/// use std::io::Write;
/// use clysm_host::OutputBuffer;
///
/// let buffer = OutputBuffer::default();
/// buffer.clone().write_all(b"hello")?;
/// assert_eq!(buffer.take(), b"hello");
/// assert!(buffer.take().is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OutputBuffer(Arc<Mutex<Vec<u8>>>);

impl OutputBuffer {
    /// Takes what was written since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for OutputBuffer {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where random bits come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Random {
    /// From the operating system.
    System,
    /// From a generator that gives the same bits for the same seed in every session.
    Seeded(u64),
}

/// Why a host function failed.
#[derive(Debug, Error)]
pub enum CallError {
    /// In a way that the Lisp program may handle: the text becomes that of an error.
    #[error("{0}")]
    Failed(String),
    /// In a way that ends the program.
    #[error(transparent)]
    Fatal(#[from] HostError),
}

/// A function that Lisp code can call: octets in, octets out, in whatever code both sides agree on.
pub type HostFunction = Arc<dyn Fn(&mut Guest<'_>, &[u8]) -> Result<Vec<u8>, CallError> + Send + Sync>;

/// The compiler behind `clysm:code compile`.
pub type CodeService = Arc<dyn Fn(&mut Guest<'_>, &[u8]) -> Result<Vec<u8>, HostError> + Send + Sync>;

/// A call of a tool, by a name in the program's source or by a computed one.
#[derive(Clone, Copy, Debug)]
pub struct ToolCall<'a> {
    /// What is called.
    pub kind: NamedKind,
    /// Its name.
    pub name: &'a str,
    /// Whether the program computed the name.
    pub computed: bool,
    /// The arguments, in the code that `lisp/runtime/tools.lisp` documents.
    pub arguments: &'a [u8],
}

/// Who answers calls of tools: it decides whether a call is permitted, and gives the answer in the code that
/// `lisp/runtime/tools.lisp` documents.
pub type ToolService = Arc<dyn Fn(&mut Guest<'_>, ToolCall<'_>) -> Result<Vec<u8>, CallError> + Send + Sync>;

/// What is granted, as the imports need it.
#[derive(Default)]
pub(crate) struct Grants {
    pub(crate) directories: Directories,
    pub(crate) files: bool,
    /// The zone in minutes west of UTC.
    pub(crate) clock: Option<i32>,
    pub(crate) random: Option<Random>,
    pub(crate) environment: Option<Environment>,
    pub(crate) code: Option<CodeService>,
    pub(crate) host: Option<Vec<HostFunction>>,
    pub(crate) tools: Option<ToolService>,
    pub(crate) refuse_at_call: bool,
}

impl Grants {
    /// Whether an import module is granted.
    pub(crate) fn allow(&self, module: &str) -> bool {
        match module {
            "clysm:fs" => self.files,
            "clysm:clock" => self.clock.is_some(),
            "clysm:random" => self.random.is_some(),
            "clysm:env" => self.environment.is_some(),
            "clysm:code" => self.code.is_some(),
            "clysm:host" => self.host.is_some(),
            "clysm:call" => self.tools.is_some(),
            _ if NamedKind::by_module(module).is_some() => self.tools.is_some(),
            _ => true,
        }
    }
}

#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) arguments: Vec<String>,
    pub(crate) variables: BTreeMap<String, String>,
}

impl Environment {
    pub(crate) fn new(
        arguments: impl IntoIterator<Item = String>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self { arguments: arguments.into_iter().collect(), variables: variables.into_iter().collect() }
    }
}

/// What a session is granted: nothing but the standard streams, until more is added.
///
/// A module that imports something that is not granted is not loaded, see [`HostError::NotGranted`]. A live image
/// imports everything: [`Capabilities::refuse_at_call`] loads it nevertheless and fails when it is called.
///
/// ```
/// use clysm_host::{Access, Capabilities, Input, Output, OutputBuffer, Random};
///
/// let output = OutputBuffer::default();
/// let capabilities = Capabilities::new()
///     .input(Input::Octets(b"(+ 1 2)".to_vec()))
///     .output(Output::Buffer(output.clone()))
///     .directory(std::env::temp_dir(), "/tmp", Access::Read)
///     .random(Random::Seeded(42));
/// # drop(capabilities);
/// ```
#[derive(Default)]
pub struct Capabilities {
    input: Option<Input>,
    output: Option<Output>,
    error: Option<Output>,
    directories: Vec<(PathBuf, Option<String>, Access)>,
    protected: Vec<PathBuf>,
    working_directory: Option<String>,
    grants: Grants,
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let modules = ["clysm:clock", "clysm:random", "clysm:env", "clysm:code", "clysm:host", "clysm:tool"];
        let granted: Vec<_> = modules.into_iter().filter(|module| self.grants.allow(module)).collect();
        f.debug_struct("Capabilities").field("directories", &self.directories).field("granted", &granted).finish()
    }
}

impl Capabilities {
    /// The process's standard streams, and nothing else.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets standard input.
    #[must_use]
    pub fn input(mut self, input: Input) -> Self {
        self.input = Some(input);
        self
    }

    /// Sets standard output.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = Some(output);
        self
    }

    /// Sets standard error.
    #[must_use]
    pub fn error(mut self, output: Output) -> Self {
        self.error = Some(output);
        self
    }

    /// Grants a directory, which the program sees under an absolute path with `/` between the parts. The first one is
    /// the working directory, unless another is set.
    #[must_use]
    pub fn directory(self, host: impl Into<PathBuf>, guest: impl Into<String>, access: Access) -> Self {
        self.grant_directory(host.into(), Some(guest.into()), access)
    }

    /// Grants a directory, which the program sees under its own absolute path. That must be UTF-8.
    #[must_use]
    pub fn own_directory(self, host: impl Into<PathBuf>, access: Access) -> Self {
        self.grant_directory(host.into(), None, access)
    }

    fn grant_directory(mut self, host: PathBuf, guest: Option<String>, access: Access) -> Self {
        self.grants.files = true;
        self.directories.push((host, guest, access));
        self
    }

    /// Withholds a directory from the program, even if it lies in a granted one or that in it: no path leads there, and neither it nor
    /// what leads to it can be renamed, deleted or replaced. It need not exist; a relative path belongs to the process's working
    /// directory at the beginning of the session. Whoever loads saved machine code withholds the directory in which that is kept.
    #[must_use]
    pub fn protect(mut self, host: impl Into<PathBuf>) -> Self {
        self.protected.push(host.into());
        self
    }

    /// Sets the directory that relative paths belong to, as the program sees it.
    #[must_use]
    pub fn working_directory(mut self, guest: impl Into<String>) -> Self {
        self.working_directory = Some(guest.into());
        self
    }

    /// Grants the time of day, a monotonic clock and sleeping. The time zone, in minutes west of UTC, is the caller's
    /// word: programs see no other.
    #[must_use]
    pub const fn clock(mut self, minutes_west: i32) -> Self {
        self.grants.clock = Some(minutes_west);
        self
    }

    /// Grants random bits.
    #[must_use]
    pub const fn random(mut self, random: Random) -> Self {
        self.grants.random = Some(random);
        self
    }

    /// Grants command-line arguments and environment variables: these.
    #[must_use]
    pub fn environment(
        mut self,
        arguments: impl IntoIterator<Item = String>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        self.grants.environment = Some(Environment::new(arguments, variables));
        self
    }

    /// Grants compiling code into the running image.
    #[must_use]
    pub fn code(mut self, service: CodeService) -> Self {
        self.grants.code = Some(service);
        self
    }

    /// Grants a host function. Lisp code calls it by its number: the first one added is 0.
    #[must_use]
    pub fn host_function(mut self, function: HostFunction) -> Self {
        self.grants.host.get_or_insert_default().push(function);
        self
    }

    /// Grants calls of tools: those that the service permits.
    #[must_use]
    pub fn tools(mut self, service: ToolService) -> Self {
        self.grants.tools = Some(service);
        self
    }

    /// Loads modules whose imports are not all granted: what is not granted fails when it is called. Files and compiling are
    /// then not permitted, arguments and variables are absent, anything else ends the call with [`HostError::NotGranted`].
    #[must_use]
    pub const fn refuse_at_call(mut self) -> Self {
        self.grants.refuse_at_call = true;
        self
    }

    /// The channels of the standard streams, and everything else.
    pub(crate) fn open(mut self) -> Result<([Channel; 3], Grants), HostError> {
        for (host, guest, access) in &self.directories {
            self.grants.directories.grant(guest.as_deref(), host, *access)?;
        }
        if !self.directories.is_empty() {
            for host in &self.protected {
                self.grants.directories.protect(host)?;
            }
        }
        if let Some(working) = self.working_directory {
            self.grants.directories.set_working_directory(&working);
        }
        let channels = [
            input_channel(self.input.unwrap_or(Input::Inherit))?,
            output_channel(self.output.unwrap_or(Output::Inherit), io::stdout(), Flush::WhenFull),
            output_channel(self.error.unwrap_or(Output::Inherit), io::stderr(), Flush::Always),
        ];
        Ok((channels, self.grants))
    }
}

fn input_channel(input: Input) -> Result<Channel, HostError> {
    let backend = match input {
        Input::Inherit => {
            let terminal = io::stdin().is_terminal();
            return Ok(Channel::new(Backend::Reader(Box::new(io::stdin())), Flush::WhenFull, terminal));
        }
        Input::Empty => Backend::Reader(Box::new(io::empty())),
        Input::Octets(octets) => Backend::Reader(Box::new(Cursor::new(octets))),
        Input::File(path) => Backend::File(
            File::open(&path).map_err(|error| HostError::io(format!("opening {}", path.display()), error))?,
        ),
        Input::Reader(reader) => Backend::Reader(reader),
    };
    Ok(Channel::new(backend, Flush::WhenFull, false))
}

fn output_channel<W: Write + IsTerminal + Send + 'static>(output: Output, inherited: W, flush: Flush) -> Channel {
    let backend = match output {
        Output::Inherit => {
            let terminal = inherited.is_terminal();
            let flush = if terminal && flush == Flush::WhenFull { Flush::EachLine } else { flush };
            return Channel::new(Backend::Writer(Box::new(inherited)), flush, terminal);
        }
        Output::Discard => Backend::Writer(Box::new(io::sink())),
        Output::Buffer(buffer) => Backend::Writer(Box::new(buffer)),
        Output::Writer(writer) => Backend::Writer(writer),
    };
    Channel::new(backend, flush, false)
}
