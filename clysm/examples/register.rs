//! Rust closures as Lisp functions.

use std::sync::{Arc, Mutex};

use clysm::Engine;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut engine = Engine::builder().build()?;

    // Parameters and results are Rust types; state is shared as between threads.
    let log = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&log);
    engine.register("app:log", move |line: String| {
        if let Ok(mut lines) = shared.lock() {
            lines.push(line);
        }
    })?;
    engine.register("app:parse", |text: String| text.parse::<f64>())?;
    engine.eval(r#"(app:log (format nil "~,2F" (* 2 (app:parse "1.5"))))"#)?;
    assert_eq!(*log.lock().map_err(|_| "poisoned")?, ["3.00"]);

    // Errors are conditions, wrong types and counts too.
    engine.eval("(defun try (f &rest args) (handler-case (apply f args) (error (e) (type-of e))))")?;
    let tried = engine.eval("(list (try #'app:parse \"x\") (try #'app:parse 7) (try #'app:parse \"1\"))")?;
    assert_eq!(tried.to_string(), "(CLYSM::HOST-ERROR TYPE-ERROR 1.0d0)");

    // A function may call back.
    engine.register_with("app:call-n", 2..=2, |caller, args| {
        let count = u32::try_from(args[0].clone())?;
        for n in 0..count {
            caller.funcall(&args[1], &[n.into()])?;
        }
        Ok::<_, Box<dyn std::error::Error>>(count)
    })?;
    engine.eval("(app:call-n 3 (lambda (n) (app:log (princ-to-string n))))")?;
    assert_eq!(*log.lock().map_err(|_| "poisoned")?, ["3.00", "0", "1", "2"]);
    println!("register: ok");
    Ok(())
}
