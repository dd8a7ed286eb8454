//! The sizes of standalone modules, and the speed of compiling the library.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clysm::{BuildOptions, bootstrap_stage1, build_standalone};
use clysm_host::EngineTimes;
use clysm_lisp::COMPILER;
use clysm_reader::{Heap, NoReadEval, PackageId, Reader, Symbols};
use clysm_report::SourceMap;

use crate::bench::Figure;
use crate::lisp_compiler::{LispCompiler, compiler_sources};
use crate::output::root;
use crate::progress::Display;

/// Measures everything; what is compiled faster than other work on the machine can disturb is compiled `repeat` times.
pub fn measure(repeat: u32) -> Result<Vec<Figure>> {
    let mut figures = vec![
        Figure::new("standalone hello world", size("hello")?, "octets").limit(60_000.0),
        Figure::new("standalone fib without output", size("fib")?, "octets").limit(10_000.0),
    ];
    figures.extend(library(repeat)?);
    figures.extend(stage2()?);
    figures.push(bootstrap()?);
    Ok(figures)
}

/// All stages, and the programs that Stage 2 compiles and runs, with nothing kept from before: neither machine code nor the image.
fn bootstrap() -> Result<Figure> {
    let directory = tempfile::tempdir()?;
    let mut command = Command::new(std::env::current_exe().context("looking for xtask")?);
    command.arg("bootstrap").arg("--out").arg(directory.path().join("dist"));
    command.arg("--cache").arg(directory.path().join("cache")).env("CLYSM_CACHE_DIR", directory.path().join("image"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    if !command.status().context("starting the bootstrap")?.success() {
        bail!("the bootstrap fails");
    }
    Ok(Figure::new("bootstrap", start.elapsed().as_secs_f64(), "s").limit(60.0))
}

#[expect(clippy::cast_precision_loss, reason = "sizes and line counts are far below 2^53")]
fn size(name: &str) -> Result<f64> {
    let source = root().join("bench/sizes").join(name).with_extension("lisp");
    Ok(build_standalone(&[source], &BuildOptions::default(), &mut |_| {})?.bytes.len() as f64)
}

/// How long compiling Stage 1 took.
struct Compilation {
    total: Duration,
    /// Everything but the engine's part, which is machine code and loading it. What macro calls take is the compiler's.
    own: Duration,
    times: EngineTimes,
    octets: usize,
}

impl Compilation {
    fn run() -> Result<Self> {
        let start = Instant::now();
        let built = bootstrap_stage1(&BuildOptions::default(), &mut |_| {})?;
        let (total, times) = (start.elapsed(), built.engine_times);
        Ok(Self { total, own: total.saturating_sub(times.compiling + times.loading), times, octets: built.bytes.len() })
    }
}

/// Compiles the library and the compiler in Lisp. The run counts in which the compiler took the median of its times.
#[expect(clippy::cast_precision_loss, reason = "sizes and line counts are far below 2^53")]
fn library(repeat: u32) -> Result<Vec<Figure>> {
    let sources = clysm_lisp::runtime().chain(COMPILER);
    let lines: usize = sources.map(|source| source.text.lines().count()).sum();
    let reading = reading()?;
    let mut runs = (0..repeat).map(|_| Compilation::run()).collect::<Result<Vec<_>>>()?;
    runs.sort_by_key(|run| run.own);
    let median = runs.len() / 2;
    let Compilation { total, own, times, octets } = runs.swap_remove(median);
    let (own, macros) = (own.as_secs_f64(), times.calling.as_secs_f64());
    Ok(vec![
        Figure::new("Stage 1", octets as f64, "octets").limit(4_000_000.0),
        Figure::new("compiling lisp/**", total.as_secs_f64(), "s"),
        Figure::new("  machine code for macros", times.compiling.as_secs_f64(), "s"),
        Figure::new("  loading it", times.loading.as_secs_f64(), "s"),
        Figure::new("  the compiler", own, "s"),
        Figure::new("    reading", reading, "s"),
        Figure::new("    macro calls", macros, "s"),
        Figure::new("    converting, lowering, linking", own - macros - reading, "s"),
        Figure::new("  lines", lines as f64 / own, "a second of the compiler").least(100_000.0),
        Figure::new("peak memory", peak_memory().unwrap_or(f64::NAN), "MB").limit(500.0),
    ])
}

/// Compiles the library and the compiler with the compiler in Lisp.
#[expect(clippy::cast_precision_loss, reason = "line counts are far below 2^53")]
fn stage2() -> Result<Vec<Figure>> {
    let options = BuildOptions { function_names: true, ..BuildOptions::default() };
    let start = Instant::now();
    bootstrap_stage1(&options, &mut |_| {})?;
    let rust = start.elapsed().as_secs_f64();
    let mut compiler = LispCompiler::start(&options, &Display::Nothing)?;
    let sources = compiler_sources();
    let lines: usize = sources.iter().map(|(_, text)| text.lines().count()).sum();
    let start = Instant::now();
    compiler.compile_library(&sources)?.map_err(anyhow::Error::msg)?;
    let seconds = start.elapsed().as_secs_f64();
    Ok(vec![
        Figure::new("Stage 2, made by Stage 1", seconds, "s"),
        Figure::new("  lines", lines as f64 / seconds, "a second").least(5_000.0),
        Figure::new("  Rust compiler on the same files", seconds / rust, "times as fast").limit(20.0),
        Figure::new("  peak memory", peak_memory().unwrap_or(f64::NAN), "MB").limit(1_500.0),
    ])
}

/// The seconds that reading the library's sources takes.
fn reading() -> Result<f64> {
    let (mut heap, mut symbols, mut sources) = (Heap::new(), Symbols::new(), SourceMap::new());
    symbols.current = PackageId::CLYSM;
    let start = Instant::now();
    for source in clysm_lisp::runtime() {
        let mut reader = Reader::new(source.text, sources.add(source.path, source.text));
        while reader.read(&mut heap, &mut symbols, &mut NoReadEval)?.is_some() {}
    }
    Ok(start.elapsed().as_secs_f64())
}

/// The most memory that this process had, in megabytes; where the operating system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
