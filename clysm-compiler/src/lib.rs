//! clysm-compiler
