//! Lisp files run in processes of their own, so that neither their output nor their end touches the task.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clysm::Engine;
use clysm_report::ExitCode;
use serde::{Deserialize, Serialize};

use crate::flags::LoadAndCall;

/// What came of loading a file and calling a function.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The seconds that each call took.
    pub seconds: Vec<f64>,
    /// The printed representation of the answer.
    pub value: String,
}

/// What precedes the answer in the output, which the program writes to as well.
const MARK: &str = "clysm-xtask-answer ";

/// What a process is to do.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// The file.
    pub file: PathBuf,
    /// A form evaluated before the file is loaded.
    pub before: Option<String>,
    /// The form that is timed.
    pub call: String,
    /// How often.
    pub repeat: u32,
    /// A form that gives the answer.
    pub check: Option<String>,
    /// A granted directory.
    pub directory: Option<PathBuf>,
    /// When it is ended.
    pub timeout: Duration,
}

/// Runs a job in Clysm.
///
/// # Errors
/// The process cannot be started, or the program failed: then the error is what it wrote to standard error.
pub fn run_in_clysm(job: &Job) -> Result<(Answer, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("load-and-call").arg(&job.file).args(["--call", &job.call]);
    command.args(["--repeat", &job.repeat.to_string(), "--timeout", &job.timeout.as_secs().to_string()]);
    for (flag, form) in [("--before", &job.before), ("--check", &job.check)] {
        if let Some(form) = form {
            command.args([flag, form]);
        }
    }
    if let Some(directory) = &job.directory {
        command.arg("--dir").arg(directory);
    }
    let output = command.stdin(Stdio::null()).output().context("starting a process")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some((printed, answer)) = text.rsplit_once(MARK) else {
        bail!("{}", first_lines(&String::from_utf8_lossy(&output.stderr), output.status.to_string()));
    };
    Ok((serde_json::from_str(answer)?, printed.to_owned()))
}

fn first_lines(text: &str, otherwise: String) -> String {
    let line = text.lines().map(str::trim).find(|line| line.starts_with("error"));
    line.or_else(|| text.lines().next()).map_or(otherwise, str::to_owned)
}

/// Runs the hidden command: the other side of [`run_in_clysm`].
///
/// # Errors
/// Whatever the program signals.
pub fn load_and_call(flags: &LoadAndCall) -> Result<ExitCode> {
    let answer = answer(flags)?;
    println!("\n{MARK}{}", serde_json::to_string(&answer)?);
    Ok(ExitCode::Success)
}

fn answer(flags: &LoadAndCall) -> Result<Answer> {
    let mut builder = Engine::builder().timeout(Duration::from_secs(flags.timeout));
    for directory in &flags.directories {
        builder = builder.directory(directory.clone());
    }
    let mut engine = builder.build()?;
    if let Some(form) = &flags.before {
        engine.eval(form)?;
    }
    engine.load_file(Path::new(&flags.file))?;
    let (mut seconds, mut value) = (Vec::new(), None);
    for _ in 0..flags.repeat {
        let start = Instant::now();
        value = Some(engine.eval(&flags.call)?);
        seconds.push(start.elapsed().as_secs_f64());
    }
    if let Some(form) = &flags.check {
        value = Some(engine.eval(form)?);
    }
    let value = value.map(|value| engine.print(&value)).transpose()?.unwrap_or_default();
    Ok(Answer { seconds, value })
}

/// The middle of some numbers; of an even number the lower middle.
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0]), 1.0);
        assert!(median(&[]).is_nan());
    }
}
