//! clysm-report
