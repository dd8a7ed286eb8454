//! Modules that are compilers: what a host calls of them. Texts go in as UTF-8, modules come out.

use crate::{HostError, Instance, Session};

/// The export that compiles the text of a program.
pub const COMPILE_FORM: &str = "compile_form";
/// The export that compiles the text of a program to a module that is loaded into the compiler's own.
pub const COMPILE_FILE: &str = "compile_file";
/// The export that compiles files.
pub const COMPILE_ALL: &str = "compile_all";

/// What a compiler answers: a module, or what is wrong.
pub type Answer = Result<Vec<u8>, String>;

impl Session {
    /// Has a compiler compile the text of a program.
    ///
    /// # Errors
    /// [`HostError::NoExport`] when the instance is no compiler; or it failed.
    pub fn compile_text(&mut self, compiler: Instance, text: &str) -> Result<Answer, HostError> {
        self.call_octets(compiler, COMPILE_FORM, text.as_bytes()).map(|answer| module(&answer))
    }

    /// Has a compiler compile the text of a program that is loaded into it, or into another instance of it, by
    /// [`Session::load_linked`].
    ///
    /// # Errors
    /// [`HostError::NoExport`] when the instance is no compiler; or it failed.
    pub fn compile_linked(&mut self, compiler: Instance, text: &str) -> Result<Answer, HostError> {
        self.call_octets(compiler, COMPILE_FILE, text.as_bytes()).map(|answer| module(&answer))
    }

    /// Has a compiler compile files, given by path and text.
    ///
    /// # Errors
    /// [`HostError::NoExport`] when the instance is no compiler; or it failed.
    pub fn compile_files(&mut self, compiler: Instance, files: &[(String, String)]) -> Result<Answer, HostError> {
        let mut octets = Vec::new();
        for (path, text) in files {
            octets.extend(length(path)?.to_le_bytes());
            octets.extend(length(text)?.to_le_bytes());
            octets.extend_from_slice(path.as_bytes());
            octets.extend_from_slice(text.as_bytes());
        }
        let answer = self.call_octets(compiler, COMPILE_ALL, &octets)?;
        // The report and its length come first.
        let rest =
            answer.split_first_chunk().and_then(|(length, rest)| rest.get(u32::from_le_bytes(*length) as usize..));
        Ok(module(rest.unwrap_or_default()))
    }
}

fn length(text: &str) -> Result<u32, HostError> {
    u32::try_from(text.len()).map_err(|_| HostError::Limits("a text has more than 4 GiB".to_owned()))
}

/// What an answer holds: 0 and a module, or 1 and what is wrong.
fn module(answer: &[u8]) -> Answer {
    match answer.split_first() {
        Some((0, module)) => Ok(module.to_vec()),
        Some((_, text)) => Err(String::from_utf8_lossy(text).into_owned()),
        None => Err("the compiler gave no answer".to_owned()),
    }
}
