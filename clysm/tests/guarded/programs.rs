//! Generated policies, and generated programs that try all ways to call what the exports of a prelude and the tools of a host are.

use std::collections::BTreeSet;
use std::fmt;

use clysm::prelude::{Export, HostPolicy, Kind, Requirement};
use clysm_prelude::{ExportPolicy, Exposure, LimitsPolicy, ProgramPolicy, ToolPolicy, Upstream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

/// A policy, and programs that one engine runs one after another.
#[derive(Clone, Debug)]
pub struct Case {
    pub policy: HostPolicy,
    pub programs: Vec<String>,
}

/// What there is to name: the exports of the prelude, and all tools of the host.
#[derive(Clone, Debug)]
pub struct World {
    pub exports: Vec<Export>,
    pub tools: BTreeSet<Requirement>,
}

/// Policies for a world with programs that mostly keep to them.
pub fn case(world: World) -> impl Strategy<Value = Case> {
    policy(&world).prop_flat_map(move |policy| {
        let programs = vec(program(&world, &policy), 1..4);
        (Just(policy), programs).prop_map(|(policy, programs)| Case { policy, programs })
    })
}

/// Some of all.
fn chosen<T: Clone + Ord + fmt::Debug>(all: &BTreeSet<T>, share: f64) -> impl Strategy<Value = BTreeSet<T>> + use<T> {
    let all = all.clone();
    vec(prop::bool::weighted(share), all.len())
        .prop_map(move |picks| all.iter().zip(picks).filter(|(_, pick)| *pick).map(|(one, _)| one.clone()).collect())
}

/// A policy under which the prelude can be attached: what needs more than is granted is hidden.
fn policy(world: &World) -> impl Strategy<Value = HostPolicy> + use<> {
    let tools = |share| chosen(&world.tools, share);
    let references = world.exports.iter().map(|export| export.reference.clone()).collect();
    let sets = (tools(0.9), tools(0.2), chosen(&references, 0.05));
    let of_programs = (prop::option::of(tools(0.8)), prop::option::of(tools(0.8)));
    let exports = world.exports.clone();
    (sets, of_programs).prop_map(move |((grants, private, mut hidden), (tools, upstreams))| {
        let is_lacking = |export: &&Export| !requirements(export).is_subset(&grants);
        hidden.extend(exports.iter().filter(is_lacking).map(|export| export.reference.clone()));
        let policy = ExportPolicy { visibility: Some(Exposure::Hidden), effect: None };
        let private = || private.iter().map(|tool| (tool, ToolPolicy { effect: None, private: true }));
        HostPolicy {
            tools: private().filter_map(|(tool, policy)| Some((tool_name(tool)?, policy))).collect(),
            upstreams: private().filter_map(|(tool, policy)| Some((upstream(tool)?, policy))).collect(),
            exports: hidden.into_iter().map(|reference| (reference, policy)).collect(),
            program: ProgramPolicy {
                tools: tools.map(|tools| grants.intersection(&tools).filter_map(tool_name).collect()),
                upstreams: upstreams.map(|tools| grants.intersection(&tools).filter_map(upstream).collect()),
            },
            limits: LimitsPolicy { time_ms: Some(2000), heap_bytes: Some(256 << 20), ..LimitsPolicy::default() },
            grants,
            ..HostPolicy::default()
        }
    })
}

fn requirements(export: &Export) -> BTreeSet<Requirement> {
    export.requires.iter().filter_map(|id| id.parse().ok()).collect()
}

fn tool_name(requirement: &Requirement) -> Option<String> {
    match requirement {
        Requirement::Tool(name) => Some(name.clone()),
        Requirement::Upstream(_) | Requirement::Call => None,
    }
}

fn upstream(requirement: &Requirement) -> Option<Upstream> {
    match requirement {
        Requirement::Upstream(id) => Some(id.clone()),
        Requirement::Tool(_) | Requirement::Call => None,
    }
}

/// A program. Most ask for no more than they may have, some for anything that they see, and few for what is hidden.
fn program(world: &World, policy: &HostPolicy) -> impl Strategy<Value = String> + use<> {
    let is_visible = |export: &Export| is_visible(export, policy);
    let is_usable = |export: &Export| is_visible(export) && policy.grants_export(export);
    let modest = ways(world, &is_usable, &|tool| policy.grants_calls(tool));
    let bold = ways(world, &is_visible, &|_| true);
    let blind = ways(world, &|_| true, &|_| true);
    prop_oneof![7 => written(modest), 2 => written(bold), 1 => written(blind)]
}

fn is_visible(export: &Export, policy: &HostPolicy) -> bool {
    policy.exports.get(&export.reference).is_none_or(|policy| policy.visibility != Some(Exposure::Hidden))
}

fn written(ways: Vec<String>) -> impl Strategy<Value = String> + use<> {
    let expressions = vec(expression(ways), 5..9);
    expressions.prop_map(|expressions| {
        let [f, g, report, method, forms @ ..] = expressions.as_slice() else { return String::new() };
        let definitions = format!(
            "(defun f (x) (block b (if (enter) {f} x)))
(defun g (x) (block b (if (enter) {g} x)))
(define-condition oops (error) ()
  (:report (lambda (x stream) (block b (princ (if (enter) {report} x) stream)))))
(defstruct (box (:print-function (lambda (x stream depth) (block b (princ (if (enter) {method} depth) stream)))))
  contents)\n"
        );
        let forms: String = forms.iter().map(|form| format!("(attempt {form})\n")).collect();
        format!("{PREAMBLE}{definitions}{forms}*denied*\n")
    })
}

const PREAMBLE: &str = "(defvar *held* #'list)
(defvar *bound* 1)
(defvar *denied* 0)
(defvar *left* 0)
(setq *denied* 0)
(defun bound () *bound*)
(defun enter () (>= (decf *left*) 0))
(defun call (function &rest arguments) (apply function arguments))
(defun from-text (text) (with-standard-io-syntax (read-from-string text)))
(defmacro named (name &rest arguments) `(,name ,@arguments))
(defmacro found (name &rest arguments) `(,(find-symbol name :workshop) ,@arguments))
(defmacro attempt (form)
  `(let ((*left* 10) (x 1) (k #'list))
     (handler-case (catch :out (block b ,form))
       (clysm:capability-error () (incf *denied*))
       (error () x k))))
";

/// An expression. The variables `x` and `k`, which holds a function, the functions `f` and `g`, and the block `b` may occur anywhere.
fn expression(ways: Vec<String>) -> BoxedStrategy<String> {
    let leaf = select(vec!["1", "2", "x", "nil", "\"plain\"", "'(1 2)", "*bound*", "(bound)"]).prop_map(str::to_owned);
    let ways = select(ways);
    let called = (ways.clone(), leaf.clone()).prop_map(|(way, argument)| filled(&way, &[argument]));
    let open = Union::new_weighted(vec![(1, leaf.boxed()), (4, called.boxed())]);
    open.prop_recursive(4, 24, 3, move |inner| {
        prop_oneof![
            2 => (ways.clone(), inner.clone()).prop_map(|(way, argument)| filled(&way, &[argument])),
            3 => (select(AROUND), inner.clone(), inner).prop_map(|(form, first, second)| filled(form, &[first, second])),
        ]
    })
    .boxed()
}

/// A template with its places filled, `@1` and `@2`.
fn filled(template: &str, parts: &[String]) -> String {
    let mut text = template.to_owned();
    for (number, part) in parts.iter().enumerate() {
        text = text.replace(&format!("@{}", number + 1), part);
    }
    text
}

/// Forms around expressions.
const AROUND: &[&str] = &[
    "(if (eql @1 1) @2 x)",
    "(when nil @1)",
    "(if t @1 @2)",
    "(let ((x @1)) @2)",
    "(let ((*bound* @1)) (list (bound) @2))",
    "(progv '(*bound*) (list @1) @2)",
    "(list @1 (lambda () @2))",
    "(funcall (lambda (x &optional (y @1)) (list x y)) @2)",
    "(let ((k (lambda (x) (if (enter) @1 x)))) (list (funcall k 1) @2))",
    "(call k @1)",
    "(labels ((even (x) (if (enter) (odd @1) x)) (odd (x) (if (enter) (even @2) x))) (even 1))",
    "(flet ((f (x) @1)) (mapcar #'f (list 1 @2)))",
    "(list (f @1) (funcall #'g @2))",
    "(mapcar 'f (list @1 @2))",
    "(funcall 'g @1)",
    "(setq *held* (lambda (x) (if (enter) @1 x)))",
    "(funcall *held* @1)",
    "(apply *held* @1 (list @2))",
    "(catch :out @1)",
    "(throw :out @1)",
    "(catch :in (unwind-protect (throw :in @1) @2))",
    "(block b (list @1 (return-from b @2)))",
    "(return-from b @1)",
    "(unwind-protect @1 @2)",
    "(handler-case @1 (error () @2))",
    "(handler-case (error 'oops) (error (e) (list (princ-to-string e) @1)))",
    "(handler-bind ((error (lambda (e) (declare (ignore e)) @1))) @2)",
    "(handler-bind ((error (lambda (e) (invoke-restart (first (compute-restarts e)))))) @1)",
    "(ignore-errors @1)",
    "(restart-case (progn @1 (invoke-restart 'again)) (again () @2))",
    "(princ-to-string (make-box :contents @1))",
    "(loop repeat 2 collect @1)",
    "(multiple-value-list (values @1 @2))",
    "(multiple-value-call k @1 (values @2 2))",
    "(macrolet ((later (form) `(list ,form))) (later @1))",
    "(symbol-macrolet ((y @1)) (list y @2))",
    "(named progn @1 @2)",
    "(eval '(let ((x 1)) x @1))",
    "(funcall (compile nil '(lambda (x) x @1)) 1)",
];

/// All ways to call, refer to and look for what a world has, with a place for an argument. The text names only what may be named;
/// computed names are all there are.
fn ways(world: &World, is_named: &dyn Fn(&Export) -> bool, may_call: &dyn Fn(&Requirement) -> bool) -> Vec<String> {
    let mut ways: Vec<String> = SEARCHES.iter().map(ToString::to_string).collect();
    for export in &world.exports {
        let (named, computed) = match export.kind {
            Kind::Function if export.accepts(1) => (FUNCTION, COMPUTED_FUNCTION),
            Kind::Function => (DIRECTIVE, COMPUTED_DIRECTIVE),
            Kind::Constant => (CONSTANT, COMPUTED_CONSTANT),
        };
        let with_names = |way: &&str| way.replace("#F", &export.symbol).replace("#S", &export.symbol.to_uppercase());
        ways.extend(computed.iter().map(with_names));
        if is_named(export) {
            ways.extend(named.iter().map(with_names));
        }
    }
    for tool in &world.tools {
        let (kind, name) = match tool {
            Requirement::Tool(name) => ("call-tool", format!("{name:?}")),
            Requirement::Upstream(id) => ("call-upstream", format!("{:?} {:?}", id.server(), id.tool())),
            Requirement::Call => continue,
        };
        let with_name = |way: &&str| way.replace("#C", kind).replace("#N", &name).replace("#S", &kind.to_uppercase());
        ways.push(with_name(&"(funcall (find-symbol \"#S\" :clysm) #N @1)"));
        if may_call(tool) {
            ways.extend(TOOL.iter().map(with_name));
        }
        if may_call(&Requirement::Call) {
            ways.extend(COMPUTED_TOOL.iter().map(with_name));
        }
    }
    ways
}

/// Functions of the prelude, named by the text.
const FUNCTION: &[&str] = &[
    "(workshop:#F @1)",
    "(workshop:#F @1)",
    "(funcall #'workshop:#F @1)",
    "(funcall 'workshop:#F @1)",
    "(apply #'workshop:#F (list @1))",
    "(apply 'workshop:#F @1 '())",
    "(call #'workshop:#F @1)",
    "(call 'workshop:#F @1)",
    "(mapcar #'workshop:#F (list @1 2))",
    "(mapcar (lambda (k) (funcall k @1)) (list #'workshop:#F 'workshop:#F #'list))",
    "(multiple-value-call #'workshop:#F @1)",
    "(reduce (lambda (a b) (list a (workshop:#F b))) (list 0 @1))",
    "(funcall (fdefinition 'workshop:#F) @1)",
    "(funcall (cdr (assoc :f '((:f . workshop:#F)))) @1)",
    "(let ((k #'workshop:#F)) (list (funcall k @1)))",
    "(setq *held* #'workshop:#F)",
    "(progn (setf (symbol-function 'mine) #'workshop:#F) (funcall 'mine @1))",
    "(workshop:each #'workshop:#F)",
    "(workshop:each 'workshop:#F)",
    "(workshop:calmly (lambda (x) (workshop:#F x)))",
    "(workshop:register (lambda (x) (if (enter) (workshop:#F x) x)))",
    "(eval (list 'workshop:#F @1))",
    "(eval '(workshop:#F 1))",
    "(funcall (compile nil '(lambda (x) (workshop:#F x))) @1)",
    "(named workshop:#F @1)",
    "(found \"#S\" @1)",
    "(flet ((workshop:#F (x) (list x))) (workshop:#F @1))",
    "(macrolet ((workshop:#F (x) `(list ,x))) (workshop:#F @1))",
    "(labels ((workshop:#F (x) (if (enter) (workshop:#F @1) x))) (workshop:#F 1))",
    "(when nil (workshop:#F @1))",
    "(documentation 'workshop:#F 'function)",
    "(clysm:export-metadata 'workshop:#F)",
];

/// Functions of the prelude, of whose names the compiler knows nothing.
const COMPUTED_FUNCTION: &[&str] = &[
    "(funcall (find-symbol \"#S\" :workshop) @1)",
    "(funcall (intern \"#S\" :workshop) @1)",
    "(funcall (symbol-function (find-symbol \"#S\" :workshop)) @1)",
    "(funcall (fdefinition (find-symbol \"#S\" :workshop)) @1)",
    "(funcall (coerce (find-symbol \"#S\" :workshop) 'function) @1)",
    "(funcall (from-text \"workshop:#F\") @1)",
    "(eval (from-text \"(workshop:#F 1)\"))",
    "(eval (list (find-symbol \"#S\" :workshop) @1))",
    "(funcall (compile nil (list 'lambda '(x) (list (find-symbol \"#S\" :workshop) 'x))) @1)",
    "(funcall (compile nil (from-text \"(lambda (x) (workshop:#F x))\")) @1)",
    "(mapcar (find-symbol \"#S\" :workshop) (list @1))",
    "(workshop:each (find-symbol \"#S\" :workshop))",
];

/// Functions of the prelude for directives, which take more than one argument.
const DIRECTIVE: &[&str] = &[
    "(format nil \"~/workshop:#F/\" @1)",
    "(format nil \"~{~/workshop:#F/~}\" (list @1 2))",
    "(funcall (formatter \"~/workshop:#F/\") *standard-output* @1)",
    "(workshop:#F *standard-output* @1)",
];

/// The same by computed names.
const COMPUTED_DIRECTIVE: &[&str] = &[
    "(format nil (concatenate 'string \"~/workshop:\" \"#F/\") @1)",
    "(format nil \"~?\" (concatenate 'string \"~/workshop:\" \"#F/\") (list @1))",
];

/// Constants of the prelude, named by the text.
const CONSTANT: &[&str] = &[
    "workshop:#F",
    "(workshop:#F)",
    "(funcall workshop:#F @1)",
    "(funcall (workshop:#F) @1)",
    "(funcall (symbol-value 'workshop:#F) @1)",
    "(mapcar (lambda (k) (ignore-errors (funcall k @1))) workshop:#F)",
    "(funcall (car (last workshop:#F)) @1)",
    "(setq *held* workshop:#F)",
    "(eval '(list workshop:#F))",
];

/// The same by computed names.
const COMPUTED_CONSTANT: &[&str] = &[
    "(funcall (symbol-value (find-symbol \"#S\" :workshop)) @1)",
    "(funcall (eval (find-symbol \"#S\" :workshop)) @1)",
    "(funcall (from-text \"#.workshop:#F\") @1)",
    "(mapcar (lambda (k) (ignore-errors (funcall k @1))) (symbol-value (find-symbol \"#S\" :workshop)))",
];

/// Tools, called by the program itself.
const TOOL: &[&str] = &[
    "(clysm:#C #N @1)",
    "(funcall (lambda (x) (clysm:#C #N x)) @1)",
    "(when nil (clysm:#C #N @1))",
    "(named clysm:#C #N @1)",
    "(eval '(clysm:#C #N 1))",
];

/// The same by computed names.
const COMPUTED_TOOL: &[&str] = &[
    "(apply #'clysm:#C (list #N @1))",
    "(funcall 'clysm:#C #N @1)",
    "(clysm:call-tool (string-downcase \"PLAIN\") @1)",
    "(clysm:call-upstream (string \"store\") \"fetch\" @1)",
];

/// What looks for anything to call.
const SEARCHES: &[&str] = &[
    "(do-external-symbols (s :workshop) (when (fboundp s) (ignore-errors (funcall s @1))))",
    "(do-symbols (s :workshop) (when (and (boundp s) (functionp (symbol-value s))) (ignore-errors (funcall (symbol-value s) @1))))",
    "(mapcar (lambda (s) (ignore-errors (funcall s @1))) (apropos-list \"A\" :workshop))",
    "(funcall (find-symbol \"HELP\" :workshop) @1)",
    "(funcall (intern \"WILD\" :workshop) @1)",
    "(funcall (from-text \"workshop::night\") @1)",
    "(mapcar (lambda (s) (ignore-errors (funcall s @1))) (find-all-symbols \"HELP\"))",
    "(let ((*package* (find-package :workshop))) (funcall (from-text \"night\") @1))",
    "(funcall (find-symbol \"%TOOL-ANSWER\" :clysm) \"plain\" @1)",
    "(mapcar (lambda (k) (ignore-errors (funcall k @1))) (list *held* k #'f 'g))",
];
