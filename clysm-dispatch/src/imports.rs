//! THE table of host imports: what a module may import, with types. The host implements it, the compiler emits imports
//! from it, and Lisp code calls each as the primitive `%module.name`.
//!
//! An `i32` or `i64` result below zero is an error code, see [`ErrorCode`]. A null result means an error too, whose
//! code `io.last-error` gives. Octet parameters are `(ref null array)`: concrete array types would take the engine's
//! slow path.

/// The type of a parameter or result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImportType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 64-bit float.
    F64,
    /// A vector of octets, or null.
    Bytes,
}

/// One import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostImport {
    /// The import module, such as `clysm:io`.
    pub module: &'static str,
    /// The name within the module, such as `write-char`.
    pub name: &'static str,
    /// The parameter names and types.
    pub params: &'static [(&'static str, ImportType)],
    /// The result type.
    pub result: ImportType,
    /// What it does.
    pub doc: &'static str,
}

impl HostImport {
    /// The Lisp primitive that calls it, in lower case, such as `%io.write-char`.
    #[must_use]
    pub fn primitive_name(&self) -> String {
        let module = self.module.strip_prefix("clysm:").unwrap_or(self.module);
        format!("%{module}.{}", self.name)
    }
}

/// What a named import calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NamedKind {
    /// A tool of the host.
    Tool,
    /// A tool of a server that the host knows, as `server/tool`.
    Upstream,
}

impl NamedKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Tool, Self::Upstream];

    /// The import module.
    #[must_use]
    pub const fn module(self) -> &'static str {
        match self {
            Self::Tool => "clysm:tool",
            Self::Upstream => "clysm:upstream",
        }
    }

    /// The Lisp primitive that calls imports of the module, in lower case. Its first operand is a literal string, the name.
    #[must_use]
    pub const fn primitive_name(self) -> &'static str {
        match self {
            Self::Tool => "%tool.invoke",
            Self::Upstream => "%upstream.invoke",
        }
    }

    /// The kind whose import module has that name.
    #[must_use]
    pub fn by_module(module: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.module() == module)
    }
}

/// An import that the program names, beyond those of the table: `(ref null array) -> (ref null array)`, the arguments and the
/// answer in the octet codec; a null result means that the call failed, and `clysm:host` `error` tells how.
///
/// What a program calls by a name in its source is so an import of its own: the import section is the list of what it may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamedImport {
    /// What it calls.
    pub kind: NamedKind,
    /// The name, not empty.
    pub name: String,
}

/// The import of that module and name.
#[must_use]
pub fn find(module: &str, name: &str) -> Option<&'static HostImport> {
    IMPORTS.iter().find(|import| import.module == module && import.name == name)
}

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal;)*) => {
        /// Why an import failed, as its negative result says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(i32)]
        pub enum ErrorCode { $($(#[doc = $doc])+ $variant = $code,)* }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            /// The result that stands for the error.
            #[must_use]
            pub const fn code(self) -> i32 {
                self as i32
            }
        }
    };
}

error_codes! {
    /// The end of the file.
    EndOfFile = -1;
    /// A descriptor that was never opened.
    UnknownDescriptor = -2;
    /// A closed descriptor.
    ClosedDescriptor = -3;
    /// Reading from an output descriptor, or writing to an input descriptor.
    WrongDirection = -4;
    /// Nothing of that name.
    NotFound = -5;
    /// Not granted, or outside the granted directories.
    NotPermitted = -6;
    /// Something of that name exists.
    AlreadyExists = -7;
    /// Octets that are not UTF-8.
    InvalidUtf8 = -8;
    /// Any other failure.
    InputOutput = -9;
    /// A directory where a file is wanted.
    IsDirectory = -10;
    /// A file where a directory is wanted.
    NotDirectory = -11;
    /// A directory that is not empty.
    NotEmpty = -12;
    /// An argument out of range.
    InvalidArgument = -13;
}

macro_rules! imports {
    ($($module:literal { $($name:literal ($($param:literal: $ty:ident),*) $result:ident $doc:literal;)* })*) => {
        /// Every import; the position is its number.
        pub const IMPORTS: &[HostImport] = &[$($(HostImport {
            module: $module,
            name: $name,
            params: &[$(($param, ImportType::$ty)),*],
            result: ImportType::$result,
            doc: $doc,
        },)*)*];
    };
}

imports! {
    "clysm:io" {
        "write-char" ("fd": I32, "code": I32) I32 "Writes one character as UTF-8.";
        "write-string" ("fd": I32, "utf8": Bytes, "start": I32, "end": I32) I32
            "Writes the octets from start to end, which are UTF-8; the number written.";
        "read-char" ("fd": I32) I32 "Reads one character: its code point.";
        "read-line" ("fd": I32) Bytes
            "Reads a line with its newline, if it has one, as UTF-8; empty at the end of the file.";
        "read-string" ("fd": I32, "max": I32) Bytes "Reads at most max octets; empty at the end of the file.";
        "flush" ("fd": I32) I32 "Writes out what is buffered.";
        "interactive" ("fd": I32) I32 "1 when the descriptor is a terminal.";
        "last-error" () I32 "The error code behind the last null result.";
    }
    "clysm:fs" {
        "open" ("path": Bytes, "length": I32, "flags": I32) I32
            "Opens a file: 1 read, 2 write, 4 create, 8 truncate, 16 append, 32 must not exist; its descriptor.";
        "close" ("fd": I32) I32 "Closes a descriptor.";
        "read" ("fd": I32, "max": I32) Bytes "Reads at most max octets; empty at the end of the file.";
        "write" ("fd": I32, "data": Bytes, "start": I32, "end": I32) I32
            "Writes the octets from start to end; the number written.";
        "size" ("fd": I32) I64 "The size of the file in octets.";
        "position" ("fd": I32) I64 "The position in octets.";
        "seek" ("fd": I32, "to": I64) I64 "Moves to a position in octets.";
        "stat" ("path": Bytes, "length": I32) I32 "0 when nothing is there, 1 for a file, 2 for a directory.";
        "modified" ("path": Bytes, "length": I32) I64 "The modification time in seconds since 1970-01-01.";
        "delete" ("path": Bytes, "length": I32) I32 "Deletes a file or an empty directory.";
        "make-directory" ("path": Bytes, "length": I32) I32 "Makes a directory.";
        "rename" ("from": Bytes, "from-length": I32, "to": Bytes, "to-length": I32) I32
            "Renames a file, replacing the target.";
        "list" ("path": Bytes, "length": I32) Bytes
            "The names in a directory, sorted, each ended by a zero octet, directories with a final slash.";
        "resolve" ("path": Bytes, "length": I32) Bytes "The canonical path.";
    }
    "clysm:clock" {
        "now" () I64 "Nanoseconds since 1970-01-01 UTC.";
        "monotonic" () I64 "Nanoseconds of a clock that never goes back.";
        "sleep" ("nanoseconds": I64) I32 "Waits.";
        "zone" () I32 "Minutes west of UTC.";
    }
    "clysm:random" {
        "fill" () I64 "64 random bits.";
    }
    "clysm:env" {
        "argument-count" () I32 "The number of command-line arguments.";
        "argument" ("index": I32) Bytes "A command-line argument as UTF-8.";
        "variable" ("name": Bytes, "length": I32) Bytes "An environment variable as UTF-8; null when unset.";
    }
    "clysm:sys" {
        "exit" ("code": I32) I32 "Ends the program; does not return.";
        "report-error" ("utf8": Bytes, "length": I32) I32
            "Notes the report of an unhandled condition together with the stack.";
        "collect" () I32 "Runs the garbage collector.";
    }
    "clysm:code" {
        "compile" ("request": Bytes) Bytes
            "Compiles a request and links the result into the image; request and answer in the octet codec. Null where that is \
             not granted.";
    }
    "clysm:call" {
        "tool" ("name": Bytes, "arguments": Bytes) Bytes
            "Calls a tool by a computed name; octet codec both ways, null as for named imports.";
        "upstream" ("name": Bytes, "arguments": Bytes) Bytes
            "Calls a tool of a server by a computed name, server/tool; likewise.";
    }
    "clysm:host" {
        "call" ("index": I32, "arguments": Bytes) Bytes
            "Calls a function that the embedder registered; octet codec both ways.";
        "error" () Bytes "The text of the last failed call.";
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn imports_and_codes_are_unique() {
        let names: BTreeSet<String> = IMPORTS.iter().map(HostImport::primitive_name).collect();
        assert_eq!(names.len(), IMPORTS.len());
        let codes: BTreeSet<i32> = ErrorCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(codes.len(), ErrorCode::ALL.len());
        assert!(find("clysm:io", "write-char").is_some());
    }
}
