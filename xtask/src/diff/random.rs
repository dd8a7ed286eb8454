//! Random programs: closures, exits, cleanups, multiple values, arithmetic over the whole tower. Each form prints a value, or the type of
//! the error that it signalled, and ends. None looks at the identity of constants: whether similar ones are one object depends on how the
//! program is compiled (CLHS 3.2.4.4).

use proptest::prelude::*;

/// A program.
pub fn program() -> impl Strategy<Value = String> {
    prop::collection::vec(expression(), 20..40).prop_map(|forms| {
        let forms: Vec<String> = forms.iter().map(|form| format!("(show {form})\n")).collect();
        format!("{PREAMBLE}{}", forms.concat())
    })
}

const PREAMBLE: &str = "(defvar *d* 7)
(defun call (f &rest arguments) (apply f arguments))
(defun keys (a &optional (b 2) &key (c 3) d) (list a b c d))
(defmacro show (form)
  `(format t \"~S~%\" (handler-case (multiple-value-list ,form)
                      (arithmetic-error () :arithmetic) (type-error () :type) (error () :error))))
";

/// An expression that ends, as no form assigns what loops count with, and in which the variables `x` and `y`, the functions `f` and the block `b` may occur where they are bound.
fn expression() -> impl Strategy<Value = String> {
    let body = open().prop_recursive(5, 60, 4, |inner| {
        prop_oneof![
            (operator(), inner.clone(), inner.clone()).prop_map(|(op, a, b)| format!("({op} {a} {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("(if (equalp {a} {b}) {c} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(let ((x {a}) (y x)) (setq x (list x y)) {b})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(let ((f (lambda (x &optional (y {a})) (incf x) {b}))) (call f 4))")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(labels ((f (x) (if (consp x) {a} x))) (list (f 1) {b}))")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(block b (call (lambda (x) x (return-from b {a})) {b}))")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!(
                "(let ((y 0)) (catch :tag (unwind-protect (throw :tag {a}) (setq y {b}))))"
            )),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(multiple-value-bind (x y) (values {a} {b}) (list y x))")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(multiple-value-call #'list (floor 17 5) {a} (values) {b})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(multiple-value-prog1 (values {a} 2) (setq x {b}))")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(let ((*d* {a})) (list *d* {b}))")),
            inner.clone().prop_map(|a| format!(
                "(let ((y 0)) (prog (n) (setq n 0) next (incf n) (setq y {a}) (when (< n 4) (go next)) (return y)))"
            )),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("(loop for n from 1 to 3 collect {a} finally (progn {b}))")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(keys {a} :b :d {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("(case {a} ((0 1) {b}) (t (list {b})))")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("(mapcar (lambda (x) (cons x {a})) (list 1 {b}))")),
        ]
    });
    // What is free is bound here.
    body.prop_map(|body| format!("(let ((x 1) (y 2)) x y {body})"))
}

fn open() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("x".to_owned()),
        Just("y".to_owned()),
        Just("*d*".to_owned()),
        number(),
        Just("nil".to_owned()),
        Just("'(a (b . \"c\") #(1 2.5) #\\d)".to_owned()),
        Just("\"text\"".to_owned()),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i8>().prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<i128>().prop_map(|n| n.to_string()),
        (any::<i16>(), 1i16..200).prop_map(|(n, d)| format!("{n}/{d}")),
        (-1000i32..1000).prop_map(|n| format!("{:.2}", f64::from(n) / 8.0)),
        (-1000i32..1000).prop_map(|n| format!("{:.3}d0", f64::from(n) / 16.0)),
        (any::<i8>(), any::<i8>()).prop_map(|(a, b)| format!("#c({a} {b})")),
        Just("most-positive-fixnum".to_owned()),
    ]
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "+", "-", "*", "/", "max", "floor", "logand", "cons", "list", "equalp", "<", "gcd", "append",
    ])
}
