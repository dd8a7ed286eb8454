//! clysm
