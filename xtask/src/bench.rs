//! `cargo xtask bench`: how fast and how large, beside what else a user might choose.
//!
//! Both sides of a ratio are measured in the same run. Each workload is a file of `bench/` that defines a function
//! `bench`; every Lisp compiles it in its own way and calls it several times, and the medians are compared.

mod peers;
mod prelude_source;
mod preludes;
mod sizes;
mod starts;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clysm_report::ExitCode;
use serde::Serialize;

use crate::flags::Bench;
use crate::lisp::{Job, median, run_in_clysm};
use crate::output::root;
use crate::row;
use crate::table::render;
use peers::Peer;

/// The seconds that a workload may take, all its repetitions together.
const TIMEOUT: Duration = Duration::from_secs(600);

/// A workload's medians in seconds, none where a Lisp could not run it. The field names are those of the JSON form.
#[derive(Debug, Serialize)]
struct Workload {
    name: String,
    clysm: Option<f64>,
    peers: Vec<(&'static str, Option<f64>)>,
    /// What went wrong, or answers that differ.
    remarks: Vec<String>,
}

/// A figure that stands alone.
#[derive(Debug, Serialize)]
struct Figure {
    name: &'static str,
    value: f64,
    unit: &'static str,
    /// What it must not exceed, if there is such a bound.
    limit: Option<f64>,
    /// What it must reach, if there is such a bound.
    least: Option<f64>,
}

impl Figure {
    const fn new(name: &'static str, value: f64, unit: &'static str) -> Self {
        Self { name, value, unit, limit: None, least: None }
    }

    const fn limit(self, limit: f64) -> Self {
        Self { limit: Some(limit), ..self }
    }

    const fn least(self, least: f64) -> Self {
        Self { least: Some(least), ..self }
    }

    /// Its bound in words.
    fn bound(&self) -> String {
        let limit = self.limit.map(|limit| format!("limit {limit:.1}"));
        limit.or_else(|| self.least.map(|least| format!("at least {least:.1}"))).unwrap_or_default()
    }
}

/// Measures a group of figures, each so many times.
type Measure = fn(u32) -> Result<Vec<Figure>>;

/// Groups of figures, by names that a command line can ask for. Preludes come first: hosts of sandboxes have not just compiled the
/// library, which leaves the heap of a process in pieces.
const GROUPS: &[(&str, Measure)] =
    &[("preludes", preludes::measure), ("starts", starts::measure), ("sizes", sizes::measure)];

/// Runs the command.
pub fn run(flags: &Bench) -> Result<ExitCode> {
    let (peers, missing) = peers::installed();
    for name in &missing {
        eprintln!("{name} is not installed: no ratios to it");
    }
    let mut workloads = Vec::new();
    for path in workload_files(flags.only.as_deref())? {
        eprintln!("{}", path.display());
        workloads.push(measure(&path, &peers, flags.repeat));
    }
    let mut figures = Vec::new();
    for (name, measure) in
        GROUPS.iter().filter(|(name, _)| flags.only.as_deref().is_none_or(|only| name.contains(only)))
    {
        eprintln!("{name}");
        figures.extend(measure(flags.repeat)?);
    }
    if flags.json {
        let all = serde_json::json!({ "workloads": workloads, "figures": figures, "missing": missing });
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        if !workloads.is_empty() {
            print!("{}", workload_table(&workloads, &peers));
        }
        print!("{}", figure_table(&figures));
    }
    let failed = workloads.iter().any(|workload| !workload.remarks.is_empty());
    Ok(if failed { ExitCode::Partial } else { ExitCode::Success })
}

fn workload_files(only: Option<&str>) -> Result<Vec<PathBuf>> {
    let directory = root().join("bench");
    let entries = fs::read_dir(&directory).with_context(|| directory.display().to_string())?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        path.extension().is_some_and(|extension| extension == "lisp") && only.is_none_or(|only| name.contains(only))
    });
    files.sort();
    Ok(files)
}

fn measure(path: &Path, peers: &[&Peer], repeat: u32) -> Workload {
    let job = Job { file: path.to_path_buf(), call: "(bench)".to_owned(), repeat, timeout: TIMEOUT, ..Job::default() };
    let mut remarks = Vec::new();
    let mut note = |name: &str, outcome: Result<(Vec<f64>, String)>| match outcome {
        Ok((seconds, value)) => Some((median(&seconds), value)),
        Err(error) => {
            remarks.push(format!("{name}: {error:#}"));
            None
        }
    };
    let clysm = note("clysm", run_in_clysm(&job).map(|(answer, _)| (answer.seconds, answer.value)));
    let others: Vec<_> = peers.iter().map(|peer| (peer.name, note(peer.name, peer.run(path, repeat)))).collect();
    if let Some((_, value)) = &clysm {
        let differing = others.iter().filter_map(|(name, other)| Some((name, &other.as_ref()?.1)));
        let differing = differing.filter(|(_, other)| *other != value);
        remarks.extend(differing.map(|(name, other)| format!("clysm gives {value}, {name} {other}")));
    }
    Workload {
        name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        clysm: clysm.map(|(seconds, _)| seconds),
        peers: others.into_iter().map(|(name, other)| (name, other.map(|(seconds, _)| seconds))).collect(),
        remarks,
    }
}

fn workload_table(workloads: &[Workload], peers: &[&Peer]) -> String {
    let mut head = row!["workload", "clysm s"];
    for peer in peers {
        head.extend([format!("{} s", peer.name), format!("× {}", peer.name)]);
    }
    let mut rows = vec![head];
    for workload in workloads {
        let mut row = row![workload.name, seconds(workload.clysm)];
        for (_, peer) in &workload.peers {
            let ratio = workload.clysm.zip(*peer).map(|(own, other)| own / other);
            row.extend([seconds(*peer), ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))]);
        }
        rows.push(row);
    }
    let remarks: String = workloads
        .iter()
        .flat_map(|workload| workload.remarks.iter().map(move |remark| format!("{}: {remark}\n", workload.name)))
        .collect();
    render(&rows) + &remarks
}

fn seconds(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "–".to_owned(), |seconds| format!("{seconds:.3}"))
}

fn figure_table(figures: &[Figure]) -> String {
    let rows: Vec<_> = figures
        .iter()
        .map(|figure| row![figure.name, format!("{:.1}", figure.value), figure.unit, figure.bound()])
        .collect();
    render(&rows)
}
