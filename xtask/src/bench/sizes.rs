//! The sizes of standalone modules, and the speed of compiling the library.

use std::time::Instant;

use anyhow::Result;
use clysm::{BuildOptions, bootstrap_stage1, build_standalone};
use clysm_host::{EngineOptions, run_on_big_stack};

use crate::bench::Figure;
use crate::output::root;

/// Measures everything.
pub fn measure() -> Result<Vec<Figure>> {
    run_on_big_stack(EngineOptions::default().stack_bytes, || {
        let mut figures = vec![
            Figure::new("standalone hello world", size("hello")?, "octets"),
            Figure::new("standalone fib without output", size("fib")?, "octets"),
        ];
        figures.extend(library()?);
        Ok(figures)
    })?
}

#[expect(clippy::cast_precision_loss, reason = "sizes and line counts are far below 2^53")]
fn size(name: &str) -> Result<f64> {
    let source = root().join("bench/sizes").join(name).with_extension("lisp");
    Ok(build_standalone(&[source], BuildOptions::default())?.bytes.len() as f64)
}

#[expect(clippy::cast_precision_loss, reason = "sizes and line counts are far below 2^53")]
fn library() -> Result<Vec<Figure>> {
    let lines: usize = clysm_lisp::runtime().map(|source| source.text.lines().count()).sum();
    let start = Instant::now();
    let built = bootstrap_stage1(BuildOptions::default(), &mut |_| {})?;
    let seconds = start.elapsed().as_secs_f64();
    let forms = built.report.summary.compiled;
    Ok(vec![
        Figure::new("Stage 1", built.bytes.len() as f64, "octets"),
        Figure::new("compiling lisp/**, macros and their code generation included", seconds, "s"),
        Figure::new("  lines", lines as f64 / seconds, "a second"),
        Figure::new("  forms", forms as f64 / seconds, "a second"),
        Figure::new("peak memory", peak_memory().unwrap_or(f64::NAN), "MB"),
    ])
}

/// The most memory that this process had, in megabytes; where the operating system tells.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024.0)
}
