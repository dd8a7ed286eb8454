//! Calling Lisp functions with Rust values.

use clysm::{Engine, FromValue as _, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut engine = Engine::builder().build()?;
    engine.eval(
        "(defun cl-user::histogram (words)
           (let ((counts (make-hash-table :test #'equal)))
             (dolist (word words)
               (incf (gethash word counts 0)))
             (sort (loop for word being each hash-key of counts using (hash-value count) collect (list word count))
                   #'> :key #'second)))",
    )?;

    let words: Vec<&str> = "a b a c b a".split(' ').collect();
    let histogram = engine.call("cl-user::histogram", &[words.into()])?;
    let rows = Vec::<Vec<Value>>::from_value(histogram)?;
    assert_eq!(rows, [vec!["a".into(), Value::from(3)], vec!["b".into(), 2.into()], vec!["c".into(), 1.into()]]);

    // All values of a function, and a function object.
    assert_eq!(engine.call_values("truncate", &[(-7).into(), 2.into()])?, [(-3).into(), (-1).into()]);
    let adder = engine.eval("(lambda (x) (+ x 10))")?;
    assert_eq!(i64::try_from(engine.funcall(&adder, &[32.into()])?)?, 42);

    // Errors of Lisp are errors of Rust.
    let error = engine.call("car", &[7.into()]).err().ok_or("no error")?;
    assert!(error.to_string().contains("TYPE-ERROR"), "{error}");
    println!("call: ok");
    Ok(())
}
