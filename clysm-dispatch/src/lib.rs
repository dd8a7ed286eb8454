//! clysm-dispatch
