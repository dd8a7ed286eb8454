//! The exit codes of every command.

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! exit_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident $constant:ident = $code:literal;)*) => {
        /// How a command ended (seed: ExitCode). Its JSON form is the number.
        ///
        /// ```
        /// use clysm_report::ExitCode;
        ///
        /// assert_eq!(ExitCode::EXIT_SKIP.code(), 77);
        /// assert_eq!(ExitCode::try_from(3), Ok(ExitCode::MissingDependency));
        /// assert_eq!(ExitCode::MissingDependency.constant(), "EXIT_MISSING_DEP");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(into = "u8", try_from = "u8")]
        #[repr(u8)]
        pub enum ExitCode { $($(#[doc = $doc])+ $variant = $code,)* }

        impl ExitCode {
            /// Every code, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            $($(#[doc = $doc])+ pub const $constant: Self = Self::$variant;)*

            /// The name of the constant, such as `EXIT_SUCCESS`.
            #[must_use]
            pub const fn constant(self) -> &'static str {
                match self { $(Self::$variant => stringify!($constant),)* }
            }

            /// What the code means, in a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

exit_codes! {
    /// Operation completed successfully.
    Success EXIT_SUCCESS = 0;
    /// Partial success (e.g., some forms failed).
    Partial EXIT_PARTIAL = 1;
    /// Operation failed.
    Failure EXIT_FAILURE = 2;
    /// Required dependency not found.
    MissingDependency EXIT_MISSING_DEP = 3;
    /// Known limitation (operation skipped).
    Skip EXIT_SKIP = 77;
}

impl ExitCode {
    /// The number that the process ends with.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

/// A number that is none of the five exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{0} is not an exit code; they are 0, 1, 2, 3 and 77")]
pub struct UnknownExitCode(pub u8);

impl TryFrom<u8> for ExitCode {
    type Error = UnknownExitCode;

    fn try_from(code: u8) -> Result<Self, UnknownExitCode> {
        Self::ALL.iter().copied().find(|exit| exit.code() == code).ok_or(UnknownExitCode(code))
    }
}

impl From<ExitCode> for u8 {
    fn from(exit: ExitCode) -> Self {
        exit.code()
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(exit: ExitCode) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_seed() {
        let table: Vec<(u8, &str)> = ExitCode::ALL.iter().map(|exit| (exit.code(), exit.constant())).collect();
        assert_eq!(
            table,
            [(0, "EXIT_SUCCESS"), (1, "EXIT_PARTIAL"), (2, "EXIT_FAILURE"), (3, "EXIT_MISSING_DEP"), (77, "EXIT_SKIP")]
        );
        assert_eq!(ExitCode::Success.description(), "Operation completed successfully.");
    }

    #[test]
    fn numbers_convert_both_ways() {
        for code in 0..=u8::MAX {
            match ExitCode::try_from(code) {
                Ok(exit) => assert_eq!(exit.code(), code),
                Err(error) => assert!(!ExitCode::ALL.iter().any(|exit| exit.code() == error.0)),
            }
        }
        assert_eq!(serde_json::to_string(&ExitCode::Skip).ok().as_deref(), Some("77"));
        assert!(serde_json::from_str::<ExitCode>("4").is_err());
    }
}
