//! Words for errors of the operating system.

use std::io;

/// Why an operation of the operating system failed, as a part of a sentence: its message without number and capital.
///
/// ```
/// let error = std::io::Error::from_raw_os_error(2);
/// # if cfg!(target_os = "linux") {
/// assert_eq!(clysm_report::reason(&error), "no such file or directory");
/// # }
/// ```
#[must_use]
pub fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or_default();
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
