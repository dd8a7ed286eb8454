//! A process that runs modules need not hold a compiler.

use std::process::Command;

#[test]
fn the_host_depends_on_no_compiler() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "clysm-host", "--edges", "normal,build", "--prefix", "none"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(tree.contains("wasmtime "), "{tree}");
    assert!(!tree.contains("clysm-compiler"), "{tree}");
    assert!(!tree.contains("clysm-reader"), "{tree}");
}
