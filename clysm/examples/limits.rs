//! Untrusted code: limits on time, stack and memory end a call, never the process or the engine.

use std::time::Duration;

use clysm::{Engine, Error, HostError, Value};

/// What ended a call.
fn ended(result: Result<Value, Error>) -> Result<HostError, String> {
    match result {
        Err(Error::Stopped { error, .. }) => Ok(error),
        other => Err(format!("{other:?}")),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Each call may take the whole time.
    let mut engine = Engine::builder().timeout(Duration::from_millis(500)).memory(300 << 20).build()?;
    engine.eval("(defun endless () (loop))")?;
    assert!(matches!(ended(engine.eval("(list (endless))"))?, HostError::Timeout { .. }));
    assert!(matches!(ended(engine.eval("(labels ((f (n) (1+ (f n)))) (f 0))"))?, HostError::StackExhausted { .. }));
    assert_eq!(engine.eval("(fboundp 'endless)")?, true.into());

    let mut engine = Engine::builder().memory(300 << 20).build()?;
    let full = engine.eval("(let (all) (loop (push (make-array 10000) all)))");
    assert!(matches!(ended(full)?, HostError::HeapExhausted { .. }));
    assert_eq!(engine.eval("(length (make-array 10000))")?, 10_000.into());
    println!("limits: ok");
    Ok(())
}
