//! From the text of a prelude to its records.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use clysm_prelude::{Arity, Effect, Export, HostPolicy, Kind, Visibility};
use support::{World, faults, records};

/// A prelude with the package CRM that exports these names.
fn crm(exports: &str, text: &str) -> String {
    format!("(defpackage \"CRM\" (:use \"CL\") (:export {exports}))\n(in-package \"CRM\")\n{text}\n")
}

fn one(text: &str) -> Export {
    let mut all = records(&crm("\"F\"", text));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// The tools that F reaches.
fn tools(text: &str) -> Vec<String> {
    one(text).tool_refs
}

fn tool(name: &str) -> String {
    format!("(clysm::%tool.invoke \"{name}\" nil)")
}

#[test]
fn parameters() {
    let shape = |lambda_list: &str| {
        let export = one(&format!("(defun f {lambda_list} nil)"));
        (export.arity, export.min_arity, export.max_arity, export.params.join(" "))
    };
    let (fixed, variadic) = (Arity::Fixed, Arity::Variadic);
    assert_eq!(shape("()"), (fixed(0), 0, Some(0), String::new()));
    assert_eq!(shape("(id Name)"), (fixed(2), 2, Some(2), "id name".to_owned()));
    assert_eq!(shape("(a &optional (b 1 b-p) c)"), (variadic, 1, Some(3), "a &optional b c".to_owned()));
    assert_eq!(shape("(query &rest opts)"), (variadic, 1, None, "query & opts".to_owned()));
    assert_eq!(shape("(&body forms)"), (variadic, 0, None, "& forms".to_owned()));
    assert_eq!(shape("(a &key b ((:see c) 2))"), (variadic, 1, None, "a &key b see".to_owned()));
    assert_eq!(shape("(&key)"), (variadic, 0, None, "&key".to_owned()));
    assert_eq!(shape("(a #:g1 b)"), (fixed(3), 3, Some(3), "a arg2 b".to_owned()));
    assert_eq!(shape("(a &aux (b 1))"), (fixed(1), 1, Some(1), "a".to_owned()));
}

#[test]
fn kinds() {
    for definer in ["defconstant", "defparameter", "defvar"] {
        let export = one(&format!("({definer} f #'list)"));
        assert_eq!(
            (export.kind, export.arity, export.signature()),
            (Kind::Constant, Arity::Fixed(0), "(f)".to_owned())
        );
    }
    assert_eq!(one("(defun f (x) x)").kind, Kind::Function);
}

#[test]
fn names_are_in_lower_case_and_records_sorted() {
    let all = records(&crm("\"B\" \"A\"", "(defun b () 1) (defun A () 1) (defun helper () 1)"));
    let names: Vec<_> = all.iter().map(|export| (&*export.reference, &*export.namespace, &*export.symbol)).collect();
    assert_eq!(names, [("crm/a", "crm", "a"), ("crm/b", "crm", "b")]);
}

#[test]
fn docstrings_are_taken_from_where_they_are() {
    let mut world = World::default();
    world.docs.insert("F".to_owned(), "Does it.".to_owned());
    let all = world.prelude(&crm("\"F\"", "(defun f () 1)"), &HostPolicy::default()).unwrap();
    assert_eq!(all[0].doc.as_deref(), Some("Does it."));
    assert_eq!(world.facts.definitions[0].source.as_deref(), Some("(defun f () 1)"));
}

#[test]
fn tools_are_found_directly_and_through_helpers() {
    let (a, b) = (tool("a"), tool("b"));
    assert_eq!(tools(&format!("(defun f () {a} {b} {a})")), ["a", "b"]);
    assert_eq!(tools(&format!("(defun f () (g)) (defun g () (h)) (defun h () {a})")), ["a"]);
    assert_eq!(tools(&format!("(defun f (n) (g n)) (defun g (n) {a} (h n)) (defun h (n) {b} (g n))")), ["a", "b"]);
    assert_eq!(tools(&format!("(defun f () 1) (defun g () {a})")), [""; 0]);
    assert_eq!(tools(&format!("(defun f (&optional (x {a})) x)")), ["a"]);
    assert_eq!(tools(&format!("(defun f () (if nil {a} nil))")), ["a"], "a dead branch");
    assert_eq!(tools(&format!("(defun f () (lambda () {a}) nil)")), ["a"], "a function that nobody calls");
}

#[test]
fn tools_are_found_behind_values() {
    let g = format!("(defun g (x) x {})", tool("a"));
    for body in [
        "(mapcar #'g '(1))",
        "(mapcar 'g '(1))",
        "(funcall 'g 1)",
        "(funcall #'g 1)",
        "(apply #'g '(1))",
        "(let ((table '((:one . g)))) table)",
        "(aref #(1 (2 #(g))) 0)",
        "(format nil \"~/crm::g/\" 1)",
        "(flet ((h () (g 1))) #'h)",
        "(labels ((h () (g 1))) (h))",
        "(multiple-value-call #'g 1)",
        "(let ((h #'g)) (funcall h 1))",
    ] {
        assert_eq!(tools(&format!("{g} (defun f () {body})")), ["a"], "{body}");
    }
}

#[test]
fn shadowed_names_are_no_references() {
    let g = format!("(defun g (x) x {})", tool("a"));
    for body in [
        "(flet ((g (x) x)) (g 1))",
        "(labels ((g (x) x)) (g 1))",
        "(flet ((g (x) x)) (mapcar #'g nil))",
        "(let ((g 1)) g)",
        "(block g (return-from g 1))",
        "'(:g \"g\" #\\g)",
    ] {
        assert_eq!(tools(&format!("{g} (defun f () {body})")), [""; 0], "{body}");
    }
}

#[test]
fn functions_in_variables_are_followed() {
    let g = format!("(defun g () {})", tool("a"));
    for text in [
        "(defvar *h* #'g) (defun f () (funcall *h*))",
        "(defvar *h* nil) (setq *h* 'g) (defun f () (funcall *h*))",
        "(defvar *h* (list nil)) (setf (car *h*) #'g) (defun f () (funcall (car *h*)))",
        "(defvar *h* (list nil)) (defun put (x) (setf (car *h*) x)) (put #'g) (defun f () (funcall (car *h*)))",
        "(defvar *h* nil) (defun set-it () (setq *h* #'g)) (defun f () (funcall *h*))",
        "(defvar *h* nil) (defun set-it () (setq *h* (lambda () (g)))) (defun f () (funcall *h*))",
        "(defconstant +h+ 'g) (defun f () (funcall +h+))",
        "(defparameter f #'g)",
    ] {
        assert_eq!(tools(&format!("{g} {text}")), ["a"], "{text}");
    }
    // What a function stores that it got from a tool is data.
    let cache = format!("(defvar *c* nil) (defun g () (setq *c* {})) (defun f () *c*)", tool("a"));
    assert_eq!(tools(&cache), [""; 0]);
}

#[test]
fn requirements_and_providers() {
    let up = "(clysm::%upstream.invoke \"crm/get\" nil)";
    let export = one(&format!("(defun f () {up} {})", tool("a")));
    assert_eq!(export.requires, ["tool:a", "upstream:crm/get"]);
    assert_eq!(export.provider_ref.as_deref(), Some("upstream:crm/get"));
    let other = "(clysm::%upstream.invoke \"crm/put\" nil)";
    assert_eq!(one(&format!("(defun f () {up} {other})")).provider_ref, None, "two of them");
    assert_eq!(one(&format!("(defun f () (g)) (defun g () {up})")).provider_ref, None, "not in its own body");
    let declared = "(declaim (clysm:export f :provider-ref \"tool:z\" :requires (\"tool:x\" \"call\")))";
    let export = one(&format!("{declared} (defun f () {up})"));
    assert_eq!(export.requires, ["call", "tool:x", "upstream:crm/get"]);
    assert_eq!((export.provider_ref.as_deref(), export.tool_refs.len()), (Some("tool:z"), 0));
}

#[test]
fn computed_names_need_a_capability_of_their_own() {
    for body in [
        "(clysm:call-tool x 1)",
        "(mapcar #'clysm:call-tool x)",
        "(funcall 'clysm:call-upstream \"s\" \"t\")",
        "'(clysm:call-tool)",
    ] {
        assert_eq!(one(&format!("(defun f (x) x {body})")).requires, ["call"], "{body}");
    }
    assert_eq!(one("(defun f (x) (clysm::%call.tool x x))").requires, ["call"]);
}

#[test]
fn effects() {
    let policy = HostPolicy::from_toml(
        "[tools.r]\neffect = \"read\"\n[tools.w]\neffect = \"write\"\n[exports.\"crm/f\"]\n[upstreams.\"s/t\"]\neffect = \"read\"",
    )
    .unwrap();
    let effect = |text: &str| World::default().prelude(&crm("\"F\"", text), &policy).unwrap()[0].effect;
    let of =
        |names: &[&str]| effect(&format!("(defun f () {})", names.iter().map(|name| tool(name)).collect::<String>()));
    assert_eq!(of(&["r"]), Effect::Read);
    assert_eq!(of(&["r", "w", "x"]), Effect::Write);
    assert_eq!(of(&["r", "x"]), Effect::Unknown);
    assert_eq!(of(&[]), Effect::Unknown, "nobody has said");
    assert_eq!(effect("(defun f () (clysm::%upstream.invoke \"s/t\" nil))"), Effect::Read);
    assert_eq!(effect("(defun f (x) (clysm:call-tool x))"), Effect::Unknown);
    let declared = "(declaim (clysm:export f :effect :read))";
    assert_eq!(effect(&format!("{declared} (defun f () {})", tool("x"))), Effect::Read);
    let default = "(declaim (clysm:export-defaults crm :effect :write))";
    assert_eq!(effect(&format!("{default} (defun f () {})", tool("r"))), Effect::Write);
}

#[test]
fn precedence_of_metadata() {
    let text =
        "(declaim (clysm:export-defaults \"CRM\" :visibility :discoverable :effect :write :requires (\"tool:d\"))
                         (clysm:export a :visibility :prompt :effect :read))
                (defun a () 1) (defun b () 1) (defun c () 1)";
    let policy = "[exports.\"crm/b\"]\neffect = \"read\"\n[exports.\"crm/c\"]\nvisibility = \"hidden\"";
    let mut world = World::default();
    let policy = HostPolicy::from_toml(policy).unwrap();
    let all = world.prelude(&crm("\"A\" \"B\" \"C\"", text), &policy).unwrap();
    let rows: Vec<_> = all.iter().map(|export| (&*export.symbol, export.visibility, export.effect)).collect();
    assert_eq!(rows, [("a", Visibility::Prompt, Effect::Read), ("b", Visibility::Discoverable, Effect::Read)]);
    assert_eq!(all[0].requires, ["tool:d"]);
}

#[test]
fn policies_narrow_packages() {
    let visibility = |policy: &str| {
        let policy = HostPolicy::from_toml(policy).unwrap();
        let all = World::default().prelude(&crm("\"F\"", "(defun f () 1)"), &policy).unwrap();
        all.first().map(|export| export.visibility)
    };
    assert_eq!(visibility(""), Some(Visibility::Prompt));
    assert_eq!(visibility("[packages.crm]\nvisibility = \"discoverable\""), Some(Visibility::Discoverable));
    assert_eq!(visibility("[packages.crm]\nvisibility = \"hidden\""), None);
}

#[test]
fn contradictions_of_policies() {
    let discoverable =
        crm("\"F\"", "(declaim (clysm:export f :visibility :discoverable :effect :write)) (defun f () 1)");
    let complaint = |policy: &str| faults(&discoverable, policy).join("\n");
    assert_eq!(
        complaint("[exports.\"crm/f\"]\nvisibility = \"prompt\""),
        "prelude.lisp:3:10 policy-contradiction: the policy makes crm/f prompt, but its source says discoverable"
    );
    assert!(complaint("[exports.\"crm/f\"]\neffect = \"read\"").contains("the effect read, but its source says write"));
    assert!(complaint("[exports.\"crm/g\"]").contains("unknown-in-policy: the policy names the export crm/g"));
    let reads = crm("\"F\"", &format!("(declaim (clysm:export f :effect :read)) (defun f () {})", tool("w")));
    assert_eq!(
        faults(&reads, "[tools.w]\neffect = \"write\"").join("\n"),
        "prelude.lisp:3:10 policy-contradiction: crm/f is said to have the effect read, but reaches tool:w, which the policy \
         says has the effect write"
    );
}

#[test]
fn metadata_is_never_ignored() {
    let complaint = |declaration: &str| {
        faults(&crm("\"F\"", &format!("(defun f () 1) (defun g () 1) (declaim {declaration})")), "")
    };
    for (declaration, expected) in [
        ("(clysm:export f :visible :prompt)", ":VISIBLE in the export declaration of CRM:F is not a key of it"),
        ("(clysm:export f visibility :prompt)", "VISIBILITY in the export declaration of CRM:F is not a key"),
        (
            "(clysm:export f :visibility :hidden)",
            ":visibility in the export declaration of CRM:F must be :prompt or :discoverable, got :HIDDEN",
        ),
        ("(clysm:export f :visibility \"prompt\")", "got \"prompt\""),
        (
            "(clysm:export f :effect :reads)",
            ":effect in the export declaration of CRM:F must be :read, :write or :unknown, got :READS",
        ),
        ("(clysm:export f :effect)", ":effect in the export declaration of CRM:F has no value"),
        ("(clysm:export f :effect :read :effect :read)", ":effect is given twice"),
        (
            "(clysm:export f :provider-ref \"call\")",
            ":provider-ref in the export declaration of CRM:F must be a string",
        ),
        ("(clysm:export f :requires \"tool:x\")", ":requires in the export declaration of CRM:F must be a list"),
        ("(clysm:export f :requires (\"net:x\"))", "got (\"net:x\")"),
        ("(clysm:export f) (clysm:export f)", "CRM:F has a second export declaration"),
        ("(clysm:export g)", "CRM::G has export metadata, but no package of this prelude exports it"),
        ("(clysm:export)", "malformed export declaration: it names nothing"),
        ("(clysm:export \"F\")", "it does not begin with a symbol"),
        ("(clysm:export-defaults \"NONE\")", "export defaults of NONE, which is not a package of this prelude"),
        ("(clysm:export-defaults \"CL\" :effect :read)", "export defaults of CL, which is not"),
        (
            "(clysm:export-defaults \"CRM\" :provider-ref \"tool:x\")",
            ":PROVIDER-REF in the export declaration of CRM is not",
        ),
    ] {
        let found = complaint(declaration);
        assert_eq!(found.len(), 1, "{declaration}: {found:?}");
        assert!(found[0].contains(expected), "{declaration}: {found:?}");
        assert!(found[0].starts_with("prelude.lisp:3:") && found[0].contains(" invalid-metadata: "), "{found:?}");
    }
}

#[test]
fn faulty_preludes() {
    for (exports, text, expected) in [
        (
            "\"F\"",
            "(defun f () 1) (defun f () 2)",
            "prelude.lisp:3:16 duplicate-definition: CRM:F is defined again as a function",
        ),
        (
            "\"F\"",
            "(defun f () 1) (defvar f 2)",
            "prelude.lisp:3:16 duplicate-definition: CRM:F is exported, and defined as a function and as a variable",
        ),
        (
            "\"F\" \"GET-USER\"",
            "(defun f () 1) (defun get-users () 1)",
            " undefined-export: CRM:GET-USER is exported, but not defined",
        ),
        (
            "\"F\" \"f\"",
            "(defun f () 1) (defun |f| () 1)",
            " duplicate-definition: CRM:|f| and CRM:F would both have the reference crm/f",
        ),
        ("", "(defun cl-user::g () 1)", "prelude.lisp:3:1 foreign-definition: COMMON-LISP-USER::G is defined"),
        ("", "(defun car (x) x)", "prelude.lisp:3:1 foreign-definition: CAR is defined"),
        ("", "(defun f () (g))", "prelude.lisp:3:13 undefined-function: undefined function: CRM::G"),
        ("", "(defun f () #'g)", "undefined-function: undefined function: CRM::G"),
        ("", "(defun f () *g*)", "undefined-variable: undefined variable: CRM::*G*"),
        (
            "",
            "(clysm::%tool.invoke \"a\" nil)",
            "prelude.lisp:3:1 call-at-load: tool:a would be called while the prelude loads",
        ),
        ("", "(defvar *x* (clysm::%tool.invoke \"a\" nil))", "call-at-load: tool:a"),
        (
            "",
            "(defun f () (clysm::%upstream.invoke \"x\" nil))",
            "tool-name: \"x\" can't be the name of a upstream operation",
        ),
    ] {
        let found = faults(&crm(exports, text), "");
        assert!(found.iter().any(|fault| fault.contains(expected)), "{text}: {found:?}");
    }
    // A private name may be both.
    assert_eq!(records(&crm("", "(defun g () g) (defvar g 1)")).len(), 0);
}

#[test]
fn reserved_and_repeated_packages() {
    let mut world = World::default();
    let forms = world.compile("p.lisp", "(defpackage \"CRM\" (:use \"CL\"))");
    let crm = world.cx.symbols.find_package("CRM").unwrap();
    let defined = |package, start| clysm_prelude::DefinedPackage {
        package,
        span: clysm_report::Span::new(clysm_report::FileId(0), start, start + 1),
    };
    let packages = [defined(crm, 0), defined(clysm_reader::PackageId::CLYSM, 3), defined(crm, 5)];
    let reserved = [clysm_reader::PackageId::CLYSM].into();
    let faults = world.facts_of(&forms, &packages, &reserved).unwrap_err();
    let texts: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        texts.contains(&"a prelude can't define package CLYSM, which is reserved for the system".to_owned()),
        "{texts:?}"
    );
    assert!(texts.contains(&"package CRM is defined already".to_owned()), "{texts:?}");
}

#[test]
fn exports_of_other_preludes_bring_what_they_require() {
    let mut world = World::default();
    let policy = HostPolicy::default();
    world.prelude(&crm("\"F\"", &format!("(defun f () {})", tool("a"))), &policy).unwrap();
    let text = "(defpackage \"APP\" (:use \"CL\") (:export \"RUN\")) (in-package \"APP\") (defun run () (crm:f))";
    let all = world.prelude(text, &policy).unwrap();
    assert_eq!((&*all[0].reference, &*all[0].tool_refs), ("app/run", &["a".to_owned()][..]));
    assert_eq!(world.preludes.records().len(), 2);
}

#[test]
fn the_order_of_definitions_does_not_matter() {
    let parts = [
        format!("(defun a () (b) {})", tool("x")),
        format!("(defun b () (c) (a) {})", tool("y")),
        "(defun c () *v*)".to_owned(),
        "(defvar *v* #'d)".to_owned(),
        format!("(defun d () {})", tool("z")),
    ];
    let of = |order: &[usize]| {
        let text: String = order.iter().map(|index| parts[*index].as_str()).collect();
        serde_json::to_string(&records(&crm("\"A\" \"B\" \"C\" \"D\"", &text))).unwrap()
    };
    let expected = of(&[0, 1, 2, 3, 4]);
    for order in [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 4, 0, 3, 2]] {
        assert_eq!(of(&order), expected);
    }
}
