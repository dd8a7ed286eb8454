//! clysm-host
