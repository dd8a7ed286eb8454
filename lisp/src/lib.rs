//! The Lisp sources of Clysm and their order: the Common Lisp library, written in Common Lisp.
//!
//! ```
//! let all: Vec<_> = clysm_lisp::runtime().collect();
//! assert!(all.iter().any(|source| source.path == "lisp/runtime/conses.lisp"));
//! ```

/// A source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path from the root of the repository.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! source {
    ($name:literal) => {
        Source {
            path: concat!("lisp/runtime/", $name, ".lisp"),
            text: include_str!(concat!("../runtime/", $name, ".lisp")),
        }
    };
}

/// The files that define what macro expansion itself needs. They define no macros and use those of the compiler only.
pub const SEED: &[Source] = &[
    source!("package"),
    source!("words"),
    source!("kernel"),
    source!("utf8"),
    source!("base"),
    source!("failures"),
    source!("expand"),
    source!("codec"),
    source!("lambda-lists"),
];

/// The other files of the library, in load order: a file may use the macros of those before it.
pub const LIBRARY: &[Source] = &[
    source!("macros"),
    source!("iteration"),
    source!("setf"),
    source!("conses"),
    source!("list-search"),
    source!("trees"),
    source!("symbols"),
    source!("integers"),
    source!("bignums"),
    source!("bignum-bits"),
    source!("integer-functions"),
    source!("integer-digits"),
    source!("numbers"),
    source!("arithmetic"),
    source!("byte-ops"),
    source!("complex-numbers"),
    source!("array-data"),
    source!("sequence-iteration"),
    source!("arrays"),
    source!("array-adjust"),
    source!("bit-arrays"),
    source!("sequence-types"),
    source!("sequences"),
    source!("character-tables"),
    source!("characters"),
    source!("strings"),
    source!("classes"),
    source!("defstruct"),
    source!("typed-structures"),
    source!("equality"),
    source!("control"),
    source!("types"),
    source!("type-sets"),
    source!("subtypep"),
    source!("coerce"),
    source!("floats"),
    source!("float-conversion"),
    source!("division"),
    source!("hashing"),
    source!("hash-tables"),
    source!("packages"),
    source!("package-relations"),
    source!("package-macros"),
    source!("image"),
    source!("io-variables"),
    source!("conditions"),
    source!("restarts"),
    source!("condition-types"),
    source!("signalling"),
    source!("package-conflicts"),
    source!("loop-state"),
    source!("loop-for"),
    source!("loop-accumulate"),
    source!("loop"),
    source!("float-io"),
    source!("elementary"),
    source!("trigonometry"),
    source!("powers"),
    source!("complex-functions"),
    source!("irrational"),
    source!("random"),
    source!("sequences-search"),
    source!("sequences-remove"),
    source!("sort"),
    source!("stream-classes"),
    source!("streams"),
    source!("fd-streams"),
    source!("string-streams"),
    source!("composite-streams"),
    source!("standard-streams"),
    source!("pathnames"),
    source!("pathname-patterns"),
    source!("files"),
    source!("features"),
    source!("readtable"),
    source!("reader"),
    source!("reader-numbers"),
    source!("backquote"),
    source!("reader-macros"),
    source!("printer"),
    source!("print-symbols"),
    source!("print-numbers"),
    source!("pretty-printing"),
    source!("format-parse"),
    source!("format-numbers"),
    source!("format-directives"),
    source!("format"),
    source!("eval"),
    source!("eval-binding"),
    source!("eval-control"),
    source!("eval-primitives"),
    source!("compile"),
    source!("load"),
    source!("constants"),
    source!("time"),
    source!("environment"),
    source!("describe"),
    source!("ast-export"),
    source!("embedding"),
    source!("user"),
];

/// The whole library in load order.
pub fn runtime() -> impl Iterator<Item = &'static Source> {
    SEED.iter().chain(LIBRARY)
}
