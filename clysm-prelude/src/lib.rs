//! clysm-prelude
