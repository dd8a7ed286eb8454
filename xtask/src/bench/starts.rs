//! Start-up times of the `clysm` command.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::bench::Figure;
use crate::lisp::median;
use crate::output::root;

/// Measures a first start, with nothing cached, and those after it.
pub fn measure(repeat: u32) -> Result<Vec<Figure>> {
    let clysm = command()?;
    let cache = tempfile::tempdir()?;
    let cold = start(&clysm, cache.path())?;
    let warm = (0..repeat.max(5)).map(|_| start(&clysm, cache.path())).collect::<Result<Vec<_>>>()?;
    Ok(vec![
        Figure::new("first start (clysm eval 1, nothing cached)", cold, "s").limit(15.0),
        Figure::new("start (clysm eval 1)", 1000.0 * median(&warm), "ms").limit(50.0),
    ])
}

/// The command of the same build as this task. The whole workspace is asked for: with one package alone, cargo would
/// choose other features for the engine's dependencies and build it once more.
fn command() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["build", "--quiet", "--workspace", "--bins"]).current_dir(root()).status();
    if !built.context("starting cargo")?.success() {
        bail!("the clysm command does not build");
    }
    Ok(std::env::current_exe()?.with_file_name("clysm"))
}

fn start(clysm: &Path, cache: &Path) -> Result<f64> {
    let start = Instant::now();
    let output = Command::new(clysm)
        .args(["eval", "1"])
        .env("CLYSM_CACHE_DIR", cache)
        .stdin(Stdio::null())
        .output()
        .with_context(|| clysm.display().to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    if output.stdout != b"1\n" {
        bail!("clysm eval 1: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(seconds)
}
