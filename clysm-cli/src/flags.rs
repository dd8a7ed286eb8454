//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::failure::Failure;

/// Common Lisp on WebAssembly GC.
#[derive(Debug, Parser)]
#[command(
    name = "clysm",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 success, 1 partial success, 2 failure, 3 something required was not found or not \
                  granted, 77 known limitation.\nA program that ends itself with (clysm:exit N) ends the command with N."
)]
pub struct Clysm {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Load a Lisp source file, form by form, or a compiled one; or run a source file guarded against preludes
    ///
    /// Whatever precedes an error in the file has happened when the error is reported. The program sees the standard
    /// streams, the clocks and random numbers, its arguments, and the directories that --dir grants: no other files.
    ///
    /// With --prelude, the file is compiled and examined as a whole before any of it runs. It calls tools only through the preludes, or
    /// itself, as the policy grants them.
    Run(Run),
    /// Evaluate expressions and print their values
    ///
    /// Prints every value of every form, readably, each on a line of its own. The forms see one image, in order.
    Eval(Eval),
    /// Compile source files to modules that `load` and `clysm run` take
    ///
    /// What a file does at compile time happens while it is compiled, with the directories that --dir grants. The module of a file goes
    /// beside it, with the type wasm. An existing one is replaced when everything compiled, else it stays as it is. It is for this version
    /// of Clysm alone; see `clysm build` for modules that run anywhere.
    Compile(Compile),
    /// Compile source files to one standalone WebAssembly module
    ///
    /// The module holds the program and the library, and imports nothing but the host's clysm:* functions. An existing output is
    /// replaced when everything compiled, else it stays as it is.
    ///
    /// With --prelude, the program is examined first, and the module imports the tools that it can call by their names. Its section
    /// clysm.exports holds the records of the preludes' exports.
    Build(Build),
    /// Run a standalone module
    ///
    /// The module sees the standard streams, the clocks and random numbers, its arguments, and the directories that
    /// --dir grants: no other files.
    Exec(Exec),
    /// Show what a module exports and imports, and how large its parts are
    Inspect(Inspect),
    /// Check and describe capability preludes
    #[command(subcommand)]
    Prelude(Prelude),
}

/// `clysm prelude`.
#[derive(Debug, Subcommand)]
pub enum Prelude {
    /// Compile preludes, and say what is wrong with them
    ///
    /// With a policy, the exports are derived under it; with tools as well, what they require is compared with what is granted and
    /// offered (exit code 3 when something is missing).
    Check(PreludeCheck),
    /// Show the records of the exports
    Inspect(PreludeInspect),
    /// Print the inventory of exports for a prompt
    Inventory(PreludeFiles),
}

/// `clysm prelude check`.
#[derive(Debug, Args)]
pub struct PreludeCheck {
    /// The preludes.
    #[command(flatten)]
    pub files: PreludeFiles,
    /// The tools that are offered: a JSON file
    #[arg(long, value_name = "TOOLS.json", requires = "policy")]
    pub tools: Option<PathBuf>,
}

/// `clysm prelude inspect`.
#[derive(Debug, Args)]
pub struct PreludeInspect {
    /// The preludes.
    #[command(flatten)]
    pub files: PreludeFiles,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Preludes, and the policy that holds for them.
#[derive(Debug, Args)]
pub struct PreludeFiles {
    /// The source files, in the order in which they are compiled
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The host's policy: a TOML file
    #[arg(long, value_name = "POLICY.toml")]
    pub policy: Option<PathBuf>,
    /// Where compiled code is kept.
    #[command(flatten)]
    pub cache: CacheFlags,
}

/// What a program is run or built against.
#[derive(Debug, Args)]
pub struct GuardFlags {
    /// Guard the program: all that it gets from outside are the exports of this capability prelude; may be given several times
    #[arg(long = "prelude", value_name = "FILE")]
    pub preludes: Vec<PathBuf>,
    /// The host's policy: a TOML file. Without one, nothing is granted to a run, while a build grants everything
    #[arg(long, value_name = "POLICY.toml", requires = "preludes")]
    pub policy: Option<PathBuf>,
}

/// `clysm run`.
#[derive(Debug, Args)]
pub struct Run {
    /// What the program may use.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Where compiled code is kept.
    #[command(flatten)]
    pub cache: CacheFlags,
    /// What the program is run against.
    #[command(flatten)]
    pub guard: GuardFlags,
    /// The tools that the prelude may call: a JSON file that declares answers and commands
    #[arg(long, value_name = "TOOLS.json", requires = "preludes")]
    pub tools: Option<PathBuf>,
    /// The file, and the program's arguments: the elements of (clysm:argv) after the first
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true, value_names = ["FILE", "ARGUMENTS"])]
    pub program: Vec<String>,
}

/// `clysm eval`.
#[derive(Debug, Args)]
pub struct Eval {
    /// What the program may use.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Where compiled code is kept.
    #[command(flatten)]
    pub cache: CacheFlags,
    /// The expressions, each any number of forms
    #[arg(required = true, value_name = "EXPR", allow_hyphen_values = true)]
    pub expressions: Vec<String>,
}

/// `clysm compile`.
#[derive(Debug, Args)]
pub struct Compile {
    /// The source files, which are compiled one after the other in one image
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The module to write, for a single file
    #[arg(short, long, value_name = "OUT.wasm")]
    pub output: Option<PathBuf>,
    /// What the files may use at compile time.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Where compiled code is kept.
    #[command(flatten)]
    pub cache: CacheFlags,
}

/// `clysm build`.
#[derive(Debug, Args)]
pub struct Build {
    /// The source files, in the order in which they are compiled
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The module to write
    #[arg(short, long, value_name = "OUT.wasm")]
    pub output: PathBuf,
    /// Which passes are made: none (0), leaving out what nothing can reach (1), and what can't happen in a program that is
    /// known as a whole (2)
    #[arg(short = 'O', value_name = "LEVEL", default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub optimisation: u8,
    /// Let the module name its functions, for stack traces; it becomes about a third larger
    #[arg(long)]
    pub function_names: bool,
    /// What the program is built against.
    #[command(flatten)]
    pub guard: GuardFlags,
    /// Where compiled code is kept.
    #[command(flatten)]
    pub cache: CacheFlags,
}

/// `clysm exec`.
#[derive(Debug, Args)]
pub struct Exec {
    /// What the program may use.
    #[command(flatten)]
    pub limits: LimitFlags,
    /// Where compiled code is kept.
    #[command(flatten)]
    pub cache: CacheFlags,
    /// Read standard input from this file
    #[arg(long, value_name = "FILE")]
    pub stdin: Option<PathBuf>,
    /// Have the module, a compiler, compile this text: to a module that prints the values of the last form
    #[arg(long, value_name = "TEXT", requires = "output")]
    pub expr: Option<String>,
    /// Where the compiled module goes
    #[arg(short, long, value_name = "OUT.wasm", requires = "expr")]
    pub output: Option<PathBuf>,
    /// The tools that the module may call: a JSON file that declares answers and commands
    #[arg(long, value_name = "TOOLS.json")]
    pub tools: Option<PathBuf>,
    /// The host's policy: a TOML file. What the module imports must be granted, and the limits hold
    #[arg(long, value_name = "POLICY.toml", requires = "tools")]
    pub policy: Option<PathBuf>,
    /// The module
    #[arg(value_name = "OUT.wasm")]
    pub module: PathBuf,
    /// The program's arguments
    #[arg(last = true)]
    pub arguments: Vec<String>,
}

/// `clysm inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The module
    #[arg(value_name = "OUT.wasm")]
    pub module: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a program may use.
#[derive(Debug, Args)]
pub struct LimitFlags {
    /// Grant a directory and all below it, to read and to write; may be given several times
    #[arg(long = "dir", value_name = "DIR")]
    pub directories: Vec<PathBuf>,
    /// End the program after this time, such as 10, 0.5, 200ms or 2m; without a unit, seconds
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// End the program after about this many WebAssembly instructions; deterministic, and a quarter slower
    #[arg(long, value_name = "N")]
    pub fuel: Option<u64>,
    /// Bound the heap, such as 512M or 2G; without a unit, octets
    #[arg(long, value_name = "SIZE", value_parser = octets)]
    pub memory: Option<u64>,
}

impl LimitFlags {
    /// The granted directories.
    ///
    /// # Errors
    /// One of them is not there.
    pub fn granted(&self) -> Result<&[PathBuf], Failure> {
        match self.directories.iter().find(|directory| !directory.exists()) {
            Some(missing) => Err(Failure::missing(missing)),
            None => Ok(&self.directories),
        }
    }
}

/// Where compiled code is kept.
#[derive(Debug, Args)]
pub struct CacheFlags {
    /// Keep compiled code in this directory, that of the library and of modules [default: $CLYSM_CACHE_DIR, else the user's cache directory]
    #[arg(long, value_name = "DIR")]
    pub cache_dir: Option<PathBuf>,
}

impl CacheFlags {
    /// The directory.
    pub fn directory(&self) -> Option<PathBuf> {
        self.cache_dir.clone().or_else(clysm::default_cache_directory)
    }
}

/// A number with one of the units.
fn with_unit(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let split = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let (_, factor) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let number: f64 = number.parse().ok()?;
    Some(number * factor)
}

fn duration(text: &str) -> Result<Duration, String> {
    with_unit(text, &[("", 1.0), ("s", 1.0), ("ms", 1e-3), ("m", 60.0), ("h", 3600.0)])
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|duration| !duration.is_zero())
        .ok_or_else(|| "a time above zero is wanted, such as 10, 0.5, 200ms or 2m".to_owned())
}

fn octets(text: &str) -> Result<u64, String> {
    const LIMIT: f64 = (1_u64 << 53) as f64;
    const UNITS: &[(&str, f64)] = &[("", 1.0), ("K", 1024.0), ("M", 1_048_576.0), ("G", 1_073_741_824.0)];
    let octets = with_unit(text, UNITS).filter(|octets| (1.0..LIMIT).contains(octets));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    octets.map(|octets| octets as u64).ok_or_else(|| "a size above zero is wanted, such as 512M or 2G".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Clysm::command().debug_assert();
    }

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(duration("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(octets("1.5K"), Ok(1536));
        assert_eq!(octets("2g"), Ok(2 << 30));
        for text in ["", "x", "-1", "0", "1e999", "nan", "5 apples", "inf"] {
            assert!(duration(text).is_err() && octets(text).is_err(), "{text}");
        }
    }

    #[test]
    fn arguments_after_the_file_belong_to_the_program() {
        let parsed = Clysm::try_parse_from(["clysm", "run", "--timeout", "1", "a.lisp", "--timeout", "-x"]);
        let Ok(Clysm { command: Command::Run(run) }) = parsed else { panic!("{parsed:?}") };
        assert_eq!(run.program, ["a.lisp", "--timeout", "-x"]);
    }
}
