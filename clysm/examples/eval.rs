//! Evaluating Lisp: values come back as Rust values.

use clysm::{Engine, Error, Value};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut engine = Engine::builder().build()?;

    // The value of the last form; what is defined stays.
    assert_eq!(engine.eval("(+ 1 2)")?, 3.into());
    engine.eval("(defstruct point (x 0) (y 0))")?;
    let value = engine.eval("(let ((p (make-point :x 3))) (list (point-x p) (point-y p) :done))")?;
    assert_eq!(value.to_string(), "(3 0 :DONE)");
    assert_eq!(value, Value::list([3.into(), 0.into(), Value::keyword("DONE")]));

    // Exact numbers stay exact.
    assert_eq!(engine.eval("(expt 2/3 50)")?.to_string(), "1125899906842624/717897987691852588770249");

    // All values of each form.
    let values = engine.eval_values("(floor 7 2) 'x")?;
    assert_eq!(values, [vec![3.into(), 1.into()], vec![Value::symbol("COMMON-LISP-USER", "X")]]);

    // An error that nothing handles tells its place.
    match engine.eval("(list 1\n  (car 2))") {
        Err(error @ Error::Located { .. }) => {
            let place = engine.sources().location(error.diagnostic().span());
            assert_eq!(place.as_deref(), Some("<eval>:2:3"));
        }
        other => return Err(format!("{other:?}").into()),
    }
    println!("eval: ok");
    Ok(())
}
