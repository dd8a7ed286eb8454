//! clysm
fn main() {}
