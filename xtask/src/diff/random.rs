//! Random programs: closures, local functions that call each other and are values too, exits, cleanups, multiple values, arithmetic over the whole tower. Each form prints a value, or the type of
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
(defun lambda-value (f) (funcall f))
(defun keys (a &optional (b 2) &key (c 3) d) (list a b c d))
(defvar *left* 0)
(defun enter () (>= (decf *left*) 0))
(defun left (x left)
  (typecase x
    (cons (if (< left 0) left (left (cdr x) (left (car x) (- left 1)))))
    (rational (- left 1 (ash (integer-length (numerator x)) -5) (ash (integer-length (denominator x)) -5)))
    (complex (left (imagpart x) (left (realpart x) left)))
    (t (- left 1))))
(defun small (x) (if (< (left x 60) 0) :large x))
(defmacro show (form)
  `(let ((*left* 25))
     (format t \"~S~%\" (handler-case (multiple-value-list ,form)
                        (arithmetic-error () :arithmetic) (type-error () :type) (error () :error)))))
";

/// An expression that ends, as no form assigns what loops count with and functions are entered only so often. The variables `x` and `y`,
/// `k` that holds a function, the functions `p`, `q` and `r`, and the block `b` may occur anywhere.
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
            local_functions(inner.clone()),
            local_functions(inner.clone()),
            (local_function(), inner.clone()).prop_map(|(f, a)| format!("({f} {a})")),
            (local_function(), inner.clone()).prop_map(|(f, a)| format!("(funcall #'{f} {a})")),
            (local_function(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b)| format!("(mapcar #'{f} (list {a} {b}))")),
            (local_function(), inner.clone()).prop_map(|(f, a)| format!("(progn (setq k #'{f}) {a})")),
            (local_function(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b)| format!("(let ((k #'{f})) (list {a} (lambda-value (lambda () {b}))))")),
            inner.clone().prop_map(|a| format!("(funcall k {a})")),
            inner.clone().prop_map(|a| format!("(return-from b {a})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("(mapcar (lambda (x) (cons x {a})) (list 1 {b}))")),
        ]
    });
    // What is free is bound here.
    body.prop_map(|body| {
        format!("(block b (let ((x 1) (y 2) (k #'list)) x y k (flet ((p (x) x) (q (x) (list x)) (r (x) (if (enter) (funcall k x) x))) #'p #'q #'r {body})))")
    })
}

/// `labels` or `flet` that defines the three local functions anew.
fn local_functions(inner: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = String> {
    let definitions = (lambda_list(), inner.clone(), lambda_list(), inner.clone(), lambda_list(), inner.clone());
    let order = Just(["p", "q", "r"]).prop_shuffle();
    (prop::bool::weighted(0.8), order, definitions, inner).prop_map(
        |(recursive, names, (first, a, second, b, third, c), body)| {
            let operator = if recursive { "labels" } else { "flet" };
            let definitions: Vec<String> = names
                .iter()
                .zip([(first, a), (second, b), (third, c)])
                .map(|(name, (list, body))| format!("({name} {list} (if (enter) (let ((x (small x))) {body}) x))"))
                .collect();
            format!("({operator} ({}) {body})", definitions.join(" "))
        },
    )
}

fn local_function() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["p", "q", "r"])
}

/// A lambda list that takes one argument, and more.
fn lambda_list() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "(x)",
        "(x)",
        "(x &optional (y (if (enter) (p x) x)))",
        "(x &rest y)",
        "(x &key (y (if (enter) (r x) x)) &allow-other-keys)",
        "(x &aux (y (list x)))",
    ])
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
