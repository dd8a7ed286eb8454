//! clysm-reader
