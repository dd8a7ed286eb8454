//! What programs may call.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod support;

use clysm_prelude::{Denial, Export, GuardError, HostPolicy, Listed};
use support::World;

const CRM: &str = "
(defpackage \"CRM\" (:use \"CL\") (:export \"GET-USER\" \"DELETE-USER\" \"HANDLER\" \"PURE\" \"ANY\"))
(in-package \"CRM\")
(defun get-user (id) id (clysm::%tool.invoke \"get\" nil) (clysm::%upstream.invoke \"s/get\" nil))
(defun delete-user (id) (remove-it id))
(defun remove-it (id) id (clysm::%tool.invoke \"delete\" nil))
(defconstant handler '(remove-it))
(defun pure (x) x)
(defun any (name) (clysm:call-tool name))
";

const GRANTS: &str = "grants = [\"tool:get\", \"upstream:s/get\", \"tool:other\", \"tool:key\", \"tool:inner\"]
[tools.key]
private = true
[program]
tools = [\"get\", \"other\", \"key\"]
";

fn guard(text: &str) -> Result<Listed, GuardError> {
    let mut world = World::default();
    let policy = HostPolicy::from_toml(GRANTS).unwrap();
    world.prelude(CRM, &policy).unwrap();
    world.guard(text, &policy)
}

fn tool(name: &str) -> String {
    format!("(clysm::%tool.invoke \"{name}\" nil)")
}

#[test]
fn what_is_reached_is_listed() {
    let listed = guard(&format!("(crm:get-user 1) {} (crm:pure 1)", tool("other"))).unwrap();
    assert_eq!(
        serde_json::to_string(&listed).unwrap(),
        r#"{"tools":["get","other"],"upstreams":["s/get"],"call":false,"exports":["crm/get-user","crm/pure"]}"#
    );
    assert_eq!(guard("(print 1)").unwrap(), Listed::default());
}

#[test]
fn upstream_operations_can_be_withheld_from_programs() {
    let denial = |program: &str, text: &str| {
        let mut world = World::default();
        let policy = HostPolicy::from_toml(&format!("{GRANTS}\n{program}")).unwrap();
        world.prelude(CRM, &policy).unwrap();
        world.guard(text, &policy).err().map(|error| error.denied[0].denial)
    };
    let direct = "(clysm::%upstream.invoke \"s/get\" nil)";
    for text in [direct, "(crm:get-user 1)", "'crm:get-user"] {
        assert_eq!(denial("upstreams = []", text), Some(Denial::NotForPrograms), "{text}");
        assert_eq!(denial("upstreams = [\"s/get\"]", text), None, "{text}");
        assert_eq!(denial("", text), None, "{text}");
    }
}

#[test]
fn exports_are_usable_where_the_guard_lets_programs_refer_to_them() {
    for program in ["", "upstreams = []", "upstreams = [\"s/get\"]"] {
        let mut world = World::default();
        let policy = HostPolicy::from_toml(&format!("{GRANTS}\n{program}")).unwrap();
        let usable = |export: &Export| (export.symbol.clone(), policy.grants_export(export));
        for (symbol, is_usable) in world.prelude(CRM, &policy).unwrap().iter().map(usable) {
            let guarded = world.guard(&format!("'crm:{symbol}"), &policy);
            assert_eq!(guarded.is_ok(), is_usable, "{symbol} with {program:?}");
        }
    }
}

#[test]
fn references_in_any_position_count() {
    for text in [
        "(crm:delete-user 1)",
        "#'crm:delete-user",
        "'crm:delete-user",
        "'((:a . crm:delete-user))",
        "'#(crm:delete-user)",
        "(mapcar #'crm:delete-user '(1))",
        "(if nil (crm:delete-user 1) 1)",
        "(lambda () (crm:delete-user 1))",
        "(defun f () (crm:delete-user 1))",
        "(funcall (if t #'crm:delete-user #'list) 1)",
        "(format nil \"~/crm:delete-user/\" 1)",
        "(flet ((g () (crm:delete-user 1))) 1)",
        "(load-time-value (crm:delete-user 1))",
        "(defvar *f* #'crm:delete-user)",
        "(list crm:handler)",
        "(describe (list 'crm:delete-user))",
        "(describe '(crm:delete-user))",
        "(describe #'crm:delete-user)",
        "(describe (crm:delete-user 1))",
    ] {
        let error = guard(text).err().unwrap_or_else(|| panic!("{text}"));
        assert_eq!(error.denied[0].requirement.to_string(), "tool:delete", "{text}");
    }
}

#[test]
fn names_that_are_shadowed_or_only_asked_about_do_not() {
    for text in [
        "(describe 'crm:delete-user)",
        "(documentation 'crm:delete-user 'function)",
        "(clysm:describe-export 'crm:delete-user)",
        "(flet ((crm:delete-user (x) x)) (crm:delete-user 1))",
        "(let ((crm:delete-user 1)) crm:delete-user)",
        "\"crm:delete-user\"",
        "(print :delete-user)",
    ] {
        assert_eq!(guard(text).unwrap().tools.len(), 0, "{text}");
    }
}

#[test]
fn all_that_is_denied_is_told_at_once() {
    let text = format!("(crm:delete-user 1)\n{}\n{}\n{}\n(crm:any \"x\")\n", tool("none"), tool("key"), tool("inner"));
    let error = guard(&text).unwrap_err();
    let rows: Vec<(String, Denial, usize)> =
        error.denied.iter().map(|one| (one.requirement.to_string(), one.denial, one.reached.len())).collect();
    let row = |id: &str, denial| (id.to_owned(), denial, 1);
    assert_eq!(
        rows,
        [
            row("call", Denial::NotGranted),
            row("tool:delete", Denial::NotGranted),
            row("tool:inner", Denial::NotForPrograms),
            row("tool:key", Denial::Private),
            row("tool:none", Denial::NotGranted),
        ]
    );
    assert_eq!(error.available, ["tool:get", "tool:other", "upstream:s/get"]);
    assert_eq!(error.exit_code().code(), 3);
    let diagnostic = error.diagnostic();
    assert!(diagnostic.title.contains("tool:delete is not granted; it is reached by crm/delete-user"), "{diagnostic}");
    assert_eq!(diagnostic.secondary.len(), 4);
    assert_eq!(diagnostic.hint.as_deref(), Some("available: tool:get, tool:other, upstream:s/get"));
}

#[test]
fn computed_names_need_a_grant() {
    for text in [
        "(clysm:call-tool \"get\")",
        "(clysm:call-tool (print 1))",
        "(mapcar 'clysm:call-tool '(\"get\"))",
        "#'clysm:call-upstream",
        "'(clysm:call-tool)",
    ] {
        assert_eq!(guard(text).unwrap_err().denied[0].requirement.to_string(), "call", "{text}");
    }
}

#[test]
fn private_tools_are_reached_through_exports() {
    let policy = HostPolicy::from_toml("grants = [\"tool:key\"]\n[tools.key]\nprivate = true").unwrap();
    let mut world = World::default();
    let prelude =
        format!("(defpackage \"P\" (:use \"CL\") (:export \"F\")) (in-package \"P\") (defun f () {})", tool("key"));
    world.prelude(&prelude, &policy).unwrap();
    assert_eq!(world.guard("(p:f)", &policy).unwrap().tools.len(), 1);
    assert_eq!(world.guard(&tool("key"), &policy).unwrap_err().denied[0].denial, Denial::Private);
}
