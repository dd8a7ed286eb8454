//! Progress on standard error: a bar on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, stderr};

use clysm::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How progress is shown.
#[derive(Clone, Debug)]
pub enum Display {
    /// Not at all.
    Nothing,
    /// A line for each step.
    Lines,
    /// A bar.
    Bar(ProgressBar),
}

impl Display {
    /// A bar on a terminal, lines elsewhere, nothing if it is to be quiet.
    pub fn new(quiet: bool) -> Self {
        match (quiet, stderr().is_terminal()) {
            (true, _) => Self::Nothing,
            (false, true) => Self::Bar(new_bar()),
            (false, false) => Self::Lines,
        }
    }

    /// Shows how far it is.
    pub fn show(&self, progress: Progress) {
        match self {
            Self::Nothing => {}
            Self::Lines => eprintln!("{} {}/{} {}", progress.stage, progress.done, progress.total, progress.item),
            Self::Bar(bar) => {
                bar.set_length(progress.total as u64);
                bar.set_position(progress.done as u64);
                bar.set_prefix(progress.stage);
                bar.set_message(progress.item);
            }
        }
    }

    /// Takes a bar away.
    pub fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{prefix:>12} [{bar:40}] {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}
