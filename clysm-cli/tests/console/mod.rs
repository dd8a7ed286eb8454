//! Transcripts: `tests/console/NAME.console` holds commands, each after `$ `, and below each what it prints: standard output, then
//! after `[stderr]` standard error, then `[exit N]` unless it ends with 0. Lines that begin with `#` say what it is about.
//!
//! Commands run in that directory, one after another. `{tmp}` stands for a directory of their own with the file `existing.wasm`;
//! digests are shown as `{digest}`. Besides `clysm …` there are
//!
//! - `strip IN OUT`: copies a module without the section `clysm.exports`;
//! - `edit IN OUT OLD NEW`: copies a file with another text of the same length in place of one;
//! - `show FILE`: prints a file;
//!
//! and after a command, of the lines of its standard output, `| grep TEXT` shows those with that text, `| from TEXT` the first of
//! these and all that follow.

use std::fs;
use std::path::Path;

use libtest_mimic::Failed;

use crate::{clysm, expect, text};

/// Runs the commands of a transcript, and compares.
pub fn run(stem: &Path) -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("existing.wasm"), "kept\n")?;
    let place = Place { stem, tmp: directory.path().display().to_string() };
    let mut actual = String::new();
    for line in fs::read_to_string(stem.with_extension("console"))?.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => {
                let gap =
                    if actual.is_empty() || actual.ends_with("\n\n") || after_comment(&actual) { "" } else { "\n" };
                actual += &format!("{gap}{line}\n{}", place.output(command)?);
            }
            None if line.starts_with('#') => {
                let gap = if actual.is_empty() || after_comment(&actual) { "" } else { "\n" };
                actual += &format!("{gap}{line}\n");
            }
            // What was printed before.
            None => {}
        }
    }
    expect(stem, "console", &actual)
}

fn after_comment(transcript: &str) -> bool {
    transcript.lines().last().is_some_and(|line| line.starts_with('#'))
}

struct Place<'a> {
    stem: &'a Path,
    tmp: String,
}

impl Place<'_> {
    fn output(&self, line: &str) -> Result<String, Failed> {
        let (command, filter) = line.split_once(" | ").unwrap_or((line, ""));
        let words: Vec<String> = command.split_whitespace().map(|word| word.replace("{tmp}", &self.tmp)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["clysm", arguments @ ..] => self.clysm(arguments, filter),
            ["strip", from, to] => Ok(fs::write(to, clysm_prelude::strip(&fs::read(from)?)?)?).map(|()| String::new()),
            ["edit", from, to, old, new] => edit(from, to, old, new).map(|()| String::new()),
            ["show", file] => Ok(fs::read_to_string(file)?),
            _ => Err(format!("{line:?} is no command of transcripts").into()),
        }
    }

    fn clysm(&self, arguments: &[&str], filter: &str) -> Result<String, Failed> {
        let output = clysm(self.stem, arguments)?;
        let mut shown = filtered(&text(&output.stdout), filter)?;
        let errors = text(&output.stderr);
        if !errors.is_empty() {
            shown += &format!("[stderr]\n{errors}");
        }
        match output.status.code() {
            Some(0) => {}
            Some(code) => shown += &format!("[exit {code}]\n"),
            None => return Err(output.status.to_string().into()),
        }
        Ok(without_digests(&shown.replace(&self.tmp, "{tmp}")))
    }
}

fn filtered(text: &str, filter: &str) -> Result<String, Failed> {
    let lines: Vec<&str> = text.lines().collect();
    let lines = match filter.split_once(' ') {
        None => lines,
        Some(("grep", part)) => lines.into_iter().filter(|line| line.contains(part)).collect(),
        Some(("from", part)) => lines.into_iter().skip_while(|line| !line.contains(part)).collect(),
        Some(_) => return Err(format!("{filter:?} is no filter of transcripts").into()),
    };
    Ok(lines.into_iter().map(|line| format!("{line}\n")).collect())
}

fn edit(from: &str, to: &str, old: &str, new: &str) -> Result<(), Failed> {
    let mut octets = fs::read(from)?;
    let at = octets.windows(old.len()).position(|window| window == old.as_bytes()).filter(|_| old.len() == new.len());
    let range =
        at.map(|at| at..at + old.len()).ok_or_else(|| format!("{from}: {old} is not there, or longer or shorter"))?;
    octets.splice(range, new.bytes());
    Ok(fs::write(to, octets)?)
}

/// A text in which each run of 64 hexadecimal digits is `{digest}`.
fn without_digests(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let words = text.split_inclusive(|c: char| !is_digit(c));
    let shortened = words.map(|word| {
        let digits = word.trim_end_matches(|c: char| !is_digit(c));
        if digits.len() == 64 { word.replace(digits, "{digest}") } else { word.to_owned() }
    });
    shortened.collect()
}
