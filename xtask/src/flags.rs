//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The tasks of the Clysm workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Xtask {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compile lisp/ stage by stage, and report each stage
    ///
    /// Writes the module and the report of each stage to the output directory, and fixpoint.json. Exit codes: 0 every stage asked
    /// for was made, all three are the same, and the programs of tests/run do what they should when Stage 2 has compiled them; 1 stages
    /// differ, programs fail, or forms did not compile; 2 a stage failed; 3 a source is missing; 77 a module is no compiler.
    Bootstrap(Bootstrap),
    /// Write the files that are generated from the tables in Rust
    Codegen(Codegen),
    /// Run the Gabriel benchmarks, unmodified, and check their answers
    ///
    /// They come with Debian's source package of GNU Common Lisp:
    /// `apt-get source --download-only --tar-only gcl27`, with deb-src enabled.
    Gabriel(Gabriel),
    /// Measure run time, compile speed, starts, sizes and sandboxes, beside other Lisps that are installed
    Bench(Bench),
    /// Compile programs with both compilers, and compare the modules byte by byte
    Diff(Diff),
    /// Print what the compiler makes of each form of a file: trees and code, as S-expressions
    Dump(Dump),
    /// Load a file, call a function, and print times and values as JSON: what the other commands run in processes of
    /// their own
    #[command(hide = true)]
    LoadAndCall(LoadAndCall),
}

/// `cargo xtask bootstrap`.
#[derive(Debug, Args)]
pub struct Bootstrap {
    /// The last stage to make
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3))]
    pub stage: u32,
    /// Where modules and reports go
    #[arg(long, value_name = "DIR", default_value = "dist")]
    pub out: PathBuf,
    /// Print one JSON object instead of progress and a table
    #[arg(long)]
    pub json: bool,
    /// Where the copy of the sources goes that Stage 3 is made of; a temporary directory if not given
    #[arg(long, value_name = "DIR")]
    pub stage_dir: Option<PathBuf>,
    /// The tree whose sources Stage 2 and 3 are made of, if not this one
    #[arg(long, value_name = "DIR")]
    pub sources: Option<PathBuf>,
    /// The programs that Stage 2 compiles and runs, each with its output in NAME.out; those of tests/run if not given
    #[arg(long, value_name = "DIR")]
    pub programs: Option<PathBuf>,
    /// Where the machine code of stages is kept; target/tmp/clysm-stages if not given
    #[arg(long, value_name = "DIR")]
    pub cache: Option<PathBuf>,
    /// A module to begin with, instead of making Stage 1
    #[arg(long, value_name = "A.wasm")]
    pub stage1: Option<PathBuf>,
    /// Make nothing; compare two modules the way stages are compared
    #[arg(long, num_args = 2, value_names = ["A.wasm", "B.wasm"])]
    pub verify: Vec<PathBuf>,
}

/// `cargo xtask codegen`.
#[derive(Debug, Args)]
pub struct Codegen {
    /// Write nothing; fail if a file differs from what would be written
    #[arg(long)]
    pub check: bool,
}

/// `cargo xtask gabriel`.
#[derive(Debug, Args)]
pub struct Gabriel {
    /// The directory with the source package's tar file, or with the benchmarks themselves
    #[arg(long, value_name = "DIR")]
    pub dir: PathBuf,
    /// Seconds that each benchmark may take
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub timeout: u64,
    /// Run only benchmarks whose names contain this
    #[arg(value_name = "NAME")]
    pub only: Option<String>,
}

/// `cargo xtask bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// How often each workload runs; the median counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,
    /// Print one JSON object instead of tables
    #[arg(long)]
    pub json: bool,
    /// Run only workloads whose names contain this, and those of `starts`, `sizes` and `preludes` whose name does
    #[arg(value_name = "NAME")]
    pub only: Option<String>,
}

/// `cargo xtask diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// Programs, and directories with programs; those of tests/run if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// `cargo xtask dump`.
#[derive(Debug, Args)]
pub struct Dump {
    /// The file; one of the library by its path from the root
    pub file: PathBuf,
}

/// `cargo xtask load-and-call`.
#[derive(Debug, Args)]
pub struct LoadAndCall {
    /// The file
    pub file: PathBuf,
    /// A form evaluated before the file is loaded
    #[arg(long)]
    pub before: Option<String>,
    /// The form whose evaluation is timed
    #[arg(long)]
    pub call: String,
    /// How often
    #[arg(long, default_value_t = 1)]
    pub repeat: u32,
    /// A form evaluated afterwards, whose value is the answer; else it is that of the last call
    #[arg(long)]
    pub check: Option<String>,
    /// A granted directory
    #[arg(long = "dir")]
    pub directories: Vec<PathBuf>,
    /// Seconds after which it is ended
    #[arg(long)]
    pub timeout: u64,
}
