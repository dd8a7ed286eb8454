//! What came of programs that a stage compiled and ran: the process that runs the stage tells it, and the bootstrap reads it.

use serde::{Deserialize, Serialize};

/// Programs with the output that they should have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Programs {
    /// How many were compiled and run.
    pub run: usize,
    /// Those that did not do what they should.
    pub failures: Vec<Failure>,
    /// How long all of it took.
    pub seconds: f64,
}

/// A program that did not do what it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its file.
    pub program: String,
    /// What is wrong.
    pub why: String,
}
